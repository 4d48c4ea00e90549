"""`avis.csv` and `financements.csv`: what people said of the posts, what funders bring to them."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from coverage.proposals.decisions import opinions_said
from coverage.proposals.limits import CENTS
from coverage.proposals.substitution import funding_lines
from data.results.tables import Table, cell, fixed

if TYPE_CHECKING:
    from coverage.model import Study
    from coverage.proposals.decisions import Said
    from coverage.proposals.model import Ask
    from coverage.proposals.substitution import FundingLine

OPINIONS = (
    *("option_id", "structure_id", "zone_id", "volet", "instance", "date", "avis", "motif"),
    *("en_vigueur", "options", "options_decidees", "effet"),
)
FUNDING = (
    *("poste_id", "structure_id", "financeur", "type", "annee"),
    *("montant_precedent_eur", "montant_eur", "ecart_eur", "constat"),
)


def opinions_table(ask: Ask) -> Table:
    """Return the table of `avis.csv`: as many rows as opinions filed, sorted by what they name."""
    rows = [_opinion_row(each) for each in opinions_said(ask.coverage.study.opinions, ask.options)]
    return Table({name: [row[name] for row in rows] for name in OPINIONS})


def _opinion_row(said: Said) -> dict[str, str]:
    opinion = said.opinion
    own, structure, zone, volet = opinion.target
    return {
        "option_id": own,
        "structure_id": structure,
        "zone_id": zone,
        "volet": volet,
        "instance": opinion.instance,
        "date": opinion.day.isoformat(),
        "avis": opinion.avis,
        "motif": opinion.reason,
        "en_vigueur": cell(said.in_force),
        "options": cell(said.options),
        "options_decidees": cell(said.decided),
        "effet": said.effect,
    }


def funding_table(study: Study) -> Table:
    """Return the table of `financements.csv`: a row a post and funder, the call's money apart."""
    rows = [_funding_row(line, study.year) for line in funding_lines(study)]
    amounts = frozenset(name for name in FUNDING if name.endswith("_eur"))
    columns = {name: [row[name] for row in rows] for name in FUNDING}
    return Table(columns, whole=frozenset({"annee"}), decimal=amounts)


def _funding_row(line: FundingLine, year: int) -> dict[str, str]:
    known = line.before is not None and line.now is not None
    apart = (line.now or 0) - (line.before or 0)
    return {
        "poste_id": line.poste_id,
        "structure_id": line.structure_id,
        "financeur": line.funder,
        "type": cell(line.types),
        "annee": str(year),
        "montant_precedent_eur": _euros(line.before),
        "montant_eur": _euros(line.now),
        "ecart_eur": ("-" if apart < 0 else "") + _euros(abs(apart)) if known else "",
        "constat": line.finding,
    }


def _euros(cents: int | None) -> str:
    return fixed(None if cents is None else Fraction(cents, CENTS), 2)

"""The six objectives by ETP against what the région, the applicant and the study know."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from coverage.dossiers.awards.indicators import INDICATOR_NAMES
from coverage.dossiers.claims.weighed import FACILITATOR
from coverage.dossiers.model import CONFORM, DISCUSS
from coverage.dossiers.proportion.citing import of_call
from coverage.proposals.kept import region_of
from coverage.wording import THIN, decimal, listing, percent, plural, whole

if TYPE_CHECKING:
    from collections.abc import Iterator

    from coverage.dossiers.bench import Bench
    from coverage.dossiers.model import Case, Claim, Finding
    from coverage.dossiers.proportion.citing import Cited

RULE = "objectifs"

LEAST, MOST = Fraction(4, 5), Fraction(3, 2)
"""Parts of a reference between which an objective is not discussed: marks, not rules."""

Reference = tuple[str, Fraction, str]
"""What an objective is compared with, in French, its value by ETP, and what it rests on."""


def objective_lines(volet: str, claim: Claim, case: Case, bench: Bench) -> Iterator[Finding]:
    """Yield each objective against its references, the first of which judges it."""
    cited = of_call(bench.call, RULE)
    unknown = []
    region = region_of(claim.units, bench.coverage.territory)
    for name, told in INDICATOR_NAMES.items():
        value = case.form.get(f"objectifs.{name}")
        if value is None:
            continue
        references = list(_references(name, (region, volet), case, bench))
        if not references:
            unknown.append(told)
            continue
        yield _compared(name, Fraction(value), references, cited)
    if unknown:
        yield cited.line(
            DISCUSS,
            "objectifs",
            "Référence inconnue, faute de résultats dans la région et de convention 2022, pour"
            f"{THIN}: {listing(unknown)}.",
            "demander à la structure sur quoi elle les fonde",
        )


def _references(name: str, place: tuple[str, str], case: Case, bench: Bench) -> Iterator[Reference]:
    """Yield what is known of an indicator in a (région, volet), the most telling first."""
    mean = bench.results.get(place, {}).get(name)
    if mean is not None and mean.value:
        count = plural(mean.conventions, "convention", "conventions")
        yield "de la moyenne de la région", mean.value, f", sur {count}"
    own = case.form.get(f"convention_2022.{name}")
    if own:
        yield "du bilan de sa convention 2022", Fraction(own), ""
    if name == "heures" and place[1] == FACILITATOR:
        assumed = bench.coverage.study.parameters.heures_par_etp
        yield "de l’hypothèse de l’étude", Fraction(assumed), ""


def _compared(name: str, value: Fraction, references: list[Reference], cited: Cited) -> Finding:
    told = listing(
        f"{percent(value / known)} {what} ({_number(known)}{basis})"
        for what, known, basis in references
    )
    known = references[0][1]
    what = INDICATOR_NAMES[name]
    opening = f"{what[0].upper()}{what[1:]}"
    message = f"{opening}{THIN}: {_number(value)} par ETP, soit {told}."
    place = f"objectifs.{name}"
    if value < LEAST * known:
        return cited.line(DISCUSS, place, message, "demander pourquoi viser moins")
    if value > MOST * known:
        return cited.line(DISCUSS, place, message, "demander comment y parvenir")
    return cited.line(CONFORM, place, message)


def _number(value: Fraction) -> str:
    return whole(int(value)) if value.denominator == 1 else decimal(value, 1)

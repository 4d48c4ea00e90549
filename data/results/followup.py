"""The files of a follow-up: remarks, conventions, payments, results by ETP, overlaps."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from typing import TYPE_CHECKING

import orjson

from coverage.dossiers.awards.overlaps import ALREADY_GRANTED, BOTH_ASKED
from coverage.dossiers.model import DISCUSS, LEVEL_NAMES
from coverage.wording import THIN, named, plural
from data.results.provenance import provenance
from data.results.readme import ABOUT_FOLLOWUP, README_FILE, readme_text
from data.results.tables import Table, csv_text, fixed, table_of

if TYPE_CHECKING:
    from coverage.dossiers.awards.after import Followup
    from coverage.dossiers.awards.awards import Award
    from coverage.dossiers.awards.overlaps import Overlap
    from coverage.model import Coverage
    from coverage.proposals.model import Call

_REMARKS = (
    *("objet", "niveau", "convention_id", "structure_id", "structure", "volet"),
    *("constat", "remede", "regle", "rubrique"),
)
_AWARDS = (
    *("convention_id", "structure_id", "structure", "candidature", "volet", "etp", "poste_id"),
    *("renouvelle", "renouvellements", "signature", "debut", "mise_en_oeuvre", "fin"),
    *("recrutement", "jours_sans_titulaire", "montant_eur", "avance_eur", "annee_avance"),
    *("solde_eur", "annee_solde"),
)
_PAYMENTS = (
    "annee",
    "convention_id",
    "structure_id",
    "structure",
    "volet",
    "nature",
    "montant_eur",
)
_RESULTS = (
    *("convention_id", "structure_id", "structure", "volet", "rapport", "date", "indicateur"),
    *("valeur", "objectif", "part_objectif", "moyenne_region", "conventions_moyenne", "niveau"),
)
_OVERLAPS = (
    *("genre", "niveau", "volet", "candidature", "structure_id", "autre", "autre_structure_id"),
    *("nombre_communes", "communes", "donneurs_ordre", "besoin_h", "constat"),
)


def followup_files(
    found: Followup, coverage: Coverage, call: Call, *, excel: bool = False
) -> dict[str, bytes | str]:
    """Return every file of a follow-up but its annexes, by name.

    Parameters
    ----------
    excel
        CSV files as a spreadsheet set to French opens them.
    """
    origin = provenance(coverage.study, coverage.territory)
    tables = {
        "suivi.csv": remarks_table(found),
        "conventions.csv": awards_table(found, call),
        "versements.csv": payments_table(found),
        "resultats_par_etp.csv": results_table(found),
        "recouvrements.csv": overlaps_table(found, coverage),
    }
    content = {
        **origin,
        "date_du_suivi": found.at.isoformat(),
        "appel": {"nom": call.name, "annee": call.year, "source": call.source},
        "conventions": len(found.awards),
        "constats": dict(sorted(Counter(r.finding.level for r in found.remarks).items())),
        "recouvrements": len(found.overlaps),
    }
    return {
        README_FILE: readme_text(origin, excel=excel, about=ABOUT_FOLLOWUP),
        **{name: csv_text(table, excel=excel) for name, table in tables.items()},
        "suivi.json": orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE),
    }


def remarks_table(found: Followup) -> Table:
    """Return `suivi.csv`: a row a remark."""
    return table_of(
        _REMARKS,
        (
            (
                *(each.subject, LEVEL_NAMES[each.finding.level], each.award.convention_id),
                *(each.award.structure_id, each.award.structure_name, each.award.volet),
                *(each.finding.message, each.finding.remedy),
                *(each.finding.rule, each.finding.heading),
            )
            for each in found.remarks
        ),
    )


def awards_table(found: Followup, call: Call) -> Table:
    """Return `conventions.csv`: a row a convention."""
    numbers = ("etp", "montant_eur", "avance_eur", "solde_eur")
    whole = ("renouvellements", "jours_sans_titulaire", "annee_avance", "annee_solde")
    rows = [_award(award, found, call) for award in found.awards]
    return table_of(_AWARDS, rows, whole=whole, decimal=numbers)


def _award(award: Award, found: Followup, call: Call) -> tuple[object, ...]:
    (_, advance_year, advance), (_, balance_year, balance) = award.payments(call)
    return (
        *(award.convention_id, award.structure_id, award.structure_name, award.application_id),
        *(award.volet, fixed(award.etp, 2), award.post_id, award.renews, award.renewals),
        *(award.signed, award.begun, award.started, award.end, award.recruited),
        *(award.vacant_days(found.at), _euros(award.cents), _euros(advance), advance_year),
        *(_euros(balance), balance_year),
    )


def payments_table(found: Followup) -> Table:
    """Return `versements.csv`: a row a payment, by year."""
    rows = [
        (
            *(year, award.convention_id, award.structure_id, award.structure_name, award.volet),
            *(nature, _euros(cents)),
        )
        for award, nature, year, cents in sorted(
            found.payments, key=lambda paid: (paid[2], paid[0].convention_id, paid[1])
        )
    ]
    return table_of(_PAYMENTS, rows, whole=("annee",), decimal=("montant_eur",))


def results_table(found: Followup) -> Table:
    """Return `resultats_par_etp.csv`: a row a report and indicator."""
    rows = [
        (
            *(line.award.convention_id, line.award.structure_id, line.award.structure_name),
            *(line.award.volet, line.report, line.day, line.indicator, _number(line.value)),
            *(_number(line.objective), fixed(line.reached, 6), _number(line.mean.value)),
            *(line.mean.conventions, LEVEL_NAMES.get(line.level, "")),
        )
        for line in found.comparisons
    ]
    numbers = ("valeur", "objectif", "part_objectif", "moyenne_region")
    return table_of(_RESULTS, rows, whole=("conventions_moyenne",), decimal=numbers)


def overlaps_table(found: Followup, coverage: Coverage) -> Table:
    """Return `recouvrements.csv`: a row an overlap."""
    codes = coverage.territory.codes
    rows = [
        (
            *(each.kind, LEVEL_NAMES[DISCUSS], each.volet, each.application_id),
            *(each.structure_id, each.other, each.other_structure, len(each.units)),
            *(tuple(str(codes[unit]) for unit in each.units), each.classes, each.need_hours),
            overlap_sentence(each),
        )
        for each in found.overlaps
    ]
    return table_of(_OVERLAPS, rows, whole=("nombre_communes", "besoin_h"))


def overlap_sentence(overlap: Overlap) -> str:
    """Say an overlap."""
    places = plural(len(overlap.units), "commune", "communes")
    mine, other = named([overlap.application_id]), named([overlap.other])
    if overlap.kind == BOTH_ASKED:
        return (
            f"les candidatures {mine} et {other} demandent toutes deux {places}, pour les mêmes "
            "donneurs d’ordre"
        )
    if overlap.kind == ALREADY_GRANTED:
        return (
            f"la candidature {mine} demande {places} du périmètre principal de {other}, qui a déjà "
            "un poste financé par l’appel"
        )
    return f"la candidature {mine} a déjà sa convention en cours{THIN}: {other}"


def _euros(cents: int) -> str:
    return fixed(Fraction(cents, 100), 2)


def _number(value: Fraction | None) -> str:
    """Write a number of at most two decimals, without those that are zero."""
    text = fixed(value, 2)
    return text.rstrip("0").rstrip(".") if text else ""

"""The files of a dossier, but its sheets and its map, and the queue of all dossiers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from coverage.dossiers.model import LEVEL_NAMES, LEVELS
from coverage.dossiers.words import VERDICT_NAMES
from coverage.model import VOLETS
from data.applications.form_labels import name_of
from data.results.dossier_values import claimed_lines, dossier_facts, etp_cell
from data.results.plan_files import DISCLAIMER
from data.results.provenance import provenance
from data.results.tables import Table, csv_text, fixed, table_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from coverage.dossiers.bench import Bench
    from coverage.dossiers.model import Dossier, Finding, Objection
    from data.results.dossier_lines import ClaimedLine

FINDINGS, PLACES, FACTS = "constats.csv", "communes.csv", "dossier.json"
QUEUE_FILE = "file_des_dossiers.csv"

_FINDING_COLUMNS = ("niveau", "regle", "rubrique", "lieu", "champ", "constat", "remede", "texte")
_PLACE_COLUMNS = (
    *("volet", "commune", "nom", "statut", "part_zone_blanche", "part_a_documenter"),
    *("couverte_par", "deja_au_porteur", "besoin_h", "besoin_etat_h", "non_servi_h"),
    *("servi_par_extension_h", "classes_inconnues", "zone_ids", "hors_region"),
)
_PLACE_HOURS = frozenset({"besoin_h", "besoin_etat_h", "non_servi_h", "servi_par_extension_h"})
_QUEUE_COLUMNS = (
    *("candidature", "structure_id", "structure", "fichier", "niveau"),
    *LEVELS,
    *(f"etp_{volet}" for volet in VOLETS),
    *(f"verdict_{volet}" for volet in VOLETS),
    *("objection", "objection_part", "regions"),
)


def dossier_files(dossier: Dossier, bench: Bench, *, excel: bool = False) -> dict[str, bytes]:
    """Return the tables and the JSON of a dossier, by name.

    Parameters
    ----------
    excel
        CSV files as a spreadsheet set to French opens them (`csv_text`).
    """
    return {
        FINDINGS: csv_text(findings_table(dossier.findings), excel=excel).encode(),
        PLACES: csv_text(places_table(dossier, bench), excel=excel).encode(),
        FACTS: dossier_json(dossier, bench),
    }


def findings_table(findings: Iterable[Finding]) -> Table:
    """Return the table of `constats.csv`: a row a finding, in their order, its rule beside."""
    rows = [
        (
            *(LEVEL_NAMES[each.level], each.rule, each.heading, each.place),
            *(name_of(each.place), each.message, each.remedy, each.text),
        )
        for each in findings
    ]
    return table_of(_FINDING_COLUMNS, rows)


def places_table(dossier: Dossier, bench: Bench) -> Table:
    """Return the table of `communes.csv`: a row a volet and place claimed."""
    rows = [
        _place(volet, line)
        for volet in VOLETS
        if volet in dossier.claims
        for line in claimed_lines(dossier, volet, bench)
    ]
    shares = frozenset({"part_zone_blanche", "part_a_documenter"})
    return table_of(_PLACE_COLUMNS, rows, whole=_PLACE_HOURS, decimal=shares)


def _place(volet: str, line: ClaimedLine) -> tuple[object, ...]:
    return (
        *(volet, line.commune, line.nom, line.statut),
        *(line.part_zone_blanche, line.part_a_documenter),
        [f"{each.structure_id}:{each.nature}" for each in line.couverte_par],
        *(line.deja_au_porteur, line.besoin_h, line.besoin_etat_h, line.non_servi_h),
        *(line.servi_par_extension_h, line.classes_inconnues, line.zone_ids, line.hors_region),
    )


def dossier_json(dossier: Dossier, bench: Bench) -> bytes:
    """Return `dossier.json`: the dossier in plain values, its provenance first."""
    coverage = bench.coverage
    content: dict[str, Any] = {
        **provenance(coverage.study, coverage.territory),
        "avertissement": DISCLAIMER,
        "appel": {
            "nom": bench.call.name,
            "annee": bench.call.year,
            "source": bench.call.source,
        },
        "fichier_sha256": dossier.case.sha256,
        **vars(dossier_facts(dossier, bench)),
    }
    return orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def queue_table(dossiers: Sequence[Dossier]) -> Table:
    """Return the table of `file_des_dossiers.csv`: a row an application, in their order."""
    whole = frozenset(LEVELS)
    numbers = frozenset({*(f"etp_{volet}" for volet in VOLETS), "objection_part"})
    return table_of(_QUEUE_COLUMNS, map(_queued, dossiers), whole=whole, decimal=numbers)


def _queued(dossier: Dossier) -> tuple[object, ...]:
    case, strongest = dossier.case, strongest_objection(dossier)
    levels = [each.level for each in dossier.findings]
    asked = asked_hundredths(dossier)
    return (
        *(case.application_id, case.structure_id, case.structure_name, case.file),
        LEVEL_NAMES[dossier.level],
        *(levels.count(level) for level in LEVELS),
        *(etp_cell(asked[volet]) if volet in asked else "" for volet in VOLETS),
        *(
            VERDICT_NAMES[dossier.verdicts[volet].word] if volet in dossier.verdicts else ""
            for volet in VOLETS
        ),
        strongest.sentence if strongest else "",
        fixed(strongest.share, 6) if strongest else "",
        regions_of(dossier),
    )


def strongest_objection(dossier: Dossier) -> Objection | None:
    """Return the objection that takes away the most of a claim, the first volet's when equal."""
    every = [own for volet in VOLETS for own in dossier.objections.get(volet, ())]
    return max(every, key=lambda own: own.share, default=None)


def asked_hundredths(dossier: Dossier) -> dict[str, int]:
    """Return the ETP asked by volet, in hundredths; a volet that asks none is left out."""
    asked = {volet: dossier.case.form.get(f"demande.etp_{volet}") for volet in VOLETS}
    return {volet: hundredths for volet, hundredths in asked.items() if hundredths}


def regions_of(dossier: Dossier) -> tuple[str, ...]:
    """Return the régions that an application's perimeters touch, sorted."""
    return tuple(sorted({code for claim in dossier.claims.values() for code in claim.regions}))

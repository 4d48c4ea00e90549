"""A sound application on a line of four communes, changed key by key, and what is found of it."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pandas as pd
from builders import grid_territory, make_study, need, perimeter, post

from coverage.dossiers.bench import Bench
from coverage.dossiers.findings import form_findings
from coverage.dossiers.model import CONFORM
from coverage.frames import FUNDING_COLUMNS
from coverage.proposals.application import PIECES
from coverage.study import compute
from data.applications.case import read_case
from data.applications.form_writing import write_form
from data.calls.read import declared_rules, read_call

if TYPE_CHECKING:
    from collections.abc import Mapping

    from coverage.dossiers.model import Case, Finding
    from coverage.model import Coverage, Study
    from coverage.proposals.model import Call

CALL = read_call()
LINE = grid_territory(4, departements=("01", "01", "02", "02"))
"""01001 01002 | 02001 02002, in a row; régions 84 and 32."""

COST = 44_600_00
FUNDS = [
    ("P1", "Département", "collectivite", 2022, 10_000_00),
    ("P1", "Département", "collectivite", 2023, 10_000_00),
    ("PC", "Région", "collectivite", 2022, 10_000_00),
    ("PC", "Région", "collectivite", 2023, 9_000_00),
]
"""A keeps its funding; that of C falls."""


def funded(study: Study) -> Study:
    rows = [(line, *own) for line, own in enumerate(FUNDS, start=2)]
    frame = pd.DataFrame(dict(zip(FUNDING_COLUMNS, zip(*rows, strict=True), strict=True)))
    return replace(study, funding=frame)


STUDY = funded(
    make_study(
        [
            post("A", poste_id="P1"),
            post("C", volet="coordinateur", poste_id="PC", financement="aap_2022"),
        ],
        [
            perimeter("A", "01001"),
            perimeter("C", "84", niveau="region", volet="coordinateur"),
        ],
        [need("01001", 50_000), need("02001", 90_000), need("02002", 1_000)],
    )
)
COVERAGE: Coverage = compute(STUDY, LINE)

SOUND: dict[str, Any] = {
    "porteur": {
        "nom": "Alpha",
        "structure_id": "A",
        "siret": "35600000000048",
        "statut_juridique": "association",
        "adresse": "Exemple fictif",
        "responsable": "Exemple fictif",
        "presentation": "Exemple fictif",
        "contact": dict.fromkeys(("nom", "fonction", "mail", "telephone"), "Exemple fictif"),
    },
    "etat_des_lieux": {
        "etp_facilitateur": 100,
        "descriptif_facilitateur": "Exemple fictif",
        "ecosysteme": "Exemple fictif",
        "diagnostic": "Exemple fictif",
        "zone_blanche": "Exemple fictif",
    },
    "demande": {"etp_facilitateur": 50, "etp_total": 50, "motif_etp": "zone_blanche"},
    "perimetre": {"facilitateur": {"codes": ({"niveau": "commune", "code": "01001"},)}},
    "strategie": {
        f"{name}_facilitateur": "Exemple fictif"
        for name in ("donneurs_ordre", "acteurs_inclusifs", "parcours")
    },
    "objectifs": {
        "heures": Fraction(33_000),
        **{
            name: Fraction(10)
            for name in (
                *("beneficiaires_personnes", "beneficiaires_etp", "structures_inclusives"),
                *("prises_de_contact", "marches_accompagnes", "partenariats"),
            )
        },
    },
    "budget": {
        "montant_facilitateur": COST // 2 * 7 // 10,
        "cout_etp": COST,
        "cofinanceurs": (
            {"nom": "F", "type": "fse", "montant": COST // 2 * 3 // 10, "attestation": True},
        ),
    },
    "pieces": dict.fromkeys(PIECES, "fournie"),
}


def case_of(values: Mapping[str, Any], call: Call = CALL, coverage: Coverage = COVERAGE) -> Case:
    study, territory = coverage.study, coverage.territory
    return read_case(write_form(values), "candidatures/alpha.toml", study, territory, call)


PRIMED = Bench(COVERAGE, CALL)
"""What does not depend on the call is worked out once."""


def bench_of(case: Case, call: Call = CALL, coverage: Coverage = COVERAGE) -> Bench:
    bench = Bench(coverage, call, () if case.application is None else (case.application,))
    if coverage is COVERAGE:
        same = ("basis", "zone_of_atom", "today", "held", "homes", "funding")
        vars(bench).update({name: getattr(PRIMED, name) for name in same})
    return bench


def found(
    values: Mapping[str, Any], call: Call = CALL, coverage: Coverage = COVERAGE
) -> tuple[Finding, ...]:
    case = case_of(values, call, coverage)
    return form_findings(case, bench_of(case, call, coverage))


def changed(**changes: object) -> dict[str, Any]:
    """Return the sound values with some of other values, by dotted key spelled with `__`."""
    values = deepcopy(SOUND)
    for key, value in changes.items():
        *path, last = key.split("__")
        at = values
        for name in path:
            at = at.setdefault(name, {})
        if value is None:
            at.pop(last)
        else:
            at[last] = value
    return values


def odd(findings: tuple[Finding, ...]) -> set[tuple[str, str]]:
    return {(each.rule, each.level) for each in findings if each.level != CONFORM}


SWITCHES = [name for name, rule in declared_rules().items() if rule.switch]

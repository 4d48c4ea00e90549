"""What is left to document: every unknown class of every commune, once."""

from __future__ import annotations

from datetime import date

from builders import exhaustive, grid_territory, make_study, need
from origins import contract, with_origins

from coverage.parameters import CLASSES
from coverage.study import compute
from data.results.tables import records
from data.results.unknowns import unknowns_table

FOUR = grid_territory(4, departements=("01", "01", "02", "02"))


def test_every_unknown_class_is_listed_with_its_communes() -> None:
    known = [exhaustive(name, departement="01") for name in CLASSES if name != "etat"]
    study = make_study([], [], [need("01001", 5, "etat")], exhaustiveness=known)
    study = with_origins(
        study, contracts=[contract("A", 100_000_000, "departement:02", notified=date(2023, 1, 1))]
    )
    coverage = compute(study, FOUR)
    lines = {(r["departement"], r["donneur_ordre"]): r for r in records(unknowns_table(coverage))}
    assert lines["01", "etat"]["communes"] == "01002"
    assert lines["01", "etat"]["heures_estimees"] == 0
    assert ("01", "prives") not in lines
    assert lines["02", "etat"]["communes"] == "02001|02002"
    assert lines["02", "etat"]["heures_estimees"] == coverage.communes["besoin_h"].sum() - 5
    assert sum(int(r["communes_inconnues"]) for r in lines.values()) == int(
        (~coverage.need.known).sum()
    )

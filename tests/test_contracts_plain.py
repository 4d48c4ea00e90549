"""The planner's own contracts: errors with their row, and what is set aside."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from test_contracts import buyers, land

from coverage.frames import CONTRACTS, CONTRACTS_ASIDE
from data.contracts.plain import contracts_of_table
from data.contracts.reasons import Reason
from data.study.sources_tables import MARCHES
from data.study.table_reader import read_table
from data.study.text_tables import TextTable

if TYPE_CHECKING:
    import polars as pl

    from data.study.faults import Findings

SOUND = {
    "marche_id": "M1",
    "acheteur_siret": "21750001600019",
    "cpv": "45210000-2",
    "montant_eur": "1 500 000,50",
    "date_notification": "15/03/2023",
    "duree_mois": "18",
    "lieu_code": "93066",
    "lieu_type": "commune",
    "part_main_oeuvre": "0,7",
    "taux_effort": "0,1",
    "programme": "NPNRU",
    "clause": "oui",
}

POINT = {"lieu_code": "", "lieu_type": "", "lon": "2,45", "lat": "48,95"}


def read(
    *rows: dict[str, str], table: pd.DataFrame | None = None
) -> tuple[pl.DataFrame, pl.DataFrame, Findings]:
    """Read rows of the table, first at line 2."""
    names = [column.name for column in MARCHES.columns]
    cells = pd.DataFrame(
        [{name: row.get(name, "") for name in names} for row in rows],
        index=pd.RangeIndex(2, 2 + len(rows)),
        dtype="str",
    )
    typed, findings = read_table(TextTable("marches.csv", 1, cells), MARCHES)
    assert typed is not None
    contracts, aside, found = contracts_of_table(typed, land(), table)
    return contracts, aside, findings + found


def test_a_sound_row_is_a_contract_with_its_own_rates() -> None:
    contracts, aside, findings = read(SOUND)
    assert contracts.schema == CONTRACTS
    assert aside.schema == CONTRACTS_ASIDE
    assert findings.faults == ()
    assert len(aside) == 0
    assert contracts.row(0, named=True) == {
        "contract_id": "M1",
        "source": "marches.csv",
        "acheteur_siret": "21750001600019",
        "donneur_ordre": "collectivites",
        "cpv": "45210000",
        "amount_cents": 150_000_050,
        "notified": date(2023, 3, 15),
        "months": 18,
        "niveau": "commune",
        "code": "93066",
        "lon": None,
        "lat": None,
        "labour_ppm": 700_000,
        "effort_ppm": 100_000,
        "programme": "npnru",
        "clause": True,
    }


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        (POINT, {"niveau": "point", "code": "", "lon": 2.45, "lat": 48.95}),
        ({"lieu_code": "FR", "lieu_type": "pays"}, {"niveau": "pays", "code": ""}),
        ({"lieu_code": "", "lieu_type": "pays"}, {"niveau": "pays", "code": ""}),
        ({"lieu_code": "0104", "lieu_type": "canton"}, {"niveau": "departement", "code": "01"}),
        ({"lieu_code": "1004"}, {"niveau": "commune", "code": "01004"}),
        ({"donneur_ordre": "bailleurs"}, {"donneur_ordre": "bailleurs"}),
        ({"clause": "non"}, {"clause": False}),
        ({"clause": ""}, {"clause": None}),
        ({"cpv": ""}, {"cpv": "", "labour_ppm": 700_000}),
        ({"cpv": "33600000"}, {"cpv": "33600000"}),
        ({"part_main_oeuvre": "", "taux_effort": ""}, {"labour_ppm": None, "effort_ppm": None}),
    ],
)
def test_what_the_planner_says_is_kept(changed: dict[str, str], expected: dict[str, Any]) -> None:
    contracts, _, findings = read(SOUND | changed)
    assert findings.faults == ()
    row = contracts.row(0, named=True)
    assert {name: row[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("changed", "reason", "found"),
    [
        ({"acheteur_siret": "26590671700029"}, Reason.CLASS_UNKNOWN, "265906717"),
        ({"acheteur_siret": ""}, Reason.CLASS_UNKNOWN, ""),
        ({"cpv": "", "part_main_oeuvre": ""}, Reason.CPV_UNREADABLE, ""),
        ({"cpv": "33600000", "part_main_oeuvre": ""}, Reason.SUPPLIES, "33600000"),
        ({"cpv": "66510000", "part_main_oeuvre": ""}, Reason.NO_HOURS, "66510000"),
        ({"lieu_code": "", "lieu_type": ""}, Reason.PLACE_ABSENT, ""),
    ],
)
def test_what_is_not_known_sets_aside(changed: dict[str, str], reason: Reason, found: str) -> None:
    contracts, aside, findings = read(SOUND | changed)
    assert findings.faults == ()
    assert len(contracts) == 0
    assert aside.rows() == [("marches.csv", 2, "M1", reason.value, found, 150_000_050)]


@pytest.mark.parametrize(
    ("changed", "column", "words"),
    [
        ({"lieu_code": "99999"}, "lieu_code", "inconnu"),
        ({"lieu_code": "FRK2", "lieu_type": "region"}, "lieu_code", "inconnu"),
        ({"lieu_code": "9999", "lieu_type": "canton"}, "lieu_code", "inconnu : canton"),
        ({"lieu_type": ""}, "lieu_type", "à moitié"),
        ({"lieu_code": ""}, "lieu_code", "à moitié"),
        ({"lon": "2,45", "lat": "48,95"}, "lieu_code", "deux fois"),
        ({"lon": "2,45"}, "lat", "à moitié"),
        ({"lieu_code": "", "lieu_type": "", "lat": "48,95"}, "lon", "à moitié"),
        ({"montant_eur": "0"}, "montant_eur", "nul"),
        ({"cpv": "travaux"}, "cpv", "inconnu"),
        ({"cpv": "99000000"}, "cpv", "inconnu"),
        ({"montant_eur": "-1"}, "montant_eur", "hors des valeurs"),
        ({"duree_mois": "NC"}, "duree_mois", "nombre"),
        ({"date_notification": "0222-04-29"}, "date_notification", "année"),
        ({"acheteur_siret": "21750001600018"}, "acheteur_siret", "clé"),
    ],
)
def test_what_cannot_be_is_an_error_with_its_row(
    changed: dict[str, str], column: str, words: str
) -> None:
    contracts, aside, findings = read(SOUND | {"marche_id": "M0"}, SOUND | changed)
    (fault,) = findings.faults
    assert (fault.file, fault.row, fault.column) == ("marches.csv", 3, column)
    assert words in fault.message
    assert fault.remedy
    assert (len(contracts), len(aside)) == (1, 0)


def test_all_faults_are_told_at_once() -> None:
    bad = SOUND | {"lieu_code": "99999", "montant_eur": "0", "cpv": "x"}
    _, _, findings = read(bad, bad | {"marche_id": "M2"})
    assert len(findings.faults) == 6


def test_a_contract_of_one_buyer_comes_once() -> None:
    _, _, findings = read(SOUND, SOUND, SOUND | {"acheteur_siret": "21690123100011"})
    (fault,) = findings.faults
    assert (fault.row, fault.column) == (3, "marche_id")
    assert "déjà déclaré ligne 2" in fault.message


def test_places_read_otherwise_are_told() -> None:
    _, _, findings = read(SOUND | {"lieu_code": "75000", "lieu_type": "code_postal"})
    assert "lu comme son département" in str(findings.warnings[-1])


def test_the_buyers_table_tells_the_class() -> None:
    row = SOUND | {"acheteur_siret": "26590671700029"}
    contracts, _, _ = read(row, table=buyers(_265906717="7364"))
    assert contracts["donneur_ordre"].to_list() == ["hopitaux"]


def test_the_order_of_rows_changes_nothing() -> None:
    rows = [SOUND | {"marche_id": f"M{n}"} for n in range(3)]
    rows.append(SOUND | {"marche_id": "X", "acheteur_siret": ""})
    rows.append(SOUND | {"marche_id": "Y", "acheteur_siret": ""})
    contracts, aside, _ = read(*rows)
    again, set_aside, _ = read(*rows[::-1])
    assert contracts.equals(again)
    assert aside.drop("row").equals(set_aside.drop("row"))

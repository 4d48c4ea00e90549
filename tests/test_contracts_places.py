"""Where contracts are carried out: seven kinds of official code, and how they are spelt."""

from __future__ import annotations

import pytest
from test_contracts import land

from data.contracts.places import Remark, Spot, find_place
from data.contracts.reasons import Reason


@pytest.mark.parametrize(
    ("kind", "code", "spot"),
    [
        ("Code postal", "01500", Spot("code_postal", "01500")),
        ("code postal", "1500", Spot("code_postal", "01500", Remark.LOST_ZERO)),
        ("CODE POSTAL", "75000", Spot("departement", "75", Remark.POSTAL)),
        ("Code postal", "97100", Spot("departement", "971", Remark.POSTAL)),
        ("Code postal", "20090", Spot("departement", "2A", Remark.POSTAL)),
        ("Code commune", "1004", Spot("commune", "01004", Remark.LOST_ZERO)),
        ("commune", "2a004", Spot("commune", "2A004", Remark.LOST_ZERO)),
        ("Code commune", "75056", Spot("commune", "75056")),
        ("Code commune", "01091", Spot("commune", "01091")),
        ("Code commune", "93200", Spot("code_postal", "93200", Remark.AS_POSTAL)),
        ("Code arrondissement", "751", Spot("arrondissement", "751")),
        ("Code arrondissement", "75101", Spot("arrondissement", "75101")),
        ("Code canton", "0104", Spot("departement", "01", Remark.CANTON)),
        ("code Canton", "97103", Spot("departement", "971", Remark.CANTON)),
        ("Code département", "93", Spot("departement", "93")),
        ("Code departement", "1", Spot("departement", "01", Remark.LOST_ZERO)),
        ("Département", "2A", Spot("departement", "2A")),
        ("CODE RÉGION", "11", Spot("region", "11")),
        ("Code pays", "FR", Spot("pays", "")),
        ("Code pays", "France", Spot("pays", "")),
        ("Code pays", "DE", Reason.PLACE_ABROAD),
        ("Code postal", "98000", Reason.PLACE_UNKNOWN),
        ("Code postal", "75", Reason.PLACE_UNKNOWN),
        ("Code région", "FRK2", Reason.PLACE_UNKNOWN),
        ("Code canton", "9904", Reason.PLACE_UNKNOWN),
        ("Code EPCI", "200054781", Reason.PLACE_KIND),
        ("", "93066", Reason.PLACE_KIND),
        ("Code commune", " ", Reason.PLACE_ABSENT),
    ],
)
def test_seven_kinds_of_place(kind: str, code: str, spot: Spot | Reason) -> None:
    assert find_place(kind, code, land()) == spot

"""The files of the dossiers of the example: every hour, every finding, every application."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
import pytest

from coverage.dossiers.bench import Bench
from data.calls.read import read_call
from data.results.dossiers import dossier_files, places_table, queue_table
from data.results.tables import records

if TYPE_CHECKING:
    from collections.abc import Mapping

    from coverage.dossiers.model import Dossier
    from coverage.model import Coverage

HOURS = {
    "besoin_h": "need_hours",
    "besoin_etat_h": "state_hours",
    "non_servi_h": "unserved_hours",
    "servi_par_extension_h": "lent_hours",
}


@pytest.fixture(scope="module")
def bench(example_coverage: Coverage) -> Bench:
    return Bench(example_coverage, read_call())


def test_the_hours_of_a_claim_are_those_of_its_communes(
    example_dossiers: Mapping[str, Dossier], bench: Bench
) -> None:
    for name, dossier in example_dossiers.items():
        rows = records(places_table(dossier, bench))
        for volet, claim in dossier.claims.items():
            own = [row for row in rows if row["volet"] == volet]
            assert len(own) == len(claim.places), name
            for column, hours in HOURS.items():
                told = sum(int(row[column] or 0) for row in own)
                assert told == getattr(claim, hours), (name, column)
            for row, place in zip(own, claim.places, strict=True):
                # Zero is never said while a class is unknown.
                assert (row["besoin_h"] is None) == (not place.need_hours and bool(place.unknown))


def test_the_json_says_all_findings_and_where_they_come_from(
    example_dossiers: Mapping[str, Dossier], bench: Bench
) -> None:
    for dossier in example_dossiers.values():
        facts = orjson.loads(dossier_files(dossier, bench)["dossier.json"])
        assert [each["constat"] for each in facts["constats"]] == [
            each.message for each in dossier.findings
        ]
        assert facts["fictif"]
        assert facts["fichier_sha256"] == dossier.case.sha256 != ""


def test_the_queue_has_a_row_an_application(example_dossiers: Mapping[str, Dossier]) -> None:
    rows = records(queue_table(list(example_dossiers.values())))
    assert [row["candidature"] for row in rows] == list(example_dossiers)
    for row, dossier in zip(rows, example_dossiers.values(), strict=True):
        levels = ("conforme", "a_completer", "a_discuter", "contraire")
        assert sum(int(row[level]) for level in levels) == len(dossier.findings)
        worst = [level for level in levels if row[level]][-1]
        assert dossier.level == worst

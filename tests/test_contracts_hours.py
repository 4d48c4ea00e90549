"""Hours of contracts at their places: pooled, spread, told, never lost."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

import numpy as np
import polars as pl
import pytest
from builders import make_study
from hypothesis import given, settings
from hypothesis import strategies as st
from test_amounts import contracts
from test_contracts import land

from coverage.model import Study
from coverage.origins.contracts import contract_contributions, contract_hours, place_labels
from coverage.origins.contributions import MICRO, POOL, Contributions
from coverage.parameters import CLASSES, Parameters

TERRITORY = land()


def study_of(frame: pl.DataFrame, **changed: Any) -> Study:  # noqa: ANN401
    study = make_study([], [], **changed)
    return Study(**{**vars(study), "contracts": frame})


def brought(*rows: dict[str, Any], **changed: Any) -> Contributions:  # noqa: ANN401
    return contract_contributions(study_of(contracts(*rows), **changed), TERRITORY)


def codes(found: Contributions) -> list[list[str]]:
    return [TERRITORY.codes[place.units].tolist() for place in found.places]


def test_contracts_of_a_place_a_class_and_a_programme_are_one_row() -> None:
    found = brought({}, {}, {"programme": "npnru"}, {"donneur_ordre": "etat"}, {"code": "01004"})
    table = found.table
    assert table["item"].unique().tolist() == [POOL]
    assert sorted(table["count"].tolist()) == [1, 1, 1, 2]
    assert codes(found) == [["01004"], ["93066"]]
    assert all(place.known for place in found.places)
    pooled = table[table["count"] == 2].iloc[0]
    assert (pooled["programme"], CLASSES[pooled["class_"]]) == ("", "collectivites")
    assert pooled["micro"] == 2 * round(1e6 * 0.5 * 0.05 * 0.1 / 30 * MICRO)


@pytest.mark.parametrize(
    ("niveau", "code", "units", "known"),
    [
        ("commune", "93066", ["93066"], True),
        ("commune", "75056", ["75101", "75102"], True),
        ("code_postal", "01500", ["01004", "01033"], False),
        ("code_postal", "93200", ["93066"], True),
        ("departement", "75", ["75101", "75102"], False),
        ("region", "84", ["01004", "01033"], False),
        ("pays", "", TERRITORY.codes.tolist(), False),
    ],
)
def test_wide_places_are_shared_by_population_and_known_nowhere(
    niveau: str,
    code: str,
    units: list[str],
    known: bool,  # noqa: FBT001
) -> None:
    found = brought({"niveau": niveau, "code": code})
    (place,) = found.places
    assert TERRITORY.codes[place.units].tolist() == units
    assert place.weights == tuple(TERRITORY.population[place.units].tolist())
    assert place.known == known
    assert place.label == (f"{niveau}:{code}" if code else "pays")
    told = [notice for notice in found.warnings if notice.column == "lieu"]
    assert len(told) == (len(units) > 1)
    if told:
        assert told[0].message.startswith("83 h de 1 marché placé par ")


def test_points_keep_their_shape_and_those_outside_are_set_aside() -> None:
    inside = {"niveau": "point", "code": "", "lon": 2.45, "lat": 48.95}
    sea = {**inside, "lon": -30.0, "contract_id": "mer"}
    found = brought(inside, inside, {**inside, "lat": 48.96}, sea)
    assert [place.label for place in found.places] == ["point:2.45,48.95", "point:2.45,48.96"]
    assert codes(found) == [["93066"], ["93066"]]
    assert found.places[0].shape.coords[:] == [(2.45, 48.95)]
    assert found.table["count"].tolist() == [2, 1]
    (row,) = found.aside.itertuples(index=False, name=None)
    assert row == (
        "marches.json",
        0,
        "mer",
        "point (-30.0, 48.95) hors de toute commune",
        83.333333,
    )


def test_labels_are_those_of_the_places() -> None:
    rows = (
        {},
        {"niveau": "pays", "code": ""},
        {"niveau": "point", "code": "", "lon": 2.45, "lat": 48.95},
    )
    hours = contract_hours(contracts(*rows), Parameters(), 2023)
    labels = {place.label for place in brought(*rows).places}
    assert set(place_labels(hours)) == labels


def test_what_the_hours_rest_on_is_told() -> None:
    texts = [str(notice) for notice in brought({}, {"notified": date(2020, 1, 1)}).warnings]
    assert any("celle par défaut" in text and "à documenter" in text for text in texts)
    assert any("1 marché sur 2 sans aucun mois en 2023" in text for text in texts)
    own = tuple((class_, value + 1) for class_, value in Parameters().part_marches_clausables)
    assert not brought({}, part_marches_clausables=own).warnings
    assert not brought({}, scenario_clauses="pnad_30").warnings


def test_no_contract_brings_nothing() -> None:
    found = brought()
    assert len(found.table) == len(found.places) == len(found.aside) == len(found.warnings) == 0


CONTRACT = st.fixed_dictionaries(
    {
        "donneur_ordre": st.sampled_from(CLASSES),
        "cpv": st.sampled_from(["45210000", "90911200", "71000000", "45442100"]),
        "amount_cents": st.integers(1, 10**12),
        "notified": st.dates(date(2015, 1, 1), date(2030, 1, 1)),
        "months": st.integers(1, 120),
        "labour_ppm": st.none() | st.integers(0, 10**6),
        "effort_ppm": st.none() | st.integers(0, 10**6),
        "programme": st.sampled_from(["", "npnru"]),
    }
)
PLACE = st.sampled_from(
    [
        {"niveau": "commune", "code": "01004"},
        {"niveau": "code_postal", "code": "01500"},
        {"niveau": "pays", "code": ""},
        {"niveau": "point", "code": "", "lon": 2.45, "lat": 48.95},
        {"niveau": "point", "code": "", "lon": -30.0, "lat": 0.0},
    ]
)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(CONTRACT, PLACE), min_size=1, max_size=12), st.integers(0, 9))
def test_hours_are_kept_whatever_the_order_of_rows(
    drawn: list[tuple[dict[str, Any], dict[str, Any]]], seed: int
) -> None:
    rows = [{**contract, **place} for contract, place in drawn]
    frame = contracts(*rows)
    found = contract_contributions(study_of(frame), TERRITORY)
    hours = contract_hours(frame, Parameters(), 2023)
    aside = round(found.aside["heures"].sum() * MICRO) if len(found.aside) else 0
    assert int(found.table["micro"].sum()) + aside == hours["micro"].sum()
    lost = len(found.aside)
    assert int(found.table["count"].sum()) + lost == len(hours)
    order = random.Random(seed).sample(range(len(rows)), len(rows))  # noqa: S311 - reproducible
    again = contract_contributions(study_of(frame[order]), TERRITORY)
    assert again.table.equals(found.table)
    assert again.aside.equals(found.aside)
    assert again.warnings == found.warnings
    for one, other in zip(again.places, found.places, strict=True):
        assert (one.label, one.weights, one.known) == (other.label, other.weights, other.known)
        assert np.array_equal(one.units, other.units)


@settings(max_examples=15, deadline=None)
@given(CONTRACT)
def test_the_years_of_a_contract_add_up(row: dict[str, Any]) -> None:
    frame = contracts(row)
    years = range(2015, 2042)
    by_year = [int(contract_hours(frame, Parameters(), year)["micro"].sum()) for year in years]
    one_month = frame.with_columns(months=pl.lit(1, dtype=pl.Int32))
    at_once = contract_hours(one_month, Parameters(), row["notified"].year)["micro"].sum()
    assert sum(by_year) == at_once

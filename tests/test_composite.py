"""The composite need: exact shares by indicators, only where the class is not known otherwise."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from builders import grid_territory, make_study, need
from hypothesis import given, settings
from hypothesis import strategies as st

from coverage.frames import INDICATOR_COLUMNS, TOTAL_COLUMNS
from coverage.origins.composite import SOURCE, composite_contributions
from coverage.origins.contributions import MICRO
from coverage.parameters import CLASSES
from geo.errors import UnknownCodeError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coverage.model import Study
    from coverage.origins.contributions import Contributions
    from geo.territory import Territory

ETAT = CLASSES.index("etat")
HALVES = (
    ("demandeurs_emploi", Fraction(1, 2)),
    ("population_qpv", Fraction(1, 4)),
    ("population", Fraction(1, 4)),
)
Values = dict[str, dict[str, float]]


def three() -> Territory:
    return grid_territory(3, populations=(100, 200, 700))


def indicators(values: Values, source: str = "essai") -> pd.DataFrame:
    rows = [
        (code, name, float(value), source)
        for name, by_code in values.items()
        for code, value in by_code.items()
    ]
    return pd.DataFrame(rows, columns=list(INDICATOR_COLUMNS))


def study_of(
    totals: Sequence[tuple[str, float]],
    filed: pd.DataFrame | None = None,
    *,
    weights: tuple[tuple[str, Fraction], ...] = HALVES,
    years: Sequence[int] = (),
    region: str = "84",
) -> Study:
    rows = [
        (number + 2, region, buyer, hours, years[number] if years else 0, "bilan")
        for number, (buyer, hours) in enumerate(totals)
    ]
    return replace(
        make_study([], [], [need("01001", 0)], poids_indicateurs=weights),
        indicators=indicators({}) if filed is None else filed,
        regional_totals=pd.DataFrame(rows, columns=list(TOTAL_COLUMNS)),
    )


def nothing_known(territory: Territory) -> np.ndarray:
    return np.zeros((len(territory), len(CLASSES)), dtype=bool)


def by_unit(brought: Contributions, row: int = 0) -> dict[int, int]:
    """Return the millionths of hours of each unit, as the weights of the place tell them."""
    place = brought.places[int(brought.table["place"].iloc[row])]
    return dict(zip(place.units.tolist(), place.weights, strict=True))


def test_three_communes_in_closed_form() -> None:
    # Unemployed 10, 30, 60 of 100; QPV 0, 0, 50; inhabitants 100, 200, 700 of 1,000.
    values = {"demandeurs_emploi": {"01001": 10, "01002": 30, "01003": 60}}
    values["population_qpv"] = {"01003": 50}
    brought = composite_contributions(
        study_of([("etat", 1000)], indicators(values)), three(), nothing_known(three())
    )
    assert by_unit(brought) == {0: 75 * MICRO, 1: 200 * MICRO, 2: 725 * MICRO}
    (row,) = brought.table.to_dict("records")
    assert row == {
        "place": 0,
        "class_": ETAT,
        "programme": "",
        "source": SOURCE,
        "item": "composite:84:etat",
        "count": 1,
        "micro": 1000 * MICRO,
    }
    assert not brought.places[0].known
    assert brought.aside.empty
    assert not brought.warnings


def test_hours_of_known_communes_are_told_and_not_moved() -> None:
    values = {"demandeurs_emploi": {"01001": 10, "01002": 30, "01003": 60}}
    values["population_qpv"] = {"01003": 50}
    known = nothing_known(three())
    known[2, ETAT] = True
    brought = composite_contributions(
        study_of([("etat", 1000)], indicators(values)), three(), known
    )
    assert by_unit(brought) == {0: 75 * MICRO, 1: 200 * MICRO}
    assert brought.table["micro"].tolist() == [275 * MICRO]
    assert brought.aside.to_dict("records") == [
        {
            "fichier": "totaux_regionaux",
            "ligne": 2,
            "objet": "région 84, etat",
            "constat": "non employé : le besoin y est connu par ailleurs",
            "heures": 725.0,
        }
    ]
    (notice,) = brought.warnings
    assert "27,5" in notice.message
    assert "725 h" in notice.message


def test_another_class_known_changes_nothing() -> None:
    known = nothing_known(three())
    known[:, CLASSES.index("bailleurs")] = True
    brought = composite_contributions(
        study_of([("etat", 1000)], weights=(("population", Fraction(1)),)), three(), known
    )
    assert by_unit(brought) == {0: 100 * MICRO, 1: 200 * MICRO, 2: 700 * MICRO}


def test_an_absent_indicator_leaves_its_weight_to_the_others_and_is_told() -> None:
    values = {"demandeurs_emploi": {"01001": 50, "01002": 50, "01003": 0}}
    brought = composite_contributions(
        study_of([("etat", 600)], indicators(values)), three(), nothing_known(three())
    )
    # Weights 1/2 and 1/4 become 2/3 and 1/3.
    assert by_unit(brought) == {0: 220 * MICRO, 1: 240 * MICRO, 2: 140 * MICRO}
    (notice,) = brought.warnings
    assert "« population_qpv » absent de 1 région (84)" in notice.message


def test_an_unknown_value_weighs_nothing_and_is_told() -> None:
    values = {"demandeurs_emploi": {"01001": 50, "01002": 50}}
    weights = (("demandeurs_emploi", Fraction(1)),)
    brought = composite_contributions(
        study_of([("etat", 600)], indicators(values), weights=weights),
        three(),
        nothing_known(three()),
    )
    assert by_unit(brought) == {0: 300 * MICRO, 1: 300 * MICRO}
    assert [notice.message for notice in brought.warnings] == [
        "indicateur « demandeurs_emploi » inconnu dans 1 commune : il n’y pèse rien dans le besoin "
        "composite, ce qui n’est pas zéro"
    ]


def test_nothing_is_spread_without_any_indicator() -> None:
    weights = (("demandeurs_emploi", Fraction(1)),)
    brought = composite_contributions(
        study_of([("etat", 1000)], weights=weights), three(), nothing_known(three())
    )
    assert brought.table.empty
    assert brought.aside["heures"].tolist() == [1000.0]
    assert "aucun indicateur" in brought.aside["constat"].iloc[0]


def test_totals_of_other_years_are_not_of_this_one() -> None:
    totals = [("etat", 100.0), ("etat", 200.0), ("etat", 400.0)]
    weights = (("population", Fraction(1)),)
    brought = composite_contributions(
        study_of(totals, weights=weights, years=(0, 2023, 2022)), three(), nothing_known(three())
    )
    assert sorted(brought.table["micro"]) == [100 * MICRO, 200 * MICRO]


def test_a_whole_city_is_split_by_population() -> None:
    paris = grid_territory(
        2, departements=("75",), codes=("75101", "75102"), populations=(1, 3),
        cities={"75056": ("75101", "75102")},
    )  # fmt: skip
    weights = (("demandeurs_emploi", Fraction(1)),)
    study = study_of(
        [("etat", 100)],
        indicators({"demandeurs_emploi": {"75056": 12}}),
        weights=weights,
        region="11",
    )
    brought = composite_contributions(study, paris, nothing_known(paris))
    assert by_unit(brought) == {0: 25 * MICRO, 1: 75 * MICRO}


def test_two_sources_of_one_indicator_do_not_add_up() -> None:
    whole = indicators({"demandeurs_emploi": {"01001": 1, "01002": 1, "01003": 2}}, "Dares")
    part = indicators({"demandeurs_emploi": {"01001": 900}}, "relevé")
    weights = (("demandeurs_emploi", Fraction(1)),)
    brought = composite_contributions(
        study_of([("etat", 4)], pd.concat([part, whole]), weights=weights),
        three(),
        nothing_known(three()),
    )
    assert by_unit(brought) == {0: MICRO, 1: MICRO, 2: 2 * MICRO}
    assert "« Dares » est employée, non « relevé »" in brought.warnings[0].message


def test_an_unknown_region_is_refused() -> None:
    with pytest.raises(UnknownCodeError):
        composite_contributions(
            study_of([("etat", 1)], region="00"), three(), nothing_known(three())
        )


whole_numbers = st.lists(st.integers(0, 500), min_size=6, max_size=6)


@settings(max_examples=30, deadline=None)
@given(
    jobless=whole_numbers,
    districts=whole_numbers,
    hours=st.lists(st.integers(0, 10**9), min_size=1, max_size=3),
    known=st.lists(st.booleans(), min_size=6, max_size=6),
    scale=st.integers(2, 50),
    seed=st.integers(0, 100),
)
def test_exact_shares_whatever_the_order_and_the_unit(
    jobless: list[int],
    districts: list[int],
    hours: list[int],
    known: list[bool],
    scale: int,
    seed: int,
) -> None:
    territory = grid_territory(3, 2)
    codes = territory.codes.tolist()
    values: Values = {
        "demandeurs_emploi": dict(zip(codes, jobless, strict=True)),
        "population_qpv": dict(zip(codes, districts, strict=True)),
    }
    totals = [("etat", value / 1000) for value in hours]
    where = nothing_known(territory)
    where[:, ETAT] = known
    study = study_of(totals, indicators(values))
    brought = composite_contributions(study, territory, where)
    conserved(brought, hours)
    against_reference(brought, study, territory, known, values)

    moved = replace(
        study,
        indicators=study.indicators.sample(frac=1, random_state=seed),
        regional_totals=study.regional_totals.sample(frac=1, random_state=seed),
    )
    again = composite_contributions(moved, territory, where)
    pd.testing.assert_frame_equal(again.table, brought.table)
    pd.testing.assert_frame_equal(again.aside, brought.aside)
    assert [place.weights for place in again.places] == [p.weights for p in brought.places]

    larger = study.indicators.assign(valeur=study.indicators["valeur"] * scale)
    scaled = composite_contributions(replace(study, indicators=larger), territory, where)
    pd.testing.assert_frame_equal(scaled.table, brought.table)


def conserved(brought: Contributions, hours: list[int]) -> None:
    left = round(sum(brought.aside["heures"]) * MICRO)
    assert abs(int(brought.table["micro"].sum()) + left - sum(hours) * (MICRO // 1000)) <= 1
    for row in range(len(brought.table)):
        assert sum(by_unit(brought, row).values()) == brought.table["micro"].iloc[row]


def against_reference(
    brought: Contributions,
    study: Study,
    territory: Territory,
    known: list[bool],
    values: Values,
) -> None:
    """Compare with the formula, written once more in the plainest way."""
    people = territory.population.tolist()
    columns = [
        (Fraction(1, 2), list(values["demandeurs_emploi"].values())),
        (Fraction(1, 4), list(values["population_qpv"].values())),
        (Fraction(1, 4), people),
    ]
    columns = [(weight, x) for weight, x in columns if sum(x)]
    scale = sum((weight for weight, _ in columns), Fraction(0))
    expected = [
        sum((weight * x[i] / sum(x) for weight, x in columns), Fraction(0)) / scale
        for i in range(len(territory))
    ]
    sorted_hours = sorted(study.regional_totals["heures"])
    if all(known):
        assert brought.table.empty
        return
    for row, total in enumerate(sorted_hours):
        for unit, micro in by_unit(brought, row).items():
            assert not known[unit]
            # One millionth at most for the whole part used, one for the remainder.
            assert abs(micro - expected[unit] * round(total * MICRO)) < 2

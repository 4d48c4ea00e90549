"""What must hold of every study, tried on small random ones over squares."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from math import isnan
from typing import TYPE_CHECKING, Any

import naive
import pandas as pd
from agreement import assert_agrees
from builders import codes_of, perimeter, shuffled
from effort import tried
from hypothesis import given, settings
from hypothesis import strategies as st
from naive_flows import augmented_flow, served_at_most
from small_studies import HELD, SQUARES, STRUCTURES, few, studies

from coverage.study import compute

if TYPE_CHECKING:
    from coverage.model import Coverage, Study


fewer = settings(few, max_examples=tried(12))
"""Of properties that the reference, or the same property of drawn studies, bears out too."""


@settings(few, max_examples=tried(24))
@given(studies())
def test_small_studies_agree_with_the_reference_and_add_up(study: Study) -> None:
    coverage = compute(study, SQUARES)
    assert_agrees(coverage, naive.decide(study, SQUARES))
    assert_zones_tile_the_territory(coverage)
    assert_proved_deficit_is_at_most_the_fair_one(coverage)
    assert_what_is_unknown_is_never_called_covered(coverage)
    assert_the_two_step_ratio_spends_every_hour_once(coverage)


@fewer
@given(studies(), st.integers(0, 2**16))
def test_row_order_changes_nothing(study: Study, seed: int) -> None:
    here, there = compute(study, SQUARES), compute(shuffled(study, seed), SQUARES)
    assert plain(here.communes) == plain(there.communes)
    assert plain(here.zones) == plain(there.zones)
    assert plain(here.regions) == plain(there.regions)
    assert list(here.certificates.items()) == list(there.certificates.items())
    assert here.totals == there.totals
    assert {name: rows.tolist() for name, rows in here.zone_units.items()} == {
        name: rows.tolist() for name, rows in there.zone_units.items()
    }


def plain(table: pd.DataFrame) -> list[tuple[Any, dict[str, Any]]]:
    """Return rows in order, NaN as None so that they compare."""
    records = table.astype(object).where(table.notna(), None).to_dict("index")
    return list(records.items())


@fewer
@given(studies(other_years=False))
def test_hours_in_are_hours_out(study: Study) -> None:
    coverage = compute(study, SQUARES)
    filed = sum(study.needs["heures"])
    lost = sum(coverage.anomalies["heures"].fillna(0))
    assert sum(coverage.communes["besoin_h"]) == filed - lost
    assert sum(coverage.need.parts["hours"]) == filed - lost
    assert sum(coverage.zones["besoin_h"]) == filed - lost
    assert lost == 0, "every code of these studies can be placed"


@fewer
@given(studies(regions=False))
def test_served_hours_are_the_maximum_flow(study: Study) -> None:
    coverage = compute(study, SQUARES)
    flow = naive.flow_of(study, SQUARES)
    capacities = naive.capacities(study, SQUARES)
    most = augmented_flow(flow.needs, capacities, flow.links)
    assert most == served_at_most(flow.needs, capacities, flow.links)
    assert coverage.totals["flot_maximum_h"] == most
    assert coverage.totals["servi_h"] == most
    rates = coverage.communes["taux_reponse"].to_dict()
    hours = coverage.communes["besoin_h"].to_dict()
    served = sum((hours[code] * rate for code, rate in rates.items() if rate is not None), 0)
    assert served == most


def assert_zones_tile_the_territory(coverage: Coverage) -> None:
    placed = [int(row) for rows in coverage.zone_units.values() for row in rows]
    assert sorted(placed) == list(range(len(SQUARES)))
    assert list(coverage.zone_units) == list(coverage.zones.index) == sorted(coverage.zones.index)
    communes, zones = coverage.communes, coverage.zones
    for name, rows in coverage.zone_units.items():
        inside = communes.iloc[rows]
        zone = zones.loc[name]
        assert set(inside["zone_id"]) == {name}
        assert set(inside["statut"]) == {zone["statut"]}
        assert set(inside["region"]) == {zone["region"]}
        assert zone["communes"] == tuple(inside.index)
        assert zone["population"] == SQUARES.population[rows].sum()
        assert zone["besoin_h"] == inside["besoin_h"].sum()
        assert zone["besoin_etat_h"] == inside["besoin_etat_h"].sum()
        assert sum(zone["besoin_par_classe"].values()) == zone["besoin_h"]
    assert zones["population"].sum() == SQUARES.population.sum()


def assert_proved_deficit_is_at_most_the_fair_one(coverage: Coverage) -> None:
    zones = coverage.zones
    assert (zones["deficit_prouve_h"] >= 0).all()
    assert (zones["deficit_prouve_h"] <= zones["deficit_h"]).all()
    assert (zones["deficit_h"] <= zones["besoin_h"]).all()


def assert_what_is_unknown_is_never_called_covered(coverage: Coverage) -> None:
    communes = coverage.communes
    known = naive.known_classes(coverage.study, SQUARES)
    for code, statut in communes["statut"].items():
        if not known[code]:
            assert statut not in {"couverte", "capacite_insuffisante"}
            assert communes["taux_reponse"][code] is None


@fewer
@given(studies())
def test_a_study_without_needs_lacks_data_wherever_it_covers(study: Study) -> None:
    empty = replace(study, needs=study.needs.iloc[:0], exhaustiveness=study.exhaustiveness.iloc[:0])
    communes = compute(empty, SQUARES).communes
    for code, held in naive.reach(empty, SQUARES).items():
        expected = "non_couverte"
        if held:
            expected = "donnee_manquante" if any(held.values()) else "limitrophe"
        assert communes["statut"][code] == expected


@fewer
@given(studies(regions=False), st.sampled_from(STRUCTURES), st.sampled_from(["1/100", "1/2", "3"]))
def test_more_capacity_on_the_same_edges_lowers_no_rate(study: Study, name: str, etp: str) -> None:
    before = compute(study, SQUARES)
    rows = study.posts.index[(study.posts["structure_id"] == name) & (study.posts["etp"] > 0)]
    if rows.empty:
        return
    posts = study.posts.copy()
    posts.loc[rows[0], "etp"] += Fraction(etp)
    after = compute(replace(study, posts=posts), SQUARES)
    for column in ("taux_reponse", "taux_reponse_etat"):
        for code, rate in before.communes[column].items():
            if rate is not None:
                assert after.communes[column][code] >= rate


@fewer
@given(studies(regions=False), st.sampled_from(STRUCTURES), st.sampled_from(HELD))
def test_one_more_perimeter_lowers_no_total(study: Study, name: str, held: tuple[str, str]) -> None:
    filed = [*study.perimeters.to_dict("records"), perimeter(name, held[1], niveau=held[0])]
    joined = pd.DataFrame(filed).assign(row=range(2, len(filed) + 2))
    before = compute(study, SQUARES).totals["servi_h"]
    assert compute(replace(study, perimeters=joined), SQUARES).totals["servi_h"] >= before


def assert_the_two_step_ratio_spends_every_hour_once(coverage: Coverage) -> None:
    communes = coverage.communes
    flow = naive.flow_of(coverage.study, SQUARES)
    reaching = set().union(*flow.links.values()) if flow.links else set()
    spent = sum(
        hours * ratio
        for hours, ratio in zip(communes["besoin_h"], communes["ratio_2sfca"], strict=True)
        if ratio is not None
    )
    assert spent == sum(flow.capacities[supply] for supply in reaching)


@settings(few, max_examples=tried(8))
@given(studies())
def test_break_even_is_where_a_bisection_finds_it(study: Study) -> None:
    coverage = compute(study, SQUARES)
    for name, zone in coverage.zones.iterrows():
        found = zone["seuil_bascule_h_par_etp"]
        if zone["statut"] != "capacite_insuffisante":
            assert found is None or isnan(found)
            continue
        communes = codes_of(SQUARES, coverage.zone_units[name])
        expected = naive.break_even(study, SQUARES, communes)
        if expected is None:
            assert found is None or isnan(found)
            assert zone["classes_non_servies"]
            assert zone["certitude"] == "demontree"
            continue
        # A whole number of hours, rounded up; the bisection stops within 0.01 h above.
        assert expected - 0.01 <= found < expected + 1
        sure = (
            "demontree" if found >= 44_000 else "probable" if found >= 37_000 else "non_demontree"
        )
        assert zone["certitude"] == sure

"""From every origin to the results, hour by hour, on small random studies (method, section 4)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from effort import tried
from hypothesis import given, settings
from hypothesis import strategies as st
from small_studies import HELD, few
from source_studies import LAND, reordered, sourced_studies
from sourced_agreement import agreed_sources
from test_drawn_properties import everything
from trial_agreement import agreed
from trial_edits import some_edits

from coverage.study import compute
from coverage.trace import trace
from coverage.trials.model import TrialModel

if TYPE_CHECKING:
    import pandas as pd
    from sourced_agreement import Reference

    from coverage.model import Coverage, Study

MILLION = 1_000_000


def times(examples: int) -> settings:
    return settings(few, max_examples=tried(examples))


# --- one study ----------------------------------------------------------------------------


@times(14)
@given(sourced_studies())
def test_every_hour_is_where_the_method_puts_it(study: Study) -> None:
    coverage = compute(study, LAND)
    reference = agreed_sources(coverage)
    told = trace(coverage)
    assert_adds_up(coverage, told)
    assert_exact(reference, told)
    assert_zones(coverage)
    assert_never_green(coverage)


@times(7)
@given(sourced_studies(placed=True))
def test_placed_hours_are_in_the_part_that_holds_them(study: Study) -> None:
    coverage = compute(study, LAND)
    agreed_sources(coverage)
    assert_zones(coverage)


def assert_adds_up(coverage: Coverage, told: pd.DataFrame) -> None:
    """Check that counted hours are whole, none negative, and sum to communes and parts."""
    counted = told.groupby("commune")["heures_comptees"].sum()
    filled = coverage.communes["besoin_h"]
    assert counted.to_dict() == filled[filled.index.isin(counted.index)].to_dict()
    assert not filled[~filled.index.isin(counted.index)].any()
    assert (told["heures_comptees"] >= 0).all()
    whole = told.groupby(["commune", "donneur_ordre", "programme", "source"])["heures_comptees"]
    sums = whole.sum()
    parts = coverage.need.parts
    keys = zip(
        coverage.territory.codes[parts["unit"]],
        *(parts[name] for name in ("donneur_ordre", "programme", "source")),
        strict=True,
    )
    assert sums[sums > 0].to_dict() == dict(zip(keys, parts["hours"], strict=True))


def assert_exact(reference: Reference, told: pd.DataFrame) -> None:
    """Check that the exact hours of every origin and class are those of the method."""
    brought: dict[tuple[str, str], int] = defaultdict(int)
    for each in reference.brought:
        brought[each.origin, each.class_] += each.micro
    exact = told.groupby(["origine", "donneur_ordre"])["heures"].sum()
    found = {key: round(hours * MILLION) for key, hours in exact.items()}
    assert found == {key: pytest.approx(micro, abs=1) for key, micro in brought.items()}


def assert_zones(coverage: Coverage) -> None:
    zones, parts = coverage.zones, coverage.need.parts
    for hours, by_class, by_programme in zip(
        zones["besoin_h"], zones["besoin_par_classe"], zones["besoin_par_programme"], strict=True
    ):
        assert sum(by_class.values()) == hours >= sum(by_programme.values())
        assert all(by_class.values())
        assert all(by_programme.values())
    assert _added(zones["besoin_par_programme"]) == _by(parts, "programme")
    assert _added(zones["besoin_par_classe"]) == _by(parts, "donneur_ordre")
    assert zones["besoin_h"].sum() == coverage.totals["besoin_h"] == parts["hours"].sum()


def _added(cells: pd.Series[Any]) -> dict[str, int]:
    found: dict[str, int] = defaultdict(int)
    for cell in cells.tolist():
        for name, hours in cell.items():
            found[name] += hours
    return dict(found)


def _by(parts: pd.DataFrame, column: str) -> dict[str, int]:
    named = parts[parts[column] != ""]
    return {str(name): int(hours) for name, hours in named.groupby(column)["hours"].sum().items()}


def assert_never_green(coverage: Coverage) -> None:
    """Check that hours without a known class never make a place sufficient."""
    known = dict(zip(coverage.communes.index, coverage.need.known.any(axis=1), strict=True))
    for code, statut in coverage.communes["statut"].items():
        assert statut != "couverte" or known[code]
    for communes, statut in zip(coverage.zones["communes"], coverage.zones["statut"], strict=True):
        assert statut != "couverte" or all(known[code] for code in communes)


# --- two of them --------------------------------------------------------------------------


@times(6)
@given(sourced_studies(), st.integers(0, 2**16), st.integers(0, len(LAND) - 1))
def test_the_order_of_sources_changes_nothing(study: Study, seed: int, unit: int) -> None:
    here, there = compute(study, LAND), compute(reordered(study, seed), LAND)
    assert everything(here) == everything(there)
    assert _findings(here) == _findings(there)
    every = trace(here)
    assert every.to_dict("records") == trace(there).to_dict("records")
    # A commune alone is traced as it is among all.
    own = every[every["commune"] == LAND.codes[unit]].reset_index(drop=True)
    alone = trace(here, LAND.units.index == LAND.codes[unit])
    assert alone.to_dict("records") == own.to_dict("records")


def _findings(coverage: Coverage) -> list[str]:
    """Return what is told, lines of files aside: rows are renumbered when they move."""
    table = coverage.anomalies.drop(columns="ligne")
    return sorted(map(repr, table.itertuples(index=False, name=None)))


@times(6)
@given(sourced_studies(), st.data())
def test_trials_of_such_studies_are_those_of_the_study_filed_so(
    study: Study, data: st.DataObject
) -> None:
    base = compute(study, LAND)
    edits = some_edits(lambda options: data.draw(st.sampled_from(options)), study, HELD)
    agreed(TrialModel(base), base, edits)


@times(3)
@given(sourced_studies(), st.integers(1, 2))
def test_each_year_is_the_study_of_that_year(study: Study, more: int) -> None:
    coverage = compute(replace(study, last_year=study.year + more), LAND)
    for year in coverage.years.years:
        alone = compute(replace(study, year=year, last_year=study.year + more), LAND)
        told = coverage.years.communes
        told = told[told["annee"] == year].reset_index(drop=True)
        for name in ("besoin_h", "besoin_etat_h", "taux_reponse", "statut", "besoin_connu"):
            assert told[name].tolist() == alone.communes[name].tolist(), (year, name)
        assert int(told["servi_h"].sum()) == alone.totals["servi_h"]

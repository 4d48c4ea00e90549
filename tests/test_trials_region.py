"""Trials on a real région, seeded: by codes, then with a few perimeters drawn."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely
from builders import drawn, make_study, seeded
from part_of_france import regions_alone
from trial_agreement import agreed
from trial_edits import some_edits

from coverage.perimeters import perimeter_units
from coverage.study import compute
from coverage.trials.model import TrialModel
from data.study.reader import read_study

if TYPE_CHECKING:
    from pathlib import Path

    from coverage.model import Study
    from geo.territory import Territory

REGION = "53"
AROUND = ("28", "52", REGION)
"""Bretagne and the régions that touch it: the rest of the country would only take time."""

DRAWN = 6


@pytest.fixture(scope="module")
def west(france: Territory) -> Territory:
    return regions_alone(france, AROUND)


@pytest.fixture(scope="module")
def study(france: Territory, west: Territory, example_folder: Path) -> Study:
    """Return the fictional study seen from Bretagne: elsewhere the needs are unknown."""
    whole = within(read_study(example_folder, france), west)
    inside = set(west.codes[west.members["region"][REGION]])
    needs = whole.needs[whole.needs["commune"].isin(inside)]
    known = whole.exhaustiveness[whole.exhaustiveness["region"] == REGION]
    return replace(
        whole,
        last_year=0,  # trials speak of one year
        regions=(REGION,),
        needs=needs.reset_index(drop=True),
        exhaustiveness=known.reset_index(drop=True),
        **near(whole, west),
    )


def within(study: Study, territory: Territory) -> Study:
    """Return the study without what it files of places that are not in the territory."""
    known = {(niveau, code) for niveau, own in territory.members.items() for code in own}
    kept = [
        [place in known for place in zip(table["niveau"], table["code"], strict=True)]
        for table in (study.perimeters, study.contracts)
    ]
    own = study.indicators["commune"].isin(territory.members["commune"])
    totals = study.regional_totals["region"].isin(territory.members["region"])
    return replace(
        study,
        perimeters=study.perimeters[kept[0]].reset_index(drop=True),
        contracts=study.contracts.filter(kept[1]),
        indicators=study.indicators[own].reset_index(drop=True),
        regional_totals=study.regional_totals[totals].reset_index(drop=True),
    )


def near(study: Study, territory: Territory) -> dict[str, object]:
    """Return the posts and perimeters of the structures that reach the région."""
    links = perimeter_units(study, territory, volet="facilitateur")
    rows = territory.members["region"][REGION]
    names = set(links.loc[links["unit"].isin(rows), "structure_id"])
    tables = {"posts": study.posts, "perimeters": study.perimeters}
    return {
        name: table[table["structure_id"].isin(names)].reset_index(drop=True)
        for name, table in tables.items()
    } | {"structures": study.structures[study.structures.index.isin(names)]}


def some_drawn(study: Study, territory: Territory) -> Study:
    """Return the study where some structures draw a hull round what they held by codes."""
    links = perimeter_units(study, territory, volet="facilitateur")
    names = seeded(5).sample(sorted(set(links["structure_id"])), DRAWN)
    lands = territory.units.geometry.to_numpy()
    shapes = [
        drawn(name, shapely.convex_hull(shapely.multipoints(shapely.centroid(lands[own["unit"]]))))
        for name, own in links[links["structure_id"].isin(names)].groupby("structure_id")
    ]
    # Half of them keep their codes: those taken away reveal the drawing.
    gone = study.perimeters["structure_id"].isin(names[: DRAWN // 2])
    return replace(
        study,
        perimeters=study.perimeters[~gone].reset_index(drop=True),
        drawn=make_study([], [], shapes=shapes).drawn,
    )


def held_around(territory: Territory) -> list[tuple[str, str]]:
    """Return the levels and codes that lie in the région, or hold it."""
    rows = territory.members["region"][REGION]
    return [
        (niveau, code)
        for niveau, by_code in territory.members.items()
        for code, own in by_code.items()
        if np.isin(own, rows).any()
    ]


@pytest.mark.parametrize("by_codes", [True, False])
def test_a_region_agrees_whatever_is_tried(
    west: Territory, study: Study, *, by_codes: bool
) -> None:
    tried = study if by_codes else some_drawn(study, west)
    base = compute(tried, west)
    model = TrialModel(base)
    held = held_around(west)
    cut = 0
    for seed in range(6):
        outcome = agreed(model, base, some_edits(seeded(seed).choice, tried, held, most=5))
        cut += len(outcome.recut)
    assert (cut == 0) == by_codes

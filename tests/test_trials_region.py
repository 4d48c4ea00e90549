"""Trials on a real région, seeded: by codes, then with a few perimeters drawn."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely
from builders import drawn, make_study, seeded
from trial_agreement import agreed
from trial_edits import some_edits

from coverage.perimeters import perimeter_units
from coverage.study import compute
from coverage.trials.model import TrialModel
from data.example.generate import write_example
from data.study.reader import read_study

if TYPE_CHECKING:
    from coverage.model import Study
    from geo.territory import Territory

REGION = "53"
DRAWN = 6


@pytest.fixture(scope="module")
def study(france: Territory, tmp_path_factory: pytest.TempPathFactory) -> Study:
    """Return the fictional study seen from Bretagne: elsewhere the needs are unknown."""
    folder = tmp_path_factory.mktemp("exemple") / "france"
    write_example(folder, france)
    whole = read_study(folder, france)
    inside = set(france.codes[france.members["region"][REGION]])
    needs = whole.needs[whole.needs["commune"].isin(inside)]
    known = whole.exhaustiveness[whole.exhaustiveness["region"] == REGION]
    return replace(
        whole,
        last_year=0,  # trials speak of one year
        regions=(REGION,),
        needs=needs.reset_index(drop=True),
        exhaustiveness=known.reset_index(drop=True),
        **near(whole, france),
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
    france: Territory, study: Study, *, by_codes: bool
) -> None:
    tried = study if by_codes else some_drawn(study, france)
    base = compute(tried, france)
    model = TrialModel(base)
    held = held_around(france)
    cut = 0
    for seed in range(6):
        outcome = agreed(model, base, some_edits(seeded(seed).choice, tried, held, most=5))
        cut += len(outcome.recut)
    assert (cut == 0) == by_codes

"""Supply nodes: what each structure can answer in the year, by scope (method, section 5).

A supply node is the facilitator posts of one structure that serve the same set of classes.
Its capacity is ETP × hours per ETP × days in force / days of the year (× the ramp of a post
newly funded this year), rounded down to the whole hour: never more than was declared.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from coverage.atoms import covered_people
from coverage.perimeters import days_of_year
from coverage.wording import percent
from geo.errors import Notice

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from coverage.model import Study
    from geo.territory import Territory


SupplyKey = tuple[str, tuple[str, ...]]
"""A structure and the classes that some of its posts serve."""


@dataclass(frozen=True)
class Supply:
    """The supply nodes, sorted by structure then scope.

    Attributes
    ----------
    table
        Columns `structure_id`, `scope` (tuple of classes), `exact` (Fraction, hours that bear
        on the study) and `hours` (int, floor of `exact`).
    """

    table: pd.DataFrame
    warnings: tuple[Notice, ...]


def build_supply(
    study: Study,
    territory: Territory,
    posts: pd.DataFrame,
    links: pd.DataFrame,
    known: NDArray[np.bool_],
) -> Supply:
    """Return the supply nodes of the structures whose perimeter is in force.

    Parameters
    ----------
    posts
        Active posts with their `days`.
    links
        Perimeters in force: `unit`, `structure_id`, `share` of the unit.
    known
        Known needs, shape (units, classes).
    """
    inside, warnings = inside_shares(study, territory, links, known)
    return Supply(supply_table(supply_hours(study, posts, inside)), warnings)


def supply_hours(
    study: Study, posts: pd.DataFrame, inside: Mapping[str, Fraction]
) -> dict[SupplyKey, Fraction]:
    """Return the exact hours of the supply nodes of some active posts.

    Parameters
    ----------
    inside
        Share of its capacity that bears on the study, by structure whose perimeter is in force.
    """
    own = study.structures["heures_par_etp"].dropna().to_dict()
    year = days_of_year(study.year)
    nodes: dict[SupplyKey, Fraction] = {}
    for post in posts[posts["volet"] == "facilitateur"].itertuples():
        structure = str(post.structure_id)
        if structure not in inside:
            continue
        productivity = int(own.get(structure, study.parameters.heures_par_etp))
        hours = Fraction(post.etp) * Fraction(productivity * int(post.days), year)  # type: ignore[arg-type]
        if post.financement == f"aap_{study.year}":
            hours *= study.parameters.montee_en_charge
        key = (structure, tuple(str(class_) for class_ in post.donneurs_ordre))  # type: ignore[union-attr]
        nodes[key] = nodes.get(key, Fraction(0)) + hours * inside[structure]
    return nodes


def supply_table(nodes: Mapping[SupplyKey, Fraction]) -> pd.DataFrame:
    """Return the table of `Supply`."""
    keys = sorted(nodes)
    return pd.DataFrame(
        {
            "structure_id": pd.Series([key[0] for key in keys], dtype=object),
            "scope": pd.Series([key[1] for key in keys], dtype=object),
            "exact": pd.Series([nodes[key] for key in keys], dtype=object),
            "hours": np.array([int(nodes[key]) for key in keys], dtype=np.int64),
        }
    )


def inside_shares(
    study: Study, territory: Territory, links: pd.DataFrame, known: NDArray[np.bool_]
) -> tuple[dict[str, Fraction], tuple[Notice, ...]]:
    """Return the share of each structure's capacity that bears on the study.

    A unit is outside when the study is limited to régions, the unit is in none of them and no
    class of need is known there: what the structure does there cannot be weighed, so it keeps
    for the study the share that its population inside bears to its whole population.
    """
    structures = sorted(links["structure_id"].unique())
    if not study.regions:
        return dict.fromkeys(structures, Fraction(1)), ()
    region = territory.units["region"].isin(study.regions).to_numpy()
    outside = ~region & ~known.any(axis=1)
    covered = covered_people(links, territory)
    people = pd.DataFrame(
        {
            "structure_id": links["structure_id"],
            "whole": covered,
            "inside": np.where(outside[links["unit"]], 0, covered),
        }
    )
    sums = people.groupby("structure_id")[["whole", "inside"]].sum()
    shares = {
        str(row.Index): Fraction(int(row.inside), int(row.whole)) if row.whole else Fraction(1)  # type: ignore[arg-type]
        for row in sums.itertuples()
    }
    partial = {structure: share for structure, share in shares.items() if share < 1}
    warnings = tuple(
        Notice(
            "perimetres",
            0,
            "structure_id",
            f"la structure « {structure} » intervient aussi hors de l’étude, là où le besoin est "
            f"inconnu : {percent(share)} de sa capacité est compté ici, au prorata de la "
            "population",
            "déposer aussi les besoins de ces territoires",
        )
        for structure, share in sorted(partial.items())
    )
    return shares, warnings

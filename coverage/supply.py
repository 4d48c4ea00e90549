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
    from numpy.typing import NDArray

    from coverage.model import Study
    from geo.territory import Territory


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
    inside, warnings = _inside(study, territory, links, known)
    own = study.structures["heures_par_etp"].dropna().to_dict()
    year = days_of_year(study.year)
    nodes: dict[tuple[str, tuple[str, ...]], Fraction] = {}
    for post in posts[posts["volet"] == "facilitateur"].itertuples():
        structure = str(post.structure_id)
        if structure not in inside:
            continue
        etp = Fraction(post.etp) * int(post.days) / year  # type: ignore[arg-type]
        if post.financement == f"aap_{study.year}":
            etp *= study.parameters.montee_en_charge
        hours = etp * int(own.get(structure, study.parameters.heures_par_etp))
        key = (structure, tuple(str(class_) for class_ in post.donneurs_ordre))  # type: ignore[union-attr]
        nodes[key] = nodes.get(key, Fraction(0)) + hours * inside[structure]
    keys = sorted(nodes)
    table = pd.DataFrame(
        {
            "structure_id": pd.Series([key[0] for key in keys], dtype=object),
            "scope": pd.Series([key[1] for key in keys], dtype=object),
            "exact": pd.Series([nodes[key] for key in keys], dtype=object),
            "hours": np.array([int(nodes[key]) for key in keys], dtype=np.int64),
        }
    )
    return Supply(table, warnings)


def _inside(
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

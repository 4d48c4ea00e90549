"""Communes that drawn borders cut otherwise after an edit."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from coverage.atoms import build_atoms
from coverage.model import Atoms
from coverage.perimeters import active_posts
from coverage.reach import Reach, build_reach

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    from coverage.model import Study
    from geo.territory import Territory


def recut(
    atoms: Atoms,
    study: Study,
    territory: Territory,
    *,
    units: NDArray[np.int64],
    near: Collection[str],
) -> Atoms:
    """Return atoms where some units are cut again, as the whole study would cut them.

    Signatures keep their numbers; new ones come after.

    Parameters
    ----------
    study
        With the edits.
    units
        To cut again.
    near
        Structures whose drawings touch these units.
    """
    drawn = study.drawn[study.drawn["structure_id"].isin(near)]
    reach = build_reach(
        replace(study, drawn=drawn), territory, active_posts(study), volet="facilitateur"
    )
    links, cuts = (
        table[table["unit"].isin(units)].reset_index(drop=True)
        for table in (reach.links, reach.cuts)
    )
    fresh = build_atoms(Reach(links, cuts), territory)
    kept = ~atoms.table["unit"].isin(units).to_numpy()
    new = fresh.table["unit"].isin(units).to_numpy()
    number = {signature: rank for rank, signature in enumerate(atoms.signatures)}
    numbers = [number.setdefault(signature, len(number)) for signature in fresh.signatures]
    added = fresh.table[new].assign(
        signature=np.array(numbers, dtype=np.int32)[fresh.table["signature"][new]]
    )
    table = pd.concat([atoms.table[kept], added], ignore_index=True)
    order = np.argsort(table["unit"].to_numpy(), kind="stable")
    shapes = np.append(atoms.shapes[kept], fresh.shapes[new])
    return Atoms(table.iloc[order].reset_index(drop=True), shapes[order], tuple(number))

"""Atoms: parts of communes on which one set of (structure, nature) applies (method, 3).

Perimeters given by codes cover whole units, so every unit is one atom here: no geometry, no
sliver. The table keeps a share of area by atom for borders that will cut units.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from coverage.model import NATURES, Atoms

if TYPE_CHECKING:
    from numpy.typing import NDArray

PRINCIPAL = frozenset({"principal", "extension_dotee"})
"""Natures that count as principal."""


def build_atoms(links: pd.DataFrame, *, units: int) -> Atoms:
    """Return the atoms of all units from the links in force.

    Parameters
    ----------
    links
        Columns `unit`, `structure_id`, `nature` (position in `NATURES`), sorted by unit then
        structure, one row a (unit, structure).
    units
        Number of units of the territory.
    """
    structures, numbers = np.unique(links["structure_id"].to_numpy(dtype=str), return_inverse=True)
    tokens = (numbers * len(NATURES) + links["nature"].to_numpy()).astype(np.int64)
    bounds = np.searchsorted(links["unit"].to_numpy(), np.arange(units + 1))
    signature_of: dict[bytes, int] = {b"": 0}
    signature = np.empty(units, dtype=np.int32)
    for unit in range(units):
        key = tokens[bounds[unit] : bounds[unit + 1]].tobytes()
        signature[unit] = signature_of.setdefault(key, len(signature_of))
    signatures = [_decode(key, structures) for key in signature_of]
    order = sorted(range(len(signatures)), key=signatures.__getitem__)
    rank = np.empty(len(order), dtype=np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    table = pd.DataFrame(
        {
            "unit": np.arange(units, dtype=np.int32),
            "share": np.ones(units),
            "signature": rank[signature],
        }
    )
    shapes = np.full(units, None, dtype=object)
    return Atoms(table, shapes, tuple(signatures[i] for i in order))


def _decode(key: bytes, structures: NDArray[np.str_]) -> tuple[tuple[str, str], ...]:
    tokens = np.frombuffer(key, dtype=np.int64)
    return tuple((str(structures[t // len(NATURES)]), NATURES[t % len(NATURES)]) for t in tokens)


def cover_of(signature: tuple[tuple[str, str], ...]) -> str:
    """Return `principale`, `extension` or `aucune`: how a signature covers.

    >>> cover_of((("s1", "extension"), ("s2", "extension_dotee")))
    'principale'
    """
    natures = {nature for _, nature in signature}
    if natures & PRINCIPAL:
        return "principale"
    return "extension" if natures else "aucune"

"""Parts of the communes that drawn perimeters cut, and the drawings themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from coverage.shapes import atom_shapes
from coverage.status import STATUTS
from maps.drawn import drawn_lines
from maps.encoding import SCALE, encode_shapes
from maps.statuses import STYLES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from maps.scope import Scope

_HAIR = 1e-9
"""Shares are sums of floats: a hair under a whole thousandth is that thousandth."""


def map_parts(scope: Scope) -> dict[str, Any]:
    """Return what is drawn over the communes: parts of those that are cut, drawn perimeters.

    `parties` are the cut atoms of the communes shown, in the order of the study's atoms:
    `commune` is the row of the commune in the values, `statut` a position in
    `coverage.status.STATUTS`, `style` in `maps.statuses.STYLES`, `part` thousandths of the
    commune's area, rounded down, `montree` whether it is the part that the commune shows,
    `fine` whether it is too thin to be seen.
    """
    atoms = scope.atoms
    cut = atoms.cut
    shapes = atom_shapes(scope.coverage.atoms, scope.coverage.territory)[atoms.rows[cut]]
    thin = 2 * shapely.area(shapes) * SCALE < shapely.length(shapes)
    return {
        "parties": {
            "commune": atoms.commune[cut].tolist(),
            "statut": [STATUTS.index(STYLES[rank].status) for rank in atoms.style[cut]],
            "style": atoms.style[cut].tolist(),
            "zone": atoms.zone[cut].tolist(),
            "part": np.floor(atoms.share[cut] * 1000 + _HAIR).astype(int).tolist(),
            "montree": atoms.shown[cut].astype(int).tolist(),
            "fine": thin.astype(int).tolist(),
            "contour": encode_shapes(shapes),
        },
        "dessins": [
            {
                "structure": line.structure,
                "nature": line.nature,
                "etat": line.state,
                "nombre": line.count,
                "contour": line.lines,
            }
            for line in drawn_lines(scope.coverage.study, _grounds(scope))
        ],
    }


def _grounds(scope: Scope) -> list[object]:
    """Return boxes around the régions shown: what touches none of them is left out."""
    shapes: NDArray[Any] = scope.shapes
    return [
        shapely.box(*shapely.total_bounds(shapes[scope.regions == region]))
        for region in sorted(set(scope.regions.tolist()))
        if not shapely.is_missing(shapes[scope.regions == region]).all()
    ]

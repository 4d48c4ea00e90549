"""Perimeters drawn as polygons that count in the year, as lines over the map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from coverage.model import NATURES
from coverage.perimeters import active_posts
from maps.encoding import SCALE, encode_shapes
from maps.parameter_lines import STATE_LABELS

if TYPE_CHECKING:
    from collections.abc import Iterable

    import geopandas as gpd
    import pandas as pd

    from coverage.model import Study

VOLET = "facilitateur"
NATURE_NAMES = {
    "principal": "périmètre principal",
    "extension_dotee": "extension dotée d’un poste",
    "extension": "extension",
}


@dataclass(frozen=True)
class DrawnLine:
    """What one structure drew of one nature and state.

    Attributes
    ----------
    count
        Drawings in the lines.
    lines
        Their outlines (see `maps.encoding`).
    """

    structure: str
    nature: str
    state: str
    count: int
    lines: str


def drawn_lines(study: Study, shown: Iterable[object]) -> list[DrawnLine]:
    """Return the drawn perimeters in force that touch what is shown, by name, nature and state.

    Parameters
    ----------
    shown
        Outlines of the régions shown, in WGS84, None where unknown.
    """
    drawn = _in_force(study)
    land = [outline for outline in shown if outline is not None]
    shapely.prepare(land)
    near = [any(shapely.intersects(outline, shape) for outline in land) for shape in drawn.geometry]
    drawn = drawn[np.array(near, dtype=bool)]
    names = study.structures["nom"]
    drawn = drawn.assign(name=drawn["structure_id"].map(names), rank=_ranks(drawn["nature"]))
    return [
        DrawnLine(
            structure=str(name),
            nature=NATURE_NAMES[NATURES[rank]],
            state=STATE_LABELS.get(state, state),
            count=len(own),
            lines=_lines(own),
        )
        for (name, _, rank, state), own in drawn.groupby(["name", "structure_id", "rank", "etat"])
    ]


def _in_force(study: Study) -> gpd.GeoDataFrame:
    posts = active_posts(study)
    staffed = posts.loc[posts["volet"] == VOLET, "structure_id"].unique()
    drawn = study.drawn
    counted = (
        (drawn["volet"] == VOLET)
        & drawn["etat"].isin(study.parameters.etats_perimetres)
        & drawn["structure_id"].isin(staffed)
    )
    in_force: gpd.GeoDataFrame = drawn[counted]
    return in_force


def _ranks(natures: pd.Series) -> list[int]:
    return [NATURES.index(nature) for nature in natures]


def _lines(drawn: gpd.GeoDataFrame) -> str:
    """Return the outlines of drawings, whatever the order of their rows."""
    shapes = drawn.geometry.to_numpy()
    shapes = shapely.simplify(shapes[np.argsort(shapely.to_wkb(shapes))], 1 / SCALE)
    return encode_shapes([shapely.multipolygons(shapely.get_parts(shapes))])[0]

"""What the perimeters of a volet reach: units whole by codes, whole or in part by drawings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from coverage.model import NATURES
from coverage.perimeters import perimeter_units
from geo.cutting import overlaps
from geo.errors import Notice

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from coverage.model import Study
    from geo.territory import Territory

SHARE_OF_NOTE = 0.01
"""The method's ε: a share of a commune under it is left out of account."""

PLANAR = ("piece", "plane", "land", "ground")
"""What is kept of each overlap to cut the unit."""

DRAWN_FILE = "perimetres (dessins)"


@dataclass(frozen=True)
class Reach:
    """Perimeters of a volet, repeats merged, the strongest nature kept.

    Attributes
    ----------
    links
        Whole units: columns `unit` (int32 unit row), `structure_id`, `nature` (position in
        `NATURES`), sorted by unit then structure, one row a (unit, structure).
    cuts
        Parts of units: the same columns and `piece`, `plane`, `land`, `ground` (as
        `geo.cutting.Overlaps`), sorted by unit, structure, nature. None is weaker than the link
        of its unit.
    warnings
        Drawings that reach nothing.
    """

    links: pd.DataFrame
    cuts: pd.DataFrame
    warnings: tuple[Notice, ...] = ()


def build_reach(study: Study, territory: Territory, posts: pd.DataFrame, *, volet: str) -> Reach:
    """Return what the perimeters of a volet reach, those of staffed structures alone.

    Drawings of one (structure, nature) are united first. With f their share of a unit and ε =
    1 %: f ≤ ε is none of it, f ≥ 1 − ε all, between they cut it (method, section 3).

    Parameters
    ----------
    posts
        Active posts: only the perimeters of structures that have one of the volet are in force.

    Raises
    ------
    UnknownCodeError
        When a code is unknown; the study reader has normally refused it before.
    """
    staffed = posts.loc[posts["volet"] == volet, "structure_id"].unique()
    links = perimeter_units(study, territory, volet=volet)
    links = links[links["structure_id"].isin(staffed)]
    drawn = study.drawn
    drawn = drawn[
        (drawn["volet"] == volet)
        & drawn["etat"].isin(study.parameters.etats_perimetres)
        & drawn["structure_id"].isin(staffed)
    ]
    if drawn.empty:
        return Reach(links.reset_index(drop=True), _no_cut())
    return _reached(links, *_united(drawn), territory)


def reach_of(shape: shapely.Geometry, territory: Territory) -> Reach:
    """Return what a drawing reaches by itself, as the only perimeter of a structure would.

    Parameters
    ----------
    shape
        Valid, in WGS84.
    """
    owners = pd.DataFrame({"structure_id": [""], "nature": [0]})
    none = pd.DataFrame({"unit": np.empty(0, np.int32), "structure_id": [], "nature": []})
    return _reached(none, owners, np.array([shapely.union_all([shape])]), territory)


def _reached(
    links: pd.DataFrame, owners: pd.DataFrame, shapes: NDArray[np.object_], territory: Territory
) -> Reach:
    """Add to whole units what drawings reach, as `_united` gives them."""
    found = overlaps(
        territory.units.geometry.to_numpy(),
        shapes,
        territory.units["departement"].to_numpy(dtype=str),
    )
    table = pd.DataFrame(
        {
            "unit": found.unit.astype(np.int32),
            "structure_id": owners["structure_id"].to_numpy(dtype=object)[found.drawing],
            "nature": owners["nature"].to_numpy(dtype=np.int8)[found.drawing],
            "share": found.share,
            **{name: getattr(found, name) for name in PLANAR},
        }
    )
    whole = table["share"] >= 1 - SHARE_OF_NOTE
    some = (table["share"] > SHARE_OF_NOTE) & ~whole
    links = _strongest([links, table.loc[whole, ["unit", "structure_id", "nature"]]])
    cuts = _stronger(table[some].drop(columns="share"), links)
    reached = np.isin(np.arange(len(owners)), found.drawing[found.share > SHARE_OF_NOTE])
    return Reach(links, cuts, _lost(owners[~reached]))


def _no_cut() -> pd.DataFrame:
    return pd.DataFrame({name: [] for name in ("unit", "structure_id", "nature", *PLANAR)})


def _united(drawn: gpd.GeoDataFrame) -> tuple[pd.DataFrame, NDArray[np.object_]]:
    """Return each (structure, nature) in order and the union of its drawings, in WGS84."""
    ranked = drawn.assign(nature=drawn["nature"].map(NATURES.index))
    groups = ranked.groupby(["structure_id", "nature"], sort=True)
    owners = pd.DataFrame([key for key, _ in groups], columns=["structure_id", "nature"])
    shapes = np.empty(len(owners), dtype=object)
    for row, (_, group) in enumerate(groups):
        own = group.geometry.to_numpy()
        shapes[row] = shapely.union_all(own[np.argsort(shapely.to_wkb(own))])
    return owners, shapes


def _strongest(tables: list[pd.DataFrame]) -> pd.DataFrame:
    links = pd.concat(tables).sort_values(["unit", "structure_id", "nature"], kind="stable")
    return links.drop_duplicates(["unit", "structure_id"], ignore_index=True)


def _stronger(cuts: pd.DataFrame, links: pd.DataFrame) -> pd.DataFrame:
    """Keep the cuts that add to the link their structure has on the whole unit."""
    both = cuts.merge(
        links, on=["unit", "structure_id"], how="left", suffixes=("", "_whole"), validate="m:1"
    )
    adds = both["nature_whole"].isna() | (both["nature"] < both["nature_whole"])
    kept = both[adds].drop(columns="nature_whole")
    return kept.sort_values(["unit", "structure_id", "nature"], ignore_index=True)


def _lost(owners: pd.DataFrame) -> tuple[Notice, ...]:
    return tuple(
        Notice(
            DRAWN_FILE,
            0,
            "geometrie",
            f"le dessin de « {structure} » ({NATURES[nature]}) couvre au plus 1 % de "
            "chaque commune qu’il touche : il ne compte pour aucune",
            "vérifier sa place et sa taille, ou déclarer la commune par son code",
        )
        for structure, nature in zip(owners["structure_id"], owners["nature"], strict=True)
    )

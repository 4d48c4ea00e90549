"""Assemble the territory from the code tables and the boundaries: pure functions over frames."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from data.reference.code_tables import ARRONDISSEMENT_MUNICIPAL, COMMUNE
from geo.borders import shared_borders
from geo.crs import WGS84_EPSG, geodesic_area_km2
from geo.territory import CODE_POSTAL

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from data.reference.boundaries import Boundaries
    from data.reference.code_tables import Cog

_LEVELS = ("epci", "ept", "arrondissement", "departement", "region")


def assemble_units(cog: Cog, boundaries: Boundaries) -> gpd.GeoDataFrame:
    """Return the units of `geo.territory.Territory`, geometries cleaned into one coverage."""
    table = cog.communes
    arrondissements = table["kind"] == ARRONDISSEMENT_MUNICIPAL
    split = set(table.loc[arrondissements, "parent"])
    kept = arrondissements | ((table["kind"] == COMMUNE) & ~table["code"].isin(split))
    units = table[kept].set_index("code").sort_index()
    shapes = _clean(_shapes(boundaries).reindex(units.index).to_numpy(dtype=object))
    return gpd.GeoDataFrame(
        {
            "name": units["nom"],
            **{column: units[column] for column in ("departement", "region", "epci", "ept")},
            "arrondissement": units["arrondissement"],
            "population": units["population"],
            "area_km2": geodesic_area_km2(shapes),
        },
        geometry=shapes,
        crs=WGS84_EPSG,
    )


def assemble_codes(units: gpd.GeoDataFrame, cog: Cog, boundaries: Boundaries) -> pd.DataFrame:
    """Return what every code means.

    Returns
    -------
    pandas.DataFrame
        Columns `niveau`, `code`, `name` and `row` (unit row, int32): one row for each unit that
        a code holds, sorted.
    """
    rows = pd.Series(np.arange(len(units), dtype=np.int32), index=units.index)
    named = [
        pd.DataFrame({"niveau": level, "code": units[level].to_numpy(), "row": rows.to_numpy()})
        for level in _LEVELS
    ]
    for frame, level in zip(named, _LEVELS, strict=True):
        frame["name"] = frame["code"].map(dict(cog.names[level]))
    belongs = pd.concat(
        [*named, *_municipal(cog, rows), _recent_epci(rows, cog, boundaries), _postal(cog, rows)],
        ignore_index=True,
    )
    belongs = belongs[belongs["code"] != ""].drop_duplicates(["niveau", "code", "row"])
    columns = ["niveau", "code", "name", "row"]
    return belongs[columns].sort_values(["niveau", "code", "row"], ignore_index=True)


def assemble_borders(
    units: gpd.GeoDataFrame,
) -> tuple[pd.DataFrame, gpd.GeoDataFrame]:
    """Return the shared borders of the units, and the holes of the base map with their région.

    A hole goes to the région that it has most border with.
    """
    shapes = units.geometry.to_numpy(dtype=object)
    holes = _holes(shapes)
    borders = shared_borders(np.concatenate([shapes, holes]))
    around = borders[borders["right"] >= len(units)].copy()
    around["region"] = units["region"].to_numpy()[around["left"]]
    shares = around.groupby(["right", "region"])["length_m"].sum().reset_index()
    widest = shares.sort_values(["right", "length_m"]).groupby("right")["region"].last()
    regions = widest.reindex(len(units) + np.arange(len(holes)), fill_value="")
    frame = gpd.GeoDataFrame(
        {"region": regions.to_numpy(), "area_km2": geodesic_area_km2(holes)},
        geometry=holes,
        crs=WGS84_EPSG,
    )
    between = borders[borders["right"] < len(units)].reset_index(drop=True)
    return between, frame.sort_values(["region", "area_km2"], ignore_index=True)


def _shapes(boundaries: Boundaries) -> pd.Series:
    """Return the raw geometry of each commune and arrondissement municipal, by code.

    A commune without one takes the union of its communes déléguées, if all of them have theirs.
    """
    table = boundaries.communes
    own = table[table["parent"].eq("") | table["kind"].eq("ARM")]
    shapes = own.set_index("code")["geometry"].copy()
    parts = table[table["kind"] == "COMD"].groupby("parent")["geometry"]
    for code in shapes.index[shapes.isna()].intersection(list(parts.groups)):
        deleguees = parts.get_group(code).to_numpy(dtype=object)
        if not shapely.is_missing(deleguees).any():
            shapes[code] = shapely.union_all(deleguees)
    return shapes


def _clean(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return polygons whose common borders have the same vertices on both sides."""
    known = ~pd.isna(shapes)
    cleaned = np.full(len(shapes), None, dtype=object)
    cleaned[known] = shapely.coverage_clean(shapes[known])
    return cleaned


def _holes(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return what the land surrounds without holding it: no unit there."""
    land = shapely.get_parts(shapely.coverage_union_all(shapes[~shapely.is_missing(shapes)]))
    rings, part = shapely.get_rings(land, return_index=True)
    inner = np.append(False, part[1:] == part[:-1])
    holes = shapely.polygons(rings[inner])
    tree = shapely.STRtree(land)
    for number, hole in enumerate(holes):
        islands = tree.query(hole, predicate="contains")
        if len(islands):
            holes[number] = shapely.difference(hole, shapely.union_all(land[islands]))
    kept: NDArray[np.object_] = holes
    return kept


def _municipal(cog: Cog, rows: pd.Series) -> list[pd.DataFrame]:
    """Return what codes mean at level `commune`, and arrondissements municipaux at theirs."""
    table = cog.communes
    communes = table[table["kind"] == COMMUNE]
    municipal = table[table["kind"] == ARRONDISSEMENT_MUNICIPAL]
    former = table[~table["kind"].isin([COMMUNE, ARRONDISSEMENT_MUNICIPAL])]
    former = former[~former["code"].isin(communes["code"])]
    whole = communes[communes["code"].isin(rows.index)]
    city = municipal["parent"].map(dict(zip(communes["code"], communes["nom"], strict=True)))
    return [
        _belongs("commune", whole["code"], whole["nom"], whole["code"], rows),
        _belongs("commune", municipal["code"], municipal["nom"], municipal["code"], rows),
        _belongs("commune", municipal["parent"], city, municipal["code"], rows),
        _belongs("commune", former["code"], former["nom"], former["parent"], rows),
        _belongs("arrondissement", municipal["code"], municipal["nom"], municipal["code"], rows),
    ]


def _recent_epci(rows: pd.Series, cog: Cog, boundaries: Boundaries) -> pd.DataFrame:
    """Return the members of the EPCI that only the boundaries know."""
    table = boundaries.communes
    recent = table[~table["epci"].isin(["", *cog.names["epci"]]) & table["code"].isin(rows.index)]
    names = recent["epci"].map(boundaries.epci_names)
    return _belongs("epci", recent["epci"], names, recent["code"], rows)


def _postal(cog: Cog, rows: pd.Series) -> pd.DataFrame:
    """Return the units of each postal code; a whole city has those of its arrondissements."""
    table = cog.communes[
        cog.communes["kind"].isin([COMMUNE, ARRONDISSEMENT_MUNICIPAL])
        & cog.communes["code"].isin(rows.index)
    ]
    pairs = table.assign(postal=table["postal"].str.split("|")).explode("postal")
    return _belongs(CODE_POSTAL, pairs["postal"], pairs["postal"], pairs["code"], rows)


def _belongs(
    level: str, codes: pd.Series, names: pd.Series, units: pd.Series, rows: pd.Series
) -> pd.DataFrame:
    row = rows.reindex(units.to_numpy()).to_numpy()
    return pd.DataFrame(
        {"niveau": level, "code": codes.to_numpy(), "name": names.to_numpy(), "row": row}
    )

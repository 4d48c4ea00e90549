"""Compare the computation with the obvious geopandas pipeline, a third of the structures drawn.

Both start from the same territory and the same perimeters in memory and end with the zones and
their outlines. The obvious way knows neither need nor capacity: it lays every perimeter over every
commune for the shares of each structure (`overlay`), takes from the communes what is covered
and what principal perimeters cover (`difference`), and dissolves what is covered, limitrophe
and uncovered by région. Ours does all of the method. Then the number of structures doubles.

Usage: python benchmarks/drawn.py [RUNS]
"""

from __future__ import annotations

import os
import platform
import random
import statistics
import sys
import time
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from coverage.frames import drawn_frame
from coverage.model import Study
from coverage.parameters import CLASSES, Parameters
from coverage.shapes import is_cut, zone_shapes
from coverage.study import compute
from data.reference.territory import load_territory

if TYPE_CHECKING:
    from collections.abc import Callable

    from geo.territory import Territory

STRUCTURES = 600
CODED_EPCI, DRAWN_EPCI = 7, 3
"""EPCI of a perimeter given by codes, and under a drawn one: some 118,000 whole communes and
10,000 crossings in all."""
SEED = 20231


def make_study(territory: Territory, count: int, rng: random.Random) -> Study:
    """Return a study of `count` structures over neighbouring EPCI; one in three is drawn.

    A drawing goes round the middles of the EPCI's communes, as a quick hand does, a kilometre
    to three outside: it crosses the communes of the edge.
    """
    codes = [code for code, rows in territory.members["epci"].items() if len(rows) > 1]
    units = territory.units
    x, y = shapely.get_x(c := shapely.centroid(units.geometry.to_numpy())), shapely.get_y(c)
    middle = {code: (x[rows].mean(), y[rows].mean()) for code, rows in _epci(territory, codes)}
    perimeters, drawings = [], []
    for number in range(count):
        name = f"S{number:04d}"
        first = rng.choice(codes)
        held = _nearest(middle, first, CODED_EPCI if number % 3 else DRAWN_EPCI)
        nature = "principal" if number % 4 else "extension"
        if number % 3:
            perimeters += [_perimeter(name, nature, code) for code in held]
        else:
            drawings.append(_drawing(name, nature, held, territory, rng))
    return Study(
        name="Mesure",
        year=2023,
        regions=(),
        parameters=Parameters(),
        structures=_structures(count),
        posts=_posts(count),
        perimeters=pd.DataFrame(perimeters).assign(row=2),
        drawn=drawn_frame(pd.DataFrame(drawings).to_dict("list")),
        needs=_needs(territory, rng),
        exhaustiveness=pd.DataFrame(
            {name: [] for name in ("donneur_ordre", "source", "region", "departement")}
        ),
    )


def _epci(territory: Territory, codes: list[str]) -> list[tuple[str, Any]]:
    return [(code, territory.members["epci"][code]) for code in codes]


def _nearest(middle: dict[str, tuple[float, float]], first: str, count: int) -> list[str]:
    lon, lat = middle[first]
    by_distance = sorted(
        middle, key=lambda c: (middle[c][0] - lon) ** 2 + (middle[c][1] - lat) ** 2
    )
    return by_distance[:count]


def _perimeter(name: str, nature: str, code: str) -> dict[str, Any]:
    return {
        "structure_id": name,
        "volet": "facilitateur",
        "nature": nature,
        "niveau": "epci",
        "code": code,
        "etat": "valide",
    }


def _drawing(
    name: str, nature: str, held: list[str], territory: Territory, rng: random.Random
) -> dict[str, Any]:
    rows = np.concatenate([territory.members["epci"][code] for code in held])
    shapes = [s for s in territory.units.geometry.to_numpy()[rows] if s is not None]
    outline = shapely.convex_hull(shapely.multipoints(shapely.centroid(shapes)))
    moved = shapely.buffer(outline, rng.choice((0.01, 0.02, 0.03)), quad_segs=4)
    return {
        "file": "perimetres.gpkg",
        "row": 1,
        "structure_id": name,
        "volet": "facilitateur",
        "nature": nature,
        "etat": "valide",
        "geometry": shapely.make_valid(moved),
    }


def _structures(count: int) -> pd.DataFrame:
    names = [f"S{number:04d}" for number in range(count)]
    return pd.DataFrame(
        {
            "nom": names,
            "siret": "",
            "statut_juridique": "",
            "heures_par_etp": pd.array([None] * count, dtype="Int64"),
            "lon": np.nan,
            "lat": np.nan,
        },
        index=pd.Index(names, name="structure_id"),
    )


def _posts(count: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "poste_id": "",
            "structure_id": [f"S{number:04d}" for number in range(count)],
            "volet": "facilitateur",
            "etp": [Fraction(1 + number % 4, 2) for number in range(count)],
            "donneurs_ordre": [CLASSES] * count,
            "financement": "socle",
            "debut": None,
            "fin": None,
            "row": 2,
        }
    )


def _needs(territory: Territory, rng: random.Random) -> pd.DataFrame:
    people = territory.population.tolist()
    rows = [
        (code, class_, round(number * rng.uniform(0.02, 0.2), 1))
        for code, number in zip(territory.codes, people, strict=True)
        for class_ in ("etat", "collectivites")
    ]
    needs = pd.DataFrame(rows, columns=["commune", "donneur_ordre", "heures"])
    return needs.assign(annee=0, programme="", source="mesure", row=2)


def ours(study: Study, territory: Territory) -> tuple[float, float, str]:
    """Return the seconds of the whole method, of the zones' outlines, and what was made."""
    start = time.perf_counter()
    coverage = compute(study, territory)
    middle = time.perf_counter()
    zone_shapes(coverage)
    end = time.perf_counter()
    cut = is_cut(coverage.atoms)
    made = (
        f"{int(cut.sum())} parts of {coverage.atoms.table['unit'][cut].nunique()} cut communes, "
        f"{len(coverage.zones)} zones"
    )
    return middle - start, end - middle, made


def obvious(study: Study, territory: Territory) -> dict[str, float]:
    """Return the seconds of each step of the obvious pipeline, all perimeters as polygons."""
    units = gpd.GeoDataFrame(
        {"code": territory.codes, "region": territory.units["region"].to_numpy()},
        geometry=territory.units.geometry.to_numpy(),
        crs=4326,
    )
    units = units[units.geometry.notna()].to_crs(2154)
    perimeters = _as_polygons(study, territory).to_crs(2154)
    principal = perimeters["nature"] == "principal"
    seconds = {"overlay": 0.0, "difference": 0.0, "dissolve": 0.0}

    def timed(step: str, work: Callable[[], gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
        mark = time.perf_counter()
        done = work()
        seconds[step] += time.perf_counter() - mark
        return done

    def laid(
        over: gpd.GeoDataFrame, how: str, ground: gpd.GeoDataFrame = units
    ) -> gpd.GeoDataFrame:
        step = "difference" if how == "difference" else "overlay"
        return timed(step, partial(ground.overlay, over, how=how, keep_geom_type=True))

    shares = laid(perimeters, "intersection")
    free = laid(perimeters, "difference")
    not_principal = laid(perimeters[principal], "difference")
    limitrophe = laid(perimeters[~principal], "intersection", not_principal)
    for ground in (shares[shares["nature"] == "principal"], limitrophe, free):
        timed("dissolve", lambda own=ground: own.dissolve("region").explode())  # type: ignore[misc]
    return seconds


def _as_polygons(study: Study, territory: Territory) -> gpd.GeoDataFrame:
    """Return every perimeter as a polygon, as one gets them from a map."""
    shapes = territory.units.geometry.to_numpy()
    filed = study.perimeters
    records = [
        {
            "nature": nature,
            "geometry": shapely.coverage_union_all(
                [s for code in codes for s in shapes[territory.resolve("epci", code)] if s]
            ),
        }
        for (_, nature), codes in filed.groupby(["structure_id", "nature"])["code"]
    ]
    coded = gpd.GeoDataFrame(records, crs=4326)
    return pd.concat([coded, study.drawn[["nature", "geometry"]]], ignore_index=True)


def main() -> None:
    """Run and print."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    territory = load_territory()
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    whole = {}
    for count in (STRUCTURES, 2 * STRUCTURES):
        study = make_study(territory, count, random.Random(SEED))  # noqa: S311 - no secret
        timed = [ours(study, territory) for _ in range(runs + 1)][1:]
        method, outlines = (statistics.median(t[k] for t in timed) for k in (0, 1))
        whole[count] = method + outlines
        print(f"{count} structures, {len(study.drawn)} drawn; {timed[0][2]}; median of {runs}")
        print(f"  the method {method:.2f} s, zone outlines {outlines:.2f} s")
        if count == STRUCTURES:
            steps = obvious(study, territory)
            total = sum(steps.values())
            listed = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in steps.items())
            print(f"  the obvious pipeline {total:.1f} s ({listed}), once")
            print(f"  ratio {total / whole[count]:.1f}, outlines included")
    twice = whole[2 * STRUCTURES] / whole[STRUCTURES]
    print(f"twice the structures: {twice:.2f} times the seconds")


if __name__ == "__main__":
    main()

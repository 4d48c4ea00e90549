"""Small coverages: every status, hostile names, a hole, a commune without contour; drawings."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import geopandas as gpd
from builders import (
    CELL_DEG,
    drawn,
    exhaustive,
    grid_territory,
    make_study,
    need,
    perimeter,
    post,
)
from shapely import Point, Polygon, box

from coverage.parameters import CLASSES
from coverage.study import compute
from geo.errors import Notice

if TYPE_CHECKING:
    from coverage.model import Coverage, Study
    from geo.territory import Territory

HOSTILE = """</script><script>window.perdu = 1</script><img src=x onerror="window.perdu=1">'"&"""
WITHOUT_SHAPE = "02009"
MIXED = "01001"
UNKNOWN_NEED = "02006"
NO_NEED = "01007"
CUT = "01003"
"""In a drawn study: its west is covered, its east is not."""

PARTS_ONLY = "32-limitrophe-02001"
"""In a drawn study: a zone of parts of four communes, none of which shows it."""


def fake_territory(*, overseas: bool = False) -> Territory:
    """Return 6 columns of 3 communes: départements 01 (région 84) and 02 (région 32).

    Parameters
    ----------
    overseas
        Whether the second région is called Guadeloupe and lies elsewhere.
    """
    territory = grid_territory(
        6, 3, departements=("01", "01", "01", "02"), without_geometry=(WITHOUT_SHAPE,)
    )
    units = territory.units.copy()
    # Corners are sums of floats: neighbours share them once rounded alike.
    units["geometry"] = units["geometry"].set_precision(1e-6)
    units.loc["01002", "name"] = HOSTILE
    units.loc["02001", "name"] = "Saint-Étienne-d’Œuf"
    members, names = dict(territory.members), dict(territory.names)
    if overseas:
        far = units["region"] == "32"
        units.loc[far, "geometry"] = units.loc[far, "geometry"].translate(xoff=-60, yoff=-30)
        units.loc[far, "region"] = "01"
        members["region"] = {"01": members["region"]["32"], "84": members["region"]["84"]}
        names["region"] = {"01": "Guadeloupe", "84": names["region"]["84"]}
    holes = gpd.GeoDataFrame(
        {"region": ["84"], "area_km2": [0.8]},
        geometry=[box(3 - CELL_DEG, 46, 3, 46 + CELL_DEG)],
        crs="EPSG:4326",
    )
    return replace(territory, units=units, members=members, names=names, holes=holes)


def fake_study(*, regions: tuple[str, ...] = (), fictional: bool = False) -> Study:
    """Return a study in which the columns, west to east, have each another status."""
    column = {
        "enough": ["01001", "01004"],
        "short": ["01002", "01005", "01008"],
        "extension": ["01003", "01006", "01009"],
        "bare": ["02001", "02004", "02007"],
        "unmeasured": ["02002", "02005", "02008"],
    }
    posts = [post("A", 2), post("B", 1), post("C", "1/2")]
    perimeters = [
        *(perimeter("A", code) for code in (*column["enough"], NO_NEED)),
        *(perimeter("B", code) for code in column["short"]),
        *(perimeter("B", code, "extension") for code in column["extension"]),
        *(perimeter("C", code) for code in column["unmeasured"]),
    ]
    hours = {"enough": 9_000, "short": 60_000, "extension": 2_000, "bare": 4_000}
    needs = [need(code, asked, "etat") for name, asked in hours.items() for code in column[name]]
    study = make_study(
        posts,
        perimeters,
        needs,
        regions=regions,
        exhaustiveness=[exhaustive(name, departement="01") for name in CLASSES],
    )
    named = study.structures.assign(nom=[HOSTILE, "Maison de l’emploi", "Plie du Centre"])
    return replace(
        study,
        name="Étude d’essai",
        structures=named,
        fictional=fictional,
        warnings=(Notice("postes.csv", 3, "etp", f"un nom piégé {HOSTILE}"),),
    )


def fake_coverage(
    *, regions: tuple[str, ...] = (), fictional: bool = False, overseas: bool = False
) -> Coverage:
    """Return the coverage of `fake_study`, one commune made `mixte`."""
    study = fake_study(regions=regions, fictional=fictional)
    coverage = compute(study, fake_territory(overseas=overseas))
    communes = coverage.communes.copy()
    communes.loc[MIXED, ["part_principale", "part_extension", "part_non_couverte"]] = (0.7, 0, 0.3)
    communes.loc[MIXED, "mixte"] = True
    return replace(coverage, communes=communes)


def drawn_study(*, regions: tuple[str, ...] = ()) -> Study:
    """Return a study of two drawings that count: a slanted border, a disc over four corners."""
    slanted = Polygon([(2.9, 45.95), (3.017, 45.95), (3.026, 46.05), (2.9, 46.05)])
    corner = Point(3 + 4 * CELL_DEG, 46 + CELL_DEG)
    study = make_study(
        [post("A", 2), post("B", 1)],
        [perimeter("A", "01001")],
        [need(code, 4_000, "etat") for code in fake_territory().codes],
        shapes=[
            drawn("A", slanted),
            drawn("B", corner.buffer(0.4 * CELL_DEG), "extension"),
            drawn("B", box(3, 46, 3.03, 46.03), etat="conteste"),
            drawn("Without post", box(3, 46, 3.03, 46.03)),
        ],
        regions=regions,
    )
    named = study.structures.assign(nom=["Maison de l’emploi", HOSTILE, "Sans poste"])
    return replace(study, name="Étude dessinée", structures=named)


def drawn_coverage(*, regions: tuple[str, ...] = ()) -> Coverage:
    """Return the coverage of `drawn_study`."""
    return compute(drawn_study(regions=regions), fake_territory())

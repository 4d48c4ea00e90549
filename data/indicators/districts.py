"""Quartiers prioritaires (QPV) drawn as polygons, spread exactly over the communes they span.

What is spread is their population when the layer has it, else their surface. Weights are the areas
of each district in each commune, in the legal projection of the place, in whole square
millimetres; shares are whole by largest remainder, so that sums in are sums out.

The communes that the list of the district names are believed first: contours are rounded, and a
sliver of a few metres in a neighbour is no part of the policy there. Where the polygon touches
none of them, its place on the map stands when most of it is in communes, else the list does.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from coverage.rounding import largest_remainder
from data.indicators.communes import COMMUNE
from data.indicators.layers import read_layer
from data.indicators.placing import indicator_frame
from data.indicators.public_tables import fault, listed, warning
from data.study.faults import Findings, count
from geo.crs import legal_epsg
from geo.cutting import overlaps
from geo.planes import to_plane, with_short_edges

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from data.indicators.communes import Read
    from data.indicators.layers import PublicLayer
    from geo.territory import Territory

LABEL = "les contours des quartiers prioritaires (ANCT)"
CODE = "code_qp"
POPULATION_NAMES = ("population", "pop_mun", "pop_qpv", "pop_municipale", "pmun", "pop")
"""Attributes that may hold the inhabitants of a district."""

POPULATION = "population_qpv"
SURFACE = "surface_qpv_m2"
_MM2 = 1_000_000


@dataclass(frozen=True)
class _District:
    """One district.

    Attributes
    ----------
    named
        Unit rows of the communes that its list names, those of today.
    unknown
        Codes of the list that no commune bears.
    population
        None when unknown.
    """

    code: str
    shape: shapely.Geometry
    named: tuple[int, ...]
    unknown: tuple[str, ...]
    population: int | None


def read_districts(path: Path, territory: Territory) -> Read:
    """Return `population_qpv`, or `surface_qpv_m2` when the layer knows no population."""
    layer, findings = read_layer(path)
    if layer is None:
        return indicator_frame(), None, findings
    if CODE not in layer.attributes.columns:
        told = fault(
            path,
            f"attribut « {CODE} » absent ; trouvé : {listed(map(str, layer.attributes.columns))}",
        )
        return indicator_frame(), layer.entry, findings + told
    peopled = next((name for name in POPULATION_NAMES if name in layer.attributes), "")
    districts, found = _districts(layer, territory, peopled)
    findings += found
    held = _held(districts, territory)
    totals: dict[str, int] = defaultdict(int)
    places = []
    for district, touched in zip(districts, held, strict=True):
        weights, how = _weights(district, touched, territory)
        places.append(how)
        value = district.population if peopled else _surface_m2(district, weights, territory)
        if value is None or not weights:
            continue
        units = sorted(weights)
        for unit, part in zip(
            units, largest_remainder(value, [weights[unit] for unit in units]), strict=True
        ):
            totals[str(territory.codes[unit])] += part
    name = POPULATION if peopled else SURFACE
    rows = ((code, name, float(value), layer.file) for code, value in totals.items())
    return indicator_frame(rows), layer.entry, findings + _told(districts, places, layer, peopled)


def codes_of(text: str) -> list[str]:
    """Return the codes of a list in one cell.

    >>> codes_of("02571, 02691")
    ['02571', '02691']
    """
    return re.findall(r"[0-9AB]+", text.upper())


def _districts(
    layer: PublicLayer, territory: Territory, peopled: str
) -> tuple[list[_District], Findings]:
    """Return each district once, by code; a code drawn twice is the union of its parts."""
    members = territory.members["commune"]
    listing = next((name for name in COMMUNE if name in layer.attributes), "")
    parts: dict[str, list[int]] = defaultdict(list)
    codes = layer.attributes[CODE].fillna("").astype("str").tolist()
    for at, code in enumerate(codes):
        if layer.shapes[at] is not None:
            parts[code].append(at)
    districts = []
    for code in sorted(parts):
        own = parts[code]
        texts = [layer.attributes[listing].iloc[at] for at in own] if listing else []
        named = [each for text in texts for each in codes_of(str(text))]
        units = {int(unit) for each in named for unit in members.get(each, ())}
        districts.append(
            _District(
                code,
                layer.shapes[own[0]] if len(own) == 1 else shapely.union_all(layer.shapes[own]),
                tuple(sorted(units)),
                tuple(sorted({each for each in named if each not in members})),
                _people(layer, peopled, own[0]),
            )
        )
    again = len(codes) - len(districts) - int(shapely.is_missing(layer.shapes).sum())
    if not again:
        return districts, Findings()
    message = f"{count(again, 'élément')} au code déjà lu : leurs surfaces sont réunies"
    return districts, warning(layer.file, CODE, message, "rien à faire")


def _people(layer: PublicLayer, peopled: str, at: int) -> int | None:
    text = str(layer.attributes[peopled].iloc[at]).strip() if peopled else ""
    return round(float(text)) if re.fullmatch(r"[0-9]+(\.[0-9]+)?", text) else None


def _held(districts: Sequence[_District], territory: Territory) -> list[dict[int, int]]:
    """Return, for each district, unit row → what of it is there, in whole mm² of the plane."""
    ground = territory.units.geometry.to_numpy(dtype=object)
    departements = territory.units["departement"].to_numpy(dtype="str")
    shapes = np.array([district.shape for district in districts], dtype=object)
    found: list[dict[int, int]] = [{} for _ in districts]
    if not len(shapes):
        return found
    pairs = overlaps(ground, shapes, departements)
    for unit, drawing, piece in zip(
        pairs.unit.tolist(), pairs.drawing.tolist(), pairs.piece, strict=True
    ):
        whole = piece is None
        area = _area_m2(ground[unit], str(departements[unit])) if whole else shapely.area(piece)
        if area > 0:
            found[drawing][unit] = round(float(area) * _MM2)
    return found


def _area_m2(shape: shapely.Geometry, departement: str) -> float:
    plane = to_plane(with_short_edges(np.array([shape], dtype=object)), legal_epsg(departement))
    return float(shapely.area(plane[0]))


def _weights(
    district: _District, touched: dict[int, int], territory: Territory
) -> tuple[dict[int, int], str]:
    """Return unit row → weight, and how the place was told (empty: as its list says)."""
    both = {unit: touched[unit] for unit in district.named if touched.get(unit)}
    if both:
        return both, ""
    # A district in a hole of the base map may graze a neighbour: that is no place.
    if 2 * sum(touched.values()) > _surface_m2(district, touched, territory) * _MM2:
        return {unit: area for unit, area in touched.items() if area}, "carte"
    people = {unit: int(territory.population[unit]) for unit in district.named}
    return people, "liste" if people else "ailleurs"


def _surface_m2(district: _District, weights: dict[int, int], territory: Territory) -> int:
    """Return the whole area of a district, in m² of the legal projection where most of it is.

    0 when it is nowhere.
    """
    if not weights:
        return 0
    main = max(sorted(weights), key=lambda unit: weights[unit])
    departement = str(territory.units["departement"].iloc[main])
    return round(_area_m2(district.shape, departement))


def _told(
    districts: Sequence[_District], places: Sequence[str], layer: PublicLayer, peopled: str
) -> Findings:
    """Tell what was not as the lists say; counts of districts."""

    def of(how: str) -> list[str]:
        return [each.code for each, place in zip(districts, places, strict=True) if place == how]

    elsewhere = of("ailleurs")
    facts = (
        (elsewhere, "hors du territoire étudié, compté à part"),
        (of("carte"), "placé d’après la carte, hors des communes de sa liste"),
        (of("liste"), "placé d’après sa liste, hors de toute commune dessinée"),
        (
            [each.code for each in districts if each.unknown and each.code not in elsewhere],
            "dont la liste nomme une commune inconnue",
        ),
        (
            [each.code for each in districts if peopled and each.population is None],
            "sans population, donc inconnue, ce qui n’est pas zéro",
        ),
    )
    findings = Findings()
    for codes, what in facts:
        if codes:
            message = f"{what} : {count(len(codes), 'quartier')} ({listed(codes)})"
            findings += warning(layer.file, CODE, message, "rien à faire")
    if not peopled:
        message = "aucune population dans la couche : l’indicateur est la surface des quartiers"
        findings += warning(
            layer.file, CODE, message, f"attributs lus : {', '.join(POPULATION_NAMES)}"
        )
    return findings

"""What structures add to the places they hold: extensions, and perimeters not settled yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from data.example.names import short_name
from data.example.network import LEFT_IN_GREATER_PARIS, Perimeter, Sketch

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from data.example.network import Ground

_EXTENDED_SHARE = 0.42
"""Share of the structures that hold places which also extend onto neighbours."""
_ONTO_NOBODY = 0.9
"""Chance that such a structure extends onto places that nobody holds, where there are some."""
_FUNDED = 0.12
"""Chance that an extension onto places that nobody holds came with a post."""
_EXTENSIONS = (2, 5)
"""Least and most places that nobody holds onto which one structure extends."""
_DOUBTS = ("a_confirmer",) * 7 + ("conteste",) * 5
_EMERGING_LEAST_INHABITANTS = 15_000

_EST_ENSEMBLE, _GRAND_PARIS_GRAND_EST = "200057875", "200058790"
_PARIS_OUEST, _BOUCLE_NORD = "200057982", "200057990"


def add_extensions(ground: Ground, sketches: Sequence[Sketch], rng: Random) -> None:
    """Extend some structures onto neighbouring places of their région, in place."""
    covered = held_by(ground, sketches)
    for sketch in sketches:
        near = _near(ground, sketch)
        if not near or rng.random() >= _EXTENDED_SHARE:
            continue
        blank = [code for code in near if code not in covered]
        taken = [code for code in near if code in covered]
        nature = "extension"
        if blank and rng.random() < _ONTO_NOBODY:
            chosen = blank[: rng.randint(*_EXTENSIONS)]
            if rng.random() < _FUNDED:
                nature = "extension_dotee"
        else:
            chosen = taken[:1]
        for code in chosen:
            sketch.perimeters.append(Perimeter(ground.places[code].niveau, code, nature))
    for sketch in sketches:
        if sketch.held[:1] == [_EST_ENSEMBLE]:
            sketch.perimeters.append(Perimeter("ept", _GRAND_PARIS_GRAND_EST, "extension"))
        if sketch.held[:1] == [_PARIS_OUEST]:
            sketch.perimeters.append(Perimeter("ept", _BOUCLE_NORD, etat="a_confirmer"))


def add_doubts(ground: Ground, sketches: Sequence[Sketch], rng: Random) -> None:
    """File some perimeters that are not settled, onto places that nobody holds, in place."""
    covered = held_by(ground, sketches)
    candidates = [
        (sketch, code)
        for sketch in sketches
        for code in _near(ground, sketch)
        if code not in covered and code not in {p.code for p in sketch.perimeters}
    ]
    for etat, (sketch, code) in zip(_DOUBTS, rng.sample(candidates, len(_DOUBTS)), strict=True):
        sketch.perimeters.append(Perimeter(ground.places[code].niveau, code, etat=etat))


def emerging(ground: Ground, sketches: Sequence[Sketch], count: int, rng: Random) -> list[Sketch]:
    """Return structures with a perimeter but no post, where nobody holds anything."""
    covered = held_by(ground, sketches) | LEFT_IN_GREATER_PARIS
    blank = [
        place
        for place in ground.places.values()
        if place.code not in covered and place.population >= _EMERGING_LEAST_INHABITANTS
    ]
    return [
        Sketch(
            "association",
            short_name(place.name),
            place.departement,
            place.region,
            place.seat,
            [place.code],
        )
        for place in sorted(rng.sample(blank, count), key=lambda place: place.code)
    ]


def held_by(ground: Ground, sketches: Sequence[Sketch]) -> set[str]:
    """Return the codes of the places that principal perimeters hold whole."""
    covered = {code for sketch in sketches for code in sketch.held}
    rows: set[int] = set()
    for sketch in sketches:
        for perimeter in sketch.perimeters:
            if perimeter.nature != "extension" and perimeter.etat == "valide":
                rows.update(ground.territory.resolve(perimeter.niveau, perimeter.code).tolist())
    return covered | {p.code for p in ground.places.values() if rows.issuperset(p.rows.tolist())}


def _near(ground: Ground, sketch: Sketch) -> list[str]:
    """Return the EPCI of its région around what a structure holds, nearest to its own first."""
    near = dict.fromkeys(
        other
        for held in sketch.held
        if ground.places[held].niveau == "epci"
        for other in ground.touching[held]
        if other not in sketch.held
        and ground.places[other].niveau == "epci"
        and ground.places[other].region == sketch.region
    )
    return list(near)

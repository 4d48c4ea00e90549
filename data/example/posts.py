"""The posts of the example: how many ETP each structure has, and their ordinary oddities."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from coverage.parameters import CLASSES, STATE_CLASSES

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from random import Random

    from numpy.typing import NDArray

    from data.example.network import Ground, Sketch

TOTAL_ETP = 400
"""Facilitators in force in the year, all structures together."""

_HOURS_PER_TENTH = 3_500
_LEAST_TENTHS = (3, 4, 5, 5)
_ADDED_TENTHS = 5
_STATE_POSTS = 10
_NEW_POSTS = 8
_GROWN_IN_2022 = 36
_ARRIVED, _LEFT = 4, 3
_WITHOUT_PRIVATE, _WITHOUT_STATE = 4, 5
_ENDED_BESIDE = 1
_STATE_UNTIL = "2024-09-30"
_TWO_YEARS_LATER = {
    "2022-07-01": "2024-06-30",
    "2022-09-01": "2024-08-31",
    "2022-11-01": "2024-10-31",
}
"""First day of a post of the 2022 call → its last day, where it was not made to last."""

_LAST_OF_ALL, _LAST_DAY = 3, "2024-12-31"
"""Structures whose only post ends, and when: their territory is then left to nobody."""

_TOWN_MEAN_INHABITANTS = 2_500

_WIDE = frozenset({"departement", "region"})
_WIDE_WEIGHT = 0.4
"""Part of a place's need that falls to a wide structure, beside 1 for each local one."""
_EXTENSION_WEIGHT = 0.25

_EASE = ((0.66, (1.10, 1.45)), (0.14, (0.72, 0.95)), (0.12, (0.40, 0.62)), (0.08, (0.16, 0.31)))
"""(chance, range) of the ratio of capacity to need of a structure; the first is ample."""
_RATIO_OF = {
    "75": 1.2,
    "200057867": 1.2,
    "200057875": 0.9,
    "200058097": 0.27,
    "200057941": 1.25,
    "200058006": 1.15,
    "200058014": 0.55,
    "200057966": 1.2,
    "200057974": 0.85,
    "200057982": 1.2,
}
"""Ratios of Greater Paris, by the place a structure sits in."""


@dataclass(frozen=True, order=True)
class Post:
    """One line of `postes`; `structure` is a position in the list of structures."""

    structure: int
    volet: str
    hundredths: int
    classes: tuple[str, ...] = ()
    financement: str = "socle"
    debut: str = ""
    fin: str = ""


def facilitator_posts(
    ground: Ground, sketches: Sequence[Sketch], hours: NDArray[np.int64], rng: Random
) -> list[Post]:
    """Return the posts in force, `TOTAL_ETP` in all, and some that ended.

    Parameters
    ----------
    hours
        Needs by (unit, class), known or not.
    """
    numbers = range(len(sketches))
    added = [
        Post(k, "facilitateur", 50, STATE_CLASSES, "aap_2022", "2022-10-01", _STATE_UNTIL)
        for k in rng.sample(numbers, _STATE_POSTS)
    ] + [
        Post(k, "facilitateur", 50, (), "aap_2023", rng.choice(("2023-09-01", "2023-10-01")))
        for k in rng.sample(numbers, _NEW_POSTS)
    ]
    ended = [
        Post(k, "facilitateur", 50, (), "socle", "", "2022-12-31")
        for k in rng.sample(numbers, _ENDED_BESIDE)
    ]
    tenths = _tenths(ground, sketches, hours, TOTAL_ETP * 10 - len(added) * _ADDED_TENTHS, rng)
    regular = [_split(number, count, rng) for number, count in enumerate(tenths)]
    _date(regular, rng)
    _limit(regular, _towns(ground, sketches), rng)
    _end(regular, {post.structure for post in added}, rng)
    return [*(post for posts in regular for post in posts), *added, *ended]


def _tenths(
    ground: Ground,
    sketches: Sequence[Sketch],
    hours: NDArray[np.int64],
    total: int,
    rng: Random,
) -> list[int]:
    """Return tenths of ETP by structure, `total` in all: short ones fixed, ample ones scaled."""
    asked = _asked(ground, sketches, hours)
    ratios = [_ratio(sketch, rng) for sketch in sketches]
    leasts = [rng.choice(_LEAST_TENTHS) for _ in sketches]

    def sized(scale: float) -> list[int]:
        return [
            max(
                least,
                int(np.ceil(need * ratio * scale / _HOURS_PER_TENTH))
                if ratio > 1
                else int(need * ratio / _HOURS_PER_TENTH),
            )
            for need, ratio, least in zip(asked, ratios, leasts, strict=True)
        ]

    low, high = 0.2, 5.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if sum(sized(middle)) <= total else (low, middle)
    tenths = sized(low)
    ample = [k for k, ratio in enumerate(ratios) if ratio > 1]
    largest = sorted(ample, key=lambda k: (-tenths[k], k))
    for k in largest[: total - sum(tenths)]:
        tenths[k] += 1
    return tenths


def _asked(ground: Ground, sketches: Sequence[Sketch], hours: NDArray[np.int64]) -> list[float]:
    """Return the hours that fall to each structure, places of several being shared."""
    total = hours.sum(axis=1)
    weights = [_weights(ground, sketch) for sketch in sketches]
    together = np.sum(weights, axis=0)
    return [float((total * w)[w > 0] @ (1 / together[w > 0])) for w in weights]


def _weights(ground: Ground, sketch: Sketch) -> NDArray[np.float64]:
    """Return how much of each unit's need falls to a structure beside others, shape (units,)."""
    own = _WIDE_WEIGHT if sketch.kind in _WIDE else 1.0
    weights = np.zeros(len(ground.territory))
    for perimeter in sketch.perimeters:
        if perimeter.etat == "valide":
            share = _EXTENSION_WEIGHT if perimeter.nature == "extension" else own
            weights[ground.territory.resolve(perimeter.niveau, perimeter.code)] = share
    for code in sketch.held:
        weights[ground.places[code].rows] = own
    return weights


def _ratio(sketch: Sketch, rng: Random) -> float:
    chances = [chance for chance, _ in _EASE]
    low, high = rng.choices([bounds for _, bounds in _EASE], chances)[0]
    drawn = rng.uniform(low, high)
    return _RATIO_OF.get(sketch.held[0], drawn) if sketch.held else drawn


def _split(number: int, tenths: int, rng: Random) -> list[Post]:
    """Return full posts and a remainder; a remainder too small joins a full post cut in two."""
    full, rest = divmod(tenths, 10)
    parts = [100] * full + ([rest * 10] if rest else [])
    if full and 0 < rest < min(_LEAST_TENTHS):
        parts[-2:] = [50, 50 + rest * 10]
    elif full and rng.random() < 0.1:  # noqa: PLR2004 - a post in ten is shared
        parts[:1] = [75, 25]
    return [Post(number, "facilitateur", part) for part in parts]


def _date(posts: list[list[Post]], rng: Random) -> None:
    """Give the last post of some structures dates or another funding, in place."""
    several = [k for k, own in enumerate(posts) if len(own) > 1]
    moved = rng.sample(several, _GROWN_IN_2022 + _ARRIVED + _LEFT)
    for rank, k in enumerate(moved):
        if rank < _GROWN_IN_2022:
            since = rng.choice(("2022-07-01", "2022-09-01", "2022-11-01"))
            until = _TWO_YEARS_LATER[since] if rank % 2 else ""
            changed = replace(posts[k][-1], financement="aap_2022", debut=since, fin=until)
        elif rank < _GROWN_IN_2022 + _ARRIVED:
            changed = replace(posts[k][-1], debut="2023-07-01")
        else:
            changed = replace(posts[k][-1], fin="2023-06-30")
        posts[k][-1] = changed


def _end(posts: list[list[Post]], helped: Collection[int], rng: Random) -> None:
    """Give a last day to the only post of some structures, in place."""
    alone = [k for k, own in enumerate(posts) if len(own) == 1 and k not in helped]
    for k in rng.sample(alone, _LAST_OF_ALL):
        posts[k] = [replace(posts[k][0], fin=_LAST_DAY)]


def _limit(posts: list[list[Post]], towns: list[int], rng: Random) -> None:
    """Withdraw a kind of buyer from all the posts of some structures of towns, in place."""
    public = tuple(class_ for class_ in CLASSES if class_ != "prives")
    local = tuple(class_ for class_ in CLASSES if class_ not in STATE_CLASSES)
    chosen = rng.sample(towns, _WITHOUT_PRIVATE + _WITHOUT_STATE)
    for rank, k in enumerate(chosen):
        classes = public if rank < _WITHOUT_PRIVATE else local
        posts[k] = [replace(post, classes=classes) for post in posts[k]]


def _towns(ground: Ground, sketches: Sequence[Sketch]) -> list[int]:
    """Return the structures that hold one place of fairly large communes, outside Paris."""
    towns = []
    for number, sketch in enumerate(sketches):
        if len(sketch.held) == 1:
            place = ground.places[sketch.held[0]]
            mean = place.population / len(place.rows)
            if mean > _TOWN_MEAN_INHABITANTS and place.niveau == "epci":
                towns.append(number)
    return towns

"""Charts that the server draws: bars of parts, each with its own pattern."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.facts.values import hours_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from api.facts.years import LoadLine, StudyYear, YearLine


@dataclass(frozen=True)
class Segment:
    """One part of a bar: where it begins and how wide it is, in hundredths of the bar."""

    pattern: str
    x: float
    width: float


@dataclass(frozen=True)
class YearBar:
    """The bar of one year, its length in proportion to the other years'.

    Attributes
    ----------
    words
        What a screen reader says of it, and what stands beside the year.
    """

    annee: int
    words: str
    segments: list[Segment]


def bar(parts: Iterable[tuple[str, int]], *, scale: int = 0) -> list[Segment]:
    """Return the segments of a bar, in the order of its parts; empty when they are all nothing.

    Parameters
    ----------
    parts
        Key of the pattern and size of each part.
    scale
        Size of a whole bar; that of the parts together when it is not given.

    Examples
    --------
    >>> [(s.pattern, s.x, s.width) for s in bar([("a", 1), ("b", 0), ("c", 3)])]
    [('a', 0.0, 25.0), ('c', 25.0, 75.0)]
    """
    kept = [(pattern, size) for pattern, size in parts if size]
    whole = scale or sum(size for _, size in kept)
    segments, before = [], 0
    for pattern, size in kept:
        x, end = round(before / whole * 100, 3), round((before + size) / whole * 100, 3)
        segments.append(Segment(pattern, x, round(end - x, 3)))
        before += size
    return segments


def need_bars(years: Sequence[YearLine | StudyYear]) -> list[YearBar]:
    """Return the need of each year, what is served of it apart."""
    scale = max((year.besoin_h or 0 for year in years), default=0)
    return [
        YearBar(
            year.annee,
            "besoin inconnu"
            if year.besoin_h is None
            else f"besoin connu {hours_text(year.besoin_h)}, dont servies {hours_text(served)}",
            bar((("servi", served), ("sans_reponse", (year.besoin_h or 0) - served)), scale=scale),
        )
        for year in years
        for served in (year.servi_h or 0,)
    ]


def load_bars(years: Sequence[LoadLine]) -> list[YearBar]:
    """Return the capacity of a structure in each year, what is at work of it apart."""
    scale = max((year.capacite_h for year in years), default=0)
    return [
        YearBar(
            year.annee,
            f"capacité {hours_text(year.capacite_h)}, dont au travail {hours_text(year.travail_h)}"
            if year.capacite_h
            else "aucun poste en vigueur",
            bar(
                (("travail", year.travail_h), ("libre", year.capacite_h - year.travail_h)),
                scale=scale,
            ),
        )
        for year in years
    ]

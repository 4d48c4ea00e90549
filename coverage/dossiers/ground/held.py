"""The posts that each structure has in force."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from coverage.perimeters import active_posts

if TYPE_CHECKING:
    from datetime import date
    from fractions import Fraction

    from coverage.model import Study


@dataclass(frozen=True)
class HeldPost:
    """A post in force in the study's year.

    Attributes
    ----------
    name
        `poste_id`, empty when it has none.
    begun
        First day, None when it has always been there.
    """

    name: str
    volet: str
    etp: Fraction
    funding: str
    begun: date | None


def held_posts(study: Study) -> dict[str, tuple[HeldPost, ...]]:
    """Return the posts in force by structure, in the order of the table."""
    posts = active_posts(study)
    columns = ("structure_id", "poste_id", "volet", "etp", "financement", "debut")
    found: dict[str, tuple[HeldPost, ...]] = {}
    for structure, *own in zip(*(posts[name].tolist() for name in columns), strict=True):
        found[structure] = (*found.get(structure, ()), HeldPost(*own))
    return found

"""Places that two dossiers speak of, or ask a post for while one is already granted there.

Told, never blocking: neighbours may agree to share a commune.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coverage.dossiers.awards.overlaps import GRANTED, asked_units, principal_units, touching
from coverage.perimeters import active_posts
from coverage.wording import plural, whole
from data.consolidate.model import Told

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    import pandas as pd

    from coverage.dossiers.awards.overlaps import Units
    from coverage.model import Study
    from coverage.proposals.application import Application
    from geo.territory import Territory

_FACILITATOR = "facilitateur"
_MEET = "les deux périmètres sont gardés : la capacité de chacun y compte"
_ASKED = "la candidature est gardée : à l’instruction d’en juger"


@dataclass(frozen=True)
class Joined:
    """The consolidated study, and which dossiers each structure and application comes from."""

    study: Study
    applications: Sequence[Application]
    structures: Mapping[str, Collection[str]]
    candidatures: Mapping[str, Collection[str]]


def overlaps(joined: Joined, territory: Territory) -> list[Told]:
    """Return the overlaps of a consolidated study.

    Of two kinds of places: communes in the principal perimeters in force of two structures of
    different dossiers; communes that an application asks for, already asked by one of another
    dossier, or already in the principal perimeter of a structure that a call granted a post.
    """
    study = joined.study
    posts = active_posts(study)
    held = {_FACILITATOR: principal_units(study, territory, posts)}
    told = _between_structures(joined, held[_FACILITATOR], territory)
    told += _between_applications(joined, territory)
    for volet in ("facilitateur", "coordinateur"):
        if volet not in held:
            held[volet] = principal_units(study, territory, posts, volet=volet)
        told += _over_granted(joined, posts, held[volet], territory, volet)
    return told


def _between_structures(
    joined: Joined, held: Mapping[str, Units], territory: Territory
) -> list[Told]:
    told = []
    for one, other in touching(held):
        mine, theirs = joined.structures[one], joined.structures[other]
        if set(mine) & set(theirs):
            continue
        shared = held[one] & held[other]
        found = (
            f"« {one} » et « {other} » ont l’une et l’autre pour périmètre principal "
            f"{_places(shared, territory)}"
        )
        told.append(_told("perimetres", shared, (*mine, *theirs), found, _MEET, territory))
    return told


def _between_applications(joined: Joined, territory: Territory) -> list[Told]:
    told = []
    for volet in ("facilitateur", "coordinateur"):
        asked = asked_units(joined.applications, volet)
        for one, other in touching(asked):
            mine, theirs = joined.candidatures[one], joined.candidatures[other]
            if set(mine) & set(theirs):
                continue
            shared = asked[one] & asked[other]
            found = (
                f"candidatures « {one} » et « {other} », volet {volet} : elles demandent toutes "
                f"deux {_places(shared, territory)}"
            )
            told.append(_told("candidatures", shared, (*mine, *theirs), found, _ASKED, territory))
    return told


def _over_granted(
    joined: Joined,
    posts: pd.DataFrame,
    held: Mapping[str, Units],
    territory: Territory,
    volet: str,
) -> list[Told]:
    """Tell applications over the principal perimeter of another structure that a call granted."""
    own = posts[(posts["volet"] == volet) & posts["financement"].str.fullmatch(GRANTED.pattern)]
    calls = {
        str(name): sorted(set(group["financement"]))
        for name, group in own.groupby("structure_id", sort=True)
    }
    structure_of = {each.application_id: each.structure_id for each in joined.applications}
    told = []
    for name, units in asked_units(joined.applications, volet).items():
        for structure, granted in calls.items():
            shared = units & held.get(structure, frozenset())
            if not shared or structure == structure_of[name]:
                continue
            found = (
                f"candidature « {name} », volet {volet} : « {structure} », qui a un poste "
                f"{', '.join(granted)}, a déjà pour périmètre principal "
                f"{_places(shared, territory)}"
            )
            labels = (*joined.candidatures[name], *joined.structures[structure])
            told.append(_told("postes", shared, labels, found, _ASKED, territory))
    return told


def _places(units: Units, territory: Territory) -> str:
    people = int(territory.population[np.array(sorted(units), dtype=np.int64)].sum())
    return f"{plural(len(units), 'commune', 'communes')} ({whole(people)} habitants)"


def _told(
    table: str,
    units: Units,
    labels: Collection[str],
    found: str,
    outcome: str,
    territory: Territory,
) -> Told:
    codes = "|".join(str(territory.codes[unit]) for unit in sorted(units))
    return Told("recouvrement", table, codes, tuple(sorted(set(labels))), found, outcome)

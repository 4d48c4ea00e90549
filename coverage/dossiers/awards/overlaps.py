"""Places that two applications ask for, or one asks for where a call already grants a post.

Told, never blocking: neighbours may agree to share a commune.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from coverage.dossiers.awards.awards import awards_of
from coverage.dossiers.awards.results import end_of_year
from coverage.model import NATURES, VOLETS
from coverage.parameters import CLASSES
from coverage.perimeters import active_posts
from coverage.reach import build_reach

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    import pandas as pd

    from coverage.dossiers.awards.awards import Award
    from coverage.model import Coverage, Study
    from coverage.proposals.application import Application, Asked
    from coverage.proposals.model import Call
    from geo.territory import Territory

GRANTED = re.compile(r"aap_\d{4}")
"""Funding (`postes.financement`) of a post that a call pays for."""

BOTH_ASKED, ALREADY_GRANTED, SAME_APPLICATION = KINDS = (
    "deux_demandes",
    "poste_accorde",
    "candidature_conventionnee",
)

Units = frozenset[int]

_PRINCIPAL = [NATURES.index(nature) for nature in ("principal", "extension_dotee")]


@dataclass(frozen=True)
class Overlap:
    """Places spoken of twice, for classes of buyers that both serve.

    Attributes
    ----------
    kind
        One of `KINDS`.
    application_id, structure_id
        Who asks.
    other
        The other application, or the structure that has the post, or the convention.
    other_structure
        Whose it is.
    units
        Sorted unit rows.
    classes
        In the order of `CLASSES`.
    need_hours
        Known need of these classes there.
    """

    kind: str
    volet: str
    application_id: str
    structure_id: str
    other: str
    other_structure: str
    units: tuple[int, ...]
    classes: tuple[str, ...]
    need_hours: int


def find_overlaps(
    coverage: Coverage,
    applications: Sequence[Application],
    call: Call,
    at: date | None = None,
) -> tuple[Overlap, ...]:
    """Return the overlaps of applications with one another and with posts granted, sorted.

    A post is granted when a call pays for it (`financement`) or a convention in force names its
    structure; it works in its structure's principal perimeter.

    Parameters
    ----------
    at
        Day at which conventions are in force: the last of the study's year by default.
    """
    day = end_of_year(coverage.study, at)
    awards = [a for a in awards_of(coverage.study, call) if a.begun <= day <= a.end]
    found: list[Overlap] = []
    for volet in VOLETS:
        asked = {
            each.application_id: (each, own)
            for each in applications
            for own in each.asked
            if own.volet == volet
        }
        found += _between(asked, coverage)
        found += _over_granted(asked, awards, coverage, volet)
    return tuple(sorted(found, key=lambda o: (o.application_id, o.volet, o.kind, o.other)))


def principal_units(
    study: Study, territory: Territory, posts: pd.DataFrame, *, volet: str = "facilitateur"
) -> dict[str, Units]:
    """Return the unit rows in the principal perimeter in force of each structure, even in part.

    Parameters
    ----------
    posts
        Active posts.
    """
    reach = build_reach(study, territory, posts, volet=volet)
    found: defaultdict[str, set[int]] = defaultdict(set)
    for table in (reach.links, reach.cuts):
        own = table[table["nature"].isin(_PRINCIPAL)]
        for structure, units in own.groupby("structure_id")["unit"]:
            found[str(structure)] |= set(units.tolist())
    return {structure: frozenset(units) for structure, units in sorted(found.items())}


def asked_units(applications: Iterable[Application], volet: str) -> dict[str, Units]:
    """Return the unit rows that each application asks for."""
    return {
        each.application_id: frozenset(asked.units)
        for each in applications
        for asked in each.asked
        if asked.volet == volet
    }


def touching(held: Mapping[str, Units]) -> list[tuple[str, str]]:
    """Return the pairs that share a unit, sorted; found by unit, since most pairs share none."""
    by_unit: defaultdict[int, list[str]] = defaultdict(list)
    for name in sorted(held):
        for unit in held[name]:
            by_unit[unit].append(name)
    return sorted({pair for names in by_unit.values() for pair in combinations(names, 2)})


def _between(
    asked: Mapping[str, tuple[Application, Asked]], coverage: Coverage
) -> Iterable[Overlap]:
    units = {name: frozenset(own.units) for name, (_, own) in asked.items()}
    for one, other in touching(units):
        (mine, ours), (theirs, his) = asked[one], asked[other]
        classes = tuple(c for c in ours.scope if c in his.scope)
        if classes:
            shared = units[one] & units[other]
            yield _overlap(
                BOTH_ASKED, ours.volet, mine, other, theirs.structure_id, shared, classes, coverage
            )


def _over_granted(
    asked: Mapping[str, tuple[Application, Asked]],
    awards: Sequence[Award],
    coverage: Coverage,
    volet: str,
) -> Iterable[Overlap]:
    own_awards = [award for award in awards if award.volet == volet]
    for award in own_awards:
        if award.application_id in asked:
            mine, ours = asked[award.application_id]
            yield _overlap(
                SAME_APPLICATION,
                volet,
                mine,
                award.convention_id,
                award.structure_id,
                frozenset(ours.units),
                ours.scope,
                coverage,
            )
    posts = active_posts(coverage.study)
    posts = posts[posts["volet"] == volet]
    held = principal_units(coverage.study, coverage.territory, posts, volet=volet)
    granted = _classes_granted(posts, own_awards)
    for mine, ours in asked.values():
        for structure, scope in granted.items():
            shared = frozenset(ours.units) & held.get(structure, frozenset())
            classes = tuple(c for c in ours.scope if c in scope)
            if structure != mine.structure_id and shared and classes:
                yield _overlap(
                    ALREADY_GRANTED, volet, mine, structure, structure, shared, classes, coverage
                )


def _classes_granted(posts: pd.DataFrame, awards: Sequence[Award]) -> dict[str, set[str]]:
    """Return the classes that the posts granted to each structure serve.

    A convention whose post is not told serves all classes.
    """
    found: defaultdict[str, set[str]] = defaultdict(set)
    awarded = {award.post_id for award in awards if award.post_id}
    told = set()
    columns = ("poste_id", "structure_id", "donneurs_ordre", "financement")
    for post, structure, scope, funding in zip(*(posts[name] for name in columns), strict=True):
        if post in awarded:
            told.add(post)
        if post in awarded or GRANTED.fullmatch(funding):
            found[structure] |= set(scope)
    for award in awards:
        if award.post_id not in told:
            found[award.structure_id] |= set(CLASSES)
    return dict(sorted(found.items()))


def _overlap(  # noqa: PLR0913, PLR0917 - the two sides of an overlap
    kind: str,
    volet: str,
    mine: Application,
    other: str,
    other_structure: str,
    units: Units,
    classes: tuple[str, ...],
    coverage: Coverage,
) -> Overlap:
    rows = sorted(units)
    columns = [CLASSES.index(name) for name in classes]
    hours = int(coverage.need.hours[rows][:, columns].sum())
    return Overlap(
        kind,
        volet,
        mine.application_id,
        mine.structure_id,
        other,
        other_structure,
        tuple(rows),
        classes,
        hours,
    )

"""What posts and perimeters come to on the ground, before and after a few edits.

Only the structures that edits name are resolved again, by the functions that resolve a whole
study, on the part of it that is theirs.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from coverage.atoms import cover_of, structure_shares
from coverage.model import NATURES, Atoms
from coverage.perimeters import active_posts, perimeter_units
from coverage.status import COVERS
from coverage.supply import inside_shares, supply_hours
from coverage.trials.edits import EtpSet, ParameterSet, PerimeterRemoved, PostRemoved
from coverage.trials.land import build_land
from coverage.trials.recut import recut

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from fractions import Fraction

    from numpy.typing import NDArray

    from coverage.atoms import Signature
    from coverage.model import Need, Study
    from coverage.supply import SupplyKey
    from coverage.trials.edits import Edit
    from coverage.trials.land import Land
    from geo.territory import Territory

VOLET = "facilitateur"
Held = tuple["NDArray[np.int32]", "NDArray[np.int8]"]
"""Units that codes hold, and in which nature (position in `NATURES`)."""

NONE = len(NATURES)
"""Stands for no nature at all."""


@dataclass(frozen=True)
class Filing:
    """What covers each atom, and what each structure can give.

    Attributes
    ----------
    signature
        Number in `signatures` by atom, shape (atoms,).
    covers
        Position in `COVERS` by signature.
    hours
        Exact hours of the supply nodes in force.
    recut
        Rows of the units cut again since the study was filed, sorted.
    """

    land: Land
    signature: NDArray[np.int32]
    signatures: tuple[Signature, ...]
    covers: NDArray[np.int8]
    hours: Mapping[SupplyKey, Fraction]
    recut: NDArray[np.int64]

    @cached_property
    def capacities(self) -> dict[SupplyKey, int]:
        """Whole hours of the supply nodes in force."""
        return {key: int(exact) for key, exact in self.hours.items()}


@dataclass(frozen=True)
class Filed:
    """A study as it is filed, ready for edits.

    Attributes
    ----------
    staffed
        Structures with a facilitator post in force.
    held
        By structure, staffed or not.
    inside
        Share of its capacity that bears on the study, by structure in force.
    drawn
        By structure: the units that its drawings touch.
    """

    study: Study
    territory: Territory
    need: Need
    filing: Filing
    staffed: frozenset[str]
    held: Mapping[str, Held]
    inside: Mapping[str, Fraction]
    drawn: Mapping[str, NDArray[np.int64]]


def filed(study: Study, land: Land, need: Need) -> Filed:
    """Return a study as it is filed.

    Parameters
    ----------
    land
        Of its own atoms.
    """
    atoms, territory = land.atoms, land.territory
    posts = active_posts(study)
    inside, _ = inside_shares(study, territory, structure_shares(atoms), need.known)
    filing = Filing(
        land=land,
        signature=atoms.table["signature"].to_numpy(),
        signatures=atoms.signatures,
        covers=_covers(atoms.signatures),
        hours=supply_hours(study, posts, inside),
        recut=np.empty(0, dtype=np.int64),
    )
    return Filed(
        study=study,
        territory=territory,
        need=need,
        filing=filing,
        staffed=_staffed(posts),
        held=_held(study, territory),
        inside=inside,
        drawn=_drawn(study, territory),
    )


def _staffed(posts: pd.DataFrame) -> frozenset[str]:
    return frozenset(posts.loc[posts["volet"] == VOLET, "structure_id"])


def _held(study: Study, territory: Territory) -> dict[str, Held]:
    """Return the units that the codes of each structure hold, and in which nature."""
    links = perimeter_units(study, territory, volet=VOLET)
    number, names = pd.factorize(links["structure_id"], sort=True)
    order = np.argsort(number, kind="stable")
    unit, nature = (links[name].to_numpy()[order] for name in ("unit", "nature"))
    ends = np.searchsorted(number[order], np.arange(len(names) + 1)).tolist()
    return {
        str(name): (unit[start:end], nature[start:end])
        for name, (start, end) in zip(names, pairwise(ends), strict=True)
    }


def _drawn(study: Study, territory: Territory) -> dict[str, NDArray[np.int64]]:
    """Return the units that the drawings of each structure touch."""
    counted = study.drawn[study.drawn["volet"] == VOLET]
    row, unit = territory.units.sindex.query(counted.geometry, predicate="intersects")
    names = counted["structure_id"].to_numpy(dtype=object)[row]
    return {name: np.unique(unit[names == name]) for name in dict.fromkeys(names)}


def _covers(signatures: Sequence[Signature]) -> NDArray[np.int8]:
    return np.array([COVERS.index(cover_of(row)) for row in signatures], dtype=np.int8)


def refiled(base: Filed, study: Study, edits: Sequence[Edit]) -> Filing:
    """Return what an edited study comes to on the ground.

    Parameters
    ----------
    study
        With the edits.
    """
    names = _named(base.study, edits)
    rescaled = study.parameters.heures_par_etp != base.study.parameters.heures_par_etp
    if not names and not rescaled:
        return base.filing
    part = _part(study, names)
    posts = active_posts(part)
    staffed = _staffed(posts)
    held = base.held
    if study.perimeters is not base.study.perimeters:
        held = _held(part, base.territory)
    before = _natures(base.held, base.staffed, names, len(base.territory))
    after = _natures(held, staffed, names, len(base.territory))
    moved = (before != after).any(axis=1)
    turned = [name for name in names if (name in staffed) != (name in base.staffed)]
    again = _to_cut(base, moved, turned)
    filing = _resigned(base.filing, names, np.flatnonzero(moved & ~again), after)
    if again.any():
        filing = _recut(base, filing, study, np.flatnonzero(again))
        inside = _inside(base, study, _atoms(filing))
        return replace(filing, hours=supply_hours(study, active_posts(study), inside))
    own = {name: base.inside[name] for name in names if name in base.inside}
    if moved.any():
        own = _inside(base, study, _held_by(_atoms(filing), names))
    if rescaled:
        inside = {s: share for s, share in base.inside.items() if s not in names} | own
        return replace(filing, hours=supply_hours(study, active_posts(study), inside))
    others = {key: hours for key, hours in base.filing.hours.items() if key[0] not in names}
    return replace(filing, hours=others | supply_hours(part, posts, own))


def _named(study: Study, edits: Sequence[Edit]) -> list[str]:
    """Return the structures that edits name, sorted."""
    posts, perimeters = (t["structure_id"] for t in (study.posts, study.perimeters))
    found = set()
    for edit in edits:
        match edit:
            case EtpSet(post) | PostRemoved(post):
                found.add(str(posts.iloc[post]))
            case PerimeterRemoved(perimeter):
                found.add(str(perimeters.iloc[perimeter]))
            case ParameterSet():
                pass
            case _:
                found.add(edit.structure_id)
    return sorted(found)


def _part(study: Study, names: Collection[str]) -> Study:
    """Return the posts and the perimeters by codes of some structures, as a study."""
    posts, perimeters = (
        table[table["structure_id"].isin(names)] for table in (study.posts, study.perimeters)
    )
    return replace(study, posts=posts, perimeters=perimeters)


def _natures(
    held: Mapping[str, Held], staffed: Collection[str], names: Sequence[str], units: int
) -> NDArray[np.int8]:
    """Return in which nature the codes of staffed structures hold each unit.

    Shape (units, names); `NONE` where they do not.
    """
    found = np.full((units, len(names)), NONE, dtype=np.int8)
    for column, name in enumerate(names):
        if name in staffed and name in held:
            units_held, natures = held[name]
            found[units_held, column] = natures
    return found


def _to_cut(base: Filed, moved: NDArray[np.bool_], turned: Collection[str]) -> NDArray[np.bool_]:
    """Return the units that may be cut otherwise.

    Those that move where something is drawn, and all that the drawings touch of the structures
    whose posts begin or end.
    """
    near = np.zeros(len(moved), dtype=bool)
    for units in base.drawn.values():
        near[units] = True
    again = moved & near
    for name in turned:
        again[base.drawn.get(name, [])] = True
    return again


def _resigned(
    filing: Filing, names: Sequence[str], units: NDArray[np.int64], natures: NDArray[np.int8]
) -> Filing:
    """Return a filing where some structures hold some whole units in other natures.

    Parameters
    ----------
    natures
        By (unit, name), for all units.
    """
    if not len(units):
        return filing
    atoms = np.searchsorted(filing.land.ground.unit, units)
    cases, case = np.unique(
        np.column_stack((filing.signature[atoms], natures[units])), axis=0, return_inverse=True
    )
    number = {signature: rank for rank, signature in enumerate(filing.signatures)}
    numbers = []
    for row in cases.tolist():
        held = {s: nature for s, nature in filing.signatures[row[0]] if s not in names}
        held |= {s: NATURES[n] for s, n in zip(names, row[1:], strict=True) if n != NONE}
        numbers.append(number.setdefault(tuple(sorted(held.items())), len(number)))
    signature = filing.signature.copy()
    signature[atoms] = np.array(numbers, dtype=np.int32)[case]
    return _numbered(filing, filing.land, signature, tuple(number))


def _numbered(
    filing: Filing, land: Land, signature: NDArray[np.int32], signatures: tuple[Signature, ...]
) -> Filing:
    covers = np.append(filing.covers, _covers(signatures[len(filing.signatures) :]))
    return replace(filing, land=land, signature=signature, signatures=signatures, covers=covers)


def _recut(base: Filed, filing: Filing, study: Study, units: NDArray[np.int64]) -> Filing:
    """Return a filing where some units are cut again, all their structures considered."""
    near = [name for name, touched in base.drawn.items() if np.isin(touched, units).any()]
    atoms = recut(_atoms(filing), study, base.territory, units=units, near=near)
    land = build_land(atoms, base.need, base.territory)
    signature = atoms.table["signature"].to_numpy()
    return replace(_numbered(filing, land, signature, atoms.signatures), recut=units)


def _atoms(filing: Filing) -> Atoms:
    atoms = filing.land.atoms
    return Atoms(atoms.table.assign(signature=filing.signature), atoms.shapes, filing.signatures)


def _inside(base: Filed, study: Study, atoms: Atoms) -> dict[str, Fraction]:
    """Return the share of its capacity that bears on the study, by structure in force."""
    return inside_shares(study, base.territory, structure_shares(atoms), base.need.known)[0]


def _held_by(atoms: Atoms, names: Collection[str]) -> Atoms:
    """Return the atoms that some structures hold, as if they were alone."""
    own = tuple(tuple(pair for pair in row if pair[0] in names) for row in atoms.signatures)
    held = np.array([bool(row) for row in own], dtype=bool)[atoms.table["signature"]]
    return Atoms(atoms.table[held], atoms.shapes[held], own)

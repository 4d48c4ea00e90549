"""Why a commune or a zone changed class between two studies: one family of inputs at a time.

A class is a status and whether the zone is retenue. A family is a cause when the study before,
with the inputs of this family alone taken from the study after, already gives the class of after:
what is told is computed, not guessed. Where no family suffices, several causes work together: those
without which the class of after would be another, or all that differ when that names fewer than
two. Both studies are read on one découpage (codes of earlier vintages are translated), so that a
merger of communes is never a cause.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from coverage.dossiers.changes.families import FAMILY_TITLES, differing, with_families
from coverage.study import compute

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from fractions import Fraction

    import pandas as pd

    from coverage.model import Coverage


@dataclass(frozen=True)
class Snapshot:
    """A commune or a zone in one study.

    Attributes
    ----------
    kept
        `retenue`, `a_documenter` or `non_retenue`: what its zone is.
    members
        Unit rows of a zone; its own for a commune.
    capacity_hours
        Of the structures at work there, whole: they share it with their other places.
    """

    statut: str
    kept: str
    members: tuple[int, ...]
    known: str
    need_hours: int
    state_need_hours: int
    capacity_hours: int
    rate: Fraction | None
    state_rate: Fraction | None

    @property
    def decided(self) -> tuple[str, str, tuple[int, ...]]:
        """What a change is a change of."""
        return self.statut, self.kept, self.members


@dataclass(frozen=True)
class Change:
    """A place whose class, or a zone whose communes, changed.

    Attributes
    ----------
    kind
        `commune` or `zone`.
    before, after
        None for a zone that is not in that study.
    causes
        Names of families, in their order.
    alone
        Whether each of them suffices alone; otherwise they work together.
    """

    kind: str
    place_id: str
    name: str
    before: Snapshot | None
    after: Snapshot | None
    causes: tuple[str, ...]
    alone: bool


Outcome = dict[tuple[str, str], Snapshot]
"""(kind, identifier) → snapshot."""


@dataclass(frozen=True)
class _Trials:
    """The studies between two, each computed when it is first asked for."""

    before: Coverage
    after: Coverage
    on_step: Callable[[str], object]

    @cached_property
    def families(self) -> tuple[str, ...]:
        """Those of which something differs."""
        return differing(self.before.study, self.after.study)

    @cached_property
    def _made(self) -> dict[tuple[str, ...], Outcome]:
        return {(): outcome_of(self.before), self.families: outcome_of(self.after)}

    def with_families(self, names: Sequence[str]) -> Outcome:
        """Return what the study before comes to with some families of the study after."""
        key = tuple(names)
        if key not in self._made:
            titles = ", ".join(FAMILY_TITLES[name] for name in key)
            self.on_step(f"Étude d’avant, avec de nouveau : {titles}")
            study = with_families(self.before.study, self.after.study, key)
            self._made[key] = outcome_of(compute(study, self.before.territory))
        return self._made[key]


def changes(
    before: Coverage,
    after: Coverage,
    *,
    only: Collection[tuple[str, str]] | None = None,
    on_step: Callable[[str], object] = lambda _: None,
) -> tuple[Change, ...]:
    """Return the communes whose class differs and the zones that differ, with their causes.

    Communes first, by code, then zones. Two studies of the same inputs have none.

    Parameters
    ----------
    before, after
        On one territory.
    only
        (kind, identifier) of the places asked; all by default.
    """
    trials = _Trials(before, after, on_step)
    first, last = trials.with_families(()), trials.with_families(trials.families)
    moved = [
        key
        for key in sorted({*first, *last} if only is None else only)
        if _decided(first.get(key)) != _decided(last.get(key))
    ]
    return tuple(_change(key, trials, after if key in last else before) for key in moved)


def _change(key: tuple[str, str], trials: _Trials, named_in: Coverage) -> Change:
    first, last = trials.with_families(()), trials.with_families(trials.families)
    target = _decided(last.get(key))
    alone = tuple(
        name
        for name in trials.families
        if _decided(trials.with_families((name,)).get(key)) == target
    )
    return Change(
        kind=key[0],
        place_id=key[1],
        name=_name(key, named_in),
        before=first.get(key),
        after=last.get(key),
        causes=alone or _together(key, trials),
        alone=bool(alone),
    )


def _together(key: tuple[str, str], trials: _Trials) -> tuple[str, ...]:
    """Return the families without which a place would not be what it is after."""
    target = _decided(trials.with_families(trials.families).get(key))
    needed = tuple(
        name
        for name in trials.families
        if _decided(
            trials.with_families([each for each in trials.families if each != name]).get(key)
        )
        != target
    )
    return needed if len(needed) > 1 else trials.families


def _decided(snapshot: Snapshot | None) -> object:
    return None if snapshot is None else snapshot.decided


def _name(key: tuple[str, str], coverage: Coverage) -> str:
    kind, name = key
    return str(coverage.communes["nom"].loc[name]) if kind == "commune" else name


def outcome_of(coverage: Coverage) -> Outcome:
    """Return the snapshot of every commune and of every zone."""
    capacities = _capacities(coverage)
    zones = coverage.zones
    kept = dict(zip(zones.index, map(_kept, zones.to_dict("records")), strict=True))
    found: Outcome = {}
    for unit, (code, row) in enumerate(zip(*_records(coverage.communes), strict=True)):
        snapshot = _snapshot(row, kept[row["zone_id"]], (unit,), row["besoin_connu"], capacities)
        found["commune", code] = snapshot
    for zone, row in zip(*_records(zones), strict=True):
        members = tuple(coverage.zone_units[zone].tolist())
        known = "tous" if row["besoin_connu_partout"] else "partiel"
        found["zone", zone] = _snapshot(row, kept[zone], members, known, capacities)
    return found


def _records(table: pd.DataFrame) -> tuple[list[str], list[dict[str, Any]]]:
    rows = [{str(k): v for k, v in row.items()} for row in table.to_dict("records")]
    return list(map(str, table.index)), rows


def _kept(zone: Mapping[Any, Any]) -> str:
    if zone["retenue"]:
        return "retenue"
    return "a_documenter" if zone["en_attente"] else "non_retenue"


def _capacities(coverage: Coverage) -> dict[str, int]:
    own = coverage.years.structures
    own = own[own["annee"] == coverage.study.year]
    return dict(zip(own["structure_id"], map(int, own["capacite_h"]), strict=True))


def _snapshot(
    row: Mapping[str, Any],
    kept: str,
    members: tuple[int, ...],
    known: str,
    capacities: Mapping[str, int],
) -> Snapshot:
    return Snapshot(
        statut=row["statut"],
        kept=kept,
        members=members,
        known=known,
        need_hours=int(row["besoin_h"]),
        state_need_hours=int(row["besoin_etat_h"]),
        capacity_hours=sum(capacities.get(name, 0) for name in row["structures"]),
        rate=row["taux_reponse"],
        state_rate=row["taux_reponse_etat"],
    )

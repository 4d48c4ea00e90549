"""From the answers of a trial to what it shows, compared with what it starts from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from coverage.claims import zone_figures
from coverage.decision import served_hours
from coverage.means import different
from coverage.parameters import STATE_COLUMNS
from coverage.rounding import sums
from coverage.status import gravities, known_ranks, shown_atom, statuses
from coverage.totals import Shown, shown_figures
from coverage.trials.answers import moved_atoms
from coverage.trials.land import zone_numbers
from coverage.trials.outcome import Outcome
from coverage.zones import name_sets, zone_labels

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coverage.model import Need
    from coverage.parameters import Parameters
    from coverage.trials.answers import Answer
    from coverage.trials.filing import Filing
    from coverage.zones import ZoneSets
    from geo.territory import Territory


KINDS: dict[str, Any] = {
    **dict.fromkeys(("communes", "population", "besoin_h", "besoin_etat_h", "deficit_h"), "int64"),
    **dict.fromkeys(("besoin_connu_partout", "retenue", "en_attente"), "bool"),
}
"""Kinds of the columns of zones that are not texts nor fractions."""


@dataclass(frozen=True)
class Scene:
    """One case: what is filed, the answers to it, and what they show.

    Attributes
    ----------
    answers
        To all needs, and to those of the State alone.
    labels
        By atom, as `zone_labels`.
    """

    filing: Filing
    answers: tuple[Answer, Answer]
    labels: NDArray[np.int64]
    sets: ZoneSets
    outcome: Outcome


def blank_shown(need: Need, territory: Territory) -> Shown:
    """Return what communes show whatever is filed; the rest is 0."""
    none = np.zeros(len(territory), dtype=np.int64)
    return Shown(
        people=territory.population,
        need=need.hours.sum(axis=1),
        state_need=need.hours[:, STATE_COLUMNS].sum(axis=1),
        served=none,
        status=none.astype(np.int8),
        mixed=none.astype(bool),
        known=known_ranks(need.known, need.hours.sum(axis=1)),
        outlined=territory.units["area_km2"].notna().to_numpy(),
    )


def set_scene(
    filing: Filing,
    answers: tuple[Answer, Answer],
    parameters: Parameters,
    blank: Shown,
    before: Scene | None = None,
) -> Scene:
    """Return a case, compared with another when there is one before.

    Parameters
    ----------
    blank
        As `blank_shown`.
    """
    land, ground = filing.land, filing.land.ground
    atoms = np.arange(len(filing.signature))
    rates, state_rates = (answer.by(atoms, len(atoms)) for answer in answers)
    short = rates.below(parameters.seuil_reponse)
    short |= state_rates.below(parameters.seuil_reponse_etat)
    status = statuses(filing.covers[filing.signature], land.known, short)
    labels = zone_labels(status, ground.region)
    sets = _sets(filing, status, labels, before)
    served = served_hours(rates, sets.order)
    zones = _zones(filing, sets, answers, status, served, parameters)
    units = len(blank.people)
    of_unit = shown_atom(land.atoms, ground.need.sum(axis=1), status)
    atom = of_unit["atom"].to_numpy()
    shown = replace(
        blank,
        served=sums(served, ground.unit, units),
        status=status[atom],
        mixed=of_unit["mixte"].to_numpy(),
    )
    capacity = sum(filing.capacities.values())
    outcome = Outcome(
        statut=shown.status,
        mixte=shown.mixed,
        gravite=gravities(status, rates, state_rates)[atom],
        # Where no unit is cut, atoms are units.
        rates=answers[0].by(ground.unit, units) if land.cut else rates,
        state_rates=answers[1].by(ground.unit, units) if land.cut else state_rates,
        deficit_h=shown.need - shown.served,
        servi_h=shown.served,
        zone_id=np.array(sets.ids, dtype=object)[sets.of_atom[atom]],
        atom_statut=status,
        recut=filing.recut,
        zones=zones,
        totals=shown_figures(shown, zones) | {"capacite_h": capacity},
        changed=np.empty(0, dtype=np.int64),
    )
    scene = Scene(filing, answers, labels, sets, outcome)
    return scene if before is None else _compared(scene, before)


def _sets(
    filing: Filing, status: NDArray[np.int8], labels: NDArray[np.int64], before: Scene | None
) -> ZoneSets:
    """Return the zones; those that there were are a start."""
    land = filing.land
    if before is None:
        return name_sets(zone_numbers(land, labels), status, land.ground, land.places)
    if np.array_equal(labels, before.labels) and not len(filing.recut):
        return before.sets
    old, new = _kept(before, filing)
    # The label -1 is none: units cut again were of no zone.
    last = np.full((2, len(labels)), -1, dtype=np.int64)
    last[:, new] = before.labels[old], before.sets.of_atom[old]
    numbers = zone_numbers(land, labels, (last[0], last[1]))
    return name_sets(numbers, status, land.ground, land.places)


def _zones(
    filing: Filing,
    sets: ZoneSets,
    answers: tuple[Answer, Answer],
    status: NDArray[np.int8],
    served: NDArray[np.int64],
    parameters: Parameters,
) -> pd.DataFrame:
    """Return the zones of an outcome."""
    ground, count = filing.land.ground, len(sets.ids)
    rates = (answers[0].by(sets.of_atom, count), answers[1].by(sets.of_atom, count))
    columns = zone_figures(ground, sets.of_atom, status, served, rates, parameters)
    _, first = np.unique(sets.of_atom * len(filing.land.territory) + ground.unit, return_index=True)
    communes = np.bincount(sets.of_atom[first], minlength=count)
    order = sorted(range(count), key=sets.ids.__getitem__)
    table = {
        name: pd.Series([values[number] for number in order], dtype=KINDS.get(name, object))
        for name, values in ({"communes": communes} | columns).items()
    }
    ids = pd.Index([sets.ids[number] for number in order], name="zone_id")
    return pd.DataFrame(table).set_index(ids)


def _kept(before: Scene, filing: Filing) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return the atoms of units that are not cut again, before and now."""
    unit, now = before.filing.land.ground.unit, filing.land.ground.unit
    return ~np.isin(unit, filing.recut), ~np.isin(now, filing.recut)


def _compared(scene: Scene, before: Scene) -> Scene:
    """Return a scene with what changed in it, and statuses by the atoms there were."""
    outcome, base = scene.outcome, before.outcome
    old, new = _kept(before, scene.filing)
    statut = outcome.statut[before.filing.land.ground.unit]
    statut[old] = outcome.atom_statut[new]
    changed = (
        (outcome.statut != base.statut)
        | (outcome.deficit_h != base.deficit_h)
        | (outcome.zone_id != base.zone_id)
    )
    rest = np.flatnonzero(_touched(scene, before) & ~changed)
    changed[rest] = different(outcome.rates, base.rates, rest)
    changed[rest] |= different(outcome.state_rates, base.state_rates, rest)
    return replace(
        scene,
        outcome=replace(outcome, atom_statut=statut, changed=np.flatnonzero(changed)),
    )


def _touched(scene: Scene, before: Scene) -> NDArray[np.bool_]:
    """Say in which units rates may differ."""
    touched = np.zeros(len(scene.outcome.statut), dtype=bool)
    touched[scene.filing.recut] = True
    unit, kept = scene.filing.land.ground.unit, _kept(before, scene.filing)
    for one, other in zip(before.answers, scene.answers, strict=True):
        touched[unit[moved_atoms(one, other, kept)]] = True
    return touched

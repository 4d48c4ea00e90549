"""The table of communes: what each shows, with its rates, readings and structures."""

from __future__ import annotations

from itertools import compress
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from coverage.atoms import cover_of
from coverage.parameters import CLASSES, STATE_COLUMNS
from coverage.readings import simple_ratios, two_step_ratios
from coverage.response import mean_rates
from coverage.rounding import sums
from coverage.status import KNOWN, STATUTS, gravities, known_ranks, shown_atom

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from coverage.decision import Decision
    from coverage.zones import ZoneSets
    from geo.territory import Territory

COVERS = {
    "principale": "part_principale",
    "extension": "part_extension",
    "aucune": "part_non_couverte",
}


def build_communes(
    decision: Decision,
    sets: ZoneSets,
    served: NDArray[np.int64],
    known: NDArray[np.bool_],
    territory: Territory,
) -> pd.DataFrame:
    """Return the table of communes of `coverage.model.Coverage`.

    Parameters
    ----------
    served
        Whole hours by atom.
    known
        Known needs by (unit, class).
    """
    units = len(territory)
    atoms = decision.atoms
    unit = atoms.table["unit"].to_numpy()
    shown = shown_atom(atoms, decision.need.sum(axis=1), decision.status)
    atom = shown["atom"].to_numpy()
    need = sums(decision.need, unit, units)
    unserved = np.zeros((units, len(CLASSES)), dtype=bool)
    np.logical_or.at(unserved, unit, decision.total.nodes.unreached)
    gravity = gravities(decision.status, decision.rates, decision.state_rates)
    place = territory.units
    return pd.DataFrame(
        {
            "nom": place["name"].to_numpy(dtype=object),
            "departement": place["departement"].to_numpy(dtype=object),
            "region": place["region"].to_numpy(dtype=object),
            "population": place["population"].to_numpy(),
            "surface_km2": place["area_km2"].to_numpy(),
            **_shares(decision, units),
            "besoin_connu": np.array(KNOWN, dtype=object)[known_ranks(known, need.sum(axis=1))],
            "besoin_h": need.sum(axis=1),
            "besoin_etat_h": need[:, STATE_COLUMNS].sum(axis=1),
            "servi_h": sums(served, unit, units),
            "taux_reponse": mean_rates(decision.total, unit, units).exact,
            "taux_reponse_etat": mean_rates(decision.state, unit, units).exact,
            "ratio_simple": _objects(simple_ratios(decision, units)),
            "ratio_2sfca": two_step_ratios(decision, units).exact,
            "statut": np.array(STATUTS, dtype=object)[decision.status[atom]],
            "mixte": shown["mixte"].to_numpy(),
            "gravite": gravity[atom],
            "zone_id": np.array(sets.ids, dtype=object)[sets.of_atom[atom]],
            "structures": _structures(decision, units),
            "classes_inconnues": _class_lists(~known),
            "classes_non_servies": _class_lists(unserved),
        },
        index=pd.Index(territory.codes, name="commune"),
    )


def _objects(values: Sequence[object]) -> NDArray[np.object_]:
    # Given as a plain list, Fractions and None would be guessed into floats, tuples into rows.
    return np.fromiter(values, dtype=object, count=len(values))


def _shares(decision: Decision, units: int) -> dict[str, NDArray[np.float64]]:
    """Return the shares of area by cover; they sum to 1 in each unit."""
    covers = np.array([cover_of(signature) for signature in decision.atoms.signatures])
    table = decision.atoms.table
    unit, share, signature = (table[name].to_numpy() for name in ("unit", "share", "signature"))
    return {
        column: np.bincount(
            unit, weights=np.where((covers == name)[signature], share, 0.0), minlength=units
        ).astype(np.float64)
        for name, column in COVERS.items()
    }


def _structures(decision: Decision, units: int) -> NDArray[np.object_]:
    """Return the structures whose perimeter in force touches each unit, sorted."""
    unit, number = (decision.atoms.table[name].to_numpy() for name in ("unit", "signature"))
    names = [tuple(sorted({s for s, _ in row})) for row in decision.atoms.signatures]
    bounds = np.searchsorted(unit, np.arange(units + 1))
    found: NDArray[np.object_] = _objects(names)[number[bounds[:-1]]]
    for cut in np.flatnonzero(np.diff(bounds) > 1).tolist():
        parts = number[bounds[cut] : bounds[cut + 1]].tolist()
        found[cut] = tuple(sorted({s for part in parts for s in names[part]}))
    return found


def _class_lists(flags: NDArray[np.bool_]) -> NDArray[np.object_]:
    """Name the classes flagged in each row."""
    return _by_pattern(flags, lambda row: tuple(compress(CLASSES, row)))


def _by_pattern(
    flags: NDArray[np.bool_], say: Callable[[Sequence[bool]], object]
) -> NDArray[np.object_]:
    """Say something of each row of flags by class; rows repeat, so each pattern is said once."""
    bits = flags @ (1 << np.arange(flags.shape[1]))
    _, first, pattern = np.unique(bits, return_index=True, return_inverse=True)
    return _objects([say(row) for row in flags[first].tolist()])[pattern]

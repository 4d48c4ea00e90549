"""What need and response say of each zone: its figures, and whether it is a zone blanche."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from coverage.parameters import STATE_COLUMNS
from coverage.rounding import spread, sums
from coverage.sites import presence
from coverage.status import STATUTS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coverage.means import Means
    from coverage.model import Atoms, Need
    from coverage.parameters import Parameters
    from coverage.sites import Presence
    from geo.territory import Territory

FUNDABLE_ETP = Fraction(1, 2)
"""A deficit of at least half a post can be funded alone (the call's least post by volet)."""


@dataclass(frozen=True)
class Ground:
    """What each atom brings to its zone, whatever covers it.

    Attributes
    ----------
    unit
        Unit row, shape (atoms,).
    people
        Inhabitants, shape (atoms,).
    need
        Hours by class, shape (atoms, classes).
    unknown
        Whether the need of a class is unknown, shape (atoms, classes).
    regions, region
        Codes, sorted, and the position of each atom's among them.
    filed
        The need that it comes from, by unit.
    presence
        Which State services and large projects are there.
    """

    unit: NDArray[np.int32]
    people: NDArray[np.int64]
    need: NDArray[np.int64]
    unknown: NDArray[np.bool_]
    regions: NDArray[np.str_]
    region: NDArray[np.int64]
    filed: Need
    presence: Presence

    @cached_property
    def hours(self) -> NDArray[np.int64]:
        """Hours of all classes, shape (atoms,)."""
        hours: NDArray[np.int64] = self.need.sum(axis=1)
        return hours

    @cached_property
    def state_hours(self) -> NDArray[np.int64]:
        """Hours of the State classes, shape (atoms,)."""
        hours: NDArray[np.int64] = self.need[:, STATE_COLUMNS].sum(axis=1)
        return hours

    @cached_property
    def blank(self) -> NDArray[np.int64]:
        """How many classes have an unknown need, shape (atoms,)."""
        blank: NDArray[np.int64] = self.unknown.sum(axis=1)
        return blank


def build_ground(
    atoms: Atoms, asked: NDArray[np.int64], need: Need, territory: Territory
) -> Ground:
    """Return the ground of some atoms.

    Parameters
    ----------
    asked
        Hours by (atom, class).
    """
    unit = atoms.table["unit"].to_numpy()
    regions, region = np.unique(territory.units["region"].to_numpy(dtype=str), return_inverse=True)
    return Ground(
        unit=unit,
        # Inhabitants are spread by area; sums by unit are kept.
        people=spread(territory.population[unit], atoms.table["share"].to_numpy(), unit),
        need=asked,
        unknown=~need.known[unit],
        regions=regions,
        region=region[unit].astype(np.int64),
        filed=need,
        presence=presence(need.sites, atoms),
    )


def zone_figures(
    ground: Ground,
    zone: NDArray[np.int64],
    status: NDArray[np.int8],
    served: NDArray[np.int64],
    rates: tuple[Means, Means],
    parameters: Parameters,
) -> dict[str, list[Any]]:
    """Return what need and response say of zones, by zone number.

    Parameters
    ----------
    zone
        Number by atom, from 0 without a gap.
    status, served
        Position in `STATUTS` and whole hours served, by atom.
    rates
        Of all need and of State need, by zone.

    Returns
    -------
    dict
        Columns of `coverage.model.Coverage.zones`, by name.
    """
    first = np.unique(zone, return_index=True)[1]
    count = len(first)
    columns: dict[str, list[Any]] = {
        "statut": [STATUTS[number] for number in status[first].tolist()],
        "region": ground.regions[ground.region[first]].tolist(),
        "population": sums(ground.people, zone, count).tolist(),
        "besoin_h": sums(ground.hours, zone, count).tolist(),
        "besoin_etat_h": sums(ground.state_hours, zone, count).tolist(),
        "deficit_h": sums(ground.hours - served, zone, count).tolist(),
        "besoin_connu_partout": (sums(ground.blank, zone, count) == 0).tolist(),
        "taux_reponse": rates[0].exact.tolist(),
        "taux_reponse_etat": rates[1].exact.tolist(),
        **ground.presence.counts(zone, count),
    }
    claims = [
        _claim(dict(zip(columns, facts, strict=True)), parameters)
        for facts in zip(*columns.values(), strict=True)
    ]
    return columns | {name: [claim[name] for claim in claims] for name in claims[0]}


def _claim(facts: dict[str, Any], parameters: Parameters) -> dict[str, Any]:
    """Return the missing ETP, whether a zone is kept as zone blanche, and on what need."""
    measured = facts["besoin_h"] and facts["besoin_h"] >= parameters.seuil_besoin_h
    if measured or facts["services_etat_non_accompagnes"] or facts["grands_projets"]:
        need = "identifie"
    elif facts["besoin_connu_partout"] and not facts["services_etat_a_preciser"]:
        need = "aucun"
    else:
        need = "inconnu"
    white = facts["statut"] in {"non_couverte", "limitrophe"}
    free = facts["statut"] == "non_couverte" and not parameters.besoin_requis_non_couverte
    kept = facts["statut"] == "capacite_insuffisante" or (white and (need == "identifie" or free))
    # Hours held only by an undedicated extension wait for a post: all the need is missing.
    hours = facts["besoin_h"] if facts["statut"] == "limitrophe" else facts["deficit_h"]
    missing = Fraction(hours, parameters.heures_par_etp)
    fundable = ""
    if kept and missing:
        fundable = "seule" if missing >= FUNDABLE_ETP else "a_regrouper"
    return {
        "etp_manquants": missing,
        "besoin": need,
        "retenue": kept,
        "en_attente": white and need == "inconnu" and not kept,
        "financable": fundable,
    }

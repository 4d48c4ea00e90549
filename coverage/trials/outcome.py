"""What a trial shows: statuses, rates, zones and totals."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from coverage.means import Means


@dataclass(frozen=True)
class Outcome:
    """What an edited study comes to, as `coverage.study.compute` would decide it.

    Attributes
    ----------
    statut
        Position in `STATUTS` by unit, what the commune shows; int8.
    mixte
        By unit, whether another status holds more than 1 % of the area; bool.
    gravite
        By unit, text, empty where nothing is insufficient.
    rates, state_rates
        Taux de réponse by unit, from which `taux` and `taux_etat`.
    deficit_h, servi_h
        Whole hours by unit, int64.
    zone_id
        By unit: the zone of what the commune shows.
    atom_statut
        Position in `STATUTS` by atom of the coverage the trial starts from, int8; in the units
        of `recut`, what the commune shows.
    recut
        Rows of the units that drawn borders may cut otherwise than in that coverage.
    zones
        Index `zone_id`, sorted; `statut`, `region`, `communes` (count), `population`,
        `besoin_h`, `besoin_etat_h`, `deficit_h`, `taux_reponse`, `taux_reponse_etat`
        (`Fraction` or None), `etp_manquants` (`Fraction`), `besoin`, `retenue`, `en_attente`,
        `financable`, as in `coverage.model.Coverage.zones`.
    totals
        As `coverage.totals.figures`, and `capacite_h`.
    changed
        Sorted rows of the units whose status, rates, deficit or zone differ from the coverage
        the trial starts from.
    """

    statut: NDArray[np.int8]
    mixte: NDArray[np.bool_]
    gravite: NDArray[np.object_]
    rates: Means
    state_rates: Means
    deficit_h: NDArray[np.int64]
    servi_h: NDArray[np.int64]
    zone_id: NDArray[np.object_]
    atom_statut: NDArray[np.int8]
    recut: NDArray[np.int64]
    zones: pd.DataFrame
    totals: dict[str, Any]
    changed: NDArray[np.int64]

    @cached_property
    def taux(self) -> NDArray[np.object_]:
        """Taux de réponse by unit, `Fraction`, None without need; shape (units,)."""
        return self.rates.exact

    @cached_property
    def taux_etat(self) -> NDArray[np.object_]:
        """Taux de réponse État by unit, as `taux`."""
        return self.state_rates.exact

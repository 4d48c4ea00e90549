"""What a what-if changes, as columns ready to be written as JSON."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson

from api.trials.rates import rounded_rates
from coverage.parameters import CLASSES
from coverage.shapes import is_cut
from coverage.status import KNOWN, STATUTS
from coverage.totals import Shown, shown_figures
from maps.tables import known_hours, whole
from maps.web.values import GRAVITES, rounded_down

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from api.facts.ground import Ground
    from coverage.trials.outcome import Outcome


@dataclass(frozen=True)
class Filed:
    """What answers are told against: the study as filed, in the régions shown.

    Attributes
    ----------
    regions
        Codes of the régions shown, empty for all.
    units
        Which units are shown, shape (units,).
    mixed
        Which units show one status and hold another, shape (units,).
    whole
        What the communes shown show, as filed.
    totals
        Figures of the régions shown, as filed.
    rank
        Row of each shown unit in the table of communes, shape (units,).
    parts
        Rows of the cut atoms of the units shown, in their order.
    part_status
        Their status as filed, positions in `STATUTS`.
    unknown
        Classes whose need is unknown, by unit.
    """

    regions: tuple[str, ...]
    units: NDArray[np.bool_]
    mixed: NDArray[np.bool_]
    whole: Shown
    totals: dict[str, Any]
    rank: NDArray[np.int64]
    parts: NDArray[np.int64]
    part_status: NDArray[np.int8]
    unknown: tuple[frozenset[str], ...]


def filed_of(ground: Ground, region: str) -> Filed:
    """Return what answers about a study, or one of its régions, are told against."""
    units = ground.shown_units(region)
    shown = ground.shown(region)
    parts = np.flatnonzero(is_cut(ground.coverage.atoms) & units[ground.unit_of_atom])
    return Filed(
        regions=shown.study.regions,
        units=units,
        mixed=ground.coverage.communes["mixte"].to_numpy(dtype=bool),
        whole=_whole(shown.communes),
        totals=dict(shown.totals),
        rank=np.cumsum(units) - 1,
        parts=parts,
        part_status=ground.status_of_atom[parts],
        unknown=tuple(map(frozenset, ground.coverage.communes["classes_inconnues"])),
    )


def _whole(communes: pd.DataFrame) -> Shown:
    known = [KNOWN.index(label) for label in communes["besoin_connu"]]
    none = np.zeros(len(communes), dtype=np.int64)
    return Shown(
        people=np.maximum(communes["population"].to_numpy(), 0),
        need=communes["besoin_h"].to_numpy(),
        state_need=communes["besoin_etat_h"].to_numpy(),
        served=none,
        status=none.astype(np.int8),
        mixed=none.astype(bool),
        known=np.array(known, dtype=np.int8),
        outlined=communes["surface_km2"].notna().to_numpy(),
    )


def answer(filed: Filed, outcome: Outcome) -> bytes:
    """Return what an outcome changes: communes and parts that differ, all zones, totals."""
    zones = outcome.zones
    if filed.regions:
        zones = zones[zones["region"].isin(filed.regions)]
    content = {
        "communes": _communes(filed, outcome),
        "parties": _parts(filed, outcome),
        "zones": _zones(zones),
        "totaux": _totals(filed, outcome, zones),
    }
    return orjson.dumps(content)


def _communes(filed: Filed, outcome: Outcome) -> dict[str, list[Any]]:
    changed = outcome.mixte != filed.mixed
    changed[outcome.changed] = True
    rows = np.flatnonzero(changed & filed.units)
    return {
        "rang": filed.rank[rows].tolist(),
        "statut": outcome.statut[rows].tolist(),
        "mixte": outcome.mixte[rows].astype(int).tolist(),
        "gravite": [GRAVITES.index(label or "") for label in outcome.gravite[rows]],
        "taux": rounded_rates(outcome.rates, rows),
        "taux_etat": rounded_rates(outcome.state_rates, rows),
        "deficit_h": known_hours(
            outcome.deficit_h[rows], [filed.unknown[row] for row in rows.tolist()], CLASSES
        ),
        "zone": outcome.zone_id[rows].tolist(),
    }


def _parts(filed: Filed, outcome: Outcome) -> dict[str, list[int]]:
    status = outcome.atom_statut[filed.parts]
    changed = np.flatnonzero(status != filed.part_status)
    return {"rang": changed.tolist(), "statut": status[changed].tolist()}


def _zones(zones: pd.DataFrame) -> dict[str, list[Any]]:
    return {
        "id": zones.index.tolist(),
        "statut": [STATUTS.index(name) for name in zones["statut"]],
        "region": zones["region"].tolist(),
        "communes": whole(zones["communes"]),
        "population": whole(zones["population"]),
        "besoin_h": whole(zones["besoin_h"]),
        "deficit_h": whole(zones["deficit_h"]),
        "taux": [rounded_down(rate) for rate in zones["taux_reponse"]],
        "etp_manquants": [round(float(etp), 2) for etp in zones["etp_manquants"]],
        "retenue": zones["retenue"].astype(int).tolist(),
    }


def _totals(filed: Filed, outcome: Outcome, zones: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Return the figures of the régions shown, as filed and after."""
    shown = replace(
        filed.whole,
        served=outcome.servi_h[filed.units],
        status=outcome.statut[filed.units],
        mixed=outcome.mixte[filed.units],
    )
    after = {**shown_figures(shown, zones), "capacite_h": outcome.totals["capacite_h"]}
    return {"avant": {name: filed.totals[name] for name in after}, "apres": after}

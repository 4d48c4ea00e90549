"""The accessible table of zones: the content of the map, line by line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from coverage.wording import whole as integer
from maps.numbers import UNKNOWN
from maps.statuses import STYLES, style_rank
from maps.tables import whole

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    import numpy as np
    from numpy.typing import NDArray

    from maps.scope import Scope
    from maps.shapes import MapShapes


@dataclass(frozen=True)
class ZoneLine:
    """A row of the accessible table, ready to print."""

    row: int
    id: str
    status: str
    communes: str
    population: str
    need: str
    deficit: str
    break_even: str
    reason: str
    drawn: bool


def zone_lines(
    scope: Scope,
    shapes: MapShapes,
    chosen: NDArray[np.bool_],
    *,
    by: str,
) -> list[ZoneLine]:
    """Return the chosen zones, the largest by a column first, ties by id."""
    frame = scope.zones.assign(position=range(len(scope.zones)))[chosen]
    size = [-(value or 0) for value in whole(frame[by])]
    frame = frame.assign(size=size).sort_values(["size", "position"], kind="stable")
    records = zip(frame.index, frame.to_dict("records"), strict=True)
    numbers = {
        name: [UNKNOWN if value is None else integer(value) for value in whole(frame[name])]
        for name in ("population", "besoin_h", "deficit_h")
    }
    return [
        ZoneLine(
            row=int(zone["position"]),
            id=str(zone_id),
            status=_status(zone),
            communes=integer(len(zone["communes"])),
            population=numbers["population"][number],
            need=numbers["besoin_h"][number],
            deficit=numbers["deficit_h"][number],
            break_even=_break_even(zone),
            reason=str(zone["motif"]),
            drawn=bool(shapes.zones[int(zone["position"])]),
        )
        for number, (zone_id, zone) in enumerate(records)
    ]


def _status(zone: Mapping[Hashable, Any]) -> str:
    gravite = zone["gravite"] if isinstance(zone["gravite"], str) else ""
    unknown = bool(zone["classes_inconnues"])
    return STYLES[style_rank(zone["statut"], gravite, unknown=unknown)].short


def _break_even(zone: Mapping[Hashable, Any]) -> str:
    if zone["statut"] != "capacite_insuffisante":
        return "sans objet"
    value = whole([zone["seuil_bascule_h_par_etp"]])[0]
    return "aucun" if value is None else integer(value)

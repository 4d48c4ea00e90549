"""State services as a planner files them: the table `services_etat`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coverage.frames import SERVICE_COLUMNS
from coverage.origins.services import TYPES, units_at
from data.services.frames import NOT_PLACED, service_frame, settle_places
from data.study.checks import check_unique
from data.study.faults import Findings, proposal, quoted
from data.study.filed_codes import place_codes
from data.study.place_names import PlaceNames
from geo.errors import Notice

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from data.study.table_reader import TypedTable
    from geo.territory import Territory


def services_of_table(typed: TypedTable, territory: Territory) -> tuple[pd.DataFrame, Findings]:
    """Return the services of the table, and what is wrong with them.

    Each needs a commune or a point. Where both are given and disagree, the point wins and it is
    told (`settle_places`). References to `structures` are checked with the other tables.
    """
    placed, findings = place_codes(typed, "commune", PlaceNames(territory), "commune")
    findings += check_unique(placed, "service_id") + _half_points(placed)
    findings += _nowhere(placed, territory) + _types(placed) + _contradictions(placed)
    columns: dict[str, list[object]] = {
        name: placed.frame[name].tolist() for name in SERVICE_COLUMNS if name != "file"
    }
    columns["file"] = [placed.file] * len(placed.frame)
    frame = service_frame(columns)
    settled, found = settle_places(frame, territory)
    # A service that has no place is an error here, and need not be told twice.
    told = (notice for notice in found.warnings if NOT_PLACED not in notice.message)
    return settled, findings + Findings((), tuple(told))


def _faults(table: TypedTable, mask: NDArray[np.bool_], column: str, *told: str) -> Findings:
    return Findings(
        tuple(Notice(table.file, int(row), column, *told) for row in table.frame.loc[mask, "row"])
    )


def _half_points(table: TypedTable) -> Findings:
    empty = table.empty[["lon", "lat"]]
    half = (empty["lon"] != empty["lat"]).to_numpy() & table.usable("lon", "lat")
    return _faults(
        table,
        half,
        "lon",
        "longitude sans latitude, ou l’inverse",
        "donnez les deux, ou videz les deux",
    )


def _nowhere(table: TypedTable, territory: Territory) -> Findings:
    """Report services with no place, and points that are in no commune when nothing else is."""
    believed = table.usable("commune", "lon", "lat")
    coded, pointed = table.filled("commune"), table.filled("lon", "lat")
    lon, lat = (table.frame[name].to_numpy(dtype=np.float64) for name in ("lon", "lat"))
    inside = units_at(lon, lat, territory) >= 0
    swapped = units_at(lat, lon, territory) >= 0
    lost = believed & pointed & ~inside
    half = (table.empty["lon"] != table.empty["lat"]).to_numpy()
    return (
        _faults(
            table,
            believed & ~coded & ~pointed & ~half,
            "commune",
            "service sans lieu : ni commune, ni longitude et latitude",
            "donnez le code de sa commune, ou ses coordonnées",
        )
        + _faults(
            table,
            lost & swapped,
            "lon",
            "longitude et latitude échangées : dans l’autre ordre, le point est en France",
            "« lon » est la longitude (-5 à 10 en métropole), « lat » la latitude (41 à 51)",
        )
        + _faults(
            table,
            lost & ~swapped & ~coded,
            "lon",
            "point hors de toute commune : en mer, à l’étranger, ou dans un trou de la carte",
            "corrigez les coordonnées, ou donnez plutôt le code de la commune",
        )
    )


def _types(table: TypedTable) -> Findings:
    filed = table.frame.loc[table.filled("type"), ["row", "type"]].drop_duplicates("type")
    return Findings(
        (),
        tuple(
            Notice(
                table.file,
                int(row),
                "type",
                f"type {quoted(kind)} inconnu, gardé tel quel ; ses heures vont à la classe etat",
                proposal(kind, TYPES) or f"types connus : {', '.join(TYPES)}",
            )
            for row, kind in filed.itertuples(index=False)
            if kind not in TYPES
        ),
    )


def _contradictions(table: TypedTable) -> Findings:
    """Warn of a service that a structure accompanies and that is said not to be accompanied."""
    said = table.frame["accompagne"].to_numpy() != "oui"
    rows = table.frame.loc[table.filled("structure_id") & table.usable("accompagne") & said]
    return Findings(
        (),
        tuple(
            Notice(
                table.file,
                int(row),
                "accompagne",
                f"structure {quoted(name)} donnée, mais « accompagne » vaut « {value} »",
                "écrivez « oui » si elle l’accompagne, ou videz « structure_id »",
            )
            for row, name, value in rows[["row", "structure_id", "accompagne"]].itertuples(
                index=False
            )
        ),
    )

"""The frame of State services that every reader fills, and where a public record places them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from coverage.frames import SERVICE_COLUMNS
from coverage.origins.services import units_at
from data.study.cells import siret_is_valid
from data.study.faults import Findings, count
from geo.errors import Notice

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geo.territory import Territory

_NUMBERS = {"lon": "float64", "lat": "float64", "heures": "float64", "row": "int64"}
_SIRET_DIGITS = 14
_NAMED = 5

NOT_PLACED = "non placé, ni coordonnées ni commune reconnues"
"""Said of services whose place is not known."""


def service_frame(columns: Mapping[str, Sequence[object]] | None = None) -> pd.DataFrame:
    """Return services sorted by identifier: columns `SERVICE_COLUMNS`, empty by default."""
    given = columns or {name: [] for name in SERVICE_COLUMNS}
    frame = pd.DataFrame({name: given[name] for name in SERVICE_COLUMNS})
    dtypes = {name: _NUMBERS.get(name, "str") for name in SERVICE_COLUMNS}
    return frame.astype(dtypes).sort_values(["service_id", "row"], ignore_index=True)


def public_frame(records: Sequence[Mapping[str, object]], file: str) -> pd.DataFrame:
    """Return the services of a public list: none says who accompanies it, nor its hours.

    Parameters
    ----------
    records
        Keys `row`, `service_id`, `nom`, `type`, `siret`, `commune`, `lon`, `lat`.
    """
    said = {"file": file, "accompagne": "inconnu", "structure_id": "", "heures": np.nan}
    return service_frame(
        {name: [{**said, **each}[name] for each in records] for name in SERVICE_COLUMNS}
    )


def sound_siret(text: str) -> str:
    """Return a SIRET without its spaces, empty when it is not one.

    >>> sound_siret("356 000 000 00048"), sound_siret("12")
    ('35600000000048', '')
    """
    digits = "".join(text.split())
    right = len(digits) == _SIRET_DIGITS and digits.isdecimal() and siret_is_valid(digits)
    return digits if right else ""


def settle_places(frame: pd.DataFrame, territory: Territory) -> tuple[pd.DataFrame, Findings]:
    """Return services with one place each: their point, else their commune.

    A point that falls in a unit says where in the commune the service is, and wins over a
    commune that disagrees: addresses are geocoded, codes are often those of the postal town.
    That is told. A point in no unit (sea, abroad) gives way to the commune. A service without
    either keeps the code it was filed with: it is listed with what could not be placed.
    """
    lon, lat = (frame[name].to_numpy(dtype=np.float64) for name in ("lon", "lat"))
    at = units_at(lon, lat, territory)
    members = territory.members["commune"]
    given = np.isfinite(lon) & np.isfinite(lat)
    known = frame["commune"].isin(list(members)).to_numpy()
    disagrees = np.array(
        [
            unit >= 0 and code in members and unit not in members[code]
            for unit, code in zip(at.tolist(), frame["commune"], strict=True)
        ],
        dtype=bool,
    )
    pointed = at >= 0
    settled = frame.assign(
        commune=frame["commune"].mask(pointed, ""),
        lon=np.where(pointed, lon, np.nan),
        lat=np.where(pointed, lat, np.nan),
    )
    facts = (
        (disagrees, "coordonnées crues, dans une autre commune que le code donné"),
        (
            given & ~pointed & known,
            "code de la commune cru, coordonnées hors de toute commune",
        ),
        (~pointed & ~known, NOT_PLACED),
    )
    findings = Findings()
    for mask, what in facts:
        findings += told(frame, mask, what)
    return settled, findings


def told(frame: pd.DataFrame, mask: np.ndarray, what: str) -> Findings:
    """Return one warning that counts and names services."""
    rows = frame[mask]
    if rows.empty:
        return Findings()
    names = ", ".join(f"« {name} »" for name in rows["nom"].head(_NAMED))
    more = f" et {count(len(rows) - _NAMED, 'autre')}" if len(rows) > _NAMED else ""
    message = f"{what} : {count(len(rows), 'service')} ({names}{more})"
    file, row = str(rows["file"].iloc[0]), int(rows["row"].min())
    remedy = "vérifiez le lieu"
    if file.partition(".")[0] != "services_etat" or file.endswith(".json"):
        remedy += ", ou décrivez ces services dans services_etat.csv"
    return Findings((), (Notice(file, row, "", message, remedy),))

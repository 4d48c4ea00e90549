"""State services of the official directory (DILA, annuaire de l’administration), in JSON.

The daily dump is `{"service": […]}`; the API exports a list of records in which `pivot`, `adresse`
and others are JSON written as text. Only what says which service it is and where is read: no
name of a person, no address for letters, no telephone, no e-mail.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson

from data.services.frames import public_frame, service_frame, settle_places, sound_siret
from data.services.kinds import TYPE_OF_CODE
from data.study.faults import Findings, count
from data.study.filed_tables import file_entry
from geo.errors import Notice

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from coverage.model import InputFile
    from geo.territory import Territory

LABEL = "l’annuaire de l’administration (DILA), en JSON"
_OLD_CODE = re.compile(r"([a-z_]+)-\w{5}-\d+")
_VISITED = "Adresse"
"""`type_adresse` of where the service is; letters may go elsewhere."""

_AGAIN = "téléchargez-le de nouveau à sa source"


def read_directory(
    content: bytes, name: str, territory: Territory
) -> tuple[pd.DataFrame, InputFile, Findings]:
    """Return the State services of the directory, `accompagne` unknown.

    Services of other types are counted; a service listed twice is read once.

    Parameters
    ----------
    name
        Of the file, for messages and provenance.
    """
    records = services_of(content)
    if records is None:
        message = f"JSON illisible, ou qui n’est pas {LABEL}"
        notice = Notice(name, 0, "", message, _AGAIN)
        return service_frame(), file_entry(name, 0, content), Findings((notice,))
    kept: dict[str, dict[str, object]] = {}
    others = doubled = 0
    for row, record in enumerate(records, start=1):
        kind = _type(record)
        if not kind:
            others += 1
            continue
        identifier = _text(record.get("id")) or f"annuaire-{row}"
        if identifier in kept:
            doubled += 1
            continue
        kept[identifier] = {"row": row, "service_id": identifier, "type": kind, **_read(record)}
    frame, findings = settle_places(public_frame(list(kept.values()), name), territory)
    entry = file_entry(name, len(records), content)
    return frame, entry, findings + _told(name, len(kept), others, doubled)


def services_of(content: bytes) -> list[dict[str, Any]] | None:
    """Return the records of a directory, None when the content is none."""
    try:
        document = orjson.loads(content)
    except orjson.JSONDecodeError:
        return None
    if isinstance(document, dict):
        document = next((document[key] for key in ("service", "results") if key in document), None)
    if not isinstance(document, list):
        return None
    records = [record for record in document if isinstance(record, dict)]
    named = bool(records) and ("pivot" in records[0] or "ancien_code_pivot" in records[0])
    return records if named and len(records) == len(document) else None


def _type(record: dict[str, Any]) -> str:
    """Return our type of a record, empty when it is none of them."""
    codes = [_text(each.get("type_service_local")) for each in _inner(record.get("pivot"))]
    old = _OLD_CODE.fullmatch(_text(record.get("ancien_code_pivot")))
    codes += [old[1]] if old and not any(codes) else []
    return next((TYPE_OF_CODE[code] for code in codes if code in TYPE_OF_CODE), "")


def _read(record: dict[str, Any]) -> dict[str, object]:
    """Return the name, the SIRET and the place of a record, and nothing else of it."""
    lon, lat = _point(record)
    return {
        "nom": _text(record.get("nom")),
        "siret": sound_siret(_text(record.get("siret"))),
        "commune": _commune(record),
        "lon": lon,
        "lat": lat,
    }


def _commune(record: dict[str, Any]) -> str:
    """Return the commune of the service; the pivot lists those it serves, one says where it is."""
    own = record.get("code_insee_commune")
    if isinstance(own, list):
        own = own[0] if len(own) == 1 else ""
    if _text(own):
        return _text(own)
    served = [code for each in _inner(record.get("pivot")) for code in _codes(each)]
    return served[0] if len(served) == 1 else ""


def _codes(pivot: dict[str, Any]) -> list[str]:
    codes = pivot.get("code_insee_commune")
    return [_text(code) for code in (codes if isinstance(codes, list) else [codes]) if _text(code)]


def _point(record: dict[str, Any]) -> tuple[float, float]:
    """Return longitude and latitude of the address that is visited, else of another, else NaN."""
    addresses = list(_inner(record.get("adresse")))
    addresses.sort(key=lambda each: each.get("type_adresse") != _VISITED)
    for each in addresses:
        lon, lat = _number(each.get("longitude")), _number(each.get("latitude"))
        # Nothing of the State stands at 0, 0: the directory writes it for an unknown place.
        if np.isfinite(lon) and np.isfinite(lat) and (lon or lat):
            return lon, lat
    return np.nan, np.nan


def _inner(value: object) -> Iterator[dict[str, Any]]:
    """Yield the objects of a list, be it JSON written as text."""
    if isinstance(value, str):
        try:
            value = orjson.loads(value) if value.strip() else []
        except orjson.JSONDecodeError:
            return
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, dict):
            yield each


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _number(value: object) -> float:
    try:
        return float(str(value).strip().replace(",", "."))
    except ValueError:
        return np.nan


def _told(name: str, kept: int, others: int, doubled: int) -> Findings:
    warnings = [
        Notice(
            name,
            0,
            "",
            f"{count(kept, 'service de l’État lu', 'services de l’État lus')} ; "
            f"{count(others, 'fiche')} d’autres types "
            "(mairies, associations, guichets…), hors du sujet",
            "rien à faire",
        )
    ]
    if doubled:
        message = f"identifiant déjà lu : {count(doubled, 'fiche')}, gardée une fois"
        warnings.append(Notice(name, 0, "id", message, "rien à faire"))
    return Findings((), tuple(warnings))

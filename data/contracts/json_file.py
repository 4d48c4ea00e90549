"""Official JSON, schemas of 2019 and 2022, as one flat frame: what stands in it, nothing judged.

2019: `{"marches": [...]}`; 2022: `{"marches": {"marche": [...], "contrat-concession": [...]}}`.
Only the fields of `RAW` are read: holders and sub-contracting acts bring nothing, and may repeat.
"""

from __future__ import annotations

import json
from math import isfinite
from typing import TYPE_CHECKING, Any

import orjson
import polars as pl

from data.contracts.fields import RAW

if TYPE_CHECKING:
    from collections.abc import Iterator

CONCESSION = "concession"

_TO_SPACES = bytes(max(byte, ord(" ")) for byte in range(256))
_BOM = b"\xef\xbb\xbf"


class NotContractsError(ValueError):
    """Content that is not JSON of contracts; its text says why, in French."""


def read_json(content: bytes) -> pl.DataFrame:
    """Return the contracts of a file, columns and dtypes of `RAW`, in file order.

    Raises
    ------
    NotContractsError
        When the content is not JSON, or holds no list of contracts.
    """
    rows = [
        _row(number, item, concession=concession)
        for number, (item, concession) in enumerate(_items(_parsed(content)), start=1)
    ]
    return pl.DataFrame(rows, schema=RAW, orient="row")


def _parsed(content: bytes) -> Any:  # noqa: ANN401 - whatever JSON can say
    """Return the parsed content; control characters inside texts are taken for spaces."""
    clean = content.removeprefix(_BOM).translate(_TO_SPACES)
    try:
        return orjson.loads(clean)
    except orjson.JSONDecodeError:
        pass
    for encoding in ("utf-8", "cp1252"):
        try:
            return json.loads(clean.decode(encoding))  # takes NaN, which some publishers write
        except (UnicodeDecodeError, RecursionError):
            continue
        except json.JSONDecodeError as error:
            raise NotContractsError(f"JSON illisible au caractère {error.pos}") from error
    raise NotContractsError("texte illisible, ni UTF-8 ni Windows-1252")


def _items(root: object) -> Iterator[tuple[object, bool]]:
    """Yield each contract and whether it stands among the concessions."""
    held = root.get("marches") if isinstance(root, dict) else None
    if isinstance(held, dict):
        lists = [(held.get("marche"), False), (held.get("contrat-concession"), True)]
    else:
        lists = [(held, False)]
    if all(items is None for items, _ in lists):
        raise NotContractsError("aucune liste « marches » dans le fichier")
    for items, concession in lists:
        for item in _listed(items):
            yield item, concession


def _listed(value: object) -> list[Any]:
    """Return a list: one object written alone is a list of one."""
    if value is None or value == "":
        return []
    return value if isinstance(value, list) else [value]


def _row(number: int, item: object, *, concession: bool) -> tuple[object, ...]:
    if not isinstance(item, dict):
        return (number, *(None for _ in range(len(RAW) - 4)), 0, True, True)
    changes = _changes(item)
    grantor = _inner(item, "autoriteConcedante", "id")
    buyer = _inner(item, "acheteur", "id")
    granted = (
        concession or "concession" in _folded(item.get("_type")) or bool(grantor and not buyer)
    )
    return (
        number,
        buyer or grantor,
        _shown(item.get("id")),
        _latest(item, changes, "montant", "valeurGlobale"),
        _latest(item, changes, "dureeMois"),
        _shown(item.get("dateNotification") or item.get("dateSignature")),
        _shown(item.get("datePublicationDonnees")),
        _shown(item.get("codeCPV")),
        _inner(item, "lieuExecution", "typeCode"),
        _inner(item, "lieuExecution", "code"),
        _joined(item.get("considerationsSociales")),
        _shown(item.get("idAccordCadre")),
        _nature(item, granted=granted),
        None,
        0,
        True,
        False,
    )


def _nature(item: dict[str, Any], *, granted: bool) -> str | None:
    nature = _shown(item.get("nature"))
    told = CONCESSION in _folded(nature)
    return (
        f"{CONCESSION} ({nature})"
        if granted and nature and not told
        else nature or (CONCESSION if granted else None)
    )


def _changes(item: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the modifications, the last notified last.

    Ties go by number, then by date of publication, then by content, never by place in the file.
    """
    found = item.get("modifications")
    if isinstance(found, dict):
        found = found.get("modification", [])
    inner = [
        change.get("modification", change) for change in _listed(found) if isinstance(change, dict)
    ]
    return sorted((change for change in inner if isinstance(change, dict)), key=_moment)


def _moment(change: dict[str, Any]) -> tuple[str, int, str, str]:
    notified = change.get("dateNotificationModification") or change.get("dateSignatureModification")
    number = str(change.get("id", ""))
    return (
        str(notified or "")[:10],
        int(number) if number.isascii() and number.isdecimal() else 0,
        str(change.get("datePublicationDonneesModification") or "")[:10],
        json.dumps(change, sort_keys=True, default=str),
    )


def _latest(item: dict[str, Any], changes: list[dict[str, Any]], *names: str) -> str | None:
    """Return the last readable value of a field, the contract's own when no change has one."""
    own = next((_shown(item.get(name)) for name in names if item.get(name)), None)
    own = own or _shown(item.get(names[0]))
    changed = [_shown(change.get(name)) for change in changes for name in names]
    readable = [value for value in changed if value and _is_number(value)]
    return readable[-1] if readable else own


def _is_number(text: str) -> bool:
    try:
        return isfinite(float(text.replace(",", ".").replace(" ", "")))
    except ValueError:
        return False


def _inner(item: dict[str, Any], name: str, key: str) -> str | None:
    """Return a field of an object, written inside it or flat (`acheteur.id`)."""
    held = item.get(name)
    inside = held.get(key) if isinstance(held, dict) else held if key == "id" else None
    return _shown(inside) or _shown(item.get(f"{name}.{key}"))


def _shown(value: object) -> str | None:
    """Return a value as text, null when nothing is written."""
    if value is None or value == "" or isinstance(value, dict | list):
        return None
    return str(value)


def _joined(value: object) -> str | None:
    """Return the texts of a list, an object or a text, however nested."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        texts = [text for item in value if (text := _joined(item))]
        return "|".join(texts) or None
    return _shown(value)


def _folded(value: object) -> str:
    return str(value or "").casefold()

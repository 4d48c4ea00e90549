"""XLSX workbooks of a deposit: what no reader should open is refused, parts counted as they come.

Pictures and whatever else no cell comes from are unpacked to be counted, never opened.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from data.study.cells import Refusal
from data.uploads.limits import Exhausted, Refused
from data.uploads.names import decode_name, shown_name
from data.uploads.zips import STARTS, Member, list_members, pieces, refusal_of
from data.workbooks.archive import FOREIGN, WORKBOOK_PART

if TYPE_CHECKING:
    from collections.abc import Iterable

    from data.uploads.limits import Budget

_XML = (".xml", ".rels", ".vml")
_DECLARED = (b"<!DOCTYPE", b"<!ENTITY")
_LONGEST_MARK = max(map(len, _DECLARED))
_MACROS_DECLARED = b"macroEnabled"
_TYPES_PART = "[content_types].xml"
_NEW_BOOK = "copiez les cellules dans un classeur neuf"
_AGAIN = "copiez-le de nouveau, ou copiez les cellules dans un classeur neuf"
_TWICE = Refusal("classeur dont un élément est présent deux fois", _NEW_BOOK)
_ENTITIES = Refusal("classeur dont le XML déclare des entités", _NEW_BOOK)
_ENCODED = Refusal("classeur écrit dans un autre codage que UTF-8", _NEW_BOOK)
_OUTSIDE = Refusal("classeur dont un élément sort de l’archive", _NEW_BOOK)
_EMBEDDED = Refusal(
    "classeur qui contient un autre document", "supprimez les objets incorporés, puis enregistrez"
)
_FORBIDDEN: tuple[tuple[str, Refusal], ...] = (
    ("xl/vbaproject", FOREIGN["xlsm"]),
    ("xl/macrosheets/", FOREIGN["xlsm"]),
    ("xl/activex/", FOREIGN["xlsm"]),
    (
        "xl/externallinks/",
        Refusal(
            "classeur lié à d’autres classeurs",
            "dans le tableur : Données, Modifier les liens, Rompre la liaison, puis enregistrez",
        ),
    ),
    (
        "xl/connections.xml",
        Refusal(
            "classeur lié à des données extérieures",
            "dans le tableur : Données, Requêtes et connexions, supprimez-les, puis enregistrez",
        ),
    ),
    ("xl/embeddings/", _EMBEDDED),
)


def book_refusals(content: bytes, budget: Budget) -> list[Refusal]:
    """Return why a workbook is refused; nothing when a reader may open it.

    Raises
    ------
    Exhausted
        When the whole deposit has used what it may.
    """
    members = list_members(content, budget)
    if isinstance(members, Refusal):
        return [Refusal(f"classeur illisible : {members.message}", _AGAIN)]
    names = [_part_name(member) for member in members]
    found = _by_names(names)
    for name, member in sorted(zip(names, members, strict=True), key=lambda pair: pair[0]):
        refusal = refusal_of(member) or _content(content, name, member, budget)
        if refusal is not None:
            found.append(refusal)
    return list(dict.fromkeys(found))


def _part_name(member: Member) -> str:
    name = decode_name(member.raw_name, declared_utf8=False) or ""
    return name.replace("\\", "/").lower()


def _by_names(names: Iterable[str]) -> list[Refusal]:
    listed = sorted(names)
    known = set(listed)
    found = [refusal for start, refusal in _FORBIDDEN if _any_starts(known, start)]
    if "mimetype" in known and "content.xml" in known:
        found.append(FOREIGN["ods"])
    elif "xl/workbook.bin" in known:
        found.append(FOREIGN["xlsb"])
    elif WORKBOOK_PART not in known:
        message = "archive qui n’est pas un classeur .xlsx"
        found.append(Refusal(message, "donnez-lui l’extension de ce qu’elle est"))
    if len(known) < len(listed):
        found.append(_TWICE)
    if any(name.startswith("/") or ".." in name.split("/") for name in known):
        found.append(_OUTSIDE)
    return found


def _any_starts(names: Iterable[str], start: str) -> bool:
    return any(name.startswith(start) for name in names)


def _content(content: bytes, name: str, member: Member, budget: Budget) -> Refusal | None:
    """Return why a part is refused once unpacked; no part is kept."""
    is_xml, tail, refusal = name.endswith(_XML), b"", None
    try:
        for number, piece in enumerate(pieces(content, member, budget)):
            seen = tail + piece
            if number == 0 and piece.startswith(STARTS):
                refusal = _EMBEDDED
            elif number == 0 and is_xml and _other_encoding(piece):
                refusal = _ENCODED
            elif is_xml and any(mark in seen for mark in _DECLARED):
                refusal = _ENTITIES
            elif name == _TYPES_PART and _MACROS_DECLARED in seen:
                refusal = FOREIGN["xlsm"]
            if refusal is not None:
                return refusal
            tail = seen[-max(_LONGEST_MARK, len(_MACROS_DECLARED)) + 1 :]
    except Exhausted:
        raise
    except Refused as refused:
        inner = refused.refusal
        shown = shown_name(name)
        return Refusal(f"classeur dont « {shown} » est un {inner.message}", _AGAIN)
    return None


def _other_encoding(piece: bytes) -> bool:
    return b"\0" in piece[:4] or piece.startswith((b"\xfe\xff", b"\xff\xfe"))

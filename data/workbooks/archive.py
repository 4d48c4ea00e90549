"""The parts of an XLSX workbook, read from bytes that may be anything, or hostile.

Nothing is unpacked before the archive's own list is found reasonable, and no part is parsed
before it is found free of a document type. What the workbook reader gets is a copy made of the
parts checked here, so that no other tool reads the archive in another way.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from coverage.wording import whole
from data.study.cells import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_BYTES = 300_000_000
"""Bytes unpacked: several times a national table of needs, well within a laptop's memory."""

MAX_RATIO, RATIO_FROM_BYTES = 200, 10_000_000
"""Compression of a large part: sheets reach 30, repeats of one byte 1,000."""

MAX_MEMBERS = 2_000
"""Parts of a workbook: a dozen, and two for each sheet or picture."""

WORKBOOK_PART = "xl/workbook.xml"
RELATIONS_PART = "xl/_rels/workbook.xml.rels"

_NEEDED = ("[content_types].xml", "_rels/.rels")
_NEEDED_FOLDERS = ("xl", "xl/_rels", "xl/worksheets", "xl/chartsheets")
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
)
_AS_XLSX = "ouvrez-le dans le tableur : Enregistrer sous, type « Classeur Excel (.xlsx) »"
_AS_XLSX_OR_CSV = f"{_AS_XLSX} ou « CSV UTF-8 »"
_DAMAGED = Refusal("classeur tronqué ou abîmé", f"copiez-le de nouveau, ou {_AS_XLSX}")
_SUSPECT = "refaites le classeur : copiez les cellules dans un classeur neuf"
_LOCKED = Refusal(
    "classeur protégé par un mot de passe", "ôtez le mot de passe d’ouverture, puis enregistrez"
)
FOREIGN = {
    "xls": Refusal("classeur Excel 97-2003 (.xls), non lu", _AS_XLSX),
    "xlsb": Refusal("classeur binaire (.xlsb), non lu", _AS_XLSX),
    "xlsm": Refusal("classeur à macros (.xlsm), non lu", f"{_AS_XLSX} ; les macros sont ôtées"),
    "ods": Refusal("classeur OpenDocument (.ods), non lu", _AS_XLSX_OR_CSV),
}
"""Extension of other workbooks → why they are not read."""


def read_parts(content: bytes) -> dict[str, bytes] | Refusal:
    """Return the parts of a workbook that hold its cells, by name, or why it is refused."""
    if not content.startswith(b"PK"):
        return _not_an_archive(content)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            refusal = _unreasonable(members) or _foreign({_name(each) for each in members})
            if refusal is not None:
                return refusal
            parts = {_name(each): archive.read(each) for each in members if _needed(_name(each))}
    except _UNREADABLE:
        return _DAMAGED
    return _forbidden(parts) or parts


def unpacked_bytes(content: bytes) -> int:
    """Return how large a workbook says that it is, unpacked; its own size when it says nothing."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return sum(member.file_size for member in archive.infolist())
    except _UNREADABLE:
        return len(content)


def clean_copy(parts: Mapping[str, bytes]) -> io.BytesIO:
    """Return a workbook made of these parts and nothing else."""
    copy = io.BytesIO()
    with zipfile.ZipFile(copy, "w", zipfile.ZIP_STORED) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    copy.seek(0)
    return copy


def _not_an_archive(content: bytes) -> Refusal:
    start = content[:4096].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if not content.strip(b"\0"):
        return Refusal("fichier vide", "remplissez le classeur, ou copiez-le de nouveau")
    if content.startswith(_OLE):
        locked = "EncryptedPackage".encode("utf-16-le") in content
        return _LOCKED if locked else FOREIGN["xls"]
    if start.startswith(b"<"):
        message = "page HTML ou XML enregistrée sous un nom de classeur"
        return Refusal(message, _AS_XLSX)
    if b"\0" not in content:
        message = "texte enregistré sous un nom de classeur"
        return Refusal(message, "si c’est un CSV, donnez-lui l’extension .csv")
    return Refusal("ce n’est pas un classeur .xlsx", _AS_XLSX)


def _unreasonable(members: list[zipfile.ZipInfo]) -> Refusal | None:
    """Return why an archive is not to be unpacked, from what it says of its members."""
    if len(members) > MAX_MEMBERS:
        message = f"classeur de {whole(len(members))} éléments, {whole(MAX_MEMBERS)} au plus"
        return Refusal(message, _SUSPECT)
    if any(member.flag_bits & 1 for member in members):
        return _LOCKED
    names = [_name(member).lower() for member in members]
    if any(name.startswith("/") or ".." in name.split("/") for name in names):
        return Refusal("classeur dont un élément sort de l’archive", _SUSPECT)
    if len(set(names)) < len(names):
        return Refusal("classeur dont un élément est présent deux fois", _SUSPECT)
    total = sum(member.file_size for member in members)
    swollen = any(
        member.file_size > max(RATIO_FROM_BYTES, MAX_RATIO * member.compress_size)
        for member in members
    )
    if total > MAX_BYTES or swollen:
        message = f"classeur qui se déplie en {whole(total // 1_000_000)} Mo, taille anormale"
        return Refusal(message, "gardez les seules cellules utiles dans un classeur neuf")
    return None


def _foreign(names: set[str]) -> Refusal | None:
    """Return why an archive that is something else than an XLSX workbook is refused."""
    lower = {name.lower() for name in names}
    if "mimetype" in lower and "content.xml" in lower:
        return FOREIGN["ods"]
    if "xl/workbook.bin" in lower:
        return FOREIGN["xlsb"]
    if "xl/vbaproject.bin" in lower:
        return FOREIGN["xlsm"]
    if WORKBOOK_PART not in lower:
        return Refusal("archive qui n’est pas un classeur .xlsx", _AS_XLSX)
    return None


def _forbidden(parts: Mapping[str, bytes]) -> Refusal | None:
    for content in parts.values():
        if b"\0" in content[:4]:
            return Refusal("classeur écrit dans un autre codage que UTF-8", _AS_XLSX)
        if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
            return Refusal("classeur dont le XML déclare des entités", _SUSPECT)
    return None


def _name(member: zipfile.ZipInfo) -> str:
    return member.filename.replace("\\", "/")


def _needed(name: str) -> bool:
    lower = PurePosixPath(name.lower())
    xml = lower.suffix in (".xml", ".rels")
    return name.lower() in _NEEDED or (xml and str(lower.parent) in _NEEDED_FOLDERS)

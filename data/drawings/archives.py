"""Zip archives received from others, read in memory under limits: nothing is laid on the disk."""

from __future__ import annotations

import io
import stat
import zipfile
import zlib
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from coverage.wording import THIN, whole
from data.study.faults import Findings, count, quoted
from geo.errors import Notice

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

MAX_BYTES = 500_000_000
"""Largest content of an archive, once unpacked, and largest file."""

_MAX_MEMBERS = 200
_MAX_RATIO = 200
_RATIO_FROM_BYTES = 10_000_000
_MEGABYTE = 1_000_000
_IGNORED_FOLDER = "__macosx"
_ENCRYPTED = 0x1
_REPACK = "refaites l’archive avec les seuls fichiers de la couche, ou déposez-les sans archive"
_SAVED_BADLY = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
)
"""What the library raises on an archive that is cut, corrupt or packed in a rare way."""


def list_members(content: bytes, file: str) -> tuple[tuple[zipfile.ZipInfo, ...], Findings]:
    """Return the files of an archive, hidden ones and folders left out; none when it is refused.

    Every member is judged by what the archive announces of it, before a byte is unpacked.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
    except _SAVED_BADLY:
        return (), _faults(file, ["archive zip coupée ou abîmée"])
    messages = _overall(members)
    messages += [message for member in members if (message := _refusal(member))]
    if messages:
        return (), _faults(file, messages)
    return tuple(
        member for member in members if not (member.is_dir() or _hidden(member))
    ), Findings()


def read_members(
    content: bytes, members: Sequence[zipfile.ZipInfo], file: str
) -> tuple[tuple[bytes, ...], Findings]:
    """Return what members listed by `list_members` hold; none when one cannot be unpacked.

    No member gives more bytes than it announced: the library stops there and checks its sum.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return tuple(map(archive.read, members)), Findings()
    except _SAVED_BADLY:
        return (), _faults(file, ["archive zip coupée ou abîmée : un fichier n’en sort pas"])


def _faults(file: str, messages: Sequence[str]) -> Findings:
    return Findings(tuple(Notice(file, 0, "", message, _REPACK) for message in messages))


def _hidden(member: zipfile.ZipInfo) -> bool:
    path = PurePosixPath(member.filename.lower())
    return path.name.startswith(".") or _IGNORED_FOLDER in path.parts


def _overall(members: Sequence[zipfile.ZipInfo]) -> list[str]:
    messages = []
    if len(members) > _MAX_MEMBERS:
        message = f"archive de {count(len(members), 'fichier')}, {whole(_MAX_MEMBERS)} au plus"
        messages.append(message)
    total = sum(member.file_size for member in members)
    if total > MAX_BYTES:
        found = f"{whole(total // _MEGABYTE)} Mo"
        messages.append(f"archive qui contient {found}, {whole(MAX_BYTES // _MEGABYTE)} Mo au plus")
    return messages


def _refusal(member: zipfile.ZipInfo) -> str:
    """Return why a member makes the archive refused; empty when nothing does."""
    return next((text for fails, text in _CHECKS if fails(member)), "").format(
        quoted(member.filename)
    )


def _leaves_its_folder(member: zipfile.ZipInfo) -> bool:
    # The library cuts a name at its first null byte and turns the separators of the machine.
    name = member.orig_filename.replace("\\", "/")
    return ".." in name.split("/") or name.startswith("/") or ":" in name or "\0" in name


def _is_link(member: zipfile.ZipInfo) -> bool:
    return stat.S_ISLNK(member.external_attr >> 16)


def _is_archive(member: zipfile.ZipInfo) -> bool:
    return member.filename.lower().endswith(".zip")


def _is_encrypted(member: zipfile.ZipInfo) -> bool:
    return bool(member.flag_bits & _ENCRYPTED)


def _is_swollen(member: zipfile.ZipInfo) -> bool:
    swollen = member.file_size > _MAX_RATIO * max(member.compress_size, 1)
    return swollen and member.file_size > _RATIO_FROM_BYTES


_CHECKS: tuple[tuple[Callable[[zipfile.ZipInfo], bool], str], ...] = (
    (_leaves_its_folder, "archive dont un fichier sort de son dossier : {}"),
    (_is_link, "archive qui contient un lien, {}, au lieu d’un fichier"),
    (_is_encrypted, "archive protégée par un mot de passe : {}"),
    (_is_archive, "archive qui en contient une autre : {}"),
    (_is_swollen, f"archive dont un fichier enfle plus de {_MAX_RATIO}{THIN}fois : {{}}"),
)

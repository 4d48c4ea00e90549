"""Zip archives from outside, read strictly: what two tools could read in two ways is refused.

The list at the end of the archive and what stands before each member must agree; members neither
overlap nor announce a size for another (APPNOTE 6.3.10, sections 4.3 and 4.4). Nothing announced
is believed: members are unpacked piece by piece, under a budget.
"""

from __future__ import annotations

import stat
import struct
import zlib
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from coverage.wording import THIN, whole
from data.study.cells import Refusal
from data.uploads.limits import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from data.uploads.limits import Budget

STARTS = (b"PK\x03\x04", b"PK\x05\x06")
"""First bytes of an archive: of its first member, or of its end when it is empty."""

_END, _END_FORMAT = b"PK\x05\x06", struct.Struct("<4s4H2LH")
_LONG_PLACE, _LONG_PLACE_FORMAT = b"PK\x06\x07", struct.Struct("<4sLQL")
_LONG_END, _LONG_END_FORMAT = b"PK\x06\x06", struct.Struct("<4sQ2H2L4Q")
_ENTRY, _ENTRY_FORMAT = b"PK\x01\x02", struct.Struct("<4s6H3L5H2L")
_LOCAL, _LOCAL_FORMAT = b"PK\x03\x04", struct.Struct("<4s5H3L2H")
_LONGEST_COMMENT = 65_535
_IN_LONG = 0xFFFFFFFF
_LONG_FIELD = 1
_ENCRYPTED = 0x1 | 0x40 | 0x2000
_UTF8 = 0x800
_STORED, _DEFLATED = 0, 8
_PIECE = 1 << 16
_AGAIN = "copiez-la de nouveau, ou refaites-la : clic droit sur le dossier, Compresser"
_SUSPECT = "refaites-la depuis les fichiers d’origine"
_DAMAGED = Refusal("archive coupée ou abîmée", _AGAIN)
_TWO_READINGS = Refusal("archive dont deux logiciels liraient des contenus différents", _SUSPECT)


@dataclass(frozen=True)
class Member:
    """One member of an archive, as listed.

    Attributes
    ----------
    flags, method, mode
        General purpose flags, way of packing, Unix mode (0 when the system gave none).
    crc, announced_bytes
        Announced, checked when it is unpacked.
    at, start, packed_bytes
        Place of its header, then of its packed bytes, and their number.
    """

    raw_name: bytes
    flags: int
    method: int
    mode: int
    crc: int
    announced_bytes: int
    at: int
    start: int
    packed_bytes: int

    @property
    def declared_utf8(self) -> bool:
        """Whether its name is said to be in UTF-8."""
        return bool(self.flags & _UTF8)

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder and nothing else."""
        return self.raw_name.endswith((b"/", b"\\")) and not self.announced_bytes


def list_members(content: bytes, budget: Budget) -> tuple[Member, ...] | Refusal:
    """Return the members of an archive in the order of its list, or why it is refused.

    No more is listed than the budget lets: what follows in an endless list is not looked at.
    """
    try:
        number, at, end = _list_place(content)
        listed_at = at
        found: list[Member] = []
        while at < end:
            if len(found) >= budget.members_left:
                return _too_many(budget)
            member, at = _entry(content, at, (listed_at, end))
            found.append(member)
        if number != len(found):
            return _too_many(budget) if number > budget.members_left else _TWO_READINGS
    except struct.error:
        return _DAMAGED
    except Refused as refused:
        return refused.refusal
    budget.list_members(len(found))
    places = sorted((each.at, each.start + each.packed_bytes) for each in found)
    if any(stop > start for (_, stop), (start, _) in pairwise(places)):
        return Refusal("archive dont des fichiers se recouvrent", _SUSPECT)
    return tuple(found)


def refusal_of(member: Member) -> Refusal | None:
    """Return why a member is not to be unpacked, from what its list says of it."""
    kind = stat.S_IFMT(member.mode)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        link = "un lien" if kind == stat.S_IFLNK else "un fichier spécial"
        return Refusal(f"{link} au lieu d’un fichier", "mettez le fichier lui-même dans l’archive")
    if member.flags & _ENCRYPTED:
        return Refusal(
            "fichier protégé par un mot de passe", "refaites l’archive sans mot de passe"
        )
    if member.method not in (_STORED, _DEFLATED):
        return Refusal("fichier compressé d’une façon rare, non lue", _AGAIN)
    return None


def pieces(content: bytes, member: Member, budget: Budget) -> Iterator[bytes]:
    """Give the bytes of a member, piece by piece.

    Raises
    ------
    Refused
        When it is damaged, gives other bytes than announced, or swells too much; `Exhausted` when
        the deposit does.
    """
    given, crc = 0, 0
    for piece in _unpacked(memoryview(content), member):
        given += len(piece)
        crc = zlib.crc32(piece, crc)
        if budget.is_swollen(given, member.packed_bytes):
            ratio = whole(budget.limits.ratio)
            message = f"fichier qui enfle plus de {ratio}{THIN}fois en se dépliant"
            raise Refused(Refusal(message, _SUSPECT))
        budget.spend(len(piece))
        if given > member.announced_bytes:
            break
        yield piece
    if given != member.announced_bytes:
        message = "fichier qui n’a pas la taille que l’archive annonce"
        raise Refused(Refusal(message, _AGAIN))
    if crc != member.crc:
        message = "fichier abîmé : sa somme de contrôle n’est pas celle de l’archive"
        raise Refused(Refusal(message, _AGAIN))


def unpack(content: bytes, member: Member, budget: Budget) -> bytes:
    """Return the bytes of a member.

    Raises
    ------
    Refused
        As `pieces`.
    """
    return b"".join(pieces(content, member, budget))


def _unpacked(content: memoryview, member: Member) -> Iterator[bytes]:
    stop = member.start + member.packed_bytes
    if member.method == _STORED:
        for at in range(member.start, stop, _PIECE):
            yield bytes(content[at : min(at + _PIECE, stop)])
        return
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    at, waiting = member.start, b""
    while not inflater.eof:
        if not waiting:
            waiting = bytes(content[at : min(at + _PIECE, stop)])
            at += len(waiting)
        try:
            piece = inflater.decompress(waiting, _PIECE)
        except zlib.error as error:
            raise Refused(Refusal("fichier abîmé : il ne se déplie pas", _AGAIN)) from error
        if not piece and not waiting and not inflater.eof:
            raise Refused(Refusal("fichier coupé : la fin manque", _AGAIN))
        waiting = inflater.unconsumed_tail
        if piece:
            yield piece
    if inflater.unused_data or at < stop:
        raise Refused(Refusal("fichier suivi de données étrangères dans l’archive", _SUSPECT))


def _list_place(content: bytes) -> tuple[int, int, int]:
    """Return the number of members announced, where their list starts and where it ends."""
    end = content.rfind(_END, max(0, len(content) - _END_FORMAT.size - _LONGEST_COMMENT))
    if end < 0:
        raise Refused(_DAMAGED)
    _, disk, first_disk, here, number, size, at, comment = _END_FORMAT.unpack_from(content, end)
    if end + _END_FORMAT.size + comment != len(content):
        raise Refused(_DAMAGED)
    stop = end
    place = end - _LONG_PLACE_FORMAT.size
    if place >= 0 and content[place : place + 4] == _LONG_PLACE:
        stop = _LONG_PLACE_FORMAT.unpack_from(content, place)[2]
        if stop + _LONG_END_FORMAT.size != place:
            raise Refused(_TWO_READINGS)
        sign, _, _, _, disk, first_disk, here, number, size, at = _LONG_END_FORMAT.unpack_from(
            content, stop
        )
        if sign != _LONG_END:
            raise Refused(_TWO_READINGS)
    if disk or first_disk or here != number:
        raise Refused(Refusal("archive en plusieurs morceaux", "refaites-la en un seul fichier"))
    if at + size != stop:
        raise Refused(_TWO_READINGS)
    return number, at, stop


def _entry(content: bytes, at: int, listed: tuple[int, int]) -> tuple[Member, int]:
    """Return the member whose line of the list is at a place, and the place of the next line.

    Parameters
    ----------
    listed
        Where the list starts, that packed bytes do not reach, and where it ends.
    """
    fields = _ENTRY_FORMAT.unpack_from(content, at)
    sign, _, _, flags, method, _, _, crc, packed, size, *rest = fields
    name_length, extra_length, comment_length, _, _, attributes, header = rest
    name_at = at + _ENTRY_FORMAT.size
    extra_at = name_at + name_length
    after = extra_at + extra_length + comment_length
    if sign != _ENTRY or after > listed[1]:
        raise Refused(_DAMAGED)
    name = content[name_at:extra_at]
    size, packed, header = _long(content[extra_at : extra_at + extra_length], size, packed, header)
    start = _data_place(content, header, (name, flags, method))
    if start + packed > listed[0]:
        raise Refused(_DAMAGED)
    mode = attributes >> 16
    return Member(name, flags, method, mode, crc, size, header, start, packed), after


def _long(extra: bytes, *fields: int) -> tuple[int, ...]:
    """Return sizes and place, the ones too long for the list taken from its extra field."""
    wanted = sum(value == _IN_LONG for value in fields)
    if not wanted:
        return fields
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, at)
        if kind == _LONG_FIELD:
            longs = iter(struct.unpack_from(f"<{wanted}Q", extra[: at + 4 + length], at + 4))
            return tuple(next(longs) if value == _IN_LONG else value for value in fields)
        at += 4 + length
    raise Refused(_DAMAGED)


def _data_place(content: bytes, at: int, listed: tuple[bytes, int, int]) -> int:
    """Return where the packed bytes of a member start, when its own header says what the list does.

    Parameters
    ----------
    listed
        Name, flags and method in the list.
    """
    if at > len(content):
        raise Refused(_DAMAGED)
    fields = _LOCAL_FORMAT.unpack_from(content, at)
    sign, _, flags, method, _, _, _, _, _, name_length, extra_length = fields
    if sign != _LOCAL:
        raise Refused(_DAMAGED)
    name_at: int = at + _LOCAL_FORMAT.size
    name, kept = content[name_at : name_at + name_length], _ENCRYPTED | _UTF8
    if (name, flags & kept, method) != (listed[0], listed[1] & kept, listed[2]):
        raise Refused(_TWO_READINGS)
    return name_at + int(name_length) + int(extra_length)


def _too_many(budget: Budget) -> Refusal:
    message = f"archive de plus de {whole(budget.limits.members)} fichiers, tout compris"
    return Refusal(message, "n’y laissez que les fichiers de l’étude")

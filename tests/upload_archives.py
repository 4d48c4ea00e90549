"""Zip archives made byte by byte, to lie where a library would not; sound ones besides."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from data.uploads.accept import Accepted, accept
from data.uploads.limits import UploadLimits

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

STORED, DEFLATED = 0, 8
UNIX = 3 << 8
SMALL = UploadLimits(upload_bytes=2_000_000, members=50, unpacked_bytes=8_000_000)


@dataclass(frozen=True)
class Entry:
    """One member as it is written; what is None is told truly."""

    name: bytes | str
    content: bytes = b"a,b\n1,2\n"
    method: int = DEFLATED
    flags: int = 0
    mode: int = 0
    packed: bytes | None = None
    crc: int | None = None
    size: int | None = None
    local_name: bytes | None = None
    at: int | None = None
    packed_size: int | None = None
    extra: bytes = b""

    @property
    def raw_name(self) -> bytes:
        return self.name.encode() if isinstance(self.name, str) else self.name


def deflated(content: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(content) + packer.flush()


def made(entries: Iterable[Entry], *, number: int | None = None, comment: bytes = b"") -> bytes:
    """Return an archive of these members, whatever they say of themselves."""
    out, listed = io.BytesIO(), []
    for entry in entries:
        packed = entry.packed
        if packed is None:
            packed = deflated(entry.content) if entry.method == DEFLATED else entry.content
        crc = zlib.crc32(entry.content) if entry.crc is None else entry.crc
        size = len(entry.content) if entry.size is None else entry.size
        name = entry.raw_name
        local = name if entry.local_name is None else entry.local_name
        shown = len(packed) if entry.packed_size is None else entry.packed_size
        at = out.tell() if entry.at is None else entry.at
        if entry.at is None:
            head = (20, entry.flags, entry.method, 0, 0x21, crc, shown, size, len(local), 0)
            out.write(struct.pack("<4s5H3L2H", b"PK\x03\x04", *head) + local + packed)
        version = 20 | (UNIX if entry.mode else 0)
        line = (version, 20, entry.flags, entry.method, 0, 0x21, crc, shown, size, len(name))
        rest = (len(entry.extra), 0, 0, 0, entry.mode << 16, at)
        listed.append(struct.pack("<4s6H3L5H2L", b"PK\x01\x02", *line, *rest) + name + entry.extra)
    start = out.tell()
    for line_bytes in listed:
        out.write(line_bytes)
    count = len(listed) if number is None else number
    size = out.tell() - start
    out.write(struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, count, count, size, start, len(comment)))
    return out.getvalue() + comment


def zipped(files: Mapping[str, str | bytes], *, top: str = "") -> bytes:
    """Return an archive by the library of Python."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(f"{top}{name}", content)
    return out.getvalue()


def told(accepted: Accepted) -> list[str]:
    """Return the faults as a planner reads them; each has a remedy, and nothing comes with one."""
    faults = accepted.findings.faults
    assert all(fault.message and fault.remedy for fault in faults)
    assert not (faults and accepted.files)
    return [str(fault) for fault in faults]


def refused(content: bytes, name: str = "etude.zip", limits: UploadLimits | None = None) -> str:
    """Return the one fault of a deposit."""
    (fault,) = told(accept(name, content, limits))
    return fault


def nested(levels: int, width: int, content: bytes) -> bytes:
    """Return archives in archives, as the well-known bombs are made."""
    inner = made([Entry("x.csv", content)])
    for _ in range(levels):
        inner = made([Entry(f"{number}.zip", inner) for number in range(width)])
    return inner


def memory_of(deposits: Sequence[tuple[str, str]]) -> dict[str, object]:
    """Return what deposits are told, and the bytes that reading them took beyond their own.

    Parameters
    ----------
    deposits
        The path of each, and its name.
    """
    accept("e.zip", zipped({"etude.toml": b""}))
    before = _peak_bytes()
    faults = []
    for path, name in deposits:
        accepted = accept(name, Path(path).read_bytes())
        faults.append([str(fault) for fault in accepted.findings.faults])
    return {"faults": faults, "bytes": _peak_bytes() - before}


def _peak_bytes() -> int:
    # That of `getrusage` would be the peak of the process that started this one.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) * 1024

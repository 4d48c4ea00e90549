"""Bombs and damaged archives, each made by hand: told, without the memory they ask for."""

from __future__ import annotations

import struct
import sys
import zlib
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import pytest
from books import one_sheet, raw_sheet, repacked, saved, sound_book
from toy import STUDY
from upload_archives import (
    SMALL,
    STORED,
    Entry,
    deflated,
    made,
    memory_of,
    nested,
    refused,
    told,
    zipped,
)

from data.uploads.accept import accept
from data.uploads.bounded import run_bounded
from data.uploads.limits import Budget, Exhausted

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FILES = {name: text.encode() for name, text in STUDY.items()}
ZEROS = bytes(40_000_000)
SOUND = zipped(FILES)
LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "lol">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
    + b"]><worksheet>&j;</worksheet>"
)
OUTSIDE = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><worksheet>&e;</worksheet>'


def picture_bomb() -> bytes:
    """Return a small picture that would take fourteen thousand million bytes once decoded."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">L", len(data)) + kind + data + struct.pack(">L", zlib.crc32(kind + data))
        )

    header = struct.pack(">2L5B", 60_000, 60_000, 8, 6, 0, 0, 0)
    packed = zlib.compress(bytes(10_000_000))
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
    )


def overlapping() -> bytes:
    """Return one packed content that five hundred members share."""
    first = Entry("0.csv", b"a" * 900_000)
    same = [replace(first, at=0, packed=b"") for _ in range(500)]
    size = len(zlib.compress(first.content))
    return made([first, *(replace(each, packed_size=size - 6) for each in same)])


def many_members(number: int, *, told_number: int | None = None) -> bytes:
    return made((Entry(f"{n}.csv", b"", STORED) for n in range(number)), number=told_number)


def book_with(sheet: bytes) -> bytes:
    return repacked(saved(sound_book()), {"xl/worksheets/sheet1.xml": sheet})


BOMBS: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "nested": ("e.zip", lambda: nested(4, 16, bytes(1_000_000)), "contient une autre"),
    "nested in itself": ("e.zip", lambda: nested(30, 1, b"a,b\n"), "contient une autre"),
    "flat": ("e.zip", lambda: made([Entry("besoins.csv", ZEROS)]), "fichier qui enfle plus de 200"),
    "flat, told small": (
        "e.zip",
        lambda: made([Entry("x.csv", ZEROS, size=9)]),
        "n’a pas la taille",
    ),
    "flat, told packed": (
        "e.zip",
        lambda: made([Entry("x.csv", ZEROS, packed_size=2_000_000)]),
        "coupée ou abîmée",
    ),
    "many swollen": (
        "e.zip",
        lambda: made([Entry(f"{n}.csv", ZEROS[:999_999]) for n in range(60)]),
        "dépôt qui enfle",
    ),
    "overlapping": ("e.zip", overlapping, "se recouvrent"),
    "many members": ("e.zip", lambda: many_members(65_000), "plus de 2"),
    "many members, told few": ("e.zip", lambda: many_members(9_000, told_number=3), "plus de 2"),
    "few members, told many": ("e.zip", lambda: many_members(3, told_number=65_000), "plus de 2"),
    "sheet": (
        "etude.xlsx",
        lambda: book_with(raw_sheet("<row>" + " " * 30_000_000 + "</row>")),
        "fichier qui enfle plus de 200",
    ),
    "laughs": ("etude.xlsx", lambda: book_with(LAUGHS), "déclare des entités"),
    "outside entity": ("etude.xlsx", lambda: book_with(OUTSIDE), "déclare des entités"),
    "layer": (
        "e.zip",
        lambda: zipped({"sources/q.zip": made([Entry("q.geojson", ZEROS)])}),
        "qui enfle plus de 200",
    ),
}


@cache
def built(bomb: str) -> tuple[str, bytes]:
    name, build, _ = BOMBS[bomb]
    return name, build()


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_is_told(bomb: str) -> None:
    name, content = built(bomb)
    assert any(BOMBS[bomb][2] in fault for fault in told(accept(name, content)))


@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak of memory in /proc")
def test_bombs_take_little_memory(tmp_path: Path) -> None:
    picture = repacked(one_sheet([["a"]]), {"xl/media/image1.png": picture_bomb()})
    deposits = [*map(built, BOMBS), ("etude.xlsx", picture)]
    for number, (_, content) in enumerate(deposits):
        (tmp_path / str(number)).write_bytes(content)
    given = [[str(tmp_path / str(number)), name] for number, (name, _) in enumerate(deposits)]
    outcome = run_bounded(memory_of, [given], seconds=120, memory_bytes=2_000_000_000)
    assert outcome.state == "rendue", outcome
    *of_bombs, of_picture = outcome.value["faults"]
    assert all(of_bombs)
    assert not of_picture, "a picture is counted, never decoded"
    assert outcome.value["bytes"] < 20_000_000


def test_members_are_counted_across_the_archives_inside() -> None:
    book = saved(sound_book())
    files = {f"sources/{n}.xlsx": book for n in range(9)}
    assert "fichiers, tout compris" in "".join(told(accept("e.zip", zipped(files), SMALL)))


def test_bytes_are_counted_across_the_archives_inside() -> None:
    noise = bytes(range(256)) * 4_000
    book = repacked(one_sheet([["a"]]), {"xl/media/a.bin": noise, "xl/media/b.bin": noise})
    limits = replace(SMALL, members=1_000, ratio=1_000)
    files = {f"sources/{n}.xlsx": book for n in range(9)}
    assert "plus de 8 Mo" in "".join(told(accept("e.zip", zipped(files), limits)))
    assert told(accept("e.zip", zipped(dict(list(files.items())[:3])), limits)) == []


def test_a_workbook_that_uses_all_the_deposit_may_is_told() -> None:
    book = repacked(one_sheet([["a"]]), {"xl/media/a.bin": bytes(range(256)) * 4_000})
    limits = replace(SMALL, unpacked_bytes=1_000_000, ratio=1_000)
    assert "plus de 1 Mo" in refused(book, "etude.xlsx", limits)


def test_the_whole_ratio_counts_from_the_deposit() -> None:
    budget = Budget(replace(SMALL, ratio=10, ratio_from_bytes=50), 100)
    budget.spend(1_000)
    with pytest.raises(Exhausted, match="enfle plus de 10"):
        budget.spend(1)


def test_an_archive_cut_anywhere_is_told() -> None:
    for end in range(0, len(SOUND), 64):
        assert told(accept("etude.zip", SOUND[:end])), end


def test_a_workbook_cut_anywhere_is_told() -> None:
    book = saved(sound_book())
    for end in range(0, len(book), 64):
        assert told(accept("etude.xlsx", book[:end])), end


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_sum_that_is_not_the_right_one_is_told(name: str) -> None:
    entries = [
        Entry(each, content, crc=1 if each == name else None) for each, content in FILES.items()
    ]
    (fault,) = told(accept("e.zip", made(entries)))
    assert fault.startswith(f"{name} : fichier abîmé : sa somme")


@pytest.mark.parametrize(
    ("entry", "told_of"),
    [
        (Entry("a.csv", size=7), "n’a pas la taille"),
        (Entry("a.csv", size=9), "n’a pas la taille"),
        (Entry("a.csv", size=0), "n’a pas la taille"),
        (Entry("a.csv", size=0xFFFFFFFF), "abîmée"),
        (Entry("a.csv", method=STORED, size=5), "n’a pas la taille"),
        (Entry("a.csv", packed=b"\xff\xff\xff"), "ne se déplie pas"),
        (Entry("a.csv", packed=b""), "coupé"),
        (Entry("a.csv", method=STORED, packed_size=18), "abîmée"),
        (Entry("a.csv", packed=deflated(b"a,b\n1,2\n") + b"xx"), "données étrangères"),
        (Entry("a.csv", extra=struct.pack("<2HQ", 1, 8, 3), size=0xFFFFFFFF), "n’a pas la taille"),
    ],
)
def test_a_member_that_lies_is_told(entry: Entry, told_of: str) -> None:
    assert told_of in refused(made([entry]))


@pytest.mark.parametrize(
    "content",
    [
        made([Entry("a.csv")], number=2),
        made([Entry("a.csv"), Entry("b.csv", at=10_000)]),
        made([Entry("a.csv"), Entry("b.csv", at=1)]),
        made([Entry("a.csv"), Entry("b.csv")], number=1),
        made([Entry("a.csv")]) + b"after",
        made([Entry("a.csv")], comment=b"PK\x05\x06" + bytes(14) + b"\x04\0abcd"),
        b"PK\x03\x04before" + made([Entry("a.csv")]),
        b"PK\x05\x06",
        b"PK\x03\x04",
        b"PK\x03\x04" + bytes(100) + b"PK\x05\x06" + b"\xff" * 18,
    ],
)
def test_an_archive_that_two_tools_would_read_apart_is_told(content: bytes) -> None:
    assert told(accept("e.zip", content))


def test_bytes_between_the_list_and_its_end_are_told() -> None:
    content = made([Entry("a.csv")])
    end = content.rindex(b"PK\x05\x06")
    assert "deux logiciels" in refused(content[:end] + b"xx" + content[end:])


def test_a_comment_is_no_fault() -> None:
    assert told(accept("e.zip", made([Entry("a.csv")], comment="écrit à la main".encode()))) == []


def test_a_swollen_member_stops_where_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    spend = Budget.spend
    monkeypatch.setattr(Budget, "spend", lambda self, n: (seen.append(n), spend(self, n))[1])
    refused(made([Entry("besoins.csv", ZEROS)]))
    assert sum(seen) <= len(ZEROS) // 4

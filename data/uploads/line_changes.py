"""What differs between two contents of a table, line by line, for someone to judge: bounded."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import TYPE_CHECKING

from data.study.csv_files import decode
from data.uploads.kinds import extension_of

if TYPE_CHECKING:
    from collections.abc import Callable

_TEXTS = ("csv", "toml", "txt", "json", "geojson")
_MOST_LINES = 2_000
"""Between the first and the last that differ: comparing takes the square of it at worst."""

_MOST_SHOWN = 100
_LONGEST = 300
_CUT = "…"


@dataclass(frozen=True)
class LineChange:
    """A line that differs; its number from 1, 0 and no text where there is none."""

    their_row: int
    theirs: str
    my_row: int
    mine: str


@dataclass(frozen=True)
class LineChanges:
    """The first lines that differ, and how many more do."""

    shown: tuple[LineChange, ...]
    more: int


def line_changes(
    path: str,
    theirs: bytes | None,
    mine: bytes | None,
    *,
    shown: Callable[[str], str] = str,
) -> LineChanges | None:
    r"""Return the lines that differ; None when the files are no texts, or differ by too much.

    Parameters
    ----------
    path
        Name of the file: its extension tells whether it is a text.
    theirs, mine
        Its contents, None where there is none.
    shown
        What a line becomes to be shown, once it was compared.

    >>> line_changes("a.csv", b"x\n1\n2\n", b"x\n1\n3\n").shown
    (LineChange(their_row=3, theirs='2', my_row=3, mine='3'),)
    """
    if theirs is None or mine is None or extension_of(path) not in _TEXTS:
        return None
    left, right = _lines(path, theirs), _lines(path, mine)
    if left is None or right is None:
        return None
    start = _alike(left, right)
    end = min(_alike(left[::-1], right[::-1]), len(left) - start, len(right) - start)
    sides = left[start : len(left) - end], right[start : len(right) - end]
    if max(map(len, sides)) > _MOST_LINES:
        return None
    changes = []
    for tag, a, b, c, d in SequenceMatcher(None, *sides, autojunk=False).get_opcodes():
        if tag != "equal":
            pairs = zip_longest(range(start + a, start + b), range(start + c, start + d))
            changes += [
                LineChange(*_numbered(left, one, shown), *_numbered(right, other, shown))
                for one, other in pairs
            ]
    return LineChanges(tuple(changes[:_MOST_SHOWN]), max(len(changes) - _MOST_SHOWN, 0))


def _lines(path: str, content: bytes) -> list[str] | None:
    text, _ = decode(content, path)
    return None if text is None else text.splitlines()


def _alike(left: list[str], right: list[str]) -> int:
    """Return how many lines two texts begin with alike."""
    pairs = enumerate(zip(left, right, strict=False))
    return next((rank for rank, (a, b) in pairs if a != b), min(len(left), len(right)))


def _numbered(lines: list[str], rank: int | None, shown: Callable[[str], str]) -> tuple[int, str]:
    if rank is None:
        return 0, ""
    line = shown(lines[rank])
    return rank + 1, line if len(line) <= _LONGEST else line[:_LONGEST] + _CUT

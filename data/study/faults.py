"""Findings about an input, gathered and shown: errors apart from warnings, file by file."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING

from coverage.wording import whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from geo.errors import Notice

MAYBE_CUT = "est peut-être coupée"
COMPARE = "comparez-la à l’original ; rien à faire si elle est entière"
"""Of the number that ends a text file without a line break: what may be, what to do."""

_SHOWN_CHARS = 60
_SHOWN_ROWS = 5


@dataclass(frozen=True)
class Findings:
    """Errors and warnings found so far; two of them add up."""

    faults: tuple[Notice, ...] = ()
    warnings: tuple[Notice, ...] = ()

    def __add__(self, other: Findings) -> Findings:
        return Findings(self.faults + other.faults, self.warnings + other.warnings)


def gather(findings: Iterable[Findings]) -> Findings:
    """Return all findings as one."""
    listed = list(findings)
    return Findings(
        tuple(notice for each in listed for notice in each.faults),
        tuple(notice for each in listed for notice in each.warnings),
    )


def quoted(text: str) -> str:
    r"""Return a text between French quotes, on one line, cut when it is long.

    >>> quoted("a\nb")
    '« a b »'
    """
    line = " ".join(text.split())
    cut = line if len(line) <= _SHOWN_CHARS else f"{line[: _SHOWN_CHARS - 1]}…"
    return f"« {cut} »"


def nearest(text: str, known: Iterable[str]) -> str:
    """Return the nearest known value, accents and case aside; empty when none is near.

    >>> nearest("Hôpital", ["hopitaux", "etat"])
    'hopitaux'
    """
    by_fold = {_fold(value): value for value in sorted(known, reverse=True)}
    near = get_close_matches(_fold(text), list(by_fold), n=1, cutoff=0.6)
    return by_fold[near[0]] if near else ""


def proposal(text: str, known: Iterable[str]) -> str:
    """Return a French proposal of the nearest known value, empty when none is near.

    >>> proposal("facilitateurs", ["facilitateur", "coordinateur"])
    'vouliez-vous dire « facilitateur » ?'
    """
    near = nearest(text, known)
    return f"vouliez-vous dire {quoted(near)} ?" if near else ""


def _fold(text: str) -> str:
    plain = unicodedata.normalize("NFD", text.casefold())
    return "".join(char for char in plain if not unicodedata.combining(char))


def count(number: int, singular: str, plural: str = "") -> str:
    """Return a number and its noun in French, thousands apart.

    >>> count(1, "erreur"), count(0, "erreur")
    ('1 erreur', '0 erreur')
    """
    noun = singular if abs(number) <= 1 else plural or f"{singular}s"
    return f"{whole(number)} {noun}"


def format_faults(
    faults: Sequence[Notice],
    warnings: Sequence[Notice] = (),
    limit_per_file: int = 50,
    full_list: str = "",
) -> str:
    """Return findings as French text: errors then warnings, by file, repeats on one line.

    Parameters
    ----------
    limit_per_file
        Distinct findings shown for a file, of errors and of warnings each.
    full_list
        Name of the file in which the caller did write them all; empty when there is none.
    """
    blocks = []
    if faults:
        blocks.append(_section("Erreurs", "erreur", faults, limit_per_file, full_list))
    if warnings:
        blocks.append(
            _section("Avertissements", "avertissement", warnings, limit_per_file, full_list)
        )
    return "\n\n".join(blocks)


def _section(title: str, noun: str, notices: Sequence[Notice], limit: int, full_list: str) -> str:
    lines = [f"{title} ({count(len(notices), noun)})"]
    for file, group in groupby(sorted(notices), key=attrgetter("file")):
        lines += _file_lines(file, list(group), noun, limit, full_list)
    return "\n".join(lines)


def _file_lines(
    file: str, notices: list[Notice], noun: str, limit: int, full_list: str
) -> list[str]:
    alike: dict[tuple[str, str, str], list[int]] = {}
    for notice in notices:
        key = (notice.column, notice.message, notice.remedy)
        alike.setdefault(key, []).append(notice.row)
    entries = list(alike.items())
    lines = [f"{file or 'Étude'} : {count(len(notices), noun)}"]
    for (column, message, remedy), rows in entries[:limit]:
        place = _place(notices[0], column, rows)
        lines.append(f"  - {place} : {message}" if place else f"  - {message}")
        if remedy:
            lines.append(f"      → {remedy}")
    hidden = sum(len(rows) for _, rows in entries[limit:])
    if hidden:
        other = "autre" if hidden == 1 else "autres"
        where = f" (toutes dans {full_list})" if full_list else ""
        number, word = count(hidden, noun).split(" ")
        lines.append(f"  … et {number} {other} {word} dans ce fichier{where}")
    return lines


def _place(of_file: Notice, column: str, rows: list[int]) -> str:
    numbers = [str(row) for row in rows if row]
    shown = ", ".join(numbers[:_SHOWN_ROWS])
    more = len(numbers) - _SHOWN_ROWS
    if more > 0:
        shown += f" et {count(more, 'autre')}"
    noun = of_file.row_noun if len(numbers) == 1 else f"{of_file.row_noun}s"
    lines = f"{noun} {shown}" if numbers else ""
    word = "clé" if of_file.file.endswith(".toml") else "colonne"
    return ", ".join(part for part in (lines, f"{word} « {column} »" if column else "") if part)

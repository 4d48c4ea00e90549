"""Territorial codes as filed: those a spreadsheet turned into numbers are repaired, and said.

So are names written in place of codes, when they mean one place only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from data.study.cells import INNER_SPACE, Refusal
from data.study.faults import Findings, count, quoted
from data.study.place_names import looks_like_name
from geo.errors import Notice, UnknownCodeError

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from numpy.typing import NDArray

    from data.study.place_names import PlaceNames
    from data.study.table_reader import TypedTable
    from geo.territory import Territory

_WIDTHS = {"commune": 5, "arrondissement": 3, "departement": 2, "region": 2}
"""Digits of the codes that may begin with a zero."""

_PROPOSED = 10
"""Unknown codes of a column for which near ones are looked up: each takes 50 ms on France."""

_EXAMPLES = 3
_CHECK_NAME = "vérifiez le lieu ; son code, lui, ne prête pas à confusion"
_BETWEEN = "\x1f"
_SCIENTIFIC = re.compile(r"[0-9]+(?:[.,][0-9]+)?[eE]\+?[0-9]+")


def repaired(code: str, niveau: str, known: Container[str]) -> str:
    """Return the known code that a spreadsheet disfigured, empty when there is none.

    >>> repaired("1004.0", "commune", {"01004"}), repaired("2a004", "commune", {"2A004"})
    ('01004', '2A004')
    """
    plain = re.sub(INNER_SPACE, "", re.sub(r"[.,]0+$", "", code)).upper()
    padded = plain.zfill(_WIDTHS.get(niveau, 0)) if plain.isdecimal() else plain
    return next((candidate for candidate in (plain, padded) if candidate in known), "")


def explain_unknown(
    code: str, niveau: str, territory: Territory, *, propose: bool
) -> tuple[str, str]:
    """Return the message and the remedy for a code that its level does not hold, in French.

    Parameters
    ----------
    propose
        Whether to look near codes up.
    """
    message = f"code {quoted(code)} inconnu au niveau « {niveau} » (COG {territory.vintage})"
    if propose:
        try:
            territory.resolve(niveau, code)
        except UnknownCodeError as error:
            message = str(error)
    if _SCIENTIFIC.fullmatch(code):
        return message, "le tableur a abrégé le code : mettez la colonne au format Texte"
    if "ce code existe au niveau" in message:
        return message, "corrigez le niveau ou le code"
    return message, f"prenez le code dans le Code officiel géographique {territory.vintage}"


def repair_warnings(
    file: str, column: str, repairs: Sequence[tuple[int, str, str]]
) -> tuple[Notice, ...]:
    """Return one warning for all the repairs (line, text filed, code read) of a column."""
    if not repairs:
        return ()
    distinct = {old: (row, old, new) for row, old, new in sorted(repairs, reverse=True)}
    examples = [
        f"{quoted(old)} lu « {new} »" + (f" (ligne {row})" if row else "")
        for row, old, new in sorted(distinct.values())
    ]
    more = ", …" if len(examples) > _EXAMPLES else ""
    message = (
        f"{count(len(repairs), 'code réparé', 'codes réparés')} "
        f"(zéro perdu, décimale ou casse) : {', '.join(examples[:_EXAMPLES])}{more}"
    )
    remedy = "vérifiez ces codes ; au format Texte, le tableur garde les zéros"
    return (Notice(file, 0, column, message, remedy),)


@dataclass(frozen=True)
class _Placed:
    """Distinct (level, text) pairs, what each reads as, and rows.

    Attributes
    ----------
    codes
        Of each pair; empty when it is refused.
    named
        Pair number → why a name is refused, None when it is understood.
    """

    pairs: list[tuple[str, str]]
    codes: list[str]
    named: dict[int, Refusal | None]
    numbers: NDArray[np.intp]
    rows: NDArray[np.int64]

    def marked(self, flags: list[bool]) -> list[tuple[int, int]]:
        """Return (line, pair number) of the rows whose pair is flagged."""
        mask = np.array(flags, dtype=bool)[self.numbers]
        return list(zip(self.rows[mask].tolist(), self.numbers[mask].tolist(), strict=True))

    def first_lines(self, flags: list[bool]) -> dict[int, tuple[int, int]]:
        """Return, for each flagged pair in order of line, its first line and how many it has."""
        lines: dict[int, list[int]] = {}
        for row, number in self.marked(flags):
            lines.setdefault(number, []).append(row)
        return {number: (min(rows), len(rows)) for number, rows in lines.items()}


def place_codes(
    table: TypedTable, column: str, names: PlaceNames, niveau: str = ""
) -> tuple[TypedTable, Findings]:
    """Return the table with its codes repaired and its names read, the others refused.

    Parameters
    ----------
    names
        Of the territory that codes are checked against.
    niveau
        Level of every code of the column; empty when each row says its own (`niveau`).
    """
    believed = table.filled(column) if niveau else table.filled("niveau", column)
    filed = table.frame.loc[believed]
    placed = _place(filed["row"], niveau or filed["niveau"], filed[column], names)
    codes = table.frame[column].copy()
    codes[believed] = pd.Series(placed.codes, dtype="str").take(placed.numbers).to_numpy()
    refused = table.refused[column].to_numpy(copy=True)
    refused[believed] |= np.array([not code for code in placed.codes], dtype=bool)[placed.numbers]
    result = replace(
        table,
        frame=table.frame.assign(**{column: codes}),
        refused=table.refused.assign(**{column: refused}),
    )
    faults = _faults(placed, table.file, column, names.territory)
    warnings = (
        *repair_warnings(table.file, column, _repairs(placed)),
        *_understood(placed, table.file, column, names),
        *_former(placed, table.file, column, names),
    )
    return result, Findings(faults, warnings)


def _place(
    rows: pd.Series, levels: pd.Series | str, codes: pd.Series, names: PlaceNames
) -> _Placed:
    numbers, uniques = pd.factorize(levels + _BETWEEN + codes)
    pairs, read = [], []
    named: dict[int, Refusal | None] = {}
    unknown = 0
    for number, unique in enumerate(uniques):
        level, text = str(unique).split(_BETWEEN, 1)
        known = names.territory.members[level]
        code = text if text in known else repaired(text, level, known)
        if not code and looks_like_name(text):
            meant = names.read(level, text, propose=unknown < _PROPOSED)
            named[number] = meant if isinstance(meant, Refusal) else None
            code = meant if isinstance(meant, str) else ""
            unknown += not code
        pairs.append((level, text))
        read.append(code)
    return _Placed(pairs, read, named, numbers, rows.to_numpy(np.int64))


def _faults(placed: _Placed, file: str, column: str, territory: Territory) -> tuple[Notice, ...]:
    reasons: dict[int, tuple[str, str]] = {}
    for number, code in enumerate(placed.codes):
        name = placed.named.get(number)
        if name is not None:
            reasons[number] = (name.message, name.remedy)
        elif not code:
            level, text = placed.pairs[number]
            propose = len(reasons) < _PROPOSED
            reasons[number] = explain_unknown(text, level, territory, propose=propose)
    return tuple(
        Notice(file, row, column, *reasons[number])
        for row, number in placed.marked([not code for code in placed.codes])
    )


def _repairs(placed: _Placed) -> list[tuple[int, str, str]]:
    changed = [
        code not in ("", old) and number not in placed.named
        for number, (code, (_, old)) in enumerate(zip(placed.codes, placed.pairs, strict=True))
    ]
    return [
        (row, placed.pairs[number][1], placed.codes[number])
        for row, number in placed.marked(changed)
    ]


def _understood(placed: _Placed, file: str, column: str, names: PlaceNames) -> tuple[Notice, ...]:
    """Return one warning for each distinct name that was read as a code."""
    flags = [bool(code) and number in placed.named for number, code in enumerate(placed.codes)]
    warnings = []
    for number, (row, lines) in placed.first_lines(flags).items():
        level, text = placed.pairs[number]
        meant = names.show(level, placed.codes[number])
        message = f"{quoted(text)} compris comme {meant}{_everywhere(lines)}"
        warnings.append(Notice(file, row, column, message, _CHECK_NAME))
    return tuple(warnings)


def _former(placed: _Placed, file: str, column: str, names: PlaceNames) -> tuple[Notice, ...]:
    """Return one warning for each distinct code of a commune that another one now holds."""
    holders = [
        names.former(code) if level == "commune" and code else ""
        for (level, _), code in zip(placed.pairs, placed.codes, strict=True)
    ]
    warnings = []
    for number, (row, lines) in placed.first_lines([bool(code) for code in holders]).items():
        old = names.show("commune", placed.codes[number])
        holder = names.show("commune", holders[number])
        message = f"ancien code de commune {old} lu comme {holder}, entière{_everywhere(lines)}"
        warnings.append(Notice(file, row, column, message, "vérifiez que c’est le lieu voulu"))
    return tuple(warnings)


def _everywhere(lines: int) -> str:
    return f" ({count(lines, 'ligne')})" if lines > 1 else ""

"""Territorial codes as filed: those a spreadsheet turned into numbers are repaired, and said."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from data.study.cells import INNER_SPACE
from data.study.faults import Findings, count, quoted
from geo.errors import Notice, UnknownCodeError

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from numpy.typing import NDArray

    from data.study.table_reader import TypedTable
    from geo.territory import Territory

_WIDTHS = {"commune": 5, "arrondissement": 3, "departement": 2, "region": 2}
"""Digits of the codes that may begin with a zero."""

_PROPOSED = 10
"""Unknown codes of a column for which near ones are looked up: each takes 50 ms on France."""

_EXAMPLES = 3
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
    """Distinct (level, code) pairs, the known code each reads as (empty: unknown), and rows."""

    pairs: list[tuple[str, str]]
    codes: list[str]
    numbers: NDArray[np.intp]
    rows: NDArray[np.int64]

    def marked(self, flags: list[bool]) -> list[tuple[int, int]]:
        """Return (line, pair number) of the rows whose pair is flagged."""
        mask = np.array(flags, dtype=bool)[self.numbers]
        return list(zip(self.rows[mask].tolist(), self.numbers[mask].tolist(), strict=True))


def place_codes(
    table: TypedTable, column: str, territory: Territory, niveau: str = ""
) -> tuple[TypedTable, Findings]:
    """Return the table with its codes repaired, those unknown refused and reported.

    Parameters
    ----------
    niveau
        Level of every code of the column; empty when each row says its own (`niveau`).
    """
    believed = table.filled(column) if niveau else table.filled("niveau", column)
    filed = table.frame.loc[believed]
    placed = _place(filed["row"], niveau or filed["niveau"], filed[column], territory)
    codes = table.frame[column].copy()
    codes[believed] = pd.Series(placed.codes, dtype="str").take(placed.numbers).to_numpy()
    refused = table.refused[column].to_numpy(copy=True)
    refused[believed] |= np.array([not code for code in placed.codes], dtype=bool)[placed.numbers]
    result = replace(
        table,
        frame=table.frame.assign(**{column: codes}),
        refused=table.refused.assign(**{column: refused}),
    )
    faults = _faults(placed, table.file, column, territory)
    return result, Findings(faults, repair_warnings(table.file, column, _repairs(placed)))


def _place(
    rows: pd.Series, levels: pd.Series | str, codes: pd.Series, territory: Territory
) -> _Placed:
    numbers, uniques = pd.factorize(levels + _BETWEEN + codes)
    pairs = []
    for unique in uniques:
        level, code = str(unique).split(_BETWEEN, 1)
        pairs.append((level, code))
    read = []
    for level, code in pairs:
        known = territory.members[level]
        read.append(code if code in known else repaired(code, level, known))
    return _Placed(pairs, read, numbers, rows.to_numpy(np.int64))


def _faults(placed: _Placed, file: str, column: str, territory: Territory) -> tuple[Notice, ...]:
    unknown = [number for number, code in enumerate(placed.codes) if not code]
    reasons = {}
    for rank, number in enumerate(unknown):
        level, code = placed.pairs[number]
        reasons[number] = explain_unknown(code, level, territory, propose=rank < _PROPOSED)
    return tuple(
        Notice(file, row, column, *reasons[number])
        for row, number in placed.marked([not code for code in placed.codes])
    )


def _repairs(placed: _Placed) -> list[tuple[int, str, str]]:
    changed = [
        code not in ("", old) for code, (_, old) in zip(placed.codes, placed.pairs, strict=True)
    ]
    return [
        (row, placed.pairs[number][1], placed.codes[number])
        for row, number in placed.marked(changed)
    ]

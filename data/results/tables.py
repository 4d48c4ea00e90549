"""Tables of results: cells as text once, written as CSV or typed for a GeoPackage."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from fractions import Fraction

EXCEL_BOM = "\ufeff"
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""By which a cell begins that a spreadsheet would run as a formula."""


@dataclass(frozen=True)
class Table:
    """Columns of a result, every cell as the text that CSV carries, empty when unknown.

    Attributes
    ----------
    columns
        Name → cells, all of one length.
    whole, decimal
        Names of the columns of whole numbers and of decimal numbers; the rest is text, codes
        included.
    """

    columns: Mapping[str, Sequence[str]]
    whole: frozenset[str] = frozenset()
    decimal: frozenset[str] = frozenset()


def table_of(
    names: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    whole: Collection[str] = (),
    decimal: Collection[str] = (),
) -> Table:
    """Return the table of some rows, each value as `cell` writes it."""
    cells = [[cell(value) for value in row] for row in rows]
    columns = {name: [row[k] for row in cells] for k, name in enumerate(names)}
    return Table(columns, frozenset(whole), frozenset(decimal))


def fixed(value: Fraction | None, places: int) -> str:
    """Write an exact number with fixed decimals, rounded down; empty for None.

    Down, so that a rate under 1 never reads 1.

    >>> from fractions import Fraction
    >>> fixed(Fraction(34_999_999, 35_000_000), 6)
    '0.999999'
    """
    if value is None:
        return ""
    scale = 10**places
    whole, part = divmod(value.numerator * scale // value.denominator, scale)
    return f"{whole}.{part:0{places}d}"


def cell(value: object) -> str:
    """Write one cell: `oui`/`non`, lists joined by `|`, empty for unknown.

    >>> cell(("a", "b")), cell(True), cell(None)
    ('a|b', 'oui', '')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, tuple | list):
        return "|".join(cell(item) for item in value)
    return str(value)


def records(table: Table) -> list[dict[str, str | int | float | None]]:
    """Return the rows of a table, numbers as numbers, None where a cell is empty.

    >>> records(Table({"code": ["01004", ""], "part": ["0.5", ""]}, decimal=frozenset({"part"})))
    [{'code': '01004', 'part': 0.5}, {'code': None, 'part': None}]
    """
    read: dict[str, Callable[[str], str | int | float]] = {
        **dict.fromkeys(table.whole, int),
        **dict.fromkeys(table.decimal, float),
    }
    columns = [
        [read.get(name, str)(text) if text else None for text in cells]
        for name, cells in table.columns.items()
    ]
    return [dict(zip(table.columns, row, strict=True)) for row in zip(*columns, strict=True)]


def csv_text(table: Table, *, excel: bool = False) -> str:
    r"""Return a table as CSV.

    Parameters
    ----------
    excel
        For a spreadsheet set to French: byte order mark, `;`, decimal comma, `\\r\\n`. Text that a
        spreadsheet would run as a formula is then made text by a leading apostrophe: names and
        remarks come from files received from others.

    Examples
    --------
    >>> table = Table({"nom": ["=1+1"], "part": ["0.5"]}, decimal=frozenset({"part"}))
    >>> csv_text(table)
    'nom,part\n=1+1,0.5\n'
    >>> csv_text(table, excel=True)[1:]
    "nom;part\r\n'=1+1;0,5\r\n"
    """
    columns = dict(table.columns)
    if excel:
        numbers = table.whole | table.decimal
        columns = {
            name: _decimal_commas(cells) if name in numbers else _inert(cells)
            for name, cells in columns.items()
        }
    buffer = io.StringIO()
    writer = csv.writer(
        buffer, delimiter=";" if excel else ",", lineterminator="\r\n" if excel else "\n"
    )
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    return EXCEL_BOM + buffer.getvalue() if excel else buffer.getvalue()


def _decimal_commas(cells: Sequence[str]) -> list[str]:
    return [text.replace(".", ",") for text in cells]


def _inert(cells: Sequence[str]) -> list[str]:
    return [f"'{text}" if text.startswith(FORMULA_STARTS) else text for text in cells]

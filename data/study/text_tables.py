"""A table of text cells with its spreadsheet lines: what every file reader hands on.

A reader of any file format yields records, one a spreadsheet line, as an Arrow array of lists of
texts; `from_records` makes the same table and the same messages of them all.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from data.study.cells import is_spreadsheet_error
from data.study.faults import Findings, count, quoted
from geo.errors import Notice

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from data.study.cells import Refusal
    from data.study.tables import Table

HEADER_WITHIN = 20
"""Lines among which a header is looked for: a title and its notes hold in fewer."""

COMMENT = "#"
"""What the first cell of a line begins with when the line is not data."""

_LOST = "\ufffd"
"""What stands for a character that an encoding did not have."""

_SAVE_AGAIN = "rouvrez le fichier dans le tableur, corrigez, enregistrez-le de nouveau"


@dataclass(frozen=True)
class TextTable:
    """Text cells of one table.

    Attributes
    ----------
    file
        Name relative to the study folder; of a workbook, followed by its sheet
        (`etude.xlsx, feuille postes`).
    header_row
        The spreadsheet's line of the header.
    cells
        Columns: the header's names, trimmed and in lower case, in file order; index: the
        spreadsheet's line of each row (int64). Blank lines and comments are left out. Cells are
        `str`, not trimmed.
    refusals
        Column → line → why the file's own cell cannot be believed, whatever its text; None
        where a finding already says so.
    """

    file: str
    header_row: int
    cells: pd.DataFrame
    refusals: Mapping[str, Mapping[int, Refusal | None]] = field(default_factory=dict)


@dataclass(frozen=True)
class Grid:
    """What a workbook knows of its cells that a text file does not.

    Cells of a workbook stand in a grid: one beyond the header has no name, where in a text file
    it shifts its line.

    Attributes
    ----------
    refusals
        (record, column), both from 0 → why a cell cannot be believed, None when already told.
    """

    refusals: Mapping[tuple[int, int], Refusal | None] = field(default_factory=dict)


def from_records(
    records: pa.ListArray, file: str, table: Table | None = None, grid: Grid | None = None
) -> tuple[TextTable | None, Findings]:
    """Return the table of records, None when its header cannot be trusted.

    Parameters
    ----------
    records
        Every line of the sheet in order, blank ones included: lists of texts.
    table
        Whose columns tell the header from the titles above it; None: the first filled line.
    grid
        Given for the cells of a workbook.
    """
    first = (record.as_py() for record in records[:HEADER_WITHIN])
    header_at = find_header(first, table)
    if header_at is None:
        header_at = next((at for at, line in enumerate(records) if _says(line.as_py())), None)
    if header_at is None:
        notice = Notice(
            file, 0, "", "fichier vide", "écrivez une ligne d’en-têtes puis une ligne par élément"
        )
        return None, Findings((notice,))
    names = header_names(records[header_at].as_py())
    written = len(names)
    while grid is None and not names[-1]:
        names.pop()
    faults = _header_faults(names, file, header_at + 1)
    above = _titles(records, header_at, file)
    if faults:
        return None, Findings(faults, above)
    frame, ragged = _regular_frame(records.slice(header_at + 1), len(names))
    above += _lost_characters(records, file) + _excess(records, header_at, written, file)
    frame.index += header_at + 2
    frame, left_out = _data_rows(frame, file, table)
    cells, warnings = _named(frame, names, file, header_at + 1)
    faults = tuple(
        Notice(file, header_at + 2 + at, "", message, _SAVE_AGAIN) for at, message in ragged
    )
    refusals = _by_column(grid.refusals if grid else {}, names, cells.index)
    text = TextTable(file, header_at + 1, cells, refusals)
    return text, Findings(faults, above + left_out + warnings)


def find_header(lines: Iterable[Sequence[str]], table: Table | None) -> int | None:
    """Return the rank of the header among the first lines, None when all are blank.

    It is the first line that holds every required column; failing that, the first of those that
    hold most column names, so that a misspelt header is still told from a title.
    """
    filled = [(at, line) for at, line in enumerate(islice(lines, HEADER_WITHIN)) if _says(line)]
    if table is None or not filled:
        return filled[0][0] if filled else None
    known = {column.name for column in table.columns}
    required = {column.name for column in table.columns if column.required}
    named = [(at, known.intersection(header_names(line))) for at, line in filled]
    whole = next((at for at, names in named if required and required <= names), None)
    return max(named, key=lambda each: len(each[1]))[0] if whole is None else whole


def header_names(line: Sequence[str]) -> list[str]:
    """Return the column names that a line of texts spells."""
    return [cell.strip().lower() for cell in line]


def is_comment(first_cell: str) -> bool:
    """Tell whether a line that begins with this cell is a comment, not data.

    >>> is_comment(" # exemple"), is_comment("#REF!")
    (True, False)
    """
    text = first_cell.strip()
    return text.startswith(COMMENT) and not is_spreadsheet_error(text)


def _says(line: Sequence[str]) -> bool:
    return any(cell.strip() for cell in line) and not is_comment(line[0])


def _blank(record: Sequence[str]) -> bool:
    return not any(cell.strip() for cell in record)


def _header_faults(names: list[str], file: str, row: int) -> tuple[Notice, ...]:
    doubled = sorted({name for name in names if name and names.count(name) > 1})
    return tuple(
        Notice(
            file,
            row,
            name,
            f"colonne {quoted(name)} présente {names.count(name)} fois dans les en-têtes",
            "gardez-en une seule",
        )
        for name in doubled
    )


def _titles(records: pa.ListArray, header_at: int, file: str) -> tuple[Notice, ...]:
    """Return a warning for the filled lines above the header, comments included."""
    lines = [at + 1 for at in range(header_at) if not _blank(records[at].as_py())]
    if not lines:
        return ()
    message = f"{count(len(lines), 'ligne')} au-dessus des en-têtes, hors du tableau"
    return (Notice(file, lines[0], "", message, "rien à faire si c’est un titre"),)


def _lost_characters(records: pa.ListArray, file: str) -> tuple[Notice, ...]:
    """Return a warning when a character was lost before the file came here."""
    marked = pc.match_substring(pc.list_flatten(records), _LOST)
    at = pc.filter(pc.list_parent_indices(records), marked)
    if not len(at):
        return ()
    lines = sorted(set(at.to_pylist()))
    message = f"{count(len(lines), 'ligne')} avec « {_LOST} », qui remplace un caractère perdu"
    remedy = "retapez le caractère, ou exportez de nouveau le fichier d’origine en UTF-8"
    return (Notice(file, lines[0] + 1, "", message, remedy),)


def _excess(records: pa.ListArray, header_at: int, written: int, file: str) -> tuple[Notice, ...]:
    """Return a warning for data lines longer than the header, be the excess blank.

    A separator too many, that of a decimal for one, may have shifted their cells.
    """
    widths = pc.list_value_length(records).to_numpy(zero_copy_only=False)
    longer = [int(at) for at in np.flatnonzero(widths > written) if at > header_at]
    cells = ((at, records[at].as_py()) for at in longer)
    lines = [at + 1 for at, record in cells if _says(record) and _blank(record[written:])]
    if not lines:
        return ()
    found = count(len(lines), "ligne plus longue", "lignes plus longues")
    message = f"{found} que les en-têtes, par des cellules vides"
    remedy = "vérifiez qu’un séparateur en trop n’y décale pas les valeurs"
    return (Notice(file, lines[0], "", message, remedy),)


def _data_rows(
    frame: pd.DataFrame, file: str, table: Table | None
) -> tuple[pd.DataFrame, tuple[Notice, ...]]:
    """Return the rows that are data, and a warning that counts the comments left out.

    The example row of a template, when nobody touched it, is not worth a word.
    """
    blank = np.logical_and.reduce([frame[at].str.strip() == "" for at in frame.columns])
    marked = np.flatnonzero(frame[0].str.lstrip().str.startswith(COMMENT))
    comments = [at for at in marked.tolist() if is_comment(frame[0].iloc[at])]
    if not comments:
        return frame.loc[~blank], ()
    blank[comments] = True
    example = list(table.example.values()) if table else []
    comments = [at for at in comments if [c for c in frame.iloc[at] if c.strip()] != example]
    if not comments:
        return frame.loc[~blank], ()
    first = int(frame.index[comments[0]])
    left_out = count(len(comments), "ligne commence", "lignes commencent")
    message = f"{left_out} par « {COMMENT} » : commentaire, hors du tableau"
    remedy = f"enlevez le « {COMMENT} » si la ligne doit compter"
    return frame.loc[~blank], (Notice(file, first, "", message, remedy),)


def _regular_frame(records: pa.ListArray, width: int) -> tuple[pd.DataFrame, list[tuple[int, str]]]:
    """Return the cells of rows of the right width, by rank, and what is wrong with the others.

    Blank rows of another width are left out; blank cells in excess are cut off; a comment may
    be of any width.
    """
    widths = pc.list_value_length(records).to_numpy(zero_copy_only=False)
    regular = np.flatnonzero(widths == width)
    cut, ranks, ragged = [], [], []
    for at in np.flatnonzero(widths != width).tolist():
        record = records[at].as_py()
        if _blank(record):
            continue
        comment = is_comment(record[0])
        if comment or (len(record) > width and _blank(record[width:])):
            cut.append((record + [""] * width)[:width])
            ranks.append(at)
            continue
        what = "trop de" if len(record) > width else "pas assez de"
        found = count(len(record), "cellule")
        ragged.append((at, f"ligne avec {what} cellules : {found}, {width} attendues"))
    kept = pa.concat_arrays([records.take(pa.array(regular)), pa.array(cut, records.type)])
    columns = {at: pd.Series(pc.list_element(kept, at), dtype="str") for at in range(width)}
    frame = pd.DataFrame(columns).set_axis(pd.Index([*regular.tolist(), *ranks], dtype="int64"))
    return (frame.sort_index() if cut else frame), ragged


def _named(
    frame: pd.DataFrame, names: list[str], file: str, row: int
) -> tuple[pd.DataFrame, tuple[Notice, ...]]:
    """Return the columns that bear a name, and a warning for each nameless one that is filled."""
    nameless = [at for at, name in enumerate(names) if not name]
    warnings = tuple(
        Notice(
            file,
            row,
            "",
            f"colonne n° {at + 1} sans nom, ignorée",
            "donnez-lui un nom connu, ou supprimez-la",
        )
        for at in nameless
        if (frame[at].str.strip() != "").any()
    )
    named = frame.drop(columns=nameless)
    return named.set_axis([name for name in names if name], axis="columns"), warnings


def _by_column(
    refusals: Mapping[tuple[int, int], Refusal | None], names: list[str], lines: pd.Index
) -> dict[str, dict[int, Refusal | None]]:
    """Return refusals by column name and spreadsheet line, those of data rows only."""
    kept = set(lines.tolist()) if refusals else set()
    found: dict[str, dict[int, Refusal | None]] = {}
    for (record, column), refusal in refusals.items():
        if record + 1 in kept and names[column]:
            found.setdefault(names[column], {})[record + 1] = refusal
    return found

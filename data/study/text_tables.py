"""A table of text cells with its spreadsheet lines: what every file reader hands on.

A reader of any file format yields records, one a spreadsheet line, as an Arrow array of lists of
texts; `from_records` makes the same table and the same messages of them all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from data.study.faults import Findings, count, quoted
from geo.errors import Notice

if TYPE_CHECKING:
    from collections.abc import Sequence

_SAVE_AGAIN = "rouvrez le fichier dans le tableur, corrigez, enregistrez-le de nouveau"


@dataclass(frozen=True)
class TextTable:
    """Text cells of one table.

    Attributes
    ----------
    file
        Name relative to the study folder.
    header_row
        The spreadsheet's line of the header.
    cells
        Columns: the header's names, trimmed and in lower case, in file order; index: the
        spreadsheet's line of each row (int64). Blank lines are left out. Cells are `str`, not
        trimmed.
    """

    file: str
    header_row: int
    cells: pd.DataFrame


def from_records(records: pa.ListArray, file: str) -> tuple[TextTable | None, Findings]:
    """Return the table of records, None when its header cannot be trusted.

    Parameters
    ----------
    records
        Every line of the sheet in order, blank ones included: lists of texts.
    """
    header_at = next((at for at, record in enumerate(records) if not _blank(record.as_py())), None)
    if header_at is None:
        notice = Notice(
            file, 0, "", "fichier vide", "écrivez une ligne d’en-têtes puis une ligne par élément"
        )
        return None, Findings((notice,))
    names = [name.strip().lower() for name in records[header_at].as_py()]
    while not names[-1]:
        names.pop()
    faults = _header_faults(names, file, header_at + 1)
    if faults:
        return None, Findings(faults)
    frame, ragged = _regular_frame(records.slice(header_at + 1), len(names))
    frame.index += header_at + 2
    blank = np.logical_and.reduce([frame[at].str.strip() == "" for at in frame.columns])
    cells, warnings = _named(frame.loc[~blank], names, file, header_at + 1)
    faults = tuple(
        Notice(file, header_at + 2 + at, "", message, _SAVE_AGAIN) for at, message in ragged
    )
    return TextTable(file, header_at + 1, cells), Findings(faults, warnings)


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


def _regular_frame(records: pa.ListArray, width: int) -> tuple[pd.DataFrame, list[tuple[int, str]]]:
    """Return the cells of rows of the right width, by rank, and what is wrong with the others.

    Blank rows of another width are left out; blank cells in excess are cut off.
    """
    widths = pc.list_value_length(records).to_numpy(zero_copy_only=False)
    regular = np.flatnonzero(widths == width)
    cut, ranks, ragged = [], [], []
    for at in np.flatnonzero(widths != width).tolist():
        record = records[at].as_py()
        if _blank(record):
            continue
        if len(record) > width and _blank(record[width:]):
            cut.append(record[:width])
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

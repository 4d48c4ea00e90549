"""XLSX workbooks as people fill them: bytes to tables of text cells, or what to mend.

Values come from calamine; what it does not tell (formulas never computed, failed formulas) comes
from the XML of the sheets. Formulas are read by the value that the spreadsheet last stored.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from data.study.cells import Refusal
from data.study.faults import Findings, proposal, quoted
from data.study.tables import TABLES
from data.workbooks.archive import clean_copy, read_parts
from data.workbooks.grids import SheetValues, read_sheet
from data.workbooks.sheets import cell_name, scan_sheet, sheet_parts
from geo.errors import Notice

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping, Sequence

    from data.study.tables import Table
    from data.study.text_tables import TextTable
    from data.workbooks.cells import Value
    from data.workbooks.sheets import SheetScan

README_SHEET = "lisezmoi"
"""Folded name of a sheet of instructions; not read."""

_FILL = "écrivez une ligne d’en-têtes puis une ligne par élément"
_SPOILT = (
    "classeur tronqué ou abîmé",
    "ouvrez le classeur dans le tableur et enregistrez-le de nouveau",
)
_KEEP_ONE = "rien à faire si elle ne tient pas la table ; sinon gardez une seule feuille"


@dataclass(frozen=True)
class _Sheet:
    """One sheet: its name, its place in messages, what its XML tells, the table it names."""

    name: str
    label: str
    hidden: bool
    scan: SheetScan
    table: Table | None

    @property
    def filled(self) -> bool:
        return self.scan.rows > 0


_Chosen = dict[str, tuple["Table", _Sheet]]


def read_workbook(
    content: bytes,
    file: str,
    only: Table | None = None,
    *,
    tables: Sequence[Table] = TABLES,
) -> tuple[dict[str, TextTable | None] | None, Findings]:
    """Return the tables that a workbook holds, by name.

    Parameters
    ----------
    file
        Name relative to the study folder, for messages.
    only
        The table of a workbook that holds one: on the sheet of its name, else on the only sheet
        that is not empty. None: every sheet that bears a table's name is read.
    tables
        Those that sheets may hold.

    Returns
    -------
    dict
        Table name → its cells, None when they cannot be read; None instead of the dict when
        the workbook itself cannot.
    """
    parts = read_parts(content)
    if isinstance(parts, Refusal):
        return None, Findings((Notice(file, 0, "", parts.message, parts.remedy),))
    try:
        with CalamineWorkbook.from_filelike(clean_copy(parts)) as workbook:
            sheets = _sheets(workbook, parts, file, tables)
            if only is None:
                chosen, findings = _by_table(sheets, file, tables)
            else:
                chosen, findings = _one(sheets, only, file)
            read: dict[str, TextTable | None] = {}
            for name, (table, sheet) in chosen.items():
                read[name], found = _read(workbook, sheet, table)
                findings += found
    except (CalamineError, ValueError, OSError):
        return None, Findings((Notice(file, 0, "", *_SPOILT),))
    return read, findings


def read_sheets(content: bytes, file: str) -> tuple[dict[str, SheetValues], Findings]:
    """Return what the sheets of a workbook hold by their names, whatever it is, in their order.

    Sheets that are empty, too wide or of instructions are left out.

    Parameters
    ----------
    file
        Name of the workbook, for messages.
    """
    parts = read_parts(content)
    if isinstance(parts, Refusal):
        return {}, Findings((Notice(file, 0, "", parts.message, parts.remedy),))
    found: dict[str, SheetValues] = {}
    faults: list[Notice] = []
    try:
        with CalamineWorkbook.from_filelike(clean_copy(parts)) as workbook:
            for sheet in filter(_says_something, _sheets(workbook, parts, file, ())):
                values = _values(workbook, sheet)
                if isinstance(values, Notice):
                    faults.append(values)
                else:
                    found[sheet.name] = values
    except (CalamineError, ValueError, OSError):
        return {}, Findings((Notice(file, 0, "", *_SPOILT),))
    return found, Findings(tuple(faults))


def fold_name(name: str) -> str:
    """Return a sheet's name without accents, case, spaces or signs.

    >>> fold_name(" Périmètres ")
    'perimetres'
    """
    plain = unicodedata.normalize("NFKD", name.casefold())
    return "".join(char for char in plain if char.isalnum())


def _sheets(
    workbook: CalamineWorkbook, parts: Mapping[str, bytes], file: str, tables: Sequence[Table]
) -> list[_Sheet]:
    """Return the sheets of cells, in the workbook's order.

    Raises
    ------
    ValueError
        When the cells of a sheet are not there, or not as a spreadsheet writes them.
    """
    sheets = []
    by_fold = {fold_name(table.name): table for table in tables}
    for meta, xml in zip(workbook.sheets_metadata, sheet_parts(parts), strict=True):
        if meta.typ != SheetTypeEnum.WorkSheet:
            continue
        if xml is None:
            raise ValueError("sheet without its part")
        label = f"{file}, feuille {' '.join(meta.name.split())}"
        hidden = meta.visible != SheetVisibleEnum.Visible
        table = by_fold.get(fold_name(meta.name))
        sheets.append(_Sheet(meta.name, label, hidden, scan_sheet(xml), table))
    return sheets


def _read(
    workbook: CalamineWorkbook, sheet: _Sheet, table: Table
) -> tuple[TextTable | None, Findings]:
    if not sheet.filled:
        remedy = f"{_FILL}, ou supprimez la feuille"
        return None, Findings((Notice(sheet.label, 0, "", "feuille vide", remedy),))
    values = _values(workbook, sheet)
    return (None, Findings((values,))) if isinstance(values, Notice) else read_sheet(values, table)


def _values(workbook: CalamineWorkbook, sheet: _Sheet) -> SheetValues | Notice:
    """Return the cells of a sheet, from A1, or why there are too many."""
    scan = sheet.scan
    if scan.too_wide:
        last = cell_name(scan.rows - 1, scan.columns - 1)
        message = f"feuille remplie jusqu’en {last}, bien au-delà d’un tableau"
        remedy = "effacez les cellules isolées loin du tableau (Ctrl+Fin y mène)"
        return Notice(sheet.label, 0, "", message, remedy)
    cells = workbook.get_sheet_by_name(sheet.name)
    rows = cast("list[list[Value]]", cells.to_python(skip_empty_area=False))
    # Cells of formulas without value may stand beyond the last value.
    width = max(scan.columns, max(map(len, rows), default=0))
    rows += [[] for _ in range(scan.rows - len(rows))]
    full = [row + [""] * (width - len(row)) for row in rows]
    return SheetValues(sheet.label, full, scan.failed, cells.merged_cell_ranges or [])


def _by_table(
    sheets: Iterable[_Sheet], file: str, tables: Sequence[Table]
) -> tuple[_Chosen, Findings]:
    """Return the sheets that bear a table's name; the others are said and left."""
    chosen: _Chosen = {}
    others, faults, warnings = [], [], []
    for sheet in sheets:
        table = sheet.table
        if table is None:
            others.append(sheet)
        elif table.name in chosen:
            names = f"{quoted(chosen[table.name][1].name)} et {quoted(sheet.name)}"
            message = f"deux feuilles pour la table {quoted(table.name)} : {names}"
            faults.append(Notice(file, 0, "", message, "n’en gardez qu’une"))
        else:
            chosen[table.name] = table, sheet
            warnings += _shown(sheet)
    known = [table.name for table in tables]
    warnings += [_unknown(sheet, known, chosen) for sheet in others if _says_something(sheet)]
    return chosen, Findings(tuple(faults), tuple(warnings))


def _says_something(sheet: _Sheet) -> bool:
    return sheet.filled and fold_name(sheet.name) != README_SHEET


def _unknown(sheet: _Sheet, known: Sequence[str], chosen: Container[str]) -> Notice:
    missing = [name for name in known if name not in chosen]
    remedy = proposal(sheet.name, missing) or f"noms connus : {', '.join(known)}"
    return Notice(sheet.label, 0, "", "feuille qui n’a pas le nom d’une table, ignorée", remedy)


def _shown(sheet: _Sheet) -> list[Notice]:
    if not sheet.hidden:
        return []
    remedy = "affichez-la pour la vérifier, ou supprimez-la si elle ne doit pas compter"
    return [Notice(sheet.label, 0, "", "feuille masquée, lue comme les autres", remedy)]


def _one(sheets: Sequence[_Sheet], table: Table, file: str) -> tuple[_Chosen, Findings]:
    """Return the sheet of one table, and a warning for each other filled one."""
    filled = [sheet for sheet in sheets if _says_something(sheet)]
    candidates = [sheet for sheet in sheets if sheet.table is table] or filled
    candidates = candidates or list(sheets[:1])  # an empty sheet is told when it is read
    if not candidates:
        return {}, Findings((Notice(file, 0, "", "classeur sans feuille", _FILL),))
    if len(candidates) > 1:
        names = ", ".join(quoted(sheet.name) for sheet in candidates)
        message = f"feuille de la table {quoted(table.name)} indécise, entre {names}"
        remedy = f"nommez {quoted(table.name)} celle qu’il faut lire, et elle seule"
        return {}, Findings((Notice(file, 0, "", message, remedy),))
    (sheet,) = candidates
    message = f"feuille ignorée : c’est {quoted(sheet.name)} qui est lue"
    ignored = [
        Notice(other.label, 0, "", message, _KEEP_ONE) for other in filled if other is not sheet
    ]
    return {table.name: (table, sheet)}, Findings((), (*_shown(sheet), *ignored))

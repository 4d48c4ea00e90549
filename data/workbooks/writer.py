"""The study as a workbook to fill: a sheet a table, its headers explained, codes kept as text.

Everything it says comes from the declarations of `tables`. The same rows give the same bytes.
"""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import xlsxwriter
from xlsxwriter.utility import xl_range

from data.study.cells import parse_cell, parse_number
from data.study.tables import EXAMPLE, TABLES
from data.workbooks.cells import number_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

    from data.study.tables import Column, Table

README_SHEET = "LISEZMOI"
"""First sheet, of instructions; the reader skips it."""

LAST_ROW = 1_048_575
"""Last row of a sheet, from 0."""

_CREATED = datetime(2023, 1, 1, tzinfo=UTC)
_NUMBERS = ("whole", "decimal", "etp")
_COLUMN_WIDTHS = (13, 44)
_KINDS_WIDE = {"text": 34, "classes": 30, "identifier": 22, "label": 22, "siret": 18}
_MESSAGE_CHARS = 255
_NOTE_WIDTH, _NOTE_LINE, _NOTE_CHARS = 340, 17, 52
_README_WIDTHS = (16, 28, 14, 62, 46, 24)
_README_HEADERS = ("Feuille", "Colonne", "", "Contenu", "Valeurs", "Exemple fictif")

_HEADER = {"bold": True, "font_color": "#FFFFFF", "border": 1, "valign": "vcenter"}
_EXAMPLE = {"italic": True, "font_color": "#595959", "bg_color": "#F2F2F2"}
_FORMATS = {"date": {"num_format": "dd/mm/yyyy"}, "text": {"num_format": "@"}, "number": {}}
_STYLES = {
    "required": _HEADER | {"bg_color": "#B34000"},
    "optional": _HEADER | {"bg_color": "#1F4E79"},
    "title": {"bold": True, "font_size": 16},
    "line": {"text_wrap": True, "valign": "top"},
    "strong": {"bold": True, "text_wrap": True, "valign": "top"},
    **_FORMATS,
    **{f"example {name}": _EXAMPLE | style for name, style in _FORMATS.items()},
}


def study_workbook(
    rows: Mapping[str, Sequence[Mapping[str, str]]] | None = None,
    *,
    tables: Iterable[Table] = TABLES,
) -> bytes:
    """Return a workbook that holds the tables of a study, a sheet each, after the instructions.

    Parameters
    ----------
    rows
        Table name → its rows, text cells by column name. None: empty tables, each with an
        example row that the reader skips.
    tables
        Those that get a sheet.
    """
    chosen = tuple(tables)
    buffer = io.BytesIO()
    book = new_book(buffer, "Étude de couverture")
    styles = {name: book.add_format(style) for name, style in _STYLES.items()}
    _readme_sheet(book.add_worksheet(README_SHEET), chosen, styles)
    for table in chosen:
        filed = [table.example] if rows is None else rows.get(table.name, ())
        _table_sheet(book.add_worksheet(table.name), table, filed, styles)
    book.close()
    return buffer.getvalue()


def new_book(buffer: io.BytesIO, title: str) -> xlsxwriter.Workbook:
    """Return a workbook to fill: the same cells give the same bytes once it is closed."""
    # Nothing typed by a person may become a formula or a link.
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(buffer, options)
    book.set_properties({"title": title, "author": "", "created": _CREATED})
    return book


def column_help(column: Column) -> list[str]:
    """Return what a column holds, in French, a line each: need, contents, values, example."""
    lines = [f"Colonne {'obligatoire' if column.required else 'facultative'}.", column.description]
    if column.choices:
        known = "Valeurs connues, d’autres sont possibles" if column.kind == "label" else "Valeurs"
        lines.append(f"{known} : {', '.join(column.choices)}.")
    if column.default:
        lines.append(f"Vide : {column.default}.")
    return [*lines, f"Exemple fictif : {column.example}"]


def _table_sheet(
    sheet: Worksheet,
    table: Table,
    rows: Sequence[Mapping[str, str]],
    styles: Mapping[str, Format],
) -> None:
    last = len(table.columns) - 1
    for at, column in enumerate(table.columns):
        sheet.set_column(at, at, _width(column, first=at == 0), styles[_format(column)])
        header = styles["required" if column.required else "optional"]
        sheet.write_string(0, at, column.name, header)
        _note(sheet, at, column)
        # The first cell of an example is not a value of its column.
        _drop_down(sheet, at, column, from_row=1 if at else 2)
    sheet.set_row(0, 22)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(len(rows), 1), last)
    whole_sheet = xl_range(0, 0, LAST_ROW, last)
    sheet.ignore_errors({"number_stored_as_text": whole_sheet})
    for row_at, row in enumerate(rows, start=1):
        example = row.get(table.columns[0].name, "").startswith(EXAMPLE)
        for at, column in enumerate(table.columns):
            text = row.get(column.name, "")
            if example:
                # All texts, so that an example left as it is can be told from a changed one.
                sheet.write_string(row_at, at, text, styles[f"example {_format(column)}"])
            else:
                _cell(sheet, (row_at, at), text, column, styles[_format(column)])


def _format(column: Column) -> str:
    if column.kind == "date":
        return "date"
    return "number" if column.kind in _NUMBERS else "text"


def _cell(
    sheet: Worksheet,
    place: tuple[int, int],
    text: str,
    column: Column,
    style: Format,
) -> None:
    """Write a cell: a number or a date when the reader reads back the same, else the text."""
    if not text:
        return
    value = typed_value(text.strip(), column)
    write: Callable[..., object] = sheet.write_string
    if isinstance(value, date):
        write = sheet.write_datetime
    elif isinstance(value, float):
        write = sheet.write_number
    write(*place, value, style)


def typed_value(text: str, column: Column) -> str | float | date:
    """Return what a cell holds: a number or a date only where not a digit is lost.

    >>> from data.study.tables import POSTES
    >>> typed_value("0,5", POSTES.column("etp")), typed_value("=1+1", POSTES.column("financement"))
    (0.5, '=1+1')
    """
    if column.kind == "date":
        value = parse_cell(text, column)
        return value if isinstance(value, date) else text
    number = parse_number(text) if column.kind in _NUMBERS else None
    if number is None or parse_number(number_text(float(number))) != number:
        return text
    return float(number)


def _note(sheet: Worksheet, at: int, column: Column) -> None:
    lines = column_help(column)
    height = sum(1 + len(line) // _NOTE_CHARS for line in lines) + 1
    size = {"width": _NOTE_WIDTH, "height": height * _NOTE_LINE}
    sheet.write_comment(0, at, "\n".join(lines), {**size, "author": "", "font_size": 10})


def _drop_down(sheet: Worksheet, at: int, column: Column, *, from_row: int) -> None:
    """Propose the known values; other ones are refused, doubted (labels) or let (lists)."""
    if not column.choices:
        return
    rule = {
        "validate": "list",
        "source": list(column.choices),
        "show_error": column.kind != "classes",
        "error_type": "stop" if column.kind == "enum" else "warning",
        "error_title": "Valeur inconnue",
        "error_message": f"Valeurs : {', '.join(column.choices)}"[:_MESSAGE_CHARS],
    }
    sheet.data_validation(from_row, at, LAST_ROW, at, rule)


def _width(column: Column, *, first: bool) -> int:
    low, high = _COLUMN_WIDTHS
    example = len(column.example) + (len(EXAMPLE) if first else 0)
    longest = max(len(column.name) + 4, example, *map(len, column.choices), low)
    return min(max(longest, _KINDS_WIDE.get(column.kind, 0)), high)


def _readme_sheet(
    sheet: Worksheet,
    tables: Sequence[Table],
    styles: Mapping[str, Format],
) -> None:
    for at, width in enumerate(_README_WIDTHS):
        sheet.set_column(at, at, width)
    sheet.hide_gridlines(2)
    sheet.write_string(0, 0, "Étude de couverture des clauses sociales", styles["title"])
    at = 2
    for line in instructions(tables):
        sheet.merge_range(at, 0, at, len(_README_WIDTHS) - 1, "", styles["line"])
        sheet.write_string(at, 0, line, styles["line"])
        sheet.set_row(at, 16 * (1 + len(line) // 170))
        at += 1
    at += 1
    for place, header in enumerate(_README_HEADERS):
        sheet.write_string(at, place, header, styles["optional"])
    for table in tables:
        at = _readme_table(sheet, at + 1, table, styles)


def _readme_table(
    sheet: Worksheet,
    at: int,
    table: Table,
    styles: Mapping[str, Format],
) -> int:
    """Write the lines of a table, and return the rank of the last."""
    last = len(_README_WIDTHS) - 1
    need = "obligatoire" if table.required else "facultative"
    sheet.write_string(at, 0, table.name, styles["strong"])
    sheet.merge_range(at, 1, at, last, "", styles["strong"])
    sheet.write_string(at, 1, f"Feuille {need}. {table.description}", styles["strong"])
    sheet.set_row(at, 16 * (1 + len(table.description) // 130))
    for at_column, column in enumerate(table.columns, start=at + 1):
        need = "obligatoire" if column.required else "facultative"
        header = styles["required" if column.required else "optional"]
        values = ", ".join(column.choices)
        sheet.write_string(at_column, 1, column.name, header)
        for place, text in ((2, need), (3, column.description), (4, values), (5, column.example)):
            sheet.write_string(at_column, place, text, styles["line"])
        sheet.set_row(at_column, 16 * max(1 + len(column.description) // 60, 1 + len(values) // 44))
    return at + len(table.columns)


def instructions(tables: Sequence[Table]) -> list[str]:
    """Return how to fill the workbook, in French, a sentence or two a line."""
    names = ", ".join(table.name for table in tables)
    return [
        f"Une feuille par table ({names}) et une ligne par élément, sous les en-têtes. Gardez les "
        "noms des feuilles et les en-têtes de la première ligne : le programme les cherche.",
        "En-tête orange : colonne obligatoire. En-tête bleu : colonne facultative, à remplir ou à "
        "laisser vide. Le commentaire de chaque en-tête dit ce qu’on y écrit.",
        f"La ligne grise de chaque feuille, qui commence par « {EXAMPLE} », est un EXEMPLE "
        "FICTIF : elle ne décrit aucune situation réelle. Le programme ne lit pas les lignes dont "
        "la première cellule commence par « # » : laissez-la ou supprimez-la, et n’écrivez rien "
        "par-dessus.",
        "Les colonnes de codes sont au format Texte, pour que 01004 garde son zéro : collez-y les "
        "valeurs seules (collage spécial, valeurs).",
        "Nombres : « 0,5 » ou « 1234,5 ». Dates : « 01/07/2023 ».",
        "Une cellule vide dit que l’on ne sait pas, jamais zéro.",
        "Le périmètre qu’envoie une structure est joint à l’étude « a_confirmer », quel que soit "
        "son état dans ce classeur : c’est le planificateur qui le valide.",
    ]

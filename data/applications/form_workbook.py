"""The form as a workbook to send out and to read back: what comes back is told line by line."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from coverage.dossiers.form import Form
from data.applications.form_book_reading import filed_workbook
from data.applications.form_labels import LABELS, RUBRIQUES
from data.applications.form_reading import form_of
from data.applications.form_sheets import (
    BOX_SHEETS,
    BOXES,
    GOES_ON,
    HEADERS,
    LIST_SHEETS,
    VOLET,
    boxes_of,
)
from data.applications.form_texts import NUMBERS, texts_of
from data.applications.walk import item_number, plain_key
from data.study.tables import OUI_NON, Column
from data.workbooks.writer import README_SHEET, new_book, typed_value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

    from coverage.dossiers.model import Finding
    from coverage.proposals.model import Call
    from data.applications.form import Field
    from data.applications.form_sheets import ListSheet

FORM_BOOK = ".xlsx"
"""Extension of the form as a workbook."""

MOST_SIGNS = 30_000
"""Signs of a text in one cell: a longer one goes on in the next line, under the same key."""

OTHERS = "Hors formulaire"
"""Sheet of what was filed and is no box of the form."""

_WIDTHS = (44, 70, 50, 30)
_LIST_WIDTH = 28
_LIST_ROWS = 1_000
_LINE, _SIGNS_A_LINE, _LONG_LINES, _MOST_LINES = 15, 68, 6, 25
_HEADER = {"bold": True, "font_color": "#FFFFFF", "bg_color": "#1F4E79", "valign": "vcenter"}
_TOP = {"text_wrap": True, "valign": "top"}
_BOX = _TOP | {"border": 1, "border_color": "#7F7F7F", "bg_color": "#FFF9E5"}
_STYLES = {
    "header": _HEADER,
    "title": {"bold": True, "font_size": 16},
    "label": _TOP | {"bold": True},
    "help": _TOP | {"font_color": "#595959"},
    "text": _BOX | {"num_format": "@"},
    "number": _BOX,
    "date": _BOX | {"num_format": "dd/mm/yyyy"},
}
_NUMBER = Column("nombre", "decimal", "", "", high=10**9)
_DATE = Column("date", "date", "", "")

INSTRUCTIONS = (
    "Une feuille par rubrique du formulaire de l’appel. Répondez dans les cases jaunes, une "
    "réponse par ligne ; laissez vide ce que vous ne savez pas encore : rien n’est refusé, ce qui "
    "manque est dit.",
    "Les feuilles « Membres du groupement », « Territoires », « Donneurs d’ordre » et "
    "« Cofinanceurs » sont des listes : une ligne par élément, sous les en-têtes.",
    "Gardez les en-têtes et la colonne grise des clés : c’est par elles que le programme lit le "
    "classeur.",
    "Nombres : « 0,5 » ou « 44600 ». Dates : « 01/09/2022 ». Un zéro dit qu’il n’y en a pas ; une "
    "case vide, que vous ne savez pas.",
    "Les cases déjà remplies viennent de l’étude : vérifiez-les, corrigez-les.",
)


def form_workbook(form: Form | None = None) -> bytes:
    """Return the form as a workbook; the same form gives the same bytes.

    Parameters
    ----------
    form
        What is filled already, as `form_prefill.prefilled` gives of a structure; what it holds
        and could not read is written as it was.
    """
    texts = texts_of(form or Form({}))
    buffer = io.BytesIO()
    book = new_book(buffer, "Candidature à l’appel à projets")
    styles = {name: book.add_format(style) for name, style in _STYLES.items()}
    _readme(book.add_worksheet(README_SHEET), styles)
    done: set[str] = set()
    for table in RUBRIQUES:
        if table in BOX_SHEETS:
            keys = boxes_of(table)
            done |= {*keys}
            sheet = book.add_worksheet(BOX_SHEETS[table])
            _box_sheet(sheet, {key: texts.get(key, "") for key in keys}, styles)
        for listed in LIST_SHEETS:
            if next(iter(listed.keys.values())).startswith(f"{table}."):
                done |= _list_sheet(book.add_worksheet(listed.name), listed, texts, styles)
    others = {key: texts[key] for key in sorted(texts.keys() - done)}
    if others:
        _box_sheet(book.add_worksheet(OTHERS), others, styles)
    book.close()
    return buffer.getvalue()


def read_form_workbook(content: bytes, file: str, call: Call) -> tuple[Form, tuple[Finding, ...]]:
    """Return the form that a workbook holds, however little it is filled, and what it lacks.

    Parameters
    ----------
    file
        Name of the workbook, for messages.

    Returns
    -------
    Form, tuple
        `Form.unread` holds also what is written outside the boxes, by sheet and line; the findings
        tell the sheet and the line.
    """
    return form_of(filed_workbook(content, file), call)


def _readme(sheet: Worksheet, styles: Mapping[str, Format]) -> None:
    sheet.set_column(0, 0, 110)
    sheet.hide_gridlines(2)
    sheet.write_string(0, 0, "Candidature à l’appel à projets", styles["title"])
    for at, line in enumerate(INSTRUCTIONS, start=2):
        sheet.write_string(at, 0, line, styles["label" if at == 2 else "help"])  # noqa: PLR2004
        sheet.set_row(at, _LINE * (1 + len(line) // 100))


def _box_sheet(sheet: Worksheet, boxes: Mapping[str, str], styles: Mapping[str, Format]) -> None:
    """Write boxes, a line each: name, answer, help, key."""
    for at, (header, width) in enumerate(zip(HEADERS, _WIDTHS, strict=True)):
        sheet.set_column(at, at, width)
        sheet.write_string(0, at, header, styles["header"])
    sheet.freeze_panes(1, 0)
    row = 0
    for key, text in boxes.items():
        label, field = LABELS.get(key), BOXES.get(key)
        for start in range(0, max(len(text), 1), MOST_SIGNS):
            row += 1
            name = label.label if label else key
            sheet.write_string(row, 0, name if start == 0 else f"{name}{GOES_ON}", styles["label"])
            sheet.write_string(row, 2, label.help if label else "", styles["help"])
            sheet.write_string(row, 3, key, styles["help"])
            part = text[start : start + MOST_SIGNS]
            _cell(sheet, (row, 1), part, field, styles)
            sheet.set_row(row, _height(part, long=bool(label and label.long)))
        if field:
            _choices(sheet, (row, row), 1, field)


def _height(text: str, *, long: bool) -> int:
    lines = sum(1 + len(line) // _SIGNS_A_LINE for line in text.split("\n"))
    return _LINE * min(max(lines, _LONG_LINES if long else 2), _MOST_LINES)


def _list_sheet(
    sheet: Worksheet, listed: ListSheet, texts: Mapping[str, str], styles: Mapping[str, Format]
) -> set[str]:
    """Write the items of a list, and return the keys written."""
    rows = _rows(listed, texts)
    for at, header in enumerate(listed.headers):
        field = listed.field(header)
        sheet.set_column(at, at, _LIST_WIDTH, styles[_style(field)])
        sheet.write_string(0, at, header, styles["header"])
        if listed.help(header):
            sheet.write_comment(0, at, listed.help(header), {"author": "", "width": 300})
        _choices(sheet, (1, max(_LIST_ROWS, len(rows))), at, field)
    sheet.freeze_panes(1, 0)
    done: set[str] = set()
    for row, (volet, item) in enumerate(rows, start=1):
        for at, header in enumerate(listed.headers):
            key = f"{item}.{listed.columns.get(header, '')}"
            text = volet if header == VOLET and header not in listed.columns else texts.get(key, "")
            _cell(sheet, (row, at), text, listed.field(header), styles)
            done.add(key)
    return done


def _rows(listed: ListSheet, texts: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the items of a list: volet, and dotted key with its number."""
    found = {
        (volet, item_number(key))
        for volet, own in listed.keys.items()
        for key in texts
        if plain_key(key).rpartition(".")[0] == own and item_number(key)
    }
    order = list(listed.keys)
    return [
        (volet, f"{listed.keys[volet]}[{number}]")
        for volet, number in sorted(found, key=lambda each: (order.index(each[0]), each[1]))
    ]


def _style(field: Field | None) -> str:
    if field is None or field.kind not in (*NUMBERS, "date"):
        return "text"
    return "date" if field.kind == "date" else "number"


def _cell(
    sheet: Worksheet,
    place: tuple[int, int],
    text: str,
    field: Field | None,
    styles: Mapping[str, Format],
) -> None:
    """Write a box: a number or a date where the reader reads back the same, else the text."""
    style = _style(field)
    column = {"number": _NUMBER, "date": _DATE}.get(style)
    value = typed_value(text.strip(), column) if column and text.strip() else text
    if not text:
        sheet.write_blank(*place, None, styles[style])
    elif isinstance(value, float):
        sheet.write_number(*place, value, styles[style])
    elif isinstance(value, str):
        sheet.write_string(*place, text, styles[style])
    else:
        sheet.write_datetime(*place, value, styles[style])


def _choices(sheet: Worksheet, rows: tuple[int, int], at: int, field: Field) -> None:
    """Propose the known values of a box; another one is doubted, not refused."""
    known = OUI_NON if field.kind == "flag" else field.choices
    if known:
        rule = {"validate": "list", "source": list(known), "error_type": "warning"}
        sheet.data_validation(rows[0], at, rows[1], at, rule)

"""Faults to put in a sound workbook, one at a time, and how each must be told."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from typing import TYPE_CHECKING

from books import FIRST_SHEET, archive, edited_book, raw_sheet, repacked, saved, sound_book

if TYPE_CHECKING:
    from collections.abc import Callable

    from broken_cases import Expected
    from openpyxl.cell import Cell
    from openpyxl.workbook import Workbook

BOOK = "etude.xlsx"


def sheet(name: str) -> str:
    return f"{BOOK}, feuille {name}"


def put(name: str, cell: str, value: object) -> Callable[[Workbook], None]:
    """Return an edit that writes one cell."""

    def edit(book: Workbook) -> None:
        book[name][cell] = value

    return edit


def each(*edits: Callable[[Workbook], None]) -> Callable[[Workbook], None]:
    def edit(book: Workbook) -> None:
        for one in edits:
            one(book)

    return edit


def merge(name: str, span: str) -> Callable[[Workbook], None]:
    return lambda book: book[name].merge_cells(span)


def drop_rows(name: str, first: int) -> Callable[[Workbook], None]:
    return lambda book: book[name].delete_rows(first, 100)


def _twin(book: Workbook) -> None:
    book.create_sheet("Périmètres").append(["structure_id"])


def _general(cell: Cell) -> None:
    cell.number_format = "General"


_NO_VALUE = "formule sans valeur enregistrée"
_PASTE = "collage spécial"
_TEXT = "format Texte"

EDITED: dict[str, tuple[Callable[[Workbook], None], Expected]] = {
    "formula never computed": (
        put("postes", "D2", "=1/2"),
        (sheet("postes"), 2, "etp", _NO_VALUE, _PASTE),
    ),
    "formula never computed, at the end of the sheet": (
        each(
            put("besoins", "A7", "75101"), put("besoins", "B7", "etat"), put("besoins", "C7", "=1")
        ),
        (sheet("besoins"), 7, "heures", _NO_VALUE, _PASTE),
    ),
    "lost reference": (
        put("postes", "D2", "#REF!"),
        (sheet("postes"), 2, "etp", "erreur de calcul « #REF! »", _PASTE),
    ),
    "value not available in a free text": (
        put("structures", "B3", "#N/A"),
        (sheet("structures"), 3, "nom", "« #N/A »", "corrigez la formule"),
    ),
    "division by zero": (
        put("besoins", "C5", "#DIV/0!"),
        (sheet("besoins"), 5, "heures", "« #DIV/0! »", "corrigez la formule"),
    ),
    "French error pasted as text": (
        put("besoins", "F3", "#NOM?"),
        (sheet("besoins"), 3, "source", "« #NOM? »", "corrigez la formule"),
    ),
    "error in a first cell, which is no comment": (
        put("postes", "A2", "#VALEUR!"),
        (sheet("postes"), 2, "poste_id", "« #VALEUR! »", "corrigez la formule"),
    ),
    "code turned into a date": (
        put("perimetres", "E3", dt.date(2023, 1, 4)),
        (sheet("perimetres"), 3, "code", "« 04/01/2023 » : le tableur a sans doute", _TEXT),
    ),
    "identifier turned into a date": (
        put("postes", "A2", dt.date(2023, 1, 4)),
        (sheet("postes"), 2, "poste_id", "changé le code en date", _TEXT),
    ),
    "ETP turned into a date": (
        put("postes", "D2", dt.date(2023, 5, 1)),
        (sheet("postes"), 2, "etp", "changé le nombre en date", "format Nombre"),
    ),
    "free text turned into a date": (
        put("besoins", "F3", dt.date(2023, 5, 1)),
        (sheet("besoins"), 3, "source", "changé le texte en date", _TEXT),
    ),
    "ETP turned into an hour": (
        put("postes", "D2", dt.time(12, 0)),
        (sheet("postes"), 2, "etp", "heure « 12:00:00 »", "format Nombre"),
    ),
    "date with an hour": (
        put("postes", "G2", dt.datetime(2023, 7, 1, 8, 30)),  # noqa: DTZ001 - as typed
        (sheet("postes"), 2, "debut", "« 01/07/2023 08:30 »", "sans heure"),
    ),
    "hour for a date": (
        put("postes", "G2", dt.time(8, 30)),
        (sheet("postes"), 2, "debut", "heure ou durée « 08:30:00 »", "écrivez la date"),
    ),
    "number for a date": (
        each(put("postes", "G2", 45108), lambda book: _general(book["postes"]["G2"])),
        (sheet("postes"), 2, "debut", "nombre « 45108 » à la place d’une date", "format Date"),
    ),
    "date that does not exist, as text": (
        put("postes", "G2", "31/06/2023"),
        (sheet("postes"), 2, "debut", "calendrier", "le jour puis le mois"),
    ),
    "true for yes": (
        each(put("structures", "H1", "deja_porteuse_facilitateur"), put("structures", "H2", True)),  # noqa: FBT003 - a cell
        (sheet("structures"), 2, "deja_porteuse_facilitateur", "« VRAI »", "« oui » ou « non »"),
    ),
    "true for a number": (
        put("postes", "D2", True),  # noqa: FBT003 - a cell
        (sheet("postes"), 2, "etp", "valeur logique « VRAI »", "« 0,5 »"),
    ),
    "digits lost": (
        put("structures", "C2", 3560000000004812),
        (sheet("structures"), 2, "siret", "plus de 15 chiffres", _TEXT),
    ),
    "false key of a SIRET typed as a number": (
        put("structures", "C2", 35600000000049),
        (sheet("structures"), 2, "siret", "« 35600000000049 » dont la clé", "recopié"),
    ),
    "fractional productivity": (
        put("structures", "E2", 32000.5),
        (sheet("structures"), 2, "heures_par_etp", "« 32000,5 » n’est pas entier", "arrondissez"),
    ),
    "unknown code typed as a number": (
        put("perimetres", "E4", 75156),
        (sheet("perimetres"), 4, "code", "« 75156 » inconnu", "Code officiel"),
    ),
    "merged data": (
        merge("postes", "B3:B4"),
        (sheet("postes"), 3, "structure_id", "cellules fusionnées B3:B4", "défusionnez"),
    ),
    "merged row": (
        merge("besoins", "D3:F3"),
        (sheet("besoins"), 3, "annee", "cellules fusionnées D3:F3", "défusionnez"),
    ),
    "header merged with the first row": (
        merge("postes", "C1:C2"),
        (sheet("postes"), 1, "volet", "cellules fusionnées C1:C2", "défusionnez"),
    ),
    "column missing": (
        put("postes", "D1", "etps"),
        (sheet("postes"), 1, "etp", "« etp » absente", "« etps »"),
    ),
    "column twice": (
        put("besoins", "E1", "source"),
        (sheet("besoins"), 1, "source", "2 fois", "une seule"),
    ),
    "sheet without cells": (
        drop_rows("besoins", 1),
        (sheet("besoins"), 0, "", "feuille vide", "supprimez la feuille"),
    ),
    "sheet without rows": (
        drop_rows("perimetres", 2),
        (sheet("perimetres"), 0, "", "aucun périmètre", "un périmètre par ligne"),
    ),
    "sheet missing": (
        lambda book: book.remove(book["postes"]),
        (BOOK, 0, "", "feuille obligatoire « postes » absente", "postes.csv"),
    ),
    "two sheets for a table": (
        _twin,
        (BOOK, 0, "", "« perimetres » : « perimetres » et « Périmètres »", "n’en gardez qu’une"),
    ),
    "cell at the end of the world": (
        put("besoins", "XFD1048576", "x"),
        (sheet("besoins"), 0, "", "jusqu’en XFD1048576", "Ctrl+Fin"),
    ),
    "post of nobody": (
        put("postes", "B5", "Bé"),
        (sheet("postes"), 5, "structure_id", f"absente de {sheet('structures')}", "« B »"),
    ),
}


def _changed(changes: dict[str, bytes | None]) -> bytes:
    return repacked(saved(sound_book()), changes)


def _lying() -> bytes:
    """Return a workbook whose list says that a sheet is smaller than what it unpacks to."""
    content = bytearray(saved(sound_book()))
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        size = book.getinfo(FIRST_SHEET).file_size.to_bytes(4, "little")
    at = content.rindex(FIRST_SHEET.encode()) - 46 + 24
    assert content[at : at + 4] == size
    content[at : at + 4] = (10).to_bytes(4, "little")
    return bytes(content)


def _locked() -> bytes:
    content = bytearray(saved(sound_book()))
    content[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


def _doubled() -> bytes:
    out = io.BytesIO(saved(sound_book()))
    with zipfile.ZipFile(out, "a") as book:
        book.writestr(FIRST_SHEET.upper(), b"<x/>")
    return out.getvalue()


_OLE = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504)
_DOCTYPE = '<!DOCTYPE x [<!ENTITY a "aaaa">]>'
_HIDDEN_CELL = '<row><c r="A1" x="/>"><v>1</v></c><c y=">" r="XFD1048576"><v>1</v></c></row>'
_STRING = '<row r="1"><c r="A1" t="s"><v>99999</v></c></row>'

NOT_WORKBOOKS: dict[str, tuple[Callable[[], bytes], str, str]] = {
    "nothing": (lambda: b"", "fichier vide", "copiez-le"),
    "text": (lambda: b"structure_id;nom\nA;a\n", "texte enregistré", ".csv"),
    "HTML": (lambda: b"\n <html><table></table></html>", "page HTML", "Enregistrer sous"),
    "XML of 2003": (lambda: b'\xef\xbb\xbf<?xml version="1.0"?><Workbook/>', "XML", ".xlsx"),
    "old workbook": (lambda: _OLE, "97-2003", ".xlsx"),
    "password": (
        lambda: _OLE + "EncryptedPackage".encode("utf-16-le"),
        "mot de passe",
        "ôtez le mot de passe",
    ),
    "noise": (lambda: b"\x00\x01\x02" * 99, "pas un classeur", ".xlsx"),
    "cut": (lambda: saved(sound_book())[:-400], "tronqué ou abîmé", "copiez-le"),
    "cut in its middle": (
        lambda: b"PK" + saved(sound_book())[3000:],
        "tronqué ou abîmé",
        "copiez-le",
    ),
    "OpenDocument": (
        lambda: archive({"mimetype": b"x", "content.xml": b"<x/>"}),
        "OpenDocument",
        "CSV UTF-8",
    ),
    "binary workbook": (lambda: archive({"xl/workbook.bin": b"x"}), ".xlsb", ".xlsx"),
    "macros": (lambda: _changed({"xl/vbaProject.bin": b"x"}), "macros", "macros sont ôtées"),
    "document": (lambda: archive({"word/document.xml": b"<x/>"}), "archive qui n’est pas", ".xlsx"),
    "way out": (lambda: _changed({"../../x.xml": b"<x/>"}), "sort de l’archive", "refaites"),
    "way out, Windows": (lambda: _changed({"..\\x.xml": b"<x/>"}), "sort de l’archive", "refaites"),
    "too many members": (
        lambda: _changed({f"xl/media/{number}.png": b"" for number in range(2001)}),
        "2\u202f000 au plus",
        "refaites",
    ),
    "bomb": (
        lambda: _changed({"xl/media/a.xml": bytes(11_000_000)}),
        "se déplie en 11 Mo",
        "classeur neuf",
    ),
    "size that lies": (_lying, "tronqué ou abîmé", "copiez-le"),
    "locked member": (_locked, "mot de passe", "ôtez le mot de passe"),
    "member twice": (_doubled, "présent deux fois", "refaites"),
    "entities": (
        lambda: _changed({FIRST_SHEET: raw_sheet("", head=_DOCTYPE)}),
        "déclare des entités",
        "refaites",
    ),
    "other encoding": (
        lambda: _changed({FIRST_SHEET: raw_sheet("").decode().encode("utf-16")}),
        "codage",
        ".xlsx",
    ),
    "string that is not there": (
        lambda: _changed({FIRST_SHEET: raw_sheet(_STRING)}),
        "abîmé",
        "enregistrez-le de nouveau",
    ),
    "cell hidden behind a sign": (
        lambda: _changed({FIRST_SHEET: raw_sheet(_HIDDEN_CELL)}),
        "abîmé",
        "enregistrez-le de nouveau",
    ),
    "sheet cut": (
        lambda: _changed({FIRST_SHEET: raw_sheet('<row r="1"><c r="A1"><v>1')[:-24]}),
        "abîmé",
        "enregistrez-le de nouveau",
    ),
}
"""What is named `.xlsx` and cannot be read: how to make it, part of the message and remedy."""


def broken_book(case: str) -> bytes:
    return edited_book(EDITED[case][0])

"""Workbooks of the form as they come back: each spoilt cell told at its place, none lost."""

from __future__ import annotations

import datetime as dt
import io
from typing import TYPE_CHECKING, Any

import pytest
from builders import make_study, perimeter, post
from effort import tried
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from test_applications import FILE, SOUND

from coverage.dossiers.form import Form
from data.applications.form_prefill import prefilled
from data.applications.form_reading import read_form
from data.applications.form_sheets import BOX_SHEETS, BOXES, LIST_SHEETS, boxes_of
from data.applications.form_workbook import form_workbook, read_form_workbook
from data.calls.read import read_call

if TYPE_CHECKING:
    from collections.abc import Callable

    from openpyxl.workbook import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

    from coverage.dossiers.model import Finding

CALL = read_call()
BOOK = "alpha.xlsx"
FORM = read_form(SOUND.encode(), FILE, CALL)[0]
CONTENT = form_workbook(FORM)
GAPS = {each.place for each in read_form_workbook(CONTENT, BOOK, CALL)[1]}


def read(content: bytes) -> tuple[Form, dict[str, Finding]]:
    form, found = read_form_workbook(content, BOOK, CALL)
    return form, {f"{each.place} {number}": each for number, each in enumerate(found)}


def edited(edit: Callable[[Workbook], None]) -> tuple[Form, list[Finding]]:
    """Return what is read of the sound workbook once edited, without the gaps that it had."""
    book = load_workbook(io.BytesIO(CONTENT))
    edit(book)
    buffer = io.BytesIO()
    book.save(buffer)
    form, found = read_form_workbook(buffer.getvalue(), BOOK, CALL)
    return form, [each for each in found if each.place not in GAPS]


def row_of(sheet: Worksheet, key: str) -> int:
    return next(row[3].row for row in sheet.iter_rows() if row[3].value == key)


def put(name: str, key: str, value: object) -> Callable[[Workbook], None]:
    def edit(book: Workbook) -> None:
        sheet = book[name]
        sheet.cell(row_of(sheet, key), 2).value = value

    return edit


def test_every_box_of_the_form_has_its_place_in_the_workbook() -> None:
    boxes = [key for table in BOX_SHEETS for key in boxes_of(table)]
    lists = [
        f"{key}.{name}"
        for sheet in LIST_SHEETS
        for key in sheet.keys.values()
        for name in sheet.columns.values()
    ]
    assert sorted(boxes + lists) == sorted(BOXES)


def test_an_untouched_workbook_says_what_its_file_says() -> None:
    form, found = edited(lambda _: None)
    assert (form, found) == (FORM, [])


RETYPED = {
    "a number typed": ("Demande", "demande.etp_facilitateur", 0.5, 50),
    "a number as text": ("Demande", "demande.etp_facilitateur", "0,5", 50),
    "a number in thousands": ("Budget", "budget.montant_total", "35 000,01", 3_500_001),
    "a date": ("Convention 2022", "convention_2022.date_recrutement", dt.date(2022, 10, 3), None),
    "a date as text": ("Convention 2022", "convention_2022.date_recrutement", "03/10/2022", None),
    "a SIRET as a number": ("Porteur", "porteur.siret", 35600000000048, "35600000000048"),
    "a logical value": ("Groupement", "groupement.mandataire", True, True),
    "a number for a text": ("Porteur", "porteur.contact.telephone", 612345678, "612345678"),
    "a choice in capitals": ("Pièces", "pieces.budget_projet", "Fournie ", "fournie"),
}


@pytest.mark.parametrize("name", RETYPED)
def test_what_a_spreadsheet_makes_of_a_value_is_understood(name: str) -> None:
    sheet, key, typed, value = RETYPED[name]
    form, found = edited(put(sheet, key, typed))
    assert form.get(key) == (dt.date(2022, 10, 3) if value is None else value)
    assert found == []


SPOILT: dict[str, tuple[str, str, Any, str, str]] = {
    "words": ("Demande", "demande.etp_facilitateur", "un demi", "un demi", "pas un nombre"),
    "a date for a number": (
        "Demande",
        "demande.etp_facilitateur",
        dt.date(2026, 5, 1),
        "01/05/2026",
        "pas un nombre",
    ),
    "a date that is none": (
        "Convention 2022",
        "convention_2022.date_mise_en_oeuvre",
        "31/02/2022",
        "31/02/2022",
        "calendrier",
    ),
    "a formula": ("Budget", "budget.montant_total", "=1+1", "=", "formule sans valeur"),
    "a failed formula": ("Budget", "budget.montant_total", "#N/A", "#N/A", "erreur de calcul"),
    "too many": ("Demande", "demande.etp_facilitateur", 700, "700", "hors de 0 à 50"),
}


@pytest.mark.parametrize("name", SPOILT)
def test_what_cannot_be_believed_is_told_at_its_cell_and_kept(name: str) -> None:
    sheet, key, typed, kept, part = SPOILT[name]
    form, found = edited(put(sheet, key, typed))
    told = [each for each in found if each.place == key]
    assert form.unread[key] == kept
    assert form.get(key) is None
    assert part in told[0].message
    line = row_of(load_workbook(io.BytesIO(CONTENT))[sheet], key)
    assert told[0].message.endswith(f"(feuille {sheet}, ligne {line})")


def test_a_sheet_that_is_gone_is_told_and_the_others_are_read() -> None:
    form, found = edited(lambda book: book.remove(book["Objectifs"]))
    assert form.get("objectifs") is None
    assert form.get("budget") == FORM.get("budget")
    (gone,) = [each for each in found if each.place == "objectifs"]
    assert "feuille «\u00a0Objectifs\u00a0» absente" in gone.message


def test_a_sheet_that_is_renamed_is_read() -> None:
    def rename(book: Workbook) -> None:
        book["Budget"].title = "Feuille 12"
        book["Territoires"].title = "Nos communes"

    assert edited(rename) == (FORM, [])


def test_texts_outside_the_boxes_are_told_and_kept() -> None:
    def scribble(book: Workbook) -> None:
        book["Demande"]["G4"] = "à revoir"
        book["Demande"]["B40"] = "sans clé"
        book["Cofinanceurs"]["H2"] = "promis"
        book["Budget"]["C3"] = "14 000"
        book.create_sheet("Notes")["A1"] = "appeler la DREETS"

    form, found = edited(scribble)
    assert form.values == FORM.values
    assert sorted(form.unread.values()) == sorted(
        ["appeler la DREETS", "promis", "sans clé", "à revoir", "14 000"]
    )
    assert {*form.unread} == {
        "feuille Demande, ligne 4",
        "feuille Demande, ligne 40",
        "feuille Cofinanceurs, ligne 2",
        "feuille Notes, ligne 1",
        "feuille Budget, ligne 3",
    }
    assert len(found) == 5
    assert not [each for each in found if any(t in each.message for t in form.unread.values())]
    again, _ = read(form_workbook(form))
    assert again == form


def test_lists_take_lines_by_volet_and_tell_those_without() -> None:
    def lines(book: Workbook) -> None:
        sheet = book["Territoires"]
        sheet.append([None, None, None, None])
        sheet.append(["Coordinateur", "region", "93", None])
        sheet.append(["", "commune", "01004", ""])

    form, found = edited(lines)
    regions = form.get("perimetre.coordinateur.codes")
    assert regions == ({"niveau": "region", "code": "11"}, {"niveau": "region", "code": "93"})
    (told,) = found
    assert "ligne sans volet" in told.message
    assert [*form.unread.values()] == ["commune ; 01004"]


def test_a_box_filled_twice_keeps_the_first_and_tells_the_second() -> None:
    def twice(book: Workbook) -> None:
        book["Budget"].append(["", "12", "", "demande.etp_facilitateur"])

    form, found = edited(twice)
    assert form.get("demande.etp_facilitateur") == 75
    assert "case déjà remplie plus haut" in found[0].message
    assert [*form.unread.values()] == ["12"]


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (b"", "fichier vide"),
        (b"[porteur]", "texte enregistré"),
        (CONTENT[:-200], "abîmé"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ".xls"),
    ],
)
def test_what_is_no_workbook_is_one_gap(content: bytes, part: str) -> None:
    form, found = read(content)
    assert form == Form({})
    (gap,) = found.values()
    assert part in gap.message


@settings(max_examples=tried(12), deadline=None)
@given(st.data())
def test_a_damaged_workbook_never_breaks_the_reader(data: st.DataObject) -> None:
    content = bytearray(CONTENT)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at : at + data.draw(st.integers(0, 4))] = data.draw(st.binary(max_size=4))
    form, _ = read(bytes(content))
    assert isinstance(form, Form)


def test_what_the_study_knows_is_filled_beforehand() -> None:
    posts = [
        post("A", "3/2"),
        post("A", "1/2", financement="aap_2022", debut=dt.date(2022, 10, 1)),
        post("B", 2, volet="coordinateur"),
    ]
    study = make_study(posts, [perimeter("A", "01004"), perimeter("B", "01004")])
    study.structures.loc["A", ["nom", "siret", "statut_juridique"]] = [
        "Alpha",
        "35600000000048",
        "association",
    ]
    values = prefilled(study, "A")
    assert values == {
        "porteur": {
            "nom": "Alpha",
            "structure_id": "A",
            "siret": "35600000000048",
            "statut_juridique": "association",
        },
        "etat_des_lieux": {"etp_facilitateur": 200, "etp_coordinateur": 0, "etp_total": 200},
        "convention_2022": {"date_mise_en_oeuvre": dt.date(2022, 10, 1)},
    }
    assert read(form_workbook(Form(values)))[0] == Form(values)
    assert "convention_2022" not in prefilled(study, "B")
    with pytest.raises(KeyError):
        prefilled(study, "C")

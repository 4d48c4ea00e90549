"""What is written of a form is read back the same: as TOML, as typed texts, as a workbook."""

from __future__ import annotations

import tomllib
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest
from effort import tried
from form_values import TEXTS, VALUES
from hypothesis import given, settings
from hypothesis import strategies as st

from coverage.dossiers.form import Form
from data.applications.form import without_identity
from data.applications.form_reading import read_form
from data.applications.form_sheets import BOXES
from data.applications.form_texts import read_texts, texts_of
from data.applications.form_workbook import form_workbook, read_form_workbook
from data.applications.form_writing import exact_decimal, write_form
from data.applications.walk import leaves
from data.calls.read import read_call

if TYPE_CHECKING:
    from collections.abc import Mapping

CALL = read_call()
FILE = "essai.toml"
AWKWARD = (
    'Il dit "oui".\n\'\'\'"""\n\\ fin\\',
    "=1+1",
    "_x000D_ et _x0041_",
    " des bords \n",
    "é e\u0301 \u202f« » \U0001f600",
    "https://exemple.fr",
    "\n\n# pas un commentaire\n[pas une table]\n",
)


def filled(text: str) -> dict[str, Any]:
    return {
        "porteur": {"nom": text, "contact": {"nom": text}},
        "groupement": {"membres": ({"nom": text}, {"statut": text})},
        "strategie": {"reseau_regional": text},
    }


@settings(max_examples=tried(25), deadline=None)
@given(VALUES)
def test_a_written_form_reads_back_the_same(values: Mapping[str, Any]) -> None:
    content = write_form(values)
    assert content == write_form(values)
    form, _ = read_form(content, FILE, CALL)
    assert form == Form(values)


@settings(max_examples=tried(25), deadline=None)
@given(VALUES)
def test_typed_texts_read_back_the_same(values: Mapping[str, Any]) -> None:
    assert read_texts(texts_of(Form(values)), CALL)[0] == Form(values)


@settings(max_examples=tried(6), deadline=None)
@given(VALUES)
def test_a_workbook_reads_back_the_same(values: Mapping[str, Any]) -> None:
    content = form_workbook(Form(values))
    form, found = read_form_workbook(content, "essai.xlsx", CALL)
    assert form == Form(values)
    _, typed = read_texts(texts_of(form), CALL)
    assert {(f.level, f.place) for f in found} == {(f.level, f.place) for f in typed}


@pytest.mark.parametrize("text", AWKWARD)
def test_awkward_texts_come_back_whole(text: str) -> None:
    values = filled(text)
    assert read_form(write_form(values), FILE, CALL)[0].values == values
    assert read_form_workbook(form_workbook(Form(values)), "a.xlsx", CALL)[0].values == values


def test_a_text_longer_than_a_cell_comes_back_whole() -> None:
    values = {"strategie": {"reseau_regional": "mot " * 50_000}}
    form, found = read_form_workbook(form_workbook(Form(values)), "a.xlsx", CALL)
    assert form == Form(values)
    (told,) = [f for f in found if f.place == "strategie.reseau_regional"]
    assert "200\u202f000 signes" in told.message
    assert len(told.message) < 200


def test_items_keep_their_order_beyond_nine_and_blank_ones_close_up() -> None:
    texts = {f"budget.cofinanceurs[{rank}].nom": f"Fonds {rank}" for rank in range(12, 0, -1)}
    texts["budget.cofinanceurs[5].nom"] = " "
    form, _ = read_texts(texts, CALL)
    names = [f"Fonds {rank}" for rank in range(1, 13) if rank != 5]
    assert [row["nom"] for row in form.get("budget.cofinanceurs")] == names
    assert read_form_workbook(form_workbook(form), "a.xlsx", CALL)[0] == form


def test_the_same_form_gives_the_same_workbook() -> None:
    form = Form(filled("Exemple"), {"budget.x": "1"})
    assert form_workbook(form) == form_workbook(form)


@settings(max_examples=tried(25), deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(BOXES)), TEXTS, max_size=8), TEXTS)
def test_whatever_is_typed_nothing_is_lost(typed: Mapping[str, str], junk: str) -> None:
    texts = {key: text for key, text in typed.items() if text} | {"ailleurs": junk}
    form, found = read_texts(texts, CALL)
    shown = texts_of(form)
    assert read_texts(shown, CALL) == (form, found)
    for key, text in texts.items():
        read = shown[key]
        assert read == text or read.casefold() == text.strip().casefold() or key in BOXES
    assert form.unread["ailleurs"] == junk
    assert not dict(leaves(form.values)).keys() & form.unread.keys()


def test_the_file_is_one_that_people_read() -> None:
    text = write_form({"demande": {"etp_facilitateur": 150}}).decode()
    assert "etp_facilitateur = 1.5\n" in text
    assert 'responsable = ""' in text
    comments = [line for line in text.splitlines() if line.startswith("# ")]
    assert any(line.startswith("# Présentation du porteur.") for line in comments)
    assert max(map(len, comments)) <= 110
    assert tomllib.loads(text)["demande"] == {"etp_facilitateur": 1.5}


def test_a_text_in_place_of_a_number_is_written_and_told() -> None:
    values = {"demande": {"etp_facilitateur": "beaucoup"}, "convention_2022": {"heures": "3 000"}}
    form, found = read_form(write_form(values), FILE, CALL)
    assert form.unread == {
        "demande.etp_facilitateur": "beaucoup",
        "convention_2022.heures": "3 000",
    }
    assert {"demande.etp_facilitateur", "convention_2022.heures"} <= {f.place for f in found}


def test_a_number_without_decimals_of_its_own_is_refused() -> None:
    with pytest.raises(ValueError, match="1/3"):
        exact_decimal(Fraction(1, 3))
    assert str(exact_decimal(Fraction(1, 1024))) == "0.0009765625"


def test_what_leaves_says_no_one() -> None:
    values = {
        "porteur": {"nom": "A", "responsable": "B", "contact": {"mail": "C"}},
        "budget": {"cofinanceurs": ({"nom": "D"},)},
    }
    assert without_identity(values) == {
        "porteur": {"nom": "A"},
        "budget": {"cofinanceurs": ({"nom": "D"},)},
    }

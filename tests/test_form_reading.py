"""A form half-filled or spoilt: every gap told with its place, nothing lost, nothing refused."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from effort import tried
from hypothesis import given, settings
from hypothesis import strategies as st
from test_applications import FILE, PERSONAL, SOUND, line_of

from coverage.dossiers.model import INCOMPLETE
from data.applications.form import FORM
from data.applications.form_labels import LABELS, RUBRIQUES
from data.applications.form_notices import MOST_TOLD
from data.applications.form_reading import read_form
from data.calls.read import read_call

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from coverage.dossiers.form import Form
    from coverage.dossiers.model import Finding
    from data.applications.form import Field

CALL = read_call()
ROOT = Path(__file__).parents[1]


def read(text: str) -> tuple[Form, dict[str, Finding]]:
    form, found = read_form(text.encode(), FILE, CALL)
    assert {each.rule for each in found} <= {"form"}
    return form, {each.place: each for each in found}


def keys_of(form: Mapping[str, Field], at: str = "") -> Iterator[str]:
    for name, field in form.items():
        yield f"{at}{name}"
        yield from keys_of(field.keys, f"{at}{name}.")


def test_every_key_of_the_form_has_a_label_and_no_label_is_an_orphan() -> None:
    keys = {*keys_of(FORM)}
    assert {*LABELS} | {*RUBRIQUES} == keys
    assert not {*LABELS} & {*RUBRIQUES}
    assert all(each.label for each in LABELS.values())
    assert not [each.label for each in LABELS.values() if "'" in each.label + each.help]


def test_texts_are_kept_whole_those_of_persons_included() -> None:
    form, _ = read(SOUND)
    assert form.get("porteur.responsable") == PERSONAL[0]
    assert form.get("porteur.presentation") == 'Une structure.\nnom = "pas une clé"\n'
    assert form.get("demande.etp_facilitateur") == 75
    assert form.get("groupement.membres") == ({"nom": "Bêta", "statut": "association"},)
    assert form.unread == {}


def test_a_sound_form_lacks_only_what_its_demand_expects() -> None:
    # Asks for both volets; its strategy, objectives and 2022 report are begun alone.
    assert {*read(SOUND)[1]} == {
        "convention_2022.debut_conventionnement",
        "convention_2022.date_recrutement",
        *(
            f"{table}.{name}"
            for table in ("convention_2022", "objectifs")
            for name in FORM["objectifs"].keys
            if f"{table}.{name}" not in ("objectifs.heures", "convention_2022.heures")
            and not (table == "convention_2022" and name.startswith("beneficiaires"))
        ),
        "strategie.donneurs_ordre_coordinateur",
        *(
            f"strategie.{name}_{volet}"
            for name in ("acteurs_inclusifs", "parcours")
            for volet in ("facilitateur", "coordinateur")
        ),
    }


def test_what_is_expected_depends_on_what_is_asked() -> None:
    facilitator = SOUND.replace("etp_coordinateur = 0.5", "etp_coordinateur = 0")
    places = read(facilitator)[1].keys()
    assert not [each for each in places if each.endswith("_coordinateur")]
    bare = facilitator.replace('reseau_regional = "Animer."', "")
    assert "strategie.reseau_regional" not in read(bare)[1]
    without = SOUND.replace("etp_coordinateur = 0\n", "").replace('reseau_regional = "Animer."', "")
    assert {
        "etat_des_lieux.etp_coordinateur",
        "etat_des_lieux.descriptif_coordinateur",
        "strategie.reseau_regional",
    } <= read(without)[1].keys()
    alone = SOUND.replace('membres = [{ nom = "Bêta", statut = "association" }]', "")
    alone = alone.replace('gouvernance = "Un comité."', "")
    assert {"groupement.membres", "groupement.gouvernance"} <= read(alone)[1].keys()
    no_mandate = alone.replace("mandataire = true", "mandataire = false")
    assert not [each for each in read(no_mandate)[1] if each.startswith("groupement")]
    convention = SOUND[SOUND.index("[convention_2022]") : SOUND.index("[strategie]")]
    no_convention = SOUND.replace(convention, "")
    assert not [each for each in read(no_convention)[1] if each.startswith("convention")]


def test_a_gap_says_its_rubrique_its_box_its_line_and_what_to_do() -> None:
    text = SOUND.replace(f'mail = "{PERSONAL[1]}"', 'mail = ""')
    gap = read(text)[1]["porteur.contact.mail"]
    assert (gap.level, gap.heading) == (INCOMPLETE, "Présentation du porteur")
    line = line_of(text, "mail =")
    assert gap.message == f"Adresse mail\u202f: case du formulaire vide (ligne {line})"
    assert gap.text
    assert gap.remedy


SPOILT = {
    "unknown key": ("cout_etp =", "cout =", "budget.cout", "40000"),
    "unknown table": ("[objectifs]", "[objectif]", "objectif", None),
    "too many ETP": ("= 0.75", "= 51", "demande.etp_facilitateur", "51"),
    "less than nothing": ("= 0.75", "= -1", "demande.etp_facilitateur", "-1"),
    "words for a number": ("= 0.75", '= "un"', "demande.etp_facilitateur", "un"),
    "number for a text": ('nom = "Alpha"', "nom = 3", "porteur.nom", "3"),
    "endless number": ("= 0.75", "= 0x" + "f" * 9000, "demande.etp_facilitateur", None),
    "no date": (
        "= 2022-09-01",
        "= 0001-01-01",
        "convention_2022.date_mise_en_oeuvre",
        "0001-01-01",
    ),
    "list for a text": ('nom = "Alpha"', 'nom = ["a", "b"]', "porteur.nom", "a, b"),
    "table for a text": ('nom = "Alpha"', "nom = {}", "porteur.nom", None),
    "texts for tables": (
        '[{ nom = "Bêta", statut = "association" }]',
        '["Bêta"]',
        "groupement.membres",
        "Bêta",
    ),
    "invisible signs": (
        '"Un comité."',
        '"Un\\u0007 comité."',
        "groupement.gouvernance",
        "Un\a comité.",
    ),
    "turned around": ('"Animer."', '"a\\u202Eb"', "strategie.reseau_regional", "a\u202eb"),
}


@pytest.mark.parametrize("name", SPOILT)
def test_what_is_odd_is_told_and_kept(name: str) -> None:
    old, new, place, kept = SPOILT[name]
    assert SOUND.count(old) == 1
    sound, _ = read(SOUND)
    form, found = read(SOUND.replace(old, new))
    assert found[place].level == INCOMPLETE
    assert found[place].remedy
    assert all(len(each.message) < 300 for each in found.values())
    if kept is not None:
        assert form.unread[place] == kept
    assert form.get("budget.montant_total") == sound.get("budget.montant_total")


def test_invisible_signs_are_taken_out_of_the_value() -> None:
    form, _ = read(SOUND.replace('"Un comité."', '"Un\\u0007 comité\\r\\n."'))
    assert form.get("groupement.gouvernance") == "Un comité\n."


def test_50000_words_are_told_and_kept_whole() -> None:
    text = "mot " * 50_000
    form, found = read(SOUND.replace('"Animer."', f'"{text}"'))
    assert form.get("strategie.reseau_regional") == text
    assert "200\u202f000 signes" in found["strategie.reseau_regional"].message


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (b"[porteur\nnom = 1", "TOML (ligne 1)"),
        ("[porteur]\nnom = 'é'".encode("cp1252"), "UTF-8 (ligne 2)"),
        (b"\x00\xff\xfe", "UTF-8 (ligne 1)"),
        (b"porteur.nom" + b".a" * 50_000 + b" = 1", "emboîtées sur plus de 20 niveaux (ligne 1)"),
        (b"x = 1\n[" + b"'a' . " * 50_000 + b"b]", "niveaux (ligne 2)"),
        (b"x = { y = 1, " + b"a." * 50_000 + b"b = 1 }", "niveaux (ligne 1)"),
        (b"a = " + b"{ a = " * 30 + b"1" + b" }" * 30, "niveaux"),
        (b"a = " + b"[" * 5000, "TOML"),
    ],
)
def test_what_is_no_file_at_all_is_one_gap(content: bytes, part: str) -> None:
    form, found = read_form(content, FILE, CALL)
    assert (form.values, form.unread) == ({}, {})
    (gap,) = found
    assert gap.level == INCOMPLETE
    assert part in gap.message


def test_thousands_of_unknown_keys_are_kept_and_told_in_short() -> None:
    spare = "".join(f"x{number} = {number}\n" for number in range(3000))
    form, found = read_form(f"{spare}\n{SOUND}".encode(), FILE, CALL)
    assert form.unread["x2999"] == "2999"
    assert len(form.unread) == 3000
    assert len(found) < 100
    rows = "[[budget.cofinanceurs]]\n" * 1000
    _, found = read_form(f"{SOUND}\n{rows}".encode(), FILE, CALL)
    assert len(found) == MOST_TOLD + 1
    assert "autres constats" in found[-1].message


def test_an_empty_file_lists_the_parts_of_the_form() -> None:
    form, found = read_form(b"", FILE, CALL)
    assert form.values == {}
    assert [each.place for each in found] == ["porteur", "demande", "perimetre", "budget", "pieces"]


@settings(max_examples=tried(40), deadline=None)
@given(st.data())
def test_a_damaged_file_never_breaks_the_reader(data: st.DataObject) -> None:
    content = bytearray(SOUND.encode())
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(content) - 1))
        cut = data.draw(st.integers(0, 20))
        content[at : at + cut] = data.draw(st.binary(max_size=10))
    form, found = read_form(bytes(content), FILE, CALL)
    assert all(len(each.message) < 400 and each.heading and each.text for each in found)
    assert all(isinstance(text, str) for text in form.unread.values())


def test_every_key_is_in_the_documentation() -> None:
    text = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")
    part = text[text.index("## Candidatures") : text.index("## Le dossier `sources`")]
    words = {*re.findall(r"`\[?([a-z0-9_.]+)\]?`", part)}
    names = {re.sub("_(facilitateur|coordinateur)$", "", key) for key in keys_of(FORM)}
    unsaid = {name for name in names if name not in words and name.rpartition(".")[2] not in words}
    assert unsaid <= {"perimetre"}

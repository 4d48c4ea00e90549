"""Applications before the call: what is asked where, as far as a file says it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest
from builders import make_study, perimeter, post
from test_applications import BROKEN, CALL, FILE, PERSONAL, SOUND, STUDY, TOY

from coverage.dossiers.model import DISCUSS, INCOMPLETE
from coverage.parameters import CLASSES
from coverage.wording import typeset
from data.applications.case import case_of_texts, read_case, read_cases
from data.applications.form_texts import texts_of
from data.applications.form_workbook import form_workbook
from data.applications.read import read_application

if TYPE_CHECKING:
    from pathlib import Path

    from coverage.dossiers.model import Case


def read(text: str, file: str = FILE) -> Case:
    return read_case(text.encode(), file, STUDY, TOY, CALL)


def codes(case: Case, volet: str) -> list[str]:
    return [str(TOY.codes[unit]) for unit in case.places[volet][0]]


def test_a_sound_application_is_the_one_that_plans_compute_with() -> None:
    case = read(SOUND)
    application, _ = read_application(SOUND.encode(), FILE, STUDY, TOY, CALL)
    assert case.application == application
    assert application is not None
    assert (case.application_id, case.file, case.structure_id) == ("alpha", FILE, "A")
    assert case.structure_name == "Alpha"
    assert case.sha256 == sha256(SOUND.encode()).hexdigest()
    assert {asked.volet: (asked.units, asked.scope) for asked in application.asked} == case.places


@pytest.mark.parametrize("name", BROKEN)
def test_a_fault_of_the_plan_is_a_gap_said_once(name: str) -> None:
    text = SOUND.replace(*BROKEN[name][:2], 1)
    case = read(text)
    assert case.application is None
    (fault,) = read_application(text.encode(), FILE, STUDY, TOY, CALL)[1].faults
    said = [gap for gap in case.gaps if typeset(fault.message) in gap.message]
    assert [(gap.level, gap.place, gap.remedy) for gap in said] == [
        (INCOMPLETE, fault.column, typeset(fault.remedy))
    ]
    assert len({(gap.place, gap.message) for gap in case.gaps}) == len(case.gaps)


def test_the_rest_of_a_perimeter_with_an_unknown_code_is_kept() -> None:
    case = read(SOUND.replace('"01033"', '"99999"'))
    assert codes(case, "facilitateur") == ["2A004"]
    assert case.places["facilitateur"][1] == ("etat", "prives")
    assert codes(case, "coordinateur") == ["75101", "75102", "93066"]
    nowhere = read(SOUND.replace('"region", code = "11"', '"region", code = "99"'))
    assert [*nowhere.places] == ["facilitateur"]


def test_a_half_filled_file_still_says_where() -> None:
    case = read('[perimetre.facilitateur]\ncodes = [{ niveau = "commune", code = "01033" }]\n')
    assert case.application is None
    assert codes(case, "facilitateur") == ["01033"]
    assert case.places["facilitateur"][1] == CLASSES
    assert (case.structure_id, case.structure_name) == ("nouvelle:alpha", "")


def test_a_volet_that_is_not_asked_has_no_place() -> None:
    case = read(SOUND.replace("etp_coordinateur = 0.5", "etp_coordinateur = 0"))
    assert [*case.places] == ["facilitateur"]
    told = [gap for gap in case.gaps if gap.place == "perimetre.coordinateur"]
    assert [gap.level for gap in told] == [DISCUSS]
    extension = SOUND.replace("etp_facilitateur = 0.75", "etp_facilitateur = 0")
    assert [*read(extension).places] == ["facilitateur", "coordinateur"]


def test_what_is_understood_and_doubted_is_to_be_discussed() -> None:
    new = read(SOUND.replace('siret = "356 000 000 00048"', ""))
    assert new.structure_id == "nouvelle:alpha"
    levels = {gap.place: gap.level for gap in new.gaps}
    assert levels["porteur"] == DISCUSS
    assert levels["porteur.siret"] == INCOMPLETE
    assert levels["etat_des_lieux.etp_facilitateur"] == DISCUSS
    repaired = read(SOUND.replace('"01033"', '"1033"'))
    assert codes(repaired, "facilitateur") == ["01033", "2A004"]
    assert {gap.level for gap in repaired.gaps if gap.place.endswith("codes[1].code")} == {DISCUSS}


def test_a_structure_of_the_2022_call_owes_its_report() -> None:
    convention = SOUND[SOUND.index("[convention_2022]") : SOUND.index("[strategie]")]
    text = SOUND.replace(convention, "")
    assert not [gap for gap in read(text).gaps if gap.place.startswith("convention_2022")]
    posts = [post("A", "3/2", financement="aap_2022", debut=dt.date(2022, 9, 1))]
    study = make_study(posts, [perimeter("A", "01004")])
    study.structures.loc["A", "siret"] = "35600000000048"
    gaps = read_case(text.encode(), FILE, study, TOY, CALL).gaps
    assert sum(gap.place.startswith("convention_2022") for gap in gaps) == 12


def test_the_diagnosis_is_left_to_the_rules_of_the_call() -> None:
    text = SOUND.replace('"Des marchés de l’État sans clause."', '"""' + "\nligne" * 11 + '"""')
    assert not [gap for gap in read(text).gaps if gap.place == "etat_des_lieux.diagnostic"]


def test_a_workbook_and_typed_texts_make_the_same_case() -> None:
    case = read(SOUND)
    book = read_case(form_workbook(case.form), "alpha.xlsx", STUDY, TOY, CALL)
    typed = case_of_texts(texts_of(case.form), FILE, STUDY, TOY, CALL)
    for other in (book, typed):
        assert (other.form, other.places, other.structure_id) == (case.form, case.places, "A")
        assert other.application is not None
        assert case.application is not None
        assert replace(other.application, file=FILE) == case.application
        assert {gap.place for gap in other.gaps} == {gap.place for gap in case.gaps}
    assert not [gap for gap in typed.gaps if "ligne" in gap.message]


def test_gaps_never_show_who_a_person_is() -> None:
    odd = SOUND.replace(f'telephone = "{PERSONAL[2]}"', "telephone = 600000000")
    shown = repr(read(odd).gaps)
    assert not [item for item in (*PERSONAL, "600000000") if item in shown]


def test_the_cases_of_a_folder_come_in_the_order_of_their_files(tmp_path: Path) -> None:
    assert read_cases(tmp_path, STUDY, TOY, CALL) == ()
    folder = tmp_path / "candidatures"
    folder.mkdir()
    (folder / "b.toml").write_bytes(SOUND.encode())
    (folder / "a.toml").write_bytes(b"[porteur")
    (folder / "c.TOML").mkdir()
    (folder / "lisez.txt").write_bytes(b"")
    (folder / ".cache.toml").write_bytes(b"")
    spoilt, sound, unreadable = read_cases(tmp_path, STUDY, TOY, CALL)
    assert [each.file for each in (spoilt, sound, unreadable)] == [
        "candidatures/a.toml",
        "candidatures/b.toml",
        "candidatures/c.TOML",
    ]
    assert sound.application is not None
    assert [len(each.gaps) for each in (spoilt, unreadable)] == [1, 1]
    assert spoilt.form.values == {}
    assert "ligne 1" in spoilt.gaps[0].message
    assert "illisible" in unreadable.gaps[0].message

"""Settings changed in a form: the file keeps its comments, and what is refused is told in place."""

from __future__ import annotations

import re
import tomllib
from fractions import Fraction
from html import unescape
from typing import TYPE_CHECKING

import pytest
from pages_served import words
from register_served import SOUND, Near, Planner, application, waited
from toy import STUDY, toy_territory

from data.edited.settings import (
    filed_settings,
    known_settings,
    settings_content,
    with_settings,
)
from data.study.settings_file import read_settings
from data.study.templates import settings_text
from data.uploads import check
from geo.errors import InputErrors

if TYPE_CHECKING:
    from pathlib import Path

TERRITORY = toy_territory()
TEMPLATE = settings_text().encode()
TYPED = {
    "etude.nom": "Étude « d’essai »",
    "etude.annee": "2 024",
    "etude.regions": "11|84",
    "etude.fictif": "oui",
    "methode.seuil_reponse": "0,9",
    "methode.etats_perimetres": "valide|conteste",
    "methode.heures_par_etp": "30000",
    "appel.budget_eur": "6 000 000",
    "appel.plafond_etat": "non",
    "appel.unite_objectif": "postes",
}


def test_each_setting_is_written_under_its_comment_and_read_back() -> None:
    made = with_settings(TEMPLATE, TYPED)
    before, after = TEMPLATE.decode().splitlines(), made.decode().splitlines()
    settings, findings = read_settings(made, TERRITORY)
    assert findings.faults == ()
    assert (settings.name, settings.year, settings.regions) == (
        "Étude « d’essai »",
        2024,
        ("11", "84"),
    )
    assert settings.fictional
    assert settings.parameters.seuil_reponse == Fraction(9, 10)
    assert settings.parameters.etats_perimetres == ("valide", "conteste")
    assert settings.call == {
        "budget_eur": 6_000_000,
        "plafond_etat": False,
        "unite_objectif": "postes",
    }
    kept = [line for line in before if not re.match("nom =|regions =", line)]
    assert [line for line in after if line in kept or line == ""] == kept
    assert after[after.index("heures_par_etp = 30000") - 1] == "# heures_par_etp = 35000"
    assert filed_settings(made) == TYPED | {
        "etude.annee": "2024",
        "appel.budget_eur": "6000000",
    }
    # Given again, they change nothing; emptied, each line stays as a comment.
    assert with_settings(made, filed_settings(made)) == made
    emptied = with_settings(made, dict.fromkeys(TYPED, ""))
    assert filed_settings(emptied) == {}
    assert emptied.decode().count("\n") == made.decode().count("\n")


def test_the_least_file_gets_its_headings_and_keeps_its_marks() -> None:
    content = b"\xef\xbb\xbfformat_version = 1\r\n[etude] # tout\r\nnom = 'A' # le nom"
    made = with_settings(content, {"etude.annee": "2023", "appel.avance": "1/3"})
    assert made.decode("utf-8-sig") == (
        "format_version = 1\r\n[etude] # tout\r\nannee = 2023\r\nnom = 'A' # le nom\r\n"
        '\r\n[appel]\r\navance = "1/3"\r\n'
    )
    assert made.startswith(b"\xef\xbb\xbf")


def test_every_setting_may_be_given_then_left() -> None:
    for setting in known_settings():
        made = with_settings(TEMPLATE, {setting.key: "oui"})
        assert filed_settings(made)[setting.key] == "oui"
        assert setting.name in tomllib.loads(made.decode())[setting.table]
        left = tomllib.loads(with_settings(made, {setting.key: ""}).decode())
        assert setting.name not in left.get(setting.table, {})


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"etude = { nom = 'A', annee = 2023 }\n", "sur une ligne à lui"),
        (b"[etude\n", "pas du TOML"),
        (b"nom = '\xe9'\n", "pas en UTF-8"),
    ],
)
def test_a_file_that_cannot_be_changed_key_by_key_is_refused(content: bytes, said: str) -> None:
    with pytest.raises(InputErrors, match=said):
        with_settings(content, {"etude.annee": "2024"})


def test_a_study_without_settings_begins_with_the_template() -> None:
    assert settings_content({}) == TEMPLATE
    assert settings_content({"Etude.toml": b"x"}) == b"x"


def test_settings_are_changed_in_a_page_refused_in_place_and_never_over_another_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check, "Bounded", Near)
    planner = Planner(application(tmp_path))
    key = planner.deposit(SOUND)
    deposit = planner.found(key)
    address = f"/registre/depots/{key}/reglages"
    page = planner.html(address)
    assert f'href="{address}"' in planner.html(f"/registre/depots/{key}")
    named = set(re.findall(r'name="c-([^"]*)"', page))
    assert named == {each.key for each in known_settings()}
    sent = dict(re.findall(r'<input id="[^"]*" name="([^"]*)" value="([^"]*)"', page))
    sent |= dict(re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', page))
    sent |= {"c-etude.regions": "11"}
    assert planner.post(address, **sent).status_code == 303
    assert deposit.changes == ()

    wrong = sent | {
        "c-methode.seuil_reponse": "3",
        "c-etude.annee": "deux mille",
        "c-etude.nom": "",
    }
    answer = planner.post(address, **wrong)
    assert answer.status_code == 422
    for name in ("methode.seuil_reponse", "etude.annee", "etude.nom"):
        (field,) = re.findall(f'<input id="c-{name}"[^>]*>', answer.text)
        assert 'aria-invalid="true"' in field
        assert f'id="c-{name}-faute"' in answer.text
    assert "« 3 » hors de 1/100 à 1" in unescape(answer.text)
    assert 'value="deux mille"' in answer.text
    assert deposit.changes == ()

    assert planner.post(address, **sent | {"c-methode.seuil_reponse": "3/4"}).status_code == 303
    waited(planner.found(key))
    assert list(deposit.changes) == ["réglages modifiés (seuil_reponse : 2/3 → 3/4)"]
    expected = STUDY["etude.toml"].replace('"2/3"', '"3/4"')
    assert deposit.brought.files["etude.toml"].decode() == expected

    answer = planner.post(address, **sent | {"c-etude.annee": "2024"})
    assert answer.status_code == 409
    assert "modifié ailleurs" in words(answer.text)
    assert 'value="2024"' in answer.text
    assert len(deposit.changes) == 1

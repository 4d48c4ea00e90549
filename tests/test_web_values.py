"""Figures of the map, apart from its shapes: nothing lost, nothing made better than it is."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from asking import client_of
from fake_coverage import CUT, HOSTILE, UNKNOWN_NEED, drawn_coverage, fake_coverage

from coverage.palette import STYLES
from coverage.parameters import CLASSES
from coverage.status import STATUTS
from maps.scope import scope_of
from maps.web.editable import exact_text
from maps.web.page import SCRIPTS, SHEETS, served_files
from maps.web.parts import map_parts
from maps.web.themes import HOUR_BOUNDS, THEMES
from maps.web.values import map_values, rounded_down

API = "/api/v1/etudes/essai"


def test_as_many_communes_out_as_in_each_with_its_own_figures() -> None:
    coverage = fake_coverage()
    found = map_values(scope_of(coverage))
    communes = found["communes"]
    assert communes["code"] == coverage.communes.index.tolist()
    assert {len(column) for column in communes.values()} == {len(coverage.communes)}
    assert [STATUTS[n] for n in communes["statut"]] == coverage.communes["statut"].tolist()
    zones = [found["zones"]["id"][n] if n >= 0 else "" for n in communes["zone"]]
    assert zones == coverage.communes["zone_id"].tolist()
    names = found["structures"]["id"]
    sets = [tuple(names[n] for n in found["ensembles"][at]) for at in communes["structures"]]
    assert sets == coverage.communes["structures"].tolist()
    assert found["totaux"]["communes"] == len(coverage.communes)


def test_a_study_of_one_region_gives_its_communes_alone() -> None:
    found = map_values(scope_of(fake_coverage(regions=("84",))))
    assert {code[:2] for code in found["communes"]["code"]} == {"01"}
    assert [region["code"] for region in found["regions"]] == ["84"]


def test_the_unknown_is_no_number() -> None:
    found = map_values(scope_of(fake_coverage()))["communes"]
    row = found["code"].index(UNKNOWN_NEED)
    assert found["inconnu"][row] == (1 << len(CLASSES)) - 1
    assert {found[name][row] for name in ("besoin_h", "besoin_etat_h", "deficit_h", "taux")} == {
        None
    }


@pytest.mark.parametrize(
    ("rate", "told"),
    [
        (Fraction(1), 1.0),
        (Fraction(10**9 - 1, 10**9), 0.999999),
        (Fraction(1, 3), 0.333333),
        (Fraction(0), 0.0),
        (None, None),
    ],
)
def test_rates_are_rounded_down(rate: Fraction | None, told: float | None) -> None:
    assert rounded_down(rate) == told


def test_parts_come_in_the_order_of_the_atoms_and_say_their_own_situation() -> None:
    coverage = drawn_coverage()
    found = map_parts(scope_of(coverage))["parties"]
    rows = [coverage.communes.index[row] for row in found["commune"]]
    assert CUT in rows
    assert rows == sorted(rows)
    assert [STYLES[style].status for style in found["style"]] == [
        STATUTS[status] for status in found["statut"]
    ]
    own = [part for part, code in enumerate(rows) if code == CUT]
    assert len({found["statut"][part] for part in own}) == 2
    assert sum(found["part"][part] for part in own) == pytest.approx(1000, abs=len(own))
    assert all(found["contour"])


def test_unknown_classes_are_never_green_and_classes_cover_all_hours() -> None:
    green = STYLES[-1].fill
    for theme in THEMES:
        keys = [style.key for style in theme.classes]
        assert len(set(keys)) == len(keys)
        for style in theme.classes:
            if style.key.startswith(("inconnu", "donnee")):
                assert style.fill != green
                assert style.strokes
    (hours,) = {theme.bounds for theme in THEMES if theme.kind == "heures"}
    assert hours == HOUR_BOUNDS
    assert list(hours) == sorted(hours)
    assert hours[0] == 1


def test_each_theme_has_classes_that_look_unlike() -> None:
    for theme in THEMES:
        looks = {(style.fill, style.strokes) for style in theme.classes}
        assert len(looks) == len(theme.classes)


def test_answers_are_kept_and_compressed() -> None:
    asked = client_of(fake_coverage)
    page = asked.get("/etudes/essai/carte").text
    settings = settings_of(page)
    for name in ("fond", "valeurs", "parties", "donnees_essai"):
        answer = asked.get(settings["adresses"][name])
        assert answer.status_code == 200
        again = asked.get(
            settings["adresses"][name], headers={"If-None-Match": answer.headers["ETag"]}
        )
        assert again.status_code == 304
    assert "immutable" in asked.get(settings["adresses"]["fond"]).headers["Cache-Control"]
    assert asked.get("/api/v1/fonds/" + "0" * 24 + "/france.json").status_code == 404
    assert asked.get("/api/v1/fonds/..%2f/france.json").status_code in {404, 422}


def test_every_file_of_the_page_is_served_under_its_digest() -> None:
    asked = client_of(fake_coverage)
    page = asked.get("/etudes/essai/carte").text
    found = re.findall(r'(?:src|href)="(/carte/[0-9a-f]+/([^"]+))"', page)
    assert [name for _, name in found] == [*SHEETS, *SCRIPTS]
    for address, name in found:
        answer = asked.get(address)
        assert answer.content == served_files()[name]
        assert "immutable" in answer.headers["Cache-Control"]
    folder = found[0][0].rpartition("/")[0]
    for wrong in (f"{folder}/page.py", f"{folder}/..%2fpage.py", "/carte/" + "0" * 16 + "/map.js"):
        assert asked.get(wrong).status_code == 404


def test_the_page_holds_no_word_of_the_study_as_code() -> None:
    coverage = fake_coverage(fictional=True)
    hostile = replace(coverage, study=replace(coverage.study, name=HOSTILE))
    asked = client_of(lambda: hostile)
    answer = asked.get("/etudes/essai/carte")
    page = answer.text
    assert "<script>" not in page
    assert HOSTILE not in page
    (nonce,) = set(re.findall(r'nonce="([^"]+)"', page))
    assert f"'nonce-{nonce}'" in answer.headers["Content-Security-Policy"]
    assert "https://" not in re.sub(r'href="https://[^"]*"', "", page)


def test_what_a_trial_may_change_is_numbered_as_in_the_study() -> None:
    coverage = fake_coverage()
    asked = client_of(lambda: coverage)
    data = asked.get(f"{API}/essais/donnees").json()
    posts = coverage.study.posts
    assert [post["poste"] for post in data["postes"]] == list(range(len(posts)))
    assert [Fraction(post["etp"]) for post in data["postes"]] == posts["etp"].tolist()
    assert len(data["perimetres"]) == len(coverage.study.perimeters)
    named = {item["nom"]: item for item in data["parametres"]}
    assert Fraction(named["seuil_reponse"]["valeur"]) == coverage.study.parameters.seuil_reponse
    assert exact_text(Fraction(2, 3)) == "2/3"


def settings_of(page: str) -> dict[str, Any]:
    """Return what the page gives its scripts."""
    text = page.partition('id="reglages">')[2].partition("</script>")[0]
    found: dict[str, Any] = json.loads(text)
    return found

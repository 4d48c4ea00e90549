"""Scenarios of a study of the register, in pages and in the API: saved, crossed, compared."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from asking import Client
from databases import KINDS, new_database
from fake_coverage import fake_coverage
from pages_served import words
from register_served import audited, territory
from scenarios_served import (
    API,
    FEWER,
    JSON,
    ROOT,
    compared,
    freeze,
    kept,
    new_register,
    opened,
    save,
    saved,
    serve,
)

from api.app import create_app
from api.proposing import Search, decide_under
from api.scenarios.comparing import Pair, sides_of
from api.scenarios.overlay import overlay_of
from api.settings import Settings
from api.studies import OpenStudy, Studies
from coverage.proposals.sides import side_figures
from coverage.study import compute
from coverage.trials.edits import edited_study
from geo.errors import InputErrors

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from register_served import Planner

    from api.scenarios.kept import Saved
    from coverage.model import Coverage

ETP = {"action": "etp", "poste": 0, "etp": "2"}
SEARCH = Search(seconds=None, nodes=200)


@pytest.fixture(params=KINDS)
def planner(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Planner]:
    found = opened(new_database(request.param, tmp_path))
    yield found
    found.register.store.close()
    found.register.store.reader.dispose()


@pytest.fixture
def light(tmp_path: Path) -> Planner:
    """Return a planner of a register in a file."""
    return opened(new_register(tmp_path))


def quiet(_: str) -> None:
    """Say nothing of a stage."""


def test_a_scenario_is_made_changed_archived_and_restored_in_pages(planner: Planner) -> None:
    assert "Aucun scénario" in planner.html(ROOT)
    made = planner.post(
        f"{ROOT}/nouveau",
        nom="Moitié / de l’enveloppe ?",
        description="Sans le poste promis.",
        verrou_option="zb-1",
        verrou_motif="promis par la préfecture",
        **{"appel.budget_eur": "2 700 000", "methode.seuil_reponse": "1/2"},
    )
    assert made.status_code == 303, made.text
    own = made.headers["location"]
    page = words(planner.html(own))
    for told in ("2 700 000 euros au lieu de 5 400 000", "option zb-1 verrouillée", "50 % au lieu"):
        assert told in page
    assert "Moitié / de l’enveloppe" in words(planner.html(ROOT))
    form = planner.html(f"{own}/modifier")
    assert 'value="2700000"' in form
    changed = planner.post(
        f"{own}/modifier", vue="1", generees="non", **{"appel.budget_eur": "non"}
    )
    assert changed.headers["location"] == own
    page = words(planner.html(own))
    assert "non appliquée au lieu de 5 400 000" in page
    assert "zb-1" in words(planner.html(f"{own}?revision=1"))
    planner.post(f"{own}/archive", vue="2", archive="oui")
    assert "1 scénario archivé" in words(planner.html(ROOT))
    planner.post(f"{own}/reprise", revision="1", vue="3")
    history = kept(planner).history("Moitié / de l’enveloppe ?")
    assert [each.revision for each in history] == [4, 3, 2, 1]
    assert history[0].content == history[-1].content
    text = planner.ask("GET", f"{own}/scenario.toml")
    assert 'filename="moitie-de-lenveloppe.toml"' in text.headers["content-disposition"]
    assert "budget_eur = 2700000" in text.text
    actions = [each.action for each in audited(planner.register) if each.kind == "scenario"]
    assert actions == ["enregistrer"] * 4


def test_faults_are_all_shown_and_what_was_typed_stays(light: Planner) -> None:
    fields = {
        "nom": "",
        "description": "écrire à a.b@exemple.fr",
        "verrou_option": "",
        "verrou_motif": "pourquoi",
        "appel.budget_eur": "beaucoup",
    }
    answer = light.post(f"{ROOT}/nouveau", **fields)
    assert answer.status_code == 422
    assert "motif sans option" in words(answer.text)
    assert 'value="beaucoup"' in answer.text
    answer = light.post(f"{ROOT}/nouveau", **(fields | {"verrou_option": "zb-1"}))
    said = words(answer.text)
    for told in ("3 erreurs", "électronique", "« beaucoup »", "rien n’est écrit"):
        assert told in said
    assert "écrire à a.b@exemple.fr" in answer.text
    assert kept(light).all() == []


def test_two_planners_cross_in_pages_and_nothing_is_lost(planner: Planner) -> None:
    own = f"{ROOT}/{saved(planner, nom='Plan', description='départ')['scenario']['numero']}"
    planner.post(f"{own}/modifier", vue="1", description="d’Anne")
    crossed = planner.post(f"{own}/modifier", vue="1", description="de Brice")
    assert crossed.status_code == 409
    said = words(crossed.text)
    assert "description : d’Anne oui non" in said
    assert "description : de Brice non oui" in said
    content = hidden(crossed.text)["contenu"]
    other = planner.post(f"{ROOT}/enregistrement", contenu=content, nom="Plan de Brice")
    assert other.status_code == 303
    # The name is taken by now: told again, with both.
    again = planner.post(f"{ROOT}/enregistrement", contenu=content, nom="Plan de Brice")
    assert again.status_code == 409
    over = planner.post(f"{ROOT}/enregistrement", contenu=content, nom="Plan", vue="2")
    assert over.headers["location"] == own
    told = [each.content.description for each in kept(planner).history("Plan")]
    assert told == ["de Brice", "d’Anne", "départ"]
    broken = planner.post(f"{ROOT}/enregistrement", contenu="{}", nom="Plan", vue="3")
    assert broken.status_code == 422


def test_the_api_refuses_what_it_has_not_seen_with_both_contents(light: Planner) -> None:
    first = saved(light, nom="Essai A", modifications=[ETP], appel={"budget_eur": 1_000_000})
    assert (
        first["scenario"]["changements"][0] == "Alpha & fils\u202f: poste de 0,5 porté à 2\u00a0ETP"
    )
    # What is not given stays as in the revision seen.
    second = saved(light, nom="Essai A", revision=1, description="mieux")
    assert second["contenu"]["appel"] == {"budget_eur": 1_000_000}
    assert len(second["modifications"]) == 1
    stale = save(light, nom="Essai A", revision=1, modifications=[])
    assert stale.status_code == 409
    both = stale.json()
    assert both["enregistre"]["scenario"]["revision"] == 2
    assert both["propose"]["modifications"] == []
    assert {"description : mieux"} == {
        each["texte"] for each in both["lignes"] if each["enregistre"] and not each["propose"]
    } - set(first["scenario"]["changements"])
    taken = save(light, nom="Essai A", modifications=[ETP])
    assert taken.status_code == 409
    assert save(light, nom="Essai A", revision=9, modifications=[]).status_code == 404
    refused = save(light, nom="Autre", modifications=[{**ETP, "poste": 99}])
    assert refused.status_code == 422
    assert "modification 1" in refused.json()["erreurs"][0]
    client, number = Client(light.app), second["scenario"]["numero"]
    back = client.post(f"{API}/{number}/reprise", headers=JSON, json={"revision": 1, "vue": 2})
    assert back.json()["scenario"]["revision"] == 3
    late = client.post(f"{API}/{number}/reprise", headers=JSON, json={"revision": 1, "vue": 2})
    assert late.status_code == 409
    listed = client.get(API)
    assert [each["revision"] for each in listed.json()] == [3]
    assert client.get(f"{API}/{number}?revision=2").json()["scenario"]["description"] == "mieux"
    assert client.get(f"{API}/999").status_code == 404


def test_an_option_is_locked_refused_and_let_go_with_its_reason(light: Planner) -> None:
    def decide(choice: str, kind: str, reason: str = "", name: str = "") -> str:
        fields = {"option": "zb-1", "sort": kind, "motif": reason, "choix": choice, "nom": name}
        answer = light.post(f"{ROOT}/decision", **fields)
        return answer.headers.get("location") or words(answer.text)

    assert 'value="zb-1"' in light.html(f"{ROOT}/decision?option=zb-1")
    assert "sans motif" in decide("", "verrou", name="Plan")
    own = decide("", "verrou", "promis", "Plan")
    number = own.rpartition("/")[2]
    assert decide(f"{number}-1", "refus", "dossier retiré") == own
    content = kept(light).one(int(number)).content
    assert (content.verrous, content.refus) == ({}, {"zb-1": "dossier retiré"})
    assert "comparer les deux contenus" in decide(f"{number}-1", "lever")
    decide(f"{number}-2", "lever")
    assert kept(light).one(int(number)).content.refus == {}


def test_on_another_version_a_modification_is_found_or_refused(light: Planner) -> None:
    coverage = kept(light).study.coverage
    row = coverage.study.posts["poste_id"].tolist().index("P1")
    other = coverage.study.posts["poste_id"].tolist().index("P3")
    asked = [{"action": "etp", "poste": place, "etp": "2"} for place in (row, other)]
    number = saved(light, nom="Plan", modifications=asked)["scenario"]["numero"]
    freeze(light, FEWER)
    serve(light, 2)
    found = Client(light.app).get(f"{API}/{number}").json()
    posts = kept(light).study.coverage.study.posts["poste_id"].tolist()
    assert [posts[each["demande"]["poste"]] for each in found["modifications"]] == ["P3"]
    assert "ce poste n’est plus" in found["non_retrouvees"][0]["raison"]
    page = words(light.html(f"{ROOT}/{number}"))
    assert "1 modification ne s’applique pas à la version servie" in page
    failed = compared(light, "etude", str(number))
    assert "ce poste n’est plus" in failed.faults[0]
    # Saved from the map of this version, it keeps what the map did not show.
    again = saved(light, nom="Plan", revision=1, modifications=[])
    assert len(again["non_retrouvees"]) == 1
    # Dropped on its page, it is compared.
    light.post(f"{ROOT}/{number}/modifier", vue="2")
    assert compared(light, "etude", str(number)).state == "terminee"


def test_a_comparison_is_what_each_side_computes_to(light: Planner) -> None:
    study = kept(light).study
    saved(
        light,
        nom="Plus",
        modifications=[
            ETP,
            {"action": "retrait_perimetre", "perimetre": 1},
            {"action": "parametre", "nom": "seuil_besoin_h", "valeur": "100"},
        ],
        methode={"heures_par_etp": 30_000},
        refus={"zb-94-2A-2A004#1": "trop loin"},
    )
    saved(light, nom="Moins", modifications=[{"action": "retrait_poste", "poste": 0}])
    plus, fewer = (next(own for own in kept(light).all() if own.name == name) for name in NAMES)
    first, second = sides_of(kept(light), Pair.of(plus, fewer, asked=False), SEARCH, quiet)
    coverage, filed = study.beside(study.coverage)
    for side, own in ((first, plus), (second, fewer)):
        wanted = reference(coverage, own)
        same(side.coverage, wanted)
        # It speaks of proposals: both sides have them, each under its own rules.
        assert side.found is not None
        assert side.found.ask.coverage.totals == wanted.totals
    scenario = overlay_of(plus.name, plus.content, first.key)
    found = decide_under(
        scenario, reference(coverage, plus, moved=False), filed, SEARCH, on_step=quiet
    )
    assert first.found is not None
    assert first.found.plan == found.plan
    assert [row.option.option_id for row in first.found.ranked] == [
        row.option.option_id for row in found.ranked
    ]
    assert "zb-94-2A-2A004#1" in first.found.ask.refused
    figures = {row.name: row.values for row in side_figures((first, second))}  # noqa: PD011
    for name in ("servi_h", "deficit_h", "zones_retenues"):
        assert figures[name] == tuple(own.coverage.totals[name] for own in (first, second))


NAMES = ("Plus", "Moins")


def reference(coverage: Coverage, own: Saved, *, moved: bool = True) -> Coverage:
    """Return what `compute` says of the study so modified, under the settings too if `moved`."""
    edits = [each.edit for each in own.content.modifications]
    study = edited_study(coverage.study, territory(), edits)
    scenario = overlay_of(own.name, own.content, "x")
    return compute(scenario.overlaid(study) if moved else study, territory())


def same(found: Coverage, wanted: Coverage) -> None:
    pd.testing.assert_frame_equal(found.communes, wanted.communes)
    pd.testing.assert_frame_equal(found.zones, wanted.zones)
    assert found.totals == wanted.totals


def test_a_comparison_is_shown_mapped_and_taken_away(light: Planner) -> None:
    number = str(saved(light, nom="Plus", modifications=[ETP])["scenario"]["numero"])
    asked = f"{ROOT}/comparaison?a=etude&b={number}"
    assert "n’est pas encore calculée" in words(light.html(asked))
    assert compared(light, "etude", number).state == "terminee"
    page = light.html(asked)
    said = words(page)
    for told in ("porté à 2 ETP", "Besoin servi", "Zones blanches retenues"):
        assert told in said
    assert "Liste classée" not in said
    # Asked again, what is done is shown at once.
    again = light.post(f"{ROOT}/comparaison/calcul", a="etude", b=number)
    assert again.headers["location"] == asked
    links = re.findall(rf'href="({ROOT}/comparaison/[^"]*)"', page)
    files = {link: light.ask("GET", link.replace("&amp;", "&")) for link in links}
    assert all(each.status_code == 200 for each in files.values())
    table = next(each for link, each in files.items() if "comparaison.csv" in link)
    rows = list(csv.DictReader(io.StringIO(table.text.lstrip("\ufeff")), delimiter=";"))
    served = next(row for row in rows if row["chiffre"] == "servi_h")
    assert int(served["ecart_plus"]) == int(served["plus"]) - int(served["etude"])
    shown = next(each for link, each in files.items() if "/carte?" in link)
    assert "script-src 'sha256-" in shown.headers["content-security-policy"]
    # One more revision, and it is another comparison.
    saved(light, nom="Plus", revision=1, modifications=[])
    assert "l’un des deux a changé" in words(light.html(asked))
    assert light.ask("GET", f"{ROOT}/comparaison/carte?a=etude&b={number}").status_code == 409
    assert light.ask("GET", f"{ROOT}/comparaison?a=etude&b=abc").status_code == 404


def test_what_cannot_be_computed_is_said_before_anything_is(light: Planner) -> None:
    saved(light, nom="Plan", methode={"heures_par_etp": 30_000})
    (own,) = kept(light).all()
    lost = own.content.model_copy(
        update={
            "modifications": kept(light).places.keep([]),
            "methode": {"heures_par_etp": 1},
        }
    )
    broken = type(own)(own.number, own.name, own.revision, lost, own.saved_by, own.saved_at)
    with pytest.raises(InputErrors, match="Heures d’insertion"):
        sides_of(kept(light), Pair.of(broken, None, asked=False), SEARCH, quiet)


def test_a_study_given_as_a_folder_keeps_none_and_says_so() -> None:
    studies = Studies([OpenStudy("dossier", fake_coverage)])
    client = Client(create_app(Settings(), studies))
    page = client.get("/etudes/dossier/scenarios", headers={"accept": "text/html"})
    assert "la déposer au registre" in words(page.text)
    assert (
        "la déposer au registre"
        in client.problem("GET", "/api/v1/etudes/dossier/scenarios", 404)["detail"]
    )
    shown = client.get("/etudes/dossier/carte", headers={"accept": "text/html"}).text
    assert "déposer l’étude au registre" in words(shown)


def hidden(page: str) -> dict[str, str]:
    """Return the hidden fields of the last form of a page that has some."""
    from html import unescape  # noqa: PLC0415

    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page)
    return {name: unescape(value) for name, value in found}

"""Opinions given on the pages: kept, told beside the rank, binding once computed anew."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from asking import PAGE
from keyed import OTHER, OWN, bearer, keyed
from opinions_served import (
    FILES,
    PAGES,
    SLUG,
    computed,
    failure,
    give,
    given,
    listed,
    said,
    served,
    show,
    study_of,
)
from pages_served import words
from proposals_served import FORM, MEAN, serving
from pydantic import TypeAdapter
from register_served import Near, Planner, application, audited
from test_propose import write

from api.facts.opinions import OpinionLine
from data.results.opinion_files import opinions_table
from data.uploads import check

if TYPE_CHECKING:
    from collections.abc import Iterator

    from asking import Client


@pytest.fixture(scope="module", autouse=True)
def near() -> Iterator[None]:
    """Read deposits in this process: it takes no time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(check, "Bounded", Near)
        yield


@pytest.fixture(scope="module")
def planner(tmp_path_factory: pytest.TempPathFactory) -> Planner:
    """Return a planner at a study where each test leaves nothing in force that binds."""
    return served(tmp_path_factory.mktemp("registre"))


def lifted(planner: Planner, *options: str) -> None:
    """Have the DREETS and the copil say another word of posts, the same day."""
    for option in options:
        for instance in ("dreets", "copil"):
            given(planner, "favorable", option_id=option, instance=instance)


def out_of_the_list(planner: Planner) -> tuple[str, str]:
    """Return a post that the list funds and one asked for or made that it does not."""
    made = computed(planner)
    new = [row for row in made.found.ranked if row.option.origin != "convention"]
    funded = next(row for row in new if row.funded)
    other = next(row for row in reversed(new) if not row.funded)
    return funded.option.option_id, other.option.option_id


def test_a_refusal_and_a_lock_bind_once_computed_anew_and_are_lifted(planner: Planner) -> None:
    first = computed(planner)
    funded, other = out_of_the_list(planner)
    page = given(planner, "refuse", option_id=funded, motif="doublon du voisin", retour="poste")
    assert "enregistré : DREETS, refusé (12/05/2023)" in page
    assert "Il s’imposera au prochain calcul (1 poste)" in page
    assert "refus, au prochain calcul" in page
    given(planner, "verrouille", option_id=other, motif="promis au territoire")

    # Nothing moves before the next computation, and the pages say so.
    listing = words(planner.html(f"{PAGES}/propositions"))
    assert "Les candidatures ou les avis ont changé depuis ce calcul" in listing
    assert "1 poste verrouillé et 1 poste refusé" in listing
    assert "Depuis : DREETS, refusé" in listing

    again = computed(planner, anew=True)
    assert funded not in again.ranked
    assert again.ranked[other].funded
    assert again.found.position[other] in again.found.plan.chosen
    (aside,) = [row for row in again.aside if row["option_id"] == funded]
    assert aside["constat"] == "refusée : DREETS, 12/05/2023 : doublon du voisin"
    assert "promis au territoire" in words(planner.html(f"{PAGES}/propositions/{_quoted(other)}"))
    table = opinions_table(again.found.ask).columns
    assert sorted(table["effet"]) == ["refus", "verrou"]
    files = [file.name for file in again.found.ask.coverage.study.inputs]
    assert "avis du registre, jusqu’au n° 2" in files
    assert "Les candidatures ou les avis ont changé" not in words(
        planner.html(f"{PAGES}/propositions")
    )

    # The same instance, the same day: the last word lifts, and the first plan comes back.
    lifted(planner, funded, other)
    back = computed(planner, anew=True)
    assert list(back.ranked) == list(first.ranked)
    assert back.found.plan.chosen == first.found.plan.chosen
    told = [(line["avis"], line["en_vigueur"]) for line in listed(planner, "?instance=dreets")]
    assert told == [("favorable", True)] * 2 + [("verrouille", False), ("refuse", False)]


def test_the_table_and_the_register_say_one_thing_once(tmp_path: Path) -> None:
    table = "structure_id,zone_id,instance,date,avis\nA,,copil,2023-05-02,favorable\n"
    planner = served(tmp_path, FILES | {"avis.csv": table}, compute=False)
    given(planner, "reserve", structure_id="A", instance="copil", date="2023-05-01", motif="avant")
    lines = listed(planner)
    assert [(line["source"], line["en_vigueur"]) for line in lines] == [
        ("table", True),
        ("registre", False),
    ]
    later = given(planner, "defavorable", structure_id="A", instance="copil", date="2023-05-02")
    assert "Il se lit à côté du rang" in later
    before = listed(planner)
    assert [(line["avis"], line["en_vigueur"]) for line in before] == [
        ("defavorable", True),
        ("favorable", False),
        ("reserve", False),
    ]

    sent = planner.ask("GET", f"{PAGES}/exports/avis.csv")
    assert 'filename="avis.csv"' in sent.headers["content-disposition"]
    key = planner.deposit(sent.content, "avis.csv", SLUG)
    assert planner.freeze(key).status_code == 303
    show(planner, 2)
    assert planner.files(SLUG, 2)["avis.csv"] == sent.content
    assert planner.ask("GET", f"{PAGES}/exports/avis.csv").content == sent.content
    after = listed(planner)
    assert [line["numero"] for line in after] == [2, 1]
    assert [line["en_vigueur"] for line in after] == [True, False]

    # Straight from the page: the same table, in the deposit of the next version.
    joined = planner.post(f"{PAGES}/avis/depots")
    deposit = planner.found(joined.headers["location"].rpartition("/")[2])
    assert deposit.brought.files["avis.csv"] == sent.content


def test_a_contradiction_is_told_at_once_then_by_the_engine_with_its_reasons(
    planner: Planner,
) -> None:
    _, other = out_of_the_list(planner)
    given(planner, "verrouille", option_id=other, motif="promis")
    page = given(planner, "refuse", option_id=other, instance="copil", motif="trop loin")
    assert "1 poste est verrouillé par les uns et refusé par les autres" in page
    told = failure(planner)
    assert "promis" in told
    assert "trop loin" in told
    # What was computed before is still shown.
    assert "Liste classée" in words(planner.html(f"{PAGES}/propositions"))
    lifted(planner, other)
    assert failure(planner) == ""


def test_every_fault_is_told_at_its_field_and_nothing_typed_is_lost(planner: Planner) -> None:
    before = audited(planner.register)
    answer = give(
        planner,
        "refuse",
        structure_id="Alpa",
        zone_id="nulle",
        option_id="cand-inconnue",
        volet="autre",
        instance="préfet",
        date="hier",
        motif="=appeler a.b@exemple.fr",
        retour="poste",
    )
    assert answer.status_code == 422
    page = words(answer.text)
    for fault in (
        "structure « Alpa » inconnue",
        "zone « nulle » inconnue",
        "option « cand-inconnue » inconnue",
        "« autre »",
        "« préfet »",
        "ne se lit pas comme une date",
        "adresse électronique",
    ):
        assert fault in page.replace("valeur ", ""), fault
    assert 'aria-describedby="decision-motif-faute decision-motif-note"' in answer.text
    assert 'value="Alpa"' in answer.text
    assert "=appeler a.b@exemple.fr</textarea>" in answer.text
    for fields, fault in (
        ({"motif": ""}, "un verrou ou un refus sans motif"),
        ({"motif": "- loin"}, "un tableur y lirait une formule"),
        ({"date": "2050-01-01"}, "date à venir"),
        ({"date": ""}, "rien n’est donné"),
    ):
        assert fault in words(give(planner, "refuse", structure_id="A", **fields).text)
    nothing = give(planner, "favorable")
    assert "l’avis ne parle de rien" in words(nothing.text)
    assert "hors de 1950 à 2099" in words(give(planner, date="2999-01-01").text)
    # A decision needs its own address, for its own right.
    swapped = planner.post(f"{PAGES}/avis", **said("refuse", structure_id="A"))
    assert "cet avis ne se donne pas ici" in words(swapped.text)
    assert audited(planner.register) == before


def test_the_answers_of_the_api_have_their_form(planner: Planner) -> None:
    client = planner.ask
    funded, _ = out_of_the_list(planner)
    body = said("refuse", option_id=funded)
    made = client("POST", f"/api/v1/etudes/{SLUG}/verrous", json=body)
    assert made.status_code == 201
    every = TypeAdapter(list[OpinionLine]).validate_python(listed(planner))
    (line,) = [each for each in every if each.numero == made.json()["numero"]]
    assert (line.effet, line.calcule, line.options_decidees) == ("refus", False, [funded])
    assert line.enregistre_par == "poste local"
    wrong = client("POST", f"/api/v1/etudes/{SLUG}/avis", json=body)
    assert wrong.status_code == 422
    asked = f"?q={_quoted(funded)}&effet=refus&instance=dreets&avis=refuse&en_vigueur=oui"
    assert listed(planner, asked) == [made.json()]
    for other in ("avis=favorable", "instance=copil", "effet=aucun", "en_vigueur=non"):
        assert made.json() not in listed(planner, f"?{other}"), other
    assert audited(planner.register)[-1].action == "donner"
    # What was said outlives the server, and holds for any version.
    database = str(planner.register.store.reader.url.database)
    again = Planner(application(Path(database).parent))
    show(again, 1)
    numbers = [each["numero"] for each in listed(again)]
    assert numbers == [each["numero"] for each in listed(planner)]
    assert study_of(again).mark() == str(line.numero)
    lifted(planner, funded)


def test_a_study_of_a_folder_keeps_no_opinion_and_says_where_to(tmp_path: Path) -> None:
    client: Client = serving({SLUG: write(tmp_path / "etude", MEAN)})
    page = words(client.get(f"{PAGES}/avis", headers=PAGE).text)
    assert "la déposer au registre" in page
    answer = client.post(f"{PAGES}/avis", headers=FORM | PAGE, content="instance=copil")
    assert answer.status_code == 409
    assert "la déposer au registre" in words(answer.text)
    assert "Donner cet avis" not in client.get(f"{PAGES}/avis/nouveau", headers=PAGE).text


def test_nobody_says_anything_of_another_region(tmp_path: Path) -> None:
    server = keyed(tmp_path)
    key = bearer(server.kept_key("planificateur", "84"))
    for place in ("avis", "verrous", "enveloppe"):
        address = f"/api/v1/etudes/{OTHER}/{place}"
        server.client().problem("POST", address, 403, headers=key, json=said("refuse"))
        # At home, it is asked of a study that a folder holds.
        json = {} if place == "enveloppe" else said("refuse")
        address = f"/api/v1/etudes/{OWN}/{place}"
        server.client().problem("POST", address, 409, headers=key, json=json)
    reader = bearer(server.kept_key("lecteur"))
    page = server.client().get(f"/etudes/{OWN}/avis", headers=PAGE | reader)
    assert "votre rôle (lecteur) ne le permet pas" in words(page.text)


def _quoted(option_id: str) -> str:
    return option_id.replace("#", "%23")

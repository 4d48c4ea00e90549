"""Workbooks received on a deposit: sent, compared, decided in the page, joined, told, kept."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING, Any

import pytest
from bounded_functions import spin
from keyed import Browser, keyed
from pages_served import words
from received_served import (
    BETA,
    BROKEN,
    NORD,
    Sound,
    begun,
    closed,
    compared,
    decide,
    fields,
    first_version,
    names,
    opened,
    place,
    send,
    workbook,
)
from register_served import SOUND, Near, Planner, toy_coverage, waited
from toy import STUDY, toy_territory, write_study
from upload_archives import zipped

from api.register import Register
from data.collect import apart, incoming
from data.collect.join import collect
from data.collect.report import as_json
from data.uploads import check
from data.uploads.bounded import Bounded

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def planner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Planner]:
    """Return a planner whose workbooks are read in this process: it takes no time."""
    monkeypatch.setattr(check, "Bounded", Sound)
    monkeypatch.setattr(apart, "Bounded", Near)
    planner = opened(tmp_path, first_version())
    yield planner
    closed(planner)


@pytest.fixture
def key(planner: Planner) -> str:
    """Return the key of a deposit that changes the last version of the toy study."""
    return begun(planner)


def test_lines_are_accepted_refused_joined_and_told(planner: Planner, key: str) -> None:
    assert "Joindre des classeurs reçus" in planner.html(f"/registre/depots/{key}")
    assert send(planner, key, nord=NORD, beta=BETA).status_code == 303
    page = words(compared(planner, key))
    assert "0 ligne acceptée, 0 refusée, 5 à décider." in page
    before = planner.found(key).brought.files
    assert decide(planner, key, nord="1", N1="1", N2="non").status_code == 303
    assert planner.found(key).brought.files == before
    answer = decide(planner, key, "joindre", P2="1")
    assert answer.status_code == 303, answer.text
    deposit = planner.found(key)
    assert deposit.changes == (
        "3 lignes acceptées de beta.xlsx, nord.xlsx (structures 1, postes 2), 1 refusée",
    )
    waited(deposit)
    after = deposit.brought.files
    assert {name for name in after if after[name] != before[name]} == {
        "structures.csv",
        "postes.csv",
    }
    posts = list(csv.DictReader(io.StringIO(after["postes.csv"].decode("utf-8-sig"))))
    assert [(row["poste_id"], row["etp"]) for row in posts] == [
        ("P1", "0.5"),
        ("", "1"),
        ("", "1"),
        ("P2", "2"),
        ("N1", "1"),
    ]
    page = compared(planner, key)
    assert "0 ligne acceptée, 1 refusée, 1 à décider." in words(page)
    assert {name.partition(",")[0] for name in names(page)} == {"N2", "nord"}
    told = [
        [re.sub("<[^>]*>", "", cell) for cell in re.split("</t[hd]>", row)[:-1]]
        for row in re.findall(r"<tr>(<th scope=\"row\">.*?)</tr>", page)
        if "nombre" in row and "Retirer" not in row
    ]
    assert told == [
        ["beta.xlsx", "structures", *"1000100"],
        ["beta.xlsx", "postes", *"1000100"],
        ["nord.xlsx", "structures", *"1000100"],
        ["nord.xlsx", "postes", *"2010100"],
        ["nord.xlsx", "perimetres", *"1001000"],
    ]
    sent = planner.ask("GET", f"{place(key)}/decisions.csv").content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(sent), delimiter=";"))
    assert [(row["ligne"].partition(",")[0], row["choix"], row["par"]) for row in rows] == [
        ("nord", "Accepter", "poste local"),
        ("N1", "Accepter", "poste local"),
        ("P2", "Accepter", "poste local"),
        ("N2", "Refuser", "poste local"),
        ("nord", "À décider", ""),
    ]
    assert [bool(row["jointe le (temps universel)"]) for row in rows] == [True] * 3 + [False] * 2
    assert planner.freeze(key).status_code == 303
    assert planner.ask("GET", place(key)).status_code == 303
    assert "decisions.csv" in planner.html(f"/registre/depots/{key}")
    kept = planner.ask("GET", f"{place(key)}/decisions.csv").content.decode("utf-8-sig")
    assert kept.count("Accepter") == 3
    assert kept.count("Refuser") == 1


def test_all_accepted_is_what_the_command_writes(
    planner: Planner, key: str, tmp_path: Path
) -> None:
    send(planner, key, nord=NORD, beta=BETA)
    compared(planner, key)
    for table in ("structures", "postes", "perimetres"):
        decide(planner, key, f"accepter-table:{table}")
    assert decide(planner, key, "joindre").status_code == 303
    folder = write_study(tmp_path / "etude")
    paths = []
    for name, content in (("beta", BETA), ("nord", NORD)):
        paths.append(tmp_path / f"{name}.xlsx")
        paths[-1].write_bytes(content)
    made = collect(folder, paths, toy_territory())
    assert sum(len(each) for each in as_json(made.diff)["tables"]["postes"].values()) == 3
    files = planner.found(key).brought.files
    assert made.files.items() <= files.items()
    assert set(made.files) == {"structures.csv", "postes.csv", "perimetres.csv"}


def test_a_broken_workbook_is_told_in_place_and_the_sound_ones_go_on(
    planner: Planner, key: str
) -> None:
    books = {
        "brise": BROKEN,
        "nord": NORD,
        "faux": b"texte",
        "bombe": zipped({"a.xlsx": b"0"}),
        "x@y.fr": NORD,
    }
    send(planner, key, **books)
    raw = compared(planner, key)
    page = words(raw)
    assert "3 fichiers du dernier envoi ne sont pas gardés" in page
    assert "x@y.fr" not in page
    assert (
        "1 classeur laissé de côté : brise.xlsx. Les lignes ci-dessous viennent de : nord.xlsx."
        in page
    )
    assert "<td>brise.xlsx, feuille postes</td>" in raw
    rows = re.findall(r"<tr><td>(brise[^<]*)</td><td[^>]*>(\d+)</td><td>(\w+)</td>", raw)
    assert set(rows) >= {
        ("brise.xlsx, feuille structures", "3", "siret"),
        ("brise.xlsx, feuille postes", "3", "etp"),
        ("brise.xlsx, feuille postes", "3", "volet"),
    }
    assert decide(planner, key, "accepter-classeur:nord.xlsx").status_code == 303
    assert decide(planner, key, "joindre").status_code == 303
    assert planner.post(f"{place(key)}/retrait", nom="brise.xlsx").status_code == 303
    assert "brise" not in compared(planner, key)


def test_a_line_whose_structure_is_not_accepted_is_told_before_and_not_joined(
    planner: Planner, key: str
) -> None:
    send(planner, key, nord=NORD)
    decide(planner, key, N1="1")
    assert "la structure « nord », absente" in words(planner.html(place(key)))
    answer = decide(planner, key, "joindre", N2="1")
    assert answer.status_code == 422
    assert "Rien n’est joint" in answer.text
    assert "2 lignes acceptées" in words(answer.text)
    assert planner.found(key).changes == ()
    answer = decide(planner, key, "joindre", N1="", N2="")
    assert answer.status_code == 422
    assert "aucune ligne n’est acceptée" in answer.text


def test_what_the_joined_study_would_have_wrong_is_told_and_nothing_changes(
    planner: Planner, key: str
) -> None:
    # The study has this need for every year; 2023 is its year.
    send(planner, key, n=workbook({"besoins": [["01004", "etat", 3, 2023]]}))
    answer = decide(planner, key, "joindre", **{"01004": "1"})
    assert answer.status_code == 422
    assert "besoin déjà déclaré" in answer.text
    assert planner.found(key).changes == ()
    assert planner.register.received.decided(planner.found(key)).choices.joined == ()


def test_another_tab_is_told_and_what_it_had_chosen_is_still_there(
    planner: Planner, key: str
) -> None:
    send(planner, key, nord=NORD)
    other = compared(planner, key)
    fields_of = names(other)
    decide(planner, key, N1="1", N2="non")
    second = next(field for name, field in fields_of.items() if name.startswith("N2"))
    sent = fields(other) | {second: "1", "faire": "joindre"}
    answer = planner.post(f"{place(key)}/choix", **sent)
    assert answer.status_code == 409
    page = answer.text
    assert "Entre-temps" in page
    assert fields(page)[second] == "1"
    assert "Enregistré : Refuser" in words(page)
    assert planner.found(key).changes == ()
    choices = planner.register.received.decided(planner.found(key)).choices
    assert choices.decisions[second.removeprefix("choix-")].answer == "non"
    # The page shown saves over what it showed.
    assert (
        planner.post(f"{place(key)}/choix", **fields(page), faire="enregistrer").status_code == 303
    )
    assert "1 ligne acceptée, 0 refusée" in words(planner.html(place(key)))


def test_lines_that_changed_in_another_tab_are_not_decided_unseen(
    planner: Planner, key: str
) -> None:
    send(planner, key, nord=NORD)
    old = compared(planner, key)
    send(planner, key, nord=workbook({"structures": [["nord", "Autre nom"]]}))
    compared(planner, key)
    sent = fields(old) | dict.fromkeys(names(old).values(), "1")
    answer = planner.post(f"{place(key)}/choix", **sent, faire="joindre")
    assert answer.status_code == 409
    assert planner.found(key).changes == ()


def test_many_lines_are_decided_page_by_page_and_joined_together(
    planner: Planner, key: str
) -> None:
    needs = [["01033", "etat", 10, 2023, None, f"relevé {number}"] for number in range(130)]
    send(planner, key, n=workbook({"besoins": needs}))
    first = compared(planner, key)
    assert "Page 1 sur 2" in words(first)
    second = planner.html(f"{place(key)}?page=2")
    assert (len(names(first)), len(names(second))) == (100, 30)
    accepted = dict.fromkeys(names(first).values(), "1")
    planner.post(f"{place(key)}/choix", **(fields(first) | accepted), faire="enregistrer")
    second = planner.html(f"{place(key)}?page=2")
    refused = dict.fromkeys(names(second).values(), "non")
    sent = fields(second) | refused
    assert planner.post(f"{place(key)}/choix", **sent, faire="joindre").status_code == 303
    assert planner.found(key).changes == (
        "100 lignes acceptées de n.xlsx (besoins 100), 30 refusées",
    )


def test_a_restart_keeps_workbooks_and_decisions(
    planner: Planner, key: str, tmp_path: Path
) -> None:
    send(planner, key, nord=NORD)
    decide(planner, key, nord="1", N1="1", N2="non")
    before = words(planner.html(place(key)))
    again = opened(tmp_path)
    assert words(compared(again, key)) == before
    assert decide(again, key, "joindre").status_code == 303
    undone = again.post(f"/registre/depots/{key}/annulation", vu=str(again.found(key).revision))
    assert undone.status_code == 303
    assert "0 ligne acceptée, 1 refusée, 3 à décider." in words(compared(again, key))
    again.register.deposits.drop(again.found(key))
    assert again.ask("GET", place(key)).status_code == 404
    with again.register.store.read() as session:
        kinds = session.connection().exec_driver_sql("SELECT kind FROM drafts").all()
    assert kinds == []


def test_a_comparison_is_stopped_and_asked_again(
    planner: Planner, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(planner, key, nord=NORD)
    with monkeypatch.context() as patched:
        # In a process of its own, that turns until it is killed.
        patched.setattr(apart, "Bounded", Bounded)
        patched.setattr(apart, "compare_books", spin)
        assert "Arrêter" in planner.html(place(key))
        assert planner.post(f"{place(key)}/arret").status_code == 303
        assert "La comparaison est arrêtée" in compared(planner, key)
    assert planner.post(f"{place(key)}/choix", vu="0", faire="joindre").status_code == 409
    assert planner.post(f"{place(key)}/comparaison").status_code == 303
    assert "4 à décider" in words(compared(planner, key))


def test_a_process_of_its_own_says_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    files = {name: text.encode() for name, text in STUDY.items()}

    def compared_by(bounded: object) -> apart.Comparison:
        monkeypatch.setattr(apart, "Bounded", bounded)
        told: dict[str, Any] = {"on_progress": lambda *_: None, "on_start": lambda _: None}
        books = {"nord.xlsx": NORD, "brise.xlsx": BROKEN}
        return apart.compare_apart(files, books, toy_territory, **told)

    found = compared_by(Bounded)
    assert found.items
    assert found == compared_by(Near)


def test_too_many_or_too_large_workbooks_are_refused_together(
    planner: Planner, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(planner, key, nord=NORD)
    monkeypatch.setattr(incoming, "MOST_BOOKS", 1)
    monkeypatch.setattr(incoming, "MOST_BYTES", len(NORD))
    answer = send(planner, key, beta=BETA)
    assert answer.status_code == 422
    assert "2 classeurs, 1 au plus" in words(answer.text)
    assert "Mo en tout" in words(answer.text)
    assert send(planner, key, nord=NORD).status_code == 303
    assert list(planner.register.received.books(planner.found(key)).files) == ["nord.xlsx"]
    assert planner.ask("POST", place(key), files={"autre": ("x", b"")}).status_code == 422


def test_only_who_may_change_the_study_sends_and_decides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check, "Bounded", Sound)
    monkeypatch.setattr(apart, "Bounded", Near)
    asked = keyed(tmp_path)
    app = asked.app
    app.state.register = Register(asked.store, loader=toy_territory, compute=toy_coverage)
    home, other, reader = (
        Planner(app, Browser(asked.client()), f"Service {role} (n° {number})")
        for number, role in enumerate(("planificateur", "planificateur", "lecteur"), start=1)
    )
    for planner, role, region in (
        (home, "planificateur", "11"),
        (other, "planificateur", "32"),
        (reader, "lecteur", ""),
    ):
        assert planner.browser is not None
        planner.browser.log_in(asked.key(role, region))
    home.freeze(home.deposit(SOUND))
    key = begun(home)
    assert send(home, key, nord=NORD).status_code == 303
    assert "nord.xlsx" in compared(home, key)
    for stranger, status in ((other, 404), (reader, 403)):
        assert send(stranger, key, nord=NORD).status_code == status
        assert stranger.post(f"{place(key)}/choix", faire="joindre").status_code == status
        assert stranger.ask("GET", place(key)).status_code == 404
        assert stranger.ask("GET", f"{place(key)}/decisions.csv").status_code == 404
    browser = home.browser
    assert browser is not None
    unproved = browser.ask("POST", place(key), files={"classeur": ("n.xlsx", NORD)})
    assert unproved.status_code == 403

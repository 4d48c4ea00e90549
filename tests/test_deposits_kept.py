"""Deposits outlive the server: found again, amended, undone, taken over, dropped."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from databases import KINDS, new_database, run_sql
from pages_served import words
from register_served import (
    BROKEN,
    SOUND,
    Near,
    Planner,
    application,
    empty_register,
    key_of,
    waited,
)
from toy import STUDY, toy_territory
from upload_archives import zipped

from api.deposits import brought, waiting
from api.deposits.deposit import KEPT
from api.register import Register
from data.store.engine import open_store
from data.store.errors import BusyError, MissingError, StaleError
from data.uploads import check

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from fastapi import FastAPI

    from api.deposits.deposit import Deposit

FILES = {name: text.encode() for name, text in STUDY.items()}
NEEDS = b"commune,donneur_ordre,heures\n75056,etat,1200\n"
THEIRS = NEEDS.replace(b"1200", b"900")


@pytest.fixture(autouse=True)
def near(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have deposits read in this process: it takes no time."""
    monkeypatch.setattr(check, "Bounded", Near)


@pytest.fixture(scope="module")
def apps(tmp_path_factory: pytest.TempPathFactory) -> tuple[FastAPI, FastAPI]:
    """Return two servers: each test opens its own register in them."""
    one, other = (tmp_path_factory.mktemp("serveur") for _ in range(2))
    return application(one), application(other)


@pytest.fixture
def opened(apps: tuple[FastAPI, FastAPI], tmp_path: Path) -> Iterator[Callable[..., Planner]]:
    """Return what starts a server on the register of the test, as it is left."""
    (tmp_path / "registre.sqlite").write_bytes(empty_register())
    own = f"sqlite:///{tmp_path / 'registre.sqlite'}"

    def start(url: str = own, rank: int = 0) -> Planner:
        planner = Planner(apps[rank])
        planner.register.store.close()
        planner.app.state.register = Register(open_store(url), loader=toy_territory)
        return planner

    yield start
    for app in apps:
        app.state.register.store.close()


@pytest.fixture
def planner(opened: Callable[..., Planner]) -> Planner:
    return opened()


@pytest.fixture
def frozen(planner: Planner) -> Planner:
    assert planner.freeze(planner.deposit(SOUND)).status_code == 303
    return planner


def amend(planner: Planner, key: str, files: dict[str, bytes], what: str = "besoins.csv") -> None:
    deposit = planner.found(key)
    deposit.amend(files, what, deposit.revision)
    waited(deposit)


def prepared(planner: Planner) -> str:
    key = key_of(planner.post("/registre/essai/depots/modifications"))
    waited(planner.found(key))
    return key


def changed(planner: Planner, act: str, key: str, seen: int | None = None) -> Deposit:
    revision = planner.found(key).revision if seen is None else seen
    assert planner.post(f"/registre/depots/{key}/{act}", vu=str(revision)).status_code == 303
    waited(planner.found(key))
    return planner.found(key)


@pytest.mark.parametrize("kind", KINDS)
def test_the_whole_life_of_a_deposit_across_restarts(
    kind: str, tmp_path: Path, opened: Callable[..., Planner]
) -> None:
    url = new_database(kind, tmp_path)
    first = opened(url)
    refused = first.deposit(BROKEN)
    key = first.deposit(SOUND)
    again = opened(url)
    listed = words(again.html("/registre"))
    assert "Mes dépôts en attente" in listed
    assert "2 dépôts à figer ou à abandonner" in listed
    assert listed.count("contrôlé de nouveau à l’ouverture") == 2
    # Opening it is enough to have it read.
    again.html(f"/registre/depots/{refused}")
    waited(again.found(refused))
    assert "99999" in again.html(f"/registre/depots/{refused}")
    again.html(f"/registre/depots/{key}")
    waited(again.found(key))
    assert again.freeze(key, "Première").status_code == 303
    assert again.files("essai", 1) == FILES

    # Changed, then the server restarts, then undone, done again, frozen.
    key = prepared(again)
    amend(again, key, {"Besoins.CSV": NEEDS}, "Besoins, ligne 2")
    third = opened(url)
    waited(third.found(key))
    assert changed(third, "annulation", key).brought.files == FILES
    expected = {**FILES, "Besoins.CSV": NEEDS}
    del expected["besoins.csv"]
    assert changed(third, "retablissement", key).brought.files == expected
    assert "Besoins, ligne 2" in third.html(f"/registre/depots/{key}")
    assert third.freeze(key).status_code == 303
    assert third.files("essai", 2) == expected
    assert "est devenu la version 2" in words(third.html(f"/registre/depots/{key}"))
    assert third.post("/registre/essai/versions/1/reprise").status_code == 303
    assert third.files("essai", 3) == FILES
    abandoned = third.post(f"/registre/depots/{refused}/abandon")
    assert abandoned.headers["location"] == "/registre"
    assert "Mes dépôts en attente" not in third.html("/registre")
    assert "abandonné" in third.ask("GET", f"/registre/depots/{refused}").text
    held = {content for files in (FILES, expected) for content in files.values()}
    assert run_sql(url, "SELECT count(*) FROM blobs") == [(len(held),)]


def test_two_servers_change_one_deposit_in_turn(
    frozen: Planner, opened: Callable[..., Planner]
) -> None:
    other = opened(rank=1)
    key = prepared(frozen)
    mine, theirs = frozen.found(key), other.found(key)
    seen = theirs.revision
    waited(theirs)
    amend(frozen, key, {"besoins.csv": NEEDS})
    with pytest.raises(StaleError):
        theirs.amend({"besoins.csv": THEIRS}, "besoins.csv", seen)
    assert other.found(key) is theirs
    waited(theirs)
    assert theirs.brought.files == mine.brought.files == FILES | {"besoins.csv": NEEDS}
    assert other.freeze(key).status_code == 303
    # The first still holds its reading: it freezes nothing a second time.
    assert mine.frozen is None
    assert frozen.freeze(key).headers["location"] == "/registre/essai"
    assert frozen.numbers() == [1, 2]


def test_a_freeze_that_fails_at_the_end_leaves_the_deposit(
    frozen: Planner, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = prepared(frozen)
    amend(frozen, key, {"besoins.csv": NEEDS})

    def fails(*_: object) -> None:
        raise BusyError("plus de place")

    with monkeypatch.context() as patched:
        patched.setattr("api.register.freeze_deposit", fails)
        assert frozen.freeze(key).status_code == 503
    assert frozen.numbers() == [1]
    assert frozen.freeze(key).status_code == 303
    assert frozen.numbers() == [1, 2]


def test_files_changed_on_one_side_are_taken_over_without_a_word(frozen: Planner) -> None:
    key = prepared(frozen)
    amend(frozen, key, {"besoins.csv": NEEDS})
    frozen.freeze(frozen.deposit(b"commune\n", "notes.csv", "essai"))
    settings = FILES["etude.toml"] + b"\n# autre\n"
    assert frozen.freeze(frozen.deposit(settings, "etude.toml", "essai")).status_code == 303
    number = frozen.numbers()[-1]
    page = words(frozen.html(f"/registre/depots/{key}"))
    assert f"Reprendre sur la version {number}" in page
    assert "Figer cette version" not in page
    to = f"/registre/depots/{key}/reprise"
    assert frozen.freeze(key).headers["location"] == to
    form = words(frozen.html(to))
    assert "1 fichier changé par ce dépôt seul, gardé : besoins.csv" in form
    assert "À choisir" not in form
    revision = str(frozen.found(key).revision)
    assert frozen.post(to, vu=revision, numero=str(number - 1)).status_code == 409
    assert frozen.post(to, vu="0", numero=str(number)).status_code == 409
    assert frozen.post(to, vu=revision, numero=str(number)).status_code == 303
    assert frozen.ask("GET", to).headers["location"] == f"/registre/depots/{key}"
    waited(frozen.found(key))
    assert frozen.freeze(key).status_code == 303
    expected = frozen.files("essai", number) | {"besoins.csv": NEEDS}
    assert frozen.files("essai", number + 1) == expected
    assert expected["etude.toml"] == settings


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize(("choice", "content"), [("depot", NEEDS), ("version", THEIRS)])
def test_a_file_changed_on_both_sides_is_chosen(
    frozen: Planner, choice: str, content: bytes, *, whole: bool
) -> None:
    if whole:
        key = frozen.deposit(zipped(FILES | {"besoins.csv": NEEDS}), slug="essai")
    else:
        key = frozen.deposit(NEEDS, "besoins.csv", "essai")
    frozen.freeze(frozen.deposit(THEIRS, "besoins.csv", "essai"))
    to = f"/registre/depots/{key}/reprise"
    form = frozen.html(to)
    assert re.search(r"75056,etat,900</td>.*?75056,etat,1200</td>", form)
    asked = {"vu": str(frozen.found(key).revision), "numero": "2"}
    refused = frozen.post(to, **asked)
    assert refused.status_code == 422
    assert "aucun des deux fichiers n’est choisi" in refused.text
    assert frozen.post(to, **asked, **{"fichier:besoins.csv": choice}).status_code == 303
    deposit = frozen.found(key)
    waited(deposit)
    assert deposit.brought.files == FILES | {"besoins.csv": content}
    assert "Reprise sur la version 2" in deposit.changes[0]
    assert frozen.freeze(key).status_code == 303
    assert frozen.files("essai", 3) == FILES | {"besoins.csv": content}


def test_what_was_chosen_is_undone_and_the_files_are_sent(frozen: Planner) -> None:
    key = frozen.deposit(NEEDS, "besoins.csv", "essai")
    frozen.freeze(frozen.deposit(THEIRS, "besoins.csv", "essai"))
    sent = frozen.ask("GET", f"/registre/depots/{key}/fichiers.zip")
    with zipfile.ZipFile(io.BytesIO(sent.content)) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == {"besoins.csv": NEEDS}
    asked = {"vu": str(frozen.found(key).revision), "numero": "2"}
    frozen.post(f"/registre/depots/{key}/reprise", **asked, **{"fichier:besoins.csv": "version"})
    deposit = changed(frozen, "annulation", key)
    assert deposit.brought.files["besoins.csv"] == NEEDS
    assert "Reprendre sur la version 2" in words(frozen.html(f"/registre/depots/{key}"))
    assert frozen.post(f"/registre/depots/{key}/annulation", vu="1").status_code == 409


def test_telephones_and_addresses_are_hidden_in_the_lines_that_differ(frozen: Planner) -> None:
    key = frozen.deposit(NEEDS + b"75056,etat,x a.b@exemple.fr\n", "besoins.csv", "essai")
    frozen.freeze(frozen.deposit(THEIRS, "besoins.csv", "essai"))
    form = frozen.html(f"/registre/depots/{key}/reprise")
    assert "[masqué]" in form
    assert "a.b@exemple.fr" not in form


def test_modifying_twice_at_once_begins_once(frozen: Planner) -> None:
    assert prepared(frozen) == prepared(frozen)
    assert len(frozen.register.deposits.of(frozen.name)) == 1


def test_what_waits_is_bounded(frozen: Planner, monkeypatch: pytest.MonkeyPatch) -> None:
    key = prepared(frozen)
    limits: tuple[tuple[str, int, Callable[[], object]], ...] = (
        ("MOST_DEPOSITS", 1, lambda: frozen.send(SOUND).raise_for_status()),
        ("MOST_BYTES", 10, lambda: amend(frozen, key, {"besoins.csv": NEEDS})),
        ("MOST_BYTES_OF_ALL", 10, lambda: amend(frozen, key, {"besoins.csv": NEEDS})),
    )
    for name, most, act in limits:
        with monkeypatch.context() as patched:
            patched.setattr(brought, name, most)
            with pytest.raises(Exception, match=r"rien n’est enregistré|503"):
                act()
    assert [each.key for each in frozen.register.deposits.of(frozen.name)] == [key]
    assert frozen.found(key).changes == ()


def test_memory_is_let_go_and_the_deposit_stays(
    frozen: Planner, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = prepared(frozen)
    before = frozen.found(key)
    assert before.size
    assert frozen.found(key) is before
    monkeypatch.setattr(waiting, "MOST_BYTES", 1)
    after = frozen.found(key)
    assert after is not before
    waited(after)
    assert after.brought.files == FILES


def test_an_old_deposit_warns_then_is_forgotten(
    frozen: Planner, opened: Callable[..., Planner], tmp_path: Path
) -> None:
    key = prepared(frozen)
    url = f"sqlite:///{tmp_path / 'registre.sqlite'}"
    page = frozen.html(f"/registre/depots/{key}")
    assert re.search(r'<p class="note">Ce dépôt est gardé', page)
    run_sql(url, *aged(timedelta(days=24)))
    page = opened().html(f"/registre/depots/{key}")
    assert re.search(r'<p class="alerte">Ce dépôt est gardé', page)
    run_sql(url, *aged(KEPT))
    # The next server to open the register, or the next deposit, throws it away.
    frozen.deposit(SOUND)
    with pytest.raises(MissingError, match="30 jours"):
        frozen.found(key)


def aged(by: timedelta) -> tuple[str, ...]:
    """Return what makes deposits older, past the program."""
    return (f"UPDATE deposits SET touched_at = datetime(touched_at, '-{by.days} days')",)  # noqa: S608 - a number

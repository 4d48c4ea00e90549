"""What the register refuses: what is no study, too large, too much, or not for whoever asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from asking import Client
from keyed import Browser, keyed
from pages_served import words
from register_served import (
    HERE,
    SOUND,
    Near,
    Planner,
    application,
    toy_coverage,
)
from toy import toy_territory
from upload_archives import nested, zipped

from api import limits
from api.access.identity import FORM_FIELD
from api.register import Register
from data.uploads import check

if TYPE_CHECKING:
    from pathlib import Path

NEEDS = b"commune,donneur_ordre,heures\n75056,etat,1200\n"


@pytest.fixture
def planner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Planner:
    """Return a planner whose deposits are read in this process: it takes no time."""
    monkeypatch.setattr(check, "Bounded", Near)
    return Planner(application(tmp_path))


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("etude.zip", b"rien d'une archive", "contenu qui n’est pas"),
        ("etude.zip", b"", "fichier vide"),
        ("etude.pdf", b"%PDF-1.7 ", "format qui ne se dépose pas"),
        ("etude.zip", zipped({"besoins.csv": b"0" * 20_000_000}), "enfle"),
        ("etude.zip", nested(2, 2, b"a,b\n"), "archive"),
        ("etude.zip", zipped({"../x.csv": b"a,b\n"}), "sort du dossier"),
    ],
)
def test_what_is_no_study_is_refused_clearly(
    planner: Planner, name: str, content: bytes, said: str
) -> None:
    key = planner.deposit(content, name)
    page = words(planner.html(f"/registre/depots/{key}"))
    assert said in page
    assert "ne peut pas être figé" in page
    assert planner.freeze(key).status_code == 422
    assert planner.register.entries() == []


def test_no_file_at_all_is_told(planner: Planner) -> None:
    answer = planner.ask("POST", "/registre/depots", files={"autre": ("x", b"")})
    assert answer.status_code == 422
    assert "aucun fichier n’est joint" in answer.text


def test_what_is_too_large_is_refused_before_it_is_read(
    planner: Planner, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = planner.send(b"0" * 50_100_001)
    assert answer.status_code == 413
    assert "50 Mo au plus" in answer.text
    # Only where files are received.
    assert planner.ask("POST", "/registre/versions", content=b"0" * 1_000_001).status_code in (
        413,
        415,
    )
    monkeypatch.setattr(limits, "_DEPOSITS_AT_ONCE", 0)
    assert planner.send(SOUND).status_code == 503


def test_a_form_of_another_site_or_kind_is_refused(planner: Planner) -> None:
    client = Client(planner.app)
    files = {"fichier": ("etude.zip", SOUND)}
    elsewhere = {"origin": "http://ailleurs.example"}
    assert client.post("/registre/depots", files=files, headers=elsewhere).status_code == 403
    assert client.post("/registre/depots", files=files).status_code == 415
    here = {"origin": "http://127.0.0.1"}
    assert client.post("/registre/versions", files=files, headers=here).status_code == 415


def test_a_planner_deposits_and_freezes_at_home_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check, "Bounded", Near)
    opened = keyed(tmp_path)
    app = opened.app
    app.state.register = Register(opened.store, loader=toy_territory, compute=toy_coverage)
    home, other, reader, national = (
        Planner(app, Browser(opened.client()), f"Service {role} (n° {number})")
        for number, role in enumerate(
            ("planificateur", "planificateur", "lecteur", "national"), start=1
        )
    )
    for planner, (role, region) in zip(
        (home, other, reader, national),
        (("planificateur", "11"), ("planificateur", "32"), ("lecteur", ""), ("national", "")),
        strict=True,
    ):
        assert planner.browser is not None
        assert planner.browser.log_in(opened.key(role, region)).status_code == 303
    assert reader.send(SOUND).status_code == 403
    theirs = other.deposit(SOUND)
    assert other.freeze(theirs).status_code == 403
    assert opened.app.state.register.entries() == []
    key = home.deposit(SOUND)
    assert other.ask("GET", f"/registre/depots/{key}").status_code == 404
    assert home.freeze(key).status_code == 303
    assert other.send(NEEDS, "besoins.csv", "essai").status_code == 403
    for refused in (other, reader):
        for what in ("service", "reprise"):
            assert refused.post(f"/registre/essai/versions/1/{what}").status_code == 403
        assert refused.ask("GET", "/registre/essai/versions/1/etude.zip").status_code == 403
        assert refused.html("/registre/essai")
    assert home.ask("GET", "/registre/essai/versions/1/etude.zip").status_code == 200
    assert national.freeze(national.deposit(NEEDS, "besoins.csv", "essai")).status_code == 303
    authors = [each.author for each in home.register.entry("essai").versions]
    assert authors == ["Service planificateur (n° 1)", "Service national (n° 4)"]


def test_a_form_without_the_token_of_its_session_is_refused(tmp_path: Path) -> None:
    opened = keyed(tmp_path)
    browser = Browser(opened.client())
    browser.log_in(opened.key("national"))
    files = {"fichier": ("etude.zip", SOUND)}
    assert browser.ask("POST", "/registre/depots", files=files).status_code == 403
    wrong = {FORM_FIELD: "0" * 64}
    assert browser.ask("POST", "/registre/depots", files=files, data=wrong).status_code == 403
    assert browser.post("/registre/versions", {"depot": "0"}).status_code == 403
    assert opened.client().post("/registre/depots", files=files, headers=HERE).status_code == 401

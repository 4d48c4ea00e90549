"""The command `jeton` as an operator types it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from api.cli import main
from data.store.audit import audit_since
from data.store.engine import open_store
from data.store.tokens import find_token

if TYPE_CHECKING:
    from pathlib import Path

Told = pytest.CaptureFixture[str]


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    address = f"sqlite:///{tmp_path / 'registre.sqlite'}"
    monkeypatch.setenv("ZONES_BLANCHES_BASE", address)
    return address


def create(*words: str) -> int:
    return main(["jeton", "creer", *words])


def test_a_key_is_shown_once_listed_and_revoked(base: str, capsys: Told) -> None:
    words = ("--role", "planificateur", "--region", "32", "--libelle", "DREETS", "--expire")
    assert create(*words, "2999-01-31") == 0
    printed = capsys.readouterr()
    text = printed.out.strip()
    assert printed.out == f"{text}\n"
    assert "plus jamais" in printed.err
    store = open_store(base)
    with store.read() as session:
        found = find_token(session, text, datetime(2999, 1, 31, 23, 59, tzinfo=UTC))
        assert found is not None
        assert (found.role, found.region, found.label) == ("planificateur", "32", "DREETS")
        assert find_token(session, text, datetime(2999, 2, 1, tzinfo=UTC)) is None
    assert main(["jeton", "lister"]) == 0
    listed = capsys.readouterr().out
    assert listed.splitlines()[1].split() == [
        *("1", "valable", "31/01/2999"),
        *("planificateur", "32", "DREETS"),
    ]
    assert text not in listed
    assert main(["jeton", "revoquer", "1"]) == 0
    assert "« DREETS »" in capsys.readouterr().out
    assert main(["jeton", "lister", "--json"]) == 0
    (facts,) = json.loads(capsys.readouterr().out)
    assert (facts["etat"], facts["expire"]) == ("révoqué", "2999-02-01T00:00:00+00:00")
    with store.read() as session:
        lines = audit_since(session)
        assert find_token(session, text, datetime.now(UTC)) is None
    store.close()
    assert [(each.actor, each.action) for each in lines] == [
        ("ligne de commande", "creer"),
        ("ligne de commande", "revoquer"),
    ]


@pytest.mark.usefixtures("base")
def test_what_cannot_be_is_refused_in_french(capsys: Told) -> None:
    assert create(
        "--role", "national", "--region", "32", "--libelle", "a", "--expire", "2000-01-01"
    )
    told = capsys.readouterr()
    assert told.out == ""
    assert "le niveau national n’a pas de région → laisser la région vide" in told.err
    assert "expiration : date déjà passée" in told.err
    assert main(["jeton", "revoquer", "9"]) == 1
    assert "aucun jeton n’a le numéro 9" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        create("--role", "national", "--libelle", "a", "--expire", "demain")
    assert "date attendue, comme 2027-01-31" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["jeton"])


def test_without_a_register_there_is_no_key(
    monkeypatch: pytest.MonkeyPatch, capsys: Told, tmp_path: Path
) -> None:
    monkeypatch.delenv("ZONES_BLANCHES_BASE", raising=False)
    assert main(["jeton", "lister"]) == 1
    assert "aucun n’est nommé" in capsys.readouterr().err
    given = f"sqlite:///{tmp_path / 'autre.sqlite'}"
    assert main(["jeton", "lister", "--base", given]) == 0
    assert capsys.readouterr().out.startswith("N°")

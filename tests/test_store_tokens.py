"""Keys: shown once, kept as digests; no secret and no personal data in the audit."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from databases import KINDS, new_database, run_sql

from data.store import drafts, studies, tokens
from data.store.audit import audit_since, redacted
from data.store.engine import open_store
from data.store.errors import MissingError
from data.store.models import Base
from geo.errors import InputErrors

if TYPE_CHECKING:
    from collections.abc import Iterator

    from data.store.engine import Store

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=30)


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return new_database(request.param, tmp_path)


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    opened = open_store(url, clock=lambda: NOW)
    yield opened
    opened.close()


def issue(store: Store, role: str = "lecteur", region: str = "", expires: datetime = LATER) -> str:
    with store.write("national") as write:
        return tokens.issue_token(write, "Préfecture de région", role, region, expires)


def everything(url: str) -> bytes:
    """Return all that is at rest: the bytes of the files, or every row of every table."""
    if url.startswith("sqlite"):
        path = Path(url.removeprefix("sqlite:///"))
        return b"".join(each.read_bytes() for each in sorted(path.parent.glob(f"{path.name}*")))
    tables = [each.name for each in Base.metadata.sorted_tables]
    rows = [run_sql(url, f"SELECT * FROM {table}") for table in tables]  # noqa: S608 - our names
    return repr(rows).encode()


def test_a_key_opens_until_it_expires(store: Store) -> None:
    text = issue(store, "planificateur", "53")
    with store.read() as session:
        found = tokens.find_token(session, text, NOW)
        assert found is not None
        assert (found.role, found.region, found.expires_at) == ("planificateur", "53", LATER)
        assert tokens.find_token(session, text, LATER - timedelta(microseconds=1)) == found
        assert tokens.find_token(session, text, LATER) is None


def test_a_revoked_key_opens_nothing(store: Store) -> None:
    text, other = issue(store), issue(store)
    with store.write("national") as write:
        found = tokens.find_token(write.session, text, NOW)
        assert found is not None
        revoked = tokens.revoke(write, found.token_id)
        assert tokens.revoke(write, found.token_id) == revoked
    with store.read() as session:
        assert tokens.find_token(session, text, NOW) is None
        assert tokens.find_token(session, other, NOW) is not None
        assert [each.revoked_at for each in tokens.tokens(session)] == [NOW, None]
    with pytest.raises(MissingError), store.write("national") as write:
        tokens.revoke(write, 10**6)


@pytest.mark.parametrize("text", ["", "zb_", "zb_" + "A" * 43, "\0", "\ud800", "é" * 10_000])
def test_an_unknown_key_opens_nothing(store: Store, text: str) -> None:
    issue(store)
    with store.read() as session:
        assert tokens.find_token(session, text, NOW) is None


def test_the_digest_itself_opens_nothing(store: Store, url: str) -> None:
    issue(store)
    ((digest,),) = run_sql(url, "SELECT digest FROM tokens")
    with store.read() as session:
        assert tokens.find_token(session, digest, NOW) is None


def test_a_key_has_256_random_bits(store: Store) -> None:
    made = {issue(store) for _ in range(5)}
    assert len(made) == 5
    for text in made:
        assert text.startswith("zb_")
        assert len(base64.urlsafe_b64decode(text.removeprefix("zb_") + "=")) == 32


def test_no_key_is_at_rest(store: Store, url: str) -> None:
    text = issue(store)
    with store.write(f"porteur de {text}") as write:
        studies.create_study(write, "essai", "Essai", "")
        drafts.save_draft(write, "Anne", "jeton", text, {}, None)
        drafts.discard_draft(write, "Anne", "jeton", text)
    with store.read() as session:
        lines = audit_since(session)
    assert text not in repr(lines)
    # What SQLite deleted stays in its pages until they are used again: audit apart, rows are told.
    if not url.startswith("sqlite"):
        assert text.encode() not in everything(url)


def test_the_files_hold_the_digest_alone(store: Store, url: str) -> None:
    text = issue(store)
    ((digest,),) = run_sql(url, "SELECT digest FROM tokens")
    store.close()
    kept = everything(url)
    assert digest.encode() in kept
    assert text.encode() not in kept
    assert text.removeprefix("zb_").encode() not in kept
    assert base64.urlsafe_b64decode(text.removeprefix("zb_") + "=") not in kept


@pytest.mark.parametrize(
    ("role", "region", "expires", "columns"),
    [
        ("chef", "", LATER, {"rôle"}),
        ("planificateur", "", LATER, {"région"}),
        ("national", "53", LATER, {"région"}),
        ("lecteur", "Bretagne", LATER, {"région"}),
        ("lecteur", "", NOW, {"expiration"}),
        ("chef", "?", NOW, {"rôle", "région", "expiration"}),
    ],
)
def test_keys_that_cannot_be_are_refused(
    store: Store, role: str, region: str, expires: datetime, columns: set[str]
) -> None:
    with pytest.raises(InputErrors) as refused:
        issue(store, role, region, expires)
    assert {each.column for each in refused.value.faults} == columns


def test_a_key_names_a_service_and_no_person(store: Store) -> None:
    for label in ("marie.dupont@exemple.fr", "Marie, 06.12.34.56.78", "+33 1 23 45 67 89"):
        with pytest.raises(InputErrors), store.write("national") as write:
            tokens.issue_token(write, label, "lecteur", "", LATER)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"mot de passe": "x"}, {"mot de passe": "[masqué]"}),
        ({"a": [{"api_token": "x", "etp": 3}]}, {"a": [{"api_token": "[masqué]", "etp": 3}]}),
        ({"note": "clé zb_Ab-9_z."}, {"note": "clé [masqué]."}),
        ({"note": "voir a.b@c.fr ou 0612345678"}, {"note": "voir [masqué] ou [masqué]"}),
        ({"commune": "35238", "heures": 35000}, {"commune": "35238", "heures": 35000}),
        ({"empreinte": "0612345678" * 6}, {"empreinte": "0612345678" * 6}),
    ],
)
def test_what_the_audit_hides(value: dict[str, Any], told: dict[str, Any]) -> None:
    assert redacted(value) == told

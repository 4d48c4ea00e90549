"""A stranger's bodies are never received: what is large is for who shows a key."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from asking import PAGE
from keyed import HERE, bearer, keyed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from keyed import Keyed

FILE = HERE | {"content-type": "multipart/form-data; boundary=bord"}
JSON = {"content-type": "application/json"}


class Sent:
    """A body sent in pieces, and how many of them were asked for."""

    def __init__(self, pieces: int) -> None:
        self._pieces = pieces
        self.received = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for _ in range(self._pieces):
            self.received += 1
            yield b" " * 100_000


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Keyed:
    return keyed(tmp_path_factory.mktemp("registre"))


@pytest.mark.parametrize("shown", [{}, bearer("zb_faux"), {"cookie": "zb_session=faux"}])
@pytest.mark.parametrize(
    ("path", "kind"), [("/registre/depots", FILE), ("/api/v1/etudes/limitee/essais", JSON)]
)
def test_no_body_of_a_stranger_is_received(
    server: Keyed, path: str, kind: dict[str, str], shown: dict[str, str]
) -> None:
    sent = Sent(500)
    server.client().problem("POST", path, 401, headers=kind | shown, content=sent)
    assert sent.received == 0


def test_a_browser_that_shows_nothing_is_led_to_the_login(server: Keyed) -> None:
    sent = Sent(500)
    answer = server.client().post("/registre/depots", headers=FILE | PAGE, content=sent)
    assert (answer.status_code, answer.headers["location"]) == (303, "/connexion")
    assert sent.received == 0


def test_a_key_sends_more_than_any_other_form(server: Keyed) -> None:
    sent = Sent(20)
    shown = bearer(server.kept_key("national"))
    answer = server.client().post("/registre/depots", headers=FILE | shown, content=sent)
    assert answer.status_code not in (401, 413)
    assert sent.received == 20


def test_the_login_takes_a_key_and_nothing_larger(server: Keyed) -> None:
    sent = Sent(500)
    kind = HERE | {"content-type": "application/x-www-form-urlencoded"}
    server.client().problem("POST", "/connexion", 413, headers=kind, content=sent)
    assert sent.received <= 11


def test_a_stranger_in_a_hurry_waits_before_anyone_looks_for_the_key(tmp_path: Path) -> None:
    server = keyed(tmp_path, requests_per_minute=2)
    client = server.client()
    asked = [client.get("/", headers=bearer("zb_faux")).status_code for _ in range(4)]
    assert asked == [401, 401, 429, 429]

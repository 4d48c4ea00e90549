"""What bounds the server: settings, bodies, pace, heavy work, and how it listens."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING

import pytest
from asking import client_of
from fake_coverage import fake_coverage
from starlette.exceptions import HTTPException

from api.limits import Bodies, Buckets, Turns
from api.serve import HOST, listen
from api.settings import Settings, read_settings
from geo.errors import OutputError, ZonesBlanchesError

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.types import Message, Receive, Scope, Send

JSON = {"content-type": "application/json"}


# ---- settings ----


def test_settings_come_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ZONES_BLANCHES_HOTES", "127.0.0.1, Zones.Exemple.fr")
    monkeypatch.setenv("ZONES_BLANCHES_DEMANDES_PAR_MINUTE", "60")
    monkeypatch.setenv("ZONES_BLANCHES_DOSSIER_DESIGN", str(tmp_path))
    monkeypatch.setenv("ZONES_BLANCHES_JOURNAL", "")
    settings = read_settings()
    assert settings.hosts == ("127.0.0.1", "zones.exemple.fr")
    assert settings.requests_per_minute == 60
    assert settings.design_folder == tmp_path
    assert settings.log_level is None
    assert settings.body_bytes == Settings(hosts=("x",)).body_bytes


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("CORPS_MAX", "1 Mo", "un nombre entier, de 1000 à 100000000"),
        ("CORPS_MAX", "10", "un nombre entier, de 1000 à 100000000"),
        ("JOURNAL", "bavard", "« debug », « info »"),
        ("DOSSIER_DESIGN", "/nulle/part", "le chemin d’un dossier qui existe"),
        ("HOTES", ",", "des noms séparés par des virgules"),
    ],
)
def test_wrong_settings_are_told(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(f"ZONES_BLANCHES_{name}", value)
    monkeypatch.setenv("ZONES_BLANCHES_TAMPON_OCTETS", "beaucoup")
    with pytest.raises(ZonesBlanchesError) as told:
        read_settings()
    lines = str(told.value).splitlines()
    assert len(lines) == 2
    assert any(f"ZONES_BLANCHES_{name}" in line and said in line for line in lines)


# ---- bodies ----


def test_large_bodies_are_refused_before_they_are_read() -> None:
    client = client_of(fake_coverage, settings=Settings(body_bytes=1_000))
    client.problem("POST", "/sante", 405, headers=JSON, content=b" " * 1_000)
    client.problem("POST", "/sante", 413, headers=JSON, content=b" " * 1_001)
    for length in ("1001", "9" * 5_000):
        declared = JSON | {"content-length": length}
        client.problem("POST", "/sante", 413, headers=declared, content=b"")


def test_bodies_without_length_are_bounded_too() -> None:
    client = client_of(fake_coverage, settings=Settings(body_bytes=1_000))

    async def pieces():  # noqa: ANN202
        for _ in range(1_001):
            yield b" "

    client.problem("POST", "/sante", 413, headers=JSON, content=pieces())


def test_slow_bodies_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.limits._BODY_SECONDS", 0.01)

    async def app(_scope: Scope, _receive: Receive, _send: Send) -> None:
        pytest.fail("not reached")

    async def never() -> Message:
        await asyncio.Event().wait()
        return {}

    async def nowhere(_message: Message) -> None: ...

    scope = {"type": "http", "method": "POST", "headers": [], "client": ("1", 1)}
    bodies = Bodies(app, body_bytes=10)
    with pytest.raises(HTTPException) as refused:
        asyncio.run(bodies(scope, never, nowhere))
    assert refused.value.status_code == 408


# ---- pace ----


def test_a_client_in_a_hurry_waits_and_others_do_not() -> None:
    client = client_of(fake_coverage, settings=Settings(requests_per_minute=3))
    assert [client.get("/sante").status_code for _ in range(4)] == [200, 200, 200, 429]
    answer = client.get("/sante")
    assert 1 <= int(answer.headers["retry-after"]) <= 20
    assert answer.json()["title"] == "Demandes trop rapprochées"


def test_tokens_come_back_and_forgotten_clients_cost_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("api.limits._CLIENTS", 2)
    now = [0.0]
    buckets = Buckets(60, clock=lambda: now[0])
    assert [buckets.take("a") > 0 for _ in range(61)].count(True) == 1
    now[0] = 10.0
    assert [buckets.take("a") > 0 for _ in range(11)].count(True) == 1
    now[0] = 10_000.0
    assert [buckets.take("a") > 0 for _ in range(61)].count(True) == 1
    buckets.take("b")
    buckets.take("c")
    assert buckets.take("a") == 0


# ---- heavy work ----


def test_heavy_work_takes_turns_and_too_much_of_it_is_refused() -> None:
    async def scene() -> tuple[int, list[object]]:
        turns = Turns(running=2, waiting=3)
        running, most, refused = 0, 0, list[object]()
        door = asyncio.Event()

        async def work() -> None:
            nonlocal running, most
            try:
                async with turns.turn():
                    running += 1
                    most = max(most, running)
                    await door.wait()
                    running -= 1
            except HTTPException as error:
                refused.append((error.status_code, dict(error.headers or {})))

        tasks = [asyncio.create_task(work()) for _ in range(7)]
        for _ in range(20):
            await asyncio.sleep(0)
        door.set()
        await asyncio.gather(*tasks)
        return most, refused

    assert asyncio.run(scene()) == (2, [(503, {"Retry-After": "5"})] * 2)


def test_waiting_for_a_turn_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.limits._PATIENCE_SECONDS", 0.01)

    async def scene() -> None:
        turns = Turns(running=1, waiting=3)
        async with turns.turn():
            with pytest.raises(HTTPException) as refused:
                async with turns.turn():
                    pytest.fail("not reached")
            assert refused.value.status_code == 503
        async with turns.turn():
            pass

    asyncio.run(scene())


# ---- listening ----


def test_taken_port_gives_another_unless_it_was_asked_for() -> None:
    with listen(0) as taken:
        assert taken.getsockname()[0] == HOST
        port = taken.getsockname()[1]
        with pytest.raises(OutputError, match=f"port {port}"):
            listen(port)


def test_default_port_falls_back(monkeypatch: pytest.MonkeyPatch) -> None:
    with listen(0) as taken:
        monkeypatch.setattr("api.serve.DEFAULT_PORT", taken.getsockname()[1])
        with listen(None) as other:
            assert other.getsockname()[1] != taken.getsockname()[1]
            assert other.type == socket.SOCK_STREAM


def test_impossible_port_is_refused() -> None:
    with pytest.raises(OutputError):
        listen(70_000)

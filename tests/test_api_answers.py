"""Answers made once: kept within bounds, told apart, never made twice at the same time."""

from __future__ import annotations

import gzip
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest
from fastapi import Request

from api.answers import Cache, pack, send, send_once

BODY = b"besoin " * 1_000


def asking(**headers: str) -> Request:
    named = [(name.replace("_", "-").encode(), text.encode()) for name, text in headers.items()]
    return Request({"type": "http", "headers": named})


# ---- the cache ----


def test_an_answer_is_made_once_even_by_many() -> None:
    cache, made, together, door = Cache(10**6), [], Barrier(4), Event()

    def make() -> bytes:
        made.append(1)
        door.wait(10)
        return BODY

    def ask(_: int) -> bytes:
        together.wait(10)
        return cache.get(("a",), make).body

    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(ask, rank) for rank in range(4)]
        door.set()
        assert {each.result() for each in asked} == {BODY}
    assert len(made) == 1


def test_a_failure_is_told_to_who_waits_and_forgotten() -> None:
    cache, started, door = Cache(10**6), Event(), Event()

    def fail() -> bytes:
        started.set()
        door.wait(10)
        raise OSError("perdu")

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(cache.get, ("a",), fail)
        started.wait(10)
        second = pool.submit(cache.get, ("a",), fail)
        door.set()
        for each in (first, second):
            with pytest.raises(OSError, match="perdu"):
                each.result()
    assert cache.get(("a",), lambda: b"x").body == b"x"


def test_the_oldest_answers_leave_first() -> None:
    cache = Cache(250)
    for name in "abc":
        cache.get((name,), lambda: b"x" * 100)
        cache.find(("a",))
    assert cache.find(("a",)) is not None
    assert cache.find(("b",)) is None
    assert cache.find(("c",)) is not None


def test_what_is_larger_than_the_cache_is_answered_all_the_same() -> None:
    cache = Cache(10)
    cache.get(("a",), lambda: b"x")
    assert cache.get(("b",), lambda: b"x" * 100).body == b"x" * 100
    assert cache.find(("a",)) is None


# ---- what is sent ----


@pytest.mark.parametrize(
    ("accepted", "zipped"),
    [
        ("gzip", True),
        ("br, gzip;q=0.5", True),
        ("gzip;q=0", False),
        ("gzip; q=0", False),
        ("br", False),
        ("", False),
        ("xgzip", False),
    ],
)
def test_compressed_for_who_takes_it(accepted: str, zipped: bool) -> None:  # noqa: FBT001
    answer = send(asking(accept_encoding=accepted), pack(BODY))
    assert ("content-encoding" in answer.headers) is zipped
    assert (gzip.decompress(bytes(answer.body)) if zipped else answer.body) == BODY
    assert answer.headers["vary"] == "Accept-Encoding"


def test_what_is_small_or_compressed_already_is_sent_as_it_is() -> None:
    for packed in (pack(b"x"), pack(BODY, compress=False)):
        answer = send(asking(accept_encoding="gzip"), packed)
        assert answer.body == packed.body
        assert "content-encoding" not in answer.headers


@pytest.mark.parametrize("shape", ['"{}"', 'W/"{}"', '"autre", "{}"', '"{}-gzip"'])
def test_what_the_browser_has_is_not_sent_again(shape: str) -> None:
    packed = pack(BODY)
    answer = send(asking(if_none_match=shape.format(packed.tag)), packed)
    assert (answer.status_code, answer.body) == (304, b"")
    assert send(asking(if_none_match='"autre"'), packed).status_code == 200


def test_tags_tell_the_two_encodings_apart() -> None:
    packed = pack(BODY)
    tags = {send(asking(accept_encoding=how), packed).headers["etag"] for how in ("gzip", "")}
    assert len(tags) == 2


def test_what_is_not_kept_says_so() -> None:
    answer = send_once(asking(accept_encoding="gzip"), BODY * 10)
    assert answer.headers["cache-control"] == "no-store"
    assert gzip.decompress(bytes(answer.body)) == BODY * 10
    assert send_once(asking(accept_encoding="gzip"), BODY).body == BODY

"""Long computations: one at a time, each state told, stopped between stages, nothing blocked."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import TYPE_CHECKING

import pytest

from api.background import (
    ABSENT,
    CANCELLED,
    DONE,
    FAILED,
    RUNNING,
    WAITING,
    Background,
    Line,
    Progress,
)
from geo.errors import InputErrors, Notice, OutputError

if TYPE_CHECKING:
    from collections.abc import Callable

Step = "Callable[[str], None]"
PATIENCE = 30


class Held:
    """Work of two stages that waits at a door between them."""

    def __init__(self, name: str = "fait") -> None:
        self.name = name
        self.entered, self.door = Event(), Event()
        self.calls = 0

    def __call__(self, on_step: Callable[[str], None]) -> str:
        self.calls += 1
        on_step("Un")
        self.entered.set()
        assert self.door.wait(PATIENCE)
        on_step("Deux")
        return self.name


def ended(made: Background[str]) -> Progress:
    """Wait for the end of a computation; return its last state."""

    async def last() -> Progress:
        found = made.progress
        async for progress in made.watch(PATIENCE):
            assert progress is not None, "nothing moves"
            found = progress
        return found

    return asyncio.run(last())


def test_a_computation_is_made_once_and_its_states_are_told() -> None:
    work = Held()
    made = Background(Line(), work, stages=2)
    assert made.progress == Progress(ABSENT, stages=2)
    assert made.result is None
    made.start()
    assert work.entered.wait(PATIENCE)
    assert made.progress == Progress(RUNNING, "Un", 1, 2)
    assert made.start() == made.progress
    assert made.result is None
    work.door.set()
    assert ended(made) == Progress(DONE, stages=2)
    assert made.result == "fait"
    made.start()
    made.cancel()
    assert (made.progress.state, made.result, work.calls) == (DONE, "fait", 1)


def test_many_who_ask_at_once_start_one() -> None:
    work = Held()
    made = Background(Line(), work, stages=2)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: made.start(), range(32)))
    work.door.set()
    assert ended(made).state == DONE
    assert work.calls == 1


def test_one_at_a_time_in_the_order_asked() -> None:
    line, works = Line(), [Held("a"), Held("b"), Held("c")]
    made = [Background(line, work, stages=2) for work in works]
    for each in made:
        each.start()
    assert works[0].entered.wait(PATIENCE)
    assert [each.progress.state for each in made] == [RUNNING, WAITING, WAITING]
    assert not works[1].entered.is_set()
    works[0].door.set()
    assert works[1].entered.wait(PATIENCE)
    assert made[0].progress.state == DONE
    assert made[2].progress.state == WAITING
    for work in works:
        work.door.set()
    assert [ended(each).state for each in made] == [DONE] * 3
    # The line is free again once its thread has ended.
    late = Held("d")
    late.door.set()
    again = Background(line, late, stages=2)
    again.start()
    assert ended(again).state == DONE


def test_a_stop_while_waiting_is_immediate_and_does_not_run() -> None:
    line, first, second = Line(), Held("a"), Held("b")
    one, two = Background(line, first, stages=2), Background(line, second, stages=2)
    one.start()
    two.start()
    assert two.cancel().state == CANCELLED
    # Asked again before its turn, it runs once: the first call of it is void.
    two.start()
    first.door.set()
    second.door.set()
    assert ended(one).state == DONE
    assert ended(two).state == DONE
    assert second.calls == 1


def test_a_stop_while_running_waits_for_the_next_stage() -> None:
    work = Held()
    made = Background(Line(), work, stages=2)
    made.start()
    assert work.entered.wait(PATIENCE)
    assert made.cancel() == Progress(RUNNING, "Un", 1, 2, stopping=True)
    assert made.start().stopping
    work.door.set()
    assert ended(made) == Progress(CANCELLED, stages=2)
    assert made.result is None
    made.start()
    assert ended(made).state == DONE
    assert work.calls == 2


def test_a_stop_after_the_last_stage_gives_no_result() -> None:
    entered, door = Event(), Event()

    def work(on_step: Callable[[str], None]) -> str:
        on_step("Seule")
        entered.set()
        assert door.wait(PATIENCE)
        return "fait"

    made = Background(Line(), work, stages=1)
    made.start()
    assert entered.wait(PATIENCE)
    made.cancel()
    door.set()
    assert ended(made).state == CANCELLED
    assert made.result is None


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            InputErrors([Notice("a.toml", 0, "", "faux", "corriger"), Notice("b", 2, "x", "vide")]),
            ("a.toml : faux → corriger", "b, ligne 2, colonne « x » : vide"),
        ),
        (OutputError("disque plein"), ("disque plein",)),
    ],
)
def test_a_failure_says_all_its_faults_and_may_be_tried_again(
    error: Exception, said: tuple[str, ...]
) -> None:
    errors = [error]

    def work(on_step: Callable[[str], None]) -> str:
        on_step("Seule")
        if errors:
            raise errors.pop()
        return "fait"

    made = Background(Line(), work, stages=1)
    made.start()
    assert ended(made) == Progress(FAILED, stages=1, faults=said)
    assert made.result is None
    made.start()
    assert ended(made) == Progress(DONE, stages=1)


def test_an_unforeseen_error_shows_an_identifier_and_nothing_inside(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def work(_: Callable[[str], None]) -> str:
        raise RuntimeError("secret du serveur")

    made = Background(Line(), work, stages=1)
    made.start()
    (fault,) = ended(made).faults
    assert "secret" not in fault
    assert "Pour la signaler, citer «" in fault
    (record,) = caplog.records
    assert record.__dict__["fields"]["id"] in fault


def test_who_watches_is_told_each_change_and_of_silence() -> None:
    work = Held()
    made = Background(Line(), work, stages=2)

    async def told() -> list[str]:
        found: list[str] = []
        async for progress in made.watch(0.01):
            if progress is None:
                found.append("silence")
                work.door.set()
            else:
                found.append(progress.phrase or progress.state)
        return found

    made.start()
    assert work.entered.wait(PATIENCE)
    found = asyncio.run(told())
    assert found[:2] == ["Un", "silence"]
    assert found[-1] == DONE
    assert not made._watchers
    assert asyncio.run(told()) == [DONE]


def test_who_leaves_is_forgotten() -> None:
    work = Held()
    made = Background(Line(), work, stages=2)

    async def glance() -> None:
        watching = made.watch(PATIENCE)
        await anext(watching)
        await watching.aclose()  # type: ignore[attr-defined]

    made.start()
    asyncio.run(glance())
    assert not made._watchers
    work.door.set()
    assert ended(made).state == DONE

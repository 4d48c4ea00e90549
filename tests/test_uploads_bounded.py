"""A function in a process of its own: what it returns, what it may not do, how it ends."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import bounded_functions as run
import pytest

from data.uploads import bounded as module
from data.uploads.bounded import Bounded, Outcome, run_bounded

if TYPE_CHECKING:
    from collections.abc import Iterator

MEMORY = 500_000_000


def children() -> set[str]:
    tasks = Path("/proc/self/task")
    lists = tasks.glob("*/children") if tasks.exists() else ()
    return {child for each in lists for child in each.read_text("ascii").split()}


def is_running(number: int | str) -> bool:
    """Tell a process that runs from one that is no more, or that nobody has waited for yet."""
    try:
        state = Path(f"/proc/{number}/stat").read_text("ascii").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def ends(number: int | str) -> bool:
    deadline = time.monotonic() + 10
    while is_running(number) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not is_running(number)


@pytest.fixture(autouse=True)
def no_child_left() -> Iterator[None]:
    before = children()
    yield
    assert children() <= before


def bounded(function: object, *args: object, seconds: float = 30.0) -> Outcome:
    return run_bounded(function, args, seconds=seconds, memory_bytes=MEMORY)


def test_what_a_function_returns_comes_back() -> None:
    assert bounded(run.add, 2, 3) == Outcome("rendue", {"sum": 5, "texte": "é\n"})


def test_progress_is_told_in_order_in_the_thread_of_the_run() -> None:
    told: list[tuple[str, int, int]] = []
    threads: set[int] = set()

    def listen(*step: object) -> None:
        told.append(step)
        threads.add(threading.get_ident())

    outcome = run_bounded(run.counted, [50], seconds=30, memory_bytes=MEMORY, on_progress=listen)
    assert outcome.value == 50
    assert told == [(f"étape {n}", n, 50) for n in range(50)]
    assert threads == {threading.get_ident()}


def test_the_process_inherits_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZONES_BLANCHES_BASE", "postgresql://secret")
    monkeypatch.setenv("HOME", "/nulle-part")
    names = bounded(run.environment).value
    assert "HOME" in names
    assert "ZONES_BLANCHES_BASE" not in names


@pytest.mark.parametrize(
    ("function", "args", "state", "cause"),
    [
        (run.allocate, [3 * MEMORY], "memoire", "MemoryError"),
        (run.fork, [], "echouee", "PermissionError"),
        (run.command, [], "echouee", "PermissionError"),
        (run.shell, [], "echouee", "PermissionError"),
        (run.call_host, [], "echouee", "PermissionError"),
        (run.write_much, [], "echouee", "OSError"),
        (run.open_many, [], "echouee", "OSError"),
        (run.fail, [], "echouee", "KeyError"),
        (run.leave, [], "echouee", "SystemExit"),
        (run.leave_at_once, [], "echouee", "code 3"),
        (run.crash, [], "echouee", "SIGSEGV"),
        (run.no_json, [], "echouee", "TypeError"),
        (run.not_a_number, [], "echouee", "ValueError"),
        (run.add, ["a"], "echouee", "TypeError"),
    ],
)
@pytest.mark.skipif(sys.platform != "linux", reason="limits of this system")
def test_what_may_not_be_is_told_as_data(
    function: object, args: list[object], state: str, cause: str
) -> None:
    outcome = run_bounded(function, args, seconds=30, memory_bytes=MEMORY)
    assert (outcome.state, outcome.cause, outcome.value) == (state, cause, None)
    assert outcome.message.startswith("la lecture ")
    assert "secret" not in str(outcome)


def test_no_core_is_dumped() -> None:
    assert bounded(run.core_limit).value == [0, 0]


def test_an_endless_loop_is_out_of_time() -> None:
    start = time.monotonic()
    assert bounded(run.spin, seconds=1.0).state == "duree"
    assert time.monotonic() - start < 10


@pytest.mark.skipif(sys.platform != "linux", reason="limits of this system")
def test_a_loop_is_out_of_processor_time_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_CPU_SHARE", 0.01)
    outcome = bounded(run.spin, seconds=60.0)
    assert (outcome.state, outcome.cause) == ("duree", "SIGXCPU")


def test_what_a_library_prints_is_no_answer() -> None:
    assert bounded(run.shout).value == "dit"


def test_a_thread_that_stays_is_not_waited_for() -> None:
    start = time.monotonic()
    assert bounded(run.linger).value == "parti"
    assert time.monotonic() - start < 10


def test_a_process_that_says_too_much_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", 3_500_000)
    told = []
    outcome = run_bounded(
        run.speak_forever,
        [],
        seconds=30,
        memory_bytes=MEMORY,
        on_progress=lambda *step: told.append(step),
    )
    assert outcome.state == "echouee"
    assert len(told) == 3


def test_another_thread_kills_it(tmp_path: Path) -> None:
    mark = tmp_path / "commence"
    running = Bounded(run.sleep, [str(mark)], seconds=60, memory_bytes=MEMORY)
    outcomes: list[Outcome] = []
    thread = threading.Thread(target=lambda: outcomes.append(running.run()))
    thread.start()
    while not mark.exists():
        time.sleep(0.02)
    running.kill()
    thread.join(10)
    assert [each.state for each in outcomes] == ["arretee"]
    running.kill()  # once more changes nothing


def test_one_that_is_killed_before_it_starts_does_not_start() -> None:
    running = Bounded(run.add, [1, 2], seconds=60, memory_bytes=MEMORY)
    running.kill()
    assert running.run().state == "arretee"


def test_a_listener_that_fails_leaves_no_process() -> None:
    def listen(*_step: object) -> None:
        raise RuntimeError("listener")

    with pytest.raises(RuntimeError, match="listener"):
        run_bounded(run.counted, [9], seconds=30, memory_bytes=MEMORY, on_progress=listen)


def test_a_function_without_a_name_is_refused() -> None:
    with pytest.raises(ValueError, match="top of a module"):
        run_bounded(lambda: 1, [], seconds=1, memory_bytes=MEMORY)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_process_dies_with_the_one_that_asked(tmp_path: Path) -> None:
    mark = tmp_path / "commence"
    code = (
        "import sys; sys.path[:0] = sys.argv[2:]; import bounded_functions as run;"
        "from data.uploads.bounded import run_bounded;"
        "run_bounded(run.sleep, [sys.argv[1]], seconds=60, memory_bytes=500_000_000)"
    )
    root = Path(__file__).parents[1]
    asking = subprocess.Popen(
        [sys.executable, "-c", code, str(mark), str(root), str(root / "tests")]
    )
    while not mark.exists():
        time.sleep(0.02)
    (child,) = Path(f"/proc/{asking.pid}/task/{asking.pid}/children").read_text("ascii").split()
    asking.kill()
    asking.wait()
    assert ends(child)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_process_started_behind_the_back_of_python_ends_too() -> None:
    number = bounded(run.native_fork).value
    assert number > 0
    assert ends(number)


def test_what_a_process_answers_is_not_believed_to_be_of_a_type() -> None:
    assert module._parsed(b"[1]\n") is None
    assert module._parsed(b"\xff\n") is None
    assert module._parsed(b"[" * 100_000) is None
    assert not module._is_progress(["a", "b", 3])
    assert module._outcome({"error": ["x"], "kind": "k" * 999}).cause == "k" * 80


def test_a_system_that_bounds_less_says_so() -> None:
    assert "ne borne que la durée" in module._outcome({"value": 1, "unlimited": ["RLIMIT_AS"]}).note

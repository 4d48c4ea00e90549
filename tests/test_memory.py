"""Threads share the memory that they free: where they do, few arenas are made."""

from __future__ import annotations

import platform
import re
import subprocess
import sys

import pytest

from api.memory import ARENAS

ARENA_BYTES = 64 << 20
"""The GNU library makes an arena at a multiple of this address (64 bits)."""

SCRIPT = """
import sys
from threading import Barrier, Thread
from api.memory import share_arenas
if sys.argv[1] == "shared":
    share_arenas()
together = Barrier(12)
def work():
    kept = [bytes(5_000) for _ in range(200)]
    together.wait()
    together.wait()
threads = [Thread(target=work) for _ in range(11)]
for thread in threads:
    thread.start()
together.wait()
print(open("/proc/self/maps").read())
together.wait()
"""


def arenas(how: str) -> int:
    """Return how many places a process with many threads keeps its memory in, but the first."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, how], capture_output=True, text=True, check=True
    )
    starts = re.findall(
        r"^([0-9a-f]+)-[0-9a-f]+ rw-p 00000000 00:00 0\s*$", done.stdout, re.MULTILINE
    )
    return sum(int(start, 16) % ARENA_BYTES == 0 for start in starts)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only the GNU library has arenas")
def test_threads_of_the_server_share_few_arenas() -> None:
    assert arenas("shared") < ARENAS < arenas("apart")

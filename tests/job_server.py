"""Servers in processes of their own, that tests kill: real ones, and one that only takes a job."""

from __future__ import annotations

import multiprocessing
import os
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr
from toy import toy_territory

from api import pipeline
from api.serve import listen, serve
from api.settings import Settings
from api.studies import Studies
from coverage.study import compute as really_compute
from data.store.engine import open_store
from data.store.jobs import claim
from data.store.workers import arrive

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.connection import Connection
    from multiprocessing.context import ForkServerProcess

# Each process is forked from one that has read the modules, and opened nothing.
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(
    ["api.serve", "psycopg", "sqlalchemy.dialects.sqlite", "sqlalchemy.dialects.postgresql"]
)


@contextmanager
def process(work: Callable[..., None], *args: object) -> Iterator[ForkServerProcess]:
    """Start a process; kill it whatever happens."""
    started = PROCESSES.Process(target=work, args=args)
    started.start()
    try:
        yield started
    finally:
        started.kill()
        started.join()


def take_and_live(url: str, told: Connection) -> None:
    """Take the job that waits, if any, tell under which name, and do nothing more."""
    store = open_store(url)
    worker = arrive(store)
    claim(store, worker.name)
    told.send(worker.name)
    told.recv()


def serve_at_the_door(url: str, port: int, door: str) -> None:
    """Serve a register, each coverage computed once the file `door` is there."""

    def compute(*args: Any, on_step: Callable[[str], None], **options: Any) -> Any:  # noqa: ANN401 - as the other
        on_step("À la porte")
        while not Path(door).exists():
            time.sleep(0.05)
        return really_compute(*args, on_step=on_step, **options)

    # What a server says of its life is of no use here.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.dup2(1, 2)
    pipeline.load_territory = lambda **_: toy_territory()
    pipeline.compute = compute
    settings = Settings(database=SecretStr(url), requests_per_minute=1_000_000)
    serve(Studies([]), settings, listen(port))

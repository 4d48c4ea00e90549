"""A team at work on one server: 32 people for ten minutes, reading and writing together.

A server of its own is started, as `zones-blanches servir` does, with keys and a register in
SQLite, then in PostgreSQL when it is installed. People open pages, try posts, save the same
scenarios, give opinions, deposit tables, freeze versions, ask for computations. Prints the time
of each kind of request, the memory of the server at each minute, what was refused because
someone else was faster; then looks in the database for everything that was acknowledged.

Ends with 1 on any other refusal or error, or when something acknowledged is missing.

Usage: python benchmarks/team.py [--minutes M] [--clients N] [--bases sqlite postgresql]
"""

from __future__ import annotations

import argparse
import asyncio
import io
import os
import platform
import random
import re
import subprocess
import sys
import tempfile
import time
import zipfile
from contextlib import AsyncExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import quantiles
from typing import TYPE_CHECKING

import httpx

_ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(_ROOT / "tests"), str(_ROOT)]

from databases import KINDS, new_database  # noqa: E402 - once their folder is on the path
from team_study import REGION, SLUG, needs, study_files  # noqa: E402 - same reason
from team_work import Ledger, Person, finished  # noqa: E402 - same reason

from data.reference.territory import load_territory  # noqa: E402 - same reason
from data.store.engine import open_store  # noqa: E402 - same reason
from data.store.opinions import opinions_of  # noqa: E402 - same reason
from data.store.scenarios import revisions_of, scenarios_of  # noqa: E402 - same reason
from data.store.studies import study_of_slug, versions_of  # noqa: E402 - same reason
from data.store.tokens import issue_token  # noqa: E402 - same reason

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from data.store.engine import Store

SEED = 2023
PAUSE_S = 1.0
"""Mean time between two acts of one person."""

_TABLES = 5
_MINUTE_S = 60


class Server:
    """A server under way."""

    def __init__(self, address: str, pid: int) -> None:
        self.address = address
        self._pid = pid

    def memory_mb(self) -> float:
        """Return the memory that the server holds, in megabytes (Linux)."""
        status = Path(f"/proc/{self._pid}/status").read_text(encoding="utf-8")
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024  # type: ignore[index]


@contextmanager
def served(base: str, study: Path, log: Path) -> Iterator[Server]:
    """Serve a study with a register for the time of the block, without limit of pace."""
    own = {
        "ZONES_BLANCHES_BASE": base,
        "ZONES_BLANCHES_ACCES": "jetons",
        "ZONES_BLANCHES_DEMANDES_PAR_MINUTE": "1000000",
        "ZONES_BLANCHES_JOURNAL": "warning",
        "PYTHONPATH": os.pathsep.join([str(_ROOT), os.environ.get("PYTHONPATH", "")]),
    }
    with log.open("w", encoding="utf-8") as told:
        process = subprocess.Popen(
            [sys.executable, "-m", "api.cli", "servir", str(study), "--port", "0"],
            env={**os.environ, **own},
            stdout=subprocess.PIPE,
            stderr=told,
            text=True,
        )
        try:
            line = process.stdout.readline() if process.stdout else ""
            found = re.search(r"http://[0-9.:]+", line)
            if found is None:
                raise SystemExit(f"the server did not start: {log.read_text(encoding='utf-8')}")
            yield Server(found[0], process.pid)
        finally:
            process.terminate()
            process.wait()


def keys_of(store: Store, count: int) -> list[str]:
    """Return as many keys: planners of the région, one in four of the national level."""
    ends = datetime.now(UTC) + timedelta(days=1)
    with store.write("mesure") as write:
        return [
            issue_token(write, f"Poste {n}", "national", "", ends)
            if n % 4 == 0
            else issue_token(write, f"Poste {n}", "planificateur", REGION, ends)
            for n in range(count)
        ]


async def prepared(person: Person, files: Mapping[str, str]) -> None:
    """Deposit the study, freeze it and show it."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    file = {"fichier": ("etude.zip", packed.getvalue())}
    sent = await person.ask("prepared", "POST", "/registre/depots", 303, files=file)
    address = sent.headers["location"]
    async with person.http.stream("GET", f"{address}/evenements") as events:
        async for _ in events.aiter_raw():
            pass
    asked = {"depot": address.rpartition("/")[2], "identifiant": SLUG, "nom": "Corse"}
    await person.ask("prepared", "POST", "/registre/versions", 303, data=asked)
    path = f"/registre/{SLUG}/versions/1/service"
    shown = await person.ask("prepared", "POST", path, 303, data={"rien": ""})
    number = re.search(r"/calculs/(\d+)", shown.headers["location"])
    if number is not None:
        await finished(person, f"/api/v1/calculs/{number[1]}")
    await person.ask("prepared", "GET", f"/etudes/{SLUG}")


async def worked(
    server: Server, keys: list[str], files: Mapping[str, str], tables: list[bytes], minutes: float
) -> tuple[Ledger, list[float]]:
    """Let everyone work together; return what they saw, and the memory at each minute."""
    ledger, memory = Ledger(), list[float]()
    async with AsyncExitStack() as stack:
        people = [
            Person(
                number,
                await stack.enter_async_context(
                    httpx.AsyncClient(
                        base_url=server.address,
                        timeout=120,
                        headers={"authorization": f"Bearer {key}", "origin": server.address},
                    )
                ),
                ledger,
                random.Random(SEED + number),  # noqa: S311 - reproducible draws, no secret
                tables,
            )
            for number, key in enumerate(keys)
        ]
        await prepared(people[0], files)
        ledger.took.clear()
        until = time.monotonic() + minutes * _MINUTE_S
        work = asyncio.gather(*(person.work(until, PAUSE_S) for person in people))
        while not work.done():
            memory.append(server.memory_mb())
            print(f"  minute {len(memory) - 1}: {memory[-1]:.0f} MB", flush=True)
            await asyncio.wait([work], timeout=_MINUTE_S)
        await work
        memory.append(server.memory_mb())
    return ledger, memory


def missing(store: Store, ledger: Ledger) -> list[str]:
    """Return what was acknowledged and is not in the database."""
    with store.read() as session:
        study_id = study_of_slug(session, SLUG).study_id
        kept = {
            (name, row.revision, row.content["description"])
            for name in [each.name for each in scenarios_of(session, study_id)]
            for row in revisions_of(session, study_id, name)
        }
        said = {each.opinion.reason for each in opinions_of(session, study_id)}
        notes = {each.note for each in versions_of(session, study_id)}
    lost = [f"scenario {each}" for each in ledger.scenarios if each not in kept]
    lost += [f"opinion {each}" for each in ledger.opinions if each not in said]
    return lost + [f"version {each}" for each in ledger.notes if each not in notes]


def tell(ledger: Ledger, memory: list[float], minutes: float) -> None:
    """Print the figures."""
    count = sum(map(len, ledger.took.values()))
    print(f"  {count} requests, {count / minutes / _MINUTE_S:.1f} a second")
    print(f"  {'':<18}{'asked':>8}{'median':>9}{'95th':>9}{'most':>9}  (ms)  refused, expected")
    for kind, took in sorted(ledger.took.items()):
        cuts = quantiles(took, n=20, method="inclusive") if len(took) > 1 else took * 19
        figures = "".join(f"{each * 1000:9.0f}" for each in (cuts[9], cuts[18], max(took)))
        print(f"  {kind:<18}{len(took):8}{figures}        {ledger.conflicts.get(kind, 0):>7}")
    print(f"  memory: {memory[0]:.0f} MB at first, {memory[-1]:.0f} MB at last")
    written = (len(each) for each in (ledger.scenarios, ledger.opinions, ledger.notes))
    print("  acknowledged: {} scenarios, {} opinions, {} versions".format(*written))


def measured(kind: str, minutes: float, clients: int) -> bool:
    """Run on one kind of database, print, and tell whether nothing went wrong."""
    territory = load_territory()
    files = study_files(territory)
    tables = [needs(territory, seed=seed).encode() for seed in range(_TABLES)]
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        study, log = folder / "dossier", folder / "serveur.log"
        study.mkdir()
        for name, content in files.items():
            (study / name).write_text(content, encoding="utf-8")
        base = new_database(kind, folder)
        store = open_store(base)
        keys = keys_of(store, clients)
        print(f"{kind}, {clients} clients, {minutes:g} min", flush=True)
        with served(base, study, log) as server:
            ledger, memory = asyncio.run(worked(server, keys, files, tables, minutes))
        lost = missing(store, ledger)
        store.close()
        tell(ledger, memory, minutes)
        # What is not JSON in the log are the stages of the reading.
        told = [line for line in log.read_text(encoding="utf-8").splitlines() if line[:1] == "{"]
        wrong = [*ledger.wrong, *lost, *told]
        for line in wrong[:20]:
            print(f"  WRONG {line}")
        print(f"  {len(ledger.wrong)} wrong answers, {len(lost)} writes missing")
        return not (ledger.wrong or lost)


def main() -> int:
    """Run, print, return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--bases", nargs="+", choices=KINDS, default=list(KINDS))
    asked = parser.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    right = [measured(kind, asked.minutes, asked.clients) for kind in asked.bases]
    return 0 if all(right) else 1


if __name__ == "__main__":
    sys.exit(main())

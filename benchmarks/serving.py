"""Time the application on the national fictional example, as 1, 8 and 32 clients ask at once.

A server of its own is started, as `zones-blanches servir` does. Prints, for shapes, values, a
what-if that moves a random post and the page of a random zone: answers a second, median, 95th
and 99th centile; then the memory of the server before and after many requests of all kinds.

Usage: python benchmarks/serving.py [REQUESTS_PER_MEASURE] [REQUESTS_FOR_MEMORY]
"""

from __future__ import annotations

import asyncio
import os
import platform
import random
import re
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from typing import TYPE_CHECKING, Any

import httpx

from data.example.generate import write_example
from data.reference.territory import load_territory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CLIENTS = (1, 8, 32)
SEED = 2023
SLUG = "etude"
_ROOT = Path(__file__).parents[1]
_SHAPES = re.compile(r"/api/v1/fonds/[0-9a-f]{24}/france\.json")

Request = dict[str, Any]


@dataclass(frozen=True)
class Server:
    """A server under way."""

    address: str
    pid: int

    def memory_mb(self) -> float:
        """Return the memory that the server holds, in megabytes (Linux)."""
        status = Path(f"/proc/{self.pid}/status").read_text(encoding="utf-8")
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024  # type: ignore[index]


@contextmanager
def served(study: Path) -> Iterator[Server]:
    """Serve a study for the time of the block, without limit of pace."""
    unlimited = {"ZONES_BLANCHES_DEMANDES_PAR_MINUTE": "1000000", "ZONES_BLANCHES_JOURNAL": "error"}
    command = [sys.executable, "-m", "api.cli", "servir", str(study), "--port", "0"]
    path = os.pathsep.join([str(_ROOT), os.environ.get("PYTHONPATH", "")])
    process = subprocess.Popen(
        command,
        env={**os.environ, **unlimited, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        line = process.stdout.readline() if process.stdout else ""
        found = re.search(r"http://[0-9.:]+", line)
        if found is None:
            raise SystemExit("the server did not start")
        yield Server(found[0], process.pid)
    finally:
        process.terminate()
        process.wait()


def requests_of(server: Server) -> dict[str, Callable[[random.Random], Request]]:
    """Return what each kind of request asks."""
    here = f"/etudes/{SLUG}"
    with httpx.Client(base_url=server.address, timeout=120) as client:
        shapes = _SHAPES.search(client.get(f"{here}/carte").text)
        values = client.get(f"/api/v1{here}/valeurs").json()
        posts = len(client.get(f"/api/v1{here}/essais/donnees").json()["postes"])
    if shapes is None:
        raise SystemExit("the map names no shapes")
    zones = values["zones"]["id"]

    def moved(draw: random.Random) -> Request:
        etp = f"{draw.randrange(1, 80) / 20:.2f}"
        edit = {"action": "etp", "poste": draw.randrange(posts), "etp": etp}
        return {
            "method": "POST",
            "url": f"/api/v1{here}/essais",
            "json": {"modifications": [edit]},
        }

    return {
        "shapes": lambda _: {"method": "GET", "url": shapes[0]},
        "values": lambda _: {"method": "GET", "url": f"/api/v1{here}/valeurs"},
        "what-if": moved,
        "zone page": lambda draw: {"method": "GET", "url": f"{here}/zones/{draw.choice(zones)}"},
    }


async def asked(
    server: Server, make: Callable[[random.Random], Request], *, clients: int, count: int
) -> tuple[list[float], float]:
    """Return the seconds of each answer, sorted, and of the whole, as some clients ask together."""
    draw = random.Random(SEED)  # noqa: S311 - reproducible draws, no secret
    left = [make(draw) for _ in range(count)]
    took: list[float] = []

    async def ask() -> None:
        async with httpx.AsyncClient(base_url=server.address, timeout=300) as client:
            while left:
                request = left.pop()
                start = time.perf_counter()
                async with client.stream(**request) as answer:
                    async for _ in answer.aiter_raw():
                        pass
                took.append(time.perf_counter() - start)
                if answer.status_code != httpx.codes.OK:
                    raise SystemExit(f"{request['url']}: {answer.status_code}")

    start = time.perf_counter()
    await asyncio.gather(*(ask() for _ in range(clients)))
    return sorted(took), time.perf_counter() - start


def told(name: str, clients: int, took: list[float], whole: float) -> str:
    """Return a line of figures, in milliseconds."""
    cuts = quantiles(took, n=100, method="inclusive")
    figures = "".join(f"{cuts[rank] * 1000:9.1f}" for rank in (49, 94, 98))
    return f"  {name:<12}{clients:8}{len(took) / whole:10.1f}{figures}"


def main() -> None:
    """Run and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    many = int(sys.argv[2]) if len(sys.argv) > 2 else 10_000  # noqa: PLR2004 - second argument
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    with tempfile.TemporaryDirectory() as scratch:
        study = Path(scratch) / SLUG
        write_example(study, load_territory())
        with served(study) as server:
            kinds = requests_of(server)
            for make in kinds.values():
                asyncio.run(asked(server, make, clients=1, count=3))
            print(f"{count} requests a measure, everything asked once before")
            print(
                f"  {'':<12}{'clients':>8}{'a second':>10}{'median':>9}{'95th':>9}{'99th':>9}  (ms)"
            )
            for name, make in kinds.items():
                for clients in CLIENTS:
                    took, whole = asyncio.run(asked(server, make, clients=clients, count=count))
                    print(told(name, clients, took, whole), flush=True)
            before = server.memory_mb()
            every = list(kinds.values())
            asyncio.run(asked(server, lambda draw: draw.choice(every)(draw), clients=8, count=many))
            print(
                f"memory of the server: {before:.0f} MB, {server.memory_mb():.0f} MB after "
                f"{many} requests of all kinds"
            )


if __name__ == "__main__":
    main()

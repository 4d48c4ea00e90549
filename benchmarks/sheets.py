"""Time the sheets of two hundred applications of the national fictional example.

The study is computed and the bench worked out once. The example's own applications come first,
then others at random: an EPCI whole, or some communes around a zone retenue. Prints, for one
process: seconds of the bench, of the examinations, of the maps, of the PDF and of the DOCX.

Usage: python benchmarks/sheets.py [SHEETS]
"""

from __future__ import annotations

import os
import platform
import random
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from api.dossiers.cases import bench_of, cases_in
from coverage.dossiers.examine import examine
from coverage.study import compute
from data.example.generate import write_example
from data.reference.territory import load_territory
from data.study.reader import read_study
from maps.dossiers.content import main_volet
from maps.dossiers.sheet import sheet_pdf
from maps.dossiers.sheet_docx import sheet_docx
from maps.dossiers.static_map import static_map

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from coverage.dossiers.bench import Bench
    from coverage.dossiers.model import Case, Dossier

SEED = 2023
DOCUMENTS = 20
"""DOCX timed: each holds the same map once more, as an image."""


def cases(known: tuple[Case, ...], bench: Bench, count: int) -> Iterator[Case]:
    """Yield the example's applications, then as many more as asked for, at random places."""
    yield from known[:count]
    rng = random.Random(SEED)  # noqa: S311 - reproducible draws, no secret
    epci = list(bench.coverage.territory.members["epci"].items())
    zones = list(bench.coverage.zone_units.values())
    model = next(case for case in known if list(case.places) == ["facilitateur"])
    scope = model.places["facilitateur"][1]
    for number in range(count - len(known)):
        units = rng.choice(zones) if number % 2 else rng.choice(epci)[1]
        places = {"facilitateur": (tuple(sorted(units.tolist()))[:300], scope)}
        yield replace(model, application_id=f"tirage-{number}", places=places)


def timed(name: str, count: int, work: Callable[[], object]) -> None:
    """Run some work and print its seconds, whole and for one."""
    start, used = time.perf_counter(), time.process_time()
    work()
    seconds, cpu = time.perf_counter() - start, time.process_time() - used
    print(f"{name:<28} {seconds:7.2f} s ({cpu:.2f} of CPU), {1000 * seconds / count:.0f} ms each")


def main() -> None:
    """Print the seconds of each step."""
    count = int(sys.argv[1]) if sys.argv[1:] else 200
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    with tempfile.TemporaryDirectory() as folder:
        study = Path(folder) / "exemple"
        territory = load_territory()
        write_example(study, territory)
        coverage = compute(read_study(study, territory), territory)
        known = cases_in(coverage, study)
    bench = bench_of(coverage, known)
    dossiers: list[Dossier] = []
    timed("bench and first dossier", 1, lambda: examine(known[0], bench))
    asked = list(cases(known, bench, count))
    timed("examined", count, lambda: dossiers.extend(examine(case, bench) for case in asked))
    maps = [(each, main_volet(each)) for each in dossiers if each.claims]
    timed("maps alone", len(maps), lambda: [static_map(d, volet, bench) for d, volet in maps])
    sizes: list[int] = []
    timed(
        "PDF, map included", count, lambda: sizes.extend(len(sheet_pdf(d, bench)) for d in dossiers)
    )
    print(f"PDF: {sum(sizes) / count / 1000:.0f} kB each, {max(sizes) / 1000:.0f} at most")
    few = dossiers[:DOCUMENTS]
    timed("DOCX, map included", len(few), lambda: [sheet_docx(d, bench) for d in few])


if __name__ == "__main__":
    main()

"""Time trials on the fictional national study: what one edit would change, told from memory.

A seeded mix of edits, as people make them: mostly one ETP, then posts, perimeters, thresholds,
productivity. Prints the time of the engine, exact rates included, and of the whole computation.

Usage: python benchmarks/trials.py [LISTS]
"""

from __future__ import annotations

import os
import platform
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coverage.model import NATURES
from coverage.study import compute
from coverage.trials.edits import (
    Edit,
    EtpSet,
    ParameterSet,
    PerimeterAdded,
    PerimeterRemoved,
    PostAdded,
    PostRemoved,
    edited_study,
)
from coverage.trials.model import TrialModel
from data.example.generate import write_example
from data.reference.territory import load_territory
from data.study.reader import read_study

if TYPE_CHECKING:
    from coverage.model import Study
    from geo.territory import Territory

SEED = 20231
LISTS = 400
RUNS = 5

Make = Callable[[random.Random, "Study", "Territory"], Edit]


def etp(rng: random.Random) -> Fraction:
    """Return an ETP to the hundredth."""
    return Fraction(rng.randint(10, 300), 100)


def perimeter(niveau: str) -> Make:
    """Return what adds a perimeter of a level."""

    def make(rng: random.Random, study: Study, territory: Territory) -> Edit:
        code = rng.choice(list(territory.members[niveau]))
        return PerimeterAdded(rng.choice(study.structures.index), rng.choice(NATURES), niveau, code)

    return make


MIX: dict[str, tuple[int, Make]] = {
    "an ETP": (60, lambda rng, study, _: EtpSet(rng.randrange(len(study.posts)), etp(rng))),
    "a post more": (
        8,
        lambda rng, study, _: PostAdded(rng.choice(study.structures.index), etp(rng)),
    ),
    "a post less": (5, lambda rng, study, _: PostRemoved(rng.randrange(len(study.posts)))),
    "a commune more": (3, perimeter("commune")),
    "an EPCI more": (5, perimeter("epci")),
    "a département more": (3, perimeter("departement")),
    "a perimeter less": (
        5,
        lambda rng, study, _: PerimeterRemoved(rng.randrange(len(study.perimeters))),
    ),
    "a threshold": (
        5,
        lambda rng, _, __: ParameterSet("seuil_reponse", Fraction(rng.randint(50, 100), 100)),
    ),
    "the productivity": (
        6,
        lambda rng, _, __: ParameterSet("heures_par_etp", rng.randint(250, 450) * 100),
    ),
}
"""Weight in the mix, and maker, of each kind of edit."""


def timed(call: Callable[[], Any]) -> tuple[float, float]:
    """Return the milliseconds of a call, on the clock and of the processor."""
    clock, cpu = time.perf_counter(), time.process_time()
    call()
    return (time.perf_counter() - clock) * 1000, (time.process_time() - cpu) * 1000


def told(model: TrialModel, edits: list[Edit]) -> None:
    """Run one trial, and ask it for its exact rates."""
    outcome = model.outcome(edits)
    _ = outcome.taux, outcome.taux_etat


def line(name: str, spent: list[tuple[float, float]]) -> str:
    """Return median, 95th centile and most of some times."""
    texts = []
    for which in (0, 1):
        values = sorted(pair[which] for pair in spent)
        high = values[min(len(values) - 1, len(values) * 95 // 100)]
        texts.append(f"{statistics.median(values):7.1f} {high:7.1f} {values[-1]:7.1f}")
    return f"  {name:<20}{len(spent):5d} {texts[0]}   |{texts[1]}"


def main() -> None:
    """Run and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else LISTS
    territory = load_territory()
    with tempfile.TemporaryDirectory() as scratch:
        write_example(Path(scratch) / "etude", territory)
        study = read_study(Path(scratch) / "etude", territory)
    base = compute(study, territory)
    whole = statistics.median(timed(lambda: compute(study, territory))[1] for _ in range(RUNS))
    rng = random.Random(SEED)  # noqa: S311 - no secret
    weights = [weight for weight, _ in MIX.values()]
    kinds = rng.choices(list(MIX), weights, k=count)
    lists = [(kind, [MIX[kind][1](rng, study, territory)]) for kind in kinds]
    start = time.perf_counter()
    model = TrialModel(base)
    made = time.perf_counter() - start
    told(model, lists[0][1])
    spent: dict[str, list[tuple[float, float]]] = {kind: [] for kind in MIX}
    for kind, edits in lists:
        spent[kind].append(timed(lambda edits=edits: told(model, edits)))
    check(model, study, territory, lists[-1][1])
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(
        f"{len(study.structures)} structures, {len(base.atoms.table)} communes; model {made:.2f} s"
    )
    print("  milliseconds              median     95 %    most   | of processor")
    for kind, pairs in spent.items():
        if pairs:
            print(line(kind, pairs))
    every = [pair for pairs in spent.values() for pair in pairs]
    print(line("all", every))
    half = statistics.median(pair[1] for pair in every)
    print(f"the whole computation {whole:.0f} ms of processor: {whole / half:.0f} times the median")


def check(model: TrialModel, study: Study, territory: Territory, edits: list[Edit]) -> None:
    """Refuse to give figures of a wrong answer."""
    expected = compute(edited_study(study, territory, edits), territory).totals
    found = model.outcome(edits).totals
    if any(expected[name] != value for name, value in found.items()):
        raise SystemExit("a trial and the whole computation differ")


if __name__ == "__main__":
    main()

"""Time the exact plan on a synthetic national instance, and PySAL spopt's covering model beside it.

600 structures, 1,500 half-posts at 500 places, 83 ETP kept, 90 ETP and 5.4 M€ to share. The clock
is boxed (60 s by default); each goal is printed with its bound and its gap. spopt's maximal
coverage knows neither capacity nor money: it is run in an environment of its own, made in a
temporary folder, and its choice is measured by our network. Nothing is printed of it where it
cannot be installed.

Usage: python benchmarks/exact_plan.py [SECONDS]
"""

from __future__ import annotations

import json
import os
import platform
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pandas as pd

from coverage.parameters import CLASSES, Parameters
from coverage.proposals.attained import with_options
from coverage.proposals.exact import exact_plan
from coverage.proposals.hard_rules import hard_rules
from coverage.proposals.limits import limits_of
from coverage.proposals.model import Ask, Call, Option, PlanNetwork, Rule
from coverage.proposals.program import GOALS, build_program, group_options

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from coverage.model import Coverage

STRUCTURES, PLACES, EACH, KEPT = 600, 500, 3, 83
NODES, ZONES, REGIONS = 3_000, 300, 18
FULL_POST_HOURS = 35_000
STATE_CENTS = 3_122_000

SPOPT = """
import json, sys, time
import numpy, pulp
from spopt.locate import MCLP
data = json.load(open(sys.argv[1]))
cost = numpy.ones((len(data["needs"]), len(data["reach"])))
for k, nodes in enumerate(data["reach"]):
    cost[nodes, k] = 0
start = time.perf_counter()
needs = numpy.array(data["needs"])
model = MCLP.from_cost_matrix(cost, needs, 0.5, p_facilities=data["posts"])
built = time.perf_counter()
model = model.solve(pulp.PULP_CBC_CMD(msg=False, timeLimit=data["seconds"]), results=False)
chosen = [k for k, var in enumerate(model.fac_vars) if var.value() > 0.5]
print(json.dumps([chosen, built - start, time.perf_counter() - built]))
"""


def instance(seed: int = 1) -> tuple[Ask, PlanNetwork]:
    """Return a country of one unit by one: nodes, structures and places thrown at random."""
    rng = random.Random(seed)  # noqa: S311 - reproducible draws, no secret
    nodes = [(rng.random(), rng.random()) for _ in range(NODES)]
    supplies = [(rng.random(), rng.random()) for _ in range(STRUCTURES)]
    places = [(rng.random(), rng.random()) for _ in range(PLACES)]
    reach = [_near(at, supplies, 0.035) for at in nodes]
    level = [_level(rng, row) for row in reach]
    near = [_near(at, nodes, 0.03) for at in places]
    side = round(ZONES**0.5)
    options, offered = [], []
    for place, own in enumerate(near):
        host = f"S{rng.randrange(STRUCTURES):03d}"
        for rank in range(EACH):
            options.append(_option(f"p{place:03d}-{rank}", host))
            offered.append(own)
    options += [_option(f"k{rank:03d}", f"S{rank:03d}", 100) for rank in range(KEPT)]
    options = sorted(
        (_placed(option, number) for number, option in enumerate(options)),
        key=lambda option: option.option_id,
    )
    reach_of = {f"p{n // EACH:03d}-{n % EACH}": own for n, own in enumerate(offered)}
    brought = [reach_of.get(option.option_id, ()) for option in options]
    network = PlanNetwork(
        needs=tuple(rng.randint(500, 14_000) for _ in nodes),
        level=tuple(level),
        state=(0,) * NODES,
        reach=tuple(reach),
        capacities=tuple(rng.choice([17_500, 35_000]) for _ in supplies),
        options=tuple(brought),
        hours=tuple(FULL_POST_HOURS // 4 if own else 0 for own in brought),
        zone=tuple(int(x * side) * side + int(y * side) for x, y in nodes),
        zones=tuple(f"z{number:03d}" for number in range(side * side)),
        component=(0,) * NODES,
    )
    return Ask(_coverage(network), _call(), tuple(options)), network


def _near(
    at: tuple[float, float], others: Sequence[tuple[float, float]], radius: float
) -> tuple[int, ...]:
    return tuple(
        n for n, (x, y) in enumerate(others) if (x - at[0]) ** 2 + (y - at[1]) ** 2 < radius**2
    )


def _level(rng: random.Random, reach: tuple[int, ...]) -> int:
    if rng.random() < 0.3:  # noqa: PLR2004 - the share of priority hours
        return 0
    return 2 if reach else 1


def _option(name: str, structure: str, hundredths: int = 50) -> Option:
    state = STATE_CENTS * hundredths // 100
    return Option(
        option_id=name,
        structure_id=structure,
        structure_name=structure,
        emerging=False,
        collectivite=False,
        volet="facilitateur",
        hundredths=hundredths,
        scope=CLASSES,
        units=(),
        ground="zone_blanche",
        zone_ids=(),
        region="",
        origin="convention" if name.startswith("k") else "generee",
        cost_cents=state * 10 // 7,
        state_cents=state,
    )


def _placed(option: Option, number: int) -> Option:
    return Option(**{**option.__dict__, "region": f"{number * REGIONS // 1600:02d}"})


def _coverage(network: PlanNetwork) -> Coverage:
    zones = pd.DataFrame({"retenue": True}, index=list(network.zones))
    study = SimpleNamespace(parameters=Parameters(), regions=())
    return cast("Coverage", SimpleNamespace(zones=zones, study=study, regions=pd.DataFrame()))


def _call() -> Call:
    values: dict[str, int | str | bool] = {
        "budget_eur": 5_400_000,
        "objectif": 90,
        "unite_objectif": "etp",
        "conserves_d_abord": True,
    }
    rules = {name: Rule(name, value, "", "", "") for name, value in values.items()}
    return Call("essai", 2023, cast("date", None), "", rules)


def beside(ask: Ask, network: PlanNetwork, seconds: float) -> None:
    """Run spopt's maximal coverage on the same places, and measure its choice."""
    new = [k for k, option in enumerate(ask.options) if option.origin != "convention"]
    data = {
        "needs": list(network.needs),
        "reach": [list(network.options[k]) for k in new],
        "posts": 180,
        "seconds": seconds,
    }
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch)
        (home / "data.json").write_text(json.dumps(data), encoding="utf-8")
        (home / "run.py").write_text(SPOPT, encoding="utf-8")
        python = str(home / "env" / "bin" / "python")
        clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        try:
            subprocess.run([sys.executable, "-m", "venv", str(home / "env")], check=True)
            install = [python, "-m", "pip", "install", "--quiet", "spopt", "pulp"]
            subprocess.run(install, check=True, env=clean, cwd=home, capture_output=True)
            command = [python, "-W", "ignore", "run.py", "data.json"]
            done = subprocess.run(
                command, check=True, env=clean, cwd=home, capture_output=True, text=True
            )
        except (OSError, subprocess.CalledProcessError) as error:
            print(f"spopt could not be installed or run here, it is not compared: {error}")
            return
    chosen, building, solving = json.loads(done.stdout.splitlines()[-1])
    served = with_options(network, [new[k] for k in chosen])
    today = with_options(network, ())
    gains = [after - before for after, before in zip(served.hours, today.hours, strict=True)]
    print(
        f"spopt maximal coverage, no capacity, no money: {len(chosen)} half-posts, built in "
        f"{building:.1f} s, solved in {solving:.1f} s; with capacities it newly serves {gains} h"
    )


def main() -> None:
    """Run and print."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    ask, network = instance()
    limits = limits_of(ask)
    program = build_program(ask, network, group_options(ask, network, limits), hard_rules(ask), {})
    rows, columns = program.matrix.shape
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(
        f"{STRUCTURES} structures, {len(ask.options)} options, {NODES} nodes: {rows} rows, "
        f"{columns} columns ({len(program.groups)} groups)"
    )
    start = time.perf_counter()
    plan = exact_plan(ask, network, seconds=seconds)
    spent = time.perf_counter() - start
    for goal in GOALS:
        value, bound = plan.attained[goal], plan.bounds[goal]
        gap = abs(bound - value) / max(abs(value), 1)
        print(f"  {goal:<36}{value:>14,} bound {bound:>14,} gap {gap:8.4%}")
    posts = sum(ask.options[k].hundredths for k in plan.chosen if k not in limits.kept) / 100
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"  {posts:.2f} ETP, {spent:.1f} s for a box of {seconds:.0f} s, peak {peak:.0f} MB")
    beside(ask, network, seconds)


if __name__ == "__main__":
    main()

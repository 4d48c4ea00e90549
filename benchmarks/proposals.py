"""Time the ranked list, its replacement costs and 1,000 draws on a national synthetic instance.

600 structures, 1,500 options of which 83 ETP kept, 90 ETP and 5.4 M€: seeded, of the shape of
France (places of a département answer to a few structures, some reach their neighbours).

Usage: python benchmarks/proposals.py [DRAWS]
"""

from __future__ import annotations

import os
import platform
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from random import Random
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

from coverage.parameters import CLASSES, Parameters
from coverage.proposals.draws import DRAWS, solidity
from coverage.proposals.model import Ask, Call, Option, PlanNetwork, Rule
from coverage.proposals.ranking import build_contest, rank
from coverage.proposals.replacement import judge
from coverage.proposals.uncertainty import Kind, Uncertain

SEED = 2023
DEPARTEMENTS, PLACES, STRUCTURES, OPTIONS, KEPT = 100, 25, 600, 1_500, 166
NEIGHBOURS = 0.1
"""Share of structures that also reach the next département."""

TARGETS = {"ranked list": 10.0, "draws": 120.0}


def build(rng: Random) -> tuple[Ask, PlanNetwork, list[str]]:
    """Return an ask, its network and the structure of each existing post."""
    owners = [f"S{n:03d}" for n in range(STRUCTURES)]
    home = [n % DEPARTEMENTS for n in range(STRUCTURES)]
    reached: dict[tuple[int, int], list[int]] = {}
    for s, own in enumerate(home):
        for departement in {own, (own + (rng.random() < NEIGHBOURS)) % DEPARTEMENTS}:
            for place in rng.sample(range(PLACES), rng.randint(3, 12)):
                reached.setdefault((departement, place), []).append(s)
    nodes = []
    for departement in range(DEPARTEMENTS):
        for place in range(PLACES):
            held = tuple(sorted(reached.get((departement, place), ())))
            for level in (0, 2 if held else 1):
                hours = rng.randint(200, 9_000)
                nodes.append((departement, place, level, held, hours))
    options, near = [], []
    for k in range(OPTIONS):
        departement, kept = k % DEPARTEMENTS, k < KEPT
        places = set(rng.sample(range(PLACES), rng.randint(1, 10)))
        near.append(
            ()
            if kept
            else tuple(d for d, n in enumerate(nodes) if n[0] == departement and n[1] in places)
        )
        options.append(_option(k, rng.choice(owners), departement, kept=kept))
    network = PlanNetwork(
        needs=tuple(n[4] for n in nodes),
        level=tuple(n[2] for n in nodes),
        state=tuple(n[4] if n[2] == 0 else 0 for n in nodes),
        reach=tuple(n[3] for n in nodes),
        capacities=tuple(rng.randint(8_000, 30_000) for _ in owners),
        options=tuple(near),
        hours=tuple(0 if o.origin == "convention" else 8_750 for o in options),
        zone=tuple(n[0] for n in nodes),
        zones=tuple(f"z{n:03d}" for n in range(DEPARTEMENTS)),
        component=_components([n[3] for n in nodes], near),
    )
    coverage: Any = SimpleNamespace(
        zones=pd.DataFrame({"retenue": True}, index=list(network.zones)),
        communes=pd.DataFrame({"besoin_h": [10] * DEPARTEMENTS, "servi_h": [5] * DEPARTEMENTS}),
        regions=pd.DataFrame(index=["84"]),
        study=SimpleNamespace(parameters=Parameters(), regions=()),
    )
    return Ask(coverage, _call(), tuple(options)), network, owners


def _components(reach: list[tuple[int, ...]], options: list[tuple[int, ...]]) -> tuple[int, ...]:
    links = [(d, len(reach) + s) for d, row in enumerate(reach) for s in row]
    links += [(d, len(reach) + STRUCTURES + k) for k, row in enumerate(options) for d in row]
    size = len(reach) + STRUCTURES + OPTIONS
    rows, columns = zip(*links, strict=True)
    graph = coo_array((np.ones(len(links)), (rows, columns)), shape=(size, size))
    return tuple(connected_components(graph, directed=False)[1][: len(reach)].tolist())


def _option(k: int, structure: str, departement: int, *, kept: bool) -> Option:
    return Option(
        option_id=f"o{k:04d}",
        structure_id=structure,
        structure_name=structure,
        emerging=False,
        collectivite=False,
        volet="facilitateur",
        hundredths=50,
        scope=CLASSES,
        units=() if kept else (departement,),
        ground="zone_blanche",
        zone_ids=(),
        region="84",
        origin="convention" if kept else "generee",
        cost_cents=2_230_000,
        state_cents=1_561_000,
    )


def _call() -> Call:
    values: dict[str, int | str | bool] = {
        "budget_eur": 5_400_000,
        "objectif": 90,
        "unite_objectif": "etp",
        "conserves_d_abord": True,
        "porteuses_d_abord": True,
    }
    rules = {name: Rule(name, value, "", "", "") for name, value in values.items()}
    return Call("aap_2023", 2023, date(2023, 3, 29), "", rules)


def uncertain_of(ask: Ask, network: PlanNetwork, owners: list[str]) -> Uncertain:
    """Return the figures that draws move: half of the hours come from contracts."""
    structures = sorted({*owners, *(o.structure_id for o in ask.options)})
    at = {name: n for n, name in enumerate(structures)}
    kinds = tuple(Kind(family, effort=True, class_="etat") for family in ("45", "909", "77", "79"))
    part = np.array(network.needs, dtype=float)[:, np.newaxis] / (2 * len(kinds))
    return Uncertain(
        network=network,
        parameters=Parameters(),
        kinds=kinds,
        hours=csr_array(np.repeat(part, len(kinds), axis=1)),
        structures=tuple(structures),
        supplies=tuple(at[name] for name in owners),
        options=tuple(at[o.structure_id] for o in ask.options),
    )


def main() -> None:
    """Run and print."""
    draws = int(sys.argv[1]) if len(sys.argv) > 1 else DRAWS
    ask, network, owners = build(Random(SEED))  # noqa: S311 - reproducible, no secret
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    links = sum(map(len, network.reach)) + sum(map(len, network.options))
    print(
        f"{len(network.needs)} demand nodes, {STRUCTURES} structures, {OPTIONS} options,", end=" "
    )
    print(f"{links} links")
    start = time.perf_counter()
    ranked = rank(ask, network)
    seconds = time.perf_counter() - start
    funded = [row for row in ranked if row.funded]
    print(f"ranked list {seconds:.2f} s (target {TARGETS['ranked list']:.0f} s), ", end="")
    print(f"{len(funded)} funded, {sum(row.gains[-1] for row in funded)} h newly served")
    start = time.perf_counter()
    judged = judge(ask, network, ranked)
    seconds = time.perf_counter() - start
    print(
        f"replacement costs {seconds:.2f} s, {dict(Counter(r.class_ for r in judged if r.funded))}"
    )
    contest, uncertain = build_contest(ask, network), uncertain_of(ask, network, owners)
    for workers in (1, 2):
        start = time.perf_counter()
        with ProcessPoolExecutor(workers) as pool:
            found = solidity(
                contest,
                uncertain,
                rng=np.random.default_rng(SEED),
                draws=draws,
                executor=pool if workers > 1 else None,
            )
        seconds = time.perf_counter() - start
        print(
            f"{draws} draws, {workers} process: {seconds:.1f} s (target {TARGETS['draws']:.0f} s)"
        )
    sure = sum(firm.probability >= 0.95 for firm in found)  # noqa: PLR2004 - as the method's sure
    print(f"{sure} options funded in 95 % of draws or more")


if __name__ == "__main__":
    main()

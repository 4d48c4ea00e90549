"""Time the national computation stage by stage, territory cached, on the fictional example.

Prints each stage (median of the runs) and its share, the peak memory of the process, and how
much merging demand nodes saves on one maximum flow, in the same run.

Usage: python benchmarks/national.py [RUNS]
"""

from __future__ import annotations

import os
import platform
import resource
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import drawn
import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_flow

from api.pipeline import calculate
from coverage.atoms import build_atoms, structure_shares
from coverage.maxflow import bipartite_max_flow
from coverage.need import build_need, need_by_atom
from coverage.parameters import CLASSES
from coverage.perimeters import active_posts
from coverage.reach import build_reach
from coverage.response import EXTENSIONS, Nodes, merge_nodes
from coverage.supply import build_supply
from data.example.generate import write_example
from data.reference.territory import load_territory

if TYPE_CHECKING:
    from coverage.model import Coverage


def timed(study: Path, out: Path) -> tuple[dict[str, float], Coverage]:
    """Return the seconds of each stage of one whole run."""
    seconds: dict[str, float] = {}
    mark = {"name": "", "at": time.perf_counter()}

    def step(phrase: str) -> None:
        now = time.perf_counter()
        if mark["name"]:
            seconds[str(mark["name"])] = now - float(mark["at"])
        mark.update(name=phrase, at=now)

    coverage = calculate(study, out, on_step=step)
    step("")
    return seconds, coverage


def merging(coverage: Coverage) -> tuple[int, float, float]:
    """Return the merged nodes, and seconds of one maximum flow merged and unmerged."""
    study, territory = coverage.study, coverage.territory
    posts = active_posts(study)
    atoms = build_atoms(build_reach(study, territory, posts, volet="facilitateur"), territory)
    need = build_need(study, territory)
    supply = build_supply(study, territory, posts, structure_shares(atoms), need.known)
    nodes = merge_nodes(need_by_atom(need, atoms), atoms, supply, classes=CLASSES, kind=EXTENSIONS)
    capacities = supply.table["hours"].tolist()
    start = time.perf_counter()
    merged = bipartite_max_flow(nodes.needs, capacities, nodes.reach).value
    middle = time.perf_counter()
    plain = unmerged_flow(nodes, capacities)
    end = time.perf_counter()
    if merged != plain:
        raise SystemExit(f"the two flows differ: {merged} and {plain}")
    return len(nodes.needs), middle - start, end - middle


def unmerged_flow(nodes: Nodes, capacities: list[int]) -> int:
    """Return the maximum flow with one demand node for each (commune, class)."""
    atom, class_ = np.nonzero(nodes.of_atom >= 0)
    asked = nodes.hours[atom, class_].tolist()
    reach = [nodes.reach[n] for n in nodes.of_atom[atom, class_].tolist()]
    source, sink = len(asked) + len(capacities), len(asked) + len(capacities) + 1
    arcs = [(source, i, hours) for i, hours in enumerate(asked)]
    arcs += [(i, len(asked) + j, asked[i]) for i, row in enumerate(reach) for j in row]
    arcs += [(len(asked) + j, sink, hours) for j, hours in enumerate(capacities)]
    tail, head, capacity = np.array(arcs).T
    shape = (sink + 1, sink + 1)
    graph = csr_array((capacity.astype(np.int32), (tail, head)), shape=shape)
    return int(maximum_flow(graph, source, sink).flow_value)


def main() -> None:
    """Run and print."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    with tempfile.TemporaryDirectory() as scratch:
        study = Path(scratch) / "etude"
        write_example(study, load_territory())
        seconds, coverage = timed(study, Path(scratch) / "sortie")
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        every = [seconds]
        every += [timed(study, Path(scratch) / "sortie")[0] for _ in range(runs - 1)]
    stages = {name: statistics.median(run[name] for run in every) for name in seconds}
    total = sum(stages.values())
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"median of {runs} runs, territory cached")
    for name, seconds in stages.items():
        print(f"  {name:<48}{seconds:7.2f} s {seconds / total:6.1%}")
    print(f"  {'whole':<48}{total:7.2f} s")
    print(f"  peak memory of one run {peak:.0f} MB")
    count, merged, plain = merging(coverage)
    print(
        f"one maximum flow: {count} merged nodes {merged * 1000:.1f} ms, unmerged "
        f"{plain * 1000:.0f} ms, ratio {plain / merged:.0f}"
    )


if __name__ == "__main__":
    main()
    drawn.main()

"""Damage two thousand studies and count how each ends, by kind of damage.

    python benchmarks/mutations.py [FIRST LAST]

Ends with 1 when a damaged study crashed, hung, or changed a number in silence.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / part) for part in ("tests", "")]

from mutations import damaged  # noqa: E402 - once their folder is on the path
from test_mutations import OUTCOMES, emptied, outcome  # noqa: E402 - same reason

DAMAGES = 2_000
WRONG = "wrong"
FAMILIES = ("cell", "line", "encoding", "XML cell", "workbook", "geometry")


def family(kind: str) -> str:
    """Return what is damaged: cells, lines, geometry…, else the bytes of the file."""
    return next((each for each in FAMILIES if kind.startswith(each)), "") or (
        "members and attributes" if kind.endswith(("document", "lost")) else "bytes"
    )


def main(first: int = 0, last: int = DAMAGES) -> int:
    """Run the damages of these seeds, print the counts and return the exit code."""
    ends: Counter[tuple[str, str, str]] = Counter()
    longest = 0.0
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for seed in range(first, last):
            damage = damaged(seed)
            began = time.perf_counter()
            try:
                end = outcome(damage, emptied(folder))
            except Exception as error:  # noqa: BLE001 - a crash is what is looked for
                end = WRONG
                print(f"seed {seed}, {damage.form}, {damage.kind}, {damage.file}: {error!r:.300}")
            longest = max(longest, time.perf_counter() - began)
            ends[damage.form, family(damage.kind), end] += 1
    _print(ends)
    took = time.perf_counter() - start
    print(f"{last - first} damaged studies in {took:.0f} s, the longest {longest:.1f} s")
    return int(any(end == WRONG for *_, end in ends))


def _print(ends: Counter[tuple[str, str, str]]) -> None:
    titles = (*OUTCOMES, WRONG)
    print(f"{'form':10}{'damage':24}{'number':>8}" + "".join(f"{end:>12}" for end in titles))
    rows = sorted({(form, kind) for form, kind, _ in ends})
    for form, kind in rows:
        counts = [ends[form, kind, end] for end in titles]
        print(f"{form:10}{kind:24}{sum(counts):8}" + "".join(f"{count:12}" for count in counts))
    totals = [sum(n for (*_, each), n in ends.items() if each == end) for end in titles]
    print(f"{'all':34}{sum(totals):8}" + "".join(f"{count:12}" for count in totals))


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))

"""Which EPCI (or EPT) a claim takes whole, and which it cuts."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from coverage.wording import THIN, listing, percent, plural

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from coverage.dossiers.bench import Bench
    from coverage.dossiers.model import Claim

_TOLD = 3


@dataclass(frozen=True)
class CutEpci:
    """An EPCI of which the claim takes a part.

    Attributes
    ----------
    taken, count
        Communes claimed, and all.
    people
        Part of its inhabitants claimed, None when none is known.
    left
        Communes left aside that are zone blanche, whole or in part.
    """

    name: str
    taken: int
    count: int
    people: Fraction | None
    left: int


def epci_of(claim: Claim, bench: Bench) -> tuple[tuple[CutEpci, ...], int]:
    """Return the EPCI (or EPT) that a claim cuts, and how many it takes whole."""
    holdings, territory = bench.holdings, bench.coverage.territory
    inside = set(claim.units)
    cut, complete = [], 0
    for code in sorted({holdings.epci[unit] for unit in claim.units} - {""}):
        units = holdings.epci_units[code]
        left = [unit for unit in units if unit not in inside]
        if not left:
            complete += 1
            continue
        people = territory.population[list(units)]
        total, gone = int(people.sum()), int(territory.population[left].sum())
        rows = bench.claim_rows(left)
        white = bench.today.unit[rows][bench.today.white[rows]]
        names = (territory.names[level].get(code) for level in ("ept", "epci"))
        cut.append(
            CutEpci(
                name=next((str(name) for name in names if name), code),
                taken=len(units) - len(left),
                count=len(units),
                people=Fraction(total - gone, total) if total else None,
                left=len(set(white.tolist())),
            )
        )
    return tuple(cut), complete


def epci_doubts(cut: Sequence[CutEpci]) -> Iterator[str]:
    """Yield, in a few French words, what cut EPCI make doubtful."""
    if any(each.left for each in cut):
        yield "des communes blanches laissées de côté dans un EPCI coupé"


def epci_reasons(cut: Sequence[CutEpci], complete: int) -> Iterator[str]:
    """Yield, in French, which EPCI a claim takes whole and which it cuts."""
    if complete:
        yield f"EPCI (ou EPT) pris en entier{THIN}: {complete}."
    if not cut:
        return
    first = sorted(cut, key=lambda each: (-each.left, -each.taken, each.name))[:_TOLD]
    told = [_cut_words(each) for each in first]
    others = len(cut) - len(first)
    if others:
        told.append(plural(others, "autre", "autres"))
    yield f"EPCI (ou EPT) pris en partie{THIN}: {listing(told)}."
    left = sum(each.left for each in cut)
    if left:
        count = plural(left, "commune blanche", "communes blanches")
        verb = "reste" if left == 1 else "restent"
        yield f"Dans ces EPCI, {count} {verb} hors du périmètre demandé."


def _cut_words(each: CutEpci) -> str:
    people = "" if each.people is None else f", {percent(each.people)} des habitants"
    return f"{each.name} ({plural(each.taken, 'commune', 'communes')} sur {each.count}{people})"

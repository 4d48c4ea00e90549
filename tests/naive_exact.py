"""The best plan by trying every subset, from the method alone: no solver but for one small LP."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations
from math import ceil
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import linprog

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from coverage.proposals.model import Ask, PlanNetwork


def subsets(count: int) -> Iterator[tuple[int, ...]]:
    for size in range(count + 1):
        yield from combinations(range(count), size)


def hours(
    network: PlanNetwork, chosen: Sequence[int], level: int, extended: Sequence[int] = ()
) -> int:
    """The maximum flow as the least of all cuts: some demands given up, the others' suppliers.

    A post that only extensions join to these is cut from them at what it has to spare.
    """
    joined = {pair for e in extended for pair in network.extensions[e]}
    nodes = [d for d, own in enumerate(network.level) if own <= level]
    cuts = []
    for given_up in subsets(len(nodes)):
        left = [d for number, d in enumerate(nodes) if number not in given_up]
        suppliers = {s for d in left for s in network.reach[d]}
        lenders = {s for d, s in joined if d in left} - suppliers
        taken = [k for k in chosen if set(left) & set(network.options[k])]
        cut = sum(network.needs[nodes[number]] for number in given_up)
        cut += sum(network.capacities[s] for s in suppliers)
        cut += sum(network.spare[s] for s in lenders)
        cuts.append(cut + sum(network.hours[k] for k in taken))
    return min(cuts)


def faults(ask: Ask, chosen: Sequence[int]) -> set[str]:
    """Names of the rules that a set of options breaks."""
    return _sums_broken(ask, chosen) | _decisions_broken(ask, chosen)


def _sums_broken(ask: Ask, chosen: Sequence[int]) -> set[str]:
    value = {name: rule.value for name, rule in ask.call.rules.items() if rule.active}
    options = [ask.options[k] for k in chosen]
    new = [own for own in options if own.origin != "convention"]
    found = set()
    if sum(own.state_cents for own in options) > value["budget_eur"] * 100:
        found.add("budget")
    by_post = value["unite_objectif"] == "postes"
    if sum(ceil(own.etp) if by_post else own.etp for own in new) > value["objectif"]:
        found.add("objectif")
    for region in ("32", "84"):
        own = sum((o.etp for o in new if o.region == region), Fraction(0))
        if own < value.get("plancher_regional_etp", 0):
            found.add(f"plancher {region}")
        if own > value.get("plafond_regional_etp", 1000):
            found.add(f"plafond {region}")
    return found


def _decisions_broken(ask: Ask, chosen: Sequence[int]) -> set[str]:
    taken = {ask.options[k].option_id for k in chosen}
    asides = {row.option_id for row in ask.aside}
    kept = {own.option_id for own in ask.options if own.origin == "convention"}
    found = {f"verrou {name}" for name in ask.locked if name not in taken}
    found |= {f"refus {name}" for name in ask.refused if name in taken}
    found |= {f"ecart {name}" for name in asides & taken}
    return found | ({"conserves"} if kept - taken else set())


def liftable(
    ask: Ask, network: PlanNetwork, chosen: Sequence[int], extended: Sequence[int] = ()
) -> int:
    """Most zones retenues lifted by one flow that attains every goal of hours."""
    threshold = ask.coverage.study.parameters.seuil_reponse
    asked = {
        z: sum(n for n, own in zip(network.needs, network.zone, strict=True) if own == z)
        for z in range(len(network.zones))
    }
    kept = [
        z
        for z, name in enumerate(network.zones)
        if asked[z] and ask.coverage.zones["retenue"][name]
    ]
    return max(
        len(own)
        for own in ([kept[n] for n in numbers] for numbers in subsets(len(kept)))
        if _feasible(network, chosen, {z: ceil(threshold * asked[z]) for z in own}, extended)
    )


def _feasible(
    network: PlanNetwork,
    chosen: Sequence[int],
    least: dict[int, int],
    extended: Sequence[int] = (),
) -> bool:
    arcs = [(d, ("s", s)) for d, row in enumerate(network.reach) for s in row]
    arcs += [(d, ("o", k)) for k in chosen for d in network.options[k]]
    arcs += [(d, ("e", s)) for d, s in {p for e in extended for p in network.extensions[e]}]
    rows, high = [], []

    def at_most(flags: list[bool], bound: int, sign: int = 1) -> None:
        rows.append([sign * flag for flag in flags])
        high.append(sign * bound)

    for d, need in enumerate(network.needs):
        at_most([a == d for a, _ in arcs], need)
    for s, capacity in enumerate(network.capacities):
        at_most([j in {("s", s), ("e", s)} for _, j in arcs], capacity)
    for s, spare in enumerate(network.spare):
        at_most([j == ("e", s) for _, j in arcs], spare)
    for k in chosen:
        at_most([j == ("o", k) for _, j in arcs], network.hours[k])
    for level in range(3):
        most = hours(network, chosen, level, extended)
        at_most([network.level[d] <= level for d, _ in arcs], most, -1)
    for zone, bound in least.items():
        at_most([network.zone[d] == zone for d, _ in arcs], bound, -1)
    if not arcs:
        return min(high, default=0) >= 0
    return bool(linprog(np.zeros(len(arcs)), A_ub=np.array(rows, dtype=float), b_ub=high).success)


def best(ask: Ask, network: PlanNetwork) -> tuple[int, ...] | None:
    """Hours newly served by goal, zones, structures, State cents and extensions of the best plan.

    The last only where there are extensions.
    """
    kept = [chosen for chosen in subsets(len(ask.options)) if not faults(ask, chosen)]
    plans = [(chosen, own) for chosen in kept for own in subsets(len(network.extensions))]
    for level in range(3):
        values = {plan: hours(network, plan[0], level, plan[1]) for plan in plans}
        plans = [plan for plan in plans if values[plan] == max(values.values())]
    scores = [
        (
            liftable(ask, network, chosen, extended),
            -len({ask.options[k].structure_id for k in chosen}),
            -sum(ask.options[k].state_cents for k in chosen),
            -len(extended),
        )
        for chosen, extended in plans
    ]
    if not scores:
        return None
    zones, structures, cents, extensions = max(scores)
    chosen, extended = plans[0]
    gains = [hours(network, chosen, g, extended) - hours(network, (), g) for g in range(3)]
    tail = (-extensions,) if network.extensions else ()
    return (*gains, zones, -structures, -cents, *tail)

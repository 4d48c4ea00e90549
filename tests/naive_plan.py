"""Plans of the naive reference: every hour by (atom, class), every gain by a whole flow."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from itertools import combinations
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pandas as pd
from naive_flows import augmented_flow

from coverage.parameters import CLASSES, Parameters
from coverage.proposals.model import Ask, Call, Option, PlanNetwork, Rule

if TYPE_CHECKING:
    import random
    from collections.abc import Collection, Iterable, Sequence

    from coverage.model import Coverage

HALF = 50
Values = tuple[int, int, int]


# --- small asks -------------------------------------------------------------------------------


def option(name: str, units: Iterable[int] = (), **others: Any) -> Option:  # noqa: ANN401
    base = Option(
        option_id=name,
        structure_id=f"s-{name}",
        structure_name=f"Structure {name}",
        emerging=False,
        collectivite=False,
        volet="facilitateur",
        hundredths=HALF,
        scope=CLASSES,
        units=tuple(sorted(units)),
        ground="zone_blanche",
        zone_ids=(),
        region="84",
        origin="generee",
        cost_cents=2_230_000,
        state_cents=1_561_000,
    )
    return replace(base, **others)


def call(objective: int | None = 90, budget_eur: int | None = 5_400_000, **others: Any) -> Call:  # noqa: ANN401
    values = {"objectif": objective, "budget_eur": budget_eur, "unite_objectif": "etp"}
    values |= {"conserves_d_abord": True, "porteuses_d_abord": True, **others}
    rules = {
        name: Rule(name, value, "", "", "") for name, value in values.items() if value is not None
    }
    return Call("aap_2023", 2023, date(2023, 1, 1), "", rules)


def asked(
    network: PlanNetwork,
    options: Sequence[Option],
    own_call: Call,
    *,
    retained: Collection[str] = (),
    communes: Sequence[tuple[int, int]] = ((0, 0),),
    **others: Any,  # noqa: ANN401
) -> Ask:
    """Return an ask whose coverage is only what a ranking reads of it.

    Parameters
    ----------
    communes
        Need and hours served of each unit.
    """
    coverage: Any = SimpleNamespace(
        zones=pd.DataFrame({"retenue": [z in retained for z in network.zones]}, network.zones),
        communes=pd.DataFrame(communes, columns=["besoin_h", "servi_h"]),
        regions=pd.DataFrame(index=["32", "84"]),
        study=SimpleNamespace(parameters=Parameters(), regions=()),
    )
    return Ask(coverage, own_call, tuple(options), **others)


def random_network(rng: random.Random, options: int = 6) -> PlanNetwork:
    """Return a small network whose figures are small enough to tie and to share."""
    nodes, supplies = rng.randint(1, 7), rng.randint(0, 4)

    def some(count: int) -> tuple[int, ...]:
        return tuple(k for k in range(count) if rng.random() < 0.4)

    needs = tuple(rng.randint(1, 12) for _ in range(nodes))
    network = PlanNetwork(
        needs=needs,
        level=tuple(rng.randint(0, 2) for _ in range(nodes)),
        state=tuple(rng.randint(0, need) for need in needs),
        reach=tuple(some(supplies) for _ in range(nodes)),
        capacities=tuple(rng.randint(0, 12) for _ in range(supplies)),
        options=tuple(some(nodes) for _ in range(options)),
        hours=tuple(rng.choice((0, 3, 6, 6)) for _ in range(options)),
        zone=tuple(rng.randint(0, 2) for _ in range(nodes)),
        zones=("z0", "z1", "z2"),
        component=(0,) * nodes,
    )
    return replace(network, component=components(network))


def components(network: PlanNetwork) -> tuple[int, ...]:
    """Return the component of each demand node, by joining labels until nothing changes."""
    groups = [{d for d, row in enumerate(network.reach) if s in row} for s in range(99)]
    groups += [set(row) for row in network.options]
    label = list(range(len(network.needs)))
    for _ in label:
        for group in filter(None, groups):
            least = min(label[d] for d in group)
            for d in group:
                label[d] = least
    found = {name: number for number, name in enumerate(dict.fromkeys(label))}
    return tuple(found[name] for name in label)


# --- hours --------------------------------------------------------------------------------------


def served(network: PlanNetwork, chosen: Collection[int], nodes: Collection[int]) -> int:
    """Return the most hours of some demand nodes that posts and chosen options can serve."""
    supply: dict[Any, int] = dict(enumerate(network.capacities))
    supply |= {("option", k): network.hours[k] for k in chosen}
    links = {
        d: [*network.reach[d], *(("option", k) for k in chosen if d in network.options[k])]
        for d in nodes
    }
    return augmented_flow({d: network.needs[d] for d in nodes}, supply, links)


def values(network: PlanNetwork, chosen: Collection[int]) -> Values:
    """Return the most hours by goal."""
    by_goal = [
        served(network, chosen, [d for d, level in enumerate(network.level) if level <= g])
        for g in range(3)
    ]
    return by_goal[0], by_goal[1], by_goal[2]


def lifted(ask: Ask, network: PlanNetwork, chosen: Collection[int]) -> int:
    """Return how many zones retenues could have their threshold answered, each for itself."""
    count = 0
    for number, zone in enumerate(network.zones):
        nodes = [d for d, own in enumerate(network.zone) if own == number]
        need = sum(network.needs[d] for d in nodes)
        threshold = ask.coverage.study.parameters.seuil_reponse
        if ask.coverage.zones["retenue"][zone] and any(
            set(row) & set(nodes) for row in network.options
        ):
            count += served(network, chosen, nodes) >= threshold * need
    return count


# --- ranks --------------------------------------------------------------------------------------


def ranked(
    ask: Ask, network: PlanNetwork, *, without: Collection[str] = ()
) -> list[tuple[str, Values, bool]]:
    """Return identifier, gains and whether funded, in order: every option is tried each time."""
    out = {*(b.option_id for b in ask.aside), *(ask.refused or ()), *without}
    imposed = set(ask.locked or ())
    left = [
        k
        for k, o in enumerate(ask.options)
        if o.option_id not in out
        and (o.volet == "facilitateur" or o.origin == "convention" or o.option_id in imposed)
    ]
    chosen: list[int] = []
    found = []
    cents, hundredths, fits = Fraction(0), 0, True
    while left:
        before = values(network, chosen), lifted(ask, network, chosen)
        present = {ask.options[k].structure_id for k in chosen if ask.options[k].emerging}
        tried = []
        for k in left:
            own = ask.options[k]
            after = values(network, [*chosen, k])
            gains = tuple(b - a for a, b in zip(before[0], after, strict=True))
            phase = _phase(ask, own, [ask.options[n] for n in chosen])
            communes = ask.coverage.communes.iloc[list(own.units)]
            need = int(communes["besoin_h"].sum())
            rate = Fraction(int(communes["servi_h"].sum()), need) if need else Fraction(1)
            key = (
                phase,
                *(-Fraction(gain) / own.etp for gain in gains),
                before[1] - lifted(ask, network, [*chosen, k]),
                ask.call.value("porteuses_d_abord")
                and own.emerging
                and own.structure_id not in present,
                rate,
                -sum(network.state[d] for d in network.options[k]),
                own.option_id,
            )
            tried.append((key, k, gains))
        key, k, gains = min(tried)
        own = ask.options[k]
        cents += own.state_cents
        hundredths += 0 if own.origin == "convention" else own.hundredths
        fits = fits and key[0] < LAST and _within(ask.call, cents, hundredths)
        found.append((own.option_id, gains, fits))
        chosen.append(k)
        left.remove(k)
    return found


LAST = 4


def _phase(ask: Ask, own: Option, before: Sequence[Option]) -> int:
    """Kept, imposed, under the floor of its région, others, or over its ceiling."""
    rules = ask.call.rules
    new = [o for o in [*before, own] if o.origin != "convention" and o.region == own.region]
    least, most = (rules.get(f"{noun}_regional_etp") for noun in ("plancher", "plafond"))
    total = sum((o.etp for o in new), Fraction(0))
    if most is not None and own in new and total > Fraction(most.value):
        return LAST
    if own.origin == "convention" and ask.call.value("conserves_d_abord"):
        return 0
    if own.option_id in (ask.locked or ()):
        return 1
    there = total - (own.etp if own in new else 0)
    return 2 if least is not None and there < Fraction(least.value) else 3


def _within(own_call: Call, cents: Fraction, hundredths: int) -> bool:
    rules = own_call.rules
    budget, objective = (rules.get(name) for name in ("budget_eur", "objectif"))
    return (budget is None or cents <= Fraction(budget.value) * 100) and (
        objective is None or hundredths <= Fraction(objective.value) * 100
    )


def best(network: PlanNetwork, goal: int, count: int) -> int:
    """Return the most hours of a goal that some number of options can serve."""
    options = range(len(network.options))
    return max(
        values(network, chosen)[goal]
        for chosen in combinations(options, min(count, len(network.options)))
    )


# --- the network of a coverage ------------------------------------------------------------------


def place_hours(coverage: Coverage) -> dict[tuple[int, str, int], int]:
    """Return the hours of each (unit, class, level) of a coverage whose communes are not cut."""
    found: dict[tuple[int, str, int], int] = {}
    held = {
        int(row.unit): any(
            nature != "extension" for _, nature in coverage.atoms.signatures[int(row.signature)]
        )
        for row in coverage.atoms.table.itertuples()
    }
    for part in coverage.need.parts.itertuples():
        state = part.donneur_ordre in ("etat", "operateurs_etat")
        priority = state or part.programme not in ("", "autre")
        level = 0 if priority else 2 if held[int(part.unit)] else 1
        key = (int(part.unit), str(part.donneur_ordre), level)
        found[key] = found.get(key, 0) + int(part.hours)
    return found


def coverage_values(
    coverage: Coverage, supplies: dict[str, tuple[int, Sequence[int], Sequence[str]]]
) -> Values:
    """Return the most hours by goal from unmerged places.

    Parameters
    ----------
    supplies
        Hours, units and classes of each supply node.
    """
    places = place_hours(coverage)
    found = []
    for goal in range(3):
        needs = {key: hours for key, hours in places.items() if key[2] <= goal}
        links = {
            key: [
                s
                for s, (_, units, scope) in supplies.items()
                if key[0] in units and key[1] in scope
            ]
            for key in needs
        }
        found.append(augmented_flow(needs, {s: own[0] for s, own in supplies.items()}, links))
    return found[0], found[1], found[2]

"""The ranked list: which post comes next, whatever the envelope (method, section 8).

At each rank the post chosen is the one that adds most for each ETP, by goal in order, then the one
that lifts most zones, then the one that needs no new structure; equal posts are told apart by the
lowest current rate of their place, then its State hours, then their identifier. Gains only shrink
as posts are chosen (`coverage.proposals.gains`), so an old gain is an upper bound: a post whose
gain is measured anew and still comes first is chosen without looking at the others.

Kept and imposed posts come first, and regional floors and ceilings set phases as posts are chosen
(`coverage.proposals.phases`): a phase only grows, so that an old key still bounds a new one.

Sources: M. Minoux, *Accelerated greedy algorithms for maximizing submodular set functions* (1978);
G. L. Nemhauser, L. A. Wolsey and M. L. Fisher, Mathematical Programming 14 (1978).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from heapq import heapify, heappop, heappush
from math import lcm
from typing import TYPE_CHECKING

import numpy as np

from coverage.proposals.gains import Edges, Flow
from coverage.proposals.limits import Limits, flag_of, limits_of
from coverage.proposals.model import Ranked
from coverage.proposals.phases import CAPPED, OTHERS, Phases, first_phase
from coverage.proposals.zone_lifts import Lifts, Zone, zones_to_lift

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from coverage.proposals.gains import Gains
    from coverage.proposals.model import Ask, Option, PlanNetwork

Key = tuple[int, int, int, int, int, bool, int, int, int]
"""Phase, gains per ETP by goal and zones lifted (all negative), new structure, ties, position."""

SAME = 4
"""Leading parts of a key that tell equal gains."""


@dataclass(frozen=True)
class Contest:
    """What ranks are decided from, by position in `Ask.options`.

    Attributes
    ----------
    phase
        Before floors and ceilings; None for those that are never chosen.
    scale
        What hours are multiplied by to compare them for each ETP in whole numbers.
    carrying_first
        Whether equal posts go to structures that the plan holds already.
    ties
        Order of the current rate of the place among others, State hours (negative).
    zones
        Those retenues, to be lifted to `seuil_reponse`.
    """

    network: PlanNetwork
    options: Sequence[Option]
    limits: Limits
    edges: Edges
    phase: tuple[int | None, ...]
    scale: tuple[int, ...]
    carrying_first: bool
    ties: tuple[tuple[int, int], ...]
    zones: tuple[Zone, ...]


@dataclass(frozen=True)
class Pick:
    """One rank: the option, its gains and the key that it was chosen by."""

    option: int
    gains: Gains
    key: Key


def rank(ask: Ask, network: PlanNetwork) -> tuple[Ranked, ...]:
    """Return the options in order, those that the envelope reaches marked as funded.

    Those refused, kept aside, and coordinators to be decided on their own list are left out.
    """
    contest = build_contest(ask, network)
    wallet = Wallet(contest)
    ranked = []
    for number, pick in enumerate(Race.start(contest).picks(), start=1):
        option = ask.options[pick.option]
        capped = pick.key[0] == CAPPED
        ranked.append(
            Ranked(option, number, pick.gains, wallet.pays(pick.option), above_ceiling=capped)
        )
    return tuple(ranked)


def build_contest(ask: Ask, network: PlanNetwork) -> Contest:
    """Return what the ranks of an ask are decided from."""
    limits = limits_of(ask)
    whole = lcm(*(option.hundredths for option in ask.options))
    state = np.array(network.state, dtype=np.int64)
    threshold = ask.coverage.study.parameters.seuil_reponse
    kept = ask.coverage.zones["retenue"]
    rates = _place_rates(ask)
    order = {rate: number for number, rate in enumerate(sorted(set(rates)))}
    return Contest(
        network=network,
        options=ask.options,
        limits=limits,
        edges=Edges.of(
            levels=network.level,
            reach=network.reach,
            supplies=len(network.capacities),
            options=network.options,
        ),
        phase=tuple(first_phase(k, limits) for k in range(len(ask.options))),
        scale=tuple(whole // option.hundredths for option in ask.options),
        carrying_first=flag_of(ask.call, "porteuses_d_abord"),
        ties=tuple(
            (order[rate], -int(state[list(nodes)].sum()))
            for rate, nodes in zip(rates, network.options, strict=True)
        ),
        zones=zones_to_lift(
            network, [threshold if kept[zone] else Fraction(0) for zone in network.zones]
        ),
    )


def _place_rates(ask: Ask) -> list[Fraction]:
    """Return the part of the need of each option's place that is answered today, 1 without need."""
    communes = ask.coverage.communes
    need, served = (communes[name].to_numpy(dtype=np.int64) for name in ("besoin_h", "servi_h"))
    rates = []
    for option in ask.options:
        units = list(option.units)
        asked = int(need[units].sum())
        rates.append(Fraction(int(served[units].sum()), asked) if asked else Fraction(1))
    return rates


class Wallet:
    """What is left of the envelope; it closes at the first post that does not fit."""

    def __init__(self, contest: Contest) -> None:
        limits = contest.limits
        self._contest = contest
        self._cents, self._posts = limits.budget_cents, limits.objective
        self._phases = Phases(contest.options, contest.limits)
        self.open = True

    def copy(self) -> Wallet:
        """Return the same wallet, to be spent apart."""
        other = Wallet(self._contest)
        other._cents, other._posts, other.open = self._cents, self._posts, self.open
        other._phases = self._phases.copy()
        return other

    def pays(self, option: int) -> bool:
        """Pay for an option if the envelope has not closed and holds it; tell whether it did."""
        asked = self._contest.options[option]
        cents, posts = asked.state_cents, self._contest.limits.weight(asked)
        self.open = (
            self.open
            and (self._cents is None or cents <= self._cents)
            and (self._posts is None or posts <= self._posts)
            and self._phases.fits(option)
        )
        if self.open:
            self._phases.add(option)
            self._cents = None if self._cents is None else self._cents - cents
            self._posts = None if self._posts is None else self._posts - posts
        return self.open


class Race:
    """The ranking while it is made."""

    contest: Contest
    flow: Flow
    _hours: Sequence[int]
    _lifts: Lifts
    _heap: list[tuple[Key, int]]
    _stamp: list[int]
    _measured: list[int]
    _region: list[tuple[int, ...]]
    _gains: list[Gains]
    _structures: set[str]
    _phases: Phases

    @classmethod
    def start(
        cls,
        contest: Contest,
        *,
        needs: Sequence[int] | None = None,
        capacities: Sequence[int] | None = None,
        hours: Sequence[int] | None = None,
    ) -> Race:
        """Return the race before the first rank; figures of the network may be replaced."""
        network, count = contest.network, len(contest.options)
        race = cls()
        race.contest = contest
        asked = network.needs if needs is None else needs
        given = network.capacities if capacities is None else capacities
        race._hours = network.hours if hours is None else hours
        race.flow = Flow(contest.edges, asked, given)
        race._lifts = Lifts(contest.zones, asked, given, race._hours)
        race._stamp, race._measured = [0] * count, [-1] * count
        race._region = [()] * count
        race._gains = [(hours, hours, hours) for hours in race._hours]
        race._structures = set()
        race._phases = Phases(contest.options, contest.limits)
        race._heap = [(race._key(k), 0) for k in range(count) if contest.phase[k] is not None]
        heapify(race._heap)
        return race

    def copy(self, without: int) -> Race:
        """Return the same race, to be run apart without an option that has no rank yet."""
        other = Race()
        other.contest, other._hours = self.contest, self._hours
        other.flow, other._lifts = self.flow.copy(), self._lifts.copy()
        other._heap, other._stamp = self._heap.copy(), self._stamp.copy()
        other._measured, other._region = self._measured.copy(), self._region.copy()
        other._gains, other._structures = self._gains.copy(), self._structures.copy()
        other._phases = self._phases.copy()
        other._stamp[without] = -1
        return other

    def picks(self) -> Iterator[Pick]:
        """Yield the options that remain, in order."""
        while (key := self.next_key()) is not None:
            yield self.choose(key)

    def next_key(self) -> Key | None:
        """Return the key of the option that comes next, None at the end."""
        heap = self._heap
        while heap:
            key, stamp = heap[0]
            option = key[-1]
            if stamp != self._stamp[option]:
                heappop(heap)
            elif self._fresh(option):
                return key
            else:
                heappop(heap)
                self._measure(option)
                heappush(heap, (self._key(option), stamp))
        return None

    def choose(self, key: Key) -> Pick:
        """Give the next rank to the option that `next_key` told."""
        option = key[-1]
        heappop(self._heap)
        self._stamp[option] = -1
        gains = self.flow.add(option, self._hours[option])
        others = self._lifts.add(option)
        if self._new(option):
            structure = self.contest.options[option].structure_id
            self._structures.add(structure)
            others |= {k for k, o in enumerate(self.contest.options) if o.structure_id == structure}
        others.update(self._phases.add(option))
        for k in sorted(others):
            if self.contest.phase[k] is not None and self._stamp[k] >= 0:
                self._stamp[k] += 1
                heappush(self._heap, (self._key(k), self._stamp[k]))
        return Pick(option, gains, key)

    def _measure(self, option: int) -> None:
        self._gains[option], self._region[option] = self.flow.weigh(option, self._hours[option])
        self._measured[option] = self.flow.tick

    def _fresh(self, option: int) -> bool:
        """Tell whether an option was measured, and nothing that its gains depend on has changed."""
        measured, changed = self._measured[option], self.flow.changed
        return measured == self.flow.tick or (
            measured >= 0 and all(changed[d] <= measured for d in self._region[option])
        )

    def _key(self, option: int) -> Key:
        contest = self.contest
        phase = self._phases.now[option]
        scale = contest.scale[option]
        one, two, three = self._gains[option]
        rate, state = contest.ties[option]
        return (
            OTHERS if phase is None else phase,
            -one * scale,
            -two * scale,
            -three * scale,
            -self._lifts.by(option),
            self._new(option),
            rate,
            state,
            option,
        )

    def _new(self, option: int) -> bool:
        """Tell whether an option needs a structure that neither carries nor is chosen yet."""
        own = self.contest.options[option]
        return (
            self.contest.carrying_first
            and own.emerging
            and own.structure_id not in self._structures
        )

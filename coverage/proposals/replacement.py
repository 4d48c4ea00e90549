"""What a post is worth: the hours lost when it is dropped and the envelope used anew (method, 8).

The list is made again from the rank of the post on (it is the same before), without it. Hours lost
are those of the posts funded, less those of the posts funded then: at most what the best plan would
lose, since that plan may do better than the list. A bound of all plans (`coverage.proposals.bound`)
tells what it loses at least. A post is judged on the first goal where it brings hours: there, the
goals before lose nothing.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from coverage.proposals.bound import BILLION, Relaxation
from coverage.proposals.gains import LEVELS
from coverage.proposals.limits import additional
from coverage.proposals.ranking import Race, Wallet, build_contest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from coverage.proposals.gains import Gains
    from coverage.proposals.model import Ask, PlanNetwork, Ranked
    from coverage.proposals.ranking import Contest

HALF, TWENTIETH = Fraction(1, 2), Fraction(1, 20)
"""Parts of its own gain that dropping a post loses: at least, `incontestable`; at most,
`remplacable`."""


def judge(
    ask: Ask,
    network: PlanNetwork,
    ranked: Sequence[Ranked],
    *,
    bounds: Mapping[str, int] | None = None,
) -> tuple[Ranked, ...]:
    """Return the ranked list with the replacement cost and the class of each funded post.

    Posts kept from an earlier year are imposed by the call: they have neither.

    Parameters
    ----------
    bounds
        By option identifier: most hours of the first goal where it brings some, those of today
        included, that a plan without it serves, where an exact program tells it.
    """
    contest = build_contest(ask, network)
    number = {option.option_id: k for k, option in enumerate(ask.options)}
    losses, attained = _losses(contest)
    scale = _Scale(contest, attained)
    judged = []
    for row in ranked:
        k = number[row.option.option_id]
        if k in losses:
            told = None if bounds is None else bounds.get(row.option.option_id)
            class_ = scale.class_of(k, row.gains, losses[k], told)
            judged.append(replace(row, class_=class_, replacement_hours=losses[k]))
        else:
            judged.append(row)
    return tuple(judged)


class _Scale:
    """Judges posts; the bounds that it needs are made once."""

    def __init__(self, contest: Contest, attained: Gains) -> None:
        self._contest, self._attained = contest, attained
        self._relaxed: dict[int, Relaxation] = {}
        self._without: dict[tuple[object, ...], int] = {}

    def class_of(self, option: int, gains: Gains, losses: Gains, told: int | None) -> str:
        """Return the class of a funded post.

        Parameters
        ----------
        told
            What a plan without it serves at most, if an exact program tells it.
        """
        goal = next((g for g in LEVELS if gains[g]), None)
        if goal is None:
            return "remplacable"
        most = self._most(option, goal)
        if told is not None:
            most = min(most, told * BILLION)
        least = Fraction(self._attained[goal] * BILLION - most, BILLION)
        return _class(gains[goal], least, losses[goal])

    def _most(self, option: int, goal: int) -> int:
        """Return the bound of the plans without an option; its twins have the same."""
        own, network = self._contest.options[option], self._contest.network
        weight = self._contest.limits.weight(own)
        asks = (own.state_cents, weight, additional(own), own.region)
        alike = (goal, network.options[option], network.hours[option], *asks)
        if goal not in self._relaxed:
            self._relaxed[goal] = Relaxation(self._contest, goal, self._attained)
        if alike not in self._without:
            self._without[alike] = self._relaxed[goal].without(option)
        return self._without[alike]


def _class(gain: int, least: Fraction, most: int) -> str:
    """Return the class of a post that loses between two figures of its own gain.

    >>> [_class(100, Fraction(a), b) for a, b in ((50, 90), (0, 5), (6, 49), (0, 50), (5, 20))]
    ['incontestable', 'remplacable', 'arbitrable', 'indecis', 'indecis']
    """
    if most <= TWENTIETH * gain:
        return "remplacable"
    if least >= HALF * gain:
        return "incontestable"
    return "arbitrable" if least > TWENTIETH * gain and most < HALF * gain else "indecis"


def _losses(contest: Contest) -> tuple[dict[int, Gains], Gains]:
    """Return the hours lost without each funded post, and those served with all of them."""
    race, wallet = Race.start(contest), Wallet(contest)
    without: dict[int, Gains] = {}
    while (key := race.next_key()) is not None:
        option = key[-1]
        other, purse = race.copy(option), wallet.copy()
        if not wallet.pays(option):
            break
        if option not in contest.limits.kept:
            without[option] = _ran(other, purse)
        race.choose(key)
    one, two, three = race.flow.served
    losses = {k: (one - a, two - b, three - c) for k, (a, b, c) in without.items()}
    return losses, race.flow.served


def _ran(race: Race, wallet: Wallet) -> Gains:
    """Fund what the envelope still holds and return the hours served."""
    while (key := race.next_key()) is not None and wallet.pays(key[-1]):
        race.choose(key)
    return race.flow.served

"""Who would come in place of a post: the list made again without it, from its rank on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coverage.proposals.ranking import Race, Wallet, build_contest

if TYPE_CHECKING:
    from collections.abc import Collection

    from coverage.proposals.model import Ask, PlanNetwork


def substitutes(
    ask: Ask, network: PlanNetwork, funded: Collection[int]
) -> dict[str, tuple[str, ...]]:
    """Return, for each funded post that is not kept, what the envelope would fund instead.

    Parameters
    ----------
    funded
        Positions of the options that the ranked list funds.

    Returns
    -------
    dict
        Option identifier → identifiers of the options that come in, by rank; empty when none does.
    """
    contest = build_contest(ask, network)
    race, wallet = Race.start(contest), Wallet(contest)
    known = frozenset(funded)
    found: dict[str, tuple[str, ...]] = {}
    while (key := race.next_key()) is not None:
        option = key[-1]
        other, purse = race.copy(option), wallet.copy()
        if not wallet.pays(option):
            break
        if option not in contest.limits.kept:
            came = [k for k in _ran(other, purse) if k not in known]
            found[ask.options[option].option_id] = tuple(ask.options[k].option_id for k in came)
        race.choose(key)
    return found


def _ran(race: Race, wallet: Wallet) -> list[int]:
    """Fund what the envelope still holds and return it, in order."""
    chosen = []
    while (key := race.next_key()) is not None and wallet.pays(key[-1]):
        race.choose(key)
        chosen.append(key[-1])
    return chosen

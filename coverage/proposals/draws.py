"""Solidity: how often a post stays funded when the assumptions are drawn anew (method, section 8).

In each draw every figure of the network is drawn on its range (`coverage.proposals.uncertainty`)
and the list is made again until the envelope closes. Ties are broken by today's rates, as in the
list itself. The draws of a structure follow from the seed and its name: those of other structures,
and the order in which they are filed, do not change them.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, inf
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import rankdata

from coverage.proposals.ranking import SAME, Race, Wallet
from coverage.proposals.uncertainty import COMMON, OWN, OWN_PART, drawn

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from numpy.typing import NDArray

    from coverage.proposals.ranking import Contest, Key
    from coverage.proposals.uncertainty import Uncertain

DRAWS = 1_000
LOW, HIGH = Fraction(5, 100), Fraction(95, 100)

LEAST_CORRELATION = 0.1
"""Under it, no assumption is said to move a rank: chance alone gives as much."""

_CHUNK = 125


@dataclass(frozen=True)
class Draws:
    """Places of the assumptions in their ranges, 0 to 1.

    Attributes
    ----------
    common
        Shape (draws, assumptions of `COMMON`).
    own
        Own part of each structure, shape (draws, structures).
    """

    common: NDArray[np.float64]
    own: NDArray[np.float64]


@dataclass(frozen=True)
class Solidity:
    """How firm the place of an option is.

    Attributes
    ----------
    probability
        Share of draws in which it is funded.
    rank_low, rank_high
        Its 5th and 95th percentile of rank; None where the envelope does not reach it.
    tied
        Share of draws in which it is funded at equal gains with the first that is not.
    assumption
        The one whose change moves its rank most, empty when none clearly does.
    correlation
        Of ranks, between that assumption and its rank: negative when more of it brings the post
        forward.
    """

    option_id: str
    probability: Fraction
    rank_low: int | None
    rank_high: int | None
    tied: Fraction
    assumption: str
    correlation: float


def solidity(
    contest: Contest,
    uncertain: Uncertain,
    *,
    rng: np.random.Generator,
    draws: int = DRAWS,
    executor: Executor | None = None,
) -> tuple[Solidity, ...]:
    """Return how firm each option's place is, in the order of options.

    Parameters
    ----------
    executor
        Runs parts of the draws apart; the results are the same without it.
    """
    made = make_draws(uncertain, rng, draws)
    parts = [slice(start, start + _CHUNK) for start in range(0, draws, _CHUNK)]
    some = [Draws(made.common[part], made.own[part]) for part in parts]
    run = map if executor is None else executor.map
    found = list(run(run_draws, [contest] * len(some), [uncertain] * len(some), some))
    ranks = np.concatenate([ranks for ranks, _ in found])
    tied = np.concatenate([ties for _, ties in found]).sum(axis=0)
    names, correlations = _movers(ranks, made, uncertain)
    return tuple(
        Solidity(
            option.option_id,
            Fraction(int(np.isfinite(own).sum()), draws),
            _percentile(own, LOW),
            _percentile(own, HIGH),
            Fraction(int(tied[k]), draws),
            names[k],
            correlations[k],
        )
        for k, (option, own) in enumerate(zip(contest.options, np.sort(ranks.T), strict=True))
    )


def make_draws(uncertain: Uncertain, rng: np.random.Generator, draws: int) -> Draws:
    """Draw every assumption, uniform on its range."""
    common = rng.random((draws, len(COMMON)))
    seed = int(rng.integers(2**63))
    own = [
        np.random.default_rng([seed, *name.encode()]).random(draws) for name in uncertain.structures
    ]
    return Draws(common, np.column_stack([*own, np.empty((draws, 0))]))


@dataclass(frozen=True)
class Figures:
    """Whole hours of the network in one draw: of demand nodes, existing posts and options."""

    needs: list[int]
    capacities: list[int]
    hours: list[int]


def figures(uncertain: Uncertain, draws: Draws) -> list[Figures]:
    """Return what each draw makes of the network; hours are rounded, capacities down."""
    network, parameters = uncertain.network, uncertain.parameters
    common = drawn("heures_par_etp", draws.common[:, 0]) / parameters.heures_par_etp
    productivity = common[:, np.newaxis] * (1 + OWN_PART * (2 * draws.own - 1))
    kinds = [kind.factor(parameters, draws.common) - 1 for kind in uncertain.kinds]
    needs, capacities, hours = (
        np.array(values, dtype=np.float64)
        for values in (network.needs, network.capacities, network.hours)
    )
    found = []
    for draw, factor in enumerate(productivity):
        moved = uncertain.hours @ np.array([kind[draw] for kind in kinds], dtype=np.float64)
        found.append(
            Figures(
                np.maximum(np.rint(needs + moved), 0).astype(np.int64).tolist(),
                _floor(capacities * factor[list(uncertain.supplies)]),
                _floor(hours * factor[list(uncertain.options)]),
            )
        )
    return found


def _floor(hours: NDArray[np.float64]) -> list[int]:
    whole: list[int] = np.floor(hours).astype(np.int64).tolist()
    return whole


def run_draws(
    contest: Contest, uncertain: Uncertain, draws: Draws
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Rank the options in each draw.

    Returns
    -------
    tuple of ndarray
        Ranks (infinite when not funded) and whether the place was a tie with the first one that
        is not funded; both of shape (draws, options).
    """
    made = figures(uncertain, draws)
    ranks = np.full((len(made), len(contest.options)), inf)
    tied = np.zeros(ranks.shape, dtype=bool)
    for draw, own in enumerate(made):
        keys, last = _funded(contest, own)
        for rank, key in enumerate(keys, start=1):
            ranks[draw, key[-1]] = rank
            tied[draw, key[-1]] = last is not None and key[:SAME] == last[:SAME]
    return ranks, tied


def _funded(contest: Contest, own: Figures) -> tuple[list[Key], Key | None]:
    """Return the keys of the options funded in a draw, and that of the first one left out."""
    race = Race.start(contest, needs=own.needs, capacities=own.capacities, hours=own.hours)
    wallet = Wallet(contest)
    keys: list[Key] = []
    while (key := race.next_key()) is not None:
        if not wallet.pays(key[-1]):
            return keys, key
        race.choose(key)
        keys.append(key)
    return keys, None


def _percentile(ranks: NDArray[np.float64], part: Fraction) -> int | None:
    """Return the nearest-rank percentile of sorted ranks, None when it is not funded."""
    found = ranks[ceil(part * len(ranks)) - 1]
    return int(found) if np.isfinite(found) else None


def _movers(
    ranks: NDArray[np.float64], draws: Draws, uncertain: Uncertain
) -> tuple[list[str], list[float]]:
    """Return, for each option, the assumption of strongest rank correlation with its rank."""
    placed = _standard(np.where(np.isfinite(ranks), ranks, len(ranks.T) + 1))
    common = _standard(draws.common) * np.array(uncertain.active)
    own = _standard(draws.own)[:, list(uncertain.options)]
    found = np.vstack([common.T @ placed, (own * placed).sum(axis=0)])
    # Rounded, so that the last bits of a sum choose nothing.
    found = np.round(found / len(ranks), 6)
    best = np.abs(found).argmax(axis=0)
    strongest = found[best, np.arange(len(best))]
    names = (*COMMON, OWN)
    clear = np.abs(strongest) >= LEAST_CORRELATION
    return (
        [names[k] if sure else "" for k, sure in zip(best.tolist(), clear.tolist(), strict=True)],
        np.where(clear, strongest, 0.0).tolist(),
    )


def _standard(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ranks by column, centred and of deviation 1; 0 where nothing varies."""
    ranks: NDArray[np.float64] = rankdata(values, axis=0)
    ranks = ranks - ranks.mean(axis=0)
    spread = ranks.std(axis=0)
    found: NDArray[np.float64] = np.divide(
        ranks, spread, out=np.zeros_like(ranks), where=spread > 0
    )
    return found

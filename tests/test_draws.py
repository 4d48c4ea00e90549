"""Solidity: draws that replay, against naive lists, and hours of contracts that follow formulas."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING, Any

import naive_plan as naive
import numpy as np
import polars as pl
import pytest
from builders import grid_territory, make_study, need, perimeter, post, seeded
from naive_plan import asked, call, option, random_network
from scipy.sparse import csr_array
from scipy.stats import spearmanr

from coverage.frames import CONTRACTS
from coverage.parameters import CLASSES, Parameters
from coverage.proposals.draws import Draws, figures, make_draws, solidity
from coverage.proposals.model import Ask, PlanNetwork
from coverage.proposals.network import plan_pieces
from coverage.proposals.ranking import build_contest
from coverage.proposals.uncertainty import COMMON, OWN, Kind, Uncertain, uncertainty
from coverage.study import compute

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from coverage.model import Study
    from coverage.proposals.draws import Solidity


def uncertain_of(ask: Ask, network: PlanNetwork, kinds: tuple[Kind, ...] = ()) -> Uncertain:
    """Return an uncertain network whose hours are half of contracts where kinds are given."""
    structures = sorted({"post", *(o.structure_id for o in ask.options)})
    rank = {name: n for n, name in enumerate(structures)}
    half = np.array(network.needs, dtype=float)[:, np.newaxis] / 2
    return Uncertain(
        network=network,
        parameters=Parameters(),
        kinds=kinds,
        hours=csr_array(np.repeat(half, len(kinds), axis=1)),
        structures=tuple(structures),
        supplies=(rank["post"],) * len(network.capacities),
        options=tuple(rank[o.structure_id] for o in ask.options),
    )


KINDS = (Kind("45", effort=True, class_="prives"),)


def case(seed: int) -> tuple[Ask, PlanNetwork]:
    rng = seeded(seed)
    network = random_network(rng)
    big = replace(
        network,
        needs=tuple(1000 * hours for hours in network.needs),
        capacities=tuple(1000 * hours for hours in network.capacities),
        hours=tuple(1000 * hours for hours in network.hours),
    )
    options = [option(f"o{k}", hundredths=rng.choice((50, 100))) for k in range(6)]
    return asked(big, options, call(objective=rng.choice((1, 2)))), big


@pytest.mark.parametrize("seed", range(6))
def test_every_figure_is_that_of_naive_lists(seed: int) -> None:
    ask, network = case(seed)
    uncertain = uncertain_of(ask, network, KINDS)
    count = 20
    found = solidity(
        build_contest(ask, network), uncertain, rng=np.random.default_rng(seed), draws=count
    )
    draws = make_draws(uncertain, np.random.default_rng(seed), count)
    ranks = np.full((count, 6), np.inf)
    for number, own in enumerate(figures(uncertain, draws)):
        drawn = replace(
            network,
            needs=tuple(max(hours, 1) for hours in own.needs),
            capacities=tuple(own.capacities),
            hours=tuple(own.hours),
        )
        rows = naive.ranked(ask, drawn)
        for rank, (name, _, funded) in enumerate(rows, start=1):
            if funded:
                ranks[number, int(name[1:])] = rank
    for k, firm in enumerate(found):
        own_ranks = sorted(ranks[:, k])
        assert firm.probability == Fraction(sum(np.isfinite(own_ranks)), count)
        for told, part in ((firm.rank_low, 0.05), (firm.rank_high, 0.95)):
            rank = own_ranks[ceil(part * count) - 1]
            assert told == (None if np.isinf(rank) else rank)


def test_the_assumption_told_has_the_strongest_rank_correlation() -> None:
    ask, network = case(4)
    uncertain = uncertain_of(ask, network, KINDS)
    contest = build_contest(ask, network)
    found = solidity(contest, uncertain, rng=np.random.default_rng(1), draws=60)
    draws = make_draws(uncertain, np.random.default_rng(1), 60)
    told = set()
    for k, firm in enumerate(found):
        # Ranks are seen through their probabilities of one draw each.
        ranks = []
        for n in range(60):
            one = Draws(draws.common[n : n + 1], draws.own[n : n + 1])
            ranks.append(_only_rank(contest, uncertain, one, k))
        if len(set(ranks)) == 1:
            assert firm.assumption == ""
            continue
        by_name = {
            name: spearmanr(draws.common[:, n], ranks).statistic for n, name in enumerate(COMMON)
        }
        by_name[OWN] = spearmanr(draws.own[:, uncertain.options[k]], ranks).statistic
        best = max(by_name, key=lambda name: abs(by_name[name]))
        if abs(by_name[best]) >= 0.1:
            assert firm.assumption == best
            assert firm.correlation == pytest.approx(by_name[best], abs=1e-5)
            told.add(best)
    assert told


def _only_rank(contest: Any, uncertain: Uncertain, draws: Draws, k: int) -> float:  # noqa: ANN401
    from coverage.proposals.draws import run_draws  # noqa: PLC0415 - one inner function

    rank = run_draws(contest, uncertain, draws)[0][0, k]
    return len(contest.options) + 1 if np.isinf(rank) else float(rank)


class Threads:
    """An executor of its own, to see that parts are put together in order."""

    def map(self, run: Any, *columns: Any) -> list[Any]:  # noqa: ANN401
        rows = list(zip(*columns, strict=True))
        return [run(*row) for row in reversed(rows)][::-1]


def test_draws_replay_with_a_seed_and_in_parts() -> None:
    ask, network = case(2)
    contest, uncertain = build_contest(ask, network), uncertain_of(ask, network)

    def told(seed: int, executor: Executor | None = None) -> tuple[Solidity, ...]:
        rng = np.random.default_rng(seed)
        return solidity(contest, uncertain, rng=rng, draws=260, executor=executor)

    assert told(1) == told(1)
    assert told(1) != told(2)
    parts: Any = Threads()
    assert told(1, parts) == told(1)


def test_structures_draw_apart_from_each_other() -> None:
    ask, network = case(0)
    uncertain = uncertain_of(ask, network)
    more = replace(uncertain, structures=("aaa", *uncertain.structures))
    one = make_draws(uncertain, np.random.default_rng(5), 7).own
    two = make_draws(more, np.random.default_rng(5), 7).own
    assert (two[:, 1:] == one).all()


def test_a_post_that_nothing_moves_is_certain() -> None:
    network = PlanNetwork(
        needs=(10_000, 10),
        level=(0, 0),
        state=(0, 0),
        reach=((), ()),
        capacities=(),
        options=((0,), (1,)),
        hours=(5_000, 5_000),
        zone=(0, 0),
        zones=("z0",),
        component=(0, 1),
    )
    ask = asked(network, [option("a"), option("b")], call(objective=Fraction(1, 2)))  # type: ignore[arg-type]
    uncertain = uncertain_of(ask, network)
    first, second = solidity(
        build_contest(ask, network), uncertain, rng=np.random.default_rng(0), draws=50
    )
    assert (first.probability, first.rank_low, first.rank_high) == (1, 1, 1)
    assert (second.probability, second.rank_low, second.rank_high) == (0, None, None)
    assert (first.assumption, first.tied) == ("", 0)


def test_ties_at_the_close_of_the_envelope_are_told() -> None:
    network = PlanNetwork(
        needs=(10, 10, 10),
        level=(0, 0, 0),
        state=(0, 0, 0),
        reach=((),) * 3,
        capacities=(),
        options=((0,), (1,), (2,)),
        hours=(5_000,) * 3,
        zone=(0, 0, 0),
        zones=("z0",),
        component=(0, 1, 2),
    )
    network = replace(network, needs=(10, 9, 9))
    ask = asked(network, [option(n) for n in "abc"], call(objective=1))
    found = solidity(
        build_contest(ask, network),
        uncertain_of(ask, network),
        rng=np.random.default_rng(0),
        draws=9,
    )
    # b and c bring 9 hours each whatever the draw: b is funded by its identifier alone.
    assert [firm.tied for firm in found] == [0, 1, 0]
    assert [firm.probability for firm in found] == [1, 1, 0]


# --- what a draw changes ------------------------------------------------------------------------


def contract(amount: int, class_: str, **others: Any) -> dict[str, Any]:  # noqa: ANN401
    return {
        "contract_id": "m",
        "source": "marches.csv",
        "acheteur_siret": "",
        "donneur_ordre": class_,
        "cpv": "45210000",
        "amount_cents": amount * 100,
        "notified": date(2023, 1, 1),
        "months": 12,
        "niveau": "commune",
        "code": "01001",
        "lon": None,
        "lat": None,
        "labour_ppm": None,
        "effort_ppm": None,
        "programme": "",
        "clause": None,
    } | others


ROWS = [
    contract(400_000_000, "etat"),
    contract(300_000_000, "bailleurs", programme="npnru"),
    contract(300_000_000, "bailleurs", cpv="90911200", code="01002"),
    contract(200_000_000, "prives", effort_ppm=70_000),
    contract(200_000_000, "prives", labour_ppm=300_000, niveau="departement", code="01"),
    contract(100_000_000, "hopitaux", notified=date(2021, 1, 1)),
]
TERRITORY = grid_territory(4, populations=(1000, 1000, 1000, 1000))


def study_of(**parameters: Any) -> Study:  # noqa: ANN401
    study = make_study(
        [post("S", 1), post("T", 1)],
        [perimeter("S", "01001"), perimeter("T", "01002", "extension")],
        [need("01001", 5_000), need("01001", 700, "bailleurs"), need("01003", 3_000, "etat")],
        **parameters,
    )
    contracts = pl.DataFrame(ROWS, schema=CONTRACTS)
    return replace(study, contracts=contracts)


def uncertain_study(**parameters: Any) -> Uncertain:  # noqa: ANN401
    ask = Ask(
        compute(study_of(**parameters), TERRITORY),
        call(),
        (option("o", [0, 1], structure_id="S"), option("p", [1, 2], structure_id="new")),
    )
    network, pieces = plan_pieces(ask)
    return uncertainty(ask, network, pieces)


MIDDLE = {
    "heures_par_etp": 1 / 2,
    "taux_effort": 0,
    "part_main_oeuvre": 3 / 5,
    "cout_horaire_eur": 1 / 3,
}


def drawn_needs(uncertain: Uncertain, **places: float) -> tuple[list[int], list[int], list[int]]:
    common = np.array([[places.get(name, MIDDLE.get(name, 0.0)) for name in COMMON]])
    own = np.full((1, len(uncertain.structures)), 0.5)
    [made] = figures(uncertain, Draws(common, own))
    return made.needs, made.capacities, made.hours


def shares(value: Fraction) -> tuple[tuple[str, Fraction], ...]:
    return tuple((class_, value) for class_ in CLASSES)


BASE = {"part_marches_clausables": shares(Fraction(1, 20))}


@pytest.mark.parametrize(
    ("places", "parameters", "factor"),
    [
        ({}, {}, 1),
        ({"taux_effort": 1.0}, {"taux_effort": Fraction(1, 5)}, 4),
        ({"cout_horaire_eur": 1.0}, {"cout_horaire_eur": 40}, 3 / 4),
        ({"part_marches_clausables": 1.0}, {"part_marches_clausables": shares(Fraction(1))}, 20),
    ],
)
def test_hours_of_contracts_are_those_of_the_drawn_parameters(
    places: dict[str, float], parameters: dict[str, Any], factor: float
) -> None:
    uncertain = uncertain_study(**BASE)
    other = uncertain_study(**(BASE | parameters)).network
    needs, capacities, hours = drawn_needs(uncertain, **places)
    # The labour share of works is at its default; that of cleaning, at 3/5 of 0.60 to 0.70.
    family = Kind("909", effort=True, class_="bailleurs")
    cleaning = uncertain.hours.toarray()[:, uncertain.kinds.index(family)] * factor
    expected = np.array(other.needs) - cleaning * (1 - 0.66 / 0.70)
    # Hours of a place are rounded before they are multiplied.
    assert np.abs(np.array(needs) - expected).max() <= 1 + 2 * factor
    assert sum(cleaning) > 0
    network = uncertain.network
    assert (capacities, hours) == (list(network.capacities), list(network.hours))


def test_the_labour_share_moves_works_by_the_parameter_and_families_by_their_range() -> None:
    uncertain = uncertain_study(**BASE)
    places = np.array([[0.5, 0.0, 1.0, 1 / 3, 0.0]])
    by_kind = {k: float(k.factor(uncertain.parameters, places)[0]) for k in uncertain.kinds}
    assert by_kind == pytest.approx(
        {
            Kind("45", effort=True, class_="etat"): 0.7 / 0.5,
            Kind("45", effort=True, class_="bailleurs"): 0.7 / 0.5,
            Kind("909", effort=True, class_="bailleurs"): 0.70 / 0.70,
            Kind("45", effort=False, class_="prives"): 0.7 / 0.5,
            Kind("", effort=True, class_="prives"): 1.0,
        }
    )


def test_a_share_that_a_text_sets_does_not_move() -> None:
    uncertain = uncertain_study(scenario_clauses="pnad_30")
    assert {kind.class_ for kind in uncertain.kinds} == {""}
    assert uncertain.active == (True, True, True, True, False)
    places = np.array([[0.5, 0.0, 0.6, 1 / 3, 1.0]])
    own = [k.factor(uncertain.parameters, places)[0] for k in uncertain.kinds if k.family == "45"]
    assert own == pytest.approx([1.0] * 2)


def test_without_contracts_only_productivity_moves() -> None:
    ask = Ask(
        compute(make_study([post("S")], [perimeter("S", "01001")], [need("01001", 9)]), TERRITORY),
        call(),
        (option("o", [0], structure_id="S"),),
    )
    network, pieces = plan_pieces(ask)
    uncertain = uncertainty(ask, network, pieces)
    assert (uncertain.kinds, uncertain.active) == ((), (True, False, False, False, False))
    needs, capacities, hours = drawn_needs(uncertain, heures_par_etp=1.0)
    assert (needs, capacities, hours) == ([9], [45_000], [11_250])
    # A third of the range, 31,666.7 h by ETP: capacities are rounded down.
    assert drawn_needs(uncertain, heures_par_etp=1 / 3)[1:] == ([31_666], [7_916])
    draws = Draws(np.array([[0.5, 0, 0, 0, 0]]), np.array([[1.0]]))
    [made] = figures(uncertain, draws)
    # Its own part: a tenth more.
    assert (made.capacities, made.hours) == ([38_500], [9_625])

"""The check finds sound plans sound, and every falsified figure or broken rule."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import naive_exact
import numpy as np
import pytest
from builders import drawn, grid_territory, make_study, need, perimeter, post, seeded
from plan_builders import ask_of, call, network_of, option, random_case
from shapely import box

from coverage.parameters import CLASSES
from coverage.proposals.atom_flows import AtomNetwork, network_of_rows
from coverage.proposals.attained import with_options
from coverage.proposals.exact import exact_plan
from coverage.proposals.model import Ask, Broken, ExactPlan, PlanNetwork
from coverage.proposals.network import plan_network
from coverage.proposals.verify import PlanDisagreementError, verify_on, verify_plan
from coverage.study import compute

if TYPE_CHECKING:
    from collections.abc import Sequence


def unmerged(network: PlanNetwork, chosen: Sequence[int], seed: int) -> AtomNetwork:
    """Each node cut at random into demands of the same reach, in another order."""
    rng = seeded(seed)
    rows, links = [], []
    supplies = len(network.capacities)
    for d in sorted(range(len(network.needs)), key=lambda _: rng.random()):
        near = [*network.reach[d]]
        near += [supplies + n for n, k in enumerate(chosen) if d in network.options[k]]
        left = network.needs[d]
        while left:
            part = rng.randint(1, left)
            links += [(len(rows), supply) for supply in near]
            rows.append((part, network.level[d], network.zone[d]))
            left -= part
    capacities = [*network.capacities, *(network.hours[k] for k in chosen)]
    return network_of_rows(rows, links, capacities, network.zones, supplies)


@pytest.mark.parametrize("seed", range(25))
def test_exact_plans_pass_and_their_hours_are_those_of_all_cuts(seed: int) -> None:
    ask, network = random_case(seed)
    if naive_exact.best(ask, network) is None:
        return
    plan = exact_plan(ask, network)
    found = verify_on(ask, plan, unmerged(network, plan.chosen, seed))
    gains = [
        naive_exact.hours(network, plan.chosen, level) - naive_exact.hours(network, (), level)
        for level in range(3)
    ]
    assert list(found.hours.values()) == gains
    assert found.hundredths == sum(ask.options[k].hundredths for k in plan.chosen)
    assert found.cost_cents == sum(ask.options[k].cost_cents for k in plan.chosen)


@pytest.mark.parametrize("seed", range(25))
def test_zones_are_lifted_together_exactly_when_a_linear_program_says_so(seed: int) -> None:
    ask, network = random_case(seed)
    rng = seeded(seed)
    chosen = [k for k in range(len(ask.options)) if rng.random() < 0.5]
    whole = unmerged(network, chosen, seed)
    merged = with_options(network, chosen)
    for _ in range(8):
        least = {
            number: rng.randint(0, whole.zone_hours[zone])
            for number, zone in enumerate(network.zones)
            if rng.random() < 0.7
        }
        possible = naive_exact._feasible(network, chosen, least)
        assert merged.lifts(least) == possible
        named = {network.zones[number]: hours for number, hours in least.items()}
        assert whole.lifts(named) == possible
        some = merged.liftable(least, range(3))
        assert some.items() <= least.items()
        assert naive_exact._feasible(network, chosen, some)
        assert not possible or some == least


def test_no_zone_is_lifted_with_hours_that_a_goal_needs() -> None:
    """Ten hours for twenty of the State in z0: z1 may have none of them."""
    network = network_of(
        [20, 10],
        [[], []],
        [0, 0],
        level=[0, 2],
        reach=[[0], [0]],
        capacities=[10],
        zone=[0, 1],
        zones=("z0", "z1"),
    )
    for least in ({1: 1}, {1: 10}):
        assert not with_options(network, ()).lifts(least)
        assert not unmerged(network, (), 1).lifts({"z1": least[1]})
    assert with_options(network, ()).lifts({0: 10})
    assert unmerged(network, (), 1).lifts({"z0": 10})
    # Where nobody holds the State's hours first, they may go.
    assert with_options(network, ()).lifts({1: 10}, held=[2])


def sound() -> tuple[Ask, ExactPlan, AtomNetwork]:
    options = [
        option("a", "A", region="32"),
        option("b", "B"),
        option("c", "C"),
        option("k", "K", origin="convention"),
    ]
    ask = ask_of(
        options,
        zones={"z0": True, "z1": False},
        rules={"objectif": 1, "budget_eur": 50_000, "plafond_regional_etp": 1},
        locked=["a"],
    )
    network = network_of(
        [10, 30, 5],
        [[0], [1], [2], []],
        [10, 20, 5, 0],
        level=[0, 2, 1],
        zone=[0, 1, 1],
        zones=("z0", "z1"),
    )
    plan = exact_plan(ask, network)
    return ask, plan, unmerged(network, plan.chosen, 1)


def test_the_plan_that_mutations_start_from_is_sound() -> None:
    ask, plan, network = sound()
    found = verify_on(ask, plan, network)
    assert plan.chosen == (0, 2, 3)
    assert found.additional == 100
    assert found.zones == 1


WRONG_FIGURES = (
    *("heures_prioritaires", "heures_sans_perimetre_principal", "heures"),
    *("zones", "structures", "part_etat_cents"),
)


@pytest.mark.parametrize("goal", WRONG_FIGURES)
@pytest.mark.parametrize("step", [-1, 1])
def test_a_figure_wrong_by_one_is_refused(goal: str, step: int) -> None:
    ask, plan, network = sound()
    attained = dict(plan.attained) | {goal: plan.attained[goal] + step}
    bounds = dict(plan.bounds) | {goal: plan.bounds[goal] + step}
    with pytest.raises(PlanDisagreementError, match=f"« {goal} »"):
        verify_on(ask, replace(plan, attained=attained, bounds=bounds), network)


@pytest.mark.parametrize("goal", WRONG_FIGURES)
def test_a_value_past_its_bound_is_refused(goal: str) -> None:
    ask, plan, network = sound()
    step = 1 if goal in {"structures", "part_etat_cents"} else -1
    bounds = dict(plan.bounds) | {goal: plan.attained[goal] + step}
    with pytest.raises(PlanDisagreementError, match="borne"):
        verify_on(ask, replace(plan, bounds=bounds), network)


def rules(ask: Ask, **values: Any) -> Ask:  # noqa: ANN401 - any rule
    return replace(ask, call=call(**values))


def own(ask: Ask, number: int, **changes: Any) -> Ask:  # noqa: ANN401 - any field
    options = list(ask.options)
    options[number] = replace(options[number], **changes)
    return replace(ask, options=tuple(options))


def provided(ask: Ask) -> Ask:
    """A région that has a coordinator is asked another."""
    changed = own(ask, 0, volet="coordinateur", units=())
    changed.coverage.regions.loc["32", "coordinateurs_etp"] = Fraction(1)
    return changed


BROKEN = {
    "refus": (lambda a: replace(a, refused={"a": "non"}), "refusée et choisie"),
    "ecart": (lambda a: replace(a, aside=(Broken("a", "", "", ""),)), "écartée et choisie"),
    "verrou": (lambda a: replace(a, locked={"b": "oui"}), "verrouillée et absente"),
    "enveloppe": (lambda a: rules(a, budget_eur=46_829), "enveloppe est dépassée"),
    "objectif": (lambda a: rules(a, objectif=Fraction(99, 100)), "objectif est dépassé"),
    "postes": (lambda a: rules(a, objectif=1, unite_objectif="postes"), "objectif est dépassé"),
    "plancher": (lambda a: rules(a, plancher_regional_etp=Fraction(3, 4)), "sous son plancher"),
    "plafond": (lambda a: rules(a, plafond_regional_etp=Fraction(1, 4)), "au-dessus de son"),
    "taille": (lambda a: own(a, 0, hundredths=30), "sous le minimum"),
    "part": (lambda a: rules(a, plafond_etat=Fraction(69, 100)), "plus que son plafond"),
    "collectivite": (
        lambda a: own(a, 0, collectivite=True, funding=(("etat_autre", 300_000),)),
        "trop de l’État",
    ),
    "coordinateur": (provided, "déjà pourvue"),
    "liste": (lambda a: own(a, 2, volet="coordinateur"), "imposée par personne"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_rule_is_refused(name: str) -> None:
    ask, plan, network = sound()
    change, words = BROKEN[name]
    with pytest.raises(PlanDisagreementError, match=words):
        verify_on(change(ask), plan, network)


def test_a_kept_post_left_out_is_refused() -> None:
    ask, plan, network = sound()
    with pytest.raises(PlanDisagreementError, match="poste à conserver, est absente"):
        verify_on(ask, replace(plan, chosen=(0, 2)), network)


@pytest.mark.parametrize("chosen", [(0, 2, 2, 3), (2, 0, 3), (0, 2, 3, 9)])
def test_options_repeated_disordered_or_unknown_are_refused(chosen: tuple[int, ...]) -> None:
    ask, plan, network = sound()
    with pytest.raises(PlanDisagreementError, match="suite d’options"):
        verify_on(ask, replace(plan, chosen=chosen), network)


@pytest.mark.parametrize(
    ("zones", "words"),
    [(("z1",), "pas retenues"), (("z0", "z0"), "deux fois"), (("z9",), "besoin")],
)
def test_zones_that_are_not_lifted_are_refused(zones: tuple[str, ...], words: str) -> None:
    ask, plan, network = sound()
    with pytest.raises(PlanDisagreementError, match=words):
        verify_on(ask, replace(plan, zones=zones), network)


def test_zones_lifted_one_by_one_but_not_together_are_refused() -> None:
    ask = ask_of([option("a")], zones={"z0": True, "z1": True})
    network = network_of([10, 10], [[0, 1]], [10], zone=[0, 1], zones=("z0", "z1"))
    plan = exact_plan(ask, network)
    assert len(plan.zones) == 1
    both = replace(
        plan,
        zones=("z0", "z1"),
        attained=dict(plan.attained) | {"zones": 2},
        bounds=dict(plan.bounds) | {"zones": 2},
    )
    with pytest.raises(PlanDisagreementError, match="pas ensemble"):
        verify_on(ask, both, unmerged(network, (0,), 3))


def test_hours_beyond_32_bits_are_not_checked_in_silence() -> None:
    network = network_of_rows([(2**31, 0, 0)], [(0, 0)], [5], ["z0"], 1)
    with pytest.raises(OverflowError):
        network.served(0)


def small_ask(seed: int) -> Ask:
    """A study of eight communes, one cut by a drawing, with options of every kind."""
    rng = seeded(seed)
    territory = grid_territory(4, 2, departements=("01", "01", "02", "02"))
    codes = [str(code) for code in territory.codes]
    needs = [
        need(code, rng.randint(1_000, 30_000), class_, programme=programme, source=programme)
        for code in codes
        for class_ in rng.sample(CLASSES, 3)
        for programme in rng.sample(["", "npnru", "autre"], 2)
    ]
    study = make_study(
        [post("A", 1), post("B", "1/2", classes=CLASSES[:2]), post("K", 1, financement="aap_2022")],
        [
            *(perimeter("A", code) for code in codes[:3]),
            perimeter("B", codes[3], "extension"),
            perimeter("B", codes[2]),
            perimeter("K", codes[1]),
        ],
        needs,
        structures=[{"structure_id": "A", "heures_par_etp": 30_000}],
        shapes=[drawn("B", box(3.0, 46.01, 3.015, 46.02))],
    )
    options = [
        option(
            f"o{k}",
            rng.choice(["A", "B", "nouvelle:01001"]),
            hundredths=rng.choice([50, 100]),
            scope=rng.choice([CLASSES, CLASSES[:2], CLASSES[3:]]),
            units=tuple(sorted(rng.sample(range(8), rng.randint(1, 4)))),
        )
        for k in range(6)
    ]
    options.append(option("p", "K", origin="convention", units=()))
    options.append(option("q", "C", volet="coordinateur", units=()))
    coverage = compute(study, territory)
    return Ask(coverage, call(objectif=2), tuple(options), locked={"q": "copil"})


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("full_year", [False, True])
def test_merged_and_unmerged_hours_agree_on_a_real_coverage(seed: int, *, full_year: bool) -> None:
    ask = small_ask(seed)
    plan = exact_plan(ask, plan_network(ask, full_year=full_year))
    found = verify_plan(ask, plan, full_year=full_year)
    assert found.hours["heures"] > 0
    assert (np.diff(list(found.hours.values())) >= 0).all()
    if not full_year:
        with pytest.raises(PlanDisagreementError, match="heures"):
            verify_plan(ask, plan, full_year=True)

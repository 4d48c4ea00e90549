"""The network of a plan: merged nodes that serve what every place, apart, would be served."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import naive_plan as naive
import numpy as np
import pytest
from builders import drawn, grid_territory, make_study, need, perimeter, post, seeded, structure
from hypothesis import given, settings
from hypothesis import strategies as st
from naive_plan import call, option
from shapely import box

from coverage.fairflow import fair_rates
from coverage.parameters import CLASSES
from coverage.proposals.model import Ask
from coverage.proposals.network import option_hours, plan_network, plan_pieces
from coverage.study import compute

if TYPE_CHECKING:
    from coverage.model import Coverage, Study
    from coverage.proposals.model import Option, PlanNetwork

A, B, C, D = "01001", "01002", "01003", "01004"
TERRITORY = grid_territory(4)


def ask_of(study: Study, *options: Option) -> Ask:
    return Ask(compute(study, TERRITORY), call(), tuple(options))


def goals(network: PlanNetwork, chosen: list[int] | None = None) -> tuple[int, int, int]:
    return naive.values(network, chosen or [])


# --- the worked example -------------------------------------------------------------------------


def worked_example(**parameters: Any) -> Ask:  # noqa: ANN401
    hours = {A: 30_000, B: 20_000, C: 10_000, D: 8_000}
    study = make_study(
        [post("S", 1), post("T", "1/2")],
        [
            perimeter("S", A),
            perimeter("S", B),
            perimeter("T", B),
            perimeter("T", C, "extension"),
        ],
        [need(commune, count) for commune, count in hours.items()],
        **parameters,
    )
    return ask_of(study, option("u", [2], structure_id="U"))


def test_hours_of_an_extension_are_unserved_before() -> None:
    network = plan_network(worked_example(), full_year=True)
    assert goals(network) == (0, 0, 50_000)
    # C gains its 10,000 hours from zero; A and B were whole without T's extension.
    assert goals(network, [0]) == (0, 10_000, 60_000)
    assert network.hours == (17_500,)
    assert plan_network(worked_example()).hours == (8_750,)


def test_with_the_new_post_on_the_extension_its_neighbours_rise_to_1_05() -> None:
    network = plan_network(worked_example(), full_year=True)
    first = len(network.capacities)
    reach = [
        [*row, *(first + k for k, own in enumerate(network.options) if d in own)]
        for d, row in enumerate(network.reach)
    ]
    rates = fair_rates(network.needs, [*network.capacities, *network.hours], reach)
    by_need = dict(zip(network.needs, rates, strict=True))
    assert by_need == {
        30_000: Fraction(105, 100),
        20_000: Fraction(105, 100),
        10_000: Fraction(175, 100),
        8_000: 0,
    }


# --- levels -------------------------------------------------------------------------------------


def test_levels_tell_priority_hours_then_bare_places_then_the_rest() -> None:
    study = make_study(
        [post("S")],
        [perimeter("S", A), perimeter("S", B, "extension"), perimeter("S", D, "extension_dotee")],
        [
            need(A, 10, "etat"),
            need(A, 20, "operateurs_etat"),
            need(A, 40, "bailleurs", programme="npnru"),
            need(A, 80, "bailleurs", programme="autre", source="s"),
            need(B, 160),
            need(C, 320),
            need(D, 640),
        ],
    )
    network = plan_network(ask_of(study))
    by_level = [0, 0, 0]
    for level, hours in zip(network.level, network.needs, strict=True):
        by_level[level] += hours
    assert by_level == [70, 480, 720]
    assert sum(network.state) == 30


def test_programme_hours_of_a_cut_commune_follow_its_hours() -> None:
    west = TERRITORY.units.geometry.iloc[0].bounds
    half = box(west[0], west[1], (west[0] + west[2]) / 2, west[3])
    study = make_study(
        [post("S")],
        [],
        [need(A, 101, "bailleurs", programme="npnru"), need(A, 60, "bailleurs", source="s")],
        shapes=[drawn("S", half)],
    )
    network, pieces = plan_pieces(ask_of(study, option("o", [0])))
    found = sorted(zip(network.level, map(len, network.reach), network.needs, strict=True))
    # Halves of 80 and 81 hours: the priority part of each is whole, and they add up.
    assert sum(hours for level, _, hours in found if level == 0) == 101
    assert {(level, held) for level, held, _ in found} == {(0, 0), (0, 1), (1, 0), (2, 1)}
    assert sum(network.needs) == int(pieces.hours.sum()) == 161
    assert network.options == (tuple(range(4)),)


def test_zones_and_components_keep_places_apart() -> None:
    study = make_study([post("S")], [perimeter("S", A)], [need(c, 9) for c in (A, B, D)])
    ask = ask_of(study, option("o1", [1]), option("o2", [1, 3]))
    network = plan_network(ask)
    assert network.zones == tuple(sorted(ask.coverage.zone_atoms))
    zone = {n: network.zones[z] for n, z in enumerate(network.zone)}
    assert [zone[d] for d in network.options[0]] == ["84-non_couverte-01002"]
    assert network.component == naive.components(network)
    # B and D are one zone with C, and joined by the second option; A stands alone.
    assert len(set(network.component)) == 2


# --- hours of options ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "hours"),
    [
        ({}, 8_750),
        ({"hundredths": 57}, 9_975),
        ({"structure_id": "S"}, 7_500),
        ({"volet": "coordinateur"}, 0),
        ({"origin": "convention"}, 17_500),
        ({"origin": "convention", "structure_id": "K"}, 0),
    ],
)
def test_hours_of_an_option(changes: dict[str, Any], hours: int) -> None:
    study = make_study(
        [post("S"), post("K", financement="aap_2022")],
        [perimeter("S", A)],
        structures=[structure("S", 30_000)],
    )
    assert option_hours([option("o", [0], **changes)], study) == (hours,)


def test_hours_of_a_ramp_are_rounded_down() -> None:
    study = make_study([post("S")], [perimeter("S", A)], montee_en_charge=Fraction(1, 3))
    assert option_hours([option("o")], study) == (5_833,)
    assert option_hours([option("o")], study, full_year=True) == (17_500,)


# --- merged or not ------------------------------------------------------------------------------


def random_ask(seed: int) -> tuple[Ask, dict[str, tuple[int, list[int], tuple[str, ...]]]]:
    """Return an ask, and its posts and options as plain supplies."""
    rng = seeded(seed)
    communes = [A, B, C, D]
    supplies: dict[str, tuple[int, list[int], tuple[str, ...]]] = {}
    posts, perimeters = [], []
    for name in "STU"[: rng.randint(0, 3)]:
        scope = tuple(c for c in CLASSES if rng.random() < 0.6) or CLASSES
        posts.append(post(name, 1, classes=scope))
        units = []
        for unit, commune in enumerate(communes):
            if rng.random() < 0.5:
                nature = rng.choice(("principal", "extension_dotee", "extension"))
                perimeters.append(perimeter(name, commune, nature))
                if nature != "extension":
                    units.append(unit)
        supplies[name] = (35_000, units, scope)
    needs = [
        need(
            rng.choice(communes),
            rng.randint(1, 30_000),
            rng.choice(CLASSES),
            programme=rng.choice(("", "npnru", "autre")),
            source=str(n),
        )
        for n in range(8)
    ]
    options = []
    for name in ("o1", "o2", "o3"):
        scope = tuple(c for c in CLASSES if rng.random() < 0.6) or CLASSES
        units = [unit for unit in range(4) if rng.random() < 0.5]
        options.append(option(name, units, scope=scope, hundredths=100))
        supplies[name] = (17_500, units, scope)
    coverage = compute(make_study(posts, perimeters, needs), TERRITORY)
    return Ask(coverage, call(), tuple(options)), supplies


@settings(max_examples=8)
@given(st.integers(0, 10**9))
def test_merged_nodes_serve_what_places_apart_would(seed: int) -> None:
    ask, supplies = random_ask(seed)
    network = plan_network(ask)
    names = [o.option_id for o in ask.options]
    for count in range(4):
        kept = {s: own for s, own in supplies.items() if s not in names[count:]}
        merged = goals(network, list(range(count)))
        assert merged == naive.coverage_values(ask.coverage, kept)


@settings(max_examples=3)
@given(st.integers(0, 10**9))
def test_the_order_of_rows_changes_nothing(seed: int) -> None:
    ask, _ = random_ask(seed)
    study = ask.coverage.study
    rng = np.random.default_rng(seed)

    def mixed(table: Any) -> Any:  # noqa: ANN401
        return table.iloc[rng.permutation(len(table))].reset_index(drop=True)

    other = replace(
        study,
        posts=mixed(study.posts),
        perimeters=mixed(study.perimeters),
        needs=mixed(study.needs),
        structures=study.structures.iloc[::-1],
    )
    again = replace(ask, coverage=compute(other, TERRITORY))
    assert plan_network(again) == plan_network(ask)


def test_an_option_that_reaches_nothing_changes_nothing() -> None:
    ask, _ = random_ask(3)
    more = replace(ask, options=(*ask.options, option("o4"), option("o5", [0], scope=())))
    plain, network = plan_network(ask), plan_network(more)
    assert replace(network, options=plain.options, hours=plain.hours) == plain


@settings(max_examples=30)
@given(st.integers(0, 10**9))
def test_no_place_is_served_less_than_before(seed: int) -> None:
    network = naive.random_network(seeded(seed))
    before = fair_rates(network.needs, network.capacities, network.reach)
    first = len(network.capacities)
    wider = [
        [*row, *(first + k for k, own in enumerate(network.options) if d in own)]
        for d, row in enumerate(network.reach)
    ]
    after = fair_rates(network.needs, [*network.capacities, *network.hours], wider)
    assert all(b >= a for a, b in zip(before, after, strict=True))


def coverage_of_nothing() -> Coverage:
    return compute(make_study([post("S")], [perimeter("S", A)]), TERRITORY)


def test_without_need_there_is_no_node() -> None:
    network = plan_network(Ask(coverage_of_nothing(), call(), (option("o", [0]),)))
    assert (network.needs, network.options, network.component) == ((), ((),), ())

"""The coverage with posts in force: what they add, whom they serve, and that no place loses."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import naive
import pandas as pd
import pytest
from builders import grid_territory, make_study, need, perimeter, post, structure
from hypothesis import given, settings
from hypothesis import strategies as st
from naive_flows import fair_rates, served_at_most
from naive_plan import values
from plan_builders import call, extension, option
from small_studies import SCOPES, SQUARES, STRUCTURES, few, studies
from test_certificates import add_up

from coverage.parameters import STATE_CLASSES
from coverage.proposals.after import coverage_after, filed_as, less_served, with_posts
from coverage.proposals.model import Ask
from coverage.proposals.network import existing_posts, option_hours, plan_network
from coverage.study import compute

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coverage.model import Coverage, Study
    from coverage.proposals.model import Option

A, B, C, D = "01001", "01002", "01003", "01004"
LINE = grid_territory(4)
fewer = settings(few, max_examples=3)
FULL = 35_000
RATES = {"taux_reponse": False, "taux_reponse_etat": True}
"""Column → whether it is of State hours alone."""


@st.composite
def posts(draw: st.DrawFn) -> list[Option]:
    """Draw options of structures of a study, or new, on any of the squares."""
    drawn = st.tuples(
        st.sampled_from([*STRUCTURES, "nouvelle:84"]),
        st.sampled_from([50, 75, 100, 200]),
        st.sampled_from(SCOPES),
        st.sets(st.integers(0, len(SQUARES) - 1), min_size=1, max_size=4),
    )
    rows = draw(st.lists(drawn, min_size=1, max_size=4))
    return [
        option(f"o{k}", name, hundredths=etp, scope=scope, units=tuple(sorted(units)))
        for k, (name, etp, scope, units) in enumerate(rows)
    ]


def ask_of(coverage: Coverage, options: Sequence[Option]) -> Ask:
    return Ask(coverage, call(), tuple(options))


def after(coverage: Coverage, *options: Option) -> Coverage:
    return coverage_after(ask_of(coverage, options), range(len(options)))


def tables(study: Study) -> list[pd.DataFrame]:
    return [study.structures, study.posts, study.perimeters]


@fewer
@given(studies(other_years=False, regions=False), posts())
def test_no_rate_falls_and_all_are_those_of_posts_added_by_hand(
    study: Study, options: list[Option]
) -> None:
    before = compute(study, SQUARES)
    found = after(before, *options)
    assert less_served(before, found) == ()
    own = study.structures["heures_par_etp"].dropna()
    for column, state_only in RATES.items():
        flow = naive.flow_of(study, SQUARES, state_only=state_only)
        supply: dict[Any, int] = {**flow.capacities}
        links: dict[Any, set[Any]] = {node: set(near) for node, near in flow.links.items()}
        for each in options:
            productivity = int(own.get(each.structure_id, study.parameters.heures_par_etp))
            supply[each.option_id] = int(each.etp * productivity / 2)  # half of the first year
            held = {str(SQUARES.codes[unit]) for unit in each.units}
            for (code, class_), near in links.items():
                if code in held and class_ in each.scope:
                    near.add(each.option_id)
        wider = naive.Flow(flow.needs, supply, links, fair_rates(flow.needs, supply, links))
        for code in found.communes.index:
            assert found.communes[column][code] == naive.mean_rate([code], wider)


@fewer
@given(studies(other_years=False, regions=False), posts(), st.data())
def test_hours_gained_are_those_of_the_network_of_the_plan(
    study: Study, options: list[Option], data: st.DataObject
) -> None:
    whole = replace(study, perimeters=study.perimeters[study.perimeters["nature"] != "extension"])
    before = compute(whole, SQUARES)
    ask = ask_of(before, options)
    chosen = sorted(data.draw(st.sets(st.integers(0, len(options) - 1))))
    found = coverage_after(ask, chosen)
    network = plan_network(ask)
    gained = values(network, chosen)[2] - values(network, [])[2]
    assert found.communes["servi_h"].sum() - before.communes["servi_h"].sum() == gained


@settings(few, max_examples=2)
@given(studies(other_years=False, regions=False), posts())
def test_with_extensions_the_principal_perimeters_alone_agree(
    study: Study, options: list[Option]
) -> None:
    ask = ask_of(compute(study, SQUARES), options)
    found = coverage_after(ask, range(len(options))).study
    needs, supply = naive.needs_by_node(found, SQUARES), naive.capacities(found, SQUARES)
    covers = naive.reach(found, SQUARES, principal_only=True)
    served = served_at_most(needs, supply, naive.edges(needs, supply, covers))
    assert served == values(plan_network(ask), range(len(options)))[2]


@settings(few, max_examples=2)
@given(studies(other_years=False), posts())
def test_certificates_that_remain_add_up_and_the_study_is_left_as_it_was(
    study: Study, options: list[Option]
) -> None:
    kept = [table.copy(deep=True) for table in tables(study)]
    before = compute(study, SQUARES)
    found = after(before, *options)
    for proof in found.certificates.values():
        add_up(proof, found.certificates, found.study, SQUARES)
    for table, copy in zip(tables(study), kept, strict=True):
        pd.testing.assert_frame_equal(table, copy)
    for table, old in zip(tables(found.study), kept, strict=True):
        assert list(table.dtypes) == list(old.dtypes)
        pd.testing.assert_frame_equal(table.iloc[: len(old)], old)
    assert len(found.study.posts) == len(kept[1]) + len(options)


def test_the_order_of_options_changes_nothing() -> None:
    before = compute(make_study([post("A")], [perimeter("A", A)], [need(A, 90_000)]), LINE)
    options = [option("o2", units=(1,)), option("o1", units=(0, 1))]
    one, two = (coverage_after(ask_of(before, options), order) for order in ([0, 1], [1, 0]))
    pd.testing.assert_frame_equal(one.communes, two.communes)
    assert one.certificates == two.certificates


def small(**changes: Any) -> Coverage:  # noqa: ANN401 - any argument of `make_study`
    """A in 01001, short; nobody elsewhere; A's own productivity may differ."""
    study = make_study(
        [post("A", "1/2")],
        [perimeter("A", A)],
        [need(A, 60_000), need(B, 60_000, "etat"), need(D, 8_000)],
        **changes,
    )
    return compute(study, LINE)


SMALL = small()


def test_an_existing_structure_and_a_new_one_each_serve_their_perimeter() -> None:
    before = SMALL
    found = after(
        before,
        option("o1", "A", hundredths=100, units=(1,)),
        option("o2", "nouvelle:84", hundredths=100, units=(3,)),
    )
    served = found.communes["servi_h"]
    # Half of an ETP's hours in the first year; what A has in place stays where it is.
    assert served.to_dict() == {A: FULL // 2, B: FULL // 2, C: 0, D: 8_000}
    assert found.communes["statut"][D] == "couverte"
    assert found.communes["structures"][B] == ("A+o1",)
    names = found.study.structures["nom"]
    assert names["A+o1"] == "Structure A (poste proposé)"
    assert names["nouvelle:84+o2"] == "Structure nouvelle:84 (poste proposé)"
    assert set(found.study.posts["financement"]) == {"socle", "aap_2023"}


@pytest.mark.parametrize("ramp", [Fraction(1), Fraction(1, 2), Fraction(1, 3)])
def test_own_productivity_and_ramp_are_those_of_the_plan(ramp: Fraction) -> None:
    before = small(structures=[structure("A", 30_001)], montee_en_charge=ramp)
    own = option("o1", "A", hundredths=75, units=(1,))
    found = after(before, own)
    assert found.communes["servi_h"][B] == int(Fraction(3, 4) * 30_001 * ramp)
    assert option_hours([own], before.study) == (found.communes["servi_h"][B],)


def test_a_scope_is_served_and_nothing_else() -> None:
    before = SMALL
    found = after(before, option("o1", scope=STATE_CLASSES, units=(0, 1), hundredths=400))
    assert found.communes["servi_h"].to_dict() == {A: FULL // 2, B: 60_000, C: 0, D: 0}
    assert found.communes["taux_reponse_etat"][B] == 1


def test_kept_posts_and_coordinators_change_nothing() -> None:
    before = SMALL
    study = before.study
    others = [
        option("conv-2022-P", origin="convention", units=(1,)),
        option("cand-a-c", volet="coordinateur", units=(1,)),
    ]
    assert with_posts(study, LINE, others) is study
    found = after(before, *others)
    pd.testing.assert_frame_equal(found.communes, before.communes)
    assert found.certificates == before.certificates


@pytest.mark.parametrize("own", [None, 30_001])
def test_lent_hours_serve_the_extension_and_no_hour_is_made_or_lost(own: int | None) -> None:
    study = make_study(
        [post("A", "3/2"), post("A", "1/2"), post("A", 1, classes=("etat",))],
        [perimeter("A", A)],
        [need(A, 20_000), need(B, 30_000), need(C, 9_000), need(B, 5_000, "etat")],
        structures=[structure("A", own)],
    )
    before = compute(study, LINE)
    table = existing_posts(before)
    every = table["scope"].map(len).idxmax()
    lent = replace(extension("e1"), units=(1,), served=((every, 12_345), (1 - every, 4_000)))
    found = coverage_after(ask_of(before, []), [], [lent])
    assert found.communes["servi_h"].to_dict() == {A: 20_000, B: 16_345, C: 0, D: 0}
    assert found.communes["structures"][B] == ("A+e1",)
    assert found.study.structures["nom"]["A+e1"] == "Structure A (extension proposée)"
    after_ = existing_posts(found)
    assert after_["exact"].sum() == table["exact"].sum()
    kept = after_[after_["structure_id"] == "A"].set_index("scope")["hours"]
    whole = table.set_index("scope")["hours"]
    gone = {scope: whole[scope] - kept[scope] for scope in whole.index}
    assert sorted(gone.values()) == [4_000, 12_345]
    assert less_served(before, found) == ()


def test_the_years_that_follow_are_left_out() -> None:
    before = compute(replace(SMALL.study, last_year=2024), LINE)
    assert len(before.years.years) > 1
    assert after(before, option("o1", units=(1,))).years.years == (2023,)


@pytest.mark.parametrize("column", RATES)
def test_a_fall_is_seen_in_either_rate(column: str) -> None:
    before = SMALL
    found = after(before, option("o1", units=(0, 1, 3), hundredths=100))
    fallen = found.communes.copy()
    fallen.loc[B, column] = before.communes[column][B] - Fraction(1, 10**9)
    assert less_served(before, replace(found, communes=fallen)) == (B,)
    fallen[column] = pd.Series([None] * len(fallen), fallen.index, dtype=object)
    asked = [code for code, rate in before.communes[column].items() if rate is not None]
    assert less_served(before, replace(found, communes=fallen)) == tuple(asked)
    assert less_served(before, before) == ()


def test_a_wider_perimeter_of_a_post_in_place_would_make_a_place_fall() -> None:
    """Why an option is a supply node of its own: A's own post would leave 01001 for 01002."""
    before = SMALL
    study = before.study
    wider = make_study(
        [post("A", "1/2"), post("A", "1/4")],
        [perimeter("A", A), perimeter("A", B)],
        [need(A, 60_000), need(B, 60_000, "etat"), need(D, 8_000)],
    )
    assert less_served(before, compute(wider, LINE)) == (A,)
    assert filed_as(option("o1", "A")) not in study.structures.index

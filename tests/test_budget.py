"""The money of a plan adds up to the cent, whatever the posts."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plan_builders import ask_of, call, option

from coverage.proposals.budget import MONEY, action_end, build_budget, national_figures
from coverage.proposals.model import FUNDERS, Ask, Option

CENTS = st.integers(0, 10_000_000)


@st.composite
def options(draw: st.DrawFn) -> list[Option]:
    return [
        option(
            f"o{k}",
            draw(st.sampled_from("AB")),
            hundredths=draw(st.integers(1, 300)),
            state=draw(CENTS),
            cost_cents=draw(CENTS),
            region=draw(st.sampled_from(["11", "32", "84"])),
            origin=draw(st.sampled_from(["convention", "generee"])),
            collectivite=draw(st.booleans()),
            funding=tuple(
                sorted(draw(st.dictionaries(st.sampled_from(FUNDERS[1:]), CENTS)).items())
            ),
        )
        for k in range(draw(st.integers(0, 5)))
    ]


def plain(found: list[Option]) -> Ask:
    return ask_of(found)


@settings(max_examples=20, deadline=None)
@given(options(), st.dates(date(2020, 1, 1), date(2030, 12, 31)))
def test_every_sum_is_exact(found: list[Option], day: date) -> None:
    budget = build_budget(plain(found), range(len(found)), signature=day)
    posts, lines = budget.posts, budget.lines
    brought = posts[[name for name in MONEY[1:] if not name.startswith(("a_trouver", "exced"))]]
    for row, cost in enumerate(posts["cout_cents"]):
        whole = int(brought.iloc[row].sum()) + posts["a_trouver_cents"][row]
        assert cost == whole - posts["excedent_cents"][row]
        assert 0 <= posts["a_trouver_hors_etat_cents"][row] <= posts["a_trouver_cents"][row]
    spent = sum(own.state_cents for own in found)
    for nature in (["engagement"], ["avance", "solde"]):
        assert lines.loc[lines["nature"].isin(nature), "cents"].sum() == spent
    assert budget.years["engagement"].sum() == budget.years["paye"].sum() == spent
    assert budget.regions["part_etat_cents"].sum() == spent
    assert budget.regions["postes"].sum() == len(found)
    for name in MONEY:
        assert budget.regions[name].sum() == posts[name].sum()
    totals = budget.totals
    assert totals["engage_cents"] == spent
    assert totals["enveloppe_cents"] == spent + totals["reste_cents"]
    kept, new = totals["engage_conserves_cents"], totals["engage_nouveaux_cents"]
    assert kept + new == spent


@settings(max_examples=20, deadline=None)
@given(options())
def test_each_post_is_paid_in_two_times(found: list[Option]) -> None:
    lines = build_budget(plain(found), range(len(found))).lines
    for own in found:
        paid = lines[lines["option_id"] == own.option_id].set_index("nature")["cents"]
        assert paid["avance"] + paid["solde"] == paid["engagement"] == own.state_cents
        assert abs(paid["avance"] - paid["solde"]) <= 1


def test_the_order_of_the_plan_changes_nothing() -> None:
    found = [option("b"), option("a", region="32"), option("c")]
    one, other = (build_budget(plain(found), order) for order in ([0, 1, 2], [2, 0, 1]))
    assert one.posts.equals(other.posts)
    assert one.lines.equals(other.lines)
    assert one.posts["option_id"].tolist() == ["a", "b", "c"]


def test_a_balance_falls_in_the_year_that_the_action_ends() -> None:
    ask = ask_of([option("a", state=101)])
    july = build_budget(ask, [0], signature=date(2023, 7, 1))
    assert july.posts["fin"][0] == date(2024, 6, 30)
    assert july.years.loc[2023].to_dict() == {
        "engagement": 101,
        "avance": 51,
        "solde": 0,
        "paye": 51,
    }
    assert july.years.loc[2024, "solde"] == july.years.loc[2024, "paye"] == 50
    january = build_budget(ask, [0], signature=date(2023, 1, 1))
    assert january.years.index.tolist() == [2023]
    own = build_budget(ask, [0], signature=date(2023, 1, 1), signatures={"a": date(2023, 9, 1)})
    assert own.years.index.tolist() == [2023, 2024]


@pytest.mark.parametrize(
    ("signed", "years", "last"),
    [
        (date(2023, 3, 1), 1, date(2024, 2, 29)),
        (date(2024, 2, 29), 1, date(2025, 2, 28)),
        (date(2023, 12, 31), 2, date(2025, 12, 30)),
    ],
)
def test_rolling_years_end_the_day_before(signed: date, years: int, last: date) -> None:
    assert action_end(signed, call(duree_ans=years)) == last


def test_cofunding_to_find_says_what_cannot_be_the_state() -> None:
    """A cost of 1,000: the call pays 700; a collectivité finds 200 at least outside the State."""
    base = {"state": 70_000, "cost_cents": 100_000}
    found = [
        option("association", **base),
        option("commune", collectivite=True, **base),
        option("partie", collectivite=True, funding=(("fse", 5_000),), **base),
        option("pleine", collectivite=True, funding=(("etat_autre", 10_000),), **base),
        option("trop", funding=(("prive", 40_000),), **base),
    ]
    posts = build_budget(plain(found), range(5)).posts.set_index("option_id")
    table = posts[["a_trouver_cents", "a_trouver_hors_etat_cents", "excedent_cents"]]
    assert table.to_numpy().tolist() == [
        [30_000, 0, 0],
        [30_000, 20_000, 0],
        [25_000, 15_000, 0],
        [20_000, 20_000, 0],
        [0, 0, 10_000],
    ]
    assert posts.loc["partie", "fse_cents"] == 5_000
    assert posts.loc["association", "taux_etat"] == Fraction(7, 10)


def test_the_national_figures_leave_twelve_posts_unexplained() -> None:
    assert national_figures(call()) == {
        "national_existants_centiemes": 40_000,
        "national_conserves_centiemes": 8_300,
        "national_nouveaux_centiemes": 9_000,
        "national_somme_centiemes": 57_300,
        "national_annonce_centiemes": 58_500,
        "national_ecart_centiemes": 1_200,
    }


def test_without_envelope_nothing_remains_of_it() -> None:
    ask = ask_of([option("a", origin="convention")], rules={"budget_eur": None})
    totals = build_budget(ask, [0]).totals
    assert totals["enveloppe_cents"] is None
    assert totals["reste_cents"] is None
    assert totals["conserves_centiemes"] == 50
    assert totals["nouveaux_centiemes"] == 0

"""Amounts to hours: the method's examples, exact fractions, years that add up, parameters."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coverage.frames import CONTRACTS
from coverage.origins.amounts import elapsed_months, micro_per_cent, part_of, scaled
from coverage.origins.buyers import CATEGORIES, buyer_class, class_of_category
from coverage.origins.contracts import contract_hours, observed_clauses
from coverage.origins.labour import FAMILIES, family_of, labour_share, read_cpv
from coverage.origins.thresholds import LAW_STARTS, THRESHOLDS, Threshold
from coverage.parameters import CLASSES, SCENARIOS, Parameters, definitions
from data.results.provenance import plain
from data.study.cells import Refusal
from data.study.setting_values import parse_parameter

ALL_CLAUSED = replace(
    Parameters(), part_marches_clausables=tuple((class_, Fraction(1)) for class_ in CLASSES)
)
RATES = st.fractions(0, 1, max_denominator=10**6)


def contracts(*rows: dict[str, Any]) -> pl.DataFrame:
    """Return contracts of a commune over the months of 2023, with changes."""
    base = {
        "contract_id": "M",
        "source": "marches.json",
        "acheteur_siret": "21750001600019",
        "donneur_ordre": "collectivites",
        "cpv": "45210000",
        "amount_cents": 100_000_000,
        "notified": date(2023, 1, 10),
        "months": 12,
        "niveau": "commune",
        "code": "93066",
        "programme": "",
    }
    listed = [base | {"contract_id": f"M{n}"} | row for n, row in enumerate(rows)]
    filled = [dict.fromkeys(CONTRACTS.names()) | row for row in listed]
    return pl.DataFrame(filled, schema=CONTRACTS)


def hours(row: dict[str, Any], parameters: Parameters, year: int = 2023) -> Fraction:
    """Return the hours of one contract in a year."""
    return Fraction(int(contract_hours(contracts(row), parameters, year)["micro"].sum()), 10**6)


def test_the_examples_of_the_method_hold() -> None:
    first = hours({"amount_cents": 100_000_000}, ALL_CLAUSED)
    assert floor(first) == 833
    second = hours(
        {"amount_cents": 150_000_000, "labour_ppm": 700_000, "effort_ppm": 100_000}, ALL_CLAUSED
    )
    assert second == 3500
    cleaning = hours(
        {"amount_cents": 150_000_000, "cpv": "90911200", "effort_ppm": 100_000}, ALL_CLAUSED
    )
    assert cleaning == 3500


def test_the_default_never_assumes_that_every_contract_is_claused() -> None:
    shares = dict(Parameters().part_marches_clausables)
    assert shares == {name: Fraction(15 if name == "etat" else 10, 100) for name in CLASSES}
    assert Parameters().scenario_clauses == "constate"
    assert max(shares.values()) < Fraction(1, 2)
    assert "à documenter" in definitions()["part_marches_clausables"].basis


@given(
    st.lists(st.tuples(st.integers(0, 10**13), st.integers(0, 2)), max_size=30),
    st.lists(st.tuples(RATES, RATES, RATES, st.integers(25, 40)), min_size=3, max_size=3),
)
def test_amounts_become_hours_exactly(
    rows: list[tuple[int, int]], rates: list[tuple[Fraction, Fraction, Fraction, int]]
) -> None:
    factors = [micro_per_cent(a, b, cost, c) for a, b, c, cost in rates]
    cents = np.array([amount for amount, _ in rows], dtype=np.int64)
    which = np.array([number for _, number in rows], dtype=np.int64)
    exact = [floor(amount * factors[number] + Fraction(1, 2)) for amount, number in rows]
    assert scaled(cents, factors, which).tolist() == exact


@settings(max_examples=30)
@given(st.integers(0, 4 * 10**15), st.integers(0, 24 * 12), st.integers(1, 600))
def test_years_add_up_to_the_contract(total: int, month: int, months: int) -> None:
    start = 2010 * 12 + month
    parts = {}
    for year in range(2009, 2090):
        first, last = elapsed_months(np.array([start]), np.array([months]), year)
        parts[year] = int(part_of(np.array([total]), np.array([months]), (first, last))[0])
        in_year = sum(year * 12 <= start + k < year * 12 + 12 for k in range(months))
        assert abs(parts[year] - Fraction(total * in_year, months)) <= 1
        assert (in_year > 0) or parts[year] == 0
    assert sum(parts.values()) == total


def test_the_month_of_notification_is_the_first() -> None:
    row = {"notified": date(2022, 12, 31), "months": 12}
    whole = hours({"months": 12}, ALL_CLAUSED)
    by_year = [hours(row, ALL_CLAUSED, year) for year in (2021, 2022, 2023, 2024)]
    assert by_year[0] == by_year[3] == 0
    assert abs(by_year[1] - whole / 12) < Fraction(1, 10**6)
    assert sum(by_year) == whole


def test_only_contracts_that_run_in_the_year_are_told() -> None:
    frame = contracts({}, {"notified": date(2020, 1, 1)}, {"notified": date(2024, 1, 1)})
    assert contract_hours(frame, Parameters(), 2023)["contract_id"].to_list() == ["M0"]


def test_shares_follow_the_class_and_the_scenario() -> None:
    state = hours({"donneur_ordre": "etat"}, ALL_CLAUSED)
    assert hours({"donneur_ordre": "etat"}, Parameters()) == round(state * 15 / 100, 6)
    plan = replace(Parameters(), scenario_clauses="pnad_30")
    for class_ in CLASSES:
        assert hours({"donneur_ordre": class_}, plan) == round(state * 3 / 10, 6)


@pytest.mark.parametrize("threshold", THRESHOLDS[-1:])
@pytest.mark.parametrize("class_", CLASSES)
@pytest.mark.parametrize("cpv", ["45210000", "90911200"])
def test_the_law_hangs_a_clause_from_its_day_and_its_threshold(
    threshold: Threshold, class_: str, cpv: str
) -> None:
    law = replace(Parameters(), scenario_clauses="loi_2026")
    services = threshold.state_eur if class_ == "etat" else threshold.others_eur
    cents = 100 * (threshold.works_eur if cpv.startswith("45") else services)
    for amount, day, obliged in (
        (cents, LAW_STARTS, True),
        (cents - 1, LAW_STARTS, False),
        (cents, LAW_STARTS - timedelta(days=1), False),
        (cents, date(2035, 1, 1), True),
    ):
        row = {
            "donneur_ordre": class_, "cpv": cpv, "amount_cents": amount, "notified": day,
            "months": 1,
        }  # fmt: skip
        expected = ALL_CLAUSED if obliged else Parameters()
        assert hours(row, law, day.year) == hours(row, expected, day.year) > 0


def test_thresholds_are_in_order_and_sourced() -> None:
    starts = [threshold.start for threshold in THRESHOLDS]
    assert starts == [date(year, 1, 1) for year in range(2018, 2028, 2)]
    for threshold in THRESHOLDS:
        assert threshold.state_eur < threshold.others_eur < threshold.works_eur
        assert threshold.source.startswith("règlement délégué (UE)")


def test_clauses_already_present_are_counted_apart() -> None:
    frame = contracts(
        {"clause": True},
        {"clause": False},
        {"clause": None},
        {"clause": True, "donneur_ordre": "etat", "amount_cents": 200_000_000},
        {"clause": True, "notified": date(2020, 1, 1)},
    )
    seen = observed_clauses(frame, Parameters(), 2023)
    assert seen["donneur_ordre"].to_list() == list(CLASSES)
    rows = {row[0]: row[1:] for row in seen.iter_rows()}
    assert rows["collectivites"] == (3, 2, 1, 833_333_333)
    assert rows["etat"] == (1, 1, 1, 1_666_666_667)
    assert rows["prives"] == (0, 0, 0, 0)
    alone = contract_hours(frame, Parameters(), 2023)["micro"].sum()
    assert (
        alone == contract_hours(frame.with_columns(clause=None), Parameters(), 2023)["micro"].sum()
    )


def test_every_division_of_the_cpv_has_a_share_in_the_range_of_the_method() -> None:
    works = definitions()["part_main_oeuvre"]
    for family in FAMILIES:
        share = Parameters().part_main_oeuvre if family.share is None else family.share
        assert family.low <= share <= family.high
        assert share == 0 or works.low <= share <= works.high
        assert family.basis
        assert family.nature == ("travaux" if family.prefix.startswith("45") else family.nature)
    assert len({family.prefix for family in FAMILIES}) == len(FAMILIES)
    assert len({family.prefix[:2] for family in FAMILIES}) == 45


@pytest.mark.parametrize(
    ("cpv", "share"),
    [
        ("45210000", "3/5"),
        ("45442100", "7/10"),
        ("45262522", "1/2"),
        ("45223210", "1/5"),
        ("90911200", "7/10"),
        ("90500000", "2/5"),
        ("77310000", "13/20"),
        ("79710000", "7/10"),
        ("71000000", "3/10"),
        ("33600000", "0"),
        ("99000000", None),
    ],
)
def test_the_longest_family_gives_the_share(cpv: str, share: str | None) -> None:
    expected = None if share is None else Fraction(share)
    assert labour_share(cpv, Fraction(3, 5)) == expected
    family = family_of(cpv)
    assert (family is None) == (share is None)
    assert family is None or family.convertible == (expected != 0)


@pytest.mark.parametrize(
    ("text", "cpv"),
    [
        ("45210000-2", "45210000"),
        (" 45210000 ", "45210000"),
        ("4521", "45210000"),
        ("9123000", "09123000"),
        ("45210000.0", "45210000"),
        ("452100001", ""),
        ("4", ""),
        ("", ""),
        ("４５", ""),
    ],
)
def test_cpv_codes_are_completed(text: str, cpv: str) -> None:
    assert read_cpv(text) == cpv


def test_buyers_are_classed_only_where_it_is_certain() -> None:
    assert set(CATEGORIES.values()) == set(CLASSES)
    assert class_of_category("7150") == "etat"
    assert class_of_category("7371") == class_of_category("5546") == "bailleurs"
    assert class_of_category("7346") == "collectivites"
    assert class_of_category("4110") == class_of_category("7389") == "operateurs_etat"
    assert class_of_category("9220") == class_of_category("5710") == "prives"
    for doubtful in ("4140", "7410", "7490", "5515", "8110", ""):
        assert class_of_category(doubtful) == ""
    for doubtful in ("19", "20", "26", "27", "33"):
        assert buyer_class(f"{doubtful}0000000", "", {}) == ""
    assert buyer_class("", "", {}) == ""
    assert buyer_class("110002011", "Commune", {"110002011": "prives"}) == "prives"


def parsed(name: str, value: object) -> object:
    return parse_parameter(value, definitions()[name])


def test_shares_are_filed_as_one_number_or_class_by_class() -> None:
    every = tuple((class_, Fraction(1, 5)) for class_ in CLASSES)
    assert parsed("part_marches_clausables", Decimal("0.2")) == every
    assert parsed("part_marches_clausables", "1/5") == every
    some = {"etat": Decimal("0.15"), "autres": "1/10", "hopitaux": Decimal("0.2")}
    shares = dict(parsed("part_marches_clausables", some))  # type: ignore[call-overload]
    assert list(shares) == list(CLASSES)
    assert shares["etat"] == Fraction(3, 20)
    assert shares["hopitaux"] == Fraction(1, 5)
    assert shares["prives"] == shares["operateurs_etat"] == Fraction(1, 10)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("part_marches_clausables", 2, "hors de 1/20 à 1"),
        ("part_marches_clausables", {"etat": Decimal("0.01"), "autres": 1}, "« etat » : "),
        ("part_marches_clausables", {"etat": Decimal("0.2")}, "aucune valeur pour operateurs_etat"),
        ("part_marches_clausables", {"etats": 1, "autres": 1}, "classe « etats » inconnue"),
        ("part_marches_clausables", ["x"], "n’est pas un nombre"),
        ("scenario_clauses", "pnad30", "valeur « pnad30 » inconnue"),
        ("scenario_clauses", 30, "inconnue"),
        ("poids_indicateurs", Decimal("0.5"), "n’est pas une table"),
        ("poids_indicateurs", {"population": -1}, "« population » : "),
        ("poids_indicateurs", {"population": 0}, "aucun poids"),
        ("poids_indicateurs", {}, "aucun poids"),
    ],
)
def test_wrong_parameters_are_refused_with_a_remedy(name: str, value: object, words: str) -> None:
    refusal = parsed(name, value)
    assert isinstance(refusal, Refusal)
    assert words in refusal.message
    assert refusal.remedy


def test_scenarios_and_weights_are_read() -> None:
    for scenario in SCENARIOS:
        assert parsed("scenario_clauses", f" {scenario} ") == scenario
    weights = parsed("poids_indicateurs", {"revenu": "1/3", "population": 0})
    assert weights == (("population", Fraction(0)), ("revenu", Fraction(1, 3)))


def test_new_parameters_print_as_json_and_read_back() -> None:
    own = Parameters()
    assert plain(own.scenario_clauses) == "constate"
    assert plain(own.part_marches_clausables)[0] == ["etat", "3/20"]
    assert plain(own.poids_indicateurs) == [
        ["demandeurs_emploi", "1/2"],
        ["population", "1/4"],
        ["population_qpv", "1/4"],
    ]
    for name in ("part_marches_clausables", "poids_indicateurs"):
        filed = {key: str(value) for key, value in getattr(own, name)}
        assert parsed(name, filed) == getattr(own, name)
    for definition in definitions().values():
        assert definition.accepted

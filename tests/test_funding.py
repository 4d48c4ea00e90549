"""Funding: what falls and what is unknown, post by post, and what kept posts really cost."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from builders import make_study, need, perimeter, post, seeded
from hypothesis import given
from hypothesis import strategies as st
from test_options import CALL, LINE, application, asked, broken
from toy import STUDY, toy_territory, write_study

from coverage.frames import FUNDING_COLUMNS
from coverage.proposals.budget import build_budget
from coverage.proposals.kept import Agreed, agreed_amounts, agreed_of
from coverage.proposals.options import build_ask
from coverage.proposals.rules import with_rules
from coverage.proposals.substitution import funding_falls, funding_lines
from coverage.study import compute
from data.results.opinion_files import FUNDING, funding_table
from data.study.reader import read_study
from geo.errors import InputErrors

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from coverage.model import Coverage, Study
    from coverage.proposals.model import Ask

TOY = toy_territory()
Amount = tuple[str, str, str, int, int]
"""Post, funder, type, year, euros."""


def frame(amounts: Sequence[Amount]) -> pd.DataFrame:
    rows = [(n, *own[:4], own[4] * 100) for n, own in enumerate(amounts, start=2)]
    columns = dict(zip(FUNDING_COLUMNS, zip(*rows, strict=True), strict=True)) if rows else {}
    return pd.DataFrame({name: list(columns.get(name, ())) for name in FUNDING_COLUMNS})


POSTS = [
    post("A", poste_id="P1"),
    post("A", "0.5", poste_id="P2", fin=date(2022, 9, 30)),
    post("A", "0.5", poste_id="P3", debut=date(2023, 3, 1)),
    post("B", poste_id="P4", fin=date(2023, 6, 30)),
    post("B", "0.5"),
    post("B", "0.5"),
]


COVERAGE = compute(
    make_study(
        [*POSTS, post("C", poste_id="K1", financement="aap_2022")],
        [perimeter(name, "01001") for name in "ABC"],
        [need("01001", 500_000)],
    ),
    LINE,
)


def study_of(amounts: Sequence[Amount]) -> Study:
    return replace(COVERAGE.study, funding=frame(amounts))


def with_funding(*amounts: Amount) -> Coverage:
    return replace(COVERAGE, study=study_of(amounts))


def told(*amounts: Amount) -> dict[tuple[str, str], str]:
    return {(each.poste_id, each.funder): each.finding for each in funding_lines(study_of(amounts))}


@pytest.mark.parametrize(
    ("before", "now", "finding"),
    [
        (100, 100, "maintenu"),
        (100, 101, "en hausse"),
        (100, 99, "en baisse"),
        (100, 0, "en baisse"),
        (0, 0, "maintenu"),
        (0, 5, "nouveau"),
        (100, None, "inconnu"),
        (None, 100, "inconnu"),
    ],
)
def test_a_funder_is_compared_with_itself_the_year_before(
    before: int | None, now: int | None, finding: str
) -> None:
    amounts = [
        ("P1", "CD", "collectivite", year, own)
        for year, own in ((2022, before), (2023, now))
        if own is not None
    ]
    assert told(*amounts) == {("P1", "CD"): finding}


def test_a_funder_absent_while_others_are_known_brings_nothing() -> None:
    one = ("P1", "CD", "collectivite", 2022, 100)
    assert told(one) == {("P1", "CD"): "inconnu"}
    assert told(one, ("P1", "Ville", "collectivite", 2023, 7)) == {
        ("P1", "CD"): "en baisse",
        ("P1", "Ville"): "nouveau",
    }
    assert told(one, ("P1", "DREETS", "etat_aap", 2023, 7)) == {
        ("P1", "CD"): "en baisse",
        ("P1", "DREETS"): "hors règle",
    }


def test_posts_that_end_and_posts_that_begin() -> None:
    found = told(
        ("P2", "CD", "collectivite", 2022, 100),
        ("P3", "CD", "collectivite", 2023, 50),
        ("P4", "CD", "collectivite", 2022, 100),
        ("P4", "CD", "collectivite", 2023, 50),
        ("P4", "FSE", "fse", 2022, 50),
        ("P4", "FSE", "fse", 2023, 60),
    )
    assert found == {
        ("P2", "CD"): "poste terminé",
        ("P3", "CD"): "nouveau",
        ("P4", "CD"): "poste terminé",
        ("P4", "FSE"): "en hausse",
    }


def test_the_money_of_the_call_is_unknown_where_it_has_no_row() -> None:
    lines = funding_lines(study_of([*FALL, ("P1", "DREETS", "etat_aap", 2023, 7)]))
    assert [(each.before, each.now, each.finding) for each in lines] == [
        (20_000, 15_000, "en baisse"),
        (None, 700, "hors règle"),
    ]


def test_writings_and_types_of_a_funder_are_one_funder() -> None:
    (line,) = funding_lines(
        study_of(
            [
                ("P1", "Ville de  Lille", "collectivite", 2022, 60),
                ("P1", "ville de lille", "epa", 2022, 40),
                ("P1", "Ville de Lille", "epa", 2023, 100),
            ]
        )
    )
    assert (line.before, line.now, line.finding) == (10_000, 10_000, "maintenu")
    assert line.types == ("collectivite", "epa")


FALL = (("P1", "CD", "collectivite", 2022, 200), ("P1", "CD", "collectivite", 2023, 150))


def test_a_fall_sets_aside_what_its_structure_asks_and_says_how_much() -> None:
    coverage = with_funding(*FALL)
    assert broken(application(), coverage=coverage) == ["non_substitution"]
    (own,) = build_ask(coverage, CALL, [application()]).aside
    assert "150\u202f€" in own.message
    assert "200\u202f€ en 2022\u202f: 50\u202f€ de moins" in own.message
    assert "table financements" in own.remedy
    assert broken(application(structure_id="B"), coverage=coverage) == []
    assert broken(application(), with_rules(CALL, {"non_substitution": False}), coverage) == []
    up = (FALL[0], ("P1", "CD", "collectivite", 2023, 200))
    assert broken(application(), coverage=with_funding(*up)) == []
    generated = [each for each in build_ask(coverage, CALL).options if each.origin == "generee"]
    assert generated
    assert not build_ask(coverage, CALL).aside


def notices(*amounts: Amount, structure: str = "A") -> str:
    ask = build_ask(with_funding(*amounts), CALL, [application(structure_id=structure)])
    return " / ".join(each.message for each in ask.warnings if each.file == "financements")


def test_what_cannot_be_judged_is_told_and_breaks_nothing() -> None:
    unknown = ("P1", "CD", "collectivite", 2022, 200)
    assert "financements de 2023 inconnus pour 1 poste («\u00a0P1\u00a0»)" in notices(unknown)
    assert broken(application(), coverage=with_funding(unknown)) == []
    old = ("P1", "CD", "collectivite", 2023, 200)
    assert "financements de 2022 inconnus pour 1 poste («\u00a0P1\u00a0»)" in notices(old)
    ended = notices(("P2", "CD", "collectivite", 2022, 100))
    assert "1 poste terminé dont des financements baissent" in ended
    assert "1 montant d’autres années que 2022 et 2023" in notices(
        ("P1", "CD", "collectivite", 2021, 1)
    )
    # P1 alone: P2 is over, P3 begins within the year. B: P4 and two posts without a name.
    assert "non vérifiée pour 1 poste en place" in notices()
    assert "non vérifiée pour 3 postes en place" in notices(structure="B")
    assert "non vérifiée pour" not in notices(*FALL)
    assert "baisse chez 1 structure sans candidature («\u00a0A\u00a0»)" in notices(
        *FALL, structure="B"
    )


amounts = st.lists(
    st.tuples(
        st.sampled_from(["P1", "P2", "P3", "P4"]),
        st.sampled_from(["CD", "Ville"]),
        st.sampled_from(["etat_aap", "collectivite", "fse"]),
        st.sampled_from([2021, 2022, 2023]),
        st.integers(0, 3),
    ),
    unique_by=lambda own: own[:4],
    max_size=14,
)


@given(amounts, st.integers(0, 9))
def test_falls_are_the_naive_ones_and_every_amount_is_in_the_table(
    filed: list[Amount], seed: int
) -> None:
    study = study_of(filed)
    falls = {
        (fall.line.poste_id, fall.line.funder)
        for own in funding_falls(study, CALL).values()
        for fall in own
    }

    def total(name: str, funder: str, year: int) -> int:
        return sum(
            own[4] for own in filed if own[:2] == (name, funder) and own[2] != "etat_aap"
            and own[3] == year
        )  # fmt: skip

    naive = {
        (name, funder)
        for name in ("P1", "P3")
        for funder in ("CD", "Ville")
        if any(own[0] == name and own[3] == 2023 for own in filed)
        and total(name, funder, 2023) < total(name, funder, 2022)
    }
    assert falls == naive
    table = funding_table(study).columns
    for column, year in (("montant_precedent_eur", 2022), ("montant_eur", 2023)):
        written = sum(Fraction(text) for text in table[column] if text)
        assert written == sum(own[4] for own in filed if own[3] == year)
    for gap, before, now in zip(
        table["ecart_eur"], table["montant_precedent_eur"], table["montant_eur"], strict=True
    ):
        known = bool(before) and bool(now)
        assert bool(gap) == known
        assert not known or Fraction(gap) == Fraction(now) - Fraction(before)
    turned = list(filed)
    seeded(seed).shuffle(turned)
    assert funding_table(study_of(turned)) == funding_table(study)


def test_the_table_writes_a_gap_under_a_euro_with_its_sign() -> None:
    study = study_of(FALL)
    cents = study.funding.assign(cents=[50, 0])
    table = funding_table(replace(study, funding=cents)).columns
    assert list(table) == list(FUNDING)
    assert (table["ecart_eur"], table["constat"]) == (["-0.50"], ["en baisse"])


def kept_ask(*filed: Amount) -> Ask:
    return build_ask(with_funding(*filed), CALL)


def test_a_kept_post_costs_what_is_agreed_once_the_money_of_the_call_is_known() -> None:
    cofunded = ("K1", "CD", "collectivite", 2023, 12_000)
    method = kept_ask()
    (own,) = [each for each in method.options if each.origin == "convention"]
    assert (own.cost_cents, own.state_cents, own.funding) == (4_460_000, 3_122_000, ())
    assert agreed_of(own, method.coverage.study) is None
    for unknown in (cofunded, ("K1", "DREETS", "etat_aap", 2022, 9)):
        (same,) = [each for each in kept_ask(unknown).options if each.origin == "convention"]
        assert same == own
    ask = kept_ask(
        cofunded,
        ("K1", "DREETS", "etat_aap", 2023, 28_000),
        ("K1", "FSE", "fse", 2023, 1_000),
        ("K1", "Ville", "collectivite", 2023, 500),
    )
    (agreed,) = [each for each in ask.options if each.origin == "convention"]
    assert (agreed.cost_cents, agreed.state_cents) == (4_150_000, 2_800_000)
    assert agreed.funding == (("collectivite", 1_250_000), ("fse", 100_000))
    assert agreed_of(agreed, ask.coverage.study) == Agreed(2_800_000, agreed.funding)
    assert not agreed_amounts(replace(ask.coverage.study, year=2022))
    chosen = [ask.options.index(agreed)]
    row = build_budget(ask, chosen).posts.iloc[0]
    assert (row["cout_cents"], row["part_etat_cents"]) == (4_150_000, 2_800_000)
    assert (row["a_trouver_cents"], row["excedent_cents"]) == (0, 0)


HEADER = "poste_id,financeur,type,annee,montant_eur\n"


def read(folder: Path, rows: str) -> Study:
    return read_study(write_study(folder, {**STUDY, "financements.csv": HEADER + rows}), TOY)


def test_amounts_are_read_in_cents_whatever_the_order_of_rows(tmp_path: Path) -> None:
    rows = ["P1,CD,collectivite,2023,13400.55", "P1,CD,collectivite,2022,0.1", "P2,FSE,fse,2023,0"]
    one = read(tmp_path / "un", "\n".join(rows) + "\n").funding
    two = read(tmp_path / "deux", "\n".join(reversed(rows)) + "\n").funding
    assert one["cents"].tolist() == [10, 1_340_055, 0]
    assert [str(one[name].dtype) for name in ("annee", "cents")] == ["int64", "int64"]
    assert one.drop(columns="row").equals(two.drop(columns="row"))
    none = read(tmp_path / "trois", "").funding
    assert list(none.columns) == list(FUNDING_COLUMNS)
    assert not len(none)


FAULTS = {
    "unknown post": ("P9,CD,fse,2023,1\n", 2, "poste_id", "« P9 » absent de postes.csv"),
    "same key": (
        "P1,CD,fse,2023,1\nP1,cd ,fse,2023,2\n",
        3,
        "poste_id",
        "que ligne 2, pour le poste « P1 »",
    ),
    "part of a cent": ("P1,CD,fse,2023,1.005\n", 2, "montant_eur", "au centime"),
    "negative": ("P1,CD,fse,2023,-1\n", 2, "montant_eur", "hors des valeurs"),
    "no amount": ("P1,CD,fse,2023,\n", 2, "montant_eur", "vide"),
    "unknown type": ("P1,CD,departement,2023,1\n", 2, "type", "« departement »"),
    "no year": ("P1,CD,fse,,1\n", 2, "annee", "vide"),
    "no funder": ("P1,,fse,2023,1\n", 2, "financeur", "vide"),
}


@pytest.mark.parametrize("case", FAULTS)
def test_each_fault_of_funding_is_told_alone_with_its_remedy(case: str, tmp_path: Path) -> None:
    rows, line, column, words = FAULTS[case]
    with pytest.raises(InputErrors) as caught:
        read(tmp_path, rows)
    (fault,) = caught.value.faults
    assert (fault.file, fault.row, fault.column) == ("financements.csv", line, column)
    assert words in fault.message
    assert fault.remedy


def test_faults_of_both_tables_are_told_at_once(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        **STUDY,
        "financements.csv": HEADER + "P9,CD,fse,2023,1\nP1,CD,fse,2023,0.001\n",
        "avis.csv": "instance,date,avis\ncopil,12/05/2023,refuse\n",
    }
    folder = write_study(tmp_path, files)
    with pytest.raises(InputErrors) as caught:
        read_study(folder, TOY)
    assert [(each.file, each.column) for each in caught.value.faults] == [
        ("avis.csv", "motif"),
        ("avis.csv", "structure_id"),
        ("financements.csv", "poste_id"),
        ("financements.csv", "montant_eur"),
    ]


def test_the_rule_bears_on_both_volets_of_an_application() -> None:
    two = (asked(), asked(volet="coordinateur"))
    ask = build_ask(with_funding(*FALL), CALL, [application(asked=two)])
    out = {each.option_id for each in ask.aside if each.rule == "non_substitution"}
    assert out == {"cand-alpha-f", "cand-alpha-c"}

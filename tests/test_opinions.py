"""Opinions: what they speak of, which are in force, what they decide, and that none is lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from books import saved, sound_book
from builders import seeded
from hypothesis import given
from hypothesis import strategies as st
from plan_builders import ask_of, coverage_of, option
from test_options import CALL, SMALL, application
from toy import STUDY, toy_territory, write_study

from coverage.frames import OPINION_COLUMNS
from coverage.proposals.decisions import (
    AVIS,
    INSTANCES,
    Decisions,
    by_option,
    decisions_of,
    known_decisions,
    opinion_notices,
    opinions_said,
)
from coverage.proposals.justification import opinion
from coverage.proposals.limits import limits_of
from coverage.proposals.options import build_ask
from coverage.proposals.relax import first_plan
from data.results.opinion_files import OPINIONS, opinions_table
from data.study.reader import read_study
from geo.errors import InputErrors

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from coverage.proposals.model import Ask, Option

TOY = toy_territory()
THIN = "\u202f"

OPTIONS = (
    option("cand-a-c", "A", origin="candidature", volet="coordinateur", units=()),
    option("cand-a-f", "A", origin="candidature", zone_ids=("z1", "z2")),
    option("cand-b-f", "B", origin="candidature", zone_ids=("z2",)),
    option("conv-2022-P1", "A", origin="convention", units=()),
    option("zb-1", "A", zone_ids=("z1",)),
    option("zb-2", "C", zone_ids=("z2",)),
)


def row(avis: str = "favorable", *, instance: str = "copil", **cells: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return an opinion of a table: what it names, then when and why."""
    blank = dict.fromkeys(("option_id", "structure_id", "zone_id", "volet"), "")
    told = {"instance": instance, "date": date(2023, 5, 12), "avis": avis, "motif": "dit"}
    return blank | told | cells


def frame(*rows: dict[str, Any]) -> pd.DataFrame:
    columns = {name: [own[name] for own in rows] for name in OPINION_COLUMNS if name != "row"}
    return pd.DataFrame({"row": range(2, len(rows) + 2)} | columns)


def filed(rows: Sequence[dict[str, Any]], options: Sequence[Option] = OPTIONS) -> Ask:
    """Return an ask on which these opinions were filed, decided as they say."""
    coverage = coverage_of({"z0": False})
    coverage.study.opinions = frame(*rows)  # type: ignore[misc] # a plain namespace in these tests
    made = decisions_of(opinions_said(coverage.study.opinions, options))
    ask = ask_of(options)
    return replace(ask, coverage=coverage, locked=made.locked, refused=made.refused)


@pytest.mark.parametrize(
    ("cells", "options"),
    [
        ({"option_id": "zb-1"}, ["zb-1"]),
        ({"structure_id": "A"}, ["cand-a-c", "cand-a-f", "conv-2022-P1", "zb-1"]),
        ({"structure_id": "A", "volet": "coordinateur"}, ["cand-a-c"]),
        ({"zone_id": "z2"}, ["cand-a-f", "cand-b-f", "zb-2"]),
        ({"structure_id": "A", "zone_id": "z1"}, ["cand-a-f", "zb-1"]),
        ({"structure_id": "B", "option_id": "zb-1"}, []),
        ({"structure_id": "Z"}, []),
    ],
)
def test_an_opinion_speaks_of_what_has_all_that_it_names(
    cells: dict[str, str], options: list[str]
) -> None:
    (said,) = opinions_said(frame(row(**cells)), OPTIONS)
    assert list(said.options) == options
    assert said.effect == ("aucun" if options else "sans objet")
    assert bool(list(opinion_notices([said]))) == (not options)


@pytest.mark.parametrize(
    ("avis", "cells", "decided"),
    [
        ("verrouille", {"structure_id": "A"}, ["cand-a-c", "cand-a-f"]),
        ("verrouille", {"zone_id": "z2"}, ["cand-a-f", "cand-b-f"]),
        ("verrouille", {"structure_id": "C"}, []),
        ("verrouille", {"option_id": "zb-2"}, ["zb-2"]),
        ("refuse", {"structure_id": "A"}, ["cand-a-c", "cand-a-f", "zb-1"]),
        ("refuse", {"zone_id": "z2"}, ["cand-a-f", "cand-b-f", "zb-2"]),
        ("refuse", {"option_id": "conv-2022-P1"}, ["conv-2022-P1"]),
        ("favorable", {"structure_id": "A"}, []),
    ],
)
def test_a_lock_takes_what_was_asked_and_a_refusal_what_is_not_kept(
    avis: str, cells: dict[str, str], decided: list[str]
) -> None:
    said = opinions_said(frame(row(avis, **cells)), OPTIONS)
    made = decisions_of(said)
    assert list(made.locked if avis == "verrouille" else made.refused) == decided
    assert not (made.refused if avis == "verrouille" else made.locked)
    told = [notice.message for notice in opinion_notices(said)]
    assert bool(told) == (avis != "favorable" and not decided)
    assert all("sans effet" in message for message in told)


def test_the_latest_opinion_of_an_instance_is_in_force_and_the_others_are_history() -> None:
    early, late = date(2023, 1, 9), date(2023, 6, 1)
    rows = [
        row("refuse", structure_id="B", date=early),
        row("favorable", structure_id="B", date=late),
        row("refuse", structure_id="B", date=early, instance="dreets"),
        row("refuse", structure_id="B", volet="facilitateur", date=early),
    ]
    said = opinions_said(frame(*rows), OPTIONS)
    force = {(each.opinion.instance, each.opinion.target[3], each.opinion.day): each.in_force
             for each in said}  # fmt: skip
    assert force == {
        ("copil", "", early): False,
        ("copil", "", late): True,
        ("dreets", "", early): True,
        ("copil", "facilitateur", early): True,
    }
    assert decisions_of(said).refused["cand-b-f"] == (
        f"copil, 09/01/2023 : dit{THIN}; DREETS, 09/01/2023 : dit"
    )
    assert [each.effect for each in said if not each.in_force] == ["aucun"]


def test_opinions_stand_by_instance_beside_the_rank() -> None:
    ask = filed(
        [
            row("refuse", structure_id="A", instance="comite_national", motif="à\n revoir"),
            row("verrouille", option_id="zb-1", instance="dreets", motif="engagement"),
            row("defavorable", zone_id="z1", instance="facilitateurs", motif=""),
            row("reserve", structure_id="A"),
            row("reserve", structure_id="A", motif="dit"),
        ]
    )
    by_id = {own.option_id: own for own in ask.options}
    assert opinion(ask, by_id["zb-1"]).split(f"{THIN}; ") == [
        "copil : réservé (12/05/2023), dit",
        "facilitateurs : défavorable (12/05/2023)",
        "DREETS : verrouillé (12/05/2023), engagement",
        "comité national : refusé (12/05/2023), à revoir",
    ]
    assert opinion(ask, by_id["conv-2022-P1"]).endswith("à revoir, sans effet sur ce poste")
    assert opinion(ask, by_id["zb-2"]) == ""
    said = by_option(opinions_said(ask.coverage.study.opinions, ask.options))
    assert all(opinion(ask, own, said) == opinion(ask, own) for own in ask.options)


def test_decisions_that_no_opinion_carries_stand_after_those_of_the_table() -> None:
    ask = filed([row("verrouille", structure_id="B")])
    assert ask.locked is not None
    more = decisions_of(
        opinions_said(ask.coverage.study.opinions, OPTIONS), Decisions({"cand-b-f": "essai"})
    )
    assert more.locked["cand-b-f"] == f"copil, 12/05/2023 : dit{THIN}; essai"
    ask = replace(ask, locked=more.locked, refused={"zb-2": "scénario"})
    by_id = {own.option_id: own for own in ask.options}
    assert opinion(ask, by_id["cand-b-f"]) == (
        f"copil : verrouillé (12/05/2023), dit{THIN}; verrouillé : essai"
    )
    assert opinion(ask, by_id["zb-2"]) == "refusé : scénario"


def test_decisions_on_options_that_do_not_exist_are_told_and_crash_nothing() -> None:
    made, notices = known_decisions(Decisions({"zb-9": "x", "zb-1": "y"}, {"zb-8": "z"}), {"zb-1"})
    assert made == Decisions({"zb-1": "y"}, {})
    assert [notice.message.split("« ")[1][:4] for notice in notices] == ["zb-8", "zb-9"]
    study = replace(
        SMALL.study,
        opinions=frame(row("refuse", option_id="zb-9"), row("verrouille", option_id="zb-8")),
    )
    ask = build_ask(replace(SMALL, study=study), CALL, [application()])
    assert not ask.locked
    assert not ask.refused
    assert not limits_of(ask).refused
    told = [notice for notice in ask.warnings if notice.file == "avis"]
    assert [notice.message.split("«\u00a0")[1][:4] for notice in told] == ["zb-8", "zb-9"]
    assert all("aucune option de ce calcul" in notice.message for notice in told)
    assert opinions_table(ask).columns["effet"] == ["sans objet"] * 2


def test_a_lock_against_a_refusal_is_a_conflict_told_with_reasons_and_dates() -> None:
    study = replace(
        SMALL.study,
        opinions=frame(
            row("verrouille", structure_id="A", instance="dreets", motif="plan régional"),
            row("refuse", option_id="cand-alpha-f", motif="dossier faible"),
        ),
    )
    ask = build_ask(replace(SMALL, study=study), CALL, [application()])
    assert ask.locked == {"cand-alpha-f": "DREETS, 12/05/2023 : plan régional"}
    assert ask.refused == {"cand-alpha-f": "copil, 12/05/2023 : dossier faible"}
    with pytest.raises(InputErrors) as caught:
        first_plan(ask)
    (fault,) = caught.value.faults
    assert "aucun plan ne respecte ensemble" in fault.message
    assert all(word in fault.message for word in ("est refusée", "est verrouillée"))
    assert all(word in fault.remedy for word in ("lever le refus", "retirer le verrou"))
    told = " ".join(notice.message for notice in caught.value.warnings)
    assert "verrouillée (DREETS, 12/05/2023 : plan régional)" in told
    assert "refusée (copil, 12/05/2023 : dossier faible)" in told


cells = st.fixed_dictionaries(
    {
        "option_id": st.sampled_from(["", "", "cand-a-f", "zb-2", "zb-9"]),
        "structure_id": st.sampled_from(["", "A", "B"]),
        "zone_id": st.sampled_from(["", "z1", "z2"]),
        "volet": st.sampled_from(["", "facilitateur", "coordinateur"]),
        "instance": st.sampled_from(INSTANCES),
        "date": st.dates(date(2023, 1, 1), date(2023, 1, 3)),
        "avis": st.sampled_from(AVIS),
        "motif": st.sampled_from(["un", "deux"]),
    }
)


def naive(rows: list[dict[str, Any]]) -> tuple[set[str], set[str]]:
    """Return the options locked and refused, read off the rows one pair at a time."""
    locked, refused = set(), set()
    names = ("option_id", "structure_id", "zone_id", "volet", "instance")
    for own in rows:
        same = [other for other in rows if all(other[name] == own[name] for name in names)]
        if own["date"] < max(other["date"] for other in same):
            continue
        for each in OPTIONS:
            fits = (
                own["option_id"] in ("", each.option_id)
                and own["structure_id"] in ("", each.structure_id)
                and (own["zone_id"] == "" or own["zone_id"] in each.zone_ids)
                and own["volet"] in ("", each.volet)
            )
            named = own["option_id"] == each.option_id
            if fits and own["avis"] == "verrouille" and (named or each.origin == "candidature"):
                locked.add(each.option_id)
            if fits and own["avis"] == "refuse" and (named or each.origin != "convention"):
                refused.add(each.option_id)
    return locked, refused


@given(st.lists(cells, max_size=8), st.integers(0, 9))
def test_decisions_are_the_naive_ones_whatever_the_order_and_no_opinion_is_lost(
    rows: list[dict[str, Any]], seed: int
) -> None:
    ask = filed(rows)
    assert (set(ask.locked or ()), set(ask.refused or ())) == naive(rows)
    table = opinions_table(ask)
    assert list(table.columns) == list(OPINIONS)
    content = sorted(zip(*(table.columns[name] for name in OPINIONS[:8]), strict=True))
    assert content == sorted(
        tuple(own[name].isoformat() if name == "date" else own[name] for name in OPINIONS[:8])
        for own in rows
    )
    turned = list(rows)
    seeded(seed).shuffle(turned)
    again = filed(turned)
    assert opinions_table(again) == table
    assert list((again.locked or {}).items()) == list((ask.locked or {}).items())
    assert [opinion(again, own) for own in OPTIONS] == [opinion(ask, own) for own in OPTIONS]


HEADER = "structure_id,zone_id,option_id,volet,instance,date,avis,motif\n"


def read(folder: Path, rows: str) -> pd.DataFrame:
    study = read_study(write_study(folder, {**STUDY, "avis.csv": HEADER + rows}), TOY)
    return study.opinions


def test_opinions_are_read_sorted_from_a_file_or_a_sheet(tmp_path: Path) -> None:
    rows = [
        "B,,,coordinateur,dreets,02/06/2023,REFUSE,doublon",
        ",11-limitrophe-75101,,,copil,2023-05-12,favorable,",
        "A,,cand-a-f,,comite_national,12/05/2023,verrouille,besoin",
    ]
    found = read(tmp_path / "un", "\n".join(rows) + "\n")
    assert list(found.columns) == list(OPINION_COLUMNS)
    assert found["avis"].tolist() == ["favorable", "verrouille", "refuse"]
    assert found["date"].tolist() == [date(2023, 5, 12), date(2023, 5, 12), date(2023, 6, 2)]
    turned = read(tmp_path / "deux", "\n".join(reversed(rows)) + "\n")
    assert turned.drop(columns="row").equals(found.drop(columns="row"))
    book = sound_book()
    sheet = book.create_sheet("avis")
    for line in (HEADER.strip(), *rows):
        sheet.append([text or None for text in line.split(",")])
    settings = {"etude.toml": STUDY["etude.toml"], "etude.xlsx": saved(book)}
    assert read_study(write_study(tmp_path / "trois", settings), TOY).opinions.equals(found)


FAULTS = {
    "on nothing": (",,,facilitateur,copil,12/05/2023,favorable,\n", 2, "structure_id", "sur rien"),
    "lock without a reason": ("A,,,,copil,12/05/2023,verrouille, \n", 2, "motif", "sans motif"),
    "refusal without a reason": ("A,,,,copil,12/05/2023,refuse,\n", 2, "motif", "sans motif"),
    "two opinions at once": (
        "A,,,,copil,12/05/2023,favorable,\nA,,,,copil,2023-05-12,reserve,\n",
        3,
        "avis",
        "« reserve » contraire à l’avis « favorable » de la ligne 2",
    ),
    "unknown instance": ("A,,,,prefet,12/05/2023,favorable,\n", 2, "instance", "« prefet »"),
    "no date": ("A,,,,copil,,favorable,\n", 2, "date", "vide"),
    "unknown opinion": ("A,,,,copil,12/05/2023,oui,\n", 2, "avis", "« oui »"),
    "identifier of two": ("A|B,,,,copil,12/05/2023,favorable,\n", 2, "structure_id", "barre"),
}


@pytest.mark.parametrize("case", FAULTS)
def test_each_fault_of_opinions_is_told_alone_with_its_remedy(case: str, tmp_path: Path) -> None:
    rows, line, column, words = FAULTS[case]
    with pytest.raises(InputErrors) as caught:
        read(tmp_path, rows)
    (fault,) = caught.value.faults
    assert (fault.file, fault.row, fault.column) == ("avis.csv", line, column)
    assert words in fault.message
    assert fault.remedy


def test_what_is_no_fault_of_opinions_passes(tmp_path: Path) -> None:
    rows = (
        "A,,,,copil,12/05/2023,favorable,\n"
        * 2
        + "A,,,,dreets,12/05/2023,defavorable,\nA,,,facilitateur,copil,12/05/2023,reserve,\n"
        "nouvelle:alpha,,,,copil,12/05/2023,reserve,\n"
    )
    study = read_study(write_study(tmp_path, {**STUDY, "avis.csv": HEADER + rows}), TOY)
    assert len(study.opinions) == 5
    assert not [notice for notice in study.warnings if notice.file == "avis.csv"]

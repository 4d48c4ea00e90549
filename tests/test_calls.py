"""The 2023 call as data: its figures, what `[appel]` may change, and how."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from toy import toy_territory

from coverage.proposals.rules import ratio, state_cap, with_rules
from data.calls.read import FOLDER, declared_rules, read_call
from data.study.settings_file import read_settings

if TYPE_CHECKING:
    from data.study.faults import Findings
    from data.study.settings_file import Settings

APPEL = Path(__file__).parents[2] / "shared/appel.txt"
HEAD = 'format_version = 1\n[etude]\nnom = "Essai"\nannee = 2023\n[appel]\n'


def read(text: str) -> tuple[Settings, Findings]:
    return read_settings((HEAD + text + "\n").encode(), toy_territory())


def test_the_figures_of_the_call() -> None:
    call = read_call()
    figures = {
        "budget_eur": 5_400_000,
        "objectif": 90,
        "unite_objectif": "etp",
        "postes_conserves": 83,
        "facilitateurs_existants": 400,
        "total_annonce": 585,
        "etp_minimum": Fraction(1, 2),
        "plafond_etat": Fraction(7, 10),
        "plafond_etat_collectivite": Fraction(8, 10),
        "lecture_80": "cumulatif",
        "cofinancement_minimum": Fraction(3, 10),
        "avance": Fraction(1, 2),
        "duree_ans": 1,
        "reconductions": 2,
    }
    assert {name: call.value(name) for name in figures} == figures
    assert (call.year, call.signed) == (2023, date(2023, 3, 29))
    assert 400 + 83 + 90 == 573 == int(call.value("total_annonce")) - 12


def test_every_rule_says_where_it_comes_from_and_what_it_is() -> None:
    rules = read_call().rules
    for name, rule in rules.items():
        assert rule.name == name
        assert rule.heading
        assert rule.text.endswith(".")
    off = {name for name, rule in rules.items() if not rule.active}
    assert off == {"plancher_regional_etp", "plafond_regional_etp"}
    for name in ("unite_objectif", "lecture_80"):
        others = rules[name].readings
        assert others is not None
        assert {*others, rules[name].value} == set(declared_rules()[name].definition.choices)


def test_the_paraphrase_copies_no_sentence_of_the_call() -> None:
    if not APPEL.exists():
        pytest.skip("shared data absent")
    words = APPEL.read_text("utf-8").lower().split()
    runs = {" ".join(words[at : at + 7]) for at in range(len(words))}
    for rule in read_call().rules.values():
        own = rule.text.lower().split()
        assert not [at for at in range(len(own) - 6) if " ".join(own[at : at + 7]) in runs]


def test_the_only_files_of_calls_are_data() -> None:
    assert [path.name for path in FOLDER.iterdir()] == ["aap_2023.toml"]


@pytest.mark.parametrize("name", declared_rules())
def test_every_rule_may_be_written_as_it_is(name: str) -> None:
    value = read_call().value(name)
    text = f'"{value}"' if isinstance(value, str | Fraction) else str(value).lower()
    settings, findings = read(f"{name} = {text}")
    assert not findings.faults
    assert settings.call == {name: value}
    assert with_rules(read_call(), settings.call).value(name) == value


@pytest.mark.parametrize(("name", "rule"), declared_rules().items())
def test_false_switches_off_the_rules_that_may_be(name: str, rule: object) -> None:
    settings, findings = read(f"{name} = false")
    if not declared_rules()[name].switch:
        assert len(findings.faults) == 1, rule
        return
    assert not findings.faults
    changed = with_rules(read_call(), settings.call).rules[name]
    assert not changed.active
    flag = declared_rules()[name].definition.kind == "bool"
    assert changed.value == (False if flag else read_call().value(name))


def test_what_may_not_be_written_is_told_with_its_line_and_remedy() -> None:
    lines = [
        "plafond_etats = 0.7",
        "plafond_etat_collectivite = 1.2",
        'lecture_80 = "cumul"',
        "reconductions = 1.5",
        "budget_eur = -3",
        "non_substitution = 1",
        'avance = "1/0"',
    ]
    settings, findings = read("\n".join(lines))
    assert settings.call == {}
    faults = {fault.column: fault for fault in findings.faults}
    assert len(findings.faults) == len(faults) == len(lines)
    assert [faults[f"appel.{line.split(' ')[0]}"].row for line in lines] == list(range(6, 13))
    assert "plafond_etat" in faults["appel.plafond_etats"].remedy
    assert "cumulatif" in faults["appel.lecture_80"].remedy
    assert "inconnue dans [appel]" in faults["appel.plafond_etats"].message


def test_a_floor_written_is_a_floor_in_force() -> None:
    settings, _ = read("plancher_regional_etp = 2.5\nplafond_etat = 0.65")
    call = with_rules(read_call(), settings.call)
    assert ratio(call, "plancher_regional_etp") == Fraction(5, 2)
    assert ratio(call, "plafond_etat") == Fraction(13, 20)
    assert ratio(read_call(), "plancher_regional_etp") is None
    with pytest.raises(KeyError):
        with_rules(call, {"sans_nom": 1})


@pytest.mark.parametrize(
    ("changes", "others", "collectivites"),
    [
        ({}, "7/10", "7/10"),
        ({"lecture_80": "remplace"}, "7/10", "8/10"),
        ({"plafond_etat": False}, "1", "8/10"),
        ({"plafond_etat_collectivite": Fraction(1, 2)}, "7/10", "1/2"),
        ({"plafond_etat_collectivite": False, "lecture_80": "remplace"}, "7/10", "7/10"),
        ({"plafond_etat_collectivite": False, "plafond_etat": False}, "1", "1"),
    ],
)
def test_the_cap_of_the_call_in_each_reading(
    changes: dict[str, object], others: str, collectivites: str
) -> None:
    call = with_rules(read_call(), changes)
    assert state_cap(call, collectivite=False) == Fraction(others)
    assert state_cap(call, collectivite=True) == Fraction(collectivites)

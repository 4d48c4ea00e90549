"""Scenarios overlaid on a study: each does what it says and nothing else; `proposer` tells it."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from functools import cache
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from test_propose import APPLICATION, FILES, write
from test_scenarios import HEAD, TOY, filed, named, study
from toy import write_study

from api import pipeline
from api.cli import main
from api.proposing import Search, decide_under, find_scenario, read_and_file, under
from coverage.proposals.options import build_ask
from coverage.proposals.rules import with_rules
from coverage.proposals.scenario import Scenario
from coverage.study import compute
from data.calls.read import read_call
from geo.errors import InputErrors

if TYPE_CHECKING:
    from pathlib import Path

    from coverage.model import Coverage, Study
    from coverage.proposals.model import Ask

__all__ = ["study"]
"""The fixture of the tests of files."""

SEARCH = Search(seconds=None, nodes=500)


@pytest.fixture(autouse=True)
def toy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "load_territory", lambda **_: TOY)
    monkeypatch.setattr("data.reference.territory.load_territory", lambda **_: TOY)


@cache
def base(folder: Path) -> tuple[Coverage, Any]:
    return read_and_file(folder, on_step=lambda _: None)


@pytest.fixture(scope="module")
def filed_study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("f") / "étude"
    return write(folder, FILES, {"alpha.toml": APPLICATION})


def asked_under(scenario: Scenario, folder: Path) -> Ask:
    """Return what a plan is asked of under a scenario."""
    coverage, found = base(folder)
    own = under(coverage, scenario)
    call = with_rules(read_call(), own.study.call)
    applications = scenario.asked(found.applications)
    return build_ask(own, call, applications, scenario.decisions, generated=scenario.generated)


def scenario(rest: str, tmp_path: Path, study: Study, **files: str) -> Scenario:
    applications = {f"x/{name}.toml": text for name, text in files.items()}
    (own,), found = filed(tmp_path / "x", study, {"x.toml": HEAD + rest, **applications})
    assert not found.faults, found.faults
    return own


def test_a_parameter_moves_alone(tmp_path: Path, study: Study, filed_study: Path) -> None:
    own = scenario("[methode]\nheures_par_etp = 30000\n", tmp_path, study)
    coverage, _ = base(filed_study)
    before = coverage.study
    after = under(coverage, own)
    assert after.study.parameters == replace(before.parameters, heures_par_etp=30_000)
    for field in fields(before):
        if field.name not in {"name", "inputs", "parameters"}:
            assert getattr(after.study, field.name) is getattr(before, field.name) or (
                field.name == "call" and after.study.call == before.call
            )
    assert after.study.name == "Essai – Essai"
    assert after.study.inputs == (*before.inputs, *own.inputs)
    expected = compute(replace(before, parameters=after.study.parameters), TOY)
    pd.testing.assert_frame_equal(after.communes, expected.communes)
    assert set(after.warnings) >= set(coverage.warnings)


def test_a_rule_moves_alone_and_the_coverage_is_not_computed_anew(
    tmp_path: Path, study: Study, filed_study: Path
) -> None:
    own = scenario("[appel]\nbudget_eur = 100000\nplafond_etat = false\n", tmp_path, study)
    plain, ask = asked_under(Scenario(), filed_study), asked_under(own, filed_study)
    assert ask.coverage.communes is plain.coverage.communes
    moved = {name for name, rule in ask.call.rules.items() if rule != plain.call.rules[name]}
    assert moved == {"budget_eur", "plafond_etat"}
    assert ask.call.value("budget_eur") == 100_000
    assert not ask.call.rules["plafond_etat"].active
    assert {each.option_id for each in ask.options} == {each.option_id for each in plain.options}


def test_a_lock_and_a_refusal_bind_their_options_alone(
    tmp_path: Path, study: Study, filed_study: Path
) -> None:
    plain = asked_under(Scenario(), filed_study)
    one, two = [each.option_id for each in plain.options if each.origin == "generee"][:2]
    own = scenario(
        f"[verrous]\n'{one}' = 'promis'\n[refus]\n'{two}' = 'voisine'\n", tmp_path, study
    )
    ask = asked_under(own, filed_study)
    assert (ask.locked, ask.refused) == ({one: "promis"}, {two: "voisine"})
    assert ask.options == plain.options
    assert ask.aside == plain.aside
    lost = scenario("[verrous]\n'absente' = 'promis'\n", tmp_path / "l", study)
    ask = asked_under(lost, filed_study)
    assert not ask.locked
    assert any("absente" in str(notice) for notice in ask.warnings)


def test_without_generated_options_those_asked_and_kept_remain(
    tmp_path: Path, study: Study, filed_study: Path
) -> None:
    plain = asked_under(Scenario(), filed_study)
    ask = asked_under(scenario("[options]\ngenerees = false\n", tmp_path, study), filed_study)
    assert ask.options == tuple(each for each in plain.options if each.origin != "generee")
    assert {each.origin for each in ask.options} == {"convention", "candidature"}
    kept = asked_under(scenario("[options]\ngenerees = true\n", tmp_path / "t", study), filed_study)
    assert kept.options == plain.options


def test_an_application_of_the_scenario_alone_is_an_option_there(
    tmp_path: Path, study: Study, filed_study: Path
) -> None:
    ask = asked_under(scenario("", tmp_path, study, zeta=APPLICATION), filed_study)
    plain = asked_under(Scenario(), filed_study)
    new = {each.option_id for each in ask.options} - {each.option_id for each in plain.options}
    assert new == {"cand-zeta-f", "cand-zeta-c"}


def test_a_lock_over_a_refusal_of_the_study_is_a_conflict_told_at_the_scenario(
    tmp_path: Path,
) -> None:
    opinion = (
        "structure_id,option_id,instance,date,avis,motif\n"
        ",zb-94-2A-2A004#1,dreets,2023-05-12,refuse,doublon\n"
    )
    folder = write(tmp_path / "e", FILES | {"avis.csv": opinion})
    lock = "[verrous]\n'zb-94-2A-2A004#1' = 'promis au préfet'\n"
    write_study(folder / "scenarios", {"a.toml": HEAD + lock})
    coverage, found = read_and_file(folder, on_step=lambda _: None)
    own = find_scenario(found, "a")
    with pytest.raises(InputErrors) as stop:
        decide_under(own, coverage, found, SEARCH, on_step=lambda _: None)
    (fault,) = stop.value.faults
    assert fault.file == "scenarios/a.toml"
    assert "«\u00a0zb-94-2A-2A004#1\u00a0» est refusée" in fault.message
    assert "«\u00a0zb-94-2A-2A004#1\u00a0» est verrouillée" in fault.message
    reasons = " ".join(map(str, stop.value.warnings))
    assert "refusée (DREETS, 12/05/2023 : doublon)" in reasons
    assert "verrouillée (promis au préfet)" in reasons


# --- proposer -----------------------------------------------------------------------------------


def test_proposer_tells_the_scenario_and_refuses_one_that_it_does_not_know(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write(tmp_path / "e", FILES, {"alpha.toml": APPLICATION})
    command = ["proposer", str(folder), "-o", str(tmp_path / "s"), "--certifie", "500"]
    assert main([*command, "--scenario", "petite"]) == 1
    assert "écrivez-le dans le dossier « scenarios »" in capsys.readouterr().err
    write_study(
        folder / "scenarios",
        {
            "petite.toml": named("Enveloppe réduite", "[appel]\nbudget_eur = 100000\n"),
            "pauvre.toml": named("Pauvre", "[appel]\nbudget_eur = 20000\n"),
        },
    )
    assert main([*command, "--scenario", "grande"]) == 1
    told = capsys.readouterr().err
    assert "scénario « grande » absent" in told
    assert "pauvre et petite" in told
    assert main([*command, "--scenario", "pauvre"]) == 1
    told = capsys.readouterr().err
    assert "scenarios/pauvre.toml" in told
    assert "aucun plan ne respecte" in told
    assert not (tmp_path / "s").exists()
    assert main([*command, "--scenario", "Enveloppe réduite", "--json"]) == 0
    plan = json.loads(capsys.readouterr().out)
    assert plan["etude"] == "Essai – Enveloppe réduite"
    assert "scenarios/petite.toml" in {file["nom"] for file in plan["fichiers"]}
    assert "scenarios/pauvre.toml" not in {file["nom"] for file in plan["fichiers"]}
    assert plan["budget"]["enveloppe_eur"] == 100_000

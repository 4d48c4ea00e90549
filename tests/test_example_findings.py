"""The twelve applications of the example: what the call has to say of each, written by hand."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest

from coverage.dossiers.model import CONFORM, CONTRARY, DISCUSS, INCOMPLETE, LEVELS
from coverage.proposals.options import build_ask
from data.calls.read import read_call
from data.example.filings import FILINGS
from data.example.names import MARK

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from coverage.dossiers.model import Case, Dossier, Finding
    from coverage.model import Coverage

EMERGING = {("porteuses_d_abord", DISCUSS), ("form", DISCUSS)}
"""A structure that carries nothing yet, and that the study lacks."""

NOT_SPOKEN = {("cases_diagnostic", DISCUSS)}
"""A box that is ticked where nothing is found, or left empty where something is."""

ELSEWHERE = {("perimetre", DISCUSS)}
"""Another région, or places that another application asks for too."""

EXPECTED: Mapping[str, tuple[str, set[tuple[str, str]]]] = {
    "saine": (CONFORM, set()),
    # Five posts where a third of one lacks: the form keeps the rules, its proportion does not.
    "gonflee": (DISCUSS, {("objectifs", DISCUSS), *NOT_SPOKEN}),
    "incomplete": (
        DISCUSS,
        {
            ("form", INCOMPLETE),
            ("pieces_obligatoires", INCOMPLETE),
            ("non_substitution", INCOMPLETE),
            *NOT_SPOKEN,
        },
    ),
    "chevauchement": (DISCUSS, ELSEWHERE),
    "collectivite": (
        CONTRARY,
        {("plafond_etat", CONTRARY), ("cofinancement_minimum", CONTRARY)},
    ),
    "coordinateur-en-place": (CONTRARY, {("coordinateur_region_non_pourvue", CONTRARY)}),
    "coordinateur-emergent": (DISCUSS, {("comite_national", DISCUSS), *EMERGING, *NOT_SPOKEN}),
    "facilitateur-emergent": (DISCUSS, EMERGING),
    "projet-seul": (DISCUSS, {("sans_specialisation", DISCUSS), *NOT_SPOKEN}),
    "groupement": (DISCUSS, ELSEWHERE),
    "sommes-fausses": (
        CONTRARY,
        {("totaux_concordants", CONTRARY), ("non_substitution", CONTRARY)},
    ),
    "reconduction": (CONFORM, set()),
}

CALL = read_call()

Judged = dict[str, tuple["Finding", ...]]


@pytest.fixture(scope="module")
def cases(example_dossiers: dict[str, Dossier]) -> tuple[Case, ...]:
    return tuple(dossier.case for dossier in example_dossiers.values())


@pytest.fixture(scope="module")
def judged(example_dossiers: dict[str, Dossier]) -> Judged:
    return {name: dossier.findings for name, dossier in example_dossiers.items()}


def test_every_application_can_be_read(cases: tuple[Case, ...]) -> None:
    assert len(FILINGS) == 12
    assert {*EXPECTED} == {filing.name for filing in FILINGS}
    assert [case.application_id for case in cases] == sorted(EXPECTED)
    for case in cases:
        assert case.application, case.gaps
        assert case.structure_name.endswith(MARK)
        assert case.form.get("porteur.presentation").startswith("Exemple fictif")
        assert case.form.get("porteur.contact.mail") == "Exemple fictif"


@pytest.mark.parametrize("name", EXPECTED)
def test_the_findings_of_each(judged: Judged, name: str) -> None:
    level, expected = EXPECTED[name]
    findings = judged[name]
    assert {(each.rule, each.level) for each in findings if each.level != CONFORM} == expected
    assert max((each.level for each in findings), key=LEVELS.index) == level


def places(findings: tuple[Finding, ...], rule: str, level: str) -> set[str]:
    return {each.place for each in findings if (each.rule, each.level) == (rule, level)}


def test_each_fault_stands_at_its_place(judged: Judged) -> None:
    assert places(judged["incomplete"], "form", INCOMPLETE) == {
        *("porteur.siret", "porteur.adresse", "etat_des_lieux.ecosysteme"),
        *("objectifs.marches_accompagnes", "objectifs.partenariats"),
        "strategie.acteurs_inclusifs_facilitateur",
        "strategie.parcours_facilitateur",
    }
    assert places(judged["incomplete"], "pieces_obligatoires", INCOMPLETE) == {
        *("pieces.rapport_activite", "pieces.comptes_annuels"),
        "budget.cofinanceurs[2].attestation",
    }
    assert places(judged["sommes-fausses"], "totaux_concordants", CONTRARY) == {
        *("etat_des_lieux.etp_total", "demande.etp_total", "budget.montant_total"),
        "budget.montant_facilitateur",
    }
    assert places(judged["gonflee"], "cases_diagnostic", DISCUSS) == {
        "etat_des_lieux.grands_projets"
    }


def test_figures_that_can_be_recounted_by_hand(judged: Judged) -> None:
    def told(name: str, rule: str) -> list[str]:
        return [each.message for each in judged[name] if each.rule == rule]

    # 46,000 € × 0.6 = 27,600 €, of which the call is asked 80 %.
    (cap,) = told("collectivite", "plafond_etat")
    assert cap.startswith("l’appel paierait 80,0")
    assert "l’autre lecture que le texte permet l’admettrait" in cap
    # 9 communes of Pontchâteau and 4 of Blain are in the consortium's seven EPCI.
    overlap, elsewhere = sorted(told("chevauchement", "perimetre"))
    assert overlap.startswith("13 communes sur 13 aussi demandées")
    assert "13 communes en Pays de la Loire" in elsewhere
    # Three communes of Cap Atlantique are in Brittany.
    assert any("3 communes en Bretagne" in each for each in told("groupement", "perimetre"))
    assert any(
        "2\u202f000\u202f€ de moins" in each for each in told("sommes-fausses", "non_substitution")
    )
    assert told("reconduction", "convention_2022")
    assert told("groupement", "groupement")


def test_plans_set_aside_the_same_applications(
    cases: tuple[Case, ...], judged: Judged, example_coverage: Coverage
) -> None:
    filed = tuple(case.application for case in cases if case.application)
    aside = build_ask(example_coverage, CALL, filed, generated=False).aside
    assert {each.option_id.removeprefix("cand-")[:-2] for each in aside} == {
        name
        for name, findings in judged.items()
        if any(
            each.level == CONTRARY or (each.rule, each.level) == ("pieces_obligatoires", INCOMPLETE)
            for each in findings
        )
    }


def test_funding_is_told_for_the_posts_of_those_that_apply(
    example_folder: Path, example_coverage: Coverage
) -> None:
    posts = example_coverage.study.posts
    owner = dict(zip(posts["poste_id"], posts["structure_id"], strict=True))
    text = (example_folder / "financements.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    told = {owner[row["poste_id"]] for row in rows}
    assert len(told) == 9  # two are new, and one tells nothing
    assert {row["annee"] for row in rows} == {"2022", "2023"}
    assert all(row["financeur"].endswith(MARK) for row in rows)

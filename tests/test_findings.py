"""Findings: each rule of the call holds, breaks and is lifted."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from builders import make_study, need, perimeter, post
from filed_forms import CALL, COST, LINE, SOUND, SWITCHES, bench_of, case_of, changed, found, odd

from coverage.dossiers.bench import Bench
from coverage.dossiers.findings import form_findings
from coverage.dossiers.model import CONFORM, CONTRARY, DISCUSS, INCOMPLETE
from coverage.dossiers.rules.examined import OFF
from coverage.dossiers.rules.texts import LINE_SIGNS, line_count
from coverage.proposals.rules import with_rules
from coverage.study import compute


def test_a_sound_application_is_conform_rule_by_rule() -> None:
    findings = found(SOUND)
    assert odd(findings) == set()
    assert {each.rule for each in findings} == {
        *("structures_eligibles", "identification", "porteuses_d_abord", "non_substitution"),
        *("etp_minimum", "plafond_etat", "cofinancement_minimum", "totaux_concordants"),
        *("pieces_obligatoires", "perimetre", "donneurs_ordre_etat", "besoins_non_couverts"),
        *("cases_diagnostic", "diagnostic_lignes", "strategie", "objectifs", "coherence_2022"),
    }
    for each in findings:
        rule = CALL.rules[each.rule]
        assert (each.heading, each.text) == (rule.heading, rule.text)
        assert each.message
        assert not each.remedy


FAR = ({"niveau": "commune", "code": "02002"},)
ALONE = {"mandataire": True}
PART = {"membres": ({"nom": "Bêta", "statut": "gip"},), "gouvernance": "Exemple fictif"}
TICKED = "Exemple fictif"
EARLY = {
    "date_mise_en_oeuvre": date(2022, 10, 1),
    "debut_conventionnement": date(2022, 11, 1),
    "date_recrutement": date(2021, 1, 1),
    "montant_etp": 70_000_00,
}
CLASS = ({"donneur_ordre": "prives"},)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"demande__etp_facilitateur": 49}, {("etp_minimum", CONTRARY)}),
        ({"demande__etp_total": 60}, {("totaux_concordants", CONTRARY)}),
        ({"pieces__comptes_annuels": "manquante"}, {("pieces_obligatoires", INCOMPLETE)}),
        ({"pieces__comptes_annuels": "sans_objet"}, set()),
        ({"pieces__attestation_capacite": "sans_objet"}, {("pieces_obligatoires", INCOMPLETE)}),
        ({"porteur__statut_juridique": "autre"}, {("structures_eligibles", DISCUSS)}),
        ({"porteur__siret": None}, {("form", INCOMPLETE)}),
        ({"porteur__adresse": None}, {("form", INCOMPLETE)}),
        ({"groupement": ALONE}, {("form", INCOMPLETE)}),
        ({"groupement": ALONE | PART}, set()),
        ({"groupement": {"mandataire": False} | PART}, {("groupement", DISCUSS)}),
        ({"etat_des_lieux__diagnostic": "x\n" * 10}, set()),
        ({"etat_des_lieux__diagnostic": "x\n" * 11}, {("diagnostic_lignes", DISCUSS)}),
        ({"etat_des_lieux__diagnostic": "x" * 901}, {("diagnostic_lignes", DISCUSS)}),
        ({"etat_des_lieux__zone_blanche": None}, {("cases_diagnostic", DISCUSS)}),
        ({"etat_des_lieux__grands_projets": TICKED}, {("cases_diagnostic", DISCUSS)}),
        ({"objectifs__heures": Fraction(24_999)}, {("objectifs", DISCUSS)}),
        ({"objectifs__heures": Fraction(45_001)}, {("objectifs", DISCUSS)}),
        ({"objectifs__heures": Fraction(45_000)}, set()),
        ({"objectifs__partenariats": None}, {("form", INCOMPLETE)}),
        ({"strategie__parcours_facilitateur": None}, {("form", INCOMPLETE)}),
        ({"perimetre__facilitateur__codes": FAR}, {("perimetre", DISCUSS)}),
        ({"perimetre__facilitateur__donneurs_ordre": CLASS}, {("donneurs_ordre_etat", DISCUSS)}),
        ({"demande__motif_etp": "grand_projet"}, {("besoins_non_couverts", DISCUSS)}),
        ({"convention_2022": EARLY}, {("convention_2022", DISCUSS), ("form", INCOMPLETE)}),
    ],
)
def test_each_rule_found_once(changes: dict[str, object], expected: set[tuple[str, str]]) -> None:
    values = changed(**changes)
    if "demande__etp_facilitateur" in changes:
        values["demande"]["etp_total"] = changes["demande__etp_facilitateur"]
        values["budget"]["montant_facilitateur"] = 15_000_00
        values["budget"].pop("cout_etp")  # that of the method, which no sum needs to make
    findings = found(values)
    assert odd(findings) == expected
    assert all(each.remedy for each in findings if each.level != CONFORM)
    conform = {each.place for each in findings if each.level == CONFORM}
    assert not conform & {each.place for each in findings if each.level == INCOMPLETE}


def test_dates_and_amounts_of_a_convention_are_told_one_by_one() -> None:
    findings = found(changed(convention_2022=EARLY))
    told = {each.place for each in findings if each.rule == "convention_2022"}
    assert told == {
        "convention_2022",  # no post of the 2022 call in this structure
        "convention_2022.date_mise_en_oeuvre",  # before the convention
        "convention_2022.date_recrutement",  # in 2021, and before the convention
        "convention_2022.montant_etp",
    }


@pytest.mark.parametrize(
    ("share", "reading", "contrary", "admits"),
    [
        (70, "cumulatif", set(), False),
        (80, "cumulatif", {"plafond_etat", "cofinancement_minimum"}, True),
        (80, "remplace", set(), False),
        (81, "cumulatif", {"plafond_etat", "cofinancement_minimum"}, False),
        (81, "remplace", {"plafond_etat_collectivite", "cofinancement_minimum"}, False),
    ],
)
def test_both_readings_of_the_80_percent(
    share: int,
    reading: str,
    contrary: set[str],
    admits: bool,  # noqa: FBT001 - a case of the test
) -> None:
    asked = COST // 2 * share // 100
    values = changed(
        porteur__statut_juridique="epci_ept",
        budget__montant_facilitateur=asked,
        budget__cofinanceurs=(
            {"nom": "F", "type": "prive", "montant": COST // 2 - asked, "attestation": True},
        ),
    )
    findings = found(values, with_rules(CALL, {"lecture_80": reading}))
    against = [each for each in findings if each.level == CONTRARY]
    assert {each.rule for each in against} == contrary
    assert all(("l’autre lecture" in each.message) == admits for each in against)


COORDINATOR = changed(
    demande={"etp_coordinateur": 50, "motif_etp": "zone_blanche"},
    perimetre={"coordinateur": {"codes": ({"niveau": "region", "code": "32"},)}},
    strategie={
        "reseau_regional": "Exemple fictif",
        **{
            f"{name}_coordinateur": "Exemple fictif"
            for name in ("donneurs_ordre", "acteurs_inclusifs", "parcours")
        },
    },
    etat_des_lieux__etp_coordinateur=0,
    budget__montant_facilitateur=None,
    budget__montant_coordinateur=COST // 2 * 7 // 10,
)


def test_an_emerging_coordinator_goes_to_the_national_committee() -> None:
    # A is of région 84, and carries facilitators: an attestation is what the call asks of it.
    assert odd(found(COORDINATOR)) == {
        ("comite_national", DISCUSS),
        ("perimetre", DISCUSS),
        ("porteuses_d_abord", DISCUSS),
    }
    lifted = with_rules(CALL, {"comite_national": False})
    told = [each for each in found(COORDINATOR, lifted) if each.rule == "comite_national"]
    assert [(each.level, each.message) for each in told] == [(CONFORM, OFF)]


def test_a_collectivite_that_carries_facilitators_brings_letters_for_a_coordinator() -> None:
    values = deepcopy(COORDINATOR)
    values["pieces"]["recommandations"] = "sans_objet"
    assert ("pieces_obligatoires", INCOMPLETE) not in odd(found(values))
    values["porteur"]["statut_juridique"] = "collectivite"
    (lacking,) = [each for each in found(values) if each.rule == "pieces_obligatoires"]
    assert (lacking.level, lacking.place) == (INCOMPLETE, "pieces.recommandations")


def test_a_coordinator_where_there_is_one_and_whose_funding_falls() -> None:
    values = deepcopy(COORDINATOR)
    values["porteur"] |= {"structure_id": "C", "nom": "C"}
    values["perimetre"]["coordinateur"] = {"codes": ({"niveau": "region", "code": "84"},)}
    findings = found(values)
    assert {rule for rule, level in odd(findings) if level == CONTRARY} == {
        "coordinateur_region_non_pourvue",
        "non_substitution",
    }
    kept = next(each for each in findings if each.rule == "coordinateur_renouvellement")
    assert kept.level == CONFORM
    assert "PC" in kept.message


def test_covered_places_bring_nothing_new_and_others_ask_for_the_same() -> None:
    study = make_study([post("A", 3)], [perimeter("A", "01001")], [need("01001", 50_000)])
    coverage = compute(study, LINE)
    case = case_of(SOUND, coverage=coverage)
    own = case.application
    assert own is not None
    other = replace(own, application_id="beta", structure_name="Bêta")
    findings = form_findings(case, Bench(coverage, CALL, (own, other)))
    told = [each.message for each in findings if each.rule == "perimetre"]
    assert len(told) == 2
    assert "rien de nouveau" in told[1]
    assert "Bêta" in told[0]
    silent = [each for each in findings if each.rule == "non_substitution"]
    assert [each.level for each in silent] == [INCOMPLETE]


def test_a_file_that_cannot_be_understood_tells_what_can_be() -> None:
    values = changed(budget__montant_facilitateur="beaucoup", demande__etp_facilitateur=30)
    case = case_of(values)
    assert case.application is None
    findings = form_findings(case, bench_of(case))
    assert ("etp_minimum", CONTRARY) in odd(findings)
    assert ("plafond_etat", INCOMPLETE) in odd(findings)
    assert {"perimetre", "cases_diagnostic", "pieces_obligatoires"} <= {f.rule for f in findings}
    assert set(case.gaps) <= set(findings)


@pytest.mark.parametrize("values", [SOUND, COORDINATOR])
def test_a_rule_that_is_lifted_says_so_and_blames_nothing(values: dict[str, Any]) -> None:
    bears = {each.rule for each in found(values)}
    for name in sorted(bears & {*SWITCHES}):
        own = [each for each in found(values, with_rules(CALL, {name: False})) if each.rule == name]
        assert own, name
        assert {(each.level, each.message) for each in own} == {(CONFORM, OFF)}, name


def test_lines_are_those_written_or_of_ninety_signs() -> None:
    assert LINE_SIGNS == 90
    assert [line_count(text) for text in ("", " \n ", "a", "a\nb\n", "a\n\nb")] == [0, 0, 1, 2, 3]
    assert [line_count("x" * n) for n in (90, 91, 900, 901)] == [1, 2, 10, 11]

"""Proportion: ETP, objectives, projects that end, cost and payments, by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest
from builders import exhaustive, grid_territory, make_study, need, perimeter, post, structure
from dossier_cases import COORDINATOR, FACILITATOR, application, bench, case, claimed, rows
from project_builders import frame_of, project

from coverage.dossiers.claims.claim import claim_of
from coverage.dossiers.form import Form
from coverage.dossiers.model import CONFORM, DISCUSS, INCOMPLETE
from coverage.dossiers.proportion.weigh import proportion_of
from coverage.parameters import CLASSES

if TYPE_CHECKING:
    from coverage.dossiers.bench import Bench
    from coverage.dossiers.model import Finding, Proportion

A, B, D = "01001", "01002", "01004"
LINE = grid_territory(4)


@pytest.fixture(scope="module")
def on() -> Bench:
    """Return 1 ETP on A; 29,998 h missing in D, 2,398 of them of a project that ends in 2024."""
    study = make_study(
        [post("S", 1)],
        [perimeter("S", A)],
        [need(A, 10_000), need(D, 27_600)],
        structures=[structure("S", None), structure("V", 30_000)],
        exhaustiveness=[exhaustive(name) for name in CLASSES],
    )
    works = project("digue", communes=(D,), heures=7_200.0, donneur_ordre="collectivites")
    works["fin"] = date(2024, 12, 31)
    works["debut"] = date(2022, 1, 1)
    return bench(replace(study, projects=frame_of([works])), LINE)


def weigh(
    on: Bench,
    codes: tuple[str, ...] = (D,),
    values: dict[str, Any] | None = None,
    *,
    hundredths: int = 50,
    owner: str = "S",
    cost: int | None = None,
    volet: str = FACILITATOR,
) -> Proportion:
    units = rows(LINE, codes)
    app = application("demande", units, structure=owner, volet=volet)
    [asked] = app.asked
    asked = replace(asked, hundredths=hundredths)
    if cost is not None:
        asked = replace(asked, cost_cents=cost, cost_declared=True)
    app = replace(app, asked=(asked,))
    own = replace(
        case("demande", owner, app), form=Form(values or {}), places={volet: (units, CLASSES)}
    )
    return proportion_of(volet, claim_of(volet, units, CLASSES, owner, on), own, on)


def line(found: Proportion, rule: str, at: int = 0) -> Finding:
    return [each for each in found.lines if each.rule == rule][at]


# --- ETP ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hundredths", "owner", "missing", "level"),
    [
        (50, "S", 86, CONFORM),
        (86, "S", 86, CONFORM),
        (87, "S", 86, DISCUSS),
        (100, "V", 100, CONFORM),
        (101, "V", 100, DISCUSS),
    ],
)
def test_etp_asked_against_etp_missing(
    on: Bench, hundredths: int, owner: str, missing: int, level: str
) -> None:
    # 29,998 h at 35,000 h per ETP, or at the 30,000 that V does.
    found = weigh(on, hundredths=hundredths, owner=owner)
    assert (found.asked_hundredths, found.missing_hundredths) == (hundredths, missing)
    assert line(found, "besoins_non_couverts").level == level


def test_an_inflated_request_is_told_by_how_much(on: Bench) -> None:
    told = line(weigh(on, hundredths=500), "besoins_non_couverts")
    assert told.message == (
        "5,00 ETP demandés pour 0,86 ETP manquant (29\u202f998 h à 35\u202f000 h par ETP)"
        "\u202f: 5,8 fois ce qui manque."
    )
    assert told.remedy.startswith("réduire la demande")
    least = line(weigh(on, (A,)), "besoins_non_couverts")
    assert "aucune heure manquante connue" in least.message
    assert "minimum de l’appel" in least.remedy
    assert (told.heading, told.text) == (
        on.call.rules["besoins_non_couverts"].heading,
        on.call.rules["besoins_non_couverts"].text,
    )


def test_an_unknown_need_makes_no_etp() -> None:
    blind = bench(make_study([post("S", 1)], [perimeter("S", A)], [need(A, 10)]), LINE)
    found = weigh(blind)
    assert found.missing_hundredths is None
    assert "besoin inconnu\u202f: à documenter" in line(found, "besoins_non_couverts").message
    known = bench(make_study([post("S", 1)], [perimeter("S", A)], [need(D, 7_000)]), LINE)
    assert "pour au moins 0,20 ETP" in line(weigh(known), "besoins_non_couverts").message


def test_a_form_that_cannot_be_understood_gives_what_it_can(on: Bench) -> None:
    units = rows(LINE, [D])
    own = replace(
        case("demande", "S"),
        form=Form({"demande": {"etp_facilitateur": 150, "etp_coordinateur": 50}}),
        places={FACILITATOR: (units, CLASSES)},
    )
    found = proportion_of(FACILITATOR, claimed(on, [D], structure="S"), own, on)
    assert (found.asked_hundredths, found.payments) == (150, ())
    assert "2,00 ETP, les deux volets réunis" in line(found, "besoins_non_couverts").message
    assert {each.rule for each in found.lines} == {"besoins_non_couverts", "sans_specialisation"}


def test_nothing_says_how_many_coordinators_a_region_needs(on: Bench) -> None:
    found = weigh(on, (A, B, "01003", D), volet=COORDINATOR)
    assert found.missing_hundredths is None
    told = line(found, "besoins_non_couverts")
    assert (told.level, "1,00 ETP de facilitateurs à animer" in told.message) == (DISCUSS, True)


# --- objectives ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hours", "level"),
    [(28_000, CONFORM), (27_999, DISCUSS), (52_500, CONFORM), (52_501, DISCUSS)],
)
def test_hours_are_compared_with_the_study(on: Bench, hours: int, level: str) -> None:
    found = weigh(on, values={"objectifs": {"heures": Fraction(hours)}})
    assert line(found, "objectifs").level == level


def test_the_convention_of_2022_judges_before_the_study(on: Bench) -> None:
    values = {
        "objectifs": {
            "heures": Fraction(30_000),
            "partenariats": Fraction(5),
            "beneficiaires_etp": 3,
        },
        "convention_2022": {"heures": Fraction(40_000), "partenariats": Fraction(4)},
    }
    found = weigh(on, values=values)
    hours, partners, unknown = (line(found, "objectifs", at) for at in range(3))
    assert (hours.level, partners.level, unknown.level) == (DISCUSS, CONFORM, DISCUSS)
    assert "75\u202f% du bilan de sa convention 2022 (40\u202f000)" in hours.message
    assert "85,7\u202f% de l’hypothèse de l’étude (35\u202f000)" in hours.message
    assert "125\u202f% du bilan" in partners.message
    assert unknown.message.startswith("Référence inconnue")
    assert "bénéficiaires (ETP)" in unknown.message


# --- what remains, money ------------------------------------------------------------------


def test_what_remains_once_projects_end(on: Bench) -> None:
    held = line(weigh(on, hundredths=50), "sans_specialisation")
    assert held.level == CONFORM
    assert "«\u00a0Projet digue\u00a0»" in held.message
    assert "après 2024, au moins 27\u202f600 h, soit 0,79 ETP" in held.message
    assert line(weigh(on, hundredths=80), "sans_specialisation").level == DISCUSS
    assert "ne dépend d’un grand projet" in line(weigh(on, (A,)), "sans_specialisation").message


@pytest.mark.parametrize(
    ("cents", "level"),
    [(2_000_000, CONFORM), (1_999_900, DISCUSS), (3_000_000, CONFORM), (3_000_100, DISCUSS)],
)
def test_the_cost_of_an_etp_against_its_range(on: Bench, cents: int, level: str) -> None:
    # Half an ETP: 40,000 to 60,000 euros a year.
    assert line(weigh(on, cost=cents), "cout_etp_eur").level == level


def test_a_cost_not_written_is_told(on: Bench) -> None:
    assert line(weigh(on), "cout_etp_eur").level == INCOMPLETE


def test_advance_and_balance_with_their_years(on: Bench) -> None:
    found = weigh(on)
    assert found.payments == ((2023, "avance", 780_500), (2024, "solde", 780_500))
    told = line(found, "avance").message
    assert told.startswith(
        "Avance de 7\u202f805\u202f€ en 2023\u202f; solde de 7\u202f805\u202f€ en 2024"
    )

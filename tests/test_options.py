"""Options: each rule broken once, what the program proposes, and on which grounds."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from builders import grid_territory, make_study, need, perimeter, post, shuffled
from hypothesis import given, settings
from small_studies import SQUARES, few, studies

from coverage.frames import SERVICE_COLUMNS, project_frame
from coverage.parameters import CLASSES
from coverage.proposals.application import GIVEN, MISSING, PIECES, Application, Asked, Total
from coverage.proposals.decisions import Decisions
from coverage.proposals.generate import MOST, generated_options
from coverage.proposals.options import build_ask
from coverage.proposals.parts import STATUSES, zone_parts
from coverage.proposals.rules import with_rules
from coverage.study import compute
from data.calls.read import read_call

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coverage.model import Coverage, Study
    from coverage.proposals.model import Ask, Call, Option

CALL = read_call()
FULL = 44_600_00
"""Cents of one ETP."""

LINE = grid_territory(4, departements=("01", "01", "02", "02"))
"""01001 01002 | 02001 02002, in a row; régions 84 and 32."""


def asked(**changes: Any) -> Asked:  # noqa: ANN401 - any field
    sound = {
        "volet": "facilitateur",
        "hundredths": 100,
        "ground": "zone_blanche",
        "units": (0,),
        "scope": CLASSES,
        "cost_cents": FULL,
        "cost_declared": True,
        "state_cents": FULL * 7 // 10,
        "funding": (("collectivite", FULL * 3 // 10),),
    }
    return Asked(**(sound | changes))


def application(own: Asked | None = None, **changes: Any) -> Application:  # noqa: ANN401
    sound: dict[str, Any] = {
        "application_id": "alpha",
        "file": "candidatures/alpha.toml",
        "structure_id": "A",
        "structure_name": "Alpha",
        "statut": "association",
        "asked": (own or asked(),),
        "pieces": dict.fromkeys(PIECES, GIVEN),
    }
    return Application(**(sound | changes))


def small(*, needs: Sequence[dict[str, Any]] = (), **parameters: Any) -> Coverage:  # noqa: ANN401
    """A in 01001, too small for it; nobody elsewhere; a coordinator in région 84."""
    study = make_study(
        [post("A"), post("C", volet="coordinateur")],
        [perimeter("A", "01001"), perimeter("C", "84", niveau="region", volet="coordinateur")],
        needs or [need("01001", 50_000), need("02001", 90_000), need("02002", 1_000)],
        **parameters,
    )
    return compute(study, LINE)


SMALL = small()


def broken(own: Application, call: Call = CALL, coverage: Coverage = SMALL) -> list[str]:
    ask = build_ask(coverage, call, [own])
    kept = {option.option_id for option in ask.options}
    assert {each.option_id for each in ask.aside} <= kept
    assert all(each.message and each.remedy for each in ask.aside)
    assert all(each.rule in call.rules for each in ask.aside)
    assert all(each.option_id.startswith("cand-") for each in ask.aside)
    return sorted({each.rule for each in ask.aside})


def test_a_sound_application_breaks_nothing() -> None:
    assert broken(application()) == []
    ask = build_ask(SMALL, CALL, [application()])
    (own,) = [option for option in ask.options if option.origin == "candidature"]
    assert own.option_id == "cand-alpha-f"
    assert (own.region, own.emerging, own.units) == ("84", False, (0,))
    assert own.zone_ids == ("84-capacite_insuffisante-01001",)
    assert {notice.file for notice in ask.warnings if notice.file} == {"financements"}


COLLECTIVITE = {"statut": "collectivite"}
OVER = {"state_cents": FULL * 75 // 100, "funding": (("prive", FULL * 25 // 100),)}
TWO_AIDS = {"funding": (("collectivite", FULL // 10), ("etat_autre", FULL * 2 // 10))}
COORDINATOR = {"volet": "coordinateur"}


@pytest.mark.parametrize(
    ("own", "changes", "rules", "expected"),
    [
        ({"hundredths": 30}, {}, {}, ["etp_minimum"]),
        ({"hundredths": 49}, {}, {}, ["etp_minimum"]),
        ({"hundredths": 50}, {}, {}, []),
        ({"hundredths": 30}, {}, {"etp_minimum": False}, []),
        ({"hundredths": 30}, {}, {"etp_minimum": Fraction(3, 10)}, []),
        (OVER, {}, {}, ["cofinancement_minimum", "plafond_etat"]),
        (OVER, {}, {"plafond_etat": False, "cofinancement_minimum": False}, []),
        (OVER, COLLECTIVITE, {}, ["cofinancement_minimum", "plafond_etat"]),
        (OVER, COLLECTIVITE, {"lecture_80": "remplace"}, []),
        (OVER, {}, {"lecture_80": "remplace"}, ["cofinancement_minimum", "plafond_etat"]),
        (TWO_AIDS, {}, {}, []),
        (TWO_AIDS, COLLECTIVITE, {}, ["plafond_etat_collectivite"]),
        (TWO_AIDS, COLLECTIVITE, {"lecture_80": "remplace"}, ["plafond_etat_collectivite"]),
        ({"funding": ()}, {}, {}, ["cofinancement_minimum", "totaux_concordants"]),
        ({"funding": ()}, {}, {"totaux_concordants": False}, ["cofinancement_minimum"]),
        ({"funding": (("epa", FULL),)}, {}, {}, ["totaux_concordants"]),
        ({"funding": (("epa", FULL),), "cost_declared": False}, {}, {}, []),
        ({}, {"totals": (Total("ETP demandés", 150, 100),)}, {}, ["totaux_concordants"]),
        ({}, {"totals": (Total("ETP demandés", 100, 100),)}, {}, []),
        ({}, {"unattested": 1}, {}, ["pieces_obligatoires"]),
        (COORDINATOR, {}, {}, ["coordinateur_region_non_pourvue"]),
        (COORDINATOR, {}, {"coordinateur_region_non_pourvue": False}, []),
        (COORDINATOR | {"units": (2, 3)}, {}, {}, []),
    ],
)
def test_each_rule_broken_once(
    own: dict[str, Any], changes: dict[str, Any], rules: dict[str, object], expected: list[str]
) -> None:
    made = application(asked(**own), **changes)
    assert broken(made, with_rules(CALL, rules)) == expected


def test_one_cent_over_the_cap_is_over_it_and_never_reads_as_the_cap() -> None:
    own = asked(state_cents=FULL * 7 // 10 + 1)
    (found,) = build_ask(SMALL, CALL, [application(own)]).aside
    assert found.rule == "plafond_etat"
    assert "70,1\u202f%" in found.message
    assert "31\u202f220\u202f€" in found.remedy


def test_a_coordinator_where_nothing_needs_one() -> None:
    quiet = compute(
        make_study([post("A", 3)], [perimeter("A", "84", niveau="region")], [need("01001", 10)]),
        LINE,
    )
    own = application(asked(volet="coordinateur"))
    assert broken(own, coverage=quiet) == ["coordinateur_besoin"]
    assert broken(own, with_rules(CALL, {"coordinateur_besoin": False}), quiet) == []


@pytest.mark.parametrize("piece", PIECES)
@pytest.mark.parametrize("emerging", [False, True])
def test_pieces_are_those_of_the_structure_and_the_volet(
    piece: str,
    emerging: bool,  # noqa: FBT001 - a case of the test
) -> None:
    always = {"budget_projet", "budget_structure", "engagement_cofinanceurs"}
    always |= {"comptes_annuels", "rapport_commissaire"}
    own = {"presence_territoire"} if emerging else {"rapport_activite", "attestation_capacite"}
    for state in (MISSING, "sans_objet"):
        pieces = dict.fromkeys(PIECES, GIVEN) | {piece: state}
        made = application(pieces=pieces, structure_id="nouvelle:alpha" if emerging else "A")
        optional = state == "sans_objet" and piece in ("comptes_annuels", "rapport_commissaire")
        asked_of_it = piece in always | own and not optional
        assert broken(made) == (["pieces_obligatoires"] if asked_of_it else [])
        assert broken(made, with_rules(CALL, {"pieces_obligatoires": False})) == []


def test_closed_form_on_four_communes() -> None:
    options, warnings = generated_options(SMALL, CALL)
    assert warnings == []
    found = {
        option.option_id: (option.structure_id, option.units, option.zone_ids)
        for option in options
        if option.volet == "facilitateur"
    }
    # 50,000 h for 35,000: 15,000 are missing, one half-post. 90,000 + 1,000 for nobody: 2.6 ETP.
    zone = "32-non_couverte-02001"
    assert found == {
        "zb-84-01-01001#1": ("A", (0,), ("84-capacite_insuffisante-01001",)),
        **{f"zb-32-02-02001#{k}": ("nouvelle:02", (2, 3), (zone,)) for k in range(1, 7)},
    }
    (coordinator,) = [option for option in options if option.volet == "coordinateur"]
    assert coordinator.option_id == "co-32"
    assert (coordinator.structure_id, coordinator.hundredths) == ("nouvelle:32", 100)
    assert coordinator.units == ()
    half = options[-1]
    assert (half.hundredths, half.cost_cents, half.state_cents) == (50, 22_300_00, 15_610_00)
    assert half.scope == CLASSES


def test_a_neighbour_carries_what_touches_its_perimeter() -> None:
    study = make_study(
        [post("A"), post("B")],
        [perimeter("A", "01001"), perimeter("B", "02002")],
        [need("01002", 15_000)],
    )
    (option,) = [o for o in generated_options(compute(study, LINE), CALL)[0] if o.units]
    assert (option.structure_id, option.units, option.emerging) == ("A", (1,), False)
    assert option.option_id == "zb-84-01-01002#1"


def test_a_part_over_three_etp_is_cut_by_groups_of_epci() -> None:
    wide = grid_territory(6, departements=("01",))
    needs = [need(f"0100{k}", hours) for k, hours in enumerate((40, 40, 30, 30, 300, 10), start=1)]
    for row in needs:
        row["heures"] *= 1_000
    parts = zone_parts(compute(make_study([], [], needs), wide))
    # EPCI of two communes each: 80,000 and 60,000 make more than 105,000 together.
    assert [(part.units, part.hours) for part in parts] == [
        ((0, 1), 80_000),
        ((2, 3), 60_000),
        ((4, 5), 310_000),
    ]
    easy = zone_parts(compute(make_study([], [], needs[:2]), wide))
    assert [part.hours for part in easy] == [80_000]


def test_small_parts_of_one_structure_are_joined() -> None:
    strip = grid_territory(5)
    study = make_study(
        [post("A"), post("B", "1/100", classes=("prives",))],
        [perimeter("A", "01002"), perimeter("A", "01004"), perimeter("B", "01002")],
        [need(f"0100{k}", 5_000) for k in range(1, 6)],
    )
    options, _ = generated_options(compute(study, strip), CALL)
    (option,) = [each for each in options if each.units]
    assert option.units == (0, 2, 4)
    assert len(option.zone_ids) == 3
    assert option.hundredths == 50


def test_the_cap_keeps_the_first_of_each_place_then_the_largest() -> None:
    options, warnings = generated_options(SMALL, CALL, most=4)
    kept = [option.option_id for option in options if option.units]
    assert kept == ["zb-32-02-02001#1", "zb-32-02-02001#2", "zb-32-02-02001#3", "zb-84-01-01001#1"]
    (notice,) = warnings
    # Two full halves, and the last for 91,000 − 5 × 17,500 = 3,500 h.
    assert (
        "3 propositions calculées laissées de côté (1,5 ETP, 38\u202f500 heures)" in notice.message
    )
    assert MOST == 1_500


def with_sites(study: Study) -> Study:
    services = pd.DataFrame(
        [
            {
                "service_id": f"s{k}",
                "nom": f"Service {k}",
                "type": "ddt",
                "accompagne": known,
                "commune": code,
                "file": "services_etat.csv",
                "row": k,
                "siret": "",
                "structure_id": "",
                "lon": np.nan,
                "lat": np.nan,
                "heures": np.nan,
            }
            for k, (code, known) in enumerate([("01002", "non"), ("01003", "oui")], start=2)
        ],
        columns=list(SERVICE_COLUMNS),
    )
    blank = dict.fromkeys(("rayon_m", "heures", "montant_eur"), np.nan)
    rates = {"part_main_oeuvre": np.nan, "taux_effort": np.nan}
    row = {
        "file": "p.csv",
        "row": 2,
        "projet_id": "GPE",
        "nom": "Métro",
        "programme": "autre",
        "debut": None,
        "fin": None,
        "donneur_ordre": "etat",
        "communes": ("01003", "01004"),
        "source": "",
        "fiabilite": "",
        "geometry": None,
    }
    projects = project_frame({name: [value] for name, value in (blank | rates | row).items()})
    return replace(study, services=services, projects=projects)


def test_the_two_other_grounds_outside_zones() -> None:
    strip = grid_territory(4)
    study = make_study(
        [post("A", 5)],
        [perimeter("A", "84", niveau="region")],
        [need("01001", 100)],
    )
    ask = build_ask(compute(with_sites(study), strip), CALL)
    found = {
        option.option_id: (option.ground, option.units, option.projects, option.structure_id)
        for option in ask.options
    }
    assert found == {
        "se-84-01-01002": ("services_etat", (1,), (), "A"),
        "gp-84-01-GPE": ("grand_projet", (2, 3), ("GPE",), "A"),
        "co-84": ("services_etat", (), (), "A"),
    }
    assert any("un seul grand projet" in notice.message for notice in ask.warnings)
    silent = with_rules(CALL, {"sans_specialisation": False})
    assert not build_ask(compute(with_sites(study), strip), silent).warnings


def test_kept_posts_come_from_calls_recent_enough_and_reach_nothing_more() -> None:
    study = make_study(
        [
            post("A", "1/2", financement="aap_2022", poste_id="P1"),
            post("A", "1/2", financement="aap_2022"),
            post("A", 1, financement="aap_2022"),
            post("A", 1, financement="aap_2020"),
            post("A", 1, financement="aap_2021", volet="coordinateur"),
            post("A", 1, financement="aap_2023"),
        ],
        [perimeter("A", "01001"), perimeter("A", "32", niveau="region", volet="coordinateur")],
        [need("01001", 1)],
    )
    ask = build_ask(compute(study, LINE), CALL)
    kept = [option for option in ask.options if option.origin == "convention"]
    assert [(o.option_id, o.hundredths, o.region) for o in kept] == [
        ("conv-2021-A-c1", 100, "32"),
        ("conv-2022-A-f1", 50, "84"),
        ("conv-2022-A-f2", 100, "84"),
        ("conv-2022-P1", 50, "84"),
    ]
    assert all(option.units == () for option in kept)
    assert sum(option.state_cents for option in kept) == 3 * 31_220_00
    assert not {each.option_id for each in ask.aside} & {option.option_id for option in kept}
    (notice,) = [notice for notice in ask.warnings if notice.column == "financement"]
    assert "1,00 ETP" in notice.message


def test_decisions_on_nothing_or_on_what_may_not_be_chosen_are_told() -> None:
    decisions = Decisions(
        locked={"cand-alpha-f": "élu", "zb-84-01-01001#1": "urgence"},
        refused={"zb-84-01-01001#1": "doublon", "zb-inconnue": "rien"},
    )
    ask = build_ask(SMALL, CALL, [application(asked(hundredths=30))], decisions)
    told = " ".join(notice.message for notice in ask.warnings)
    assert "« zb-inconnue », qui n’existe pas" in told
    assert "« zb-84-01-01001#1 » à la fois verrouillée (urgence) et refusée (doublon)" in told
    assert "« cand-alpha-f » verrouillée (élu) alors qu’elle enfreint" in told
    assert ask.locked == decisions.locked
    assert ask.refused == {"zb-84-01-01001#1": "doublon"}


def test_a_ground_that_the_study_does_not_bear_out_is_told() -> None:
    for ground, what in (
        ("zone_blanche", "aucune zone blanche"),
        ("services_etat", "aucun service"),
        ("grand_projet", "aucun grand projet"),
    ):
        own = application(asked(ground=ground, units=(1,)))
        ask = build_ask(SMALL, CALL, [own])
        assert any(what in notice.message for notice in ask.warnings)


def check_cover(coverage: Coverage) -> None:
    """Every zone retenue with missing hours has the half-posts that it misses, at least."""
    options, _ = generated_options(coverage, CALL)
    halves = Fraction(1, 2)
    shown = coverage.study.regions or tuple(coverage.regions.index)
    for zone in coverage.zones.itertuples():
        if not (zone.retenue and zone.statut in STATUSES and zone.region in shown):
            continue
        hours = zone.besoin_h if zone.statut == "limitrophe" else zone.deficit_h
        own = [o for o in options if zone.Index in o.zone_ids and o.volet == "facilitateur"]
        assert sum((o.etp for o in own), Fraction(0)) >= zone.etp_manquants
        reached = {unit for o in own for unit in o.units}
        if hours:
            assert own
            assert reached & set(coverage.zone_units[str(zone.Index)].tolist())
        # Rounded up to the half by part, never more.
        parts = len({o.option_id.split("#")[0] for o in own})
        several = any(len(o.zone_ids) > 1 for o in own)
        if not several:
            assert sum((o.etp for o in own), Fraction(0)) < zone.etp_manquants + parts * halves + 1


@settings(few, max_examples=6)
@given(studies())
def test_generated_options_cover_the_zones_and_break_no_rule(study: Study) -> None:
    coverage = compute(study, SQUARES)
    check_cover(coverage)
    ask = build_ask(coverage, CALL)
    assert not ask.aside
    ids = [option.option_id for option in ask.options]
    assert ids == sorted(set(ids))


def plain(ask: Ask) -> tuple[tuple[Option, ...], object, object]:
    return ask.options, ask.aside, ask.warnings


@settings(few, max_examples=6)
@given(studies())
def test_the_order_of_rows_changes_nothing(study: Study) -> None:
    own = [
        application(asked(units=(0, 1)), structure_id="S1"),
        application(
            asked(units=(5,), hundredths=30),
            structure_id="S2",
            application_id="beta",
            file="candidatures/beta.toml",
        ),
    ]
    first = build_ask(compute(study, SQUARES), CALL, own)
    again = build_ask(compute(shuffled(study, 7), SQUARES), CALL, own[::-1])
    assert plain(first) == plain(again)

"""Thresholds and zones whose figures can be found by hand on a few squares."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from agreement import decided
from builders import grid_territory, make_study, need, perimeter, post, structure

from coverage.parameters import CLASSES

A, B = "01001", "01002"
ONE = grid_territory(1)
TWO = grid_territory(2)


# --- thresholds ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("need_h", "threshold", "statut", "gravite"),
    [
        (35_000, "1", "couverte", ""),
        (35_001, "1", "capacite_insuffisante", "<1"),
        (52_500, "2/3", "couverte", ""),
        (52_501, "2/3", "capacite_insuffisante", "<2/3"),
        (52_500, "1", "capacite_insuffisante", "<1"),
        (105_000, "1", "capacite_insuffisante", "<2/3"),
        (105_001, "1", "capacite_insuffisante", "<1/3"),
    ],
)
def test_thresholds_are_compared_exactly(
    need_h: int, threshold: str, statut: str, gravite: str
) -> None:
    study = make_study(
        [post("S")], [perimeter("S", A)], [need(A, need_h)], seuil_reponse=Fraction(threshold)
    )
    line = decided(study, ONE).communes.loc[A]
    assert (line["statut"], line["gravite"]) == (statut, gravite)


@pytest.mark.parametrize(
    ("threshold", "statut"), [("1/2", "couverte"), ("50001/100000", "capacite_insuffisante")]
)
def test_the_state_has_a_threshold_of_its_own(threshold: str, statut: str) -> None:
    # 45,000 h of 60,000 are served, at the threshold of all needs; 10,000 of the State's 20,000.
    study = make_study(
        [post("S", 1, classes=["bailleurs"]), post("T", "2/7", classes=["etat"])],
        [perimeter("S", A), perimeter("T", A)],
        [need(A, 40_000, "bailleurs"), need(A, 20_000, "etat")],
        seuil_reponse=Fraction(3, 4),
        seuil_reponse_etat=Fraction(threshold),
    )
    line = decided(study, ONE).communes.loc[A]
    assert (line["taux_reponse"], line["taux_reponse_etat"]) == (Fraction(3, 4), Fraction(1, 2))
    assert line["statut"] == statut


def test_existing_posts_could_serve_the_state_first() -> None:
    study = make_study(
        [post("S")], [perimeter("S", A)], [need(A, 35_000, "etat"), need(A, 35_000, "prives")]
    )
    line = decided(study, ONE).communes.loc[A]
    assert (line["taux_reponse"], line["taux_reponse_etat"]) == (Fraction(1, 2), 1)


# --- zones --------------------------------------------------------------------------------


def test_squares_that_meet_at_a_corner_are_two_zones() -> None:
    corners = [perimeter("S", "01001"), perimeter("S", "01004")]
    study = make_study([post("S")], corners, [need(f"0100{n}", 9) for n in (1, 2, 3, 4)])
    coverage = decided(study, grid_territory(2, 2))
    assert sorted(coverage.zone_units) == [
        "84-couverte-01001",
        "84-couverte-01004",
        "84-non_couverte-01002",
        "84-non_couverte-01003",
    ]


def test_a_region_ends_a_zone_and_a_departement_does_not() -> None:
    territory = grid_territory(3, codes=(A, "69001", "2A004"))
    coverage = decided(make_study([], []), territory)
    assert sorted(coverage.zone_units) == ["84-non_couverte-01001", "94-non_couverte-2A004"]
    assert coverage.zones.loc["84-non_couverte-01001", "departements"] == ("01", "69")


def test_a_unit_without_geometry_is_a_zone_of_its_own() -> None:
    coverage = decided(make_study([], []), grid_territory(3, without_geometry={B}))
    assert sorted(coverage.zone_units) == [f"84-non_couverte-0100{n}" for n in (1, 2, 3)]
    assert coverage.zones["sans_geometrie"].to_list() == [False, True, False]


@pytest.mark.parametrize(
    ("nature", "needs", "required", "besoin", "kept"),
    [
        ("", [need(A, 1_607)], True, "identifie", True),
        ("", [need(A, 1_607)], False, "identifie", True),
        ("", [], True, "inconnu", False),
        ("", [], False, "inconnu", True),
        (
            "",
            [need(A, 1_606)] + [need(A, 0, name) for name in CLASSES if name != "collectivites"],
            True,
            "aucun",
            False,
        ),
        ("", [need(A, 0, name) for name in CLASSES], False, "aucun", True),
        ("extension", [need(A, 1_607)], True, "identifie", True),
        ("extension", [], True, "inconnu", False),
        ("extension", [], False, "inconnu", False),
        ("extension", [need(A, 0, name) for name in CLASSES], False, "aucun", False),
        ("principal", [need(A, 35_001)], True, "identifie", True),
        ("principal", [need(A, 35_000)], True, "identifie", False),
    ],
)
def test_zones_that_are_kept(
    nature: str,
    needs: list[dict[str, Any]],
    required: bool,  # noqa: FBT001 - the parameter itself
    besoin: str,
    kept: bool,  # noqa: FBT001 - what is expected
) -> None:
    study = make_study(
        [post("S")],
        [perimeter("S", A, nature)] if nature else [],
        needs,
        besoin_requis_non_couverte=required,
    )
    [zone] = decided(study, ONE).zones.to_dict("records")
    assert (zone["besoin"], zone["retenue"]) == (besoin, kept)


@pytest.mark.parametrize(
    ("need_h", "certainty"),
    [
        (43_999, "probable"),
        (44_000, "demontree"),
        (37_000, "probable"),
        (36_999, "non_demontree"),
    ],
)
def test_certainty_from_the_break_even(need_h: int, certainty: str) -> None:
    study = make_study([post("S")], [perimeter("S", A)], [need(A, need_h)])
    [zone] = decided(study, ONE).zones.to_dict("records")
    assert zone["seuil_bascule_h_par_etp"] == need_h
    assert zone["certitude"] == certainty


def test_break_even_of_unequal_productivities_is_a_common_multiplier() -> None:
    # 30,000 + 35,000 for 78,000 h: everything times 1.2, hence 42,000 h by ETP.
    study = make_study(
        [post("S"), post("T")],
        [perimeter("S", A), perimeter("T", A)],
        [need(A, 78_000)],
        structures=[structure("S", 30_000)],
    )
    [zone] = decided(study, ONE).zones.to_dict("records")
    assert zone["seuil_bascule_h_par_etp"] == 42_000


def test_break_even_forgets_the_rounding_of_capacities() -> None:
    study = make_study([post("S", "1/3")], [perimeter("S", A)], [need(A, 13_000)])
    [zone] = decided(study, ONE).zones.to_dict("records")
    assert zone["seuil_bascule_h_par_etp"] == 39_000


def test_no_productivity_serves_a_class_that_no_post_serves() -> None:
    study = make_study(
        [post("S", classes=["etat"])],
        [perimeter("S", A)],
        [need(A, 1, "prives"), need(A, 1, "etat")],
    )
    [zone] = decided(study, ONE).zones.to_dict("records")
    assert zone["statut"] == "capacite_insuffisante"
    assert zone["seuil_bascule_h_par_etp"] != zone["seuil_bascule_h_par_etp"] or (
        zone["seuil_bascule_h_par_etp"] is None
    )
    assert zone["classes_non_servies"] == ("prives",)


def test_proved_deficit_is_what_the_zone_lacks_with_all_its_structures() -> None:
    # S and T could give A 52,500 h of its 60,000; fairly, T gives half of its hours to B.
    study = make_study(
        [post("S"), post("T", "1/2")],
        [perimeter("S", A), perimeter("T", A), perimeter("T", B, "extension")],
        [need(A, 60_000), need(B, 30_000)],
    )
    coverage = decided(study, TWO)
    zone = coverage.zones.loc["84-capacite_insuffisante-01001"]
    assert zone["deficit_prouve_h"] == 7_500
    # 52,500 / 90,000 each: 25,000 h lack of 60,000.
    assert zone["deficit_h"] == 25_000
    assert coverage.zones.loc["84-limitrophe-01002", "deficit_h"] == 12_500


def test_whole_hours_never_serve_a_zone_more_than_its_structures_can() -> None:
    # S alone holds four communes, S and T a fifth, T alone four more: one hour needed in each,
    # 6 h for 9, so 2/3 everywhere. The first four lack 4/3 h; with 3 h, S cannot serve all four.
    mine = [f"0100{n}" for n in range(1, 5)]
    shared, *theirs = [f"2A00{n}" for n in range(1, 6)]
    three_hours = str(Fraction(3, 35_000))
    study = make_study(
        [post("S", three_hours), post("T", three_hours)],
        [perimeter("S", code) for code in (*mine, shared)]
        + [perimeter("T", code) for code in (shared, *theirs)],
        [need(code, 1) for code in (*mine, shared, *theirs)],
    )
    territory = grid_territory(9, codes=(*mine, shared, *theirs))
    coverage = decided(study, territory)
    zone = coverage.zones.loc["84-capacite_insuffisante-01001"]
    assert zone["deficit_prouve_h"] == 1
    assert zone["deficit_h"] >= zone["deficit_prouve_h"]
    assert coverage.communes["servi_h"].sum() == 6

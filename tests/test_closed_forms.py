"""Capacity, perimeters and need whose figures can be found by hand on a few squares."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest
from agreement import decided
from builders import exhaustive, grid_territory, make_study, need, perimeter, post, structure

from coverage.parameters import CLASSES

if TYPE_CHECKING:
    from collections.abc import Sequence


A, B = "01001", "01002"
ONE = grid_territory(1)
TWO = grid_territory(2)
PLM = grid_territory(
    4,
    codes=("75101", "75102", "75103", "93001"),
    populations=(1, 1, 1, 9),
    cities={"75056": ("75101", "75102", "75103")},
    former={"93999": "93001"},
)


def capacity_of(
    posts: Sequence[dict[str, Any]],
    own: int | None = None,
    **settings: Any,  # noqa: ANN401
) -> Fraction:
    """Return the hours that the posts of S bring: the simple ratio of a need of one hour."""
    study = make_study(
        posts,
        [perimeter("S", A)],
        [need(A, 1)],
        structures=[structure("S", own)],
        **settings,
    )
    return decided(study, ONE).communes["ratio_simple"][A]


# --- capacity -----------------------------------------------------------------------------

JULY = date(2023, 7, 1)


@pytest.mark.parametrize(
    ("posts", "hours"),
    [
        ([post("S", 1)], 35_000),
        ([post("S", "1/3")], 11_666),
        # Three thirds of one scope are one supply node: the hours are rounded once.
        ([post("S", "1/3")] * 3, 35_000),
        # 35,000 × 184 / 365 = 17,643.8
        ([post("S", 1, debut=JULY)], 17_643),
        ([post("S", 1, debut=date(2024, 1, 1)), post("S", 1)], 35_000),
        # 35,000 × 181 / 365 = 17,356.2
        ([post("S", 1, fin=date(2023, 6, 30))], 17_356),
        # 35,000 / 365 = 95.9: both ends are inclusive.
        ([post("S", 1, debut=JULY, fin=JULY)], 95),
        ([post("S", 1, debut=JULY, fin=JULY), post("S", 1, debut=JULY, fin=JULY)], 191),
        # Newly funded in the year of the study, at half by default.
        ([post("S", 1, financement="aap_2023")], 17_500),
        ([post("S", 1, financement="aap_2022")], 35_000),
        ([post("S", 1, financement="aap_2023", debut=JULY)], 8_821),
        # A coordinator's post brings nothing.
        ([post("S", 1), post("S", 1, volet="coordinateur")], 35_000),
    ],
)
def test_hours_that_posts_bring(posts: list[dict[str, Any]], hours: int) -> None:
    assert capacity_of(posts) == hours


def test_a_leap_year_has_one_more_day() -> None:
    # 35,000 × 184 / 366 = 17,595.6
    assert capacity_of([post("S", 1, debut=date(2024, 7, 1))], year=2024) == 17_595


def test_own_results_replace_the_default() -> None:
    assert capacity_of([post("S", 1)], own=41_234) == 41_234
    assert capacity_of([post("S", 1)], own=41_234, heures_par_etp=30_000) == 41_234
    assert capacity_of([post("S", 1)], heures_par_etp=30_000) == 30_000


def test_the_ramp_is_a_parameter() -> None:
    new = [post("S", 1, financement="aap_2023")]
    assert capacity_of(new, montee_en_charge=Fraction(4, 5)) == 28_000


def test_posts_of_one_structure_serve_their_own_classes() -> None:
    study = make_study(
        [post("S", 1, classes=["etat"]), post("S", "1/2", classes=["bailleurs"])],
        [perimeter("S", A)],
        [need(A, 70_000, "etat"), need(A, 10_000, "bailleurs"), need(A, 5_000, "prives")],
    )
    line = decided(study, ONE).communes.loc[A]
    assert line["servi_h"] == 45_000
    assert line["taux_reponse"] == Fraction(45, 85)
    assert line["taux_reponse_etat"] == Fraction(1, 2)
    assert line["classes_non_servies"] == ("prives",)
    assert line["ratio_simple"] == Fraction(52_500, 85_000)


# --- perimeters in force ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("posts", "held", "statut"),
    [
        ([post("S")], {}, "couverte"),
        ([], {}, "non_couverte"),
        ([post("S", 0)], {}, "non_couverte"),
        ([post("S", volet="coordinateur")], {}, "non_couverte"),
        ([post("S", fin=date(2022, 12, 31))], {}, "non_couverte"),
        ([post("S", debut=date(2024, 1, 1))], {}, "non_couverte"),
        ([post("S", fin=date(2023, 1, 1))], {}, "capacite_insuffisante"),
        ([post("S", debut=date(2023, 12, 31))], {}, "capacite_insuffisante"),
        ([post("S")], {"volet": "coordinateur"}, "non_couverte"),
        ([post("S")], {"etat": "a_confirmer"}, "non_couverte"),
        ([post("S")], {"etat": "conteste"}, "non_couverte"),
        ([post("S")], {"nature": "extension"}, "limitrophe"),
        ([post("S")], {"nature": "extension_dotee"}, "couverte"),
    ],
)
def test_what_covers(posts: list[dict[str, Any]], held: dict[str, str], statut: str) -> None:
    study = make_study(posts, [perimeter("S", A, **held)], [need(A, 1_000)])
    assert decided(study, ONE).communes["statut"][A] == statut


def test_the_planner_says_which_states_of_perimeters_count() -> None:
    study = make_study(
        [post("S")],
        [perimeter("S", A, etat="a_confirmer"), perimeter("S", B)],
        [need(A, 1), need(B, 1)],
        etats_perimetres=("a_confirmer",),
    )
    assert decided(study, TWO).communes["statut"].to_list() == ["couverte", "non_couverte"]


@pytest.mark.parametrize("natures", [("extension", "principal"), ("principal", "extension")])
@pytest.mark.parametrize("niveau", ["commune", "departement"])
def test_principal_wins_over_extension(natures: tuple[str, str], niveau: str) -> None:
    code = A if niveau == "commune" else "01"
    rows = [perimeter("S", A, natures[0]), perimeter("S", code, natures[1], niveau=niveau)]
    study = make_study([post("S")], rows, [need(A, 1)])
    line = decided(study, ONE).communes.loc[A]
    assert (line["part_principale"], line["part_extension"]) == (1, 0)
    assert line["structures"] == ("S",)


def test_repeated_codes_bring_their_hours_once() -> None:
    rows = [perimeter("S", A)] * 3 + [perimeter("S", "01", niveau="departement")]
    study = make_study([post("S")], rows, [need(A, 70_000)])
    assert decided(study, ONE).communes["servi_h"][A] == 35_000


# --- need ---------------------------------------------------------------------------------


def test_hours_of_a_city_go_to_its_arrondissements_by_population() -> None:
    # A third of 100 h each: the hour that remains goes to the lowest code.
    study = make_study([], [], [need("75056", 100, "etat"), need("93999", 7, "etat")])
    communes = decided(study, PLM).communes
    assert communes["besoin_h"].to_dict() == {"75101": 34, "75102": 33, "75103": 33, "93001": 7}
    assert communes["classes_inconnues"]["75103"] == CLASSES[1:]


def test_hours_of_a_city_are_added_before_they_are_split() -> None:
    rows = [need("75056", 1, source="une source"), need("75056", 1, source="une autre")]
    communes = decided(make_study([], [], rows), PLM).communes
    assert communes["besoin_h"].to_list() == [1, 1, 0, 0]


def test_hours_of_a_city_follow_the_largest_remainder() -> None:
    # 10 × (6, 3, 2) / 11 = 5.45, 2.73, 1.82: the two hours that remain go to .82 and .73.
    territory = grid_territory(
        3,
        codes=("69381", "69382", "69383"),
        populations=(6, 3, 2),
        cities={"69123": ("69381", "69382", "69383")},
    )
    communes = decided(make_study([], [], [need("69123", 10)]), territory).communes
    assert communes["besoin_h"].to_list() == [5, 3, 2]


def test_a_perimeter_on_a_city_holds_its_arrondissements() -> None:
    study = make_study([post("S")], [perimeter("S", "75056")], [need("75056", 9)])
    assert decided(study, PLM).communes["statut"].to_list() == ["couverte"] * 3 + ["non_couverte"]


@pytest.mark.parametrize(
    ("halves", "hours"),
    [((0.5,), 1), ((0.5, 0.5), 1), ((0.25,), 0), ((1.25, 1.25), 3), ((2.5,), 3)],
)
def test_fractions_of_hours_are_added_then_rounded(halves: tuple[float, ...], hours: int) -> None:
    rows = [need(A, half, source=f"source {number}") for number, half in enumerate(halves)]
    assert decided(make_study([], [], rows), ONE).communes["besoin_h"][A] == hours


def test_a_need_of_another_year_counts_for_nothing() -> None:
    rows = [need(A, 10, "etat", annee=2022), need(A, 20, annee=2023), need(A, 40, "prives")]
    communes = decided(make_study([], [], rows), ONE).communes
    assert communes["besoin_h"][A] == 60
    assert "etat" in communes["classes_inconnues"][A]


def test_zero_is_known() -> None:
    study = make_study([post("S")], [perimeter("S", "01", niveau="departement")], [need(A, 0)])
    communes = decided(study, TWO).communes
    assert communes["statut"].to_dict() == {A: "couverte", B: "donnee_manquante"}
    assert communes["taux_reponse"].to_list() == [None, None]


@pytest.mark.parametrize(
    ("limits", "statuses"),
    [
        ({}, ["couverte", "couverte"]),
        ({"region": "84"}, ["couverte", "donnee_manquante"]),
        ({"departement": "2A"}, ["donnee_manquante", "couverte"]),
    ],
)
def test_an_exhaustive_source_makes_zero_known(limits: dict[str, str], statuses: list[str]) -> None:
    study = make_study(
        [post("S")],
        [perimeter("S", A), perimeter("S", "2A004")],
        exhaustiveness=[exhaustive("bailleurs", **limits)],
    )
    territory = grid_territory(2, codes=(A, "2A004"))
    assert decided(study, territory).communes["statut"].to_list() == statuses


# --- a structure that reaches outside the study -------------------------------------------


@pytest.mark.parametrize(
    ("outside", "regions", "hours"),
    [
        # 35,000 × 1,000 / 1,300 = 26,923.08: nothing is known of the 300 inhabitants outside.
        ([], ("84",), 26_923),
        ([need("2A004", 0, "etat")], ("84",), 35_000),
        ([], (), 35_000),
        ([], ("84", "94"), 35_000),
    ],
)
def test_a_structure_brings_what_its_population_inside_bears(
    outside: list[dict[str, Any]], regions: tuple[str, ...], hours: int
) -> None:
    territory = grid_territory(2, codes=(A, "2A004"), populations=(1_000, 300))
    study = make_study(
        [post("S")],
        [perimeter("S", A), perimeter("S", "2A004", "extension")],
        [need(A, 1), *outside],
        regions=regions,
    )
    assert decided(study, territory).communes["ratio_simple"][A] == hours

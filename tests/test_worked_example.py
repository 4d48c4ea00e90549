"""The worked example of the method, figure by figure (its section 10)."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import naive
import pytest
from builders import codes_of, grid_territory, make_study, need, perimeter, post
from naive_flows import augmented_flow, served_at_most

from coverage.parameters import CLASSES
from coverage.study import compute

if TYPE_CHECKING:
    import pandas as pd

    from coverage.model import Certificate, Coverage, Study
    from geo.territory import Territory

A, B, C, D = "01001", "01002", "01003", "01004"
HOURS = {A: 30_000, B: 20_000, C: 10_000, D: 8_000}
POSTS = [post("S", 1), post("T", "1/2")]
PERIMETERS = [
    perimeter("S", A),
    perimeter("S", B),
    perimeter("T", B),
    perimeter("T", C, "extension"),
]
BUYERS = ["collectivites", "etat"]
SEVEN_EIGHTHS = Fraction(7, 8)


def study_of(buyer: str) -> Study:
    needs = [need(commune, hours, buyer) for commune, hours in HOURS.items()]
    return make_study(POSTS, PERIMETERS, needs)


@pytest.fixture(scope="module")
def territory() -> Territory:
    return grid_territory(4)


@pytest.fixture(scope="module", params=BUYERS)
def buyer(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def coverage(buyer: str, territory: Territory) -> Coverage:
    return compute(study_of(buyer), territory)


def zone_of(coverage: Coverage, *communes: str) -> pd.Series:
    found = [
        name
        for name, rows in coverage.zone_units.items()
        if codes_of(coverage.territory, rows) == frozenset(communes)
    ]
    assert len(found) == 1, f"no zone of {communes}: {dict(coverage.zone_units)}"
    return coverage.zones.loc[found[0]]


def certificates(coverage: Coverage, kind: str, flow: str = "total") -> list[Certificate]:
    return [c for c in coverage.certificates.values() if c.kind == kind and c.flow == flow]


def naming(proofs: list[Certificate], commune: str) -> list[Certificate]:
    return [proof for proof in proofs if any(place[0] == commune for place in proof.places)]


# --- the reference itself -----------------------------------------------------------------


def test_reference_finds_the_figures_of_the_method(territory: Territory) -> None:
    study = study_of("collectivites")
    reference = naive.decide(study, territory)
    assert naive.capacities(study, territory) == {
        ("S", "|".join(CLASSES)): 35_000,
        ("T", "|".join(CLASSES)): 17_500,
    }
    rates = {code: unit.rate for code, unit in reference.units.items()}
    assert rates == {A: SEVEN_EIGHTHS, B: SEVEN_EIGHTHS, C: SEVEN_EIGHTHS, D: 0}
    assert [unit.statut for unit in reference.units.values()] == [
        "capacite_insuffisante",
        "capacite_insuffisante",
        "limitrophe",
        "non_couverte",
    ]
    assert reference.zones == {frozenset({A, B}), frozenset({C}), frozenset({D})}
    assert reference.fair_deficit({A, B}) == 6_250
    assert reference.proved_deficit({A, B}) == 0
    assert naive.break_even(study, territory, {A, B}) == pytest.approx(40_000, rel=1e-6)
    flow = reference.total
    supply = naive.capacities(study, territory)
    assert served_at_most(flow.needs, supply, flow.links) == 52_500
    assert augmented_flow(flow.needs, supply, flow.links) == 52_500


# --- rates and status ---------------------------------------------------------------------


def test_served_hours_are_the_maximum_flow(coverage: Coverage) -> None:
    assert coverage.totals["besoin_h"] == 68_000
    assert coverage.totals["servi_h"] == 52_500
    assert coverage.totals["flot_maximum_h"] == 52_500


def test_rates(coverage: Coverage, buyer: str) -> None:
    rates = coverage.communes["taux_reponse"].to_dict()
    assert rates == {A: SEVEN_EIGHTHS, B: SEVEN_EIGHTHS, C: SEVEN_EIGHTHS, D: 0}
    state_rates = coverage.communes["taux_reponse_etat"].to_dict()
    assert state_rates == (rates if buyer == "etat" else dict.fromkeys(rates))


def test_hours_served(coverage: Coverage) -> None:
    assert coverage.communes["besoin_h"].to_dict() == HOURS
    assert coverage.communes["servi_h"].to_dict() == {A: 26_250, B: 17_500, C: 8_750, D: 0}


def test_statuses_and_gravity(coverage: Coverage) -> None:
    assert coverage.communes["statut"].to_dict() == {
        A: "capacite_insuffisante",
        B: "capacite_insuffisante",
        C: "limitrophe",
        D: "non_couverte",
    }
    gravity = coverage.communes["gravite"].to_dict()
    assert (gravity[A], gravity[B]) == ("<1", "<1")
    assert not coverage.communes["mixte"].any()


def test_parts_of_area(coverage: Coverage) -> None:
    parts = coverage.communes[["part_principale", "part_extension", "part_non_couverte"]]
    assert parts.astype(float).to_numpy().tolist() == [[1, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]]


def test_structures_of_each_commune(coverage: Coverage) -> None:
    named = {code: tuple(names) for code, names in coverage.communes["structures"].items()}
    assert named == {A: ("S",), B: ("S", "T"), C: ("T",), D: ()}


def test_other_readings(coverage: Coverage) -> None:
    simple = coverage.communes["ratio_simple"].to_dict()
    assert simple == {A: Fraction(7, 6), B: Fraction(21, 8), C: Fraction(7, 4), D: 0}
    two_step = coverage.communes["ratio_2sfca"].to_dict()
    assert two_step == {A: Fraction(7, 10), B: Fraction(77, 60), C: Fraction(7, 12), D: 0}


# --- certificates -------------------------------------------------------------------------


def test_certificate_of_the_shortage(coverage: Coverage, buyer: str) -> None:
    proofs = certificates(coverage, "extensions_comprises")
    [proof] = naming(proofs, A)
    assert proof.places == tuple((code, buyer, HOURS[code]) for code in (A, B, C))
    assert [(name, hours) for name, _, hours in proof.structures] == [("S", 35_000), ("T", 17_500)]
    assert all(buyer in scope.split("|") for _, scope, _ in proof.structures)
    assert proof.ancestors == ()
    assert (proof.own_need_hours, proof.own_capacity_hours) == (60_000, 52_500)
    assert (proof.need_hours, proof.capacity_hours) == (60_000, 52_500)


def test_certificate_of_the_commune_that_nobody_covers(coverage: Coverage, buyer: str) -> None:
    [proof] = naming(certificates(coverage, "extensions_comprises"), D)
    assert proof.places == ((D, buyer, 8_000),)
    assert proof.structures == ()
    assert proof.ancestors == ()
    assert (proof.need_hours, proof.capacity_hours) == (8_000, 0)


def test_no_shortage_within_principal_perimeters(coverage: Coverage) -> None:
    proofs = certificates(coverage, "perimetres_principaux")
    assert naming(proofs, A) == []
    assert naming(proofs, B) == []
    [alone] = naming(proofs, D)
    assert (alone.structures, alone.capacity_hours) == ((), 0)


def test_state_certificates_only_where_the_state_has_needs(coverage: Coverage, buyer: str) -> None:
    proofs = certificates(coverage, "extensions_comprises", "etat")
    sums = sorted((proof.need_hours, proof.capacity_hours) for proof in proofs)
    assert sums == ([(8_000, 0), (60_000, 52_500)] if buyer == "etat" else [])


# --- zones --------------------------------------------------------------------------------


def test_zone_of_the_shortage(coverage: Coverage) -> None:
    zone = zone_of(coverage, A, B)
    assert zone.name == "84-capacite_insuffisante-01001"
    assert zone["statut"] == "capacite_insuffisante"
    assert zone["retenue"]
    assert zone["besoin_h"] == 50_000
    assert zone["deficit_h"] == 6_250
    assert zone["deficit_prouve_h"] == 0
    assert zone["seuil_bascule_h_par_etp"] == 40_000
    assert zone["certitude"] == "probable"
    [proof] = naming(certificates(coverage, "extensions_comprises"), A)
    assert proof.certificate_id in zone["certificats"]


def test_zone_of_the_extension(coverage: Coverage) -> None:
    zone = zone_of(coverage, C)
    assert zone.name == "84-limitrophe-01003"
    assert (zone["deficit_h"], zone["deficit_prouve_h"]) == (1_250, 0)
    assert zone["retenue"]


def test_zone_that_nobody_covers(coverage: Coverage) -> None:
    zone = zone_of(coverage, D)
    assert zone.name == "84-non_couverte-01004"
    assert (zone["deficit_h"], zone["deficit_prouve_h"]) == (8_000, 8_000)
    assert zone["besoin"] == "identifie"
    assert zone["retenue"]


@pytest.mark.parametrize(
    ("hours_per_etp", "statut"),
    [(39_999, "capacite_insuffisante"), (40_000, "couverte"), (40_001, "couverte")],
)
def test_status_turns_at_the_break_even(
    territory: Territory, hours_per_etp: int, statut: str
) -> None:
    needs = [need(commune, hours) for commune, hours in HOURS.items()]
    study = make_study(POSTS, PERIMETERS, needs, heures_par_etp=hours_per_etp)
    communes = compute(study, territory).communes
    assert (communes["statut"][A], communes["statut"][B]) == (statut, statut)


def test_break_even_does_not_depend_on_the_productivity_filed(territory: Territory) -> None:
    needs = [need(commune, hours) for commune, hours in HOURS.items()]
    study = make_study(POSTS, PERIMETERS, needs, heures_par_etp=30_000)
    zone = zone_of(compute(study, territory), A, B)
    assert zone["seuil_bascule_h_par_etp"] == 40_000


# --- the new post -------------------------------------------------------------------------


def test_a_half_post_on_the_extension_gives_its_neighbours_back_their_hours(
    territory: Territory,
) -> None:
    needs = [need(commune, hours) for commune, hours in HOURS.items()]
    study = make_study([*POSTS, post("U", "1/2")], [*PERIMETERS, perimeter("U", C)], needs)
    rates = naive.decide(study, territory).total.rates
    assert rates[A, "collectivites"] == rates[B, "collectivites"] == Fraction(105, 100)
    coverage = compute(study, territory)
    assert coverage.communes["statut"].to_list() == ["couverte"] * 3 + ["non_couverte"]
    assert coverage.communes["servi_h"].to_dict() == {A: 30_000, B: 20_000, C: 10_000, D: 0}
    assert coverage.totals["servi_h"] == 60_000

"""Need from every origin: placed, kept to the hour, known only where something is known."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pytest
from builders import CELL_DEG, drawn, exhaustive, grid_territory, make_study, need, perimeter, post
from hypothesis import given
from hypothesis import strategies as st
from origins import contract, project, service, with_origins
from shapely import box

from coverage.need import build_need
from coverage.parameters import CLASSES
from coverage.rounding import largest_remainder, largest_remainders
from coverage.study import compute

if TYPE_CHECKING:
    from collections.abc import Iterable

    from coverage.model import Coverage

FOUR = grid_territory(4, departements=("01", "01", "02", "02"))
EVERY = {"part_marches_clausables": tuple((name, Fraction(1)) for name in CLASSES)}
HOUR = 1_200  # euros of works for an hour: 1,200 x 0.50 x 0.05 / 30 = 1
STATE, OPERATORS = CLASSES.index("etat"), CLASSES.index("operateurs_etat")


# --- whole hours --------------------------------------------------------------------------


@given(
    st.lists(
        st.tuples(st.integers(0, 10**7), st.lists(st.integers(0, 10**15), min_size=1, max_size=6)),
        max_size=6,
    )
)
def test_groups_share_their_totals_as_each_would_alone(
    groups: list[tuple[int, list[int]]],
) -> None:
    expected = [part for total, weights in groups for part in largest_remainder(total, weights)]
    sizes = [len(weights) for _, weights in groups]
    found = largest_remainders(
        np.repeat(np.array([total for total, _ in groups], dtype=np.int64), sizes),
        np.array([weight for _, weights in groups for weight in weights], dtype=np.int64),
        np.repeat(np.arange(len(groups)), sizes),
    )
    assert found.tolist() == expected


# --- places -------------------------------------------------------------------------------


def test_a_contract_of_a_commune_is_known_there_and_one_of_a_departement_is_not() -> None:
    study = make_study([], [], **EVERY)
    study = with_origins(
        study,
        contracts=[
            contract("A", 300 * HOUR, "commune:01001"),
            contract("B", 1_000 * HOUR, "departement:02"),
        ],
    )
    found = build_need(study, FOUR)
    assert found.hours[:, STATE].tolist() == [300, 0, 480, 520]  # by 1,200 and 1,300 inhabitants
    assert found.known[:, STATE].tolist() == [True, False, False, False]
    assert found.rounding_hours == 0


def test_hours_too_small_for_one_commune_are_not_lost_in_a_wide_place() -> None:
    study = with_origins(make_study([], [], **EVERY), contracts=[contract("A", 3 * HOUR, "pays:")])
    assert build_need(study, FOUR).hours[:, STATE].sum() == 3


def test_sources_of_one_commune_are_summed_before_they_are_rounded() -> None:
    study = make_study([], [], [need("01001", 0.3, "etat", source="un")], **EVERY)
    study = with_origins(study, contracts=[contract("A", int(0.3 * HOUR))])
    found = build_need(study, FOUR)
    assert found.hours[0, STATE] == 1
    assert found.parts["hours"].tolist() == [1]


def test_a_located_contract_goes_to_the_part_of_the_commune_that_holds_it() -> None:
    west = box(3, 46, 3 + 0.4 * CELL_DEG, 46 + CELL_DEG)
    study = make_study(
        [post("S", 1)],
        [perimeter("S", "01002")],
        [need("01001", 100, "collectivites")],
        shapes=[drawn("S", west)],
        **EVERY,
    )
    inside, outside = (3 + 0.1 * CELL_DEG, 46.005), (3 + 0.9 * CELL_DEG, 46.005)
    study = with_origins(
        study, contracts=[contract("A", 70 * HOUR, inside), contract("B", 30 * HOUR, outside)]
    )
    coverage = compute(study, FOUR)
    table = coverage.atoms.table
    parts = table.index[table["unit"] == 0]
    held = [bool(coverage.atoms.signatures[s]) for s in table.loc[parts, "signature"]]
    asked = {
        h: coverage.zones.loc[zone] for h, zone in zip(held, _zones(coverage, parts), strict=True)
    }
    assert asked[False]["besoin_par_classe"] == {"etat": 30, "collectivites": 60}
    assert coverage.communes.loc["01001", "besoin_h"] == 200


def _zones(coverage: Coverage, atoms: Iterable[int]) -> list[str]:
    return [
        next(zone for zone, rows in coverage.zone_atoms.items() if atom in rows) for atom in atoms
    ]


# --- known and unknown --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hours", "statut"), [(35_001, "capacite_insuffisante"), (35_000, "donnee_manquante")]
)
def test_hours_without_a_known_class_prove_a_shortage_and_never_enough(
    hours: int, statut: str
) -> None:
    study = make_study([post("S", 1)], [perimeter("S", "02001"), perimeter("S", "02002")], **EVERY)
    study = with_origins(study, contracts=[contract("A", hours * HOUR, "departement:02")])
    assert set(compute(study, FOUR).communes.loc[["02001", "02002"], "statut"]) == {statut}


def test_the_composite_need_serves_only_where_nothing_else_is_known() -> None:
    study = make_study([], [], [need("01001", 50, "bailleurs")])
    study = with_origins(
        study,
        indicators=[("01001", "demandeurs_emploi", 100), ("01002", "demandeurs_emploi", 300)],
        totals=[("84", "bailleurs", 1_000)],
    )
    found = build_need(study, FOUR)
    rented = found.hours[:, CLASSES.index("bailleurs")].tolist()
    # 2/3 by job seekers, 1/3 by inhabitants (no priority district is told).
    assert rented[:2] == [50, round(1_000 * (2 / 3 * 3 / 4 + 1 / 3 * 1_100 / 2_100))]
    assert found.contributions.aside["heures"].sum() == pytest.approx(1_000 - rented[1], abs=1)


# --- services and projects ----------------------------------------------------------------


def test_a_service_not_accompanied_is_an_identified_need() -> None:
    known = [exhaustive(name) for name in CLASSES]
    study = make_study([], [], exhaustiveness=known)
    base = compute(with_origins(study, services=[]), FOUR).zones
    assert set(base["besoin"]) == {"aucun"}
    assert set(base["services_etat_non_accompagnes"]) == {0}
    services = [service("P", "01001"), service("Q", "02001", "oui")]
    zones = compute(with_origins(study, services=services), FOUR).zones
    assert zones.loc["84-non_couverte-01001", ["besoin", "retenue"]].tolist() == ["identifie", True]
    assert zones.loc["84-non_couverte-01001", "services_etat_noms"] == ("Service P",)
    assert zones.loc["32-non_couverte-02001", ["besoin", "retenue"]].tolist() == ["aucun", False]


def test_an_unknown_accompaniment_is_not_no() -> None:
    study = make_study([], [], exhaustiveness=[exhaustive(name) for name in CLASSES])
    zones = compute(with_origins(study, services=[service("P", "01001", "inconnu")]), FOUR).zones
    line = zones.loc["84-non_couverte-01001"]
    assert (line["besoin"], line["en_attente"], line["retenue"]) == ("inconnu", True, False)
    assert (line["services_etat_non_accompagnes"], line["services_etat_a_preciser"]) == (0, 1)


def test_without_a_file_nothing_is_said_of_services_and_projects() -> None:
    line = compute(make_study([], []), FOUR).zones.iloc[0]
    assert line["services_etat_non_accompagnes"] is None
    assert line["grands_projets"] is None


def test_a_project_in_its_period_grounds_its_zones_and_makes_no_class_known() -> None:
    over = box(3 + 0.5 * CELL_DEG, 46, 3 + 1.5 * CELL_DEG, 46 + CELL_DEG)
    study = make_study([], [])
    coverage = compute(with_origins(study, projects=[project("J", over, 1_000)]), FOUR)
    assert coverage.communes["besoin_h"].tolist() == [500, 500, 0, 0]
    assert coverage.communes["besoin_connu"].tolist() == ["partiel", "partiel", "aucun", "aucun"]
    zone = coverage.zones.loc["84-non_couverte-01001"]
    assert (zone["grands_projets"], zone["grands_projets_noms"]) == (1, ("Projet J",))
    assert zone["besoin_par_programme"] == {"jop": 1_000}
    assert zone["besoin"] == "identifie"
    ended = project("J", over, 1_000, fin=date(2022, 12, 31)) | {"debut": date(2022, 1, 1)}
    after = compute(with_origins(study, projects=[ended]), FOUR)
    assert after.communes["besoin_h"].sum() == 0
    assert set(after.zones["grands_projets"]) == {0}


# --- years --------------------------------------------------------------------------------


def test_a_post_that_ends_breaks_its_commune_and_its_load_is_told() -> None:
    posts = [post("S", 1), post("T", 1, fin=date(2024, 12, 31))]
    study = make_study(
        posts,
        [perimeter("S", "01001"), perimeter("T", "01001")],
        [
            need("01001", 50_000, name) if name == "etat" else need("01001", 0, name)
            for name in CLASSES
        ],
    )
    years = compute(replace(study, last_year=2025), FOUR)
    own = years.years.communes[years.years.communes["unit"] == 0]
    assert own["statut"].tolist() == ["couverte", "couverte", "capacite_insuffisante"]
    assert years.communes.loc["01001", "annee_rupture"] == 2025
    assert years.communes.loc["02001", "annee_rupture"] == 2023
    loads = years.years.structures.set_index(["annee", "structure_id"])["charge"]
    assert loads[2023, "S"] == loads[2023, "T"] == Fraction(50_000, 70_000)
    assert loads[2025, "S"] == 1
    assert (2025, "T") not in loads.index


def test_work_of_all_posts_is_what_is_served() -> None:
    study = make_study(
        [post("S", "1/2"), post("T", 2), post("U", 1)],
        [perimeter("S", "01001"), perimeter("T", "01002"), perimeter("T", "01001", "extension")],
        [need("01001", 40_000), need("01002", 9_000)],
    )
    coverage = compute(study, FOUR)
    loads = coverage.years.structures
    assert loads["travail_h"].sum() == coverage.communes["servi_h"].sum()
    assert all(charge <= 1 for charge in loads["charge"])

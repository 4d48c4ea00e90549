"""The three tests of a claim: the worked example of the method, outcomes one by one, properties."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from builders import exhaustive, grid_territory, make_study, need, perimeter, post
from dossier_cases import bench, claimed, figure, trials
from effort import tried
from hypothesis import given, settings
from hypothesis import strategies as st
from layer_builders import service, services_frame
from small_studies import CODES, SQUARES, few, studies

from coverage.dossiers.claims.neighbours import neighbours
from coverage.dossiers.ground.bearing import bearing
from coverage.dossiers.model import DOUBTFUL, FAILED, PASSED, UNKNOWN
from coverage.dossiers.tried.need_test import TO_DOCUMENT
from coverage.dossiers.tried.needs import need_facts
from coverage.parameters import CLASSES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from builders import Row

    from coverage.dossiers.bench import Bench
    from coverage.dossiers.model import ClaimTest
    from coverage.model import Study

A, B, C, D = "01001", "01002", "01003", "01004"
LAND = grid_territory(4)
WORKED = make_study(
    [post("S", 1), post("T", "1/2")],
    [perimeter("S", A), perimeter("S", B), perimeter("T", B), perimeter("T", C, "extension")],
    [need(code, hours) for code, hours in ((A, 30_000), (B, 20_000), (C, 10_000), (D, 8_000))],
)
STRONGER = (FAILED, DOUBTFUL, PASSED)


@pytest.fixture(scope="module")
def worked() -> Bench:
    return bench(WORKED, LAND)


def outcomes(tests: dict[str, ClaimTest]) -> tuple[str, ...]:
    return tuple(tests[name].outcome for name in ("coherence", "besoin", "voisins"))


def texts(tests: dict[str, ClaimTest]) -> str:
    return "\n".join(line for t in tests.values() for line in (t.sentence, *t.reasons))


# --- the worked example of the method (section 10) ------------------------------------------


def test_the_places_of_the_worked_example(worked: Bench) -> None:
    claim = claimed(worked, [A, B, C, D], structure="S")
    found = [
        (p.statut, p.need_hours, p.unserved_hours, p.lent_hours, int(p.white), p.own)
        for p in claim.places
    ]
    assert found == [
        ("capacite_insuffisante", 30_000, 3_750, 0, 1, True),
        ("capacite_insuffisante", 20_000, 2_500, 0, 1, True),
        ("limitrophe", 10_000, 1_250, 8_750, 1, False),
        ("non_couverte", 8_000, 8_000, 0, 1, False),
    ]
    assert claim.places[1].holders == (("S", "principal"), ("T", "principal"))
    assert claim.missing_hours == 6_250 + 10_000 + 8_000
    assert claim.white_area == claim.white_population == Fraction(1)
    assert claim.white_communes == 4


def test_the_short_zone_of_the_worked_example(worked: Bench) -> None:
    tests = trials(worked, [A, B], structure="S")
    assert outcomes(tests) == (PASSED, DOUBTFUL, DOUBTFUL)
    need_ = tests["besoin"]
    assert figure(need_, "Heures sans réponse") == 6_250
    assert figure(need_, "Déficit prouvé, extensions") == 0, "S and T alone could serve both"
    assert figure(need_, "Déficit prouvé, seuls") == 0
    assert figure(need_, "Seuil de bascule") == 40_000
    # Saturated today; T would have 833 h and S 1,666 h left if T gave up C: loads of 20/21.
    assert figure(tests["voisins"], "Heures restantes aujourd’hui") == 0
    assert figure(tests["voisins"], "Heures restantes, extensions") == 1_666 + 833
    assert "aucune heure n’est prouvée" in texts(tests)


def test_the_place_that_an_extension_holds(worked: Bench) -> None:
    tests = trials(worked, [C])
    assert outcomes(tests) == (DOUBTFUL, PASSED, PASSED), "EPCI cut: D is left"
    assert figure(tests["besoin"], "Déficit prouvé, extensions") == 0
    assert figure(tests["besoin"], "Déficit prouvé, seuls") == 10_000
    assert figure(tests["besoin"], "Heures prouvées dans la part") == 10_000
    assert figure(tests["besoin"], "Heures servies par la seule extension") == 8_750
    assert figure(tests["voisins"], "Heures prouvées qui resteraient") == 10_000 - 1_666 - 833
    assert not any(each.name.startswith("Seuil de bascule") for each in tests["besoin"].figures)


def test_the_place_that_nobody_holds(worked: Bench) -> None:
    tests = trials(worked, [D])
    assert outcomes(tests) == (DOUBTFUL, PASSED, PASSED)
    (only,) = neighbours(claimed(worked, [D]), CLASSES, "", worked)
    assert (only.structure_id, only.natures, only.touches) == ("T", (), True)
    assert (only.spare_hours, only.freed_hours, only.extension_share) == (0, 833, Fraction(1, 3))


def test_a_state_need_is_told_first() -> None:
    study = replace(WORKED, needs=WORKED.needs.assign(donneur_ordre="etat"))
    tests = trials(bench(study, LAND), [D])
    assert figure(tests["besoin"], "Heures de l’État sans réponse") == 8_000
    assert "Même si tous les postes servaient d’abord l’État" in texts(tests)
    assert outcomes(trials(bench(study, LAND), [D], ("prives",)))[1:] == (UNKNOWN, UNKNOWN)


def test_no_commune_shows_nothing(worked: Bench) -> None:
    assert outcomes(trials(worked, [])) == (UNKNOWN, UNKNOWN, UNKNOWN)


# --- need ---------------------------------------------------------------------------------


def alone(*needs: Row, posts: Sequence[Row] = (), perimeters: Sequence[Row] = ()) -> Bench:
    return bench(make_study(posts, perimeters, needs), LAND)


def test_an_unknown_need_is_no_need_and_no_zero() -> None:
    tests = trials(alone(), [A])
    assert outcomes(tests)[1:] == (UNKNOWN, UNKNOWN)
    assert TO_DOCUMENT in texts(tests)
    assert figure(tests["besoin"], "Besoin connu") is None
    known = [exhaustive(class_) for class_ in CLASSES]
    sure = replace(make_study([], [], exhaustiveness=known), services=services_frame([]))
    tests = trials(bench(sure, LAND), [A])
    assert outcomes(tests)[1:] == (FAILED, FAILED)
    assert figure(tests["besoin"], "Besoin connu") == 0


def test_a_service_not_accompanied_is_a_need_to_discuss() -> None:
    filed = [service("un", A, "non"), service("deux", A), service("trois", B, "non")]
    study = replace(make_study([], []), services=services_frame(filed))
    tests = trials(bench(study, LAND), [A])
    assert tests["besoin"].outcome == DOUBTFUL
    assert "1 service de l’État non accompagné («\u00a0Service un\u00a0»)" in texts(tests)
    assert "L’accompagnement de 1 service de l’État reste à préciser." in texts(tests)
    assert figure(tests["besoin"], "Services de l’État non") == 1


@pytest.mark.parametrize(("hours", "outcome"), [(1_606, DOUBTFUL), (1_607, PASSED)])
def test_a_need_is_shown_from_the_threshold(hours: int, outcome: str) -> None:
    # B lifts the zone over the threshold, so that A is zone blanche whatever it asks.
    assert trials(alone(need(A, hours), need(B, 5_000)), [A])["besoin"].outcome == outcome


def test_estimates_alone_show_nothing() -> None:
    on = alone(need(A, 2_000), need(B, 3_000))
    facts = need_facts(claimed(on, [A, B]), CLASSES, on)
    assert (facts.white_proved, facts.estimated, facts.outcome) == (5_000, 0, PASSED)
    assert replace(facts, estimated=3_393).outcome == PASSED
    assert replace(facts, estimated=3_394).outcome == DOUBTFUL


def test_what_is_served_is_no_need_whatever_is_unknown() -> None:
    on = alone(need(A, 5_000), posts=[post("S")], perimeters=[perimeter("S", A)])
    tests = trials(on, [A])
    assert outcomes(tests)[1:] == (FAILED, FAILED)
    assert "sous les hypothèses affichées" in tests["besoin"].sentence
    assert "en partie inconnu" in tests["besoin"].sentence


def test_years_follow_one_another() -> None:
    posts = [post("S", fin=date(2023, 12, 31))]
    study = make_study(posts, [perimeter("S", A)], [need(A, 5_000)])
    tests = trials(bench(replace(study, last_year=2024), LAND), [A])
    assert "2023, 5\u202f000 h dont 0 sans réponse" in texts(tests)
    assert "2024, 5\u202f000 h dont 5\u202f000 sans réponse" in texts(tests)


def test_a_certificate_is_inside_with_its_ancestors_alone() -> None:
    held = [perimeter("S", A), perimeter("S", B), perimeter("U", B)]
    on = alone(
        need(A, 70_000), need(B, 20_000), posts=[post("S"), post("U", "3/7")], perimeters=held
    )
    (poorer,) = on.coverage.certificates["TX-01002-collectivites"].ancestors
    assert poorer == "TX-01001-collectivites"
    certificates = on.coverage.certificates
    touching, inside = bearing([B], CLASSES, on.spoken, certificates)
    assert "TX-01002-collectivites" in touching
    assert "TX-01002-collectivites" not in inside
    assert "TX-01002-collectivites" in bearing([A, B], CLASSES, on.spoken, certificates)[1]


@settings(few, max_examples=tried(2))
@given(studies(), st.lists(st.sampled_from(CODES), min_size=1, max_size=8, unique=True))
def test_certificates_inside_a_claim_add_up_there(study: Study, codes: list[str]) -> None:
    on = bench(study, SQUARES)
    proofs = on.coverage.certificates
    touching, inside = bearing(codes, CLASSES, on.spoken, proofs)
    assert set(touching) == {
        name
        for name, proof in proofs.items()
        if any(place.partition("-")[0] in codes for place, *_ in proof.places)
    }
    assert set(inside) == {
        name
        for name, proof in proofs.items()
        if all(
            place.partition("-")[0] in codes
            for own in (name, *proof.ancestors)
            for place, *_ in proofs[own].places
        )
    }


# --- neighbours -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("etp", "outcome"), [("1/10", PASSED), ("3/10", DOUBTFUL), ("2/5", FAILED)]
)
def test_neighbours_answer_as_far_as_their_hours_go(etp: str, outcome: str) -> None:
    # T is asked 3,500 h by B and, by extension, 1,750 h by C: A lacks 7,000 h.
    needs = [need(A, 7_000), need(B, 3_500), need(C, 1_750)]
    held = [perimeter("T", B), perimeter("T", C, "extension")]
    on = alone(*needs, posts=[post("T", etp)], perimeters=held)
    tests = trials(on, [A])
    assert tests["voisins"].outcome == outcome
    spare = max(int(35_000 * Fraction(etp)) - 5_250, 0)
    assert figure(tests["voisins"], "Heures restantes aujourd’hui") == spare
    freed = max(int(35_000 * Fraction(etp)) - 3_500, 0)
    assert figure(tests["voisins"], "Heures restantes, extensions") == freed


def test_what_a_neighbour_serves_by_extension_is_to_discuss() -> None:
    needs = [need(B, 3_500), need(C, 5_000)]
    held = [perimeter("T", B, "extension_dotee"), perimeter("T", C, "extension")]
    on = alone(*needs, posts=[post("T")], perimeters=held)
    tests = trials(on, [C])
    assert (on.work["T"].reached_hours, on.work["T"].extension_hours) == (8_500, 5_000)
    assert claimed(on, [C]).lent_hours == 5_000
    assert outcomes(tests)[1:] == (PASSED, DOUBTFUL)
    assert "l’appel tient pour zone blanche" in tests["voisins"].sentence
    assert trials(on, [B])["voisins"].outcome == FAILED


def test_posts_that_serve_other_classes_lend_nothing() -> None:
    held = [perimeter("T", B)]
    posts = [post("T", 2, classes=("prives",))]
    on = alone(need(A, 7_000), need(B, 10), posts=posts, perimeters=held)
    assert figure(trials(on, [A])["voisins"], "Heures restantes aujourd’hui") == 70_000
    assert figure(trials(on, [A])["voisins"], "Heures sans réponse qu’elles pourraient") == 0
    tests = trials(on, [A], ("collectivites",))
    assert tests["voisins"].outcome == PASSED
    assert figure(tests["voisins"], "Heures restantes aujourd’hui") == 0


def test_hours_of_other_classes_take_nothing_from_what_is_proved() -> None:
    # T's posts leave all of the State's need, and could serve what they serve already.
    held = [perimeter("T", A)]
    needs = [need(A, 3_000, "etat"), need(A, 500, "prives")]
    on = alone(*needs, posts=[post("T", classes=["prives"])], perimeters=held)
    tests = trials(on, [A])
    assert tests["voisins"].outcome == PASSED
    assert figure(tests["voisins"], "Heures prouvées qui resteraient") == 3_000


def test_neighbours_of_a_region_that_is_not_filed_are_not_known() -> None:
    land = grid_territory(3, departements=("01", "01", "02"))
    study = make_study([post("T", "1/10")], [perimeter("T", A)], [need(A, 9_000), need(B, 9_000)])
    tests = trials(bench(study, land), [B])
    assert tests["voisins"].outcome == DOUBTFUL
    assert "région limitrophe" in texts(tests)
    assert trials(bench(study, LAND), [B])["voisins"].outcome == PASSED


@settings(few, max_examples=tried(2))
@given(
    studies(),
    st.lists(
        st.lists(st.sampled_from(CODES), min_size=1, max_size=6, unique=True),
        min_size=4,
        max_size=4,
    ),
    st.sampled_from(["1/2", "1", "5"]),
    st.integers(0, 7),
)
def test_more_capacity_never_makes_the_test_of_neighbours_stronger(
    study: Study, asked: list[list[str]], etp: str, rank: int
) -> None:
    posts = study.posts[study.posts["volet"] == "facilitateur"]
    if posts.empty:
        return
    row = posts.index[rank % len(posts)]
    more = study.posts.copy()
    more.loc[row, "etp"] += Fraction(etp)
    before, after = bench(study, SQUARES), bench(replace(study, posts=more), SQUARES)
    for codes in asked:
        here, there = (trials(on, codes)["voisins"].outcome for on in (before, after))
        assert (here == UNKNOWN) == (there == UNKNOWN)
        if here != UNKNOWN:
            assert STRONGER.index(there) <= STRONGER.index(here)

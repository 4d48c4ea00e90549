"""Whether a claim is one area: pieces, EPCI, other claims; and the tests of a coordinator's."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from builders import grid_territory, make_study, need, perimeter, post
from dossier_cases import COORDINATOR, application, bench, case, claimed, figure, rows, trials

from coverage.dossiers.model import DOUBTFUL, FAILED, PASSED, UNKNOWN
from coverage.dossiers.tried.claim_tests import claim_tests
from coverage.parameters import CLASSES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from builders import Row

    from coverage.dossiers.bench import Bench
    from coverage.dossiers.model import ClaimTest

A, B = "01001", "01002"


@cache
def bare() -> Bench:
    """Return the bench of a study where nothing is filed."""
    return bench(make_study([], []), WIDE)


# --- one coherent area ----------------------------------------------------------------------

WIDE = grid_territory(4, 3, populations=[1_000] * 12)
"""01001 to 01004 on the first row, 01005 to 01008 above…; an EPCI holds two columns."""


def coherence(*codes: str, on: Bench | None = None, structure: str = "") -> ClaimTest:
    own = on or bare()
    return trials(own, codes, structure=structure)["coherence"]


LEFT_EPCI = ("01001", "01002", "01005", "01006", "01009", "01010")


def test_an_epci_whole_is_one_area() -> None:
    test = coherence(*LEFT_EPCI)
    assert test.outcome == PASSED
    assert figure(test, "Ensembles de communes") == 1
    assert (figure(test, "EPCI ou EPT pris en entier"), figure(test, "EPCI ou EPT coupés")) == (
        1,
        0,
    )
    assert figure(test, "Zones d’emploi") is None
    assert "zones d’emploi non vérifiées" in test.sentence


def test_a_corner_joins_nothing_and_a_bridge_of_its_own_joins() -> None:
    corner = coherence("01001", "01006")
    assert (corner.outcome, figure(corner, "Ensembles de communes")) == (FAILED, 2)
    on = bench(make_study([post("S")], [perimeter("S", "01002")]), WIDE)
    test = coherence("01001", "01006", on=on, structure="S")
    assert test.outcome == DOUBTFUL
    assert "ils n’en font qu’un" in "\n".join(test.reasons)
    most = coherence("01001", "01002", "01003", "01009")
    assert most.outcome == DOUBTFUL, "the main piece has three inhabitants of four"


def test_islands_are_no_pieces() -> None:
    borders = WIDE.borders
    inland = ~borders[["left", "right"]].isin(rows(WIDE, ["01004"])).any(axis=1)
    on = bench(make_study([], []), replace(WIDE, borders=borders[inland]))
    right = ("01003", "01004", "01007", "01008", "01011", "01012")
    test = coherence(*right, on=on)
    assert test.outcome == PASSED
    assert figure(test, "Ensembles de communes") == 2
    assert "îles mises à part" in test.sentence
    assert coherence("01004", "01003", "01011", on=on).outcome == DOUBTFUL


def test_white_communes_left_in_a_cut_epci_are_a_doubt() -> None:
    needs = [need(code, 2_000) for code in LEFT_EPCI]
    on = bench(make_study([], [], needs), WIDE)
    test = coherence(*LEFT_EPCI[:4], on=on)
    assert test.outcome == DOUBTFUL
    assert figure(test, "Communes blanches laissées") == 2
    assert "4 communes sur 6, 66,6\u202f% des habitants" in "\n".join(test.reasons)
    posts, held = [post("S", 9)], [perimeter("S", code) for code in LEFT_EPCI[4:]]
    on = bench(make_study(posts, held, needs), WIDE)
    assert coherence(*LEFT_EPCI[:4], on=on).outcome == PASSED


def test_several_regions_and_communes_outside_are_a_doubt() -> None:
    land = grid_territory(4, departements=("01", "01", "02", "02"))
    on = bench(make_study([], []), land)
    test = coherence("01002", "02001", on=on)
    assert test.outcome == DOUBTFUL
    assert "2 régions" in test.sentence
    held = bench(make_study([post("S")], [perimeter("S", A)]), land)
    assert claimed(held, ["02001", "02002"], structure="S").outside == rows(
        land, ["02001", "02002"]
    )
    assert coherence("02001", "02002", on=held, structure="S").outcome == DOUBTFUL
    assert claimed(held, ["02001"], structure="new").outside == ()


def test_overlaps_are_told_on_both_sides() -> None:
    left, middle = rows(WIDE, LEFT_EPCI), rows(WIDE, ["01002", "01003"])
    one, two = application("un", left), application("deux", middle)
    on = bench(make_study([], []), WIDE, one, two)
    for mine, other in ((one, two), (two, one)):
        units = mine.asked[0].units
        codes = [str(WIDE.codes[unit]) for unit in units]
        claim = claimed(on, codes, structure=mine.structure_id)
        own = case(mine.application_id, mine.structure_id, mine)
        test = claim_tests(claim, CLASSES, own, on, ())[0]
        assert test.outcome == DOUBTFUL
        assert figure(test, "Communes demandées aussi") == 1
        assert f"«\u00a0{other.application_id}\u00a0» demande aussi 1 commune" in "\n".join(
            test.reasons
        )


def test_posts_granted_to_others_are_told_and_those_of_its_own_are_not() -> None:
    posts = [post("S", financement="aap_2022")]
    on = bench(
        make_study(posts, [perimeter("S", A)]), WIDE, application("demande", rows(WIDE, [A]))
    )
    assert figure(coherence(A, on=on), "Communes où un poste est déjà") == 1
    mine = application("demande", rows(WIDE, [A]), structure="S")
    on = bench(make_study(posts, [perimeter("S", A)]), WIDE, mine)
    assert figure(coherence(A, on=on, structure="S"), "Communes où un poste est déjà") == 0


def test_an_application_that_cannot_be_understood_is_not_checked_for_overlaps() -> None:
    on = bare()
    test = claim_tests(claimed(on, LEFT_EPCI), CLASSES, case(), on, ())[0]
    assert test.outcome == DOUBTFUL
    assert figure(test, "Communes demandées aussi") is None


def test_communes_without_contour_are_not_joined_nor_apart() -> None:
    land = grid_territory(2, without_geometry=[B])
    test = trials(bench(make_study([], []), land), [A, B])["coherence"]
    assert test.outcome == DOUBTFUL
    assert "1 commune n’a pas de contour" in "\n".join(test.reasons)
    bare = grid_territory(2, without_geometry=[A, B])
    on = bench(make_study([], []), bare)
    assert trials(on, [A, B])["coherence"].outcome == UNKNOWN
    assert claimed(on, [A]).white_area is None


# --- coordinators ---------------------------------------------------------------------------

REGIONS = grid_territory(4, departements=("01", "01", "01", "02"), populations=[1_000] * 4)
REGION = ("01001", "01002", "01003")


def coordinated(on: Bench, codes: Sequence[str] = REGION, structure: str = "") -> list[str]:
    """Return the outcomes of the three tests of a coordinator's claim."""
    tests = trials(on, codes, structure=structure, volet=COORDINATOR)
    return [tests[name].outcome for name in ("coherence", "besoin", "voisins")]


def held(*posts: Row, perimeters: Sequence[Row] = (), needs: Sequence[Row] = ()) -> Bench:
    return bench(make_study(posts, perimeters, needs), REGIONS)


def test_a_coordinator_is_of_one_whole_region() -> None:
    on = held()
    assert coordinated(on) == [PASSED, UNKNOWN, PASSED]
    assert coordinated(on, REGION[:2])[0] == DOUBTFUL
    assert coordinated(on, REGION[:1])[0] == FAILED
    assert coordinated(on, (*REGION, "02001"))[0] == DOUBTFUL


def test_a_coordinator_has_facilitators_and_a_need() -> None:
    needs, places = [need(A, 9_000)], [perimeter("S", A)]
    assert coordinated(held(post("S", "1/10"), perimeters=places, needs=needs))[1] == PASSED
    assert coordinated(held(needs=needs))[1] == DOUBTFUL


def test_a_coordinator_comes_where_there_is_none() -> None:
    whole = [perimeter("R", "84", niveau="region") | {"volet": COORDINATOR}]
    on = held(post("R", "1/2", volet=COORDINATOR), perimeters=whole)
    assert coordinated(on)[2] == FAILED
    assert coordinated(on, structure="R")[2] == DOUBTFUL
    assert coordinated(on, (*REGION, "02001"))[2] == DOUBTFUL

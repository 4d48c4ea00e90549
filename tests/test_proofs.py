"""Chains of certificates, and break-even under separate thresholds."""

from __future__ import annotations

from fractions import Fraction

from builders import grid_territory, make_study, need, perimeter, post

from coverage.study import compute

ROW = grid_territory(4)


def test_a_certificate_takes_in_the_whole_chain_of_poorer_groups() -> None:
    study = make_study(
        [post("S1", "1/5"), post("S2", "2/5"), post("S3", "3/5")],
        [
            perimeter("S1", "01001"),
            perimeter("S1", "01002"),
            perimeter("S2", "01002"),
            perimeter("S2", "01003"),
            perimeter("S3", "01003"),
        ],
        [need("01001", 70_000), need("01002", 35_000), need("01003", 28_000)],
    )
    found = compute(study, ROW).certificates
    third = found["TX-01003-collectivites"]
    assert third.ancestors == ("TX-01001-collectivites", "TX-01002-collectivites")
    assert (third.need_hours, third.capacity_hours) == (133_000, 42_000)
    assert found["TX-01002-collectivites"].ancestors == ("TX-01001-collectivites",)


def test_break_even_meets_each_threshold() -> None:
    posts = [post("S", 1)]
    held = [perimeter("S", "01001")]
    needs = [need("01001", 40_000, "etat"), need("01001", 30_000)]
    only_state = make_study(posts, held, needs, seuil_reponse=Fraction(1, 100))
    [zone] = [z for z in compute(only_state, ROW).zones.to_dict("records") if z["deficit_h"]]
    assert zone["seuil_bascule_h_par_etp"] == 40_000
    low_state = {"seuil_reponse_etat": Fraction(1, 100)}
    three_fifths = make_study(posts, held, needs, seuil_reponse=Fraction(3, 5), **low_state)
    [zone] = [z for z in compute(three_fifths, ROW).zones.to_dict("records") if z["deficit_h"]]
    assert zone["seuil_bascule_h_par_etp"] == 42_000

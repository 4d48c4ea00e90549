"""Atoms within a commune, régions, and what a région filter keeps."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pandas as pd
from builders import grid_territory, make_study, need, perimeter, post

from coverage.model import Atoms
from coverage.need import build_need, need_by_atom
from coverage.selection import select_regions
from coverage.status import STATUTS, shown_atom
from coverage.study import compute

TWO_REGIONS = grid_territory(4, codes=("01001", "01002", "2A001", "2A002"))
CUT = Atoms(
    pd.DataFrame(
        {
            "unit": np.array([0, 0, 0, 1], dtype=np.int32),
            "share": [0.5, 0.3, 0.2, 1.0],
            "signature": np.array([0, 1, 2, 0], dtype=np.int32),
        }
    ),
    np.full(4, None, dtype=object),
    ((), (("S", "principal"),), (("T", "extension"),)),
)


def test_needs_of_a_cut_commune_follow_area_and_keep_their_sum() -> None:
    study = make_study([], [], [need("01001", 101, "etat"), need("01002", 7)])
    hours = need_by_atom(build_need(study, TWO_REGIONS), CUT)
    assert hours[:3, 0].tolist() == [51, 30, 20]
    assert hours[:, 3].tolist() == [0, 0, 0, 7]


def test_a_cut_commune_shows_the_atom_with_most_need_and_says_it_is_mixed() -> None:
    status = np.array([STATUTS.index(s) for s in ("non_couverte", "couverte", "limitrophe")] + [4])
    shown = shown_atom(CUT, np.array([10, 60, 20, 0]), status.astype(np.int8))
    assert shown["atom"].tolist() == [1, 3]
    assert shown["mixte"].tolist() == [True, False]
    without_need = shown_atom(CUT, np.zeros(4, dtype=np.int64), status.astype(np.int8))
    assert without_need["atom"].tolist() == [0, 3]
    same = shown_atom(CUT, np.zeros(4, dtype=np.int64), np.full(4, 2, dtype=np.int8))
    assert not same["mixte"].any()


def test_all_the_need_of_an_extension_waits_for_a_post() -> None:
    study = make_study(
        [post("S", 1)], [perimeter("S", "01001", "extension")], [need("01001", 17_500)]
    )
    zone = compute(study, TWO_REGIONS).zones.loc["84-limitrophe-01001"]
    assert (zone["deficit_h"], zone["etp_manquants"]) == (0, Fraction(1, 2))
    assert zone["financable"] == "seule"


def test_posts_are_shared_between_regions_and_none_is_lost() -> None:
    study = make_study(
        [post("S", "2.01"), post("T", "0.5"), post("C", 1, volet="coordinateur")],
        [
            perimeter("S", "01001"),
            perimeter("S", "2A001"),
            perimeter("C", "94", niveau="region", volet="coordinateur"),
        ],
    )
    coverage = compute(study, TWO_REGIONS)
    etp = coverage.regions["facilitateurs_etp"]
    assert sum(etp) == Fraction("2.01")
    assert all(etp[region] > 0 for region in ("84", "94"))
    assert coverage.totals["etp_facilitateurs"] == 2.51
    assert coverage.totals["etp_facilitateurs_sans_perimetre"] == 0.5
    assert coverage.regions["coordinateurs_etp"].to_dict() == {"84": 0, "94": 1}
    assert any("« T »" in str(notice) for notice in coverage.warnings)


def test_a_region_keeps_the_certificates_its_own_rest_on() -> None:
    study = make_study(
        [post("S", "1/5"), post("T", "1/2")],
        [perimeter("S", "01002"), perimeter("S", "2A001"), perimeter("T", "2A001")],
        [need("01002", 70_000), need("2A001", 28_000)],
        regions=("94",),
    )
    shown = select_regions(compute(study, TWO_REGIONS))
    own = shown.certificates["TX-2A001-collectivites"]
    assert own.ancestors == ("TX-01002-collectivites",)
    assert set(own.ancestors) <= set(shown.certificates)
    assert set(shown.communes["region"]) == {"94"}

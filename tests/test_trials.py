"""Trials: an outcome is what the whole computation says of the study as if filed so."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from builders import drawn, grid_territory, make_study, need, perimeter, post, seeded
from effort import tried
from hypothesis import given, settings
from hypothesis import strategies as st
from small_studies import HELD, SQUARES, few, studies
from test_drawn_properties import blocks, cells, discs, drawn_studies
from toy import toy_territory
from trial_agreement import agreed, assert_tells, statuses_by_atom
from trial_edits import some_edits

from coverage.status import STATUTS
from coverage.study import compute
from coverage.trials.edits import (
    ETP_MOST,
    EditError,
    EtpSet,
    ParameterSet,
    PerimeterAdded,
    PerimeterRemoved,
    PostAdded,
    PostRemoved,
    edited_study,
)
from coverage.trials.model import TrialModel
from data.study.tables import POSTES
from geo.errors import InputErrors

if TYPE_CHECKING:
    from coverage.model import Coverage, Study

A, B, C, D = "01001", "01002", "01003", "01004"
ROW = grid_territory(4)


@pytest.fixture(scope="module")
def worked() -> Coverage:
    """Return the worked example of the method: S on A and B, T on B, extended to C."""
    study = make_study(
        [post("S", 1), post("T", "1/2")],
        [
            perimeter("S", A),
            perimeter("S", B),
            perimeter("T", B),
            perimeter("T", C, "extension"),
        ],
        [need(A, 30_000), need(B, 20_000), need(C, 10_000), need(D, 8_000)],
    )
    return compute(study, ROW)


# --- the whole computation is the truth ---------------------------------------------------


@settings(few, max_examples=tried(8))
@given(studies(), st.data())
def test_outcomes_are_those_of_the_study_filed_so(study: Study, data: st.DataObject) -> None:
    base = compute(study, SQUARES)
    model = TrialModel(base)
    for _ in range(3):
        agreed(
            model,
            base,
            some_edits(lambda options: data.draw(st.sampled_from(options)), study, HELD),
        )


@settings(few, max_examples=tried(8))
@given(drawn_studies(), st.data())
def test_outcomes_of_cut_communes_are_those_of_the_study_filed_so(
    study: Study, data: st.DataObject
) -> None:
    base = compute(study, SQUARES)
    model = TrialModel(base)
    for _ in range(2):
        agreed(
            model,
            base,
            some_edits(lambda options: data.draw(st.sampled_from(options)), study, HELD),
        )


@settings(few, max_examples=tried(8))
@given(drawn_studies())
def test_statuses_by_atom_are_those_of_the_base(study: Study) -> None:
    base = compute(study, SQUARES)
    assert TrialModel(base).outcome([]).atom_statut.tolist() == statuses_by_atom(base)


@settings(few, max_examples=tried(10))
@given(studies(), st.data())
def test_no_edit_changes_nothing_before_others_or_after(study: Study, data: st.DataObject) -> None:
    base = compute(study, SQUARES)
    model = TrialModel(base)
    outcome = model.outcome([])
    assert_tells(outcome, base)
    assert not len(outcome.changed)
    assert not len(outcome.recut)
    posts, perimeters = study.posts.copy(deep=True), study.perimeters.copy(deep=True)
    edits = some_edits(lambda options: data.draw(st.sampled_from(options)), study, HELD)
    model.outcome(edits)
    assert_tells(model.outcome([]), base)
    assert study.posts.equals(posts)
    assert study.perimeters.equals(perimeters)


def test_many_threads_share_one_model() -> None:
    study = make_study(
        [post("S", 1), post("T", "1/2")],
        [perimeter("S", A), perimeter("S", B), perimeter("T", B), perimeter("T", C)],
        [need(A, 30_000), need(B, 20_000), need(C, 10_000)],
    )
    base = compute(study, ROW)
    model = TrialModel(base)
    held = [("commune", code) for code in (A, B, C, D)]
    lists = [some_edits(seeded(seed).choice, study, held) for seed in range(24)]
    alone = [model.outcome(edits).totals for edits in lists]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda edits: TrialModel.outcome(model, edits).totals, lists))
    assert together == alone


# --- closed forms -------------------------------------------------------------------------


def test_the_post_that_the_method_asks_for(worked: Coverage) -> None:
    # Section 10 speaks of a new supply node; here T itself holds C.
    outcome = TrialModel(worked).outcome(
        [EtpSet(1, Fraction(1)), PerimeterAdded("T", "principal", "commune", C)]
    )
    assert [STATUTS[n] for n in outcome.statut] == ["couverte"] * 3 + ["non_couverte"]
    assert outcome.taux.tolist() == [1, 1, 1, 0]
    assert outcome.servi_h.tolist() == [30_000, 20_000, 10_000, 0]
    assert outcome.totals["capacite_h"] == 70_000
    assert outcome.changed.tolist() == [0, 1, 2]


def test_a_threshold_changes_statuses_and_no_rate(worked: Coverage) -> None:
    outcome = TrialModel(worked).outcome([ParameterSet("seuil_reponse", Fraction(7, 8))])
    assert [STATUTS[n] for n in outcome.statut] == ["couverte"] * 2 + ["limitrophe", "non_couverte"]
    assert outcome.taux.tolist() == [Fraction(7, 8)] * 3 + [0]
    assert outcome.changed.tolist() == [0, 1]
    above = TrialModel(worked).outcome([ParameterSet("seuil_reponse", Fraction(876, 1000))])
    assert not len(above.changed)


def test_the_break_even_productivity_ends_the_shortage(worked: Coverage) -> None:
    model = TrialModel(worked)
    zone = worked.zones.loc["84-capacite_insuffisante-01001"]
    assert zone["seuil_bascule_h_par_etp"] == 40_000
    for hours, statut in ((39_999, "capacite_insuffisante"), (40_000, "couverte")):
        outcome = model.outcome([ParameterSet("heures_par_etp", hours)])
        assert [STATUTS[n] for n in outcome.statut[:2]] == [statut] * 2
        assert outcome.zones.loc[f"84-{statut}-01001", "communes"] == 2


def test_the_state_has_a_threshold_of_its_own() -> None:
    study = make_study(
        [post("S", 1, classes=("etat",)), post("T", 3, classes=("prives",))],
        [perimeter("S", A), perimeter("T", A)],
        [need(A, 40_000, "etat"), need(A, 100_000, "prives")],
        seuil_reponse=Fraction(1, 2),
    )
    base = compute(study, ROW)
    model = TrialModel(base)
    for threshold, statut in (
        (Fraction(7, 8), "couverte"),
        (Fraction(876, 1000), "capacite_insuffisante"),
    ):
        outcome = agreed(model, base, [ParameterSet("seuil_reponse_etat", threshold)])
        assert STATUTS[outcome.statut[0]] == statut


def test_a_rate_of_the_state_alone_may_change() -> None:
    # J gives all to B, far poorer; were the State first, it would serve A.
    study = make_study(
        [post("K", 1), post("J", "1/2")],
        [perimeter("K", A), perimeter("J", A), perimeter("J", B)],
        [need(A, 100_000, "etat"), need(B, 1_000_000, "prives")],
    )
    base = compute(study, ROW)
    outcome = agreed(TrialModel(base), base, [EtpSet(1, Fraction(1))])
    assert outcome.taux[0] == base.communes["taux_reponse"].iloc[0] == Fraction(35, 100)
    assert (outcome.taux_etat[0], base.communes["taux_reponse_etat"].iloc[0]) == (
        Fraction(7, 10),
        Fraction(525, 1000),
    )
    assert outcome.changed.tolist() == [0, 1]


def test_a_place_may_change_its_suppliers_and_nothing_else_that_shows() -> None:
    # As above; and J serves all that the State asks of C, before and after.
    study = make_study(
        [post("K", 1), post("J", 10)],
        [perimeter("K", A), perimeter("J", B), perimeter("K", C), perimeter("J", C)],
        [need(A, 40_000, "etat"), need(B, 10_000_000, "prives"), need(C, 100, "etat")],
    )
    base = compute(study, ROW)
    assert base.communes["taux_reponse_etat"].tolist() == [Fraction(7, 8), None, 1, None]
    outcome = agreed(TrialModel(base), base, [PerimeterAdded("J", "principal", "commune", A)])
    assert outcome.taux_etat.tolist() == [1, None, 1, None]
    assert outcome.changed.tolist() == [0]


def test_a_need_threshold_changes_claims_alone(worked: Coverage) -> None:
    outcome = TrialModel(worked).outcome([ParameterSet("seuil_besoin_h", 9_000)])
    assert outcome.zones["retenue"].to_dict() == {
        "84-capacite_insuffisante-01001": True,
        "84-limitrophe-01003": True,
        "84-non_couverte-01004": False,
    }
    assert not len(outcome.changed)
    assert outcome.totals["zones_sans_besoin_identifie"] == 1


def test_the_last_post_of_a_structure_takes_its_perimeters_along(worked: Coverage) -> None:
    outcome = TrialModel(worked).outcome([PostRemoved(1)])
    assert STATUTS[outcome.statut[2]] == "non_couverte"
    assert agreed(TrialModel(worked), worked, [EtpSet(1, Fraction(0))]).zone_id.tolist() == (
        outcome.zone_id.tolist()
    )


def test_a_code_taken_away_reveals_the_drawing_under_it() -> None:
    half = cells(0, 0, 1.5, 1)
    study = make_study(
        [post("S", 1)],
        [perimeter("S", A), perimeter("S", B)],
        [need(code, 10_000) for code in (A, B)],
        shapes=[drawn("S", half)],
    )
    base = compute(study, ROW)
    outcome = agreed(TrialModel(base), base, [PerimeterRemoved(1)])
    assert outcome.recut.tolist() == [1]
    assert outcome.mixte.tolist() == [False, True, False, False]
    assert len(outcome.atom_statut) == 4


@settings(few, max_examples=tried(5))
@given(st.one_of(discs(), blocks()), st.one_of(discs(), blocks()))
def test_a_structure_begins_and_ends_over_its_drawing(one: object, other: object) -> None:
    study = make_study(
        [post("S", 1), post("T", 1)],
        [perimeter("S", "01001"), perimeter("T", "84", niveau="region", nature="extension")],
        [need("01001", 10_000), need("01003", 30_000), need("69003", 12_345)],
        shapes=[drawn("S", one), drawn("T", other), drawn("U", other, "extension")],
    )
    base = compute(study, SQUARES)
    model = TrialModel(base)
    agreed(model, base, [PostRemoved(0)])
    agreed(model, base, [PostRemoved(1), PostAdded("U", Fraction(1))])


# --- edits --------------------------------------------------------------------------------


def test_an_edited_study_is_one_that_could_be_filed(worked: Coverage) -> None:
    study = edited_study(
        worked.study,
        ROW,
        [
            PostRemoved(0),
            EtpSet(1, Fraction(3, 4)),
            PostAdded("S", Fraction(1, 2), ("prives", "etat")),
            PerimeterRemoved(3),
            PerimeterAdded("S", "extension_dotee", "departement", "01"),
            ParameterSet("heures_par_etp", 30_000),
        ],
    )
    filed = make_study(
        [post("T", "3/4"), post("S", "1/2", classes=("etat", "prives"))],
        [
            perimeter("S", A),
            perimeter("S", B),
            perimeter("T", B),
            perimeter("S", "01", "extension_dotee", niveau="departement"),
        ],
    )
    for name in ("posts", "perimeters"):
        got, expected = (getattr(s, name).drop(columns="row") for s in (study, filed))
        assert got.to_dict("records") == expected.to_dict("records")
        assert got.dtypes.to_dict() == expected.dtypes.to_dict()
    assert study.parameters.heures_par_etp == 30_000
    assert edited_study(worked.study, ROW, []).posts is worked.study.posts


def test_faults_come_all_at_once_each_with_its_number(worked: Coverage) -> None:
    wrong = [
        EtpSet(2, Fraction(1)),
        EtpSet(0, Fraction(51)),
        PostAdded("X", Fraction(0), ("etat", "mairie")),
        PostRemoved(0),
        PostRemoved(0),
        PerimeterAdded("S", "voisin", "commune", "01999"),
        PerimeterRemoved(-1),
        ParameterSet("cout_horaire_eur", 30),
        ParameterSet("heures_par_etp", Fraction(70_001, 2)),
        ParameterSet("seuil_reponse", Fraction(3, 2)),
        PostAdded("S", Fraction(1), ()),
        PerimeterAdded("S", "principal", "canton", "01"),
    ]
    with pytest.raises(EditError) as caught:
        TrialModel(worked).outcome(wrong)
    assert isinstance(caught.value, InputErrors)
    faults = [(fault.row, fault.message) for fault in caught.value.faults]
    assert [row for row, _ in faults] == [1, 2, 3, 3, 3, 5, 6, 6, 7, 8, 9, 10, 11, 12]
    told = str(caught.value)
    for words in (
        "essai, modification 1 : poste 2 inconnu : l’étude en a 2, comptés à partir de 0",
        "51 ETP ; attendu : de 0 à 50",
        "structure « X » inconnue",
        "0 ETP ; attendu : plus de 0 à 50",
        "donneurs d’ordre inconnus : « mairie »",
        "poste 0 déjà retiré",
        "nature « voisin » inconnue",
        "code « 01999 » inconnu au niveau « commune »",
        "périmètre -1 inconnu",
        "paramètre « cout_horaire_eur » qu’un essai ne change pas",
        "n’est pas un nombre entier",
        "hors de 1/100 à 1",
        "ne dessert aucun donneur d’ordre",
        "niveau « canton » inconnu",
    ):
        assert words in told
    assert all(fault.remedy for fault in caught.value.faults)


def test_most_etp_are_those_of_a_filed_post() -> None:
    filed = next(column for column in POSTES.columns if column.name == "etp")
    assert filed.high == ETP_MOST


def test_a_city_is_its_arrondissements() -> None:
    territory = toy_territory()
    study = make_study(
        [post("S", 1)], [perimeter("S", "93066")], [need("75056", 30_000), need("93066", 5_000)]
    )
    base = compute(study, territory)
    outcome = agreed(TrialModel(base), base, [PerimeterAdded("S", "principal", "commune", "75056")])
    assert {territory.codes[row] for row in outcome.changed} >= {"75101", "75102"}

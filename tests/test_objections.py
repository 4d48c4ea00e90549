"""The objections to a claim: worked by hand, against linear programs, and as properties."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING

import naive
import naive_claims
import naive_flows
import numpy as np
import pandas as pd
from builders import exhaustive, grid_territory, make_study, need, perimeter, post, shuffled
from dossier_cases import application, bench, case, claimed, rows
from effort import tried
from hypothesis import given, settings
from hypothesis import strategies as st
from small_studies import CODES, SQUARES, few, studies

from coverage.dossiers.against.objections import claim_balance, objections_of
from coverage.dossiers.claims.cells import resting_hours
from coverage.dossiers.claims.neighbours import neighbours
from coverage.dossiers.verdicts.balance import MICRO, Balance, Lender, balance_of
from coverage.parameters import CLASSES, ETATS, STATE_CLASSES
from coverage.study import compute

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coverage.dossiers.bench import Bench
    from coverage.dossiers.model import Objection
    from coverage.model import Study

A, B, C, D = "01001", "01002", "01003", "01004"
LINE = grid_territory(4)
NEEDS = [need(A, 30_000), need(B, 20_000), need(C, 10_000), need(D, 8_000)]
KNOWN = [exhaustive(name) for name in CLASSES]
HELD = [perimeter("S", A), perimeter("S", B), perimeter("T", B), perimeter("T", C, "extension")]

some = settings(few, max_examples=tried(3))
codes_claimed = st.lists(st.sampled_from(CODES), min_size=1, max_size=6, unique=True)
scopes = st.sampled_from([CLASSES, CLASSES, STATE_CLASSES, ("etat", "bailleurs"), ("prives",)])


@cache
def worked(etp: str = "1/2") -> Bench:
    """Return the worked example of the method (section 10), T having some ETP."""
    return bench(
        make_study([post("S", 1), post("T", etp)], HELD, NEEDS, exhaustiveness=KNOWN), LINE
    )


def against(
    on: Bench, codes: Sequence[str], scope: Sequence[str] = CLASSES, *, structure: str = ""
) -> tuple[Objection, ...]:
    claim = claimed(on, codes, scope, structure=structure)
    near = neighbours(claim, scope, structure, on)
    return objections_of(claim, scope, case("demande", structure), on, near)


def hours_of(found: Sequence[Objection]) -> dict[tuple[str, str], int]:
    return {(each.kind, each.structure_id): each.hours for each in found}


# --- by hand ------------------------------------------------------------------------------


def test_in_the_worked_example_nobody_has_an_hour_to_spare() -> None:
    found = against(worked(), [C, D])
    # 18,000 h wait: all of C, which T serves at 7/8 by extension, and all of D.
    assert hours_of(found) == {("limitrophe", "T"): 8_750, ("redeploiement", ""): 1_250}
    beside, moved = found
    assert (beside.share, moved.share) == (Fraction(8_750, 18_000), Fraction(1_250, 18_000))
    assert "n’a d’ailleurs aucune heure de reste" in beside.answer
    assert "manquerait à un autre lieu" in moved.answer


def test_in_the_shortage_of_the_worked_example_redeployment_is_enough() -> None:
    found = against(worked(), [A, B])
    assert hours_of(found) == {("hypothese", ""): 6_250, ("redeploiement", ""): 6_250}
    productive = next(each for each in found if "45\u202f000" in each.sentence)
    assert "à partir de 40\u202f000 h" in productive.sentence
    assert productive.answer == ""
    assert all(each.share == 1 for each in found)


def test_an_extension_of_a_neighbour_takes_what_it_has_to_spare() -> None:
    # With 1 ETP for T, 70,000 h answer 60,000: S and T have each 1/7 of 35,000 h to spare.
    on = worked("1")
    alone = against(on, [D])
    assert hours_of(alone) == {("extension", "T"): 5_000}
    assert alone[0].share == Fraction(5, 8)
    assert "absorberait 62,5\u202f% des heures manquantes" in alone[0].sentence
    assert "resterait 3\u202f000 h sans réponse, soit 0,09 ETP" in alone[0].answer
    assert "plus de 30\u202f000 h par an" in alone[0].answer
    both = hours_of(against(on, [C, D]))
    assert both["extension", "S"] == both["extension", "T"] == 5_000
    assert both["extension", ""] == 8_000  # of the 10,000 to spare, what D lacks
    assert both["limitrophe", "T"] == 10_000


def test_the_applicant_hears_of_its_own_spare_hours() -> None:
    [own] = against(worked("1"), [D], structure="T")
    assert own.sentence.startswith("Les postes que «\u00a0Structure T\u00a0» a déjà absorberaient")


def test_a_post_that_serves_the_state_alone_lends_nothing_to_others() -> None:
    posts = [post("S", 1), post("T", 1, classes=STATE_CLASSES)]
    needs = [need(D, 8_000, "collectivites"), need(D, 1_000, "etat")]
    on = bench(make_study(posts, [perimeter("T", C)], needs, exhaustiveness=KNOWN), LINE)
    assert hours_of(against(on, [D])) == {("extension", "T"): 1_000}
    assert hours_of(against(on, [D], ("collectivites",))) == {}


def test_two_thirds_read_otherwise_what_is_short() -> None:
    found = against(worked(), [A, B])
    readings = [each for each in found if "seuil de 2/3" in each.sentence]
    assert [each.hours for each in readings] == [6_250]
    study = make_study(
        [post("S", 1), post("T", "1/2")],
        HELD,
        NEEDS,
        exhaustiveness=KNOWN,
        seuil_reponse=Fraction(2, 3),
        seuil_reponse_etat=Fraction(2, 3),
    )
    assert not any("2/3" in each.sentence for each in against(bench(study, LINE), [A, B]))


def test_a_perimeter_to_confirm_may_take_the_claim() -> None:
    held = [*HELD, perimeter("U", D, etat="a_confirmer")]
    study = make_study(
        [post("S", 1), post("T", "1/2"), post("U", "1/10")], held, NEEDS, exhaustiveness=KNOWN
    )
    found = hours_of(against(bench(study, LINE), [D]))
    assert found["perimetre_a_confirmer", "U"] == 3_500
    # An extension without a post would hold the place, and leave it a zone blanche.
    beside = [*HELD, perimeter("U", D, "extension", etat="a_confirmer")]
    study = make_study(
        [post("S", 1), post("T", "1/2"), post("U", 1)], beside, NEEDS, exhaustiveness=KNOWN
    )
    assert hours_of(against(bench(study, LINE), [D])) == {}
    assert hours_of(against(worked(), [D])) == {}


def test_no_more_rests_on_an_estimate_than_is_missing_there() -> None:
    missing, brought = np.array([[5, 0, 4]]), np.array([[9, 9, 1]])
    assert resting_hours(missing, brought) == 6


def test_places_outside_zones_and_rivals_are_told() -> None:
    study = make_study(
        [post("S", 2)], [perimeter("S", A), perimeter("S", B)], NEEDS, exhaustiveness=KNOWN
    )
    other = application("autre", rows(LINE, [C, D]), scope=("collectivites",))
    on = bench(study, LINE, other)
    found = against(on, [B, C])
    kinds = {each.kind: each for each in found}
    assert kinds["hors_zone"].hours == 0
    assert "1 commune sur 2" in kinds["hors_zone"].sentence
    assert "mais aucune heure n’y manque" in kinds["hors_zone"].sentence
    rival = kinds["autre_candidature"]
    assert (rival.hours, rival.share) == (10_000, 1)
    assert "0,50 ETP sur 1 commune" in rival.sentence
    nothing = against(on, [A, B])
    assert [
        (each.kind, each.share, each.hours) for each in nothing if each.kind == "hors_zone"
    ] == [("hors_zone", 1, 0)]


def test_an_unknown_need_is_told_and_takes_nothing() -> None:
    on = bench(make_study([post("S", 1)], [perimeter("S", C)], [need(D, 8_000)]), LINE)
    unknown = next(each for each in against(on, [D]) if each.kind == "besoin_inconnu")
    assert (unknown.kind, unknown.share, unknown.hours) == ("besoin_inconnu", 0, 0)
    assert "sont un minimum" in unknown.answer
    nowhere = against(on, [A])
    assert {each.kind for each in nowhere} == {"besoin_inconnu", "hors_zone"}
    assert all(each.share == 1 and not each.answer for each in nowhere)


# --- against linear programs, on studies of any kind --------------------------------------


def naive_spare(reference: naive.Reference) -> dict[object, Fraction]:
    """Return what each supply has to spare: the fair flow read from the side of posts."""
    flow = reference.total
    near = {name: [n for n, held in flow.links.items() if name in held] for name in flow.capacities}
    supply = {name: int(hours) for name, hours in flow.capacities.items() if int(hours)}
    loads = naive_flows.fair_rates(supply, flow.needs, {name: near[name] for name in supply})
    return {name: hours * (1 - min(Fraction(1), loads[name])) for name, hours in supply.items()}


def naive_absorbed(
    reference: naive.Reference, codes: Sequence[str], scope: Sequence[str], names: set[str]
) -> float:
    """Return what some structures could serve of the unserved hours, class by class."""
    places = naive_claims.places_of(reference, codes)
    short = {name: naive_claims.unserved(reference.total, places, {name}) for name in scope}
    spare = {key: hours for key, hours in naive_spare(reference).items() if key[0] in names}
    asked = {name: int(hours * 1000) for name, hours in short.items() if hours * 1000 >= 1}
    given = {key: int(hours * 1000) for key, hours in spare.items()}
    links = {name: [key for key in given if name in key[1].split("|")] for name in asked}
    return naive_flows.served_at_most(asked, given, links) / 1000


@some
@given(studies(regions=False), codes_claimed, scopes)
def test_objections_are_what_linear_programs_find(
    study: Study, codes: list[str], scope: tuple[str, ...]
) -> None:
    on, reference = bench(study, SQUARES), naive.decide(study, SQUARES)
    claim = claimed(on, codes, scope, structure="S1")
    near = neighbours(claim, scope, "S1", on)
    names = {"S1", *(each.structure_id for each in near)}
    found = objections_of(claim, scope, case("demande", "S1"), on, near)
    slack = len(codes) * len(scope) + len(names) + 2  # hours rounded place by place, post by post
    told = hours_of([each for each in found if each.kind == "extension"])
    for name in names:
        exact = naive_absorbed(reference, codes, scope, {name})
        assert abs(told.get(("extension", name), 0) - exact) <= slack
    if ("extension", "") in told:
        assert abs(told["extension", ""] - naive_absorbed(reference, codes, scope, names)) <= slack
        assert told["extension", ""] >= max(told.values())
    every = hours_of(found)
    lent = naive_claims.lent(reference, codes, scope)
    assert abs(every.get(("limitrophe", beside_of(found)), 0) - lent) <= slack
    moved_told = sum(hours for (kind, _), hours in every.items() if kind == "redeploiement")
    assert abs(moved_told - max(0, moved(reference, codes, scope))) <= slack
    for each in found:
        assert 0 <= each.share <= 1
        assert 0 <= each.hours <= claim.missing_hours
        assert each.hours <= claim.unserved_hours or each.kind != "extension"
    assert [each.share for each in found] == sorted((o.share for o in found), reverse=True)


def beside_of(found: Sequence[Objection]) -> str:
    return next((each.structure_id for each in found if each.kind == "limitrophe"), "")


def moved(reference: naive.Reference, codes: Sequence[str], scope: Sequence[str]) -> Fraction:
    places = naive_claims.places_of(reference, codes)
    flow = reference.total
    return naive_claims.unserved(flow, places, scope) - naive_claims.proved(flow, places, scope)


@settings(few, max_examples=tried(2))
@given(studies(regions=False), codes_claimed, scopes, st.integers(25_000, 45_000))
def test_studies_changed_as_objections_say_find_what_they_tell(
    study: Study, codes: list[str], scope: tuple[str, ...], hourly: int
) -> None:
    own = pd.array([pd.NA] * len(study.structures), "Int64")
    study = replace(study, structures=study.structures.assign(heures_par_etp=own))
    on = bench(study, SQUARES)
    shuffled_bench = bench(shuffled(study, hourly), SQUARES)
    assert against(on, codes, scope) == against(shuffled_bench, codes[::-1], scope)
    an_extension_serves_at_least_what_is_told(study, on, codes)
    perimeters_believed_take_what_is_told(study, on, codes)
    a_productivity_leaves_what_is_told(study, on, codes, scope, hourly)


def an_extension_serves_at_least_what_is_told(study: Study, on: Bench, codes: list[str]) -> None:
    for name in list(on.work)[:1]:
        told = balance_of(rows(SQUARES, codes), CLASSES, [name], on).absorbed()
        more = make_study([], [perimeter(name, code) for code in codes]).perimeters
        filed = replace(study, perimeters=pd.concat([study.perimeters, more], ignore_index=True))
        after = compute(filed, SQUARES).totals["flot_maximum_h"]
        slack = len(on.basis.supply.table) + len(codes) * len(CLASSES)
        assert after - on.coverage.totals["flot_maximum_h"] >= told - slack


def perimeters_believed_take_what_is_told(study: Study, on: Bench, codes: list[str]) -> None:
    told = [o.hours for o in against(on, codes) if o.kind == "perimetre_a_confirmer"]
    if on.believed is None:
        assert told == []
        return
    parameters = replace(study.parameters, etats_perimetres=ETATS)
    believed = claimed(bench(replace(study, parameters=parameters), SQUARES), codes)
    gained = claimed(on, codes).missing_hours - believed.missing_hours
    assert abs(sum(told) - max(0, gained)) <= len(codes) * len(CLASSES)


def a_productivity_leaves_what_is_told(
    study: Study, on: Bench, codes: list[str], scope: tuple[str, ...], hourly: int
) -> None:
    parameters = replace(study.parameters, heures_par_etp=hourly)
    other = bench(replace(study, parameters=parameters), SQUARES)
    balance, then = (own_balance(each, codes, scope) for each in (on, other))
    # Whole hours of posts and of places round: nothing else differs.
    slack = 2 * (len(on.basis.supply.table) + len(codes) * len(CLASSES))
    assert abs(balance.missing_at(hourly) - then.missing_hours) <= slack
    left = balance.left(hourly=hourly) / MICRO
    assert abs(left - (then.missing_hours - then.absorbed())) <= slack
    assert balance.left(hourly=hourly + 500) <= balance.left(hourly=hourly)
    assert balance.left(need=9_000) <= balance.left() <= balance.left(need=11_000)
    assert balance.left(spare=11_000) <= balance.left() <= balance.left(spare=9_000)


def own_balance(on: Bench, codes: Sequence[str], scope: Sequence[str]) -> Balance:
    claim = claimed(on, codes, scope)
    return claim_balance(claim, scope, case(), on, neighbours(claim, scope, "", on))


# --- the balance of a claim ---------------------------------------------------------------

lenders = st.builds(
    lambda name, columns, hours, load: Lender(
        name, frozenset(columns), hours, load, int(hours * (1 - min(load, Fraction(1))))
    ),
    st.sampled_from("XYZ"),
    st.sets(st.integers(0, 5), min_size=1),
    st.integers(0, 40_000),
    st.fractions(0, 2, max_denominator=50),
)
unserved = st.lists(st.integers(0, 30_000), min_size=6, max_size=6).map(tuple)


@settings(few, max_examples=tried(60))
@given(st.lists(lenders, max_size=5), unserved, st.integers(0, 9_000), st.data())
def test_more_to_spare_never_lowers_an_objection(
    held: list[Lender], short: tuple[int, ...], more: int, data: st.DataObject
) -> None:
    before = Balance(35_000, (), short, 0, tuple(held))
    names = {each.structure_id for each in held}
    assert all(before.absorbed({name}) <= before.absorbed() <= sum(short) for name in names)
    if held:
        place = data.draw(st.integers(0, len(held) - 1))
        richer = replace(held[place], spare_hours=held[place].spare_hours + more)
        after = replace(before, lenders=(*held[:place], richer, *held[place + 1 :]))
        assert after.absorbed() >= before.absorbed()
        assert after.absorbed({richer.structure_id}) >= before.absorbed({richer.structure_id})

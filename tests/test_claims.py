"""The claim of a dossier against the method alone, and against what is published."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import naive
import naive_claims
import numpy as np
import pandas as pd
import pytest
import shapely
from agreement import shares_of
from builders import drawn, grid_territory, make_study, need, perimeter, post, shuffled
from dossier_cases import bench, claimed, rows, trials
from effort import tried
from hypothesis import given, settings
from hypothesis import strategies as st
from naive_atoms import atoms_of, with_shares
from small_studies import CODES, SQUARES, few, studies

from coverage.dossiers.bench import Bench
from coverage.dossiers.claims import deficits
from coverage.dossiers.claims.claim import claim_of
from coverage.dossiers.claims.neighbours import neighbours
from coverage.parameters import CLASSES, STATE_CLASSES
from coverage.proposals.lending import spare_hours
from coverage.response import PRINCIPALS
from data.calls.read import read_call

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coverage.model import Coverage, Study

Scope = tuple[str, ...]
Asked = tuple[list[str], Scope]
some = settings(few, max_examples=tried(4))
fewer = settings(few, max_examples=tried(2))
codes_claimed = st.lists(st.sampled_from(CODES), min_size=1, max_size=7, unique=True)
scopes: st.SearchStrategy[Scope] = st.sampled_from(
    [CLASSES, CLASSES, STATE_CLASSES, ("etat", "bailleurs"), ("prives",)]
)
claims = st.lists(st.tuples(codes_claimed, scopes), min_size=3, max_size=3)


def check(
    study: Study, on: Bench, reference: naive.Reference, codes: Sequence[str], scope: Scope
) -> None:
    """Compare a claim with the reference, place by place and as a whole."""
    claim = claimed(on, codes, scope)
    white, waiting = naive_claims.kept(reference)
    state = naive_claims.state(scope)
    assert {SQUARES.codes[place.unit] for place in claim.places} == set(codes)
    for place in claim.places:
        code = str(SQUARES.codes[place.unit])
        here = naive_claims.places_of(reference, [code])
        unit, flow = reference.units[code], reference.total
        assert place.statut == unit.statut
        assert sum(place.shares.values()) == 1
        for name in place.shares:
            share = sum(p.atom.share for p in parts(reference, here) if p.statut == name)
            assert float(place.shares[name]) == pytest.approx(share, abs=2e-6)
        for part, held in ((place.white, white), (place.pending, waiting)):
            share = sum(p.atom.share for p in parts(reference, here & held))
            assert float(part) == pytest.approx(share, abs=2e-6)
        assert place.need_hours == naive_claims.need(flow, here, scope)
        assert place.state_hours == naive_claims.need(flow, here, state)
        exact = naive_claims.unserved(flow, here, scope)
        assert abs(place.unserved_hours - exact) < len(scope)
        assert 0 <= place.unserved_hours <= place.need_hours
        assert set(place.unknown) == set(scope) - unit.known
        holders = {pair for p in parts(reference, here) for pair in p.atom.signature}
        assert set(place.holders) == holders
    # Rounded class by class and place by place.
    assert abs(claim.lent_hours - naive_claims.lent(reference, codes, scope)) < len(codes) * 2
    places = naive_claims.places_of(reference, codes)
    assert claim.white_hours == naive_claims.need(reference.total, places & white, scope)
    assert claim.white_communes == len({reference.parts[p].atom.unit for p in places & white})
    units = claim.units
    principal = naive.flow_of(study, SQUARES, principal_only=True, parts=reference.atoms)
    for got, flow, classes in (
        (deficits.proved_hours(units, scope, on), reference.total, scope),
        (deficits.proved_hours(units, scope, on, kind=PRINCIPALS), principal, scope),
        (deficits.proved_hours(units, scope, on, flow="etat"), reference.state, state),
    ):
        assert got == naive_claims.proved(flow, places, classes)
    assert deficits.white_proved_hours(units, scope, on) == naive_claims.white_proved(
        reference, codes, scope
    )
    table = on.basis.supply.table
    lenders = {row: 1_000 * row + 500 for row in range(len(table))}
    names = zip(table["structure_id"], map("|".join, table["scope"]), strict=True)
    lent = dict(zip(names, lenders.values(), strict=True))
    assert deficits.left_hours(units, scope, lenders, on) == naive_claims.left(
        reference, codes, scope, lent
    )
    missing = naive_claims.unserved(reference.state, places, state)
    assert deficits.state_unserved_hours(units, scope, on) == int(missing)


def parts(reference: naive.Reference, places: set[str]) -> list[naive.Part]:
    return [reference.parts[place] for place in sorted(places)]


@some
@given(studies(regions=False), claims)
def test_a_claim_is_what_the_method_says(study: Study, asked: list[Asked]) -> None:
    on, reference = bench(study, SQUARES), naive.decide(study, SQUARES)
    check_published(on)
    for codes, scope in asked:
        check(study, on, reference, codes, scope)
        check_neighbours(study, on, reference, codes)


def test_hours_that_are_not_whole_sum_to_what_is_published() -> None:
    needs = [
        need(code, 10_001 + 7 * k, class_)
        for k, code in enumerate(CODES[:4])
        for class_ in ("etat", "hopitaux", "prives")
    ]
    held = [perimeter("S1", code) for code in CODES[:3]]
    on = bench(
        make_study([post("S1", "1/3"), post("S1", 1, classes=["prives"])], held, needs), SQUARES
    )
    assert any(rate.denominator > 1 for rate in on.basis.decision.total.rates)
    check_published(on)


@fewer
@given(studies(regions=False), claims, st.floats(0.21, 0.79), st.integers(0, 2))
def test_so_it_is_where_drawings_cut_communes(
    study: Study, asked: list[Asked], share: float, col: int
) -> None:
    west, side = 3 + 0.01 * col, 0.01
    half = shapely.box(west, 46, west + side * share, 46.03)
    shapes = [drawn("S1", half, "extension"), drawn("S2", half)]
    study = replace(study, drawn=make_study([], [], shapes=shapes).drawn)
    on = bench(study, SQUARES)
    atoms = with_shares(atoms_of(study, SQUARES), shares_of(on.coverage))
    reference = naive.decide(study, SQUARES, atoms)
    for codes, scope in asked:
        check(study, on, reference, codes, scope)


@fewer
@given(studies(), claims, st.integers(0, 99))
def test_the_order_of_rows_and_of_codes_changes_nothing(
    study: Study, asked: list[Asked], seed: int
) -> None:
    here, there = bench(study, SQUARES), bench(shuffled(study, seed), SQUARES)
    for codes, scope in asked:
        check_alike(here, there, codes, scope)


def check_alike(here: Bench, there: Bench, codes: list[str], scope: Scope) -> None:
    assert trials(here, codes, scope, structure="S1") == trials(
        there, codes[::-1], scope, structure="S1"
    )
    units = rows(SQUARES, codes)
    twice = (*units[::-1], *units)
    assert claim_of("facilitateur", twice, scope, "S1", here) == claimed(
        there, codes, scope, structure="S1"
    )


@fewer
@given(studies(), codes_claimed, st.sampled_from(CLASSES), st.integers(1, 50_000))
def test_more_known_need_never_lowers_a_deficit(
    study: Study, codes: list[str], class_: str, hours: int
) -> None:
    more = make_study([], [], [need(codes[0], hours, class_, source="ajout")]).needs
    joined = replace(study, needs=pd.concat([study.needs, more], ignore_index=True))
    before, after = bench(study, SQUARES), bench(joined, SQUARES)
    units = rows(SQUARES, codes)
    for measure in (deficits.proved_hours, deficits.white_proved_hours):
        assert measure(units, CLASSES, before) <= measure(units, CLASSES, after)
    # Whole hours of a place are within one of the exact ones.
    slack = len(units) * len(CLASSES)
    assert claimed(before, codes).missing_hours <= claimed(after, codes).missing_hours + slack


def check_published(on: Bench) -> None:
    """Claims of everything are what is published, and those of single classes sum to them."""
    whole = claimed(on, CODES)
    communes = on.coverage.communes
    assert [p.need_hours - p.unserved_hours for p in whole.places] == communes["servi_h"].tolist()
    assert [place.statut for place in whole.places] == communes["statut"].tolist()
    by_class = [claimed(on, CODES, (class_,)) for class_ in CLASSES]
    assert sum(claim.unserved_hours for claim in by_class) == whole.unserved_hours
    assert sum(claim.lent_hours for claim in by_class) == whole.lent_hours


def check_neighbours(
    study: Study, on: Bench, reference: naive.Reference, codes: Sequence[str]
) -> None:
    """Compare the structures in reach with perimeters, need and capacity."""
    nodes, table = on.basis.decision.total.nodes, on.basis.supply.table
    hours = table["hours"].tolist()
    assert on.spare == spare_hours(nodes.needs, hours, nodes.reach)
    covers = naive.reach(study, SQUARES)
    claim = claimed(on, codes)
    near = {each.structure_id: each for each in neighbours(claim, CLASSES, "", on)}
    staffed = {name for held in covers.values() for name in held}
    around = _around(codes)
    touching = {name for code in around for name in covers[code]}
    on_it = {name for code in codes for name in covers[code]}
    if on_it | touching:
        assert set(near) == on_it | touching <= staffed
    for name, each in near.items():
        own = [
            n for n, reached in reference.total.links.items() if any(s == name for s, _ in reached)
        ]
        assert each.reached_hours == sum(reference.total.needs[n] for n in own)
        held = [n for n in own if covers[n[0]].get(name) is False]
        assert each.extension_hours == sum(reference.total.needs[n] for n in held)
        assert each.spare_hours + each.work_hours <= each.capacity_hours + len(each.supplies)
        assert each.touches == (name in touching)
        assert bool(each.natures) == (name in on_it)


def _around(codes: Sequence[str]) -> set[str]:
    """Return the squares that share a side with some, those without geometry apart."""
    cells = dict(zip(CODES, ((n % 4, n // 4) for n in range(12)), strict=True))
    inside = {cells[code] for code in codes if code != "01006"}
    return {
        code
        for code, (col, row) in cells.items()
        if code not in codes
        and code != "01006"
        and {(col - 1, row), (col + 1, row), (col, row - 1), (col, row + 1)} & inside
    }


def test_distances_go_from_the_seat_else_from_the_nearest_commune_held() -> None:
    land = grid_territory(4)
    study = make_study([post("S"), post("T")], [perimeter("S", "01001"), perimeter("T", "01002")])
    study.structures.loc["S", ["lon", "lat"]] = (3.005, 47.005)
    on = bench(study, land)
    near = {n.structure_id: n for n in neighbours(claimed(on, ["01003"]), CLASSES, "S", on)}
    assert set(near) == {"S", "T"}, "the applicant is in reach wherever it is"
    assert (near["S"].distance_from, near["S"].distance_km) == ("siege", 111)
    assert (near["T"].distance_from, near["T"].distance_km) == ("commune", 1)


def test_an_island_has_the_nearest_structure_of_its_region() -> None:
    land = grid_territory(4, departements=("01", "01", "01", "02"))
    land = replace(land, borders=land.borders.iloc[:0])
    study = make_study([post("S"), post("T")], [perimeter("S", "01001"), perimeter("T", "02001")])
    on = bench(study, land)
    (only,) = neighbours(claimed(on, ["01003"]), CLASSES, "", on)
    assert (only.structure_id, only.natures, only.touches) == ("S", (), False)


def test_claims_of_zones_are_the_zones_of_the_national_example(example_coverage: Coverage) -> None:
    on = Bench(example_coverage, read_call())
    zones, atoms = example_coverage.zones, example_coverage.atoms
    unit = atoms.table["unit"].to_numpy()
    sizes = np.bincount(unit)
    kept = zones.index[zones["retenue"]]
    for name in kept[:: max(len(kept) // tried(30), 1)]:
        held = example_coverage.zone_atoms[name]
        units = example_coverage.zone_units[name].tolist()
        if sizes[unit[held]].max() > 1:
            continue
        zone, claim = zones.loc[name], claim_of("facilitateur", units, CLASSES, "", on)
        assert (claim.need_hours, claim.unserved_hours) == (zone["besoin_h"], zone["deficit_h"])
        assert deficits.proved_hours(units, CLASSES, on) == zone["deficit_prouve_h"]
        assert claim.white_population in {Fraction(1), None}
        assert claim.white_communes == len(units)
        found, short = deficits.short_break_even(units, CLASSES, on)
        assert short == (zone["statut"] == "capacite_insuffisante")
        published = zone["seuil_bascule_h_par_etp"]
        assert found == (None if published is None or np.isnan(published) else published)

"""Certificates added up again by hand, and their claim put to a maximum flow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import naive
from builders import codes_of, grid_territory, make_study, need, perimeter, post
from effort import tried
from hypothesis import given, settings
from naive_flows import served_at_most
from small_studies import SQUARES, few, studies

from coverage.parameters import CLASSES, STATE_CLASSES
from coverage.study import compute

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from coverage.model import Certificate, Coverage, Study
    from geo.territory import Territory

    Certificates = Mapping[str, Certificate]

A, B, C = "01001", "01002", "01003"
KINDS = ("extensions_comprises", "perimetres_principaux")
FLOWS = ("total", "etat")


def union_of(proof: Certificate, proofs: Certificates) -> list[Certificate]:
    return [proof, *(proofs[name] for name in proof.ancestors)]


def reached_by(
    places: Iterable[tuple[str, str, int]], study: Study, territory: Territory, kind: str
) -> set[naive.Supply]:
    """Return every supply node with hours that holds a place and serves its class."""
    supply = naive.capacities(study, territory)
    covers = naive.reach(study, territory, principal_only=kind == "perimetres_principaux")
    links = naive.edges([(code, name) for code, name, _ in places], supply, covers)
    return {s for reached in links.values() for s in reached if supply[s] > 0}


def add_up(proof: Certificate, proofs: Certificates, study: Study, territory: Territory) -> None:
    """Check one certificate as a reader would: lists, sums and perimeters, no flow."""
    union = union_of(proof, proofs)
    places = [place for part in union for place in part.places]
    structures = [line for part in union for line in part.structures]
    assert len({place[:2] for place in places}) == len(places), "a place counted twice"
    assert len({line[:2] for line in structures}) == len(structures), "a supplier counted twice"
    assert all((part.flow, part.kind) == (proof.flow, proof.kind) for part in union)
    in_order = sorted(proof.places, key=lambda place: (place[0], CLASSES.index(place[1])))
    assert proof.places == tuple(in_order)
    assert proof.structures == tuple(sorted(proof.structures))
    assert proof.ancestors == tuple(sorted(proof.ancestors))
    assert proof.certificate_id not in proof.ancestors

    needs = naive.needs_by_node(study, territory)
    capacities = naive.capacities(study, territory)
    assert all(needs[code, name] == hours for code, name, hours in places)
    assert all(capacities[name, scope] == hours for name, scope, hours in structures)
    if proof.flow == "etat":
        assert {name for _, name, _ in places} <= set(STATE_CLASSES)

    listed = {(name, scope) for name, scope, hours in structures if hours > 0}
    assert listed == reached_by(places, study, territory, proof.kind), "the union is not closed"

    assert proof.own_need_hours == sum(hours for _, _, hours in proof.places)
    assert proof.own_capacity_hours == sum(hours for _, _, hours in proof.structures)
    assert proof.need_hours == sum(hours for _, _, hours in places)
    assert proof.capacity_hours == sum(hours for _, _, hours in structures)
    assert proof.need_hours > proof.capacity_hours


def ancestors_by_sharing(
    proof: Certificate, proofs: Certificates, study: Study, territory: Territory
) -> set[str]:
    """Return the groups that own a supplier reaching the union, again and again."""
    owner = {
        line[:2]: other.certificate_id
        for other in proofs.values()
        if (other.flow, other.kind) == (proof.flow, proof.kind)
        for line in other.structures
    }
    found = {proof.certificate_id}
    waiting = [proof]
    while waiting:
        for supply in reached_by(waiting.pop().places, study, territory, proof.kind):
            name = owner[supply]
            if name not in found:
                found.add(name)
                waiting.append(proofs[name])
    return found - {proof.certificate_id}


@settings(few, max_examples=tried(20))
@given(studies())
def test_certificates_of_small_studies_prove_what_they_say(study: Study) -> None:
    coverage = compute(study, SQUARES)
    assert_they_add_up_by_hand(coverage)
    assert_no_redeployment_serves_more(coverage)
    assert_every_short_place_has_one(coverage)
    assert_zones_name_those_of_their_places(coverage)


def assert_they_add_up_by_hand(coverage: Coverage) -> None:
    study, proofs = coverage.study, coverage.certificates
    assert list(proofs) == sorted(proofs)
    for name, proof in proofs.items():
        assert proof.certificate_id == name
        assert proof.kind in KINDS
        assert proof.flow in FLOWS
        add_up(proof, proofs, study, SQUARES)
        assert set(proof.ancestors) == ancestors_by_sharing(proof, proofs, study, SQUARES)


def assert_no_redeployment_serves_more(coverage: Coverage) -> None:
    study, proofs = coverage.study, coverage.certificates
    capacities = naive.capacities(study, SQUARES)
    for proof in proofs.values():
        places = [place for part in union_of(proof, proofs) for place in part.places]
        alone = {(code, name): hours for code, name, hours in places}
        covers = naive.reach(study, SQUARES, principal_only=proof.kind == "perimetres_principaux")
        served = served_at_most(alone, capacities, naive.edges(alone, capacities, covers))
        assert served == proof.capacity_hours
        assert sum(alone.values()) - served == proof.need_hours - proof.capacity_hours


def assert_every_short_place_has_one(coverage: Coverage) -> None:
    study, proofs = coverage.study, coverage.certificates.values()
    for flow in FLOWS:
        for kind in KINDS:
            rates = naive.flow_of(
                study,
                SQUARES,
                state_only=flow == "etat",
                principal_only=kind == "perimetres_principaux",
            ).rates
            mine = [proof for proof in proofs if (proof.flow, proof.kind) == (flow, kind)]
            owned = [place[:2] for proof in mine for place in proof.places]
            assert len(set(owned)) == len(owned)
            assert set(owned) == {node for node, rate in rates.items() if rate < 1}
            for proof in mine:
                assert len({rates[place[:2]] for place in proof.places}) == 1
                poorest = rates[proof.places[0][:2]]
                for name in proof.ancestors:
                    older = next(p for p in mine if p.certificate_id == name)
                    assert rates[older.places[0][:2]] < poorest


def assert_zones_name_those_of_their_places(coverage: Coverage) -> None:
    for name, rows in coverage.zone_units.items():
        inside = codes_of(SQUARES, rows)
        for proof in coverage.zones.loc[name, "certificats"]:
            touched = {place[0] for place in coverage.certificates[proof].places}
            assert touched & inside
        total = {
            proof.certificate_id
            for proof in coverage.certificates.values()
            if proof.flow == "total"
            and proof.kind == "extensions_comprises"
            and any(place[0] in inside for place in proof.places)
        }
        assert total <= set(coverage.zones.loc[name, "certificats"])


def test_a_group_needs_the_poorer_group_that_it_leans_on() -> None:
    # P alone serves the first commune at 35,000 / 70,000; P and Q reach the second, Q alone
    # serves it at 17,500 / 20,000. For the second group alone D > C would be false: P could
    # leave the first commune.
    territory = grid_territory(2)
    study = make_study(
        [post("P", 1), post("Q", "1/2")],
        [perimeter("P", "01001"), perimeter("P", "01002"), perimeter("Q", "01002")],
        [need("01001", 70_000), need("01002", 20_000)],
    )
    proofs = {
        proof.places[0][0]: proof
        for proof in compute(study, territory).certificates.values()
        if proof.kind == "extensions_comprises"
    }
    poor, rich = proofs["01001"], proofs["01002"]
    assert poor.ancestors == ()
    assert (poor.need_hours, poor.capacity_hours) == (70_000, 35_000)
    assert rich.ancestors == (poor.certificate_id,)
    assert (rich.own_need_hours, rich.own_capacity_hours) == (20_000, 17_500)
    assert (rich.need_hours, rich.capacity_hours) == (90_000, 52_500)
    assert [line[0] for line in rich.structures] == ["Q"]


def test_a_group_leans_on_all_the_poorer_ones_down_to_the_last() -> None:
    # As above, and R alone serves the third commune, that Q reaches too: were Q to leave the
    # second commune, P could leave the first.
    study = make_study(
        [post("P", 1), post("Q", "1/2"), post("R", "1/2")],
        [perimeter(*each) for each in (("P", A), ("P", B), ("Q", B), ("Q", C), ("R", C))],
        [need(A, 70_000), need(B, 20_000), need(C, 18_000)],
    )
    territory = grid_territory(3)
    proofs = compute(study, territory).certificates
    own = {p.places[0][0]: p for p in proofs.values() if p.kind == "extensions_comprises"}
    assert set(own[C].ancestors) == {own[A].certificate_id, own[B].certificate_id}
    assert (own[C].need_hours, own[C].capacity_hours) == (108_000, 70_000)
    for proof in own.values():
        add_up(proof, proofs, study, territory)


def test_a_state_certificate_counts_state_needs_alone() -> None:
    territory = grid_territory(1)
    study = make_study(
        [post("S", 1)],
        [perimeter("S", "01001")],
        [need("01001", 30_000, "etat"), need("01001", 10_000, "bailleurs")],
    )
    coverage = compute(study, territory)
    flows = {proof.flow for proof in coverage.certificates.values()}
    assert flows == {"total"}, "35,000 h serve the 30,000 h of the State"
    assert coverage.communes["taux_reponse_etat"]["01001"] == 1

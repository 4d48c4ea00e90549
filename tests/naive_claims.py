"""The claim of a dossier again, from the method alone: sets of places, linear programs."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from naive_flows import served_at_most

from coverage.parameters import STATE_CLASSES

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from naive import Flow, Reference
    from naive_hours import Supply

WHITE = {"non_couverte", "limitrophe"}


def places_of(reference: Reference, codes: Collection[str]) -> set[str]:
    return {atom.place for code in codes for atom in reference.atoms[code]}


def kept(reference: Reference) -> tuple[set[str], set[str]]:
    """Return the places of the zones retenues, and of those to document (hours alone count)."""
    parameters = reference.study.parameters
    retained, waiting = set[str](), set[str]()
    for zone in reference.zones:
        statut = reference.parts[min(zone)].statut
        need = sum(reference.parts[place].readings.need_h for place in zone)
        units = {reference.parts[place].atom.unit for place in zone}
        known = all(len(reference.units[unit].known) == 6 for unit in units)
        identified = need and need >= parameters.seuil_besoin_h
        free = statut == "non_couverte" and not parameters.besoin_requis_non_couverte
        if statut == "capacite_insuffisante" or (statut in WHITE and (identified or free)):
            retained |= zone
        elif statut in WHITE and not known:
            waiting |= zone
    return retained, waiting


def need(flow: Flow, places: Collection[str], scope: Collection[str]) -> int:
    return sum(h for (place, name), h in flow.needs.items() if place in places and name in scope)


def unserved(flow: Flow, places: Collection[str], scope: Collection[str]) -> Fraction:
    """Return the exact hours that the fair flow leaves unserved."""
    asked = [node for node in flow.needs if node[0] in places and node[1] in scope]
    one = Fraction(1)
    return sum((flow.needs[n] * (one - min(one, flow.rates[n])) for n in asked), Fraction(0))


def proved(flow: Flow, places: Collection[str], scope: Collection[str]) -> int:
    inside = {n: h for n, h in flow.needs.items() if n[0] in places and n[1] in scope}
    supply = {name: int(hours) for name, hours in flow.capacities.items()}
    return sum(inside.values()) - served_at_most(inside, supply, flow.links)


def white_proved(reference: Reference, codes: Collection[str], scope: Collection[str]) -> int:
    white = places_of(reference, codes) & kept(reference)[0]
    bare = {place for place in white if reference.parts[place].statut in WHITE}
    return need(reference.total, bare, scope) + proved(reference.total, white - bare, scope)


def lent(reference: Reference, codes: Collection[str], scope: Collection[str]) -> Fraction:
    places = {
        place
        for place in places_of(reference, codes)
        if reference.parts[place].statut == "limitrophe"
    }
    return need(reference.total, places, scope) - unserved(reference.total, places, scope)


def state(scope: Collection[str]) -> set[str]:
    return set(STATE_CLASSES).intersection(scope)


def left(
    reference: Reference,
    codes: Collection[str],
    scope: Collection[str],
    lent_by: Mapping[Supply, int],
) -> int:
    """Return what is left of `white_proved` once some suppliers lend hours on every place."""
    white = places_of(reference, codes) & kept(reference)[0]
    flow = reference.total
    inside = {n: h for n, h in flow.needs.items() if n[0] in white and n[1] in scope}
    supply = {name: int(hours) for name, hours in flow.capacities.items()}
    supply |= {(f"prêt {name}", classes): hours for (name, classes), hours in lent_by.items()}
    links = {
        node: {(f"prêt {name}", own) for name, own in lent_by if node[1] in own.split("|")}
        | (set() if reference.parts[node[0]].statut in WHITE else set(flow.links[node]))
        for node in inside
    }
    return sum(inside.values()) - served_at_most(inside, supply, links)

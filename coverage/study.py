"""The one way through: from a study and a territory to what is decided of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coverage.atoms import build_atoms, structure_shares
from coverage.certificates import certify
from coverage.claims import build_ground
from coverage.communes import build_communes
from coverage.decision import Decision, decide, served_hours
from coverage.model import VOLETS, Coverage
from coverage.need import build_need
from coverage.perimeters import active_posts, perimeter_warnings
from coverage.reach import build_reach
from coverage.regions import build_regions, etp_by_region
from coverage.supply import build_supply
from coverage.totals import anomalies, totals
from coverage.zones import ZoneSets, build_sets, build_zones

if TYPE_CHECKING:
    from collections.abc import Callable
    from fractions import Fraction

    from coverage.model import Certificate, Study
    from geo.territory import Territory


def compute(
    study: Study, territory: Territory, *, on_step: Callable[[str], None] = lambda _: None
) -> Coverage:
    """Decide the coverage of a study: atoms, need, response, certificates, status, zones.

    Parameters
    ----------
    on_step
        Called with a French phrase before each stage, for progress.

    Raises
    ------
    UnknownCodeError
        When a code of the study is unknown in the territory.
    """
    on_step("Périmètres et postes en vigueur")
    posts = active_posts(study)
    reach = {volet: build_reach(study, territory, posts, volet=volet) for volet in VOLETS}
    pieces = {volet: build_atoms(reach[volet], territory) for volet in VOLETS}
    links = {volet: structure_shares(pieces[volet]) for volet in VOLETS}
    atoms = pieces["facilitateur"]
    on_step("Besoin par commune et donneur d’ordre")
    need = build_need(study, territory)
    supply = build_supply(study, territory, posts, links["facilitateur"], need.known)
    on_step("Réponse équitable et réponse à l’État d’abord")
    decision = decide(need, atoms, supply, study.parameters)
    on_step("Zones et certificats")
    ground = build_ground(atoms, decision.need, need.known, territory)
    sets = build_sets(decision, ground, territory)
    served = served_hours(decision.rates, sets.order)
    certificates = _certificates(decision, sets)
    zones = build_zones(sets, decision, ground, served, study, territory, certificates)
    communes = build_communes(decision, sets, served, need.known, territory)
    on_step("Régions et totaux")
    shares = {
        volet: etp_by_region(posts[posts["volet"] == volet], links[volet], territory)
        for volet in VOLETS
    }
    regions = build_regions(
        communes,
        zones,
        decision,
        territory,
        shares["facilitateur"][0],
        shares["coordinateur"][0],
    )
    warnings = (
        *study.warnings,
        *perimeter_warnings(study, posts),
        *(notice for volet in VOLETS for notice in reach[volet].warnings),
        *supply.warnings,
        *need.warnings,
    )
    return Coverage(
        study=study,
        territory=territory,
        atoms=atoms,
        communes=communes,
        need=need.parts,
        zones=zones,
        zone_atoms=dict(sorted(zip(sets.ids, sets.rows, strict=True))),
        regions=regions,
        certificates=certificates,
        totals=totals(need, decision, communes, zones, territory) | _etp(shares),
        anomalies=anomalies(need, territory, warnings),
        warnings=warnings,
    )


def _certificates(decision: Decision, sets: ZoneSets) -> dict[str, Certificate]:
    found = [
        certificate
        for (flow, kind), response in decision.responses.items()
        for certificate in certify(
            response,
            decision.supply,
            places=sets.places,
            zones=sets.of_atom,
            flow=flow,
            kind=kind,
        )
    ]
    return {c.certificate_id: c for c in sorted(found, key=lambda c: c.certificate_id)}


def _etp(shares: dict[str, tuple[dict[str, Fraction], Fraction]]) -> dict[str, float]:
    """Return the active ETP of each volet, in all and those no counted perimeter places."""
    found = {}
    for volet, (by_region, nowhere) in shares.items():
        found[f"etp_{volet}s"] = float(sum(by_region.values(), nowhere))
        found[f"etp_{volet}s_sans_perimetre"] = float(nowhere)
    return found

"""The one way through: from a study and a territory to what is decided of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from coverage.basis import build_basis
from coverage.certificates import certify
from coverage.claims import build_ground
from coverage.communes import build_communes
from coverage.decision import Decision, served_hours
from coverage.model import VOLETS, Coverage
from coverage.perimeters import perimeter_warnings
from coverage.regions import build_regions, etp_by_region
from coverage.totals import anomalies, totals
from coverage.years import build_years, first_breaks, zone_breaks
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
    basis = build_basis(study, territory, on_step=on_step)
    atoms, need, decision = basis.atoms, basis.need, basis.decision
    on_step("Zones et certificats")
    ground = build_ground(atoms, decision.need, need, territory)
    sets = build_sets(decision, ground, territory)
    served = served_hours(decision.rates, sets.order)
    certificates = _certificates(decision, sets)
    zones = build_zones(sets, decision, ground, served, study, territory, certificates)
    communes = build_communes(decision, sets, served, need.known, territory)
    on_step("Régions et totaux")
    posts = basis.posts
    shares = {
        volet: etp_by_region(posts[posts["volet"] == volet], basis.links[volet], territory)
        for volet in VOLETS
    }
    years = build_years(study, territory, basis, communes["servi_h"].to_numpy())
    breaks = first_breaks(years, len(territory))
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
        *basis.warnings,
        *need.warnings,
        *years.warnings,
    )
    return Coverage(
        study=study,
        territory=territory,
        atoms=atoms,
        communes=communes.assign(annee_rupture=breaks),
        need=need,
        zones=zones.assign(
            annee_rupture=pd.Series(
                zone_breaks(breaks, zones["communes"], territory), index=zones.index, dtype=object
            )
        ),
        zone_atoms=dict(sorted(zip(sets.ids, sets.rows, strict=True))),
        regions=regions,
        years=years,
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

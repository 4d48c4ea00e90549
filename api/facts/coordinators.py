"""The régions without a coordinator, on a list of their own: what waits for one there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.facts.values import Amount, amount

if TYPE_CHECKING:
    from api.proposed import Proposed


@dataclass(frozen=True)
class CoordinatorFacts:
    """A région without a coordinator, and what waits for one there.

    Attributes
    ----------
    acheteurs_regionaux, services_etat
        Not accompanied; None when no file speaks of State services: unknown.
    """

    rang: int
    region: str
    region_nom: str
    facilitateurs_etp: Amount
    acheteurs_regionaux: int | None
    services_etat: int | None
    departements_sans_facilitateur: list[str]
    options: list[str]
    a_soumettre_au_comite_national: list[str]
    justification: str


def coordinator_facts(proposed: Proposed, region: str = "") -> list[CoordinatorFacts]:
    """Return the régions without a coordinator, the one that most needs it first."""
    return [
        CoordinatorFacts(
            rang=need.rank,
            region=need.region,
            region_nom=need.name,
            facilitateurs_etp=amount(need.facilitators),
            acheteurs_regionaux=need.buyers,
            services_etat=need.services,
            departements_sans_facilitateur=list(need.uncovered),
            options=list(need.options),
            a_soumettre_au_comite_national=list(need.to_committee),
            justification=need.words,
        )
        for need in proposed.found.coordinators
        if region in ("", need.region)
    ]

"""Which boxes of the form an application must fill, from what it asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coverage.model import VOLETS
from data.applications.checks import FACILITATOR
from data.applications.form import FORM, INDICATORS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

COORDINATOR = "coordinateur"

_STRATEGY = ("donneurs_ordre", "acteurs_inclusifs", "parcours")


def expected_boxes(values: Mapping[str, Any], *, renewed: bool, cofunded: bool) -> Iterator[str]:
    """Yield the dotted keys that an application owes, beside those that every one does.

    Parameters
    ----------
    values
        What is read of it.
    renewed
        Whether the structure holds posts of the 2022 call.
    cofunded
        Whether the call asks for other funders.
    """
    asked = asked_volets(values)
    yield from _consortium(values.get("groupement", {}))
    for volet in asked:
        yield f"etat_des_lieux.etp_{volet}"
        if values.get("etat_des_lieux", {}).get(f"etp_{volet}") != 0:
            yield f"etat_des_lieux.descriptif_{volet}"
    if renewed or values.get("convention_2022"):
        yield from (f"convention_2022.{name}" for name in FORM["convention_2022"].keys)
    for volet in asked:
        yield from (f"strategie.{name}_{volet}" for name in _STRATEGY)
    if COORDINATOR in asked:
        yield "strategie.reseau_regional"
    if asked:
        yield from (f"objectifs.{name}" for name in INDICATORS)
        if cofunded:
            yield "budget.cofinanceurs"


def asked_volets(values: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the volets with ETP asked; else those with a perimeter and no ETP written.

    >>> asked_volets({"demande": {"etp_facilitateur": 50}, "perimetre": {"coordinateur": {}}})
    ('facilitateur',)
    >>> asked_volets({"perimetre": {"coordinateur": {"codes": ()}}})
    ('coordinateur',)
    """
    demand = values.get("demande", {})
    asked = tuple(volet for volet in VOLETS if demand.get(f"etp_{volet}"))
    if asked:
        return asked
    return tuple(
        volet
        for volet in VOLETS
        if volet in values.get("perimetre", {}) and f"etp_{volet}" not in demand
    )


def claimed_volets(values: Mapping[str, Any], *, extends: bool) -> tuple[str, ...]:
    """Return the volets whose perimeter is a claim: asked, or taken for 0 ETP (`extends`)."""
    asked = asked_volets(values)
    return (FACILITATOR, *(v for v in asked if v != FACILITATOR)) if extends else asked


def _consortium(values: Mapping[str, Any]) -> Iterator[str]:
    if values.get("mandataire"):
        yield "groupement.membres"
        for number in range(1, len(values.get("membres", ())) + 1):
            yield f"groupement.membres[{number}].statut"
        yield "groupement.gouvernance"
    elif "mandataire" not in values and values:
        yield "groupement.mandataire"

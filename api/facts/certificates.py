"""Certificates of shortage: what each proves, in words and in sums that anyone can re-add."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from api.facts.values import Rate, class_names, rate
from coverage.atoms import commune_of
from coverage.wording import certificate_sentence, listing
from geo.errors import UnknownCodeError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from api.facts.ground import Ground
    from coverage.model import Certificate

FLOW_NAMES = {"total": "tous les besoins", "etat": "besoins de l’État et de ses opérateurs"}
KIND_NAMES = {
    "extensions_comprises": "extensions comprises",
    "perimetres_principaux": "périmètres principaux seulement",
}


@dataclass(frozen=True)
class CertificateSum:
    """One line of the sum of a certificate: its own group, or a poorer one it stands on."""

    certificat_id: str
    besoin_h: int
    capacite_h: int


@dataclass(frozen=True)
class CertificateSummary:
    """What a certificate proves, and its sum.

    Attributes
    ----------
    flux, perimetres
        `total` or `etat`; `extensions_comprises` or `perimetres_principaux`.
    somme
        Its own group, then each poorer group; they add up to `besoin_h` and `capacite_h`.
    deficit_h
        `besoin_h` − `capacite_h`: unserved whatever is redeployed.
    taux_groupe
        Own capacity over own need: the fair rate of its own places.
    """

    certificat_id: str
    flux: str
    flux_nom: str
    perimetres: str
    perimetres_nom: str
    phrase: str
    somme: list[CertificateSum]
    besoin_h: int
    capacite_h: int
    deficit_h: int
    taux_groupe: Rate
    communes: int


@dataclass(frozen=True)
class CertificatePlace:
    """Hours that a place asks through a certificate."""

    lieu: str
    commune: str
    nom: str
    zone_id: str
    donneur_ordre: str
    donneur_ordre_nom: str
    heures: int


@dataclass(frozen=True)
class CertificateSupplier:
    """Capacity that a structure brings to a certificate, for a set of classes."""

    structure_id: str
    nom: str
    donneurs_ordre: list[str]
    donneurs_ordre_noms: str
    capacite_h: int


@dataclass(frozen=True)
class CertificateFacts(CertificateSummary):
    """A certificate whole: own places and structures; those of `somme` are under their names."""

    lieux: list[CertificatePlace]
    structures: list[CertificateSupplier]


def certificate_summary(ground: Ground, name: str) -> CertificateSummary:
    """Return what a certificate proves and its sum.

    Raises
    ------
    UnknownCodeError
        When no certificate has this identifier.
    """
    certificates = ground.coverage.certificates
    if name not in certificates:
        raise UnknownCodeError(f"aucun certificat « {name} » dans cette étude")
    found = certificates[name]
    union = [found, *(certificates[ancestor] for ancestor in found.ancestors)]
    return CertificateSummary(
        certificat_id=name,
        flux=found.flow,
        flux_nom=FLOW_NAMES[found.flow],
        perimetres=found.kind,
        perimetres_nom=KIND_NAMES[found.kind],
        phrase=certificate_sentence(found),
        somme=[
            CertificateSum(c.certificate_id, c.own_need_hours, c.own_capacity_hours) for c in union
        ],
        besoin_h=found.need_hours,
        capacite_h=found.capacity_hours,
        deficit_h=found.need_hours - found.capacity_hours,
        taux_groupe=rate(own_rate(found)),
        communes=len({commune_of(place) for place, _, _ in found.places}),
    )


def summaries(ground: Ground, names: Iterable[str]) -> list[CertificateSummary]:
    """Return some certificates: all needs before the State's, extensions comprises first."""
    found = [certificate_summary(ground, name) for name in names]
    flows, kinds = list(FLOW_NAMES), list(KIND_NAMES)
    return sorted(found, key=lambda c: (flows.index(c.flux), kinds.index(c.perimetres)))


def own_rate(certificate: Certificate) -> Fraction:
    """Return the fair rate of a certificate's own places."""
    return Fraction(certificate.own_capacity_hours, certificate.own_need_hours)


def certificate_facts(ground: Ground, name: str) -> CertificateFacts:
    """Return a certificate whole.

    Raises
    ------
    UnknownCodeError
        When no certificate has this identifier.
    """
    summary = certificate_summary(ground, name)
    found = ground.coverage.certificates[name]
    names = ground.coverage.study.structures["nom"]
    zone_of = dict(zip(ground.place, ground.zone_of_atom, strict=True))
    communes = ground.coverage.communes["nom"]
    return CertificateFacts(
        **vars(summary),
        lieux=[
            CertificatePlace(
                lieu=place,
                commune=commune_of(place),
                nom=str(communes[commune_of(place)]),
                zone_id=str(zone_of[place]),
                donneur_ordre=class_,
                donneur_ordre_nom=class_names([class_])[0],
                heures=hours,
            )
            for place, class_, hours in found.places
        ],
        structures=[
            CertificateSupplier(
                structure_id=structure,
                nom=str(names.get(structure, structure)),
                donneurs_ordre=scope.split("|"),
                donneurs_ordre_noms=listing(class_names(scope.split("|"))),
                capacite_h=hours,
            )
            for structure, scope, hours in found.structures
        ],
    )

"""The plain values of a dossier: what `dossier.json`, the page and the API say of it.

Exact numbers stand as texts that a program reads (`3/2`), beside the words that people read.
Nothing of the form but what its findings say: no name, no address, no free text.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class FindingLine:
    """A finding and the rule that it rests on.

    Attributes
    ----------
    rubrique, texte
        Of the rule: where the call has it, and what it says.
    lieu, lieu_nom
        Dotted key of the form, and what the form calls it; empty for the whole.
    """

    niveau: str
    niveau_nom: str
    regle: str
    rubrique: str
    texte: str
    lieu: str
    lieu_nom: str
    constat: str
    remede: str


@dataclass(frozen=True)
class FigureLine:
    """A figure.

    Attributes
    ----------
    valeur
        Exact (`12500`, `3/2`), in the unit; cents for euros; None when unknown.
    """

    nom: str
    valeur: str | None
    unite: str
    texte: str
    source: str


@dataclass(frozen=True)
class HolderLine:
    """Who covers a place, and how."""

    structure_id: str
    structure: str
    nature: str


@dataclass(frozen=True)
class ClaimedLine:
    """A commune (or arrondissement) claimed, as it is today.

    Attributes
    ----------
    part_zone_blanche, part_a_documenter
        Of its area, six decimals.
    deja_au_porteur
        Whether the applicant covers it, principally.
    besoin_h, besoin_etat_h, non_servi_h
        Of the classes of buyers claimed, at least that where some are unknown; None when nothing
        is known.
    servi_par_extension_h
        Served today by extensions without a post alone.
    hors_region
        Whether it is outside the applicant's région, or those of the study.
    """

    commune: str
    nom: str
    statut: str
    statut_nom: str
    part_zone_blanche: str
    part_a_documenter: str
    couverte_par: list[HolderLine]
    deja_au_porteur: bool
    besoin_h: int | None
    besoin_etat_h: int | None
    non_servi_h: int | None
    servi_par_extension_h: int
    classes_inconnues: list[str]
    zone_ids: list[str]
    hors_region: bool


@dataclass(frozen=True)
class ClaimFacts:
    """A perimeter claimed.

    Attributes
    ----------
    communes_zone_blanche
        Those in zone blanche, whole or in part.
    part_surface, part_habitants
        Of the claim that is zone blanche, six decimals; None when no contour, or no inhabitant,
        is known.
    besoin_h, non_servi_h
        Known need of the classes claimed, and the part of it that nothing serves.
    """

    communes: int
    communes_zone_blanche: int
    part_surface: str | None
    part_surface_texte: str
    part_habitants: str | None
    part_habitants_texte: str
    besoin_h: int
    besoin_zone_blanche_h: int
    non_servi_h: int
    regions: list[str]
    lieux: list[ClaimedLine]


@dataclass(frozen=True)
class TrialLine:
    """One of the three tests of a claim."""

    epreuve: str
    nom: str
    issue: str
    issue_nom: str
    phrase: str
    etapes: list[str]
    chiffres: list[FigureLine]


@dataclass(frozen=True)
class ObjectionLine:
    """An objection and its answer, which is empty when nothing answers.

    Attributes
    ----------
    part
        Of the unserved hours claimed that it would take away, six decimals.
    """

    genre: str
    genre_nom: str
    structure_id: str
    part: str
    part_texte: str
    heures: int
    phrase: str
    reponse: str


@dataclass(frozen=True)
class VerdictLine:
    """How sure the claim is, what it is on, and the figure to verify first."""

    objet: str
    mot: str
    mot_nom: str
    phrase: str
    a_verifier: FigureLine
    pourquoi: str


@dataclass(frozen=True)
class PaymentLine:
    """Money paid in a year."""

    annee: int
    nature: str
    montant_eur: str
    montant_texte: str


@dataclass(frozen=True)
class ProportionFacts:
    """What is asked against what is missing; `etp_manquants` is None when need is unknown."""

    etp_demandes: str
    etp_demandes_texte: str
    etp_manquants: str | None
    etp_manquants_texte: str
    constats: list[FindingLine]
    versements: list[PaymentLine]


@dataclass(frozen=True)
class VoletFacts:
    """All that a dossier says of a volet; what could not be worked out is None."""

    volet: str
    revendication: ClaimFacts | None
    epreuves: list[TrialLine]
    objections: list[ObjectionLine]
    verdict: VerdictLine | None
    proportion: ProportionFacts | None


@dataclass(frozen=True)
class DossierFacts:
    """An application, examined whole.

    Attributes
    ----------
    niveau
        The gravest of its findings.
    """

    candidature: str
    fichier: str
    structure_id: str
    structure: str
    niveau: str
    niveau_nom: str
    constats: list[FindingLine]
    volets: list[VoletFacts]

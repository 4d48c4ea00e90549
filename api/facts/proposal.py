"""One ranked post: why, what it changes, who would come instead, what it costs, its proofs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.facts.budget import FunderFacts, PaymentLine, funders, payments
from api.facts.certificates import CertificateSummary, summaries
from api.facts.money import Money, money
from api.facts.proposals import ProposalLine, proposal_line, ranked_of
from api.facts.rules import RuleFacts, rules_on
from api.facts.values import Amount, Rate, amount, class_names, rate
from coverage.parameters import CLASSES, STATE_CLASSES
from coverage.proposals.budget import build_budget
from coverage.proposals.decisions import AVIS_NAMES, INSTANCE_NAMES
from coverage.proposals.justification import replacement

if TYPE_CHECKING:
    from api.facts.ground import Ground
    from api.proposed import Proposed
    from coverage.proposals.model import Option, Ranked


@dataclass(frozen=True)
class OpinionFacts:
    """An opinion in force on a post, beside its rank."""

    instance: str
    instance_nom: str
    avis: str
    avis_nom: str
    date: str
    motif: str
    effet: str


@dataclass(frozen=True)
class SubstituteFacts:
    """A post that the same envelope would fund without this one."""

    option_id: str
    structure: str
    etp: Amount


@dataclass(frozen=True)
class LossFacts:
    """Hours lost without a post, the envelope used anew; nested as gains are."""

    prioritaires_h: int
    sans_perimetre_principal_h: int
    heures_h: int
    objectif: str


@dataclass(frozen=True)
class PerimeterCommune:
    """A commune of a perimeter."""

    commune: str
    nom: str


@dataclass(frozen=True)
class ProposalFacts(ProposalLine):
    """Everything of one ranked post.

    Attributes
    ----------
    besoin_h, besoin_etat_h, besoin_prioritaire_h
        Known need that its classes of buyers ask in its perimeter; None when none is known there.
    classes_inconnues_noms
        Those of them whose need is unknown in some of its communes.
    reponse_avant, reponse_apres
        Of the perimeter, with dedicated posts alone: today, and with all that the list funds.
    communes_etat_inconnu
        Communes of the perimeter where a State class is unknown.
    services_non_accompagnes
        None when no file speaks of State services: unknown.
    perte
        None for a kept post, and for one that the list does not fund.
    certificats_avant, certificats_apres
        Of its main zone today; of any zone retenue once the posts of the list are in force.
    a_trouver, a_trouver_hors_etat, excedent
        Cost = call + funders + to find − beyond.
    """

    justification: str
    besoin_h: int | None
    besoin_etat_h: int | None
    besoin_prioritaire_h: int | None
    classes_inconnues_noms: list[str]
    reponse_avant: Rate
    reponse_apres: Rate
    communes_etat_inconnu: int
    services_non_accompagnes: list[str] | None
    grands_projets: list[str]
    donneurs_ordre_noms: list[str]
    remplacants: list[SubstituteFacts]
    perte: LossFacts | None
    avis_en_vigueur: list[OpinionFacts]
    certificats_avant: list[CertificateSummary]
    certificats_apres: list[CertificateSummary]
    financeurs: list[FunderFacts]
    a_trouver: Money
    a_trouver_hors_etat: Money
    excedent: Money
    signature: str
    fin: str
    paiements: list[PaymentLine]
    regles: list[RuleFacts]
    communes: list[PerimeterCommune]


def proposal_facts(proposed: Proposed, ground: Ground, option_id: str) -> ProposalFacts:
    """Return everything of one ranked post.

    Parameters
    ----------
    ground
        Of the study today.

    Raises
    ------
    UnknownCodeError
        When no post is ranked under this identifier.
    """
    row = ranked_of(proposed, option_id)
    found, option = proposed.found, row.option
    position = found.position[option_id]
    place = proposed.found.places.of(position)
    unknown = _unknown(proposed, option)
    blank = not unknown.isdisjoint(STATE_CLASSES)
    budget = build_budget(found.ask, [position])
    (post,) = budget.posts.to_dict("records")
    return ProposalFacts(
        **vars(proposal_line(proposed, option_id)),
        justification=proposed.rows[option_id]["justification"],
        besoin_h=place.need or (None if unknown else 0),
        besoin_etat_h=place.state or (None if blank else 0),
        besoin_prioritaire_h=place.priority or (None if unknown else 0),
        classes_inconnues_noms=class_names(name for name in CLASSES if name in unknown),
        reponse_avant=rate(place.before, unknown=unknown, classes=option.scope),
        reponse_apres=rate(place.after, unknown=unknown, classes=option.scope),
        communes_etat_inconnu=place.state_unknown,
        services_non_accompagnes=None if place.services is None else list(place.services),
        grands_projets=list(place.projects),
        donneurs_ordre_noms=class_names(option.scope),
        remplacants=_substitutes(proposed, option_id),
        perte=_loss(row),
        avis_en_vigueur=_opinions(proposed, option_id),
        certificats_avant=summaries(ground, place.certificates),
        certificats_apres=summaries(proposed.listed, place.remaining),
        financeurs=funders(option),
        a_trouver=money(int(post["a_trouver_cents"])),
        a_trouver_hors_etat=money(int(post["a_trouver_hors_etat_cents"])),
        excedent=money(int(post["excedent_cents"])),
        signature=post["signature"].isoformat(),
        fin=post["fin"].isoformat(),
        paiements=payments(budget.lines),
        regles=rules_on(found.ask.call, option),
        communes=_communes(proposed, option.units),
    )


def _unknown(proposed: Proposed, option: Option) -> set[str]:
    """Return the classes that a post would serve whose need is unknown in some of its communes."""
    missing = proposed.found.ask.coverage.communes["classes_inconnues"].iloc[list(option.units)]
    return {name for names in missing for name in names if name in option.scope}


def _substitutes(proposed: Proposed, option_id: str) -> list[SubstituteFacts]:
    found = proposed.found
    options = [
        found.ask.options[found.position[name]] for name in found.substitutes.get(option_id, ())
    ]
    return [
        SubstituteFacts(option.option_id, option.structure_name, amount(option.etp))
        for option in options
    ]


def _loss(row: Ranked) -> LossFacts | None:
    if row.replacement_hours is None:
        return None
    one, two, three = (max(hours, 0) for hours in row.replacement_hours)
    return LossFacts(one, two, three, replacement(row)[1])


def _opinions(proposed: Proposed, option_id: str) -> list[OpinionFacts]:
    return [
        OpinionFacts(
            instance=said.opinion.instance,
            instance_nom=INSTANCE_NAMES[said.opinion.instance],
            avis=said.opinion.avis,
            avis_nom=AVIS_NAMES[said.opinion.avis],
            date=said.opinion.day.isoformat(),
            motif=said.opinion.reason,
            effet=said.effect if option_id in said.decided else "aucun",
        )
        for said in proposed.said.get(option_id, ())
    ]


def _communes(proposed: Proposed, units: tuple[int, ...]) -> list[PerimeterCommune]:
    """Return the communes of a perimeter, the most populated first."""
    territory = proposed.found.ask.coverage.territory
    people = territory.population
    names = territory.units["name"]
    ordered = sorted(units, key=lambda unit: (-int(people[unit]), str(territory.codes[unit])))
    codes = [str(territory.codes[unit]) for unit in ordered]
    return [PerimeterCommune(code, str(names[code])) for code in codes]

"""Findings on who asks: legal form, identity, consortium, posts carried, funding kept up."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from coverage.proposals.application import COORDINATOR
from coverage.proposals.substitution import APART, LOWER, UNKNOWN, Fall
from coverage.proposals.substitution import RULE as SAME
from coverage.wording import named, plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from coverage.dossiers.model import Finding
    from coverage.dossiers.rules.examined import Examined

_NAMED = ("association", "collectivite", "epci_ept", "epa_local")
"""Legal forms that the call names; its list is open (« notamment »)."""

_NETWORK = "reseau_emploi"
"""Named for coordinators, and for structures that carry no facilitator yet."""


def bearer_findings(it: Examined) -> Iterator[Finding]:
    """Yield what is found of the structure that asks."""
    yield from _legal_form(it)
    yield from _identity(it)
    yield from _consortium(it)
    yield from _carrying(it)
    yield from _kept_up(it)


def _legal_form(it: Examined) -> Iterator[Finding]:
    rule, place = "structures_eligibles", "porteur.statut_juridique"
    form = it.case.form.get(place)
    if not it.applies(rule):
        yield it.off(rule, place)
    elif form in _NAMED or (form == _NETWORK and it.carried.isdisjoint({"facilitateur"})):
        yield it.conform(rule, place, "forme juridique que l’appel nomme")
    elif form:
        yield it.discuss(
            rule,
            place,
            "forme juridique que l’appel ne nomme pas ; sa liste n’est pas fermée",
            "dire en quoi la structure porte la clause sociale sur ce territoire",
        )


def _identity(it: Examined) -> Iterator[Finding]:
    rule, place = "identification", "porteur"
    if not it.applies(rule):
        yield it.off(rule, place)
    elif not it.unfilled("porteur") and it.case.form.get("porteur.siret"):
        known = it.known and it.bench.coverage.study.structures["siret"][it.case.structure_id]
        told = "c’est celui de l’étude" if known else "l’étude n’en a pas pour le rapprocher"
        yield it.conform(rule, place, f"structure présentée ; clé du SIRET juste, {told}")


def _consortium(it: Examined) -> Iterator[Finding]:
    rule, place = "groupement", "groupement"
    form = it.case.form
    if not form.get(place):
        return
    members = form.get("groupement.membres", ())
    if not it.applies(rule):
        yield it.off(rule, place)
    elif not form.get("groupement.mandataire"):
        if members or form.get("groupement.gouvernance"):
            yield it.discuss(
                rule,
                "groupement.mandataire",
                "un groupement est décrit, mais la structure ne dit pas en être le mandataire",
                "cocher « mandataire », ou vider cette rubrique",
            )
    elif not it.unfilled(place):
        count = plural(len(members), "membre nommé", "membres nommés")
        yield it.conform(rule, place, f"mandataire d’un groupement : {count}, gouvernance décrite")


def _carrying(it: Examined) -> Iterator[Finding]:
    """Say, volet by volet, whether the structure comes among those that the call puts first."""
    rule, place = "porteuses_d_abord", "porteur"
    for volet in it.asks:
        if not it.applies(rule):
            yield it.off(rule, place)
        elif volet in it.carried:
            yield it.conform(rule, place, f"la structure porte déjà des postes de {volet}")
        else:
            yield it.discuss(
                rule,
                place,
                f"la structure ne porte pas encore de poste de {volet} : à valeur égale, une "
                "structure qui en porte passe avant elle",
                "dire pourquoi cette structure plutôt qu’une voisine déjà en place",
            )
    if COORDINATOR in it.asks and COORDINATOR not in it.carried:
        yield from _committee(it)


def _committee(it: Examined) -> Iterator[Finding]:
    rule, place = "comite_national", f"demande.etp_{COORDINATOR}"
    if not it.applies(rule):
        yield it.off(rule, place)
        return
    yield it.discuss(
        rule,
        place,
        "à soumettre au comité national : la structure n’a encore jamais porté de coordinateur",
        "joindre les lettres de recommandation, et attendre l’avis du comité",
    )


def _kept_up(it: Examined) -> Iterator[Finding]:
    """Judge post by post and funder by funder what was there before (`substitution`)."""
    study = it.bench.coverage.study
    first = date(study.year, 1, 1)
    before = {
        post.name
        for post in it.bench.held.get(it.case.structure_id, ())
        if post.begun is None or post.begun < first
    }
    lines = [
        line for line in it.bench.funding.get(it.case.structure_id, ()) if line.finding != APART
    ]
    if not before and not lines:
        return
    if not it.applies(SAME):
        yield it.off(SAME, "budget")
        return
    falls = [line for line in lines if line.finding == LOWER]
    for line in falls:
        _, message, remedy = Fall(line, study.year).breach()
        yield it.contrary(SAME, "budget", message, remedy)
    told = {line.poste_id for line in lines if line.finding != UNKNOWN}
    silent = sorted((before | {line.poste_id for line in lines}) - told)
    if silent:
        count = plural(len(silent), "poste en place", "postes en place")
        names = named(name for name in silent if name)
        yield it.incomplete(
            SAME,
            "budget",
            f"non-substitution non vérifiée pour {count}{f' ({names})' if names else ''} : leurs "
            f"financements de {study.year - 1} et {study.year} ne sont pas tous connus",
            "donner tous les financements de ces postes pour ces deux années, 0 compris (table "
            "financements)",
        )
    if not falls and not silent:
        count = plural(len(told), "poste en place", "postes en place")
        yield it.conform(SAME, "budget", f"aucun financement ne baisse, pour {count}")

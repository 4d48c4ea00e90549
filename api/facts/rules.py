"""The rules of the call as pages tell them: their value, their heading, their paraphrase."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from coverage.proposals.limits import FACILITATOR, KEPT
from coverage.wording import decimal, percent, whole

if TYPE_CHECKING:
    from collections.abc import Iterable

    from coverage.proposals.model import Call, Option, Rule

_EVERYWHERE = (
    *("budget_eur", "objectif", "unite_objectif", "conserves_d_abord"),
    *("avance", "duree_ans", "reconductions", "plancher_regional_etp", "plafond_regional_etp"),
)
_NEW = (
    *("etp_minimum", "plafond_etat", "cofinancement_minimum", "porteuses_d_abord"),
    *("non_substitution", "sans_specialisation"),
)
_OF_COLLECTIVITES = ("plafond_etat_collectivite", "lecture_80")
_OF_COORDINATORS = (
    *("coordinateur_region_non_pourvue", "coordinateur_renouvellement"),
    *("coordinateur_besoin", "comite_national"),
)
_OF_APPLICATIONS = (
    *("totaux_concordants", "pieces_obligatoires", "diagnostic_lignes", "structures_eligibles"),
    *("identification", "groupement", "cases_diagnostic", "besoins_non_couverts", "perimetre"),
    *("donneurs_ordre_etat", "convention_2022", "strategie", "objectifs"),
)


@dataclass(frozen=True)
class RuleFacts:
    """One rule of the call that applies.

    Attributes
    ----------
    valeur
        As planners read it.
    rubrique
        Heading of the call that it comes from.
    texte
        Its paraphrase.
    """

    nom: str
    valeur: str
    rubrique: str
    texte: str


def active_rules(call: Call) -> list[RuleFacts]:
    """Return the rules that apply, in the order of the call."""
    return _told(rule for rule in call.rules.values() if rule.active)


def rules_on(call: Call, option: Option) -> list[RuleFacts]:
    """Return the rules that apply to one post, in the order of the call."""
    names = {*_EVERYWHERE}
    if option.origin != KEPT:
        names |= {*_NEW}
    if option.origin == "candidature":
        names |= {*_OF_APPLICATIONS}
    if option.collectivite:
        names |= {*_OF_COLLECTIVITES}
    if option.volet != FACILITATOR:
        names |= {*_OF_COORDINATORS}
    return _told(rule for rule in call.rules.values() if rule.active and rule.name in names)


def _told(rules: Iterable[Rule]) -> list[RuleFacts]:
    return [RuleFacts(rule.name, _value(rule), rule.heading, rule.text) for rule in rules]


def _value(rule: Rule) -> str:
    """Write the value of a rule: parts of a whole as percentages, flags as words."""
    value = rule.value
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, str):
        return value
    if isinstance(value, Fraction) and rule.unit.startswith("part "):
        return percent(value)
    number = Fraction(value)
    return whole(int(number)) if number.denominator == 1 else decimal(number, 2)

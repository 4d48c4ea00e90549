"""The parameters of a study as the page prints them."""

from __future__ import annotations

from dataclasses import dataclass, fields
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from coverage.parameters import definitions
from coverage.wording import class_shares, indicator_weights, listing, whole
from maps.numbers import percent

if TYPE_CHECKING:
    from collections.abc import Callable

    from coverage.parameters import Definition, Parameters

LABELS = {
    "heures_par_etp": "Heures d’insertion qu’un ETP de facilitateur accompagne",
    "seuil_reponse": "Taux de réponse sous lequel la capacité est insuffisante",
    "seuil_reponse_etat": "Même seuil, pour l’État et ses opérateurs",
    "seuil_besoin_h": "Heures à partir desquelles un besoin est identifié",
    "besoin_requis_non_couverte": "Besoin identifié exigé aussi d’un territoire non couvert",
    "etats_perimetres": "États de périmètre qui comptent",
    "montee_en_charge": "Part de capacité d’un poste nouveau, sa première année",
    "part_main_oeuvre": "Part de la main-d’œuvre dans le montant d’un marché",
    "taux_effort": "Part des heures réservée à l’insertion",
    "cout_horaire_eur": "Coût d’une heure de travail",
    "scenario_clauses": "Scénario de la part des marchés où une clause est réaliste",
    "part_marches_clausables": "Part des marchés où une clause est réaliste",
    "poids_indicateurs": "Poids des indicateurs, là où aucun marché n’est connu",
    "cout_etp_eur": "Coût annuel d’un ETP",
}
STATE_LABELS = {"valide": "validé", "a_confirmer": "à confirmer", "conteste": "contesté"}
SCENARIO_LABELS = {
    "constate": "part constatée",
    "pnad_30": "30 % des marchés (plan national pour des achats durables)",
    "loi_2026": "loi de 2021, au-dessus des seuils européens à partir du 22 août 2026",
}
_IN_WORDS: dict[str, Callable[[Any], str]] = {
    "by_class": class_shares,
    "weights": indicator_weights,
    "choice": lambda value: SCENARIO_LABELS.get(value, value),
}
"""Kind of parameter that is no number → how it is said."""

_PERCENT_DENOMINATORS = frozenset({1, 2, 4, 5, 10, 20, 25, 50, 100})


@dataclass(frozen=True)
class ParameterLine:
    """One parameter, in French.

    Attributes
    ----------
    changed
        Whether the study departs from the method's default.
    """

    name: str
    label: str
    value: str
    basis: str
    changed: bool


def parameter_lines(parameters: Parameters) -> list[ParameterLine]:
    """Return every parameter used, in the order of the method."""
    known = definitions()
    return [
        ParameterLine(
            name=item.name,
            label=LABELS.get(item.name, item.name),
            value=_value(getattr(parameters, item.name), known[item.name]),
            basis=known[item.name].basis,
            changed=getattr(parameters, item.name) != item.default,
        )
        for item in fields(parameters)
    ]


def _value(value: Any, definition: Definition) -> str:  # noqa: ANN401 - of any kind
    if definition.kind in _IN_WORDS:
        return _IN_WORDS[definition.kind](value)
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, int):
        return f"{whole(value)}\u00a0{definition.unit}"
    if isinstance(value, Fraction):
        exact = value.denominator in _PERCENT_DENOMINATORS
        return percent(value) if exact else f"{value.numerator}/{value.denominator}"
    return listing(STATE_LABELS.get(item, item) for item in value)

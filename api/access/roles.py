"""Who may do what: one table."""

from __future__ import annotations

from enum import Enum, StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

READER, PLANNER, NATIONAL = "lecteur", "planificateur", "national"


class Action(StrEnum):
    """What one may ask of the application."""

    VOIR = "voir"
    EXPORTER = "exporter"
    ESSAYER = "essayer"
    CALCULER = "calculer"
    DEPOSER = "deposer"
    ECRIRE_SCENARIO = "ecrire_scenario"
    DONNER_AVIS = "donner_avis"
    VERROUILLER = "verrouiller"
    FIGER = "figer"
    ADMINISTRER = "administrer"


class Scope(Enum):
    """Of which régions an action may be asked."""

    NOWHERE = "non"
    OWN = "sa région"
    EVERYWHERE = "toutes"


ACTION_NAMES = {
    Action.VOIR: "voir les études, leurs cartes et leurs tableaux",
    Action.EXPORTER: "exporter",
    Action.ESSAYER: "faire un essai, que rien ne garde",
    Action.CALCULER: "demander ou arrêter un calcul",
    Action.DEPOSER: "déposer une étude ou des fichiers",
    Action.ECRIRE_SCENARIO: "enregistrer un scénario",
    Action.DONNER_AVIS: "donner un avis",
    Action.VERROUILLER: "verrouiller ou refuser un poste",
    Action.FIGER: "figer une version",
    Action.ADMINISTRER: "administrer les jetons",
}
"""Each action, as a planner reads it."""

ROLE_NAMES = {READER: "lecteur", PLANNER: "planificateur", NATIONAL: "niveau national"}
"""Each role, as a planner reads it."""

_NO, _OWN, _ALL = Scope.NOWHERE, Scope.OWN, Scope.EVERYWHERE

TABLE: Mapping[Action, Mapping[str, Scope]] = {
    Action.VOIR: {READER: _ALL, PLANNER: _ALL, NATIONAL: _ALL},
    Action.EXPORTER: {READER: _ALL, PLANNER: _ALL, NATIONAL: _ALL},
    Action.ESSAYER: {READER: _ALL, PLANNER: _ALL, NATIONAL: _ALL},
    Action.CALCULER: {READER: _NO, PLANNER: _OWN, NATIONAL: _ALL},
    Action.DEPOSER: {READER: _NO, PLANNER: _OWN, NATIONAL: _ALL},
    Action.ECRIRE_SCENARIO: {READER: _NO, PLANNER: _OWN, NATIONAL: _ALL},
    Action.DONNER_AVIS: {READER: _NO, PLANNER: _OWN, NATIONAL: _ALL},
    Action.VERROUILLER: {READER: _NO, PLANNER: _OWN, NATIONAL: _ALL},
    Action.FIGER: {READER: _NO, PLANNER: _OWN, NATIONAL: _ALL},
    Action.ADMINISTRER: {READER: _NO, PLANNER: _NO, NATIONAL: _ALL},
}
"""Coverage is no secret between regional services: all see all, each acts at home."""


def scope_of(role: str, action: Action) -> Scope:
    """Return of which régions a role may ask an action; of none when the role is unknown."""
    return TABLE[action].get(role, Scope.NOWHERE)


def may(
    role: str, action: Action, region_of_token: str, regions_of_object: Collection[str]
) -> bool:
    """Tell whether a key may do something to an object.

    Parameters
    ----------
    role, region_of_token
        Of the key.
    regions_of_object
        Codes of every région that the object bears on; none when nobody knows, and then it is
        nobody's own.

    >>> may("planificateur", Action.FIGER, "32", ["32"])
    True
    >>> may("planificateur", Action.FIGER, "32", ["32", "84"])
    False
    >>> may("lecteur", Action.VOIR, "", [])
    True
    """
    scope = scope_of(role, action)
    if scope is Scope.OWN:
        return bool(region_of_token) and set(regions_of_object) == {region_of_token}
    return scope is Scope.EVERYWHERE

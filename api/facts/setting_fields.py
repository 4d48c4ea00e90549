"""The settings of a study as the fields of a form, in groups."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from api.facts.fields import Field, alike, by_column
from api.facts.places import fold
from coverage.parameters import Parameters, definitions
from data.calls.read import declared_rules, read_call
from data.edited.settings import known_settings
from data.study.templates import parameter_meaning, rule_meaning

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from data.edited.settings import Setting
    from geo.errors import Notice
    from geo.territory import Territory

GROUPS = {"etude": "L’étude", "methode": "La méthode", "appel": "Les règles de l’appel"}
"""Table of the file → how the page calls it."""

_STUDY = {
    "nom": "Nom de l’étude.",
    "annee": "Année de l’étude.",
    "derniere_annee": "Dernière des années à suivre aussi ; vide : l’année de l’étude seule.",
    "regions": "Régions dont les résultats sont écrits. Aucune case cochée : toutes.",
    "grands_projets_reference": "Prendre les grands projets que le programme connaît, "
    "approximatifs, sans leurs heures.",
    "fictif": "L’étude est un exemple ; les résultats le rappellent.",
}
_REQUIRED = ("etude.nom", "etude.annee")
_FLAGS = ("oui", "non")


def setting_groups(
    typed: Mapping[str, str], faults: Iterable[Notice], territory: Territory
) -> list[tuple[str, list[Field]]]:
    """Return the fields of every setting, by group.

    Parameters
    ----------
    typed
        Dotted key → text; a key that is not there is left to its default.
    """
    told = by_column(faults)
    groups: dict[str, list[Field]] = {name: [] for name in GROUPS}
    for setting in known_settings():
        made = Field(
            setting.key,
            setting.name,
            _meaning(setting),
            typed.get(setting.key, ""),
            faults=told.get(setting.key, ()),
            required=setting.key in _REQUIRED,
        )
        groups[setting.table].append(_widget(made, setting, territory))
    return [(GROUPS[name], fields) for name, fields in groups.items()]


def _meaning(setting: Setting) -> str:
    if setting.table == "etude":
        return _STUDY[setting.name]
    if setting.table == "methode":
        definition = definitions()[setting.name]
        return f"{definition.basis}." if setting.kind == "bool" else parameter_meaning(definition)
    # How a rule is switched off is told with its field.
    return rule_meaning(read_call().rules[setting.name], switch=False)


def _widget(made: Field, setting: Setting, territory: Territory) -> Field:
    default = _default(setting)
    if setting.name == "regions":
        names = territory.names["region"]
        listed = sorted(names.items(), key=lambda item: fold(item[1]))
        return replace(made, widget="cases", choices=tuple(listed), chosen=_parts(made.text))
    if setting.kind == "choices":
        choices = alike(definitions()[setting.name].choices)
        said = (f"Aucune case cochée : {default}.",)
        return replace(made, hints=said, widget="cases", choices=choices, chosen=_parts(made.text))
    if setting.kind in ("bool", "choice"):
        values: tuple[str, ...] = _FLAGS if setting.kind == "bool" else _choices(setting)
        choices = alike(values)
        if made.text not in ("", *values):
            choices = ((made.text, f"{made.text} (valeur inconnue)"), *choices)
        empty = f"(par défaut : {default})"
        return replace(made, widget="liste", choices=choices, empty=empty)
    off = " « non » : ne pas l’appliquer." if setting.switch else ""
    hints = (f"Vide : {default}.{off}",) if default else ()
    return replace(made, hints=hints, wide=setting.kind == "text")


def _choices(setting: Setting) -> tuple[str, ...]:
    if setting.table == "methode":
        return definitions()[setting.name].choices
    return declared_rules()[setting.name].definition.choices


def _default(setting: Setting) -> str:
    """Return what a setting is when nothing is written, in French."""
    if setting.table == "etude":
        return "non" if setting.kind == "bool" else ""
    if setting.table == "methode":
        value: object = getattr(Parameters(), setting.name)
    else:
        rule = read_call().rules[setting.name]
        value = rule.value if rule.active else "non appliquée"
    if isinstance(value, bool):
        return "oui" if value else "non"
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.split("|") if part)

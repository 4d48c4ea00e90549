"""A call for projects and its rules, read from the data that the program carries.

`coverage` reads no file: its rules lie beside its code, in `coverage/proposals/calls`, and are
read here.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coverage.parameters import Definition
from coverage.proposals.model import Call, Rule
from data.study.setting_values import parse_budget, parse_parameter

if TYPE_CHECKING:
    from collections.abc import Mapping

    from coverage.parameters import Kind
    from data.study.cells import Refusal

FOLDER = Path(__file__).parents[2] / "coverage" / "proposals" / "calls"
"""Where the rules of each call lie."""

DEFAULT_CALL = "aap_2023"

_KINDS: Mapping[str, Kind] = {
    "entier": "int",
    "part": "ratio",
    "choix": "choice",
    "oui_non": "bool",
}
_MONEY = "euros"


@dataclass(frozen=True)
class Declared:
    """What `[appel]` may say of a rule.

    Attributes
    ----------
    switch
        Whether `false` switches it off.
    """

    definition: Definition
    switch: bool


def read_call(name: str = DEFAULT_CALL) -> Call:
    """Return a call with the rules that it has when a study says nothing of them."""
    content = _content(name)
    return Call(
        name=str(content["nom"]),
        year=int(content["annee"]),
        signed=content["publie"],
        source=str(content["source"]),
        rules={entry["nom"]: _rule(entry) for entry in content["regle"]},
    )


def declared_rules(name: str = DEFAULT_CALL) -> dict[str, Declared]:
    """Return what may be said of each rule of a call, by name, in the call's order."""
    return {
        entry["nom"]: Declared(_definition(entry), entry.get("interrupteur", False))
        for entry in _content(name)["regle"]
    }


def parse_rule(value: object, rule: Declared) -> object | Refusal:
    """Return the value that `[appel]` gives to a rule, False to switch it off."""
    if value is False and rule.switch:
        return False
    if rule.definition.unit == _MONEY:
        return parse_budget(value)
    return parse_parameter(value, rule.definition)


@cache
def _content(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def _rule(entry: Mapping[str, Any]) -> Rule:
    value = entry["valeur"]
    return Rule(
        name=entry["nom"],
        value=Fraction(value) if entry["type"] == "part" else value,
        unit=entry["unite"],
        heading=entry["rubrique"],
        text=entry["texte"],
        active=entry.get("actif", True),
        readings=entry.get("lectures"),
    )


def _definition(entry: Mapping[str, Any]) -> Definition:
    return Definition(
        kind=_KINDS[entry["type"]],
        unit=entry["unite"],
        basis=f"{entry['rubrique']} : {entry['texte']}",
        low=Fraction(entry.get("minimum", 0)),
        high=Fraction(entry.get("maximum", 0)),
        choices=tuple(entry.get("choix", ())),
    )

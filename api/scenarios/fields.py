"""The settings and rules that the form of a scenario offers, and what is typed in their fields.

A field left empty changes nothing. What is typed becomes what the file of a scenario would say:
its rules alone judge it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coverage.parameters import definitions
from coverage.proposals.rules import with_rules
from coverage.wording import THIN
from data.calls.read import declared_rules, read_call
from maps.parameter_lines import LABELS, SCENARIO_LABELS, STATE_LABELS, parameter_lines
from maps.scenarios.words import rule_in_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from api.scenarios.content import Value
    from coverage.model import Study
    from coverage.parameters import Definition

YES, NO = "oui", "non"

_MONEY = "euros"
_SPACES = re.compile(r"[\s\u00a0\u202f]")
_WHOLE = re.compile(r"\d{1,15}")
_AMOUNT = re.compile(r"\d{1,15}[.,]\d{1,2}")
_CHOICES = {**SCENARIO_LABELS, **STATE_LABELS}


@dataclass(frozen=True)
class Field:
    """One field of the form.

    Attributes
    ----------
    name
        Of the setting or rule, as its file writes it.
    now
        Its value in the study, in words.
    hint
        What may be typed.
    choices
        Value → words; none for a text.
    value
        What the scenario says, as typed; empty when it says nothing.
    """

    name: str
    label: str
    now: str
    hint: str
    choices: Mapping[str, str]
    value: str


def parameter_fields(texts: Mapping[str, str], study: Study) -> list[Field]:
    """Return a field for each setting of the method.

    Parameters
    ----------
    texts
        What is typed, by name.
    """
    now = {line.name: line.value for line in parameter_lines(study.parameters)}
    return [
        Field(
            name,
            LABELS[name],
            now[name],
            _hint(own, switch=False),
            _choices(own),
            texts.get(name, ""),
        )
        for name, own in definitions().items()
    ]


def rule_fields(texts: Mapping[str, str], study: Study) -> list[Field]:
    """Return a field for each rule of the call."""
    rules = with_rules(read_call(), study.call).rules
    return [
        Field(
            name,
            rules[name].text,
            rule_in_words(rules[name]),
            _hint(own.definition, switch=own.switch),
            _choices(own.definition),
            texts.get(name, ""),
        )
        for name, own in declared_rules().items()
    ]


def parameter_values(typed: Mapping[str, str]) -> dict[str, Value]:
    """Return what the fields of settings say."""
    return {
        name: typed_value(typed[name], own, switch=False)
        for name, own in definitions().items()
        if typed.get(name, "").strip()
    }


def rule_values(typed: Mapping[str, str]) -> dict[str, Value]:
    """Return what the fields of rules say."""
    return {
        name: typed_value(typed[name], own.definition, switch=own.switch)
        for name, own in declared_rules().items()
        if typed.get(name, "").strip()
    }


def typed_value(text: str, definition: Definition, *, switch: bool) -> Value:
    """Return what is typed as the file of a scenario would say it.

    Parameters
    ----------
    switch
        Whether « non » switches it off.

    >>> known = definitions()
    >>> typed_value("30 000", known["heures_par_etp"], switch=False)
    30000
    >>> typed_value("etat = 0,2 ; autres = 1/10", known["part_marches_clausables"], switch=False)
    {'etat': '0,2', 'autres': '1/10'}
    """
    plain = " ".join(text.split())
    if (definition.kind == "bool" or switch) and plain.casefold() in (YES, NO):
        return plain.casefold() == YES
    if definition.kind == "int":
        return _number(plain, money=definition.unit == _MONEY)
    if definition.kind == "choices":
        return [each.strip() for each in plain.split(";") if each.strip()]
    if definition.kind in ("by_class", "weights") and "=" in plain:
        pairs = (each.partition("=") for each in plain.split(";") if each.strip())
        return {name.strip(): own.strip() for name, _, own in pairs}
    return plain


def typed_text(value: Value) -> str:
    """Return what one would type to say a value."""
    if isinstance(value, bool):
        return YES if value else NO
    if isinstance(value, list):
        return " ; ".join(value)
    if isinstance(value, dict):
        return " ; ".join(f"{name} = {typed_text(own)}" for name, own in value.items())
    return str(value).replace(".", ",")


def _number(text: str, *, money: bool) -> Value:
    digits = _SPACES.sub("", text)
    if _WHOLE.fullmatch(digits):
        return int(digits)
    if money and _AMOUNT.fullmatch(digits):
        return float(digits.replace(",", "."))
    return text


def _choices(definition: Definition) -> dict[str, str]:
    if definition.kind == "bool":
        return {YES: YES, NO: NO}
    if definition.kind == "choice":
        return {name: _CHOICES.get(name, name) for name in definition.choices}
    return {}


def _hint(definition: Definition, *, switch: bool) -> str:
    off = f"{THIN}; « {NO} »{THIN}: la règle ne s’applique pas" if switch else ""
    if definition.kind in ("bool", "choice"):
        return ""
    if definition.kind == "choices":
        return f"parmi {', '.join(definition.choices)}, séparés par « ; »"
    bounds = f"de {definition.low} à {definition.high} ({definition.unit})".replace(".", ",")
    if definition.kind in ("by_class", "weights"):
        return f"{bounds}{THIN}; par exemple « etat = 0,2 ; autres = 0,1 »"
    return bounds + off

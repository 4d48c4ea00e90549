"""What a scenario changes in a study, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coverage.wording import plural, whole
from maps.parameter_lines import LABELS, parameter_lines

if TYPE_CHECKING:
    from collections.abc import Mapping

    from coverage.parameters import Parameters
    from coverage.proposals.model import Rule
    from coverage.proposals.scenario import Scenario

Settings = tuple["Parameters", "Mapping[str, Rule]"]
"""Parameters of the method and rules of the call."""


def changes_in_words(scenario: Scenario, before: Settings, after: Settings) -> list[str]:
    """Say what a scenario changes, a French phrase each.

    Parameters
    ----------
    before, after
        Settings of the study, and those under the scenario.
    """
    told = _parameters(scenario, before[0], after[0]) + _rules(scenario, before[1], after[1])
    if not scenario.generated:
        told.append("seuls les postes demandés par une candidature sont comparés")
    if scenario.applications:
        count = len(scenario.applications)
        told.append(plural(count, "candidature ajoutée", "candidatures ajoutées"))
    decided = scenario.decisions
    told += [f"option {name} verrouillée ({why})" for name, why in decided.locked.items()]
    told += [f"option {name} refusée ({why})" for name, why in decided.refused.items()]
    return told


def _parameters(scenario: Scenario, before: Parameters, after: Parameters) -> list[str]:
    old, new = ({line.name: line.value for line in parameter_lines(own)} for own in (before, after))
    return [
        f"{LABELS.get(name, name)} : {new[name]} au lieu de {old[name]}"
        for name in scenario.parameters
        if new[name] != old[name]
    ]


def _rules(scenario: Scenario, before: Mapping[str, Rule], after: Mapping[str, Rule]) -> list[str]:
    old, new = (
        {name: rule_in_words(own[name]) for name in scenario.call} for own in (before, after)
    )
    return [
        f"règle « {name} » : {new[name]} au lieu de {old[name]}"
        for name in scenario.call
        if new[name] != old[name]
    ]


def rule_in_words(rule: Rule) -> str:
    """Say what a rule of the call asks."""
    if not rule.active:
        return "non appliquée"
    if isinstance(rule.value, bool):
        return "appliquée"
    if not isinstance(rule.value, int):
        return str(rule.value)
    return f"{whole(rule.value)} {rule.unit}" if rule.unit == "euros" else whole(rule.value)

"""The page and the map of a comparison of scenarios, for a French reader."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coverage.proposals.compare import COUNT, ETP, EUROS, HOURS, choices, figures
from coverage.proposals.exact import CERTIFIED
from coverage.wording import decimal, plural, whole
from geo.version import VERSION
from maps.changes.change_map import Heading, build_change_map
from maps.changes.states import State
from maps.numbers import study_title
from maps.parameter_lines import LABELS, parameter_lines
from maps.proposals.before_after import TODAY, posts_by_unit
from maps.templating import page_environment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import jinja2

    from coverage.proposals.compare import Choice, Figure, Variant
    from coverage.proposals.model import Ranked

FOLDER = Path(__file__).parent
PAGE = FOLDER.parent / "page"
TABLE = "comparaison_communes.csv"
SHOWN = 60
"""Posts told on the page; the rest is in the table."""


def build_comparison_map(variants: Sequence[Variant]) -> str:
    """Return the map of what the communes are today and with the exact plan of each scenario.

    Raises
    ------
    DataUnavailableError
        When Leaflet has not been fetched (`make assets`).
    """
    today = variants[0].found.ask.coverage
    states = [State("aujourdhui", TODAY, today)]
    for variant in variants:
        ask, chosen = variant.found.ask, variant.found.plan.chosen
        states.append(
            State(
                variant.key,
                f"{variant.scenario.name} (plan exact)",
                variant.found.planned,
                posts_by_unit(ask, chosen),
                "" if variant.scenario.same_coverage else "hypothèses de la méthode modifiées",
            )
        )
    lead = "Les communes aujourd’hui, puis avec le plan exact de l’étude et de chaque scénario"
    return build_change_map(states, Heading("Comparaison de scénarios", lead, TABLE))


def build_comparison(variants: Sequence[Variant]) -> str:
    """Return the page as one HTML document, the same for the same variants."""
    ask = variants[0].found.ask
    study, territory = ask.coverage.study, ask.coverage.territory
    every = choices(variants)
    differ = [row for row in every if row.differs]
    words: dict[str, Any] = {
        "title": f"Comparaison de scénarios – {study_title(study.name, study.year)}",
        "study": study,
        "variants": [
            {
                "name": variant.scenario.name,
                "description": variant.scenario.description,
                "changes": _changes(variant, variants[0]),
                "certified": variant.found.plan.mode == CERTIFIED,
                "gaps": sum(variant.found.gap(goal) != 0 for goal in variant.found.plan.attained),
            }
            for variant in variants
        ],
        "figures": [_line(figure) for figure in figures(variants)],
        "posts": _posts(sorted(differ, key=_best_rank)[:SHOWN], variants),
        "differ": len(differ),
        "options": len(every),
        "version": VERSION,
        "sources": territory.sources,
        "vintage": territory.vintage,
    }
    return _environment().get_template("comparison.html").render(words)


@lru_cache(maxsize=1)
def _environment() -> jinja2.Environment:
    environment = page_environment(FOLDER, PAGE)
    environment.filters["integer"] = whole
    return environment


def _changes(variant: Variant, study: Variant) -> list[str]:
    """Say what a scenario changes, a French phrase each."""
    scenario = variant.scenario
    before = _parameters(study)
    after = _parameters(variant)
    told = [
        f"{LABELS.get(name, name)} : {after[name]} au lieu de {before[name]}"
        for name in scenario.parameters
        if after[name] != before[name]
    ]
    told += _rules(variant, study)
    if not scenario.generated:
        told.append("seuls les postes demandés par une candidature sont comparés")
    if scenario.applications:
        count = len(scenario.applications)
        told.append(plural(count, "candidature ajoutée", "candidatures ajoutées"))
    decided = scenario.decisions
    told += [f"option {name} verrouillée ({why})" for name, why in decided.locked.items()]
    told += [f"option {name} refusée ({why})" for name, why in decided.refused.items()]
    return told


def _parameters(variant: Variant) -> dict[str, str]:
    lines = parameter_lines(variant.found.ask.coverage.study.parameters)
    return {line.name: line.value for line in lines}


def _rules(variant: Variant, study: Variant) -> list[str]:
    own, others = variant.found.ask.call.rules, study.found.ask.call.rules
    return [
        f"règle « {name} » : {_rule(own, name)} au lieu de {_rule(others, name)}"
        for name in variant.scenario.call
        if _rule(own, name) != _rule(others, name)
    ]


def _rule(rules: Mapping[str, Any], name: str) -> str:
    rule = rules[name]
    if not rule.active:
        return "non appliquée"
    if isinstance(rule.value, bool):
        return "appliquée"
    if not isinstance(rule.value, int):
        return str(rule.value)
    return f"{whole(rule.value)} {rule.unit}" if rule.unit == "euros" else whole(rule.value)


def _line(figure: Figure) -> dict[str, Any]:
    first, *others = figure.values
    _, *gaps = figure.gaps()
    return {
        "label": figure.label,
        "study": _value(figure, first),
        "others": [
            (_value(figure, value), _gap(figure, gap))
            for value, gap in zip(others, gaps, strict=True)
        ],
    }


def _value(figure: Figure, value: int | None) -> str:
    if value is None:
        return "sans limite"
    if figure.scale == 1:
        return f"{whole(value)}{UNITS[figure.unit]}"
    exact = Fraction(value, figure.scale)
    places = 0 if exact.denominator == 1 else 2
    return f"{decimal(exact, places)}{UNITS[figure.unit]}"


UNITS = {EUROS: "\u00a0€", ETP: "", HOURS: "\u00a0h", COUNT: ""}


def _gap(figure: Figure, gap: int | None) -> str:
    if gap is None:
        return ""
    if not gap:
        return "="
    return f"{'+' if gap > 0 else '−'}{_value(figure, abs(gap))}"


def _best_rank(row: Choice) -> tuple[float, str]:
    ranks = [own.rank for own in row.ranked if own is not None]
    return min(ranks, default=inf), row.option.option_id


def _posts(rows: Sequence[Choice], variants: Sequence[Variant]) -> list[dict[str, Any]]:
    unranked = [_unranked(variant) for variant in variants]
    return [
        {
            "id": row.option.option_id,
            "structure": row.option.structure_name,
            "etp": decimal(row.option.etp, 2),
            "cells": [
                _cell(ranked, planned=planned, out=out.get(row.option.option_id, "hors liste"))
                for ranked, planned, out in zip(row.ranked, row.planned, unranked, strict=True)
            ],
        }
        for row in rows
    ]


def _unranked(variant: Variant) -> dict[str, str]:
    """Return why options are not ranked, in a word each."""
    ask = variant.found.ask
    aside = {broken.option_id: "écartée par une règle" for broken in ask.aside}
    return aside | dict.fromkeys(ask.refused or (), "refusée")


def _cell(ranked: Ranked | None, *, planned: bool | None, out: str) -> str:
    """Say what a variant does with a post, in a few words."""
    if planned is None:
        return "absente"
    if ranked is None:
        return f"{out} ; au plan" if planned else out
    words = f"rang {whole(ranked.rank)}, {'financée' if ranked.funded else 'non financée'}"
    return f"{words} ; au plan" if planned else words

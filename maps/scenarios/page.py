"""The page and the map of a comparison of scenarios, for a French reader."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coverage.proposals.compare import COUNT, ETP, EUROS, HOURS, STUDY, choices, figures
from coverage.proposals.exact import CERTIFIED
from coverage.proposals.sides import Side
from coverage.proposals.sides import variants as variants_of
from coverage.wording import decimal, whole
from geo.version import VERSION
from maps.changes.change_map import Heading, build_change_map
from maps.changes.states import State
from maps.numbers import study_title
from maps.proposals.before_after import TODAY, posts_by_unit
from maps.scenarios.words import changes_in_words
from maps.templating import page_environment

if TYPE_CHECKING:
    from collections.abc import Sequence

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


def build_sides_map(sides: Sequence[Side]) -> str:
    """Return the map of the communes in some states, then with the exact plan of each if known.

    Raises
    ------
    DataUnavailableError
        When Leaflet has not been fetched (`make assets`).
    """
    states = [State(side.key, side.scenario.name, side.coverage) for side in sides]
    for side in sides:
        if side.found is not None:
            posts = posts_by_unit(side.found.ask, side.found.plan.chosen)
            label = f"{side.scenario.name} (plan exact)"
            states.append(State(f"{side.key}_plan", label, side.found.planned, posts))
    lead = "Les communes dans l’un et l’autre, et ce qui change de l’un à l’autre"
    return build_change_map(states, Heading("Comparaison de scénarios", lead, TABLE))


def build_comparison(variants: Sequence[Variant]) -> str:
    """Return the page as one HTML document, the same for the same variants."""
    sides = [
        Side(each.scenario, tuple(_changes(each, variants[0])), each.found.ask.coverage, each.found)
        for each in variants
    ]
    return build_sides(sides, figures(variants))


def build_sides(sides: Sequence[Side], rows: Sequence[Figure]) -> str:
    """Return the page of some states, with the posts that change when all sides propose some.

    Parameters
    ----------
    rows
        What is compared, the first side being the reference.
    """
    coverage = sides[0].coverage
    study, territory = coverage.study, coverage.territory
    proposed = variants_of(sides)
    every = choices(proposed) if proposed else ()
    words: dict[str, Any] = {
        "title": f"Comparaison de scénarios – {study_title(study.name, study.year)}",
        "study": study,
        "variants": [_told(side) for side in sides],
        "figures": [line_of(figure) for figure in rows],
        "proposed": bool(proposed),
        "posts": told_posts(every, proposed),
        "differ": sum(row.differs for row in every),
        "options": len(every),
        "version": VERSION,
        "sources": territory.sources,
        "vintage": territory.vintage,
    }
    return _environment().get_template("comparison.html").render(words)


def _told(side: Side) -> dict[str, Any]:
    told: dict[str, Any] = {
        "name": side.scenario.name,
        "description": side.scenario.description,
        "changes": side.changes,
        "study": side.key == STUDY,
        "plan": side.found is not None,
    }
    if side.found is not None:
        plan = side.found.plan
        told["certified"] = plan.mode == CERTIFIED
        told["gaps"] = sum(side.found.gap(goal) != 0 for goal in plan.attained)
    return told


@lru_cache(maxsize=1)
def _environment() -> jinja2.Environment:
    environment = page_environment(FOLDER, PAGE)
    environment.filters["integer"] = whole
    return environment


def _changes(variant: Variant, study: Variant) -> list[str]:
    before, after = (
        (own.found.ask.coverage.study.parameters, own.found.ask.call.rules)
        for own in (study, variant)
    )
    return changes_in_words(variant.scenario, before, after)


def line_of(figure: Figure) -> dict[str, Any]:
    """Return a figure in words: its value in the first state, then value and gap in others."""
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


def told_posts(every: Sequence[Choice], variants: Sequence[Variant]) -> list[dict[str, Any]]:
    """Return the options that do not fare alike everywhere, the best ranked of them, in words."""
    rows = sorted((row for row in every if row.differs), key=_best_rank)[:SHOWN]
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

"""The files of a comparison of scenarios: figures, posts, communes."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import orjson

from coverage.proposals.compare import Figure, choices, figures
from data.results.before_after import before_after_table
from data.results.plan_files import DISCLAIMER
from data.results.provenance import plain, provenance
from data.results.readme import ABOUT_COMPARISON, README_FILE, readme_text
from data.results.tables import Table, cell, csv_text, fixed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coverage.model import Study
    from coverage.proposals.compare import Choice, Variant

TODAY = "aujourdhui"


def comparison_files(variants: Sequence[Variant], *, excel: bool = False) -> dict[str, bytes | str]:
    """Return the content of every file of a comparison but its pages, by name."""
    coverage = variants[0].found.ask.coverage
    origin = provenance(_read(variants), coverage.territory)
    states = {TODAY: coverage} | {each.key: each.found.planned for each in variants}
    return {
        README_FILE: readme_text(origin, excel=excel, about=ABOUT_COMPARISON),
        "comparaison.csv": csv_text(figures_table(variants), excel=excel),
        "comparaison_postes.csv": csv_text(choices_table(variants), excel=excel),
        "comparaison_communes.csv": csv_text(before_after_table(states), excel=excel),
        "scenarios.json": scenarios_json(variants),
    }


def _read(variants: Sequence[Variant]) -> Study:
    """Return the study, the files of the scenarios among its own."""
    study = variants[0].found.ask.coverage.study
    added = (file for variant in variants for file in variant.scenario.inputs)
    return replace(study, inputs=(*study.inputs, *added))


def figures_table(variants: Sequence[Variant]) -> Table:
    """Return the table of `comparaison.csv`: a figure a row, its value and gap by variant."""
    return side_by_side(figures(variants), [variant.key for variant in variants])


def side_by_side(rows: Sequence[Figure], keys: Sequence[str]) -> Table:
    """Return figures a row each: its value by key, and its gap from that of the first."""
    columns: dict[str, list[str]] = {
        "chiffre": [row.name for row in rows],
        "libelle": [row.label for row in rows],
        "unite": [row.unit for row in rows],
    }
    for number, key in enumerate(keys):
        columns[key] = [_text(row, row.values[number]) for row in rows]
    for number, key in enumerate(keys[1:], start=1):
        columns[f"ecart_{key}"] = [_text(row, row.gaps()[number]) for row in rows]
    return Table(columns, decimal=frozenset(columns) - {"chiffre", "libelle", "unite"})


def _text(figure: Figure, value: int | None) -> str:
    if value is None:
        return ""
    if figure.scale == 1:
        return str(value)
    sign = "-" if value < 0 else ""
    return sign + fixed(Fraction(abs(value), figure.scale), 2)


def choices_table(variants: Sequence[Variant]) -> Table:
    """Return the table of `comparaison_postes.csv`: an option a row, what each variant does."""
    rows = choices(variants)
    columns: dict[str, list[str]] = {
        "option_id": [row.option.option_id for row in rows],
        "structure": [row.option.structure_name for row in rows],
        "volet": [row.option.volet for row in rows],
        "region": [row.option.region for row in rows],
        "motif_etp": [row.option.ground for row in rows],
        "differe": [cell(row.differs) for row in rows],
    }
    whole: set[str] = set()
    decimal: set[str] = set()
    for number, variant in enumerate(variants):
        own = _choice_columns(rows, variant, number)
        columns |= own
        whole |= {name for name in own if name.startswith(("rang_", "gain_h_"))}
        decimal |= {name for name in own if name.startswith("etp_")}
    return Table(columns, whole=frozenset(whole), decimal=frozenset(decimal))


def _choice_columns(rows: Sequence[Choice], variant: Variant, number: int) -> dict[str, list[str]]:
    found, key = variant.found, variant.key
    ranked = [row.ranked[number] for row in rows]
    held = [found.position.get(row.option.option_id) for row in rows]
    return {
        f"etp_{key}": ["" if at is None else fixed(found.ask.options[at].etp, 2) for at in held],
        f"rang_{key}": [cell(None if row is None else row.rank) for row in ranked],
        f"gain_h_{key}": [cell(None if row is None else row.gains[2]) for row in ranked],
        f"finance_{key}": [cell(None if row is None else row.funded) for row in ranked],
        f"plan_exact_{key}": [cell(row.planned[number]) for row in rows],
    }


def scenarios_json(variants: Sequence[Variant]) -> bytes:
    """Return `scenarios.json`: what each scenario changes, and how its plan was found."""
    content = {
        **provenance(_read(variants), variants[0].found.ask.coverage.territory),
        "avertissement": DISCLAIMER,
        "scenarios": [_scenario(variant) for variant in variants],
    }
    return orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _scenario(variant: Variant) -> dict[str, object]:
    scenario, found = variant.scenario, variant.found
    return {
        "id": variant.key,
        "nom": scenario.name,
        "description": scenario.description,
        "methode": {name: plain(value) for name, value in scenario.parameters.items()},
        "appel": {name: plain(value) for name, value in scenario.call.items()},
        "options_generees": scenario.generated,
        "candidatures": [each.application_id for each in scenario.applications],
        "verrous": dict(scenario.decisions.locked),
        "refus": dict(scenario.decisions.refused),
        "mode": found.plan.mode,
        "ecarts": {goal: found.gap(goal) for goal in found.plan.attained},
        "avertissements": [str(notice) for notice in found.ask.warnings],
    }

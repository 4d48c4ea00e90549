"""Two states of a study compared: the study or a saved scenario, each decided alike.

A scenario with modifications is computed as `compute` would of the study filed so.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import orjson

from api.comparing import STUDY_NAME
from api.scenarios.overlay import overlay_of
from api.scenarios.words import lines_of
from api.studies import free_slug
from coverage.proposals.compare import STUDY, choices
from coverage.proposals.scenario import Scenario
from coverage.proposals.sides import Side, side_figures, variants
from coverage.study import compute
from coverage.trials.edits import edited_study
from data.results.before_after import before_after_table
from data.results.comparison import choices_table, scenarios_json, side_by_side
from data.results.tables import csv_text
from data.scenarios.read import RESERVED
from geo.errors import InputErrors, Notice

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from api.filed import Filed
    from api.proposing import Search
    from api.scenarios.kept import KeptScenarios, Saved
    from coverage.model import Coverage

STAGES = 12
"""Calls of `on_step`, at most: two sides, five stages of each one's proposals, the files."""

TABLE, COMMUNES, POSTS = "comparaison.csv", "comparaison_communes.csv", "comparaison_postes.csv"
PAGE, MAP = "comparaison.html", "carte_scenarios.html"
SCENARIOS, FACTS = "scenarios.json", "page.json"


@dataclass(frozen=True)
class Pair:
    """What is compared.

    Attributes
    ----------
    first, second
        A scenario, or None for the study itself.
    proposes
        Whether the ranked list and the plan of each are compared too.
    mark
        That of what lay beside the study when they were asked (`OpenStudy.mark`), empty for now.
    """

    first: Saved | None
    second: Saved | None
    proposes: bool
    mark: str = ""

    @classmethod
    def of(cls, first: Saved | None, second: Saved | None, *, asked: bool) -> Pair:
        """Return a pair; proposals are compared when asked, or when a scenario speaks of them."""
        speak = any(each is not None and each.content.proposes for each in (first, second))
        return cls(first, second, asked or speak)


def compare_pair(
    kept: KeptScenarios, pair: Pair, search: Search, on_step: Callable[[str], None]
) -> dict[str, bytes]:
    """Return the files of a comparison, by name; `FACTS` holds what its page shows.

    Raises
    ------
    InputErrors
        All that keeps a scenario from being computed in the version served.
    PlanDisagreementError
        When the independent check does not find a plan as it says.
    """
    sides = sides_of(kept, pair, search, on_step)
    on_step("Tableaux, page et carte")
    return _files(sides)


def sides_of(
    kept: KeptScenarios, pair: Pair, search: Search, on_step: Callable[[str], None]
) -> tuple[Side, Side]:
    """Return both sides, computed.

    Raises
    ------
    InputErrors, PlanDisagreementError
        As `compare_pair`.
    """
    study = kept.study
    scenarios = _overlays(kept, pair)
    on_step("Candidatures et scénarios")
    if pair.mark and study.beside_at is not None:
        coverage, filed = study.beside_at(study.coverage, pair.mark)
    else:
        coverage, filed = study.beside(study.coverage)
    first, second = (
        _side(kept, saved, scenario, coverage, on_step)
        for saved, scenario in zip((pair.first, pair.second), scenarios, strict=True)
    )
    if not pair.proposes:
        return first, second
    return (
        _with_proposals(first, filed, search, on_step),
        _with_proposals(second, filed, search, on_step),
    )


def _overlays(kept: KeptScenarios, pair: Pair) -> list[Scenario]:
    """Return the scenario of each side, keyed apart, once all their faults are known."""
    found: list[Scenario] = []
    faults: list[Notice] = []
    taken = {*RESERVED, STUDY}
    for saved in (pair.first, pair.second):
        if saved is None:
            found.append(Scenario(name=STUDY_NAME))
            continue
        key = free_slug(saved.name, taken=taken)
        taken.add(key)
        faults += _lost(kept, saved)
        try:
            found.append(overlay_of(saved.name, saved.content, key))
        except InputErrors as error:
            faults += error.faults
    if faults:
        raise InputErrors(faults)
    return found


def _lost(kept: KeptScenarios, saved: Saved) -> list[Notice]:
    remedy = f"modifier le scénario, ou servir la version {saved.content.etude.numero}"
    return [
        Notice("", 0, "", f"« {saved.name} » : {each.reason}", remedy)
        for each in kept.located(saved.content).lost
    ]


def _side(
    kept: KeptScenarios,
    saved: Saved | None,
    scenario: Scenario,
    coverage: Coverage,
    on_step: Callable[[str], None],
) -> Side:
    if saved is None:
        return Side(scenario, (), coverage)
    on_step(f"Couverture : {saved.name}")
    edits = [each.edit for each in kept.located(saved.content).found]
    study = scenario.overlaid(edited_study(coverage.study, coverage.territory, edits))
    same = scenario.same_coverage and not edits
    under = replace(coverage, study=study) if same else compute(study, coverage.territory)
    told = lines_of(saved.name, saved.content, kept.study.coverage)
    return Side(scenario, tuple(told), under)


def _with_proposals(
    side: Side, filed: Filed, search: Search, on_step: Callable[[str], None]
) -> Side:
    from api.proposing import decide  # noqa: PLC0415 - slow to import, useless until asked

    def told(phrase: str) -> None:
        on_step(f"{side.scenario.name} : {phrase[0].lower()}{phrase[1:]}")

    try:
        found = decide(
            side.coverage, filed.applications, search, on_step=told, scenario=side.scenario
        )
    except InputErrors as error:
        name = side.scenario.name
        named = [
            replace(each, file="", row=0, message=f"« {name} » : {each.message}")
            for each in error.faults
        ]
        raise InputErrors(named, error.warnings) from error
    return replace(side, found=found)


def _files(sides: Sequence[Side]) -> dict[str, bytes]:
    # Slow to import, useless until asked.
    from maps.scenarios.page import build_sides, build_sides_map  # noqa: PLC0415

    rows = side_figures(sides)
    keys = [side.key for side in sides]
    states = {side.key: side.coverage for side in sides}
    states |= {f"{each.key}_plan": each.found.planned for each in sides if each.found is not None}
    files: dict[str, bytes | str] = {
        TABLE: csv_text(side_by_side(rows, keys), excel=True),
        COMMUNES: csv_text(before_after_table(states), excel=True),
        PAGE: build_sides(sides, rows),
        MAP: build_sides_map(sides),
        FACTS: orjson.dumps(_facts(sides)),
    }
    proposed = variants(sides)
    if proposed:
        files[POSTS] = csv_text(choices_table(proposed), excel=True)
        files[SCENARIOS] = scenarios_json(proposed)
    return {name: own.encode() if isinstance(own, str) else own for name, own in files.items()}


def _facts(sides: Sequence[Side]) -> dict[str, Any]:
    """Return what the page of the application shows, in words."""
    from maps.scenarios.page import line_of, told_posts  # noqa: PLC0415 - slow to import

    proposed = variants(sides)
    every = choices(proposed) if proposed else ()
    return {
        "sides": [
            {
                "name": side.scenario.name,
                "description": side.scenario.description,
                "changes": list(side.changes),
                "study": side.key == STUDY,
            }
            for side in sides
        ],
        "figures": [line_of(figure) for figure in side_figures(sides)],
        "proposed": bool(proposed),
        "posts": told_posts(every, proposed),
        "differ": sum(row.differs for row in every),
        "options": len(every),
    }

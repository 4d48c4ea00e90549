"""From a study folder to a comparison: the study and its scenarios, each decided alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.proposing import decide_under, find_scenario, read_and_file
from coverage.proposals.compare import Variant
from coverage.proposals.scenario import Scenario
from data.results.comparison import comparison_files
from data.results.places import check_folder
from data.results.readme import ABOUT_COMPARISON
from data.results.writing import write_folder
from geo.errors import InputErrors, Notice
from maps.scenarios.page import build_comparison, build_comparison_map

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from api.filed import Filed
    from api.proposing import Search

STUDY_NAME = "Étude"


def compare(
    folder: Path,
    out: Path,
    search: Search,
    *,
    on_step: Callable[[str], None],
    names: Sequence[str] = (),
    excel: bool = False,
) -> tuple[Variant, ...]:
    """Compare a study and its scenarios, and write the comparison, whole or not at all.

    Parameters
    ----------
    names
        Scenarios to compare; all those of the study when none is named.

    Raises
    ------
    InputErrors, PlanDisagreementError, OutputError
        As `api.proposing.propose`; also when the study has no scenario.
    """
    check_folder(out, study=folder, about=ABOUT_COMPARISON)
    coverage, filed = read_and_file(folder, on_step=on_step)
    named = (find_scenario(filed, name) for name in names)
    wanted = {each.scenario_id: each for each in named} if names else _all(filed)
    if not wanted:
        message = "aucun scénario à comparer"
        remedy = "écrivez un fichier .toml dans le dossier « scenarios » de l’étude"
        raise InputErrors([Notice("scenarios", 0, "", message, remedy)])
    variants: list[Variant] = []
    faults: list[Notice] = []
    warnings: list[Notice] = []
    for scenario in (Scenario(name=STUDY_NAME), *wanted.values()):

        def told(phrase: str, name: str = scenario.name) -> None:
            on_step(f"{name} : {phrase[0].lower()}{phrase[1:]}")

        try:
            found = decide_under(scenario, coverage, filed, search, on_step=told)
        except InputErrors as errors:
            faults += errors.faults
            warnings += errors.warnings
        else:
            variants.append(Variant(scenario, found))
    if faults:
        raise InputErrors(faults, warnings)
    on_step("Tableaux, page et carte")
    files = comparison_files(variants, excel=excel)
    files["comparaison.html"] = build_comparison(variants)
    files["carte_scenarios.html"] = build_comparison_map(variants)
    on_step("Écriture de la comparaison")
    write_folder(out, files, about=ABOUT_COMPARISON)
    return tuple(variants)


def _all(filed: Filed) -> dict[str, Scenario]:
    return {each.scenario_id: each for each in filed.scenarios}

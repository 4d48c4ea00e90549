"""From a study folder to proposals: read, compute, rank, plan, have it checked, write together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from api.filed import with_filed
from api.pipeline import read_and_compute
from coverage.proposals.after import coverage_after, none_loses
from coverage.proposals.budget import build_budget
from coverage.proposals.coordinators import rank_coordinators
from coverage.proposals.draws import solidity
from coverage.proposals.exact import exact_plan, step_prices
from coverage.proposals.extensions import with_extensions
from coverage.proposals.hard_rules import hard_rules
from coverage.proposals.network import plan_pieces
from coverage.proposals.options import build_ask
from coverage.proposals.outcome import Proposals
from coverage.proposals.ranking import build_contest, rank
from coverage.proposals.relax import first_plan
from coverage.proposals.replacement import judge
from coverage.proposals.rules import with_rules
from coverage.proposals.scenario import Scenario
from coverage.proposals.substitutes import substitutes
from coverage.proposals.uncertainty import uncertainty
from coverage.proposals.verify import PlanDisagreementError, verify_plan
from coverage.study import compute
from coverage.wording import THIN, listing
from data.calls.read import read_call
from data.results.places import check_folder
from data.results.proposals import proposal_files
from data.results.readme import ABOUT_PROPOSALS
from data.results.writing import write_folder
from data.study.settings_file import SETTINGS_FILE
from geo.errors import InputErrors, Notice
from maps.proposals.before_after import build_before_after
from maps.proposals.synthesis import build_synthesis

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from api.filed import Filed
    from coverage.model import Coverage
    from coverage.proposals.application import Application
    from coverage.proposals.model import Ask, ExactPlan, PlanNetwork
    from data.results.kept_plan import KeptPlan

SEED = 2023
"""Of the draws: the same study always gets the same ones."""

STAGES = 17
"""Calls of `on_step` in `propose`, at most."""


@dataclass(frozen=True)
class Search:
    """How long the exact plan may be looked for.

    Attributes
    ----------
    seconds
        Of a clock (quick mode); None in certified mode.
    nodes
        Most nodes of the search of each goal (certified mode).
    draws
        Of the assumptions, 0 for none.
    prices
        Whether what each goal gives up to those before it is worked out: as many plans more.
    kept
        A plan found before under the same study, taken instead of searching; None to search.
    """

    seconds: float | None = 60.0
    nodes: int | None = None
    draws: int = 0
    prices: bool = False
    kept: KeptPlan | None = None


def propose(
    folder: Path,
    out: Path,
    search: Search,
    *,
    on_step: Callable[[str], None],
    excel: bool = False,
    scenario: str = "",
) -> Proposals:
    """Compute the proposals of a study folder and write them, whole or not at all.

    Parameters
    ----------
    scenario
        Name of one of the study's scenarios; empty for the study as it is.

    Raises
    ------
    InputErrors
        All the faults of the study, then of its applications and scenarios; or, when no plan
        satisfies the rules of the call, their minimal conflict and the smallest relaxations.
    PlanDisagreementError
        When the independent check does not find the plan as it says.
    OutputError
        When the results folder cannot be written, found before computing where possible.
    """
    check_folder(out, study=folder, about=ABOUT_PROPOSALS)
    coverage, filed = read_and_file(folder, on_step=on_step)
    chosen = find_scenario(filed, scenario) if scenario else Scenario()
    found = decide_under(chosen, coverage, filed, search, on_step=on_step)
    on_step("Tableaux, synthèse et carte")
    files = proposal_files(found, excel=excel)
    files["synthese.html"] = build_synthesis(found)
    files["carte_avant_apres.html"] = build_before_after(found)
    on_step("Écriture des propositions")
    write_folder(out, files, about=ABOUT_PROPOSALS)
    return found


def read_and_file(folder: Path, *, on_step: Callable[[str], None]) -> tuple[Coverage, Filed]:
    """Return the coverage of a study folder, and what it holds beside the study.

    Raises
    ------
    InputErrors
        As `propose`.
    """
    coverage = read_and_compute(folder, on_step=on_step)
    on_step("Candidatures et scénarios")
    return with_filed(coverage, folder)


def find_scenario(filed: Filed, name: str) -> Scenario:
    """Return the scenario of that file name, or of that name.

    Raises
    ------
    InputErrors
        When the study has no such scenario.
    """
    by_file = {scenario.scenario_id: scenario for scenario in filed.scenarios}
    found = by_file.get(name) or next((own for own in filed.scenarios if own.name == name), None)
    if found is not None:
        return found
    known = [scenario.scenario_id for scenario in filed.scenarios]
    remedy = (
        f"scénarios de l’étude{THIN}: {listing(known)}"
        if known
        else "écrivez-le dans le dossier « scenarios » de l’étude"
    )
    message = f"scénario « {name} » absent de l’étude"
    raise InputErrors([Notice("scenarios", 0, "", message, remedy)])


def decide_under(
    scenario: Scenario,
    coverage: Coverage,
    filed: Filed,
    search: Search,
    *,
    on_step: Callable[[str], None],
) -> Proposals:
    """Return what a study proposes under a scenario.

    Raises
    ------
    InputErrors, PlanDisagreementError
        As `propose`; what is wrong with the scenario names its file.
    """
    try:
        return decide(
            under(coverage, scenario),
            filed.applications,
            search,
            on_step=on_step,
            scenario=scenario,
        )
    except InputErrors as errors:
        if not scenario.scenario_id:
            raise
        rules = ("", SETTINGS_FILE)
        placed = [
            replace(each, file=scenario.file) if each.file in rules else each
            for each in errors.faults
        ]
        raise InputErrors(placed, errors.warnings) from errors


def under(coverage: Coverage, scenario: Scenario) -> Coverage:
    """Return the coverage of a study under a scenario, computed anew only if a parameter moves."""
    study = scenario.overlaid(coverage.study)
    if scenario.same_coverage:
        return replace(coverage, study=study)
    return compute(study, coverage.territory)


def decide(
    coverage: Coverage,
    applications: Sequence[Application],
    search: Search,
    *,
    on_step: Callable[[str], None],
    scenario: Scenario | None = None,
) -> Proposals:
    """Return what a coverage and applications propose.

    Parameters
    ----------
    coverage
        Under the scenario, if there is one.

    Raises
    ------
    InputErrors, PlanDisagreementError
        As `propose`.
    """
    on_step("Options et règles de l’appel")
    call = with_rules(read_call(), coverage.study.call)
    chosen = scenario or Scenario()
    asked = chosen.asked(applications)
    ask = build_ask(coverage, call, asked, chosen.decisions, generated=chosen.generated)
    ask = with_extensions(ask, asked)
    first_plan(ask)
    network, pieces = plan_pieces(ask)
    on_step("Liste classée")
    ranked = judge(ask, network, rank(ask, network))
    position = {option.option_id: k for k, option in enumerate(ask.options)}
    funded = sorted(position[row.option.option_id] for row in ranked if row.funded)
    on_step("Plan exact")
    plan = _plan(ask, network, search, funded)
    on_step("Vérification indépendante du plan")
    verified = verify_plan(ask, plan)
    on_step("Couverture avec les postes proposés")
    listed = coverage_after(ask, funded)
    same = funded == list(plan.chosen) and not plan.extensions
    planned = listed if same else coverage_after(ask, plan.chosen, plan.extensions)
    ask = replace(ask, warnings=(*ask.warnings, *none_loses(coverage, listed, planned, plan)))
    prices: dict[str, int] = {}
    if search.prices:
        on_step("Prix de l’ordre des objectifs")
        prices = step_prices(ask, network, plan, seconds=search.seconds)
    firm = {}
    if search.draws:
        on_step(f"Solidité ({search.draws} tirages)")
        uncertain = uncertainty(ask, network, pieces)
        rng = np.random.default_rng(SEED)
        drawn = solidity(build_contest(ask, network), uncertain, rng=rng, draws=search.draws)
        firm = {row.option_id: row for row in drawn}
    return Proposals(
        ask=ask,
        network=network,
        ranked=ranked,
        plan=plan,
        verified=verified,
        budget=build_budget(ask, plan.chosen),
        coordinators=rank_coordinators(ask, plan.chosen),
        listed=listed,
        planned=planned,
        substitutes=substitutes(ask, network, funded),
        solidity=firm,
        draws=search.draws,
        prices=prices,
    )


def _plan(ask: Ask, network: PlanNetwork, search: Search, funded: Sequence[int]) -> ExactPlan:
    """Return the exact plan, searched from the ranked list, or as it was kept.

    Raises
    ------
    PlanDisagreementError
        When the plan kept was chosen among other options.
    """
    if search.kept is not None:
        if not search.kept.weighs(ask):
            raise PlanDisagreementError(["le plan gardé a été choisi parmi d’autres options"])
        return search.kept.plan
    keeps_rules = not any(rule.broken_by(funded) for rule in hard_rules(ask))
    return exact_plan(
        ask,
        network,
        seconds=search.seconds,
        nodes=search.nodes,
        start=funded if keeps_rules else None,
    )

"""From a study folder to proposals: read, compute, rank, plan, have it checked, write together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from api.applications import read_folder_applications
from api.pipeline import read_and_compute
from coverage.proposals.budget import build_budget
from coverage.proposals.coordinators import rank_coordinators
from coverage.proposals.draws import solidity
from coverage.proposals.exact import exact_plan, step_prices
from coverage.proposals.hard_rules import hard_rules
from coverage.proposals.network import plan_pieces
from coverage.proposals.options import build_ask
from coverage.proposals.outcome import Proposals
from coverage.proposals.ranking import build_contest, rank
from coverage.proposals.relax import first_plan
from coverage.proposals.replacement import judge
from coverage.proposals.rules import with_rules
from coverage.proposals.substitutes import substitutes
from coverage.proposals.uncertainty import uncertainty
from coverage.proposals.verify import verify_plan
from data.calls.read import read_call
from data.results.places import check_folder
from data.results.proposals import proposal_files
from data.results.readme import ABOUT_PROPOSALS
from data.results.writing import write_folder
from geo.errors import InputErrors
from maps.proposals.synthesis import build_synthesis

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from coverage.model import Coverage
    from coverage.proposals.application import Application
    from coverage.proposals.options import Decisions

SEED = 2023
"""Of the draws: the same study always gets the same ones."""

STAGES = 16
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
    """

    seconds: float | None = 60.0
    nodes: int | None = None
    draws: int = 0
    prices: bool = False


def propose(
    folder: Path,
    out: Path,
    search: Search,
    *,
    on_step: Callable[[str], None],
    excel: bool = False,
) -> Proposals:
    """Compute the proposals of a study folder and write them, whole or not at all.

    Raises
    ------
    InputErrors
        All the faults of the study, then of its applications; or, when no plan satisfies the rules
        of the call, their minimal conflict and the smallest relaxations.
    PlanDisagreementError
        When the independent check does not find the plan as it says.
    OutputError
        When the results folder cannot be written, found before computing where possible.
    """
    check_folder(out, study=folder, about=ABOUT_PROPOSALS)
    coverage = read_and_compute(folder, on_step=on_step)
    on_step("Candidatures")
    study, applications, findings = read_folder_applications(
        folder, coverage.study, coverage.territory
    )
    warnings = (*coverage.warnings, *findings.warnings)
    if findings.faults:
        raise InputErrors(findings.faults, warnings)
    found = decide(
        replace(coverage, study=study, warnings=warnings), applications, search, on_step=on_step
    )
    on_step("Tableaux et synthèse")
    files = proposal_files(found, excel=excel)
    files["synthese.html"] = build_synthesis(found)
    on_step("Écriture des propositions")
    write_folder(out, files, about=ABOUT_PROPOSALS)
    return found


def decide(
    coverage: Coverage,
    applications: Sequence[Application],
    search: Search,
    *,
    on_step: Callable[[str], None],
    decisions: Decisions | None = None,
) -> Proposals:
    """Return what a coverage and applications propose.

    Raises
    ------
    InputErrors, PlanDisagreementError
        As `propose`.
    """
    on_step("Options et règles de l’appel")
    call = with_rules(read_call(), coverage.study.call)
    ask = build_ask(coverage, call, applications, decisions)
    first_plan(ask)
    network, pieces = plan_pieces(ask)
    on_step("Liste classée")
    ranked = judge(ask, network, rank(ask, network))
    position = {option.option_id: k for k, option in enumerate(ask.options)}
    funded = sorted(position[row.option.option_id] for row in ranked if row.funded)
    on_step("Plan exact")
    keeps_rules = not any(rule.broken_by(funded) for rule in hard_rules(ask))
    plan = exact_plan(
        ask,
        network,
        seconds=search.seconds,
        nodes=search.nodes,
        start=funded if keeps_rules else None,
    )
    on_step("Vérification indépendante du plan")
    verified = verify_plan(ask, plan)
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
        substitutes=substitutes(ask, network, funded),
        solidity=firm,
        draws=search.draws,
        prices=prices,
    )

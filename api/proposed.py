"""The proposals of a study as pages and answers show them, made once beside the requests."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TYPE_CHECKING

from api.background import Background, Line
from api.facts.ground import Ground
from coverage.proposals.decisions import by_option, opinions_said
from data.results.proposals import aside_table, proposals_table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from api.studies import OpenStudy
    from coverage.proposals.decisions import Said
    from coverage.proposals.model import Ranked
    from coverage.proposals.outcome import Proposals
    from data.results.kept_plan import KeptPlan
    from data.results.tables import Table

STAGES = 8
"""Calls of `on_step` in `propose_study`."""

NAME = "propositions"
"""Under which a study keeps its computation."""


@dataclass(frozen=True)
class Proposed:
    """What was decided, with what its pages need at once.

    Attributes
    ----------
    rows, aside
        Those of `propositions.csv`, by option in their order, and of `propositions_ecartees.csv`.
    mark
        That of what lay beside the study (`OpenStudy.mark`).
    tag
        Of this computation: two of the same study may differ, a clock bounds them.
    """

    found: Proposals
    rows: Mapping[str, Mapping[str, str]]
    aside: Sequence[Mapping[str, str]]
    mark: str = ""
    tag: str = field(default_factory=lambda: secrets.token_hex(8))

    @cached_property
    def ranked(self) -> dict[str, Ranked]:
        """Ranked posts by option, in their order."""
        return {row.option.option_id: row for row in self.found.ranked}

    @cached_property
    def said(self) -> dict[str, tuple[Said, ...]]:
        """Opinions in force by option."""
        ask = self.found.ask
        return by_option(opinions_said(ask.coverage.study.opinions, ask.options))

    @cached_property
    def listed(self) -> Ground:
        """The coverage with the posts of the ranked list, for facts."""
        return Ground(self.found.listed)


def proposals_of(study: OpenStudy, line: Line, seconds: float) -> Background[Proposed]:
    """Return the one computation of a study's proposals, asked or not, that only memory keeps.

    Parameters
    ----------
    line
        The server's: one computation at a time.
    seconds
        Left to the exact plan.
    """
    work = partial(propose_study, study, seconds)
    return study.once(NAME, lambda: Background(line, work, stages=STAGES))


def propose_study(
    study: OpenStudy,
    seconds: float,
    on_step: Callable[[str], None],
    kept: KeptPlan | None = None,
) -> Proposed:
    """Return what a study proposes, from the coverage that its pages already show.

    Parameters
    ----------
    kept
        A plan found before, to decide the same again, under its mark, without the search.

    Raises
    ------
    InputErrors
        All the faults of its applications and scenarios; or the smallest conflict of the rules.
    PlanDisagreementError
        When the independent check does not find the plan as it says.
    """
    from api.proposing import Search, decide  # noqa: PLC0415 - slow to import, useless until asked

    on_step("Couverture de l’étude")
    coverage = study.coverage
    on_step("Candidatures et scénarios")
    # Read first: whatever changes meanwhile shows as a change.
    mark = study.mark() if kept is None else kept.mark
    if study.beside_at is None:
        coverage, filed = study.beside(coverage)
    else:
        coverage, filed = study.beside_at(coverage, mark)
    search = Search(seconds=seconds, kept=kept)
    found = decide(coverage, filed.applications, search, on_step=on_step)
    on_step("Tableaux et justifications")
    return proposed_of(found, mark)


def proposed_of(found: Proposals, mark: str = "") -> Proposed:
    """Return proposals with their tables."""
    table = _rows(proposals_table(found))
    rows = {row["option_id"]: row for row in table}
    return Proposed(found, rows, _rows(aside_table(found)), mark)


def _rows(table: Table) -> list[dict[str, str]]:
    cells = zip(*table.columns.values(), strict=True)
    return [dict(zip(table.columns, row, strict=True)) for row in cells]

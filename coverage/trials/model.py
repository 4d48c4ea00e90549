"""The merged model of a study in memory, and what a few edits would change of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coverage.parameters import CLASSES, STATE_COLUMNS
from coverage.trials.answers import Answer, demand_of
from coverage.trials.edits import edited_study
from coverage.trials.filing import filed, refiled
from coverage.trials.land import build_land
from coverage.trials.network import EMPTY, extended
from coverage.trials.refit import refitted, solved
from coverage.trials.scene import blank_shown, set_scene

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coverage.model import Coverage
    from coverage.trials.edits import Edit
    from coverage.trials.filing import Filing
    from coverage.trials.outcome import Outcome

FLOWS = (list(range(len(CLASSES))), STATE_COLUMNS)
"""Columns of the classes that count in each flow: all needs, those of the State."""


class TrialModel:
    """A study ready for trials: made once, then read by any number of threads at a time.

    Parameters
    ----------
    coverage
        What `coverage.study.compute` decided of the study; every trial starts from it.
    """

    def __init__(self, coverage: Coverage) -> None:
        study, territory = coverage.study, coverage.territory
        need = coverage.need
        land = build_land(coverage.atoms, need, territory)
        self._filed = filed(study, land, need)
        filing = self._filed.filing
        self._network = extended(EMPTY, filing.signatures, filing.hours)
        self._demands = [demand_of(filing, self._network, columns) for columns in FLOWS]
        self._flows = [solved(demand.problem) for demand in self._demands]
        total, state = (
            Answer(demand, flow.rates)
            for demand, flow in zip(self._demands, self._flows, strict=True)
        )
        self._blank = blank_shown(need, territory)
        self._scene = set_scene(filing, (total, state), study.parameters, self._blank)

    def outcome(self, edits: Sequence[Edit]) -> Outcome:
        """Return what the study would come to with some edits; the study stays as it is.

        Raises
        ------
        EditError
            As `coverage.trials.edits.edited_study`.
        """
        base = self._filed
        study = edited_study(base.study, base.territory, edits)
        filing = refiled(base, study, edits)
        answers = self._answers(filing)
        scene = set_scene(filing, answers, study.parameters, self._blank, self._scene)
        return scene.outcome

    def _answers(self, filing: Filing) -> tuple[Answer, Answer]:
        if filing is self._filed.filing:
            return self._scene.answers
        network = extended(self._network, filing.signatures, filing.hours)
        demands = [demand_of(filing, network, columns) for columns in FLOWS]
        total, state = (
            Answer(demand, refitted(flow, demand.problem))
            for demand, flow in zip(demands, self._flows, strict=True)
        )
        return total, state

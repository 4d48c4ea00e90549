"""A scenario: a small overlay on a study, named, to be compared with it and with others."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from coverage.proposals.decisions import Decisions

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from coverage.model import InputFile, Study
    from coverage.proposals.application import Application


@dataclass(frozen=True)
class Scenario:
    """What a scenario changes in a study; all the rest is the study's.

    Attributes
    ----------
    scenario_id
        Name of its file without extension; empty for the study itself.
    parameters
        Of the method, by name, parsed.
    call
        Rules of the call, by name, parsed (False switches one off).
    decisions
        Locks and refusals by option, added to those of the study.
    generated
        Whether options that nobody asks for are compared too.
    applications
        Added to those of the study; one of the same identifier takes its place.
    inputs
        The files that it was read from.
    """

    scenario_id: str = ""
    name: str = ""
    description: str = ""
    parameters: Mapping[str, object] = field(default_factory=dict)
    call: Mapping[str, object] = field(default_factory=dict)
    decisions: Decisions = field(default_factory=Decisions)
    generated: bool = True
    applications: tuple[Application, ...] = ()
    inputs: tuple[InputFile, ...] = ()

    @property
    def file(self) -> str:
        """File that describes it, as messages name it; empty for the study itself."""
        return self.inputs[0].name if self.inputs else ""

    @property
    def same_coverage(self) -> bool:
        """Whether the coverage of today is that of the study: no parameter moves."""
        return not self.parameters

    def overlaid(self, study: Study) -> Study:
        """Return the study under the parameters and the rules of the scenario, its name told."""
        if not self.scenario_id:
            return study
        return replace(
            study,
            name=f"{study.name} – {self.name}",
            inputs=(*study.inputs, *self.inputs),
            parameters=replace(study.parameters, **self.parameters),  # type: ignore[arg-type]
            call={**study.call, **self.call},
        )

    def asked(self, applications: Iterable[Application]) -> tuple[Application, ...]:
        """Return the applications of the study and of the scenario, sorted by identifier."""
        found = {each.application_id: each for each in (*applications, *self.applications)}
        return tuple(found[name] for name in sorted(found))

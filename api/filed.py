"""What a study folder holds beside the study: applications and scenarios, under its rules."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from coverage.proposals.rules import with_rules
from data.applications.read import FOLDER as APPLICATIONS
from data.applications.read import read_applications
from data.calls.read import read_call
from data.scenarios.read import FOLDER as SCENARIOS
from data.scenarios.read import read_scenarios
from geo.errors import InputErrors

if TYPE_CHECKING:
    from pathlib import Path

    from coverage.model import Coverage, Study
    from coverage.proposals.application import Application
    from coverage.proposals.scenario import Scenario
    from data.study.faults import Findings
    from geo.territory import Territory


@dataclass(frozen=True)
class Filed:
    """A study with the files of its applications in its origin, these, and its scenarios."""

    study: Study
    applications: tuple[Application, ...]
    scenarios: tuple[Scenario, ...]


def read_filed(folder: Path, study: Study, territory: Territory) -> tuple[Filed, Findings]:
    """Return what a study folder holds beside its study, with every fault found."""
    call = with_rules(read_call(), study.call)
    applications, asked, findings = read_applications(folder / APPLICATIONS, study, territory, call)
    scenarios, found = read_scenarios(folder / SCENARIOS, study, territory)
    complete = replace(study, inputs=(*study.inputs, *asked))
    return Filed(complete, applications, scenarios), findings + found


def with_filed(coverage: Coverage, folder: Path) -> tuple[Coverage, Filed]:
    """Return a coverage whose study names all that its folder holds, and what that is.

    Raises
    ------
    InputErrors
        All the faults of its applications and scenarios.
    """
    filed, findings = read_filed(folder, coverage.study, coverage.territory)
    warnings = (*coverage.warnings, *findings.warnings)
    if findings.faults:
        raise InputErrors(findings.faults, warnings)
    # Also the study's own, so that a scenario that computes it anew tells them too.
    study = replace(filed.study, warnings=(*filed.study.warnings, *findings.warnings))
    return replace(coverage, study=study, warnings=warnings), filed


def mark_of(folder: Path) -> str:
    """Return what changes when applications or scenarios of a study folder do: their digest.

    A file that cannot be read counts by its name: who reads it will say why.
    """
    digest = hashlib.sha256()
    for name in (APPLICATIONS, SCENARIOS):
        for path in sorted(each for each in (folder / name).rglob("*") if each.is_file()):
            digest.update(f"{path.relative_to(folder).as_posix()}\0".encode())
            with suppress(OSError):
                digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]

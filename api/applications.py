"""The applications of a study folder, read under the rules that its study gives to the call."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from coverage.proposals.rules import with_rules
from data.applications.read import FOLDER, read_applications
from data.calls.read import read_call

if TYPE_CHECKING:
    from pathlib import Path

    from coverage.model import Study
    from coverage.proposals.application import Application
    from data.study.faults import Findings
    from geo.territory import Territory


def read_folder_applications(
    folder: Path, study: Study, territory: Territory
) -> tuple[Study, tuple[Application, ...], Findings]:
    """Return the applications of a study folder, and the study with their files in its origin."""
    call = with_rules(read_call(), study.call)
    applications, inputs, findings = read_applications(folder / FOLDER, study, territory, call)
    return replace(study, inputs=(*study.inputs, *inputs)), applications, findings

"""The applications of a study folder as dossiers take them, and what they are judged by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coverage.dossiers.bench import Bench
from coverage.proposals.rules import with_rules
from data.applications.read import FOLDER
from data.calls.read import read_call
from data.study.filed_tables import file_bytes
from geo.errors import InputErrors

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from coverage.dossiers.model import Case
    from coverage.model import Coverage


def cases_in(coverage: Coverage, folder: Path) -> tuple[Case, ...]:
    """Return the applications of a study folder, gaps and oddities included, by file.

    Raises
    ------
    InputErrors
        When the study gives to a rule of the call a value that it cannot have.
    """
    from data.applications.case import read_cases  # noqa: PLC0415 - useless until asked

    call = with_rules(read_call(), coverage.study.call)
    return read_cases(folder, coverage.study, coverage.territory, call)


def case_in(coverage: Coverage, folder: Path, file: Path) -> Case:
    """Return the application that a file holds, of the study folder or of elsewhere.

    Raises
    ------
    InputErrors
        As `cases_in`; or when the file cannot be opened.
    """
    from data.applications.case import read_case  # noqa: PLC0415 - useless until asked

    content, found = file_bytes(file)
    if content is None:
        raise InputErrors(found.faults)
    inside = file.resolve().parent == (folder / FOLDER).resolve()
    name = f"{FOLDER}/{file.name}" if inside else file.name
    call = with_rules(read_call(), coverage.study.call)
    return read_case(content, name, coverage.study, coverage.territory, call)


def bench_of(coverage: Coverage, cases: Iterable[Case]) -> Bench:
    """Return what every dossier of a study is judged by.

    Raises
    ------
    InputErrors
        As `cases_in`.
    """
    applications = tuple(each.application for each in cases if each.application is not None)
    return Bench(coverage, with_rules(read_call(), coverage.study.call), applications)

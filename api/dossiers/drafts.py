"""A draft judged as its file would be: by its form, and by the version of its study served."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.dossiers.kept import desk_of
from coverage.dossiers.model import INCOMPLETE
from data.applications.case import case_of_texts, read_case
from data.applications.drafted import known, naming_people
from data.applications.form_notices import finding

if TYPE_CHECKING:
    from api.deposits.applications import Applications, Opened
    from api.studies import OpenStudy, Studies
    from coverage.dossiers.model import Finding


@dataclass(frozen=True)
class Judged:
    """What is found in an application being written.

    Attributes
    ----------
    study
        The version served that it is judged by; None when there is none whose results are there:
        only the form is then judged.
    """

    findings: tuple[Finding, ...]
    study: OpenStudy | None


def judged(asked: Applications, opened: Opened, studies: Studies) -> Judged:
    """Return what is found in an application; no study is computed for it."""
    study = served_study(asked.deposit.slug, studies)
    found = asked.form_of(opened)[1] if study is None else _by_rules(opened, study)
    people = naming_people(known(opened.texts), opened.path)
    told = tuple(finding(INCOMPLETE, each, opened.path) for each in people)
    return Judged((*found, *told), study)


def served_study(slug: str, studies: Studies) -> OpenStudy | None:
    """Return the version served of a study of the register, if its results are there."""
    return next(
        (
            each
            for each in studies
            if slug and each.frozen is not None and each.frozen.slug == slug and each.computed
        ),
        None,
    )


def _by_rules(opened: Opened, study: OpenStudy) -> tuple[Finding, ...]:
    from coverage.dossiers.findings import form_findings  # noqa: PLC0415 - useless until asked

    bench = desk_of(study).bench
    against = (bench.coverage.study, bench.coverage.territory, bench.call)
    if opened.drafted is None and not opened.filed:
        case = read_case(opened.content, opened.path, *against)
    else:
        case = case_of_texts(known(opened.texts), opened.path, *against)
    return form_findings(case, bench)

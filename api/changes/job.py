"""Changes of class between two versions as jobs of the register: asked once, seen by all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from api.jobs.kept_proposals import subject_of
from api.jobs.opening import has_study, page_of, study_of_job
from api.jobs.work import Done, Kind
from geo.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.datastructures import State

    from api.studies import OpenStudy
    from data.store.job_states import Job

NAME = "changements"
"""Kind of these jobs, and their page."""

LINES = "lignes.json"
"""What the page reads: every change as plain values."""

STAGES = 20
"""Of reading, of computing both, and of each family of inputs alone, at most."""


def changes_kind(state: State) -> Kind:
    """Return how a server compares a version with one before."""

    def work(job: Job, on_step: Callable[[str], None]) -> Done:
        # Slow to import, useless until asked.
        from coverage.dossiers.changes.changes import changes  # noqa: PLC0415
        from coverage.dossiers.changes.words import change_facts  # noqa: PLC0415
        from data.results.changes import change_files  # noqa: PLC0415

        after = study_of_job(state, job).coverage
        slug, number = job.parameters["depuis"]
        version = state.register.version(slug, number)
        before = state.register.shelf.opened(slug, version, on_step).coverage
        found = changes(before, after, on_step=on_step)
        on_step("Tableaux des changements")
        files = change_files(found, before, after, excel=True)
        raw = {name: _bytes(content) for name, content in files.items()}
        return Done({**raw, LINES: orjson.dumps([change_facts(each) for each in found])})

    return Kind(
        NAME,
        "Changements depuis une version",
        STAGES,
        work,
        lambda job: _address(state, job),
        lambda job: has_study(state, job),
    )


def parameters_of(study: OpenStudy, slug: str, number: int) -> dict[str, Any]:
    """Return what names a comparison for any server: two frozen versions never change."""
    return {**subject_of(study), "depuis": [slug, number], "programme": VERSION}


def _address(state: State, job: Job) -> str:
    page = page_of(state, job, NAME)
    slug, number = job.parameters["depuis"]
    return f"{page}?depuis={slug}:{number}" if page else ""


def _bytes(content: bytes | str) -> bytes:
    return content.encode() if isinstance(content, str) else content

"""Versions of the register opened beside the requests, and shown again after a restart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.access.guards import regions_of
from api.jobs.work import Done, Kind
from api.rendering import address
from data.store.errors import MissingError
from data.store.job_queries import jobs_in
from data.store.models import DONE
from geo.errors import UnknownCodeError

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.datastructures import State

    from api.studies import OpenStudy
    from data.store.job_states import Job
    from data.store.studies import Version

OPENING = "ouverture"
"""Kind of the jobs that serve a version; the last that ended tells which one is served."""

STAGES = 8
"""Of `read_and_compute`, and the showing."""


def opening_kind(state: State) -> Kind:
    """Return how a server serves a version: computed apart, then shown in the place of another."""

    def work(job: Job, on_step: Callable[[str], None]) -> Done:
        opened = shown_version(state, job)
        if opened is None:
            slug, version = _version(state, job)
            opened = state.register.shelf.opened(slug, version, on_step)
        _ = opened.coverage
        on_step("Mise en service")
        made = opened

        def keep() -> None:
            state.register.shelf.show(state.studies, made)

        return Done(keep=keep)

    return Kind(OPENING, "Ouverture d’une version", STAGES, work, lambda job: page_of(state, job))


def show_again(state: State) -> None:
    """Show the versions that were served when the server stopped; each is computed when asked.

    A version that cannot be computed any more says why on its pages.
    """
    with state.register.store.read() as session:
        last = {job.parameters["inscrite"]: job for job in jobs_in(session, DONE, OPENING)}
    for job in last.values():
        slug, version = _version(state, job)
        state.register.shelf.show(state.studies, state.register.shelf.opened(slug, version))


def shown_version(state: State, job: Job) -> OpenStudy | None:
    """Return the study shown that is the version, or the folder, that a job names."""
    asked = job.parameters
    if "dossier" in asked:
        try:
            found: OpenStudy = state.studies.find(asked["dossier"])
        except UnknownCodeError:
            return None
        return found if found.frozen is None else None
    for study in state.studies:
        frozen = study.frozen
        named = (asked.get("inscrite"), asked.get("version"))
        if frozen is not None and named == (frozen.slug, frozen.number):
            own: OpenStudy = study
            return own
    return None


def study_of_job(state: State, job: Job) -> OpenStudy:
    """Return the study that a job names: the one shown, or its version opened apart.

    Raises
    ------
    MissingError
        When this server has it not.
    """
    shown = shown_version(state, job)
    if shown is not None:
        return shown
    slug, version = _version(state, job)
    opened: OpenStudy = state.register.shelf.opened(slug, version)
    return opened


def has_study(state: State, job: Job) -> bool:
    """Tell whether this server can read the study that a job names."""
    return "inscrite" in job.parameters or shown_version(state, job) is not None


def page_of(state: State, job: Job, page: str = "") -> str:
    """Return the address of a page of the study that a job names, empty when it is not shown."""
    shown = shown_version(state, job)
    return "" if shown is None else address(shown, page)


def regions_of_job(state: State, job: Job) -> tuple[str, ...]:
    """Return the régions that the study of a job bears on, none when nobody knows."""
    if "inscrite" in job.parameters:
        region = state.register.entry(job.parameters["inscrite"]).study.region
        return (region,) if region else ()
    shown = shown_version(state, job)
    return () if shown is None else regions_of(shown)


def _version(state: State, job: Job) -> tuple[str, Version]:
    asked = job.parameters
    if "inscrite" not in asked:
        raise MissingError(f"l’étude « {asked.get('dossier', '')} » n’est pas servie ici")
    return asked["inscrite"], state.register.version(asked["inscrite"], asked["version"])

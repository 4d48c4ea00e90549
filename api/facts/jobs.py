"""Jobs of the register as pages and answers tell them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime  # noqa: TC003 - the description of the API reads it
from typing import TYPE_CHECKING

from api.facts.computing import STATE_NAMES, ProgressFacts, progress_facts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from api.jobs.queue import Jobs
    from data.store.job_states import Job

_MINUTE = 60


@dataclass(frozen=True)
class JobFacts:
    """A long computation: who asked for what, when, where it stands, how long it took.

    Attributes
    ----------
    numero
        Grows with time, over all computations.
    etude, version
        Name of the study, or its address here; number of its version in the register, or null.
    demande_le, commence_le, fini_le
        Instants in universal time; null until they come.
    duree_s
        Seconds since it began, to its end; null before.
    essai
        How many times it was begun: more than once when a server stopped.
    erreurs
        Why it failed.
    resultat
        Address of the page that shows what it gave; null when this server shows it not.
    """

    numero: int
    calcul: str
    calcul_nom: str
    etude: str
    version: int | None
    demande_par: str
    demande_le: datetime
    commence_le: datetime | None
    fini_le: datetime | None
    duree_s: int | None
    etat: str
    etat_nom: str
    essai: int
    erreurs: list[str]
    resultat: str | None


@dataclass(frozen=True)
class FollowedFacts:
    """A long computation, and its stage under way."""

    tache: JobFacts
    avancement: ProgressFacts


def job_facts(jobs: Jobs, job: Job, names: Mapping[str, str]) -> JobFacts:
    """Return what is told of a job.

    Parameters
    ----------
    names
        Name of each study of the register by its slug.
    """
    kind = jobs.kind(job.kind)
    slug = str(job.parameters.get("inscrite", job.parameters.get("dossier", "")))
    done = job.state == "terminee"
    return JobFacts(
        numero=job.job_id,
        calcul=job.kind,
        calcul_nom=job.kind if kind is None else kind.title,
        etude=names.get(slug, slug),
        version=job.parameters.get("version"),
        demande_par=job.asked_by,
        demande_le=job.asked_at,
        commence_le=job.started_at,
        fini_le=job.ended_at,
        duree_s=_seconds(job, jobs.store.clock()),
        etat=job.state,
        etat_nom=STATE_NAMES[job.state],
        essai=job.attempt,
        erreurs=job.message.splitlines(),
        resultat=(kind.address(job) or None) if done and kind is not None else None,
    )


def followed_facts(jobs: Jobs, job: Job, names: Mapping[str, str]) -> FollowedFacts:
    """Return what is told of a job that one follows."""
    return FollowedFacts(job_facts(jobs, job, names), progress_facts(jobs.progress(job.job_id)))


def duration_text(seconds: int) -> str:
    """Write a duration in French.

    >>> duration_text(7), duration_text(125)
    ('7\u202fs', '2\u202fmin\u202f05\u202fs')
    """
    minutes, left = divmod(seconds, _MINUTE)
    return f"{minutes}\u202fmin\u202f{left:02d}\u202fs" if minutes else f"{left}\u202fs"


def _seconds(job: Job, now: datetime) -> int | None:
    if job.started_at is None:
        return None
    return max(0, round(((job.ended_at or now) - job.started_at).total_seconds()))

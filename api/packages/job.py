"""Packages as jobs of the register: made from a frozen version, kept there as they were sealed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from api.jobs.kept_proposals import subject_of
from api.jobs.opening import has_study, page_of, study_of_job
from api.jobs.work import Done, Kind
from geo.errors import NotReadyError
from geo.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.datastructures import State

    from api.studies import OpenStudy
    from data.store.job_states import Job

NAME = "paquet"
"""Kind of these jobs, and their page."""

FACTS_FILE = "paquet.json"
"""What the register keeps beside the archive, so that a page need not read it: `nom`, `empreinte`,
`octets`."""


STAGES = 14
"""Calls of `on_step` in `api.packages.making.make_package`."""


def package_kind(state: State) -> Kind:
    """Return how a server makes a package."""

    def work(job: Job, on_step: Callable[[str], None]) -> Done:
        study = study_of_job(state, job)
        if study.pack is None:
            raise NotReadyError(
                "un paquet se fait d’une version figée → figer cette étude dans le registre, ou "
                "lancer « zones-blanches paquet » sur son dossier"
            )
        made = study.pack(on_step, job.parameters["marque"])
        facts = {"nom": made.name, "empreinte": made.digest, "octets": len(made.content)}
        return Done({made.name: made.content, FACTS_FILE: orjson.dumps(facts)})

    return Kind(
        NAME,
        "Paquet national",
        STAGES,
        work,
        lambda job: page_of(state, job, NAME),
        lambda job: has_study(state, job),
    )


def parameters_of(study: OpenStudy) -> dict[str, Any]:
    """Return what names a package for any server: one more opinion, and it is another."""
    return {**subject_of(study), "marque": study.mark(), "programme": VERSION}

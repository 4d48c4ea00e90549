"""Where a long computation stands, as answers and pages say it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from api.background import CANCELLED, FAILED

if TYPE_CHECKING:
    from api.background import Computation, Progress
    from api.studies import OpenStudy

STATE_NAMES = {
    "absente": "pas encore demandé",
    "en_attente": "en attente de son tour",
    "en_cours": "en cours",
    "terminee": "prêt",
    "echouee": "échoué",
    "annulee": "arrêté",
    "perimee": "à recommencer : ce qu’il a lu a changé",
}


class Marked(Protocol):
    """A result that tells what lay beside its study (`OpenStudy.mark`)."""

    @property
    def mark(self) -> str:
        """That of then."""


@dataclass(frozen=True)
class ProgressFacts:
    """Where a long computation stands.

    Attributes
    ----------
    etat
        `absente`, `en_attente`, `en_cours`, `terminee`, `echouee`, `annulee` or `perimee`.
    etape
        The stage under way, in French; `etape_rang` from 1, out of `etapes`.
    arret_demande
        Whether it will stop at its next stage.
    erreurs
        Why it failed.
    """

    etat: str
    etat_nom: str
    etape: str
    etape_rang: int
    etapes: int
    arret_demande: bool
    erreurs: list[str]


def progress_facts(progress: Progress) -> ProgressFacts:
    """Return where a computation stands, as answers and pages say it."""
    return ProgressFacts(
        etat=progress.state,
        etat_nom=STATE_NAMES[progress.state],
        etape=progress.phrase,
        etape_rang=progress.stage,
        etapes=progress.stages,
        arret_demande=progress.stopping,
        erreurs=list(progress.faults),
    )


@dataclass(frozen=True)
class Recomputing:
    """What is said above a result that is there.

    Attributes
    ----------
    progress
        Of the computation asked since, or of the one that gave the result.
    under_way, failed
        Whether another is to replace it, or did not end.
    changed
        Whether what lies beside the study changed since.
    """

    progress: ProgressFacts
    under_way: bool
    failed: bool
    changed: bool


def recomputing(study: OpenStudy, computation: Computation[Marked]) -> Recomputing:
    """Return what is said of a result that is there, and of what may replace it."""
    now, made = computation.progress, computation.result
    return Recomputing(
        progress=progress_facts(now),
        under_way=now.under_way,
        failed=now.state in (FAILED, CANCELLED),
        changed=made is not None and made.mark != study.mark(),
    )

"""Where a long computation stands, as answers and pages say it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from api.background import Progress

STATE_NAMES = {
    "absente": "pas encore demandé",
    "en_attente": "en attente de son tour",
    "en_cours": "en cours",
    "terminee": "prêt",
    "echouee": "échoué",
    "annulee": "arrêté",
}


@dataclass(frozen=True)
class ProgressFacts:
    """Where the computation of the proposals stands.

    Attributes
    ----------
    etat
        `absente`, `en_attente`, `en_cours`, `terminee`, `echouee` or `annulee`.
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

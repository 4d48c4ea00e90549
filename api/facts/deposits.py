"""Deposits that wait, as pages list them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.background import CANCELLED, FAILED
from coverage.wording import THIN, plural
from data.store.checks import masked
from data.uploads.line_changes import LineChanges, line_changes

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from api.deposits.deposit import Deposit
    from data.store.studies import Version
    from data.uploads.merge import Conflict


@dataclass(frozen=True)
class WaitingFacts:
    """A deposit that waits.

    Attributes
    ----------
    cle, nom
        What names it in addresses; the file received, or what it is.
    etude, etude_nom
        Slug and name of the study whose version it would be; empty for a new study.
    modifications
        How many.
    depuis, jusqua
        When it was begun; when it is forgotten if nothing changes.
    etat
        Where it stands, in French.
    """

    cle: str
    nom: str
    etude: str
    etude_nom: str
    modifications: int
    depuis: datetime
    jusqua: datetime
    etat: str


@dataclass(frozen=True)
class ConflictFacts:
    """A file changed on both sides.

    Attributes
    ----------
    fichier
        Its path.
    ote_version, ote_depot
        Whether the version, or the deposit, removes it.
    lignes
        The lines that differ; None when they cannot be shown.
    """

    fichier: str
    ote_version: bool
    ote_depot: bool
    lignes: LineChanges | None


def waiting_facts(deposit: Deposit, last: Mapping[str, Version | None]) -> WaitingFacts:
    """Return how a page lists a deposit.

    Parameters
    ----------
    last
        Slug of each study → its last version.
    """
    study = deposit.kept.study
    newest = None if study is None else last.get(study.slug)
    return WaitingFacts(
        cle=deposit.key,
        nom=deposit.kept.name,
        etude="" if study is None else study.slug,
        etude_nom="" if study is None else study.name,
        modifications=len(deposit.changes),
        depuis=deposit.kept.begun_at,
        jusqua=deposit.until,
        etat=_state(deposit, newest),
    )


def conflict_facts(conflict: Conflict) -> ConflictFacts:
    """Return what a page says of a file changed on both sides."""
    return ConflictFacts(
        conflict.path,
        conflict.theirs is None,
        conflict.mine is None,
        line_changes(conflict.path, conflict.theirs, conflict.mine, shown=masked),
    )


def _state(deposit: Deposit, last: Version | None) -> str:
    followed = deposit.kept.based_on
    if last is not None and (followed is None or followed.version_id != last.version_id):
        return f"la version {last.number} a été figée depuis{THIN}: à reprendre sur elle"
    progress, report = deposit.checking.progress, deposit.checking.result
    if report is not None:
        faults = len(report.faults)
        return plural(faults, "erreur", "erreurs") if faults else "sans erreur, à figer"
    if progress.under_way:
        return "contrôle en cours"
    stopped = {CANCELLED: "contrôle arrêté", FAILED: "contrôle non abouti"}
    return stopped.get(progress.state, "contrôlé de nouveau à l’ouverture")

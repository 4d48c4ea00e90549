"""Bring a public file into the cache: resumed, checked, then made the current copy at once."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from coverage.wording import whole
from data.fetch.checks import check
from data.fetch.copies import Copy, home, keep, verified
from data.fetch.transfer import forget, transfer
from data.fetch.web import TransferError
from data.reference.locks import patient_lock
from data.reference.sources import HTTP
from geo.errors import DataUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from data.fetch.transfer import Identity, Progress
    from data.reference.sources import DeclaredSource

    Say = Callable[[str], None]

ADDRESS_VARIABLE = "ZONES_BLANCHES_SOURCE_"
"""Beginning of the environment variable that replaces the address of a source."""

_MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Patience:
    """How long a server is waited for.

    Attributes
    ----------
    tries
        Requests sent at most, for faults that may pass.
    pause_s
        Before the second one, doubled before each next.
    timeout_s
        Longest silence.
    """

    tries: int = 4
    pause_s: float = 2.0
    timeout_s: float = 60.0


PATIENT = Patience()


def variable_of(source: DeclaredSource) -> str:
    """Return the environment variable that replaces the address of a source.

    >>> from data.reference.sources import sources
    >>> variable_of(sources()["demandeurs-emploi"])
    'ZONES_BLANCHES_SOURCE_DEMANDEURS_EMPLOI'
    """
    return ADDRESS_VARIABLE + source.key.upper().replace("-", "_")


def address_of(source: DeclaredSource) -> str:
    """Return where a source is fetched: its environment variable, else the declared address."""
    return os.environ.get(variable_of(source), "").strip() or source.address


def download(
    source: DeclaredSource,
    *,
    say: Say,
    progress: Progress,
    offline: bool = False,
    patience: Patience = PATIENT,
) -> Copy:
    """Return the current copy of a source, brought up to date first.

    A transfer that was stopped is resumed. A copy that the server says unchanged is kept, and so
    is the former copy whenever the new file cannot be had or believed.

    Parameters
    ----------
    say
        Called with each step, in French.
    progress
        Called with the bytes received and those announced (None when they are not).
    offline
        Return the copy held; nothing is asked of the network.

    Raises
    ------
    DataUnavailableError
        When the file cannot be had, is not what was promised, or cannot be written; offline, when
        no sound copy is held.
    """
    if source.kind != HTTP:
        raise DataUnavailableError(f"{source.name} : préparé par le programme, sans téléchargement")
    if offline:
        return _held(source)
    try:
        with patient_lock(home(source).with_name(f"{source.key}.lock"), say):
            return _current(source, say, progress, patience)
    except OSError as error:
        raise DataUnavailableError(
            f"{source.name} : écriture impossible dans « {home(source)} » ({error}) ; vérifiez la "
            "place et les droits, puis relancez"
        ) from error


def _held(source: DeclaredSource) -> Copy:
    copy = verified(source)
    if copy is None:
        raise DataUnavailableError(
            f"{source.name} : aucune copie utilisable en cache, et le réseau n’est pas demandé "
            f"(hors ligne) ; lancez « zones-blanches donnees telecharger {source.key} » en étant "
            "connecté"
        )
    return copy


def _current(source: DeclaredSource, say: Say, progress: Progress, patience: Patience) -> Copy:
    held = verified(source)
    if held is not None and source.sha256 and held.sha256 == source.sha256:
        return held
    home(source).mkdir(parents=True, exist_ok=True)
    part = home(source) / f"{source.file}.partiel"
    try:
        found = _patiently(source, part, held, say, progress, patience)
        if found is not None:
            return _checked(source, part, held, found)
        say(f"{source.name} : la copie en cache est à jour.")
        return _held(source)
    except DataUnavailableError as error:
        raise DataUnavailableError(f"{source.name} : {error}{_still(held)}") from error


def _patiently(
    source: DeclaredSource,
    part: Path,
    held: Copy | None,
    say: Say,
    progress: Progress,
    patience: Patience,
) -> Identity | None:
    """Transfer, again as long as the fault may pass; None when the copy held is current."""
    address = address_of(source)
    transfer_once = partial(
        transfer,
        address,
        part,
        known=held.identity if held is not None and held.address == address else None,
        most_bytes=source.largest_mb * _MEGABYTE,
        timeout_s=patience.timeout_s,
        progress=progress,
    )
    for attempt in range(1, patience.tries):
        try:
            return transfer_once()
        except TransferError as error:
            if not error.passing:
                raise
            say(f"{source.name} : {error} ; essai {attempt + 1} sur {patience.tries}…")
            time.sleep(patience.pause_s * 2 ** (attempt - 1))
    return transfer_once()


def _checked(source: DeclaredSource, part: Path, held: Copy | None, found: Identity) -> Copy:
    """Keep what was received if it is what was promised; else nothing of it stays."""
    try:
        columns = check(part, source, held.columns if held is not None else ())
        return keep(part, source, found, columns)
    finally:
        forget(part)


def _still(held: Copy | None) -> str:
    if held is None:
        return ""
    size = f"{whole(-(-held.size_bytes // 1000))} ko"
    return f" ; la copie du {held.received[:10]} ({size}) est gardée et reste utilisable"

"""Load the reference territory: from the cache, or built once from the pinned sources."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from data.paths import CACHE_VARIABLE, cache_dir, cog_dir
from data.reference.assemble import assemble_borders, assemble_codes, assemble_units
from data.reference.boundaries import SOURCE_KEY as BOUNDARIES
from data.reference.boundaries import fetch_boundaries
from data.reference.code_tables import read_tables
from data.reference.locks import patient_lock
from data.reference.npm_files import COG, install
from data.reference.sources import sources
from data.reference.store import StoreError, Tables, read_store, write_store
from data.reference.vintages import VINTAGE
from geo.errors import DataUnavailableError
from geo.territory import Territory

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Say = Callable[[str], None]

_CODE_VERSION = 2
"""To be raised when the same sources would give other tables, here or in `code_tables`."""


def load_territory(*, on_step: Say | None = None) -> Territory:
    """Return the territory, read from the user's cache or built there first.

    Building needs the network and about twenty seconds; the cache is then read in less than a
    second. A cache that was altered is built again. Two processes never build at once.

    Parameters
    ----------
    on_step
        Called with each step of a build, in French.

    Raises
    ------
    DataUnavailableError
        When a source cannot be fetched or checked, or the cache folder cannot be written.
    """
    folder = cache_dir() / f"territoire-{_key()}"
    stored = _read(folder)
    if stored is None:
        _build_once(folder, on_step or _silent)
        stored = _read(folder)
    if stored is None:
        raise _unusable(folder, "le territoire écrit ne se relit pas")
    return stored


def _read(folder: Path) -> Territory | None:
    """Return the stored territory, None when it is absent or altered."""
    try:
        units, borders, holes, members, names = read_store(folder)
    except (OSError, StoreError):
        return None
    return Territory(
        units=units,
        members=members,
        names=names,
        borders=borders,
        holes=holes,
        vintage=VINTAGE,
        sources=tuple(sources()[key].provenance for key in (COG, BOUNDARIES)),
    )


def _build_once(folder: Path, say: Say) -> None:
    """Build under the lock, unless another process did while this one waited."""
    try:
        with patient_lock(folder.with_name("territoire.lock"), say):
            if _read(folder) is None:
                if folder.exists():
                    say("Le territoire en cache est altéré : il est reconstruit.")
                write_store(_build(say), folder)
                say("Territoire de référence prêt.")
    except OSError as error:
        raise _unusable(folder, str(error)) from error


def _build(say: Say) -> Tables:
    install(COG, say)
    say("Téléchargement des contours des communes (18 Mo)…")
    boundaries = fetch_boundaries()
    cog = read_tables(cog_dir())
    say("Nettoyage des contours (une dizaine de secondes)…")
    units = assemble_units(cog, boundaries)
    say("Calcul des limites communes…")
    borders, holes = assemble_borders(units)
    codes = assemble_codes(units, cog, boundaries)
    return Tables(units=units, borders=borders, holes=holes, codes=codes)


def _key() -> str:
    parts = [sources()[key].sha256 for key in (COG, BOUNDARIES)] + [str(_CODE_VERSION)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _unusable(folder: Path, cause: str) -> DataUnavailableError:
    return DataUnavailableError(
        f"dossier de cache inutilisable : « {folder.parent} » ({cause}) ; rendez-le accessible en "
        f"écriture, ou choisissez-en un autre par la variable {CACHE_VARIABLE}"
    )


def _silent(_message: str) -> None:
    """Say nothing."""

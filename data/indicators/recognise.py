"""Which public file is this? Told by its columns, whatever its name, then read by its reader.

Everything in the `sources` folder of a study comes here: what is not recognised is told, with the
list of what would be.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from coverage.frames import project_frame
from data.indicators import communes, district_tables, districts, job_seekers, siae, zones
from data.indicators.layers import SUFFIXES as LAYER_SUFFIXES
from data.indicators.layers import layer_fields
from data.indicators.public_tables import (
    HEADER_WITHIN,
    Format,
    content_of,
    entry_of,
    first_lines,
    shown_name,
    warning,
)
from data.projects.public import GPE_COLUMNS, read_gpe, read_jop
from data.services import directory, lists
from data.services.frames import service_frame
from geo.errors import Notice

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import pandas as pd

    from coverage.model import InputFile
    from data.study.faults import Findings
    from geo.territory import Territory

    Read = tuple[pd.DataFrame, InputFile | None, Findings]
    Reader = Callable[[Path, Territory], Read]

Kind = Literal["indicateurs", "services_etat", "grands_projets"]


@dataclass(frozen=True)
class Source:
    """What a public file brings to a study.

    Attributes
    ----------
    kind
        What its frame is: `Study.indicators`, `Study.services` or `Study.projects`.
    label
        What the file is, in French.
    frame
        Empty when the file only serves another one, or is refused.
    entry
        For provenance; None when it cannot be read.
    """

    kind: Kind
    label: str
    frame: pd.DataFrame
    entry: InputFile | None
    findings: Findings


@dataclass(frozen=True)
class _Known:
    kind: Kind
    format: Format
    read: Reader


GAMES = Format(
    "les sites de compétition des Jeux de Paris 2024",
    {"code": ("code_site",), "nom": ("nom_site",), "point": ("point_geo",)},
)
STATIONS = "les gares du Grand Paris Express"
FRANCE_SERVICES = "les espaces France services"


def _read_games(path: Path, territory: Territory) -> Read:  # noqa: ARG001 - as every reader
    frame, entry, findings = read_jop(path)
    return (project_frame() if frame is None else frame), entry, findings


def _read_stations(path: Path) -> Read:
    frame, entry, findings = read_gpe(path)
    return (project_frame() if frame is None else frame), entry, findings


_TABLES = (
    _Known("indicateurs", job_seekers.JOB_SEEKERS, job_seekers.read_job_seekers),
    _Known("indicateurs", communes.INCOMES, communes.read_incomes),
    _Known("indicateurs", communes.INCOME_MEASURES, communes.read_income_measures),
    _Known("indicateurs", zones.RATES, zones.read_unemployment),
    _Known("indicateurs", zones.ZONES, zones.read_zones),
    _Known("indicateurs", communes.ZRR, communes.read_zrr),
    _Known("indicateurs", communes.PROGRAMMES, communes.read_programmes),
    _Known("indicateurs", siae.SIAE, siae.read_siae),
    _Known("indicateurs", district_tables.POPULATIONS, district_tables.read_district_populations),
    _Known("indicateurs", district_tables.DISTRICT_LIST, district_tables.read_district_list),
    _Known("services_etat", lists.ESTABLISHMENTS, lists.read_establishments),
    _Known("services_etat", lists.CAMINO, lists.read_camino),
    _Known("grands_projets", GAMES, _read_games),
)
"""Tables in the order in which their columns are tried: the more precise first."""

CONTRACT_STEMS = ("marches", "decp")
"""Beginnings of the names of files of contracts, which stand in the study itself."""

KNOWN_LABELS = tuple(
    sorted({*(each.format.label for each in _TABLES), districts.LABEL, directory.LABEL, STATIONS})
)
"""Every public file that is read, in French."""

_TABLE_SUFFIXES = (".csv", ".xlsx")
_STATION_FIELDS = frozenset(GPE_COLUMNS)
_FRANCE_SERVICES_FIELD = "lib_france_services"


def read_source(path: Path, territory: Territory) -> Source | None:
    """Return what a public file brings, None when its columns are those of no known format."""
    suffix = path.suffix.lower()
    if suffix in _TABLE_SUFFIXES:
        known = _known_table(path)
        return None if known is None else _read(known, path, territory)
    if suffix == ".json":
        content, _ = content_of(path)
        if content is not None and directory.services_of(content) is not None:
            name = shown_name(path)
            frame, entry, findings = directory.read_directory(content, name, territory)
            return Source("services_etat", directory.LABEL, frame, entry, findings)
    return _layer(path, territory) if suffix in LAYER_SUFFIXES else None


def unrecognised(path: Path) -> Notice:
    """Return the warning about a file of no known format."""
    message = "fichier public non reconnu à ses colonnes, ignoré"
    remedy = f"fichiers lus : {' ; '.join(KNOWN_LABELS)}"
    if path.is_dir():
        message, remedy = "dossier inconnu, ignoré", "déposez ses fichiers sans sous-dossier"
    elif path.is_file() and not path.stat().st_size:
        remedy = "il est vide : téléchargez-le de nouveau à sa source"
    elif path.name.lower().startswith(CONTRACT_STEMS):
        remedy = "des marchés ? déposez-les à côté d’etude.toml, hors de « sources »"
    return Notice(shown_name(path), 0, "", message, remedy)


def _read(known: _Known, path: Path, territory: Territory) -> Source:
    frame, entry, findings = known.read(path, territory)
    return Source(known.kind, known.format.label, frame, entry, findings)


def _known_table(path: Path) -> _Known | None:
    content, _ = content_of(path)
    sheets = [] if content is None else first_lines(content, path.suffix.lower())
    return next((each for each in _TABLES if _has(each.format, sheets)), None)


def _has(wanted: Format, sheets: Sequence[Sequence[Sequence[str]]]) -> bool:
    return any(
        wanted.chosen(line) is not None for lines in sheets for line in lines[:HEADER_WITHIN]
    )


def _layer(path: Path, territory: Territory) -> Source | None:
    fields = set(layer_fields(path))
    if districts.CODE in fields:
        frame, entry, findings = districts.read_districts(path, territory)
        return Source("indicateurs", districts.LABEL, frame, entry, findings)
    if fields >= _STATION_FIELDS:
        frame, entry, findings = _read_stations(path)
        return Source("grands_projets", STATIONS, frame, entry, findings)
    if _FRANCE_SERVICES_FIELD in fields:
        return _france_services(path)
    return None


def _france_services(path: Path) -> Source:
    """Return nothing, and say why: these places receive the public, they buy nothing."""
    content, _ = content_of(path)
    findings = warning(
        shown_name(path),
        "",
        "les espaces France services ne sont pas des acheteurs de l’État : fichier non employé",
        "retirez-le, ou déposez l’annuaire de l’administration",
    )
    entry = None if content is None else entry_of(path, 0, content)
    return Source("services_etat", FRANCE_SERVICES, service_frame(), entry, findings)

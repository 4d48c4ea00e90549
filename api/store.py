"""Results folders as the server reads them: known files only, rows of communes by code."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import orjson
import shapely

from geo.errors import DataUnavailableError
from geo.index import LiveIndex
from maps.numbers import study_title

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

MAP = "carte.html"
SUMMARY = "resume.json"
COMMUNES = "communes.csv"
ZONES = "zones.geojson"


@dataclass(frozen=True)
class FileKind:
    """A result file that may be downloaded.

    Attributes
    ----------
    about
        What it holds, in French.
    """

    media_type: str
    about: str


FILES = {
    SUMMARY: FileKind("application/json", "totaux, paramètres, provenance, avertissements"),
    COMMUNES: FileKind("text/csv; charset=utf-8", "une ligne par commune : besoin, taux, statut"),
    ZONES: FileKind("application/geo+json", "zones, contours et motifs"),
    "certificats.json": FileKind("application/json", "preuves d’insuffisance, à recompter"),
    "regions.csv": FileKind("text/csv; charset=utf-8", "une ligne par région"),
    "anomalies.csv": FileKind("text/csv; charset=utf-8", "ce qui n’a pu être placé ni cru"),
    "etude.gpkg": FileKind("application/geopackage+sqlite3", "toutes les couches, pour QGIS"),
    "LISEZMOI.txt": FileKind("text/plain; charset=utf-8", "ce que contient chaque fichier"),
    MAP: FileKind("text/html; charset=utf-8", "carte interactive, s’ouvre sans réseau"),
}
"""The only names that the server ever opens inside a results folder."""


@dataclass(frozen=True)
class Result:
    """One results folder.

    Attributes
    ----------
    number
        From 1, as addresses name it.
    summary
        Content of `resume.json`.
    """

    number: int
    folder: Path
    summary: Mapping[str, Any]

    @property
    def title(self) -> str:
        """Name and year of the study."""
        return study_title(str(self.summary["etude"]), int(self.summary["annee"]))

    @cached_property
    def files(self) -> tuple[str, ...]:
        """Known files that are there, in the order of `FILES`."""
        return tuple(name for name in FILES if (self.folder / name).is_file())

    @cached_property
    def communes(self) -> dict[str, dict[str, str]]:
        """Rows of `communes.csv` by commune code, as written (for a spreadsheet or not)."""
        path = self.folder / COMMUNES
        try:
            text = path.read_text(encoding="utf-8-sig")
            delimiter = ";" if text.startswith("commune;") else ","
            lines = csv.DictReader(text.splitlines(keepends=True), delimiter=delimiter)
            return {row["commune"]: row for row in lines}
        except (OSError, KeyError, UnicodeDecodeError) as error:
            raise _unreadable(path) from error

    def zones_at(self, lon: float, lat: float) -> list[dict[str, Any]]:
        """Return id, status and reason of the zones that hold a point, border included.

        A commune cut by a drawn perimeter lies in several zones: only this tells which.
        """
        records, index = self._zones
        return [records[row] for row in index.covering(lon, lat)]

    @cached_property
    def _zones(self) -> tuple[list[dict[str, Any]], LiveIndex]:
        path = self.folder / ZONES
        try:
            features = orjson.loads(path.read_bytes())["features"]
            kept = ("zone_id", "statut", "motif")
            records = [{name: f["properties"][name] for name in kept} for f in features]
            shapes = [orjson.dumps(f["geometry"]).decode() for f in features]
            drawn = shapely.from_geojson([None if s == "null" else s for s in shapes])
        except (OSError, ValueError, KeyError, TypeError, shapely.GEOSException) as error:
            raise _unreadable(path) from error
        return records, LiveIndex(enumerate(drawn))


def open_results(folders: Iterable[Path]) -> tuple[Result, ...]:
    """Open results folders, numbered from 1 in their order.

    Raises
    ------
    DataUnavailableError
        When a folder holds no readable result.
    """
    return tuple(
        Result(number, folder, _summary(folder)) for number, folder in enumerate(folders, start=1)
    )


def _summary(folder: Path) -> dict[str, Any]:
    path = folder / SUMMARY
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        complete = {"etude", "annee", "totaux"} <= content.keys()
    except (OSError, ValueError, AttributeError) as error:
        raise _unreadable(path) from error
    if not complete:
        raise _unreadable(path)
    return dict(content)


def _unreadable(path: Path) -> DataUnavailableError:
    return DataUnavailableError(
        f"« {path.parent.name} » n’est pas un dossier de résultats lisible ({path.name}) → le "
        "produire par « zones-blanches calculer ÉTUDE -o SORTIE »"
    )

"""Results folders as the server reads them: known files only, rows of communes by code."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from geo.errors import DataUnavailableError
from maps.numbers import study_title

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

MAP = "carte.html"
SUMMARY = "resume.json"
COMMUNES = "communes.csv"


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
    "zones.geojson": FileKind("application/geo+json", "zones, contours et motifs"),
    "certificats.json": FileKind("application/json", "preuves d’insuffisance, à recompter"),
    "regions.csv": FileKind("text/csv; charset=utf-8", "une ligne par région"),
    "anomalies.csv": FileKind("text/csv; charset=utf-8", "ce qui n’a pu être placé ni cru"),
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
        """Rows of `communes.csv` by commune code, as written."""
        path = self.folder / COMMUNES
        try:
            with path.open(encoding="utf-8", newline="") as handle:
                return {row["commune"]: row for row in csv.DictReader(handle)}
        except (OSError, KeyError, UnicodeDecodeError) as error:
            raise _unreadable(path) from error


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

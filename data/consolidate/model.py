"""What consolidating studies is made of: dossiers, lines told, the balance of rows."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from data.study.faults import Findings
from geo.errors import Notice

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    import geopandas as gpd

    from coverage.model import Study
    from coverage.proposals.application import Application
    from data.collect.model import Row
    from data.drawings.files import DrawnTable
    from data.study.folder import StudyFolder

Nature = Literal[
    "renommage",
    "rapprochement",
    "complement",
    "ecart",
    "doublon",
    "cumul",
    "limite",
    "reglage",
    "retrait",
    "recouvrement",
    "avis",
    "inconnu",
    "ecarte",
]
"""What a told line is about; `NATURES` says each in French."""

NATURES: Mapping[Nature, tuple[str, str]] = {
    "renommage": ("identifiant renommé", "identifiants renommés"),
    "rapprochement": ("rapprochement", "rapprochements"),
    "complement": ("fiche complétée", "fiches complétées"),
    "ecart": ("écart sans effet", "écarts sans effet"),
    "doublon": ("doublon", "doublons"),
    "cumul": ("cumul à vérifier", "cumuls à vérifier"),
    "limite": ("portée limitée", "portées limitées"),
    "reglage": ("réglage", "réglages"),
    "retrait": ("retrait", "retraits"),
    "recouvrement": ("recouvrement", "recouvrements"),
    "avis": ("avis à relire", "avis à relire"),
    "inconnu": ("inconnue à ne pas lire comme un zéro", "inconnues à ne pas lire comme des zéros"),
    "ecarte": ("élément non repris", "éléments non repris"),
}
"""Nature → its singular and its plural, in the order of reports."""

_RANKS = {nature: rank for rank, nature in enumerate(NATURES)}


@dataclass(frozen=True)
class Dossier:
    """One study folder, read without fault.

    Attributes
    ----------
    label
        How messages name it: the folder's name, longer where two have the same.
    prefix
        What begins the identifiers of this folder that another one also gives to something else.
    settings
        `etude.toml` as parsed.
    rows
        Table → its rows in canonical texts, with all the columns of the table.
    drawn, projects
        Drawn perimeters; drawn projects (`coverage.frames.PROJECT_COLUMNS`), None without any.
    """

    label: str
    prefix: str
    folder: Path
    files: StudyFolder
    study: Study
    settings: Mapping[str, object]
    rows: Mapping[str, Sequence[Row]]
    applications: Sequence[Application] = ()
    drawn: Sequence[DrawnTable] = ()
    projects: gpd.GeoDataFrame | None = None


@dataclass(frozen=True)
class Told:
    """One line of the report.

    Attributes
    ----------
    table
        The table, or the kind of files, it is about.
    subject
        Identifiers or codes concerned.
    dossiers
        Labels, sorted.
    found, outcome
        What was found, what the consolidation made of it: French sentences.
    """

    nature: Nature
    table: str
    subject: str
    dossiers: tuple[str, ...]
    found: str
    outcome: str

    @property
    def order(self) -> tuple[object, ...]:
        """Where the line stands in reports."""
        return (_RANKS[self.nature], self.table, self.dossiers, self.subject, self.found)


@dataclass(frozen=True)
class Part:
    """What one part of the work gives, besides what it makes."""

    told: tuple[Told, ...] = ()
    findings: Findings = field(default_factory=Findings)

    def __add__(self, other: Part) -> Part:
        return Part(self.told + other.told, self.findings + other.findings)


Outcome = Literal["lues", "gardees", "doublons", "ajoutees"]
"""Of rows: `lues` = `gardees` + `doublons`; `gardees` + `ajoutees` of all dossiers are written."""

Balance = dict[tuple[str, str], Counter[Outcome]]
"""(Table, dossier) → how many rows of each outcome."""


@dataclass(frozen=True)
class Merged:
    """One table of the consolidated study.

    Attributes
    ----------
    rows
        Column → text, sorted by content.
    balance
        Dossier → how many rows of each outcome.
    """

    rows: Sequence[Mapping[str, str]]
    balance: Mapping[str, Counter[Outcome]]
    part: Part = field(default_factory=Part)


def fault(dossier: str, row: Row, column: str, message: str, remedy: str) -> Notice:
    """Return a fault about a row of a dossier."""
    return Notice(f"{dossier}/{row.file}", row.line, column, message, remedy)


def place(dossier: str, row: Row) -> str:
    """Return where a row stands, for sentences."""
    return f"{dossier}/{row.file}, ligne {row.line}"


def sorted_rows(rows: Iterable[Mapping[str, str]]) -> list[dict[str, str]]:
    """Return rows in the order of their cells, column by column."""
    return sorted(map(dict, rows), key=lambda cells: tuple(cells.values()))

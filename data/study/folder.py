"""What a study folder holds: the files to read, those unknown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from data.study.faults import Findings, gather, proposal, quoted
from data.study.settings_file import SETTINGS_FILE
from data.study.sources_tables import EVERY_TABLE, MARCHES, PROJETS, SERVICES
from data.study.tables import BESOINS, TABLES
from data.workbooks.archive import FOREIGN
from geo.errors import Notice

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from data.study.tables import Table

README_FILE = "LISEZMOI.txt"
"""Instructions laid in a new study; not read."""

WORKBOOK = "etude.xlsx"
"""The workbook that may hold every table, a sheet each."""

PERIMETRES = "perimetres"
"""Table that drawn files may stand for."""

PUBLIC_FOLDER = "sources"
"""Folder of a study that holds public files as they were published."""

_WORKBOOK_STEM = WORKBOOK.partition(".")[0]
_DRAWN = ("geojson", "json", "gpkg", "shp", "zip")
_DRAWN_ELSEWHERE = ("kml", "kmz", "tab", "mif", "dxf", "dwg", "gpx")
_DRAWN_NAMES = {PERIMETRES: "périmètres", PROJETS.name: "grands projets"}
SHAPEFILE_PARTS = ("shx", "dbf", "prj", "cpg", "qix", "qpj", "sbn", "sbx", "qmd", "shp.xml")
"""Extensions of what goes with a shapefile."""

_CONTRACT_STEMS = (MARCHES.name, "decp")
_CONTRACT_FILES = ("json", "parquet")
_OFFICIAL_COLUMN = b"lieuExecution"
_HEADER_BYTES = 1 << 16
_APPLICATIONS = "candidatures"
"""Folder of applications to the call, read by `data.applications`."""

_SCENARIOS = "scenarios"
"""Folder of scenarios, read by `data.scenarios`."""

_OF_CONSOLIDATION = ("consolidation.csv", "consolidation.json")
"""What `consolider` says of a folder that it made, written by `data.consolidate`."""

_HIDDEN = (".", "~$")
_HIDDEN_NAMES = ("thumbs.db", "desktop.ini", "__macosx")


@dataclass(frozen=True)
class StudyFolder:
    """Files to read.

    Attributes
    ----------
    settings
        `etude.toml`, None when it is absent.
    tables, workbooks
        Table name → its CSV file, its own workbook; those present only.
    workbook
        `etude.xlsx`, None when it is absent.
    drawn
        Files of drawn perimeters, by name.
    contracts
        Files of the official record of contracts (JSON, Parquet, or `decp….csv`), by name.
    projects
        Files of drawn projects, by name.
    directories
        Files of the official directory of services (`services_etat….json`), by name.
    public
        Files of the folder `sources`, told by what they hold, by name.
    unread
        Names of the tables that a refused file may hold: nobody is asked to add them.
    """

    settings: Path | None
    tables: Mapping[str, Path]
    workbooks: Mapping[str, Path]
    workbook: Path | None
    drawn: tuple[Path, ...]
    contracts: tuple[Path, ...] = ()
    projects: tuple[Path, ...] = ()
    directories: tuple[Path, ...] = ()
    public: tuple[Path, ...] = ()
    unread: frozenset[str] = frozenset()

    @property
    def brings_needs(self) -> bool:
        """Whether hours may come from elsewhere than `besoins`."""
        return bool(self.contracts or self.projects or MARCHES.name in self.tables)


def list_folder(folder: Path) -> tuple[StudyFolder, Findings]:
    """Return what there is to read, and what is unknown.

    Raises
    ------
    OSError
        When the folder cannot be listed.
    """
    entries = sorted(entry for entry in folder.iterdir() if not _hidden(entry.name))
    by_name: dict[str, Path] = {}
    faults = []
    for entry in entries:
        twin = by_name.setdefault(entry.name.lower(), entry)
        if twin is not entry:
            message = f"deux fichiers de même nom, à la casse près : {quoted(twin.name)}"
            faults.append(Notice(entry.name, 0, "", message, "n’en gardez qu’un"))
    contracts = {name: entry for name, entry in by_name.items() if _is_contracts(name)}
    if _is_official(by_name.get(MARCHES.file)):
        # A planner may name so the official table, which has columns of its own.
        contracts[MARCHES.file] = by_name[MARCHES.file]
    files = StudyFolder(
        settings=by_name.get(SETTINGS_FILE),
        tables={
            table.name: by_name[table.file]
            for table in EVERY_TABLE
            if table.file in by_name and table.file not in contracts
        },
        workbooks={
            table.name: by_name[_own_workbook(table)]
            for table in EVERY_TABLE
            if _own_workbook(table) in by_name
        },
        workbook=by_name.get(WORKBOOK),
        drawn=tuple(entry for name, entry in by_name.items() if _is_drawn(name)),
        contracts=tuple(contracts[name] for name in sorted(contracts)),
        projects=tuple(entry for name, entry in by_name.items() if _is_drawn(name, PROJETS.name)),
        directories=tuple(entry for name, entry in by_name.items() if _is_directory(name)),
        public=_public(by_name.get(PUBLIC_FOLDER)),
        unread=_in_refused(by_name),
    )
    findings = (
        Findings(tuple(faults))
        + _no_settings(files)
        + gather(_unread(entry, by_name) for entry in by_name.values())
    )
    return files, findings


def missing_tables(files: StudyFolder, given: Collection[str]) -> Findings:
    """Report the tables that no file of the folder holds.

    Parameters
    ----------
    given
        Names of the tables found, whatever their faults.
    """
    faults, warnings = [], []
    for table in TABLES:
        drawn = table.name == PERIMETRES and files.drawn
        if table.name in given or table.name in files.unread or drawn:
            continue
        if table.name == BESOINS.name and files.brings_needs:
            continue
        if table.required:
            faults.append(_missing(table, files))
        else:
            warnings.append(Notice(table.file, 0, "", *WITHOUT[table.name]))
    return Findings(tuple(faults), tuple(warnings))


WITHOUT = {
    "besoins": (
        "aucun besoin déclaré : tous les besoins sont inconnus, ce qui n’est pas zéro",
        "remplissez besoins.csv pour que la suffisance des postes soit mesurée",
    ),
    "exhaustivite": (
        "aucune source déclarée complète : un besoin sans ligne est inconnu, jamais nul",
        "remplissez exhaustivite.csv là où une source est complète",
    ),
}
"""Optional table → what its absence means and what to do."""


def _missing(table: Table, files: StudyFolder) -> Notice:
    if files.workbook is None:
        remedy = f"ajoutez {table.file} : {table.rows_are} par ligne"
        return Notice(table.file, 0, "", "fichier obligatoire absent", remedy)
    message = f"feuille obligatoire {quoted(table.name)} absente"
    remedy = f"ajoutez-la au classeur, ou ajoutez {table.file} : {table.rows_are} par ligne"
    return Notice(files.workbook.name, 0, "", message, remedy)


def _hidden(name: str) -> bool:
    return name.startswith(_HIDDEN) or name.lower() in _HIDDEN_NAMES


def _no_settings(files: StudyFolder) -> Findings:
    if files.settings is not None:
        return Findings()
    remedy = "la commande « nouvelle-etude » en écrit un modèle"
    return Findings((Notice(SETTINGS_FILE, 0, "", "fichier obligatoire absent", remedy),))


def _own_workbook(table: Table) -> str:
    return f"{table.name}.xlsx"


def _in_refused(by_name: Collection[str]) -> frozenset[str]:
    """Return the tables that workbooks of another kind, or other drawings, may hold."""
    known = {table.name for table in TABLES}
    found: set[str] = set()
    for name in by_name:
        stem, _, extension = name.partition(".")
        if extension in FOREIGN:
            found |= known if stem == _WORKBOOK_STEM else known & {stem}
        elif stem == PERIMETRES and extension in (*_DRAWN_ELSEWHERE, *SHAPEFILE_PARTS):
            found.add(PERIMETRES)
    return frozenset(found)


def _is_drawn(name: str, table: str = PERIMETRES) -> bool:
    stem, _, extensions = name.partition(".")
    return stem == table and extensions.rpartition(".")[2] in _DRAWN


def _is_contracts(name: str) -> bool:
    """Tell a file of the official record: `marches-2023.json`, `decp.parquet`, `decp.csv`."""
    extension = name.rpartition(".")[2]
    official = extension in _CONTRACT_FILES or (extension == "csv" and name.startswith("decp"))
    return name.startswith(_CONTRACT_STEMS) and official


def _is_official(path: Path | None) -> bool:
    """Tell a table of contracts with the columns of the official record."""
    if path is None:
        return False
    try:
        with path.open("rb") as file:
            return is_official(file.read(_HEADER_BYTES))
    except OSError:
        return False


def is_official(content: bytes) -> bool:
    """Tell the content of a table of contracts whose header is that of the official record."""
    return _OFFICIAL_COLUMN in content[:_HEADER_BYTES].split(b"\n", 1)[0]


def _is_source(name: str) -> bool:
    drawn = _is_drawn(name) or _is_drawn(name, PROJETS.name)
    return drawn or _is_contracts(name) or _is_directory(name)


def _is_directory(name: str) -> bool:
    return name.startswith(SERVICES.name) and name.endswith(".json")


def _public(folder: Path | None) -> tuple[Path, ...]:
    if folder is None or not folder.is_dir():
        return ()
    return tuple(sorted(entry for entry in folder.iterdir() if not _hidden(entry.name)))


def _unread(entry: Path, by_name: Mapping[str, Path]) -> Findings:
    """Report one file that is not read, unless another finding speaks of it."""
    name = entry.name.lower()
    stem, _, extension = name.partition(".")
    read = {SETTINGS_FILE, README_FILE.lower(), WORKBOOK, *_OF_CONSOLIDATION}
    read |= {table.file for table in EVERY_TABLE}
    read |= {_own_workbook(table) for table in EVERY_TABLE}
    read |= {PUBLIC_FOLDER, _APPLICATIONS, _SCENARIOS} if entry.is_dir() else set()
    if name in read or _is_source(name):
        return Findings()
    if extension in FOREIGN and stem in {_WORKBOOK_STEM, *(table.name for table in EVERY_TABLE)}:
        refusal = FOREIGN[extension]
        return Findings((Notice(entry.name, 0, "", refusal.message, refusal.remedy),))
    if stem in _DRAWN_NAMES and extension in SHAPEFILE_PARTS:
        return _shapefile_part(entry, by_name)
    if stem in _DRAWN_NAMES and extension in _DRAWN_ELSEWHERE:
        message = f"{_DRAWN_NAMES[stem]} dessinés en .{extension}, non lus"
        remedy = "dans QGIS : Exporter, Sauvegarder les entités sous, format GeoPackage"
        return Findings((Notice(entry.name, 0, "", message, remedy),))
    known = [table.file for table in EVERY_TABLE if table.file not in by_name]
    remedy = proposal(name, known) or "retirez-le du dossier s’il ne sert pas à l’étude"
    if name.startswith(_CONTRACT_STEMS) and not entry.is_dir():
        remedy = _CONTRACTS_ARE
    kind = "dossier" if entry.is_dir() else "fichier"
    return Findings((), (Notice(entry.name, 0, "", f"{kind} inconnu, ignoré", remedy),))


_CONTRACTS_ARE = (
    "nommez-le « marches.csv » s’il suit le modèle du programme ; les données essentielles "
    "officielles se déposent en « marches….json », « marches….parquet » ou « decp….csv »"
)


def _shapefile_part(entry: Path, by_name: Collection[str]) -> Findings:
    whole = f"{entry.name.lower().partition('.')[0]}.shp"
    if whole in by_name:
        return Findings()
    message = f"morceau de shapefile sans {whole}"
    remedy = f"ajoutez {whole}, ou retirez ce fichier s’il ne sert plus"
    return Findings((Notice(entry.name, 0, "", message, remedy),))

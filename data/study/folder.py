"""What a study folder holds: the files to read, those not read yet, those unknown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from data.study.faults import Findings, gather, proposal, quoted
from data.study.settings_file import SETTINGS_FILE
from data.study.tables import TABLES
from geo.errors import Notice

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

README_FILE = "LISEZMOI.txt"
"""Instructions laid in a new study; not read."""

WORKBOOK = "etude.xlsx"
_DRAWN = ("geojson", "json", "gpkg", "shp", "zip", "kml")
_SHAPEFILE_PARTS = ("shx", "dbf", "prj", "cpg", "qix", "sbn", "sbx", "qmd")
_NOT_YET = ("marches", "services_etat", "grands_projets", "financements", "avis", "candidatures")
_EXPORT = "s’il est plus récent, enregistrez chaque feuille en CSV UTF-8"
_HIDDEN = (".", "~$")
_HIDDEN_NAMES = ("thumbs.db", "desktop.ini", "__macosx")


@dataclass(frozen=True)
class StudyFolder:
    """Files to read.

    Attributes
    ----------
    settings
        `etude.toml`, None when it is absent.
    tables
        Table name → its CSV file, those present only.
    """

    settings: Path | None
    tables: Mapping[str, Path]


def list_folder(folder: Path) -> tuple[StudyFolder, Findings]:
    """Return what there is to read, and what is missing, unknown or not read yet.

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
    tables = {table.name: by_name[table.file] for table in TABLES if table.file in by_name}
    findings = (
        Findings(tuple(faults))
        + _missing(by_name)
        + gather(_unread(entry, by_name) for entry in by_name.values())
        + _not_yet(by_name)
    )
    return StudyFolder(by_name.get(SETTINGS_FILE), tables), findings


def _hidden(name: str) -> bool:
    return name.startswith(_HIDDEN) or name.lower() in _HIDDEN_NAMES


def _missing(by_name: Mapping[str, Path]) -> Findings:
    faults, warnings = [], []
    if SETTINGS_FILE not in by_name:
        remedy = "la commande « nouvelle-etude » en écrit un modèle"
        faults.append(Notice(SETTINGS_FILE, 0, "", "fichier obligatoire absent", remedy))
    for table in TABLES:
        elsewhere = {f"{table.name}.xlsx", WORKBOOK} & by_name.keys()
        drawn = table.name == "perimetres" and any(map(_is_drawn, by_name))
        if table.file in by_name or (table.required and (elsewhere or drawn)):
            continue
        if table.required:
            remedy = f"ajoutez {table.file} : {table.rows_are} par ligne"
            faults.append(Notice(table.file, 0, "", "fichier obligatoire absent", remedy))
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


def _is_drawn(name: str) -> bool:
    stem, _, extensions = name.partition(".")
    return stem == "perimetres" and extensions.rpartition(".")[2] in _DRAWN


def _unread(entry: Path, by_name: Mapping[str, Path]) -> Findings:
    """Report one file that is not read, unless another finding speaks of it."""
    name = entry.name.lower()
    stem, _, extension = name.partition(".")
    read = {SETTINGS_FILE, README_FILE.lower(), *(table.file for table in TABLES)}
    beside = stem == "perimetres" and extension in _SHAPEFILE_PARTS
    if name in read or stem in _NOT_YET or beside:
        return Findings()
    if _is_drawn(name):
        message = "périmètres dessinés : cette version ne les lit pas encore"
        remedy = "décrivez-les par codes dans perimetres.csv et retirez ce fichier du dossier"
        return Findings((Notice(entry.name, 0, "", message, remedy),))
    if extension == "xlsx" and (name == WORKBOOK or f"{stem}.csv" in read):
        return _workbook(entry, by_name)
    known = [table.file for table in TABLES if table.file not in by_name]
    remedy = proposal(name, known) or "retirez-le du dossier s’il ne sert pas à l’étude"
    kind = "dossier" if entry.is_dir() else "fichier"
    return Findings((), (Notice(entry.name, 0, "", f"{kind} inconnu, ignoré", remedy),))


def _workbook(entry: Path, by_name: Mapping[str, Path]) -> Findings:
    """Refuse a workbook that may be the only one to hold a table, warn of the others."""
    whole = entry.name.lower() == WORKBOOK
    needed = [table.file for table in TABLES if table.required] if whole else [f"{entry.stem}.csv"]
    missing = [file for file in needed if file.lower() not in by_name]
    message = "classeur : cette version ne le lit pas encore"
    if missing:
        remedy = f"enregistrez chaque feuille en CSV UTF-8 : {', '.join(missing)}"
        return Findings((Notice(entry.name, 0, "", message, remedy),))
    message += " ; seuls les CSV comptent"
    return Findings((), (Notice(entry.name, 0, "", message, _EXPORT),))


def _not_yet(by_name: Mapping[str, Path]) -> Findings:
    """Warn once of each table that a later version will read."""
    warnings = []
    for table in _NOT_YET:
        files = [entry.name for name, entry in by_name.items() if name.partition(".")[0] == table]
        if files:
            message = f"« {table} » n’est pas encore pris en compte par cette version"
            remedy = "gardez-le ; les résultats sont calculés sans lui"
            warnings.append(Notice(files[0], 0, "", message, remedy))
    return Findings((), tuple(warnings))

"""A study folder to a `Study`: every fault of every file at once, or none."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from coverage.model import InputFile, Study
from data.study.canonical import canonical_frame
from data.study.checks import (
    check_labels,
    check_periods,
    check_references,
    check_structures,
    check_unique,
)
from data.study.csv_files import read_csv
from data.study.faults import Findings, gather
from data.study.filed_codes import place_codes
from data.study.folder import WITHOUT, list_folder
from data.study.need_checks import check_exhaustivity, check_needs
from data.study.settings_file import SETTINGS_FILE, Settings, read_settings
from data.study.table_reader import TypedTable, read_table
from data.study.tables import BESOINS, EXHAUSTIVITE, PERIMETRES, POSTES, STRUCTURES, TABLES
from geo.errors import InputErrors, Notice

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from data.study.folder import StudyFolder
    from data.study.tables import Table
    from geo.territory import Territory

_NOT_KEPT = ("deja_porteuse_facilitateur", "deja_porteuse_coordinateur")


@dataclass(frozen=True)
class _Contents:
    """What was read, whatever its faults."""

    settings: Settings
    tables: Mapping[str, TypedTable]
    inputs: tuple[InputFile, ...]


def read_study(folder: Path, territory: Territory) -> Study:
    """Return the study that a folder holds.

    Tables are sorted by content, so that the order of rows in files changes nothing but `row`.

    Parameters
    ----------
    territory
        Against which codes are checked.

    Raises
    ------
    InputErrors
        With all the faults and warnings of all files, when there is at least one fault.
    """
    try:
        files, findings = list_folder(folder)
    except OSError as error:
        raise InputErrors([_folder_notice(folder)]) from error
    contents, in_files = _read_files(files, territory)
    tables, in_codes = _place(contents.tables, territory)
    findings += in_files + in_codes + _cross_checks(tables, territory, contents.settings.year)
    if findings.faults:
        raise InputErrors(findings.faults, findings.warnings)
    return _study(contents, tables, tuple(sorted(set(findings.warnings))))


def _folder_notice(folder: Path) -> Notice:
    name = folder.name or str(folder)
    if not folder.exists():
        message = f"dossier « {name} » introuvable"
    elif not folder.is_dir():
        message = f"« {name} » n’est pas un dossier"
    else:
        message = f"dossier « {name} » illisible"
    remedy = "vérifiez le chemin ; la commande « nouvelle-etude » crée un dossier d’étude"
    return Notice("", 0, "", message, remedy)


def _read_files(files: StudyFolder, territory: Territory) -> tuple[_Contents, Findings]:
    settings, findings, inputs = Settings(), Findings(), []
    if files.settings is not None:
        content, found = _bytes(files.settings)
        findings += found
        if content is not None:
            settings, found = read_settings(content, territory)
            findings += found
            inputs.append(InputFile(SETTINGS_FILE, 0, sha256(content).hexdigest()))
    tables = {}
    for table in TABLES:
        if table.name not in files.tables:
            continue
        path = files.tables[table.name]
        content, found = _bytes(path)
        findings += found
        if content is None:
            continue
        typed, found = _read_csv_table(content, path.name, table)
        findings += found
        if typed is not None:
            tables[table.name] = typed
            inputs.append(InputFile(path.name, len(typed.frame), sha256(content).hexdigest()))
    return _Contents(settings, tables, tuple(inputs)), findings


def _bytes(path: Path) -> tuple[bytes | None, Findings]:
    try:
        return path.read_bytes(), Findings()
    except OSError:
        remedy = "fermez-le dans le tableur, vérifiez que c’est un fichier et vos droits de lecture"
        return None, Findings((Notice(path.name, 0, "", "fichier illisible", remedy),))


def _read_csv_table(content: bytes, file: str, table: Table) -> tuple[TypedTable | None, Findings]:
    text, findings = read_csv(content, file)
    if text is None:
        return None, findings
    typed, found = read_table(text, table)
    findings += found
    if typed is None or len(typed.frame) or found.faults:
        return typed, findings
    return typed, findings + _no_row(file, table)


def _no_row(file: str, table: Table) -> Findings:
    if not table.required:
        return Findings((), (Notice(file, 0, "", *WITHOUT[table.name]),))
    message = f"auc{table.rows_are} : le fichier n’a que ses en-têtes"  # auc + une structure
    remedy = f"écrivez {table.rows_are} par ligne, sous les en-têtes"
    return Findings((Notice(file, 0, "", message, remedy),))


def _place(
    tables: Mapping[str, TypedTable], territory: Territory
) -> tuple[dict[str, TypedTable], Findings]:
    """Return the tables with their territorial codes checked and repaired."""
    placed = dict(tables)
    findings = Findings()
    for name, column, niveau in (
        (PERIMETRES.name, "code", ""),
        (BESOINS.name, "commune", "commune"),
        (EXHAUSTIVITE.name, "region", "region"),
        (EXHAUSTIVITE.name, "departement", "departement"),
    ):
        if name in placed:
            placed[name], found = place_codes(placed[name], column, territory, niveau)
            findings += found
    return placed, findings


def _cross_checks(tables: Mapping[str, TypedTable], territory: Territory, year: int) -> Findings:
    structures, posts = tables.get(STRUCTURES.name), tables.get(POSTES.name)
    needs, exhaustive = tables.get(BESOINS.name), tables.get(EXHAUSTIVITE.name)
    found = []
    if structures is not None:
        found += [check_unique(structures, "structure_id"), check_structures(structures)]
        found += [
            check_references(tables[name], structures)
            for name in (POSTES.name, PERIMETRES.name)
            if name in tables
        ]
    if posts is not None:
        found += [check_unique(posts, "poste_id"), check_periods(posts)]
        found.append(check_labels(posts, "financement"))
    if needs is not None:
        found += [check_needs(needs, territory, year), check_labels(needs, "programme")]
    if exhaustive is not None:
        found.append(check_exhaustivity(exhaustive, needs, territory))
    return gather(found)


def _study(
    contents: _Contents, tables: Mapping[str, TypedTable], warnings: tuple[Notice, ...]
) -> Study:
    settings = contents.settings
    frames = {table.name: canonical_frame(tables.get(table.name), table) for table in TABLES}
    needs = frames[BESOINS.name]
    return Study(
        name=settings.name,
        year=settings.year,
        regions=settings.regions,
        parameters=settings.parameters,
        structures=frames[STRUCTURES.name].drop(columns=list(_NOT_KEPT)).set_index("structure_id"),
        posts=frames[POSTES.name],
        perimeters=frames[PERIMETRES.name],
        needs=needs.assign(annee=needs["annee"].fillna(0).astype("int64")),
        exhaustiveness=frames[EXHAUSTIVITE.name],
        call=settings.call,
        fictional=settings.fictional,
        inputs=contents.inputs,
        warnings=warnings,
    )

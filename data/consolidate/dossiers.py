"""Study folders read whole, each as a study first: the faults of all of them at once."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from codecs import BOM_UTF8
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from coverage.proposals.rules import with_rules
from data.applications.read import FOLDER, read_applications
from data.calls.read import read_call
from data.collect.files import study_rows
from data.consolidate.model import Dossier
from data.drawings.files import read_drawn
from data.projects.files import read_projects
from data.projects.frames import join_projects
from data.study.csv_files import read_csv
from data.study.faults import Findings
from data.study.folder import list_folder
from data.study.place_names import PlaceNames
from data.study.reader import read_study
from data.study.sources_tables import EVERY_TABLE
from data.study.study_checks import place_tables
from data.study.table_reader import read_table
from data.workbooks.reader import read_workbook
from geo.errors import InputErrors, Notice

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import geopandas as gpd

    from coverage.model import Study
    from coverage.proposals.application import Application
    from data.collect.model import Row
    from data.study.folder import StudyFolder
    from data.study.table_reader import TypedTable
    from data.study.tables import Table
    from data.study.text_tables import TextTable
    from geo.territory import Territory

_BY_NAME = {table.name: table for table in EVERY_TABLE}


def read_dossiers(labels: Mapping[str, Path], territory: Territory) -> list[Dossier]:
    """Return the studies of folders, in an order that does not depend on theirs.

    Parameters
    ----------
    labels
        How messages name each folder → the folder.

    Raises
    ------
    InputErrors
        With all the faults and warnings of all folders, their names before the files'.
    """
    read: list[Dossier] = []
    findings = Findings()
    for label, folder in labels.items():
        try:
            study, applications = read_whole(folder, territory)
        except InputErrors as errors:
            found = Findings(errors.faults, errors.warnings)
            findings += Findings(*(_within(label, each) for each in (found.faults, found.warnings)))
            continue
        read.append(_dossier(label, folder, study, applications, territory))
    if findings.faults:
        raise InputErrors(findings.faults, findings.warnings)
    read.sort(key=lambda each: (each.study.regions, each.label))
    return _prefixed(read)


def read_whole(folder: Path, territory: Territory) -> tuple[Study, tuple[Application, ...]]:
    """Return a study and its applications, the warnings of these among the study's.

    Raises
    ------
    InputErrors
        With all the faults of both; those of applications only when the study has none.
    """
    study = read_study(folder, territory)
    call = with_rules(read_call(), study.call)
    applications, _, found = read_applications(folder / FOLDER, study, territory, call)
    if found.faults:
        raise InputErrors(found.faults, (*study.warnings, *found.warnings))
    return replace(study, warnings=(*study.warnings, *found.warnings)), applications


def read_rows(files: StudyFolder, territory: Territory) -> dict[str, list[Row]]:
    """Return the rows of every table of a study that was read without fault."""
    texts: dict[str, TextTable] = {}
    for path, only in _sources(files):
        for name, text in _texts(path, only).items():
            # Of several that a folder holds, one at most gives rows: the reader saw to it.
            if name not in texts or len(text.cells):
                texts[name] = text
    typed: dict[str, TypedTable] = {}
    for name, text in texts.items():
        table, _ = read_table(text, _BY_NAME[name])
        if table is not None:
            typed[name] = table
    placed, _ = place_tables(typed, PlaceNames(territory))
    return {name: study_rows(texts[name], table) for name, table in placed.items()}


def labelled(folders: Sequence[Path]) -> dict[str, Path]:
    """Return each folder once, by its name; by as many parents as tell it from the others."""
    unique = sorted({folder.resolve() for folder in folders})
    names = {folder: unicodedata.normalize("NFC", folder.name) for folder in unique}
    depth = 1
    while len(set(names.values())) < len(unique):
        depth += 1
        twins = {name for name, times in Counter(names.values()).items() if times > 1}
        for folder in unique:
            if names[folder] in twins:
                parts = "/".join(folder.parts[-depth:])
                names[folder] = unicodedata.normalize("NFC", parts)
    return {names[folder]: folder for folder in unique}


def slug(text: str) -> str:
    """Return a text as identifiers and names of files carry it.

    >>> slug("Île-de-France 2023")
    'ile-de-france-2023'
    """
    plain = unicodedata.normalize("NFD", text.casefold())
    kept = "".join(char for char in plain if not unicodedata.combining(char))
    return re.sub("[^a-z0-9_]+", "-", kept).strip("-") or "dossier"


def _within(label: str, notices: Sequence[Notice]) -> tuple[Notice, ...]:
    return tuple(
        replace(notice, file=f"{label}/{notice.file}" if notice.file else label)
        for notice in notices
    )


def _dossier(
    label: str,
    folder: Path,
    study: Study,
    applications: tuple[Application, ...],
    territory: Territory,
) -> Dossier:
    files, _ = list_folder(folder)
    drawn = [table for path in files.drawn if (table := read_drawn(path)[0]) is not None]
    return Dossier(
        label=label,
        prefix="",
        folder=folder,
        files=files,
        study=study,
        settings=_settings(files),
        rows=read_rows(files, territory),
        applications=applications,
        drawn=tuple(drawn),
        projects=_projects(files),
    )


def _settings(files: StudyFolder) -> Mapping[str, object]:
    content = b"" if files.settings is None else files.settings.read_bytes()
    text = content.removeprefix(BOM_UTF8).decode()
    return tomllib.loads(text, parse_float=Decimal)


def _projects(files: StudyFolder) -> gpd.GeoDataFrame | None:
    frames = [frame for path in files.projects if (frame := read_projects(path)[0]) is not None]
    return join_projects(frames)[0] if frames else None


def _sources(files: StudyFolder) -> list[tuple[Path, Table | None]]:
    sources: list[tuple[Path, Table | None]] = []
    for by_name in (files.tables, files.workbooks):
        sources += [(path, _BY_NAME[name]) for name, path in by_name.items()]
    return sources + ([] if files.workbook is None else [(files.workbook, None)])


def _texts(path: Path, only: Table | None) -> dict[str, TextTable]:
    content = path.read_bytes()
    if only is not None and path.suffix.lower() == ".csv":
        text, _ = read_csv(content, path.name, only)
        return {} if text is None else {only.name: text}
    texts, _ = read_workbook(content, path.name, only, tables=EVERY_TABLE)
    return {name: text for name, text in (texts or {}).items() if text is not None}


def _prefixed(read: Sequence[Dossier]) -> list[Dossier]:
    """Return dossiers with prefixes of their own: their région's code, else their name."""
    alone = Counter(each.study.regions for each in read)
    prefixes: list[str] = []
    for each in read:
        regions = each.study.regions
        single = len(regions) == 1 and alone[regions] == 1
        wanted = regions[0] if single else slug(each.label)
        number = 2
        prefix = wanted
        while prefix in prefixes:
            prefix, number = f"{wanted}-{number}", number + 1
        prefixes.append(prefix)
    return [replace(each, prefix=prefix) for each, prefix in zip(read, prefixes, strict=True)]

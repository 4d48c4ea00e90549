"""What a study folder says of needs beyond `besoins`: contracts, projects, services, indicators.

Each source has its reader; here they are called on the files found, and joined.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from coverage.frames import BUYER_COLUMNS, INDICATOR_COLUMNS, TOTAL_COLUMNS
from data.contracts.joined import join_contracts
from data.contracts.official import read_contracts
from data.contracts.plain import contracts_of_table
from data.indicators.recognise import KNOWN_LABELS, read_source, unrecognised
from data.projects.files import read_projects
from data.projects.frames import join_projects
from data.projects.reference import reference_projects
from data.projects.table import projects_of_table
from data.services.directory import read_directory
from data.services.table import services_of_table
from data.study.canonical import canonical_frame
from data.study.checks import check_unique
from data.study.faults import Findings, count, quoted
from data.study.filed_tables import file_bytes
from data.study.sources_tables import ACHETEURS, INDICATEURS, MARCHES, PROJETS, SERVICES, TOTAUX
from geo.errors import Notice

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import geopandas as gpd
    import polars as pl

    from coverage.model import InputFile
    from data.study.folder import StudyFolder
    from data.study.table_reader import TypedTable
    from data.study.tables import Table
    from geo.territory import Territory


@dataclass
class _Read:
    """What the files of sources gave so far, in the order of their names."""

    contracts: list[pl.DataFrame] = field(default_factory=list)
    aside: list[pl.DataFrame] = field(default_factory=list)
    projects: list[gpd.GeoDataFrame] = field(default_factory=list)
    services: list[pd.DataFrame] = field(default_factory=list)
    indicators: list[pd.DataFrame] = field(default_factory=list)
    inputs: list[InputFile] = field(default_factory=list)
    findings: Findings = field(default_factory=Findings)


def read_sources(
    files: StudyFolder,
    tables: Mapping[str, TypedTable],
    territory: Territory,
    *,
    reference_projects_asked: bool,
) -> tuple[dict[str, Any], list[InputFile], Findings]:
    """Return the fields of `coverage.model.Study` that sources fill, by name.

    Parameters
    ----------
    tables
        The tables of the study, their codes checked.
    reference_projects_asked
        Whether the large projects that the program carries stand for those of the study.
    """
    # Headers without rows say nothing: no service filed is not « no service ».
    tables = {name: typed for name, typed in tables.items() if len(typed.frame)}
    read = _Read()
    buyers = _buyers(tables.get(ACHETEURS.name), read)
    _contracts(files, tables.get(MARCHES.name), territory, buyers, read)
    _projects(files, tables.get(PROJETS.name), territory, read)
    _services(files, tables.get(SERVICES.name), territory, read)
    unknown = [path for path in files.public if not _public(path, territory, read)]
    read.findings += Findings((), _unrecognised(unknown))
    if reference_projects_asked:
        _reference(territory, read)
    projects, found = join_projects(read.projects)
    read.findings += found
    services = _services_frame(read)
    indicators = [_table(tables.get(INDICATEURS.name), INDICATEURS, INDICATOR_COLUMNS)]
    contracts, aside, found = join_contracts(read.contracts, read.aside)
    read.findings += found
    return (
        {
            "contracts": contracts,
            "contracts_aside": aside,
            "projects": projects if read.projects else None,
            "services": services,
            "indicators": _joined_indicators([*indicators, *read.indicators]),
            "regional_totals": _totals(tables.get(TOTAUX.name)),
            "buyers": buyers,
        },
        read.inputs,
        read.findings,
    )


def _table(typed: TypedTable | None, table: Table, columns: Sequence[str]) -> pd.DataFrame:
    return canonical_frame(typed, table)[list(columns)]


def _totals(typed: TypedTable | None) -> pd.DataFrame:
    frame = _table(typed, TOTAUX, TOTAL_COLUMNS)
    return frame.assign(annee=frame["annee"].fillna(0).astype("int64"))


def _joined_indicators(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    filled = [frame for frame in frames if len(frame)] or list(frames[:1])
    joined = pd.concat(filled, ignore_index=True)[list(INDICATOR_COLUMNS)]
    return joined.sort_values(list(INDICATOR_COLUMNS), ignore_index=True)


def _buyers(typed: TypedTable | None, read: _Read) -> pd.DataFrame:
    frame = _table(typed, ACHETEURS, BUYER_COLUMNS)
    if typed is not None:
        read.findings += check_unique(typed, "siren")
        for column, (shape, message, remedy) in _SHAPES.items():
            read.findings += _misshapen(typed, column, shape, message, remedy)
    return frame


_SHAPES = {
    "siren": (
        re.compile("[0-9]{9}"),
        "SIREN {} ; attendu : 9 chiffres",
        "écrivez les 9 chiffres du SIREN, sans espace, en texte",
    ),
    "categorie_juridique": (
        re.compile("[0-9]{4}"),
        "catégorie {} ; attendu : 4 chiffres",
        "prenez la catégorie juridique de l’Insee, par exemple 7210 pour une commune",
    ),
}
"""Column of buyers → the shape of its texts, what to say of another, the remedy."""


def _misshapen(
    typed: TypedTable, column: str, shape: re.Pattern[str], message: str, remedy: str
) -> Findings:
    believed = typed.frame.loc[typed.filled(column), ["row", column]]
    return Findings(
        tuple(
            Notice(typed.file, int(row), column, message.format(quoted(text)), remedy)
            for row, text in believed.itertuples(index=False)
            if shape.fullmatch(text) is None
        )
    )


def _contracts(
    files: StudyFolder,
    typed: TypedTable | None,
    territory: Territory,
    buyers: pd.DataFrame,
    read: _Read,
) -> None:
    if typed is not None:
        kept, aside, found = contracts_of_table(typed, territory, buyers)
        read.contracts.append(kept)
        read.aside.append(aside)
        read.findings += found
    for path in files.contracts:
        official = read_contracts(path, territory, buyers)
        read.contracts.append(official.contracts)
        read.aside.append(official.aside)
        read.inputs += official.inputs
        read.findings += official.findings


def _projects(
    files: StudyFolder, typed: TypedTable | None, territory: Territory, read: _Read
) -> None:
    if typed is not None:
        frame, found = projects_of_table(typed, territory)
        read.projects.append(frame)
        read.findings += found
    for path in files.projects:
        drawn, inputs, found = read_projects(path)
        read.inputs += inputs
        read.findings += found
        if drawn is not None:
            read.projects.append(drawn)


def _services(
    files: StudyFolder, typed: TypedTable | None, territory: Territory, read: _Read
) -> None:
    if typed is not None:
        frame, found = services_of_table(typed, territory)
        read.services.append(frame)
        read.findings += found
    for path in files.directories:
        content, found = file_bytes(path)
        read.findings += found
        if content is not None:
            frame, entry, found = read_directory(content, path.name, territory)
            read.services += [frame] if len(frame) else []
            read.inputs.append(entry)
            read.findings += found


def _public(path: Path, territory: Territory, read: _Read) -> bool:
    """Read one public file, whatever it turns out to be; tell whether it was recognised.

    One that holds no service says nothing of them: they stay unknown.
    """
    source = read_source(path, territory)
    if source is None:
        return False
    read.findings += source.findings
    if source.entry is not None:
        read.inputs.append(source.entry)
    if source.kind == "services_etat":
        read.services += [source.frame] if len(source.frame) else []
    elif source.kind == "grands_projets":
        read.projects.append(source.frame)
    else:
        read.indicators.append(source.frame)
    return True


def _unrecognised(paths: Sequence[Path]) -> tuple[Notice, ...]:
    """Return a warning for each file of no known format; the list of those known comes once."""
    notices: list[Notice] = []
    listed = ""
    for path in paths:
        notice = unrecognised(path)
        if notice.remedy == listed:
            notice = replace(notice, remedy="les fichiers lus sont listés au premier non reconnu")
        elif KNOWN_LABELS[0] in notice.remedy:
            listed = notice.remedy
        notices.append(notice)
    return tuple(notices)


def _reference(territory: Territory, read: _Read) -> None:
    """Take the projects that the program carries, unless the study has its own."""
    if read.projects:
        message = "grands projets de référence demandés, mais l’étude a les siens : ils suffisent"
        remedy = "retirez « grands_projets_reference », ou les fichiers de grands projets"
        notice = Notice("etude.toml", 0, "etude.grands_projets_reference", message, remedy)
        read.findings += Findings((), (notice,))
        return
    frame, entry, found = reference_projects(territory)
    read.projects.append(frame)
    read.inputs.append(entry)
    read.findings += found


def _services_frame(read: _Read) -> pd.DataFrame | None:
    """Return the services of all files once each; None when no file speaks of them."""
    if not read.services:
        return None
    filled = [frame for frame in read.services if len(frame)] or read.services[:1]
    joined = pd.concat(filled, ignore_index=True)
    doubled = joined.duplicated("service_id")
    first = joined.groupby("service_id")["file"].transform("first")
    elsewhere = int((joined["file"] != first).sum())
    if elsewhere:
        message = (
            f"{count(elsewhere, 'service')} déjà dans un autre fichier, sous le même "
            "identifiant : lu une fois, dans le premier"
        )
        remedy = "la table services_etat passe avant l’annuaire, et l’annuaire avant sources/"
        read.findings += Findings((), (Notice("services_etat", 0, "service_id", message, remedy),))
    kept = joined[~doubled]
    return kept.sort_values("service_id", ignore_index=True)

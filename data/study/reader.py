"""A study folder to a `Study`: every fault of every file at once, or none."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from coverage.frames import DRAWN_COLUMNS, drawn_frame
from coverage.model import InputFile, Study
from data.drawings.files import read_drawn
from data.study.award_reader import awards_frame, check_awards, reports_frame
from data.study.canonical import canonical_frame
from data.study.checks import check_references
from data.study.faults import Findings, gather
from data.study.filed_tables import file_bytes, file_entry, read_tables
from data.study.folder import list_folder
from data.study.place_names import PlaceNames
from data.study.proposal_reader import check_proposals, funding_frame, opinions_frame
from data.study.settings_file import SETTINGS_FILE, Settings, read_settings
from data.study.sources_reader import read_sources
from data.study.study_checks import cross_checks, place_tables
from data.study.tables import BESOINS, EXHAUSTIVITE, PERIMETRES, POSTES, STRUCTURES, TABLES
from geo.errors import InputErrors, Notice

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import geopandas as gpd

    from data.drawings.files import DrawnTable
    from data.study.folder import StudyFolder
    from data.study.table_reader import TypedTable
    from geo.territory import Territory

_NOT_KEPT = ("deja_porteuse_facilitateur", "deja_porteuse_coordinateur")
_DRAWN_ORDER = ["structure_id", "volet", "nature", "etat"]


@dataclass(frozen=True)
class _Contents:
    """What was read, whatever its faults."""

    settings: Settings
    tables: Mapping[str, TypedTable]
    drawn: tuple[DrawnTable, ...]
    inputs: tuple[InputFile, ...]
    files: StudyFolder


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
    tables, in_codes = place_tables(contents.tables, PlaceNames(territory))
    findings += in_files + in_codes
    findings += cross_checks(
        tables,
        territory,
        contents.settings.year,
        origins=[path.name for path in contents.files.contracts],
    )
    findings += _drawn_checks(contents.drawn, tables.get(STRUCTURES.name))
    findings += check_proposals(tables) + check_awards(tables)
    sources, inputs, in_sources = read_sources(
        contents.files,
        tables,
        territory,
        reference_projects_asked=contents.settings.reference_projects,
    )
    findings += in_sources
    if findings.faults:
        raise InputErrors(findings.faults, findings.warnings)
    study = _study(contents, tables, tuple(sorted(set(findings.warnings))))
    return replace(
        study,
        inputs=(*study.inputs, *inputs),
        funding=funding_frame(tables),
        opinions=opinions_frame(tables),
        awards=awards_frame(tables),
        reports=reports_frame(tables),
        **sources,
    )


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
        content, findings = file_bytes(files.settings)
        if content is not None:
            settings, found = read_settings(content, territory)
            findings += found
            inputs.append(file_entry(SETTINGS_FILE, 0, content))
    tables, entries, found = read_tables(files)
    findings += found
    drawn = []
    for path in files.drawn:
        table, found = read_drawn(path)
        findings += found
        if table is not None:
            drawn.append(table)
    inputs += [*entries, *(entry for table in drawn for entry in table.inputs)]
    return _Contents(settings, tables, tuple(drawn), tuple(inputs), files), findings


def _drawn_checks(drawn: Sequence[DrawnTable], structures: TypedTable | None) -> Findings:
    if structures is None:
        return Findings()
    return gather(check_references(table.typed, structures) for table in drawn)


def _drawn_frame(drawn: Sequence[DrawnTable]) -> gpd.GeoDataFrame:
    """Return the drawn perimeters of all files, sorted by content, then by place."""
    if not drawn:
        return drawn_frame()
    frame = pd.concat(
        [table.typed.frame.assign(file=table.typed.file) for table in drawn], ignore_index=True
    )
    shapes = np.concatenate([table.shapes for table in drawn])
    frame["wkb"] = shapely.to_wkb(shapes)
    order = frame.sort_values([*_DRAWN_ORDER, "wkb", "row", "file"]).index
    records = {name: frame.loc[order, name].to_numpy() for name in DRAWN_COLUMNS[:-1]}
    return drawn_frame({**records, "geometry": shapes[order]})


def _study(
    contents: _Contents, tables: Mapping[str, TypedTable], warnings: tuple[Notice, ...]
) -> Study:
    settings = contents.settings
    frames = {table.name: canonical_frame(tables.get(table.name), table) for table in TABLES}
    needs = frames[BESOINS.name]
    return Study(
        name=settings.name,
        year=settings.year,
        last_year=settings.last_year,
        regions=settings.regions,
        parameters=settings.parameters,
        structures=frames[STRUCTURES.name].drop(columns=list(_NOT_KEPT)).set_index("structure_id"),
        posts=frames[POSTES.name],
        perimeters=frames[PERIMETRES.name],
        needs=needs.assign(annee=needs["annee"].fillna(0).astype("int64")),
        exhaustiveness=frames[EXHAUSTIVITE.name],
        drawn=_drawn_frame(contents.drawn),
        call=settings.call,
        fictional=settings.fictional,
        inputs=contents.inputs,
        warnings=warnings,
    )

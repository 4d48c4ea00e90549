"""Study folders joined into one: read, recognised, merged, written beside, read back, published."""

from __future__ import annotations

import csv
import io
from codecs import BOM_UTF8
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from data.consolidate.applications import joined_applications, renamed_targets
from data.consolidate.completeness import merge_completeness
from data.consolidate.dossiers import labelled, read_dossiers, read_rows, read_whole
from data.consolidate.drawings import (
    PERIMETERS_FILE,
    PROJECTS_FILE,
    joined_perimeters,
    joined_projects,
)
from data.consolidate.files import copied_files
from data.consolidate.identifiers import settle_identifiers
from data.consolidate.lacks import (
    left_aside,
    one_sided_sources,
    regional_scenarios,
    zones_named,
)
from data.consolidate.model import Part
from data.consolidate.opinions import merge_opinions
from data.consolidate.overlaps import Joined, overlaps
from data.consolidate.posts import merge_posts
from data.consolidate.report import mark, report_files
from data.consolidate.settings import joined_settings, method_dossier
from data.consolidate.structures import merge_structures
from data.consolidate.tables import merge_rows
from data.consolidate.write import MARK_FILE, drafted, fill, publish, refuse_occupied
from data.study.folder import list_folder
from data.study.proposal_tables import AVIS_DEPOSES
from data.study.settings_file import SETTINGS_FILE
from data.study.sources_tables import EVERY_TABLE
from data.study.tables import EXHAUSTIVITE, POSTES, STRUCTURES
from geo.errors import InputErrors, OutputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from coverage.model import Study
    from data.consolidate.identifiers import Identifiers
    from data.consolidate.identities import Names
    from data.consolidate.model import Balance, Dossier, Merged, Told
    from data.study.tables import Table
    from geo.territory import Territory

_JOINED = "étude réunie"


@dataclass(frozen=True)
class Asked:
    """What a planner asks besides the folders.

    Attributes
    ----------
    name
        Of the study; empty: « France » and the year.
    method
        A study folder, of those joined or not, whose settings hold where they differ; None: to
        differ is a fault.
    label
        How reports name the one folder given; empty: by its own name.
    seals
        Folder that a package was unpacked in → digest of that package.
    """

    name: str = ""
    method: Path | None = None
    seals: Mapping[Path, str] = field(default_factory=dict)
    label: str = ""


@dataclass(frozen=True)
class Consolidation:
    """What a consolidation made and tells.

    Attributes
    ----------
    study
        As read back from the folder written.
    """

    study: Study
    dossiers: tuple[str, ...]
    told: tuple[Told, ...]
    balance: Balance


@dataclass(frozen=True)
class _Made:
    """The consolidated study before it is written.

    Attributes
    ----------
    structures, candidatures
        Final identifier → the dossiers that file it.
    """

    files: Mapping[str, bytes | Path]
    tables: Mapping[str, Sequence[Mapping[str, str]]]
    structures: Mapping[str, tuple[str, ...]]
    candidatures: Mapping[str, tuple[str, ...]]
    balance: Balance
    part: Part


def consolidate(
    folders: Sequence[Path],
    out: Path,
    territory: Territory,
    asked: Asked | None = None,
    *,
    on_step: Callable[[str], object] = lambda _: None,
) -> Consolidation:
    """Write the study that several folders make, with its report; whole or not at all.

    The order of the folders changes no byte.

    Raises
    ------
    InputErrors
        With all the faults of all folders; or with all that they say against one another.
    OutputError
        When the folder is occupied, cannot be written, or does not read back as written.
    """
    asked = asked or Asked()
    labels = {asked.label: folders[0]} if asked.label else labelled(folders)
    refuse_occupied(out, labels)
    on_step("Lecture des dossiers")
    dossiers = read_dossiers(labels, territory)
    seals = {folder.resolve(): digest for folder, digest in asked.seals.items()}
    sources = {each.label: seals.get(each.folder.resolve(), "") for each in dossiers}
    on_step("Réunion des tables")
    made = _made(dossiers, territory, asked)
    if made.part.findings.faults:
        raise InputErrors(made.part.findings.faults, made.part.findings.warnings)
    with drafted(out) as draft:
        on_step("Écriture et relecture")
        digests = fill(draft, made.files)
        consolidation = _read_back(draft, made, dossiers, territory)
        told, balance = consolidation.told, consolidation.balance
        digests |= fill(draft, report_files(told, balance, sources))
        fill(draft, {MARK_FILE: mark(told, balance, sources, digests)})
        publish(draft, out)
    return consolidation


def _made(dossiers: Sequence[Dossier], territory: Territory, asked: Asked) -> _Made:
    method = None if asked.method is None else method_dossier(asked.method, dossiers, territory)
    settings, part = joined_settings(dossiers, territory, name=asked.name, method=method)
    identifiers, found = settle_identifiers(dossiers)
    candidatures = joined_applications(dossiers, identifiers)
    options, new = renamed_targets(dossiers, identifiers, candidatures.stems)
    copies = copied_files(dossiers)
    names = {**identifiers.names}
    names["structure_id"] = {**names["structure_id"], **new}
    names["candidature"] = candidatures.stems
    sources = {**_filed_as_tables(dossiers), **copies.sources}
    identifiers = replace(identifiers, names=names, options=options, sources=sources)
    part += found + candidatures.part + copies.part
    files: dict[str, bytes | Path] = {SETTINGS_FILE: settings.encode()}
    files |= {**candidatures.files, **copies.files}
    balance: Balance = {}
    for label, drawn in (
        (PERIMETERS_FILE, joined_perimeters(dossiers, identifiers)),
        (PROJECTS_FILE, joined_projects(dossiers, identifiers)),
    ):
        part += drawn.part
        files |= {} if drawn.content is None else {label: drawn.content}
        balance |= {(label, dossier): counts for dossier, counts in drawn.balance.items()}
    tables = {}
    for table in EVERY_TABLE:
        merged = _merged(table, dossiers, identifiers)
        part += merged.part
        balance |= {
            (table.name, each): counts for each, counts in merged.balance.items() if counts["lues"]
        }
        tables[table.name] = merged.rows
        if merged.rows:
            files[table.file] = _csv(table, merged.rows)
    told = (
        *one_sided_sources(dossiers),
        *left_aside(dossiers),
        *regional_scenarios(dossiers),
        *zones_named(dossiers),
    )
    return _Made(
        files,
        tables,
        _holders(identifiers.names["structure_id"]),
        candidatures.holders,
        balance,
        part + Part(told),
    )


def _filed_as_tables(dossiers: Sequence[Dossier]) -> Names:
    """Return the file that holds each table once joined, by the one that a dossier gave it in.

    `exhaustivite` may name it as a source.
    """
    return {
        (each.label, rows[0].file): table.file
        for each in dossiers
        for table in EVERY_TABLE
        if (rows := each.rows.get(table.name))
    }


def _merged(table: Table, dossiers: Sequence[Dossier], identifiers: Identifiers) -> Merged:
    if table == STRUCTURES:
        return merge_structures(dossiers, identifiers.names["structure_id"])
    filed = {each.label: identifiers.renamed(each, table.name) for each in dossiers}
    if table == POSTES:
        return merge_posts(filed)
    if table == EXHAUSTIVITE:
        return merge_completeness(dossiers, filed)
    return merge_opinions(filed) if table == AVIS_DEPOSES else merge_rows(table, filed)


def _holders(names: Names) -> dict[str, tuple[str, ...]]:
    holders: defaultdict[str, set[str]] = defaultdict(set)
    for (label, _), final in names.items():
        holders[final].add(label)
    return {final: tuple(sorted(labels)) for final, labels in holders.items()}


def _csv(table: Table, rows: Sequence[Mapping[str, str]]) -> bytes:
    buffer = io.StringIO(newline="")
    names = [column.name for column in table.columns]
    writer = csv.DictWriter(buffer, names, delimiter=";", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return BOM_UTF8 + buffer.getvalue().encode()


def _read_back(
    draft: Path, made: _Made, dossiers: Sequence[Dossier], territory: Territory
) -> Consolidation:
    """Read the folder as any study, check that it holds what was written, tell its overlaps."""
    try:
        study, applications = read_whole(draft, territory)
    except InputErrors as errors:
        faults, warnings = (
            [replace(each, file=f"{_JOINED}/{each.file}") for each in notices]
            for notices in (errors.faults, errors.warnings)
        )
        raise InputErrors(faults, warnings) from errors
    read = read_rows(list_folder(draft)[0], territory)
    for name, rows in made.tables.items():
        found = Counter(tuple(row.cells.values()) for row in read.get(name, ()))
        if found != Counter(tuple(cells.values()) for cells in rows):
            raise OutputError(
                f"la table « {name} » réunie ne se relit pas comme elle a été écrite : rien n’est "
                "écrit → signalez-le, avec les dossiers"
            )
    joined = Joined(study, applications, made.structures, made.candidatures)
    told = sorted({*made.part.told, *overlaps(joined, territory)}, key=lambda line: line.order)
    return Consolidation(
        study, tuple(sorted(each.label for each in dossiers)), tuple(told), made.balance
    )

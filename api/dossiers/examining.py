"""From a study folder to dossiers: read, compute, examine, write each whole or not at all."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from api.dossiers.cases import bench_of, case_in, cases_in
from api.dossiers.files import whole_files
from api.pipeline import read_and_compute
from coverage.dossiers.examine import examine
from coverage.wording import THIN, listing
from data.applications.read import EXTENSION, FOLDER, HIDDEN
from data.results.dossiers import QUEUE_FILE, queue_table
from data.results.places import check_folder
from data.results.readme import ABOUT_DOSSIER
from data.results.tables import csv_text, records
from data.results.writing import write_file, write_folder
from data.study.faults import proposal
from geo.errors import InputErrors, Notice

if TYPE_CHECKING:
    from collections.abc import Callable

    from coverage.dossiers.model import Case, Dossier

DEFAULT = Path("dossiers")
"""Where dossiers are written when nobody says where."""


@dataclass(frozen=True)
class Queue:
    """All the dossiers of a study, by file."""

    dossiers: tuple[Dossier, ...]

    def json(self) -> str:
        """Return the queue as a program reads it, a line of the table an object."""
        rows = {"dossiers": records(queue_table(self.dossiers))}
        return orjson.dumps(rows, option=orjson.OPT_INDENT_2).decode()


def examine_one(
    folder: Path, name: str, out: Path | None, *, excel: bool, on_step: Callable[[str], None]
) -> tuple[Dossier, Path]:
    """Examine an application and write its files; return its dossier and where they are.

    Parameters
    ----------
    name
        Of a file of `candidatures`, with or without its extension, or a path.
    out
        Folder to write; by default `dossiers` and the application's name.

    Raises
    ------
    InputErrors
        All the faults of the study; a file that is not there, or that is no form at all.
    OutputError
        When the folder cannot be written, found before computing where possible.
    """
    file = find_file(folder, name)
    out = out or DEFAULT / file.stem
    check_folder(out, study=folder, about=ABOUT_DOSSIER)
    coverage = read_and_compute(folder, on_step=on_step)
    on_step("Candidatures")
    case = case_in(coverage, folder, file)
    _check_read(case)
    others = (each for each in cases_in(coverage, folder) if each.application_id != file.stem)
    bench = bench_of(coverage, (*others, case))
    on_step("Examen de la candidature")
    dossier = examine(case, bench)
    on_step("Fiche, carte et tableaux")
    write_folder(out, whole_files(dossier, bench, excel=excel), about=ABOUT_DOSSIER)
    return dossier, out


def examine_all(folder: Path, out: Path, *, excel: bool, on_step: Callable[[str], None]) -> Queue:
    """Examine every application of a study; write a folder for each, and the queue beside.

    Raises
    ------
    InputErrors, OutputError
        As `examine_one`; or when the study has no application.
    """
    names = [path.stem for path in _forms(folder)]
    if not names:
        raise InputErrors([_none(folder)])
    for name in names:
        check_folder(out / name, study=folder, about=ABOUT_DOSSIER)
    coverage = read_and_compute(folder, on_step=on_step)
    on_step("Candidatures")
    cases = cases_in(coverage, folder)
    bench = bench_of(coverage, cases)
    on_step("Examen des candidatures")
    queue = Queue(tuple(examine(case, bench) for case in cases))
    on_step("Fiches, cartes et tableaux")
    for dossier in queue.dossiers:
        files = whole_files(dossier, bench, excel=excel)
        write_folder(out / dossier.case.application_id, files, about=ABOUT_DOSSIER)
    write_file(out / QUEUE_FILE, csv_text(queue_table(queue.dossiers), excel=excel))
    return queue


def find_file(folder: Path, name: str) -> Path:
    """Return the file of an application, by its name in `candidatures` or by its path.

    Raises
    ------
    InputErrors
        When there is none, with the name that was probably meant.
    """
    known = {path.stem: path for path in _forms(folder)}
    found = known.get(name) or known.get(name.removesuffix(EXTENSION))
    if found is not None:
        return found
    path = Path(name)
    if path.is_file():
        return path
    if not known:
        raise InputErrors([replace(_none(folder), message=f"candidature « {name} » introuvable")])
    remedy = proposal(name, known) or f"candidatures de l’étude{THIN}: {listing(known)}"
    raise InputErrors([Notice(FOLDER, 0, "", f"candidature « {name} » introuvable", remedy)])


def _forms(folder: Path) -> list[Path]:
    """Return the forms of a study folder, by name."""
    kept = folder / FOLDER
    if not kept.is_dir():
        return []
    return sorted(
        path
        for path in kept.iterdir()
        if path.suffix.lower() == EXTENSION and not path.name.startswith(HIDDEN)
    )


def _none(folder: Path) -> Notice:
    remedy = f"écrire chaque candidature dans « {folder / FOLDER} », ou donner son fichier"
    return Notice(FOLDER, 0, "", "aucune candidature dans l’étude", remedy)


def _check_read(case: Case) -> None:
    """Refuse a file that is no form at all: nothing could be said of it."""
    if not case.form.values and not case.form.unread:
        faults = [Notice(case.file, 0, "", each.message, each.remedy) for each in case.gaps]
        raise InputErrors(faults)

"""The workbook of the form, filled with what a study knows of a structure, to be sent out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from api.pipeline import read
from coverage.dossiers.form import Form
from data.applications.form_prefill import prefilled
from data.applications.form_workbook import form_workbook
from data.results.places import check_outside
from data.results.writing import write_file
from data.study.faults import proposal, quoted
from geo.errors import InputErrors, Notice

if TYPE_CHECKING:
    from collections.abc import Callable


def write_form_book(
    folder: Path, structure: str, out: Path | None, *, on_step: Callable[[str], None]
) -> Path:
    """Write the workbook that a structure of a study fills; return where it is.

    Parameters
    ----------
    out
        File to write; by default `candidature-` and the structure, here.

    Raises
    ------
    InputErrors
        All the faults of the study; a structure that it lacks.
    OutputError
        When the file cannot be written, or would stand among the data of the study.
    """
    out = out or Path(f"candidature-{structure}.xlsx")
    check_outside(out, folder)
    study, _ = read(folder, on_step=on_step)
    known = list(map(str, study.structures.index))
    if structure not in known:
        message = f"structure {quoted(structure)} absente de l’étude"
        remedy = proposal(structure, known) or "donnez son identifiant dans « structures »"
        raise InputErrors([Notice("structures", 0, "structure_id", message, remedy)])
    on_step("Classeur du formulaire")
    write_file(out, form_workbook(Form(prefilled(study, structure))))
    return out

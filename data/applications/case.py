"""An application before the call: its form as far as it is filled, and what plans make of it."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

from coverage.dossiers.model import Case
from coverage.proposals.hosts import NEW
from data.applications.checks import asks_extension, posts_told
from data.applications.form_book_reading import filed_workbook
from data.applications.form_boxes import claimed_volets
from data.applications.form_prefill import renewed_posts
from data.applications.form_reading import broken, check_boxes, filed_toml, read_values
from data.applications.form_texts import filed_texts
from data.applications.form_workbook import FORM_BOOK
from data.applications.places import read_scope, read_units
from data.applications.read import (
    EXTENSION,
    FOLDER,
    HIDDEN,
    application_of,
    stem_of,
    structure_of,
    whole_place,
)
from data.study.faults import Findings
from data.study.filed_tables import file_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from coverage.model import Study
    from coverage.proposals.model import Call
    from data.applications.document import Document
    from data.applications.form_reading import Filed
    from data.applications.read import Place
    from geo.territory import Territory


def read_cases(folder: Path, study: Study, territory: Territory, call: Call) -> tuple[Case, ...]:
    """Return the applications of a study folder, by the names of their files.

    Parameters
    ----------
    folder
        Of the study; without `candidatures`, there is none.
    """
    own = folder / FOLDER
    listed = sorted(own.iterdir()) if own.is_dir() else []
    cases = []
    for path in listed:
        if path.suffix.lower() != EXTENSION or path.name.startswith(HIDDEN):
            continue
        name = f"{FOLDER}/{path.name}"
        content, found = file_bytes(path)
        filed = filed_toml(content, name) if content is not None else broken(name, found)
        cases.append(case_of(filed, study, territory, call, _digest(content or b"")))
    return tuple(cases)


def read_case(content: bytes, file: str, study: Study, territory: Territory, call: Call) -> Case:
    """Return the application that a file holds, however little it is filled.

    Parameters
    ----------
    content
        TOML, or the workbook of the form when the name of the file ends in `.xlsx`.
    file
        Name of the file in the study folder, or alone.
    call
        With the values that the study gives to its rules.
    """
    book = file.lower().endswith(FORM_BOOK)
    filed = filed_workbook(content, file) if book else filed_toml(content, file)
    return case_of(filed, study, territory, call, _digest(content))


def case_of_texts(
    texts: Mapping[str, str], file: str, study: Study, territory: Territory, call: Call
) -> Case:
    """Return the application that texts typed in the boxes of the form make (`read_texts`).

    Parameters
    ----------
    file
        Name that its file would have.
    """
    return case_of(filed_texts(texts, file), study, territory, call)


def case_of(filed: Filed, study: Study, territory: Territory, call: Call, digest: str = "") -> Case:
    """Return the application that was filed.

    Parameters
    ----------
    digest
        SHA-256 of its file, empty when it has none.
    """
    document, stem = filed.document, stem_of(filed.document.file)
    reading = read_values(filed)
    values = reading.form.values
    structure, found = structure_of(document, values, study)
    structure_id = structure or f"{NEW}{stem}"
    renewed = not renewed_posts(study, structure_id).empty
    places, in_places = _places(document, values, study, territory)
    found += reading.found + check_boxes(filed, reading.form, call, renewed=renewed) + in_places
    found += Findings((), tuple(posts_told(document, values, structure_id, study)))
    application, strict = application_of(document, study, territory, call)
    # What plans doubt besides is told by the rules of the call.
    found += Findings(strict.faults)
    known = str(study.structures["nom"].get(structure_id, ""))
    return Case(
        application_id=stem,
        file=document.file,
        structure_id=structure_id,
        structure_name=reading.form.get("porteur.nom", known).strip(),
        form=reading.form,
        gaps=filed.told(reading.found if filed.broken else found),
        application=application,
        places=places,
        sha256=digest,
    )


def _places(
    document: Document, values: Mapping[str, Any], study: Study, territory: Territory
) -> tuple[dict[str, Place], Findings]:
    """Return the perimeters that can be read, in part at least, and what is odd in them."""
    places: dict[str, Place] = {}
    findings = Findings()
    for volet in claimed_volets(values, extends=asks_extension(document, values)):
        own = values.get("perimetre", {}).get(volet, {})
        at = f"perimetre.{volet}"
        units, in_units = read_units(document, own.get("codes", ()), at, territory)
        scope, in_scope = read_scope(document, own.get("donneurs_ordre", ()), at, study)
        findings += in_units + in_scope
        if units:
            places[volet] = whole_place((units, scope))
    return places, findings


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()

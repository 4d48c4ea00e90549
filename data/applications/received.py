"""A workbook of the form as it comes back: accepted as a deposit is, read in a bounded process."""

from __future__ import annotations

import tempfile
from dataclasses import astuple
from pathlib import Path
from typing import Any

from coverage.dossiers.model import Finding
from data.applications.form_texts import texts_of
from data.applications.form_workbook import read_form_workbook
from data.calls.read import read_call
from data.uploads.accept import accept
from data.uploads.bounded import UNREADABLE, Bounded, Outcome, ended
from data.uploads.limits import megabytes
from geo.errors import InputErrors, Notice

MOST_BYTES = 5_000_000
"""Of a workbook: one form weighs some tens of thousands."""

SECONDS = 60.0
MEMORY_BYTES = 4_000_000_000

_BOOK = ".xlsx"
_REMEDY = "rouvrir le classeur dans le tableur, l’enregistrer, puis le renvoyer"


def received_form(name: str, content: bytes) -> tuple[dict[str, str], tuple[Finding, ...]]:
    """Return the boxes that a workbook fills, as typed, and what its reading finds.

    Parameters
    ----------
    name
        As the sender gives it.

    Raises
    ------
    InputErrors
        When it is no workbook that may be opened, or its reading does not end.
    """
    if not name.lower().endswith(_BOOK):
        message = f"« {name} » n’est pas un classeur .xlsx"
        raise InputErrors([Notice("", 0, "", message, "enregistrer le formulaire en .xlsx")])
    if len(content) > MOST_BYTES:
        message = f"classeur de {megabytes(len(content))}, {megabytes(MOST_BYTES)} au plus"
        raise InputErrors([Notice("", 0, "", message, "ôter ce qui n’est pas du formulaire")])
    accepted = accept(name, content)
    if accepted.findings.faults:
        raise InputErrors(accepted.findings.faults)
    [(path, book)] = accepted.files.items()
    outcome = _apart(path, book)
    try:
        texts = {str(key): str(text) for key, text in outcome.value["texts"].items()}
        return texts, tuple(Finding(*map(str, each)) for each in outcome.value["told"])
    except (TypeError, KeyError, AttributeError):
        raise _unfinished(ended("echouee", UNREADABLE)) from None


def read_book(path: str, name: str) -> dict[str, Any]:
    """Return, as plain JSON, what `received_form` does, of a file already accepted."""
    form, told = read_form_workbook(Path(path).read_bytes(), name, read_call())
    return {"texts": texts_of(form), "told": [list(astuple(each)) for each in told]}


def _apart(name: str, content: bytes) -> Outcome:
    with tempfile.TemporaryDirectory(prefix="zones-blanches-candidature-") as room:
        file = Path(room).resolve() / f"formulaire{_BOOK}"
        file.write_bytes(content)
        outcome = Bounded(
            read_book, [str(file), name], seconds=SECONDS, memory_bytes=MEMORY_BYTES
        ).run()
    if outcome.state != "rendue":
        raise _unfinished(outcome)
    return outcome


def _unfinished(outcome: Outcome) -> InputErrors:
    cause = f" ({outcome.cause})" if outcome.cause else ""
    return InputErrors([Notice("", 0, "", f"{outcome.message}{cause}", _REMEDY)])

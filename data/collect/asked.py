"""What a bounded process does of received workbooks: compare them, join the lines accepted.

Every value given and returned is plain JSON. A folder holds the files of the study, in `etude`,
and the workbooks, in `recus`.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import asdict, astuple, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coverage.wording import whole
from data.collect.diff import diff
from data.collect.edit import BACKUP
from data.collect.items import Decidable, decidable
from data.collect.join import join
from data.collect.model import OUTCOMES
from data.collect.read import read_all
from data.collect.report import structure_remark
from data.study.faults import count
from data.study.tables import STRUCTURES
from geo.errors import InputErrors, Notice, OutputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from data.collect.read import Reading
    from geo.territory import Territory

    Progress = Callable[[str, int, int], None]

STUDY, BOOKS = "etude", "recus"
"""Folders of what is compared."""

MOST_ITEMS = 20_000
"""Lines to decide: nobody decides more of them one by one, and all might not be passed."""

_STEPS = 3


def compare_books(
    folder: str, loader: Sequence[str], *, on_progress: Progress | None = None
) -> dict[str, Any]:
    """Return what received workbooks say of a study, line by line.

    Parameters
    ----------
    loader
        Module and name of the function that gives the territory.

    Returns
    -------
    dict
        `refused`, why nothing can be compared, or `faults`, of the study's own tables: nothing
        else is then told. `books`, name, lines and
        faults of each; `warnings`, `remarks`; `items` to decide; `balance`, by workbook and table;
        `structures`, those of the study.
    """
    try:
        reading = _read(folder, loader, on_progress or _silent)
    except InputErrors as errors:
        return {"refused": plain_notices(errors.faults)}
    if reading.findings.faults:
        return {"faults": plain_notices(reading.findings.faults)}
    made, found = _decidable(reading)
    if len(made.items) > MOST_ITEMS:
        message = f"{count(len(made.items), 'ligne')} à décider, {whole(MOST_ITEMS)} au plus"
        refusal = Notice("", 0, "", message, "envoyer moins de classeurs à la fois")
        return {"refused": plain_notices([refusal])}
    balance = [
        {"book": book, "table": table, **{name: told[name] for name in OUTCOMES}}
        for (book, table), told in made.diff.balance.items()
    ]
    return {
        "faults": [],
        "books": [
            {
                "name": book.label,
                "lines": sum(len(text.cells) for text in book.texts.values()),
                "faults": plain_notices(found[book.label].faults),
            }
            for book in reading.books
        ],
        "warnings": plain_notices(notice for each in found.values() for notice in each.warnings),
        "remarks": [structure_remark(each) for each in made.diff.remarks if not each.line],
        "items": [asdict(item) for item in made.items],
        "balance": balance,
        "structures": [
            row.cell("structure_id") for row in reading.study.rows.get(STRUCTURES.name, ())
        ],
    }


def join_books(
    folder: str,
    loader: Sequence[str],
    chosen: Mapping[str, int],
    *,
    on_progress: Progress | None = None,
) -> dict[str, Any]:
    """Return the files of a study once the lines accepted are joined, or why they cannot be.

    Parameters
    ----------
    chosen
        Key of an item → rank of the option accepted, from 1.

    Returns
    -------
    dict
        `files`, name and content in base 64 of those that change; `faults`; `warnings`.
    """
    try:
        reading = _read(folder, loader, on_progress or _silent)
        if reading.findings.faults:
            return _refused(reading.findings.faults)
        files, warnings = join(reading, _decidable(reading)[0].changes(chosen))
    except InputErrors as errors:
        return _refused(errors.faults)
    except OutputError as error:
        message, _, remedy = str(error).partition(" → ")
        return _refused([Notice("", 0, "", message, remedy)])
    except LookupError:
        message = "une ligne acceptée n’est plus dans les classeurs comparés"
        return _refused([Notice("", 0, "", message, "recharger la page, puis recommencer")])
    return {
        "files": {name: b64encode(content).decode() for name, content in files.items()},
        "faults": [],
        "warnings": plain_notices(map(_without_backup, warnings)),
    }


def _silent(_phrase: str, _done: int, _total: int) -> None:
    pass


def _read(folder: str, loader: Sequence[str], say: Progress) -> Reading:
    say("Chargement du territoire", 0, _STEPS)
    module, name = loader
    territory: Territory = getattr(import_module(module), name)()
    say("Lecture de l’étude et des classeurs reçus", 1, _STEPS)
    books = sorted((Path(folder) / BOOKS).iterdir())
    reading = read_all(Path(folder) / STUDY, books, territory)
    say("Comparaison", 2, _STEPS)
    return reading


def _decidable(reading: Reading) -> tuple[Decidable, Mapping[str, Any]]:
    """Return what is to be decided of the sound workbooks, and what is found in all of them."""
    sound, found = reading.sound_books()
    received = [book.received for book in sound]
    return decidable(diff(reading.study.rows, received), received), found


def _without_backup(notice: Notice) -> Notice:
    """Return a notice whose remedy speaks of versions: no hidden folder keeps what was."""
    if BACKUP not in notice.remedy:
        return notice
    return replace(notice, remedy="les versions déjà figées gardent le classeur d’avant")


def _refused(faults: Iterable[Notice]) -> dict[str, Any]:
    return {"files": {}, "faults": plain_notices(faults), "warnings": []}


def plain_notices(notices: Iterable[Notice]) -> list[list[Any]]:
    """Return findings as `data.uploads.check.notice_of` takes them up again."""
    return [[each.file, int(each.row), *astuple(each)[2:]] for each in sorted(set(notices))]

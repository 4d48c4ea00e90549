"""Received workbooks compared and joined in a process of its own, from bytes to plain values."""

from __future__ import annotations

import binascii
import tempfile
from base64 import b64decode
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.collect.asked import BOOKS, STUDY, compare_books, join_books
from data.collect.items import Item, Option, Written
from data.collect.model import OUTCOMES
from data.study.folder import WORKBOOK
from data.study.settings_file import SETTINGS_FILE
from data.study.tables import TABLES
from data.uploads.bounded import UNREADABLE, Bounded, ended
from data.uploads.check import lay_files, notice_of
from geo.errors import InputErrors, Notice

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from data.uploads.bounded import Outcome
    from geo.territory import Territory

    Progress = Callable[[str, int, int], None]
    Started = Callable[[Bounded], None]

SECONDS = 300.0
MEMORY_BYTES = 4_000_000_000

_READ = frozenset((WORKBOOK, SETTINGS_FILE)).union(
    *((table.file, f"{table.name}.xlsx") for table in TABLES)
)
"""Files of a study that hold its tables or its settings: the others change nothing here."""

_REMEDY = "alléger les classeurs, retirer le dernier ajouté, ou le signaler à qui tient le serveur"


@dataclass(frozen=True)
class ReadBook:
    """A received workbook as it was read: its lines, and the faults that leave it aside."""

    name: str
    lines: int
    faults: tuple[Notice, ...]


@dataclass(frozen=True)
class Balance:
    """What becomes of the lines of one table of one workbook: outcome → lines."""

    book: str
    table: str
    outcomes: Mapping[str, int]


@dataclass(frozen=True)
class Comparison:
    """What received workbooks say of a study.

    Attributes
    ----------
    faults
        Of the study's own tables: nothing is compared before they are mended.
    structures
        Identifiers of those of the study.
    """

    faults: tuple[Notice, ...]
    books: tuple[ReadBook, ...] = ()
    warnings: tuple[Notice, ...] = ()
    remarks: tuple[str, ...] = ()
    items: tuple[Item, ...] = ()
    balance: tuple[Balance, ...] = ()
    structures: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Joined:
    """The files of a study that change, by name, and what is to be told of them."""

    files: Mapping[str, bytes]
    warnings: tuple[Notice, ...]


def compared_files(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the files of a study that a comparison reads."""
    return {path: content for path, content in files.items() if path.lower() in _READ}


def compare_apart(
    files: Mapping[str, bytes],
    books: Mapping[str, bytes],
    loader: Callable[[], Territory],
    *,
    on_progress: Progress,
    on_start: Started,
) -> Comparison:
    """Return what received workbooks say of a study; nothing is left on the disk.

    Parameters
    ----------
    files
        Path from the study folder → content.
    books
        Name → content, as `data.uploads.accept` gives them.
    loader
        Gives the territory: at the top of a module.
    on_start
        Called with the process before it starts, for another thread to kill it.

    Raises
    ------
    InputErrors
        When they cannot be compared, or the process ends before it answers.
    """
    told = _asked(compare_books, files, books, loader, on_progress=on_progress, on_start=on_start)
    try:
        refused = tuple(map(notice_of, told.get("refused", ())))
        made = None if refused else _comparison(told)
    except (TypeError, KeyError, ValueError, AttributeError):
        raise _unfinished(ended("echouee", UNREADABLE)) from None
    if made is None:
        raise InputErrors(refused)
    return made


def join_apart(
    files: Mapping[str, bytes],
    books: Mapping[str, bytes],
    loader: Callable[[], Territory],
    chosen: Mapping[str, int],
) -> Joined:
    """Return the files that change once the lines accepted are joined.

    Parameters
    ----------
    chosen
        Key of an item → rank of the option accepted, from 1.

    Raises
    ------
    InputErrors
        With what forbids to join them, or when the process ends before it answers.
    """
    told = _asked(join_books, files, books, loader, dict(chosen))
    try:
        faults = tuple(map(notice_of, told["faults"]))
        joined = {str(name): b64decode(text, validate=True) for name, text in told["files"].items()}
        warnings = tuple(map(notice_of, told["warnings"]))
    except (TypeError, KeyError, AttributeError, binascii.Error):
        raise _unfinished(ended("echouee", UNREADABLE)) from None
    if faults:
        raise InputErrors(faults)
    return Joined(joined, warnings)


def _asked(
    function: Callable[..., object],
    files: Mapping[str, bytes],
    books: Mapping[str, bytes],
    loader: Callable[[], Territory],
    *args: object,
    on_progress: Progress | None = None,
    on_start: Started | None = None,
) -> Any:  # noqa: ANN401 - plain JSON of another process
    kept = {f"{STUDY}/{path}": content for path, content in compared_files(files).items()}
    laid = kept | {f"{BOOKS}/{name}": content for name, content in books.items()}
    with tempfile.TemporaryDirectory(prefix="zones-blanches-recus-") as room:
        folder = Path(room).resolve() / "collecte"
        lay_files(laid, folder)
        for name in (STUDY, BOOKS):
            (folder / name).mkdir(mode=0o700, exist_ok=True)
        bounded = Bounded(
            function,
            [str(folder), [loader.__module__, loader.__qualname__], *args],
            seconds=SECONDS,
            memory_bytes=MEMORY_BYTES,
            on_progress=on_progress or _silent,
        )
        if on_start is not None:
            on_start(bounded)
        outcome = bounded.run()
    if outcome.state != "rendue":
        raise _unfinished(outcome)
    return outcome.value


def _silent(_phrase: str, _done: int, _total: int) -> None:
    pass


def _unfinished(outcome: Outcome) -> InputErrors:
    cause = f" ({outcome.cause})" if outcome.cause else ""
    return InputErrors([Notice("", 0, "", f"{outcome.message}{cause}", _REMEDY)])


def _comparison(told: Mapping[str, Any]) -> Comparison:
    """Return a comparison from what another process says of it, nothing of which is believed.

    Raises
    ------
    TypeError, KeyError, ValueError, AttributeError
        When it is not made as one.
    """
    faults = tuple(map(notice_of, told["faults"]))
    if faults:
        return Comparison(faults)
    return Comparison(
        (),
        tuple(
            ReadBook(str(each["name"]), int(each["lines"]), tuple(map(notice_of, each["faults"])))
            for each in told["books"]
        ),
        tuple(map(notice_of, told["warnings"])),
        tuple(map(str, told["remarks"])),
        tuple(map(_item, told["items"])),
        tuple(
            Balance(
                str(each["book"]),
                str(each["table"]),
                {name: int(each[name]) for name in OUTCOMES},
            )
            for each in told["balance"]
        ),
        frozenset(map(str, told["structures"])),
    )


def _item(told: Mapping[str, Any]) -> Item:
    texts = {name: str(told[name]) for name in ("key", "table", "kind", "place", "name", "reason")}
    return Item(
        **texts,
        books=_texts(told["books"]),
        remarks=_texts(told["remarks"]),
        options=tuple(map(_option, told["options"])),
    )


def _option(told: Mapping[str, Any]) -> Option:
    return Option(
        str(told["label"]),
        tuple(map(_written, told["writes"])),
        *(_texts(told[name]) for name in ("touches", "names", "gives")),
    )


def _written(told: Mapping[str, Any]) -> Written:
    cells = tuple((str(name), str(before), str(after)) for name, before, after in told["cells"])
    return Written(str(told["kind"]), cells)


def _texts(told: Any) -> tuple[str, ...]:  # noqa: ANN401 - plain JSON of another process
    return tuple(map(str, told))

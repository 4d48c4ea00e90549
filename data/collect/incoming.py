"""Workbooks as they come from structures: those that may be read, how many are kept."""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from coverage.wording import whole
from data.collect.asked import plain_notices
from data.store.checks import masked, personal
from data.study.faults import count
from data.uploads.accept import accept
from data.uploads.check import notice_of
from data.uploads.kinds import extension_of
from data.uploads.limits import megabytes
from data.uploads.names import fold_path, last_name, shown_name
from data.workbooks.archive import FOREIGN
from geo.errors import InputErrors, Notice

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MOST_BOOKS = 100
MOST_BYTES = 8_000_000
"""Of all the workbooks kept together: one of a structure weighs some tens of thousands."""

_BOOK = "xlsx"
_ONLY_BOOKS = "seuls des classeurs .xlsx se joignent ligne par ligne"
_DEPOSIT_IT = "enregistrez-le en .xlsx ; tout autre fichier se dépose avec « Déposer une version »"
_PERSONAL = "nom de fichier qui contient une adresse électronique ou un numéro de téléphone"
_LESS = "rien n’est gardé de cet envoi : retirer d’abord ceux dont les lignes sont jointes"


@dataclass(frozen=True)
class Books:
    """Workbooks received: name → content, and why others of the last sending are not kept."""

    files: Mapping[str, bytes] = field(default_factory=dict)
    refused: tuple[Notice, ...] = ()

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Books:
        """Return workbooks from plain JSON."""
        files = {name: b64decode(text) for name, text in plain["classeurs"].items()}
        return cls(files, tuple(map(notice_of, plain["refuses"])))

    def plain(self) -> dict[str, Any]:
        """Return the workbooks as plain JSON."""
        files = {name: b64encode(each).decode() for name, each in sorted(self.files.items())}
        return {"classeurs": files, "refuses": plain_notices(self.refused)}

    def joined_by(self, came: Books) -> Books:
        """Return the workbooks once others came, which replace those of the same name."""
        names = set(map(fold_path, came.files))
        kept = {name: each for name, each in self.files.items() if fold_path(name) not in names}
        return Books({**kept, **came.files}, came.refused)

    def without(self, name: str) -> Books:
        """Return the workbooks but one."""
        return Books({each: content for each, content in self.files.items() if each != name})


def accepted_books(sent: Iterable[tuple[str, bytes]]) -> Books:
    """Return the workbooks that may be read, and why the others are not kept."""
    files: dict[str, bytes] = {}
    refused: list[Notice] = []
    for name, content in sent:
        shown = shown_name(last_name(name))
        extension = extension_of(shown)
        if extension != _BOOK and extension not in FOREIGN:
            refused.append(Notice(shown, 0, "", _ONLY_BOOKS, _DEPOSIT_IT))
            continue
        if personal(shown):
            refused.append(Notice(masked(shown), 0, "", _PERSONAL, "renommez-le, puis renvoyez-le"))
            continue
        accepted = accept(name, content)
        refused += accepted.findings.faults
        files |= accepted.files
    return Books(files, tuple(refused))


def check_room(books: Books) -> None:
    """Refuse too many workbooks, or too large ones, for one deposit.

    Raises
    ------
    InputErrors
        With what is too much.
    """
    weight = sum(map(len, books.files.values()))
    faults = []
    if len(books.files) > MOST_BOOKS:
        message = f"{count(len(books.files), 'classeur')}, {whole(MOST_BOOKS)} au plus sur un dépôt"
        faults.append(Notice("", 0, "", message, _LESS))
    if weight > MOST_BYTES:
        message = f"classeurs de {megabytes(weight)} en tout, {megabytes(MOST_BYTES)} au plus"
        faults.append(Notice("", 0, "", message, _LESS))
    if faults:
        raise InputErrors(faults)

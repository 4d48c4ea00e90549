"""What a text or the name of a file may be, before it is kept."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from geo.errors import InputErrors, Notice

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_LONGEST = 2_000
_LONGEST_PATH = 240
_FORBIDDEN = frozenset(("Cc", "Cs", "Cn", "Co"))
_MAIL = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;]+")
_PHONE = re.compile(r"(?<!\d)(?:\+33|0033|0)[\s.\-]?[1-9](?:[\s.\-]?\d{2}){4}(?!\d)")


def checked_text(text: str, name: str, *, longest: int = _LONGEST, empty: bool = False) -> str:
    r"""Return a text on one line, composed, without spaces around.

    >>> checked_text(" Plan\nB ", "nom")
    'Plan B'

    Parameters
    ----------
    text
        What was written.
    name
        Its field, in French, as the planner knows it.
    longest
        Characters allowed.
    empty
        Whether it may say nothing.

    Raises
    ------
    InputErrors
        When it is empty, too long, or holds characters that are none.
    """
    line = one_line(text)
    if not line and not empty:
        raise _refused(name, "rien n’est écrit", "écrire un texte")
    if len(line) > longest:
        raise _refused(name, f"texte de {len(line)} caractères, {longest} au plus", "raccourcir")
    if any(unicodedata.category(each) in _FORBIDDEN for each in line):
        raise _refused(name, "caractères illisibles", "retaper le texte")
    return line


def one_line(text: str) -> str:
    """Return a text as it is kept: on one line, composed, without spaces around."""
    return unicodedata.normalize("NFC", " ".join(text.split()))


def readable(text: str) -> str:
    r"""Return a text of several lines without the characters that are none.

    >>> readable(" un\0\ndeux ")
    'un\ndeux'
    """
    kept = (each for each in text if each == "\n" or unicodedata.category(each) not in _FORBIDDEN)
    return "".join(kept).strip()


def personal(text: str) -> bool:
    """Tell whether a text holds an e-mail address or a French telephone number.

    >>> personal("écrire à a.b@exemple.fr"), personal("06 12 34 56 78"), personal("35 000 h")
    (True, True, False)
    """
    return bool(_MAIL.search(text) or _PHONE.search(text))


def impersonal_text(text: str, name: str, *, longest: int = _LONGEST, empty: bool = False) -> str:
    """Return a text as `checked_text`, that gives nobody's address or number.

    Raises
    ------
    InputErrors
        As `checked_text`, and when it holds an e-mail address or a telephone number.
    """
    line = checked_text(text, name, longest=longest, empty=empty)
    if personal(line):
        raise _refused(
            name,
            "une adresse électronique ou un numéro de téléphone y figure",
            "nommer un service ou une instance, pas une personne",
        )
    return line


def masked(text: str) -> str:
    """Return a text whose e-mail addresses and telephone numbers are hidden."""
    return _PHONE.sub("[masqué]", _MAIL.sub("[masqué]", text))


def check_paths(paths: Iterable[str]) -> None:
    """Refuse names of files that could leave a folder, or be one file on some machines.

    Raises
    ------
    InputErrors
        With every name refused.
    """
    listed = list(paths)
    faults = [
        Notice(_shown(path), 0, "", reason, "renommer le fichier")
        for path in listed
        if (reason := _path_fault(path))
    ]
    faults += [
        Notice(
            _shown(path), 0, "", f"même nom que {_shown(first)} sur certaines machines", "renommer"
        )
        for first, *others in _alike(listed)
        for path in others
    ]
    if faults:
        raise InputErrors(faults)


def _path_fault(path: str) -> str:
    if not path or len(path) > _LONGEST_PATH:
        return f"nom vide, ou de plus de {_LONGEST_PATH} caractères"
    if any(unicodedata.category(each) in _FORBIDDEN for each in path) or "\\" in path:
        return "nom qui contient des caractères interdits"
    parts = path.split("/")
    if any(part in ("", ".", "..") for part in parts) or ":" in parts[0]:
        return "nom qui sort du dossier de l’étude"
    return ""


def _alike(paths: list[str]) -> Iterator[list[str]]:
    """Yield the names that some machine takes for one, or for a file and its own folder."""
    by_fold: dict[str, list[str]] = defaultdict(list)
    for path in sorted(paths):
        by_fold[_fold(path)].append(path)
    for fold, same in by_fold.items():
        folders = [str(parent) for parent in PurePosixPath(fold).parents]
        above = [by_fold[name][0] for name in folders if name in by_fold]
        if len(same) + len(above) > 1:
            yield [*above, *same]


def _fold(path: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKC", path).casefold())


def _shown(path: str) -> str:
    return path.encode("unicode_escape").decode("ascii") if _path_fault(path) else path


def _refused(name: str, message: str, remedy: str) -> InputErrors:
    return InputErrors([Notice("", 0, name, message, remedy)])

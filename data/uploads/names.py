"""Names of received files: what would leave its folder, deceive an eye or a system is refused."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from coverage.wording import whole
from data.study.cells import Refusal
from data.study.faults import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from data.uploads.limits import UploadLimits

_REPLACED = "\ufffd"
_UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
"""Unicode categories of what is not seen, or turns the reading of what is: controls, marks of
direction, surrogates, private and unassigned characters, separators of lines."""

_DRIVE = re.compile(r"[A-Za-z]:")
_FORBIDDEN = frozenset('<>:"|?*')
_RESERVED = frozenset(
    ["con", "prn", "aux", "nul", "conin$", "conout$"]
    + [f"{port}{digit}" for port in ("com", "lpt") for digit in "0123456789¹²³"]
)
_HIDDEN = (".", "~$")
_HIDDEN_NAMES = ("thumbs.db", "desktop.ini", "__macosx")
_PLAIN = "renommez-le : lettres, chiffres, tirets, points et espaces"
_REPACK = "refaites l’archive depuis le dossier de l’étude"


def decode_name(raw: bytes, *, declared_utf8: bool) -> str | None:
    """Return the text of a name in an archive, None when it is not in the encoding it declares.

    Undeclared, UTF-8 is tried first, as some systems write it without a word; then the one of
    French Windows.
    """
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return None if declared_utf8 else raw.decode("cp850")


def shown_name(name: str) -> str:
    r"""Return a name that may be shown in a message: what is not seen stands as a mark.

    >>> shown_name("a\u202eb")
    'a\ufffdb'
    """
    return "".join(_REPLACED if _unseen(char) else char for char in name)


def neutral_path(name: str, limits: UploadLimits) -> str | Refusal:
    """Return a path of plain names joined by `/`, composed (NFC), or why there is none.

    The depth is not judged here: a folder around the whole does not count.
    """
    if any(map(_unseen, name)):
        shown = quoted(shown_name(name))
        message = f"nom qui contient un caractère invisible ou de commande : {shown}"
        return Refusal(message, _PLAIN)
    path = unicodedata.normalize("NFC", name).replace("\\", "/")
    if path.startswith("/") or _DRIVE.match(path) or ".." in path.split("/"):
        return Refusal(f"nom qui sort du dossier de l’étude : {quoted(name)}", _REPACK)
    parts = [part for part in path.split("/") if part not in ("", ".")]
    refusal = next((found for part in parts if (found := _unfit(part, limits))), None)
    return refusal or "/".join(parts)


def last_name(name: str) -> str:
    """Return the name of a file without the folders that a browser may have put before it."""
    return name.replace("\\", "/").rpartition("/")[2]


def is_hidden(path: str) -> bool:
    """Tell whether a file, or a folder around it, is one that no reader looks at."""
    return any(
        part.startswith(_HIDDEN) or part.lower() in _HIDDEN_NAMES for part in path.split("/")
    )


def common_top(paths: Iterable[str], known: Iterable[str]) -> str:
    """Return the folder around all the paths with its `/`, empty when there is none.

    Parameters
    ----------
    known
        Folders of a study: one of them alone is no folder around a study.
    """
    tops = {path.partition("/")[0] if "/" in path else "" for path in paths}
    top = tops.pop() if len(tops) == 1 else ""
    return f"{top}/" if top and top.casefold() not in known else ""


def clashes(paths: Iterable[str]) -> Mapping[str, str]:
    """Return the paths that some system takes for another one, each with that other.

    Two names alike but for case, or for the way of writing accents, are one file on many
    systems; so are a file and a folder of one name.
    """
    listed = list(paths)
    first: dict[str, str] = {}
    found: dict[str, str] = {}
    folders: dict[str, str] = {}
    for path in sorted(listed):
        for folder in _folders(path):
            other = folders.setdefault(fold_path(folder), folder)
            if other != folder:
                found[path] = f"{other}/"
    for path in sorted(listed):
        other = first.setdefault(fold_path(path), path)
        if other != path or listed.count(path) > 1:
            found[path] = other
        elif fold_path(path) in folders:
            found[path] = f"{folders[fold_path(path)]}/"
    return found


def _folders(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:end]) for end in range(1, len(parts))]


def fold_path(path: str) -> str:
    """Return what two paths share that some system takes for one."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", path).casefold())


def _unseen(char: str) -> bool:
    return unicodedata.category(char) in _UNSEEN


def _unfit(part: str, limits: UploadLimits) -> Refusal | None:
    """Return why one name of a path does not suit every system."""
    if len(part.encode()) > limits.name_bytes:
        message = f"nom de plus de {whole(limits.name_bytes)} octets : {quoted(part)}"
        return Refusal(message, "raccourcissez-le")
    if _FORBIDDEN & set(part) or part.endswith((" ", ".")):
        return Refusal(f"nom que Windows n’accepte pas : {quoted(part)}", _PLAIN)
    if part.partition(".")[0].strip().casefold() in _RESERVED:
        return Refusal(f"nom réservé par Windows : {quoted(part)}", _PLAIN)
    return None

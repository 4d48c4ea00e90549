"""Zip archives inside a deposit: one level, for a Shapefile or a public file as published."""

from __future__ import annotations

from typing import TYPE_CHECKING

from data.study.cells import Refusal
from data.study.faults import quoted
from data.uploads.books import book_refusals
from data.uploads.kinds import READ, extension_of, mistaken, too_nested
from data.uploads.limits import Exhausted, Refused
from data.uploads.names import clashes, decode_name, is_hidden, neutral_path, shown_name
from data.uploads.zips import Member, list_members, refusal_of, unpack

if TYPE_CHECKING:
    from data.uploads.limits import Budget

_ARCHIVES = ("zip", "7z", "rar", "gz", "tgz", "tar", "bz2", "xz", "jar", "kmz")
_ONE_LEVEL = Refusal(
    "archive qui en contient une autre", "mettez les fichiers eux-mêmes dans l’archive"
)


def content_refusals(path: str, content: bytes, budget: Budget) -> list[Refusal]:
    """Return why the content of a file of a deposit is refused.

    Parameters
    ----------
    path
        Whose extension is one of `READ`.

    Raises
    ------
    Exhausted
        When the whole deposit has used what it may.
    """
    found = _own_refusals(path, content, budget)
    if not found and extension_of(path) == "zip":
        return archive_refusals(content, budget)
    return found


def archive_refusals(content: bytes, budget: Budget) -> list[Refusal]:
    """Return why an archive of a layer or of a public file is refused.

    Raises
    ------
    Exhausted
        When the whole deposit has used what it may.
    """
    members = list_members(content, budget)
    if isinstance(members, Refusal):
        return [members]
    found: list[Refusal] = []
    paths: list[str] = []
    for member in sorted(members, key=lambda each: each.raw_name):
        path, refusals = _member_refusals(content, member, budget)
        found += refusals
        if path and not member.is_folder:
            paths.append(path)
    for path, other in clashes(paths).items():
        message = f"archive qui contient deux fois {quoted(path)}, l’autre étant {quoted(other)}"
        found.append(Refusal(message, "n’en gardez qu’un"))
    return list(dict.fromkeys(found))


def _member_refusals(content: bytes, member: Member, budget: Budget) -> tuple[str, list[Refusal]]:
    """Return the path of a member, empty when it has none to be read at, and what is wrong."""
    path = _path(member, budget)
    if isinstance(path, Refusal):
        return "", [path]
    if is_hidden(path):
        return "", []
    extension = extension_of(path)
    refusal = refusal_of(member) or (_ONE_LEVEL if extension in _ARCHIVES else None)
    if refusal is not None:
        return path, [_inside(refusal, path)]
    if member.is_folder or extension not in READ:
        return path, []  # what no reader opens is not unpacked here either
    try:
        unpacked = unpack(content, member, budget)
        refusals = _own_refusals(path, unpacked, budget)
    except Exhausted:
        raise
    except Refused as refused:
        refusals = [refused.refusal]
    return path, [_inside(each, path) for each in refusals]


def _path(member: Member, budget: Budget) -> str | Refusal:
    name = decode_name(member.raw_name, declared_utf8=member.declared_utf8)
    if name is None:
        shown = quoted(shown_name(member.raw_name.decode("cp850")))
        return Refusal(f"archive dont un nom est abîmé : {shown}", "renommez ce fichier")
    path = neutral_path(name, budget.limits)
    return _inside(path, shown_name(name)) if isinstance(path, Refusal) else path


def _own_refusals(path: str, content: bytes, budget: Budget) -> list[Refusal]:
    """Return why a content is refused, what an archive holds left out."""
    extension = extension_of(path)
    refusal = mistaken(content, extension)
    if refusal is None and extension in ("json", "geojson"):
        refusal = too_nested(content, budget.limits.json_depth)
    if refusal is not None:
        return [refusal]
    return book_refusals(content, budget) if extension == "xlsx" else []


def _inside(refusal: Refusal, name: str) -> Refusal:
    return Refusal(f"dans l’archive, {quoted(name)} : {refusal.message}", refusal.remedy)

"""The file of an application as the consolidated study keeps it: as filed, but for two things.

Its structure takes its final identifier; what tells who a person is stays in the folder received.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from data.applications.form import identifying_keys, without_identity
from data.consolidate.toml_text import basic_string, statements, written

if TYPE_CHECKING:
    from data.consolidate.toml_text import KeyPath

_STRUCTURE = ("porteur", "structure_id")


@dataclass(frozen=True)
class Kept:
    """What is kept of a file.

    Attributes
    ----------
    left_out
        Whether what identifies a person was in the file, and is no more.
    rewritten
        Whether its content had to be written anew: its comments are lost.
    """

    content: bytes
    left_out: bool = False
    rewritten: bool = False


def structure_named(content: bytes) -> str:
    """Return the structure that an application names, as filed; empty when it names none."""
    porteur = _parsed(content.decode("utf-8-sig"))["porteur"]
    return str(porteur.get(_STRUCTURE[1], "")).strip()


def kept(content: bytes, structure: str = "") -> Kept:
    """Return an application without what identifies a person, all else as it was.

    Comments of their own lines stay, wherever they stand. Where the text alone cannot be changed
    surely (an inline `porteur`), its content is written anew.

    Parameters
    ----------
    content
        A file that was read without fault.
    structure
        What `porteur.structure_id` becomes; empty: what it was.
    """
    text = content.decode("utf-8-sig")
    filed = _parsed(text)
    keys = identifying_keys()
    wanted = without_identity(filed)
    left_out = wanted != filed
    if structure:
        wanted["porteur"][_STRUCTURE[1]] = structure
    if wanted == filed:
        return Kept(content)
    changed = _changed(text, keys, structure)
    if _parsed(changed) == wanted:
        return Kept(changed.encode(), left_out)
    return Kept(written(wanted).encode(), left_out, rewritten=True)


def _parsed(text: str) -> dict[str, Any]:
    return tomllib.loads(text, parse_float=Decimal)


def _changed(text: str, keys: frozenset[KeyPath], structure: str) -> str:
    """Return a text without the statements of some keys, its structure replaced."""
    parts = []
    for each in statements(text):
        if any(each.path[: len(key)] == key for key in keys):
            continue
        if structure and each.path == _STRUCTURE:
            parts.append(each.head + basic_string(structure) + each.tail)
        else:
            parts.append(each.text)
    return "".join(parts)

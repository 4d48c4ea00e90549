"""An application being written: its boxes as typed, half-filled or odd, kept as a draft."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from coverage.dossiers.model import Finding
from coverage.wording import whole
from data.applications.form import FORM
from data.applications.walk import plain_key
from data.store.checks import personal
from geo.errors import InputErrors, Notice

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from data.applications.form import Field

MOST_LINES = 1_500
"""Lines of a list that a page takes: a form is sent whole, its fields are counted."""

_NUMBERS = re.compile(r"\[([0-9]{1,6})\]")
_SEPARATED = re.compile(r"[\s,;]+")
_SHORT = 16
_FINDING = tuple(Finding.__dataclass_fields__)


@dataclass(frozen=True)
class Drafted:
    """An application as its draft keeps it.

    Attributes
    ----------
    name
        Of its file, without extension.
    texts
        Dotted key, lines numbered from 1 (`budget.cofinanceurs[2].nom`) → text as typed; none is
        empty, and no number of a line is skipped.
    source
        Digest of the file of the deposit that it was begun from; empty when there was none.
    told
        What the reading of a workbook found, when it came from one.
    """

    name: str
    texts: Mapping[str, str] = field(default_factory=dict)
    source: str = ""
    told: tuple[Finding, ...] = ()

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Drafted:
        """Return a draft from plain JSON."""
        told = tuple(Finding(*each) for each in plain["lecture"])
        return cls(plain["nom"], plain["textes"], plain["source"], told)

    def plain(self) -> dict[str, Any]:
        """Return the draft as plain JSON."""
        return {
            "nom": self.name,
            "textes": dict(self.texts),
            "source": self.source,
            "lecture": [[getattr(each, name) for name in _FINDING] for each in self.told],
        }


def boxes(keys: Mapping[str, Field] = FORM, at: str = "") -> Iterator[tuple[str, Field]]:
    """Give the boxes of the form in its order, by dotted key; those of a line once, unnumbered."""
    for name, each in keys.items():
        key = f"{at}.{name}" if at else name
        if each.keys:
            yield from boxes(each.keys, key)
        else:
            yield key, each


def lists(keys: Mapping[str, Field] = FORM, at: str = "") -> Iterator[tuple[str, Field]]:
    """Give the lists of lines of the form, by dotted key."""
    for name, each in keys.items():
        key = f"{at}.{name}" if at else name
        if each.kind == "tables":
            yield key, each
        else:
            yield from lists(each.keys, key)


BOXES = dict(boxes())
LISTS = dict(lists())


def settled(texts: Mapping[str, str]) -> dict[str, str]:
    """Return the boxes that are filled, trimmed, lines numbered without a gap.

    >>> settled({"groupement.membres[4].nom": " Une ", "groupement.membres[2].nom": ""})
    {'groupement.membres[1].nom': 'Une'}
    """
    filled = {key: text.replace("\r\n", "\n").strip() for key, text in texts.items()}
    filled = {key: text for key, text in filled.items() if text}
    ranks = {name: _ranks(filled, name) for name in LISTS}
    return {_numbered(key, ranks): text for key, text in filled.items()}


def known(texts: Mapping[str, str]) -> dict[str, str]:
    """Return the texts that a box of the form holds."""
    return {key: text for key, text in texts.items() if _is_box(key)}


def part_of(texts: Mapping[str, str], table: str) -> dict[str, str]:
    """Return the boxes of one table of the form."""
    return {key: text for key, text in texts.items() if key.startswith(f"{table}.")}


def without_line(texts: Mapping[str, str], line: str) -> dict[str, str]:
    """Return the texts without one line, those that follow moved up.

    Parameters
    ----------
    line
        Its key, `budget.cofinanceurs[2]`.
    """
    return settled({key: text for key, text in texts.items() if not key.startswith(f"{line}.")})


def with_codes(texts: Mapping[str, str], name: str, niveau: str, codes: str) -> dict[str, str]:
    """Return the texts with a line more for each code of a list pasted.

    >>> name = "perimetre.facilitateur.codes"
    >>> made = with_codes({}, name, "commune", "01004; 01033")
    >>> made[f"{name}[2].code"], made[f"{name}[2].niveau"]
    ('01033', 'commune')

    Raises
    ------
    InputErrors
        When the list would have more than `MOST_LINES`.
    """
    made = settled(texts)
    before, added = lines_of(made, name), _SEPARATED.sub(" ", codes).split()
    if before + len(added) > MOST_LINES:
        message = f"{whole(before + len(added))} lignes, {whole(MOST_LINES)} au plus dans une liste"
        remedy = "revenir en arrière, où la saisie est encore ; écrire des EPCI ou des départements"
        raise InputErrors([Notice("", 0, name, message, remedy)])
    for rank, code in enumerate(added, start=before + 1):
        made[f"{name}[{rank}].niveau"] = niveau
        made[f"{name}[{rank}].code"] = code
    return settled(made)


def lines_of(texts: Iterable[str], name: str) -> int:
    """Return how many lines a list has."""
    return len(_ranks(texts, name))


def mark_of(texts: Mapping[str, str]) -> str:
    """Return what changes when a text does."""
    told = json.dumps(sorted(texts.items()))
    return hashlib.sha256(told.encode()).hexdigest()[:_SHORT]


def digest_of(content: bytes) -> str:
    """Return what changes when a file does; empty for none."""
    return hashlib.sha256(content).hexdigest() if content else ""


def naming_people(texts: Mapping[str, str], file: str) -> list[Notice]:
    """Return the texts that may be shown and give somebody's address or number.

    The boxes that the form has for people are read, and never shown beside it.
    """
    message = "une adresse électronique ou un numéro de téléphone y figure"
    remedy = "nommez un service ; la personne à joindre a ses cases, que rien d’autre ne montre"
    return [
        Notice(file, 0, key, message, remedy)
        for key, text in texts.items()
        if BOXES[plain_key(key)].kind == "text"
        and not BOXES[plain_key(key)].personal
        and personal(text)
    ]


def _is_box(key: str) -> bool:
    plain = plain_key(key)
    if plain not in BOXES:
        return False
    own = next((name for name in LISTS if plain.startswith(f"{name}.")), "")
    numbered = f"{own}[1]{plain.removeprefix(own)}" if own else plain
    return _NUMBERS.sub("[1]", key) == numbered


def _ranks(texts: Iterable[str], name: str) -> dict[str, int]:
    """Return the numbers of the lines of a list that are there → their rank, from 1."""
    start = f"{name}["
    numbers = {key[len(start) :].partition("]")[0] for key in texts if key.startswith(start)}
    return {text: rank for rank, text in enumerate(sorted(numbers, key=int), start=1)}


def _numbered(key: str, ranks: Mapping[str, Mapping[str, int]]) -> str:
    name, bracket, rest = key.partition("[")
    if not bracket or name not in ranks:
        return key
    number, _, end = rest.partition("]")
    return f"{name}[{ranks[name][number]}]{end}"

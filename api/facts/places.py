"""Places found by what people type: a name, a code, an old one, a whole city."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from geo.errors import UnknownCodeError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo.territory import Territory

_NO_UNIT = np.empty(0, dtype=np.int64)


def find_commune(territory: Territory, text: str) -> str:
    """Return the code of one commune from its code (old ones included) or its name.

    The département may follow in brackets: `Saint-Denis (93)`.

    Raises
    ------
    UnknownCodeError
        When nothing or several communes answer; the message lists them.
    """
    if text in territory.members["commune"]:
        codes = territory.codes[territory.resolve("commune", text)].tolist()
    else:
        name, where = _split(text)
        wanted = fold(name)
        places = zip(territory.units["name"], territory.units["departement"], strict=True)
        codes = territory.codes[
            [fold(n) == wanted and where in ("", d) for n, d in places]
        ].tolist()
    if len(codes) == 1:
        return str(codes[0])
    if not codes:
        territory.resolve("commune", text)
    names = territory.units["name"]
    listed = ", ".join(f"{code} ({names[code]})" for code in codes[:20])
    raise UnknownCodeError(f"« {text} » désigne {len(codes)} communes : préciser parmi {listed}")


def fold(name: str) -> str:
    """Return a name without case, accents or hyphens.

    >>> fold("Saint-Étienne-d’Œuf")
    'saint etienne d œuf'
    """
    plain_name = unicodedata.normalize("NFKD", name.casefold())
    kept = (c if c.isalnum() else " " for c in plain_name if not unicodedata.combining(c))
    return " ".join("".join(kept).split())


@dataclass(frozen=True)
class NameIndex:
    """Folded names of every commune, old ones and whole cities included."""

    names: tuple[str, ...]
    units: tuple[NDArray[np.int64], ...]

    @classmethod
    def of(cls, territory: Territory) -> NameIndex:
        """Return the index of a territory."""
        members, names = territory.members["commune"], territory.names["commune"]
        own = dict(zip(territory.codes, territory.units["name"], strict=True))
        codes = sorted(members)
        return cls(
            tuple(_searched(str(own.get(code, names.get(code, "")))) for code in codes),
            tuple(np.asarray(members[code], dtype=np.int64) for code in codes),
        )

    def matching(self, wanted: str) -> NDArray[np.int64]:
        """Return the units whose name holds some words, the closest first."""
        ranked: list[tuple[int, int]] = []
        for row, name in enumerate(self.names):
            if wanted in name:
                rank = 0 if name == wanted else 1 if name.startswith(wanted) else 2
                ranked.append((rank, row))
        found = [self.units[row] for _, row in sorted(ranked)]
        return np.array(list(dict.fromkeys(np.concatenate([_NO_UNIT, *found]).tolist())), int)


def search(territory: Territory, index: NameIndex, text: str) -> NDArray[np.int64]:
    """Return the rows of the communes that answer a text, the closest first.

    A code gives its commune (or those of its city), the beginning of a code all that begin so;
    else names are compared without case, accents or hyphens, and a département may follow in
    brackets.
    """
    text = text.strip()
    code = text.upper()
    members = territory.members["commune"]
    if code in members:
        return np.asarray(members[code], dtype=np.int64)
    if code[:2].isalnum() and any(character.isdigit() for character in code[:2]):
        return np.flatnonzero([str(other).startswith(code) for other in territory.codes])
    name, where = _split(text)
    wanted = _searched(name)
    if not wanted:
        return _NO_UNIT
    found = index.matching(wanted)
    if where:
        found = found[territory.units["departement"].to_numpy()[found] == where]
    return found


def _split(text: str) -> tuple[str, str]:
    name, _, departement = text.removesuffix(")").partition("(")
    return name, departement.strip().upper()


@lru_cache(maxsize=65536)
def _searched(name: str) -> str:
    """Return a folded name in which a word may be shortened as people write it.

    >>> _searched("St-Ouen"), _searched("Sainte-Œuvre")
    ('saint ouen', 'sainte oeuvre')
    """
    words = fold(name.replace("Œ", "OE").replace("œ", "oe")).split()
    return " ".join({"st": "saint", "ste": "sainte"}.get(word, word) for word in words)

"""Names of places written where a code is expected: read when they can mean one place only.

Writings of one name are told alike (accents, hyphens, articles, St for Saint, the kind of an
EPCI); near names never are: they only serve to propose.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING

from data.study.cells import Refusal
from data.study.faults import count, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from geo.territory import Territory

_SHOWN = 5
"""Places listed when a name means several."""

_NEAR = 3
_CUTOFF = 0.8
_LETTERS = re.compile(r"[^\W\d_]{2}|[^\W\d_]+")
_WORD = re.compile(r"[a-z0-9]+")
_ORDINAL = re.compile(r"([0-9]+)(?:er|ere|e|eme)")
_SHORT = {"st": "saint", "ste": "sainte", "sts": "saints", "stes": "saintes"}
_PARTICLES = ("de", "du", "des", "d", "la", "le", "les", "l")
_ARTICLES = ("le", "la", "les", "l")
_KINDS = {
    "epci": (
        ("communaute d agglomeration", "ca"),
        ("communaute de communes", "cc"),
        ("communaute urbaine", "cu"),
        *((kind, kind) for kind in ("metropole", "ca", "cc", "cu")),
    ),
    "ept": (("etablissement public territorial", "ept"), ("ept", "ept")),
    "arrondissement": (("arrondissement", "arrondissement"),),
    "departement": (("departement", "departement"),),
    "region": (("region", "region"),),
    "commune": (("commune", "commune"),),
}
"""Level → the first words that say a kind, longest first, and that kind."""

_QUALIFIED = (
    re.compile(r"(?P<hint>[0-9][0-9AaBb]?[0-9]*)\s*[-–—:,.]?\s+(?P<name>.+)"),
    re.compile(r"(?P<name>.+?)\s*[(\[](?P<hint>[^()\[\]]+)[)\]]"),
    re.compile(r"(?P<name>.+?)\s*,\s*(?P<hint>[^,]+)"),
    re.compile(r"(?P<name>.+?)\s+[-–—]\s+(?P<hint>[0-9][0-9AaBb]?[0-9]*)"),
)
"""Writings of a name with a code or a département: “01 - Ain”, “Ain (01)”, “Ain, 01”."""

_SET_APART = re.compile(r"[(\[,]\s*[0-9][0-9AaBb]?[0-9]*\s*[)\]]?\s*$")
"""A code set apart at the end: it never belongs to the name."""


def looks_like_name(text: str) -> bool:
    """Tell whether a text is a name rather than a code: two letters side by side, or only one.

    >>> looks_like_name("Ain (01)"), looks_like_name("Y"), looks_like_name("2A004")
    (True, True, False)
    """
    found = _LETTERS.search(text)
    return found is not None and (len(found[0]) > 1 or found[0] == text)


def fold_words(text: str) -> str:
    """Return the words of a name: no accent, no case, no sign, abbreviations spelt out.

    >>> fold_words("St-Étienne-du-Rouvray"), fold_words("Paris 13e Arrondissement")
    ('saint etienne du rouvray', 'paris 13')
    """
    joined = text.casefold().replace("œ", "oe").replace("æ", "ae")
    plain = "".join(
        char for char in unicodedata.normalize("NFKD", joined) if not unicodedata.combining(char)
    )
    words = [_SHORT.get(word, word) for word in _WORD.findall(plain)]
    words = [match[1] if (match := _ORDINAL.fullmatch(word)) else word for word in words]
    if len(words) > 1 and words[-1] == "arrondissement":
        words.pop()
    return " ".join(words)


@dataclass(frozen=True)
class _Key:
    """What a name is compared by: its kind, its other words, those without first particles."""

    kind: str
    words: str
    bare: str


def _key(text: str, niveau: str) -> _Key:
    words, kind = fold_words(text), ""
    for prefix, each in _KINDS[niveau]:
        if words.startswith(f"{prefix} "):
            words, kind = words[len(prefix) + 1 :], each
            break
    bare = words.split()
    while len(bare) > 1 and bare[0] in _PARTICLES:
        bare = bare[1:]
    return _Key(kind, words, " ".join(bare))


@dataclass(frozen=True)
class _Index:
    """The official names of a level: key of each code, and codes by words and by bare words."""

    keys: dict[str, _Key]
    by_words: dict[str, list[str]]
    by_bare: dict[str, list[str]]


@dataclass(frozen=True)
class PlaceNames:
    """The names of a territory; those of a level are laid out when first asked for."""

    territory: Territory
    _indexes: dict[str, _Index] = field(default_factory=dict, repr=False, compare=False)

    def read(self, niveau: str, text: str, *, propose: bool) -> str | Refusal:
        """Return the only code that a name can mean at a level, or why there is none.

        Parameters
        ----------
        propose
            Whether to look near names up when the name is unknown: that is slow.
        """
        codes = self._meanings(niveau, text)
        if len(codes) == 1:
            return codes[0]
        if codes:
            return self._ambiguous(niveau, text, codes)
        name = next((name for name, _ in _qualified(text) if self._named(niveau, name)), "")
        if name:
            message = f"{quoted(text)} : le nom et la précision ne désignent pas le même lieu"
            return Refusal(message, self._proposal(niveau, self._named(niveau, name)))
        vintage = self.territory.vintage
        message = f"nom {quoted(text)} inconnu au niveau « {niveau} » (COG {vintage})"
        near = self._near(niveau, text) if propose else []
        return Refusal(message, self._proposal(niveau, near))

    def show(self, niveau: str, code: str) -> str:
        """Return a code and its name, `01004 (Ambérieu-en-Bugey)`."""
        return f"{code} ({self.territory.names[niveau].get(code, '')})"

    def former(self, code: str) -> str:
        """Return the commune that holds a commune déléguée or associée; empty for other codes."""
        rows = self.territory.members["commune"].get(code)
        if rows is None or code in self.territory.units.index or len(rows) != 1:
            return ""
        return str(self.territory.codes[rows[0]])

    def _meanings(self, niveau: str, text: str) -> list[str]:
        """Return the codes that a text may mean, the same place once."""
        # “Marseille (13)” is Marseille in the Bouches-du-Rhône, not its 13th arrondissement.
        found = set() if _SET_APART.search(text) else set(self._named(niveau, text))
        for name, hint in _qualified(text):
            found |= set(self._agreeing(niveau, name, hint))
        places: dict[tuple[int, ...], str] = {}
        for code in sorted(found, key=lambda code: (code not in self.territory.units.index, code)):
            places.setdefault(tuple(self.territory.members[niveau][code].tolist()), code)
        return sorted(places.values())

    def _named(self, niveau: str, name: str) -> list[str]:
        """Return the codes that bear a name: as written, else without its first particles.

        A kind that is written must be the right one; one that is not may be any.
        """
        index, key = self._index(niveau), _key(name, niveau)
        exact = [
            code for code in index.by_words.get(key.words, []) if index.keys[code].kind == key.kind
        ]
        return exact or [
            code
            for code in index.by_bare.get(key.bare, [])
            if not key.kind or index.keys[code].kind in ("", key.kind)
        ]

    def _agreeing(self, niveau: str, name: str, hint: str) -> list[str]:
        """Return the codes that bear a name and agree with a code or a département beside it."""
        if fold_words(hint) in _ARTICLES:
            return self._named(niveau, f"{hint} {name}")
        wanted = {hint.upper(), hint.upper().zfill(2)}
        departements = wanted & self.territory.members["departement"].keys()
        departements |= set(self._named("departement", hint))
        return [
            code
            for code in self._named(niveau, name)
            if code in wanted or departements & self._departements(niveau, code)
        ]

    def _departements(self, niveau: str, code: str) -> set[str]:
        rows = self.territory.members[niveau][code]
        return set(self.territory.units["departement"].iloc[rows])

    def _ambiguous(self, niveau: str, text: str, codes: list[str]) -> Refusal:
        shown = ", ".join(self._place(niveau, code) for code in codes[:_SHOWN])
        more = len(codes) - _SHOWN
        shown += f" et {count(more, 'autre')}" if more > 0 else ""
        message = f"{quoted(text)} désigne {len(codes)} lieux au niveau « {niveau} » : {shown}"
        here = min(self._departements(niveau, codes[0]))
        bare = next((name for name, _ in _qualified(text)), text)
        remedy = f"écrivez le code, ou précisez le département : « {bare} ({here}) »"
        alone = sum(here in self._departements(niveau, code) for code in codes) == 1
        return Refusal(message, remedy if alone else "écrivez le code du lieu voulu")

    def _place(self, niveau: str, code: str) -> str:
        if niveau in ("departement", "region"):
            return self.show(niveau, code)
        held = "/".join(sorted(self._departements(niveau, code)))
        return f"{code} ({self.territory.names[niveau].get(code, '')}, {held})"

    def _near(self, niveau: str, text: str) -> list[str]:
        """Return codes of names that hold the words of a text, else of names spelt nearly so."""
        index, bare = self._index(niveau), _key(text, niveau).bare
        near = [name for name in index.by_bare if f" {bare} " in f" {name} "][:_NEAR]
        near = near or get_close_matches(bare, list(index.by_bare), _NEAR, _CUTOFF)
        return [code for name in near for code in index.by_bare[name]]

    def _proposal(self, niveau: str, codes: Iterable[str]) -> str:
        listed = [self._place(niveau, code) for code in codes][:_SHOWN]
        if listed:
            return f"vouliez-vous dire {' ou '.join(listed)} ? écrivez le code"
        return f"prenez le code dans le Code officiel géographique {self.territory.vintage}"

    def _index(self, niveau: str) -> _Index:
        if niveau not in self._indexes:
            names = self.territory.names[niveau]
            keys = {
                code: _key(names[code], niveau)
                for code in self.territory.members[niveau]
                if code in names
            }
            self._indexes[niveau] = _Index(
                keys,
                _grouped((key.words, code) for code, key in keys.items()),
                _grouped((key.bare, code) for code, key in keys.items()),
            )
        return self._indexes[niveau]


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for key, value in pairs:
        groups.setdefault(key, []).append(value)
    return groups


def _qualified(text: str) -> list[tuple[str, str]]:
    """Return the (name, code or département) pairs that a text may be read as."""
    matches = (pattern.fullmatch(text.strip()) for pattern in _QUALIFIED)
    return [(match["name"], match["hint"].strip()) for match in matches if match]

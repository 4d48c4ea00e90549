"""Where a contract is carried out: seven kinds of official code, however they are spelt."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from coverage.origins.buyers import plain_text
from data.contracts.reasons import Reason
from data.study.filed_codes import repaired

if TYPE_CHECKING:
    from geo.territory import Territory

KINDS = {
    "postal": "code_postal",
    "code postal": "code_postal",
    "code_postal": "code_postal",
    "commune": "commune",
    "commune insee": "commune",
    "arrondissement": "arrondissement",
    "canton": "canton",
    "departement": "departement",
    "region": "region",
    "pays": "pays",
}
"""Kind of code, without accents nor « Code », → level; cantons have none in the territory."""

FRANCE = frozenset({"fr", "fra", "france", "250", "99100", "100"})
"""How the country is written: ISO 3166, its name, the COG's own code."""

_POSTAL_DIGITS = 5
_CORSICA = "20"
_SOUTH = ("200", "201")
"""First digits of the postal codes of Corse-du-Sud; the others of 20 are Haute-Corse."""


class Remark(StrEnum):
    """What was done of a code that could not be taken as it stood, in French."""

    LOST_ZERO = "code réparé (zéro perdu, espace, casse)"
    CANTON = "canton, lu comme son département"
    POSTAL = "code postal inconnu (CEDEX ou ville entière), lu comme son département"
    AS_POSTAL = "code postal donné pour un code de commune"


@dataclass(frozen=True)
class Spot:
    """A level and a code that the territory resolves; the code of the country is empty."""

    niveau: str
    code: str
    remark: Remark | None = None


def find_place(kind: str, code: str, territory: Territory) -> Spot | Reason:
    """Return the place that a kind and a code mean, or why none does.

    Parameters
    ----------
    kind
        As published: « Code postal », « code département », « COMMUNE »…
    code
        As published.
    """
    text = code.strip()
    if not text:
        return Reason.PLACE_ABSENT
    niveau = KINDS.get(plain_text(kind).removeprefix("code "), "")
    if not niveau:
        return Reason.PLACE_KIND
    if niveau == "pays":
        return Spot("pays", "") if plain_text(text) in FRANCE else Reason.PLACE_ABROAD
    return _coded(niveau, text, territory)


def _coded(niveau: str, text: str, territory: Territory) -> Spot | Reason:
    known = territory.members.get(niveau, {})
    if text in known:
        return Spot(niveau, text)
    digits = text.zfill(_POSTAL_DIGITS) if niveau == "code_postal" else text
    code = repaired(digits, niveau, known)
    if code:
        return Spot(niveau, code, Remark.LOST_ZERO)
    found = {"canton": _of_canton, "code_postal": _of_postal, "commune": _as_postal}.get(niveau)
    return (found(text, territory) if found else None) or Reason.PLACE_UNKNOWN


def _of_canton(text: str, territory: Territory) -> Spot | None:
    """Return the département of a canton: its code and two digits."""
    departement = repaired(text[:-2], "departement", territory.members["departement"])
    return Spot("departement", departement, Remark.CANTON) if departement else None


def _of_postal(text: str, territory: Territory) -> Spot | None:
    """Return the département of a postal code that no commune has."""
    digits = text.replace(" ", "").removesuffix(".0").zfill(_POSTAL_DIGITS)
    if len(digits) != _POSTAL_DIGITS or not (digits.isascii() and digits.isdecimal()):
        return None
    known = territory.members["departement"]
    corsica = ("2A" if digits.startswith(_SOUTH) else "2B") if digits[:2] == _CORSICA else ""
    codes = (corsica, digits[:3], digits[:2])
    departement = next((code for code in codes if code in known), "")
    return Spot("departement", departement, Remark.POSTAL) if departement else None


def _as_postal(text: str, territory: Territory) -> Spot | None:
    """Return the postal code that was filed as a commune's."""
    known = territory.members.get("code_postal", {})
    code = repaired(text.zfill(_POSTAL_DIGITS), "code_postal", known)
    return Spot("code_postal", code, Remark.AS_POSTAL) if code else None

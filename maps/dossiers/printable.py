"""Text that may be printed: no control sign, nothing that the fonts of the sheet lack."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

REPLACED = "□"
"""Stands for a sign that the fonts of the sheet cannot draw."""

_MARGIN = 4
"""Times the signs kept that are read of a text: most of it may be signs that go."""

_SPACES = re.compile(" +")
_DRAWN = (
    (0x20, 0x24F),  # Latin
    (0x370, 0x3FF),  # Greek
    (0x400, 0x4FF),  # Cyrillic
    (0x1E00, 0x1EFF),  # Latin with two accents
    (0x2010, 0x2027),  # dashes, quotes, ellipsis
    (0x202F, 0x2040),  # narrow space, per mille, guillemets
    (0x20A0, 0x20BF),  # currencies
    (0x2116, 0x2116),
    (0x2122, 0x2122),
    (0x2190, 0x226F),  # arrows, signs of mathematics
    (0x25A0, 0x25FF),  # shapes
)
"""Ranges that the fonts carried by typst draw whole, read from left to right.

Combining marks that no letter absorbs are left out: they may upset the line breaking.
"""


def printable(text: str) -> str:
    r"""Return a text on one line, as the sheet can print it.

    Letters are composed; ends of lines and tabulations become spaces; control and direction
    signs go; what the fonts lack becomes `REPLACED`, so that a gap is seen.

    >>> printable("Cha\u0302teau\n\u202erouge \u6f22")
    'Château rouge □'
    """
    composed = unicodedata.normalize("NFC", text)
    return _SPACES.sub(" ", "".join(map(_sign, composed))).strip(" ")


def shortened(text: str, most: int) -> str:
    r"""Return a text ready to print, of at most so many signs: cut at a word, the cut shown.

    >>> shortened("un deux\ttrois", 9), shortened("un deux", 9)
    ('un deux…', 'un deux')
    """
    read = _MARGIN * most
    clean = printable(text[:read])
    if len(clean) <= most and len(text) <= read:
        return clean
    kept = clean[:most]
    whole = (
        kept[: most - 1] if clean[most - 1 : most] == " " else kept[: most - 1].rpartition(" ")[0]
    )
    return f"{(whole or kept[: most - 1]).rstrip()}…"


def drawn_signs() -> list[str]:
    """Return every sign that a printable text may hold."""
    signs = (chr(code) for first, last in _DRAWN for code in range(first, last + 1))
    return [sign for sign in signs if _sign(sign) == sign]


@lru_cache(maxsize=4096)
def _sign(sign: str) -> str:
    if sign.isspace() and sign not in "\u00a0\u202f":
        return " "
    if unicodedata.category(sign) in {"Cc", "Cf"}:
        return ""
    if unicodedata.category(sign) == "Cn" or not any(a <= ord(sign) <= b for a, b in _DRAWN):
        return REPLACED
    return sign

"""What the guide for spreadsheets explains: the patterns of its messages."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

GUIDE = Path(__file__).parents[1] / "docs/guide-tableur.md"


def plain_spaces(text: str) -> str:
    """Return a text with one kind of space, none inside French quotes: they may be empty."""
    single = re.sub(r"[ \u00a0\u2009\u202f]+", " ", text)
    return re.sub("« ?(.*?) ?»", r"«\1»", single)


@cache
def patterns() -> tuple[str, ...]:
    """Return the messages of the guide, `…` for what changes."""
    entries = GUIDE.read_text(encoding="utf-8").split("## Tous les messages")[1]
    return tuple(map(plain_spaces, re.findall(r"^\| `([^`]+)` \|", entries, flags=re.MULTILINE)))


@cache
def _expression() -> re.Pattern[str]:
    bodies = (".*".join(map(re.escape, entry.split("…"))) for entry in patterns())
    return re.compile("|".join(bodies), re.DOTALL)


def explained(message: str) -> bool:
    """Tell whether the guide has an entry for a message."""
    return _expression().fullmatch(plain_spaces(message)) is not None

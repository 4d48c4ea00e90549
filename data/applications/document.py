"""A TOML file and the line of each of its keys, for messages."""

from __future__ import annotations

import re
import tomllib
from codecs import BOM_UTF8
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from geo.errors import Notice

if TYPE_CHECKING:
    from collections.abc import Mapping

_TABLE_LINE = re.compile(r"\s*(\[\[?)\s*([\w.-]+)\s*\]\]?")
_KEY_LINE = re.compile(r"\s*[\"']?([\w.-]+)[\"']?\s*=")
MOST_DEEP = 20
"""Levels of tables and lists: the form has five."""

_NAME = r"(?:[\w-]+|\"[^\"\n]*\"|'[^'\n]*')"
_ENDLESS_KEY = re.compile(
    rf"(?:^|[{{,\[])[ \t]*+{_NAME}(?:[ \t]*+\.[ \t]*+{_NAME}){{{MOST_DEEP},}}+[ \t]*+[=\]]",
    re.MULTILINE,
)
"""A key of many names: the parser takes a time that grows as the square of their number."""

_QUOTES = re.compile(r'"""|\'\'\'')
_AS_UTF8 = "enregistrez le fichier en UTF-8 (bloc-notes : Enregistrer sous, codage UTF-8)"
_TOO_DEEP = (
    f"tables emboîtées sur plus de {MOST_DEEP} niveaux",
    "gardez les tables du formulaire, et elles seules",
)
_AS_TOML = (
    "écrivez « clé = valeur », les textes entre guillemets droits, les longs textes entre trois "
    "guillemets droits, les décimales avec un point"
)


@dataclass(frozen=True)
class Document:
    """A parsed file.

    Attributes
    ----------
    lines
        Line of each dotted key; the tables of a list are numbered from 1 (`a.b[2].c`).
    labels
        What to call the place of a key where it is not the file alone: its sheet.
    """

    file: str
    content: Mapping[str, Any]
    lines: Mapping[str, int]
    labels: Mapping[str, str] = field(default_factory=dict)

    def notice(self, key: str, message: str, remedy: str) -> Notice:
        """Return a finding about a key, at its line or at that of the nearest table around it."""
        at = key
        while at and at not in self.lines:
            at = at[:-1].rpartition("[")[0] if at.endswith("]") else at.rpartition(".")[0]
        place = self.labels.get(at, self.file)
        return Notice(place, self.lines.get(at, 0), key, message, remedy)


def parse_document(content: bytes, file: str) -> Document | Notice:
    """Return what a file holds, or why it cannot be read; decimals are exact."""
    plain = content.removeprefix(BOM_UTF8)
    try:
        text = plain.decode()
    except UnicodeDecodeError as error:
        row = plain.count(b"\n", 0, error.start) + 1
        return Notice(file, row, "", "texte qui n’est pas en UTF-8", _AS_UTF8)
    if endless := _ENDLESS_KEY.search(text):
        row = text.count("\n", 0, endless.end()) + 1
        return Notice(file, row, "", *_TOO_DEEP)
    try:
        parsed = tomllib.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError) as error:  # endless numbers and nestings included
        return _syntax(str(error), text, file)
    if _depth(parsed) > MOST_DEEP:
        return Notice(file, 0, "", *_TOO_DEEP)
    return Document(file, parsed, _key_lines(text))


def _depth(content: Mapping[str, Any]) -> int:
    """Return how deep tables and lists nest, without recursion: dotted keys nest at no cost."""
    deep = 0
    level: list[Any] = [content]
    while level and deep <= MOST_DEEP:
        deep += 1
        level = [
            inner
            for each in level
            for inner in (each.values() if isinstance(each, dict) else each)
            if isinstance(inner, dict | list)
        ]
    return deep


def _syntax(error: str, text: str, file: str) -> Notice:
    at = re.search(r"at line (\d+)", error)
    row = int(at.group(1)) if at else len(text.splitlines())
    if "overwrite" in error or "twice" in error:
        return Notice(file, row, "", "clé ou table écrite deux fois", "gardez-en une")
    return Notice(file, row, "", "ligne qui n’est pas du TOML", _AS_TOML)


def _key_lines(text: str) -> dict[str, int]:
    lines: dict[str, int] = {}
    counts: dict[str, int] = {}
    table, inside = "", False
    for number, line in enumerate(text.splitlines(), start=1):
        quoted, inside = inside, inside ^ (len(_QUOTES.findall(line)) % 2 == 1)
        if quoted:
            continue
        if heading := _TABLE_LINE.match(line):
            table = heading.group(2)
            if heading.group(1) == "[[":
                counts[table] = counts.get(table, 0) + 1
                lines.setdefault(table, number)
                table = f"{table}[{counts[table]}]"
            lines.setdefault(table, number)
        elif key := _KEY_LINE.match(line):
            lines.setdefault(f"{table}.{key.group(1)}" if table else key.group(1), number)
    return lines

"""TOML as a text: where each of its statements stands, and content written anew."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

KeyPath = tuple[str, ...]
"""Names of the tables around a key, then its own."""

_BASIC, _LITERAL = r'"(?:[^"\\\n]|\\.)*+"', r"'[^'\n]*+'"
_LONG_BASIC = r'"""(?:[^"\\]|\\.|"{1,2}(?!"))*+"{3,5}'
_LONG_LITERAL = r"'''(?:[^']|'{1,2}(?!'))*+'{3,5}"
_STRING = f"{_LONG_BASIC}|{_LONG_LITERAL}|{_BASIC}|{_LITERAL}"
_NAME = f"(?:[A-Za-z0-9_-]+|{_BASIC}|{_LITERAL})"
_DOTTED = rf"{_NAME}(?:[ \t]*\.[ \t]*{_NAME})*"
_HEAD = re.compile(
    rf"[ \t]*(?:\[\[?[ \t]*(?P<table>{_DOTTED})[ \t]*\]\]?|(?P<key>{_DOTTED})[ \t]*=[ \t]*)",
    re.DOTALL,
)
_TOKEN = re.compile(rf"{_STRING}|#[^\n]*|[^\"'#\[\]{{}}\n]+|.", re.DOTALL)
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_OPENING, _CLOSING = "[{", "]}"

_Value = bool | str | int | Decimal | date | time | list[Any] | dict[str, Any]


@dataclass(frozen=True)
class Statement:
    """Whole lines of a text: a heading, a key with its value, a comment or nothing.

    Attributes
    ----------
    path
        Of the table that a heading opens, or of the key; empty for a comment or nothing.
    head, value, tail
        A key up to its value, its value, then the rest of its last line. Other statements are all
        `head`.
    """

    path: KeyPath
    head: str
    value: str = ""
    tail: str = ""

    @property
    def text(self) -> str:
        """All of it, end of line included."""
        return self.head + self.value + self.tail


def statements(text: str) -> Iterator[Statement]:
    r"""Yield the statements of a valid TOML text: joined, they are the text.

    >>> [each.path for each in statements('a = 1\n[b."c d"]\n# e\nf.g = [\n2]')]
    [('a',), ('b', 'c d'), (), ('b', 'c d', 'f', 'g')]
    """
    at, table = 0, KeyPath()
    while at < len(text):
        head = _HEAD.match(text, at)
        start = head.end() if head else at
        value, end = _ends(text, start)
        if head and head["key"]:
            path = (*table, *_names(head["key"]))
            yield Statement(path, text[at:start], text[start:value], text[value:end])
        else:
            table = _names(head["table"]) if head else table
            yield Statement(table if head else (), text[at:end])
        at = end


def written(content: Mapping[str, Any]) -> str:
    """Return a TOML text of some content: a heading for each table, after the keys of its own.

    Parameters
    ----------
    content
        As `tomllib` parses it, numbers that are not whole as finite `Decimal`.

    Examples
    --------
    >>> print(written({"a": {"b": {"c d": "x"}, "e": [1, {"f": True}]}}))
    <BLANKLINE>
    [a]
    e = [1, { f = true }]
    <BLANKLINE>
    [a.b]
    "c d" = "x"
    <BLANKLINE>
    """
    return "".join(f"{line}\n" for line in _lines(content, ()))


def _ends(text: str, start: int) -> tuple[int, int]:
    """Return where a value ends, and where its last line does, end of line included."""
    at = value = start
    depth = 0
    while at < len(text):
        token = _TOKEN.match(text, at)
        part = token[0] if token else text[at]
        at += len(part)
        if part == "\n" and not depth:
            break
        depth += (part in _OPENING) - (part in _CLOSING)
        if part[0] != "#" and not part.isspace():
            value = at - len(part) + len(part.rstrip())
    return value, at


def _names(dotted: str) -> KeyPath:
    found: Any = tomllib.loads(f"{dotted} = 0")
    names = []
    while isinstance(found, dict):
        ((name, found),) = found.items()
        names.append(name)
    return tuple(names)


def _lines(content: Mapping[str, Any], path: KeyPath) -> Iterator[str]:
    tables = {name: value for name, value in content.items() if isinstance(value, dict)}
    for name, value in content.items():
        if name not in tables:
            long = isinstance(value, str) and "\n" in value
            yield f"{_key(name)} = {_long(value) if long else _value(value)}"
    for name, table in tables.items():
        yield ""
        yield f"[{'.'.join(map(_key, (*path, name)))}]"
        yield from _lines(table, (*path, name))


def _value(value: _Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return basic_string(value)
    if isinstance(value, int | Decimal):
        text = str(value)
        bare = isinstance(value, Decimal) and text.lstrip("-").isdigit()
        return f"{text}.0" if bare else text
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    pairs = ", ".join(f"{_key(name)} = {_value(own)}" for name, own in value.items())
    return f"{{ {pairs} }}" if pairs else "{}"


def _long(text: str) -> str:
    lines = (basic_string(line)[1:-1] for line in text.split("\n"))
    return '"""\n{}"""'.format("\n".join(lines))


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else basic_string(name)


def basic_string(text: str) -> str:
    """Return a TOML string on one line; JSON writes the same, but for one character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")

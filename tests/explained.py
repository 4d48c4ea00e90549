"""What the guides explain, and what the program says: the patterns of their messages."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]

TABLES_GUIDE = ROOT / "docs/guide-tableur.md"
"""Explains what is said of tables, workbooks and drawn perimeters."""

NEEDS_GUIDE = ROOT / "docs/guide-besoins.md"
"""Explains what is said of where hours come from: contracts, projects, services, indicators."""

GUIDES = (TABLES_GUIDE, NEEDS_GUIDE)

_ROOMS = {
    TABLES_GUIDE: ("data/study", "data/workbooks", "data/drawings"),
    NEEDS_GUIDE: (
        *("data/contracts", "data/projects", "data/services", "data/indicators"),
        *("data/fetch", "coverage/origins"),
    ),
}
_OWN = {
    TABLES_GUIDE: (
        *(f"coverage/{name}.py" for name in ("need", "perimeters", "reach", "supply")),
        *("coverage/origins/filed.py", "geo/crs.py", "geo/territory.py"),
    ),
    NEEDS_GUIDE: ("data/study/sources_reader.py", "coverage/years.py", "api/data_command.py"),
}
"""Guide → modules that it explains of rooms that are not wholly its own."""

_SAY_NOTHING = ("templates.py", "writer.py", "tables.py", "faults.py", "__init__.py")

SINKS = {
    TABLES_GUIDE: {"Notice": 3, "fault": 1, "_faults": 1}
    | dict.fromkeys(("append", "aside_table", "Refusal", "CrsError", "UnknownCodeError"), 0),
    NEEDS_GUIDE: {"Notice": 3, "fault": 1, "_refused": 1, "_notice": 1, "_faults": 3}
    | dict.fromkeys(("warning", "told", "_told"), 2)
    | dict.fromkeys(("append", "aside_table", "say", "Refusal"), 0)
    | dict.fromkeys(("DataUnavailableError", "TransferError", "OutputError"), 0)
    | dict.fromkeys(("NotContractsError", "MissingColumnsError"), 0),
}
"""Call → which of its arguments is a message, in the modules of each guide."""

_NAMES = {"message", "messages", "where", "text", "told"}
NAMES = {
    TABLES_GUIDE: _NAMES,
    NEEDS_GUIDE: _NAMES
    | {"facts", "counts", "done", "what", "reason", "found", "noun", "parts"}
    | {"_NOWHERE", "_UNDATED", "_ALREADY", "_KNOWN_ELSEWHERE", "_NO_WEIGHT", "_EMPTY", "_MOVED"}
    | {"_SHAPES"},
}
"""Variables that hold a message, or a part of one."""

_RETURNING = ("_refused", "_changed", "_chosen")
"""Functions that return a message."""

_NOT_MESSAGES = (
    "aucune projection légale connue pour le département",
    "aucun système de coordonnées n’est déclaré ; enregistrez la couche",
    "coordonnées hors des bornes d’une longitude et d’une latitude",
    "niveau « … » inconnu ; niveaux acceptés",
    *("rows lost", "rien à faire", "écrivez ", "prenez ", "déposer "),
)
"""What the program says to whoever calls its functions wrongly, which no file of a study leads
to; and beginnings of remedies that stand beside their message."""


def plain_spaces(text: str) -> str:
    """Return a text with one kind of space, none inside French quotes: they may be empty."""
    single = re.sub(r"[ \u00a0\u2009\u202f]+", " ", text)
    return re.sub("« ?(.*?) ?»", r"«\1»", single)


@cache
def patterns(guide: Path) -> tuple[str, ...]:
    """Return the messages of a guide, `…` for what changes."""
    entries = guide.read_text(encoding="utf-8").split("## Tous les messages")[1]
    return tuple(map(plain_spaces, re.findall(r"^\| `([^`]+)` \|", entries, flags=re.MULTILINE)))


@cache
def _expression() -> re.Pattern[str]:
    entries = (entry for guide in GUIDES for entry in patterns(guide))
    bodies = (".*".join(map(re.escape, entry.split("…"))) for entry in entries)
    return re.compile("|".join(bodies), re.DOTALL)


def explained(message: str) -> bool:
    """Tell whether a guide has an entry for a message."""
    return _expression().fullmatch(plain_spaces(message)) is not None


def modules(guide: Path) -> list[Path]:
    """Return the modules whose messages a guide explains."""
    others = {ROOT / name for names in _OWN.values() for name in names}
    found = [path for room in _ROOMS[guide] for path in (ROOT / room).glob("*.py")]
    kept = sorted(p for p in found if p.name not in _SAY_NOTHING and p not in others)
    return [*kept, *(ROOT / name for name in _OWN[guide])]


@cache
def said(guide: Path) -> frozenset[str]:
    """Return every text with a word in it that the modules of a guide hold, docstrings aside."""
    texts: set[str] = set()
    for path in modules(guide):
        nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
        alone = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
        texts.update(text for node in nodes if id(node) not in alone for text in _literals(node))
    return frozenset(plain_spaces(text) for text in texts if re.search("[a-zà-ÿ]{3,}", text))


@cache
def written(guide: Path) -> tuple[tuple[str, str], ...]:
    """Return (module, message) of every message that has words of its own."""
    return tuple(
        (path.name, plain_spaces(text))
        for path in modules(guide)
        for text in _messages(path, guide)
        if re.search("[a-zà-ÿ]{3,}.* .*[a-zà-ÿ]{3,}", text) and not text.startswith(_NOT_MESSAGES)
    )


def _messages(path: Path, guide: Path) -> Iterator[str]:
    """Yield the messages that a module writes."""
    sinks, known = SINKS[guide], NAMES[guide]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            at = sinks.get(name, len(node.args))
            told = node.args[at] if at < len(node.args) else None
            if name != "append" or isinstance(told, ast.Tuple):
                yield from _literals(told)
        elif isinstance(node, ast.Assign):
            names = [getattr(target, "id", "") for target in node.targets]
            names += [getattr(getattr(target, "value", None), "id", "") for target in node.targets]
            if set(names) & known:
                yield from _literals(node.value)
        elif isinstance(node, ast.ClassDef) and _is_enum(node):
            values = [each.value for each in node.body if isinstance(each, ast.Assign)]
            yield from (text for value in values for text in _literals(value))
        elif isinstance(node, ast.FunctionDef) and node.name in _RETURNING:
            values = [each.value for each in ast.walk(node) if isinstance(each, ast.Return)]
            yield from (text for value in values for text in _literals(value))


def _is_enum(node: ast.ClassDef) -> bool:
    return any(getattr(base, "id", "") == "StrEnum" for base in node.bases)


def _literals(node: ast.AST | None) -> Iterator[str]:
    """Yield the texts that an expression may be, `…` for what is only known when it runs."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield re.sub(r"\{\w*\}", "…", node.value)
    elif isinstance(node, ast.JoinedStr):
        parts = (each.value if isinstance(each, ast.Constant) else "…" for each in node.values)
        yield "".join(map(str, parts))
    elif isinstance(node, ast.IfExp):
        yield from _literals(node.body)
        yield from _literals(node.orelse)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        lefts, rights = (list(_literals(side)) or ["…"] for side in (node.left, node.right))
        yield from (left + right for left in lefts for right in rights)
    elif isinstance(node, ast.List | ast.Tuple):
        yield from (text for each in node.elts for text in _literals(each))
    elif isinstance(node, ast.Dict):
        yield from (text for each in node.values for text in _literals(each))
    elif isinstance(node, ast.Subscript):
        yield from _literals(node.value)
    elif isinstance(node, ast.GeneratorExp | ast.ListComp):
        yield from _literals(node.elt)

"""The guide explains every message: those of the sources, those of every broken study here."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from explained import GUIDE, explained, patterns, plain_spaces
from test_study_warnings import WARNED
from toy import STUDY, toy_territory, write_study

from data.study.reader import read_study

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
TOY = toy_territory()
SINKS = {"Notice": 3, "Refusal": 0, "fault": 1, "_faults": 1, "append": 0} | dict.fromkeys(
    ("CrsError", "UnknownCodeError"), 0
)
"""Call → which of its arguments is a message."""

NAMES = ("message", "messages", "where", "text")
"""Variables that hold a message, or a part of one."""

NOT_OF_A_STUDY = (
    "aucune projection légale connue pour le département",
    "aucun système de coordonnées n’est déclaré ; enregistrez la couche",
    "coordonnées hors des bornes d’une longitude et d’une latitude",
    "niveau « … » inconnu ; niveaux acceptés",
)
"""What the program says to whoever calls its functions wrongly: no file of a study leads there."""


def modules() -> list[Path]:
    rooms = ("data/study", "data/workbooks", "data/drawings")
    study = [path for room in rooms for path in (ROOT / room).glob("*.py")]
    others = ("templates.py", "writer.py", "tables.py", "faults.py", "__init__.py")
    readers = sorted(path for path in study if path.name not in others)
    decided = [ROOT / f"coverage/{name}.py" for name in ("need", "perimeters", "reach", "supply")]
    return [*readers, *decided, ROOT / "geo/crs.py", ROOT / "geo/territory.py"]


def literals(node: ast.AST | None) -> Iterator[str]:
    """Yield the texts that an expression may be, `…` for what is only known when it runs."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield re.sub(r"\{\}", "…", node.value)
    elif isinstance(node, ast.JoinedStr):
        parts = (each.value if isinstance(each, ast.Constant) else "…" for each in node.values)
        yield "".join(map(str, parts))
    elif isinstance(node, ast.IfExp):
        yield from literals(node.body)
        yield from literals(node.orelse)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        lefts, rights = (list(literals(side)) or ["…"] for side in (node.left, node.right))
        yield from (left + right for left in lefts for right in rights)
    elif isinstance(node, ast.List | ast.Tuple):
        for each in node.elts:
            yield from literals(each)


def messages(path: Path) -> Iterator[str]:
    """Yield the messages that a module writes."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            at = SINKS.get(name, len(node.args))
            told = node.args[at] if at < len(node.args) else None
            if name != "append" or isinstance(told, ast.Tuple):
                yield from literals(told)
        elif isinstance(node, ast.Assign):
            names = [getattr(target, "id", "") for target in node.targets]
            names += [getattr(getattr(target, "value", None), "id", "") for target in node.targets]
            if set(names) & {*NAMES, "told"}:
                yield from literals(node.value)


@cache
def written() -> tuple[tuple[str, str], ...]:
    """Return (module, message) of every message that has words of its own."""
    return tuple(
        (path.name, plain_spaces(text))
        for path in modules()
        for text in messages(path)
        if len(re.findall("[a-zà-ÿ]{3,}", text)) > 1 and not text.startswith(NOT_OF_A_STUDY)
    )


def fits(template: str, pattern: str, *, part: bool) -> bool:
    """Tell whether a message with holes, or a part of one, and an entry may be one text."""

    def over(one: str, other: str) -> bool:
        body = ".*".join(map(re.escape, one.split("…")))
        return re.fullmatch(body, other.replace("…", "X")) is not None

    return over(f"…{template}…" if part else template, pattern) or over(pattern, template)


def test_every_message_of_the_sources_has_its_entry() -> None:
    lost = {
        each
        for each in written()
        if not any(fits(each[1], entry, part=True) for entry in patterns())
    }
    assert not lost, "\n".join(map(str, sorted(lost)))


def test_the_guide_explains_no_message_that_nothing_says() -> None:
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in modules()]
    texts = {text for tree in trees for node in ast.walk(tree) for text in literals(node)}
    said = {plain_spaces(text) for text in texts if re.search("[a-zà-ÿ]{3,}", text)}
    for entry in patterns():
        assert any(fits(text, entry, part=False) for text in said), entry


def test_entries_are_whole_and_written_once() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    rows = [line for line in text.split("## Tous les messages")[1].splitlines() if "|" in line]
    for row in rows:
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]]
        assert len(cells) == 3, row
        assert all(cells), row
    assert len(set(patterns())) == len(patterns())
    assert len(patterns()) > 150


@pytest.mark.parametrize("case", WARNED)
def test_every_warning_of_the_tests_has_its_entry(case: str, tmp_path: Path) -> None:
    files = {**STUDY, **WARNED[case][0]}
    kept = {name: content for name, content in files.items() if content is not None}
    for warning in read_study(write_study(tmp_path, kept), TOY).warnings:
        assert explained(warning.message), warning


def test_a_message_that_the_guide_does_not_have_is_found() -> None:
    assert explained("identifiant « A » déjà pris ligne 2")
    assert not explained("identifiant « A » déjà vu")


def test_links_of_the_guide_lead_somewhere() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    titles = re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}
    for target in re.findall(r"\]\(([^)]+)\)", text):
        assert target.removeprefix("#") in anchors or (GUIDE.parent / target).is_file(), target
    for page in ("README.md", "docs/formats.md"):
        assert "guide-tableur.md" in (ROOT / page).read_text(encoding="utf-8")

"""The house holds: who imports whom, no circle, no tool that claims the name of a room."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ALLOWED = {
    "geo": set(),
    "coverage": {"geo"},
    "data": {"geo", "coverage"},
    "maps": {"geo", "coverage"},
    "api": {"geo", "coverage", "data", "maps"},
}
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for room in ALLOWED
    for path in sorted((ROOT / room).rglob("*.py"))
}


def imported(path: Path) -> set[str]:
    """Every module of ours that a file names in an import, wherever the import stands."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return {name for name in names if name.split(".")[0] in ALLOWED}


@pytest.mark.parametrize("name", sorted(MODULES))
def test_rooms_import_only_whom_they_may(name: str) -> None:
    room = name.split(".", maxsplit=1)[0]
    reached = {other.split(".")[0] for other in imported(MODULES[name])}
    assert reached <= ALLOWED[room] | {room}


def test_no_circle_between_files() -> None:
    graph = {name: imported(path) & set(MODULES) - {name} for name, path in MODULES.items()}
    free: set[str] = set()
    while ready := {name for name, needs in graph.items() if name not in free and needs <= free}:
        free |= ready
    assert not set(graph) - free, "files in a circle, or behind one"


def test_the_engine_reads_no_file_opens_no_socket_and_draws_nothing() -> None:
    forbidden = re.compile(
        r"^\s*(?:from|import) (?:pathlib|io|os|socket|urllib|requests|folium)\b|\bopen\(",
        re.MULTILINE,
    )
    engine = {name: path for name, path in MODULES.items() if name.startswith("coverage")}
    assert [n for n, path in engine.items() if forbidden.search(path.read_text("utf-8"))] == []


def test_nothing_installed_imports_the_other_tool_named_coverage() -> None:
    named = {d.metadata["Name"].lower() for d in importlib.metadata.distributions()}
    assert not named & {"coverage", "pytest-cov"}
    claim = re.compile(rb"^\s*(?:import coverage\b(?!\.)|from coverage import)", re.MULTILINE)
    # Imports guarded by the presence of the tool (type checkers' own stubs, optional hooks) name
    # it without needing it; what may not be is a module that fails or takes ours for it.
    site = Path(importlib.metadata.distribution("pytest").locate_file(""))
    guilty = [
        str(path.relative_to(site))
        for path in site.rglob("*.py")
        if claim.search(path.read_bytes())
    ]
    assert not guilty


def test_help_imports_no_heavy_library() -> None:
    code = (
        "import sys; from api.cli import build_parser; build_parser().format_help();"
        "heavy = 'numpy', 'pandas', 'shapely', 'folium', 'fastapi', 'rich';"
        "print([name for name in heavy if name in sys.modules])"
    )
    out = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert out.stdout.strip() == "[]"

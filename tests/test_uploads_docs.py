"""`docs/depot.md` explains every message of a deposit, and none that is no more; its limits."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from coverage.wording import whole
from data.uploads.bounded import _ENDS, _LESS_LIMITED
from data.uploads.check import CheckLimits
from data.uploads.kinds import READ
from data.uploads.limits import UploadLimits, megabytes

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/depot.md"


def plain(text: str) -> str:
    return re.sub(r"[ \u00a0\u202f]+", " ", text)


def entries() -> set[str]:
    found = re.findall(r"^\| `([^`]+)` \|", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert len(found) == len(set(found))
    return set(map(plain, found))


def shape(node: ast.expr) -> str:
    """Return a text as it is written, `…` for what changes; empty when it is no text."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if not isinstance(node, ast.JoinedStr):
        return ""
    parts = [
        str(part.value) if isinstance(part, ast.Constant) else spaces(part) for part in node.values
    ]
    return re.sub("…+", "…", "".join(parts))


def spaces(part: ast.expr) -> str:
    name = getattr(getattr(part, "value", None), "id", "")
    return " " if name == "THIN" else "…"


def messages() -> set[str]:
    """Return every message that the modules of deposits write."""
    found = {*_ENDS.values(), _LESS_LIMITED}
    for path in sorted((ROOT / "data/uploads").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Refusal":
                found.add(shape(node.args[0]))
            elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Notice":
                found |= {shape(each) for each in node.args[3:4]}
            elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "message":
                found.add(shape(node.value))
    return {plain(each) for each in found if re.search("[a-zà-ÿ]{3,}", each)}


def test_every_message_has_its_entry_and_none_more() -> None:
    assert messages() - entries() == set()
    assert entries() - messages() == set()


def test_the_limits_told_are_those_of_the_code() -> None:
    limits, text = UploadLimits(), plain(PAGE.read_text(encoding="utf-8"))
    for told in (
        megabytes(limits.upload_bytes),
        megabytes(limits.unpacked_bytes),
        f"{whole(limits.members)} fichiers",
        f"{limits.ratio} fois",
        f"{limits.path_depth} niveaux",
        f"{limits.name_bytes} octets",
        f"{limits.json_depth} niveaux",
    ):
        assert plain(told) in text, told
    assert f"{CheckLimits().seconds / 60:.0f} minutes" in text
    assert not [each for each in READ if f".{each}" not in text and each != "txt"]


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#]+)", PAGE.read_text(encoding="utf-8")):
        assert (PAGE.parent / target).is_file(), target

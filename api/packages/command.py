"""The command `paquet`: a study frozen and sealed for the national decision."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from data.packages.seal import Sealed

_LOADING = 3
"""Stages of loading the territory, at most."""


def add_parser(command: Callable[[str, str], argparse.ArgumentParser]) -> None:
    """Declare the command and its arguments."""
    parser = command(
        "paquet", "figer une étude, ses preuves et ses dossiers pour la décision nationale"
    )
    parser.add_argument("dossier", type=Path, metavar="DOSSIER", help="dossier de l’étude")
    parser.add_argument(
        "-o",
        "--sortie",
        type=Path,
        required=True,
        metavar="SORTIE",
        help="dossier où écrire le paquet, dont le nom porte l’empreinte",
    )
    parser.add_argument("--json", action="store_true", help="sortie lisible par une machine")


def run(arguments: argparse.Namespace) -> int:
    """Make the package and write it; return the exit code.

    Raises
    ------
    InputErrors
        With every fault of the study, its applications and scenarios.
    OutputError
        When it cannot be written.
    """
    from api.packages.job import STAGES  # noqa: PLC0415 - `--help` answers at once
    from api.packages.making import make_package  # noqa: PLC0415 - same reason
    from api.progress import stages  # noqa: PLC0415 - same reason
    from data.reference.territory import load_territory  # noqa: PLC0415 - same reason
    from data.results.places import check_outside  # noqa: PLC0415 - same reason
    from data.results.writing import write_file  # noqa: PLC0415 - same reason

    check_outside(arguments.sortie, arguments.dossier)
    with stages(STAGES + _LOADING, quiet=arguments.json) as step:
        territory = load_territory(on_step=step)
        made = make_package(arguments.dossier, territory, on_step=step)
    path = arguments.sortie / made.name
    write_file(path, made.content)
    sys.stdout.write(_json(made) if arguments.json else _told(made, path))
    return 0


def _json(made: Sealed) -> str:
    import json  # noqa: PLC0415 - same reason

    told = {"paquet": made.name, "empreinte": made.digest, "octets": len(made.content)}
    return json.dumps(told, ensure_ascii=False, indent=2) + "\n"


def _told(made: Sealed, path: Path) -> str:
    from data.uploads.limits import megabytes  # noqa: PLC0415 - same reason

    return (
        f"Paquet écrit : « {path} » ({megabytes(len(made.content))}).\n"
        f"  Empreinte : {made.digest}\n"
        "  Dites-la au niveau national par une autre voie que le paquet : elle prouve que rien n’y "
        "a changé.\n"
        "  « zones-blanches consolider » le vérifie et le réunit à d’autres.\n"
    )

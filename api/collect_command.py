"""The command `collecter`: received workbooks joined to a study, told before they are written."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from data.collect.join import Collection

_BLOCKED = (
    "Erreur : des classeurs se contredisent ; rien n’est écrit → faites corriger les lignes "
    "marquées « ! », puis recommencez"
)


def add_parser(command: Callable[[str, str], argparse.ArgumentParser]) -> None:
    """Declare the command and its arguments."""
    parser = command(
        "collecter", "joindre à une étude les classeurs reçus ; sans --appliquer, rien n’est écrit"
    )
    parser.add_argument("dossier", type=Path, metavar="DOSSIER", help="dossier de l’étude")
    parser.add_argument(
        "fichiers", type=Path, nargs="+", metavar="FICHIER", help="classeurs reçus (.xlsx)"
    )
    parser.add_argument(
        "--appliquer", action="store_true", help="écrire les changements dans l’étude"
    )
    parser.add_argument("--json", action="store_true", help="sortie lisible par une machine")


def run(arguments: argparse.Namespace) -> int:
    """Tell what the workbooks change, write it when asked, and return the exit code.

    Raises
    ------
    InputErrors
        With every fault of the study's tables and of the workbooks.
    OutputError
        When the study cannot be written.
    """
    from data.collect.join import collect, write_collection  # noqa: PLC0415
    from data.collect.report import report  # noqa: PLC0415
    from data.reference.territory import load_territory  # noqa: PLC0415 - slow to import
    from data.study.faults import format_faults  # noqa: PLC0415

    territory = load_territory(on_step=lambda phrase: _say(f"· {phrase}"))
    collection = collect(arguments.dossier, arguments.fichiers, territory)
    if not arguments.json:
        if collection.warnings:
            _say(format_faults((), collection.warnings))
        _tell(report(collection.diff))
    blocked = arguments.appliquer and collection.diff.blocked
    written = arguments.appliquer and not blocked
    if written:
        write_collection(collection)
    if arguments.json:
        _tell(_json_text(collection, written=written))
    elif not blocked:
        _tell(f"\n{_conclusion(collection, written=written)}")
    if blocked:
        _say(_BLOCKED)
    return int(blocked)


def _conclusion(collection: Collection, *, written: bool) -> str:
    from data.collect.edit import BACKUP  # noqa: PLC0415

    if not collection.diff.changes:
        end = "Un conflit reste à régler." if collection.diff.conflicts else ""
        return f"Rien à changer dans l’étude. {end}".rstrip()
    names = ", ".join(collection.files)
    if written:
        return f"Écrit : {names}. Les fichiers d’avant sont dans « {BACKUP} »."
    if collection.diff.blocked:
        return "Essai à blanc, rien n’est écrit : réglez d’abord les conflits marqués « ! »."
    return f"Essai à blanc, rien n’est écrit. Avec --appliquer : {names}."


def _json_text(collection: Collection, *, written: bool) -> str:
    from data.collect.report import as_json  # noqa: PLC0415

    told = {
        "applique": written,
        "bloque": collection.diff.blocked,
        "fichiers": list(collection.files),
        "avertissements": [vars(notice) for notice in collection.warnings],
        **as_json(collection.diff),
    }
    return json.dumps(told, ensure_ascii=False, indent=2)


def _tell(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")

"""`zones-blanches dossier`: an application examined, its evidence sheet written."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

_STAGES = 12


def add_parser(command: Callable[[str, str], argparse.ArgumentParser]) -> None:
    """Add the command to the parser, by the function that makes one."""
    parser = command("dossier", "examiner une candidature : constats, épreuves, fiche de preuve")
    parser.add_argument("dossier", type=Path, metavar="DOSSIER", help="dossier de l’étude")
    parser.add_argument(
        "candidature",
        nargs="?",
        default="",
        metavar="CANDIDATURE",
        help="nom dans « candidatures », ou fichier .toml ou .xlsx (classeur du formulaire)",
    )
    parser.add_argument(
        "--toutes", action="store_true", help="toutes celles de l’étude, un dossier pour chacune"
    )
    parser.add_argument(
        "--classeur",
        metavar="STRUCTURE",
        help="écrire le classeur du formulaire, rempli de ce que l’étude sait d’une structure, à "
        "lui envoyer",
    )
    parser.add_argument(
        "-o",
        "--sortie",
        type=Path,
        metavar="SORTIE",
        help="dossier où écrire (dossiers/CANDIDATURE ; avec --toutes, un sous-dossier chacune) ; "
        "avec --classeur, le fichier .xlsx",
    )
    parser.add_argument(
        "--excel",
        action="store_true",
        help="CSV pour un tableur en français : point-virgule, virgule décimale",
    )
    parser.add_argument("--json", action="store_true", help="sortie lisible par une machine")


def wrong_usage(arguments: argparse.Namespace) -> str:
    """Return what is wrong with the words typed, empty when nothing is."""
    asked = (arguments.candidature, arguments.toutes, arguments.classeur is not None)
    if sum(map(bool, asked)) != 1:
        return "donner une CANDIDATURE, ou --toutes, ou --classeur STRUCTURE"
    if arguments.classeur is not None and (arguments.json or arguments.excel):
        return "--classeur va sans --json ni --excel"
    return ""


def run(arguments: argparse.Namespace) -> int:
    """Examine what is asked and write it; return the exit code."""
    from api.dossiers.examining import (  # noqa: PLC0415 - `--help` answers without the libraries
        DEFAULT,
        examine_all,
        examine_one,
    )
    from api.dossiers.said import dossier_words, queue_words  # noqa: PLC0415 - same reason
    from api.progress import stages  # noqa: PLC0415 - same reason
    from data.results.dossiers import FACTS  # noqa: PLC0415 - same reason

    folder, excel = arguments.dossier, arguments.excel
    with stages(_STAGES, quiet=arguments.json) as step:
        if arguments.classeur is not None:
            from api.dossiers.blank import write_form_book  # noqa: PLC0415 - same reason

            book = write_form_book(folder, arguments.classeur, arguments.sortie, on_step=step)
            said = (
                f"Classeur du formulaire : « {book} », à envoyer à la structure.\n"
                "À son retour : « zones-blanches dossier ÉTUDE CLASSEUR.xlsx » l’examine ; pour le "
                "garder dans l’étude, déposez-le dans l’application."
            )
        elif arguments.toutes:
            out = arguments.sortie or DEFAULT
            queue = examine_all(folder, out, excel=excel, on_step=step)
            said = queue.json() if arguments.json else queue_words(queue.dossiers, out)
        else:
            found, out = examine_one(
                folder, arguments.candidature, arguments.sortie, excel=excel, on_step=step
            )
            facts = out / FACTS
            said = (
                facts.read_text(encoding="utf-8") if arguments.json else dossier_words(found, out)
            )
    sys.stdout.write(f"{said.rstrip()}\n")
    return 0

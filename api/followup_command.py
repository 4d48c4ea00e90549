"""`zones-blanches suivi`: what to watch in the conventions signed, and their annexes."""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from typing import TYPE_CHECKING

from api.propose_command import add_places

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from coverage.dossiers.awards.after import Followup

_STAGES = 10


def add_parser(command: Callable[[str, str], argparse.ArgumentParser]) -> None:
    """Add the command to the parser, by the function that makes one."""
    parser = command("suivi", "suivre les conventions : recrutements, rapports, résultats, annexes")
    add_places(parser, "dossier du suivi")
    parser.add_argument(
        "--date",
        type=_day,
        metavar="AAAA-MM-JJ",
        help="jour du suivi (le dernier de l’année de l’étude, jamais celui de l’horloge)",
    )
    parser.add_argument(
        "--excel",
        action="store_true",
        help="CSV pour un tableur en français : point-virgule, virgule décimale",
    )
    parser.add_argument("--json", action="store_true", help="sortie lisible par une machine")


def _day(text: str) -> dt.date:
    for form in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            return dt.datetime.strptime(text, form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    raise argparse.ArgumentTypeError(f"date attendue, comme 2023-12-31, reçu {text}")


def run(arguments: argparse.Namespace) -> int:
    """Write the follow-up of a study; return the exit code."""
    from api.following_up import follow_up  # noqa: PLC0415 - `--help` answers without libraries
    from api.progress import stages  # noqa: PLC0415 - same reason

    with stages(_STAGES, quiet=arguments.json) as step:
        found = follow_up(
            arguments.dossier,
            arguments.sortie,
            on_step=step,
            at=arguments.date,
            excel=arguments.excel,
        )
    if arguments.json:
        sys.stdout.write((arguments.sortie / "suivi.json").read_text(encoding="utf-8"))
    else:
        sys.stdout.write(f"{_summary(found, arguments.sortie)}\n")
    return 0


def _summary(found: Followup, out: Path) -> str:
    """Return the few lines a planner reads after a follow-up."""
    from coverage.dossiers.model import LEVEL_NAMES, LEVELS  # noqa: PLC0415 - same reason
    from coverage.wording import plural  # noqa: PLC0415 - same reason

    counts = {level: sum(each.finding.level == level for each in found.remarks) for level in LEVELS}
    told = ", ".join(f"{counts[level]} {LEVEL_NAMES[level]}" for level in LEVELS if counts[level])
    lines = [
        f"{plural(len(found.awards), 'convention', 'conventions')} au {found.at:%d/%m/%Y} : "
        f"{told or 'aucun constat'}.",
        f"  {plural(len(found.overlaps), 'recouvrement', 'recouvrements')} de demandes.",
        f"Suivi dans « {out} » ; à lire d’abord : « {out / 'suivi.csv'} ».",
    ]
    if not found.awards:
        lines[0] = "Aucune convention : remplissez la table « conventions » de l’étude."
    return "\n".join(lines)

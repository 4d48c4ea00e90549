"""`zones-blanches comparer`: a study and its scenarios side by side."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from api.propose_command import add_places, add_search, search_of

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from coverage.proposals.compare import Variant

_SECONDS = 20
_STAGES = 40


def add_parser(command: Callable[[str, str], argparse.ArgumentParser]) -> None:
    """Add the command to the parser, by the function that makes one."""
    parser = command("comparer", "comparer l’étude et ses scénarios : chiffres, postes, carte")
    add_places(parser, "dossier de la comparaison")
    parser.add_argument(
        "--scenario",
        action="append",
        default=[],
        metavar="NOM",
        help="scénario à comparer, à répéter (par défaut : tous ceux du dossier « scenarios »)",
    )
    add_search(parser, seconds=_SECONDS)


def run(arguments: argparse.Namespace) -> int:
    """Compare and write; return the exit code."""
    from api.comparing import compare  # noqa: PLC0415 - `--help` answers without the libraries
    from api.progress import stages  # noqa: PLC0415 - same reason

    with stages(_STAGES, quiet=arguments.json) as step:
        variants = compare(
            arguments.dossier,
            arguments.sortie,
            search_of(arguments, seconds=_SECONDS),
            on_step=step,
            names=arguments.scenario,
            excel=arguments.excel,
        )
    if arguments.json:
        sys.stdout.write((arguments.sortie / "scenarios.json").read_text(encoding="utf-8"))
    else:
        sys.stdout.write(f"{_summary(variants, arguments.sortie)}\n")
    return 0


def _summary(variants: Sequence[Variant], out: Path) -> str:
    """Return the few lines a planner reads after a comparison."""
    from coverage.proposals.compare import choices  # noqa: PLC0415 - same reason
    from coverage.wording import plural, whole  # noqa: PLC0415 - same reason

    lines = []
    for variant in variants:
        hours = variant.found.verified.hours
        lines.append(
            f"  {variant.scenario.name} : {whole(hours['heures_prioritaires'])} heures "
            f"prioritaires nouvellement servies, {whole(hours['heures'])} en tout."
        )
    differ = sum(row.differs for row in choices(variants))
    first = plural(differ, "option change de sort", "options changent de sort")
    return "\n".join(
        [
            f"{first} d’un scénario à l’autre.",
            *lines,
            "  Proposition calculée, sans valeur de décision.",
            f"Comparaison dans « {out} » ; à lire d’abord : « {out / 'comparaison.html'} ».",
        ]
    )

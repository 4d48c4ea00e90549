"""`zones-blanches proposer`: ranked posts, exact plan, budget, national synthesis."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from api.proposing import Search
    from coverage.proposals.outcome import Proposals

DEFAULT_SECONDS = 60
_ADVISED_DRAWS = 1_000


def add_parser(command: Callable[[str, str], argparse.ArgumentParser]) -> None:
    """Add the command to the parser, by the function that makes one."""
    parser = command(
        "proposer", "proposer des postes : liste classée, plan exact, budget, synthèse"
    )
    add_places(parser, "dossier des propositions")
    parser.add_argument(
        "--scenario", default="", metavar="NOM", help="sous un scénario du dossier « scenarios »"
    )
    parser.add_argument(
        "--tirages",
        type=_natural,
        default=0,
        metavar="N",
        help=f"tirages des hypothèses : solidité des rangs (0 ; {_ADVISED_DRAWS} conseillés)",
    )
    parser.add_argument(
        "--prix",
        action="store_true",
        help="chiffrer ce que chaque objectif cède à ceux qui le précèdent (plus long)",
    )
    add_search(parser, seconds=DEFAULT_SECONDS)


def add_places(parser: argparse.ArgumentParser, written: str) -> None:
    """Add the study read, and the folder written, described in French."""
    parser.add_argument("dossier", type=Path, metavar="DOSSIER", help="dossier de l’étude")
    parser.add_argument("-o", "--sortie", type=Path, required=True, metavar="SORTIE", help=written)


def add_search(parser: argparse.ArgumentParser, *, seconds: int) -> None:
    """Add how long the exact plan is looked for, and how results are written.

    Parameters
    ----------
    seconds
        Of the quick mode, when none is given.
    """
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument(
        "--rapide",
        type=_positive,
        metavar="SECONDES",
        help=f"durée laissée au plan exact ({seconds}, le mode par défaut)",
    )
    mode.add_argument(
        "--certifie",
        type=_positive,
        metavar="NOEUDS",
        help="plan reproductible : nœuds laissés à chaque objectif, sans limite de durée",
    )
    parser.add_argument(
        "--excel",
        action="store_true",
        help="CSV pour un tableur en français : point-virgule, virgule décimale",
    )
    parser.add_argument("--json", action="store_true", help="sortie lisible par une machine")


def search_of(arguments: argparse.Namespace, *, seconds: int) -> Search:
    """Return the search that arguments ask for."""
    from api.proposing import Search  # noqa: PLC0415 - `--help` answers without the libraries

    certified = arguments.certifie is not None
    return Search(
        seconds=None if certified else float(arguments.rapide or seconds),
        nodes=arguments.certifie,
        draws=getattr(arguments, "tirages", 0),
        prices=getattr(arguments, "prix", False),
    )


def _natural(text: str, least: int = 0) -> int:
    """Read a whole number of a least value."""
    if not text.isdecimal() or int(text) < least:
        raise argparse.ArgumentTypeError(f"nombre entier d’au moins {least} attendu, reçu {text}")
    return int(text)


def _positive(text: str) -> int:
    return _natural(text, 1)


def run(arguments: argparse.Namespace) -> int:
    """Compute and write the proposals of a study; return the exit code."""
    from api.progress import stages  # noqa: PLC0415 - `--help` answers without the libraries
    from api.proposing import STAGES, propose  # noqa: PLC0415 - same reason

    with stages(STAGES, quiet=arguments.json) as step:
        found = propose(
            arguments.dossier,
            arguments.sortie,
            search_of(arguments, seconds=DEFAULT_SECONDS),
            on_step=step,
            excel=arguments.excel,
            scenario=arguments.scenario,
        )
    if arguments.json:
        sys.stdout.write((arguments.sortie / "plan.json").read_text(encoding="utf-8"))
    else:
        sys.stdout.write(f"{_summary(found, arguments.sortie)}\n")
    return 0


def _summary(found: Proposals, out: Path) -> str:
    """Return the few lines a planner reads after a computation."""
    from fractions import Fraction  # noqa: PLC0415 - same reason

    from coverage.proposals.limits import euros  # noqa: PLC0415 - same reason
    from coverage.proposals.model import HUNDREDTHS  # noqa: PLC0415 - same reason
    from coverage.wording import decimal, plural, whole  # noqa: PLC0415 - same reason

    ask, verified = found.ask, found.verified
    envelope = found.budget.totals["enveloppe_cents"]
    against = "" if envelope is None else f" sur {euros(envelope)}"
    gaps = sum(found.gap(goal) != 0 for goal in found.plan.attained)
    proof = (
        "prouvé le meilleur"
        if not gaps
        else f"écart restant sur {plural(gaps, 'objectif', 'objectifs')}"
    )
    aside = len({row.option_id for row in ask.aside})
    hours = verified.hours
    lines = [
        f"{ask.coverage.study.name} ({ask.coverage.study.year}) : "
        f"{plural(len(ask.options), 'option', 'options')}, dont "
        f"{plural(aside, 'écartée', 'écartées')} par une règle.",
        f"  Liste classée : {plural(len(found.funded), 'option financée', 'options financées')} "
        f"sur {whole(len(found.ranked))}.",
        f"  Plan exact ({found.plan.mode}, vérifié, {proof}) : "
        f"{decimal(Fraction(verified.additional, HUNDREDTHS), 2)} ETP nouveaux, "
        f"{euros(verified.state_cents)} de l’appel{against}.",
        f"  Heures nouvellement servies : {whole(hours['heures_prioritaires'])} prioritaires, "
        f"{whole(hours['heures'])} en tout ; "
        f"{plural(verified.zones, 'zone portée', 'zones portées')} au seuil.",
        "  Proposition calculée, sans valeur de décision.",
        f"Propositions dans « {out} » ; à lire d’abord : « {out / 'synthese.html'} ».",
    ]
    if found.ask.warnings:
        lines[0] += f" {plural(len(ask.warnings), 'avertissement', 'avertissements')} (plan.json)."
    return "\n".join(lines)

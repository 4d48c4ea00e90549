"""The command line `zones-blanches`: words in, exit code out."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from api import (
    collect_command,
    compare_command,
    consolidate_command,
    data_command,
    followup_command,
    propose_command,
    token_command,
)
from api.changes import command as changes_command
from api.dossiers import command as dossier_command
from api.french_argparse import FrenchParser
from api.packages import command as package_command

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

DONE, FAULTS, WRONG_USAGE = 0, 1, 2

DESCRIPTION = """\
Couverture des clauses sociales d’insertion : zones blanches, preuves d’insuffisance, cartes.

Une étude est un dossier de tableaux (structures, postes, périmètres, besoins). Pour commencer :
  zones-blanches demo                          l’exemple fictif, puis l’application
  zones-blanches nouvelle-etude mon-etude      un classeur et des réglages à remplir
  zones-blanches collecter mon-etude recu.xlsx joindre un classeur reçu, essai à blanc d’abord
  zones-blanches consolider r1 r2 -o france    réunir des études régionales en une nationale
  zones-blanches verifier mon-etude            toutes les erreurs, avec leur remède
  zones-blanches calculer mon-etude -o sortie  couverture, zones, certificats, carte
  zones-blanches proposer mon-etude -o postes  postes à financer, plan exact, budget
  zones-blanches dossier mon-etude saine       une candidature : constats, fiche de preuve
  zones-blanches comparer mon-etude -o essais  l’étude et ses scénarios, côte à côte
  zones-blanches paquet mon-etude -o envoi     l’étude figée pour la décision nationale
  zones-blanches suivi mon-etude -o suivi      les conventions signées : à regarder, annexes
  zones-blanches changements etude -o s --depuis avant   ce qui a changé de classe, pourquoi
  zones-blanches servir mon-etude              l’application, dans un navigateur
  zones-blanches jeton lister                  les jetons d’un serveur partagé
  zones-blanches donnees                       les données publiques : état, téléchargement"""


def build_parser() -> FrenchParser:
    """Return the parser of all commands."""
    parser = FrenchParser(prog="zones-blanches", description=DESCRIPTION)
    parser.add_argument("--version", action="store_true", help="afficher la version")
    commands = parser.add_subparsers(dest="command", title="commandes", metavar="COMMANDE")

    def command(name: str, text: str) -> argparse.ArgumentParser:
        return commands.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")

    demo = command("demo", "calculer l’étude d’exemple (fictive), puis servir l’application")
    demo.add_argument("-o", "--sortie", type=Path, default=Path("demo"), help="dossier (demo)")
    demo.add_argument("--sans-serveur", action="store_true", help="s’arrêter après l’écriture")
    _excel(demo)
    _port(demo)

    new = command("nouvelle-etude", "créer une étude vide : des tableaux à en-têtes à remplir")
    new.add_argument("dossier", type=Path, metavar="DOSSIER")
    new.add_argument(
        "--csv", action="store_true", help="des fichiers CSV au lieu du classeur etude.xlsx"
    )
    new.add_argument(
        "--complet",
        action="store_true",
        help="aussi les tables d’où viennent les heures : marchés, services, projets, indicateurs",
    )

    collect_command.add_parser(command)
    consolidate_command.add_parser(command)

    check = command("verifier", "dire toutes les erreurs et tous les avertissements d’une étude")
    _study(check)
    check.add_argument(
        "--anomalies", type=Path, metavar="FICHIER.csv", help="les écrire aussi, toutes, en CSV"
    )
    _excel(check)

    compute = command("calculer", "calculer couverture, zones, certificats, carte et exports")
    _study(compute)
    compute.add_argument(
        "-o", "--sortie", type=Path, required=True, metavar="SORTIE", help="dossier des résultats"
    )
    _excel(compute)

    propose_command.add_parser(command)
    compare_command.add_parser(command)
    dossier_command.add_parser(command)
    package_command.add_parser(command)
    followup_command.add_parser(command)
    changes_command.add_parser(command)

    explain = command("expliquer", "expliquer le statut d’une commune, chiffres et sources")
    _study(explain)
    explain.add_argument("commune", metavar="COMMUNE", help="code ou nom de la commune")
    explain.add_argument(
        "--annee", type=int, metavar="N", help="une autre année que l’étude suit (derniere_annee)"
    )
    explain.add_argument(
        "--depuis",
        type=Path,
        metavar="DOSSIER_AVANT",
        help="dire aussi si sa classe a changé depuis une autre étude, et pourquoi",
    )

    data_command.add_parser(command)
    token_command.add_parser(command)

    serve = command("servir", "servir l’application sur cette machine (127.0.0.1)")
    serve.add_argument(
        "dossiers",
        type=Path,
        nargs="*",
        default=[Path("demo-etude")],
        metavar="ÉTUDE",
        help="dossiers d’étude (par défaut : demo-etude, celui qu’écrit « demo »)",
    )
    _port(serve)
    return parser


def _study(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("dossier", type=Path, metavar="DOSSIER", help="dossier de l’étude")
    parser.add_argument("--json", action="store_true", help="sortie lisible par une machine")


def _excel(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--excel",
        action="store_true",
        help="CSV pour un tableur en français : point-virgule, virgule décimale",
    )


def _port(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, metavar="N", help="port (8000, ou le premier libre)")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 1 input faults, 2 wrong usage."""
    parser = build_parser()
    arguments = parser.parse_args(argv)
    if arguments.version:
        from geo.version import VERSION  # noqa: PLC0415 - nothing is imported before it is used

        print(f"zones-blanches {VERSION}")
        return DONE
    if arguments.command is None:
        parser.print_help()
        return WRONG_USAGE
    if arguments.command == "verifier" and arguments.excel and arguments.anomalies is None:
        parser.error("--excel demande --anomalies FICHIER.csv")
    if arguments.command == "dossier" and (wrong := dossier_command.wrong_usage(arguments)):
        parser.error(wrong)
    from api import commands  # noqa: PLC0415 - `--help` answers without the libraries

    try:
        return commands.run(arguments)
    except KeyboardInterrupt:
        print("\nInterrompu : rien n’a été écrit.", file=sys.stderr)
        return FAULTS


if __name__ == "__main__":
    sys.exit(main())

"""argparse in French: usage, headings and error messages."""

from __future__ import annotations

import argparse
import re
from typing import NoReturn

MESSAGES = (
    (r"the following arguments are required: (.+)", r"il manque : \1"),
    (r"unrecognized arguments: (.+)", r"argument inconnu : \1"),
    (
        r"argument (.+): invalid choice: (.+) \(choose from (.+)\)",
        r"\1 : \2 n’existe pas ; choisir parmi \3",
    ),
    (r"argument (.+): not allowed with argument (.+)", r"\1 : ne va pas avec \2"),
    (r"argument (.+): expected (?:one|at least one) argument", r"\1 : il manque sa valeur"),
    (r"argument (.+): invalid int value: (.+)", r"\1 : nombre entier attendu, reçu \2"),
    (r"argument (.+): (.+)", r"\1 : \2"),
)
"""argparse's own messages and ours, first that matches."""


class FrenchFormatter(argparse.RawDescriptionHelpFormatter):
    """Say « Utilisation » where argparse says usage."""

    def add_usage(self, usage, actions, groups, prefix=None):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201, D102
        return super().add_usage(
            usage, actions, groups, "Utilisation : " if prefix is None else prefix
        )


class FrenchParser(argparse.ArgumentParser):
    """A parser whose help and errors are in French; wrong usage exits with 2."""

    def __init__(self, prog: str | None = None, description: str | None = None) -> None:
        super().__init__(
            prog=prog, description=description, add_help=False, formatter_class=FrenchFormatter
        )
        self._positionals.title = "arguments"
        self._optionals.title = "options"
        self.add_argument("-h", "--help", "--aide", action="help", help="afficher cette aide")

    def error(self, message: str) -> NoReturn:
        """Print the usage and the French message on standard error, and exit with 2."""
        for pattern, french in MESSAGES:
            if re.fullmatch(pattern, message):
                message = re.sub(pattern, french, message)
                break
        self.exit(2, f"{self.format_usage()}{self.prog} : {message}\n")

"""Applications of a deposit as its pages list them: where each stands, what is left of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from coverage.dossiers.model import (
    CONTRARY,
    DISCUSS,
    INCOMPLETE,
    LEVEL_NAMES,
    LEVELS,
    Finding,
)
from coverage.model import VOLETS
from coverage.wording import THIN, decimal, listing, typeset, whole
from data.applications.drafted import BOXES, part_of
from data.applications.fields import REQUIRED
from data.applications.form import FORM
from data.applications.form_labels import LABELS, RUBRIQUES, name_of
from data.applications.walk import plain_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from api.deposits.applications import Applications
    from coverage.dossiers.form import Form

_LEFT = (CONTRARY, INCOMPLETE, DISCUSS)
_REQUIRED = {
    "table": ("rien n’y est rempli", "remplissez cette rubrique"),
    "choice": ("choix à faire", "choisissez dans la liste"),
    "cents": ("montant à écrire", f"écrivez un nombre d’euros, par exemple 44{THIN}600"),
    "hundredths": ("nombre à écrire", "écrivez un nombre d’ETP, par exemple 0,5"),
}
"""Kind of a box that must be filled → what a page says of it, where a file is told its syntax."""
_HUNDREDTHS = 100


@dataclass(frozen=True)
class Rubrique:
    """A table of the form in the list of all.

    Attributes
    ----------
    filled
        Boxes that are.
    left
        What is left there, in French; empty when nothing is.
    """

    table: str
    title: str
    text: str
    filled: int
    left: str


@dataclass(frozen=True)
class Listed:
    """An application in the list of a deposit.

    Attributes
    ----------
    asked
        What it asks, in French.
    state
        Where it stands.
    left
        What its form lacks.
    """

    name: str
    structure: str
    asked: str
    state: str
    left: str
    saved_at: datetime | None


def application_lines(asked: Applications) -> list[Listed]:
    """Return the applications of a deposit, by name, judged by their form alone."""
    lines = []
    for opened in asked.all():
        form, findings = asked.form_of(opened)
        state = "au dépôt"
        if opened.drafted is not None:
            state = "au dépôt, brouillon en cours" if opened.content else "brouillon"
        lines.append(
            Listed(
                opened.name,
                form.get("porteur.nom", ""),
                _demand(form),
                state,
                left_words(findings),
                opened.saved_at,
            )
        )
    return lines


def _demand(form: Form) -> str:
    """Tell the ETP asked by volet."""
    asked = {volet: form.get(f"demande.etp_{volet}") for volet in VOLETS}
    return listing(
        f"{decimal(Fraction(own, _HUNDREDTHS), 2)}{THIN}ETP de {volet}"
        for volet, own in asked.items()
        if own
    )


def rubriques(texts: Mapping[str, str], findings: Sequence[Finding]) -> list[Rubrique]:
    """Return the tables of the form, with what is filled and what is left in each."""
    return [
        Rubrique(
            table,
            each.title,
            each.text,
            len(part_of(texts, table)),
            left_words(finding for finding in findings if table_of(finding) == table),
        )
        for table, each in RUBRIQUES.items()
    ]


def left_words(findings: Iterable[Finding]) -> str:
    """Count findings that are not conform, by level, the gravest first.

    >>> from coverage.dossiers.model import Finding
    >>> left_words([Finding("a_completer", "form", "", "", "", "")] * 2)
    'à compléter (2)'
    """
    levels = [each.level for each in findings]
    told = [(levels.count(level), LEVEL_NAMES[level]) for level in _LEFT]
    return ", ".join(f"{name} ({whole(number)})" for number, name in told if number)


def gravest_first(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings as pages say them, the gravest first, then in the order of the form."""
    order = {name: rank for rank, name in enumerate((*RUBRIQUES, *LABELS))}
    last = len(order)

    def rank(each: Finding) -> tuple[int, int, str, str]:
        place = order.get(plain_key(each.place), last)
        return (-LEVELS.index(each.level), place, each.place, each.message)

    return sorted(map(on_page, findings), key=rank)


def on_page(finding: Finding) -> Finding:
    """Return a finding as it is said beside its box: its name not repeated, no syntax of a file.

    >>> told = typeset("Code du territoire, volet facilitateur (n°\u00a01) : code inconnu")
    >>> on_page(Finding("", "", "", "", "perimetre.facilitateur.codes[1].code", told)).message
    'code inconnu'
    """
    key = plain_key(finding.place)
    message = finding.message.removeprefix(typeset(f"{name_of(finding.place)} : "))
    field = FORM.get(key) or BOXES.get(key)
    if field is None or not message.startswith(REQUIRED):
        return replace(finding, message=message)
    said, remedy = _REQUIRED.get(field.kind, ("case à remplir", ""))
    return replace(finding, message=said, remedy=remedy)


def table_of(finding: Finding) -> str:
    """Return the table of the form that a finding bears on; empty for the whole."""
    table = re.split(r"[.\[]", finding.place, maxsplit=1)[0]
    return table if table in FORM else ""

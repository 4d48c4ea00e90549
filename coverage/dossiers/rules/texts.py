"""Findings on what is written: a diagnosis of ten lines, a strategy by volet."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from coverage.proposals.rules import ratio
from coverage.wording import listing, plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from coverage.dossiers.model import Finding
    from coverage.dossiers.rules.examined import Examined

LINE_SIGNS = 90
"""Signs that a line of the form holds, at most; the call counts lines without saying how long."""


def line_count(text: str) -> int:
    """Return the lines that a text takes: its own, those of more than `LINE_SIGNS` signs cut.

    >>> line_count(""), line_count("a" * 91), line_count("une ligne" + chr(10) + "une autre")
    (0, 2, 2)
    """
    return sum(max(1, ceil(len(line) / LINE_SIGNS)) for line in text.strip().splitlines())


def text_findings(it: Examined) -> Iterator[Finding]:
    """Yield what is found of the diagnosis and of the strategy."""
    rule, place = "diagnostic_lignes", "etat_des_lieux.diagnostic"
    most = ratio(it.bench.call, rule)
    lines = line_count(it.case.form.get(place, ""))
    told = f"{plural(lines, 'ligne', 'lignes')} (une ligne tient {LINE_SIGNS} signes au plus)"
    if most is None:
        yield it.off(rule, place)
    elif lines > most:
        yield it.discuss(
            rule,
            place,
            f"diagnostic de {told} ; l’appel en accepte {most}",
            "le résumer, et le développer dans la stratégie",
        )
    elif lines:
        yield it.conform(rule, place, f"diagnostic de {told}")
    rule, place = "strategie", "strategie"
    if not it.applies(rule):
        yield it.off(rule, place)
    elif it.asks and not it.unfilled(place):
        volets = listing(it.asks)
        yield it.conform(rule, place, f"stratégie décrite (volet {volets})")

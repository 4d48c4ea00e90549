"""Findings on attachments: those that this kind of structure and this volet must give."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coverage.proposals.application import (
    COLLECTIVITES,
    MISSING,
    PIECES,
    piece_settled,
    pieces_asked,
)
from coverage.wording import named, plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from coverage.dossiers.model import Finding
    from coverage.dossiers.rules.examined import Examined

RULE = "pieces_obligatoires"


def piece_findings(it: Examined) -> Iterator[Finding]:
    """Yield each attachment that lacks, each funder without commitment, else that all are there."""
    if not it.applies(RULE):
        yield it.off(RULE, "pieces")
        return
    collectivite = it.case.form.get("porteur.statut_juridique") in COLLECTIVITES
    asked = {
        name
        for volet in it.asks
        for name in pieces_asked(volet, it.carried, collectivite=collectivite)
    }
    lacking = [name for name in PIECES if name in asked and not _settled(it, name)]
    for name in lacking:
        yield it.incomplete(
            RULE,
            f"pieces.{name}",
            f"pièce manquante : {PIECES[name]}",
            "joindre cette pièce et la noter « fournie »",
        )
    without = [line for line in _cofunders(it) if not line[1].get("attestation")]
    for number, line in without:
        yield it.incomplete(
            RULE,
            f"budget.cofinanceurs[{number}].attestation",
            f"cofinanceur sans attestation d’engagement : {named([str(line.get('nom', ''))])}",
            "joindre son engagement, ou retirer ce financement",
        )
    if asked and not lacking and not without:
        count = plural(len(asked), "pièce demandée", "pièces demandées")
        yield it.conform(RULE, "pieces", f"les {count} à cette structure sont là")


def _settled(it: Examined, name: str) -> bool:
    return piece_settled(name, it.case.form.get(f"pieces.{name}", MISSING))


def _cofunders(it: Examined) -> list[tuple[int, dict[str, object]]]:
    lines = it.case.form.get("budget.cofinanceurs", ())
    return list(enumerate(lines, start=1)) if it.asks else []

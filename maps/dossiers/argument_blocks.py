"""The argument of a dossier, as the sheet tells it: conclusion, tests, objection, proportion."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from coverage.dossiers.model import CONFORM, LEVEL_NAMES, LEVELS
from coverage.dossiers.words import OUTCOME_NAMES, TEST_NAMES, VERDICT_NAMES, figure_text
from coverage.proposals.limits import euros
from coverage.proposals.model import HUNDREDTHS
from coverage.wording import THIN, decimal, percent, plural, whole
from maps.dossiers.blocks import TEXT, Items, Paragraph, Table, said

if TYPE_CHECKING:
    from coverage.dossiers.model import ClaimTest, Dossier, Objection, Proportion, Verdict
    from maps.dossiers.blocks import Block, Limits

_CLAIMED = {"facilitateur": "zone blanche", "coordinateur": "nécessité d’un coordinateur"}
_NO_ANSWER = "Le dossier n’a pas de réponse à cette objection."


def verdict_block(volet: str, verdict: Verdict, limits: Limits) -> list[Block]:
    """Return the conclusion and the figure to verify first."""
    figure = verdict.verify_first
    return [
        Paragraph(
            said(verdict.sentence, limits),
            lead=f"Volet {volet}, {_CLAIMED[volet]} {VERDICT_NAMES[verdict.word]}.",
            boxed=True,
        ),
        Paragraph(
            said(
                f"{figure.name}, {figure_text(figure)} ({figure.source}). {verdict.verify_why}",
                limits,
            ),
            lead=f"Le chiffre à vérifier d’abord{THIN}:",
        ),
    ]


def trials_table(tests: tuple[ClaimTest, ...], limits: Limits) -> Table:
    """Return the three tests of the claim, their outcome and what it rests on."""
    return Table(
        (("Épreuve", TEXT, 4), ("Résultat", TEXT, 2), ("Ce qui le fonde", TEXT, 16)),
        tuple(
            (
                TEST_NAMES.get(test.name, test.name),
                OUTCOME_NAMES[test.outcome],
                _ground(test, limits),
            )
            for test in tests
        ),
        "Les trois épreuves de la demande : nom, résultat, ce qui le fonde.",
    )


def objection_blocks(objections: tuple[Objection, ...], limits: Limits) -> list[Block]:
    """Return the strongest objection and its answer; the others are counted."""
    if not objections:
        return [Paragraph("Aucune objection calculée n’entame la demande.")]
    strongest, others = objections[0], objections[1:]
    blocks: list[Block] = [
        Paragraph(said(strongest.sentence, limits), lead=f"Objection{THIN}:"),
        Paragraph(said(strongest.answer or _NO_ANSWER, limits), lead=f"Réponse{THIN}:"),
    ]
    if others:
        share = percent(max(each.share for each in others))
        noun = plural(len(others), "autre objection calculée", "autres objections calculées")
        blocks.append(Paragraph(f"{noun}, dont la part du manque est au plus de {share}."))
    return blocks


def proportion_blocks(volet: str, proportion: Proportion, limits: Limits) -> list[Block]:
    """Return what is asked against what is missing, each comparison and the payments."""
    against = _against(volet, proportion.missing_hundredths)
    blocks: list[Block] = [
        Paragraph(
            f"{asked_posts(proportion.asked_hundredths)}{THIN}; {against}.", lead=f"Demande{THIN}:"
        )
    ]
    lines = [
        (f"{LEVEL_NAMES[line.level]}{THIN}:", said(line.message, limits))
        for line in sorted(proportion.lines, key=lambda line: -LEVELS.index(line.level))
    ]
    if lines:
        blocks.append(Items(tuple(counted(lines, limits.lines, "autre comparaison"))))
    if proportion.payments:
        told = f"{THIN}; ".join(
            f"{year}, {what}{THIN}: {euros(cents)}" for year, what, cents in proportion.payments
        )
        blocks.append(Paragraph(said(f"{told}.", limits), lead=f"Versements{THIN}:"))
    return blocks


def finding_blocks(dossier: Dossier, limits: Limits) -> list[Block]:
    """Return the findings counted by level, then the gravest that are not conforme."""
    counts = {
        level: sum(finding.level == level for finding in dossier.findings)
        for level in reversed(LEVEL_NAMES)
    }
    told = ", ".join(
        f"{whole(count)} «\u00a0{LEVEL_NAMES[level]}\u00a0»" for level, count in counts.items()
    )
    lines = [
        (
            f"{LEVEL_NAMES[finding.level]}{THIN}:",
            said(_finding(finding.message, finding.remedy), limits),
        )
        for level in reversed(LEVEL_NAMES)
        for finding in dossier.findings
        if finding.level == level != CONFORM
    ]
    noun = plural(len(dossier.findings), "constat", "constats")
    blocks: list[Block] = [Paragraph(f"{told}.", lead=f"{noun}{THIN}:")]
    if lines:
        blocks.append(Items(tuple(counted(lines, limits.findings, "autre constat"))))
    return blocks


def counted(lines: list[tuple[str, str]], most: int, noun: str) -> list[tuple[str, str]]:
    """Return the first lines, and a last one that counts the others."""
    left = len(lines) - most
    if left <= 0:
        return lines
    first, rest = noun.split(" ", 1)
    words = plural(left, noun, f"{first}s {rest}s")
    return [*lines[:most], ("", f"{words}, dans les tableaux du dossier.")]


def asked_posts(hundredths: int) -> str:
    """Write the ETP asked: singular under two, as French does.

    >>> asked_posts(150), asked_posts(200)
    ('1,5 ETP demandé', '2 ETP demandés')
    """
    return f"{posts(hundredths)} ETP {'demandé' if hundredths < 2 * HUNDREDTHS else 'demandés'}"


def posts(hundredths: int) -> str:
    """Write hundredths of ETP.

    >>> posts(150), posts(200)
    ('1,5', '2')
    """
    text = decimal(Fraction(hundredths, HUNDREDTHS), 2)
    return text.rstrip("0").rstrip(",")


def _against(volet: str, missing: int | None) -> str:
    """Return what the ETP asked are compared with, in words."""
    if missing is not None:
        return f"{posts(missing)} ETP manquants dans le périmètre demandé"
    if volet == "coordinateur":
        return "ce qui manque de coordination ne se compte pas en ETP"
    return f"manque inconnu{THIN}: le besoin est à documenter"


def _ground(test: ClaimTest, limits: Limits) -> str:
    return said(" ".join((test.sentence, *test.reasons[: limits.reasons])), limits)


def _finding(message: str, remedy: str) -> str:
    return f"{message}{THIN}; {remedy}." if remedy else f"{message}."

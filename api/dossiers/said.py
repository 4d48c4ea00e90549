"""The few lines that a planner reads after `zones-blanches dossier`."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from typing import TYPE_CHECKING

from api.dossiers.files import SHEET
from coverage.dossiers.model import CONFORM, CONTRARY, LEVEL_NAMES, LEVELS
from coverage.dossiers.words import CLAIM_NAMES, VERDICT_NAMES, figure_text
from coverage.proposals.model import HUNDREDTHS
from coverage.wording import decimal, plural
from data.results.dossiers import QUEUE_FILE, asked_hundredths, strongest_objection
from data.results.plan_files import DISCLAIMER

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from coverage.dossiers.model import Dossier, Finding

_MANY = LEVEL_NAMES | {CONFORM: "conformes", CONTRARY: "contraires à l’appel"}
"""Levels as they are written of several findings."""


def dossier_words(dossier: Dossier, out: Path) -> str:
    """Return what a dossier comes to, and where its files are."""
    lines = [*_told(dossier), f"  {DISCLAIMER}"]
    lines.append(f"Dossier dans « {out} » ; à lire d’abord : « {out / SHEET} ».")
    return "\n".join(lines)


def queue_words(dossiers: Sequence[Dossier], out: Path) -> str:
    """Return what each dossier comes to in a line, and where their files are."""
    width = max(len(each.case.application_id) for each in dossiers)
    lines = [
        f"{plural(len(dossiers), 'candidature examinée', 'candidatures examinées')} :",
        *(_line(each, width) for each in dossiers),
        f"  {DISCLAIMER}",
        f"Dossiers dans « {out} », un sous-dossier pour chacun ; la liste : "
        f"« {out / QUEUE_FILE} ».",
    ]
    return "\n".join(lines)


def _line(dossier: Dossier, width: int) -> str:
    claim = ", ".join(
        f"{volet}, {CLAIM_NAMES[volet]} {VERDICT_NAMES[own.word]}"
        for volet, own in sorted(dossier.verdicts.items(), reverse=True)
    )
    name = dossier.case.application_id
    level = LEVEL_NAMES[dossier.level]
    return f"  {name:<{width}}  {level} ; {claim or 'aucun périmètre lisible'}"


def _told(dossier: Dossier) -> Iterator[str]:
    case = dossier.case
    asked = [
        f"{decimal(Fraction(hundredths, HUNDREDTHS), 2)} ETP de {volet}"
        for volet, hundredths in sorted(asked_hundredths(dossier).items(), reverse=True)
    ]
    demand = " et ".join(asked) or "aucun ETP"
    yield f"{case.structure_name or 'Structure non nommée'} ({case.application_id}) : {demand}."
    yield f"  Constats : {level_counts(dossier.findings)} (constats.csv)."
    weighed = [line for own in dossier.proportions.values() for line in own.lines]
    if weighed:
        yield f"  Proportion de la demande : {level_counts(weighed)} (fiche)."
    if not dossier.verdicts:
        yield "  Aucun périmètre lisible : aucune zone blanche n’est examinée."
    for volet, verdict in sorted(dossier.verdicts.items(), reverse=True):
        word, figure = VERDICT_NAMES[verdict.word], verdict.verify_first
        yield f"  {volet.capitalize()}, {CLAIM_NAMES[volet]} {word} : {verdict.sentence}"
        yield (
            f"  À vérifier d’abord : {figure.name} ({figure_text(figure)}). {verdict.verify_why}"
        )
    if dossier.verdicts:
        yield from _argument(dossier)


def _argument(dossier: Dossier) -> Iterator[str]:
    strongest = strongest_objection(dossier)
    if strongest is None:
        yield "  Objection : le programme n’en trouve aucune dans les données de l’étude."
        return
    yield f"  Objection la plus forte : {strongest.sentence}"
    yield f"  Réponse : {strongest.answer or 'rien, dans ces données, n’y répond.'}"


def level_counts(findings: Iterable[Finding]) -> str:
    """Write how many findings each level has, the gravest first.

    Levels without any are left out.
    """
    counts = Counter(each.level for each in findings)
    told = [
        plural(counts[level], LEVEL_NAMES[level], _MANY[level])
        for level in reversed(LEVELS)
        if counts[level]
    ]
    return ", ".join(told) or "aucun"

"""The dossiers of a study as a list: each application in a line, filters, order, search."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import Depends, Query

from api.facts.money import etp
from api.facts.places import fold
from api.facts.values import Amount  # noqa: TC001 - the description reads it at run time
from coverage.dossiers.model import LEVEL_NAMES, LEVELS, VERDICTS
from coverage.dossiers.words import CLAIM_NAMES, VERDICT_NAMES
from coverage.model import VOLETS
from coverage.wording import percent
from data.results.dossiers import asked_hundredths, regions_of, strongest_objection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from fractions import Fraction

    from api.facts.opinions import OpinionLine
    from coverage.dossiers.model import Dossier, Finding

Level = Literal["", "conforme", "a_completer", "a_discuter", "contraire"]
Word = Literal["", "demontree", "probable", "non_demontree"]
Volet = Literal["", "facilitateur", "coordinateur"]

_CODES = {volet: volet[0] for volet in VOLETS}
"""By which the identifier of an option tells its volet (`cand-alpha-f`)."""


@dataclass(frozen=True)
class AskedLine:
    """What an application asks for a volet, and how sure its zone blanche is.

    Attributes
    ----------
    verdict
        Of the claim (`objet`); empty while its perimeter cannot be read.
    """

    volet: str
    etp: Amount
    objet: str
    verdict: str
    verdict_nom: str


@dataclass(frozen=True)
class DossierLine:
    """An application in the queue.

    Attributes
    ----------
    niveau
        The gravest of its findings.
    constats, proportion
        Number of findings by level: of the form, of the proportion of what is asked.
    objection, objection_part_texte
        The strongest, and the part of the claim that it takes away; empty when there is none.
    regions
        Codes of those that its perimeters touch.
    """

    candidature: str
    fichier: str
    structure_id: str
    structure: str
    niveau: str
    niveau_nom: str
    constats: dict[str, int]
    proportion: dict[str, int]
    volets: list[AskedLine]
    objection: str
    objection_part_texte: str
    regions: list[str]


def dossier_line(dossier: Dossier) -> DossierLine:
    """Return what the queue says of an application."""
    case, strongest = dossier.case, strongest_objection(dossier)
    weighed = [line for own in dossier.proportions.values() for line in own.lines]
    return DossierLine(
        candidature=case.application_id,
        fichier=case.file,
        structure_id=case.structure_id,
        structure=case.structure_name,
        niveau=dossier.level,
        niveau_nom=LEVEL_NAMES[dossier.level],
        constats=_counts(dossier.findings),
        proportion=_counts(weighed),
        volets=_asked(dossier),
        objection=strongest.sentence if strongest else "",
        objection_part_texte=percent(strongest.share) if strongest else "",
        regions=list(regions_of(dossier)),
    )


def _counts(findings: Iterable[Finding]) -> dict[str, int]:
    levels = Counter(each.level for each in findings)
    return {level: levels[level] for level in LEVELS}


def _asked(dossier: Dossier) -> list[AskedLine]:
    asked = asked_hundredths(dossier)
    lines = []
    for volet in VOLETS:
        if volet in asked or volet in dossier.verdicts:
            word = dossier.verdicts[volet].word if volet in dossier.verdicts else ""
            said = (CLAIM_NAMES[volet], word, VERDICT_NAMES.get(word, ""))
            lines.append(AskedLine(volet, etp(asked.get(volet, 0)), *said))
    return lines


@dataclass(frozen=True)
class DossierQuery:
    """What is asked of the queue; empty values ask nothing."""

    niveau: str = ""
    verdict: str = ""
    volet: str = ""
    q: str = ""
    tri: str = ""


def _share(dossier: Dossier) -> Fraction | int:
    """Return the part of a claim that its strongest objection takes away, less than 0 for none."""
    strongest = strongest_objection(dossier)
    return -1 if strongest is None else strongest.share


ORDERS: dict[str, Callable[[Dossier], Any]] = {
    "candidature": lambda dossier: fold(dossier.case.application_id),
    "structure": lambda dossier: fold(dossier.case.structure_name),
    "niveau": lambda dossier: LEVELS.index(dossier.level),
    "etp": lambda dossier: sum(asked_hundredths(dossier).values()),
    "objection": _share,
}
"""What the queue may be ordered by; ties by file."""


def dossier_query(
    niveau: Annotated[Level, Query(description="le plus grave de ses constats")] = "",
    verdict: Annotated[Word, Query(description="verdict sur un de ses volets")] = "",
    volet: Annotated[Volet, Query(description="volet demandé")] = "",
    q: Annotated[str, Query(max_length=100, description="candidature ou structure")] = "",
    tri: Annotated[
        str,
        Query(
            pattern=f"^(-?({'|'.join(sorted(ORDERS))}))?$",
            max_length=20,
            description=f"ordre : {', '.join(sorted(ORDERS))} ; « - » devant pour l’inverse",
        ),
    ] = "",
) -> DossierQuery:
    """Read what is asked of the queue."""
    return DossierQuery(niveau, verdict, volet, q, tri)


DossiersAsked = Annotated[DossierQuery, Depends(dossier_query)]


def chosen_dossiers(
    dossiers: Iterable[Dossier], query: DossierQuery, region: str = ""
) -> list[Dossier]:
    """Return the dossiers asked for, in the order asked for: by file when none is.

    Parameters
    ----------
    region
        Code; a dossier whose perimeter cannot be read is of no known région, and is kept.
    """
    wanted = fold(query.q)
    found = [
        each
        for each in dossiers
        if query.niveau in ("", each.level)
        and (not query.verdict or query.verdict in _words(each))
        and (not query.volet or query.volet in asked_hundredths(each))
        and (not region or region in (regions_of(each) or (region,)))
        and (wanted in fold(each.case.application_id) or wanted in fold(each.case.structure_name))
    ]
    if query.tri:
        order = ORDERS[query.tri.removeprefix("-")]
        found.sort(key=order, reverse=query.tri.startswith("-"))
    return found


def _words(dossier: Dossier) -> set[str]:
    return {verdict.word for verdict in dossier.verdicts.values()}


def opinions_on(dossier: Dossier, lines: Iterable[OpinionLine]) -> list[OpinionLine]:
    """Return the opinions in force that name an application, its structure or its posts."""
    case = dossier.case
    options = {f"cand-{case.application_id}-{_CODES[volet]}" for volet in VOLETS}
    return [
        line
        for line in lines
        if line.en_vigueur
        and (
            line.option_id in options
            or (not line.option_id and line.structure_id == case.structure_id)
        )
    ]


LEVEL_CHOICES = {level: LEVEL_NAMES[level] for level in reversed(LEVELS)}
VERDICT_CHOICES = {word: VERDICT_NAMES[word] for word in VERDICTS}

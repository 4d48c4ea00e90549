"""What the page of follow-up says of conventions, in plain values."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coverage.dossiers.awards.followup import number_words
from coverage.dossiers.awards.indicators import ANNUAL, INDICATOR_NAMES
from coverage.dossiers.awards.results import LEAST_CONVENTIONS
from coverage.dossiers.model import CONTRARY, DISCUSS, INCOMPLETE, LEVEL_NAMES
from coverage.proposals.limits import euros
from coverage.wording import decimal
from data.results.followup import overlap_sentence

if TYPE_CHECKING:
    from api.studies import OpenStudy
    from coverage.dossiers.awards.after import Followup
    from coverage.dossiers.awards.awards import Award
    from coverage.dossiers.awards.followup import Remark
    from coverage.dossiers.awards.results import Comparison

_SUBJECTS = {
    "recrutement": "recrutement",
    "rapport": "rapport",
    "resultat": "résultats",
    "renouvellement": "renouvellement",
}
_GRAVE = (CONTRARY, DISCUSS, INCOMPLETE)


@dataclass(frozen=True)
class WatchLine:
    """One thing to watch."""

    convention: str
    structure: str
    objet: str
    niveau: str
    niveau_nom: str
    constat: str
    remede: str
    rubrique: str


@dataclass(frozen=True)
class AwardLine:
    """A convention, its dates and its money, in words."""

    convention: str
    structure_id: str
    structure: str
    volet: str
    etp: str
    debut: str
    fin: str
    recrutement: str
    renouvellements: int
    montant: str
    avance: str
    solde: str


@dataclass(frozen=True)
class ResultLine:
    """An indicator of the annual reports: how many reach their objective, the mean."""

    volet: str
    indicateur: str
    rapports: int
    atteints: int
    compares: int
    moyenne: str


@dataclass(frozen=True)
class YearLine:
    """What is paid in a year."""

    annee: int
    avance: str
    solde: str
    total: str


@dataclass(frozen=True)
class FollowupFacts:
    """The page: what is grave first, then everything filed."""

    jour: str
    conventions: list[AwardLine]
    constats: list[WatchLine]
    resultats: list[ResultLine]
    annees: list[YearLine]
    recouvrements: list[str]
    minimum: int = LEAST_CONVENTIONS


def followup_facts(study: OpenStudy, found: Followup, region: str) -> FollowupFacts:
    """Return what the page says, of a région or of all."""
    own = {
        award.convention_id: award
        for award in found.awards
        if not region or found.regions[award.structure_id, award.volet] == region
    }
    grave = [
        each
        for each in found.remarks
        if each.finding.level in _GRAVE and each.award.convention_id in own
    ]
    grave.sort(key=lambda each: _GRAVE.index(each.finding.level))
    compared = [line for line in found.comparisons if line.award.convention_id in own]
    return FollowupFacts(
        jour=found.at.isoformat(),
        conventions=[_award(award, found) for award in own.values()],
        constats=[_watch(each) for each in grave],
        resultats=_results(compared, found, region),
        annees=_years(found, own),
        recouvrements=[
            overlap_sentence(each)
            for each in found.overlaps
            if not region
            or region in set(study.coverage.territory.units["region"].iloc[list(each.units)])
        ],
    )


def _watch(remark: Remark) -> WatchLine:
    finding = remark.finding
    return WatchLine(
        convention=remark.award.convention_id,
        structure=remark.award.structure_name,
        objet=_SUBJECTS[remark.subject],
        niveau=finding.level,
        niveau_nom=LEVEL_NAMES[finding.level],
        constat=finding.message,
        remede=finding.remedy,
        rubrique=finding.heading,
    )


def _award(award: Award, found: Followup) -> AwardLine:
    paid = {nature: (year, cents) for own, nature, year, cents in found.payments if own == award}
    avance, solde = (f"{euros(cents)} ({year})" for year, cents in paid.values())
    return AwardLine(
        convention=award.convention_id,
        structure_id=award.structure_id,
        structure=award.structure_name,
        volet=award.volet,
        etp=decimal(award.etp, 2),
        debut=award.begun.isoformat(),
        fin=award.end.isoformat(),
        recrutement="" if award.recruited is None else award.recruited.isoformat(),
        renouvellements=award.renewals,
        montant=euros(award.cents),
        avance=avance,
        solde=solde,
    )


def _results(compared: list[Comparison], found: Followup, region: str) -> list[ResultLine]:
    groups: defaultdict[tuple[str, str], list[Comparison]] = defaultdict(list)
    for line in compared:
        if line.report == ANNUAL:
            groups[line.award.volet, line.indicator].append(line)
    lines = []
    for (volet, name), own in sorted(
        groups.items(), key=lambda item: (item[0][0], list(INDICATOR_NAMES).index(item[0][1]))
    ):
        mean = found.means.get((region, volet), {}).get(name) if region else None
        known = [line for line in own if line.value is not None]
        told = [line for line in known if line.objective is not None]
        reached = sum(line.level == "conforme" for line in told)
        words = "" if mean is None or mean.value is None else number_words(mean.value)
        lines.append(
            ResultLine(volet, INDICATOR_NAMES[name], len(known), reached, len(told), words)
        )
    return lines


def _years(found: Followup, own: dict[str, Award]) -> list[YearLine]:
    sums: defaultdict[int, dict[str, int]] = defaultdict(lambda: {"avance": 0, "solde": 0})
    for award, nature, year, cents in found.payments:
        if award.convention_id in own:
            sums[year][nature] += cents
    return [
        YearLine(year, euros(paid["avance"]), euros(paid["solde"]), euros(sum(paid.values())))
        for year, paid in sorted(sums.items())
    ]

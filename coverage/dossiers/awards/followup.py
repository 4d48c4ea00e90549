"""What to watch after an award, at a stated day: recruitment, reports, objectives, renewals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from coverage.dossiers.awards.awards import awards_of
from coverage.dossiers.awards.indicators import ANNUAL, INDICATOR_NAMES, INTERMEDIATE, OBJECTIVE
from coverage.dossiers.awards.results import comparisons, end_of_year, reports_until
from coverage.dossiers.model import CONFORM, CONTRARY, DISCUSS, INCOMPLETE, Finding
from coverage.perimeters import active_posts
from coverage.proposals.rules import ratio
from coverage.wording import THIN, decimal, plural

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from fractions import Fraction

    from coverage.dossiers.awards.awards import Award
    from coverage.model import Coverage
    from coverage.proposals.model import Call

SUBJECTS = RECRUITMENT, REPORT, RESULT, RENEWAL = (
    "recrutement",
    "rapport",
    "resultat",
    "renouvellement",
)

NOTICE_DAYS = 92
"""Days before the end of a convention from which its renewal is to be decided: three months."""

GRACE_DAYS = 31
"""Days left to a report after the time of which it tells: the call fixes none."""

_REPORT_NAMES = {INTERMEDIATE: "rapport intermédiaire", ANNUAL: "rapport annuel"}
_Reports = dict[tuple[str, str], dict[str, Any]]


@dataclass(frozen=True)
class Remark:
    """One thing to watch in a convention."""

    subject: str
    award: Award
    finding: Finding


@dataclass(frozen=True)
class _Desk:
    """What remarks are made from."""

    call: Call
    at: date
    reports: _Reports
    renewed: Mapping[str, str]
    counted: Mapping[str, date]

    def remark(
        self,
        award: Award,
        subject: str,
        level: str,
        message: str,
        remedy: str = "",
        *,
        rule: str = "reconductions",
    ) -> Remark:
        """Return a remark that rests on a rule of the call."""
        own = self.call.rules[rule]
        found = Finding(level, rule, own.heading, own.text, award.convention_id, message, remedy)
        return Remark(subject, award, found)


def remarks(coverage: Coverage, call: Call, at: date | None = None) -> tuple[Remark, ...]:
    """Return what conventions call for, by convention then subject.

    Parameters
    ----------
    at
        Day spoken of: the last of the study's year by default, never the clock's.
    """
    study = coverage.study
    day = end_of_year(study, at)
    awards = awards_of(study, call)
    desk = _Desk(
        call,
        day,
        reports_until(study, day),
        {award.renews: award.convention_id for award in awards if award.renews},
        _counted_from(coverage),
    )
    short = _short_of(coverage, call, day)
    return tuple(
        remark
        for award in awards
        if award.begun <= day
        for remark in (
            *_recruitment(award, desk),
            *_reporting(award, desk),
            *_results(award, desk, short.get(award.convention_id, [])),
            *_renewal(award, desk),
        )
    )


def _counted_from(coverage: Coverage) -> dict[str, date]:
    """Return the first day of the year from which the study counts the hours of each post."""
    first = date(coverage.study.year, 1, 1)
    posts = active_posts(coverage.study)
    return {
        str(name): max(debut or first, first)
        for name, debut in zip(posts["poste_id"], posts["debut"], strict=True)
        if name
    }


def _recruitment(award: Award, desk: _Desk) -> Iterator[Remark]:
    vacant = award.recruited is None or award.recruited > desk.at
    days = award.vacant_days(desk.at)
    started = f"{award.started:%d/%m/%Y}"
    if vacant and award.started <= desk.at:
        message = (
            f"poste vacant depuis {plural(days, 'jour', 'jours')}{THIN}: action commencée le "
            f"{started}, aucun recrutement au {desk.at:%d/%m/%Y}"
            if award.end >= desk.at
            else f"action terminée le {award.end:%d/%m/%Y} sans recrutement connu"
        )
        remedy = "écrire la date de recrutement, ou revoir le solde avec la structure"
        yield desk.remark(award, RECRUITMENT, DISCUSS, message, remedy, rule="avance")
    elif not vacant and days:
        message = f"poste pourvu {plural(days, 'jour', 'jours')} après le début de l’action"
        yield desk.remark(award, RECRUITMENT, CONFORM, message, rule="avance")
    counted = desk.counted.get(award.post_id)
    if counted is not None and (vacant or (award.recruited and award.recruited > counted)):
        message = (
            f"l’étude compte les heures du poste {award.post_id} dès le {counted:%d/%m/%Y}, avant "
            f"tout recrutement{THIN}: la couverture y paraît meilleure qu’elle n’est"
        )
        remedy = "donner au poste, dans «\u00a0postes\u00a0», la date de recrutement pour début"
        yield desk.remark(award, RECRUITMENT, DISCUSS, message, remedy, rule="avance")


def due_days(award: Award) -> dict[str, date]:
    """Return when each report is looked for: the middle and the end of the action.

    The call asks for both each year and fixes no day: these are marks of ours.
    """
    half = (award.end - award.started) // timedelta(days=2)
    return {INTERMEDIATE: award.started + timedelta(days=half), ANNUAL: award.end}


def _reporting(award: Award, desk: _Desk) -> Iterator[Remark]:
    for kind, due in due_days(award).items():
        report = desk.reports.get((award.convention_id, kind))
        name = _REPORT_NAMES[kind]
        last = due + timedelta(days=GRACE_DAYS)
        if report is None:
            if last < desk.at:
                message = f"{name} absent, attendu dans le mois qui suit le {due:%d/%m/%Y}"
                remedy = "le demander, puis l’ajouter à «\u00a0resultats\u00a0»"
                yield desk.remark(award, REPORT, INCOMPLETE, message, remedy)
        elif report["date"] > last:
            late = plural((report["date"] - due).days, "jour", "jours")
            message = f"{name} remis {late} après le {due:%d/%m/%Y}"
            yield desk.remark(award, REPORT, DISCUSS, message, "convenir d’une date")


def _short_of(coverage: Coverage, call: Call, day: date) -> dict[str, list[str]]:
    """Return by convention the indicators of its annual report under their objective, in words."""
    found: dict[str, list[str]] = {}
    for line in comparisons(coverage, call, day):
        if line.level == DISCUSS and line.value is not None and line.objective is not None:
            words = (
                f"{INDICATOR_NAMES[line.indicator]} {number_words(line.value)} pour "
                f"{number_words(line.objective)}"
            )
            found.setdefault(line.award.convention_id, []).append(words)
    return found


def number_words(value: Fraction) -> str:
    """Write a result, with one decimal when it is not whole.

    >>> number_words(Fraction(187, 10)), number_words(Fraction(9))
    ('18,7', '9')
    """
    return decimal(value, 0 if value.denominator == 1 else 1)


def _results(award: Award, desk: _Desk, short: list[str]) -> Iterator[Remark]:
    if (award.convention_id, OBJECTIVE) not in desk.reports:
        message = f"objectifs de la convention inconnus{THIN}: ses résultats ne se comparent à rien"
        remedy = "les ajouter à «\u00a0resultats\u00a0», ligne «\u00a0objectif\u00a0»"
        yield desk.remark(award, RESULT, INCOMPLETE, message, remedy)
    if short:
        told = f"{THIN}; ".join(short)
        message = f"résultats par ETP sous l’objectif{THIN}: {told}"
        remedy = "en chercher la cause avec la structure avant tout renouvellement"
        yield desk.remark(award, RESULT, DISCUSS, message, remedy)


def _renewal(award: Award, desk: _Desk) -> Iterator[Remark]:
    most = ratio(desk.call, "reconductions")
    if most is not None and award.renewals > most:
        message = (
            f"renouvellement n°\u00a0{award.renewals}, quand l’appel en permet {decimal(most, 0)}"
        )
        remedy = "ne pas le signer au titre de cet appel"
        yield desk.remark(award, RENEWAL, CONTRARY, message, remedy)
    if award.renews and not any((award.renews, kind) in desk.reports for kind in _REPORT_NAMES):
        message = (
            f"renouvelée sans aucun rapport de la convention {award.renews}{THIN}: l’appel la "
            "renouvelle d’après ses résultats"
        )
        yield desk.remark(award, RENEWAL, INCOMPLETE, message, "demander ces rapports")
    if award.convention_id in desk.renewed:
        return
    end = f"{award.end:%d/%m/%Y}"
    if most is not None and award.renewals >= most:
        message = f"dernière année{THIN}: elle finit le {end} et ne se renouvelle plus"
        yield desk.remark(award, RENEWAL, CONFORM, message)
    elif award.end < desk.at:
        message = f"terminée le {end}, sans renouvellement connu"
        remedy = (
            "ajouter la convention qui la renouvelle, ou clore le poste dans «\u00a0postes\u00a0»"
        )
        yield desk.remark(award, RENEWAL, DISCUSS, message, remedy)
    elif award.end - desk.at <= timedelta(days=NOTICE_DAYS):
        message = f"finit le {end}{THIN}: renouvellement à décider d’ici là"
        yield desk.remark(award, RENEWAL, DISCUSS, message, "se prononcer d’après les rapports")

"""Findings on results: objectives by ETP, the 2022 convention, growth beside that of 2022."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

from coverage.parameters import definitions
from coverage.proposals.limits import euros
from coverage.wording import THIN, decimal, whole

if TYPE_CHECKING:
    from collections.abc import Iterator

    from coverage.dossiers.model import Finding
    from coverage.dossiers.rules.examined import Examined

CONVENTION = "convention_2022"

_DATES = ("debut_conventionnement", "date_mise_en_oeuvre", "date_recrutement")
_CENTS = 100


def result_findings(it: Examined) -> Iterator[Finding]:
    """Yield what is found of objectives, of the convention of 2022 and of growth since."""
    yield from _objectives(it)
    yield from _convention(it)
    yield from _growth(it)


def _objectives(it: Examined) -> Iterator[Finding]:
    """Judge the hours by ETP against the range of the method; the others have no reference."""
    rule, place = "objectifs", "objectifs.heures"
    if not it.applies(rule):
        yield it.off(rule, "objectifs")
        return
    hours = it.case.form.get(place)
    limits = definitions()["heures_par_etp"]
    bounds = f"{whole(int(limits.low))} à {whole(int(limits.high))}"
    if hours is not None and not limits.low <= hours <= limits.high:
        yield it.discuss(
            rule,
            place,
            f"{decimal(Fraction(hours), 0)}{THIN}h d’insertion par ETP ; l’ordre de grandeur "
            f"connu va de {bounds}{THIN}h",
            "demander comment cet objectif a été calculé",
        )
    elif not it.unfilled("objectifs") and hours is not None:
        yield it.conform(
            rule,
            "objectifs",
            f"six objectifs proposés, dont {decimal(Fraction(hours), 0)}{THIN}h d’insertion par "
            f"ETP (ordre de grandeur connu : {bounds}{THIN}h)",
        )


def _convention(it: Examined) -> Iterator[Finding]:
    form, rule = it.case.form, CONVENTION
    filled = form.get(rule)
    if not filled and not _etp(it, f"aap_{it.bench.call.year - 1}"):
        return
    if not it.applies(rule):
        yield it.off(rule, rule)
        return
    found = [*_unknown_convention(it), *_dates(it), *_amount(it)] if filled else []
    yield from found
    if filled and not found and not it.unfilled(rule):
        yield it.conform(rule, rule, "dates dans l’ordre, montant de l’ETP et six résultats donnés")


def _unknown_convention(it: Examined) -> Iterator[Finding]:
    year = it.bench.call.year - 1
    if not _etp(it, f"aap_{year}"):
        yield it.discuss(
            CONVENTION,
            CONVENTION,
            f"convention de {year} décrite, mais l’étude ne compte aucun poste financé par "
            f"l’appel de {year} dans cette structure",
            "vérifier la convention, ou la colonne « financement » de la table « postes »",
        )


def _dates(it: Examined) -> Iterator[Finding]:
    """Judge the dates: none before the call of that year, none after this one ends, in order."""
    year = it.bench.call.year
    dates = {
        name: it.case.form.get(f"{CONVENTION}.{name}")
        for name in _DATES
        if isinstance(it.case.form.get(f"{CONVENTION}.{name}"), date)
    }
    for name, day in dates.items():
        if not date(year - 1, 1, 1) <= day <= date(year, 12, 31):
            yield it.discuss(
                CONVENTION,
                f"{CONVENTION}.{name}",
                f"date du {day:%d/%m/%Y}, hors de {year - 1} et {year}",
                "vérifier cette date sur la convention",
            )
    begun = dates.get(_DATES[0])
    for name in _DATES[1:]:
        if begun is not None and name in dates and dates[name] < begun:
            yield it.discuss(
                CONVENTION,
                f"{CONVENTION}.{name}",
                f"date du {dates[name]:%d/%m/%Y}, avant le début du conventionnement "
                f"({begun:%d/%m/%Y})",
                "vérifier l’ordre des dates, et que le poste n’existait pas avant la convention",
            )


def _amount(it: Examined) -> Iterator[Finding]:
    place = f"{CONVENTION}.montant_etp"
    cents = it.case.form.get(place)
    most = definitions()["cout_etp_eur"].high * _CENTS
    if isinstance(cents, int) and not 0 < cents <= most:
        yield it.discuss(
            CONVENTION,
            place,
            f"{euros(cents)} par ETP ; un ETP entier coûte au plus {euros(int(most))} selon la "
            "méthode",
            "vérifier ce montant sur la convention",
        )


def _growth(it: Examined) -> Iterator[Finding]:
    """Show the posts created in 2022 beside those asked: nothing is forbidden."""
    rule, year = "coherence_2022", it.bench.call.year - 1
    for own in it.volets:
        place = f"demande.etp_{own.volet}"
        if not it.applies(rule):
            yield it.off(rule, place)
            continue
        held = decimal(_etp(it).get(own.volet, Fraction(0)), 2)
        before = decimal(_etp(it, f"aap_{year}").get(own.volet, Fraction(0)), 2)
        yield it.conform(
            rule,
            place,
            f"volet {own.volet} : {held} ETP en place, dont {before} financés par l’appel de "
            f"{year} ; {decimal(own.option.etp, 2)} de plus demandés",
        )


def _etp(it: Examined, funding: str = "") -> dict[str, Fraction]:
    """Return the ETP in force of the structure by volet; of one funding when it is named."""
    found: dict[str, Fraction] = {}
    for post in it.bench.held.get(it.case.structure_id, ()):
        if funding in {"", post.funding}:
            found[post.volet] = found.get(post.volet, Fraction(0)) + post.etp
    return found

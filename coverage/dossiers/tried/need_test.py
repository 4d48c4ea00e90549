"""The test of the need, as a jury reads it: sentence, reasons, figures."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from coverage.dossiers.against.arguments import etp_told
from coverage.dossiers.ground.origins import ESTIMATES, ORIGIN_NAMES
from coverage.dossiers.model import DOUBTFUL, FAILED, PASSED, ClaimTest, Figure
from coverage.dossiers.tried.needs import need_facts
from coverage.parameters import STATE_CLASSES
from coverage.wording import CLASS_NAMES, THIN, listing, named, percent, plural, whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from coverage.dossiers.bench import Bench
    from coverage.dossiers.model import Claim
    from coverage.dossiers.tried.needs import NeedFacts

NAME = "besoin"
TO_DOCUMENT = "non couvert, besoin inconnu : à documenter"
BESIDE = "couvert par extension limitrophe seulement, besoin inconnu : à documenter"

_FAIR = "partage équitable des heures des postes déclarés"
_PROOF = "flot maximum limité au périmètre demandé"
_KNOWN = "besoins connus de l’étude, donneurs d’ordre demandés"
_PROOFS = "certificats de l’étude"
_TOLD = 4


def need_test(claim: Claim, scope: Sequence[str], bench: Bench) -> ClaimTest:
    """Say whether the need of a facilitator's claim is shown against what serves it."""
    facts = need_facts(claim, scope, bench)
    return ClaimTest(
        name=NAME,
        outcome=facts.outcome,
        sentence=_sentence(facts),
        reasons=(
            *_served_reasons(facts),
            *_proof_reasons(facts),
            *_year_reasons(facts),
            *_known_reasons(facts),
            *_site_reasons(facts),
        ),
        figures=_figures(facts),
    )


def _sentence(facts: NeedFacts) -> str:
    if facts.outcome == PASSED:
        return (
            "Dans la part zone blanche du périmètre, au moins "
            f"{whole(facts.white_proved)} h par an n’ont aucun poste dédié, ou restent sans "
            "réponse quel que soit le redéploiement des postes qui les atteignent "
            f"({etp_told(facts.posts)}, à {whole(facts.hourly)} h par ETP)."
        )
    if facts.outcome == FAILED:
        if not facts.need:
            return "Aucune heure de besoin dans ce périmètre, où toutes les classes sont connues."
        tail = _unknown_words(facts.unknown)
        return (
            f"Les {whole(facts.need)} h de besoin connu sont servies au mieux par les postes en "
            f"place, sous les hypothèses affichées{tail}."
        )
    if facts.outcome == DOUBTFUL:
        return f"Le besoin se discute{THIN}: {_doubt(facts)}."
    return f"Besoin inconnu{THIN}: à documenter. Aucune heure n’est connue dans ce périmètre."


def _doubt(facts: NeedFacts) -> str:
    """Say what keeps a need from being established."""
    if not facts.missing:
        hours = "sans heures manquantes connues" if facts.need else "sans aucune heure connue"
        return f"il est identifié par {_sites(facts)}, {hours}"
    waiting = f"{whole(facts.missing)} h par an attendent un poste"
    if not facts.white:
        return f"{waiting}, mais aucune commune n’est dans une zone blanche retenue"
    if facts.white_proved < max(facts.threshold, 1):
        return (
            f"{waiting}, mais {whole(facts.white_proved)} h seulement sont prouvées dans la part "
            f"zone blanche, sous le seuil de {whole(facts.threshold)} h"
        )
    return (
        f"{whole(facts.white_proved)} h sont prouvées dans la part zone blanche, mais "
        f"{whole(facts.estimated)} h du besoin reposent sur une estimation"
    )


def _sites(facts: NeedFacts) -> str:
    """Name the grounds other than hours."""
    parts = []
    if facts.services:
        count = plural(
            len(facts.services),
            "service de l’État non accompagné",
            "services de l’État non accompagnés",
        )
        parts.append(f"{count} ({named(facts.services)})")
    if facts.projects:
        count = plural(len(facts.projects), "grand projet", "grands projets")
        parts.append(f"{count} ({named(facts.projects)})")
    return listing(parts)


def _served_reasons(facts: NeedFacts) -> Iterator[str]:
    yield (
        f"Besoin connu des donneurs d’ordre demandés{THIN}: {whole(facts.need)} h par an, dont "
        f"{whole(facts.state)} h pour l’État et ses opérateurs."
    )
    if not facts.need:
        return
    if facts.unserved:
        yield (
            f"Dans le partage le plus équitable des postes en place, {whole(facts.unserved)} h "
            "restent sans réponse."
        )
    else:
        yield "Dans le partage le plus équitable des postes en place, tout ce besoin est servi."
    if facts.lent:
        yield (
            f"{whole(facts.lent)} h ne sont servies que par l’extension d’un voisin, sans poste "
            f"dédié{THIN}: l’appel tient de tels lieux pour zone blanche si un besoin y est "
            "identifié."
        )


def _proof_reasons(facts: NeedFacts) -> Iterator[str]:
    alone = "Si toutes les structures qui atteignent ce périmètre ne travaillaient que pour lui"
    if facts.proved_principal:
        principal = whole(facts.proved_principal)
        told = (
            f"{principal} h, extensions comprises ou non"
            if facts.proved == facts.proved_principal
            else f"{whole(facts.proved)} h extensions comprises, et {principal} h dans les seuls "
            "périmètres principaux"
        )
        yield f"{alone}, il resterait sans réponse {told}."
    elif facts.unserved:
        yield f"{alone}, elles suffiraient{THIN}: aucune heure n’est prouvée."
    if facts.state_unserved:
        told = f"dont {whole(facts.state_proved)} h quel que soit le redéploiement"
        if facts.state_proved == facts.state_unserved:
            told = "quel que soit le redéploiement"
        yield (
            "Même si tous les postes servaient d’abord l’État, il lui manquerait "
            f"{whole(facts.state_unserved)} h, {told}."
        )
    if facts.short and facts.break_even is not None:
        yield (
            "Là où des postes travaillent, l’insuffisance est constatée sauf si un ETP accompagne "
            f"au moins {whole(facts.break_even)} h par an."
        )
    elif facts.short:
        yield (
            "Là où la capacité est insuffisante, aucune productivité des postes déclarés ne "
            "suffirait partout."
        )
    yield from _certificate_reasons(facts)


def _certificate_reasons(facts: NeedFacts) -> Iterator[str]:
    if not facts.bearing:
        return
    count = plural(len(facts.bearing), "certificat porte", "certificats portent")
    inside = "aucun n’y tient en entier"
    if facts.inside:
        inside = f"en entier dans ce périmètre{THIN}: {_ids(facts.inside)}"
    yield f"{count} sur ce périmètre ({_ids(facts.bearing)}) ; {inside}."


def _ids(names: Sequence[str]) -> str:
    others = len(names) - _TOLD
    told = list(names[:_TOLD])
    return listing([*told, plural(others, "autre", "autres")] if others > 0 else told)


def _year_reasons(facts: NeedFacts) -> Iterator[str]:
    if len(facts.years) == 1:
        return
    first, last = facts.years[0], facts.years[-1]
    known = f"Après {first.year}, seul compte ce qui est déjà connu."
    if all(replace(each, year=first.year) == first for each in facts.years):
        yield f"De {first.year} à {last.year}, rien ne change de ce qui est connu. {known}"
        return
    told = f"{THIN}; ".join(
        f"{each.year}, {whole(each.need_hours)} h dont {whole(each.need_hours - each.served_hours)}"
        " sans réponse"
        for each in facts.years
    )
    yield f"Année par année, toutes classes{THIN}: {told}. {known}"


def _known_reasons(facts: NeedFacts) -> Iterator[str]:
    if facts.unknown:
        told = listing(
            f"{CLASS_NAMES[class_]} ({plural(count, 'commune', 'communes')})"
            for class_, count in facts.unknown.items()
        )
        yield f"Besoin inconnu, ce qui n’est pas zéro{THIN}: {told}."
    if not set(STATE_CLASSES).isdisjoint(facts.unknown):
        yield "La réponse aux marchés de l’État n’y a donc pas été mesurée partout."
    for count, words in ((facts.pending, TO_DOCUMENT), (facts.pending_beside, BESIDE)):
        if count:
            yield f"{plural(count, 'commune', 'communes')}{THIN}: {words}."
    if facts.estimated:
        told = listing(
            f"{ORIGIN_NAMES[name]} ({whole(hours)} h)"
            for name, hours in facts.origins.items()
            if name in ESTIMATES
        )
        share = percent(Fraction(facts.estimated, facts.need))
        yield f"Part du besoin connu qui repose sur une estimation{THIN}: {share}, {told}."


def _site_reasons(facts: NeedFacts) -> Iterator[str]:
    if facts.services is None:
        yield "La présence de services de l’État n’est pas connue."
    if facts.projects is None:
        yield "La présence de grands projets n’est pas connue."
    if facts.services or facts.projects:
        yield f"Sur ce périmètre{THIN}: {_sites(facts)}."
    if facts.doubtful:
        count = plural(facts.doubtful, "service de l’État", "services de l’État")
        yield f"L’accompagnement de {count} reste à préciser."


def _unknown_words(unknown: Mapping[str, int]) -> str:
    if not unknown:
        return ""
    return f" ; celui de {listing(CLASS_NAMES[class_] for class_ in unknown)} est en partie inconnu"


def _count(names: Sequence[str] | None) -> int | None:
    return None if names is None else len(names)


def _figures(facts: NeedFacts) -> tuple[Figure, ...]:
    known = facts.need or not facts.unknown

    def hours(name: str, value: int, source: str) -> Figure:
        return Figure(name, value if known else None, "h", source)

    return (
        hours("Besoin connu par an", facts.need, _KNOWN),
        hours("dont État et opérateurs de l’État", facts.state, _KNOWN),
        hours("Heures sans réponse (déficit équitable)", facts.unserved, _FAIR),
        hours("Heures servies par la seule extension d’un voisin", facts.lent, _FAIR),
        hours("Déficit prouvé, extensions comprises", facts.proved, _PROOF),
        hours("Déficit prouvé, seuls périmètres principaux", facts.proved_principal, _PROOF),
        hours("Heures prouvées dans la part zone blanche", facts.white_proved, _PROOF),
        hours(
            "Heures de l’État sans réponse, l’État servi d’abord",
            facts.state_unserved,
            "partage équitable des seuls besoins de l’État",
        ),
        *_break_even(facts),
        Figure(
            "Part du besoin connu qui repose sur une estimation",
            Fraction(facts.estimated, facts.need) if facts.need else None,
            "part",
            "origine des heures, commune par commune",
        ),
        Figure("Classes au besoin inconnu quelque part", len(facts.unknown), "nombre", _KNOWN),
        Figure(
            "Services de l’État non accompagnés",
            _count(facts.services),
            "nombre",
            "table « services_etat »",
        ),
        Figure("Grands projets", _count(facts.projects), "nombre", "table « grands_projets »"),
        Figure("Certificats qui portent sur le périmètre", len(facts.bearing), "nombre", _PROOFS),
        Figure("Certificats entièrement dedans", len(facts.inside), "nombre", _PROOFS),
    )


def _break_even(facts: NeedFacts) -> Iterator[Figure]:
    """Yield the break-even, where some productivity suffices: no figure says « none does »."""
    if facts.break_even is not None:
        yield Figure(
            "Seuil de bascule là où la capacité est insuffisante",
            facts.break_even,
            "h/ETP",
            "plus petite productivité qui lève l’insuffisance",
        )

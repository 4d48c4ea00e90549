"""Third test of a claim: the neighbours cannot answer (saturated, stretched, far)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from coverage.dossiers.claims.deficits import beside_hours, left_hours, white_proved_hours
from coverage.dossiers.claims.neighbours import SEAT
from coverage.dossiers.model import DOUBTFUL, FAILED, PASSED, UNKNOWN, ClaimTest, Figure
from coverage.dossiers.verdicts.balance import balance_of
from coverage.wording import THIN, decimal, listing, named, percent, plural, whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from coverage.dossiers.bench import Bench
    from coverage.dossiers.claims.neighbours import Neighbour
    from coverage.dossiers.model import Claim

NAME = "voisins"

_TOLD = 6
_SPARE = "charge la plus égale des postes déclarés, besoin connu"


@dataclass(frozen=True)
class Answer:
    """What the structures in reach could answer of a claim.

    Attributes
    ----------
    need, missing, lent
        Known hours of the claim; those that wait for a post; those of them that undedicated
        extensions alone serve.
    proved, beside
        Proved hours of the part zone blanche, and those of them that an undedicated extension
        alone holds: the call asks for a post there, whoever serves them.
    threshold
        Least need that counts as identified.
    absorbed
        Unserved hours that all structures in reach could serve with what they have to spare today.
    spare, freed
        Sums over the structures in reach: what they have to spare, and would if every
        undedicated extension were given up.
    left
        What is left of `proved` once they have lent all of `freed`, class by class.
    absent
        Régions beside the claim in which no facilitator's perimeter is filed.
    blind
        Whether some class claimed is unknown somewhere in the claim.
    """

    near: tuple[Neighbour, ...]
    need: int
    missing: int
    lent: int
    proved: int
    beside: int
    threshold: int
    absorbed: int
    spare: int
    freed: int
    left: int
    absent: tuple[str, ...]
    blind: bool

    @property
    def able(self) -> bool:
        """Whether the structures in reach serve, or could serve, all of the known need."""
        return self.absorbed + self.lent >= self.missing

    @property
    def outcome(self) -> str:
        """What the test of the neighbours comes to (docs/methode.md, « Dossiers »)."""
        if not self.missing:
            return UNKNOWN if not self.need and self.blind else FAILED
        if self.able:
            return DOUBTFUL if self.beside >= max(self.threshold, 1) else FAILED
        return PASSED if self.left and not self.absent else DOUBTFUL


def answer_of(
    claim: Claim, scope: Sequence[str], bench: Bench, near: tuple[Neighbour, ...]
) -> Answer:
    """Return what the structures in reach of a claim could answer of it."""
    balance = balance_of(claim.units, scope, [each.structure_id for each in near], bench)
    return Answer(
        near=near,
        need=claim.need_hours,
        missing=claim.missing_hours,
        lent=claim.lent_hours,
        proved=white_proved_hours(claim.units, scope, bench),
        beside=beside_hours(claim.units, scope, bench),
        threshold=bench.coverage.study.parameters.seuil_besoin_h,
        absorbed=balance.absorbed(),
        spare=sum(each.spare_hours for each in near),
        freed=sum(each.freed_hours for each in near),
        left=left_hours(
            claim.units,
            scope,
            {row: bench.freed[row] for each in near for row in each.supplies},
            bench,
        ),
        absent=_absent(claim, bench),
        blind=any(place.unknown for place in claim.places),
    )


def neighbour_test(
    claim: Claim, scope: Sequence[str], bench: Bench, near: tuple[Neighbour, ...]
) -> ClaimTest:
    """Say whether the structures in place could answer a facilitator's claim."""
    answer = answer_of(claim, scope, bench, near)
    return ClaimTest(
        name=NAME,
        outcome=answer.outcome,
        sentence=_sentence(answer),
        reasons=(*_reasons(answer), *_absent_reasons(answer, bench)),
        figures=_figures(answer),
    )


def _absent(claim: Claim, bench: Bench) -> tuple[str, ...]:
    """Return the régions beside a claim where nobody is filed, sorted."""
    holdings = bench.holdings
    around = {other for unit in claim.units for other in holdings.beside.get(unit, ())}
    near = {str(bench.region[unit]) for unit in around} - set(claim.regions)
    return tuple(sorted(near.difference(bench.homes.get(name, "") for name in bench.work)))


def _sentence(answer: Answer) -> str:
    outcome = answer.outcome
    if outcome == UNKNOWN:
        return f"Besoin inconnu{THIN}: rien ne dit ce que les voisins auraient à servir."
    if outcome == FAILED:
        return _able(answer)
    if outcome == PASSED:
        if not answer.near:
            return "Aucune structure de facilitateurs n’est à portée de ce périmètre."
        return (
            "Même avec toutes les heures qui pourraient rester aux structures à portée "
            f"({whole(answer.freed)} h, extensions abandonnées), au moins {whole(answer.left)} h "
            "resteraient sans poste dédié ou sans réponse."
        )
    return f"La réponse des voisins se discute{THIN}: {_doubt(answer)}."


def _able(answer: Answer) -> str:
    if not answer.need:
        return "Aucune heure de besoin connue à servir dans ce périmètre."
    unserved = answer.missing - answer.lent
    if not unserved:
        return "Les postes en place servent au mieux tout le besoin connu de ce périmètre."
    own = ", porteur compris," if any(each.applicant for each in answer.near) else ""
    return (
        f"Les structures à portée{own} pourraient servir les {whole(unserved)} h sans réponse "
        "avec les heures qui leur restent, sous les hypothèses affichées."
    )


def _doubt(answer: Answer) -> str:
    if answer.able:
        return (
            "les structures à portée servent, ou pourraient servir, tout le besoin connu, mais "
            f"{whole(answer.beside)} h sont dans des lieux que seule une extension sans poste "
            "couvre, et que l’appel tient pour zone blanche"
        )
    if answer.left:
        return "les facilitateurs d’une région voisine ne sont pas déposés"
    unserved = answer.missing - answer.lent
    today = (
        f"les structures à portée ont aujourd’hui de quoi servir {whole(answer.absorbed)} h des "
        f"{whole(unserved)} h sans réponse"
    )
    if not answer.proved:
        return f"{today}, mais aucune heure n’est prouvée"
    return (
        f"{today}, et pourraient répondre aux {whole(answer.proved)} h prouvées si toutes les "
        "extensions sans poste étaient abandonnées"
    )


def _reasons(answer: Answer) -> Iterator[str]:
    near = sorted(answer.near, key=lambda each: (-each.spare_hours, each.structure_id))
    if not near:
        yield "Aucune structure déclarée ne couvre de commune dans la région."
        return
    on, beside = (
        sum(bool(each.natures) for each in near),
        sum(each.touches and not each.natures for each in near),
    )
    yield (
        f"{plural(len(near), 'structure à portée', 'structures à portée')}{THIN}: {whole(on)} sur "
        f"le périmètre, {whole(beside)} à sa limite, {whole(len(near) - on - beside)} plus loin."
    )
    full = sum(each.load == 1 for each in near)
    stretched = sum(bool(each.extension_share) for each in near)
    yield (
        f"Structures occupées à 100{THIN}%{THIN}: {whole(full)} ; étirées par une extension sans "
        f"poste{THIN}: {whole(stretched)}."
    )
    for each in near[:_TOLD]:
        yield _words(each)
    if len(near) > _TOLD:
        rest = near[_TOLD:]
        hours = sum(each.spare_hours for each in rest)
        yield f"{plural(len(rest), 'autre', 'autres')}{THIN}: {whole(hours)} h restantes en tout."


def _words(each: Neighbour) -> str:
    """Tell a structure in a sentence."""
    parts = [f"{decimal(each.etp, 2)} ETP", f"capacité {whole(each.capacity_hours)} h"]
    if each.load is not None:
        parts.append(f"occupée à {percent(each.load)}")
    parts.append(f"{whole(each.spare_hours)} h restantes")
    if each.extension_share:
        parts.append(
            f"{percent(each.extension_share)} du besoin qu’elle atteint tenu par extension"
        )
    if each.distance_km is not None:
        start = "son siège" if each.distance_from == SEAT else "sa commune la plus proche"
        parts.append(f"{start} à {each.distance_km} km")
    who = "Le porteur lui-même, " if each.applicant else ""
    name = named([each.name])
    return f"{who}{name}{_place(each)}{THIN}: {', '.join(parts)}."


def _place(each: Neighbour) -> str:
    if not each.natures:
        return " (à la limite)" if each.touches else " (sans limite commune)"
    words = {"principal": "principal", "extension_dotee": "extension dotée"}
    return f" ({listing(words.get(nature, 'extension') for nature in each.natures)})"


def _absent_reasons(answer: Answer, bench: Bench) -> Iterator[str]:
    names = bench.coverage.territory.names["region"]
    for code in answer.absent:
        yield (
            f"Aucun facilitateur n’est déposé en {names.get(code, code)}, région limitrophe{THIN}: "
            "ce qu’ils pourraient répondre n’est pas connu."
        )


def _figures(answer: Answer) -> tuple[Figure, ...]:
    known = bool(answer.need) or not answer.blind
    return (
        Figure("Structures à portée", len(answer.near), "nombre", "périmètres en vigueur"),
        Figure("Heures restantes aujourd’hui", answer.spare, "h", _SPARE),
        Figure("Heures restantes, extensions abandonnées", answer.freed, "h", _SPARE),
        Figure(
            "Heures sans réponse qu’elles pourraient servir",
            answer.absorbed if known else None,
            "h",
            "flot maximum des heures restantes, par donneur d’ordre",
        ),
        Figure(
            "Heures prouvées dans la part zone blanche",
            answer.proved if known else None,
            "h",
            "flot maximum limité au périmètre demandé",
        ),
        Figure(
            "Heures prouvées qui resteraient, extensions abandonnées",
            answer.left if known else None,
            "h",
            "flot maximum de ces heures restantes, par donneur d’ordre",
        ),
    )

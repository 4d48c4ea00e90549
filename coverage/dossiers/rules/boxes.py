"""Findings on the three boxes of the diagnosis: what they tell against what the coverage knows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from coverage.dossiers.rules.examined import claimed
from coverage.wording import listing, named, plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from coverage.dossiers.model import Finding
    from coverage.dossiers.rules.examined import Examined

RULE = "cases_diagnostic"

PENDING = "non couvert, besoin inconnu : à documenter"

_RENEWAL = "npnru"
"""Programme of urban renewal."""


@dataclass(frozen=True)
class _Box:
    """One box, and what the study has there.

    Attributes
    ----------
    told
        What the study knows there, in French; empty when it knows nothing.
    known
        Whether the study speaks of such things at all: where it does not, nothing contradicts a
        box.
    """

    key: str
    name: str
    told: str
    known: bool


def box_findings(it: Examined) -> Iterator[Finding]:
    """Yield one finding for each box that is ticked, or that could be."""
    units = tuple(sorted({unit for _, own, _ in claimed(it) for unit in own}))
    if not units:
        return
    if not it.applies(RULE):
        yield it.off(RULE, "etat_des_lieux")
        return
    for box in _boxes(it, units):
        yield from _judged(it, box)


def _boxes(it: Examined, units: tuple[int, ...]) -> Iterator[_Box]:
    sites = it.bench.coverage.need.sites
    renewal: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    if sites.projects is not None:
        here = sites.projects.loc[sites.projects["unit"].isin(units), "projet_id"]
        own = sites.names[sites.names["projet_id"].isin(here)]
        urban = own["programme"] == _RENEWAL
        renewal, others = (tuple(map(str, own.loc[kept, "nom"])) for kept in (urban, ~urban))
    known = sites.projects is not None
    yield _Box("renovation_urbaine", "rénovation urbaine", named(renewal), known)
    yield _Box("grands_projets", "grands projets", named(others), known)
    yield _Box("zone_blanche", "zone blanche non pourvue", _zones(it, units), known=True)


def _zones(it: Examined, units: tuple[int, ...]) -> str:
    """Tell the zones retenues that the places are in, and those whose need is unknown."""
    today = it.bench.today
    rows = it.bench.claim_rows(units)
    kept, waiting = (
        len(set(today.zone[rows[chosen[rows]]].tolist())) for chosen in (today.white, today.pending)
    )
    words = []
    if kept:
        words.append(plural(kept, "zone blanche retenue", "zones blanches retenues"))
    if waiting:
        words.append(f"{plural(waiting, 'zone', 'zones')} « {PENDING} »")
    return listing(words)


def _judged(it: Examined, box: _Box) -> Iterator[Finding]:
    place = f"etat_des_lieux.{box.key}"
    ticked = bool(it.case.form.get(place))
    if ticked and box.told:
        message = f"case « {box.name} » remplie ; l’étude y connaît {box.told}"
        yield it.conform(RULE, place, message)
    elif ticked and box.known:
        yield it.discuss(
            RULE,
            place,
            f"case « {box.name} » remplie, mais l’étude n’en connaît pas dans le périmètre demandé",
            "demander de préciser le lieu, ou documenter ce besoin dans l’étude",
        )
    elif ticked:
        yield it.discuss(
            RULE,
            place,
            f"case « {box.name} » remplie ; l’étude n’a aucun fichier pour le vérifier",
            "documenter ce besoin dans l’étude",
        )
    elif box.told:
        yield it.discuss(
            RULE,
            place,
            f"case « {box.name} » vide, alors que l’étude y connaît {box.told} : le dossier se "
            "prive d’un argument",
            "compléter la case si la demande en tient compte",
        )

"""What a reader asks of the list of opinions: filters and search, the same for pages and API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import Depends, Query

from api.facts.places import fold

if TYPE_CHECKING:
    from collections.abc import Iterable

    from api.facts.opinions import OpinionLine
    from api.proposed import Proposed

Instance = Literal["", "copil", "facilitateurs", "dreets", "comite_national"]
Avis = Literal["", "favorable", "reserve", "defavorable", "verrouille", "refuse"]
Holds = Literal["", "oui", "non"]
Effect = Literal["", "verrou", "refus", "aucun", "sans objet"]


@dataclass(frozen=True)
class OpinionQuery:
    """What is asked of the list of opinions; empty values ask nothing."""

    instance: str = ""
    avis: str = ""
    en_vigueur: str = ""
    effet: str = ""
    q: str = ""
    tri: str = ""


def opinion_query(
    *,
    instance: Annotated[Instance, Query(description="qui donne l’avis")] = "",
    avis: Annotated[Avis, Query(description="avis ou décision")] = "",
    en_vigueur: Annotated[Holds, Query(description="dernier mot de son instance")] = "",
    effet: Annotated[Effect, Query(description="effet sur les options du dernier calcul")] = "",
    q: Annotated[
        str, Query(max_length=100, description="option, structure, zone, motif, auteur")
    ] = "",
) -> OpinionQuery:
    """Read what is asked of the list of opinions."""
    return OpinionQuery(instance, avis, en_vigueur, effet, q)


OpinionsQueried = Annotated[OpinionQuery, Depends(opinion_query)]


def chosen_opinions(
    lines: Iterable[OpinionLine], query: OpinionQuery, made: Proposed | None, region: str = ""
) -> list[OpinionLine]:
    """Return the opinions asked for, in their order.

    Parameters
    ----------
    region
        Code; an opinion that speaks of no option is of no known région, and is kept.
    """
    wanted = fold(query.q)
    regions = (
        {}
        if made is None
        else {option.option_id: option.region for option in made.found.ask.options}
    )
    return [
        line
        for line in lines
        if query.instance in ("", line.instance)
        and query.avis in ("", line.avis)
        and query.en_vigueur in ("", "oui" if line.en_vigueur else "non")
        and query.effet in ("", line.effet)
        and (not wanted or any(wanted in fold(text) for text in _texts(line)))
        and (not region or not line.options or region in {regions[own] for own in line.options})
    ]


def _texts(line: OpinionLine) -> tuple[str, ...]:
    options = line.options or []
    return (line.objet, line.motif, line.enregistre_par, *options)

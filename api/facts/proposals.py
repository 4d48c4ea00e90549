"""The ranked posts of a study as a list: each in a line, filters, order, search."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, Literal

import numpy as np
from fastapi import Depends, Query

from api.facts.money import Money, Share, etp, money, share
from api.facts.places import fold
from api.facts.selection import found_units
from api.facts.values import Amount  # noqa: TC001 - the description reads it at run time
from coverage.proposals.justification import CLASS_WORDS, GROUND_NAMES
from coverage.wording import listing
from geo.errors import UnknownCodeError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from api.facts.ground import Ground
    from api.proposed import Proposed
    from coverage.proposals.model import Option, Ranked

CLASS_NAMES = {name: words.partition(",")[0] for name, words in CLASS_WORDS.items()}
ORIGIN_NAMES = {
    "convention": "conservé d’un appel précédent",
    "candidature": "demandé par une candidature",
    "generee": "calculé par le programme",
}
VOLET_NAMES = {"facilitateur": "facilitateur", "coordinateur": "coordinateur"}
YES_NO = {"oui": True, "non": False}

Volet = Literal["", "facilitateur", "coordinateur"]
GroundKey = Literal["", "zone_blanche", "services_etat", "grand_projet"]
ClassKey = Literal["", "incontestable", "arbitrable", "remplacable", "indecis"]
OriginKey = Literal["", "convention", "candidature", "generee"]
Answer = Literal["", "oui", "non"]

ORDERS: dict[str, Callable[[Ranked], int | None]] = {
    "rang": lambda row: row.rank,
    "etp": lambda row: row.option.hundredths,
    "gain_prioritaire": lambda row: row.gains[0],
    "gain": lambda row: row.gains[2],
    "cout": lambda row: row.option.cost_cents,
    "part_etat": lambda row: row.option.state_cents,
}
"""What the list may be ordered by; ties keep the rank."""


@dataclass(frozen=True)
class ProposalLine:
    """A ranked post in a list.

    Attributes
    ----------
    finance
        Whether the ranked list funds it; `motif_non_finance` says why it does not.
    plan_exact
        Whether the exact plan takes it.
    cout_remplacement_h
        Hours lost without it, on the first goal where it brings some; None when not funded or kept.
    gain_prioritaire_h, gain_sans_perimetre_principal_h, gain_h
        Newly served once better ranked posts have served theirs; each holds those before.
    """

    rang: int
    option_id: str
    structure_id: str
    structure: str
    lieu: str
    etp: Amount
    finance: bool
    motif_non_finance: str
    plan_exact: bool
    classe: str
    classe_nom: str
    cout_remplacement_h: int | None
    avis: str
    gain_prioritaire_h: int
    gain_sans_perimetre_principal_h: int
    gain_h: int
    gain_h_par_etp: int
    cout: Money
    part_etat: Money
    taux_etat: Share
    volet: str
    motif_etp: str
    motif_nom: str
    origine: str
    origine_nom: str
    region: str
    region_nom: str
    zone_ids: list[str]


@dataclass(frozen=True)
class ProposalQuery:
    """What is asked of the list of posts; empty values ask nothing."""

    volet: str = ""
    motif: str = ""
    classe: str = ""
    origine: str = ""
    finance: str = ""
    plan: str = ""
    q: str = ""
    tri: str = ""


def proposal_query(  # noqa: PLR0913 - one argument a filter
    *,
    volet: Annotated[Volet, Query(description="volet du poste")] = "",
    motif: Annotated[GroundKey, Query(description="motif du poste")] = "",
    classe: Annotated[ClassKey, Query(description="classe du poste")] = "",
    origine: Annotated[OriginKey, Query(description="d’où vient l’option")] = "",
    finance: Annotated[Answer, Query(description="financé par la liste classée")] = "",
    plan: Annotated[Answer, Query(description="retenu par le plan exact")] = "",
    q: Annotated[
        str,
        Query(max_length=100, description="structure, identifiant, zone ou commune du périmètre"),
    ] = "",
    tri: Annotated[
        str,
        Query(
            pattern=f"^(-?({'|'.join(sorted(ORDERS))}))?$",
            max_length=20,
            description=f"ordre : {', '.join(sorted(ORDERS))} ; « - » devant pour le plus grand "
            "d’abord",
        ),
    ] = "",
) -> ProposalQuery:
    """Read what is asked of the list of posts."""
    return ProposalQuery(volet, motif, classe, origine, finance, plan, q, tri)


ProposalsQueried = Annotated[ProposalQuery, Depends(proposal_query)]


def chosen_proposals(
    proposed: Proposed, ground: Ground, query: ProposalQuery, region: str = ""
) -> list[str]:
    """Return the identifiers of the ranked posts asked for, in the order asked for.

    Parameters
    ----------
    ground
        Of the study, for the names of communes.
    """
    rows = list(proposed.ranked.values())
    wanted = {
        "region": region,
        "volet": query.volet,
        "ground": query.motif,
        "origin": query.origine,
    }
    for name, value in wanted.items():
        if value:
            rows = [row for row in rows if getattr(row.option, name) == value]
    if query.classe:
        rows = [row for row in rows if row.class_ == query.classe]
    if query.finance:
        rows = [row for row in rows if row.funded is YES_NO[query.finance]]
    if query.plan:
        rows = [row for row in rows if in_plan(proposed, row) is YES_NO[query.plan]]
    if query.q:
        rows = _named(ground, rows, query.q)
    if query.tri:
        key = ORDERS[query.tri.removeprefix("-")]
        rows = sorted(rows, key=lambda row: key(row) or 0, reverse=query.tri.startswith("-"))
    return [row.option.option_id for row in rows]


def in_plan(proposed: Proposed, row: Ranked) -> bool:
    """Tell whether the exact plan takes a ranked post."""
    found = proposed.found
    return found.position[row.option.option_id] in found.plan.chosen


def proposal_line(proposed: Proposed, option_id: str) -> ProposalLine:
    """Return what a list says of a ranked post."""
    row, told = proposed.ranked[option_id], proposed.rows[option_id]
    option = row.option
    lost = told["cout_remplacement_h"]
    return ProposalLine(
        rang=row.rank,
        option_id=option_id,
        structure_id=option.structure_id,
        structure=option.structure_name,
        lieu=told["lieu"],
        etp=etp(option.hundredths),
        finance=row.funded,
        motif_non_finance=told["motif_non_finance"],
        plan_exact=in_plan(proposed, row),
        classe=row.class_,
        classe_nom=CLASS_NAMES.get(row.class_, ""),
        cout_remplacement_h=int(lost) if lost else None,
        avis=told["avis"],
        gain_prioritaire_h=row.gains[0],
        gain_sans_perimetre_principal_h=row.gains[1],
        gain_h=row.gains[2],
        gain_h_par_etp=int(told["gain_h_par_etp"]),
        cout=money(option.cost_cents),
        part_etat=money(option.state_cents),
        taux_etat=state_share(option),
        volet=option.volet,
        motif_etp=option.ground,
        motif_nom=GROUND_NAMES[option.ground],
        origine=option.origin,
        origine_nom=ORIGIN_NAMES[option.origin],
        region=option.region,
        region_nom=region_name(proposed, option.region),
        zone_ids=list(option.zone_ids),
    )


def state_share(option: Option) -> Share:
    """Return the part of its cost that a post asks of the call."""
    return share(Fraction(option.state_cents, option.cost_cents) if option.cost_cents else None)


def region_name(proposed: Proposed, region: str) -> str:
    """Return the name of a région, what is said of an option that has none."""
    names: Mapping[str, str] = proposed.found.ask.coverage.territory.names["region"]
    return names.get(region, region) or "sans région"


def ranked_of(proposed: Proposed, option_id: str) -> Ranked:
    """Return a ranked post.

    Raises
    ------
    UnknownCodeError
        When none has this identifier; one kept aside is told with its rule and its remedy.
    """
    if option_id in proposed.ranked:
        return proposed.ranked[option_id]
    own = [row for row in proposed.aside if row["option_id"] == option_id]
    if not own:
        raise UnknownCodeError(
            f"aucune proposition « {option_id} » dans ce calcul ; la liste les donne toutes"
        )
    told = listing(f"{row['constat']} → {row['remede']}" for row in own)
    raise UnknownCodeError(f"l’option « {option_id} » n’est pas classée : {told}")


def _named(ground: Ground, rows: Sequence[Ranked], text: str) -> list[Ranked]:
    """Return the posts that hold a text in their names, or a commune that it names."""
    wanted = fold(text)
    units = {int(unit) for unit in np.asarray(found_units(ground, text))}
    return [
        row
        for row in rows
        if not units.isdisjoint(row.option.units)
        or any(
            wanted in fold(name)
            for name in (row.option.structure_name, row.option.option_id, *row.option.zone_ids)
        )
    ]

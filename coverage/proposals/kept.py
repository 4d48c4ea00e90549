"""Posts that an earlier call pays for: they come first, and count for money alone.

A convention lasts a year and may be renewed: a post is kept while its call is recent enough
(`reconductions`). It is in the study already, so that its hours are among the existing ones: its
option reaches no unit. Its cost and State share are those that `financements` give for the study's
year, money of the call included; without it, those of the method and of the rule.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from coverage.atoms import structure_shares
from coverage.model import VOLETS
from coverage.perimeters import active_posts, perimeter_units
from coverage.proposals.application import COLLECTIVITES
from coverage.proposals.generate import cost_cents
from coverage.proposals.model import HUNDREDTHS, Option
from coverage.proposals.rules import ratio, state_cap
from coverage.proposals.substitution import CALL_MONEY
from coverage.rounding import sums
from coverage.wording import decimal
from geo.errors import Notice

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from coverage.model import Coverage, Study
    from coverage.proposals.model import Call
    from geo.territory import Territory

_CALL = re.compile(r"aap_(\d{4})")


@dataclass(frozen=True)
class Agreed:
    """What a convention gives a post in the study's year, in cents.

    Attributes
    ----------
    funding
        The other funders: (type, cents), types sorted.
    """

    state_cents: int
    funding: tuple[tuple[str, int], ...]

    @property
    def cost_cents(self) -> int:
        """What all funders bring."""
        return self.state_cents + sum(cents for _, cents in self.funding)


def agreed_amounts(study: Study) -> dict[str, Agreed]:
    """Return what is agreed by `poste_id`, for the posts whose money of the call is known.

    What other funders bring is not the cost of a post while that money is unknown.
    """
    filed = study.funding[study.funding["annee"] == study.year]
    sums_of: dict[str, dict[str, int]] = {}
    columns = (filed[name].tolist() for name in ("poste_id", "type", "cents"))
    for post, kind, cents in zip(*columns, strict=True):
        own = sums_of.setdefault(post, {})
        own[kind] = own.get(kind, 0) + cents
    return {
        post: Agreed(own.pop(CALL_MONEY), tuple(sorted(own.items())))
        for post, own in sums_of.items()
        if CALL_MONEY in own
    }


def agreed_of(option: Option, study: Study) -> Agreed | None:
    """Return what is agreed for a kept post, None when its cost is that of the method."""
    named = re.fullmatch(r"conv-\d{4}-(.+)", option.option_id)
    return agreed_amounts(study).get(named[1]) if named else None


def kept_options(coverage: Coverage, call: Call) -> tuple[list[Option], list[Notice]]:
    """Return an option for each post kept, sorted by identifier, and what else a call granted.

    An identifier is the call's year and the post's own (`conv-2022-P12`); a post without one has
    its structure, its volet and a number.
    """
    year = coverage.study.year
    first = year - int(ratio(call, "reconductions") or 0)
    posts = active_posts(coverage.study)
    records = [
        {str(name): value for name, value in row.items()} for row in posts.to_dict("records")
    ]
    kept = [post for post in records if first <= _year_of(post) < year]
    structures = {str(post["structure_id"]) for post in kept}
    regions = {volet: main_regions(coverage, volet, structures) for volet in VOLETS}
    granted = [post for post in records if _year_of(post) == year]
    numbers: dict[str, int] = {}
    agreed = agreed_amounts(coverage.study)
    options = []
    for post in sorted(kept, key=_order):
        name = f"conv-{_year_of(post)}-{post['poste_id']}"
        if not post["poste_id"]:
            name += f"{post['structure_id']}-{post['volet'][0]}"
            numbers[name] = numbers.get(name, 0) + 1
            name += str(numbers[name])
        option = _option(post, name, regions[post["volet"]], coverage, call)
        options.append(_as_agreed(option, agreed.get(str(post["poste_id"]))))
    return sorted(options, key=lambda option: option.option_id), _granted(granted, year)


def _year_of(post: Mapping[str, Any]) -> int:
    """Return the year of the call that pays for a post, 0 when none does."""
    match = _CALL.fullmatch(post["financement"])
    return int(match[1]) if match else 0


def _order(post: Mapping[str, Any]) -> tuple[Any, ...]:
    names = ("financement", "structure_id", "volet", "poste_id", "etp", "donneurs_ordre")
    return tuple(post[name] for name in names)


def _option(
    post: Mapping[str, Any],
    option_id: str,
    regions: Mapping[str, str],
    coverage: Coverage,
    call: Call,
) -> Option:
    structure = str(post["structure_id"])
    row = coverage.study.structures.loc[structure]
    collectivite = str(row["statut_juridique"]) in COLLECTIVITES
    hundredths = max(1, round(Fraction(post["etp"]) * HUNDREDTHS))
    cost = cost_cents(coverage, hundredths)
    return Option(
        option_id=option_id,
        structure_id=structure,
        structure_name=str(row["nom"]),
        emerging=False,
        collectivite=collectivite,
        volet=str(post["volet"]),
        hundredths=hundredths,
        scope=tuple(post["donneurs_ordre"]),
        units=(),
        ground="zone_blanche",
        zone_ids=(),
        region=regions.get(structure, ""),
        origin="convention",
        cost_cents=cost,
        state_cents=int(state_cap(call, collectivite=collectivite) * cost),
    )


def _as_agreed(option: Option, agreed: Agreed | None) -> Option:
    if agreed is None:
        return option
    return replace(
        option,
        cost_cents=agreed.cost_cents,
        state_cents=agreed.state_cents,
        funding=agreed.funding,
    )


def main_regions(coverage: Coverage, volet: str, structures: Collection[str]) -> dict[str, str]:
    """Return the région of most inhabitants of the perimeter of some structures."""
    links = structure_shares(coverage.atoms)
    if volet != "facilitateur":
        links = perimeter_units(coverage.study, coverage.territory, volet=volet)
    own = links[links["structure_id"].isin(structures)]
    return {
        str(name): region_of(units.tolist(), coverage.territory)
        for name, units in own.groupby("structure_id")["unit"]
    }


def region_of(units: Sequence[int], territory: Territory) -> str:
    """Return the région of most inhabitants of some units, empty without any.

    Equals go to the one with most units, then to the lowest code.
    """
    rows = np.array(units, dtype=np.int64)
    codes, own = np.unique(territory.units["region"].iloc[rows].to_numpy(str), return_inverse=True)
    people = sums(territory.population[rows], own, len(codes)).tolist()
    counts = np.bincount(own, minlength=len(codes)).tolist()
    ranked = sorted(zip(people, counts, codes.tolist(), strict=True), key=lambda r: (-r[0], -r[1]))
    return str(ranked[0][2]) if ranked else ""


def _granted(posts: Sequence[Mapping[str, Any]], year: int) -> list[Notice]:
    """Say which posts this year's call already pays for."""
    if not posts:
        return []
    etp = decimal(sum((Fraction(post["etp"]) for post in posts), Fraction(0)), 2)
    message = (
        f"{etp} ETP de la table sont déjà financés par l’appel de {year} : ils comptent parmi les "
        "postes en place, sans être pris sur l’enveloppe ni sur l’objectif"
    )
    remedy = "retirez-les de « postes », ou diminuez « budget_eur » et « objectif » dans [appel]"
    return [Notice("postes", 0, "financement", message, remedy)]

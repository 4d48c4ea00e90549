"""The rules of a call on one option: its size, its money, its région (method, section 8).

What binds a plan as a whole (envelope, number of posts, kept posts first) is not here: a rule here
is broken by an option whatever the others are. An option that breaks one is kept aside, shown with
what it breaks, and never chosen.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING, cast

import numpy as np

from coverage.proposals.model import STATE_FUNDERS
from coverage.sites import presence
from coverage.wording import THIN, decimal, percent

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from coverage.model import Coverage
    from coverage.proposals.application import Breach
    from coverage.proposals.model import Call, Option, Rule

CENTS = 100
"""Of a euro."""

_NEAR_CENTS = 100
"""An ETP in hundredths makes costs that no whole euro equals: a euro apart is no fault."""


@dataclass(frozen=True)
class RegionFacts:
    """What decides of coordinators.

    Attributes
    ----------
    provided
        Régions that have a coordinator in force.
    needing
        Régions where a zone retenue, a State service not accompanied or a large project is.
    names
        Code → name.
    """

    provided: frozenset[str]
    needing: frozenset[str]
    names: Mapping[str, str]


def region_facts(coverage: Coverage) -> RegionFacts:
    """Return which régions have a coordinator, and which need one."""
    regions = coverage.regions
    held = presence(coverage.need.sites, coverage.atoms)
    region = coverage.territory.units["region"].to_numpy(dtype=object)
    of_atom = region[coverage.atoms.table["unit"].to_numpy()]
    sites = np.concatenate((held.waiting[held.waiting >= 0], held.project_atom))
    zones = coverage.zones
    kept = zones.loc[zones["retenue"].to_numpy(dtype=bool), "region"]
    return RegionFacts(
        provided=frozenset(map(str, regions.index[regions["coordinateurs_etp"] > 0])),
        needing=frozenset(map(str, kept)) | frozenset(map(str, of_atom[sites])),
        names={str(code): str(name) for code, name in regions["nom"].items()},
    )


def with_rules(call: Call, filed: Mapping[str, object]) -> Call:
    """Return a call with the values that a study gives to its rules, checked before.

    Parameters
    ----------
    filed
        Rule → value; False switches a rule off, any other value switches it on.

    Raises
    ------
    KeyError
        When the call has no such rule.
    """
    changed = {name: _changed(call.rules[name], value) for name, value in filed.items()}
    return replace(call, rules={**call.rules, **changed})


def _changed(rule: Rule, value: object) -> Rule:
    if value is False:
        flag = isinstance(rule.value, bool)
        return replace(rule, value=False if flag else rule.value, active=False)
    return replace(rule, value=cast("int | Fraction | str | bool", value), active=True)


def ratio(call: Call, name: str) -> Fraction | None:
    """Return the number of a rule, None when it is off."""
    rule = call.rules[name]
    return Fraction(rule.value) if rule.active else None


def state_cap(call: Call, *, collectivite: bool) -> Fraction:
    """Return the largest part of a cost that the call may pay; 1 when no cap is on.

    With the reading `cumulatif` both caps bind a collectivité's call money; with `remplace`, its
    own one alone.
    """
    caps = [ratio(call, "plafond_etat")]
    if collectivite:
        own = ratio(call, "plafond_etat_collectivite")
        caps = [own] if _replaced(call) else [*caps, own]
    return min((cap for cap in caps if cap is not None), default=Fraction(1))


def _replaced(call: Call) -> bool:
    """Tell whether the cap of collectivités stands for the other in their files."""
    active = call.rules["plafond_etat_collectivite"].active
    return active and call.value("lecture_80") == "remplace"


def option_breaches(option: Option, call: Call, regions: RegionFacts) -> Iterator[Breach]:
    """Yield the rules that an option breaks; a kept post was judged by the call that made it."""
    if option.origin == "convention":
        return
    yield from _size(option, call)
    yield from _shares(option, call)
    if option.origin == "candidature":
        yield from _cofunding(option, call)
    if option.volet == "coordinateur":
        yield from _coordinator(option, call, regions)


def _size(option: Option, call: Call) -> Iterator[Breach]:
    least = ratio(call, "etp_minimum")
    if least is not None and option.etp < least:
        yield (
            "etp_minimum",
            f"{decimal(option.etp, 2)} ETP pour le volet {option.volet}{THIN}; l’appel en demande "
            f"au moins {decimal(least, 2)}",
            "porter la demande à ce minimum, ou se grouper avec une structure voisine",
        )


def _shares(option: Option, call: Call) -> Iterator[Breach]:
    cap = state_cap(call, collectivite=option.collectivite)
    if option.state_cents > cap * option.cost_cents:
        own = option.collectivite and _replaced(call)
        yield (
            "plafond_etat_collectivite" if own else "plafond_etat",
            f"l’appel paierait {_over(option, option.state_cents)} du coût{THIN}; au plus "
            f"{percent(cap)}",
            f"ramener la demande à {_euros(int(cap * option.cost_cents))}, ou revoir le coût",
        )
        return
    whole = ratio(call, "plafond_etat_collectivite")
    if not option.collectivite or whole is None:
        return
    others = sum(cents for kind, cents in option.funding if kind in STATE_FUNDERS)
    state = option.state_cents + others
    if state > whole * option.cost_cents:
        yield (
            "plafond_etat_collectivite",
            f"toutes aides réunies, l’État paierait {_over(option, state)} du coût{THIN}; au plus "
            f"{percent(whole)} chez une collectivité",
            "remplacer une part de cet argent par d’autres financements",
        )


def _cofunding(option: Option, call: Call) -> Iterator[Breach]:
    least = ratio(call, "cofinancement_minimum")
    found = sum(cents for _, cents in option.funding)
    if least is not None and option.collectivite and _replaced(call):
        # Where 80 % replaces 70 %, what is left to others is 20 %.
        least = min(least, 1 - state_cap(call, collectivite=True))
    if least is not None and found < least * option.cost_cents:
        short = ceil(least * option.cost_cents) - found
        share = percent(Fraction(found, option.cost_cents))
        yield (
            "cofinancement_minimum",
            f"les cofinanceurs nommés apportent {share} du coût{THIN}; au moins {percent(least)}",
            f"trouver {_euros(short)} de plus auprès d’autres financeurs, et les nommer",
        )


def balance_breach(option: Option, call: Call) -> Iterator[Breach]:
    """Yield what is broken when the funding of an option does not make its declared cost."""
    found = option.state_cents + sum(cents for _, cents in option.funding)
    apart = found - option.cost_cents
    if call.rules["totaux_concordants"].active and abs(apart) > _NEAR_CENTS:
        more = "de trop" if apart > 0 else "manquent"
        yield (
            "totaux_concordants",
            f"le coût du volet {option.volet} est de {_euros(option.cost_cents)} et ses "
            f"financements font {_euros(found)}{THIN}: {_euros(abs(apart))} {more}",
            "faire concorder « cout_etp », les ETP, le montant demandé et les cofinanceurs",
        )


def _coordinator(option: Option, call: Call, regions: RegionFacts) -> Iterator[Breach]:
    name = regions.names.get(option.region, option.region)
    if call.rules["coordinateur_region_non_pourvue"].active and option.region in regions.provided:
        yield (
            "coordinateur_region_non_pourvue",
            f"la région {name} a déjà un coordinateur en poste",
            "demander un poste de facilitateur, ou renouveler le poste en place",
        )
    if call.rules["coordinateur_besoin"].active and option.region not in regions.needing:
        yield (
            "coordinateur_besoin",
            f"rien dans la région {name} ne justifie un coordinateur{THIN}: ni zone blanche "
            "retenue, ni service de l’État non accompagné, ni grand projet",
            "documenter les besoins de la région dans l’étude",
        )


def _over(option: Option, cents: int) -> str:
    """Write a part of a cost, rounded up: one over a cap never reads as the cap itself."""
    if not option.cost_cents:
        return _euros(cents)
    thousandths = ceil(Fraction(cents * 1000, option.cost_cents))
    return f"{decimal(Fraction(thousandths, 10), 1)}{THIN}%"


def _euros(cents: int) -> str:
    places = 2 if cents % CENTS else 0
    return f"{decimal(Fraction(cents, CENTS), places)}{THIN}€"

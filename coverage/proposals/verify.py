"""The independent check of an exact plan: nothing is published that two methods do not agree on.

From the coverage and the options alone, this page counts anew what the plan costs, which rules it
keeps and which hours it serves, demand by demand, without the merged nodes, the rows or the flows
that made the plan.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING

from coverage.proposals.atom_places import atom_network
from coverage.wording import THIN
from geo.errors import ZonesBlanchesError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from coverage.proposals.atom_flows import AtomNetwork
    from coverage.proposals.model import Ask, Call, ExactPlan, Option

HOURS = ("heures_prioritaires", "heures_sans_perimetre_principal", "heures")
"""Goals of hours by level, as `ExactPlan.attained` names them."""

SMALL = ("structures", "part_etat_cents", "extensions")
"""Goals that are made small."""


class PlanDisagreementError(ZonesBlanchesError, ArithmeticError):
    """A plan that its independent check does not find as it says: it must not be published.

    Parameters
    ----------
    differences
        What differs, a French sentence each.
    """

    def __init__(self, differences: Sequence[str]) -> None:
        self.differences = tuple(differences)
        listed = f"{THIN}; ".join(self.differences)
        super().__init__(
            "le plan exact et sa vérification indépendante ne s’accordent pas, il n’est donc pas "
            f"publié{THIN}: {listed}"
        )


@dataclass(frozen=True)
class Verified:
    """What the check counted, in whole numbers.

    Attributes
    ----------
    hours
        Newly served, by goal.
    hundredths
        ETP of the plan; `additional` without the posts kept from before.
    extensions
        Hours served by each extension without a post, by identifier.
    """

    hours: Mapping[str, int]
    zones: int
    structures: int
    hundredths: int
    additional: int
    cost_cents: int
    state_cents: int
    extensions: Mapping[str, int] = field(default_factory=dict)


def verify_plan(ask: Ask, plan: ExactPlan, *, full_year: bool = False) -> Verified:
    """Count a plan anew and return the figures, when they are those of the plan.

    Parameters
    ----------
    full_year
        Whether options work as in a full year, as the plan's network was told.

    Raises
    ------
    PlanDisagreementError
        When a rule is broken, or a figure of the plan is not what the check counts.
    """
    known = [k for k in plan.chosen if 0 <= k < len(ask.options)]
    network = atom_network(ask, set(known), plan.extensions, full_year=full_year)
    return verify_on(ask, plan, network)


def verify_on(ask: Ask, plan: ExactPlan, network: AtomNetwork) -> Verified:
    """As `verify_plan`, on a network already made of the plan's options and extensions in order."""
    differences = [*_broken(ask, plan.chosen), *_extensions(ask, plan)]
    options = [ask.options[k] for k in plan.chosen if 0 <= k < len(ask.options)]
    new = [option for option in options if option.origin != "convention"]
    found = Verified(
        hours={
            goal: network.served(level) - network.served(level, today=True)
            for level, goal in enumerate(HOURS)
        },
        zones=len(plan.zones),
        structures=len({option.structure_id for option in options}),
        hundredths=sum(option.hundredths for option in options),
        additional=sum(option.hundredths for option in new),
        cost_cents=sum(option.cost_cents for option in options),
        state_cents=sum(option.state_cents for option in options),
        extensions={own.extension_id: own.hours for own in plan.extensions},
    )
    figures = {
        **found.hours,
        "zones": found.zones,
        "structures": found.structures,
        "part_etat_cents": found.state_cents,
        "extensions": len(plan.extensions),
    }
    for goal, value in plan.attained.items():
        if figures.get(goal) != value:
            differences.append(f"« {goal} » vaut {value} dans le plan, {figures.get(goal)} vérifié")
        bound = plan.bounds[goal]
        if (value < bound) if goal in SMALL else (value > bound):
            differences.append(f"« {goal} » vaut {value}, au-delà de sa borne prouvée {bound}")
    differences += _places(plan, network)
    differences += _zones(ask, plan, network)
    if differences:
        raise PlanDisagreementError(differences)
    return found


def _extensions(ask: Ask, plan: ExactPlan) -> Iterator[str]:
    """Yield what is wrong with the extensions of a plan, and the rule that they break."""
    taken = [replace(own, served=()) for own in plan.extensions]
    if len(set(taken)) < len(taken) or not set(taken) <= set(ask.extensions):
        yield "les extensions choisies ne sont pas une suite d’extensions connues"
    rule = _rule(ask.call, "extensions_sans_poste")
    for own in plan.extensions:
        name = own.extension_id
        if rule == "aucune" or (rule == "demandees" and own.origin != "candidature"):
            yield f"l’extension « {name} » n’est pas de celles que l’appel compare"
        if not own.served or any(hours <= 0 for _, hours in own.served):
            yield f"l’extension « {name} » ne sert aucune heure"


def _places(plan: ExactPlan, network: AtomNetwork) -> Iterator[str]:
    """Yield what a plan takes from the places served today."""
    if (network.given < 0).any() or not network.lends_spare_hours():
        yield "des extensions prennent des heures dont les lieux servis ont besoin"
    elif not network.keeps_places():
        extended = " et de servir les heures des extensions" if plan.extensions else ""
        yield (
            "aucune répartition ne permet à la fois de tenir les objectifs, de laisser à chaque "
            f"lieu les heures qu’il reçoit déjà{extended}"
        )


def _zones(ask: Ask, plan: ExactPlan, network: AtomNetwork) -> Iterator[str]:
    """Yield what is wrong with the zones that a plan says it lifts."""
    kept = ask.coverage.zones["retenue"]
    threshold = ask.coverage.study.parameters.seuil_reponse
    if len(set(plan.zones)) < len(plan.zones):
        yield "une zone est comptée deux fois"
    unknown = [zone for zone in plan.zones if not network.zone_hours.get(zone)]
    if unknown:
        yield f"des zones n’ont aucun besoin ({', '.join(unknown)})"
        return
    if loose := [zone for zone in plan.zones if not kept[zone]]:
        yield f"des zones ne sont pas retenues ({', '.join(loose)})"
    least = {zone: ceil(threshold * network.zone_hours[zone]) for zone in plan.zones}
    if least and not network.lifts(least):
        yield (
            f"les {len(least)} zones portées au seuil ne le sont pas ensemble, les heures des "
            "autres objectifs étant tenues"
        )


def _broken(ask: Ask, chosen: Sequence[int]) -> Iterator[str]:
    """Yield the rules of the call, and the decisions of people, that a plan breaks."""
    if list(chosen) != sorted(set(chosen)) or not set(chosen) <= set(range(len(ask.options))):
        yield "les options choisies ne sont pas une suite d’options connues"
        return
    taken = {ask.options[k].option_id: ask.options[k] for k in chosen}
    every = {option.option_id: option for option in ask.options}
    yield from _decided(ask, taken, every)
    yield from _envelope(ask.call, list(taken.values()))
    yield from _regions(ask, list(taken.values()))
    for option in taken.values():
        if option.origin != "convention":
            yield from _own_rules(ask, option)


def _decided(ask: Ask, taken: Mapping[str, Option], every: Mapping[str, Option]) -> Iterator[str]:
    for name in ask.refused or ():
        if name in taken:
            yield f"« {name} » est refusée et choisie"
    for broken in ask.aside:
        if broken.option_id in taken:
            yield f"« {broken.option_id} » est écartée et choisie"
    for name in ask.locked or ():
        if name not in taken:
            yield f"« {name} » est verrouillée et absente"
    first = _rule(ask.call, "conserves_d_abord")
    for name, option in every.items():
        if first and option.origin == "convention" and name not in taken:
            yield f"« {name} », poste à conserver, est absente"
        free = option.origin != "convention" and name not in (ask.locked or ())
        if option.volet == "coordinateur" and free and name in taken:
            yield f"« {name} », poste de coordinateur, n’est imposée par personne"


def _envelope(call: Call, taken: Sequence[Option]) -> Iterator[str]:
    spent = sum(option.state_cents for option in taken)
    budget = _rule(call, "budget_eur")
    if budget is not None and spent > Fraction(budget) * 100:
        yield f"l’enveloppe est dépassée ({spent} centimes)"
    objective = _rule(call, "objectif")
    new = [option for option in taken if option.origin != "convention"]
    posts = Fraction(sum(option.hundredths for option in new), 100)
    if _rule(call, "unite_objectif") == "postes":
        posts = Fraction(sum(ceil(option.etp) for option in new))
    if objective is not None and posts > Fraction(objective):
        yield f"l’objectif est dépassé ({float(posts)})"


def _regions(ask: Ask, taken: Sequence[Option]) -> Iterator[str]:
    added: Counter[str] = Counter()
    for option in taken:
        if option.origin != "convention":
            added[option.region] += option.hundredths
    least, most = (_rule(ask.call, f"{noun}_regional_etp") for noun in ("plancher", "plafond"))
    for region in ask.coverage.study.regions or tuple(map(str, ask.coverage.regions.index)):
        if least is not None and Fraction(added[region], 100) < Fraction(least):
            yield f"la région {region} est sous son plancher"
        if most is not None and Fraction(added[region], 100) > Fraction(most):
            yield f"la région {region} est au-dessus de son plafond"


def _own_rules(ask: Ask, option: Option) -> Iterator[str]:
    """Yield the rules on size, State money and coordinators that one new post breaks."""
    call, name = ask.call, option.option_id
    least = _rule(call, "etp_minimum")
    if least is not None and option.etp < Fraction(least):
        yield f"« {name} » est sous le minimum d’ETP"
    cap, own_cap = _rule(call, "plafond_etat"), _rule(call, "plafond_etat_collectivite")
    other = sum(cents for kind, cents in option.funding if kind == "etat_autre")
    if option.collectivite and own_cap is not None:
        if option.state_cents + other > Fraction(own_cap) * option.cost_cents:
            yield f"« {name} » reçoit trop de l’État pour une collectivité"
        if _rule(call, "lecture_80") == "remplace":
            cap = own_cap
    if cap is not None and option.state_cents > Fraction(cap) * option.cost_cents:
        yield f"« {name} » reçoit de l’appel plus que son plafond"
    if option.volet == "coordinateur" and _rule(call, "coordinateur_region_non_pourvue"):
        regions = ask.coverage.regions["coordinateurs_etp"]
        if option.region in regions.index and regions[option.region] > 0:
            yield f"« {name} » coordonnerait une région déjà pourvue"


def _rule(call: Call, name: str) -> int | Fraction | str | None:
    """Return the value of a rule that applies, None otherwise."""
    rule = call.rules.get(name)
    return rule.value if rule is not None and rule.active else None

"""Findings on money: the least ETP, who pays which part, and totals."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from coverage.proposals.application import total_breaches
from coverage.proposals.limits import euros
from coverage.proposals.model import HUNDREDTHS, STATE_FUNDERS
from coverage.proposals.rules import (
    balance_breach,
    option_breaches,
    ratio,
    state_cap,
    with_rules,
)
from coverage.wording import FUNDER_NAMES, decimal, listing, percent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from coverage.dossiers.model import Finding
    from coverage.dossiers.rules.examined import Examined, VoletAsked

SUMS = "totaux_concordants"

_CAP, _WHOLE_CAP = "plafond_etat", "plafond_etat_collectivite"
_COFUNDING = "cofinancement_minimum"
_READING = "lecture_80"


def money_findings(it: Examined) -> Iterator[Finding]:
    """Yield what is found of the ETP asked, of their money and of the totals."""
    yield from _least(it)
    for own in it.volets:
        more = _other_reading(it, own)
        yield from _caps(it, own, more)
        yield from _cofunders(it, own, more)
        if own.asked.cost_declared:
            yield from _balance(it, own)
    if it.case.application is None:
        yield it.incomplete(
            _CAP,
            "budget",
            "plafonds, cofinancements et totaux ne sont pas vérifiés : le dossier ne peut pas "
            "encore être compris en entier",
            "corriger d’abord les cases signalées",
        )
    else:
        yield from _totals(it)


def _least(it: Examined) -> Iterator[Finding]:
    """Judge the ETP of each volet, even while the rest of the form cannot be understood."""
    rule = "etp_minimum"
    least = ratio(it.bench.call, rule)
    for volet in it.asks:
        place = f"demande.etp_{volet}"
        etp = Fraction(it.case.form.get(place), HUNDREDTHS)
        if least is None:
            yield it.off(rule, place)
            continue
        told = (
            f"{decimal(etp, 2)} ETP pour le volet {volet} ; l’appel en demande au moins "
            f"{decimal(least, 2)}"
        )
        if etp >= least:
            yield it.conform(rule, place, told)
        else:
            remedy = "porter la demande à ce minimum, ou se grouper avec une structure voisine"
            yield it.contrary(rule, place, told, remedy)


def _caps(it: Examined, own: VoletAsked, more: str) -> Iterator[Finding]:
    """Judge the caps that bear on a file: that of all, that of collectivités, or both."""
    option, call, place = own.option, it.bench.call, f"budget.montant_{own.volet}"
    replaced = option.collectivite and it.applies(_WHOLE_CAP) and call.value(_READING) == "remplace"
    paid = f"l’appel paierait {_part(own, option.state_cents)}"
    if not replaced:
        message = f"{paid} ; au plus {percent(state_cap(call, collectivite=False))}"
        yield from it.broken_or(own, _CAP, place, message, more=more)
    if option.collectivite:
        others = sum(cents for kind, cents in option.funding if kind in STATE_FUNDERS)
        whole = percent(ratio(call, _WHOLE_CAP) or Fraction(1))
        message = (
            f"{paid}, et l’État en tout {_part(own, option.state_cents + others)} ; au plus "
            f"{whole} chez une collectivité"
        )
        yield from it.broken_or(own, _WHOLE_CAP, place, message, more=more)


def _cofunders(it: Examined, own: VoletAsked, more: str) -> Iterator[Finding]:
    """Judge what funders other than the call bring, by their types."""
    least = ratio(it.bench.call, _COFUNDING)
    told = listing(
        f"{FUNDER_NAMES[kind]} {_share(own, cents)}" for kind, cents in own.option.funding if cents
    )
    found = _part(own, sum(cents for _, cents in own.option.funding))
    message = f"les cofinanceurs nommés apportent {found} ({told or 'aucun'})"
    if least is not None:
        message += f" ; au moins {percent(least)}"
    yield from it.broken_or(own, _COFUNDING, "budget.cofinanceurs", message, more=more)


def _other_reading(it: Examined, own: VoletAsked) -> str:
    """Return what to add to a breach that the other reading of the 80 % would lift, else nothing.

    It lifts the breaches of money of a collectivité together, or none is said to be lifted.
    """
    call, money = it.bench.call, {_CAP, _WHOLE_CAP, _COFUNDING}
    if not own.option.collectivite or not it.applies(_WHOLE_CAP):
        return ""
    rule = call.rules[_READING]
    other = "cumulatif" if rule.value == "remplace" else "remplace"
    read = with_rules(call, {_READING: other})
    broken = {name for name, *_ in option_breaches(own.option, read, it.bench.judged.regions)}
    if broken & money:
        return ""
    meaning = (rule.readings or {}).get(other, rule.text)
    return f" ; l’autre lecture que le texte permet l’admettrait ({meaning.rstrip('.')})"


def _balance(it: Examined, own: VoletAsked) -> Iterator[Finding]:
    """Judge whether the funding of a volet makes its declared cost."""
    option, place = own.option, f"budget.montant_{own.volet}"
    if not it.applies(SUMS):
        yield it.off(SUMS, place)
        return
    broken = list(balance_breach(option, it.bench.call))
    for _, found, remedy in broken:
        yield it.contrary(SUMS, place, found, remedy)
    if not broken:
        brought = euros(sum(cents for _, cents in option.funding))
        message = (
            f"le coût du volet {own.volet} ({euros(option.cost_cents)}) est bien la somme de ses "
            f"financements : {euros(option.state_cents)} de l’appel, {brought} d’ailleurs"
        )
        yield it.conform(SUMS, place, message)


def _totals(it: Examined) -> Iterator[Finding]:
    """Judge the totals that the form writes, each at its place."""
    totals = it.case.application.totals if it.case.application else ()
    for total in totals if it.applies(SUMS) else ():
        broken = list(total_breaches([total], it.bench.call))
        for _, found, remedy in broken:
            yield it.contrary(SUMS, total.key, found, remedy)
        if not broken:
            yield it.conform(SUMS, total.key, f"{total.name} : c’est la somme des lignes")


def _part(own: VoletAsked, cents: int) -> str:
    """Write a part of the cost of a volet; a cost that the file does not give is an estimate."""
    estimated = "" if own.asked.cost_declared else " estimé par la méthode"
    return f"{_share(own, cents)} du coût{estimated}"


def _share(own: VoletAsked, cents: int) -> str:
    cost = own.option.cost_cents
    return percent(Fraction(cents, cost)) if cost else euros(cents)

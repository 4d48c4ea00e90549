"""The money of a request: cost of an ETP against the reference, advance and balance by year."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from coverage.dossiers.model import CONFORM, DISCUSS, INCOMPLETE
from coverage.dossiers.proportion.citing import COST, of_call
from coverage.parameters import definitions
from coverage.proposals.budget import payments
from coverage.proposals.limits import CENTS, euros
from coverage.proposals.model import HUNDREDTHS
from coverage.wording import THIN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from coverage.dossiers.bench import Bench
    from coverage.dossiers.model import Finding
    from coverage.proposals.application import Asked


def cost_lines(asked: Asked | None, volet: str, bench: Bench) -> Iterator[Finding]:
    """Yield the cost of an ETP against the method's, and its range."""
    if asked is None:
        return
    known = definitions()["cout_etp_eur"]
    reference = bench.coverage.study.parameters.cout_etp_eur
    low, high = int(known.low), int(known.high)
    place = "budget.cout_etp"
    span = f"de {euros(low * CENTS)} à {euros(high * CENTS)}"
    if not asked.cost_declared:
        message = (
            f"Coût d’un ETP non écrit{THIN}: celui de la méthode, {euros(reference * CENTS)}, "
        )
        message += f"est retenu pour le volet {volet}."
        yield COST.line(INCOMPLETE, place, message, "écrire le coût annuel d’un ETP")
        return
    each = Fraction(asked.cost_cents * HUNDREDTHS, asked.hundredths)
    message = (
        f"Un ETP coûte {euros(round(each))} par an{THIN}; référence{THIN}: "
        f"{euros(reference * CENTS)}, {span}."
    )
    if low * CENTS <= each <= high * CENTS:
        yield COST.line(CONFORM, place, message)
    else:
        yield COST.line(DISCUSS, place, message, "justifier ce coût par le budget du projet")


def payments_of(asked: Asked | None, bench: Bench) -> tuple[tuple[int, str, int], ...]:
    """Return advance and balance of what is asked: year, nature, cents."""
    if asked is None or not asked.state_cents:
        return ()
    found = payments(asked.state_cents, bench.call.signed, bench.call)
    return tuple((year, nature, cents) for nature, year, cents in found)


def payment_lines(asked: Asked | None, volet: str, bench: Bench) -> Iterator[Finding]:
    """Yield when each half of the subsidy would be paid."""
    paid = payments_of(asked, bench)
    if not paid:
        return
    told = [f"{nature} de {euros(cents)} en {year}" for year, nature, cents in paid]
    message = (
        f"{f'{THIN}; '.join(told)}, si la convention est signée le "
        f"{bench.call.signed:%d/%m/%Y} et l’action menée à son terme."
    )
    yield of_call(bench.call, "avance").line(
        CONFORM, f"budget.montant_{volet}", message[0].upper() + message[1:]
    )

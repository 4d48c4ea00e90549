"""Objections to the hypotheses: more productive posts, a lower threshold, more perimeters."""

from __future__ import annotations

from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING

import numpy as np

from coverage.atoms import cover_of
from coverage.dossiers.against.arguments import left_told, objection, share_told, structure_name
from coverage.dossiers.bench import MILD
from coverage.dossiers.claims.cells import missing_cells
from coverage.dossiers.ground.today import columns_of
from coverage.dossiers.verdicts.margins import productivity_in_place
from coverage.parameters import definitions
from coverage.wording import THIN, named, plural, whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from coverage.basis import Basis
    from coverage.dossiers.bench import Bench
    from coverage.dossiers.model import Claim, Objection
    from coverage.dossiers.verdicts.balance import Balance

HYPOTHESIS, TO_CONFIRM = "hypothese", "perimetre_a_confirmer"


def productivity(claim: Claim, balance: Balance) -> Iterator[Objection]:
    """Yield the missing hours that the most productive posts would not leave."""
    high = int(definitions()["heures_par_etp"].high)
    if high <= balance.hourly:
        return
    hours = claim.missing_hours - balance.missing_at(high)
    if hours <= 0:
        return
    left = claim.missing_hours - hours
    enough = productivity_in_place(balance)
    turned = f"{THIN}; rien n’y manquerait plus à partir de {whole(enough)} h" if enough else ""
    answer = f"Même à cette productivité, il manquerait {whole(left)} h." if left else ""
    yield objection(
        HYPOTHESIS,
        "",
        hours,
        claim.missing_hours,
        sentence=f"Si un ETP accompagnait {whole(high)} h par an au lieu de "
        f"{whole(balance.hourly)}, les postes en place serviraient "
        f"{share_told(hours, claim.missing_hours)}{turned}.",
        answer=answer,
    )


def threshold(claim: Claim, scope: Sequence[str], bench: Bench) -> Iterator[Objection]:
    """Yield the missing hours of places that a threshold of 2/3 would hold sufficient."""
    parameters = bench.coverage.study.parameters
    if max(parameters.seuil_reponse, parameters.seuil_reponse_etat) <= MILD:
        return
    cells = missing_cells(claim.units, scope, bench, bench.mild)
    hours = int(cells.sum())
    if not hours:
        return
    places = plural(int(cells.any(axis=1).sum()), "commune", "communes")
    yield objection(
        HYPOTHESIS,
        "",
        hours,
        claim.missing_hours,
        sentence=f"À un seuil de 2/3, {places} de ce périmètre ne seraient plus zone blanche, avec "
        f"{share_told(hours, claim.missing_hours)}.",
        answer="L’appel parle de capacités «\u00a0insuffisantes au regard des besoins existants"
        "\u00a0», sans tolérance\u202f: l’étude s’en tient à cette lecture.",
    )


def unconfirmed(claim: Claim, scope: Sequence[str], bench: Bench) -> Iterator[Objection]:
    """Yield what would be missing no more if perimeters to confirm, or disputed, covered."""
    basis = bench.believed
    names = _unconfirmed_names(claim, basis) if basis is not None else []
    if basis is None or not names:
        return
    hours = claim.missing_hours - _missing_under(basis, claim.units, scope)
    if hours <= 0:
        return
    who = named([structure_name(name, bench) for name in names])
    one = len(names) == 1
    yield objection(
        TO_CONFIRM,
        names[0] if one else "",
        hours,
        claim.missing_hours,
        sentence=f"Des périmètres à confirmer ou contestés ({who}) couvriraient une part de cette "
        f"demande : s’ils étaient tenus pour valides, {share_told(hours, claim.missing_hours)} "
        "ne manqueraient plus.",
        answer=left_told(claim.missing_hours - hours, bench),
    )


def _unconfirmed_names(claim: Claim, basis: Basis) -> list[str]:
    """Return the structures whose perimeters would hold a claim more than they do, sorted."""
    today = {place.unit: set(place.holders) for place in claim.places}
    rows = _rows(basis, claim.units)
    unit, number = (basis.atoms.table[name].to_numpy()[rows] for name in ("unit", "signature"))
    return sorted(
        {
            name
            for place, held in zip(unit.tolist(), number.tolist(), strict=True)
            for name, nature in basis.atoms.signatures[held]
            if (name, nature) not in today[place]
        }
    )


def _missing_under(basis: Basis, units: Sequence[int], scope: Sequence[str]) -> int:
    """Return the hours of a claim that would wait for a post in another basis, rounded up."""
    rows, columns = _rows(basis, units), columns_of(scope)
    response = basis.decision.total
    signatures = basis.atoms.table["signature"].to_numpy()[rows].tolist()
    lent = [cover_of(basis.atoms.signatures[number]) == "extension" for number in signatures]
    nodes = response.nodes.of_atom[rows][:, columns]
    hours = response.nodes.hours[rows][:, columns]
    missing = Fraction(0)
    for at, column in zip(*(found.tolist() for found in np.nonzero(nodes >= 0)), strict=True):
        rate = Fraction(0) if lent[at] else min(response.rates[nodes[at, column]], Fraction(1))
        missing += int(hours[at, column]) * (1 - rate)
    return ceil(missing)


def _rows(basis: Basis, units: Sequence[int]) -> NDArray[np.int64]:
    """Return the atoms of some units in a basis."""
    return np.flatnonzero(np.isin(basis.atoms.table["unit"].to_numpy(), units))

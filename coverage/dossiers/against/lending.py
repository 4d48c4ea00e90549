"""Objections that others could serve the claim: extensions, redeployment (method, section 8)."""

from __future__ import annotations

from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING

from coverage.dossiers.against.arguments import (
    CALL_READING,
    left_told,
    objection,
    share_told,
    structure_name,
)
from coverage.dossiers.claims.deficits import proved_hours
from coverage.parameters import definitions
from coverage.wording import listing, named, whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from coverage.dossiers.bench import Bench
    from coverage.dossiers.model import Claim, Objection
    from coverage.dossiers.verdicts.balance import Balance, Lender

EXTENSION, BESIDE, REDEPLOYED = "extension", "limitrophe", "redeploiement"


def extensions(
    claim: Claim, structure_id: str, balance: Balance, bench: Bench
) -> Iterator[Objection]:
    """Yield what each structure that has hours to spare could take in, then all of them together.

    Parameters
    ----------
    structure_id
        The applicant: its own posts may have hours to spare.
    """
    missing = claim.missing_hours
    able = []
    for name in sorted({each.structure_id for each in balance.lenders}):
        hours = balance.absorbed({name})
        if not hours:
            continue
        able.append(name)
        who = f"«\u00a0{structure_name(name, bench)}\u00a0»"
        opening = (
            f"Les postes que {who} a déjà absorberaient"
            if name == structure_id
            else f"Une extension de {who} absorberait"
        )
        own = [each for each in balance.lenders if each.structure_id == name]
        yield objection(
            EXTENSION,
            name,
            hours,
            missing,
            sentence=f"{opening} {share_told(hours, missing)}, sans poste nouveau.",
            answer=_answer(missing - hours, own, bench),
        )
    if len(able) > 1:
        hours = balance.absorbed()
        names = named([structure_name(name, bench) for name in able])
        yield objection(
            EXTENSION,
            "",
            hours,
            missing,
            sentence=f"Ensemble, les extensions de {names} absorberaient "
            f"{share_told(hours, missing)}, sans poste nouveau.",
            answer=_answer(missing - hours, balance.lenders, bench),
        )


def _answer(left: int, lenders: Sequence[Lender], bench: Bench) -> str:
    return " ".join(filter(None, (left_told(left, bench), _fragile(lenders, bench))))


def _fragile(lenders: Sequence[Lender], bench: Bench) -> str:
    """Say under which productivity, within its range, nobody has any hour to spare."""
    loads = [each.load for each in lenders if each.spare_hours]
    today = bench.coverage.study.parameters.heures_par_etp
    least = ceil(min(loads, default=Fraction(0)) * today)
    if least < definitions()["heures_par_etp"].low:
        return ""
    return (
        f"Ces heures de reste supposent qu’un ETP accompagne plus de {whole(least)} h par an "
        f"(hypothèse de l’étude\u202f: {whole(today)})."
    )


def beside(claim: Claim, bench: Bench) -> Iterator[Objection]:
    """Yield what undedicated extensions serve there already."""
    hours = claim.lent_hours
    if not hours:
        return
    places = [place for place in claim.places if place.lent_hours]
    held = sorted({s for place in places for s, nature in place.holders if nature == "extension"})
    names = listing(f"«\u00a0{structure_name(name, bench)}\u00a0»" for name in held)
    alone = len(held) == 1
    rows = [row for name in held if name in bench.work for row in bench.work[name].supplies]
    stretched = not any(bench.spare[row] for row in rows)
    verbs = ("intervient", "sert", "n’a") if alone else ("interviennent", "servent", "n’ont")
    answer = f"{CALL_READING}."
    if stretched:
        answer += f" {names} {verbs[2]} d’ailleurs aucune heure de reste."
    yield objection(
        BESIDE,
        held[0] if alone else "",
        hours,
        claim.missing_hours,
        sentence=f"{names} y {verbs[0]} déjà par extension et y {verbs[1]} au mieux "
        f"{share_told(hours, claim.missing_hours)}.",
        answer=answer,
    )


def redeployed(claim: Claim, scope: Sequence[str], bench: Bench) -> Iterator[Objection]:
    """Yield what posts that reach the claim would serve there if they worked only for it.

    The fair flow serves as much as any assignment: what is moved here is lost elsewhere.
    """
    hours = claim.unserved_hours - proved_hours(claim.units, scope, bench)
    if hours > 0:
        yield objection(
            REDEPLOYED,
            "",
            hours,
            claim.missing_hours,
            sentence="En ne travaillant que pour ce périmètre, les structures qui l’atteignent "
            f"déjà y serviraient {share_told(hours, claim.missing_hours)}.",
            answer="Aucun partage des postes ne sert plus d’heures au total\u202f: chaque heure "
            "redéployée ici manquerait à un autre lieu ou à un autre donneur d’ordre de leurs "
            "périmètres.",
        )

"""Posts of a structure: what each one answers, and the capacity they make together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from api.facts.values import Amount, amount, class_names, optional_text
from coverage.model import VOLETS
from coverage.parameters import CLASSES
from coverage.perimeters import active_days, days_of_year
from coverage.wording import THIN, decimal, listing, percent, whole

if TYPE_CHECKING:
    from collections.abc import Hashable

    from api.facts.ground import Ground


@dataclass(frozen=True)
class PostLine:
    """A post, or group of posts, as filed.

    Attributes
    ----------
    poste
        Its row in the study's table, from 0.
    jours
        In force in the year, both ends included.
    calcul
        How its hours are counted, in French; empty for a post that answers nothing.
    """

    poste: int
    poste_id: str
    volet: str
    etp: Amount
    donneurs_ordre: list[str]
    donneurs_ordre_noms: str
    financement: str
    debut: str | None
    fin: str | None
    jours: int
    en_activite: bool
    calcul: str
    heures: Amount


@dataclass(frozen=True)
class Capacity:
    """Whole hours of the posts that serve the same classes."""

    donneurs_ordre: list[str]
    donneurs_ordre_noms: str
    heures: int


def post_lines(ground: Ground, structure: str, hours_per_etp: int) -> list[PostLine]:
    """Return the posts that a structure filed, in their order.

    Parameters
    ----------
    hours_per_etp
        Of this structure: its own, or the parameter's.
    """
    study = ground.coverage.study
    posts = study.posts.reset_index(drop=True)
    own = posts[posts["structure_id"] == structure]
    return [_post(ground, row, post, hours_per_etp) for row, post in own.to_dict("index").items()]


def _post(ground: Ground, row: Hashable, post: dict[Hashable, Any], hours_per_etp: int) -> PostLine:
    study = ground.coverage.study
    days, year = (
        active_days(post["debut"], post["fin"], year=study.year),
        days_of_year(study.year),
    )
    answers = post["volet"] == VOLETS[0] and days > 0
    ramp = (
        study.parameters.montee_en_charge
        if post["financement"] == f"aap_{study.year}"
        else Fraction(1)
    )
    hours = post["etp"] * hours_per_etp * days / year * ramp if answers else Fraction(0)
    words = [f"{decimal(post['etp'], 2)} ETP × {whole(hours_per_etp)}{THIN}h"]
    words += [f"× {days}/{year} jours"] if days != year else []
    words += [f"× {percent(ramp)} (première année d’un poste nouveau)"] if ramp != 1 else []
    return PostLine(
        poste=int(str(row)),
        poste_id=optional_text(post["poste_id"]),
        volet=str(post["volet"]),
        etp=amount(post["etp"]),
        donneurs_ordre=list(post["donneurs_ordre"]),
        donneurs_ordre_noms=_served(post["donneurs_ordre"]),
        financement=optional_text(post["financement"]),
        debut=None if post["debut"] is None else post["debut"].isoformat(),
        fin=None if post["fin"] is None else post["fin"].isoformat(),
        jours=days,
        en_activite=days > 0 and post["etp"] > 0,
        calcul=" ".join(words) if answers else "",
        heures=_hours(hours),
    )


def capacities(ground: Ground, structure: str) -> list[Capacity]:
    """Return the whole hours of a structure in the study, by classes served."""
    own = ground.supply[ground.supply["structure_id"] == structure]
    return [
        Capacity(
            donneurs_ordre=list(scope),
            donneurs_ordre_noms=_served(scope),
            heures=int(hours),
        )
        for scope, hours in zip(own["scope"], own["hours"], strict=True)
    ]


def _hours(hours: Fraction) -> Amount:
    """Write hours without decimals when they are whole."""
    found = amount(hours)
    return replace(found, texte=whole(int(hours))) if hours.denominator == 1 else found


def _served(classes: tuple[str, ...]) -> str:
    return "tous" if set(classes) == set(CLASSES) else listing(class_names(classes))

"""Year by year: the need of a place and what is served of it, the work of the posts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from api.facts.names import status_style
from api.facts.values import Rate, known_hours, rate
from coverage.parameters import STATE_CLASSES
from coverage.status import STATUTS, gravity
from coverage.wording import THIN, percent

if TYPE_CHECKING:
    from collections.abc import Hashable
    from fractions import Fraction

    from api.facts.ground import Ground


@dataclass(frozen=True)
class YearLine:
    """A commune in one year of the study.

    Attributes
    ----------
    besoin_h, besoin_etat_h, servi_h
        None when nothing is known of it.
    besoin_connu
        `tous`, `partiel` or `aucun`: classes of which it is known.
    """

    annee: int
    besoin_h: int | None
    besoin_etat_h: int | None
    servi_h: int | None
    taux: Rate
    taux_etat: Rate
    besoin_connu: str
    statut: str
    statut_nom: str
    motif_legende: str


@dataclass(frozen=True)
class StudyYear:
    """The communes shown in one year of the study; hours None when no need is known anywhere."""

    annee: int
    besoin_h: int | None
    besoin_etat_h: int
    servi_h: int | None
    communes_par_statut: dict[str, int]


@dataclass(frozen=True)
class LoadLine:
    """The work of the posts of a structure in one year.

    Attributes
    ----------
    besoin_atteint_h
        Need that its posts reach, shared with others or not.
    travail_h
        Hours of its posts at work in the fair response.
    charge
        Work over capacity; without a value when no post is in force.
    constat
        In French.
    """

    annee: int
    capacite_h: int
    besoin_atteint_h: int
    travail_h: int
    charge: Rate
    constat: str


def year_lines(ground: Ground, unit: int) -> list[YearLine]:
    """Return a commune in each year of the study."""
    table = ground.coverage.years.communes
    own = table[table["unit"].to_numpy() == unit]
    return [year_line(row) for row in own.to_dict("records")]


def year_line(row: dict[Hashable, Any]) -> YearLine:
    """Return one year of a commune, a row of `coverage.model.Years.communes`."""
    unknown = row["classes_inconnues"]
    status, rates = str(row["statut"]), (row["taux_reponse"], row["taux_reponse_etat"])
    short = status == "capacite_insuffisante"
    style = status_style(status, gravity(*rates) if short else "", unknown=bool(unknown))
    return YearLine(
        annee=int(row["annee"]),
        besoin_h=known_hours(row["besoin_h"], unknown=unknown),
        besoin_etat_h=known_hours(row["besoin_etat_h"], unknown=unknown, classes=STATE_CLASSES),
        servi_h=None if row["besoin_connu"] == "aucun" else int(row["servi_h"]),
        taux=rate(rates[0], unknown=unknown),
        taux_etat=rate(rates[1], unknown=unknown, classes=STATE_CLASSES),
        besoin_connu=str(row["besoin_connu"]),
        statut=status,
        statut_nom=style.short,
        motif_legende=style.key,
    )


def study_years(ground: Ground, region: str = "") -> list[StudyYear]:
    """Return the communes shown in each year of the study."""
    table = ground.coverage.years.communes
    shown = table[ground.shown_units(region)[table["unit"].to_numpy()]]
    found = []
    for year in ground.coverage.years.years:
        own = shown[shown["annee"] == year]
        blank = bool((own["besoin_connu"] == "aucun").all())
        counts = own["statut"].value_counts()
        found.append(
            StudyYear(
                annee=year,
                besoin_h=None if blank else int(own["besoin_h"].sum()),
                besoin_etat_h=int(own["besoin_etat_h"].sum()),
                servi_h=None if blank else int(own["servi_h"].sum()),
                communes_par_statut={name: int(counts.get(name, 0)) for name in STATUTS},
            )
        )
    return found


def load_lines(ground: Ground, structure: str) -> list[LoadLine]:
    """Return the work of the posts of a structure in each year of the study."""
    table = ground.coverage.years.structures
    own = table[table["structure_id"].to_numpy() == structure].set_index("annee").to_dict("index")
    return [_load(year, own.get(year)) for year in ground.coverage.years.years]


def _load(year: int, row: dict[Hashable, Any] | None) -> LoadLine:
    if row is None or not row["capacite_h"]:
        none = Rate(None, None, "sans objet", "sans_objet", partiel=False)
        return LoadLine(year, 0, 0, 0, none, "Aucun poste de facilitateur en vigueur.")
    charge: Fraction = row["charge"]
    return LoadLine(
        annee=year,
        capacite_h=int(row["capacite_h"]),
        besoin_atteint_h=int(row["besoin_atteint_h"]),
        travail_h=int(row["travail_h"]),
        charge=rate(charge),
        constat=_work(charge),
    )


def _work(charge: Fraction) -> str:
    if charge == 1:
        return "Oui, à plein temps."
    if not charge:
        return f"Non{THIN}: aucun besoin connu à portée."
    return f"Oui, pour {percent(charge)} de ses heures."


def break_words(ground: Ground, year: int | None, what: str, *, every: str = "") -> str:
    """Say in which year a place breaks; empty when the study is of one year.

    Parameters
    ----------
    year
        First year in which it is not shown to suffice, None when it always is.
    what
        What breaks, in French, with its article.
    every
        What never does, when it is said otherwise.
    """
    years = ground.coverage.years.years
    if len(years) == 1:
        return ""
    if year is None:
        whole = every or what
        return f"De {years[0]} à {years[-1]}, {whole} reste montrée suffisante au mieux."
    if year == years[0]:
        return f"Dès {year}, première année étudiée, {what} n’est pas montrée suffisante."
    return f"Rupture en {year}{THIN}: cette année-là, {what} n’est plus montrée suffisante."

"""One commune: its status and why, who covers it, its need and sources, its rates and proofs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from api.facts.certificates import CertificateSummary, summaries
from api.facts.contributions import ClassContributions, class_contributions
from api.facts.holders import FiledPerimeter, Holder, aside, holders
from api.facts.hypotheses import Hypothesis, hypotheses
from api.facts.names import level_name, pattern_key, status_style
from api.facts.rates import RateLine, rate_lines
from api.facts.reasons import Part, parts
from api.facts.sites import ProjectLine, ServiceLine, projects_of_commune, services_of_commune
from api.facts.values import (
    KNOWN_NAMES,
    Rate,
    class_names,
    known_hours,
    optional_int,
    people,
    rate,
    reading,
)
from api.facts.years import YearLine, break_words, year_lines
from coverage.parameters import CLASSES, STATE_CLASSES

if TYPE_CHECKING:
    from collections.abc import Hashable

    from api.facts.ground import Ground


@dataclass(frozen=True)
class CommuneLine:
    """A commune in a list.

    Attributes
    ----------
    statut_nom
        Short name of what it shows; a capacity that suffices for the known need alone says so.
    motif_legende
        Key of its pattern in the legend.
    population
        None when the territory does not know it.
    besoin_h, besoin_etat_h
        Hours a year that are known; None when no class is.
    """

    commune: str
    nom: str
    departement: str
    region: str
    population: int | None
    statut: str
    statut_nom: str
    motif_legende: str
    gravite: str
    mixte: bool
    besoin_connu: str
    besoin_h: int | None
    besoin_etat_h: int | None
    servi_h: int | None
    taux: Rate
    taux_etat: Rate
    zone_id: str
    structures: list[str]
    classes_inconnues: list[str]


@dataclass(frozen=True)
class NeedLine:
    """Hours of need of one class, as filed: programme and source."""

    donneur_ordre: str
    donneur_ordre_nom: str
    programme: str
    source: str
    heures: int


@dataclass(frozen=True)
class Place:
    """A territorial level that holds the commune."""

    niveau: str
    code: str
    nom: str


@dataclass(frozen=True)
class Neighbour:
    """A commune that shares a border."""

    commune: str
    nom: str
    statut: str
    statut_nom: str
    motif_legende: str
    zone_id: str


@dataclass(frozen=True)
class CommuneFacts(CommuneLine):
    """Everything that decides one commune's status.

    Attributes
    ----------
    parties
        One when no drawn border cuts it; each has its status, its rules and its figures.
    couvertures
        Perimeters in force there, with the posts and hours behind them.
    perimetres_ecartes
        Perimeters filed there that cover nothing, and why.
    contributions
        Where the hours come from, class by class: they add up to the need.
    hypotheses
        Those under the hours, still to be documented or not.
    services_etat, grands_projets
        Those there; None when no file of the study speaks of them.
    annees
        Each year of the study; `annee_rupture` is the first in which the commune is not shown
        to suffice, None when it always is, and `rupture` says it (empty for one year).
    reponse, reponse_etat
        The need class by class with the fair rate of its group: their mean is the rate.
    ratio_simple, ratio_2sfca
        Other readings, for comparison only; the simple one counts a capacity several times.
    motif_zone
        Why its zone has its status, in French.
    """

    annee: int
    lieux: list[Place]
    surface_km2: str | None
    part_principale: str
    part_extension: str
    part_non_couverte: str
    besoin_connu_nom: str
    classes_inconnues_noms: list[str]
    classes_non_servies_noms: list[str]
    parties: list[Part]
    couvertures: list[Holder]
    perimetres_ecartes: list[FiledPerimeter]
    besoins: list[NeedLine]
    contributions: list[ClassContributions]
    hypotheses: list[Hypothesis]
    services_etat: list[ServiceLine] | None
    grands_projets: list[ProjectLine] | None
    annees: list[YearLine]
    annee_rupture: int | None
    rupture: str
    reponse: list[RateLine]
    reponse_etat: list[RateLine]
    ratio_simple: Rate
    ratio_2sfca: Rate
    certificats: list[CertificateSummary]
    motif_zone: str
    voisines: list[Neighbour]


def commune_line(code: Hashable, row: Any) -> CommuneLine:  # noqa: ANN401 - a row of communes
    """Return what a list says of a commune.

    Parameters
    ----------
    row
        Of `Coverage.communes`, as a mapping.
    """
    unknown = row["classes_inconnues"]
    style = status_style(row["statut"], row["gravite"], unknown=bool(unknown))
    return CommuneLine(
        commune=str(code),
        nom=str(row["nom"]),
        departement=str(row["departement"]),
        region=str(row["region"]),
        population=people(int(row["population"])),
        statut=str(row["statut"]),
        statut_nom=style.short,
        motif_legende=pattern_key(style, mixte=bool(row["mixte"])),
        gravite=str(row["gravite"]),
        mixte=bool(row["mixte"]),
        besoin_connu=str(row["besoin_connu"]),
        besoin_h=known_hours(row["besoin_h"], unknown=unknown),
        besoin_etat_h=known_hours(row["besoin_etat_h"], unknown=unknown, classes=STATE_CLASSES),
        servi_h=known_hours(row["servi_h"], unknown=unknown),
        taux=rate(row["taux_reponse"], unknown=unknown),
        taux_etat=rate(row["taux_reponse_etat"], unknown=unknown, classes=STATE_CLASSES),
        zone_id=str(row["zone_id"]),
        structures=list(row["structures"]),
        classes_inconnues=list(unknown),
    )


def commune_facts(ground: Ground, code: str) -> CommuneFacts:
    """Return everything that decides one commune's status.

    Raises
    ------
    UnknownCodeError
        When the code is no commune that the study shows.
    """
    unit = ground.unit(code)
    coverage = ground.coverage
    row = coverage.communes.iloc[unit]
    unknown = row["classes_inconnues"]
    area = row["surface_km2"]
    atoms = ground.atoms_of(unit)
    contributions = class_contributions(ground, unit)
    origins = {name for own in contributions for name in own.origines}
    broken = optional_int(row["annee_rupture"])
    return CommuneFacts(
        **vars(commune_line(code, row)),
        annee=coverage.study.year,
        lieux=_places(ground, unit),
        surface_km2=None if np.isnan(area) else f"{area:.4f}",
        part_principale=f"{row['part_principale']:.6f}",
        part_extension=f"{row['part_extension']:.6f}",
        part_non_couverte=f"{row['part_non_couverte']:.6f}",
        besoin_connu_nom=KNOWN_NAMES[row["besoin_connu"]],
        classes_inconnues_noms=class_names(unknown),
        classes_non_servies_noms=class_names(row["classes_non_servies"]),
        parties=parts(ground, unit),
        couvertures=holders(ground, unit),
        perimetres_ecartes=aside(ground, unit),
        besoins=_needs(ground, unit),
        contributions=contributions,
        hypotheses=hypotheses(coverage.study.parameters, origins),
        services_etat=services_of_commune(ground, unit),
        grands_projets=projects_of_commune(ground, unit),
        annees=year_lines(ground, unit),
        annee_rupture=broken,
        rupture=break_words(ground, broken, "la commune"),
        reponse=rate_lines(ground, atoms, "total"),
        reponse_etat=rate_lines(ground, atoms, "etat"),
        ratio_simple=reading(row["ratio_simple"], unknown=unknown),
        ratio_2sfca=reading(row["ratio_2sfca"], unknown=unknown),
        certificats=summaries(ground, ground.certificates_of(code)),
        motif_zone=str(coverage.zones.loc[row["zone_id"], "motif"]),
        voisines=_neighbours(ground, unit),
    )


def _places(ground: Ground, unit: int) -> list[Place]:
    territory = ground.coverage.territory
    found = []
    for level in ("epci", "ept", "departement", "region"):
        code = str(territory.units[level].iloc[unit])
        if code:
            found.append(Place(level, code, level_name(territory, level, code)))
    return found


def _needs(ground: Ground, unit: int) -> list[NeedLine]:
    parts_of_need = ground.coverage.need.parts
    own = parts_of_need[parts_of_need["unit"] == unit].to_dict("records")
    ordered = sorted(
        own, key=lambda n: (CLASSES.index(n["donneur_ordre"]), n["source"], n["programme"])
    )
    return [
        NeedLine(
            donneur_ordre=n["donneur_ordre"],
            donneur_ordre_nom=class_names([n["donneur_ordre"]])[0],
            programme=n["programme"],
            source=n["source"],
            heures=optional_int(n["hours"]) or 0,
        )
        for n in ordered
    ]


def _neighbours(ground: Ground, unit: int) -> list[Neighbour]:
    borders = ground.coverage.territory.borders
    left, right = borders["left"].to_numpy(), borders["right"].to_numpy()
    shown = ground.shown().communes
    codes = ground.coverage.territory.codes
    near = sorted({*right[left == unit].tolist(), *left[right == unit].tolist()})
    kept = [code for code in codes[near] if code in shown.index]
    lines = [commune_line(code, row) for code, row in shown.loc[kept].iterrows()]
    return [
        Neighbour(
            line.commune, line.nom, line.statut, line.statut_nom, line.motif_legende, line.zone_id
        )
        for line in lines
    ]

"""What a study does not know, how much of it, and what it hides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.facts.values import class_names
from coverage.parameters import CLASSES, STATE_CLASSES

if TYPE_CHECKING:
    from api.facts.ground import Ground


@dataclass(frozen=True)
class Unknown:
    """One thing that is not known; `nombre` is None where even its extent is not."""

    objet: str
    nombre: int | None
    population: int | None
    consequence: str


def unknowns(ground: Ground, region: str = "") -> list[Unknown]:
    """Return what is not known in the régions shown, and what it hides."""
    shown = ground.shown(region)
    communes = shown.communes
    people = communes["population"].clip(lower=0)
    blank = communes["besoin_connu"] == "aucun"
    partial = communes["besoin_connu"] == "partiel"
    state = communes["classes_inconnues"].map(lambda row: not set(row).isdisjoint(STATE_CLASSES))
    covered = (communes["statut"] == "couverte") & partial
    lines = [
        (
            "Communes sans aucun besoin connu",
            blank,
            "Ni zéro, ni couverture : leur taux de réponse et leur déficit n’existent pas.",
        ),
        (
            "Communes au besoin connu en partie",
            partial,
            "Leurs heures, leurs taux et leurs déficits ne portent que sur la partie connue.",
        ),
        (
            "Communes montrées suffisantes pour le seul besoin connu",
            covered,
            "Le besoin qui manque peut les faire passer en capacité insuffisante.",
        ),
        (
            "Communes où le besoin de l’État est inconnu, en tout ou partie",
            state & ~blank,
            "La réponse aux marchés de l’État n’y a pas été mesurée.",
        ),
    ]
    found = [
        Unknown(name, int(mask.sum()), int(people[mask].sum()), why)
        for name, mask, why in lines
        if mask.any()
    ]
    without = communes["surface_km2"].isna()
    if without.any():
        found.append(
            Unknown(
                "Communes sans contour",
                int(without.sum()),
                int(people[without].sum()),
                "Elles ont un statut et des chiffres, mais la carte ne peut les dessiner.",
            )
        )
    uncounted = int((communes["population"] < 0).sum())
    if uncounted:
        found.append(
            Unknown(
                "Communes dont la population est inconnue",
                uncounted,
                None,
                "Elles comptent pour zéro dans les sommes d’habitants.",
            )
        )
    return [*found, *_of_base_map(ground, region), *_of_sites(ground, region)]


def _of_base_map(ground: Ground, region: str) -> list[Unknown]:
    holes = ground.coverage.territory.holes
    kept = ground.shown(region).study.regions
    count = int(holes["region"].isin(kept).sum()) if kept else len(holes)
    if not count:
        return []
    return [
        Unknown(
            "Lacunes du fond de carte",
            count,
            None,
            "Lieux hors de toute commune : jamais montrés couverts.",
        )
    ]


def _of_sites(ground: Ground, region: str) -> list[Unknown]:
    """Return the services to be specified, and what no file of the study speaks of."""
    sites = ground.coverage.need.sites
    found = []
    if sites.services is None:
        why = "Aucun fichier de services déposé : ce motif de poste n’est ni compté, ni exclu."
        found.append(Unknown("Services de l’État non accompagnés", None, None, why))
    else:
        inside = ground.shown_units(region)[sites.services["unit"].to_numpy()]
        doubtful = inside & (sites.services["accompagne"] == "inconnu").to_numpy()
        count = int(sites.services["service_id"][doubtful].nunique())
        if count:
            why = "Non accompagnés, ils fonderaient à eux seuls un besoin."
            found.append(
                Unknown("Services de l’État dont l’accompagnement est à préciser", count, None, why)
            )
    if sites.projects is None:
        why = "Aucun fichier de grands projets déposé : ce motif n’est ni compté, ni exclu."
        found.append(Unknown("Grands projets", None, None, why))
    return found


@dataclass(frozen=True)
class ClassKnowledge:
    """How far the need of one class is known."""

    donneur_ordre: str
    donneur_ordre_nom: str
    besoin_h: int | None
    communes_connues: int
    communes_inconnues: int
    population_inconnue: int


def class_knowledge(ground: Ground, region: str = "") -> list[ClassKnowledge]:
    """Return, class by class, the known hours and where they are unknown."""
    shown = ground.shown(region)
    units = ground.shown_units(region)
    people = ground.coverage.territory.population[units]
    hours = shown.need.parts.groupby("donneur_ordre")["hours"].sum()
    found = []
    for rank, name in enumerate(CLASSES):
        known = ground.coverage.need.known[units, rank]
        found.append(
            ClassKnowledge(
                donneur_ordre=name,
                donneur_ordre_nom=class_names([name])[0],
                besoin_h=int(hours.get(name, 0)) if known.any() or name in hours else None,
                communes_connues=int(known.sum()),
                communes_inconnues=int((~known).sum()),
                population_inconnue=int(people[~known].sum()),
            )
        )
    return found

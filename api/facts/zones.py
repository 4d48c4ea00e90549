"""One zone: what it is, why it is kept or not, what it lacks, and the proof."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from api.facts.certificates import CertificateSummary, summaries
from api.facts.decisions import decision
from api.facts.holders import capacity_hours, facilitator_etp
from api.facts.names import departement_names, level_name, status_style, zone_name
from api.facts.sites import ProjectLine, ServiceLine, projects_of_zone, waiting_services
from api.facts.values import (
    NATURE_NAMES,
    NEED_NAMES,
    Amount,
    Rate,
    amount,
    class_names,
    optional_int,
    optional_text,
    rate,
)
from api.facts.years import break_words
from coverage.model import NATURES
from coverage.parameters import CLASSES, STATE_CLASSES
from coverage.wording import PROGRAMME_NAMES
from geo.errors import UnknownCodeError

if TYPE_CHECKING:
    from api.facts.ground import Ground

CERTAINTY_NAMES = {
    "demontree": "démontrée",
    "probable": "probable",
    "non_demontree": "non démontrée",
}
FUNDABLE_NAMES = {"seule": "finançable seule", "a_regrouper": "à regrouper"}


@dataclass(frozen=True)
class ZoneLine:
    """A zone in a list.

    Attributes
    ----------
    nom, commune_principale
        Its most populated commune, and how many others; the code of that commune.
    motif_legende
        Key of its pattern in the legend.
    retenue
        Whether it is kept as zone blanche; `a_documenter` when only a need still unknown
        prevents it.
    besoin_h, besoin_etat_h, deficit_h, etp_manquants
        Of the need that is known; None when none is.
    besoin_partiel
        Whether some class of need is unknown somewhere in it: figures are then at least so.
    """

    zone_id: str
    nom: str
    commune_principale: str
    statut: str
    statut_nom: str
    motif_legende: str
    gravite: str
    region: str
    departements: list[str]
    departements_noms: list[str]
    retenue: bool
    a_documenter: bool
    besoin: str
    besoin_nom: str
    communes: int
    population: int
    besoin_h: int | None
    besoin_etat_h: int | None
    besoin_partiel: bool
    deficit_h: int | None
    deficit_prouve_h: int | None
    etp_manquants: Amount | None
    taux: Rate
    taux_etat: Rate
    certitude: str
    certitude_nom: str
    seuil_bascule_h_par_etp: int | None


@dataclass(frozen=True)
class ClassNeed:
    """Hours of need of one class in a zone."""

    donneur_ordre: str
    donneur_ordre_nom: str
    heures: int


@dataclass(frozen=True)
class ProgrammeNeed:
    """Hours of need of one State programme in a zone, whoever buys."""

    programme: str
    programme_nom: str
    heures: int


@dataclass(frozen=True)
class Subtotal:
    """What a zone holds in one département or EPCI."""

    code: str
    nom: str
    communes: int
    besoin_h: int
    deficit_h: int


@dataclass(frozen=True)
class ZoneStructure:
    """A structure whose perimeter in force reaches a zone."""

    structure_id: str
    nom: str
    natures: list[str]
    etp: Amount
    capacite_h: int


@dataclass(frozen=True)
class ZoneFacts(ZoneLine):
    """Everything of one zone.

    Attributes
    ----------
    decision
        Why it is kept as zone blanche or not, in French.
    services_etat_non_accompagnes, services_etat_a_preciser, grands_projets
        How many; None when no file of the study speaks of them: they are then unknown.
    services_etat
        Those not accompanied, then those of which it is to be said, by name.
    annee_rupture
        First year in which one of its communes is not shown to suffice, None when all always
        are; `rupture` says it, empty for a study of one year.
    communes_codes
        Whole or in part, sorted.
    """

    motif: str
    decision: str
    financable: str
    financable_nom: str
    surface_km2: str | None
    sans_geometrie: bool
    besoin_par_classe: list[ClassNeed]
    besoin_par_programme: list[ProgrammeNeed]
    classes_inconnues_noms: list[str]
    classes_non_servies_noms: list[str]
    communes_etat_inconnu: int
    par_departement: list[Subtotal]
    par_epci: list[Subtotal]
    structures: list[ZoneStructure]
    services_etat_non_accompagnes: int | None
    services_etat_a_preciser: int | None
    services_etat: list[ServiceLine] | None
    grands_projets: int | None
    grands_projets_liste: list[ProjectLine] | None
    annee_rupture: int | None
    rupture: str
    certificats: list[CertificateSummary]
    communes_codes: list[str]


def zone_line(ground: Ground, zone_id: str, row: Any) -> ZoneLine:  # noqa: ANN401 - a row of zones
    """Return what a list says of a zone.

    Parameters
    ----------
    row
        Of `Coverage.zones`, as a mapping.
    """
    unknown = row["classes_inconnues"]
    style = status_style(row["statut"], row["gravite"], unknown=bool(unknown))
    main = _main(ground, row["communes"])
    blank = row["besoin"] == "inconnu" and not row["besoin_h"]
    blank_state = not row["besoin_etat_h"] and row["communes_etat_inconnu"] > 0
    certainty = optional_text(row["certitude"])
    return ZoneLine(
        zone_id=zone_id,
        nom=zone_name(str(ground.coverage.communes["nom"][main]), len(row["communes"])),
        commune_principale=main,
        statut=str(row["statut"]),
        statut_nom=style.short,
        motif_legende=style.key,
        gravite=str(row["gravite"]),
        region=str(row["region"]),
        departements=list(row["departements"]),
        departements_noms=departement_names(ground.coverage.territory, row["departements"]),
        retenue=bool(row["retenue"]),
        a_documenter=bool(row["en_attente"]),
        besoin=str(row["besoin"]),
        besoin_nom=NEED_NAMES[row["besoin"]],
        communes=len(row["communes"]),
        population=int(row["population"]),
        besoin_h=None if blank else int(row["besoin_h"]),
        besoin_etat_h=None if blank_state else int(row["besoin_etat_h"]),
        besoin_partiel=bool(unknown),
        deficit_h=None if blank else int(row["deficit_h"]),
        deficit_prouve_h=None if blank else int(row["deficit_prouve_h"]),
        etp_manquants=None if blank else amount(row["etp_manquants"]),
        taux=rate(row["taux_reponse"], unknown=unknown),
        taux_etat=rate(row["taux_reponse_etat"], unknown=unknown, classes=STATE_CLASSES),
        certitude=certainty,
        certitude_nom=CERTAINTY_NAMES.get(certainty, ""),
        seuil_bascule_h_par_etp=optional_int(row["seuil_bascule_h_par_etp"]),
    )


def zone_facts(ground: Ground, zone_id: str) -> ZoneFacts:
    """Return everything of one zone.

    Raises
    ------
    UnknownCodeError
        When the study shows no such zone.
    """
    zones = ground.shown().zones
    if zone_id not in zones.index:
        raise UnknownCodeError(f"aucune zone « {zone_id} » dans les régions que cette étude montre")
    row = zones.loc[zone_id].to_dict()
    area = row["surface_km2"]
    broken = optional_int(row["annee_rupture"])
    return ZoneFacts(
        **vars(zone_line(ground, zone_id, row)),
        motif=str(row["motif"]),
        decision=decision(ground, row),
        financable=str(row["financable"]),
        financable_nom=FUNDABLE_NAMES.get(row["financable"], ""),
        surface_km2=None if area is None or np.isnan(area) else f"{area:.4f}",
        sans_geometrie=bool(row["sans_geometrie"]),
        besoin_par_classe=[
            ClassNeed(name, class_names([name])[0], row["besoin_par_classe"][name])
            for name in CLASSES
            if name in row["besoin_par_classe"]
        ],
        besoin_par_programme=[
            ProgrammeNeed(name, PROGRAMME_NAMES.get(name, name), hours)
            for name, hours in row["besoin_par_programme"].items()
        ],
        classes_inconnues_noms=class_names(row["classes_inconnues"]),
        classes_non_servies_noms=class_names(row["classes_non_servies"]),
        communes_etat_inconnu=int(row["communes_etat_inconnu"]),
        par_departement=_subtotals(ground, "departement", row["sous_totaux"]),
        par_epci=_subtotals(ground, "epci", row["sous_totaux"]),
        structures=_structures(ground, zone_id),
        services_etat_non_accompagnes=optional_int(row["services_etat_non_accompagnes"]),
        services_etat_a_preciser=optional_int(row["services_etat_a_preciser"]),
        services_etat=waiting_services(ground, zone_id),
        grands_projets=optional_int(row["grands_projets"]),
        grands_projets_liste=projects_of_zone(ground, zone_id),
        annee_rupture=broken,
        rupture=break_words(ground, broken, "une de ses communes au moins", every="toute la zone"),
        certificats=summaries(ground, row["certificats"]),
        communes_codes=list(row["communes"]),
    )


def _main(ground: Ground, codes: tuple[str, ...]) -> str:
    """Return the code of the most populated of some communes, the first of equals."""
    units = ground.coverage.territory.units.index.get_indexer(list(codes))
    people = ground.coverage.territory.population[units]
    return codes[int(np.argmax(people))]


def _subtotals(ground: Ground, level: str, found: dict[str, Any]) -> list[Subtotal]:
    territory = ground.coverage.territory
    lines = [
        Subtotal(
            code="" if code == "sans" else code,
            nom=f"sans {level.upper()}" if code == "sans" else level_name(territory, level, code),
            communes=own["communes"],
            besoin_h=own["besoin_h"],
            deficit_h=own["deficit_h"],
        )
        for code, own in found[level].items()
    ]
    return sorted(lines, key=lambda line: (-line.deficit_h, -line.besoin_h, line.code))


def _structures(ground: Ground, zone_id: str) -> list[ZoneStructure]:
    atoms = ground.coverage.atoms
    rows = ground.coverage.zone_atoms[zone_id]
    found: dict[str, set[str]] = {}
    for number in np.unique(atoms.table["signature"].to_numpy()[rows]).tolist():
        for structure, nature in atoms.signatures[number]:
            found.setdefault(structure, set()).add(nature)
    names = ground.coverage.study.structures["nom"]
    return [
        ZoneStructure(
            structure_id=structure,
            nom=str(names.get(structure, structure)),
            natures=[NATURE_NAMES[nature] for nature in NATURES if nature in own],
            etp=amount(facilitator_etp(ground, structure)),
            capacite_h=capacity_hours(ground, structure),
        )
        for structure, own in sorted(found.items())
    ]

"""One structure: its posts, its perimeters, what it reaches and what it can answer."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from api.facts.certificates import CertificateSummary, summaries
from api.facts.communes import CommuneLine, commune_line
from api.facts.holders import (
    FiledPerimeter,
    by_codes,
    capacity_hours,
    drawn,
    etp_of,
    facilitator_etp,
)
from api.facts.places import fold
from api.facts.posts import Capacity, PostLine, capacities, post_lines
from api.facts.values import (
    NATURE_NAMES,
    Amount,
    Rate,
    amount,
    optional_int,
    optional_text,
    rate,
    reading,
)
from api.facts.years import LoadLine, load_lines
from coverage.model import NATURES
from coverage.parameters import CLASSES
from coverage.status import STATUTS
from coverage.wording import STATUS_NAMES
from geo.errors import UnknownCodeError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from api.facts.ground import Ground
    from api.facts.selection import StructureQuery

LEGAL_NAMES = {
    "association": "association",
    "collectivite": "collectivité",
    "epci_ept": "EPCI ou EPT",
    "epa_local": "établissement public local",
    "epa_etat": "établissement public de l’État",
    "gip": "GIP",
    "reseau_emploi": "réseau pour l’emploi",
    "autre": "autre",
}


@dataclass(frozen=True)
class StructureLine:
    """A structure in a list.

    Attributes
    ----------
    etp_facilitateur, etp_coordinateur
        In activity in the year.
    capacite_h
        Whole hours that its facilitators can answer in the study.
    communes, population, besoin_atteint_h
        Reached by its perimeters in force, in the régions shown: whole or in part for
        communes, by area for inhabitants; the known need of the classes that its posts serve.
    """

    structure_id: str
    nom: str
    statut_juridique: str
    etp_facilitateur: Amount
    etp_coordinateur: Amount
    capacite_h: int
    communes: int
    population: int
    besoin_atteint_h: int


@dataclass(frozen=True)
class ReachedStatus:
    """Communes that a structure reaches, by the status they show."""

    statut: str
    statut_nom: str
    communes: int
    population: int
    besoin_h: int


@dataclass(frozen=True)
class StructureFacts(StructureLine):
    """Everything filed of one structure and what it comes to.

    Attributes
    ----------
    part_comptee
        Share of the hours of its posts that the study counts: less than the whole when it also
        works outside, where needs are unknown.
    charges
        Its work in each year of the study.
    ratio
        Capacity over the need it reaches: a reading of this structure alone, others may reach
        the same need.
    par_statut
        Communes reached, by the status they show.
    communes_atteintes
        Code → strongest nature of what holds some of it.
    """

    siret: str
    heures_par_etp: int
    heures_par_etp_propres: bool
    postes: list[PostLine]
    part_comptee: Rate
    capacites: list[Capacity]
    charges: list[LoadLine]
    perimetres: list[FiledPerimeter]
    ratio: Rate
    par_nature: dict[str, int]
    par_statut: list[ReachedStatus]
    communes_atteintes: dict[str, str]
    certificats: list[CertificateSummary]


def structure_line(ground: Ground, structure: str, region: str = "") -> StructureLine:
    """Return what a list says of a structure."""
    row = ground.coverage.study.structures.loc[structure]
    atoms = _atoms(ground, structure, region)
    return StructureLine(
        structure_id=structure,
        nom=str(row["nom"]),
        statut_juridique=_legal(row),
        etp_facilitateur=amount(facilitator_etp(ground, structure)),
        etp_coordinateur=amount(etp_of(ground, structure, "coordinateur")),
        capacite_h=capacity_hours(ground, structure),
        communes=len(np.unique(ground.unit_of_atom[atoms])),
        population=int(_people(ground, atoms).sum()),
        besoin_atteint_h=_reached_hours(ground, structure, atoms),
    )


def structure_ids(ground: Ground, region: str = "") -> list[str]:
    """Return the structures that reach the régions shown; all when the study is not limited."""
    every = [str(name) for name in ground.coverage.study.structures.index]
    if not region and not ground.coverage.study.regions:
        return every
    filed = _filed_here(ground, region)
    return [name for name in every if name in filed or len(_atoms(ground, name, region))]


def structure_lines(ground: Ground, query: StructureQuery, region: str = "") -> list[StructureLine]:
    """Return the structures asked for, in the order asked for: by name when none is."""

    def make() -> list[StructureLine]:
        return [structure_line(ground, name, region) for name in structure_ids(ground, region)]

    wanted = fold(query.q)
    found = [
        line
        for line in ground.once(("structures", region), make)
        if wanted in fold(line.nom) or wanted in fold(line.structure_id)
    ]
    name = (query.tri or "nom").removeprefix("-")
    found.sort(key=lambda line: line.structure_id)
    return sorted(found, key=_ORDERS[name], reverse=query.tri.startswith("-"))


_ORDERS: dict[str, Callable[[StructureLine], Any]] = {
    "nom": lambda line: fold(line.nom),
    "structure": lambda line: line.structure_id,
    "etp": lambda line: Fraction(line.etp_facilitateur.fraction),
    "capacite": lambda line: line.capacite_h,
    "communes": lambda line: line.communes,
    "population": lambda line: line.population,
    "besoin": lambda line: line.besoin_atteint_h,
}


def structure_facts(ground: Ground, structure: str) -> StructureFacts:
    """Return everything of one structure.

    Raises
    ------
    UnknownCodeError
        When the study has no such structure.
    """
    study = ground.coverage.study
    if structure not in study.structures.index:
        raise UnknownCodeError(f"aucune structure « {structure} » dans cette étude")
    row = study.structures.loc[structure]
    own = optional_int(row["heures_par_etp"])
    productivity = own or study.parameters.heures_par_etp
    posts = post_lines(ground, structure, productivity)
    line = structure_line(ground, structure)
    reached = _communes(ground, structure)
    natures = _natures(ground, structure)
    codes = np.flatnonzero((study.perimeters["structure_id"] == structure).to_numpy())
    drawings = np.flatnonzero((study.drawn["structure_id"] == structure).to_numpy())
    need = line.besoin_atteint_h
    return StructureFacts(
        **vars(line),
        siret=optional_text(row["siret"]),
        heures_par_etp=productivity,
        heures_par_etp_propres=own is not None,
        postes=posts,
        part_comptee=_counted(ground, structure, posts),
        capacites=capacities(ground, structure),
        charges=load_lines(ground, structure),
        perimetres=[*by_codes(ground, codes.tolist()), *drawn(ground, drawings.tolist())],
        ratio=reading(Fraction(line.capacite_h, need) if need else None),
        par_nature={
            NATURE_NAMES[nature]: sum(found == nature for found in natures.values())
            for nature in NATURES
            if nature in natures.values()
        },
        par_statut=_by_status(reached),
        communes_atteintes=natures,
        certificats=summaries(
            ground,
            (
                name
                for name, certificate in ground.coverage.certificates.items()
                if any(owner == structure for owner, _, _ in certificate.structures)
            ),
        ),
    )


def _legal(row: Any) -> str:  # noqa: ANN401 - a row of a table
    status = optional_text(row["statut_juridique"])
    return LEGAL_NAMES.get(status, status)


def _atoms(ground: Ground, structure: str, region: str = "") -> NDArray[np.int64]:
    """Return the atoms that a structure holds in the régions shown."""
    rows = ground.atoms_by_structure.get(structure, ground.no_atom)
    return rows[ground.shown_units(region)[ground.unit_of_atom[rows]]]


def _filed_here(ground: Ground, region: str) -> set[str]:
    """Return the structures with a perimeter by codes in the régions shown, counted or not."""
    filed = ground.filed_by_unit
    here = filed["perimetre"].to_numpy()[ground.shown_units(region)[filed["unit"].to_numpy()]]
    return set(ground.coverage.study.perimeters["structure_id"].iloc[np.unique(here)])


def _people(ground: Ground, atoms: NDArray[np.int64]) -> NDArray[np.int64]:
    table = ground.coverage.atoms.table
    exact = (
        ground.coverage.territory.population[ground.unit_of_atom[atoms]]
        * table["share"].to_numpy()[atoms]
    )
    whole: NDArray[np.int64] = np.rint(exact).astype(np.int64)
    return whole


def _reached_hours(ground: Ground, structure: str, atoms: NDArray[np.int64]) -> int:
    scopes = ground.supply.loc[ground.supply["structure_id"] == structure, "scope"]
    served = sorted({CLASSES.index(name) for scope in scopes for name in scope})
    return int(ground.hours_of_atom[atoms][:, served].sum())


def _natures(ground: Ground, structure: str) -> dict[str, str]:
    """Return the strongest nature by commune reached."""
    found: dict[str, str] = {}
    atoms = ground.coverage.atoms
    for row in _atoms(ground, structure).tolist():
        code = str(ground.coverage.territory.codes[ground.unit_of_atom[row]])
        nature = dict(atoms.signatures[int(atoms.table["signature"].iloc[row])])[structure]
        found[code] = min(nature, found.get(code, nature), key=NATURES.index)
    return found


def _communes(ground: Ground, structure: str) -> list[CommuneLine]:
    units = np.unique(ground.unit_of_atom[_atoms(ground, structure)])
    rows = ground.coverage.communes.iloc[units].to_dict("index")
    return [commune_line(code, row) for code, row in rows.items()]


def _by_status(reached: list[CommuneLine]) -> list[ReachedStatus]:
    found = []
    for status in STATUTS:
        own = [line for line in reached if line.statut == status]
        if own:
            found.append(
                ReachedStatus(
                    statut=status,
                    statut_nom=STATUS_NAMES[status],
                    communes=len(own),
                    population=sum(line.population or 0 for line in own),
                    besoin_h=sum(line.besoin_h or 0 for line in own),
                )
            )
    return found


def _counted(ground: Ground, structure: str, posts: list[PostLine]) -> Rate:
    hours = sum((Fraction(post.heures.fraction) for post in posts), Fraction(0))
    table = ground.supply
    counted = sum(table.loc[table["structure_id"] == structure, "exact"], Fraction(0))
    return rate(counted / hours if hours else None)

"""What a reader asks of a list: filters, order, search; the same for pages, API and exports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
import pandas as pd
from fastapi import Depends, Query

from api.facts.places import fold, search
from coverage.status import STATUTS
from geo.errors import UnknownCodeError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from api.facts.ground import Ground

Status = Literal[
    "", "non_couverte", "limitrophe", "donnee_manquante", "capacite_insuffisante", "couverte"
]
Kept = Literal["", "oui", "a_documenter", "non"]
Certainty = Literal["", "demontree", "probable", "non_demontree"]
KnownNeed = Literal["", "tous", "partiel", "aucun"]

COMMUNE_ORDERS = {
    "code": "commune",
    "nom": "nom",
    "population": "population",
    "besoin": "besoin_h",
    "besoin_etat": "besoin_etat_h",
    "deficit": "deficit_h",
    "taux": "taux_reponse",
    "taux_etat": "taux_reponse_etat",
    "statut": "statut",
}
ZONE_ORDERS = {
    "zone": "zone_id",
    "statut": "statut",
    "communes": "nombre",
    "population": "population",
    "besoin": "besoin_h",
    "besoin_etat": "besoin_etat_h",
    "deficit": "deficit_h",
    "etp": "etp_manquants",
    "taux": "taux_reponse",
    "bascule": "seuil_bascule_h_par_etp",
}
STRUCTURE_ORDERS = ("nom", "structure", "etp", "capacite", "communes", "population", "besoin")

_OF_NEED = frozenset({"besoin_h", "besoin_etat_h", "deficit_h", "etp_manquants"})
"""Columns whose 0 may be unknown: such rows come last."""

Text = Annotated[str, Query(max_length=100, description="nom ou code cherché")]


def _order(names: Iterable[str]) -> Any:  # noqa: ANN401 - what Query returns
    """Declare the order of a list: one of its columns, `-` before it for the largest first."""
    listed = sorted(names)
    return Query(
        pattern=f"^(-?({'|'.join(listed)}))?$",
        max_length=20,
        description=f"ordre : {', '.join(listed)} ; « - » devant pour le plus grand d’abord",
    )


@dataclass(frozen=True)
class CommuneQuery:
    """What is asked of the list of communes; empty values ask nothing."""

    statut: str = ""
    departement: str = ""
    besoin_connu: str = ""
    zone: str = ""
    structure: str = ""
    q: str = ""
    tri: str = ""


@dataclass(frozen=True)
class ZoneQuery:
    """What is asked of the list of zones; empty values ask nothing."""

    statut: str = ""
    retenue: str = ""
    certitude: str = ""
    departement: str = ""
    zone: str = ""
    q: str = ""
    tri: str = ""


@dataclass(frozen=True)
class StructureQuery:
    """What is asked of the list of structures."""

    q: str = ""
    tri: str = ""


def commune_query(
    statut: Annotated[Status, Query(description="statut montré")] = "",
    departement: Annotated[str, Query(max_length=3, description="code du département")] = "",
    besoin_connu: Annotated[KnownNeed, Query(description="ce qui est connu du besoin")] = "",
    zone: Annotated[str, Query(max_length=80, description="zone qui en tient une part")] = "",
    structure: Annotated[str, Query(max_length=200, description="structure qui l’atteint")] = "",
    q: Text = "",
    tri: Annotated[str, _order(COMMUNE_ORDERS)] = "",
) -> CommuneQuery:
    """Read what is asked of the list of communes."""
    return CommuneQuery(statut, departement, besoin_connu, zone, structure, q, tri)


def zone_query(
    statut: Annotated[Status, Query(description="statut de la zone")] = "",
    retenue: Annotated[Kept, Query(description="retenue comme zone blanche")] = "",
    certitude: Annotated[Certainty, Query(description="certitude de l’insuffisance")] = "",
    departement: Annotated[str, Query(max_length=3, description="code du département")] = "",
    zone: Annotated[str, Query(max_length=80, description="cette zone seule")] = "",
    q: Text = "",
    tri: Annotated[str, _order(ZONE_ORDERS)] = "",
) -> ZoneQuery:
    """Read what is asked of the list of zones."""
    return ZoneQuery(statut, retenue, certitude, departement, zone, q, tri)


def structure_query(
    q: Text = "", tri: Annotated[str, _order(STRUCTURE_ORDERS)] = ""
) -> StructureQuery:
    """Read what is asked of the list of structures."""
    return StructureQuery(q, tri)


CommunesAsked = Annotated[CommuneQuery, Depends(commune_query)]
ZonesAsked = Annotated[ZoneQuery, Depends(zone_query)]
StructuresAsked = Annotated[StructureQuery, Depends(structure_query)]


def chosen_communes(ground: Ground, query: CommuneQuery, region: str = "") -> pd.DataFrame:
    """Return the communes asked for, in the order asked for.

    Without an order, a search gives the closest names first, else codes decide.

    Raises
    ------
    UnknownCodeError
        When the zone or the structure asked for is not in the study.
    """
    frame = ground.shown(region).communes
    deficit = frame["besoin_h"] - frame["servi_h"]
    frame = frame.assign(deficit_h=deficit, inconnu=frame["besoin_connu"] == "aucun")
    for column in ("statut", "departement", "besoin_connu"):
        if value := getattr(query, column):
            frame = frame[frame[column] == value]
    if query.zone:
        frame = frame[frame.index.isin(_members(ground, _zone_atoms(ground, query.zone)))]
    if query.structure:
        atoms = ground.atoms_by_structure.get(query.structure, ground.no_atom)
        if query.structure not in ground.coverage.study.structures.index:
            raise UnknownCodeError(f"aucune structure « {query.structure} » dans cette étude")
        frame = frame[frame.index.isin(_members(ground, atoms))]
    if query.q:
        found = ground.coverage.territory.codes[found_units(ground, query.q)]
        frame = frame.loc[[code for code in found if code in frame.index]]
    return _ordered(frame, query.tri, COMMUNE_ORDERS)


def chosen_zones(ground: Ground, query: ZoneQuery, region: str = "") -> pd.DataFrame:
    """Return the zones asked for, in the order asked for: by missing ETP when none is.

    Raises
    ------
    UnknownCodeError
        When the zone asked for alone is not in the study.
    """
    frame = ground.shown(region).zones
    blank = (frame["besoin"] == "inconnu") & (frame["besoin_h"] == 0)
    frame = frame.assign(nombre=frame["communes"].map(len), inconnu=blank)
    for column in ("statut", "certitude"):
        if value := getattr(query, column):
            frame = frame[frame[column] == value]
    if query.retenue:
        kept = frame["retenue"].to_numpy(dtype=bool)
        waiting = frame["en_attente"].to_numpy(dtype=bool)
        wanted = {"oui": kept, "a_documenter": waiting, "non": ~kept & ~waiting}
        frame = frame[wanted[query.retenue]]
    if query.departement:
        frame = frame[[query.departement in codes for codes in frame["departements"]]]
    if query.zone:
        frame = frame[frame.index == _known_zone(ground, query.zone)]
    if query.q:
        frame = frame[_named(ground, frame, query.q)]
    return _ordered(frame, query.tri or "-etp", ZONE_ORDERS)


def found_units(ground: Ground, text: str) -> NDArray[np.int64]:
    """Return the rows of the communes that answer a text, the closest first."""
    return search(ground.coverage.territory, ground.names, text)


def departements(ground: Ground, region: str = "") -> Mapping[str, str]:
    """Return code and name of the départements shown."""
    names = ground.coverage.territory.names["departement"]
    codes = sorted(set(ground.shown(region).communes["departement"]))
    return {code: names.get(code, code) for code in codes}


def _named(ground: Ground, frame: pd.DataFrame, text: str) -> NDArray[np.bool_]:
    """Tell the zones that hold a commune found, or whose identifier holds the text."""
    units = np.zeros(len(ground.coverage.territory), dtype=bool)
    units[found_units(ground, text)] = True
    zones = set(ground.zone_of_atom[units[ground.unit_of_atom]])
    wanted = fold(text)
    return np.array([zone in zones or wanted in fold(zone) for zone in frame.index], dtype=bool)


def _zone_atoms(ground: Ground, zone: str) -> NDArray[np.int64]:
    return ground.coverage.zone_atoms[_known_zone(ground, zone)]


def _known_zone(ground: Ground, zone: str) -> str:
    if zone not in ground.coverage.zone_atoms:
        raise UnknownCodeError(f"aucune zone « {zone} » dans cette étude")
    return zone


def _members(ground: Ground, atoms: NDArray[np.int64]) -> NDArray[np.object_]:
    return ground.coverage.territory.codes[np.unique(ground.unit_of_atom[atoms])]


def _ordered(frame: pd.DataFrame, order: str, columns: Mapping[str, str]) -> pd.DataFrame:
    """Sort by a column, what has no value last, ties by code."""
    if not order:
        return frame
    column = columns[order.removeprefix("-")]
    values = frame.index if column == frame.index.name else frame[column]
    keys = pd.Series(values, index=frame.index)
    if column == "statut":
        keys = keys.map(STATUTS.index)
    elif column == "nom":
        keys = keys.map(fold)
    elif keys.dtype == object and column != frame.index.name:
        # Exact ratios: their rank is told by floats, ties by code.
        keys = keys.map(lambda value: np.nan if value is None else float(value))
    if column in _OF_NEED:
        keys = keys.where(~frame["inconnu"])
    ranked = keys.sort_index().sort_values(
        ascending=not order.startswith("-"), kind="stable", na_position="last"
    )
    return frame.loc[ranked.index]

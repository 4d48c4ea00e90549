"""Zones: maximal sets of one status in one région joined by shared borders (method, 7)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from coverage.adjacency import atom_sets
from coverage.atoms import atom_codes, commune_of
from coverage.claims import zone_figures
from coverage.parameters import CLASSES, STATE_COLUMNS
from coverage.programmes import hours_by_programme
from coverage.proofs import break_even, certainty, proved_deficit
from coverage.response import mean_rates
from coverage.rounding import sums
from coverage.shapes import atom_areas_km2
from coverage.sites import names_by_zone
from coverage.status import STATUTS, gravity
from coverage.wording import zone_reason

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from coverage.claims import Ground
    from coverage.decision import Decision
    from coverage.model import Certificate, Study
    from coverage.parameters import Parameters
    from geo.territory import Territory


@dataclass(frozen=True)
class ZoneSets:
    """Which atoms make each zone.

    Attributes
    ----------
    of_atom
        Zone number by atom, int64.
    ids
        `région-statut-lowest commune code` by zone number; where several zones have one name,
        each ends with the number of its part of that commune.
    rows
        Atoms by zone number, sorted.
    places
        Name of each atom: its commune's code, and a number where it is cut.
    """

    of_atom: NDArray[np.int64]
    ids: tuple[str, ...]
    rows: tuple[NDArray[np.int64], ...]
    places: NDArray[np.object_]

    @property
    def order(self) -> NDArray[np.int64]:
        """Atoms by zone id, then in their own order; shape (atoms,)."""
        return np.concatenate([rows for _, rows in sorted(zip(self.ids, self.rows, strict=True))])


def build_sets(decision: Decision, ground: Ground, territory: Territory) -> ZoneSets:
    """Join atoms of one status and région over shared borders; islands stand alone."""
    labels = zone_labels(decision.status, ground.region)
    places = atom_codes(decision.atoms, territory.codes)
    return name_sets(atom_sets(labels, decision.atoms, territory), decision.status, ground, places)


def zone_labels(status: NDArray[np.int8], region: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return a number for each région and status: atoms of one may be of one zone."""
    return region * len(STATUTS) + status


def name_sets(
    of_atom: NDArray[np.int64],
    status: NDArray[np.int8],
    ground: Ground,
    places: NDArray[np.object_],
) -> ZoneSets:
    """Name the zones.

    Parameters
    ----------
    of_atom
        Zone number by atom, in the order of the first atoms.
    places
        Name of each atom.
    """
    order = np.argsort(of_atom, kind="stable")
    rows = np.split(order, np.flatnonzero(np.diff(of_atom[order])) + 1)
    first = np.array([row[0] for row in rows])
    names = [
        f"{region}-{STATUTS[number]}-{commune_of(place)}"
        for region, number, place in zip(
            ground.regions[ground.region[first]], status[first], places[first], strict=True
        )
    ]
    doubled = {name for name, count in Counter(names).items() if count > 1}
    ids = tuple(
        f"{name}-{place.partition('-')[2]}" if name in doubled else name
        for name, place in zip(names, places[first], strict=True)
    )
    return ZoneSets(of_atom, ids, tuple(rows), places)


def build_zones(
    sets: ZoneSets,
    decision: Decision,
    ground: Ground,
    served: NDArray[np.int64],
    study: Study,
    territory: Territory,
    certificates: Mapping[str, Certificate],
) -> pd.DataFrame:
    """Return the table of zones of `coverage.model.Coverage`.

    Parameters
    ----------
    served
        Whole hours by atom.
    """
    parameters = study.parameters
    names = {str(s): str(name) for s, name in study.structures["nom"].items()}
    count = len(sets.ids)
    rates = [mean_rates(flow, sets.of_atom, count) for flow in (decision.total, decision.state)]
    figures = zone_figures(
        ground, sets.of_atom, decision.status, served, (rates[0], rates[1]), parameters
    )
    proofs = _certificates_by_zone(sets, certificates)
    subtotals = {
        level: _subtotals(sets, territory.units[level].to_numpy(dtype=str), ground, served)
        for level in ("departement", "epci")
    }
    named = names_by_zone(ground.filed.sites, ground.presence, sets.of_atom, count)
    programmes = hours_by_programme(ground, sets.of_atom, count)
    areas = atom_areas_km2(decision.atoms, territory)
    departements = territory.units["departement"].to_numpy(dtype=object)[ground.unit]
    records = []
    for number, rows in enumerate(sets.rows):
        own = {name: column[number] for name, column in figures.items()}
        facts = {
            "zone_id": sets.ids[number],
            **_place(rows, ground, areas, territory.codes),
            "departements": tuple(sorted(set(departements[rows]))),
            **own,
            **_needs(rows, ground),
            "besoin_par_programme": programmes[number],
            "sous_totaux": {level: found[number] for level, found in subtotals.items()},
            **named[number],
            "certificats": tuple(sorted(proofs.get(number, ()))),
            "structures": _structures(rows, decision, names),
        }
        facts |= _shortage(facts, rows, decision, parameters)
        facts["motif"] = zone_reason(facts, threshold_hours=parameters.seuil_besoin_h)
        records.append(facts)
    return pd.DataFrame.from_records(records).set_index("zone_id").sort_index()


def _place(
    rows: NDArray[np.int64], ground: Ground, areas: NDArray[np.float64], codes: NDArray[np.object_]
) -> dict[str, Any]:
    """Return where a zone is."""
    own = areas[rows]
    nowhere = bool(np.isnan(own).all())
    return {
        "communes": tuple(codes[np.unique(ground.unit[rows])]),
        "surface_km2": None if nowhere else float(np.nansum(own)),
        "sans_geometrie": nowhere,
    }


def _needs(rows: NDArray[np.int64], ground: Ground) -> dict[str, Any]:
    """Return the need of a zone by class, and what of it is unknown."""
    need = ground.need[rows].sum(axis=0)
    unknown = ground.unknown[rows]
    unmeasured = ground.unit[rows][unknown[:, STATE_COLUMNS].any(axis=1)]
    return {
        "besoin_par_classe": {c: int(need[k]) for k, c in enumerate(CLASSES) if need[k]},
        "classes_inconnues": tuple(c for k, c in enumerate(CLASSES) if unknown[:, k].any()),
        "communes_etat_inconnu": len(np.unique(unmeasured)),
    }


def _subtotals(
    sets: ZoneSets, level: NDArray[np.str_], ground: Ground, served: NDArray[np.int64]
) -> list[dict[str, dict[str, int]]]:
    """Return communes, need and fair deficit of each zone by code of a level of units."""
    codes, of_unit = np.unique(level, return_inverse=True)
    keys, key = np.unique(sets.of_atom * len(codes) + of_unit[ground.unit], return_inverse=True)
    communes = np.unique(key * len(level) + ground.unit) // len(level)
    columns = (
        np.bincount(communes, minlength=len(keys)),
        sums(ground.hours, key, len(keys)),
        sums(ground.hours - served, key, len(keys)),
    )
    found: list[dict[str, dict[str, int]]] = [{} for _ in sets.ids]
    for pair, count, asked, missing in zip(
        keys.tolist(), *(column.tolist() for column in columns), strict=True
    ):
        zone, code = divmod(pair, len(codes))
        facts = {"communes": count, "besoin_h": asked, "deficit_h": missing}
        found[zone][str(codes[code]) or "sans"] = facts
    return found


def _structures(
    rows: NDArray[np.int64], decision: Decision, names: Mapping[str, str]
) -> tuple[str, ...]:
    signatures = np.unique(decision.atoms.table["signature"].to_numpy()[rows])
    ids = {s for number in signatures for s, _ in decision.atoms.signatures[number]}
    return tuple(names.get(s, s) for s in sorted(ids))


def _certificates_by_zone(
    sets: ZoneSets, certificates: Mapping[str, Certificate]
) -> dict[int, set[str]]:
    """Return the certificates whose own places touch each zone."""
    zone_of = dict(zip(sets.places.tolist(), sets.of_atom.tolist(), strict=True))
    proofs: dict[int, set[str]] = {}
    for certificate in certificates.values():
        for number in {zone_of[place[0]] for place in certificate.places}:
            proofs.setdefault(number, set()).add(certificate.certificate_id)
    return proofs


def _shortage(
    facts: dict[str, Any],
    rows: NDArray[np.int64],
    decision: Decision,
    parameters: Parameters,
) -> dict[str, Any]:
    """Return the proved deficit, break-even and what no post serves."""
    nodes = decision.total.nodes
    unserved: list[bool] = np.any(nodes.unreached[rows], axis=0).tolist()
    short = facts["statut"] == "capacite_insuffisante"
    proved = 0
    if facts["deficit_h"]:
        proved = proved_deficit(nodes, decision.supply.table["hours"].tolist(), rows)
    threshold = break_even(decision, rows, parameters) if short else None
    return {
        "deficit_prouve_h": proved,
        "seuil_bascule_h_par_etp": threshold,
        "gravite": gravity(facts["taux_reponse"], facts["taux_reponse_etat"]) if short else "",
        "certitude": certainty(threshold) if short else None,
        "classes_non_servies": tuple(c for k, c in enumerate(CLASSES) if short and unserved[k]),
    }

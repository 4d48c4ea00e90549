"""Zones: maximal sets of one status in one région joined by shared borders (method, 7)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from coverage.adjacency import atom_sets
from coverage.atoms import atom_codes
from coverage.parameters import CLASSES, STATE_COLUMNS
from coverage.proofs import break_even, certainty, proved_deficit
from coverage.response import mean_rates
from coverage.rounding import spread
from coverage.shapes import atom_areas_km2
from coverage.status import STATUTS, gravity
from coverage.wording import zone_reason

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from coverage.decision import Decision
    from coverage.model import Atoms, Certificate, Study
    from coverage.parameters import Parameters
    from geo.territory import Territory

FUNDABLE_ETP = Fraction(1, 2)
"""A deficit of at least half a post can be funded alone (the call's least post by volet)."""


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
    """

    of_atom: NDArray[np.int64]
    ids: tuple[str, ...]
    rows: tuple[NDArray[np.int64], ...]

    @property
    def order(self) -> NDArray[np.int64]:
        """Atoms by zone id, then in their own order; shape (atoms,)."""
        return np.concatenate([rows for _, rows in sorted(zip(self.ids, self.rows, strict=True))])


def build_sets(decision: Decision, territory: Territory) -> ZoneSets:
    """Join atoms of one status and région over shared borders; islands stand alone."""
    unit = decision.atoms.table["unit"].to_numpy()
    regions, region = np.unique(territory.units["region"].to_numpy(dtype=str), return_inverse=True)
    labels = region[unit].astype(np.int64) * len(STATUTS) + decision.status
    of_atom = atom_sets(labels, decision.atoms, territory)
    order = np.argsort(of_atom, kind="stable")
    rows = np.split(order, np.flatnonzero(np.diff(of_atom[order])) + 1)
    names = [
        f"{regions[region[unit[row[0]]]]}-{STATUTS[decision.status[row[0]]]}"
        f"-{territory.codes[unit[row[0]]]}"
        for row in rows
    ]
    suffixes = [place.partition("-")[2] for place in atom_codes(decision.atoms, territory.codes)]
    doubled = {name for name, count in Counter(names).items() if count > 1}
    ids = tuple(
        f"{name}-{suffixes[row[0]]}" if name in doubled else name
        for name, row in zip(names, rows, strict=True)
    )
    return ZoneSets(of_atom, ids, tuple(rows))


def build_zones(
    sets: ZoneSets,
    decision: Decision,
    served: NDArray[np.int64],
    known: NDArray[np.bool_],
    study: Study,
    territory: Territory,
    certificates: Mapping[str, Certificate],
) -> pd.DataFrame:
    """Return the table of zones of `coverage.model.Coverage`.

    Parameters
    ----------
    served
        Whole hours by atom.
    known
        Known needs by (unit, class).
    """
    parameters = study.parameters
    names = {str(s): str(name) for s, name in study.structures["nom"].items()}
    count = len(sets.ids)
    rates = mean_rates(decision.total, sets.of_atom, count)
    state_rates = mean_rates(decision.state, sets.of_atom, count)
    proofs = _certificates_by_zone(sets, decision, territory, certificates)
    ground = _ground(decision, served, known, territory)
    records = []
    for number, rows in enumerate(sets.rows):
        facts = {
            "zone_id": sets.ids[number],
            "statut": STATUTS[decision.status[rows[0]]],
            **_facts(rows, ground, territory),
            "taux_reponse": rates[number],
            "taux_reponse_etat": state_rates[number],
            "certificats": tuple(sorted(proofs.get(number, ()))),
            "structures": _structures(rows, decision, names),
        }
        facts |= _shortage(facts, rows, decision, parameters)
        facts |= _claim(facts, parameters)
        facts["motif"] = zone_reason(facts, threshold_hours=parameters.seuil_besoin_h)
        records.append(facts)
    return pd.DataFrame.from_records(records).set_index("zone_id").sort_index()


@dataclass(frozen=True)
class _Ground:
    """What each atom brings to its zone, shape (atoms,) or (atoms, classes)."""

    unit: NDArray[np.int32]
    code: NDArray[np.object_]
    region: NDArray[np.object_]
    departement: NDArray[np.object_]
    epci: NDArray[np.object_]
    area_km2: NDArray[np.float64]
    people: NDArray[np.int64]
    need: NDArray[np.int64]
    deficit: NDArray[np.int64]
    unknown: NDArray[np.bool_]


def _ground(
    decision: Decision,
    served: NDArray[np.int64],
    known: NDArray[np.bool_],
    territory: Territory,
) -> _Ground:
    table, units = decision.atoms.table, territory.units
    unit = table["unit"].to_numpy()
    names = {
        level: units[level].to_numpy(dtype=object)[unit]
        for level in ("region", "departement", "epci")
    }
    return _Ground(
        unit=unit,
        code=territory.codes[unit],
        area_km2=atom_areas_km2(decision.atoms, territory),
        people=_people(decision.atoms, territory),
        need=decision.need,
        deficit=decision.need.sum(axis=1) - served,
        unknown=~known[unit],
        **names,
    )


def _people(atoms: Atoms, territory: Territory) -> NDArray[np.int64]:
    """Spread the inhabitants of each unit over its atoms by area; sums by unit are kept."""
    unit = atoms.table["unit"].to_numpy()
    return spread(territory.population[unit], atoms.table["share"].to_numpy(), unit)


def _facts(rows: NDArray[np.int64], ground: _Ground, territory: Territory) -> dict[str, Any]:
    """Return what a zone is: place, people, need."""
    need = ground.need[rows].sum(axis=0)
    areas = ground.area_km2[rows]
    unknown = ground.unknown[rows]
    units = np.unique(ground.unit[rows])
    return {
        "region": str(ground.region[rows[0]]),
        "departements": tuple(sorted(set(ground.departement[rows]))),
        "communes": tuple(territory.codes[units]),
        "surface_km2": None if np.isnan(areas).all() else float(np.nansum(areas)),
        "sans_geometrie": bool(np.isnan(areas).all()),
        "population": int(ground.people[rows].sum()),
        "besoin_h": int(need.sum()),
        "besoin_etat_h": int(need[STATE_COLUMNS].sum()),
        "besoin_par_classe": {c: int(need[k]) for k, c in enumerate(CLASSES) if need[k]},
        "deficit_h": int(ground.deficit[rows].sum()),
        "sous_totaux": {
            "departement": _subtotals(rows, ground.departement, ground),
            "epci": _subtotals(rows, ground.epci, ground),
        },
        "classes_inconnues": tuple(c for k, c in enumerate(CLASSES) if unknown[:, k].any()),
        "communes_etat_inconnu": len(
            np.unique(ground.unit[rows][unknown[:, STATE_COLUMNS].any(axis=1)])
        ),
        "besoin_connu_partout": not unknown.any(),
        "services_etat_non_accompagnes": None,
        "grands_projets": None,
    }


def _subtotals(
    rows: NDArray[np.int64], level: NDArray[np.object_], ground: _Ground
) -> dict[str, dict[str, int]]:
    """Return communes, need and fair deficit of a zone by code of a level."""
    codes, inverse = np.unique(level[rows], return_inverse=True)
    need = np.zeros(len(codes), dtype=np.int64)
    deficit = np.zeros(len(codes), dtype=np.int64)
    np.add.at(need, inverse, ground.need[rows].sum(axis=1))
    np.add.at(deficit, inverse, ground.deficit[rows])
    return {
        str(code) or "sans": {
            "communes": len(np.unique(ground.unit[rows[inverse == k]])),
            "besoin_h": int(need[k]),
            "deficit_h": int(deficit[k]),
        }
        for k, code in enumerate(codes)
    }


def _structures(
    rows: NDArray[np.int64], decision: Decision, names: Mapping[str, str]
) -> tuple[str, ...]:
    signatures = np.unique(decision.atoms.table["signature"].to_numpy()[rows])
    ids = {s for number in signatures for s, _ in decision.atoms.signatures[number]}
    return tuple(names.get(s, s) for s in sorted(ids))


def _certificates_by_zone(
    sets: ZoneSets,
    decision: Decision,
    territory: Territory,
    certificates: Mapping[str, Certificate],
) -> dict[int, set[str]]:
    """Return the certificates whose own places touch each zone."""
    places = atom_codes(decision.atoms, territory.codes).tolist()
    zone_of = dict(zip(places, sets.of_atom.tolist(), strict=True))
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
    """Return deficits, missing ETP, break-even and what no post serves."""
    nodes = decision.total.nodes
    unserved: list[bool] = np.any(nodes.unreached[rows], axis=0).tolist()
    short = facts["statut"] == "capacite_insuffisante"
    proved = 0
    if facts["deficit_h"]:
        proved = proved_deficit(nodes, decision.supply.table["hours"].tolist(), rows)
    threshold = break_even(decision, rows, parameters) if short else None
    # Hours held only by an undedicated extension wait for a post: all the need is missing.
    missing = facts["besoin_h"] if facts["statut"] == "limitrophe" else facts["deficit_h"]
    return {
        "deficit_prouve_h": proved,
        "etp_manquants": Fraction(missing, parameters.heures_par_etp),
        "seuil_bascule_h_par_etp": threshold,
        "gravite": gravity(facts["taux_reponse"], facts["taux_reponse_etat"]) if short else "",
        "certitude": certainty(threshold) if short else None,
        "classes_non_servies": tuple(c for k, c in enumerate(CLASSES) if short and unserved[k]),
    }


def _claim(facts: dict[str, Any], parameters: Parameters) -> dict[str, Any]:
    """Return whether a zone is kept as zone blanche, and on what need."""
    if facts["besoin_h"] and facts["besoin_h"] >= parameters.seuil_besoin_h:
        need = "identifie"
    else:
        need = "aucun" if facts["besoin_connu_partout"] else "inconnu"
    white = facts["statut"] in {"non_couverte", "limitrophe"}
    free = facts["statut"] == "non_couverte" and not parameters.besoin_requis_non_couverte
    kept = facts["statut"] == "capacite_insuffisante" or (white and (need == "identifie" or free))
    fundable = ""
    if kept and facts["etp_manquants"]:
        fundable = "seule" if facts["etp_manquants"] >= FUNDABLE_ETP else "a_regrouper"
    return {
        "besoin": need,
        "retenue": kept,
        "en_attente": white and need == "inconnu" and not kept,
        "financable": fundable,
    }

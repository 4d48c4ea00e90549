"""Zones: maximal sets of one status in one région joined by shared borders (method, 7)."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from coverage.adjacency import connected_sets
from coverage.parameters import CLASSES, STATE_CLASSES
from coverage.proofs import break_even, certainty, proved_deficit
from coverage.response import mean_rates
from coverage.status import GRAVITIES, STATUTS
from coverage.wording import zone_reason

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from coverage.decision import Decision
    from coverage.model import Certificate
    from coverage.parameters import Parameters
    from geo.territory import Territory

FUNDABLE_ETP = Fraction(1, 2)
"""A deficit of at least half a post can be funded alone (the call's least post by volet)."""
STATE_COLUMNS = [CLASSES.index(class_) for class_ in STATE_CLASSES]


@dataclass(frozen=True)
class ZoneSets:
    """Which atoms make each zone.

    Attributes
    ----------
    of_atom
        Zone number by atom, int64.
    ids
        `région-statut-lowest commune code` by zone number.
    rows
        Atoms by zone number, sorted.
    """

    of_atom: NDArray[np.int64]
    ids: tuple[str, ...]
    rows: tuple[NDArray[np.int64], ...]


def build_sets(decision: Decision, territory: Territory) -> ZoneSets:
    """Join atoms of one status and région over shared borders; islands stand alone."""
    unit = decision.atoms.table["unit"].to_numpy()
    regions, region = np.unique(territory.units["region"].to_numpy(dtype=str), return_inverse=True)
    labels = region[unit].astype(np.int64) * len(STATUTS) + decision.status
    left, right = territory.borders["left"].to_numpy(), territory.borders["right"].to_numpy()
    of_atom = connected_sets(labels, left, right)
    order = np.argsort(of_atom, kind="stable")
    rows = np.split(order, np.flatnonzero(np.diff(of_atom[order])) + 1)
    ids = tuple(
        f"{regions[region[unit[row[0]]]]}-{STATUTS[decision.status[row[0]]]}"
        f"-{territory.codes[unit[row[0]]]}"
        for row in rows
    )
    return ZoneSets(of_atom, ids, tuple(rows))


def build_zones(
    sets: ZoneSets,
    decision: Decision,
    known: NDArray[np.bool_],
    territory: Territory,
    parameters: Parameters,
    certificates: Mapping[str, Certificate],
    names: Mapping[str, str],
) -> pd.DataFrame:
    """Return the table of zones of `coverage.model.Coverage`.

    Parameters
    ----------
    known
        Known needs by (unit, class).
    names
        Name of each structure.
    """
    count = len(sets.ids)
    rates = mean_rates(decision.total, sets.of_atom, count)
    state_rates = mean_rates(decision.state, sets.of_atom, count)
    proofs = _certificates_by_zone(sets, decision, territory, certificates)
    records = []
    for number in range(count):
        facts = _facts(sets, number, decision, known, territory)
        facts |= {
            "taux_reponse": rates[number],
            "taux_reponse_etat": state_rates[number],
            "certificats": tuple(sorted(proofs.get(number, ()))),
            "structures": _structures(sets.rows[number], decision, names),
        }
        facts |= _shortage(facts, sets.rows[number], decision, parameters)
        facts |= _claim(facts, parameters)
        facts["motif"] = zone_reason(facts, threshold_hours=parameters.seuil_besoin_h)
        records.append(facts)
    return pd.DataFrame.from_records(records).set_index("zone_id").sort_index()


def _facts(
    sets: ZoneSets,
    number: int,
    decision: Decision,
    known: NDArray[np.bool_],
    territory: Territory,
) -> dict[str, Any]:
    """Return what a zone is: place, people, need."""
    rows = sets.rows[number]
    unit = decision.atoms.table["unit"].to_numpy()[rows]
    units = territory.units
    need = decision.need[rows].sum(axis=0)
    deficit = need - decision.total.served[rows].sum(axis=0)
    areas = units["area_km2"].to_numpy()[unit] * decision.atoms.table["share"].to_numpy()[rows]
    blank = ~known[unit]
    return {
        "zone_id": sets.ids[number],
        "statut": STATUTS[decision.status[rows[0]]],
        "region": str(units["region"].iat[unit[0]]),
        "departements": tuple(sorted(set(units["departement"].to_numpy()[unit]))),
        "communes": tuple(sorted(set(territory.codes[unit]))),
        "surface_km2": None if np.isnan(areas).all() else float(np.nansum(areas)),
        "sans_geometrie": bool(np.isnan(areas).all()),
        "population": int(territory.population[np.unique(unit)].sum()),
        "besoin_h": int(need.sum()),
        "besoin_etat_h": int(need[STATE_COLUMNS].sum()),
        "besoin_par_classe": {c: int(need[k]) for k, c in enumerate(CLASSES) if need[k]},
        "deficit_h": int(deficit.sum()),
        "sous_totaux": _subtotals(rows, unit, decision, territory),
        "classes_inconnues": tuple(c for k, c in enumerate(CLASSES) if blank[:, k].any()),
        "communes_etat_inconnu": int(blank[:, STATE_COLUMNS].any(axis=1).sum()),
        "besoin_connu_partout": not blank.any(),
        "services_etat_non_accompagnes": None,
        "grands_projets": None,
    }


def _subtotals(
    rows: NDArray[np.int64],
    unit: NDArray[np.int32],
    decision: Decision,
    territory: Territory,
) -> dict[str, dict[str, dict[str, int]]]:
    """Return communes, need and fair deficit by département and by EPCI."""
    need = decision.need[rows].sum(axis=1)
    deficit = need - decision.total.served[rows].sum(axis=1)
    totals: dict[str, dict[str, dict[str, int]]] = {}
    for level in ("departement", "epci"):
        codes, inverse = np.unique(
            territory.units[level].to_numpy(dtype=object)[unit].astype(str), return_inverse=True
        )
        columns = {
            "communes": np.bincount(inverse),
            "besoin_h": np.bincount(inverse, weights=need),
            "deficit_h": np.bincount(inverse, weights=deficit),
        }
        totals[level] = {
            str(code) or "sans": {name: int(values[k]) for name, values in columns.items()}
            for k, code in enumerate(codes)
        }
    return totals


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
    unit = decision.atoms.table["unit"].to_numpy()
    zones_of: dict[str, set[int]] = {}
    for code, number in zip(territory.codes[unit].tolist(), sets.of_atom.tolist(), strict=True):
        zones_of.setdefault(code, set()).add(number)
    proofs: dict[int, set[str]] = {}
    for certificate in certificates.values():
        for code in {place[0] for place in certificate.places}:
            for number in zones_of[code]:
                proofs.setdefault(number, set()).add(certificate.certificate_id)
    return proofs


def _shortage(
    facts: dict[str, Any],
    rows: NDArray[np.int64],
    decision: Decision,
    parameters: Parameters,
) -> dict[str, Any]:
    """Return deficits, missing ETP, break-even and what no post serves."""
    response = decision.total
    short = facts["statut"] == "capacite_insuffisante"
    proved = 0
    if facts["deficit_h"]:
        proved = proved_deficit(response.nodes, decision.supply.table["hours"].tolist(), rows)
    threshold = break_even(decision, rows, parameters) if short else None
    # Hours held only by an undedicated extension wait for a post: all the need is missing.
    missing = facts["besoin_h"] if facts["statut"] == "limitrophe" else facts["deficit_h"]
    return {
        "deficit_prouve_h": proved,
        "etp_manquants": Fraction(missing, parameters.heures_par_etp),
        "seuil_bascule_h_par_etp": threshold,
        "gravite": _gravity(facts) if short else "",
        "certitude": certainty(threshold) if short else None,
        "classes_non_servies": _unserved(rows, decision) if short else (),
    }


def _gravity(facts: dict[str, Any]) -> str:
    rates = (facts["taux_reponse"], facts["taux_reponse_etat"])
    worse = min(rate for rate in rates if rate is not None)
    return next((g.label for g in GRAVITIES if worse < g.below), "")


def _unserved(rows: NDArray[np.int64], decision: Decision) -> tuple[str, ...]:
    """Return the classes that ask hours in some atom where no post serves them."""
    nodes = decision.total.nodes
    bare = np.array([not reach for reach in nodes.reach] + [False], dtype=bool)
    missing = bare[nodes.of_atom[rows]].any(axis=0)
    return tuple(c for k, c in enumerate(CLASSES) if missing[k])


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

"""The table of régions: who is there, what is needed, what is missing."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from coverage.atoms import covered_people
from coverage.response import mean_rates
from coverage.rounding import largest_remainder, sums
from coverage.status import STATUTS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coverage.decision import Decision
    from geo.territory import Territory

HUNDREDTHS = 100


def etp_by_region(
    posts: pd.DataFrame, links: pd.DataFrame, territory: Territory
) -> tuple[dict[str, Fraction], Fraction]:
    """Share the active ETP of a volet between régions.

    A structure's ETP go to the régions of its perimeter by population covered, in hundredths
    by largest remainder, so that their sum is the ETP filed.

    Parameters
    ----------
    posts
        Active posts of one volet: `structure_id`, `etp`.
    links
        Their counted perimeters: `unit`, `structure_id`, `share` of the unit.

    Returns
    -------
    dict, Fraction
        ETP by région; ETP of structures without any counted perimeter.
    """
    people = pd.DataFrame(
        {
            "structure_id": links["structure_id"],
            "region": territory.units["region"].to_numpy(dtype=object)[links["unit"]],
            "people": covered_people(links, territory),
        }
    )
    covered = people.groupby(["structure_id", "region"], as_index=False)["people"].sum()
    weights: dict[str, dict[str, int]] = {}
    for structure, region, count in zip(*(covered[name].tolist() for name in covered), strict=True):
        weights.setdefault(structure, {})[region] = count
    by_region: dict[str, Fraction] = {}
    nowhere = Fraction(0)
    for structure, etp in _etp_by_structure(posts).items():
        if structure not in weights:
            nowhere += etp
            continue
        own = weights[structure]
        whole = int(etp * HUNDREDTHS)
        rest = etp - Fraction(whole, HUNDREDTHS)
        for region, part in zip(own, largest_remainder(whole, list(own.values())), strict=True):
            share = Fraction(part, HUNDREDTHS) + rest
            by_region[region] = by_region.get(region, Fraction(0)) + share
            rest = Fraction(0)
    return by_region, nowhere


def _etp_by_structure(posts: pd.DataFrame) -> dict[str, Fraction]:
    found: dict[str, Fraction] = {}
    for structure, etp in zip(posts["structure_id"], posts["etp"], strict=True):
        found[structure] = found.get(structure, Fraction(0)) + etp
    return found


def build_regions(
    communes: pd.DataFrame,
    zones: pd.DataFrame,
    decision: Decision,
    territory: Territory,
    facilitators: dict[str, Fraction],
    coordinators: dict[str, Fraction],
) -> pd.DataFrame:
    """Return the table of régions of `coverage.model.Coverage`, every région of the territory."""
    codes, number = np.unique(territory.units["region"].to_numpy(dtype=str), return_inverse=True)
    labels = number[decision.atoms.table["unit"].to_numpy()].astype(np.int64)
    rates = mean_rates(decision.total, labels, len(codes))
    state_rates = mean_rates(decision.state, labels, len(codes))
    places = [str(code) for code in codes]
    return pd.DataFrame(
        {
            "nom": [territory.names["region"].get(code, code) for code in places],
            "coordinateurs_etp": [coordinators.get(code, Fraction(0)) for code in places],
            "facilitateurs_etp": [facilitators.get(code, Fraction(0)) for code in places],
            **_sums(communes, number, len(codes)),
            "taux_reponse": rates.exact,
            "taux_reponse_etat": state_rates.exact,
            **_counts(communes, number, len(codes)),
            **_zone_counts(
                zones, np.searchsorted(codes, zones["region"].to_numpy(dtype=str)), len(codes)
            ),
        },
        index=pd.Index(places, name="region"),
    )


def _sums(communes: pd.DataFrame, region: NDArray[np.int64], count: int) -> dict[str, Any]:
    need, served = (communes[name].to_numpy() for name in ("besoin_h", "servi_h"))
    columns = {
        "population": np.maximum(communes["population"].to_numpy(), 0),
        "besoin_h": need,
        "besoin_etat_h": communes["besoin_etat_h"].to_numpy(),
        "servi_h": served,
        "deficit_h": need - served,
        "communes_besoin_inconnu": (communes["besoin_connu"] == "aucun").to_numpy(),
    }
    return {name: sums(values, region, count) for name, values in columns.items()}


def _counts(communes: pd.DataFrame, region: NDArray[np.int64], count: int) -> dict[str, Any]:
    people = np.maximum(communes["population"].to_numpy(), 0)
    shown = pd.Categorical(communes["statut"], categories=STATUTS).codes
    counts: dict[str, Any] = {}
    for number, statut in enumerate(STATUTS):
        own = shown == number
        counts[f"communes_{statut}"] = sums(own, region, count)
        counts[f"population_{statut}"] = sums(np.where(own, people, 0), region, count)
    return counts


def _zone_counts(zones: pd.DataFrame, region: NDArray[np.int64], count: int) -> dict[str, Any]:
    kept = zones["retenue"].to_numpy(dtype=bool)
    missing = [Fraction(0)] * count
    for number, posts in zip(region[kept].tolist(), zones["etp_manquants"][kept], strict=True):
        missing[number] += posts
    return {
        "zones_retenues": sums(kept, region, count),
        "zones_a_documenter": sums(zones["en_attente"].to_numpy(dtype=bool), region, count),
        "deficit_retenu_h": sums(np.where(kept, zones["deficit_h"].to_numpy(), 0), region, count),
        "etp_manquants": missing,
    }

"""The table of régions: who is there, what is needed, what is missing."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from coverage.atoms import covered_people
from coverage.response import mean_rates
from coverage.rounding import largest_remainder
from coverage.status import STATUTS

if TYPE_CHECKING:
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
    weights = people.groupby(["structure_id", "region"])["people"].sum()
    by_region: dict[str, Fraction] = {}
    nowhere = Fraction(0)
    for structure, rows in posts.groupby("structure_id"):
        etp = sum(rows["etp"], Fraction(0))
        if structure not in weights.index.get_level_values(0):
            nowhere += etp
            continue
        own = weights.loc[structure]
        whole = int(etp * HUNDREDTHS)
        for region, part in zip(
            own.index, largest_remainder(whole, own.astype(int).tolist()), strict=True
        ):
            by_region[region] = by_region.get(region, Fraction(0)) + Fraction(part, HUNDREDTHS)
        rest = etp - Fraction(whole, HUNDREDTHS)
        by_region[own.index[0]] += rest
    return by_region, nowhere


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
    rows = []
    for k, code in enumerate(codes):
        own = communes[number == k]
        inside = zones[zones["region"] == code]
        rows.append(
            {
                "region": str(code),
                "nom": territory.names["region"].get(str(code), str(code)),
                "coordinateurs_etp": coordinators.get(str(code), Fraction(0)),
                "facilitateurs_etp": facilitators.get(str(code), Fraction(0)),
                **_sums(own),
                "taux_reponse": rates[k],
                "taux_reponse_etat": state_rates[k],
                **_counts(own),
                **_zone_counts(inside),
            }
        )
    return pd.DataFrame.from_records(rows).set_index("region")


def _sums(own: pd.DataFrame) -> dict[str, Any]:
    return {
        "population": int(own["population"].clip(lower=0).sum()),
        "besoin_h": int(own["besoin_h"].sum()),
        "besoin_etat_h": int(own["besoin_etat_h"].sum()),
        "servi_h": int(own["servi_h"].sum()),
        "deficit_h": int((own["besoin_h"] - own["servi_h"]).sum()),
        "communes_besoin_inconnu": int((own["besoin_connu"] == "aucun").sum()),
    }


def _counts(own: pd.DataFrame) -> dict[str, Any]:
    people = own["population"].clip(lower=0)
    counts: dict[str, Any] = {}
    for statut in STATUTS:
        of_status = own["statut"] == statut
        counts[f"communes_{statut}"] = int(of_status.sum())
        counts[f"population_{statut}"] = int(people[of_status].sum())
    return counts


def _zone_counts(inside: pd.DataFrame) -> dict[str, Any]:
    kept = inside[inside["retenue"]]
    return {
        "zones_retenues": len(kept),
        "zones_a_documenter": int(inside["en_attente"].sum()),
        "deficit_retenu_h": int(kept["deficit_h"].sum()),
        "etp_manquants": sum(kept["etp_manquants"], Fraction(0)),
    }

"""Totals of a study, its independent check, and what could not be placed or believed."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from coverage.maxflow import bipartite_max_flow
from coverage.status import STATUTS
from coverage.wording import decimal, plural

if TYPE_CHECKING:
    from collections.abc import Iterable

    from coverage.decision import Decision
    from coverage.need import Need
    from coverage.response import Response
    from geo.errors import Notice
    from geo.territory import Territory


def totals(
    need: Need,
    decision: Decision,
    communes: pd.DataFrame,
    zones: pd.DataFrame,
    territory: Territory,
) -> dict[str, Any]:
    """Return the figures of `resume.json` for everything filed.

    Raises
    ------
    ArithmeticError
        When the hours served by the fair flow are not the maximum flow: a defect of the
        program, and no figure may leave it then.
    """
    capacities = decision.supply.table["hours"].tolist()
    return figures(communes, zones) | {
        "capacite_h": sum(capacities),
        "flot_maximum_h": _checked_flow(decision.total, capacities),
        "flot_maximum_etat_h": _checked_flow(decision.state, capacities),
        "besoin_ecart_arrondi_h": need.rounding_hours,
        "besoin_autres_annees_h": float(need.other_years["heures"].sum()),
        "lacunes_du_fond": len(territory.holes),
        "lacunes_du_fond_km2": float(territory.holes["area_km2"].sum()),
    }


def figures(communes: pd.DataFrame, zones: pd.DataFrame) -> dict[str, Any]:
    """Return the figures that add up over any choice of communes and their zones."""
    people = communes["population"].clip(lower=0)
    white = zones["statut"].isin(("non_couverte", "limitrophe"))
    partial = (communes["statut"] == "couverte") & (communes["besoin_connu"] != "tous")
    return {
        "communes": len(communes),
        "population": int(people.sum()),
        "besoin_h": int(communes["besoin_h"].sum()),
        "besoin_etat_h": int(communes["besoin_etat_h"].sum()),
        "servi_h": int(communes["servi_h"].sum()),
        "deficit_h": int((communes["besoin_h"] - communes["servi_h"]).sum()),
        "communes_par_statut": _by_status(pd.Series(1, communes.index), communes),
        "population_par_statut": _by_status(people, communes),
        "besoin_par_statut_h": _by_status(communes["besoin_h"], communes),
        "communes_mixtes": int(communes["mixte"].sum()),
        "communes_besoin_inconnu": int((communes["besoin_connu"] == "aucun").sum()),
        "communes_besoin_partiel": int((communes["besoin_connu"] == "partiel").sum()),
        "communes_couvertes_besoin_partiel": int(partial.sum()),
        "communes_sans_contour": int(communes["surface_km2"].isna().sum()),
        "zones_par_statut": {s: int((zones["statut"] == s).sum()) for s in STATUTS},
        "zones_retenues": int(zones["retenue"].sum()),
        "zones_a_documenter": int(zones["en_attente"].sum()),
        "zones_sans_besoin_identifie": int((white & ~zones["retenue"]).sum()),
        "autre_lecture_zones_ajoutees": int(
            ((zones["statut"] == "non_couverte") & ~zones["retenue"]).sum()
        ),
    }


def _by_status(values: pd.Series[int], communes: pd.DataFrame) -> dict[str, int]:
    return {s: int(values[communes["statut"] == s].sum()) for s in STATUTS}


def _checked_flow(response: Response, capacities: list[int]) -> int:
    nodes = response.nodes
    flow = bipartite_max_flow(nodes.needs, capacities, nodes.reach).value
    pairs = zip(nodes.needs, response.rates, strict=True)
    served = sum((need * min(rate, Fraction(1)) for need, rate in pairs), Fraction(0))
    if flow != served:
        raise ArithmeticError(f"served {served} h differ from the maximum flow {flow} h")
    return flow


def anomalies(need: Need, territory: Territory, warnings: Iterable[Notice]) -> pd.DataFrame:
    """Return what could not be placed, repaired or believed, with its hours (NaN: none)."""
    holes = territory.holes.groupby("region")["area_km2"].agg(["size", "sum"])
    rows = [
        *((w.file, w.row, w.column, str(w.message), np.nan) for w in warnings),
        *(
            (
                "besoins",
                line,
                commune,
                f"heures de l’année {year}, hors de l’année étudiée",
                hours,
            )
            for line, commune, year, hours in zip(
                *(
                    need.other_years[name].tolist()
                    for name in ("row", "commune", "annee", "heures")
                ),
                strict=True,
            )
        ),
        *(
            (
                "fond de carte",
                0,
                str(region),
                f"{plural(int(count), 'lacune', 'lacunes')} du fond de carte, "
                f"{decimal(Fraction(area), 2)} km² hors de toute commune",
                np.nan,
            )
            for region, count, area in holes.itertuples()
        ),
        *(
            ("fond de carte", 0, str(code), "commune sans contour : zone sans géométrie", np.nan)
            for code in territory.units.index[territory.units["area_km2"].isna()]
        ),
    ]
    columns = ["fichier", "ligne", "objet", "constat", "heures"]
    return pd.DataFrame(rows, columns=columns).sort_values(columns, ignore_index=True)

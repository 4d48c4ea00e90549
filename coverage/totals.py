"""Totals of a study, its independent check, and what could not be placed or believed."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import fsum
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from coverage.maxflow import bipartite_max_flow
from coverage.means import ranked, sum_of_ratios
from coverage.rounding import sums
from coverage.status import KNOWN, STATUTS
from coverage.wording import decimal, plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from coverage.decision import Decision
    from coverage.model import Need
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
        "besoin_ecarte_h": fsum(need.contributions.aside["heures"].dropna()),
        "lacunes_du_fond": len(territory.holes),
        "lacunes_du_fond_km2": float(territory.holes["area_km2"].sum()),
    }


@dataclass(frozen=True)
class Shown:
    """What some communes show, by commune.

    Attributes
    ----------
    people
        Inhabitants, unknown counted as 0.
    need, state_need, served
        Hours.
    status
        Position in `STATUTS`.
    known
        Position in `KNOWN`: how many classes of need are known.
    """

    people: NDArray[np.int64]
    need: NDArray[np.int64]
    state_need: NDArray[np.int64]
    served: NDArray[np.int64]
    status: NDArray[np.int8]
    mixed: NDArray[np.bool_]
    known: NDArray[np.int8]
    outlined: NDArray[np.bool_]


def figures(communes: pd.DataFrame, zones: pd.DataFrame) -> dict[str, Any]:
    """Return the figures that add up over any choice of communes and their zones."""
    shown = Shown(
        people=np.maximum(communes["population"].to_numpy(), 0),
        need=communes["besoin_h"].to_numpy(),
        state_need=communes["besoin_etat_h"].to_numpy(),
        served=communes["servi_h"].to_numpy(),
        status=_positions(communes["statut"], STATUTS),
        mixed=communes["mixte"].to_numpy(dtype=bool),
        known=_positions(communes["besoin_connu"], KNOWN),
        outlined=communes["surface_km2"].notna().to_numpy(),
    )
    return shown_figures(shown, zones)


def _positions(labels: pd.Series[str], names: Sequence[str]) -> NDArray[np.int8]:
    return pd.Index(names).get_indexer(pd.Index(labels)).astype(np.int8)


def shown_figures(shown: Shown, zones: pd.DataFrame) -> dict[str, Any]:
    """Return the figures of communes and of their zones (`statut`, `retenue`, `en_attente`)."""
    status = _positions(zones["statut"], STATUTS)
    kept, waiting = (zones[name].to_numpy(dtype=bool) for name in ("retenue", "en_attente"))
    white = np.isin(status, [STATUTS.index("non_couverte"), STATUTS.index("limitrophe")])
    bare = status == STATUTS.index("non_couverte")
    partial = shown.known < KNOWN.index("tous")
    return {
        "communes": len(shown.people),
        "population": int(shown.people.sum()),
        "besoin_h": int(shown.need.sum()),
        "besoin_etat_h": int(shown.state_need.sum()),
        "servi_h": int(shown.served.sum()),
        "deficit_h": int((shown.need - shown.served).sum()),
        "communes_par_statut": _by_status(np.ones(len(shown.people), dtype=np.int64), shown.status),
        "population_par_statut": _by_status(shown.people, shown.status),
        "besoin_par_statut_h": _by_status(shown.need, shown.status),
        "communes_mixtes": int(shown.mixed.sum()),
        "communes_besoin_inconnu": int((shown.known == KNOWN.index("aucun")).sum()),
        "communes_besoin_partiel": int((shown.known == KNOWN.index("partiel")).sum()),
        "communes_couvertes_besoin_partiel": int(
            (partial & (shown.status == STATUTS.index("couverte"))).sum()
        ),
        "communes_sans_contour": int((~shown.outlined).sum()),
        "zones_par_statut": _by_status(np.ones(len(zones), dtype=np.int64), status),
        "zones_retenues": int(kept.sum()),
        "zones_a_documenter": int(waiting.sum()),
        "zones_sans_besoin_identifie": int((white & ~kept).sum()),
        "autre_lecture_zones_ajoutees": int((bare & ~kept).sum()),
    }


def _by_status(values: NDArray[np.int64], status: NDArray[np.int8]) -> dict[str, int]:
    return dict(zip(STATUTS, sums(values, status, len(STATUTS)).tolist(), strict=True))


def _checked_flow(response: Response, capacities: list[int]) -> int:
    nodes = response.nodes
    flow = bipartite_max_flow(nodes.needs, capacities, nodes.reach).value
    rank, rates = ranked(response.rates)
    asked = sums(np.array(nodes.needs, dtype=np.int64), rank, len(rates)).tolist()
    served = Fraction(
        *sum_of_ratios(
            (need * min(rate.numerator, rate.denominator), rate.denominator)
            for need, rate in zip(asked, rates, strict=True)
        )
    )
    if flow != served:
        raise ArithmeticError(f"served {served} h differ from the maximum flow {flow} h")
    return flow


def anomalies(need: Need, territory: Territory, warnings: Iterable[Notice]) -> pd.DataFrame:
    """Return what could not be placed, repaired or believed, with its hours (NaN: none)."""
    holes = territory.holes.groupby("region")["area_km2"].agg(["size", "sum"])
    rows = [
        *((w.file, w.row, w.column, str(w.message), np.nan) for w in warnings),
        *need.contributions.aside.itertuples(index=False, name=None),
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

"""What changes from one study to another: figures of its communes and zones, apart from shapes."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from coverage.parameters import CLASSES, STATE_CLASSES
from coverage.status import GRAVITIES, STATUTS
from coverage.totals import figures
from coverage.wording import decimal
from maps.tables import known_hours, masks, whole

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from coverage.model import Coverage
    from maps.scope import Scope

GRAVITES = ("", *(gravity.label for gravity in GRAVITIES))
"""Classes of insufficiency, by the number that stands for them; 0 for none."""

_MILLIONTHS = 1_000_000

Columns = dict[str, list[Any]]


def rounded_down(rate: object) -> float | None:
    """Return a rate with six decimals, rounded down: under 1 it never becomes 1.

    >>> rounded_down(Fraction(9_999_999, 10_000_000)), rounded_down(None)
    (0.999999, None)
    """
    if not isinstance(rate, Fraction):
        return None
    return rate.numerator * _MILLIONTHS // rate.denominator / _MILLIONTHS


def map_values(scope: Scope) -> dict[str, Any]:
    """Return the figures that the map shows, ready to be written as JSON.

    `communes` are in the order of the study's table, limited to the régions shown; there
    `statut`, `gravite`, `zone`, `structures` are positions in `statuts`, `gravites`, `zones.id`
    (-1 for none) and `ensembles`, themselves lists of positions in `structures`.
    """
    coverage = scope.coverage
    sets, of_commune = _structure_sets(scope.communes["structures"])
    structures = coverage.study.structures["nom"].sort_index()
    position = {code: row for row, code in enumerate(structures.index)}
    return {
        "statuts": list(STATUTS),
        "gravites": list(GRAVITES),
        "classes": list(CLASSES),
        "communes": {**_communes(scope), "structures": of_commune},
        "ensembles": [[position[name] for name in names] for names in sets],
        "structures": {"id": list(structures.index), "nom": structures.tolist()},
        "zones": _zones(scope.zones),
        "regions": _regions(coverage, set(scope.regions.tolist())),
        "totaux": figures(scope.communes, scope.zones),
    }


def _communes(scope: Scope) -> Columns:
    frame = scope.communes
    unknown = [frozenset(names) for names in frame["classes_inconnues"]]
    deficit = frame["besoin_h"] - frame["servi_h"]
    return {
        "code": frame.index.tolist(),
        "statut": [STATUTS.index(name) for name in frame["statut"]],
        "mixte": frame["mixte"].astype(int).tolist(),
        "gravite": [GRAVITES.index(name or "") for name in frame["gravite"]],
        "taux": [rounded_down(rate) for rate in frame["taux_reponse"]],
        "taux_etat": [rounded_down(rate) for rate in frame["taux_reponse_etat"]],
        "besoin_h": known_hours(frame["besoin_h"], unknown, CLASSES),
        "besoin_etat_h": known_hours(frame["besoin_etat_h"], unknown, STATE_CLASSES),
        "deficit_h": known_hours(deficit, unknown, CLASSES),
        "inconnu": masks(frame["classes_inconnues"]),
        "zone": scope.zone_of.tolist(),
    }


def _structure_sets(
    column: Iterable[tuple[str, ...]],
) -> tuple[list[tuple[str, ...]], list[int]]:
    """Return the distinct sets of structures, and the position of each commune's."""
    distinct: dict[tuple[str, ...], int] = {}
    positions = [distinct.setdefault(names, len(distinct)) for names in column]
    return list(distinct), positions


def _zones(frame: pd.DataFrame) -> Columns:
    return {
        "id": frame.index.tolist(),
        "statut": [STATUTS.index(name) for name in frame["statut"]],
        "retenue": frame["retenue"].astype(int).tolist(),
        "region": frame["region"].tolist(),
        "communes": [len(codes) for codes in frame["communes"]],
        "population": whole(frame["population"]),
        "besoin_h": whole(frame["besoin_h"]),
        "deficit_h": whole(frame["deficit_h"]),
    }


def _regions(coverage: Coverage, shown: set[str]) -> list[dict[str, Any]]:
    frame = coverage.regions[np.isin(coverage.regions.index.to_numpy(dtype=str), sorted(shown))]
    return [
        {
            "code": code,
            "nom": name,
            "coordinateur": bool(etp),
            "coordinateurs_etp": decimal(etp, 2),
        }
        for code, name, etp in zip(
            frame.index, frame["nom"], frame["coordinateurs_etp"], strict=True
        )
    ]

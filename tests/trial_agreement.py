"""An outcome of a trial against the computation of the study as if filed so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from coverage.status import STATUTS
from coverage.study import compute
from coverage.totals import figures
from coverage.trials.edits import edited_study

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coverage.model import Coverage
    from coverage.trials.edits import Edit
    from coverage.trials.model import TrialModel
    from coverage.trials.outcome import Outcome

ZONES = (
    *("statut", "region", "population", "besoin_h", "besoin_etat_h", "deficit_h"),
    *("taux_reponse", "taux_reponse_etat", "etp_manquants"),
    *("besoin", "retenue", "en_attente", "financable"),
)
SHOWN = ("statut", "taux_reponse", "taux_reponse_etat", "deficit_h", "zone_id")


def agreed(model: TrialModel, base: Coverage, edits: Sequence[Edit]) -> Outcome:
    """Return the outcome, checked against the whole computation."""
    outcome = model.outcome(edits)
    told = compute(edited_study(base.study, base.territory, edits), base.territory)
    assert_tells(outcome, told)
    here, there = by_commune(base), by_commune(told)
    changed = [i for i, rows in enumerate(zip(here, there, strict=True)) if rows[0] != rows[1]]
    assert outcome.changed.tolist() == changed
    return outcome


def assert_tells(outcome: Outcome, told: Coverage) -> None:
    communes = told.communes
    assert [STATUTS[n] for n in outcome.statut] == communes["statut"].tolist()
    assert outcome.mixte.tolist() == communes["mixte"].tolist()
    assert outcome.gravite.tolist() == communes["gravite"].tolist()
    assert outcome.taux.tolist() == communes["taux_reponse"].tolist()
    assert outcome.taux_etat.tolist() == communes["taux_reponse_etat"].tolist()
    assert outcome.servi_h.tolist() == communes["servi_h"].tolist()
    assert outcome.deficit_h.tolist() == (communes["besoin_h"] - communes["servi_h"]).tolist()
    assert outcome.zone_id.tolist() == communes["zone_id"].tolist()
    assert outcome.zones.index.tolist() == told.zones.index.tolist()
    for name in ZONES:
        assert plain(outcome.zones[name]) == plain(told.zones[name]), name
    assert outcome.zones["communes"].tolist() == [len(row) for row in told.zones["communes"]]
    expected = figures(communes, told.zones) | {"capacite_h": told.totals["capacite_h"]}
    assert outcome.totals == expected


def plain(column: Any) -> list[Any]:  # noqa: ANN401 - a column of any kind
    return [None if value is None or value != value else value for value in column]  # noqa: PLR0124


def by_commune(coverage: Coverage) -> list[tuple[Any, ...]]:
    communes = coverage.communes.assign(
        deficit_h=coverage.communes["besoin_h"] - coverage.communes["servi_h"]
    )
    return list(zip(*(communes[name].tolist() for name in SHOWN), strict=True))


def statuses_by_atom(coverage: Coverage) -> list[int]:
    """Return the position in `STATUTS` of the status of every atom."""
    found = np.empty(len(coverage.atoms.table), dtype=np.int64)
    for zone, rows in coverage.zone_atoms.items():
        found[rows] = STATUTS.index(coverage.zones.loc[zone, "statut"])
    return found.tolist()

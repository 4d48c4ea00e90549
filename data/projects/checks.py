"""Checks of large projects that need several cells; each returns what it found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coverage.wording import listing
from data.projects.frames import DEFAULT_CLASSES
from data.study.checks import check_periods
from data.study.faults import Findings, count
from geo.errors import Notice

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from data.study.table_reader import TypedTable

_NAMED = 3


def check_projects(table: TypedTable, *, points: NDArray[np.bool_]) -> Findings:
    """Report what contradicts itself, or is missing, in the attributes of projects.

    Parameters
    ----------
    points
        Which rows are drawn as points: a radius only serves there.
    """
    return (
        check_periods(table)
        + _undated_hours(table)
        + _without_class(table)
        + _without_hours(table)
        + _twice_told(table)
        + _useless_radius(table, points)
    )


def _with_hours(table: TypedTable) -> NDArray[np.bool_]:
    return table.filled("heures") | table.filled("montant_eur")


def _undated_hours(table: TypedTable) -> Findings:
    """Refuse hours that no period tells how to spread over years."""
    faults = []
    for name, date in (("debut", "premier"), ("fin", "dernier")):
        lacking = _with_hours(table) & table.usable(name) & table.empty[name].to_numpy(bool)
        message = f"heures ou montant sans {date} jour : impossibles à étaler sur les années"
        remedy = f"donnez « {name} », ou videz « heures » et « montant_eur »"
        faults += [
            Notice(table.file, row, name, message, remedy)
            for row in table.frame.loc[lacking, "row"].tolist()
        ]
    return Findings(tuple(faults))


def _without_class(table: TypedTable) -> Findings:
    """Refuse hours of a programme that has no usual buyer and names none."""
    unknown = ~table.frame["programme"].isin(DEFAULT_CLASSES).to_numpy()
    lacking = _with_hours(table) & table.filled("programme") & unknown
    lacking &= table.usable("donneur_ordre") & table.empty["donneur_ordre"].to_numpy(bool)
    return Findings(
        tuple(
            Notice(
                table.file,
                row,
                "donneur_ordre",
                "heures d’un programme « autre » sans classe de donneur d’ordre",
                "donnez « donneur_ordre » : nul ne peut la déduire de ce programme",
            )
            for row in table.frame.loc[lacking, "row"].tolist()
        )
    )


def _without_hours(table: TypedTable) -> Findings:
    """Warn, once a file, of projects that are a ground for a post but bring no hours."""
    bare = table.usable("heures", "montant_eur") & ~_with_hours(table)
    names = sorted(set(table.frame.loc[bare & table.filled("projet_id"), "projet_id"]))
    if not names:
        return Findings()
    more = len(names) - _NAMED
    shown = [f"« {name} »" for name in names[:_NAMED]]
    shown += [count(more, "autre")] if more > 0 else []
    message = (
        f"{count(len(names), 'projet')} sans heures ni montant : {listing(shown)} ; "
        "motif possible d’un poste, mais besoin inconnu, qui n’est pas zéro"
    )
    remedy = "donnez « heures » ou « montant_eur » quand ils sont connus"
    return Findings((), (Notice(table.file, 0, "heures", message, remedy),))


def _twice_told(table: TypedTable) -> Findings:
    both = table.filled("heures", "montant_eur")
    return Findings(
        (),
        tuple(
            Notice(
                table.file,
                row,
                "montant_eur",
                "heures et montant donnés ensemble : les heures comptent, pas le montant",
                "rien à faire si les heures sont les bonnes ; sinon videz-les",
            )
            for row in table.frame.loc[both, "row"].tolist()
        ),
    )


def _useless_radius(table: TypedTable, points: NDArray[np.bool_]) -> Findings:
    useless = table.filled("rayon_m") & (table.frame["rayon_m"].to_numpy() > 0) & ~points
    return Findings(
        (),
        tuple(
            Notice(
                table.file,
                row,
                "rayon_m",
                "rayon ignoré : il n’a de sens que pour un point",
                "videz-le, ou dessinez un point",
            )
            for row in table.frame.loc[useless, "row"].tolist()
        ),
    )

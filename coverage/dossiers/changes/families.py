"""The inputs of a study by family, and a study with some families of another one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from coverage.parameters import definitions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coverage.model import Study

_THRESHOLDS = (
    *("seuil_reponse", "seuil_reponse_etat", "seuil_besoin_h"),
    "besoin_requis_non_couverte",
)
"""Parameters that say what is enough; the others say how hours and capacity are worked out."""


@dataclass(frozen=True)
class Family:
    """Inputs that are replaced together.

    Attributes
    ----------
    tables
        Fields of `Study`.
    parameters
        Fields of `Parameters`.
    """

    name: str
    title: str
    tables: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()


FAMILIES = (
    Family("cadre", "année et régions de l’étude", ("year", "regions")),
    Family(
        "perimetres_postes",
        "périmètres et postes",
        ("structures", "posts", "perimeters", "drawn"),
    ),
    Family(
        "besoins",
        "besoins et sources",
        (
            *("needs", "exhaustiveness", "contracts", "contracts_aside", "projects", "services"),
            *("indicators", "regional_totals", "buyers"),
        ),
    ),
    Family("seuils", "seuils", parameters=_THRESHOLDS),
    Family(
        "methode",
        "autres paramètres de la méthode",
        parameters=tuple(name for name in definitions() if name not in _THRESHOLDS),
    ),
)
"""In the order in which they are told."""

FAMILY_TITLES = {family.name: family.title for family in FAMILIES}


def with_families(before: Study, after: Study, names: Sequence[str]) -> Study:
    """Return a study with the inputs of some families of another one; one year is studied."""
    chosen = [family for family in FAMILIES if family.name in names]
    tables = {name: getattr(after, name) for family in chosen for name in family.tables}
    parameters = {
        name: getattr(after.parameters, name) for family in chosen for name in family.parameters
    }
    study = replace(before, **tables, parameters=replace(before.parameters, **parameters))
    return replace(study, last_year=study.year)


def differing(before: Study, after: Study) -> tuple[str, ...]:
    """Return the families of which something differs; the order of rows in files does not."""
    return tuple(
        family.name
        for family in FAMILIES
        if any(not _same(getattr(before, n), getattr(after, n)) for n in family.tables)
        or any(
            getattr(before.parameters, n) != getattr(after.parameters, n) for n in family.parameters
        )
    )


def _same(one: Any, other: Any) -> bool:  # noqa: ANN401 - frames of pandas and Polars, None, int
    if hasattr(one, "drop") and hasattr(other, "drop"):
        one, other = (_without_rows(frame) for frame in (one, other))
    if hasattr(one, "equals"):
        return other is not None and bool(one.equals(other))
    return bool(one == other) if other is None or not hasattr(other, "equals") else False


def _without_rows(frame: Any) -> Any:  # noqa: ANN401 - same reason
    """Return a frame without the spreadsheet's lines, that decide nothing."""
    kept = [name for name in frame.columns if name not in {"row", "file"}]
    return frame[kept]

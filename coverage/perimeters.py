"""Posts and perimeters in force: which structure covers which unit by codes (method, 3)."""

from __future__ import annotations

import calendar
import datetime as dt
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from coverage.model import NATURES
from geo.errors import Notice

if TYPE_CHECKING:
    from coverage.model import Study
    from geo.territory import Territory


def active_days(debut: dt.date | None, fin: dt.date | None, *, year: int) -> int:
    """Return the inclusive days a post is in force in a year, 0 when it is not.

    >>> active_days(dt.date(2023, 7, 1), None, year=2023)
    184
    >>> active_days(None, dt.date(2022, 12, 31), year=2023)
    0
    """
    first = max(debut or dt.date.min, dt.date(year, 1, 1))
    last = min(fin or dt.date.max, dt.date(year, 12, 31))
    return max((last - first).days + 1, 0)


def days_of_year(year: int) -> int:
    """Return 365 or 366."""
    return 366 if calendar.isleap(year) else 365


def active_posts(study: Study) -> pd.DataFrame:
    """Return the posts of ETP > 0 in force in the study's year, with their inclusive `days`."""
    posts = study.posts
    days = [
        active_days(debut, fin, year=study.year)
        for debut, fin in zip(posts["debut"], posts["fin"], strict=True)
    ]
    active = [count > 0 and etp > 0 for count, etp in zip(days, posts["etp"], strict=True)]
    return posts.assign(days=np.array(days, dtype=np.int64))[np.array(active, dtype=bool)]


def perimeter_units(study: Study, territory: Territory, *, volet: str) -> pd.DataFrame:
    """Resolve the perimeters of a volet that count by their `etat`, unit by unit.

    Repeats merge and the strongest nature wins (principal, extension_dotee, extension).

    Returns
    -------
    DataFrame
        One row a (unit, structure): columns `unit` (int32 unit row), `structure_id`, `nature`
        (position in `NATURES`), sorted by unit then structure.

    Raises
    ------
    UnknownCodeError
        When a code is unknown; the study reader has normally refused it before.
    """
    filed = study.perimeters
    counted = filed[
        (filed["volet"] == volet) & filed["etat"].isin(study.parameters.etats_perimetres)
    ]
    units = [
        territory.resolve(niveau, code)
        for niveau, code in zip(counted["niveau"], counted["code"], strict=True)
    ]
    sizes = [len(rows) for rows in units]
    links = pd.DataFrame(
        {
            "unit": np.concatenate([np.empty(0, dtype=np.int32), *units]),
            "structure_id": np.repeat(counted["structure_id"].to_numpy(dtype=object), sizes),
            "nature": np.repeat(
                counted["nature"].map(NATURES.index).to_numpy(dtype=np.int8), sizes
            ),
        }
    )
    links = links.sort_values(["unit", "structure_id", "nature"], kind="stable")
    return links.drop_duplicates(["unit", "structure_id"], ignore_index=True)


def perimeter_warnings(study: Study, posts: pd.DataFrame) -> list[Notice]:
    """Say which perimeters cover nothing, and which posts reach nobody."""
    return [
        *_set_aside(study),
        *_without_post(study, posts),
        *_without_perimeter(study, posts),
    ]


def _filed(study: Study) -> pd.DataFrame:
    """Return all perimeters, by codes and drawn: their structure, volet and state."""
    columns = ["structure_id", "volet", "etat"]
    return pd.concat([study.perimeters[columns], pd.DataFrame(study.drawn[columns])])


def _set_aside(study: Study) -> list[Notice]:
    filed = _filed(study)
    aside = filed[~filed["etat"].isin(study.parameters.etats_perimetres)]
    if aside.empty:
        return []
    by_state = aside.groupby("etat").size()
    listed = ", ".join(f"{count} « {etat} »" for etat, count in by_state.items())
    return [
        Notice(
            "perimetres",
            0,
            "etat",
            f"{len(aside)} périmètres ne sont pas comptés ({listed}) : ces lieux ne "
            "sont couverts que si un autre périmètre les couvre",
            "confirmer ces périmètres, ou les compter par le paramètre « etats_perimetres »",
        )
    ]


def _without_post(study: Study, posts: pd.DataFrame) -> list[Notice]:
    staffed = set(posts.loc[posts["volet"] == "facilitateur", "structure_id"])
    filed = _filed(study)
    idle = sorted(set(filed.loc[filed["volet"] == "facilitateur", "structure_id"]) - staffed)
    return [
        Notice(
            "perimetres",
            0,
            "structure_id",
            f"la structure « {structure} » a un périmètre de facilitateur mais aucun poste de "
            f"facilitateur en activité en {study.year} : ce périmètre ne couvre rien",
            "déclarer son poste dans « postes », ou retirer le périmètre",
        )
        for structure in idle
    ]


def _without_perimeter(study: Study, posts: pd.DataFrame) -> list[Notice]:
    notices = []
    for volet in ("facilitateur", "coordinateur"):
        filed = _filed(study)
        counted = filed[
            (filed["volet"] == volet) & filed["etat"].isin(study.parameters.etats_perimetres)
        ]
        staffed = set(posts.loc[posts["volet"] == volet, "structure_id"])
        notices += [
            Notice(
                "postes",
                0,
                "structure_id",
                f"la structure « {structure} » a un poste de {volet} mais aucun périmètre de "
                f"{volet} compté : ce poste ne dessert aucun lieu",
                "déclarer son périmètre dans « perimetres »",
            )
            for structure in sorted(staffed - set(counted["structure_id"]))
        ]
    return notices

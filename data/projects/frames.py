"""Checked attributes to the one frame of large projects, and several frames to one."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pandas as pd
import shapely

from coverage.frames import PROJECT_COLUMNS, project_frame
from coverage.origins.influence import kind_of
from data.study.faults import Findings, quoted
from geo.errors import Notice

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import geopandas as gpd
    import numpy as np
    from numpy.typing import NDArray

DEFAULT_CLASSES = {
    "npnru": "bailleurs",
    "grand_paris_express": "operateurs_etat",
    "canal_seine_nord": "operateurs_etat",
    "jop": "operateurs_etat",
    "bassin_minier": "bailleurs",
}
"""Class of the buyer of a programme when none is given; there is none for `autre`."""

OF_THE_WHOLE = (
    *("nom", "programme", "debut", "fin", "heures", "montant_eur", "donneur_ordre"),
    *("part_main_oeuvre", "taux_effort"),
)
"""Attributes that every feature of one project repeats; the others are of each feature."""

_ONE_KIND = "donnez un identifiant de projet à chaque sorte de lieu, et sa part des heures"


def make_frame(
    table: pd.DataFrame, *, file: str, shapes: NDArray[np.object_], communes: Sequence[object]
) -> gpd.GeoDataFrame:
    """Return checked rows as `Study.projects` holds them, sorted by content.

    Parameters
    ----------
    table
        Column `row` and the attributes of `PROJETS`.
    shapes, communes
        Of each row: a WGS84 geometry or None, a tuple of codes.
    """
    class_ = table["donneur_ordre"].where(
        table["donneur_ordre"] != "", table["programme"].map(DEFAULT_CLASSES).fillna("")
    )
    filled = table.assign(file=file, donneur_ordre=class_)
    plain = [name for name in PROJECT_COLUMNS if name not in ("communes", "geometry")]
    records = {name: filled[name].tolist() for name in plain}
    return _sorted(project_frame({**records, "communes": list(communes), "geometry": shapes}))


def join_projects(frames: Iterable[gpd.GeoDataFrame]) -> tuple[gpd.GeoDataFrame, Findings]:
    """Return the projects of several files as one frame, sorted by content, checked across."""
    some = [frame for frame in frames if len(frame)]
    if not some:
        return project_frame(), Findings()
    records = {
        name: [value for frame in some for value in frame[name].tolist()]
        for name in PROJECT_COLUMNS
    }
    frame = _sorted(project_frame(records))
    return frame, check_alike(frame)


def _sorted(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    keys = pd.DataFrame(
        {
            "projet_id": frame["projet_id"],
            "wkb": [b"" if shape is None else shapely.to_wkb(shape) for shape in frame.geometry],
            "communes": ["|".join(codes) for codes in frame["communes"]],
            "row": frame["row"],
            "file": frame["file"],
        }
    )
    order = keys.sort_values(list(keys.columns), kind="stable").index
    columns = {name: frame.loc[order, name].tolist() for name in PROJECT_COLUMNS}
    typed = project_frame(columns)
    dtypes = dict.fromkeys(
        ("rayon_m", "heures", "montant_eur", "part_main_oeuvre", "taux_effort"), "float64"
    )
    return typed.astype({"row": "int64", **dtypes, "debut": "object", "fin": "object"})


def check_alike(frame: gpd.GeoDataFrame) -> Findings:
    """Report features of one project that contradict one another.

    Several features may make one project, whose influence is their union: they repeat what is
    said of the whole, and are of one kind (surfaces, lines, points or communes).
    """
    faults = []
    repeated = frame[frame["projet_id"].duplicated(keep=False)].sort_values(["file", "row"])
    for projet_id, features in repeated.groupby("projet_id", sort=True):
        rows = features.to_dict("records")
        first = rows[0]
        where = f"{first['file']}, {_row_of(first)}"
        for other in rows[1:]:
            place = (other["file"], int(other["row"]))
            for name in OF_THE_WHOLE:
                if not _same(first[name], other[name]):
                    message = (
                        f"projet {quoted(projet_id)} décrit autrement ({where}) : « {name} » y est "
                        f"{_shown(first[name])}, ici {_shown(other[name])}"
                    )
                    remedy = "répétez les mêmes valeurs, ou donnez un autre identifiant"
                    faults.append(Notice(*place, name, message, remedy))
            kinds = [_kind(each) for each in (first, other)]
            if kinds[0] != kinds[1]:
                message = (
                    f"projet {quoted(projet_id)} qui mêle des lieux de plusieurs sortes : "
                    f"{kinds[1]} ici, {kinds[0]} ailleurs ({where})"
                )
                faults.append(Notice(*place, "projet_id", message, _ONE_KIND))
    return Findings(tuple(faults))


_KIND_NAMES = {
    "communes": "liste de communes",
    "surface": "surface (ou point avec un rayon)",
    "ligne": "ligne",
    "point": "point sans rayon",
}


def _kind(row: dict[str, object]) -> str:
    communes, radius = row["communes"], row["rayon_m"]
    return _KIND_NAMES[kind_of(communes, row["geometry"], radius)]  # type: ignore[arg-type]


def _row_of(row: dict[str, object]) -> str:
    notice = Notice(str(row["file"]), 0, "", "")
    return f"{notice.row_noun} {row['row']}"


def _same(one: object, other: object) -> bool:
    return one == other or bool(pd.isna(one) and pd.isna(other))  # type: ignore[call-overload]


def _shown(value: object) -> str:
    """Return a value as a planner writes it: 3 600,5 and 31/12/2024."""
    if value == "" or pd.isna(value):  # type: ignore[call-overload]
        return "vide"
    if isinstance(value, date):
        return quoted(f"{value:%d/%m/%Y}")
    # Amounts and hours have 12 digits at most: none is written with an exponent.
    return quoted(f"{value:.15g}".replace(".", ",") if isinstance(value, float) else str(value))

"""Large projects given by lists of communes, in a plain table."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from data.projects.checks import check_projects
from data.projects.frames import check_alike, make_frame
from data.study.faults import Findings
from data.study.filed_codes import explain_unknown, repair_warnings, repaired
from geo.errors import Notice

if TYPE_CHECKING:
    import geopandas as gpd

    from data.study.table_reader import TypedTable
    from geo.territory import Territory

_PROPOSED = 10
_COMMUNES = "communes"


def projects_of_table(typed: TypedTable, territory: Territory) -> tuple[gpd.GeoDataFrame, Findings]:
    """Return the projects of a table and what is wrong with them.

    Rows of one `projet_id` are one project, on the communes of all of them.

    Parameters
    ----------
    typed
        Of `data.study.sources_tables.PROJETS`.

    Returns
    -------
    GeoDataFrame, Findings
        Columns `PROJECT_COLUMNS`, sorted by content; an incomplete frame comes with an error.
    """
    codes, findings = _codes(typed, territory)
    nowhere = np.zeros(len(typed.frame), dtype=bool)
    findings += check_projects(typed, points=nowhere)
    believed = typed.usable("projet_id", "nom", "programme") & np.array(
        [bool(each) for each in codes], dtype=bool
    )
    table = typed.frame[believed].reset_index(drop=True).assign(rayon_m=np.nan)
    frame = make_frame(
        table,
        file=typed.file,
        shapes=np.full(len(table), None, dtype=object),
        communes=[each for each, kept in zip(codes, believed, strict=True) if kept],
    )
    return frame, findings + check_alike(frame)


def _codes(typed: TypedTable, territory: Territory) -> tuple[list[tuple[str, ...]], Findings]:
    """Return the codes of each row, sorted, none when one of them is refused."""
    known = territory.members["commune"]
    codes: list[tuple[str, ...]] = []
    faults: list[Notice] = []
    repairs: list[tuple[int, str, str]] = []
    reasons: dict[str, tuple[str, str]] = {}
    for row, text in zip(typed.frame["row"].tolist(), typed.frame[_COMMUNES], strict=True):
        written = [code.strip() for code in text.split("|")]
        read = {code: repaired(code, "commune", known) for code in written if code}
        repairs += [(row, old, new) for old, new in read.items() if new not in ("", old)]
        for code in (old for old, new in read.items() if not new):
            propose = len(reasons) < _PROPOSED
            if code not in reasons:
                message, remedy = explain_unknown(code, "commune", territory, propose=propose)
                reasons[code] = (message, _FILL if _SEPARATORS.search(code) else remedy)
            faults.append(Notice(typed.file, row, _COMMUNES, *reasons[code]))
        if not read:
            faults.append(Notice(typed.file, row, _COMMUNES, _EMPTY, _FILL))
        codes.append(tuple(sorted(set(read.values()))) if all(read.values()) else ())
    return codes, Findings(tuple(faults), repair_warnings(typed.file, _COMMUNES, repairs))


_SEPARATORS = re.compile("[,;/ ]")
_EMPTY = "projet sans commune : il n’a pas de lieu"
_FILL = "écrivez les codes des communes joints par « | », ou dessinez le projet"

"""Which boundaries draw the territory: those of the user's choice, else the embedded ones.

Only geometry comes from a choice. Codes, names, populations and what holds what stay those of
the code tables, so that every study reads the same whatever the map.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from coverage.wording import plural
from data.reference.boundaries import Boundaries
from data.reference.boundaries_files import contours_digest, read_contours, united
from data.reference.cartiflette import contour_keys, fetched_contours
from data.reference.code_tables import ARRONDISSEMENT_MUNICIPAL, COMMUNE
from geo.errors import DataUnavailableError
from geo.territory import Source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from data.reference.code_tables import Cog

BOUNDARIES_VARIABLE = "ZONES_BLANCHES_CONTOURS"
"""Environment variable that chooses the boundaries: a path, or the key of a fetched source."""

_YEAR = re.compile(r"(?<!\d)(20[0-4]\d)(?!\d)")
_SHOWN = 20


@dataclass(frozen=True)
class ChosenBoundaries:
    """Boundaries that the user chose.

    Attributes
    ----------
    path
        File, archive or folder.
    source
        What results print about them.
    """

    path: Path
    source: Source


@dataclass(frozen=True)
class BoundariesReport:
    """What a choice of boundaries leaves without a place.

    Attributes
    ----------
    missing
        Units without geometry there: they keep none, and are never shown as covered.
    unknown
        Codes drawn there that the code tables do not know: their ground is nobody's.
    joined
        Former communes drawn there, put together with the commune that holds them now.
    """

    missing: tuple[str, ...]
    unknown: tuple[str, ...]
    joined: tuple[str, ...]

    @property
    def summary(self) -> str:
        """How many did not fit, in French; empty when all fits."""
        counts = (
            (len(self.missing), "unité sans contour", "unités sans contour"),
            (len(self.unknown), "code inconnu", "codes inconnus"),
        )
        return ", ".join(plural(count, one, many) for count, one, many in counts if count)

    def sentences(self) -> list[str]:
        """Return what must be told, in French; nothing when all fits."""
        return [
            f"Contours : {plural(len(codes), one, many)} ({_listed(codes)})."
            for codes, one, many in (
                (self.missing, "unité sans contour", "unités sans contour"),
                (self.unknown, "code inconnu, non dessiné", "codes inconnus, non dessinés"),
                (
                    self.joined,
                    "ancienne commune réunie à l’actuelle",
                    "anciennes communes réunies aux actuelles",
                ),
            )
            if codes
        ]


def choose_boundaries(wanted: str | Path | None) -> ChosenBoundaries | None:
    """Return the boundaries to use in place of the embedded ones, None for these.

    Parameters
    ----------
    wanted
        A path or the key of a fetched source; when None, the environment says it.

    Raises
    ------
    DataUnavailableError
        When the choice is not there, or draws no commune.
    """
    said = str(wanted if wanted is not None else os.environ.get(BOUNDARIES_VARIABLE, "")).strip()
    if not said:
        return None
    if said in contour_keys():
        path, declared = fetched_contours(said)
        return ChosenBoundaries(path, replace(declared.provenance, sha256=contours_digest(path)))
    path = Path(said).expanduser()
    return ChosenBoundaries(
        path,
        Source(
            name=f"Contours fournis : {path.name}",
            publisher="fichier de l’utilisateur",
            licence="celle du fichier fourni",
            vintage=_vintage(path),
            sha256=contours_digest(path),
        ),
    )


def redrawn(
    embedded: Boundaries, chosen: ChosenBoundaries, cog: Cog
) -> tuple[Boundaries, BoundariesReport]:
    """Return the embedded boundaries with the geometry of the chosen ones, and what did not fit.

    Geometry is replaced whole: two base maps never stand side by side, their borders would cross.
    A former commune drawn apart goes with the commune that holds it now, so that a map of an
    earlier vintage draws today's communes wherever they only merged.

    Raises
    ------
    DataUnavailableError
        When the file cannot be read, or draws no commune of the code tables.
    """
    shapes = read_contours(chosen.path)
    table = cog.communes
    current = table[table["kind"].isin([COMMUNE, ARRONDISSEMENT_MUNICIPAL])]
    former = table[~table["code"].isin(current["code"])]
    parents = dict(zip(former["code"], former["parent"], strict=True))
    known = shapes[shapes.index.isin([*current["code"], *parents])]
    if known.empty:
        raise DataUnavailableError(
            f"aucune commune connue dans « {chosen.path} » ; les codes y sont par exemple "
            f"{_listed(list(shapes.index[:3]))}"
        )
    owner = known.index.map(lambda code: parents.get(code, code))
    drawn = united(pd.Series(known.to_numpy(dtype=object), index=owner))
    split = set(current.loc[current["kind"] == ARRONDISSEMENT_MUNICIPAL, "parent"])
    units = sorted(set(current["code"]) - split)
    report = BoundariesReport(
        missing=tuple(code for code in units if code not in drawn.index),
        unknown=tuple(sorted(set(shapes.index) - set(known.index))),
        joined=tuple(sorted(set(known.index) & set(parents))),
    )
    return Boundaries(_with(embedded.communes, drawn, current), embedded.epci_names), report


def _with(table: pd.DataFrame, drawn: pd.Series, current: pd.DataFrame) -> pd.DataFrame:
    """Return the table of the embedded boundaries with no geometry but the one drawn."""
    bare = table.assign(geometry=pd.Series([None] * len(table), index=table.index, dtype=object))
    own = bare["kind"].isin(["COM", "ARM"])
    bare.loc[own, "geometry"] = bare.loc[own, "code"].map(drawn.to_dict()).astype(object)
    absent = current[~current["code"].isin(bare.loc[own, "code"])]
    more = pd.DataFrame(
        {
            "code": absent["code"],
            "kind": absent["kind"].map({COMMUNE: "COM", ARRONDISSEMENT_MUNICIPAL: "ARM"}),
            "parent": absent["parent"],
            "epci": "",
            "geometry": absent["code"].map(drawn.to_dict()).astype(object),
        }
    )
    whole = pd.concat([bare, more], ignore_index=True)
    whole["geometry"] = whole["geometry"].astype(object).where(whole["geometry"].notna(), None)
    return whole


def _vintage(path: Path) -> str:
    """Return the last year that a path or its folder names, as IGN's deliveries do."""
    years = _YEAR.findall(f"{path.parent.name}/{path.name}")
    return years[-1] if years else "non dit"


def _listed(codes: Sequence[str]) -> str:
    rest = len(codes) - _SHOWN
    return ", ".join(codes[:_SHOWN]) + (f" et {rest} autres" if rest > 0 else "")

"""Checks across the cells and the tables of a study; each returns what it found."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from coverage.parameters import definitions
from data.study.faults import Findings, proposal, quoted
from geo.errors import Notice

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from data.study.table_reader import TypedTable

_PROPOSED = 50
"""Unknown identifiers or labels of a table for which near ones are looked up."""

_METROPOLE_LON = (-5.5, 10.0)
_METROPOLE_LAT = (41.0, 51.5)


def check_unique(table: TypedTable, column: str) -> Findings:
    """Report identifiers that an earlier line already bears."""
    believed = table.frame.loc[table.filled(column), ["row", column]]
    first = believed.drop_duplicates(column).set_index(column)["row"]
    repeats = believed[believed.duplicated(column)]
    return Findings(
        tuple(
            Notice(
                table.file,
                int(row),
                column,
                f"identifiant {quoted(name)} déjà pris ligne {first[name]}",
                "donnez à chaque ligne un identifiant à elle, ou supprimez l’une des deux",
            )
            for row, name in repeats.itertuples(index=False)
        )
    )


def check_unique_keys(table: TypedTable, columns: tuple[str, ...]) -> Findings:
    """Report rows whose cells in some columns are those of an earlier row."""
    believed = table.frame.loc[table.usable(*columns)]
    key = row_keys(believed, list(columns))
    first = believed["row"].to_numpy()[np.unique(key, return_index=True)[1]]
    again = pd.Series(key).duplicated().to_numpy()
    names = ", ".join(columns)
    return Findings(
        tuple(
            Notice(
                table.file,
                int(row),
                columns[0],
                f"même valeur que ligne {first[number]} pour : {names}",
                "gardez une seule des deux lignes",
            )
            for row, number in zip(believed.loc[again, "row"], key[again], strict=True)
        )
    )


def check_references(table: TypedTable, structures: TypedTable) -> Findings:
    """Report structures named in a table that the table of structures does not hold."""
    column = "structure_id"
    if not structures.filled(column).any():
        return Findings()
    remedy = f"ajoutez la structure dans {structures.file}, ou corrigez l’identifiant"

    def said(name: str) -> str:
        return f"structure {quoted(name)} absente de {structures.file}"

    return check_held(table, column, structures, column, said, remedy)


def check_held(
    table: TypedTable,
    column: str,
    owner: TypedTable,
    own: str,
    said: Callable[[str], str],
    remedy: str,
) -> Findings:
    """Report what a column names and the column of its owner does not hold.

    Parameters
    ----------
    own
        Column of `owner` with the identifiers.
    said
        What is said of an identifier that is not there.
    remedy
        Where no identifier is near.
    """
    known = set(owner.frame.loc[owner.filled(own), own])
    believed = table.frame.loc[table.filled(column), ["row", column]]
    lost = believed[~believed[column].isin(known)]
    remedies = {
        name: (proposal(name, known) if rank < _PROPOSED else "") or remedy
        for rank, name in enumerate(lost[column].unique())
    }
    return Findings(
        tuple(
            Notice(
                table.file,
                int(row),
                column,
                said(name),
                remedies[name],
            )
            for row, name in lost.itertuples(index=False)
        )
    )


def check_periods(posts: TypedTable) -> Findings:
    """Report posts that end before they begin."""
    dated = posts.frame.loc[posts.filled("debut", "fin"), ["row", "debut", "fin"]]
    return Findings(
        tuple(
            Notice(
                posts.file,
                int(row),
                "fin",
                f"fin {fin:%d/%m/%Y} avant le début {debut:%d/%m/%Y}",
                "corrigez l’une des deux dates ; la fin est incluse",
            )
            for row, debut, fin in dated.itertuples(index=False)
            if fin < debut
        )
    )


def check_structures(structures: TypedTable) -> Findings:
    """Report half a position and unlikely figures of structures."""
    return (
        _half_positions(structures)
        + _swapped_positions(structures)
        + _unlikely_productivity(structures)
        + _unused_cells(structures)
    )


def _half_positions(structures: TypedTable) -> Findings:
    empty = structures.empty[["lon", "lat"]]
    half = (empty["lon"] != empty["lat"]) & structures.usable("lon", "lat")
    return Findings(
        tuple(
            Notice(
                structures.file,
                row,
                missing,
                f"« {missing} » vide alors que « {given} » est donné",
                "donnez la longitude et la latitude, ou videz les deux",
            )
            for row, missing, given in zip(
                structures.frame.loc[half, "row"].tolist(),
                np.where(empty.loc[half, "lon"], "lon", "lat").tolist(),
                np.where(empty.loc[half, "lon"], "lat", "lon").tolist(),
                strict=True,
            )
        )
    )


def _swapped_positions(structures: TypedTable) -> Findings:
    frame = structures.frame
    swapped = frame["lon"].between(*_METROPOLE_LAT) & frame["lat"].between(*_METROPOLE_LON)
    return Findings(
        (),
        tuple(
            Notice(
                structures.file,
                row,
                "lon",
                "longitude et latitude sans doute échangées",
                "« lon » est la longitude (-5 à 10 en métropole), « lat » la latitude (41 à 51)",
            )
            for row in frame.loc[swapped, "row"].tolist()
        ),
    )


def _unlikely_productivity(structures: TypedTable) -> Findings:
    usual = definitions()["heures_par_etp"]
    given = structures.frame.loc[structures.filled("heures_par_etp"), ["row", "heures_par_etp"]]
    unlikely = given[~given["heures_par_etp"].between(int(usual.low), int(usual.high))]
    return Findings(
        (),
        tuple(
            Notice(
                structures.file,
                int(row),
                "heures_par_etp",
                f"{hours} heures par ETP, hors de l’usage ({usual.low} à {usual.high})",
                "vérifiez le chiffre ; il est pris tel quel",
            )
            for row, hours in unlikely.itertuples(index=False)
        ),
    )


def _unused_cells(structures: TypedTable) -> Findings:
    columns = ("deja_porteuse_facilitateur", "deja_porteuse_coordinateur")
    return Findings(
        (),
        tuple(
            Notice(
                structures.file,
                0,
                column,
                f"colonne {quoted(column)} vérifiée mais sans effet dans cette version",
                "gardez-la : elle servira aux propositions de postes",
            )
            for column in columns
            if structures.filled(column).any()
        ),
    )


def check_labels(table: TypedTable, column: str) -> Findings:
    """Warn of free labels that look like a known one; figures are aside (`aap_2024`)."""
    known = table.table.column(column).choices
    shapes = {re.sub("[0-9]", "0", value) for value in known}
    filed = table.frame.loc[table.filled(column), ["row", column]].drop_duplicates(column)
    warnings = []
    for row, label in filed.head(_PROPOSED).itertuples(index=False):
        remedy = proposal(label, known)
        if remedy and re.sub("[0-9]", "0", label) not in shapes:
            message = f"{quoted(label)} n’est pas une valeur connue, elle est gardée telle quelle"
            warnings.append(Notice(table.file, int(row), column, message, remedy))
    return Findings((), tuple(warnings))


def row_keys(frame: pd.DataFrame, columns: list[str]) -> NDArray[np.int64]:
    """Return a number for each row, the same for rows equal in these columns, from 0 up."""
    key = np.zeros(len(frame), np.int64)
    for column in columns:
        codes, uniques = pd.factorize(frame[column])
        key = pd.factorize(key * max(len(uniques), 1) + codes)[0].astype(np.int64)
    return key

"""The official code tables: communes with what holds them, and the names of every level."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from geo.errors import DataUnavailableError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

COMMUNE = "commune-actuelle"
ARRONDISSEMENT_MUNICIPAL = "arrondissement-municipal"

_FIRST_OUT_OF_SCOPE = "984"
"""TAAF, Wallis-et-Futuna, Polynésie française, Nouvelle-Calédonie and Clipperton follow."""

_TABLE = "communes.parquet"
_NAMES = "noms.json"


@dataclass(frozen=True)
class Cog:
    """The official code tables of one vintage.

    Attributes
    ----------
    communes
        One row a commune, arrondissement municipal, commune déléguée or associée: `code`,
        `kind`, `nom`, `parent` (code of the commune that holds it, empty for a commune),
        `departement`, `region`, `arrondissement`, `epci`, `ept` (empty when none),
        `population` (int64, -1 when unknown) and `postal` (postal codes joined by `|`).
    names
        For `epci`, `ept`, `arrondissement`, `departement`, `region`: code → name.
    """

    communes: pd.DataFrame
    names: Mapping[str, Mapping[str, str]]


def build_tables(package: Path, folder: Path) -> None:
    """Write the compact tables into `folder` from the JSON files of the unpacked `package`.

    Raises
    ------
    OSError, KeyError, ValueError
        When a file is missing or is not what the pinned version holds.
    """
    raw = {path.stem: json.loads(path.read_bytes()) for path in package.glob("data/*.json")}
    _communes(raw).to_parquet(folder / _TABLE, index=False)
    levels = ("epci", "ept", "arrondissement", "departement", "region")
    files = ("epci", "ept", "arrondissements", "departements", "regions")
    names = {
        level: {row["code"]: row["nom"] for row in raw[file] if _in_scope(row)}
        for level, file in zip(levels, files, strict=True)
    }
    text = json.dumps(names, ensure_ascii=False, indent=1, sort_keys=True)
    (folder / _NAMES).write_text(text + "\n", encoding="utf-8")


def read_tables(folder: Path) -> Cog:
    """Return the tables that `build_tables` wrote in `folder`.

    Raises
    ------
    DataUnavailableError
        When they are missing or unreadable.
    """
    try:
        communes = pd.read_parquet(folder / _TABLE)
        names = json.loads((folder / _NAMES).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataUnavailableError(
            f"tables du code officiel géographique illisibles dans « {folder} » ({error}) ; "
            "supprimez ce dossier et lancez « make assets »"
        ) from error
    return Cog(communes=communes, names=names)


def _communes(raw: Mapping[str, list[dict[str, Any]]]) -> pd.DataFrame:
    epci = _holders(raw["epci"])
    ept = _holders(raw["ept"])
    rows = []
    for row in filter(_in_scope, raw["communes"]):
        parent = row.get("commune") or row.get("chefLieu") or ""
        holder = parent or row["code"]
        rows.append(
            {
                "code": row["code"],
                "kind": row["type"],
                "nom": row["nom"],
                "parent": parent,
                "departement": row["departement"],
                "region": row["region"],
                "arrondissement": row.get("arrondissement") or "",
                "epci": epci.get(holder, ""),
                "ept": ept.get(holder, ""),
                "population": row.get("population", -1),
                "postal": "|".join(sorted(row.get("codesPostaux", ()))),
            }
        )
    table = pd.DataFrame(rows).astype({"population": "int64"})
    return table.sort_values(["code", "kind"], ignore_index=True)


def _holders(groups: list[dict[str, Any]]) -> dict[str, str]:
    return {member["code"]: group["code"] for group in groups for member in group["membres"]}


def _in_scope(row: Mapping[str, Any]) -> bool:
    holder = str(row.get("departement", row["code"]))
    return len(holder) != len(_FIRST_OUT_OF_SCOPE) or holder < _FIRST_OUT_OF_SCOPE

"""The territory on disk: a folder of Parquet files whose digests are written beside them."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from geo.territory import LEVELS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

_UNITS, _BORDERS, _HOLES, _CODES = (
    f"{name}.parquet" for name in ("units", "borders", "holes", "codes")
)
_MANIFEST = "manifest.json"


class StoreError(ValueError):
    """A stored territory that is incomplete or altered."""


@dataclass(frozen=True)
class Tables:
    """What is kept of a territory.

    Attributes
    ----------
    units, borders, holes
        As in `geo.territory.Territory`.
    codes
        Columns `niveau`, `code`, `name`, `row`: one row for each unit of a code, sorted.
    """

    units: gpd.GeoDataFrame
    borders: pd.DataFrame
    holes: gpd.GeoDataFrame
    codes: pd.DataFrame


Members = dict[str, dict[str, "NDArray[np.int32]"]]
Names = dict[str, dict[str, str]]


def write_store(tables: Tables, folder: Path) -> None:
    """Write the tables into `folder`, whole or not at all, in place of what was there.

    Raises
    ------
    OSError
        When the disk refuses.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        tables.units.to_parquet(draft / _UNITS)
        tables.holes.to_parquet(draft / _HOLES)
        tables.borders.to_parquet(draft / _BORDERS)
        pq.write_table(_grouped(tables.codes), draft / _CODES)
        digests = {path.name: _sha256(path) for path in sorted(draft.iterdir())}
        (draft / _MANIFEST).write_text(json.dumps(digests, indent=1), encoding="utf-8")
        if folder.exists():
            shutil.rmtree(folder)
        os.replace(draft, folder)  # noqa: PTH105 - a folder onto a free name
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def read_store(
    folder: Path,
) -> tuple[gpd.GeoDataFrame, pd.DataFrame, gpd.GeoDataFrame, Members, Names]:
    """Return units, borders, holes, members and names as `geo.territory.Territory` holds them.

    Raises
    ------
    FileNotFoundError
        When nothing is stored there.
    StoreError
        When a file is missing or is not what was written.
    """
    manifest = (folder / _MANIFEST).read_bytes()
    try:
        _check(folder, json.loads(manifest))
        units = gpd.read_parquet(folder / _UNITS)
        holes = gpd.read_parquet(folder / _HOLES)
        borders = pd.read_parquet(folder / _BORDERS)
        members, names = _codes(pq.read_table(folder / _CODES))
    except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise StoreError(str(error)) from error
    return units, borders, holes, members, names


def _grouped(codes: pd.DataFrame) -> pa.Table:
    """Return one row a code, its unit rows as a list."""
    keys = codes[["niveau", "code"]].to_numpy(dtype=object)
    first = np.flatnonzero(np.append(True, (keys[1:] != keys[:-1]).any(axis=1)))
    offsets = pa.array(np.append(first, len(codes)).astype(np.int32))
    rows = pa.array(codes["row"].to_numpy(dtype=np.int32))
    heads = codes.iloc[first]
    return pa.table(
        {
            "niveau": pa.array(heads["niveau"].tolist()),
            "code": pa.array(heads["code"].tolist()),
            "name": pa.array(heads["name"].tolist()),
            "rows": pa.ListArray.from_arrays(offsets, rows),
        }
    )


def _codes(table: pa.Table) -> tuple[Members, Names]:
    lists = table["rows"].combine_chunks()
    offsets, rows = lists.offsets.to_numpy().tolist(), lists.values.to_numpy()  # noqa: PD011
    members: Members = {level: {} for level in LEVELS}
    names: Names = {level: {} for level in LEVELS}
    columns = (table[name].to_pylist() for name in ("niveau", "code", "name"))
    for place, (level, code, name) in enumerate(zip(*columns, strict=True)):
        members[level][code] = rows[offsets[place] : offsets[place + 1]]
        names[level][code] = name
    return members, names


def _check(folder: Path, digests: Mapping[str, str]) -> None:
    for name in (_UNITS, _BORDERS, _HOLES, _CODES):
        if _sha256(folder / name) != digests[name]:
            raise StoreError(f"{name} a changé depuis son écriture")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

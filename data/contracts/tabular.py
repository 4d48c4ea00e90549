"""Consolidated files, Parquet or CSV: one row for each holder and modification of a contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from data.contracts.fields import RAW

if TYPE_CHECKING:
    from pathlib import Path

COLUMNS = {
    "acheteur_id": "buyer",
    "id": "id",
    "montant": "amount",
    "dureeMois": "months",
    "dateNotification": "notified",
    "codeCPV": "cpv",
    "lieuExecution_typeCode": "place_kind",
    "lieuExecution_code": "place_code",
}
"""Columns that a file must have (`acheteur.id` goes for `acheteur_id`), and their names here."""

OPTIONAL = {
    "datePublicationDonnees": "published",
    "considerationsSociales": "social",
    "idAccordCadre": "framework",
    "nature": "nature",
    "acheteur_categorie": "category",
    "modification_id": "version",
    "donneesActuelles": "current",
}

_TEXT_BYTES = 1 << 16


class MissingColumnsError(ValueError):
    """Columns that the file lacks; its text lists them, in French."""


def scan(path: Path) -> pl.LazyFrame:
    """Return the file as columns `RAW`, in file order, only those needed being read.

    Raises
    ------
    MissingColumnsError
        When a column is missing.
    polars.exceptions.PolarsError
        When the file is not what its name says.
    """
    table = pl.scan_parquet(path) if path.suffix.lower() == ".parquet" else _scan_csv(path)
    names = {name.replace(".", "_"): name for name in table.collect_schema().names()}
    missing = [name for name in COLUMNS if name not in names]
    if missing:
        listed = ", ".join(f"« {name} »" for name in missing)
        raise MissingColumnsError(f"colonnes absentes : {listed}")
    known = COLUMNS | OPTIONAL
    found = {new: pl.col(names[old]) for old, new in known.items() if old in names}
    absent = {
        name: pl.lit(None, dtype=dtype)
        for name, dtype in RAW.items()
        if name not in (*found, "row", "broken")
    }
    numbered = table.select(**found, **absent, broken=pl.lit(value=False)).with_row_index("row", 1)
    return numbered.with_columns(pl.col("row").cast(pl.Int64))


def _scan_csv(path: Path) -> pl.LazyFrame:
    """Return a CSV file as texts; the separator is the one its header holds most of."""
    with path.open("rb") as file:
        header = file.read(_TEXT_BYTES).split(b"\n", 1)[0].decode("utf-8", "replace")
    separator = max(",;\t", key=header.count)
    return pl.scan_csv(path, separator=separator, infer_schema=False, encoding="utf8-lossy")

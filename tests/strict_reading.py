"""What the files of a study plainly say, read on its own: the oracle of the mutation campaign.

It knows one writing of each thing and shares no code with the reader but the declaration of the
tables. Where something is not plain, the reader must refuse or warn.
"""

from __future__ import annotations

import csv
import io
import re
import tomllib
import unicodedata
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely
from pyproj import CRS, Transformer
from strict_drawings import read_drawing
from strict_workbooks import read_workbook
from toy import toy_territory

from data.study.tables import DESSINS, TABLES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from coverage.model import Study
    from data.study.tables import Column, Table

Row = tuple[object, ...]
Rows = list[Row]
Content = dict[str, Any]
"""Part of a study → its values, rows sorted."""

_NUMBER = re.compile(
    "-?(0|[1-9][0-9]*|[1-9][0-9]{0,2}([ \u00a0\u2007\u2009\u202f][0-9]{3})+)([.,][0-9]+)?"
)
_LEVELS = {"commune": "commune", "region": "region", "departement": "departement"}
_UNUSED = ("deja_porteuse_facilitateur", "deja_porteuse_coordinateur")
_TOY = toy_territory()
_NEAR_DEG = 2e-8
_BULGE = 0.1
"""Share of a drawing by which an edge, straight on another plane, may leave its box."""


def plain_content(files: Mapping[str, bytes]) -> Content | None:
    """Return what the files say, None when they do not say it plainly."""
    try:
        return _content(files)
    except Exception:  # noqa: BLE001 - whatever stops a strict reading is not plain
        return None


def _content(files: Mapping[str, bytes]) -> Content:
    content = _settings(files["etude.toml"].decode("utf-8-sig"))
    texts = read_workbook(files["etude.xlsx"]) if "etude.xlsx" in files else {}
    texts |= {
        name.removesuffix(".csv"): _csv(raw) for name, raw in files.items() if name.endswith(".csv")
    }
    for table in TABLES:
        content[table.name] = _rows(texts.get(table.name, []), table)
    drawn = {name: raw for name, raw in files.items() if name.partition(".")[2] in _DRAWN}
    content["drawn"] = _drawn(drawn) if drawn else []
    return content


_DRAWN = ("geojson", "gpkg", "zip", "shp", "shx", "dbf", "prj", "cpg")


def _settings(text: str) -> Content:
    document = tomllib.loads(text, parse_float=Decimal)
    study, method = document["etude"], document.get("methode", {})
    assert set(document) <= {"format_version", "etude", "methode", "appel"}
    assert set(study) <= {"nom", "annee", "regions"}
    assert set(method) <= {"seuil_reponse"}
    assert set(study.get("regions", [])) <= _TOY.members["region"].keys()
    return {
        "name": study["nom"].strip(),
        "year": study["annee"],
        "regions": sorted(study.get("regions", [])),
        "threshold": Fraction(method.get("seuil_reponse", 1)),
        "budget": document.get("appel", {}).get("budget_eur"),
    }


def _csv(raw: bytes) -> list[dict[str, str]]:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252")
    assert "\0" not in text
    assert "\ufffd" not in text
    delimiter = max(";,\t", key=text.splitlines()[0].count)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    header, *rows = [line for line in lines if any(cell.strip() for cell in line)]
    names = [name.strip().lower() for name in header]
    kept = [row for row in rows if not row[0].strip().startswith("#")]
    return [dict(zip(names, row, strict=True)) for row in kept]


def _rows(lines: list[dict[str, str]], table: Table) -> Rows:
    known = {column.name for column in table.columns}
    assert all(set(line) <= known for line in lines)
    columns = [column for column in table.columns if column.name not in _UNUSED]
    rows = [
        tuple(_value(line.get(each.name, ""), each, line) for each in columns) for line in lines
    ]
    return sorted(rows, key=repr)


def _value(written: str, column: Column, line: Mapping[str, str]) -> object:
    text = unicodedata.normalize("NFC", written).strip()
    if not text:
        assert not column.required
        return column.choices if column.kind == "classes" else column.default or None
    if column.kind in ("whole", "decimal", "etp"):
        assert _NUMBER.fullmatch(text) is not None
        digits = re.sub("[^0-9.,-]", "", text).replace(",", ".")
        return Fraction(digits) if column.kind == "etp" else float(digits)
    if column.kind == "date":
        parts = text.split("/")
        assert len(text) >= 8
        return date(*map(int, reversed(parts))) if len(parts) > 1 else date.fromisoformat(text)
    if column.kind == "code":
        level = _LEVELS.get(column.name) or line["niveau"].strip().lower()
        assert text in _TOY.members[level]
    if column.kind == "siret":
        return re.sub(r"\s", "", text)
    if column.kind == "classes":
        named = {part.strip().lower() for part in text.split("|")}
        assert named <= set(column.choices)
        return tuple(choice for choice in column.choices if choice in named)
    if column.kind == "enum":
        assert text.lower() in column.choices
    return text.lower() if column.kind in ("enum", "label") else text


def _drawn(files: Mapping[str, bytes]) -> Rows:
    names, system, features = read_drawing(files)
    known = {column.name for column in DESSINS.columns}
    assert set(names) <= known
    to_degrees = Transformer.from_crs(CRS(system), 4326, always_xy=True)
    rows = []
    for number, (values, rings) in enumerate(features, start=1):
        line = {name: value or "" for name, value in zip(names, values, strict=True)}
        xy = np.concatenate([np.array(ring, dtype=float)[:, :2] for ring in rings])
        assert all(tuple(ring[0]) == tuple(ring[-1]) for ring in rings)
        places = np.column_stack(to_degrees.transform(xy[:, 0], xy[:, 1]))
        assert bool(np.isfinite(places).all())
        attributes = tuple(_value(line.get(each.name, ""), each, line) for each in DESSINS.columns)
        rows.append((number, attributes, shapely.MultiPoint(places)))
    return rows


def study_content(study: Study) -> Content:
    """Return what a study holds, in the terms of `plain_content`."""
    frames = {
        "structures": study.structures.reset_index(),
        "postes": study.posts,
        "perimetres": study.perimeters,
        "besoins": study.needs.assign(annee=study.needs["annee"].replace(0, None)),
        "exhaustivite": study.exhaustiveness,
    }
    content: Content = {
        "name": study.name,
        "year": study.year,
        "regions": list(study.regions),
        "threshold": study.parameters.seuil_reponse,
        "budget": study.call.get("budget_eur"),
    }
    for table in TABLES:
        names = [column.name for column in table.columns if column.name not in _UNUSED]
        rows = frames[table.name][names].itertuples(index=False, name=None)
        content[table.name] = sorted((tuple(map(_plain, row)) for row in rows), key=repr)
    names = [column.name for column in DESSINS.columns]
    content["drawn"] = [
        (line.row, tuple(_plain(getattr(line, name)) for name in names), line.geometry)
        for line in study.drawn.sort_values("row").itertuples()
    ]
    return content


def _plain(value: object) -> object:
    if isinstance(value, tuple | str | Fraction | date):
        return value or None
    return None if pd.isna(value) else float(value)  # type: ignore[call-overload,arg-type]


def same(read: Content, plain: Content) -> bool:
    """Tell whether a study says what its files plainly say."""
    others = read.keys() - {"drawn"}
    return all(_alike(read[name], plain[name]) for name in others) and _same_drawings(
        read["drawn"], plain["drawn"]
    )


def _alike(left: object, right: object) -> bool:
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        return len(left) == len(right) and all(map(_alike, left, right))
    if isinstance(left, float) and isinstance(right, float):
        return abs(left - right) <= 1e-11 * max(abs(left), 1)
    return left == right


def _same_drawings(read: Rows, plain: Rows) -> bool:
    """Tell whether every vertex written is one of the shape read, attributes equal."""
    if [row[:2] for row in read] != [row[:2] for row in plain]:
        return False
    return all(
        _near(written, shape) for (*_, shape), (*_, written) in zip(read, plain, strict=True)
    )


def _near(written: shapely.Geometry, shape: shapely.Geometry) -> bool:
    """Tell whether the vertices written are among those read, which add none far from them.

    Two shapes read are compared whole.
    """
    if written.geom_type != "MultiPoint":
        return bool(shapely.equals_exact(*map(shapely.normalize, (written, shape)), 1e-9))
    places, vertices = shapely.get_coordinates(written), shapely.get_coordinates(shape)
    apart = np.abs(places[:, None, :] - vertices[None, :, :]).max(axis=2).min(axis=1)
    margin = 1e-3 + _BULGE * np.ptp(places, axis=0)
    low, high = places.min(axis=0) - margin, places.max(axis=0) + margin
    return bool((apart <= _NEAR_DEG).all() and ((low <= vertices) & (vertices <= high)).all())

"""What each exported file holds, from a coverage limited to what is asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import orjson

from coverage.selection import select_regions
from data.results.files import (
    anomalies_table,
    certificates_json,
    communes_geojson,
    communes_table,
    regions_table,
    summary,
    zones_geojson,
    zones_table,
)
from data.results.geopackage import geopackage
from data.results.layers import layers
from data.results.provenance import provenance
from data.results.readme import readme_text
from data.results.sources import aside_table, loads_table, trace_parquet, years_table
from data.results.tables import Table, csv_text
from data.results.unknowns import unknowns_table
from data.results.workbook import workbook
from maps.map import build_map

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from api.facts.structures import StructureLine
    from coverage.model import Coverage

TableFormat = Literal["csv", "xlsx"]
ShapeFormat = Literal["csv", "xlsx", "geojson"]


@dataclass(frozen=True)
class Kind:
    """A kind of file.

    Attributes
    ----------
    compress
        Whether it is worth compressing.
    """

    media_type: str
    compress: bool = True


KINDS = {
    "csv": Kind("text/csv; charset=utf-8"),
    "xlsx": Kind(
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", compress=False
    ),
    "geojson": Kind("application/geo+json"),
    "json": Kind("application/json"),
    "parquet": Kind("application/vnd.apache.parquet", compress=False),
    "gpkg": Kind("application/geopackage+sqlite3"),
    "html": Kind("text/html; charset=utf-8"),
    "txt": Kind("text/plain; charset=utf-8"),
    "zip": Kind("application/zip", compress=False),
    "pdf": Kind("application/pdf", compress=False),
    "docx": Kind(
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document", compress=False
    ),
    "svg": Kind("image/svg+xml"),
}
"""By the suffix of the file's name."""

ABOUT = {
    "zones.csv": "une ligne par zone, pour Excel en français",
    "zones.xlsx": "une ligne par zone, classeur avec sa provenance",
    "zones.geojson": "zones : contours, chiffres, certificats, motif",
    "communes.csv": "une ligne par commune : couverture, besoin, taux, statut, pour Excel",
    "communes.xlsx": "une ligne par commune, classeur avec sa provenance",
    "communes.geojson": "communes : contours et chiffres",
    "structures.csv": "une ligne par structure : ETP, capacité, communes atteintes, pour Excel",
    "structures.xlsx": "une ligne par structure, classeur avec sa provenance",
    "regions.csv": "une ligne par région : facilitateurs, besoins, zones, pour Excel",
    "regions.xlsx": "une ligne par région, classeur avec sa provenance",
    "anomalies.csv": "ce qui n’a pu être placé, compté ou cru, pour Excel",
    "besoins.parquet": "d’où viennent les heures : chaque contribution, commune par commune",
    "annees.csv": "besoin, réponse et statut de chaque commune, année par année, pour Excel",
    "charges.csv": "le travail des postes de chaque structure, année par année, pour Excel",
    "a_documenter.csv": "où le besoin d’une classe de donneurs d’ordre reste inconnu, pour Excel",
    "marches_ecartes.csv": "les marchés qui n’ont pas donné d’heures, et pourquoi, pour Excel",
    "etude.gpkg": "toutes les couches, avec leurs styles, pour QGIS",
    "certificats.json": "preuves d’insuffisance, à recompter",
    "resume.json": "totaux, paramètres, provenance, avertissements",
    "carte.html": "rapport autonome : carte interactive, synthèse et tableaux, sans réseau",
    "LISEZMOI.txt": "sources et licences à citer, ce que contient chaque fichier",
}
"""Every export and what it holds."""

Origin = dict[str, Any]


def origin_of(coverage: Coverage, more: Mapping[str, Any] | None = None) -> Origin:
    """Return the provenance of a file, with what is said of its selection or of its what-if."""
    return {**provenance(coverage.study, coverage.territory), **(more or {})}


def zones_file(shown: Coverage, kind: ShapeFormat, origin: Origin) -> bytes:
    """Return the zones of a coverage, in its order."""
    if kind == "geojson":
        return zones_geojson(shown, origin=origin)
    return table_file("Zones", zones_table(shown), kind, origin)


def communes_file(shown: Coverage, kind: ShapeFormat, origin: Origin) -> bytes:
    """Return the communes of a coverage, in its order."""
    if kind == "geojson":
        return communes_geojson(shown, origin=origin)
    return table_file("Communes", communes_table(shown), kind, origin)


def structures_file(lines: Sequence[StructureLine], kind: TableFormat, origin: Origin) -> bytes:
    """Return some structures, in their order."""
    return table_file("Structures", _structures_table(lines), kind, origin)


def table_file(name: str, table: Table, kind: TableFormat, origin: Origin) -> bytes:
    """Return a table as a spreadsheet set to French opens it: numbers are numbers, codes text."""
    if kind == "xlsx":
        return workbook(name, table, origin)
    return csv_text(table, excel=True).encode()


def _structures_table(lines: Sequence[StructureLine]) -> Table:
    whole = ("capacite_h", "communes", "population", "besoin_atteint_h")
    columns = {
        "structure_id": [line.structure_id for line in lines],
        "nom": [line.nom for line in lines],
        "statut_juridique": [line.statut_juridique for line in lines],
        "etp_facilitateur": [line.etp_facilitateur.valeur for line in lines],
        "etp_coordinateur": [line.etp_coordinateur.valeur for line in lines],
        **{name: [str(getattr(line, name)) for line in lines] for name in whole},
    }
    return Table(columns, frozenset(whole), frozenset({"etp_facilitateur", "etp_coordinateur"}))


def _regions(coverage: Coverage, kind: TableFormat) -> bytes:
    table = regions_table(select_regions(coverage))
    return table_file("Régions", table, kind, origin_of(coverage))


def _anomalies(coverage: Coverage) -> bytes:
    table = anomalies_table(select_regions(coverage))
    return table_file("Anomalies", table, "csv", origin_of(coverage))


def _geopackage(coverage: Coverage) -> bytes:
    shown = select_regions(coverage)
    tables = {
        "zones": zones_table(shown),
        "communes": communes_table(shown),
        "regions": regions_table(shown),
    }
    origin = origin_of(coverage)
    said = {"attribution": origin["attribution"], "provenance": orjson.dumps(origin).decode()}
    return geopackage(layers(shown, **tables), said)


def _summary(coverage: Coverage) -> bytes:
    content = summary(coverage, select_regions(coverage))
    return orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _sources(name: str, table_of: Callable[[Coverage], Table]) -> Callable[[Coverage], bytes]:
    """Return what makes the CSV of a table about sources or years."""

    def make(coverage: Coverage) -> bytes:
        return table_file(name, table_of(select_regions(coverage)), "csv", origin_of(coverage))

    return make


WHOLE: dict[str, Callable[[Coverage], bytes]] = {
    "regions.csv": lambda coverage: _regions(coverage, "csv"),
    "regions.xlsx": lambda coverage: _regions(coverage, "xlsx"),
    "anomalies.csv": _anomalies,
    "besoins.parquet": lambda coverage: trace_parquet(select_regions(coverage)),
    "annees.csv": _sources("Années", years_table),
    "charges.csv": _sources("Charges", loads_table),
    "a_documenter.csv": _sources("À documenter", unknowns_table),
    "marches_ecartes.csv": _sources("Marchés écartés", lambda shown: aside_table(shown.study)),
    "etude.gpkg": _geopackage,
    "certificats.json": lambda coverage: certificates_json(select_regions(coverage)),
    "resume.json": _summary,
    "carte.html": lambda coverage: build_map(coverage).encode(),
    "LISEZMOI.txt": lambda coverage: readme_text(origin_of(coverage), excel=True).encode(),
}
"""Exports that take no filter but the région, from a coverage whose study is limited to it."""

"""The files of a results folder, from a coverage (formats page, « Results folder »)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import pandas as pd

from coverage.selection import select_regions
from coverage.shapes import zone_shapes
from coverage.wording import certificate_sentence
from data.results.geojson import feature_collection, geometries_json
from data.results.geopackage import geopackage
from data.results.layers import layers
from data.results.provenance import parameter_notes, plain, provenance
from data.results.readme import README_FILE, readme_text
from data.results.sources import (
    aside_table,
    by_year,
    contract_summary,
    loads_table,
    trace_parquet,
    years_table,
)
from data.results.tables import Table, cell, csv_text, fixed, records
from data.results.unknowns import unknowns_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from coverage.model import Certificate, Coverage

RATES = ("taux_reponse", "taux_reponse_etat", "ratio_simple", "ratio_2sfca")
COMMUNES = (
    *("nom", "departement", "region", "population", "surface_km2"),
    *("part_principale", "part_extension", "part_non_couverte"),
    *("besoin_connu", "besoin_h", "besoin_etat_h", "servi_h"),
    *("taux_reponse", "taux_reponse_etat", "ratio_simple", "ratio_2sfca"),
    *("statut", "mixte", "gravite", "zone_id", "structures"),
    *("classes_inconnues", "classes_non_servies", "annee_rupture"),
)
ZONES = (
    *("statut", "retenue", "besoin", "en_attente", "region", "departements", "communes"),
    *("surface_km2", "population", "besoin_h", "besoin_etat_h", "besoin_par_classe"),
    *("deficit_h", "deficit_prouve_h", "etp_manquants", "financable"),
    *("seuil_bascule_h_par_etp", "gravite", "certitude"),
    *("classes_non_servies", "classes_inconnues", "communes_etat_inconnu"),
    *("besoin_par_programme", "annee_rupture"),
    *("services_etat_non_accompagnes", "services_etat_a_preciser", "services_etat_noms"),
    *("grands_projets", "grands_projets_noms"),
    *("certificats", "sous_totaux", "motif"),
)
ZONES_WHOLE = frozenset(
    {
        *("population", "besoin_h", "besoin_etat_h", "deficit_h", "deficit_prouve_h"),
        *("seuil_bascule_h_par_etp", "communes_etat_inconnu"),
        *("services_etat_non_accompagnes", "services_etat_a_preciser", "grands_projets"),
        "annee_rupture",
    }
)
OBJECTS = ("besoin_par_classe", "besoin_par_programme", "sous_totaux")
SHARES = ("part_principale", "part_extension", "part_non_couverte")


def result_files(coverage: Coverage, *, excel: bool = False) -> dict[str, bytes | str]:
    """Return the content of every result file but the map, by name.

    Only the régions of the study are written; totals of everything filed stand beside.

    Parameters
    ----------
    excel
        CSV files as a spreadsheet set to French opens them (`csv_text`).
    """
    shown = select_regions(coverage)
    zones = zones_table(shown)
    communes, regions = communes_table(shown), regions_table(shown)
    origin = provenance(shown.study, shown.territory)
    return {
        README_FILE: readme_text(origin, excel=excel),
        "resume.json": _json(summary(coverage, shown)),
        "communes.csv": csv_text(communes, excel=excel),
        "zones.geojson": zones_geojson(shown),
        "certificats.json": certificates_json(shown),
        "regions.csv": csv_text(regions, excel=excel),
        "anomalies.csv": csv_text(anomalies_table(shown), excel=excel),
        "besoins.parquet": trace_parquet(shown),
        "annees.csv": csv_text(years_table(shown), excel=excel),
        "charges.csv": csv_text(loads_table(shown), excel=excel),
        "a_documenter.csv": csv_text(unknowns_table(shown), excel=excel),
        "marches_ecartes.csv": csv_text(aside_table(shown.study), excel=excel),
        "etude.gpkg": geopackage(
            layers(shown, zones=zones, communes=communes, regions=regions),
            {"attribution": origin["attribution"], "provenance": orjson.dumps(origin).decode()},
        ),
    }


def _json(value: object) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def summary(coverage: Coverage, shown: Coverage) -> dict[str, Any]:
    """Return `resume.json`: figures of the régions shown, of all that was filed, origin."""
    whole = {} if shown is coverage else {"totaux_de_l_ensemble_depose": plain(coverage.totals)}
    return {
        **provenance(coverage.study, coverage.territory),
        "regions": list(coverage.study.regions),
        "totaux": plain(shown.totals),
        "par_annee": by_year(shown),
        "marches": contract_summary(coverage.study),
        **whole,
        "notes_parametres": parameter_notes(),
        "avertissements": [str(notice) for notice in coverage.warnings],
    }


def communes_table(coverage: Coverage) -> Table:
    """Return the table of `communes.csv`, one row a unit, sorted by code."""
    table = coverage.communes
    columns = {name: _column(table[name], name) for name in COMMUNES}
    return Table(
        {"commune": table.index.tolist(), **columns},
        whole=frozenset({"population", "besoin_h", "besoin_etat_h", "servi_h"}),
        decimal=frozenset({*RATES, *SHARES, "surface_km2"}),
    )


def _column(column: pd.Series[Any], name: str) -> list[str]:
    values = column.to_numpy(dtype=object).tolist()
    if name in RATES:
        return [fixed(rate, 6) for rate in values]
    if name in SHARES:
        return [f"{share:.6f}" for share in values]
    if name == "surface_km2":
        return ["" if np.isnan(area) else f"{area:.4f}" for area in values]
    if name == "population":
        return ["" if people < 0 else str(people) for people in values]
    if isinstance(column.dtype, pd.StringDtype):
        return values
    return [cell(value) for value in values]


def zones_geojson(coverage: Coverage, *, origin: Mapping[str, Any] | None = None) -> bytes:
    """Return `zones.geojson`: RFC 7946, in their order, provenance as a foreign member.

    Parameters
    ----------
    origin
        The provenance, when there is more to say than for the whole study.
    """
    zones = coverage.zones
    geometries = geometries_json(zone_shapes(coverage))
    return feature_collection(
        list(zones.index),
        geometries,
        _zone_properties(coverage),
        origin or provenance(coverage.study, coverage.territory),
    )


def communes_geojson(coverage: Coverage, *, origin: Mapping[str, Any] | None = None) -> bytes:
    """Return the communes as GeoJSON: the columns of `communes.csv` and their contours.

    Parameters
    ----------
    origin
        As for `zones_geojson`.
    """
    codes = coverage.communes.index
    rows = coverage.territory.units.index.get_indexer(codes)
    return feature_collection(
        list(codes),
        geometries_json(coverage.territory.units.geometry.to_numpy()[rows]),
        records(communes_table(coverage)),
        origin or provenance(coverage.study, coverage.territory),
    )


def zones_table(coverage: Coverage) -> Table:
    """Return the properties of `zones.geojson` as a table; those that are objects stay JSON."""
    records = _zone_properties(coverage)
    columns = {
        name: [
            orjson.dumps(record[name]).decode() if name in OBJECTS else cell(record[name])
            for record in records
        ]
        for name in ("zone_id", *ZONES)
    }
    return Table(columns, whole=ZONES_WHOLE, decimal=frozenset({"surface_km2", "etp_manquants"}))


def _zone_properties(coverage: Coverage) -> list[dict[str, Any]]:
    zones = coverage.zones
    return [
        {"zone_id": zone, **{name: _property(name, record[name]) for name in ZONES}}
        for zone, record in zip(zones.index, zones.to_dict("records"), strict=True)
    ]


def _property(name: str, value: Any) -> Any:  # noqa: ANN401 - whatever a property holds
    if name == "etp_manquants":
        return round(float(value), 2)
    if name == "surface_km2":
        return None if value is None or np.isnan(value) else round(value, 4)
    if isinstance(value, float):  # whole numbers beside None come back as floats
        return None if np.isnan(value) else int(value)
    return plain(value)


def certificates_json(coverage: Coverage) -> bytes:
    """Return `certificats.json`: every certificate by id, one a line, with what it proves."""
    origin = orjson.dumps(provenance(coverage.study, coverage.territory))
    lines = [
        orjson.dumps(name) + b":" + orjson.dumps(_certificate(certificate))
        for name, certificate in coverage.certificates.items()
    ]
    return origin[:-1] + b',"certificats":{\n' + b",\n".join(lines) + b"\n}}\n"


def _certificate(certificate: Certificate) -> dict[str, Any]:
    return {
        "flux": certificate.flow,
        "perimetres": certificate.kind,
        "phrase": certificate_sentence(certificate),
        "lieux": [list(place) for place in certificate.places],
        "structures": [list(structure) for structure in certificate.structures],
        "ancetres": list(certificate.ancestors),
        "besoin_propre_h": certificate.own_need_hours,
        "capacite_propre_h": certificate.own_capacity_hours,
        "besoin_h": certificate.need_hours,
        "capacite_h": certificate.capacity_hours,
        "deficit_h": certificate.need_hours - certificate.capacity_hours,
    }


def regions_table(coverage: Coverage) -> Table:
    """Return the table of `regions.csv`, sorted by code."""
    table = coverage.regions
    posts = [name for name in table.columns if "etp" in name]
    columns = {
        name: [fixed(value, 6 if name in RATES else 2) for value in table[name]]
        if name in (*RATES, *posts)
        else [cell(value) for value in table[name].tolist()]
        for name in table.columns
    }
    decimal = frozenset({*RATES, *posts} & columns.keys())
    whole = frozenset(columns.keys() - {"nom"} - decimal)
    return Table({"region": table.index.tolist(), **columns}, whole, decimal)


def anomalies_table(coverage: Coverage) -> Table:
    """Return the table of `anomalies.csv`; no line when none applies, no hours when none are."""
    table = coverage.anomalies
    columns = {name: [cell(value) for value in table[name].tolist()] for name in table.columns}
    columns["ligne"] = [str(row or "") for row in table["ligne"].tolist()]
    columns["heures"] = [
        "" if np.isnan(hours) else np.format_float_positional(hours, trim="-")
        for hours in table["heures"].tolist()
    ]
    return Table(columns, whole=frozenset({"ligne"}), decimal=frozenset({"heures"}))

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
from data.results.provenance import parameter_notes, plain, provenance
from data.results.writing import cell, csv_text, fixed

if TYPE_CHECKING:
    from coverage.model import Certificate, Coverage

RATES = ("taux_reponse", "taux_reponse_etat", "ratio_simple", "ratio_2sfca")
COMMUNES = (
    *("nom", "departement", "region", "population", "surface_km2"),
    *("part_principale", "part_extension", "part_non_couverte"),
    *("besoin_connu", "besoin_h", "besoin_etat_h", "servi_h"),
    *("taux_reponse", "taux_reponse_etat", "ratio_simple", "ratio_2sfca"),
    *("statut", "mixte", "gravite", "zone_id", "structures"),
    *("classes_inconnues", "classes_non_servies"),
)
ZONES = (
    *("statut", "retenue", "besoin", "en_attente", "region", "departements", "communes"),
    *("surface_km2", "population", "besoin_h", "besoin_etat_h", "besoin_par_classe"),
    *("deficit_h", "deficit_prouve_h", "etp_manquants", "financable"),
    *("seuil_bascule_h_par_etp", "gravite", "certitude"),
    *("classes_non_servies", "classes_inconnues", "communes_etat_inconnu"),
    *("services_etat_non_accompagnes", "grands_projets", "certificats", "sous_totaux", "motif"),
)
SHARES = ("part_principale", "part_extension", "part_non_couverte")


def result_files(coverage: Coverage) -> dict[str, bytes | str]:
    """Return the content of every result file but the map, by name.

    Only the régions of the study are written; totals of everything filed stand beside.
    """
    shown = select_regions(coverage)
    return {
        "resume.json": _json(summary(coverage, shown)),
        "communes.csv": communes_csv(shown),
        "zones.geojson": zones_geojson(shown),
        "certificats.json": certificates_json(shown),
        "regions.csv": regions_csv(shown),
        "anomalies.csv": anomalies_csv(shown),
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
        **whole,
        "notes_parametres": parameter_notes(),
        "avertissements": [str(notice) for notice in coverage.warnings],
    }


def communes_csv(coverage: Coverage) -> str:
    """Return `communes.csv`, one row a unit, sorted by code."""
    table = coverage.communes
    columns = [_column(table[name], name) for name in COMMUNES]
    rows = zip(table.index.tolist(), *columns, strict=True)
    return csv_text(["commune", *COMMUNES], rows)


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


def zones_geojson(coverage: Coverage) -> bytes:
    """Return `zones.geojson`: RFC 7946, sorted by id, provenance as a foreign member."""
    zones = coverage.zones
    geometries = geometries_json(zone_shapes(coverage))
    properties = [
        {"zone_id": zone, **{name: _property(name, record[name]) for name in ZONES}}
        for zone, record in zip(zones.index, zones.to_dict("records"), strict=True)
    ]
    return feature_collection(
        list(zones.index), geometries, properties, provenance(coverage.study, coverage.territory)
    )


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


def regions_csv(coverage: Coverage) -> str:
    """Return `regions.csv`, sorted by code."""
    table = coverage.regions
    columns = [
        [fixed(value, 6) for value in table[name]]
        if name in RATES
        else [fixed(value, 2) for value in table[name]]
        if "etp" in name
        else [cell(value) for value in table[name].tolist()]
        for name in table.columns
    ]
    rows = zip(table.index.tolist(), *columns, strict=True)
    return csv_text(["region", *table.columns], rows)


def anomalies_csv(coverage: Coverage) -> str:
    """Return `anomalies.csv`; the line is empty when none applies, hours when none are."""
    table = coverage.anomalies
    hours = ["" if np.isnan(h) else f"{h:g}" for h in table["heures"].tolist()]
    rows = [
        (file, str(row or ""), what, finding, filed)
        for file, row, what, finding, filed in zip(
            *(table[name].tolist() for name in ("fichier", "ligne", "objet", "constat")),
            hours,
            strict=True,
        )
    ]
    return csv_text(list(table.columns), rows)

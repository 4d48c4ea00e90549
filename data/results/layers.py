"""The layers of `etude.gpkg`, limited to the régions that the study asks to see."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from coverage.shapes import atom_shapes, zone_shapes
from coverage.wording import certificate_sentence
from data.results.geopackage import Layer
from data.results.provenance import flattened, provenance
from data.results.qgis_styles import (
    atoms_style,
    communes_style,
    holes_style,
    perimeters_style,
    structures_style,
    zones_style,
)
from data.results.tables import Table, cell
from geo.dissolve import dissolve

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd
    from numpy.typing import NDArray

    from coverage.model import Coverage

_FILED = ["structure_id", "volet", "nature", "etat"]
_CERTIFICATE_HOURS = (
    *("besoin_propre_h", "capacite_propre_h", "besoin_h", "capacite_h", "deficit_h"),
)


def layers(
    coverage: Coverage,
    *,
    zones: Table,
    communes: Table,
    regions: Table,
) -> list[Layer]:
    """Return the layers in the order QGIS lists them.

    Parameters
    ----------
    coverage
        Limited to the régions to write (`coverage.selection.select_regions`).
    zones, communes, regions
        The tables of the properties of `zones.geojson`, of `communes.csv` and `regions.csv`.
    """
    shown = coverage.territory.units.index.get_indexer(coverage.communes.index)
    by_codes = _perimeters(coverage, shown)
    drawn = _drawn(coverage, shown)
    reaching = {*by_codes.table.columns["structure_id"], *drawn.table.columns["structure_id"]}
    return [
        Layer(
            "zones",
            "Zones : ensembles d’un seul tenant et d’un seul statut, avec leurs chiffres",
            zones,
            zone_shapes(coverage),
            style=zones_style(),
        ),
        Layer(
            "communes",
            "Communes et arrondissements municipaux : couverture, besoin, taux, statut",
            communes,
            coverage.territory.units.geometry.to_numpy()[shown],
            style=communes_style(),
        ),
        _atoms(coverage),
        drawn,
        by_codes,
        _structures(coverage, reaching),
        _holes(coverage),
        Layer("certificats", "Preuves d’insuffisance", _certificates(coverage)),
        Layer("regions", "Régions : facilitateurs, besoins et zones", regions),
        Layer("provenance", "Origine des données, paramètres et attribution", _origin(coverage)),
    ]


def _atoms(coverage: Coverage) -> Layer:
    """Return the parts of the communes that a drawn border cuts."""
    atoms = coverage.atoms
    cut = ~shapely.is_missing(atoms.shapes)
    found = sorted(
        (int(row), zone)
        for zone, rows in coverage.zone_atoms.items()
        for row in rows[cut[rows]].tolist()
    )
    rows = np.array([row for row, _ in found], dtype=np.intp)
    zones = [zone for _, zone in found]
    table = atoms.table.iloc[rows]
    communes = coverage.territory.codes[table["unit"]].tolist()
    holders = [sorted({name for name, _ in signature}) for signature in atoms.signatures]
    columns = {
        "commune": communes,
        "zone_id": zones,
        "statut": coverage.zones.loc[zones, "statut"].tolist(),
        "part": [f"{share:.6f}" for share in table["share"]],
        "structures": [cell(holders[number]) for number in table["signature"].tolist()],
        "classes_inconnues": [
            cell(classes) for classes in coverage.communes.loc[communes, "classes_inconnues"]
        ],
    }
    return Layer(
        "atomes",
        "Parties des communes qu’un périmètre dessiné traverse, avec leur part de surface",
        Table(columns, decimal=frozenset({"part"})),
        atom_shapes(atoms, coverage.territory)[rows],
        style=atoms_style(),
    )


def _drawn(coverage: Coverage, shown: NDArray[np.intp]) -> Layer:
    """Return the perimeters drawn, as filed, that touch the régions written."""
    drawn = coverage.study.drawn
    if coverage.study.regions and len(drawn):
        drawn = drawn[_touching(drawn, coverage, shown)]
    drawn = drawn.sort_values([*_FILED, "file", "row"], kind="stable")
    columns = {name: drawn[name].tolist() for name in _FILED}
    columns |= {"fichier": drawn["file"].tolist(), "ligne": [str(row) for row in drawn["row"]]}
    return Layer(
        "perimetres_dessines",
        "Périmètres dessinés, tels que déposés",
        Table(columns, whole=frozenset({"ligne"})),
        drawn.geometry.to_numpy(dtype=object),
        style=perimeters_style(),
    )


def _touching(
    drawn: pd.DataFrame, coverage: Coverage, shown: NDArray[np.intp]
) -> NDArray[np.bool_]:
    tree = shapely.STRtree(coverage.territory.units.geometry.to_numpy()[shown])
    shapes = drawn.geometry.to_numpy()
    found = np.zeros(len(drawn), dtype=bool)
    found[tree.query(shapes, predicate="intersects")[0]] = True
    return found


def _perimeters(coverage: Coverage, shown: NDArray[np.intp]) -> Layer:
    """Return the perimeters given by codes, one feature a (structure, volet, nature, état)."""
    kept = np.zeros(len(coverage.territory), dtype=bool)
    kept[shown] = True
    keys, units = [], []
    for key, rows in _filed_units(coverage):
        inside = rows[kept[rows]]
        if len(inside):
            keys.append(key)
            units.append(inside)
    labels = np.repeat(np.arange(len(keys)), [len(rows) for rows in units])
    rows = np.concatenate([np.empty(0, dtype=np.intp), *units])
    shapes = np.empty(len(keys), dtype=object)
    shapes[:] = list(dissolve(coverage.territory.units.geometry.to_numpy()[rows], labels).values())
    columns = {name: [key[rank] for key in keys] for rank, name in enumerate(_FILED)}
    columns["communes"] = [str(len(rows)) for rows in units]
    return Layer(
        "perimetres",
        "Périmètres donnés par codes, dans les régions écrites",
        Table(columns, whole=frozenset({"communes"})),
        shapes,
        style=perimeters_style(),
    )


def _filed_units(coverage: Coverage) -> Iterator[tuple[tuple[str, ...], NDArray[np.int32]]]:
    resolve = coverage.territory.resolve
    for key, filed in coverage.study.perimeters.groupby(_FILED, sort=True):
        codes = zip(filed["niveau"], filed["code"], strict=True)
        yield tuple(map(str, key)), np.unique(np.concatenate([resolve(*code) for code in codes]))


def _structures(coverage: Coverage, reaching: set[str]) -> Layer:
    """Return the structures: all, or those of which a perimeter reaches the régions written."""
    table = coverage.study.structures.sort_index()
    if coverage.study.regions:
        table = table[table.index.isin(reaching)]
    lonlat = table[["lon", "lat"]].to_numpy(dtype=np.float64)
    located = ~np.isnan(lonlat).any(axis=1)
    points = np.full(len(table), None, dtype=object)
    points[located] = shapely.points(lonlat[located])
    columns = {"structure_id": table.index.tolist(), "nom": table["nom"].tolist()}
    return Layer(
        "structures",
        "Structures ; sans point quand leur position n’est pas donnée",
        Table(columns),
        points,
        "Point",
        style=structures_style(),
    )


def _holes(coverage: Coverage) -> Layer:
    holes = coverage.territory.holes
    if coverage.study.regions:
        holes = holes[holes["region"].isin(coverage.study.regions)]
    columns = {
        "region": holes["region"].tolist(),
        "surface_km2": [f"{area:.4f}" for area in holes["area_km2"]],
    }
    return Layer(
        "lacunes",
        "Lacunes du fond de carte : lieux hors de toute commune, jamais montrés couverts",
        Table(columns, decimal=frozenset({"surface_km2"})),
        holes.geometry.to_numpy(dtype=object),
        style=holes_style(),
    )


def _certificates(coverage: Coverage) -> Table:
    rows = [
        {
            "id": name,
            "flux": certificate.flow,
            "perimetres": certificate.kind,
            "besoin_propre_h": str(certificate.own_need_hours),
            "capacite_propre_h": str(certificate.own_capacity_hours),
            "besoin_h": str(certificate.need_hours),
            "capacite_h": str(certificate.capacity_hours),
            "deficit_h": str(certificate.need_hours - certificate.capacity_hours),
            "lieux": cell(sorted({place for place, _, _ in certificate.places})),
            "structures": cell(sorted({owner for owner, _, _ in certificate.structures})),
            "ancetres": cell(certificate.ancestors),
            "phrase": certificate_sentence(certificate),
        }
        for name, certificate in coverage.certificates.items()
    ]
    names = ("id", "flux", "perimetres", *_CERTIFICATE_HOURS, "lieux", "structures")
    columns = {name: [row[name] for row in rows] for name in (*names, "ancetres", "phrase")}
    return Table(columns, whole=frozenset(_CERTIFICATE_HOURS))


def _origin(coverage: Coverage) -> Table:
    lines = list(flattened(provenance(coverage.study, coverage.territory)))
    return Table({"cle": [key for key, _ in lines], "valeur": [value for _, value in lines]})

"""Public indicators: each format by its columns, each quirk counted, sums in = sums out."""

from __future__ import annotations

import json
import zipfile
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
import xlsxwriter
from builders import CELL_DEG, grid_territory
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Transformer
from shapely import box
from toy import toy_territory

from data.indicators.communes import read_incomes, read_programmes, read_zrr
from data.indicators.district_tables import read_district_list, read_district_populations
from data.indicators.districts import codes_of, read_districts
from data.indicators.job_seekers import read_job_seekers
from data.indicators.public_tables import plain_name
from data.indicators.recognise import _TABLES, KNOWN_LABELS, read_source, unrecognised
from data.indicators.siae import read_siae
from data.indicators.zones import read_unemployment
from data.reference.sources import sources

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from data.reference.sources import DeclaredSource
    from data.study.faults import Findings

DEFM = (
    "Date;Code commune;Commune;Code département;Type de données;Catégorie;Sexe;Tranche d'âge;"
    "Nombre de demandeurs d'emploi\n"
)


def written(folder: Path, name: str, text: str, encoding: str = "utf-8-sig") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def values(frame: pd.DataFrame, name: str) -> dict[str, float]:
    rows = frame[frame["indicateur"] == name]
    return dict(zip(rows["commune"], rows["valeur"], strict=True))


def said(findings: Findings) -> str:
    return "\n".join(map(str, findings.warnings))


def defm(
    code: str,
    number: str,
    *,
    date: str = "2024-T4",
    sexe: str = "Total",
    age: str = "Total",
    categorie: str = "ABC",
    nature: str = "Brutes",
) -> str:
    return f"{date};{code};Nom;00;{nature};{categorie};{sexe};{age};{number}\n"


def test_job_seekers_are_the_totals_of_the_latest_year(tmp_path: Path) -> None:
    text = DEFM + "".join(
        (
            defm("01004", "500"),
            defm("01004", "230", sexe="Femmes"),
            defm("01004", "80", age="Moins de 25 ans"),
            defm("01004", "300", categorie="A"),
            defm("01004", "480", date="2023-T4"),
            defm("01004", "999", date="2025-T1"),
            defm("01004", "499", nature="CVS"),
            defm("Total", "9000"),
            defm("2A004", "nd"),
            defm("98800", "40"),
        )
    )
    frame, entry, findings = read_job_seekers(written(tmp_path, "d.csv", text), toy_territory())
    assert values(frame, "demandeurs_emploi") == {"01004": 500.0}
    assert frame["source"].tolist() == ["Dares, DEFM 2024-T4"]
    assert entry is not None
    assert entry.rows == 10
    assert not findings.faults
    told = said(findings)
    assert "2 lignes d’autres dates que 2024-T4" in told
    assert "1 ligne « Total »" in told
    assert "1 commune sans nombre : inconnu" in told
    assert "1 code de commune inconnu" in told
    assert "(40 au total)" in told


def test_a_city_published_twice_is_counted_once(tmp_path: Path) -> None:
    text = DEFM + defm("75056", "900") + defm("75101", "400") + defm("75102", "500")
    frame, _, findings = read_job_seekers(written(tmp_path, "d.csv", text), toy_territory())
    assert values(frame, "demandeurs_emploi") == {"75101": 400.0, "75102": 500.0}
    assert "« 75056 » : publiés deux fois" in said(findings)


def test_a_city_published_whole_is_split_by_population(tmp_path: Path) -> None:
    # 15,000 and 21,000 inhabitants: 900 × 5/12 and 7/12.
    path = written(tmp_path, "d.csv", DEFM + defm("75056", "900"))
    frame, _, findings = read_job_seekers(path, toy_territory())
    assert values(frame, "demandeurs_emploi") == {"75101": 375.0, "75102": 525.0}
    assert "répartis" in said(findings) or "réparti" in said(findings)


def test_a_former_commune_adds_to_the_one_that_holds_it(tmp_path: Path) -> None:
    path = written(tmp_path, "d.csv", DEFM + defm("01091", "30") + defm("1033", "70"))
    frame, _, findings = read_job_seekers(path, toy_territory())
    assert values(frame, "demandeurs_emploi") == {"01033": 100.0}
    assert "1 code réparé" in said(findings)


def test_the_break_of_2025_is_told(tmp_path: Path) -> None:
    path = written(tmp_path, "d.csv", DEFM + defm("01004", "5", date="2025-T4"))
    assert "rupture de série en 2025" in said(read_job_seekers(path, toy_territory())[2])


@pytest.mark.parametrize(
    ("rows", "word"),
    [
        (defm("01004", "5", sexe="Femmes"), "aucune ligne de total dans « sexe »"),
        (defm("01004", "5", date="2024-T1"), "aucun quatrième trimestre"),
        (defm("01004", "5") + defm("01004", "6"), "plusieurs totaux"),
    ],
)
def test_a_filtered_export_is_refused(tmp_path: Path, rows: str, word: str) -> None:
    frame, _, findings = read_job_seekers(written(tmp_path, "d.csv", DEFM + rows), toy_territory())
    assert frame.empty
    assert word in findings.faults[0].message


def test_a_cut_file_is_refused_whole(tmp_path: Path) -> None:
    text = DEFM + defm("01004", "5") + "2024-T4;01033;Nom"
    frame, entry, findings = read_job_seekers(written(tmp_path, "d.csv", text), toy_territory())
    assert frame.empty
    assert entry is None
    assert "1 ligne de 3 cellules et non 9" in findings.faults[0].message


def test_windows_1252_is_read_and_told(tmp_path: Path) -> None:
    path = written(tmp_path, "d.csv", DEFM + defm("01004", "5"), "cp1252")
    frame, _, findings = read_job_seekers(path, toy_territory())
    assert values(frame, "demandeurs_emploi") == {"01004": 5.0}
    assert "Windows-1252" in said(findings)


def test_incomes_are_never_averaged_and_secrets_stay_unknown(tmp_path: Path) -> None:
    text = (
        "Code géographique;Libellé;[DISP] Médiane (€);[DISP] dont part des minima sociaux (%)\n"
        "01004;A;21660;3,0\n01033;B;23000;s\n01091;C;10000;4\n75056;P;30000;\n"
    )
    frame, _, findings = read_incomes(written(tmp_path, "f.csv", text), toy_territory())
    assert values(frame, "niveau_vie_median_eur") == {
        "01004": 21660.0,
        "01033": 23000.0,  # its own, not a mean with 01091
        "75101": 30000.0,
        "75102": 30000.0,
    }
    assert values(frame, "part_minima_sociaux_pct") == {"01004": 3.0, "01033": 4.0}
    assert "2 communes sans valeur de « part_minima_sociaux_pct » : vide (ou « s »)" in said(
        findings
    )


def test_incomes_are_found_among_all_measures_and_levels(tmp_path: Path) -> None:
    text = (
        "GEO;GEO_OBJECT;FILOSOFI_MEASURE;TIME_PERIOD;OBS_VALUE\n"
        "01004;COM;MED_SL;2021;21660\n01004;BV2022;MED_SL;2021;20000\n"
        "01004;COM;PR_MD60;2021;14\n75101;ARM;MED_SL;2021;31000\n01;DEP;MED_SL;2021;1\n"
    )
    source = read_source(written(tmp_path, "revenus.csv", text), toy_territory())
    assert source is not None
    assert source.kind == "indicateurs"
    assert source.findings.faults == ()
    assert values(source.frame, "niveau_vie_median_eur") == {"01004": 21660.0, "75101": 31000.0}


@pytest.mark.parametrize(
    "source",
    [s for s in sources().values() if s.deposit.endswith((".csv", ".xlsx"))],
    ids=lambda source: source.key,
)
def test_what_is_fetched_for_a_study_is_recognised_in_it(source: DeclaredSource) -> None:
    header = [*source.columns, "2024-T1"]  # rates have a column a quarter
    assert any(each.format.chosen(header) for each in _TABLES)


def test_zonings_are_flags(tmp_path: Path) -> None:
    text = "code_commune,statut_zrr\n01004,NC\n01033,NC\n01091,PC\n2A004,C\n97101,?\n"
    frame, _, findings = read_zrr(written(tmp_path, "z.csv", text), toy_territory())
    assert values(frame, "zrr") == {"01004": 0.0, "01033": 1.0, "2A004": 1.0}
    assert "(ou « ? »)" in said(findings)
    text = "code_commune,libelle,acv,pvd,ort\n01004,A,True,False,True\n"
    frame, _, _ = read_programmes(written(tmp_path, "p.csv", text), toy_territory())
    assert frame["valeur"].tolist() == [1.0, 1.0, 0.0]
    assert frame["indicateur"].tolist() == ["acv", "ort", "pvd"]


def test_the_rate_of_a_zone_goes_to_each_of_its_communes(tmp_path: Path) -> None:
    written(tmp_path, "zones.csv", "code_commune,ze2020\n01004,51\n75056,1109\n97101,0101\n")
    text = (
        "ze2020,lib_ze2020,2024-T4,2025-T1\n0051,Alençon,7.4,7.2\n1109,Paris,6.1,6.0\n9999,X,1,2\n"
    )
    path = written(tmp_path, "taux.csv", text)
    frame, _, findings = read_unemployment(path, toy_territory())
    assert values(frame, "taux_chomage_ze_pct") == {"01004": 7.2, "75101": 6.0, "75102": 6.0}
    assert frame["source"].iloc[0].endswith("2025-T1")
    assert "1 commune de 1 zone sans taux publié : « 0101 »" in said(findings)
    assert "1 zone sans commune : « 9999 »" in said(findings)


def test_rates_without_the_composition_of_zones_are_not_used(tmp_path: Path) -> None:
    path = written(tmp_path, "taux.csv", "ze2020,2025-T1\n0051,7.2\n")
    frame, entry, findings = read_unemployment(path, toy_territory())
    assert frame.empty
    assert entry is not None
    assert "composition des zones d’emploi manque" in said(findings)


def test_an_official_workbook_has_notes_above_its_headers(tmp_path: Path) -> None:
    workbook = xlsxwriter.Workbook(tmp_path / "zones.xlsx")
    workbook.add_worksheet("Documentation").write(0, 0, "Zones d’emploi 2020")
    sheet = workbook.add_worksheet("Composition_communale")
    sheet.write(0, 0, "Composition des zones d’emploi")
    for column, name in enumerate(("CODGEO", "LIBGEO", "ZE2020", "LIBZE2020")):
        sheet.write(5, column, name)
        sheet.write(6, column, ("01004", "Ambérieu", "0051", "Alençon")[column])
    workbook.close()
    path = written(tmp_path, "taux.csv", "ze2020,2025-T1\n0051,7.2\n")
    frame, _, _ = read_unemployment(path, toy_territory())
    assert values(frame, "taux_chomage_ze_pct") == {"01004": 7.2}


def test_structures_of_insertion_are_counted_where_they_are_believed(tmp_path: Path) -> None:
    head = "siret,kind,code_postal,departement,longitude,latitude,geocoding_score\n"
    rows = (
        "1,ACI,01500,01,5.35,45.95,0.9",
        "1,AI,01500,01,5.35,45.95,0.8",  # the same establishment
        "2,EI,01500,01,5.36,45.96,0.3",  # doubtful, but in its département
        "3,EI,20000,2A,5.36,45.96,0.9",  # not where it says
        "4,ETTI,01500,01,,,",
        "5,EI,01500,01,-30,0,0.9",  # at sea
        "6,GEIQ,01500,01,5.36,45.96,0.9",
    )
    path = written(tmp_path, "s.csv", head + "\n".join(rows) + "\n")
    frame, _, findings = read_siae(path, toy_territory())
    assert values(frame, "siae") == {"01004": 2.0}
    told = said(findings)
    for word in (
        "(« GEIQ ») : 1 structure",
        "au SIRET déjà compté : 1 ligne",
        "sans coordonnées : 1 structure",
        "score sous 0,6) : 1 structure",
        "hors du département annoncé, non cru : 1 structure",
        "hors de toute commune (mer, étranger) : 1 structure",
        "sans lieu certain, comptée nulle part : 3 structures",
    ):
        assert word in told


# Quartiers prioritaires


def layer(path: Path, rows: Sequence[dict[str, object]], crs: int = 4326) -> Path:
    frame = gpd.GeoDataFrame(list(rows), geometry="geometry", crs=4326).to_crs(crs)
    frame.to_file(path)
    return path


def district(code: str, shape: object, insee: str = "", **more: object) -> dict[str, object]:
    return {"code_qp": code, "insee_com": insee, "geometry": shape, **more}


def across(part: float) -> shapely.Geometry:
    """Return a square of one cell, that share of it in 01001 and the rest in 01002."""
    west = 3 + CELL_DEG * (1 - part)
    return box(west, 46.002, west + CELL_DEG, 46.008)


def test_population_is_spread_by_area(tmp_path: Path) -> None:
    path = layer(
        tmp_path / "q.geojson", [district("QN1", across(0.25), "01001, 01002", pop_mun=1000)]
    )
    frame, _, findings = read_districts(path, grid_territory(3))
    assert values(frame, "population_qpv") == {"01001": 250.0, "01002": 750.0}
    assert not findings.warnings


def test_a_sliver_out_of_the_list_is_no_part_of_a_district(tmp_path: Path) -> None:
    path = layer(tmp_path / "q.geojson", [district("QN1", across(0.25), "01002", pop_mun=1000)])
    frame, _, _ = read_districts(path, grid_territory(3))
    assert values(frame, "population_qpv") == {"01002": 1000.0}


def test_the_map_stands_when_the_list_names_another_commune(tmp_path: Path) -> None:
    path = layer(tmp_path / "q.geojson", [district("QN1", across(0.5), "01003", pop_mun=10)])
    frame, _, findings = read_districts(path, grid_territory(3))
    assert values(frame, "population_qpv") == {"01001": 5.0, "01002": 5.0}
    assert "placé d’après la carte, hors des communes de sa liste : 1 quartier" in said(findings)


def test_a_district_in_a_hole_of_the_map_keeps_its_list(tmp_path: Path) -> None:
    # Two cells of its three have no geometry: what grazes 01003 is no place.
    territory = grid_territory(3, without_geometry=("01001", "01002"))
    shape = box(3.002, 46.002, 3.0 + 2.1 * CELL_DEG, 46.008)
    path = layer(tmp_path / "q.geojson", [district("QN1", shape, "01001", pop_mun=10)])
    frame, _, findings = read_districts(path, territory)
    assert values(frame, "population_qpv") == {"01001": 10.0}
    assert "placé d’après sa liste" in said(findings)


def test_districts_elsewhere_and_unknown_populations_are_counted(tmp_path: Path) -> None:
    rows = [
        district("QN1", across(1), "01001", pop_mun=7.0),
        district("QN2", box(-149.6, -17.6, -149.5, -17.5), "98735", pop_mun=900.0),
        district("QN3", across(1), "01001", pop_mun=None),
    ]
    frame, entry, findings = read_districts(layer(tmp_path / "q.geojson", rows), grid_territory(2))
    assert values(frame, "population_qpv") == {"01001": 7.0}
    assert entry is not None
    assert entry.rows == 3
    assert "hors du territoire étudié, compté à part : 1 quartier (« QN2 »)" in said(findings)
    assert "1 quartier (« QN3 »)" in said(findings)


def test_surface_stands_for_a_population_that_is_not_there(tmp_path: Path) -> None:
    path = layer(tmp_path / "q.geojson", [district("QN1", across(0.5), "01001, 01002")])
    frame, _, findings = read_districts(path, grid_territory(2))
    found = values(frame, "surface_qpv_m2")
    assert sum(found.values()) == round(plane(across(0.5)).area)
    assert found["01001"] == pytest.approx(found["01002"], rel=1e-3)
    assert "aucune population dans la couche" in said(findings)


def test_invalid_contours_are_repaired_and_counted(tmp_path: Path) -> None:
    # Its last corner falls through the first edge.
    loop = shapely.from_wkt(
        "POLYGON ((3.001 46.001, 3.009 46.001, 3.009 46.009, 3.001 46.009, 3.001 46.002, "
        "3.0015 46.0005, 3.001 46.001))"
    )
    assert not loop.is_valid
    path = layer(tmp_path / "q.geojson", [district("QN1", loop, "01001", pop_mun=12)])
    frame, _, findings = read_districts(path, grid_territory(2))
    assert values(frame, "population_qpv") == {"01001": 12.0}
    assert "1 polygone invalide réparé" in said(findings)


@pytest.mark.parametrize("name", ["q.geojson", "q.gpkg", "q.shp"])
def test_every_format_of_layer_and_any_system(tmp_path: Path, name: str) -> None:
    crs = 4326 if name.endswith("json") else 2154
    path = layer(tmp_path / name, [district("QN1", across(0.25), "01001,01002", pop_mun=100)], crs)
    source = read_source(path, grid_territory(3))
    assert source is not None
    assert values(source.frame, "population_qpv") == {"01001": 25.0, "01002": 75.0}


def test_the_official_archive_gives_its_national_layer(tmp_path: Path) -> None:
    rows = [district("QN1", across(1), "01001", pop_mun=100)]
    layer(tmp_path / "QP2024_France_Hexagonale_Outre_Mer_WGS84.shp", rows)
    layer(tmp_path / "QP2024_France_hexagonale_LB93.shp", rows, 2154)
    archive = tmp_path / "qpv.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for part in sorted(tmp_path.glob("QP2024*")):
            packed.write(part, f"SHP/{part.name}")
    source = read_source(archive, grid_territory(2))
    assert source is not None
    assert source.entry is not None
    assert values(source.frame, "population_qpv") == {"01001": 100.0}


def plane(shape: shapely.Geometry) -> shapely.Geometry:
    """Return a WGS84 polygon in Lambert-93, its edges followed point by point."""
    forward = Transformer.from_crs(4326, 2154, always_xy=True)
    fine = shapely.segmentize(shape, 0.001)
    return shapely.transform(
        fine, lambda xy: np.column_stack(forward.transform(xy[:, 0], xy[:, 1]))
    )


cells = st.floats(0, 2.9, allow_nan=False)
boxes = st.tuples(cells, cells, st.floats(0.05, 1.5), st.floats(0.05, 1.5), st.integers(0, 90_000))


@settings(max_examples=12, deadline=None)
@given(drawn=st.lists(boxes, min_size=1, max_size=4), seed=st.integers(0, 99))
def test_inhabitants_in_are_inhabitants_out(
    tmp_path_factory: pytest.TempPathFactory,
    drawn: list[tuple[float, float, float, float, int]],
    seed: int,
) -> None:
    territory = grid_territory(5, 5)
    listed = ", ".join(territory.codes.tolist())
    shapes = [
        box(3 + x / 100, 46 + y / 100, 3 + (x + w) / 100, 46 + (y + h) / 100)
        for x, y, w, h, _ in drawn
    ]
    rows = [
        district(f"QN{at}", shape, listed, pop_mun=people)
        for at, (shape, (*_, people)) in enumerate(zip(shapes, drawn, strict=True))
    ]
    folder = tmp_path_factory.mktemp("q")
    frame, _, _ = read_districts(layer(folder / "a.geojson", rows), territory)
    found = values(frame, "population_qpv")
    assert sum(found.values()) == sum(people for *_, people in drawn)

    naive = dict.fromkeys(territory.codes.tolist(), 0.0)
    for shape, (*_, people) in zip(shapes, drawn, strict=True):
        parts = [
            plane(shape.intersection(unit)).area if shape.intersects(unit) else 0
            for unit in territory.units.geometry
        ]
        for code, part in zip(naive, parts, strict=True):
            naive[code] += people * part / sum(parts)
    for code, people in naive.items():
        assert abs(found.get(code, 0) - people) <= 1.5 * len(drawn)

    order = np.random.default_rng(seed).permutation(len(rows))
    again, _, _ = read_districts(layer(folder / "b.geojson", [rows[at] for at in order]), territory)
    pd.testing.assert_frame_equal(again.drop(columns="source"), frame.drop(columns="source"))


def test_tables_of_districts_without_contours(tmp_path: Path) -> None:
    text = "code_qp,nom_qp,nom_commune,pop_mun\nQP001001,A,Ambérieu-en-Bugey,1177\n"
    text += 'QP001002,B,"Valserhône, Ambérieu-en-Bugey",300\nQP001003,C,Nulle-Part,50\n'
    path = written(tmp_path, "p.csv", text)
    frame, _, findings = read_district_populations(path, toy_territory())
    # 300 by 16,000 and 14,000 inhabitants.
    assert values(frame, "population_qpv") == {"01004": 1317.0, "01033": 160.0}
    assert "faute de contour : 1 quartier (« QP001002 »)" in said(findings)
    assert "« QP001003 (Nulle-Part) »" in said(findings)
    text = "code_qp;lib_qp;insee_com;;\nQN1;A;01004, 01033;;\nQN2;B;01004;;\nQN3;C;75056;;\n"
    frame, _, findings = read_district_list(written(tmp_path, "l.csv", text), toy_territory())
    assert values(frame, "nombre_qpv") == {"01004": 2.0, "01033": 1.0}
    assert "la liste ne dit pas l’arrondissement" in said(findings)


# Recognition


def test_a_file_is_known_by_its_columns_not_by_its_name(tmp_path: Path) -> None:
    path = written(tmp_path, "x.csv", DEFM + defm("01004", "5"))
    source = read_source(path, toy_territory())
    assert source is not None
    assert source.kind == "indicateurs"
    assert "Dares" in source.label
    assert values(source.frame, "demandeurs_emploi") == {"01004": 5.0}
    for name, text in (("y.csv", "a,b\n1,2\n"), ("z.json", json.dumps({"a": 1})), ("t.csv", "")):
        assert read_source(written(tmp_path, name, text), toy_territory()) is None
    notice = unrecognised(tmp_path / "sources" / "y.csv")
    assert notice.file == "sources/y.csv"
    assert all(label in notice.remedy for label in KNOWN_LABELS)


def test_names_and_codes_are_folded() -> None:
    assert plain_name("Tranche d’âge") == plain_name("tranche_d_age") == "tranche_d_age"
    assert codes_of("2A004, 97101;01001") == ["2A004", "97101", "01001"]

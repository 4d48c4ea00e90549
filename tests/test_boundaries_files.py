"""Boundaries that the user chooses: every known layout draws the same toy country."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from contour_files import (
    ARM,
    DRAWN,
    METROPOLITAN,
    TOY,
    cartiflette,
    drawn,
    geojson,
    geojson_folder,
    geopackage_4,
    shapefiles_3,
    zipped,
)

from data.fetch import copies
from data.fetch.transfer import Identity
from data.paths import CACHE_VARIABLE
from data.reference import territory
from data.reference.admin_express import contour_layers
from data.reference.assemble import assemble_units
from data.reference.boundaries import Boundaries
from data.reference.boundaries_choice import (
    BOUNDARIES_VARIABLE,
    BoundariesReport,
    ChosenBoundaries,
    choose_boundaries,
    redrawn,
)
from data.reference.boundaries_files import contours_digest, read_contours
from data.reference.cartiflette import contour_keys
from data.reference.code_tables import Cog
from data.reference.sources import sources
from geo.errors import DataUnavailableError
from geo.territory import Source

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LAYOUTS = [
    shapefiles_3,
    geopackage_4,
    geojson,
    geojson_folder,
    cartiflette,
    zipped,
    lambda folder: next(shapefiles_3(folder).rglob("COMMUNE.shp")),
]


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.__name__)
def test_every_layout_draws_the_same_units(tmp_path: Path, layout: Callable[[Path], Path]) -> None:
    found = read_contours(layout(tmp_path))
    assert set(DRAWN) <= set(found.index)
    assert set(found.index) <= {*DRAWN, "75056"}
    assert list(found.index) == sorted(found.index)
    for code in DRAWN:
        assert found[code].equals_exact(TOY.loc[code, "geometry"], 1e-9, normalize=True)


@pytest.mark.parametrize("edition", [shapefiles_3, geopackage_4])
def test_legal_projections_come_back_to_their_place(
    tmp_path: Path, edition: Callable[..., Path]
) -> None:
    path = edition(tmp_path, crs=2154)
    found = read_contours(path)
    for code in METROPOLITAN:
        assert found[code].hausdorff_distance(TOY.loc[code, "geometry"]) < 1e-8


def test_deliveries_of_several_territories_go_together(tmp_path: Path) -> None:
    shapefiles_3(tmp_path / "LAMB93_FXX", 2154, METROPOLITAN)
    overseas = tmp_path / "RGR92UTM40S_REU"
    overseas.mkdir()
    frame = drawn(["97411"], {"INSEE_COM": ["97411"]})
    frame.to_crs(2975).to_file(overseas / "COMMUNE.shp")
    found = read_contours(tmp_path)
    assert found["97411"].hausdorff_distance(TOY.loc["97411", "geometry"]) < 1e-8
    assert set(METROPOLITAN) < set(found.index)


def test_the_same_commune_drawn_twice_is_refused(tmp_path: Path) -> None:
    shapefiles_3(tmp_path / "WGS84G_FRA")
    shapefiles_3(tmp_path / "LAMB93_FXX", 2154, METROPOLITAN)
    with pytest.raises(DataUnavailableError, match="qu’une édition et qu’une projection"):
        read_contours(tmp_path)


def test_parts_of_a_commune_are_united_and_what_is_no_surface_left_out(tmp_path: Path) -> None:
    path = tmp_path / "communes.geojson"
    bow_tie = shapely.Polygon([(3, 0), (4, 1), (4, 0), (3, 1)])
    shapes = [shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1), bow_tie, shapely.Point(0, 0), None]
    codes = ["01004", "01004", "01033", "2A004", "97101"]
    gpd.GeoDataFrame({"code": codes}, geometry=shapes, crs=4326).to_file(path)
    found = read_contours(path)
    assert list(found.index) == ["01004", "01033"]
    assert found["01004"].equals(shapely.box(0, 0, 2, 1))
    assert found["01033"].is_valid
    assert found["01033"].area == pytest.approx(0.5)


def spoilt(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def without_crs(folder: Path) -> Path:
    path = next(shapefiles_3(folder).rglob("COMMUNE.shp"))
    path.with_suffix(".prj").unlink()
    return path


def codeless(folder: Path) -> Path:
    path = folder / "communes.geojson"
    drawn(["01004"], {"nom": ["x"]}).to_file(path)
    return path


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda folder: folder / "absent.gpkg", "n’existe pas"),
        (lambda folder: folder, "aucune couche de communes"),
        (lambda folder: spoilt(folder / "x.txt", b""), "aucune couche de communes"),
        (lambda folder: spoilt(folder / "x.gpkg", b"no"), "illisible"),
        (lambda folder: spoilt(folder / "x.geojson", b"no"), "illisible"),
        (lambda folder: spoilt(folder / "x.parquet", b"no"), "illisible"),
        (lambda folder: spoilt(folder / "x.zip", b"no"), "archive « x.zip » illisible"),
        (without_crs, "aucun système de coordonnées"),
        (codeless, "sans colonne de codes"),
    ],
)
def test_what_draws_no_commune_is_told(
    tmp_path: Path, make: Callable[[Path], Path], said: str
) -> None:
    with pytest.raises(DataUnavailableError) as error:
        read_contours(make(tmp_path))
    assert said in str(error.value)


def test_a_geopackage_of_one_layer_is_taken_whatever_its_name(tmp_path: Path) -> None:
    path = tmp_path / "mes_contours.gpkg"
    drawn(["01004"], {"INSEE_COM": ["01004"]}).to_file(path, layer="export")
    assert list(read_contours(path).index) == ["01004"]
    with pytest.raises(DataUnavailableError, match="aucune couche"):
        contour_layers(tmp_path)


def test_the_digest_follows_contents_and_not_the_folder(tmp_path: Path) -> None:
    first = shapefiles_3(tmp_path / "a")
    shutil.copytree(first, tmp_path / "b" / "c")
    assert contours_digest(first) == contours_digest(tmp_path / "b" / "c")
    dbf = next((tmp_path / "b").rglob("COMMUNE.dbf"))
    dbf.write_bytes(dbf.read_bytes().replace(b"Nom 01004", b"Nom 01005"))
    assert contours_digest(first) != contours_digest(tmp_path / "b" / "c")
    other = next((tmp_path / "b").rglob("DEPARTEMENT.dbf"))
    before = contours_digest(tmp_path / "b")
    other.write_bytes(b"not read")
    assert contours_digest(tmp_path / "b") == before


def cog() -> Cog:
    """Return the code tables of the toy country, 01091 merged into 01033."""
    rows = [(code, "commune-actuelle", "") for code in TOY.index if code not in ARM]
    rows += [("75056", "commune-actuelle", "")]
    rows += [(code, "arrondissement-municipal", "75056") for code in ARM]
    rows += [("01091", "commune-deleguee", "01033"), ("01033", "commune-deleguee", "01033")]
    table = pd.DataFrame(rows, columns=["code", "kind", "parent"])
    for column in ("departement", "region", "arrondissement", "epci", "ept"):
        table[column] = ""
    return Cog(table.assign(nom="Nom", population=7), names={})


def embedded() -> Boundaries:
    """Return boundaries that are all wrong: a test would see one that is kept."""
    rows = [("01033", "COM", "", "200000001"), ("01091", "COMD", "01033", "")]
    rows += [(code, "ARM", "75056", "") for code in ARM] + [("75056", "COM", "", "")]
    table = pd.DataFrame(rows, columns=["code", "kind", "parent", "epci"])
    table["geometry"] = pd.Series([shapely.box(50, 50, 51, 51)] * len(table), dtype=object)
    return Boundaries(table, {"200000001": "CC"})


def chosen(path: Path) -> ChosenBoundaries:
    return ChosenBoundaries(path, Source("Carte", "", "", "", "0" * 64))


def test_geometry_alone_is_replaced_and_replaced_whole(tmp_path: Path) -> None:
    boundaries, report = redrawn(embedded(), chosen(geopackage_4(tmp_path)), cog())
    units = assemble_units(cog(), boundaries)
    assert list(units.index) == list(TOY.index)
    for code in DRAWN:
        assert units.loc[code, "geometry"].equals_exact(
            TOY.loc[code, "geometry"], 1e-6, normalize=True
        )
    assert units.loc["98901", "geometry"] is None
    assert (units["population"] == 7).all()
    assert boundaries.epci_names == {"200000001": "CC"}
    assert boundaries.communes.set_index("code").loc["01033", "epci"] == "200000001"
    assert report == BoundariesReport(missing=("98901",), unknown=(), joined=())


def test_a_map_of_another_vintage_is_told_and_nothing_is_guessed(tmp_path: Path) -> None:
    path = tmp_path / "communes.geojson"
    halves = [shapely.box(5.4, 45.9, 5.45, 46), shapely.box(5.45, 45.9, 5.5, 46)]
    shapes = [*halves, TOY.loc["2A004", "geometry"], shapely.box(8, 8, 9, 9)]
    codes = ["01033", "01091", "2A004", "01999"]
    gpd.GeoDataFrame({"code": codes}, geometry=shapes, crs=4326).to_file(path)
    boundaries, report = redrawn(embedded(), chosen(path), cog())
    units = assemble_units(cog(), boundaries)
    assert units.loc["01033", "geometry"].equals(TOY.loc["01033", "geometry"])
    assert report.joined == ("01091",)
    assert report.unknown == ("01999",)
    assert set(report.missing) == set(units.index[units.geometry.isna()])
    assert "75101" in report.missing, "the embedded shape is not kept beside another map"
    told = " ".join(report.sentences())
    assert "1 ancienne commune réunie à l’actuelle (01091)" in told
    assert "1 code inconnu, non dessiné (01999)" in told
    assert report.summary == f"{len(report.missing)} unités sans contour, 1 code inconnu"


def test_a_missing_commune_is_not_made_of_the_embedded_parts(tmp_path: Path) -> None:
    path = tmp_path / "communes.geojson"
    drawn(["2A004"], {"code": ["2A004"]}).to_file(path)
    boundaries, report = redrawn(embedded(), chosen(path), cog())
    assert assemble_units(cog(), boundaries).loc["01033", "geometry"] is None
    assert "01033" in report.missing


def test_a_long_list_of_missing_units_is_cut() -> None:
    report = BoundariesReport(tuple(f"{n:05}" for n in range(50)), (), ())
    (sentence,) = report.sentences()
    assert sentence.endswith("00019 et 30 autres).")
    assert BoundariesReport((), (), ()).sentences() == []


def test_a_map_of_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "departements.geojson"
    drawn(["01004"], {"code": ["01"]}).to_file(path)
    with pytest.raises(DataUnavailableError, match="aucune commune connue"):
        redrawn(embedded(), chosen(path), cog())


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Build the toy country in place of France, in a cache of its own."""
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "cache"))
    monkeypatch.delenv(BOUNDARIES_VARIABLE, raising=False)
    monkeypatch.setattr(territory, "install", lambda _key, _say: False)
    monkeypatch.setattr(territory, "fetch_boundaries", embedded)
    monkeypatch.setattr(territory, "read_tables", lambda _folder: cog_with_names())
    return tmp_path


def cog_with_names() -> Cog:
    levels = ("epci", "ept", "arrondissement", "departement", "region")
    return Cog(cog().communes.assign(postal=""), {level: {} for level in levels})


def fetched(folder: Path, key: str, path: Path) -> None:
    """Put a file in the cache as a download would."""
    source = sources()[key]
    part = copies.home(source) / "x.partiel"
    part.parent.mkdir(parents=True)
    shutil.copyfile(path, part)
    copies.keep(part, source, Identity("https://exemple.fr"), ())
    assert folder / "cache" in part.parents


def test_the_choice_is_in_the_key_in_the_provenance_and_told_at_each_load(house: Path) -> None:
    path, said = geopackage_4(house), []
    plain = territory.load_territory()
    assert plain.units.loc["01033", "geometry"].equals(shapely.box(50, 50, 51, 51))
    assert len(plain.sources) == 2
    for _ in range(2):
        said.clear()
        loaded = territory.load_territory(boundaries=path, on_step=said.append)
        assert said[-1] == "Contours : 1 unité sans contour (98901)."
    assert loaded.units.loc["2A004", "geometry"].area == pytest.approx(0.01)
    assert len(said) == 1, "the second load builds nothing"
    codes, contours, epci = loaded.sources
    assert codes == plain.sources[0]
    assert contours.sha256 == contours_digest(path)
    assert contours.vintage == "2026"
    assert contours.name == f"Contours fournis : {path.name} (1 unité sans contour)"
    assert "EPCI" in epci.name
    assert len(list((house / "cache").glob("territoire-*/"))) == 2
    assert territory.load_territory().units.equals(plain.units)


def test_the_environment_chooses_and_an_argument_wins(
    house: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = house / "a", house / "b"
    here.mkdir()
    there.mkdir()
    monkeypatch.setenv(BOUNDARIES_VARIABLE, str(geojson(here)))
    assert "communes-100m.geojson" in territory.load_territory().sources[1].name
    loaded = territory.load_territory(boundaries=geopackage_4(there))
    assert "ADE-COG" in loaded.sources[1].name
    monkeypatch.setenv(BOUNDARIES_VARIABLE, "  ")
    assert choose_boundaries(None) is None


def test_cartiflette_is_read_from_the_cache_and_never_fetched(house: Path) -> None:
    assert contour_keys() == ["cartiflette", "contours-etalab", "admin-express"]
    with pytest.raises(DataUnavailableError, match="donnees telecharger cartiflette"):
        territory.load_territory(boundaries="cartiflette")
    fetched(house, "cartiflette", cartiflette(house))
    loaded = territory.load_territory(boundaries="cartiflette")
    assert loaded.units.loc["75101", "geometry"].area == pytest.approx(0.01)
    assert loaded.sources[1].publisher == sources()["cartiflette"].publisher
    assert len(loaded.sources[1].sha256) == 64


def test_a_packed_delivery_is_to_be_unpacked_by_hand(house: Path) -> None:
    fetched(house, "admin-express", spoilt(house / "x.7z", b"7z"))
    with pytest.raises(DataUnavailableError, match="décompressez"):
        choose_boundaries("admin-express")


@pytest.mark.parametrize("spoil", ["", '{"missing": 5}'])
def test_a_lost_report_is_made_again(house: Path, spoil: str) -> None:
    path, said = geopackage_4(house), []
    territory.load_territory(boundaries=path)
    (kept,) = (house / "cache").glob("*.contours.json")
    assert json.loads(kept.read_text())["missing"] == ["98901"]
    kept.write_text(spoil)
    territory.load_territory(boundaries=path, on_step=said.append)
    assert said[0].startswith("Le territoire en cache est altéré")
    assert json.loads(kept.read_text())["missing"] == ["98901"]


def test_the_vintage_is_the_one_that_a_delivery_names(tmp_path: Path) -> None:
    shapefile = next(shapefiles_3(tmp_path / "2019").rglob("COMMUNE.shp"))
    renamed = shapefile.parent.rename(shapefile.parent.with_name("ED2024-02-22"))
    found = choose_boundaries(renamed / "COMMUNE.shp")
    assert found is not None
    assert found.source.vintage == "2024"
    plain = tmp_path / "contours"
    plain.mkdir()
    found = choose_boundaries(geojson_folder(plain))
    assert found is not None
    assert replace(found.source, vintage="").vintage == ""

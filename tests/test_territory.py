"""The reference territory: every code resolves, every place is somewhere, the units tile."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely

from data.paths import cog_dir
from data.reference.code_tables import ARRONDISSEMENT_MUNICIPAL, COMMUNE, Cog, read_tables
from data.reference.npm_files import install
from data.reference.vintages import ACCEPTED_VINTAGES
from geo.crs import geodesic_area_km2, legal_epsg
from geo.dissolve import dissolve
from geo.errors import UnknownCodeError
from geo.territory import LEVELS

if TYPE_CHECKING:
    from geo.territory import Territory

SPLIT = {"75056": 20, "69123": 9, "13055": 16}
RESTORED = ["12218", "14581", "49126", "69114"]
WITHOUT_SHAPE = ["15031", "15035", "15047", "15171", "97501", "97502", "97701", "97801"]


@pytest.fixture(scope="module")
def cog() -> Cog:
    install("cog", print)
    return read_tables(cog_dir())


def codes_of(france: Territory, niveau: str, code: str) -> list[str]:
    return france.codes[france.resolve(niveau, code)].tolist()


def test_the_units_are_the_communes_with_arrondissements_municipaux(
    france: Territory, cog: Cog
) -> None:
    kinds = cog.communes["kind"].value_counts()
    assert kinds[COMMUNE] == 34_879
    assert kinds[ARRONDISSEMENT_MUNICIPAL] == 45
    assert len(france) == 34_879 - len(SPLIT) + 45
    assert france.units.index.is_unique
    assert france.units.index.is_monotonic_increasing
    assert not set(SPLIT) & set(france.codes)


def test_columns_have_the_declared_types(france: Territory) -> None:
    units = france.units
    texts = ["name", "departement", "region", "epci", "ept", "arrondissement"]
    assert list(units.columns) == [*texts, "population", "area_km2", "geometry"]
    assert not units.drop(columns=["area_km2", "geometry"]).isna().any(axis=None)
    assert (units[["name", "departement", "region"]] != "").all(axis=None)
    assert units["population"].dtype == np.int64
    assert units.crs.to_epsg() == 4326
    assert france.borders.dtypes.map(str).to_dict() == {
        "left": "int32",
        "right": "int32",
        "length_m": "float64",
    }
    assert set(france.members) == set(france.names) == set(LEVELS)
    assert france.vintage in ACCEPTED_VINTAGES


def test_every_code_of_the_source_lands_on_its_unit(france: Territory, cog: Cog) -> None:
    assert len(cog.communes) == 34_879 + 45 + 2_105 + 471
    for row in cog.communes.itertuples():
        found = codes_of(france, "commune", row.code)
        if row.code in SPLIT:
            assert len(found) == SPLIT[row.code]
        elif row.kind in {COMMUNE, ARRONDISSEMENT_MUNICIPAL}:
            assert found == [row.code]
        else:
            assert found == [row.parent] or row.code == found[0] == row.parent
    assert set(france.members["commune"]) == set(cog.communes["code"])


@pytest.mark.parametrize(
    ("niveau", "code", "count", "one"),
    [
        ("commune", "75056", 20, "75120"),
        ("commune", "69123", 9, "69381"),
        ("commune", "13055", 16, "13216"),
        ("commune", "75101", 1, "75101"),
        ("commune", "93059", 1, "93066"),
        ("commune", "2A004", 1, "2A004"),
        ("departement", "2A", 124, "2A004"),
        ("departement", "2B", 236, "2B033"),
        ("departement", "75", 20, "75112"),
        ("departement", "971", 32, "97105"),
        ("departement", "974", 24, "97411"),
        ("departement", "976", 17, "97611"),
        ("departement", "975", 2, "97502"),
        ("arrondissement", "751", 20, "75101"),
        ("arrondissement", "75101", 1, "75101"),
        ("arrondissement", "69381", 1, "69381"),
        ("ept", "200057867", 8, "93066"),
        ("epci", "200054781", 149, "75108"),
        ("epci", "200046977", 66, "69389"),
        ("region", "11", 1_285, "93066"),
        ("region", "94", 360, "2B033"),
        ("region", "06", 17, "97611"),
        ("region", "978", 1, "97801"),
    ],
)
def test_codes_of_every_level_resolve(
    france: Territory, niveau: str, code: str, count: int, one: str
) -> None:
    found = codes_of(france, niveau, code)
    assert len(found) == count
    assert one in found
    assert found == sorted(found)
    assert france.names[niveau][code]


def test_levels_hold_each_unit_once_as_its_columns_say(france: Territory) -> None:
    for niveau in ("ept", "departement", "region"):
        column = france.units[niveau].to_numpy(dtype=object)
        rows = np.concatenate(list(france.members[niveau].values()))
        assert np.sort(rows).tolist() == np.flatnonzero(column != "").tolist()
        for code, members in france.members[niveau].items():
            assert (column[members] == code).all()
            assert members.dtype == np.int32


def test_the_eleven_ept_hold_129_communes_since_pierrefitte_joined_saint_denis(
    france: Territory,
) -> None:
    assert sorted(map(len, france.members["ept"].values())) == [
        7,
        8,
        8,
        8,
        9,
        11,
        11,
        13,
        14,
        16,
        24,
    ]


def test_epci_created_in_2026_resolve_though_units_keep_their_former_one(
    france: Territory,
) -> None:
    for code, departement in (("994579670", "12"), ("992367730", "57")):
        members = france.resolve("epci", code)
        assert (france.units["departement"].iloc[members] == departement).all()
        assert not (france.units["epci"] == code).any()
        assert france.names["epci"][code]


@pytest.mark.parametrize("code", ["98818", "98735", "98411"])
def test_territories_out_of_scope_are_unknown_codes(france: Territory, code: str) -> None:
    with pytest.raises(UnknownCodeError, match="COG 2026"):
        france.resolve("commune", code)


def test_population_is_known_everywhere_mayotte_included(france: Territory) -> None:
    assert (france.units["population"] >= 0).all()
    assert 66_000_000 < france.population.sum() < 69_000_000
    assert france.population[france.resolve("departement", "976")].sum() > 250_000
    assert france.population[france.resolve("commune", "75056")].sum() == 2_103_778


def test_restored_communes_have_a_shape_and_eight_units_have_none(france: Territory) -> None:
    units = france.units
    assert units.loc[RESTORED, "area_km2"].min() > 10
    assert units.index[units.geometry.isna()].tolist() == WITHOUT_SHAPE
    assert units.index[units["area_km2"].isna()].tolist() == WITHOUT_SHAPE


def test_areas_are_plausible_and_near_the_legal_projections(france: Territory) -> None:
    areas = france.units["area_km2"].to_numpy()
    assert np.nansum(areas) == pytest.approx(637_236, abs=50)
    assert areas[france.resolve("departement", "75")].sum() == pytest.approx(105.4, rel=0.02)
    metropolitan = france.units[france.units["departement"].str.len() == 2]
    flat = metropolitan.geometry.to_crs(legal_epsg("75")).area / 1e6
    assert flat.sum() == pytest.approx(metropolitan["area_km2"].sum(), rel=0.005)


def test_no_unit_overlaps_another(france: Territory) -> None:
    assert shapely.coverage_is_valid(france.units.geometry.dropna().to_numpy(dtype=object))


def test_units_tile_their_regions(france: Territory) -> None:
    shapes = france.units.geometry.to_numpy(dtype=object)
    regions = dissolve(shapes, france.units["region"].to_numpy(dtype=object))
    whole = geodesic_area_km2(list(regions.values()))
    parts = france.units.groupby("region")["area_km2"].sum(min_count=1)
    assert list(regions) == list(parts.index)
    assert whole == pytest.approx(parts.to_numpy(), rel=1e-6, nan_ok=True)


def test_borders_are_pairs_once_longer_than_a_metre(france: Territory) -> None:
    borders = france.borders
    assert (borders["left"] < borders["right"]).all()
    assert not borders.duplicated(["left", "right"]).any()
    assert (borders["length_m"] > 1).all()
    assert len(borders) == 102_185
    assert borders["right"].max() < len(france)
    lonely = set(WITHOUT_SHAPE) & set(france.codes[borders[["left", "right"]].to_numpy().ravel()])
    assert not lonely


def test_holes_are_reported_and_belong_to_no_unit(france: Territory) -> None:
    holes = france.holes
    assert len(holes) == 57
    assert holes["area_km2"].sum() == pytest.approx(606.1, abs=0.5)
    assert set(holes["region"]) <= set(france.names["region"])
    inside = holes.geometry.representative_point().to_numpy(dtype=object)
    shapes = france.units.geometry.to_numpy(dtype=object)
    assert shapely.STRtree(shapes).query(inside, predicate="within").size == 0
    pierrefitte = holes[holes.contains(shapely.Point(2.3634, 48.9629))]
    assert pierrefitte["region"].tolist() == ["11"]


def test_sources_are_told(france: Territory) -> None:
    assert [source.vintage for source in france.sources] == ["2026", "2025"]
    for source in france.sources:
        assert source.licence.startswith("Licence Ouverte")
        assert len(source.sha256) == 64


def test_names_are_the_official_ones(france: Territory) -> None:
    names = france.names
    assert france.units.loc["93066", "name"] == names["commune"]["93066"] == "Saint-Denis"
    assert names["commune"]["93059"] == "Pierrefitte-sur-Seine"
    assert names["commune"]["75056"] == "Paris"
    assert names["departement"]["2A"] == "Corse-du-Sud"
    assert names["region"]["11"] == "Île-de-France"
    assert names["ept"]["200057867"] == "Plaine Commune"
    assert names["epci"]["200054781"] == "Métropole du Grand Paris"
    assert names["arrondissement"]["751"] == "Paris"
    assert json.dumps(names)

"""The real public files of `../shared/data`: every quirk counted exactly."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from data.indicators.recognise import Source, read_source
from data.reference.territory import load_territory

if TYPE_CHECKING:
    from geo.territory import Territory

SHARED = Path(__file__).parents[2] / "shared/data"
SPACE = "\u202f"


@cache
def france() -> Territory:
    return load_territory()


@cache
def source_of(path: Path) -> Source | None:
    return read_source(path, france())


def read(name: str, kind: str = "indicateurs") -> Source:
    path = SHARED / name
    if not path.exists():
        pytest.skip("shared data absent")
    source = source_of(path)
    assert source is not None
    assert source.kind == kind
    assert not source.findings.faults
    assert source.entry is not None
    return source


def said(source: Source) -> str:
    return "\n".join(notice.message for notice in source.findings.warnings)


def total(source: Source, name: str) -> tuple[int, float]:
    rows = source.frame[source.frame["indicateur"] == name]
    assert rows["commune"].is_unique
    assert rows["commune"].isin(france().units.index).all()
    return len(rows), float(rows["valeur"].sum())


def test_districts_of_2024_with_their_586_invalid_contours() -> None:
    source = read("qpv/qpv_2024_contours.geojson")
    assert source.entry is not None
    assert source.entry.rows == 1584
    communes, surface_m2 = total(source, "surface_qpv_m2")
    assert communes == 850
    assert surface_m2 == pytest.approx(1_035_872_439, abs=100)
    told = said(source)
    assert "586 polygones invalides réparés" in told
    assert "compté à part : 88 quartiers" in told
    assert "hors des communes de sa liste : 1 quartier (« QN97654C »)" in told
    assert "hors de toute commune dessinée : 4 quartiers" in told
    units = source.frame["commune"]
    assert not units.isin(("75056", "69123", "13055")).any()
    assert units.str.startswith("751").sum() >= 5


def test_repaired_contours_have_the_surface_of_the_valid_ones() -> None:
    ours = read("qpv/qpv_2024_contours.geojson").frame
    others = read("qpv/qpv_2024_contours_valides.geojson").frame
    both = ours.merge(others, on="commune", suffixes=("", "_valid"))
    assert len(both) == len(ours) == len(others)
    assert ((both["valeur"] / both["valeur_valid"] - 1).abs() < 1e-3).mean() > 0.99


def test_population_of_the_districts_of_occitanie() -> None:
    source = read("qpv/hackaviz2021_occitanie_qp.csv")
    assert total(source, "population_qpv") == (49, 358_011.0)
    assert "faute de contour : 1 quartier (« QP065003 »)" in said(source)


def test_list_of_districts_by_commune() -> None:
    source = read("qpv/qpv_2024_communes.csv")
    assert total(source, "nombre_qpv") == (821, 1616.0)
    told = said(source)
    assert "« 13055 », « 69123 », « 75056 » : la liste ne dit pas l’arrondissement" in told
    assert "9 codes de communes inconnus" in told
    assert "(88 au total)" in told
    assert "1 ancienne commune" in told


def test_incomes_with_their_secrets_and_former_communes() -> None:
    source = read("emploi/filosofi_2021_communes.csv")
    assert total(source, "niveau_vie_median_eur")[0] == 31_252
    assert total(source, "part_minima_sociaux_pct")[0] == 5_340
    told = said(source)
    assert f"25{SPACE}979 communes sans valeur de « part_minima_sociaux_pct »" in told
    assert "9 codes de communes inconnus" in told
    assert "65 anciennes communes" in told


def test_unemployment_of_302_zones() -> None:
    source = read("emploi/taux_chomage_ze2020_trim.csv")
    communes, _ = total(source, "taux_chomage_ze_pct")
    assert communes == 34_878  # 34,836 communes and 45 arrondissements less three cities
    told = said(source)
    assert (
        "39 communes de 4 zones sans taux publié : « 0301 », « 0302 », « 0303 », « 0601 »" in told
    )
    assert "3 villes entières" in told
    assert source.frame["source"].iloc[0].endswith("2025-T4")
    assert read("emploi/communes_ze2020.csv").frame.empty


def test_zonings_and_programmes() -> None:
    zrr = read("emploi/zrr_2022_communes.csv")
    assert total(zrr, "zrr") == (34_909, 17_665.0)
    assert "17 codes de communes inconnus" in said(zrr)
    programmes = read("emploi/anct_programmes_communes.csv")
    assert total(programmes, "acv") == (2_385, 245.0)
    assert total(programmes, "pvd") == (2_385, 1_646.0)
    assert total(programmes, "ort") == (2_385, 2_260.0)


def test_structures_of_insertion_with_their_quirks() -> None:
    source = read("siae/siae_les_emplois_2020_12.csv")
    told = said(source)
    for word in (
        "(« EA », « GEIQ ») : 175 structures",
        "au SIRET déjà compté : 12 lignes",
        "sans coordonnées : 32 structures",
        "(score sous 0,6) : 247 structures",
        "(mer, étranger) : 4 structures",
        "celui d’une seule commune : 14 structures",
        "comptée nulle part : 23 structures",
    ):
        assert word in told
    # 3,853 rows less 175, 12 and 23.
    assert total(source, "siae") == (1_685, 3_643.0)


def test_games_and_stations_go_to_their_own_readers() -> None:
    games = read("jo2024/paris-2024-sites-de-competition.csv", "grands_projets")
    assert len(games.frame) == 44
    stations = read("gpe/gpe_gares.geojson", "grands_projets")
    assert len(stations.frame) == 69


def test_france_services_are_no_buyers_of_the_state() -> None:
    source = read("services_etat/france_services_2021.geojson", "services_etat")
    assert source.frame.empty
    assert "ne sont pas des acheteurs de l’État" in said(source)

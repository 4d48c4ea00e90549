"""Public files that give projects, and the ready layer, on real and made data."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from project_builders import study_of

from coverage.origins.projects import project_contributions, project_sites
from data.projects.public import GAMES, LINE_14, METRO, read_gpe, read_jop
from data.projects.reference import reference_projects

if TYPE_CHECKING:
    from geo.territory import Territory

SHARED = Path(__file__).parents[2] / "shared/data"
JOP_HEADER = (
    "code_site;nom_site;category_id;sports;start_date;end_date;adress;latitude;longitude;point_geo"
)


def real(name: str) -> Path:
    path = SHARED / name
    if not path.exists():
        pytest.skip("shared data absent")
    return path


def jop(folder: Path, *lines: str) -> Path:
    path = folder / "sites.csv"
    path.write_text("\n".join([JOP_HEADER, *lines, ""]), encoding="utf-8-sig")
    return path


def test_the_real_table_of_the_games_loads_with_its_quirks_counted() -> None:
    frame, entry, findings = read_jop(real("jo2024/paris-2024-sites-de-competition.csv"))
    assert frame is not None
    assert entry is not None
    assert (entry.rows, len(frame), findings.faults) == (63, 44, ())
    told = " ; ".join(notice.message for notice in findings.warnings)
    assert "63 lignes pour 44 sites" in told
    assert "4 lignes où latitude et longitude" in told
    assert "2 lignes dont les dates" in told
    assert "VE2 et LGN" in told
    assert frame["projet_id"].is_unique
    bercy = frame[frame["projet_id"] == "jop-BCY"].geometry.iloc[0]
    assert (bercy.x, bercy.y) == (2.378597, 48.83863)
    assert set(frame["donneur_ordre"]) == {"operateurs_etat"}


def test_coordinates_with_commas_points_or_the_pair_alone_read_the_same(tmp_path: Path) -> None:
    path = jop(
        tmp_path,
        "A;Un;venue-olympic;;2024-07-27;2024-08-10;;48,9;2.3;48.9, 2.3",
        "B;Deux;venue-olympic;;2024-07-27;2024-08-10;;;;48.9, 2.3",
        "C;Trois;venue-paralympic;;2024-07-27;2024-08-10;;48.9;2,3;",
        "C;Trois;venue-olympic;;2024-07-27;2024-08-10;;48.8;2,3;",
        "D;Quatre;venue-olympic;;;;;nord;2,3;ici",
    )
    frame, _, findings = read_jop(path)
    assert frame is not None
    assert {(point.x, point.y) for point in frame.geometry} == {(2.3, 48.9)}
    assert [(fault.row, fault.column) for fault in findings.faults] == [(6, "latitude")]
    told = " ; ".join(notice.message for notice in findings.warnings)
    assert "1 ligne où un site déjà lu est placé ailleurs : 5" in told
    assert "1 ligne dont les dates" in told


def test_a_table_without_its_columns_says_which(tmp_path: Path) -> None:
    path = tmp_path / "sites.csv"
    path.write_text("code;nom\nA;Un\n", encoding="utf-8")
    frame, entry, findings = read_jop(path)
    assert frame is None
    assert entry is None
    assert "code_site" in findings.faults[0].message
    assert read_jop(tmp_path / "absent.csv")[2].faults


def test_the_real_stations_load_with_their_lines_cut() -> None:
    frame, entry, findings = read_gpe(real("gpe/gpe_gares.geojson"))
    assert frame is not None
    assert entry is not None
    assert (entry.rows, len(frame), findings.faults) == (69, 69, ())
    told = " ; ".join(notice.message for notice in findings.warnings)
    assert "6 gares de plusieurs lignes" in told
    assert "ordre inverse : L15/L14" in told
    names = frame.set_index("projet_id")["nom"]
    assert names["gpe-GA01"] == "Le Bourget RER (lignes 16 et 17)"
    assert sum("(ligne 15)" in name for name in names) == 33
    assert (frame["fin"] == LINE_14[1]).sum() == 9


def test_stations_that_cannot_be_placed_are_errors(tmp_path: Path) -> None:
    def station(code: str, line: str, geometry: object) -> dict[str, object]:
        properties = {"code": code, "libelle": f"Gare {code}", "ligne": line}
        return {"type": "Feature", "properties": properties, "geometry": geometry}

    point = {"type": "Point", "coordinates": [2.4, 48.9]}
    features = [
        station("A", "L14/L15/L16/L17", point),
        station("A", "L15", point),
        station("B", "tram", point),
        station("C", "L15", {"type": "Point", "coordinates": [2.4]}),
        station("D", "L14", None),
    ]
    path = tmp_path / "gares.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    frame, _, findings = read_gpe(path)
    assert frame is not None
    assert frame["nom"].tolist() == ["Gare A (lignes 14, 15, 16 et 17)"]
    assert [fault.row for fault in findings.faults] == [2, 3, 4, 5]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [{"properties": {}}]}))
    assert "colonnes absentes" in read_gpe(path)[2].faults[0].message
    path.write_text("[1, 2]")
    assert read_gpe(path)[0] is None


@pytest.fixture(scope="module")
def layer(france: Territory):  # noqa: ANN201 - a frame of a library without types
    return reference_projects(france)


def test_the_ready_layer_is_whole_sourced_and_without_hours(layer) -> None:  # noqa: ANN001
    frame, entry, findings = layer
    assert findings.faults == ()
    assert entry.rows == len(frame) == 130
    assert frame["projet_id"].is_unique
    assert (frame["source"].str.len() > 10).all()
    assert set(frame["fiabilite"]) == {"certain", "approximatif"}
    assert frame["heures"].isna().all()
    assert frame["montant_eur"].isna().all()
    assert "130 projets sans heures ni montant" in findings.warnings[0].message
    counts = frame["programme"].value_counts().to_dict()
    assert counts == {
        "npnru": 77,
        "jop": 42,
        "grand_paris_express": 5,
        "canal_seine_nord": 5,
        "bassin_minier": 1,
    }
    held = frame.explode("communes").groupby("programme")["communes"].nunique().to_dict()
    assert (held["canal_seine_nord"], held["bassin_minier"]) == (54, 159)


def test_cities_of_the_layer_are_by_arrondissement_of_the_present_code(
    layer,  # noqa: ANN001 - as above
    france: Territory,
) -> None:
    codes = set(layer[0].explode("communes")["communes"])
    assert codes <= set(france.codes)
    assert not codes & {"75056", "69123", "13055"}
    assert {"75108", "69389", "13215"} <= codes


def test_the_layer_and_the_readers_tell_one_calendar(layer) -> None:  # noqa: ANN001
    frame = layer[0].set_index("projet_id")
    assert (frame.loc["gpe-l15", "debut"], frame.loc["gpe-l15", "fin"]) == METRO
    assert frame.loc["gpe-l14", "fin"] == LINE_14[1]
    assert (frame.loc["jop-bcy", "debut"], frame.loc["jop-bcy", "fin"]) == GAMES


def test_the_layer_holds_the_communes_of_the_real_files(layer) -> None:  # noqa: ANN001
    path = real("gpe/gpe_gares.csv")
    lines = [line.split(",") for line in path.read_text(encoding="utf-8").splitlines()[1:]]
    stations = {cells[6] or cells[5] for cells in lines}
    frame = layer[0]
    metro = frame[frame["programme"] == "grand_paris_express"]
    assert set(metro.explode("communes")["communes"]) == stations


def test_the_games_are_over_in_2025_and_bring_no_hours(layer, france: Territory) -> None:  # noqa: ANN001
    from dataclasses import replace  # noqa: PLC0415 - one use

    study = replace(study_of(year=2024), projects=layer[0])
    sites = project_sites(study, france)
    assert "jop" in set(sites["programme"])
    after = project_sites(replace(study, year=2025), france)
    assert "jop" not in set(after["programme"])
    assert "gpe-l14" not in set(after["projet_id"])
    assert project_contributions(study, france).table.empty
    assert date(2025, 1, 1) > GAMES[1]

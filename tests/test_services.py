"""State services: the planner's table, the official directory, public lists."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from toy import toy_territory

from coverage.frames import SERVICE_COLUMNS
from coverage.origins.services import TYPES
from data.indicators.recognise import Source, read_source
from data.reference.territory import load_territory
from data.services.directory import read_directory
from data.services.kinds import TYPE_OF_CAMINO, TYPE_OF_CODE
from data.services.lists import read_camino, read_establishments
from data.services.table import services_of_table
from data.study.csv_files import read_csv
from data.study.sources_tables import SERVICES
from data.study.table_reader import read_table

if TYPE_CHECKING:
    from data.study.faults import Findings

SHARED = Path(__file__).parents[2] / "shared/data"
HEAD = "service_id;nom;type;siret;commune;lon;lat;accompagne;structure_id;heures\n"


def filed(rows: str) -> tuple[pd.DataFrame, Findings]:
    text, _ = read_csv((HEAD + rows).encode(), "services_etat.csv", SERVICES)
    assert text is not None
    typed, found = read_table(text, SERVICES)
    assert typed is not None
    assert not found.faults
    return services_of_table(typed, toy_territory())


def messages(findings: Findings) -> str:
    return "\n".join(map(str, (*findings.faults, *findings.warnings)))


# The planner's table


def test_a_service_is_placed_by_its_commune_or_by_its_point() -> None:
    frame, findings = filed(
        "b;DDT;ddt;;1004;;;non;;\n"
        "a;Préfecture;prefecture;35600000000048;;2,35;48,85;oui;S1;3500,5\n"
    )
    assert tuple(frame.columns) == SERVICE_COLUMNS
    first, second = frame.to_dict("records")
    assert (first["service_id"], first["commune"], first["lon"]) == ("a", "", 2.35)
    assert (first["accompagne"], first["structure_id"], first["heures"]) == ("oui", "S1", 3500.5)
    assert (second["commune"], second["row"], second["accompagne"]) == ("01004", 2, "non")
    assert np.isnan(second["lon"])
    assert np.isnan(second["heures"])
    assert not findings.faults
    assert "1 code réparé" in messages(findings)


def test_a_point_wins_over_a_commune_that_disagrees_and_it_is_told() -> None:
    frame, findings = filed("a;A;ddt;;93066;2,35;48,85;;;\n")
    assert frame["commune"].tolist() == [""]
    assert frame["accompagne"].tolist() == ["inconnu"]
    assert not findings.faults
    assert "coordonnées crues, dans une autre commune" in messages(findings)


def test_a_point_at_sea_gives_way_to_the_commune() -> None:
    frame, findings = filed("a;A;ddt;;93066;-30;40;;;\n")
    assert frame["commune"].tolist() == ["93066"]
    assert frame["lon"].isna().all()
    assert not findings.faults
    assert "coordonnées hors de toute commune" in messages(findings)


@pytest.mark.parametrize(
    ("rows", "column", "word"),
    [
        ("a;A;ddt;;;;;;;\n", "commune", "service sans lieu"),
        ("a;A;ddt;;01004;5,3;;;;\n", "lon", "longitude sans latitude"),
        ("a;A;ddt;;;-30;40;;;\n", "lon", "point hors de toute commune"),
        ("a;A;ddt;;;48,85;2,35;;;\n", "lon", "échangées"),
        ("a;A;ddt;;99999;;;;;\n", "commune", "inconnu"),
        ("a;A;ddt;;01004;;;;;\na;B;ddt;;01004;;;;;\n", "service_id", "déjà pris ligne 2"),
    ],
)
def test_faults_have_a_place_and_a_remedy(rows: str, column: str, word: str) -> None:
    _, findings = filed(rows)
    (fault,) = findings.faults
    assert fault.column == column
    assert word in fault.message
    assert fault.row == rows.count("\n") + 1
    assert fault.remedy


def test_doubtful_rows_are_kept_and_told() -> None:
    _, findings = filed("a;A;universites;;01004;;;non;S1;\nb;B;;;01004;;;;;\n")
    assert not findings.faults
    told = messages(findings)
    assert "type « universites » inconnu" in told
    assert "vouliez-vous dire « universite » ?" in told
    assert "« accompagne » vaut « non »" in told


# The official directory

PREFECTURE: dict[str, Any] = {
    "id": "p1",
    "nom": "Préfecture - Ain",
    "siret": "35600000000048",
    "ancien_code_pivot": "prefecture-01004-01",
    "pivot": [{"type_service_local": "prefecture", "code_insee_commune": ["01004", "01033"]}],
    "code_insee_commune": "01004",
    "adresse": [
        {"type_adresse": "Adresse postale", "longitude": "2.35", "latitude": "48.85"},
        {"type_adresse": "Adresse", "longitude": "5.35", "latitude": "45.95"},
    ],
    "telephone": [{"valeur": "01 02 03 04 05"}],
    "adresse_courriel": ["personne@exemple.fr"],
    "affectation_personne": [{"personne": {"nom": "DUPONT"}}],
}


def as_api(record: dict[str, Any]) -> dict[str, Any]:
    """Return a record as the API exports it: inner lists are JSON written as text."""
    return {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in record.items()
    }


def directory(*records: dict[str, Any], dump: bool = True) -> tuple[pd.DataFrame, Findings]:
    document = {"service": list(records)} if dump else list(map(as_api, records))
    frame, entry, findings = read_directory(
        json.dumps(document).encode(), "annuaire.json", toy_territory()
    )
    assert entry.rows == len(records)
    return frame, findings


def test_the_dump_and_the_api_say_the_same() -> None:
    dump, _ = directory(PREFECTURE)
    api, _ = directory(PREFECTURE, dump=False)
    pd.testing.assert_frame_equal(dump, api)
    (row,) = dump.to_dict("records")
    assert (row["type"], row["siret"], row["accompagne"]) == (
        "prefecture",
        "35600000000048",
        "inconnu",
    )
    # The address that is visited, not the one for letters.
    assert (row["lon"], row["lat"]) == (5.35, 45.95)


def test_no_personal_data_is_kept() -> None:
    frame, findings = directory(PREFECTURE)
    everything = frame.to_csv() + messages(findings)
    assert not [word for word in ("exemple.fr", "01 02 03", "DUPONT") if word in everything]


def test_a_service_without_point_is_in_its_commune() -> None:
    addresses = [{"type_adresse": "Adresse", "longitude": "", "latitude": ""}]
    frame, _ = directory(PREFECTURE | {"adresse": addresses})
    assert frame["commune"].tolist() == ["01004"]
    # The communes that it serves do not say where it is, unless there is only one.
    served = PREFECTURE | {"adresse": [], "code_insee_commune": ""}
    frame, findings = directory(served)
    assert frame["commune"].tolist() == [""]
    assert "non placé, ni coordonnées ni commune reconnues : 1 service" in messages(findings)
    alone = [{"type_service_local": "sous_pref", "code_insee_commune": ["01033"]}]
    frame, _ = directory(served | {"pivot": alone})
    assert frame[["commune", "type"]].to_numpy().tolist() == [["01033", "sous_prefecture"]]


def test_other_services_are_counted_and_repeats_read_once() -> None:
    town = {"id": "m", "nom": "Mairie", "pivot": [{"type_service_local": "mairie"}]}
    old = {"id": "o", "nom": "DDT", "pivot": [], "ancien_code_pivot": "ddt-2A004-01"}
    frame, findings = directory(PREFECTURE, PREFECTURE, town, old | {"code_insee_commune": "2A004"})
    assert frame[["service_id", "type"]].to_numpy().tolist() == [["o", "ddt"], ["p1", "prefecture"]]
    told = messages(findings)
    assert "2 services de l’État lus ; 1 fiche d’autres types" in told
    assert "identifiant déjà lu : 1 fiche" in told


@pytest.mark.parametrize("text", [b"{", b'{"service": 3}', b"[]", b'[{"a": 1}]', b"\xff"])
def test_another_json_is_refused(text: bytes) -> None:
    frame, _, findings = read_directory(text, "a.json", toy_territory())
    assert frame.empty
    assert "annuaire de l’administration" in findings.faults[0].message


def test_the_directory_is_recognised(tmp_path: Path) -> None:
    path = tmp_path / "n_importe.json"
    path.write_text(json.dumps({"service": [PREFECTURE]}), encoding="utf-8")
    source = read_source(path, toy_territory())
    assert source is not None
    assert source.kind == "services_etat"
    assert source.frame["service_id"].tolist() == ["p1"]


def test_every_code_of_a_directory_is_a_known_type() -> None:
    assert set(TYPE_OF_CODE.values()) <= TYPES.keys()
    assert set(TYPE_OF_CAMINO.values()) - {""} <= TYPES.keys()


# Public lists


def test_establishments_abroad_closed_or_private_are_set_aside(tmp_path: Path) -> None:
    head = (
        "identifiant_interne;Libellé;type d'établissement;secteur_d_etablissement;Géolocalisation;"
        "uai - identifiant;siret;Code commune;Code département;Pays;date_fermeture\n"
    )
    rows = (
        "a;Université A;Université;Public;45.95, 5.35;U;356 000 000 00048;01004;D001;France;",
        "b;École B;École;Public;48.85, 2.35;U;123;93066;D093;France;",
        "c;École C;École;Privé;45.95, 5.35;U;;01004;D001;France;",
        "d;École D;École;Public;37.98, 23.73;U;;hmxhj;D999;Grèce;",
        "e;École E;École;Public;45.95, 5.35;U;;01004;D001;France;2020",
        "f;;;;;;;;;;",
    )
    path = tmp_path / "esr.csv"
    path.write_bytes(("\ufeff" + head + "\n".join(rows) + "\n").encode())
    frame, entry, findings = read_establishments(path, toy_territory())
    assert entry is not None
    assert entry.rows == 6
    assert frame[["service_id", "type", "siret", "row"]].to_numpy().tolist() == [
        ["esr-a", "universite", "35600000000048", 2],
        ["esr-b", "enseignement_superieur", "", 3],
    ]
    assert frame["lat"].tolist() == [45.95, 48.85]
    told = messages(findings)
    for word in (
        "à l’étranger : 1 ligne (« École D »)",
        "établissement fermé : 1 ligne",
        "établissement privé, hors de l’État : 1 ligne",
        "ligne sans nom : 1 ligne",
        "coordonnées crues, dans une autre commune que le code donné : 1 service",
    ):
        assert word in told


@cache
def france_source(name: str) -> Source:
    source = read_source(SHARED / name, load_territory())
    assert source is not None
    assert not source.findings.faults
    return source


def real(name: str) -> Source:
    if not (SHARED / name).exists():
        pytest.skip("shared data absent")
    return france_source(name)


def test_the_real_establishments_with_d002_codes_and_random_communes() -> None:
    source = real("services_etat/esr_etablissements_2023.csv")
    # 250 rows: 159 public ones here, 85 private, 4 abroad, 1 closed, 1 blank.
    assert len(source.frame) == 159
    told = messages(source.findings)
    assert "établissement privé, hors de l’État : 85 lignes" in told
    assert "établissement à l’étranger : 4 lignes" in told
    assert "établissement fermé : 1 ligne (« Itescia »)" in told
    assert "ligne sans nom : 1 ligne" in told
    assert "dans une autre commune que le code donné : 7 services" in told
    assert "non placé, ni coordonnées ni commune reconnues : 2 services" in told
    assert (source.frame["type"] == "universite").sum() == 66
    assert (source.frame["siret"] == "").sum() == 3


def test_the_real_list_of_prefectures() -> None:
    source = real("services_etat/administrations_camino_2024.csv")
    counts = source.frame["type"].value_counts().to_dict()
    assert counts["prefecture"] == 101
    assert counts["dreal"] == 18
    by_id = source.frame.set_index("service_id")["commune"]
    assert by_id["pre-75104-01"] == "75104"
    assert by_id["dre-aura-01"] == "69386"
    assert by_id["dre-corse-01"] == "2A004"
    assert by_id["aut-97300-01"] == "97302"
    assert source.frame["lon"].isna().all()  # those of the town hall are not read
    assert "non placé, ni coordonnées ni commune reconnues : 2 services" in messages(
        source.findings
    )


def test_camino_falls_back_on_the_town(tmp_path: Path) -> None:
    path = tmp_path / "camino.csv"
    path.write_text(
        "id,type,nom,code_postal,commune,code_insee\n"
        "x,dre,DREAL,01504,Ambérieu-en-Bugey Cedex,\ny,min,Ministère,75800,Ailleurs,\n",
        encoding="utf-8",
    )
    frame, _, findings = read_camino(path, toy_territory())
    assert frame["commune"].tolist() == ["01004", ""]
    assert "sans code de commune : 2 services" in messages(findings)

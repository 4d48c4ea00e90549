"""The command line as a planner types it."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import pytest

from api.cli import build_parser, main
from api.explain import find_commune
from geo.errors import UnknownCodeError

if TYPE_CHECKING:
    from pathlib import Path

    from geo.territory import Territory

TABLES = {
    "etude.toml": 'format_version = 1\n[etude]\nnom = "Essai"\nannee = 2023\nregions = ["53"]\n',
    "structures.csv": "structure_id;nom\nS1;Première structure\nS2;Seconde structure\n",
    "postes.csv": "structure_id;volet;etp\nS1;facilitateur;1,5\nS2;facilitateur;0,5\n",
    "perimetres.csv": (
        "structure_id;nature;niveau;code\n"
        "S1;principal;departement;35\n"
        "S2;principal;commune;22278\n"
        "S2;extension;commune;56260\n"
    ),
    "besoins.csv": (
        "commune;donneur_ordre;heures;source\n"
        "35238;etat;90000;préfecture\n"
        "35238;collectivites;20000;métropole\n"
        "22278;collectivites;9000;ville\n"
        "56260;etat;12000;préfecture\n"
    ),
}


@pytest.fixture
def study(tmp_path: Path) -> Path:
    folder = tmp_path / "étude de Bretagne"
    folder.mkdir()
    for name, text in TABLES.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.mark.usefixtures("france")
def test_calculer_writes_the_whole_folder(
    study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "résultats"
    assert main(["calculer", str(study), "-o", str(out)]) == 0
    assert {path.name for path in out.iterdir()} >= {"carte.html", "zones.geojson", "resume.json"}
    printed = capsys.readouterr()
    assert "zones blanches retenues" in printed.out
    assert "Zones et certificats" in printed.err
    summary = json.loads((out / "resume.json").read_text(encoding="utf-8"))
    assert summary["totaux"]["besoin_h"] == 131_000
    assert summary["totaux"]["servi_h"] == 52_500 + 17_500
    assert str(tmp_path) not in (out / "resume.json").read_text(encoding="utf-8")


@pytest.mark.usefixtures("france")
def test_calculer_json_prints_the_summary_alone(
    study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["calculer", str(study), "-o", str(tmp_path / "s"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["etude"] == "Essai"


@pytest.mark.usefixtures("france")
def test_expliquer_tells_who_why_and_from_where(
    study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["expliquer", str(study), "Rennes"]) == 0
    told = capsys.readouterr().out
    for words in (
        "Rennes (35238)",
        "capacité insuffisante",
        "Première structure (S1) : périmètre principal",
        "État : 90\u202f000 h",
        "déclaré dans « besoins » : 90\u202f000 h — source : préfecture",
        "Taux de réponse : 47,7\u202f%",
        "TX-35238-etat",
    ):
        assert words in told
    assert main(["expliquer", str(study), "35238", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["statut"] == "capacite_insuffisante"
    assert sum(line["heures_comptees"] for line in found["contributions"]) == found["besoin_h"]
    assert found["services_etat"] is None


@pytest.mark.usefixtures("france")
def test_expliquer_tells_another_year_that_the_study_follows(
    study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = study / "etude.toml"
    settings.write_text(TABLES["etude.toml"] + "derniere_annee = 2024\n")
    posts = "structure_id;volet;etp;fin\nS1;facilitateur;1,5;2023-12-31\nS2;facilitateur;0,5;\n"
    (study / "postes.csv").write_text(posts)
    assert main(["expliquer", str(study), "35238", "--annee", "2024"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("Rennes (35238), département 35, en 2024\nStatut : non couverte")
    assert "Année par année" in told
    assert main(["expliquer", str(study), "35238", "--annee", "2030"]) == 1
    assert "seulement 2023 à 2024" in capsys.readouterr().err


@pytest.mark.usefixtures("france")
def test_faults_are_listed_together_and_nothing_is_written(
    study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (study / "postes.csv").write_text("structure_id;volet;etp\nS9;facilitateur;1\nS1;chef;x\n")
    out = tmp_path / "s"
    assert main(["calculer", str(study), "-o", str(out)]) == 1
    told = capsys.readouterr().err
    for words in ("S9", "chef", "etp"):
        assert words in told
    assert not out.exists()
    assert main(["verifier", str(study), "--json"]) == 1
    assert len(json.loads(capsys.readouterr().out)["erreurs"]) == 3


@pytest.mark.usefixtures("france")
def test_verifier_says_there_is_no_error(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verifier", str(study)]) == 0
    assert "aucune erreur" in capsys.readouterr().out


def test_a_folder_of_something_else_is_refused_before_computing(
    study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    letters = study.with_name("courrier")
    letters.mkdir()
    (letters / "lettre.txt").write_text("garder")
    for out, said in (
        (letters, "autre chose que des résultats"),
        (study, "dans le dossier de l’étude"),
        (study / "résultats", "dans le dossier de l’étude"),
        (study.parent, "contient le dossier de l’étude"),
    ):
        assert main(["calculer", str(study), "-o", str(out)]) == 1
        told = capsys.readouterr().err
        assert said in told
        assert "Territoire" not in told
    assert {path.name for path in study.iterdir()} == set(TABLES)
    assert (letters / "lettre.txt").read_text() == "garder"


@pytest.mark.usefixtures("france")
def test_calculer_excel_writes_what_a_spreadsheet_opens(
    study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plain, dressed = tmp_path / "s", tmp_path / "x"
    assert main(["calculer", str(study), "-o", str(plain)]) == 0
    assert main(["calculer", str(study), "-o", str(dressed), "--excel"]) == 0
    capsys.readouterr()
    assert (dressed / "communes.csv").read_bytes().startswith(b"\xef\xbb\xbfcommune;nom;")
    for name in ("resume.json", "zones.geojson", "carte.html", "etude.gpkg"):
        assert (dressed / name).read_bytes() == (plain / name).read_bytes()


FAULTY = "structure_id;volet;etp\nS9;facilitateur;1\nS1;chef;x\n"


@pytest.mark.usefixtures("france")
def test_verifier_writes_all_it_found_in_a_file(
    study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "anomalies.csv"
    (study / "postes.csv").write_text(FAULTY)
    (study / "notes.md").write_text("")
    assert main(["verifier", str(study), "--anomalies", str(out)]) == 1
    assert "S9" in capsys.readouterr().err
    rows = list(csv.DictReader(io.StringIO(out.read_text(encoding="utf-8"))))
    assert list(rows[0]) == ["gravite", "fichier", "ligne", "colonne", "constat", "remede"]
    assert [row["gravite"] for row in rows] == sorted(
        (row["gravite"] for row in rows), reverse=True
    )
    assert {(row["fichier"], row["ligne"]) for row in rows if row["gravite"] == "erreur"} == {
        ("postes.csv", "2"),
        ("postes.csv", "3"),
    }
    assert any(row["fichier"] == "notes.md" for row in rows)
    (study / "postes.csv").write_text(TABLES["postes.csv"])
    assert main(["verifier", str(study), "--anomalies", str(out), "--excel"]) == 0
    assert "aucune erreur" in capsys.readouterr().out
    lines = out.read_bytes().decode("utf-8-sig").split("\r\n")
    assert lines[0] == "gravite;fichier;ligne;colonne;constat;remede"
    assert {line.partition(";")[0] for line in lines[1:-1]} == {"avertissement"}
    assert {path.name for path in tmp_path.iterdir()} == {study.name, out.name}


@pytest.mark.usefixtures("france")
def test_a_long_list_says_in_which_file_it_is_whole(
    study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = "".join(f"X{number};facilitateur;1\n" for number in range(80))
    (study / "postes.csv").write_text("structure_id;volet;etp\n" + rows)
    out = tmp_path / "tout.csv"
    assert main(["verifier", str(study), "--anomalies", str(out)]) == 1
    assert f"toutes dans {out}" in capsys.readouterr().err
    assert sum(line.startswith("erreur,") for line in out.read_text().splitlines()) >= 80


def test_findings_replace_findings_and_nothing_else(
    study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    letter = tmp_path / "lettre.csv"
    letter.write_text("cher;ami\n")
    for target, said in (
        (letter, "autre chose qu’une liste d’anomalies"),
        (tmp_path, "est un dossier"),
        (tmp_path / "absent" / "a.csv", "n’existe pas"),
        (study / "a.csv", "dans le dossier de l’étude"),
    ):
        assert main(["verifier", str(study), "--anomalies", str(target)]) == 1
        assert said in capsys.readouterr().err
    assert letter.read_text() == "cher;ami\n"


def test_nouvelle_etude_makes_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["nouvelle-etude", str(tmp_path / "neuve")]) == 0
    assert (tmp_path / "neuve" / "etude.toml").is_file()
    assert "LISEZMOI" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["calculer"], "il manque : DOSSIER"),
        (["inconnue"], "n’existe pas"),
        (["servir", "--port", "abc"], "nombre entier attendu"),
        (["verifier", "x", "--jsn"], "argument inconnu"),
        (["verifier", "x", "--anomalies"], "il manque sa valeur"),
        (["verifier", "x", "--excel"], "--excel demande --anomalies"),
    ],
)
def test_wrong_usage_exits_with_2_in_french(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stop:
        main(words)
    assert stop.value.code == 2
    told = capsys.readouterr().err
    assert said in told
    assert told.startswith("Utilisation : zones-blanches")


def test_help_is_french() -> None:
    text = build_parser().format_help()
    assert "usage" not in text.lower()
    assert "show this help" not in text


def test_communes_are_found_by_code_or_name(france: Territory) -> None:
    assert find_commune(france, "93059") == "93066"
    assert find_commune(france, "saint denis (93)") == "93066"
    with pytest.raises(UnknownCodeError, match="97411"):
        find_commune(france, "Saint-Denis")
    with pytest.raises(UnknownCodeError, match="75101"):
        find_commune(france, "75056")
    with pytest.raises(UnknownCodeError):
        find_commune(france, "Nulle-Part-sur-Rien")

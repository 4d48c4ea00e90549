"""`zones-blanches dossier` as a planner types it, on a small study of the toy territory."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import pytest
from dossiers_served import dossiers
from pypdf import PdfReader
from region_studies import ALPES, PERSON, TOY, application, folder

from api import pipeline
from api.cli import main
from api.dossiers.files import MAKERS
from api.dossiers.said import level_counts
from data.applications.form_reading import read_form
from data.applications.form_workbook import form_workbook, read_form_workbook
from data.calls.read import read_call
from data.results.readme import ABOUT_DOSSIER, README_FILE

if TYPE_CHECKING:
    from pathlib import Path

FILES = {README_FILE, *ABOUT_DOSSIER} - {"carte_coordinateur.svg"}
HALF = '[porteur]\nnom = "À moitié"\n'


@pytest.fixture(autouse=True)
def _toy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(pipeline, "load_territory", lambda **_: TOY)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def _no_sheet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave aside the sheets, which take the time of all the rest."""
    for name in ("fiche.pdf", "fiche.docx"):
        monkeypatch.setitem(MAKERS, name, lambda *_: b"")


@pytest.fixture
def study(tmp_path: Path) -> Path:
    forms = {
        "candidatures/demande.toml": application(),
        "candidatures/moitie.toml": HALF,
    }
    return folder(tmp_path / "étude", ALPES, also=forms)


def names(path: Path) -> set[str]:
    return {each.name for each in path.iterdir()}


def test_an_application_is_written_whole_told_and_names_nobody(
    study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["dossier", str(study), "demande"]) == 0
    out = tmp_path / "dossiers" / "demande"
    assert names(out) == FILES
    said = capsys.readouterr().out
    for words in ("Demandeuse (demande) : 0,50 ETP de facilitateur.", "zone blanche", "Constats :"):
        assert words in said
    for words in ("À vérifier d’abord", "Objection la plus forte", "sans valeur de décision"):
        assert words in said
    assert str(out.relative_to(tmp_path) / "fiche.pdf") in said
    for path in out.iterdir():
        assert PERSON.encode() not in path.read_bytes(), path.name
    pages = PdfReader(out / "fiche.pdf").pages
    assert not any("Camille" in page.extract_text() for page in pages)


@pytest.mark.usefixtures("_no_sheet")
def test_the_same_application_gives_the_same_bytes_by_its_name_or_its_path(
    study: Path, tmp_path: Path
) -> None:
    form = study / "candidatures" / "demande.toml"
    outs = [tmp_path / name for name in ("nom", "chemin")]
    for name, out in zip(("demande.toml", str(form)), outs, strict=True):
        assert main(["dossier", str(study), name, "-o", str(out), "--excel"]) == 0
    first, second = ({path.name: path.read_bytes() for path in out.iterdir()} for out in outs)
    assert first == second
    assert first["constats.csv"].startswith(b"\xef\xbb\xbfniveau;regle;")


@pytest.mark.usefixtures("_no_sheet")
def test_a_workbook_received_is_examined_like_its_form(
    study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book = tmp_path / "reçu.xlsx"
    form, _ = read_form(application().encode(), "demande.toml", read_call())
    book.write_bytes(form_workbook(form))
    assert main(["dossier", str(study), str(book), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert (facts["candidature"], facts["fichier"]) == ("reçu", "reçu.xlsx")
    assert facts["volets"][0]["proportion"]["etp_demandes"] == "0.50"
    assert [each["commune"] for each in facts["volets"][0]["revendication"]["lieux"]] == ["01033"]
    assert names(tmp_path / "dossiers" / "reçu") == FILES


@pytest.mark.usefixtures("_no_sheet")
def test_a_half_filled_form_is_examined_too(
    study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "sortie"
    assert main(["dossier", str(study), "moitie", "-o", str(out)]) == 0
    assert "Aucun périmètre lisible" in capsys.readouterr().out
    assert names(out) == FILES - {"carte.svg"}
    lines = list(csv.DictReader(io.StringIO((out / "constats.csv").read_text("utf-8"))))
    assert any(line["niveau"] == "à compléter" and line["remede"] for line in lines)


@pytest.mark.usefixtures("_no_sheet")
def test_all_of_a_study_at_once(
    study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["dossier", str(study), "--toutes", "--json"]) == 0
    queue = json.loads(capsys.readouterr().out)["dossiers"]
    assert [line["candidature"] for line in queue] == ["demande", "moitie"]
    out = tmp_path / "dossiers"
    assert names(out) == {"demande", "moitie", "file_des_dossiers.csv"}
    assert names(out / "demande") == FILES
    assert main(["dossier", str(study), "--toutes"]) == 0
    assert "2 candidatures examinées" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("demend", "vouliez-vous dire « demande » ?"),
        ("absente-du-tout", "candidatures de l’étude"),
        ("image.toml", "image.toml"),
    ],
)
def test_what_cannot_be_read_is_told_and_nothing_is_written(
    study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, said: str
) -> None:
    (tmp_path / "image.toml").write_bytes(b"\x89PNG\r\n\x1a\n\x00")
    assert main(["dossier", str(study), name]) == 1
    assert said in capsys.readouterr().err
    assert not (tmp_path / "dossiers").exists()


def test_a_folder_that_holds_something_else_is_left_alone(
    study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "photos"
    out.mkdir()
    (out / "vacances.jpg").write_bytes(b"x")
    assert main(["dossier", str(study), "demande", "-o", str(out)]) == 1
    assert "vacances.jpg" in capsys.readouterr().err
    assert names(out) == {"vacances.jpg"}
    assert main(["dossier", str(study), "demande", "-o", str(study / "sortie")]) == 1
    assert "dans le dossier de l’étude" in capsys.readouterr().err


def test_a_study_without_application_says_where_to_write_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bare = folder(tmp_path / "nue", ALPES)
    assert main(["dossier", str(bare), "--toutes"]) == 1
    assert "aucune candidature dans l’étude" in capsys.readouterr().err


@pytest.mark.parametrize("words", [[], ["demande", "--toutes"]])
def test_one_or_all_but_not_both(study: Path, words: list[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["dossier", str(study), *words])
    assert stopped.value.code == 2


def test_levels_are_counted_in_good_french() -> None:
    found = dossiers()[0].findings
    assert level_counts(found) == "1 contraire à l’appel, 1 à discuter, 1 à compléter, 2 conformes"
    assert level_counts(found * 2).startswith("2 contraires à l’appel, 2 à discuter")
    assert level_counts(()) == "aucun"


@pytest.mark.usefixtures("_no_sheet")
def test_the_workbook_of_a_structure_goes_out_and_comes_back(tmp_path: Path) -> None:
    study = folder(tmp_path / "alpes", ALPES)
    assert main(["dossier", str(study), "--classeur", "plie", "-o", "envoi/plie.xlsx"]) == 0
    content = (tmp_path / "envoi" / "plie.xlsx").read_bytes()
    form, _ = read_form_workbook(content, "plie.xlsx", read_call())
    assert form.get("porteur.nom") == "PLIE des Alpes"
    assert main(["dossier", str(study), "envoi/plie.xlsx"]) == 0


def test_a_workbook_is_for_a_structure_of_the_study(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    study = folder(tmp_path / "alpes", ALPES)
    assert main(["dossier", str(study), "--classeur", "pile"]) == 1
    told = capsys.readouterr().err
    assert "structure « pile » absente de l’étude" in told
    assert "vouliez-vous dire « plie »" in told
    assert not list(tmp_path.glob("*.xlsx"))
    for more in (["--toutes"], ["demande"], ["--json"]):
        with pytest.raises(SystemExit) as left:
            main(["dossier", str(study), "--classeur", "plie", *more])
        assert left.value.code == 2

"""`servir` and `demo`: which studies are served, and what is refused before an address is given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from fake_coverage import fake_coverage

from api.app import create_app
from api.cli import main
from api.settings import Settings
from api.studies import OpenStudy, Studies
from api.v1.shapes import study_digest
from api.warming import warm

if TYPE_CHECKING:
    from pathlib import Path

TABLES = {
    "etude.toml": 'format_version = 1\n[etude]\nnom = "Essai"\nannee = 2023\nregions = ["53"]\n',
    "structures.csv": "structure_id;nom\nS1;Première structure\n",
    "postes.csv": "structure_id;volet;etp\nS1;facilitateur;1,5\n",
    "perimetres.csv": "structure_id;nature;niveau;code\nS1;principal;departement;35\n",
    "besoins.csv": "commune;donneur_ordre;heures;source\n35238;etat;90000;préfecture\n",
}


class Server:
    """Stands for the server: remembers what it was asked to serve."""

    def __init__(self) -> None:
        self.titles: dict[str, str] = {}

    def __call__(self, studies: Studies, settings: Settings, bound: Any) -> None:  # noqa: ANN401
        bound.close()
        assert isinstance(settings, Settings)
        self.titles = {study.slug: study.title for study in studies}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    made = Server()
    monkeypatch.setattr("api.serve.serve", made)
    return made


@pytest.fixture
def study(tmp_path: Path) -> Path:
    folder = tmp_path / "étude de Bretagne"
    folder.mkdir()
    for name, text in TABLES.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.mark.usefixtures("france")
def test_servir_reads_and_computes_before_it_serves(
    study: Path, server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["servir", str(study), str(study), "--port", "0"]) == 0
    assert server.titles == {
        "etude-de-bretagne": "Essai, 2023",
        "etude-de-bretagne-2": "Essai, 2023",
    }
    assert capsys.readouterr().err.count("Zones et certificats") == 2
    assert {path.name for path in study.iterdir()} == set(TABLES)


@pytest.mark.usefixtures("france")
def test_servir_lists_the_errors_of_every_study(
    study: Path, server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (study / "postes.csv").write_text("structure_id;volet;etp\nS9;facilitateur;1\nS1;chef;x\n")
    other = tmp_path / "autre"
    other.mkdir()
    for name, text in (TABLES | {"structures.csv": "structure_id;nom\nS1\n"}).items():
        (other / name).write_text(text.replace("35238", "99999"), encoding="utf-8")
    assert main(["verifier", str(study)]) == 1
    listed = capsys.readouterr().err.split("\n", 1)[1]
    assert main(["servir", str(study), str(other)]) == 1
    told = capsys.readouterr().err
    assert [line for line in listed.splitlines() if line not in told and "·" not in line] == []
    assert "99999" in told
    assert "Étude « autre » :" in told
    assert not server.titles


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (("resume.json",), "de l’étude dont ils viennent"),
        (("lettre.txt",), "zones-blanches demo"),
        ((), "zones-blanches demo"),
    ],
)
def test_servir_refuses_what_is_no_study(
    server: Server,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    files: tuple[str, ...],
    said: str,
) -> None:
    folder = tmp_path / "dossier"
    folder.mkdir()
    for name in files:
        (folder / name).write_text("{}")
    assert main(["servir", str(folder)]) == 1
    told = capsys.readouterr().err
    assert "n’est pas un dossier d’étude" in told
    assert said in told
    assert not server.titles


def test_servir_looks_for_the_study_of_demo(
    server: Server,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["servir"]) == 1
    assert "« demo-etude » n’est pas un dossier d’étude" in capsys.readouterr().err
    assert not server.titles


def test_a_wrong_setting_is_told_before_anything_is_read(
    study: Path,
    server: Server,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("ZONES_BLANCHES_CORPS_MAX", "beaucoup")
    for words in (["servir", str(study)], ["demo", "-o", str(study.parent / "d")]):
        assert main(words) == 1
        told = capsys.readouterr().err
        assert told.count("\n") == 1
        assert "ZONES_BLANCHES_CORPS_MAX : « beaucoup » ne convient pas" in told
    assert not server.titles


@pytest.mark.usefixtures("france")
def test_demo_serves_the_study_it_computed_once(
    study: Path, server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    study.rename(tmp_path / "demo-etude")
    assert main(["demo", "-o", str(tmp_path / "demo"), "--port", "0"]) == 0
    assert server.titles == {"demo-etude": "Essai, 2023"}
    assert (tmp_path / "demo" / "carte.html").is_file()
    assert capsys.readouterr().err.count("Zones et certificats") == 1


def test_what_a_first_visitor_would_wait_for_is_made_beforehand() -> None:
    study = OpenStudy("essai", fake_coverage)
    app = create_app(Settings(), Studies([study]))
    warm(app)
    assert app.state.cache.get(("fond", study_digest(study)), lambda: b"").body != b""
    assert study.once("trial_model", lambda: None) is not None

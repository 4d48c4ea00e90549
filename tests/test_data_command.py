"""The command `donnees` as a planner types it, against a publisher on this machine."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from publisher import Answer, publishing

from api import data_command
from api.cli import main
from data.fetch import download
from data.paths import CACHE_VARIABLE
from data.reference.sources import HTTP, TESTS, sources

ROOT = Path(__file__).parents[1]
DEFM = (
    "\ufeffDate;Code commune;Commune;Type de données;Catégorie;Sexe;Tranche d'âge;"
    "Nombre de demandeurs d'emploi\r\n2024-T4;01004;Ambérieu;Brutes;ABC;Total;Total;1500\r\n"
).encode()
OTHER = DEFM.replace(b"1500", b"1600")
KEY = "demandeurs-emploi"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Use a cache of its own, and let no declared address be reached."""
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "cache"))
    for source in sources().values():
        if source.kind == HTTP:
            monkeypatch.setenv(download.variable_of(source), "file:///interdit")
    return tmp_path / "cache"


@pytest.fixture
def study(tmp_path: Path) -> Path:
    folder = tmp_path / "étude"
    folder.mkdir()
    return folder


def mirror(monkeypatch: pytest.MonkeyPatch, address: str, key: str = KEY) -> None:
    monkeypatch.setenv(download.variable_of(sources()[key]), address)


def test_the_list_tells_every_source_and_its_state(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["donnees"]) == 0
    told = capsys.readouterr().out
    assert main(["donnees", "liste"]) == 0
    assert capsys.readouterr().out == told
    lines = told.splitlines()
    assert lines[0].split() == ["CLÉ", "MILLÉSIME", "LICENCE", "ÉTAT", "NOM"]
    shown = [source for source in sources().values() if source.use != TESTS]
    assert [line.split()[0] for line in lines[1 : len(shown) + 1]] == [s.key for s in shown]
    for source, line in zip(shown, lines[1:], strict=False):
        state = "  absente  " if source.kind == HTTP else "  préparée par le programme  "
        assert state in line
        assert line.endswith(f"  {source.name}")
        assert f"  {source.licence}  " in line


@pytest.mark.parametrize("words", [["--json"], ["--json", "liste"], ["liste", "--json"]])
def test_the_list_is_also_for_machines(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["donnees", *words]) == 0
    facts = {fact["cle"]: fact for fact in json.loads(capsys.readouterr().out)}
    assert facts["cog"]["etat"] == "preparee"
    assert facts[KEY]["etat"] == "absente"
    assert facts[KEY]["variable"] == "ZONES_BLANCHES_SOURCE_DEMANDEURS_EMPLOI"
    assert "Code commune" in facts[KEY]["colonnes"]
    assert "copie" not in facts[KEY]


def test_a_fetched_source_is_in_the_cache_and_in_the_study(
    study: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with publishing(Answer(DEFM, etag='"a"')) as publisher:
        mirror(monkeypatch, publisher.address)
        assert main(["donnees", "telecharger", KEY, "--vers", str(study)]) == 0
    deposited = study / "sources" / "demandeurs_emploi.csv"
    assert deposited.read_bytes() == DEFM
    told = capsys.readouterr()
    assert told.out == f"{KEY} : vérifiée, en cache (1 ko) ; déposée dans « {deposited} »\n"
    assert "Demandeurs d’emploi" in told.err
    assert main(["donnees", "--json"]) == 0
    facts = {fact["cle"]: fact for fact in json.loads(capsys.readouterr().out)}
    assert facts[KEY]["etat"] == "en_cache"
    assert facts[KEY]["copie"]["taille"] == len(DEFM)
    assert main(["donnees"]) == 0
    assert "en cache (20" in capsys.readouterr().out


def test_offline_the_copy_serves_and_no_other_file_is_touched(
    study: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["donnees", "telecharger", KEY, "--vers", str(study)]
    with publishing(Answer(DEFM)) as publisher:
        mirror(monkeypatch, publisher.address)
        assert main(words) == 0
    assert main([*words, "--hors-ligne"]) == 0
    assert "est déjà ce fichier" in capsys.readouterr().out
    deposited = study / "sources" / "demandeurs_emploi.csv"
    deposited.write_bytes(OTHER)
    assert main([*words, "--hors-ligne"]) == 1
    assert "--remplacer" in capsys.readouterr().err
    assert deposited.read_bytes() == OTHER
    assert main([*words, "--hors-ligne", "--remplacer"]) == 0
    assert "remplacé" in capsys.readouterr().out
    assert deposited.read_bytes() == DEFM


def test_one_failure_stops_no_other_source_and_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sites = b"code_site;nom_site;category_id;latitude;longitude;point_geo\r\n"
    with publishing(Answer(status=404)) as lost, publishing(Answer(sites)) as found:
        mirror(monkeypatch, lost.address)
        mirror(monkeypatch, found.address, "sites-jo")
        assert main(["donnees", "telecharger", "sites-jo", KEY, "--json"]) == 1
    told = capsys.readouterr()
    assert [fact["cle"] for fact in json.loads(told.out)] == ["sites-jo"]
    assert "réponse 404" in told.err
    assert "Erreur : Demandeurs d’emploi" in told.err


def test_all_of_them_may_be_asked(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["donnees", "telecharger", "--tout"]) == 1
    fetched = [source for source in sources().values() if source.kind == HTTP]
    assert capsys.readouterr().err.count("adresse refusée") == len(fetched)


def test_boundaries_are_not_put_in_a_study(
    study: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    drawn = b'{"features": [{"properties": {"code": "01004", "nom": "x"}}]}'
    with publishing(Answer(drawn)) as publisher:
        mirror(monkeypatch, publisher.address, "contours-etalab")
        assert main(["donnees", "telecharger", "contours-etalab", "--vers", str(study)]) == 0
    assert "ne se dépose pas" in capsys.readouterr().out
    assert not list(study.iterdir())


def test_a_missing_study_is_told_before_anything_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with publishing(Answer(DEFM)) as publisher:
        mirror(monkeypatch, publisher.address)
        assert main(["donnees", "telecharger", KEY, "--vers", str(tmp_path / "rien")]) == 1
        assert not publisher.asked
    assert "nouvelle-etude" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "ou --tout : decp,"),
        (["qpv", "--tout"], "ou --tout : decp,"),
        (["demandeur-emploi"], "vouliez-vous dire « demandeurs-emploi » ?"),
        (["zzzzzz"], "Source « zzzzzz » inconnue. Sources :"),
        (["cog"], "rien à télécharger"),
        (["qpv", "--remplacer"], "--remplacer demande --vers"),
    ],
)
def test_wrong_usage_exits_with_2(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["donnees", "telecharger", *words]) == 2
    assert said in capsys.readouterr().err


def test_an_unknown_action_is_told_in_french(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["donnees", "effacer"])
    assert stop.value.code == 2
    assert "n’existe pas ; choisir parmi" in capsys.readouterr().err


@pytest.mark.parametrize("terminal", [True, False])
def test_progress_is_told_at_a_bearable_pace(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *, terminal: bool
) -> None:
    now = iter(range(0, 1000, 4))
    monkeypatch.setattr(data_command.time, "monotonic", lambda: next(now))
    monkeypatch.setattr(data_command.sys.stderr, "isatty", lambda: terminal, raising=False)
    progress = data_command._meter()
    for received in (1_000_000, 2_000_000, 3_000_000, 4_000_000):
        progress(received, 4_000_000)
    progress(5_000, None)
    told = capsys.readouterr().err
    assert "4,0 Mo sur 4,0 Mo (100 %)" in told or not terminal
    assert told.count("Mo sur") == (4 if terminal else 1)
    assert ("\r" in told) == terminal


def test_the_help_answers_without_the_libraries() -> None:
    code = (
        "import atexit, sys; from api.cli import main;"
        "heavy = 'numpy', 'pandas', 'polars', 'shapely', 'fastapi', 'rich';"
        "atexit.register(lambda: print([name for name in heavy if name in sys.modules]));"
        "main(['donnees', 'telecharger', '--help'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "--hors-ligne" in done.stdout
    assert done.stdout.splitlines()[-1] == "[]"

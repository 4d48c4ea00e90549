"""The page of follow-up and its archive: the same as the command, readable by all."""

from __future__ import annotations

import io
import zipfile
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from asking import PAGE, Client
from awards_filed import FILES, TOY
from map_browsing import CHROMIUM, launched
from pages_browsing import AXE, browsing, running, violations
from pages_served import words
from toy import write_study

from api.app import create_app
from api.dossiers.cases import cases_in
from api.settings import Settings
from api.studies import OpenStudy, Studies
from coverage.study import compute
from data.results.readme import ABOUT_FOLLOWUP, README_FILE
from data.study.reader import read_study

if TYPE_CHECKING:
    from fastapi import FastAPI


@cache
def served() -> FastAPI:
    with TemporaryDirectory() as path:
        folder = write_study(Path(path) / "etude", FILES)
        coverage = compute(read_study(folder, TOY), TOY)
        cases = cases_in(coverage, folder)
    study = OpenStudy("essai", lambda: coverage, cases=lambda _: cases)
    return create_app(Settings(requests_per_minute=1_000_000), Studies([study]))


def said(region: str = "") -> str:
    answer = Client(served()).get(f"/etudes/essai/suivi{region}", headers=PAGE)
    assert answer.status_code == 200
    return words(answer.text)


def test_the_page_says_what_is_to_be_watched() -> None:
    whole = said()
    assert "4 conventions" in whole
    assert "poste vacant depuis 121 jours" in whole
    assert "la couverture y paraît meilleure qu’elle n’est" in whole
    assert "2022 15 305,14 € 0 € 15 305,14 €" in whole
    assert "choisir une région pour la lire" in whole
    # What is as it should be is in the tables alone.
    assert "poste pourvu" not in whole


def test_a_region_has_its_own_conventions() -> None:
    alpine, island = said("?region=84"), said("?region=94")
    assert "3 conventions" in alpine
    assert "trop peu de rapports" in alpine
    assert "C4" not in alpine
    assert "Aucune convention dans cette région" in island


def test_the_archive_holds_the_files_of_the_command() -> None:
    answer = Client(served()).get("/etudes/essai/exports/suivi.zip")
    assert answer.status_code == 200
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert sorted(archive.namelist()) == sorted([*ABOUT_FOLLOWUP, README_FILE])
        assert archive.read("suivi.csv").startswith(b"\xef\xbb\xbfobjet;niveau;")


@pytest.mark.skipif(CHROMIUM is None or not AXE.is_file(), reason="Chromium or axe-core is missing")
def test_axe_finds_nothing_in_the_page() -> None:
    with running(served()) as host, launched() as browser, browsing(browser, host) as page:
        page.goto(f"{host}/etudes/essai/suivi?region=84")
        assert violations(page) == []

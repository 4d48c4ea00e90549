"""Dossiers of a served study: made once whoever asks, anew when files change, versions too."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

import pytest
from opinions_served import PAGES, given, served
from pages_served import words
from region_studies import ALPES, TOY, application, folder

from api.dossiers.cases import cases_in
from api.dossiers.kept import desk_of
from api.filed import mark_of
from api.studies import OpenStudy
from coverage.dossiers import examine as examining
from coverage.study import compute
from data.study.reader import read_study
from geo.errors import UnknownCodeError

if TYPE_CHECKING:
    from pathlib import Path

    from coverage.dossiers.bench import Bench
    from coverage.dossiers.model import Case, Dossier


@pytest.fixture
def study(tmp_path: Path) -> OpenStudy:
    own = folder(tmp_path / "alpes", ALPES, also={"candidatures/demande.toml": application()})
    coverage = compute(read_study(own, TOY), TOY)
    mark = partial(mark_of, own)
    return OpenStudy("alpes", lambda: coverage, mark=mark, cases=partial(cases_in, folder=own))


def test_each_application_is_examined_once_whoever_asks(
    study: OpenStudy, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    examine = examining.examine

    def counted(case: Case, bench: Bench) -> Dossier:
        asked.append(case.application_id)
        return examine(case, bench)

    monkeypatch.setattr(examining, "examine", counted)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: desk_of(study).every(), range(8)))
    assert asked == ["demande"]
    assert len({id(each[0]) for each in found}) == 1
    assert desk_of(study).dossier("demande") is found[0][0]
    with pytest.raises(UnknownCodeError, match="aucune candidature « absente »"):
        desk_of(study).dossier("absente")


def test_files_that_change_are_read_again(study: OpenStudy, tmp_path: Path) -> None:
    before = desk_of(study)
    assert desk_of(study) is before
    forms = tmp_path / "alpes" / "candidatures"
    (forms / "autre.toml").write_text('[porteur]\nnom = "Autre"\n', encoding="utf-8")
    after = desk_of(study)
    assert [each.case.application_id for each in after.every()] == ["autre", "demande"]
    # A form that plans cannot read yet stands before no other application.
    assert [each.application_id for each in after.bench.applications] == ["demande"]
    (forms / "autre.toml").write_bytes(b"\xff\xfe pas un formulaire")
    assert desk_of(study).dossier("autre").level == "a_completer"


def test_a_version_of_the_register_shows_its_dossiers_and_what_is_said_of_them(
    tmp_path: Path,
) -> None:
    planner = served(tmp_path, compute=False)
    queue = words(planner.html(f"{PAGES}/dossiers"))
    assert "1 dossier" in queue
    assert "Paquet national" in queue
    review = planner.html(f"{PAGES}/dossiers/alpha")
    assert f'href="{PAGES}/avis/nouveau?structure_id=' in review
    structure = review.partition("avis/nouveau?structure_id=")[2].partition('"')[0]
    given(planner, "reserve", structure_id=structure, motif="à revoir en comité")
    assert "à revoir en comité" in words(planner.html(f"{PAGES}/dossiers/alpha"))
    assert "DREETS : réservé" in words(planner.html(f"{PAGES}/dossiers"))
    pdf = planner.ask("GET", f"{PAGES}/dossiers/alpha/fiche.pdf")
    assert pdf.headers["content-type"] == "application/pdf"
    assert pdf.content[:5] == b"%PDF-"

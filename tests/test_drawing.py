"""Drawing on a deposit: what a drawing covers is what its file would, and nothing is lost."""

from __future__ import annotations

import json
import re
from html import unescape
from threading import Event
from typing import TYPE_CHECKING

import pytest
from keyed import Browser, keyed
from pages_served import plain, words
from register_served import (
    Near,
    Planner,
    application,
    key_of,
    territory,
    toy_coverage,
    waited,
)
from toy import STUDY, toy_territory, write_study
from upload_archives import zipped

from api.deposits.drawing import bench_of, judged
from api.pages.drawing import typed
from api.register import Register
from coverage.atoms import build_atoms, structure_shares
from coverage.perimeters import active_posts
from coverage.reach import build_reach
from data.study.reader import read_study
from data.uploads import check

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx

CODES = "structure_id,volet,niveau,code\nB,coordinateur,region,11\n"
FILES = STUDY | {"perimetres.csv": CODES}
"""The toy study without a perimeter of A: what is drawn for it is all it has."""

OUTLINE = (
    "2.3512345 48.82\n2.45 48.82\n2,45 ; 48,9512345\n2.35 48.95\n"
    "trou\n2.38 48.85\n2.42 48.85\n2.42 48.88"
)
INSIDE = "2.41 48.81\n2.49 48.81\n2.49 48.89"
FORM = {"structure_id": "A", "volet": "facilitateur", "nature": "principal", "etat": "valide"}


@pytest.fixture(scope="module")
def planner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Planner]:
    """Yield one planner for all: each test begins a deposit of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(check, "Bounded", Near)
        yield Planner(application(tmp_path_factory.mktemp("registre")))


def begun(planner: Planner, files: dict[str, str | bytes] | None = None) -> str:
    return planner.deposit(zipped(files or FILES, top="essai/"))


def hidden(planner: Planner, address: str) -> dict[str, str]:
    page = planner.html(address)
    found = re.findall(r'<input type="hidden" name="(vu|marque)" value="([^"]*)">', page)
    return {name: unescape(value) for name, value in found}


def drawn(planner: Planner, key: str, which: str = "nouveau", **fields: str) -> httpx.Response:
    """Send the form of a drawing, as its page gives it."""
    address = f"/registre/depots/{key}/dessin/{which}"
    seen = hidden(planner, address)
    answer = planner.post(address, **{**FORM, "contour": OUTLINE, **seen, **fields})
    if answer.status_code == 303:
        waited(planner.found(key))
    return answer


def outline_of(planner: Planner, key: str) -> str:
    page = planner.html(f"/registre/depots/{key}/dessin/1")
    found = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", page, re.DOTALL)
    assert found
    return unescape(found[1])


def test_what_a_preview_says_is_what_the_study_reads(planner: Planner, tmp_path: Path) -> None:
    key = begun(planner)
    address = f"/registre/depots/{key}/dessin/nouveau"
    shown = planner.post(f"{address}/apercu", **FORM, contour=OUTLINE, **hidden(planner, address))
    assert shown.status_code == 200
    said = words(shown.text)
    assert "0 commune entière, 3 communes coupées" in said
    found = judged(typed(**FORM, contour=OUTLINE), bench_of(planner.found(key)), territory())

    assert drawn(planner, key).headers["location"] == f"/registre/depots/{key}"
    deposit = planner.found(key)
    assert deposit.changes == ("périmètre dessiné : Alpha (A), facilitateur, principal",)
    report = deposit.checking.result
    assert report is not None
    assert (report.faults, report.summary["perimetres_dessines"]) == ((), 1)
    study = read_study(write_study(tmp_path / "relue", deposit.brought.files), territory())
    reach = build_reach(study, territory(), active_posts(study), volet="facilitateur")
    read = structure_shares(build_atoms(reach, territory()))
    codes = territory().codes[read["unit"]].tolist()
    assert list(zip(codes, read["share"], strict=True)) == [(c, s) for c, _, s in found.cut]
    for code, name, share in found.shares:
        assert plain(f"{code} {name} {share}") in said


def test_whole_communes_are_told_too(planner: Planner) -> None:
    key = begun(planner)
    box = "2.29 48.79\n2.41 48.79\n2.41 48.91\n2.29 48.91"
    address = f"/registre/depots/{key}/dessin/nouveau"
    shown = planner.post(f"{address}/apercu", **FORM, contour=box, **hidden(planner, address))
    said = words(shown.text)
    assert "1 commune entière, 2 communes coupées" in said
    assert "Paris 1er (75101)" in said


REFUSED = (
    ("2.3 48.8\n2.4 48.9\n2.4 48.8\n2.3 48.9", "polygone qui se recoupe"),
    ("2.3 48.8\n2.300001 48.8\n2.3 48.800001", "moins d’un mètre carré"),
    ("2.3 48.8\n2.4 48.8\n2.5 48.8", "polygone sans surface"),
    ("48.8 2.3\n48.8 2.4\n48.9 2.4", "axes inversés"),
    ("12 48\n13 48\n13 49", "hors de France"),
    ("652000 6862000\n653000 6862000\n653000 6863000", "pas des degrés"),
    ("-4.9 47\n-4.8 47\n-4.8 47.1", "n’en touche aucune"),
    ("2.3 48.8\n2.4 nord\n2.4 48.9\n2.3 48.9", "contour, ligne 2 : « 2.4 nord »"),
    ('{"type": "Point", "coordinates": [2.3, 48.8]}', "un polygone est attendu"),
)


def test_a_drawing_that_cannot_be_is_refused_and_kept_in_the_form(planner: Planner) -> None:
    key = begun(planner)
    address = f"/registre/depots/{key}/dessin/nouveau"
    seen = hidden(planner, address)
    # Without scripts the map stays hidden: the outline is written as a text.
    assert '<fieldset id="sur-la-carte" hidden>' in planner.html(address)
    for outline, why in REFUSED:
        answer = planner.post(address, **FORM, contour=outline, **seen)
        assert answer.status_code == 422
        page = words(answer.text)
        assert why in page
        assert "QGIS" not in page
        assert f"\n{outline}</textarea>" in unescape(answer.text)
    shown = planner.post(f"{address}/apercu", **FORM, contour=REFUSED[0][0], **seen)
    assert REFUSED[0][1] in words(shown.text)
    assert planner.found(key).changes == ()


def test_attributes_are_refused_all_at_once(planner: Planner) -> None:
    key = begun(planner)
    answer = drawn(planner, key, structure_id="Z", nature="autre", contour="")
    assert answer.status_code == 422
    page = words(answer.text)
    for said in ("3 erreurs", "structure « Z » inconnue", "valeur « autre »", "aucun sommet"):
        assert said in page


def test_a_drawing_is_corrected_then_taken_away(planner: Planner) -> None:
    key = begun(planner)
    for nature in ("principal", "extension"):
        assert drawn(planner, key, nature=nature).status_code == 303
    assert drawn(planner, key, "2", nature="extension", etat="conteste").status_code == 303
    first, second = json.loads(planner.found(key).brought.files["perimetres.geojson"])["features"]
    assert first["geometry"] == second["geometry"]
    assert second["properties"] == FORM | {"nature": "extension", "etat": "conteste"}
    assert drawn(planner, key, "1", contour=INSIDE).status_code == 303
    page = words(planner.html(f"/registre/depots/{key}/dessin"))
    assert "2 périmètres dessinés" in page
    for left in (1, 0):
        address = f"/registre/depots/{key}/dessin/1/retrait"
        assert planner.post(address, **hidden(planner, address)).status_code == 303
        waited(planner.found(key))
        files = planner.found(key).brought.files
        assert ("perimetres.geojson" in files) is bool(left)
    assert [change.partition(" :")[0] for change in planner.found(key).changes] == [
        *["périmètre dessiné"] * 2,
        *["périmètre dessiné corrigé"] * 2,
        *["périmètre dessiné retiré"] * 2,
    ]
    page = words(planner.html(f"/registre/depots/{key}/dessin"))
    assert "Aucun périmètre n’est dessiné" in page


def test_the_form_of_a_drawing_opens_on_what_is_filed(planner: Planner) -> None:
    key = begun(planner)
    drawn(planner, key)
    outline = outline_of(planner, key)
    assert outline.splitlines()[:3] == ["2.3512345 48.82", "2.45 48.82", "2.45 48.9512345"]
    page = planner.html(f"/registre/depots/{key}/dessin/1")
    assert '<option value="A" selected>Alpha (A)</option>' in page
    # Saved as it is, it changes no byte.
    before = planner.found(key).brought.files["perimetres.geojson"]
    assert drawn(planner, key, "1", contour=outline).status_code == 303
    assert planner.found(key).brought.files["perimetres.geojson"] == before


def test_the_second_of_two_tabs_is_told_and_loses_nothing(planner: Planner) -> None:
    key = begun(planner)
    drawn(planner, key)
    address = f"/registre/depots/{key}/dessin"
    seen, mine = hidden(planner, f"{address}/nouveau"), hidden(planner, f"{address}/1")
    drawn(planner, key, nature="extension")
    late = planner.post(f"{address}/nouveau", **FORM, contour=INSIDE, **seen)
    assert late.status_code == 409
    assert "ce dépôt a été modifié" in words(late.text)
    assert INSIDE in unescape(late.text)
    # The drawing itself did not change: the form goes on about it.
    late = planner.post(f"{address}/1", **FORM, contour=INSIDE, **mine)
    assert (late.status_code, f'action="{address}/1"' in late.text) == (409, True)
    drawn(planner, key, "1", contour=INSIDE)
    late = planner.post(f"{address}/1", **FORM, contour=OUTLINE, **mine)
    assert (late.status_code, f'action="{address}/nouveau"' in late.text) == (409, True)
    assert "comme un nouveau périmètre" in words(late.text)
    assert planner.post(f"{address}/1/retrait", **mine).status_code == 409
    assert len(bench_of(planner.found(key)).drawings) == 2


def test_nothing_is_opened_before_the_reading_is_done(planner: Planner) -> None:
    key = begun(planner)
    deposit = planner.found(key)
    seen = hidden(planner, f"/registre/depots/{key}/dessin/nouveau")
    held = Event()
    deposit._line.add(lambda: held.wait() and None)
    deposit.amend(
        {"besoins.csv": b"commune,donneur_ordre,heures\n75056,etat,1\n"}, "essai", deposit.revision
    )
    for path in ("", "/nouveau"):
        answer = planner.ask("GET", f"/registre/depots/{key}/dessin{path}")
        assert answer.headers["location"] == f"/registre/depots/{key}"
    late = planner.post(f"/registre/depots/{key}/dessin/nouveau", **FORM, contour=OUTLINE, **seen)
    held.set()
    assert late.status_code == 409
    assert "attendre la fin du contrôle" in words(late.text)


def test_addresses_that_lead_nowhere_are_told(planner: Planner) -> None:
    key = begun(planner)
    for path, status in (("/7", 404), ("/7/retrait", 404), ("/nouveau/retrait", 404), ("/x", 404)):
        assert planner.ask("GET", f"/registre/depots/{key}/dessin{path}").status_code == status
    planner.freeze(key)
    assert planner.ask("GET", f"/registre/depots/{key}/dessin").status_code == 303


def test_the_ground_is_that_of_the_regions_of_the_study(planner: Planner) -> None:
    key = begun(planner)
    ground = planner.ask("GET", f"/registre/depots/{key}/dessin/fond.json").json()
    assert ground["code"] == "75101 75102 93066"
    france = begun(planner, FILES | {"etude.toml": STUDY["etude.toml"].replace('["11"]', "[]")})
    ground = planner.ask("GET", f"/registre/depots/{france}/dessin/fond.json").json()
    assert len(ground["code"].split()) == len(territory())


def test_another_format_is_written_anew_and_the_page_says_so(planner: Planner) -> None:
    ring = [
        [x, 6_860_000 + y] for x, y in ((652_000, 0), (656_000, 0), (656_000, 900), (652_000, 0))
    ]
    feature = {
        "type": "Feature",
        "properties": {"structure_id": "A", "note": 3},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    lambert = {"type": "name", "properties": {"name": "EPSG:2154"}}
    layer = json.dumps({"type": "FeatureCollection", "crs": lambert, "features": [feature]})
    assert planner.freeze(begun(planner, FILES | {"perimetres.json": layer}), slug="lambert")
    key = key_of(planner.post("/registre/lambert/depots/modifications"))
    waited(planner.found(key))
    assert "récrit en GeoJSON" in words(planner.html(f"/registre/depots/{key}/dessin/1"))
    before, kept = bench_of(planner.found(key)).drawings[0], outline_of(planner, key)
    assert drawn(planner, key, "1", nature="extension", contour=kept).status_code == 303
    files = planner.found(key).brought.files
    assert "perimetres.json" not in files
    after = bench_of(planner.found(key)).drawings[0]
    assert after.shape == before.shape
    assert b'"note":3' in files["perimetres.json.geojson"]
    assert "perimetres.json est récrit en GeoJSON" in planner.found(key).changes[0]
    report = words(planner.html(f"/registre/depots/{key}"))
    assert "1 fichier déposé : perimetres.json.geojson" in report
    assert "1 retiré : perimetres.json" in report
    planner.freeze(key, slug="lambert")
    assert set(planner.files("lambert", 2)) == {*FILES, "perimetres.json.geojson"}


def test_only_who_deposits_draws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "Bounded", Near)
    opened = keyed(tmp_path)
    opened.app.state.register = Register(opened.store, loader=toy_territory, compute=toy_coverage)
    home, other, reader = (
        Planner(opened.app, Browser(opened.client()), f"Service {role} (n° {number})")
        for number, role in enumerate(("planificateur", "planificateur", "lecteur"), start=1)
    )
    for planner, (role, region) in zip(
        (home, other, reader),
        (("planificateur", "11"), ("planificateur", "32"), ("lecteur", "")),
        strict=True,
    ):
        assert planner.browser is not None
        planner.browser.log_in(opened.key(role, region))
    key = begun(home)
    assert drawn(home, key).status_code == 303
    address = f"/registre/depots/{key}/dessin"
    for refused, status in ((other, 404), (reader, 403)):
        for path in ("/nouveau", "/1", "/nouveau/apercu", "/1/retrait"):
            sent = refused.post(f"{address}{path}", **FORM, contour=INSIDE, vu="1", marque="")
            assert sent.status_code == status
        for path in ("", "/nouveau", "/1", "/1/retrait", "/fond.json"):
            assert refused.ask("GET", f"{address}{path}").status_code == 404
    assert len(home.found(key).changes) == 1

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import numpy as np
import pytest
import shapely
from fake_coverage import HOSTILE, MIXED, drawn_coverage, fake_coverage
from sheet_dossiers import FACILITATOR, bench_of, dossier_of

from coverage.palette import STYLES
from geo.planes import image
from maps.dossiers.frame import HEIGHT, WIDTH, frame_of
from maps.dossiers.ground import ground_of
from maps.dossiers.static_map import map_words, static_map
from maps.dossiers.svg import path_of

if TYPE_CHECKING:
    from coverage.dossiers.bench import Bench
    from geo.territory import Territory

SVG = "{http://www.w3.org/2000/svg}"


def rows(bench: Bench, *codes: str) -> list[int]:
    known = bench.coverage.territory.codes.tolist()
    return [known.index(code) for code in codes]


def drawn(bench: Bench, units: list[int]) -> ET.Element:
    return ET.fromstring(static_map(dossier_of(bench, units), FACILITATOR, bench))  # noqa: S314 - ours


def words(root: ET.Element) -> list[str]:
    return [text.text or "" for text in root.iter(f"{SVG}text")]


@pytest.fixture(scope="module")
def bench() -> Bench:
    return bench_of(fake_coverage(fictional=True))


@pytest.fixture(scope="module")
def whole(bench: Bench) -> ET.Element:
    return drawn(bench, list(range(len(bench.coverage.territory))))


def test_every_situation_has_its_pattern_and_its_words(whole: ET.Element) -> None:
    used = {f"url(#m-{style.key})" for style in STYLES}
    filled = {path.get("fill") for path in whole.iter(f"{SVG}path")} & used
    defined = {f"url(#{one.get('id')})" for one in whole.iter(f"{SVG}pattern")}
    assert len(filled) == 5
    assert filled <= defined
    legend = " ".join(words(whole))
    for style in STYLES:
        if f"url(#m-{style.key})" in filled:
            assert style.label.split(" :")[0][:30] in legend


def test_every_commune_is_drawn_and_those_that_cannot_be_are_told(
    bench: Bench, whole: ET.Element
) -> None:
    fills = [p for p in whole.iter(f"{SVG}path") if (p.get("fill") or "").startswith("url(#m-")]
    rings = sum(path.get("d", "").count("M") for path in fills)
    assert rings == len(bench.coverage.territory) - 1 + 1  # one without contour, one hole
    assert any("1 commune demandée hors de la carte" in line for line in words(whole))


def test_hostile_names_are_words_and_nothing_comes_from_elsewhere(bench: Bench) -> None:
    text = static_map(dossier_of(bench, rows(bench, "01001", "01002")), FACILITATOR, bench)
    assert "<script" not in text
    assert "href" not in text
    assert text.count("http") == 1
    assert HOSTILE[:20] in " ".join(words(ET.fromstring(text)))  # noqa: S314 - ours


def test_it_bears_its_scale_north_sources_and_notice(whole: ET.Element) -> None:
    told = words(whole)
    assert "N" in told
    assert any(re.fullmatch(r"\d+ k?m", " ".join(line.split())) for line in told)
    (credit,) = [line for line in told if "Sources" in line]
    assert credit.startswith("Étude fictive")
    assert "EPSG:2154" in credit


def test_the_scale_bar_measures_the_ground(bench: Bench) -> None:
    units = rows(bench, "01001", "01002")
    frame, _ = frame_of(units, bench.coverage.territory)
    metres, length = frame.bar()
    squares = bench.coverage.territory.units.geometry.to_numpy()[units]
    flat = image(squares, frame.epsg)
    page = frame.on_page(squares)
    ratio = shapely.area(flat).sum() / shapely.area(page).sum()
    assert ratio == pytest.approx((metres / length) ** 2)
    west, north, east, south = shapely.total_bounds(page)
    assert 0 < west < east < WIDTH
    assert 0 < north < south < HEIGHT


def test_the_claim_is_inside_and_its_outline_is_its_own(bench: Bench) -> None:
    units = rows(bench, "01001", "01002", "01004")
    ground = ground_of(dossier_of(bench, units).claims[FACILITATOR], bench)
    outline = ground.joined(np.isin(ground.unit, units))
    exact = shapely.union_all(bench.coverage.territory.units.geometry.to_numpy()[units])
    assert outline.symmetric_difference(exact).area < 1e-9


def test_the_same_map_every_time() -> None:
    once, again = (bench_of(fake_coverage(fictional=True)) for _ in range(2))
    units = list(range(6))
    assert static_map(dossier_of(once, units), FACILITATOR, once) == static_map(
        dossier_of(again, units), FACILITATOR, again
    )


def test_parts_of_cut_communes_have_each_their_situation() -> None:
    bench = bench_of(drawn_coverage())
    root = drawn(bench, rows(bench, "01003"))
    fills = {
        path.get("fill"): path.get("d", "").count("M")
        for path in root.iter(f"{SVG}path")
        if (path.get("fill") or "").startswith("url(#m-")
    }
    assert {"url(#m-non_couverte)", "url(#m-couverte_en_partie)"} <= set(fills)


def test_outside_the_regions_of_the_study_nothing_is_judged() -> None:
    bench = bench_of(fake_coverage(regions=("84",)))
    root = drawn(bench, rows(bench, "02001"))
    legend = " ".join(words(root))
    assert "hors des régions de l’étude" in legend
    assert "non couverte" not in legend


def test_overseas_has_its_own_projection(france: Territory) -> None:
    known = france.members["departement"]
    frame, shown = frame_of(known["974"].tolist(), france)
    assert frame.epsg == 2975
    assert len(shown) == 24
    mixed = [*known["974"].tolist(), *known["971"].tolist()[:3]]
    frame, shown = frame_of(mixed, france)
    assert (frame.epsg, len(shown)) == (2975, 24)


def test_no_claim_and_no_contour_say_so(bench: Bench) -> None:
    nothing = dossier_of(bench, ())
    assert "Aucune carte" in static_map(nothing, FACILITATOR, bench)
    assert "Aucune carte" in " ".join(words(drawn(bench, rows(bench, "02009"))))
    assert "Aucune carte" in map_words(nothing, FACILITATOR, bench)


def test_the_words_tell_what_the_map_shows(bench: Bench) -> None:
    told = map_words(dossier_of(bench, rows(bench, MIXED, "01002", "02009")), FACILITATOR, bench)
    assert "3 communes" in told
    assert "sans contour" in told
    assert "Maison de l’emploi" in told


def test_a_wide_window_unites_what_looks_alike(
    bench: Bench, whole: ET.Element, monkeypatch: pytest.MonkeyPatch
) -> None:
    units = list(range(len(bench.coverage.territory)))
    dossier = dossier_of(bench, units)
    apart = ground_of(dossier.claims[FACILITATOR], bench)
    pieces = apart.pieces
    monkeypatch.setattr("maps.dossiers.ground.COMMUNES_DRAWN", 3)
    wide = ground_of(dossier.claims[FACILITATOR], bench)
    styles = apart.scope.atoms.style
    for style in np.unique(styles):
        one, all_ = (np.array([*ground[styles == style]]) for ground in (wide.pieces, pieces))
        joined = shapely.union_all(one)
        assert joined.symmetric_difference(shapely.union_all(all_)).area < 1e-9
    fewer = sum(piece is not None for piece in wide.pieces)
    assert 0 < fewer < sum(piece is not None for piece in pieces)
    assert _legend(drawn(bench, units)) == _legend(whole)


def _legend(root: ET.Element) -> list[str]:
    """Return the words of a map but the names of communes, which stand where there is room."""
    return [line for line in words(root) if not line.startswith("Commune ")]


def test_paths_keep_what_is_too_small_to_be_seen() -> None:
    square = shapely.box(1, 1, 2, 3)
    assert path_of([square, None]) == "M2 1l0 2 -1 0 0 -2z"
    assert path_of([shapely.box(1, 1, 1.001, 1.001)]) == "M1 1l0 0z"
    assert path_of([]) == ""

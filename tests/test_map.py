"""The map's file: what it holds, what it never says, what it never asks for."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import TYPE_CHECKING

import pytest
import shapely
from builders import shuffled
from fake_coverage import (
    HOSTILE,
    MIXED,
    NO_NEED,
    UNKNOWN_NEED,
    WITHOUT_SHAPE,
    fake_coverage,
    fake_study,
    fake_territory,
)
from hypothesis import given
from hypothesis import strategies as st
from map_reading import data_of, decoded

from coverage.study import compute
from geo.errors import DataUnavailableError
from maps import offline
from maps.encoding import SCALE, encode_shapes
from maps.map import build_map
from maps.numbers import NO_NEED as NO_NEED_TEXT
from maps.numbers import UNKNOWN
from maps.statuses import STYLES, style_rank

if TYPE_CHECKING:
    from pathlib import Path

REGIONAL = ("32", "84")


@pytest.fixture(scope="module")
def regional() -> str:
    return build_map(fake_coverage(regions=REGIONAL, fictional=True))


@pytest.fixture(scope="module")
def national() -> str:
    return build_map(fake_coverage())


# ---- the file ----


def test_same_coverage_same_bytes(national: str) -> None:
    assert build_map(fake_coverage()) == national


def test_order_of_rows_changes_nothing() -> None:
    territory = fake_territory()
    study = fake_study(regions=REGIONAL)
    pages = {build_map(compute(shuffled(study, seed), territory)) for seed in (1, 2)}
    assert pages == {build_map(compute(study, territory))}


@pytest.mark.parametrize("name", ["national", "regional"])
def test_nothing_is_asked_from_outside(name: str, request: pytest.FixtureRequest) -> None:
    page = request.getfixturevalue(name)
    markup = re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
    assert not re.search(r"""(src|href|action|data)\s*=\s*["']?(https?:)?//""", markup)
    assert not re.search(r"@import|url\(\s*[\"']?(?!#)[a-z./]", markup)
    assert "sourceMappingURL" not in page


def test_policy_names_every_script_and_sheet_and_nothing_else(regional: str) -> None:
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', regional)
    assert policy
    assert "unsafe" not in policy[1]
    assert policy[1].startswith("default-src 'none';")
    for tag in ("script", "style"):
        codes = re.findall(rf"<{tag}>(.*?)</{tag}>", regional, re.DOTALL)
        digests = {base64.b64encode(hashlib.sha256(c.encode()).digest()).decode() for c in codes}
        listed = re.search(rf"{tag}-src ([^;]*);", policy[1])
        assert listed
        assert set(re.findall(r"'sha256-([^']*)'", listed[1])) == digests


def test_page_is_french_titled_and_zoomable(regional: str) -> None:
    assert '<html lang="fr">' in regional
    assert "<title>Zones blanches – Étude d’essai, 2023</title>" in regional
    assert "user-scalable" not in regional
    assert "maximum-scale" not in regional


def test_licence_of_leaflet_travels_with_it(regional: str) -> None:
    assert "Redistribution and use in source and binary forms" in regional


def test_missing_leaflet_says_what_to_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(offline, "ASSETS", tmp_path)
    with pytest.raises(DataUnavailableError, match="lancer make assets"):
        build_map(fake_coverage())


@pytest.mark.parametrize("name", ["national", "regional"])
def test_filed_names_are_never_markup(name: str, request: pytest.FixtureRequest) -> None:
    page = request.getfixturevalue(name)
    assert "<script>window.perdu" not in page
    assert "<img src=x" not in page
    assert page.count("<script") == page.count("</script>")
    data = data_of(page)
    assert HOSTILE in data["structures"]
    assert HOSTILE in data["communes"]["name"]


# ---- what it says ----


def test_every_commune_is_drawn_or_named(regional: str) -> None:
    data = data_of(regional)
    codes = data["communes"]["code"].split()
    assert len(codes) == len(set(codes)) == 18
    missing = [
        code for code, text in zip(codes, data["shapes"]["communes"], strict=True) if not text
    ]
    assert missing == [WITHOUT_SHAPE]
    assert f"Commune {WITHOUT_SHAPE} ({WITHOUT_SHAPE}) – non couverte." in regional


def test_the_national_map_draws_every_commune_in_its_own_style(national: str) -> None:
    content = data_of(national)
    parts = content["patches"]
    drawn = dict(
        zip(
            zip(parts["zone"], parts["style"], strict=True),
            content["shapes"]["patches"],
            strict=True,
        )
    )
    communes = content["communes"]
    wanted = zip(communes["zone"], communes["style"], communes["anchor"], strict=True)
    kinds = {(zone, style): bool(anchor) for zone, style, anchor in wanted}
    assert set(drawn) == set(kinds)
    assert all(drawn[kind] for kind, has_shape in kinds.items() if has_shape)


def test_every_status_shows_with_its_counts(regional: str) -> None:
    data = data_of(regional)
    keys = [style["key"] for style in data["styles"]]
    shown = {keys[rank] for rank in data["communes"]["style"]}
    assert shown == {
        "non_couverte",
        "limitrophe",
        "donnee_manquante",
        "insuffisante_1",
        "couverte",
    }
    counts = re.findall(
        r'<span class="compte">(\d+)\xa0communes?, ([\d\u202f]+)\xa0habitants?', regional
    )
    assert sum(int(communes) for communes, _ in counts) == 18
    coverage = fake_coverage()
    people = sum(int(text.replace("\u202f", "")) for _, text in counts)
    assert people == coverage.communes["population"].sum()


def test_sufficient_reads_exactly_as_the_method_says(regional: str) -> None:
    sufficient = STYLES[style_rank("couverte")]
    assert sufficient.label == "capacité suffisante au mieux, sous les hypothèses affichées"
    assert sufficient.label in regional


def test_rates_without_need_or_unknown_are_words(regional: str) -> None:
    communes = data_of(regional)["communes"]
    codes = communes["code"].split()

    def rate(code: str) -> str:
        texts, positions = communes["rate"]
        return str(texts[positions[codes.index(code)]])

    assert rate(NO_NEED) == NO_NEED_TEXT
    assert rate(UNKNOWN_NEED) == UNKNOWN
    assert communes["need"][codes.index(UNKNOWN_NEED)] is None
    assert communes["need"][codes.index(NO_NEED)] == 0


def test_mixed_communes_keep_their_shares(regional: str) -> None:
    communes = data_of(regional)["communes"]
    row = communes["code"].split().index(MIXED)
    assert communes["mixed"] == {str(row): [700, 0, 300]}
    assert "commune mixte" in regional


def test_table_lists_the_zones_kept(national: str) -> None:
    kept = fake_coverage().zones.query("retenue")
    table = national.partition('<table class="zones">')[2].partition("</table>")[0]
    assert len(kept) == table.count("<tr>") - 1
    assert all(zone in table for zone in kept.index)


def test_zones_to_document_have_a_list_of_their_own(national: str) -> None:
    assert fake_coverage().zones["en_attente"].any()
    assert "Zones à documenter" in national


def test_provenance_stands_under_the_map(regional: str) -> None:
    assert "Carrés – Essai, libre, millésime 2025." in regional
    assert "zones-blanches 0.1.0" in regional
    assert "35\u202f000\xa0heures par ETP et par an" in regional


def test_fictional_studies_say_so(regional: str, national: str) -> None:
    assert "Étude fictive" in regional
    assert "Étude fictive" not in national


def test_one_region_leaves_the_other_out() -> None:
    data = data_of(build_map(fake_coverage(regions=("84",))))
    assert len(data["communes"]["code"].split()) == 9
    assert all(zone.startswith("84-") for zone in data["zones"]["id"])
    assert len(data["shapes"]["context"]) == 1
    assert [place["name"] for place in data["places"]] == ["Vue d’ensemble"]


def test_overseas_is_reachable() -> None:
    data = data_of(build_map(fake_coverage(overseas=True)))
    assert [place["name"] for place in data["places"]] == ["Métropole", "Guadeloupe"]
    west, south, _, _ = data["places"][1]["bounds"]
    assert (west, south) == pytest.approx((-56.97, 16.0))


def test_holes_of_the_base_map_are_drawn_and_named(regional: str) -> None:
    assert len(data_of(regional)["shapes"]["holes"]) == 1
    assert "hors commune : lacune du fond de carte" in regional


# ---- shapes ----


def test_neighbours_share_their_border(regional: str) -> None:
    data = data_of(regional)
    shapes = dict(zip(data["communes"]["code"].split(), data["shapes"]["communes"], strict=True))
    left, right = ({p for ring in decoded(shapes[c]) for p in ring} for c in ("01001", "01002"))
    assert len(left & right) == 2


steps = st.tuples(st.integers(-180 * SCALE, 180 * SCALE), st.integers(-90 * SCALE, 90 * SCALE))


@given(st.lists(steps, min_size=3, max_size=8, unique=True))
def test_encoding_keeps_points_to_the_ten_thousandth(ring: list[tuple[int, int]]) -> None:
    shape = shapely.Polygon([(x / SCALE, y / SCALE) for x, y in ring])
    assert decoded(encode_shapes([shape])[0]) == [ring]


def test_encoding_drops_what_vanishes() -> None:
    grain = shapely.box(0, 0, 0.00001, 0.00001)
    doubled = shapely.Polygon([(0, 0), (0, 0.00001), (1, 0), (1, 1)])
    texts = encode_shapes([grain, doubled])
    assert texts[0] == ""
    assert decoded(texts[1]) == [[(0, 0), (SCALE, 0), (SCALE, SCALE)]]


def test_encoding_keeps_parts_and_holes() -> None:
    island, pierced = shapely.box(0, 0, 1, 1), shapely.box(5, 5, 9, 9) - shapely.box(6, 6, 7, 7)
    texts = encode_shapes([shapely.union_all([island, pierced]), None, island])
    assert [len(decoded(text)) for text in texts if text] == [3, 1]
    assert texts[1] == ""

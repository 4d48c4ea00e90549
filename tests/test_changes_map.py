"""The map of changes: what is better, worse or unknown; its page says what the coverages say."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from fake_coverage import HOSTILE, MIXED, WITHOUT_SHAPE, fake_study, fake_territory
from map_browsing import CHROMIUM, launched, opened, popup, search, write
from map_reading import data_of, polygon
from pages_browsing import AXE, violations
from plan_builders import option
from playwright.sync_api import expect
from test_accessibility import headings_in_order

from coverage.parameters import CLASSES
from coverage.proposals.after import with_posts
from coverage.status import STATUTS
from coverage.study import compute
from maps.changes.change_map import Heading, build_change_map
from maps.changes.states import (
    BETTER_RATE,
    BETTER_STATUS,
    CHANGES,
    SAME,
    UNKNOWN,
    WORSE,
    State,
    change,
    changes,
    moved,
    tally,
)
from maps.encoding import SCALE
from maps.numbers import counted, rate_text
from maps.statuses import STYLES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

    from coverage.model import Coverage, Study

TERRITORY = fake_territory()
HEADING = Heading("Avant et après", "La couverture d’essai", "essai.csv")
NEW = f"Relais {HOSTILE}, 1 ETP"
HALF, THIRD, ONE = Fraction(1, 2), Fraction(1, 3), Fraction(1)
SERVED = {
    "01002": "too small, larger now",
    "01003": "extension before",
    "02001": "nobody before",
    "02003": "nobody before, need unknown",
    "02005": "covered before, need unknown",
}
"""Communes that the new post serves."""


def covered(study: Study) -> Coverage:
    """Return a coverage with one commune shown as mixed, as `fake_coverage` does."""
    coverage = compute(study, TERRITORY)
    communes = coverage.communes.copy()
    communes.loc[MIXED, ["part_principale", "part_extension", "part_non_couverte"]] = (0.7, 0, 0.3)
    communes.loc[MIXED, "mixte"] = True
    return replace(coverage, communes=communes)


@cache
def states() -> tuple[State, ...]:
    """Today, with a post of one ETP, and without structure B."""
    study = fake_study(regions=("32", "84"), fictional=True)
    units = [TERRITORY.units.index.get_loc(code) for code in sorted(SERVED)]
    post = option("o1", "nouvelle:x", hundredths=200, units=tuple(units))
    fewer = replace(study, posts=study.posts[study.posts["structure_id"] != "B"])
    return (
        State("avant", "Aujourd’hui", covered(study)),
        State(
            "plan",
            "Avec un poste",
            covered(with_posts(study, TERRITORY, [post])),
            dict.fromkeys(units, (NEW,)),
            "1 poste nouveau",
        ),
        State("sans", "Sans B", covered(fewer)),
    )


@cache
def content() -> str:
    return build_change_map(states(), HEADING)


def rows() -> dict[str, int]:
    return {str(code): row for row, code in enumerate(states()[0].communes.index)}


# --- what a change is ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (("non_couverte", None), ("non_couverte", None), SAME),
        (("non_couverte", Fraction(0)), ("capacite_insuffisante", HALF), BETTER_STATUS),
        (("non_couverte", None), ("couverte", None), BETTER_STATUS),
        (("limitrophe", ONE), ("couverte", ONE), BETTER_STATUS),
        (("capacite_insuffisante", THIRD), ("capacite_insuffisante", HALF), BETTER_RATE),
        (("couverte", HALF), ("couverte", ONE), BETTER_RATE),
        (("couverte", ONE), ("couverte", ONE), SAME),
        (("capacite_insuffisante", HALF), ("capacite_insuffisante", THIRD), WORSE),
        (("couverte", ONE), ("limitrophe", ONE), WORSE),
        (("limitrophe", ONE), ("couverte", HALF), WORSE),
        (("donnee_manquante", None), ("non_couverte", None), WORSE),
        (("non_couverte", None), ("donnee_manquante", None), UNKNOWN),
        (("limitrophe", HALF), ("donnee_manquante", ONE), UNKNOWN),
        (("donnee_manquante", None), ("donnee_manquante", None), SAME),
        (("donnee_manquante", HALF), ("donnee_manquante", ONE), UNKNOWN),
        # Its known hours were short and no longer are: what is left is unknown, not worse.
        (("capacite_insuffisante", HALF), ("donnee_manquante", ONE), UNKNOWN),
        (("capacite_insuffisante", HALF), ("donnee_manquante", THIRD), WORSE),
        # Its need is no longer known, or is at last: no figure to compare.
        (("couverte", ONE), ("donnee_manquante", None), UNKNOWN),
        (("donnee_manquante", None), ("capacite_insuffisante", HALF), UNKNOWN),
        (("donnee_manquante", None), ("couverte", ONE), UNKNOWN),
        (("couverte", ONE), ("couverte", None), SAME),
        (("couverte", None), ("couverte", ONE), SAME),
    ],
)
def test_change(
    old: tuple[str, Fraction | None], new: tuple[str, Fraction | None], expected: int
) -> None:
    assert change(old, new) == expected


def test_what_is_unknown_is_never_better_and_nothing_is_better_both_ways() -> None:
    rates = (None, THIRD, ONE)
    places = [(statut, rate) for statut in STATUTS for rate in rates]
    for old in places:
        assert change(old, old) == SAME
        for new in places:
            found = change(old, new)
            if "donnee_manquante" in (old[0], new[0]):
                assert found not in (BETTER_RATE, BETTER_STATUS)
            if found in (BETTER_RATE, BETTER_STATUS):
                assert change(new, old) == WORSE


def test_unknown_is_drawn_in_grey() -> None:
    fill = CHANGES[UNKNOWN].fill
    channels = [int(fill[n : n + 2], 16) for n in (1, 3, 5)]
    assert max(channels) - min(channels) < 20
    assert len({style.fill for style in CHANGES}) == len(CHANGES)
    assert len({style.key for style in (*CHANGES, *STYLES)}) == len(CHANGES) + len(STYLES)


# --- states -------------------------------------------------------------------------------------


def test_states_tell_which_communes_move_and_how() -> None:
    before, after, fewer = states()
    found = dict(zip(rows(), changes(before, after), strict=True))
    assert {code: found[code] for code in SERVED} == {
        "01002": BETTER_RATE,
        "01003": BETTER_STATUS,
        "02001": BETTER_STATUS,
        "02003": UNKNOWN,
        "02005": SAME,
    }
    assert WORSE not in found.values()
    lost = dict(zip(rows(), changes(before, fewer), strict=True))
    assert {code for code, rank in lost.items() if rank == WORSE} >= {"01002", "01005", "01008"}
    assert lost["02001"] == SAME
    own = dict(zip(rows(), moved(states()).tolist(), strict=True))
    assert all(own[code] for code in SERVED)
    assert own == {
        code: bool(
            code in SERVED
            or any(
                list(state.communes.loc[code, columns]) != list(before.communes.loc[code, columns])
                for state in states()
            )
        )
        for code in rows()
        for columns in [["statut", "gravite", "mixte", "taux_reponse", "taux_reponse_etat"]]
    }
    assert not moved((before, before)).any()
    assert moved((before, replace(before, posts={0: ("x",)}))).tolist().count(True) == 1


def test_counts_add_up_to_all_communes_and_known_inhabitants() -> None:
    before, after, fewer = states()
    people = before.communes["population"]
    whole = (len(people), int(people[people > 0].sum()))
    for state in (after, fewer):
        told = tally(changes(before, state), state, len(CHANGES))
        assert tuple(map(sum, zip(*told, strict=True))) == whole
    for state in states():
        told = tally(state.scope.styles, state, len(STYLES))
        assert tuple(map(sum, zip(*told, strict=True))) == whole


# --- the file -----------------------------------------------------------------------------------


def test_the_page_holds_the_figures_of_the_coverages() -> None:
    data = data_of(content())
    codes = data["communes"]["code"].split(" ")
    assert codes == list(rows())
    assert data["communes"]["moved"] == moved(states()).astype(int).tolist()
    for state, own in zip(states(), data["states"], strict=True):
        assert own["label"] == state.label
        assert own["style"] == state.scope.styles
        assert own["served"] == state.communes["servi_h"].tolist()
        assert own["mixed"] == {str(rows()[MIXED]): [700, 0, 300]}
    for number, name in enumerate(("taux_reponse", "taux_reponse_etat")):
        kept = data["rates"][number]
        for state, ranks in zip(states(), kept["rank"], strict=True):
            for rank, (_, commune) in zip(ranks, state.communes.iterrows(), strict=True):
                rate = commune[name] if isinstance(commune[name], Fraction) else None
                missing = set(commune["classes_inconnues"])
                known = not missing & set(CLASSES[: 6 if number == 0 else 3])
                told = kept["text"][rank] if rank >= 0 else kept["none"][-1 - rank]
                assert told == rate_text(rate, need_known=known)
    posts = data["states"][1]
    assert posts["posts"] == [NEW]
    assert posts["postsOf"] == {str(rows()[code]): [0] for code in sorted(SERVED)}


def test_every_commune_is_drawn_once_alone_or_among_its_like() -> None:
    data = data_of(content())
    own = moved(states())
    shapes = states()[0].scope.shapes
    drawn = dict(zip(data["drawn"]["row"], data["drawn"]["shape"], strict=True))
    assert sorted(drawn) == [row for row, alone in enumerate(own.tolist()) if alone]
    for row, text in drawn.items():
        if shapes[row] is None:
            assert text == ""
        else:
            assert polygon(text).area / SCALE**2 == pytest.approx(shapes[row].area, rel=0.01)
    patches = sum(polygon(text).area for text in data["patches"]["shape"]) / SCALE**2
    rest = sum(s.area for s, alone in zip(shapes, own, strict=True) if s is not None and not alone)
    assert patches == pytest.approx(rest, rel=0.01)


def test_the_same_states_give_the_same_page_and_names_stay_words() -> None:
    assert build_change_map(states(), HEADING) == content()
    assert "<script>window.perdu" not in content()
    assert "Étude fictive" in content()


# --- in a browser -------------------------------------------------------------------------------

needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="chromium n’est pas installé")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    return write(tmp_path_factory.mktemp("changes"), content())


def legend(page: Page, kinds: Any) -> list[str]:  # noqa: ANN401 - styles
    return [page.locator(f"#compte-{kind.key}").text_content() or "" for kind in kinds]


def said(told: list[tuple[int, int]]) -> list[str]:
    return [f"{counted(some, 'commune')}, {counted(all_, 'habitant')}" for some, all_ in told]


@needs_browser
def test_counts_of_the_legend_are_those_of_the_tables(browser: Browser, address: str) -> None:
    with opened(browser, address) as page:
        expect(page.locator("#etat-2")).to_be_checked()
        for number, state in enumerate(states()):
            page.check(f"#etat-{number}")
            assert legend(page, STYLES) == said(tally(state.scope.styles, state, len(STYLES)))
            expect(page.locator("#vue")).to_have_text(state.label)
        body = page.locator("#tableau tbody").first
        for row, statut in enumerate(STATUTS):
            cells = body.locator("tr").nth(row).locator("td").all_inner_texts()
            held = [int((state.communes["statut"] == statut).sum()) for state in states()]
            assert cells[::2] == [str(count) for count in held]
        for old, first in enumerate(states()):
            page.select_option("#depuis", str(old))
            for new, then in enumerate(states()):
                page.check(f"#etat-{new}")
                told = tally(changes(first, then), then, len(CHANGES))
                assert legend(page, CHANGES) == said(told)
        expect(page.locator("#legende-situations")).to_be_hidden()
        expect(page.locator("#vue")).to_have_text("De « Sans B » à « Sans B »")


@needs_browser
def test_a_commune_tells_every_state_and_the_keyboard_reaches_it(
    browser: Browser, address: str
) -> None:
    with opened(browser, address) as page:
        search(page, "01003")
        words = " ".join(popup(page).split())
        for label in ("Aujourd’hui", "Avec un poste", "Sans B"):
            assert f"{label} : " in words
        assert words.count("Taux de réponse") == len(states())
        assert words.count(f"Postes nouveaux : {NEW}") == 1
        before, after, _ = (state.communes.loc["01003"] for state in states())
        assert f"Aujourd’hui : {STYLES[states()[0].scope.styles[rows()['01003']]].short}" in words
        for commune in (before, after):
            rate = rate_text(commune["taux_reponse"], need_known=True)
            assert " ".join(rate.split()) in words
        page.keyboard.press("Escape")
        expect(page.locator(".leaflet-popup")).to_have_count(0)
        expect(page.locator("#recherche")).to_be_focused()
        page.fill("#recherche", "")
        search(page, MIXED)
        assert "Commune mixte : 70\u202f% en périmètre principal" in popup(page)
        page.keyboard.press("Escape")
        page.fill("#recherche", "")
        search(page, WITHOUT_SHAPE)
        expect(page.locator("#annonce")).to_contain_text("Commune sans contour")
        expect(page.locator(".leaflet-popup")).to_have_count(0)


@needs_browser
def test_a_mixed_commune_is_hatched_and_changes_have_their_own_fills(
    browser: Browser, address: str
) -> None:
    with opened(browser, address) as page:
        page.check("#etat-0")
        told = page.evaluate(
            """(rows) => {
              const fill = {};
              carte.eachLayer((layer) => {
                if (layer.row !== undefined) { fill[layer.row] = layer.options.fillColor; }
              });
              const [mixed, bare, better] = rows.map((row) => fill[row]);
              const alike = Object.values(fill).filter((other) => other === mixed).length;
              return [typeof mixed, alike, bare === better];
            }""",
            [rows()[MIXED], rows()["02004"], rows()["02001"]],
        )
        assert told == ["object", 1, True]
        page.check("#etat-1")
        page.select_option("#depuis", "0")
        fills = page.evaluate(
            """(rows) => {
              const fill = {};
              carte.eachLayer((layer) => {
                if (layer.row !== undefined) { fill[layer.row] = layer.options.fillColor; }
              });
              return new Set(rows.map((row) => fill[row])).size;
            }""",
            [rows()[code] for code in SERVED],
        )
        assert fills == len({*changes(*states()[:2])})


@needs_browser
@pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not fetched (make test)")
def test_axe_finds_nothing(browser: Browser, address: str) -> None:
    with opened(browser, address) as page:
        assert violations(page) == []
        assert headings_in_order(page)
        page.select_option("#depuis", "0")
        search(page, "01003")
        popup(page)
        assert violations(page) == []

"""Screens about sources, sites and years: named, added up, escaped, unknown said unknown."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from fractions import Fraction
from functools import cache
from html import unescape
from typing import TYPE_CHECKING, Any

import pages_browsing
import polars as pl
import pytest
from asking import PAGE, Client
from builders import CELL_DEG, exhaustive, make_study, need, perimeter, post
from fake_coverage import HOSTILE, fake_coverage, fake_territory
from map_browsing import CHROMIUM, launched, opened, popup, search, write
from map_reading import data_of
from origins import contract, project, service, with_origins
from pages_browsing import AXE, browsing, running, violations
from pages_served import plain, words
from pydantic import TypeAdapter

from api.app import create_app
from api.explain import explanation, facts, of_year
from api.facts.communes import commune_facts
from api.facts.contributions import Contribution
from api.facts.ground import Ground
from api.facts.origins import origin_lines
from api.facts.values import hours_text
from api.facts.years import YearLine, load_lines
from api.facts.zones import zone_facts
from api.settings import Settings
from api.studies import OpenStudy, Studies
from coverage.frames import CONTRACTS_ASIDE
from coverage.parameters import CLASSES
from coverage.study import compute
from coverage.wording import whole
from geo.errors import UnknownCodeError
from maps.map import build_map

if TYPE_CHECKING:
    from coverage.model import Coverage, Study

BARE, COVERED = "01003", "01001"
"""A commune that nobody covers, with a service and a project; one whose post ends in 2024."""

API = "/api/v1/etudes/tout"


def rich_study() -> Study:
    """Return a study that every source feeds, over three years, some names hostile."""
    known = [exhaustive(class_, departement="01") for class_ in CLASSES]
    study = make_study(
        [post("A", 1), post("A", 1, fin=date(2024, 12, 31)), post("B", "1/2")],
        [perimeter("A", COVERED), perimeter("A", "01004"), perimeter("B", "01002")],
        [need(COVERED, 40_000), need("01002", 4_000, source="bilan"), need(BARE, 20)],
        exhaustiveness=known,
    )
    study = with_origins(
        study,
        contracts=[
            *(contract(f"M{n:02d}", 240_000 * (n + 1), "commune:01002") for n in range(13)),
            contract("D1", 900_000, "departement:01", class_="operateurs_etat"),
            contract("D2", 900_000, "departement:01", class_="operateurs_etat", clause=True),
        ],
        services=[
            service("P", BARE) | {"nom": f"Préfecture {HOSTILE}", "heures": 12.5},
            service("Q", BARE, "inconnu") | {"nom": f"Hôpital {HOSTILE}", "type": "hopital"},
            service("R", "01002", "oui") | {"structure_id": "B"},
        ],
        projects=[project("J", _over(BARE), 3_000) | {"nom": f"Canal {HOSTILE}"}],
        totals=[("32", "bailleurs", 7_000)],
    )
    aside = [("marches.json", 7, "X1", f"durée illisible {HOSTILE}", "NC", None)] * 3
    aside += [("marches.json", 9, "X2", "montant invraisemblable", "1e17", 10_000)]
    return replace(
        study,
        last_year=2025,
        contracts_aside=pl.DataFrame(aside, schema=CONTRACTS_ASIDE, orient="row"),
    )


def _over(code: str) -> Any:  # noqa: ANN401 - shapely has no types
    return fake_territory().units.geometry[code].buffer(-0.1 * CELL_DEG)


@cache
def rich() -> Coverage:
    return compute(rich_study(), fake_territory())


@cache
def client() -> Client:
    return Client(served())


def served() -> Any:  # noqa: ANN401 - a FastAPI application
    studies = [OpenStudy("tout", rich), OpenStudy("complete", fake_coverage)]
    return create_app(Settings(requests_per_minute=1_000_000), Studies(studies))


def html(address: str) -> str:
    answer = client().get(address, headers=PAGE)
    assert answer.status_code == 200, address
    return answer.text


def zone_of(code: str) -> str:
    return str(rich().communes.loc[code, "zone_id"])


PAGES = (
    *("", "/donnees", "/rapport", "/zones", f"/communes/{BARE}", "/communes/01002"),
    *(f"/communes/{COVERED}", "/structures/A", "/structures/B"),
)


# --- pages --------------------------------------------------------------------------------


@pytest.mark.parametrize("page", [*PAGES, f"/communes/{BARE}/fiche"])
def test_names_are_escaped_and_nothing_is_of_the_program(page: str) -> None:
    found = html(f"/etudes/tout{page}")
    assert HOSTILE not in found
    assert "<script>window" not in found
    assert "<img" not in found
    assert not re.search(r"\b(None|nan|Fraction)\b|\['|\{'", words(found))


@pytest.mark.parametrize("code", [BARE, COVERED, "01002", "02001"])
def test_the_hours_on_screen_add_up_to_the_commune(code: str) -> None:
    coverage = rich()
    page = html(f"/etudes/tout/communes/{code}")
    table = re.search(r'<table class="dense sources">(.*?)</table>', page, re.DOTALL)
    asked = int(coverage.communes.loc[code, "besoin_h"])
    assert table
    groups, exact, counted = [], [], []
    for row in re.findall(r"<tr.*?</tr>", table[1].partition("<tfoot>")[0], re.DOTALL)[1:]:
        cells = [number(cell) for cell in re.findall(r'<td class="nombre">(.*?)</td>', row)]
        if 'class="groupe"' in row:
            groups.append(cells)
        else:
            exact.append(cells[0])
            counted.append(cells[1])
    assert sum(own for _, own in groups) == sum(counted) == asked
    assert sum(own for own, _ in groups) == pytest.approx(sum(exact))
    for line in commune_facts(Ground(coverage), code).contributions[0].contributions:
        assert plain(line.intitule) in words(page)


def number(text: str) -> float:
    return float(re.sub("[\u00a0\u202f ]", "", unescape(text)).replace(",", "."))


def test_contributions_say_what_they_are() -> None:
    said = words(html("/etudes/tout/communes/01002"))
    assert "marché M12" in said
    assert "Et 3 autres contributions" in said
    assert "2 marchés placés par département seulement (Nom 01), part de la commune" in said
    assert "hypothèse à documenter" in said
    assert "déclaré dans « besoins » – bilan" in said
    assert "estimation composite, second choix" in words(html("/etudes/tout/communes/02001"))


def test_services_and_projects_are_named_or_said_unknown() -> None:
    said = words(html(f"/etudes/tout/communes/{BARE}"))
    assert f"Préfecture {plain(HOSTILE)}" in said.replace("&#39;", "'")
    assert "accompagnement à préciser" in said
    assert "tracé approximatif" not in said
    assert "accompagné par Structure B" in words(html("/etudes/tout/communes/01002"))
    assert "Aucun grand projet ne touche la commune" in words(html("/etudes/tout/communes/01002"))
    for page in ("/communes/01001", "/zones/84-capacite_insuffisante-01002"):
        unread = words(html(f"/etudes/complete{page}"))
        assert "Inconnu : aucun fichier de services déposé" in unread
        assert "Inconnu : aucun fichier de grands projets déposé" in unread
        assert "pas encore lus" not in unread


def test_a_zone_says_what_grounds_its_need() -> None:
    zone = zone_of(BARE)
    found = zone_facts(Ground(rich()), zone)
    assert (found.services_etat_non_accompagnes, found.services_etat_a_preciser) == (1, 1)
    assert [line.service_id for line in found.services_etat or []] == ["P", "Q"]
    assert [line.projet_id for line in found.grands_projets_liste or []] == ["J"]
    assert [line.heures for line in found.besoin_par_programme] == [3_000]
    said = words(html(f"/etudes/tout/zones/{zone}"))
    for told in (found.motif, found.decision, found.rupture):
        assert plain(told) in said
    assert "1 service de l’État non accompagné («" in found.motif
    assert "1 grand projet («" in found.motif
    assert "elle a 1 service de l’État non accompagné et 1 grand projet la touche" in found.decision
    assert "Jeux olympiques et paralympiques" in said


def test_years_are_told_as_bars_and_as_a_table() -> None:
    page = html(f"/etudes/tout/communes/{COVERED}")
    facts_ = commune_facts(Ground(rich()), COVERED)
    assert facts_.annee_rupture == 2025
    assert "Rupture en 2025" in words(page)
    assert [line.annee for line in facts_.annees] == [2023, 2024, 2025]
    for line in facts_.annees:
        assert f'aria-label="Besoin de la commune en {line.annee}' in page
        row = re.search(rf'<tr><th scope="row">{line.annee}</th>(.*?)</tr>', page, re.DOTALL)
        assert row
        assert plain(whole(line.besoin_h or 0)) in words(row[1])
        assert plain(line.statut_nom) in words(row[1])
    assert "Année par année" not in words(html("/etudes/complete/communes/01001"))


def test_bars_are_as_long_as_their_hours() -> None:
    page = html(f"/etudes/tout/communes/{COVERED}")
    bars = re.findall(r'<svg class="barre"[^>]*aria-label="Besoin.*?</svg>', page, re.DOTALL)
    lines = commune_facts(Ground(rich()), COVERED).annees
    most = max(line.besoin_h or 0 for line in lines)
    for bar, line in zip(bars, lines, strict=True):
        widths = [float(width) for width in re.findall(r'width="([\d.]+)" height="20" fill', bar)]
        assert sum(widths) == pytest.approx(1000 * (line.besoin_h or 0) / most, abs=0.1)
        assert widths[0] == pytest.approx(1000 * (line.servi_h or 0) / most, abs=0.1)


def test_a_structure_says_whether_its_posts_have_work() -> None:
    said = words(html("/etudes/tout/structures/A"))
    assert "Ses postes ont-ils du travail, année après année ?" in said
    for line in load_lines(Ground(rich()), "A"):
        assert plain(line.constat) in said
        assert plain(hours_text(line.capacite_h)) in said
    ended = replace(rich_study(), posts=rich_study().posts.assign(fin=date(2023, 12, 31)))
    loads = load_lines(Ground(compute(ended, fake_territory())), "A")
    assert [line.capacite_h for line in loads] == [70_000, 0, 0]
    assert loads[1].charge.absence == "sans_objet"


def test_the_overview_lists_sources_and_what_became_of_contracts() -> None:
    said = words(html("/etudes/tout"))
    lines = origin_lines(Ground(rich()))
    assert sum(line.heures for line in lines) == rich().communes["besoin_h"].sum()
    assert all(line.heures for line in lines)
    for line in lines:
        assert plain(line.objets) in said
        assert plain(whole(line.heures)) in said
    assert "15 marchés retenus, 4 marchés écartés" in said
    assert "montant invraisemblable 1 100" in said
    assert "3 inconnu" in said  # no amount of these could be read: not 0 €
    assert "opérateurs de l’État 2 1 1 750" in said  # 900,000 x 0.50 x 0.05 / 30
    assert 'href="/etudes/tout/donnees#marches"' in html("/etudes/tout")
    data = html("/etudes/tout/donnees")
    assert 'id="marches"' in data
    assert "durée illisible" in words(data)
    bare = words(html("/etudes/complete"))
    assert "absente aucun fichier de marchés déposé" in bare
    assert "Marchés, sur toute l’étude" not in bare


@pytest.mark.parametrize("address", ["/methode", "/etudes/tout", "/etudes/tout/communes/01002"])
def test_a_hypothesis_to_be_documented_says_so_where_it_shows(address: str) -> None:
    said = words(html(address))
    assert "hypothèse à documenter" in said
    assert "part_marches_clausables" in said


def test_a_hypothesis_that_the_study_documents_is_no_more_said_so() -> None:
    shares = tuple((name, Fraction(1, 5)) for name in CLASSES)
    own = replace(rich_study().parameters, part_marches_clausables=shares)
    coverage = compute(replace(rich_study(), parameters=own), fake_territory())
    (told,) = commune_facts(Ground(coverage), "01002").hypotheses
    assert not told.a_documenter
    assert "20\u202f% pour toutes les classes" in told.phrase


# --- API ----------------------------------------------------------------------------------


def test_contributions_come_by_pages_and_add_up() -> None:
    address = f"{API}/communes/01002/besoins"
    every = client().get(address)
    found = TypeAdapter(list[Contribution]).validate_json(every.content, strict=True)
    assert len(found) == int(every.headers["x-total-count"]) > 10
    assert sum(line.heures_comptees for line in found) == rich().communes.loc["01002", "besoin_h"]
    some = client().get(f"{address}?limite=3&page=2")
    assert some.json() == every.json()[3:6]
    assert 'rel="next"' in some.headers["link"]
    assert client().get(f"{API}/communes/99999/besoins").status_code == 404


def test_years_of_a_commune_are_answered() -> None:
    answer = client().get(f"{API}/communes/{COVERED}/annees")
    found = TypeAdapter(list[YearLine]).validate_json(answer.content, strict=True)
    assert [line.annee for line in found] == [2023, 2024, 2025]
    assert found[-1].statut == "capacite_insuffisante"
    study = client().get(API).json()
    assert [line["annee"] for line in study["annees"]] == [2023, 2024, 2025]
    assert study["marches"]["ecartes"] == 4
    assert {line["origine"] for line in study["origines"] if line["deposee"]} == {
        *("besoins", "marches", "grands_projets", "services_etat", "composite")
    }


# --- command line -------------------------------------------------------------------------


def test_the_explanation_names_sources_sites_and_years() -> None:
    told = explanation(rich(), BARE)
    for line in (
        "Commune 01003 (01003), département 01, en 2023",
        "    déclaré dans « besoins » : 20 h — source non indiquée",
        "Services de l’État :",
        "accompagnement à préciser",
        "(Jeux olympiques et paralympiques)",
        "Année par année : Dès 2023",
    ):
        assert line in told
    json.dumps(facts(rich(), BARE), ensure_ascii=False)
    bare = explanation(fake_coverage(), "01001")
    assert "inconnu : aucun fichier de services déposé" in bare
    assert "Année par année" not in bare


def test_another_year_of_the_study_is_explained() -> None:
    later = of_year(rich(), 2025)
    assert later.study.year == 2025
    assert later.communes.loc[COVERED, "statut"] == "capacite_insuffisante"
    told = explanation(later, COVERED)
    assert "en 2025" in told.splitlines()[0]
    assert "Rupture en 2025" in told
    assert [f"  {year} : besoin" in told for year in (2023, 2024, 2025)] == [True] * 3
    assert of_year(rich(), None) is of_year(rich(), 2023) is rich()
    with pytest.raises(UnknownCodeError, match="2026, seulement 2023 à 2025"):
        of_year(rich(), 2026)
    with pytest.raises(UnknownCodeError, match="2024, seulement 2023 →"):
        of_year(fake_coverage(), 2024)


# --- maps ---------------------------------------------------------------------------------


def test_the_offline_map_carries_names_or_says_they_are_unknown() -> None:
    page = build_map(rich())
    assert HOSTILE not in page
    data = data_of(page)
    row = str(data["communes"]["code"].split().index(BARE))
    assert data["communes"]["services"] == {row: [f"Préfecture {HOSTILE}"]}
    assert data["communes"]["projects"] == {row: [f"Canal {HOSTILE}"]}
    zone = data["zones"]["id"].index(zone_of(BARE))
    assert data["zones"]["services"][zone] == [f"Préfecture {HOSTILE}"]
    assert data["zones"]["doubtful"][zone] == 1
    assert "Services de l’État" in page
    none = data_of(build_map(fake_coverage()))
    assert none["communes"]["services"] is none["communes"]["projects"] is None
    assert set(map(str, none["zones"]["services"])) == {"None"}


browser_only = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")


@browser_only
def test_a_popup_names_services_and_projects(tmp_path: Any) -> None:  # noqa: ANN401
    region = replace(rich_study(), regions=("84",))
    page = build_map(compute(region, fake_territory()))
    with launched() as browser, opened(browser, write(tmp_path, page)) as shown:
        search(shown, BARE)
        said = " ".join(popup(shown).split())
        assert f"Services de l’État non accompagnés Préfecture {HOSTILE}" in said
        assert f"Grands projets Canal {HOSTILE}" in said


@browser_only
@pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not fetched (make test)")
def test_axe_finds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages_browsing, "served", served)
    with launched() as browser, running() as host:
        for page in (
            "",
            "/donnees",
            f"/communes/{BARE}",
            "/structures/A",
            f"/zones/{zone_of(BARE)}",
        ):
            with browsing(browser, host) as shown:
                shown.goto(f"{host}/etudes/tout{page}")
                assert violations(shown) == [], page
                assert shown.evaluate("window.perdu") is None

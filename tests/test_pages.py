"""Pages: the words and numbers of the facts, every name escaped, every address alive."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest
from asking import PAGE, Client
from fake_coverage import HOSTILE
from pages_served import STUDY_PAGES, TEXT_PAGES, client, html, plain, words

from api.app import create_app
from api.facts.communes import commune_facts
from api.facts.structures import structure_facts
from api.facts.values import hours_text
from api.facts.zones import zone_facts
from api.settings import Settings
from api.studies import OpenStudy, Studies
from coverage.wording import whole
from geo.errors import InputErrors, Notice

FICTION = "Étude fictive"
_SHAPES = ("csv", "xlsx", "geojson")
if TYPE_CHECKING:
    from api.facts.ground import Ground

EVERY = [
    *TEXT_PAGES,
    *(f"/etudes/{study}{page}" for study in ("complete", "limitee") for page in STUDY_PAGES),
]


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def tags_of(page: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = _Tags()
    parser.feed(page)
    return parser.found


def ground(slug: str = "complete") -> Ground:
    found: Ground = client().app.state.studies.find(slug).ground
    return found


@pytest.mark.parametrize("address", EVERY)
def test_every_page_is_whole_and_escapes_names(address: str) -> None:
    page = html(address)
    assert page.startswith('<!DOCTYPE html>\n<html lang="fr">')
    assert page.count("<h1") == 1
    assert page.count("<main") == 1
    assert HOSTILE not in page
    assert "<script>window" not in page
    assert "<img" not in page
    assert "None" not in words(page)
    assert "Fraction" not in page
    tags = tags_of(page)
    assert not [name for _, attributes in tags for name in attributes if name.startswith("on")]
    scripts = [attributes for tag, attributes in tags if tag == "script"]
    assert scripts
    assert all({"nonce", "src"} <= attributes.keys() for attributes in scripts)
    addresses = [a.get(name) or "" for _, a in tags for name in ("href", "src", "action")]
    assert not [found for found in addresses if re.match("(https?:)?//", found)]


@pytest.mark.parametrize("address", EVERY)
def test_every_link_leads_to_a_page(address: str) -> None:
    links = {unescape(link) for link in re.findall(r'href="(/[^"#]*)', html(address))}
    for link in sorted(links):
        if link.startswith(("/etudes", "/")) and "/exports/" not in link and link not in _SEEN:
            _SEEN.add(link)
            assert client().get(link).status_code == 200, (address, link)


_SEEN: set[str] = set()


@pytest.mark.parametrize("page", STUDY_PAGES)
def test_a_fictional_study_says_so_on_every_page(page: str) -> None:
    assert FICTION in words(html(f"/etudes/fictive{page}"))
    assert FICTION not in words(html(f"/etudes/complete{page}"))


def test_the_home_page_and_the_sheet_say_fiction_too() -> None:
    assert words(html("/")).count(FICTION) == 1
    assert FICTION in words(html("/etudes/fictive/communes/01001/fiche"))


@pytest.mark.parametrize("code", ["01001", "01002", "01003", "01007", "02001", "02006", "02009"])
def test_a_commune_page_says_its_facts(code: str) -> None:
    facts, said = commune_facts(ground(), code), words(html(f"/etudes/complete/communes/{code}"))
    assert plain(facts.nom) in said
    for part in facts.parties:
        for rule in part.regles:
            assert plain(rule.regle) in said
            assert plain(rule.constat) in said
    for line in facts.besoins:
        assert plain(whole(line.heures)) in said
    for holder in facts.couvertures:
        assert plain(holder.nom) in said
        assert plain(whole(holder.capacite_h)) in said
    for found in facts.certificats:
        assert plain(found.phrase) in said
        assert f"= {plain(whole(found.deficit_h))} h" in said
    for figure in (facts.besoin_h, facts.besoin_etat_h, facts.servi_h):
        assert plain(hours_text(figure)) in said
    assert plain(facts.taux.texte) in said
    assert plain(facts.motif_zone) in said


def test_unknown_need_is_said_and_never_zero() -> None:
    said = words(html("/etudes/complete/communes/02002"))
    assert "Besoin inconnu. Ce n’est pas zéro" in said
    assert "inconnu besoin connu en 2023" not in said
    figures = re.findall(r"<dd>(.*?)</dd>", html("/etudes/complete/communes/02002"))
    assert "inconnu" in figures
    assert not any(figure.startswith("0") for figure in figures[:5])
    row = re.search(
        r"<tr>\s*<th[^>]*><a[^>]*communes/02002.*?</tr>",
        html("/etudes/complete/communes"),
        re.DOTALL,
    )
    assert row
    assert "#motif-couverte" not in row[0]
    assert words(row[0]).count("inconnu") >= 4


def test_a_cut_commune_shows_each_part() -> None:
    facts = commune_facts(ground("dessinee"), "01003")
    said = words(html("/etudes/dessinee/communes/01003"))
    assert "Commune mixte" in said
    for rank, part in enumerate(facts.parties, start=1):
        assert f"Partie {rank}" in said
        assert plain(part.taux.texte) in said


@pytest.mark.parametrize("study", ["complete", "dessinee"])
def test_zone_pages_say_their_facts(study: str) -> None:
    for zone in ground(study).coverage.zones.index:
        facts, said = zone_facts(ground(study), zone), words(html(f"/etudes/{study}/zones/{zone}"))
        assert plain(facts.motif) in said
        assert plain(facts.decision) in said
        for figure in (facts.besoin_h, facts.deficit_h, facts.deficit_prouve_h):
            assert plain(hours_text(figure)) in said
        for found in facts.certificats:
            assert plain(found.phrase) in said


def test_structure_pages_say_their_facts() -> None:
    for structure in ground().coverage.study.structures.index:
        facts = structure_facts(ground(), structure)
        said = words(html(f"/etudes/complete/structures/{structure}"))
        assert plain(hours_text(facts.capacite_h)) in said
        assert plain(hours_text(facts.besoin_atteint_h)) in said
        for line in facts.postes:
            assert plain(line.calcul) in said


def test_a_region_follows_from_page_to_page() -> None:
    page = html("/etudes/complete?region=84")
    assert "region=84" in page
    assert "Synthèse – Nom 84" in words(page)
    zones = html("/etudes/complete/zones?region=84&statut=couverte")
    assert "/exports/zones.csv?region=84&amp;statut=couverte" in zones
    assert client().get("/etudes/complete/zones?region=99").status_code == 404


def exports_of(address: str) -> list[str]:
    """Return the addresses of the exports that a page links."""
    return [unescape(link) for link in re.findall(r'href="(/[^"]*/exports/[^"]*)"', html(address))]


@pytest.mark.parametrize(
    ("page", "files", "asked"),
    [
        ("", ["zones.xlsx", "communes.xlsx", "regions.xlsx", "etude.gpkg"], ""),
        ("/donnees", ["anomalies.csv"], ""),
        (
            "/zones/84-capacite_insuffisante-01002?region=84",
            [f"{what}.{kind}" for what in ("zones", "communes") for kind in _SHAPES],
            "?region=84&zone=84-capacite_insuffisante-01002",
        ),
        (
            "/communes/01002",
            [f"communes.{kind}" for kind in _SHAPES],
            "?region=84&zone=84-capacite_insuffisante-01002",
        ),
        ("/structures/A", [f"communes.{kind}" for kind in _SHAPES], "?structure=A"),
    ],
)
def test_every_view_leaves_with_its_files(page: str, files: list[str], asked: str) -> None:
    found = exports_of(f"/etudes/complete{page}")
    for name in files:
        link = f"/etudes/complete/exports/{name}{asked}"
        assert link in found
        assert client().get(link).status_code == 200


def test_the_zone_asked_for_alone_stays_through_the_filters() -> None:
    page = html("/etudes/complete/zones?zone=84-capacite_insuffisante-01002")
    assert "1 zone : " in words(page).replace("\u202f", " ").replace("\u00a0", " ")
    assert '<input type="hidden" name="zone" value="84-capacite_insuffisante-01002">' in page


def test_tables_are_ordered_filtered_and_paged_by_the_server() -> None:
    first = html("/etudes/complete/communes?tri=-population&limite=5")
    assert "Page 1 sur 4" in words(first)
    assert 'aria-sort="descending"' in first
    codes = re.findall(r"<td>(\d{5})</td>", first)
    people = ground().coverage.communes["population"].sort_values(ascending=False)
    assert [int(people[code]) for code in codes] == people.head(5).tolist()
    second = html("/etudes/complete/communes?tri=-population&limite=5&page=2")
    assert not set(codes) & set(re.findall(r"<td>(\d{5})</td>", second))


def test_a_page_past_the_end_says_so() -> None:
    assert "n’existe pas" in words(html("/etudes/complete/communes?page=99"))


def test_an_empty_search_says_what_to_do() -> None:
    nothing = words(html("/etudes/complete/communes?q=nulle+part"))
    assert "Aucune commune ne répond à « nulle part »" in nothing
    elsewhere = words(html("/etudes/complete/communes?q=02001&statut=couverte"))
    assert "en trouve : 1 commune" in elsewhere
    assert "Aucune zone ne répond" in words(html("/etudes/complete/zones?q=nulle+part"))


def test_a_hostile_search_is_shown_as_text() -> None:
    page = client().get("/etudes/complete/communes", params={"q": HOSTILE[:100]}).text
    assert "<script>window" not in page
    assert "&lt;script&gt;" in page


def test_forms_need_no_script() -> None:
    for address in ("/etudes/complete/zones", "/etudes/complete/communes"):
        forms = re.findall(r"<form.*?</form>", html(address), re.DOTALL)
        assert forms
        for form in forms:
            assert 'method="get"' in form
            assert '<button type="submit">' in form


def test_an_unreadable_study_is_told_on_the_home_page() -> None:
    def refuse() -> None:
        raise InputErrors([Notice("postes.csv", 3, "etp", "« x » n’est pas un nombre", "corriger")])

    broken = OpenStudy("abimee", refuse)  # type: ignore[arg-type]
    page = Client(create_app(Settings(), Studies([broken]))).get("/", headers=PAGE)
    assert page.status_code == 200
    assert "postes.csv, ligne 3, colonne « etp »" in words(page.text)

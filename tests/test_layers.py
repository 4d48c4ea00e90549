"""Layers of services and projects: nothing filed is lost, what is unknown is not none."""

from __future__ import annotations

import doctest
import json
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
import shapely
from asking import client_of
from fake_coverage import HOSTILE, WITHOUT_SHAPE
from hypothesis import given, settings
from hypothesis import strategies as st
from layer_builders import CITY, SERVICES, YEARS, layered, project_rows, service
from map_reading import decoded, polygon
from project_builders import project

from api import layers
from api.facts import placed_projects
from api.facts.placed_projects import in_year
from api.layers import LAYERS, NOT_FILED
from api.studies import OpenStudy
from maps.encoding import SCALE
from maps.web.layers import layer_content

if TYPE_CHECKING:
    from random import Random

    from asking import Client

    from coverage.model import Coverage

API = "/api/v1/etudes/essai"
PLACED = ("01001", "01005", "01009", "02001", "02008", CITY, WITHOUT_SHAPE, "98765", "")


@pytest.fixture(scope="module")
def client() -> Client:
    return client_of(layered)


def content(coverage: Coverage, name: str, region: str = "") -> dict[str, Any]:
    return layer_content(LAYERS[name].make(OpenStudy("essai", lambda: coverage), region))


@cache
def usual(name: str, asked: str = "", regions: tuple[str, ...] = ()) -> dict[str, Any]:
    return content(layered(regions=regions), name, asked)


def by_id(layer: dict[str, Any], column: str) -> dict[str, Any]:
    columns = layer["objets"]
    return dict(zip(columns["id"], columns[column], strict=True))


def naive_in_year(first: int | None, last: int | None, year: int) -> bool:
    """Tell it by listing every year of the period within a century."""
    return year in range(first or 1950, (last or 2050) + 1)


# Counts in, counts out


@pytest.mark.parametrize("regions", [(), ("84",), ("32",)])
@pytest.mark.parametrize("asked", ["", "84", "32"])
@pytest.mark.parametrize("name", ["services", "projets"])
def test_all_that_is_filed_is_drawn_named_or_counted_elsewhere(
    name: str, asked: str, regions: tuple[str, ...]
) -> None:
    filed = len(SERVICES) if name == "services" else len(project_rows())
    found = usual(name, asked, regions)
    counts = found["comptes"]
    assert counts["deposes"] == filed
    assert counts["traces"] == len(set(found["objets"]["id"])) == len(found["objets"]["id"])
    assert counts["non_traces"] == len(found["non_traces"])
    assert counts["traces"] + counts["non_traces"] + counts["hors_regions"] == filed
    assert (counts["hors_regions"] > 0) == bool(asked or regions)
    assert all(left["motif"] for left in found["non_traces"])


@settings(max_examples=20, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(PLACED),
            st.sampled_from(("oui", "non", "inconnu")),
            st.sampled_from((None, (3.005, 46.005), (3.051, 46.011), (-30.0, 10.0))),
        ),
        max_size=12,
    ),
    st.sampled_from(("", "84", "32")),
    st.randoms(use_true_random=False),
)
def test_services_are_conserved_whatever_their_order(
    drawn: list[tuple[str, str, tuple[float, float] | None]], region: str, rng: Random
) -> None:
    rows = [
        service(
            f"s{rank}",
            commune,
            known,
            row=rank,
            **({} if at is None else {"lon": at[0], "lat": at[1]}),
        )
        for rank, (commune, known, at) in enumerate(drawn)
    ]
    found = content(layered(rows, []), "services", region)
    counts = found["comptes"]
    assert counts["traces"] + counts["non_traces"] + counts["hors_regions"] == len(rows)
    groups = [group["cle"] for group in found["groupes"]]
    for name, group in by_id(found, "groupe").items():
        assert groups[group] == rows[int(name[1:])]["accompagne"]
    rng.shuffle(rows)
    assert content(layered(rows, []), "services", region) == found


def test_the_order_of_projects_changes_nothing() -> None:
    rows = project_rows()
    assert content(layered(projects=rows[::-1]), "projets") == usual("projets")


def test_what_has_no_place_is_named_with_its_reason() -> None:
    services = {left["titre"]: left["motif"] for left in usual("services")["non_traces"]}
    assert services == {
        "Service sans-contour": "commune sans contour dans le fond de carte",
        "Service code-inconnu": "commune « 98765 » inconnue (COG 2025)",
        "Service nulle-part": "ni commune ni coordonnées connues",
    }
    projects = {left["titre"]: left["motif"] for left in usual("projets")["non_traces"]}
    assert projects == {
        "Projet sans-contour": "communes sans contour dans le fond de carte",
        "Projet en-mer": "ne touche aucune commune (mer, étranger ou lacune du fond de carte)",
    }


# Unknown is not none


@pytest.mark.parametrize("name", ["services", "projets"])
def test_what_no_file_speaks_of_is_unknown_and_an_empty_file_is_none(name: str) -> None:
    unknown = content(layered(None, unknown_projects=True), name)
    assert (unknown["connu"], unknown["constat"], unknown["comptes"]) == (False, NOT_FILED, None)
    none = content(layered((), []), name)
    assert none["connu"]
    assert none["constat"] == ""
    assert none["comptes"] == {"deposes": 0, "traces": 0, "non_traces": 0, "hors_regions": 0}


@pytest.mark.parametrize("name", ["services", "projets"])
def test_a_list_that_is_unknown_is_null_without_a_count(name: str) -> None:
    answer = client_of(lambda: layered(None, unknown_projects=True)).get(f"{API}/{name}")
    assert answer.status_code == 200
    assert answer.json() is None
    assert "X-Total-Count" not in answer.headers
    empty = client_of(lambda: layered((), [])).get(f"{API}/{name}")
    assert empty.json() == []
    assert empty.headers["X-Total-Count"] == "0"


def test_signs_differ_by_shape_and_colour_and_unknown_is_never_green() -> None:
    for name in ("services", "projets"):
        signs = [group["signe"] for group in usual(name)["groupes"]]
        assert len({sign["chemin"] for sign in signs}) == len(signs)
        assert len({sign["couleur"] for sign in signs}) == len(signs)
    unknown = usual("services")["groupes"][1]
    assert unknown["cle"] == "inconnu"
    red, green, blue = (int(unknown["signe"]["couleur"][at : at + 2], 16) for at in (1, 3, 5))
    assert green <= max(red, blue)


# Services


def test_popups_of_services_say_who_accompanies_and_how_they_are_placed() -> None:
    facts = {name: dict(lines) for name, lines in by_id(usual("services"), "faits").items()}
    assert facts["pos"]["Accompagnement"] == "accompagné par Maison de l’emploi"
    assert facts["pos"]["Heures"] == "3\u202f501 h déclarées"
    assert facts["pos"]["Commune"].endswith("(01001), à sa position")
    assert facts["com"]["Accompagnement"] == "non accompagné"
    assert facts["com"]["Type"] == "préfecture"
    assert facts["com"]["Commune"].endswith("(01005), placé par sa commune, en son milieu")
    assert facts["com"]["Heures"] == "inconnues"
    assert facts["com-2"]["Accompagnement"] == "accompagnement à préciser"
    assert facts["oui-sans-nom"]["Accompagnement"] == "accompagné, par qui n’est pas dit"
    assert facts["ville"]["Commune"] == "Ville d’essai, placé par sa ville, arrondissement inconnu"


def test_services_stand_at_their_position_or_inside_their_commune() -> None:
    coverage = layered()
    found = content(coverage, "services")
    where = {
        name: shapely.Point(lon / SCALE, lat / SCALE)
        for name, lon, lat in zip(
            *(found["objets"][key] for key in ("id", "lon", "lat")), strict=True
        )
    }
    shapes = coverage.territory.units.geometry
    assert where["pos"] == shapely.Point(3.005, 46.005)
    assert shapes["01005"].contains(where["com"])
    assert where["com"] == where["com-2"]
    assert shapely.union(shapes["02001"], shapes["02002"]).contains(where["ville"])


def test_a_layer_of_services_holds_no_more_than_it_says() -> None:
    allowed = {"Type", "Commune", "Accompagnement", "Heures"}
    for lines in usual("services")["objets"]["faits"]:
        assert {name for name, _ in lines} == allowed


# Projects


def test_the_year_of_projects_is_a_truth_table(client: Client) -> None:
    columns = usual("projets")
    first, last = by_id(columns, "debut"), by_id(columns, "fin")
    pairs = [(a, b) for a in YEARS for b in YEARS if a is None or b is None or a < b]
    for year in range(2020, 2026):
        expected = {f"p-{a}-{b}" for a, b in pairs if naive_in_year(a, b, year)}
        drawn = {name for name in first if in_year(first[name], last[name], year)}
        assert {name for name in drawn if name.startswith("p-")} == expected
        listed = client.get(f"{API}/projets?annee={year}&programme=autre&limite=1000").json()
        assert {own["projet_id"] for own in listed if own["projet_id"][:2] == "p-"} == expected


@pytest.mark.parametrize(
    ("periods", "bounds"),
    [
        ([], (2023, 2023)),
        ([(None, None)], (2023, 2023)),
        ([(2025, 2030)], (2023, 2030)),
        ([(2015, None), (None, 2019)], (2015, 2023)),
    ],
)
def test_the_slider_goes_from_the_first_known_year_to_the_last(
    periods: list[tuple[int | None, int | None]], bounds: tuple[int, int]
) -> None:
    base = {row["projet_id"]: row for row in project_rows()}["p-2021-2024"]
    rows = [
        {
            **base,
            "projet_id": f"x{rank}",
            "debut": first and base["debut"].replace(year=first),
            "fin": last and base["fin"].replace(year=last),
        }
        for rank, (first, last) in enumerate(periods)
    ]
    years = content(layered(projects=rows), "projets")["annees"]
    assert (years["premiere"], years["derniere"], years["choisie"]) == (*bounds, 2023)


def test_forms_are_what_was_filed() -> None:
    found = usual("projets")
    forms = {
        found["objets"]["id"][rank]: {key: found["formes"][key][at] for key in found["formes"]}
        for at, rank in enumerate(found["formes"]["objet"])
    }
    filed = shapely.box(30010, 460010, 30080, 460080)
    assert polygon(forms["surface"]["contour"]).equals(filed)
    assert polygon(forms["rayon"]["contour"]).contains(shapely.Point(30250, 460050))
    assert decoded(forms["ligne"]["trait"]) == [[(30120, 460050), (30550, 460250)]]
    assert sorted(decoded(forms["points"]["points"])) == [[(30050, 460150)], [(30450, 460150)]]
    assert forms["communes"]["communes"] == ["01005", "01006"]
    for name, own in forms.items():
        assert sum(bool(own[key]) for key in ("contour", "trait", "points", "communes")) == 1, name


def test_a_shape_lost_by_rounding_keeps_its_marker() -> None:
    speck = project("grain", shapely.box(3.005, 46.005, 3.00501, 46.00501))
    found = content(layered(projects=[speck]), "projets")
    assert found["comptes"]["traces"] == 1
    assert found["formes"]["contour"] == [""]
    assert found["objets"]["lon"] == [30050]


def test_hours_of_projects_are_known_or_not() -> None:
    told = {name: dict(lines) for name, lines in by_id(usual("projets"), "faits").items()}
    assert told["surface"]["Heures"] == "3\u202f600 h sur toute la période"
    # 12,000,000 € x 0.50 x 0.05 / 30
    assert told["ligne"]["Heures"] == "10\u202f000 h sur toute la période, tirées du montant"
    assert told["communes"]["Heures"] == "inconnues"
    assert told["p-None-2023"]["Heures"].endswith("dates manquantes, non réparties par année")
    assert told["p-None-2023"]["Période"] == "sans début connu au 30/06/2023"
    assert told["surface"]["Fiabilité"] == "emplacement certain"
    assert told["rayon"]["Fiabilité"] == "fiabilité non dite"


# Answers


def test_lists_are_paged_filtered_and_told_apart_by_region(client: Client) -> None:
    first = client.get(f"{API}/services?limite=3")
    assert first.headers["X-Total-Count"] == str(len(SERVICES))
    assert 'rel="next"' in first.headers["Link"]
    pages = [client.get(f"{API}/services?limite=3&page={page}").json() for page in (1, 2, 3)]
    assert sorted(own["service_id"] for page in pages for own in page) == sorted(
        own["service_id"] for own in SERVICES
    )
    waiting = client.get(f"{API}/services?accompagne=non").json()
    assert {own["accompagne"] for own in waiting} == {"non"}
    assert len(waiting) == sum(own["accompagne"] == "non" for own in SERVICES)
    here = client.get(f"{API}/services?region=32").json()
    assert {own["service_id"] for own in here} == {"oui-sans-nom", "ville", "sans-contour"}
    named = client.get(f"{API}/services?q=NULLE").json()
    assert [own["service_id"] for own in named] == ["nulle-part"]
    assert [own["nom"] for own in client.get(f"{API}/services?q=01005&accompagne=non").json()] == [
        HOSTILE
    ]
    lines = client.get(f"{API}/projets?region=84&programme=bassin_minier").json()
    assert [(own["communes"], own["heures"]) for own in lines] == [(["01005", "01006"], None)]


def test_layers_are_answered_once_and_unknown_ones_refused(client: Client) -> None:
    first = client.get(f"{API}/couches/services")
    again = client.get(f"{API}/couches/services", headers={"If-None-Match": first.headers["ETag"]})
    assert (first.status_code, again.status_code) == (200, 304)
    problem = client.problem("GET", f"{API}/couches/autre", 404)
    assert "aucune couche « autre » ici ; couches : services, projets" in problem["detail"]
    client.problem("GET", f"{API}/projets?programme=autre-chose", 422)


def test_the_page_of_the_map_holds_nothing_of_the_layers(client: Client) -> None:
    page = client.get("/etudes/essai/carte").text
    assert 'data-couche="services"' in page
    assert 'data-couche="projets"' in page
    assert "Service com-2" not in page
    values = json.dumps(client.get(f"{API}/valeurs").json())
    assert "Service com-2" not in values


def test_examples_hold() -> None:
    for module in (layers, placed_projects):
        result = doctest.testmod(module)
        assert result.attempted > 0, module
        assert result.failed == 0

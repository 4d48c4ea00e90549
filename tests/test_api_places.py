"""What covers a point or meets a box, and that the index follows the edits."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest
import shapely
from asking import Client, client_of
from builders import CELL_DEG, seeded
from effort import tried
from fake_coverage import drawn_coverage, drawn_study, fake_coverage, fake_study, fake_territory

from api.places import CoverIndex
from coverage.trials.edits import (
    EtpSet,
    PerimeterAdded,
    PerimeterRemoved,
    PostAdded,
    PostRemoved,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from coverage.model import Coverage, Study
    from coverage.trials.edits import Edit

POINT = "/api/v1/etudes/essai/point"
BOX = "/api/v1/etudes/essai/boite"
TRIAL = "/api/v1/etudes/essai/essais/point"


def limited() -> Coverage:
    return fake_coverage(regions=("84",))


@pytest.fixture(scope="module")
def client() -> Client:
    return client_of(fake_coverage, drawn_coverage, limited)


# ---- the index against a naive scan ----


def naive(study: Study, edits: Sequence[Edit], place: Any) -> set[tuple[Any, ...]]:  # noqa: ANN401
    """Return what meets a place, by looking at every perimeter of the edited study."""
    territory = fake_territory()
    gone = {edit.perimeter for edit in edits if isinstance(edit, PerimeterRemoved)}
    etp = dict(enumerate(study.posts["etp"]))
    etp.update({edit.post: edit.etp for edit in edits if isinstance(edit, EtpSet)})
    for edit in edits:
        if isinstance(edit, PostRemoved):
            etp[edit.post] = Fraction(0)
    staffed = {study.posts["structure_id"].iloc[row] for row, own in etp.items() if own}
    staffed |= {edit.structure_id for edit in edits if isinstance(edit, PostAdded)}
    columns = ("structure_id", "nature", "etat", "niveau", "code")
    rows = list(zip(*(study.perimeters[name] for name in columns), strict=True))
    filed = [row for rank, row in enumerate(rows) if rank not in gone]
    filed += [
        (edit.structure_id, edit.nature, "valide", edit.niveau, edit.code)
        for edit in edits
        if isinstance(edit, PerimeterAdded)
    ]
    shapes = territory.units.geometry.to_numpy()
    found = set()
    for structure, nature, etat, niveau, code in filed:
        units = shapes[territory.resolve(niveau, code)]
        if any(unit is not None and unit.intersects(place) for unit in units):
            found.add((structure, nature, code, etat == "valide" and structure in staffed))
    for row in study.drawn.itertuples():
        if row.geometry.intersects(place):
            counted = row.etat == "valide" and row.structure_id in staffed
            found.add((row.structure_id, row.nature, "", counted))
    return found


def drawn_edit(study: Study, random: Random, free: list[int]) -> Edit:
    structure = random.choice(list(study.structures.index))
    kind = random.randrange(5)
    if kind == 0 and free:
        return PerimeterRemoved(free.pop(random.randrange(len(free))))
    if kind == 1:
        return EtpSet(random.randrange(len(study.posts)), Fraction(random.randrange(3), 2))
    if kind == 2:
        return PostAdded(structure, Fraction(1, 2))
    niveau, code = random.choice(
        [("commune", "02001"), ("commune", "01005"), ("departement", "01"), ("region", "32")]
    )
    return PerimeterAdded(structure, random.choice(["principal", "extension"]), niveau, code)


def seen(covers: Sequence[Any]) -> set[tuple[Any, ...]]:
    return {
        (c.perimeter.structure_id, c.perimeter.nature, c.perimeter.code, c.in_force) for c in covers
    }


@pytest.mark.parametrize("study", [fake_study(), drawn_study()], ids=["codes", "drawn"])
def test_the_index_says_what_a_scan_says_after_any_edits(study: Study) -> None:
    random = seeded(4)
    index = CoverIndex(study, fake_territory())
    for _ in range(tried(30)):
        free = list(range(len(study.perimeters)))
        edits = [drawn_edit(study, random, free) for _ in range(random.randrange(7))]
        lon, lat = 3 + random.random() * 0.06, 46 + random.random() * 0.03
        assert seen(index.covering(lon, lat, edits)) == naive(study, edits, shapely.Point(lon, lat))
        sides = (lon, lat, lon + random.random() * 0.02, lat + random.random() * 0.02)
        assert seen(index.meeting(sides, edits)) == naive(study, edits, shapely.box(*sides))


def test_undo_restores_and_alike_perimeters_are_told_apart() -> None:
    study = fake_study()
    index = CoverIndex(study, fake_territory())
    place = (3.035, 46.005)
    before = index.covering(*place)
    twice = [PerimeterAdded("A", "principal", "commune", "02001")] * 2
    assert len(index.covering(*place, twice)) == len(before) + 2
    assert len(index.covering(*place, twice[:1])) == len(before) + 1
    without = [PerimeterRemoved(row) for row in range(len(study.perimeters))]
    assert index.covering(*place, without) == []
    assert index.covering(*place) == before
    assert len(index._numbers) == len(study.perimeters)


def test_threads_may_share_one_index() -> None:
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415

    study = fake_study()
    index = CoverIndex(study, fake_territory())
    lists = [[PerimeterRemoved(row)] for row in range(len(study.perimeters))] * 8
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda edits: index.meeting((2.9, 45.9, 3.2, 46.2), edits), lists))
    drawn = len(index.meeting((2.9, 45.9, 3.2, 46.2)))
    assert {len(covers) for covers in found} == {drawn - 1}
    for edits, covers in zip(lists, found, strict=True):
        assert edits[0].perimeter not in {cover.perimeter.row for cover in covers}


# ---- routes ----


def test_point_gives_commune_zone_and_perimeters(client: Client) -> None:
    found = client.get(POINT, params={"lon": 3.015, "lat": 46.005}).json()
    assert found["commune"]["code"] == "01002"
    assert found["commune"]["statut"] == "capacite_insuffisante"
    assert [zone["zone_id"] for zone in found["zones"]] == [found["commune"]["zone_id"]]
    (own,) = found["perimetres"]
    assert (
        own.items()
        >= {
            "structure_id": "B",
            "structure_nom": "Maison de l’emploi",
            "nature": "principal",
            "code": "01002",
            "origine": "depose",
            "en_vigueur": True,
        }.items()
    )


def test_point_in_a_cut_commune_gives_the_zone_of_its_part(client: Client) -> None:
    here = "/api/v1/etudes/essai-2/point"
    west = client.get(here, params={"lon": 3.0205, "lat": 46.005}).json()
    east = client.get(here, params={"lon": 3.0295, "lat": 46.005}).json()
    assert west["commune"] == east["commune"]
    assert west["zones"][0]["statut"] == "couverte"
    assert east["zones"][0]["statut"] == "non_couverte"
    assert {p["structure_id"]: p["en_vigueur"] for p in east["perimetres"]} == {
        "B": False,
        "Without post": False,
    }


def test_point_on_a_border_is_steady(client: Client) -> None:
    answers = [client.get(f"{POINT}?lon=3.01&lat=46.01").json() for _ in range(2)]
    assert answers[0] == answers[1]
    assert answers[0]["commune"]["code"] == "01001"


def test_point_outside_every_commune(client: Client) -> None:
    content = client.problem("GET", f"{POINT}?lon=46&lat=3", 404)
    assert "la longitude vient d’abord" in content["detail"]


def test_places_outside_the_regions_shown_are_not_told(client: Client) -> None:
    client.problem("GET", "/api/v1/etudes/essai-3/point?lon=3.035&lat=46.005", 404)
    every = client.get("/api/v1/etudes/essai-3/boite?ouest=3&sud=46&est=4&nord=47").json()
    assert {commune["region"] for commune in every["communes"]} == {"84"}


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "« lon » : valeur manquante ; « lat » : valeur manquante"),
        ("lon=a&lat=46", "« lon » : nombre attendu, avec un point décimal"),
        ("lon=3,5&lat=46", "« lon » : nombre attendu, avec un point décimal"),
        ("lon=181&lat=46", "« lon » : au plus 180"),
        ("lon=3&lat=-91", "« lat » : au moins -90"),
        ("lon=nan&lat=46", "« lon » : nombre fini attendu"),
    ],
)
def test_wrong_points_are_told_in_french(client: Client, query: str, said: str) -> None:
    assert said in client.problem("GET", f"{POINT}?{query}", 422)["detail"]


def test_boxes_come_by_pages(client: Client) -> None:
    sides = {"ouest": 3.0, "sud": 46.0, "est": 3.06, "nord": 46.03}
    first = client.get(BOX, params=sides | {"limite": 10})
    assert first.json()["communes_total"] == 17
    assert len(first.json()["communes"]) == 10
    assert first.headers["x-total-count"] == "17"
    assert 'rel="next"' in first.headers["link"]
    rest = client.get(BOX, params=sides | {"limite": 10, "page": 2}).json()
    codes = [commune["code"] for commune in first.json()["communes"] + rest["communes"]]
    assert codes == sorted(set(codes))
    assert len(codes) == 17


@pytest.mark.parametrize("sides", ["ouest=4&sud=46&est=3&nord=47", "ouest=3&sud=47&est=4&nord=46"])
def test_boxes_inside_out_are_refused(client: Client, sides: str) -> None:
    assert "ouest ≤ est" in client.problem("GET", f"{BOX}?{sides}", 422)["detail"]


def test_a_trial_moves_the_perimeters_and_leaves_the_study(client: Client) -> None:
    place = {"lon": 3 + 3.5 * CELL_DEG, "lat": 46.005}
    added = {
        "action": "ajout_perimetre",
        "structure_id": "C",
        "nature": "principal",
        "niveau": "departement",
        "code": "02",
    }
    asked = place | {"modifications": [added, {"action": "retrait_poste", "poste": 2}]}
    found = client.post(TRIAL, json=asked).json()["perimetres"]
    assert [(p["structure_id"], p["origine"], p["en_vigueur"]) for p in found] == [
        ("C", "essai", False)
    ]
    assert client.get(POINT, params=place).json()["perimetres"] == []


def test_all_the_faults_of_a_trial_are_told(client: Client) -> None:
    asked = {
        "lon": 3.0,
        "lat": 46.0,
        "modifications": [
            {"action": "retrait_perimetre", "perimetre": 99},
            {"action": "retrait_poste", "poste": 0},
            {"action": "etp", "poste": 7, "etp": "51"},
        ],
    }
    faults = client.problem("POST", TRIAL, 422, json=asked)["erreurs"]
    assert [fault.split(" : ")[0] for fault in faults] == [
        "essai, modification 1",
        "essai, modification 3",
        "essai, modification 3",
    ]


def test_a_study_without_perimeter_is_bare() -> None:
    study = fake_study()
    empty = replace(study, perimeters=study.perimeters.iloc[:0])
    assert CoverIndex(empty, fake_territory()).covering(3.015, 46.005) == []

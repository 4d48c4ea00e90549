"""The layer of the posts proposed: offered once computed, every ranked post drawn or told."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from proposals_served import MEAN, answer, html, proposed, serving
from test_propose import write

if TYPE_CHECKING:
    from asking import Client

    from api.proposed import Proposed

LAYER = "mean/couches/propositions"
BOX = 'data-couche-servie="propositions"'


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Client:
    return serving({"mean": write(tmp_path_factory.mktemp("couche") / "mean", MEAN)})


@pytest.fixture(scope="module")
def before(client: Client) -> tuple[int, str]:
    return client.get(f"/api/v1/etudes/{LAYER}").status_code, html(client, "/etudes/mean/carte")


@pytest.fixture(scope="module")
def found(client: Client, before: tuple[int, str]) -> Proposed:
    assert before[0] == 404
    return proposed(client, "mean")


def test_it_is_not_offered_before_it_is_computed(before: tuple[int, str]) -> None:
    status, page = before
    assert status == 404
    assert BOX not in page


def test_every_ranked_post_is_drawn_or_told(client: Client, found: Proposed) -> None:
    layer = answer(client, LAYER)
    ranked = found.found.ranked
    assert layer["comptes"]["deposes"] == len(ranked)
    drawn = layer["objets"]["id"]
    assert sorted(drawn) == sorted(r.option.option_id for r in ranked if r.option.units)
    assert len(layer["non_traces"]) == sum(not r.option.units for r in ranked)
    assert BOX in html(client, "/etudes/mean/carte")


def test_groups_are_those_of_the_list_and_of_the_plan(client: Client, found: Proposed) -> None:
    layer = answer(client, LAYER)
    keys = [group["cle"] for group in layer["groupes"]]
    told = {
        name: keys[group]
        for name, group in zip(layer["objets"]["id"], layer["objets"]["groupe"], strict=True)
    }
    for name, key in told.items():
        row = found.rows[name]
        listed, planned = row["finance"] == "oui", row["plan_exact"] == "oui"
        assert (key in {"liste_et_plan", "liste"}) == listed
        assert (key in {"liste_et_plan", "plan"}) == planned
    assert len(set(told.values())) > 1


def test_a_perimeter_is_drawn_once_for_the_posts_of_one_place(
    client: Client, found: Proposed
) -> None:
    layer = answer(client, LAYER)
    places = {
        (row.option.structure_id, row.option.units)
        for row in found.found.ranked
        if row.option.units
    }
    assert len(layer["formes"]["objet"]) == len(places)
    codes = found.found.ask.coverage.territory.codes
    drawn = Counter(tuple(own) for own in layer["formes"]["communes"])
    assert drawn == Counter(tuple(map(str, codes[list(units)])) for _, units in places)


def test_a_region_hides_the_posts_of_others_and_counts_them(client: Client) -> None:
    whole, one = answer(client, LAYER), answer(client, f"{LAYER}?region=84")
    assert one["comptes"]["deposes"] == whole["comptes"]["deposes"]
    assert 0 < one["comptes"]["traces"] < whole["comptes"]["traces"]
    assert one["comptes"]["hors_regions"] == whole["comptes"]["traces"] - one["comptes"]["traces"]

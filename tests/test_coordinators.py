"""Coordinators have a list of their own: régions without one, by what waits for them."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from builders import grid_territory, make_study, need, perimeter, post
from plan_builders import call, option

from coverage.frames import SERVICE_COLUMNS
from coverage.proposals.coordinators import rank_coordinators, uncovered_departements
from coverage.proposals.model import Ask, Broken
from coverage.study import compute
from coverage.wording import THIN

if TYPE_CHECKING:
    from coverage.proposals.coordinators import RegionNeed

SERVICES = (
    ("s1", "dreets", "01001", "non"),
    ("s2", "prefecture", "01002", "non"),
    ("s3", "rectorat", "01003", "oui"),
    ("s4", "dreal", "02001", "inconnu"),
)


def services() -> pd.DataFrame:
    rows: list[dict[str, Any]] = [
        dict.fromkeys(SERVICE_COLUMNS, "")
        | {"row": n, "service_id": own, "nom": own, "type": kind, "commune": commune}
        | {"lon": float("nan"), "lat": float("nan"), "heures": float("nan"), "accompagne": known}
        for n, (own, kind, commune, known) in enumerate(SERVICES, start=2)
    ]
    return pd.DataFrame(rows, columns=list(SERVICE_COLUMNS))


def ask(**changes: Any) -> Ask:  # noqa: ANN401 - any field of Ask, or `posts`, `services`
    """Régions 84 (départements 01, 69), 32 (02) and 94 (2A), facilitators in 01 and 2A."""
    territory = grid_territory(4, 1, departements=("01", "69", "02", "2A"))
    study = make_study(
        [
            post("A", 2),
            post("C", "1/2"),
            *changes.pop("posts", ()),
        ],
        [
            perimeter("A", "01001"),
            perimeter("A", "69001", "extension"),
            perimeter("C", "2A001"),
            perimeter("K", "94", niveau="region", volet="coordinateur"),
            perimeter("L", "32", niveau="region", volet="coordinateur"),
        ],
        [need("01001", 1000)],
    )
    filed = changes.pop("services", None)
    if filed is not None:
        filed = filed.assign(commune=filed["commune"].replace({"01002": "69001", "01003": "69001"}))
    coverage = compute(replace(study, services=filed), territory)
    options = (
        option("c1", "N", volet="coordinateur", units=(), region="84", emerging=True),
        option("c2", "A", volet="coordinateur", units=(), region="84"),
        option("c3", "C", volet="coordinateur", units=(), region="32"),
        option("f1", "C", region="32", hundredths=300),
    )
    return replace(Ask(coverage, call(), options), **changes)


def by_region(found: tuple[RegionNeed, ...]) -> dict[str, RegionNeed]:
    return {row.region: row for row in found}


def test_regions_are_ranked_by_facilitators_first() -> None:
    found = rank_coordinators(ask(services=services()))
    assert [row.region for row in found] == ["84", "94", "32"]
    assert [row.rank for row in found] == [1, 2, 3]
    assert [row.facilitators for row in found] == [2, Fraction(1, 2), 0]


def test_new_facilitators_of_the_plan_are_to_be_animated_too() -> None:
    found = rank_coordinators(ask(), [3])
    assert [row.region for row in found] == ["32", "84", "94"]
    assert found[0].facilitators == 3


def test_regional_buyers_are_told_from_the_other_services() -> None:
    found = by_region(rank_coordinators(ask(services=services())))
    assert (found["84"].buyers, found["84"].services) == (1, 2)
    assert (found["32"].buyers, found["32"].services) == (0, 0)


def test_unknown_services_are_not_none() -> None:
    row = by_region(rank_coordinators(ask()))["84"]
    assert row.buyers is None
    assert row.services is None
    assert "acheteurs régionaux non connus" in row.words


def test_an_undedicated_extension_leaves_a_departement_uncovered() -> None:
    assert uncovered_departements(ask().coverage) == {"84": ("69",), "32": ("02",)}
    row = by_region(rank_coordinators(ask(services=services())))["84"]
    assert row.words.replace(THIN, "_") == (
        "Nom 84, sans coordinateur_: 2,00 ETP de facilitateurs à animer, 1 acheteur régional de "
        "l’État non accompagné, 1 département sans facilitateur («\u00a069\u00a0»)."
    )


def test_a_region_provided_today_or_by_the_plan_is_not_on_the_list() -> None:
    provided = ask(posts=[post("K", 1, volet="coordinateur")])
    assert [row.region for row in rank_coordinators(provided)] == ["84", "32"]
    assert [row.region for row in rank_coordinators(provided, [0])] == ["32"]


@pytest.mark.parametrize(
    ("changes", "left"),
    [
        ({}, ("c1", "c2")),
        ({"refused": {"c2": "non"}}, ("c1",)),
        ({"aside": (Broken("c1", "", "", ""),)}, ("c2",)),
    ],
)
def test_offers_and_those_for_the_national_committee_are_named(
    changes: dict[str, Any], left: tuple[str, ...]
) -> None:
    row = by_region(rank_coordinators(ask(**changes)))["84"]
    assert row.options == left
    assert row.to_committee == tuple(name for name in left if name == "c1")


def test_a_study_limited_to_regions_shows_only_those() -> None:
    whole = ask()
    study = replace(whole.coverage.study, regions=("32",))
    limited = replace(whole, coverage=replace(whole.coverage, study=study))
    assert [row.region for row in rank_coordinators(limited)] == ["32"]

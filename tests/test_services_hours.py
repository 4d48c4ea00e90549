"""State services in the need: hours that contracts do not count already, and where they are."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import polars as pl
from builders import make_study
from hypothesis import given, settings
from hypothesis import strategies as st
from toy import toy_territory

from coverage.frames import CONTRACTS, SERVICE_COLUMNS
from coverage.origins.contributions import MICRO
from coverage.origins.services import (
    SITE_COLUMNS,
    service_contributions,
    service_sites,
    units_at,
)
from coverage.parameters import CLASSES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coverage.model import Study

TOWN = "35600000000048"


def service(service_id: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - any column
    default = {"nom": f"Service {service_id}", "type": "ddt", "accompagne": "inconnu"}
    blank = {"file": "services_etat.csv", "row": 2, "siret": "", "commune": "", "structure_id": ""}
    numbers = {"lon": np.nan, "lat": np.nan, "heures": np.nan}
    return {"service_id": service_id, **default, **blank, **numbers, **more}


def contract(siret: str, notified: date, months: int) -> dict[str, Any]:
    return {"acheteur_siret": siret, "notified": notified, "months": months}


def study_of(services: Sequence[dict[str, Any]], contracts: Sequence[dict[str, Any]] = ()) -> Study:
    blank = dict.fromkeys(CONTRACTS.names())
    return replace(
        make_study([], []),
        services=pd.DataFrame(list(services), columns=list(SERVICE_COLUMNS)),
        contracts=pl.DataFrame([{**blank, **each} for each in contracts], schema=CONTRACTS),
    )


def test_hours_go_to_the_class_of_the_type_at_the_place_of_the_service() -> None:
    study = study_of(
        [
            service("a", type="ddt", commune="01004", heures=1200.5),
            service("b", type="universite", lon=2.35, lat=48.85, heures=300.0),
            service("c", type="hopital", commune="75056", heures=360.0),
            service("d", type="prefecture", commune="01004"),
        ]
    )
    brought = service_contributions(study, toy_territory())
    assert brought.table["item"].tolist() == ["a", "b", "c"]
    classes = [CLASSES[at] for at in brought.table["class_"]]
    assert classes == ["etat", "operateurs_etat", "hopitaux"]
    assert brought.table["micro"].tolist() == [1_200_500_000, 300 * MICRO, 360 * MICRO]
    assert set(brought.table["source"]) == {"services_etat.csv"}
    labels = [place.label for place in brought.places]
    assert labels == ["commune:01004", "point:2.35,48.85", "commune:75056"]
    shapes = [place.shape for place in brought.places]
    assert shapes[0] is None
    assert (shapes[1].x, shapes[1].y) == (2.35, 48.85)
    assert brought.places[2].weights == (15_000, 21_000)
    assert all(place.known for place in brought.places)
    assert brought.aside.empty
    assert not brought.warnings


def test_hours_that_contracts_of_the_year_count_are_told_and_not_added() -> None:
    services = [
        service("a", commune="01004", heures=100.0, siret=TOWN),
        service("b", commune="01004", heures=50.0, siret="21590350100017"),
    ]
    running = contract(TOWN[:9] + "00055", date(2022, 12, 31), 2)
    brought = service_contributions(study_of(services, [running]), toy_territory())
    assert brought.table["item"].tolist() == ["b"]
    (row,) = brought.aside.to_dict("records")
    assert row["objet"] == "Service a"
    assert row["heures"] == 100.0
    assert "même acheteur" in row["constat"]
    assert "100 h que des marchés du même acheteur" in brought.warnings[0].message
    # The month of the notification is the first: one month of December 2022 ends before 2023.
    ended = [contract(TOWN, date(2022, 12, 31), 1), contract(TOWN, date(2024, 1, 1), 12)]
    brought = service_contributions(study_of(services, ended), toy_territory())
    assert brought.table["item"].tolist() == ["a", "b"]


def test_a_service_without_siret_beside_contracts_is_told() -> None:
    study = study_of(
        [service("a", commune="01004", heures=10.0)], [contract(TOWN, date(2023, 1, 1), 1)]
    )
    (notice,) = service_contributions(study, toy_territory()).warnings
    assert "sans SIRET" in notice.message


def test_an_unknown_type_is_of_the_state_and_told() -> None:
    study = study_of([service("a", type="phare", commune="01004", heures=10.0)])
    brought = service_contributions(study, toy_territory())
    assert brought.table["class_"].tolist() == [CLASSES.index("etat")]
    assert "« phare »" in brought.warnings[0].message


def test_services_that_cannot_be_placed_are_listed_with_their_hours() -> None:
    study = study_of(
        [
            service("a", heures=7.0),
            service("b", commune="99999", row=3),
            service("c", lon=-30.0, lat=40.0, commune="01004"),
        ]
    )
    brought = service_contributions(study, toy_territory())
    assert brought.table.empty
    first, second = brought.aside.to_dict("records")
    assert (first["constat"], first["heures"]) == ("ni commune ni coordonnées connues", 7.0)
    assert (second["ligne"], second["constat"]) == (3, "commune « 99999 » inconnue (COG 2025)")
    assert np.isnan(second["heures"])
    assert service_sites(study, toy_territory())["service_id"].tolist() == ["c"]


def test_sites_are_one_row_a_service_and_unit() -> None:
    territory = toy_territory()
    study = study_of(
        [
            service("c", commune="75056", accompagne="non"),
            service("b", lon=2.35, lat=48.85, accompagne="oui"),
            service("a", commune="01091"),
        ]
    )
    sites = service_sites(study, territory)
    assert tuple(sites.columns) == SITE_COLUMNS
    assert sites["service_id"].tolist() == ["a", "b", "c", "c"]
    assert territory.codes[sites["unit"]].tolist() == ["01033", "75101", "75101", "75102"]
    assert sites["unit"].dtype == np.int32
    assert sites["approximatif"].tolist() == [False, False, True, True]
    assert sites["lon"].isna().tolist() == [True, False, True, True]
    assert sites["accompagne"].tolist() == ["inconnu", "oui", "non", "non"]


def test_no_file_of_services_brings_nothing() -> None:
    study = make_study([], [])
    assert service_sites(study, toy_territory()).empty
    assert service_contributions(study, toy_territory()).table.empty


def test_a_point_on_a_border_is_in_the_first_of_its_units() -> None:
    territory = toy_territory()
    lon, lat = np.array([2.4, np.nan, 0.0]), np.array([48.85, 48.85, 0.0])
    found = units_at(lon, lat, territory)
    assert territory.codes[found[0]] == "75101"
    assert found[1:].tolist() == [-1, -1]


spots = st.sampled_from(["01004", "75056", "01091", "99999", ""])


@settings(max_examples=20, deadline=None)
@given(
    filed=st.lists(st.tuples(spots, st.none() | st.integers(0, 10**6), st.booleans()), max_size=8),
    seed=st.integers(0, 99),
)
def test_hours_in_are_hours_out_whatever_the_order(
    filed: list[tuple[str, int | None, bool]], seed: int
) -> None:
    rows = [
        service(
            f"s{at}",
            commune=commune,
            heures=np.nan if hours is None else hours / 1000,
            siret=TOWN if bought else "",
            row=at + 2,
        )
        for at, (commune, hours, bought) in enumerate(filed)
    ]
    contracts = [contract(TOWN, date(2023, 5, 1), 1)]
    brought = service_contributions(study_of(rows, contracts), toy_territory())
    left = round(float(brought.aside["heures"].fillna(0).sum()) * MICRO)
    given_hours = sum(hours or 0 for _, hours, _ in filed) * (MICRO // 1000)
    assert int(brought.table["micro"].sum()) + left == given_hours

    order = np.random.default_rng(seed).permutation(len(rows))
    again = service_contributions(study_of([rows[at] for at in order], contracts), toy_territory())
    pd.testing.assert_frame_equal(again.table, brought.table)
    pd.testing.assert_frame_equal(again.aside, brought.aside)
    assert [place.label for place in again.places] == [place.label for place in brought.places]

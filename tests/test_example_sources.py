"""The example uses every source of hours: each brings some, none of them is lost."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from jsonschema import Draft7Validator

from coverage.origins.composite import SOURCE as COMPOSITE
from coverage.origins.contributions import MICRO
from coverage.trace import trace
from data.example.buyers import COMPANIES, keyed, siret
from data.example.names import MARK
from data.example.needs import BY_CONTRACTS, CONTRACTS_FILE, SOURCE
from data.example.official import FICTIONAL, SET_ASIDE
from data.example.services import COUNTED_ALREADY, WITH_HOURS
from data.results.sources import aside_table
from data.study.cells import siret_is_valid

if TYPE_CHECKING:
    import pandas as pd

    from coverage.model import Coverage
    from geo.territory import Territory

SHARED = Path(__file__).parents[2] / "shared/data"
SERVICES = "services_etat.csv"
YEAR = 2023
LABOUR = {
    **dict.fromkeys(("45442100", "90911200", "79713000"), 70),
    **dict.fromkeys(("45262522", "45210000", "50700000"), 50),
    **dict.fromkeys(("45233140", "45112700"), 30),
    "45331000": 45,
    "45454000": 55,
    "77310000": 65,
    "90511000": 40,
}
"""Labour share of what the example buys, in hundredths, as the method's table says."""

STATE_PREFIXES = ("11", "17")


@pytest.fixture(scope="module")
def files(example_folder: Path) -> dict[str, str]:
    paths = (path for path in example_folder.iterdir() if path.is_file())
    return {path.name: path.read_text(encoding="utf-8") for path in paths}


@pytest.fixture(scope="module")
def coverage(example_coverage: Coverage) -> Coverage:
    return example_coverage


@pytest.fixture(scope="module")
def contracts(files: dict[str, str]) -> list[dict[str, Any]]:
    held: list[dict[str, Any]] = json.loads(files[CONTRACTS_FILE])["marches"]["marche"]
    return held


def table(files: dict[str, str], name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(files[name])))


def projects(files: dict[str, str]) -> list[dict[str, Any]]:
    features = json.loads(files["grands_projets.geojson"])["features"]
    return [feature["properties"] for feature in features]


def usable(contracts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [contract for contract in contracts if not contract["id"].startswith("ecarte-")]


def brought(coverage: Coverage, source: str, items: set[str] | None = None) -> Fraction:
    """Return the exact hours that one source brings."""
    rows = coverage.need.contributions.table
    own = rows["source"] == source
    if items is not None:
        own &= rows["item"].isin(items)
    return Fraction(int(rows.loc[own, "micro"].sum()), MICRO)


def lost(coverage: Coverage, what: str) -> float:
    aside = coverage.need.contributions.aside
    return float(aside.loc[aside["objet"].str.contains(what, regex=False), "heures"].sum())


# What is in the files


def test_contracts_are_as_the_official_schema_wants_them(contracts: list[dict[str, Any]]) -> None:
    path = SHARED / "decp/schema_decp_v2.0.3.json"
    if not path.exists():
        pytest.skip("shared data absent")
    schema = json.loads(path.read_bytes())
    validator = Draft7Validator(
        {"definitions": schema["definitions"], "$ref": "#/definitions/marche"}
    )
    amended = [contract for contract in contracts if "modifications" in contract]
    for contract in (*usable(contracts)[::40], *amended[::10]):
        assert list(validator.iter_errors(contract)) == []
    odd = [contract for contract in contracts if contract["id"].startswith("ecarte-")]
    assert sum(not validator.is_valid(contract) for contract in odd) == 1, "a text for a duration"


def test_contracts_are_many_and_of_every_kind(
    contracts: list[dict[str, Any]], files: dict[str, str]
) -> None:
    kept = usable(contracts)
    assert 5_500 <= len(kept) <= 6_500
    assert len(files[CONTRACTS_FILE].encode()) <= 6_000_000
    kinds = Counter(contract["lieuExecution"]["typeCode"] for contract in kept)
    assert set(kinds) == {"Code commune", "Code postal", "Code département", "Code région"}
    assert kinds["Code commune"] > 0.85 * len(kept)
    years = Counter(contract["dateNotification"][:4] for contract in kept)
    assert set(years) == {"2021", "2022", "2023", "2024", "2025"}
    assert len({(c["acheteur"]["id"], c["id"]) for c in contracts}) == len(contracts)
    social = Counter(c["considerationsSociales"]["considerationSociale"][0] for c in kept)
    assert len(social) == 4
    assert 0.1 < social["Clause sociale"] / len(kept) < 0.4
    assert 100 < sum("modifications" in contract for contract in kept) < 300


def test_everything_says_that_it_is_fictional(
    contracts: list[dict[str, Any]], files: dict[str, str]
) -> None:
    assert all(contract["objet"].endswith(FICTIONAL) for contract in contracts)
    assert all(row["nom"].endswith(MARK) for row in table(files, "acheteurs.csv"))
    assert all("(exemple fictif)" in row["nom"] for row in table(files, SERVICES))
    assert all(project["nom"].endswith("(exemple fictif)") for project in projects(files))
    for name in ("indicateurs.csv", "totaux_regionaux.csv"):
        assert {row["source"] for row in table(files, name)} == {SOURCE}


def test_invented_numbers_have_right_keys_and_belong_to_nobody(
    contracts: list[dict[str, Any]], files: dict[str, str]
) -> None:
    """The third and fourth digits of public bodies are a département; there is no 96."""
    buyers = {contract["acheteur"]["id"] for contract in contracts}
    holders = {contract["titulaires"][0]["titulaire"]["id"] for contract in contracts}
    services = {row["siret"] for row in table(files, SERVICES)} - {""}
    for number in buyers | holders | services:
        assert siret_is_valid(number)
        assert number[2:4] == "96" or number.startswith(COMPANIES)
    for row in table(files, "acheteurs.csv"):
        assert keyed(row["siren"][:-1]) == row["siren"]
    assert not buyers & holders
    assert len({siret("1796", number) for number in range(9_999)}) == 9_999


def test_services_sit_in_their_departements(files: dict[str, str], france: Territory) -> None:
    services = table(files, SERVICES)
    departement = france.units["departement"].to_dict()
    seats = [departement[row["commune"]] for row in services if row["type"] == "prefecture"]
    every = set(france.units["departement"]) - {"975", "977", "978"}
    assert sorted(seats) == sorted(every)
    kinds = Counter(row["type"] for row in services)
    assert kinds["sous_prefecture"] == 234
    assert kinds["ddt"] == 92
    assert kinds["universite"] == 20
    assert kinds["hopital"] == 28
    states = Counter(row["accompagne"] for row in services)
    assert min(states["oui"], states["non"], states["inconnu"]) > 80
    assert all((row["accompagne"] == "oui") == (row["structure_id"] != "") for row in services)


def test_prefectures_are_the_real_ones(files: dict[str, str], france: Territory) -> None:
    path = SHARED / "services_etat/administrations_camino_2024.csv"
    if not path.exists():
        pytest.skip("shared data absent")
    with path.open(encoding="utf-8-sig") as file:
        real = {
            row["departement"]: row["commune"].split(" Cedex")[0].split(" CEDEX")[0].casefold()
            for row in csv.DictReader(file)
            if row["type"] == "pre" and row["departement"]
        }
    names = france.units["name"].to_dict()
    codes = france.units["departement"].to_dict()
    found = {
        codes[row["commune"]]: names[row["commune"]].split(" ")[0].split("-")[0].casefold()
        for row in table(files, SERVICES)
        if row["type"] == "prefecture"
    }
    wrong = [code for code, town in real.items() if not town.startswith(found.get(code, town))]
    assert len(real) >= 95
    assert len(wrong) <= 2, wrong


def test_projects_are_of_every_programme_shape_and_period(files: dict[str, str]) -> None:
    features = json.loads(files["grands_projets.geojson"])["features"]
    told = projects(files)
    assert 12 <= len(told) <= 15
    assert {project["programme"] for project in told} == {
        *("npnru", "grand_paris_express", "canal_seine_nord", "jop", "bassin_minier", "autre"),
    }
    shapes = {feature["geometry"]["type"] for feature in features}
    assert shapes == {"MultiPoint", "LineString", "MultiPolygon", "Polygon"}
    assert any(project["fin"] < f"{YEAR}" for project in told)
    assert any(project["debut"] > f"{YEAR}-12-31" for project in told)
    assert sum(project["montant_eur"] is not None for project in told) == 3
    assert sum(p["montant_eur"] is None and p["heures"] is None for p in told) == 1


# What the reader and the engine make of it


def test_contracts_read_clean_but_for_a_few_documented_ones(
    coverage: Coverage, contracts: list[dict[str, Any]], files: dict[str, str]
) -> None:
    study = coverage.study
    aside = Counter(study.contracts_aside["reason"].to_list())
    assert aside == {reason: len(faults) for reason, faults in SET_ASIDE.items()}
    assert len(study.contracts) == len(usable(contracts))
    (told,) = (notice for notice in coverage.warnings if notice.file == CONTRACTS_FILE)
    assert told.message.startswith("8 marchés écartés")
    assert aside_table(study).columns["fichier"] == [CONTRACTS_FILE] * 8
    described = {row["siren"] for row in table(files, "acheteurs.csv")}
    assert described <= {number[:9] for number in study.contracts["acheteur_siret"].to_list()}


def test_buyers_have_the_class_they_were_drawn_for(coverage: Coverage, france: Territory) -> None:
    """A commune's contracts are of classes that contracts tell in its département."""
    departement = france.units["departement"].to_dict()
    placed = coverage.study.contracts.filter(pl.col("niveau") == "commune")
    found = {
        (departement[code], class_) for code, class_ in placed["code", "donneur_ordre"].iter_rows()
    }
    assert found == {(code, class_) for code, classes in BY_CONTRACTS.items() for class_ in classes}


def test_every_source_brings_hours(coverage: Coverage) -> None:
    hours = coverage.need.parts.groupby("source")["hours"].sum()
    assert set(hours.index) == {SOURCE, CONTRACTS_FILE, SERVICES, COMPOSITE}
    assert hours.min() > 20_000
    assert 800_000 <= hours[CONTRACTS_FILE] <= 1_100_000
    drawn = coverage.need.contributions.table.query("source == @SOURCE and item != ''")
    assert 300_000 * MICRO <= drawn["micro"].sum() <= 500_000 * MICRO
    assert set(coverage.need.parts["programme"]) == {
        *("", "npnru", "grand_paris_express", "canal_seine_nord", "jop", "bassin_minier", "autre"),
    }
    assert 13_500_000 <= coverage.communes["besoin_h"].sum() <= 14_600_000


# Conservation, from each file to the communes


def test_hours_of_contracts_are_those_of_a_naive_reading(
    coverage: Coverage, contracts: list[dict[str, Any]]
) -> None:
    total = Fraction(0)
    for contract in usable(contracts):
        changes = contract.get("modifications", [])
        amount = changes[-1]["modification"]["montant"] if changes else contract["montant"]
        notified = date.fromisoformat(contract["dateNotification"])
        first = notified.year * 12 + notified.month
        months = range(first, first + contract["dureeMois"])
        inside = sum(YEAR * 12 < month <= YEAR * 12 + 12 for month in months)
        share = Fraction(15 if contract["acheteur"]["id"].startswith(STATE_PREFIXES) else 10, 100)
        labour = Fraction(LABOUR[contract["codeCPV"]], 100)
        hours = amount * labour * Fraction(1, 20) * share / 30
        total += hours * Fraction(inside, contract["dureeMois"])
    assert abs(brought(coverage, CONTRACTS_FILE) - total) <= Fraction(len(contracts), MICRO)


def test_hours_of_filed_needs_are_those_of_the_file(
    coverage: Coverage, files: dict[str, str]
) -> None:
    rows = [row for row in table(files, "besoins.csv") if row["annee"] in ("", f"{YEAR}")]
    assert brought(coverage, SOURCE, {""}) == sum(int(row["heures"]) for row in rows)


def test_hours_of_projects_are_their_days_of_the_year(
    coverage: Coverage, files: dict[str, str]
) -> None:
    names = set()
    total = Fraction(0)
    for project in projects(files):
        first, last = (date.fromisoformat(project[name]) for name in ("debut", "fin"))
        begun, ended = max(first, date(YEAR, 1, 1)), min(last, date(YEAR, 12, 31))
        days = max((ended - begun).days + 1, 0)
        rate = Fraction(1, 10 if project["programme"] == "grand_paris_express" else 20)
        amount = Fraction(project["montant_eur"] or 0)
        hours = project["heures"] or amount * Fraction(1, 2) * rate / 30
        total += Fraction(hours) * Fraction(days, (last - first).days + 1)
        names.add(project["projet_id"])
    found = brought(coverage, SOURCE, names)
    assert abs(found - total) <= Fraction(len(names), MICRO)
    assert brought(coverage, SOURCE, {"gare-44", "etablissement-31"}) == 0


def test_hours_of_services_are_added_where_no_contract_tells_them(coverage: Coverage) -> None:
    assert brought(coverage, SERVICES) == sum(hours for hours, _ in WITH_HOURS.values())
    ((hours, number),) = COUNTED_ALREADY.values()
    assert lost(coverage, "du Finistère") == hours
    own = coverage.study.contracts.filter(pl.col("acheteur_siret") == number)
    assert {code[:2] for code in own.filter(pl.col("niveau") == "commune")["code"]} == {"29"}


def test_regional_totals_are_spread_or_told(coverage: Coverage, files: dict[str, str]) -> None:
    totals = sum(int(row["heures"]) for row in table(files, "totaux_regionaux.csv"))
    left = lost(coverage, "région 94, etat")
    assert left > 0
    assert float(brought(coverage, COMPOSITE)) == pytest.approx(totals - left, abs=1e-5)
    spread = coverage.need.parts.query("source == @COMPOSITE")
    regions = coverage.territory.units["region"].to_numpy()[spread["unit"]]
    assert set(zip(regions, spread["donneur_ordre"], strict=True)) == {
        ("94", "etat"),
        ("03", "collectivites"),
    }
    unknown = coverage.communes["classes_inconnues"].to_numpy()[spread["unit"]]
    told = zip(spread["donneur_ordre"], unknown, strict=True)
    assert all(class_ in classes for class_, classes in told), "an estimate makes nothing known"


def test_communes_add_up_to_what_sources_bring(coverage: Coverage) -> None:
    """Each commune's hours are the sums of its contributions, and the country's theirs."""
    need = coverage.need
    parts = need.parts.groupby("unit")["hours"].sum().reindex(range(len(coverage.communes)))
    communes = coverage.communes["besoin_h"].to_numpy()
    assert (parts.fillna(0).to_numpy() == communes).all()
    exact = Fraction(int(need.contributions.table["micro"].sum()), MICRO)
    assert int(communes.sum()) - exact == pytest.approx(need.rounding_hours, abs=1e-5)
    assert abs(need.rounding_hours) < 100
    detailed = trace(coverage)
    counted = detailed.groupby("commune")["heures_comptees"].sum()
    assert (counted.reindex(coverage.communes.index).fillna(0).to_numpy() == communes).all()
    contracts = detailed[(detailed["source"] == CONTRACTS_FILE) & (detailed["id"] != "")]
    assert len(contracts) > 3_000


# What it teaches


def test_every_certainty_appears(coverage: Coverage) -> None:
    found = set(coverage.zones["certitude"].dropna())
    assert found == {"demontree", "probable", "non_demontree"}
    assert {"seule", "a_regrouper"} <= set(coverage.zones["financable"])
    assert 140 <= coverage.zones["retenue"].sum() <= 210


def test_a_service_or_a_project_is_a_ground_by_itself(coverage: Coverage) -> None:
    least = coverage.study.parameters.seuil_besoin_h
    white = coverage.zones[coverage.zones["statut"].isin(["non_couverte", "limitrophe"])]
    small = white[white["retenue"] & (white["besoin_h"] < least)]
    assert (small["services_etat_non_accompagnes"] > 0).any()
    assert ((small["services_etat_non_accompagnes"] == 0) & (small["grands_projets"] > 0)).any()


def by_year(coverage: Coverage) -> pd.DataFrame:
    return coverage.years.communes.pivot_table(
        index="unit", columns="annee", values="statut", aggfunc="first"
    )


def test_territories_break_and_posts_lack_work_later(coverage: Coverage) -> None:
    assert coverage.years.years == (2023, 2024, 2025)
    breaks = Counter(coverage.communes["annee_rupture"])
    assert min(breaks[2024], breaks[2025]) > 100
    statuses = by_year(coverage)
    covered = statuses[statuses[2023] == "couverte"]
    assert (covered[2025] == "non_couverte").sum() > 20, "posts that end leave nobody"
    loads = coverage.years.structures.pivot_table(
        index="structure_id", columns="annee", values="charge", aggfunc="first"
    ).dropna()
    shrinking = loads[(loads[2025] < Fraction(1, 2)) & (loads[2023] > Fraction(7, 10))]
    assert len(shrinking)
    needs = coverage.years.communes.groupby("annee")["besoin_h"].sum()
    assert (needs > 0.95 * needs[2023]).all()

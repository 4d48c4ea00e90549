"""The trace: every hour of every commune is told, whatever origins are mixed."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from fractions import Fraction
from functools import cache
from math import lcm
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest
from builders import CELL_DEG, drawn, grid_territory, make_study, need, perimeter, post
from effort import tried
from hypothesis import given, settings
from hypothesis import strategies as st
from origins import contract, project, service, with_origins
from shapely import LineString, MultiPoint, Point, box
from small_studies import CODES, SQUARES, few, studies

from api.facts.contributions import SHOWN, class_contributions, contribution_lines
from api.facts.ground import Ground
from coverage.basis import build_basis
from coverage.maxflow import bipartite_max_flow
from coverage.origins.contracts import contract_hours
from coverage.origins.contributions import MICRO
from coverage.parameters import CLASSES
from coverage.study import compute
from coverage.trace import COLUMNS, ORIGINES, Tracer, trace
from data.results.files import result_files

if TYPE_CHECKING:
    import random

    import pandas as pd

    from coverage.model import Coverage, Study

EVERY = {"part_marches_clausables": tuple((name, Fraction(1)) for name in CLASSES)}
HOUR = 1_200  # euros of works for an hour: 1,200 x 0.50 x 0.05 / 30 = 1
FOUR = grid_territory(4, departements=("01", "01", "02", "02"))

classes = st.sampled_from(CLASSES)
lon = st.floats(2.99, 3.05, allow_nan=False)
lat = st.floats(45.995, 46.035, allow_nan=False)
points = st.tuples(lon, lat)
wide = ("commune:69123", "departement:01", "departement:2A", "region:84", "region:94", "pays:")
places = st.one_of(
    st.sampled_from([f"commune:{code}" for code in CODES]), st.sampled_from(wide), points
)


@st.composite
def contracts(draw: st.DrawFn) -> list[dict[str, Any]]:
    rows = st.tuples(
        st.integers(0, 80_000_000),
        places,
        classes,
        st.sampled_from([date(2022, 3, 1), date(2023, 1, 1), date(2023, 11, 30)]),
        st.sampled_from([1, 7, 36]),
        st.sampled_from(["", "", "npnru"]),
        st.sampled_from(["marches.json", "decp.csv"]),
    )
    return [
        contract(f"M{rank}", amount, place, class_=class_, notified=day, months=months)
        | {"programme": programme, "source": source}
        for rank, (amount, place, class_, day, months, programme, source) in enumerate(
            draw(st.lists(rows, max_size=12))
        )
    ]


@st.composite
def services(draw: st.DrawFn) -> list[dict[str, Any]] | None:
    rows = st.tuples(
        st.sampled_from([*CODES, "69123"]),
        st.sampled_from(["oui", "non", "inconnu"]),
        st.sampled_from([np.nan, 0.25, 1_200.5]),
        st.one_of(st.none(), points),
    )
    if draw(st.booleans()):
        return None
    return [
        service(f"V{rank}", code, answer, at=at) | {"heures": hours}
        for rank, (code, answer, hours, at) in enumerate(draw(st.lists(rows, max_size=4)))
    ]


@st.composite
def projects(draw: st.DrawFn) -> list[dict[str, Any]] | None:
    shape = st.one_of(
        st.builds(lambda a, b: box(*a, b[0] + 0.02, b[1] + 0.02).normalize(), points, points),
        st.builds(lambda a, b: LineString([a, b]), points, points),
        st.builds(Point, points),
        st.builds(lambda a, b: MultiPoint([a, b]), points, points),
    )
    rows = st.tuples(shape, st.sampled_from([np.nan, 0.0, 37.3, 40_000.0]), classes)
    if draw(st.booleans()):
        return None
    return [
        project(f"P{rank}", drawing, hours) | {"donneur_ordre": class_}
        for rank, (drawing, hours, class_) in enumerate(draw(st.lists(rows, max_size=3)))
    ]


@st.composite
def mixed_studies(draw: st.DrawFn) -> Study:
    """Draw a study of which every origin may bring hours, and whose communes may be cut."""
    west = box(3, 45.99, 3 + draw(st.integers(1, 39)) / 1000, 46.04)
    base = draw(studies(other_years=False, regions=False))
    study = make_study(
        [*base.posts.to_dict("records")],
        [*base.perimeters.to_dict("records")],
        [*base.needs.to_dict("records")],
        shapes=draw(st.sampled_from([(), (drawn("S1", west),)])),
        **EVERY,
    )
    return with_origins(
        study,
        contracts=draw(contracts()),
        services=draw(services()),
        projects=draw(projects()),
        indicators=[("01001", "demandeurs_emploi", 120), ("69381", "demandeurs_emploi", 7)],
        totals=[("84", draw(classes), draw(st.sampled_from([0.0, 999.9, 25_000.0])))],
    )


@settings(few, max_examples=tried(8))
@given(mixed_studies(), st.randoms(use_true_random=False))
def test_every_hour_is_told_whatever_origins_are_mixed(study: Study, rng: random.Random) -> None:
    coverage = compute(study, SQUARES)
    tracer = Tracer.of(coverage)
    rows = tracer.rows()
    check_sums(coverage, rows)
    check_brought(coverage, rows)
    check_brought(coverage, tracer.rows(detail=False))
    check_work(coverage)
    unit = rng.randrange(len(SQUARES))
    check_shown(coverage, unit)
    alone = tracer.rows(np.arange(len(SQUARES)) == unit)
    expected = rows[rows["unit"] == unit].reset_index(drop=True)
    assert alone.to_dict("records") == expected.to_dict("records")


def check_sums(coverage: Coverage, rows: pd.DataFrame) -> None:
    """Whole hours are those of the results, by commune and class."""
    found = trace(coverage)
    assert tuple(found.columns) == COLUMNS
    assert set(found["origine"]) <= set(ORIGINES)
    communes = found.groupby("commune")["heures_comptees"].sum()
    expected = coverage.communes["besoin_h"]
    assert communes.reindex(expected.index, fill_value=0).tolist() == expected.tolist()
    by_class = np.zeros_like(coverage.need.hours)
    np.add.at(by_class, (rows["unit"], rows["class_"]), rows["hours"])
    assert (by_class == coverage.need.hours).all()


def check_brought(coverage: Coverage, rows: pd.DataFrame) -> None:
    """Exact hours are those that origins brought, and those of contracts are all told."""
    brought, study = coverage.need.contributions, coverage.study
    assert (rows["micro"] >= 0).all()
    for name in ("programme", "source", "class_"):
        sums = rows.groupby(name)["micro"].sum()
        assert sums.to_dict() == brought.table.groupby(name)["micro"].sum().to_dict()
    filed = contract_hours(study.contracts, study.parameters, study.year)
    aside = brought.aside[brought.aside["fichier"].isin(["marches.json", "decp.csv"])]
    told = rows.loc[rows["origine"] == "marches", "micro"].sum()
    assert told + round(aside["heures"].sum() * MICRO) == filed["micro"].sum()


def check_shown(coverage: Coverage, unit: int) -> None:
    """What is shown of a commune adds up to it, on screen too."""
    ground = Ground(coverage)
    lines = contribution_lines(ground, unit)
    assert sum(line.heures_comptees for line in lines) == coverage.communes["besoin_h"].iloc[unit]
    for own in class_contributions(ground, unit):
        shown = [line for line in lines if line.donneur_ordre == own.donneur_ordre]
        assert own.contributions == shown[:SHOWN]
        assert sum(line.heures_comptees for line in shown) == own.heures
        assert sum(number(line.heures_texte) for line in shown) == number(own.heures_texte)
        assert sum(Fraction(line.heures) for line in shown) == Fraction(own.heures_exactes)
        assert abs(number(own.heures_texte) - Fraction(own.heures_exactes)) <= Fraction(1, 20)


def check_work(coverage: Coverage) -> None:
    """The work of all posts is what is served at most, and none works more than whole."""
    loads = coverage.years.structures.dropna(subset=["charge"])
    work = sum((c * h for c, h in zip(loads["charge"], loads["capacite_h"], strict=True)), 0)
    assert work == coverage.totals["flot_maximum_h"]
    assert all(0 <= charge <= 1 for charge in loads["charge"])


@settings(few, max_examples=4)
@given(mixed_studies(), st.randoms(use_true_random=False))
def test_the_order_of_contracts_changes_nothing(study: Study, rng: random.Random) -> None:
    order = list(range(len(study.contracts)))
    rng.shuffle(order)
    other = replace(study, contracts=study.contracts[order])
    found, again = (trace(compute(own, SQUARES)) for own in (study, other))
    assert found.to_dict("records") == again.to_dict("records")


def number(text: str) -> Fraction:
    return Fraction(text.replace("\u202f", "").replace(",", "."))


# --- one origin at a time -----------------------------------------------------------------


def test_contracts_of_a_commune_are_named_and_those_of_a_departement_are_counted() -> None:
    study = with_origins(
        make_study([], [], **EVERY),
        contracts=[
            contract("A", 300 * HOUR, "commune:02001"),
            contract("B", 100 * HOUR, (3.025, 46.005)),
            contract("C", 700 * HOUR, "departement:02"),
            contract("D", 300 * HOUR, "departement:02"),
        ],
    )
    found = trace(compute(study, FOUR))
    told = found[found["commune"] == "02001"].set_index("id")[["nombre", "heures"]]
    assert told.to_dict("index") == {
        "A": {"nombre": 1, "heures": 300.0},
        "B": {"nombre": 1, "heures": 100.0},
        "": {"nombre": 2, "heures": pytest.approx(480)},  # by 1,200 and 1,300 inhabitants
    }


def test_a_located_contract_counts_in_the_part_of_the_commune_that_holds_it() -> None:
    west = box(3, 46, 3 + 0.4 * CELL_DEG, 46 + CELL_DEG)
    study = make_study(
        [post("S", 1)], [perimeter("S", "01002")], [], shapes=[drawn("S", west)], **EVERY
    )
    inside, outside = (3 + 0.1 * CELL_DEG, 46.005), (3 + 0.9 * CELL_DEG, 46.005)
    contracts_ = [contract("A", 70 * HOUR, inside), contract("B", 30 * HOUR, outside)]
    coverage = compute(with_origins(study, contracts=contracts_), FOUR)
    told = trace(coverage).set_index("id")["heures_comptees"]
    assert told.to_dict() == {"A": 70, "B": 30}
    ground = Ground(coverage)
    parts = [ground.hours_of_atom[row].sum() for row in ground.atoms_of(0)]
    assert sorted(parts) == [30, 70]


def test_each_origin_is_told_by_its_name() -> None:
    coverage = every_origin()
    told = {line.origine: line.intitule for line in contribution_lines(Ground(coverage), 0)}
    assert told == {
        "besoins": "déclaré dans « besoins »",
        "marches": "2 marchés placés par département seulement (Nom 01), part de la commune au "
        "prorata de la population",
        "grands_projets": "projet «\u00a0Projet J\u00a0», part qui touche la commune",
        "services_etat": "service «\u00a0Service P\u00a0»",
        "composite": "estimation composite, second choix",
    }
    assert [own.donneur_ordre for own in class_contributions(Ground(coverage), 0)] == [
        name for name in CLASSES if name != "prives"
    ]


def test_beyond_ten_the_others_are_counted_with_their_hours() -> None:
    many = [contract(f"M{rank:02d}", (100 - rank) * HOUR) for rank in range(14)]
    coverage = compute(with_origins(make_study([], [], **EVERY), contracts=many), FOUR)
    (own,) = class_contributions(Ground(coverage), 0)
    assert [line.identifiant for line in own.contributions] == [f"M{r:02d}" for r in range(SHOWN)]
    assert (own.autres, own.autres_comptees) == (4, 90 + 89 + 88 + 87)
    assert own.autres_heures_texte == "354"


@cache
def every_origin() -> Coverage:
    """Return a study in which each origin brings a class of its own to the first commune."""
    study = make_study([], [], [need("01001", 50, "collectivites")], **EVERY)
    over = box(3 + 0.5 * CELL_DEG, 46, 3 + 1.5 * CELL_DEG, 46 + CELL_DEG)
    study = with_origins(
        study,
        contracts=[
            contract("A", 300 * HOUR, "departement:01", class_="hopitaux"),
            contract("B", 200 * HOUR, "departement:01", class_="hopitaux"),
        ],
        services=[service("P", "01001") | {"heures": 12.5}],
        projects=[project("J", over, 1_000)],
        totals=[("84", "bailleurs", 1_000)],
    )
    return compute(study, FOUR)


def test_the_parquet_of_a_results_folder_sums_to_its_communes() -> None:
    files = result_files(every_origin())
    content = files["besoins.parquet"]
    assert isinstance(content, bytes)
    table = pl.read_parquet(io.BytesIO(content))
    assert tuple(table.columns) == COLUMNS
    sums = dict(table.group_by("commune").agg(pl.col("heures_comptees").sum()).iter_rows())
    rows = pl.read_csv(io.StringIO(str(files["communes.csv"])), schema_overrides={"commune": str})
    asked = dict(rows.select("commune", "besoin_h").iter_rows())
    assert {code: sums.get(code, 0) for code in asked} == asked
    assert result_files(every_origin())["besoins.parquet"] == content


# --- the work of posts --------------------------------------------------------------------


@settings(few, max_examples=tried(5))
@given(
    st.lists(st.integers(0, 60_000), min_size=4, max_size=4),
    st.lists(st.sets(st.sampled_from(FOUR.codes.tolist()), min_size=1), min_size=1, max_size=4),
)
def test_posts_reduced_to_their_load_still_serve_as_much(
    hours: list[int], held: list[set[str]]
) -> None:
    """The loads are possible, all of them at once, and nothing is served less."""
    asked = [need(code, own) for code, own in zip(FOUR.codes, hours, strict=True)]
    perimeters = [perimeter(f"S{n}", code) for n, own in enumerate(held) for code in sorted(own)]
    study = make_study([post(f"S{n}", "1/2") for n in range(len(held))], perimeters, asked)
    basis = build_basis(study, FOUR)
    coverage = compute(study, FOUR)
    loads = coverage.years.structures.set_index("structure_id")["charge"]
    nodes, table = basis.decision.total.nodes, basis.supply.table
    work = [loads[s] * h for s, h in zip(table["structure_id"], table["hours"], strict=True)]
    unit = lcm(*(part.denominator for part in work))
    capacities = [int(part * unit) for part in work]
    found = bipartite_max_flow([asked * unit for asked in nodes.needs], capacities, nodes.reach)
    assert found.value == sum(capacities)
    assert sum(work) == coverage.totals["flot_maximum_h"]


@pytest.mark.parametrize(
    ("last", "loads"),
    [
        # S and T share 30,000 h for 52,500 h of posts: both at 4/7.
        (10_000, {"S": Fraction(4, 7), "T": Fraction(4, 7)}),
        # T is wholly taken by C, 17,500 of 30,000 h; S serves A and B alone.
        (30_000, {"S": Fraction(4, 7), "T": Fraction(1)}),
    ],
)
def test_loads_on_three_communes(last: int, loads: dict[str, Fraction]) -> None:
    coverage = compute(
        make_study(
            [post("S", 1), post("T", "1/2")],
            [perimeter(*pair.split()) for pair in ("S 01001", "S 01002", "T 01002", "T 01003")],
            [need("01001", 10_000), need("01002", 10_000), need("01003", last)],
        ),
        grid_territory(3),
    )
    table = coverage.years.structures.set_index("structure_id")
    assert table["charge"].to_dict() == loads
    assert table["besoin_atteint_h"].to_dict() == {"S": 20_000, "T": 10_000 + last}
    assert table["travail_h"].sum() == coverage.communes["servi_h"].sum()

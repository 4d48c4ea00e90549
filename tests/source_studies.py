"""Small studies whose needs come from every origin, drawn by Hypothesis."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from builders import CELL_DEG, REGION_OF, drawn, make_study, post, seeded, shuffled
from hypothesis import strategies as st
from origins import Row, contract, project, service, with_origins
from shapely import LineString, MultiPoint, Point
from small_studies import CODES, SQUARES, studies
from test_drawn_properties import SOUTH, WEST, cells, drawn_studies, hundredths, with_drawings

from coverage.parameters import CLASSES
from geo.territory import CODE_POSTAL

if TYPE_CHECKING:
    import pandas as pd

    from coverage.model import Study

LAND = replace(
    SQUARES,
    members={
        **SQUARES.members,
        CODE_POSTAL: {
            "01000": np.array([0, 1, 2], dtype=np.int32),
            "20000": np.array([11], dtype=np.int32),
        },
    },
)
"""The squares of `small_studies`, with a postal code of three communes and one of a single one."""

REGIONS = sorted(set(REGION_OF.values()) & set(LAND.members["region"]))
WIDE = [f"code_postal:{code}" for code in LAND.members[CODE_POSTAL]] + [
    f"{niveau}:{code}"
    for niveau in ("departement", "region", "arrondissement", "epci")
    for code in LAND.members[niveau]
]
COMMUNES = (*CODES, "69123", "01999")
FILES = ("marches.json", "decp.parquet")
SIREN = ("110000015", "215900018", "")
CPV = ("45000000", "45000000", "45442100", "45233140", "90911200")

points = st.builds(
    lambda col, row, x, y: (WEST + (col + x) * CELL_DEG, SOUTH + (row + y) * CELL_DEG),
    st.integers(-1, 4),
    st.integers(0, 2),
    hundredths,
    hundredths,
)
micro_hours = st.one_of(
    st.integers(0, 40_000).map(float),
    st.integers(0, 3 * 10**6).map(lambda micro: micro / 10**6),
    st.sampled_from([0.5, 0.4999995, 1.5, 17_500.25]),
)


@st.composite
def contracts(draw: st.DrawFn, year: int, *, pointed: bool = False) -> list[Row]:
    """Return contracts of all kinds of places; or large ones of the year at points only."""
    coded = (
        st.sampled_from(COMMUNES).map(lambda code: f"commune:{code}"),
        st.sampled_from([*WIDE, "pays:"]),
    )
    places = points if pointed else st.one_of(*coded, points)
    amounts = st.one_of(st.integers(1, 10**5), st.integers(1, 4 * 10**8))
    days = st.dates(date(year - 3, 1, 1), date(year + 1, 12, 31))
    if pointed:
        amounts, days = st.integers(10**6, 10**8), st.dates(date(year, 1, 1), date(year, 6, 30))
    rows = st.builds(
        lambda place, amount, more: contract("", amount, place, **more),
        places,
        amounts,
        st.fixed_dictionaries(
            {
                "class_": st.sampled_from(CLASSES),
                "notified": days,
                "months": st.sampled_from([1, 1, 5, 12, 12, 31, 600]),
                "cpv": st.sampled_from(CPV),
                "source": st.sampled_from(FILES),
                "programme": st.sampled_from(["", "", "", "npnru", "jop"]),
                "labour_ppm": st.sampled_from([None, None, 0, 333_333, 1_000_000]),
                "effort_ppm": st.sampled_from([None, None, 70_001]),
                "acheteur_siret": st.sampled_from(SIREN).map(lambda n: n and f"{n}00012"),
            }
        ),
    )
    found = draw(st.lists(rows, min_size=10 if pointed else 0, max_size=14 if pointed else 9))
    return [row | {"contract_id": f"M{at}"} for at, row in enumerate(found)]


@st.composite
def services(draw: st.DrawFn) -> list[Row]:
    rows = st.builds(
        lambda commune, at, said, more: service("", commune, said, at=at) | more,
        st.sampled_from([*COMMUNES, "", "99999"]),
        st.one_of(st.none(), points),
        st.sampled_from(["oui", "non", "inconnu"]),
        st.fixed_dictionaries(
            {
                "type": st.sampled_from(["prefecture", "hopital", "universite", "phare"]),
                "siret": st.sampled_from(SIREN).map(lambda n: n and f"{n}00020"),
                "heures": st.one_of(st.just(np.nan), micro_hours),
            }
        ),
    )
    found = draw(st.lists(rows, max_size=4))
    return [row | {"service_id": f"V{at}", "row": at + 2} for at, row in enumerate(found)]


@st.composite
def shapes(draw: st.DrawFn) -> tuple[str, list[Row]]:
    """Return the kind of a project and where its features are."""
    kind = draw(st.sampled_from(["communes", "surface", "ligne", "points", "rayon"]))
    count = draw(st.integers(1, 2))
    if kind == "communes":
        codes = st.lists(st.sampled_from(COMMUNES), min_size=1, max_size=3, unique=True)
        return kind, [{"communes": tuple(draw(codes)), "geometry": None} for _ in range(count)]
    at = [draw(points) for _ in range(2 * count)]
    pairs = list(zip(at[::2], at[1::2], strict=True))
    if kind == "surface":
        return kind, [{"geometry": segmented(_box(*pair))} for pair in pairs]
    if kind == "ligne":
        lines = (LineString([a, (b[0] + 1e-4, b[1])]) for a, b in pairs)
        return kind, [{"geometry": segmented(line)} for line in lines]
    if kind == "points":
        return kind, [{"geometry": MultiPoint(pair)} for pair in pairs]
    radius = st.integers(60, 900).map(float)
    return kind, [{"geometry": Point(a), "rayon_m": draw(radius)} for a, _ in pairs]


def _box(a: tuple[float, float], b: tuple[float, float]) -> Any:  # noqa: ANN401 - shapely
    """Return a box of at least a tenth of a square: thinner ones are slivers."""
    west, south = ((a[0] - WEST) / CELL_DEG, (a[1] - SOUTH) / CELL_DEG)
    east, north = ((b[0] - WEST) / CELL_DEG, (b[1] - SOUTH) / CELL_DEG)
    return cells(min(west, east), min(south, north), max(west, east) + 0.1, max(south, north) + 0.1)


@st.composite
def projects(draw: st.DrawFn, year: int) -> list[Row]:
    found = []
    for number in range(draw(st.integers(0, 3))):
        start = draw(st.dates(date(year - 3, 1, 1), date(year + 1, 12, 31)))
        amount = draw(st.booleans())
        whole = {
            "programme": draw(st.sampled_from(["npnru", "jop", "grand_paris_express", "autre"])),
            "debut": start,
            "fin": start + timedelta(days=draw(st.sampled_from([0, 40, 400, 1500]))),
            "heures": np.nan if amount else draw(st.one_of(st.just(np.nan), micro_hours)),
            "montant_eur": float(draw(st.integers(1, 10**7))) if amount else np.nan,
            "donneur_ordre": draw(st.sampled_from(CLASSES)),
            "taux_effort": draw(st.sampled_from([np.nan, 0.07])),
            "part_main_oeuvre": draw(st.sampled_from([np.nan, 0.3])),
        }
        _, features = draw(shapes())
        for row, feature in enumerate(features, start=1):
            source = draw(st.sampled_from(["", "convention"]))
            name = f"P{number}"
            found.append(
                project(name, None) | whole | {"row": 10 * number + row, "source": source} | feature
            )
    return found


def indicators() -> st.SearchStrategy[list[tuple[str, str, float]]]:
    rows = st.tuples(
        st.sampled_from(COMMUNES),
        st.sampled_from(["demandeurs_emploi", "population_qpv"]),
        st.integers(0, 4_000).map(float),
    )
    return st.lists(rows, max_size=10, unique_by=lambda row: row[:2])


def totals() -> st.SearchStrategy[list[tuple[str, str, float]]]:
    rows = st.tuples(st.sampled_from(REGIONS), st.sampled_from(CLASSES), micro_hours)
    return st.lists(rows, max_size=3, unique_by=lambda row: row[:2])


@st.composite
def cut_studies(draw: st.DrawFn) -> Study:
    """Return a study whose structure S1 draws a box across at least four squares."""
    base = draw(studies(regions=False))
    posts = [*base.posts.drop(columns="row").to_dict("records"), post("S1")]
    west, south, width, height = (draw(hundredths) for _ in range(4))
    own = drawn("S1", segmented(cells(west, south, west + 1.1 + width, south + 1.1 + height)))
    return with_drawings(replace(base, posts=make_study(posts, []).posts), [own])


def segmented(shape: Any) -> Any:  # noqa: ANN401 - shapely
    """Return a shape of edges so short that they are straight in any projection."""
    return shapely.segmentize(shape, CELL_DEG / 4)


@st.composite
def sourced_studies(draw: st.DrawFn, *, placed: bool = False) -> Study:
    """Return a study of all origins; `placed` for communes cut and contracts at points."""
    either = drawn_studies() if draw(st.booleans()) else studies()
    base = draw(cut_studies() if placed else either)
    year = draw(st.sampled_from([2023, 2023, 2023, 2026, 2024]))
    clauses = draw(st.sampled_from([Fraction(1), Fraction(1), Fraction(1, 10), Fraction(1, 7)]))
    parameters = replace(
        base.parameters,
        scenario_clauses=draw(st.sampled_from(["constate", "constate", "pnad_30", "loi_2026"])),
        part_marches_clausables=tuple((name, clauses) for name in CLASSES),
        cout_horaire_eur=draw(st.sampled_from([30, 37])),
    )
    study = replace(base, year=year, parameters=parameters, needs=_parted(draw, base.needs))
    return with_origins(
        study,
        contracts=draw(contracts(year, pointed=placed)),
        services=draw(st.one_of(st.none(), services())),
        projects=draw(st.one_of(st.none(), projects(year))),
        indicators=draw(indicators()),
        totals=draw(totals()),
    )


def _parted(draw: st.DrawFn, needs: pd.DataFrame) -> pd.DataFrame:
    """Return needs with fractions of hours, programmes and sources."""
    return needs.assign(
        heures=[
            hours + draw(st.sampled_from([0.0, 0.0, 0.25, 0.3, 0.999999]))
            for hours in needs["heures"]
        ],
        programme=[draw(st.sampled_from(["", "", "npnru"])) for _ in range(len(needs))],
        source=[draw(st.sampled_from(["", "profil"])) for _ in range(len(needs))],
    )


def reordered(study: Study, seed: int) -> Study:
    """Return the same study, the rows of every table and of every source in another order."""
    moved = {}
    for name in ("contracts", "services", "projects", "indicators", "regional_totals"):
        table = getattr(study, name)
        if table is None:
            continue
        order = list(range(len(table)))
        seeded(seed + len(name)).shuffle(order)
        if name == "contracts":
            moved[name] = table[order]
        else:
            moved[name] = table.iloc[order].reset_index(drop=True)
    return replace(shuffled(study, seed), **moved)

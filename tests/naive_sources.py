"""Needs from every origin for the naive reference: the method's section 4 in fractions.

Written from the method alone, one thing at a time, so that it shares no mistake with the engine.
Hours are whole millionths, as the method says; everything before them is exact.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import shapely
from naive_atoms import projected, transformer, unit_shape
from naive_filed import lines, lines_of_the_year

from geo.crs import legal_epsg

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from coverage.model import Study
    from geo.territory import Territory

MILLION = 1_000_000
LABOUR = {"45442100": Fraction(7, 10), "45233140": Fraction(3, 10), "90911200": Fraction(7, 10)}
"""Labour share of the families that the tests use; other works have the parameter's."""
CHARTERS = {
    "npnru": Fraction(1, 20),
    "grand_paris_express": Fraction(1, 10),
    "jop": Fraction(1, 10),
}
CLASS_OF_TYPE = {"prefecture": "etat", "hopital": "hopitaux", "universite": "operateurs_etat"}
LAW = date(2026, 8, 22)
QUARTER_SIDES = 32


@dataclass(frozen=True)
class Brought:
    """Hours that something brings to a place.

    Attributes
    ----------
    origin
        As the trace names it.
    spot
        What is rounded as a whole: a unit's code, or a wide place's name.
    weights
        Unit code → share of the place, in the order of units.
    shape
        WGS84, None for the whole area.
    """

    origin: str
    class_: str
    programme: str
    source: str
    micro: int
    spot: str
    weights: Mapping[str, Fraction]
    known: bool
    shape: Any = None


@dataclass(frozen=True)
class Sums:
    """Everything brought in the year, and what could not be placed or counted."""

    brought: tuple[Brought, ...]
    aside_micro: int


def half_up(value: Fraction) -> int:
    return math.floor(value + Fraction(1, 2))


def exact(value: float) -> Fraction:
    return Fraction(repr(float(value)))


def given(value: float | None) -> bool:
    return value is not None and not math.isnan(value)


def shared(total: int, weights: Mapping[str, Fraction]) -> dict[str, int]:
    """Return whole parts of a total by largest remainder, ties in order; no weight: equally."""
    if not any(weights.values()):
        weights = dict.fromkeys(weights, Fraction(1))
    whole = sum(weights.values(), Fraction(0))
    quota = {name: total * weight / whole for name, weight in weights.items()}
    parts = {name: math.floor(value) for name, value in quota.items()}
    by_rest = sorted(quota, key=lambda name: parts[name] - quota[name])
    for name in by_rest[: total - sum(parts.values())]:
        parts[name] += 1
    return parts


# --- places -------------------------------------------------------------------------------


def people_of(territory: Territory, niveau: str, code: str) -> dict[str, Fraction]:
    rows = territory.members[niveau][code] if niveau != "pays" else range(len(territory))
    return {str(territory.codes[row]): Fraction(int(territory.population[row])) for row in rows}


def unit_at(territory: Territory, lon: float, lat: float) -> str:
    """Return the first unit that holds a point, empty for none."""
    shapes = territory.units.geometry
    held = (
        code
        for code in territory.codes
        if shapes[code] is not None and shapes[code].intersects(shapely.Point(lon, lat))
    )
    return str(next(held, ""))


def spot_of(weights: Mapping[str, Fraction], name: str) -> str:
    return next(iter(weights)) if len(weights) == 1 else name


# --- origins ------------------------------------------------------------------------------


def filed(study: Study, territory: Territory) -> Iterator[Brought]:
    for line in lines_of_the_year(study):
        people = people_of(territory, "commune", line.commune)
        micro = half_up(exact(line.heures) * MILLION)
        spot = spot_of(people, f"besoins {'+'.join(people)}")
        what = (line.donneur_ordre, line.programme, line.source, micro)
        yield Brought("besoins", *what, spot, people, known=True)


def other_years(study: Study) -> Fraction:
    """Return the hours of `besoins` that no year of the study looks at."""
    years = {0, *range(study.year, max(study.last_year, study.year) + 1)}
    left = (exact(line.heures) for line in lines(study.needs) if line.annee not in years)
    return sum(left, Fraction(0))


def clausable(study: Study, contract: Mapping[str, Any]) -> Fraction:
    scenario = study.parameters.scenario_clauses
    if scenario == "pnad_30":
        return Fraction(3, 10)
    services = 140_000 if contract["donneur_ordre"] == "etat" else 216_000
    least = 5_404_000 if contract["cpv"].startswith("45") else services
    obliged = contract["notified"] >= LAW and contract["amount_cents"] >= 100 * least
    if scenario == "loi_2026" and obliged:
        return Fraction(1)
    return dict(study.parameters.part_marches_clausables)[contract["donneur_ordre"]]


def months_behind(contract: Mapping[str, Any], year: int) -> int:
    """Return how many months of a contract are behind when a year begins."""
    day = contract["notified"]
    elapsed = 12 * (year - day.year) - (day.month - 1)
    return min(max(elapsed, 0), contract["months"])


def contract_micro(study: Study, contract: Mapping[str, Any], year: int) -> int:
    parameters = study.parameters
    labour, effort = contract["labour_ppm"], contract["effort_ppm"]
    of_method = LABOUR.get(contract["cpv"], parameters.part_main_oeuvre)
    hours = (
        Fraction(contract["amount_cents"], 100)
        * (of_method if labour is None else Fraction(labour, MILLION))
        * (parameters.taux_effort if effort is None else Fraction(effort, MILLION))
        * clausable(study, contract)
        / parameters.cout_horaire_eur
    )
    total = half_up(hours * MILLION)
    until = [
        half_up(Fraction(total * months_behind(contract, y), contract["months"]))
        for y in (year, year + 1)
    ]
    return until[1] - until[0]


def runs(contract: Mapping[str, Any], year: int) -> bool:
    return months_behind(contract, year) < months_behind(contract, year + 1)


def contracts(study: Study, territory: Territory) -> Iterator[Brought | int]:
    """Yield what contracts bring, as whole numbers what cannot be placed."""
    for contract in study.contracts.to_dicts():
        if not runs(contract, study.year):
            continue
        micro = contract_micro(study, contract, study.year)
        niveau, code = contract["niveau"], contract["code"]
        shape, lon, lat = None, contract["lon"], contract["lat"]
        if niveau == "point":
            unit = unit_at(territory, lon, lat)
            if not unit:
                yield micro
                continue
            people, shape = {unit: Fraction(1)}, shapely.Point(lon, lat)
        else:
            people = people_of(territory, niveau, code)
        known = niveau in ("point", "commune") or len(people) == 1
        spot = spot_of(people, f"marches {niveau} {code}")
        what = (contract["donneur_ordre"], contract["programme"], contract["source"], micro)
        yield Brought("marches", *what, spot, people, known, shape)


def services(study: Study, territory: Territory) -> Iterator[Brought | int]:
    if study.services is None:
        return
    running = {
        contract["acheteur_siret"][:9]
        for contract in study.contracts.to_dicts()
        if contract["acheteur_siret"] and runs(contract, study.year)
    }
    for line in lines(study.services):
        if math.isnan(line.heures):
            continue
        micro = half_up(exact(line.heures) * MILLION)
        unit = "" if math.isnan(line.lon) else unit_at(territory, line.lon, line.lat)
        if unit:
            people = {unit: Fraction(1)}
            shape = shapely.Point(line.lon, line.lat)
        else:
            placed = line.commune in territory.members["commune"]
            people = people_of(territory, "commune", line.commune) if placed else {}
            shape = None
        if not people or line.siret[:9] in running:
            yield micro
            continue
        class_ = CLASS_OF_TYPE.get(line.type, "etat")
        spot = spot_of(people, f"service {line.service_id}")
        what = (class_, "", line.file, micro)
        yield Brought("services_etat", *what, spot, people, known=True, shape=shape)


def project_micro(study: Study, project: Any, year: int) -> int:  # noqa: ANN401 - a row
    if given(project.heures):
        hours = exact(project.heures)
    else:
        rate = CHARTERS.get(project.programme, study.parameters.taux_effort)
        labour = study.parameters.part_main_oeuvre
        rate = exact(project.taux_effort) if given(project.taux_effort) else rate
        labour = exact(project.part_main_oeuvre) if given(project.part_main_oeuvre) else labour
        hours = exact(project.montant_eur) * labour * rate / study.parameters.cout_horaire_eur
    total = half_up(hours * MILLION)
    days = (project.fin - project.debut).days + 1
    until = []
    for last in (date(year - 1, 12, 31), date(year, 12, 31)):
        elapsed = min(max((last - project.debut).days + 1, 0), days)
        until.append(half_up(Fraction(total * elapsed, days)))
    return until[1] - until[0]


def measures(territory: Territory, shape: Any) -> dict[str, Fraction]:  # noqa: ANN401 - shapely
    """Return what each unit holds of a drawn shape, in the measure of its dimension."""
    found = {}
    for code in territory.codes:
        unit = unit_shape(territory, str(code))
        if unit is None:
            continue
        epsg = legal_epsg(territory.units["departement"][code])
        here = unit.intersection(projected(shape, epsg))
        measure = here.length if shapely.get_dimensions(shape) == 1 else here.area
        if measure > 0:
            found[str(code)] = Fraction(measure)
    return found


def circle(territory: Territory, point: Any, radius_m: float) -> Any:  # noqa: ANN401 - shapely
    """Return the circle around a point, in the projection of the unit that is nearest."""
    shapes = territory.units.geometry.dropna()
    code = min(shapes.index, key=lambda name: shapes[name].distance(point))
    epsg = legal_epsg(territory.units["departement"][code])
    plane = projected(point, epsg).buffer(radius_m, quad_segs=QUARTER_SIDES)
    back = transformer(epsg)
    return shapely.transform(
        plane, lambda x, y: back.transform(x, y, direction="INVERSE"), interleaved=False
    )


def projects(study: Study, territory: Territory) -> Iterator[Brought | int]:
    """Yield what projects bring; features of one identifier are one project."""
    by_id: dict[str, list[Any]] = {}
    for line in [] if study.projects is None else lines(study.projects):
        if line.debut.year <= study.year <= line.fin.year:
            by_id.setdefault(line.projet_id, []).append(line)
    for name, features in sorted(by_id.items()):
        first = min(features, key=lambda line: (line.file, line.row))
        if not given(first.heures) and not given(first.montant_eur):
            continue
        micro = project_micro(study, first, study.year)
        told = sorted({line.source for line in features} - {""})
        source = " ; ".join(told) or first.file
        what = (first.donneur_ordre, first.programme, source)
        touched = list(_touched(features, territory))
        if not touched:
            yield micro
            continue
        parts = shared(micro, {str(at): Fraction(1) for at in range(len(touched))})
        for part, (weights, shape) in zip(parts.values(), touched, strict=True):
            spot = spot_of(weights, f"projet {name}")
            yield Brought("grands_projets", *what, part, spot, weights, known=False, shape=shape)


def _touched(
    features: Sequence[Any], territory: Territory
) -> Iterator[tuple[dict[str, Fraction], Any]]:
    """Yield the units of a project and its shape: once, or for each of its bare points."""
    codes = sorted({code for line in features for code in line.communes})
    if codes:
        units = sorted({unit for c in codes for unit in people_of(territory, "commune", c)})
        area = territory.units["area_km2"]
        if any(math.isnan(area[code]) for code in units):
            people = people_of(territory, "pays", "")
            yield {code: people[code] for code in units}, None
        else:
            yield {code: Fraction(float(area[code])) for code in units}, None
        return
    drawn = [
        circle(territory, line.geometry, line.rayon_m) if given(line.rayon_m) else line.geometry
        for line in features
    ]
    united = shapely.union_all(drawn)
    if shapely.get_dimensions(united) == 0:
        points = sorted(shapely.get_parts(united), key=lambda point: (point.x, point.y))
        for point in points:
            unit = unit_at(territory, point.x, point.y)
            if unit:
                yield {unit: Fraction(1)}, point
        return
    weights = measures(territory, united)
    if weights:
        yield weights, united


def composite(
    study: Study, territory: Territory, known: Mapping[str, set[str]]
) -> Iterator[Brought | int]:
    """Yield the part of each regional total where its class is unknown, and what is left."""
    values: dict[str, dict[str, Fraction]] = {"population": people_of(territory, "pays", "")}
    for line in lines(study.indicators):
        people = people_of(territory, "commune", line.commune)
        if not any(people.values()):
            people = dict.fromkeys(people, Fraction(1))
        for code, weight in people.items():
            own = values.setdefault(line.indicateur, {})
            share = half_up(exact(line.valeur) * MILLION) * weight / sum(people.values())
            own[code] = own.get(code, Fraction(0)) + share
    for line in lines(study.regional_totals):
        if line.annee not in (0, study.year):
            continue
        micro = half_up(exact(line.heures) * MILLION)
        units = list(people_of(territory, "region", line.region))
        weight = _composite_weights(units, values, study)
        free = {u: 0 if line.donneur_ordre in known[u] else weight[u] for u in units}
        kept = {code: Fraction(part) for code, part in free.items() if part}
        used = math.floor(micro * sum(kept.values()) / sum(weight.values())) if kept else 0
        if kept:
            parts = {u: Fraction(part) for u, part in shared(used, kept).items()}
            spot = spot_of(parts, f"composite {line.region} {line.donneur_ordre}")
            what = (line.donneur_ordre, "", "composite (indicateurs)", used)
            yield Brought("composite", *what, spot, parts, known=False)
        yield micro - used


def _composite_weights(
    units: Iterable[str], values: Mapping[str, Mapping[str, Fraction]], study: Study
) -> dict[str, Fraction]:
    found = dict.fromkeys(units, Fraction(0))
    for name, weight in study.parameters.poids_indicateurs:
        own = {code: values.get(name, {}).get(code, Fraction(0)) for code in found}
        whole = sum(own.values(), Fraction(0))
        for code, value in own.items():
            found[code] += weight * value / whole if whole else 0
    return found

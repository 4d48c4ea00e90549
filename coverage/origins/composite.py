"""The composite need: hours of a région spread by indicators, where nothing better is known.

Second best, and said so: it tells how the hours stated for a whole région would be shared if they
followed unemployment, priority districts and population. It says nothing of the contracts really
awarded in a commune, so it serves only the units where the class is not known otherwise, and the
hours that fall elsewhere are told, not moved: what is known there stands in their place.

The weight of unit i is w_i = Σ_k p_k × x_ik / X_k, with x_ik the indicator k in the unit, X_k its
sum over the région and p_k its weight (parameter `poids_indicateurs`). All is exact: the shares
are rationals, and hours are whole millionths by largest remainder.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import pandas as pd

from coverage.origins.contributions import (
    COLUMNS,
    MICRO,
    Contributions,
    Place,
    aside_table,
)
from coverage.parameters import CLASSES
from coverage.rounding import largest_remainder
from coverage.wording import CLASS_NAMES, listing, percent, plural, whole
from geo.errors import Notice

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from coverage.model import Study
    from geo.territory import Territory

SOURCE = "composite (indicateurs)"
"""`source` of every composite contribution: a reader must see that it is no contract."""

POPULATION = "population"
"""The indicator that the territory itself brings."""

_RARE = ("population_qpv", "surface_qpv_m2", "nombre_qpv")
"""Indicators that most communes do not have: no row means none of it."""

_FILE = "totaux_regionaux"
_KNOWN_ELSEWHERE = "non employé : le besoin y est connu par ailleurs"
_NO_WEIGHT = "non réparti : aucun indicateur connu dans la région"


@dataclass(frozen=True)
class _Weights:
    """Of the units of one région.

    Attributes
    ----------
    units
        Sorted unit rows.
    parts
        w_i × a common denominator: whole numbers, all zero when no indicator is known.
    used
        Names of the indicators that count, sorted.
    lacking
        Indicator → number of units whose value is unknown, counted as nothing.
    """

    units: NDArray[np.int32]
    parts: tuple[int, ...]
    used: tuple[str, ...]
    lacking: Mapping[str, int]


def composite_contributions(
    study: Study, territory: Territory, known: NDArray[np.bool_]
) -> Contributions:
    """Spread the regional totals of the year over units where the class is not known otherwise.

    Several totals of one région and class add up. A unit of weight 0 receives nothing. An estimate
    makes no class known: it may show a shortage, never that there is enough.

    Parameters
    ----------
    known
        Whether another origin knows a class in a unit, shape (units, classes).

    Returns
    -------
    Contributions
        One row a total, at a place of its own whose weights are the exact millionths of hours of
        each unit. For each total, hours in = hours of the row + hours in `aside`.

    Raises
    ------
    UnknownCodeError
        When a région is unknown; the study reader has normally refused it before.
    """
    totals = _of_year(study)
    indicators, warnings = _indicators(study, territory)
    weights = {
        region: _weights(territory.resolve("region", region), indicators, study)
        for region in sorted(set(totals["region"]))
    }
    places: list[Place] = []
    rows, aside = [], []
    for row, region, buyer, hours in zip(
        *(totals[name].tolist() for name in ("row", "region", "donneur_ordre", "heures")),
        strict=True,
    ):
        class_ = CLASSES.index(buyer)
        micro = round(hours * MICRO)
        place, used = _spread(weights[region], known[:, class_], region, micro)
        if place is not None:
            rows.append((len(places), class_, "", SOURCE, f"composite:{region}:{buyer}", 1, used))
            places.append(place)
        if micro > used:
            why = _KNOWN_ELSEWHERE if any(weights[region].parts) else _NO_WEIGHT
            aside.append((_FILE, row, f"région {region}, {buyer}", why, (micro - used) / MICRO))
            warnings.append(_left(row, region, buyer, micro, used, why))
    table = pd.DataFrame(rows, columns=list(COLUMNS)).astype(COLUMNS)
    return Contributions(
        table=table,
        places=tuple(places),
        warnings=(*warnings, *_dropped(weights, study), *_lacking(weights)),
        aside=aside_table(aside),
    )


def _of_year(study: Study) -> pd.DataFrame:
    """Return the totals of the year and those of every year, whatever the order they came in."""
    totals = study.regional_totals
    years = pd.to_numeric(totals["annee"]).fillna(0).astype("int64")
    keys = ["region", "donneur_ordre", "source", "annee", "heures", "row"]
    return totals[years.isin((0, study.year))].sort_values(keys, ignore_index=True)


def _spread(
    weights: _Weights, known: NDArray[np.bool_], region: str, micro: int
) -> tuple[Place | None, int]:
    """Return where a total goes and the millionths that go there: R × W_unknown / W."""
    whole_weight = sum(weights.parts)
    parts = [
        0 if known[unit] else part
        for unit, part in zip(weights.units.tolist(), weights.parts, strict=True)
    ]
    if not any(parts):
        return None, 0
    used = micro * sum(parts) // whole_weight
    shares = largest_remainder(used, parts)
    kept = [at for at, part in enumerate(parts) if part]
    units = weights.units[kept]
    weighed = tuple(shares[at] for at in kept)
    return Place(f"composite:{region}", units, weighed, known=False), used


def _weights(
    units: NDArray[np.int32], indicators: Mapping[str, Mapping[int, Fraction]], study: Study
) -> _Weights:
    columns, factors, used = [], [], []
    lacking = {}
    for name, weight in sorted(study.parameters.poids_indicateurs):
        found = indicators.get(name, {})
        values = [found.get(unit, Fraction(0)) for unit in units.tolist()]
        total = sum(values, Fraction(0))
        if weight and total:
            columns.append(values)
            factors.append(Fraction(weight) / total)
            used.append(name)
            lacking[name] = (
                0 if name in _RARE else sum(unit not in found for unit in units.tolist())
            )
    exact = [
        sum((factor * value for factor, value in zip(factors, row, strict=True)), Fraction(0))
        for row in zip(*columns, strict=True)
    ] or [Fraction(0)] * len(units)
    common = math.lcm(*(value.denominator for value in exact))
    return _Weights(units, tuple(int(value * common) for value in exact), tuple(used), lacking)


def _indicators(
    study: Study, territory: Territory
) -> tuple[dict[str, dict[int, Fraction]], list[Notice]]:
    """Return each indicator of the weights by unit row, exact; a city's is split by population.

    Two sources of one indicator would count the same people twice: the one that knows most
    communes is kept (the first by name when they are equal), and the others are told.
    """
    wanted = {name for name, _ in study.parameters.poids_indicateurs} - {POPULATION}
    filed = study.indicators[study.indicators["indicateur"].isin(wanted)]
    found: dict[str, dict[int, Fraction]] = {
        POPULATION: {
            unit: Fraction(people) for unit, people in enumerate(territory.population.tolist())
        }
    }
    notices = []
    for name, rows in filed.groupby("indicateur", sort=True):
        communes = rows.groupby("source")["commune"].nunique()
        best = str(min(communes.items(), key=lambda each: (-each[1], str(each[0])))[0])
        if len(communes) > 1:
            notices.append(_several(str(name), best, sorted(set(communes.index) - {best})))
        found[str(name)] = _by_unit(rows[rows["source"] == best], territory)
    return found, notices


def _several(name: str, best: str, others: list[str]) -> Notice:
    unused = listing(f"« {source} »" for source in others)
    message = f"indicateur « {name} » donné par plusieurs sources : « {best} » est employée"
    return Notice("indicateurs", 0, "source", f"{message}, non {unused}", "gardez-en une seule")


def _by_unit(rows: pd.DataFrame, territory: Territory) -> dict[int, Fraction]:
    values: dict[int, Fraction] = {}
    for code, value in zip(rows["commune"].tolist(), rows["valeur"].tolist(), strict=True):
        units = territory.resolve("commune", code)
        people = [int(each) for each in territory.population[units]]
        if not any(people):
            people = [1] * len(people)
        for unit, part in zip(units.tolist(), people, strict=True):
            share = Fraction(round(value * MICRO), MICRO) * Fraction(part, sum(people))
            values[unit] = values.get(unit, Fraction(0)) + share
    return values


def _left(row: int, region: str, buyer: str, micro: int, used: int, why: str) -> Notice:
    rate = percent(Fraction(used, micro))
    hours = whole(round((micro - used) / MICRO))
    return Notice(
        _FILE,
        row,
        "heures",
        f"région {region}, {CLASS_NAMES[buyer]} : {rate} du total est réparti par indicateurs, "
        f"le reste de {hours} h est {why}",
        "le composite n’est qu’un second choix : documentez le besoin par les marchés",
    )


def _dropped(weights: Mapping[str, _Weights], study: Study) -> list[Notice]:
    """Tell the indicators that are absent from a région: the others take their weight."""
    wanted = sorted(name for name, weight in study.parameters.poids_indicateurs if weight)
    absent: dict[str, list[str]] = {}
    for region, found in weights.items():
        for name in wanted:
            if name not in found.used:
                absent.setdefault(name, []).append(region)
    return [
        Notice(
            "indicateurs",
            0,
            "indicateur",
            f"indicateur « {name} » absent de {plural(len(regions), 'région', 'régions')} "
            f"({', '.join(regions)}) : le besoin composite s’y répartit par les autres indicateurs",
            "déposez cet indicateur dans indicateurs.csv ou dans le dossier sources",
        )
        for name, regions in absent.items()
    ]


def _lacking(weights: Mapping[str, _Weights]) -> list[Notice]:
    """Tell in how many units an indicator that counts has no value: it weighs nothing there."""
    counts: dict[str, int] = {}
    for found in weights.values():
        for name, number in found.lacking.items():
            counts[name] = counts.get(name, 0) + number
    return [
        Notice(
            "indicateurs",
            0,
            "indicateur",
            f"indicateur « {name} » inconnu dans {plural(number, 'commune', 'communes')} : il n’y "
            "pèse rien dans le besoin composite, ce qui n’est pas zéro",
            "complétez l’indicateur, ou documentez le besoin par les marchés",
        )
        for name, number in sorted(counts.items())
        if number
    ]

"""What must agree between the engine and the naive reference when needs have several origins."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any
from unittest import mock

import agreement
import naive
import naive_hours
import naive_sources
import numpy as np
import shapely
from naive_atoms import projected
from naive_sources import MILLION, Brought, half_up, shared

from coverage.located import atom_shares
from coverage.origins.contributions import MICRO
from coverage.parameters import CLASSES
from geo.crs import legal_epsg

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from naive_atoms import Shape

    from coverage.model import Coverage, Study
    from geo.territory import Territory

NEAR = 1e-6
"""Of a place or of a unit: how far two overlays may measure it differently."""
TIE_DECIMALS = 6

Cell = tuple[str, str]
"""A unit's code and a class."""


@dataclass(frozen=True)
class Reference:
    """What the method makes of the needs of a study.

    Attributes
    ----------
    parts
        (unit, class, programme, source) → whole hours, those of 0 left out.
    """

    brought: tuple[Brought, ...]
    aside_micro: Fraction
    known: Mapping[str, set[str]]
    hours: Mapping[Cell, int]
    parts: Mapping[tuple[str, str, str, str], int]


def reference_of(coverage: Coverage) -> Reference:
    """Return the reference, on the engine's weights of places once they are known to be right."""
    study, territory = coverage.study, coverage.territory
    known = _declared(study, territory)
    found: list[Brought] = list(naive_sources.filed(study, territory))
    aside = naive_sources.other_years(study) * MILLION
    for origin in (naive_sources.contracts, naive_sources.services, naive_sources.projects):
        for each in origin(study, territory):
            if isinstance(each, Brought):
                found.append(each)
            else:
                aside += each
    for each in found:
        for code in each.weights if each.known else ():
            known[code].add(each.class_)
    for each in naive_sources.composite(study, territory, known):
        if isinstance(each, Brought):
            found.append(each)
        else:
            aside += each
    brought = tuple(_on_engine_weights(each, coverage) for each in found)
    parts = _whole_hours(brought, list(map(str, territory.codes)))
    hours: dict[Cell, int] = defaultdict(int)
    for (code, class_, _, _), part in parts.items():
        hours[code, class_] += part
    return Reference(brought, aside, known, dict(hours), parts)


def _declared(study: Study, territory: Territory) -> dict[str, set[str]]:
    empty = replace(study, needs=study.needs.iloc[:0])
    return naive.known_classes(empty, territory)


def _on_engine_weights(brought: Brought, coverage: Coverage) -> Brought:
    """Return the same with the engine's measures of a drawn place, which must be near."""
    dimension = 0 if brought.shape is None else int(shapely.get_dimensions(brought.shape))
    if not dimension or not any(brought.weights.values()):
        return brought
    codes = coverage.territory.codes
    label = f"projet:{brought.spot.removeprefix('projet ')}"
    for place in coverage.need.contributions.places:
        own = {str(codes[u]): Fraction(w) for u, w in zip(place.units, place.weights, strict=True)}
        if place.label == label or (len(own) == 1 and own.keys() == brought.weights.keys()):
            assert _apart(own, brought.weights) < NEAR, (label, own, brought.weights)
            spot = naive_sources.spot_of(own, brought.spot)
            return replace(brought, weights=own, spot=spot)
    raise AssertionError(f"{label} is nowhere in the engine's places")


def _apart(some: Mapping[str, Fraction], others: Mapping[str, Fraction]) -> float:
    totals = [sum(each.values(), Fraction(0)) for each in (some, others)]
    return max(
        abs(float(some.get(code, 0) / totals[0] - others.get(code, 0) / totals[1]))
        for code in {*some, *others}
    )


def _whole_hours(
    brought: Iterable[Brought], codes: list[str]
) -> dict[tuple[str, str, str, str], int]:
    """Round each (spot, class) as a whole, then share it: by unit, then by programme and source."""
    groups: dict[Cell, list[Brought]] = defaultdict(list)
    for each in brought:
        groups[each.spot, each.class_].append(each)
    found: dict[tuple[str, str, str, str], int] = defaultdict(int)
    for (_, class_), members in groups.items():
        total = half_up(Fraction(sum(each.micro for each in members), MILLION))
        rows: dict[tuple[str, str], int] = defaultdict(int)
        for each in members:
            rows[each.programme, each.source] += each.micro
        ordered = sorted(rows.items())
        names = {str(at): Fraction(micro) for at, (_, micro) in enumerate(ordered)}
        weights = {code: members[0].weights[code] for code in codes if code in members[0].weights}
        for code, hours in shared(total, weights).items():
            for at, part in shared(hours, names).items():
                if part:
                    found[code, class_, *ordered[int(at)][0]] += part
    return dict(found)


# --- comparison ---------------------------------------------------------------------------


def agreed_sources(coverage: Coverage) -> Reference:
    """Return the reference once the engine's needs, and all that follows, agree with it."""
    reference = reference_of(coverage)
    _assert_needs(coverage, reference)
    nodes = _nodes(coverage, reference)

    def needs_by_node(*_: object) -> dict[naive.Node, int]:
        return nodes

    def known_classes(*_: object) -> Mapping[str, set[str]]:
        return reference.known

    told = replace(coverage, communes=_without_hours_known(coverage, reference))
    with (
        mock.patch.object(naive, "needs_by_node", needs_by_node),
        mock.patch.object(naive, "known_classes", known_classes),
        mock.patch.object(naive_hours, "known_classes", known_classes),
        mock.patch.object(naive, "status_of", status_of),
    ):
        agreement.agreed(told)
    return reference


def status_of(
    study: Study,
    cover: str,
    known: Collection[str],
    rate: Fraction | None,
    state_rate: Fraction | None,
) -> str:
    """Return the first rule that holds; hours of no known class prove no sufficiency."""
    if cover != "principale":
        return "limitrophe" if cover else "non_couverte"
    if naive.is_short(study, rate, state_rate):
        return "capacite_insuffisante"
    return "couverte" if known else "donnee_manquante"


def _assert_needs(coverage: Coverage, reference: Reference) -> None:
    need, codes = coverage.need, list(map(str, coverage.territory.codes))
    hours = {
        (codes[row], CLASSES[column]): int(need.hours[row, column])
        for row, column in zip(*np.nonzero(need.hours), strict=True)
    }
    assert hours == {cell: value for cell, value in reference.hours.items() if value}
    parts: dict[tuple[str, str, str, str], int] = defaultdict(int)
    for line in need.parts.itertuples():
        parts[codes[line.unit], line.donneur_ordre, line.programme, line.source] += line.hours
    assert parts == reference.parts
    known = {
        code: {name for name, flag in zip(CLASSES, flags, strict=True) if flag}
        for code, flags in zip(codes, need.known, strict=True)
    }
    assert known == reference.known
    brought = sum(each.micro for each in reference.brought)
    assert int(need.contributions.table["micro"].sum()) == brought
    aside = coverage.totals["besoin_ecarte_h"]
    assert aside == float_of(reference.aside_micro), (aside, reference.aside_micro)
    assert math.isclose(
        need.rounding_hours, sum(hours.values()) - brought / MILLION, abs_tol=1e-6, rel_tol=1e-12
    )


def float_of(micro: Fraction) -> Any:  # noqa: ANN401 - pytest.approx has no type
    import pytest  # noqa: PLC0415

    return pytest.approx(float(micro / MICRO), abs=1e-5, rel=1e-12)


def _without_hours_known(coverage: Coverage, reference: Reference) -> Any:  # noqa: ANN401
    """Return the communes, where hours are known of no class told as they are by classes alone."""
    communes = coverage.communes
    labels = []
    for code, label, hours in zip(
        communes.index, communes["besoin_connu"], communes["besoin_h"], strict=True
    ):
        bare = hours > 0 and not reference.known[code]
        assert not bare or label == "partiel", (code, label)
        labels.append("aucun" if bare else label)
    return communes.assign(besoin_connu=labels)


# --- atoms --------------------------------------------------------------------------------


def _nodes(coverage: Coverage, reference: Reference) -> dict[naive.Node, int]:
    """Spread the hours of cut units over their atoms: what is placed goes where it is."""
    need = coverage.need
    engine = atom_shares(need.located, need.contributions.places, need.hours, coverage.atoms)
    keys = agreement.keys_of(coverage)
    by_unit: dict[str, list[int]] = defaultdict(list)
    for row, (code, _) in enumerate(keys):
        by_unit[code].append(row)
    found: dict[naive.Node, int] = {}
    for (code, class_), hours in reference.hours.items():
        rows = by_unit[code]
        if len(rows) == 1:
            parts = [hours]
        else:
            theirs = [float(engine[row, CLASSES.index(class_)]) for row in rows]
            mine = _shares(coverage, reference, code, class_, rows)
            assert max(abs(a - b) for a, b in zip(mine, theirs, strict=True)) < NEAR, (code, class_)
            parts = _by_share(hours, theirs)
        for number, part in enumerate(parts):
            if part:
                found[code if len(rows) == 1 else f"{code}#{number}", class_] = part
    return found


def _by_share(hours: int, shares: list[float]) -> list[int]:
    """Return whole parts by largest remainder, remainders compared at the sixth decimal."""
    parts = [math.floor(hours * share) for share in shares]
    rests = [
        round(hours * share - part, TIE_DECIMALS) for share, part in zip(shares, parts, strict=True)
    ]
    for at in sorted(range(len(parts)), key=lambda at: -rests[at])[: hours - sum(parts)]:
        parts[at] += 1
    return parts


def _shares(
    coverage: Coverage, reference: Reference, code: str, class_: str, rows: list[int]
) -> list[float]:
    area = coverage.atoms.table["share"].to_numpy()[rows]
    epsg = legal_epsg(coverage.territory.units["departement"][code])
    shapes = coverage.atoms.shapes[rows]
    held, placed = np.zeros(len(rows)), 0.0
    for each in reference.brought:
        if each.shape is None or each.class_ != class_ or not each.weights.get(code):
            continue
        here = float(each.micro * each.weights[code] / sum(each.weights.values()) / MILLION)
        inside = _inside(each.shape, shapes, epsg)
        held += here * (inside / inside.sum() if inside.any() else area)
        placed += here
    held += max(reference.hours[code, class_] - placed, 0.0) * area
    return list(held / held.sum())


def _inside(shape: Shape, atoms: Iterable[Shape], epsg: int) -> np.ndarray[Any, Any]:
    """Return what each atom holds of a shape; a point is in the first that holds it."""
    dimension = int(shapely.get_dimensions(shape))
    if dimension == 0:
        held = [bool(shapely.intersects(atom, shape)) for atom in atoms]
        return np.array([flag and not any(held[:at]) for at, flag in enumerate(held)], dtype=float)
    drawn = projected(shape, epsg)
    met = [projected(atom, epsg).intersection(drawn) for atom in atoms]
    return np.array([each.length if dimension == 1 else each.area for each in met])

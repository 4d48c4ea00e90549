"""What must agree between the engine and the naive reference: atoms, communes, zones.

Two overlays of the same drawings never give the same last digits, and a share that moves by
1e-9 may hand the last hour of a commune to another of its atoms, hence move every rate of the
flow by a little. So the atoms are compared first, by unit and signature, with a tolerance; then
the reference decides everything else with the engine's own shares, which are then known to be
right: hours, rates, statuses and zones must agree exactly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import naive
import naive_atoms

from coverage.parameters import CLASSES
from coverage.study import compute

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from naive_atoms import Atom, Parts, Shape, Signature

    from coverage.model import Coverage, Study
    from geo.territory import Territory

SHOWN = 3
SHARE = 1e-6
"""Of the unit's area: how far shares may differ."""
MISPLACED = 1e-4
"""The same of shapes and of areas on the ellipsoid: edges are straight in degrees on one side, in
metres on the other, and scale varies across a unit."""

Difference = tuple[str, str, Any, Any]
"""Place, column, what the reference says, what the engine says."""


def decided(study: Study, territory: Territory) -> Coverage:
    """Return the engine's coverage, once the reference has agreed with it."""
    coverage = compute(study, territory)
    agreed(coverage)
    return coverage


def agreed(coverage: Coverage) -> naive.Reference:
    """Return the reference's decisions on the engine's shares, once both agree."""
    atoms = naive_atoms.atoms_of(coverage.study, coverage.territory)
    _fail_on(list(_atom_differences(coverage, atoms)))
    same = naive_atoms.with_shares(atoms, shares_of(coverage))
    reference = naive.decide(coverage.study, coverage.territory, same)
    assert_agrees(coverage, reference)
    return reference


def assert_agrees(coverage: Coverage, reference: naive.Reference) -> None:
    """Fail with the first differences of each column, if any.

    Where drawings cut units, `agreed` compares what must agree exactly.
    """
    _fail_on(list(_atom_differences(coverage, reference.atoms)))
    _fail_on([*_unit_differences(coverage, reference), *_zone_differences(coverage, reference)])


def _fail_on(found: list[Difference]) -> None:
    by_column: dict[str, list[str]] = {}
    for place, column, expected, got in found:
        text = f"{place} {column}: reference {expected!r}, engine {got!r}"
        by_column.setdefault(column, []).append(text)
    counts = ", ".join(f"{column} {len(texts)}" for column, texts in by_column.items())
    listed = "\n".join(text for texts in by_column.values() for text in texts[:SHOWN])
    assert not found, f"{counts} differences\n{listed}"


# --- atoms --------------------------------------------------------------------------------


def keys_of(coverage: Coverage) -> list[tuple[str, Signature]]:
    """Return the unit and the signature of every atom row of the engine."""
    table, codes = coverage.atoms.table, coverage.territory.codes
    return [
        (str(codes[unit]), coverage.atoms.signatures[signature])
        for unit, signature in zip(table["unit"], table["signature"], strict=True)
    ]


def shares_of(coverage: Coverage) -> dict[tuple[str, Signature], float]:
    shares = coverage.atoms.table["share"].to_list()
    return dict(zip(keys_of(coverage), shares, strict=True))


def _atom_differences(coverage: Coverage, parts: Parts) -> Iterator[Difference]:
    mine = {(atom.unit, atom.signature): atom for atoms in parts.values() for atom in atoms}
    keys = keys_of(coverage)
    if keys != list(mine):
        by_unit: dict[str, list[Signature]] = {code: [] for code in parts}
        for code, signature in keys:
            by_unit[code].append(signature)
        for code, atoms in parts.items():
            expected = [atom.signature for atom in atoms]
            if by_unit[code] != expected:
                shares = [(atom.signature, round(atom.share, 6)) for atom in atoms]
                yield code, "atoms", shares, by_unit[code]
        return
    shares, shapes = coverage.atoms.table["share"].to_list(), coverage.atoms.shapes
    for atom, share, shape in zip(mine.values(), shares, shapes, strict=True):
        if abs(share - atom.share) > SHARE:
            yield atom.place, "share", atom.share, share
        if (shape is None) != (atom.shape is None):
            yield atom.place, "shape", atom.shape, shape
        elif (
            shape is not None and (amiss := _misplaced(coverage.territory, atom, shape)) > MISPLACED
        ):
            yield atom.place, "misplaced share", 0, amiss


def _misplaced(territory: Territory, atom: Atom, shape: Shape) -> float:
    """Return the share of the unit that only one of the two shapes holds."""
    epsg = naive_atoms.legal_epsg(territory.units["departement"][atom.unit])
    apart = naive_atoms.projected(shape, epsg).symmetric_difference(atom.shape)
    return float(apart.area / naive_atoms.unit_shape(territory, atom.unit).area)


# --- communes -----------------------------------------------------------------------------


def _unit_differences(coverage: Coverage, reference: naive.Reference) -> Iterator[Difference]:
    communes = coverage.communes
    if list(communes.index) != list(reference.units):
        yield "", "commune", len(reference.units), len(communes)
        return
    zone_of = {
        place: coverage.zones.index[number]
        for number, places in enumerate(_engine_zones(coverage, reference).values())
        for place in places
    }
    for line, (code, unit) in zip(
        communes.to_dict("records"), reference.units.items(), strict=True
    ):
        expected = {
            "besoin_h": unit.need_h,
            "besoin_etat_h": unit.state_need_h,
            "taux_reponse": unit.rate,
            "taux_reponse_etat": unit.state_rate,
            "statut": unit.statut,
            "mixte": unit.mixte,
            "gravite": unit.gravite,
            "zone_id": zone_of[unit.shown],
            "ratio_simple": unit.ratio_simple,
            "ratio_2sfca": unit.ratio_2sfca,
            "structures": unit.structures,
            "besoin_connu": _known(len(unit.known)),
            "classes_inconnues": tuple(name for name in CLASSES if name not in unit.known),
        }
        for column, value in expected.items():
            if line[column] != value:
                yield code, column, value, line[column]
        for column, cover in PARTS.items():
            # The engine's shares on both sides: they may only be added in another order.
            if abs(line[column] - unit.shares[cover]) > 1e-9:
                yield code, column, unit.shares[cover], line[column]
        if abs(line["servi_h"] - unit.served_h) > 1:
            yield code, "servi_h", float(unit.served_h), line["servi_h"]


PARTS = {"part_principale": "principale", "part_extension": "extension", "part_non_couverte": ""}


def _known(count: int) -> str:
    return {0: "aucun", len(CLASSES): "tous"}.get(count, "partiel")


# --- zones --------------------------------------------------------------------------------


def _engine_zones(coverage: Coverage, reference: naive.Reference) -> dict[str, frozenset[str]]:
    """Return the places of every zone of the engine, in the order of its table."""
    places = list(reference.parts)
    return {
        str(name): frozenset(places[row] for row in coverage.zone_atoms[name])
        for name in coverage.zones.index
    }


def _zone_differences(coverage: Coverage, reference: naive.Reference) -> Iterator[Difference]:
    zones = _engine_zones(coverage, reference)
    engine = set(zones.values())
    for missing in reference.zones - engine:
        yield min(missing), "zone", sorted(missing), None
    for extra in engine - reference.zones:
        yield min(extra), "zone", None, sorted(extra)
    rightly_named = {name: _name(reference, places) for name, places in zones.items()}
    for name, places in zones.items():
        if places in reference.zones:
            yield from _zone_line(coverage.zones.loc[name], name, reference, places)
        alone = list(rightly_named.values()).count(rightly_named[name]) == 1
        # Zones that share région, status and lowest commune carry an atom suffix.
        if name != rightly_named[name] and (alone or not name.startswith(rightly_named[name])):
            yield name, "zone_id", rightly_named[name], name


def _name(reference: naive.Reference, places: frozenset[str]) -> str:
    parts = [reference.parts[place] for place in places]
    lowest = min(part.atom.unit for part in parts)
    region = reference.territory.units.loc[lowest, "region"]
    return f"{region}-{parts[0].statut}-{lowest}"


def _zone_line(
    line: Mapping[str, Any], name: str, reference: naive.Reference, places: frozenset[str]
) -> Iterator[Difference]:
    parts = [reference.parts[place] for place in places]
    deficit = reference.fair_deficit(places)
    expected: dict[str, Any] = {
        "statut": parts[0].statut,
        "communes": tuple(sorted({part.atom.unit for part in parts})),
        "besoin_h": sum(part.readings.need_h for part in parts),
        "besoin_etat_h": sum(part.readings.state_need_h for part in parts),
        "deficit_prouve_h": reference.proved_deficit(places),
    }
    for column, value in expected.items():
        if line[column] != value:
            yield name, column, value, line[column]
    if abs(line["deficit_h"] - deficit) > 1:
        yield name, "deficit_h", float(deficit), line["deficit_h"]
    if abs((line["surface_km2"] or 0) - reference.area_km2(places)) > MISPLACED * sum(
        reference.land_km2[part.atom.unit] for part in parts
    ):
        yield name, "surface_km2", reference.area_km2(places), line["surface_km2"]

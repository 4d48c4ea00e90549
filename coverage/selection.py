"""The part of a result that a study asks to see: everything filed is computed, régions filter."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from coverage.totals import figures

if TYPE_CHECKING:
    from coverage.model import Certificate, Coverage


def select_regions(coverage: Coverage) -> Coverage:
    """Return the coverage limited to the study's régions, with totals of these régions.

    Certificates kept are those that touch a kept zone, and all their ancestors: each can still
    be re-added whole, places outside the régions included.
    """
    regions = coverage.study.regions
    if not regions:
        return coverage
    communes = coverage.communes[coverage.communes["region"].isin(regions)]
    zones = coverage.zones[coverage.zones["region"].isin(regions)]
    parts = coverage.need.parts
    inside = coverage.territory.units["region"].isin(regions).to_numpy()
    return replace(
        coverage,
        communes=communes,
        need=replace(coverage.need, parts=parts[inside[parts["unit"].to_numpy()]]),
        zones=zones,
        zone_atoms={zone: coverage.zone_atoms[zone] for zone in zones.index},
        regions=coverage.regions[coverage.regions.index.isin(regions)],
        certificates=_with_ancestors(coverage, {c for row in zones["certificats"] for c in row}),
        totals={**coverage.totals, **figures(communes, zones)},
    )


def _with_ancestors(coverage: Coverage, wanted: set[str]) -> dict[str, Certificate]:
    kept = set(wanted)
    for name in wanted:
        kept.update(coverage.certificates[name].ancestors)
    return {name: coverage.certificates[name] for name in sorted(kept)}

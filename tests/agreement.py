"""What must agree between the engine and the naive reference, commune by commune."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import naive
from builders import codes_of

from coverage.parameters import CLASSES
from coverage.study import compute

if TYPE_CHECKING:
    from collections.abc import Iterator

    from coverage.model import Coverage, Study
    from geo.territory import Territory

PARTS = {
    "principale": (1.0, 0.0, 0.0),
    "extension": (0.0, 1.0, 0.0),
    "": (0.0, 0.0, 1.0),
}
SHOWN = 3

Difference = tuple[str, str, Any, Any]
"""Place, column, what the reference says, what the engine says."""


def decided(study: Study, territory: Territory) -> Coverage:
    """Return the engine's coverage, once the reference has agreed with it."""
    coverage = compute(study, territory)
    assert_agrees(coverage, naive.decide(study, territory))
    return coverage


def assert_agrees(coverage: Coverage, reference: naive.Reference) -> None:
    """Fail with the first differences of each column, if any."""
    found = [*_unit_differences(coverage, reference), *_zone_differences(coverage, reference)]
    by_column: dict[str, list[str]] = {}
    for place, column, expected, got in found:
        text = f"{place} {column}: reference {expected!r}, engine {got!r}"
        by_column.setdefault(column, []).append(text)
    counts = ", ".join(f"{column} {len(texts)}" for column, texts in by_column.items())
    listed = "\n".join(text for texts in by_column.values() for text in texts[:SHOWN])
    assert not found, f"{counts} differences\n{listed}"


def _unit_differences(coverage: Coverage, reference: naive.Reference) -> Iterator[Difference]:
    communes = coverage.communes
    if list(communes.index) != list(reference.units):
        yield "", "commune", len(reference.units), len(communes)
        return
    for line, (code, unit) in zip(
        communes.to_dict("records"), reference.units.items(), strict=True
    ):
        expected = {
            "part_principale": PARTS[unit.cover][0],
            "part_extension": PARTS[unit.cover][1],
            "part_non_couverte": PARTS[unit.cover][2],
            "besoin_h": unit.need_h,
            "besoin_etat_h": unit.state_need_h,
            "taux_reponse": unit.rate,
            "taux_reponse_etat": unit.state_rate,
            "statut": unit.statut,
            "mixte": False,
            "gravite": unit.gravite,
            "ratio_simple": unit.ratio_simple,
            "ratio_2sfca": unit.ratio_2sfca,
            "structures": unit.structures,
            "besoin_connu": _known(len(unit.known)),
            "classes_inconnues": tuple(name for name in CLASSES if name not in unit.known),
        }
        for column, value in expected.items():
            if line[column] != value:
                yield code, column, value, line[column]
        if abs(line["servi_h"] - unit.served_h) > 1:
            yield code, "servi_h", float(unit.served_h), line["servi_h"]


def _known(count: int) -> str:
    return {0: "aucun", len(CLASSES): "tous"}.get(count, "partiel")


def _zone_differences(coverage: Coverage, reference: naive.Reference) -> Iterator[Difference]:
    zones = {codes_of(coverage.territory, rows): name for name, rows in coverage.zone_units.items()}
    for missing in reference.zones - set(zones):
        yield min(missing), "zone", sorted(missing), None
    for extra in set(zones) - reference.zones:
        yield min(extra), "zone", None, sorted(extra)
    for communes, name in zones.items():
        if communes not in reference.zones:
            continue
        line = coverage.zones.loc[name]
        first = reference.units[min(communes)]
        expected: dict[str, Any] = {
            "statut": first.statut,
            "communes": tuple(sorted(communes)),
            "besoin_h": sum(reference.units[code].need_h for code in communes),
            "besoin_etat_h": sum(reference.units[code].state_need_h for code in communes),
            "deficit_prouve_h": reference.proved_deficit(communes),
        }
        for column, value in expected.items():
            if line[column] != value:
                yield name, column, value, line[column]
        if abs(line["deficit_h"] - reference.fair_deficit(communes)) > 1:
            yield name, "deficit_h", float(reference.fair_deficit(communes)), line["deficit_h"]
        rightly_named = f"{line['region']}-{first.statut}-{min(communes)}"
        if name != rightly_named:
            yield name, "zone_id", rightly_named, name

"""Provenance: what a result was computed from, the same for the same inputs."""

from __future__ import annotations

from dataclasses import asdict, fields
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from coverage.parameters import definitions
from data.results.tables import cell
from geo.version import FORMAT_VERSION, VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from coverage.model import Study
    from geo.territory import Territory


def provenance(study: Study, territory: Territory) -> dict[str, Any]:
    """Return what every result file says of its origin: no clock time, no path."""
    return {
        "programme": "zones-blanches",
        "version": VERSION,
        "format_version": FORMAT_VERSION,
        "etude": study.name,
        "annee": study.year,
        "regions": list(study.regions),
        "fictif": study.fictional,
        "millesime_cog": territory.vintage,
        "parametres": parameters(study),
        "fichiers": [
            {"nom": f.name, "lignes": f.rows, "sha256": f.sha256}
            for f in sorted(study.inputs, key=lambda f: f.name)
        ],
        "sources": [asdict(source) for source in territory.sources],
        "attribution": attribution(territory),
    }


def flattened(value: Any, key: str = "") -> Iterator[tuple[str, str]]:  # noqa: ANN401 - as JSON
    """Yield the leaves of a JSON value with their path, list items numbered from 1.

    >>> list(flattened({"a": [{"b": 2}, {"b": 3}], "c": ["x", "y"]}))
    [('a.1.b', '2'), ('a.2.b', '3'), ('c', 'x|y')]
    """
    if isinstance(value, list) and any(isinstance(item, dict | list) for item in value):
        value = {str(number): item for number, item in enumerate(value, start=1)}
    if isinstance(value, dict):
        for name, item in value.items():
            yield from flattened(item, f"{key}.{name}" if key else name)
    else:
        yield key, cell(value)


def parameters(study: Study) -> dict[str, Any]:
    """Return the value of every parameter, ratios as text (`2/3`)."""
    return {
        item.name: plain(getattr(study.parameters, item.name)) for item in fields(study.parameters)
    }


def parameter_notes() -> dict[str, dict[str, str]]:
    """Return the unit and basis of every parameter, for the summary."""
    return {name: {"unite": d.unit, "fondement": d.basis} for name, d in definitions().items()}


def attribution(territory: Territory) -> str:
    """Return the line that stands on every map and export."""
    return " ; ".join(
        f"{s.name} ({s.publisher}, {s.vintage}, {s.licence})" for s in territory.sources
    )


def plain(value: object) -> Any:  # noqa: ANN401 - whatever JSON can say
    """Return a value as JSON says it: exact ratios as text, tuples as lists."""
    if isinstance(value, Fraction):
        return int(value) if value.denominator == 1 else str(value)
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    return value

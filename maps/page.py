"""The words around the map: header, legend, summary, accessible table, parameters, sources."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from markupsafe import Markup

from coverage.wording import STATUS_NAMES
from coverage.wording import whole as integer
from maps.numbers import counted, study_title
from maps.parameter_lines import parameter_lines
from maps.statuses import (
    HOLE,
    MIXED_LABEL,
    STYLES,
    Style,
    mixed,
    swatch,
)
from maps.summary import summary
from maps.tables import whole
from maps.templating import page_environment
from maps.zone_lines import zone_lines

if TYPE_CHECKING:
    import jinja2

    from maps.scope import Scope
    from maps.shapes import MapShapes

FOLDER = Path(__file__).parent / "page"
SHARED = Path(__file__).parent / "script"
"""Scripts that the offline map and the application's map have in common."""

_MAIN_PARAMETERS = frozenset(
    {"heures_par_etp", "seuil_reponse", "seuil_reponse_etat", "seuil_besoin_h"}
)
_WARNINGS_SHOWN = 12


@dataclass(frozen=True)
class LegendLine:
    """A style, with the communes that have it."""

    style: Style
    swatch: Markup
    communes: int
    population: int


def render_body(scope: Scope, shapes: MapShapes, *, data: str, version: str) -> str:
    """Return the HTML of the page, with `<!-- carte -->` where the map goes.

    Parameters
    ----------
    data
        JSON in which no `<` is left.
    version
        Of the program.
    """
    coverage = scope.coverage
    words: dict[str, Any] = {
        "study": coverage.study,
        "title": study_title(coverage.study.name, coverage.study.year),
        "sources": coverage.territory.sources,
        "vintage": coverage.territory.vintage,
        "version": version,
        "places": shapes.places,
        "data": Markup(data),  # noqa: S704 - every < of it is escaped by the caller
        "without_shape": _without_shape(scope, shapes),
        "drawn": shapes.drawn,
        "drawn_count": sum(line.count for line in shapes.drawn),
        **summary(scope),
        **_zone_tables(scope, shapes),
        **_legend(scope, shapes),
        **_parameters(scope),
        **_warnings(scope),
    }
    return _environment().get_template("body.html").render(words)


@lru_cache(maxsize=1)
def _environment() -> jinja2.Environment:
    environment = page_environment(FOLDER)
    environment.filters["counted"] = counted
    environment.filters["integer"] = integer
    return environment


def _zone_tables(scope: Scope, shapes: MapShapes) -> dict[str, Any]:
    zones = scope.zones
    kept = zones["retenue"].to_numpy(dtype=bool)
    waiting = zones["en_attente"].to_numpy(dtype=bool) & ~kept
    inside = np.isin(scope.zone_of, np.flatnonzero(kept))
    return {
        "kept": zone_lines(scope, shapes, kept, by="deficit_h"),
        "kept_communes": int(inside.sum()),
        "kept_population": sum(n or 0 for n in whole(scope.communes["population"][inside])),
        "waiting": zone_lines(scope, shapes, waiting, by="population"),
    }


def _legend(scope: Scope, shapes: MapShapes) -> dict[str, Any]:
    counts, inhabitants = [0] * len(STYLES), [0] * len(STYLES)
    populations = whole(scope.communes["population"])
    for style, population in zip(scope.styles, populations, strict=True):
        counts[style] += 1
        inhabitants[style] += population or 0
    rows = zip(STYLES, counts, inhabitants, strict=True)
    return {
        "legend": [LegendLine(style, swatch(style), *numbers) for style, *numbers in rows],
        "by_commune": scope.by_commune,
        "mixed_swatch": swatch(mixed(STYLES[-1])),
        "mixed_label": MIXED_LABEL,
        "mixed_count": len(shapes.hatched),
        "cut_count": len(np.unique(scope.atoms.commune[scope.atoms.cut])),
        "holes": len(shapes.holes),
        "hole_swatch": swatch(HOLE),
    }


def _parameters(scope: Scope) -> dict[str, Any]:
    lines = parameter_lines(scope.coverage.study.parameters)
    return {
        "parameters": lines,
        "main_parameters": [line for line in lines if line.name in _MAIN_PARAMETERS],
    }


def _warnings(scope: Scope) -> dict[str, Any]:
    warnings = [str(warning) for warning in scope.coverage.warnings]
    return {
        "warnings": warnings[:_WARNINGS_SHOWN],
        "warnings_left": max(0, len(warnings) - _WARNINGS_SHOWN),
    }


def _without_shape(scope: Scope, shapes: MapShapes) -> list[tuple[str, str]]:
    frame = scope.communes
    missing = np.array([anchor is None for anchor in shapes.anchors], dtype=bool)
    rows = frame[missing]
    return [
        (f"{name} ({code})", STATUS_NAMES[status])
        for code, name, status in zip(rows.index, rows["nom"], rows["statut"], strict=True)
    ]

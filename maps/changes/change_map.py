"""The map of changes: the communes in each state, and what differs from one state to another.

One HTML file that opens without any network. Communes that some state tells apart are drawn one
by one; the others are united by département and look.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import folium
import numpy as np
import orjson
from folium.template import Template
from markupsafe import Markup

from coverage.parameters import CLASSES, STATE_CLASSES
from coverage.status import STATUTS
from coverage.wording import STATUS_NAMES
from coverage.wording import whole as integer
from geo.dissolve import simplify
from geo.version import VERSION
from maps.anchors import commune_anchors
from maps.changes.states import CHANGES, RATES, UNMEASURED, changes, moved, shares, tally
from maps.encoding import encode_shapes
from maps.numbers import NO_NEED, UNKNOWN, counted, percent, study_title
from maps.offline import OfflineMap
from maps.page import SHARED
from maps.pieces import TOLERANCE_ZONES_DEG, array_of, united
from maps.scope import credit_of
from maps.shapes import context_shapes, hole_shapes, outlined, outlines_of, places_of
from maps.statuses import HOLE, MIXED_LABEL, STYLES, TILE, mixed, pattern, swatch
from maps.tables import known_hours, whole
from maps.templating import page_environment

if TYPE_CHECKING:
    from collections.abc import Sequence

    import jinja2
    from numpy.typing import NDArray

    from coverage.palette import Style
    from maps.changes.states import State
    from maps.scope import Scope

FOLDER = Path(__file__).parent
PAGE = FOLDER.parent / "page"
SCRIPTS = (
    *(SHARED / name for name in ("codec.js", "search.js", "frame.js")),
    FOLDER / "changes.js",
)
SHEET = PAGE / "map.css"


class ChangeLayers(folium.MacroElement):
    """The layers and controls of the page, started once the map stands."""

    _template = Template(
        "{% macro script(this, kwargs) %}ZB.compare({{ this._parent.get_name() }});{% endmacro %}"
    )


@dataclass(frozen=True)
class Heading:
    """The words that open the page.

    Attributes
    ----------
    title, lead
        What is compared, in French.
    table
        The file of figures by commune that goes with the map.
    """

    title: str
    lead: str
    table: str


def build_change_map(states: Sequence[State], heading: Heading) -> str:
    """Return the map of some states of one study, the first one being today's.

    Raises
    ------
    DataUnavailableError
        When Leaflet has not been fetched (`make assets`).
    """
    kept = tuple(states)
    own = moved(kept)
    study = kept[0].coverage.study
    page = OfflineMap(
        title=f"{heading.title} – {study_title(study.name, study.year)}",
        body=_body(kept, heading, own),
        styles=(SHEET.read_text(encoding="utf-8"),),
        scripts=("\n".join(path.read_text(encoding="utf-8") for path in SCRIPTS),),
        label=f"{heading.title} ; le même contenu figure dans le tableau qui suit",
    )
    page.add_child(ChangeLayers(), name="changes")  # type: ignore[no-untyped-call] # folium leaves it untyped
    return str(page.get_root().render())


def _body(states: tuple[State, ...], heading: Heading, own: NDArray[np.bool_]) -> str:
    first = states[0]
    study, territory = first.coverage.study, first.coverage.territory
    drawn = _shapes(first.scope, own)
    words: dict[str, Any] = {
        "heading": heading,
        "title": f"{heading.title} – {study_title(study.name, study.year)}",
        "study": study,
        "states": states,
        "places": places_of(drawn["regions"]),
        "styles": [(style, swatch(style)) for style in STYLES],
        "changes": [(style, swatch(style)) for style in CHANGES],
        "mixed_label": MIXED_LABEL,
        "mixed_swatch": swatch(mixed(STYLES[-1])),
        "mixed_count": max(int(state.mixed.sum()) for state in states),
        "statuses": _statuses(states),
        "differences": _differences(states),
        "moved": int(own.sum()),
        "total": len(first.communes),
        "sources": territory.sources,
        "vintage": territory.vintage,
        "version": VERSION,
        "data": Markup(_data(states, own, drawn)),  # noqa: S704 - every < of it is escaped
    }
    return _environment().get_template("changes.html").render(words)


@lru_cache(maxsize=1)
def _environment() -> jinja2.Environment:
    environment = page_environment(FOLDER, PAGE)
    environment.filters["counted"] = counted
    environment.filters["integer"] = integer
    return environment


def _statuses(states: Sequence[State]) -> list[dict[str, Any]]:
    """Return, for each status, the communes and the inhabitants of each state."""
    held = []
    for state in states:
        ranks = state.communes["statut"].map(STATUTS.index).tolist()
        held.append(tally(ranks, state, len(STATUTS)))
    return [
        {"name": STATUS_NAMES[status], "by_state": [own[rank] for own in held]}
        for rank, status in enumerate(STATUTS)
    ]


def _differences(states: Sequence[State]) -> list[dict[str, Any]]:
    """Return, for each change, the communes and inhabitants that each state changes so."""
    held = [tally(changes(states[0], state), state, len(CHANGES)) for state in states[1:]]
    return [
        {"label": style.label, "by_state": [own[rank] for own in held]}
        for rank, style in enumerate(CHANGES)
    ]


def _shapes(scope: Scope, own: NDArray[np.bool_]) -> dict[str, Any]:
    """Return the pieces of the map: communes alone where `own`, the rest united by their look."""
    rows = np.arange(len(own)).astype(str)
    looks = np.array(scope.styles) * 2 + scope.communes["mixte"].to_numpy(dtype=bool)
    shared = np.char.add(np.char.add(scope.departements, "/"), looks.astype(str))
    keys = np.where(own, np.char.add("=", rows), shared)
    merged = united(scope.shapes, keys)
    first = np.unique(keys, return_index=True)[1]
    shapes = simplify(array_of(merged), tolerance=TOLERANCE_ZONES_DEG)
    alone = own[first]
    return {
        "communes": dict(zip(first[alone].tolist(), encode_shapes(shapes[alone]), strict=True)),
        "patches": encode_shapes(shapes[~alone]),
        "patch_of": first[~alone],
        "departements": united(shapes, scope.departements[first]),
        "regions": united(shapes, scope.regions[first]),
    }


def _data(states: tuple[State, ...], own: NDArray[np.bool_], drawn: dict[str, Any]) -> str:
    """Return what the page reads, as JSON that cannot close its script tag."""
    first = states[0]
    scope, names = first.scope, first.coverage.territory.names
    patch_of = drawn["patch_of"]
    content: dict[str, Any] = {
        "communes": {
            "code": " ".join(first.communes.index),
            "name": first.communes["nom"].tolist(),
            "population": whole(first.communes["population"]),
            "need": known_hours(first.communes["besoin_h"], _unknown(first), CLASSES),
            "anchor": commune_anchors(scope, []),
            "moved": own.astype(int).tolist(),
        },
        "states": [_state(state) for state in states],
        "rates": [
            _rates(states, name, classes)
            for name, classes in zip(RATES, (CLASSES, STATE_CLASSES), strict=True)
        ],
        "progress": [STATUTS.index(style.status) for style in STYLES],
        "unknownStatus": STATUTS.index(UNMEASURED),
        "styles": [_style(style) for style in STYLES],
        "changes": [_style(style) for style in CHANGES],
        "hole": pattern(HOLE),
        "tile": TILE,
        "drawn": {"row": list(drawn["communes"]), "shape": list(drawn["communes"].values())},
        "patches": {"row": patch_of.tolist(), "shape": drawn["patches"]},
        "departements": outlined(outlines_of(drawn["departements"], names["departement"])),
        "regions": outlined(outlines_of(drawn["regions"], names["region"])),
        "places": [place.bounds for place in places_of(drawn["regions"])],
        "context": context_shapes(scope),
        "holes": hole_shapes(scope),
        "credit": credit_of(scope),
    }
    return orjson.dumps(content).decode().replace("<", "\\u003c")


def _state(state: State) -> dict[str, Any]:
    row_of = {unit: row for row, unit in enumerate(state.scope.units.tolist())}
    own = {row_of[unit]: names for unit, names in state.posts.items() if unit in row_of}
    labels = sorted({name for names in own.values() for name in names})
    rank = {label: number for number, label in enumerate(labels)}
    return {
        "label": state.label,
        "style": state.scope.styles,
        "mixed": shares(state),
        "served": whole(state.communes["servi_h"]),
        "posts": labels,
        "postsOf": {str(row): [rank[name] for name in own[row]] for row in sorted(own)},
    }


def _rates(states: Sequence[State], name: str, classes: Sequence[str]) -> dict[str, Any]:
    """Return the distinct rates in words, the lowest first, and the rank of each commune's.

    Where there is no rate, the rank is −1 when there is no need, −2 when it is unknown.
    """
    columns = [state.answered(name) for state in states]
    distinct = sorted({rate for column in columns for rate in column if rate is not None})
    rank = {rate: number for number, rate in enumerate(distinct)}
    return {
        "text": [percent(rate) for rate in distinct],
        "none": [NO_NEED, UNKNOWN],
        "rank": [
            [
                rank[rate] if rate is not None else -1 if missing.isdisjoint(classes) else -2
                for rate, missing in zip(column, _unknown(state), strict=True)
            ]
            for column, state in zip(columns, states, strict=True)
        ],
    }


def _unknown(state: State) -> list[frozenset[str]]:
    return [frozenset(classes) for classes in state.communes["classes_inconnues"]]


def _style(style: Style) -> dict[str, Any]:
    return {
        "key": style.key,
        "label": style.label,
        "short": style.short,
        "plain": pattern(style),
        "mixed": pattern(mixed(style)),
    }

"""The layers of a static map that are sites: State services, large projects, names of communes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from coverage.wording import plural, whole
from maps.dossiers.frame import HEIGHT, WIDTH
from maps.dossiers.layers import SWATCH, Layer, spot_of
from maps.dossiers.letters import width
from maps.dossiers.printable import printable
from maps.dossiers.svg import INK, fixed, label

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd
    from numpy.typing import NDArray

    from maps.dossiers.ground import Ground
    from maps.dossiers.layers import Spot

SERVICES_DRAWN = 150
PROJECTS_DRAWN = 4
NAMES_DRAWN = 7
NAME_SIZE = 7.0
_LINE = 9
"""Height that a name takes, in points."""

_PROJECT = "#00695c"
_LETTERS = "ABCD"
_LETTER = {"fill": _PROJECT, "font_weight": "bold", "text_anchor": "middle"}
_MARKS = {
    "non": (
        "service de l’État non accompagné",
        '<path d="M0-3.4L3.2 2.4H-3.2z" fill="#fff" stroke="#000" stroke-width=".9"/>',
    ),
    "inconnu": (
        "service de l’État, accompagnement inconnu",
        '<circle r="2.5" fill="#fff" stroke="#000" stroke-width=".8" stroke-dasharray="1.2 .8"/>',
    ),
    "oui": (
        "service de l’État accompagné",
        f'<rect x="-2" y="-2" width="4" height="4" fill="{INK}" stroke="#fff" stroke-width=".5"/>',
    ),
}
"""How a service is drawn by whether it is accompanied, what calls for a look on top."""


def services(ground: Ground) -> Layer:
    """Draw State services, those of the claim first; how many are left out is told."""
    filed = ground.bench.coverage.need.sites.services
    if filed is None:
        return Layer(
            entries=(("", "services de l’État : inconnus, aucun fichier n’en parle"),), rank=4
        )
    near = filed[filed["unit"].isin(ground.units)].drop_duplicates("service_id")
    points = _positions(near, ground)
    seen = np.flatnonzero(((points >= 0) & (points <= (WIDTH, HEIGHT))).all(axis=1))
    near, points = near.iloc[seen], points[seen]
    asked = near["unit"].isin(ground.claimed).to_numpy()
    order = np.argsort(~asked, kind="stable")[:SERVICES_DRAWN]
    states = near["accompagne"].to_numpy(dtype=object)
    drawings, entries = [], []
    for state, (words, mark) in reversed(_MARKS.items()):
        own = [row for row in order.tolist() if states[row] == state]
        drawings += [
            f'<g transform="translate({fixed(x)} {fixed(y)})">{mark}</g>' for x, y in points[own]
        ]
        if own:
            inside = int(asked[own].sum())
            middle = f'<g transform="translate({SWATCH[0] / 2:g} {SWATCH[1] / 2:g})">{mark}</g>'
            entries.append(
                (middle, f"{words} ({whole(len(own))}, dont {whole(inside)} dans la demande)")
            )
    left = len(near) - len(order)
    if left:
        noun = plural(left, "autre service non dessiné", "autres services non dessinés")
        entries.append(("", noun))
    return Layer("".join(drawings), tuple(reversed(entries)), rank=4)


def projects(ground: Ground) -> Layer:
    """Draw the influence of large projects, those that touch the claim first, by a letter."""
    sites = ground.bench.coverage.need.sites
    if sites.projects is None:
        return Layer(entries=(("", "grands projets : inconnus, aucun fichier n’en parle"),), rank=3)
    near = sites.projects[sites.projects["unit"].isin(ground.units)]
    touched = {
        str(name): (int(rows["unit"].isin(ground.claimed).sum()), rows)
        for name, rows in near.groupby("projet_id")
    }
    ordered = sorted(touched, key=lambda name: (-touched[name][0], name))
    names = dict(zip(sites.names["projet_id"], sites.names["nom"], strict=True))
    stroke = (
        f'fill="none" stroke="{_PROJECT}" stroke-width="1.3" stroke-dasharray=".4 2.2" '
        'stroke-linecap="round"'
    )
    drawings: list[str] = []
    entries: list[tuple[str, str]] = []
    spots: list[Spot] = []
    hidden = 0
    for name in ordered:
        outline = _influence(touched[name][1], ground)
        spot = spot_of(outline, ground)
        if spot is None or len(entries) == PROJECTS_DRAWN:
            hidden += 1
            continue
        letter = _LETTERS[len(entries)]
        spots.append(spot)
        drawings.append(f'<path d="{ground.path([outline])}" {stroke}/>')
        drawings.append(label(spot[0], spot[1] + 2.4, letter, size=8, **_LETTER))
        swatch = f'<path d="M0 {SWATCH[1] / 2:g}H{SWATCH[0]:g}" {stroke}/>'
        entries.append((swatch, f"{letter}. grand projet : {names.get(name, name)}"))
    if hidden:
        noun = plural(
            hidden, "autre grand projet non dessiné", "autres grands projets non dessinés"
        )
        entries.append(("", noun))
    return Layer("".join(drawings), tuple(entries), spots=tuple(spots), rank=3)


def names(ground: Ground, taken: Iterable[Spot]) -> Layer:
    """Write the names of the most peopled communes of the claim, where they cover nothing.

    Parameters
    ----------
    taken
        Where the other layers write.
    """
    territory = ground.bench.coverage.territory
    shapes, written = territory.units.geometry.to_numpy(), territory.units["name"].to_numpy()
    people = territory.population
    ordered = sorted(ground.claimed, key=lambda unit: (-people[unit], unit))
    spots, drawings = list(taken), []
    for unit in ordered[: 4 * NAMES_DRAWN]:
        x, y = ground.frame.point(shapely.point_on_surface(shapes[unit]))
        half = width(printable(written[unit]), NAME_SIZE) / 2
        x = min(max(x, half + 2), WIDTH - half - 2)
        if all(abs(y - v) > _LINE or abs(x - u) > half + other for u, v, other in spots):
            spots.append((x, y, half))
            drawings.append(
                label(x, y + 2.2, written[unit], size=NAME_SIZE, fill="#000", text_anchor="middle")
            )
        if len(drawings) == NAMES_DRAWN:
            break
    return Layer("".join(drawings))


def _positions(services: pd.DataFrame, ground: Ground) -> NDArray[np.float64]:
    """Return where services are on the page, as filed or inside their commune, else infinite."""
    shapes = ground.bench.coverage.territory.units.geometry.to_numpy()
    filed = shapely.points(services[["lon", "lat"]].to_numpy(dtype=np.float64))
    placed = services["lon"].notna().to_numpy()
    points = np.where(placed, filed, shapely.point_on_surface(shapes[services["unit"]]))
    found = np.full((len(points), 2), np.inf)
    known = ~shapely.is_missing(points)
    found[known] = shapely.get_coordinates(ground.frame.on_page(points[known]))
    return found


def _influence(rows: pd.DataFrame, ground: Ground) -> object:
    """Return what a project touches in the window: its drawing, or its communes."""
    drawn = [shape for shape in rows["shape"] if shape is not None]
    if drawn:
        return shapely.union_all(drawn)
    shapes = ground.bench.coverage.territory.units.geometry.to_numpy()[rows["unit"]]
    return shapely.union_all(shapely.simplify(shapes, ground.frame.tolerance_deg))

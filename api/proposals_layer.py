"""The layer of the posts proposed, offered once the proposals of a study are computed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from api.proposed import NAME, Proposed
from coverage.proposals.justification import GROUND_NAMES
from coverage.proposals.limits import KEPT
from coverage.wording import decimal, listing, plural, whole
from maps.web.layers import Group, Item, Layer, Sign

if TYPE_CHECKING:
    from collections.abc import Sequence

    from api.background import Background
    from api.studies import OpenStudy
    from coverage.proposals.model import Option, Ranked
    from geo.territory import Territory

BOTH, LIST, PLAN, NEITHER = "liste_et_plan", "liste", "plan", "aucun"

_GROUPS = (
    Group(BOTH, "financés par la liste et au plan exact", Sign("M0,-6L6,6H-6Z", "#12508f")),
    Group(LIST, "financés par la liste seule", Sign("M-5,-5H5V5H-5Z", "#0f766e", (8, 3))),
    Group(PLAN, "au plan exact seul", Sign("M0,-6L6,0L0,6L-6,0Z", "#8a4b00", (3, 3))),
    Group(
        NEITHER, "classés, non financés", Sign("M-5,0a5,5 0 1,0 10,0a5,5 0 1,0 -10,0Z", "#4a5361")
    ),
)


def proposed_of_study(study: OpenStudy) -> Proposed | None:
    """Return the proposals of a study, None while they are not computed."""
    background: Background[Proposed] | None = study.peek(NAME)
    return None if background is None else background.result


def layer_ready(study: OpenStudy) -> bool:
    """Tell whether the proposals are there to be drawn."""
    return proposed_of_study(study) is not None


def layer_version(study: OpenStudy) -> str:
    """Return the tag of the computation drawn."""
    proposed = proposed_of_study(study)
    return "" if proposed is None else proposed.tag


def proposals_layer(study: OpenStudy, region: str) -> Layer:
    """Return the new posts ranked, those of one structure at one place as one thing.

    Posts kept from an earlier call and coordinators have no place of their own: they are told.
    """
    proposed = proposed_of_study(study)
    named = ("propositions", "Postes proposés", "poste", "postes")
    if proposed is None:
        return Layer(*named, unknown="les propositions ne sont pas encore calculées")
    territory = study.coverage.territory
    shown = study.ground.shown_units(region)
    places: dict[tuple[str, tuple[int, ...]], list[Ranked]] = {}
    left, elsewhere = [], 0
    for row in proposed.found.ranked:
        option = row.option
        if not option.units:
            why = "poste conservé, déjà en place" if option.origin == KEPT else "sans périmètre"
            left.append((f"{option.structure_name} ({option.option_id})", why))
        elif not shown[list(option.units)].any():
            elsewhere += 1
        else:
            places.setdefault((option.structure_id, option.units), []).append(row)
    items = []
    for rows in places.values():
        at = _anchor(rows[0].option, territory)
        if at is None:
            left += [(row.option.option_id, "communes sans contour") for row in rows]
        else:
            items += [_item(own, rows, proposed, at, territory) for own in rows]
    return Layer(*named, groups=_GROUPS, items=tuple(items), left=tuple(left), elsewhere=elsewhere)


def _item(
    row: Ranked,
    rows: Sequence[Ranked],
    proposed: Proposed,
    at: tuple[float, float],
    territory: Territory,
) -> Item:
    option, found = row.option, proposed.found
    planned = found.position[option.option_id] in found.plan.chosen
    group = {(True, True): BOTH, (True, False): LIST, (False, True): PLAN}.get(
        (row.funded, planned), NEITHER
    )
    ranks = listing(whole(own.rank) for own in rows)
    codes = tuple(map(str, territory.codes[list(option.units)]))
    return Item(
        identifier=option.option_id,
        title=option.structure_name,
        group=group,
        regions=tuple(sorted({str(r) for r in territory.units["region"].iloc[list(option.units)]})),
        facts=(
            ("Rang", f"{whole(row.rank)} (à cet endroit : {ranks})"),
            ("Poste", f"{decimal(option.etp, 2)} ETP, {option.option_id}"),
            ("Motif", GROUND_NAMES[option.ground]),
            ("Gain", f"{whole(row.gains[2])} h, dont {whole(row.gains[0])} prioritaires"),
            ("Périmètre", plural(len(codes), "commune", "communes")),
        ),
        lon=at[0],
        lat=at[1],
        communes=codes if row is rows[0] else (),
    )


def _anchor(option: Option, territory: Territory) -> tuple[float, float] | None:
    """Return a point of the most populated commune of a perimeter that has a shape."""
    units = np.array(option.units, dtype=np.int64)
    shapes = np.asarray(territory.units.geometry.values, dtype=object)[units]
    drawn = units[[shape is not None for shape in shapes]]
    if not len(drawn):
        return None
    most = int(drawn[np.argmax(territory.population[drawn])])
    inside = shapely.point_on_surface(territory.units.geometry.iloc[most])
    return float(shapely.get_x(inside)), float(shapely.get_y(inside))

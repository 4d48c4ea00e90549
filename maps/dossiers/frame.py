"""Where a static map looks: a window in the legal projection of the place, drawn on paper."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from math import atan2, degrees
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from pyproj import CRS
from shapely import affinity

from geo.crs import legal_epsg, to_wgs84
from geo.errors import CrsError
from geo.planes import image

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from geo.territory import Territory

WIDTH, HEIGHT = 298.0, 270.0
"""Of the drawing, in points of the page."""

_MARGIN = 0.14
_LEAST_M = 8_000.0
_STEP_DEG = 0.01
_BAR_MOST = 90.0
_ROUND = (5, 2, 1)


@dataclass(frozen=True)
class Frame:
    """A window of the ground and its scale.

    Attributes
    ----------
    epsg
        Legal projection of the place.
    west, north
        Upper left corner, in metres of the projection.
    metres
        Metres of the ground for one point of the page.
    """

    epsg: int
    west: float
    north: float
    metres: float

    def on_page(self, shapes: NDArray[np.object_]) -> NDArray[np.object_]:
        """Return WGS84 geometries in points of the page, y downwards; None stays None."""
        drawn: NDArray[np.object_] = shapely.transform(
            image(shapes, self.epsg),
            lambda xy: (xy - (self.west, self.north)) / (self.metres, -self.metres),
        )
        return drawn

    def point(self, place: Any) -> tuple[float, float]:  # noqa: ANN401 - no types in shapely
        """Return a WGS84 point on the page."""
        x, y = shapely.get_coordinates(self.on_page(np.array([place], dtype=object)))[0].tolist()
        return x, y

    @property
    def window(self) -> Any:  # noqa: ANN401 - shapely publishes no types
        """The ground seen, as a polygon of WGS84."""
        box = shapely.box(
            self.west,
            self.north - HEIGHT * self.metres,
            self.west + WIDTH * self.metres,
            self.north,
        )
        return to_wgs84(np.array([box], dtype=object), CRS.from_epsg(self.epsg))[0]

    @property
    def tolerance_deg(self) -> float:
        """What simplifying may change unseen: nine tenths of a point, in degrees."""
        return 0.9 * self.metres / 111_000

    @property
    def north_deg(self) -> float:
        """Angle of the geographic north from the vertical in the middle, clockwise."""
        middle = shapely.centroid(self.window)
        (x, y), (u, v) = self.point(middle), self.point(affinity.translate(middle, 0, _STEP_DEG))
        return degrees(atan2(u - x, y - v))

    def bar(self) -> tuple[int, float]:
        """Return a round length in metres for the scale bar, and its length on the page."""
        most = _BAR_MOST * self.metres
        power = 10 ** int(np.floor(np.log10(most)))
        length = next(step * power for step in _ROUND if step * power <= most)
        return int(length), length / self.metres


def frame_of(units: Sequence[int], territory: Territory) -> tuple[Frame, tuple[int, ...]] | None:
    """Return the window on units and those that it shows; None when none has a contour.

    Where units have several legal projections, the one of most of them is taken.
    """
    shapes = territory.units.geometry.to_numpy()
    departement = territory.units["departement"].to_numpy(dtype=object)
    systems = {unit: _system(departement[unit]) for unit in units if shapes[unit] is not None}
    counted = Counter(epsg for epsg in systems.values() if epsg)
    if not counted:
        return None
    epsg = min(counted, key=lambda code: (-counted[code], code))
    shown = tuple(unit for unit, own in systems.items() if own == epsg)
    bounds = shapely.total_bounds(image(shapes[list(shown)], epsg))
    return _around(bounds, epsg), shown


def _system(departement: str) -> int | None:
    try:
        return legal_epsg(departement)
    except CrsError:
        return None


def _around(bounds: NDArray[np.float64], epsg: int) -> Frame:
    west, south, east, north = bounds.tolist()
    wide = max((east - west) * (1 + 2 * _MARGIN), _LEAST_M)
    high = max((north - south) * (1 + 2 * _MARGIN), _LEAST_M)
    metres = max(wide / WIDTH, high / HEIGHT)
    return Frame(
        epsg,
        (west + east) / 2 - WIDTH * metres / 2,
        (south + north) / 2 + HEIGHT * metres / 2,
        metres,
    )

"""A live index of places: who covers this point, who meets this box, while people edit."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any

import shapely
from rtree.index import Index

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    Box = tuple[float, float, float, float]


class LiveIndex:
    """Geometries by number, found by place; insertions and deletions are seen at once.

    Answers are exact (the boxes of the R-tree are only a first sieve) and threads may share one
    index: the tree is not safe for that by itself, so a lock guards it.

    Parameters
    ----------
    entries
        Numbers and geometries in WGS84; those without geometry, or empty, are left out.

    Raises
    ------
    ValueError
        When a number comes twice.

    Examples
    --------
    >>> index = LiveIndex([(7, shapely.box(0, 0, 2, 2))])
    >>> index.insert(8, shapely.box(1, 1, 3, 3))
    >>> index.covering(1.5, 1.5)
    (7, 8)
    >>> index.delete(7)
    >>> index.covering(1.5, 1.5)
    (8,)
    """

    def __init__(self, entries: Iterable[tuple[int, Any]] = ()) -> None:
        self._lock = Lock()
        self._shapes: dict[int, Any] = {}
        for number, geometry in entries:
            if geometry is not None and not geometry.is_empty:
                self._keep(number, geometry)
        # An R-tree cannot be loaded from an empty stream.
        self._tree = Index(self._stream()) if self._shapes else Index()

    def __len__(self) -> int:
        return len(self._shapes)

    def __contains__(self, number: object) -> bool:
        return number in self._shapes

    def insert(self, number: int, geometry: Any) -> None:  # noqa: ANN401 - shapely has no types
        """Add a geometry under a free number.

        Raises
        ------
        ValueError
            When the number is taken, or the geometry is missing or empty.
        """
        if geometry is None or geometry.is_empty:
            raise ValueError(f"géométrie vide pour l’objet {number}")
        with self._lock:
            self._keep(number, geometry)
            self._tree.insert(number, geometry.bounds)

    def delete(self, number: int) -> None:
        """Remove a geometry.

        Raises
        ------
        KeyError
            When the number is not there.
        """
        with self._lock:
            geometry = self._shapes.pop(number)
            self._tree.delete(number, geometry.bounds)

    def covering(self, lon: float, lat: float) -> tuple[int, ...]:
        """Return the sorted numbers of the geometries that hold a point, border included."""
        return tuple(
            number
            for number, shape in self._near((lon, lat, lon, lat))
            if shapely.intersects_xy(shape, lon, lat)
        )

    def intersecting(self, bbox: Box) -> tuple[int, ...]:
        """Return the sorted numbers of the geometries that meet a box, border included.

        Parameters
        ----------
        bbox
            West, south, east, north, in degrees.

        Raises
        ------
        ValueError
            When west is not under east or south under north.
        """
        west, south, east, north = bbox
        if not (west <= east and south <= north):
            raise ValueError(f"boîte {bbox} : attendu ouest ≤ est et sud ≤ nord, longitude d’abord")
        frame = shapely.box(*bbox)
        return tuple(
            number for number, shape in self._near(bbox) if shapely.intersects(shape, frame)
        )

    def _near(self, bbox: Box) -> list[tuple[int, Any]]:
        """Return the entries whose box meets `bbox`, sorted by number."""
        with self._lock:
            return [
                (number, self._shapes[number]) for number in sorted(self._tree.intersection(bbox))
            ]

    def _keep(self, number: int, geometry: Any) -> None:  # noqa: ANN401 - shapely has no types
        if number in self._shapes:
            raise ValueError(f"l’objet {number} est déjà dans l’index")
        self._shapes[number] = geometry

    def _stream(self) -> Iterator[tuple[int, Box, None]]:
        for number, geometry in self._shapes.items():
            yield number, geometry.bounds, None

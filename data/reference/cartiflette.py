"""Boundaries already fetched: `cartiflette`, or any declared source whose use is `contours`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from data.fetch.copies import verified
from data.reference.sources import CONTOURS, HTTP, sources
from geo.errors import DataUnavailableError

if TYPE_CHECKING:
    from pathlib import Path

    from data.reference.sources import DeclaredSource

_PACKED = ".7z"


def contour_keys() -> list[str]:
    """Return the keys of the sources of boundaries that are fetched on demand."""
    return [
        key for key, source in sources().items() if source.kind == HTTP and source.use == CONTOURS
    ]


def fetched_contours(key: str) -> tuple[Path, DeclaredSource]:
    """Return the cached file of a source of boundaries; the network is never asked.

    Raises
    ------
    DataUnavailableError
        When it was not fetched, was altered since, or must be unpacked by hand.
    """
    source = sources()[key]
    copy = verified(source)
    if copy is None:
        raise DataUnavailableError(
            f"contours « {key} » absents du cache ou altérés ; lancez d’abord « zones-blanches "
            f"donnees telecharger {key} »"
        )
    if copy.path.suffix == _PACKED:
        raise DataUnavailableError(
            f"les contours « {key} » sont une archive 7z ; décompressez « {copy.path} » (7-Zip), "
            "puis donnez le dossier obtenu"
        )
    return copy.path, source

"""The one tree of errors.

Every message says what was found, where, what was expected and the remedy, in the French that
a planner reads. Input faults are gathered in `InputErrors` and reported together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class ZonesBlanchesError(Exception):
    """Root of what the program raises on purpose."""


class UnknownCodeError(ZonesBlanchesError, LookupError):
    """A territorial code that the territory does not hold."""


class CrsError(ZonesBlanchesError, ValueError):
    """A coordinate reference system that is missing or cannot serve here."""


class DataUnavailableError(ZonesBlanchesError, LookupError):
    """Reference data that could not be fetched, checked or found."""


class OutputError(ZonesBlanchesError, ValueError):
    """Results that cannot be written where asked."""


class NotReadyError(ZonesBlanchesError, LookupError):
    """What comes of a long computation that was not asked, or has not ended well."""


_DRAWN_FILES = (".geojson", ".json", ".gpkg", ".shp", ".zip")


@dataclass(frozen=True, order=True)
class Notice:
    """One finding about an input: an error or a warning, with its place and remedy.

    Attributes
    ----------
    file
        Name of the file, relative to the study folder; empty for the study as a whole.
    row
        The spreadsheet's line (header = 1), or the number of a drawn feature from 1; 0 when none
        applies.
    column
        Column name; empty when none applies.
    message
        What was found and what was expected, in French.
    remedy
        What to do about it, in French.
    """

    file: str
    row: int
    column: str
    message: str
    remedy: str = ""

    @property
    def row_noun(self) -> str:
        """What `row` counts, in French: lines of a table, features of a drawing."""
        return "élément" if self.file.lower().endswith(_DRAWN_FILES) else "ligne"

    def __str__(self) -> str:
        place = self.file
        if self.row:
            place += f", {self.row_noun} {self.row}"
        if self.column:
            place += f", colonne « {self.column} »"
        text = f"{place} : {self.message}" if place else self.message
        return f"{text} → {self.remedy}" if self.remedy else text


class InputErrors(ZonesBlanchesError, ValueError):
    """All the faults of an input, reported at once.

    Parameters
    ----------
    faults
        The findings; sorted by place here.
    warnings
        What was also noticed without being an error.
    """

    def __init__(self, faults: Iterable[Notice], warnings: Iterable[Notice] = ()) -> None:
        self.faults = tuple(sorted(set(faults)))
        self.warnings = tuple(sorted(set(warnings)))
        super().__init__("\n".join(str(fault) for fault in self.faults))

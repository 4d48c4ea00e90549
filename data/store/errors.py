"""What the register refuses or cannot do, in the French that a planner reads."""

from __future__ import annotations

from typing import Any

from geo.errors import ZonesBlanchesError


class RegisterError(ZonesBlanchesError, RuntimeError):
    """The database cannot be opened, reached or understood."""


class BusyError(RegisterError):
    """Another write lasted longer than one waits; nothing was written, it may be tried again."""


class DamagedError(RegisterError):
    """What is read is no longer what was frozen."""


class MissingError(ZonesBlanchesError, LookupError):
    """Something that the register does not hold."""


class TakenError(ZonesBlanchesError, ValueError):
    """A name that something else already bears."""


class StaleError(ZonesBlanchesError):
    """Someone saved since: nothing is overwritten, both contents are at hand.

    Attributes
    ----------
    theirs
        What is saved now: a `Scenario` or a `Draft`.
    yours
        The content that was not saved.
    """

    def __init__(self, message: str, theirs: Any, yours: dict[str, Any]) -> None:  # noqa: ANN401 - two kinds
        super().__init__(message)
        self.theirs = theirs
        self.yours = yours

"""How much a deposit may hold, and the account of what one has used so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from coverage.wording import THIN, decimal, whole
from data.study.cells import Refusal
from geo.errors import ZonesBlanchesError

_MEGABYTE = 1_000_000
_LIGHTER = "déposez les seuls fichiers de l’étude, ou en plusieurs fois"


@dataclass(frozen=True)
class UploadLimits:
    """Limits of one deposit.

    Attributes
    ----------
    upload_bytes
        Of what is received.
    members
        Files of an archive, folders and the parts of the workbooks and archives inside included.
    unpacked_bytes
        Of everything that is unpacked, inside the workbooks and archives too.
    ratio
        Unpacked bytes for one packed, of a member and of the whole deposit. Sheets reach 30,
        repeats of one byte 1,000.
    ratio_from_bytes
        Unpacked bytes under which a ratio says nothing: a short table may repeat itself.
    name_bytes
        Of one name of a file or a folder, in UTF-8.
    path_depth
        Names in a path, that of the file included and a folder around the whole left out.
    json_depth
        Lists and objects inside one another; a GeoJSON layer has eight.
    """

    upload_bytes: int = 50_000_000
    members: int = 2_000
    unpacked_bytes: int = 400_000_000
    ratio: int = 200
    ratio_from_bytes: int = 1_000_000
    name_bytes: int = 200
    path_depth: int = 3
    json_depth: int = 64


class Refused(ZonesBlanchesError):
    """One member that is not to be unpacked further.

    Attributes
    ----------
    refusal
        Why, and what to do.
    """

    def __init__(self, refusal: Refusal) -> None:
        self.refusal = refusal
        super().__init__(refusal.message)


class Exhausted(Refused):
    """The whole deposit has used what it may: nothing more of it is unpacked."""


@dataclass
class Budget:
    """What one deposit has used, across the archives inside it.

    Parameters
    ----------
    received_bytes
        Of the deposit as it came, against which its ratio is taken.
    """

    limits: UploadLimits
    received_bytes: int
    members: int = field(default=0, init=False)
    unpacked_bytes: int = field(default=0, init=False)

    @property
    def members_left(self) -> int:
        """Members that may still be listed."""
        return self.limits.members - self.members

    def list_members(self, number: int) -> None:
        """Count members of an archive that was listed."""
        self.members += number

    def spend(self, unpacked_bytes: int) -> None:
        """Count bytes just unpacked.

        Raises
        ------
        Exhausted
            When they are more than the deposit may give.
        """
        self.unpacked_bytes += unpacked_bytes
        if self.unpacked_bytes > self.limits.unpacked_bytes:
            most = megabytes(self.limits.unpacked_bytes)
            message = f"dépôt qui se déplie en plus de {most}, le plus qu’un dépôt puisse contenir"
            raise Exhausted(Refusal(message, _LIGHTER))
        if self.is_swollen(self.unpacked_bytes, self.received_bytes):
            ratio = whole(self.limits.ratio)
            message = f"dépôt qui enfle plus de {ratio}{THIN}fois en se dépliant, taille anormale"
            raise Exhausted(Refusal(message, _LIGHTER))

    def is_swollen(self, unpacked_bytes: int, packed_bytes: int) -> bool:
        """Tell whether bytes unpacked are too many for what they come from."""
        at_least = max(self.limits.ratio_from_bytes, self.limits.ratio * packed_bytes)
        return unpacked_bytes > at_least


def megabytes(number: int) -> str:
    """Write a number of bytes in French.

    >>> megabytes(50_000_000), megabytes(1_234)
    ('50 Mo', '0,1 Mo')
    """
    if number % _MEGABYTE == 0:
        return f"{whole(number // _MEGABYTE)} Mo"
    return f"{decimal(_tenths(number), 1)} Mo"


def _tenths(number: int) -> Fraction:
    """Return megabytes, rounded up to a tenth: what exceeds a limit never reads as the limit."""
    return Fraction(-(-number * 10 // _MEGABYTE), 10)

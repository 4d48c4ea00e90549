"""What every objection is written with: a share of the missing hours, and what is left of them."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from coverage.dossiers.model import Objection
from coverage.wording import decimal, percent, whole

if TYPE_CHECKING:
    from coverage.dossiers.bench import Bench

CALL_READING = (
    "L’appel tient pour zone blanche un territoire que seule l’extension d’un voisin couvre"
)


_TOLD = Fraction(1, 1000)
"""Least share that is written as one."""


def objection(
    kind: str, structure_id: str, hours: int, missing: int, *, sentence: str, answer: str = ""
) -> Objection:
    """Return an objection that takes away some of the missing hours; all of them if none is."""
    share = Fraction(hours, missing) if missing else Fraction(1)
    return Objection(kind, structure_id, share, hours, sentence, answer)


def share_told(hours: int, missing: int) -> str:
    """Write hours as a share of the missing ones, of which they are some.

    >>> from coverage.wording import THIN
    >>> share_told(380, 1000).replace(THIN, "_")
    '38_% des heures manquantes (380 h sur 1_000)'
    >>> share_told(8, 9600).replace(THIN, "_")
    '8 h des 9_600 h manquantes'
    """
    share = Fraction(hours, missing)
    if share < _TOLD:
        return f"{whole(hours)} h des {whole(missing)} h manquantes"
    return f"{percent(share)} des heures manquantes ({whole(hours)} h sur {whole(missing)})"


def left_told(hours: int, bench: Bench) -> str:
    """Say what would still be missing, in hours and ETP; empty when nothing would."""
    if not hours:
        return ""
    posts = etp_told(Fraction(hours, bench.coverage.study.parameters.heures_par_etp))
    return f"Il resterait {whole(hours)} h sans réponse, soit {posts}."


def etp_told(posts: Fraction) -> str:
    """Write some ETP.

    >>> etp_told(Fraction(1, 4)), etp_told(Fraction(1, 1000))
    ('0,25 ETP', 'moins de 0,01 ETP')
    """
    small = 0 < posts < Fraction(1, 100)
    return f"{'moins de 0,01' if small else decimal(posts, 2)} ETP"


def structure_name(structure_id: str, bench: Bench) -> str:
    """Return the name of a structure, its identifier when the study lacks it."""
    return str(bench.coverage.study.structures["nom"].get(structure_id, structure_id))

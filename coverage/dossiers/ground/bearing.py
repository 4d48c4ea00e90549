"""Certificates that bear on a claim: those that speak of its communes, and those inside it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from coverage.atoms import commune_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from coverage.model import Certificate

Spoken = dict[str, list[tuple[str, str]]]
"""By commune, (certificate, class) of each place of it that a certificate names."""


def spoken_of(certificates: Mapping[str, Certificate]) -> Spoken:
    """Return what the certificates say, by commune."""
    found: Spoken = {}
    for name, certificate in certificates.items():
        for place, class_, _ in certificate.places:
            found.setdefault(commune_of(place), []).append((name, class_))
    return found


def bearing(
    communes: Sequence[str],
    scope: Collection[str],
    spoken: Spoken,
    certificates: Mapping[str, Certificate],
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the certificates that bear on some communes, and those that are wholly inside.

    Parameters
    ----------
    scope
        Classes that count.

    Returns
    -------
    tuple, tuple
        Identifiers of those that name a commune for a class that counts, sorted; and of those
        among them whose places, ancestors' included, are all there.
    """
    named: Counter[str] = Counter()
    for commune in communes:
        named.update(name for name, class_ in spoken.get(commune, ()) if class_ in scope)
    touching = tuple(sorted(named))
    inside = tuple(
        name
        for name in touching
        if all(
            named[own] == len(certificates[own].places)
            for own in (name, *certificates[name].ancestors)
        )
    )
    return touching, inside

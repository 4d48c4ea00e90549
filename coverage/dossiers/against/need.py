"""Objections to the need: estimated, brought by projects that end, unknown in part."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coverage.dossiers.against.arguments import objection, share_told
from coverage.dossiers.claims.cells import resting_hours
from coverage.dossiers.claims.ending import project_cells
from coverage.dossiers.ground.origins import ORIGINS, SOFT
from coverage.parameters import CLASSES
from coverage.wording import CLASS_NAMES, THIN, listing, named, plural, whole

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from coverage.dossiers.bench import Bench
    from coverage.dossiers.model import Claim, Objection

_ESTIMATES = tuple(place for place in SOFT if ORIGINS[place] != "grands_projets")
"""What `SOFT` holds but the large projects, which are an objection of their own."""

ESTIMATED, PROJECT, UNKNOWN_NEED = "besoin_estime", "projet", "besoin_inconnu"


def estimated(claim: Claim, missing: NDArray[np.int64], bench: Bench) -> Iterator[Objection]:
    """Yield the missing hours that may rest on estimates.

    Parameters
    ----------
    missing
        Missing hours by commune of the claim and class.
    """
    soft = bench.origins[list(claim.units)][:, :, list(_ESTIMATES)].sum(axis=2)
    hours = resting_hours(missing, soft)
    if not hours:
        return
    left = claim.missing_hours - hours
    counted = f"Sans ces estimations, il manquerait encore au moins {whole(left)} h."
    yield objection(
        ESTIMATED,
        "",
        hours,
        claim.missing_hours,
        sentence=f"Au plus {share_told(hours, claim.missing_hours)} reposeraient sur une "
        "estimation, et non sur un besoin compté dans la commune même.",
        answer=counted if left else "",
    )


def ending(claim: Claim, missing: NDArray[np.int64], bench: Bench) -> Iterator[Objection]:
    """Yield the missing hours that may end with large projects.

    Parameters
    ----------
    missing
        Missing hours by commune of the claim and class.
    """
    brought = project_cells(claim.units, bench)
    hours = resting_hours(missing, sum(brought.values(), np.zeros_like(missing)))
    if not hours:
        return
    left = claim.missing_hours - hours
    names = named([bench.project_names[name] for name in brought])
    last = max(bench.project_ends[name].year for name in brought)
    one = len(brought) == 1
    noun = "ce grand projet" if one else "ces grands projets"
    when = f"en {last}" if one else f"au plus tard en {last}"
    yield objection(
        PROJECT,
        "",
        hours,
        claim.missing_hours,
        sentence=f"Au plus {share_told(hours, claim.missing_hours)} finissent avec un grand "
        f"projet, {when}{THIN}: {names}.",
        answer=f"Sans {noun}, il manquerait encore au moins {whole(left)} h." if left else "",
    )


def unknown_need(claim: Claim) -> Iterator[Objection]:
    """Yield what is unknown of the need: it takes no hour away, it may only add some."""
    places = [place for place in claim.places if place.unknown]
    if not places:
        return
    every = {class_ for place in places for class_ in place.unknown}
    classes = listing(CLASS_NAMES[class_] for class_ in CLASSES if class_ in every)
    count = plural(len(places), "commune", "communes")
    known = claim.missing_hours
    yield objection(
        UNKNOWN_NEED,
        "",
        0,
        known,
        sentence=f"Le besoin est inconnu, en tout ou partie, dans {count} sur "
        f"{whole(len(claim.places))} ({classes}){THIN}: il n’y a pas été mesuré.",
        answer=f"Les {whole(known)} h manquantes sont un minimum{THIN}: un besoin de plus dans ce "
        "périmètre ne peut que les accroître."
        if known
        else "",
    )

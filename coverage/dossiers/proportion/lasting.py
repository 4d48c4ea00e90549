"""What remains of a post's work once large projects end, and year by year."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from coverage.dossiers.against.arguments import etp_told
from coverage.dossiers.claims.cells import missing_cells, resting_hours
from coverage.dossiers.claims.ending import project_cells
from coverage.dossiers.claims.weighed import FACILITATOR
from coverage.dossiers.model import CONFORM, DISCUSS
from coverage.dossiers.proportion.citing import of_call
from coverage.proposals.model import HUNDREDTHS
from coverage.wording import THIN, named, whole

if TYPE_CHECKING:
    from collections.abc import Iterator

    from coverage.dossiers.bench import Bench
    from coverage.dossiers.claims.weighed import Weighed
    from coverage.dossiers.model import Claim, Finding

RULE = "sans_specialisation"


def lasting_lines(own: Weighed, bench: Bench) -> Iterator[Finding]:
    """Yield what would still be missing after each project, the rest of the need being equal."""
    if own.volet != FACILITATOR:
        return
    cited = of_call(bench.call, RULE)
    place = f"demande.etp_{own.volet}"
    years = _years(own.claim, bench)
    if bench.coverage.study.projects is None:
        message = f"Aucun fichier de l’étude ne parle de grands projets{THIN}: inconnu."
        yield cited.line(DISCUSS, place, f"{message}{years}", "déposer les grands projets")
        return
    left = remaining_hours(own, bench)
    if not left:
        message = "Aucune heure manquante connue ne dépend d’un grand projet."
        yield cited.line(CONFORM, place, f"{message}{years}")
        return
    steps = f"{THIN}; ".join(
        f"après {year}, au moins {whole(hours)} h, soit {etp_told(Fraction(hours, own.hourly))}"
        for year, hours in left.items()
    )
    names = named([bench.project_names[name] for name in project_cells(own.claim.units, bench)])
    message = (
        f"Ce qui manquerait encore une fois les grands projets finis ({names}), le reste du besoin "
        f"étant égal{THIN}: {steps}.{years}"
    )
    last = Fraction(min(left.values()) * HUNDREDTHS, own.hourly)
    if last >= own.asked_hundredths:
        yield cited.line(CONFORM, place, message)
    else:
        yield cited.line(
            DISCUSS, place, message, "dire ce que fera le poste une fois ces projets finis"
        )


def remaining_hours(own: Weighed, bench: Bench) -> dict[int, int]:
    """Return the hours that would still be missing after each year in which a project ends.

    At least: a project's hours may be those that posts in place serve.
    """
    claim = own.claim
    scope = own.case.places[own.volet][1]
    missing = missing_cells(claim.units, scope, bench)
    ended = np.zeros_like(missing)
    found: dict[int, int] = {}
    for name, hours in project_cells(claim.units, bench).items():
        ended = ended + hours
        resting = resting_hours(missing, ended)
        if resting:
            found[bench.project_ends[name].year] = claim.missing_hours - resting
    return found


def _years(claim: Claim, bench: Bench) -> str:
    """Say the known need of each year studied; empty when the study has one year."""
    years = bench.coverage.years
    if len(years.years) == 1:
        return ""
    sums = bench.yearly[:, 0, list(claim.units)].sum(axis=1).tolist()
    told = f"{THIN}; ".join(
        f"{year}, {whole(hours)} h" for year, hours in zip(years.years, sums, strict=True)
    )
    return (
        f" Besoin connu, tous donneurs d’ordre{THIN}: {told} (après {years.years[0]}, ce qui est "
        "déjà connu seulement)."
    )

"""The three tests of a coordinator's claim: one région, something to do there, nobody in place."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from coverage.dossiers.against.arguments import structure_name
from coverage.dossiers.model import DOUBTFUL, FAILED, PASSED, UNKNOWN, ClaimTest, Figure
from coverage.dossiers.tried.coherence import HALF
from coverage.wording import THIN, decimal, listing, named, percent, plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from coverage.dossiers.bench import Bench
    from coverage.dossiers.model import Case, Claim

VOLET = "coordinateur"


@dataclass(frozen=True)
class Region:
    """A région that a coordinator's claim touches.

    Attributes
    ----------
    people
        Part of its inhabitants claimed (of its communes when none is known).
    whole
        Whether all its communes are claimed.
    coordinators, facilitators
        ETP in force there.
    needing
        Whether a zone retenue, a State service not accompanied or a large project is there.
    buyers, services
        Regional State buyers, and all State services, not accompanied; None when not known.
    uncovered
        Départements that no principal facilitator perimeter touches.
    holders
        Structures that have a coordinator's perimeter in force there, sorted.
    """

    code: str
    name: str
    people: Fraction
    whole: bool
    coordinators: Fraction
    facilitators: Fraction
    needing: bool
    buyers: int | None
    services: int | None
    uncovered: tuple[str, ...]
    holders: tuple[str, ...]


def coordinator_tests(claim: Claim, case: Case, bench: Bench) -> tuple[ClaimTest, ...]:
    """Return the three tests of a coordinator's claim."""
    regions = tuple(_region(code, claim, bench) for code in claim.regions)
    return (_area(regions), _need(regions), _place(regions, case, bench))


def _region(code: str, claim: Claim, bench: Bench) -> Region:
    territory, table = bench.coverage.territory, bench.coverage.regions
    units = territory.resolve("region", code).tolist() if code else list(claim.units)
    taken = sorted(set(units).intersection(claim.units))
    people = territory.population
    weights = people if people[units].any() else people * 0 + 1
    coordinators, facilitators = (
        table[name].get(code, Fraction(0)) for name in ("coordinateurs_etp", "facilitateurs_etp")
    )
    buyers, services = bench.waiting
    return Region(
        code=code,
        name=str(territory.names["region"].get(code, code)),
        people=Fraction(int(weights[taken].sum()), int(weights[units].sum())),
        whole=len(taken) == len(units),
        coordinators=coordinators,
        facilitators=facilitators,
        needing=code in bench.judged.regions.needing,
        buyers=None if buyers is None else buyers.get(code, 0),
        services=None if services is None else services.get(code, 0),
        uncovered=bench.uncovered.get(code, ()),
        holders=bench.coordinators.get(code, ()),
    )


# --- one région ---------------------------------------------------------------------------


def _area(regions: tuple[Region, ...]) -> ClaimTest:
    names = listing(each.name for each in regions)
    if len(regions) > 1:
        outcome = DOUBTFUL
        sentence = f"Le périmètre touche {len(regions)} régions ({names}){THIN}: à discuter."
    elif all(each.whole for each in regions):
        outcome, sentence = PASSED, f"Le périmètre est celui d’une région entière{THIN}: {names}."
    else:
        share = regions[0].people
        outcome = DOUBTFUL if share > HALF else FAILED
        sentence = (
            f"Le périmètre ne prend que {percent(share)} des habitants de la région ({names}), "
            "alors qu’un coordinateur est régional."
        )
    return ClaimTest(
        name="coherence",
        outcome=outcome,
        sentence=sentence,
        reasons=tuple(
            f"{each.name}{THIN}: {'région entière' if each.whole else percent(each.people)}"
            f"{'' if each.whole else ' des habitants'}."
            for each in regions
        ),
        figures=(
            Figure("Régions touchées", len(regions), "nombre", "périmètre de la candidature"),
            *(
                Figure(
                    f"Part des habitants demandée ({each.name})",
                    each.people,
                    "part",
                    "population des communes",
                )
                for each in regions
            ),
        ),
    )


# --- something to do ----------------------------------------------------------------------


def _need(regions: tuple[Region, ...]) -> ClaimTest:
    facilitators = sum((each.facilitators for each in regions), Fraction(0))
    needing = any(each.needing for each in regions)
    if needing and facilitators:
        outcome = PASSED
        sentence = (
            f"{decimal(facilitators, 2)} ETP de facilitateurs sont à animer, et le territoire "
            "compte une zone blanche retenue, un service de l’État non accompagné ou un grand "
            "projet."
        )
    elif needing:
        outcome = DOUBTFUL
        sentence = "Le besoin existe, mais aucun facilitateur en place n’est à animer."
    elif any(each.services is None for each in regions):
        outcome = UNKNOWN
        sentence = "Le besoin d’un coordinateur n’est pas connu : aucun service n’est déposé."
    else:
        outcome = FAILED
        sentence = (
            "Ni zone blanche retenue, ni service de l’État non accompagné, ni grand projet ne "
            "justifie un coordinateur, au besoin connu."
        )
    return ClaimTest(
        name="besoin",
        outcome=outcome,
        sentence=sentence,
        reasons=tuple(_words(each) for each in regions),
        figures=tuple(figure for each in regions for figure in _need_figures(each)),
    )


def _words(region: Region) -> str:
    """Tell what waits for a coordinator, as in the list of régions without one."""
    parts = [f"{decimal(region.facilitators, 2)} ETP de facilitateurs"]
    if region.buyers is None:
        parts.append("acheteurs de l’État non connus")
    else:
        verb = "non accompagné" if region.buyers < 2 else "non accompagnés"  # noqa: PLR2004 - French: 0 and 1
        one, many = "acheteur régional de l’État", "acheteurs régionaux de l’État"
        parts.append(f"{plural(region.buyers, one, many)} {verb}")
        parts.append(f"{plural(region.services or 0, 'service', 'services')} en tout")
    places = f" ({named(region.uncovered)})" if region.uncovered else ""
    count = plural(len(region.uncovered), "département", "départements")
    parts.append(f"{count} sans facilitateur{places}")
    return f"{region.name}{THIN}: {', '.join(parts)}."


def _need_figures(region: Region) -> Iterator[Figure]:
    at = f" ({region.name})"
    yield Figure(f"Facilitateurs à animer{at}", region.facilitators, "ETP", "postes de l’étude")
    source = "table « services_etat »"
    yield Figure(f"Acheteurs régionaux non accompagnés{at}", region.buyers, "nombre", source)
    yield Figure(f"Services de l’État non accompagnés{at}", region.services, "nombre", source)
    uncovered = len(region.uncovered)
    yield Figure(
        f"Départements sans facilitateur{at}", uncovered, "nombre", "périmètres en vigueur"
    )


# --- nobody in place ----------------------------------------------------------------------


def _place(regions: tuple[Region, ...], case: Case, bench: Bench) -> ClaimTest:
    held = [each for each in regions if each.coordinators]
    own = all(each.holders == (case.structure_id,) for each in held)
    names = listing(each.name for each in held)
    if not held:
        outcome, sentence = PASSED, "Aucun coordinateur n’est en place dans la région."
    elif own:
        outcome = DOUBTFUL
        sentence = f"Le coordinateur en place ({names}) est celui du porteur{THIN}: reconduction ?"
    elif len(held) < len(regions):
        outcome, sentence = DOUBTFUL, f"Un coordinateur est déjà en place en partie ({names})."
    else:
        outcome, sentence = FAILED, f"Un coordinateur est déjà en place ({names})."
    return ClaimTest(
        name="voisins",
        outcome=outcome,
        sentence=sentence,
        reasons=tuple(
            f"{each.name}{THIN}: {decimal(each.coordinators, 2)} ETP de coordinateur, "
            f"{named([structure_name(name, bench) for name in each.holders])}."
            if each.coordinators
            else f"{each.name}{THIN}: aucun coordinateur en vigueur."
            for each in regions
        ),
        figures=tuple(
            Figure(
                f"Coordinateurs en place ({each.name})",
                each.coordinators,
                "ETP",
                "postes et périmètres de l’étude",
            )
            for each in regions
        ),
    )

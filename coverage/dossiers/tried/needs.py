"""Second test of a claim: its need against what serves it (method, sections 4 to 7)."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from coverage.dossiers.claims.deficits import (
    proved_hours,
    short_break_even,
    state_unserved_hours,
    white_proved_hours,
)
from coverage.dossiers.ground.bearing import bearing
from coverage.dossiers.ground.origins import ORIGINS, SOFT
from coverage.dossiers.ground.today import columns_of
from coverage.dossiers.model import DOUBTFUL, FAILED, PASSED, UNKNOWN
from coverage.parameters import STATE_CLASSES
from coverage.response import PRINCIPALS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from coverage.dossiers.bench import Bench
    from coverage.dossiers.model import Claim


@dataclass(frozen=True)
class YearFacts:
    """A claim in one year, all classes of buyers together."""

    year: int
    need_hours: int
    served_hours: int
    broken: int


@dataclass(frozen=True)
class NeedFacts:
    """What a claim needs and what serves it, for the classes claimed.

    Attributes
    ----------
    need, state
        Known hours, of all and of the State.
    unserved, lent
        Hours that the fair flow leaves unserved, and that undedicated extensions alone serve.
    proved, proved_principal
        Hours unserved even if all that reaches the claim worked only for it: extensions
        comprises, then by principal perimeters alone.
    white_proved
        The same in the part zone blanche, see `deficits.white_proved_hours`.
    state_unserved, state_proved
        The State's hours unserved if all posts served it first, and proved ones.
    break_even, short
        Hours per ETP at which short places no longer are (None when none suffices), and whether
        some are short.
    threshold
        Least need that counts as identified.
    hourly
        Hours that an ETP answers in a year.
    white
        Communes in a zone retenue, whole or in part.
    pending, pending_beside
        Communes, whole or in part in a zone *à documenter*: not covered, or by an undedicated
        extension alone.
    unknown
        Class → communes where its need is unknown.
    origins
        What hours rest on (`origins.ORIGINS`) → hours, those that bring some.
    estimated
        Hours that rest on an estimate.
    services, doubtful, projects
        Names of the State services not accompanied, how many are of unknown state, names of the
        large projects; None when no file speaks of them.
    bearing, inside
        Certificates that speak of the claim, and those wholly inside it.
    years
        Each year of the study.
    """

    need: int
    state: int
    unserved: int
    lent: int
    proved: int
    proved_principal: int
    white_proved: int
    state_unserved: int
    state_proved: int
    break_even: int | None
    short: bool
    threshold: int
    hourly: int
    white: int
    pending: int
    pending_beside: int
    unknown: Mapping[str, int]
    origins: Mapping[str, int]
    estimated: int
    services: tuple[str, ...] | None
    doubtful: int | None
    projects: tuple[str, ...] | None
    bearing: tuple[str, ...]
    inside: tuple[str, ...]
    years: tuple[YearFacts, ...]

    @property
    def missing(self) -> int:
        """Hours that wait for a post."""
        return self.unserved + self.lent

    @property
    def firm(self) -> int:
        """Proved hours of the part zone blanche were no estimated hour there at all.

        An hour of need less takes at most one hour from a proved deficit.
        """
        return max(self.white_proved - self.estimated, 0)

    @property
    def posts(self) -> Fraction:
        """Proved hours of the part zone blanche, in ETP."""
        return Fraction(self.white_proved, self.hourly)

    @property
    def outcome(self) -> str:
        """What the test of the need comes to (docs/methode.md, « Dossiers »)."""
        other = bool(self.services or self.projects)
        if not self.need and not other:
            blind = self.unknown or self.services is None or self.doubtful
            return UNKNOWN if blind else FAILED
        if not self.missing and not other:
            return FAILED
        if self.white and self.firm >= max(self.threshold, 1):
            return PASSED
        return DOUBTFUL


def need_facts(claim: Claim, scope: Sequence[str], bench: Bench) -> NeedFacts:
    """Return what a claim needs and what serves it."""
    units = claim.units
    state = tuple(class_ for class_ in scope if class_ in STATE_CLASSES)
    break_even, short = short_break_even(units, scope, bench)
    parameters = bench.coverage.study.parameters
    origins = bench.origins[list(units)][:, columns_of(scope)].sum(axis=(0, 1)).tolist()
    codes = bench.coverage.territory.codes[list(units)].tolist()
    touching, inside = bearing(codes, scope, bench.spoken, bench.coverage.certificates)
    waiting = [place for place in claim.places if place.pending]
    doubtful = bench.present.services_in(units, "inconnu")
    return NeedFacts(
        need=claim.need_hours,
        state=claim.state_hours,
        unserved=claim.unserved_hours,
        lent=claim.lent_hours,
        proved=proved_hours(units, scope, bench),
        proved_principal=proved_hours(units, scope, bench, kind=PRINCIPALS),
        white_proved=white_proved_hours(units, scope, bench),
        state_unserved=state_unserved_hours(units, state, bench),
        state_proved=proved_hours(units, state, bench, flow="etat"),
        break_even=break_even,
        short=short,
        threshold=parameters.seuil_besoin_h,
        hourly=parameters.heures_par_etp,
        white=claim.white_communes,
        pending=sum("non_couverte" in place.shares for place in waiting),
        pending_beside=sum("non_couverte" not in place.shares for place in waiting),
        unknown={
            class_: count
            for class_ in scope
            if (count := sum(class_ in place.unknown for place in claim.places))
        },
        origins={name: hours for name, hours in zip(ORIGINS, origins, strict=True) if hours},
        estimated=sum(origins[rank] for rank in SOFT),
        services=bench.present.services_in(units, "non"),
        doubtful=None if doubtful is None else len(doubtful),
        projects=bench.present.projects_in(units),
        bearing=touching,
        inside=inside,
        years=_years(units, bench),
    )


def _years(units: Sequence[int], bench: Bench) -> tuple[YearFacts, ...]:
    figures = bench.yearly[:, :, list(units)].sum(axis=2).tolist()
    return tuple(
        YearFacts(year, *own) for year, own in zip(bench.coverage.years.years, figures, strict=True)
    )

"""An application as its rules see it: what each volet asks, and how a finding cites its rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from coverage.dossiers.model import CONFORM, CONTRARY, DISCUSS, INCOMPLETE, Finding
from coverage.model import VOLETS
from coverage.proposals.asked import asked_breaches, asked_options
from coverage.wording import THIN, typeset

if TYPE_CHECKING:
    from collections.abc import Iterator

    from coverage.dossiers.bench import Bench
    from coverage.dossiers.model import Case
    from coverage.proposals.application import Asked, Breach
    from coverage.proposals.model import Option


OFF = f"règle levée par l’étude{THIN}: elle n’est pas vérifiée"


@dataclass(frozen=True)
class VoletAsked:
    """What is asked for one volet, as plans compare it.

    Attributes
    ----------
    breaches
        Rules that set the option aside in a plan.
    """

    volet: str
    asked: Asked
    option: Option
    breaches: tuple[Breach, ...]


@dataclass(frozen=True)
class Examined:
    """A case, what it is judged by, and what it asks volet by volet.

    Attributes
    ----------
    volets
        Empty while a fault keeps the application from being understood, and when it asks for an
        extension without a post.
    carried
        Volets of which the structure has posts in force.
    """

    case: Case
    bench: Bench
    volets: tuple[VoletAsked, ...]
    carried: frozenset[str]

    @property
    def known(self) -> bool:
        """Whether the study has the structure."""
        return self.case.structure_id in self.bench.coverage.study.structures.index

    @property
    def asks(self) -> tuple[str, ...]:
        """Volets for which ETP are written, even where the rest cannot be understood."""
        form = self.case.form
        return tuple(volet for volet in VOLETS if form.get(f"demande.etp_{volet}"))

    def applies(self, rule: str) -> bool:
        """Tell whether the study lets a rule apply."""
        return self.bench.call.rules[rule].active

    def unfilled(self, key: str) -> bool:
        """Tell whether the reading of the form found something at a dotted key, or below it."""
        return any(
            gap.place == key or gap.place.startswith((f"{key}.", f"{key}["))
            for gap in self.case.gaps
        )

    def conform(self, rule: str, place: str, message: str) -> Finding:
        """Say that a rule holds."""
        return self._finding(CONFORM, rule, place, message)

    def incomplete(self, rule: str, place: str, message: str, remedy: str) -> Finding:
        """Say what is missing."""
        return self._finding(INCOMPLETE, rule, place, message, remedy)

    def discuss(self, rule: str, place: str, message: str, remedy: str) -> Finding:
        """Say what people must weigh."""
        return self._finding(DISCUSS, rule, place, message, remedy)

    def contrary(self, rule: str, place: str, message: str, remedy: str) -> Finding:
        """Say what is against the call."""
        return self._finding(CONTRARY, rule, place, message, remedy)

    def off(self, rule: str, place: str) -> Finding:
        """Say that the study lifts a rule."""
        return self.conform(rule, place, OFF)

    def broken_or(
        self, own: VoletAsked, rule: str, place: str, message: str, *, more: str = ""
    ) -> Iterator[Finding]:
        """Yield what a volet breaks of a rule, else that it holds.

        Parameters
        ----------
        message
            Said when the rule holds.
        more
            Added to what is said of each breach.
        """
        broken = [breach for breach in own.breaches if breach[0] == rule]
        for _, found, remedy in broken:
            yield self.contrary(rule, place, f"{found}{more}", remedy)
        if not broken:
            yield (
                self.conform(rule, place, message) if self.applies(rule) else self.off(rule, place)
            )

    def _finding(
        self, level: str, rule: str, place: str, message: str, remedy: str = ""
    ) -> Finding:
        own = self.bench.call.rules[rule]
        said = (typeset(text) for text in (message, remedy))
        return Finding(level, rule, own.heading, own.text, place, *said)


def examined(case: Case, bench: Bench) -> Examined:
    """Return an application with its options and the rules that they break."""
    applications = [] if case.application is None else [case.application]
    volets = tuple(
        VoletAsked(
            option.volet,
            asked,
            option,
            tuple(asked_breaches(application, asked, option, bench.call, bench.judged)),
        )
        for application, asked, option in asked_options(applications, bench.coverage, bench.judged)
    )
    return Examined(case, bench, volets, bench.judged.volets_of(case.structure_id))


def claimed(it: Examined) -> Iterator[tuple[str, tuple[int, ...], tuple[str, ...]]]:
    """Yield the perimeters that can be read: volet, unit rows, classes of buyers."""
    for volet, (units, scope) in it.case.places.items():
        if units:
            yield volet, units, scope

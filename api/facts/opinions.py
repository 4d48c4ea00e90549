"""What people said of the posts: every opinion, filed or recorded, what holds and what comes of it.

The effect of an opinion is told on the options of the last computation: before one, nobody knows
what it speaks of.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime  # noqa: TC003 - the description reads it at run time
from typing import TYPE_CHECKING

from coverage.proposals.decisions import (
    AVIS_NAMES,
    INSTANCE_NAMES,
    INSTANCES,
    NO_EFFECT,
    decisions_of,
    filed_opinions,
    opinions_said,
)
from coverage.proposals.recorded import with_recorded
from coverage.proposals.spoken import Spoken

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd

    from api.proposed import Proposed
    from coverage.proposals.decisions import Decisions, Opinion, Said
    from data.store.opinions import RecordedOpinion

TABLE, REGISTER = "table", "registre"


@dataclass(frozen=True)
class OpinionLine:
    """An opinion, what it names and what comes of it.

    Attributes
    ----------
    numero
        In the register; None for one that only the table `avis` of the study holds.
    source
        `registre`, or `table`.
    objet
        What it names, in words.
    en_vigueur
        Whether it is the last word of its instance on what it names.
    effet
        `verrou`, `refus`, `aucun` or `sans objet`; None before the proposals are computed.
    options, options_decidees
        Those that it speaks of, and those that it locks or refuses; None likewise.
    calcule
        Whether the computation shown knows it; None when there is none.
    enregistre_par, enregistre_le
        Empty for the table: its file says neither.
    """

    numero: int | None
    source: str
    objet: str
    option_id: str
    structure_id: str
    zone_id: str
    volet: str
    instance: str
    instance_nom: str
    avis: str
    avis_nom: str
    date: str
    motif: str
    en_vigueur: bool
    effet: str | None
    options: list[str] | None
    options_decidees: list[str] | None
    calcule: bool | None
    enregistre_par: str
    enregistre_le: datetime | None


@dataclass(frozen=True)
class Voices:
    """All that was said of a study, read once for a page.

    Attributes
    ----------
    filed
        The table of the study.
    recorded
        In the register, in order.
    made
        The proposals shown, None before they are computed.
    """

    filed: pd.DataFrame
    recorded: Sequence[RecordedOpinion]
    made: Proposed | None

    @property
    def joined(self) -> pd.DataFrame:
        """What a computation would read now."""
        return with_recorded(self.filed, (each.opinion for each in self.recorded))

    def decisions(self) -> Decisions:
        """Return what people impose and refuse now of the options of the computation."""
        options = () if self.made is None else self.made.found.ask.options
        return decisions_of(opinions_said(self.joined, options))

    def lines(self) -> list[OpinionLine]:
        """Return every opinion, the latest day first; what is filed and recorded, once."""
        writer = _Writer(self)
        again = {each.opinion for each in self.recorded}
        lines = [writer.line(each) for each in filed_opinions(self.filed) if each not in again]
        lines += [writer.line(each.opinion, each) for each in self.recorded]
        rank = {name: place for place, name in enumerate(INSTANCES)}
        lines.sort(key=lambda line: (rank[line.instance], line.objet))
        return sorted(lines, key=lambda line: (line.date, line.numero or 0), reverse=True)


class _Writer:
    """Writes the opinions of a study as lines."""

    def __init__(self, voices: Voices) -> None:
        made = voices.made
        options = () if made is None else made.found.ask.options
        self._computed = made is not None
        self._spoken = Spoken(options)
        self._said: dict[Opinion, Said] = {
            each.opinion: each for each in opinions_said(voices.joined, options)
        }
        self._last = {
            (each.opinion.target, each.opinion.instance, each.opinion.day): each.opinion_id
            for each in voices.recorded
        }
        study = None if made is None else made.found.ask.coverage.study
        self._known = set() if study is None else set(filed_opinions(study.opinions))

    def line(self, said: Opinion, record: RecordedOpinion | None = None) -> OpinionLine:
        found = self._said.get(said)
        last = self._last.get((said.target, said.instance, said.day))
        holds = found is not None and found.in_force
        if record is not None and record.opinion_id != last:
            found, holds = None, False
        options = [option.option_id for option in said.spoken_of(self._spoken)]
        decided = list(found.decided) if found is not None and holds else []
        effect = found.effect if found is not None else NO_EFFECT
        own, structure, zone, volet = said.target
        return OpinionLine(
            numero=None if record is None else record.opinion_id,
            source=TABLE if record is None else REGISTER,
            objet=said.object_words,
            option_id=own,
            structure_id=structure,
            zone_id=zone,
            volet=volet,
            instance=said.instance,
            instance_nom=INSTANCE_NAMES[said.instance],
            avis=said.avis,
            avis_nom=AVIS_NAMES[said.avis],
            date=said.day.isoformat(),
            motif=said.reason,
            en_vigueur=holds,
            effet=effect if self._computed else None,
            options=options if self._computed else None,
            options_decidees=decided if self._computed else None,
            calcule=said in self._known if self._computed else None,
            enregistre_par="" if record is None else record.recorded_by,
            enregistre_le=None if record is None else record.recorded_at,
        )


def speaking_of(lines: Iterable[OpinionLine], option_id: str) -> list[OpinionLine]:
    """Return the opinions that speak of a post, in their order."""
    return [line for line in lines if option_id in (line.options or ())]


def recorded_line(lines: Iterable[OpinionLine], number: int | None) -> OpinionLine | None:
    """Return the opinion of a number, None when none is asked for or has it."""
    return next((line for line in lines if number and line.numero == number), None)


@dataclass(frozen=True)
class OpinionCounts:
    """How many opinions are in the table alone, and in the register, up to which number."""

    table: int
    registre: int
    dernier: int


def opinion_counts(lines: Iterable[OpinionLine]) -> OpinionCounts:
    """Count opinions by where they are."""
    numbers = [line.numero for line in lines]
    recorded = [number for number in numbers if number is not None]
    return OpinionCounts(len(numbers) - len(recorded), len(recorded), max(recorded, default=0))


def contested(decisions: Decisions) -> list[str]:
    """Return the options that some lock and others refuse: no plan can hold both."""
    return sorted(set(decisions.locked) & set(decisions.refused))

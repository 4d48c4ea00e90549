"""What people said of posts, and what of it binds a plan (method, section 8, « People decide »).

An opinion is shown beside the rank and never changes it. Two of them are decisions: a lock imposes
an option, a refusal excludes it. Every opinion filed is told, with the options that it speaks of
and what came of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from coverage.proposals.limits import KEPT
from coverage.proposals.spoken import Spoken
from coverage.wording import THIN, named
from geo.errors import Notice

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from datetime import date

    import pandas as pd

    from coverage.proposals.model import Option

INSTANCES = ("copil", "facilitateurs", "dreets", "comite_national")
"""Who gives an opinion, in the order they are told."""

LOCK, REFUSAL = "verrouille", "refuse"

AVIS = ("favorable", "reserve", "defavorable", LOCK, REFUSAL)
"""What an opinion may be; the last two decide."""

INSTANCE_NAMES = {
    "copil": "copil",
    "facilitateurs": "facilitateurs",
    "dreets": "DREETS",
    "comite_national": "comité national",
}
AVIS_NAMES = {
    "favorable": "favorable",
    "reserve": "réservé",
    "defavorable": "défavorable",
    LOCK: "verrouillé",
    REFUSAL: "refusé",
}

ASKED = "candidature"
"""Origin of the options that an application asks."""

NO_EFFECT, NO_OBJECT = "aucun", "sans objet"
"""Effect of an opinion that decides nothing, and of one that speaks of no option."""

EFFECTS = {LOCK: "verrou", REFUSAL: "refus"}

Target = tuple[str, str, str, str]
"""Option, structure, zone and volet that an opinion names, empty for those that it does not."""


@dataclass(frozen=True)
class Opinion:
    """One opinion as filed, its reason on one line."""

    target: Target
    instance: str
    day: date
    avis: str
    reason: str

    @property
    def object_words(self) -> str:
        """What the opinion names, in French."""
        nouns = ("l’option", "la structure", "la zone", "le volet")
        return ", ".join(
            f"{noun} «\u00a0{name}\u00a0»"
            for noun, name in zip(nouns, self.target, strict=True)
            if name
        )

    @property
    def words(self) -> str:
        """The opinion as it stands beside a rank: `copil : favorable (12/05/2023), motif`."""
        told = f"{INSTANCE_NAMES[self.instance]} : {AVIS_NAMES[self.avis]} ({self.day:%d/%m/%Y})"
        return f"{told}, {self.reason}" if self.reason else told

    @property
    def decision_words(self) -> str:
        """Who decided, when and why: `DREETS, 12/05/2023 : motif`."""
        return f"{INSTANCE_NAMES[self.instance]}, {self.day:%d/%m/%Y} : {self.reason}"

    def speaks_of(self, option: Option) -> bool:
        """Tell whether an option has everything that the opinion names."""
        own, structure, zone, volet = self.target
        return (
            own in ("", option.option_id)
            and structure in ("", option.structure_id)
            and (not zone or zone in option.zone_ids)
            and volet in ("", option.volet)
        )

    def spoken_of(self, known: Spoken) -> list[Option]:
        """Return the options that have everything that the opinion names, by identifier."""
        return [option for option in known.among(self.target) if self.speaks_of(option)]

    def decides(self, option: Option) -> bool:
        """Tell whether a lock or a refusal binds an option that the opinion speaks of.

        Nobody asked for a generated post: it is locked by its name alone. A kept post has a
        convention: it is refused by its name alone.
        """
        if self.avis not in EFFECTS or not self.speaks_of(option):
            return False
        by_name = bool(self.target[0])
        return by_name or (option.origin == ASKED if self.avis == LOCK else option.origin != KEPT)


@dataclass(frozen=True)
class Said:
    """What came of an opinion.

    Attributes
    ----------
    in_force
        Whether it is the latest of its instance on what it names.
    options
        Identifiers of the options that it speaks of, sorted.
    decided
        Those that it locks or refuses, sorted.
    """

    opinion: Opinion
    in_force: bool
    options: tuple[str, ...]
    decided: tuple[str, ...]

    @property
    def effect(self) -> str:
        """`verrou`, `refus`, `aucun`, or `sans objet`."""
        if not self.options:
            return NO_OBJECT
        return EFFECTS[self.opinion.avis] if self.decided else NO_EFFECT


@dataclass(frozen=True)
class Decisions:
    """What people impose or refuse: identifier of an option → their reasons."""

    locked: Mapping[str, str] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)


def opinions_said(opinions: pd.DataFrame, options: Iterable[Option]) -> tuple[Said, ...]:
    """Return what came of every opinion filed, as many as rows, sorted by content.

    Parameters
    ----------
    opinions
        Columns `coverage.frames.OPINION_COLUMNS`.
    options
        All of them: kept, asked and made.
    """
    known = Spoken(options)
    filed = sorted(filed_opinions(opinions), key=_order)
    latest: dict[tuple[Target, str], date] = {}
    for each in filed:
        key = (each.target, each.instance)
        latest[key] = max(latest.get(key, each.day), each.day)
    return tuple(
        _said(each, known, in_force=each.day == latest[each.target, each.instance])
        for each in filed
    )


def _said(opinion: Opinion, known: Spoken, *, in_force: bool) -> Said:
    spoken = opinion.spoken_of(known)
    decided = [option for option in spoken if in_force and opinion.decides(option)]
    return Said(
        opinion,
        in_force,
        tuple(option.option_id for option in spoken),
        tuple(option.option_id for option in decided),
    )


def filed_opinions(opinions: pd.DataFrame) -> Iterator[Opinion]:
    """Yield the opinions of a frame of columns `OPINION_COLUMNS`, row by row."""
    names = ("option_id", "structure_id", "zone_id", "volet", "instance", "date", "avis", "motif")
    columns = (opinions[name].tolist() for name in names)
    for own, structure, zone, volet, instance, day, avis, reason in zip(*columns, strict=True):
        yield Opinion((own, structure, zone, volet), instance, day, avis, " ".join(reason.split()))


def _order(opinion: Opinion) -> tuple[Target, int, date, int, str]:
    rank = INSTANCES.index(opinion.instance)
    return (opinion.target, rank, opinion.day, AVIS.index(opinion.avis), opinion.reason)


def by_option(said: Iterable[Said]) -> dict[str, tuple[Said, ...]]:
    """Return the opinions in force on each option that one speaks of, instances in order."""
    found: dict[str, list[Said]] = {}
    for each in said:
        for name in each.options if each.in_force else ():
            found.setdefault(name, []).append(each)
    return {
        name: tuple(sorted(own, key=lambda each: INSTANCES.index(each.opinion.instance)))
        for name, own in found.items()
    }


def decisions_of(said: Iterable[Said], more: Decisions | None = None) -> Decisions:
    """Return the options that opinions in force lock and refuse, each with all its reasons.

    An option that some lock and others refuse is in both: nothing is preferred, and no plan can
    hold them together.

    Parameters
    ----------
    more
        Decisions that no opinion carries.
    """
    reasons: dict[str, dict[str, list[str]]] = {LOCK: {}, REFUSAL: {}}
    ordered = sorted(said, key=lambda each: INSTANCES.index(each.opinion.instance))
    for each in ordered:
        for name in each.decided:
            own = reasons[each.opinion.avis].setdefault(name, [])
            if each.opinion.decision_words not in own:
                own.append(each.opinion.decision_words)
    extra = more or Decisions()
    for kind, added in ((LOCK, extra.locked), (REFUSAL, extra.refused)):
        for name, reason in added.items():
            reasons[kind].setdefault(name, []).append(reason)
    joined = {
        kind: {name: f"{THIN}; ".join(own) for name, own in sorted(found.items())}
        for kind, found in reasons.items()
    }
    return Decisions(joined[LOCK], joined[REFUSAL])


def known_decisions(
    decisions: Decisions, known: Collection[str]
) -> tuple[Decisions, tuple[Notice, ...]]:
    """Return the decisions on options that exist, and what to say of the others."""
    lost = sorted({*decisions.locked, *decisions.refused} - set(known))
    notices = tuple(
        Notice(
            "",
            0,
            "",
            f"décision sur l’option « {name} », qui n’existe pas dans ce calcul",
            "vérifier l’identifiant dans la liste des propositions",
        )
        for name in lost
    )
    kept = [
        {name: reason for name, reason in own.items() if name in known}
        for own in (decisions.locked, decisions.refused)
    ]
    return Decisions(*kept), notices


def opinion_notices(said: Iterable[Said]) -> Iterator[Notice]:
    """Say which opinions in force speak of no option, and which decisions bind none."""
    for each in said:
        opinion = each.opinion
        who = (
            f"avis {AVIS_NAMES[opinion.avis]} ({INSTANCE_NAMES[opinion.instance]}, "
            f"{opinion.day:%d/%m/%Y}) sur {opinion.object_words}"
        )
        if not each.in_force or each.decided:
            continue
        if not each.options:
            yield Notice(
                "avis",
                0,
                "",
                f"{who} : il ne parle d’aucune option de ce calcul",
                "vérifier les identifiants ; l’avis est gardé dans avis.csv, sans objet",
            )
        elif opinion.avis in EFFECTS:
            kinds = "demandée par une candidature" if opinion.avis == LOCK else "nouvelle"
            yield Notice(
                "avis",
                0,
                "",
                f"{who} : sans effet, aucune option {kinds} parmi celles dont il parle "
                f"({named(each.options)})",
                "pour décider d’une de ces options, la nommer dans la colonne « option_id »",
            )

"""The types of proposals: what could be funded, under which rules, and what is decided of it.

Everything counted is whole: hundredths of ETP, cents, hours.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from coverage.model import Coverage
    from geo.errors import Notice

HUNDREDTHS = 100
"""Of an ETP."""

GROUNDS = ("zone_blanche", "services_etat", "grand_projet")
"""Why a post may be funded (`motif_etp`)."""

FUNDERS = ("etat_aap", "etat_autre", "epa", "fse", "collectivite", "prive")
"""Types of funders of `financements`; the first two are State money."""

STATE_FUNDERS = ("etat_aap", "etat_autre")

ORIGINS = ("convention", "candidature", "generee")
"""Kept from an earlier year, asked by an application, or made by the program."""


@dataclass(frozen=True)
class Option:
    """A post, or some posts, that could be funded: a supply node of its own.

    Attributes
    ----------
    structure_id
        Of the study; `nouvelle:` and a place for a structure that would be new.
    emerging
        Whether the structure carries no post of this volet yet.
    collectivite
        Whether a collectivité territoriale asks: its cap of State money differs.
    hundredths
        ETP in hundredths, > 0.
    scope
        Classes of buyers served, in the order of `CLASSES`.
    units
        Sorted unit rows of its perimeter, principal once funded; empty for a coordinator.
    ground
        One of `GROUNDS`.
    zone_ids
        Zones that it answers, sorted; empty outside zones.
    region
        Of most of its inhabitants.
    cost_cents, state_cents
        Cost of a whole year, and the part asked of the call.
    funding
        The other funders: (type, cents), types sorted.
    projects
        Identifiers of the large projects that it serves alone, if that is its ground.
    """

    option_id: str
    structure_id: str
    structure_name: str
    emerging: bool
    collectivite: bool
    volet: str
    hundredths: int
    scope: tuple[str, ...]
    units: tuple[int, ...]
    ground: str
    zone_ids: tuple[str, ...]
    region: str
    origin: str
    cost_cents: int
    state_cents: int
    funding: tuple[tuple[str, int], ...] = ()
    projects: tuple[str, ...] = ()

    @property
    def etp(self) -> Fraction:
        """Equivalent full-time posts."""
        return Fraction(self.hundredths, HUNDREDTHS)


@dataclass(frozen=True)
class Extension:
    """Units that a structure in place would take into its principal perimeter, without a post.

    Attributes
    ----------
    scope
        Classes of buyers that it would serve there, in the order of `CLASSES`.
    units
        Sorted unit rows.
    zone_ids
        Zones retenues that they touch, sorted.
    region
        Of most of their inhabitants.
    origin
        `candidature` or `generee`.
    served
        In a plan, hours that it serves there by existing supply node: (number, hours > 0).
    """

    extension_id: str
    structure_id: str
    structure_name: str
    scope: tuple[str, ...]
    units: tuple[int, ...]
    zone_ids: tuple[str, ...]
    region: str
    origin: str
    served: tuple[tuple[int, int], ...] = ()

    @property
    def hours(self) -> int:
        """Hours that it serves in a plan."""
        return sum(hours for _, hours in self.served)


@dataclass(frozen=True)
class Broken:
    """A rule that an option breaks: it is kept aside, not dropped."""

    option_id: str
    rule: str
    message: str
    remedy: str


@dataclass(frozen=True)
class Rule:
    """One rule of the call, as dated data.

    Attributes
    ----------
    value
        Number, ratio, choice or flag, in `unit`.
    heading
        Of the call, where it comes from.
    text
        Its paraphrase in plain French.
    active
        Whether it applies.
    readings
        Other values that the text allows → what they mean, in French.
    """

    name: str
    value: int | Fraction | str | bool
    unit: str
    heading: str
    text: str
    active: bool = True
    readings: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Call:
    """The rules of one call, by name; `calls/aap_2023.toml` is the default."""

    name: str
    year: int
    signed: date
    source: str
    rules: Mapping[str, Rule]

    def value(self, name: str) -> int | Fraction | str | bool:
        """Return the value of a rule.

        Raises
        ------
        KeyError
            When the call has no such rule.
        """
        return self.rules[name].value


@dataclass(frozen=True)
class Ask:
    """What a plan is asked of: a coverage, a call, options, and what people decided.

    Attributes
    ----------
    options
        Sorted by identifier; those kept from an earlier year included.
    extensions
        Without a post, sorted by identifier: the exact plan alone weighs them.
    aside
        Rules that some options break: these are shown, never chosen.
    locked, refused
        Identifiers of options that people impose or refuse, with their reasons.
    """

    coverage: Coverage
    call: Call
    options: tuple[Option, ...]
    aside: tuple[Broken, ...] = ()
    locked: Mapping[str, str] | None = None
    refused: Mapping[str, str] | None = None
    warnings: tuple[Notice, ...] = ()
    extensions: tuple[Extension, ...] = ()


@dataclass(frozen=True)
class PlanNetwork:
    """Merged demand nodes with the existing posts and the options that reach them.

    Hours held only by an undedicated extension count as unserved before, so edges of extensions
    without a post are left out: existing supplies reach their principal perimeters.

    Attributes
    ----------
    needs
        Whole hours by merged node, > 0.
    level
        0 for priority hours, 1 for the others where nothing or only an extension covers, 2 for
        the rest. Goal g (0, 1, 2) is the maximum flow of the nodes of level ≤ g: the three are
        nested, and one flow reaches them all (polymatroid), so that they are attained in order.
    state
        State hours of each node.
    reach
        Existing supply nodes by demand node, sorted.
    capacities
        Whole hours by existing supply node.
    options
        For each option, sorted demand nodes that it reaches.
    hours
        Whole hours of each option.
    zone
        Zone number of each demand node (a node never crosses zones).
    zones
        Zone ids by number.
    component
        Connected component of each demand node, supplies and options counted: components share
        nothing, so gains are found component by component.
    spare
        Whole hours that each existing supply node has to spare today (`lending.spare_hours`); empty
        without extensions.
    extensions
        For each extension, the pairs (demand node, existing supply node) that it joins, sorted.
    """

    needs: tuple[int, ...]
    level: tuple[int, ...]
    state: tuple[int, ...]
    reach: tuple[tuple[int, ...], ...]
    capacities: tuple[int, ...]
    options: tuple[tuple[int, ...], ...]
    hours: tuple[int, ...]
    zone: tuple[int, ...]
    zones: tuple[str, ...]
    component: tuple[int, ...]
    spare: tuple[int, ...] = ()
    extensions: tuple[tuple[tuple[int, int], ...], ...] = ()


@dataclass(frozen=True)
class Ranked:
    """One option of the ranked list.

    Attributes
    ----------
    rank
        From 1; funding stops at the first that does not fit.
    gains
        Hours newly served by goal, given those ranked before.
    funded
        Whether the envelope reaches it.
    above_ceiling
        Whether the ceiling of its région keeps it out, whatever the envelope: it comes last.
    class_
        `incontestable`, `arbitrable`, `remplacable`, `indecis`; empty when not funded.
    replacement_hours
        Priority, bare and all hours lost when it is dropped and the envelope used anew.
    """

    option: Option
    rank: int
    gains: tuple[int, int, int]
    funded: bool
    above_ceiling: bool = False
    class_: str = ""
    replacement_hours: tuple[int, int, int] | None = None


@dataclass(frozen=True)
class ExactPlan:
    """The plan of the mixed-integer program.

    Attributes
    ----------
    chosen
        Positions in `Ask.options`, sorted.
    attained, bounds
        Value and proven bound of each goal, in order, by name.
    mode
        `certifie` (node or gap limits) or `rapide` (a clock).
    zones
        Zones retenues that one flow lifts to the threshold together, the goals of hours being
        held; sorted.
    extensions
        Without a post, those of the plan with the hours that they serve in one flow that attains
        all the rest.
    """

    chosen: tuple[int, ...]
    attained: Mapping[str, int]
    bounds: Mapping[str, int]
    mode: str
    zones: tuple[str, ...] = ()
    extensions: tuple[Extension, ...] = ()

"""The types of a dossier: an application examined, its claim tried, the argument against it.

Everything counted is whole (hours, cents, hundredths of ETP) or an exact `Fraction`; sentences are
French, as a jury reads them. Unknown is None, never zero.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from fractions import Fraction

    from coverage.dossiers.form import Form
    from coverage.proposals.application import Application

LEVELS = CONFORM, INCOMPLETE, DISCUSS, CONTRARY = (
    "conforme",
    "a_completer",
    "a_discuter",
    "contraire",
)
"""Levels of a finding, mildest first."""

LEVEL_NAMES = {
    CONFORM: "conforme",
    INCOMPLETE: "à compléter",
    DISCUSS: "à discuter",
    CONTRARY: "contraire à l’appel",
}

PASSED, DOUBTFUL, FAILED, UNKNOWN = OUTCOMES = ("etabli", "discutable", "non_etabli", "inconnu")
"""What a test of the claim comes to."""

SHOWN, LIKELY, NOT_SHOWN = VERDICTS = ("demontree", "probable", "non_demontree")


@dataclass(frozen=True)
class Finding:
    """One thing said of the form.

    Attributes
    ----------
    level
        One of `LEVELS`.
    rule
        Name of the rule of the call, or of the form (`form`), that it rests on.
    heading, text
        Of that rule, as the call's data has them: where it comes from and its paraphrase.
    place
        Dotted key of the form, empty for the whole.
    message, remedy
        What was found; what to do, empty when nothing is to be done.
    """

    level: str
    rule: str
    heading: str
    text: str
    place: str
    message: str
    remedy: str = ""


@dataclass(frozen=True)
class Case:
    """One application before the call.

    Attributes
    ----------
    application_id
        Name of its file, without extension.
    file
        Name in the study folder, or of the file given; never a path of the machine.
    structure_id
        Of the study; `nouvelle:` and the application's identifier when the study lacks it.
    form
        All that the file holds, gaps and oddities included.
    gaps
        What the reading of the form found: what is missing, unreadable, unknown or odd.
    application
        What plans compute with; None while a fault keeps it from being understood.
    places
        By volet whose perimeter can be read: sorted unit rows, and classes of buyers served in
        the order of `CLASSES` (all when none is told).
    sha256
        Of the file, for provenance.
    """

    application_id: str
    file: str
    structure_id: str
    structure_name: str
    form: Form
    gaps: tuple[Finding, ...]
    application: Application | None
    places: Mapping[str, tuple[tuple[int, ...], tuple[str, ...]]]
    sha256: str = ""


@dataclass(frozen=True)
class Figure:
    """One figure of an argument.

    Attributes
    ----------
    name
        What it measures, in French.
    value
        Hours, ETP, cents, counts, shares; None when unknown.
    unit
        `h`, `ETP`, `EUR`, `communes`, `habitants`, `part`, `h/ETP`, `annee`, `km`, `nombre`.
    source
        What it is read from, in French.
    """

    name: str
    value: int | Fraction | None
    unit: str
    source: str


@dataclass(frozen=True)
class ClaimPlace:
    """One commune (or arrondissement) of the perimeter that an application claims.

    Attributes
    ----------
    unit
        Unit row in the territory.
    statut
        Shown status of the commune (`coverage.status`).
    shares
        Part of its area by status of its atoms, sums to 1.
    white
        Part of its area in zones retenues.
    pending
        Part of its area in zones whose need is unknown (*à documenter*).
    holders
        (structure_id, nature) of who covers it today, sorted.
    own
        Whether the applicant is one of them, principally.
    need_hours, state_hours, unserved_hours
        Known need of the classes claimed and of the State's among them, and the part that the
        fair flow leaves unserved.
    unknown
        Classes claimed whose need is unknown there.
    zone_ids
        Zones that it belongs to, sorted.
    lent_hours
        Hours of the classes claimed that undedicated extensions alone serve there today: they
        wait for a post, as in the missing ETP of zones.
    """

    unit: int
    statut: str
    shares: Mapping[str, Fraction]
    white: Fraction
    pending: Fraction
    holders: tuple[tuple[str, str], ...]
    own: bool
    need_hours: int
    state_hours: int
    unserved_hours: int
    unknown: tuple[str, ...]
    zone_ids: tuple[str, ...]
    lent_hours: int = 0


@dataclass(frozen=True)
class Claim:
    """The perimeter claimed for a volet, and what it is today.

    Attributes
    ----------
    places
        By unit row.
    white_area, white_population, white_communes, white_hours
        Share of the claim that is truly zone blanche: of its area (None without contours), of its
        inhabitants (None without any known), of its communes (whole or in part), of its known
        need.
    regions
        Régions that it touches, sorted; more than one is *à discuter*.
    outside
        Unit rows outside the applicant's region or outside the study's régions.
    """

    volet: str
    places: tuple[ClaimPlace, ...]
    white_area: Fraction | None
    white_population: Fraction | None
    white_communes: int
    white_hours: int
    regions: tuple[str, ...]
    outside: tuple[int, ...] = ()

    @property
    def units(self) -> tuple[int, ...]:
        """Unit rows, sorted."""
        return tuple(place.unit for place in self.places)

    @property
    def need_hours(self) -> int:
        """Known need of the classes claimed."""
        return sum(place.need_hours for place in self.places)

    @property
    def state_hours(self) -> int:
        """Known need of the State's classes claimed."""
        return sum(place.state_hours for place in self.places)

    @property
    def unserved_hours(self) -> int:
        """Hours that the fair flow leaves unserved."""
        return sum(place.unserved_hours for place in self.places)

    @property
    def lent_hours(self) -> int:
        """Hours that undedicated extensions alone serve today."""
        return sum(place.lent_hours for place in self.places)

    @property
    def missing_hours(self) -> int:
        """Hours that wait for a post: unserved, or served by undedicated extensions alone."""
        return self.unserved_hours + self.lent_hours


@dataclass(frozen=True)
class ClaimTest:
    """One of the three tests of a claim.

    Attributes
    ----------
    name
        `coherence`, `besoin` or `voisins`.
    outcome
        One of `OUTCOMES`.
    sentence
        What it comes to, in one French sentence.
    reasons
        The steps, in French.
    figures
        Those that it rests on.
    """

    name: str
    outcome: str
    sentence: str
    reasons: tuple[str, ...]
    figures: tuple[Figure, ...]


@dataclass(frozen=True)
class Objection:
    """What a jury that wants to say no could answer, computed.

    Attributes
    ----------
    kind
        `extension` (a neighbour, the applicant or all of them take the claim in), `limitrophe`
        (an undedicated extension serves it already), `redeploiement`, `besoin_estime`,
        `besoin_inconnu`, `hypothese` (productivity, threshold), `hors_zone` (part not zone
        blanche), `projet` (need ends with a project), `perimetre_a_confirmer`,
        `autre_candidature`, `region_pourvue` (of a coordinator).
    structure_id
        Of the neighbour, empty when none, or several.
    share
        Part of the claim's missing hours (`Claim.missing_hours`) that it would take away, 0 to 1;
        1 when none is missing.
    hours
        Those hours.
    sentence
        The objection, in French: « Une extension de X absorberait 38 % … ».
    answer
        What the dossier may answer, in French; empty when nothing does.
    """

    kind: str
    structure_id: str
    share: Fraction
    hours: int
    sentence: str
    answer: str


@dataclass(frozen=True)
class Verdict:
    """How sure the claim is, and what to look at first.

    Attributes
    ----------
    word
        One of `VERDICTS`.
    sentence
        Why, in French.
    verify_first
        The one figure whose error would change the verdict the soonest.
    verify_why
        In French.
    """

    word: str
    sentence: str
    verify_first: Figure
    verify_why: str


@dataclass(frozen=True)
class Proportion:
    """Whether what is asked is in proportion.

    Attributes
    ----------
    asked_hundredths, missing_hundredths
        ETP asked and ETP missing in the zones claimed; missing is None when need is unknown.
    lines
        Each comparison as a finding: ETP, objectives by indicator, what remains after projects
        end, cost, advance and balance by year.
    """

    asked_hundredths: int
    missing_hundredths: int | None
    lines: tuple[Finding, ...]
    payments: tuple[tuple[int, str, int], ...] = ()


@dataclass(frozen=True)
class Dossier:
    """An application, examined whole.

    Attributes
    ----------
    application_id, file, structure_id, structure_name
        Of the application.
    findings
        Of the form, by level then place.
    claims, tests, objections, verdicts, proportions
        By volet with a perimeter that can be read; a coordinator's verdict is on its région.
    """

    case: Case
    findings: tuple[Finding, ...]
    claims: Mapping[str, Claim] = field(default_factory=dict)
    tests: Mapping[str, tuple[ClaimTest, ...]] = field(default_factory=dict)
    objections: Mapping[str, tuple[Objection, ...]] = field(default_factory=dict)
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)
    proportions: Mapping[str, Proportion] = field(default_factory=dict)

    @property
    def level(self) -> str:
        """The gravest level of its findings."""
        return max((each.level for each in self.findings), key=LEVELS.index, default=CONFORM)

"""Two or more states of one study side by side, with what each proposes where that is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from coverage.proposals.compare import COUNT, HOURS, STUDY, Figure, Variant, figures
from coverage.selection import select_regions
from coverage.status import STATUTS
from coverage.wording import STATUS_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from coverage.model import Coverage
    from coverage.proposals.outcome import Proposals
    from coverage.proposals.scenario import Scenario

_PLAIN = (
    ("besoin_h", "besoin connu", HOURS),
    ("besoin_etat_h", "dont État et opérateurs", HOURS),
    ("servi_h", "besoin servi", HOURS),
    ("deficit_h", "déficit : besoin connu et non servi", HOURS),
    ("communes_besoin_inconnu", "communes dont le besoin est inconnu", COUNT),
    ("communes_mixtes", "communes mixtes", COUNT),
    ("zones_retenues", "zones blanches retenues", COUNT),
    ("zones_a_documenter", "zones à documenter", COUNT),
)
_BY_STATUS = (
    ("communes_par_statut", "communes", COUNT),
    ("population_par_statut", "habitants", COUNT),
    ("zones_par_statut", "zones", COUNT),
)


@dataclass(frozen=True)
class Side:
    """One of the states compared.

    Attributes
    ----------
    scenario
        Under which it is; empty for the study itself.
    changes
        What it changes, in French.
    found
        What it proposes, None when that is not compared.
    """

    scenario: Scenario
    changes: tuple[str, ...]
    coverage: Coverage
    found: Proposals | None = None

    @property
    def key(self) -> str:
        """Short identifier, for columns."""
        return self.scenario.scenario_id or STUDY


def side_figures(sides: Sequence[Side]) -> tuple[Figure, ...]:
    """Return what is compared of states, the first one being the reference.

    Figures of the coverage first, then those of the proposals when every side has some.
    """
    held = [list(_figures(side.coverage)) for side in sides]
    states = tuple(
        Figure(name, label, unit, tuple(own[rank][3] for own in held))
        for rank, (name, label, unit, _) in enumerate(held[0])
    )
    proposed = variants(sides)
    return (*states, *figures(proposed)) if proposed else states


def variants(sides: Sequence[Side]) -> tuple[Variant, ...]:
    """Return the sides as variants, none when one of them proposes nothing."""
    found = tuple(Variant(side.scenario, side.found) for side in sides if side.found is not None)
    return found if len(found) == len(sides) else ()


def _figures(coverage: Coverage) -> Iterator[tuple[str, str, str, int]]:
    totals = select_regions(coverage).totals
    for name, label, unit in _PLAIN:
        yield name, label, unit, int(totals[name])
    for name, noun, unit in _BY_STATUS:
        for status in STATUTS:
            label = f"{noun}\u00a0: {STATUS_NAMES[status]}"
            yield f"{name}_{status}", label, unit, int(totals[name][status])

"""The states that a map of changes compares, and which communes they tell apart."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from coverage.palette import Stroke, Style
from coverage.status import STATUTS
from maps.scope import scope_of
from maps.tables import whole

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from numpy.typing import NDArray

    from coverage.model import Coverage
    from maps.scope import Scope

RATES = ("taux_reponse", "taux_reponse_etat")

BETTER_STATUS, BETTER_RATE, SAME, UNKNOWN, WORSE = range(5)
UNMEASURED = "donnee_manquante"

CHANGES = (
    Style(
        "mieux_situation",
        "",
        "",
        "mieux servie : la situation de la commune s’améliore",
        "situation améliorée",
        "#12508f",
        (Stroke("M0,3H12M0,9H12", "#9cc3ea", 1),),
        mixed_colour="#ffffff",
    ),
    Style(
        "mieux_taux",
        "",
        "",
        "mieux servie : le taux de réponse monte, la situation reste la même",
        "taux en hausse",
        "#9cc3ea",
        (Stroke("M-3,3L3,-3M0,12L12,0M9,15L15,9", "#12508f", 1),),
    ),
    Style("pareille", "", "", "ni mieux ni moins bien servie", "inchangée", "#f7f7f5"),
    Style(
        "couverte_inconnue",
        "",
        "",
        "couverte, mais son besoin est inconnu avant ou après : à documenter",
        "couverte, besoin inconnu",
        "#a7adb7",
        (Stroke("M3,3h.01M9,9h.01", "#262d37", 2.5),),
    ),
    Style(
        "moins_bien",
        "",
        "",
        "moins bien servie",
        "moins bien servie",
        "#d2691e",
        (Stroke("M0,3H12M0,9H12M3,0V12M9,0V12", "#5c2503", 1),),
    ),
)
"""How a change is drawn, in the order of the legend."""


@dataclass(frozen=True)
class State:
    """One coverage to be shown beside others of the same study.

    Attributes
    ----------
    label
        In French, as the page names it.
    posts
        For each unit row, what new posts serve it; units without any are left out.
    note
        What must be read beside the state, in French.
    """

    key: str
    label: str
    coverage: Coverage
    posts: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    note: str = ""

    @cached_property
    def scope(self) -> Scope:
        """What the map shows of it."""
        return scope_of(self.coverage)

    @property
    def communes(self) -> pd.DataFrame:
        """Rows of the communes shown."""
        return self.scope.communes

    @cached_property
    def mixed(self) -> NDArray[np.bool_]:
        """Whether another situation holds a part of each commune."""
        return self.communes["mixte"].to_numpy(dtype=bool)

    def answered(self, name: str) -> list[Fraction | None]:
        """Return a rate of response of each commune, None where there is none."""
        return [rate if isinstance(rate, Fraction) else None for rate in self.communes[name]]


def moved(states: tuple[State, ...]) -> NDArray[np.bool_]:
    """Return which communes are not the same in every state, or get a post in one."""
    first = states[0]
    found = np.zeros(len(first.communes), dtype=bool)
    for state in states:
        found |= np.isin(first.scope.units, list(state.posts))
        found |= np.array(state.scope.styles) != np.array(first.scope.styles)
        found |= state.mixed != first.mixed
        for name in RATES:
            pairs = zip(first.answered(name), state.answered(name), strict=True)
            found |= np.array([one != other for one, other in pairs], dtype=bool)
    return found


def change(old: tuple[str, Fraction | None], new: tuple[str, Fraction | None]) -> int:
    """Return the rank in `CHANGES` of a commune's (status, rate) before and after.

    What is compared is what is known: rates when both are, statuses when both measure the need. A
    covered place whose need is unknown is neither better nor worse, whatever it was before.

    >>> change(("limitrophe", Fraction(1, 2)), ("couverte", Fraction(1))) == BETTER_STATUS
    True
    """
    before, after = STATUTS.index(old[0]), STATUTS.index(new[0])
    fell = rose = False
    if old[1] is not None and new[1] is not None:
        fell, rose = new[1] < old[1], new[1] > old[1]
    if fell or (after < before and new[0] != UNMEASURED):
        return WORSE
    if UNMEASURED in (old[0], new[0]):
        return UNKNOWN if rose or after != before else SAME
    if after > before:
        return BETTER_STATUS
    return BETTER_RATE if rose else SAME


def changes(old: State, new: State) -> list[int]:
    """Return the rank in `CHANGES` of each commune from one state to another."""
    columns = (state.communes["statut"].tolist() for state in (old, new))
    rates = (state.answered("taux_reponse") for state in (old, new))
    before, after = (list(zip(*pair, strict=True)) for pair in zip(columns, rates, strict=True))
    return [change(one, other) for one, other in zip(before, after, strict=True)]


def tally(ranks: list[int], state: State, size: int) -> list[tuple[int, int]]:
    """Return (communes, known inhabitants) by rank of something told of each commune."""
    people = [value or 0 for value in whole(state.communes["population"])]
    communes, inhabitants = [0] * size, [0] * size
    for rank, count in zip(ranks, people, strict=True):
        communes[rank] += 1
        inhabitants[rank] += count
    return list(zip(communes, inhabitants, strict=True))


def shares(state: State) -> dict[str, list[Any]]:
    """Return, for the mixed communes alone, the shares of their area in thousandths, by row."""
    names = ["part_principale", "part_extension", "part_non_couverte"]
    table = (state.communes[names].astype("float64") * 1000).round().astype("int64").to_numpy()
    return {str(row): table[row].tolist() for row in np.flatnonzero(state.mixed).tolist()}

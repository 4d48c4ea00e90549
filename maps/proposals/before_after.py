"""The map of a study before and after the posts that are proposed, on two lists."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from coverage.proposals.limits import KEPT
from coverage.wording import decimal, plural
from maps.changes.change_map import Heading, build_change_map
from maps.changes.states import State

if TYPE_CHECKING:
    from collections.abc import Collection

    from coverage.proposals.model import Ask, Option
    from coverage.proposals.outcome import Proposals

TODAY = "Aujourd’hui"
TABLE = "avant_apres.csv"


def build_before_after(found: Proposals) -> str:
    """Return the page as one HTML document, the same for the same proposals.

    Raises
    ------
    DataUnavailableError
        When Leaflet has not been fetched (`make assets`).
    """
    ask = found.ask
    states = [
        State("avant", TODAY, ask.coverage),
        State(
            "liste",
            "Avec la liste classée",
            found.listed,
            posts_by_unit(ask, found.funded),
            _note(ask, found.funded),
        ),
        State(
            "plan",
            "Avec le plan exact",
            found.planned,
            posts_by_unit(ask, found.plan.chosen),
            _note(ask, found.plan.chosen) + _extensions(found),
        ),
    ]
    lead = "La couverture aujourd’hui, puis avec les postes proposés en plus de ceux en place"
    return build_change_map(states, Heading("Avant et après les postes proposés", lead, TABLE))


def posts_by_unit(ask: Ask, chosen: Collection[int]) -> dict[int, tuple[str, ...]]:
    """Return, for each unit row, the new posts that serve it, in words, sorted."""
    found: dict[int, list[str]] = {}
    for option in _new(ask, chosen):
        words = f"{option.structure_name}, {decimal(option.etp, 2)} ETP ({option.option_id})"
        for unit in option.units:
            found.setdefault(unit, []).append(words)
    return {unit: tuple(sorted(found[unit])) for unit in sorted(found)}


def _new(ask: Ask, chosen: Collection[int]) -> list[Option]:
    return [ask.options[k] for k in chosen if ask.options[k].origin != KEPT]


def _note(ask: Ask, chosen: Collection[int]) -> str:
    new = _new(ask, chosen)
    etp = decimal(sum((option.etp for option in new), Fraction(0)), 2)
    return f"{plural(len(new), 'poste nouveau', 'postes nouveaux')}, {etp} ETP"


def _extensions(found: Proposals) -> str:
    """Say what the exact plan takes beside posts."""
    count = len(found.plan.extensions)
    return f" ; {plural(count, 'extension', 'extensions')} sans poste" if count else ""

"""What is not known of a plan's figures, and what a draw of it changes (method, section 8).

Productivity moves every capacity: by a factor common to all structures, uniform on the range of
`heures_par_etp`, and by a part of each structure's own. Effort, labour share, hourly cost and the
share of contracts where a clause is realistic move the hours of contracts as their formula says;
each is uniform on its range and the same everywhere (the labour share has the same place in the
range of each family). Rates that a contract states itself do not move, nor the share that the
national plan or the law sets. Other needs stay.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from scipy.sparse import csr_array

from coverage.frames import CONTRACTS
from coverage.origins.amounts import hours_in_year
from coverage.origins.contracts import contract_contributions
from coverage.origins.labour import family_of
from coverage.parameters import CLASSES, STATE_CLASSES, definitions
from coverage.proposals.network import NO_PROGRAMME, PRIORITY, existing_posts

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from coverage.model import Coverage
    from coverage.origins.contributions import Place
    from coverage.parameters import Parameters
    from coverage.proposals.model import Ask, PlanNetwork
    from coverage.proposals.network import Pieces

OWN_PART = 0.1
"""A structure's own part of productivity: up to a tenth less or more (assumption, à documenter)."""

COMMON = (
    "heures_par_etp",
    "taux_effort",
    "part_main_oeuvre",
    "cout_horaire_eur",
    "part_marches_clausables",
)
"""Assumptions drawn once for all, by the name of their parameter."""

OWN = "heures_par_etp_structure"
"""The own part of the structure that asks."""

_NO_FAMILY = ""


@dataclass(frozen=True)
class Kind:
    """Contracts whose hours move alike.

    Attributes
    ----------
    family
        Prefix of their CPV family; empty when they state their labour share.
    effort
        Whether they follow the method's effort rate.
    class_
        Class of buyer whose observed share they follow; empty when a text sets it.
    """

    family: str
    effort: bool
    class_: str

    def factor(self, parameters: Parameters, places: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what multiplies their hours in each draw, shape (draws,).

        Parameters
        ----------
        places
            Place of each assumption of `COMMON` in its range, 0 to 1; shape (draws, assumptions).
        """
        _, effort, labour, cost, share = places.T
        found = parameters.cout_horaire_eur / drawn("cout_horaire_eur", cost)
        if self.effort:
            found = found * drawn("taux_effort", effort) / float(parameters.taux_effort)
        if self.family:
            family = family_of(self.family)
            if family is None or family.share is None:
                base = float(parameters.part_main_oeuvre)
                found = found * drawn("part_main_oeuvre", labour) / base
            else:
                low, high = float(family.low), float(family.high)
                found = found * (low + (high - low) * labour) / float(family.share)
        if self.class_:
            observed = float(dict(parameters.part_marches_clausables)[self.class_])
            found = found * drawn("part_marches_clausables", share) / observed
        return found


def drawn(name: str, place: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the values of a parameter at some places in its range, 0 to 1."""
    known = definitions()[name]
    low, high = float(known.low), float(known.high)
    return low + (high - low) * place


@dataclass(frozen=True)
class Uncertain:
    """The figures of a network that draws change.

    Attributes
    ----------
    kinds
        Of contracts.
    hours
        Hours of each kind in each demand node, shape (nodes, kinds).
    structures
        Sorted, those of today's posts and of options.
    supplies, options
        Position in `structures` of each existing supply node, and of each option.
    """

    network: PlanNetwork
    parameters: Parameters
    kinds: tuple[Kind, ...]
    hours: csr_array
    structures: tuple[str, ...]
    supplies: tuple[int, ...]
    options: tuple[int, ...]

    @property
    def active(self) -> tuple[bool, ...]:
        """Whether each assumption of `COMMON` can change anything."""
        return (
            True,
            any(kind.effort for kind in self.kinds),
            any(kind.family for kind in self.kinds),
            bool(self.kinds),
            any(kind.class_ for kind in self.kinds),
        )


def uncertainty(ask: Ask, network: PlanNetwork, pieces: Pieces) -> Uncertain:
    """Return what draws may change in the network of an ask.

    Parameters
    ----------
    pieces
        What the demand nodes are made of (`coverage.proposals.network.plan_pieces`).
    """
    coverage = ask.coverage
    owners = existing_posts(coverage)["structure_id"].tolist()
    askers = [option.structure_id for option in ask.options]
    structures = sorted({*owners, *askers})
    rank = {name: number for number, name in enumerate(structures)}
    kinds, hours = _contract_hours(coverage, pieces, len(network.needs))
    return Uncertain(
        network=network,
        parameters=coverage.study.parameters,
        kinds=kinds,
        hours=hours,
        structures=tuple(structures),
        supplies=tuple(rank[name] for name in owners),
        options=tuple(rank[name] for name in askers),
    )


def _contract_hours(
    coverage: Coverage, pieces: Pieces, nodes: int
) -> tuple[tuple[Kind, ...], csr_array]:
    """Return the kinds of contracts, and their hours in each node.

    Contracts of a cut commune are spread as its hours of their class.
    """
    kinds, marked = _marked(coverage)
    if not kinds:
        return (), csr_array((nodes, 0), dtype=np.float64)
    study, territory = replace(coverage.study, contracts=marked), coverage.territory
    brought, whole = contract_contributions(study, territory), coverage.need.contributions
    units = len(territory)
    every = _by_cell(whole.table, whole.places, units)
    of_kind = brought.table["source"].astype(np.int64).to_numpy()
    unit = coverage.atoms.table["unit"].to_numpy()[pieces.atom]
    cell = _cell(unit, pieces.class_, (pieces.level == PRIORITY).astype(np.int64), units)
    columns = []
    for kind in range(len(kinds)):
        own = _by_cell(brought.table[of_kind == kind], brought.places, units)
        share = np.divide(own, every, out=np.zeros_like(own), where=every > 0)
        moved = pieces.hours * np.minimum(share[cell], 1)
        columns.append(np.bincount(pieces.node, weights=moved, minlength=nodes))
    return kinds, csr_array(np.column_stack(columns))


def _marked(coverage: Coverage) -> tuple[tuple[Kind, ...], pl.DataFrame]:
    """Return the kinds of contracts of the year, and the contracts, their kind as `source`."""
    study = coverage.study
    parameters, scenario = study.parameters, study.parameters.scenario_clauses
    shares = dict(parameters.part_marches_clausables)
    running = hours_in_year(study.contracts, parameters, study.year, shares, scenario)
    kinds: dict[Kind, int] = {}
    numbers = []
    columns = ("cpv", "labour_ppm", "effort_ppm", "donneur_ordre", "obliged")
    for cpv, labour, effort, class_, obliged in running.select(columns).iter_rows():
        family = None if labour is not None else family_of(cpv)
        kind = Kind(
            family.prefix if family else _NO_FAMILY,
            effort is None,
            "" if obliged or scenario == "pnad_30" else class_,
        )
        numbers.append(str(kinds.setdefault(kind, len(kinds))))
    marked = running.with_columns(source=pl.Series(numbers, dtype=pl.String))
    return tuple(kinds), marked.select(CONTRACTS.names())


def _by_cell(table: pd.DataFrame, places: Sequence[Place], units: int) -> NDArray[np.float64]:
    """Return millionths of hours by cell: unit, class, and whether they are priority hours."""
    found = np.zeros(units * len(CLASSES) * 2)
    columns = ("place", "class_", "programme", "micro")
    for number, class_, programme, micro in zip(
        *(table[name].tolist() for name in columns), strict=True
    ):
        place = places[number]
        weights = np.array(place.weights, dtype=np.float64)
        weights = weights if weights.any() else np.ones(len(weights))
        first = programme not in NO_PROGRAMME or CLASSES[class_] in STATE_CLASSES
        found[_cell(place.units, class_, int(first), units)] += micro * weights / weights.sum()
    return found


def _cell(
    unit: NDArray[np.integer[Any]],
    class_: NDArray[np.int64] | int,
    first: NDArray[np.int64] | int,
    units: int,
) -> NDArray[np.int64]:
    """Return numbers of cells; `first` is 1 for priority hours, else 0."""
    cell: NDArray[np.int64] = (unit.astype(np.int64) + units * np.asarray(class_)) * 2
    return cell + first

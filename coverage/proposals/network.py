"""The network of a plan: who asks, who answers already, and which options could (method, 8).

A demand node is a set of (atom, class) that the same posts and the same options reach, at the same
level, in the same zone, and that the same extensions would join to the same posts. Hours held only
by an undedicated extension count as unserved before, so existing posts reach their principal
perimeters alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from coverage.atoms import PRINCIPAL, structure_shares
from coverage.need import need_by_atom
from coverage.parameters import CLASSES, STATE_COLUMNS
from coverage.perimeters import active_posts
from coverage.proposals.lending import joined_pairs, joins_of, spare_hours
from coverage.proposals.model import PlanNetwork
from coverage.response import number_reach
from coverage.rounding import largest_remainders
from coverage.supply import build_supply

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from coverage.model import Coverage, Need, Study
    from coverage.proposals.model import Ask, Option

PRIORITY, BARE, REST = 0, 1, 2
"""Levels of demand nodes; those of level 1 are held by no principal perimeter."""

NO_PROGRAMME = ("", "autre")
"""Programmes whose hours are not of a State programme."""

FACILITATOR = "facilitateur"
KEPT = "convention"

Reach = tuple[int, ...]


@dataclass(frozen=True)
class Pieces:
    """The hours of each (atom, class, level), and the demand node that they are merged in.

    Attributes
    ----------
    atom, class_, level, hours, node
        Shape (pieces,), int64; hours > 0.
    """

    atom: NDArray[np.int64]
    class_: NDArray[np.int64]
    level: NDArray[np.int64]
    hours: NDArray[np.int64]
    node: NDArray[np.int64]


def plan_network(ask: Ask, *, full_year: bool = False) -> PlanNetwork:
    """Return the network of an ask.

    Parameters
    ----------
    full_year
        Whether options work as in a full year, without the ramp of their first one.
    """
    return plan_pieces(ask, full_year=full_year)[0]


def plan_pieces(ask: Ask, *, full_year: bool = False) -> tuple[PlanNetwork, Pieces]:
    """Return the network of an ask, and what its demand nodes are made of."""
    coverage = ask.coverage
    atom, class_, level, hours = _demand(coverage)
    zones = tuple(sorted(coverage.zone_atoms))
    zone = np.empty(len(coverage.atoms.table), dtype=np.int64)
    for number, name in enumerate(zones):
        zone[coverage.zone_atoms[name]] = number
    capacities, reached, reach_of = _existing(coverage)
    offered, offer_of = _sets(
        [(o.units, o.scope if o.volet == FACILITATOR else ()) for o in ask.options],
        len(coverage.territory),
    )
    joins = joins_of(ask.extensions, existing_posts(coverage)) if ask.extensions else []
    joined, join_of = _sets([(units, scope) for _, _, units, scope in joins], len(offer_of))
    signature = coverage.atoms.table["signature"].to_numpy()[atom]
    unit = coverage.atoms.table["unit"].to_numpy()[atom]
    keys = [level, zone[atom], reach_of[signature, class_], offer_of[unit, class_]]
    keys.append(join_of[unit, class_])
    merged, node = np.unique(np.column_stack(keys), axis=0, return_inverse=True)
    node = node.reshape(-1)
    needs, state = (np.zeros(len(merged), dtype=np.int64) for _ in range(2))
    np.add.at(needs, node, hours)
    np.add.at(state, node, np.where(np.isin(class_, STATE_COLUMNS), hours, 0))
    reach = tuple(reached[number] for number in merged[:, 2].tolist())
    near = [offered[number] for number in merged[:, 3].tolist()]
    network = PlanNetwork(
        needs=tuple(needs.tolist()),
        level=tuple(merged[:, 0].tolist()),
        state=tuple(state.tolist()),
        reach=reach,
        capacities=capacities,
        options=_nodes_of(near, len(ask.options)),
        hours=option_hours(ask.options, coverage.study, full_year=full_year),
        zone=tuple(merged[:, 1].tolist()),
        zones=zones,
        component=_components(reach, near, len(capacities), len(ask.options)),
    )
    if ask.extensions:
        rows = [joined[number] for number in merged[:, 4].tolist()]
        network = replace(
            network,
            spare=spare_hours(network.needs, capacities, reach),
            extensions=joined_pairs(rows, joins, reach, len(ask.extensions)),
        )
    return network, Pieces(atom, class_, level, hours, node)


def option_hours(
    options: Sequence[Option], study: Study, *, full_year: bool = False
) -> tuple[int, ...]:
    """Return the whole hours that each option brings in the study's year.

    A post kept from an earlier year works already: its hours are those of the posts filed, and it
    brings none anew. Only where no post of its structure that an earlier call funds is filed does
    it bring them, without a ramp.
    """
    posts = active_posts(study)
    calls = posts["financement"].astype(str)
    kept = calls.str.startswith("aap_") & (calls != f"aap_{study.year}")
    working = set(posts.loc[kept & (posts["volet"] == FACILITATOR), "structure_id"])
    own = study.structures["heures_par_etp"].dropna().to_dict()
    ramp = study.parameters.montee_en_charge
    found = []
    for option in options:
        before = option.origin == KEPT
        hours = option.etp * int(own.get(option.structure_id, study.parameters.heures_par_etp))
        if option.volet != FACILITATOR or (before and option.structure_id in working):
            hours = Fraction(0)
        found.append(int(hours if before or full_year else hours * ramp))
    return tuple(found)


def _demand(coverage: Coverage) -> tuple[NDArray[np.int64], ...]:
    """Return atom, class, level and hours (> 0) of what is asked."""
    atoms = coverage.atoms
    asked = need_by_atom(coverage.need, atoms)
    unit = atoms.table["unit"].to_numpy(dtype=np.int64)
    priority = _priority(asked, coverage.need, unit, len(coverage.territory))
    held = np.array([any(n in PRINCIPAL for _, n in row) for row in atoms.signatures], dtype=bool)
    rest = np.where(held[atoms.table["signature"].to_numpy()], REST, BARE)
    level = np.stack([np.full(len(unit), PRIORITY), rest])
    hours = np.stack([priority, asked - priority])
    rank, atom, class_ = np.nonzero(hours)
    return atom, class_, level[rank, atom], hours[rank, atom, class_]


def _priority(
    asked: NDArray[np.int64], need: Need, unit: NDArray[np.int64], units: int
) -> NDArray[np.int64]:
    """Return the priority hours of each (atom, class): the State's, and those of its programmes.

    The hours of a programme in a cut commune go to its atoms as its hours of the class do.
    """
    parts = need.parts[~need.parts["programme"].isin(NO_PROGRAMME)]
    whole = np.zeros((units, len(CLASSES)), dtype=np.int64)
    class_ = parts["donneur_ordre"].map(CLASSES.index).to_numpy(dtype=np.int64)
    np.add.at(whole, (parts["unit"].to_numpy(), class_), parts["hours"].to_numpy())
    columns = [
        asked[:, k] if k in STATE_COLUMNS else largest_remainders(whole[unit, k], asked[:, k], unit)
        for k in range(len(CLASSES))
    ]
    return np.column_stack(columns)


def existing_posts(coverage: Coverage) -> pd.DataFrame:
    """Return the supply nodes of today, as `coverage.supply.Supply.table`."""
    study = coverage.study
    links = structure_shares(coverage.atoms)
    posts, known = active_posts(study), coverage.need.known
    return build_supply(study, coverage.territory, posts, links, known).table


def _existing(coverage: Coverage) -> tuple[tuple[int, ...], list[Reach], NDArray[np.int64]]:
    """Return capacities of existing posts, the sets of them, and the set of (signature, class)."""
    table = existing_posts(coverage)
    keys = list(zip(table["structure_id"], table["scope"], strict=True))
    signatures = coverage.atoms.signatures
    near = [[s for s, nature in row if nature in PRINCIPAL] for row in signatures]
    numbers: dict[Reach, int] = {}
    found = number_reach(near, keys, numbers, classes=CLASSES)
    reached, rank = _in_order(list(numbers))
    return tuple(table["hours"].tolist()), reached, rank[found]


def _sets(
    rows: Sequence[tuple[Sequence[int], Sequence[str]]], units: int
) -> tuple[list[Reach], NDArray[np.int64]]:
    """Return sets of rows (units, classes), and the number of the set of each (unit, class)."""
    numbers: dict[Reach, int] = {(): 0}
    found = np.zeros((units, len(CLASSES)), dtype=np.int64)
    alike: dict[Reach, list[int]] = {}
    for column, class_ in enumerate(CLASSES):
        named = (k for k, (_, classes) in enumerate(rows) if class_ in classes)
        alike.setdefault(tuple(named), []).append(column)
    for serving, columns in alike.items():
        near: dict[int, list[int]] = {}
        for k in serving:
            for unit in rows[k][0]:
                near.setdefault(unit, []).append(k)
        for unit, row in near.items():
            found[unit, columns] = numbers.setdefault(tuple(row), len(numbers))
    sets, rank = _in_order(list(numbers))
    return sets, rank[found]


def _in_order(rows: list[Reach]) -> tuple[list[Reach], NDArray[np.int64]]:
    """Return rows sorted, and the new position of each: numbers no longer tell who came first."""
    order = sorted(range(len(rows)), key=rows.__getitem__)
    rank = np.empty(len(rows), dtype=np.int64)
    rank[order] = np.arange(len(rows))
    return [rows[k] for k in order], rank


def _nodes_of(near: Sequence[Reach], count: int) -> tuple[Reach, ...]:
    """Return the demand nodes that each option reaches, sorted."""
    nodes: list[list[int]] = [[] for _ in range(count)]
    for node, row in enumerate(near):
        for k in row:
            nodes[k].append(node)
    return tuple(map(tuple, nodes))


def _components(
    reach: Sequence[Reach], near: Sequence[Reach], supplies: int, options: int
) -> tuple[int, ...]:
    """Return the connected component of each demand node, numbered by their first ones."""
    rows = [(*row, *(supplies + k for k in own)) for row, own in zip(reach, near, strict=True)]
    sizes = [len(row) for row in rows]
    node = np.repeat(np.arange(len(rows)), sizes)
    other = len(rows) + np.fromiter(chain.from_iterable(rows), dtype=np.int64, count=len(node))
    total = len(rows) + supplies + options
    links = coo_array((np.ones(len(node), dtype=np.int8), (node, other)), shape=(total, total))
    label = connected_components(links, directed=False)[1][: len(rows)]
    _, first, own = np.unique(label, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return tuple(rank[own].tolist())

"""Certificates: proofs of shortage that add up by hand (method, section 5).

Take a short group and every poorer group that shares suppliers with it, directly or through
others. No supplier outside this union reaches it, so whatever is redeployed, it receives at
most the union's capacity C, and its need D exceeds C: at least D − C hours stay unserved.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from coverage.model import Certificate
from coverage.parameters import CLASSES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from coverage.response import Group, Response
    from coverage.supply import Supply

LETTERS = {
    "total": "T",
    "etat": "E",
    "extensions_comprises": "X",
    "perimetres_principaux": "P",
}
"""How an identifier begins: flow then kind; the lowest own place follows."""

Place = tuple[str, str, int]
Places = dict[int, list[Place]]


def certify(
    response: Response,
    supply: Supply,
    *,
    places: NDArray[np.object_],
    zones: NDArray[np.int64],
    flow: str,
    kind: str,
) -> list[Certificate]:
    """Return the certificate of every short group of a fair flow.

    Places that no supplier reaches are one certificate for each zone they lie in.

    Parameters
    ----------
    places
        Name of each atom: its commune's code, and a part's number where it is cut.
    zones
        Zone number of each atom.
    flow, kind
        As in `coverage.model.Certificate`.
    """
    of_group = _places(response, places)
    prefix = _prefix(flow, kind)
    short = [number for number, group in enumerate(response.groups) if group.rate < 1]
    reached = [number for number in short if response.groups[number].supplies]
    names = {number: _name(prefix, of_group[number]) for number in reached}
    own = {number: _own_structures(response.groups[number], supply) for number in reached}
    made = []
    for number in reached:
        ancestors = response.groups[number].ancestors
        union = (number, *ancestors)
        made.append(
            Certificate(
                certificate_id=names[number],
                flow=flow,
                kind=kind,
                places=tuple(of_group[number]),
                structures=own[number],
                ancestors=tuple(sorted(names[a] for a in ancestors)),
                own_need_hours=_total(of_group[number]),
                own_capacity_hours=_total(own[number]),
                need_hours=sum(_total(of_group[g]) for g in union),
                capacity_hours=sum(_total(own[g]) for g in union),
            )
        )
    return made + _unreached(response, places, zones, (flow, kind))


def _prefix(flow: str, kind: str) -> str:
    return LETTERS[flow] + LETTERS[kind]


def _total(rows: Sequence[tuple[str, str, int]]) -> int:
    return sum(row[2] for row in rows)


def _name(prefix: str, places: Sequence[Place]) -> str:
    code, class_, _ = places[0]
    return f"{prefix}-{code}-{class_}"


def _own_structures(group: Group, supply: Supply) -> tuple[Place, ...]:
    own = supply.table.iloc[list(group.supplies)]
    return tuple(
        (structure, "|".join(scope), hours)
        for structure, scope, hours in zip(
            own["structure_id"].tolist(), own["scope"].tolist(), own["hours"].tolist(), strict=True
        )
    )


def _places(response: Response, places: NDArray[np.object_]) -> Places:
    """Return the own places of each short group, by atom then class in their order."""
    group_of = np.full(len(response.rates) + 1, -1, dtype=np.int64)
    for number, group in enumerate(response.groups):
        if group.rate < 1:
            group_of[list(group.nodes)] = number
    return _gather(response, places, group_of[response.nodes.of_atom])


def _gather(response: Response, places: NDArray[np.object_], labels: NDArray[np.int64]) -> Places:
    """List the hours of (atom, class) by label; labels below 0 are left out."""
    atom, class_ = np.nonzero(labels >= 0)
    label = labels[atom, class_]
    order = np.argsort(label, kind="stable")
    atom, class_, label = atom[order], class_[order], label[order]
    rows = list(
        zip(
            places[atom].tolist(),
            np.array(CLASSES, dtype=object)[class_].tolist(),
            response.nodes.hours[atom, class_].tolist(),
            strict=True,
        )
    )
    found, first = np.unique(label, return_index=True)
    runs = pairwise([*first.tolist(), len(rows)])
    return {
        number: rows[start:end] for number, (start, end) in zip(found.tolist(), runs, strict=True)
    }


def _unreached(
    response: Response,
    places: NDArray[np.object_],
    zones: NDArray[np.int64],
    kind: tuple[str, str],
) -> list[Certificate]:
    """Certify, zone by zone, the places that no supplier reaches."""
    labels = np.where(response.nodes.unreached, zones[:, None], -1)
    return [
        Certificate(
            certificate_id=_name(_prefix(*kind), own),
            flow=kind[0],
            kind=kind[1],
            places=tuple(own),
            structures=(),
            ancestors=(),
            own_need_hours=_total(own),
            own_capacity_hours=0,
            need_hours=_total(own),
            capacity_hours=0,
        )
        for own in _gather(response, places, labels).values()
    ]

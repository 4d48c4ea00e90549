"""The check's own network of a plan, read again from the coverage: atom by atom, nothing merged."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coverage.atoms import PRINCIPAL, structure_shares
from coverage.need import need_by_atom
from coverage.parameters import CLASSES, STATE_CLASSES
from coverage.perimeters import active_posts
from coverage.proposals.atom_flows import network_of_rows
from coverage.rounding import largest_remainder
from coverage.supply import build_supply

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from numpy.typing import NDArray

    from coverage.model import Coverage, Study
    from coverage.proposals.atom_flows import AtomNetwork
    from coverage.proposals.model import Ask, Extension, Option

_NOT_OF_THE_STATE = frozenset({"", "autre"})


def atom_network(
    ask: Ask,
    chosen: Collection[int],
    extensions: Sequence[Extension] = (),
    *,
    full_year: bool = False,
) -> AtomNetwork:
    """Return the demands of every atom, and the supplies in place, of options and of extensions.

    Parameters
    ----------
    extensions
        With the hours that the posts in place serve by them; those said of a post that is not
        their structure's reach nothing.
    """
    coverage = ask.coverage
    study, atoms = coverage.study, coverage.atoms
    table = build_supply(
        study, coverage.territory, active_posts(study), structure_shares(atoms), coverage.need.known
    ).table
    posts = list(zip(table["structure_id"], table["scope"], strict=True))
    by_structure: dict[str, list[int]] = {}
    for number, (structure, _) in enumerate(posts):
        by_structure.setdefault(structure, []).append(number)
    options = [ask.options[k] for k in sorted(chosen)]
    by_unit: dict[int, list[int]] = {}
    for number, option in enumerate(options, start=len(posts)):
        for unit in option.units if option.volet == "facilitateur" else ():
            by_unit.setdefault(unit, []).append(number)
    scope = [*(own for _, own in posts), *(option.scope for option in options)]
    owner = [structure for structure, _ in posts] + [""] * len(options)
    borrowed = [(own, post) for own in extensions for post, _ in own.served if post < len(posts)]
    for number, (own, post) in enumerate(borrowed, start=len(scope)):
        same = own.structure_id == owner[post]
        scope.append(tuple(c for c in own.scope if same and c in posts[post][1]))
        owner.append(own.structure_id)
        for unit in own.units:
            by_unit.setdefault(unit, []).append(number)
    zones = sorted(coverage.zone_atoms)
    zone = np.zeros(len(atoms.table), dtype=np.int64)
    for rank, name in enumerate(zones):
        zone[coverage.zone_atoms[name]] = rank
    unit_of, signature = (atoms.table[name].tolist() for name in ("unit", "signature"))
    rows: list[tuple[int, int, int]] = []
    links: list[tuple[int, int]] = []
    for atom, class_, level, asked in _demands(coverage):
        principal = [s for s, nature in atoms.signatures[signature[atom]] if nature in PRINCIPAL]
        near = [post for s in principal for post in by_structure.get(s, ())]
        near += [k for k in by_unit.get(unit_of[atom], ()) if owner[k] not in principal]
        links += [(len(rows), post) for post in near if CLASSES[class_] in scope[post]]
        rows.append((asked, level if level == 0 or principal else 1, int(zone[atom])))
    brought = [_hours(option, study, full_year=full_year) for option in options]
    lent = [(post, hours) for own in extensions for post, hours in own.served if post < len(posts)]
    return network_of_rows(
        rows, links, [*table["hours"].tolist(), *brought], zones, len(posts), lent
    )


def _demands(coverage: Coverage) -> Iterator[tuple[int, int, int, int]]:
    """Yield atom, class, level (0 for priority hours, else 2) and hours > 0."""
    asked = need_by_atom(coverage.need, coverage.atoms)
    shared = _programme_hours(coverage, asked)
    for atom, column in zip(*(axis.tolist() for axis in np.nonzero(asked)), strict=True):
        hours = int(asked[atom, column])
        state = CLASSES[column] in STATE_CLASSES
        priority = hours if state else shared.get((atom, column), 0)
        for level, part in ((0, priority), (2, hours - priority)):
            if part:
                yield atom, column, level, part


def _programme_hours(coverage: Coverage, asked: NDArray[np.int64]) -> dict[tuple[int, int], int]:
    """Return the hours of State programmes by (atom, class), those of cut communes shared."""
    unit = coverage.atoms.table["unit"].to_numpy()
    whole: dict[tuple[int, int], int] = {}
    columns = ("unit", "donneur_ordre", "programme", "hours")
    for row, class_, name, hours in zip(
        *(coverage.need.parts[column].tolist() for column in columns), strict=True
    ):
        if name not in _NOT_OF_THE_STATE:
            key = (row, CLASSES.index(class_))
            whole[key] = whole.get(key, 0) + hours
    found: dict[tuple[int, int], int] = {}
    for (row, column), hours in whole.items():
        own = range(*np.searchsorted(unit, [row, row + 1]).tolist())
        parts = largest_remainder(hours, asked[own.start : own.stop, column].tolist())
        found.update(zip(((atom, column) for atom in own), parts, strict=True))
    return found


def _hours(option: Option, study: Study, *, full_year: bool) -> int:
    """Return the hours that an option brings, 0 for a kept post that is among those filed."""
    if option.volet != "facilitateur":
        return 0
    kept = option.origin == "convention"
    posts = active_posts(study)
    for structure, volet, call in zip(
        *(posts[name] for name in ("structure_id", "volet", "financement")), strict=True
    ):
        old = str(call).startswith("aap_") and call != f"aap_{study.year}"
        if kept and old and (structure, volet) == (option.structure_id, option.volet):
            return 0
    own = study.structures["heures_par_etp"].dropna().to_dict()
    hours = option.etp * int(own.get(option.structure_id, study.parameters.heures_par_etp))
    return int(hours if kept or full_year else hours * study.parameters.montee_en_charge)

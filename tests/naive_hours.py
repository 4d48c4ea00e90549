"""Hours asked and hours offered, for the naive reference (sections 4 and 5)."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from math import floor
from typing import TYPE_CHECKING

from naive_atoms import atoms_of, reach
from naive_filed import active_posts, days_in_force, known_classes, lines_of_the_year

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from naive_atoms import Parts

    from coverage.model import Study
    from geo.territory import Territory

Node = tuple[str, str]
"""A demand node: (place of an atom, class of buyer). The place of a whole unit is its code."""
Supply = tuple[str, str]
"""A supply node: (structure, classes served joined by `|`)."""


# --- need (section 4) ---------------------------------------------------------------------


def split(
    hours: Fraction, shares: Mapping[str, int] | Mapping[str, Fraction]
) -> dict[str, Fraction]:
    """Return whole hours by place in proportion of `shares`: largest remainder, ties in order."""
    if len(shares) == 1:
        return dict.fromkeys(shares, hours)
    if hours.denominator != 1:
        raise ValueError("the reference splits whole hours only")
    total = sum(shares.values())
    exact = {place: hours * share / total for place, share in shares.items()}
    whole = {place: floor(value) for place, value in exact.items()}
    by_remainder = sorted(exact, key=lambda place: whole[place] - exact[place])
    for place in by_remainder[: int(hours) - sum(whole.values())]:
        whole[place] += 1
    return {place: Fraction(value) for place, value in whole.items()}


def needs_by_unit(study: Study, territory: Territory) -> dict[Node, int]:
    """Return the whole hours of every (unit, class) that some are filed for."""
    filed: dict[Node, Fraction] = {}
    for line in lines_of_the_year(study):
        asked = (line.commune, line.donneur_ordre)
        filed[asked] = filed.get(asked, Fraction(0)) + Fraction(line.heures)
    sums: dict[Node, Fraction] = {}
    for (place, name), total in filed.items():
        rows = territory.members["commune"][place]
        shares = {str(territory.codes[row]): int(territory.population[row]) for row in rows}
        for code, hours in split(total, shares).items():
            sums[code, name] = sums.get((code, name), Fraction(0)) + hours
    return {node: floor(hours + Fraction(1, 2)) for node, hours in sums.items()}


def needs_by_node(
    study: Study, territory: Territory, parts: Parts | None = None
) -> dict[Node, int]:
    """Return the need of every demand node with more than zero hours, spread by area."""
    atoms = parts or atoms_of(study, territory)
    found = {}
    for (code, name), hours in needs_by_unit(study, territory).items():
        shares = {atom.place: Fraction(atom.share) for atom in atoms[code]}
        for place, here in split(Fraction(hours), shares).items():
            found[place, name] = int(here)
    return {node: hours for node, hours in found.items() if hours > 0}


# --- capacity (section 5) -----------------------------------------------------------------


def share_inside(study: Study, territory: Territory, parts: Parts) -> dict[str, Fraction]:
    """Return structure → share of its population that the study can tell the needs of.

    People of a unit that is cut live by area. The method is silent on fractions of them: those
    that a structure holds in a unit are rounded to whole inhabitants.
    """
    known = known_classes(study, territory)
    inside: dict[str, int] = {}
    whole: dict[str, int] = {}
    regions = dict(zip(territory.codes, territory.units["region"], strict=True))
    population = dict(zip(territory.codes, territory.population, strict=True))
    held = reach(study, territory, parts=parts)
    for code, atoms in parts.items():
        counted = not study.regions or regions[code] in study.regions or bool(known[code])
        shares: dict[str, Fraction] = {}
        for atom in atoms:
            for name in held[atom.place]:
                shares[name] = shares.get(name, Fraction(0)) + Fraction(atom.share)
        for name, share in shares.items():
            people = floor(int(population[code]) * share + Fraction(1, 2))
            whole[name] = whole.get(name, 0) + people
            inside[name] = inside.get(name, 0) + people * counted
    return {name: Fraction(inside[name], whole[name]) for name in whole if whole[name]}


def exact_capacities(
    study: Study, territory: Territory, parts: Parts | None = None
) -> dict[Supply, Fraction]:
    """Return the capacity of every supply node, unrounded."""
    shares: Mapping[str, Fraction] = {}
    if study.regions:
        shares = share_inside(study, territory, parts or atoms_of(study, territory))
    own = study.structures["heures_par_etp"].dropna()
    days = (date(study.year, 12, 31) - date(study.year, 1, 1)).days + 1
    found: dict[Supply, Fraction] = {}
    for post in active_posts(study):
        hours = int(own.get(post.structure_id, study.parameters.heures_par_etp))
        capacity = post.etp * hours * Fraction(days_in_force(post, study.year), days)
        if post.financement == f"aap_{study.year}":
            capacity *= study.parameters.montee_en_charge
        supply = (post.structure_id, "|".join(post.donneurs_ordre))
        share = shares.get(post.structure_id, Fraction(1))
        found[supply] = found.get(supply, Fraction(0)) + capacity * share
    return found


def capacities(study: Study, territory: Territory, parts: Parts | None = None) -> dict[Supply, int]:
    exact = exact_capacities(study, territory, parts)
    return {supply: floor(value) for supply, value in exact.items()}


def edges(
    nodes: Collection[Node], supplies: Collection[Supply], covers: Mapping[str, Collection[str]]
) -> dict[Node, set[Supply]]:
    """Return node → supply nodes that hold its place and serve its class."""
    by_structure: dict[str, list[Supply]] = {}
    for supply in supplies:
        by_structure.setdefault(supply[0], []).append(supply)
    return {
        (place, name): {
            supply
            for held in covers[place]
            for supply in by_structure[held]
            if name in supply[1].split("|")
        }
        for place, name in nodes
    }

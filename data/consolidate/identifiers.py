"""Identifiers of posts, services, projects: renamed where two dossiers give one to two things."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from data.consolidate.identities import Kind, final_names, folded, same_identifiers
from data.consolidate.model import Part
from data.consolidate.structures import match_structures
from data.study.award_tables import CONVENTIONS
from data.study.sources_tables import PROJETS, SERVICES
from data.study.tables import POSTES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from data.collect.model import Row
    from data.consolidate.identities import Names, Node
    from data.consolidate.model import Dossier

    _Alike = Callable[[Mapping[str, str], Mapping[str, str]], bool]

_POST = Kind(POSTES.name, "un poste d’une autre structure")
_SERVICE = Kind(SERVICES.name, "un autre service")
_AWARD = Kind(CONVENTIONS.name, "une convention d’une autre structure")
_PROJECT = Kind(PROJETS.name, "un autre projet")


@dataclass(frozen=True)
class Identifiers:
    """What everything is called in the consolidated study.

    Attributes
    ----------
    names
        Column of identifiers → (dossier, identifier) → final identifier.
    options, sources
        The same of identifiers of options that applications ask, and of files that
        `exhaustivite` may name as sources; those renamed only.
    """

    names: Mapping[str, Names]
    options: Names = field(default_factory=dict)
    sources: Names = field(default_factory=dict)

    def of(self, dossier: str, column: str, text: str) -> str:
        """Return what a cell becomes."""
        return self.names.get(column, {}).get((dossier, text), text)

    def renamed(self, dossier: Dossier, table: str) -> list[Row]:
        """Return the rows of a table of a dossier, by their final identifiers."""
        names = dict(self.names)
        names["option_id"] = self.options
        if table == "exhaustivite":
            names["source"] = self.sources
        rows = dossier.rows.get(table, ())
        return [
            replace(
                row,
                cells={
                    column: names.get(column, {}).get((dossier.label, text), text)
                    for column, text in row.cells.items()
                },
            )
            for row in rows
        ]


def settle_identifiers(dossiers: Sequence[Dossier]) -> tuple[Identifiers, Part]:
    """Return the final identifiers of all dossiers, and what was recognised or renamed."""
    structures, part = match_structures(dossiers)
    prefixes = {each.label: each.prefix for each in dossiers}

    def same_structure(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
        return one["structure_id"] == other["structure_id"]

    posts, awards = (
        {
            (each.label, name): {"structure_id": structures[each.label, row.cell("structure_id")]}
            for each in dossiers
            for row in each.rows.get(table.name, ())
            if (name := row.cell(column))
        }
        for table, column in ((POSTES, "poste_id"), (CONVENTIONS, "convention_id"))
    )
    services = _nodes(dossiers, SERVICES.name, "service_id")
    projects = _nodes(dossiers, PROJETS.name, "projet_id") | _drawn_projects(dossiers)
    names: dict[str, Names] = {"structure_id": structures}
    named: list[tuple[str, Kind, Mapping[Node, Mapping[str, str]], _Alike]] = [
        ("poste_id", _POST, posts, same_structure),
        ("convention_id", _AWARD, awards, same_structure),
        ("service_id", _SERVICE, services, _same_thing),
        ("projet_id", _PROJECT, projects, _same_thing),
    ]
    for column, kind, nodes, alike in named:
        groups = same_identifiers(nodes, alike).listed()
        names[column], told = final_names(groups, prefixes, kind)
        part += Part(tuple(told))
    names["renouvelle"] = names["convention_id"]
    return Identifiers(names), part


def _same_thing(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """Tell whether two descriptions under one identifier are of one thing: name, or SIRET."""
    sirets = one.get("siret", ""), other.get("siret", "")
    return folded(one["nom"]) == folded(other["nom"]) or (sirets[0] == sirets[1] != "")


def _nodes(dossiers: Sequence[Dossier], table: str, column: str) -> dict[Node, Mapping[str, str]]:
    return {
        (each.label, row.cell(column)): row.cells
        for each in dossiers
        for row in each.rows.get(table, ())
    }


def _drawn_projects(dossiers: Sequence[Dossier]) -> dict[Node, Mapping[str, str]]:
    return {
        (each.label, str(name)): {"nom": str(title)}
        for each in dossiers
        if each.projects is not None
        for name, title in zip(each.projects["projet_id"], each.projects["nom"], strict=True)
    }

"""Structures of several dossiers recognised as one, renamed where they are not, merged."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from data.consolidate.identities import Kind, final_names, folded, same_identifiers
from data.consolidate.model import Merged, Part, Told, fault, place, sorted_rows
from data.study.faults import Findings, quoted
from data.study.tables import STRUCTURES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from data.collect.model import Row
    from data.consolidate.identities import Groups, Names, Node
    from data.consolidate.model import Dossier, Outcome
    from geo.errors import Notice

KIND = Kind(STRUCTURES.name, "une autre structure")

_ID, _NAME, _SIRET = "structure_id", "nom", "siret"
_POSITION = ("lon", "lat")
_AGREE = "accordez les deux dossiers : c’est à leurs auteurs de dire lequel est juste"
_GIVE_SIRET = "donnez son SIRET à chacune dans chaque dossier, ou renommez celle qui diffère"


def match_structures(dossiers: Sequence[Dossier]) -> tuple[Names, Part]:
    """Return the final identifier of every structure, and what was recognised or renamed.

    One structure: the same identifier with the same SIRET, or with the same name where a SIRET is
    missing; another identifier with the same SIRET, where no dossier gives it twice.
    """
    nodes = {
        (each.label, row.cell(_ID)): row.cells
        for each in dossiers
        for row in each.rows.get(STRUCTURES.name, ())
    }
    groups = same_identifiers(nodes, _alike)
    told = _join_by_siret(nodes, groups)
    listed = groups.listed()
    faults = [notice for group in listed for notice in _muddled(group, nodes, dossiers)]
    told += [line for group in listed for line in _brought_together(group, nodes)]
    prefixes = {each.label: each.prefix for each in dossiers}
    names, renamed = final_names(listed, prefixes, KIND)
    told += [*renamed, *_namesakes(nodes, names)]
    return names, Part(tuple(told), Findings(tuple(faults)))


def merge_structures(dossiers: Sequence[Dossier], names: Names) -> Merged:
    """Return the structures once each, their cells completed by one another.

    Two values for one cell are a fault: a productivity or a status is not chosen in silence. Only
    the spelling of a name may differ.
    """
    groups: defaultdict[str, list[tuple[str, Row]]] = defaultdict(list)
    balance: dict[str, Counter[Outcome]] = {}
    for each in dossiers:
        counts = balance.setdefault(each.label, Counter())
        for row in each.rows.get(STRUCTURES.name, ()):
            name = names[each.label, row.cell(_ID)]
            counts["lues"] += 1
            counts["doublons" if name in groups else "gardees"] += 1
            groups[name].append((each.label, row))
    rows, told, faults = [], [], []
    for name, group in groups.items():
        faults += _conflicts(group)
        cells = _completed(group)
        rows.append({**cells, _ID: name})
        told += _told(name, group, cells)
    return Merged(sorted_rows(rows), balance, Part(tuple(told), Findings(tuple(faults))))


def _alike(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    if one[_SIRET] and other[_SIRET]:
        return one[_SIRET] == other[_SIRET]
    return folded(one[_NAME]) == folded(other[_NAME])


def _join_by_siret(nodes: Mapping[Node, Mapping[str, str]], groups: Groups) -> list[Told]:
    """Join the groups that share a SIRET; where a dossier gives it twice, only tell it."""
    by_siret: defaultdict[str, list[Node]] = defaultdict(list)
    for node, cells in nodes.items():
        if cells[_SIRET]:
            by_siret[cells[_SIRET]].append(node)
    told = []
    for siret, holders in by_siret.items():
        labels = [label for label, _ in holders]
        if len(set(labels)) == len(labels):
            for other in holders[1:]:
                groups.join(holders[0], other)
        elif len(set(labels)) > 1 and len({groups.root(node) for node in holders}) > 1:
            names = "|".join(sorted({name for _, name in holders}))
            found = f"SIRET {siret} donné à plusieurs structures d’un même dossier"
            outcome = "structures non rapprochées par ce SIRET : vérifiez qu’aucune n’est répétée"
            told.append(
                Told("cumul", STRUCTURES.name, names, tuple(sorted(set(labels))), found, outcome)
            )
    return told


def _muddled(
    group: Sequence[Node], nodes: Mapping[Node, Mapping[str, str]], dossiers: Sequence[Dossier]
) -> list[Notice]:
    """Return the faults of a group that would be two structures of one dossier, or two SIRET."""
    labels = Counter(label for label, _ in group)
    sirets = sorted({nodes[node][_SIRET] for node in group} - {""})
    if max(labels.values()) == 1 and len(sirets) <= 1:
        return []
    rows = {
        (each.label, row.cell(_ID)): row for each in dossiers for row in each.rows[STRUCTURES.name]
    }
    first, *others = group
    listed = " ; ".join(f"{quoted(node[1])} ({place(node[0], rows[node])})" for node in others)
    message = f"structures qui n’en feraient qu’une par leurs noms ou SIRET : avec {listed}"
    return [fault(first[0], rows[first], _ID, message, _GIVE_SIRET)]


def _brought_together(group: Sequence[Node], nodes: Mapping[Node, Mapping[str, str]]) -> list[Told]:
    if len({name for _, name in group}) == 1:
        return []
    siret = next(filter(None, (nodes[node][_SIRET] for node in group)), "")
    filed = ", ".join(f"{quoted(name)} ({label})" for label, name in group)
    labels = tuple(sorted({label for label, _ in group}))
    outcome = f"une seule structure, sous le premier identifiant : {quoted(group[0][1])}"
    found = f"même SIRET {siret} sous plusieurs identifiants : {filed}"
    return [Told("rapprochement", STRUCTURES.name, group[0][1], labels, found, outcome)]


def _namesakes(nodes: Mapping[Node, Mapping[str, str]], names: Names) -> list[Told]:
    """Tell structures of one name in two dossiers that no SIRET tells apart."""
    by_name: defaultdict[str, list[Node]] = defaultdict(list)
    for node, cells in nodes.items():
        by_name[folded(cells[_NAME])].append(node)
    told = []
    for twins in by_name.values():
        finals = {names[node] for node in twins}
        labels = {label for label, _ in twins}
        bare = any(not nodes[node][_SIRET] for node in twins)
        if len(finals) > 1 and len(labels) > 1 and bare:
            found = f"même nom, {quoted(nodes[twins[0]][_NAME])}, sous plusieurs identifiants"
            outcome = "comptées à part, faute de SIRET : donnez-le s’il s’agit d’une seule"
            subject = "|".join(sorted(finals))
            line = Told("cumul", STRUCTURES.name, subject, tuple(sorted(labels)), found, outcome)
            told.append(line)
    return told


def _columns() -> list[str]:
    return [column.name for column in STRUCTURES.columns if column.name != _ID]


def _conflicts(group: Sequence[tuple[str, Row]]) -> list[Notice]:
    """Return a fault for each cell to which two dossiers give different values."""
    faults = []
    for column in _columns():
        filled = [(label, row) for label, row in group if row.cell(column)]
        for label, row in filled[1:]:
            at, first = filled[0]
            if column != _NAME and row.cell(column) != first.cell(column):
                message = (
                    f"structure {quoted(row.cell(_ID))} : {quoted(row.cell(column))} ici, "
                    f"{quoted(first.cell(column))} dans {place(at, first)}"
                )
                faults.append(fault(label, row, column, message, _AGREE))
    return faults


def _completed(group: Sequence[tuple[str, Row]]) -> dict[str, str]:
    """Return the first filled cell of each column."""
    return {
        column: next((text for _, row in group if (text := row.cell(column))), "")
        for column in (_ID, *_columns())
    }


def _told(name: str, group: Sequence[tuple[str, Row]], cells: Mapping[str, str]) -> list[Told]:
    if len(group) == 1:
        return []
    labels = tuple(sorted({label for label, _ in group}))
    found = f"structure {quoted(cells[_NAME])} déposée par {len(labels)} dossiers"
    told = [Told("doublon", STRUCTURES.name, name, labels, found, "gardée une fois")]
    spellings = {folded(row.cell(_NAME)): row.cell(_NAME) for _, row in reversed(group)}
    if len(spellings) > 1:
        filed = " ; ".join(f"{quoted(row.cell(_NAME))} ({label})" for label, row in group)
        outcome = f"nom gardé : {quoted(cells[_NAME])}"
        found = f"nom écrit différemment : {filed}"
        told.append(Told("ecart", STRUCTURES.name, name, labels, found, outcome))
    for column in _columns():
        empty = sorted(label for label, row in group if not row.cell(column))
        if cells[column] and empty:
            given = sorted(label for label, row in group if row.cell(column))
            found = f"« {column} » vide dans {', '.join(empty)}, donné par {', '.join(given)}"
            outcome = f"valeur prise : {quoted(cells[column])}"
            told.append(Told("complement", STRUCTURES.name, name, labels, found, outcome))
    return told

"""Posts of several dossiers: one by identifier, counted where they have none.

Two alike posts without identifier are two posts in one dossier, and one post when two dossiers
file it for the same structure: the larger count of one dossier is kept. Lists of which neither
holds the other are a fault, since joining them might count a capacity twice.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import combinations
from typing import TYPE_CHECKING

from data.consolidate.model import Merged, Part, Told, fault, place, sorted_rows
from data.consolidate.tables import merge_rows
from data.study.faults import Findings, count, quoted
from data.study.tables import POSTES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from data.collect.model import Row
    from data.consolidate.model import Outcome
    from geo.errors import Notice

    _Filed = Mapping[str, Sequence[Row]]

_ID, _STRUCTURE = "poste_id", "structure_id"
_GIVE_IDS = (
    "donnez un poste_id aux postes de cette structure dans chaque dossier : le même pour le même "
    "poste"
)
_Post = tuple[str, ...]


def merge_posts(filed: _Filed) -> Merged:
    """Return the posts of all dossiers, in the order of their cells.

    Parameters
    ----------
    filed
        Dossier → its posts, identifiers already those of the consolidated study.
    """
    named = {label: [row for row in rows if row.cell(_ID)] for label, rows in filed.items()}
    by_name = merge_rows(POSTES, named)
    structures: defaultdict[str, dict[str, list[Row]]] = defaultdict(dict)
    for label, rows in filed.items():
        for row in rows:
            structures[row.cell(_STRUCTURE)].setdefault(label, []).append(row)
    balance = {label: Counter(by_name.balance[label]) for label in filed}
    kept: list[Mapping[str, str]] = list(by_name.rows)
    told, faults = list(by_name.part.told), list(by_name.part.findings.faults)
    for structure, by_dossier in structures.items():
        faults += _doubts(by_dossier)
        counts = _anonymous(by_dossier)
        for label, rows in by_dossier.items():
            balance[label]["lues"] += sum(not row.cell(_ID) for row in rows)
        kept += _taken(by_dossier, counts, balance)
        told += _told(structure, by_dossier, counts)
    return Merged(sorted_rows(kept), balance, Part(tuple(told), Findings(tuple(faults))))


def _post(row: Row) -> _Post:
    """Return all that a row says of a post but its identifier."""
    return tuple(text for name, text in row.cells.items() if name != _ID)


def _anonymous(by_dossier: _Filed) -> dict[str, Counter[_Post]]:
    """Return how many alike posts each dossier files that no other dossier's identifiers name."""
    named: defaultdict[_Post, dict[str, set[str]]] = defaultdict(dict)
    for label, rows in by_dossier.items():
        for row in rows:
            if row.cell(_ID):
                named[_post(row)].setdefault(row.cell(_ID), set()).add(label)
    left = {}
    for label, rows in by_dossier.items():
        mine = Counter(_post(row) for row in rows if not row.cell(_ID))
        elsewhere = {
            post: sum(label not in holders for holders in named[post].values())
            for post in mine
            if post in named
        }
        left[label] = mine - Counter(elsewhere)
    return left


def _taken(
    by_dossier: _Filed,
    counts: Mapping[str, Counter[_Post]],
    balance: Mapping[str, Counter[Outcome]],
) -> list[Mapping[str, str]]:
    """Return the posts without identifier that are kept: of each sort, those of one dossier."""
    kept: list[Mapping[str, str]] = []
    for label, rows in by_dossier.items():
        seen: Counter[_Post] = Counter()
        for row in rows:
            if row.cell(_ID):
                continue
            post = _post(row)
            seen[post] += 1
            most = max(each[post] for each in counts.values())
            holder = next(name for name, each in counts.items() if each[post] == most)
            if holder == label and seen[post] <= most:
                kept.append(row.cells)
                balance[label]["gardees"] += 1
            else:
                balance[label]["doublons"] += 1
    return kept


def _doubts(by_dossier: _Filed) -> list[Notice]:
    """Return a fault for two dossiers of which neither holds the other's posts of a structure."""
    faults = []
    for (one, mine), (other, theirs) in combinations(by_dossier.items(), 2):
        own, his = _beyond(mine, theirs), _beyond(theirs, mine)
        if own and his and not all(row.cell(_ID) for row in (*own, *his)):
            message = (
                f"structure {quoted(mine[0].cell(_STRUCTURE))} : ses postes sans identifiant sont "
                f"décrits ici autrement que dans {place(one, own[0])} ; réunis, ils compteraient "
                "peut-être deux fois"
            )
            faults.append(fault(other, his[0], _ID, message, _GIVE_IDS))
    return faults


def _beyond(mine: Sequence[Row], theirs: Sequence[Row]) -> list[Row]:
    """Return the rows that another dossier's list does not hold, identifiers aside."""
    left = Counter(map(_post, theirs))
    beyond = []
    for row in mine:
        left[_post(row)] -= 1
        if left[_post(row)] < 0:
            beyond.append(row)
    return beyond


def _told(structure: str, by_dossier: _Filed, counts: Mapping[str, Counter[_Post]]) -> list[Told]:
    holders = [
        label for label, rows in by_dossier.items() if any(not row.cell(_ID) for row in rows)
    ]
    if len(by_dossier) == 1 or not holders:
        return []
    sorts = {post for each in counts.values() for post in each}
    kept = sum(max(each[post] for each in counts.values()) for post in sorts)
    read = sum(not row.cell(_ID) for rows in by_dossier.values() for row in rows)
    found = f"{count(read, 'poste')} sans identifiant, la structure étant dans plusieurs dossiers"
    outcome = (
        f"{count(kept, 'gardé')} : de chaque sorte, autant que le dossier qui en compte le plus, "
        "moins ceux qu’un autre dossier nomme"
    )
    return [Told("doublon", POSTES.name, structure, tuple(sorted(by_dossier)), found, outcome)]

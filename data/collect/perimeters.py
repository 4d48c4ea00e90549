"""Received perimeters joined: a structure declares, only the planner validates.

A received perimeter is `a_confirmer`, unless the study already holds it as it is. When two
files disagree on one, both natures are kept, `conteste`: none is counted by default.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from coverage.model import NATURES
from coverage.parameters import ETATS
from data.collect.model import Change, Remark, addition, split_foreign, spoken_for
from data.study.tables import PERIMETRES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from data.collect.model import Claim, Ledger, Received, RemarkKind, Row

VALID, TO_CONFIRM, CONTESTED = "valide", "a_confirmer", "conteste"

_KEY = ("structure_id", "volet", "niveau", "code")
_NATURE = PERIMETRES.column("nature").default
_Key = tuple[str, ...]


def join_perimeters(study: Sequence[Row], received: Sequence[Received], ledger: Ledger) -> None:
    """Enter in the ledger what received perimeters do to those of the study."""
    filed: defaultdict[_Key, list[Row]] = defaultdict(list)
    for row in study:
        filed[_key(row)].append(row)
    own, foreign = (_by_key(claims) for claims in split_foreign(PERIMETRES, received))
    for key in dict.fromkeys([*own, *foreign]):
        _join_place(filed.get(key, []), own.get(key, []), foreign.get(key, []), ledger)
    may_go = spoken_for(PERIMETRES, received)
    for key, rows in filed.items():
        if key[0] in may_go and key not in own and key not in foreign:
            ledger.changes += [_removal(row) for row in rows]


def _key(row: Row) -> _Key:
    return tuple(row.cells.get(name, PERIMETRES.column(name).default) for name in _KEY)


def _by_key(claims: Iterable[Claim]) -> dict[_Key, list[Claim]]:
    grouped: dict[_Key, list[Claim]] = {}
    for claim in claims:
        grouped.setdefault(_key(claim.row), []).append(claim)
    return grouped


def _join_place(
    filed: Sequence[Row], own: Sequence[Claim], foreign: Sequence[Claim], ledger: Ledger
) -> None:
    """Join all that is said of one place of one structure, by itself (own) and by others."""
    natures = _by_nature(own, filed)
    others = _by_nature(foreign, filed)
    if len(natures) > 1 or (natures and others.keys() - natures.keys()):
        ledger.conflict(PERIMETRES, [*own, *foreign], "values")
        _contest({**others, **natures}, filed, ledger)
        return
    for claim in foreign:
        ledger.conflict(PERIMETRES, [claim], "foreign")
    if own:
        _join_one(filed, own, next(iter(natures)), ledger)
        return
    held = {row.cell("nature") for row in filed}
    _contest({name: one for name, one in others.items() if name not in held}, filed, ledger)


def _by_nature(claims: Iterable[Claim], filed: Sequence[Row]) -> dict[str, Claim]:
    """Return the first claim of each nature; a file without that column keeps the study's."""
    unsaid = filed[0].cell("nature") if filed else _NATURE
    found: dict[str, Claim] = {}
    for claim in claims:
        found.setdefault(claim.row.cells.get("nature", unsaid), claim)
    return found


def _contest(natures: Mapping[str, Claim], filed: Sequence[Row], ledger: Ledger) -> None:
    """Keep every nature of a place, contested."""
    for nature in sorted(natures, key=NATURES.index):
        source = natures[nature].row
        held = [row for row in filed if row.cell("nature") == nature]
        if not held:
            cells = {**source.cells, "nature": nature, "etat": CONTESTED}
            ledger.changes.append(addition(PERIMETRES, source, cells))
        ledger.changes += [
            Change(PERIMETRES.name, row, source, {"etat": CONTESTED})
            for row in held
            if row.cell("etat") != CONTESTED
        ]


def _join_one(filed: Sequence[Row], own: Sequence[Claim], nature: str, ledger: Ledger) -> None:
    """Join the one nature that a structure declares of a place."""
    first, *others = own
    for claim in others:
        ledger.enter(claim.file, PERIMETRES, "repeated")
    doubts = [etat for claim in own if (etat := claim.row.cell("etat")) not in ("", VALID)]
    same = next((row for row in filed if row.cell("nature") == nature), None)
    old = same or next(iter(filed), None)
    if old is None:
        etat = _most_doubtful([TO_CONFIRM, *doubts])
        cells = {**first.row.cells, "nature": nature, "etat": etat}
        ledger.changes.append(addition(PERIMETRES, first.row, cells))
        ledger.enter(first.file, PERIMETRES, "added")
    else:
        again = [] if same else [TO_CONFIRM]
        etat = _most_doubtful([old.cell("etat"), *again, *doubts])
        _replace(old, {"nature": nature, "etat": etat}, first, ledger)
    if any("nature" in claim.row.cells for claim in own):
        others_gone = [row for row in filed if row is not old and row.cell("nature") != nature]
        ledger.changes += [_removal(row) for row in others_gone]
    if etat != VALID:
        vain = [claim.row for claim in own if claim.row.cell("etat") == VALID]
        ledger.remarks += [_remark("not_believed", row) for row in vain]


def _replace(old: Row, new: Mapping[str, str], claim: Claim, ledger: Ledger) -> None:
    cells = {name: text for name, text in new.items() if old.cell(name) != text}
    ledger.enter(claim.file, PERIMETRES, "changed" if cells else "unchanged")
    if cells:
        ledger.changes.append(Change(PERIMETRES.name, old, claim.row, cells))
    if "nature" in cells and old.cell("etat") == VALID:
        ledger.remarks.append(_remark("to_confirm", claim.row))


def _most_doubtful(etats: Iterable[str]) -> str:
    return max(etats, key=ETATS.index)


def _removal(row: Row) -> Change:
    return Change(PERIMETRES.name, row, None, {})


def _remark(kind: RemarkKind, row: Row) -> Remark:
    return Remark(kind, PERIMETRES.name, row.file, row.line)

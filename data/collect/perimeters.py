"""Received perimeters joined: a structure declares, only the planner validates.

A received perimeter is `a_confirmer`, unless the study already holds it as it is. When two
files disagree on one, both natures are kept, `conteste`: none is counted by default.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from coverage.model import NATURES
from coverage.parameters import ETATS
from data.collect.model import Change, Remark, addition, replacement, split_foreign, spoken_for
from data.study.tables import PERIMETRES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from data.collect.model import Claim, Ledger, Outcome, Received, RemarkKind, Row

VALID, TO_CONFIRM, CONTESTED = "valide", "a_confirmer", "conteste"

KEY = ("structure_id", "volet", "niveau", "code")
"""Columns that tell a place of a structure; its nature is a value."""

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
    return tuple(row.cells.get(name, PERIMETRES.column(name).default) for name in KEY)


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
        claims = [*own, *foreign]
        alone = [_believed(filed, claim) for claim in claims]
        kept = _contested({**others, **natures}, filed)
        ledger.conflict(PERIMETRES, claims, "values", alone=alone, kept=kept)
        ledger.changes += kept
        return
    held = {row.cell("nature") for row in filed}
    unheld = {name: one for name, one in others.items() if name not in held}
    contested = [] if own else _contested(unheld, filed)
    for claim in foreign:
        believed = [] if own else _believed(filed, claim)
        kept = [change for change in contested if change.source is claim.row]
        ledger.conflict(PERIMETRES, [claim], "foreign", alone=[believed], kept=kept)
    ledger.changes += contested
    if own:
        _join_one(filed, own, next(iter(natures)), ledger)


def _by_nature(claims: Iterable[Claim], filed: Sequence[Row]) -> dict[str, Claim]:
    """Return the first claim of each nature; a file without that column keeps the study's."""
    unsaid = filed[0].cell("nature") if filed else _NATURE
    found: dict[str, Claim] = {}
    for claim in claims:
        found.setdefault(claim.row.cells.get("nature", unsaid), claim)
    return found


def _contested(natures: Mapping[str, Claim], filed: Sequence[Row]) -> list[Change]:
    """Return what keeps every nature of a place, contested."""
    made: list[Change] = []
    for nature in sorted(natures, key=NATURES.index):
        source = natures[nature].row
        held = [row for row in filed if row.cell("nature") == nature]
        if not held:
            cells = {**source.cells, "nature": nature, "etat": CONTESTED}
            made.append(addition(PERIMETRES, source, cells))
        made += [
            Change(PERIMETRES.name, row, source, {"etat": CONTESTED})
            for row in held
            if row.cell("etat") != CONTESTED
        ]
    return made


def _join_one(filed: Sequence[Row], own: Sequence[Claim], nature: str, ledger: Ledger) -> None:
    """Join the one nature that a structure declares of a place."""
    first, *others = own
    for claim in others:
        ledger.enter(claim.file, PERIMETRES, "repeated")
    made, etat = _declared(filed, own, nature)
    ledger.changes += made
    joined = next((change for change in made if change.source is not None), None)
    outcome: Outcome = (
        "unchanged" if joined is None else "added" if joined.old is None else "changed"
    )
    ledger.enter(first.file, PERIMETRES, outcome)
    old = None if joined is None else joined.old
    if old is not None and old.cell("etat") == VALID and joined and "nature" in joined.cells:
        ledger.remarks.append(_remark("to_confirm", first.row))
    if etat != VALID:
        vain = [claim.row for claim in own if claim.row.cell("etat") == VALID]
        ledger.remarks += [_remark("not_believed", row) for row in vain]


def _believed(filed: Sequence[Row], claim: Claim) -> list[Change]:
    """Return what believing one line on a place changes, whatever others say."""
    return _declared(filed, [claim], next(iter(_by_nature([claim], filed))))[0]


def _declared(
    filed: Sequence[Row], claims: Sequence[Claim], nature: str
) -> tuple[list[Change], str]:
    """Return what the one nature declared of a place changes, and its state once joined."""
    source = claims[0].row
    doubts = [etat for claim in claims if (etat := claim.row.cell("etat")) not in ("", VALID)]
    same = next((row for row in filed if row.cell("nature") == nature), None)
    old = same or next(iter(filed), None)
    held = [TO_CONFIRM] if old is None else [old.cell("etat"), *([] if same else [TO_CONFIRM])]
    etat = _most_doubtful([*held, *doubts])
    cells = {"nature": nature, "etat": etat}
    made = replacement(PERIMETRES, old, source, {**source.cells, **cells} if old is None else cells)
    if any("nature" in claim.row.cells for claim in claims):
        others_gone = [row for row in filed if row is not old and row.cell("nature") != nature]
        made += [_removal(row) for row in others_gone]
    return made, etat


def _most_doubtful(etats: Iterable[str]) -> str:
    return max(etats, key=ETATS.index)


def _removal(row: Row) -> Change:
    return Change(PERIMETRES.name, row, None, {})


def _remark(kind: RemarkKind, row: Row) -> Remark:
    return Remark(kind, PERIMETRES.name, row.file, row.line)

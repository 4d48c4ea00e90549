"""A diff as planners read it, in French, and as machines do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from data.collect.model import OUTCOMES
from data.collect.perimeters import CONTESTED, TO_CONFIRM
from data.study.faults import count, quoted
from data.study.tables import BESOINS, EXHAUSTIVITE, PERIMETRES, POSTES, STRUCTURES, TABLES

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Mapping, Sequence

    from data.collect.model import Change, Conflict, Diff, Outcome, Remark, Row
    from data.study.tables import Table

SHOWN = 200
"""Changes of each kind printed for a table; `--json` gives them all."""

_EMPTY = "(vide)"
_FEW = 5
NOT_COUNTED = (
    "un périmètre « a_confirmer » ou « conteste » ne compte pas dans la couverture, sauf si le "
    "paramètre « etats_perimetres » le dit"
)
_KINDS = {
    "added": ("+", "ajoutée", "ajoutées", "ajout", "ajouts"),
    "changed": ("~", "modifiée", "modifiées", "modification", "modifications"),
    "removed": ("-", "retirée", "retirées", "retrait", "retraits"),
}
"""Kind → its sign, the participles and the nouns that count it."""

_OUTCOMES: dict[Outcome, tuple[str, str]] = {
    "added": ("ajoutée", "ajoutées"),
    "changed": ("modifiée", "modifiées"),
    "unchanged": ("inchangée", "inchangées"),
    "repeated": ("répétée", "répétées"),
    "conflicting": ("en conflit", "en conflit"),
}
ROW_REMARKS = {
    "not_believed": "état « valide » déclaré par la structure, non repris : à vous de valider",
    "to_confirm": "périmètre valide modifié, remis « a_confirmer » : à vous de valider",
}
"""Kind of a remark about a row → what it says."""

REASONS = {
    "values": "valeurs différentes pour une même ligne",
    "foreign": "ligne sur une structure au nom de laquelle le classeur ne parle pas",
    "owner": "poste d’une autre structure dans l’étude",
    "elsewhere": "poste sans identifiant qu’un autre classeur de la même structure ne donne pas",
}
_CONFLICT_REMEDY = "rien ne sera écrit : faites corriger un des classeurs, puis recommencez"
_CONTESTED = "le périmètre est gardé « conteste » : à vous de trancher dans l’étude"
_TOLD_FIRST = {
    STRUCTURES.name: ("structure_id",),
    POSTES.name: ("poste_id", "structure_id"),
    PERIMETRES.name: ("structure_id", "volet", "niveau", "code"),
    BESOINS.name: ("commune", "donneur_ordre", "annee", "programme", "source"),
    EXHAUSTIVITE.name: ("donneur_ordre",),
}
"""Table → the columns that name a row."""


def report(diff: Diff) -> str:
    """Return a diff in French: by table, then remarks, then the balance of lines."""
    blocks = [_table_block(diff, table) for table in TABLES]
    blocks += [_remarks(diff), _balance(diff.balance)]
    return "\n\n".join(block for block in blocks if block)


def _table_block(diff: Diff, table: Table) -> str:
    changes = diff.changes_of(table)
    conflicts = [conflict for conflict in diff.conflicts if conflict.table == table.name]
    if not changes and not conflicts:
        return ""
    counted = []
    lines = []
    for kind, (_, one, many, *_nouns) in _KINDS.items():
        alike = [change for change in changes if change.kind == kind]
        if alike:
            counted.append(count(len(alike), one, many))
            lines += _change_lines(alike, kind)
    if conflicts:
        counted.append(count(len(conflicts), "conflit"))
        lines += [line for conflict in conflicts for line in _conflict_lines(conflict)]
    return "\n".join([f"Lignes de « {table.name} » : {', '.join(counted)}", *lines])


def _change_lines(changes: Sequence[Change], kind: str) -> list[str]:
    lines = [line for change in changes[:SHOWN] for line in _one_change(change)]
    hidden = len(changes) - SHOWN
    if hidden > 0:
        lines.append(f"  … et {count(hidden, *_KINDS[kind][3:])} de plus (--json les donne tous)")
    return lines


def _one_change(change: Change) -> list[str]:
    sign = _KINDS[change.kind][0]
    if change.old is None:
        place = "" if change.source is None else _place(change.source)
        return [f"  {sign} {row_summary(change.table, change.cells)}{place}"]
    if change.source is None:
        return [f"  {sign} {row_summary(change.table, change.old.cells)}{_place(change.old)}"]
    lines = [f"  {sign} {row_name(change.table, change.old.cells)}{_place(change.source)}"]
    return lines + [
        f"      {column} : {_shown(change.old.cell(column))} → {_shown(text)}"
        for column, text in change.cells.items()
    ]


def _conflict_lines(conflict: Conflict) -> list[str]:
    first, *_ = conflict.rows
    remedy = _CONFLICT_REMEDY if conflict.blocking else _CONTESTED
    lines = [f"  ! {REASONS[conflict.reason]} : {row_name(conflict.table, first.cells)}"]
    lines += [f"      {_values(conflict, row)}{_place(row)}" for row in conflict.rows]
    return [*lines, f"      → {remedy}"]


def _values(conflict: Conflict, row: Row) -> str:
    """Return the cells in which lines that conflict differ, all of them when none does."""
    differ = [
        name
        for name, text in row.cells.items()
        if any(other.cells.get(name, text) != text for other in conflict.rows)
    ]
    told = differ or [name for name, text in row.cells.items() if text]
    return ", ".join(f"{name} {_shown(row.cell(name))}" for name in told)


def row_name(table: str, cells: Mapping[str, str]) -> str:
    """Return what names a row: its identifiers, all it says when it has none.

    >>> row_name("postes", {"poste_id": "P1", "structure_id": "nord", "etp": "1"})
    'P1, nord'
    """
    if table == POSTES.name and not cells.get("poste_id"):
        return row_summary(table, cells)
    return ", ".join(text for name in _TOLD_FIRST[table] if (text := cells.get(name)))


def row_summary(table: str, cells: Mapping[str, str]) -> str:
    """Return all that a row says, its name first."""
    first = [text for name in _TOLD_FIRST[table] if (text := cells.get(name))]
    others = [
        f"{name} {_shown(text)}"
        for name, text in cells.items()
        if text and name not in _TOLD_FIRST[table]
    ]
    return ", ".join([*first, *others])


def _shown(text: str) -> str:
    if not text:
        return _EMPTY
    return quoted(text) if any(map(str.isspace, text)) else text


def _place(row: Row) -> str:
    return f"  [{row.file}, ligne {row.line}]"


def _remarks(diff: Diff) -> str:
    by_row: dict[tuple[str, str], list[int]] = {}
    for remark in diff.remarks:
        if remark.line:
            by_row.setdefault((remark.kind, remark.file), []).append(remark.line)
    lines = [_row_remark(kind, file, rows) for (kind, file), rows in by_row.items()]
    lines += [structure_remark(remark) for remark in diff.remarks if not remark.line]
    etats = [change.cells.get("etat") for change in diff.changes_of(PERIMETRES)]
    if any(etat in (TO_CONFIRM, CONTESTED) for etat in etats):
        lines.append(NOT_COUNTED)
    return "\n".join(["Remarques", *(f"  - {line}" for line in lines)]) if lines else ""


def structure_remark(remark: Remark) -> str:
    """Return a remark that is about no row, in French."""
    name = quoted(remark.structure)
    if remark.kind == "says_nothing":
        kept = count(remark.count, "ligne gardée", "lignes gardées")
        sheet = f"feuille {remark.table} vide ou absente"
        return f"{remark.file} : {sheet}, rien n’est retiré à {name} ({kept})"
    return (
        f"{name} : plusieurs classeurs parlent en son nom ({remark.file}) ; leurs lignes sont "
        "réunies"
    )


def _row_remark(kind: str, file: str, rows: Sequence[int]) -> str:
    listed = ", ".join(map(str, rows[:_FEW])) + (", …" if len(rows) > _FEW else "")
    place = f"{file}, {'ligne' if len(rows) == 1 else 'lignes'} {listed}"
    return f"{place} : {ROW_REMARKS[kind]}"


def _balance(balance: Mapping[tuple[str, str], Counter[Outcome]]) -> str:
    if not balance:
        return "Aucune ligne reçue."
    lines = ["Bilan des lignes reçues"]
    files = list(dict.fromkeys(file for file, _ in balance))
    for (file, table), outcomes in sorted(
        balance.items(), key=lambda each: files.index(each[0][0])
    ):
        parts = [count(outcomes[name], *_OUTCOMES[name]) for name in OUTCOMES if outcomes[name]]
        read = count(outcomes.total(), "ligne lue", "lignes lues")
        lines.append(f"  {file}, {table} : {read} = {' + '.join(parts)}")
    return "\n".join(lines)


def as_json(diff: Diff) -> dict[str, object]:
    """Return a diff as plain values, nothing left out; keys in French as in other files."""
    return {
        "tables": {table.name: _json_table(diff, table) for table in TABLES},
        "remarques": [vars(remark) for remark in diff.remarks],
        "bilan": [
            {"fichier": file, "table": table, "lues": outcomes.total()}
            | {_OUTCOMES[name][1].replace(" ", "_"): outcomes[name] for name in OUTCOMES}
            for (file, table), outcomes in diff.balance.items()
        ],
    }


def _json_table(diff: Diff, table: Table) -> dict[str, object]:
    made: dict[str, object] = {}
    for kind, (_, _, many, *_nouns) in _KINDS.items():
        made[many] = [_json_change(each) for each in diff.changes_of(table) if each.kind == kind]
    made["conflits"] = [
        {
            "motif": REASONS[conflict.reason],
            "bloquant": conflict.blocking,
            "lignes": [_json_row(row) for row in conflict.rows],
        }
        for conflict in diff.conflicts
        if conflict.table == table.name
    ]
    return made


def _json_change(change: Change) -> dict[str, object]:
    return {
        "avant": None if change.old is None else _json_row(change.old),
        "apres": dict(change.cells),
        "recu": None if change.source is None else _json_row(change.source),
    }


def _json_row(row: Row) -> dict[str, object]:
    return {"fichier": row.file, "ligne": row.line, "cellules": dict(row.cells)}

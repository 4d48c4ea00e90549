"""Rows of one table filed by several dossiers: kept once where they agree, a fault where not."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from data.consolidate.model import Merged, Part, Told, fault, place, sorted_rows
from data.study.award_tables import CONVENTIONS, RESULTATS
from data.study.faults import Findings, count, quoted
from data.study.proposal_tables import FINANCEMENTS
from data.study.sources_tables import ACHETEURS, INDICATEURS, MARCHES, PROJETS, SERVICES, TOTAUX
from data.study.tables import BESOINS, PERIMETRES, POSTES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from data.collect.model import Row
    from data.consolidate.model import Outcome
    from data.study.tables import Table
    from geo.errors import Notice

    _Filed = Mapping[str, Sequence[Row]]

KEYS: Mapping[str, tuple[str, ...]] = {
    POSTES.name: ("poste_id",),
    PERIMETRES.name: ("structure_id", "volet", "niveau", "code"),
    BESOINS.name: ("commune", "donneur_ordre", "annee", "programme", "source"),
    MARCHES.name: ("acheteur_siret", "marche_id"),
    SERVICES.name: ("service_id",),
    PROJETS.name: ("projet_id",),
    INDICATEURS.name: ("commune", "indicateur", "source"),
    TOTAUX.name: ("region", "donneur_ordre", "annee", "source"),
    ACHETEURS.name: ("siren",),
    FINANCEMENTS.name: ("poste_id", "financeur", "type", "annee"),
    CONVENTIONS.name: ("convention_id",),
    RESULTATS.name: ("convention_id", "rapport", "date"),
}
"""Table → the columns that tell its facts apart; another table's rows are told by all cells."""

_COMPARED_TO_NONE = {MARCHES.name: "acheteur_siret"}
"""Table → column without which a row is told apart by all its cells."""

_SUM_BY_SOURCE = (BESOINS.name, TOTAUX.name, INDICATEURS.name)
"""Tables whose rows of one key add up where their sources differ."""

_SHOWN = 5
_AGREE = "accordez les deux dossiers, ou retirez la ligne de celui qui n’en répond pas"

_Key = tuple[str, ...]


def merge_rows(table: Table, filed: _Filed) -> Merged:
    """Return the rows of a table, those that several dossiers file alike once.

    A dossier may file several rows of one key (the two natures of a perimeter, features of a
    project): dossiers agree on a key when they file the same rows of it, however often, and those
    of the one that files most are kept. Otherwise, it is a fault.

    Parameters
    ----------
    filed
        Dossier → its rows, identifiers already those of the consolidated study; in the order of
        dossiers.
    """
    groups: defaultdict[_Key, dict[str, list[Row]]] = defaultdict(dict)
    for label, rows in filed.items():
        for row in rows:
            groups[_key(table, row)].setdefault(label, []).append(row)
    kept: list[Mapping[str, str]] = []
    balance: dict[str, Counter[Outcome]] = {
        label: Counter({"lues": len(rows)}) for label, rows in filed.items()
    }
    repeated: defaultdict[tuple[str, ...], list[_Key]] = defaultdict(list)
    faults: list[Notice] = []
    for key, by_dossier in groups.items():
        holder = max(by_dossier, key=lambda label: len(by_dossier[label]))
        kept += [row.cells for row in by_dossier[holder]]
        for label, rows in by_dossier.items():
            balance[label]["gardees" if label == holder else "doublons"] += len(rows)
            if _cells(rows) != _cells(by_dossier[holder]):
                faults.append(_conflict(label, rows, holder, by_dossier[holder]))
        if len(by_dossier) > 1:
            repeated[tuple(sorted(by_dossier))].append(key)
    told = [_repeated(table, labels, keys) for labels, keys in repeated.items()]
    told += _added_up(table, filed)
    return Merged(sorted_rows(kept), balance, Part(tuple(told), Findings(tuple(faults))))


def _key(table: Table, row: Row) -> _Key:
    columns = KEYS.get(table.name)
    needed = _COMPARED_TO_NONE.get(table.name)
    if columns is None or (needed and not row.cell(needed)):
        return tuple(row.cells.values())
    return tuple(row.cell(name) for name in columns)


def _cells(rows: Iterable[Row]) -> set[_Key]:
    return {tuple(row.cells.values()) for row in rows}


def _conflict(label: str, rows: Sequence[Row], holder: str, others: Sequence[Row]) -> Notice:
    """Return the fault of two dossiers that file one thing differently, by the first difference."""
    mine, theirs = _cells(rows), _cells(others)
    row = next((row for row in rows if tuple(row.cells.values()) not in theirs), rows[0])
    other = next((row for row in others if tuple(row.cells.values()) not in mine), others[0])
    differ = [name for name, text in row.cells.items() if other.cell(name) != text]
    ours, his = (
        ", ".join(f"{name} {_shown(each.cell(name))}" for name in differ) for each in (row, other)
    )
    message = f"deux dossiers se contredisent : {ours} ici ; {his} dans {place(holder, other)}"
    return fault(label, row, differ[0], message, _AGREE)


def _shown(text: str) -> str:
    return quoted(text) if text else "(vide)"


def _repeated(table: Table, labels: tuple[str, ...], keys: Sequence[_Key]) -> Told:
    examples = [", ".join(filter(None, key)) for key in sorted(keys)]
    more = len(examples) - _SHOWN
    subject = " | ".join(examples[:_SHOWN]) + (f" | … et {more} de plus" if more > 0 else "")
    found = f"{count(len(keys), 'élément déposé', 'éléments déposés')} à l’identique"
    return Told("doublon", table.name, subject, labels, found, "gardé une fois")


def _added_up(table: Table, filed: _Filed) -> list[Told]:
    """Tell what two dossiers file of one place under two sources: it adds up."""
    if table.name not in _SUM_BY_SOURCE:
        return []
    columns = [name for name in KEYS[table.name] if name != "source"]
    sources: defaultdict[_Key, dict[str, set[str]]] = defaultdict(dict)
    for label, rows in filed.items():
        for row in rows:
            key = tuple(row.cell(name) for name in columns)
            sources[key].setdefault(label, set()).add(row.cell("source"))
    shared: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for key, by_dossier in sources.items():
        if len(by_dossier) > 1 and len({frozenset(each) for each in by_dossier.values()}) > 1:
            shared[tuple(sorted(by_dossier))].append(key[0])
    return [
        Told(
            "cumul",
            table.name,
            "|".join(sorted(set(places))),
            labels,
            f"{count(len(places), 'valeur donnée', 'valeurs données')} par plusieurs dossiers sous "
            "des sources différentes",
            "elles s’ajoutent : vérifiez que les mêmes heures ne sont pas comptées deux fois",
        )
        for labels, places in shared.items()
    ]

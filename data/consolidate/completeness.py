"""Declarations of completeness of several dossiers, each within its régions.

In a régional study, « complete without limit » speaks of the région. Left as it is in a national
study, it would turn what other régions do not know into zeros.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from data.consolidate.model import Part, Told
from data.consolidate.tables import merge_rows
from data.study.faults import quoted
from data.study.tables import EXHAUSTIVITE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from data.collect.model import Row
    from data.consolidate.model import Dossier, Merged


def merge_completeness(dossiers: Sequence[Dossier], filed: Mapping[str, Sequence[Row]]) -> Merged:
    """Return the declarations of all dossiers; one without limit takes its dossier's régions.

    Nothing changes for a dossier alone, nor for one that speaks of all régions.
    """
    told: list[Told] = []
    limited: dict[str, list[Row]] = {}
    added: Counter[str] = Counter()
    for each in dossiers:
        regions = each.study.regions if len(dossiers) > 1 else ()
        rows: list[Row] = []
        for row in filed[each.label]:
            if not regions or row.cell("region") or row.cell("departement"):
                rows.append(row)
                continue
            rows += [replace(row, cells={**row.cells, "region": code}) for code in regions]
            added[each.label] += len(regions) - 1
            told.append(_told(row, each))
        limited[each.label] = rows
    merged = merge_rows(EXHAUSTIVITE, limited)
    balance = {label: counts.copy() for label, counts in merged.balance.items()}
    for label, number in added.items():
        # Of a row made several, one stands for it; the others are additions, unless repeated.
        new = min(number, balance[label]["gardees"])
        balance[label]["ajoutees"] += new
        balance[label]["gardees"] -= new
        balance[label]["lues"] -= number
        balance[label]["doublons"] -= number - new
    return replace(merged, balance=balance, part=merged.part + Part(tuple(told)))


def _told(row: Row, dossier: Dossier) -> Told:
    regions = "|".join(dossier.study.regions)
    source = quoted(row.cell("source")) if row.cell("source") else "non nommée"
    found = f"source {source}, déclarée complète sans limite, dans un dossier régional"
    outcome = f"limitée à ses régions ({regions}) : ailleurs, l’absence de ligne reste inconnue"
    subject = f"{row.cell('donneur_ordre')}, {row.cell('source')}".rstrip(", ")
    return Told("limite", EXHAUSTIVITE.name, subject, (dossier.label,), found, outcome)

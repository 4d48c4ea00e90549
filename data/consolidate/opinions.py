"""Opinions of several dossiers: all kept as filed; two that contradict each other are a fault."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from data.consolidate.model import Part, Told, fault, place
from data.consolidate.tables import merge_rows
from data.study.faults import Findings, quoted
from data.study.proposal_tables import AVIS_DEPOSES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from data.collect.model import Row
    from data.consolidate.model import Merged
    from geo.errors import Notice

_TARGETS = ("structure_id", "zone_id", "option_id", "volet")
_SETTLE = (
    "dites lequel vaut : retirez l’autre, ou donnez au plus récent sa date ; les deux instances "
    "peuvent aussi s’accorder sur un seul avis"
)


def merge_opinions(filed: Mapping[str, Sequence[Row]]) -> Merged:
    """Return the opinions of all dossiers, those filed alike once.

    Parameters
    ----------
    filed
        Dossier → its opinions, identifiers already those of the consolidated study.
    """
    merged = merge_rows(AVIS_DEPOSES, filed)
    more = Part(tuple(_shared(filed)), Findings(tuple(_contrary(filed))))
    return replace(merged, part=merged.part + more)


def _contrary(filed: Mapping[str, Sequence[Row]]) -> list[Notice]:
    """Return a fault for each opinion that another dossier contradicts on the same day."""
    first: dict[tuple[str, ...], tuple[str, Row]] = {}
    faults = []
    for label, rows in filed.items():
        for row in rows:
            key = tuple(row.cell(name) for name in (*_TARGETS, "instance", "date"))
            at, other = first.setdefault(key, (label, row))
            if at != label and other.cell("avis") != row.cell("avis"):
                message = (
                    f"avis {quoted(row.cell('avis'))} contraire à {quoted(other.cell('avis'))} "
                    f"dans {place(at, other)} : même instance ({row.cell('instance')}), même "
                    "date, même objet"
                )
                faults.append(fault(label, row, "avis", message, _SETTLE))
    return faults


def _shared(filed: Mapping[str, Sequence[Row]]) -> list[Told]:
    """Tell the objects on which one instance, in two régions, gives opinions of its own."""
    said: defaultdict[tuple[str, ...], dict[str, set[tuple[str, ...]]]] = defaultdict(dict)
    for label, rows in filed.items():
        for row in rows:
            key = tuple(row.cell(name) for name in (*_TARGETS, "instance"))
            said[key].setdefault(label, set()).add(tuple(row.cells.values()))
    return [
        Told(
            "avis",
            AVIS_DEPOSES.name,
            ", ".join(filter(None, key[:-1])),
            tuple(sorted(by_dossier)),
            f"plusieurs dossiers donnent un avis de l’instance {quoted(key[-1])} sur le même objet",
            "tous sont gardés ; seul le plus récent est en vigueur : relisez-les ensemble",
        )
        for key, by_dossier in said.items()
        if len(by_dossier) > 1 and len({frozenset(each) for each in by_dossier.values()}) > 1
    ]

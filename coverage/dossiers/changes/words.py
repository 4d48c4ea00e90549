"""The sentences of a change of class: what it was, what it is, why, with which figures."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from coverage.dossiers.changes.families import FAMILY_TITLES
from coverage.wording import STATUS_NAMES, THIN, percent, plural, whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from fractions import Fraction

    from coverage.dossiers.changes.changes import Change, Snapshot

KEPT_NAMES = {
    "retenue": "zone blanche retenue",
    "a_documenter": "besoin inconnu, à documenter",
    "non_retenue": "hors des zones retenues",
}
TOGETHER = "plusieurs causes ensemble"


def cause_words(change: Change) -> str:
    """Say the cause of a change."""
    titles = [FAMILY_TITLES[name] for name in change.causes]
    if not change.alone:
        return f"{TOGETHER} ({', '.join(titles)})"
    return titles[0] if len(titles) == 1 else f"{', '.join(titles)} (chacune suffit seule)"


def class_words(snapshot: Snapshot | None) -> str:
    """Say the class of a place, in a study that may not have it."""
    if snapshot is None:
        return "absente"
    return f"{STATUS_NAMES[snapshot.statut]} ({KEPT_NAMES[snapshot.kept]})"


def change_sentence(change: Change) -> str:
    """Say a change, its cause and its figures."""
    before, after = change.before, change.after
    told = [
        f"{change.name} ({change.place_id})"
        if change.kind == "commune"
        else f"zone {change.place_id}",
        f"avant, {class_words(before)}{THIN}; maintenant, {class_words(after)}",
    ]
    sentences = [f"{told[0]}{THIN}: {told[1]}.", f"Cause{THIN}: {cause_words(change)}."]
    if before is not None and after is not None:
        sentences.append(
            f"Besoin connu{THIN}: {_hours(before)} puis {_hours(after)}{THIN}; capacité des "
            f"structures qui y interviennent{THIN}: {whole(before.capacity_hours)} puis "
            f"{whole(after.capacity_hours)} h{THIN}; taux de réponse{THIN}: {_rate(before.rate)} "
            f"puis {_rate(after.rate)}."
        )
    return " ".join(sentences)


def causes_counted(found: Iterable[Change]) -> list[str]:
    """Return how many communes each cause moved, the most frequent first."""
    counts = Counter(cause_words(each) for each in found if each.kind == "commune")
    return [
        f"{words}{THIN}: {plural(count, 'commune', 'communes')}"
        for words, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    ]


def since_lines(found: Sequence[Change]) -> list[str]:
    """Return what changed of a commune and its zone, in lines for its explanation."""
    if not found:
        return ["Depuis l’étude d’avant, sa classe et sa zone sont les mêmes."]
    head = f"Ce qui a changé depuis l’étude d’avant{THIN}:"
    return [head, *(f"  {change_sentence(each)}" for each in found)]


def change_facts(change: Change) -> dict[str, object]:
    """Return a change as plain values."""
    return {
        "objet": change.kind,
        "id": change.place_id,
        "nom": change.name,
        "avant": class_words(change.before),
        "apres": class_words(change.after),
        "causes": list(change.causes),
        "cause": cause_words(change),
        "ensemble": not change.alone,
        "phrase": change_sentence(change),
    }


def _hours(snapshot: Snapshot) -> str:
    return "inconnu" if snapshot.known == "aucun" else f"{whole(snapshot.need_hours)} h"


def _rate(rate: Fraction | None) -> str:
    return "sans objet" if rate is None else percent(rate)

"""What was decided of received lines: answers kept, contradictions told, every line counted.

Pure. An item without a decision is to be decided; nothing is accepted by default.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from data.collect.items import CONFLICT
from data.study.faults import count, quoted
from data.study.tables import STRUCTURES, TABLES
from geo.errors import Notice

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from data.collect.apart import Comparison
    from data.collect.items import Item, Option

REFUSED = "non"
"""Answer that refuses; others are the rank of the option accepted, from 1, as text."""


@dataclass(frozen=True)
class Decision:
    """What was answered to one item, and what it said: the report needs nothing else.

    Attributes
    ----------
    label
        Of the answer, in French.
    by, at
        Who answered, as the audit names them, and when, as ISO writes it.
    joined
        When the line was joined, as ISO writes it; empty until then.
    """

    key: str
    answer: str
    table: str
    kind: str
    place: str
    name: str
    label: str
    by: str
    at: str
    joined: str = ""


@dataclass(frozen=True)
class Choices:
    """All that was decided: what stands now, and what was joined already."""

    decisions: Mapping[str, Decision]
    joined: tuple[Decision, ...] = ()

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Choices:
        """Return choices from plain JSON."""
        listed = [Decision(**each) for each in plain.get("decisions", ())]
        joined = tuple(Decision(**each) for each in plain.get("jointes", ()))
        return cls({each.key: each for each in listed}, joined)

    def plain(self) -> dict[str, Any]:
        """Return the choices as plain JSON."""
        return {
            "decisions": [asdict(each) for each in self.decisions.values()],
            "jointes": [asdict(each) for each in self.joined],
        }

    def answer(self, item: Item) -> str:
        """Return what is answered to an item, empty while it is to be decided."""
        made = self.decisions.get(item.key)
        return "" if made is None else made.answer

    def option(self, item: Item) -> Option | None:
        """Return the option accepted of an item, None when it is refused or to be decided."""
        answer = self.answer(item)
        return None if answer in ("", REFUSED) else item.options[int(answer) - 1]

    def chosen(self, items: Iterable[Item]) -> dict[str, int]:
        """Return key → rank of the options accepted that would change the study."""
        return {
            item.key: int(self.answer(item))
            for item in items
            if (option := self.option(item)) is not None and option.writes
        }

    def answered(
        self, items: Iterable[Item], answers: Mapping[str, str], by: str, at: str
    ) -> Choices:
        """Return the choices once items are answered; an empty answer puts one back.

        Keys that no item has and answers that are none are let go; what does not change keeps
        who answered, and when.
        """
        made = dict(self.decisions)
        for item in items:
            answer = answers.get(item.key)
            if answer is None or answer == self.answer(item):
                continue
            labels = {str(rank): each.label for rank, each in enumerate(item.options, start=1)}
            labels[REFUSED] = "Refuser"
            if not answer:
                made.pop(item.key, None)
            elif answer in labels:
                told = (item.table, item.kind, item.place, item.name, labels[answer])
                made[item.key] = Decision(item.key, answer, *told, by, at)
        return replace(self, decisions=made)

    def after_joining(self, chosen: Mapping[str, int], at: str) -> Choices:
        """Return the choices once those chosen are in the study.

        A conflict stays answered, as the workbooks go on saying it. Lines that say the same are
        told apart by their rank: those left take the first ranks, as they will be listed.
        """
        done = [each for key, each in self.decisions.items() if key in chosen]
        kept = [
            each
            for key, each in self.decisions.items()
            if key not in chosen or each.kind == CONFLICT
        ]
        gone = Counter(_digest(each.key) for each in done if each.kind != CONFLICT)
        ranks: Counter[str] = Counter()
        renamed: dict[str, Decision] = {}
        for each in sorted(kept, key=_rank):
            key = each.key
            if gone[_digest(key)]:
                ranks[_digest(key)] += 1
                key = f"{_digest(key)}-{ranks[_digest(key)]}"
            renamed[key] = replace(each, key=key)
        return Choices(renamed, (*self.joined, *(replace(each, joined=at) for each in done)))


def _digest(key: str) -> str:
    return key.rpartition("-")[0]


def _rank(decision: Decision) -> int:
    return int(decision.key.rpartition("-")[2])


def is_open(item: Item) -> bool:
    """Tell whether there is anything to decide of an item: some lines conflict in vain."""
    return any(option.writes for option in item.options)


def alike_answers(items: Iterable[Item], choices: Choices, answer: str) -> dict[str, str]:
    """Return the same answer to all items to be decided but conflicts, which are settled alone."""
    return {
        item.key: answer
        for item in items
        if item.kind != CONFLICT and is_open(item) and not choices.answer(item)
    }


def contradictions(comparison: Comparison, choices: Choices) -> tuple[Notice, ...]:
    """Return why the lines accepted cannot be joined as they are: another must be, or may not."""
    accepted = [
        (item, option)
        for item in comparison.items
        if (option := choices.option(item)) is not None and option.writes
    ]
    known = comparison.structures.union(*(option.gives for _, option in accepted))
    found = [
        _nameless(item, name)
        for item, option in accepted
        for name in option.names
        if name not in known
    ]
    writers: defaultdict[str, list[Item]] = defaultdict(list)
    for item, option in accepted:
        for touched in dict.fromkeys(option.touches):
            writers[touched].append(item)
    found += [_twice(listed) for listed in writers.values() if len(listed) > 1]
    return tuple(dict.fromkeys(found))


def _nameless(item: Item, structure: str) -> Notice:
    message = f"la ligne {quoted(item.name)} nomme la structure {quoted(structure)}, absente"
    remedy = f"accepter aussi sa ligne de « {STRUCTURES.name} », ou refuser celle-ci"
    return Notice(item.place, 0, "", message, remedy)


def _twice(items: Sequence[Item]) -> Notice:
    places = " et ".join(item.place for item in items)
    message = f"plusieurs lignes acceptées écrivent {quoted(items[0].name)} : {places}"
    return Notice(items[0].table, 0, "", message, "n’en accepter qu’une")


@dataclass(frozen=True)
class Tally:
    """What becomes of the lines of one table of one workbook; they add up to those read."""

    book: str
    table: str
    accepted: int
    refused: int
    undecided: int
    unchanged: int
    repeated: int
    conflicting: int

    @property
    def read(self) -> int:
        """Lines read."""
        decided = self.accepted + self.refused + self.undecided
        return decided + self.unchanged + self.repeated + self.conflicting


def tallies(comparison: Comparison, choices: Choices) -> list[Tally]:
    """Return what becomes of every line read, by workbook and table."""
    counted: Counter[tuple[str, str, str]] = Counter()
    for item in comparison.items:
        if item.kind in ("added", "changed"):
            answer = choices.answer(item)
            state = answer if answer in ("", REFUSED) else "oui"
            counted[item.books[0], item.table, state] += 1
    return [
        Tally(
            each.book,
            each.table,
            counted[each.book, each.table, "oui"],
            counted[each.book, each.table, REFUSED],
            counted[each.book, each.table, ""],
            each.outcomes["unchanged"],
            each.outcomes["repeated"],
            each.outcomes["conflicting"],
        )
        for each in sorted(comparison.balance, key=lambda each: each.book)
    ]


def joining_phrase(items: Sequence[Item], choices: Choices) -> str:
    """Return what a joining does, in French, as the page of the deposit lists it."""
    chosen = choices.chosen(items)
    mine = [item for item in items if item.key in chosen]
    books = sorted({book for item in mine for book in item.books})
    by_table = Counter(item.table for item in mine)
    tables = ", ".join(
        f"{each.name} {by_table[each.name]}" for each in TABLES if by_table[each.name]
    )
    refused = sum(
        choices.answer(item) == REFUSED and bool({*item.books} & {*books}) for item in items
    )
    accepted = count(len(mine), "ligne acceptée", "lignes acceptées")
    said = f", {count(refused, 'refusée')}" if refused else ""
    return f"{accepted} de {', '.join(books)} ({tables}){said}"

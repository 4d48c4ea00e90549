"""Workbooks received from structures on a deposit: kept, compared, decided line by line, joined.

Workbooks and decisions are drafts of the register, so that they outlive the server; the comparison
is a copy of what they say, made again when someone looks and it is not at hand.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from hashlib import sha256
from threading import Lock
from typing import TYPE_CHECKING, Any

from api.background import Background, Line, StoppedError
from data.collect.apart import compare_apart, compared_files, join_apart
from data.collect.asked import plain_notices
from data.collect.choices import Choices, contradictions, joining_phrase
from data.collect.incoming import Books, accepted_books, check_room
from data.store.drafts import BOOKS, CHOICES, draft, save_draft
from data.uploads.check import notice_of
from data.uploads.names import fold_path
from geo.errors import InputErrors, NotReadyError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from api.deposits.deposit import Deposit
    from data.collect.apart import Comparison
    from data.store.engine import Store
    from data.uploads.bounded import Bounded
    from geo.errors import Notice
    from geo.territory import Territory

STAGES = 3
"""Stages that a comparison tells."""

_AT_HAND = 20
"""Comparisons kept in memory."""


@dataclass(frozen=True)
class Decided:
    """What is decided on a deposit.

    Attributes
    ----------
    revision
        How many times it was saved; 0 before the first.
    warnings
        What is to be told of the lines joined last.
    """

    choices: Choices
    revision: int = 0
    warnings: tuple[Notice, ...] = ()


class Comparing:
    """One comparison under way or done, of a study and workbooks as they are."""

    def __init__(self, line: Line, make: Callable[..., Comparison], state: str) -> None:
        self.state = state
        self._bounded: Bounded | None = None

        def work(on_step: Callable[[str], None]) -> Comparison:
            try:
                return make(
                    on_progress=lambda phrase, _done, _total: on_step(phrase),
                    on_start=self._started,
                )
            except InputErrors:
                if self.reading.progress.stopping:
                    raise StoppedError from None
                raise

        self.reading: Background[Comparison] = Background(line, work, stages=STAGES)

    def stop(self) -> None:
        """Stop it, whatever it does: its process is killed."""
        self.reading.cancel()
        if self._bounded is not None:
            self._bounded.kill()

    def _started(self, bounded: Bounded) -> None:
        self._bounded = bounded
        if self.reading.progress.stopping:
            bounded.kill()


class ReceivedBooks:
    """The workbooks received on the deposits of a register.

    Parameters
    ----------
    loader
        Gives the territory: at the top of a module, as another process calls it.
    """

    def __init__(self, store: Store, loader: Callable[[], Territory]) -> None:
        self._store = store
        self._loader = loader
        self._line = Line()
        self._lock = Lock()
        self._made: OrderedDict[str, Comparing] = OrderedDict()

    def books(self, deposit: Deposit) -> Books:
        """Return the workbooks received on a deposit."""
        with self._store.read() as session:
            kept = draft(session, deposit.owner, BOOKS, deposit.key)
        return Books() if kept is None else Books.of(kept.content)

    def add(self, deposit: Deposit, sent: Iterable[tuple[str, bytes]]) -> None:
        """Keep workbooks, those of the same name replaced; those refused are told, not kept.

        Raises
        ------
        InputErrors
            When all together are too many or too large: nothing is kept.
        """
        came = accepted_books(sent)
        self._change(deposit, lambda before: before.joined_by(came))

    def withdraw(self, deposit: Deposit, name: str) -> None:
        """Forget a workbook; what was decided of its lines is kept, should it come back."""
        self._change(deposit, lambda before: before.without(name))

    def decided(self, deposit: Deposit) -> Decided:
        """Return what is decided on a deposit."""
        with self._store.read() as session:
            kept = draft(session, deposit.owner, CHOICES, deposit.key)
        if kept is None:
            return Decided(Choices({}))
        warnings = tuple(map(notice_of, kept.content.get("avertissements", ())))
        return Decided(Choices.of(kept.content), kept.revision, warnings)

    def comparing(self, deposit: Deposit) -> Comparing:
        """Return the comparison of a deposit and its workbooks as they are; it may not be asked."""
        files, books = compared_files(deposit.brought.files), self.books(deposit).files
        state = _state(deposit.key, files, books)
        with self._lock:
            made = self._made.get(state)
            if made is None:

                def make(**told: Any) -> Comparison:  # noqa: ANN401 - passed on as it is
                    return compare_apart(files, books, self._loader, **told)

                made = self._made[state] = Comparing(self._line, make, state)
            self._made.move_to_end(state)
            while len(self._made) > _AT_HAND:
                self._made.popitem(last=False)
        return made

    def decide(
        self, deposit: Deposit, comparison: Comparison, answers: Mapping[str, str], seen: int
    ) -> Decided:
        """Save answers over the decisions that were read.

        Raises
        ------
        StaleError
            When they were saved since, in another tab: nothing is written.
        """
        now = self.decided(deposit)
        at = self._store.clock().isoformat(timespec="seconds")
        made = now.choices.answered(comparison.items, answers, deposit.owner, at)
        if made == now.choices and seen == now.revision:
            return now
        with self._store.write(deposit.owner) as write:
            content = made.plain()
            saved = save_draft(write, deposit.owner, CHOICES, deposit.key, content, seen or None)
        return Decided(made, saved.revision)

    def join(self, deposit: Deposit, comparison: Comparison, decided: Decided, seen: int) -> None:
        """Put the lines accepted in a deposit; the others stay to be decided.

        Parameters
        ----------
        seen
            `revision` of the deposit when it was compared.

        Raises
        ------
        InputErrors
            With what forbids to join them.
        NotReadyError
            When no line is accepted that would change the study.
        StaleError
            When the deposit was amended since: nothing changes.
        """
        choices, items = decided.choices, comparison.items
        chosen = choices.chosen(items)
        if not chosen:
            raise NotReadyError("aucune ligne n’est acceptée → en accepter, puis joindre")
        if faults := contradictions(comparison, choices):
            raise InputErrors(faults)
        files, books = deposit.brought.files, self.books(deposit).files
        joined = join_apart(files, books, self._loader, chosen)
        deposit.amend(_as_named(joined.files, files), joining_phrase(items, choices), seen)
        at = self._store.clock().isoformat(timespec="seconds")
        with self._store.write(deposit.owner) as write:
            # Saved since in another tab, they are kept: only what is joined is taken from them.
            kept = draft(write.session, deposit.owner, CHOICES, deposit.key)
            last = choices if kept is None else Choices.of(kept.content)
            content = last.after_joining(chosen, at).plain()
            content["avertissements"] = plain_notices(joined.warnings)
            based_on = None if kept is None else kept.revision
            save_draft(write, deposit.owner, CHOICES, deposit.key, content, based_on)

    def _change(self, deposit: Deposit, change: Callable[[Books], Books]) -> None:
        """Keep what becomes of the workbooks as they are now, whoever changed them last."""
        with self._store.write(deposit.owner) as write:
            kept = draft(write.session, deposit.owner, BOOKS, deposit.key)
            made = change(Books() if kept is None else Books.of(kept.content))
            check_room(made)
            based_on = None if kept is None else kept.revision
            save_draft(write, deposit.owner, BOOKS, deposit.key, made.plain(), based_on)


def _state(key: str, files: Mapping[str, bytes], books: Mapping[str, bytes]) -> str:
    """Return a digest of all that a comparison reads."""
    digest = sha256(key.encode())
    for each in (files, books):
        for name, content in sorted(each.items()):
            digest.update(f"{name}\n{len(content)}\n".encode())
            digest.update(content)
        digest.update(b"\0")
    return digest.hexdigest()[:32]


def _as_named(joined: Mapping[str, bytes], files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return files under the names that a deposit gives them, whatever their case."""
    known = {fold_path(path): path for path in files}
    return {known.get(fold_path(name), name): content for name, content in joined.items()}

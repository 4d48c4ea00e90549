"""Deposits that wait: accepted at once, read beside the requests, kept in memory until frozen.

A deposit is brought as files, or prepared from the last version of a study; either may then be
amended, table by table, before it is frozen: one way for all that changes a study.

A deposit may weigh four hundred million bytes, more than a draft of the register is made for: it
lives in memory, an hour after it was last looked at, and ends with the server.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import TYPE_CHECKING

from api.background import Background, Line
from data.store.errors import BusyError, MissingError, StaleError
from data.study.faults import Findings
from data.uploads.accept import Accepted
from data.uploads.check import check_upload, laid_over

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from data.store.studies import Version
    from data.uploads.bounded import Bounded
    from data.uploads.check import UploadReport
    from geo.territory import Territory

STAGES = 4
"""Stages that the reading of a deposit tells."""

KEPT_SECONDS = 3_600.0
MOST_DEPOSITS = 50
MOST_BYTES = 800_000_000


@dataclass(frozen=True)
class Brought:
    """What someone deposits.

    Attributes
    ----------
    owner
        Who, as the audit names them: nobody else sees the deposit.
    name
        Of the file received, as it is shown.
    slug
        Of the study whose next version it would be; empty for a new study.
    accepted
        Its files, or why they are refused.
    based_on
        Version that its files are to follow, None for a new study.
    beside
        Files of that version, that those of the deposit replace or join; none when the deposit
        is a whole study.
    """

    owner: str
    name: str
    slug: str
    accepted: Accepted
    based_on: Version | None = None
    beside: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def files(self) -> dict[str, bytes]:
        """What would be frozen."""
        return laid_over(self.beside, self.accepted.files)


class Deposit:
    """One deposit under way: what it brings, its reading, and the version that it became.

    Parameters
    ----------
    line
        Where its reading waits for its turn.
    loader
        Gives the territory: at the top of a module, as another process calls it.
    """

    def __init__(self, brought: Brought, line: Line, loader: Callable[[], Territory]) -> None:
        self.key = secrets.token_hex(16)
        self.freezing = Lock()
        self.frozen: tuple[str, Version] | None = None
        self.size = sum(map(len, brought.files.values()))
        self.changes: tuple[str, ...] = ()
        self._brought: Brought | None = brought
        self._line = line
        self._loader = loader
        self._bounded: Bounded | None = None
        self.owner = brought.owner
        self.checking = self._reading(brought)

    @property
    def revision(self) -> int:
        """How many times it was amended: what an amendment says that it has seen."""
        return len(self.changes)

    @property
    def brought(self) -> Brought:
        """What it brings.

        Raises
        ------
        MissingError
            When it was frozen: the register has it.
        """
        if self._brought is None:
            raise MissingError("ce dépôt est déjà figé → voir l’étude dans le registre")
        return self._brought

    def amend(self, files: Mapping[str, bytes], what: str, seen: int) -> None:
        """Put files in the place of those of the same name, and have the whole read anew.

        Parameters
        ----------
        files
            Path from the study folder → content.
        what
            What changes, in French, as the page of the deposit lists it.
        seen
            `revision` of the deposit when its files were read.

        Raises
        ------
        StaleError
            When it was amended since: nothing changes.
        MissingError
            When it was frozen.
        """
        with self.freezing:
            brought = self.brought
            if seen != self.revision:
                raise StaleError(
                    "entre-temps, ce dépôt a été modifié dans un autre onglet ; rien n’est "
                    "enregistré → revenir à la page, puis recommencer",
                    self.changes,
                    {"modification": what},
                )
            self.stop()
            given = laid_over(brought.accepted.files, files)
            self._brought = replace(brought, accepted=Accepted(given, Findings()))
            self.size = sum(map(len, self._brought.files.values()))
            self.changes = (*self.changes, what)
            self.checking = self._reading(self._brought)
            self.checking.start()

    def stop(self) -> None:
        """Stop its reading, whatever it does: its process is killed."""
        self.checking.cancel()
        if self._bounded is not None:
            self._bounded.kill()

    def close(self, slug: str, version: Version) -> None:
        """Remember which version it became, and forget its files."""
        self.frozen = (slug, version)
        self._brought, self.size = None, 0

    def _reading(self, brought: Brought) -> Background[UploadReport]:
        """Return the reading of what it brings now, not asked yet."""

        def check(on_step: Callable[[str], None]) -> UploadReport:
            return check_upload(
                brought.accepted,
                self._loader,
                beside=brought.beside,
                on_progress=lambda phrase, _done, _total: on_step(phrase),
                on_start=started,
            )

        def started(bounded: Bounded) -> None:
            self._bounded = bounded
            if reading.progress.stopping:
                bounded.kill()

        reading: Background[UploadReport] = Background(self._line, check, stages=STAGES)
        return reading


class Deposits:
    """The deposits that wait; one is read at a time, the others take their turn."""

    def __init__(
        self, loader: Callable[[], Territory], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._loader = loader
        self._clock = clock
        self._line = Line()
        self._lock = Lock()
        self._kept: dict[str, Deposit] = {}
        self._seen: dict[str, float] = {}

    def add(self, brought: Brought) -> Deposit:
        """Keep a deposit and have it read.

        Raises
        ------
        BusyError
            When those that wait take all the room.
        """
        deposit = Deposit(brought, self._line, self._loader)
        with self._lock:
            self._forget()
            taken = sum(each.size for each in self._kept.values())
            if len(self._kept) >= MOST_DEPOSITS or taken + deposit.size > MOST_BYTES:
                raise BusyError(
                    "trop de dépôts attendent d’être figés ; celui-ci n’est pas gardé → le "
                    "déposer de nouveau dans une heure, ou figer ceux qui attendent"
                )
            self._kept[deposit.key] = deposit
            self._seen[deposit.key] = self._clock()
        deposit.checking.start()
        return deposit

    def of(self, owner: str) -> list[Deposit]:
        """Return someone's deposits that are not frozen, the oldest first."""
        with self._lock:
            self._forget()
            return [
                each for each in self._kept.values() if each.owner == owner and each.frozen is None
            ]

    def find(self, key: str, owner: str) -> Deposit:
        """Return a deposit of someone's.

        Raises
        ------
        MissingError
            When they have none of this key, or it is too old.
        """
        with self._lock:
            self._forget()
            found = self._kept.get(key)
            if found is None or found.owner != owner:
                raise MissingError(
                    "ce dépôt n’attend plus : il a été oublié après une heure, ou le serveur a "
                    "redémarré → déposer le fichier de nouveau"
                )
            self._seen[key] = self._clock()
            return found

    def _forget(self) -> None:
        """Forget what nobody looked at for long; the lock is held."""
        oldest = self._clock() - KEPT_SECONDS
        for key, seen in list(self._seen.items()):
            if seen < oldest and not self._kept[key].checking.progress.under_way:
                del self._kept[key], self._seen[key]

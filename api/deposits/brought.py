"""What a deposit brings: files laid over those of a version, kept as a state of the register."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from data.store.deposit_states import State
from data.store.deposits import count_of, deposit_files, waiting_bytes
from data.store.errors import BusyError, MissingError
from data.store.studies import version_files
from data.study.faults import Findings
from data.uploads.accept import Accepted
from data.uploads.check import laid_over
from geo.errors import Notice

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from data.store.deposit_states import StoredDeposit
    from data.store.engine import Store
    from data.store.studies import Version

MOST_DEPOSITS = 50
MOST_BYTES = 800_000_000
"""Of one person, that wait: how many, and what all their states weigh."""

MOST_BYTES_OF_ALL = 4_000_000_000


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
    whole
        Whether it is a whole study.
    """

    owner: str
    name: str
    slug: str
    accepted: Accepted
    based_on: Version | None = None
    beside: Mapping[str, bytes] = field(default_factory=dict)
    whole: bool = False

    @property
    def files(self) -> dict[str, bytes]:
        """What would be frozen."""
        return laid_over(self.beside, self.accepted.files)

    def state(self, what: str = "") -> State:
        """Return what the register keeps of it."""
        based_on = None if self.based_on is None else self.based_on.version_id
        findings = asdict(self.accepted.findings)
        told = {kind: list(notices) for kind, notices in findings.items()}
        return State(self.accepted.files, based_on, what, told)


def read_state(store: Store, kept: StoredDeposit) -> Brought:
    """Return what a state of a deposit brings, from the register.

    Raises
    ------
    MissingError
        When the register keeps it no more.
    """
    if kept.frozen is not None:
        raise MissingError("ce dépôt est déjà figé → voir l’étude dans le registre")
    with store.read() as session:
        files = deposit_files(session, kept.key, kept.state)
        beside: Mapping[str, bytes] = {}
        if kept.based_on is not None and not kept.whole:
            beside = version_files(session, kept.based_on.version_id)
    found = {kind: tuple(Notice(**each) for each in told) for kind, told in kept.findings.items()}
    slug = "" if kept.study is None else kept.study.slug
    accepted = Accepted(files, Findings(**found))
    return Brought(kept.owner, kept.name, slug, accepted, kept.based_on, beside, kept.whole)


def check_room(session: Session, owner: str) -> None:
    """Refuse what would take more room than deposits may, in the transaction that writes it.

    Raises
    ------
    BusyError
        When someone's deposits, or all of them, are too many or weigh too much.
    """
    if count_of(session, owner) > MOST_DEPOSITS or waiting_bytes(session, owner) > MOST_BYTES:
        raise BusyError(
            "trop de dépôts attendent d’être figés ; rien n’est enregistré → figer ou abandonner "
            "ceux qui attendent (page « Registre »), puis recommencer"
        )
    if waiting_bytes(session) > MOST_BYTES_OF_ALL:
        raise BusyError(
            "les dépôts en attente de tous prennent toute la place prévue ; rien n’est enregistré "
            "→ figer ou abandonner les siens, ou prévenir qui tient le serveur"
        )

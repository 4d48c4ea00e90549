"""Tables of the deposits that wait. Annotations are read at run time here."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, ForeignKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from data.store.bases import Base


class DepositRow(Base):
    """What someone is about to freeze; its states are `DepositRevisionRow`.

    `revision` grows with every change, `current` is the state in force: those that follow it were
    undone. It has none left once it became `version_id`. A `whole` deposit takes the place of all
    the files of the study.
    """

    __tablename__ = "deposits"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    owner: Mapped[str] = mapped_column(index=True)
    name: Mapped[str]
    study_id: Mapped[int | None] = mapped_column(ForeignKey("studies.id"))
    whole: Mapped[bool]
    revision: Mapped[int]
    current: Mapped[int]
    begun_at: Mapped[datetime]
    touched_at: Mapped[datetime]
    version_id: Mapped[int | None] = mapped_column(ForeignKey("versions.id"))


class DepositRevisionRow(Base):
    """A state of a deposit: what led to it, the version it follows, what was found in it."""

    __tablename__ = "deposit_revisions"

    deposit_id: Mapped[int] = mapped_column(ForeignKey("deposits.id"), primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    what: Mapped[str]
    based_on: Mapped[int | None] = mapped_column(ForeignKey("versions.id"))
    findings: Mapped[dict[str, Any]]
    saved_at: Mapped[datetime]


class DepositFileRow(Base):
    """A file of a state of a deposit."""

    __tablename__ = "deposit_files"
    __table_args__ = (
        ForeignKeyConstraint(
            ["deposit_id", "revision"],
            ["deposit_revisions.deposit_id", "deposit_revisions.revision"],
        ),
    )

    deposit_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    revision: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    path: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(ForeignKey("blobs.digest"), index=True)

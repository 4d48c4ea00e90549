"""Tables of the register; `migrations` makes them, triggers freeze some of them.

Frozen, once written: versions and their files, revisions of scenarios, opinions, audit. What a
column may hold is checked by the functions that write it. Annotations are read at run time here.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

import data.store.deposit_models  # noqa: F401 - whoever knows tables knows them all
from data.store.bases import Base

WAITING, RUNNING, DONE, FAILED, CANCELLED = STATES = (
    "en_attente",
    "en_cours",
    "terminee",
    "echouee",
    "annulee",
)
"""States of a job."""

READER, PLANNER, NATIONAL = ROLES = ("lecteur", "planificateur", "national")
"""Roles that a token gives."""


class StudyRow(Base):
    """A study of one région, or of France when `region` is empty."""

    __tablename__ = "studies"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    region: Mapped[str]
    created_at: Mapped[datetime]


class BlobRow(Base):
    """The bytes of a file, named by their SHA-256."""

    __tablename__ = "blobs"

    digest: Mapped[str] = mapped_column(primary_key=True)
    size: Mapped[int]
    content: Mapped[bytes]


class VersionRow(Base):
    """A version of a study, frozen; `file_count` closes the list of its files."""

    __tablename__ = "versions"
    __table_args__ = (UniqueConstraint("study_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    study_id: Mapped[int] = mapped_column(ForeignKey("studies.id"))
    number: Mapped[int]
    digest: Mapped[str]
    file_count: Mapped[int]
    note: Mapped[str]
    author: Mapped[str]
    created_at: Mapped[datetime]
    restored_from: Mapped[int | None] = mapped_column(ForeignKey("versions.id"))


class VersionFileRow(Base):
    """A file of a version."""

    __tablename__ = "version_files"

    version_id: Mapped[int] = mapped_column(ForeignKey("versions.id"), primary_key=True)
    path: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(ForeignKey("blobs.digest"), index=True)


class ScenarioRow(Base):
    """The name of a scenario, and the number of its last revision."""

    __tablename__ = "scenarios"
    __table_args__ = (UniqueConstraint("study_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    study_id: Mapped[int] = mapped_column(ForeignKey("studies.id"))
    name: Mapped[str]
    revision: Mapped[int]


class ScenarioRevisionRow(Base):
    """What a scenario held when it was saved, frozen."""

    __tablename__ = "scenario_revisions"

    scenario_id: Mapped[int] = mapped_column(ForeignKey("scenarios.id"), primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[dict[str, Any]]
    saved_by: Mapped[str]
    saved_at: Mapped[datetime]


class OpinionRow(Base):
    """What an instance said of posts, frozen; a later one of the same object prevails."""

    __tablename__ = "opinions"

    id: Mapped[int] = mapped_column(primary_key=True)
    study_id: Mapped[int] = mapped_column(ForeignKey("studies.id"), index=True)
    option_id: Mapped[str]
    structure_id: Mapped[str]
    zone_id: Mapped[str]
    volet: Mapped[str]
    instance: Mapped[str]
    day: Mapped[date]
    avis: Mapped[str]
    motif: Mapped[str]
    recorded_by: Mapped[str]
    recorded_at: Mapped[datetime]


class DraftRow(Base):
    """What someone is writing, the last state only."""

    __tablename__ = "drafts"

    owner: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    revision: Mapped[int]
    content: Mapped[dict[str, Any]]
    saved_at: Mapped[datetime]


class JobRow(Base):
    """A computation asked for, and where it stands."""

    __tablename__ = "jobs"
    __table_args__ = (
        CheckConstraint(f"state IN ({', '.join(map(repr, STATES))})", name="state"),
        Index(None, "state", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    version_id: Mapped[int | None] = mapped_column(ForeignKey("versions.id"))
    parameters: Mapped[dict[str, Any]]
    state: Mapped[str]
    attempt: Mapped[int]
    worker: Mapped[str]
    message: Mapped[str]
    asked_by: Mapped[str]
    asked_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class JobEventRow(Base):
    """One step of a job, in the order they happened."""

    __tablename__ = "job_events"
    __table_args__ = (Index(None, "job_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    job_id: Mapped[int] = mapped_column(ForeignKey("jobs.id"))
    state: Mapped[str]
    phrase: Mapped[str]
    done: Mapped[int]
    total: Mapped[int]
    at: Mapped[datetime]


class JobFileRow(Base):
    """A file that a job gave."""

    __tablename__ = "job_files"

    job_id: Mapped[int] = mapped_column(ForeignKey("jobs.id"), primary_key=True)
    path: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(ForeignKey("blobs.digest"), index=True)


class TokenRow(Base):
    """A key to the application, known by its SHA-256 alone."""

    __tablename__ = "tokens"
    __table_args__ = (CheckConstraint(f"role IN ({', '.join(map(repr, ROLES))})", name="role"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(unique=True)
    label: Mapped[str]
    role: Mapped[str]
    region: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class SessionRow(Base):
    """A browser that showed a key, known by the SHA-256 of its secret alone."""

    __tablename__ = "sessions"

    digest: Mapped[str] = mapped_column(primary_key=True)
    token_id: Mapped[int] = mapped_column(ForeignKey("tokens.id"))
    opened_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class AuditRow(Base):
    """Who did what to what, when, from what to what; frozen."""

    __tablename__ = "audit"
    __table_args__ = (Index(None, "kind", "object_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    actor: Mapped[str]
    action: Mapped[str]
    kind: Mapped[str]
    object_id: Mapped[str]
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]
    at: Mapped[datetime]

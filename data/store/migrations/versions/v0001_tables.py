"""The tables, first form."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_INSTANT = sa.DateTime(timezone=True)
_STATES = "state IN ('en_attente', 'en_cours', 'terminee', 'echouee', 'annulee')"
_ROLES = "role IN ('lecteur', 'planificateur', 'national')"


def upgrade() -> None:
    """Make every table."""
    _studies()
    _people()
    _jobs()


def _studies() -> None:
    op.create_table(
        "studies",
        _id(),
        _text("slug"),
        _text("name"),
        _text("region"),
        _instant("created_at"),
        sa.UniqueConstraint("slug", name="uq_studies_slug"),
        _key("studies", "id"),
    )
    op.create_table(
        "blobs",
        _text("digest"),
        _number("size"),
        sa.Column("content", sa.LargeBinary, nullable=False),
        _key("blobs", "digest"),
    )
    op.create_table(
        "versions",
        _id(),
        _number("study_id"),
        _number("number"),
        _text("digest"),
        _number("file_count"),
        _text("note"),
        _text("author"),
        _instant("created_at"),
        sa.Column("restored_from", sa.Integer, nullable=True),
        sa.UniqueConstraint("study_id", "number", name="uq_versions_study_id_number"),
        _to("versions", "study_id", "studies.id"),
        _to("versions", "restored_from", "versions.id"),
        _key("versions", "id"),
    )
    op.create_table(
        "version_files",
        _number("version_id"),
        _text("path"),
        _text("digest"),
        _to("version_files", "version_id", "versions.id"),
        _to("version_files", "digest", "blobs.digest"),
        _key("version_files", "version_id", "path"),
    )


def _people() -> None:
    op.create_table(
        "scenarios",
        _id(),
        _number("study_id"),
        _text("name"),
        _number("revision"),
        sa.UniqueConstraint("study_id", "name", name="uq_scenarios_study_id_name"),
        _to("scenarios", "study_id", "studies.id"),
        _key("scenarios", "id"),
    )
    op.create_table(
        "scenario_revisions",
        _number("scenario_id"),
        _number("revision"),
        _text("content"),
        _text("saved_by"),
        _instant("saved_at"),
        _to("scenario_revisions", "scenario_id", "scenarios.id"),
        _key("scenario_revisions", "scenario_id", "revision"),
    )
    op.create_table(
        "opinions",
        _id(),
        _number("study_id"),
        *map(_text, ("option_id", "structure_id", "zone_id", "volet", "instance")),
        sa.Column("day", sa.Date, nullable=False),
        *map(_text, ("avis", "motif", "recorded_by")),
        _instant("recorded_at"),
        _to("opinions", "study_id", "studies.id"),
        _key("opinions", "id"),
    )
    op.create_table(
        "drafts",
        *map(_text, ("owner", "kind", "key")),
        _number("revision"),
        _text("content"),
        _instant("saved_at"),
        _key("drafts", "owner", "kind", "key"),
    )
    op.create_table(
        "tokens",
        _id(),
        *map(_text, ("digest", "label", "role", "region")),
        _instant("created_at"),
        _instant("expires_at"),
        sa.Column("revoked_at", _INSTANT, nullable=True),
        sa.CheckConstraint(_ROLES, name=op.f("ck_tokens_role")),
        sa.UniqueConstraint("digest", name="uq_tokens_digest"),
        _key("tokens", "id"),
    )
    op.create_table(
        "audit",
        _id(),
        *map(_text, ("actor", "action", "kind", "object_id", "before", "after")),
        _instant("at"),
        _key("audit", "id"),
    )


def _jobs() -> None:
    op.create_table(
        "jobs",
        _id(),
        _text("kind"),
        sa.Column("version_id", sa.Integer, nullable=True),
        *map(_text, ("parameters", "state")),
        _number("attempt"),
        *map(_text, ("worker", "message", "asked_by")),
        _instant("asked_at"),
        sa.Column("started_at", _INSTANT, nullable=True),
        sa.Column("ended_at", _INSTANT, nullable=True),
        sa.CheckConstraint(_STATES, name=op.f("ck_jobs_state")),
        _to("jobs", "version_id", "versions.id"),
        _key("jobs", "id"),
    )
    op.create_table(
        "job_events",
        _id(),
        _number("job_id"),
        *map(_text, ("state", "phrase")),
        _number("done"),
        _number("total"),
        _instant("at"),
        _to("job_events", "job_id", "jobs.id"),
        _key("job_events", "id"),
    )
    op.create_table(
        "job_files",
        _number("job_id"),
        *map(_text, ("path", "digest")),
        _to("job_files", "job_id", "jobs.id"),
        _to("job_files", "digest", "blobs.digest"),
        _key("job_files", "job_id", "path"),
    )


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.Integer, nullable=False)


def _number(name: str) -> sa.Column[int]:
    # Only `id` counts by itself.
    return sa.Column(name, sa.Integer, nullable=False, autoincrement=False)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def _instant(name: str) -> sa.Column[object]:
    return sa.Column(name, _INSTANT, nullable=False)


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=f"pk_{table}")


def _to(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=f"fk_{table}_{column}")

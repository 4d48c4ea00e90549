"""Deposits that wait, each of their states, and the files of each."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make their tables."""
    op.create_table(
        "deposits",
        sa.Column("id", sa.Integer, nullable=False),
        *map(_text, ("key", "owner", "name")),
        sa.Column("study_id", sa.Integer, nullable=True),
        sa.Column("whole", sa.Boolean, nullable=False),
        *map(_number, ("revision", "current")),
        sa.Column("begun_at", _INSTANT, nullable=False),
        sa.Column("touched_at", _INSTANT, nullable=False),
        sa.Column("version_id", sa.Integer, nullable=True),
        sa.UniqueConstraint("key", name="uq_deposits_key"),
        sa.ForeignKeyConstraint(["study_id"], ["studies.id"], name="fk_deposits_study_id"),
        sa.ForeignKeyConstraint(["version_id"], ["versions.id"], name="fk_deposits_version_id"),
        sa.PrimaryKeyConstraint("id", name="pk_deposits"),
    )
    op.create_table(
        "deposit_revisions",
        *map(_number, ("deposit_id", "revision")),
        _text("what"),
        sa.Column("based_on", sa.Integer, nullable=True),
        _text("findings"),
        sa.Column("saved_at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["deposit_id"], ["deposits.id"], name="fk_deposit_revisions_deposit_id"
        ),
        sa.ForeignKeyConstraint(
            ["based_on"], ["versions.id"], name="fk_deposit_revisions_based_on"
        ),
        sa.PrimaryKeyConstraint("deposit_id", "revision", name="pk_deposit_revisions"),
    )
    op.create_table(
        "deposit_files",
        *map(_number, ("deposit_id", "revision")),
        *map(_text, ("path", "digest")),
        sa.ForeignKeyConstraint(
            ["deposit_id", "revision"],
            ["deposit_revisions.deposit_id", "deposit_revisions.revision"],
            name="fk_deposit_files_deposit_id_revision",
        ),
        sa.ForeignKeyConstraint(["digest"], ["blobs.digest"], name="fk_deposit_files_digest"),
        sa.PrimaryKeyConstraint("deposit_id", "revision", "path", name="pk_deposit_files"),
    )
    op.create_index("ix_deposits_owner", "deposits", ["owner"])
    op.create_index("ix_deposit_files_digest", "deposit_files", ["digest"])


def _number(name: str) -> sa.Column[int]:
    # Only `id` counts by itself.
    return sa.Column(name, sa.Integer, nullable=False, autoincrement=False)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)

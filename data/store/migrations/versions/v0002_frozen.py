"""What is frozen is so for any hand that opens the database; and what is asked often is indexed.

In SQLite, `INSERT OR REPLACE` deletes without the triggers of deletion: a row that is there is
refused too. A version's list of files is closed by its `file_count`. A content may be deleted when
no version holds it.
"""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"

_KEYS = {
    "versions": ("id = NEW.id", "study_id = NEW.study_id AND number = NEW.number"),
    "version_files": ("version_id = NEW.version_id AND path = NEW.path",),
    "scenario_revisions": ("scenario_id = NEW.scenario_id AND revision = NEW.revision",),
    "opinions": ("id = NEW.id",),
    "audit": ("id = NEW.id",),
    "blobs": ("digest = NEW.digest",),
}
"""Frozen tables, and what makes two of their rows one."""

_BLOBS = "blobs"
_HELD = "EXISTS (SELECT 1 FROM version_files WHERE digest = OLD.digest)"
_CLOSED = (
    "(SELECT count(*) FROM version_files WHERE version_id = NEW.version_id) >= "
    "(SELECT file_count FROM versions WHERE id = NEW.version_id)"
)
_INDEXES = {
    "version_files": ("digest",),
    "opinions": ("study_id",),
    "jobs": ("state", "id"),
    "job_events": ("job_id", "id"),
    "job_files": ("digest",),
    "audit": ("kind", "object_id"),
}


def upgrade() -> None:
    """Add the triggers and the indexes."""
    for table, columns in _INDEXES.items():
        op.create_index(f"ix_{table}_{'_'.join(columns)}", table, list(columns))
    if op.get_bind().dialect.name == "sqlite":
        _sqlite()
    else:
        _postgresql()


def _sqlite() -> None:
    for table, keys in _KEYS.items():
        there = " OR ".join(f"({key})" for key in keys)
        guards = {
            "update": ("UPDATE", ""),
            "delete": ("DELETE", f"WHEN {_HELD}" if table == _BLOBS else ""),
            "replace": ("INSERT", f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {there})"),  # noqa: S608 - names written above
        }
        if table == "version_files":
            guards["closed"] = ("INSERT", f"WHEN {_CLOSED}")
        for guard, (verb, when) in guards.items():
            op.execute(
                f"CREATE TRIGGER frozen_{table}_{guard} BEFORE {verb} ON {table} {when} "
                f"BEGIN SELECT RAISE(ABORT, '{table}: frozen'); END"
            )


def _postgresql() -> None:
    for name, condition in (("refuse", "true"), ("refuse_held", _HELD), ("refuse_more", _CLOSED)):
        op.execute(
            f"CREATE FUNCTION frozen_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF {condition} THEN RAISE EXCEPTION '%: frozen', TG_TABLE_NAME; END IF; "
            "IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$"
        )
    for table in _KEYS:
        refuse = "frozen_refuse_held" if table == _BLOBS else "frozen_refuse"
        _postgresql_trigger(table, "update", "UPDATE", "ROW", "frozen_refuse")
        _postgresql_trigger(table, "delete", "DELETE", "ROW", refuse)
        _postgresql_trigger(table, "truncate", "TRUNCATE", "STATEMENT", "frozen_refuse")
    _postgresql_trigger("version_files", "closed", "INSERT", "ROW", "frozen_refuse_more")


def _postgresql_trigger(table: str, guard: str, verb: str, each: str, function: str) -> None:
    op.execute(
        f"CREATE TRIGGER frozen_{table}_{guard} BEFORE {verb} ON {table} "
        f"FOR EACH {each} EXECUTE FUNCTION {function}()"
    )

"""The forms that the register took: models and migrations agree, old databases go forward."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from databases import KINDS, new_database, run_sql
from sqlalchemy import inspect

from data.store import scenarios, studies
from data.store.address import engines, prepare_file, read_address
from data.store.bases import Base
from data.store.engine import open_store
from data.store.errors import RegisterError
from data.store.migrate import migrate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Engine

OLD_ROWS = (
    "INSERT INTO studies VALUES (7, 'bretagne', 'Bretagne', '53', '2026-01-02 03:04:05.000006')",
    "INSERT INTO scenarios VALUES (3, 7, 'A', 1)",
    "INSERT INTO scenario_revisions VALUES "
    "(3, 1, '{\"x\":1}', 'Marie', '2026-01-02 03:04:05.000006')",
    "INSERT INTO audit VALUES "
    "(1, 'Marie', 'creer', 'etude', '7', '{}', '{}', '2026-01-02 03:04:05.000006')",
)


@contextmanager
def writing(url: str) -> Iterator[Engine]:
    address = read_address(url)
    if address.drivername == "sqlite":
        prepare_file(address)
    _, writer = engines(address)
    try:
        yield writer
    finally:
        writer.dispose()


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return new_database(request.param, tmp_path)


def test_models_and_migrations_agree(url: str) -> None:
    open_store(url).close()
    with writing(url) as writer, writer.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == []
        # What the comparison does not look at: keys' and constraints' names, and checks.
        found = inspect(connection)
        for table in Base.metadata.sorted_tables:
            kept = found.get_pk_constraint(table.name)
            assert kept["name"] == table.primary_key.name
            assert kept["constrained_columns"] == [each.name for each in table.primary_key]
            checks = {each["name"] for each in found.get_check_constraints(table.name)}
            assert checks == {f"ck_{table.name}_{n}" for n in _checks(table.name)}


def _checks(table: str) -> tuple[str, ...]:
    return {"jobs": ("state",), "tokens": ("role",)}.get(table, ())


def test_a_database_of_the_first_form_goes_forward_with_its_rows(url: str) -> None:
    with writing(url) as writer:
        migrate(writer, to="0001")
    run_sql(url, *OLD_ROWS)
    run_sql(url, "UPDATE audit SET actor = 'pas encore figé'")
    store = open_store(url)
    try:
        with store.read() as session:
            (found,) = studies.studies(session)
            kept = scenarios.scenario(session, found.study_id, "A")
        assert (found.study_id, found.name, found.created_at.microsecond) == (7, "Bretagne", 6)
        assert (kept.content, kept.saved_by) == ({"x": 1}, "Marie")
        with pytest.raises(Exception, match="frozen"):
            run_sql(url, "UPDATE audit SET actor = 'x'")
        if url.startswith("sqlite"):
            with store.write("essai") as write:
                scenarios.save_scenario(write, 7, "A", {"x": 2}, 1)
    finally:
        store.close()
    assert run_sql(url, "SELECT version_num FROM alembic_version") == [("0004",)]


def test_a_form_that_cannot_be_reached_leaves_the_one_before(url: str) -> None:
    with writing(url) as writer:
        migrate(writer, to="0001")
    # The name of the last index that the second form makes.
    run_sql(url, "CREATE INDEX ix_audit_kind_object_id ON audit (at)")
    with pytest.raises(Exception):  # noqa: B017, PT011 - each driver has its own
        open_store(url)
    with writing(url) as writer, writer.connect() as connection:
        assert MigrationContext.configure(connection).get_current_revision() == "0001"
        assert inspect(connection).get_indexes("jobs") == []


def test_opening_again_changes_nothing(url: str) -> None:
    open_store(url).close()
    open_store(url).close()
    assert run_sql(url, "SELECT version_num FROM alembic_version") == [("0004",)]


def test_a_database_of_a_later_program_is_refused(url: str) -> None:
    open_store(url).close()
    run_sql(url, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(RegisterError, match=r"plus récente .*9999"):
        open_store(url)


def test_a_database_of_something_else_is_refused_and_left_alone(url: str) -> None:
    run_sql(url, "CREATE TABLE clients (nom TEXT)")
    with pytest.raises(RegisterError, match="autre chose"):
        open_store(url)
    with writing(url) as writer, writer.connect() as connection:
        assert inspect(connection).get_table_names() == ["clients"]

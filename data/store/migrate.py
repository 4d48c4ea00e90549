"""Bring a database to the present form of the tables, in one transaction."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from data.store.errors import RegisterError

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

HEAD = "head"
"""The last form known to this program."""

_FOLDER = Path(__file__).parent / "migrations"


def migrate(writer: Engine, *, to: str = HEAD) -> None:
    """Apply the migrations that a database lacks, all of them or none.

    The transaction is one of those that write: two servers that start together take turns, and
    the second finds nothing to do.

    Parameters
    ----------
    writer
        Engine whose transactions write.
    to
        Revision to reach; an earlier one only serves to prove that migrations go forward.

    Raises
    ------
    RegisterError
        When a later version of the program wrote the database, or it holds something else.
    """
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    with writer.begin() as connection:
        _check_ours(connection, ScriptDirectory.from_config(config))
        config.attributes["connection"] = connection
        command.upgrade(config, to)


def _check_ours(connection: Connection, known: ScriptDirectory) -> None:
    present = MigrationContext.configure(connection).get_current_revision()
    if present is None:
        others = inspect(connection).get_table_names()
        if others and others != ["alembic_version"]:
            raise RegisterError(
                "cette base contient déjà autre chose que le registre → donner une base vide"
            )
    elif present not in {script.revision for script in known.walk_revisions()}:
        raise RegisterError(
            f"cette base a été écrite par une version plus récente du programme (forme {present}) "
            "→ mettre le programme à jour"
        )

"""How migrations run: on the connection, and in the transaction, of `data.store.migrate`."""

from __future__ import annotations

from alembic import context

from data.store.models import StudyRow

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=StudyRow.metadata,
    # SQLite undoes changes of tables too, once the driver leaves transactions to us.
    transactional_ddl=True,
)
context.run_migrations()

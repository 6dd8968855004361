"""What Alembic runs around the revisions: they work on the connection, and in the transaction, of `domain.store.migrate`."""

from alembic import context

from domain.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()

"""Alembic's environment: runs the versions on the connection that `migrate` opened and locked."""

from alembic import context

from triage.adapters.store_sql.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()

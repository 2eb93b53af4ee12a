"""Alembic's entry: runs migrations on the connection that `hubflow.db.migrate` hands over."""

from alembic import context

from hubflow.db.orm import Base

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=True,
    transaction_per_migration=False,
)
context.run_migrations()

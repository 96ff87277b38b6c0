"""Alembic's entry: run the steps on the connection that `store.upgrade` hands over."""

from __future__ import annotations

from alembic import context

from changeover.store.schema import metadata

# One transaction for all steps: where the process dies, the old schema is whole. The caller holds the lock.
context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
    render_as_batch=True,
)
context.run_migrations()

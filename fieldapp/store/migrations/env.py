"""Run by Alembic with the connection that fieldapp/store/migrating.py hands over; there is no other way in."""

from __future__ import annotations

from alembic import context

from fieldapp.store.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()

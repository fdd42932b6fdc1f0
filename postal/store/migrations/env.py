"""How Alembic reaches the database: through the connection that `upgrade` hands in."""

from alembic import context
from sqlmodel import SQLModel

from postal.store import tables  # noqa: F401 - so that the tables are known to the metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
    transactional_ddl=False,
    transaction_per_migration=False,
)
context.run_migrations()

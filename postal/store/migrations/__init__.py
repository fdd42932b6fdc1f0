"""Numbered, forward-only migrations. `upgrade` runs what is missing inside one transaction."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from postal.store import refolding
from postal.store.engine import Database


def config() -> Config:
    """Return Alembic's settings; the connection is handed in by `upgrade`."""
    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).parent))
    settings.set_main_option("path_separator", "os")
    return settings


def upgrade(database: Database) -> None:
    """Bring the tables to the newest version."""
    settings = config()
    with database.writing() as connection:
        before = MigrationContext.configure(connection).get_current_revision()
        settings.attributes["connection"] = connection
        command.upgrade(settings, "head")
        if before != ScriptDirectory.from_config(settings).get_current_head():
            refolding.refold(connection)


def is_pending(database: Database) -> bool:
    """Tell whether the tables are older than the code."""
    head = ScriptDirectory.from_config(config()).get_current_head()
    with database.reading() as connection:
        return MigrationContext.configure(connection).get_current_revision() != head

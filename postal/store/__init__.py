"""The only place that writes SQL. `Store` is what everybody else is handed."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from postal.store import engine, migrations
from postal.store.ledger import Ledger
from postal.store.reader import Reader
from postal.store.registers import Transaction
from postal.store.sealing import Sealer

__all__ = ["Ledger", "Reader", "Store"]


class Store:
    """A database with its keys. `begin` writes, `read` reads; both give a block of their own."""

    def __init__(self, database: engine.Database, *, sealer: Sealer, token_bytes: Callable[[int], bytes]) -> None:
        self.database = database
        self._sealer = sealer
        self._token_bytes = token_bytes

    @classmethod
    def open(cls, url: str, *, secret_key: str, token_bytes: Callable[[int], bytes] = secrets.token_bytes) -> "Store":
        """Open a database by its URL. `token_bytes(n)` is the random source for ids and keys."""
        sealer = Sealer(secret_key, token_bytes=token_bytes)
        return cls(engine.connect(url), sealer=sealer, token_bytes=token_bytes)

    @property
    def name(self) -> str:
        """Return which database this is: sqlite or postgresql."""
        return self.database.name

    def migrate(self) -> None:
        """Bring the tables to the newest version; never back."""
        migrations.upgrade(self.database)

    def migration_pending(self) -> bool:
        """Tell whether the tables are older than the code."""
        return migrations.is_pending(self.database)

    @contextmanager
    def begin(self, *, at: datetime) -> Iterator[Ledger]:
        """Yield the ledger in one write transaction; it is durable when the block has ended without an error."""
        with self.database.writing() as connection:
            yield Ledger(Transaction(connection=connection, at=at, sealer=self._sealer, token_bytes=self._token_bytes))

    @contextmanager
    def read(self, *, at: datetime | None = None) -> Iterator[Reader]:
        """Yield a reader with one snapshot. `at` is only needed by registers that compare times."""
        with self.database.reading() as connection:
            yield Reader(connection, at=at, sealer=self._sealer, token_bytes=self._token_bytes)

    def close(self) -> None:
        """Close every connection."""
        self.database.close()


def sqlite_url(path: Path) -> str:
    """Return the URL of a SQLite file."""
    return f"sqlite:///{path}"

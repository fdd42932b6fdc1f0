"""The only place that writes SQL. `Store` is what everybody else is handed."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from postal.store import engine, migrations
from postal.store.ledger import Ledger
from postal.store.reader import Reader
from postal.store.registers import SealedFile, StoredFile, Transaction, opened_file, sealed_file
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

    @property
    def public_key(self) -> bytes:
        """Return the key to which devices seal what they must not be able to read again."""
        return self._sealer.public_key

    def open_from_device(self, *, point: bytes, nonce: bytes, data: bytes, about: str) -> bytes:
        """Return what a device sealed to `public_key`. Raises: ValueError, cryptography.exceptions.InvalidTag."""
        return self._sealer.open_from_device(point=point, nonce=nonce, data=data, about=about)

    def seal_file(self, content: bytes, *, media_type: str, dossier: str, owner: str = "") -> SealedFile:
        """Seal a file that lies outside the database, before its row is written. `owner`: as in `sealed_file`."""
        return sealed_file(self._sealer, content, media_type=media_type, dossier=dossier, is_outside=True, owner=owner)

    def open_file(self, file: SealedFile, body: bytes) -> StoredFile:
        """Open a file with what lies outside. Raises: cryptography.exceptions.InvalidTag."""
        return opened_file(self._sealer, file, body)

    def fingerprint(self, purpose: str, value: str) -> str:
        """Return a keyed fingerprint of a value in hex: the same for equal ones, and nobody undoes it."""
        return self._sealer.index(purpose, value).hex()

    def inside(self, ledger: Ledger) -> "Store":
        """Return a store whose every transaction is the one of `ledger`, so that several services are one step.

        What they record is recorded when `ledger` is, whatever time they are given.
        """
        return _Inside(ledger, self.database, sealer=self._sealer, token_bytes=self._token_bytes)

    def close(self) -> None:
        """Close every connection."""
        self.database.close()


class _Inside(Store):
    """A store inside a transaction that is open already."""

    def __init__(
        self, ledger: Ledger, database: engine.Database, *, sealer: Sealer, token_bytes: Callable[[int], bytes]
    ) -> None:
        super().__init__(database, sealer=sealer, token_bytes=token_bytes)
        self._ledger = ledger

    @contextmanager
    def begin(self, *, at: datetime) -> Iterator[Ledger]:  # noqa: ARG002 - when it happened; recorded is it now
        """Yield the ledger of the open transaction."""
        yield self._ledger

    @contextmanager
    def read(self, *, at: datetime | None = None) -> Iterator[Reader]:
        """Yield a reader that sees what the open transaction has written."""
        connection = self._ledger.connection
        yield Reader(connection, at=at, sealer=self._sealer, token_bytes=self._token_bytes)


def sqlite_url(path: Path) -> str:
    """Return the URL of a SQLite file."""
    return f"sqlite:///{path}"

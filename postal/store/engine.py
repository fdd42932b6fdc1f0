"""Connections. SQLite has one writer whose calls share commits; PostgreSQL has transactions of its own."""

import contextlib
import fcntl
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.pool import QueuePool

SHARED_COMMIT = 256
"""At most so many service calls share one commit."""

CHECKPOINT_EVERY = 200
"""Commits between two checkpoints of the write-ahead log."""

_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA busy_timeout=10000",
    "PRAGMA trusted_schema=OFF",
    "PRAGMA cell_size_check=ON",
    "PRAGMA mmap_size=0",
    "PRAGMA wal_autocheckpoint=0",
)


class Database(Protocol):
    """A place to read and write."""

    name: str

    def reading(self) -> AbstractContextManager[Connection]: ...

    def writing(self) -> AbstractContextManager[Connection]: ...

    def close(self) -> None: ...


def connect(url: str) -> "Database":
    """Open a database by its URL, `sqlite:///path` or `postgresql://…`."""
    if make_url(url).get_backend_name() == "sqlite":
        return Sqlite(url)
    return Postgres(url)


class Postgres:
    """PostgreSQL through psycopg 3."""

    name = "postgresql"

    def __init__(self, url: str) -> None:
        dialect = make_url(url).set(drivername="postgresql+psycopg")
        self.engine = create_engine(dialect, pool_size=8, max_overflow=8, pool_pre_ping=True)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Yield a connection for SELECT; whatever it did is rolled back."""
        with self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Yield a connection whose transaction commits when the block ends well."""
        with self.engine.begin() as connection:
            yield connection

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


class Sqlite:
    """SQLite in a file: many readers, one writer, the same file lock for every process that writes."""

    name = "sqlite"

    def __init__(self, url: str) -> None:
        path = make_url(url).database
        if not path or path == ":memory:":
            raise ValueError("SQLite needs a file: sqlite:////path/to/file.db")
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        self.engine = _sqlite_engine(url)
        self._keeper = self.engine.raw_connection()
        self._writer = _Writer(self.engine, lock_path=f"{path}.lock")

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Yield a connection for SELECT with one snapshot."""
        with self.engine.connect() as connection:
            connection.exec_driver_sql("BEGIN")
            try:
                yield connection
            finally:
                connection.exec_driver_sql("ROLLBACK")

    def writing(self) -> AbstractContextManager[Connection]:
        """Return the writer's connection inside a savepoint; leaving it waits for the shared commit."""
        return self._writer.call()

    def close(self) -> None:
        """Close every connection; the keeper goes last."""
        self._writer.close()
        self._keeper.close()
        self.engine.dispose()


def _sqlite_engine(url: str) -> Engine:
    engine = create_engine(
        url,
        isolation_level="AUTOCOMMIT",
        poolclass=QueuePool,
        pool_size=16,
        max_overflow=32,
        connect_args={"check_same_thread": False, "timeout": 10},
    )
    event.listen(engine, "connect", _prepare)
    return engine


def _prepare(connection: Any, _record: object) -> None:
    for pragma in _PRAGMAS:
        connection.execute(pragma)


class _Turn:
    """A lock that is handed on in the order of asking. A plain lock would let one thread take it again and again."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._waiting: deque[threading.Lock] = deque()
        self._taken = False

    def __enter__(self) -> None:
        with self._mutex:
            if not self._taken:
                self._taken = True
                return
            mine = threading.Lock()
            mine.acquire()
            self._waiting.append(mine)
        mine.acquire()

    def __exit__(self, *_: object) -> None:
        with self._mutex:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._taken = False


class _Batch:
    """Service calls that share one commit."""

    def __init__(self) -> None:
        self.size = 0
        self.is_done = False
        self.error: BaseException | None = None


class _Writer:
    """The only connection that writes. A call returns after the commit it shares with the calls that ran meanwhile."""

    def __init__(self, engine: Engine, *, lock_path: str) -> None:
        self._connection = engine.connect()
        self._turn = _Turn()
        self._inside = threading.local()
        self._file = Path(lock_path).open("a", encoding="ascii")  # noqa: SIM115 - held as long as the writer lives
        self._batch: _Batch | None = None
        self._commits = 0

    @contextmanager
    def call(self) -> Iterator[Connection]:
        """Yield the connection inside a savepoint of the shared transaction."""
        if getattr(self._inside, "call", False):
            raise RuntimeError("a write transaction is already open in this thread")
        self._inside.call = True
        batch: _Batch | None = None
        try:
            with self._turn:
                batch = self._join()
                with self._savepoint():
                    yield self._connection
        finally:
            self._inside.call = False
            if batch is not None:
                self._settle(batch)

    def close(self) -> None:
        """Release the connection and the lock file."""
        self._connection.close()
        self._file.close()

    def _join(self) -> _Batch:
        if self._batch is not None and self._batch.size >= SHARED_COMMIT:
            self._commit(self._batch)
        if self._batch is None:
            self._begin()
            self._batch = _Batch()
        self._batch.size += 1
        return self._batch

    def _begin(self) -> None:
        fcntl.flock(self._file, fcntl.LOCK_EX)
        try:
            self._run("BEGIN IMMEDIATE")
        except BaseException:
            fcntl.flock(self._file, fcntl.LOCK_UN)
            raise

    @contextmanager
    def _savepoint(self) -> Iterator[None]:
        self._run("SAVEPOINT call")
        try:
            yield
        except BaseException:
            self._run("ROLLBACK TO call")
            raise
        finally:
            self._run("RELEASE call")

    def _settle(self, batch: _Batch) -> None:
        with self._turn:
            if not batch.is_done:
                self._commit(batch)
        if batch.error is not None:
            raise batch.error

    def _commit(self, batch: _Batch) -> None:
        """Commit for every call of the batch; if that fails, it fails for all of them."""
        try:
            self._run("COMMIT")
        except BaseException as error:  # noqa: BLE001 - raised again in every call of the batch
            batch.error = error
            self._run_quietly("ROLLBACK")
        else:
            self._checkpoint_sometimes()
        finally:
            batch.is_done = True
            self._batch = None
            fcntl.flock(self._file, fcntl.LOCK_UN)

    def _checkpoint_sometimes(self) -> None:
        """Checkpoint under the file lock. What is committed stays committed if this fails; the next one catches up."""
        self._commits += 1
        if self._commits % CHECKPOINT_EVERY == 0:
            self._run_quietly("PRAGMA wal_checkpoint(PASSIVE)")

    def _run(self, statement: str) -> None:
        self._connection.exec_driver_sql(statement)

    def _run_quietly(self, statement: str) -> None:
        with contextlib.suppress(Exception):
            self._run(statement)

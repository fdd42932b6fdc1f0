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
"""Service calls between two checkpoints of the write-ahead log."""

LONGEST_LOG = 8192
"""Pages in the write-ahead log, 4 KiB each, from which a checkpoint waits for readers so that the log starts anew."""

PATIENCE_MS = 250
"""How long such a checkpoint waits for them, in milliseconds; nobody writes meanwhile."""

NEXT_TRY_AFTER = 1000
"""Service calls until the next try, when a reader stayed longer than that."""

BUSY_MS = 10_000
"""How long a statement waits for another process, in milliseconds."""

WRITER_CACHE_KIB = 65_536
"""What the writer keeps of the file in memory: a batch of hundreds of events touches pages all over its indexes."""

_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    f"PRAGMA busy_timeout={BUSY_MS}",
    "PRAGMA secure_delete=ON",
    "PRAGMA trusted_schema=OFF",
    "PRAGMA cell_size_check=ON",
    "PRAGMA mmap_size=0",
    "PRAGMA wal_autocheckpoint=0",
    "PRAGMA query_only=ON",
)
"""What every connection promises. `secure_delete` overwrites what is erased; only the writer may write."""


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
        self._snapshots = self.engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        self._once = _Once()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Yield a connection for SELECT with one snapshot."""
        with self._snapshots.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Yield a connection whose transaction commits when the block ends well."""
        with self._once.at_a_time(), self.engine.begin() as connection:
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
        self._writer = _Writer(self.engine, lock=_FileLock(path))
        self._once = _Once()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Yield a connection for SELECT with one snapshot."""
        with self.engine.connect() as connection:
            connection.exec_driver_sql("BEGIN")
            try:
                yield connection
            finally:
                connection.exec_driver_sql("ROLLBACK")

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Yield the writer's connection; leaving it waits for the shared commit."""
        with self._once.at_a_time(), self._writer.call() as connection:
            yield connection

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


class _Once:
    """Refuses a write transaction inside another of the same thread: it would wait for itself, or see half of it."""

    def __init__(self) -> None:
        self._inside = threading.local()

    @contextmanager
    def at_a_time(self) -> Iterator[None]:
        if getattr(self._inside, "writing", False):
            raise RuntimeError("a write transaction is already open in this thread")
        self._inside.writing = True
        try:
            yield
        finally:
            self._inside.writing = False


class _FileLock:
    """Keeps other processes from writing. Who waits for it holds the door, so that nobody goes in twice before him."""

    def __init__(self, database: str) -> None:
        self._lock = Path(f"{database}.lock").open("a", encoding="ascii")  # noqa: SIM115 - as long as the writer lives
        self._door = Path(f"{database}.door").open("a", encoding="ascii")  # noqa: SIM115 - the same

    def take(self) -> None:
        fcntl.flock(self._door, fcntl.LOCK_EX)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX)
        finally:
            fcntl.flock(self._door, fcntl.LOCK_UN)

    def give_back(self) -> None:
        fcntl.flock(self._lock, fcntl.LOCK_UN)

    def close(self) -> None:
        self._lock.close()
        self._door.close()


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

    def __init__(self, engine: Engine, *, lock: _FileLock) -> None:
        self._connection = engine.connect()
        self._run("PRAGMA query_only=OFF")
        self._run(f"PRAGMA cache_size=-{WRITER_CACHE_KIB}")
        self._turn = _Turn()
        self._lock = lock
        self._batch: _Batch | None = None
        self._calls = 0

    @contextmanager
    def call(self) -> Iterator[Connection]:
        """Yield the connection inside the shared transaction; what one call wrote can be undone alone."""
        batch: _Batch | None = None
        try:
            with self._turn:
                batch = self._join()
                with self._alone(batch) if batch.size == 1 else self._savepoint(batch):
                    yield self._connection
        except BaseException:
            if batch is not None:
                self._settle(batch)  # those who share the commit may be waiting for it
            raise
        self._settle(batch)
        if batch.error is not None:
            raise batch.error

    def close(self) -> None:
        """Release the connection and the lock file."""
        self._connection.close()
        self._lock.close()

    def _join(self) -> _Batch:
        if self._batch is not None and self._batch.size >= SHARED_COMMIT:
            self._commit(self._batch)
        if self._batch is None:
            self._begin()
            self._batch = _Batch()
        self._batch.size += 1
        return self._batch

    def _begin(self) -> None:
        self._lock.take()
        try:
            self._run("BEGIN IMMEDIATE")
        except BaseException:
            self._lock.give_back()
            raise

    @contextmanager
    def _alone(self, batch: _Batch) -> Iterator[None]:
        """Let the first call of a transaction undo all of it: a savepoint would copy every page that it writes."""
        try:
            yield
        except BaseException as error:
            self._end(batch, error=error)
            raise

    @contextmanager
    def _savepoint(self, batch: _Batch) -> Iterator[None]:
        self._run("SAVEPOINT call")
        try:
            yield
            self._run("RELEASE call")
        except BaseException:
            self._undo(batch)
            raise

    def _undo(self, batch: _Batch) -> None:
        """Take back what one call wrote. Where SQLite has given up the whole transaction, every call of it fails."""
        try:
            self._run("ROLLBACK TO call")
            self._run("RELEASE call")
        except Exception as error:  # noqa: BLE001 - raised again in every call of the batch
            self._end(batch, error=error)

    def _settle(self, batch: _Batch) -> None:
        with self._turn:
            if not batch.is_done:
                self._commit(batch)

    def _commit(self, batch: _Batch) -> None:
        """Commit for every call of the batch; if that fails, it fails for all of them."""
        try:
            self._run("COMMIT")
        except BaseException as error:  # noqa: BLE001 - raised again in every call of the batch
            self._end(batch, error=error)
        else:
            self._checkpoint_sometimes(batch.size)
            self._end(batch)

    def _end(self, batch: _Batch, *, error: BaseException | None = None) -> None:
        if error is not None:
            self._run_quietly("ROLLBACK")
        batch.error = error
        batch.is_done = True
        self._batch = None
        self._lock.give_back()

    def _checkpoint_sometimes(self, calls: int) -> None:
        """Checkpoint under the file lock. What is committed stays committed if this fails; the next one catches up."""
        self._calls += calls
        if self._calls < CHECKPOINT_EVERY:
            return
        self._calls = 0
        with contextlib.suppress(Exception):
            if self._pages_left_by("PASSIVE") > LONGEST_LOG and not self._starts_log_anew():
                self._calls = -NEXT_TRY_AFTER

    def _starts_log_anew(self) -> bool:
        """Wait a moment for readers: while one of them sees an old state, the log cannot start anew and only grows."""
        self._run(f"PRAGMA busy_timeout={PATIENCE_MS}")
        try:
            return self._pages_left_by("TRUNCATE") == 0
        finally:
            self._run(f"PRAGMA busy_timeout={BUSY_MS}")

    def _pages_left_by(self, checkpoint: str) -> int:
        """Return how many pages the log holds after a checkpoint."""
        row = self._connection.exec_driver_sql(f"PRAGMA wal_checkpoint({checkpoint})").one()
        return int(row[1])

    def _run(self, statement: str) -> None:
        self._connection.exec_driver_sql(statement).close()

    def _run_quietly(self, statement: str) -> None:
        with contextlib.suppress(Exception):
            self._run(statement)

"""The writer of SQLite: calls share commits and fail together or alone; other processes wait for their turn."""

import functools
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DatabaseError, OperationalError

from postal.store import Store, engine
from tests import databases
from tests.cast import monday

ROOT = Path(__file__).resolve().parent.parent.parent


def note(store: Store, subject: str) -> None:
    """Write one line of the audit trail, the smallest write there is."""
    with store.begin(at=monday) as ledger:
        ledger.audit.note(account="lan", place="551000", what="seen", subject=subject)


def subjects(store: Store) -> list[str]:
    """Return what was written, in the order of arrival."""
    with store.read() as reader:
        return [row[0] for row in reader.rows(text("SELECT subject FROM audit ORDER BY seq"))]


def sqlite_of(store: Store) -> engine.Sqlite:
    """Return the engine of a SQLite store."""
    assert isinstance(store.database, engine.Sqlite)
    return store.database


@contextmanager
def statements(store: Store) -> Iterator[list[str]]:
    """Collect every statement the writer sends."""
    sent: list[str] = []
    raw: Any = sqlite_of(store)._writer._connection.connection.dbapi_connection
    raw.set_trace_callback(sent.append)
    try:
        yield sent
    finally:
        raw.set_trace_callback(None)


def all_at_once(*calls: Callable[[], None]) -> list[BaseException | None]:
    """Run calls in threads of their own that start together; return what each of them raised."""
    ready = threading.Barrier(len(calls))

    def run(call: Callable[[], None]) -> BaseException | None:
        ready.wait()
        try:
            call()
        except BaseException as error:  # noqa: BLE001 - it is the answer
            return error
        return None

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))


class Inside:
    """A write that stays inside its block until it is let go, so that others queue up behind it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._entered, self._go = threading.Event(), threading.Event()
        self.failed: BaseException | None = None
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        self._entered.wait(5)

    def _run(self) -> None:
        try:
            with self._store.begin(at=monday) as ledger:
                ledger.audit.note(account="lan", place="", what="seen", subject="first")
                self._entered.set()
                self._go.wait(10)
        except OperationalError as error:
            self.failed = error

    def leave_when(self, waiting: int) -> None:
        """Leave the block once so many others wait for their turn."""
        deadline = time.monotonic() + 5
        while len(sqlite_of(self._store)._writer._turn._waiting) < waiting and time.monotonic() < deadline:
            time.sleep(0.001)
        self._go.set()
        self._thread.join()


# --- sharing commits --------------------------------------------------------------------------------------------------


@databases.ON_SQLITE
def test_calls_that_wait_for_each_other_share_one_commit(store: Store) -> None:
    with statements(store) as sent:
        first = Inside(store)
        others = [threading.Thread(target=note, args=(store, str(n))) for n in range(7)]
        for other in others:
            other.start()
        first.leave_when(waiting=7)
        for other in others:
            other.join()
    assert len(subjects(store)) == 8
    assert sent.count("COMMIT") == 1
    assert sum(statement == "SAVEPOINT call" for statement in sent) == 7  # the first has the transaction to itself


def _note_fifty(store: Store, name: str) -> None:
    for n in range(50):
        note(store, f"{name}.{n}")


@databases.ON_SQLITE
def test_eight_busy_threads_need_far_fewer_commits_than_calls(store: Store) -> None:
    with statements(store) as sent:
        failed = all_at_once(*[functools.partial(_note_fifty, store, str(n)) for n in range(8)])
    assert failed == [None] * 8
    assert len(subjects(store)) == 400
    assert sent.count("COMMIT") < 200


@databases.ON_SQLITE
def test_a_lone_call_does_not_wait_for_company(store: Store) -> None:
    with statements(store) as sent:
        note(store, "alone")
    assert sent.count("COMMIT") == 1


@databases.ON_SQLITE
def test_a_batch_ends_before_it_gets_too_long(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "SHARED_COMMIT", 3)
    with statements(store) as sent:
        first = Inside(store)
        others = [threading.Thread(target=note, args=(store, str(n))) for n in range(8)]
        for other in others:
            other.start()
        first.leave_when(waiting=8)
        for other in others:
            other.join()
    assert len(subjects(store)) == 9
    assert sent.count("COMMIT") == 3


@databases.ON_SQLITE
def test_threads_get_their_turn_in_the_order_of_asking(store: Store) -> None:
    first = Inside(store)
    turn = sqlite_of(store)._writer._turn
    others = []
    for n in range(6):
        other = threading.Thread(target=note, args=(store, str(n)))
        other.start()
        others.append(other)
        while len(turn._waiting) <= n:
            time.sleep(0.001)
    first.leave_when(waiting=6)
    for other in others:
        other.join()
    assert subjects(store) == ["first", "0", "1", "2", "3", "4", "5"]


def test_what_was_answered_can_be_read_at_once(store: Store) -> None:
    for n in range(20):
        note(store, str(n))
        assert subjects(store)[-1] == str(n)


# --- failing ----------------------------------------------------------------------------------------------------------


class NoLuck(Exception):
    """Something went wrong in the middle of a call."""


def _fail(store: Store) -> None:
    with store.begin(at=monday) as ledger:
        ledger.audit.note(account="lan", place="", what="seen", subject="never")
        raise NoLuck


@databases.ON_SQLITE
def test_a_call_that_fails_takes_nobody_else_with_it(store: Store) -> None:
    with statements(store) as sent:
        first = Inside(store)
        answers: list[BaseException | None] = []

        def three() -> None:
            answers.extend(all_at_once(lambda: note(store, "a"), lambda: _fail(store), lambda: note(store, "b")))

        others = threading.Thread(target=three)
        others.start()
        first.leave_when(waiting=3)
        others.join()
    assert sorted(subjects(store)) == ["a", "b", "first"]
    assert [type(answer) for answer in answers] == [type(None), NoLuck, type(None)]
    assert sent.count("COMMIT") == 1


@databases.ON_SQLITE
def test_a_call_that_fails_leaves_nothing_behind_whether_it_came_first_or_not(store: Store) -> None:
    for n in range(10):
        calls = [functools.partial(_fail, store), functools.partial(note, store, f"{n}")]
        assert [type(each) for each in all_at_once(*calls)] == [NoLuck, type(None)]
    assert sorted(subjects(store)) == [f"{n}" for n in range(10)]


class Breaking:
    """Stands in for the writer's connection and fails at one statement."""

    def __init__(self, connection: Connection, statement: str) -> None:
        self._connection, self._statement = connection, statement
        self.is_broken = True

    def exec_driver_sql(self, statement: str) -> Any:
        if self.is_broken and statement == self._statement:
            raise OperationalError(statement, None, sqlite3.OperationalError("database or disk is full"))
        return self._connection.exec_driver_sql(statement)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


@databases.ON_SQLITE
def test_when_the_commit_fails_every_call_of_the_batch_fails(store: Store) -> None:
    writer = sqlite_of(store)._writer
    broken = Breaking(writer._connection, "COMMIT")
    writer._connection = broken  # type: ignore[assignment]
    answers = all_at_once(*[functools.partial(note, store, str(n)) for n in range(6)])
    assert [type(answer) for answer in answers] == [OperationalError] * 6
    broken.is_broken = False
    assert subjects(store) == []
    note(store, "after")
    assert subjects(store) == ["after"]


@databases.ON_SQLITE
def test_when_sqlite_gives_up_the_whole_transaction_nothing_of_the_batch_is_kept(store: Store) -> None:
    """A full disk may end the transaction under a call: then there is no savepoint left to go back to."""

    def fill_the_disk() -> None:
        with store.begin(at=monday) as ledger:
            ledger.audit.connection.exec_driver_sql("ROLLBACK")
            raise NoLuck

    first = Inside(store)
    answers: list[BaseException | None] = []
    other = threading.Thread(target=lambda: answers.extend(all_at_once(fill_the_disk)))
    other.start()
    first.leave_when(waiting=1)
    other.join()
    assert [type(answer) for answer in answers] == [NoLuck]
    assert isinstance(first.failed, OperationalError)
    assert subjects(store) == []
    note(store, "after")
    assert subjects(store) == ["after"]


def test_a_refusal_is_told_even_when_the_commit_it_shared_failed(store: Store) -> None:
    with pytest.raises(NoLuck):
        _fail(store)
    assert subjects(store) == []


def test_a_write_inside_a_write_is_refused(store: Store) -> None:
    with pytest.raises(RuntimeError, match="already open"), store.begin(at=monday), store.begin(at=monday):
        pass
    note(store, "after")
    assert subjects(store) == ["after"]


# --- reading ----------------------------------------------------------------------------------------------------------


def test_a_reader_sees_one_state_from_beginning_to_end(store: Store) -> None:
    note(store, "before")
    count = text("SELECT count(*) FROM audit")
    with store.read() as reader:
        seen = [reader.rows(count)[0][0]]
        writing = threading.Thread(target=note, args=(store, "meanwhile"))
        writing.start()
        writing.join()
        seen.append(reader.rows(count)[0][0])
    assert seen == [1, 1]
    assert subjects(store) == ["before", "meanwhile"]


def test_a_reader_writes_nothing(store: Store) -> None:
    with pytest.raises(DatabaseError, match=r"readonly|read-only"), store.read() as reader:
        reader.audit.note(account="lan", place="", what="seen", subject="x")
    note(store, "after")
    assert subjects(store) == ["after"]


# --- promises of every connection -------------------------------------------------------------------------------------

PROMISED = {
    "journal_mode": "wal",
    "synchronous": 2,
    "foreign_keys": 1,
    "busy_timeout": 10_000,
    "secure_delete": 1,
    "trusted_schema": 0,
    "cell_size_check": 1,
    "mmap_size": 0,
    "wal_autocheckpoint": 0,
}


def _pragmas(connection: Connection) -> dict[str, object]:
    return {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in PROMISED}


@databases.ON_SQLITE
def test_every_connection_keeps_the_promises_of_durability(store: Store) -> None:
    with store.database.writing() as writer:
        assert _pragmas(writer) == PROMISED
        assert writer.exec_driver_sql("PRAGMA cache_size").scalar() == -engine.WRITER_CACHE_KIB
    with store.database.reading() as first, store.database.reading() as second, store.database.reading() as third:
        assert [_pragmas(each) for each in (first, second, third)] == [PROMISED] * 3


def test_the_promises_are_kept_after_a_connection_was_used_and_given_back(store: Store) -> None:
    if store.name == "postgresql":
        with store.database.writing() as writer:
            assert writer.exec_driver_sql("SHOW transaction_isolation").scalar() == "read committed"
            assert writer.exec_driver_sql("SHOW transaction_read_only").scalar() == "off"
        with store.database.reading() as reader:
            assert reader.exec_driver_sql("SHOW transaction_isolation").scalar() == "repeatable read"
            assert reader.exec_driver_sql("SHOW transaction_read_only").scalar() == "on"
    note(store, "after a reader")
    assert subjects(store) == ["after a reader"]


def test_sqlite_in_memory_is_refused_because_it_keeps_nothing() -> None:
    with pytest.raises(ValueError, match="needs a file"):
        engine.connect("sqlite://")


# --- the write-ahead log ----------------------------------------------------------------------------------------------


def _log_of(url: str) -> Path:
    return Path(f"{url.removeprefix('sqlite:///')}-wal")


def _write_much(store: Store, calls: int) -> None:
    for n in range(calls):
        with store.begin(at=monday) as ledger:
            for line in range(20):
                ledger.audit.note(account="lan", place="551000", what="seen", subject=f"{n}.{line}", detail="d" * 250)


@databases.ON_SQLITE
def test_the_log_stays_small_under_load(store: Store, database_url: str) -> None:
    _write_much(store, 500)
    assert _log_of(database_url).stat().st_size < 16_000_000


@databases.ON_SQLITE
def test_the_log_starts_anew_as_soon_as_a_long_reader_has_gone(
    store: Store, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "LONGEST_LOG", 200)
    monkeypatch.setattr(engine, "PATIENCE_MS", 20)
    monkeypatch.setattr(engine, "NEXT_TRY_AFTER", 0)
    with store.read() as reader:
        reader.rows(text("SELECT count(*) FROM audit"))
        _write_much(store, 300)
        grown = _log_of(database_url).stat().st_size
        assert len(subjects(store)) == 6_000
        assert reader.rows(text("SELECT count(*) FROM audit"))[0][0] == 0
    _write_much(store, 300)
    assert grown > 200 * 4096
    assert _log_of(database_url).stat().st_size < grown / 2


# --- two processes ----------------------------------------------------------------------------------------------------

WRITE = """
import sys, time
from tests.cast import monday
from postal.store import Store
from tests import databases
url, name, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])
store = Store.open(url, secret_key=databases.SECRET_KEY)
print("ready", flush=True); sys.stdin.readline()
end, written, longest = time.monotonic() + seconds, 0, 0.0
while time.monotonic() < end:
    begun = time.monotonic()
    with store.begin(at=monday) as ledger:
        ledger.audit.note(account=name, place="", what="seen", subject=str(written))
    written, longest = written + 1, max(longest, time.monotonic() - begun)
store.close()
print(written, longest)
"""


def _writers(url: str, names: str, seconds: float) -> list[subprocess.Popen[str]]:
    command = [sys.executable, "-c", WRITE, url]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return [subprocess.Popen([*command, name, str(seconds)], cwd=ROOT, text=True, **pipes) for name in names]


@databases.ON_SQLITE
@pytest.mark.slow
def test_two_processes_write_the_same_file_in_turns_and_neither_is_ever_locked_out(
    store: Store, database_url: str
) -> None:
    both = _writers(database_url, "ab", seconds=10)
    for each in both:
        assert each.stdout
        assert each.stdin
        assert each.stdout.readline() == "ready\n"
        each.stdin.write("\n")
        each.stdin.flush()
    ours = 0
    while any(each.poll() is None for each in both):
        note(store, "ours")
        ours += 1
    told = [each.communicate() for each in both]
    assert [error for _, error in told] == ["", ""]
    written = [int(out.split()[0]) for out, _ in told]
    longest = [float(out.split()[1]) for out, _ in told]
    with store.read() as reader:
        rows: Sequence[Any] = reader.rows(text("SELECT account, count(*) FROM audit GROUP BY account"))
    kept = {row[0]: row[1] for row in rows}
    assert kept == {"a": written[0], "b": written[1], "lan": ours}
    assert min(written) > max(written) / 3, "one of them was starved"
    assert max(longest) < 2.0


@databases.ON_SQLITE
def test_two_processes_may_open_a_new_file_at_the_same_moment(empty_database_url: str) -> None:
    script = f"from postal.store import Store; Store.open({empty_database_url!r}, secret_key='k' * 40).migrate()"
    several = [
        subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stderr=subprocess.PIPE, text=True) for _ in range(3)
    ]
    assert [each.communicate()[1] for each in several] == ["", "", ""]
    assert [each.returncode for each in several] == [0, 0, 0]

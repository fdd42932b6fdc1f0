"""What is left after the process is killed at any moment, as one JSON line: `python -m bench.kill --kills 2000`.

A process registers and seals items in several threads and says what was acknowledged. It is killed after 0 to 300 ms,
or at a statement drawn by chance; with `--database postgresql` the database server is killed with it. Then the store is
opened again: whatever was acknowledged must be there once, and each call with all of its items or with none.

This shows that no answer goes out before its commit. What a power cut takes is another question: here the kernel lives.
"""

import argparse
import contextlib
import json
import multiprocessing
import os
import random
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event, text

from postal.domain.item import Item
from postal.services import verification
from postal.store import Store, sqlite_url
from tests import cast, databases

THREADS = 4
ITEMS_A_CALL = 3
LONGEST_LIFE = 0.3
"""Seconds until the kill, at most."""

STATEMENTS = 400
"""The kill comes at one of so many statements, where it does not come by the clock."""

KILLS_A_DATABASE = 100


@dataclass(kw_only=True)
class Outcome:
    """What was done and what was found. `torn` are calls of which a part is there; `unsound` is what verify found."""

    database: str
    kills: int = 0
    acknowledged: int = 0
    lost: int = 0
    duplicated: int = 0
    torn: int = 0
    unsound: int = 0
    slowest_restart_seconds: float = 0.0
    seconds: float = 0.0

    @property
    def is_sound(self) -> bool:
        """Tell whether nothing acknowledged was lost or doubled, and nothing is half there."""
        return self.acknowledged > 0 and not (self.lost or self.duplicated or self.torn or self.unsound)


def main() -> None:
    """Kill as often as asked, print what was found, and fail when anything was lost."""
    asked = argparse.ArgumentParser(prog="bench.kill", description=__doc__)
    asked.add_argument("--kills", type=int, default=2000)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--database", choices=databases.KINDS, default="sqlite")
    asked.add_argument("--json", action="store_true", help="accepted; the answer is always one JSON line")
    given = asked.parse_args()
    outcome = run(kills=given.kills, seed=given.seed, database=given.database)
    print(json.dumps({**asdict(outcome), "ok": outcome.is_sound}))
    raise SystemExit(0 if outcome.is_sound else 1)


def run(*, kills: int, seed: int, database: str = "sqlite") -> Outcome:
    """Kill a writing process so many times and look at what is left each time."""
    begun, chance, outcome = time.perf_counter(), random.Random(seed), Outcome(database=database)
    while outcome.kills < kills:
        with _databases(database) as (url, crash):
            for _ in range(min(KILLS_A_DATABASE, kills - outcome.kills)):
                _kill_once(url, chance=chance, outcome=outcome, crash=crash)
    outcome.seconds = round(time.perf_counter() - begun, 1)
    return outcome


@contextlib.contextmanager
def _databases(kind: str) -> Iterator[tuple[str, Callable[[], None]]]:
    """Yield a migrated database and what crashes its server."""
    if kind == "postgresql":
        with databases.running_postgres(durable=True) as server:
            _migrate(server.url())
            yield server.url(), lambda: _crash(server)
        return
    with tempfile.TemporaryDirectory() as folder:
        url = sqlite_url(Path(folder) / "killed.db")
        _migrate(url)
        yield url, lambda: None


def _crash(server: databases.PostgresServer) -> None:
    server.kill()
    server.start()


def _open(url: str) -> Store:
    return Store.open(url, secret_key=databases.SECRET_KEY)


def _migrate(url: str) -> None:
    store = _open(url)
    store.migrate()
    store.close()


# --- one kill ---------------------------------------------------------------------------------------------------------


def _kill_once(url: str, *, chance: random.Random, outcome: Outcome, crash: Callable[[], None]) -> None:
    by_statement = chance.random() < 0.5
    die_at = chance.randrange(1, STATEMENTS) if by_statement else 0
    read_end, write_end = os.pipe()
    writer = (url, outcome.kills, write_end, die_at)
    child = multiprocessing.get_context("fork").Process(target=_write_until_killed, args=writer)
    child.start()
    os.close(write_end)
    killer = threading.Timer(chance.uniform(0, LONGEST_LIFE) + (5 if by_statement else 0), child.kill)
    killer.start()
    with os.fdopen(read_end, "rb") as acknowledgements:
        told = acknowledgements.read().split(b"\n")[:-1]
    killer.cancel()
    child.join()
    assert child.exitcode == -signal.SIGKILL, f"the writer ended by itself: {child.exitcode}"
    crash()
    _look(url, {line.decode() for line in told}, outcome=outcome)


def _look(url: str, acknowledged: set[str], *, outcome: Outcome) -> None:
    """Open the store again as a restarted server does, and count what does not fit."""
    begun = time.perf_counter()
    store = _open(url)
    with store.begin(at=cast.monday) as ledger:
        ledger.audit.note(account="restart", place="", what="restarted", subject=str(outcome.kills))
    outcome.slowest_restart_seconds = max(outcome.slowest_restart_seconds, round(time.perf_counter() - begun, 3))
    there = _events_of(store, prefix=f"P{outcome.kills % 10_000:04}")
    outcome.acknowledged += len(acknowledged)
    outcome.lost += sum(1 for line in acknowledged if there.get(line, 0) < ITEMS_A_CALL)
    outcome.duplicated += sum(1 for count in there.values() if count > ITEMS_A_CALL)
    outcome.torn += sum(1 for count in there.values() if 0 < count < ITEMS_A_CALL)
    outcome.kills += 1
    if outcome.kills % 25 == 0 or outcome.kills == 1:
        found = verification.verify(store)
        outcome.unsound += len(found.mismatches) + len(found.custody_violations)
    store.close()


def _events_of(store: Store, *, prefix: str) -> dict[str, int]:
    """Return how many items have each (call, version) of one run."""
    counted = text(
        "SELECT substr(stream, 1, 9), version, count(*) FROM event WHERE stream LIKE :p "
        "GROUP BY substr(stream, 1, 9), version"
    )
    with store.read() as reader:
        rows: Any = reader.rows(counted.bindparams(p=f"{prefix}%"))
    return {f"{call} {version}": count for call, version, count in rows}


# --- the process that is killed ---------------------------------------------------------------------------------------


def _write_until_killed(url: str, run_number: int, acknowledge: int, die_at: int) -> None:
    store = _open(url)
    if die_at:
        _die_at_statement(store, die_at)
    threads = [
        threading.Thread(target=_write, args=(store, f"P{run_number % 10_000:04}{number}", acknowledge))
        for number in range(THREADS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _die_at_statement(store: Store, number: int) -> None:
    sent = 0

    def before(_connection: Connection, *_: object) -> None:
        nonlocal sent
        sent += 1
        if sent >= number:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(store.database.engine, "before_cursor_execute", before)  # type: ignore[attr-defined]


def _write(store: Store, prefix: str, acknowledge: int) -> None:
    """Register a few items in one call, seal them in another, and say so after each; for ever."""
    first = cast.registered()
    for call in range(1000):
        codes = [f"{prefix}{call:03}{number}" for number in range(ITEMS_A_CALL)]
        with store.begin(at=cast.monday) as ledger:
            made = ledger.begin_all(Item, [(code, first) for code in codes])
        os.write(acknowledge, f"{prefix}{call:03} 1\n".encode())
        with store.begin(at=cast.monday) as ledger:
            ledger.append_all([(each, each.close_seal(seal="1", by=cast.lan, at=cast.monday)) for each in made])
        os.write(acknowledge, f"{prefix}{call:03} 2\n".encode())
    time.sleep(60)


if __name__ == "__main__":
    main()

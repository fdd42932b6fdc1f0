"""How many writes a second become durable, as one JSON line: `python -m bench.store --seconds 5`.

One write moves one item between two positions: it inserts the event and updates the item, in a transaction of its own.
SQLite runs with synchronous=FULL, PostgreSQL with fsync and synchronous_commit on.
"""

import argparse
import contextlib
import json
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import event

from postal.domain.item import Item
from postal.store import Store, sqlite_url
from tests import cast, databases, envelopes

THREADS = (1, 8)


def main() -> None:
    """Print writes a second for one and for eight threads on each database."""
    asked = argparse.ArgumentParser(prog="bench.store", description=__doc__)
    asked.add_argument("--seconds", type=float, default=5.0)
    asked.add_argument("--database", choices=databases.KINDS, action="append")
    given = asked.parse_args()
    kinds = given.database or databases.KINDS
    print(json.dumps({kind: _measured(kind, seconds=given.seconds) for kind in kinds}))


def _measured(kind: str, *, seconds: float) -> dict[str, float]:
    figures: dict[str, float] = {}
    for threads in THREADS:
        with _store(kind) as store:
            figures |= _figures(store, threads=threads, seconds=seconds)
    return figures


@contextlib.contextmanager
def _store(kind: str) -> Iterator[Store]:
    with contextlib.ExitStack() as stack:
        if kind == "postgresql":
            url = stack.enter_context(databases.running_postgres(durable=True)).url()
        else:
            url = sqlite_url(Path(stack.enter_context(tempfile.TemporaryDirectory())) / "measured.db")
        store = Store.open(url, secret_key=databases.SECRET_KEY)
        stack.callback(store.close)
        store.migrate()
        yield store


def _figures(store: Store, *, threads: int, seconds: float) -> dict[str, float]:
    codes = envelopes.at_the_counter(store, threads, custodian=cast.small_counter, by=cast.sen)
    written, slowest, commits = [0] * threads, [0.0] * threads, _Commits(store)
    end = time.perf_counter() + seconds

    def work(number: int) -> None:
        with store.read() as reader:
            thing = reader.many(Item, codes)[codes[number]]
        while (begun := time.perf_counter()) < end:
            to = (cast.small_sorting, cast.small_counter)[written[number] % 2]
            with store.begin(at=cast.monday) as ledger:
                thing = ledger.append(thing, thing.move(to=to, by=cast.sen, at=cast.monday))
            written[number] += 1
            slowest[number] = max(slowest[number], time.perf_counter() - begun)

    workers = [threading.Thread(target=work, args=(number,)) for number in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return {
        f"writes_per_second_{threads}": round(sum(written) / seconds),
        f"writes_per_commit_{threads}": round(sum(written) / max(1, commits.count), 1),
        f"slowest_ms_{threads}": round(max(slowest) * 1000, 1),
    }


class _Commits:
    """Counts commits: statements of their own on SQLite, the driver's on PostgreSQL."""

    def __init__(self, store: Store) -> None:
        self.count = 0
        engine = store.database.engine  # type: ignore[attr-defined]
        if store.name == "sqlite":
            event.listen(engine, "before_cursor_execute", self._statement)
        else:
            event.listen(engine, "commit", self._commit)

    def _statement(self, _connection: object, _cursor: object, statement: str, *_: object) -> None:
        self.count += statement == "COMMIT"

    def _commit(self, _connection: object) -> None:
        self.count += 1


if __name__ == "__main__":
    main()

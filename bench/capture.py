"""How fast hand-overs are recorded, as one JSON line: `python -m bench.capture`.

A bag of fifty that is signed for at a screen: one transaction, in milliseconds. And what devices tell, in batches of
200, beside the limit of the database: the very same rows (the statements are listened to, not guessed), put into a copy
of the same database by the bare driver with `executemany`, as many to a commit, with the same indexes and the same
durability. Both sides run in turns, in this process.

A request has two parts. It reads what is there and judges each line: who may, what is known, what waits, whose hands.
Then it writes: every fact gets its place and its version, states are folded and encoded, rows written, records kept,
and all is durable. `ratio` compares the writing with the bare writing and must leave enough; `ratio_of_request` is the
whole request, judging included, beside the same bare writing. Both are printed, `ok` asks for the first.

SQLite runs with synchronous=FULL, PostgreSQL with fsync and synchronous_commit on.
"""

import argparse
import contextlib
import json
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

import psycopg
from sqlalchemy import event

from postal.domain import codes, facts
from postal.domain.codes import CodeKind
from postal.domain.facts import Sent
from postal.domain.people import Actor, Custodian
from postal.services import bags, catalogue, custody
from postal.services import facts as fact_services
from postal.services.facts import Outcome
from postal.store import Ledger, Store
from tests import cast, databases, envelopes

BATCH = 200
BATCHES = 24
ENOUGH = 0.5
"""What share of the database's own limit must be left to the product."""

IN_A_BAG = 50

ROUNDS: tuple[tuple[str, Actor, Custodian | None], ...] = (
    ("handed_over", cast.lan, cast.transport),
    ("accepted", cast.tai, None),
    ("handed_over", cast.tai, cast.desk),
    ("accepted", cast.hoa, None),
)
"""What happens to every envelope, each told by the device of another person: from the counter to the desk."""


@dataclass
class Statements:
    """Every statement that writes, as the driver is given it; one list a transaction."""

    written: list[list[tuple[str, Any, bool]]] = field(default_factory=lambda: [[]])
    count: int = 0

    def listen(self, store: Store) -> None:
        """Listen to a store from now on."""
        event.listen(store.database.engine, "before_cursor_execute", self._hear)  # type: ignore[attr-defined]

    def _hear(self, _connection: object, _cursor: object, statement: str, parameters: Any, *more: Any) -> None:
        self.count += 1
        if statement.lstrip().startswith(("INSERT", "UPDATE")):
            self.written[-1].append((statement, parameters, bool(more[-1])))

    @property
    def events(self) -> int:
        """Return how many rows went into the event table."""
        return sum(
            len(parameters) if is_many else 1
            for batch in self.written
            for statement, parameters, is_many in batch
            if statement.startswith("INSERT INTO event")
        )


def main() -> None:
    """Print the figures of both databases and fail when either leaves too little."""
    asked = argparse.ArgumentParser(prog="bench.capture", description=__doc__)
    asked.add_argument("--batches", type=int, default=BATCHES, help="batches of 200, a multiple of 4")
    asked.add_argument("--database", choices=databases.KINDS, action="append")
    given = asked.parse_args()
    found = {kind: measure(kind, batches=given.batches) for kind in given.database or databases.KINDS}
    is_ok = all(figures["ratio"] >= ENOUGH for figures in found.values())
    print(json.dumps({**found, "enough": ENOUGH, "ok": is_ok}))
    raise SystemExit(0 if is_ok else 1)


def measure(kind: str, *, batches: int) -> dict[str, Any]:
    """Return the figures of one kind of database."""
    with _factory(kind) as factory:
        return {**_bag(factory), **_facts(factory, batches=batches)}


# --- a bag of fifty ---------------------------------------------------------------------------------------------------


def _bag(factory: databases.Factory, *, times: int = 5) -> dict[str, Any]:
    """Sign for a sealed bag of fifty, a few times; return the median of the milliseconds."""
    found: list[float] = []
    with _opened(factory, "seeded", _seeded) as store:
        heard = Statements()
        heard.listen(store)
        for number in range(times):
            record = _sealed_bag(store, seed=number + 1)
            heard.written, heard.count = [[]], 0
            begun = time.perf_counter()
            custody.accept(store, record, by=cast.tai, at=cast.after(hours=2))
            found.append(time.perf_counter() - begun)
    return {
        "bag_of_50_ms": round(statistics.median(found) * 1000, 1),
        "bag_of_50_events": heard.events,
        "bag_of_50_statements": heard.count,
    }


def _sealed_bag(store: Store, *, seed: int) -> str:
    """Return the record on which a sealed bag of fifty is offered to the driver."""
    inside = envelopes.at_the_counter(store, IN_A_BAG, seed=seed)
    code = codes.mint(CodeKind.BAG, below=cast.below(seed)).text
    bags.start(store, code=code, destination=cast.to_the_desk, custodian=cast.counter, by=cast.lan, at=cast.monday)
    bags.seal(store, code, seal=f"99{seed:04}", items=inside, by=cast.lan, at=cast.monday)
    below = cast.below(1000 + seed)
    return custody.offer(store, [code], to=cast.transport, by=cast.lan, at=cast.monday, below=below).code


# --- what devices tell ------------------------------------------------------------------------------------------------


def _facts(factory: databases.Factory, *, batches: int) -> dict[str, Any]:
    """Return events a second of the product and of the bare driver over the same rows."""
    each = batches // len(ROUNDS) * BATCH

    def prepare(url: str) -> None:
        _seeded(url)
        with contextlib.closing(_open(url)) as store:
            envelopes.at_the_counter(store, each)

    name, product, writing, bare = f"items {each}", list[float](), list[float](), list[float]()
    heard = Statements(written=[])
    with _opened(factory, name, prepare) as store, _bare(factory.prepared(name, prepare)) as connection:
        heard.listen(store)
        for by, sent in _batches(store, each):
            whole, written = _tell(store, sent, by=by, heard=heard)
            product.append(whole)
            writing.append(written)
            bare.append(_written_again(connection, heard.written[-1]))
        _must_be_done(store, each)
    lines, events = batches * BATCH, heard.events
    return {
        "batches": batches,
        "batch": BATCH,
        "facts": lines,
        "events": events,
        "statements_per_batch": round(heard.count / batches, 1),
        "events_per_second": round(events / batches / statistics.median(writing)),
        "events_per_second_of_request": round(events / batches / statistics.median(product)),
        "bare_events_per_second": round(events / batches / statistics.median(bare)),
        "batch_ms": round(statistics.median(writing) * 1000, 1),
        "request_ms": round(statistics.median(product) * 1000, 1),
        "bare_batch_ms": round(statistics.median(bare) * 1000, 1),
        "ratio": round(statistics.median(bare) / statistics.median(writing), 2),
        "ratio_of_request": round(statistics.median(bare) / statistics.median(product), 2),
    }


def _batches(store: Store, count: int) -> Iterator[tuple[Actor, list[Sent]]]:
    """Yield what the devices send: each round about every envelope, each device knowing what it saw last."""
    with store.read() as reader:
        known = {code: reader_ids[-1] for code, reader_ids in _numbers(reader).items()}
    items, draw = sorted(known), random.Random(count)
    sequence = 0
    for kind, by, to in ROUNDS:
        for start in range(0, len(items), BATCH):
            lines = []
            for code in items[start : start + BATCH]:
                sequence += 1
                number = draw.randbytes(16)
                lines.append(_line(kind, code, number=number, knew=known[code], sequence=sequence, to=to))
                known[code] = number
            yield by, [facts.read(line) for line in lines]


def _numbers(reader: Any) -> dict[str, list[bytes]]:
    from sqlalchemy import text

    found: dict[str, list[bytes]] = {}
    for stream, number in reader.rows(text("SELECT stream, id FROM event WHERE family = 'item' ORDER BY seq")):
        found.setdefault(stream, []).append(bytes(number))
    return found


def _line(kind: str, code: str, *, number: bytes, knew: bytes, sequence: int, to: Custodian | None) -> dict[str, Any]:
    line: dict[str, Any] = {
        "id": number.hex(),
        "kind": kind,
        "item": code,
        "device_seq": sequence,
        "occurred_at": cast.after(hours=1).isoformat(),
        "parents": [knew.hex()],
    }
    return line | {"to": to.key} if to else line


def _tell(store: Store, sent: Sequence[Sent], *, by: Actor, heard: Statements) -> tuple[float, float]:
    """Record a batch; return the seconds until it was durable: of the whole request, and since it began to write."""
    heard.written.append([])
    with _noting_when_writing_begins() as writes:
        begun = time.perf_counter()
        answers = fact_services.record_facts(store, sent, by=by, at=cast.after(hours=3))
        ended = time.perf_counter()
    assert all(answer.outcome is Outcome.CREATED and answer.fits for answer in answers), "a fact did not fit"
    return ended - begun, ended - writes[0]


@contextlib.contextmanager
def _noting_when_writing_begins() -> Iterator[list[float]]:
    """Note each moment at which the ledger is given a judged batch; everything before is reading and judging."""
    moments: list[float] = []
    write = Ledger.record_facts

    def noted(ledger: Ledger, *args: Any, **named: Any) -> Any:
        moments.append(time.perf_counter())
        return write(ledger, *args, **named)

    with mock.patch.object(Ledger, "record_facts", noted):
        yield moments


def _must_be_done(store: Store, count: int) -> None:
    """Check that every envelope went from hand to hand to the desk."""
    with store.read() as reader:
        held = reader.rows(_holders())
    assert [tuple(row) for row in held] == [(cast.desk.key, count)], held


def _holders() -> Any:
    from sqlalchemy import text

    return text("SELECT custodian_key, count(*) FROM item GROUP BY custodian_key")


# --- the same rows by the bare driver ---------------------------------------------------------------------------------


@contextlib.contextmanager
def _bare(url: str) -> Iterator[Any]:
    """Yield a connection of the bare driver."""
    with contextlib.closing((_sqlite if url.startswith("sqlite") else _postgresql)(url)) as connection:
        yield connection


def _written_again(connection: Any, batch: Sequence[tuple[str, Any, bool]]) -> float:
    """Write the same statements with the same values; return the seconds until they are durable."""
    begun = time.perf_counter()
    cursor = connection.cursor()
    for statement, parameters, is_many in batch:
        (cursor.executemany if is_many else cursor.execute)(statement, parameters)
    connection.commit()
    return time.perf_counter() - begun


def _sqlite(url: str) -> Any:
    connection = sqlite3.connect(url.removeprefix("sqlite:///"))
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def _postgresql(url: str) -> Any:
    return psycopg.connect(url.replace("+psycopg", ""))


# --- databases --------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _factory(kind: str) -> Iterator[databases.Factory]:
    with contextlib.ExitStack() as stack:
        if kind == "postgresql":
            server = stack.enter_context(databases.running_postgres(durable=True))
            yield databases.PostgresFactory(server=server, migrate=_seeded)
        else:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            yield databases.SqliteFactory(directory=folder, migrate=_seeded)


@contextlib.contextmanager
def _opened(factory: databases.Factory, name: str, prepare: Callable[[str], None]) -> Iterator[Store]:
    store = _open(factory.prepared(name, prepare))
    try:
        yield store
    finally:
        store.close()


def _open(url: str) -> Store:
    return Store.open(url, secret_key=databases.SECRET_KEY)


def _seeded(url: str) -> None:
    with contextlib.closing(_open(url)) as store:
        store.migrate()
        catalogue.seed(store, at=cast.monday)


if __name__ == "__main__":
    main()

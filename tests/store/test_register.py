"""The register of a desk: numbers from 01, none missing, none twice, given with the reception, whoever comes first."""

import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from alembic import command
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError, IntegrityError

from postal.domain.codes import CodeKind
from postal.domain.dossier import Dossier
from postal.domain.register import Book
from postal.services import verification
from postal.store import Ledger, Store, codec, migrations
from postal.store.register_books import RegisterBooks
from tests import cast, databases

NEW_YEAR = datetime(2027, 1, 4, 2, 0, tzinfo=UTC)


def opened(store: Store, count: int, *, seed: int = 1) -> list[Dossier]:
    """Return dossiers at Lan's counter for the desk of the city."""
    codes = cast.codes_of(CodeKind.DOSSIER, seed=seed)
    with store.begin(at=cast.monday) as ledger:
        return [ledger.begin(Dossier, next(codes), cast.opened()) for _ in range(count)]


def received(dossier: Dossier, number: int) -> Any:
    return dossier.receive(
        official_code=f"H48.17-261116-{number:04d}",
        limit=None,
        started_at=cast.monday,
        start_basis="ký tại Một cửa",
        promised_at=None,
        by=cast.hoa,
        at=cast.monday,
    )


def receive(store: Store, dossier: Dossier, number: int = 1, *, at: datetime = cast.monday) -> None:
    with store.begin(at=at) as ledger:
        ledger.append(dossier, received(dossier, number))


def numbers(store: Store, year: int = 2026) -> dict[str, int]:
    with store.read() as reader:
        entered = reader.register.of_dossiers([code for code, _ in reader.register.entered()])
    return {code: entry.number for code, entry in entered.items() if entry.year == year}


def test_dossiers_are_numbered_from_one_in_the_order_of_their_reception(store: Store) -> None:
    made = opened(store, 3)
    for dossier in reversed(made):
        receive(store, dossier)
    assert numbers(store) == {made[2].code: 1, made[1].code: 2, made[0].code: 3}


def test_many_received_in_one_transaction_are_numbered_one_after_the_other(store: Store) -> None:
    made = opened(store, 5)
    with store.begin(at=cast.monday) as ledger:
        ledger.append_all([(dossier, received(dossier, n)) for n, dossier in enumerate(made)])
    assert numbers(store) == {dossier.code: number for number, dossier in enumerate(made, start=1)}


def test_a_reception_that_fails_leaves_no_gap(store: Store) -> None:
    first, second = opened(store, 2)
    with pytest.raises(RuntimeError), store.begin(at=cast.monday) as ledger:
        ledger.append(first, received(first, 1))
        raise RuntimeError("the line was cut")
    receive(store, second)
    assert numbers(store) == {second.code: 1}


def test_every_year_begins_anew_and_a_closed_book_is_followed_by_one_that_goes_on(store: Store) -> None:
    made = opened(store, 4)
    receive(store, made[0])
    with store.begin(at=cast.after(hours=1)) as ledger:
        (book,) = ledger.register.locked(cast.DESK, 2026)
        ledger.register.close(book, account="hoa")
    receive(store, made[1], at=cast.after(hours=2))
    receive(store, made[2], at=cast.after(hours=3))
    receive(store, made[3], at=NEW_YEAR)
    assert numbers(store) == {made[0].code: 1, made[1].code: 2, made[2].code: 3}
    assert numbers(store, 2027) == {made[3].code: 1}
    with store.read() as reader:
        books = reader.register.books(cast.DESK)
    assert [(b.year, b.serial, b.first, b.last, b.is_closed) for b in books] == [
        (2026, 1, 1, 1, True),
        (2026, 2, 2, 3, False),
        (2027, 1, 1, 1, False),
    ]
    assert verification.verify(store).is_sound


def test_the_number_of_a_dossier_is_never_changed_or_taken_away(store: Store) -> None:
    (made,) = opened(store, 1)
    receive(store, made)
    for statement in ("UPDATE register_entry SET number = 2", "DELETE FROM register_entry"):
        with pytest.raises(DatabaseError, match="insert-only"), store.begin(at=cast.monday) as ledger:
            ledger.connection.execute(text(statement))


RACERS, EACH = 4, 12


def race(store: Store, made: list[Dossier]) -> list[Exception | None]:
    """Receive dossiers from several threads that begin at the same moment; return what each reception met."""
    start = threading.Barrier(RACERS)

    def run(own: list[tuple[int, Dossier]]) -> list[Exception | None]:
        start.wait()
        met: list[Exception | None] = []
        for number, dossier in own:
            try:
                receive(store, dossier, number)
            except IntegrityError as error:
                met.append(error)
            else:
                met.append(None)
        return met

    shares = [list(enumerate(made))[racer::RACERS] for racer in range(RACERS)]
    with ThreadPoolExecutor(RACERS) as pool:
        return [each for met in pool.map(run, shares) for each in met]


def test_who_receives_at_the_same_moment_gets_a_number_of_his_own_and_none_is_missing(store: Store) -> None:
    made = opened(store, RACERS * EACH)
    assert race(store, made) == [None] * len(made)
    assert sorted(numbers(store).values()) == list(range(1, len(made) + 1))
    assert verification.verify(store).is_sound


def test_without_the_lock_the_same_race_wants_a_number_twice(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: who only looks which number is next, and writes it later, is stopped by the key alone."""
    made = opened(store, RACERS * EACH)
    receive(store, made.pop())
    looked = threading.Barrier(RACERS)

    def look_first(ledger: Ledger, things: Any, happened: Any) -> None:
        books = seen[threading.get_ident()]
        blind = RegisterBooks(ledger.connection, at=ledger.at)
        blind.books = lambda desk, year=None: books  # type: ignore[method-assign] # as it was before
        blind._lock = lambda desk, year: None  # type: ignore[method-assign]
        blind.enter(cast.DESK, [(things[0].code, "hoa")])

    seen: dict[int, list[Book]] = {}
    begin = Store.begin

    def begin_late(self: Store, *, at: datetime) -> Any:
        with self.read() as reader:
            seen[threading.get_ident()] = reader.register.books(cast.DESK, 2026)
        if not looked.broken:
            with contextlib.suppress(threading.BrokenBarrierError):
                looked.wait(timeout=1)
        return begin(self, at=at)

    monkeypatch.setattr(Ledger, "_enter", look_first)
    monkeypatch.setattr(Store, "begin", begin_late)
    met = race(store, made[:RACERS])
    assert sum(each is not None for each in met) >= RACERS - 1


def test_an_upgrade_numbers_what_was_received_before_in_its_order(empty_database_url: str) -> None:
    store = Store.open(empty_database_url, secret_key=databases.SECRET_KEY)
    try:
        settings = migrations.config()
        with store.database.writing() as connection:
            settings.attributes["connection"] = connection
            command.upgrade(settings, "0007")
        made = list(zip(cast.codes_of(CodeKind.DOSSIER), _DAYS, strict=False))
        for code, at in made:
            _received_as_before(store, code, at=at)
        store.migrate()
        with store.read() as reader:
            entered = reader.register.of_dossiers([code for code, _ in made])
            assert [(entered[code].year, entered[code].number) for code, _ in made] == [(2026, 1), (2026, 2), (2027, 1)]
            assert [(b.year, b.first, b.last) for b in reader.register.books(cast.DESK)] == [(2026, 1, 2), (2027, 1, 1)]
            assert reader.register.flaws() == []
        after = opened(store, 1, seed=99)[0]
        receive(store, after, at=cast.after(days=3))
        assert numbers(store)[after.code] == 3
    finally:
        store.close()


_DAYS = (cast.monday, cast.after(days=1), NEW_YEAR)


def _received_as_before(store: Store, code: str, *, at: datetime) -> None:
    """Write an opening and a reception with the tables as they were."""
    dossier = cast.case()
    row = {"code": code, "version": 2, "status": 2, "procedure": cast.PROCEDURE, "office": cast.OFFICE}
    row |= {"desk": cast.DESK, "department": cast.DEPARTMENT, "official_code": "", "opened_at": at, "state": "{}"}
    with store.database.writing() as connection:
        for version, event in enumerate((cast.opened(), received(dossier, 1)), start=1):
            _insert(
                connection,
                "event",
                id=f"{code}{version:06d}".encode(),
                stream=code,
                version=version,
                family="dossier",
                kind=type(event).__name__,
                data=codec.dumps(event),
                occurred_at=event.occurred_at,
                recorded_at=at,
                account=event.by.account,
                place=event.by.place,
                device="",
            )
        _insert(connection, "dossier", **row)


def _insert(connection: Any, table: str, **values: Any) -> None:
    names, marks = ", ".join(values), ", ".join(f":{name}" for name in values)
    connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({marks})"), values)


def test_a_book_that_is_closed_while_others_receive_ends_where_the_next_one_begins(store: Store) -> None:
    made = opened(store, RACERS * EACH + 1)
    receive(store, made[-1])

    def close_soon() -> None:
        with store.begin(at=cast.after(hours=1)) as ledger:
            (book,) = ledger.register.locked(cast.DESK, 2026)
            ledger.register.close(book, account="hoa")

    with ThreadPoolExecutor(1) as closer:
        closed = closer.submit(close_soon)
        assert race(store, made[:-1]) == [None] * (RACERS * EACH)
        closed.result()
    with store.read() as reader:
        books = reader.register.books(cast.DESK)
    assert [book.first for book in books] == [1, *(book.last + 1 for book in books[:-1])]
    assert (books[0].is_closed, books[-1].last) == (True, RACERS * EACH + 1)
    assert verification.verify(store).is_sound

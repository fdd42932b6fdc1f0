"""The registers of the desks: which book is open, and which number each dossier has."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from postal.domain import register
from postal.domain.register import Book, Entry
from postal.store import driver
from postal.store.tables import RegisterBookRow, RegisterEntryRow, table_of

_BOOK = table_of(RegisterBookRow)
_ENTRY = table_of(RegisterEntryRow)

_COLUMNS = ("desk", "year", "number", "serial", "dossier", "account", "at")
"""What an entry and its row have."""


class RegisterBooks:
    """The books of desks inside one transaction or snapshot."""

    def __init__(self, connection: Connection, *, at: datetime) -> None:
        self._connection = connection
        self._at = at

    def enter(self, desk: str, received: Sequence[tuple[str, str]]) -> list[Entry]:
        """Give each (dossier, account) the next number of a desk's year; the transaction that counts on keeps others
        of the same desk waiting until it has ended, so no number is missing and none comes twice."""
        year = register.year_of(self._at)
        self._lock(desk, year)
        book = register.next_book(self.books(desk, year), desk=desk, at=self._at)
        entries = [
            Entry(
                desk=desk, year=year, number=number, serial=book.serial, dossier=dossier, account=account, at=self._at
            )
            for number, (dossier, account) in enumerate(received, start=book.last + 1)
        ]
        self._put(replace(book, last=book.last + len(entries)))
        rows = [[getattr(entry, name) for name in _COLUMNS] for entry in entries]
        driver.insert_all(self._connection, _ENTRY, rows, names=_COLUMNS)
        return entries

    def close(self, book: Book, *, account: str) -> Book:
        """Close a book for good. `book` was read under `locked`."""
        closed = replace(book, closed_at=self._at, closed_by=account)
        self._put(closed)
        return closed

    def locked(self, desk: str, year: int) -> list[Book]:
        """Return the books of a desk's year, and let nobody enter anything until this transaction has ended."""
        self._lock(desk, year)
        return self.books(desk, year)

    def books(self, desk: str, year: int | None = None) -> list[Book]:
        """Return the books of a desk that have something in them, of one year or all, in their order."""
        wanted = _BOOK.c.desk == desk if year is None else and_(_BOOK.c.desk == desk, _BOOK.c.year == year)
        query = select(_BOOK).where(wanted, _BOOK.c.serial > 0).order_by(_BOOK.c.year, _BOOK.c.serial)
        return [_book(row) for row in self._connection.execute(query)]

    def of_dossiers(self, dossiers: Collection[str]) -> dict[str, Entry]:
        """Return the lines of dossiers; one that no desk has received is absent."""
        query = select(_ENTRY).where(_ENTRY.c.dossier.in_(sorted(dossiers)))
        return {row.dossier: _entry(row) for row in self._connection.execute(query)}

    def desks(self) -> list[str]:
        """Return every desk that keeps a register."""
        return list(self._connection.execute(select(_BOOK.c.desk).distinct().order_by(_BOOK.c.desk)).scalars())

    def entered(self) -> set[tuple[str, str]]:
        """Return every (dossier, desk) that has a number."""
        return {(dossier, desk) for dossier, desk in self._connection.execute(select(_ENTRY.c.dossier, _ENTRY.c.desk))}

    def flaws(self) -> list[str]:
        """Return where numbers are missing, and books whose first and last number are not those of their lines."""
        per_year = (
            select(_ENTRY.c.desk, _ENTRY.c.year, func.min(_ENTRY.c.number), func.max(_ENTRY.c.number), func.count())
            .group_by(_ENTRY.c.desk, _ENTRY.c.year)
            .order_by(_ENTRY.c.desk, _ENTRY.c.year)
        )
        rows = self._connection.execute(per_year).all()
        gaps = [
            f"register {desk} {year}: {count} lines between the numbers {first} and {last}"
            for desk, year, first, last, count in rows
            if (first, last) != (register.FIRST_NUMBER, count)
        ]
        return gaps + self._wrong_books()

    def _wrong_books(self) -> list[str]:
        stored = {(b.desk, b.year, b.serial): (b.first, b.last) for d in self.desks() for b in self.books(d)}
        per_book = select(
            _ENTRY.c.desk, _ENTRY.c.year, _ENTRY.c.serial, func.min(_ENTRY.c.number), func.max(_ENTRY.c.number)
        ).group_by(_ENTRY.c.desk, _ENTRY.c.year, _ENTRY.c.serial)
        counted = {(d, y, s): (first, last) for d, y, s, first, last in self._connection.execute(per_book)}
        wrong = sorted(key for key in stored.keys() | counted.keys() if stored.get(key) != counted.get(key))
        return [
            f"register {desk} {year}, book {serial}: its lines are not what it says" for desk, year, serial in wrong
        ]

    def _lock(self, desk: str, year: int) -> None:
        """Hold the one row that stands for a desk's year (book 0). SQLite has one writer anyway."""
        dialect = postgresql if self._connection.dialect.name == "postgresql" else sqlite
        anchor = {"desk": desk, "year": year, "serial": 0, "first": 1, "last": 0, "opened_at": self._at}
        made = dialect.insert(_BOOK).values(**anchor, closed_at=None, closed_by="")
        self._connection.execute(made.on_conflict_do_nothing())
        same = and_(_BOOK.c.desk == desk, _BOOK.c.year == year, _BOOK.c.serial == 0)
        self._connection.execute(select(_BOOK.c.serial).where(same).with_for_update())

    def _put(self, book: Book) -> None:
        values = {"last": book.last, "closed_at": book.closed_at, "closed_by": book.closed_by}
        same = and_(_BOOK.c.desk == book.desk, _BOOK.c.year == book.year, _BOOK.c.serial == book.serial)
        if self._connection.execute(update(_BOOK).where(same).values(**values)).rowcount == 0:
            key = {"desk": book.desk, "year": book.year, "serial": book.serial, "first": book.first}
            self._connection.execute(insert(_BOOK).values(**key, opened_at=book.opened_at, **values))


def _book(row: Row[Any]) -> Book:
    return Book(
        desk=row.desk,
        year=row.year,
        serial=row.serial,
        first=row.first,
        last=row.last,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        closed_by=row.closed_by,
    )


def _entry(row: Row[Any]) -> Entry:
    return Entry(
        desk=row.desk,
        year=row.year,
        number=row.number,
        serial=row.serial,
        dossier=row.dossier,
        account=row.account,
        at=row.at,
    )

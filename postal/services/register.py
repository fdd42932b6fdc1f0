"""The register of a desk: its head closes a book, which then takes nothing more."""

from datetime import datetime

from postal.domain import register
from postal.domain.people import Actor
from postal.domain.register import Book, NoBook
from postal.store import Store


def close(store: Store, *, year: int, serial: int, by: Actor, at: datetime) -> Book:
    """Close a book of the actor's desk; what is received later in that year goes into the next one.

    Raises: NoBook, BookIsClosed, NotTheHead.
    """
    with store.begin(at=at) as ledger:
        desk_name = ledger.reference.place(by.place).name
        books = {book.serial: book for book in ledger.register.locked(by.place, year)}
        if serial not in books:
            raise NoBook(desk=desk_name, year=year, book=register.written(serial))
        register.must_close(books[serial], by=by, desk_name=desk_name)
        closed = ledger.register.close(books[serial], account=by.account)
        ledger.audit.note(
            account=by.account,
            place=by.place,
            what="register_closed",
            subject=by.place,
            detail=f"năm {year}, quyển {register.written(serial)}, số {closed.first}–{closed.last}",
        )
        return closed

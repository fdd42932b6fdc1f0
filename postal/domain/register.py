"""Sổ theo dõi hồ sơ: the books a desk keeps, one number for every dossier it received, without a gap.

The numbers of a year begin with 01 and go on through all its books. A book that its head has closed takes nothing more:
what comes later in the same year goes into the next book, and its number goes on.

Source: TT 01/2018/TT-VPCP Đ.10.2: opened per year, numbered from 01, continuous, closed and signed at the year's end.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from postal.domain import calendars
from postal.domain.people import Actor
from postal.domain.permissions import leads
from postal.domain.refusals import Refused

FIRST_NUMBER = 1


class NoBook(Refused):
    """A desk opens a book with the first dossier that it receives."""

    code = "no_register_book"
    vi = "{desk} chưa có sổ theo dõi năm {year}, quyển {book}. Sổ mở khi tiếp nhận hồ sơ đầu tiên; chọn năm khác."
    en = "{desk} has no register {book} of {year}. A book opens with the first dossier; choose another year."


class BookIsClosed(Refused):
    """A closed book stays as it is."""

    code = "register_book_closed"
    vi = "Sổ theo dõi năm {year}, quyển {book} đã khóa lúc {at}. Hồ sơ mới trong năm vào quyển tiếp theo."
    en = "Register {book} of {year} was closed at {at}. New dossiers of the year go into the next book."


class NotTheHead(Refused):
    """A book is closed by the head of its desk, who signs it."""

    code = "not_the_head_of_the_desk"
    vi = "Chỉ người phụ trách của {desk} khóa sổ. Nhờ người phụ trách đăng nhập rồi khóa."
    en = "Only the head of {desk} closes the register. Ask the head to sign in."


@dataclass(frozen=True, kw_only=True, slots=True)
class Book:
    """One book of a desk. `first` and `last` are the numbers in it, `serial` is which book of the year it is."""

    desk: str
    year: int
    serial: int
    first: int
    last: int
    opened_at: datetime
    closed_at: datetime | None = None
    closed_by: str = ""

    @property
    def is_closed(self) -> bool:
        """Tell whether nothing may be entered any more."""
        return self.closed_at is not None

    @property
    def count(self) -> int:
        """Return how many dossiers stand in it."""
        return self.last - self.first + 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """A line of a book: which dossier has which number, who received it, and when it was written down."""

    desk: str
    year: int
    number: int
    serial: int
    dossier: str
    account: str
    at: datetime


def year_of(at: datetime) -> int:
    """Return the year whose register takes what is written down at an instant, by the clock of Vietnam."""
    return calendars.local(at).year


def next_book(books: Sequence[Book], *, desk: str, at: datetime) -> Book:
    """Return the book that takes the next dossier: the open one, else a new one whose numbers go on.

    `books` are those of the desk's year, in their order; a new book is still empty (`last` is one below `first`).
    """
    latest = books[-1] if books else None
    if latest is not None and not latest.is_closed:
        return latest
    first = FIRST_NUMBER if latest is None else latest.last + 1
    serial = 1 if latest is None else latest.serial + 1
    return Book(desk=desk, year=year_of(at), serial=serial, first=first, last=first - 1, opened_at=at)


def must_close(book: Book, *, by: Actor, desk_name: str) -> None:
    """Refuse whoever is not the head of the desk, and a book that is closed. Raises: NotTheHead, BookIsClosed."""
    if by.place != book.desk or not leads(by):
        raise NotTheHead(desk=desk_name)
    if book.closed_at is not None:
        at = calendars.local(book.closed_at)
        raise BookIsClosed(year=book.year, book=written(book.serial), at=f"{at:%H:%M %d/%m/%Y}")


def written(number: int) -> str:
    """Return a number of the register as it is written into the book.

    >>> written(7), written(1204)
    ('07', '1204')
    """
    return f"{number:02d}"

"""The register of a desk: which book takes the next dossier, and who may close one."""

import dataclasses
from datetime import UTC, datetime

import pytest

from postal.domain import register
from postal.domain.people import Role
from postal.domain.register import Book, BookIsClosed, NotTheHead
from tests import cast

head = dataclasses.replace(cast.xuan, roles=frozenset({Role.DESK_OFFICER, Role.CONTROLLER}))
BOOK = Book(desk=cast.COMMUNE_DESK, year=2026, serial=1, first=1, last=14, opened_at=cast.monday)
CLOSED = dataclasses.replace(BOOK, closed_at=cast.after(days=1), closed_by="xuan")


def next_book(*books: Book, at: datetime = cast.monday) -> Book:
    return register.next_book(books, desk=cast.COMMUNE_DESK, at=at)


def test_the_numbers_of_a_year_begin_with_one() -> None:
    made = next_book()
    assert (made.year, made.serial, made.first, made.count) == (2026, 1, 1, 0)


def test_an_open_book_takes_the_next_dossier() -> None:
    assert next_book(BOOK) == BOOK


def test_after_a_closed_book_a_new_one_goes_on_with_the_numbers_of_the_year() -> None:
    made = next_book(CLOSED)
    assert (made.serial, made.first, made.last) == (2, 15, 14)


def test_the_year_is_that_of_vietnam() -> None:
    assert register.year_of(datetime(2026, 12, 31, 16, 59, tzinfo=UTC)) == 2026
    assert register.year_of(datetime(2026, 12, 31, 17, 0, tzinfo=UTC)) == 2027


def test_only_the_head_of_the_desk_closes_a_book() -> None:
    register.must_close(BOOK, by=head, desk_name="Một cửa")
    for other in (cast.xuan, dataclasses.replace(head, place=cast.DESK)):
        with pytest.raises(NotTheHead, match="người phụ trách"):
            register.must_close(BOOK, by=other, desk_name="Một cửa")


def test_a_book_is_closed_once() -> None:
    with pytest.raises(BookIsClosed, match="09:00 17/11/2026"):
        register.must_close(CLOSED, by=head, desk_name="Một cửa")

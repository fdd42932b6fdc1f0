"""Many rows at once go to the driver and come back as SQLAlchemy would have written and read them."""

import functools
from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import event, insert, select
from sqlalchemy.exc import DBAPIError

from postal.domain.item import Item
from postal.store import Store, driver
from postal.store.ledger import FAMILIES, columns_of
from postal.store.tables import EventRow, ItemRow, PlannedRow, table_of
from tests import cast, envelopes

EVENTS, ITEMS, PLANNED = table_of(EventRow), table_of(ItemRow), table_of(PlannedRow)
STRANGE = ["a,b", '"', "\\", "{}", "", "NULL", "null", "ABC", "%s", "'", "Đà Nẵng", "ß"]


@pytest.mark.parametrize("wanted", [STRANGE, ["ABC"], ["NULL"], ["ABC", "NULL"], ["ABC", ""]], ids=str)
def test_a_text_is_found_whatever_is_in_it(store: Store, wanted: list[str]) -> None:
    with store.begin(at=cast.monday) as ledger:
        ledger.connection.execute(insert(PLANNED), [{"thing": text, "run": "R"} for text in STRANGE])
        found = driver.among(ledger.connection, PLANNED, "thing", {*wanted}, names=("thing",))
    assert sorted(text for (text,) in found) == sorted(wanted)


def test_who_asks_for_nothing_gets_nothing(store: Store) -> None:
    with store.begin(at=cast.monday) as ledger:
        assert list(driver.among(ledger.connection, ITEMS, "code", [], names=("code",))) == []


def test_a_row_is_found_once_by_one_column_or_another(store: Store) -> None:
    with store.begin(at=cast.monday) as ledger:
        ledger.connection.execute(insert(PLANNED), [{"thing": text, "run": text * 2} for text in "ABC"])

        def found(**wanted: list[str]) -> list[str]:
            question = driver.rows_among(ledger.connection, PLANNED, wanted, names=("thing",), read=_firsts)
            return sorted(driver.ask(ledger.connection, question))

        assert found(thing=["A", "B"], run=["BB", "CC"]) == ["A", "B", "C"]
        assert found(thing=[], run=["CC", "D"]) == ["C"]
        assert found(thing=[], run=[]) == []


def test_an_event_is_found_by_its_number(store: Store) -> None:
    envelopes.at_the_counter(store, 3)
    with store.begin(at=cast.monday) as ledger:
        numbers = [
            bytes(number) for number in ledger.connection.execute(select(EVENTS.c.id).order_by(EVENTS.c.seq)).scalars()
        ]
        found = driver.among(ledger.connection, EVENTS, "id", numbers[1:], names=("id",))
        assert sorted(bytes(number) for (number,) in found) == sorted(numbers[1:])
        first = {"id": numbers[0], "version": 1}
        first_of = functools.partial(driver.rows_matching, ledger.connection, EVENTS, names=("id",), read=_firsts)
        assert driver.ask(ledger.connection, first_of(first)) == numbers[:1]
        assert driver.ask(ledger.connection, first_of(first | {"version": 2})) == []


def test_questions_asked_together_are_each_answered_as_alone(store: Store) -> None:
    codes = envelopes.at_the_counter(store, 3)
    with store.begin(at=cast.monday) as ledger:
        one = driver.rows_among(ledger.connection, ITEMS, {"code": codes}, names=("code",), read=_firsts)
        none = driver.rows_among(ledger.connection, ITEMS, {"code": []}, names=("code",), read=_firsts)
        other = driver.rows_matching(ledger.connection, EVENTS, {"version": 1}, names=("stream",), read=_firsts)
        with driver.together(ledger.connection) as ask:
            found, nothing, streams = ask(one), ask(none), ask(other)
        assert sorted(found()) == sorted(found()) == sorted(codes)
        assert nothing() == []
        assert {*codes} <= {*streams()}


def test_a_question_that_fails_does_so_as_every_statement(store: Store) -> None:
    wrong = driver.Question("SELECT nothing FROM nowhere", (), _firsts)
    with store.begin(at=cast.monday) as ledger, pytest.raises(DBAPIError):
        driver.ask(ledger.connection, wrong)
    with store.begin(at=cast.monday) as ledger, pytest.raises(DBAPIError), driver.together(ledger.connection) as ask:
        ask(wrong)


def test_who_listens_to_the_statements_hears_the_questions_too(store: Store) -> None:
    heard: list[str] = []
    with store.begin(at=cast.monday) as ledger:
        event.listen(ledger.connection, "before_cursor_execute", lambda *given: heard.append(given[2]))
        question = driver.rows_matching(ledger.connection, ITEMS, {"code": "A"}, names=("code",), read=_firsts)
        driver.ask(ledger.connection, question)
        with driver.together(ledger.connection) as ask:
            ask(question)
    assert [each for each in heard if "FROM item" in each] == [question.statement] * 2


def _firsts(rows: Sequence[Any]) -> list[Any]:
    return [bytes(first) if isinstance(first, memoryview) else first for (first,) in rows]


def test_rows_are_written_as_their_types_say_and_only_over_what_stood_there(store: Store) -> None:
    code, other = envelopes.at_the_counter(store, 2)
    table = FAMILIES[Item].table
    with store.begin(at=cast.monday) as ledger:
        row = columns_of(ledger.item(code)) | {"last_at": cast.after(hours=7)}
        write = functools.partial(
            driver.update_all, ledger.connection, table, names=tuple(row), known=("code", "version")
        )
        assert write([(*row.values(), code, row["version"])]) == 1
        assert write([(*row.values(), other, 99)]) == 0
        assert ledger.connection.execute(select(ITEMS.c.last_at).where(ITEMS.c.code == code)).scalar() == cast.after(
            hours=7
        )

"""The day a thing is put off to: the last word counts, and what is due goes before it."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from postal.domain.week import PutOff
from postal.services import board
from postal.store import Store, waiting
from postal.store.tables import PutOffRow, table_of
from tests import arrivals, cast
from tests.arrivals import hanh, tam
from tests.services import boards

TOMORROW = cast.today + timedelta(days=1)
WEDNESDAY = cast.today + timedelta(days=2)
"""J+2 of what the post took on Monday."""


def put_off(store: Store, *things: str, to_tomorrow: bool = True) -> None:
    with store.begin(at=cast.monday) as ledger:
        day = TOMORROW if to_tomorrow else WEDNESDAY
        ledger.weeks.put_off(things, day=day, by=cast.minh.account, reason="week", until=WEDNESDAY)


def test_the_last_word_on_a_thing_counts_and_what_was_said_before_is_kept(store: Store) -> None:
    put_off(store, "P1", "P2", to_tomorrow=False)
    put_off(store, "P1")
    with store.read() as reader:
        days = reader.weeks.days_of(["P1", "P2", "P3"])
        kept = reader.rows(select(table_of(PutOffRow)))
    assert {thing: each.day for thing, each in days.items()} == {"P1": TOMORROW, "P2": WEDNESDAY}
    assert days["P1"] == PutOff(
        thing="P1", day=TOMORROW, until=WEDNESDAY, by=cast.minh.account, at=cast.monday, reason="week"
    )
    assert len(kept) == 3


@pytest.mark.parametrize("table", ["put_off", "proposal_step"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET number = 9", "DELETE FROM {}"])
def test_nobody_edits_what_was_put_off_or_done_on_a_board(seeded: Store, table: str, statement: str) -> None:
    number = boards.kept(seeded)
    (stop, *_) = boards.names(boards.look(seeded, number).proposal, boards.EAST)
    board.to_next_working_day(seeded, number, [stop], seen=0, by=cast.minh, at=cast.monday)
    with pytest.raises(DatabaseError, match="insert-only"), seeded.database.writing() as connection:
        connection.execute(text(statement.format(table)))


def test_what_is_put_off_waits_for_its_day_and_then_goes(seeded: Store) -> None:
    arrivals.keep_postmen(seeded)
    later, now = arrivals.arrived(seeded, hanh, tam)
    put_off(seeded, later)
    with seeded.read(at=cast.monday) as reader:
        today = [each.code for each in waiting.at(reader, [cast.OFFICE], on=cast.today)]
        whenever = {each.code for each in waiting.whenever(reader, [cast.OFFICE], on=cast.today)}
        tomorrow = {each.code for each in waiting.at(reader, [cast.OFFICE], on=TOMORROW)}
    assert today == [now]
    assert whenever == tomorrow == {later, now}


def test_nothing_is_kept_back_on_its_last_lawful_day_whatever_was_said(seeded: Store) -> None:
    arrivals.keep_postmen(seeded)
    (result,) = arrivals.arrived(seeded, hanh)
    with seeded.begin(at=cast.monday) as ledger:
        ledger.weeks.put_off([result], day=WEDNESDAY + timedelta(days=5), by=cast.minh.account, reason="week")
    with seeded.read(at=cast.monday) as reader:
        assert waiting.at(reader, [cast.OFFICE], on=TOMORROW) == []
        assert [each.code for each in waiting.at(reader, [cast.OFFICE], on=WEDNESDAY)] == [result]

"""The ledger: versions in order, one winner, nothing edited, states that replay to themselves."""

from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError, StatementError

from postal.domain import item as items
from postal.domain.dossier import Dossier
from postal.domain.item import Item
from postal.domain.lifecycle import LabelBound, Overtaken, UnknownCode
from postal.store import Store
from tests import cast, envelopes
from tests.cast import monday, registered, sen, small_counter, small_sorting


def test_an_item_is_there_after_the_transaction(store: Store) -> None:
    with store.begin(at=monday) as ledger:
        made = ledger.begin(Item, cast.ITEM, registered(custodian=small_counter, by=sen))
    with store.begin(at=monday) as ledger:
        assert ledger.item(cast.ITEM) == made


def test_a_label_can_be_bound_once(store: Store) -> None:
    with store.begin(at=monday) as ledger:
        ledger.begin(Item, cast.ITEM, registered(custodian=small_counter, by=sen))
    with pytest.raises(LabelBound, match="P3FHJ-8QXV9"), store.begin(at=monday) as ledger:
        ledger.begin(Item, cast.ITEM, registered(custodian=small_counter, by=sen))


def test_who_decided_on_what_was_read_before_somebody_else_wrote_is_told_so(store: Store) -> None:
    with store.begin(at=monday) as ledger:
        made = ledger.begin(Item, cast.ITEM, registered(custodian=small_counter, by=sen))
    with store.begin(at=monday) as ledger:
        moved = ledger.append(made, made.move(to=small_sorting, by=sen, at=monday))
    with pytest.raises(Overtaken), store.begin(at=monday) as ledger:
        ledger.append(made, made.move(to=small_sorting, by=sen, at=monday))
    with store.read() as reader:
        assert reader.thing(Item, cast.ITEM) == moved
        assert [version for _, version, _, _ in reader.events([cast.ITEM])] == [1, 2]


def test_what_a_failed_block_wrote_is_gone(store: Store) -> None:
    with pytest.raises(UnknownCode), store.begin(at=monday) as ledger:
        ledger.begin(Item, cast.ITEM, registered(custodian=small_counter, by=sen))
        ledger.item("P22222222X")
    with store.read() as reader:
        assert reader.thing(Item, cast.ITEM) is None


@pytest.mark.parametrize("statement", ["UPDATE event SET kind = 'x'", "DELETE FROM event", "DELETE FROM audit"])
def test_nobody_edits_what_was_recorded(store: Store, statement: str) -> None:
    with store.begin(at=monday) as ledger:
        ledger.begin(Item, cast.ITEM, registered(custodian=small_counter, by=sen))
        ledger.audit.note(account="lan", place="550000", what="seen", subject="7K2M49RTBQ")
    with pytest.raises(DatabaseError, match="insert-only"), store.database.writing() as connection:
        connection.execute(text(statement))


def test_the_stored_state_is_the_replay_of_the_events(store: Store) -> None:
    with store.begin(at=monday) as ledger:
        made = ledger.begin(Item, cast.ITEM, registered(custodian=small_counter, by=sen))
        ledger.append(made, made.move(to=small_sorting, by=sen, at=monday))
    with store.read() as reader:
        happened = [event for _, _, _, event in reader.events([cast.ITEM])]
        assert items.replay(cast.ITEM, happened) == reader.thing(Item, cast.ITEM)


def test_many_begin_and_go_on_in_a_few_statements(store: Store) -> None:
    codes = envelopes.at_the_counter(store, 50)
    with store.begin(at=monday) as ledger:
        held = ledger.items(codes[::-1])
        assert [item.code for item in held] == codes[::-1]
        assert {item.version for item in held} == {2}
        assert ledger.append_all([]) == []


def test_who_asks_for_many_is_told_the_first_that_nobody_knows(store: Store) -> None:
    codes = envelopes.at_the_counter(store, 1)
    with pytest.raises(UnknownCode, match="P3FHJ-8QXV9"), store.begin(at=monday) as ledger:
        ledger.items([*codes, cast.ITEM])


def test_what_somebody_offered_is_still_listed_as_his(store: Store) -> None:
    codes = envelopes.at_the_counter(store, 2)
    with store.begin(at=monday) as ledger:
        first = ledger.item(codes[0])
        ledger.append(first, first.hand_over(to=cast.transport, record=cast.RECORD, by=cast.lan, at=monday))
        assert {item.code for item in ledger.items_held_by(cast.counter.key)} == set(codes)
        assert ledger.items_held_by(cast.transport.key) == []


def test_a_dossier_is_found_by_the_code_of_its_desk(store: Store) -> None:
    received = cast.case().receive(
        official_code="H48.17-261116-0001",
        limit=None,
        started_at=monday,
        start_basis="",
        promised_at=None,
        by=cast.hoa,
        at=monday,
    )
    with store.begin(at=monday) as ledger:
        opened = ledger.begin(Dossier, cast.DOSSIER, cast.opened())
        assert ledger.dossier_by_official_code("H48.17-261116-0001") is None
        ledger.append(opened, received)
    with store.begin(at=monday) as ledger:
        assert ledger.dossier_by_official_code("H48.17-261116-0001") == ledger.dossier(cast.DOSSIER)
        assert ledger.dossier_by_official_code("H48.17-261116-0001", desk="MC-T01") is None


def test_an_event_is_known_by_the_number_its_recorder_gave_it(store: Store) -> None:
    with store.begin(at=monday) as ledger:
        ledger.begin(Item, cast.ITEM, registered(), event_id=b"\x01" * 16)
    with pytest.raises(LabelBound), store.begin(at=monday) as ledger:
        ledger.begin(Item, "P222222222", registered(), event_id=b"\x01" * 16)


def test_a_time_without_a_zone_is_not_recorded(store: Store) -> None:
    naive = replace(registered(), occurred_at=monday.replace(tzinfo=None))
    with pytest.raises(StatementError, match="time zone"), store.begin(at=monday) as ledger:
        ledger.begin(Item, cast.ITEM, naive)


def test_who_held_the_positions_of_a_unit_is_found_without_reading_every_event(store: Store) -> None:
    explain = "EXPLAIN QUERY PLAN" if store.name == "sqlite" else "EXPLAIN"
    with store.begin(at=monday) as ledger:
        asked = ledger.shifts(small_counter.place)
        plan = ledger.connection.exec_driver_sql(f"{explain} {asked.statement}", asked.values).all()
    assert not [row for row in plan if "SCAN event" in str(row) or "Seq Scan on event" in str(row)], plan

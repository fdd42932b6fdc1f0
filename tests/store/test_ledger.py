"""The ledger: versions in order, one winner, nothing edited, states that replay to themselves."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from postal.domain import item as items
from postal.domain.events import Destination, ItemKind
from postal.domain.item import Item
from postal.domain.lifecycle import LabelBound, Overtaken, UnknownCode
from postal.domain.people import Actor, Position, PositionKind, Role, position_custodian
from postal.store import Store


monday = datetime(2026, 11, 16, 2, 0, tzinfo=UTC)
counter = position_custodian(Position(place="550000", kind=PositionKind.COUNTER), unit_name="Bưu cục Đà Nẵng")
sorting = position_custodian(Position(place="550000", kind=PositionKind.SORTING), unit_name="Bưu cục Đà Nẵng")
lan = Actor(
    account="lan",
    name="Lan",
    place="550000",
    roles=frozenset({Role.COUNTER_CLERK}),
    positions=frozenset({counter.key, sorting.key}),
)


def _registered(code: str = "P3FHJ8QXV9") -> items.Registered:
    return items.register(
        code=code,
        kind=ItemKind.OUTBOUND,
        dossier="7K2M49RTBQ",
        destination=Destination(place="MC-48", name="Trung tâm Phục vụ hành chính công"),
        custodian=counter,
        by=lan,
        at=monday,
    )


def test_an_item_is_there_after_the_transaction(store: Store) -> None:
    with store.begin(at=monday) as ledger:
        made = ledger.begin(Item, "P3FHJ8QXV9", _registered())
    with store.begin(at=monday) as ledger:
        assert ledger.item("P3FHJ8QXV9") == made


def test_a_label_can_be_bound_once(store: Store) -> None:
    with store.begin(at=monday) as ledger:
        ledger.begin(Item, "P3FHJ8QXV9", _registered())
    with pytest.raises(LabelBound, match="P3FHJ-8QXV9"), store.begin(at=monday) as ledger:
        ledger.begin(Item, "P3FHJ8QXV9", _registered())


def test_who_decided_on_what_was_read_before_somebody_else_wrote_is_told_so(store: Store) -> None:
    with store.begin(at=monday) as ledger:
        made = ledger.begin(Item, "P3FHJ8QXV9", _registered())
    with store.begin(at=monday) as ledger:
        moved = ledger.append(made, made.move(to=sorting, by=lan, at=monday))
    with pytest.raises(Overtaken), store.begin(at=monday) as ledger:
        ledger.append(made, made.move(to=sorting, by=lan, at=monday))
    with store.read() as reader:
        assert reader.thing(Item, "P3FHJ8QXV9") == moved
        assert [version for _, version, _, _ in reader.events(["P3FHJ8QXV9"])] == [1, 2]


def test_what_a_failed_block_wrote_is_gone(store: Store) -> None:
    with pytest.raises(UnknownCode), store.begin(at=monday) as ledger:
        ledger.begin(Item, "P3FHJ8QXV9", _registered())
        ledger.item("P22222222X")
    with store.read() as reader:
        assert reader.thing(Item, "P3FHJ8QXV9") is None


@pytest.mark.parametrize("statement", ["UPDATE event SET kind = 'x'", "DELETE FROM event", "DELETE FROM audit"])
def test_nobody_edits_what_was_recorded(store: Store, statement: str) -> None:
    with store.begin(at=monday) as ledger:
        ledger.begin(Item, "P3FHJ8QXV9", _registered())
        ledger.audit.note(account="lan", place="550000", what="seen", subject="7K2M49RTBQ")
    with pytest.raises(DatabaseError, match="insert-only"), store.database.writing() as connection:
        connection.execute(text(statement))


def test_the_stored_state_is_the_replay_of_the_events(store: Store) -> None:
    with store.begin(at=monday) as ledger:
        made = ledger.begin(Item, "P3FHJ8QXV9", _registered())
        ledger.append(made, made.move(to=sorting, by=lan, at=monday))
    with store.read() as reader:
        happened = [event for _, _, _, event in reader.events(["P3FHJ8QXV9"])]
        assert items.replay("P3FHJ8QXV9", happened) == reader.thing(Item, "P3FHJ8QXV9")

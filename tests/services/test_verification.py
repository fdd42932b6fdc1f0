"""The proof finds what it looks for: a planted second holder, an edited row, a lost event, a row without events."""

import random
from collections.abc import Callable

import pytest
from sqlalchemy import text

from postal.domain import item as items
from postal.domain import oracle
from postal.domain.events import ItemKind
from postal.domain.item import Item
from postal.domain.oracle import Fact
from postal.services import catalogue, custody, simulation, verification
from postal.services.demonstration import world
from postal.store import Store
from tests import cast
from tests import oracle as independent

CODE = "P3FHJ8QXV9"


@pytest.fixture
def handed_over(store: Store, below: Callable[[int], int]) -> Store:
    """Return a store in which Tài has signed for Lan's envelope."""
    with store.begin(at=cast.monday) as ledger:
        event = items.register(
            code=CODE,
            kind=ItemKind.OUTBOUND,
            dossier="7K2M49RTBQ",
            destination=cast.to_the_desk,
            custodian=cast.counter,
            by=cast.lan,
            at=cast.monday,
        )
        made = ledger.begin(Item, CODE, event)
        ledger.append(made, made.close_seal(seal="881245", by=cast.lan, at=cast.monday))
    record = custody.offer(store, [CODE], to=cast.transport, by=cast.lan, at=cast.monday, below=below)
    custody.accept(store, record.code, by=cast.tai, at=cast.monday)
    return store


@pytest.fixture
def below() -> Callable[[int], int]:
    return random.Random(5).randrange


def tamper(store: Store, *statements: str) -> None:
    """Write behind the product's back, as somebody with the database owner's rights."""
    drop = {
        "sqlite": ["DROP TRIGGER event_no_update", "DROP TRIGGER event_no_delete"],
        "postgresql": ["ALTER TABLE event DISABLE TRIGGER ALL"],
    }
    with store.database.writing() as connection:
        for statement in (*drop[store.name], *statements):
            connection.execute(text(statement))


def drop_unique_key(store: Store) -> None:
    """Take away the key that keeps two writers apart."""
    if store.name == "postgresql":
        tamper(store, "ALTER TABLE event DROP CONSTRAINT uq_event_stream_version")
        return
    tamper(
        store,
        "CREATE TABLE loose AS SELECT * FROM event",
        "DROP TABLE event",
        "ALTER TABLE loose RENAME TO event",
    )


def test_an_honest_ledger_is_sound(handed_over: Store) -> None:
    found = verification.verify(handed_over)
    assert found.is_sound
    assert (found.streams, found.events) == (2, 6)
    assert verification.told(found)[-1].startswith("Mọi sổ khớp")


def test_a_planted_second_holder_is_seen(handed_over: Store) -> None:
    drop_unique_key(handed_over)
    columns = "stream, version, family, kind, data, occurred_at, recorded_at, account, place, device"
    tampered = "INSERT INTO event (seq, id, " + columns + ") SELECT 99, '" + "x" * 16 + "', " + columns
    with handed_over.database.writing() as connection:
        connection.execute(text(f"{tampered} FROM event WHERE stream = '{CODE}' AND kind = 'Accepted'"))
    broken = verification.custody_violations(handed_over)
    assert any("two holders" in violation.what for violation in broken)
    assert not verification.verify(handed_over).is_sound


def test_a_row_that_was_edited_does_not_fit_its_events(handed_over: Store) -> None:
    with handed_over.database.writing() as connection:
        connection.execute(text("UPDATE item SET custodian_key = '551000:counter'"))
    found = verification.verify(handed_over)
    assert len(found.mismatches) == 1
    assert "custodian_key is stored as '551000:counter'" in found.mismatches[0]


def test_an_event_that_was_deleted_is_missed(handed_over: Store) -> None:
    tamper(handed_over, f"DELETE FROM event WHERE stream = '{CODE}' AND version = 3")
    found = verification.verify(handed_over)
    assert any("versions are not" in mismatch for mismatch in found.mismatches)
    assert any("without an offer" in violation.what for violation in found.custody_violations)


def test_a_row_without_events_is_seen(handed_over: Store) -> None:
    tamper(handed_over, f"DELETE FROM event WHERE stream = '{CODE}'")
    assert any("a row without events" in mismatch for mismatch in verification.verify(handed_over).mismatches)


def _fact(version: int, kind: str, **data: object) -> Fact:
    return Fact(stream=CODE, version=version, kind=kind, data=data)


LAN = {"kind": "position", "key": "551000:counter"}
TAI = {"kind": "position", "key": "551000:transport"}
REGISTERED = _fact(1, "Registered", custodian=LAN)
OFFERED = _fact(2, "HandedOver", to=TAI)


@pytest.mark.parametrize(
    ("facts", "what"),
    [
        ([_fact(1, "Sealed")], "nobody holds it"),
        ([REGISTERED, _fact(2, "Accepted")], "without an offer"),
        ([REGISTERED, OFFERED, _fact(3, "Moved", to=LAN)], "while it is offered"),
        ([REGISTERED, OFFERED, _fact(3, "SignedOnPaper", to=LAN)], "offered to position 551000:transport"),
        ([REGISTERED, OFFERED, _fact(3, "Accepted"), _fact(3, "Recalled")], "both claim this step"),
        ([REGISTERED, _fact(2, "Delivered"), _fact(3, "HandedOver", to=TAI)], "after the citizen had it"),
        ([REGISTERED, _fact(3, "Sealed")], "a step is missing"),
    ],
)
def test_every_way_custody_can_break_is_named(facts: list[Fact], what: str) -> None:
    assert any(what in violation.what for violation in oracle.custody_violations(facts))


def test_an_honest_story_has_no_objection() -> None:
    story = [REGISTERED, OFFERED, _fact(3, "Accepted"), _fact(4, "TakenOver", to=LAN), _fact(5, "Delivered")]
    assert oracle.custody_violations(story) == []


# --- what somebody with the rights of the owner may do ----------------------------------------------------------------


def test_a_story_without_its_beginning_is_told_and_stops_nothing(handed_over: Store) -> None:
    tamper(handed_over, f"DELETE FROM event WHERE stream = '{CODE}' AND version = 1")
    found = verification.verify(handed_over)
    assert found.streams == 2
    assert any("cannot be replayed" in mismatch for mismatch in found.mismatches)


@pytest.mark.parametrize(
    "change",
    [
        "account = 'minh'",
        "occurred_at = recorded_at, device = 'K1'",
        "kind = 'Recalled'",
        "kind = 'Unheard'",
        "data = replace(data, '551000:transport', 'MC-T48:desk')",
    ],
)
def test_an_event_that_was_edited_does_not_fit(handed_over: Store, change: str) -> None:
    tamper(handed_over, f"UPDATE event SET {change} WHERE stream = '{CODE}' AND version = 3")
    assert not verification.verify(handed_over).is_sound


@pytest.mark.slow
def test_both_judges_find_nothing_in_a_simulated_post(store: Store, database_url: str) -> None:
    catalogue.seed(store, at=world.clock(simulation.BEGINS_ON, 6))
    simulation.run(simulation.prepare(store, chance=random.Random(3)), dossiers=12)
    found = verification.verify(store)
    assert (found.mismatches, found.custody_violations) == ((), ())
    assert found.events > 200
    assert independent.judge_database(database_url) == []

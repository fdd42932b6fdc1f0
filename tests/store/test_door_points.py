"""What was said about where doors are is kept sealed, one account a door, on both databases."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from postal.domain import points
from postal.domain.points import NothingToTakeBack, Source, Word
from postal.store import Store
from postal.store.tables import AddressPointRow, table_of

MONDAY = datetime(2025, 11, 24, 2, 0, tzinfo=UTC)
DOOR = ("20242", "12 Lê Lợi")
SAME = ("20242", "12  lê lợi")


def correction(lat: float) -> Word:
    return Word(source=Source.HAND, lat=lat, lon=108.2208, accuracy_m=10, at=MONDAY, by="hung", how="tọa độ")


def test_deliveries_teach_a_door_however_its_address_is_written(store: Store) -> None:
    for metres in (0, 4, 8):
        with store.begin(at=MONDAY) as ledger:
            ledger.points.teach(*DOOR, lat=16.0678 + metres / 111_195, lon=108.2208, accuracy_m=12)
    with store.read() as reader:
        found = reader.points.of([DOOR, SAME, ("20242", "14 Lê Lợi"), ("", "")])
    assert set(found) == {DOOR, SAME}, "two who write it differently live behind one door"
    assert found[DOOR] == found[SAME]
    assert found[DOOR].times == 3
    assert points.apart(found[DOOR].lat, found[DOOR].lon, 16.0678, 108.2208) == pytest.approx(4, abs=0.5)


def test_a_correction_is_kept_with_who_made_it_and_can_be_taken_back(store: Store) -> None:
    with store.begin(at=MONDAY) as ledger:
        ledger.points.teach(*DOOR, lat=16.0678, lon=108.2208, accuracy_m=12)
        ledger.points.add(*DOOR, correction(16.07))
        assert ledger.points.of([DOOR])[DOOR].source is Source.HAND
    with store.begin(at=MONDAY + timedelta(days=1)) as ledger:
        ledger.points.take_back(*DOOR, by="lan")
    with store.read() as reader:
        assert reader.points.of([DOOR])[DOOR].source is Source.DELIVERY
        last = reader.points.told([DOOR])[DOOR].words[-1]
    assert (last.by, last.ended_by, last.ended_at) == ("hung", "lan", MONDAY + timedelta(days=1))
    with store.begin(at=MONDAY) as ledger, pytest.raises(NothingToTakeBack):
        ledger.points.take_back(*DOOR, by="lan")


def test_a_server_that_was_asked_in_vain_is_noted_and_teaches_nothing(store: Store) -> None:
    with store.begin(at=MONDAY) as ledger:
        ledger.points.note_asked(*DOOR)
    with store.read() as reader:
        assert reader.points.told([DOOR])[DOOR].asked_at == MONDAY
        assert reader.points.of([DOOR]) == {}


def test_without_an_address_nothing_is_kept(store: Store) -> None:
    with store.begin(at=MONDAY) as ledger:
        ledger.points.add("20242", "", correction(16.07))
        ledger.points.note_asked("", "12 Lê Lợi")
    with store.read() as reader:
        assert reader.rows(select(table_of(AddressPointRow))) == []


def test_what_was_kept_as_one_middle_is_still_read(store: Store) -> None:
    table = table_of(AddressPointRow)
    with store.begin(at=MONDAY) as ledger:
        ledger.points.teach(*DOOR, lat=16.0678, lon=108.2208, accuracy_m=12)
        register = ledger.points
        lookup = register._lookup(*DOOR)
        old = json.dumps({"lat": 16.07, "lon": 108.22, "accuracy_m": 9, "times": 4}).encode()
        sealed = register._sealer.seal(old, place=f"address_point|{lookup.hex()}")
        register._connection.execute(update(table).values(sealed=sealed))
    with store.begin(at=MONDAY) as ledger:
        ledger.points.teach(*DOOR, lat=16.07, lon=108.22, accuracy_m=9)
        assert ledger.points.of([DOOR])[DOOR].times == 5


def test_nobody_reads_a_point_without_the_key(store: Store) -> None:
    with store.begin(at=MONDAY) as ledger:
        ledger.points.add(*DOOR, correction(16.0678))
    with store.read() as reader:
        (row,) = reader.rows(select(table_of(AddressPointRow)))
    assert b"16.0678" not in row.sealed
    assert b"hung" not in row.sealed


def test_two_who_teach_a_door_at_one_moment_are_both_heard(store: Store) -> None:
    def teach(_: int) -> None:
        with store.begin(at=MONDAY) as ledger:
            ledger.points.teach(*DOOR, lat=16.0678, lon=108.2208, accuracy_m=12)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(teach, range(8)))
    with store.read() as reader:
        assert reader.points.of([DOOR])[DOOR].times == 8

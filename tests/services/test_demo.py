"""A living demo: every status is there, the work of today too, nobody in it exists, and it repeats itself."""

import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from postal.domain import calendars, identity
from postal.domain.dossier import Dossier
from postal.domain.handover import HandoverRecord, RecordState
from postal.domain.item import Custody, Item
from postal.domain.people import Role
from postal.domain.run import DeliveryRun, RunState
from postal.domain.status import Status
from postal.queries import clocks, figures, showcase, spans
from postal.services import catalogue, demo
from postal.services.demo import DemoNotEmpty
from postal.services.demonstration import people, staff
from postal.store import Store
from postal.store.tables import (
    DossierRow,
    EventRow,
    HandoverRow,
    ItemRow,
    NoticeRow,
    PersonRow,
    RunRow,
    table_of,
)
from tests import databases

NOW = datetime(2026, 11, 19, 3, 10, tzinfo=UTC)
"""Thursday 19 November 2026, ten past ten in Vietnam."""


def made(folder: Path, *, seed: int = 1, dossiers: int = 25, now: datetime = NOW) -> Store:
    """Return a store with a demo in it."""
    chance = random.Random(seed)
    store = Store.open(f"sqlite:///{folder / 'demo.db'}", secret_key=databases.SECRET_KEY, token_bytes=chance.randbytes)
    store.migrate()
    catalogue.seed(store, at=now)
    demo.make(store, chance=chance, now=now, dossiers=dossiers)
    return store


@pytest.fixture(scope="module")
def living(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Return a demo of 120 dossiers, made once."""
    store = made(tmp_path_factory.mktemp("demo"), dossiers=120)
    yield store
    store.close()


def records(store: Store) -> list[HandoverRecord]:
    """Return every hand-over record."""
    with store.read() as reader:
        return reader.things(HandoverRecord, select(table_of(HandoverRow).c.state))


def items(store: Store) -> list[Item]:
    """Return every item."""
    with store.read() as reader:
        return reader.things(Item, select(table_of(ItemRow).c.state))


def dossiers(store: Store) -> list[Dossier]:
    """Return every dossier."""
    with store.read() as reader:
        return reader.things(Dossier, select(table_of(DossierRow).c.state))


def events(store: Store) -> list[tuple[object, ...]]:
    """Return every row of the ledger, as it was written."""
    table = table_of(EventRow)
    with store.read() as reader:
        return [tuple(row) for row in reader.rows(select(table).order_by(table.c.seq))]


# --- what is there ----------------------------------------------------------------------------------------------------


def test_every_status_the_product_can_derive_is_there(living: Store) -> None:
    assert set(figures.figures(living).by_status) == {word.value for word in Status}


def test_some_dossiers_are_late_at_their_authority(living: Store) -> None:
    with living.read() as reader:
        views = [clocks.of_dossier(reader, dossier, at=NOW) for dossier in dossiers(living)]
    assert sum(view.late_days > 0 for view in views) >= 3


def test_the_head_of_a_desk_apologised_in_time_and_named_a_day_that_still_holds(living: Store) -> None:
    (sorry,) = [dossier for dossier in dossiers(living) if dossier.extension is not None]
    with living.read() as reader:
        due = clocks.of_dossier(reader, sorry, at=NOW)
        letter = spans.of_dossier(reader, sorry, reader.items_of(sorry.code), at=NOW)
    assert (due.late_days, sorry.is_over) == (0, False)
    assert due.extended_at is not None
    assert due.extended_at > NOW
    assert not any(view.is_late for view in letter.views if view.name == "Xin lỗi và hẹn lại")


def test_some_dossiers_cross_from_one_province_to_another(living: Store) -> None:
    with living.read() as reader:
        places = reader.reference.places({code for d in dossiers(living) for code in (d.office, d.desk) if code})
    provinces = [
        (places[d.office].province_code, places[d.desk].province_code) for d in dossiers(living) if d.office and d.desk
    ]
    assert ("48", "01") in provinces
    assert ("01", "48") in provinces


def test_a_line_of_a_record_was_lost_and_is_still_with_the_one_who_carried_it(living: Store) -> None:
    lost = {code for record in records(living) for code, reason in record.declined if reason.value == "missing"}
    assert any(item.code in lost and item.trouble and item.custodian.key == staff.VAN for item in items(living))


def test_some_records_were_signed_on_paper_and_have_a_photo(living: Store) -> None:
    on_paper = [record for record in records(living) if record.state in (RecordState.ON_PAPER, RecordState.CONFIRMED)]
    assert {record.state for record in on_paper} == {RecordState.ON_PAPER, RecordState.CONFIRMED}
    with living.read() as reader:
        photo = reader.files.get(on_paper[0].photo)
    assert photo is not None
    assert photo.content.startswith(b"\x89PNG")


def test_one_employee_of_a_small_office_holds_several_positions(living: Store) -> None:
    with living.read() as reader:
        held = reader.positions_of("tuyloan1")
    assert len(held) == 3


def test_there_is_an_account_for_every_role_marked_as_made_up(living: Store) -> None:
    with living.read() as reader:
        accounts = reader.accounts.all()
    assert {role for account in accounts for role in account.roles} == set(Role)
    assert all(account.is_demo for account in accounts)


# --- work to do -------------------------------------------------------------------------------------------------------


def test_there_are_envelopes_to_hand_over_at_a_counter(living: Store) -> None:
    held = [item for item in items(living) if item.custodian.key == f"{staff.CENTRE}:counter"]
    assert any(item.custody is Custody.HELD and not item.has_left for item in held)


def test_records_wait_for_a_signature_of_the_desk_of_the_driver_and_of_a_postman(living: Store) -> None:
    waiting = {record.receiver.key for record in records(living) if record.state is RecordState.OFFERED}
    assert {f"{staff.CITY_DESK}:desk", staff.TRUCK} <= waiting
    assert any(key.startswith("buuta") for key in waiting)


def test_a_run_of_today_is_on_its_way_and_others_are_planned(living: Store) -> None:
    with living.read() as reader:
        runs = reader.things(DeliveryRun, select(table_of(RunRow).c.state))
    today = [run.state for run in runs if run.day == date(2026, 11, 19)]
    assert today.count(RunState.STARTED) == 1
    assert RunState.PLANNED in today
    assert all(run.state is RunState.CLOSED for run in runs if run.day < date(2026, 11, 19))


def test_results_wait_at_the_authority_and_at_the_counter_for_their_citizens(living: Store) -> None:
    words = figures.figures(living).by_status
    assert words[Status.RESULT_READY.value]
    assert words[Status.AT_POST_OFFICE.value]


def test_the_link_shown_first_opens_a_dossier(living: Store) -> None:
    secret = showcase.citizen_secret(living)
    with living.read() as reader:
        assert reader.receipts.dossier_of(secret) is not None


# --- nobody exists ----------------------------------------------------------------------------------------------------


def test_everybody_in_it_is_marked_as_made_up(living: Store) -> None:
    table = table_of(PersonRow)
    with living.read() as reader:
        codes = [row.dossier for row in reader.rows(select(table.c.dossier).distinct())]
        everybody = reader.people.of(codes).values()
    assert len(everybody) >= 120
    assert all(person.address.endswith(people.MARK) for person in everybody)
    assert all(person.phone.startswith("+84500") for person in everybody)
    assert all(person.proves_by.startswith("00") for person in everybody)


def test_a_made_up_phone_is_one_that_could_be_typed() -> None:
    person = people.somebody(random.Random(1), commune="20242")
    assert identity.parse_phone(person.phone) == person.phone
    assert identity.parse_identity_number(person.identity_number) == person.identity_number


def test_no_message_is_left_to_send(living: Store) -> None:
    table = table_of(NoticeRow)
    with living.read() as reader:
        states = Counter(
            dict(tuple(row) for row in reader.rows(select(table.c.state, func.count()).group_by(table.c.state)))
        )
    assert set(states) == {"sent"}


# --- when it happens --------------------------------------------------------------------------------------------------


def test_nothing_happens_after_now_and_the_fortnight_is_worked_on_working_days(living: Store) -> None:
    table = table_of(EventRow)
    with living.read() as reader:
        times = [row.occurred_at for row in reader.rows(select(table.c.occurred_at))]
        calendar = reader.reference.calendar("state")
    assert max(times) <= NOW
    assert NOW - min(times) <= timedelta(days=15)
    worked = {calendars.local(at).date() for at in times} - {date(2026, 11, 19)}
    assert all(calendar.is_working_day(day) for day in worked)
    assert len(worked) == 10


@pytest.mark.parametrize(
    "now",
    [
        datetime(2026, 11, 22, 3, 0, tzinfo=UTC),
        datetime(2026, 11, 23, 17, 20, tzinfo=UTC),
        datetime(2026, 2, 21, 3, 0, tzinfo=UTC),
    ],
    ids=["a Sunday", "just after midnight", "the lunar new year"],
)
def test_it_can_be_made_at_any_time_and_shows_everything(tmp_path: Path, now: datetime) -> None:
    store = made(tmp_path, now=now)
    assert set(figures.figures(store).by_status) == {word.value for word in Status}
    assert all(row[7] <= now for row in events(store) if isinstance(row[7], datetime))
    with store.read() as reader:
        runs = reader.things(DeliveryRun, select(table_of(RunRow).c.state))
    assert sum(run.state is RunState.STARTED for run in runs) == 1
    store.close()


# --- the same again ---------------------------------------------------------------------------------------------------


def test_the_same_seed_makes_the_same_events(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    one, two = made(tmp_path / "one"), made(tmp_path / "two")
    assert events(one) == events(two)
    one.close()
    two.close()


def test_another_seed_makes_other_dossiers(tmp_path: Path, living: Store) -> None:
    other = made(tmp_path, seed=9)
    assert {d.code for d in dossiers(other)}.isdisjoint({d.code for d in dossiers(living)})
    other.close()


def test_made_up_dossiers_never_mix_with_others(living: Store) -> None:
    with pytest.raises(DemoNotEmpty):
        demo.make(living, chance=random.Random(1), now=NOW)


def test_it_can_be_made_on_either_database(store: Store) -> None:
    catalogue.seed(store, at=NOW)
    demo.make(store, chance=random.Random(5), now=NOW, dossiers=30)
    assert set(figures.figures(store).by_status) == {word.value for word in Status}


def test_the_demo_of_the_first_command_can_be_made_at_its_full_size(tmp_path: Path) -> None:
    store = made(tmp_path, seed=demo.SEED, dossiers=demo.DOSSIERS)
    assert figures.figures(store).dossiers > demo.DOSSIERS * 0.8
    store.close()

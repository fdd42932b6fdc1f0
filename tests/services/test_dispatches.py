"""Trips: loaded, handed to a carrier on one record, gone when he signs, arrived with or without every bag."""

from collections.abc import Iterator
from datetime import date, datetime

import pytest

from postal.domain import calendars, dispatch, facts, item
from postal.domain.codes import CodeKind
from postal.domain.dispatch import Dispatch, DispatchState
from postal.domain.events import DeclineReason, IncidentKind
from postal.domain.handover import RecordState
from postal.domain.item import Trouble
from postal.domain.lifecycle import NotNow
from postal.domain.permissions import Forbidden
from postal.services import custody, dispatches
from postal.services.facts import record_facts
from postal.store import Store
from tests import cast, envelopes
from tests.bagging import Bagging
from tests.cast import hoa, lan, tai, transport

HOUR = cast.after(hours=1)


@pytest.fixture
def bagging(store: Store) -> Iterator[Bagging]:
    """Return a store with bags in it, which is sound after each test."""
    made = Bagging(store)
    yield made
    assert made.is_sound()


def made(bagging: Bagging, *, seed: int = 70, expected_at: datetime | None = None) -> Dispatch:
    return dispatches.make(
        bagging.store,
        code=next(cast.codes_of(CodeKind.DISPATCH, seed=seed)),
        origin=cast.OFFICE,
        destination=cast.to_the_desk,
        expected_at=expected_at,
        by=lan,
        at=cast.monday,
    )


def loaded(bagging: Bagging, *bags: str) -> Dispatch:
    return dispatches.load(bagging.store, made(bagging).code, bags, by=lan, at=cast.monday)


def gone(bagging: Bagging, *bags: str) -> Dispatch:
    trip = loaded(bagging, *bags)
    record = dispatches.hand_over(bagging.store, trip.code, to=transport, by=lan, at=cast.monday, below=bagging.below)
    custody.accept(bagging.store, record.code, by=tai, at=HOUR)
    return bagging.trip(trip.code)


def test_ten_bags_are_handed_over_on_one_record_and_leave_when_the_carrier_signs(bagging: Bagging) -> None:
    items = [bagging.envelopes(2) for _ in range(10)]
    codes = [bagging.packed(each) for each in items]
    trip = loaded(bagging, *codes)
    record = dispatches.hand_over(bagging.store, trip.code, to=transport, by=lan, at=cast.monday, below=bagging.below)
    assert (record.bags, record.dispatch) == (tuple(codes), trip.code)
    assert bagging.trip(trip.code).state is DispatchState.LOADING, "nobody has signed"
    custody.accept(bagging.store, record.code, by=tai, at=HOUR)
    left = bagging.trip(trip.code)
    assert (left.state, left.departed_at, left.carrier, left.record) == (
        DispatchState.ON_THE_WAY,
        HOUR,
        transport,
        record.code,
    )
    assert {key for each in items for key in envelopes.holder_of(bagging.store, each)} == {transport.key}


def test_a_trip_leaves_at_once_when_both_sign_on_one_screen(bagging: Bagging) -> None:
    trip = loaded(bagging, bagging.packed(bagging.envelopes(1)))
    record = dispatches.hand_over_together(
        bagging.store, trip.code, to=transport, giver=lan, receiver=tai, at=HOUR, below=bagging.below
    )
    assert (record.state, bagging.trip(trip.code).state) == (RecordState.ACCEPTED, DispatchState.ON_THE_WAY)


def test_a_trip_signed_for_in_ink_left_at_the_time_on_the_paper(bagging: Bagging) -> None:
    trip = loaded(bagging, bagging.packed(bagging.envelopes(1)))
    record = dispatches.hand_over(bagging.store, trip.code, to=transport, by=lan, at=cast.monday, below=bagging.below)
    custody.sign_on_paper(
        bagging.store, record.code, signed_at=HOUR, signer="", photo=b"", by=lan, at=cast.after(hours=5)
    )
    assert bagging.trip(trip.code).departed_at == HOUR


def test_what_the_carrier_did_not_sign_for_is_not_on_his_trip(bagging: Bagging) -> None:
    one, other, late = (bagging.packed(bagging.envelopes(1)) for _ in range(3))
    trip = loaded(bagging, one, other)
    record = dispatches.hand_over(bagging.store, trip.code, to=transport, by=lan, at=cast.monday, below=bagging.below)
    dispatches.load(bagging.store, trip.code, [late], by=lan, at=cast.monday)
    custody.accept(bagging.store, record.code, declined={other: DeclineReason.DAMAGED}, by=tai, at=HOUR)
    assert bagging.trip(trip.code).bags == (one,)


def test_a_trip_of_which_nothing_was_taken_has_not_left(bagging: Bagging) -> None:
    code = bagging.packed(bagging.envelopes(1))
    trip = loaded(bagging, code)
    record = dispatches.hand_over(bagging.store, trip.code, to=transport, by=lan, at=cast.monday, below=bagging.below)
    custody.accept(bagging.store, record.code, declined={code: DeclineReason.NOT_MINE}, by=tai, at=HOUR)
    assert bagging.trip(trip.code).state is DispatchState.LOADING
    again = dispatches.hand_over(bagging.store, trip.code, to=transport, by=lan, at=HOUR, below=bagging.below)
    custody.recall(bagging.store, again.code, by=lan, at=HOUR)
    assert bagging.trip(trip.code).state is DispatchState.LOADING


def test_a_trip_straight_to_the_desk_has_arrived_when_the_desk_signs(bagging: Bagging) -> None:
    code = bagging.packed(bagging.envelopes(1))
    trip = loaded(bagging, code)
    record = dispatches.hand_over(bagging.store, trip.code, to=cast.desk, by=lan, at=cast.monday, below=bagging.below)
    custody.accept(bagging.store, record.code, by=hoa, at=HOUR)
    there = bagging.trip(trip.code)
    assert (there.state, there.arrived) == (DispatchState.ARRIVED, (code,))


def test_a_trip_that_a_desk_signed_for_in_ink_has_arrived_though_the_giver_enters_it(bagging: Bagging) -> None:
    trip = loaded(bagging, bagging.packed(bagging.envelopes(1)))
    record = dispatches.hand_over(bagging.store, trip.code, to=cast.desk, by=lan, at=cast.monday, below=bagging.below)
    custody.sign_on_paper(
        bagging.store, record.code, signed_at=HOUR, signer="", photo=b"", by=lan, at=cast.after(hours=5)
    )
    there = bagging.trip(trip.code)
    assert (there.state, there.arrived_at) == (DispatchState.ARRIVED, HOUR)


def test_a_trip_leaves_when_the_carriers_phone_tells_that_he_took_its_bags(seeded: Store) -> None:
    bagging = Bagging(seeded)
    code = bagging.packed(bagging.envelopes(1))
    trip = loaded(bagging, code)
    dispatches.hand_over(bagging.store, trip.code, to=transport, by=lan, at=cast.monday, below=bagging.below)
    line = {
        "id": "0f" * 16,
        "kind": "accepted",
        "item": code,
        "occurred_at": HOUR.isoformat(),
        "device_seq": 1,
    }
    record_facts(bagging.store, [facts.read(line)], by=tai, at=cast.after(hours=3))
    left = bagging.trip(trip.code)
    assert (left.state, left.carrier, left.bags) == (DispatchState.ON_THE_WAY, transport, (code,))


def test_a_bag_is_on_one_trip_and_an_empty_one_does_not_leave(bagging: Bagging) -> None:
    code = bagging.packed(bagging.envelopes(1))
    trip = loaded(bagging, code)
    second = made(bagging, seed=71)
    with pytest.raises(dispatch.OnAnotherTrip):
        dispatches.load(bagging.store, second.code, [code], by=lan, at=cast.monday)
    with pytest.raises(dispatch.NothingLoaded):
        dispatches.hand_over(bagging.store, second.code, to=transport, by=lan, at=cast.monday, below=bagging.below)
    dispatches.unload(bagging.store, trip.code, [code], by=lan, at=cast.monday)
    assert dispatches.load(bagging.store, second.code, [code, code], by=lan, at=cast.monday).bags == (code,)
    again = dispatches.load(bagging.store, second.code, [code], by=lan, at=cast.monday)
    assert (again.bags, again.version) == ((code,), 2), "the same scan twice is one event"


def test_what_goes_elsewhere_is_not_loaded(bagging: Bagging) -> None:
    home = bagging.packed(bagging.envelopes(1, destination=cast.to_the_citizen), destination=cast.to_the_citizen)
    with pytest.raises(item.OtherDestination, match="Sai điểm đến"):
        loaded(bagging, home)


def test_a_trip_arrives_with_every_bag_and_custody_stays_with_the_carrier(bagging: Bagging) -> None:
    code = bagging.packed(bagging.envelopes(1))
    trip = gone(bagging, code)
    there, incidents = dispatches.arrive(
        bagging.store, trip.code, bags=[code], by=hoa, at=cast.after(hours=2), below=bagging.below
    )
    assert (there.state, there.arrived, incidents) == (DispatchState.ARRIVED, (code,), ())
    assert bagging.bag(code).custodian == transport
    with pytest.raises(NotNow):
        dispatches.arrive(bagging.store, trip.code, bags=[code], by=hoa, at=HOUR, below=bagging.below)


def test_a_bag_that_did_not_come_is_missing_with_everything_in_it_and_its_carrier_answers(bagging: Bagging) -> None:
    items = bagging.envelopes(2)
    here, lost = bagging.packed(bagging.envelopes(1)), bagging.packed(items)
    extra = bagging.packed(bagging.envelopes(1))
    trip = gone(bagging, here, lost)
    bagging.carried(extra)
    _, incidents = dispatches.arrive(
        bagging.store, trip.code, bags=[here, extra], by=hoa, at=cast.after(hours=2), below=bagging.below
    )
    assert [(each.kind, each.about, each.owner) for each in incidents] == [
        (IncidentKind.MISSING, lost, cast.OFFICE),
        (IncidentKind.EXTRA, extra, cast.OFFICE),
    ]
    assert incidents[0].other == cast.DESK
    assert {bagging.item(each).trouble for each in items} == {Trouble.MISSING}
    assert bagging.bag(lost).custodian == transport


def test_a_desk_sends_no_trips_and_a_postman_receives_none(bagging: Bagging) -> None:
    trip = gone(bagging, bagging.packed(bagging.envelopes(1)))
    with pytest.raises(Forbidden):
        dispatches.load(bagging.store, trip.code, [], by=hoa, at=cast.monday)
    with pytest.raises(Forbidden):
        dispatches.arrive(bagging.store, trip.code, bags=[], by=cast.nam, at=HOUR, below=bagging.below)


def test_the_lane_says_when_a_trip_should_be_there_unless_somebody_promised_a_time(seeded: Store) -> None:
    bagging = Bagging(seeded)
    trip = gone(bagging, bagging.packed(bagging.envelopes(1)))
    assert trip.expected_at is not None
    assert calendars.local(trip.expected_at).date() == date(2026, 11, 17), "the lane within the city is J+1"
    promised = made(bagging, seed=72, expected_at=cast.after(hours=6))
    assert promised.expected_at == cast.after(hours=6)


def test_a_trip_without_a_lane_promises_no_time(bagging: Bagging) -> None:
    assert gone(bagging, bagging.packed(bagging.envelopes(1))).expected_at is None


def test_a_trip_is_opened_where_it_begins(bagging: Bagging) -> None:
    with pytest.raises(dispatch.NotAtTrip):
        dispatches.make(
            bagging.store,
            code=cast.TRIP,
            origin=cast.SMALL_OFFICE,
            destination=cast.to_the_desk,
            by=lan,
            at=cast.monday,
        )

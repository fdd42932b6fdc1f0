"""The trip: bags that travel together; it has no custodian, it leaves with who signed and says when it is expected."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given

from postal.domain import dispatch, events, item
from postal.domain.dispatch import DISPATCH_STATE_NAMES, GRACE, LIFECYCLE, Dispatch, DispatchState
from postal.domain.events import Event
from postal.domain.lifecycle import NotNow
from tests import cast, chance
from tests.cast import hoa, lan, monday, tai, transport

THERE = cast.after(hours=6)


def made(*, expected: bool = True) -> Dispatch:
    """Return an empty trip from Lan's office to the desk."""
    expected_at = THERE if expected else None
    event = dispatch.make(
        code=cast.TRIP, origin=cast.OFFICE, destination=cast.to_the_desk, expected_at=expected_at, by=lan, at=monday
    )
    return dispatch.begin(cast.TRIP, event)


def loaded() -> Dispatch:
    """Return the trip with one bag."""
    return made().evolve(made().load([cast.sealed_bag()], by=lan, at=monday))


def left() -> Dispatch:
    """Return the trip on the road, with Tài."""
    return loaded().evolve(loaded().depart(record=cast.RECORD, carrier=transport, by=tai, at=monday))


STATES: dict[DispatchState, Dispatch] = {
    DispatchState.LOADING: loaded(),
    DispatchState.ON_THE_WAY: left(),
    DispatchState.ARRIVED: left().evolve(left().arrive([cast.BAG], by=hoa, at=THERE)),
}
ACTIONS: dict[type[Event], Callable[[Dispatch], Event]] = {
    events.BagsLoaded: lambda d: d.load([cast.sealed_bag()], by=lan, at=monday),
    events.BagsUnloaded: lambda d: d.unload([cast.BAG], by=lan, at=monday),
    events.Departed: lambda d: d.depart(record=cast.RECORD, carrier=transport, by=tai, at=monday),
    events.Arrived: lambda d: d.arrive([cast.BAG], by=hoa, at=monday),
}
PAIRS = [(state, kind) for state in DispatchState for kind in ACTIONS]


@pytest.mark.parametrize(("state", "kind"), PAIRS, ids=lambda value: getattr(value, "__name__", str(value)))
def test_a_trip_takes_exactly_the_steps_of_its_life_cycle(state: DispatchState, kind: type[Event]) -> None:
    trip = STATES[state]
    assert trip.may(kind) is ((state, kind) in LIFECYCLE)
    if trip.may(kind):
        assert trip.evolve(ACTIONS[kind](trip)).state is LIFECYCLE[state, kind]
    else:
        with pytest.raises(NotNow, match="Chuyến C2345-6782Q"):
            ACTIONS[kind](trip)


def test_every_step_has_an_action_and_every_state_a_name() -> None:
    assert {kind for _, kind in LIFECYCLE} == {*ACTIONS, events.DispatchMade}
    assert set(DISPATCH_STATE_NAMES) == set(DispatchState) == set(STATES)


@given(chance.histories(*(kind for _, kind in LIFECYCLE)))
def test_the_fold_of_a_trip_never_fails_and_counts_what_does_not_fit(history: list[Event]) -> None:
    trip = made()
    for version, event in enumerate(history, start=2):
        before, trip = trip, trip.evolve(event)
        assert trip.version == version
        assert trip.misfits == before.misfits + ((before.state, type(event)) not in LIFECYCLE)


def test_a_trip_begins_with_its_making() -> None:
    with pytest.raises(AssertionError, match="does not begin"):
        dispatch.begin(cast.TRIP, cast.registered())


def test_only_sealed_bags_that_go_where_the_trip_goes_are_loaded() -> None:
    with pytest.raises(dispatch.BagNotSealed, match="chưa niêm phong"):
        made().load([cast.empty_bag()], by=lan, at=monday)
    elsewhere = replace(cast.sealed_bag(), destination=cast.to_the_citizen)
    with pytest.raises(item.OtherDestination, match="Sai điểm đến"):
        made().load([elsewhere], by=lan, at=monday)


def test_a_bag_loaded_twice_is_on_the_trip_once() -> None:
    again = loaded().evolve(loaded().load([cast.sealed_bag()], by=lan, at=monday))
    assert again.bags == (cast.BAG,)
    assert again.evolve(again.unload([cast.BAG, "T222222222"], by=lan, at=monday)).bags == ()


def test_a_trip_is_loaded_where_it_begins_and_arrives_where_it_ends_or_by_its_carrier() -> None:
    with pytest.raises(dispatch.NotAtTrip):
        made().load([cast.sealed_bag()], by=hoa, at=monday)
    with pytest.raises(dispatch.NotAtTrip):
        loaded().unload([cast.BAG], by=cast.sen, at=monday)
    with pytest.raises(dispatch.NotAtTrip, match="Trung tâm Phục vụ"):
        left().arrive([cast.BAG], by=lan, at=THERE)
    assert left().arrive([cast.BAG], by=tai, at=THERE).bags == (cast.BAG,)


def test_a_trip_leaves_with_a_bag_at_least() -> None:
    with pytest.raises(dispatch.NothingLoaded):
        made().depart(record=cast.RECORD, carrier=transport, by=tai, at=monday)


def test_a_trip_is_late_when_nobody_has_said_that_it_came_in_time() -> None:
    assert not left().is_overdue(at=THERE + GRACE)
    assert left().is_overdue(at=THERE + GRACE + timedelta(minutes=1))
    assert not loaded().is_overdue(at=cast.after(days=3)), "it has not left"
    assert not STATES[DispatchState.ARRIVED].is_overdue(at=cast.after(days=3))
    unknown = made(expected=False)
    unknown = unknown.evolve(unknown.load([cast.sealed_bag()], by=lan, at=monday))
    gone = unknown.evolve(unknown.depart(record=cast.RECORD, carrier=transport, by=tai, at=monday))
    assert not gone.is_overdue(at=cast.after(days=3)), "nobody promised a time"


def test_who_signed_may_promise_another_time() -> None:
    later = loaded().depart(record=cast.RECORD, carrier=transport, expected_at=cast.after(hours=9), by=tai, at=monday)
    assert loaded().evolve(later).expected_at == cast.after(hours=9)
    assert left().expected_at == THERE

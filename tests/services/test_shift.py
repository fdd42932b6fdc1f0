"""Positions: taken at sign-in when free, passed on with everything in them by one counted hand-over."""

import threading
from dataclasses import replace

import pytest

from postal.domain import shift as shifts
from postal.domain.item import SamePerson
from postal.domain.people import Actor
from postal.domain.permissions import Forbidden
from postal.domain.shift import PositionHolding
from postal.services import custody, shift
from postal.store import Store
from tests import cast, envelopes
from tests.cast import counter, lan, minh, monday, tai, transport

NINE, FIVE = monday, cast.after(hours=8)
mai = cast.actor("mai", "Trương Thị Mai", place=cast.OFFICE, roles=set(lan.roles))


def take(store: Store, *entitled: str, by: Actor = lan) -> list[str]:
    """Take the free positions among those somebody is entitled to."""
    return shift.take_free_positions(store, entitled=entitled, by=by, at=NINE)


def holder(store: Store, key: str) -> str:
    """Return who holds a position now."""
    with store.read() as reader:
        holding = reader.thing(PositionHolding, key)
    assert holding is not None
    return holding.holder


def test_who_comes_first_takes_the_free_positions(store: Store) -> None:
    assert take(store, counter.key, transport.key) == [counter.key, transport.key]
    assert take(store, counter.key, by=mai) == []
    assert holder(store, counter.key) == "lan"


def test_a_position_has_one_holder_even_when_two_sign_in_at_the_same_moment(store: Store) -> None:
    keys = [f"{cast.OFFICE}:counter.{n}" for n in range(2, 8)]
    ready, taken = threading.Barrier(2), dict[str, list[str]]()

    def sign_in(somebody: Actor) -> None:
        ready.wait(timeout=5)
        taken[somebody.account] = take(store, *keys, by=somebody)

    threads = [threading.Thread(target=sign_in, args=(each,)) for each in (lan, mai)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    assert sorted(taken["lan"] + taken["mai"]) == sorted(keys)


def test_a_shift_passes_with_everything_in_it_and_not_item_by_item(store: Store) -> None:
    take(store, counter.key)
    codes = envelopes.at_the_counter(store, 40)
    passed = shift.pass_position(store, counter.key, to=mai, counted=40, by=lan, at=FIVE)
    assert (passed.holder, passed.expected, passed.counted) == ("mai", 40, 40)
    with store.read() as reader:
        assert reader.positions_of("mai") == [counter.key]
        assert reader.positions_of("lan") == []
        assert len(reader.events(codes)) == 80, "no item moved"
    on_duty = replace(mai, positions=frozenset({counter.key}))
    record = custody.offer(store, codes, to=transport, by=on_duty, at=FIVE, below=cast.below())
    assert record.giver == counter


def test_what_was_offered_and_not_yet_taken_is_still_counted_with_the_position(store: Store) -> None:
    take(store, counter.key)
    codes = envelopes.at_the_counter(store, 3)
    custody.offer(store, codes[:1], to=transport, by=lan, at=NINE, below=cast.below())
    assert shift.pass_position(store, counter.key, to=mai, counted=3, by=lan, at=FIVE).expected == 3


def test_a_count_that_differs_is_kept_and_hides_nothing(store: Store) -> None:
    take(store, counter.key)
    codes = envelopes.at_the_counter(store, 3)
    passed = shift.pass_position(store, counter.key, to=mai, counted=2, by=lan, at=FIVE)
    assert (passed.expected, passed.counted) == (3, 2)
    assert envelopes.holder_of(store, codes) == {counter.key}


def test_for_who_fell_ill_the_head_of_the_office_passes_the_position_on(store: Store) -> None:
    take(store, counter.key)
    assert shift.pass_position(store, counter.key, to=mai, counted=0, by=minh, at=FIVE).holder == "mai"


def test_a_position_that_nobody_ever_held_can_be_given_to_somebody(store: Store) -> None:
    assert shift.pass_position(store, counter.key, to=mai, counted=0, by=minh, at=NINE).holder == "mai"


def test_who_does_not_hold_a_position_cannot_pass_it_on(store: Store) -> None:
    take(store, counter.key)
    with pytest.raises(shifts.NotPositionHolder):
        shift.pass_position(store, counter.key, to=mai, counted=0, by=tai, at=FIVE)
    with pytest.raises(SamePerson):
        shift.pass_position(store, counter.key, to=lan, counted=0, by=lan, at=FIVE)
    with pytest.raises(Forbidden):
        shift.pass_position(store, counter.key, to=mai, counted=0, by=cast.thu, at=FIVE)
    assert holder(store, counter.key) == "lan"

"""Positions of a unit: who holds each, what it holds, and what the last count said."""

import pytest

from postal.domain.people import Actor
from postal.domain.places import UnknownPlace
from postal.queries import shifts
from postal.queries.shifts import NotYourPosition, PositionLine
from postal.services import accounts, custody, shift
from postal.store import Store
from tests import cast, envelopes

PASSWORD = "mật khẩu chạy thử"


@pytest.fixture
def office(seeded: Store) -> Store:
    """Return a store in which Lan holds the counter and nobody the sorting table, which is Hùng's to take."""
    for somebody in (cast.lan, cast.minh, cast.hung, cast.sen):
        accounts.create(seeded, cast.account_of(somebody), password=PASSWORD, at=cast.monday)
    shift.take_free_positions(seeded, entitled=(cast.counter.key,), by=cast.lan, at=cast.monday)
    return seeded


def line_of(store: Store, key: str, *, actor: Actor) -> PositionLine:
    return next(line for line in shifts.shift_page(store, actor=actor).lines if line.key == key)


def test_a_position_names_its_holder_and_counts_what_it_holds(office: Store) -> None:
    envelopes.at_the_counter(office, 4)
    line = line_of(office, cast.counter.key, actor=cast.lan)
    assert (line.holder, line.held, line.is_mine, line.since) == (cast.lan.name, 4, True, cast.monday)


def test_only_the_holder_and_the_controller_pass_it_on(office: Store) -> None:
    may = {
        who.account: line_of(office, cast.counter.key, actor=who).can_pass for who in (cast.lan, cast.minh, cast.hung)
    }
    assert may == {"lan": True, "minh": True, "hung": False}
    with pytest.raises(NotYourPosition):
        shifts.pass_page(office, cast.counter.key, actor=cast.hung)


def test_a_free_position_is_offered_to_whoever_may_hold_it(office: Store) -> None:
    free = {who.account: line_of(office, cast.sorting.key, actor=who).can_take for who in (cast.lan, cast.hung)}
    assert free == {"lan": False, "hung": True}
    shifts.must_be_free_for(office, cast.sorting.key, actor=cast.hung)
    with pytest.raises(NotYourPosition):
        shifts.must_be_free_for(office, cast.sorting.key, actor=cast.lan)


def test_a_difference_of_the_last_count_stays_visible(office: Store) -> None:
    envelopes.at_the_counter(office, 3)
    shift.pass_position(office, cast.counter.key, to=cast.minh, counted=2, by=cast.lan, at=cast.after(hours=8))
    line = line_of(office, cast.counter.key, actor=cast.lan)
    assert (line.expected, line.counted, line.difference, line.holder) == (3, 2, -1, cast.minh.name)


def test_what_is_offered_still_counts_for_the_giver(office: Store) -> None:
    codes = envelopes.at_the_counter(office, 3)
    custody.offer(office, codes[:2], to=cast.transport, by=cast.lan, at=cast.monday, below=cast.below(2))
    page = shifts.pass_page(office, cast.counter.key, actor=cast.lan)
    assert (len(page.items), page.offered) == (3, 2)


def test_a_unit_sees_its_own_positions_only(office: Store) -> None:
    keys = {line.key for line in shifts.shift_page(office, actor=cast.sen).lines}
    assert keys == {cast.small_counter.key, cast.small_sorting.key, cast.small_transport.key}


def test_a_position_nobody_knows_is_said_so(office: Store) -> None:
    with pytest.raises(UnknownPlace):
        shifts.pass_page(office, "551000:desk.7", actor=cast.minh)

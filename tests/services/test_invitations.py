"""Invitations to collect: two, at least two working days apart, each with its message; never until a day off."""

from dataclasses import replace
from datetime import date, datetime

import pytest

from postal.domain import item, run
from postal.domain.events import Ground
from postal.domain.item import Item
from postal.domain.people import Actor
from postal.domain.permissions import Forbidden
from postal.services import custody, invitations, returning
from postal.store import Store
from postal.store.registers import Notice
from tests import arrivals, cast
from tests.arrivals import hanh, tam

FRIDAY = cast.after(days=4)
"""Friday 20/11/2026; the next working days are Monday 23/11 and Wednesday 25/11."""

WEDNESDAY = cast.after(days=9)
UNTIL = date(2026, 11, 27)


@pytest.fixture
def office(seeded: Store) -> Store:
    """Return a store with the postmen of the central office."""
    arrivals.keep_postmen(seeded)
    return seeded


def invited(store: Store, code: str, *, at: datetime = FRIDAY, until: date = UNTIL, by: Actor = cast.hung) -> Item:
    return invitations.hold_for_pickup(store, code, until=until, by=by, at=at)


def told(store: Store) -> list[Notice]:
    """Return the messages that invite somebody."""
    with store.read(at=cast.after(days=40)) as reader:
        return [notice for notice in reader.notices.due(limit=99) if notice.fact.startswith("at_post_office")]


def test_the_second_invitation_after_a_friday_counts_from_wednesday_because_tuesday_is_a_day_off(
    office: Store,
) -> None:
    (code,) = arrivals.arrived(office, hanh)
    invited(office, code)
    with pytest.raises(item.InvitedTooSoon, match=r"từ thứ Tư, 25/11/2026 trở đi"):
        invited(office, code, at=cast.after(days=7))
    assert invited(office, code, at=WEDNESDAY, until=date(2026, 11, 30)).invited_on == (
        date(2026, 11, 20),
        date(2026, 11, 25),
    )


def test_nobody_is_invited_until_a_day_off_and_the_next_working_day_is_named(office: Store) -> None:
    (code,) = arrivals.arrived(office, hanh)
    with pytest.raises(item.InvitedOnDayOff, match=r"Ngày thứ Ba, 24/11/2026.*gần nhất là thứ Tư, 25/11/2026"):
        invited(office, code, until=date(2026, 11, 24))


def test_all_that_is_due_is_invited_with_one_step_until_the_day_the_calendar_says(office: Store) -> None:
    first, second, later = arrivals.arrived(office, hanh, tam, replace(hanh, address="3 Lê Lợi"))
    for code, at in ((first, FRIDAY), (second, FRIDAY), (later, cast.after(days=7))):
        invited(office, code, at=at)
    done = invitations.invite_due(office, cast.OFFICE, by=cast.hung, at=WEDNESDAY)
    assert {each.code for each in done} == {first, second}
    assert {each.pickup_until for each in done} == {date(2026, 12, 1)}
    assert all(len(each.invited_on) == 2 for each in done)


def test_a_step_that_is_repeated_invites_nobody_twice(office: Store) -> None:
    (code,) = arrivals.arrived(office, hanh)
    invited(office, code)
    assert len(invitations.invite_due(office, cast.OFFICE, by=cast.hung, at=WEDNESDAY)) == 1
    assert invitations.invite_due(office, cast.OFFICE, by=cast.hung, at=WEDNESDAY) == []
    assert len(told(office)) == 2


def test_only_what_one_holds_is_invited_for_and_only_at_the_own_office(office: Store) -> None:
    (code,) = arrivals.arrived(office, hanh)
    invited(office, code)
    assert invitations.invite_due(office, cast.OFFICE, by=cast.lan, at=WEDNESDAY) == []
    with pytest.raises(run.NotOwnOffice, match="Bưu cục Trung tâm"):
        invitations.invite_due(office, cast.OFFICE, by=cast.sen, at=WEDNESDAY)
    with pytest.raises(Forbidden):
        invitations.invite_due(office, cast.OFFICE, by=cast.tai, at=WEDNESDAY)


def test_what_is_missing_or_offered_or_went_back_is_not_invited_for(office: Store) -> None:
    lost, offered, back = arrivals.arrived(office, hanh, tam, replace(hanh, address="3 Lê Lợi"))
    for code in (lost, offered, back):
        invited(office, code)
    custody.report_missing(office, lost, by=cast.hung, at=FRIDAY)
    custody.offer(office, [offered], to=cast.counter, by=cast.hung, at=FRIDAY, below=arrivals.below(3))
    returning.declare_undeliverable(office, back, ground=Ground.MOVED, reason="Đã chuyển", by=cast.hung, at=FRIDAY)
    assert invitations.invite_due(office, cast.OFFICE, by=cast.hung, at=WEDNESDAY) == []


def test_each_invitation_is_one_message_that_says_which_it_is_also_until_the_same_day(office: Store) -> None:
    (code,) = arrivals.arrived(office, hanh)
    invited(office, code)
    invited(office, code, at=WEDNESDAY)
    first, second = sorted(told(office), key=lambda notice: notice.fact)
    assert (first.fact == second.fact, first.about, second.about) == (False, code, code)
    assert "mời đến Bưu cục Trung tâm Đà Nẵng nhận trước 27/11" in first.text
    assert "mời lần 2 đến" in second.text

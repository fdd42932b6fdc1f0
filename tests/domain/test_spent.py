"""Who spent the days: every working minute belongs to one party, and the parts are the whole."""

import itertools
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from postal.domain import spent
from postal.domain.calendars import VIETNAM
from postal.domain.spent import Doing, Moment, Party, Turn
from tests import cast

CALENDAR = cast.post_calendar
BEGIN = datetime(2026, 1, 1, tzinfo=VIETNAM)
POST = Turn(party=Party.POST, doing=Doing.CARRYING_OUT, place="551000")
DESK = Turn(party=Party.DESK, doing=Doing.RECEIVING, place="MC-T48")
CITIZEN = Turn(party=Party.CITIZEN, doing=Doing.SUPPLEMENTING)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=VIETNAM)


instants = st.integers(0, 500 * 24 * 3600).map(lambda seconds: BEGIN + timedelta(seconds=seconds))
turns = st.one_of(
    st.none(),
    st.builds(Turn, party=st.sampled_from(Party), doing=st.sampled_from(Doing), place=st.sampled_from(["", "a", "b"])),
)
stories = st.lists(st.builds(Moment, at=instants, turn=turns), min_size=1, max_size=12)


@given(moments=stories, until=instants)
def test_the_parts_add_up_to_the_whole_to_the_minute(moments: list[Moment], until: datetime) -> None:
    found = spent.split(moments, calendar=CALENDAR, until=until)
    assert found is not None
    assert found.total == CALENDAR.working_minutes(found.since, found.until)
    assert sum(stretch.minutes for stretch in found.stretches) == found.total
    assert sum(found.of(party) for party in Party) == found.total == sum(found.by_doing().values())
    assert all(stretch.minutes >= 0 for stretch in found.stretches)


@given(moments=stories, until=instants)
def test_the_stretches_meet_and_no_two_neighbours_are_the_same(moments: list[Moment], until: datetime) -> None:
    found = spent.split(moments, calendar=CALENDAR, until=until)
    assert found is not None
    edges = [found.since, *(stretch.until for stretch in found.stretches)]
    assert [stretch.since for stretch in found.stretches] == edges[:-1]
    assert edges[-1] == found.until
    turns_found = [stretch.turn for stretch in found.stretches]
    assert all(one != other for one, other in itertools.pairwise(turns_found))


@given(moments=stories, until=instants, begins=instants, ends=instants)
def test_a_part_of_a_split_adds_up_as_well(
    moments: list[Moment], until: datetime, begins: datetime, ends: datetime
) -> None:
    whole = spent.split(moments, calendar=CALENDAR, until=until)
    assert whole is not None
    part = spent.within(whole, since=begins, until=ends, calendar=CALENDAR)
    assert part is None or sum(part.by_doing().values()) == part.total == CALENDAR.working_minutes(
        part.since, part.until
    )


def test_seconds_between_two_turns_are_not_lost() -> None:
    moments = [Moment(at=at(f"2026-11-16T09:{minute:02}:40"), turn=(POST, DESK)[minute % 2]) for minute in range(30)]
    found = spent.split(moments, calendar=CALENDAR, until=at("2026-11-16T10:00:20"))
    assert found is not None
    assert found.total == 59, "59 minutes and 40 seconds"
    assert found.of(Party.POST) + found.of(Party.DESK) == 59


def test_what_is_over_costs_nobody_time_and_what_begins_again_was_the_citizens() -> None:
    over = [Moment(at=at("2026-11-16T08:00"), turn=POST), Moment(at=at("2026-11-16T09:00"), turn=None)]
    found = spent.split(over, calendar=CALENDAR, until=at("2026-12-16T09:00"))
    assert found is not None
    assert (found.until, found.total) == (at("2026-11-16T09:00"), 60)
    again = spent.split(
        [*over, Moment(at=at("2026-11-16T10:00"), turn=DESK)], calendar=CALENDAR, until=at("2026-11-16T11:00")
    )
    assert again is not None
    assert (again.of(Party.POST), again.of(Party.CITIZEN), again.of(Party.DESK)) == (60, 60, 60)


def test_nights_lunch_and_days_off_belong_to_nobody() -> None:
    moments = [Moment(at=at("2026-11-20T16:00"), turn=POST), Moment(at=at("2026-11-25T12:00"), turn=DESK)]
    found = spent.split(moments, calendar=CALENDAR, until=at("2026-11-25T14:00"))
    assert found is not None
    assert found.of(Party.POST) == 60 + 450 + 240, "Friday's last hour, Monday, Wednesday morning; Tuesday is off"
    assert found.of(Party.DESK) == 30


def test_nothing_happened_nothing_is_split() -> None:
    assert spent.split([], calendar=CALENDAR, until=BEGIN) is None


def test_every_party_and_every_doing_has_its_words() -> None:
    assert set(spent.PARTY_NAMES) == set(Party)
    assert set(spent.DOING_NAMES) == set(Doing)

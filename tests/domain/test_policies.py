"""What an authority chooses about its time limits, and what it may not choose."""

from datetime import date, datetime

import pytest

from postal.domain import clocks, policies
from postal.domain.calendars import VIETNAM, WrongHours
from postal.domain.clocks import Counting, CountingRule, Limit, PostStart, Unit
from postal.domain.places import PlaceKind
from postal.domain.policies import NoPolicyBasis, NotForThisPlace, PolicyName, UnknownPolicy
from tests import cast

BASIS = "Quy chế số 12/QC-TTPVHCC"


def checked(name: PolicyName, value: str, *, basis: str = BASIS, kind: PlaceKind = PlaceKind.DESK) -> str:
    return policies.checked(name, value, basis=basis, kind=kind)


def test_another_way_of_counting_needs_a_basis_and_the_usual_one_does_not() -> None:
    assert checked(PolicyName.COUNTING, "hours_practice") == "hours_practice"
    assert checked(PolicyName.COUNTING, "civil_code", basis="") == "civil_code"
    with pytest.raises(NoPolicyBasis):
        checked(PolicyName.COUNTING, "hours_practice", basis=" ")
    with pytest.raises(NoPolicyBasis):
        checked(PolicyName.START_BY_POST, "passed_on", basis="")


def test_a_way_that_does_not_exist_is_refused() -> None:
    for name in (PolicyName.COUNTING, PolicyName.START_BY_POST, PolicyName.WHOLE_BAG):
        with pytest.raises(UnknownPolicy):
            checked(name, "bừa")


def test_a_post_office_decides_nothing_about_the_limits_of_an_authority() -> None:
    for name in policies.OF_AUTHORITY:
        with pytest.raises(NotForThisPlace):
            checked(name, policies.DEFAULTS[name], kind=PlaceKind.OFFICE)
    assert checked(PolicyName.COUNTING, "hours_practice", kind=PlaceKind.DEPARTMENT)


@pytest.mark.parametrize(
    "text", ["7h30-11h30", "13:30-11:30", "07:30-11:30,11:00-17:00", "07:30", "8:00-9:00,", "1,2,3"]
)
def test_hours_that_cannot_be_read_are_refused(text: str) -> None:
    with pytest.raises(WrongHours):
        checked(PolicyName.HOURS, text)


def test_hours_are_kept_in_one_way_and_may_be_those_of_the_calendar() -> None:
    assert checked(PolicyName.HOURS, " 08:00-12:00 , 13:00-17:00") == "08:00-12:00,13:00-17:00"
    assert checked(PolicyName.HOURS, "", basis="") == ""
    with pytest.raises(WrongHours):
        checked(PolicyName.HOURS, "07:00-09:00,10:00-11:00,13:00-17:00")


def test_a_desk_with_its_own_hours_is_due_when_it_closes_and_says_on_what_basis() -> None:
    rule = CountingRule(hours="07:30-11:30,13:30-16:30", hours_basis=BASIS)
    calendar = rule.applied_to(cast.post_calendar)
    due = clocks.due(Limit(1, Unit.WORKING_DAYS), started_at=cast.monday, calendar=calendar)
    assert due.due_at == datetime(2026, 11, 17, 16, 30, tzinfo=VIETNAM)
    assert due.steps[-1].basis == BASIS
    assert clocks.BY_LAW.applied_to(cast.post_calendar) is cast.post_calendar


@pytest.mark.parametrize("counting", list(Counting))
def test_the_steps_say_which_of_the_two_ways_counted(counting: Counting) -> None:
    limit = Limit(3, Unit.WORKING_DAYS)
    step = CountingRule(counting=counting).step(limit)
    assert clocks.COUNTING_NAMES[counting][1:] in step.text
    assert step.basis
    assert CountingRule(counting=counting, basis=BASIS).step(limit).basis == BASIS


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=VIETNAM)


def test_where_the_post_receives_the_start_is_unverified_until_the_authority_gives_a_basis() -> None:
    received = at("2026-11-20T15:30")
    started, start = clocks.start_by_post(PostStart.SLIP, received_at=received, calendar=cast.post_calendar)
    assert (started, start.is_verified) == (received, False)
    assert "chưa xác minh" in start.basis
    _, start = clocks.start_by_post(PostStart.SLIP, received_at=received, calendar=cast.post_calendar, basis=BASIS)
    assert start.is_verified
    assert BASIS in start.basis


@pytest.mark.parametrize(
    ("received", "started"),
    [
        ("2026-11-20T15:00", "2026-11-20T15:00"),
        ("2026-11-20T15:01", "2026-11-23T07:30"),
        ("2026-11-23T16:00", "2026-11-25T07:30"),
        ("2026-11-21T09:00", "2026-11-23T07:30"),
    ],
)
def test_an_authority_may_let_its_clock_start_when_the_file_must_be_passed_on(received: str, started: str) -> None:
    found, _ = clocks.start_by_post(PostStart.PASSED_ON, received_at=at(received), calendar=cast.post_calendar)
    assert found == at(started)


def test_a_complaint_is_answered_in_five_working_days_inside_a_province_and_seven_across() -> None:
    received = at("2026-11-20T09:00")
    inside = clocks.complaint_answer(received, is_across=False, calendar=cast.post_calendar)
    across = clocks.complaint_answer(received, is_across=True, calendar=cast.post_calendar)
    assert (inside.due_on, across.due_on) == (date(2026, 11, 30), date(2026, 12, 2))
    assert inside.steps[0].basis == "TT 17/2017/TT-BTTTT Đ.8"


def test_papers_reach_the_competent_body_in_one_working_day_and_more_are_asked_for_in_three() -> None:
    received = at("2026-11-23T16:59")
    assert clocks.paper_leg(received, calendar=cast.post_calendar).due_on == date(2026, 11, 25)
    assert clocks.supplement_by(received, calendar=cast.post_calendar).due_on == date(2026, 11, 27)


def test_a_slip_has_both_ways_from_j_and_the_way_back_when_the_desk_was_slower() -> None:
    accepted = at("2026-11-16T09:00")
    in_time = clocks.slip_relay(
        2, 2, accepted_at=accepted, given_at=at("2026-11-18T10:00"), calendar=cast.post_calendar
    )
    assert in_time.due_on == date(2026, 11, 20)
    late = clocks.slip_relay(2, 2, accepted_at=accepted, given_at=at("2026-11-20T10:00"), calendar=cast.post_calendar)
    assert late.due_on == date(2026, 11, 25)
    assert any("thời gian của cơ quan" in step.basis for step in late.steps)

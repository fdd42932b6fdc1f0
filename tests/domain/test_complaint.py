"""A complaint about the post: six months to make it, five or seven working days to answer it, its own ends."""

from datetime import UTC, date, datetime, timedelta

import pytest

from postal.domain import complaint, incident
from postal.domain.complaint import TOPIC_NAMES, Carriage, ComplaintTooLate
from postal.domain.events import ComplaintTopic, IncidentKind, Outcome
from postal.domain.incident import Incident
from tests import cast

DUE_ON = date(2026, 11, 17)


def at_noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 5, tzinfo=UTC)


def opened(*, due_at: datetime) -> Incident:
    event = incident.open_incident(
        IncidentKind.COMPLAINT, about=cast.ITEM, owner=cast.OFFICE, other="", topic=ComplaintTopic.LATE,
        due_at=due_at, by=cast.lan, at=cast.monday,
    )  # fmt: skip
    return incident.begin(cast.INCIDENT, event)


def test_every_topic_has_a_name() -> None:
    assert set(TOPIC_NAMES) == set(ComplaintTopic)


def test_six_months_run_from_the_end_of_the_time_to_carry_and_the_refusal_names_both_days() -> None:
    carriage = Carriage(DUE_ON, False)
    carriage.must_be_open("E1", at=at_noon(date(2027, 5, 17)))
    with pytest.raises(ComplaintTooLate, match=r"E1 đã hết ngày 17/05/2027.* 17/11/2026 .TT 17/2017/TT-BTTTT Đ.8"):
        carriage.must_be_open("E1", at=at_noon(date(2027, 5, 18)))
    assert "thứ Hai, 17/05/2027" in carriage.window.text
    assert carriage.window.basis == complaint.BASIS


def test_nobody_is_refused_while_the_end_of_the_time_to_carry_is_not_known() -> None:
    carriage = Carriage(None, False)
    carriage.must_be_open("E1", at=at_noon(date(2036, 1, 1)))
    assert carriage.until is None
    assert "Chưa rõ ngày hết hạn chuyển" in carriage.window.text


@pytest.mark.parametrize(("is_across", "last"), [(False, date(2026, 11, 23)), (True, date(2026, 11, 26))])
def test_the_answer_takes_five_working_days_inside_a_province_and_seven_across_with_no_holiday_counted(
    is_across: bool, last: date
) -> None:
    due = Carriage(DUE_ON, is_across).answer_due(cast.monday, calendar=cast.post_calendar)
    assert due.due_on == last
    assert due.steps[0].basis == complaint.BASIS


def test_a_complaint_is_due_when_the_law_says_and_in_time_until_midnight_of_that_day() -> None:
    due_at = cast.monday.replace(hour=10) + timedelta(days=7)
    record = opened(due_at=due_at)
    assert (record.due_at, record.topic) == (due_at, ComplaintTopic.LATE)
    assert not record.is_overdue(at=due_at + timedelta(hours=6, minutes=59)), "23:59 in Vietnam"
    assert record.is_overdue(at=due_at + timedelta(hours=7)), "midnight in Vietnam"


def test_a_complaint_ends_as_an_answer_and_other_records_never_do() -> None:
    assert incident.outcomes(IncidentKind.COMPLAINT) == incident.COMPLAINT_OUTCOMES
    for kind in set(IncidentKind) - {IncidentKind.COMPLAINT}:
        assert not {Outcome.REJECTED, Outcome.POSTAGE_BACK, Outcome.FITS_NOW} & set(incident.outcomes(kind))

"""When messages go out: never while people sleep, ever less often, and not for ever."""

from datetime import UTC, datetime, time, timedelta

import pytest

from postal.domain import calendars, sending
from postal.domain.sending import NEVER_QUIET, PATIENCE, Patience, QuietHours, WrongQuietHours

NIGHT = QuietHours(time(21), time(7))


def vietnam(hour: int, minute: int = 0, *, day: int = 16) -> datetime:
    """Return a time of a day in Vietnam, in UTC as everything is kept."""
    return datetime(2026, 11, day, hour, minute, tzinfo=calendars.VIETNAM).astimezone(UTC)


@pytest.mark.parametrize(
    ("at", "sleeps"),
    [
        (vietnam(20, 59), False),
        (vietnam(21), True),
        (vietnam(23, 59), True),
        (vietnam(0, day=17), True),
        (vietnam(6, 59, day=17), True),
        (vietnam(7, day=17), False),
        (vietnam(12), False),
    ],
    ids=lambda value: f"{value:%H:%M}Z" if isinstance(value, datetime) else str(value),
)
def test_the_night_goes_over_midnight_by_the_clock_of_vietnam(at: datetime, sleeps: bool) -> None:
    assert NIGHT.hold(at) is sleeps


def test_quiet_hours_may_lie_within_one_day() -> None:
    noon = QuietHours(time(11, 30), time(13, 30))
    assert noon.hold(vietnam(12))
    assert not noon.hold(vietnam(13, 30))
    assert not noon.hold(vietnam(3))


@pytest.mark.parametrize("text", ["", "  "])
def test_no_quiet_hours_are_never(text: str) -> None:
    assert sending.quiet_hours(text) == NEVER_QUIET
    assert not any(NEVER_QUIET.hold(vietnam(hour)) for hour in range(24))


def test_quiet_hours_are_read_as_they_are_written() -> None:
    assert sending.quiet_hours(" 21:30 - 06:45 ") == QuietHours(time(21, 30), time(6, 45))


@pytest.mark.parametrize("text", ["21", "21:00", "25:00-07:00", "đêm", "21:00-07:00-09:00"])
def test_quiet_hours_that_are_no_times_are_refused_by_name(text: str) -> None:
    with pytest.raises(WrongQuietHours, match=text):
        sending.quiet_hours(text)


def test_the_pauses_double_up_to_the_longest() -> None:
    assert [PATIENCE.pause(tries) for tries in (1, 2, 3, 6)] == [timedelta(minutes=each) for each in (1, 2, 4, 30)]
    assert PATIENCE.pause(10_000) == PATIENCE.longest_pause


def test_a_message_is_tried_through_one_day_of_sending_and_then_handed_to_somebody() -> None:
    pauses = [PATIENCE.pause(tries) for tries in range(1, PATIENCE.most_tries)]
    assert timedelta(hours=8) < sum(pauses, timedelta()) < timedelta(hours=14)
    assert [tries for tries in range(1, 60) if PATIENCE.is_over(tries)] == [24, 48]


def test_a_claim_outlives_the_slowest_answer_of_a_gateway() -> None:
    assert Patience().claim > timedelta(seconds=100)

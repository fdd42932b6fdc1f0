"""A working calendar as arrays over days: due days by look-up, for very many at once.

It says nothing the calendar does not say; it only counts each day once instead of once for every question.
"""

from datetime import date, datetime, time
from typing import TypeVar

from postal.domain.calendars import VIETNAM, WorkCalendar

T = TypeVar("T")
_SECOND = 1_000_000
"""Instants of a day are counted in microseconds, so that nothing is rounded."""
_MARGIN_DAYS = 400


class DayIndex:
    """Working days of a calendar, numbered, from some day on; it reaches as far as it is asked.

    The working days before and up to each day are counted once; then a due day is one addition and one look-up.
    """

    __slots__ = ("_base", "_calendar", "_closing", "_open", "_rank", "_sessions", "_worked")

    def __init__(self, calendar: WorkCalendar, *, first: date) -> None:
        self._calendar = calendar
        self._base = first.toordinal()
        self._sessions = [(_of_day(each.opens), _of_day(each.closes)) for each in calendar.sessions]
        self._open = sum(closes - opens for opens, closes in self._sessions)
        self._rank: list[int] = []
        self._worked: list[date] = []
        self._closing: list[datetime] = []

    def reaches_back_to(self, day: date) -> bool:
        """Tell whether a day lies in the index; later ones always do."""
        return day.toordinal() >= self._base

    def close_after(self, day: date, count: int) -> datetime:
        """Return the closing time of the `count`-th working day after a day."""
        return self._at(self._closing, self._up_to(day.toordinal()) + count - 1)

    def close_on_or_after(self, ordinal: int) -> datetime:
        """Return the closing time of a day, given by its ordinal, or of the first working day after it."""
        return self._at(self._closing, self._before(ordinal))

    def working_days_between(self, first: date, ordinal: int) -> int:
        """Count the working days after `first` up to and with the day of this ordinal."""
        return self._up_to(ordinal) - self._up_to(first.toordinal())

    def after_minutes(self, start: datetime, minutes: int) -> datetime:
        """Return the instant after so many minutes of opening hours; one that ends at closing time stays there.

        `start` is in Vietnam's time.
        """
        ordinal = start.toordinal()
        before = self._before(ordinal)
        is_worked = self._up_to(ordinal) > before
        reached = before * self._open + (self._opened(start) if is_worked else 0) + minutes * 60 * _SECOND
        number, rest = divmod(reached - 1, self._open)
        return datetime.combine(self._at(self._worked, number), self._clock(rest + 1), VIETNAM)

    # --- counting -----------------------------------------------------------------------------------------------------

    def _before(self, ordinal: int) -> int:
        """Return how many working days of the index lie before a day."""
        return self._up_to(ordinal - 1) if ordinal > self._base else 0

    def _up_to(self, ordinal: int) -> int:
        """Return how many working days of the index lie before a day or on it."""
        place = ordinal - self._base
        while place >= len(self._rank):
            self._grow()
        return self._rank[place]

    def _at(self, days: list[T], number: int) -> T:
        while number >= len(days):
            self._grow()
        return days[number]

    def _grow(self) -> None:
        for ordinal in range(self._base + len(self._rank), self._base + len(self._rank) + _MARGIN_DAYS):
            day = date.fromordinal(ordinal)
            if self._calendar.is_working_day(day):
                self._worked.append(day)
                self._closing.append(self._calendar.closes_at(day))
            self._rank.append(len(self._worked))

    # --- hours --------------------------------------------------------------------------------------------------------

    def _opened(self, start: datetime) -> int:
        """Return for how long the doors were open that day before an instant."""
        moment = _of_day(start)
        return sum(max(0, min(moment, closes) - opens) for opens, closes in self._sessions)

    def _clock(self, opened: int) -> time:
        """Return the time of day at which the doors were open for so long, above 0."""
        for opens, closes in self._sessions:
            if opened <= closes - opens:
                return _time(opens + opened)
            opened -= closes - opens
        raise AssertionError("a day is not open for longer than its sessions")


def _of_day(moment: time | datetime) -> int:
    return ((moment.hour * 60 + moment.minute) * 60 + moment.second) * _SECOND + moment.microsecond


def _time(of_day: int) -> time:
    seconds, micro = divmod(of_day, _SECOND)
    minutes, second = divmod(seconds, 60)
    return time(minutes // 60, minutes % 60, second, micro)

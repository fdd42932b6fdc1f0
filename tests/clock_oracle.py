"""A second, slow reading of the rules of time limits, sharing nothing with the product but the calendar's table.

It counts as somebody does with a finger on a wall calendar: day by day, and for hours minute by minute. Written from
the law alone:

- a limit in days does not count the day of the event (BLDS 2015 Đ.147.2-3);
- a last day that is off ends at the end of the next working day (BLDS 2015 Đ.148.5);
- a limit in hours begins at the moment itself (BLDS 2015 Đ.147.1) and runs while the doors are open;
- the habit of one-stop systems takes a day for its opening hours and keeps the hour of the start;
- days off of a published year stand in the table, swaps and make-up days too; of any other year only the fixed days of
  the law are known, and whatever touches such a year is provisional.
"""

import bisect
import csv
from datetime import date, datetime, timedelta, timezone

VIETNAM = timezone(timedelta(hours=7))
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
Shut = tuple[datetime, datetime | None]
NAMES = ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"]


class Oracle:
    """Answers by counting; `table` is the text of a calendar's CSV file."""

    def __init__(self, table: str) -> None:
        rows = [(r["kind"], r["value"]) for r in csv.DictReader(table.lstrip("\ufeff").splitlines())]
        self.rest = {NAMES.index(value) for kind, value in rows if kind == "rest"}
        self.published = {int(value) for kind, value in rows if kind == "year"}
        self.off = {date.fromisoformat(value) for kind, value in rows if kind == "off"}
        self.made_up = {date.fromisoformat(value) for kind, value in rows if kind == "work"}
        self.fixed = [date.fromisoformat(value) for kind, value in rows if kind == "fixed"]
        self.hours = [self._session(value) for kind, value in rows if kind == "hours"]
        self.known: dict[date, bool] = {}
        self.first_minute: datetime | None = None
        self.open_minutes: list[int] = []

    @staticmethod
    def _session(text: str) -> tuple[int, int]:
        opens, closes = text.split("-")
        (h1, m1), (h2, m2) = opens.split(":"), closes.split(":")
        return int(h1) * 60 + int(m1), int(h2) * 60 + int(m2)

    # --- days ---------------------------------------------------------------------------------------------------------

    def works(self, day: date) -> bool:
        """Tell whether the organisation works on a day."""
        if day not in self.known:
            self.known[day] = self._works(day)
        return self.known[day]

    def _works(self, day: date) -> bool:
        if day.year not in self.published:
            is_fixed = any((day.month, day.day) == (f.month, f.day) and day >= f for f in self.fixed)
            return not is_fixed and day.weekday() not in self.rest
        if day in self.off:
            return False
        return day in self.made_up or day.weekday() not in self.rest

    def closes(self, day: date) -> datetime:
        """Return when the doors close on a day."""
        return datetime(day.year, day.month, day.day, tzinfo=VIETNAM) + self.hours[-1][1] * MINUTE

    # --- minutes ------------------------------------------------------------------------------------------------------

    def is_open(self, moment: datetime) -> bool:
        """Tell whether the doors are open during the minute that begins now."""
        minute = moment.hour * 60 + moment.minute
        return any(opens <= minute < closes for opens, closes in self.hours) and self.works(moment.date())

    def read_minutes(self, first: datetime, last: datetime) -> None:
        """Write down every minute with open doors, one after the other."""
        self.first_minute = first.astimezone(VIETNAM).replace(hour=0, minute=0, second=0, microsecond=0)
        self.open_minutes = []
        moment, number = self.first_minute, 0
        while moment <= last:
            if self.is_open(moment):
                self.open_minutes.append(number)
            moment += MINUTE
            number += 1

    def after_minutes(self, start: datetime, minutes: int) -> datetime:
        """Return the instant after so many minutes of open doors, by the list of all such minutes."""
        assert self.first_minute is not None
        whole = start.replace(second=0, microsecond=0)
        into = start - whole
        number = (whole - self.first_minute) // MINUTE
        place = bisect.bisect_left(self.open_minutes, number)
        if self.open_minutes[place] != number:
            into = timedelta()
        if into:
            return self.first_minute + self.open_minutes[place + minutes] * MINUTE + into
        return self.first_minute + (self.open_minutes[place + minutes - 1] + 1) * MINUTE

    # --- limits -------------------------------------------------------------------------------------------------------

    def due(self, amount: int, unit: str, start: datetime, *, counting: str = "civil_code") -> tuple[datetime, bool]:
        """Return when a limit ends, and whether that is provisional; `unit` is working, calendar or hours."""
        start = start.astimezone(VIETNAM)
        if unit == "hours":
            at = self.after_minutes(start, amount * 60)
        elif counting == "civil_code":
            at = self._days(amount, unit, start.date())
        else:
            at = self._same_hour(amount, unit, start)
        years = range(start.year, at.year + 1)
        return at, any(year not in self.published for year in years)

    def _days(self, amount: int, unit: str, day: date) -> datetime:
        counted = 0
        while counted < amount:
            day += DAY
            if unit == "calendar" or self.works(day):
                counted += 1
        while not self.works(day):
            day += DAY
        return self.closes(day)

    def _same_hour(self, amount: int, unit: str, start: datetime) -> datetime:
        if unit == "calendar":
            days = sum(self.works(start.date() + n * DAY) for n in range(1, amount + 1))
            amount = max(1, days)
        a_day = sum(closes - opens for opens, closes in self.hours)
        return self.after_minutes(start, amount * a_day)

    def paused(self, amount: int, unit: str, start: datetime, stood: list[Shut], *, policy: str) -> datetime | None:
        """Return when a limit ends although it stood in between; None while it stands.

        `restart` begins anew when the last pause ends, `pause` leaves out each day, or minute, of a pause, `none` all
        of it counts. A day on which a pause begins or ends is left out whole.
        """
        if policy == "restart" and stood:
            last = stood[-1][1]
            return None if last is None else self.paused(amount, unit, last, [], policy="none")
        shut = [(a.astimezone(VIETNAM), b and b.astimezone(VIETNAM)) for a, b in stood if policy == "pause"]
        count = self._paused_minutes if unit == "hours" else self._paused_days
        return count(amount, unit, start.astimezone(VIETNAM), shut)

    def _paused_days(self, amount: int, unit: str, start: datetime, shut: list[Shut]) -> datetime | None:
        day, counted = start.date(), 0
        while True:
            day += DAY
            if any(a.date() <= day and b is None for a, b in shut):
                return None
            stands = any(a.date() <= day <= b.date() for a, b in shut if b)
            counted += not stands and (unit == "calendar" or self.works(day))
            if counted >= amount and self.works(day) and not stands:
                return self.closes(day)

    def _paused_minutes(self, amount: int, unit: str, start: datetime, shut: list[Shut]) -> datetime | None:
        """Count the open minutes one by one; `start` and the pauses are whole minutes."""
        moment, left = start, amount * 60
        while left:
            if any(a <= moment and b is None for a, b in shut):
                return None
            left -= self.is_open(moment) and not any(a <= moment < b for a, b in shut if b)
            moment += MINUTE
        return moment

    def same_day(self, received: datetime) -> datetime:
        """Return when a same-day procedure is due: the next working day if received after 15:00 or on a day off."""
        received = received.astimezone(VIETNAM)
        day = received.date()
        minute = received.replace(hour=15, minute=0, second=0, microsecond=0)
        if not self.works(day) or received > minute:
            day += DAY
            while not self.works(day):
                day += DAY
        return self.closes(day)

"""Working days and opening hours of an organisation, loaded from a table that names the basis of every date.

Days off are never computed: the lunar new year, the second National Day and the swaps come from a yearly notice. A
year without a notice is unpublished; counting in it gives a provisional answer.
"""

from __future__ import annotations

import csv
import functools
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from enum import Enum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from postal.domain.refusals import Refused


def _vietnam() -> tzinfo:
    """Return Vietnam's time, also on a bare machine without zone data: it has been +07:00 since 1975."""
    try:
        return ZoneInfo("Asia/Ho_Chi_Minh")
    except ZoneInfoNotFoundError:
        return timezone(timedelta(hours=7), "+07")


VIETNAM = _vietnam()
COLUMNS = ("kind", "value", "reason", "basis")

_ONE_DAY = timedelta(days=1)
_ONE_MINUTE = timedelta(minutes=1)
_WEEKDAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")
_WEEKDAY_KEYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")


class WrongCalendar(Refused):
    """A row of a calendar table cannot be used."""

    code = "wrong_calendar"
    vi = "Bảng lịch làm việc, dòng {line}: {problem} Sửa dòng này rồi nạp lại."
    en = "Working calendar, row {line}: {problem} Mend this row and load it again."


class WrongHours(Refused):
    """Opening hours are written as sessions in their order."""

    code = "wrong_hours"
    vi = "Không đọc được giờ làm việc “{text}”. Ghi từng buổi theo thứ tự, mẫu: 07:30-11:30,13:30-17:00."
    en = "Opening hours “{text}” cannot be read. Write them as 07:30-11:30,13:30-17:00."


class RowKind(Enum):
    """What a row of a calendar table says; `value` holds the key or date, `reason` the words, `basis` the source."""

    NAME = "name"
    """value: short key of the calendar; reason: the organisation."""
    REST = "rest"
    """value: MON to SUN, a weekly day off."""
    HOURS = "hours"
    """value: 07:30-11:30, a session of every working day."""
    YEAR = "year"
    """value: 2026, a year whose days off are published."""
    OFF = "off"
    """value: a date off."""
    WORK = "work"
    """value: a weekly day off that is worked."""
    FIXED = "fixed"
    """value: the first date of a yearly day off; used for unpublished years only."""
    PROPOSED = "proposed"
    """value: a date off that nobody has decided; it counts only after `adopting` it."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Session:
    """A stretch of opening hours, local time."""

    opens: time
    closes: time


def sessions(text: str) -> tuple[Session, ...]:
    """Return the sessions of a day, written in their order.

    >>> [f"{each.opens:%H:%M}" for each in sessions("07:30-11:30, 13:30-17:00")]
    ['07:30', '13:30']

    Raises: WrongHours.
    """
    try:
        read = tuple(_session(part) for part in text.split(","))
    except ValueError:
        raise WrongHours(text=text) from None
    if any(later.opens < earlier.closes for earlier, later in itertools.pairwise(read)):
        raise WrongHours(text=text)
    return read


def _session(text: str) -> Session:
    """Return a session written `07:30-11:30`. Raises: ValueError."""
    opens, closes = (time.fromisoformat(part.strip()) for part in text.split("-"))
    if opens >= closes or opens.tzinfo or closes.tzinfo:
        raise ValueError("giờ mở cửa phải theo thứ tự, trước giờ đóng cửa.")
    return Session(opens=opens, closes=closes)


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecialDay:
    """A date that differs from its weekday, why, and on what basis."""

    on: date
    is_worked: bool
    reason: str
    basis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkCalendar:
    """Which days and hours an organisation works; build it with `from_rows`."""

    key: str
    organisation: str
    weekly_rest: frozenset[int]
    sessions: tuple[Session, ...]
    hours_basis: str
    years: Mapping[int, str] = field(hash=False)
    days: Mapping[date, SpecialDay] = field(hash=False)
    fixed: tuple[SpecialDay, ...] = ()
    proposed: tuple[SpecialDay, ...] = ()

    def is_published(self, year: int) -> bool:
        """Tell whether the days off of this year are known."""
        return year in self.years

    def unpublished_years(self, first: date, last: date) -> tuple[int, ...]:
        """Return the years from `first` to `last` whose days off nobody has published."""
        return tuple(year for year in range(first.year, last.year + 1) if not self.is_published(year))

    def special(self, day: date) -> SpecialDay | None:
        """Return what the table says of this date; in an unpublished year, the law's fixed dates."""
        if self.is_published(day.year):
            return self.days.get(day)
        fixed = next((each for each in self.fixed if _is_anniversary(day, each.on)), None)
        return replace(fixed, on=day) if fixed else None

    def is_working_day(self, day: date) -> bool:
        """Tell whether the organisation works on this date."""
        special = self.special(day)
        return special.is_worked if special else day.weekday() not in self.weekly_rest

    def first_working_day(self, day: date) -> date:
        """Return this day if it is worked, else the next one that is."""
        while not self.is_working_day(day):
            day += _ONE_DAY
        return day

    def next_working_day(self, day: date) -> date:
        """Return the first working day after this one."""
        return self.first_working_day(day + _ONE_DAY)

    def previous_working_day(self, day: date) -> date:
        """Return the last working day before this one."""
        day -= _ONE_DAY
        while not self.is_working_day(day):
            day -= _ONE_DAY
        return day

    def add_working_days(self, day: date, count: int) -> date:
        """Return the `count`-th working day after this day, before it when negative; the day itself is not counted."""
        step = self.next_working_day if count > 0 else self.previous_working_day
        for _ in range(abs(count)):
            day = step(day)
        return day

    def working_days_between(self, first: date, last: date) -> int:
        """Count the working days after `first` up to and with `last`; 0 when `last` is not later."""
        return sum(self.is_working_day(day) for day in days_after(first, last))

    def special_days_between(self, first: date, last: date) -> tuple[SpecialDay, ...]:
        """Return the dates after `first` up to and with `last` that changed a count: off on a weekday, or worked."""
        found = (self.special(day) for day in days_after(first, last))
        return tuple(day for day in found if day and day.is_worked == (day.on.weekday() in self.weekly_rest))

    def opens_at(self, day: date) -> datetime:
        """Return the instant the doors open on a working day."""
        return datetime.combine(day, self.sessions[0].opens, VIETNAM)

    def closes_at(self, day: date) -> datetime:
        """Return the instant the doors close on a working day."""
        return datetime.combine(day, self.sessions[-1].closes, VIETNAM)

    @property
    def hours_in_words(self) -> str:
        """Return when the doors are open in an ordinary week, as a notice on the door says it."""
        hours = " và ".join(f"{session.opens:%H:%M}–{session.closes:%H:%M}" for session in self.sessions)
        worked = [day for day in range(len(_WEEKDAYS)) if day not in self.weekly_rest]
        return f"{hours}, {_days_in_words(worked)}, trừ ngày lễ"

    @property
    def minutes_a_day(self) -> int:
        """How many minutes a working day has."""
        return sum(_minutes(session.closes) - _minutes(session.opens) for session in self.sessions)

    def is_open(self, at: datetime) -> bool:
        """Tell whether the doors are open at this instant; the closing minute itself is no longer open."""
        moment = local(at)
        in_session = any(session.opens <= moment.time() < session.closes for session in self.sessions)
        return in_session and self.is_working_day(moment.date())

    def working_minutes(self, start: datetime, end: datetime) -> int:
        """Count the whole minutes of opening hours between two instants; 0 when `end` is not later."""
        start, end = local(start), local(end)
        passed = timedelta()
        for opens, closes in self._sessions_from(start.date(), last=end.date()):
            passed += max(timedelta(), min(end, closes) - max(start, opens))
        return passed // _ONE_MINUTE

    def add_working_minutes(self, start: datetime, minutes: int) -> datetime:
        """Return the instant after so many minutes of opening hours; a count that ends at closing time stays there."""
        start, left = local(start), timedelta(minutes=minutes)
        sessions = self._sessions_from(start.date())
        while True:
            opens, closes = next(sessions)
            begins = max(start, opens)
            if begins < closes and left <= closes - begins:
                return begins + left
            left -= max(closes - begins, timedelta())

    def with_hours(self, *sessions: Session, basis: str) -> WorkCalendar:
        """Return this calendar with the opening hours of one desk or office."""
        return replace(self, sessions=sessions, hours_basis=basis)

    def adopting(self, proposed_on: date, *, basis: str, made_up_on: date | None = None) -> WorkCalendar:
        """Return this calendar with a proposed day off decided, and the day that makes up for it worked.

        Raises: KeyError when the table proposes no such day.
        """
        proposal = next((day for day in self.proposed if day.on == proposed_on), None)
        if proposal is None:
            raise KeyError(proposed_on)
        days = {**self.days, proposed_on: replace(proposal, basis=basis)}
        if made_up_on:
            reason = f"Làm bù cho {written(proposed_on)}"
            days[made_up_on] = SpecialDay(on=made_up_on, is_worked=True, reason=reason, basis=basis)
        return replace(self, days=days, proposed=tuple(day for day in self.proposed if day != proposal))

    def _sessions_from(self, day: date, *, last: date = date.max) -> Iterator[tuple[datetime, datetime]]:
        while day <= last:
            if self.is_working_day(day):
                for session in self.sessions:
                    yield datetime.combine(day, session.opens, VIETNAM), datetime.combine(day, session.closes, VIETNAM)
            day += _ONE_DAY


@functools.lru_cache(maxsize=16)
def from_csv(text: str) -> WorkCalendar:
    """Read a calendar table in CSV with the columns of `COLUMNS`; the same text is read once.

    Raises: WrongCalendar.
    """
    return from_rows(csv.DictReader(text.lstrip("\ufeff").splitlines()))


def from_rows(rows: Iterable[Mapping[str, str]]) -> WorkCalendar:
    """Build a calendar from its table, see `RowKind` for what each row says.

    Raises: WrongCalendar with the number of the row, the header being row 1.
    """
    table = _Table()
    for line, row in enumerate(rows, start=2):
        try:
            table.read(row)
        except (KeyError, ValueError) as problem:
            raise WrongCalendar(line=line, problem=_sentence(problem, row)) from None
    return table.calendar()


def local(at: datetime) -> datetime:
    """Return the instant in Vietnam's time.

    Raises: ValueError for a naive time, which names no instant.
    """
    if at.tzinfo is None:
        raise ValueError("a time without a zone names no instant")
    return at.astimezone(VIETNAM)


def days_after(first: date, last: date) -> Iterator[date]:
    """Yield each day after `first` up to and with `last`."""
    return (first + timedelta(days=n) for n in range(1, (last - first).days + 1))


def written(day: date) -> str:
    """Write a day as people do.

    >>> written(date(2025, 11, 28))
    'thứ Sáu, 28/11/2025'
    """
    return f"{_WEEKDAYS[day.weekday()]}, {day:%d/%m/%Y}"


@dataclass(slots=True)
class _Table:
    """Collects the rows of a table until the calendar can be built."""

    name: tuple[str, str] | None = None
    rest: set[int] = field(default_factory=set)
    sessions: list[Session] = field(default_factory=list)
    hours_basis: str = ""
    years: dict[int, str] = field(default_factory=dict)
    days: dict[date, SpecialDay] = field(default_factory=dict)
    fixed: list[SpecialDay] = field(default_factory=list)
    proposed: list[SpecialDay] = field(default_factory=list)

    def read(self, row: Mapping[str, str]) -> None:
        kind, value, reason, basis = (str(row[column] or "").strip() for column in COLUMNS)
        match RowKind(kind):
            case RowKind.NAME:
                self.name = value, reason
            case RowKind.REST:
                self.rest.add(_WEEKDAY_KEYS.index(value))
            case RowKind.HOURS:
                self._add_session(value, basis=basis)
            case RowKind.YEAR:
                self.years[int(value)] = _required(basis)
            case RowKind.FIXED:
                self.fixed.append(_special(value, reason, basis, is_worked=False))
            case RowKind.PROPOSED:
                self.proposed.append(_special(value, reason, basis, is_worked=False))
            case RowKind.OFF | RowKind.WORK as which:
                self._add_day(_special(value, reason, basis, is_worked=which is RowKind.WORK))

    def _add_session(self, value: str, *, basis: str) -> None:
        session = _session(value)
        if self.sessions and session.opens < self.sessions[-1].closes:
            raise ValueError("các buổi phải theo thứ tự trong ngày.")
        self.sessions.append(session)
        self.hours_basis = basis or self.hours_basis

    def _add_day(self, day: SpecialDay) -> None:
        if day.on in self.days:
            raise ValueError("ngày này đã có ở dòng khác.")
        if day.on.year not in self.years:
            raise ValueError("năm này chưa có dòng “year” ở trên.")
        if day.is_worked and day.on.weekday() not in self.rest:
            raise ValueError("ngày làm bù phải là ngày nghỉ hằng tuần.")
        self.days[day.on] = day

    def calendar(self) -> WorkCalendar:
        if self.name is None:
            raise WrongCalendar(line=1, problem="thiếu dòng “name”.")
        self._must_have_no_gap()
        return WorkCalendar(
            key=self.name[0],
            organisation=self.name[1],
            weekly_rest=frozenset(self.rest),
            sessions=tuple(self.sessions),
            hours_basis=self.hours_basis,
            years=self.years,
            days=self.days,
            fixed=tuple(self.fixed),
            proposed=tuple(self.proposed),
        )

    def _must_have_no_gap(self) -> None:
        """Refuse a table after which some day would have no answer. Raises: WrongCalendar."""
        if not self.sessions:
            raise WrongCalendar(line=1, problem="thiếu giờ làm việc (dòng “hours”).")
        if len(self.rest) == len(_WEEKDAYS):
            raise WrongCalendar(line=1, problem="cả tuần đều nghỉ, không còn ngày làm việc.")
        missing = sorted(set(range(min(self.years, default=0), max(self.years, default=0))) - set(self.years))
        if missing:
            years = ", ".join(map(str, missing))
            problem = f"thiếu năm {years}, nằm giữa các năm đã công bố (dòng “year”)."
            raise WrongCalendar(line=1, problem=problem)


def _special(value: str, reason: str, basis: str, *, is_worked: bool) -> SpecialDay:
    on = date.fromisoformat(value)
    return SpecialDay(on=on, is_worked=is_worked, reason=_required(reason), basis=_required(basis))


def _required(text: str) -> str:
    if not text:
        raise ValueError("thiếu lý do hoặc căn cứ.")
    return text


def _sentence(problem: Exception, row: Mapping[str, str]) -> str:
    known = isinstance(problem, ValueError) and str(problem).endswith(".")
    return str(problem) if known else f"không hiểu “{row.get('kind')}, {row.get('value')}”."


def _days_in_words(days: Sequence[int]) -> str:
    """Return days of the week as people say them, several in a row by the first and the last.

    >>> _days_in_words([0, 1, 2, 3, 4]), _days_in_words([0, 2])
    ('thứ Hai đến thứ Sáu', 'thứ Hai, thứ Tư')
    """
    names = [_WEEKDAYS[day] for day in days]
    in_a_row = len(days) > 2 and days[-1] - days[0] == len(days) - 1
    return f"{names[0]} đến {names[-1]}" if in_a_row else ", ".join(names)


def _is_anniversary(day: date, first: date) -> bool:
    return day >= first and (day.month, day.day) == (first.month, first.day)


def _minutes(moment: time) -> int:
    return moment.hour * 60 + moment.minute

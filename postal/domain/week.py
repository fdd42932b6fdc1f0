"""A proposed week of rounds: which day each thing goes out, what was moved and why, and what does not fit.

It names items, communes and territories, nobody's name or door. It only says on which day a thing is looked at again:
the day's rounds are laid out on their day, and a legal day goes before whatever was put off.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum

from postal.domain.evenness import Evenness
from postal.domain.people import Author
from postal.domain.refusals import Refused


class NothingThisWeek(Refused):
    """A week needs something that waits for a door."""

    code = "nothing_this_week"
    vi = "Chưa có gì chờ đi trong tuần từ {day} trên các tuyến của {place}. Ký nhận túi vừa về rồi lập lại."
    en = "Nothing waits on the territories of {place} in the week from {day}."


class NoWorkingDays(Refused):
    """A week of rounds has at least one working day."""

    code = "no_working_days"
    vi = "Bảy ngày từ {day} đều là ngày nghỉ theo lịch bưu chính. Chọn ngày bắt đầu muộn hơn."
    en = "The seven days from {day} are all days off. Choose a later first day."


class UnknownWeek(Refused):
    """Nobody has proposed this week."""

    code = "unknown_week"
    vi = "Không có phương án tuần này. Mở trang Kế hoạch tuần rồi lập phương án mới."
    en = "There is no such week. Open the week's page and make a new one."


class WeekGone(Refused):
    """A week is accepted while it lies ahead."""

    code = "week_gone"
    vi = "Phương án này bắt đầu từ {day}, đã qua. Lập phương án tuần mới rồi chấp nhận."
    en = "This week began on {day}, which is over. Make a new one and accept that."


class Because(Enum):
    """Why a stop has its day."""

    PROMISED = "promised"
    DUE = "due"
    FIRST = "first"
    KEPT = "kept"
    TOGETHER = "together"
    LEVEL = "level"


BECAUSE_NAMES: dict[Because, str] = {
    Because.PROMISED: "đã hẹn ngày này",
    Because.DUE: "chỉ còn ngày này trước hạn",
    Because.FIRST: "ngày đầu tiên đi được",
    Because.KEPT: "giữ ngày của phương án trước",
    Because.TOGETHER: "đi cùng chuyến với các điểm khác trong khu vực",
    Because.LEVEL: "các ngày trước đã đầy hơn",
}


class Trouble(Enum):
    """Why a date cannot be kept, or a stop is left for later."""

    PAST = "past"
    NOBODY_DRIVES = "nobody_drives"
    PROMISE_TOO_LATE = "promise_too_late"
    PROMISE_IS_OFF = "promise_is_off"
    NO_ROOM = "no_room"


TROUBLE_NAMES: dict[Trouble, str] = {
    Trouble.PAST: "hạn trước ngày đầu của kế hoạch, xếp ngày sớm nhất",
    Trouble.NOBODY_DRIVES: "không có bưu tá đi trong những ngày còn kịp",
    Trouble.PROMISE_TOO_LATE: "ngày đã hẹn sau hạn theo quy định, đi trước hạn",
    Trouble.PROMISE_IS_OFF: "ngày đã hẹn không có bưu tá đi",
    Trouble.NO_ROOM: "chưa đến hạn trong tuần, giờ làm đã đầy",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class PutOff:
    """A thing (item or home pickup) goes out on `day`, not before. `until` was the last day it may go, if any."""

    thing: str
    day: date
    until: date | None
    by: str
    at: datetime
    reason: str

    def hides(self, on: date, *, due_on: date | None) -> bool:
        """Tell whether the thing need not go out on a day yet; what is due by then always goes."""
        return on < self.day and (due_on is None or due_on > on)


@dataclass(frozen=True, kw_only=True, slots=True)
class WeekStop:
    """What goes to one door together, and when: `day` is None when it is left for later.

    `last` is the legal day, `promised` a promised one, `before` the day it had. What cannot be kept has a `trouble` and
    its price: so many more `minutes` on `price_on`.
    """

    things: tuple[str, ...]
    commune: str
    day: date | None
    because: Because | None
    last: date | None = None
    promised: date | None = None
    before: date | None = None
    trouble: Trouble | None = None
    minutes: int = 0
    price_on: date | None = None

    @property
    def is_moved(self) -> bool:
        """Tell whether it has another day than it had."""
        return self.day is not None and self.before is not None and self.day != self.before


@dataclass(frozen=True, kw_only=True, slots=True)
class DayLoad:
    """A day of a round in minutes: the hours there are, the work, of that the ways to far areas."""

    day: date
    hours: int
    work: int
    ways: int
    stops: int
    due: int

    @property
    def percent(self) -> int:
        """How much of the hours is taken, in hundredths; work on a day without hours fills it."""
        return round(100 * self.work / self.hours) if self.hours else 100 * bool(self.work)

    @property
    def over(self) -> int:
        """How many minutes are missing."""
        return max(0, self.work - self.hours)


@dataclass(frozen=True, kw_only=True, slots=True)
class RoundWeek:
    """A territory's week. `postmen` are the accounts that drive it, `least_over` the minutes missing on any days."""

    territory: str
    office: str
    postmen: tuple[str, ...]
    loads: tuple[DayLoad, ...]
    stops: tuple[WeekStop, ...]
    least_over: int


@dataclass(frozen=True, kw_only=True, slots=True)
class DayOff:
    """Somebody said that a round is not driven on a day."""

    territory: str
    day: date


@dataclass(frozen=True, kw_only=True, slots=True)
class WeekPlan:
    """The proposed week of an office, or of `province:48`. `outside` counts what lies outside every round.

    `evenness` is that of the hours between those who drive, over the whole week.
    """

    place: str
    days: tuple[date, ...]
    made_at: datetime
    by: Author
    rounds: tuple[RoundWeek, ...]
    off: tuple[DayOff, ...]
    outside: int
    evenness: Evenness

    @property
    def day_of(self) -> dict[str, WeekStop]:
        """Return by thing the stop it is at, of those that have a day."""
        return {thing: stop for each in self.rounds for stop in each.stops if stop.day for thing in stop.things}

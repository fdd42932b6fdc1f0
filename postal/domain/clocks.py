"""Time limits, pauses, postal legs: when something is due, and why, in sentences with their legal basis.

Clocks never touch each other: a postal leg is neither added to a statutory limit nor taken from it. Nothing here
stores "late": a due date is derived from the budget, the start and the pauses.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import Enum

from postal.domain import calendars
from postal.domain.calendars import WorkCalendar, local, written
from postal.domain.day_index import DayIndex
from postal.domain.refusals import Refused

FORWARD_CUT_OFF = time(15, 0)
"""Papers received after this hour may be forwarded the next morning (NĐ 61/2018 Đ.18.2, kept by NĐ 118/2025)."""

INVITATION_GAP = 2
"""Working days between two invitations to collect (Luật Bưu chính Đ.17.1d; TT 17/2017 Đ.5.2h)."""

SUPPLEMENT_DAYS = 3
"""Working days from reception within which an authority asks for missing papers (NĐ 61/2018 Đ.19.4)."""

INTRA_DAYS, INTER_DAYS = 5, 7
"""Working days for the answer to a complaint inside a province and across (TT 17/2017 Đ.8)."""

_NO_FIRST_DAY = "BLDS 2015 Đ.147.2"
_LAST_DAY_OFF = "BLDS 2015 Đ.148.5"
_FROM_THE_MOMENT = "BLDS 2015 Đ.147.1"
_POSTAL_LEG = "TT 17/2017/TT-BTTTT Đ.7"
_FORWARDING = "NĐ 61/2018 Đ.18.2; NĐ 118/2025"
_COMPLAINT = "TT 17/2017/TT-BTTTT Đ.8"
_PAPER_LEG = "Quy trình của các tỉnh theo NĐ 118/2025 (giấy tờ đến cơ quan giải quyết trong 01 ngày làm việc)"
_SUPPLEMENT = "NĐ 61/2018/NĐ-CP Đ.19.4"
_SAME_DAY = "Quyết định công bố thủ tục: trả trong ngày, nhận sau 15:00 thì trả ngày làm việc tiếp theo"
_LONGEST_LIST = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One sentence of an explanation and what it rests on."""

    text: str
    basis: str = ""


class Unit(Enum):
    """What a limit is counted in."""

    WORKING_DAYS = "working"
    CALENDAR_DAYS = "calendar"
    HOURS = "hours"

    @property
    def label(self) -> str:
        """The word a clerk reads."""
        return _UNIT_LABELS[self]


_UNIT_LABELS = {Unit.WORKING_DAYS: "ngày làm việc", Unit.CALENDAR_DAYS: "ngày", Unit.HOURS: "giờ làm việc"}


class Counting(Enum):
    """How days are counted; each organisation chooses one and shows its basis."""

    CIVIL_CODE = "civil_code"
    """The first day is not counted; due at closing time of the last day."""
    HOURS_PRACTICE = "hours_practice"
    """The habit of one-stop systems: a day is a day's opening hours, due at the same hour as the start."""


COUNTING_NAMES: dict[Counting, str] = {
    Counting.CIVIL_CODE: "Theo ngày của Bộ luật Dân sự",
    Counting.HOURS_PRACTICE: "Theo giờ làm việc, như hệ thống một cửa vẫn tính",
}
"""What an organisation chooses between."""

_COUNTING_TOLD: dict[Counting, str] = {
    Counting.CIVIL_CODE: "không tính ngày bắt đầu, hết hạn khi hết giờ làm việc ngày cuối",
    Counting.HOURS_PRACTICE: "mỗi ngày làm việc là số giờ mở cửa của ngày đó, hết hạn cùng giờ với lúc bắt đầu",
}
_COUNTING_BASIS: dict[Counting, str] = {
    Counting.CIVIL_CODE: "BLDS 2015 Đ.147-148",
    Counting.HOURS_PRACTICE: "Thông lệ của hệ thống một cửa; không phải cách của BLDS 2015",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CountingRule:
    """How an organisation counts: which of the two ways, and its own opening hours, each with its basis.

    `hours` is written `07:30-11:30,13:30-17:00`; empty means those of the calendar. An empty basis is the way's own.
    """

    counting: Counting = Counting.CIVIL_CODE
    basis: str = ""
    hours: str = ""
    hours_basis: str = ""

    def step(self, limit: Limit) -> Step:
        """Return the sentence that says which way of counting it is, and what it rests on.

        A limit in hours is counted in hours by both ways.
        """
        if limit.unit is Unit.HOURS:
            return Step(text="Cách tính: thời hạn theo giờ, chỉ tính giờ mở cửa.", basis=_FROM_THE_MOMENT)
        name = COUNTING_NAMES[self.counting]
        text = f"Cách tính: {name[0].lower()}{name[1:]}, {_COUNTING_TOLD[self.counting]}."
        return Step(text=text, basis=self.basis or _COUNTING_BASIS[self.counting])

    def applied_to(self, calendar: WorkCalendar) -> WorkCalendar:
        """Return the calendar with the organisation's own hours, if it has any."""
        if not self.hours:
            return calendar
        return calendar.with_hours(*calendars.sessions(self.hours), basis=self.hours_basis)


BY_LAW = CountingRule()
"""How days are counted where nobody decided otherwise."""


class PausePolicy(Enum):
    """What a pause does to a limit; a property of the procedure version."""

    RESTART = "restart"
    PAUSE = "pause"
    NONE = "none"


_PAUSE_BASIS = {
    PausePolicy.RESTART: _SUPPLEMENT,
    PausePolicy.PAUSE: "Luật của thủ tục, theo danh mục",
    PausePolicy.NONE: "Luật của thủ tục, theo danh mục",
}
_WHAT_A_PAUSE_DOES = {
    PausePolicy.RESTART: "Đủ bổ sung thì tính lại từ đầu.",
    PausePolicy.PAUSE: "Thời gian này không tính vào thời hạn.",
    PausePolicy.NONE: "Thủ tục này vẫn tính thời gian đó.",
}


class WrongLimit(Refused, ValueError):
    """A limit is at least one of its unit."""

    code = "wrong_limit"
    vi = "Thời hạn {amount} {unit} không tính được: phải từ 1 trở lên. Sửa thời hạn của thủ tục rồi lưu lại."
    en = "A limit of {amount} cannot be counted: it is at least 1."


@dataclass(frozen=True, slots=True)
class Limit:
    """How much time an authority has. Raises: WrongLimit for less than 1."""

    amount: int
    unit: Unit

    def __post_init__(self) -> None:
        if self.amount < 1:
            raise WrongLimit(amount=self.amount, unit=self.unit.label)

    def __str__(self) -> str:
        return f"{self.amount} {self.unit.label}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockStart:
    """The event that sets a clock going, as data: words, basis, and whether somebody has verified it."""

    event: str
    basis: str
    is_verified: bool = True


SIGNED_AT_DESK = ClockStart(event="hai bên ký biên bản giao nhận tại bộ phận Một cửa", basis="QĐ 45/2016/QĐ-TTg Đ.7.4")
"""Reception mode A: the post carries."""

SLIP_ISSUED_BY_POST = ClockStart(
    event="nhân viên bưu điện cấp Giấy tiếp nhận (Mẫu 01)",
    basis="Cấu hình: suy ra từ NĐ 61/2018 Đ.17, chưa xác minh",
    is_verified=False,
)
"""Reception mode B, where the post receives for the authority: only the default of a setting."""

PASSED_ON_BY_POST = ClockStart(
    event="hồ sơ điện tử phải chuyển đến cơ quan (nhận sau 15:00 thì đầu giờ ngày làm việc tiếp theo)",
    basis="Cấu hình: suy ra từ NĐ 61/2018 Đ.18.2, chưa xác minh",
    is_verified=False,
)
"""The other start an authority may choose for reception mode B."""


class PostStart(Enum):
    """What starts the clock where the post receives for the authority; each organisation chooses, with its basis."""

    SLIP = "slip"
    PASSED_ON = "passed_on"


POST_STARTS: dict[PostStart, ClockStart] = {
    PostStart.SLIP: SLIP_ISSUED_BY_POST,
    PostStart.PASSED_ON: PASSED_ON_BY_POST,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """When something is due; `due_at` is an instant in Vietnam's time, `due_on` its day."""

    due_at: datetime
    provisional: bool
    steps: tuple[Step, ...]

    @property
    def due_on(self) -> date:
        """The day in Vietnam on which it is due."""
        return self.due_at.date()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """A stretch in which the clock did not run; open while `until` is None."""

    since: datetime
    until: datetime | None
    reason: str
    basis: str = ""

    def touches(self, day: date) -> bool:
        """Tell whether the clock stood during some part of this day."""
        return local(self.since).date() <= day and (self.until is None or day <= local(self.until).date())


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The clock stands now, so nothing is due: since when, and how much of the limit is used."""

    since: datetime
    used: int
    unit_of_used: str
    steps: tuple[Step, ...]


def start_step(started_at: datetime, start: ClockStart | None) -> Step:
    """Return the sentence that says when a clock started, by what, and on which basis."""
    if start is None:
        return Step(text=f"Bắt đầu lúc {_clock(local(started_at))}.")
    return Step(text=f"Bắt đầu lúc {_clock(local(started_at))}: {start.event}.", basis=start.basis)


def due(
    limit: Limit,
    *,
    started_at: datetime,
    calendar: WorkCalendar,
    counting: Counting = Counting.CIVIL_CODE,
    start: ClockStart | None = None,
) -> Due:
    """Tell when a limit that started at this instant ends.

    Source: BLDS 2015 Đ.147-148; a limit in hours is counted in opening hours.
    """
    answer = due_with_pauses(
        limit,
        started_at=started_at,
        pauses=(),
        policy=PausePolicy.NONE,
        calendar=calendar,
        counting=counting,
        start=start,
    )
    assert isinstance(answer, Due)
    return answer


def due_many(
    asked: Iterable[tuple[Limit, datetime]], *, calendar: WorkCalendar, counting: Counting = Counting.CIVIL_CODE
) -> list[tuple[datetime, bool]]:
    """Tell for very many limits and starts when each ends, and whether that is provisional; `due` without its steps.

    For a whole catalogue or a month of dossiers: each day of the calendar is counted once.
    """
    index: DayIndex | None = None
    published, a_day = _Published(calendar), calendar.minutes_a_day
    found = []
    for limit, started_at in asked:
        start = local(started_at)
        day = start.date()
        if index is None or not index.reaches_back_to(day):
            index = DayIndex(calendar, first=day.replace(month=1, day=1))
        due_at = _due_at(index, limit, start, day, counting=counting, minutes_a_day=a_day)
        found.append((due_at, published.is_provisional(day.year, due_at.year)))
    return found


def _due_at(
    index: DayIndex, limit: Limit, start: datetime, day: date, *, counting: Counting, minutes_a_day: int
) -> datetime:
    """Return when a limit ends that started at this local time on this day."""
    amount, unit = limit.amount, limit.unit
    if unit is Unit.HOURS:
        return index.after_minutes(start, amount * 60)
    last = day.toordinal() + amount
    if counting is Counting.CIVIL_CODE:
        return index.close_after(day, amount) if unit is Unit.WORKING_DAYS else index.close_on_or_after(last)
    days = amount if unit is Unit.WORKING_DAYS else max(1, index.working_days_between(day, last))
    return index.after_minutes(start, days * minutes_a_day)


class _Published:
    """Whether all years between two are published, asked once for each pair."""

    def __init__(self, calendar: WorkCalendar) -> None:
        self._calendar = calendar
        self._known: dict[tuple[int, int], bool] = {}

    def is_provisional(self, first: int, last: int) -> bool:
        pair = (first, last)
        if pair not in self._known:
            self._known[pair] = bool(self._calendar.unpublished_years(date(first, 1, 1), date(last, 1, 1)))
        return self._known[pair]


def due_with_pauses(
    limit: Limit,
    *,
    started_at: datetime,
    pauses: Sequence[Pause],
    policy: PausePolicy,
    calendar: WorkCalendar,
    counting: Counting = Counting.CIVIL_CODE,
    start: ClockStart | None = None,
) -> Due | Standing:
    """Tell when a limit ends although the clock may have stood in between, for example for a supplement.

    `pauses` are in order and do not overlap. RESTART counts the whole limit again from the end of the last pause, PAUSE
    leaves out every day (or minute, for hours) of the pauses, NONE ignores them.

    A day on which a pause begins or ends is left out whole; that is a reading of ours, so the steps name the days.

    Source: RESTART NĐ 61/2018 Đ.19.4; PAUSE per procedure, where its own law says so.
    """
    _must_be_in_order(started_at, pauses)
    steps = [start_step(started_at, start), *(pause_step(pause, policy) for pause in pauses)]
    since = started_at
    if policy is PausePolicy.RESTART and pauses:
        if pauses[-1].until is None:
            return _standing(limit, pauses[-1], used=0, steps=steps)
        since = pauses[-1].until
    left_out = pauses if policy is PausePolicy.PAUSE else ()
    count = _count_days if _is_in_days(limit, counting) else _count_minutes
    return count(limit, since, left_out, calendar, steps)


def forward_by(received_at: datetime, *, calendar: WorkCalendar, cut_off: time = FORWARD_CUT_OFF) -> Due:
    """Tell by when received papers must be passed on; this duty never moves the statutory limit.

    The same working day, or the opening of the next one if received after `cut_off`.

    Source: NĐ 61/2018 Đ.18.2-3, kept by the procedures under NĐ 118/2025.
    """
    received = local(received_at)
    if _is_in_time(received, calendar, cut_off):
        text = f"Nhận lúc {_instant(received)}, không sau {cut_off:%H:%M}: chuyển ngay trong ngày làm việc."
        return _settled(calendar.closes_at(received.date()), received, calendar, [Step(text=text, basis=_FORWARDING)])
    due_at = calendar.opens_at(calendar.next_working_day(received.date()))
    text = (
        f"Nhận lúc {_instant(received)}, {_why_not_today(received, calendar, cut_off)}: chuyển đầu {written(due_at)}."
    )
    return _settled(due_at, received, calendar, [Step(text=text, basis=_FORWARDING)])


def same_day(received_at: datetime, *, calendar: WorkCalendar, cut_off: time = FORWARD_CUT_OFF) -> Due:
    """Tell when a same-day procedure is due: that working day, or the next one if received after `cut_off`."""
    received = local(received_at)
    if _is_in_time(received, calendar, cut_off):
        day, text = received.date(), f"Nhận lúc {_instant(received)}, không sau {cut_off:%H:%M}: trả trong ngày."
    else:
        day = calendar.next_working_day(received.date())
        why = _why_not_today(received, calendar, cut_off)
        text = f"Nhận lúc {_instant(received)}, {why}: trả trong {written(day)}."
    steps = [Step(text=text, basis=_SAME_DAY), _closing_step(calendar, day)]
    return _settled(calendar.closes_at(day), received, calendar, steps)


def postal_leg(
    tier_days: int,
    *,
    accepted_at: datetime,
    cutoff: time | None,
    calendar: WorkCalendar,
    cutoff_moves_j: bool = False,
    basis: str = _POSTAL_LEG,
) -> Due:
    """Tell by when the post must arrive: J+n working days, where J is the day on the slip.

    Handing in after the office's last trip leaves J as it is, unless the lane is configured otherwise.

    Source: TT 17/2017/TT-BTTTT Đ.7.
    """
    accepted = local(accepted_at)
    steps = [Step(text=f"J là ngày ghi trên Phiếu gửi: {written(accepted.date())}.", basis=basis)]
    j_day = accepted.date()
    if cutoff is not None and accepted.time() > cutoff:
        j_day = calendar.next_working_day(j_day) if cutoff_moves_j else j_day
        steps.append(_after_cutoff_step(cutoff, j_day, moves=cutoff_moves_j))
    due_on = calendar.add_working_days(j_day, tier_days) if tier_days else calendar.first_working_day(j_day)
    steps.append(Step(text=f"J+{tier_days}: {tier_days} ngày làm việc sau ngày J là {written(due_on)}.", basis=basis))
    steps += _special_steps(calendar, j_day, due_on)
    return _settled(calendar.closes_at(due_on), accepted, calendar, [*steps, _closing_step(calendar, due_on)])


def second_invitation_from(first_on: date, calendar: WorkCalendar) -> date:
    """Return the first day on which a second invitation to collect counts.

    Source: Luật Bưu chính Đ.17.1d; TT 17/2017/TT-BTTTT Đ.5.2h, "cách nhau 02 ngày làm việc".
    """
    return calendar.add_working_days(first_on, INVITATION_GAP)


def held_until(first_on: date, calendar: WorkCalendar) -> date:
    """Return until when what waits at an office is kept if nobody says otherwise: as long after the second invitation
    as that comes after the first (Luật Bưu chính Đ.17.1d)."""
    return second_invitation_from(second_invitation_from(first_on, calendar), calendar)


def apology_by(due_on: date, calendar: WorkCalendar, *, not_before: date | None = None) -> date:
    """Return the last day for an apology with a new date: one working day before the due day.

    It is never `not_before`, the day the clock started: nobody apologises for what was not received yet.

    Source: NĐ 61/2018 Đ.19.9.
    """
    last = calendar.previous_working_day(due_on)
    return max(last, not_before) if not_before else last


def start_by_post(
    way: PostStart, *, received_at: datetime, calendar: WorkCalendar, basis: str = ""
) -> tuple[datetime, ClockStart]:
    """Return when the clock starts where the post receives for the authority, and what says so.

    `basis` is the authority's own decision; without one the start says that nobody has verified it.
    """
    start = POST_STARTS[way]
    if basis:
        start = replace(start, basis=f"{basis} (do cơ quan tiếp nhận đặt)", is_verified=True)
    if way is PostStart.SLIP:
        return received_at, start
    received = local(received_at)
    if _is_in_time(received, calendar, FORWARD_CUT_OFF):
        return received_at, start
    return calendar.opens_at(calendar.next_working_day(received.date())), start


def complaint_answer(received_at: datetime, *, is_across: bool, calendar: WorkCalendar) -> Due:
    """Tell by when the post answers a complaint: five working days inside a province, seven across.

    Source: TT 17/2017/TT-BTTTT Đ.8.
    """
    days, where = (INTER_DAYS, "liên tỉnh") if is_across else (INTRA_DAYS, "trong tỉnh")
    first = local(received_at).date()
    due_on = calendar.add_working_days(first, days)
    steps = [Step(text=f"Nhận khiếu nại {written(first)}, {where}: {days} ngày làm việc.", basis=_COMPLAINT)]
    steps += _special_steps(calendar, first, due_on)
    return _settled(calendar.closes_at(due_on), received_at, calendar, [*steps, _closing_step(calendar, due_on)])


def paper_leg(received_at: datetime, *, calendar: WorkCalendar) -> Due:
    """Tell by when the papers are with the competent body: one working day after reception, inside the limit.

    Source: the procedures of the provinces under NĐ 118/2025.
    """
    first = local(received_at).date()
    due_on = calendar.add_working_days(first, 1)
    text = f"Giấy tờ đến cơ quan giải quyết trong 01 ngày làm việc từ {written(first)}, nằm trong thời hạn giải quyết."
    steps = [Step(text=text, basis=_PAPER_LEG), *_special_steps(calendar, first, due_on)]
    return _settled(calendar.closes_at(due_on), received_at, calendar, [*steps, _closing_step(calendar, due_on)])


def supplement_by(received_at: datetime, *, calendar: WorkCalendar) -> Due:
    """Tell by when an authority asks for missing papers: three working days after reception.

    Source: NĐ 61/2018 Đ.19.4.
    """
    first = local(received_at).date()
    due_on = calendar.add_working_days(first, SUPPLEMENT_DAYS)
    text = f"Yêu cầu bổ sung trong 0{SUPPLEMENT_DAYS} ngày làm việc từ ngày tiếp nhận {written(first)}."
    steps = [Step(text=text, basis=_SUPPLEMENT), *_special_steps(calendar, first, due_on)]
    return _settled(calendar.closes_at(due_on), received_at, calendar, [*steps, _closing_step(calendar, due_on)])


def slip_relay(
    out_days: int,
    back_days: int,
    *,
    accepted_at: datetime,
    given_at: datetime,
    calendar: WorkCalendar,
    basis: str = _POSTAL_LEG,
) -> Due:
    """Tell by when the post brings the slip of the desk to the citizen: both ways together, counted from J.

    The table of the circular gives twice the tier; where the two ways have different lanes it is their sum. Where the
    authority gave the slip later than the way out allows, the post has the way back from that day; that is a reading
    of ours, so the steps name both days.

    Source: TT 17/2017/TT-BTTTT Đ.7.
    """
    j_day, given_on = local(accepted_at).date(), local(given_at).date()
    both = calendar.add_working_days(j_day, out_days + back_days)
    back = calendar.add_working_days(given_on, back_days)
    due_on = max(both, back)
    steps = [Step(text=f"J+{out_days + back_days}, cả chuyển đi và phát giấy hẹn, là {written(both)}.", basis=basis)]
    if back > both:
        text = f"Cơ quan giao giấy hẹn {written(given_on)}: {back_days} ngày làm việc từ ngày đó là {written(back)}."
        steps.append(Step(text=text, basis="Cách hiểu của phần mềm: thời gian của cơ quan không tính cho bưu điện"))
    return _settled(calendar.closes_at(due_on), accepted_at, calendar, [*steps, _closing_step(calendar, due_on)])


def _is_in_days(limit: Limit, counting: Counting) -> bool:
    return limit.unit is not Unit.HOURS and counting is Counting.CIVIL_CODE


def _count_days(
    limit: Limit, since: datetime, pauses: Sequence[Pause], calendar: WorkCalendar, opening: list[Step]
) -> Due | Standing:
    first = local(since).date()
    counted: list[date] = []
    day = first
    while len(counted) < limit.amount:
        day += timedelta(days=1)
        stopped = next((pause for pause in pauses if pause.touches(day)), None)
        if stopped and stopped.until is None:
            return _standing(limit, stopped, used=len(counted), steps=opening)
        if not stopped and (limit.unit is Unit.CALENDAR_DAYS or calendar.is_working_day(day)):
            counted.append(day)
    due_on = calendar.first_working_day(day)
    while stopped := next((pause for pause in pauses if due_on != day and pause.touches(due_on)), None):
        if stopped.until is None:
            return _standing(limit, stopped, used=len(counted), steps=opening)
        due_on = calendar.next_working_day(due_on)
    steps = [*opening, Step(text="Ngày bắt đầu không tính.", basis=_NO_FIRST_DAY), _count_step(limit, counted)]
    if due_on != day:
        text = f"Ngày cuối {written(day)} là ngày nghỉ: chuyển sang ngày làm việc tiếp theo, {written(due_on)}."
        steps.append(Step(text=text, basis=_LAST_DAY_OFF))
    steps += _special_steps(calendar, first, due_on)
    return _settled(calendar.closes_at(due_on), since, calendar, [*steps, _closing_step(calendar, due_on)])


def _count_minutes(
    limit: Limit, since: datetime, pauses: Sequence[Pause], calendar: WorkCalendar, opening: list[Step]
) -> Due | Standing:
    total, explained = _budget(limit, since, calendar)
    left, begins = total, since
    for pause in pauses:
        ran = calendar.working_minutes(begins, pause.since)
        if ran >= left:
            break
        left -= ran
        if pause.until is None:
            return _standing(limit, pause, used=total - left, steps=opening, unit_of_used="phút làm việc")
        begins = pause.until
    due_at = calendar.add_working_minutes(begins, left)
    steps = [*opening, explained, _hours_step(calendar)]
    steps += _special_steps(calendar, local(since).date(), due_at.date())
    steps.append(Step(text=f"Đến hạn lúc {_clock(due_at)}."))
    return _settled(due_at, since, calendar, steps)


def _budget(limit: Limit, since: datetime, calendar: WorkCalendar) -> tuple[int, Step]:
    """Return a limit in minutes of opening hours."""
    if limit.unit is Unit.HOURS:
        return limit.amount * 60, Step(text=f"Tính {limit} từ thời điểm bắt đầu.", basis=_FROM_THE_MOMENT)
    days = limit.amount
    if limit.unit is Unit.CALENDAR_DAYS:
        start = local(since).date()
        days = max(1, calendar.working_days_between(start, start + timedelta(days=days)))
    text = f"{limit}: mỗi ngày làm việc tính {_hours(calendar.minutes_a_day)}, cùng giờ với lúc bắt đầu."
    basis = "Cách tính của hệ thống một cửa, không phải cách của BLDS 2015"
    return days * calendar.minutes_a_day, Step(text=text, basis=basis)


def _hours(minutes: int) -> str:
    """Write minutes as hours and minutes.

    >>> _hours(450), _hours(480)
    ('7 giờ 30 phút', '8 giờ')
    """
    hours, rest = divmod(minutes, 60)
    return f"{hours} giờ {rest} phút" if rest else f"{hours} giờ"


def _settled(due_at: datetime, started_at: datetime, calendar: WorkCalendar, steps: Iterable[Step]) -> Due:
    """Close an answer, adding the warning for years whose days off nobody has published."""
    unpublished = calendar.unpublished_years(local(started_at).date(), due_at.date())
    warnings = [Step(text=f"Lịch năm {year} chưa công bố - hạn tạm tính.") for year in unpublished]
    return Due(due_at=due_at, provisional=bool(unpublished), steps=(*steps, *warnings))


def _standing(limit: Limit, pause: Pause, *, used: int, steps: Sequence[Step], unit_of_used: str = "") -> Standing:
    unit = unit_of_used or limit.unit.label
    last = Step(text=f"Đồng hồ đang dừng, đã dùng {used} {unit} trong {limit}.")
    return Standing(since=pause.since, used=used, unit_of_used=unit, steps=(*steps, last))


def _must_be_in_order(started_at: datetime, pauses: Sequence[Pause]) -> None:
    reached = started_at
    for place, pause in enumerate(pauses, start=1):
        is_last = place == len(pauses)
        if pause.since < reached or (pause.until is None and not is_last):
            raise ValueError("pauses must be in order, and only the last may be open")
        reached = pause.until or pause.since
        if reached < pause.since:
            raise ValueError("a pause cannot end before it begins")


def pause_step(pause: Pause, policy: PausePolicy) -> Step:
    """Return the sentence that says from when to when a clock stood, why, and what that does to the limit."""
    until = f"đến {_clock(local(pause.until))}" if pause.until else "đến nay"
    text = f"Dừng từ {_clock(local(pause.since))} {until}: {pause.reason}. {_WHAT_A_PAUSE_DOES[policy]}"
    return Step(text=text, basis=pause.basis or _PAUSE_BASIS[policy])


def _count_step(limit: Limit, counted: Sequence[date]) -> Step:
    if limit.unit is Unit.WORKING_DAYS and limit.amount <= _LONGEST_LIST:
        days = ", ".join(f"{day:%d/%m} ({place})" for place, day in enumerate(counted, start=1))
        return Step(text=f"Đếm {limit}: {days}.", basis=_NO_FIRST_DAY)
    return Step(text=f"Đếm {limit} từ {written(counted[0])} đến {written(counted[-1])}.", basis=_NO_FIRST_DAY)


def _special_steps(calendar: WorkCalendar, first: date, last: date) -> list[Step]:
    return [
        Step(text=f"{_capital(written(day.on))} {_does(day.is_worked)}: {day.reason}.", basis=day.basis)
        for day in calendar.special_days_between(first, last)
    ]


def _does(is_worked: bool) -> str:  # noqa: FBT001 - the one argument of a two-word table
    return "làm việc" if is_worked else "nghỉ"


def _closing_step(calendar: WorkCalendar, day: date) -> Step:
    return Step(text=f"Đến hạn lúc hết giờ làm việc, {_clock(calendar.closes_at(day))}.", basis=calendar.hours_basis)


def _hours_step(calendar: WorkCalendar) -> Step:
    sessions = " và ".join(f"{session.opens:%H:%M}-{session.closes:%H:%M}" for session in calendar.sessions)
    return Step(text=f"Chỉ tính giờ làm việc {sessions}.", basis=calendar.hours_basis)


def _after_cutoff_step(cutoff: time, j_day: date, *, moves: bool) -> Step:
    if moves:
        return Step(text=f"Nhận sau giờ đóng chuyến {cutoff:%H:%M}: J là {written(j_day)}.", basis="Cấu hình của tuyến")
    text = f"Nhận sau giờ đóng chuyến {cutoff:%H:%M}: J vẫn là ngày ghi trên Phiếu gửi."
    return Step(text=text, basis=_POSTAL_LEG)


def _is_in_time(received: datetime, calendar: WorkCalendar, cut_off: time) -> bool:
    return calendar.is_working_day(received.date()) and received.time() <= cut_off


def _why_not_today(received: datetime, calendar: WorkCalendar, cut_off: time) -> str:
    if calendar.is_working_day(received.date()):
        return f"sau {cut_off:%H:%M}"
    return "là ngày nghỉ"


def _clock(at: datetime) -> str:
    return f"{at:%H:%M} {written(at.date())}"


def _instant(at: datetime) -> str:
    """Write a time to the second where a second decides: 15:00:01 is after 15:00."""
    return f"{at:%H:%M:%S} {written(at.date())}" if at.second else _clock(at)


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]

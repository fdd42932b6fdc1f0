"""The clocks of a dossier as ledgers: what each may use, when it ran and when it stood, and why; due dates follow.

Nothing here is stored: a ledger is read out of what happened and of the calendar of whoever answers for it. No clock
takes from another, and none says "late" but by comparing its due date with an instant.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from postal.domain import calendars, clocks
from postal.domain.calendars import WorkCalendar
from postal.domain.clocks import (
    BY_LAW,
    SIGNED_AT_DESK,
    ClockStart,
    Counting,
    Due,
    Pause,
    PausePolicy,
    Standing,
    Step,
    Unit,
)
from postal.domain.dossier import Dossier, Extension
from postal.domain.events import ReceptionMode

_APOLOGY = "NĐ 61/2018/NĐ-CP Đ.19.9; Mẫu 04"


class ClockKind(Enum):
    """The clocks there are; each is explained and none is mixed with another (domain.md 10)."""

    STATUTORY = "statutory"
    LEG_OUT = "leg_out"
    LEG_SUPPLEMENT = "leg_supplement"
    LEG_BACK = "leg_back"
    LEG_RETURNED = "leg_returned"
    LEG_RECOVERED = "leg_recovered"
    SLIP_RELAY = "slip_relay"
    PAPER_LEG = "paper_leg"
    SUPPLEMENT_REQUEST = "supplement_request"
    INVITATIONS = "invitations"
    COMPLAINT_ANSWER = "complaint_answer"
    APOLOGY = "apology"


class Keeper(Enum):
    """Whose calendar a clock runs by."""

    STATE = "state"
    POST = "post"


KEEPER_NAMES: dict[Keeper, str] = {
    Keeper.STATE: "Lịch của cơ quan nhà nước",
    Keeper.POST: "Lịch của bưu điện",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class ClockRule:
    """What a clock is: what sets it going, what ends it, whose calendar it runs by, and on what it rests."""

    name: str
    starts: str
    ends: str
    keeper: Keeper
    basis: str


_LEG = "TT 17/2017/TT-BTTTT Đ.7"

RULES: dict[ClockKind, ClockRule] = {
    ClockKind.STATUTORY: ClockRule(
        name="Thời hạn giải quyết của cơ quan",
        starts="hai bên ký biên bản giao nhận tại Một cửa; bưu điện tiếp nhận thay thì theo mốc cơ quan đặt",
        ends="có kết quả, từ chối, dừng hoặc người dân rút hồ sơ",
        keeper=Keeper.STATE,
        basis="Quyết định công bố thủ tục; BLDS 2015 Đ.147-148; QĐ 45/2016/QĐ-TTg Đ.7.4",
    ),
    ClockKind.LEG_OUT: ClockRule(
        name="Chuyển hồ sơ đến cơ quan",
        starts="ngày ghi trên Phiếu gửi (J)",
        ends="cơ quan ký nhận",
        keeper=Keeper.POST,
        basis=_LEG,
    ),
    ClockKind.LEG_SUPPLEMENT: ClockRule(
        name="Chuyển giấy tờ bổ sung",
        starts="ngày ghi trên Phiếu gửi của giấy tờ bổ sung (J)",
        ends="cơ quan ký nhận",
        keeper=Keeper.POST,
        basis=_LEG,
    ),
    ClockKind.LEG_BACK: ClockRule(
        name="Chuyển kết quả về",
        starts="bưu điện ký nhận kết quả từ cơ quan (J)",
        ends="phát lần đầu, hoặc báo người dân đến nhận",
        keeper=Keeper.POST,
        basis=_LEG,
    ),
    ClockKind.LEG_RETURNED: ClockRule(
        name="Chuyển trả giấy tờ cho người dân",
        starts="bưu điện ký nhận giấy tờ từ cơ quan (J)",
        ends="phát lần đầu, hoặc báo người dân đến nhận",
        keeper=Keeper.POST,
        basis=_LEG,
    ),
    ClockKind.LEG_RECOVERED: ClockRule(
        name="Chuyển giấy tờ thu hồi về cơ quan",
        starts="ngày lập bì giấy tờ thu hồi (J)",
        ends="cơ quan ký nhận",
        keeper=Keeper.POST,
        basis=_LEG,
    ),
    ClockKind.SLIP_RELAY: ClockRule(
        name="Phát giấy hẹn",
        starts="ngày ghi trên Phiếu gửi (J)",
        ends="người dân nhận giấy hẹn",
        keeper=Keeper.POST,
        basis=f"{_LEG} (có phát giấy hẹn: cả hai chiều)",
    ),
    ClockKind.PAPER_LEG: ClockRule(
        name="Giấy tờ từ Một cửa đến cơ quan giải quyết",
        starts="Một cửa tiếp nhận",
        ends="cơ quan giải quyết giữ giấy tờ, hoặc bắt đầu giải quyết",
        keeper=Keeper.STATE,
        basis="Quy trình của các tỉnh theo NĐ 118/2025: 01 ngày làm việc, nằm trong thời hạn giải quyết",
    ),
    ClockKind.SUPPLEMENT_REQUEST: ClockRule(
        name="Yêu cầu bổ sung",
        starts="cơ quan tiếp nhận",
        ends="cơ quan yêu cầu bổ sung (Mẫu 02)",
        keeper=Keeper.STATE,
        basis="NĐ 61/2018/NĐ-CP Đ.19.4: không quá 03 ngày làm việc",
    ),
    ClockKind.INVITATIONS: ClockRule(
        name="Mời đến nhận",
        starts="lần mời thứ nhất",
        ends="người dân nhận, hoặc chuyển trả cơ quan sau hai lần mời",
        keeper=Keeper.POST,
        basis="Luật Bưu chính Đ.17.1d; TT 17/2017/TT-BTTTT Đ.5.2h: cách nhau 02 ngày làm việc",
    ),
    ClockKind.COMPLAINT_ANSWER: ClockRule(
        name="Trả lời khiếu nại",
        starts="bưu điện nhận khiếu nại",
        ends="bưu điện trả lời",
        keeper=Keeper.POST,
        basis="TT 17/2017/TT-BTTTT Đ.8: 05 ngày làm việc trong tỉnh, 07 ngày liên tỉnh",
    ),
    ClockKind.APOLOGY: ClockRule(
        name="Xin lỗi và hẹn lại",
        starts="có ngày hẹn trả",
        ends="người đứng đầu ký văn bản xin lỗi (Mẫu 04), một lần",
        keeper=Keeper.STATE,
        basis="NĐ 61/2018/NĐ-CP Đ.19.9: chậm nhất 01 ngày làm việc trước ngày hẹn",
    ),
}
"""Every clock, complete over the enum."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """A stretch of a clock: running or standing, and why. `until` is None while it lasts.

    `minutes` are working minutes of the clock's calendar. A running span that does not `counts` was begun anew later.
    """

    since: datetime
    until: datetime | None
    is_running: bool
    reason: str
    minutes: int
    basis: str = ""
    counts: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class ClockLedger:
    """A clock of a dossier: its budget, its spans in order, when it is due and when it ended.

    `about` is the envelope, or the record of a complaint, it is about; empty for the dossier. `due_at` is None while it
    stands or nobody knows it.
    A limit in days is kept on its last day until midnight (BLDS 2015 Đ.148.6); `to_the_minute` is one counted in hours.
    """

    kind: ClockKind
    budget: str
    spans: tuple[Span, ...]
    due_at: datetime | None
    provisional: bool
    ended_at: datetime | None
    steps: tuple[Step, ...]
    about: str = ""
    to_the_minute: bool = False

    @property
    def rule(self) -> ClockRule:
        """Return what this clock is."""
        return RULES[self.kind]

    @property
    def is_standing(self) -> bool:
        """Tell whether the clock stands now."""
        return self.ended_at is None and bool(self.spans) and not self.spans[-1].is_running

    @property
    def used_minutes(self) -> int:
        """Return how many working minutes of the budget were used."""
        return sum(span.minutes for span in self.spans if span.is_running and span.counts)

    def is_late(self, *, at: datetime) -> bool:
        """Tell whether it ended, or still runs, after it was due: after its last day, or after the very minute."""
        if self.due_at is None:
            return False
        reached, due_at = calendars.local(self.ended_at or at), calendars.local(self.due_at)
        return reached > due_at if self.to_the_minute else reached.date() > due_at.date()


# --- the statutory limit ----------------------------------------------------------------------------------------------


def lawful(dossier: Dossier, *, same_day: bool, calendar: WorkCalendar) -> Due | Standing | None:
    """Return when the authority must be done by law, from the limit, the start and the pauses; None when unknown.

    `calendar` is the state's; the desk's own hours and way of counting, as they were at reception, come on top.
    """
    if dossier.started_at is None or (dossier.limit is None and not same_day):
        return None
    rule = dossier.rule or BY_LAW
    hours = rule.applied_to(calendar)
    if same_day:
        return _same_day(dossier, calendar=hours)
    assert dossier.limit is not None
    answer = clocks.due_with_pauses(
        dossier.limit,
        started_at=dossier.started_at,
        pauses=pauses(dossier),
        policy=dossier.policy or PausePolicy.NONE,
        calendar=hours,
        counting=rule.counting,
        start=start_of(dossier),
    )
    if isinstance(answer, Standing) and dossier.clock_ended_at is not None:
        text = (
            f"Hồ sơ kết thúc khi đồng hồ đang dừng, đã dùng {answer.used} {answer.unit_of_used} trong {dossier.limit}."
        )
        answer = replace(answer, steps=(*answer.steps[:-1], Step(text=text)))
    first, *rest = answer.steps
    return replace(answer, steps=(first, rule.step(dossier.limit), *rest))


def in_force(dossier: Dossier, by_law: Due | Standing | None, *, calendar: WorkCalendar) -> Due | Standing | None:
    """Return when the authority must be done after the one new day it may have named with an apology.

    Papers asked for later move that day on, or begin the limit anew, as the procedure says.

    Source: NĐ 61/2018 Đ.19.9.
    """
    extension = dossier.extension
    if extension is None:
        return by_law
    by_law = by_law or Due(due_at=calendars.local(extension.was_due_at), provisional=False, steps=())
    later = [pause for pause in pauses(dossier) if pause.since >= extension.signed_at]
    if later and later[-1].until is None:
        return _standing_again(by_law, later[-1], extension)
    if later and dossier.policy is PausePolicy.RESTART:
        return by_law
    return _extended(by_law, extension, later, calendar=calendar)


def pauses(dossier: Dossier) -> tuple[Pause, ...]:
    """Return the pauses of a dossier as far as its clock ran: what stood before the start did not stop it.

    The start may lie ahead of what was done: where the post receives after 15:00, on the next working morning.
    """
    if dossier.started_at is None:
        return ()
    reached, found = dossier.started_at, list[Pause]()
    for pause in dossier.pauses:
        if pause.until is not None and pause.until <= reached:
            continue
        found.append(replace(pause, since=max(pause.since, reached)))
        reached = pause.until or reached
    return tuple(found)


def start_of(dossier: Dossier) -> ClockStart:
    """Return what set the statutory clock going, in words, with the basis that was recorded."""
    if dossier.start_basis == SIGNED_AT_DESK.basis:
        return SIGNED_AT_DESK
    is_by_post = dossier.mode is ReceptionMode.B
    event = "bưu điện tiếp nhận thay cơ quan" if is_by_post else "Một cửa ghi nhận tiếp nhận"
    return ClockStart(event=event, basis=dossier.start_basis, is_verified="chưa xác minh" not in dossier.start_basis)


def statutory(dossier: Dossier, *, same_day: bool, calendar: WorkCalendar, at: datetime) -> ClockLedger | None:
    """Return the authority's clock with its spans; None before reception and where nobody knows the limit."""
    by_law = lawful(dossier, same_day=same_day, calendar=calendar)
    answer = in_force(dossier, by_law, calendar=calendar)
    if answer is None or dossier.started_at is None:
        return None
    return ClockLedger(
        kind=ClockKind.STATUTORY,
        budget="trong ngày" if same_day else str(dossier.limit),
        spans=_statutory_spans(dossier, calendar=(dossier.rule or BY_LAW).applied_to(calendar), at=at),
        due_at=answer.due_at if isinstance(answer, Due) else None,
        provisional=isinstance(answer, Due) and answer.provisional,
        ended_at=dossier.clock_ended_at,
        steps=answer.steps,
        to_the_minute=answer is by_law and not same_day and is_in_hours(dossier),
    )


def is_in_hours(dossier: Dossier) -> bool:
    """Tell whether the limit is counted in working hours, and so is over at a minute of its last day."""
    counts_hours = (dossier.rule or BY_LAW).counting is Counting.HOURS_PRACTICE
    return counts_hours or (dossier.limit is not None and dossier.limit.unit is Unit.HOURS)


def _same_day(dossier: Dossier, *, calendar: WorkCalendar) -> Due | Standing:
    """Return when a same-day procedure is due: on the day on which the last missing paper came."""
    assert dossier.started_at is not None
    stood = pauses(dossier)
    steps = [clocks.start_step(dossier.started_at, start_of(dossier))]
    steps += [clocks.pause_step(pause, dossier.policy or PausePolicy.NONE) for pause in stood]
    if stood and stood[-1].until is None:
        return Standing(since=stood[-1].since, used=0, unit_of_used="ngày", steps=tuple(steps))
    since = stood[-1].until if stood and stood[-1].until else dossier.started_at
    answer = clocks.same_day(since, calendar=calendar)
    return replace(answer, steps=(*steps, *answer.steps))


def _standing_again(by_law: Due | Standing, pause: Pause, extension: Extension) -> Standing:
    if isinstance(by_law, Standing):
        return by_law
    text = f"Đã hẹn lại {_day(extension.due_at)}; đồng hồ đang dừng: {pause.reason}."
    steps = (*by_law.steps, Step(text=text, basis=_APOLOGY))
    return Standing(since=pause.since, used=0, unit_of_used="ngày làm việc", steps=steps)


def _extended(
    by_law: Due | Standing, extension: Extension, later: Sequence[Pause], *, calendar: WorkCalendar
) -> Due | Standing:
    if isinstance(by_law, Standing):
        return by_law
    text = f"Cơ quan xin lỗi lúc {_clock(extension.signed_at)} và hẹn lại {_day(extension.due_at)}, "
    steps = [Step(text=f"{text}thay cho {_day(extension.was_due_at)}.", basis=_APOLOGY)]
    due_at = calendars.local(extension.due_at)
    left_out = sum(_days_left_out(pause, calendar) for pause in later)
    if left_out:
        moved = calendar.add_working_days(due_at.date(), left_out)
        due_at = datetime.combine(moved, due_at.timetz())
        steps.append(Step(text=f"Sau đó đồng hồ dừng {left_out} ngày làm việc: hạn là {calendars.written(moved)}."))
    is_unpublished = bool(calendar.unpublished_years(due_at.date(), due_at.date()))
    return replace(by_law, due_at=due_at, provisional=is_unpublished, steps=(*by_law.steps, *steps))


def _days_left_out(pause: Pause, calendar: WorkCalendar) -> int:
    """Return the working days of which some part was paused."""
    first, last = calendars.local(pause.since).date(), calendars.local(pause.until or pause.since).date()
    return calendar.working_days_between(first - timedelta(days=1), last)


def _statutory_spans(dossier: Dossier, *, calendar: WorkCalendar, at: datetime) -> tuple[Span, ...]:
    assert dossier.started_at is not None
    ended = dossier.clock_ended_at
    restarts = dossier.policy is PausePolicy.RESTART
    spans: list[Span] = []
    since, reason = dossier.started_at, start_of(dossier).event
    for pause in pauses(dossier):
        is_undone = restarts and pause.until is not None
        spans.append(_span(since, pause.since, reason=reason, calendar=calendar, counts=not is_undone))
        until = pause.until or ended
        spans.append(_span(pause.since, until, reason=pause.reason, calendar=calendar, at=at, is_running=False))
        if until is None or pause.until is None:
            return tuple(spans)
        since, reason = until, "đủ bổ sung, tính lại từ đầu" if restarts else "tính tiếp"
    return (*spans, _span(since, ended, reason=reason, calendar=calendar, at=at))


def _span(
    since: datetime,
    until: datetime | None,
    *,
    reason: str,
    calendar: WorkCalendar,
    at: datetime | None = None,
    is_running: bool = True,
    counts: bool = True,
) -> Span:
    end = until or at or since
    minutes = calendar.working_minutes(since, end)
    return Span(since=since, until=until, is_running=is_running, reason=reason, minutes=minutes, counts=counts)


# --- the others -------------------------------------------------------------------------------------------------------


def running(
    kind: ClockKind,
    due: Due,
    *,
    budget: str,
    started_at: datetime,
    ended_at: datetime | None,
    calendar: WorkCalendar,
    at: datetime,
    about: str = "",
) -> ClockLedger:
    """Return a clock that never stands: one span from its start to its end, or to now."""
    return ClockLedger(
        kind=kind,
        budget=budget,
        spans=(_span(started_at, ended_at, reason=RULES[kind].starts, calendar=calendar, at=at),),
        due_at=due.due_at,
        provisional=due.provisional,
        ended_at=ended_at,
        steps=due.steps,
        about=about,
    )


def paper_leg(dossier: Dossier, *, ended_at: datetime | None, calendar: WorkCalendar, at: datetime) -> ClockLedger:
    """Return the clock of the papers on their way from the desk to who decides; `dossier` was received.

    It lies inside the limit, so it stands while the limit does and begins anew when what was missing is there.
    """
    assert dossier.started_at is not None
    stood = [pause for pause in pauses(dossier) if ended_at is None or pause.since < ended_at]
    since, found = dossier.started_at, list[Span]()
    for pause in stood:
        found.append(
            _span(since, pause.since, reason=RULES[ClockKind.PAPER_LEG].starts, calendar=calendar, counts=False)
        )
        until = pause.until or ended_at
        found.append(_span(pause.since, until, reason=pause.reason, calendar=calendar, at=at, is_running=False))
        since = pause.until or since
    due = clocks.paper_leg(since, calendar=calendar)
    steps = [clocks.pause_step(pause, PausePolicy.RESTART) for pause in stood]
    ledger = running(
        ClockKind.PAPER_LEG,
        due,
        budget="01 ngày làm việc",
        started_at=since,
        ended_at=ended_at,
        calendar=calendar,
        at=at,
    )
    if stood and stood[-1].until is None:
        return replace(ledger, spans=tuple(found), due_at=None, provisional=False, steps=tuple(steps))
    return replace(ledger, spans=(*found, *ledger.spans), steps=(*steps, *ledger.steps))


def apology(statutory: ClockLedger, dossier: Dossier, *, calendar: WorkCalendar, at: datetime) -> ClockLedger | None:
    """Return until when the authority may apologise and name a new day: before the day on the slip.

    None while the limit stands. Once it was done the clock has ended; there is no second one.
    """
    extension = dossier.extension
    due_at = extension.was_due_at if extension else told(dossier, statutory.due_at)
    started = dossier.started_at
    if due_at is None or started is None or (dossier.clock_ended_at is not None and extension is None):
        return None
    calendar = (dossier.rule or BY_LAW).applied_to(calendar)
    last = clocks.apology_by(calendars.local(due_at).date(), calendar, not_before=calendars.local(started).date())
    text = f"Hẹn trả {_day(due_at)}: xin lỗi và hẹn lại chậm nhất {calendars.written(last)}, chỉ một lần."
    due = Due(
        due_at=calendar.closes_at(last),
        provisional=statutory.provisional,
        steps=(Step(text=text, basis=RULES[ClockKind.APOLOGY].basis),),
    )
    return running(
        ClockKind.APOLOGY,
        due,
        budget="chậm nhất 01 ngày làm việc trước ngày hẹn",
        started_at=started,
        ended_at=extension.signed_at if extension else None,
        calendar=calendar,
        at=at,
    )


def told(dossier: Dossier, due_at: datetime | None) -> datetime | None:
    """Return the day people were told: the promise on the slip while the limit is as it was, else the derived one."""
    if due_at is None or dossier.pauses:
        return due_at
    return dossier.promised_at or due_at


def invitations(
    invited_at: Sequence[datetime], *, ended_at: datetime | None, calendar: WorkCalendar, at: datetime, about: str
) -> ClockLedger:
    """Return the clock between the invitations to collect, and how long it is kept after the last.

    `invited_at` has one instant at least.
    """
    days = [calendars.local(moment).date() for moment in invited_at]
    second = clocks.second_invitation_from(days[0], calendar)
    steps = [Step(text=f"Lần mời {n}: {calendars.written(day)}.") for n, day in enumerate(days, start=1)]
    text = f"Lần mời thứ hai tính từ {calendars.written(second)}."
    steps.append(Step(text=text, basis=RULES[ClockKind.INVITATIONS].basis))
    due_on = second if len(days) == 1 else clocks.second_invitation_from(days[-1], calendar)
    unpublished = bool(calendar.unpublished_years(days[0], due_on))
    due = Due(due_at=calendar.closes_at(due_on), provisional=unpublished, steps=tuple(steps))
    return running(
        ClockKind.INVITATIONS,
        due,
        budget="hai lần mời, cách nhau 02 ngày làm việc",
        started_at=invited_at[0],
        ended_at=ended_at,
        calendar=calendar,
        at=at,
        about=about,
    )


def supplement_asked_late(asked_at: Iterable[datetime], *, started_at: datetime | None, calendar: WorkCalendar) -> bool:
    """Tell whether papers were asked for the first time more than three working days after reception.

    Source: NĐ 61/2018 Đ.19.4.
    """
    after = [asked for asked in asked_at if started_at is not None and asked >= started_at]
    if not after or started_at is None:
        return False
    by = clocks.supplement_by(started_at, calendar=calendar)
    return calendars.local(min(after)).date() > by.due_on


def _day(at: datetime) -> str:
    return calendars.written(calendars.local(at).date())


def _clock(at: datetime) -> str:
    moment = calendars.local(at)
    return f"{moment:%H:%M} {calendars.written(moment.date())}"

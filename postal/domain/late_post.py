"""Postage that is owed back: the post brought something later than it had published, and the citizen can prove it.

Source: NĐ 47/2011/NĐ-CP Đ.25.2. The journal is the proof. Nothing here is stored: it is derived from when the post took
an envelope, the lane's J+n, and when it came to its end.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum

from postal.domain import calendars, cash, compensation
from postal.domain.calendars import WorkCalendar
from postal.domain.clocks import Due, Step
from postal.domain.events import Event, MoneyLedger, Refunded
from postal.domain.money import RefundGround
from postal.domain.refusals import Refused

BASIS = "NĐ 47/2011/NĐ-CP Đ.25.2"


class LegKind(Enum):
    """Which way the post carried something."""

    OUT = "out"
    BACK = "back"


LEG_NAMES: dict[LegKind, str] = {
    LegKind.OUT: "Chuyển giấy tờ đến cơ quan",
    LegKind.BACK: "Chuyển kết quả về người dân",
}

_ENDS: dict[LegKind, str] = {
    LegKind.OUT: "Cơ quan ký nhận",
    LegKind.BACK: "Phát lần đầu hoặc báo người dân đến nhận",
}
"""What ends a leg: TT 17/2017/TT-BTTTT Đ.7."""


class NotLate(Refused):
    """Postage goes back for lateness only where the post was late."""

    code = "not_late"
    vi = "Hồ sơ {dossier} không có chặng nào bưu điện chuyển chậm theo nhật ký. Chọn lý do hoàn khác và ghi rõ."
    en = "No postal leg of dossier {dossier} was late by the journal. Choose another ground and say why."


class LateRefunded(Refused):
    """Postage goes back for lateness once."""

    code = "late_refunded"
    vi = "Hồ sơ {dossier} đã được hoàn cước vì chậm ngày {on}. Mỗi hồ sơ hoàn một lần."
    en = "The postage of dossier {dossier} went back for lateness on {on}, which is done once."


class OnlyPostage(Refused):
    """What is late is the post, so it is the postage that goes back."""

    code = "only_postage"
    vi = "Chậm phát thì hoàn cước, không hoàn phí, lệ phí của hồ sơ {dossier}. Chọn khoản cước, hoặc lý do khác."
    en = "For lateness the postage of dossier {dossier} goes back, not its fees."


class PartOfPostage(Refused):
    """All the postage goes back, for it goes back once."""

    code = "part_of_postage"
    vi = (
        "Chậm phát thì hoàn một lần toàn bộ cước còn lại của hồ sơ {dossier}: {owed} đ, không hoàn {amount} đ. "
        "Nhập {owed}, hoặc chọn lý do khác."
    )
    en = "For lateness all the postage left of dossier {dossier} goes back at once: {owed} đ, not {amount} đ."


@dataclass(frozen=True, kw_only=True, slots=True)
class Leg:
    """A way in the hands of the post: since when, by when with its reasons, and its end, None while it goes on."""

    kind: LegKind
    item: str
    accepted_at: datetime
    due_on: date
    due: Due
    ended_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class LateLeg:
    """A way that took longer than published. `days` counts working days of the post after `due_on`."""

    kind: LegKind
    item: str
    due_on: date
    ended_on: date | None
    days: int
    provisional: bool
    steps: tuple[Step, ...]

    @property
    def name(self) -> str:
        """Return which way it was, in words."""
        return LEG_NAMES[self.kind]

    @property
    def claim_until(self) -> date:
        """Return the last day on which somebody may complain about it."""
        return compensation.complaint_until(self.due_on)


def late_legs(legs: Iterable[Leg], *, calendar: WorkCalendar, at: datetime) -> tuple[LateLeg, ...]:
    """Return the legs that ended after their last day, or have not ended although it has passed."""
    found = ((leg, calendars.local(leg.ended_at or at).date()) for leg in legs)
    return tuple(_late(leg, on, calendar=calendar) for leg, on in found if on > leg.due_on)


def refunded_on(happened: Iterable[Event]) -> date | None:
    """Return the day on which postage went back for lateness, None when it never did."""
    done = (e for e in happened if isinstance(e, Refunded) and e.ground == RefundGround.LATE.value)
    first = next(done, None)
    return calendars.local(first.occurred_at).date() if first else None


def must_be_owed(legs: Iterable[LateLeg], happened: Iterable[Event], *, account: MoneyLedger, dossier: str) -> None:
    """Check that money may go back for lateness. Raises: OnlyPostage, LateRefunded, NotLate."""
    if account is not MoneyLedger.POSTAGE:
        raise OnlyPostage(dossier=dossier)
    done = refunded_on(happened)
    if done is not None:
        raise LateRefunded(dossier=dossier, on=f"{done:%d/%m/%Y}")
    if not any(True for _ in legs):
        raise NotLate(dossier=dossier)


def must_be_whole(amount: int, *, left: int, dossier: str) -> None:
    """Check that all that is left of the postage goes back, `left` of it, in whole đồng. Raises: PartOfPostage.

    More than is left is told to whoever pays it out, who knows what came in.
    """
    if 0 < amount < left:
        raise PartOfPostage(dossier=dossier, owed=cash.grouped(left), amount=cash.grouped(amount))


def _late(leg: Leg, on: date, *, calendar: WorkCalendar) -> LateLeg:
    days = max(1, calendar.working_days_between(leg.due_on, on))
    return LateLeg(
        kind=leg.kind,
        item=leg.item,
        due_on=leg.due_on,
        ended_on=on if leg.ended_at else None,
        days=days,
        provisional=leg.due.provisional,
        steps=(*leg.due.steps, *_promised(leg), _ended(leg, on, days)),
    )


def _promised(leg: Leg) -> tuple[Step, ...]:
    """Return what was promised at the counter where it is another day than the calendar gives today."""
    if leg.due.due_on == leg.due_on:
        return ()
    return (Step(text=f"Ngày đã hẹn tại quầy: {calendars.written(leg.due_on)}. Tính theo ngày đã hẹn."),)


def _ended(leg: Leg, on: date, days: int) -> Step:
    when = f"{_ENDS[leg.kind]} {calendars.written(on)}" if leg.ended_at else f"Đến {calendars.written(on)} chưa đến nơi"
    text = f"{when}: chậm {days} ngày làm việc. Nhật ký bàn giao là chứng cứ; hoàn cước đã thu."
    return Step(text=text, basis=BASIS)

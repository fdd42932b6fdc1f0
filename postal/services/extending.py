"""Saying sorry before the due day and naming a new one, once (Mẫu 04)."""

from datetime import date, datetime

from postal.domain import calendars, clocks, codes, permissions, spans
from postal.domain.calendars import WorkCalendar
from postal.domain.clocks import Due
from postal.domain.dossier import Dossier
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.domain.refusals import Refused
from postal.services import agency, messages
from postal.store import Ledger, Store


class NotTheHead(Refused):
    """The head of the authority apologises, nobody for him."""

    code = "not_the_head"
    vi = "Hẹn lại hồ sơ {dossier} phải do người phụ trách đơn vị ký. Nhờ người phụ trách đăng nhập và ký."
    en = "Only the head of the authority gives dossier {dossier} a new day."


class NoCause(Refused):
    """An apology says why."""

    code = "no_cause"
    vi = "Chưa ghi lý do chậm của hồ sơ {dossier}. Ghi đúng nguyên nhân để người dân biết."
    en = "Say why dossier {dossier} takes longer."


class NothingDue(Refused):
    """A day that nobody named cannot be moved."""

    code = "nothing_due"
    vi = "Hồ sơ {dossier} chưa có ngày hẹn trả nên không có gì để hẹn lại. Tiếp nhận hồ sơ và ghi ngày hẹn trước."
    en = "Dossier {dossier} has no due day that could be moved."


class NotLater(Refused):
    """The new day is a working day after the old one, and not over yet."""

    code = "not_later"
    vi = "Ngày hẹn lại {day} {why}. Chọn ngày làm việc sau {was}, gần nhất là {next_day}."
    en = "The new day {day} cannot be named. Choose a working day such as {next_day}."


def extend(store: Store, code: str, *, due_on: date, cause: str, by: Actor, at: datetime, signer: str = "") -> Dossier:
    """Apologise for a dossier and name a new day; it ends when the desk closes. The citizen is owed the message.

    `signer` is the name under the letter, else the actor's. Doing it later than one working day before the due day is
    allowed, because a late apology is better than none; the pages say that it is late.

    Raises: NotTheHead, NoCause, NothingDue, NotLater, AlreadyExtended, ClockStands, NotCompetent, NotNow, Forbidden,
    UnknownCode.

    Source: NĐ 61/2018 Đ.19.9.
    """
    permissions.require(by, Permission.DECIDE)
    with store.begin(at=at) as ledger:
        dossier = ledger.dossier(code)
        agency.must_be_here(ledger, dossier, by)
        if not permissions.leads(by):
            raise NotTheHead(dossier=codes.shown(code))
        if not cause.strip():
            raise NoCause(dossier=codes.shown(code))
        calendar = _calendar(ledger, dossier)
        event = dossier.extend(
            was_due_at=_was_due_at(ledger, dossier, calendar),
            due_at=calendar.closes_at(due_on),
            cause=ledger.texts.put(code, cause.strip()),
            signer=ledger.texts.put(code, signer.strip() or by.name),
            by=by,
            at=at,
        )
        _must_be_later(due_on, was=event.was_due_at, calendar=calendar, at=at)
        after = ledger.append(dossier, event)
        _owe(ledger, after)
        return after


def _calendar(ledger: Ledger, dossier: Dossier) -> WorkCalendar:
    return (dossier.rule or clocks.BY_LAW).applied_to(ledger.reference.calendar("state"))


def _was_due_at(ledger: Ledger, dossier: Dossier, calendar: WorkCalendar) -> datetime:
    """Return the day the citizen was told: the promise on the slip, after a pause the derived one.

    For a dossier that no day was named for, it is the one of its extension or of its opening, so that the life cycle
    says what is wrong with it. Raises: NothingDue.
    """
    version = ledger.reference.procedure_version(dossier.procedure, dossier.procedure_version)
    by_law = spans.lawful(dossier, same_day=version.same_day, calendar=calendar)
    derived = by_law.due_at if isinstance(by_law, Due) else None
    told = spans.told(dossier, derived) or (None if dossier.pauses else dossier.promised_at)
    if told is None and not (dossier.is_standing or dossier.extension or dossier.is_over):
        raise NothingDue(dossier=codes.shown(dossier.code))
    return told or dossier.opened_at


def _must_be_later(due_on: date, *, was: datetime, calendar: WorkCalendar, at: datetime) -> None:
    was_on, today = calendars.local(was).date(), calendars.local(at).date()
    if due_on > was_on and due_on >= today and calendar.is_working_day(due_on):
        return
    is_early = due_on <= was_on or due_on < today
    raise NotLater(
        day=calendars.written(due_on),
        why="không sau ngày hẹn cũ hoặc đã qua" if is_early else "là ngày nghỉ",
        was=calendars.written(was_on),
        next_day=calendars.written(calendar.first_working_day(max(calendar.next_working_day(was_on), today))),
    )


def _owe(ledger: Ledger, dossier: Dossier) -> None:
    """Owe the citizen the apology; the reason stays with the letter and behind the PIN, for it may name people."""
    extension = dossier.extension
    assert extension is not None
    was, new = (f"{calendars.local(moment):%d/%m}" for moment in (extension.was_due_at, extension.due_at))
    words = f"chậm so với hẹn {was}. Cơ quan xin lỗi ông/bà, hẹn lại ngày {new}"
    messages.owe_sender(ledger, dossier, fact=f"extended_{dossier.version}", words=words)

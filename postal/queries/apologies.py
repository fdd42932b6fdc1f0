"""What will be late before it is: dossiers near or past their day, each with the apology drafted from what happened."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import or_, select

from postal.domain import calendars, clocks, permissions, spent
from postal.domain.calendars import WorkCalendar
from postal.domain.dossier import AGENCY_STATUS_NAMES, AgencyStatus, Dossier
from postal.domain.item import Item
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.domain.spent import Doing, Split, Turn
from postal.queries import clocks as clock_queries
from postal.queries import counter
from postal.queries import spent as spent_queries
from postal.queries.clocks import DueView, Rules
from postal.store import Reader, Store
from postal.store.tables import DossierRow, table_of

MOST_ROWS = 200

_RUNNING = (AgencyStatus.RECEIVED, AgencyStatus.IN_WORK, AgencyStatus.PAYMENT)


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """A letter that nobody has signed yet: why it takes longer, out of the ledger, and the day that follows.

    `was_due_at` is the day the citizen was told, `apology_by` the last day for the letter by law.
    """

    was_due_at: datetime
    due_on: date
    cause: str
    apology_by: date
    is_too_late: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class AtRisk:
    """A dossier near its day, or past it: where it stands, and the drafted apology."""

    code: str
    official_code: str
    procedure: str
    status: str
    shown_at: datetime
    late_days: int
    is_past_hour: bool
    draft: Draft


@dataclass(frozen=True, kw_only=True, slots=True)
class ApologiesPage:
    """What the head of a desk or department signs today; nobody else may."""

    place: str
    rows: tuple[AtRisk, ...]
    left_out: int
    leads: bool
    checked_at: datetime


def apologies_page(store: Store, *, actor: Actor, at: datetime) -> ApologiesPage:
    """Return what is near or past its day at the actor's desk or department, the earliest day first."""
    permissions.require(actor, Permission.DECIDE)
    with store.read(at=at) as reader:
        dossiers = _running(reader, actor.place)
        rules = Rules(reader, dossiers)
        found = [(each, clock_queries.due_view(each, rules=rules, at=at)) for each in dossiers]
        near = sorted((each for each in found if is_due_soon(each[1])), key=_soonest)
        shown = near[:MOST_ROWS]
        items = counter.items_by_dossier(reader, [dossier.code for dossier, _ in shown])
        return ApologiesPage(
            place=reader.reference.place(actor.place).name,
            rows=tuple(_row(reader, rules, each, due, items[each.code], at=at) for each, due in shown),
            left_out=len(near) - len(shown),
            leads=permissions.leads(actor),
            checked_at=at,
        )


def is_due_soon(due: DueView) -> bool:
    """Tell whether an apology is to be given: the last day for it has come, and none was given."""
    return due.apology_by is not None and (due.is_at_risk or due.late_days > 0)


def draft(reader: Reader, dossier: Dossier, items: Sequence[Item], *, due: DueView, at: datetime) -> Draft | None:
    """Return the apology as it would stand now; None where there is none to give."""
    if due.apology_by is None or due.shown_at is None:
        return None
    calendar = reader.reference.calendar(clock_queries.STATE)
    causes = list(_causes(reader, dossier, items, calendar=calendar, at=at))
    was_on, today = calendars.local(due.shown_at).date(), calendars.local(at).date()
    longer = max((lost for _, lost in causes), default=1)
    return Draft(
        was_due_at=due.shown_at,
        due_on=calendar.add_working_days(max(was_on, today), longer),
        cause="; ".join(text for text, _ in causes),
        apology_by=due.apology_by,
        is_too_late=today > due.apology_by,
    )


def _running(reader: Reader, place: str) -> list[Dossier]:
    table = table_of(DossierRow)
    here = or_(table.c.desk == place, table.c.department == place)
    is_running = table.c.status.in_([int(status) for status in _RUNNING])
    return reader.things(Dossier, select(table.c.state).where(here, is_running))


def _soonest(found: tuple[Dossier, DueView]) -> tuple[datetime, str]:
    dossier, due = found
    assert due.shown_at is not None
    return due.shown_at, dossier.code


def _row(
    reader: Reader, rules: Rules, dossier: Dossier, due: DueView, items: Sequence[Item], *, at: datetime
) -> AtRisk:
    letter = draft(reader, dossier, items, due=due, at=at)
    assert letter is not None
    return AtRisk(
        code=dossier.code,
        official_code=dossier.official_code,
        procedure=rules.procedure_name(dossier),
        status=AGENCY_STATUS_NAMES[dossier.status],
        shown_at=letter.was_due_at,
        late_days=due.late_days,
        is_past_hour=due.is_past_hour,
        draft=letter,
    )


# --- why --------------------------------------------------------------------------------------------------------------

_CAUSES: dict[Doing, str] = {
    Doing.CARRYING_OUT: "bưu điện chuyển hồ sơ mất {time}",
    Doing.CARRYING_SUPPLEMENT: "bưu điện chuyển giấy tờ bổ sung mất {time}",
    Doing.SUPPLEMENTING: "chờ người nộp bổ sung giấy tờ {time}",
    Doing.PAYING: "chờ thực hiện nghĩa vụ tài chính {time}",
    Doing.ELSEWHERE: "chờ liên thông với {place} {time}",
    Doing.RECEIVING: "hồ sơ ở {place} chờ chuyển cơ quan giải quyết {time}",
}
"""What lengthens a case beside the work itself, as a letter says it."""


def _causes(
    reader: Reader, dossier: Dossier, items: Sequence[Item], *, calendar: WorkCalendar, at: datetime
) -> Iterator[tuple[str, int]]:
    """Yield what took the time of the limit, the longest first, with the working days it took, rounded up.

    Only stretches in which the clock ran count: what a pause left out makes nothing late. Below half a day nothing is
    a cause. Where nothing beside the work took time, the work itself did.
    """
    whole = spent_queries.split_of(reader, dossier, items, calendar=calendar, at=at)
    ran = _told_apart(_ran(whole, dossier, calendar=calendar, at=at)) if whole else {}
    a_day = calendar.minutes_a_day
    allowed = a_day if dossier.department not in ("", dossier.desk) else 0
    lost = {turn: minutes - (allowed if turn.doing is Doing.RECEIVING else 0) for turn, minutes in ran.items()}
    beside = {turn: each for turn, each in lost.items() if turn.doing in _CAUSES and each * 2 >= a_day}
    names = _names(reader, [*beside, *ran])
    for turn in sorted(beside, key=lambda each: -beside[each]):
        time = spent_queries.spoken(ran[turn], a_day=a_day)
        text = _CAUSES[turn.doing].format(time=time, place=names.get(turn.place, "cơ quan khác"))
        yield text, -(-beside[turn] // a_day)
    if not beside:
        yield _own_work(ran, dossier, names=names, a_day=a_day), 1


def _ran(whole: Split, dossier: Dossier, *, calendar: WorkCalendar, at: datetime) -> dict[Turn, int]:
    """Return the working minutes by turn since the clock last began, without its pauses."""
    assert dossier.started_at is not None
    since = dossier.started_at
    if dossier.policy is clocks.PausePolicy.RESTART and dossier.pauses and dossier.pauses[-1].until:
        since = dossier.pauses[-1].until
    edges = [since]
    for pause in dossier.pauses:
        if pause.since >= since:
            edges += [pause.since, pause.until or at]
    found: dict[Turn, int] = {}
    for begins, ends in zip(edges[::2], [*edges[1::2], at], strict=True):
        part = spent.within(whole, since=begins, until=ends, calendar=calendar)
        for turn, minutes in part.by_doing().items() if part else ():
            found[turn] = found.get(turn, 0) + minutes
    return found


def _told_apart(ran: Mapping[Turn, int]) -> dict[Turn, int]:
    """Return the minutes by what a letter tells apart: what names no place is said once, whoever had it on the way."""
    found: dict[Turn, int] = {}
    for turn, minutes in ran.items():
        names_no_place = "{place}" not in _CAUSES.get(turn.doing, "{place}")
        told = replace(turn, place="") if names_no_place else turn
        found[told] = found.get(told, 0) + minutes
    return found


def _own_work(ran: dict[Turn, int], dossier: Dossier, *, names: dict[str, str], a_day: int) -> str:
    worked = sum(minutes for turn, minutes in ran.items() if turn.doing is Doing.WORKING)
    place = names.get(dossier.department or dossier.desk, "cơ quan giải quyết")
    limit = f" trong thời hạn {dossier.limit}" if dossier.limit else ""
    return f"việc giải quyết tại {place} chưa xong, đã dùng {spent_queries.spoken(worked, a_day=a_day)} làm việc{limit}"


def _names(reader: Reader, turns: Sequence[Turn]) -> dict[str, str]:
    found = reader.reference.places({turn.place for turn in turns} - {""})
    return {code: place.name for code, place in found.items()}

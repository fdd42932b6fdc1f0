"""What is late or about to be, grouped by who holds it: derived for every open dossier each time it is asked for."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select

from postal.domain import calendars, events, permissions, status
from postal.domain.complaint import TOPIC_NAMES
from postal.domain.dossier import Dossier
from postal.domain.events import IncidentKind, ItemKind
from postal.domain.incident import INCIDENT_NAMES, Incident, IncidentState
from postal.domain.item import Item, Trouble
from postal.domain.people import Actor, Side
from postal.domain.permissions import Permission
from postal.domain.spans import RULES, ClockKind
from postal.domain.status import WORDS, Status, Tone
from postal.queries import access, clocks, lateness
from postal.queries.clocks import DueView
from postal.queries.lateness import Clock, Leg, Ways
from postal.store import Reader, Store, passages
from postal.store.tables import DossierRow, EventRow, IncidentRow, ItemRow, table_of

MOST_ROWS = 500

STAGES: dict[Clock, str] = {
    Clock.POST_OUT: "Chuyển hồ sơ đi",
    Clock.AUTHORITY: "Cơ quan giải quyết",
    Clock.SUPPLEMENT: "Chuyển giấy tờ bổ sung",
    Clock.POST_BACK: "Chuyển kết quả về",
    Clock.PAPERS_BACK: "Chuyển trả giấy tờ",
}

_BEGINS_CUSTODY = tuple(
    kind.__name__
    for kind in (
        *(events.Registered, events.Accepted, events.SignedOnPaper, events.Moved, events.TakenOver),
        *(events.Unpacked, events.Disputed, events.FoundInBag),
    )
)
_LOST: dict[Trouble | None, str] = {
    Trouble.MISSING: "Người giữ báo không thấy",
    Trouble.MISROUTED: "Đến sai nơi",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class LateRow:
    """A dossier that is late, about to be, or of which nobody knows where it is. `days` counts working days late."""

    code: str
    official_code: str
    procedure: str
    status: str
    tone: str
    stage: str
    due_on: date | None
    days: int
    is_past_hour: bool
    is_at_risk: bool
    is_unclear: bool
    why_unclear: str
    holder: str
    since: datetime
    href: str


@dataclass(frozen=True, kw_only=True, slots=True)
class LateGroup:
    """Rows of one stage in one pair of hands, the latest first."""

    title: str
    stage: str
    late: int
    rows: tuple[LateRow, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class LatePage:
    """Four numbers and the groups behind them. `left_out` rows are not shown; `only` is the filter that was chosen."""

    urgent: int
    late: int
    at_risk: int
    unclear: int
    groups: tuple[LateGroup, ...]
    left_out: int
    only: str
    checked_at: datetime
    is_everything: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class _Case:
    """An open dossier with what its clocks need."""

    dossier: Dossier
    items: tuple[Item, ...]
    moving: Item | None


def late_page(store: Store, *, actor: Actor, at: datetime, only: str = "") -> LatePage:
    """Return what is late at the actor's place, or everywhere for who watches over all places. Raises: Forbidden."""
    permissions.require(actor, Permission.SEE_DOSSIERS)
    with store.read(at=at) as reader:
        cases = _cases(reader, actor)
        known = (*_rows(reader, cases, at=at), *_complaints(reader, actor, at=at))
        rows = [row for row in known if _is_late(row) or row.is_at_risk or row.is_unclear]
    chosen = list(filter(_FILTERS[only], rows)) if only in _FILTERS else rows
    shown = sorted(chosen, key=lambda row: (-row.days, row.due_on or date.max, row.code))[:MOST_ROWS]
    return LatePage(
        urgent=sum(map(_is_urgent, rows)),
        late=sum(map(_is_late, rows)),
        at_risk=sum(map(_is_at_risk, rows)),
        unclear=sum(map(_is_unclear, rows)),
        groups=_groups(shown),
        left_out=len(chosen) - len(shown),
        only=only if only in _FILTERS else "",
        checked_at=at,
        is_everything=access.watches_all(actor),
    )


def _is_urgent(row: LateRow) -> bool:
    return _is_late(row) or row.is_unclear


def _is_late(row: LateRow) -> bool:
    return row.days > 0 or row.is_past_hour


def _is_at_risk(row: LateRow) -> bool:
    return row.is_at_risk


def _is_unclear(row: LateRow) -> bool:
    return row.is_unclear


_FILTERS: dict[str, Callable[[LateRow], bool]] = {
    "urgent": _is_urgent,
    "late": _is_late,
    "at-risk": _is_at_risk,
    "unclear": _is_unclear,
}
"""What the four numbers count, by the name in the address."""


# --- what is open -----------------------------------------------------------------------------------------------------


def _cases(reader: Reader, actor: Actor) -> list[_Case]:
    dossiers, items = table_of(DossierRow), table_of(ItemRow)
    is_open = lateness.is_open() & _concerns(actor)
    found = reader.things(Dossier, select(dossiers.c.state).where(is_open))
    joined = select(items.c.state).join(dossiers, dossiers.c.code == items.c.dossier).where(is_open)
    by_dossier: dict[str, list[Item]] = {}
    for item in reader.things(Item, joined):
        by_dossier.setdefault(item.dossier, []).append(item)
    return [_case(dossier, by_dossier.get(dossier.code, ())) for dossier in found]


def _case(dossier: Dossier, items: Sequence[Item]) -> _Case:
    return _Case(dossier=dossier, items=tuple(items), moving=lateness.under_way(dossier, items))


def _concerns(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that a dossier takes its way through the actor's place."""
    dossiers, items = table_of(DossierRow), table_of(ItemRow)
    if access.watches_all(actor):
        return dossiers.c.code != ""
    here = select(items.c.dossier).where(
        or_(items.c.custodian_place == actor.place, items.c.destination == actor.place)
    )
    columns = (dossiers.c.office, dossiers.c.desk, dossiers.c.department)
    return or_(*(column == actor.place for column in columns), dossiers.c.code.in_(here))


# --- rows -------------------------------------------------------------------------------------------------------------


def _rows(reader: Reader, cases: Sequence[_Case], *, at: datetime) -> Iterable[LateRow]:
    """Yield a row for each open dossier, in time or not."""
    with_post = _with_post_since(reader, cases)
    since = _held_since(reader, [case.moving for case in cases if case.moving])
    names = _place_names(reader, cases)
    rules, ways = clocks.Rules(reader, [case.dossier for case in cases]), Ways(reader)
    for case in cases:
        moving = case.moving
        way = lateness.leg(ways, case.dossier, moving, with_post_since=with_post.get(moving.code) if moving else None)
        holder = str(moving.custodian) if moving else names.get(case.dossier.department or case.dossier.desk, "")
        yield _row(
            ways,
            case,
            due=clocks.due_view(case.dossier, rules=rules, at=at),
            way=way,
            at=at,
            procedure=rules.procedure_name(case.dossier),
            holder=holder,
            since=since.get(moving.code, case.dossier.status_at) if moving else case.dossier.status_at,
        )


def _row(
    ways: Ways,
    case: _Case,
    *,
    due: DueView,
    way: Leg | None,
    at: datetime,
    procedure: str,
    holder: str,
    since: datetime,
) -> LateRow:
    dossier, moving = case.dossier, case.moving
    late = lateness.of(ways, dossier, moving, due=due, way=way, at=at)
    word = status.word(dossier, case.items)
    why = _why_unclear(ways, moving, at=at)
    shown_on = calendars.local(due.shown_at).date() if due.shown_at else None
    is_past_hour = late is None and due.is_past_hour and not dossier.is_over
    clock = late.clock if late else way.clock if way else _clock_of(moving)
    derived_on = shown_on if clock is Clock.AUTHORITY else None
    return LateRow(
        code=dossier.code,
        official_code=dossier.official_code,
        procedure=procedure,
        status=_staff_word(word, holder),
        tone=WORDS[word].tone.value,
        stage=STAGES[clock],
        due_on=late.due_on if late else way.due_on if way else derived_on,
        days=late.days if late else 0,
        is_past_hour=is_past_hour,
        is_at_risk=not (late or is_past_hour)
        and (due.is_at_risk if way is None else lateness.is_near(ways, way, at=at)),
        is_unclear=bool(why),
        why_unclear=why,
        holder=holder,
        since=since,
        href=f"/dossiers/{dossier.code}",
    )


def _clock_of(moving: Item | None) -> Clock:
    """Return the clock that runs for whoever has the item: the post's on either way, else the authority's."""
    if moving is None or moving.custodian.side is not Side.POST:
        return Clock.AUTHORITY
    if moving.kind is ItemKind.SUPPLEMENT:
        return Clock.SUPPLEMENT
    if not status.comes_back(moving):
        return Clock.POST_OUT
    return Clock.POST_BACK if moving.kind is ItemKind.RESULT else Clock.PAPERS_BACK


def _staff_word(word: Status, holder: str) -> str:
    return WORDS[word].staff.format(place=holder.rpartition(" – ")[2] or "nơi đến")


def _why_unclear(ways: Ways, moving: Item | None, *, at: datetime) -> str:
    """Return why nobody knows where it is: reported missing, gone astray, or silent for two working days."""
    if moving is not None and moving.trouble in _LOST:
        return _LOST[moving.trouble]
    return "Không có tin quá 2 ngày làm việc" if lateness.is_silent(ways, moving, at=at) else ""


def _with_post_since(reader: Reader, cases: Sequence[_Case]) -> dict[str, datetime]:
    """Return when the post took what it brings to citizens now."""
    carried = [case.moving for case in cases if case.moving and lateness.is_carried_back(case.moving)]
    happened = passages.of_items(reader, [item.code for item in carried]) if carried else {}
    found = {item.code: lateness.began_back(item, happened[item.code]) for item in carried}
    return {code: at for code, at in found.items() if at is not None}


def _held_since(reader: Reader, items: Sequence[Item]) -> dict[str, datetime]:
    """Return since when each item is in the hands it is in now; in a bag, since the bag is."""
    table = table_of(EventRow)
    codes = [code for found in items for code in (found.code, found.bag) if code]
    query: Any = (
        select(table.c.stream, func.max(table.c.occurred_at).label("since"))
        .where(table.c.stream.in_(codes), table.c.kind.in_(_BEGINS_CUSTODY))
        .group_by(table.c.stream)
    )
    since = {row.stream: row.since for row in reader.rows(query)}
    known = {found.code: [since[code] for code in (found.code, found.bag) if code in since] for found in items}
    return {code: max(times) for code, times in known.items() if times}


def _place_names(reader: Reader, cases: Sequence[_Case]) -> dict[str, str]:
    wanted = {case.dossier.department or case.dossier.desk for case in cases if case.moving is None}
    return {code: place.name for code, place in reader.reference.places(wanted - {""}).items()}


# --- complaints -------------------------------------------------------------------------------------------------------


def _complaints(reader: Reader, actor: Actor, *, at: datetime) -> Iterable[LateRow]:
    """Yield a row for each open complaint that the actor's place answers or took, or of every place for a watcher."""
    table, ways = table_of(IncidentRow), Ways(reader)
    is_open = (table.c.kind == IncidentKind.COMPLAINT.value) & (table.c.incident_state == IncidentState.OPEN.value)
    is_ours = or_(table.c.owner == actor.place, table.c.other == actor.place)
    query = select(table.c.state).where(is_open if access.watches_all(actor) else is_open & is_ours)
    found = reader.things(Incident, query)
    names = reader.reference.places({each.owner for each in found})
    for each in found:
        yield _complaint_row(ways, each, holder=names[each.owner].name if each.owner in names else each.owner, at=at)


def _complaint_row(ways: Ways, found: Incident, *, holder: str, at: datetime) -> LateRow:
    today, due_on = calendars.local(at).date(), calendars.local(found.due_at).date()
    is_overdue = found.is_overdue(at=at)
    return LateRow(
        code=found.about,
        official_code="",
        procedure=TOPIC_NAMES[found.topic] if found.topic else "",
        status=INCIDENT_NAMES[found.kind],
        tone=Tone.PROBLEM.value,
        stage=RULES[ClockKind.COMPLAINT_ANSWER].name,
        due_on=due_on,
        days=max(1, ways.post.working_days_between(due_on, today)) if is_overdue else 0,
        is_past_hour=False,
        is_at_risk=not is_overdue and today >= ways.post.previous_working_day(due_on),
        is_unclear=False,
        why_unclear="",
        holder=holder,
        since=found.opened_at,
        href=f"/incidents/{found.code}",
    )


# --- groups -----------------------------------------------------------------------------------------------------------


def _groups(rows: Sequence[LateRow]) -> tuple[LateGroup, ...]:
    """Return rows by holder and stage; the group with the most late ones first."""
    found: dict[tuple[str, str], list[LateRow]] = {}
    for row in rows:
        found.setdefault((row.holder, row.stage), []).append(row)
    groups = [
        LateGroup(title=holder, stage=stage, late=sum(map(_is_late, each)), rows=tuple(each))
        for (holder, stage), each in found.items()
    ]
    return tuple(sorted(groups, key=lambda group: (-group.late, -len(group.rows), group.title, group.stage)))

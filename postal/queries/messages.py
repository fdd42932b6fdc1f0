"""Messages to citizens: which are still true, who is late and must be told, and what waits for a person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select

from postal.domain import calendars, notices, permissions
from postal.domain.dossier import Dossier
from postal.domain.item import Item
from postal.domain.notices import KIND_NAMES, Kind, LateFact, Situation
from postal.domain.people import Actor, Role
from postal.domain.permissions import Permission
from postal.domain.run import DeliveryRun
from postal.domain.sending import CHANNEL_NAMES, Channel, NoSuchMessage, NoticeState
from postal.queries import clocks, lateness
from postal.queries.lateness import Clock, Lateness, Ways
from postal.store import Reader, Store
from postal.store.registers import Notice
from postal.store.tables import DossierRow, ItemRow, NoticeRow, table_of

MOST_LINES = 200


# --- still true? ------------------------------------------------------------------------------------------------------


def why_untrue(store: Store, notice: Notice, *, at: datetime) -> str:
    """Return why a message must not go out any more, empty while it is true."""
    with store.read(at=at) as reader:
        dossier = reader.thing(Dossier, notice.dossier)
        if dossier is None:
            return "Không còn hồ sơ này."
        items = _items_of(reader, [dossier.code]).get(dossier.code, [])
        run = notices.run_of(notice.fact, notice.about)
        return notices.why_untrue(
            Situation(
                fact=notice.fact,
                about=notice.about,
                dossier=dossier,
                items=tuple(items),
                run=reader.thing(DeliveryRun, run) if run else None,
                today=calendars.local(at).date(),
                facts=reader.notices.facts_of([dossier.code])[dossier.code],
                late=_late_facts(reader, dossier, items, at=at) if _tells_of_lateness(notice) else frozenset(),
            )
        )


def _tells_of_lateness(notice: Notice) -> bool:
    return notices.kind_of(notice.fact) is Kind.LATE


def _late_facts(reader: Reader, dossier: Dossier, items: Sequence[Item], *, at: datetime) -> frozenset[str]:
    return frozenset(each.fact for each in _late(reader, [dossier], {dossier.code: items}, at=at))


def _items_of(reader: Reader, dossiers: Sequence[str]) -> dict[str, list[Item]]:
    table = table_of(ItemRow)
    found: dict[str, list[Item]] = {}
    for item in reader.things(Item, select(table.c.state).where(table.c.dossier.in_(dossiers))):
        found.setdefault(item.dossier, []).append(item)
    return found


# --- late -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class LateRound:
    """What a part of all open dossiers has that is late. `last` is where the next part begins, empty at the end."""

    late: tuple[LateFact, ...]
    last: str


def late_after(store: Store, last: str, *, at: datetime, limit: int) -> LateRound:
    """Return who is late among the next so many open dossiers after a code, in the order of their codes."""
    with store.read(at=at) as reader:
        table = table_of(DossierRow)
        query = select(table.c.state).where(lateness.is_open(), table.c.code > last).order_by(table.c.code).limit(limit)
        dossiers = reader.things(Dossier, query)
        items = _items_of(reader, [each.code for each in dossiers])
        late = _late(reader, dossiers, items, at=at)
    return LateRound(late=tuple(late), last=dossiers[-1].code if len(dossiers) == limit else "")


def _late(
    reader: Reader, dossiers: Sequence[Dossier], items: Mapping[str, Sequence[Item]], *, at: datetime
) -> list[LateFact]:
    """Return the late ones of some dossiers: the way in the hands of the post, else the authority's limit."""
    if not dossiers:
        return []
    rules, ways = clocks.Rules(reader, dossiers), Ways(reader)
    found = []
    for dossier in dossiers:
        moving = lateness.under_way(dossier, items.get(dossier.code, ()))
        way = lateness.leg(ways, dossier, moving, with_post_since=lateness.with_post_since(reader, moving))
        due = clocks.due_view(dossier, rules=rules, at=at)
        late = lateness.of(ways, dossier, moving, due=due, way=way, at=at)
        if late is not None:
            found.append(_late_now(dossier, moving, late))
    return found


def _late_now(dossier: Dossier, moving: Item | None, late: Lateness) -> LateFact:
    is_way = late.clock is not Clock.AUTHORITY
    return LateFact(
        dossier=dossier.code,
        fact=f"{Kind.LATE.value}_{late.clock.value}_{late.due_on.isoformat()}",
        words=_late_words(late),
        about=moving.code if is_way and moving else "",
    )


def _late_words(late: Lateness) -> str:
    """Return how late, sorry, and the new day or when the citizen is told (the late copy of every channel)."""
    told = f"dự kiến mới {late.new_on:%d/%m}" if late.new_on else f"sẽ báo lại trước 17h {late.answer_by:%d/%m}"
    return f"{LATE_AT[late.clock]} {late.due_on:%d/%m}, chậm {late.days} ngày làm việc. Xin lỗi ông/bà, {told}"


LATE_AT: dict[Clock, str] = {
    Clock.POST_OUT: "chưa đến cơ quan đúng hạn",
    Clock.AUTHORITY: "đã quá ngày hẹn trả",
    Clock.SUPPLEMENT: "giấy tờ bổ sung đến chậm, hạn",
    Clock.POST_BACK: "chưa về đến nơi phát đúng hạn",
    Clock.PAPERS_BACK: "giấy tờ trả lại đến chậm, hạn",
}


# --- what waits for a person ------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class FailedLine:
    """A message that could not be sent. `to` shows the end of the phone only; of a PIN the text stays closed."""

    id: str
    dossier: str
    kind: str
    channel: str
    to: str
    text: str
    trouble: str
    tries: int
    owed_at: datetime | None
    can_be_told: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class MessagesPage:
    """What failed, and how the rest stands. `waiting_since` is the oldest message still owed."""

    lines: tuple[FailedLine, ...]
    failed: int
    waiting: int
    waiting_since: datetime | None
    is_everything: bool
    checked_at: datetime


def messages_page(store: Store, *, actor: Actor, at: datetime) -> MessagesPage:
    """Return what failed among the dossiers of the actor's place, oldest first. Raises: Forbidden."""
    permissions.require(actor, Permission.SEE_MESSAGES)
    table = table_of(NoticeRow)
    with store.read(at=at) as reader:
        failed = select(table).where(_is(NoticeState.FAILED, actor)).order_by(table.c.owed_at, table.c.id)
        rows: Sequence[Any] = reader.rows(failed.limit(MOST_LINES))
        many, oldest = func.count().label("many"), func.min(table.c.owed_at).label("oldest")
        owed = select(many, oldest).where(_is(NoticeState.OWED, actor))
        waiting = reader.rows(owed)[0]
        return MessagesPage(
            lines=tuple(_line(reader, row) for row in rows),
            failed=len(rows) if len(rows) < MOST_LINES else _count(reader, actor),
            waiting=waiting.many,
            waiting_since=waiting.oldest,
            is_everything=Role.ADMIN in actor.roles,
            checked_at=at,
        )


def failed_message(store: Store, notice_id: str, *, actor: Actor, at: datetime) -> FailedLine:
    """Return one message that waits for a person at the actor's place. Raises: NoSuchMessage, Forbidden."""
    permissions.require(actor, Permission.SEE_MESSAGES)
    table = table_of(NoticeRow)
    with store.read(at=at) as reader:
        rows: Sequence[Any] = reader.rows(select(table).where(_is(NoticeState.FAILED, actor), table.c.id == notice_id))
        if not rows:
            raise NoSuchMessage
        return _line(reader, rows[0])


def failed_messages(reader: Reader, actor: Actor) -> int:
    """Return how many messages wait for the actor to look after them; none for who may not."""
    return _count(reader, actor) if permissions.may(actor, Permission.SEE_MESSAGES) else 0


def _count(reader: Reader, actor: Actor) -> int:
    return int(reader.scalar(select(func.count()).where(_is(NoticeState.FAILED, actor))))


def _is(state: NoticeState, actor: Actor) -> ColumnElement[bool]:
    """Return the condition for messages of a state whose dossier was handed in, lies or arrives where the actor is."""
    table, dossiers, items = table_of(NoticeRow), table_of(DossierRow), table_of(ItemRow)
    is_so = table.c.state == state.value
    if Role.ADMIN in actor.roles:
        return is_so
    here = select(items.c.dossier).where(
        or_(items.c.custodian_place == actor.place, items.c.destination == actor.place)
    )
    ours = select(dossiers.c.code).where(dossiers.c.office == actor.place)
    return is_so & or_(table.c.dossier.in_(ours), table.c.dossier.in_(here))


def _line(reader: Reader, row: Any) -> FailedLine:
    notice = reader.notices.get(row.id)
    assert notice is not None
    kind = notices.kind_of(notice.fact)
    return FailedLine(
        id=notice.id,
        dossier=notice.dossier,
        kind=KIND_NAMES[kind],
        channel=CHANNEL_NAMES[Channel(notice.channel)],
        to=masked(notice.to),
        text="" if kind is Kind.PIN else notice.text,
        trouble=row.trouble,
        tries=notice.tries,
        owed_at=row.owed_at,
        can_be_told=kind is not Kind.PIN,
    )


def masked(to: str) -> str:
    """Return an address with enough of it to tell it from another.

    A phone keeps its last three digits, a mailbox its first letter and its host.
    """
    name, at_sign, host = to.partition("@")
    return f"{name[:1]}…@{host}" if at_sign else f"…{to[-3:]}"

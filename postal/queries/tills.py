"""Tills: what the books say is in them, what happened today, what was counted, what waits for a signature."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, time

from sqlalchemy import ColumnElement, select

from postal.domain import calendars, cash, events, permissions
from postal.domain import money as books
from postal.domain.cash import CASH_STATE_NAMES, CashHandover, CashState, InTill
from postal.domain.events import MoneyLedger
from postal.domain.people import (
    Actor,
    Custodian,
    Position,
    PositionKind,
    Role,
    parse_position,
    person_custodian,
    position_custodian,
)
from postal.domain.permissions import Permission
from postal.domain.refusals import Refused
from postal.queries import money, receivers
from postal.queries.money import FeeLine
from postal.store import Reader, Store
from postal.store.tables import CashRow, EventRow, PostingRow, table_of

MOVES: dict[str, str] = {
    "Collected": "Thu của người dân",
    "Refunded": "Hoàn lại người dân",
    "TillCounted": "Chênh lệch khi kiểm quỹ",
}
"""What happened to a till today, by the event; what is handed on has two names, by its direction."""

MOST_LINES = 30
MOST_COUNTS = 10

BANK_VALUE = "bank"
"""What the form sends for the bank account of the own office."""


class NoTill(Refused):
    """Money is counted by who has a till."""

    code = "no_till"
    vi = "{name} chưa phụ trách quầy nào nên chưa có quỹ. Nhận ca quầy giao dịch trước."
    en = "{name} holds no counter and therefore no till. Take over a counter first."


@dataclass(frozen=True, kw_only=True, slots=True)
class Pair:
    """Postage and fees side by side, đồng; they are never one sum in the books."""

    name: str
    postage: int
    fees: int
    note: str = ""

    @property
    def total(self) -> int:
        """Return both together, what a hand counts."""
        return self.postage + self.fees


@dataclass(frozen=True, kw_only=True, slots=True)
class CashLine:
    """A hand-over of money in a list."""

    code: str
    giver: str
    receiver: str
    total: int
    at: datetime
    state: str
    is_open: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class CountLine:
    """A till that was counted, and what differed."""

    till: str
    person: str
    at: datetime
    postage: int
    fees: int
    reason: str

    @property
    def has_difference(self) -> bool:
        """Tell whether the till held something else than the books say."""
        return bool(self.postage or self.fees)


@dataclass(frozen=True, kw_only=True, slots=True)
class TillPage:
    """Somebody's till: what the books say is in it, what happened today, what waits for a signature."""

    till: str
    expected: Pair
    free: int
    fees: tuple[FeeLine, ...]
    carried: int
    today: tuple[Pair, ...]
    outgoing: tuple[CashLine, ...]
    incoming: tuple[CashLine, ...]
    recent: tuple[CashLine, ...]
    counts: tuple[CountLine, ...]
    receivers: tuple[tuple[str, str], ...]
    tills: tuple[Pair, ...]
    sees_office: bool
    may_refund: bool
    request: str
    errors: dict[str, str] = field(default_factory=dict)
    typed: dict[str, str] = field(default_factory=dict)

    @property
    def has_money(self) -> bool:
        """Tell whether there is anything to hand on that nobody waits for yet."""
        return self.free > 0


@dataclass(frozen=True, kw_only=True, slots=True)
class IncomingPage:
    """Money that waits for the actor's signature, and what he signed for lately."""

    waiting: tuple[CashLine, ...]
    recent: tuple[CashLine, ...]


def till_page(store: Store, *, actor: Actor, at: datetime, request: str) -> TillPage:
    """Return the actor's till. Raises: NoTill."""
    with store.read() as reader:
        till = till_of(reader, actor)
        account = books.account_of(till)
        held = reader.books.in_till(account)
        given = table_of(CashRow).c.giver_key == till.key
        sees_office = Role.CONTROLLER in actor.roles
        return TillPage(
            till=till.name,
            expected=Pair(name=till.name, postage=held.postage, fees=held.fees_total),
            free=free(reader, till).total,
            fees=money.fee_lines(reader, held),
            carried=held.fees.get("", 0),
            today=tuple(_today(reader, account, at=at)),
            outgoing=_cash_lines(reader, given, CashState.OFFERED),
            incoming=_incoming(reader, actor),
            recent=_cash_lines(reader, given, CashState.ACCEPTED, CashState.ON_PAPER),
            counts=tuple(_counts(reader, actor.place if sees_office else "", till=till)),
            receivers=tuple(_receivers(reader, actor)),
            tills=tuple(_tills(reader, actor.place)) if sees_office else (),
            sees_office=sees_office,
            may_refund=permissions.may(actor, Permission.REFUND),
            request=request,
        )


def incoming_page(store: Store, *, actor: Actor) -> IncomingPage:
    """Return the money that waits for the actor's signature."""
    with store.read() as reader:
        table = table_of(CashRow)
        mine = table.c.receiver_key.in_(_keys_of(actor))
        return IncomingPage(
            waiting=_incoming(reader, actor),
            recent=_cash_lines(reader, mine, CashState.ACCEPTED, CashState.ON_PAPER),
        )


def receiver_of(store: Store, value: str, *, actor: Actor) -> Custodian:
    """Return who a form names. Raises: NoReceiver, UnknownReceiver."""
    if value != BANK_VALUE:
        return receivers.custodian_of(store, value)
    with store.read() as reader:
        return bank_of(reader, actor)


# --- what lies where --------------------------------------------------------------------------------------------------


def till_of(reader: Reader, actor: Actor) -> Custodian:
    """Return the till the actor answers for: a counter, else what he carries as a postman. Raises: NoTill."""
    held = sorted((parse_position(key) for key in actor.positions), key=lambda position: position.number)
    mine = [p for p in held if p.kind is PositionKind.COUNTER and p.place == actor.place]
    if mine:
        return _position_till(reader, mine[0])
    if Role.POSTMAN in actor.roles:
        return person_custodian(actor.account, place=actor.place, name=actor.name)
    raise NoTill(name=actor.name)


def free(reader: Reader, custodian: Custodian) -> InTill:
    """Return what a custodian has and has promised to nobody."""
    held = reader.books.in_till(books.account_of(custodian))
    table = table_of(CashRow)
    waits = (table.c.giver_key == custodian.key) & (table.c.cash_state == CashState.OFFERED.value)
    for offered in reader.things(CashHandover, select(table.c.state).where(waits)):
        held = held.less(offered.money)
    return held


def bank_of(reader: Reader, actor: Actor) -> Custodian:
    """Return the bank account of the actor's office."""
    name = money.place_name(reader.reference.places([actor.place]), actor.place)
    return cash.bank_custodian(actor.place, unit_name=name)


def _position_till(reader: Reader, position: Position) -> Custodian:
    found = reader.reference.places([position.place])
    return position_custodian(position, unit_name=money.place_name(found, position.place))


def _keys_of(actor: Actor) -> list[str]:
    return sorted({*actor.positions, actor.account})


def accounts_of(reader: Reader, place: str) -> dict[str, str]:
    """Return every till of an office, its postmen's and its bank account, each with its name."""
    positions = receivers.known_positions(reader, [place]).get(place, set())
    counters = {books.till(p.key): p.name for p in positions if p.kind is PositionKind.COUNTER}
    postmen = {
        books.till(somebody.username): f"Bưu tá {somebody.name}"
        for somebody in receivers.staff(reader, [place])
        if Role.POSTMAN.value in somebody.roles
    }
    return counters | postmen | {books.bank(place): "Tài khoản ngân hàng"}


def _today(reader: Reader, account: str, *, at: datetime) -> Iterator[Pair]:
    """Yield what changed in an account since midnight in Vietnam: what was there, each kind of change."""
    since = datetime.combine(calendars.local(at).date(), time(), calendars.VIETNAM)
    line, event = table_of(PostingRow), table_of(EventRow)
    same = (line.c.stream == event.c.stream) & (line.c.version == event.c.version)
    query = select(line.c.ledger, line.c.amount, event.c.kind).join_from(line, event, same)
    changes: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in reader.rows(query.where(line.c.account == account, line.c.at >= since)):
        passed = "Nhận bàn giao" if row.amount > 0 else "Đã giao, nộp"
        changes[MOVES.get(row.kind, passed)][row.ledger] += row.amount
    for name in (*list(MOVES.values())[:2], "Nhận bàn giao", "Đã giao, nộp", MOVES["TillCounted"]):
        if name in changes:
            yield Pair(name=name, postage=changes[name]["postage"], fees=changes[name]["fees"])


def _tills(reader: Reader, place: str) -> Iterator[Pair]:
    """Yield every till, the bank account and the differences of an office."""
    named = accounts_of(reader, place) | {books.difference(place): "Chênh lệch khi kiểm quỹ (dương là thiếu)"}
    totals = reader.books.totals(named)
    for where, name in sorted(named.items(), key=lambda each: each[0]):
        yield Pair(
            name=name,
            postage=totals.get((where, MoneyLedger.POSTAGE), 0),
            fees=totals.get((where, MoneyLedger.FEES), 0),
            note="difference" if where == books.difference(place) else "",
        )


def _counts(reader: Reader, place: str, *, till: Custodian) -> Iterator[CountLine]:
    """Yield the latest counts of a till, or of every till of an office, the newest first."""
    streams = {books.till(till.key), *(accounts_of(reader, place) if place else ())}
    happened = reader.events(sorted(streams))
    found = [(stream, each) for stream, _, _, each in reversed(happened) if isinstance(each, events.TillCounted)]
    found = found[:MOST_COUNTS]
    reasons = reader.texts.get([event.reason for _, event in found])
    names = receivers.names_of(reader, {event.by.account for _, event in found})
    for stream, event in found:
        key = cash.till_of(stream)
        yield CountLine(
            till=parse_position(key).name if ":" in key else f"Bưu tá {names.get(key, key)}",
            person=names.get(event.by.account, event.by.account),
            at=event.occurred_at,
            postage=event.postage_counted - event.postage_expected,
            fees=event.fees_counted - event.fees_expected,
            reason=reasons.get(event.reason, ""),
        )


# --- hand-overs -------------------------------------------------------------------------------------------------------


def _incoming(reader: Reader, actor: Actor) -> tuple[CashLine, ...]:
    return _cash_lines(reader, table_of(CashRow).c.receiver_key.in_(_keys_of(actor)), CashState.OFFERED)


def _cash_lines(reader: Reader, mine: ColumnElement[bool], *states: CashState) -> tuple[CashLine, ...]:
    table = table_of(CashRow)
    wanted = table.c.cash_state.in_([state.value for state in states])
    query = select(table.c.state).where(mine, wanted).order_by(table.c.at.desc()).limit(MOST_LINES)
    return tuple(
        CashLine(
            code=each.code,
            giver=str(each.giver),
            receiver=str(each.receiver),
            total=each.total,
            at=each.at,
            state=CASH_STATE_NAMES[each.state],
            is_open=each.state is CashState.OFFERED,
        )
        for each in reader.things(CashHandover, query)
    )


def _receivers(reader: Reader, actor: Actor) -> Iterator[tuple[str, str]]:
    """Yield who may take everything in a till: the counters of the office that others hold, and the bank."""
    positions = receivers.known_positions(reader, [actor.place]).get(actor.place, set())
    for position in sorted(positions, key=lambda p: p.key):
        custodian = _position_till(reader, position)
        if position.kind is PositionKind.COUNTER and not actor.acts_for(custodian):
            yield receivers.value_of(custodian), custodian.name
    yield BANK_VALUE, "Nộp vào tài khoản ngân hàng của bưu cục (ký trên giấy nộp tiền)"

"""The money of a day at an office: every receipt and every refund, and sums that are those of the events."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from sqlalchemy import select

from postal.domain import calendars
from postal.domain.calendars import VIETNAM
from postal.domain.events import Collected, MoneyLedger, Payment, Refunded
from postal.domain.people import Actor
from postal.queries import money, receivers
from postal.queries.money import ReceiptPage
from postal.store import Reader, Store
from postal.store.tables import EventRow, table_of

MOST_PRINTED = 1000
"""So many receipts are printed in one file at most; more are printed in parts."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DayLine:
    """A receipt or a refund; a refund has a sum below 0 and no code."""

    code: str
    dossier: str
    ledger: str
    amount: int
    payment: str
    at: datetime
    person: str
    printed: str


@dataclass(frozen=True, kw_only=True, slots=True)
class DaySum:
    """A kind of money movement of the day, ledger by ledger."""

    name: str
    postage: int
    fees: int

    @property
    def total(self) -> int:
        """Return both ledgers together, what a hand counts."""
        return self.postage + self.fees


@dataclass(frozen=True, kw_only=True, slots=True)
class DayPage:
    """The receipts and refunds of a day at an office. `parts` are how many files the receipts are printed in."""

    office: str
    day: date
    before: date
    after: date
    is_today: bool
    lines: tuple[DayLine, ...]
    sums: tuple[DaySum, ...]
    receipts: int
    parts: int
    sees_people: bool
    errors: dict[str, str] = field(default_factory=dict)


_Happened = tuple[str, Collected | Refunded]


def day_page(store: Store, *, actor: Actor, day: date | None, at: datetime, sees_people: bool) -> DayPage:
    """Return what came in and went back at the actor's office on a day, today where none is named."""
    today = calendars.local(at).date()
    on = day or today
    with store.read() as reader:
        happened = _happened(reader, actor.place, on=on)
        names = receivers.names_of(reader, {event.by.account for _, event in happened})
        office = money.place_name(reader.reference.places([actor.place]), actor.place)
    many = sum(isinstance(event, Collected) and bool(event.receipt) for _, event in happened)
    return DayPage(
        office=office,
        day=on,
        before=on - timedelta(days=1),
        after=on + timedelta(days=1),
        is_today=on >= today,
        lines=tuple(_line(dossier, event, names.get(event.by.account, "")) for dossier, event in happened),
        sums=tuple(_sums(happened)),
        receipts=many,
        parts=-(-many // MOST_PRINTED),
        sees_people=sees_people,
    )


def receipts_of_day(store: Store, *, actor: Actor, day: date, part: int) -> tuple[ReceiptPage, ...]:
    """Return the receipts of a day as they are printed, a part of them by the time they were written, from 1."""
    with store.read() as reader:
        happened = _happened(reader, actor.place, on=day)
        found = [(d, e) for d, e in happened if isinstance(e, Collected) and e.receipt]
        wanted = found[(part - 1) * MOST_PRINTED : part * MOST_PRINTED]
        return money.receipt_pages(reader, wanted, actor=actor)


def _happened(reader: Reader, office: str, *, on: date) -> list[_Happened]:
    """Return what the office took and gave back on a day, in the order in which it happened."""
    begun = datetime.combine(on, time(), VIETNAM)
    ended = begun + timedelta(days=1)
    table = table_of(EventRow)
    kinds = table.c.kind.in_((Collected.__name__, Refunded.__name__))
    then = (table.c.recorded_at >= begun) & (table.c.occurred_at >= begun) & (table.c.occurred_at < ended)
    streams = sorted({row.stream for row in reader.rows(select(table.c.stream).where(kinds, then))})
    found: list[_Happened] = []
    for start in range(0, len(streams), 500):
        for stream, _, _, event in reader.events(streams[start : start + 500]):
            is_money = isinstance(event, Refunded) or (
                isinstance(event, Collected) and event.payment is not Payment.LATER
            )
            if is_money and event.by.place == office and begun <= event.occurred_at < ended:
                assert isinstance(event, Collected | Refunded)
                found.append((stream, event))
    return sorted(found, key=lambda each: (each[1].occurred_at, each[0]))


def _line(dossier: str, event: Collected | Refunded, person: str) -> DayLine:
    came_in = isinstance(event, Collected)
    return DayLine(
        code=event.receipt if isinstance(event, Collected) else "",
        dossier=dossier,
        ledger=money.NAMES[event.ledger],
        amount=event.amount if came_in else -event.amount,
        payment=money.PAYMENTS[event.payment] if isinstance(event, Collected) else _given_back(event),
        at=event.occurred_at,
        person=person,
        printed=event.printed if isinstance(event, Collected) else "",
    )


def _given_back(event: Refunded) -> str:
    return "Hoàn chuyển khoản" if event.out_of.startswith("bank:") else "Hoàn tiền mặt"


def _sums(happened: Sequence[_Happened]) -> Iterator[DaySum]:
    """Yield the sums: taken in cash, by transfer, given back, and all together."""
    lines = [(_line(dossier, event, ""), event.ledger) for dossier, event in happened]
    names = dict.fromkeys(
        (*(money.PAYMENTS[p] for p in (Payment.CASH, Payment.TRANSFER)), "Hoàn tiền mặt", "Hoàn chuyển khoản")
    )
    for name in names:
        yield _sum(name, [(line.amount, ledger) for line, ledger in lines if line.payment == name])
    yield _sum("Cộng trong ngày", [(line.amount, ledger) for line, ledger in lines])


def _sum(name: str, amounts: Sequence[tuple[int, MoneyLedger]]) -> DaySum:
    by_ledger = {each: sum(amount for amount, ledger in amounts if ledger is each) for each in MoneyLedger}
    return DaySum(name=name, postage=by_ledger[MoneyLedger.POSTAGE], fees=by_ledger[MoneyLedger.FEES])

"""Double entry: every event that moves money as postings that add up to nothing. Whole đồng.

An account is `till:KEY` (the key of a custodian), `bank:PLACE`, `authority:PLACE`, `citizen:DOSSIER` or
`difference:PLACE`. What a till holds is the sum of its postings; nobody types a balance.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

from postal.domain import cash
from postal.domain.cash import CashHandover
from postal.domain.events import (
    CashAccepted,
    CashSignedOnPaper,
    Charged,
    Collected,
    Event,
    MoneyLedger,
    Payment,
    PaymentAsked,
    Refunded,
    TillCounted,
)
from postal.domain.people import Custodian, Side


class RefundGround(Enum):
    """Why money goes back to the citizen."""

    LATE = "late"
    TOO_MUCH = "too_much"
    NOT_DONE = "not_done"
    OTHER = "other"


REFUND_GROUNDS: dict[RefundGround, str] = {
    RefundGround.LATE: "Phát chậm so với thời gian công bố: hoàn cước đã thu (NĐ 47/2011 Đ.25.2)",
    RefundGround.TOO_MUCH: "Thu nhầm, thu thừa",
    RefundGround.NOT_DONE: "Hồ sơ không được nhận hoặc người dân rút hồ sơ",
    RefundGround.OTHER: "Lý do khác (ghi rõ)",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Posting:
    """One line of the books: how much more (or less) an account has. `dossier` is empty for money of several."""

    account: str
    ledger: MoneyLedger
    amount: int
    dossier: str = ""


def till(key: str) -> str:
    """Return the account of the till of a custodian."""
    return f"{cash.TILL}{key}"


def bank(place: str) -> str:
    """Return the account of what was paid to an office by transfer."""
    return f"{cash.BANK}{place}"


def authority(place: str) -> str:
    """Return the account of what an authority received."""
    return f"authority:{place}"


def citizen(dossier: str) -> str:
    """Return the account of the citizen of a dossier."""
    return f"citizen:{dossier}"


def difference(place: str) -> str:
    """Return the account of what counts at a place found missing, or below 0 too much."""
    return f"difference:{place}"


def account_of(custodian: Custodian) -> str:
    """Return the account of whoever gives or takes money."""
    if custodian.key.startswith(cash.BANK):
        return custodian.key
    return authority(custodian.place) if custodian.side is Side.AUTHORITY else till(custodian.key)


def last_basis(happened: Iterable[Event], ledger: MoneyLedger) -> str:
    """Return what the last sum of a ledger was asked for that did not come in at once, empty when there was none."""
    asked = ""
    for event in happened:
        match event:
            case PaymentAsked(basis=basis) if ledger is MoneyLedger.FEES:
                asked = basis
            case Charged(basis=basis) if event.ledger is ledger:
                asked = basis
            case Collected(basis=basis, payment=Payment.LATER) if event.ledger is ledger:
                asked = basis
    return asked


def came_by_post(happened: Iterable[Event]) -> int:
    """Return how much of what the authority last asked for came in through the post, less what went back, whole đồng.

    Never more than was asked: what is above it paid an older fee.
    """
    asked = taken = 0
    for event in happened:
        match event:
            case PaymentAsked(amount=amount):
                asked, taken = amount, 0
            case Collected(ledger=MoneyLedger.FEES, amount=amount) if event.payment is not Payment.LATER:
                taken += amount
            case Refunded(ledger=MoneyLedger.FEES, amount=amount):
                taken -= amount
    return min(asked, max(taken, 0))


def postings(stream: str, event: Event, *, handover: CashHandover | None = None) -> tuple[Posting, ...]:
    """Return what an event of a stream does to the accounts; it always adds up to nothing.

    `handover` is the hand-over of money that an event of it settles.
    """
    match event:
        case Collected() if event.payment is not Payment.LATER:
            return _moved(citizen(stream), _into(event), event.ledger, event.amount, stream)
        case Refunded():
            return _moved(_out_of(event), citizen(stream), event.ledger, event.amount, stream)
        case CashAccepted() | CashSignedOnPaper() if handover is not None:
            return tuple(_passed(handover))
        case TillCounted():
            return tuple(_differences(stream, event))
        case _:
            return ()


def _into(event: Collected) -> str:
    if event.payment is Payment.TRANSFER:
        return bank(event.by.place)
    return till(event.into or _unnamed_till(event.by.place))


def _out_of(event: Refunded) -> str:
    return event.out_of if event.out_of.startswith(cash.BANK) else till(event.out_of or _unnamed_till(event.by.place))


def _unnamed_till(place: str) -> str:
    """Return the till of money recorded before tills had names: the first counter of the office."""
    return f"{place}:counter"


def _moved(source: str, target: str, ledger: MoneyLedger, amount: int, dossier: str) -> tuple[Posting, ...]:
    if not amount:
        return ()
    return (
        Posting(account=source, ledger=ledger, amount=-amount, dossier=dossier),
        Posting(account=target, ledger=ledger, amount=amount, dossier=dossier),
    )


def _passed(handover: CashHandover) -> Iterator[Posting]:
    assert handover.giver is not None
    assert handover.receiver is not None
    source, target = account_of(handover.giver), account_of(handover.receiver)
    yield from _moved(source, target, MoneyLedger.POSTAGE, handover.postage, "")
    for dossier, amount in handover.fees:
        yield from _moved(source, target, MoneyLedger.FEES, amount, dossier)


def _differences(stream: str, event: TillCounted) -> Iterator[Posting]:
    place = event.by.place
    found = (
        (MoneyLedger.POSTAGE, event.postage_counted - event.postage_expected),
        (MoneyLedger.FEES, event.fees_counted - event.fees_expected),
    )
    for ledger, amount in found:
        yield from _moved(difference(place), stream, ledger, amount, "")

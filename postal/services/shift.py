"""Positions and shifts: who answers for a counter, a desk, a sorting table now."""

from dataclasses import replace
from datetime import datetime

from postal.domain import money as books
from postal.domain import permissions, shift
from postal.domain.cash import grouped
from postal.domain.lifecycle import LabelBound
from postal.domain.people import Actor, parse_position, position_custodian
from postal.domain.permissions import Permission
from postal.domain.refusals import Refused
from postal.domain.shift import PositionHolding
from postal.services import money
from postal.services.money import Counted
from postal.store import Ledger, Store


def take_free_positions(store: Store, *, entitled: tuple[str, ...], by: Actor, at: datetime) -> list[str]:
    """Take every position somebody is entitled to and nobody ever held; return the ones taken."""
    try:
        return _take_free(store, entitled=entitled, by=by, at=at)
    except LabelBound:  # somebody else took one of them at this moment: it is not free any more
        return _take_free(store, entitled=entitled, by=by, at=at)


class MoneyNotCounted(Refused):
    """A till passes with the position, so its money is counted too."""

    code = "money_not_counted"
    vi = "{position} còn {held} đ theo sổ. Người nhận ca đếm tiền cước và tiền phí, lệ phí rồi nhập cả hai số."
    en = "{position} holds {held} đ by the books. Count postage and fees, and enter both."


def pass_position(
    store: Store, key: str, *, to: Actor, counted: int, by: Actor, at: datetime, cash: Counted | None = None
) -> PositionHolding:
    """Pass a position with everything in it; the next person counted what is there and signs with an own secret.

    Loose items and whole bags are counted, a bag as one. A count that differs is kept with the hand-over and shown; it
    moves nothing and hides nothing. The till of a counter passes with it: `cash` is the money that was counted, and a
    difference needs a reason.

    Raises: NotOfThisUnit, NotPositionHolder, SamePerson, MoneyNotCounted, cash.DifferenceUnexplained, Forbidden.
    """
    permissions.require(by, Permission.CHANGE_SHIFT)
    shift.must_be_of_unit(key, somebody=to)
    with store.begin(at=at) as ledger:
        expected = len(ledger.items_held_by(key)) + len(ledger.bags_held_by(key))
        holding = ledger.position(key)
        if holding is None:
            return ledger.begin(PositionHolding, key, shift.take(key, held_by="", by=to, at=at))
        event = holding.pass_on(holder=to.account, expected=expected, counted=counted, by=by, at=at)
        _count_money(ledger, key, cash, by=to, at=at)
        return ledger.append(holding, event)


def _count_money(ledger: Ledger, key: str, counted: Counted | None, *, by: Actor, at: datetime) -> None:
    """Record what the next person found in the till of a position, when there is one."""
    held = ledger.books.in_till(books.till(key))
    if counted is None and not (held.postage or held.fees):
        return
    position = parse_position(key)
    till = position_custodian(position, unit_name=ledger.reference.place(position.place).name)
    if counted is None:
        raise MoneyNotCounted(position=till, held=grouped(held.total))
    money.count_till(ledger, till, counted, by=replace(by, positions=by.positions | {key}), at=at)


def _take_free(store: Store, *, entitled: tuple[str, ...], by: Actor, at: datetime) -> list[str]:
    with store.begin(at=at) as ledger:
        free = [key for key in entitled if ledger.position(key) is None]
        for key in free:
            ledger.begin(PositionHolding, key, shift.take(key, held_by="", by=by, at=at))
        return free

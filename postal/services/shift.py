"""Positions and shifts: who answers for a counter, a desk, a sorting table now."""

from datetime import datetime

from postal.domain import permissions, shift
from postal.domain.lifecycle import LabelBound
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.domain.shift import PositionHolding
from postal.store import Store


def take_free_positions(store: Store, *, entitled: tuple[str, ...], by: Actor, at: datetime) -> list[str]:
    """Take every position somebody is entitled to and nobody ever held; return the ones taken."""
    try:
        return _take_free(store, entitled=entitled, by=by, at=at)
    except LabelBound:  # somebody else took one of them at this moment: it is not free any more
        return _take_free(store, entitled=entitled, by=by, at=at)


def pass_position(store: Store, key: str, *, to: Actor, counted: int, by: Actor, at: datetime) -> PositionHolding:
    """Pass a position with everything in it; the next person counted what is there and signs with an own secret.

    A count that differs is kept with the hand-over and shown; it moves nothing and hides nothing.

    Raises: NotOfThisUnit, NotPositionHolder, SamePerson, Forbidden.
    """
    permissions.require(by, Permission.CHANGE_SHIFT)
    shift.must_be_of_unit(key, somebody=to)
    with store.begin(at=at) as ledger:
        expected = len(ledger.items_held_by(key))
        holding = ledger.position(key)
        if holding is None:
            return ledger.begin(PositionHolding, key, shift.take(key, held_by="", by=to, at=at))
        event = holding.pass_on(holder=to.account, expected=expected, counted=counted, by=by, at=at)
        return ledger.append(holding, event)


def _take_free(store: Store, *, entitled: tuple[str, ...], by: Actor, at: datetime) -> list[str]:
    with store.begin(at=at) as ledger:
        free = [key for key in entitled if ledger.position(key) is None]
        for key in free:
            ledger.begin(PositionHolding, key, shift.take(key, held_by="", by=by, at=at))
        return free

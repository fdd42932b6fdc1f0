"""A trip leaves when its carrier signs for the bags, at whichever door he signs."""

from datetime import datetime

from postal.domain import calendars, clocks, places
from postal.domain.dispatch import Dispatch
from postal.domain.events import Arrived, BagsUnloaded, Departed
from postal.domain.handover import HandoverRecord
from postal.domain.people import Actor
from postal.store import Ledger


def leave(ledger: Ledger, record: HandoverRecord, *, by: Actor, at: datetime) -> None:
    """Let the trip of a signed record leave with the bags that were taken, inside a transaction.

    What the carrier did not sign for is not on his trip. A record of no trip, or of one that has left, changes nothing.
    """
    dispatch = ledger.dispatch(record.dispatch) if record.dispatch else None
    taken = [bag for bag in record.accepted if dispatch and bag in dispatch.bags]
    if dispatch is None or not taken or not dispatch.may(Departed):
        return
    if left := tuple(bag for bag in dispatch.bags if bag not in taken):
        dispatch = ledger.append(dispatch, BagsUnloaded(bags=left, by=by.as_author(), occurred_at=at))
    expected_at = dispatch.expected_at or expected(ledger, dispatch, at=at)
    departed = dispatch.depart(record=record.code, carrier=record.receiver, expected_at=expected_at, by=by, at=at)
    dispatch = ledger.append(dispatch, departed)
    if record.receiver.place == dispatch.destination.place:
        ledger.append(dispatch, Arrived(bags=tuple(taken), by=by.as_author(), occurred_at=at))


def expected(ledger: Ledger, dispatch: Dispatch, *, at: datetime) -> datetime | None:
    """Return when a trip that leaves at `at` should be there by its lane, None where no lane is known."""
    on = calendars.local(at).date()
    try:
        origin, destination = (ledger.reference.place(code) for code in (dispatch.origin, dispatch.destination.place))
        lane = ledger.reference.lane(origin, destination, on=on)
        calendar = ledger.reference.calendar("post")
    except (places.NoLane, places.UnknownPlace):
        return None
    return clocks.postal_leg(lane.tier_days, accepted_at=at, cutoff=None, calendar=calendar).due_at

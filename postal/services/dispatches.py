"""Trips: bags that travel together, loaded, handed to a carrier, arrived. Each function is one transaction."""

from collections.abc import Callable, Sequence
from datetime import datetime

from postal.domain import codes, dispatch, incident, permissions
from postal.domain.bag import Bag, BagState
from postal.domain.codes import CodeKind
from postal.domain.dispatch import Dispatch, NothingLoaded, OnAnotherTrip
from postal.domain.events import Departed, Destination, Event, IncidentKind, ReportedMissing
from postal.domain.handover import HandoverRecord
from postal.domain.incident import Incident
from postal.domain.lifecycle import NotNow
from postal.domain.people import Actor, Custodian
from postal.domain.permissions import Permission
from postal.services import custody
from postal.store import Ledger, Store

Below = Callable[[int], int]


def make(
    store: Store,
    *,
    code: str,
    origin: str,
    destination: Destination,
    by: Actor,
    at: datetime,
    expected_at: datetime | None = None,
) -> Dispatch:
    """Open a trip from one's own place; without `expected_at` its lane says when it should be there.

    Raises: NotAtTrip, Forbidden.
    """
    permissions.require(by, Permission.RUN_DISPATCH)
    event = dispatch.make(code=code, origin=origin, destination=destination, expected_at=expected_at, by=by, at=at)
    with store.begin(at=at) as ledger:
        return ledger.begin(Dispatch, code, event)


def load(store: Store, code: str, bags: Sequence[str], *, by: Actor, at: datetime) -> Dispatch:
    """Put sealed bags on a trip, all of them or none; one that is on it already is not counted twice.

    Raises: NotNow, NotAtTrip, BagNotSealed, OtherDestination, OnAnotherTrip, UnknownCode, Forbidden.
    """
    permissions.require(by, Permission.RUN_DISPATCH)
    with store.begin(at=at) as ledger:
        return _load(ledger, code, bags, by=by, at=at)


def unload(store: Store, code: str, bags: Sequence[str], *, by: Actor, at: datetime) -> Dispatch:
    """Take bags off a trip before it leaves."""
    permissions.require(by, Permission.RUN_DISPATCH)
    with store.begin(at=at) as ledger:
        trip = ledger.dispatch(code)
        event = trip.unload(bags, by=by, at=at)
        return ledger.append(trip, event) if event.bags else trip


def hand_over(store: Store, code: str, *, to: Custodian, by: Actor, at: datetime, below: Below) -> HandoverRecord:
    """Offer every bag of a trip to its carrier on one record; the trip leaves when he signs it.

    Raises: NotNow, NothingLoaded, NotCustodian, TwoGivers, Forbidden.
    """
    permissions.require(by, Permission.RUN_DISPATCH)
    with store.begin(at=at) as ledger:
        return _offer(ledger, code, to=to, by=by, at=at, below=below)


def hand_over_together(
    store: Store, code: str, *, to: Custodian, giver: Actor, receiver: Actor, at: datetime, below: Below
) -> HandoverRecord:
    """Offer a trip and let the carrier sign on the same screen: it leaves at once."""
    permissions.require(giver, Permission.RUN_DISPATCH)
    permissions.require(receiver, Permission.RECEIVE)
    with store.begin(at=at) as ledger:
        record = _offer(ledger, code, to=to, by=giver, at=at, below=below)
        return custody.sign_for(ledger, record, declined=custody.NOTHING_DECLINED, by=receiver, at=at)


def send_off(
    store: Store,
    code: str,
    bags: Sequence[str],
    *,
    to: Custodian,
    giver: Actor,
    at: datetime,
    below: Below,
    receiver: Actor | None = None,
) -> HandoverRecord:
    """Load bags and hand the whole trip over in one transaction; with a `receiver` who signs here it leaves at once.

    Raises: as `load` and `hand_over`.
    """
    permissions.require(giver, Permission.RUN_DISPATCH)
    if receiver is not None:
        permissions.require(receiver, Permission.RECEIVE)
    with store.begin(at=at) as ledger:
        _load(ledger, code, bags, by=giver, at=at)
        record = _offer(ledger, code, to=to, by=giver, at=at, below=below)
        if receiver is None:
            return record
        return custody.sign_for(ledger, record, declined=custody.NOTHING_DECLINED, by=receiver, at=at)


def arrive(
    store: Store, code: str, *, bags: Sequence[str], by: Actor, at: datetime, below: Below
) -> tuple[Dispatch, tuple[Incident, ...]]:
    """Say that a trip is there with these bags; a bag that is not there is missing, one too many is written down.

    Nobody's custody changes: each bag is signed for as a bag.

    Raises: NotNow, NotAtTrip, Forbidden.
    """
    if not permissions.may(by, Permission.RUN_DISPATCH):
        permissions.require(by, Permission.RECEIVE_BAG)
    came = list(dict.fromkeys(bags))
    with store.begin(at=at) as ledger:
        trip = ledger.dispatch(code)
        known = ledger.known_bags([*trip.bags, *came])
        after = ledger.append(trip, trip.arrive([bag for bag in came if bag in known], by=by, at=at))
        lost = [known[bag] for bag in trip.bags if bag not in came and not _has_come(known[bag], trip)]
        ledger.append_all([(bag, bag.miss(by=by, at=at)) for bag in lost if bag.may(ReportedMissing)])
        return after, _differences(ledger, after, lost, came, by=by, at=at, below=below)


def _has_come(bag: Bag, trip: Dispatch) -> bool:
    """Tell whether a bag was signed for or opened where its trip ends, before anybody said that the trip is there."""
    return bag.is_final or bag.state is BagState.OPENED or bag.custodian.place == trip.destination.place


def _load(ledger: Ledger, code: str, bags: Sequence[str], *, by: Actor, at: datetime) -> Dispatch:
    wanted = list(dict.fromkeys(bags))
    ledger.lock(Bag, wanted)
    trip = ledger.dispatch(code)
    event = trip.load(ledger.bags(wanted), by=by, at=at)
    _must_be_on_no_other(ledger, trip, event.bags)
    return ledger.append(trip, event) if event.bags else trip


def _offer(ledger: Ledger, code: str, *, to: Custodian, by: Actor, at: datetime, below: Below) -> HandoverRecord:
    trip = ledger.dispatch(code)
    if not trip.may(Departed):
        raise NotNow(thing=f"Chuyến {codes.shown(code)}", state=dispatch.DISPATCH_STATE_NAMES[trip.state])
    if not trip.bags:
        raise NothingLoaded(dispatch=codes.shown(code))
    return custody.draw_up(ledger, trip.bags, to=to, by=by, at=at, below=below, dispatch=code)


def _must_be_on_no_other(ledger: Ledger, trip: Dispatch, bags: Sequence[str]) -> None:
    for other in ledger.dispatches_under_way():
        for bag in bags:
            if other.code != trip.code and bag in other.bags:
                raise OnAnotherTrip(bag=codes.shown(bag), dispatch=codes.shown(other.code))


def _differences(
    ledger: Ledger, trip: Dispatch, lost: Sequence[Bag], came: Sequence[str], *, by: Actor, at: datetime, below: Below
) -> tuple[Incident, ...]:
    """Open the record of every bag that did not come, which its holder answers, and of every one too many."""
    found = [
        *((IncidentKind.MISSING, bag.code, bag.custodian.place, bag.custodian) for bag in lost),
        *((IncidentKind.EXTRA, code, trip.origin, None) for code in came if code not in trip.bags),
    ]
    firsts: list[tuple[str, Event]] = [
        (
            codes.mint(CodeKind.INCIDENT, below=below).text,
            incident.open_incident(
                kind,
                about=about,
                owner=owner,
                other=by.place if by.place != owner else trip.destination.place,
                holder=holder,
                by=by,
                at=at,
            ),
        )
        for kind, about, owner, holder in found
    ]
    return tuple(ledger.begin_all(Incident, firsts)) if firsts else ()

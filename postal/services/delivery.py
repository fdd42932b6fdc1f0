"""The last mile: the day's run of a territory, doors, attempts, pickup at the office, the end of the day."""

from collections.abc import Callable
from datetime import date, datetime

from postal.domain import codes, events, permissions, run
from postal.domain.codes import CodeKind
from postal.domain.dossier import AgencyStatus, Dossier
from postal.domain.events import AttemptReason, PlannedStop, Receiver, ReturnWay
from postal.domain.item import Custody, Item
from postal.domain.people import Actor, CustodianKind, Position, PositionKind
from postal.domain.permissions import Permission
from postal.domain.places import Place, Territory, Unit
from postal.domain.run import DeliveryRun
from postal.domain.search import fold
from postal.services import messages
from postal.store import Ledger, Store
from routes import planner
from routes.matrix import GreatCircleMatrix
from routes.model import Depot, Stop
from routes.model import Place as Point


def plan_run(
    store: Store, territory: str, *, day: date, by: Actor, at: datetime, below: Callable[[int], int]
) -> DeliveryRun:
    """Lay out a territory's round for a day over what its delivery office holds for it.

    Raises: NoPostman, NothingToDeliver, UnknownPlace, Forbidden.
    """
    permissions.require(by, Permission.PLAN_RUN)
    with store.begin(at=at) as ledger:
        round_ = ledger.reference.territory(territory)
        office = ledger.reference.place(round_.office)
        stops, metres = _stops(ledger, round_, office=office, on=day)
        event = run.plan(
            office=office.code,
            territory=round_.code,
            day=day,
            postman=round_.postman or "",
            stops=stops,
            metres=metres,
            by=by,
            at=at,
        )
        return ledger.begin(DeliveryRun, codes.mint(CodeKind.RUN, below=below).text, event)


def start_run(store: Store, code: str, *, by: Actor, at: datetime) -> DeliveryRun:
    """Leave with the items, which the postman must have signed for. Raises: NotNow, NotPostman, Forbidden."""
    permissions.require(by, Permission.DELIVER)
    with store.begin(at=at) as ledger:
        planned = ledger.run(code)
        return ledger.append(planned, planned.start(by=by, at=at))


def deliver(
    store: Store,
    code: str,
    *,
    run_code: str,
    receiver: Receiver,
    identity_checked: bool,
    authorisation_shown: bool,
    proof: bytes,
    media_type: str,
    by: Actor,
    at: datetime,
) -> Item:
    """Give an item to the citizen at the door against proof; the dossier then counts as returned.

    Raises: NoIdentityCheck, NoAuthorisation, NoProof, NotCustodian, NotNow, Forbidden.
    """
    permissions.require(by, Permission.DELIVER)
    return _give(
        store,
        code,
        run_code=run_code,
        receiver=receiver,
        identity_checked=identity_checked,
        authorisation_shown=authorisation_shown,
        proof=proof,
        media_type=media_type,
        by=by,
        at=at,
    )


def deliver_at_counter(
    store: Store,
    code: str,
    *,
    receiver: Receiver,
    identity_checked: bool,
    authorisation_shown: bool,
    proof: bytes,
    media_type: str,
    by: Actor,
    at: datetime,
) -> Item:
    """Give an item to the citizen who came to the office; the same rules as at the door."""
    permissions.require(by, Permission.DELIVER_AT_COUNTER)
    return _give(
        store,
        code,
        run_code="",
        receiver=receiver,
        identity_checked=identity_checked,
        authorisation_shown=authorisation_shown,
        proof=proof,
        media_type=media_type,
        by=by,
        at=at,
    )


def fail_attempt(
    store: Store,
    code: str,
    *,
    run_code: str,
    reason: AttemptReason,
    next_on: date | None,
    proof: bytes,
    media_type: str,
    by: Actor,
    at: datetime,
) -> Item:
    """Record a visit that did not end in delivery; the postman goes on answering for the item."""
    permissions.require(by, Permission.DELIVER)
    with store.begin(at=at) as ledger:
        found = ledger.item(code)
        file_id = ledger.files.put(found.dossier, media_type=media_type, content=proof) if proof else ""
        event = found.fail_attempt(run=run_code, reason=reason, next_on=next_on, proof=file_id, by=by, at=at)
        return ledger.append(found, event)


def hold_for_pickup(store: Store, code: str, *, until: date, by: Actor, at: datetime) -> Item:
    """Keep an item at the office and invite the citizen to come."""
    permissions.require(by, Permission.HAND_OVER)
    with store.begin(at=at) as ledger:
        found = ledger.item(code)
        held = ledger.append(found, found.hold_for_pickup(until=until, by=by, at=at))
        _owe_invitation(ledger, held, until=until)
        return held


def close_run(store: Store, code: str, *, by: Actor, at: datetime) -> DeliveryRun:
    """End the day: nothing of the run may be left in the postman's hands. Raises: StillOnRun, NotNow, Forbidden."""
    permissions.require(by, Permission.DELIVER)
    with store.begin(at=at) as ledger:
        started = ledger.run(code)
        items = ledger.items(started.items)
        delivered = sum(i.custody is Custody.DELIVERED for i in items)
        left = sum(i.custodian.kind is CustodianKind.PERSON and i.custodian.key == started.postman for i in items)
        returned = len(items) - delivered - left
        event = started.close(delivered=delivered, returned=returned, left=left, by=by, at=at)
        return ledger.append(started, event)


def _give(
    store: Store,
    code: str,
    *,
    run_code: str,
    receiver: Receiver,
    identity_checked: bool,
    authorisation_shown: bool,
    proof: bytes,
    media_type: str,
    by: Actor,
    at: datetime,
) -> Item:
    with store.begin(at=at) as ledger:
        found = ledger.item(code)
        file_id = ledger.files.put(found.dossier, media_type=media_type, content=proof) if proof else ""
        event = found.deliver(
            receiver=receiver,
            identity_checked=identity_checked,
            authorisation_shown=authorisation_shown,
            proof=file_id,
            run=run_code,
            by=by,
            at=at,
        )
        delivered = ledger.append(found, event)
        _note_returned(ledger, delivered, by=by, at=at)
        return delivered


def _note_returned(ledger: Ledger, delivered: Item, *, by: Actor, at: datetime) -> None:
    """Say on the dossier that its result reached the citizen."""
    dossier = ledger.dossier(delivered.dossier)
    if dossier.status is AgencyStatus.RESOLVED and delivered.kind is events.ItemKind.RESULT:
        ledger.append(dossier, events.ResultReturned(by=by.as_author(), occurred_at=at))
        messages.owe_sender(ledger, dossier, fact="delivered", words="da giao ket qua")


def _owe_invitation(ledger: Ledger, held: Item, *, until: date) -> None:
    dossier = ledger.dossier(held.dossier)
    words = f"moi den buu cuc {held.custodian.place} nhan ket qua truoc {until:%d/%m}, mang theo can cuoc"
    messages.owe_sender(ledger, dossier, fact=f"at_post_office_{until.isoformat()}", words=words)


def _stops(ledger: Ledger, territory: Territory, *, office: Place, on: date) -> tuple[tuple[PlannedStop, ...], int]:
    """Return the stops of a territory in its order, several results for one door as one stop, and the metres."""
    doors = _doors(ledger, territory, office=office)
    communes = ledger.reference.units(territory.communes, on=on)
    stops = [Stop(key=items[0], place=_point(communes.get(area)), area=area) for (area, _), items in doors.items()]
    ranking = tuple(territory.communes)
    plan = planner.plan(stops, depot=_depot(office, communes), ranking=ranking, matrix=GreatCircleMatrix())
    at_door = {items[0]: tuple(items) for items in doors.values()}
    in_order = [*plan.route.stops, *(left.stop for left in plan.unassigned)]
    return tuple(_planned(n, stop, at_door[stop.key]) for n, stop in enumerate(in_order, 1)), plan.route.metres


def _doors(ledger: Ledger, territory: Territory, *, office: Place) -> dict[tuple[str, str], list[str]]:
    """Return the items for each door (commune, folded address), oldest first."""
    waiting = _waiting(ledger, territory, office=office)
    people = ledger.people.of([dossier.code for _, dossier in waiting])
    doors: dict[tuple[str, str], list[str]] = {}
    for found, dossier in waiting:
        person = people.get((dossier.code, "receiver")) or people.get((dossier.code, "sender"))
        door = fold(person.address) if person else found.code
        doors.setdefault((dossier.return_commune, door or found.code), []).append(found.code)
    return doors


def _waiting(ledger: Ledger, territory: Territory, *, office: Place) -> list[tuple[Item, Dossier]]:
    """Return what the delivery office holds for the doors of a territory, oldest first."""
    held = [
        found
        for kind in (PositionKind.SORTING, PositionKind.COUNTER)
        for found in ledger.items_held_by(Position(place=office.code, kind=kind).key)
    ]
    ready = [found for found in held if _is_for_the_door(found)]
    dossiers = ledger.dossiers([found.dossier for found in ready]) if ready else []
    return [
        (found, dossier)
        for found, dossier in zip(ready, dossiers, strict=True)
        if dossier.return_commune in territory.communes and dossier.return_way is ReturnWay.HOME
    ]


def _is_for_the_door(found: Item) -> bool:
    return (
        found.custody is Custody.HELD
        and found.destination.to_citizen
        and found.is_at_destination
        and found.trouble is None
        and found.pickup_until is None
    )


def _planned(number: int, stop: Stop, items: tuple[str, ...]) -> PlannedStop:
    place = stop.place
    return PlannedStop(
        number=number,
        commune=stop.area or "",
        items=items,
        lat=place.lat if place else None,
        lon=place.lon if place else None,
        uncertainty_m=place.uncertainty_m if place else None,
    )


def _point(unit: Unit | None) -> Point | None:
    """Return the middle of a commune: all that is known of a door until a delivery teaches more."""
    if unit is None or unit.lat is None or unit.lon is None:
        return None
    return Point(unit.lat, unit.lon, uncertainty_m=unit.radius_m or 0)


def _depot(office: Place, communes: dict[str, Unit]) -> Depot:
    if office.lat is not None and office.lon is not None:
        return Depot(key=office.code, place=Point(office.lat, office.lon), label=office.name)
    middle = next((point for point in map(_point, communes.values()) if point), Point(0.0, 0.0))
    return Depot(key=office.code, place=middle, label=office.name)

"""The last mile: the day's run of a territory, doors, attempts, pickup at the office, the end of the day."""

from collections.abc import Callable, Sequence
from datetime import date, datetime

from postal.domain import calendars, codes, events, permissions, run
from postal.domain.codes import CodeKind
from postal.domain.dossier import AgencyStatus, Dossier
from postal.domain.events import AttemptReason, PlannedStop, Receiver
from postal.domain.handover import HandoverRecord
from postal.domain.item import Custody, Item
from postal.domain.lifecycle import NotNow, UnknownCode
from postal.domain.people import (
    Actor,
    Custodian,
    CustodianKind,
    Position,
    PositionKind,
    Role,
    person_custodian,
    position_custodian,
)
from postal.domain.permissions import Permission
from postal.domain.places import Place, Territory, Unit
from postal.domain.refusals import Refused
from postal.domain.run import DeliveryRun, RunState
from postal.domain.search import fold
from postal.services import custody, messages
from postal.store import Ledger, Store
from routes import planner, sheet
from routes.matrix import GreatCircleMatrix
from routes.model import Depot, Route, Stop
from routes.model import Place as Point

LONGEST_OFFICE = 60
"""Letters of an office's name in an invitation, so that it stays one SMS segment."""


class NotForCitizen(Refused):
    """Only what goes to the citizen is delivered to him."""

    code = "not_for_citizen"
    vi = "{item} phải đến {place}, không phải kết quả trả người dân. Bàn giao tiếp đến {place}."
    en = "{item} goes to {place}; it is no result for the citizen. Hand it on to {place}."


class NotAtItsOffice(Refused):
    """An item waits for the citizen at the office it was sent to, and nowhere else."""

    code = "not_at_its_office"
    vi = "{item} phải chờ người dân tại {office}, nay đang do {holder} giữ. Bàn giao đến {office} rồi giữ ở đó."
    en = "{item} must wait for the citizen at {office}; now {holder} has it. Hand it over to {office} first."


class DayGone(Refused):
    """What is promised lies ahead."""

    code = "day_gone"
    vi = "Ngày {day} đã qua. Chọn hôm nay hoặc một ngày sau."
    en = "{day} has passed. Choose today or a later day."


# --- the run ----------------------------------------------------------------------------------------------------------


def plan_run(
    store: Store,
    territory: str,
    *,
    day: date,
    by: Actor,
    at: datetime,
    below: Callable[[int], int],
    postman: str = "",
) -> DeliveryRun:
    """Lay out a territory's round for a day over what its delivery office holds for it.

    `postman` stands in for the territory's own on that day. What another planned run of the day already has, or what
    the citizen asked to get later, is left out.

    Raises: NoPostman, NothingToDeliver, RunElsewhere, DayGone, UnknownPlace, Forbidden.
    """
    permissions.require(by, Permission.PLAN_RUN)
    _must_lie_ahead(day, at=at)
    with store.begin(at=at) as ledger:
        round_ = ledger.reference.territory(territory)
        office = ledger.reference.place(round_.office)
        _must_plan_here(round_, office=office, by=by)
        driver = _driver(ledger, round_, wanted=postman)
        stops, metres = _stops(ledger, round_, office=office, on=day)
        event = run.plan(
            office=office.code,
            territory=round_.code,
            day=day,
            postman=driver,
            stops=stops,
            metres=metres,
            by=by,
            at=at,
        )
        return ledger.begin(DeliveryRun, codes.mint(CodeKind.RUN, below=below).text, event)


def hand_to_postman(
    store: Store, code: str, *, by: Actor, at: datetime, below: Callable[[int], int]
) -> HandoverRecord | None:
    """Offer the postman of a run everything of it that the actor holds; he answers for it once he has signed.

    Where sorter and postman are one person it is one internal step, without a record: None.

    Raises: NotNow, NothingToHandOver, NotSealed, RunElsewhere, Forbidden, UnknownCode.
    """
    permissions.require(by, Permission.HAND_OVER)
    with store.begin(at=at) as ledger:
        planned = ledger.run(code)
        _must_be_of_office(ledger, planned, by=by)
        if planned.state is RunState.CLOSED:
            raise NotNow(thing=f"Chuyến {codes.shown(code)}", state=run.RUN_STATE_NAMES[planned.state])
        account = ledger.accounts.get(planned.postman)
        postman = person_custodian(
            planned.postman, place=planned.office, name=account.name if account else planned.postman
        )
        mine = [i.code for i in ledger.items(planned.items) if i.custody is Custody.HELD and _is_in_position_of(i, by)]
    return _pass_on(store, mine, to=postman, by=by, at=at, below=below)


def start_run(store: Store, code: str, *, by: Actor, at: datetime) -> DeliveryRun:
    """Leave with the items, which the postman must have signed for; the citizens are told.

    Raises: NotNow, NotPostman, NotSignedFor, NothingInHand, Forbidden.
    """
    permissions.require(by, Permission.DELIVER)
    with store.begin(at=at) as ledger:
        planned = ledger.run(code)
        event = planned.start(by=by, at=at)
        if planned.day != calendars.local(at).date():
            raise NotNow(thing=f"Chuyến {codes.shown(code)}", state=f"lập cho {calendars.written(planned.day)}")
        _tell_that_he_comes(ledger, planned, _taken(ledger, planned))
        return ledger.append(planned, event)


def hand_back(
    store: Store, code: str, *, by: Actor, at: datetime, below: Callable[[int], int]
) -> HandoverRecord | None:
    """Offer the office everything that is left in the postman's hands at the end of the day.

    None when the postman holds the office's sorting position himself: then it is one internal step.

    Raises: NothingToHandOver, NotPostman, Forbidden, UnknownCode.
    """
    permissions.require(by, Permission.DELIVER)
    with store.begin(at=at) as ledger:
        driven = ledger.run(code)
        if driven.postman != by.account:
            raise run.NotPostman(run=codes.shown(code), postman=driven.postman)
        left = [i.code for i in ledger.items_held_by(by.account) if i.custody is Custody.HELD and _is_in_hand(i, by)]
        office = _sorting(ledger, driven.office)
    return _pass_on(store, left, to=office, by=by, at=at, below=below)


def close_run(store: Store, code: str, *, by: Actor, at: datetime) -> DeliveryRun:
    """End the day: nothing of the run may be left in the postman's hands, not even what nobody signed for yet.

    Raises: StillOnRun, NotPostman, NotNow, Forbidden.
    """
    permissions.require(by, Permission.DELIVER)
    with store.begin(at=at) as ledger:
        started = ledger.run(code)
        items = ledger.items(started.items)
        delivered = sum(i.custody is Custody.DELIVERED for i in items)
        left = sum(_is_with(i, started.postman) for i in items)
        returned = len(items) - delivered - left
        event = started.close(delivered=delivered, returned=returned, left=left, by=by, at=at)
        return ledger.append(started, event)


def navigation(store: Store, code: str) -> str:
    """Return a run as GPX for a navigation device: points, numbers and communes, nothing about people.

    Raises: UnknownCode.
    """
    with store.read() as reader:
        found = reader.many(DeliveryRun, [code]).get(code)
        if found is None:
            raise UnknownCode(thing=codes.shown(code))
        office = reader.reference.place(found.office)
        communes = reader.reference.units([stop.commune for stop in found.stops], on=found.day)
    route = _route(found, depot=_depot(office, communes), communes=communes)
    return sheet.gpx(route, name=f"Chuyến {codes.shown(code)}", creator="Hồ sơ qua bưu chính")


# --- doors ------------------------------------------------------------------------------------------------------------


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
    """Give an item of one's run to the citizen at the door against proof; the dossier then counts as returned.

    Raises: NoIdentityCheck, NoAuthorisation, NoProof, NotCustodian, NotForCitizen, NotOnRun, NotPostman, NotNow,
    Forbidden, UnknownCode.
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
    """Record a visit that did not end in delivery; the postman goes on answering for the item.

    Raises: DayGone, NotCustodian, NotOnRun, NotPostman, NotNow, Forbidden, UnknownCode.
    """
    permissions.require(by, Permission.DELIVER)
    if next_on is not None:
        _must_lie_ahead(next_on, at=at)
    with store.begin(at=at) as ledger:
        ledger.run(run_code).must_serve(code, by=by)
        found = ledger.item(code)
        file_id = ledger.files.put(found.dossier, media_type=media_type, content=proof) if proof else ""
        event = found.fail_attempt(run=run_code, reason=reason, next_on=next_on, proof=file_id, by=by, at=at)
        return ledger.append(found, event)


def hold_for_pickup(store: Store, code: str, *, until: date, by: Actor, at: datetime) -> Item:
    """Keep an item at its delivery office and invite the citizen to come; again with a later day is a new invitation.

    Raises: NotAtItsOffice, NotForCitizen, DayGone, NotCustodian, NotNow, Forbidden, UnknownCode.
    """
    return hold_all_for_pickup(store, [code], until=until, by=by, at=at)[0]


def hold_all_for_pickup(store: Store, items: Sequence[str], *, until: date, by: Actor, at: datetime) -> list[Item]:
    """Keep several items at their delivery office, all of them or none."""
    permissions.require(by, Permission.SORT_RESULTS)
    _must_lie_ahead(until, at=at)
    with store.begin(at=at) as ledger:
        return [_hold(ledger, found, until=until, by=by, at=at) for found in ledger.items(list(dict.fromkeys(items)))]


def _hold(ledger: Ledger, found: Item, *, until: date, by: Actor, at: datetime) -> Item:
    _must_be_for_citizen(found)
    event = found.hold_for_pickup(until=until, by=by, at=at)
    if not run.rests_at_its_office(found):
        raise NotAtItsOffice(item=codes.shown(found.code), office=found.destination.name, holder=found.custodian)
    held = ledger.append(found, event)
    _owe_invitation(ledger, held, until=until)
    return held


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
        if not _lies_at_the_desk_it_is_fetched_from(found):
            _must_be_for_citizen(found)
        if run_code or found.custodian.kind is CustodianKind.PERSON:
            ledger.run(run_code).must_serve(code, by=by)
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
    office = messages.without_accents(held.destination.name, most=LONGEST_OFFICE)
    words = f"moi den {office} nhan ket qua truoc {until:%d/%m}, mang theo can cuoc"
    messages.owe_sender(ledger, dossier, fact=f"at_post_office_{until.isoformat()}", words=words)


def _tell_that_he_comes(ledger: Ledger, planned: DeliveryRun, taken: Sequence[Item]) -> None:
    for dossier in ledger.dossiers(list(dict.fromkeys(i.dossier for i in taken))):
        fact = f"out_for_delivery_{planned.code}"
        messages.owe_sender(ledger, dossier, fact=fact, words="hom nay buu ta di phat ket qua")


# --- who holds what ---------------------------------------------------------------------------------------------------


def _taken(ledger: Ledger, planned: DeliveryRun) -> list[Item]:
    """Return what the postman signed for. Raises: NotSignedFor while something is only offered, NothingInHand."""
    items = ledger.items(planned.items)
    unsigned = sum(i.offered_to is not None and i.offered_to.key == planned.postman for i in items)
    if unsigned:
        raise run.NotSignedFor(run=codes.shown(planned.code), count=unsigned)
    taken = [i for i in items if _is_with(i, planned.postman)]
    if not taken:
        raise run.NothingInHand(run=codes.shown(planned.code))
    return taken


def _is_with(found: Item, postman: str) -> bool:
    return found.custodian.kind is CustodianKind.PERSON and found.custodian.key == postman


def _is_in_hand(found: Item, by: Actor) -> bool:
    return _is_with(found, by.account)


def _is_in_position_of(found: Item, by: Actor) -> bool:
    return found.custodian.kind is CustodianKind.POSITION and by.acts_for(found.custodian)


def _pass_on(
    store: Store, items: Sequence[str], *, to: Custodian, by: Actor, at: datetime, below: Callable[[int], int]
) -> HandoverRecord | None:
    """Offer items, or carry them over where both ends are one person's."""
    if items and by.acts_for(to):
        custody.move(store, items, to=to, by=by, at=at)
        return None
    return custody.offer(store, items, to=to, by=by, at=at, below=below)


def _sorting(ledger: Ledger, place: str) -> Custodian:
    """Return who takes back what was not delivered: sorting, or the counter of an office without sorting."""
    office = ledger.reference.place(place)
    manned = [
        position
        for kind in (PositionKind.SORTING, PositionKind.COUNTER)
        if ledger.position((position := Position(place=place, kind=kind)).key) is not None
    ]
    taker = manned[0] if manned else Position(place=place, kind=PositionKind.SORTING)
    return position_custodian(taker, unit_name=office.name)


# --- guards -----------------------------------------------------------------------------------------------------------


def _must_lie_ahead(day: date, *, at: datetime) -> None:
    if day < calendars.local(at).date():
        raise DayGone(day=f"{day:%d/%m/%Y}")


def _must_be_for_citizen(found: Item) -> None:
    if not found.destination.to_citizen:
        raise NotForCitizen(item=codes.shown(found.code), place=found.destination.name)


def _lies_at_the_desk_it_is_fetched_from(found: Item) -> bool:
    """Tell whether a result is where its citizen chose to fetch it, the one-stop desk."""
    return found.kind is events.ItemKind.RESULT and found.is_at_destination


def _must_plan_here(round_: Territory, *, office: Place, by: Actor) -> None:
    """A controller plans for the own office; the coordinator for every office."""
    if by.place != office.code and Role.COORDINATOR not in by.roles:
        raise run.RunElsewhere(thing=f"Tuyến phát {round_.name}", office=office.name)


def _must_be_of_office(ledger: Ledger, planned: DeliveryRun, *, by: Actor) -> None:
    if by.place != planned.office:
        name = ledger.reference.place(planned.office).name
        raise run.RunElsewhere(thing=f"Chuyến {codes.shown(planned.code)}", office=name)


def _driver(ledger: Ledger, round_: Territory, *, wanted: str) -> str:
    """Return the account that drives a territory today. Raises: NoPostman when nobody can sign for the items."""
    account = ledger.accounts.get(wanted or round_.postman or "")
    if account is None or not account.is_active or Role.POSTMAN not in account.roles:
        raise run.NoPostman(territory=round_.name)
    return account.username


# --- laying out -------------------------------------------------------------------------------------------------------


def _stops(ledger: Ledger, territory: Territory, *, office: Place, on: date) -> tuple[tuple[PlannedStop, ...], int]:
    """Return the stops of a territory in its order, several results for one door as one stop, and the metres."""
    doors = _doors(ledger, territory, office=office, on=on)
    communes = ledger.reference.units(territory.communes, on=on)
    stops = [Stop(key=items[0], place=_point(communes.get(area)), area=area) for (area, _), items in doors.items()]
    ranking = tuple(territory.communes)
    plan = planner.plan(stops, depot=_depot(office, communes), ranking=ranking, matrix=GreatCircleMatrix())
    at_door = {items[0]: tuple(items) for items in doors.values()}
    in_order = [*plan.route.stops, *(left.stop for left in plan.unassigned)]
    return tuple(_planned(n, stop, at_door[stop.key]) for n, stop in enumerate(in_order, 1)), plan.route.metres


def _doors(ledger: Ledger, territory: Territory, *, office: Place, on: date) -> dict[tuple[str, str], list[str]]:
    """Return the items for each door (commune, folded address), oldest first."""
    waiting = _waiting(ledger, territory, office=office, on=on)
    people = ledger.people.of([dossier.code for _, dossier in waiting])
    doors: dict[tuple[str, str], list[str]] = {}
    for found, dossier in waiting:
        person = people.get((dossier.code, "receiver")) or people.get((dossier.code, "sender"))
        door = fold(person.address) if person else found.code
        doors.setdefault((dossier.return_commune, door or found.code), []).append(found.code)
    return doors


def _waiting(ledger: Ledger, territory: Territory, *, office: Place, on: date) -> list[tuple[Item, Dossier]]:
    """Return what the delivery office holds for the doors of a territory on a day, oldest first."""
    taken = {code for other in ledger.runs_of_territory(territory.code) if other.keeps_for(on) for code in other.items}
    held = [i for i in ledger.items_at(office.code) if i.destination.to_citizen and i.code not in taken]
    dossiers = ledger.dossiers([found.dossier for found in held]) if held else []
    return [
        (found, dossier)
        for found, dossier in zip(held, dossiers, strict=True)
        if dossier.return_commune in territory.communes and run.waits_for_its_door(found, dossier, on=on)
    ]


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


def _route(found: DeliveryRun, *, depot: Depot, communes: dict[str, Unit]) -> Route:
    """Return a planned run as a route again, in its order; stops without a point are left out."""
    stops = [
        Stop(
            key=str(stop.number),
            place=Point(stop.lat, stop.lon) if stop.lat is not None and stop.lon is not None else None,
            label=communes[stop.commune].name if stop.commune in communes else "",
        )
        for stop in found.stops
    ]
    return planner.in_given_order(stops, depot=depot, matrix=GreatCircleMatrix()).route

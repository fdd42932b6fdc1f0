"""The day's run of a territory: what waits for which door, laid out in the order of the round."""

from collections.abc import Callable
from datetime import date, datetime

from postal.domain import codes, permissions, run
from postal.domain.codes import CodeKind
from postal.domain.dossier import Dossier
from postal.domain.events import PlannedStop
from postal.domain.item import Item
from postal.domain.lifecycle import UnknownCode
from postal.domain.people import Actor, Role
from postal.domain.permissions import Permission
from postal.domain.places import Place, Territory, Unit
from postal.domain.run import DeliveryRun
from postal.domain.search import fold
from postal.store import Ledger, Store
from routes import planner, sheet
from routes.matrix import GreatCircleMatrix
from routes.model import Depot, Route, Stop
from routes.model import Place as Point


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
    run.must_lie_ahead(day, at=at)
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


def _must_plan_here(round_: Territory, *, office: Place, by: Actor) -> None:
    """A controller plans for the own office; the coordinator for every office."""
    if by.place != office.code and Role.COORDINATOR not in by.roles:
        raise run.RunElsewhere(thing=f"Tuyến phát {round_.name}", office=office.name)


def _driver(ledger: Ledger, round_: Territory, *, wanted: str) -> str:
    """Return the account that drives a territory today. Raises: NoPostman when nobody can sign for the items."""
    account = ledger.accounts.get(wanted or round_.postman or "")
    if account is None or not account.is_active or Role.POSTMAN not in account.roles:
        raise run.NoPostman(territory=round_.name)
    return account.username


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

"""The way of a run for a device or a map: points, numbers, communes and times; nothing about people.

Where deliveries taught a door's point, only who may see doors (`is_near`) gets it; others get the commune's middle.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime

from postal.domain import calendars, codes
from postal.domain.board import UnknownRoute
from postal.domain.events import PlannedStop
from postal.domain.lifecycle import UnknownCode
from postal.domain.places import Unit
from postal.domain.proposal import UnknownProposal
from postal.domain.run import DeliveryRun
from postal.services import yards
from postal.store import Reader, Store, pinpointing
from routes import planner, sheet
from routes.matrix import GreatCircleMatrix
from routes.model import Place as Point
from routes.model import Route, Stop

CREATOR = "Hồ sơ qua bưu chính"

Writer = Callable[[Route, str, Sequence[int], Mapping[str, datetime]], str]


def _gpx(route: Route, name: str, numbers: Sequence[int], arrivals: Mapping[str, datetime]) -> str:  # noqa: ARG001 - GPX routes carry no times of a plan
    return sheet.gpx(route, name=name, creator=CREATOR, numbers=numbers)


def _geojson(route: Route, name: str, numbers: Sequence[int], arrivals: Mapping[str, datetime]) -> str:
    return sheet.geojson(route, name=name, numbers=numbers, arrivals=arrivals)


KINDS: dict[str, Writer] = {"gpx": _gpx, "geojson": _geojson}
"""How a way is written, by the end of the file's name."""


def of_run(store: Store, code: str, *, kind: str, is_near: bool = False) -> str:
    """Return a planned run as GPX or GeoJSON. Raises: UnknownCode."""
    with store.read() as reader:
        found = reader.thing(DeliveryRun, code)
        if found is None:
            raise UnknownCode(thing=codes.shown(code))
        stops = pinpointing.located(reader, found) if is_near else found.stops
        name = f"Chuyến {codes.shown(code)}"
        return _written(reader, stops, office=found.office, day=found.day, name=name, kind=kind)


def of_draft(store: Store, number: str, route: int, *, kind: str, is_near: bool = False) -> str:
    """Return a proposed run, numbered from 0, as GPX or GeoJSON. Raises: UnknownProposal, UnknownRoute."""
    with store.read() as reader:
        kept = reader.rounds.proposal(number)
        if kept is None:
            raise UnknownProposal
        if not 0 <= route < len(kept.proposal.drafts):
            raise UnknownRoute(route=str(route + 1))
        draft = kept.proposal.drafts[route]
        stops = pinpointing.of_stops(reader, draft.stops) if is_near else draft.stops
        name = f"Phương án {kept.proposal.day:%d/%m/%Y}, tuyến {route + 1}"
        return _written(reader, stops, office=draft.office, day=kept.proposal.day, name=name, kind=kind)


def _written(reader: Reader, stops: Sequence[PlannedStop], *, office: str, day: date, name: str, kind: str) -> str:
    communes = reader.reference.units([stop.commune for stop in stops], on=day)
    depot = yards.depot_at(reader.reference.place(office), communes)
    route = planner.route_of([_stop(each, communes) for each in stops], depot=depot, matrix=GreatCircleMatrix())
    numbers = [int(stop.key) for stop in route.stops]
    arrivals = {str(stop.number): calendars.local(stop.arrives_at) for stop in stops if stop.arrives_at}
    return KINDS[kind](route, name, numbers, arrivals)


def _stop(stop: PlannedStop, communes: Mapping[str, Unit]) -> Stop:
    place = None
    if stop.lat is not None and stop.lon is not None:
        place = Point(stop.lat, stop.lon, stop.uncertainty_m or 0)
    label = communes[stop.commune].name if stop.commune in communes else ""
    return Stop(key=str(stop.number), place=place, label=label)

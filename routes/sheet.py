"""A route to take along: plain rows for a list, GPX for a navigation device."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from xml.etree import ElementTree as ET

from routes.model import Place, Route
from routes.timing import Timetable

GPX_VERSION = "1.1"
_GPX = "http://www.topografix.com/GPX/1/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the list; metres and seconds are those of the way to this stop."""

    number: int
    key: str
    label: str
    metres: int
    seconds: int
    arrives_at: datetime
    uncertainty_m: int
    late_by_seconds: int


def rows(route: Route, timetable: Timetable) -> tuple[Row, ...]:
    """Return the stops of the route with their times, in order."""
    served = zip(route.stops, route.legs, timetable.visits, strict=False)
    return tuple(
        Row(
            number=number,
            key=stop.key,
            label=stop.label,
            metres=leg.metres,
            seconds=leg.seconds,
            arrives_at=visit.arrives_at,
            uncertainty_m=stop.place.uncertainty_m if stop.place else 0,
            late_by_seconds=int(visit.late_by.total_seconds()),
        )
        for number, (stop, leg, visit) in enumerate(served, start=1)
    )


def gpx(route: Route, *, name: str, creator: str) -> str:
    """Return the route as a GPX document, depot first and last; it carries keys and labels, nothing else.

    Source: GPX 1.1, one `rte` with an `rtept` per point.
    """
    root = ET.Element("gpx", {"xmlns": _GPX, "version": GPX_VERSION, "creator": _printable(creator)})
    line = ET.SubElement(root, "rte")
    ET.SubElement(line, "name").text = _printable(name)
    for place, title in _points(route):
        point = ET.SubElement(line, "rtept", {"lat": f"{place.lat:.6f}", "lon": f"{place.lon:.6f}"})
        ET.SubElement(point, "name").text = _printable(title)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode")


def _points(route: Route) -> Iterator[tuple[Place, str]]:
    depot = route.depot.label or route.depot.key
    yield route.depot.place, depot
    for number, stop in enumerate(route.stops, start=1):
        if stop.place:
            yield stop.place, f"{number}. {stop.label or stop.key}"
    yield route.depot.place, depot


def _printable(text: str) -> str:
    """Leave out the control characters that XML cannot hold."""
    return "".join(symbol for symbol in text if symbol.isprintable() or symbol == " ")

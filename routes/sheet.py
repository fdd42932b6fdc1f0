"""A route to take along: GPX for a navigation device, GeoJSON for a map."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from xml.etree import ElementTree as ET

from routes.model import Place, Route

GPX_VERSION = "1.1"
_GPX = "http://www.topografix.com/GPX/1/1"


def gpx(route: Route, *, name: str, creator: str, numbers: Sequence[int] = ()) -> str:
    """Return the route as a GPX document, depot first and last; it carries keys and labels, nothing else.

    `numbers` are those of the stops on some list, where they do not count from 1. Source: GPX 1.1, one `rte` with an
    `rtept` per point.
    """
    root = ET.Element("gpx", {"xmlns": _GPX, "version": GPX_VERSION, "creator": _printable(creator)})
    line = ET.SubElement(root, "rte")
    ET.SubElement(line, "name").text = _printable(name)
    for place, title in _points(route, numbers):
        point = ET.SubElement(line, "rtept", {"lat": f"{place.lat:.6f}", "lon": f"{place.lon:.6f}"})
        ET.SubElement(point, "name").text = _printable(title)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode")


def geojson(
    route: Route, *, name: str, numbers: Sequence[int] = (), arrivals: Mapping[str, datetime] | None = None
) -> str:
    """Return the route as GeoJSON: the way as a line, then the depot, then each stop, as features with `kind`.

    The line has `kind` "route", `name`, `metres`, `seconds` on the way and `stops`; the depot `kind` "depot" and
    `label`; a stop `kind` "stop", `number`, `label`, `uncertainty_m` and, where `arrivals` has its key, `arrives_at`.
    Positions are longitude before latitude, WGS 84. Source: RFC 7946.
    """
    features = [*_way(route, name), _feature(_point(route.depot.place), kind="depot", label=_depot(route))]
    for number, stop in zip(_numbers(route, numbers), route.stops, strict=True):
        if stop.place:
            told = {"number": number, "label": stop.label or stop.key, "uncertainty_m": stop.place.uncertainty_m}
            arrives_at = (arrivals or {}).get(stop.key)
            known = {"arrives_at": arrives_at.isoformat()} if arrives_at else {}
            features.append(_feature(_point(stop.place), kind="stop", **told, **known))
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)


def _way(route: Route, name: str) -> list[dict[str, object]]:
    places = [place for place, _ in _points(route, ())]
    if not route.stops:
        return []
    line: dict[str, object] = {"type": "LineString", "coordinates": [_position(place) for place in places]}
    seconds = sum(leg.seconds for leg in route.legs)
    return [_feature(line, kind="route", name=name, metres=route.metres, seconds=seconds, stops=len(route.stops))]


def _feature(geometry: dict[str, object], **properties: object) -> dict[str, object]:
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def _point(place: Place) -> dict[str, object]:
    return {"type": "Point", "coordinates": _position(place)}


def _position(place: Place) -> list[float]:
    return [round(place.lon, 6), round(place.lat, 6)]


def _points(route: Route, numbers: Sequence[int]) -> Iterator[tuple[Place, str]]:
    yield route.depot.place, _depot(route)
    for number, stop in zip(_numbers(route, numbers), route.stops, strict=True):
        if stop.place:
            yield stop.place, f"{number}. {stop.label or stop.key}"
    if route.end is not None:
        yield route.end.place, route.end.label or route.end.key


def _depot(route: Route) -> str:
    return route.depot.label or route.depot.key


def _numbers(route: Route, numbers: Sequence[int]) -> Sequence[int]:
    return numbers or range(1, len(route.stops) + 1)


def _printable(text: str) -> str:
    """Leave out the control characters that XML cannot hold."""
    return "".join(symbol for symbol in text if symbol.isprintable() or symbol == " ")

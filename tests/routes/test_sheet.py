"""What the postman takes along: the list and a file for his navigation device."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

from routes import sheet
from routes.model import Depot, Leg, Place, Route, Stop

MORNING = datetime(2026, 11, 23, 0, 30, tzinfo=UTC)
GPX = "{http://www.topografix.com/GPX/1/1}"
OFFICE = Depot(key="550000", place=Place(16.06, 108.15), label="Bưu cục Hòa Khánh")
ROUTE = Route(
    depot=OFFICE,
    end=OFFICE,
    stops=(
        Stop(key="P3FHJ-8QXV9", place=Place(16.071234, 108.149876, 250), label="Tổ 5 <Hòa Khánh> & kiệt 12\x0b"),
        Stop(key="P7777-77777", place=Place(16.08, 108.14)),
    ),
    legs=(Leg(1500, 270), Leg(1200, 216), Leg(2500, 450)),
)


def test_the_gpx_file_begins_and_ends_at_the_depot() -> None:
    root = ET.fromstring(sheet.gpx(ROUTE, name="Tuyến 1", creator="postal"))  # noqa: S314 - our own output
    points = root.findall(f"{GPX}rte/{GPX}rtept")
    assert root.attrib == {"version": "1.1", "creator": "postal"}
    assert [point.findtext(f"{GPX}name") for point in points] == [
        "Bưu cục Hòa Khánh",
        "1. Tổ 5 <Hòa Khánh> & kiệt 12",
        "2. P7777-77777",
        "Bưu cục Hòa Khánh",
    ]
    assert points[1].attrib == {"lat": "16.071234", "lon": "108.149876"}


def test_the_geojson_file_says_longitude_first_and_what_each_feature_is() -> None:
    arrivals = {"P7777-77777": MORNING + timedelta(minutes=12)}
    found = json.loads(sheet.geojson(ROUTE, name="Tuyến 1", numbers=(3, 5), arrivals=arrivals))
    assert found["type"] == "FeatureCollection"
    way, depot, first, second = found["features"]
    assert {feature["type"] for feature in found["features"]} == {"Feature"}
    assert way["geometry"]["type"] == "LineString"
    assert way["geometry"]["coordinates"] == [
        [108.15, 16.06],
        [108.149876, 16.071234],
        [108.14, 16.08],
        [108.15, 16.06],
    ]
    assert way["properties"] == {"kind": "route", "name": "Tuyến 1", "metres": 5200, "seconds": 936, "stops": 2}
    assert (depot["properties"], depot["geometry"]["coordinates"]) == (
        {"kind": "depot", "label": "Bưu cục Hòa Khánh"},
        [108.15, 16.06],
    )
    assert (first["properties"]["number"], first["properties"]["uncertainty_m"]) == (3, 250)
    assert "arrives_at" not in first["properties"]
    assert second["properties"]["arrives_at"] == "2026-11-23T00:42:00+00:00"


def test_a_way_without_stops_is_its_depot_alone() -> None:
    empty = replace(ROUTE, stops=(), legs=())
    (depot,) = json.loads(sheet.geojson(empty, name="Tuyến 1"))["features"]
    assert depot["geometry"] == {"type": "Point", "coordinates": [108.15, 16.06]}


def test_stops_keep_the_numbers_they_have_on_another_list() -> None:
    text = sheet.gpx(ROUTE, name="Tuyến 1", creator="postal", numbers=(3, 5))
    assert "3. Tổ 5" in text
    assert "5. P7777-77777" in text

"""The matrix a plan is made with comes from the settings, and the plan can say where its ways come from."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from postal.domain.map_servers import MapServer, Roads
from postal.services import distances
from routes.matrix import Drift, Fault, Gap, GreatCircleMatrix, Provenance
from routes.model import VehicleKind
from tests.routes import map_server
from tests.routes.map_server import MapServer as Maps
from tests.routes.test_matrix import DA_NANG, HOI_AN

NOON = datetime(2025, 11, 24, 5, 0, tzinfo=UTC)
BIKE = VehicleKind.MOTORBIKE


@pytest.fixture
def maps() -> Iterator[Maps]:
    with map_server.running() as found:
        yield found


def test_without_a_server_the_ways_are_straight_lines_as_learned() -> None:
    found = distances.matrix_for(None, BIKE, at=NOON, detour=1.5, speed_kmh=18)
    assert found.leg(DA_NANG, HOI_AN) == GreatCircleMatrix(detour=1.5, speed_kmh=18).leg(DA_NANG, HOI_AN)
    assert "đường chim bay" in distances.told(found.table([DA_NANG]).provenance)[0]


@pytest.mark.parametrize(
    ("kind", "vehicle", "profile"),
    [
        (Roads.OSRM, BIKE, "driving"),
        (Roads.VALHALLA, BIKE, "motor_scooter"),
        (Roads.VALHALLA, VehicleKind.ON_FOOT, "pedestrian"),
        (Roads.OPENROUTESERVICE, VehicleKind.VAN, "driving-car"),
    ],
)
def test_each_kind_of_server_is_asked_for_the_vehicle(
    maps: Maps, kind: Roads, vehicle: VehicleKind, profile: str
) -> None:
    server = MapServer(kind=kind, url=maps.url, most=2)
    table = distances.matrix_for(server, vehicle, at=NOON).table([DA_NANG, HOI_AN])
    assert table.provenance.guessed == 0
    assert {asked[0] for asked in maps.asked} == {profile}


def test_what_a_server_told_is_remembered_from_plan_to_plan(maps: Maps, tmp_path: Path) -> None:
    server = MapServer(kind=Roads.OSRM, url=maps.url, directory=str(tmp_path), secret="kept")
    distances.matrix_for(server, BIKE, at=NOON).table([DA_NANG, HOI_AN])
    table = distances.matrix_for(server, BIKE, at=NOON).table([DA_NANG, HOI_AN])
    assert len(maps.asked) == 1
    assert table.provenance.kept == 2
    assert "2 chặng đã hỏi từ trước" in distances.told(table.provenance)[0]


def test_a_server_that_failed_in_one_plan_is_left_alone_in_the_next(maps: Maps) -> None:
    server = MapServer(kind=Roads.OSRM, url=maps.url)
    maps.behave = map_server.send_away
    distances.matrix_for(server, BIKE, at=NOON).table([DA_NANG, HOI_AN])
    table = distances.matrix_for(server, BIKE, at=NOON).table([DA_NANG, HOI_AN])
    assert len(maps.asked) == 1
    assert distances.told(table.provenance)[1] == (
        "2 chặng ước theo đường chim bay vì tạm không hỏi máy chủ bản đồ đang hỏng (từ 12:00 ngày thứ Hai, 24/11/2025)."
    )


def test_a_server_that_changed_its_mind_is_told() -> None:
    drift = Drift(legs=1200, asked_again=2500, largest_percent=40)
    provenance = Provenance(source="OSRM (driving)", version="ab12", legs=2500, drift=drift)
    assert distances.told(provenance)[1] == (
        "Máy chủ bản đồ vừa đổi câu trả lời: 1.200 trên 2.500 chặng hỏi lại khác trước, nhiều nhất 40%."
    )


@pytest.mark.parametrize("fault", Fault)
def test_every_fault_has_its_words(fault: Fault) -> None:
    provenance = Provenance(source="OSRM", version="1", legs=4, gaps=(Gap(fault=fault, legs=4),))
    assert distances.told(provenance)[1] == f"4 chặng ước theo đường chim bay vì {distances.WHY[fault]}."

"""The run sheet: where one parking serves several doors, with what the round is driven, and when it rests."""

from dataclasses import replace
from datetime import time

from postal.domain.events import PlannedStop
from postal.domain.places import Equipment, Pause, VehicleKind
from postal.queries import runsheets
from postal.store import Store
from tests import arrivals, cast
from tests.arrivals import hanh, tam


def door(number: int, metres_north: float, *, off: int | None = 9) -> PlannedStop:
    """Return a stop so far north of the first."""
    lat = 16.07 + metres_north / 111_200
    return PlannedStop(number=number, commune="20242", items=(f"P{number}",), lat=lat, lon=108.2, uncertainty_m=off)


def test_neighbours_a_short_walk_apart_are_parked_for_once() -> None:
    stops = (door(1, 0), door(2, 60), door(3, 95), door(4, 130), door(5, 900))
    assert runsheets.parked(stops) == dict.fromkeys((1, 2, 3), "đỗ xe một lần cho điểm 1–3")


def test_nobody_parks_by_the_middle_of_a_commune_or_by_an_unknown_place() -> None:
    lost = replace(door(3, 0), lat=None, lon=None)
    assert runsheets.parked((door(1, 0, off=1500), door(2, 0, off=1500), lost, replace(lost, number=4))) == {}


def test_a_stop_that_lies_between_others_is_driven_to_anew() -> None:
    assert runsheets.parked((door(1, 0), door(2, 500), door(3, 10))) == {}


def test_the_sheet_says_with_what_the_round_is_driven_when_it_rests_and_where_it_parks(seeded: Store) -> None:
    arrivals.keep_postmen(seeded)
    pause = Pause(opens=time(11, 30), closes=time(13, 0), minutes=30)
    with seeded.begin(at=cast.monday) as ledger:
        round_ = ledger.reference.territory(arrivals.TERRITORY)
        ledger.reference.put_territory(replace(round_, equipment=Equipment(kind=VehicleKind.VAN, pause=pause)))
        for person in (hanh, tam):
            ledger.points.teach(person.commune, person.address, lat=16.0712, lon=108.2243, accuracy_m=9)
    arrivals.arrived(seeded, hanh, tam)
    run = arrivals.planned(seeded)
    page = runsheets.sheet_page(seeded, run.code, actor=cast.minh, at=cast.monday)
    assert page.facts[-2:] == ("ô tô", "nghỉ 30 phút trong khoảng 11:30 – 13:00")
    assert all(line.note.startswith("đỗ xe một lần cho điểm 1–2") for line in page.lines)

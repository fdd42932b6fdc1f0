"""Map servers: their tables are taken over when they are good, and replaced by straight lines that say so when not."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from routes import matrix
from routes.matrix import Fault, Gap, GreatCircleMatrix
from routes.matrix_cache import Cache
from routes.matrix_dialect import Dialect
from routes.matrix_http import Breaker, Server, WrongAddress
from routes.matrix_openrouteservice import OpenRouteService
from routes.matrix_osrm import Osrm
from routes.matrix_server import Patience, ServerMatrix
from routes.matrix_valhalla import Valhalla
from routes.model import Place, VehicleKind
from tests.routes import map_server
from tests.routes.map_server import Behave, MapServer
from tests.routes.test_matrix import DA_NANG, HOI_AN, scattered

NOON = datetime(2025, 11, 24, 5, 0, tzinfo=UTC)
STRAIGHT = GreatCircleMatrix(detour=1.2, speed_kmh=20)
TWO = [DA_NANG, HOI_AN]
BIKE = VehicleKind.MOTORBIKE


@pytest.fixture
def maps() -> Iterator[MapServer]:
    with map_server.running() as found:
        yield found


def asking(maps: MapServer, dialect: Dialect | None = None, *, at: datetime = NOON, **more: Any) -> ServerMatrix:
    seconds = more.pop("seconds", 5.0)
    server = Server(maps.url, seconds=seconds)
    return ServerMatrix(dialect or Osrm(BIKE), server=server, at=at, fallback=STRAIGHT, **more)


def town(count: int) -> list[Place]:
    return [Place(16.0 + 0.004 * (n % 7), 108.1 + 0.003 * n) for n in range(count)]


# --- good answers -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("dialect", "profile", "questions"),
    [
        (Osrm(BIKE, most_places=10), "driving", 9),
        (Valhalla(BIKE, most_pairs=25), "motor_scooter", 9),
        (OpenRouteService(BIKE, most_pairs=25), "driving-car", 9),
        (Osrm(VehicleKind.ON_FOOT), "foot", 1),
        (Valhalla(VehicleKind.VAN), "auto", 1),
        (OpenRouteService(VehicleKind.ON_FOOT), "foot-walking", 1),
    ],
)
def test_a_table_is_asked_for_in_parts_the_server_takes(
    maps: MapServer, dialect: Dialect, profile: str, questions: int
) -> None:
    places = town(12)
    table = asking(maps, dialect).table(places)
    metres, _ = maps.ways(places, places)
    assert np.allclose(table.metres, metres, atol=2)
    assert np.allclose(table.seconds, table.metres / 10, atol=1)
    assert table.provenance.guessed == table.provenance.kept == 0
    assert table.provenance.legs == 144
    assert {asked[0] for asked in maps.asked} == {profile}
    assert all(rows <= dialect.side and columns <= dialect.side for _, rows, columns in maps.asked)
    again = 1 if questions > 1 else 0
    assert len(maps.asked) == questions + again, "of several parts the first is asked again in the end"


def test_a_leg_alone_is_a_small_table(maps: MapServer) -> None:
    assert asking(maps).leg(DA_NANG, HOI_AN).metres == pytest.approx(1.5 * matrix.straight(DA_NANG, HOI_AN), abs=2)


def test_the_longer_form_of_valhalla_is_read_as_well(maps: MapServer) -> None:
    pair = {"distance": 40.5, "time": 3600, "to_index": 0, "from_index": 0}
    answer = {"units": "kilometers", "sources_to_targets": [[pair, pair], [pair, pair]]}
    ways = Valhalla(BIKE).read(answer, rows=2, columns=2)
    assert ways.metres.tolist() == [[40500, 40500], [40500, 40500]]
    with pytest.raises(ValueError, match="kilometres"):
        Valhalla(BIKE).read(answer | {"units": "miles"}, rows=2, columns=2)
    with pytest.raises(ValueError, match="rows"):
        Valhalla(BIKE).read(answer | {"sources_to_targets": "none"}, rows=2, columns=2)


def test_the_key_goes_with_the_question(maps: MapServer) -> None:
    asking(maps, OpenRouteService(BIKE, key="a-key")).table(TWO)
    assert maps.headers[0]["Authorization"] == "a-key"


def test_doors_a_metre_apart_are_asked_for_once(maps: MapServer) -> None:
    table = asking(maps).table([DA_NANG, Place(DA_NANG.lat + 1e-6, DA_NANG.lon), HOI_AN])
    assert maps.asked == [("driving", 2, 2)]
    assert table.metres[0].tolist() == table.metres[1].tolist()
    assert table.metres[0, 1] == 0


def test_a_table_of_no_places_asks_nobody(maps: MapServer) -> None:
    assert len(asking(maps).table([])) == 0
    assert maps.asked == []


# --- bad answers ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("behave", "fault"),
    [
        (map_server.saying(b"<html><h1>It works!</h1>"), Fault.GARBAGE),
        (map_server.saying(b""), Fault.GARBAGE),
        (map_server.saying(b"[" * 100_000), Fault.GARBAGE),
        (map_server.saying(b"[]"), Fault.GARBAGE),
        (map_server.saying(b'{"code": "Ok"}'), Fault.GARBAGE),
        (map_server.saying(b'{"code": "InvalidQuery"}'), Fault.GARBAGE),
        (map_server.saying(map_server.table_of(5, rows=3)), Fault.GARBAGE),
        (map_server.saying(map_server.table_of(5, columns=1)), Fault.GARBAGE),
        (map_server.saying(map_server.table_of(-5)), Fault.GARBAGE),
        (map_server.saying(map_server.table_of(map_server.NOT_A_NUMBER)), Fault.GARBAGE),
        (map_server.saying(map_server.table_of("far")), Fault.GARBAGE),
        (map_server.saying(map_server.table_of(True)), Fault.GARBAGE),
        (map_server.saying(map_server.table_of(10**400)), Fault.GARBAGE),
        (map_server.saying(map_server.table_of(7).replace(b"7", b"1e999")), Fault.GARBAGE),
        (map_server.saying(map_server.table_of(None)), Fault.UNREACHABLE),
        (map_server.saying(map_server.table_of(0)), Fault.IMPLAUSIBLE),
        (map_server.saying(b"{}", status=401), Fault.REFUSES),
        (map_server.saying(b"{}", status=503), Fault.REFUSES),
        (map_server.send_away, Fault.MOVED),
        (map_server.promise_a_gigabyte, Fault.TOO_LARGE),
        (map_server.flood, Fault.TOO_LARGE),
        (map_server.break_off, Fault.AWAY),
    ],
)
def test_an_answer_that_cannot_be_used_becomes_straight_lines_that_say_so(
    maps: MapServer, behave: Behave, fault: Fault
) -> None:
    maps.behave = behave
    table = asking(maps).table(TWO)
    assert np.array_equal(table.metres, STRAIGHT.table(TWO).metres)
    since = None if fault in (Fault.UNREACHABLE, Fault.IMPLAUSIBLE) else NOON
    assert table.provenance.gaps == (Gap(fault=fault, legs=2, since=since),)
    assert table.is_guess(DA_NANG, HOI_AN)
    assert not table.is_guess(DA_NANG, DA_NANG)


@pytest.mark.parametrize("behave", [map_server.hang, map_server.drip])
def test_a_server_that_hangs_costs_two_times_its_time_and_no_more(maps: MapServer, behave: Behave) -> None:
    maps.behave = behave
    table = asking(maps, Osrm(BIKE, most_places=2), seconds=0.15).table(town(6))
    assert len(maps.asked) == 2, "asked once more, then left alone for the rest of the table"
    assert {gap.fault: gap.legs for gap in table.provenance.gaps} == {Fault.HANGS: 1, Fault.NOT_ASKED: 29}


def test_a_server_that_is_away_is_told_as_such(maps: MapServer) -> None:
    server = Server("http://127.0.0.1:9", seconds=1)
    table = ServerMatrix(Osrm(BIKE), server=server, at=NOON, fallback=STRAIGHT).table(TWO)
    assert table.provenance.gaps == (Gap(fault=Fault.AWAY, legs=2, since=NOON),)


def test_a_table_that_takes_too_long_keeps_what_it_has(maps: MapServer) -> None:
    table = asking(maps, patience=Patience(whole_seconds=0)).table(TWO)
    assert table.provenance.gaps == (Gap(fault=Fault.NO_TIME, legs=2),)
    assert maps.asked == []


def test_a_busy_server_is_asked_once_more(maps: MapServer) -> None:
    def busy_once(handler: map_server.Handler) -> None:
        maps.behave = None
        handler.say(b"", status=503)

    maps.behave = busy_once
    assert asking(maps).table(TWO).provenance.guessed == 0
    assert len(maps.asked) == 2


def test_a_refusal_is_not_asked_again(maps: MapServer) -> None:
    maps.behave = map_server.saying(b"{}", status=403)
    asking(maps).table(TWO)
    assert len(maps.asked) == 1


def test_one_way_without_a_road_leaves_the_others_as_they_are(maps: MapServer) -> None:
    def no_way_back(handler: map_server.Handler) -> None:
        table = [[0, 50_000.0], [None, 0]]
        handler.say({"code": "Ok", "distances": table, "durations": table})

    maps.behave = no_way_back
    table = asking(maps).table(TWO)
    assert table.leg(DA_NANG, HOI_AN).metres == 50_000
    assert table.leg(HOI_AN, DA_NANG) == STRAIGHT.leg(HOI_AN, DA_NANG)
    assert table.provenance.gaps == (Gap(fault=Fault.UNREACHABLE, legs=1),)
    assert [table.is_guess(*pair) for pair in ((DA_NANG, HOI_AN), (HOI_AN, DA_NANG))] == [False, True]


def test_a_place_the_map_does_not_have_costs_only_its_own_legs(maps: MapServer) -> None:
    places = town(9)
    maps.lost = Place(round(places[4].lat, 5), round(places[4].lon, 5))
    table = asking(maps, Valhalla(BIKE, most_pairs=9)).table(places)
    assert table.provenance.gaps == (Gap(fault=Fault.UNREACHABLE, legs=16),)
    assert table.guessed[4].sum() == table.guessed[:, 4].sum() == 8


def test_an_address_that_is_none_is_refused() -> None:
    for url in ("ftp://maps.example", "maps.example", "http://", "https://maps.example/?a=b"):
        with pytest.raises(WrongAddress):
            Server(url)


# --- a server that fails, from one moment to the next -----------------------------------------------------------------


def test_a_failing_server_is_left_alone_for_a_while_and_then_tried_again(maps: MapServer) -> None:
    breaker = Breaker(pause=timedelta(minutes=2))
    maps.behave = map_server.hang
    asking(maps, breaker=breaker, seconds=0.05).table(TWO)
    asked = len(maps.asked)
    soon = asking(maps, breaker=breaker, at=NOON + timedelta(minutes=1)).table(TWO)
    assert soon.provenance.gaps == (Gap(fault=Fault.NOT_ASKED, legs=2, since=NOON),), "since the first failure"
    assert len(maps.asked) == asked
    maps.behave = None
    later = asking(maps, breaker=breaker, at=NOON + timedelta(minutes=2)).table(TWO)
    assert later.provenance.gaps == ()
    assert breaker.since is None


def test_garbage_three_times_in_a_row_is_enough(maps: MapServer) -> None:
    maps.behave = map_server.saying(b"<html>")
    table = asking(maps, Osrm(BIKE, most_places=2)).table(town(5))
    assert len(maps.asked) == 3
    assert {gap.fault: gap.legs for gap in table.provenance.gaps} == {Fault.GARBAGE: 3, Fault.NOT_ASKED: 17}


# --- what was told before ---------------------------------------------------------------------------------------------


def test_what_is_known_is_not_asked_again(maps: MapServer, tmp_path: Path) -> None:
    first = asking(maps, cache=Cache(tmp_path)).table(TWO)
    second = asking(maps, cache=Cache(tmp_path), at=NOON + timedelta(days=1)).table(TWO)
    assert len(maps.asked) == 1
    assert np.array_equal(first.metres, second.metres)
    assert second.provenance.version == first.provenance.version
    assert (second.provenance.kept, second.provenance.oldest) == (2, NOON)


def test_a_further_door_is_asked_for_and_the_rest_is_known(maps: MapServer) -> None:
    cache, places = Cache(), town(8)
    asking(maps, Osrm(BIKE, most_places=8), cache=cache).table(places[:4])
    asking(maps, Osrm(BIKE, most_places=8), cache=cache).table(places)
    assert [asked[1:] for asked in maps.asked[:4]] == [(4, 4), (4, 4), (4, 4), (4, 4)]
    assert len(maps.asked) == 5, "three of four parts are new, and the first of them is asked again"


def test_what_is_too_old_is_asked_again(maps: MapServer) -> None:
    cache, patience = Cache(), Patience(oldest=timedelta(days=2))
    asking(maps, cache=cache, patience=patience).table(TWO)
    asking(maps, cache=cache, patience=patience, at=NOON + timedelta(days=3)).table(TWO)
    assert len(maps.asked) == 2


def test_each_profile_and_server_has_legs_of_its_own(maps: MapServer) -> None:
    cache = Cache()
    asking(maps, Valhalla(BIKE), cache=cache).table(TWO)
    asking(maps, Valhalla(VehicleKind.ON_FOOT), cache=cache).table(TWO)
    assert [asked[0] for asked in maps.asked] == ["motor_scooter", "pedestrian"]


def test_straight_lines_are_never_kept_as_if_the_server_had_told_them(maps: MapServer) -> None:
    cache = Cache()
    maps.behave = map_server.saying(b"<html>")
    asking(maps, cache=cache).table(TWO)
    maps.behave = None
    assert asking(maps, cache=cache).table(TWO).provenance.guessed == 0


def test_the_directory_tells_nobody_where_the_doors_are(maps: MapServer, tmp_path: Path) -> None:
    asking(maps, cache=Cache(tmp_path, secret=b"one")).table(TWO)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) == 2
    told = b"".join(path.name.encode() + path.read_bytes() for path in files)
    assert not any(part in told for part in (b"108.2", b"16.06", np.float64(DA_NANG.lat).tobytes()))
    asking(maps, cache=Cache(tmp_path, secret=b"two")).table(TWO)
    assert len(maps.asked) == 2, "another secret finds nothing"


def test_a_damaged_file_is_no_answer(maps: MapServer, tmp_path: Path) -> None:
    asking(maps, cache=Cache(tmp_path)).table(TWO)
    for path in tmp_path.rglob("*.npy"):
        path.write_bytes(path.read_bytes()[:-7])
    assert asking(maps, cache=Cache(tmp_path)).table(TWO).provenance.kept == 0


def test_a_directory_that_takes_nothing_only_costs_questions(maps: MapServer, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no directory")
    assert asking(maps, cache=Cache(tmp_path / "file")).table(TWO).provenance.guessed == 0


# --- a server that changes its mind -----------------------------------------------------------------------------------


def test_a_server_that_says_something_else_than_last_month_is_noticed(maps: MapServer) -> None:
    cache, patience = Cache(), Patience(oldest=timedelta(days=2), told_percent=10)
    asking(maps, cache=cache, patience=patience).table(TWO)
    maps.longer = 1.55
    quiet = asking(maps, cache=cache, patience=patience, at=NOON + timedelta(days=3)).table(TWO)
    assert quiet.provenance.drift is None, "three percent are not worth a word"
    maps.longer = 3.1
    told = asking(maps, cache=cache, patience=patience, at=NOON + timedelta(days=6)).table(TWO).provenance.drift
    assert told == matrix.Drift(legs=2, asked_again=2, largest_percent=100)


def test_a_server_that_changes_between_two_parts_is_asked_for_all_of_it_again(maps: MapServer) -> None:
    def change(handler: map_server.Handler) -> None:
        maps.behave, maps.longer = None, 3.0
        rows = [[0.0, 900.0], [900.0, 0.0]]
        handler.say({"code": "Ok", "distances": rows, "durations": rows})

    maps.behave = change
    places = town(4)
    table = asking(maps, Osrm(BIKE, most_places=4)).table(places)
    assert np.allclose(table.metres, maps.ways(places, places)[0], atol=3), "one snapshot, all of it the new one"
    assert table.provenance.drift is not None
    assert len(maps.asked) == 4 + 1 + 4


def test_two_tables_of_another_content_have_another_version(maps: MapServer) -> None:
    before = asking(maps).table(TWO).provenance.version
    maps.longer = 1.6
    assert asking(maps).table(TWO).provenance.version != before


def test_a_large_table_is_checked_and_remembered_quickly(maps: MapServer) -> None:
    places, cache = scattered(60), Cache()
    table = asking(maps, Osrm(BIKE, most_places=200), cache=cache).table(places)
    assert len(maps.asked) == 1
    assert asking(maps, cache=cache).table(places[:30]).provenance.kept == 30 * 29
    assert table.provenance.guessed == 0

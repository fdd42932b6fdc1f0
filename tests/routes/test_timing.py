"""When each stop is reached, what is waited for, what is missed, and how far the shift is overrun."""

from datetime import UTC, datetime, timedelta

import pytest

from routes import timing
from routes.model import Depot, Leg, Place, Route, Stop, TimeWindow

MORNING = datetime(2026, 11, 23, 0, 30, tzinfo=UTC)
HERE = Place(16.06, 108.15)


def later(minutes: int) -> datetime:
    return MORNING + timedelta(minutes=minutes)


def stop(key: str, window: TimeWindow | None = None) -> Stop:
    return Stop(key=key, place=HERE, service=timedelta(minutes=5), window=window)


def route(*stops: Stop) -> Route:
    legs = tuple(Leg(metres=1000, seconds=600) for _ in range(len(stops) + 1)) if stops else ()
    return Route(depot=Depot(key="d", place=HERE), stops=stops, legs=legs)


def test_driving_and_service_add_up_from_stop_to_stop() -> None:
    table = timing.timetable(route(stop("a"), stop("b")), starts_at=MORNING, shift_ends_at=later(60))
    assert [visit.arrives_at for visit in table.visits] == [later(10), later(25)]
    assert [visit.leaves_at for visit in table.visits] == [later(15), later(30)]
    assert (table.returns_at, table.over_hours, table.is_over) == (later(40), timedelta(), False)


def test_a_window_that_is_not_open_yet_is_waited_for() -> None:
    window = TimeWindow(opens=later(20), closes=later(50))
    table = timing.timetable(route(stop("a", window)), starts_at=MORNING, shift_ends_at=later(60))
    (visit,) = table.visits
    assert (visit.arrives_at, visit.begins_at, visit.waits) == (later(10), later(20), timedelta(minutes=10))
    assert table.returns_at == later(35)
    assert table.missed == ()


def test_a_window_that_has_closed_is_told_with_how_late_it_is() -> None:
    window = TimeWindow(opens=later(0), closes=later(4))
    table = timing.timetable(route(stop("a", window), stop("b")), starts_at=MORNING, shift_ends_at=later(60))
    assert [(visit.stop.key, visit.late_by) for visit in table.missed] == [("a", timedelta(minutes=6))]


def test_a_route_that_ends_after_the_shift_says_by_how_much() -> None:
    table = timing.timetable(route(stop("a"), stop("b")), starts_at=MORNING, shift_ends_at=later(25))
    assert table.is_over
    assert table.over_hours == timedelta(minutes=15)


def test_a_day_without_stops_ends_where_it_begins() -> None:
    table = timing.timetable(route(), starts_at=MORNING, shift_ends_at=later(60))
    assert (table.visits, table.returns_at) == ((), MORNING)


def test_a_window_cannot_close_before_it_opens() -> None:
    with pytest.raises(ValueError, match="window"):
        TimeWindow(opens=later(1), closes=later(0))

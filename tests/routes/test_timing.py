"""When each stop is reached, what is waited for, what is missed, and how far the shift is overrun."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from routes.model import Break, Depot, Leg, Place, Shift, Stop, TimeWindow, Vehicle
from routes.timing import Clock, PauseKind, Timetable

MORNING = datetime(2026, 11, 23, 0, 30, tzinfo=UTC)
HERE = Place(16.06, 108.15)


def later(minutes: int) -> datetime:
    return MORNING + timedelta(minutes=minutes)


def stop(key: str, window: TimeWindow | None = None) -> Stop:
    return Stop(key=key, place=HERE, service=timedelta(minutes=5), window=window)


class TenMinutes:
    """Every way takes ten minutes and a kilometre."""

    def leg(self, origin: Place, destination: Place) -> Leg:
        return Leg(metres=1000, seconds=600)


def driver(
    *,
    ends: int = 60,
    capacity: int | None = None,
    reloads: int = 0,
    breaks: tuple[Break, ...] = (),
    is_open: bool = False,
) -> Vehicle:
    shift = Shift(starts_at=MORNING, ends_at=later(ends), longest=timedelta(hours=8))
    office = Depot(key="d", place=HERE)
    end = None if is_open else office
    return Vehicle(key="d", shift=shift, start=office, end=end, capacity=capacity, reloads=reloads, breaks=breaks)


def clock(vehicle: Vehicle | None = None) -> Clock:
    return Clock(vehicle or driver(), matrix=TenMinutes())


def timetable(*stops: Stop, ends: int = 60) -> Timetable:
    return clock(driver(ends=ends)).timetable(stops)


def test_driving_and_service_add_up_from_stop_to_stop() -> None:
    table = timetable(stop("a"), stop("b"))
    assert [visit.arrives_at for visit in table.visits] == [later(10), later(25)]
    assert [visit.leaves_at for visit in table.visits] == [later(15), later(30)]
    assert (table.returns_at, table.over_hours, table.is_over) == (later(40), timedelta(), False)


def test_a_window_that_is_not_open_yet_is_waited_for() -> None:
    window = TimeWindow(opens=later(20), closes=later(50))
    table = timetable(stop("a", window))
    (visit,) = table.visits
    assert (visit.arrives_at, visit.begins_at, visit.waits) == (later(10), later(20), timedelta(minutes=10))
    assert table.returns_at == later(35)
    assert table.missed == ()


def test_a_window_that_has_closed_is_told_with_how_late_it_is() -> None:
    window = TimeWindow(opens=later(0), closes=later(4))
    table = timetable(stop("a", window), stop("b"))
    assert [(visit.stop.key, visit.late_by) for visit in table.missed] == [("a", timedelta(minutes=6))]


def test_a_route_that_ends_after_the_shift_says_by_how_much() -> None:
    table = timetable(stop("a"), stop("b"), ends=25)
    assert table.is_over
    assert table.over_hours == timedelta(minutes=15)


def test_a_day_without_stops_ends_where_it_begins() -> None:
    table = timetable()
    assert (table.visits, table.returns_at) == ((), MORNING)


def test_a_window_cannot_close_before_it_opens() -> None:
    with pytest.raises(ValueError, match="window"):
        TimeWindow(opens=later(1), closes=later(0))


def test_a_driver_goes_back_for_more_when_the_next_stop_needs_more_than_is_left() -> None:
    stops = [replace(stop(key), load=2) for key in "abc"]
    vehicle = driver(ends=120, capacity=4, reloads=1)
    table, route = clock(vehicle).timetable(stops), clock(vehicle).route(stops)
    assert [(each.kind, each.after, each.begins_at) for each in table.pauses] == [(PauseKind.RELOAD, 2, later(40))]
    assert table.visits[2].arrives_at == later(60), "ten minutes back, ten to load, ten out"
    assert [leg.metres for leg in route.legs] == [1000, 1000, 2000, 1000]
    assert clock(vehicle).fits(clock(vehicle).outcome(stops))


def test_more_reloads_than_there_may_be_do_not_fit_however_much_time_there_is() -> None:
    stops = [replace(stop(key), load=2) for key in "abc"]
    vehicle = driver(ends=600, capacity=2, reloads=1)
    assert clock(vehicle).outcome(stops).broken == 1
    assert not clock(vehicle).fits(clock(vehicle).outcome(stops))
    assert clock(vehicle).outcome([replace(stop("a"), load=3)]).broken, "what no vehicle can carry"


def test_a_break_begins_when_it_may_and_is_no_work() -> None:
    noon = Break(opens=later(20), closes=later(60), duration=timedelta(minutes=30))
    found = clock(driver(ends=120, breaks=(noon,)))
    table = found.timetable([stop("a"), stop("b"), stop("c")])
    assert [(each.kind, each.after, each.begins_at, each.ends_at) for each in table.pauses] == [
        (PauseKind.BREAK, 2, later(30), later(60))
    ]
    outcome = found.outcome([stop("a"), stop("b"), stop("c")])
    assert (outcome.away, outcome.work) == (85 * 60, 55 * 60)


def test_a_break_that_could_not_begin_in_time_after_the_next_stop_is_taken_before_it() -> None:
    soon = Break(opens=later(12), closes=later(14), duration=timedelta(minutes=10))
    table = clock(driver(ends=120, breaks=(soon,))).timetable([stop("a"), stop("b")])
    assert [(each.after, each.begins_at) for each in table.pauses] == [(0, later(12))]
    assert clock(driver(breaks=(soon,))).outcome([stop("a")]).broken == 0


def test_a_break_is_taken_before_a_stop_that_is_waited_for_beyond_it() -> None:
    noon = Break(opens=later(20), closes=later(60), duration=timedelta(minutes=30))
    found = clock(driver(ends=200, breaks=(noon,)))
    stops = [stop("a", TimeWindow(opens=later(100), closes=later(120))), stop("b")]
    table = found.timetable(stops)
    assert [(each.after, each.begins_at) for each in table.pauses] == [(0, later(20))]
    assert [visit.begins_at for visit in table.visits] == [later(100), later(115)]
    assert found.fits(found.outcome(stops))


def test_who_is_back_before_his_break_must_begin_has_none() -> None:
    noon = Break(opens=later(200), closes=later(240), duration=timedelta(minutes=30))
    assert clock(driver(breaks=(noon,))).timetable([stop("a")]).pauses == ()


def test_a_route_without_an_end_is_over_at_its_last_stop() -> None:
    found = clock(driver(is_open=True))
    assert found.timetable([stop("a")]).returns_at == later(15)
    assert [leg.metres for leg in found.route([stop("a")]).legs] == [1000, 0]

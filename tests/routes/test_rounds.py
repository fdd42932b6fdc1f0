"""The day of a depot: too long a round is shared, promises find a place, and everything left behind says why."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from routes import rounds
from routes.matrix import GreatCircleMatrix
from routes.model import Depot, Importance, Place, Shift, Stop, TimeWindow, Vehicle
from routes.split import Ground, split
from routes.timing import Clock
from routes.why import Reason
from routes.yard import LaidOut, Round, Yard

OFFICE = Depot(key="551000", place=Place(16.07, 108.20))
MORNING = datetime(2026, 11, 16, 0, 30, tzinfo=UTC)
SHIFT = Shift(starts_at=MORNING, ends_at=MORNING + timedelta(hours=9), longest=timedelta(hours=8))
SHORT = replace(SHIFT, longest=timedelta(hours=2))


def stop(
    key: str, *, area: str = "a", east_km: float = 1, must: bool = False, window: TimeWindow | None = None
) -> Stop:
    return Stop(
        key=key,
        place=Place(16.07, 108.20 + east_km / 106.8),
        area=area,
        importance=Importance.PROMISED if must else Importance.USUAL,
        window=window,
    )


def scattered(count: int, *, seed: int = 1, prefix: str = "s") -> list[Stop]:
    """Return stops in three areas that lie side by side, west to east."""
    chance = random.Random(seed)
    return [
        Stop(
            key=f"{prefix}{number:03}",
            place=Place(16.07 + chance.uniform(-0.03, 0.03), 108.17 + 0.02 * area + chance.uniform(0, 0.02)),
            area="abc"[area],
        )
        for number in range(count)
        for area in [number * 3 // count]
    ]


def driven(shift: Shift, *, key: str = "d") -> Vehicle:
    return Vehicle(key=key, shift=shift, start=OFFICE, end=OFFICE)


def round_of(*stops: Stop, key: str = "r1", shift: Shift = SHIFT, has_driver: bool = True) -> Round:
    return Round(key=key, stops=stops, ranking=("a", "b", "c"), vehicle=driven(shift, key=key), has_driver=has_driver)


def yard(*all_of_them: Round, spare: int = 0) -> Yard:
    return Yard(rounds=all_of_them, spare=tuple(f"free{number}" for number in range(spare)))


def served(day: LaidOut) -> dict[tuple[str, int], list[str]]:
    return {(each.round, each.part): [stop.key for stop in each.route.stops] for each in day.driven}


def reasons(day: LaidOut) -> dict[str, Reason]:
    return {each.stop.key: each.reason for each in day.unassigned}


def test_a_round_within_its_hours_is_its_own_drivers_even_when_others_are_free() -> None:
    day = rounds.lay_out(yard(round_of(stop("x"), stop("y", area="b")), spare=3))
    assert served(day) == {("r1", 0): ["x", "y"]}
    assert [each.by_spare for each in day.driven] == [False]


def test_a_round_over_its_hours_is_shared_with_whoever_is_free() -> None:
    stops = scattered(60)
    day = rounds.lay_out(yard(round_of(*stops, shift=replace(SHIFT, longest=timedelta(hours=5))), spare=2))
    assert sorted(key for keys in served(day).values() for key in keys) == [each.key for each in stops]
    assert [each.by_spare for each in day.driven] == [False, True], "no more drivers than it takes"
    for each in day.driven:
        assert each.timetable.returns_at - each.timetable.starts_at <= timedelta(hours=5)


def test_the_parts_of_a_round_keep_areas_together_and_in_their_order() -> None:
    day = rounds.lay_out(yard(round_of(*scattered(60), shift=replace(SHIFT, longest=timedelta(hours=5))), spare=1))
    for each in day.driven:
        areas = [stop.area for stop in each.route.stops]
        assert areas == sorted(areas, key=str)
    first, second = ({stop.area for stop in each.route.stops} for each in day.driven)
    assert len(first & second) <= 1, "at most one area is cut in two"


def test_the_same_round_is_shared_the_same_way_in_whatever_order_its_stops_come() -> None:
    stops, shift = scattered(40), replace(SHIFT, longest=timedelta(hours=3))
    first = rounds.lay_out(yard(round_of(*stops, shift=shift), spare=2))
    for seed in range(2):
        shuffled = random.Random(seed).sample(stops, len(stops))
        assert rounds.lay_out(yard(round_of(*shuffled, shift=shift), spare=2)) == first


def test_what_nobody_can_drive_stays_behind_with_its_reason_and_what_is_promised_does_not() -> None:
    promised = stop("z-promised", area="c", must=True)
    day = rounds.lay_out(yard(round_of(*scattered(40), promised, shift=SHORT)))
    assert "z-promised" in served(day)["r1", 0]
    assert set(reasons(day).values()) == {Reason.OVER_SHIFT}
    assert len(reasons(day)) + len(served(day)["r1", 0]) == 41


def test_a_round_without_a_driver_is_driven_by_somebody_free_first() -> None:
    long, orphan = round_of(*scattered(60), shift=SHORT), round_of(stop("x"), key="r2", has_driver=False)
    day = rounds.lay_out(yard(long, orphan, spare=1))
    assert served(day)["r2", 0] == ["x"]
    assert [each.by_spare for each in day.driven] == [False, True]


def test_a_promise_of_a_round_nobody_drives_goes_along_with_another_round() -> None:
    orphan = round_of(stop("promised", must=True), stop("usual"), key="r2", has_driver=False)
    day = rounds.lay_out(yard(round_of(stop("x")), orphan))
    assert sorted(served(day)["r1", 0]) == ["promised", "x"]
    assert reasons(day) == {"usual": Reason.NO_DRIVER}


def test_what_is_not_promised_gives_way_to_a_promise_of_the_neighbouring_round() -> None:
    full = [stop(f"m{number}", east_km=0.1, must=True) for number in range(29)]
    usual = [stop(f"u{number}", east_km=0.1) for number in range(29)]
    late = stop("late", east_km=0.1, must=True)
    day = rounds.lay_out(yard(round_of(*full, late, shift=SHORT), round_of(*usual, key="r2", shift=SHORT)))
    assert not [each for each in day.unassigned if each.stop.must]
    assert len(served(day)["r1", 0]) == 29, "thirty doors of four minutes and the way are more than two hours"
    assert set(reasons(day)) <= {each.key for each in usual}


def test_a_window_that_one_round_cannot_meet_is_met_by_another() -> None:
    half_past = TimeWindow(opens=MORNING, closes=MORNING + timedelta(minutes=10))
    east, west = stop("east", east_km=2, window=half_past), stop("west", east_km=-2, window=half_past)
    day = rounds.lay_out(yard(round_of(east, west), round_of(stop("x"), key="r2")))
    assert all(not each.missed for each in day.driven)
    assert {len(keys) for keys in served(day).values()} in ({1, 2}, {2, 1})


def test_a_window_nobody_can_meet_is_served_late_and_said_so() -> None:
    gone = stop("far", east_km=20, window=TimeWindow(opens=MORNING, closes=MORNING + timedelta(minutes=5)))
    (drive,) = rounds.lay_out(yard(round_of(gone))).driven
    assert [(miss.stop.key, miss.reason) for miss in drive.missed] == [("far", Reason.TOO_FAR)]
    assert drive.timetable.missed


@pytest.mark.parametrize("seed", range(4))
def test_every_stop_is_on_one_round_or_has_one_reason(seed: int) -> None:
    first = round_of(*scattered(45, seed=seed), shift=SHORT)
    second = round_of(*scattered(20, seed=seed + 9, prefix="t"), key="r2", shift=SHORT)
    day = rounds.lay_out(yard(first, second, spare=1))
    seen = [key for keys in served(day).values() for key in keys] + list(reasons(day))
    assert sorted(seen) == sorted(each.key for each in (*first.stops, *second.stops))
    for each in day.driven:
        clock = Clock(driven(SHORT), matrix=GreatCircleMatrix())
        assert clock.fits(clock.outcome(each.route.stops))


def test_several_depots_in_processes_of_their_own_give_the_same_days() -> None:
    yards = [yard(round_of(*scattered(210, seed=seed))) for seed in range(2)]
    ways = [GreatCircleMatrix() for _ in yards]
    assert rounds.lay_out_all(yards, ways=ways, processes=2) == rounds.lay_out_all(yards, ways=ways)


def test_a_split_of_nothing_is_nothing() -> None:
    ground = Ground(vehicle=driven(SHIFT), ranking=("a",), matrix=GreatCircleMatrix())
    assert split([], ground=ground, drivers=2) == []

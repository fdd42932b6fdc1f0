"""What stays behind says what would have to change, and what that would cost."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from routes import prices
from routes.model import Break, Depot, Importance, Leg, Place, Shift, Stop, TimeWindow, Vehicle
from routes.rounds import lay_out
from routes.timing import Clock
from routes.why import Price, Reason, Remedy, Unassigned
from routes.yard import LaidOut, Round, Yard

MORNING = datetime(2026, 11, 16, 0, 30, tzinfo=UTC)
ORIGIN = Depot(key="o", place=Place(0, 0))


class Line:
    """A minute and a kilometre for each degree of longitude."""

    def leg(self, origin: Place, destination: Place) -> Leg:
        away = round(abs(destination.lon - origin.lon))
        return Leg(metres=1000 * away, seconds=60 * away)


def stop(key: str, lon: float, *, closes: int | None = None) -> Stop:
    window = TimeWindow(opens=MORNING, closes=MORNING + timedelta(minutes=closes)) if closes is not None else None
    return Stop(key=key, place=Place(0, lon), area="a", service=timedelta(minutes=5), window=window)


def round_of(*stops: Stop, minutes: int, has_driver: bool = True) -> Round:
    shift = Shift(starts_at=MORNING, ends_at=MORNING + timedelta(minutes=minutes), longest=timedelta(minutes=minutes))
    driver = Vehicle(key="p", shift=shift, start=ORIGIN, end=ORIGIN)
    return Round(key="r", stops=stops, ranking=("a",), vehicle=driver, has_driver=has_driver)


def price_of(yard: Yard, *, laid: LaidOut | None = None) -> dict[str, Price | None]:
    found = prices.priced(laid or lay_out(yard, matrix=Line()), yard=yard, matrix=Line())
    return {each.stop.key: each.price for each in found.unassigned}


def test_a_stop_over_the_hours_costs_the_minutes_that_are_missing_and_they_suffice() -> None:
    stops = (stop("a", 5), stop("b", 10))
    price = price_of(Yard(rounds=(round_of(*stops, minutes=22),)))["b"]
    assert price == Price(remedy=Remedy.LONGER_HOURS, driver="p", minutes=8, longer=15, metres=10_000)
    enough = round_of(*stops, minutes=22 + 8)
    assert not lay_out(Yard(rounds=(enough,)), matrix=Line()).unassigned
    assert lay_out(Yard(rounds=(round_of(*stops, minutes=22 + 7),)), matrix=Line()).unassigned


def test_a_round_nobody_drives_costs_somebody_for_the_way_there_and_back() -> None:
    price = price_of(Yard(rounds=(round_of(stop("a", 10), minutes=60, has_driver=False),)))["a"]
    assert price == Price(remedy=Remedy.ANOTHER_DRIVER, minutes=25, longer=25, metres=20_000)


def test_a_window_that_cannot_be_met_costs_the_minutes_it_would_have_to_be_wider() -> None:
    yard = Yard(rounds=(round_of(stop("a", 30, closes=10), minutes=90),))
    laid = LaidOut(driven=(), unassigned=(Unassigned(stop=yard.rounds[0].stops[0], reason=Reason.TOO_FAR),))
    driven = lay_out(Yard(rounds=(round_of(stop("x", 1), minutes=90),)), matrix=Line()).driven
    price = price_of(yard, laid=replace(laid, driven=driven))["a"]
    assert price is not None
    assert (price.remedy, price.minutes) == (Remedy.WIDER_WINDOW, 20)


def test_what_a_vehicle_cannot_carry_costs_room() -> None:
    heavy = replace(stop("heavy", 1), load=5)
    round_ = round_of(stop("x", 1), heavy, minutes=60)
    yard = Yard(rounds=(replace(round_, vehicle=replace(round_.vehicle, capacity=4)),))
    price = price_of(yard)["heavy"]
    assert price is not None
    assert price.remedy is Remedy.MORE_ROOM


def test_nothing_is_offered_that_would_not_be_enough_alone() -> None:
    late_and_far = stop("a", 30, closes=10)
    round_ = round_of(stop("x", 1), late_and_far, minutes=40)
    assert price_of(Yard(rounds=(round_,)))["a"] is None, "neither hours nor the window alone, nor another driver"
    nobody = round_of(stop("b", 30), minutes=40, has_driver=False)
    assert price_of(Yard(rounds=(nobody,)))["b"] is None, "another driver has no more time"


def test_the_price_of_every_stop_is_one_with_which_it_goes_along() -> None:
    for seed in range(40):
        yard = any_yard(random.Random(seed))
        laid = lay_out(yard, matrix=Line())
        for left in laid.unassigned:
            assert left.price is None or goes_along(left.stop, left.price, laid, yard.rounds[0].vehicle), (seed, left)


def any_yard(chance: random.Random) -> Yard:
    """Return a round with all that can stand in the way of a stop: hours, windows, loads, a break."""
    stops = [
        replace(
            stop(str(number), chance.randint(0, 25), closes=chance.choice([None, None, 10, 60])),
            load=chance.randint(0, 4),
            importance=Importance(chance.randrange(4)),
        )
        for number in range(chance.randint(1, 6))
    ]
    round_ = round_of(*stops, minutes=chance.choice([40, 60, 90]))
    noon = Break(opens=MORNING, closes=MORNING + timedelta(minutes=30), duration=timedelta(minutes=10))
    vehicle = replace(round_.vehicle, capacity=chance.choice([None, 3, 6]), breaks=chance.choice([(), (noon,)]))
    return Yard(rounds=(replace(round_, vehicle=vehicle),))


def goes_along(left: Stop, price: Price, laid: LaidOut, vehicle: Vehicle) -> bool:
    """Pay the price and look."""
    path = [stop for each in laid.driven for stop in each.route.stops]
    minutes = timedelta(minutes=price.minutes)
    match price.remedy:
        case Remedy.LONGER_HOURS:
            shift = vehicle.shift
            longer = replace(shift, ends_at=shift.ends_at + minutes, longest=shift.longest + minutes)
            vehicle = replace(vehicle, shift=longer)
        case Remedy.WIDER_WINDOW:
            assert left.window is not None
            left = replace(left, window=replace(left.window, closes=left.window.closes + minutes))
        case Remedy.MORE_ROOM:
            vehicle = replace(vehicle, capacity=None)
        case _:
            path = []
    clock = Clock(vehicle, matrix=Line())
    before = clock.outcome(path)
    found = [clock.outcome([*path[:at], left, *path[at:]]) for at in range(len(path) + 1)]
    return any(clock.fits(each) and each.late <= before.late for each in found)


def test_a_stop_outside_every_area_costs_the_way_of_the_round_that_would_take_it_in() -> None:
    stranger = replace(stop("s", 2), area="elsewhere")
    price = price_of(Yard(rounds=(round_of(stop("x", 5), stranger, minutes=60),)))["s"]
    assert price == Price(remedy=Remedy.INTO_ROUND, driver="p", minutes=0, longer=5, metres=0)


def test_a_stop_without_a_point_costs_somebody_who_says_where_it_is() -> None:
    lost = replace(stop("lost", 0), place=None)
    assert price_of(Yard(rounds=(round_of(stop("x", 1), lost, minutes=60),)))["lost"] == Price(remedy=Remedy.A_POINT)


def test_the_clock_says_by_how_much_an_order_is_too_long() -> None:
    clock = Clock(round_of(minutes=22).vehicle, matrix=Line())
    assert clock.over(clock.outcome([stop("b", 10)])) == 3 * 60

"""Room on routes: what matters least gives way, and what gave way finds another place where there is one."""

from datetime import UTC, datetime, timedelta

from routes import drives
from routes.drives import Drive
from routes.model import Depot, Importance, Leg, Place, Shift, Stop, TimeWindow, Vehicle
from routes.split import Ground
from routes.why import Reason, Unassigned
from routes.yard import Round

MORNING = datetime(2026, 11, 16, 0, 30, tzinfo=UTC)
HERE = Depot(key="o", place=Place(0, 0))


class Nowhere:
    """Everything is next door: only service takes time."""

    def leg(self, origin: Place, destination: Place) -> Leg:
        return Leg(metres=0, seconds=0)


def stop(key: str, importance: Importance, *, minutes: int, closes: int | None = None) -> Stop:
    window = TimeWindow(opens=MORNING, closes=MORNING + timedelta(minutes=closes)) if closes is not None else None
    service = timedelta(minutes=minutes)
    return Stop(key=key, place=Place(0, 0), area="a", service=service, importance=importance, window=window)


def drive(key: str, *path: Stop, minutes: int) -> Drive:
    hours = timedelta(minutes=minutes)
    vehicle = Vehicle(
        key=key, shift=Shift(starts_at=MORNING, ends_at=MORNING + hours, longest=hours), start=HERE, end=HERE
    )
    ground = Ground(vehicle=vehicle, ranking=("a",), matrix=Nowhere())
    round_ = Round(key=key, stops=path, ranking=("a",), vehicle=vehicle)
    return Drive(round=round_, part=0, by_spare=False, ground=ground, path=list(path))


def homeless(*stops: Stop) -> list[Unassigned]:
    return [Unassigned(stop=each, reason=Reason.OVER_SHIFT) for each in stops]


def keys(found: Drive) -> list[str]:
    return [each.key for each in found.path]


def test_many_usual_stops_give_way_before_one_repeated_visit() -> None:
    repeated = drive("one", stop("again", Importance.REPEAT, minutes=60), minutes=60)
    usual = drive("two", *(stop(key, Importance.USUAL, minutes=30) for key in "ab"), minutes=60)
    left = drives.find_places([repeated, usual], homeless(stop("law", Importance.LEGAL, minutes=60)))
    assert (keys(repeated), keys(usual)) == (["again"], ["law"])
    assert {each.stop.key for each in left} == {"a", "b"}


def test_a_promise_that_gives_way_to_the_law_goes_to_whoever_has_the_time() -> None:
    full = drive("one", stop("promise", Importance.PROMISED, minutes=40), minutes=60)
    free = drive("two", minutes=40)
    assert drives.find_places([full, free], homeless(stop("law", Importance.LEGAL, minutes=60))) == []
    assert (keys(full), keys(free)) == (["law"], ["promise"])


def test_a_route_on_which_one_stop_is_late_still_takes_what_it_has_the_time_for() -> None:
    late = [stop(key, Importance.PROMISED, minutes=10, closes=0) for key in "abc"]
    only = drive("one", minutes=60)
    left = drives.find_places([only], homeless(*late, stop("plain", Importance.PROMISED, minutes=10)))
    assert left == []
    assert sorted(keys(only)) == ["a", "b", "c", "plain"]
    assert drives.fill_gaps([only], homeless(stop("usual", Importance.USUAL, minutes=10))) == []

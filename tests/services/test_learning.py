"""What an office's own runs teach its next plans, and how a coordinator sets that back."""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from postal import worker
from postal.domain.events import Delivered, PlannedStop
from postal.domain.learned import Learned, NoReasonToPin, NothingLearned, RoundFigures
from postal.domain.people import Role
from postal.domain.permissions import Forbidden
from postal.domain.places import Place, PlaceKind
from postal.domain.places import VehicleKind as WithWhat
from postal.domain.run import DeliveryRun, RunElsewhere, RunState, UnlikelyKilometres
from postal.services import delivery, learning, measuring
from postal.store import Store, driven
from postal.store.driven import Mark
from postal.store.tables import AuditRow, table_of
from postal.worker import Lessons
from routes import learning as routes_learning
from routes.learning import USUAL, Driven, Figures
from routes.model import VehicleKind
from tests import arrivals, cast
from tests.arrivals import binh
from tests.services.visits import HERE, at_doors, north

KIND = VehicleKind.MOTORBIKE
dung = cast.actor("dung", "Phan Dũng", place="550000", roles={Role.COORDINATOR})
WHY = "Đường đang sửa, số liệu tuần này không dùng được"


@pytest.fixture
def office(seeded: Store) -> Store:
    """Return a store with the postmen of the central office."""
    arrivals.keep_postmen(seeded)
    return seeded


def figures(store: Store, office: str = cast.OFFICE, **more: object) -> Figures:
    with store.read() as reader:
        return learning.learned(reader, office, **more)  # type: ignore[arg-type]


def closed(store: Store, **more: object) -> DeliveryRun:
    """Return a closed run of two doors, 2 km apart and 20 minutes after each other."""
    run = at_doors(store, minutes=(30, 50))
    return delivery.close_run(store, run.code, by=binh, at=cast.after(hours=8), **more)  # type: ignore[arg-type]


def test_until_a_run_is_closed_the_usual_figures_stand(office: Store) -> None:
    assert figures(office) == USUAL[KIND]
    assert learning.due(office, at=cast.monday) == []
    assert learning.learn(office, cast.OFFICE, at=cast.monday) == 0


def test_a_closed_run_teaches_the_next_plan_a_little(office: Store) -> None:
    closed(office)
    evening = cast.after(hours=9)
    assert learning.due(office, at=evening) == [cast.OFFICE]
    assert learning.learn(office, cast.OFFICE, at=evening) == 1
    assert learning.due(office, at=evening) == [], "once a day"
    found = figures(office)
    assert 18 < found.speed_kmh < 20
    assert USUAL[KIND].at_the_door < found.at_the_door < timedelta(minutes=5)
    assert figures(office, territory=arrivals.TERRITORY) == found, "one run is not enough for a territory of its own"
    assert figures(office, "555700") == USUAL[KIND], "another office has not learned"


def test_the_figures_of_yesterday_are_kept_beside_those_of_today(office: Store) -> None:
    closed(office)
    learning.learn(office, cast.OFFICE, at=cast.after(hours=9))
    learning.learn(office, cast.OFFICE, at=cast.after(days=1))
    with office.read() as reader:
        newest = reader.learned.newest([cast.OFFICE])[cast.OFFICE, "", KIND.value]
    assert newest.before == newest.figures
    assert (newest.runs, newest.hops, newest.worked_on) == (1, 1, cast.today + timedelta(days=1))
    assert (newest.first_on, newest.last_on) == (cast.today, cast.today)


def test_runs_of_long_ago_teach_nothing(office: Store) -> None:
    closed(office)
    assert learning.due(office, at=cast.after(days=90)) == []
    assert learning.learn(office, cast.OFFICE, at=cast.after(days=90)) == 0


def test_the_kilometres_of_a_meter_teach_the_detour(office: Store) -> None:
    run = closed(office, odometer_m=12_000)
    assert run.odometer_m == 12_000
    with office.read() as reader:
        marks = driven.marks(reader, [run])[run.code]
        told = learning.as_driven(run, marks, office=reader.reference.place(run.office))
    assert told.odometer_m == 12_000
    assert told.straight_m is not None
    learning.learn(office, cast.OFFICE, at=cast.after(hours=9))
    expected = (12_000 / told.straight_m + 5 * USUAL[KIND].detour) / 6
    assert figures(office).detour == pytest.approx(expected, abs=0.001)


def test_a_run_counts_for_what_its_round_is_driven_with(office: Store) -> None:
    with office.begin(at=cast.monday) as ledger:
        territory = ledger.reference.territory(arrivals.TERRITORY)
        on_foot = replace(territory.equipment, kind=WithWhat.ON_FOOT)
        ledger.reference.put_territory(replace(territory, equipment=on_foot))
    closed(office)
    learning.learn(office, cast.OFFICE, at=cast.after(hours=9))
    assert figures(office) == USUAL[KIND]
    walked = figures(office, kind=VehicleKind.ON_FOOT)
    assert walked != USUAL[VehicleKind.ON_FOOT]
    assert walked.speed_kmh < 9


def test_a_territory_goes_before_its_office_and_its_office_before_the_usual(office: Store) -> None:
    own = RoundFigures(detour=1.5, speed_kmh=12.0, door_seconds=300, further_seconds=90)
    whole = Learned(
        office=cast.OFFICE,
        territory="",
        kind=KIND.value,
        worked_on=cast.today,
        figures=replace(own, speed_kmh=17.0),
        before=own,
        runs=34,
        hops=600,
        hops_of_several=80,
        odometers=3,
        left_out=0,
        first_on=cast.today,
        last_on=cast.today,
    )
    with office.begin(at=cast.monday) as ledger:
        ledger.learned.keep(whole)
        ledger.learned.keep(replace(whole, territory=arrivals.TERRITORY, figures=own))
    assert figures(office, territory=arrivals.TERRITORY).speed_kmh == 12.0
    assert figures(office, territory="551000-02").speed_kmh == 17.0
    assert figures(office, "555700", territory="555700-01") == USUAL[KIND]
    assert figures(office).service(3) == timedelta(minutes=8)


@pytest.mark.parametrize("metres", [0, -1000, 500_001])
def test_kilometres_nobody_drives_in_a_day_are_refused(office: Store, metres: int) -> None:
    run = at_doors(office)
    with pytest.raises(UnlikelyKilometres, match="không quá 500 km"):
        delivery.close_run(office, run.code, by=binh, at=cast.after(hours=8), odometer_m=metres)


def test_a_coordinator_puts_the_usual_figures_back_and_the_trail_says_why(office: Store) -> None:
    closed(office)
    learning.learn(office, cast.OFFICE, at=cast.after(hours=9))
    taught = figures(office)
    learning.pin(office, cast.OFFICE, reason=WHY, by=dung, at=cast.after(hours=10))
    assert figures(office) == USUAL[KIND]
    learning.learn(office, cast.OFFICE, at=cast.after(days=1))
    assert figures(office) == USUAL[KIND], "learning goes on, plans do not follow"
    learning.unpin(office, cast.OFFICE, reason="Xong đường", by=dung, at=cast.after(days=1))
    assert figures(office).speed_kmh == pytest.approx(taught.speed_kmh, abs=0.1)
    with office.read() as reader:
        table = table_of(AuditRow)
        query = select(table.c.account, table.c.what, table.c.detail).where(table.c.what.like("figures%"))
        trail = [tuple(row) for row in reader.rows(query.order_by(table.c.seq))]
    assert [row[:2] for row in trail] == [("dung", "figures_pinned"), ("dung", "figures_unpinned")]
    assert WHY in trail[0][2]


def test_nobody_pins_without_a_reason_a_right_or_something_learned(office: Store) -> None:
    with pytest.raises(NothingLearned, match="chưa học được gì"):
        learning.pin(office, cast.OFFICE, reason=WHY, by=cast.minh, at=cast.monday)
    with pytest.raises(NoReasonToPin):
        learning.pin(office, cast.OFFICE, reason="  ", by=cast.minh, at=cast.monday)
    with pytest.raises(RunElsewhere):
        learning.pin(office, "555700", reason=WHY, by=cast.minh, at=cast.monday)
    with pytest.raises(Forbidden):
        learning.unpin(office, cast.OFFICE, reason=WHY, by=binh, at=cast.monday)


def test_the_worker_lets_an_office_learn_once_a_day_and_again_on_the_next(office: Store) -> None:
    closed(office)
    lessons = Lessons()
    tomorrow = cast.today + timedelta(days=1)
    for hours, worked_on in ((9, cast.today), (10, cast.today), (24, tomorrow)):
        worker.look_to_learn(office, lessons, clock=standing(cast.after(hours=hours)))
        with office.read() as reader:
            assert reader.learned.worked_on(cast.OFFICE) == worked_on


def test_an_office_that_cannot_learn_holds_up_nobody(office: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    closed(office)
    lessons = Lessons()

    def broken(*_: object, **__: object) -> int:
        raise ArithmeticError

    monkeypatch.setattr(learning, "learn", broken)
    with pytest.raises(ArithmeticError):
        worker.look_to_learn(office, lessons, clock=standing(cast.after(hours=9)))
    worker.look_to_learn(office, lessons, clock=standing(cast.after(hours=10)))
    assert lessons.waiting == []


def standing(at: datetime) -> Callable[[], datetime]:
    """Return a clock that stands."""
    return lambda: at


# --- from records to hops ---------------------------------------------------------------------------------------------


def mark(turn: int, stop: int, *, minutes: float, metres: float, **changed: object) -> Mark:
    plain = Mark(
        turn=turn,
        stop=stop,
        thing=f"P{turn}",
        version=3,
        kind=Delivered,
        account=binh.account,
        at=cast.monday + timedelta(minutes=minutes),
        has_time=True,
        was_offline=False,
        spot=north(metres),
        planned=None,
    )
    return replace(plain, **changed)  # type: ignore[arg-type]


def test_a_hop_runs_from_the_last_record_at_a_door_to_the_last_at_the_next() -> None:
    marks = [
        mark(1, 1, minutes=0, metres=0),
        mark(2, 1, minutes=3, metres=5),
        mark(3, 2, minutes=10, metres=1000),
        mark(4, 2, minutes=12, metres=1000),
    ]
    (hop,) = learning.hops_of(marks)
    assert (round(hop.metres, -1), hop.seconds, hop.things) == (1000, 540, 2)


def test_two_clocks_are_never_laid_side_by_side() -> None:
    online, offline = mark(1, 1, minutes=0, metres=0), mark(2, 2, minutes=10, metres=900, was_offline=True)
    assert learning.hops_of([online, offline]) == ()
    waiting = replace(online, was_offline=True)
    assert len(learning.hops_of([waiting, offline])) == 1, "one phone's own clock ran on"
    assert learning.hops_of([waiting, replace(offline, has_time=False)]) == ()


def test_records_stand_in_the_order_they_were_told_whatever_their_clocks_say() -> None:
    first, second = mark(1, 1, minutes=60, metres=0), mark(2, 2, minutes=10, metres=900)
    (hop,) = learning.hops_of([second, first])
    assert hop.seconds < 0, "left out as what cannot be true, not put the other way round"


def test_a_vague_or_missing_place_tells_no_distance() -> None:
    here = mark(1, 1, minutes=0, metres=0)
    for spot in (None, replace(HERE, accuracy_m=900)):
        assert learning.hops_of([here, mark(2, 2, minutes=10, metres=900, spot=spot)]) == ()


def simulated(
    *, runs: int, doors: int, truth: Figures, liars: float, seed: int = 3
) -> list[tuple[DeliveryRun, list[Mark]]]:
    """Return closed runs with what was recorded, as if driven with known figures; some clocks lie."""
    chance = random.Random(seed)
    return [_simulated(chance, doors=doors, truth=truth, liars=liars, number=n) for n in range(runs)]


def _simulated(
    chance: random.Random, *, doors: int, truth: Figures, liars: float, number: int
) -> tuple[DeliveryRun, list[Mark]]:
    metres, minutes, marks, road = 0.0, 0.0, [], 0.0
    for stop in range(1, doors + 1):
        hop = chance.uniform(150, 2500)
        road += hop * truth.detour
        metres += hop
        minutes += hop * truth.detour / truth.speed_kmh * 0.06 + truth.at_the_door.total_seconds() / 60
        lie = chance.choice((-90, -15, 20, 240)) if chance.random() < liars else 0
        marks.append(mark(number * 100 + stop, stop, minutes=minutes + lie + chance.gauss(0, 0.7), metres=metres))
    stops = tuple(PlannedStop(number=n, commune="20242", items=(f"P{n}",)) for n in range(1, doors + 1))
    run = DeliveryRun(
        code=f"R{number:09d}",
        version=3,
        state=RunState.CLOSED,
        office=cast.OFFICE,
        territory=arrivals.TERRITORY,
        day=date(2026, 11, 2),
        postman=binh.account,
        stops=stops,
        metres=0,
        planned_at=cast.monday,
    )
    return run, marks


def taught(driven_runs: Sequence[tuple[DeliveryRun, list[Mark]]]) -> Figures:
    told = [Driven(hops=learning.hops_of(marks)) for _, marks in driven_runs]
    return routes_learning.learn(told, usual=USUAL[KIND]).figures


TRUTH = Figures(detour=1.35, speed_kmh=14.0, at_the_door=timedelta(minutes=7), each_further=USUAL[KIND].each_further)


def test_recorded_runs_give_the_true_speed_and_time_at_a_door_within_a_tenth() -> None:
    found = taught(simulated(runs=30, doors=25, truth=TRUTH, liars=0))
    assert found.speed_kmh == pytest.approx(TRUTH.speed_kmh, rel=0.1)
    assert found.at_the_door.total_seconds() == pytest.approx(TRUTH.at_the_door.total_seconds(), rel=0.1)


def test_one_lying_clock_in_twenty_moves_no_figure_by_more_than_five_per_cent() -> None:
    honest = taught(simulated(runs=30, doors=25, truth=TRUTH, liars=0))
    lied = taught(simulated(runs=30, doors=25, truth=TRUTH, liars=0.05))
    assert lied.speed_kmh == pytest.approx(honest.speed_kmh, rel=0.05)
    assert lied.at_the_door.total_seconds() == pytest.approx(honest.at_the_door.total_seconds(), rel=0.05)


def test_the_straight_way_needs_places_at_most_stops() -> None:
    run, marks = simulated(runs=1, doors=10, truth=TRUTH, liars=0)[0]
    place = Place(code=cast.OFFICE, kind=PlaceKind.OFFICE, name="", unit=None, province_code=None, basis="")
    known = [replace(each, spot=None) if each.stop > 6 else each for each in marks]
    assert learning.as_driven(run, known, office=place).straight_m is None
    assert learning.as_driven(run, marks, office=place).straight_m == measuring.way_of(marks, office=place).metres

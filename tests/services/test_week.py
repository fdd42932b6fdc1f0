"""The week of an office: what waits gets its days, a person accepts them, and the day's rounds go by them."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from postal.domain import week as weeks
from postal.domain.events import AttemptReason
from postal.domain.people import Role
from postal.domain.permissions import Forbidden
from postal.domain.run import DayGone, RunElsewhere
from postal.domain.week import Because, DayOff, Trouble, WeekPlan, WeekStop
from postal.services import custody, invitations, planning, week
from postal.store import Store, waiting
from tests import arrivals, cast
from tests.arrivals import hanh, tam, vy
from tests.services.test_planning import asked_for_pickup, coordinator, crowd, item_of, put

MONDAY = cast.today
DAYS = tuple(MONDAY + timedelta(days=number) for number in range(5))
TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = DAYS[1:]


@pytest.fixture
def office(seeded: Store) -> Store:
    """Return a store with the postmen of the central office."""
    arrivals.keep_postmen(seeded)
    return seeded


def proposed(
    store: Store, *, first: date = MONDAY, off: Collection[DayOff] = (), at: datetime = cast.monday
) -> WeekPlan:
    return week.propose(store, cast.OFFICE, first=first, off=off, by=cast.minh, at=at)


def accepted(store: Store, plan: WeekPlan, *, at: datetime = cast.monday) -> week.Accepted:
    number = week.keep(store, plan, by=cast.minh, at=at, below=arrivals.below("week"))
    return week.accept(store, number, by=cast.minh, at=at)


def stops(plan: WeekPlan) -> dict[str, WeekStop]:
    """Return every stop by each of its things."""
    return {thing: stop for round_ in plan.rounds for stop in round_.stops for thing in stop.things}


def off_days(*days: date) -> list[DayOff]:
    return [DayOff(territory=arrivals.TERRITORY, day=day) for day in days]


def waits(store: Store, on: date) -> set[str]:
    with store.read(at=cast.monday) as reader:
        return {each.code for each in waiting.at(reader, [cast.OFFICE], on=on)}


def test_a_week_has_the_working_days_of_the_post_and_the_hours_of_its_rounds(office: Store) -> None:
    arrivals.arrived(office, hanh)
    plan = proposed(office)
    assert plan.days == DAYS
    (round_,) = plan.rounds
    assert {load.hours for load in round_.loads[1:]} == {480}
    assert round_.loads[0].hours < 480, "Monday has begun"


def test_no_result_is_given_a_day_after_its_postal_leg_ends(office: Store) -> None:
    things = arrivals.arrived(office, *crowd(30))
    found = stops(proposed(office))
    assert set(found) == set(things)
    assert {each.last for each in found.values()} == {WEDNESDAY}
    assert all(each.day and each.day <= WEDNESDAY for each in found.values())
    assert len({each.day for each in found.values()}) > 1, "the days share the work"


def test_several_things_for_one_door_go_on_one_day(office: Store) -> None:
    first, second, _ = arrivals.arrived(office, hanh, replace(hanh, address="số 15 đường Bạch Đằng, tổ 3"), tam)
    assert set(stops(proposed(office))[first].things) == {first, second}


def test_a_promised_visit_keeps_its_day_and_takes_along_what_may_wait(office: Store) -> None:
    (result,) = arrivals.arrived(office, hanh)
    visit = asked_for_pickup(office, item_of(office, result).dossier, day=TUESDAY)
    stop = stops(proposed(office))[visit]
    assert (stop.day, stop.because, set(stop.things)) == (TUESDAY, Because.PROMISED, {result, visit})
    later = asked_for_pickup(office, item_of(office, result).dossier, opens=9, closes=10, day=FRIDAY)
    assert stops(proposed(office))[later].day == FRIDAY
    assert later not in stops(proposed(office))[result].things, "its leg ends before"


def test_a_second_visit_goes_on_the_day_that_was_agreed(office: Store) -> None:
    (code,) = arrivals.arrived(office, hanh)
    with office.begin(at=cast.monday) as ledger:
        found = ledger.item(code)
        ledger.append(
            found,
            found.fail_attempt(
                run="", reason=AttemptReason.NOBODY_THERE, next_on=THURSDAY, proof="", by=cast.hung, at=cast.monday
            ),
        )
    stop = stops(proposed(office))[code]
    assert (stop.day, stop.promised, stop.because) == (THURSDAY, THURSDAY, Because.PROMISED)


def test_an_invitation_is_left_while_it_still_helps(office: Store) -> None:
    (held,) = arrivals.arrived(office, hanh)
    invitations.hold_for_pickup(office, held, until=TUESDAY, by=cast.hung, at=cast.monday)
    stop = stops(proposed(office))[held]
    assert stop.last == TUESDAY
    assert stop.day is not None
    assert stop.day <= TUESDAY


def test_a_day_off_is_said_with_what_keeping_a_date_would_take(office: Store) -> None:
    (code,) = arrivals.arrived(office, hanh)
    stop = stops(proposed(office, off=off_days(MONDAY, TUESDAY, WEDNESDAY)))[code]
    assert (stop.day, stop.trouble, stop.price_on) == (THURSDAY, Trouble.NOBODY_DRIVES, WEDNESDAY)
    assert stop.minutes > 0


def test_hours_that_do_not_suffice_are_told_by_day_and_minutes(office: Store) -> None:
    arrivals.arrived(office, *crowd(40))
    territory = put(office, arrivals.TERRITORY)
    put(office, arrivals.TERRITORY, working_time=replace(territory.working_time, longest_minutes=40))
    (round_,) = proposed(office).rounds
    short = {load.day: load.over for load in round_.loads if load.over}
    assert set(short) == {MONDAY, TUESDAY, WEDNESDAY}
    assert 0 < round_.least_over <= sum(short.values())


def test_accepted_days_are_the_days_on_which_things_are_laid_out(office: Store) -> None:
    things = set(arrivals.arrived(office, *crowd(12)))
    plan = proposed(office)
    done = accepted(office, plan)
    assert (done.things, done.changed) == (12, 0)
    today = {thing for thing, stop in stops(plan).items() if stop.day == MONDAY}
    assert waits(office, MONDAY) == today
    assert 0 < len(today) < 12
    assert waits(office, WEDNESDAY) == things, "what is due goes, whenever"
    laid = planning.propose_day(office, cast.OFFICE, day=MONDAY, by=coordinator, at=cast.monday)
    assert {thing for draft in laid.drafts for thing in draft.things} == today


def test_the_next_week_keeps_the_days_of_the_last_one(office: Store) -> None:
    arrivals.arrived(office, *crowd(12))
    first = proposed(office)
    accepted(office, first)
    arrivals.arrived(office, vy, serial=50)
    again = stops(proposed(office))
    assert {thing: again[thing].day for thing in stops(first)} == {t: s.day for t, s in stops(first).items()}
    assert not any(stop.is_moved for stop in again.values())


def test_a_week_is_accepted_once_and_leaves_alone_what_has_changed(office: Store) -> None:
    kept, gone = arrivals.arrived(office, hanh, tam)
    plan = proposed(office)
    number = week.keep(office, plan, by=cast.minh, at=cast.monday, below=arrivals.below("week"))
    custody.report_missing(office, gone, by=cast.hung, at=cast.monday)
    assert week.accept(office, number, by=cast.minh, at=cast.monday) == week.Accepted(things=1, changed=1)
    week.accept(office, number, by=coordinator, at=cast.monday)
    with office.read() as reader:
        found = reader.weeks.plan(number)
        days = reader.weeks.days_of([kept, gone])
        last = reader.weeks.last_plan(cast.OFFICE)
    assert found is not None
    assert (found.accepted_by, found.plan, last) == (cast.minh.account, plan, found)
    assert set(days) == {kept}


def test_the_same_week_comes_out_again(office: Store) -> None:
    arrivals.arrived(office, *crowd(20))
    assert proposed(office) == proposed(office)


def test_a_week_with_nothing_or_in_the_past_or_elsewhere_is_refused(office: Store) -> None:
    with pytest.raises(weeks.NothingThisWeek, match="Chưa có gì chờ đi"):
        proposed(office)
    arrivals.arrived(office, hanh)
    with pytest.raises(DayGone):
        proposed(office, first=MONDAY - timedelta(days=1))
    other = replace(cast.minh, place="552000", roles=frozenset({Role.CONTROLLER}))
    with pytest.raises(RunElsewhere):
        week.propose(office, cast.OFFICE, first=MONDAY, by=other, at=cast.monday)
    with pytest.raises(Forbidden):
        week.propose(office, cast.OFFICE, first=MONDAY, by=cast.lan, at=cast.monday)


def test_a_week_that_nobody_made_or_that_is_over_is_not_accepted(office: Store) -> None:
    with pytest.raises(weeks.UnknownWeek):
        week.accept(office, "0" * 32, by=cast.minh, at=cast.monday)
    arrivals.arrived(office, hanh)
    with pytest.raises(weeks.WeekGone):
        accepted(office, proposed(office), at=cast.after(days=1))


def test_what_a_planned_run_has_is_not_planned_a_second_time(office: Store) -> None:
    arrivals.arrived(office, hanh)
    arrivals.planned(office)
    arrivals.arrived(office, tam, serial=50)
    found = proposed(office)
    assert len(stops(found)) == 1
    assert found.rounds[0].loads[0].hours < proposed(office, first=TUESDAY).rounds[0].loads[0].hours


def test_the_week_reckons_with_the_hours_that_the_day_will_take(office: Store) -> None:
    arrivals.arrived(office, *crowd(30))
    (round_,) = proposed(office, off=off_days(TUESDAY, WEDNESDAY)).rounds
    assert round_.loads[0].stops == 30
    (draft,) = planning.propose_day(office, cast.OFFICE, day=MONDAY, by=coordinator, at=cast.monday).drafts
    assert len(draft.stops) == 30
    assert round_.loads[0].work == pytest.approx(draft.seconds / 60, rel=0.15)


def test_the_week_reckons_with_the_ways_between_doors_that_are_known(office: Store) -> None:
    people = crowd(30)
    arrivals.arrived(office, *people)
    with office.begin(at=cast.monday) as ledger:
        for number, person in enumerate(people):
            north = 16.03 + 0.004 * (number % 10) + 0.001 * (number % 7)
            ledger.points.teach(
                person.commune, person.address, lat=north, lon=108.20 + 0.002 * (number % 9), accuracy_m=8
            )
    (round_,) = proposed(office, off=off_days(TUESDAY, WEDNESDAY)).rounds
    (draft,) = planning.propose_day(office, cast.OFFICE, day=MONDAY, by=coordinator, at=cast.monday).drafts
    assert round_.loads[0].work == pytest.approx(draft.seconds / 60, rel=0.25)

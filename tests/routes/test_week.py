"""A week of a territory: level days, no legal date broken that can be kept, and a price on what cannot."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routes import week
from routes.week import Because, Levelled, Task, Trouble, Week, WrongWeek

MONDAY = date(2026, 11, 16)
DAYS = [MONDAY + timedelta(days=number) for number in range(6)]
TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY = DAYS[1:]
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def task(key: str, *, minutes: int = 30, **more: object) -> Task:
    return replace(Task(key=key, area="near", work=minutes * MINUTE, first=MONDAY), **more)  # type: ignore[arg-type] # fields by name


def level(*tasks: Task, hours: float | Mapping[date, float] = 2, ways: Mapping[str, int] | None = None) -> Levelled:
    """Level a week of six days; `ways` are in minutes."""
    of = dict.fromkeys(DAYS, hours) if isinstance(hours, int | float) else {day: hours.get(day, 0) for day in DAYS}
    return week.level(
        Week(
            tasks=tasks,
            hours={day: each * HOUR for day, each in of.items()},
            ways={area: way * MINUTE for area, way in (ways or {}).items()},
        )
    )


def minutes(found: Levelled) -> list[int]:
    """Return the work of each day."""
    return [load.work // MINUTE for load in found.loads]


# --- what it is for ---------------------------------------------------------------------------------------------------


def test_a_full_monday_is_spread_over_the_week() -> None:
    found = level(*(task(f"t{number:02}") for number in range(24)))
    assert minutes(found) == [120] * 6
    assert week.spread(found.loads) == 0
    assert found.over == timedelta()


def test_nothing_goes_past_its_legal_date_however_full_the_days_are() -> None:
    due = [task(f"d{number}", last=MONDAY + timedelta(days=number % 2)) for number in range(12)]
    found = level(*due)
    assert all(found.days[each.key] <= each.last for each in due if each.last)
    assert minutes(found)[:2] == [180, 180]
    assert (found.over, found.least_over) == (2 * HOUR, 2 * HOUR)
    assert [load.over for load in found.loads[:2]] == [HOUR, HOUR], "the days say what they lack"


def test_what_need_not_go_makes_room_and_says_what_room_would_cost() -> None:
    due = [task(f"d{number}", last=MONDAY) for number in range(4)]
    found = level(*due, task("later"), hours={MONDAY: 2})
    assert found.over == timedelta()
    (left,) = found.unkept
    assert (left.key, left.trouble, left.day) == ("later", Trouble.NO_ROOM, None)
    assert (left.price, left.price_on) == (30 * MINUTE, MONDAY)


def test_a_promised_day_is_kept_even_where_another_would_be_emptier() -> None:
    found = level(task("p", promised=TUESDAY), *(task(f"d{n}", promised=TUESDAY) for n in range(5)))
    assert set(found.days.values()) == {TUESDAY}
    assert {each.because for each in found.chosen} == {Because.PROMISED}
    assert found.loads[1].over == HOUR


def test_a_promise_for_a_day_off_goes_on_another_day_and_says_what_keeping_it_would_take() -> None:
    found = level(task("p", promised=TUESDAY, last=THURSDAY), hours=dict.fromkeys((MONDAY, WEDNESDAY, FRIDAY), 2))
    (unkept,) = found.unkept
    assert (unkept.trouble, unkept.day) == (Trouble.PROMISE_IS_OFF, MONDAY)
    assert (unkept.price, unkept.price_on) == (30 * MINUTE, TUESDAY)


def test_the_law_goes_before_a_promise() -> None:
    found = level(task("p", promised=THURSDAY, last=WEDNESDAY))
    assert found.days["p"] <= WEDNESDAY
    assert [each.trouble for each in found.unkept] == [Trouble.PROMISE_TOO_LATE]


def test_a_promise_beyond_the_week_waits_for_its_day() -> None:
    found = level(task("p", promised=SATURDAY + timedelta(days=3)))
    assert (found.chosen, found.unkept) == ((), ())


def test_a_far_area_is_visited_on_one_day_when_nothing_there_is_due_before() -> None:
    far = [task(f"f{number}", minutes=10, area="far") for number in range(6)]
    found = level(*far, *(task(f"n{number}") for number in range(6)), ways={"far": 60}, hours=3)
    assert len({found.days[each.key] for each in far}) == 1
    assert sum((load.ways for load in found.loads), timedelta()) == HOUR
    assert Because.TOGETHER in {each.because for each in found.chosen} or found.days["f0"] == MONDAY


def test_a_far_area_is_visited_twice_when_something_there_is_due_before() -> None:
    found = level(
        task("due", area="far", last=MONDAY), task("p", area="far", promised=FRIDAY), ways={"far": 60}, hours=3
    )
    assert found.days == {"due": MONDAY, "p": FRIDAY}


def test_the_last_plan_is_kept_unless_days_become_much_fuller_than_others() -> None:
    before = {f"t{number:02}": DAYS[number % 6] for number in range(18)}
    kept = [task(key, before=day, minutes=20) for key, day in before.items()]
    assert level(*kept).days == before
    found = level(*kept, task("new", minutes=20))
    assert {key: found.days[key] for key in before} == before
    crowded = level(*(replace(each, before=TUESDAY) for each in kept))
    assert 2 <= sum(day == TUESDAY for day in crowded.days.values()) <= 6, "a day that is too full gives some away"


def test_what_is_late_already_goes_at_once_and_says_so() -> None:
    found = level(task("old", last=MONDAY - timedelta(days=3)), hours=dict.fromkeys((TUESDAY, FRIDAY), 2))
    assert found.days == {"old": TUESDAY}
    assert [each.trouble for each in found.unkept] == [Trouble.PAST]


def test_a_date_on_which_nobody_drives_names_the_day_somebody_would_have_to() -> None:
    found = level(task("due", last=TUESDAY, area="far"), hours=dict.fromkeys((WEDNESDAY, FRIDAY), 2), ways={"far": 60})
    (unkept,) = found.unkept
    assert (unkept.trouble, unkept.day) == (Trouble.NOBODY_DRIVES, WEDNESDAY)
    assert (unkept.price, unkept.price_on) == (90 * MINUTE, TUESDAY), "the way counts"


def test_a_week_in_which_nobody_drives_leaves_everything_with_its_price() -> None:
    found = level(task("due", last=TUESDAY), task("any"), hours={})
    assert found.chosen == ()
    assert {each.key: (each.trouble, each.price) for each in found.unkept} == {
        "due": (Trouble.NOBODY_DRIVES, 30 * MINUTE),
        "any": (Trouble.NOBODY_DRIVES, 30 * MINUTE),
    }


def test_an_empty_week_is_level() -> None:
    found = level()
    assert (found.chosen, found.unkept, week.spread(found.loads)) == ((), (), 0)


def test_what_cannot_be_a_week_is_refused() -> None:
    for tasks, hours in (((), {}), ((task("a"), task("a")), {MONDAY: HOUR}), ((), {MONDAY: -HOUR})):
        with pytest.raises(WrongWeek):
            Week(tasks=tasks, hours=hours)


# --- every choice, counted independently ------------------------------------------------------------------------------


def some_week(seed: int) -> Week:
    """Return a small week with all there is: dates, promises, days off, a far area, an earlier plan."""
    chance = random.Random(seed)
    days = DAYS[: chance.randint(1, 4)]

    def some_day(often: float) -> date | None:
        return chance.choice(DAYS) if chance.random() < often else None

    return Week(
        tasks=tuple(
            Task(
                key=f"t{number}",
                area=chance.choice(("near", "far")),
                work=chance.randint(5, 60) * MINUTE,
                first=chance.choice((MONDAY, MONDAY, TUESDAY)),
                last=some_day(0.6),
                promised=some_day(0.2),
                before=some_day(0.3),
            )
            for number in range(chance.randint(1, 6 if len(days) < 4 else 5))
        ),
        hours={day: chance.choice((0, 1, 2)) * HOUR for day in days},
        ways={"far": chance.choice((0, 40)) * MINUTE},
    )


def may_be_on(each: Task, there: Week) -> list[date]:
    """Return the days that break nothing of a stop: no date, no promise, and somebody drives."""
    return [
        day
        for day, hours in there.hours.items()
        if hours
        and each.first <= day
        and (each.last is None or day <= each.last)
        and (each.promised is None or day == each.promised)
    ]


def worth(days: Mapping[str, date], there: Week) -> tuple[float, int, float]:
    """Return what a choice comes to: seconds too much, stops left, seconds that are weighed; by the words alone."""
    over, cost = 0.0, 0.0
    for day, hours in there.hours.items():
        on_it = [each for each in there.tasks if days.get(each.key) == day]
        ways = sum(there.ways.get(area, timedelta()).total_seconds() for area in {each.area for each in on_it})
        work = ways + sum(each.work.total_seconds() for each in on_it)
        if work:
            over += max(0.0, work - hours.total_seconds())
            cost += work * work // hours.total_seconds() + ways
    for each in there.tasks:
        if each.key in days:
            possible = [day for day, hours in there.hours.items() if hours and day >= each.first]
            waited = (days[each.key] - possible[0]).days if each.promised is None else 0
            changed = each.before in may_be_on(each, there) and each.before != days[each.key]
            cost += 10 * waited + 120 * (changed and each.promised is None)
    return over, len(there.tasks) - len(days), cost


def every_choice(there: Week) -> Iterator[dict[str, date]]:
    """Yield every choice of days that breaks nothing; what must go this week is not left."""
    last = max(there.hours)
    choices = []
    for each in there.tasks:
        is_due = (each.last is not None and each.last <= last) or each.promised is not None
        choices.append([*may_be_on(each, there), *([] if is_due else [None])])
    for some in product(*choices):
        yield {each.key: day for each, day in zip(there.tasks, some, strict=True) if day}


@given(seed=st.integers(0, 5_000))
@settings(max_examples=60, deadline=None)
def test_no_date_or_promise_is_broken_that_any_choice_keeps(seed: int) -> None:
    there = some_week(seed)
    found = week.level(there)
    troubles = {each.key: each.trouble for each in found.unkept if each.trouble is not Trouble.NO_ROOM}
    for each in there.tasks:
        if may_be_on(each, there):
            assert each.key not in troubles
            assert found.days.get(each.key) in [*may_be_on(each, there), None]
            needs_a_day = each.promised is not None or (each.last is not None and each.last <= max(there.hours))
            assert not needs_a_day or each.key in found.days
        elif each.promised is None or each.promised <= max(there.hours):
            assert each.key in troubles or each.first > max(there.hours)
    assert found == week.level(replace(there, tasks=there.tasks[::-1]))


@given(seed=st.integers(0, 5_000))
@settings(max_examples=60, deadline=None)
def test_of_all_choices_the_best_is_taken(seed: int) -> None:
    there = some_week(seed)
    possible = tuple(each for each in there.tasks if may_be_on(each, there))
    if not possible:
        return
    there = replace(there, tasks=possible)
    found = week.level(there)
    assert worth(found.days, there) == min(worth(days, there) for days in every_choice(there))
    assert found.over >= found.least_over


def test_a_long_week_is_levelled_in_little_time_and_close_to_level() -> None:
    chance = random.Random(1)
    tasks = [
        task(
            f"t{number:03}",
            minutes=chance.randint(4, 12),
            area=chance.choice("abcdef"),
            last=chance.choice((None, *DAYS)),
        )
        for number in range(150)
    ]
    found = level(*tasks, hours=8)
    assert found.unkept == ()
    assert found.over == timedelta()
    assert week.spread(found.loads) < 0.1
    far = level(*tasks, hours=8, ways=dict.fromkeys("abcdef", 10))
    assert sum(load.ways // MINUTE for load in far.loads) <= 6 * 60 // 2, "fewer trips than areas times days"
    assert all(each.last is None or found.days[each.key] <= each.last for each in tasks)

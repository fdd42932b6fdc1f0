"""Many whole journeys through the same services, to measure and to let the ledger be judged afterwards."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from postal.domain.calendars import WorkCalendar
from postal.domain.events import Ground, ReturnWay
from postal.services.demonstration import cases, days, tills, world
from postal.services.demonstration.cases import NEVER, Ending, Plan
from postal.services.demonstration.days import Newcomer
from postal.services.demonstration.world import World
from postal.store import Store

BEGINS_ON = date(2026, 3, 2)
"""A Monday; the days off of that year are published."""

MOST_A_DAY = 200
LONGEST = 60
"""Working days after the last citizen came, after which whatever is still on its way is left there."""


ONE_OF_EACH = (
    Plan(wants_slip=True),
    Plan(days_for_papers=1, brings_in_halves=True),
    Plan(recovers=2, late_fee=135_000),
    Plan(ending=Ending.WITHDRAWN),
    Plan(return_way=ReturnWay.POST_OFFICE, days_until_fetched=NEVER),
    Plan(ground=Ground.MOVED),
    Plan(days_for_payment=1),
    Plan(is_stranger=True),
)
"""Fates that need every kind of envelope: a slip, asked papers, old papers got back, papers home, results sent back."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Simulated:
    """What was played: citizens served, days worked, cases that did not come to an end."""

    citizens: int
    days: int
    still_on_the_way: int


def prepare(store: Store, *, chance: random.Random) -> World:
    """Hire the staff; the reference data must be there. Same `chance`, same events."""
    return world.open_world(store, chance=chance, at=world.clock(BEGINS_ON, 7))


def run(everybody: World, *, dossiers: int, progress: Callable[[int], None] = lambda _: None) -> Simulated:
    """Serve so many citizens at the counters and play every case to its end.

    `progress` is told after each day how many citizens have come.
    """
    coming = [Newcomer(plan=plan) for plan in _plans(everybody.chance, count=dossiers)]
    worked = 0
    for today in _working_days(everybody.calendar, most=dossiers // MOST_A_DAY + LONGEST):
        newcomers, coming = coming[:MOST_A_DAY], coming[MOST_A_DAY:]
        days.work(everybody, today, newcomers)
        worked += 1
        progress(dossiers - len(coming))
        if not coming and _is_quiet(everybody):
            tills.empty_all(everybody, at=world.clock(today, 17, 30))
            break
    return Simulated(
        citizens=dossiers - len(coming),
        days=worked,
        still_on_the_way=len(everybody.cases),
    )


def _is_quiet(everybody: World) -> bool:
    """Tell whether nobody has anything to do any more: no case, no stranger, nothing to bring."""
    return not everybody.cases and not everybody.strangers and not any(everybody.loads.values())


def _plans(chance: random.Random, *, count: int) -> list[Plan]:
    """Return what will happen to each citizen's case; where there is room, every kind of envelope is among them."""
    arranged = ONE_OF_EACH if count >= len(ONE_OF_EACH) else ()
    drawn = (cases.coming_to_an_end(cases.drawn(chance)) for _ in range(count - len(arranged)))
    return [*arranged, *drawn]


def _working_days(calendar: WorkCalendar, *, most: int) -> Iterator[date]:
    day = calendar.first_working_day(BEGINS_ON)
    for _ in range(most):
        yield day
        day = calendar.next_working_day(day)

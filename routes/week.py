"""Choose the day of each stop so that a territory's days are evenly full, and no stop goes past its legal date.

What counts, in this order: legal dates and promised days; no work beyond the hours of a day; as little as possible
left for later; then, weighed in seconds of work, even days, few trips to far areas, little waiting, and the day a stop
had in the last plan. Hours are the only thing that gives way to a date: where what must go does not fit, the day is
overloaded and says by how much, because a date that is missed is missed for good and hours can be found.

Stops are put in one by one, the most urgent first, then moved alone, in pairs and by area as long as anything is won.
Up to `SURE` stops every choice is tried that could be better still. The same stops give the same week, in whatever
order they come in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import Enum
from itertools import combinations

SURE = 6
"""Stops up to which the best choice is certain."""

MOST_TRIED = 30_000
"""Choices looked at to be certain, and to bring an overload down where there are more stops."""

A_DAY_LATER = 10
"""Seconds of work that one day less of waiting is worth: days may differ by about a hundredth of their hours for it."""

ANOTHER_DAY = 120
"""Seconds of work that keeping the day of the last plan is worth: about an eighth of the hours, ten times as much."""


class WrongWeek(ValueError):
    """Stops or hours that cannot be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A door with its things: it can go from `first` on, must by `last` (None: no date), on `promised` if given.

    `work` is the time at the door and the way from the last one; the way to its `area` is the week's. `before` is the
    day the last plan gave it.
    """

    key: str
    area: str
    work: timedelta
    first: date
    last: date | None = None
    promised: date | None = None
    before: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """What waits for one territory, the hours of its days (none: nobody drives), and the way to its areas.

    `ways` is the time it takes to go to an area and back, once on each day it is visited; none where it lies near.
    """

    tasks: tuple[Task, ...]
    hours: Mapping[date, timedelta]
    ways: Mapping[str, timedelta] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.hours:
            raise WrongWeek("a week has days")
        if len({task.key for task in self.tasks}) < len(self.tasks):
            raise WrongWeek("each stop is there once")
        lengths = [*self.hours.values(), *self.ways.values(), *(task.work for task in self.tasks)]
        if any(length < timedelta() for length in lengths):
            raise WrongWeek("work, hours and ways are not negative")


class Because(Enum):
    """Why a stop has its day."""

    PROMISED = "promised"
    """The day was promised."""
    DUE = "due"
    """No other day is left before its legal date."""
    FIRST = "first"
    """It is the first day there is."""
    KEPT = "kept"
    """The last plan gave it this day."""
    TOGETHER = "together"
    """Its area is visited on this day and not on an earlier one."""
    LEVEL = "level"
    """Earlier days are fuller."""


class Trouble(Enum):
    """Why a date cannot be kept, or a stop is left for later."""

    PAST = "past"
    """Its legal date is over already."""
    NOBODY_DRIVES = "nobody_drives"
    """On none of its days anybody drives."""
    PROMISE_TOO_LATE = "promise_too_late"
    """The promised day lies after the legal date, which comes first."""
    PROMISE_IS_OFF = "promise_is_off"
    """Nobody drives on the promised day."""
    NO_ROOM = "no_room"
    """It need not go this week, and the hours are full."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The day of a stop, and why."""

    key: str
    day: date
    because: Because


@dataclass(frozen=True, slots=True, kw_only=True)
class Unkept:
    """What cannot be kept or done, and what it would take: `price` more hours on `price_on`.

    `day` is when it goes instead, None when it is left for later.
    """

    key: str
    trouble: Trouble
    day: date | None
    price: timedelta
    price_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """A day of the territory: its hours, the work that was put on it, of that the way to its areas, and the stops."""

    day: date
    hours: timedelta
    work: timedelta
    ways: timedelta
    keys: tuple[str, ...]

    @property
    def over(self) -> timedelta:
        """How many more hours the day would need."""
        return max(timedelta(), self.work - self.hours)


@dataclass(frozen=True, slots=True, kw_only=True)
class Levelled:
    """A week with a day for each stop. `least_over` is proven: whatever the days, so many hours are missing."""

    chosen: tuple[Chosen, ...]
    unkept: tuple[Unkept, ...]
    loads: tuple[Load, ...]
    least_over: timedelta

    @property
    def over(self) -> timedelta:
        """How many more hours the days need."""
        return sum((load.over for load in self.loads), timedelta())

    @property
    def days(self) -> dict[str, date]:
        """The day of each stop that has one."""
        return {each.key: each.day for each in self.chosen}


def level(week: Week) -> Levelled:
    """Choose the days of a week."""
    tasks = sorted(week.tasks, key=lambda task: task.key)
    aims = [_aim(task, week) for task in tasks]
    books = _Books(week, aims)
    _fill(books)
    _improve(books)
    _search(books)
    return _told(books)


# --- which days a stop may have ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Aim:
    """The days a stop may have, as numbers, and what it cannot keep, if any; if not `due` it may be left for later."""

    task: Task
    days: tuple[int, ...]
    due: bool
    trouble: Trouble | None = None
    price_on: date | None = None


def _aim(task: Task, week: Week) -> _Aim:
    """Return the days a stop may have: the promised one, else all until its legal date, else the next there is."""
    days = sorted(week.hours)
    open_days = [number for number, day in enumerate(days) if week.hours[day] and day >= task.first]
    lawful = [number for number in open_days if task.last is None or days[number] <= task.last]
    trouble, off = None, None
    if task.promised is not None:
        found = _promise(task, week, lawful, days)
        if isinstance(found, int):
            return _Aim(task, (found,), due=True)
        trouble, off = found
        if trouble is None:
            return _Aim(task, (), due=False)
    due = task.last is not None and task.last <= days[-1]
    if lawful or not due:
        return _Aim(
            task, tuple(lawful), due=due or (trouble is not None and bool(lawful)), trouble=trouble, price_on=off
        )
    return _late(task, open_days, days)


def _promise(
    task: Task, week: Week, lawful: Sequence[int], days: Sequence[date]
) -> int | tuple[Trouble | None, date | None]:
    """Return the promised day, or why it cannot be kept; no trouble where it lies beyond the week."""
    assert task.promised is not None
    if task.last is not None and task.promised > task.last:
        return Trouble.PROMISE_TOO_LATE, None
    if task.promised > days[-1]:
        return None, None
    for number in lawful:
        if days[number] == task.promised:
            return number
    return Trouble.PROMISE_IS_OFF, task.promised if task.promised in week.hours else None


def _late(task: Task, open_days: Sequence[int], days: Sequence[date]) -> _Aim:
    """Return the aim of what goes past its legal date whatever is done: as soon as anybody drives."""
    assert task.last is not None
    within = [day for day in days if task.first <= day <= task.last]
    trouble = Trouble.NOBODY_DRIVES if within else Trouble.PAST
    return _Aim(task, tuple(open_days[:1]), due=True, trouble=trouble, price_on=within[-1] if within else None)


# --- the books --------------------------------------------------------------------------------------------------------

LEFT = -1
Total = tuple[int, int, int]
"""Seconds beyond the hours, stops left for later, and what is weighed in seconds."""


class _Books:
    """What each day has on it; every stop is put on a day, or left, and taken off again."""

    def __init__(self, week: Week, aims: Sequence[_Aim]) -> None:
        self.week = week
        self.days = sorted(week.hours)
        self.hours = [_seconds(week.hours[day]) for day in self.days]
        self.aims = [aim for aim in aims if aim.days]
        self.nowhere = [aim for aim in aims if not aim.days]
        self.options = [(*aim.days, LEFT) if not aim.due else aim.days for aim in self.aims]
        self.at = [LEFT] * len(self.aims)
        self.load = [0] * len(self.days)
        self.work = [_seconds(aim.task.work) for aim in self.aims]
        self.ways = {area: _seconds(way) for area, way in week.ways.items()}
        self._number = {day: number for number, day in enumerate(self.days)}
        self._visits: dict[tuple[str, int], int] = {}
        self._fixed = [self._weights(aim) for aim in self.aims]
        self.over = self.left = self.cost = 0

    @property
    def total(self) -> Total:
        """What the days come to, what matters most first."""
        return self.over, self.left, self.cost

    def put(self, number: int, day: int) -> None:
        """Put a stop that has no day yet on one, or leave it."""
        self._change(number, day, 1)
        self.at[number] = day

    def take(self, number: int) -> int:
        """Take a stop off its day and return that."""
        day = self.at[number]
        self._change(number, day, -1)
        return day

    def move(self, number: int, day: int) -> None:
        """Put a stop on another day."""
        self.take(number)
        self.put(number, day)

    def visits(self, area: str, day: int) -> int:
        """Return how many stops of an area a day has."""
        return self._visits.get((area, day), 0)

    def _change(self, number: int, day: int, by: int) -> None:
        if day == LEFT:
            self.left += by
            return
        area = self.aims[number].task.area
        key, way = (area, day), self.ways.get(area, 0)
        before = self._visits.get(key, 0)
        self._visits[key] = before + by
        on_the_way = by * way if min(before, before + by) == 0 else 0
        old, new = self.load[day], self.load[day] + by * self.work[number] + on_the_way
        self.load[day] = new
        hours = self.hours[day]
        self.over += max(0, new - hours) - max(0, old - hours)
        self.cost += new * new // hours - old * old // hours + on_the_way + by * self._fixed[number][day]

    def _weights(self, aim: _Aim) -> dict[int, int]:
        """Return what each day of a stop costs whatever else lies on it: waiting, and another day than before."""
        before = self._number.get(aim.task.before) if aim.task.before else None
        changed = {day: ANOTHER_DAY if before is not None and day != before else 0 for day in aim.days}
        return {day: changed[day] + A_DAY_LATER * (self.days[day] - self.days[aim.days[0]]).days for day in aim.days}


def _fill(books: _Books) -> None:
    """Put every stop on the day where it costs least, those with the fewest days first."""
    order = sorted(range(len(books.aims)), key=lambda n: (len(books.options[n]), -books.work[n], n))
    for number in order:
        books.put(number, LEFT)
        books.move(number, _best_day(books, number))


def _best_day(books: _Books, number: int) -> int:
    found = []
    now = books.at[number]
    for place, day in enumerate(books.options[number]):
        books.move(number, day)
        found.append((books.total, place, day))
    books.move(number, now)
    return min(found)[2]


# --- better days ------------------------------------------------------------------------------------------------------


def _improve(books: _Books) -> None:
    """Move stops alone, by area and in pairs as long as anything is won."""
    better = True
    while better:
        before = books.total
        while sum(_moved(books, number) for number in range(len(books.aims))):
            pass
        for moves in _by_area(books):
            _try(books, moves)
        for moves in _in_pairs(books):
            _try(books, moves)
        better = books.total < before


def _moved(books: _Books, number: int) -> bool:
    before, now = books.total, books.at[number]
    best = _best_day(books, number)
    books.move(number, best)
    if books.total < before:
        return True
    books.move(number, now)
    return False


def _by_area(books: _Books) -> Iterator[list[tuple[int, int]]]:
    """Yield for each far area and day the moves of all its stops to that day, and of those of one day."""
    areas: dict[str, list[int]] = {}
    for number, aim in enumerate(books.aims):
        if books.ways.get(aim.task.area, 0):
            areas.setdefault(aim.task.area, []).append(number)
    for _, numbers in sorted(areas.items()):
        for day in range(len(books.days)):
            may = [number for number in numbers if day in books.options[number]]
            for source in (None, *range(len(books.days))):
                yield [(n, day) for n in may if books.at[n] != day and source in (None, books.at[n])]


def _in_pairs(books: _Books) -> Iterator[list[tuple[int, int]]]:
    """Yield the exchanges of two stops on different days."""
    for one, other in combinations(range(len(books.aims)), 2):
        here, there = books.at[one], books.at[other]
        if here != there and there in books.options[one] and here in books.options[other]:
            yield [(one, there), (other, here)]


def _try(books: _Books, moves: Sequence[tuple[int, int]]) -> None:
    before, was = books.total, [(number, books.at[number]) for number, _ in moves]
    for number, day in moves:
        books.move(number, day)
    if books.total >= before:
        for number, day in was:
            books.move(number, day)


def _search(books: _Books) -> None:
    """Look for something better still: every choice where there are few stops, some where an overload is in doubt."""
    if len(books.aims) > SURE and books.over <= _seconds(_least_over(books)):
        return
    best, found, looked_at = books.total, list(books.at), 0
    order = sorted(range(len(books.aims)), key=lambda n: (len(books.options[n]), -books.work[n], n))
    for number in order:
        books.take(number)

    def choose(depth: int) -> None:
        nonlocal best, found, looked_at
        if depth == len(order):
            best, found = books.total, list(books.at)
            return
        for day in books.options[order[depth]]:
            looked_at += 1
            if looked_at > MOST_TRIED and len(order) > SURE:
                return
            books.put(order[depth], day)
            if books.total < best:
                choose(depth + 1)
            books.take(order[depth])

    choose(0)
    for number, day in enumerate(found):
        books.put(number, day)


def _least_over(books: _Books) -> timedelta:
    """Return the hours that are missing whatever the days: what must go within some days, less their hours.

    The way to each area counts once. Source: Hall's condition for intervals.
    """
    worst = 0
    for first in range(len(books.days)):
        for last in range(first, len(books.days)):
            there = [n for n, a in enumerate(books.aims) if a.due and first <= a.days[0] and a.days[-1] <= last]
            ways = sum(books.ways.get(area, 0) for area in {books.aims[n].task.area for n in there})
            need = sum(books.work[n] for n in there) + ways
            worst = max(worst, need - sum(books.hours[first : last + 1]))
    return timedelta(seconds=worst)


# --- what came of it --------------------------------------------------------------------------------------------------


def _told(books: _Books) -> Levelled:
    placed = [number for number in range(len(books.aims)) if books.at[number] != LEFT]
    chosen = [
        Chosen(key=books.aims[n].task.key, day=books.days[books.at[n]], because=_because(books, n)) for n in placed
    ]
    unkept = [_unkept(books, n) for n, aim in enumerate(books.aims) if aim.trouble or books.at[n] == LEFT]
    unkept += [_never(aim, books) for aim in books.nowhere if aim.trouble or _waits_in_vain(aim, books)]
    return Levelled(
        chosen=tuple(chosen),
        unkept=tuple(sorted(unkept, key=lambda each: each.key)),
        loads=tuple(_load(books, day) for day in range(len(books.days))),
        least_over=_least_over(books),
    )


def _because(books: _Books, number: int) -> Because:
    """Return the first reason that holds."""
    aim, at = books.aims[number], books.at[number]
    area, earlier = aim.task.area, [day for day in aim.days if day < at]
    if aim.task.promised == books.days[at]:
        return Because.PROMISED
    if len(aim.days) == 1 and aim.due:
        return Because.DUE
    if not earlier:
        return Because.FIRST
    if aim.task.before == books.days[at]:
        return Because.KEPT
    alone = books.visits(area, at) == 1
    if books.ways.get(area, 0) and not alone and not any(books.visits(area, day) for day in earlier):
        return Because.TOGETHER
    return Because.LEVEL


def _unkept(books: _Books, number: int) -> Unkept:
    aim, at = books.aims[number], books.at[number]
    if at != LEFT:
        return Unkept(
            key=aim.task.key,
            trouble=aim.trouble or Trouble.NO_ROOM,
            day=books.days[at],
            price=_whole(books, aim) if aim.price_on else timedelta(),
            price_on=aim.price_on,
        )
    before = books.over
    prices = []
    for day in aim.days:
        books.move(number, day)
        prices.append((books.over - before, day))
        books.move(number, LEFT)
    price, day = min(prices)
    return Unkept(
        key=aim.task.key,
        trouble=aim.trouble or Trouble.NO_ROOM,
        day=None,
        price=timedelta(seconds=price),
        price_on=books.days[day],
    )


def _never(aim: _Aim, books: _Books) -> Unkept:
    """Return what has no day in the week at all, because nobody drives on its days."""
    off = next((day for day in books.days if day >= aim.task.first), None)
    return Unkept(
        key=aim.task.key,
        trouble=aim.trouble or Trouble.NOBODY_DRIVES,
        day=None,
        price=_whole(books, aim) if aim.price_on or off else timedelta(),
        price_on=aim.price_on or off,
    )


def _waits_in_vain(aim: _Aim, books: _Books) -> bool:
    """Tell whether it could go this week if anybody drove; what begins or is promised later waits for its day."""
    later = aim.task.promised is not None and aim.task.promised > books.days[-1]
    return not later and aim.task.first <= books.days[-1]


def _whole(books: _Books, aim: _Aim) -> timedelta:
    return aim.task.work + books.week.ways.get(aim.task.area, timedelta())


def _load(books: _Books, day: int) -> Load:
    keys = tuple(aim.task.key for number, aim in enumerate(books.aims) if books.at[number] == day)
    areas = {aim.task.area for number, aim in enumerate(books.aims) if books.at[number] == day}
    return Load(
        day=books.days[day],
        hours=timedelta(seconds=books.hours[day]),
        work=timedelta(seconds=books.load[day]),
        ways=timedelta(seconds=sum(books.ways.get(area, 0) for area in areas)),
        keys=keys,
    )


def _seconds(length: timedelta) -> int:
    return round(length.total_seconds())


def spread(loads: Iterable[Load]) -> float:
    """Return how uneven the days are: the fullest less the emptiest, in parts of their hours; 0 is level."""
    filled = [load.work / load.hours for load in loads if load.hours]
    return max(filled) - min(filled) if filled else 0.0

"""Bring stops with time windows into an order so that the windows are met where they can be.

The order of everything else is kept. A stop with a window goes where the fewest windows are missed and the way is
shortest; a small set is tried in every order, so that a miss that is reported is a miss that cannot be helped.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from routes.model import Stop
from routes.timing import Clock, Outcome
from routes.why import Missed, Reason

MOST_TRIED = 8
"""Windows of which every order is tried; more are put in one by one and then moved until nothing is won."""


def kept(order: Sequence[Stop], *, clock: Clock) -> list[Stop]:
    """Return the order with every stop that has a window where it is met if it can be, and little is waited for."""
    path = list(order)
    timed = sorted((stop for stop in path if stop.window), key=_urgency)
    if not timed or not _costs_anything(path, clock):
        return path
    untimed = [stop for stop in path if not stop.window]
    found = [path, _moved(_put_in(untimed, timed, clock), clock)]
    if clock.outcome(found[-1]).missed and len(timed) <= MOST_TRIED:
        found.append(_moved(_put_in(_best_of(timed, clock), untimed, clock), clock))
    return min(found, key=clock.outcome)


def missed(order: Sequence[Stop], *, clock: Clock) -> tuple[Missed, ...]:
    """Return the stops of an order that are served too late, and why nothing helps."""
    found = []
    for count, stop in enumerate(order, start=1):
        late = clock.outcome(order[:count]).late - clock.outcome(order[: count - 1]).late
        if late:
            reason = Reason.TOO_FAR if clock.is_too_far(stop) else Reason.OTHER_PROMISES
            found.append(Missed(stop=stop, late_by=timedelta(seconds=late), reason=reason))
    return tuple(found)


def best_place(path: Sequence[Stop], stop: Stop, *, clock: Clock) -> tuple[Outcome, int]:
    """Return what putting a stop into an order comes to at the best position, and that position."""
    tried = ((clock.outcome([*path[:at], stop, *path[at:]]), at) for at in range(len(path) + 1))
    return min(tried)


def _put_in(path: Sequence[Stop], others: Sequence[Stop], clock: Clock) -> list[Stop]:
    """Put stops into an order one by one, each at its best position."""
    found = list(path)
    for stop in others:
        _, at = best_place(found, stop, clock=clock)
        found.insert(at, stop)
    return found


def _moved(path: list[Stop], clock: Clock) -> list[Stop]:
    """Move stops with windows to better positions as long as that misses less."""
    best = clock.outcome(path)
    while best.missed:
        moves = [_without(path, stop, clock) for stop in path if stop.window]
        outcome, better = min(moves, key=lambda move: move[0])
        if (outcome.missed, outcome.late) >= (best.missed, best.late):
            return path
        path, best = better, outcome
    return path


def _without(path: Sequence[Stop], stop: Stop, clock: Clock) -> tuple[Outcome, list[Stop]]:
    rest = [each for each in path if each.key != stop.key]
    outcome, at = best_place(rest, stop, clock=clock)
    return outcome, [*rest[:at], stop, *rest[at:]]


def _best_of(timed: Sequence[Stop], clock: Clock) -> list[Stop]:
    """Return the order of a few stops that misses least; an order that is worse already is not tried to its end."""
    best, found = clock.outcome(timed), list(timed)

    def extend(path: list[Stop], left: Sequence[Stop]) -> None:
        nonlocal best, found
        so_far = clock.outcome(path)
        if (so_far.missed, so_far.late) > (best.missed, best.late):
            return
        if not left and so_far < best:
            best, found = so_far, path
        for stop in left:
            extend([*path, stop], [each for each in left if each.key != stop.key])

    extend([], timed)
    return found


def _costs_anything(path: Sequence[Stop], clock: Clock) -> bool:
    """Tell whether the windows of an order are missed or waited for."""
    outcome = clock.outcome(path)
    return outcome.missed > 0 or outcome.away > outcome.work


def _urgency(stop: Stop) -> tuple[object, ...]:
    assert stop.window is not None
    return (stop.window.closes, stop.window.opens, stop.key)

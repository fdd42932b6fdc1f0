"""Where a lost envelope probably lies: what travelled with it was scanned next there, or it is still where it was.

Every place gets points from reasons, and every reason is a sentence; who reads the list sees why, and may know better.
The points are our own measure (docs/decisions/0014): they order the places, they are no probability.
"""

import itertools
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from statistics import median


class Tie(Enum):
    """What two envelopes had in common on their way, the strongest first."""

    BAG = "bag"
    RECORD = "record"
    TRIP = "trip"
    CUSTODIAN = "custodian"


TIE_NAMES: dict[Tie, str] = {
    Tie.BAG: "cùng túi {name}",
    Tie.RECORD: "cùng biên bản {name}",
    Tie.TRIP: "cùng chuyến {name}",
    Tie.CUSTODIAN: "cùng lúc ở {name}",
}

TIE_POINTS: dict[Tie, float] = {Tie.BAG: 3.0, Tie.RECORD: 2.0, Tie.TRIP: 1.5, Tie.CUSTODIAN: 1.5}
STRAYED = 2.0
"""Times the points of a tie where a companion turned up at a place it was not meant for."""

STILL_THERE = 3.0
"""Points of the place that answered for it last."""

LONG_GONE = 1.5
"""The same, once it lies there longer than such envelopes do."""

PASSED = 1.0
"""Points of a place the bag went through after the envelope was seen for the last time."""

MEANT_TO_GO = 0.5
"""Points of the place it must end at."""

ASKED_ALREADY = 0.1
"""Times the points of a place that answered that it is not there."""

TOGETHER = timedelta(hours=12)
"""So long before and after our envelope left a custodian others count as having been there at the same time."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """A step of an envelope: who had it where from then on, in which bag, record or trip (`shared`).

    `was_seen` is false where only the bag around it was scanned: nobody had the envelope itself before him.
    """

    at: datetime
    place: str
    custodian: str
    shared: frozenset[tuple[Tie, str]] = frozenset()
    was_seen: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Journey:
    """The steps of one envelope, oldest first, and the place it is meant for. It was seen at its first step."""

    code: str
    destination: str
    steps: tuple[Step, ...]

    @property
    def last_seen(self) -> int:
        """Return the index of the last step at which the envelope itself was scanned."""
        return max(index for index, step in enumerate(self.steps) if step.was_seen)


@dataclass(frozen=True, kw_only=True, slots=True)
class Reason:
    """Why a place is likely, in words, with its points; `name` is put into the words by whoever knows names."""

    words: str
    points: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Guess:
    """A likely place with its points and reasons, the strongest first."""

    place: str
    points: float
    reasons: tuple[Reason, ...]


def rank(
    lost: Journey,
    others: Iterable[Journey],
    *,
    at: datetime,
    names: Mapping[str, str] | None = None,
    not_there: frozenset[str] = frozenset(),
) -> tuple[Guess, ...]:
    """Return the likely places, best first; `not_there` have answered that they looked and found nothing.

    `names` gives what a bag, record, trip or custodian is called on the page.
    """
    others = tuple(others)
    found: dict[str, list[Reason]] = {}
    for place, reason in (
        *_where_it_was(lost, usual_dwell(others), at=at),
        *_where_companions_went(lost, others, names or {}),
        (lost.destination, Reason(words="Nơi bưu gửi phải đến.", points=MEANT_TO_GO)),
    ):
        if place:
            found.setdefault(place, []).append(reason)
    guesses = (_guess(place, reasons, is_asked=place in not_there) for place, reasons in found.items())
    return tuple(sorted(guesses, key=lambda guess: (-guess.points, guess.place)))


def usual_dwell(journeys: Iterable[Journey]) -> dict[str, timedelta]:
    """Return how long envelopes usually lie at each place: the median of what is over."""
    stays: dict[str, list[float]] = {}
    for journey in journeys:
        for step, following in itertools.pairwise(journey.steps):
            stays.setdefault(step.place, []).append((following.at - step.at).total_seconds())
    return {place: timedelta(seconds=median(found)) for place, found in stays.items()}


def _where_it_was(lost: Journey, dwells: Mapping[str, timedelta], *, at: datetime) -> Iterable[tuple[str, Reason]]:
    last = lost.steps[lost.last_seen]
    for place in dict.fromkeys(step.place for step in lost.steps[lost.last_seen + 1 :] if step.place != last.place):
        yield place, Reason(words="Túi đã qua nơi này sau lần quét bưu gửi sau cùng.", points=PASSED)
    lies, usual = at - last.at, dwells.get(last.place)
    if usual is None:
        yield last.place, Reason(words=f"Nơi quét thấy sau cùng, đã {_hours(lies)}.", points=STILL_THERE)
    elif lies <= usual * 2:
        words = f"Nơi quét thấy sau cùng, mới {_hours(lies)}; bưu gửi thường nằm ở đây {_hours(usual)}."
        yield last.place, Reason(words=words, points=STILL_THERE)
    else:
        words = f"Nơi quét thấy sau cùng, đã {_hours(lies)}; bưu gửi thường chỉ nằm ở đây {_hours(usual)}."
        yield last.place, Reason(words=words, points=LONG_GONE)


def _where_companions_went(
    lost: Journey, others: Sequence[Journey], names: Mapping[str, str]
) -> Iterable[tuple[str, Reason]]:
    ends = frozenset(journey.destination for journey in others)
    for tie, name in _ties(lost):
        nexts = [(journey, step) for journey in others if (step := _next_after(journey, tie, name, lost)) is not None]
        for place, count in Counter(step.place for _, step in nexts).items():
            strayed = sum(_has_strayed(journey, step, ends) for journey, step in nexts if step.place == place)
            yield place, _of_tie(tie, names.get(name, name), count=count, total=len(nexts), strayed=strayed)


def _ties(lost: Journey) -> list[tuple[Tie, str]]:
    """Return what the envelope had in common with others since its last two scans, then who had it before him last."""
    recent = lost.steps[max(0, lost.last_seen - 1) :]
    shared = {each for step in recent for each in step.shared}
    last = (Tie.CUSTODIAN, lost.steps[lost.last_seen].custodian)
    return [*sorted(shared, key=lambda each: (each[0].value, each[1])), last]


def _next_after(journey: Journey, tie: Tie, name: str, lost: Journey) -> Step | None:
    """Return where a companion was scanned next after what it shared with the lost envelope, None if it did not."""
    if journey.code == lost.code:
        return None
    last = lost.steps[lost.last_seen].at
    shares = [
        index
        for index, step in enumerate(journey.steps)
        if (tie, name) in step.shared
        or (tie is Tie.CUSTODIAN and step.custodian == name and abs(step.at - last) <= TOGETHER)
    ]
    later = journey.steps[shares[-1] + 1 :] if shares else ()
    return next((step for step in later if step.was_seen), None)


def _has_strayed(journey: Journey, step: Step, ends: frozenset[str]) -> bool:
    """Tell whether a companion came to a place where others end, not itself, and never reached its own."""
    reached = any(each.place == journey.destination for each in journey.steps)
    return step.place in ends and step.place != journey.destination and not reached


def _of_tie(tie: Tie, name: str, *, count: int, total: int, strayed: int) -> Reason:
    words = f"{count}/{total} bưu gửi {TIE_NAMES[tie].format(name=name)} được quét tiếp ở đây"
    share = (count + strayed * (STRAYED - 1)) / total
    more = f", {strayed} bưu gửi không phải đến đây" if strayed else ""
    return Reason(words=f"{words}{more}.", points=TIE_POINTS[tie] * share)


def _guess(place: str, reasons: Sequence[Reason], *, is_asked: bool) -> Guess:
    ordered = tuple(sorted(reasons, key=lambda reason: -reason.points))
    points = sum(reason.points for reason in reasons) * (ASKED_ALREADY if is_asked else 1.0)
    return Guess(place=place, points=round(points, 3), reasons=ordered)


def _hours(span: timedelta) -> str:
    """Return a span as people say it.

    >>> _hours(timedelta(minutes=30)), _hours(timedelta(hours=50))
    ('30 phút', '2 ngày')
    """
    minutes = int(span.total_seconds() // 60)
    if minutes < 60:
        return f"{minutes} phút"
    return f"{minutes // 60} giờ" if minutes < 48 * 60 else f"{minutes // 1440} ngày"

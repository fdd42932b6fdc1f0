"""Who spent the days of a dossier: the post, the desk, the department, the citizen; and why, for an apology."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from postal.domain import dossier, spent
from postal.domain.calendars import WorkCalendar
from postal.domain.dossier import Dossier
from postal.domain.item import Item
from postal.domain.spent import DOING_NAMES, PARTY_NAMES, Party, Split, Told, Turn
from postal.queries.clocks import STATE
from postal.store import Reader, passages

HOUR = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class Share:
    """What one party spent: working minutes, in words, and which part of the whole, in percent."""

    party: str
    minutes: int
    spoken: str
    percent: int
    doings: tuple["Part", ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """What somebody did at one place, and how long."""

    doing: str
    place: str
    minutes: int
    spoken: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Spent:
    """The life of a dossier so far, split; the shares add up to `total` exactly."""

    since: datetime
    until: datetime
    is_over: bool
    total: int
    spoken: str
    calendar: str
    shares: tuple[Share, ...]


def of_dossier(reader: Reader, case: Dossier, items: Sequence[Item], *, at: datetime) -> Spent | None:
    """Return who spent the time of a dossier up to now; None where nobody has loaded the calendar."""
    calendar = reader.reference.calendar(STATE)
    found = split_of(reader, case, items, calendar=calendar, at=at)
    return None if found is None else _spent(reader, found, calendar=calendar, at=at)


def split_of(
    reader: Reader, case: Dossier, items: Sequence[Item], *, calendar: WorkCalendar, at: datetime
) -> Split | None:
    """Return the stretches of a dossier's life up to now."""
    moments = spent.moments(_story(reader, case, items))
    return spent.split(moments, calendar=calendar, until=at)


def since_start(found: Split, case: Dossier, *, calendar: WorkCalendar, at: datetime) -> Split | None:
    """Return the part of a split in which the statutory clock ran; None before it started."""
    if case.started_at is None:
        return None
    return spent.within(found, since=case.started_at, until=case.clock_ended_at or at, calendar=calendar)


def spoken(minutes: int, *, a_day: int) -> str:
    """Return working minutes as people say them.

    >>> spoken(1000, a_day=450)
    '2 ngày 1 giờ 40 phút'
    """
    days, rest = divmod(minutes, a_day)
    hours, left = divmod(rest, HOUR)
    parts = ((days, "ngày"), (hours, "giờ"), (left, "phút"))
    return " ".join(f"{count} {word}" for count, word in parts if count) or "0 phút"


def _story(reader: Reader, case: Dossier, items: Sequence[Item]) -> Mapping[str, Sequence[Told]]:
    """Return how the dossier and each envelope stood after everything that happened, bags included."""
    story: dict[str, list[Told]] = {case.code: _states(reader, case.code)}
    for code, told in passages.of_items(reader, [item.code for item in items]).items():
        story[code] = [Told(at=each.event.occurred_at, item=each.item) for each in told]
    return story


def _states(reader: Reader, code: str) -> list[Told]:
    states: list[Told] = []
    for *_, event in reader.events([code]):
        before = states[-1].dossier if states else None
        after = dossier.begin(code, event) if before is None else before.evolve(event)
        states.append(Told(at=event.occurred_at, dossier=after))
    return states


def _spent(reader: Reader, found: Split, *, calendar: WorkCalendar, at: datetime) -> Spent:
    by_doing = found.by_doing()
    places = reader.reference.places({turn.place for turn in by_doing} - {""})
    names = {code: place.name for code, place in places.items()}
    a_day = calendar.minutes_a_day
    percents = in_percent([found.of(party) for party in Party])
    return Spent(
        since=found.since,
        until=found.until,
        is_over=found.until < at,
        total=found.total,
        spoken=spoken(found.total, a_day=a_day),
        calendar=f"{calendar.organisation}, {calendar.hours_in_words}",
        shares=tuple(
            _share(party, found, by_doing, percent=percent, names=names, a_day=a_day)
            for party, percent in zip(Party, percents, strict=True)
        ),
    )


def in_percent(parts: Sequence[int]) -> list[int]:
    """Return parts in whole percents that add up to 100; the largest remainders are rounded up. All 0 of nothing.

    >>> in_percent([1, 1, 1, 0])
    [34, 33, 33, 0]
    """
    total = sum(parts)
    if not total:
        return [0 for _ in parts]
    found = [100 * part // total for part in parts]
    by_remainder = sorted(range(len(parts)), key=lambda n: -(100 * parts[n] % total))
    for number in by_remainder[: 100 - sum(found)]:
        found[number] += 1
    return found


def _share(
    party: Party,
    found: Split,
    by_doing: Mapping[Turn, int],
    *,
    percent: int,
    names: Mapping[str, str],
    a_day: int,
) -> Share:
    minutes = found.of(party)
    return Share(
        party=PARTY_NAMES[party],
        minutes=minutes,
        spoken=spoken(minutes, a_day=a_day),
        percent=percent,
        doings=tuple(
            Part(
                doing=DOING_NAMES[turn.doing],
                place=names.get(turn.place, turn.place),
                minutes=each,
                spoken=spoken(each, a_day=a_day),
            )
            for turn, each in by_doing.items()
            if turn.party is party
        ),
    )

"""What an office's day of rounds rests on: what waits for which door, where that is, and who is there to drive."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from postal.domain import calendars, doors
from postal.domain.doors import Door, Waiting
from postal.domain.people import Account, Role
from postal.domain.places import Place, Territory, Unit
from postal.services import learning, pinning
from postal.store import Reader, waiting
from routes.learning import Figures
from routes.model import Place as Point
from routes.model import Shift, VehicleKind

START_STEP = timedelta(minutes=5)
WHOLE_DAY = timedelta(hours=24)
WORTH_LEAVING = timedelta(minutes=30)
"""A driver who has less time left than this drives no further round that day."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RoundDay:
    """A territory on a day: its doors, who drives it (nobody: empty), from when to when, and how long doors take."""

    territory: Territory
    doors: tuple[Door, ...]
    driver: str
    shift: Shift
    figures: Figures


@dataclass(frozen=True, kw_only=True, slots=True)
class OfficeDay:
    """An office on a day. `spare` are the postmen who drive no round, `communes` the units of all doors.

    `points` are those of the doors of its rounds, `doubted` how many of them are not where they were said to be.
    `figures` are those of the office by kind of vehicle, `minutes` how long a door takes where somebody says so. Where
    a door is not to be taken along to another run, `apart` tells on which it is.
    """

    place: Place
    day: date
    rounds: tuple[RoundDay, ...]
    spare: tuple[str, ...]
    outside: tuple[Waiting, ...]
    points: Mapping[str, Point | None]
    communes: Mapping[str, Unit]
    figures: Mapping[VehicleKind, Figures]
    doubted: int = 0
    minutes: tuple[tuple[str, timedelta], ...] = ()
    apart: tuple[tuple[str, str], ...] = ()

    @property
    def doors(self) -> dict[str, tuple[RoundDay, Door]]:
        """Return every door of the rounds by its key, with its round."""
        return {door.key: (round_, door) for round_ in self.rounds for door in round_.doors}


# --- reading ----------------------------------------------------------------------------------------------------------


def read_offices(reader: Reader, offices: Collection[str], *, day: date, at: datetime) -> list[OfficeDay]:
    """Return the day of several offices: what waits, where it is, and who is there to drive."""
    found = waiting.at(reader, offices, on=day)
    territories = [round_ for round_ in reader.reference.territories() if round_.office in offices]
    inside, outside = doors.by_territory(found, territories, on=day)
    at_doors = {code: doors.grouped(some) for code, some in inside.items()}
    all_doors = [door for some in at_doors.values() for door in some]
    points = pinning.points_of(reader, all_doors, on=day)
    communes = reader.reference.units([door.commune for door in all_doors], on=day)
    known = reader.reference.places(offices)
    postmen = _Postmen(reader, offices, day=day)
    return [
        _office_day(
            reader,
            known[code],
            [(round_, at_doors[round_.code]) for round_ in territories if _has(round_, code, at_doors)],
            outside=[each for each in outside if each.office == code],
            postmen=postmen,
            points=points,
            communes=communes,
            day=day,
            at=at,
        )
        for code in sorted(known)
    ]


def shift_of(territory: Territory, *, day: date, at: datetime, busy: timedelta = timedelta()) -> Shift | None:
    """Return when a round can be driven on a day; today not before now. None when there is no time left.

    `busy` is what its driver drives besides, first.
    """
    begins = _begins(territory, day=day, at=at) + busy
    closes = datetime.combine(day, territory.working_time.closes, calendars.VIETNAM)
    longest = timedelta(minutes=territory.working_time.longest_minutes) - busy
    if min(longest, closes - begins) < WORTH_LEAVING:
        return None
    return Shift(starts_at=begins, ends_at=closes, longest=longest)


def alone(office: OfficeDay, territory: str, *, driver: str, day: date, at: datetime) -> OfficeDay:
    """Return an office's day with one round of it, driven to its end however long that takes."""
    made = []
    for round_ in office.rounds:
        if round_.territory.code == territory:
            begins = _begins(round_.territory, day=day, at=at)
            shift = Shift(starts_at=begins, ends_at=begins + WHOLE_DAY, longest=WHOLE_DAY)
            made.append(replace(round_, driver=driver, shift=shift))
    return replace(office, rounds=tuple(made), outside=(), spare=())


def _begins(territory: Territory, *, day: date, at: datetime) -> datetime:
    opens = datetime.combine(day, territory.working_time.opens, calendars.VIETNAM)
    return max(opens, _next_step(calendars.local(at))) if calendars.local(at).date() == day else opens


def _office_day(
    reader: Reader,
    place: Place,
    territories: Sequence[tuple[Territory, list[Door]]],
    *,
    outside: Iterable[Waiting],
    postmen: "_Postmen",
    points: Mapping[str, Point | None],
    communes: Mapping[str, Unit],
    day: date,
    at: datetime,
) -> OfficeDay:
    drivers: set[str] = set()
    made = []
    for territory, its_doors in territories:
        round_ = _round_day(reader, territory, its_doors, postmen=postmen, taken=drivers, day=day, at=at)
        drivers.add(round_.driver)
        made.append(round_)
    own = [door for _, its_doors in territories for door in its_doors]
    near = pinning.reachable(points, place, [door.key for door in own])
    return OfficeDay(
        place=place,
        day=day,
        rounds=tuple(made),
        spare=tuple(name for name in postmen.free_at(place.code) if name not in drivers),
        outside=tuple(outside),
        points=near,
        communes=communes,
        doubted=pinning.doubted(reader, own, before=points, now=near),
        figures={kind: learning.learned(reader, place.code, kind=kind) for kind in VehicleKind},
    )


def _round_day(
    reader: Reader,
    territory: Territory,
    its_doors: list[Door],
    *,
    postmen: "_Postmen",
    taken: set[str],
    day: date,
    at: datetime,
) -> RoundDay:
    """Return a round with its driver, unless he drives another one already or has no time left."""
    name = territory.driver(day) or ""
    driver = name if postmen.is_active(name) and name not in taken else ""
    own = shift_of(territory, day=day, at=at, busy=postmen.busy(driver)) if driver else None
    usual = own or shift_of(territory, day=day, at=at) or _no_time(territory, day=day)
    kind = VehicleKind(territory.equipment.kind.value)
    return RoundDay(
        territory=territory,
        doors=tuple(its_doors),
        driver=driver if own else "",
        shift=usual,
        figures=learning.learned(reader, territory.office, territory=territory.code, kind=kind),
    )


def _no_time(territory: Territory, *, day: date) -> Shift:
    """Return a moment at the end of the hours, in which nothing fits: the day is over for this round."""
    closes = datetime.combine(day, territory.working_time.closes, calendars.VIETNAM)
    return Shift(starts_at=closes - timedelta(seconds=1), ends_at=closes, longest=timedelta(seconds=1))


def _has(territory: Territory, office: str, at_doors: Mapping[str, list[Door]]) -> bool:
    return territory.office == office and territory.code in at_doors


def _next_step(local: datetime) -> datetime:
    """Return the next round five minutes: a run leaves then, and the same proposal comes out for a while."""
    begun = local.replace(second=0, microsecond=0)
    return begun + (START_STEP - timedelta(minutes=begun.minute % 5))


class _Postmen:
    """Who can drive on a day, and what he drives already."""

    def __init__(self, reader: Reader, offices: Collection[str], *, day: date) -> None:
        self._accounts = {account.username: account for account in reader.accounts.all() if drives(account)}
        self._busy: dict[str, timedelta] = {}
        for found in reader.rounds.runs_on(offices, day=day):
            known = self._busy.get(found.postman, timedelta())
            self._busy[found.postman] = known + timedelta(seconds=found.seconds)

    def is_active(self, name: str) -> bool:
        """Tell whether somebody can sign for items and drive."""
        return name in self._accounts

    def busy(self, name: str) -> timedelta:
        """Return how long his other runs of the day take."""
        return self._busy.get(name, timedelta())

    def free_at(self, office: str) -> list[str]:
        """Return the postmen of an office without any run that day, by account."""
        return sorted(a.username for a in self._accounts.values() if a.place == office and a.username not in self._busy)


def drives(account: Account) -> bool:
    """Tell whether an account can drive a run."""
    return account.is_active and Role.POSTMAN in account.roles

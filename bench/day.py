"""One province's day of rounds, as one JSON line with `ok`: `python -m bench.day`.

1,000 results wait for their doors in the communes of Đà Nẵng (real communes and their middles, made-up addresses), on
40 territories of its delivery offices, with 40 promised visits to fetch papers and 20 invitations to leave. Everything
goes through the product's services into a SQLite store: registered by a desk, carried to the offices, sorted. Every
third door has been visited before and taught its point. Then the day is proposed for the whole province and accepted.

`seconds` is the wall clock of the first proposal, reading included, and `improve_seconds` that of making it better as
a worker does; together they may take a minute. Accepting is told apart. `first_kilometres` are the first proposal's.

**A breach** is a promise of the day that the accepted runs do not keep: a result whose postal leg (J+2) ends on the day
or ended before and that is on no run, or on one that does not end within its hours; a visit to fetch papers that is on
no run or begins after its promised hours. **A breach is avoidable** if in some run of the same office, or in a run of a
postman of that office who has none, there is a position where the promise would have been kept, the hours of the run
and all its other promises kept too, everything else in its order; what is not promised for the day may give way.

The judge has its own books, its own great circle and its own clock; it takes from the product the accepted runs alone.
The far communes, more than 40 km from every delivery office, are left out: with six offices nobody could drive there.
"""

import argparse
import json
import math
import random
import resource
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from postal.domain.calendars import VIETNAM
from postal.domain.events import ReturnWay, Service
from postal.domain.people import Account, Actor, Custodian, Person, Position, PositionKind, Role, position_custodian
from postal.domain.places import Place, Territory, Unit
from postal.domain.proposal import Proposal
from postal.domain.run import DeliveryRun
from postal.services import (
    custody,
    home_pickups,
    improving,
    invitations,
    planning,
    registration,
    results,
    shipped,
    solving,
)
from postal.services.registration import PaperEntry, Registration
from postal.services.results import ResultEntry
from postal.store import Store, sqlite_url
from routes import depots
from tests import cast, databases

PROVINCE = "48"
DAY = date(2026, 11, 18)
"""A Wednesday; what the post took on Friday was due on Tuesday, what it took on Monday is due today (J+2)."""

FRIDAY, MONDAY, TUESDAY = (datetime(2026, 11, day, 3, 0, tzinfo=UTC) for day in (13, 16, 17))
EVENING = datetime(2026, 11, 17, 10, 0, tzinfo=UTC)
FARTHEST_KM = 40.0
MOST_SECONDS = 60.0

DETOUR, METRES_A_SECOND = 1.35, 20 / 3.6
OPENS, CLOSES = (datetime(2026, 11, 18, *hour, tzinfo=VIETNAM) for hour in ((7, 30), (17, 0)))
LONGEST = 480 * 60
AT_THE_DOOR, EACH_FURTHER_THING = 240, 120
PROCEDURE = "1.004873"

coordinator = cast.actor("dieuphoi", "Điều phối", place=cast.OFFICE, roles={Role.COORDINATOR})


@dataclass(kw_only=True)
class Outcome:
    """What was proposed, how fast, and what the judge found."""

    deliveries: int
    territories: int
    offices: int = 0
    doors: int = 0
    promised: int = 0
    runs: int = 0
    shared_rounds: int = 0
    kilometres: int = 0
    seconds: float = 0.0
    accept_seconds: float = 0.0
    left_for_later: int = 0
    first_kilometres: int = 0
    improve_seconds: float = 0.0
    peak_mb: int = 0
    breaches: int = 0
    avoidable: int = 0
    over_hours: int = 0
    misplaced: int = 0
    repeats: bool = False
    setup_seconds: float = 0.0
    avoidable_things: list[str] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        """Tell whether the day was proposed in time, no promise was broken that could be kept, and nothing was lost."""
        wrong = self.avoidable or self.over_hours or self.misplaced
        return self.runs > 0 and self.seconds + self.improve_seconds <= MOST_SECONDS and self.repeats and not wrong


@dataclass(kw_only=True)
class Thing:
    """What the bench knows of a thing that waits: where, and what was promised (seconds after the start)."""

    office: str
    lat: float
    lon: float
    door: str
    is_promised: bool
    opens: int = 0
    closes: int = 1_000_000


def main() -> None:
    """Run the day, print what was found, and fail when it is not good."""
    asked = argparse.ArgumentParser(prog="bench.day", description="One province's day of rounds.")
    asked.add_argument("--deliveries", type=int, default=1000)
    asked.add_argument("--territories", type=int, default=40)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--processes", type=int, default=planning.PROCESSES)
    asked.add_argument("--improve", type=int, default=40, help="seconds for which the first plan is made better")
    asked.add_argument("--json", action="store_true", help="accepted; the answer is always one JSON line")
    given = asked.parse_args()
    outcome = run(
        deliveries=given.deliveries,
        territories=given.territories,
        seed=given.seed,
        processes=given.processes,
        improve=given.improve,
    )
    print(json.dumps({**asdict(outcome), "ok": outcome.is_good}))
    raise SystemExit(0 if outcome.is_good else 1)


def run(
    *, deliveries: int, territories: int, seed: int = 1, processes: int = planning.PROCESSES, improve: int = 0
) -> Outcome:
    """Fill a store, propose the day, accept it, and judge what was accepted."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(sqlite_url(Path(folder) / "day.db"), secret_key=databases.SECRET_KEY)
        try:
            return _day(store, Outcome(deliveries=deliveries, territories=territories), seed, processes, improve)
        finally:
            store.close()


def _day(store: Store, outcome: Outcome, seed: int, processes: int, improve: int) -> Outcome:
    begun = time.perf_counter()
    world = World(store, territories=outcome.territories, chance=random.Random(seed))
    world.fill(outcome.deliveries)
    outcome.setup_seconds = round(time.perf_counter() - begun, 1)

    def propose(with_processes: int) -> Proposal:
        where = f"{planning.PROVINCE}{PROVINCE}"
        return planning.propose_day(store, where, day=DAY, by=coordinator, at=EVENING, processes=with_processes)

    begun = time.perf_counter()
    proposed = propose(processes)
    outcome.seconds = round(time.perf_counter() - begun, 2)
    outcome.repeats = propose(1) == proposed
    outcome.first_kilometres = sum(draft.metres for draft in proposed.drafts) // 1000
    if improve:
        begun = time.perf_counter()
        proposed = _improved(store, proposed, seconds=improve, below=cast.below(seed))
        outcome.improve_seconds = round(time.perf_counter() - begun, 2)
    outcome.peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    begun = time.perf_counter()
    runs = planning.accept_proposal(store, proposed, by=coordinator, at=EVENING, below=cast.below(seed))
    outcome.accept_seconds = round(time.perf_counter() - begun, 2)
    outcome.runs, outcome.shared_rounds = len(runs), sum(draft.part == 1 for draft in proposed.drafts)
    outcome.kilometres = sum(made.metres for made in runs) // 1000
    outcome.offices, outcome.doors = len({made.office for made in runs}), sum(len(made.stops) for made in runs)
    outcome.left_for_later = sum(len(each.things) for each in proposed.left)
    _Judge(world, runs).judge(outcome)
    return outcome


def _improved(store: Store, proposed: Proposal, *, seconds: int, below: Callable[[int], int]) -> Proposal:
    """Return a better day, worked out as a worker does, in this process."""
    number = planning.keep_proposal(store, proposed, by=coordinator, at=EVENING, below=below)
    solving.ask(store, number, by=coordinator, at=EVENING, below=below, seconds=seconds)
    claimed = solving.claim(store, worker="bench", at=EVENING)
    assert claimed is not None
    prepared = solving.prepare(store, claimed, at=EVENING)
    plans = depots.plan_all(improving.task_of(prepared), lambda _: False)
    return improving.result_of(prepared, plans).proposal


# --- the province -----------------------------------------------------------------------------------------------------


class World:
    """The offices, territories and postmen of the province, and everything that waits on the day."""

    def __init__(self, store: Store, *, territories: int, chance: random.Random) -> None:
        self.store, self.chance = store, chance
        self.things: dict[str, Thing] = {}
        self.points: dict[str, tuple[float, float]] = {}
        self.spare: dict[str, int] = {}
        self.below = cast.below(chance.randrange(1000))
        self.communes: dict[str, Unit] = {}
        self.offices = {place.code: place for place in shipped.places() if place.delivers and place.lat is not None}
        self.offices = {code: place for code, place in self.offices.items() if place.province_code == PROVINCE}
        self.territories = self._territories(territories)
        self._seed()

    def fill(self, deliveries: int) -> None:
        """Let results come in on three days, so that some are overdue, some due and some not; and promise visits."""
        people = [self._citizen(number) for number in range(deliveries)]
        late, due = deliveries // 20, deliveries // 2
        for at, some in ((FRIDAY, people[:late]), (MONDAY, people[late:due]), (TUESDAY, people[due:])):
            self._arrive(some, at=at)
        self._promise_visits(deliveries // 25)
        self._hold(deliveries // 50)

    def _territories(self, count: int) -> list[Territory]:
        """Return so many rounds of neighbouring communes, each commune with its nearest office; busy ones are cut."""
        near: dict[str, list[Unit]] = {code: [] for code in self.offices}
        for unit in shipped.units().units:
            if unit.era.value == "2025" and unit.level.value == "commune" and unit.province_code == PROVINCE:
                office = min(self.offices.values(), key=lambda place: _between(unit, place))
                if _between(unit, office) <= FARTHEST_KM:
                    self.communes[unit.code] = unit
                    near[office.code].append(unit)
        made: list[Territory] = []
        for number, (code, units) in enumerate(sorted(near.items())):
            wanted = round(count * (number + 1) / len(near)) - round(count * number / len(near))
            made += _rounds(self.offices[code], units, count=min(wanted, len(units)))
        return _up_to(made, count)

    def _seed(self) -> None:
        """Load the reference data with these territories instead of the shipped ones, and a postman for each."""
        self.store.migrate()
        found = shipped.units()
        with self.store.begin(at=FRIDAY) as ledger:
            register = ledger.reference
            register.add_units(found.units, aliases=found.aliases)
            register.add_places(shipped.places())
            register.add_lanes(shipped.lanes())
            register.add_procedures(shipped.procedures())
            register.add_territories(self.territories)
            for key, content in shipped.calendars().items():
                register.add_calendar(key, content)
            for territory in self.territories:
                ledger.accounts.put(_postman(territory.postman or "", territory.office), password_hash="")
            for number, office in enumerate(sorted(self.offices)):
                self.spare[office] = number % 3
                for spare in range(number % 3):
                    ledger.accounts.put(_postman(f"thay{office}{spare}", office), password_hash="")

    def _citizen(self, number: int) -> Person:
        """Return somebody on some round; the first rounds are busier, some doors have two, a third are known."""
        territory = self.territories[int(len(self.territories) * self.chance.random() ** 1.4)]
        commune = self.chance.choice(territory.communes)
        address = f"{number % 97 + 1} đường số {number if self.chance.random() > 0.08 else number - 1}"
        if f"{commune} {address}" not in self.points:
            self.points[f"{commune} {address}"] = self._point(commune, address, is_known=self.chance.random() < 1 / 3)
        return Person(
            name=f"Người thử {number}",
            identity_number=f"048{number:09d}",
            phone=f"+8490{number:07d}",
            address=address,
            commune=commune,
        )

    def _point(self, commune: str, address: str, *, is_known: bool) -> tuple[float, float]:
        unit = self.communes[commune]
        lat, lon = unit.lat or 0.0, unit.lon or 0.0
        if not is_known:
            return lat, lon
        reach = (unit.radius_m or 0) / 111_200 * 0.5
        lat, lon = lat + self.chance.uniform(-reach, reach), lon + self.chance.uniform(-reach, reach)
        with self.store.begin(at=FRIDAY) as ledger:
            ledger.points.teach(commune, address, lat=lat, lon=lon, accuracy_m=12)
        return lat, lon

    def _arrive(self, people: Sequence[Person], *, at: datetime, first: int = 1) -> None:
        """Register a result for each, hand them to the post, and bring them to the sorting tables of their offices."""
        entries = [
            ResultEntry(code=f"H48.17-{at:%y%m%d}-{n:04d}", seal=f"88{n:04d}", receiver=person)
            for n, person in enumerate(people, start=first)
        ]
        made = results.register_results(self.store, entries, by=cast.xuan, at=at, below=self.below)
        record = custody.offer(
            self.store, [i.code for i in made], to=cast.transport, by=cast.xuan, at=at, below=self.below
        )
        custody.accept(self.store, record.code, by=cast.tai, at=at)
        for office in sorted({i.destination.place for i in made}):
            here = [i.code for i in made if i.destination.place == office]
            sorting, sorter = _sorting(self.offices[office])
            record = custody.offer(self.store, here, to=sorting, by=cast.tai, at=at, below=self.below)
            custody.accept(self.store, record.code, by=sorter, at=at)
        for item, person in zip(made, people, strict=True):
            self._know(item.code, person, is_promised=at < TUESDAY)

    def _promise_visits(self, count: int) -> None:
        """Let citizens register by phone and be promised a visit, each in a window of two hours on the day."""
        for number in range(count):
            person = self._citizen(50_000 + number)
            form = Registration(
                service=Service.BOTH,
                procedure=PROCEDURE,
                sender=person,
                case_commune="20242",
                return_way=ReturnWay.HOME,
                postage=30_000,
                postage_basis="bảng giá",
                papers=(PaperEntry(name="Tờ khai"),),
                why_incomplete="bưu tá đến lấy",
                pickup_on=DAY,
            )
            known = registration.register(self.store, form, by=cast.lan, at=TUESDAY, below=self.below)
            assert known.pickup is not None
            home_pickups.cancel(self.store, known.pickup.code, reason="hẹn giờ", by=cast.lan, at=TUESDAY)
            opens = OPENS + timedelta(minutes=30 * self.chance.randrange(1, 14))
            asked = home_pickups.ask(
                self.store,
                dossier=known.dossier.code,
                day=DAY,
                opens_at=opens,
                closes_at=opens + timedelta(hours=2),
                by=cast.lan,
                at=TUESDAY,
                below=self.below,
            )
            begins = round((opens - OPENS).total_seconds())
            self._know(asked.code, person, is_promised=True, opens=begins, closes=begins + 7200)

    def _hold(self, count: int) -> None:
        """Keep some further results at an office, invited by message: a printed invitation is to be left."""
        people = [self._citizen(70_000 + number) for number in range(count)]
        before = set(self.things)
        self._arrive(people, at=TUESDAY + timedelta(minutes=5), first=5001)
        for code in sorted(set(self.things) - before):
            _, sorter = _sorting(self.offices[self.things[code].office])
            invitations.hold_for_pickup(
                self.store, code, until=date(2026, 11, 25), by=sorter, at=TUESDAY + timedelta(minutes=9)
            )

    def _know(self, code: str, person: Person, *, is_promised: bool, opens: int = 0, closes: int = 1_000_000) -> None:
        door = f"{person.commune} {person.address}"
        lat, lon = self.points[door]
        office = next(round_.office for round_ in self.territories if person.commune in round_.communes)
        self.things[code] = Thing(
            office=office, lat=lat, lon=lon, door=door, is_promised=is_promised, opens=opens, closes=closes
        )


def _rounds(office: Place, units: Sequence[Unit], *, count: int) -> list[Territory]:
    """Return rounds over the communes of an office: around it by direction, so that neighbours share a round."""
    around = sorted(
        units, key=lambda unit: math.atan2((unit.lat or 0) - (office.lat or 0), (unit.lon or 0) - (office.lon or 0))
    )
    made = []
    for number in range(count):
        part = around[number * len(around) // count : (number + 1) * len(around) // count]
        codes = tuple(unit.code for unit in sorted(part, key=lambda unit: _between(unit, office)))
        code = f"{office.code}-{number + 1:02}"
        name = " – ".join(unit.name for unit in part)[:80]
        postman = f"buuta{office.code}{number + 1:02}"
        made.append(Territory(code=code, name=name, office=office.code, postman=postman, communes=codes, basis="mẫu"))
    return made


def _up_to(made: list[Territory], count: int) -> list[Territory]:
    """Cut rounds of several communes in two until there are as many as wanted."""
    while len(made) < count:
        widest = max(made, key=lambda round_: len(round_.communes))
        if len(widest.communes) < 2:
            break
        half = len(widest.communes) // 2
        at = made.index(widest)
        second = replace(widest, code=f"{widest.code}b", postman=f"{widest.postman}b", communes=widest.communes[half:])
        made[at : at + 1] = [replace(widest, communes=widest.communes[:half]), second]
    return made


def _postman(username: str, office: str) -> Account:
    return Account(username=username, name=username, place=office, roles=frozenset({Role.POSTMAN}))


def _sorting(office: Place) -> tuple[Custodian, Actor]:
    custodian = position_custodian(Position(place=office.code, kind=PositionKind.SORTING), unit_name=office.name)
    return custodian, cast.actor(f"kt{office.code}", "Khai thác", custodian, place=office.code, roles={Role.SORTING})


def _between(unit: Unit, office: Place) -> float:
    return _metres((unit.lat or 0, unit.lon or 0), (office.lat or 0, office.lon or 0)) / 1000


# --- the judge --------------------------------------------------------------------------------------------------------


@dataclass(kw_only=True)
class _Door:
    """A stop as the judge sees it."""

    lat: float
    lon: float
    things: list[str]
    is_promised: bool
    opens: int
    closes: int


class _Judge:
    """Looks at the accepted runs with the bench's own books."""

    def __init__(self, world: World, runs: Sequence[DeliveryRun]) -> None:
        self.world = world
        self.runs = [(made.office, [self._door(codes) for codes in _things(made)]) for made in runs]
        used: dict[str, int] = {}
        for made in runs:
            used[made.office] = used.get(made.office, 0) + 1
        for office in world.offices:
            postmen = world.spare[office] + sum(round_.office == office for round_ in world.territories)
            self.runs += [(office, []) for _ in range(postmen - used.get(office, 0))]

    def judge(self, outcome: Outcome) -> None:
        """Count promises, breaches and what could have been done about them."""
        promised = {code: thing for code, thing in self.world.things.items() if thing.is_promised}
        kept = {code for office, doors in self.runs for code in self._kept(office, doors)}
        broken = sorted(set(promised) - kept)
        outcome.promised, outcome.breaches = len(promised), len(broken)
        outcome.avoidable_things = [code for code in broken if self._could_be_kept(promised[code], code)]
        outcome.avoidable = len(outcome.avoidable_things)
        outcome.over_hours = sum(self._drive(office, doors) is None for office, doors in self.runs)
        on_runs = [code for _, doors in self.runs for door in doors for code in door.things]
        twice = len(on_runs) - len(set(on_runs))
        elsewhere = sum(self.world.things[c].office != office for office, ds in self.runs for d in ds for c in d.things)
        split = len({self.world.things[c].door for c in on_runs}) != sum(len(doors) for _, doors in self.runs)
        outcome.misplaced = twice + elsewhere + split

    def _door(self, codes: Sequence[str]) -> _Door:
        things = [self.world.things[code] for code in codes]
        return _Door(
            lat=things[0].lat,
            lon=things[0].lon,
            things=list(codes),
            is_promised=any(thing.is_promised for thing in things),
            opens=max(thing.opens for thing in things),
            closes=min(thing.closes for thing in things),
        )

    def _drive(self, office: str, doors: Sequence[_Door]) -> list[int] | None:
        """Return when each door is served, in seconds after the start; None when the hours do not suffice."""
        depot = self.world.offices[office]
        here, now, waited, begun = (depot.lat or 0.0, depot.lon or 0.0), 0.0, 0.0, []
        home = here
        for door in doors:
            now += _seconds(here, (door.lat, door.lon))
            waited, now = waited + max(0.0, door.opens - now), max(now, float(door.opens))
            begun.append(round(now))
            now += AT_THE_DOOR + EACH_FURTHER_THING * (len(door.things) - 1)
            here = (door.lat, door.lon)
        now += _seconds(here, home)
        slack = 2 * len(doors) + 2  # whole seconds of each leg, rounded one way there and another here
        if now - waited > LONGEST + slack or now > (CLOSES - OPENS).total_seconds() + slack:
            return None
        return begun

    def _kept(self, office: str, doors: Sequence[_Door]) -> Iterator[str]:
        times = self._drive(office, doors)
        for door, begun in zip(doors, times or [], strict=bool(times)):
            if begun <= door.closes + 2 * len(doors):
                yield from door.things

    def _could_be_kept(self, thing: Thing, code: str) -> bool:
        door = _Door(
            lat=thing.lat, lon=thing.lon, things=[code], is_promised=True, opens=thing.opens, closes=thing.closes
        )
        for office, doors in self.runs:
            if office != thing.office:
                continue
            others = [replace_things(each, without=code) for each in doors if each.things != [code]]
            promised = [each for each in others if each.is_promised]
            if self._has_room(office, others, door) or self._has_room(office, promised, door):
                return True
        return False

    def _has_room(self, office: str, doors: Sequence[_Door], door: _Door) -> bool:
        for at in range(len(doors) + 1):
            path = [*doors[:at], door, *doors[at:]]
            times = self._drive(office, path)
            if times is not None and all(begun <= each.closes for begun, each in zip(times, path, strict=True)):
                return True
        return False


def replace_things(door: _Door, *, without: str) -> _Door:
    """Return a door without one of its things."""
    return replace(door, things=[code for code in door.things if code != without])


def _things(made: DeliveryRun) -> list[list[str]]:
    return [[*stop.items, *stop.invitations, *stop.pickups] for stop in made.stops]


def _seconds(origin: tuple[float, float], destination: tuple[float, float]) -> float:
    return _metres(origin, destination) * DETOUR / METRES_A_SECOND


def _metres(origin: tuple[float, float], destination: tuple[float, float]) -> float:
    """Return the great circle (haversine) between two points in degrees."""
    (a, b), (c, d) = (tuple(map(math.radians, point)) for point in (origin, destination))
    half = math.sin((c - a) / 2) ** 2 + math.cos(a) * math.cos(c) * math.sin((d - b) / 2) ** 2
    return 2 * 6_371_009 * math.asin(math.sqrt(half))


if __name__ == "__main__":
    main()

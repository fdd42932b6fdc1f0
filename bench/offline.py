"""Whether the order of arrival decides anything, as one JSON line: `python -m bench.offline`.

Fifty devices of many offices are offline and write down 20,000 scans of envelopes and bags: what is given, taken,
declined, carried and seen. Each device names as known what it had seen when it last had a network and what it told
itself; some say nothing of it, some clocks are years off, and some scans contradict each other. Then all is sent, in
100 random orders: mixed, in batches of any size, much of it twice, with requests that break off inside the
transaction. Every order must lead to the same state, which is hashed over the code, version, custody, custodian,
addressee, bag and trouble of every item and bag, over what does not fit (fact and reason), and over the open incidents.
Nothing may be dropped, and the state folded again from all events, every tenth time, must be the stored one.
"""

import argparse
import contextlib
import hashlib
import json
import multiprocessing
import random
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import event, text

from postal.domain import chain, codes, facts
from postal.domain.codes import CodeKind
from postal.domain.events import DeclineReason, Destination
from postal.domain.people import Actor, Custodian, Position, PositionKind, Role, position_custodian
from postal.services import bags, catalogue
from postal.services import facts as fact_services
from postal.services.facts import Outcome
from postal.store import Store, refolding
from tests import cast, databases, envelopes

SCANS, DEVICES, ORDERS = 20_000, 50, 100
SCANS_A_THING = 5
IN_A_BAG = 8
OFFICES, DESKS = 12, 6
ROOMS = 2
"""So many positions of one kind a place has; the back rooms are counted on from there."""

LARGEST = 200
WRONG, SILENT, ASTRAY = 0.06, 0.2, 0.1
"""How often a scan contradicts the others; how many devices name nothing they knew; how many clocks are off."""

AGAIN, BREAKS_OFF = 0.15, 0.1
"""How many lines are sent once more, and how often a request breaks off and is sent again."""

REFOLDED_EVERY = 10
"""Every so many orders the whole state is folded again from all events."""

HEARD_AT = cast.after(days=3)


@dataclass(kw_only=True)
class Device:
    """A device, who has it in his hands, and what it wrote down; `knows` is the last it told of each thing.

    Its holder has a `back` room as well, where he carries some things himself.
    """

    actor: Actor
    custodian: Custodian
    back: Custodian
    is_silent: bool
    clock: timedelta
    lines: list[dict[str, Any]] = field(default_factory=list)
    knows: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """What one order of arrival led to."""

    hash: str
    refolded: str
    sent: int
    answered: int
    recorded: int
    kept_aside: int
    open_incidents: int
    misfits: int
    broke_off: int


class BrokeOff(Exception):
    """The request broke off inside its transaction."""


def main() -> None:
    """Deliver in every order and print what came of it."""
    asked = argparse.ArgumentParser(prog="bench.offline", description=__doc__)
    asked.add_argument("--scans", type=int, default=SCANS)
    asked.add_argument("--devices", type=int, default=DEVICES)
    asked.add_argument("--orders", type=int, default=ORDERS)
    asked.add_argument("--processes", type=int, default=2)
    asked.add_argument("--seed", type=int, default=1)
    given = asked.parse_args()
    found = run(
        scans=given.scans, devices=given.devices, orders=given.orders, processes=given.processes, seed=given.seed
    )
    print(json.dumps(found))
    raise SystemExit(0 if found["ok"] else 1)


def run(*, scans: int, devices: int, orders: int, processes: int = 2, seed: int = 1) -> dict[str, Any]:
    """Return the figures of a number of orders of the same scans."""
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        template = Path(folder) / "template.db"
        told = _write_down(template, scans=scans, devices=devices, seed=seed)
        jobs = [(template, told, seed * 1000 + number) for number in range(orders)]
        arrivals = _all(jobs, processes=processes)
    return _figures(arrivals, told, seconds=time.perf_counter() - begun)


def _all(jobs: Sequence[tuple[Path, list[Device], int]], *, processes: int) -> list[Arrival]:
    if processes == 1:
        return [_deliver(*job) for job in jobs]
    with multiprocessing.get_context("fork").Pool(processes) as pool:
        return pool.starmap(_deliver, jobs, chunksize=1)


def _figures(arrivals: Sequence[Arrival], told: Sequence[Device], *, seconds: float) -> dict[str, Any]:
    scans = sum(len(device.lines) for device in told)
    hashes = {arrival.hash for arrival in arrivals}
    dropped = sum(scans - arrival.recorded - arrival.kept_aside for arrival in arrivals)
    unanswered = sum(arrival.sent - arrival.answered for arrival in arrivals)
    refolded = [arrival for arrival in arrivals if arrival.refolded]
    differ = sum(arrival.refolded != arrival.hash for arrival in refolded)
    return {
        "scans": scans,
        "devices": len(told),
        "orders": len(arrivals),
        "hashes": len(hashes),
        "hash": min(hashes)[:16],
        "sent": sum(arrival.sent for arrival in arrivals),
        "broke_off": sum(arrival.broke_off for arrival in arrivals),
        "dropped": dropped,
        "unanswered": unanswered,
        "refolded": len(refolded),
        "refolded_differently": differ,
        "misfits": arrivals[0].misfits,
        "open_incidents": arrivals[0].open_incidents,
        "seconds": round(seconds, 1),
        "ok": len(hashes) == 1 and not (dropped or unanswered or differ) and arrivals[0].misfits > 0,
    }


# --- what is there before the network goes ----------------------------------------------------------------------------


def _write_down(template: Path, *, scans: int, devices: int, seed: int) -> list[Device]:
    """Fill a database with items and bags, let the devices see it, and return what they write down afterwards."""
    chance = random.Random(seed)
    with _opened(template) as store:
        store.migrate()
        catalogue.seed(store, at=cast.monday)
        people = [_device(chance, own, unit_name=name) for own, name in _positions(store, chance, devices)]
        things = _things(store, chance, people, max(len(people), scans // SCANS_A_THING))
        heads = _heads(store)
    world = _World(chance=chance, devices=people, holders=things, heads=heads)
    while sum(len(device.lines) for device in people) < scans:
        world.scan()
    return people


def _positions(store: Store, chance: random.Random, count: int) -> list[tuple[Position, str]]:
    """Return so many positions of offices and desks of the country, each with the name of its unit."""
    query = text("SELECT code FROM place WHERE kind IN ('office', 'desk') ORDER BY code")
    with store.read() as reader:
        known = reader.reference.places([row.code for row in reader.rows(query)])
    rows = [(place.code, place.name, place.kind.value) for place in known.values()]
    kinds = {
        "office": [PositionKind.COUNTER, PositionKind.SORTING, PositionKind.TRANSPORT],
        "desk": [PositionKind.DESK],
    }
    places = chance.sample([row for row in rows if row[2] == "office"], k=OFFICES)
    places += chance.sample([row for row in rows if row[2] == "desk"], k=DESKS)
    free = [
        (Position(place=code, kind=kind, number=number), name)
        for number in range(1, ROOMS + 1)
        for code, name, place_kind in places
        for kind in kinds[place_kind]
    ]
    return free[:count]


def _device(chance: random.Random, own: Position, *, unit_name: str) -> Device:
    where = position_custodian(own, unit_name=unit_name)
    room = position_custodian(replace(own, number=own.number + ROOMS), unit_name=unit_name)
    account = f"u{where.key.replace(':', '-')}"
    roles = frozenset({Role.SORTING if where.side.value == "post" else Role.DESK_OFFICER})
    code = codes.mint(CodeKind.WORKSTATION, below=chance.randrange).text
    held = frozenset({where.key, room.key})
    years = timedelta(days=chance.choice((-2000, 900))) if chance.random() < ASTRAY else timedelta()
    actor = Actor(account=account, name=account, place=where.place, roles=roles, positions=held, device=code)
    return Device(actor=actor, custodian=where, back=room, is_silent=chance.random() < SILENT, clock=years)


def _things(store: Store, chance: random.Random, people: Sequence[Device], count: int) -> dict[str, Device]:
    """Register items, put some of them into sealed bags, and return who has each thing that a device may scan."""
    posts = [device for device in people if device.custodian.side.value == "post"]
    found: dict[str, Device] = {}
    for number, device in enumerate(posts):
        own = count // len(posts) + (number < count % len(posts))
        made = envelopes.at_the_counter(store, own, by=device.actor, custodian=device.custodian, seed=number + 1)
        inside = made[: len(made) // 5]
        found |= dict.fromkeys(made[len(inside) :], device)
        for start in range(0, len(inside), IN_A_BAG):
            found[_bag(store, chance, device, inside[start : start + IN_A_BAG])] = device
    return found


def _bag(store: Store, chance: random.Random, device: Device, items: Sequence[str]) -> str:
    code = codes.mint(CodeKind.BAG, below=chance.randrange).text
    to = Destination(place=cast.DESK, name=cast.UNIT_NAMES[cast.DESK])
    at, by = cast.monday, device.actor
    bags.start(store, code=code, destination=to, custodian=device.custodian, by=by, at=at)
    bags.seal(store, code, seal="881245", items=items, by=by, at=at)
    return code


def _heads(store: Store) -> dict[str, str]:
    query = "SELECT stream, id FROM event WHERE family IN ('item', 'bag') ORDER BY stream, version"
    return {stream: bytes(number).hex() for stream, number in _rows(store, query)}


# --- what the devices write down --------------------------------------------------------------------------------------


@dataclass(kw_only=True)
class _World:
    """What really happens, one scan after the other; nobody's device hears of another's."""

    chance: random.Random
    devices: list[Device]
    holders: dict[str, Device]
    heads: dict[str, str]
    offers: dict[str, Device] = field(default_factory=dict)
    minutes: int = 0

    def scan(self) -> None:
        """Let the next thing happen, sometimes one that should not."""
        self.minutes += 1
        thing = self._some()
        if self.chance.random() < WRONG:
            self._wrong(thing)
        elif thing in self.offers:
            self._answer(thing)
        else:
            self._give(thing)

    def _some(self) -> str:
        waiting = list(self.offers)
        if waiting and self.chance.random() < 0.5:
            return self.chance.choice(waiting)
        return self.chance.choice(list(self.holders))

    def _give(self, thing: str) -> None:
        giver = self.holders[thing]
        if self.chance.random() < 0.1:
            self._note(giver, "sighted", thing)
            return
        if self.chance.random() < 0.1:
            self._note(giver, "moved", thing, to=self.chance.choice((giver.custodian, giver.back)).key)
            return
        receiver = self.chance.choice([device for device in self.devices if device is not giver])
        self._note(giver, "handed_over", thing, to=receiver.custodian.key)
        self.offers[thing] = receiver

    def _answer(self, thing: str) -> None:
        receiver = self.offers.pop(thing)
        if self.chance.random() < 0.1:
            self._note(receiver, "declined", thing, reason=DeclineReason.DAMAGED.value)
            return
        self._note(receiver, "accepted", thing)
        self.holders[thing] = receiver

    def _wrong(self, thing: str) -> None:
        """Somebody scans what is not before him, or gives what he does not have."""
        device, other = self.chance.choice(self.devices), self.chance.choice(self.devices)
        word = self.chance.choice(("accepted", "handed_over", "declined", "accepted"))
        more = {"to": other.custodian.key} if word == "handed_over" else {}
        self._note(device, word, thing, **more, reason=DeclineReason.MISSING.value)

    def _note(self, device: Device, kind: str, thing: str, **more: str) -> None:
        number = self.chance.randbytes(16).hex()
        line: dict[str, Any] = {
            "id": number,
            "kind": kind,
            "item": thing,
            "device_seq": len(device.lines) + 1,
            "occurred_at": (cast.after(minutes=self.minutes // 10) + device.clock).isoformat(),
            **more,
        }
        if not device.is_silent:
            line["parents"] = sorted({self.heads[thing], device.knows.get(thing, self.heads[thing])})
        device.lines.append(line)
        device.knows[thing] = number


# --- how it arrives ---------------------------------------------------------------------------------------------------


def _deliver(template: Path, told: Sequence[Device], seed: int) -> Arrival:
    """Send everything in one random order into a copy of the database and say what it led to."""
    chance = random.Random(seed)
    path = template.with_name(f"{seed}.db")
    path.write_bytes(template.read_bytes())
    try:
        with _opened(path) as store:
            return _send_all(store, told, chance, is_refolded=seed % REFOLDED_EVERY == 0)
    finally:
        for beside in path.parent.glob(f"{path.name}*"):
            beside.unlink()


def _send_all(store: Store, told: Sequence[Device], chance: random.Random, *, is_refolded: bool) -> Arrival:
    sent = answered = broke_off = 0
    breaking = _Breaking(store)
    for number, (device, lines) in enumerate(_batches(told, chance)):
        read = [facts.read(line) for line in lines]
        at = HEARD_AT + timedelta(seconds=number)
        clock = at + device.clock

        def send(*, at: datetime = at, device: Device = device, read: Any = read, clock: datetime = clock) -> int:
            answers = fact_services.record_facts(store, read, by=device.actor, at=at, sent_at=clock)
            return sum(answer.outcome in (Outcome.CREATED, Outcome.EXISTS) for answer in answers)

        if chance.random() < BREAKS_OFF:
            broke_off += breaking.off(send, after=chance.randrange(1, 25))
        sent += len(lines)
        answered += send()
    found = _found(store, is_refolded=is_refolded)
    return replace(found, sent=sent, answered=answered, broke_off=broke_off)


def _batches(told: Sequence[Device], chance: random.Random) -> Iterator[tuple[Device, list[dict[str, Any]]]]:
    """Return what is sent, cut into batches of any size, some lines twice, in any order."""
    found: list[tuple[Device, list[dict[str, Any]]]] = []
    for device in told:
        lines = [*device.lines, *chance.sample(device.lines, k=int(len(device.lines) * AGAIN))]
        if chance.random() < 0.5:
            chance.shuffle(lines)
        while lines:
            size = chance.randint(1, LARGEST)
            found.append((device, lines[:size]))
            lines = lines[size:]
    chance.shuffle(found)
    return iter(found)


class _Breaking:
    """Breaks a request off at one of its statements; nothing of it is left."""

    def __init__(self, store: Store) -> None:
        self.left = 0
        event.listen(store.database.engine, "before_cursor_execute", self._before)  # type: ignore[attr-defined]

    def off(self, send: Callable[[], int], *, after: int) -> bool:
        """Let a request break off at its statement number `after`; tell whether it had so many."""
        self.left = after
        try:
            send()
        except BrokeOff:
            return True
        finally:
            self.left = 0
        return False

    def _before(self, *_: object) -> None:
        if self.left:
            self.left -= 1
            if not self.left:
                raise BrokeOff


# --- what it led to ---------------------------------------------------------------------------------------------------

STATES = (
    "SELECT code, version, custody, custodian_key, offered_to, bag, trouble FROM item ORDER BY code",
    "SELECT code, version, bag_state, custodian_key, offered_to, '', '' FROM bag ORDER BY code",
)
OPEN = "SELECT kind, about, fact FROM incident WHERE incident_state = 'open' ORDER BY about, fact, kind"
COUNTS = "SELECT (SELECT count(*) FROM event WHERE kind = 'Claimed'), (SELECT count(*) FROM quarantine)"


def _found(store: Store, *, is_refolded: bool) -> Arrival:
    stored, misfits = _state(store), _misfits(store)
    incidents = _rows(store, OPEN)
    recorded, kept = _rows(store, COUNTS)[0]
    if is_refolded:
        with store.database.writing() as connection:
            refolding.refold(connection)
    return Arrival(
        hash=_hash(stored, misfits, incidents),
        refolded=_hash(_state(store), misfits, incidents) if is_refolded else "",
        sent=0,
        answered=0,
        recorded=recorded,
        kept_aside=kept,
        open_incidents=len(incidents),
        misfits=len(misfits),
        broke_off=0,
    )


def _state(store: Store) -> list[tuple[Any, ...]]:
    return [row for query in STATES for row in _rows(store, query)]


def _misfits(store: Store) -> list[tuple[Any, ...]]:
    """Return every fact that does not fit, with the reason, thing by thing."""
    things = [row[0] for row in _state(store)]
    with store.begin(at=HEARD_AT) as ledger:
        told = ledger.reads(things)
    found = [(code, each.step.id.hex(), chain.misfit_of(each.event)) for code, own in told.items() for each in own]
    return sorted((code, number, why.value) for code, number, why in found if why)


def _rows(store: Store, query: str) -> list[tuple[Any, ...]]:
    with store.read() as reader:
        return [tuple(row) for row in reader.rows(text(query))]


def _hash(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[Store]:
    with contextlib.closing(Store.open(f"sqlite:///{path}", secret_key=databases.SECRET_KEY)) as store:
        yield store


if __name__ == "__main__":
    main()

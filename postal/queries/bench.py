"""The benches: what is expected at each, and every scan read against it. The browser's sums are checked by these."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select

from postal.domain import bench, calendars, codes, commands, policies
from postal.domain.bag import Bag, BagState
from postal.domain.bench import Judged, Read, Row, Task, Verdict, Work
from postal.domain.dispatch import DISPATCH_STATE_NAMES, Dispatch, DispatchState
from postal.domain.dossier import Dossier
from postal.domain.events import Destination
from postal.domain.incident import INCIDENT_NAMES, Incident
from postal.domain.item import Custody, Item, NotCustodian
from postal.domain.lifecycle import NotNow, UnknownCode
from postal.domain.people import Actor, Custodian, PositionKind
from postal.domain.policies import WholeBag
from postal.domain.refusals import Refused
from postal.queries import access, reads, receivers
from postal.queries.items import NotParty
from postal.queries.receivers import Receiver
from postal.store import Reader, Store
from postal.store.tables import BagRow, IncidentRow, ItemRow, table_of

HANDS_OVER = "/handovers/new?"
"""How the address begins of what is to be handed over."""

MOST_LINES = 400
LONGEST_LINE = 300
MOST_PRESETS = 9
MOST_KNOWN = 400


@dataclass(frozen=True, kw_only=True, slots=True)
class Typed:
    """What came with a form: the lines, a seal typed or ticked, and what the button said."""

    scanned: str = ""
    seal: str = ""
    is_intact: bool = False
    is_broken: bool = False
    agreed: str = ""
    request: str = ""
    receiver: str = ""
    username: str = ""

    @property
    def lines(self) -> tuple[str, ...]:
        """Return the scans, one a line, as they came."""
        lines = (line.strip() for line in self.scanned.splitlines())
        return tuple(line[:LONGEST_LINE] for line in lines if line)[:MOST_LINES]


@dataclass(frozen=True, kw_only=True, slots=True)
class Listed:
    """Something that is expected at a bench."""

    code: str
    note: str = ""
    is_in_sample: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Preset:
    """A destination with what waits for it here, and the bag that is already begun for it."""

    number: int
    value: str
    name: str
    count: int
    unsealed: int
    bag: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class StartPage:
    """Where a new bag may go."""

    presets: tuple[Preset, ...]
    others: tuple[Preset, ...]
    begun: tuple[Preset, ...]
    words: str
    found: tuple[Receiver, ...]
    giver: str
    has_position: bool
    request: str
    errors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class BenchPage:
    """A bench as it stands: what is expected, what was scanned, what is missing, and the words of its button."""

    work: Work
    code: str
    task: Mapping[str, object]
    judged: Judged
    expected: Mapping[str, Listed]
    destination: str
    origin: str = ""
    seal: str = ""
    typed: Typed = field(default_factory=Typed)
    errors: Mapping[str, str] = field(default_factory=dict)
    is_new: bool = False
    is_offered: bool = False
    whole: WholeBag = WholeBag.OFF
    already: int = 0
    likely: tuple[Receiver, ...] = ()
    others: int = 0

    @property
    def rows(self) -> tuple[Row, ...]:
        """Return what came of each line, the newest first."""
        return self.judged.rows[::-1]

    @property
    def count(self) -> int:
        """Return how many were taken."""
        return len(self.judged.tally.counted)

    @property
    def of(self) -> int:
        """Return how many are expected."""
        return len(self.judged.task.of)

    @property
    def missing(self) -> tuple[Listed, ...]:
        """Return what is expected and was not scanned yet."""
        return tuple(self.expected[code] for code in self.judged.missing)

    @property
    def counted(self) -> tuple[str, ...]:
        """Return what was taken, the newest first."""
        return tuple(self.judged.tally.counted)[::-1]

    @property
    def agreed(self) -> str:
        """Return what the button sends: nothing before anything was scanned, then its own words."""
        return self.judged.signing if self.judged.rows or self.judged.task.given else ""

    @property
    def to_hand_over(self) -> tuple[str, ...]:
        """Return the envelopes of a pile that are to be handed over."""
        rows = {row.thing: row for row in self.judged.rows if row.goes_to.startswith(HANDS_OVER)}
        return tuple(code for code in self.judged.tally.counted if code in rows)

    @property
    def problem(self) -> str:
        """Return everything that is wrong, for the page's title."""
        return " ".join(self.errors.values())


# --- a new bag --------------------------------------------------------------------------------------------------------


def start_page(
    store: Store,
    *,
    actor: Actor,
    request: str,
    words: str = "",
    errors: Mapping[str, str] | None = None,
) -> StartPage:
    """Return the destinations of what waits here, the fullest first."""
    with store.read() as reader:
        mine = receivers.custodians_of(reader, actor)
        held = _waiting(reader, mine)
        presets = _presets(reader, held, mine)
        begun = _begun(reader, mine)
    giver = held[0].custodian if held else (mine[0] if mine else None)
    found = receivers.named(store, words, giver=giver, actor=actor) if giver and words else ()
    return StartPage(
        presets=presets[:MOST_PRESETS],
        others=presets[MOST_PRESETS:],
        begun=begun,
        words=words,
        found=found,
        giver=receivers.value_of(giver) if giver else "",
        has_position=bool(mine),
        request=request,
        errors=errors or {},
    )


def _waiting(reader: Reader, mine: Sequence[Custodian]) -> list[Item]:
    """Return what the actor's positions hold that must go on to another place."""
    return [item for item in _held(reader, mine) if item.destination.place != item.custodian.place]


def _held(reader: Reader, mine: Sequence[Custodian]) -> list[Item]:
    table = table_of(ItemRow)
    held = table.c.custodian_key.in_([c.key for c in mine]) & (table.c.custody == Custody.HELD.value)
    query = select(table.c.state).where(held).order_by(table.c.last_at, table.c.code).limit(5 * MOST_KNOWN)
    return [item for item in reader.things(Item, query) if not item.custodian.is_on_the_road and not item.is_final]


def _presets(reader: Reader, held: Sequence[Item], mine: Sequence[Custodian]) -> tuple[Preset, ...]:
    groups: dict[tuple[str, str], list[Item]] = {}
    for item in held:
        groups.setdefault((item.destination.place, receivers.value_of(item.custodian)), []).append(item)
    fullest = sorted(groups.items(), key=lambda entry: (-len(entry[1]), entry[0]))
    open_bags = {(bag.destination.place, receivers.value_of(bag.custodian)): bag.code for bag in _packing(reader, mine)}
    return tuple(
        Preset(
            number=number,
            value=f"{place} {giver}",
            name=items[0].destination.name,
            count=len(items),
            unsealed=sum(not item.seal for item in items),
            bag=open_bags.get((place, giver), ""),
        )
        for number, ((place, giver), items) in enumerate(fullest, start=1)
    )


def _begun(reader: Reader, mine: Sequence[Custodian]) -> tuple[Preset, ...]:
    return tuple(
        Preset(
            number=0,
            value="",
            name=bag.destination.name,
            count=len(bag.contents),
            unsealed=0,
            bag=bag.code,
        )
        for bag in _packing(reader, mine)
    )


def _packing(reader: Reader, mine: Sequence[Custodian]) -> list[Bag]:
    table = table_of(BagRow)
    wanted = table.c.custodian_key.in_([c.key for c in mine]) & (table.c.bag_state == BagState.PACKING.value)
    return reader.things(Bag, select(table.c.state).where(wanted).order_by(table.c.last_at))


def destination(store: Store, place: str) -> Destination:
    """Return a place as the end of a bag. Raises: UnknownPlace."""
    with store.read() as reader:
        found = reader.reference.place(place)
    return Destination(place=found.code, name=found.name)


# --- packing ----------------------------------------------------------------------------------------------------------


def pack_page(
    store: Store,
    code: str,
    *,
    actor: Actor,
    at: datetime,
    typed: Typed,
    errors: Mapping[str, str] | None = None,
    is_new: bool = False,
) -> BenchPage:
    """Return the bench at which a bag is packed. Raises: UnknownCode, NotNow, NotCustodian."""
    with store.read(at=at) as reader:
        bag = _must_pack(reader, code, actor)
        held = _held(reader, [bag.custodian])
        packing = reads.Packing(reader, bag, actor, at)
        sound = {item.code: packing.read_item(item) for item in held}
        fits = [item for item in held if sound[item.code].verdict in (Verdict.OK, Verdict.UNSEALED)]
        of = tuple(item.code for item in fits if sound[item.code].verdict is Verdict.OK)
        task = Task(work=Work.PACK, of=of, bag=bag.code, given=bench.capitals(typed.seal))
        found = reads.read_all(typed.lines, packing)
        aliases = _aliases(reader, held)
    return BenchPage(
        work=Work.PACK,
        code=bag.code,
        task=_for_script(task, sound, aliases),
        judged=bench.judge(task, found),
        expected={item.code: Listed(code=item.code) for item in fits},
        destination=bag.destination.name,
        typed=typed,
        errors=errors or {},
        is_new=is_new,
        already=len(bag.contents),
        others=sum(read.verdict is Verdict.UNSEALED for read in sound.values()),
    )


def _must_pack(reader: Reader, code: str, actor: Actor) -> Bag:
    bag = _bag(reader, code)
    if bag.state is not BagState.PACKING:
        raise NotNow(thing=f"Túi {codes.shown(code)}", state="không còn đang đóng")
    if not actor.acts_for(bag.custodian):
        raise NotCustodian(item=f"Túi {codes.shown(code)}", holder=bag.custodian)
    return bag


def _bag(reader: Reader, code: str) -> Bag:
    bag = reader.thing(Bag, code)
    if bag is None:
        raise UnknownCode(thing=codes.shown(code))
    return bag


# --- counting ---------------------------------------------------------------------------------------------------------


def receive_page(
    store: Store,
    code: str,
    *,
    actor: Actor,
    at: datetime,
    typed: Typed,
    errors: Mapping[str, str] | None = None,
) -> BenchPage:
    """Return the bench at which a bag is counted. Raises: UnknownCode, NotNow, NotCustodian."""
    with store.read(at=at) as reader:
        bag = _must_count(reader, code, actor)
        inside = _inside(reader, bag)
        drawn = policies.sample(bag, inside)
        whole = reader.policies.whole_bag(actor.place)
        task = Task(
            work=Work.RECEIVE,
            of=tuple(inside),
            bag=bag.code,
            seal=bag.seal,
            given=_seal_given(typed, bag),
            is_broken=typed.is_broken,
            whole=whole,
            sample=drawn,
        )
        counting = reads.Counting(reader, bag, inside)
        found = reads.read_all(typed.lines, counting)
        aliases = _aliases(reader, list(inside.values()))
        origin = reader.reference.places([bag.origin])
    known = {item: Read(shown=codes.shown(item), thing=item, verdict=Verdict.OK) for item in inside}
    return BenchPage(
        work=Work.RECEIVE,
        code=bag.code,
        task=_for_script(task, known, aliases),
        judged=bench.judge(task, found),
        expected={item: Listed(code=item, is_in_sample=whole is WholeBag.SAMPLE and item in drawn) for item in inside},
        destination=bag.destination.name,
        origin=origin[bag.origin].name if bag.origin in origin else "",
        seal=bag.seal,
        typed=typed,
        errors=errors or {},
        is_offered=bag.is_offered,
        whole=whole,
    )


def may_count(bag: Bag, actor: Actor) -> bool:
    """Tell whether somebody may open and count a bag: who answers for it, or whom it is offered to."""
    if bag.state is BagState.OFFERED:
        return actor.acts_for(bag.offered_to) and bag.offered_by != actor.account
    return bag.state in (BagState.SEALED, BagState.OPENED) and actor.acts_for(bag.custodian)


def _must_count(reader: Reader, code: str, actor: Actor) -> Bag:
    bag = _bag(reader, code)
    if bag.is_final or bag.state is BagState.PACKING:
        raise NotNow(thing=f"Túi {codes.shown(code)}", state="không chờ kiểm đếm")
    if not may_count(bag, actor):
        raise NotCustodian(item=f"Túi {codes.shown(code)}", holder=bag.custodian)
    return bag


def _inside(reader: Reader, bag: Bag) -> dict[str, Item]:
    """Return what should lie in a bag, in the order of its list; what was taken out otherwise is not waited for."""
    found = reader.many(Item, bag.contents)
    return {code: found[code] for code in bag.contents if code in found and found[code].bag == bag.code}


def _seal_given(typed: Typed, bag: Bag) -> str:
    if typed.seal:
        return bench.capitals(typed.seal)
    return bench.capitals(bag.seal) if typed.is_intact else ""


# --- loading ----------------------------------------------------------------------------------------------------------


def load_page(
    store: Store,
    code: str,
    *,
    actor: Actor,
    at: datetime,
    typed: Typed,
    errors: Mapping[str, str] | None = None,
) -> BenchPage:
    """Return the bench at which a trip is loaded. Raises: UnknownCode, NotNow."""
    with store.read(at=at) as reader:
        trip = _must_load(reader, code)
        mine = receivers.custodians_of(reader, actor)
        loading = reads.Loading(reader, trip, actor, at)
        ready = {bag.code: loading.read_bag(bag) for bag in _sealed(reader, mine)}
        of = tuple(bag for bag, read in ready.items() if read.verdict is Verdict.OK)
        task = Task(work=Work.LOAD, of=of, bag=trip.code)
        found = reads.read_all(typed.lines, loading)
        likely = _carriers(reader, trip, actor)
        names = reader.reference.places([trip.origin])
        contents = {bag.code: bag for bag in _sealed(reader, mine)}
    return BenchPage(
        work=Work.LOAD,
        code=trip.code,
        task=_for_script(task, ready, {}),
        judged=bench.judge(task, found),
        expected={bag: Listed(code=bag, note=f"{len(contents[bag].contents)} bưu gửi") for bag in of},
        destination=trip.destination.name,
        origin=names[trip.origin].name if trip.origin in names else "",
        typed=typed,
        errors=errors or {},
        already=len(trip.bags),
        likely=likely,
    )


def _must_load(reader: Reader, code: str) -> Dispatch:
    trip = reader.thing(Dispatch, code)
    if trip is None:
        raise UnknownCode(thing=codes.shown(code))
    if trip.state is not DispatchState.LOADING:
        raise NotNow(thing=f"Chuyến {codes.shown(code)}", state=DISPATCH_STATE_NAMES[trip.state])
    return trip


def _sealed(reader: Reader, mine: Sequence[Custodian]) -> list[Bag]:
    table = table_of(BagRow)
    wanted = table.c.custodian_key.in_([c.key for c in mine]) & (table.c.bag_state == BagState.SEALED.value)
    return reader.things(Bag, select(table.c.state).where(wanted).order_by(table.c.last_at).limit(MOST_KNOWN))


def _carriers(reader: Reader, trip: Dispatch, actor: Actor) -> tuple[Receiver, ...]:
    """Return who may take a trip along: the transport of its own place first, then who receives at its end."""
    found = reader.reference.places([trip.origin, trip.destination.place])
    places = [found[code] for code in (trip.origin, trip.destination.place) if code in found]
    by_place = receivers.positions_of(reader, places)
    transport = f":{PositionKind.TRANSPORT.value}"
    own = [c for c in by_place.get(trip.origin, ()) if transport in c.key and not actor.acts_for(c)]
    there = [c for c in by_place.get(trip.destination.place, ()) if not actor.acts_for(c)]
    return tuple(
        Receiver(value=receivers.value_of(custodian), name=custodian.name, why="", is_own=False)
        for custodian in dict.fromkeys([*own, *there])
    )


# --- a pile -----------------------------------------------------------------------------------------------------------


def pile_page(
    store: Store, *, actor: Actor, at: datetime, typed: Typed, errors: Mapping[str, str] | None = None
) -> BenchPage:
    """Return the bench for a pile of anything: each scan has its one instruction."""
    task = Task(work=Work.PILE)
    found = [reads.read_pile(store, line, actor=actor, at=at) for line in typed.lines]
    return BenchPage(
        work=Work.PILE,
        code="",
        task=_for_script(task, {}, {}),
        judged=bench.judge(task, found),
        expected={},
        destination="",
        typed=typed,
        errors=errors or {},
    )


# --- one scan that the browser did not know ---------------------------------------------------------------------------


def read_line(store: Store, work: Work, code: str, text: str, *, actor: Actor, at: datetime) -> Read:
    """Read one scan for a bench whose browser did not know it. Raises: as the page of the bench."""
    if work is Work.PILE:
        return reads.read_pile(store, text, actor=actor, at=at)
    with store.read(at=at) as reader:
        return reads.read(text, _bench_of(reader, work, code, actor=actor, at=at))


def _bench_of(reader: Reader, work: Work, code: str, *, actor: Actor, at: datetime) -> reads.Bench:
    if work is Work.PACK:
        return reads.Packing(reader, _must_pack(reader, code, actor), actor, at)
    if work is Work.LOAD:
        return reads.Loading(reader, _must_load(reader, code), actor, at)
    bag = _must_count(reader, code, actor)
    return reads.Counting(reader, bag, _inside(reader, bag))


# --- what the script is given -----------------------------------------------------------------------------------------


def _aliases(reader: Reader, items: Iterable[Item]) -> dict[str, str]:
    """Return which other codes mean which of these envelopes, where they mean one only."""
    found = list(items)[:MOST_KNOWN]
    dossiers = reader.many(Dossier, list(dict.fromkeys(item.dossier for item in found)))
    meant: dict[str, set[str]] = {}
    for item in found:
        official = dossiers[item.dossier].official_code if item.dossier in dossiers else ""
        for alias in filter(None, (item.dossier, official.upper(), item.postal_number)):
            meant.setdefault(alias, set()).add(item.code)
    return {alias: next(iter(codes_)) for alias, codes_ in meant.items() if len(codes_) == 1}


def _for_script(task: Task, known: Mapping[str, Read], aliases: Mapping[str, str]) -> dict[str, object]:
    """Return what the browser judges by: nothing personal, every sentence as the server says it."""
    return {
        "work": task.work.value,
        "code": task.bag,
        "of": list(task.of),
        "seal": task.seal,
        "given": task.given,
        "broken": task.is_broken,
        "whole": task.whole.value,
        "sample": list(task.sample),
        "known": {
            code: [read.verdict.value, read.place, read.sentence] for code, read in list(known.items())[:MOST_KNOWN]
        },
        "also": dict(aliases),
        "words": {verdict.value: text for verdict, text in bench.SENTENCES[task.work].items()},
        "tones": {verdict.value: tone.value for verdict, tone in bench.TONES.items()},
        "commands": {command.value: [command.name.lower(), command.label] for command in commands.Command},
    }


# --- after a count ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """The record of one difference."""

    code: str
    kind: str
    about: str
    owner: str
    due_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class ReceivedPage:
    """The receipt of a bag: who counted it when, what was there and what was not."""

    code: str
    origin: str
    destination: str
    packer: str
    holder: str
    seal: str
    seal_seen: str
    is_intact: bool
    total: int
    present: tuple[str, ...]
    missing: tuple[str, ...]
    extra: tuple[str, ...]
    damaged: tuple[str, ...]
    misplaced: tuple[str, ...]
    unchecked: tuple[str, ...]
    differences: tuple[Difference, ...]
    counted_at: datetime
    counted_by: str

    @property
    def words(self) -> str:
        """Return what was signed for: `Ký nhận 48/50, thiếu 2`."""
        if self.unchecked and not self.missing:
            return f"Nhận nguyên túi {self.total}, {len(self.unchecked)} chưa kiểm"
        counts = {"thiếu": self.missing, "thừa": self.extra, "rách, ướt": self.damaged, "sai nơi": self.misplaced}
        named = "".join(f", {word} {len(codes_)}" for word, codes_ in counts.items() if codes_)
        seal = "" if self.is_intact else ", niêm phong không khớp"
        return f"Ký nhận {self.total - len(self.missing)}/{self.total}{named}{seal}"

    @property
    def first(self) -> str:
        """Return the sentence for who comes too late: who counted it, and when."""
        return f"{self.counted_by} đã nhận túi này lúc {calendars.local(self.counted_at):%H:%M}."


class NotCountedYet(Refused):
    """There is no receipt before a bag was counted."""

    code = "not_counted_yet"
    vi = "Túi {bag} chưa kiểm đếm. Mở màn hình nhận túi và quét từng bưu gửi."
    en = "Bag {bag} has not been counted yet."


def received_page(store: Store, code: str, *, actor: Actor) -> ReceivedPage:
    """Return the receipt of a counted bag. Raises: UnknownCode, NotCountedYet, NotParty."""
    with store.read() as reader:
        bag = _bag(reader, code)
        if bag.state is not BagState.EMPTIED:
            raise NotCountedYet(bag=codes.shown(code))
        _must_take_part(bag, actor)
        last = reader.events([code])[-1][3]
        incidents = table_of(IncidentRow)
        found = reader.things(Incident, select(incidents.c.state).where(incidents.c.bag == code))
        names = reader.reference.places([bag.origin, *(each.owner for each in found)])
        who = receivers.names_of(reader, [last.by.account])
    owners = {place: value.name for place, value in names.items()}
    return ReceivedPage(
        code=bag.code,
        origin=owners.get(bag.origin, bag.origin),
        destination=bag.destination.name,
        packer=str(bag.packer),
        holder=str(bag.custodian),
        seal=bag.seal,
        seal_seen=bag.seal_seen,
        is_intact=bag.was_intact,
        total=len(bag.contents),
        present=tuple(item for item in bag.contents if item not in bag.missing),
        missing=bag.missing,
        extra=bag.extra,
        damaged=bag.damaged,
        misplaced=bag.misplaced,
        unchecked=bag.unchecked,
        differences=tuple(_difference(each, owners) for each in sorted(found, key=lambda each: each.code)),
        counted_at=bag.last_at,
        counted_by=who.get(last.by.account, last.by.account),
    )


def _must_take_part(bag: Bag, actor: Actor) -> None:
    carriers = (bag.packer, bag.custodian, bag.last_carrier)
    places = {bag.origin, bag.destination.place, *(each.place for each in carriers if each)}
    if actor.place not in places and not access.watches_all(actor):
        raise NotParty(thing=f"Túi {codes.shown(bag.code)}")


def _difference(incident: Incident, owners: Mapping[str, str]) -> Difference:
    return Difference(
        code=incident.code,
        kind=INCIDENT_NAMES[incident.kind],
        about=incident.about,
        owner=owners.get(incident.owner, incident.owner),
        due_at=incident.due_at,
    )


def state_of(store: Store, code: str) -> BagState | None:
    """Return where a bag stands, None for one that nobody knows."""
    with store.read() as reader:
        bag = reader.thing(Bag, code)
        return bag.state if bag else None


def record_of(store: Store, trip: str) -> str:
    """Return the record on which a trip that is not gone yet is offered, empty for none."""
    with store.read() as reader:
        found = reader.thing(Dispatch, trip)
        loaded = list(reader.many(Bag, found.bags).values()) if found else []
    records = {bag.record for bag in loaded if bag.is_offered}
    return records.pop() if len(records) == 1 and all(bag.is_offered for bag in loaded) else ""

"""The append-only ledger, inside one transaction: events get the next version, the current state follows them."""

import functools
import operator
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Connection, Row, RowMapping, Table, insert, select
from sqlalchemy.exc import IntegrityError, OperationalError

from postal.domain import bag as bags
from postal.domain import cash as money_papers
from postal.domain import chain, codes, events, garbling, handover, money, shift
from postal.domain import dispatch as dispatches
from postal.domain import dossier as dossiers
from postal.domain import home_pickup as home_pickups
from postal.domain import incident as incidents
from postal.domain import item as items
from postal.domain import run as runs
from postal.domain.bag import Bag
from postal.domain.cash import CashHandover
from postal.domain.chain import Link, Read, Step
from postal.domain.dispatch import Dispatch
from postal.domain.dossier import Dossier
from postal.domain.events import Event
from postal.domain.handover import HandoverRecord
from postal.domain.home_pickup import HomePickup
from postal.domain.incident import Incident
from postal.domain.item import Item
from postal.domain.lifecycle import LabelBound, Overtaken, UnknownCode
from postal.domain.refusals import Refused
from postal.domain.run import DeliveryRun
from postal.domain.shift import PositionHolding
from postal.store import codec, driver
from postal.store.driver import Asking, Question
from postal.store.registers import Registers, Transaction
from postal.store.tables import (
    BagRow,
    CashRow,
    DispatchRow,
    DossierRow,
    EventRow,
    HandoverRow,
    HomePickupRow,
    IncidentRow,
    ItemRow,
    PositionRow,
    PostingRow,
    RunRow,
    table_of,
)

Thing = (
    Item
    | Bag
    | Dossier
    | HandoverRecord
    | DeliveryRun
    | PositionHolding
    | CashHandover
    | HomePickup
    | Dispatch
    | Incident
)
T = TypeVar(
    "T", Item, Bag, Dossier, HandoverRecord, DeliveryRun, PositionHolding, CashHandover, HomePickup, Dispatch, Incident
)

R = TypeVar("R")

EVENT_KINDS: dict[str, type[Event]] = {
    name: kind for name, kind in vars(events).items() if isinstance(kind, type) and issubclass(kind, Event)
}
"""Every kind of event by its name. `Event.__subclasses__()` would also give the classes that `slots=True` replaced."""


@dataclass(frozen=True)
class Family:
    """How one kind of stream is kept: its table, its first step, its whole fold, and the columns to search by."""

    name: str
    table: Table
    kind: type[Any]
    begin: Callable[[str, Event], Any]
    replay: Callable[[str, Iterable[Event]], Any]
    columns: Callable[[Any], dict[str, Any]]


def _item_columns(item: Item) -> dict[str, Any]:
    return {
        "kind": item.kind.value,
        "dossier": item.dossier,
        "custody": item.custody.value,
        "custodian_key": item.custodian.key,
        "custodian_place": item.custodian.place,
        "offered_to": item.offered_to.key if item.offered_to else "",
        "destination": item.destination.place,
        "trouble": item.trouble.value if item.trouble else "",
        "bag": item.bag,
        "postal_number": item.postal_number,
        "last_at": item.last_at,
    }


def _bag_columns(bag: Bag) -> dict[str, Any]:
    return {
        "bag_state": bag.state.value,
        "custodian_key": bag.custodian.key,
        "custodian_place": bag.custodian.place,
        "offered_to": bag.offered_to.key if bag.offered_to else "",
        "origin": bag.origin,
        "destination": bag.destination.place,
        "seal": bag.seal,
        "last_at": bag.last_at,
    }


def _dispatch_columns(dispatch: Dispatch) -> dict[str, Any]:
    return {
        "dispatch_state": dispatch.state.value,
        "origin": dispatch.origin,
        "destination": dispatch.destination.place,
        "made_at": dispatch.made_at,
    }


def _incident_columns(incident: Incident) -> dict[str, Any]:
    return {
        "incident_state": incident.state.value,
        "kind": incident.kind.value,
        "about": incident.about,
        "bag": incident.bag,
        "owner": incident.owner,
        "other": incident.other,
        "fact": incident.fact,
        "due_at": incident.due_at,
    }


def _dossier_columns(dossier: Dossier) -> dict[str, Any]:
    return {
        "status": int(dossier.status),
        "procedure": dossier.procedure,
        "office": dossier.office,
        "desk": dossier.desk,
        "department": dossier.department,
        "official_code": dossier.official_code,
        "opened_at": dossier.opened_at,
    }


def _handover_columns(record: HandoverRecord) -> dict[str, Any]:
    return {
        "record_state": record.state.value,
        "giver_key": record.giver.key,
        "giver_place": record.giver.place,
        "receiver_key": record.receiver.key,
        "receiver_place": record.receiver.place,
        "offered_at": record.offered_at,
    }


def _run_columns(run: DeliveryRun) -> dict[str, Any]:
    return {
        "run_state": run.state.value,
        "office": run.office,
        "territory": run.territory,
        "postman": run.postman,
        "day": run.day,
    }


def _cash_columns(cash: CashHandover) -> dict[str, Any]:
    return {
        "cash_state": cash.state.value,
        "giver_key": cash.giver.key if cash.giver else money_papers.till_of(cash.code),
        "giver_place": cash.giver.place if cash.giver else "",
        "receiver_key": cash.receiver.key if cash.receiver else "",
        "receiver_place": cash.receiver.place if cash.receiver else "",
        "run": cash.run,
        "at": cash.at,
    }


def _home_pickup_columns(pickup: HomePickup) -> dict[str, Any]:
    return {
        "pickup_state": pickup.state.value,
        "dossier": pickup.dossier,
        "office": pickup.office,
        "commune": pickup.commune,
        "day": pickup.day,
    }


def _position_columns(holding: PositionHolding) -> dict[str, Any]:
    return {"holder": holding.holder}


FAMILIES: dict[type[Any], Family] = {
    Bag: Family("bag", table_of(BagRow), Bag, bags.begin, bags.replay, _bag_columns),
    Item: Family("item", table_of(ItemRow), Item, items.begin, items.replay, _item_columns),
    Dispatch: Family(
        "dispatch", table_of(DispatchRow), Dispatch, dispatches.begin, dispatches.replay, _dispatch_columns
    ),
    Incident: Family("incident", table_of(IncidentRow), Incident, incidents.begin, incidents.replay, _incident_columns),
    Dossier: Family("dossier", table_of(DossierRow), Dossier, dossiers.begin, dossiers.replay, _dossier_columns),
    HandoverRecord: Family(
        "handover", table_of(HandoverRow), HandoverRecord, handover.begin, handover.replay, _handover_columns
    ),
    DeliveryRun: Family("run", table_of(RunRow), DeliveryRun, runs.begin, runs.replay, _run_columns),
    PositionHolding: Family(
        "position", table_of(PositionRow), PositionHolding, shift.begin, shift.replay, _position_columns
    ),
    CashHandover: Family(
        "cash", table_of(CashRow), CashHandover, money_papers.begin, money_papers.replay, _cash_columns
    ),
    HomePickup: Family(
        "home_pickup",
        table_of(HomePickupRow),
        HomePickup,
        home_pickups.begin,
        home_pickups.replay,
        _home_pickup_columns,
    ),
}

_EVENTS = table_of(EventRow)

_SHIFTS = (
    "SELECT event.stream, event.kind, event.data FROM position"
    " JOIN event ON event.stream = position.code AND event.version > position.version - {0}"
    " WHERE position.code LIKE {0} ORDER BY position.code, event.version"
)
"""The last changes of who holds the positions of a unit. Ordered by the stream, SQLite would read every event."""

_LABELLED: frozenset[type[Any]] = frozenset({Item, Dossier})
"""What may have a code that was printed, or kept for a workstation, before it was registered."""


ID_BYTES = 16


class Mark(NamedTuple):
    """How a device knows an event: the number it made before sending, its own count, the fingerprint of its content.

    `parents` are the numbers of the events it knew then, None where it did not say.
    """

    id: bytes
    device_seq: int
    fingerprint: bytes
    parents: tuple[bytes, ...] | None = None


class Recorded(NamedTuple):
    """An event that is in the ledger, known by its number. `fingerprint` is None for what was done at a screen."""

    stream: str
    version: int
    kind: str
    fingerprint: bytes | None


def columns_of(thing: Thing, *, state: str = "") -> dict[str, Any]:
    """Return the row of a thing as its state says it must be; `state` is its text, where somebody wrote it already."""
    columns = FAMILIES[type(thing)].columns(thing)
    return {"version": thing.version, "state": state or codec.dumps(thing), **columns}


def postings_of(thing: Thing, event: Event, *, version: int) -> list[dict[str, Any]]:
    """Return the lines of the books that an event of a thing makes, as rows."""
    handover_ = thing if isinstance(thing, CashHandover) else None
    return [
        {
            "account": posting.account,
            "ledger": posting.ledger.value,
            "amount": posting.amount,
            "dossier": posting.dossier,
            "stream": thing.code,
            "version": version,
            "place": event.by.place,
            "at": event.occurred_at,
        }
        for posting in money.postings(thing.code, event, handover=handover_)
    ]


def read_event(kind: str, data: str) -> Event:
    """Return the event of a stored row."""
    return codec.loads(data, EVENT_KINDS[kind])


STEP_COLUMNS = ("stream", "version", "kind", "data", "id", "device", "device_seq", "parents")
"""The columns of the event table that make a step of a chain."""


def read_step(row: Row[Any] | RowMapping) -> Step:
    """Return the step of a stored row."""
    found = row if isinstance(row, RowMapping) else row._mapping  # noqa: SLF001 - its public name, kept from clashing
    return Step(
        version=found["version"],
        event=read_event(found["kind"], found["data"]),
        id=found["id"],
        device=found["device"],
        device_seq=found["device_seq"] or 0,
        parents=None if found["parents"] is None else _numbers(found["parents"]),
    )


def _numbers(parents: bytes) -> tuple[bytes, ...]:
    if len(parents) == ID_BYTES:
        return (parents,)
    return tuple([parents[start : start + ID_BYTES] for start in range(0, len(parents), ID_BYTES)])


_BEGINS: dict[type[Event], Callable[[str, Event], Any]] = {
    events.Registered: items.begin,
    events.BagStarted: bags.begin,
}
"""What devices tell facts about, by the first step of its stream."""


def told(stream: str, steps: Sequence[Step]) -> list[Event]:
    """Return what happened in a stream, every fact of a device as the event it amounts to, without what was struck."""
    begin = _BEGINS.get(type(steps[0].event)) if steps else None
    return [step.event for step in steps] if begin is None else chain.told(stream, steps, begin=begin)


def reads_of(stream: str, steps: Sequence[Step]) -> list[Read]:
    """Return what every step of a stream amounts to, in the order in which it counts; what was struck comes last."""
    begin = _BEGINS.get(type(steps[0].event))
    if begin is None or chain.is_plain(step.event for step in steps):
        return [Read(step=step, event=step.event) for step in steps]
    return chain.read(stream, steps, begin=begin)


def folded(family: Family, stream: str, steps: Sequence[Step]) -> Any:
    """Return the state that the steps of a stream make; an item in a bag is not yet laid into it."""
    begin = _BEGINS.get(type(steps[0].event))
    if begin is None or chain.is_plain(step.event for step in steps):
        return family.replay(stream, [step.event for step in steps])
    return chain.state_of(stream, steps, begin=begin)


class Taken(NamedTuple):
    """What became of a thing for which facts came: its state, and what the steps amount to.

    `is_whole` says that `reads` is its whole story; else it is what came now, at its end.
    """

    thing: Item | Bag
    reads: tuple[Read, ...]
    is_whole: bool


_ROW = ("id", "stream", "version", "family", "kind", "data", "occurred_at", "recorded_at", "account", "place", "device")
_MARK = ("device_seq", "fingerprint", "parents")
"""The columns of a new row of the event table, and what more there is of one that a device told."""

_BY_STREAM = operator.itemgetter(_ROW.index("stream"))

LINK_COLUMNS = ("stream", "kind", "version", "id", "account", "device", "device_seq", "parents")


_CLAIMED, _CORRECTED = events.Claimed.__name__, events.Corrected.__name__


def _step_of(version: int, event: events.Claimed, mark: Mark) -> Step:
    return Step(version, event, mark.id, event.by.device, mark.device_seq, mark.parents)


def _followed(thing: Item | Bag, new: Sequence[Step], before: Sequence[Link] | None) -> Taken | None:
    """Return a thing after facts that come at the end of its story, None where the story must be read again."""
    if before is None or (isinstance(thing, Item) and thing.bag):
        return None
    reads, links = [], [*before]
    for step in new:
        link = chain.link_of(step)
        assert isinstance(step.event, events.Claimed)
        event = chain.amounts_to(thing, step.event) if chain.knows_all(link, links) else None
        if event is None:
            return None
        thing = thing.evolve(event)
        reads.append(Read(step, event))
        links.append(link)
    return Taken(thing, tuple(reads), is_whole=False)


def _read_again(family: Family, code: str, steps: Sequence[Step]) -> Taken:
    """Return a thing as its whole story makes it; an item in a bag is not yet laid into it."""
    reads = reads_of(code, steps)
    first, *rest = (each.event for each in reads if not each.is_struck)
    thing = family.begin(code, first)
    for event in rest:
        thing = thing.evolve(event)
    return Taken(thing=replace(thing, version=len(steps)), reads=tuple(reads), is_whole=True)


def _laid_into(bags_: Mapping[str, Bag], taken: Taken) -> Taken:
    thing = taken.thing
    if not isinstance(thing, Item) or thing.bag not in bags_:
        return taken
    return taken._replace(thing=thing.inside(bags_[thing.bag]))


class Ledger(Registers):
    """One write transaction. `at` is when it is recorded."""

    def __init__(self, transaction: Transaction) -> None:
        super().__init__(transaction)
        self._connection = transaction.connection
        self._token_bytes = transaction.token_bytes
        self._numbers: dict[str, bytes] = {}

    @property
    def connection(self) -> Connection:
        """Return the connection of this transaction, for a reader that must see what it wrote."""
        return self._connection

    def ask(self, question: Question[R]) -> R:
        """Return the answer to a question."""
        return driver.ask(self._connection, question)

    def asking(self) -> AbstractContextManager[Asking]:
        """Ask several questions at once; the answers are there after the block."""
        return driver.together(self._connection)

    def number_next(self, stream: str, event_id: bytes) -> None:
        """Let the next event of a stream have the number that its device gave it, so that later facts can name it."""
        self._numbers[stream] = event_id

    # --- read, inside the transaction ---------------------------------------------------------------------------------

    def item(self, code: str) -> Item:
        """Return an item. Raises: UnknownCode."""
        return self._one(Item, code)

    def items(self, wanted: Sequence[str]) -> list[Item]:
        """Return items in the order asked for. Raises: UnknownCode for the first that is not known."""
        return self._many(Item, wanted)

    def items_of(self, dossier: str) -> list[Item]:
        """Return every item of a dossier, oldest first."""
        table = FAMILIES[Item].table
        states = self._connection.execute(select(table.c.state).where(table.c.dossier == dossier)).scalars()
        return sorted((codec.loads(state, Item) for state in states), key=lambda i: (i.registered_at, i.code))

    def items_held_by(self, custodian_key: str) -> list[Item]:
        """Return every item that a custodian answers for, oldest first; what it offered is still its own."""
        table = FAMILIES[Item].table
        held = table.c.custodian_key == custodian_key
        alive = table.c.custody.in_(("held", "offered"))
        states = self._connection.execute(select(table.c.state).where(held, alive)).scalars()
        return sorted((codec.loads(state, Item) for state in states), key=lambda i: (i.registered_at, i.code))

    def items_at(self, place: str) -> list[Item]:
        """Return every item that a unit answers for, by whatever position or person, oldest first."""
        table = FAMILIES[Item].table
        alive = table.c.custody.in_(("held", "offered"))
        states = self._connection.execute(
            select(table.c.state).where(table.c.custodian_place == place, alive)
        ).scalars()
        return sorted((codec.loads(state, Item) for state in states), key=lambda i: (i.registered_at, i.code))

    def runs_of_territory(self, territory: str) -> list[DeliveryRun]:
        """Return the runs of a territory that are not closed, by day."""
        table = FAMILIES[DeliveryRun].table
        alive = table.c.run_state != runs.RunState.CLOSED.value
        states = self._connection.execute(select(table.c.state).where(table.c.territory == territory, alive)).scalars()
        return sorted((codec.loads(state, DeliveryRun) for state in states), key=lambda r: (r.day, r.code))

    def dossier(self, code: str) -> Dossier:
        """Return a dossier. Raises: UnknownCode."""
        return self._one(Dossier, code)

    def lock_dossier(self, code: str) -> Dossier:
        """Return a dossier, and let nobody else decide what becomes of its envelopes until this transaction has ended.

        An envelope is a stream of its own, so no version keeps two new ones of one dossier apart. SQLite has one writer
        anyway.

        Raises: UnknownCode.
        """
        table = FAMILIES[Dossier].table
        self._connection.execute(select(table.c.code).where(table.c.code == code).with_for_update())
        return self.dossier(code)

    def lock(self, kind: type[Any], wanted: Collection[str]) -> None:
        """Let nobody else decide about some things until this transaction has ended; SQLite has one writer anyway.

        Two who each take one line of a record write to two streams, so no version tells them that both are done.
        """
        table = FAMILIES[kind].table
        in_order = select(table.c.code).where(table.c.code.in_(sorted(wanted))).order_by(table.c.code)
        try:
            self._connection.execute(in_order.with_for_update())
        except OperationalError as error:
            if not _is_deadlock(error):
                raise
            raise Overtaken(thing=", ".join(codes.shown(code) for code in sorted(wanted)[:3])) from error

    def dossiers(self, wanted: Sequence[str]) -> list[Dossier]:
        """Return dossiers in the order asked for. Raises: UnknownCode."""
        return self._many(Dossier, wanted)

    def dossier_by_official_code(self, official_code: str, *, desk: str = "") -> Dossier | None:
        """Return the dossier a desk knows by its own code, or None."""
        table = FAMILIES[Dossier].table
        query = select(table.c.state).where(table.c.official_code == official_code)
        state = self._connection.execute(query.where(table.c.desk == desk) if desk else query).scalars().first()
        return None if state is None else codec.loads(state, Dossier)

    def dossiers_by_official_code(self, official_code: str) -> list[Dossier]:
        """Return every dossier of that official code, or of one that a keyboard may have made it of.

        Each desk gives its own, so two desks may give the same.
        """
        table = FAMILIES[Dossier].table
        same = table.c.official_code.in_(garbling.twins(official_code))
        query = select(table.c.state).where(same).order_by(table.c.code)
        return [codec.loads(state, Dossier) for state in self._connection.execute(query).scalars()]

    def bag(self, code: str) -> Bag:
        """Return a bag. Raises: UnknownCode."""
        return self._one(Bag, code)

    def bags(self, wanted: Sequence[str]) -> list[Bag]:
        """Return bags in the order asked for. Raises: UnknownCode."""
        return self._many(Bag, wanted)

    def bags_held_by(self, custodian_key: str) -> list[Bag]:
        """Return every bag that a custodian answers for, oldest first; what it offered is still its own."""
        table = FAMILIES[Bag].table
        alive = table.c.bag_state.not_in([bags.BagState.EMPTIED.value, bags.BagState.VOIDED.value])
        query = select(table.c.state).where(table.c.custodian_key == custodian_key, alive)
        found = (codec.loads(state, Bag) for state in self._connection.execute(query).scalars())
        return sorted(found, key=lambda bag: (bag.started_at, bag.code))

    def items_in(self, bag: str) -> list[Item]:
        """Return every item that lies in a bag, oldest first."""
        return self._inside([bag])

    def dispatch(self, code: str) -> Dispatch:
        """Return a trip. Raises: UnknownCode."""
        return self._one(Dispatch, code)

    def dispatches_under_way(self) -> list[Dispatch]:
        """Return every trip that has not arrived, oldest first."""
        table = FAMILIES[Dispatch].table
        alive = table.c.dispatch_state != dispatches.DispatchState.ARRIVED.value
        states = self._connection.execute(select(table.c.state).where(alive)).scalars()
        return sorted((codec.loads(state, Dispatch) for state in states), key=lambda d: (d.made_at, d.code))

    def incident(self, code: str) -> Incident:
        """Return the record of an incident. Raises: UnknownCode."""
        return self._one(Incident, code)

    def incidents_about(self, things: Collection[str]) -> list[Incident]:
        """Return the incidents about some items, bags or devices, open and settled, oldest first."""
        table = FAMILIES[Incident].table
        states = self._connection.execute(select(table.c.state).where(table.c.about.in_(sorted(things)))).scalars()
        return sorted((codec.loads(state, Incident) for state in states), key=lambda i: (i.opened_at, i.code))

    def incidents_of_facts(self, things: Collection[str]) -> list[Incident]:
        """Return the incidents about facts of devices that do not fit, of some items and bags, open and settled."""
        return self.ask(self.which_incidents_of_facts(things))

    def which_incidents_of_facts(self, things: Collection[str]) -> Question[list[Incident]]:
        """Ask for what `incidents_of_facts` returns."""
        table, about = FAMILIES[Incident].table, {"about": things}
        also = "AND fact <> ''"
        return driver.rows_among(self._connection, table, about, names=("state",), read=_incidents, also=also)

    def record(self, code: str) -> HandoverRecord:
        """Return a hand-over record. Raises: UnknownCode."""
        return self._one(HandoverRecord, code)

    def known_records(self, wanted: Collection[str]) -> dict[str, HandoverRecord]:
        """Return hand-over records by their codes; unknown codes are absent."""
        return self.ask(self.which(HandoverRecord, wanted))

    def run(self, code: str) -> DeliveryRun:
        """Return a delivery run. Raises: UnknownCode."""
        return self._one(DeliveryRun, code)

    def cash(self, code: str) -> CashHandover:
        """Return a hand-over of money. Raises: UnknownCode."""
        return self._one(CashHandover, code)

    def till(self, stream: str) -> CashHandover | None:
        """Return the counts of a till by its stream, `till:KEY`, or None before it was ever counted."""
        found = self._states(CashHandover, [stream])
        return codec.loads(found[stream], CashHandover) if stream in found else None

    def cash_offered_by(self, giver_key: str) -> list[CashHandover]:
        """Return the hand-overs of money that a giver began and nobody has signed yet, oldest first."""
        table = FAMILIES[CashHandover].table
        waits = (table.c.giver_key == giver_key) & (table.c.cash_state == money_papers.CashState.OFFERED.value)
        states = self._connection.execute(select(table.c.state).where(waits)).scalars()
        return sorted((codec.loads(state, CashHandover) for state in states), key=lambda c: (c.at, c.code))

    def cash_of_run(self, run: str) -> str:
        """Return the code of the signed hand-over of a run's money, the last of several, empty for none."""
        table = FAMILIES[CashHandover].table
        states = self._connection.execute(select(table.c.state).where(table.c.run == run)).scalars()
        signed = [cash for state in states if (cash := codec.loads(state, CashHandover)).is_done]
        return max(signed, key=lambda cash: (cash.at, cash.code)).code if signed else ""

    def home_pickup(self, code: str) -> HomePickup:
        """Return a home pickup. Raises: UnknownCode."""
        return self._one(HomePickup, code)

    def home_pickups_of(self, dossier: str) -> list[HomePickup]:
        """Return the home pickups of a dossier, oldest first."""
        table = FAMILIES[HomePickup].table
        states = self._connection.execute(select(table.c.state).where(table.c.dossier == dossier)).scalars()
        return sorted((codec.loads(state, HomePickup) for state in states), key=lambda p: (p.asked_at, p.code))

    def home_pickups_due(self, office: str, *, on: date) -> list[HomePickup]:
        """Return the home pickups of an office that are promised for a day or before and not made, oldest first."""
        table = FAMILIES[HomePickup].table
        waits = table.c.pickup_state == home_pickups.PickupState.ASKED.value
        query = select(table.c.state).where(table.c.office == office, table.c.day <= on, waits)
        found = (codec.loads(state, HomePickup) for state in self._connection.execute(query).scalars())
        return sorted(found, key=lambda p: (p.day, p.asked_at, p.code))

    def position(self, key: str) -> PositionHolding | None:
        """Return who holds a position, or None if nobody ever did."""
        found = self._states(PositionHolding, [key])
        return codec.loads(found[key], PositionHolding) if key in found else None

    def known_bags(self, wanted: Collection[str]) -> dict[str, Bag]:
        """Return bags by their codes; unknown codes are absent."""
        return self.ask(self.which(Bag, wanted))

    def known_items(self, wanted: Collection[str]) -> dict[str, Item]:
        """Return items by their codes; unknown codes are absent."""
        return self.ask(self.which(Item, wanted))

    def happened(self, streams: Collection[str]) -> dict[str, list[Event]]:
        """Return what happened in some streams, as it counts; a stream without events has none."""
        return {stream: told(stream, steps) for stream, steps in self.steps(streams).items()}

    def reads(self, streams: Collection[str]) -> dict[str, list[Read]]:
        """Return what every step of some streams amounts to, as `chain` reads it; empty streams are absent."""
        return {stream: reads_of(stream, steps) for stream, steps in self.steps(streams).items() if steps}

    def fits(self, streams: Collection[str]) -> dict[tuple[str, int], bool]:
        """Tell for every (stream, version) whether it fits: whether it moved or said what it was told for."""
        return {
            (stream, each.step.version): not isinstance(each.event, events.Claimed)
            for stream, reads in self.reads(streams).items()
            for each in reads
        }

    def shifts(self, place: str, *, last: int = 100) -> Question[dict[str, list[Event]]]:
        """Ask for the last changes of who holds each position of a unit."""
        return Question(_SHIFTS.format(driver.sign(self._connection)), (last, f"{place}:%"), _shifts)

    def steps(self, streams: Collection[str]) -> dict[str, list[Step]]:
        """Return every step of some streams in the order of their numbers; a stream without events has none."""
        columns = (getattr(_EVENTS.c, name) for name in STEP_COLUMNS)
        if not streams:
            return {}
        in_order = (_EVENTS.c.stream, _EVENTS.c.version)
        query = select(*columns).where(_EVENTS.c.stream.in_(sorted(streams))).order_by(*in_order)
        found: dict[str, list[Step]] = {stream: [] for stream in streams}
        for row in self._connection.execute(query):
            found[row.stream].append(read_step(row))
        return found

    def recorded(self, ids: Collection[bytes]) -> dict[bytes, Recorded]:
        """Return the events that are known by these numbers; new ones are absent."""
        return self.ask(self.which_recorded(ids))

    def which_recorded(self, ids: Collection[bytes]) -> Question[dict[bytes, Recorded]]:
        """Ask for what `recorded` returns."""
        names = ("id", "stream", "version", "kind", "fingerprint")
        return driver.rows_among(self._connection, _EVENTS, {"id": ids}, names=names, read=_recorded)

    def which_links(self, streams: Collection[str]) -> Question[dict[str, list[Link]]]:
        """Ask what places the steps of some streams after the first, which comes before all others in any case.

        A stream in which something was struck is absent: it is read again from its beginning.
        """
        later = "AND version > 1 ORDER BY stream, version"
        read = functools.partial(_links, streams)
        return driver.rows_among(
            self._connection, _EVENTS, {"stream": streams}, names=LINK_COLUMNS, also=later, read=read
        )

    # --- write --------------------------------------------------------------------------------------------------------

    def begin(self, kind: type[T], code: str, event: Event, *, event_id: bytes | None = None) -> T:
        """Begin a stream with its first event. Raises: LabelBound when the code is taken."""
        return self.begin_all(kind, [(code, event)], ids=[event_id])[0]

    def begin_all(
        self, kind: type[T], firsts: Sequence[tuple[str, Event]], *, ids: Sequence[bytes | None] | None = None
    ) -> list[T]:
        """Begin many streams of one kind in a few statements. Raises: LabelBound."""
        family = FAMILIES[kind]
        if kind in _LABELLED:
            self._must_not_be_kept([code for code, _ in firsts])
        made: list[T] = [family.begin(code, event) for code, event in firsts]
        rows = [
            self._event_row(family.name, code, 1, event, event_id)
            for (code, event), event_id in zip(firsts, ids or [None] * len(firsts), strict=True)
        ]
        self._insert_events(rows, LabelBound)
        self._connection.execute(insert(family.table), [{"code": thing.code, **columns_of(thing)} for thing in made])
        self._post(made, [event for _, event in firsts])
        return made

    def append(self, thing: T, event: Event, *, event_id: bytes | None = None) -> T:
        """Record what happened to a thing and return its next state. Raises: Overtaken."""
        return self.append_all([(thing, event)], ids=[event_id])[0]

    def append_all(self, changes: Sequence[tuple[T, Event]], *, ids: Sequence[bytes | None] | None = None) -> list[T]:
        """Record one event each for many things of one kind in a few statements. Raises: Overtaken."""
        if not changes:
            return []
        family = FAMILIES[type(changes[0][0])]
        after: list[T] = [thing.evolve(event) for thing, event in changes]
        rows = [
            self._event_row(family.name, thing.code, thing.version + 1, event, event_id)
            for (thing, event), event_id in zip(changes, ids or [None] * len(changes), strict=True)
        ]
        self._insert_events(rows, Overtaken)
        self._update_states(family, after, {thing.code: thing.version for thing, _ in changes})
        self._carry(after)
        self._post(after, [event for _, event in changes])
        self._enter(after, [event for _, event in changes])
        return after

    def record_facts(
        self, facts: Sequence[tuple[Item | Bag, events.Claimed, Mark]], *, links: Mapping[str, Sequence[Link]]
    ) -> dict[str, Taken]:
        """Record what devices sent about items and bags, in order, and say what became of each thing.

        `links` are those of the things, asked for after them (`which_links`): what came between fails as overtaken.
        Where a fact knew everything that is recorded, it comes last and changes the stored state; else the story of the
        thing is read again from its beginning.

        Raises: Overtaken, also when an event of the same number is recorded elsewhere at this moment.
        """
        if not facts:
            return {}
        things = {thing.code: thing for thing, _, _ in facts}
        new: dict[str, list[Step]] = {code: [] for code in things}
        rows = []
        for (thing, event, mark), data in zip(facts, _written(event for _, event, _ in facts), strict=True):
            steps = new[thing.code]
            version = thing.version + len(steps) + 1
            row = self._event_row(FAMILIES[type(thing)].name, thing.code, version, event, mark.id, data=data)
            rows.append(row + _marked(mark))
            steps.append(_step_of(version, event, mark))
        self._insert_events(rows, Overtaken, names=_ROW + _MARK)
        at_the_end = {code: _followed(thing, new[code], links.get(code)) for code, thing in things.items()}
        return self._write_taken(things, {code: taken for code, taken in at_the_end.items() if taken})

    def correct(self, thing: Item | Bag, event: events.Corrected) -> Item | Bag:
        """Record that an earlier event was wrong, and fold the stream again without it. Raises: Overtaken."""
        family = FAMILIES[type(thing)].name
        self._insert_events([self._event_row(family, thing.code, thing.version + 1, event, None)], Overtaken)
        return self._write_taken({thing.code: thing}, {})[thing.code].thing

    def _write_taken(self, before: Mapping[str, Item | Bag], done: Mapping[str, Taken]) -> dict[str, Taken]:
        """Write the states of items and bags, bags first: they carry what lies in them.

        What is not `done` is read again from all its steps.
        """
        steps = self.steps([code for code in before if code not in done])
        after: dict[str, Taken] = {}
        for kind in (Bag, Item):
            own = sorted(code for code, thing in before.items() if isinstance(thing, kind))
            found = {code: done.get(code) or _read_again(FAMILIES[kind], code, steps[code]) for code in own}
            if kind is Item:
                found = self._laid_into_bags(found)
            if found:
                states = [taken.thing for taken in found.values()]
                self._update_states(FAMILIES[kind], states, {code: before[code].version for code in own})
                self._carry(states)
            after |= found
        return after

    def _must_not_be_kept(self, wanted: Sequence[str]) -> None:
        """Refuse codes that are kept for a workstation and not bound yet. Raises: LabelBound."""
        kept = [blank for blank in self.blanks.of(wanted) if blank.bound_at is None]
        if kept:
            raise LabelBound(thing=codes.shown(kept[0].item if kept[0].item in wanted else kept[0].code))

    # --- statements ---------------------------------------------------------------------------------------------------

    def _insert_events(
        self, rows: list[tuple[Any, ...]], refusal: type[Refused], *, names: tuple[str, ...] = _ROW
    ) -> None:
        """Insert events; the unique key (stream, version) is what keeps two writers apart.

        Everybody inserts in the same order, so that two who write about the same things do not wait for each other.
        """
        try:
            driver.insert_all(self._connection, _EVENTS, sorted(rows, key=_BY_STREAM), names=names)
        except IntegrityError as error:
            raise refusal(thing=_shown(rows)) from error
        except OperationalError as error:
            if not _is_deadlock(error):
                raise
            raise Overtaken(thing=_shown(rows)) from error

    def _update_states(self, family: Family, things: Sequence[Thing], before: Mapping[str, int]) -> None:
        """Write states that follow the versions `before`. Raises: Overtaken when a row is no longer of that version."""
        in_order = sorted(things, key=lambda thing: thing.code)  # as everybody: none waits for who waits for him
        states = codec.dumps_all(in_order)
        new = [columns_of(each, state=state) for each, state in zip(in_order, states, strict=True)]
        rows = [(*row.values(), each.code, before[each.code]) for row, each in zip(new, in_order, strict=True)]
        names, known = tuple(new[0]), ("code", "version")
        try:
            written = driver.update_all(self._connection, family.table, rows, names=names, known=known)
        except OperationalError as error:
            if not _is_deadlock(error):
                raise
            raise Overtaken(thing=", ".join(codes.shown(each.code) for each in things[:3])) from error
        if written != len(rows):
            raise Overtaken(thing=", ".join(codes.shown(each.code) for each in things[:3]))

    def _carry(self, moved: Sequence[Thing]) -> None:
        """Let what lies in the bags among them stand as its bag does: one event of a bag, one row an item."""
        by_code = {bag.code: bag for bag in moved if isinstance(bag, Bag) and bag.contents and not bag.is_final}
        inside = self._inside(by_code)
        laid = [item.inside(by_code[item.bag]) for item in inside]
        changed = [after for before, after in zip(inside, laid, strict=True) if after != before]
        if changed:
            self._update_states(FAMILIES[Item], changed, {item.code: item.version for item in changed})

    def _inside(self, bags_: Collection[str]) -> list[Item]:
        table = FAMILIES[Item].table
        if not bags_:
            return []
        states = self._connection.execute(select(table.c.state).where(table.c.bag.in_(sorted(bags_)))).scalars()
        return sorted((codec.loads(state, Item) for state in states), key=lambda i: (i.registered_at, i.code))

    def _laid_into_bags(self, found: Mapping[str, Taken]) -> dict[str, Taken]:
        """Return items as they stand in the bags they lie in; meanwhile no bag goes on, which would not show here."""
        named = {taken.thing.bag for taken in found.values() if isinstance(taken.thing, Item) and taken.thing.bag}
        if named:
            self.lock(Bag, named)
        bags_ = self.known_bags(named)
        return {code: _laid_into(bags_, taken) for code, taken in found.items()}

    def _post(self, things: Sequence[Thing], happened: Sequence[Event]) -> None:
        """Write what the events do to the books; `things` are as the events left them."""
        lines = [
            line
            for thing, event in zip(things, happened, strict=True)
            for line in postings_of(thing, event, version=thing.version)
        ]
        if lines:
            self._connection.execute(insert(table_of(PostingRow)), lines)

    def _enter(self, things: Sequence[Thing], happened: Sequence[Event]) -> None:
        """Number every dossier that a desk received in the desk's register; everybody takes desks in one order."""
        received: dict[str, list[tuple[str, str]]] = {}
        for thing, event in zip(things, happened, strict=True):
            if isinstance(thing, Dossier) and isinstance(event, events.OfficiallyReceived):
                received.setdefault(thing.desk, []).append((thing.code, event.by.account))
        for desk in sorted(received):
            try:
                self.register.enter(desk, received[desk])
            except OperationalError as error:
                if not _is_deadlock(error):
                    raise
                raise Overtaken(thing=codes.shown(received[desk][0][0])) from error

    def _event_row(
        self, family: str, stream: str, version: int, event: Event, event_id: bytes | None, *, data: str = ""
    ) -> tuple[Any, ...]:
        """Return the values of `_ROW`; `data` is the event as it is stored, where somebody wrote it already."""
        by = event.by
        return (
            event_id or self._numbers.pop(stream, None) or self._token_bytes(ID_BYTES),
            stream,
            version,
            family,
            type(event).__name__,
            data or codec.dumps(event),
            event.occurred_at,
            self.at,
            by.account,
            by.place,
            by.device,
        )

    def _one(self, kind: type[T], code: str) -> T:
        return self._many(kind, [code])[0]

    def _many(self, kind: type[T], wanted: Sequence[str]) -> list[T]:
        found = self._states(kind, wanted)
        for code in wanted:
            if code not in found:
                raise UnknownCode(thing=codes.shown(code))
        return [codec.loads(found[code], kind) for code in wanted]

    def which(self, kind: type[T], wanted: Collection[str]) -> Question[dict[str, T]]:
        """Ask for things of a kind by their codes; unknown codes are absent."""
        return self._asked(kind, wanted, lambda rows: _things(kind, rows))

    def _states(self, kind: type[Any], wanted: Collection[str]) -> dict[str, str]:
        return self.ask(self._asked(kind, wanted, dict))

    def _asked(self, kind: type[Any], wanted: Collection[str], read: Callable[[Sequence[Any]], R]) -> Question[R]:
        names, table = ("code", "state"), FAMILIES[kind].table
        return driver.rows_among(self._connection, table, {"code": {*wanted}}, names=names, read=read)


def _things(kind: type[T], rows: Sequence[Any]) -> dict[str, T]:
    return dict(zip([code for code, _ in rows], codec.loads_all([state for _, state in rows], kind), strict=True))


def _recorded(rows: Sequence[Any]) -> dict[bytes, Recorded]:
    return {number: Recorded(*known) for number, *known in rows}


def _links(streams: Collection[str], rows: Sequence[Any]) -> dict[str, list[Link]]:
    found: dict[str, list[Link]] = {stream: [] for stream in streams}
    struck = set[str]()
    for stream, kind, version, number, account, device, seq, parents in rows:
        knew = None if parents is None else _numbers(parents)
        found[stream].append(Link(version, number, device or account, seq or 0, knew, kind == _CLAIMED))
        if kind == _CORRECTED:
            struck.add(stream)
    return {stream: own for stream, own in found.items() if stream not in struck} if struck else found


def _incidents(rows: Sequence[Any]) -> list[Incident]:
    return [codec.loads(state, Incident) for (state,) in rows]


def _shifts(rows: Sequence[Any]) -> dict[str, list[Event]]:
    found: dict[str, list[Event]] = {}
    for stream, kind, data in rows:
        found.setdefault(stream, []).append(read_event(kind, data))
    return found


def _marked(mark: Mark) -> tuple[Any, ...]:
    """Return the values of `_MARK`."""
    return mark.device_seq, mark.fingerprint, None if mark.parents is None else b"".join(mark.parents)


def _written(happened: Iterable[Event]) -> list[str]:
    """Return events as they are stored; one that many streams share, told in one breath, is written once."""
    several = [*happened]
    texts = {id(event): codec.dumps(event) for event in {id(event): event for event in several}.values()}
    return [texts[id(event)] for event in several]


def _is_deadlock(error: OperationalError) -> bool:
    """Tell whether PostgreSQL ended one of two transactions that waited for each other."""
    return getattr(error.orig, "sqlstate", None) == "40P01"


def _shown(rows: Sequence[tuple[Any, ...]]) -> str:
    return ", ".join(codes.shown(_BY_STREAM(row)) for row in rows[:3]) + (" …" if len(rows) > 3 else "")

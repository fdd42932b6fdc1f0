"""The append-only ledger, inside one transaction: events get the next version, the current state follows them."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import Table, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError, OperationalError

from postal.domain import cash as money_papers
from postal.domain import codes, events, handover, money, shift
from postal.domain import dossier as dossiers
from postal.domain import home_pickup as home_pickups
from postal.domain import item as items
from postal.domain import run as runs
from postal.domain.cash import CashHandover
from postal.domain.dossier import Dossier
from postal.domain.events import Event
from postal.domain.handover import HandoverRecord
from postal.domain.home_pickup import HomePickup
from postal.domain.item import Item
from postal.domain.lifecycle import LabelBound, Overtaken, UnknownCode
from postal.domain.refusals import Refused
from postal.domain.run import DeliveryRun
from postal.domain.shift import PositionHolding
from postal.store import codec
from postal.store.registers import Registers, Transaction
from postal.store.tables import (
    CashRow,
    DossierRow,
    EventRow,
    HandoverRow,
    HomePickupRow,
    ItemRow,
    PositionRow,
    PostingRow,
    RunRow,
    table_of,
)

Thing = Item | Dossier | HandoverRecord | DeliveryRun | PositionHolding | CashHandover | HomePickup
T = TypeVar("T", Item, Dossier, HandoverRecord, DeliveryRun, PositionHolding, CashHandover, HomePickup)

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
        "postal_number": item.postal_number,
        "last_at": item.last_at,
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
    Item: Family("item", table_of(ItemRow), Item, items.begin, items.replay, _item_columns),
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


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """How a device knows an event: the number it made before sending, its own count, the fingerprint of its content."""

    id: bytes
    device_seq: int
    fingerprint: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Recorded:
    """An event that is in the ledger, known by its number. `fingerprint` is None for what was done at a screen."""

    stream: str
    version: int
    kind: str
    fingerprint: bytes | None


def columns_of(thing: Thing) -> dict[str, Any]:
    """Return the row of a thing as its state says it must be."""
    family = FAMILIES[type(thing)]
    return {"version": thing.version, "state": codec.dumps(thing), **family.columns(thing)}


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


class Ledger(Registers):
    """One write transaction. `at` is when it is recorded."""

    def __init__(self, transaction: Transaction) -> None:
        super().__init__(transaction)
        self._connection = transaction.connection
        self._token_bytes = transaction.token_bytes

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
        """Return every dossier of that official code; each desk gives its own, so two desks may give the same."""
        table = FAMILIES[Dossier].table
        query = select(table.c.state).where(table.c.official_code == official_code).order_by(table.c.code)
        return [codec.loads(state, Dossier) for state in self._connection.execute(query).scalars()]

    def record(self, code: str) -> HandoverRecord:
        """Return a hand-over record. Raises: UnknownCode."""
        return self._one(HandoverRecord, code)

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

    def known_items(self, wanted: Collection[str]) -> dict[str, Item]:
        """Return items by their codes; unknown codes are absent."""
        states = self._states(Item, sorted(wanted)) if wanted else {}
        return {code: codec.loads(state, Item) for code, state in states.items()}

    def happened(self, streams: Collection[str]) -> dict[str, list[Event]]:
        """Return every event of some streams, by stream, in the order of their versions."""
        if not streams:
            return {}
        query = (
            select(_EVENTS.c.stream, _EVENTS.c.kind, _EVENTS.c.data)
            .where(_EVENTS.c.stream.in_(sorted(streams)))
            .order_by(_EVENTS.c.stream, _EVENTS.c.version)
        )
        found: dict[str, list[Event]] = {stream: [] for stream in streams}
        for row in self._connection.execute(query):
            found[row.stream].append(read_event(row.kind, row.data))
        return found

    def recorded(self, ids: Collection[bytes]) -> dict[bytes, Recorded]:
        """Return the events that are known by these numbers; new ones are absent."""
        columns = (_EVENTS.c.id, _EVENTS.c.stream, _EVENTS.c.version, _EVENTS.c.kind, _EVENTS.c.fingerprint)
        rows = self._connection.execute(select(*columns).where(_EVENTS.c.id.in_(sorted(ids))))
        return {
            row.id: Recorded(stream=row.stream, version=row.version, kind=row.kind, fingerprint=row.fingerprint)
            for row in rows
        }

    # --- write --------------------------------------------------------------------------------------------------------

    def begin(self, kind: type[T], code: str, event: Event, *, event_id: bytes | None = None) -> T:
        """Begin a stream with its first event. Raises: LabelBound when the code is taken."""
        return self.begin_all(kind, [(code, event)], ids=[event_id])[0]

    def begin_all(
        self, kind: type[T], firsts: Sequence[tuple[str, Event]], *, ids: Sequence[bytes | None] | None = None
    ) -> list[T]:
        """Begin many streams of one kind in a few statements. Raises: LabelBound."""
        family = FAMILIES[kind]
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
        self._update_states(family, after)
        self._post(after, [event for _, event in changes])
        return after

    def append_marked(self, changes: Sequence[tuple[Item, Event, Mark]]) -> None:
        """Record what devices sent, in order; an item may come several times, each time as the event before left it.

        Raises: Overtaken, also when an event of the same number is recorded elsewhere at this moment.
        """
        if not changes:
            return
        family = FAMILIES[Item]
        rows = [
            self._event_row(family.name, item.code, item.version + 1, event, mark.id)
            | {"device_seq": mark.device_seq, "fingerprint": mark.fingerprint}
            for item, event, mark in changes
        ]
        self._insert_events(rows, Overtaken)
        after = {item.code: item.evolve(event) for item, event, _ in changes}
        self._update_states(family, list(after.values()))

    # --- statements ---------------------------------------------------------------------------------------------------

    def _insert_events(self, rows: list[dict[str, Any]], refusal: type[Refused]) -> None:
        """Insert events; the unique key (stream, version) is what keeps two writers apart.

        Everybody inserts in the same order, so that two who write about the same things do not wait for each other.
        """
        try:
            self._connection.execute(insert(_EVENTS), sorted(rows, key=lambda row: str(row["stream"])))
        except IntegrityError as error:
            raise refusal(thing=_shown(rows)) from error
        except OperationalError as error:
            if not _is_deadlock(error):
                raise
            raise Overtaken(thing=_shown(rows)) from error

    def _update_states(self, family: Family, things: Sequence[Thing]) -> None:
        statement = update(family.table).where(family.table.c.code == bindparam("b_code"))
        self._connection.execute(statement, [{"b_code": thing.code, **columns_of(thing)} for thing in things])

    def _post(self, things: Sequence[Thing], happened: Sequence[Event]) -> None:
        """Write what the events do to the books; `things` are as the events left them."""
        lines = [
            line
            for thing, event in zip(things, happened, strict=True)
            for line in postings_of(thing, event, version=thing.version)
        ]
        if lines:
            self._connection.execute(insert(table_of(PostingRow)), lines)

    def _event_row(
        self, family: str, stream: str, version: int, event: Event, event_id: bytes | None
    ) -> dict[str, Any]:
        return {
            "id": event_id or self._token_bytes(16),
            "stream": stream,
            "version": version,
            "family": family,
            "kind": type(event).__name__,
            "data": codec.dumps(event),
            "occurred_at": event.occurred_at,
            "recorded_at": self.at,
            "account": event.by.account,
            "place": event.by.place,
            "device": event.by.device,
        }

    def _one(self, kind: type[T], code: str) -> T:
        return self._many(kind, [code])[0]

    def _many(self, kind: type[T], wanted: Sequence[str]) -> list[T]:
        found = self._states(kind, wanted)
        for code in wanted:
            if code not in found:
                raise UnknownCode(thing=codes.shown(code))
        return [codec.loads(found[code], kind) for code in wanted]

    def _states(self, kind: type[Any], wanted: Sequence[str]) -> dict[str, str]:
        table = FAMILIES[kind].table
        query = select(table.c.code, table.c.state)
        one = table.c.code == wanted[0] if len(wanted) == 1 else table.c.code.in_(wanted)
        return {row.code: row.state for row in self._connection.execute(query.where(one))}


def _is_deadlock(error: OperationalError) -> bool:
    """Tell whether PostgreSQL ended one of two transactions that waited for each other."""
    return getattr(error.orig, "sqlstate", None) == "40P01"


def _shown(rows: Sequence[dict[str, Any]]) -> str:
    return ", ".join(codes.shown(row["stream"]) for row in rows[:3]) + (" …" if len(rows) > 3 else "")

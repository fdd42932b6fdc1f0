"""The ledger looked at as a whole: bare facts, and every stream beside the row that is stored for it."""

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, RowMapping, select

from postal.domain.bag import Bag
from postal.domain.cash import CashHandover
from postal.domain.dossier import Dossier
from postal.domain.events import Event, OfficiallyReceived
from postal.domain.item import Item
from postal.domain.oracle import Fact
from postal.store import codec
from postal.store.ledger import (
    FAMILIES,
    Family,
    columns_of,
    folded,
    postings_of,
    read_event,
    read_step,
    reads_of,
)
from postal.store.register_books import RegisterBooks
from postal.store.tables import DossierRow, EventRow, PostingRow, table_of

_EVENTS = table_of(EventRow)


UNREADABLE = (ValueError, KeyError, TypeError, AssertionError)
"""What it raises to read an event that somebody has edited."""

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_TOLD_TWICE = ("occurred_at", "account", "place", "device")
"""Columns that repeat what stands in the data of an event, so that it can be searched for."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredStream:
    """A stream, how many events it has, and how its stored row differs from their replay."""

    family: str
    code: str
    events: int
    differences: tuple[str, ...]


class Inspection:
    """Reads the ledger from end to end inside one snapshot."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def facts(self, family: str) -> Iterator[Fact]:
        """Yield the bare facts of a family, stream after stream, each stream in the order in which it counts.

        What a device told stands as the event it amounts to; what was corrected is left out.
        """
        for code, rows in groupby(self._events(family), key=lambda row: str(row["stream"])):
            own = list(rows)
            versions = [row["version"] for row in own]
            for version, fact in zip(versions, _facts(code, own), strict=False):
                yield replace(fact, version=version)

    def facts_as_recorded(self, kinds: Sequence[str]) -> Iterator[Fact]:
        """Yield the bare facts of some kinds in the order in which they were recorded."""
        columns = (_EVENTS.c.stream, _EVENTS.c.version, _EVENTS.c.kind, _EVENTS.c.data)
        query = select(*columns).where(_EVENTS.c.kind.in_(kinds)).order_by(_EVENTS.c.seq)
        for row in self._connection.execute(query):
            yield Fact(stream=row.stream, version=row.version, kind=row.kind, data=json.loads(row.data))

    def streams(self, codes: Collection[str] | None = None) -> Iterator[StoredStream]:
        """Yield every stream and every stored row, also one without the other; with `codes`, only those."""
        for family in FAMILIES.values():
            yield from self._family(family, codes)

    def wrong_postings(self) -> Iterator[str]:
        """Yield where the books differ from what the events say, an event each."""
        stored: dict[tuple[str, int], list[tuple[str, str, int, str]]] = {}
        table = table_of(PostingRow)
        for row in self._connection.execute(select(table)):
            line = (row.account, row.ledger, row.amount, row.dossier)
            stored.setdefault((row.stream, row.version), []).append(line)
        for stream, version, lines in self._postings():
            said = [(line["account"], line["ledger"], line["amount"], line["dossier"]) for line in lines]
            if sorted(said) != sorted(stored.pop((stream, version), [])):
                yield f"{stream} version {version}: the books differ from the event"
        for stream, version in stored:
            yield f"{stream} version {version}: lines in the books without an event"

    def wrong_register(self) -> Iterator[str]:
        """Yield where the registers of the desks differ from what was received, and where a number is missing."""
        book, dossier = RegisterBooks(self._connection, at=_BEGINNING), table_of(DossierRow)
        received = select(_EVENTS.c.stream, dossier.c.desk).join_from(
            _EVENTS, dossier, _EVENTS.c.stream == dossier.c.code
        )
        query = received.where(_EVENTS.c.kind == OfficiallyReceived.__name__)
        wanted = {(stream, desk) for stream, desk in self._connection.execute(query)}
        entered = book.entered()
        for stream, desk in sorted(wanted ^ entered):
            lacks = "a number and was not received" if (stream, desk) in entered else "no number and was received"
            yield f"register of {desk}: {stream} has {lacks}"
        yield from book.flaws()

    def _postings(self) -> Iterator[tuple[str, int, list[dict[str, Any]]]]:
        """Yield (stream, version, lines of the books) of every event that moves money."""
        for family in (FAMILIES[Dossier], FAMILIES[CashHandover]):
            for code, happened in groupby(self._events(family.name), key=lambda each: str(each["stream"])):
                thing: Any = None
                for row in happened:
                    event = read_event(row["kind"], row["data"])
                    thing = family.begin(code, event) if thing is None else thing.evolve(event)
                    lines = postings_of(thing, event, version=row["version"])
                    if lines:
                        yield code, row["version"], lines

    def _family(self, family: Family, codes: Collection[str] | None) -> Iterator[StoredStream]:
        query = select(family.table) if codes is None else select(family.table).where(family.table.c.code.in_(codes))
        rows = {row["code"]: dict(row) for row in self._connection.execute(query).mappings()}
        for code, happened in groupby(self._events(family.name, codes), key=lambda each: str(each["stream"])):
            events = list(happened)
            differences = _differences(self._connection, family, code, events, rows.pop(code, None))
            yield StoredStream(family=family.name, code=code, events=len(events), differences=tuple(differences))
        for code in rows:
            yield StoredStream(family=family.name, code=code, events=0, differences=("a row without events",))

    def _events(self, family: str, codes: Collection[str] | None = None) -> Iterator[RowMapping]:
        in_order = (_EVENTS.c.stream, _EVENTS.c.version, _EVENTS.c.seq)
        query = select(_EVENTS).where(_EVENTS.c.family == family).order_by(*in_order)
        if codes is not None:
            query = query.where(_EVENTS.c.stream.in_(codes))
        yield from self._connection.execute(query).mappings()


def laid(connection: Connection, thing: Any) -> Any:
    """Return an item as it stands in the bag it lies in; anything else as it is."""
    if not isinstance(thing, Item) or not thing.bag:
        return thing
    table = FAMILIES[Bag].table
    state = connection.execute(select(table.c.state).where(table.c.code == thing.bag)).scalar()
    return thing if state is None else thing.inside(codec.loads(state, Bag))


def _facts(code: str, rows: Sequence[RowMapping]) -> Iterator[Fact]:
    """Yield the facts of one stream; only what was told by devices or corrected is read again.

    A stream that nobody can read any more stands as it lies there: what is wrong with it is told by its difference.
    """
    try:
        reads = reads_of(code, [read_step(row) for row in rows])
    except UNREADABLE:
        yield from (_as_it_lies(code, row) for row in rows)
        return
    by_version, latest = {row["version"]: row for row in rows}, 0
    for each in reads:
        row = by_version[each.step.version]
        if not each.is_struck:
            data = row["data"] if each.event is each.step.event else codec.dumps(each.event)
            yield Fact(
                stream=code,
                version=each.step.version,
                kind=type(each.event).__name__,
                data=json.loads(data),
                is_overtaken=not each.step.is_fact and each.step.version < latest,
            )
            latest = max(latest, each.step.version if each.step.is_fact else 0)


def _as_it_lies(code: str, row: RowMapping) -> Fact:
    return Fact(stream=code, version=row["version"], kind=row["kind"], data=json.loads(row["data"]))


def _differences(
    connection: Connection, family: Family, code: str, rows: Sequence[RowMapping], stored: dict[str, Any] | None
) -> Iterator[str]:
    if [row["version"] for row in rows] != list(range(1, len(rows) + 1)):
        yield "versions are not 1, 2, 3 …"
    try:
        events = [read_event(row["kind"], row["data"]) for row in rows]
        thing = folded(family, code, [read_step(row) for row in rows])
        expected = {"code": code, **columns_of(laid(connection, thing))}
    except UNREADABLE as error:
        yield f"its events cannot be replayed: {error}"[:300]
        return
    for row, event in zip(rows, events, strict=True):
        yield from _told_differently(row, event)
    if stored is None:
        yield "no stored row"
        return
    for column, value in expected.items():
        if stored[column] != value and not (column == "state" and codec.in_todays_form(stored[column]) == value):
            yield f"{column} is stored as {stored[column]!r}, its events say {value!r}"[:300]


def _told_differently(row: RowMapping, event: Event) -> Iterator[str]:
    """Compare the columns of an event with what stands in its data."""
    by = event.by
    said = dict(zip(_TOLD_TWICE, (event.occurred_at, by.account, by.place, by.device), strict=True))
    for column, value in said.items():
        if row[column] != value:
            yield f"version {row['version']}: {column} is stored as {row[column]!r}, its data say {value!r}"[:300]

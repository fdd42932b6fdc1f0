"""A judge of custody that shares no code with the product: it reads the tables as bare rows and nothing else.

Written from the rules of hand-over: one holder at every instant; an offer changes nothing until the one it was made to
takes it; two people sign; what reached the citizen does not move again; numbers are 1, 2, 3 without gap or twin.

Where devices told something, or something was struck, there is no line-by-line law to hold a story to: the plain model
of `bench.worlds` tells it again from the bare rows, and what it says of holder, offer and bag must be what is stored.
"""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import psycopg

from bench.worlds.model import CITIZEN, Model, Person

QUERY = (
    "SELECT family, stream, version, kind, data, id, device, device_seq, parents FROM event "
    "ORDER BY family, stream, version, seq"
)
STORED = {
    "item": "SELECT code, version, custodian_key, offered_to, custody, bag FROM item",
    "bag": "SELECT code, version, custodian_key, offered_to, bag_state, '' FROM bag",
}
BEGINS, OFFERS, TAKES = ("Registered", "BagStarted"), "HandedOver", ("Accepted", "SignedOnPaper")
GIVES_UP = ("Declined", "Recalled")
SEIZES = ("Moved", "TakenOver")
ENDS = ("Delivered", "Voided")
CLAIMS, CORRECTS = "Claimed", "Corrected"
LEAVES_BAG = {"Unpacked": "to", "Disputed": "holder", "FoundInBag": "to"}
ID_BYTES = 16

WORDS = {
    "Registered": "register",
    "BagStarted": "register",
    "HandedOver": "offer",
    "Accepted": "accept",
    "SignedOnPaper": "paper",
    "Declined": "decline",
    "Recalled": "recall",
    "Moved": "move",
    "TakenOver": "take over",
    "Delivered": "deliver",
    "Voided": "deliver",
    "Packed": "pack",
    "Unpacked": "take out",
    "Disputed": "dispute",
    "FoundInBag": "find in bag",
    "BagSealed": "seal",
    "BagOpened": "open",
    "BagCounted": "empty",
    "handed_over": "offer",
    "accepted": "accept",
    "declined": "decline",
    "moved": "move",
}
"""What each kind of event, and of fact, is called in the model; everything else moves nothing there."""

MOVES_NOTHING = "damaged"


@dataclass(frozen=True)
class Row:
    """One event as it lies in the table."""

    family: str
    stream: str
    version: int
    kind: str
    data: dict[str, Any]
    id: bytes = b""
    device: str = ""
    device_seq: int = 0
    parents: tuple[bytes, ...] | None = None

    @property
    def is_fact(self) -> bool:
        """Tell whether it is what a device told, as it told it."""
        return self.kind == CLAIMS and not self.data.get("why")

    @property
    def account(self) -> str:
        """Return who recorded it."""
        return str(self.data["by"]["account"])


@dataclass(frozen=True)
class Broken:
    """A rule that an item broke, and where."""

    stream: str
    version: int
    rule: str


@dataclass(frozen=True)
class Stored:
    """What the database says of an item or a bag now."""

    code: str
    version: int
    holder: str
    offered_to: str
    state: str
    bag: str


def rows_of(url: str) -> list[Row]:
    """Return every event of a database, asked directly."""
    return [_row(*line) for line in _ask(url, QUERY)]


def stored_in(url: str) -> list[Stored]:
    """Return what is stored of every item and bag, asked directly."""
    return [Stored(*line) for query in STORED.values() for line in _ask(url, query)]


def _row(family: str, stream: str, version: int, kind: str, data: str, *told: Any) -> Row:
    number, device, device_seq, parents = told
    known = None if parents is None else _numbers(bytes(parents))
    return Row(family, stream, version, kind, json.loads(data), bytes(number), device, device_seq or 0, known)


def _numbers(parents: bytes) -> tuple[bytes, ...]:
    return tuple(parents[start : start + ID_BYTES] for start in range(0, len(parents), ID_BYTES))


def _ask(url: str, query: str) -> list[tuple[Any, ...]]:
    if url.startswith("sqlite:///"):
        connection = sqlite3.connect(url.removeprefix("sqlite:///"))
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()
    with psycopg.connect(url.replace("+psycopg", "")) as server:
        return server.execute(query.encode()).fetchall()


def judge(rows: Iterable[Row], stored: Iterable[Stored] = ()) -> list[Broken]:
    """Return every rule that was broken, item by item, bag by bag; `stored` is what the rows must have led to."""
    streams: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        streams[row.family, row.stream].append(row)
    people = _people_of_positions(streams)
    things = {code: happened for (family, code), happened in streams.items() if family in STORED}
    records = {code: happened for (family, code), happened in streams.items() if family == "handover"}
    plain = {code: happened for code, happened in things.items() if _is_plain(happened)}
    broken = [each for code, happened in plain.items() for each in _Thing(code, people).follow(happened)]
    stored = list(stored)
    model = told_again(things if stored or len(plain) < len(things) else {})
    broken += [each for code in things.keys() - plain.keys() for each in _gaps(code, things[code])]
    broken += _stored_otherwise(stored, model)
    return broken + list(_signed_but_never_taken(records, things, model))


def judge_database(url: str) -> list[Broken]:
    """Return every rule that a database breaks."""
    return judge(rows_of(url), stored_in(url))


def _is_plain(happened: Iterable[Row]) -> bool:
    return not any(row.is_fact or row.kind == CORRECTS for row in happened)


def two_holders(broken: Iterable[Broken]) -> set[str]:
    """Return the items that two people hold at once."""
    return {each.stream for each in broken if each.rule == "two holders"}


@dataclass
class _Thing:
    """An envelope or a bag followed from hand to hand."""

    code: str
    people: dict[str, set[str]]
    holder: dict[str, Any] | None = None
    offered: Row | None = None
    taken: dict[int, Row] = field(default_factory=dict)
    ended: bool = False
    broken: list[Broken] = field(default_factory=list)

    def follow(self, happened: list[Row]) -> list[Broken]:
        self.broken += _gaps(self.code, happened)
        for row in happened:
            self._hear(row)
            if self.holder is None:
                self._say(row, "no holder")
        return self.broken

    def _hear(self, row: Row) -> None:
        if row.kind in BEGINS:
            if self.holder is not None:
                self._say(row, "registered twice")
            self.holder = row.data["custodian"]
            return
        if row.kind == CLAIMS:
            return
        if self.ended:
            self._say(row, "moved after the end")
        self._follow(row)

    def _follow(self, row: Row) -> None:
        if row.kind == OFFERS:
            self._offer(row)
        elif row.kind in TAKES:
            self._take(row)
        elif row.kind in GIVES_UP:
            self._give_up(row)
        elif row.kind in (*SEIZES, *ENDS):
            self._seize_or_end(row)
        elif row.kind == "Packed":
            self._pack(row)
        elif row.kind in LEAVES_BAG:
            self._leave_bag(row)

    def _give_up(self, row: Row) -> None:
        if self.offered is None:
            self._say(row, "no offer to end")
        self.offered = None

    def _offer(self, row: Row) -> None:
        if self.offered is not None:
            self._say(row, "offered twice")
        if not self._acts_for(row.account, self.holder):
            self._say(row, "offered by somebody who does not hold it")
        self.offered = row

    def _take(self, row: Row) -> None:
        if self.offered is None:
            twin = self.taken.get(row.version)
            self._say(row, "two holders" if twin is not None else "taken without an offer")
            return
        to = self.offered.data["to"]
        if row.kind == "Accepted":
            if row.account == self.offered.account:
                self._say(row, "one person on both sides")
            if not self._acts_for(row.account, to):
                self._say(row, "taken by somebody it was not offered to")
        elif _key(row.data["to"]) != _key(to):
            self._say(row, "taken by somebody it was not offered to")
        if row.data["record"] != self.offered.data["record"]:
            self._say(row, "taken on another record")
        self.holder, self.offered = to, None
        self.taken[row.version] = row

    def _seize_or_end(self, row: Row) -> None:
        if row.version in self.taken:
            self._say(row, "two holders")
        if row.kind != "TakenOver" and self.offered is not None:
            self._say(row, "moved while it was offered")
        if row.kind != "TakenOver" and not self._acts_for(row.account, self.holder):
            self._say(row, "moved by somebody who does not hold it")
        if row.kind in SEIZES:
            if not self._acts_for(row.account, row.data["to"]):
                self._say(row, "taken for somebody else")
            self.holder = row.data["to"]
            self.taken[row.version] = row
        else:
            self.ended = True
        self.offered = None

    def _pack(self, row: Row) -> None:
        if self.offered is not None:
            self._say(row, "packed while it was offered")
        if not self._acts_for(row.account, self.holder):
            self._say(row, "packed by somebody who does not hold it")
        self.holder = {"kind": "bag", "key": row.data["bag"]}

    def _leave_bag(self, row: Row) -> None:
        inside = {"kind": "bag", "key": row.data["bag"]}
        if row.kind != "FoundInBag" and self.holder != inside:
            self._say(row, "out of a bag in which it did not lie")
        self.holder, self.offered = row.data[LEAVES_BAG[row.kind]], None

    def _acts_for(self, account: str, custodian: dict[str, Any] | None) -> bool:
        """Tell whether an account ever answered for a custodian; a position nobody ever took proves nothing."""
        if custodian is None or custodian["kind"] == "bag":
            return False
        if custodian["kind"] == "person":
            return bool(custodian["key"] == account)
        known = self.people.get(custodian["key"])
        return known is None or account in known

    def _say(self, row: Row, rule: str) -> None:
        self.broken.append(Broken(self.code, row.version, rule))


def _key(custodian: dict[str, Any]) -> tuple[str, str]:
    return custodian["kind"], custodian["key"]


def _people_of_positions(streams: dict[tuple[str, str], list[Row]]) -> dict[str, set[str]]:
    """Return who ever held each position."""
    return {
        code: {str(row.data["holder"]) for row in happened}
        for (family, code), happened in streams.items()
        if family == "position"
    }


def _gaps(code: str, happened: Iterable[Row]) -> Iterator[Broken]:
    for expected, row in enumerate(happened, start=1):
        if row.version != expected:
            yield Broken(code, row.version, "number missing or twice")
            return


def _signed_but_never_taken(
    records: dict[str, list[Row]], things: dict[str, list[Row]], model: Model
) -> Iterator[Broken]:
    """Find lines of a signed record whose item or bag says nothing of it."""
    for record, happened in records.items():
        for row in happened:
            for code in row.data.get("accepted", ()):
                if not _was_taken(code, record, things.get(code, []), model):
                    yield Broken(code, 0, "signed for and never taken")


def _was_taken(code: str, record: str, happened: list[Row], model: Model) -> bool:
    if happened and not _is_plain(happened):
        return len(model.state(code).takings) > 1
    return any(each.kind in TAKES and each.data["record"] == record for each in happened)


# --- told again by the model ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Teller(Person):
    """Who told something with a device: the first of those he acted for is whom he took it for."""

    first: str = ""

    @property
    def own(self) -> str:
        return self.first


def told_again(things: dict[str, list[Row]]) -> Model:
    """Return the model after everything that was recorded about some items and bags, told from the bare rows."""
    model = Model()
    for code, happened in things.items():
        model.kinds[code] = happened[0].family
        by_version = {row.version: row.id for row in happened}
        model.struck |= {by_version[row.data["version"]] for row in happened if row.kind == CORRECTS}
        counts = _counts(happened)
        for row in happened:
            _tell(model, code, row, count=counts.get(row.id, 0))
    return model


def _counts(happened: Iterable[Row]) -> dict[bytes, int]:
    """Return the place of each fact in what devices told; where a device counted one number twice, by its number."""
    told = sorted((row for row in happened if row.is_fact), key=lambda row: (row.device_seq, row.id))
    return {row.id: place for place, row in enumerate(told, start=1)}


def _tell(model: Model, code: str, row: Row, *, count: int) -> None:
    """Let the model hear one row; who did something at a screen answered for what he saw there then."""
    number = row.id or f"{code} {row.version}".encode()
    if row.is_fact:
        word = WORDS.get(row.data["fact"], MOVES_NOTHING)
        more = {"device": row.device or row.account, "seq": count, "parents": row.parents}
        to = row.data["to"]["key"] if row.data["to"] else ""
        model.keep(word, code, _teller(row), number=number, to=to, record=row.data["record"], **more)
        return
    word, to = WORDS.get(row.kind, MOVES_NOTHING), _custodian_of(row)
    seen = model.state(code) if code in model.steps else None
    keys = {to, *((seen.holder, seen.offered_to) if seen else ())} - {""}
    if word in ("accept", "decline", "recall") and seen:
        to = seen.offered_to
    who = Person(name=row.account, keys=frozenset(keys))
    more = {"record": row.data.get("record", ""), "bag": row.data.get("bag", "")}
    model.keep(word, code, who, number=number, to=to, is_intact=row.data.get("is_intact", True), **more)


def _custodian_of(row: Row) -> str:
    named = row.data.get("custodian") or row.data.get("to") or row.data.get("holder")
    return str(named["key"]) if isinstance(named, dict) else ""


def _teller(row: Row) -> Person:
    hands = row.data["hands"]
    keys = frozenset(hand["key"] for hand in hands if hand["kind"] == "position")
    is_postman = any(hand["kind"] == "person" for hand in hands)
    return _Teller(name=row.account, keys=keys, is_postman=is_postman, first=hands[0]["key"] if hands else "")


def _stored_otherwise(stored: Iterable[Stored], model: Model) -> Iterator[Broken]:
    """Find what is stored of a thing and is not what the model tells."""
    for each in stored:
        if each.version != len(model.steps.get(each.code, ())):
            yield Broken(each.code, each.version, "stored with another number of events")
            continue
        holder = model.holder(each.code)
        if holder != (CITIZEN if each.state in ("delivered", "voided") and holder == CITIZEN else each.holder):
            yield Broken(each.code, each.version, f"stored with {each.holder}, told to be with {holder}")
        if each.offered_to != model.is_offered_to(each.code):
            yield Broken(each.code, each.version, "stored with another offer than told")
        if each.bag != model.inside(each.code):
            yield Broken(each.code, each.version, "stored in another bag than told")

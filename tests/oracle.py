"""A judge of custody that shares no code with the product: it reads the event table as bare rows and nothing else.

Written from the rules of hand-over: one holder at every instant; an offer changes nothing until the one it was made to
takes it; two people sign; what reached the citizen does not move again; numbers are 1, 2, 3 without gap or twin.
"""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import psycopg

QUERY = "SELECT family, stream, version, kind, data FROM event ORDER BY family, stream, version, seq"
BEGINS, OFFERS, TAKES = "Registered", "HandedOver", ("Accepted", "SignedOnPaper")
GIVES_UP = ("Declined", "Recalled")
SEIZES = ("Moved", "TakenOver")
ENDS = ("Delivered", "Voided")
CLAIMS = "Claimed"


@dataclass(frozen=True)
class Row:
    """One event as it lies in the table."""

    family: str
    stream: str
    version: int
    kind: str
    data: dict[str, Any]

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


def rows_of(url: str) -> list[Row]:
    """Return every event of a database, asked directly."""
    return [Row(family, stream, version, kind, json.loads(data)) for family, stream, version, kind, data in _ask(url)]


def _ask(url: str) -> list[tuple[Any, ...]]:
    if url.startswith("sqlite:///"):
        connection = sqlite3.connect(url.removeprefix("sqlite:///"))
        try:
            return connection.execute(QUERY).fetchall()
        finally:
            connection.close()
    with psycopg.connect(url.replace("+psycopg", "")) as server:
        return server.execute(QUERY).fetchall()


def judge(rows: Iterable[Row]) -> list[Broken]:
    """Return every rule that was broken, item by item."""
    streams: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        streams[row.family, row.stream].append(row)
    people = _people_of_positions(streams)
    items = {code: happened for (family, code), happened in streams.items() if family == "item"}
    records = {code: happened for (family, code), happened in streams.items() if family == "handover"}
    broken = [each for code, happened in items.items() for each in _Item(code, people).follow(happened)]
    return broken + list(_signed_but_never_taken(records, items))


def two_holders(broken: Iterable[Broken]) -> set[str]:
    """Return the items that two people hold at once."""
    return {each.stream for each in broken if each.rule == "two holders"}


@dataclass
class _Item:
    """An envelope followed from hand to hand."""

    code: str
    people: dict[str, set[str]]
    holder: dict[str, Any] | None = None
    offered: Row | None = None
    taken: dict[int, Row] = field(default_factory=dict)
    ended: bool = False
    broken: list[Broken] = field(default_factory=list)

    def follow(self, happened: list[Row]) -> list[Broken]:
        self._numbers(happened)
        for row in happened:
            self._hear(row)
            if self.holder is None:
                self._say(row, "no holder")
        return self.broken

    def _numbers(self, happened: list[Row]) -> None:
        for expected, row in enumerate(happened, start=1):
            if row.version != expected:
                self._say(row, "number missing or twice")
                return

    def _hear(self, row: Row) -> None:
        if row.kind == BEGINS:
            if self.holder is not None:
                self._say(row, "registered twice")
            self.holder = row.data["custodian"]
            return
        if row.kind == CLAIMS:
            return
        if self.ended:
            self._say(row, "moved after the end")
        if row.kind == OFFERS:
            self._offer(row)
        elif row.kind in TAKES:
            self._take(row)
        elif row.kind in GIVES_UP:
            if self.offered is None:
                self._say(row, "no offer to end")
            self.offered = None
        elif row.kind in (*SEIZES, *ENDS):
            self._seize_or_end(row)

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

    def _acts_for(self, account: str, custodian: dict[str, Any] | None) -> bool:
        """Tell whether an account ever answered for a custodian; a position nobody ever took proves nothing."""
        if custodian is None:
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


def _signed_but_never_taken(records: dict[str, list[Row]], items: dict[str, list[Row]]) -> Iterator[Broken]:
    """Find lines of a signed record whose item says nothing of it."""
    for record, happened in records.items():
        for row in happened:
            for code in row.data.get("accepted", ()):
                taken = [each for each in items.get(code, ()) if each.kind in TAKES and each.data["record"] == record]
                if not taken:
                    yield Broken(code, 0, "signed for and never taken")

"""What was said about where doors are: sealed, found by commune and folded address."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects import postgresql, sqlite

from postal.domain import points
from postal.domain.places import Unit
from postal.domain.points import DoorPoint, Middle, Source, Told, Word
from postal.domain.search import fold
from postal.store.reference import Reference
from postal.store.sealing import Sealer
from postal.store.tables import AddressPointRow, table_of

Door = tuple[str, str]
"""Commune and address as typed."""

_NOTHING = Told()


class DoorPoints:
    """The points of doors inside one transaction or snapshot."""

    def __init__(self, connection: Connection, *, at: datetime, sealer: Sealer) -> None:
        self._connection = connection
        self._at = at
        self._sealer = sealer

    def of(self, doors: Collection[Door]) -> dict[Door, DoorPoint]:
        """Return where doors are believed to be, those of which more is known than the commune."""
        told = self.told(doors)
        middles = self._middles(commune for commune, _ in told)
        settled = {door: points.settled(said, middle=middles.get(door[0])) for door, said in told.items()}
        return {
            door: point for door, point in settled.items() if point is not None and point.source is not Source.COMMUNE
        }

    def disbelieved(self, doors: Collection[Door]) -> dict[Door, Word]:
        """Return, for doors of which only what cannot be true was said, the last of it."""
        told = self.told(doors)
        middles = self._middles(commune for commune, _ in told)
        last = {door: points.disbelieved(said, middle=middles.get(door[0])) for door, said in told.items()}
        return {door: word for door, word in last.items() if word is not None}

    def told(self, doors: Collection[Door]) -> dict[Door, Told]:
        """Return everything that was said about doors; those nobody said anything about are absent."""
        lookups: dict[bytes, list[Door]] = {}
        for door in doors:
            if all(door):
                lookups.setdefault(self._lookup(*door), []).append(door)
        if not lookups:
            return {}
        table = table_of(AddressPointRow)
        rows = self._connection.execute(select(table).where(table.c.lookup.in_(sorted(lookups))))
        opened = ((row.lookup, self._opened(row.lookup, row.sealed)) for row in rows)
        return {door: told for lookup, told in opened for door in lookups[lookup]}

    def teach(self, commune: str, address: str, *, lat: float, lon: float, accuracy_m: int) -> None:
        """Learn from a delivery where a door is. Without commune or address nothing is kept."""
        word = Word(source=Source.DELIVERY, lat=lat, lon=lon, accuracy_m=accuracy_m, at=self._at)
        self.add(commune, address, word)

    def add(self, commune: str, address: str, word: Word) -> None:
        """Keep what a source says. Without commune or address nothing is kept."""
        if commune and address:
            self._write(commune, address, self._held(commune, address).with_word(word))

    def take_back(self, commune: str, address: str, *, by: str) -> None:
        """End the correction that counts now. Raises: NothingToTakeBack."""
        self._write(commune, address, self._held(commune, address).taken_back(by=by, at=self._at))

    def note_asked(self, commune: str, address: str) -> None:
        """Note that a server was asked for the door now."""
        if commune and address:
            self._write(commune, address, replace(self._held(commune, address), asked_at=self._at))

    def _held(self, commune: str, address: str) -> Told:
        """Return what was said about one door; nobody else changes it until the transaction ends."""
        lookup, table = self._lookup(commune, address), table_of(AddressPointRow)
        empty = {"lookup": lookup, "commune": commune, "sealed": self._sealed(lookup, _NOTHING), "learnt_at": self._at}
        dialect = postgresql if self._connection.dialect.name == "postgresql" else sqlite
        self._connection.execute(dialect.insert(table).values(**empty).on_conflict_do_nothing())
        row = self._connection.execute(select(table).where(table.c.lookup == lookup).with_for_update()).one()
        return self._opened(lookup, row.sealed)

    def _write(self, commune: str, address: str, told: Told) -> None:
        lookup, table = self._lookup(commune, address), table_of(AddressPointRow)
        values = {"sealed": self._sealed(lookup, told), "learnt_at": self._at}
        self._connection.execute(update(table).where(table.c.lookup == lookup).values(**values))

    def _middles(self, communes: Iterable[str]) -> Mapping[str, Middle]:
        units = Reference(self._connection).units(communes, on=date.max)  # a middle does not change with a name
        return {code: middle for code, unit in units.items() if (middle := middle_of(unit))}

    def _lookup(self, commune: str, address: str) -> bytes:
        return self._sealer.index("door", f"{commune}|{fold(address)}")

    def _sealed(self, lookup: bytes, told: Told) -> bytes:
        content = json.dumps(asdict(told), ensure_ascii=False, default=_written)
        return self._sealer.seal(content.encode(), place=f"address_point|{lookup.hex()}")

    def _opened(self, lookup: bytes, sealed: bytes) -> Told:
        return _read(json.loads(self._sealer.open(sealed, place=f"address_point|{lookup.hex()}")), at=self._at)


def middle_of(unit: Unit | None) -> Middle | None:
    """Return the middle of a commune, None when it is unknown."""
    if unit is None or unit.lat is None or unit.lon is None:
        return None
    return Middle(lat=unit.lat, lon=unit.lon, radius_m=unit.radius_m or 0)


def _written(value: object) -> str:
    if isinstance(value, Source):
        return value.value
    assert isinstance(value, datetime)
    return value.isoformat()


def _read(kept: dict[str, Any], *, at: datetime) -> Told:
    """Return what is kept; what was kept as one middle of all deliveries is one word that counts as often."""
    if "words" not in kept:
        return Told(words=(Word(source=Source.DELIVERY, at=at, **kept),))
    asked = kept["asked_at"]
    return Told(
        words=tuple(_word(each) for each in kept["words"]), asked_at=datetime.fromisoformat(asked) if asked else None
    )


def _word(kept: dict[str, Any]) -> Word:
    ended = kept["ended_at"]
    times = {"at": datetime.fromisoformat(kept["at"]), "ended_at": datetime.fromisoformat(ended) if ended else None}
    return Word(**{**kept, **times, "source": Source(kept["source"])})

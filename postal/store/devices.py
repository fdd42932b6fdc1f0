"""Workstations and phones, what they did as a whole while nobody heard them, and the codes that were kept for them."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from postal.domain.lifecycle import Overtaken
from postal.store import driver
from postal.store.driver import Question
from postal.store.sealing import Sealer
from postal.store.tables import BlankCodeRow, DeviceEntryRow, DeviceRow, table_of


class EntryState(Enum):
    """Where an entry stands: it waits to be carried out, it was, or a person settled it in another way."""

    WAITING = "waiting"
    DONE = "done"
    SETTLED = "settled"


@dataclass(frozen=True, kw_only=True, slots=True)
class Device:
    """A workstation or phone. `seen_at` is when it spoke to us last, `revoked_at` from when nothing of it counts."""

    code: str
    kind: str
    place: str
    account: str
    name: str
    enrolled_at: datetime
    enrolled_by: str
    revoked_at: datetime | None = None
    revoked_by: str = ""
    seen_at: datetime | None = None

    @property
    def is_revoked(self) -> bool:
        """Tell whether somebody has taken its trust away."""
        return self.revoked_at is not None


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """What a device did as a whole, as it was sent. `claimed_at` is set when nobody trusts what its clock said.

    `outcome` is the code it became, or the refusal of the last try with its sentence in `why`; `incident` the record
    that somebody answers; `note` the number of the text of who settled it.
    """

    id: bytes
    fingerprint: bytes
    device: str
    device_seq: int
    account: str
    place: str
    kind: str
    subject: str
    occurred_at: datetime
    recorded_at: datetime
    content: str
    claimed_at: datetime | None = None
    sent_at: datetime | None = None
    state: EntryState = EntryState.WAITING
    outcome: str = ""
    why: str = ""
    tries: int = 0
    tried_at: datetime | None = None
    incident: str = ""
    settled_at: datetime | None = None
    settled_by: str = ""
    note: str = ""

    @property
    def is_waiting(self) -> bool:
        """Tell whether it is still to be carried out."""
        return self.state is EntryState.WAITING

    @property
    def fits(self) -> bool:
        """Tell whether it was carried out and nothing about it has to be looked at."""
        return self.state is not EntryState.WAITING and not self.why


@dataclass(frozen=True, kw_only=True, slots=True)
class Blank:
    """A code kept for a workstation, with the code of the item; a registration without network binds both."""

    code: str
    item: str
    device: str
    issued_at: datetime
    bound_at: datetime | None = None


class Devices:
    """Workstations and phones that are known to us."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._table = table_of(DeviceRow)

    def add(self, device: Device, *, secret: str) -> None:
        """Keep a new device, and the digest of the secret its browser proves itself by."""
        names = ("code", "kind", "place", "account", "name", "enrolled_at", "enrolled_by", "revoked_by", "seen_at")
        values = {name: getattr(device, name) for name in names}
        self._connection.execute(insert(self._table).values(**values, digest=_digest(secret)))

    def get(self, code: str) -> Device | None:
        """Return a device by its code, or None."""
        row = self._connection.execute(select(self._table).where(self._table.c.code == code)).mappings().first()
        return None if row is None else _device(row)

    def proven(self, code: str, secret: str) -> Device | None:
        """Return the device whose secret this is, or None; a revoked one still proves which it is."""
        same = (self._table.c.code == code) & (self._table.c.digest == _digest(secret))
        row = self._connection.execute(select(self._table).where(same)).mappings().first()
        return None if row is None else _device(row)

    def of(self, place: str | None = None) -> list[Device]:
        """Return the devices of a place, or of all places, those in use first."""
        query = select(self._table).order_by(self._table.c.place, self._table.c.name, self._table.c.code)
        rows = self._connection.execute(query.where(self._table.c.place == place) if place is not None else query)
        return sorted((_device(row) for row in rows.mappings()), key=lambda device: device.is_revoked)

    def touch(self, code: str, *, at: datetime) -> None:
        """Say that a device spoke to us; an earlier time than we know changes nothing."""
        is_newer = or_(self._table.c.seen_at.is_(None), self._table.c.seen_at < at)
        self._connection.execute(update(self._table).where(self._table.c.code == code, is_newer).values(seen_at=at))

    def revoke(self, code: str, *, at: datetime, by: str) -> bool:
        """Take the trust of a device away from a time on; False when somebody did before."""
        alive = (self._table.c.code == code) & self._table.c.revoked_at.is_(None)
        written = self._connection.execute(update(self._table).where(alive).values(revoked_at=at, revoked_by=by))
        return written.rowcount == 1


class Entries:
    """What devices did as a whole: kept before anything else, sealed, its number never expires."""

    def __init__(self, connection: Connection, *, sealer: Sealer) -> None:
        self._connection = connection
        self._sealer = sealer
        self._table = table_of(DeviceEntryRow)

    def keep_all(self, entries: Sequence[Entry]) -> None:
        """Keep new entries. Raises: Overtaken when one of them is being kept elsewhere at this moment."""
        if not entries:
            return
        rows = [self._row(entry) for entry in sorted(entries, key=lambda entry: entry.id)]
        try:
            self._connection.execute(insert(self._table), rows)
        except IntegrityError as error:
            raise Overtaken(thing="Việc ngoại tuyến") from error

    def known(self, ids: Collection[bytes]) -> dict[bytes, Entry]:
        """Return entries by their numbers; new ones are absent."""
        return self.of(driver.ask(self._connection, self.which(ids)))

    def of(self, numbers: Collection[bytes]) -> dict[bytes, Entry]:
        """Return entries by their numbers, which are known; none is asked for where there is no number."""
        return {each.id: each for each in self._found(self._table.c.id.in_(numbers))} if numbers else {}

    def which(self, ids: Collection[bytes]) -> Question[list[bytes]]:
        """Ask which of some numbers are known."""
        return driver.rows_among(self._connection, self._table, {"id": ids}, names=("id",), read=_numbers)

    def get(self, entry_id: bytes) -> Entry | None:
        """Return an entry, or None."""
        return self.known([entry_id]).get(entry_id)

    def waiting_of(self, device: str, *, account: str) -> list[Entry]:
        """Return what waits of one device and account, in the order of the device's own count."""
        numbers = driver.ask(self._connection, self.which_wait(device, account=account))
        return self._in_turn([*self.of(numbers).values()])

    def which_wait(self, device: str, *, account: str) -> Question[list[bytes]]:
        """Ask for the numbers of what waits of one device and account."""
        told = {"device": device, "account": account, "state": EntryState.WAITING.value}
        return driver.rows_matching(self._connection, self._table, told, names=("id",), read=_numbers)

    def waiting_about(self, subjects: Collection[str]) -> list[Entry]:
        """Return what waits about some codes, whoever told it."""
        if not subjects:
            return []
        return self._in_turn(self._found(self._is_waiting, self._table.c.subject.in_(sorted(subjects))))

    def due(self, *, before: datetime, limit: int) -> list[Entry]:
        """Return what waits and was not tried since a time, the longest untried first."""
        untried = or_(self._table.c.tried_at.is_(None), self._table.c.tried_at < before)
        order = (func.coalesce(self._table.c.tried_at, self._table.c.recorded_at), self._table.c.device_seq)
        query = select(self._table).where(self._is_waiting, untried).order_by(*order).limit(limit)
        return [self._entry(row) for row in self._connection.execute(query).mappings()]

    def overdue(self, *, since: datetime, limit: int) -> list[Entry]:
        """Return what waits since before a time and nobody answers for yet, oldest first."""
        old = and_(self._table.c.recorded_at <= since, self._table.c.incident == "")
        query = select(self._table).where(self._is_waiting, old).order_by(self._table.c.recorded_at).limit(limit)
        return [self._entry(row) for row in self._connection.execute(query).mappings()]

    def waiting_at(self, place: str | None) -> list[Entry]:
        """Return what waits of the people of a place, of all places for None, oldest first."""
        here = [] if place is None else [self._table.c.place == place]
        return sorted(self._found(self._is_waiting, *here), key=lambda entry: (entry.recorded_at, entry.device_seq))

    def take(self, entry_id: bytes, *, outcome: str) -> bool:
        """Say that an entry is done; False when it does not wait any more, so that nobody else does it as well."""
        return self._swap(entry_id, {"state": EntryState.DONE.value, "outcome": outcome[:128], "why": None})

    def conclude(self, entry_id: bytes, *, outcome: str, why: str, incident: str) -> None:
        """Say what became of an entry that was taken in this transaction, and what of it has to be looked at."""
        values = {"outcome": outcome[:128], "why": self._why(entry_id, why), "incident": incident}
        self._connection.execute(update(self._table).where(self._table.c.id == entry_id).values(**values))

    def refused(self, entry: Entry, *, outcome: str, why: str, at: datetime) -> bool:
        """Say why an entry could not be carried out now; it goes on waiting."""
        values = {
            "tries": entry.tries + 1,
            "tried_at": at,
            "outcome": outcome[:128],
            "why": self._why(entry.id, why),
        }
        return self._swap(entry.id, values)

    def answered_by(self, entry_id: bytes, incident: str) -> bool:
        """Say which record answers for an entry that waits."""
        return self._swap(entry_id, {"incident": incident})

    def settle(self, entry_id: bytes, *, note: str, by: str, at: datetime) -> bool:
        """Say that a person settled an entry in another way; False when it does not wait any more."""
        values = {"state": EntryState.SETTLED.value, "settled_at": at, "settled_by": by, "note": note, "why": None}
        return self._swap(entry_id, values)

    # --- rows ---------------------------------------------------------------------------------------------------------

    @property
    def _is_waiting(self) -> ColumnElement[bool]:
        return self._table.c.state == EntryState.WAITING.value

    def _swap(self, entry_id: bytes, values: Mapping[str, object]) -> bool:
        mine = (self._table.c.id == entry_id) & self._is_waiting
        return self._connection.execute(update(self._table).where(mine).values(**values)).rowcount == 1

    def _found(self, *where: ColumnElement[bool]) -> list[Entry]:
        rows = self._connection.execute(select(self._table).where(*where)).mappings()
        return [self._entry(row) for row in rows]

    def _in_turn(self, found: Sequence[Entry]) -> list[Entry]:
        return sorted(found, key=lambda entry: (entry.device, entry.account, entry.device_seq, entry.id))

    def _row(self, entry: Entry) -> dict[str, object]:
        return {
            **{name: getattr(entry, name) for name in _PLAIN},
            "state": entry.state.value,
            "sealed": self._sealer.seal(entry.content.encode(), place=_place(entry.id)),
            "why": self._why(entry.id, entry.why),
        }

    def _why(self, entry_id: bytes, text: str) -> bytes | None:
        return self._sealer.seal(text.encode(), place=f"{_place(entry_id)}|why") if text else None

    def _entry(self, row: RowMapping) -> Entry:
        place = _place(row["id"])
        return Entry(
            **{name: row[name] for name in _PLAIN},
            state=EntryState(row["state"]),
            content=self._sealer.open(row["sealed"], place=place).decode(),
            why=self._sealer.open(row["why"], place=f"{place}|why").decode() if row["why"] else "",
        )


class Blanks:
    """Codes kept ahead for workstations; nobody else may use them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._table = table_of(BlankCodeRow)

    def add_all(self, blanks: Sequence[Blank]) -> None:
        """Keep new codes for workstations. Raises: Overtaken when one of them was drawn elsewhere at this moment."""
        names = ("code", "item", "device", "issued_at", "bound_at")
        rows = [{name: getattr(blank, name) for name in names} for blank in blanks]
        if not rows:
            return
        try:
            self._connection.execute(insert(self._table), rows)
        except IntegrityError as error:
            raise Overtaken(thing="Khối mã") from error

    def unused(self, device: str) -> list[Blank]:
        """Return the codes of a workstation that are not bound yet, in the order of issue."""
        mine = (self._table.c.device == device) & self._table.c.bound_at.is_(None)
        query = select(self._table).where(mine).order_by(self._table.c.issued_at, self._table.c.code)
        return [_blank(row) for row in self._connection.execute(query).mappings()]

    def of(self, codes: Collection[str]) -> list[Blank]:
        """Return the kept codes among some codes of dossiers or items, bound or not."""
        wanted = sorted(codes)
        query = select(self._table).where(or_(self._table.c.code.in_(wanted), self._table.c.item.in_(wanted)))
        return [_blank(row) for row in self._connection.execute(query).mappings()]

    def bind(self, code: str, *, at: datetime) -> bool:
        """Use a code; False when it was used before."""
        free = (self._table.c.code == code) & self._table.c.bound_at.is_(None)
        return self._connection.execute(update(self._table).where(free).values(bound_at=at)).rowcount == 1

    def counts(self) -> dict[str, tuple[int, int]]:
        """Return how many codes each workstation was given and how many of them are bound."""
        bound = func.count(self._table.c.bound_at)
        query = select(self._table.c.device, func.count(), bound).group_by(self._table.c.device)
        return {device: (given, used) for device, given, used in self._connection.execute(query)}


_PLAIN = (
    "id",
    "fingerprint",
    "device",
    "device_seq",
    "account",
    "place",
    "kind",
    "subject",
    "occurred_at",
    "recorded_at",
    "claimed_at",
    "sent_at",
    "outcome",
    "tries",
    "tried_at",
    "incident",
    "settled_at",
    "settled_by",
    "note",
)
"""What of an entry stands in its row as it is."""


def _numbers(rows: Sequence[Any]) -> list[bytes]:
    return [number for (number,) in rows]


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def _place(entry_id: bytes) -> str:
    return f"device_entry|{entry_id.hex()}"


def _device(row: RowMapping) -> Device:
    return Device(**{name: value for name, value in row.items() if name != "digest"})


def _blank(row: RowMapping) -> Blank:
    return Blank(**row)

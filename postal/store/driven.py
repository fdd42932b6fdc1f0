"""What was recorded on runs: when and where something happened at each door, in the order in which it was told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Row, select

from postal.domain import proofs
from postal.domain.events import (
    AttemptFailed,
    Delivered,
    Event,
    InvitationLeft,
    PickupFailed,
    PickupMade,
    PlannedStop,
)
from postal.domain.proofs import Spot
from postal.domain.run import DeliveryRun, RunState
from postal.store.ledger import read_event
from postal.store.reader import Reader
from postal.store.tables import DeviceEntryRow, EventRow, RunRow, table_of

Visit = Delivered | AttemptFailed | InvitationLeft | PickupMade | PickupFailed

VISITS: tuple[type[Visit], ...] = (Delivered, AttemptFailed, InvitationLeft, PickupMade, PickupFailed)

LIVE_WITHIN = timedelta(minutes=1)
"""What is heard so soon after it happened was told on line; anything else waited on a phone."""

AT_A_TIME = 400
"""Things that are asked for in one statement."""

DONE: frozenset[type[Event]] = frozenset((Delivered, InvitationLeft, PickupMade))
"""The visits that ended as planned."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """Something recorded at a door of a run. `turn` is its place in the order in which it was told, never a clock's.

    `was_offline`: the time is that of the phone, which agreed with ours within five minutes; without `has_time` nobody
    trusts it, and `at` is when we heard. `spot` is None where the phone did not say where it was, or it was erased;
    `planned` is where the door was thought to be before, None when nobody knew more than the commune.
    """

    turn: int
    stop: int
    thing: str
    version: int
    kind: type[Event]
    account: str
    at: datetime
    has_time: bool
    was_offline: bool
    spot: Spot | None
    planned: Spot | None

    @property
    def is_done(self) -> bool:
        """Tell whether the visit ended as planned."""
        return self.kind in DONE


def marks(reader: Reader, runs: Sequence[DeliveryRun]) -> dict[str, tuple[Mark, ...]]:
    """Return by run what was recorded at its doors, as it was told."""
    stop_of = {(run.code, thing): stop for run in runs for stop in run.stops for thing in _things(stop)}
    rows = _visits(reader, sorted({thing for _, thing in stop_of}))
    visits = [(row, event) for row, event in rows if (event.run, row.stream) in stop_of]
    texts = reader.texts.get(sorted({event.where for _, event in visits if event.where}))
    untrusted = _untrusted(reader, [row.id for row, _ in visits])
    found: dict[str, list[Mark]] = {run.code: [] for run in runs}
    for row, event in visits:
        text = texts.get(event.where, "")
        found[event.run].append(
            Mark(
                turn=row.seq,
                stop=stop_of[event.run, row.stream].number,
                thing=row.stream,
                version=row.version,
                kind=type(event),
                account=event.by.account,
                at=event.occurred_at,
                has_time=row.id not in untrusted,
                was_offline=row.recorded_at - event.occurred_at > LIVE_WITHIN or row.id in untrusted,
                spot=proofs.read(text),
                planned=proofs.planned_point(text),
            )
        )
    return {code: tuple(own) for code, own in found.items()}


def runs_of(reader: Reader, thing: str) -> list[str]:
    """Return the runs on which somebody was at the door of an item or a home pickup, each once, oldest first."""
    return list(dict.fromkeys(event.run for _, event in _visits(reader, [thing]) if event.run))


def planned_spot(mark: Mark, stop: PlannedStop) -> Spot | None:
    """Return where a visit was expected: the door as it was known then, else the middle of the commune."""
    if mark.planned is not None:
        return mark.planned
    if stop.lat is None or stop.lon is None:
        return None
    return Spot(lat=stop.lat, lon=stop.lon, accuracy_m=stop.uncertainty_m or 0)


def closed_runs(reader: Reader, office: str, *, since: date, until: date, limit: int) -> list[DeliveryRun]:
    """Return the newest closed runs of an office from one day to another, oldest first."""
    table = table_of(RunRow)
    in_time = (table.c.day >= since) & (table.c.day <= until) & (table.c.run_state == RunState.CLOSED.value)
    query = select(table.c.state).where(table.c.office == office, in_time)
    newest = reader.things(DeliveryRun, query.order_by(table.c.day.desc(), table.c.code).limit(limit))
    return newest[::-1]


def offices_with_runs(reader: Reader, *, since: date) -> list[str]:
    """Return the offices that closed a run since a day."""
    table = table_of(RunRow)
    closed = (table.c.day >= since) & (table.c.run_state == RunState.CLOSED.value)
    return [row.office for row in reader.rows(select(table.c.office).where(closed).distinct().order_by(table.c.office))]


def _things(stop: PlannedStop) -> tuple[str, ...]:
    return (*stop.items, *stop.invitations, *stop.pickups)


def _visits(reader: Reader, things: Sequence[str]) -> list[tuple[Row[Any], Visit]]:
    """Return the visits about some things in the order in which they were told; none is ever struck out."""
    table = table_of(EventRow)
    columns = [table.c[name] for name in ("seq", "id", "stream", "version", "kind", "data", "recorded_at")]
    kinds = [kind.__name__ for kind in VISITS]
    rows: list[Row[Any]] = []
    for first in range(0, len(things), AT_A_TIME):
        mine = table.c.stream.in_(things[first : first + AT_A_TIME]) & table.c.kind.in_(kinds)
        rows += reader.rows(select(*columns).where(mine))
    told = [(row, read_event(row.kind, row.data)) for row in sorted(rows, key=lambda row: int(row.seq))]
    return [(row, event) for row, event in told if isinstance(event, VISITS)]


def _untrusted(reader: Reader, ids: Sequence[bytes]) -> frozenset[bytes]:
    """Return the visits that devices told with a clock nobody trusts."""
    table, found = table_of(DeviceEntryRow), set[bytes]()
    for first in range(0, len(ids), AT_A_TIME):
        mine = table.c.id.in_(ids[first : first + AT_A_TIME]) & table.c.claimed_at.is_not(None)
        found |= {bytes(row.id) for row in reader.rows(select(table.c.id).where(mine))}
    return frozenset(found)

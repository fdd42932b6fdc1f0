"""What a query works with: a connection for SELECT and the registers that open sealed values."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, Executable, Row, Select, select

from postal.domain.bag import Bag
from postal.domain.cash import CashHandover
from postal.domain.chain import Read
from postal.domain.dispatch import Dispatch
from postal.domain.dossier import Dossier
from postal.domain.events import Event
from postal.domain.handover import HandoverRecord
from postal.domain.home_pickup import HomePickup
from postal.domain.incident import Incident
from postal.domain.item import Item
from postal.domain.run import DeliveryRun
from postal.domain.shift import PositionHolding
from postal.store import codec
from postal.store.inspection import Inspection
from postal.store.ledger import FAMILIES, STEP_COLUMNS, read_step, reads_of
from postal.store.registers import Registers, Transaction
from postal.store.sealing import Sealer
from postal.store.tables import EventRow, table_of

T = TypeVar(
    "T", Item, Bag, Dossier, HandoverRecord, DeliveryRun, PositionHolding, CashHandover, HomePickup, Dispatch, Incident
)

_BEGINNING_OF_TIME = datetime(1970, 1, 1, tzinfo=UTC)


class Reader(Registers):
    """A snapshot to read. It writes nothing: the block it lives in is rolled back."""

    def __init__(
        self,
        connection: Connection,
        *,
        at: datetime | None,
        sealer: Sealer,
        token_bytes: Callable[[int], bytes],
    ) -> None:
        super().__init__(
            Transaction(connection=connection, at=at or _BEGINNING_OF_TIME, sealer=sealer, token_bytes=token_bytes)
        )
        self._connection = connection
        self.inspection = Inspection(connection)

    def rows(self, query: Executable) -> Sequence[Row[Any]]:
        """Return the rows of a SELECT."""
        return self._connection.execute(query).all()

    def scalar(self, query: Select[Any]) -> Any:
        """Return the first column of the first row, or None."""
        return self._connection.execute(query).scalar()

    def things(self, kind: type[T], query: Select[Any]) -> list[T]:
        """Return the things whose `state` column a SELECT gives first."""
        return [codec.loads(state, kind) for state in self._connection.execute(query).scalars()]

    def thing(self, kind: type[T], code: str) -> T | None:
        """Return one thing by its code, or None."""
        table = FAMILIES[kind].table
        found = self.things(kind, select(table.c.state).where(table.c.code == code))
        return found[0] if found else None

    def items_of(self, dossier: str) -> list[Item]:
        """Return every item of a dossier, oldest first."""
        table = FAMILIES[Item].table
        found = self.things(Item, select(table.c.state).where(table.c.dossier == dossier))
        return sorted(found, key=lambda item: (item.registered_at, item.code))

    def many(self, kind: type[T], codes: Sequence[str]) -> dict[str, T]:
        """Return things by their codes; unknown codes are absent."""
        table = FAMILIES[kind].table
        found = self.things(kind, select(table.c.state).where(table.c.code.in_(codes)))
        return {thing.code: thing for thing in found}

    def has_dossiers(self) -> bool:
        """Tell whether anybody has registered a dossier yet."""
        table = FAMILIES[Dossier].table
        return self._connection.execute(select(table.c.code).limit(1)).first() is not None

    def positions_of(self, account: str) -> list[str]:
        """Return the keys of the positions somebody answers for now."""
        table = FAMILIES[PositionHolding].table
        return list(self._connection.execute(select(table.c.code).where(table.c.holder == account)).scalars())

    def events(self, streams: Sequence[str]) -> list[tuple[str, int, datetime, Event]]:
        """Return (stream, version, recorded_at, event) of streams, as far as it counts.

        They come in the order of arrival; what devices told stands where it belongs, as the event it amounts to.
        """
        return [
            (code, each.step.version, at, each.event) for code, at, each in self.reads(streams) if not each.is_struck
        ]

    def reads(self, streams: Sequence[str]) -> list[tuple[str, datetime, Read]]:
        """Return (stream, recorded_at, what it amounts to) of every event, also of what was corrected.

        Each stream takes the places its own events have in the order of arrival.
        """
        table = table_of(EventRow)
        columns = (getattr(table.c, name) for name in (*STEP_COLUMNS, "seq", "recorded_at"))
        rows = self.rows(select(*columns).where(table.c.stream.in_(streams)).order_by(table.c.seq))
        by_stream: dict[str, list[Row[Any]]] = {}
        for row in rows:
            by_stream.setdefault(row.stream, []).append(row)
        found = [told for stream, own in by_stream.items() for told in _in_places(stream, own)]
        return [told for _, told in sorted(found, key=lambda placed: placed[0])]


def _in_places(stream: str, rows: Sequence[Row[Any]]) -> list[tuple[int, tuple[str, datetime, Read]]]:
    """Return what the rows of a stream amount to, each with a place in the order of arrival."""
    recorded = {row.version: row.recorded_at for row in rows}
    reads = reads_of(stream, [read_step(row) for row in rows])
    return [(row.seq, (stream, recorded[each.step.version], each)) for row, each in zip(rows, reads, strict=True)]

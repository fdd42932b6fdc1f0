"""What a query works with: a connection for SELECT and the registers that open sealed values."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, Executable, Row, Select, select

from postal.domain.cash import CashHandover
from postal.domain.dossier import Dossier
from postal.domain.events import Event
from postal.domain.handover import HandoverRecord
from postal.domain.home_pickup import HomePickup
from postal.domain.item import Item
from postal.domain.run import DeliveryRun
from postal.domain.shift import PositionHolding
from postal.store import codec
from postal.store.inspection import Inspection
from postal.store.ledger import FAMILIES, read_event
from postal.store.registers import Registers, Transaction
from postal.store.sealing import Sealer
from postal.store.tables import EventRow, table_of

T = TypeVar("T", Item, Dossier, HandoverRecord, DeliveryRun, PositionHolding, CashHandover, HomePickup)

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
        """Return (stream, version, recorded_at, event) of streams, in the order of arrival."""
        table = table_of(EventRow)
        query = (
            select(table.c.stream, table.c.version, table.c.recorded_at, table.c.kind, table.c.data)
            .where(table.c.stream.in_(streams))
            .order_by(table.c.seq)
        )
        return [(row.stream, row.version, row.recorded_at, read_event(row.kind, row.data)) for row in self.rows(query)]

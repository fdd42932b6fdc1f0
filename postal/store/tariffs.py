"""The register of price tables: all of a kind at a time, for they only hold together."""

from collections.abc import Sequence
from typing import TypeVar

from sqlalchemy import Column, Connection, String, Text, delete, insert, select, text
from sqlmodel import Field, SQLModel

from postal.domain.tariffs import PostagePrice, StateFee
from postal.store import codec
from postal.store.tables import table_of

P = TypeVar("P", bound=PostagePrice | StateFee)


class TariffRow(SQLModel, table=True):
    """One price of a table: a step of the postage, or a fee of the state."""

    __tablename__ = "tariff"

    kind: str = Field(sa_column=Column(String(16), primary_key=True))
    key: str = Field(sa_column=Column(String(512), primary_key=True))
    state: str = Field(sa_column=Column(Text, nullable=False))


_TARIFF = table_of(TariffRow)
_KINDS: dict[type[object], str] = {PostagePrice: "postage", StateFee: "fee"}


class Tariffs:
    """The price tables inside one transaction or snapshot."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self, kind: type[P]) -> tuple[P, ...]:
        """Return every price of a kind, past and coming ones too, by key."""
        query = select(_TARIFF.c.state).where(_TARIFF.c.kind == _KINDS[kind]).order_by(_TARIFF.c.key)
        return tuple(codec.loads(state, kind) for state in self._connection.execute(query).scalars())

    def hold(self) -> None:
        """Let nobody else change price tables until this transaction ends; SQLite has one writer anyway."""
        if self._connection.dialect.name == "postgresql":
            self._connection.execute(text('LOCK TABLE "tariff" IN SHARE ROW EXCLUSIVE MODE'))

    def put_all(self, kind: type[P], prices: Sequence[P]) -> None:
        """Keep these prices and no others of the kind."""
        self._connection.execute(delete(_TARIFF).where(_TARIFF.c.kind == _KINDS[kind]))
        rows = [{"kind": _KINDS[kind], "key": each.key, "state": codec.dumps(each)} for each in prices]
        if rows:
            self._connection.execute(insert(_TARIFF), rows)

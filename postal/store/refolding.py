"""After an upgrade: every state folded again from its events, and the books of money that had none.

States are projections; a newer version knows more about the same events. The ledger itself is never touched.
"""

from itertools import groupby
from typing import Any

from sqlalchemy import Connection, insert, select, update

from postal.store.ledger import FAMILIES, Family, columns_of, postings_of, read_event
from postal.store.tables import EventRow, PostingRow, table_of

_EVENTS = table_of(EventRow)


def refold(connection: Connection) -> None:
    """Fold every stream again; write the lines of the books where there are none at all."""
    has_books = connection.execute(select(table_of(PostingRow).c.seq).limit(1)).first() is not None
    for family in FAMILIES.values():
        _family(connection, family, with_books=not has_books)


def _family(connection: Connection, family: Family, *, with_books: bool) -> None:
    query = (
        select(_EVENTS.c.stream, _EVENTS.c.version, _EVENTS.c.kind, _EVENTS.c.data)
        .where(_EVENTS.c.family == family.name)
        .order_by(_EVENTS.c.stream, _EVENTS.c.version)
    )
    for code, rows in groupby(connection.execute(query).all(), key=lambda row: str(row.stream)):
        thing: Any = None
        lines: list[dict[str, Any]] = []
        for row in rows:
            event = read_event(row.kind, row.data)
            thing = family.begin(code, event) if thing is None else thing.evolve(event)
            lines += postings_of(thing, event, version=row.version)
        connection.execute(update(family.table).where(family.table.c.code == code).values(**columns_of(thing)))
        if with_books and lines:
            connection.execute(insert(table_of(PostingRow)), lines)

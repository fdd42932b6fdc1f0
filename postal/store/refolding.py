"""After an upgrade: every state folded again from its events, and the books of money that had none.

States are projections; a newer version knows more about the same events. The ledger itself is never touched.
"""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, insert, select, update

from postal.domain.chain import Step
from postal.store.inspection import laid
from postal.store.ledger import FAMILIES, STEP_COLUMNS, Family, columns_of, folded, postings_of, read_step
from postal.store.tables import EventRow, PostingRow, table_of

_EVENTS = table_of(EventRow)


def refold(connection: Connection) -> None:
    """Fold every stream again; write the lines of the books where there are none at all."""
    has_books = connection.execute(select(table_of(PostingRow).c.seq).limit(1)).first() is not None
    for family in FAMILIES.values():
        _family(connection, family, with_books=not has_books)


def _family(connection: Connection, family: Family, *, with_books: bool) -> None:
    columns = (getattr(_EVENTS.c, name) for name in STEP_COLUMNS)
    in_order = (_EVENTS.c.stream, _EVENTS.c.version)
    query = select(*columns).where(_EVENTS.c.family == family.name).order_by(*in_order)
    for code, rows in groupby(connection.execute(query).all(), key=lambda row: str(row.stream)):
        steps = [read_step(row) for row in rows]
        thing = laid(connection, folded(family, code, steps))
        connection.execute(update(family.table).where(family.table.c.code == code).values(**columns_of(thing)))
        if with_books and (lines := _lines(family, code, steps)):
            connection.execute(insert(table_of(PostingRow)), lines)


def _lines(family: Family, code: str, steps: Sequence[Step]) -> list[dict[str, Any]]:
    """Return the lines of the books that the events of a stream make."""
    thing: Any = None
    lines: list[dict[str, Any]] = []
    for step in steps:
        thing = family.begin(code, step.event) if thing is None else thing.evolve(step.event)
        lines += postings_of(thing, step.event, version=step.version)
    return lines

"""What a demo shows first: one dossier worth looking at, as the citizen's link opens it."""

from sqlalchemy import select

from postal.domain.events import ItemKind
from postal.domain.item import Custody
from postal.store import Reader, Store
from postal.store.tables import ItemRow, table_of


def citizen_secret(store: Store) -> str:
    """Return the secret of a dossier whose result is nearly at the door; empty when there is none."""
    with store.read() as reader:
        for dossier in _candidates(reader):
            receipt = reader.receipts.current(dossier)
            if receipt is not None:
                return receipt.secret
    return ""


def _candidates(reader: Reader) -> list[str]:
    """Return dossiers, those whose result travels first, then the newest envelopes."""
    table = table_of(ItemRow)
    query = select(table.c.dossier).where(table.c.custody != Custody.VOIDED.value)
    moving = query.where(
        table.c.kind == ItemKind.RESULT.value, table.c.custody == Custody.HELD.value, table.c.trouble == ""
    )
    order = (table.c.last_at.desc(), table.c.code)
    rows = [*reader.rows(moving.order_by(*order).limit(20)), *reader.rows(query.order_by(*order).limit(20))]
    return [row.dossier for row in rows]

"""Figures of a whole database: how many dossiers in which state, hand-overs, discrepancies, events."""

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import func, select

from postal.domain import status
from postal.domain.dossier import Dossier
from postal.domain.handover import HandoverRecord
from postal.domain.item import Item
from postal.domain.status import Status
from postal.store import Reader, Store
from postal.store.tables import DossierRow, EventRow, HandoverRow, ItemRow, table_of


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """What a database holds. A discrepancy is a line of a hand-over record that the receiver did not take."""

    dossiers: int
    delivered: int
    by_status: dict[str, int]
    handovers: int
    discrepancies: int
    events: int


def figures(store: Store) -> Figures:
    """Count everything, from one snapshot."""
    with store.read() as reader:
        words = _words(reader)
        records = reader.things(HandoverRecord, select(table_of(HandoverRow).c.state))
        return Figures(
            dossiers=words.total(),
            delivered=words[Status.DELIVERED],
            by_status={word.value: words[word] for word in Status if words[word]},
            handovers=len(records),
            discrepancies=sum(len(record.declined) for record in records),
            events=int(reader.scalar(select(func.count()).select_from(table_of(EventRow)))),
        )


def _words(reader: Reader) -> Counter[Status]:
    items: dict[str, list[Item]] = {}
    for item in reader.things(Item, select(table_of(ItemRow).c.state)):
        items.setdefault(item.dossier, []).append(item)
    dossiers = reader.things(Dossier, select(table_of(DossierRow).c.state))
    return Counter(status.word(dossier, items.get(dossier.code, ())) for dossier in dossiers)

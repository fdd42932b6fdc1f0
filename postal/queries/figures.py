"""Figures of a whole database: how many dossiers in which state, hand-overs, discrepancies, events."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import func, select

from postal.domain import status
from postal.domain.dossier import AgencyStatus, Dossier
from postal.domain.events import ItemKind
from postal.domain.handover import HandoverRecord
from postal.domain.item import Item
from postal.domain.status import Status
from postal.store import Store
from postal.store.tables import DossierRow, EventRow, HandoverRow, ItemRow, table_of


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """What a database holds. A discrepancy is a line of a hand-over record that the receiver did not take.

    `open` are dossiers that somebody must still do something about: neither closed, voided nor turned back.
    """

    dossiers: int
    delivered: int
    by_status: dict[str, int]
    handovers: int
    discrepancies: int
    events: int
    items: dict[str, int]
    closed: int
    open: int


def figures(store: Store) -> Figures:
    """Count everything, from one snapshot."""
    with store.read() as reader:
        items = reader.things(Item, select(table_of(ItemRow).c.state))
        dossiers = reader.things(Dossier, select(table_of(DossierRow).c.state))
        words = _words(dossiers, items)
        kinds = Counter(item.kind for item in items)
        closed = sum(dossier.closed_at is not None for dossier in dossiers)
        records = reader.things(HandoverRecord, select(table_of(HandoverRow).c.state))
        return Figures(
            dossiers=words.total(),
            delivered=words[Status.DELIVERED],
            by_status={word.value: words[word] for word in Status if words[word]},
            handovers=len(records),
            discrepancies=sum(len(record.declined) for record in records),
            events=int(reader.scalar(select(func.count()).select_from(table_of(EventRow)))),
            items={kind.value: kinds[kind] for kind in ItemKind},
            closed=closed,
            open=sum(dossier.status not in _NEVER_CLOSED for dossier in dossiers) - closed,
        )


_NEVER_CLOSED = (AgencyStatus.VOIDED, AgencyStatus.TURNED_BACK)


def _words(dossiers: Iterable[Dossier], items: Iterable[Item]) -> Counter[Status]:
    envelopes: dict[str, list[Item]] = {}
    for item in items:
        envelopes.setdefault(item.dossier, []).append(item)
    return Counter(status.word(dossier, envelopes.get(dossier.code, ())) for dossier in dossiers)

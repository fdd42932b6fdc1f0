"""Who held a thing from when to when, and what the law says of complaints and compensation: facts for who decides."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from postal.domain import bag as bags
from postal.domain import calendars, compensation, liability
from postal.domain.bag import Bag
from postal.domain.compensation import Case, Fact
from postal.domain.dossier import Dossier
from postal.domain.events import Evidence, ItemKind
from postal.domain.item import Item
from postal.domain.liability import Holding, Moment
from postal.queries import lateness, timeline
from postal.queries.lateness import Ways
from postal.store import Reader, passages

NOT_SIGNED = "không cần bên khác ký"
BY_COUNT = "thiếu khi mở túi, bên này phải trả lời"


@dataclass(frozen=True, kw_only=True, slots=True)
class HoldingLine:
    """A stretch of custody as staff read it. `is_now` marks who answers today."""

    holder: str
    since: datetime
    until: datetime | None
    evidence: str
    signed_by: str
    bag: str
    is_now: bool


def holdings(reader: Reader, thing: Item | Bag) -> tuple[HoldingLine, ...]:
    """Return who answered for a thing from when to when, the time in bags included."""
    found = _of_item(reader, thing.code) if isinstance(thing, Item) else _of_bag(reader, thing.code)
    names = _names(reader, found)
    return tuple(
        HoldingLine(
            holder=str(each.custodian),
            since=each.since,
            until=each.until,
            evidence=BY_COUNT if each.by_count else _evidence(each.evidence),
            signed_by=names.get(each.account, each.account),
            bag=each.bag,
            is_now=each.until is None and not thing.is_final,
        )
        for each in found
    )


def facts(reader: Reader, item: Item, *, at: datetime) -> tuple[Fact, ...]:
    """Return the rules of complaint and compensation as they apply to an envelope."""
    dossier = reader.thing(Dossier, item.dossier)
    return compensation.facts(_case(reader, item, dossier, at=at)) if dossier else ()


def _of_item(reader: Reader, code: str) -> tuple[Holding, ...]:
    told = passages.of_items(reader, [code])[code]
    return liability.holdings(
        Moment(event=each.event, custodian=each.item.custodian, bag="" if each.stream == code else each.stream)
        for each in told
    )


def _of_bag(reader: Reader, code: str) -> tuple[Holding, ...]:
    happened = [event for *_, event in reader.events([code])]
    return liability.holdings(liability.moments(code, happened, begin=bags.begin))


def _names(reader: Reader, found: Sequence[Holding]) -> dict[str, str]:
    accounts = (reader.accounts.get(account) for account in sorted({each.account for each in found}))
    return {account.username: account.name for account in accounts if account}


def _evidence(grade: Evidence | None) -> str:
    return f"{grade.value} – {timeline.EVIDENCES[grade]}" if grade else NOT_SIGNED


def _case(reader: Reader, item: Item, dossier: Dossier, *, at: datetime) -> Case:
    ways = Ways(reader)
    due_on = dossier.expected_at_desk_on if item.kind is ItemKind.OUTBOUND else None
    if due_on is None:
        way = lateness.leg(ways, dossier, item, with_post_since=lateness.with_post_since(reader, item))
        due_on = way.due_on if way else None
    ended = item.last_at if item.is_final or item.is_at_destination else at
    return Case(
        due_on=due_on,
        postage=dossier.postage.collected or None,
        refunded=dossier.postage.refunded,
        is_intra=_is_intra(reader, item),
        was_accepted=bool(dossier.receipt_serial),
        is_late=None if due_on is None else calendars.local(ended).date() > due_on,
    )


def _is_intra(reader: Reader, item: Item) -> bool | None:
    found = reader.reference.places([item.origin, item.destination.place])
    provinces = {place.province_code for place in found.values() if place.province_code}
    return len(provinces) == 1 if len(found) == len({item.origin, item.destination.place}) and provinces else None

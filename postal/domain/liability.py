"""Who answered for a thing from when to when, read out of its own events and those of the bags it lay in."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from postal.domain import bag as bags
from postal.domain import events, item
from postal.domain.bag import Bag
from postal.domain.events import Event, Evidence
from postal.domain.item import Item
from postal.domain.people import Custodian


@dataclass(frozen=True, kw_only=True, slots=True)
class Holding:
    """A stretch in which one custodian answered; `until` is None while it lasts.

    `evidence` is None where nobody else signed: at the beginning, between own positions, by a count. `account` recorded
    the step that began it, `bag` is the bag by which it came.
    """

    custodian: Custodian
    since: datetime
    until: datetime | None
    evidence: Evidence | None
    account: str
    bag: str = ""


def holdings(
    code: str, happened: Sequence[Event], in_bags: Mapping[str, Sequence[Event]] | None = None
) -> tuple[Holding, ...]:
    """Return every stretch of custody of an item, oldest first; `in_bags` are the events of the bags it lay in."""
    found = [*_of_item(code, happened, in_bags or {})]
    return _closed(found)


def holdings_of_bag(code: str, happened: Sequence[Event]) -> tuple[Holding, ...]:
    """Return every stretch of custody of a bag, oldest first."""
    return _closed([*_of_bag(code, happened)])


def _closed(found: Sequence[Holding]) -> tuple[Holding, ...]:
    """Let each stretch end where the next begins, and join stretches of one custodian."""
    kept: list[Holding] = []
    for each in found:
        if kept and kept[-1].custodian.is_same_as(each.custodian):
            continue
        if kept:
            kept[-1] = replace(kept[-1], until=each.since)
        kept.append(each)
    return tuple(kept)


def _of_item(code: str, happened: Sequence[Event], in_bags: Mapping[str, Sequence[Event]]) -> Iterable[Holding]:
    thing: Item | None = None
    inside, packed_at = "", None
    for event in happened:
        if isinstance(event, events.Packed):
            inside, packed_at = event.bag, event.occurred_at
        elif inside and packed_at is not None and not isinstance(event, events.Sighted | events.Corrected):
            yield from _by_bag(inside, in_bags.get(inside, ()), since=packed_at, until=event.occurred_at)
            inside, packed_at = "", None
        thing = item.begin(code, event) if thing is None else thing.evolve(event)
        yield _holding(thing, event)
    if inside and packed_at is not None:
        yield from _by_bag(inside, in_bags.get(inside, ()), since=packed_at, until=None)


def _by_bag(code: str, happened: Sequence[Event], *, since: datetime, until: datetime | None) -> Iterable[Holding]:
    """Return who answered for a bag while the item lay in it."""
    for each in _of_bag(code, happened):
        if each.since >= since and (until is None or each.since <= until):
            yield replace(each, bag=code)


def _of_bag(code: str, happened: Sequence[Event]) -> Iterable[Holding]:
    bag: Bag | None = None
    for event in happened:
        bag = bags.begin(code, event) if bag is None else bag.evolve(event)
        yield _holding(bag, event)


def _holding(thing: Item | Bag, event: Event) -> Holding:
    return Holding(
        custodian=thing.custodian,
        since=event.occurred_at,
        until=None,
        evidence=_evidence(event),
        account=event.by.account,
    )


def _evidence(event: Event) -> Evidence | None:
    match event:
        case events.Accepted():
            return Evidence.A
        case events.SignedOnPaper(evidence=evidence) | events.Unpacked(evidence=evidence):
            return evidence
        case events.TakenOver() | events.FoundInBag():
            return Evidence.B
        case events.Registered(evidence=given):
            return given
        case _:
            return None

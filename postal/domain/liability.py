"""Who answered for a thing from when to when, read out of what happened to it and to the bags it lay in."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from postal.domain import events
from postal.domain.bag import Bag
from postal.domain.events import Event, Evidence
from postal.domain.item import Item
from postal.domain.people import Custodian


@dataclass(frozen=True, kw_only=True, slots=True)
class Holding:
    """A stretch in which one custodian answered; `until` is None while it lasts.

    `evidence` is None where nobody else signed: at the beginning, between own positions, by a count. `account` recorded
    the step that began it, `bag` is the bag by which it came, `by_count` that a count of a bag made it answerable.
    """

    custodian: Custodian
    since: datetime
    until: datetime | None
    evidence: Evidence | None
    account: str
    bag: str = ""
    by_count: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Moment:
    """An event, and who answered for the thing after it; `bag` is set where the event is the bag's."""

    event: Event
    custodian: Custodian
    bag: str = ""


def holdings(told: Iterable[Moment]) -> tuple[Holding, ...]:
    """Return every stretch of custody, oldest first, each ending where the next begins."""
    return _closed([_holding(each) for each in told])


def moments(code: str, happened: Sequence[Event], *, begin: Callable[[str, Event], Item | Bag]) -> tuple[Moment, ...]:
    """Return what happened to one thing alone, without the bags around it."""
    thing: Item | Bag | None = None
    told: list[Moment] = []
    for event in happened:
        thing = begin(code, event) if thing is None else thing.evolve(event)
        told.append(Moment(event=event, custodian=thing.custodian))
    return tuple(told)


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


def _holding(told: Moment) -> Holding:
    return Holding(
        custodian=told.custodian,
        since=told.event.occurred_at,
        until=None,
        evidence=_evidence(told.event),
        account=told.event.by.account,
        bag=told.bag,
        by_count=isinstance(told.event, events.Disputed),
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

"""Facts from devices that were offline: recorded in the order of the device, never refused for the life cycle.

One batch is one transaction. What cannot be taken for a fact is kept in quarantine; nothing that was sent is dropped.
"""

import hashlib
import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum

from postal.domain import codes, facts, handover, permissions, shift
from postal.domain.codes import CodeKind
from postal.domain.events import (
    Accepted,
    Claimed,
    Declined,
    Event,
    FactKind,
    HandedOver,
    RecordAccepted,
    TakenOver,
)
from postal.domain.facts import Doubt, Fact, Scene, Sent
from postal.domain.handover import HandoverRecord
from postal.domain.item import Item
from postal.domain.lifecycle import LabelBound, Overtaken
from postal.domain.people import (
    POSITION_SIDES,
    Actor,
    Custodian,
    CustodianKind,
    Role,
    Side,
    parse_position,
    person_custodian,
    position_custodian,
)
from postal.domain.places import PlaceKind
from postal.store import Ledger, Store
from postal.store.ledger import Mark, Recorded
from postal.store.registers import Kept

TRIES = 20
"""How often a batch is tried when others record the same things at the same moment."""

TAKEN_OFFLINE = "Nhận ngoại tuyến khi chưa được bàn giao trên hệ thống."
"""The reason that is kept with what was taken without an offer; the device asks for none."""

_SIDES: dict[PlaceKind, Side] = {
    PlaceKind.OFFICE: Side.POST,
    PlaceKind.DESK: Side.AUTHORITY,
    PlaceKind.DEPARTMENT: Side.AUTHORITY,
}


class Outcome(Enum):
    """What became of one line of a batch. Whatever it is, the device need not send the line again."""

    CREATED = "created"
    EXISTS = "exists"
    MISMATCH = "mismatch"
    QUARANTINED = "quarantined"


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """The answer to one line: its version in the item's history and whether it fitted, or the doubt about it."""

    id: bytes | None
    outcome: Outcome
    version: int | None = None
    fits: bool | None = None
    doubt: Doubt | None = None


def record_facts(store: Store, sent: Sequence[Sent], *, by: Actor, at: datetime) -> list[Answer]:
    """Record what one device sent and answer every line, in the order sent.

    The lines are taken in the order of the device's own count. A line that was recorded before is answered as it was
    then, however long ago. Raises: Overtaken when others write about the same items all the time; sent again, it goes.
    """
    for attempt in itertools.count(1):
        try:
            with store.begin(at=at) as ledger:
                return _Batch(ledger, by=by, at=at, attempt=attempt).answers(sent)
        except (Overtaken, LabelBound):  # somebody was quicker: look again at what is there now
            if attempt == TRIES:
                raise
    raise AssertionError("counting never ends")


@dataclass(kw_only=True)
class _Draft:
    """A hand-over record that comes into being with the offers of a batch."""

    giver: Custodian
    receiver: Custodian
    items: list[str]
    offered_at: datetime


@dataclass
class _Known:
    """What was in the database when the batch came, and what the batch has added since."""

    recorded: dict[bytes, Recorded]
    kept: dict[bytes, Kept]
    kept_contents: dict[bytes, Kept]
    items: dict[str, Item]
    happened: dict[str, list[Event]]
    shifts: dict[str, list[Event]]
    changes: list[tuple[Item, Event, Mark]] = field(default_factory=list)
    doubted: list[tuple[Kept, str]] = field(default_factory=list)
    drafts: dict[str, _Draft] = field(default_factory=dict)


class _Batch:
    """Takes the lines of one batch, one after the other, and writes them down together."""

    def __init__(self, ledger: Ledger, *, by: Actor, at: datetime, attempt: int) -> None:
        self.ledger = ledger
        self.by = by
        self.at = at
        self.attempt = attempt
        self.receivers: dict[str, Custodian | None] = {}

    def answers(self, sent: Sequence[Sent]) -> list[Answer]:
        """Record every line and return the answers in the order sent."""
        lines = facts.in_order(enumerate(sent))
        prints = [self.ledger.quarantine.fingerprint(self.by.account, line.content) for line in sent]
        self.known = self._look_up(sent, prints)
        found = {place: self._answer(line, prints[place]) for place, line in lines}
        self.ledger.append_marked(self.known.changes)
        self.ledger.quarantine.keep_all(self.known.doubted, by=self.by.as_author())
        self._draw_up_records()
        self._settle_records()
        return [found[place] for place in range(len(sent))]

    # --- what is there ------------------------------------------------------------------------------------------------

    def _look_up(self, sent: Sequence[Sent], prints: Sequence[bytes]) -> _Known:
        ids = {line.id for line in sent if line.id}
        kept = self.ledger.quarantine.known(ids=ids, fingerprints=set(prints))
        items = self.ledger.known_items({line.fact.item for line in sent if line.fact})
        happened = self.ledger.happened(items)
        return _Known(
            recorded=self.ledger.recorded(ids),
            kept={each.id: each for each in reversed(kept) if each.id and each.reason != Doubt.MISMATCH.value},
            kept_contents={each.fingerprint: each for each in kept},
            items=items,
            happened=happened,
            shifts=self.ledger.happened(_positions_in(items.values(), happened.values())),
        )

    # --- one line -----------------------------------------------------------------------------------------------------

    def _answer(self, line: Sent, fingerprint: bytes) -> Answer:
        if before := self._answer_given(line, fingerprint):
            return before
        if line.fact is None or line.id is None:
            return self._keep(line, fingerprint, line.doubt or Doubt.UNREADABLE)
        if doubt := self._doubt(line.fact):
            return self._keep(line, fingerprint, doubt)
        return self._record(line.fact, Mark(id=line.id, device_seq=line.fact.device_seq, fingerprint=fingerprint))

    def _answer_given(self, line: Sent, fingerprint: bytes) -> Answer | None:
        """Return the answer to a line whose number or content is known, None for a new one."""
        recorded = self.known.recorded.get(line.id) if line.id else None
        if recorded is not None and recorded.fingerprint == fingerprint:
            return _of_recorded(line, recorded, Outcome.EXISTS)
        if kept := self.known.kept_contents.get(fingerprint):
            return _of_kept(line, Doubt(kept.reason))
        if recorded is not None or (line.id and line.id in self.known.kept):
            return self._keep(line, fingerprint, Doubt.MISMATCH)
        return None

    def _doubt(self, fact: Fact) -> Doubt | None:
        """Return why a fact cannot be taken for true, None when it can."""
        if not permissions.may(self.by, facts.NEEDS[fact.kind]):
            return Doubt.FORBIDDEN
        if fact.occurred_at > self.at + facts.SKEW:
            return Doubt.IN_FUTURE
        if fact.item not in self.known.items:
            return Doubt.UNKNOWN_ITEM
        if fact.kind is FactKind.HANDED_OVER and self._receiver(fact.to) is None:
            return Doubt.UNKNOWN_RECEIVER
        return None

    def _keep(self, line: Sent, fingerprint: bytes, doubt: Doubt) -> Answer:
        kept = Kept(id=line.id, fingerprint=fingerprint, reason=doubt.value)
        self.known.doubted.append((kept, line.content))
        self.known.kept_contents[fingerprint] = kept
        if line.id and doubt is not Doubt.MISMATCH:
            self.known.kept[line.id] = kept
        return _of_kept(line, doubt)

    def _record(self, fact: Fact, mark: Mark) -> Answer:
        item = self.known.items[fact.item]
        event = self._event_of(fact, item, mark)
        self.known.changes.append((item, event, mark))
        self.known.items[item.code] = item.evolve(event)
        self.known.happened[item.code].append(event)
        recorded = Recorded(
            stream=item.code, version=item.version + 1, kind=type(event).__name__, fingerprint=mark.fingerprint
        )
        self.known.recorded[mark.id] = recorded
        return _of_recorded(Sent(content="", id=mark.id), recorded, Outcome.CREATED)

    def _event_of(self, fact: Fact, item: Item, mark: Mark) -> Event:
        by = self._as_then(fact.occurred_at)
        to = self._receiver(fact.to) if fact.kind is FactKind.HANDED_OVER else None
        record = self._record_for(item, to, mark) if to else ""
        scene = Scene(
            item=item,
            happened=tuple(self.known.happened[item.code]),
            by=by,
            to=to,
            own=self._own(by),
            record=record,
        )
        event = facts.event_of(fact, scene)
        if isinstance(event, HandedOver):
            self._put_on_record(event, item)
        if isinstance(event, TakenOver):
            return replace(event, reason=self.ledger.texts.put(item.dossier, TAKEN_OFFLINE))
        return event

    def _as_then(self, at: datetime) -> Actor:
        """Return who tells a fact with the positions he held when it happened, beside those he holds now."""
        then = {key for key, happened in self.known.shifts.items() if shift.holder_at(happened, at) == self.by.account}
        return replace(self.by, positions=self.by.positions | then)

    # --- who ----------------------------------------------------------------------------------------------------------

    def _receiver(self, key: str) -> Custodian | None:
        """Return the custodian of a key: a position of a unit, or a postman by the account; None for anything else."""
        if key not in self.receivers:
            self.receivers[key] = self._position(key) if ":" in key else self._postman(key)
        return self.receivers[key]

    def _position(self, key: str) -> Custodian | None:
        try:
            position = parse_position(key)
        except ValueError:  # a device can send anything
            return None
        place = self.ledger.reference.places([position.place]).get(position.place)
        if place is None or position.key != key or position.number < 1:
            return None
        is_its_own = POSITION_SIDES[position.kind] is _SIDES[place.kind]
        return position_custodian(position, unit_name=place.name) if is_its_own else None

    def _postman(self, username: str) -> Custodian | None:
        account = self.ledger.accounts.get(username)
        if account is None or Role.POSTMAN not in account.roles:
            return None
        return person_custodian(username, place=account.place, name=account.name)

    def _own(self, by: Actor) -> Custodian | None:
        """Return what somebody takes an item with that nobody offered him: his first position, or himself on a run."""
        held = [custodian for key in sorted(by.positions) if (custodian := self._receiver(key))]
        if held:
            return held[0]
        is_postman = Role.POSTMAN in by.roles
        return person_custodian(by.account, place=by.place, name=by.name) if is_postman else None

    # --- records ------------------------------------------------------------------------------------------------------

    def _record_for(self, item: Item, to: Custodian, mark: Mark) -> str:
        """Return the record an offer stands on: the one of this batch between the same two, else a new one."""
        for code, draft in self.known.drafts.items():
            is_between = draft.giver.is_same_as(item.custodian) and draft.receiver.is_same_as(to)
            if is_between and item.code not in draft.items:
                return code
        return codes.mint(CodeKind.HANDOVER, below=_drawn_from(mark.id, self.attempt)).text

    def _put_on_record(self, event: HandedOver, item: Item) -> None:
        draft = self.known.drafts.setdefault(
            event.record,
            _Draft(giver=item.custodian, receiver=event.to, items=[], offered_at=event.occurred_at),
        )
        draft.items.append(item.code)
        draft.offered_at = min(draft.offered_at, event.occurred_at)

    def _draw_up_records(self) -> None:
        """Draw up the record of every offer, so that the other side can sign at a screen or in ink as well."""
        firsts: list[tuple[str, Event]] = [
            (
                code,
                handover.offer(
                    giver=draft.giver,
                    receiver=draft.receiver,
                    items=tuple(draft.items),
                    by=self.by,
                    at=draft.offered_at,
                ),
            )
            for code, draft in self.known.drafts.items()
        ]
        if firsts:
            self.ledger.begin_all(HandoverRecord, firsts)

    def _settle_records(self) -> None:
        """Sign each record whose last line was answered by a fact of this batch."""
        answered: dict[str, Event] = {}
        for _, event, _ in self.known.changes:
            if isinstance(event, Accepted | Declined) and event.record:
                answered[event.record] = event
        for code, last in answered.items():
            record = self.ledger.record(code)
            signed = self._signature(record, last)
            if signed is not None:
                self.ledger.append(record, signed)

    def _signature(self, record: HandoverRecord, last: Event) -> RecordAccepted | None:
        """Return the receiver's signature, None while a line waits or when giver and receiver are one account."""
        if not record.may(RecordAccepted) or last.by.account == record.giver_account:
            return None
        happened = {**self.ledger.happened(set(record.items) - self.known.happened.keys()), **self.known.happened}
        ends = {code: handover.end_of(happened[code], record=record.code) for code in record.items}
        if None in ends.values():
            return None
        return RecordAccepted(
            accepted=tuple(code for code, end in ends.items() if handover.is_taken(end)),
            declined=tuple((code, handover.why_not(end)) for code, end in ends.items() if not handover.is_taken(end)),
            by=last.by,
            occurred_at=last.occurred_at,
        )


def _positions_in(items: Iterable[Item], happened: Iterable[Sequence[Event]]) -> set[str]:
    """Return the keys of the positions that held some items or were offered them."""
    offered = (event.to for events in happened for event in events if isinstance(event, HandedOver))
    custodians = itertools.chain(offered, (item.custodian for item in items))
    return {custodian.key for custodian in custodians if custodian.kind is CustodianKind.POSITION}


def _drawn_from(event_id: bytes, attempt: int) -> Callable[[int], int]:
    """Return a source of random numbers made of the random number of an event: the device has drawn it, not we."""
    numbers = itertools.count()

    def below(limit: int) -> int:
        drawn = hashlib.sha256(event_id + bytes([attempt]) + next(numbers).to_bytes(4)).digest()
        return int.from_bytes(drawn) % limit

    return below


def _of_recorded(line: Sent, recorded: Recorded, outcome: Outcome) -> Answer:
    fits = recorded.kind != Claimed.__name__
    return Answer(id=line.id, outcome=outcome, version=recorded.version, fits=fits)


def _of_kept(line: Sent, doubt: Doubt) -> Answer:
    outcome = Outcome.MISMATCH if doubt is Doubt.MISMATCH else Outcome.QUARANTINED
    return Answer(id=line.id, outcome=outcome, doubt=doubt)

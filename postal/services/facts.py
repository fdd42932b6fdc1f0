"""Facts from devices that were offline: kept bare, never refused for the life cycle, read from the whole chain.

One batch is one transaction. What cannot be taken for a fact is kept in quarantine; nothing that was sent is dropped.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum

from postal.domain import codes, facts, handover, permissions, shift
from postal.domain.bag import Bag
from postal.domain.codes import CodeKind
from postal.domain.events import Accepted, Claimed, Declined, Event, FactKind, RecordAccepted, RecordExtended
from postal.domain.facts import Doubt, Fact, Sent
from postal.domain.handover import HandoverRecord
from postal.domain.item import Item
from postal.domain.lifecycle import LabelBound, Overtaken
from postal.domain.people import (
    POSITION_SIDES,
    Actor,
    Custodian,
    Role,
    Side,
    parse_position,
    person_custodian,
    position_custodian,
)
from postal.domain.places import PlaceKind
from postal.services import conflicts
from postal.store import Ledger, Store
from postal.store.ledger import Mark, Recorded
from postal.store.registers import Kept

Thing = Item | Bag

TRIES = 20
"""How often a batch is tried when others record the same things at the same moment."""

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
    stream: str = ""


def record_facts(
    store: Store, sent: Sequence[Sent], *, by: Actor, at: datetime, sent_at: datetime | None = None
) -> list[Answer]:
    """Record what one device sent and answer every line, in the order sent.

    The lines are taken in the order of the device's own count. A line that was recorded before is answered as it was
    then, however long ago. `sent_at` is what the device's clock said when it sent.

    Raises: Overtaken when others write about the same things all the time; sent again, it goes.
    """
    for attempt in itertools.count(1):
        try:
            with store.begin(at=at) as ledger:
                return _Batch(ledger, by=by, at=at, sent_at=sent_at, attempt=attempt).answers(sent)
        except (Overtaken, LabelBound):  # somebody was quicker: look again at what is there now
            if attempt == TRIES:
                raise
    raise AssertionError("counting never ends")


@dataclass(kw_only=True)
class _Line:
    """A fact of this batch on its way into the ledger."""

    thing: Thing
    claim: Claimed
    mark: Mark


@dataclass
class _Known:
    """What was in the database when the batch came, and what the batch has added since."""

    recorded: dict[bytes, Recorded]
    kept: dict[bytes, Kept]
    kept_contents: dict[bytes, Kept]
    things: dict[str, Thing]
    records: dict[str, HandoverRecord]
    lines: list[_Line] = field(default_factory=list)
    doubted: list[tuple[Kept, str]] = field(default_factory=list)


class _Batch:
    """Takes the lines of one batch, one after the other, and writes them down together."""

    def __init__(self, ledger: Ledger, *, by: Actor, at: datetime, sent_at: datetime | None, attempt: int) -> None:
        self.ledger = ledger
        self.by = by
        self.at = at
        self.sent_at = sent_at
        self.attempt = attempt
        self.receivers: dict[str, Custodian | None] = {}
        self.drawn_up: dict[str, str] = {}

    def answers(self, sent: Sequence[Sent]) -> list[Answer]:
        """Record every line and return the answers in the order sent."""
        lines = facts.in_order(enumerate(sent))
        prints = [self.ledger.quarantine.fingerprint(self.by.account, line.content) for line in sent]
        self.known = self._look_up(sent, prints)
        self.shifts = self._shifts()
        found = {place: self._answer(line, prints[place]) for place, line in lines}
        written = [(line.thing, line.claim, line.mark) for line in self.known.lines]
        things = self.ledger.record_facts(written)
        self.ledger.quarantine.keep_all(self.known.doubted, by=self.by.as_author())
        self._keep_records(things)
        conflicts.reconcile(self.ledger, things, by=self.by, at=self.at)
        return self._with_fits([found[place] for place in range(len(sent))])

    # --- what is there ------------------------------------------------------------------------------------------------

    def _look_up(self, sent: Sequence[Sent], prints: Sequence[bytes]) -> _Known:
        ids = {line.id for line in sent if line.id}
        told = [line.fact for line in sent if line.fact]
        kept = self.ledger.quarantine.known(ids=ids, fingerprints=set(prints))
        named = {fact.item for fact in told}
        return _Known(
            recorded=self.ledger.recorded(ids),
            kept={each.id: each for each in reversed(kept) if each.id and each.reason != Doubt.MISMATCH.value},
            kept_contents={each.fingerprint: each for each in kept},
            things={
                **self.ledger.known_items({code for code in named if not _is_bag(code)}),
                **self.ledger.known_bags({code for code in named if _is_bag(code)}),
            },
            records=self.ledger.known_records({fact.record for fact in told if fact.record}),
        )

    def _shifts(self) -> dict[str, list[Event]]:
        """Return what happened to every position the teller may ever have held."""
        account = self.ledger.accounts.get(self.by.account)
        return self.ledger.happened({*self.by.positions, *(account.entitled if account else ())})

    # --- one line -----------------------------------------------------------------------------------------------------

    def _answer(self, line: Sent, fingerprint: bytes) -> Answer:
        if before := self._answer_given(line, fingerprint):
            return before
        if line.fact is None or line.id is None:
            return self._keep(line, fingerprint, line.doubt or Doubt.UNREADABLE)
        if doubt := self._doubt(line.fact):
            return self._keep(line, fingerprint, doubt)
        fact = line.fact
        mark = Mark(id=line.id, device_seq=fact.device_seq, fingerprint=fingerprint, parents=fact.parents)
        return self._record(fact, mark)

    def _answer_given(self, line: Sent, fingerprint: bytes) -> Answer | None:
        """Return the answer to a line whose number or content is known, None for a new one."""
        recorded = self.known.recorded.get(line.id) if line.id else None
        if recorded is not None and recorded.fingerprint == fingerprint:
            return Answer(id=line.id, outcome=Outcome.EXISTS, version=recorded.version, stream=recorded.stream)
        if kept := self.known.kept_contents.get(fingerprint):
            return _of_kept(line, Doubt(kept.reason))
        if recorded is not None or (line.id and line.id in self.known.kept):
            return self._keep(line, fingerprint, Doubt.MISMATCH)
        return None

    def _doubt(self, fact: Fact) -> Doubt | None:
        """Return why a fact cannot be taken for true, None when it can."""
        if not permissions.may(self.by, facts.NEEDS[fact.kind]):
            return Doubt.FORBIDDEN
        if fact.item not in self.known.things:
            return Doubt.UNKNOWN_ITEM
        if fact.to and self._receiver(fact.to) is None:
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
        thing = self.known.things[fact.item]
        when = facts.heard(fact, sent_at=self.sent_at, at=self.at)
        hands = self._hands(fact, when.occurred_at)
        to = self._receiver(fact.to) if fact.to else None
        is_offer = fact.kind is FactKind.HANDED_OVER and to is not None
        record = self._record_code(fact, mark, hands=hands, to=to) if is_offer and to else ""
        claim = facts.claim_of(fact, when, hands=hands, to=to, record=record, by=self.by)
        self.known.lines.append(_Line(thing=thing, claim=claim, mark=mark))
        before = sum(line.thing.code == thing.code for line in self.known.lines)
        recorded = Recorded(
            stream=thing.code, version=thing.version + before, kind="Claimed", fingerprint=mark.fingerprint
        )
        self.known.recorded[mark.id] = recorded
        return Answer(id=mark.id, outcome=Outcome.CREATED, version=recorded.version, stream=thing.code)

    def _with_fits(self, answers: Sequence[Answer]) -> list[Answer]:
        """Return the answers, each saying whether its fact fits what is known by now."""
        fits = self.ledger.fits({answer.stream for answer in answers if answer.stream})
        return [replace(a, fits=fits.get((a.stream, a.version or 0))) if a.stream else a for a in answers]

    # --- who ----------------------------------------------------------------------------------------------------------

    def _hands(self, fact: Fact, at: datetime) -> tuple[Custodian, ...]:
        """Return whom the teller acted for, the likeliest first: the position he names, those held then, then now."""
        then = {key for key, happened in self.shifts.items() if shift.holder_at(happened, at) == self.by.account}
        held = [*sorted(then), *sorted(self.by.positions - then)]
        keys = sorted(held, key=lambda key: key != fact.position)
        found = [custodian for key in keys if (custodian := self._receiver(key))]
        if Role.POSTMAN in self.by.roles:
            found.append(person_custodian(self.by.account, place=self.by.place, name=self.by.name))
        return tuple(found)

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

    # --- records ------------------------------------------------------------------------------------------------------

    def _record_code(self, fact: Fact, mark: Mark, *, hands: Sequence[Custodian], to: Custodian) -> str:
        """Return the record an offer stands on: the one both devices agreed on, else one a batch and receiver."""
        agreed = self.known.records.get(fact.record)
        is_free = agreed is None or (any(agreed.giver.is_same_as(hand) for hand in hands) and agreed.receiver == to)
        if fact.record and is_free:
            return fact.record
        if to.key not in self.drawn_up:
            minted = codes.mint(CodeKind.HANDOVER, below=conflicts.drawn_from(mark.id, self.attempt))
            self.drawn_up[to.key] = minted.text
        return self.drawn_up[to.key]

    def _keep_records(self, things: dict[str, Thing]) -> None:
        """Let every offer of this batch stand on a record, so that the other side can sign at a screen or in ink."""
        offered: dict[str, list[Thing]] = {}
        for thing in things.values():
            if thing.is_offered and thing.record:
                offered.setdefault(thing.record, []).append(thing)
        known = self.ledger.known_records(offered)
        begun = [(code, self._offer(code, own)) for code, own in offered.items() if code not in known]
        if begun:
            self.ledger.begin_all(HandoverRecord, begun)
        extended = [(record, self._extension(record, offered[code])) for code, record in known.items()]
        self.ledger.append_all([(record, event) for record, event in extended if event is not None])
        self._settle_records(things)

    def _offer(self, code: str, things: Sequence[Thing]) -> Event:
        first = things[0]
        assert first.offered_to is not None
        sent = [line.claim for line in self.known.lines if line.claim.record == code]
        return handover.offer(
            giver=first.custodian,
            receiver=first.offered_to,
            items=tuple(thing.code for thing in things if isinstance(thing, Item)),
            bags=tuple(thing.code for thing in things if isinstance(thing, Bag)),
            by=self.by,
            at=min((claim.occurred_at for claim in sent), default=self.at),
        )

    def _extension(self, record: HandoverRecord, things: Sequence[Thing]) -> RecordExtended | None:
        new = [thing for thing in things if thing.code not in record.lines]
        if not new or not record.may(RecordExtended):
            return None
        return RecordExtended(
            items=tuple(thing.code for thing in new if isinstance(thing, Item)),
            bags=tuple(thing.code for thing in new if isinstance(thing, Bag)),
            by=self.by.as_author(),
            occurred_at=self.at,
        )

    def _settle_records(self, things: dict[str, Thing]) -> None:
        """Sign each record whose last line is answered by now."""
        happened = self.ledger.happened(things)
        last: dict[str, Event] = {}
        for told in happened.values():
            for event in told:
                if isinstance(event, Accepted | Declined) and event.record:
                    last[event.record] = event
        records = self.ledger.known_records(last)
        signed = [(record, self._signature(record, last[code])) for code, record in records.items()]
        self.ledger.append_all([(record, event) for record, event in signed if event is not None])

    def _signature(self, record: HandoverRecord, last: Event) -> RecordAccepted | None:
        """Return the receiver's signature, None while a line waits or when giver and receiver are one account."""
        if not record.may(RecordAccepted) or last.by.account == record.giver_account:
            return None
        happened = self.ledger.happened(record.lines)
        ends = {code: handover.end_of(happened[code], record=record.code) for code in record.lines}
        if None in ends.values():
            return None
        return RecordAccepted(
            accepted=tuple(code for code, end in ends.items() if handover.is_taken(end)),
            declined=tuple((code, handover.why_not(end)) for code, end in ends.items() if not handover.is_taken(end)),
            by=last.by,
            occurred_at=last.occurred_at,
        )


def _is_bag(code: str) -> bool:
    return code.startswith(CodeKind.BAG.value)


def _of_kept(line: Sent, doubt: Doubt) -> Answer:
    outcome = Outcome.MISMATCH if doubt is Doubt.MISMATCH else Outcome.QUARANTINED
    return Answer(id=line.id, outcome=outcome, doubt=doubt)

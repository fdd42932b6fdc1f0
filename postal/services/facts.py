"""Facts from devices that were offline: kept bare, never refused for the life cycle, read from the whole chain.

One batch is one transaction. What is about an item that nobody knows yet waits until it is registered; what cannot be
taken for a fact is kept in quarantine. Nothing that was sent is dropped.
"""

import itertools
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import NamedTuple

from postal.domain import codes, facts, handover, permissions, shift
from postal.domain.acts import Act
from postal.domain.bag import Bag
from postal.domain.chain import Link, Read
from postal.domain.codes import CodeKind
from postal.domain.events import Accepted, Claimed, Declined, Event, FactKind, RecordAccepted, RecordExtended
from postal.domain.facts import Doubt, Fact, Heard, Sent
from postal.domain.handover import HandoverRecord
from postal.domain.incident import Incident
from postal.domain.item import Item, Trouble
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
from postal.domain.places import Place, PlaceKind
from postal.services import conflicts, departing, differences
from postal.store import Ledger, Store
from postal.store.devices import Entry
from postal.store.ledger import Mark, Recorded, Taken
from postal.store.registers import Kept

Thing = Item | Bag

TRIES = 20
"""How often a batch is tried when others record the same things at the same moment."""

_BAG = CodeKind.BAG.value

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


class Answer(NamedTuple):
    """The answer to one line: its version in the item's history and whether it fitted, or the doubt about it.

    `reason` and `detail`, a sentence, say what it waits for, or what about it has to be looked at.
    """

    id: bytes | None
    outcome: Outcome
    version: int | None = None
    fits: bool | None = None
    doubt: Doubt | None = None
    stream: str = ""
    reason: str = ""
    detail: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Contact:
    """How a batch came: when, what the clock of the device said, and since when nothing of the device counts.

    `since` is when the device had spoken to us last, as far as we know.
    """

    at: datetime
    sent_at: datetime | None = None
    revoked_at: datetime | None = None
    since: datetime | None = None


WAITS = "waits_for_item"
WAITS_SENTENCE = "Chưa có mã này trong hệ thống. Đã giữ lại, tự ghi khi bưu gửi hoặc túi được đăng ký."
WAITS_IN_TURN = "waits_in_turn"
WAITS_IN_TURN_SENTENCE = "Việc trước đó của máy này về cùng bưu gửi còn chờ. Đã giữ lại, tự ghi theo đúng thứ tự."


def record_facts(
    store: Store,
    sent: Sequence[Sent],
    *,
    by: Actor,
    at: datetime,
    sent_at: datetime | None = None,
    revoked_at: datetime | None = None,
    since: datetime | None = None,
) -> list[Answer]:
    """Record the facts that one device sent and answer every line, in the order sent.

    The lines are taken in the order of the device's own count. A line that was recorded before is answered as it was
    then, however long ago. `sent_at` is what the device's clock said when it sent; nothing that happened after
    `revoked_at` counts. `since` is when the device had spoken to us last, as far as we know.

    Raises: Overtaken when others write about the same things all the time; sent again, it goes.
    """
    contact = Contact(at=at, sent_at=sent_at, revoked_at=revoked_at, since=since)
    for attempt in itertools.count(1):
        try:
            with store.begin(at=at) as ledger:
                return _Batch(ledger, by=by, at=at, contact=contact, attempt=attempt).answers(sent)
        except (Overtaken, LabelBound):  # somebody was quicker: look again at what is there now
            if attempt == TRIES:
                raise
    raise AssertionError("counting never ends")


def record_late(ledger: Ledger, line: Sent, *, by: Actor, at: datetime, contact: Contact) -> Answer:
    """Record a fact that waited, inside a transaction: it is heard as it was when it came. Raises: Overtaken."""
    return _Batch(ledger, by=by, at=at, contact=contact, attempt=1, is_late=True).answers([line])[0]


def of_entry(entry: Entry, outcome: Outcome) -> Answer:
    """Return the answer to a line that is kept as an entry, as the entry stands now."""
    is_open = not entry.fits
    return Answer(
        id=entry.id,
        outcome=outcome,
        fits=entry.fits,
        reason=entry.outcome if is_open else "",
        detail=entry.why if is_open else "",
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Told:
    """What a teller says in one breath of many things: acting for whom, to whom; or why it cannot be true.

    `claims` are the facts as the ledger keeps them, by the record they stand on: the same for every thing.
    """

    doubt: Doubt | None
    when: Heard
    hands: tuple[Custodian, ...] = ()
    to: Custodian | None = None
    claims: dict[str, Claimed] = field(default_factory=dict)


@dataclass
class _Known:
    """What was in the database when the batch came, and what the batch has added since.

    `shifts` is what happened lately to the positions of the teller's unit: he may have held any of them.
    """

    recorded: dict[bytes, Recorded]
    kept: dict[bytes, Kept]
    kept_contents: dict[bytes, Kept]
    things: dict[str, Thing]
    records: dict[str, HandoverRecord]
    entries: dict[bytes, Entry]
    blocked: set[str]
    shifts: dict[str, list[Event]]
    places: dict[str, Place]
    links: dict[str, list[Link]]
    incidents: list[Incident]
    lines: list[tuple[Thing, Claimed, Mark]] = field(default_factory=list)
    doubted: list[tuple[Kept, str]] = field(default_factory=list)
    waiting: list[Entry] = field(default_factory=list)


class _Batch:
    """Takes the lines of one batch, one after the other, and writes them down together."""

    def __init__(
        self, ledger: Ledger, *, by: Actor, at: datetime, contact: Contact, attempt: int, is_late: bool = False
    ) -> None:
        self.ledger = ledger
        self.by = by
        self.at = at
        self.contact = contact
        self.attempt = attempt
        self.is_late = is_late
        self.receivers: dict[str, Custodian | None] = {}
        self.drawn_up: dict[str, str] = {}
        self.hands: dict[tuple[str, datetime], tuple[Custodian, ...]] = {}
        self.versions: dict[str, int] = {}
        self.told: dict[tuple[object, ...], _Told] = {}
        self.allowed = {kind: permissions.may(by, needed) for kind, needed in facts.NEEDS.items()}

    def answers(self, sent: Sequence[Sent]) -> list[Answer]:
        """Record every line and return the answers in the order sent."""
        lines = facts.in_order(enumerate(sent))
        prints = self.ledger.quarantine.fingerprints(self.by.account, (line.content for line in sent))
        self.known = self._look_up(sent, prints)
        found = {place: self._answer(line, prints[place]) for place, line in lines}
        taken = self.ledger.record_facts(self.known.lines, links=self.known.links)
        self.ledger.quarantine.keep_all(self.known.doubted, by=self.by.as_author())
        self.ledger.entries.keep_all(self.known.waiting)
        self._keep_records(taken)
        conflicts.reconcile(self.ledger, taken, before=self.known.incidents, by=self.by, at=self.at)
        if found_again := self._found_again(taken):
            differences.end_taken(self.ledger, found_again, by=self.by)
        self._note_signing_times(taken)
        return self._with_fits(sent, [found[place] for place in range(len(sent))], taken)

    def _found_again(self, taken: Mapping[str, Taken]) -> list[Thing]:
        """Return what was looked for when the batch came, and is not any more."""
        return [
            each.thing
            for code, each in taken.items()
            if _is_missing(self.known.things[code]) and not _is_missing(each.thing)
        ]

    def _note_signing_times(self, taken: Mapping[str, Taken]) -> None:
        for code, each in taken.items():
            before = self.known.things[code]
            if isinstance(before, Bag) and isinstance(each.thing, Bag):
                differences.note_signing_time(self.ledger, before, each.thing, by=self.by)

    # --- what is there ------------------------------------------------------------------------------------------------

    def _look_up(self, sent: Sequence[Sent], prints: Sequence[bytes]) -> _Known:
        """Return what there is about the lines. Everything that no other answer decides is asked at once."""
        ids = {line.id for line in sent if line.id}
        told = [line.fact for line in sent if line.fact]
        named, bags = _split({fact.item for fact in told})
        ledger, entries = self.ledger, self.ledger.entries
        asked_aside = not self.is_late  # what waited itself was looked at when it came
        with ledger.asking() as ask:
            kept = ask(ledger.quarantine.which(ids=ids, fingerprints=set(prints))) if asked_aside else list
            noted = ask(entries.which(ids)) if asked_aside else list
            waiting = ask(entries.which_wait(self.by.device, account=self.by.account)) if asked_aside else list
            recorded = ask(ledger.which_recorded(ids))
            things = ask(ledger.which(Item, named)), ask(ledger.which(Bag, bags))
            records = ask(ledger.which(HandoverRecord, {fact.record for fact in told if fact.record}))
            shifts = ask(ledger.shifts(self.by.place))
            links = ask(ledger.which_links(named | bags))
            incidents = ask(ledger.which_incidents_of_facts(named | bags))
            places = ask(ledger.reference.which_places(self._named_places(told)))
        return _Known(
            recorded=recorded(),
            kept={each.id: each for each in reversed(kept()) if each.id and each.reason != Doubt.MISMATCH.value},
            kept_contents={each.fingerprint: each for each in kept()},
            things={code: thing for own in things for code, thing in own().items()},
            records=records(),
            entries=entries.of(noted()),
            blocked=self._blocked(waiting()),
            shifts=shifts(),
            places=places(),
            links=links(),
            incidents=incidents(),
        )

    def _blocked(self, numbers: Sequence[bytes]) -> set[str]:
        """Return the codes about which something earlier of this device waits; what is new about them waits too."""
        waiting = self.ledger.entries.of(numbers).values()
        lines = [facts.read(json.loads(entry.content)) for entry in waiting]
        return {code for line in lines for code in ([line.fact.item] if line.fact else line.about)}

    def _named_places(self, told: Iterable[Fact]) -> set[str]:
        """Return the units of every position that a line may speak of: the receivers', and what the teller holds."""
        keys = {fact.to for fact in told} | self.by.positions
        return {self.by.place, *(key.split(":")[0] for key in keys if ":" in key)} - {""}

    # --- one line -----------------------------------------------------------------------------------------------------

    def _answer(self, line: Sent, fingerprint: bytes) -> Answer | Recorded:
        """Return the answer to a line, or where it is recorded now: whether it fits is known at the end."""
        if before := self._answer_given(line, fingerprint):
            return before
        if line.fact is None or line.id is None:
            return self._keep(line, fingerprint, line.doubt or Doubt.UNREADABLE)
        fact, told = line.fact, self._told(line.fact)
        if told.doubt:
            return self._keep(line, fingerprint, told.doubt)
        if fact.item not in self.known.things:
            return self._wait(line, line.id, fingerprint, outcome=WAITS, why=WAITS_SENTENCE)
        if fact.item in self.known.blocked or fact.record in self.known.blocked:
            return self._wait(line, line.id, fingerprint, outcome=WAITS_IN_TURN, why=WAITS_IN_TURN_SENTENCE)
        return self._record(fact, told, Mark(line.id, fact.device_seq, fingerprint, fact.parents))

    def _answer_given(self, line: Sent, fingerprint: bytes) -> Answer | None:
        """Return the answer to a line whose number or content is known, None for a new one."""
        recorded = self.known.recorded.get(line.id) if line.id else None
        if recorded is not None and recorded.fingerprint == fingerprint:
            return Answer(id=line.id, outcome=Outcome.EXISTS, version=recorded.version, stream=recorded.stream)
        entry = self.known.entries.get(line.id) if line.id else None
        if entry is not None and entry.fingerprint == fingerprint:
            return of_entry(entry, Outcome.EXISTS)
        if kept := self.known.kept_contents.get(fingerprint):
            return of_kept(line, Doubt(kept.reason))
        if recorded is not None or entry is not None or (line.id and line.id in self.known.kept):
            return self._keep(line, fingerprint, Doubt.MISMATCH)
        return None

    def _told(self, fact: Fact) -> _Told:
        """Return what a fact says beside its thing; who signs for a bundle says one thing of all that is in it."""
        same = (fact.kind, fact.to, fact.reason, fact.position, fact.occurred_at, fact.after)
        if (known := self.told.get(same)) is None:
            known = self.told[same] = self._telling(fact)
        return known

    def _telling(self, fact: Fact) -> _Told:
        when = heard(fact, self.contact)
        if doubt := self._doubt(fact, when):
            return _Told(doubt=doubt, when=when)
        hands = self._hands(fact, when.occurred_at)
        return _Told(doubt=None, when=when, hands=hands, to=self._receiver(fact.to) if fact.to else None)

    def _doubt(self, fact: Fact, when: Heard) -> Doubt | None:
        """Return why a fact cannot be taken for true, None when it can.

        A device that lost our trust counts until then, as far as its clock can be believed.
        """
        if not self.allowed[fact.kind]:
            return Doubt.FORBIDDEN
        if not counts(when, self.contact):
            return Doubt.REVOKED_DEVICE
        if fact.to and self._receiver(fact.to) is None:
            return Doubt.UNKNOWN_RECEIVER
        return None

    def _wait(self, line: Sent, number: bytes, fingerprint: bytes, *, outcome: str, why: str) -> Answer:
        """Keep a fact until the item is known, or what comes before it is carried out."""
        if self.is_late:
            raise StillWaiting
        assert line.fact is not None
        entry = entry_of(line, number, fingerprint, by=self.by, contact=self.contact, outcome=outcome, why=why)
        self.known.waiting.append(entry)
        self.known.entries[number] = entry
        self.known.blocked.add(line.fact.item)
        return of_entry(entry, Outcome.CREATED)

    def _keep(self, line: Sent, fingerprint: bytes, doubt: Doubt) -> Answer:
        if self.is_late:
            raise Doubted(doubt)
        kept = Kept(id=line.id, fingerprint=fingerprint, reason=doubt.value, sent_at=self.contact.sent_at)
        self.known.doubted.append((kept, line.content))
        self.known.kept_contents[fingerprint] = kept
        if line.id and doubt is not Doubt.MISMATCH:
            self.known.kept[line.id] = kept
        return of_kept(line, doubt)

    def _record(self, fact: Fact, told: _Told, mark: Mark) -> Recorded:
        thing = self.known.things[fact.item]
        self.known.lines.append((thing, self._claim(fact, told, mark), mark))
        version = self.versions[thing.code] = self.versions.get(thing.code, thing.version) + 1
        recorded = self.known.recorded[mark.id] = Recorded(thing.code, version, "Claimed", mark.fingerprint)
        return recorded

    def _claim(self, fact: Fact, told: _Told, mark: Mark) -> Claimed:
        is_offer = fact.kind is FactKind.HANDED_OVER
        record = self._record_code(fact, mark, hands=told.hands, to=told.to) if is_offer and told.to else ""
        if record not in told.claims:
            told.claims[record] = facts.claim_of(
                fact, told.when, hands=told.hands, to=told.to, record=record, by=self.by
            )
        return told.claims[record]

    def _with_fits(
        self, sent: Sequence[Sent], found: Sequence[Answer | Recorded], taken: Mapping[str, Taken]
    ) -> list[Answer]:
        """Return the answers, each saying whether its fact fits what is known by now."""
        fits = {(code, r.step.version): is_fitting(r) for code, each in taken.items() for r in each.reads}
        fits |= self.ledger.fits({a.stream for a in found if a.stream and (a.stream, a.version) not in fits})
        return [
            Answer(line.id, Outcome.CREATED, a.version, fits.get((a.stream, a.version)), stream=a.stream)
            if isinstance(a, Recorded)
            else a._replace(fits=fits.get((a.stream, a.version or 0), a.fits))
            for line, a in zip(sent, found, strict=True)
        ]

    # --- who ----------------------------------------------------------------------------------------------------------

    def _hands(self, fact: Fact, at: datetime) -> tuple[Custodian, ...]:
        """Return whom the teller acted for, the likeliest first: the position he names, those held then, then now."""
        if (fact.position, at) not in self.hands:
            self.hands[fact.position, at] = self._hands_at(fact.position, at)
        return self.hands[fact.position, at]

    def _hands_at(self, position: str, at: datetime) -> tuple[Custodian, ...]:
        then = {key for key, happened in self.known.shifts.items() if shift.holder_at(happened, at) == self.by.account}
        held = [*sorted(then), *sorted(self.by.positions - then)]
        keys = sorted(held, key=lambda key: key != position)
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
        place = self.known.places.get(position.place)
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
        is_free = agreed is None or (
            agreed.may(RecordExtended)
            and any(agreed.giver.is_same_as(hand) for hand in hands)
            and agreed.receiver == to
        )
        if fact.record and is_free:
            return fact.record
        if to.key not in self.drawn_up:
            minted = codes.mint(CodeKind.HANDOVER, below=conflicts.drawn_from(mark.id, self.attempt))
            self.drawn_up[to.key] = minted.text
        return self.drawn_up[to.key]

    def _keep_records(self, taken: Mapping[str, Taken]) -> None:
        """Let every offer of this batch stand on a record, so that the other side can sign at a screen or in ink."""
        offered: dict[str, list[Thing]] = {}
        for thing in (each.thing for each in taken.values()):
            if thing.is_offered and thing.record:
                offered.setdefault(thing.record, []).append(thing)
        answered = _last_answers(taken)
        drawn_now = {*self.drawn_up.values()}  # nobody can know them
        known = self.ledger.known_records({*offered, *answered} - drawn_now)
        begun = [(code, self._offer(code, own)) for code, own in offered.items() if code not in known]
        if begun:
            made = self.ledger.begin_all(HandoverRecord, begun)
            known |= {record.code: record for record in made}
        extended = [(known[code], self._extension(known[code], own)) for code, own in offered.items()]
        after = self.ledger.append_all([(record, event) for record, event in extended if event is not None])
        known |= {record.code: record for record in after}
        signed = [(record, self._signature(record, taken)) for code, record in known.items() if code in answered]
        for record in self.ledger.append_all([(record, event) for record, event in signed if event is not None]):
            departing.leave(self.ledger, record, by=self.by, at=record.signed_at or self.at)

    def _offer(self, code: str, things: Sequence[Thing]) -> Event:
        first = things[0]
        assert first.offered_to is not None
        sent = [claim for _, claim, _ in self.known.lines if claim.record == code]
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

    def _signature(self, record: HandoverRecord, taken: Mapping[str, Taken]) -> RecordAccepted | None:
        """Return the receiver's signature, None while a line waits or when giver and receiver are one account."""
        if not record.may(RecordAccepted):
            return None
        ends = self._ends(record, taken)
        if None in ends.values():
            return None
        last = max((end for end in ends.values() if end), key=lambda end: (end.occurred_at, end.by.account))
        if last.by.account == record.giver_account:
            return None
        return RecordAccepted(
            accepted=tuple(code for code, end in ends.items() if handover.is_taken(end)),
            declined=tuple((code, handover.why_not(end)) for code, end in ends.items() if not handover.is_taken(end)),
            by=last.by,
            occurred_at=last.occurred_at,
        )

    def _ends(self, record: HandoverRecord, taken: Mapping[str, Taken]) -> dict[str, Event | None]:
        """Return what ended the offer of each line; a story is only asked where nothing else says it."""
        others = [code for code in record.lines if code not in taken]
        things: dict[str, Thing] = {code: taken[code].thing for code in record.lines if code in taken}
        things |= self.ledger.known_items(others)
        things |= self.ledger.known_bags([code for code in others if _is_bag(code)])
        if any(thing.is_offered and thing.record == record.code for thing in things.values()):
            return dict.fromkeys(record.lines)
        ends: dict[str, Event | None] = {code: _answer_to(record.code, taken.get(code)) for code in record.lines}
        happened = self.ledger.happened([code for code, end in ends.items() if end is None])
        return ends | {code: handover.end_of(own, record=record.code) for code, own in happened.items()}


def is_fitting(read: Read) -> bool:
    """Tell whether a step fits: whether it moved or said what it was told for."""
    return not isinstance(read.event, Claimed)


def _answer_to(record: str, taken: Taken | None) -> Event | None:
    """Return how a line was answered that came just now."""
    events = (each.event for each in taken.reads if not each.is_struck) if taken else ()
    return next((e for e in events if isinstance(e, Accepted | Declined) and e.record == record), None)


def _last_answers(taken: Mapping[str, Taken]) -> set[str]:
    """Return the records on which something was answered."""
    events = (each.event for own in taken.values() for each in own.reads if not each.is_struck)
    return {event.record for event in events if isinstance(event, Accepted | Declined) and event.record}


class StillWaiting(Exception):
    """A fact that waited cannot be recorded yet."""


class Doubted(Exception):
    """A fact that waited cannot be taken for true."""

    def __init__(self, doubt: Doubt) -> None:
        self.doubt = doubt
        super().__init__(doubt.value)


def heard(told: Fact | Act, contact: Contact) -> Heard:
    """Return when something happened for the ledger."""
    return facts.heard(told, sent_at=contact.sent_at, at=contact.at, since=contact.since)


def counts(when: Heard, contact: Contact) -> bool:
    """Tell whether something happened before its device lost our trust, as far as its clock can be believed.

    What a revoked device says of before its last contact it would have told then.
    """
    if contact.revoked_at is None:
        return True
    is_told_then = contact.since is not None and when.occurred_at < contact.since - facts.SKEW
    return when.claimed_at is None and when.occurred_at <= contact.revoked_at and not is_told_then


def entry_of(
    line: Sent, number: bytes, fingerprint: bytes, *, by: Actor, contact: Contact, outcome: str = "", why: str = ""
) -> Entry:
    """Return a line as it is kept until it can be carried out."""
    told = line.told
    assert told is not None
    when = heard(told, contact)
    return Entry(
        id=number,
        fingerprint=fingerprint,
        device=by.device,
        device_seq=told.device_seq,
        account=by.account,
        place=by.place,
        kind=told.kind.value,
        subject=told.item if isinstance(told, Fact) else told.subject,
        occurred_at=when.occurred_at,
        claimed_at=when.claimed_at,
        recorded_at=contact.at,
        sent_at=contact.sent_at,
        content=line.content,
        outcome=outcome,
        why=why,
    )


def _is_missing(thing: Thing) -> bool:
    return thing.is_missing if isinstance(thing, Bag) else thing.trouble is Trouble.MISSING


def _split(codes_: Iterable[str]) -> tuple[set[str], set[str]]:
    """Return the codes of items, and those of bags."""
    all_ = {*codes_}
    bags = {code for code in all_ if _is_bag(code)}
    return all_ - bags, bags


def _is_bag(code: str) -> bool:
    return code.startswith(_BAG)


def of_kept(line: Sent, doubt: Doubt) -> Answer:
    """Return the answer to a line that was kept aside."""
    outcome = Outcome.MISMATCH if doubt is Doubt.MISMATCH else Outcome.QUARANTINED
    return Answer(id=line.id, outcome=outcome, doubt=doubt)

"""What devices did while nobody heard them: kept first, then carried out in the order of each device's own count.

What cannot be carried out now waits with the refusal of its last try, is tried again after every later batch and by the
worker, is somebody's to answer after a day, and is settled by a person in the end. Nothing that was sent is dropped.
"""

import itertools
import json
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from postal.domain import calendars, facts, permissions
from postal.domain.bag import Bag
from postal.domain.events import IncidentKind
from postal.domain.facts import Doubt, Sent
from postal.domain.item import Item
from postal.domain.lifecycle import Overtaken
from postal.domain.people import Actor, Role
from postal.domain.permissions import Permission
from postal.domain.refusals import Refused
from postal.services import carrying
from postal.services import facts as fact_services
from postal.services.facts import TRIES, Answer, Contact, Doubted, Outcome, StillWaiting
from postal.store import Ledger, Reader, Store
from postal.store.devices import Device, Entry
from postal.store.registers import Kept, KeptAside

Below = Callable[[int], int]

ANSWERED_AFTER = timedelta(hours=24)
"""So long something may wait before somebody has to answer for it."""

TRIED_EVERY = timedelta(minutes=1)
"""How often the worker tries what waits."""

AT_A_TIME = 50
"""Entries that are tried again in one round, of the worker or after a batch."""

_log = logging.getLogger("postal.entries")


class UnknownEntry(Refused):
    """Nothing of this number waits here."""

    code = "unknown_entry"
    vi = "Việc này không còn chờ ở đơn vị của bạn. Tải lại danh sách."
    en = "This does not wait at your place any more."


class NoSettlingNote(Refused):
    """Who settles something in another way says how."""

    code = "no_settling_note"
    vi = "Chưa ghi đã xử lý thế nào. Ghi rõ: ai làm, khi nào, ở đâu."
    en = "Say how it was settled: who, when, where."


class ReasonStands(Refused):
    """A line is admitted once the reason for keeping it aside is gone."""

    code = "reason_stands"
    vi = "Lý do giữ lại vẫn còn: {why} Xử lý lý do đó trước, hoặc đóng và ghi lý do."
    en = "The reason still stands: {why}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Batch:
    """What one device sent at once. `device` is set when it proved which one it is."""

    lines: Sequence[Sent]
    sent_at: datetime | None = None
    device: Device | None = None

    @property
    def revoked_at(self) -> datetime | None:
        """Return since when nothing of the device counts."""
        return self.device.revoked_at if self.device else None

    def since(self, *, at: datetime) -> datetime | None:
        """Return when the device had spoken to us before it came with this, None for one that nobody enrolled.

        A contact of the last minutes belongs to this coming: then all we know is that it was enrolled before.
        """
        if self.device is None:
            return None
        seen_at = self.device.seen_at or self.device.enrolled_at
        is_now = at - seen_at <= facts.SKEW and not self.device.is_revoked
        return self.device.enrolled_at if is_now else seen_at


def record(store: Store, batch: Batch, *, by: Actor, at: datetime, below: Below) -> list[Answer]:
    """Keep and record everything one device sent and answer every line, in the order sent.

    Whole acts are kept before anything else; then every line is taken in the order of the device's own count. The same
    line again is answered as it stands now, its number never expires.

    Raises: Overtaken when others write about the same things all the time; sent again, it goes.
    """
    found = _keep_acts(store, batch, by=by, at=at)
    touched: set[str] = set()
    for group in _in_turn(batch.lines, found):
        places = [place for place, _ in group]
        if group[0][1].act:
            _try_in_turn(store, [line.id for _, line in group if line.id], at=at, below=below)
        else:
            told = _record_facts(store, [line for _, line in group], batch, by=by, at=at)
            found |= dict(zip(places, told, strict=True))
        touched |= {code for _, line in group for code in line.about}
    _try_again(store, by=by, about=touched, at=at, below=below)
    _tell_of_revoked(store, batch, by=by, at=at, below=below)
    return _as_they_stand(store, batch, found)


def try_now(store: Store, entry_id: bytes, *, by: Actor, at: datetime, below: Below) -> Entry:
    """Try to carry an entry out once more, because a person asks for it. Raises: UnknownEntry, Forbidden."""
    permissions.require(by, Permission.SETTLE_INCIDENT)
    _must_be_here(store, entry_id, by=by)
    _carry(store, entry_id, at=at, below=below)
    with store.read() as reader:
        entry = reader.entries.get(entry_id)
    assert entry is not None
    return entry


def settle(store: Store, entry_id: bytes, *, note: str, by: Actor, at: datetime) -> None:
    """Say that something that waits was settled in another way; it is not tried again.

    Raises: NoSettlingNote, UnknownEntry, Forbidden.
    """
    permissions.require(by, Permission.SETTLE_INCIDENT)
    if not note.strip():
        raise NoSettlingNote
    entry = _must_be_here(store, entry_id, by=by)
    with store.begin(at=at) as ledger:
        text = ledger.texts.put(entry.subject, note.strip())
        if not ledger.entries.settle(entry_id, note=text, by=by.account, at=at):
            raise UnknownEntry
        _end_incident(ledger, entry, by=by, at=at)


def admit(store: Store, fingerprint: bytes, *, note: str, by: Actor, at: datetime, below: Below) -> None:
    """Record a line that was kept aside, now that the reason is gone, as it was heard then.

    What a revoked device told is admitted by a person's word alone, with a note; a line nobody can read never.

    Raises: ReasonStands, NoSettlingNote, UnknownEntry, Forbidden.
    """
    permissions.require(by, Permission.SETTLE_INCIDENT)
    kept = _kept_here(store, fingerprint, by=by)
    line = facts.read(json.loads(kept.content))
    if kept.reason == Doubt.REVOKED_DEVICE.value and not note.strip():
        raise NoSettlingNote
    if line.told is None or line.id is None or kept.reason == Doubt.MISMATCH.value:
        raise ReasonStands(why=facts.DOUBTS[line.doubt or Doubt(kept.reason)])
    try:
        with store.begin(at=at) as ledger:
            _settle_kept(ledger, kept, state="admitted", note=note, by=by)
            entry = _entry_of(line, line.id, kept)
            ledger.entries.keep_all([entry])
            if line.fact and line.fact.item in {**ledger.known_items(line.about), **ledger.known_bags(line.about)}:
                _release(store, ledger, entry, line, at=at)
    except Doubted as doubted:
        raise ReasonStands(why=facts.DOUBTS[doubted.doubt]) from doubted
    _carry(store, line.id, at=at, below=below)


def close(store: Store, fingerprint: bytes, *, note: str, by: Actor, at: datetime) -> None:
    """Close a line that was kept aside and will never be recorded. Raises: NoSettlingNote, UnknownEntry, Forbidden."""
    permissions.require(by, Permission.SETTLE_INCIDENT)
    if not note.strip():
        raise NoSettlingNote
    kept = _kept_here(store, fingerprint, by=by)
    with store.begin(at=at) as ledger:
        _settle_kept(ledger, kept, state="closed", note=note, by=by)


def look_after(store: Store, *, at: datetime, below: Below) -> int:
    """Try what waits once more and open a record for what waits for a day; return how many were carried out."""
    with store.read() as reader:
        due = reader.entries.due(before=at - TRIED_EVERY, limit=AT_A_TIME)
        overdue = reader.entries.overdue(since=at - ANSWERED_AFTER, limit=AT_A_TIME)
    done = sum(_carry(store, entry.id, at=at, below=below) for entry in due)
    for entry in overdue:
        _make_somebody_answer(store, entry, at=at, below=below)
    return done


# --- keeping ----------------------------------------------------------------------------------------------------------


def _keep_acts(store: Store, batch: Batch, *, by: Actor, at: datetime) -> dict[int, Answer]:
    """Keep every whole act that is new, and return the answers to those that are not, by their places."""
    lines = [(place, line) for place, line in enumerate(batch.lines) if line.act]
    if not lines:
        return {}
    contact = Contact(at=at, sent_at=batch.sent_at, revoked_at=batch.revoked_at, since=batch.since(at=at))
    for attempt in itertools.count(1):
        try:
            with store.begin(at=at) as ledger:
                return _Keeping(ledger, by=by, contact=contact).answers(lines)
        except Overtaken:  # the same line is kept elsewhere at this moment
            if attempt == TRIES:
                raise
    raise AssertionError("counting never ends")


class _Keeping:
    """Keeps the whole acts of one batch in one transaction."""

    def __init__(self, ledger: Ledger, *, by: Actor, contact: Contact) -> None:
        self.ledger = ledger
        self.by = by
        self.contact = contact
        self.new: list[Entry] = []
        self.doubted: list[tuple[Kept, str]] = []

    def answers(self, lines: Sequence[tuple[int, Sent]]) -> dict[int, Answer]:
        ids = {line.id for _, line in lines if line.id}
        told = self.ledger.quarantine.fingerprints(self.by.account, (line.content for _, line in lines))
        prints = {place: fingerprint for (place, _), fingerprint in zip(lines, told, strict=True)}
        self.entries = self.ledger.entries.known(ids)
        self.recorded = self.ledger.recorded(ids - set(self.entries))
        kept = self.ledger.quarantine.known(ids=set(), fingerprints=set(prints.values()))
        self.kept = {each.fingerprint: each for each in kept}
        found = {place: self._answer(line, prints[place]) for place, line in lines}
        self.ledger.entries.keep_all(self.new)
        self.ledger.quarantine.keep_all(self.doubted, by=self.by.as_author())
        return found

    def _answer(self, line: Sent, fingerprint: bytes) -> Answer:
        assert line.id is not None
        entry = self.entries.get(line.id)
        if entry is not None and entry.fingerprint == fingerprint:
            return fact_services.of_entry(entry, Outcome.EXISTS)
        if fingerprint in self.kept:
            return fact_services.of_kept(line, Doubt(self.kept[fingerprint].reason))
        if entry is not None or line.id in self.recorded:
            return self._keep_aside(line, fingerprint, Doubt.MISMATCH)
        new = fact_services.entry_of(line, line.id, fingerprint, by=self.by, contact=self.contact)
        when = facts.Heard(occurred_at=new.occurred_at, claimed_at=new.claimed_at)
        if not fact_services.counts(when, self.contact):
            return self._keep_aside(line, fingerprint, Doubt.REVOKED_DEVICE)
        self.new.append(new)
        self.entries[line.id] = new
        return fact_services.of_entry(new, Outcome.CREATED)

    def _keep_aside(self, line: Sent, fingerprint: bytes, doubt: Doubt) -> Answer:
        kept = Kept(id=line.id, fingerprint=fingerprint, reason=doubt.value, sent_at=self.contact.sent_at)
        self.kept[fingerprint] = kept
        self.doubted.append((kept, line.content))
        return fact_services.of_kept(line, doubt)


def _in_turn(lines: Sequence[Sent], found: dict[int, Answer]) -> Iterator[list[tuple[int, Sent]]]:
    """Yield the lines of a batch in the order of their device, what is alike together."""
    ordered = facts.in_order(enumerate(lines))
    open_ = [(place, line) for place, line in ordered if place not in found or _is_kept(found[place])]
    for _, group in itertools.groupby(open_, key=lambda each: each[1].act is not None):
        yield list(group)


def _is_kept(answer: Answer) -> bool:
    return answer.outcome in (Outcome.CREATED, Outcome.EXISTS)


def _record_facts(store: Store, lines: Sequence[Sent], batch: Batch, *, by: Actor, at: datetime) -> list[Answer]:
    return fact_services.record_facts(
        store, lines, by=by, at=at, sent_at=batch.sent_at, revoked_at=batch.revoked_at, since=batch.since(at=at)
    )


def _as_they_stand(store: Store, batch: Batch, found: dict[int, Answer]) -> list[Answer]:
    """Return the answers in the order sent, what is kept as an entry as it stands now."""
    kept = {answer.id for answer in found.values() if answer.id and not answer.stream and _is_kept(answer)}
    with store.read() as reader:
        entries = reader.entries.known(kept)
    return [_as_it_stands(found[place], entries) for place in range(len(batch.lines))]


def _as_it_stands(answer: Answer, entries: dict[bytes, Entry]) -> Answer:
    entry = entries.get(answer.id) if answer.id and _is_kept(answer) and not answer.stream else None
    return answer if entry is None else fact_services.of_entry(entry, answer.outcome)


# --- carrying out -----------------------------------------------------------------------------------------------------


def _try_in_turn(store: Store, ids: Sequence[bytes], *, at: datetime, below: Below) -> None:
    for entry_id in ids:
        _carry(store, entry_id, at=at, below=below)


def _try_again(store: Store, *, by: Actor, about: set[str], at: datetime, below: Below) -> None:
    """Try what waits of this device, and what waits about something it told of, until nothing moves any more."""
    for _ in range(TRIES):
        with store.read() as reader:
            waiting = {each.id: each for each in reader.entries.waiting_about(about)}
            waiting |= {each.id: each for each in reader.entries.waiting_of(by.device, account=by.account)}
            worth_it = _worth_a_try(reader, list(waiting.values()), about=about)
        done = [each for each in worth_it if _carry(store, each.id, at=at, below=below)]
        if not done:
            return
        about = about | {code for each in done for code in _line_of(each).about}


def _worth_a_try(reader: Reader, waiting: Sequence[Entry], *, about: set[str]) -> list[Entry]:
    """Return what of all that waits a batch tries again: no fact about what nobody knows yet, and not too much.

    What the batch told of comes first, then what was not tried for longest; the worker tries the others.
    """
    facts_ = {each.id: line.fact.item for each in waiting if (line := _line_of(each)).fact}
    named = sorted(set(facts_.values()))
    known = {*reader.many(Item, named), *reader.many(Bag, named)}
    open_ = [each for each in waiting if each.id not in facts_ or facts_[each.id] in known]
    open_.sort(key=lambda each: (each.subject not in about, each.tried_at or each.recorded_at))
    return sorted(open_[:AT_A_TIME], key=lambda each: (each.device, each.account, each.device_seq, each.id))


def _carry(store: Store, entry_id: bytes, *, at: datetime, below: Below) -> bool:
    """Carry an entry out if it waits and is its device's turn; True when it is done now.

    Everything of it, and that it is done, is one transaction: killed before its end it waits as before.
    """
    for attempt in itertools.count(1):
        with store.read() as reader:
            entry = reader.entries.get(entry_id)
            if entry is None or not entry.is_waiting:
                return False
            is_in_turn = _is_in_turn(entry, reader.entries.waiting_of(entry.device, account=entry.account))
        if not is_in_turn:
            why = fact_services.WAITS_IN_TURN_SENTENCE
            return _refused(store, entry, fact_services.WAITS_IN_TURN, why, at=at)
        try:
            with store.begin(at=at) as ledger:
                return _carried(store, ledger, entry, at=at, below=below)
        except Doubted as doubted:
            return _refused(store, entry, doubted.doubt.value, facts.DOUBTS[doubted.doubt], at=at)
        except StillWaiting:
            return _refused(store, entry, fact_services.WAITS, fact_services.WAITS_SENTENCE, at=at)
        except Overtaken:  # somebody wrote about the same thing at this moment
            if attempt == TRIES:
                return False
        except Refused as refused:
            return _refused(store, entry, refused.code, str(refused), at=at)
        except Exception as error:  # noqa: BLE001 - one act that breaks us must not hold up the others, nor be lost
            _log.error("Một việc ngoại tuyến chưa thực hiện được (%s).", type(error).__name__)
            return _refused(store, entry, "fault", f"Phần mềm báo lỗi ({type(error).__name__}).", at=at)
    raise AssertionError("counting never ends")


def _carried(store: Store, ledger: Ledger, entry: Entry, *, at: datetime, below: Below) -> bool:
    line = _line_of(entry)
    if line.act is None:
        return _release(store, ledger, entry, line, at=at)
    if not ledger.entries.take(entry.id, outcome=entry.subject):  # taken first, so that nobody else carries it out
        return False
    done = carrying.carry_out(store, ledger, entry, line.act, at=at, below=below)
    if done.why or done.incident or done.outcome != entry.subject:
        ledger.entries.conclude(entry.id, outcome=done.outcome, why=done.why, incident=done.incident)
    _end_incident(ledger, entry, by=carrying.actor_then(store.inside(ledger), entry), at=at)
    return True


def _release(store: Store, ledger: Ledger, entry: Entry, line: Sent, *, at: datetime) -> bool:
    """Record a fact that waited with its own number, as it was heard when it came. Raises: StillWaiting, Overtaken."""
    if not ledger.entries.take(entry.id, outcome=entry.subject):
        return False
    by = carrying.actor_then(store.inside(ledger), entry)
    doubted = entry.recorded_at if entry.claimed_at else None  # what was not believed when it came is not later
    contact = Contact(at=entry.recorded_at, sent_at=entry.sent_at, since=doubted)
    fact_services.record_late(ledger, line, by=by, at=at, contact=contact)
    _end_incident(ledger, entry, by=by, at=at)
    return True


def _is_in_turn(entry: Entry, waiting: Sequence[Entry]) -> bool:
    """Tell whether nothing earlier of the same device waits about the same things."""
    earlier = [each for each in waiting if (each.device_seq, each.id) < (entry.device_seq, entry.id)]
    line = _line_of(entry)
    for each in map(_line_of, earlier):
        both_facts = line.fact is not None and each.fact is not None
        if both_facts and line.fact and each.fact:
            if line.fact.item == each.fact.item:
                return False
        elif not line.about.isdisjoint(each.about):
            return False
    return True


def _refused(store: Store, entry: Entry, outcome: str, why: str, *, at: datetime) -> bool:
    with store.begin(at=at) as ledger:
        ledger.entries.refused(entry, outcome=outcome, why=why, at=at)
    return False


def _line_of(entry: Entry) -> Sent:
    return facts.read(json.loads(entry.content))


# --- somebody answers -------------------------------------------------------------------------------------------------


def _make_somebody_answer(store: Store, entry: Entry, *, at: datetime, below: Below) -> None:
    """Open the record of an entry that waits for a day; the place of who told it owns it."""
    with store.begin(at=at) as ledger:
        now = ledger.entries.get(entry.id)
        if now is None or not now.is_waiting or now.incident:
            return
        by = carrying.actor_then(store.inside(ledger), now)
        opened = carrying.open_incident(
            ledger,
            IncidentKind.NOT_CARRIED_OUT,
            about=now.subject,
            owner=now.place,
            other=now.place,
            note=now.why,
            by=by,
            at=at,
            below=below,
        )
        ledger.entries.answered_by(entry.id, opened.code)


def _end_incident(ledger: Ledger, entry: Entry, *, by: Actor, at: datetime) -> None:
    """End the record that was opened because an entry waited, now that it does not wait any more."""
    if not entry.incident:
        return
    opened = ledger.incident(entry.incident)
    if opened.is_open and opened.kind is IncidentKind.NOT_CARRIED_OUT:
        ledger.append(opened, opened.fits_now(by=by, at=at))


def _tell_of_revoked(store: Store, batch: Batch, *, by: Actor, at: datetime, below: Below) -> None:
    """Open the record of a revoked device that still tells; what it told of before is in the ledger all the same."""
    device = batch.device
    if device is None or not device.is_revoked or not batch.lines:
        return
    with store.begin(at=at) as ledger:
        known = ledger.incidents_about([device.code])
        if any(each.is_open and each.kind is IncidentKind.REVOKED_DEVICE for each in known):
            return
        carrying.open_incident(
            ledger,
            IncidentKind.REVOKED_DEVICE,
            about=device.code,
            owner=device.place,
            other=by.place,
            note=_told_by_revoked(device, batch),
            by=by,
            at=at,
            below=below,
        )


def _told_by_revoked(device: Device, batch: Batch) -> str:
    assert device.revoked_at is not None
    when = f"{calendars.local(device.revoked_at):%H:%M %d/%m/%Y}"
    return (
        f"{device.name} gửi {len(batch.lines)} việc sau khi bị thu hồi. Việc trước {when} đã ghi, việc sau bị giữ lại."
    )


# --- guards -----------------------------------------------------------------------------------------------------------


def _must_be_here(store: Store, entry_id: bytes, *, by: Actor) -> Entry:
    """Return an entry that waits at the place of who asks. Raises: UnknownEntry."""
    with store.read() as reader:
        entry = reader.entries.get(entry_id)
    if entry is None or not entry.is_waiting or not _is_of(entry.place, by):
        raise UnknownEntry
    return entry


def _kept_here(store: Store, fingerprint: bytes, *, by: Actor) -> KeptAside:
    with store.read() as reader:
        kept = reader.quarantine.get(fingerprint)
    if kept is None or kept.state != "open" or not _is_of(kept.place, by):
        raise UnknownEntry
    return kept


def _is_of(place: str, by: Actor) -> bool:
    return place == by.place or Role.ADMIN in by.roles


def _settle_kept(ledger: Ledger, kept: KeptAside, *, state: str, note: str, by: Actor) -> None:
    text = ledger.texts.put(kept.event_id[:10], note.strip())
    if not ledger.quarantine.settle(kept.fingerprint, state=state, note=text, by=by.account):
        raise UnknownEntry


def _entry_of(line: Sent, number: bytes, kept: KeptAside) -> Entry:
    """Return a line that was kept aside as it waits now: told by whom it was, heard when it came."""
    teller = Actor(account=kept.account, name="", place=kept.place, roles=frozenset(), device=kept.device)
    contact = Contact(at=kept.at, sent_at=kept.sent_at)
    return fact_services.entry_of(line, number, kept.fingerprint, by=teller, contact=contact)

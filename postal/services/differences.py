"""What a receiver does not take is somebody's to answer; what somebody has again is looked for no more."""

from collections.abc import Sequence
from datetime import datetime

from postal.domain import calendars, codes, incident
from postal.domain.bag import Bag
from postal.domain.codes import CodeKind
from postal.domain.events import DeclineReason, IncidentKind, Outcome
from postal.domain.handover import HandoverRecord
from postal.domain.incident import Incident
from postal.domain.item import Item
from postal.domain.people import Actor
from postal.services import conflicts
from postal.store import Ledger

Thing = Item | Bag


def note_declined(
    ledger: Ledger, record: HandoverRecord, declined: Sequence[tuple[Thing, DeclineReason]], *, by: Actor
) -> None:
    """Open the record of every line that was not taken, inside a transaction: the giver answers, the receiver sees it.

    It is due from when we hear of it. What the same two already have an open record about gets no second one.
    """
    if not declined:
        return
    owner, other = record.giver.place or by.place, record.receiver.place or by.place
    open_ = {
        (each.about, each.kind)
        for each in ledger.incidents_about([thing.code for thing, _ in declined])
        if each.is_open and (each.owner, each.other) == (owner, other)
    }
    firsts = []
    for thing, reason in declined:
        kind = incident.OF_DECLINE[reason]
        if (thing.code, kind) in open_:
            continue
        below = conflicts.drawn_from(f"{record.code} {record.version} {thing.code}".encode(), 0)
        opened = incident.open_incident(
            kind, about=thing.code, owner=owner, other=other, holder=thing.custodian, by=by, at=ledger.at
        )
        firsts.append((codes.mint(CodeKind.INCIDENT, below=below).text, opened))
    if firsts:
        ledger.begin_all(Incident, firsts)


def end_taken(ledger: Ledger, things: Sequence[Thing], *, by: Actor) -> None:
    """End what somebody having these things ends, inside a transaction: the search for them, and a way gone wrong.

    A thing went wrong until it is where it must end.
    """
    there = {thing.code for thing in things if thing.is_at_destination}
    over = [
        (each, outcome)
        for each in ledger.incidents_about([thing.code for thing in things])
        if each.is_open and (outcome := _outcome(each, is_there=each.about in there))
    ]
    ledger.append_all([(each, each.ended_by_fact(outcome, by=by, at=ledger.at)) for each, outcome in over])


def note_signing_time(ledger: Ledger, before: Bag, after: Bag, *, by: Actor) -> None:
    """Open the record of a bag whose signature came after it was counted, inside a transaction.

    What came out of it carries the time of the count as the legal time of submission. The authority whose clock it is
    answers, whoever gave it the bag sees it; both times are named.
    """
    was, is_now = before.signed_over_at, after.signed_over_at
    if before.opened_at is None or was is None or is_now is None or was == is_now:
        return
    giver = after.last_carrier or after.packer
    told = f"Cơ quan đã ký nhận túi lúc {_clock(is_now)} (nghe sau); bưu gửi trong túi đang ghi lúc {_clock(was)}."
    opened = incident.open_incident(
        IncidentKind.TOO_LATE,
        about=after.code,
        owner=after.custodian.place,
        other=giver.place,
        holder=after.custodian,
        note=ledger.texts.put(after.code, f"{told} Giờ nộp hợp pháp là giờ ký nhận túi; xem lại hạn của các hồ sơ."),
        by=by,
        at=ledger.at,
    )
    below = conflicts.drawn_from(f"{after.code} {after.version}".encode(), 0)
    ledger.begin(Incident, codes.mint(CodeKind.INCIDENT, below=below).text, opened)


def _clock(at: datetime) -> str:
    return f"{calendars.local(at):%H:%M %d/%m/%Y}"


def _outcome(record: Incident, *, is_there: bool) -> Outcome | None:
    if record.kind in incident.LOOKED_FOR:
        return Outcome.FOUND
    return Outcome.SENT_ON if record.kind is IncidentKind.WRONG_PLACE and is_there else None

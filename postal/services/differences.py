"""What a receiver does not take is somebody's to answer; what somebody has again is looked for no more."""

from collections.abc import Sequence

from postal.domain import codes, incident
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


def _outcome(record: Incident, *, is_there: bool) -> Outcome | None:
    if record.kind in incident.LOOKED_FOR:
        return Outcome.FOUND
    return Outcome.SENT_ON if record.kind is IncidentKind.WRONG_PLACE and is_there else None

"""Invitations to collect at the office: what waits there, until when, and the message that says so."""

from collections.abc import Sequence
from datetime import date, datetime

from postal.domain import codes, permissions, run
from postal.domain.item import Item
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.services import messages
from postal.store import Ledger, Store

LONGEST_OFFICE = 60
"""Letters of an office's name in an invitation, so that it stays one SMS segment."""


def hold_for_pickup(store: Store, code: str, *, until: date, by: Actor, at: datetime) -> Item:
    """Keep an item at its delivery office and invite the citizen to come; again with a later day is a new invitation.

    Raises: NotAtItsOffice, NotForCitizen, DayGone, NotCustodian, NotNow, Forbidden, UnknownCode.
    """
    return hold_all_for_pickup(store, [code], until=until, by=by, at=at)[0]


def hold_all_for_pickup(store: Store, items: Sequence[str], *, until: date, by: Actor, at: datetime) -> list[Item]:
    """Keep several items at their delivery office, all of them or none."""
    permissions.require(by, Permission.SORT_RESULTS)
    run.must_lie_ahead(until, at=at)
    with store.begin(at=at) as ledger:
        return [_hold(ledger, found, until=until, by=by, at=at) for found in ledger.items(list(dict.fromkeys(items)))]


def _hold(ledger: Ledger, found: Item, *, until: date, by: Actor, at: datetime) -> Item:
    run.must_be_for_citizen(found)
    event = found.hold_for_pickup(until=until, calendar=ledger.reference.calendar("post"), by=by, at=at)
    if not run.rests_at_its_office(found):
        raise run.NotAtItsOffice(item=codes.shown(found.code), office=found.destination.name, holder=found.custodian)
    held = ledger.append(found, event)
    _owe_invitation(ledger, held, until=until)
    return held


def _owe_invitation(ledger: Ledger, held: Item, *, until: date) -> None:
    dossier = ledger.dossier(held.dossier)
    office = messages.without_accents(held.destination.name, most=LONGEST_OFFICE)
    words = f"moi den {office} nhan ket qua truoc {until:%d/%m}, mang theo can cuoc"
    messages.owe_sender(ledger, dossier, fact=f"at_post_office_{until.isoformat()}", words=words)

"""Invitations to collect at the office (giấy mời): what waits there, until when, and the message that says so."""

from collections.abc import Sequence
from datetime import date, datetime

from postal.domain import calendars, clocks, codes, permissions, run
from postal.domain.calendars import WorkCalendar
from postal.domain.dossier import Dossier
from postal.domain.events import HeldForPickup
from postal.domain.item import Item
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.services import messages
from postal.store import Ledger, Store


def hold_for_pickup(store: Store, code: str, *, until: date, by: Actor, at: datetime) -> Item:
    """Keep an item at its delivery office and invite the citizen to come; again with a later day is a new invitation.

    Raises: NotAtItsOffice, NotForCitizen, GoesBack, DayGone, InvitedOnDayOff, InvitedTooSoon, NotCustodian, NotNow,
    Forbidden, UnknownCode.
    """
    return hold_all_for_pickup(store, [code], until=until, by=by, at=at)[0]


def hold_all_for_pickup(store: Store, items: Sequence[str], *, until: date, by: Actor, at: datetime) -> list[Item]:
    """Keep several items at their delivery office, all of them or none."""
    permissions.require(by, Permission.INVITE)
    run.must_lie_ahead(until, at=at)
    with store.begin(at=at) as ledger:
        return _hold_all(ledger, ledger.items(list(dict.fromkeys(items))), until=until, by=by, at=at)


def invite_due(store: Store, office: str, *, by: Actor, at: datetime) -> list[Item]:
    """Invite a second time for everything of an office that the actor holds and that is due today.

    It is kept until the post's calendar says, `clocks.held_until`. Asked twice, the second finds nothing due.

    Raises: NotOwnOffice, Forbidden.
    """
    permissions.require(by, Permission.INVITE)
    today = calendars.local(at).date()
    with store.begin(at=at) as ledger:
        run.must_work_at(office, name=ledger.reference.place(office).name, by=by)
        calendar = ledger.reference.calendar("post")
        due = [i for i in ledger.items_at(office) if _is_due(i, on=today, calendar=calendar, by=by)]
        return _hold_all(ledger, due, until=clocks.held_until(today, calendar), by=by, at=at)


def _is_due(item: Item, *, on: date, calendar: WorkCalendar, by: Actor) -> bool:
    """Tell whether a second invitation is due and the actor's to make."""
    is_mine = by.acts_for(item.custodian) and run.rests_at_its_office(item)
    return is_mine and item.is_to_be_invited(on=on, calendar=calendar)


def _hold_all(ledger: Ledger, found: Sequence[Item], *, until: date, by: Actor, at: datetime) -> list[Item]:
    """Keep items in a few statements, however many they are."""
    calendar = ledger.reference.calendar("post")
    held = ledger.append_all([(each, _held(each, until=until, calendar=calendar, by=by, at=at)) for each in found])
    for each, dossier in zip(held, ledger.dossiers([each.dossier for each in held]), strict=True):
        _owe_invitation(ledger, each, dossier, until=until)
    return held


def _held(found: Item, *, until: date, calendar: WorkCalendar, by: Actor, at: datetime) -> HeldForPickup:
    run.must_be_for_citizen(found)
    event = found.hold_for_pickup(until=until, calendar=calendar, by=by, at=at)
    if not run.rests_at_its_office(found):
        raise run.NotAtItsOffice(item=codes.shown(found.code), office=found.destination.name, holder=found.custodian)
    return event


def _owe_invitation(ledger: Ledger, held: Item, dossier: Dossier, *, until: date) -> None:
    """Owe the message; each invitation of each envelope is a fact of its own, the day it ends on stands last."""
    number = len(held.invited_on)
    words = messages.invitation_words(held.destination.name, until=until, number=number)
    fact = f"at_post_office_{held.code}_{number}_{until.isoformat()}"
    messages.owe_sender(ledger, dossier, fact=fact, words=words, about=held.code)

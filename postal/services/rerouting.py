"""What turned up at the wrong place goes on towards the right one in one step, and the record of it says so."""

from collections.abc import Callable
from datetime import datetime

from postal.domain import calendars, codes, permissions
from postal.domain.events import Destination, IncidentKind, ItemKind, Outcome
from postal.domain.handover import HandoverRecord
from postal.domain.item import FOR_THE_CITIZEN, Item
from postal.domain.people import Actor, Custodian
from postal.domain.permissions import Permission
from postal.domain.refusals import Refused
from postal.services import bags, custody, destinations, incidents
from postal.store import Ledger, Store

Below = Callable[[int], int]

TAKEN_TO_SEND_ON = "Bưu gửi đến sai nơi, nhận để chuyển đúng nơi."


class SameDestination(Refused):
    """The destination of an item is changed only when it really is another one."""

    code = "same_destination"
    vi = "Nơi đến của {item} vẫn là {destination}. Bàn giao đi {destination}."
    en = "{item} still goes to {destination}."


class BelongsHere(Refused):
    """What is where it must end is not sent on."""

    code = "belongs_here"
    vi = "{item} phải đến chính nơi này. Giữ lại và làm bước tiếp theo trên trang bưu gửi."
    en = "{item} belongs here. Keep it and take the next step on its page."


def send_on(
    store: Store, code: str, *, to: Custodian, own: Custodian, by: Actor, at: datetime, below: Below
) -> HandoverRecord | None:
    """Offer an item that is here by mistake to who carries on towards the right place, and write the record of it.

    What nobody handed over is first taken into the position `own`. Returns None where both positions are the actor's
    own: then it was carried there in one step.

    Raises: BelongsHere, NotCustodian, NotNow, NotSealed, Forbidden.
    """
    permissions.require(by, Permission.HAND_OVER)
    with store.begin(at=at) as ledger:
        item = _taken(ledger, ledger.item(code), own, by=by, at=at)
        _note_wrong_way(ledger, item, by=by, at=at, below=below)
        if by.acts_for(to):
            ledger.append(item, item.move(to=to, by=by, at=at))
            return None
        return custody.draw_up(ledger, [code], to=to, by=by, at=at, below=below)


def put_into_bag(store: Store, code: str, bag: str, *, by: Actor, at: datetime, below: Below) -> Item:
    """Put an item that is here by mistake into a bag that goes its way, and write the record of it.

    Raises: BelongsHere, NotCustodian, NotNow, NotSealed, OtherDestination, Forbidden.
    """
    permissions.require(by, Permission.PACK_BAG)
    with store.begin(at=at) as ledger:
        into = ledger.bag(bag)
        item = _taken(ledger, ledger.item(code), into.custodian, by=by, at=at)
        _note_wrong_way(ledger, item, by=by, at=at, below=below)
        bags.put_in(ledger, into, [code], by=by, at=at)
        return ledger.item(code)


def follow_destination(store: Store, code: str, *, by: Actor, at: datetime) -> Item:
    """Give an item its new destination when what it belongs to goes elsewhere by now. Raises: SameDestination."""
    permissions.require(by, Permission.HAND_OVER)
    with store.begin(at=at) as ledger:
        item = ledger.item(code)
        wanted = destination_now(ledger, item, at=at)
        if wanted.place == item.destination.place:
            raise SameDestination(item=codes.shown(code), destination=item.destination.name)
        return ledger.append(item, item.reroute(destination=wanted, by=by, at=at))


def destination_now(ledger: Ledger, item: Item, *, at: datetime) -> Destination:
    """Return where an item must end by what its dossier says today; what goes back stays on its way back."""
    if item.goes_back or item.kind is ItemKind.RECOVERED:
        return item.destination
    dossier, on = ledger.dossier(item.dossier), calendars.local(at).date()
    if item.kind in FOR_THE_CITIZEN and item.destination.to_citizen:
        return destinations.for_citizen(ledger, dossier, on=on)
    return destinations.authority_of(ledger, dossier, on=on)


def _taken(ledger: Ledger, item: Item, own: Custodian, *, by: Actor, at: datetime) -> Item:
    """Return the item in the actor's hands; what nobody handed over is taken with a reason, by who may do that."""
    if item.destination.place == by.place:
        raise BelongsHere(item=codes.shown(item.code))
    if by.acts_for(item.custodian):
        return item
    permissions.require(by, Permission.TAKE_OVER)
    text = ledger.texts.put(item.dossier, TAKEN_TO_SEND_ON)
    return ledger.append(item, item.take_over(to=own, reason=text, by=by, at=at))


def _note_wrong_way(ledger: Ledger, item: Item, *, by: Actor, at: datetime, below: Below) -> None:
    """End the open records of the wrong way as sent on; where there is none, write one that says both."""
    about = ledger.incidents_about([item.code])
    known = [each for each in about if each.is_open and each.kind is IncidentKind.WRONG_PLACE]
    if not known:
        known = [
            incidents.write(ledger, IncidentKind.WRONG_PLACE, thing=item, about=item.code, by=by, at=at, below=below)
        ]
    ledger.append_all([(each, each.ended_by_fact(Outcome.SENT_ON, by=by, at=at)) for each in known])

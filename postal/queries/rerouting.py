"""What one button can do with an envelope that is looked for, is at the wrong place, or goes elsewhere by now."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from postal.domain import calendars, codes, events, permissions
from postal.domain.bag import Bag, BagState
from postal.domain.dossier import Dossier
from postal.domain.events import ItemKind, ReturnWay, Service
from postal.domain.item import FOR_THE_CITIZEN, Item, Trouble
from postal.domain.people import Actor, Custodian
from postal.domain.permissions import Permission
from postal.domain.places import CommuneGone, NoSuccessor, Place, UnknownPlace
from postal.queries import incidents, receivers
from postal.store import Reader
from postal.store.tables import BagRow, table_of


@dataclass(frozen=True, kw_only=True, slots=True)
class Offer:
    """One button: its words, the address it posts to, and the fields that go with it."""

    button: str
    action: str
    fields: tuple[tuple[str, str], ...] = ()


def offers(reader: Reader, item: Item, dossier: Dossier | None, *, actor: Actor, at: datetime) -> tuple[Offer, ...]:
    """Return what one button can do with an envelope for whoever has it before him."""
    own = receivers.custodians_of(reader, actor)
    if item.is_final or not own:
        return ()
    if item.trouble is Trouble.MISSING or _is_looked_for(reader, item):
        return _found(item, own, actor)
    found = _follow(reader, item, dossier, actor=actor, on=calendars.local(at).date())
    return (*found, *_onwards(reader, item, own, actor)) if is_astray(item, actor) else found


def is_astray(item: Item, actor: Actor) -> bool:
    """Tell whether an envelope is not where it belongs, nor where somebody handed it to, seen from a place."""
    if item.offered_to is not None or item.bag or actor.place == item.destination.place:
        return False
    if actor.acts_for(item.custodian):
        return item.trouble is Trouble.MISROUTED
    return actor.place not in (item.custodian.place, item.origin)


def _is_looked_for(reader: Reader, item: Item) -> bool:
    return any(each.kind is events.IncidentKind.LOST for each in incidents.open_about(reader, [item.code]))


def _found(item: Item, own: list[Custodian], actor: Actor) -> tuple[Offer, ...]:
    if not permissions.may(actor, Permission.RECEIVE):
        return ()
    holds = actor.acts_for(item.custodian)
    if holds and item.trouble is not Trouble.MISSING:
        return ()
    to = item.custodian if holds else own[0]
    fields = (("to", receivers.value_of(to)),)
    return (Offer(button="Đã thấy", action=f"/found/{item.code}", fields=fields),)


def _onwards(reader: Reader, item: Item, own: list[Custodian], actor: Actor) -> tuple[Offer, ...]:
    """Return the ways on: into a bag that is being packed for there, or to who carries on from here."""
    if not actor.acts_for(item.custodian) and not permissions.may(actor, Permission.TAKE_OVER):
        return ()
    giver = item.custodian if actor.acts_for(item.custodian) else own[0]
    found = []
    for bag in _bags_there(reader, item, own) if permissions.may(actor, Permission.PACK_BAG) else ():
        button = f"Đưa vào túi {codes.shown(bag.code)} đi {bag.destination.name}"
        found.append(Offer(button=button, action=f"/items/{item.code}/into-bag", fields=(("bag", bag.code),)))
    likely = receivers.likely(reader, giver=giver, items=[item], actor=actor)
    if likely and permissions.may(actor, Permission.HAND_OVER):
        fields = (("to", likely[0].value), ("own", receivers.value_of(giver)))
        is_there = f":{item.destination.place}:" in likely[0].value
        onwards = "" if is_there else f" để chuyển đi {item.destination.name}"
        button = f"Bàn giao cho {likely[0].name}{onwards}"
        found.append(Offer(button=button, action=f"/items/{item.code}/send-on", fields=fields))
    return tuple(found)


def _bags_there(reader: Reader, item: Item, own: list[Custodian]) -> list[Bag]:
    table = table_of(BagRow)
    here = table.c.custodian_key.in_([each.key for each in own])
    there = table.c.destination == item.destination.place
    packing = table.c.bag_state == BagState.PACKING.value
    return reader.things(Bag, select(table.c.state).where(here, there, packing).order_by(table.c.code).limit(1))


def _follow(reader: Reader, item: Item, dossier: Dossier | None, *, actor: Actor, on: date) -> tuple[Offer, ...]:
    place = _goes_now(reader, item, dossier, on=on) if dossier else None
    holds = actor.acts_for(item.custodian) and item.may(events.Rerouted)
    if place is None or place.code == item.destination.place or not holds:
        return ()
    return (Offer(button=f"Nơi đến đã đổi: chuyển đi {place.name}", action=f"/items/{item.code}/follow"),)


def _goes_now(reader: Reader, item: Item, dossier: Dossier, *, on: date) -> Place | None:
    """Return the place an envelope must end at by what its dossier says today, None where nobody can say."""
    if item.goes_back or item.kind is ItemKind.RECOVERED:
        return None
    try:
        if not (item.kind in FOR_THE_CITIZEN and item.destination.to_citizen):
            return reader.reference.standing_place(dossier.desk, on=on)
        if dossier.return_way is ReturnWay.DESK or dossier.service is Service.SEND:
            return reader.reference.standing_place(dossier.desk, on=on)
        if dossier.return_way is ReturnWay.POST_OFFICE:
            return reader.reference.place(dossier.return_place or dossier.office)
        territory = reader.reference.territory_for(dossier.return_commune)
        return reader.reference.place(territory.office) if territory else None
    except (CommuneGone, NoSuccessor, UnknownPlace):
        return None

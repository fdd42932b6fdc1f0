"""What complaints are measured by, and those of a dossier."""

from collections.abc import Sequence

from sqlalchemy import select

from postal.domain import codes
from postal.domain.complaint import Carriage
from postal.domain.dossier import Dossier
from postal.domain.events import IncidentKind
from postal.domain.incident import Incident
from postal.domain.item import Item
from postal.domain.lifecycle import UnknownCode
from postal.domain.people import Side
from postal.store import legs
from postal.store.ledger import FAMILIES
from postal.store.reader import Reader


def concerned(reader: Reader, about: str) -> tuple[Dossier, list[Item]]:
    """Return the dossier and the envelopes a complaint is about: one, or all of the dossier. Raises: UnknownCode."""
    item = reader.thing(Item, about)
    dossier = reader.thing(Dossier, item.dossier if item else about)
    if dossier is None:
        raise UnknownCode(thing=codes.shown(about))
    return dossier, [item] if item else reader.items_of(dossier.code)


def carriage(reader: Reader, dossier: Dossier, items: Sequence[Item]) -> Carriage:
    """Return what a complaint about some envelopes of a dossier is measured by.

    The end of the time to carry is the last J+n of their ways; nobody can say it while one without any lane goes on.
    """
    known = legs.of(reader, dossier, items)
    with_post = {item.code for item in items if not item.is_final and item.custodian.side is Side.POST}
    is_open = bool(with_post - {leg.item for leg in known})
    due_on = None if is_open else max((leg.due_on for leg in known), default=None)
    return Carriage(due_on, is_across(reader, dossier, items))


def is_across(reader: Reader, dossier: Dossier, items: Sequence[Item]) -> bool:
    """Tell whether something goes from one province to another; a place nobody knows tells nothing."""
    ends = {end for item in items for end in (item.origin, item.destination.place)} or {dossier.office, dossier.desk}
    places = reader.reference.places(ends - {""}).values()
    return len({place.province_code for place in places if place.province_code}) > 1


def of_things(reader: Reader, things: Sequence[str]) -> list[Incident]:
    """Return the complaints about dossiers and items, open and answered, oldest first."""
    table = FAMILIES[Incident].table
    is_complaint = table.c.kind == IncidentKind.COMPLAINT.value
    found = reader.things(Incident, select(table.c.state).where(table.c.about.in_(sorted(things)), is_complaint))
    return sorted(found, key=lambda each: (each.opened_at, each.code))

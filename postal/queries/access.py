"""Who may look at a dossier: people of the places that take part in it, and those who watch over all of them."""

from collections.abc import Iterable

from postal.domain import codes, permissions
from postal.domain.dossier import Dossier
from postal.domain.item import Item
from postal.domain.people import Actor, Role
from postal.domain.permissions import Permission
from postal.domain.refusals import Refused

_WATCH_ALL = frozenset({Role.COORDINATOR, Role.ADMIN})


class NotTakingPart(Refused):
    """The account's place has no part in the dossier."""

    code = "not_taking_part"
    vi = "Hồ sơ {dossier} không đi qua nơi làm việc của tài khoản này. Gọi nơi đang giữ, hoặc nhờ điều phối xem giúp."
    en = "Dossier {dossier} does not pass through your place of work. Ask the coordinator."


def places_of(dossier: Dossier, items: Iterable[Item]) -> frozenset[str]:
    """Return the places that take part: the three organisations, pickup, and where its items come from, are and go."""
    found = {dossier.office, dossier.desk, dossier.department, dossier.return_place}
    for item in items:
        found |= {item.origin, item.destination.place, item.custodian.place}
        found |= {item.offered_to.place} if item.offered_to else set()
        found |= {item.was_for.place} if item.was_for else set()
    return frozenset(found - {""})


def watches_all(actor: Actor) -> bool:
    """Tell whether the actor watches over every place, without seeing personal data of other places."""
    return not actor.roles.isdisjoint(_WATCH_ALL)


def takes_part(actor: Actor, dossier: Dossier, items: Iterable[Item]) -> bool:
    """Tell whether the actor's place takes part in a dossier."""
    return actor.place in places_of(dossier, items)


def must_see(actor: Actor, dossier: Dossier, items: Iterable[Item]) -> None:
    """Refuse a dossier to an account whose place has no part in it. Raises: Forbidden, NotTakingPart."""
    permissions.require(actor, Permission.SEE_DOSSIERS)
    if not takes_part(actor, dossier, items) and not watches_all(actor):
        raise NotTakingPart(dossier=codes.shown(dossier.code))


def sees_people(actor: Actor, dossier: Dossier, items: Iterable[Item]) -> bool:
    """Tell whether the actor may read the names, numbers and addresses of a dossier's people."""
    return permissions.may(actor, Permission.SEE_PERSONAL_DATA) and takes_part(actor, dossier, items)

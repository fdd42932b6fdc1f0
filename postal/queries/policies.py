"""What a place decided for itself, and what it may decide."""

from dataclasses import dataclass
from datetime import datetime

from postal.domain.people import Actor
from postal.domain.policies import WHOLE_BAG_NAMES, PolicyName
from postal.queries import receivers
from postal.store import Store


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicyPage:
    """How a place receives bags, who decided it and when, and the ways there are."""

    place: str
    value: str
    basis: str
    since: datetime | None
    by: str
    options: tuple[tuple[str, str], ...]
    errors: dict[str, str]


def policy_page(store: Store, *, actor: Actor, errors: dict[str, str] | None = None) -> PolicyPage:
    """Return the policies of the actor's place."""
    with store.read() as reader:
        found = reader.policies.get(actor.place, PolicyName.WHOLE_BAG)
        names = receivers.names_of(reader, {found.account}) if found else {}
        places = reader.reference.places([actor.place])
        return PolicyPage(
            place=places[actor.place].name if actor.place in places else actor.place,
            value=reader.policies.whole_bag(actor.place).value,
            basis=found.basis if found else "",
            since=found.since if found else None,
            by=names.get(found.account, found.account) if found else "",
            options=tuple((way.value, name) for way, name in WHOLE_BAG_NAMES.items()),
            errors=errors or {},
        )

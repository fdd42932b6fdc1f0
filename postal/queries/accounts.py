"""Accounts, for the sign-in page of a demo and for the terminal."""

from dataclasses import dataclass

from postal.domain import people
from postal.store import Store


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountLine:
    """An account as a line: who, what, where."""

    username: str
    name: str
    roles: str
    place: str
    is_active: bool


def accounts(store: Store, *, only_demo: bool = False) -> list[AccountLine]:
    """Return every account by name, or only those of the demo."""
    with store.read() as reader:
        found = [a for a in reader.accounts.all() if a.is_demo or not only_demo]
        places = reader.reference.places({a.place for a in found})
    return [
        AccountLine(
            username=account.username,
            name=account.name,
            roles=people.role_names(account.roles),
            place=places[account.place].name if account.place in places else account.place,
            is_active=account.is_active,
        )
        for account in found
    ]

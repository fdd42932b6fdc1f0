"""A kept proposal of two rounds of the central office, to be changed on the board."""

from dataclasses import replace

from postal.domain.people import Account, Actor, Role
from postal.domain.proposal import Proposal
from postal.services import planning
from postal.store import Store
from postal.store.rounds import KeptProposal
from tests import arrivals, cast
from tests.arrivals import hanh

coordinator = replace(cast.minh, roles=frozenset({Role.COORDINATOR}))

WEST, EAST = 1, 0
"""The places of the two rounds in the proposal: buuta2's Thanh Khê, buuta1's Hải Châu."""


def kept(store: Store, *, doors: int = 5, west: int = 2) -> str:
    """Return the number of a proposal over so many doors, kept for the central office."""
    arrivals.keep_postmen(store)
    people = [
        replace(hanh, address=f"{n} Quang Trung", commune="20242" if n < doors - west else "20209")
        for n in range(doors)
    ]
    arrivals.arrived(store, *people)
    proposed = planning.propose_day(store, cast.OFFICE, day=cast.today, by=cast.minh, at=cast.monday)
    return planning.keep_proposal(store, proposed, by=cast.minh, at=cast.monday, below=arrivals.below(3))


def look(store: Store, number: str) -> KeptProposal:
    """Return a proposal as it stands."""
    with store.read() as reader:
        found = reader.rounds.proposal(number)
    assert found is not None
    return found


def names(found: Proposal, route: int) -> list[str]:
    """Return the stops of a run in their order."""
    return [stop.name for stop in found.drafts[route].stops]


def known_as(by: Actor, store: Store) -> Actor:
    """Keep an account under the name of an actor, so that others are told who it was."""
    with store.begin(at=cast.monday) as ledger:
        ledger.accounts.put(
            Account(username=by.account, name=by.name, place=by.place, roles=by.roles), password_hash=""
        )
    return by

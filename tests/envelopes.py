"""Many envelopes at once, for tests of custody that do not care what is inside."""

from collections.abc import Sequence
from datetime import datetime

from postal.domain.codes import CodeKind
from postal.domain.events import Destination, Sealed
from postal.domain.item import Item
from postal.domain.people import Actor, Custodian
from postal.store import Store
from tests import cast


def at_the_counter(
    store: Store,
    count: int,
    *,
    by: Actor = cast.lan,
    custodian: Custodian = cast.counter,
    destination: Destination = cast.to_the_desk,
    sealed: bool = True,
    when: datetime = cast.monday,
    seed: int = 1,
) -> list[str]:
    """Register envelopes of one dossier with a custodian and return their codes; sealed ones have numbers from 1."""
    minted = cast.codes_of(CodeKind.ITEM, seed=seed)
    codes = [next(minted) for _ in range(count)]
    event = cast.registered(custodian=custodian, by=by, destination=destination, when=when)
    with store.begin(at=when) as ledger:
        made = ledger.begin_all(Item, [(code, event) for code in codes])
        if sealed:
            ledger.append_all(
                [
                    (item, Sealed(seal=f"88{number:04}", by=by.as_author(), occurred_at=when))
                    for number, item in enumerate(made, start=1)
                ]
            )
    return codes


def holder_of(store: Store, codes: Sequence[str]) -> set[str]:
    """Return the keys of the custodians of some envelopes."""
    with store.read() as reader:
        return {item.custodian.key for item in reader.many(Item, codes).values()}

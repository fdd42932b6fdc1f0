"""What the benches need: envelopes that wait at a counter, bags of fifty, trips of ten."""

import random
from dataclasses import dataclass, field
from typing import Any

from postal.domain import codes
from postal.domain.codes import CodeKind
from postal.domain.events import Destination, ItemKind
from postal.domain.item import Item
from postal.domain.people import Actor, Custodian
from postal.services import bags, custody, dispatches
from postal.store import Store
from tests import cast

TO_COMMUNE = Destination(place=cast.COMMUNE_DESK, name=cast.UNIT_NAMES[cast.COMMUNE_DESK])
SEAL = "DN881254"


@dataclass
class Things:
    """Makes envelopes, bags and trips in a store; every code is new."""

    store: Store
    seed: int = 4
    below: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.below = random.Random(self.seed)

    def code(self, kind: CodeKind) -> str:
        """Return a new code."""
        return codes.mint(kind, below=self.below.randrange).text

    def envelopes(
        self,
        count: int,
        *,
        to: Destination = TO_COMMUNE,
        at: Custodian = cast.counter,
        by: Actor = cast.lan,
        is_sealed: bool = True,
    ) -> list[str]:
        """Return envelopes that wait at a position."""
        made = [self.code(CodeKind.ITEM) for _ in range(count)]
        with self.store.begin(at=cast.monday) as ledger:
            firsts: list[tuple[str, Any]] = [
                (
                    code,
                    cast.registered(
                        code=code,
                        kind=ItemKind.OUTBOUND,
                        dossier=self.code(CodeKind.DOSSIER),
                        destination=to,
                        custodian=at,
                        by=by,
                    ),
                )
                for code in made
            ]
            items = ledger.begin_all(Item, firsts)
            if is_sealed:
                ledger.append_all(
                    [
                        (item, item.close_seal(seal=str(880000 + n), by=by, at=cast.monday))
                        for n, item in enumerate(items)
                    ]
                )
        return made

    def bag(self, *, to: Destination = TO_COMMUNE, at: Custodian = cast.counter, by: Actor = cast.lan) -> str:
        """Return an empty bag that is being packed."""
        code = self.code(CodeKind.BAG)
        bags.start(self.store, code=code, destination=to, custodian=at, by=by, at=cast.monday)
        return code

    def sealed(
        self, items: list[str], *, to: Destination = TO_COMMUNE, at: Custodian = cast.counter, by: Actor = cast.lan
    ) -> str:
        """Return a sealed bag with these envelopes."""
        code = self.bag(to=to, at=at, by=by)
        bags.seal(self.store, code, seal=SEAL, items=items, by=by, at=cast.monday)
        return code

    def arrived(self, count: int) -> tuple[str, list[str]]:
        """Return a bag that is offered to the commune's desk, and what is in it."""
        items = self.envelopes(count)
        code = self.sealed(items)
        custody.offer(self.store, [code], to=cast.commune_desk, by=cast.lan, at=cast.monday, below=self.below.randrange)
        return code, items

    def trip(self, count: int) -> tuple[str, list[str]]:
        """Return a trip that is being loaded at the central office, and the sealed bags that wait for it."""
        there: Any = {"at": cast.sorting, "by": cast.hung}
        ready = [self.sealed(self.envelopes(1, **there), **there) for _ in range(count)]
        code = self.code(CodeKind.DISPATCH)
        dispatches.make(self.store, code=code, origin=cast.OFFICE, destination=TO_COMMUNE, by=cast.hung, at=cast.monday)
        return code, ready

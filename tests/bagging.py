"""Bags of envelopes, as far as tests want them: packed by Lan for the desk, carried by Tài, received by Hoa."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from postal.domain.bag import Bag
from postal.domain.codes import CodeKind
from postal.domain.dispatch import Dispatch
from postal.domain.events import Condition, Destination
from postal.domain.handover import HandoverRecord
from postal.domain.incident import Incident
from postal.domain.item import Item
from postal.domain.people import Actor, Custodian
from postal.services import bags, custody, verification
from postal.services.bags import Received
from postal.store import Store
from tests import cast, envelopes

SEAL = "701234"
TWO_HOURS_LATER = cast.after(hours=2)


@dataclass
class Bagging:
    """A store in which bags are packed; every code and envelope is a new one."""

    store: Store
    seed: int = 40

    def __post_init__(self) -> None:
        self.bags = cast.codes_of(CodeKind.BAG, seed=self.seed)
        self.below = cast.below(self.seed + 1)

    def envelopes(self, count: int, **more: object) -> list[str]:
        """Register sealed envelopes for the desk at Lan's counter."""
        self.seed += 1
        return envelopes.at_the_counter(self.store, count, seed=self.seed, **more)  # type: ignore[arg-type]

    def packed(
        self,
        items: Sequence[str],
        *,
        seal: str = SEAL,
        destination: Destination = cast.to_the_desk,
        custodian: Custodian = cast.counter,
        by: Actor = cast.lan,
        at: datetime = cast.monday,
        is_transit: bool = False,
    ) -> str:
        """Pack envelopes into a bag and seal it."""
        started = bags.start(
            self.store,
            code=next(self.bags),
            destination=destination,
            custodian=custodian,
            is_transit=is_transit,
            by=by,
            at=at,
        )
        bags.seal(self.store, started.code, items=items, seal=seal, by=by, at=at)
        return started.code

    def offered(self, things: Sequence[str], *, to: Custodian, by: Actor, at: datetime) -> HandoverRecord:
        """Offer bags on one record."""
        return custody.offer(self.store, things, to=to, by=by, at=at, below=self.below)

    def carried(self, *things: str, at: datetime = cast.monday) -> None:
        """Let Tài take bags from Lan."""
        record = self.offered(things, to=cast.transport, by=cast.lan, at=at)
        custody.accept(self.store, record.code, by=cast.tai, at=at)

    def brought(self, *things: str, at: datetime) -> HandoverRecord:
        """Let Tài bring bags from Lan to the desk and offer them there."""
        self.carried(*things)
        return self.offered(things, to=cast.desk, by=cast.tai, at=at)

    def received(
        self,
        code: str,
        found: Sequence[str] | Mapping[str, Condition],
        *,
        by: Actor = cast.hoa,
        at: datetime = TWO_HOURS_LATER,
        seal_seen: str = SEAL,
        is_intact: bool = True,
        unchecked: Sequence[str] = (),
        unknown: Sequence[str] = (),
    ) -> Received:
        """Count what lies in a bag."""
        seen = dict(found) if isinstance(found, Mapping) else dict.fromkeys(found, Condition.SOUND)
        return bags.receive(
            self.store,
            code,
            seal_seen=seal_seen,
            is_intact=is_intact,
            found=seen,
            unchecked=frozenset(unchecked),
            unknown=unknown,
            by=by,
            at=at,
            below=self.below,
        )

    # --- looks --------------------------------------------------------------------------------------------------------

    def item(self, code: str) -> Item:
        """Return an envelope as it is now."""
        with self.store.read() as reader:
            return reader.many(Item, [code])[code]

    def bag(self, code: str) -> Bag:
        """Return a bag as it is now."""
        with self.store.read() as reader:
            return reader.many(Bag, [code])[code]

    def trip(self, code: str) -> Dispatch:
        """Return a trip as it is now."""
        with self.store.read() as reader:
            return reader.many(Dispatch, [code])[code]

    def record(self, code: str) -> HandoverRecord:
        """Return a hand-over record as it is now."""
        with self.store.read() as reader:
            return reader.many(HandoverRecord, [code])[code]

    def incidents(self, *about: str) -> list[Incident]:
        """Return the incidents about some things."""
        with self.store.begin(at=cast.monday) as ledger:
            return ledger.incidents_about(about)

    def is_sound(self) -> bool:
        """Tell whether every stream replays to its row and custody never broke."""
        return verification.verify(self.store).is_sound

"""Through whose hands an item went, the time in bags included: its own events, and its bag's while it lay inside."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from postal.domain import bag as bags
from postal.domain import events, item
from postal.domain.bag import Bag
from postal.domain.events import Event
from postal.domain.item import Item
from postal.domain.people import Side
from postal.store.reader import Reader

OF_OTHERS = (events.BagStarted, events.BagPacked, events.BagUnpacked, events.BagCounted)
"""What a bag's stream says about its list as a whole; an item's own stream says what became of the item."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Passage:
    """One event of an item, or of the bag it lay in, and how the item stood afterwards."""

    stream: str
    version: int
    recorded_at: datetime
    event: Event
    item: Item


def of_items(reader: Reader, codes: Sequence[str]) -> dict[str, list[Passage]]:
    """Return for each item what happened to it and to the bags around it, in the order in which it counts."""
    own = reader.events(codes)
    around = sorted({event.bag for *_, event in own if isinstance(event, events.Packed)})
    walk = _Walk(wanted=set(codes))
    for row in reader.events([*codes, *around]) if around else own:
        walk.step(*row)
    return walk.found


def first_with_post(passages: Sequence[Passage]) -> datetime | None:
    """Return when an item first came into the hands of the post: its postal leg begins."""
    return next((p.item.last_at for p in passages if p.item.custodian.side is Side.POST), None)


class _Walk:
    """Follows items and the bags around them, event by event."""

    def __init__(self, *, wanted: set[str]) -> None:
        self.wanted = wanted
        self.items: dict[str, Item] = {}
        self.bags: dict[str, Bag] = {}
        self.found: dict[str, list[Passage]] = {code: [] for code in wanted}

    def step(self, stream: str, version: int, recorded_at: datetime, event: Event) -> None:
        """Hear the next event of an item or a bag."""
        if stream in self.wanted:
            known = self.items.get(stream)
            after = item.begin(stream, event) if known is None else known.evolve(event)
            moved = [_laid(after, self.bags)]
        else:
            bag = self.bags.get(stream)
            self.bags[stream] = bags.begin(stream, event) if bag is None else bag.evolve(event)
            moved = [_laid(each, self.bags) for each in self.items.values() if each.bag == stream]
        for each in moved:
            self.items[each.code] = each
            if not isinstance(event, OF_OTHERS):
                passage = Passage(stream=stream, version=version, recorded_at=recorded_at, event=event, item=each)
                self.found[each.code].append(passage)


def _laid(thing: Item, known: Mapping[str, Bag]) -> Item:
    return thing.inside(known[thing.bag]) if thing.bag in known else thing

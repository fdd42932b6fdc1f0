"""Bags between the hubs and to the desks: sealed by a hub, carried whole, opened and counted where they go."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from postal.domain import codes
from postal.domain.bag import Bag
from postal.domain.codes import CodeKind
from postal.domain.events import Condition, Destination
from postal.domain.people import Actor
from postal.services import bags, custody
from postal.services.demonstration.cases import Load
from postal.services.demonstration.world import MOST_LINES, World

FEWEST = 3
"""So many envelopes for one desk are worth a bag; fewer go loose."""


def pack(
    world: World, loads: Sequence[Load], *, at_key: str, to: str, at: datetime, is_transit: bool = False
) -> list[Load]:
    """Pack what a hub sends to a place into sealed bags of fifty and return the loads, each with its bag."""
    packed: list[Load] = []
    for start in range(0, len(loads), MOST_LINES):
        some = loads[start : start + MOST_LINES]
        bag = _sealed(world, some, at_key=at_key, to=to, at=at, is_transit=is_transit)
        packed += [replace(load, bag=bag.code) for load in some]
    return packed


def _sealed(world: World, loads: Sequence[Load], *, at_key: str, to: str, at: datetime, is_transit: bool) -> Bag:
    packer, place = world.staff.holders[at_key], world.staff.places[to]
    bag = bags.start(
        world.store,
        code=codes.mint(CodeKind.BAG, below=world.below).text,
        destination=Destination(place=to, name=place.name),
        custodian=world.staff.custodian(at_key),
        is_transit=is_transit,
        by=packer,
        at=at - timedelta(minutes=4),
    )
    return bags.seal(
        world.store,
        bag.code,
        items=[load.code for load in loads],
        seal=f"DN{world.serial('bag seals'):06d}",
        by=packer,
        at=at - timedelta(minutes=2),
    )


def hand_over(world: World, loads: Sequence[Load], *, giver: Actor, to: str, at: datetime) -> None:
    """Let two people sign for the bags of some loads; what is in them goes along."""
    things = offered(loads)
    record = custody.offer(world.store, things, to=world.staff.custodian(to), by=giver, at=at, below=world.below)
    custody.accept(world.store, record.code, by=world.staff.holders[to], at=at + timedelta(minutes=1))


def offered(loads: Sequence[Load]) -> list[str]:
    """Return what stands on a record for some loads: whole bags once, and what is loose."""
    return list(dict.fromkeys(load.bag or load.code for load in loads))


def receive(
    world: World,
    loads: Sequence[Load],
    *,
    by: Actor,
    at: datetime,
    lacking: frozenset[str] = frozenset(),
    torn: frozenset[str] = frozenset(),
) -> list[Load]:
    """Open and count the bags of some loads; return what was there, now loose."""
    for code in dict.fromkeys(load.bag for load in loads):
        inside = [load.code for load in loads if load.bag == code and load.code not in lacking]
        bags.receive(
            world.store,
            code,
            seal_seen=_seal_of(world, code),
            is_intact=True,
            found={each: Condition.DAMAGED if each in torn else Condition.SOUND for each in inside},
            by=by,
            at=at,
            below=world.below,
        )
    return [replace(load, bag="") for load in loads if load.code not in lacking]


def _seal_of(world: World, code: str) -> str:
    with world.store.read() as reader:
        return reader.many(Bag, [code])[code].seal

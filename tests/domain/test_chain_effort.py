"""However much devices tell about one envelope, its story is read in bounded time; a struck step still has causes."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from postal.domain import chain, item
from postal.domain.chain import Step
from postal.domain.events import Accepted, Claimed, Corrected, Event, FactKind, HandedOver
from postal.domain.item import Item
from postal.domain.people import Actor, Custodian
from tests import cast
from tests.cast import counter, desk, hoa, hung, lan, monday, tai, transport

FIRST = (1).to_bytes(16)


@pytest.fixture
def folds(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """Return what counts how often a state was folded on."""
    count, evolve = 0, Item.evolve

    def counted(thing: Item, event: Event) -> Item:
        nonlocal count
        count += 1
        return evolve(thing, event)

    monkeypatch.setattr(Item, "evolve", counted)
    return lambda: count


def step(version: int, event: Event, **more: Any) -> Step:
    """Return a step whose number is its version."""
    return Step(version=version, event=event, id=version.to_bytes(16), **more)


def told(version: int, by: Actor, hand: Custodian, *parents: bytes, fact: FactKind = FactKind.SIGHTED) -> Step:
    """Return what a device of somebody told, which knew the `parents`."""
    event = Claimed(fact=fact, hands=(hand,), by=by.as_author(), occurred_at=monday)
    return step(version, event, device=by.account, device_seq=version, parents=parents)


def given_and_taken(record: str, giver: Actor, to: Custodian, taker: Actor) -> tuple[Event, Event]:
    """Return a hand-over at a screen."""
    offer = HandedOver(to=to, record=record, by=giver.as_author(), occurred_at=monday)
    return offer, Accepted(record=record, by=taker.as_author(), occurred_at=monday)


def registered() -> Step:
    return step(1, cast.registered(custodian=counter, by=lan, when=monday))


def read(steps: Sequence[Step]) -> Item:
    return chain.state_of("P", steps, begin=item.begin)


def test_looking_early_between_forty_hand_overs_costs_each_command_one_reading(folds: Callable[[], int]) -> None:
    steps = [registered()]
    for number in range(20):
        turn = (lan, transport, tai) if number % 2 == 0 else (tai, counter, lan)
        for event in given_and_taken(f"B{number}", *turn):
            steps.append(step(len(steps) + 1, event))
            steps.append(told(len(steps) + 1, hoa, desk, FIRST))
    assert read(steps).custodian.is_same_as(counter)
    assert folds() < 100_000, "each command used to ask for all before it, and they for all before them: 2 to the 40"


@pytest.mark.parametrize("is_backwards", [False, True])
def test_a_thousand_looks_at_one_envelope_fold_it_a_few_times_each(
    folds: Callable[[], int], is_backwards: bool
) -> None:
    looks = [told(number + 2, hoa, desk, FIRST) for number in range(1000)]
    if is_backwards:
        looks = [each._replace(device_seq=2000 - each.device_seq) for each in looks]
    assert read([registered(), *looks]).custodian.is_same_as(counter)
    assert folds() < 5_000


def test_a_thousand_devices_that_know_nothing_of_each_other_are_read_in_bounded_time(folds: Callable[[], int]) -> None:
    looks = [told(number + 2, hoa, desk, FIRST)._replace(device=f"m{number}") for number in range(1000)]
    assert read([registered(), *looks]).version == 1001
    assert folds() < 5_000


def test_facts_that_claim_to_know_each_other_are_still_put_in_one_order() -> None:
    circle = [told(n, hoa, desk, (n + 1 if n < 41 else 2).to_bytes(16)) for n in range(2, 42)]
    straight, mixed = chain.read("P", [registered(), *circle], begin=item.begin), read([registered(), *circle])
    assert len(straight) == 41
    assert mixed.version == 41


def test_who_knew_a_step_that_was_struck_since_still_comes_after_what_it_knew() -> None:
    first, second = given_and_taken("B1", lan, transport, tai), given_and_taken("B2", tai, counter, lan)
    again, _ = given_and_taken("B3", lan, transport, tai)
    events = [*first, *second, again]
    steps = [registered(), *(step(number, event) for number, event in enumerate(events, start=2))]
    look = told(7, hung, cast.sorting, steps[-1].id)
    struck = Corrected(version=7, reason="", second=cast.minh.as_author(), by=lan.as_author(), occurred_at=monday)
    taken = told(9, tai, transport, look.id, fact=FactKind.ACCEPTED)
    after = read([*steps, look, step(8, struck), taken])
    assert after.custodian.is_same_as(transport), "Tài took what Lan offered now, not what she offered at first"
    assert after.offered_to is None

"""What was done at a screen has happened, also once a device tells what had been before; causes stay in order."""

from datetime import datetime

from postal.domain import bag, chain, item
from postal.domain.chain import Step
from postal.domain.events import Claimed, DeclineReason, Event, FactKind, Misfit, Moved, Receiver, Sealed, TakenOver
from postal.domain.item import Custody, Item
from postal.domain.people import Actor, Custodian
from tests import cast
from tests.cast import counter, desk, hoa, hung, lan, monday, small_counter, small_sorting, sorting, tai, transport

NUMBERS = [bytes([number]) * 16 for number in range(20)]


def sealed(custodian: Custodian = counter, by: Actor = lan) -> list[Event]:
    """Return the beginning of a sealed envelope."""
    return [cast.registered(custodian=custodian, by=by), Sealed(seal="88", by=by.as_author(), occurred_at=monday)]


def fact(kind: FactKind, by: Actor, hand: Custodian, to: Custodian | None = None, when: datetime = monday) -> Claimed:
    """Return what a device tells of somebody acting for a position; who carries something holds both."""
    return Claimed(
        fact=kind,
        hands=(hand, to) if kind is FactKind.MOVED and to else (hand,),
        to=to,
        reason=DeclineReason.DAMAGED if kind is FactKind.DECLINED else None,
        by=by.as_author(),
        occurred_at=when,
    )


def commands(*events: Event) -> list[Step]:
    """Return what was recorded at screens, in order."""
    return [Step(version=number, event=event, id=NUMBERS[number]) for number, event in enumerate(events, start=1)]


def late(steps: list[Step], event: Event, *, knew: int, seq: int = 1, device: str = "phone") -> list[Step]:
    """Return the steps and one that a device tells now, which knew no more than the first so many of them."""
    version = len(steps) + 1
    told = Step(
        version=version,
        event=event,
        id=NUMBERS[version],
        device=device,
        device_seq=seq,
        parents=(NUMBERS[knew],),
    )
    return [*steps, told]


def state(steps: list[Step]) -> Item:
    """Return the item that some steps make."""
    return chain.state_of(cast.ITEM, steps, begin=item.begin)


def marks(steps: list[Step]) -> list[Misfit]:
    """Return what does not fit, in the order of the story."""
    return [why for why, _ in chain.conflicts(chain.read(cast.ITEM, steps, begin=item.begin))]


def test_what_the_citizen_has_stays_delivered_when_an_earlier_offer_is_told_late() -> None:
    given = cast.envelope().deliver(
        receiver=Receiver.ADDRESSEE,
        identity_checked=True,
        authorisation_shown=True,
        proof="sealed",
        run="",
        by=lan,
        at=monday,
    )
    steps = late(commands(*sealed(), given), fact(FactKind.HANDED_OVER, lan, counter, transport), knew=2)
    after = state(steps)
    assert (after.custody, after.offered_to, after.misfits) == (Custody.DELIVERED, None, 0)


def test_an_envelope_is_missing_also_when_it_had_been_offered_offline_before() -> None:
    missing = cast.envelope().report_missing(by=lan, at=monday)
    steps = late(commands(*sealed(), missing), fact(FactKind.HANDED_OVER, lan, counter, transport), knew=2)
    after = state(steps)
    assert (after.custody, after.trouble) == (Custody.OFFERED, item.Trouble.MISSING)


def test_a_second_offer_at_a_screen_gives_way_to_the_one_a_device_had_made_before() -> None:
    offered = cast.envelope().hand_over(to=desk, record=cast.RECORD, by=lan, at=monday)
    accepted = cast.envelope(offered).accept(by=hoa, at=monday)
    steps = late(commands(*sealed(), offered, accepted), fact(FactKind.HANDED_OVER, lan, counter, transport), knew=2)
    told = chain.told(cast.ITEM, steps, begin=item.begin)
    assert isinstance(told[3], Claimed)
    assert told[3].why is Misfit.OFFER_STANDS
    assert isinstance(told[4], TakenOver)
    assert state(steps).custodian == desk


def test_a_command_that_knew_the_later_fact_of_a_device_comes_after_the_earlier_one_too() -> None:
    offer = fact(FactKind.HANDED_OVER, tai, transport, desk)
    steps = late(commands(*sealed()), offer, knew=2, seq=2)
    taken = TakenOver(to=sorting, reason="", by=hung.as_author(), occurred_at=monday)
    steps.append(Step(version=4, event=taken, id=NUMBERS[4]))
    again = cast.envelope(taken).hand_over(to=transport, record=cast.RECORD, by=hung, at=monday)
    steps.append(Step(version=5, event=again, id=NUMBERS[5]))
    steps = late(steps, fact(FactKind.ACCEPTED, tai, transport), knew=2, seq=1)
    order = [each.step.version for each in chain.read(cast.ITEM, steps, begin=item.begin)]
    assert order == [1, 2, 6, 3, 4, 5]


def test_who_carried_it_to_another_of_his_positions_still_holds_what_he_then_hands_over() -> None:
    sen = cast.sen
    begun = sealed(small_counter, sen)
    thing = item.replay(cast.ITEM, begun)
    offered = thing.hand_over(to=desk, record=cast.RECORD, by=sen, at=monday)
    carried = fact(FactKind.MOVED, sen, small_counter, small_sorting)
    steps = late(commands(*begun, offered), carried, knew=2)
    told = chain.told(cast.ITEM, steps, begin=item.begin)
    assert isinstance(told[2], Moved)
    assert marks(steps) == []
    assert state(steps).offered_to == desk


def test_a_bag_that_was_opened_stays_open_when_an_earlier_offer_is_told_late() -> None:
    code = "T9C4N7MBKP"
    started = bag.start(code=code, destination=cast.to_the_desk, custodian=counter, by=lan, at=monday)
    packed, happened = bag.begin(code, started), list[Event]([started])
    happened.append(packed.pack([cast.ITEM], by=lan, at=monday))
    closed = packed.evolve(happened[-1])
    happened.append(closed.close_seal(seal="88", by=lan, at=monday))
    happened.append(closed.evolve(happened[-1]).open(seal_seen="88", is_intact=True, by=lan, at=monday))
    steps = late(commands(*happened), fact(FactKind.HANDED_OVER, lan, counter, transport), knew=3)
    after = chain.state_of(code, steps, begin=bag.begin)
    assert (after.state, after.offered_to, after.misfits) == (bag.BagState.OPENED, None, 0)


def test_a_fact_is_placed_beside_commands_that_are_read_with_all_they_knew() -> None:
    """Number 9 is later than 8, and a command knew 9: what it offers is there to be taken by 8."""
    told = fact(FactKind.ACCEPTED, hung, sorting)
    steps = commands(*sealed())
    steps.append(Step(version=3, event=told, id=NUMBERS[9], device="table", device_seq=1, parents=(NUMBERS[2],)))
    taken = chain.state_of(cast.ITEM, steps, begin=item.begin)
    offered = taken.hand_over(to=desk, record=cast.RECORD, by=hung, at=monday)
    steps.append(Step(version=4, event=offered, id=NUMBERS[4]))
    accepted = fact(FactKind.ACCEPTED, hoa, desk)
    steps.append(Step(version=5, event=accepted, id=NUMBERS[8], device="desk", device_seq=1, parents=(NUMBERS[2],)))
    assert state(steps).custodian == desk
    assert marks(steps) == [Misfit.ACCEPT_WITHOUT_OFFER]


def test_who_is_given_what_he_already_carried_to_that_place_is_offered_nothing() -> None:
    sen = cast.sen
    begun = sealed(small_counter, sen)
    offered = item.replay(cast.ITEM, begun).hand_over(to=small_sorting, record=cast.RECORD, by=sen, at=monday)
    steps = late(commands(*begun, offered), fact(FactKind.MOVED, sen, small_counter, small_sorting), knew=2)
    after = state(steps)
    assert (after.custodian, after.offered_to) == (small_sorting, None)

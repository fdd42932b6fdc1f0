"""The bag: whoever answers for it answers for everything in it; what its count says about each envelope."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given

from postal.domain import bag, events, item, policies
from postal.domain.bag import BAG_STATE_NAMES, LIFECYCLE, Bag, BagState, Count
from postal.domain.events import Condition, DeclineReason, Event, Evidence
from postal.domain.item import Custody, Item, Trouble
from postal.domain.lifecycle import NotNow
from postal.domain.people import Actor, Custodian
from postal.domain.places import PlaceKind
from postal.domain.policies import PolicyName, WholeBag
from postal.domain.refusals import Refused
from tests import cast, chance
from tests.cast import counter, desk, hoa, lan, monday, sen, tai, transport

SECOND = "P222222222"
STRANGER = "PXXXXXXXXX"


def offered(to: Custodian = transport) -> Bag:
    """Return the bag while Lan offers it."""
    return cast.sealed_bag().evolve(cast.sealed_bag().hand_over(to=to, record=cast.RECORD, by=lan, at=monday))


def passed(thing: Bag, *, to: Custodian, giver: Actor, receiver: Actor, minutes: int = 0) -> Bag:
    """Return the bag once the next one has signed for it."""
    thing = thing.evolve(thing.hand_over(to=to, record=cast.RECORD, by=giver, at=cast.after(minutes=minutes)))
    return thing.evolve(thing.accept(by=receiver, at=cast.after(minutes=minutes)))


def at_desk() -> Bag:
    """Return the bag at the desk, carried there by Tài, signed for an hour after nine."""
    with_tai = passed(cast.sealed_bag(cast.ITEM, SECOND), to=transport, giver=lan, receiver=tai)
    return passed(with_tai, to=desk, giver=tai, receiver=hoa, minutes=60)


def opened(thing: Bag | None = None, *, seal_seen: str = "701234", is_intact: bool = True) -> Bag:
    """Return the bag opened at the desk two hours after nine."""
    closed = thing or at_desk()
    return closed.evolve(closed.open(seal_seen=seal_seen, is_intact=is_intact, by=hoa, at=cast.after(hours=2)))


def packed(code: str = cast.ITEM) -> Item:
    """Return an envelope in the bag."""
    loose = replace(cast.envelope(), code=code)
    return loose.evolve(loose.pack(bag=cast.empty_bag(), by=lan, at=monday))


def counted(thing: Bag, found: dict[str, Condition], *, unchecked: frozenset[str] = frozenset()) -> Count:
    """Return the count of a bag that holds two envelopes."""
    inside = {code: packed(code).inside(thing) for code in (cast.ITEM, SECOND)}
    extra = {code: replace(cast.envelope(), code=code) for code in found if code not in inside}
    return bag.count(thing, {**inside, **extra}, found, unchecked=unchecked, by=hoa, at=cast.after(hours=2))


STATES: dict[BagState, Bag] = {
    BagState.PACKING: cast.empty_bag(),
    BagState.SEALED: cast.sealed_bag(),
    BagState.OFFERED: offered(),
    BagState.OPENED: replace(cast.sealed_bag(), state=BagState.OPENED),
    BagState.EMPTIED: replace(cast.sealed_bag(), state=BagState.EMPTIED),
    BagState.VOIDED: replace(cast.empty_bag(), state=BagState.VOIDED),
}
ACTIONS: dict[type[Event], Callable[[Bag, Actor], Event]] = {
    events.BagPacked: lambda b, by: b.pack([SECOND], by=by, at=monday),
    events.BagUnpacked: lambda b, by: replace(b, contents=(cast.ITEM,)).take_out([cast.ITEM], by=by, at=monday),
    events.BagSealed: lambda b, by: replace(b, contents=(cast.ITEM,)).close_seal(seal="7", by=by, at=monday),
    events.BagVoided: lambda b, by: replace(b, contents=()).void(by=by, at=monday),
    events.Moved: lambda b, by: b.move(to=b.custodian, by=by, at=monday),
    events.HandedOver: lambda b, by: b.hand_over(to=transport, record=cast.RECORD, by=by, at=monday),
    events.Accepted: lambda b, by: b.accept(by=by, at=monday),
    events.Declined: lambda b, by: b.decline(reason=DeclineReason.MISSING, by=by, at=monday),
    events.Recalled: lambda b, by: b.recall(by=by, at=monday),
    events.SignedOnPaper: lambda b, by: b.sign_on_paper(evidence=Evidence.B, by=by, at=monday),
    events.TakenOver: lambda b, by: b.take_over(to=transport, reason="t", by=by, at=monday),
    events.ReportedMissing: lambda b, by: b.report_missing(by=by, at=monday),
    events.Found: lambda b, by: replace(b, is_missing=True).find(by=by, at=monday),
    events.BagOpened: lambda b, by: b.open(seal_seen="701234", is_intact=True, by=by, at=monday),
    events.BagCounted: lambda b, by: bag.count(b, {}, {}, by=by, at=monday).counted,
}
WITHOUT_ACTION = {events.BagStarted, events.Sighted, events.Corrected}
"""The beginning is `start`; that somebody saw a bag comes from devices; corrections have a service of their own."""
BY_ADDRESSEE = (events.Accepted, events.Declined, events.TakenOver)
PAIRS = [(state, kind) for state in BagState for kind in ACTIONS]


# --- the table --------------------------------------------------------------------------------------------------------


def test_every_step_of_a_bag_has_an_action_and_every_state_a_name() -> None:
    assert {kind for _, kind in LIFECYCLE} == {*ACTIONS, *WITHOUT_ACTION}
    assert set(BAG_STATE_NAMES) == set(BagState) == set(STATES)


@pytest.mark.parametrize(("state", "kind"), PAIRS, ids=lambda value: getattr(value, "__name__", str(value)))
def test_an_action_on_a_bag_is_possible_exactly_where_the_table_says(state: BagState, kind: type[Event]) -> None:
    thing = STATES[state]
    by = tai if kind in BY_ADDRESSEE else lan
    assert thing.may(kind) is ((state, kind) in LIFECYCLE)
    if thing.may(kind):
        assert thing.evolve(ACTIONS[kind](thing, by)).state is LIFECYCLE[state, kind]
    else:
        with pytest.raises(NotNow, match="Túi T9C4N-7MBKP"):
            ACTIONS[kind](thing, by)


@pytest.mark.parametrize("kind", ACTIONS, ids=lambda kind: kind.__name__)
def test_only_who_answers_for_a_bag_acts_on_it(kind: type[Event]) -> None:
    thing = next(thing for state, thing in STATES.items() if (state, kind) in LIFECYCLE)
    with pytest.raises((item.NotCustodian, item.NotAddressee)):
        ACTIONS[kind](thing, cast.quan)


@given(chance.histories(*(kind for _, kind in LIFECYCLE)))
def test_the_fold_of_a_bag_never_fails_and_counts_what_does_not_fit(history: list[Event]) -> None:
    thing = cast.empty_bag()
    for version, event in enumerate(history, start=2):
        before, thing = thing, thing.evolve(event)
        assert thing.version == version
        assert thing.misfits == before.misfits + ((before.state, type(event)) not in LIFECYCLE)


def test_a_bag_begins_with_its_start_in_the_hands_of_who_packs_it() -> None:
    with pytest.raises(AssertionError, match="does not begin"):
        bag.begin(cast.BAG, cast.registered())
    with pytest.raises(item.NotCustodian):
        cast.empty_bag(by=hoa)


# --- packing ----------------------------------------------------------------------------------------------------------


def test_a_bag_takes_only_what_goes_where_it_goes() -> None:
    astray = replace(cast.envelope(), destination=cast.to_the_citizen)
    with pytest.raises(item.OtherDestination, match="Sai điểm đến: Bưu cục Trung tâm Đà Nẵng"):
        astray.pack(bag=cast.empty_bag(), by=lan, at=monday)
    assert astray.pack(bag=cast.empty_bag(is_transit=True), by=lan, at=monday).bag == cast.BAG


def test_what_goes_into_a_bag_is_sealed_and_in_the_hands_of_who_packs() -> None:
    unsealed = item.begin(cast.ITEM, cast.registered())
    with pytest.raises(item.NotSealed):
        unsealed.pack(bag=cast.empty_bag(), by=lan, at=monday)
    both = replace(lan, positions=frozenset({counter.key, cast.sorting.key}))
    with pytest.raises(item.NotCustodian):
        cast.envelope().pack(bag=cast.empty_bag(custodian=cast.sorting, by=both), by=both, at=monday)


def test_an_envelope_stands_on_the_list_once() -> None:
    thing = cast.empty_bag()
    thing = thing.evolve(thing.pack([cast.ITEM], by=lan, at=monday))
    with pytest.raises(bag.AlreadyInBag, match="không cộng thêm"):
        thing.pack([cast.ITEM], by=lan, at=monday)
    with pytest.raises(bag.NotInBag, match="quét mã THỪA"):
        thing.take_out([SECOND], by=lan, at=monday)
    emptied = thing.evolve(thing.take_out([cast.ITEM], by=lan, at=monday))
    assert emptied.contents == ()


def test_a_bag_is_sealed_with_a_number_and_something_in_it() -> None:
    with pytest.raises(bag.EmptyBag):
        cast.empty_bag().close_seal(seal="7", by=lan, at=monday)
    with pytest.raises(bag.NoSeal):
        replace(cast.empty_bag(), contents=(cast.ITEM,)).close_seal(seal="", by=lan, at=monday)
    with pytest.raises(bag.NotEmpty, match="còn 1 bưu gửi"):
        replace(cast.empty_bag(), contents=(cast.ITEM,)).void(by=lan, at=monday)


# --- on the way -------------------------------------------------------------------------------------------------------


def test_what_lies_in_a_bag_is_in_the_hands_of_who_has_the_bag() -> None:
    loose = packed()
    assert (loose.inside(cast.sealed_bag()).custodian, loose.custody) == (counter, Custody.BAGGED)
    assert loose.inside(offered()).offered_to == transport
    carried = loose.inside(passed(cast.sealed_bag(), to=transport, giver=lan, receiver=tai))
    assert (carried.custodian, carried.has_left, carried.offered_to) == (transport, True, None)


def test_a_bag_that_is_missing_makes_what_is_in_it_missing_until_it_is_found() -> None:
    lost = cast.sealed_bag().evolve(cast.sealed_bag().report_missing(by=lan, at=monday))
    assert packed().inside(lost).trouble is Trouble.MISSING
    found = lost.evolve(lost.find(by=lan, at=monday))
    assert packed().inside(found).trouble is None
    declined = offered().evolve(offered().decline(reason=DeclineReason.MISSING, by=tai, at=monday))
    assert packed().inside(declined).trouble is Trouble.MISSING


def test_giver_and_receiver_of_a_bag_are_two_people() -> None:
    both = replace(lan, positions=frozenset({counter.key, transport.key}))
    with pytest.raises(item.SamePerson):
        offered().accept(by=both, at=monday)
    with pytest.raises(NotNow, match="đã do"):
        cast.sealed_bag().hand_over(to=counter, record=cast.RECORD, by=lan, at=monday)


def test_a_bag_moves_in_one_step_only_between_positions_of_one_person() -> None:
    with pytest.raises(item.NotOwnPosition):
        cast.sealed_bag().move(to=transport, by=lan, at=monday)
    own = cast.empty_bag(custodian=cast.small_counter, by=sen)
    assert own.evolve(own.move(to=cast.small_transport, by=sen, at=monday)).has_left


def test_the_legal_time_of_a_bag_is_when_the_authority_signed_for_it() -> None:
    assert at_desk().signed_over_at == cast.after(hours=1)
    assert at_desk().last_carrier == transport


# --- counting ---------------------------------------------------------------------------------------------------------


def test_what_is_there_comes_out_with_the_legal_time_of_the_bag() -> None:
    thing = opened()
    count = counted(thing, {cast.ITEM: Condition.SOUND, SECOND: Condition.SOUND})
    loose = packed().inside(thing).evolve(count.items[cast.ITEM])
    assert (loose.custodian, loose.bag, loose.custody) == (desk, "", Custody.HELD)
    assert loose.signed_over_at == cast.after(hours=1), "the bag was opened an hour later"
    assert not count.counted.missing


@pytest.mark.parametrize(
    ("seal_seen", "is_intact", "answers"),
    [("701234", True, counter), ("701243", True, transport), ("701234", False, transport), ("", False, transport)],
)
def test_what_is_missing_is_in_dispute_with_the_packer_or_with_the_last_carrier(
    seal_seen: str, is_intact: bool, answers: Custodian
) -> None:
    thing = opened(seal_seen=seal_seen, is_intact=is_intact)
    count = counted(thing, {cast.ITEM: Condition.SOUND})
    lost = packed(SECOND).inside(thing).evolve(count.items[SECOND])
    assert count.counted.missing == (SECOND,)
    assert (lost.custodian, lost.trouble, lost.bag) == (answers, Trouble.MISSING, "")


def test_what_is_too_much_is_taken_and_flagged() -> None:
    thing = opened()
    count = counted(thing, {cast.ITEM: Condition.SOUND, SECOND: Condition.SOUND, STRANGER: Condition.DAMAGED})
    extra = replace(cast.envelope(), code=STRANGER).evolve(count.items[STRANGER])
    assert count.counted.extra == (STRANGER,)
    assert (extra.custodian, extra.evidence, extra.trouble) == (desk, Evidence.B, Trouble.DAMAGED)


def test_what_was_given_to_its_citizen_stays_given_even_when_a_copy_lies_in_a_bag() -> None:
    thing = opened()
    delivered = replace(cast.envelope(), code=STRANGER, custody=Custody.DELIVERED)
    count = bag.count(thing, {STRANGER: delivered}, {STRANGER: Condition.SOUND}, by=hoa, at=cast.after(hours=2))
    assert (count.counted.extra, dict(count.items)) == ((STRANGER,), {})


def test_damage_and_the_wrong_place_are_written_on_the_envelope() -> None:
    thing = opened()
    count = counted(thing, {cast.ITEM: Condition.DAMAGED, SECOND: Condition.WRONG_PLACE})
    torn, astray = (packed(code).inside(thing).evolve(count.items[code]) for code in (cast.ITEM, SECOND))
    assert (torn.trouble, astray.trouble) == (Trouble.DAMAGED, Trouble.MISROUTED)
    assert (count.counted.damaged, count.counted.misplaced) == ((cast.ITEM,), (SECOND,))


def test_a_bag_without_seal_number_is_opened_only_when_it_is_said_to_be_broken() -> None:
    with pytest.raises(bag.NoSeal):
        at_desk().open(seal_seen="", is_intact=True, by=hoa, at=monday)
    assert not opened(seal_seen="", is_intact=False).was_intact


# --- the whole bag ----------------------------------------------------------------------------------------------------


def test_what_came_out_unseen_is_unchecked_until_it_is_first_touched() -> None:
    thing = opened()
    count = counted(thing, {}, unchecked=frozenset({cast.ITEM, SECOND}))
    unseen = packed().inside(thing).evolve(count.items[cast.ITEM])
    assert count.counted.unchecked == (cast.ITEM, SECOND)
    assert not unseen.is_checked
    assert unseen.evolve(unseen.sight(by=hoa, at=monday)).is_checked
    assert unseen.evolve(unseen.hand_over(to=cast.department, record=cast.RECORD, by=hoa, at=monday)).is_checked


def test_the_sample_of_a_bag_is_always_the_same_and_nobody_chooses_it() -> None:
    inside = [f"P{number:09}" for number in range(50)]
    drawn = policies.sample(cast.sealed_bag(), inside)
    assert len(set(drawn)) == policies.SAMPLE_SIZE
    assert policies.sample(cast.sealed_bag(), reversed(inside)) == drawn  # type: ignore[arg-type]
    assert policies.sample(replace(cast.sealed_bag(), code="T222222222"), inside) != drawn
    assert len(policies.sample(cast.sealed_bag(), inside[:3])) == 3


def test_a_bag_is_received_whole_only_as_its_place_allows() -> None:
    thing, inside = opened(), [cast.ITEM, SECOND]
    with pytest.raises(policies.WholeBagNotAllowed):
        policies.must_allow_whole(WholeBag.OFF, thing, inside, inside)
    with pytest.raises(policies.SampleNotSeen, match="Còn 1 bưu gửi"):
        policies.must_allow_whole(WholeBag.SAMPLE, thing, inside, [cast.ITEM])
    policies.must_allow_whole(WholeBag.SAMPLE, thing, inside, inside)
    policies.must_allow_whole(WholeBag.ALWAYS, thing, inside, [])
    for broken in (opened(seal_seen="701243"), opened(is_intact=False)):
        with pytest.raises(policies.SealNotSame):
            policies.must_allow_whole(WholeBag.ALWAYS, broken, inside, [])
    with pytest.raises(policies.UnknownPolicy):
        policies.checked(PolicyName.WHOLE_BAG, "sometimes", basis="", kind=PlaceKind.OFFICE)
    assert set(policies.WHOLE_BAG_NAMES) == set(WholeBag)


def test_every_refusal_about_bags_names_the_next_step() -> None:
    kinds = [kind for kind in (*vars(bag).values(), *vars(policies).values()) if isinstance(kind, type)]
    own = [kind for kind in kinds if issubclass(kind, Refused) and kind.__module__ in (bag.__name__, policies.__name__)]
    assert len(own) == 11
    assert all(len(kind.vi.split(". ")) > 1 or "–" in kind.vi for kind in own)

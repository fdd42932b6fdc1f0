"""The order of facts: whenever we hear of what happened, the same facts make the same chain of custody."""

import random
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postal.domain import bag, chain, item
from postal.domain.bag import Bag
from postal.domain.chain import Read, Step
from postal.domain.events import (
    Accepted,
    BagPacked,
    BagSealed,
    BagStarted,
    Claimed,
    Corrected,
    Declined,
    DeclineReason,
    Event,
    Evidence,
    FactKind,
    HandedOver,
    Misfit,
    Moved,
    Packed,
    Recalled,
    Sealed,
    Sighted,
    TakenOver,
    Voided,
)
from postal.domain.item import Custody, Item
from postal.domain.people import Actor, Custodian
from tests import cast
from tests.cast import counter, department, desk, hoa, hung, lan, monday, quan, sorting, tai, transport

BAG = "T9C4N7MBKP"
HOLDS: dict[str, tuple[Custodian, ...]] = {
    "lan": (counter,),
    "tai": (transport,),
    "hoa": (desk,),
    "hung": (sorting,),
    "quan": (department,),
    "sen": (cast.small_counter, cast.small_sorting),
}


class Story:
    """The rows of one stream, in the order in which they are recorded; a row is called by its number."""

    def __init__(self, *, code: str = cast.ITEM) -> None:
        self.code = code
        self.steps: list[Step] = []

    def command(self, event: Event) -> bytes:
        """Record what somebody did at a screen."""
        return self._record(event, name=f"c{len(self.steps)}")

    def fact(
        self,
        kind: FactKind,
        by: Actor,
        *,
        to: Custodian | None = None,
        seq: int = 1,
        knew: Sequence[bytes] | None = None,
        name: str = "",
        record: str = cast.RECORD,
    ) -> bytes:
        """Record what somebody's device told; `knew` are the rows it knew."""
        claim = Claimed(
            fact=kind,
            to=to,
            reason=DeclineReason.DAMAGED if kind is FactKind.DECLINED else None,
            hands=HOLDS.get(by.account, ()),
            record=record if kind is FactKind.HANDED_OVER else "",
            by=by.as_author(),
            occurred_at=monday,
        )
        name = name or f"f{len(self.steps)} {by.account}"
        return self._record(claim, name=name, seq=seq, knew=None if knew is None else tuple(knew))

    def _record(self, event: Event, *, name: str, seq: int = 0, knew: tuple[bytes, ...] | None = None) -> bytes:
        number = name.encode().ljust(16, b".")
        device = f"device of {event.by.account}" if isinstance(event, Claimed) else ""
        version = len(self.steps) + 1
        self.steps.append(Step(version=version, event=event, id=number, device=device, device_seq=seq, parents=knew))
        return number

    # --- what it amounts to -------------------------------------------------------------------------------------------

    @property
    def item(self) -> Item:
        """Return the item the story makes."""
        return chain.state_of(self.code, self.steps, begin=item.begin)

    @property
    def bag(self) -> Bag:
        """Return the bag the story makes."""
        return chain.state_of(self.code, self.steps, begin=bag.begin)

    @property
    def reads(self) -> list[Read]:
        """Return what every step amounts to."""
        begin = item.begin if not isinstance(self.steps[0].event, BagStarted) else bag.begin
        return chain.read(self.code, self.steps, begin=begin)

    def of(self, number: bytes) -> Event:
        """Return what one row amounts to."""
        return next(each.event for each in self.reads if each.step.id == number)

    @property
    def conflicts(self) -> list[Misfit]:
        """Return what does not fit."""
        return [why for why, _ in chain.conflicts(self.reads)]


def at_the_counter() -> Story:
    """Return the story of an envelope that was registered and sealed at Lan's counter."""
    story = Story()
    story.command(cast.registered())
    story.command(Sealed(seal="881245", by=lan.as_author(), occurred_at=monday))
    return story


def offered(to: Custodian = transport) -> Story:
    """Return the story of an envelope that Lan offered at a screen."""
    story = at_the_counter()
    story.command(HandedOver(to=to, record=cast.RECORD, by=lan.as_author(), occurred_at=monday))
    return story


def why(event: Event) -> Misfit | None:
    """Return why a fact does not fit; the test fails where it fits."""
    assert isinstance(event, Claimed)
    return event.why


# --- the table of conflict rules, row by row --------------------------------------------------------------------------


def test_given_by_the_holder_and_taken_by_the_addressee_moves_custody_with_the_best_evidence() -> None:
    story = at_the_counter()
    story.fact(FactKind.HANDED_OVER, lan, to=transport)
    assert (story.item.custodian, story.item.offered_to) == (counter, transport)
    story.fact(FactKind.ACCEPTED, tai)
    assert (story.item.custodian, story.item.evidence, story.item.misfits) == (transport, Evidence.A, 0)
    assert story.conflicts == []


def test_who_has_it_in_his_hands_holds_it_though_nobody_offered_it_to_him() -> None:
    story = at_the_counter()
    taken = story.of(story.fact(FactKind.ACCEPTED, hoa))
    assert isinstance(taken, TakenOver)
    assert (story.item.custodian, story.item.evidence) == (desk, Evidence.B)
    assert story.conflicts == [Misfit.ACCEPT_WITHOUT_OFFER]


def test_given_by_who_does_not_hold_it_leaves_the_holder() -> None:
    story = at_the_counter()
    assert why(story.of(story.fact(FactKind.HANDED_OVER, hoa, to=department))) is Misfit.NOT_THE_HOLDER
    assert (story.item.custodian, story.item.offered_to) == (counter, None)
    assert story.conflicts == [Misfit.NOT_THE_HOLDER]


def test_of_two_takings_that_knew_nothing_of_each_other_the_later_holds_until_somebody_looks() -> None:
    story = at_the_counter()
    head = story.steps[-1].id
    story.fact(FactKind.ACCEPTED, hoa, knew=[head], name="a")
    story.fact(FactKind.ACCEPTED, tai, knew=[head], name="b")
    assert story.item.custodian == transport
    assert story.conflicts == [Misfit.ACCEPT_WITHOUT_OFFER, Misfit.DOUBLE_CUSTODY]


def test_a_second_taking_that_knew_the_first_is_no_double_custody() -> None:
    story = at_the_counter()
    first = story.fact(FactKind.ACCEPTED, hoa, knew=[story.steps[-1].id])
    story.fact(FactKind.ACCEPTED, tai, knew=[first])
    assert story.conflicts == [Misfit.ACCEPT_WITHOUT_OFFER, Misfit.ACCEPT_WITHOUT_OFFER]


def test_scans_that_go_to_and_fro_look_like_two_labels_and_the_last_signed_holder_stays() -> None:
    story = at_the_counter()
    known = story.steps[-1].id
    for seq in (1, 2):
        for who in (hoa, tai):
            known = story.fact(FactKind.ACCEPTED, who, knew=[known], seq=seq)
    assert story.conflicts[-1] is Misfit.LABEL_CLONE
    assert story.item.custodian == counter


def test_the_copied_label_is_noticed_when_it_shows_the_second_time_against_the_true_holder() -> None:
    story = at_the_counter()
    known = story.steps[-1].id
    for seq, who in enumerate((hoa, lan, hoa), start=1):
        known = story.fact(FactKind.ACCEPTED, who, knew=[known], seq=seq)
    assert story.conflicts[-1] is Misfit.LABEL_CLONE
    assert story.item.custodian == counter


def test_a_late_fact_goes_where_it_belongs_and_all_after_it_is_told_again() -> None:
    story = at_the_counter()
    head = story.steps[-1].id
    late_taken = story.fact(FactKind.ACCEPTED, tai, knew=[head])
    assert isinstance(story.of(late_taken), TakenOver)
    story.fact(FactKind.HANDED_OVER, lan, to=transport, knew=[head])
    assert isinstance(story.of(late_taken), Accepted)
    assert (story.item.evidence, story.conflicts) == (Evidence.A, [])


def test_what_was_delivered_or_given_back_stays_so_whatever_is_scanned() -> None:
    story = at_the_counter()
    story.command(Voided(reason="", by=lan.as_author(), occurred_at=monday))
    for kind in FactKind:
        assert why(story.of(story.fact(kind, lan, to=transport))) is Misfit.AFTER_THE_END
    assert (story.item.custody, story.item.misfits) == (Custody.VOIDED, len(FactKind))


def test_what_was_corrected_counts_no_more_and_still_stands_there() -> None:
    story = at_the_counter()
    wrong = story.fact(FactKind.HANDED_OVER, lan, to=desk)
    by, second = lan.as_author(), cast.minh.as_author()
    story.command(Corrected(version=3, reason="", second=second, by=by, occurred_at=monday))
    assert (story.item.offered_to, story.item.version) == (None, 4)
    struck = [each for each in story.reads if each.is_struck]
    assert [each.step.id for each in struck] == [wrong]
    assert [type(event).__name__ for event in chain.told(story.code, story.steps, begin=item.begin)] == [
        "Registered",
        "Sealed",
        "Corrected",
    ]


def test_the_registration_itself_is_never_struck() -> None:
    story = at_the_counter()
    second = cast.minh.as_author()
    story.command(Corrected(version=1, reason="", second=second, by=lan.as_author(), occurred_at=monday))
    assert story.item.custodian == counter
    assert not any(each.is_struck for each in story.reads)


# --- facts and commands -----------------------------------------------------------------------------------------------


def test_a_taking_told_late_comes_before_the_recall_that_did_not_know_it() -> None:
    story = offered()
    offer = story.steps[-1].id
    recall = story.command(Recalled(record=cast.RECORD, by=lan.as_author(), occurred_at=monday))
    assert isinstance(story.of(story.fact(FactKind.ACCEPTED, tai, knew=[offer])), Accepted)
    assert why(story.of(recall)) is Misfit.NOT_OFFERED
    assert story.item.custodian == transport


def test_who_no_longer_held_it_gave_nothing_at_the_screen() -> None:
    story = offered()
    offer = story.steps[-1].id
    story.command(Recalled(record=cast.RECORD, by=lan.as_author(), occurred_at=monday))
    other = story.command(HandedOver(to=desk, record="G222222222", by=lan.as_author(), occurred_at=monday))
    story.fact(FactKind.ACCEPTED, tai, knew=[offer])
    assert why(story.of(other)) is Misfit.NOT_THE_HOLDER
    signed = story.command(Accepted(record="G222222222", by=hoa.as_author(), occurred_at=monday))
    assert story.item.custodian == transport, "the later command knew that the offer was gone"
    assert isinstance(story.of(signed), Accepted)


def test_signing_at_a_screen_for_what_was_taken_by_another_is_possession() -> None:
    story = offered()
    offer = story.steps[-1].id
    story.command(Recalled(record=cast.RECORD, by=lan.as_author(), occurred_at=monday))
    story.command(HandedOver(to=desk, record="G222222222", by=lan.as_author(), occurred_at=monday))
    signed = story.command(Accepted(record="G222222222", by=hoa.as_author(), occurred_at=monday))
    story.fact(FactKind.ACCEPTED, tai, knew=[offer])
    assert isinstance(story.of(signed), TakenOver)
    assert story.item.custodian == desk
    assert Misfit.ACCEPT_WITHOUT_OFFER in story.conflicts


def test_a_command_that_knew_a_fact_stands_after_it() -> None:
    story = at_the_counter()
    head = story.steps[-1].id
    story.fact(FactKind.HANDED_OVER, lan, to=transport, knew=[head])
    story.command(Recalled(record=cast.RECORD, by=lan.as_author(), occurred_at=monday))
    assert isinstance(story.reads[-1].event, Recalled)
    late = story.fact(FactKind.ACCEPTED, tai, knew=[head])
    assert isinstance(story.of(late), Accepted)
    assert story.item.custodian == transport


def test_a_fact_that_says_nothing_of_what_it_knew_comes_after_every_command_before_it() -> None:
    story = offered()
    story.command(Recalled(record=cast.RECORD, by=lan.as_author(), occurred_at=monday))
    taken = story.of(story.fact(FactKind.ACCEPTED, tai))
    assert isinstance(taken, TakenOver)
    assert isinstance(story.reads[3].event, Recalled)


# --- what a fact amounts to -------------------------------------------------------------------------------------------


def test_to_take_what_one_holds_says_the_same_twice() -> None:
    story = at_the_counter()
    assert why(story.of(story.fact(FactKind.ACCEPTED, lan))) is Misfit.ALREADY_HOLDS
    assert story.conflicts == []


def test_to_take_again_what_ones_side_signed_for_and_gave_on_says_the_same_twice() -> None:
    story = offered()
    story.command(Accepted(record=cast.RECORD, by=tai.as_author(), occurred_at=monday))
    story.command(HandedOver(to=desk, record="G222222222", by=tai.as_author(), occurred_at=monday))
    story.command(Accepted(record="G222222222", by=hoa.as_author(), occurred_at=monday))
    assert why(story.of(story.fact(FactKind.ACCEPTED, tai))) is Misfit.ALREADY_TAKEN
    assert story.item.custodian == desk


def test_one_account_on_both_sides_proves_only_that_it_was_taken() -> None:
    story = at_the_counter()
    story.command(HandedOver(to=transport, record=cast.RECORD, by=tai.as_author(), occurred_at=monday))
    taken = story.of(story.fact(FactKind.ACCEPTED, tai))
    assert isinstance(taken, TakenOver)
    assert (taken.told, story.conflicts) == (None, [])


def test_declined_by_the_addressee_leaves_it_with_the_giver() -> None:
    story = offered()
    assert isinstance(story.of(story.fact(FactKind.DECLINED, tai)), Declined)
    assert (story.item.custodian, story.item.offered_to) == (counter, None)


def test_declined_by_anybody_else_is_told_and_moves_nothing() -> None:
    story = offered()
    assert why(story.of(story.fact(FactKind.DECLINED, hoa))) is Misfit.NOT_OFFERED
    assert story.item.offered_to == transport


def test_between_the_positions_of_one_person_it_moves_in_one_step() -> None:
    story = Story()
    story.command(cast.registered(custodian=cast.small_counter, by=cast.sen))
    given_ = story.fact(FactKind.HANDED_OVER, cast.sen, to=cast.small_sorting)
    carried = story.fact(FactKind.MOVED, cast.sen, to=cast.small_counter, seq=2)
    assert isinstance(story.of(given_), Moved)
    assert isinstance(story.of(carried), Moved)
    assert story.item.custodian == cast.small_counter


def test_to_see_it_changes_nobodys_custody() -> None:
    story = offered()
    assert isinstance(story.of(story.fact(FactKind.SIGHTED, hoa)), Sighted)
    assert (story.item.custodian, story.item.offered_to) == (counter, transport)


def test_who_holds_no_position_takes_nothing() -> None:
    story = at_the_counter()
    nobody = cast.actor("moi", "Người mới", place=cast.OFFICE, roles=set())
    assert why(story.of(story.fact(FactKind.ACCEPTED, nobody))) is Misfit.NO_POSITION
    assert story.item.custodian == counter


def test_a_second_offer_beside_a_standing_one_is_told_and_moves_nothing() -> None:
    story = offered()
    assert why(story.of(story.fact(FactKind.HANDED_OVER, lan, to=desk))) is Misfit.OFFER_STANDS
    assert why(story.of(story.fact(FactKind.HANDED_OVER, lan, to=counter, seq=2))) is Misfit.GIVEN_TO_HOLDER
    assert story.item.offered_to == transport


# --- bags -------------------------------------------------------------------------------------------------------------


def sealed_bag() -> Story:
    """Return the story of a bag that Lan packed and sealed."""
    story = Story(code=BAG)
    by = lan.as_author()
    started = BagStarted(origin=cast.OFFICE, destination=cast.to_the_desk, custodian=counter, by=by, occurred_at=monday)
    story.command(started)
    story.command(BagPacked(items=(cast.ITEM,), by=by, occurred_at=monday))
    story.command(BagSealed(seal="881245", by=by, occurred_at=monday))
    return story


def test_a_bag_goes_from_device_to_device_like_an_envelope() -> None:
    story = sealed_bag()
    head = story.steps[-1].id
    story.fact(FactKind.ACCEPTED, tai, knew=[head])
    story.fact(FactKind.HANDED_OVER, lan, to=transport, knew=[head])
    assert (story.bag.custodian, story.bag.evidence, story.bag.misfits) == (transport, Evidence.A, 0)


def test_a_bag_that_is_not_sealed_is_not_given() -> None:
    story = sealed_bag()
    del story.steps[-1]
    assert why(story.of(story.fact(FactKind.HANDED_OVER, lan, to=transport))) is Misfit.IN_BAG
    assert story.bag.custodian == counter


def packed() -> Story:
    """Return the story of an envelope that lies in a bag."""
    story = at_the_counter()
    story.command(Packed(bag=BAG, by=lan.as_author(), occurred_at=monday))
    return story


def test_what_lies_in_a_bag_is_not_given_by_itself() -> None:
    story = packed()
    assert why(story.of(story.fact(FactKind.HANDED_OVER, lan, to=transport))) is Misfit.IN_BAG
    assert (story.item.custody, story.conflicts) == (Custody.BAGGED, [Misfit.IN_BAG])


def test_who_has_in_his_hands_what_should_lie_in_a_bag_holds_it() -> None:
    story = packed()
    assert isinstance(story.of(story.fact(FactKind.ACCEPTED, hoa)), TakenOver)
    assert (story.item.custody, story.item.bag, story.item.custodian) == (Custody.HELD, "", desk)


# --- the order --------------------------------------------------------------------------------------------------------


def test_a_device_is_heard_in_the_order_of_its_own_count() -> None:
    story = offered()
    known = [story.steps[-1].id]
    story.fact(FactKind.HANDED_OVER, tai, to=desk, seq=2, knew=known, name="a")
    story.fact(FactKind.ACCEPTED, tai, seq=1, knew=known, name="z")
    assert [type(each.event) for each in story.reads[3:]] == [Accepted, HandedOver]
    assert story.item.offered_to == desk


def test_where_nothing_else_decides_the_number_of_the_event_does() -> None:
    for names in (("a", "b"), ("b", "a")):
        story = at_the_counter()
        for name, who in sorted(zip(names, (hoa, tai), strict=True), key=lambda pair: pair[1].account):
            story.fact(FactKind.ACCEPTED, who, knew=[story.steps[1].id], name=name)
        last = max(zip(names, (desk, transport), strict=True))[1]
        assert story.item.custodian == last


def test_facts_that_claim_to_know_each_other_are_put_in_an_order_all_the_same() -> None:
    story = at_the_counter()
    one, other = (name.encode().ljust(16, b".") for name in ("one", "other"))
    story.fact(FactKind.HANDED_OVER, lan, to=transport, knew=[other], name="one")
    story.fact(FactKind.ACCEPTED, tai, knew=[one], name="other")
    assert len(story.reads) == len(story.steps)
    assert story.item.custodian == transport


def test_a_fact_that_knows_itself_or_what_nobody_sent_is_put_in_an_order_all_the_same() -> None:
    story = at_the_counter()
    own = b"own".ljust(16, b".")
    story.fact(FactKind.HANDED_OVER, lan, to=transport, knew=[own, bytes(16)], name="own")
    assert story.item.offered_to == transport


PEOPLE = (lan, tai, hoa, hung, quan)
PLACES = (counter, transport, desk, sorting, department)


@st.composite
def told(draw: st.DrawFn, *, with_commands: bool = False) -> Story:
    """Draw what several devices tell after some commands, or also between them; not all say what they knew."""
    story = draw(st.sampled_from([at_the_counter, offered, packed, sealed_bag]))()
    heads = [step.id for step in story.steps]
    for number in range(draw(st.integers(1, 7))):
        if with_commands and draw(st.integers(0, 4)) == 0:
            heads.append(story.command(Sighted(by=lan.as_author(), occurred_at=monday)))
        knew = draw(st.none() | st.lists(st.sampled_from(heads), max_size=2))
        heads.append(
            story.fact(
                draw(st.sampled_from(FactKind)),
                draw(st.sampled_from(PEOPLE)),
                to=draw(st.sampled_from(PLACES)),
                seq=draw(st.integers(1, 3)),
                knew=knew,
                name=f"{draw(st.sampled_from('abdefgh'))}{number}",
            )
        )
    return story


def arranged(story: Story, order: Sequence[int], *, commands: int) -> Story:
    """Return the same story with its facts recorded in another order."""
    mixed = Story(code=story.code)
    steps = [*story.steps[:commands], *(story.steps[commands + place] for place in order)]
    mixed.steps = [step._replace(version=version) for version, step in enumerate(steps, start=1)]
    return mixed


@settings(max_examples=300)
@given(story=told(), seed=st.integers(0, 2**32))
def test_the_order_of_arrival_decides_nothing(story: Story, seed: int) -> None:
    commands = sum(not step.is_fact for step in story.steps)
    count = len(story.steps) - commands
    order = random.Random(seed).sample(range(count), k=count)
    mixed = arranged(story, order, commands=commands)
    assert [(each.step.id, each.event) for each in mixed.reads] == [(each.step.id, each.event) for each in story.reads]
    begin = bag.begin if story.code == BAG else item.begin
    one, other = (chain.state_of(each.code, each.steps, begin=begin) for each in (story, mixed))
    assert one == other


@settings(max_examples=300)
@given(story=told())
def test_whoever_tells_whatever_there_is_one_holder_and_nothing_is_left_out(story: Story) -> None:
    thing = story.bag if story.code == BAG else story.item
    assert thing.custodian.key
    assert thing.version == len(story.steps)
    assert sorted(each.step.version for each in story.reads) == list(range(1, len(story.steps) + 1))


@pytest.mark.parametrize("first", [0, 1], ids=["the whole story", "all but the first step, which everybody knew"])
@settings(max_examples=300)
@given(story=told(with_commands=True))
def test_a_fact_that_knew_everything_changes_the_end_alone(story: Story, first: int) -> None:
    *before, last = story.steps
    links = [chain.link_of(step) for step in before[first:]]
    begin = bag.begin if story.code == BAG else item.begin
    if not chain.knows_all(chain.link_of(last), links):
        return
    read: list[Read] = chain.read(story.code, before, begin=begin)
    assert story.reads[:-1] == read
    thing = chain.state_of(story.code, before, begin=begin)
    assert isinstance(last.event, Claimed)
    event = chain.amounts_to(thing, last.event)
    assert event is None or event == story.reads[-1].event


@pytest.mark.parametrize("knows", [True, False])
def test_a_fact_knows_everything_when_what_it_names_does(knows: bool) -> None:
    story = offered()
    first = story.fact(FactKind.ACCEPTED, tai, knew=[story.steps[-1].id])
    last = first if knows else story.steps[2].id
    story.fact(FactKind.ACCEPTED, hoa, knew=[last])
    links = [chain.link_of(step) for step in story.steps]
    assert chain.knows_all(links[-1], links[:-1]) is knows


def test_who_names_a_fact_of_a_circle_does_not_know_all_of_it() -> None:
    story = at_the_counter()
    first = story.fact(FactKind.HANDED_OVER, hung, to=counter, knew=[story.steps[1].id], name="b")
    again = story.fact(FactKind.HANDED_OVER, hung, to=counter, knew=[first], name="a")  # of the same count, told before
    before = [(each.step.id, each.event) for each in story.reads]
    story.fact(FactKind.HANDED_OVER, lan, to=counter, knew=[again], name="c")
    links = [chain.link_of(step) for step in story.steps]
    assert [(each.step.id, each.event) for each in story.reads if each.step.version < 5] == before
    assert story.reads[-1].step.version != 5, "it goes where the circle was broken, before what it does not know"
    assert not chain.knows_all(links[-1], links[:-1])


def test_nobody_is_carried_what_he_did_not_sign_for() -> None:
    story = at_the_counter()
    carried = story.fact(FactKind.MOVED, lan, to=desk)
    assert why(story.of(carried)) is Misfit.NO_POSITION
    assert (story.item.custodian, story.conflicts) == (counter, [Misfit.NO_POSITION])

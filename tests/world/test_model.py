"""The judge of custody, held against stories told by hand: what a person would say, the model must say."""

import ast
import itertools
import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from bench.worlds import model as judge
from bench.worlds.model import Fact, Model, Op, Person

COUNTER, SORTING, TRANSPORT, DESK, HUB = "O:counter", "O:sorting", "O:transport", "D:desk", "H:sorting"
lan = Person("lan", frozenset({COUNTER}))
hung = Person("hung", frozenset({SORTING}))
tai = Person("tai", frozenset({TRANSPORT}))
hoa = Person("hoa", frozenset({DESK}))
binh = Person("binh", frozenset({DESK}))
khoa = Person("khoa", frozenset({HUB}))
sen = Person("sen", frozenset({"S:counter", "S:sorting"}))
nam = Person("nam", is_postman=True)


class Story:
    """A few steps, told one after the other."""

    def __init__(self, *things: str) -> None:
        self.model = Model()
        self.records = itertools.count(1)
        for thing in things or ("A",):
            self.must("register", lan, thing, to=COUNTER, destination="D")
            self.must("seal", lan, thing)

    def tried(self, word: str, who: Person, *things: str, **more: object) -> bool:
        """Try something at a screen."""
        return self.model.do(Op(word=word, who=who, things=things, **more))  # type: ignore[arg-type]

    def must(self, word: str, who: Person, *things: str, **more: object) -> None:
        """Do something at a screen."""
        assert self.tried(word, who, *things, **more), f"{who.name} may not {word} {things}"

    def offer(self, who: Person, to: str, *things: str) -> str:
        """Offer things and return the record."""
        record = f"G{next(self.records)}"
        self.must("offer", who, *things, to=to, record=record)
        return record

    def give(self, who: Person, to: str, taker: Person, *things: str) -> None:
        """Hand things over, both at a screen."""
        self.must("accept", taker, record=self.offer(who, to, *things))

    def bag(self, *things: str, code: str = "T", destination: str = "D", is_transit: bool = False) -> None:
        """Pack and seal a bag at the counter."""
        self.must("start bag", lan, bag=code, to=COUNTER, destination=destination, is_transit=is_transit)
        self.must("pack", lan, *things, bag=code)
        self.must("seal bag", lan, bag=code)

    @property
    def holder(self) -> str:
        """Return who answers for the first thing."""
        return self.model.holder("A")

    @property
    def conflicts(self) -> list[str]:
        """Return what does not fit about the first thing."""
        return self.model.conflicts("A")


def fact(
    word: str,
    who: Person,
    *,
    number: int,
    seq: int = 0,
    to: str = "",
    knew: Sequence[bytes] | None = None,
    thing: str = "A",
) -> Fact:
    """Return what the device of somebody tells."""
    return Fact(
        id=bytes([number]),
        device=f"M-{who.name}",
        seq=seq or number,
        word=word,
        thing=thing,
        who=who,
        to=to,
        parents=None if knew is None else tuple(knew),
    )


def known(story: Story, thing: str = "A") -> list[bytes]:
    """Return the numbers of everything that is recorded about a thing now."""
    return [step.id for step in story.model.steps[thing]]


def test_the_judge_shares_no_code_with_the_product() -> None:
    tree = ast.parse(Path(str(judge.__file__)).read_text(encoding="utf-8"))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported <= {"collections", "collections.abc", "dataclasses", "typing"}


# --- at a screen ------------------------------------------------------------------------------------------------------


def test_custody_stays_with_the_giver_until_the_offer_is_accepted() -> None:
    story = Story()
    record = story.offer(lan, TRANSPORT, "A")
    assert (story.holder, story.model.is_offered_to("A")) == (COUNTER, TRANSPORT)
    story.must("accept", tai, record=record)
    assert (story.holder, story.model.is_offered_to("A")) == (TRANSPORT, "")


def test_only_the_receiver_signs_and_only_once() -> None:
    story = Story()
    record = story.offer(lan, TRANSPORT, "A")
    assert not story.tried("accept", hoa, record=record)
    assert not story.tried("accept", lan, record=record)
    story.must("accept", tai, record=record)
    assert not story.tried("accept", tai, record=record)


def test_nobody_signs_for_both_sides() -> None:
    story = Story()
    both = Person("lan", frozenset({COUNTER, TRANSPORT}))
    record = story.offer(both, TRANSPORT, "A")
    assert not story.tried("accept", both, record=record)
    story.must("accept", tai, record=record)


def test_who_was_not_asked_declines_nothing_whatever_receiver_his_device_names() -> None:
    story = Story()
    story.offer(lan, TRANSPORT, "A")
    story.model.hear([fact("decline", hoa, number=9, to=TRANSPORT)])
    assert (story.model.is_offered_to("A"), story.conflicts) == (TRANSPORT, ["not_offered"])


def test_what_is_declined_stays_with_the_giver() -> None:
    story = Story("A", "B")
    record = story.offer(lan, TRANSPORT, "A", "B")
    story.must("accept", tai, record=record, declined=frozenset({"A"}))
    assert (story.holder, story.model.holder("B")) == (COUNTER, TRANSPORT)
    assert story.model.is_offered_to("A") == ""


def test_an_offer_that_was_taken_back_cannot_be_accepted() -> None:
    story = Story()
    record = story.offer(lan, TRANSPORT, "A")
    assert not story.tried("recall", tai, record=record)
    story.must("recall", lan, record=record)
    assert not story.tried("accept", tai, record=record)
    assert story.holder == COUNTER


def test_what_is_offered_is_not_offered_again_nor_delivered_nor_carried_elsewhere() -> None:
    story = Story()
    story.offer(lan, TRANSPORT, "A")
    assert not story.tried("offer", lan, "A", to=DESK, record="G9")
    assert not story.tried("deliver", lan, "A")
    assert not story.tried("move", lan, "A", to=COUNTER)


def test_nobody_gives_what_another_holds_or_what_is_not_sealed() -> None:
    story = Story()
    story.must("register", lan, "B", to=COUNTER)
    assert not story.tried("offer", hoa, "A", to=TRANSPORT, record="G9")
    assert not story.tried("offer", lan, "B", to=TRANSPORT, record="G9")
    assert not story.tried("offer", lan, "A", to=COUNTER, record="G9")
    assert not story.tried("offer", lan, to=TRANSPORT, record="G9")
    assert not story.tried("offer", lan, "unknown", to=TRANSPORT, record="G9")


def test_the_authority_hands_on_without_a_seal_of_the_post() -> None:
    story = Story()
    story.must("register", hoa, "R", to=DESK)
    story.must("offer", hoa, "R", to=TRANSPORT, record="G9")


def test_what_was_signed_in_ink_is_entered_by_the_giver() -> None:
    story = Story()
    record = story.offer(lan, DESK, "A")
    assert not story.tried("paper", hoa, record=record)
    story.must("paper", lan, record=record)
    assert story.holder == DESK


def test_one_person_carries_between_own_positions_in_one_step() -> None:
    story = Story()
    story.must("register", sen, "B", to="S:counter")
    story.must("move", sen, "B", to="S:sorting")
    assert story.model.holder("B") == "S:sorting"
    assert not story.tried("move", sen, "B", to=DESK)
    assert not story.tried("move", lan, "B", to=COUNTER)


def test_what_nobody_offered_is_taken_over_by_name() -> None:
    story = Story()
    record = story.offer(lan, TRANSPORT, "A")
    story.must("take over", hoa, "A", to=DESK)
    assert story.holder == DESK
    story.must("accept", tai, record=record)
    assert story.holder == DESK


def test_what_the_citizen_has_does_not_move_again() -> None:
    story = Story()
    story.must("deliver", lan, "A")
    assert story.holder == judge.CITIZEN
    for word in ("offer", "seal", "missing", "deliver"):
        assert not story.tried(word, lan, "A", to=TRANSPORT, record="G9")
    assert not story.tried("take over", hoa, "A", to=DESK)


def test_who_reports_something_missing_goes_on_answering_for_it() -> None:
    story = Story()
    assert not story.tried("found", lan, "A")
    story.must("missing", lan, "A")
    assert story.holder == COUNTER
    story.must("found", lan, "A")
    assert not story.tried("found", lan, "A")


# --- bags -------------------------------------------------------------------------------------------------------------


def test_who_answers_for_a_bag_answers_for_what_is_inside() -> None:
    story = Story("A", "B")
    story.bag("A", "B")
    assert (story.model.inside("A"), story.holder) == ("T", COUNTER)
    record = story.offer(lan, TRANSPORT, "T")
    assert story.model.is_offered_to("A") == TRANSPORT
    story.must("accept", tai, record=record)
    assert (story.holder, story.model.holder("B")) == (TRANSPORT, TRANSPORT)


def test_what_is_in_a_bag_is_handed_over_with_the_bag_only() -> None:
    story = Story()
    story.bag("A")
    assert not story.tried("offer", lan, "A", to=TRANSPORT, record="G9")
    assert not story.tried("deliver", lan, "A")
    story.must("take over", hoa, "A", to=DESK)
    assert (story.holder, story.model.inside("A")) == (DESK, "")


def test_a_bag_takes_what_goes_its_way_and_a_transit_bag_what_goes_farther() -> None:
    story = Story("A", "B")
    story.must("start bag", lan, bag="T", to=COUNTER, destination="elsewhere")
    assert not story.tried("pack", lan, "A", bag="T")
    story.must("start bag", lan, bag="U", to=COUNTER, destination="H", is_transit=True)
    story.must("pack", lan, "A", bag="U")
    assert not story.tried("pack", lan, "A", bag="U")
    assert not story.tried("pack", hung, "B", bag="U")


def test_an_empty_bag_is_not_sealed_and_an_open_one_is_not_handed_over() -> None:
    story = Story()
    story.must("start bag", lan, bag="T", to=COUNTER, destination="D")
    assert not story.tried("seal bag", lan, bag="T")
    story.must("pack", lan, "A", bag="T")
    assert not story.tried("offer", lan, "T", to=TRANSPORT, record="G9")
    story.must("unpack", lan, "A", bag="T")
    assert (story.model.inside("A"), story.holder) == ("", COUNTER)
    assert not story.tried("seal bag", lan, bag="T")


def test_opening_a_bag_gives_what_was_counted_to_who_opened_it() -> None:
    story = Story("A", "B")
    story.bag("A", "B")
    story.give(lan, TRANSPORT, tai, "T")
    story.give(tai, DESK, hoa, "T")
    assert not story.tried("receive bag", tai, bag="T")
    story.must("receive bag", hoa, "A", "B", bag="T")
    assert (story.holder, story.model.inside("A"), story.conflicts) == (DESK, "", [])
    assert not story.tried("receive bag", hoa, bag="T")
    assert not story.tried("offer", hoa, "T", to=TRANSPORT, record="G9")


@pytest.mark.parametrize(("is_intact", "blamed"), [(True, COUNTER), (False, TRANSPORT)])
def test_what_is_missing_is_asked_of_the_packer_or_with_a_broken_seal_of_the_last_carrier(
    *, is_intact: bool, blamed: str
) -> None:
    story = Story("A", "B")
    story.bag("A", "B")
    story.give(lan, TRANSPORT, tai, "T")
    story.give(tai, DESK, hoa, "T")
    story.must("receive bag", hoa, "B", bag="T", is_intact=is_intact)
    assert (story.holder, story.conflicts) == (blamed, ["missing_on_opening"])
    assert story.model.holder("B") == DESK


def test_what_lies_in_a_bag_without_standing_on_its_list_is_with_who_opened_it() -> None:
    story = Story("A", "B", "C")
    story.bag("A")
    story.bag("B", code="U")
    story.give(lan, DESK, hoa, "T")
    story.must("receive bag", hoa, "A", "B", "C", bag="T")
    assert {thing: story.model.holder(thing) for thing in "ABC"} == dict.fromkeys("ABC", DESK)
    assert story.model.conflicts("B") == ["extra_on_opening"]
    assert story.model.contents("U") == set()


def test_at_a_hub_what_was_in_one_bag_travels_on_in_another() -> None:
    story = Story("A", "B")
    story.bag("A", "B", destination="H", is_transit=True)
    story.give(lan, HUB, khoa, "T")
    story.must("receive bag", khoa, "A", "B", bag="T")
    story.must("start bag", khoa, bag="U", to=HUB, destination="D")
    story.must("pack", khoa, "A", "B", bag="U")
    story.must("seal bag", khoa, bag="U")
    story.give(khoa, DESK, hoa, "U")
    assert (story.holder, story.model.inside("A")) == (DESK, "U")


# --- what devices tell later ------------------------------------------------------------------------------------------


def test_a_hand_over_between_two_devices_is_the_same_in_any_order_and_twice() -> None:
    for told in itertools.permutations(range(2)):
        story = Story()
        facts = [
            fact("offer", lan, number=1, to=TRANSPORT, knew=known(story)),
            fact("accept", tai, number=2, knew=[bytes([1])]),
        ]
        for index in (*told, *told):
            story.model.hear([facts[index]])
        assert (story.holder, story.conflicts) == (TRANSPORT, [])


def test_who_gives_what_he_does_not_hold_moves_nothing() -> None:
    story = Story()
    story.model.hear([fact("offer", hung, number=1, to=DESK)])
    assert (story.holder, story.model.is_offered_to("A")) == (COUNTER, "")
    assert story.conflicts == ["handover_by_non_holder"]


def test_a_device_carries_something_only_between_places_of_work_of_its_owner() -> None:
    story = Story()
    story.model.hear([fact("move", lan, number=1, to=DESK)])
    assert (story.holder, story.conflicts) == (COUNTER, ["no_position"])
    both = Person("lan", frozenset({COUNTER, SORTING}))
    story.model.hear([fact("move", both, number=2, seq=2, to=SORTING)])
    assert story.holder == SORTING


def test_who_has_it_in_his_hands_holds_it() -> None:
    story = Story()
    story.model.hear([fact("accept", tai, number=1)])
    assert (story.holder, story.conflicts) == (TRANSPORT, ["accept_without_offer"])


def test_whom_a_device_names_as_receiver_does_not_take_what_its_owner_has_in_his_hands() -> None:
    story = Story()
    story.model.hear([fact("accept", tai, number=1, to=DESK)])
    assert story.holder == TRANSPORT


def test_a_postman_takes_in_his_own_name_and_one_without_a_position_takes_nothing() -> None:
    story = Story()
    story.model.hear([fact("accept", nam, number=1)])
    assert story.holder == "nam"
    story.model.hear([fact("accept", Person("gone"), number=2)])
    assert (story.holder, story.conflicts[-1]) == ("nam", "no_position")


def test_two_who_took_it_and_knew_nothing_of_each_other_are_both_named() -> None:
    for order in itertools.permutations(range(2)):
        story = Story()
        before = known(story)
        taken = [fact("accept", tai, number=5, knew=before), fact("accept", hoa, number=4, knew=before)]
        for index in order:
            story.model.hear([taken[index]])
        assert (story.holder, story.conflicts) == (TRANSPORT, ["accept_without_offer", "double_custody"])


def test_the_same_scan_by_two_of_one_desk_is_one_taking() -> None:
    story = Story()
    story.offer(lan, DESK, "A")
    story.model.hear([fact("accept", hoa, number=1), fact("accept", binh, number=2)])
    assert (story.holder, story.conflicts) == (DESK, ["already_holds"])


def test_what_was_delivered_stays_delivered() -> None:
    story = Story()
    before = known(story)
    story.must("deliver", lan, "A")
    story.model.hear([fact("accept", tai, number=1)])
    assert (story.holder, story.conflicts) == (judge.CITIZEN, ["scan_after_delivery"])
    story.model.hear([fact("offer", lan, number=2, to=TRANSPORT, knew=before)])
    assert story.holder == judge.CITIZEN


def test_what_a_device_tells_late_stands_before_the_commands_it_did_not_know() -> None:
    story = Story()
    before = known(story)
    story.give(lan, TRANSPORT, tai, "A")
    story.model.hear([fact("offer", lan, number=1, to=SORTING, knew=before)])
    words = [(step.word, step.device) for step in story.model.story("A")]
    assert words[2:] == [("offer", "M-lan"), ("offer", ""), ("accept", "")]
    assert (story.holder, story.conflicts) == (TRANSPORT, ["offer_stands", "accept_without_offer"])


def test_a_fact_that_does_not_say_what_it_knew_knew_all_that_was_recorded() -> None:
    story = Story()
    story.give(lan, TRANSPORT, tai, "A")
    story.model.hear([fact("accept", hoa, number=1)])
    assert (story.holder, story.conflicts) == (DESK, ["accept_without_offer"])


def test_the_count_of_a_device_stands_above_the_order_of_arrival() -> None:
    story = Story()
    story.model.hear([fact("accept", tai, number=1, seq=2)])
    story.model.hear([fact("accept", tai, number=2, seq=1)])
    assert [step.seq for step in story.model.story("A")][2:] == [1, 2]


def test_two_labels_that_are_scanned_in_turns_are_suspect_and_the_last_sure_holder_holds() -> None:
    story = Story()
    taken = [(tai, 1), (hoa, 2), (tai, 3)]
    story.must("register", tai, "B", to=TRANSPORT)
    for who, number in taken:
        story.model.hear([fact("accept", who, number=number)])
    assert story.conflicts == ["accept_without_offer", *["double_custody"] * 2]
    story.model.hear([fact("accept", hoa, number=4)])
    assert (story.holder, story.conflicts[-1]) == (COUNTER, "label_clone_suspect")


def test_things_that_go_back_and_forth_with_both_signatures_are_not_suspect() -> None:
    story = Story()
    for _ in range(3):
        story.give(lan, TRANSPORT, tai, "A")
        story.give(tai, COUNTER, lan, "A")
    assert (story.holder, story.conflicts) == (COUNTER, [])


@pytest.mark.parametrize("seed", range(20))
def test_the_order_of_arrival_does_not_matter_to_what_says_what_it_knew(seed: int) -> None:
    chance = random.Random(seed)
    facts = _offline_day(chance)
    ends = set()
    for _ in range(5):
        story = Story()
        chance.shuffle(facts)
        for each in facts + chance.sample(facts, k=5):
            story.model.hear([each])
        ends.add((story.holder, story.model.is_offered_to("A"), tuple(story.conflicts)))
    assert len(ends) == 1


def _offline_day(chance: random.Random) -> list[Fact]:
    facts: list[Fact] = []
    start = known(Story())
    for number in range(1, 13):
        who = chance.choice([lan, hung, tai, hoa, binh])
        knew = [*start, *(each.id for each in chance.sample(facts, k=min(len(facts), 2)))]
        word = chance.choice(["offer", "accept", "accept", "decline"])
        to = chance.choice([COUNTER, SORTING, TRANSPORT, DESK])
        facts.append(fact(word, who, number=number, to=to if word == "offer" else "", knew=knew))
    return facts


def test_devices_that_contradict_themselves_break_nothing() -> None:
    story = Story()
    story.model.hear([fact("accept", tai, number=1, seq=1, knew=[bytes([2])])])
    story.model.hear([fact("accept", tai, number=2, seq=2, knew=[bytes([1])])])
    assert story.holder == TRANSPORT


# --- corrections ------------------------------------------------------------------------------------------------------


def test_a_wrong_line_is_struck_by_two_people_as_long_as_what_follows_still_fits() -> None:
    story = Story()
    story.must("take over", hoa, "A", to=DESK)
    wrong = known(story)[-1]
    assert not story.tried("correct", lan, "A", step=wrong)
    assert not story.tried("correct", lan, "A", step=wrong, second=lan)
    story.must("correct", lan, "A", step=wrong, second=hoa)
    assert story.holder == COUNTER
    story.give(lan, TRANSPORT, tai, "A")
    taken, sealed = known(story)[-1], known(story)[1]
    story.give(tai, DESK, hoa, "A")
    assert not story.tried("correct", lan, "A", step=taken, second=hoa)
    assert not story.tried("correct", lan, "A", step=known(story)[0], second=hoa)
    assert sealed != taken

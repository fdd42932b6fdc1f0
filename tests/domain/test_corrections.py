"""Which steps may be struck, by whom, and that nobody loses what he signed for later."""

from dataclasses import replace
from typing import Any

import pytest

from postal.domain import bag as bags
from postal.domain import corrections, events, item
from postal.domain.chain import Step
from postal.domain.corrections import (
    ClockBegan,
    NoController,
    NoSuchStep,
    NotCorrectable,
    OthersFollow,
    SamePersonTwice,
    SideNotThere,
)
from postal.domain.dossier import AgencyStatus
from postal.domain.events import Corrected, DeclineReason, Event
from postal.domain.people import Actor, Custodian
from tests import cast


def by(somebody: Actor, minutes: int) -> dict[str, Any]:
    return {"by": somebody.as_author(), "occurred_at": cast.after(minutes=minutes)}


SEALED = events.Sealed(seal="881245", **by(cast.lan, 0))
OFFERED = events.HandedOver(to=cast.transport, record=cast.RECORD, **by(cast.lan, 1))
ACCEPTED = events.Accepted(record=cast.RECORD, **by(cast.tai, 2))
TO_DESK = events.HandedOver(to=cast.desk, record="G2", **by(cast.tai, 10))
AT_DESK = events.Accepted(record="G2", **by(cast.hoa, 11))


def steps(*happened: Event) -> list[Step]:
    return [Step(version=n, event=event) for n, event in enumerate((cast.registered(), *happened), start=1)]


def strike(*happened: Event, version: int) -> corrections.Striking:
    return corrections.strike(cast.ITEM, steps(*happened), version, begin=item.begin)


def test_every_step_of_an_item_or_bag_has_its_rule() -> None:
    kinds = {kind for _, kind in item.LIFECYCLE} | {kind for _, kind in bags.LIFECYCLE}
    assert kinds <= set(corrections.RULES)
    assert all(rule.why.endswith(".") for rule in corrections.RULES.values())


def test_a_wrong_acceptance_goes_with_its_offer_and_the_giver_holds_again() -> None:
    struck = strike(SEALED, OFFERED, ACCEPTED, version=4)
    assert struck.versions == (4, 3)
    assert struck.before.custodian.is_same_as(cast.transport)
    assert struck.after.custodian.is_same_as(cast.counter)
    assert struck.after.offered_to is None


def test_a_hand_over_that_others_built_on_stays() -> None:
    with pytest.raises(OthersFollow, match="bàn giao"):
        strike(SEALED, OFFERED, ACCEPTED, TO_DESK, version=4)


def test_a_wrong_seal_number_is_struck_and_the_former_one_is_there_again() -> None:
    again = events.Sealed(seal="999", **by(cast.lan, 3))
    assert strike(SEALED, again, version=3).after.seal == "881245"


def test_the_only_seal_of_what_was_handed_on_is_not_struck() -> None:
    with pytest.raises(OthersFollow):
        strike(SEALED, OFFERED, ACCEPTED, version=2)


def test_a_wrong_report_of_loss_is_struck_unless_it_was_found_since() -> None:
    missing = events.ReportedMissing(**by(cast.lan, 5))
    after = strike(SEALED, missing, version=3).after
    assert isinstance(after, item.Item)
    assert after.trouble is None
    with pytest.raises(OthersFollow):
        strike(SEALED, missing, events.Found(**by(cast.lan, 6)), version=3)


def test_a_wrong_refusal_is_struck_with_its_offer() -> None:
    declined = events.Declined(record=cast.RECORD, reason=DeclineReason.DAMAGED, **by(cast.tai, 2))
    after = strike(SEALED, OFFERED, declined, version=4).after
    assert isinstance(after, item.Item)
    assert after.trouble is None


def test_a_wrong_taking_over_goes_back() -> None:
    taken = events.TakenOver(to=cast.second_counter, reason="", **by(cast.minh, 4))
    assert strike(SEALED, taken, version=3).after.custodian.is_same_as(cast.counter)


@pytest.mark.parametrize(
    ("happened", "version", "word"),
    [
        ((), 1, "hủy"),
        ((SEALED, OFFERED), 3, "thu hồi"),
    ],
)
def test_what_is_never_struck_names_the_next_step(happened: tuple[Event, ...], version: int, word: str) -> None:
    with pytest.raises(NotCorrectable, match=word):
        strike(*happened, version=version)


def test_a_step_is_struck_once_and_a_correction_never() -> None:
    wrong = events.Sighted(**by(cast.lan, 4))
    gone = Corrected(version=3, reason="", second=cast.minh.as_author(), **by(cast.lan, 5))
    with pytest.raises(NoSuchStep):
        strike(SEALED, wrong, gone, version=3)
    with pytest.raises(NotCorrectable):
        strike(SEALED, wrong, gone, version=4)
    with pytest.raises(NoSuchStep):
        strike(SEALED, version=9)


def test_two_different_people_sign_and_one_is_a_controller() -> None:
    struck = strike(SEALED, events.Sighted(**by(cast.lan, 4)), version=3)
    with pytest.raises(SamePersonTwice):
        corrections.must_sign(struck, cast.minh, cast.minh, thing=cast.ITEM)
    with pytest.raises(NoController):
        corrections.must_sign(struck, cast.lan, cast.hung, thing=cast.ITEM)
    corrections.must_sign(struck, cast.lan, cast.minh, thing=cast.ITEM)


def test_what_moves_back_is_signed_by_both_who_held_it() -> None:
    struck = strike(SEALED, OFFERED, ACCEPTED, TO_DESK, AT_DESK, version=6)
    with pytest.raises(SideNotThere, match="Trung tâm Phục vụ"):
        corrections.must_sign(struck, cast.tai, cast.minh, thing=cast.ITEM)
    corrections.must_sign(struck, cast.minh, cast.hoa, thing=cast.ITEM)


def test_the_signature_on_which_the_clock_began_stays() -> None:
    struck = strike(SEALED, OFFERED, ACCEPTED, TO_DESK, AT_DESK, version=6)
    corrections.must_leave_the_clock(struck, AgencyStatus.NEW)
    with pytest.raises(ClockBegan):
        corrections.must_leave_the_clock(struck, AgencyStatus.RECEIVED)
    other = strike(SEALED, events.Sighted(**by(cast.lan, 4)), version=3)
    corrections.must_leave_the_clock(other, AgencyStatus.RECEIVED)


def test_a_wrong_seal_of_a_bag_is_struck_before_it_leaves_and_not_after() -> None:
    begun = bags.start(
        code="T2K4M9RTBQ", destination=cast.to_the_desk, custodian=cast.counter, by=cast.lan, at=cast.monday
    )
    packed = events.BagPacked(items=(cast.ITEM,), **by(cast.lan, 1))
    sealed = events.BagSealed(seal="1", **by(cast.lan, 2))
    here = [Step(version=n, event=e) for n, e in enumerate((begun, packed, sealed), start=1)]
    assert corrections.strike("T2K4M9RTBQ", here, 3, begin=bags.begin).after.seal == ""
    offered = Step(version=4, event=replace(OFFERED, record="G3"))
    with pytest.raises(OthersFollow):
        corrections.strike("T2K4M9RTBQ", [*here, offered], 3, begin=bags.begin)


def test_custodians_compare_by_key_not_by_name() -> None:
    renamed: Custodian = replace(cast.counter, name="Quầy mới")
    moved = events.Moved(to=renamed, **by(cast.lan, 3))
    struck = strike(SEALED, moved, version=3)
    corrections.must_sign(struck, cast.lan, cast.minh, thing=cast.ITEM)

"""Money from hand to hand: two people, counted, never more than is there, never anybody else's."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postal.domain import cash
from postal.domain.cash import CashState, InTill
from postal.domain.events import (
    CashAccepted,
    CashOffered,
    CashRecalled,
    CashSignedOnPaper,
    Event,
    Evidence,
    TillCounted,
)
from postal.domain.handover import SignedTooEarly
from postal.domain.item import NotAddressee, NotCustodian, SamePerson
from postal.domain.lifecycle import NotNow
from postal.domain.people import Actor, Custodian
from postal.domain.refusals import Refused
from tests import cast, chance
from tests.cast import counter, desk, lan, minh, monday, second_counter, tai

HELD = InTill(postage=30_000, fees={"D1": 100_000, "D2": 20_000})


def offered(
    *, money: InTill = HELD, held: InTill = HELD, receiver: Custodian = second_counter, by: Actor = lan
) -> cash.CashHandover:
    event = cash.offer(giver=counter, receiver=receiver, money=money, held=held, run="", by=by, at=monday)
    return cash.begin("BQP6GRMTQR", event)


def test_money_stays_with_the_giver_until_the_receiver_has_counted_and_signed() -> None:
    offer = offered()
    assert (offer.state, offer.total, offer.is_done) == (CashState.OFFERED, 150_000, False)
    taken = offer.evolve(offer.accept(by=minh, at=cast.after(hours=1)))
    assert (taken.state, taken.is_done, taken.evidence) == (CashState.ACCEPTED, True, Evidence.A)
    assert taken.signed_at == cast.after(hours=1)


def test_who_gives_money_does_not_take_it() -> None:
    both = cast.actor("lan", "Lan", counter, second_counter, place=cast.OFFICE, roles=set(lan.roles))
    with pytest.raises(SamePerson):
        offered(by=both)
    with pytest.raises(SamePerson):
        offered(receiver=counter)
    with pytest.raises(SamePerson):
        offered().accept(by=both, at=monday)


def test_only_the_two_sides_have_a_part_in_it() -> None:
    with pytest.raises(NotCustodian):
        offered(by=minh)
    with pytest.raises(NotAddressee):
        offered().accept(by=tai, at=monday)
    with pytest.raises(NotCustodian):
        offered().recall(by=minh, at=monday)


@pytest.mark.parametrize(
    "money",
    [
        InTill(postage=30_001),
        InTill(fees={"D1": 100_001}),
        InTill(fees={"D3": 1}),
        InTill(postage=30_000, fees={"D1": 100_000, "D2": 20_001}),
    ],
)
def test_nobody_hands_on_more_than_is_in_the_till(money: InTill) -> None:
    with pytest.raises(cash.NotInTill, match=r"chỉ có 150\.000 đ"):
        offered(money=money)


@pytest.mark.parametrize("money", [InTill(), InTill(fees={"D1": 5, "D2": -1}), InTill(postage=-1, fees={"D1": 5})])
def test_handing_on_means_at_least_one_dong_and_never_less_than_none(money: InTill) -> None:
    with pytest.raises(cash.NothingToPass):
        offered(money=money)


def test_a_shortage_goes_along_with_everything_but_not_to_the_authority_which_gets_its_fees_in_full() -> None:
    short = InTill(fees={"": -5_000, "D1": 100_000})
    assert offered(money=short, held=short).total == 95_000
    with pytest.raises(cash.NotForAuthority):
        offered(money=short, held=short, receiver=desk)
    with pytest.raises(cash.NotInTill):
        offered(money=InTill(fees={"D1": 100_000}), held=short, receiver=desk)


def test_postage_is_never_handed_to_an_authority() -> None:
    with pytest.raises(cash.NotForAuthority):
        offered(receiver=desk)


amount = st.integers(min_value=-50, max_value=50)
moneys = st.builds(InTill, postage=amount, fees=st.dictionaries(st.sampled_from(["", "D1", "D2"]), amount))


@given(held=moneys, money=moneys)
def test_whatever_is_handed_on_no_till_goes_below_nothing_by_it(held: InTill, money: InTill) -> None:
    try:
        offered(money=money, held=held)
    except Refused:
        return
    rest = held.less(money)
    assert min(rest.postage, rest.fees_total, *(rest.fees.get(each, 0) for each in ("D1", "D2"))) >= 0
    assert money.total > 0


@given(held=moneys, money=moneys)
def test_what_is_taken_away_and_put_back_is_what_was_there(held: InTill, money: InTill) -> None:
    nothing = InTill()
    again = held.less(money).less(nothing.less(money))
    assert again == held.less(nothing)


def test_the_bank_and_an_authority_sign_in_ink_and_colleagues_for_themselves() -> None:
    bank = cash.bank_custodian(cast.OFFICE, unit_name="Bưu cục")
    for receiver, money in ((desk, InTill(fees={"D1": 5})), (bank, HELD)):
        offer = offered(receiver=receiver, money=money)
        event = offer.sign_on_paper(photo="f", signer="t", signed_at=monday, by=lan, at=cast.after(hours=1))
        assert offer.evolve(event).state is CashState.ON_PAPER
        assert event.evidence is Evidence.B
    with pytest.raises(cash.SignsForHimself):
        offered().sign_on_paper(photo="f", signer="t", signed_at=monday, by=lan, at=monday)


@pytest.mark.parametrize("signed_at", [cast.after(minutes=-1), cast.after(hours=2)])
def test_a_paper_is_signed_after_the_list_was_drawn_up_and_not_in_the_future(signed_at: datetime) -> None:
    offer = offered(receiver=desk, money=InTill(fees={"D1": 5}))
    with pytest.raises(SignedTooEarly):
        offer.sign_on_paper(photo="", signer="t", signed_at=signed_at, by=lan, at=cast.after(hours=1))


def test_the_bank_account_of_an_office_is_answered_for_by_its_people_and_nobody_else() -> None:
    bank = cash.bank_custodian(cast.OFFICE, unit_name="Bưu cục")
    fees = InTill(fees={"D1": 5})
    event = cash.offer(giver=bank, receiver=desk, money=fees, held=fees, run="", by=lan, at=monday)
    assert event.giver == bank
    with pytest.raises(NotCustodian):
        cash.offer(giver=bank, receiver=desk, money=fees, held=fees, run="", by=cast.sen, at=monday)


def test_what_is_signed_or_taken_back_is_over() -> None:
    offer = offered()
    taken = offer.evolve(offer.accept(by=minh, at=monday))
    back = offer.evolve(offer.recall(by=lan, at=monday))
    with pytest.raises(NotNow, match="hai bên đã ký"):
        taken.recall(by=lan, at=monday)
    with pytest.raises(NotNow, match="bên giao đã thu hồi"):
        back.accept(by=minh, at=monday)


def counted(*, postage: int = 30_000, fees: int = 120_000, reason: str = "", by: Actor = lan) -> TillCounted:
    return cash.count(
        till=counter,
        postage_expected=30_000,
        postage_counted=postage,
        fees_expected=120_000,
        fees_counted=fees,
        reason=reason,
        by=by,
        at=monday,
    )


def test_a_till_that_differs_needs_a_reason_even_when_the_sum_is_right() -> None:
    with pytest.raises(cash.DifferenceUnexplained, match=r"theo sổ có 150\.000 đ"):
        counted(postage=31_000, fees=119_000)
    assert counted(postage=31_000, fees=119_000, reason="t").fees_counted == 119_000
    assert counted().reason == ""
    with pytest.raises(NotCustodian):
        counted(by=minh)


def test_a_till_keeps_its_last_count() -> None:
    stream = f"{cash.TILL}{counter.key}"
    till = cash.replay(stream, [counted(), counted(postage=29_000, reason="t")])
    assert (till.state, till.version, till.postage_counted) == (CashState.COUNTED, 2, 29_000)
    assert cash.till_of(stream) == counter.key
    assert cash.till_of("BQP6GRMTQR") == ""


@given(chance.histories(CashAccepted, CashRecalled, CashSignedOnPaper, TillCounted, CashOffered))
def test_no_history_of_any_order_breaks_the_fold(history: list[Event]) -> None:
    paper = offered()
    for event in history:
        paper = paper.evolve(event)
    assert paper.version == len(history) + 1

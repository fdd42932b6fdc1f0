"""Money: into a till, from hand to hand, to the authority, back to the citizen. Nothing twice, nothing lost."""

import contextlib
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from postal.domain import cash, codes
from postal.domain.cash import InTill
from postal.domain.dossier import AgencyStatus, Dossier, WrongAmount
from postal.domain.events import Collected, MoneyLedger, Payment, Refunded, ReturnWay, Service
from postal.domain.item import NotAddressee
from postal.domain.lifecycle import NotNow, Overtaken
from postal.domain.money import RefundGround
from postal.domain.people import Actor, Custodian
from postal.domain.permissions import Forbidden
from postal.services import agency, money, registration, verification
from postal.services.money import Counted, MoreThanOwed, Payback, Payin
from postal.services.registration import PaperEntry, Registration
from postal.store import Store
from postal.store.registers import RequestMismatch
from tests import cast
from tests.cast import counter, lan, minh, monday, nam, nam_on_his_run, second_counter

POSTAGE, FEES = MoneyLedger.POSTAGE, MoneyLedger.FEES
LATER = Payment.LATER

Below = Callable[[int], int]


@pytest.fixture
def below() -> Below:
    return cast.below(7)


def a_case(store: Store, below: Below, *, fees: int = 0, postage: int = 0, payment: Payment = LATER) -> str:
    """Register a dossier at Lan's counter; by default nothing is paid yet."""
    form = Registration(
        service=Service.BOTH,
        procedure=cast.PROCEDURE,
        sender=cast.khanh,
        case_commune="20242",
        return_way=ReturnWay.HOME,
        papers=(PaperEntry(name="Tờ khai", originals=1),),
        seal="881245",
        fees=fees,
        fees_basis="Lệ phí",
        postage=postage,
        postage_basis="Giá cước niêm yết",
        payment=payment,
        weight_g=120,
    )
    return registration.register(store, form, by=lan, at=monday, below=below).dossier.code


def take(
    store: Store,
    code: str,
    below: Below,
    *,
    amount: int,
    account: MoneyLedger = FEES,
    by: Actor = lan,
    payment: Payment = Payment.CASH,
) -> Dossier:
    with store.begin(at=monday) as ledger:
        return money.collect(
            ledger,
            ledger.dossier(code),
            account=account,
            amount=amount,
            payment=payment,
            basis="Lệ phí",
            by=by,
            at=monday,
            below=below,
        )


def in_till_of(store: Store, custodian: Custodian) -> InTill:
    with store.begin(at=monday) as ledger:
        return money.in_till(ledger, custodian)


def test_cash_goes_into_the_till_of_who_takes_it_with_a_receipt_of_its_own(seeded: Store, below: Below) -> None:
    code = a_case(seeded, below, fees=100_000, postage=30_000)
    take(seeded, code, below, amount=100_000)
    take(seeded, code, below, amount=30_000, account=POSTAGE, by=nam)
    assert in_till_of(seeded, counter) == InTill(postage=0, fees={code: 100_000})
    assert in_till_of(seeded, nam_on_his_run) == InTill(postage=30_000)
    with seeded.read() as reader:
        receipts = [e.receipt for *_, e in reader.events([code]) if isinstance(e, Collected) and e.receipt]
        assert len(set(receipts)) == 2
        assert all(codes.parse(each).kind is codes.CodeKind.CASH for each in receipts)
        assert {reader.requests.answer(each, content=each) for each in receipts} == {code}


def test_what_was_paid_is_not_paid_again(seeded: Store, below: Below) -> None:
    code = a_case(seeded, below, fees=100_000)
    take(seeded, code, below, amount=60_000)
    with pytest.raises(MoreThanOwed, match=r"còn phải thu 40\.000 đ phí, lệ phí, không thu 60\.000 đ"):
        take(seeded, code, below, amount=60_000)
    assert take(seeded, code, below, amount=40_000).fees.owed == 0
    with pytest.raises(MoreThanOwed):
        take(seeded, code, below, amount=1)


def test_a_transfer_is_in_the_bank_and_in_no_till(seeded: Store, below: Below) -> None:
    code = a_case(seeded, below, fees=100_000)
    take(seeded, code, below, amount=100_000, payment=Payment.TRANSFER)
    assert in_till_of(seeded, counter).total == 0
    assert in_till_of(seeded, cash.bank_custodian(cast.OFFICE, unit_name="x")).fees == {code: 100_000}


def test_everything_in_a_till_is_offered_once_and_stays_the_givers_until_signed(seeded: Store, below: Below) -> None:
    code = a_case(seeded, below, fees=100_000, postage=30_000)
    take(seeded, code, below, amount=100_000)
    take(seeded, code, below, amount=30_000, account=POSTAGE)
    with seeded.begin(at=monday) as ledger:
        offered = money.offer(ledger, giver=counter, receiver=second_counter, by=lan, at=monday, below=below)
    assert (offered.postage, offered.fees) == (30_000, ((code, 100_000),))
    assert in_till_of(seeded, counter).total == 130_000
    with seeded.begin(at=monday) as ledger, pytest.raises(cash.NothingToPass):
        money.offer(ledger, giver=counter, receiver=second_counter, by=lan, at=monday, below=below)


def passed_on(store: Store, below: Below, *, by: Actor = lan, to: Custodian = second_counter, **signed: Any) -> str:
    return money.pass_on(store, receiver=to, by=by, at=monday, below=below, **signed).code


def remitted(store: Store, below: Below, *, giver: Custodian = counter, request: str = "", **signed: Any) -> str:
    desk = cast.commune_desk
    return money.remit(
        store, giver=giver, receiver=desk, by=lan, at=monday, below=below, request=request, **signed
    ).code


def dossier_of(store: Store, code: str) -> Dossier:
    with store.read() as reader:
        found = reader.thing(Dossier, code)
    assert found is not None
    return found


# --- the counter ------------------------------------------------------------------------------------------------------


def test_a_payment_that_is_sent_again_is_answered_with_the_first(seeded: Store, below: Below) -> None:
    code = a_case(seeded, below, fees=100_000, postage=30_000)
    paying = Payin(fees=100_000, postage=30_000, request="a1")
    first = money.pay(seeded, code, paying, by=lan, at=monday, below=below)
    assert money.pay(seeded, code, paying, by=lan, at=monday, below=below) == first
    assert len(first) == 2
    assert dossier_of(seeded, code).fees.collected == 100_000
    with pytest.raises(RequestMismatch):
        money.pay(seeded, code, replace(paying, fees=1), by=lan, at=monday, below=below)


def test_two_clerks_who_take_the_same_fee_at_the_same_moment_take_it_once(seeded: Store, below: Below) -> None:
    code = a_case(seeded, below, fees=100_000)
    ready, told = threading.Barrier(2), list[str]()

    def take_it(by: Actor, seed: int) -> None:
        ready.wait(timeout=5)
        try:
            money.pay(seeded, code, Payin(fees=100_000), by=by, at=monday, below=cast.below(seed))
            told.append("paid")
        except (MoreThanOwed, Overtaken) as refused:
            told.append(refused.code)

    threads = [threading.Thread(target=take_it, args=each) for each in ((lan, 1), (minh, 2))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert told.count("paid") == 1
    assert len(told) == 2
    assert dossier_of(seeded, code).fees.collected == 100_000
    assert verification.verify(seeded).is_sound


def test_a_refund_names_its_reason_and_comes_out_of_where_the_money_lies(seeded: Store, below: Below) -> None:
    code = a_case(seeded, below, fees=100_000, postage=30_000)
    money.pay(seeded, code, Payin(fees=100_000, payment=Payment.TRANSFER), by=lan, at=monday, below=below)
    money.pay(seeded, code, Payin(postage=30_000), by=lan, at=monday, below=below)
    not_done = Payback(account=POSTAGE, amount=30_000, ground=RefundGround.NOT_DONE, request="r1")
    money.refund(seeded, code, not_done, by=lan, at=monday)
    money.refund(seeded, code, not_done, by=lan, at=monday)
    money.refund(seeded, code, Payback(account=FEES, amount=40_000, ground=RefundGround.TOO_MUCH), by=lan, at=monday)
    assert in_till_of(seeded, counter).total == 0
    assert in_till_of(seeded, cash.bank_custodian(cast.OFFICE, unit_name="x")).fees == {code: 60_000}
    with seeded.read() as reader:
        reasons = [e.reason for *_, e in reader.events([code]) if isinstance(e, Refunded)]
        assert "rút hồ sơ" in reader.texts.get(reasons)[reasons[0]]
    with pytest.raises(money.NoRefundReason):
        other = Payback(account=FEES, amount=1, ground=RefundGround.OTHER, words=" ")
        money.refund(seeded, code, other, by=lan, at=monday)


@pytest.mark.parametrize("amount", [0, 100_001])
def test_never_more_goes_back_than_came_in(seeded: Store, below: Below, amount: int) -> None:
    code = a_case(seeded, below, fees=100_000)
    money.pay(seeded, code, Payin(fees=100_000), by=lan, at=monday, below=below)
    with pytest.raises(WrongAmount):
        back = Payback(account=FEES, amount=amount, ground=RefundGround.TOO_MUCH)
        money.refund(seeded, code, back, by=lan, at=monday)
    assert dossier_of(seeded, code).fees.refunded == 0


def test_a_till_gives_back_no_fees_that_lie_elsewhere_nor_what_it_has_promised(seeded: Store, below: Below) -> None:
    code = a_case(seeded, below, fees=100_000)
    money.pay(seeded, code, Payin(fees=100_000), by=lan, at=monday, below=below)
    back = Payback(account=FEES, amount=100_000, ground=RefundGround.TOO_MUCH)
    with pytest.raises(money.MoneyElsewhere):
        money.refund(seeded, code, back, by=minh, at=monday)
    passed_on(seeded, below)
    with pytest.raises(money.MoneyElsewhere):
        money.refund(seeded, code, back, by=lan, at=monday)


def test_fees_that_reached_the_authority_are_given_back_by_the_authority(seeded: Store, below: Below) -> None:
    code = a_case(seeded, below, fees=100_000)
    money.pay(seeded, code, Payin(fees=100_000), by=lan, at=monday, below=below)
    remitted(seeded, below, signed_by=cast.xuan)
    with pytest.raises(money.AlreadyRemitted, match="phường Hải Châu"):
        back = Payback(account=FEES, amount=100_000, ground=RefundGround.NOT_DONE)
        money.refund(seeded, code, back, by=lan, at=monday)


def test_a_registration_that_is_taken_back_gives_a_transfer_back_out_of_the_bank(seeded: Store, below: Below) -> None:
    code = a_case(seeded, below, fees=100_000, postage=30_000, payment=Payment.TRANSFER)
    registration.void(seeded, code, reason="Khách đổi ý", by=lan, at=monday)
    assert in_till_of(seeded, counter).total == 0
    assert in_till_of(seeded, cash.bank_custodian(cast.OFFICE, unit_name="x")).total == 0
    assert verification.verify(seeded).is_sound


# --- from hand to hand ------------------------------------------------------------------------------------------------


def test_a_postman_hands_in_his_day_and_the_counter_signs(seeded: Store, below: Below) -> None:
    code = a_case(seeded, below, fees=100_000, postage=30_000)
    money.pay(seeded, code, Payin(fees=100_000, postage=30_000), by=nam, at=monday, below=below)
    paper = passed_on(seeded, below, by=nam, to=counter)
    with pytest.raises(Forbidden):
        money.accept(seeded, paper, by=nam, at=monday)
    with pytest.raises(NotAddressee):
        money.accept(seeded, paper, by=minh, at=monday)
    money.accept(seeded, paper, by=lan, at=monday)
    assert in_till_of(seeded, nam_on_his_run).total == 0
    assert in_till_of(seeded, counter) == InTill(postage=30_000, fees={code: 100_000})
    with pytest.raises(NotNow):
        money.accept(seeded, paper, by=lan, at=monday)


def test_two_lists_drawn_up_at_the_same_moment_promise_the_money_once(seeded: Store, below: Below) -> None:
    code = a_case(seeded, below, fees=100_000)
    money.pay(seeded, code, Payin(fees=100_000), by=lan, at=monday, below=below)
    ready, made = threading.Barrier(2), list[str]()

    def draw_up(seed: int) -> None:
        ready.wait(timeout=5)
        with contextlib.suppress(money.NothingToRemit):
            made.append(remitted(seeded, cast.below(seed)))

    threads = [threading.Thread(target=draw_up, args=(seed,)) for seed in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert len(made) == 1


def test_a_list_that_is_sent_again_is_the_same_list(seeded: Store, below: Below) -> None:
    code = a_case(seeded, below, fees=100_000)
    money.pay(seeded, code, Payin(fees=100_000), by=lan, at=monday, below=below)
    first = remitted(seeded, below, request="q1", signed_by=cast.xuan)
    assert remitted(seeded, below, request="q1", signed_by=cast.xuan) == first
    assert dossier_of(seeded, code).fees.remitted == 100_000


def test_every_dossier_of_a_list_knows_at_once_that_its_fees_arrived(seeded: Store, below: Below) -> None:
    cases = [a_case(seeded, below, fees=fees) for fees in (100_000, 20_000)]
    for code, fees in zip(cases, (100_000, 20_000), strict=True):
        money.pay(seeded, code, Payin(fees=fees), by=lan, at=monday, below=below)
    paper = remitted(seeded, below)
    assert [dossier_of(seeded, code).fees.remitted for code in cases] == [0, 0]
    money.accept(seeded, paper, by=cast.xuan, at=cast.after(hours=1))
    assert [dossier_of(seeded, code).fees.remitted for code in cases] == [100_000, 20_000]
    assert in_till_of(seeded, counter).fees == {}
    with pytest.raises(money.NothingToRemit):
        remitted(seeded, below)
    assert verification.verify(seeded).is_sound


def test_what_came_by_transfer_is_remitted_from_the_bank_and_signed_on_paper(seeded: Store, below: Below) -> None:
    code = a_case(seeded, below, fees=100_000)
    money.pay(seeded, code, Payin(fees=100_000, payment=Payment.TRANSFER), by=lan, at=monday, below=below)
    bank = cash.bank_custodian(cast.OFFICE, unit_name="x")
    paper = remitted(seeded, below, giver=bank)
    money.sign_on_paper(
        seeded, paper, signer="Phạm Thị Hoa", signed_at=monday, photo=b"photo", by=lan, at=cast.after(hours=1)
    )
    assert dossier_of(seeded, code).fees.remitted == 100_000
    assert in_till_of(seeded, bank).total == 0


def test_cash_is_paid_into_the_bank_with_its_slip(seeded: Store, below: Below) -> None:
    code = a_case(seeded, below, postage=30_000)
    money.pay(seeded, code, Payin(postage=30_000), by=lan, at=monday, below=below)
    bank = cash.bank_custodian(cast.OFFICE, unit_name="x")
    paper = passed_on(seeded, below, to=bank)
    money.sign_on_paper(seeded, paper, signer="Ngân hàng", signed_at=monday, photo=b"slip", by=lan, at=monday)
    assert in_till_of(seeded, bank).postage == 30_000


def test_a_till_that_is_short_pays_no_authority_until_it_was_made_good(seeded: Store, below: Below) -> None:
    code = a_case(seeded, below, fees=100_000)
    money.pay(seeded, code, Payin(fees=100_000), by=lan, at=monday, below=below)
    money.count(seeded, Counted(postage=0, fees=95_000, reason="Trả nhầm"), by=lan, at=monday)
    with pytest.raises(cash.NotInTill):
        remitted(seeded, below)
    money.count(seeded, Counted(postage=0, fees=100_000, reason="Đã bù"), by=lan, at=monday)
    money.accept(seeded, remitted(seeded, below), by=cast.xuan, at=monday)
    found = verification.verify(seeded)
    assert found.is_sound
    assert found.money[1].differences == 0


def test_every_dong_is_somewhere_and_verify_says_where(seeded: Store, below: Below) -> None:
    code = a_case(seeded, below, fees=100_000, postage=30_000)
    money.pay(seeded, code, Payin(fees=100_000, postage=30_000), by=lan, at=monday, below=below)
    back = Payback(account=FEES, amount=10_000, ground=RefundGround.TOO_MUCH)
    money.refund(seeded, code, back, by=lan, at=monday)
    remitted(seeded, below, signed_by=cast.xuan)
    told = verification.told(verification.verify(seeded))
    assert "Phí, lệ phí: thu 100.000 đ, hoàn 10.000 đ, nộp cơ quan 90.000 đ, đang giữ 0 đ." in told
    assert "Cước: thu 30.000 đ, hoàn 0 đ, nộp cơ quan 0 đ, đang giữ 30.000 đ." in told
    assert "mọi đồng khớp sổ" in told[-1]


def test_books_that_somebody_edited_are_found(seeded: Store, below: Below) -> None:
    code = a_case(seeded, below, fees=100_000)
    money.pay(seeded, code, Payin(fees=100_000), by=lan, at=monday, below=below)
    with seeded.database.writing() as connection:
        drop = {
            "sqlite": "DROP TRIGGER posting_no_update",
            "postgresql": "ALTER TABLE posting DISABLE TRIGGER ALL",
        }
        connection.execute(text(drop[seeded.name]))
        connection.execute(text("UPDATE posting SET amount = 90000 WHERE account = 'till:551000:counter'"))
    found = verification.verify(seeded)
    assert not found.is_sound
    assert any("do not add up" in mismatch for mismatch in found.mismatches)
    assert any("the books say 90000 đ, the events 100000 đ" in mismatch for mismatch in found.mismatches)


def test_a_payment_that_dies_before_its_end_took_nothing_and_may_be_repeated(seeded: Store, below: Below) -> None:
    code = a_case(seeded, below, fees=100_000)

    def dies(_: int) -> int:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        money.pay(seeded, code, Payin(fees=100_000, request="k1"), by=lan, at=monday, below=dies)
    assert in_till_of(seeded, counter).total == 0
    assert money.pay(seeded, code, Payin(fees=100_000, request="k1"), by=lan, at=monday, below=below)
    assert in_till_of(seeded, counter).fees == {code: 100_000}


def test_the_desk_says_paid_and_counts_what_the_post_took(seeded: Store, below: Below) -> None:
    code = a_case(seeded, below)
    agency.receive(seeded, code, official_code="H48.17-261116-0042", by=cast.xuan, at=monday)
    agency.take_into_work(seeded, code, by=cast.xuan, at=monday)
    agency.ask_payment(seeded, code, amount=50_000, basis="Phí thẩm định", by=cast.xuan, at=monday)
    money.pay(seeded, code, Payin(fees=50_000), by=cast.sen, at=monday, below=below)
    paid = agency.note_payment(seeded, code, by=cast.xuan, at=monday)
    assert (paid.fees.owed, paid.fees.balance, paid.status) == (0, 50_000, AgencyStatus.IN_WORK)
    with pytest.raises(MoreThanOwed):
        money.pay(seeded, code, Payin(fees=50_000), by=lan, at=monday, below=below)

"""The books: every event's lines add up to nothing, and each đồng is somewhere."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postal.domain import cash, money
from postal.domain.cash import InTill
from postal.domain.events import (
    CashAccepted,
    CashSignedOnPaper,
    Charged,
    Collected,
    Event,
    Evidence,
    MoneyLedger,
    Payment,
    PaymentAsked,
    Refunded,
    TillCounted,
)
from postal.domain.money import Posting
from postal.domain.people import Custodian
from tests import chance
from tests.cast import counter, desk, hoa, lan, monday, second_counter

FEES, POSTAGE = MoneyLedger.FEES, MoneyLedger.POSTAGE
BY: dict[str, Any] = {"by": lan.as_author(), "occurred_at": monday}


def collected(amount: int, *, ledger: MoneyLedger = FEES, payment: Payment = Payment.CASH, into: str = "") -> Collected:
    return Collected(ledger=ledger, amount=amount, payment=payment, basis="Lệ phí", into=into, **BY)


def refunded(amount: int, *, out_of: str = "") -> Refunded:
    return Refunded(ledger=FEES, amount=amount, reason="", out_of=out_of, **BY)


def accepted() -> CashAccepted:
    return CashAccepted(by=hoa.as_author(), occurred_at=monday)


def handed(*, receiver: Custodian, postage: int = 0, **fees: int) -> cash.CashHandover:
    held = InTill(postage=postage, fees=fees)
    event = cash.offer(giver=counter, receiver=receiver, money=held, held=held, run="", by=lan, at=monday)
    return cash.begin("BQP6GRMTQR", event)


def amounts(postings: tuple[Posting, ...]) -> dict[str, int]:
    return {posting.account: posting.amount for posting in postings}


@pytest.mark.parametrize("kind", chance.EVENT_KINDS, ids=lambda kind: kind.__name__)
@given(data=st.data())
def test_whatever_happens_the_lines_of_an_event_add_up_to_nothing(kind: type[Event], data: st.DataObject) -> None:
    event = data.draw(chance.things(kind))
    handover = data.draw(st.none() | chance.things(cash.CashHandover))
    if handover is not None and (handover.giver is None or handover.receiver is None):
        handover = None
    lines = money.postings("till:551000:counter", event, handover=handover)
    for ledger in MoneyLedger:
        assert sum(line.amount for line in lines if line.ledger is ledger) == 0
    assert all(line.amount for line in lines)


def test_cash_is_in_the_till_of_who_took_it_and_a_transfer_in_the_bank_of_the_office() -> None:
    assert amounts(money.postings("D", collected(5, into=counter.key))) == {"citizen:D": -5, "till:551000:counter": 5}
    assert amounts(money.postings("D", collected(5, payment=Payment.TRANSFER))) == {"citizen:D": -5, "bank:551000": 5}
    assert money.postings("D", collected(5, payment=Payment.LATER)) == ()


def test_before_tills_had_names_cash_was_at_the_first_counter() -> None:
    assert amounts(money.postings("D", collected(5))) == {"citizen:D": -5, "till:551000:counter": 5}
    assert amounts(money.postings("D", refunded(5))) == {"citizen:D": 5, "till:551000:counter": -5}


def test_money_goes_back_out_of_the_till_or_the_bank_it_lies_in() -> None:
    assert amounts(money.postings("D", refunded(5, out_of=second_counter.key)))["till:551000:counter.2"] == -5
    assert amounts(money.postings("D", refunded(5, out_of="bank:551000")))["bank:551000"] == -5


def test_an_offer_moves_nothing_and_a_signature_moves_everything_once() -> None:
    handover = handed(receiver=second_counter, postage=30_000, D=100_000)
    assert money.postings(handover.code, accepted(), handover=None) == ()
    lines = money.postings(handover.code, accepted(), handover=handover)
    assert {(line.account, line.ledger, line.amount, line.dossier) for line in lines} == {
        ("till:551000:counter", POSTAGE, -30_000, ""),
        ("till:551000:counter.2", POSTAGE, 30_000, ""),
        ("till:551000:counter", FEES, -100_000, "D"),
        ("till:551000:counter.2", FEES, 100_000, "D"),
    }


def test_a_paper_signature_of_the_authority_counts_the_same() -> None:
    on_paper = CashSignedOnPaper(evidence=Evidence.B, photo="f", signer="t", **BY)
    lines = money.postings("B", on_paper, handover=handed(receiver=desk, D=100_000))
    assert amounts(lines) == {"till:551000:counter": -100_000, "authority:MC-T48": 100_000}


def test_what_a_count_lacks_is_an_account_of_its_own_and_vanishes_nowhere() -> None:
    short = TillCounted(
        postage_expected=30_000, postage_counted=25_000, fees_expected=7, fees_counted=7, reason="t", **BY
    )
    lines = money.postings("till:551000:counter", short)
    assert amounts(lines) == {"difference:551000": 5_000, "till:551000:counter": -5_000}


def test_what_the_post_took_of_the_last_request_is_no_more_than_was_asked() -> None:
    asked = PaymentAsked(amount=100, basis="Phí", **BY)
    assert money.came_by_post([collected(30), asked]) == 0
    assert money.came_by_post([collected(30, payment=Payment.LATER), asked, collected(60)]) == 60
    assert money.came_by_post([asked, collected(130)]) == 100
    assert money.came_by_post([asked, collected(60), refunded(50)]) == 10
    assert money.came_by_post([asked, collected(60, ledger=POSTAGE)]) == 0
    assert money.came_by_post([asked, collected(60), PaymentAsked(amount=50, basis="Phí", **BY)]) == 0


def test_the_last_sum_that_was_asked_for_says_what_it_is_for() -> None:
    later = collected(30, payment=Payment.LATER)
    charged = Charged(ledger=FEES, amount=5, basis="Phí thẩm định", payee="SO-48-TP", **BY)
    assert money.last_basis([collected(30)], FEES) == ""
    assert money.last_basis([later, charged], FEES) == "Phí thẩm định"
    assert money.last_basis([later, charged], POSTAGE) == ""
    assert money.last_basis([charged, PaymentAsked(amount=1, basis="Thuế", **BY)], FEES) == "Thuế"

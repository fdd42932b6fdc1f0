"""Money: into a till, from hand to hand, to the authority, back to the citizen. Nothing twice, nothing lost."""

from collections.abc import Callable

import pytest

from postal.domain import cash, codes
from postal.domain.cash import InTill
from postal.domain.dossier import Dossier
from postal.domain.events import Collected, MoneyLedger, Payment, ReturnWay, Service
from postal.domain.people import Actor, Custodian
from postal.services import money, registration
from postal.services.money import MoreThanOwed
from postal.services.registration import PaperEntry, Registration
from postal.store import Store
from tests import cast
from tests.cast import counter, lan, monday, nam, nam_on_his_run, second_counter

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

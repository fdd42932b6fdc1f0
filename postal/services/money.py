"""Money from the citizen to the authority: taken in, given back, passed on, signed for. One transaction a call.

Postage and fees never mix. Money lies in the till of a counter or of a postman, or in the bank account of an office;
what lies where is the sum of what events wrote into the books.
"""

from collections.abc import Callable
from datetime import datetime

from postal.domain import cash, codes
from postal.domain import money as books
from postal.domain.cash import CashHandover, InTill
from postal.domain.codes import CodeKind
from postal.domain.dossier import Dossier, WrongAmount
from postal.domain.events import MoneyLedger, Payment
from postal.domain.people import Actor, Custodian, Role, person_custodian
from postal.domain.refusals import Refused
from postal.services import destinations
from postal.store import Ledger


class MoreThanOwed(Refused):
    """Nobody pays twice, nor more than is owed."""

    code = "more_than_owed"
    vi = "Hồ sơ {dossier} còn phải thu {owed} đ {ledger}, không thu {amount} đ. Xem các biên lai đã thu rồi nhập lại."
    en = "Dossier {dossier} owes {owed} đ of {ledger}; {amount} đ cannot be taken. Look at the receipts."


LEDGER_NAMES: dict[MoneyLedger, str] = {MoneyLedger.POSTAGE: "cước", MoneyLedger.FEES: "phí, lệ phí"}


# --- inside a transaction of somebody else ----------------------------------------------------------------------------


def till_of(ledger: Ledger, by: Actor) -> Custodian:
    """Return where somebody puts money: the counter he answers for, else what he carries as a postman.

    Raises: destinations.NoCounter.
    """
    try:
        return destinations.counter_of(ledger, by)
    except destinations.NoCounter:
        if Role.POSTMAN not in by.roles:
            raise
        return person_custodian(by.account, place=by.place, name=by.name)


def in_till(ledger: Ledger, custodian: Custodian) -> InTill:
    """Return what a custodian has by the books, also what he offered and nobody signed for yet."""
    account = books.account_of(custodian)
    return InTill(
        postage=ledger.books.balance(account, MoneyLedger.POSTAGE),
        fees=ledger.books.fees_by_dossier(account),
    )


def free_in_till(ledger: Ledger, custodian: Custodian) -> InTill:
    """Return what a custodian has and has promised to nobody; nobody else takes of it while the transaction lasts."""
    ledger.books.lock(books.account_of(custodian))
    free = in_till(ledger, custodian)
    for offered in ledger.cash_offered_by(custodian.key):
        free = free.less(offered.money)
    return free


def collect(
    ledger: Ledger,
    dossier: Dossier,
    *,
    account: MoneyLedger,
    amount: int,
    payment: Payment,
    basis: str,
    by: Actor,
    at: datetime,
    below: Callable[[int], int],
    run: str = "",
    printed: str = "",
    at_once: bool = False,
) -> Dossier:
    """Take money of one ledger into the till of who takes it, with a receipt of its own; `LATER` says it is owed.

    Never more than is owed, so that nobody pays twice; `at_once` is a price that arises as it is paid (postage of an
    envelope that is being registered). The receipt's code finds the dossier and is used once.

    Raises: MoreThanOwed, WrongAmount, destinations.NoCounter.
    """
    if amount <= 0:
        raise WrongAmount(amount=amount, why="phải lớn hơn 0")
    comes_in = payment is not Payment.LATER
    if comes_in and not at_once:
        _must_be_owed(dossier, account=account, amount=amount)
    receipt = codes.mint(CodeKind.CASH, below=below).text if comes_in else ""
    event = dossier.collect(
        ledger=account,
        amount=amount,
        payment=payment,
        basis=basis,
        into=till_of(ledger, by).key if payment is Payment.CASH else "",
        receipt=receipt,
        run=run,
        printed=printed,
        by=by,
        at=at,
    )
    ledger.requests.settle(receipt, content=receipt, answer=dossier.code)
    return ledger.append(dossier, event)


def offer(
    ledger: Ledger,
    *,
    giver: Custodian,
    receiver: Custodian,
    by: Actor,
    at: datetime,
    below: Callable[[int], int],
    run: str = "",
    money: InTill | None = None,
) -> CashHandover:
    """Hand on everything that is in a till and promised to nobody, or just `money` of it.

    It stays with the giver until the receiver has counted and signed.

    Raises: cash.NothingToPass, cash.NotInTill, NotCustodian, SamePerson, cash.NotForAuthority.
    """
    free = free_in_till(ledger, giver)
    event = cash.offer(
        giver=giver, receiver=receiver, money=free if money is None else money, held=free, run=run, by=by, at=at
    )
    return ledger.begin(CashHandover, codes.mint(CodeKind.CASH, below=below).text, event)


def _must_be_owed(dossier: Dossier, *, account: MoneyLedger, amount: int) -> None:
    owed = dossier.money(account).owed
    if amount > owed:
        raise MoreThanOwed(
            dossier=codes.shown(dossier.code),
            owed=cash.grouped(owed),
            ledger=LEDGER_NAMES[account],
            amount=cash.grouped(amount),
        )

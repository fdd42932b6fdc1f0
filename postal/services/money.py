"""Money from the citizen to the authority: taken in, given back, passed on, signed for. One transaction a call.

Postage and fees never mix. Money lies in the till of a counter or of a postman, or in the bank account of an office;
what lies where is the sum of what events wrote into the books.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from postal.domain import calendars, cash, codes, late_post, permissions
from postal.domain import money as books
from postal.domain.cash import CashHandover, InTill
from postal.domain.codes import CodeKind
from postal.domain.dossier import Dossier, WrongAmount
from postal.domain.events import Collected, MoneyLedger, Payment
from postal.domain.money import RefundGround
from postal.domain.people import Actor, Custodian, Role, Side, person_custodian
from postal.domain.permissions import Permission
from postal.domain.places import NoSuccessor
from postal.domain.refusals import Refused
from postal.services import closing, destinations
from postal.store import Ledger, Store, legs

Below = Callable[[int], int]


class MoreThanOwed(Refused):
    """Nobody pays twice, nor more than is owed."""

    code = "more_than_owed"
    vi = "Hồ sơ {dossier} còn phải thu {owed} đ {ledger}, không thu {amount} đ. Xem các biên lai đã thu rồi nhập lại."
    en = "Dossier {dossier} owes {owed} đ of {ledger}; {amount} đ cannot be taken. Look at the receipts."


class AlreadyRemitted(Refused):
    """Who has the money gives it back."""

    code = "already_remitted"
    vi = "Phí, lệ phí của hồ sơ {dossier} đã nộp cho {authority}. Hướng dẫn khách đề nghị cơ quan đó hoàn lại."
    en = "The fees of dossier {dossier} are with {authority}, which refunds them. Send the citizen there."


class MoneyElsewhere(Refused):
    """Money is given back out of the till where it lies."""

    code = "money_elsewhere"
    vi = "{till} chỉ còn {held} đ {ledger} của hồ sơ {dossier}, không hoàn được {amount} đ. Hoàn tại quỹ đang giữ tiền."
    en = "{till} holds {held} đ of {ledger} of dossier {dossier}. Refund it where the money lies."


class NothingToRemit(Refused):
    """A list for an authority names at least one dossier."""

    code = "nothing_to_remit"
    vi = "{till} không có phí, lệ phí nào để nộp cho {authority}. Xem lại các khoản đã thu."
    en = "{till} holds no fees for {authority}."


class NoRefundReason(Refused):
    """Money is not given back without saying why."""

    code = "no_refund_reason"
    vi = "Chưa ghi lý do hoàn tiền cho hồ sơ {dossier}. Chọn lý do, hoặc ghi rõ ở ô bên cạnh."
    en = "Say why the money of dossier {dossier} is refunded."


LEDGER_NAMES: dict[MoneyLedger, str] = {MoneyLedger.POSTAGE: "cước", MoneyLedger.FEES: "phí, lệ phí"}

_BASIS: dict[MoneyLedger, str] = {
    MoneyLedger.POSTAGE: "Giá cước bưu điện công bố",
    MoneyLedger.FEES: "Phí, lệ phí của cơ quan giải quyết",
}
"""What a sum is for when nobody said more."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Payin:
    """What a citizen pays at once, whole đồng, 0 for nothing. `request` is the form's number: again changes nothing.

    `printed` is the series and number of the form of the state, where the office fills in such a book.
    """

    fees: int = 0
    postage: int = 0
    payment: Payment = Payment.CASH
    printed: str = ""
    request: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Payback:
    """What goes back to the citizen out of one ledger, whole đồng, and why."""

    account: MoneyLedger
    amount: int
    ground: RefundGround
    words: str = ""
    request: str = ""

    @property
    def reason(self) -> str:
        """Return why in words; another reason than the usual ones is what was typed."""
        ground = "" if self.ground is RefundGround.OTHER else books.REFUND_GROUNDS[self.ground]
        return ". ".join(part for part in (ground, self.words.strip()) if part)


@dataclass(frozen=True, kw_only=True, slots=True)
class Counted:
    """What was in a till, in đồng, and why it differs from the books."""

    postage: int
    fees: int
    reason: str = ""


# --- at the counter ---------------------------------------------------------------------------------------------------


def pay(store: Store, code: str, form: Payin, *, by: Actor, at: datetime, below: Below) -> tuple[str, ...]:
    """Take what a dossier owes, at any post office, and return the codes of the receipts: fees first, then postage.

    Raises: MoreThanOwed, WrongAmount, destinations.NoCounter, RequestMismatch, Forbidden, UnknownCode.
    """
    permissions.require(by, Permission.COLLECT_MONEY)
    content = f"pay {code} {form!r}"
    with store.begin(at=at) as ledger:
        done = ledger.requests.answer(form.request, content=content)
        if done is not None:
            return tuple(done.split())
        receipts = tuple(_paid(ledger, code, form, by=by, at=at, below=below))
        ledger.requests.settle(form.request, content=content, answer=" ".join(receipts))
        return receipts


def refund(store: Store, code: str, form: Payback, *, by: Actor, at: datetime) -> Dossier:
    """Give money back to the citizen: cash out of the own till, a transfer out of the office's bank account.

    For lateness all the postage goes back, once, and only where the journal says that the post was late.

    Raises: NoRefundReason, late_post.NotLate, late_post.LateRefunded, late_post.OnlyPostage, late_post.PartOfPostage,
    AlreadyRemitted, MoneyElsewhere, WrongAmount, destinations.NoCounter, RequestMismatch, Forbidden, UnknownCode.
    """
    permissions.require(by, Permission.REFUND)
    content = f"refund {code} {form!r}"
    with store.begin(at=at) as ledger:
        if ledger.requests.answer(form.request, content=content) is not None:
            return ledger.dossier(code)
        if not form.reason:
            raise NoRefundReason(dossier=codes.shown(code))
        dossier = ledger.dossier(code)
        if form.ground is RefundGround.LATE:
            _must_be_late(store, ledger, dossier, form, at=at)
        after = give_back(
            ledger,
            dossier,
            account=form.account,
            amount=form.amount,
            reason=ledger.texts.put(code, form.reason),
            ground=form.ground,
            by=by,
            at=at,
        )
        ledger.requests.settle(form.request, content=content, answer=code)
        return after


def count(store: Store, counted: Counted, *, by: Actor, at: datetime) -> CashHandover:
    """Compare the own till with what is in it; a difference needs a reason and is shown to the head of the office.

    Raises: cash.DifferenceUnexplained, destinations.NoCounter, Forbidden.
    """
    permissions.require(by, Permission.COUNT_TILL)
    with store.begin(at=at) as ledger:
        return count_till(ledger, till_of(ledger, by), counted, by=by, at=at)


# --- from hand to hand ------------------------------------------------------------------------------------------------


def pass_on(
    store: Store,
    *,
    receiver: Custodian,
    by: Actor,
    at: datetime,
    below: Below,
    signed_by: Actor | None = None,
    request: str = "",
) -> CashHandover:
    """Hand everything in the own till to a colleague, or to the bank; `signed_by` counts and signs on the same screen.

    Raises: cash.NothingToPass, SamePerson, NotAddressee, destinations.NoCounter, RequestMismatch, Forbidden.
    """
    permissions.require(by, Permission.HAND_IN_MONEY)
    with store.begin(at=at) as ledger:
        return _offer_once(
            ledger,
            f"pass on {receiver.key}",
            lambda: offer(ledger, giver=till_of(ledger, by), receiver=receiver, by=by, at=at, below=below),
            signed_by=signed_by,
            at=at,
            request=request,
        )


def remit(
    store: Store,
    *,
    giver: Custodian,
    receiver: Custodian,
    by: Actor,
    at: datetime,
    below: Below,
    signed_by: Actor | None = None,
    request: str = "",
) -> CashHandover:
    """Draw up the list of fees that a till, or the office's bank account, holds for an authority, dossier by dossier.

    Raises: NothingToRemit, cash.NotInTill while a shortage is not made good, NotCustodian, SamePerson, NotAddressee,
    RequestMismatch, Forbidden.
    """
    permissions.require(by, Permission.HAND_IN_MONEY)
    on = calendars.local(at).date()
    with store.begin(at=at) as ledger:
        return _offer_once(
            ledger,
            f"remit {giver.key} {receiver.key}",
            lambda: _list_for(ledger, giver=giver, receiver=receiver, on=on, by=by, at=at, below=below),
            signed_by=signed_by,
            at=at,
            request=request,
        )


def accept(store: Store, code: str, *, by: Actor, at: datetime) -> CashHandover:
    """Sign for money that was counted; fees that an authority took are noted on every dossier at once.

    Raises: NotNow, NotAddressee, SamePerson, Forbidden, UnknownCode.
    """
    with store.begin(at=at) as ledger:
        return sign_for(ledger, ledger.cash(code), by=by, at=at)


def sign_on_paper(
    store: Store,
    code: str,
    *,
    signer: str,
    signed_at: datetime,
    photo: bytes,
    by: Actor,
    at: datetime,
    media_type: str = "image/jpeg",
) -> CashHandover:
    """Enter that an authority, or the bank, signed the printed list in ink. `signer` and photo are kept sealed.

    Raises: NotNow, NotCustodian, cash.SignsForHimself, SignedTooEarly, Forbidden, UnknownCode.
    """
    permissions.require(by, Permission.HAND_IN_MONEY)
    with store.begin(at=at) as ledger:
        offered = ledger.cash(code)
        event = offered.sign_on_paper(
            photo=ledger.files.put(code, media_type=media_type, content=photo) if photo else "",
            signer=ledger.texts.put(code, signer),
            signed_at=signed_at,
            by=by,
            at=at,
        )
        return _settled(ledger, ledger.append(offered, event), by=by, at=at)


def recall(store: Store, code: str, *, by: Actor, at: datetime) -> CashHandover:
    """Take the money back before anybody signed. Raises: NotNow, NotCustodian, Forbidden, UnknownCode."""
    permissions.require(by, Permission.HAND_IN_MONEY)
    with store.begin(at=at) as ledger:
        offered = ledger.cash(code)
        return ledger.append(offered, offered.recall(by=by, at=at))


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
    return ledger.books.in_till(books.account_of(custodian))


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
    below: Below,
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
        basis=basis or _BASIS[account],
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
    below: Below,
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


def sign_for(ledger: Ledger, offered: CashHandover, *, by: Actor, at: datetime) -> CashHandover:
    """Sign for money on the receiving side. Raises: NotNow, NotAddressee, SamePerson, Forbidden."""
    permissions.require(by, Permission.RECEIVE_MONEY)
    return _settled(ledger, ledger.append(offered, offered.accept(by=by, at=at)), by=by, at=at)


def give_back(
    ledger: Ledger,
    dossier: Dossier,
    *,
    account: MoneyLedger,
    amount: int,
    reason: str,
    by: Actor,
    at: datetime,
    ground: RefundGround = RefundGround.OTHER,
) -> Dossier:
    """Give money of a dossier back out of where it lies here: the bank account it was paid to, the till of who pays.

    Raises: AlreadyRemitted, MoneyElsewhere, WrongAmount, destinations.NoCounter.
    """
    money = dossier.money(account)
    if account is MoneyLedger.FEES and money.remitted and amount > money.balance:
        raise AlreadyRemitted(dossier=codes.shown(dossier.code), authority=ledger.reference.place(dossier.desk).name)
    left = amount
    for source in (_bank_of(ledger, by), till_of(ledger, by)):
        part = min(left, _to_give_back(ledger, dossier, account=account, source=source))
        if part > 0:
            event = dossier.refund(
                ledger=account, amount=part, reason=reason, out_of=source.key, ground=ground.value, by=by, at=at
            )
            dossier = ledger.append(dossier, event)
            left -= part
    if left or not amount:
        _refuse_refund(ledger, dossier, account=account, amount=amount, held=amount - left, by=by)
    return dossier


def count_till(ledger: Ledger, till: Custodian, counted: Counted, *, by: Actor, at: datetime) -> CashHandover:
    """Record what was in a till beside what the books say. Raises: cash.DifferenceUnexplained, NotCustodian."""
    ledger.books.lock(books.account_of(till))
    held = in_till(ledger, till)
    event = cash.count(
        till=till,
        postage_expected=held.postage,
        postage_counted=counted.postage,
        fees_expected=held.fees_total,
        fees_counted=counted.fees,
        reason=ledger.texts.put("", counted.reason.strip()),
        by=by,
        at=at,
    )
    stream = books.till(till.key)
    known = ledger.till(stream)
    return ledger.append(known, event) if known else ledger.begin(CashHandover, stream, event)


# --- steps ------------------------------------------------------------------------------------------------------------


def _paid(ledger: Ledger, code: str, form: Payin, *, by: Actor, at: datetime, below: Below) -> Iterator[str]:
    """Collect each ledger apart and yield the codes of the receipts."""
    if form.fees + form.postage == 0:
        raise WrongAmount(amount=0, why="phải lớn hơn 0")
    dossier, before = ledger.dossier(code), ledger.happened([code])[code]
    for account, amount in ((MoneyLedger.FEES, form.fees), (MoneyLedger.POSTAGE, form.postage)):
        if amount:
            dossier = collect(
                ledger,
                dossier,
                account=account,
                amount=amount,
                payment=form.payment,
                basis=books.last_basis(before, account),
                printed=form.printed if account is MoneyLedger.FEES else "",
                by=by,
                at=at,
                below=below,
            )
    for event in ledger.happened([code])[code][len(before) :]:
        if isinstance(event, Collected):
            yield event.receipt


def _must_be_late(store: Store, ledger: Ledger, dossier: Dossier, form: Payback, *, at: datetime) -> None:
    """Check that all the postage goes back for lateness, as `refund` says; raises what it says from late_post."""
    with store.inside(ledger).read(at=at) as reader:
        late = legs.late_of(reader, [dossier], at=at).get(dossier.code, ())
    happened = ledger.happened([dossier.code])[dossier.code]
    shown = codes.shown(dossier.code)
    late_post.must_be_owed(late, happened, account=form.account, dossier=shown)
    late_post.must_be_whole(form.amount, left=dossier.postage.balance, dossier=shown)


def _must_be_owed(dossier: Dossier, *, account: MoneyLedger, amount: int) -> None:
    owed = dossier.money(account).owed
    if amount > owed:
        raise MoreThanOwed(
            dossier=codes.shown(dossier.code),
            owed=cash.grouped(owed),
            ledger=LEDGER_NAMES[account],
            amount=cash.grouped(amount),
        )


def _bank_of(ledger: Ledger, by: Actor) -> Custodian:
    return cash.bank_custodian(by.place, unit_name=ledger.reference.place(by.place).name)


def _to_give_back(ledger: Ledger, dossier: Dossier, *, account: MoneyLedger, source: Custodian) -> int:
    """Return how much of a dossier's money may come out of a till or bank account.

    Fees are kept dossier by dossier. Postage is the post's own: out of a till any of it, out of the bank what came in.
    """
    free = free_in_till(ledger, source)
    if account is MoneyLedger.FEES:
        return min(free.fees.get(dossier.code, 0), max(free.fees_total, 0))
    if source.key.startswith(cash.BANK):
        came_in = ledger.books.of_dossier(dossier.code, account).get(books.account_of(source), 0)
        return min(free.postage, came_in)
    return free.postage


def _refuse_refund(
    ledger: Ledger, dossier: Dossier, *, account: MoneyLedger, amount: int, held: int, by: Actor
) -> None:
    """Say why money cannot be given back here. Raises: WrongAmount when it never came in, MoneyElsewhere."""
    balance = dossier.money(account).balance + held
    if not 0 < amount <= balance:
        raise WrongAmount(amount=cash.grouped(amount), why=f"chỉ còn {cash.grouped(balance)} đ để hoàn")
    raise MoneyElsewhere(
        till=till_of(ledger, by),
        held=cash.grouped(held),
        ledger=LEDGER_NAMES[account],
        dossier=codes.shown(dossier.code),
        amount=cash.grouped(amount),
    )


def _offer_once(
    ledger: Ledger,
    content: str,
    draw_up: Callable[[], CashHandover],
    *,
    signed_by: Actor | None,
    at: datetime,
    request: str,
) -> CashHandover:
    """Offer money once for a request, signed at once where the receiver stands beside."""
    done = ledger.requests.answer(request, content=content)
    if done is not None:
        return ledger.cash(done)
    offered = draw_up()
    ledger.requests.settle(request, content=content, answer=offered.code)
    return offered if signed_by is None else sign_for(ledger, offered, by=signed_by, at=at)


def _list_for(
    ledger: Ledger, *, giver: Custodian, receiver: Custodian, on: date, by: Actor, at: datetime, below: Below
) -> CashHandover:
    """Offer an authority the fees of its dossiers. Raises: NothingToRemit."""
    free = free_in_till(ledger, giver)
    waiting = ledger.dossiers([code for code in free.fees if code])
    theirs = {d.code: free.fees[d.code] for d in waiting if _desk_of(ledger, d, on=on) == receiver.place}
    if receiver.side is not Side.AUTHORITY or not theirs:
        raise NothingToRemit(till=giver, authority=receiver)
    return offer(ledger, giver=giver, receiver=receiver, money=InTill(fees=theirs), by=by, at=at, below=below)


def _desk_of(ledger: Ledger, dossier: Dossier, *, on: date) -> str:
    """Return the desk that takes the fees of a dossier, empty while nobody knows who continues it."""
    try:
        return destinations.authority_of(ledger, dossier, on=on).place
    except NoSuccessor:
        return ""


def _settled(ledger: Ledger, signed: CashHandover, *, by: Actor, at: datetime) -> CashHandover:
    """Note on every dossier that its fees reached the authority, and close what has nothing open any more."""
    if signed.receiver is None or signed.receiver.side is not Side.AUTHORITY:
        return signed
    fees = dict(signed.fees)
    remitted = [
        (dossier, dossier.remit(amount=fees[dossier.code], cash=signed.code, by=by, at=at))
        for dossier in ledger.dossiers(sorted(fees))
    ]
    ledger.append_all(remitted)
    for dossier, _ in remitted:
        closing.close_if_done(ledger, dossier.code, by=by, at=at)
    return signed

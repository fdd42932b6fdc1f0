"""Money from hand to hand: who has it, whom it is offered to, who counted it. Whole đồng, two ledgers.

Money moves like an envelope: it stays with the giver until the receiver has counted and signed. A till is named by the
key of the custodian who answers for it; money paid by transfer is in the bank of the office.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum

from postal.domain import calendars, codes
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
from postal.domain.people import Actor, Custodian, CustodianKind, Side
from postal.domain.refusals import Refused

TILL = "till:"
"""What the stream of a till begins with; the key of its custodian follows."""

BANK = "bank:"
"""What the key of an office's bank account begins with; the place follows."""


class CashState(Enum):
    """Where a hand-over of money stands; a till only ever is counted."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    ON_PAPER = "on_paper"
    RECALLED = "recalled"
    COUNTED = "counted"


CASH_STATE_NAMES: dict[CashState, str] = {
    CashState.OFFERED: "chờ bên nhận đếm và ký",
    CashState.ACCEPTED: "hai bên đã ký",
    CashState.ON_PAPER: "đã ký trên giấy",
    CashState.RECALLED: "bên giao đã thu hồi",
    CashState.COUNTED: "đã kiểm quỹ",
}

LIFECYCLE: dict[tuple[CashState | None, type[Event]], CashState] = {
    (None, CashOffered): CashState.OFFERED,
    (CashState.OFFERED, CashAccepted): CashState.ACCEPTED,
    (CashState.OFFERED, CashSignedOnPaper): CashState.ON_PAPER,
    (CashState.OFFERED, CashRecalled): CashState.RECALLED,
    (None, TillCounted): CashState.COUNTED,
    (CashState.COUNTED, TillCounted): CashState.COUNTED,
}


class NothingToPass(Refused):
    """Passing money on means at least one đồng."""

    code = "nothing_to_pass"
    vi = "{till} không có tiền để giao. Xem lại số đã thu trong ca."
    en = "There is no money at {till} to pass on."


class NotInTill(Refused):
    """Nobody passes on more than he has."""

    code = "not_in_till"
    vi = "{till} chỉ có {held} đ, không giao được {amount} đ. Kiểm quỹ rồi nhập lại số tiền."
    en = "{till} holds {held} đ; {amount} đ cannot be passed on."


class NotForAuthority(Refused):
    """Postage belongs to the post; the authority gets the fees of its dossiers and nothing else."""

    code = "not_for_authority"
    vi = "Cước là tiền của bưu điện, không nộp cho {authority}. Chỉ giao phí, lệ phí của từng hồ sơ."
    en = "Postage belongs to the post; {authority} only gets the fees of its dossiers."


class SignsForHimself(Refused):
    """Who has an account here signs with his own secret; nobody enters a colleague's signature."""

    code = "signs_for_himself"
    vi = "{receiver} ký nhận bằng tài khoản của mình. Nhờ người nhận đếm tiền rồi ký trên trang này."
    en = "{receiver} signs with an own account. Ask the receiver to count and sign on this page."


class DifferenceUnexplained(Refused):
    """A till that does not hold what the books say needs a reason."""

    code = "difference_unexplained"
    vi = "{till} theo sổ có {expected} đ, đếm được {counted} đ. Đếm lại; nếu vẫn lệch, ghi lý do rồi lưu."
    en = "The books say {expected} đ at {till}, {counted} đ were counted. Count again, or give the reason."


@dataclass(frozen=True, kw_only=True, slots=True)
class InTill:
    """Money in one place, whole đồng: postage, and the fees of each dossier.

    Under the empty dossier stands what a count found too much (or, below 0, too little) of the fees: it goes along when
    everything is passed on, and who has to pay the fees in full must make it good first.
    """

    postage: int = 0
    fees: Mapping[str, int] = field(default_factory=dict)

    @property
    def fees_total(self) -> int:
        """Return the fees of all dossiers, in đồng."""
        return sum(self.fees.values())

    @property
    def total(self) -> int:
        """Return everything, in đồng."""
        return self.postage + self.fees_total

    def less(self, other: "InTill") -> "InTill":
        """Return what is left without `other`; settled dossiers are absent."""
        rest = {each: self.fees.get(each, 0) - other.fees.get(each, 0) for each in {*self.fees, *other.fees}}
        return InTill(
            postage=self.postage - other.postage, fees={each: rest[each] for each in sorted(rest) if rest[each]}
        )

    def covers(self, other: "InTill") -> bool:
        """Tell whether `other` is all in here: the postage, each dossier's fees, and their sum."""
        rest = self.less(other)
        parts = [amount for dossier, amount in rest.fees.items() if dossier]
        return min(rest.postage, rest.fees_total, *parts, 0) >= 0


@dataclass(frozen=True, kw_only=True, slots=True)
class CashHandover:
    """Money from one custodian to another, or the counts of one till. `fees` names each dossier's part, in đồng."""

    code: str
    version: int
    state: CashState
    at: datetime
    by: str
    giver: Custodian | None = None
    receiver: Custodian | None = None
    postage: int = 0
    fees: tuple[tuple[str, int], ...] = ()
    run: str = ""
    signed_at: datetime | None = None
    evidence: Evidence | None = None
    photo: str = ""
    signer: str = ""
    postage_counted: int = 0
    fees_counted: int = 0
    misfits: int = 0

    @property
    def fees_total(self) -> int:
        """Return the fees of all dossiers, in đồng."""
        return sum(amount for _, amount in self.fees)

    @property
    def total(self) -> int:
        """Return everything that is handed on, in đồng."""
        return self.postage + self.fees_total

    @property
    def money(self) -> InTill:
        """Return what is handed on."""
        return InTill(postage=self.postage, fees=dict(self.fees))

    @property
    def is_out_of_the_post(self) -> bool:
        """Tell whether the money leaves the tills: to an authority or to the bank."""
        receiver = self.receiver
        return receiver is not None and (receiver.side is Side.AUTHORITY or receiver.key.startswith(BANK))

    @property
    def is_done(self) -> bool:
        """Tell whether the money is the receiver's."""
        return self.state in (CashState.ACCEPTED, CashState.ON_PAPER)

    def may(self, kind: type[Event]) -> bool:
        """Tell whether the life cycle allows an event of this kind from here."""
        return (self.state, kind) in LIFECYCLE

    def accept(self, *, by: Actor, at: datetime) -> CashAccepted:
        """Sign for the money that was counted.

        Raises: NotNow, NotAddressee, SamePerson.
        """
        self._must_allow(CashAccepted)
        if not by.acts_for(self.receiver):
            raise NotAddressee(item=codes.shown(self.code), to=self.receiver, holder=self.giver)
        if by.account == self.by:
            raise SamePerson(item=codes.shown(self.code))
        return CashAccepted(by=by.as_author(), occurred_at=at)

    def sign_on_paper(
        self, *, photo: str, signer: str, signed_at: datetime, by: Actor, at: datetime
    ) -> CashSignedOnPaper:
        """Record that the receiver, who has no account here, signed the printed list in ink at `signed_at`.

        That is an authority, or the bank with its slip; colleagues sign for themselves.

        Raises: NotNow, NotCustodian, SignsForHimself, SignedTooEarly.
        """
        self._must_allow(CashSignedOnPaper)
        self._must_be_giver(by)
        if not self.is_out_of_the_post:
            raise SignsForHimself(receiver=self.receiver)
        if not self.at <= signed_at <= at:
            raise SignedTooEarly(signed=_on_paper(signed_at), offered=_on_paper(self.at))
        evidence = Evidence.B if photo else Evidence.C
        return CashSignedOnPaper(
            evidence=evidence, photo=photo, signer=signer, by=by.as_author(), occurred_at=signed_at
        )

    def recall(self, *, by: Actor, at: datetime) -> CashRecalled:
        """Take the money back before anybody signed. Raises: NotNow, NotCustodian."""
        self._must_allow(CashRecalled)
        self._must_be_giver(by)
        return CashRecalled(by=by.as_author(), occurred_at=at)

    def evolve(self, event: Event) -> "CashHandover":
        """Return the hand-over after `event`. Total: what does not fit is counted in `misfits`, never raised."""
        state = LIFECYCLE.get((self.state, type(event)))
        if state is None:
            return replace(self, version=self.version + 1, misfits=self.misfits + 1)
        return _after(replace(self, state=state, version=self.version + 1), event)

    def _must_allow(self, kind: type[Event]) -> None:
        if not self.may(kind):
            raise NotNow(thing=f"Phiếu giao tiền {codes.shown(self.code)}", state=CASH_STATE_NAMES[self.state])

    def _must_be_giver(self, by: Actor) -> None:
        if self.giver is None or not answers_for(by, self.giver):
            raise NotCustodian(item=codes.shown(self.code), holder=self.giver)


def bank_custodian(place: str, *, unit_name: str) -> Custodian:
    """Return the bank account of an office, as somebody who gives and takes money."""
    name = f"Tài khoản ngân hàng – {unit_name}"
    return Custodian(kind=CustodianKind.POSITION, key=f"{BANK}{place}", side=Side.POST, place=place, name=name)


def answers_for(by: Actor, custodian: Custodian) -> bool:
    """Tell whether somebody may give what `custodian` has: his till, or the bank account of his office."""
    return by.acts_for(custodian) or custodian.key == f"{BANK}{by.place}"


def offer(
    *,
    giver: Custodian,
    receiver: Custodian,
    money: InTill,
    held: InTill,
    run: str,
    by: Actor,
    at: datetime,
) -> CashOffered:
    """Hand `money` on out of what the giver has and has not promised elsewhere; it stays his until the other signed.

    Raises: NotCustodian, SamePerson, NothingToPass, NotInTill, NotForAuthority.
    """
    if not answers_for(by, giver):
        raise NotCustodian(item="Quỹ", holder=giver)
    if giver.is_same_as(receiver) or by.acts_for(receiver):
        raise SamePerson(item="Quỹ")
    _must_be_possible(money, held=held, giver=giver)
    if receiver.side is Side.AUTHORITY and (money.postage or "" in money.fees):
        raise NotForAuthority(authority=receiver)
    return CashOffered(
        giver=giver,
        receiver=receiver,
        postage=money.postage,
        fees=tuple(sorted(money.fees.items())),
        run=run,
        by=by.as_author(),
        occurred_at=at,
    )


def _must_be_possible(money: InTill, *, held: InTill, giver: Custodian) -> None:
    """Refuse to pass on nothing, or more than is there."""
    parts = [amount for dossier, amount in money.fees.items() if dossier]
    if money.total <= 0 or min(money.postage, *parts, 0) < 0:
        raise NothingToPass(till=giver)
    if not held.covers(money):
        raise NotInTill(till=giver, held=grouped(held.total), amount=grouped(money.total))


def _on_paper(at: datetime) -> str:
    return f"{calendars.local(at):%H:%M ngày %d/%m/%Y}"


def grouped(amount: int) -> str:
    """Return đồng as people write them: 135000 is 135.000."""
    return f"{amount:,}".replace(",", ".")


def count(
    *,
    till: Custodian,
    postage_expected: int,
    postage_counted: int,
    fees_expected: int,
    fees_counted: int,
    reason: str,
    by: Actor,
    at: datetime,
) -> TillCounted:
    """Compare a till with the books; a difference needs a reason.

    Raises: NotCustodian, DifferenceUnexplained.
    """
    if not answers_for(by, till):
        raise NotCustodian(item="Quỹ", holder=till)
    expected, counted = postage_expected + fees_expected, postage_counted + fees_counted
    differs = postage_expected != postage_counted or fees_expected != fees_counted
    if differs and not reason:
        raise DifferenceUnexplained(till=till, expected=grouped(expected), counted=grouped(counted))
    return TillCounted(
        postage_expected=postage_expected,
        postage_counted=postage_counted,
        fees_expected=fees_expected,
        fees_counted=fees_counted,
        reason=reason,
        by=by.as_author(),
        occurred_at=at,
    )


def till_of(stream: str) -> str:
    """Return the key of the custodian whose till a stream counts, empty for a hand-over of money."""
    return stream.removeprefix(TILL) if stream.startswith(TILL) else ""


def begin(code: str, event: Event) -> CashHandover:
    """Return what a first event makes: an offer of money, or the first count of a till."""
    match event:
        case CashOffered():
            return CashHandover(
                code=code,
                version=1,
                state=LIFECYCLE[None, CashOffered],
                at=event.occurred_at,
                by=event.by.account,
                giver=event.giver,
                receiver=event.receiver,
                postage=event.postage,
                fees=event.fees,
                run=event.run,
            )
        case TillCounted():
            empty = CashHandover(
                code=code, version=1, state=CashState.COUNTED, at=event.occurred_at, by=event.by.account
            )
            return _counted(empty, event)
        case _:
            raise AssertionError(f"{code} does not begin with an offer of money or a count")


def replay(code: str, events: Iterable[Event]) -> CashHandover:
    """Fold all events of a hand-over of money, or of a till's counts, into its state."""
    first, *rest = events
    cash = begin(code, first)
    for event in rest:
        cash = cash.evolve(event)
    return cash


def _after(cash: CashHandover, event: Event) -> CashHandover:
    match event:
        case CashAccepted():
            return replace(cash, signed_at=event.occurred_at, evidence=Evidence.A)
        case CashSignedOnPaper(evidence=evidence, photo=photo, signer=signer):
            return replace(cash, signed_at=event.occurred_at, evidence=evidence, photo=photo, signer=signer)
        case CashRecalled():
            return cash
        case TillCounted():
            return _counted(cash, event)
        case _:
            raise AssertionError(f"{type(event).__name__} is in LIFECYCLE but not folded")


def _counted(cash: CashHandover, event: TillCounted) -> CashHandover:
    return replace(
        cash,
        at=event.occurred_at,
        by=event.by.account,
        postage_counted=event.postage_counted,
        fees_counted=event.fees_counted,
    )

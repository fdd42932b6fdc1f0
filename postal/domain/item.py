"""The envelope that travels: who answers for it, and what may happen to it next."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any, Protocol

from postal.domain import calendars, clocks, codes
from postal.domain.calendars import WorkCalendar
from postal.domain.copying import replace
from postal.domain.events import (
    Accepted,
    AttemptFailed,
    AttemptReason,
    Condition,
    Corrected,
    DeclaredUndeliverable,
    Declined,
    DeclineReason,
    Delivered,
    Destination,
    Disputed,
    Event,
    Evidence,
    Found,
    FoundInBag,
    Ground,
    HandedOver,
    HeldForPickup,
    InvitationLeft,
    ItemKind,
    Moved,
    Packed,
    PaperCount,
    Recalled,
    Receiver,
    Registered,
    ReportedDamaged,
    ReportedMissing,
    Rerouted,
    Sealed,
    Sighted,
    SignedOnPaper,
    TakenOver,
    Unpacked,
    Voided,
)
from postal.domain.lifecycle import NotNow
from postal.domain.people import Actor, Custodian, CustodianKind, Side, citizen_custodian
from postal.domain.refusals import Refused


class Custody(Enum):
    """Where an item stands between two custodians. In every state exactly one custodian answers for it."""

    HELD = "held"
    OFFERED = "offered"
    BAGGED = "bagged"
    DELIVERED = "delivered"
    VOIDED = "voided"


CUSTODY_NAMES: dict[Custody, str] = {
    Custody.HELD: "đang giữ",
    Custody.OFFERED: "đã bàn giao, chờ ký nhận",
    Custody.BAGGED: "nằm trong túi",
    Custody.DELIVERED: "đã giao cho người dân",
    Custody.VOIDED: "đã hủy, giấy tờ đã trả lại",
}


class Trouble(Enum):
    """What is wrong with an item now; it has an owner, the custodian."""

    MISSING = "missing"
    DAMAGED = "damaged"
    MISROUTED = "misrouted"


FOR_THE_CITIZEN = frozenset({ItemKind.RESULT, ItemKind.RETURNED, ItemKind.SLIP})
"""What travels to the citizen."""

NEEDS_IDENTITY = frozenset(ItemKind) - {ItemKind.SLIP}
"""What is given only against an identity paper, one by one (QĐ 45/2016 Đ.10), also what turned round on its way to the
authority; a slip needs a signature."""

ENOUGH_INVITATIONS = 2
"""Invitations two working days apart after which a result goes back to the authority (TT 17/2017 Đ.5.2h)."""

LIFECYCLE: dict[tuple[Custody | None, type[Event]], Custody] = {
    (None, Registered): Custody.HELD,
    (Custody.HELD, Sealed): Custody.HELD,
    (Custody.HELD, HandedOver): Custody.OFFERED,
    (Custody.OFFERED, Accepted): Custody.HELD,
    (Custody.OFFERED, Declined): Custody.HELD,
    (Custody.OFFERED, Recalled): Custody.HELD,
    (Custody.OFFERED, SignedOnPaper): Custody.HELD,
    (Custody.OFFERED, TakenOver): Custody.HELD,
    (Custody.HELD, Moved): Custody.HELD,
    (Custody.HELD, TakenOver): Custody.HELD,
    (Custody.HELD, Rerouted): Custody.HELD,
    (Custody.HELD, AttemptFailed): Custody.HELD,
    (Custody.HELD, HeldForPickup): Custody.HELD,
    (Custody.HELD, InvitationLeft): Custody.HELD,
    (Custody.HELD, DeclaredUndeliverable): Custody.HELD,
    (Custody.HELD, ReportedMissing): Custody.HELD,
    (Custody.HELD, ReportedDamaged): Custody.HELD,
    (Custody.HELD, Found): Custody.HELD,
    (Custody.HELD, Packed): Custody.BAGGED,
    (Custody.BAGGED, Unpacked): Custody.HELD,
    (Custody.BAGGED, Disputed): Custody.HELD,
    (Custody.BAGGED, TakenOver): Custody.HELD,
    (Custody.HELD, FoundInBag): Custody.HELD,
    (Custody.OFFERED, FoundInBag): Custody.HELD,
    (Custody.BAGGED, FoundInBag): Custody.HELD,
    (Custody.HELD, Sighted): Custody.HELD,
    (Custody.OFFERED, Sighted): Custody.OFFERED,
    (Custody.HELD, Delivered): Custody.DELIVERED,
    (Custody.HELD, Voided): Custody.VOIDED,
    **{(custody, Corrected): custody for custody in Custody},
}
"""The guard of every command, the source of the buttons, and the diagram in the docs."""

_STILL_DONE: dict[tuple[Custody | None, type[Event]], Custody] = {
    **{
        (Custody.OFFERED, kind): Custody.OFFERED
        for kind in (Sealed, Rerouted, AttemptFailed, HeldForPickup, InvitationLeft, DeclaredUndeliverable)
    },
    **{(Custody.OFFERED, kind): Custody.OFFERED for kind in (ReportedMissing, ReportedDamaged, Found)},
    (Custody.OFFERED, Packed): Custody.BAGGED,
    (Custody.OFFERED, Delivered): Custody.DELIVERED,
    (Custody.OFFERED, Voided): Custody.VOIDED,
    (Custody.HELD, Unpacked): Custody.HELD,
    (Custody.OFFERED, Unpacked): Custody.HELD,
}
"""What was done at a screen has happened, also where a device tells later that it had been offered or taken before."""


class NotCustodian(Refused):
    """Only the custodian may do this."""

    code = "not_custodian"
    vi = "{item} đang do {holder} giữ, chưa bàn giao. Nhờ bên đang giữ bàn giao, hoặc chọn “Nhận thay” và ghi lý do."
    en = "{item} is held by {holder} and was not handed over. Ask them to hand it over, or take over with a reason."


class NotAddressee(Refused):
    """Only the one it was offered to may take it."""

    code = "not_addressee"
    vi = "{item} được bàn giao cho {to}. Để riêng và báo bên giao ({holder})."
    en = "{item} was offered to {to}. Set it aside and tell the giver ({holder})."


class SamePerson(Refused):
    """Giver and receiver must be two people."""

    code = "same_person"
    vi = "Người giao và người nhận {item} phải là hai người. Nhờ người nhận ký bằng tài khoản của mình."
    en = "Giver and receiver of {item} must be two people. Ask the receiver to sign with an own account."


class NotSealed(Refused):
    """What leaves a unit in the post's hands must be sealed."""

    code = "not_sealed"
    vi = "{item} chưa niêm phong. Niêm phong trước mặt người gửi, nhập số niêm phong rồi bàn giao."
    en = "{item} is not sealed. Seal it, enter the seal number, then hand it over."


class NotOwnPosition(Refused):
    """An internal move needs both positions."""

    code = "not_own_position"
    vi = "Chỉ chuyển nội bộ giữa hai vị trí của chính mình. Muốn giao {item} cho {to}, hãy lập biên bản bàn giao."
    en = "An internal move needs both positions to be yours. To give {item} to {to}, draw up a hand-over record."


class OtherDestination(Refused):
    """A bag takes what goes where the bag goes."""

    code = "other_destination"
    vi = "Sai điểm đến: {destination}. Không bỏ {item} vào túi này."
    en = "Wrong destination: {item} goes to {destination}. Do not put it into this bag."


class NoAuthorisation(Refused):
    """A delegate must show a paper."""

    code = "no_authorisation"
    vi = "Nhận thay {item} phải có giấy ủy quyền và giấy tờ tùy thân. Mời mang đủ rồi đến nhận; kết quả vẫn được giữ."
    en = "Somebody who takes {item} for another must show an authorisation and an identity paper."


class AuthorisationExpired(Refused):
    """An authorisation counts until its own last day."""

    code = "authorisation_expired"
    vi = "Giấy ủy quyền nhận {item} đã hết hạn từ {until}. Mời mang giấy còn hạn đến nhận; kết quả vẫn được giữ."
    en = "The authorisation for {item} was valid until {until}. Ask for a valid one; the result is kept."


class NoIdentityCheck(Refused):
    """The receiver's identity paper must be looked at."""

    code = "no_identity_check"
    vi = "Chưa kiểm tra giấy tờ tùy thân của người nhận {item}. Xem căn cước hoặc hộ chiếu rồi đánh dấu đã kiểm tra."
    en = "The identity paper of whoever takes {item} was not checked."


class NoProof(Refused):
    """A delivery needs a signature or a photo."""

    code = "no_proof"
    vi = "Chưa có chữ ký hoặc ảnh khi phát {item}. Lấy chữ ký hoặc chụp ảnh rồi lưu."
    en = "There is no signature or photo for the delivery of {item}."


class NotAllRecovered(Refused):
    """The papers that the authority wants back are got before the result is given."""

    code = "not_all_recovered"
    vi = "{item} phải thu hồi {wanted} giấy tờ cho cơ quan, mới có {count}. Thu đủ, hoặc ghi lý do không thu được."
    en = "{wanted} papers must be recovered with {item}; there are {count}. Get them, or give the reason."


class InvitedTooSoon(Refused):
    """Two invitations lie at least two working days apart."""

    code = "invited_too_soon"
    vi = "{item} đã mời ngày {last}. Lần mời sau phải cách ít nhất 2 ngày làm việc: từ {first_day} trở đi."
    en = "{item} was invited on {last}; the next invitation counts from {first_day} on, two working days later."


class InvitedOnDayOff(Refused):
    """Nobody is invited to come on a day on which the office is closed."""

    code = "invited_on_day_off"
    vi = "Ngày {day} bưu cục nghỉ. Chọn ngày làm việc, gần nhất là {next_day}."
    en = "The office is closed on {day}. Choose a working day; the next one is {next_day}."


class GroundNotPicked(Refused):
    """That two invitations were not answered is derived from them, never picked."""

    code = "ground_not_picked"
    vi = "{item} mới mời {count} lần, chưa đủ để chuyển trả vì “đã mời 2 lần”. Mời đủ 2 lần, chờ hết hạn nhận rồi làm."
    en = "{item} was invited {count} times; two unanswered invitations are needed before it goes back."


class NoGroundReason(Refused):
    """A lawful ground that somebody picks says what happened."""

    code = "no_ground_reason"
    vi = "Chưa ghi vì sao không phát được {item}. Ghi việc đã xảy ra: ai xác nhận, ngày nào, đã gọi số nào."
    en = "Say why {item} cannot be delivered: what happened, who confirmed it, when."


class GoesBack(Refused):
    """What was declared undeliverable is neither invited for nor declared again."""

    code = "goes_back"
    vi = (
        "{item} đã ghi là không phát được, chờ chuyển trả {place}. Bàn giao đi {place}; "
        "người dân đến trước lúc đó thì vẫn trả được tại quầy."
    )
    en = "{item} was declared undeliverable and goes back to {place}. It may still be given while it is here."


class AlreadyLeft(Refused):
    """Only what has not left the counter can be voided."""

    code = "already_left"
    vi = "{item} đã rời quầy nên không hủy được. Muốn rút hồ sơ, lập yêu cầu rút gửi cơ quan đang giữ."
    en = "{item} has left the counter and cannot be voided. Ask the authority to withdraw the dossier."


class Container(Protocol):
    """What an item needs to know of the bag it lies in (`bag.Bag`), which knows items in its turn."""

    @property
    def code(self) -> str: ...

    @property
    def destination(self) -> Destination: ...

    @property
    def is_transit(self) -> bool: ...

    @property
    def custodian(self) -> Custodian: ...

    @property
    def offered_to(self) -> Custodian | None: ...

    @property
    def offered_by(self) -> str: ...

    @property
    def has_left(self) -> bool: ...

    @property
    def is_missing(self) -> bool: ...

    @property
    def last_at(self) -> datetime: ...

    @property
    def sealed_at(self) -> datetime | None: ...

    @property
    def signed_over_at(self) -> datetime | None: ...

    @property
    def evidence(self) -> Evidence: ...

    @property
    def was_intact(self) -> bool: ...

    @property
    def answers_for_missing(self) -> Custodian: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Loose:
    """How an item stood before it went into a bag; in the bag it shows what the bag is."""

    custodian: Custodian
    has_left: bool
    trouble: Trouble | None
    last_at: datetime
    signed_over_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """An envelope with a label and exactly one custodian. Versions count events, from 1.

    `signed_over_at` is when the authority signed for it: the legal submission time (QĐ 45/2016 Đ.7.4). `was_for` is
    where it was to be given before it was declared undeliverable. `bag` is the bag it lies in, `loose` how it stood
    before; `is_checked` is false from coming out of a bag unseen until it is first touched.
    """

    code: str
    kind: ItemKind
    dossier: str
    origin: str
    destination: Destination
    custody: Custody
    custodian: Custodian
    version: int
    registered_at: datetime
    last_at: datetime
    papers: tuple[PaperCount, ...] = ()
    weight_g: int | None = None
    postal_number: str = ""
    seal: str = ""
    offered_to: Custodian | None = None
    offered_by: str = ""
    record: str = ""
    has_left: bool = False
    signed_over_at: datetime | None = None
    trouble: Trouble | None = None
    evidence: Evidence = Evidence.A
    contents: str = ""
    to_recover: int = 0
    recover: str = ""
    received_from: Custodian | None = None
    pre_sealed: bool = False
    ground: Ground | None = None
    was_for: Destination | None = None
    invited_on: tuple[date, ...] = ()
    invitations_left: int = 0
    recovered: int = 0
    attempts: int = 0
    attempt_reason: AttemptReason | None = None
    next_attempt_on: date | None = None
    pickup_until: date | None = None
    bag: str = ""
    loose: Loose | None = None
    is_checked: bool = True
    misfits: int = 0

    # --- asks ---------------------------------------------------------------------------------------------------------

    def may(self, kind: type[Event]) -> bool:
        """Tell whether the life cycle allows an event of this kind from here."""
        return (self.custody, kind) in LIFECYCLE

    @property
    def is_offered(self) -> bool:
        """Tell whether somebody was asked to sign for it; in a bag, for the bag."""
        return self.offered_to is not None

    @property
    def is_at_destination(self) -> bool:
        """Tell whether the place it must end at answers for it."""
        return bool(self.custodian.place) and self.custodian.place == self.destination.place

    @property
    def goes_back(self) -> bool:
        """Tell whether it could not be delivered and goes back to the authority."""
        return self.ground is not None

    @property
    def still_lies_here(self) -> bool:
        """Tell whether it goes back but has not left the office that was to give it: who comes now still gets it."""
        office = self.was_for
        return (
            self.goes_back
            and office is not None
            and office.to_citizen
            and self.custodian.place == office.place
            and not self.custodian.is_on_the_road
        )

    def is_to_be_invited(self, *, on: date, calendar: WorkCalendar) -> bool:
        """Tell whether it waits at the office and the second invitation is due."""
        last = self.invited_on[-1] if self.invited_on else None
        return (
            self.may(HeldForPickup)
            and self.pickup_until is not None
            and not self.goes_back
            and self.trouble is None
            and last is not None
            and len(self.invited_on) < ENOUGH_INVITATIONS
            and on >= clocks.second_invitation_from(last, calendar)
        )

    def is_unanswered(self, *, on: date) -> bool:
        """Tell whether enough invitations were made and the last one's time is over: ground d) of Đ.17.1."""
        is_enough = len(self.invited_on) >= ENOUGH_INVITATIONS and not self.goes_back
        return is_enough and self.pickup_until is not None and self.pickup_until < on

    @property
    def is_final(self) -> bool:
        """Tell whether nothing more can happen to it."""
        return self.custody in (Custody.DELIVERED, Custody.VOIDED)

    # --- actions: return an event, change nothing ---------------------------------------------------------------------

    def close_seal(self, *, seal: str, by: Actor, at: datetime, by_authority: bool = False) -> Sealed:
        """Seal this item with a number, or note the seal that the authority put on beforehand."""
        self._must_allow(Sealed)
        self._must_hold(by)
        return Sealed(seal=seal, by_authority=by_authority, by=by.as_author(), occurred_at=at)

    def hand_over(self, *, to: Custodian, record: str, by: Actor, at: datetime) -> HandedOver:
        """Offer this item to the next custodian."""
        self._must_allow(HandedOver)
        self._must_hold(by)
        self._must_be_sealed()
        if self.custodian.is_same_as(to):
            raise NotNow(thing=codes.shown(self.code), state=f"đã do {to} giữ")
        return HandedOver(to=to, record=record, by=by.as_author(), occurred_at=at)

    def accept(self, *, by: Actor, at: datetime) -> Accepted:
        """Take this item, which was offered to the actor."""
        self._must_allow(Accepted)
        self._must_be_addressee(by)
        return Accepted(record=self.record, by=by.as_author(), occurred_at=at)

    def decline(self, *, reason: DeclineReason, by: Actor, at: datetime) -> Declined:
        """Do not take this item; the giver goes on answering for it."""
        self._must_allow(Declined)
        self._must_be_addressee(by)
        return Declined(record=self.record, reason=reason, by=by.as_author(), occurred_at=at)

    def recall(self, *, by: Actor, at: datetime) -> Recalled:
        """Take the offer back."""
        self._must_allow(Recalled)
        self._must_hold(by)
        return Recalled(record=self.record, by=by.as_author(), occurred_at=at)

    def sign_on_paper(self, *, evidence: Evidence, by: Actor, at: datetime) -> SignedOnPaper:
        """Record that the receiver signed the printed record in ink at `at`."""
        self._must_allow(SignedOnPaper)
        self._must_hold(by)
        assert self.offered_to is not None
        return SignedOnPaper(
            to=self.offered_to, record=self.record, evidence=evidence, by=by.as_author(), occurred_at=at
        )

    def decline_on_paper(self, *, reason: DeclineReason, by: Actor, at: datetime) -> Declined:
        """Record that the paper was signed without this item; the giver keeps answering for it."""
        self._must_allow(Declined)
        self._must_hold(by)
        return Declined(record=self.record, reason=reason, by=by.as_author(), occurred_at=at)

    def pack(self, *, bag: Container, by: Actor, at: datetime) -> Packed:
        """Put this item into a bag of the same custodian that goes where the item goes, or to a hub on its way.

        Raises: NotNow, NotCustodian, NotSealed, OtherDestination.
        """
        self._must_allow(Packed)
        self._must_hold(by)
        self._must_be_sealed()
        if not self.custodian.is_same_as(bag.custodian):
            raise NotCustodian(item=codes.shown(self.code), holder=self.custodian)
        if not bag.is_transit and self.destination.place != bag.destination.place:
            raise OtherDestination(item=codes.shown(self.code), destination=self.destination.name)
        return Packed(bag=bag.code, by=by.as_author(), occurred_at=at)

    def unpack(
        self, *, bag: Container, condition: Condition, by: Actor, at: datetime, is_checked: bool = True
    ) -> Unpacked:
        """Take this item out of its bag into the hands of who answers for the bag."""
        self._must_allow(Unpacked)
        self._must_lie_in(bag)
        return Unpacked(
            bag=bag.code,
            to=bag.custodian,
            condition=condition,
            is_checked=is_checked,
            has_left=bag.has_left,
            evidence=bag.evidence if bag.sealed_at else self.evidence,
            signed_at=bag.signed_over_at,
            by=by.as_author(),
            occurred_at=at,
        )

    def dispute(self, *, bag: Container, by: Actor, at: datetime) -> Disputed:
        """Say that this item was not in its bag: the packer answers if the seal was intact, else the last carrier."""
        self._must_allow(Disputed)
        self._must_lie_in(bag)
        return Disputed(
            bag=bag.code,
            holder=bag.answers_for_missing,
            was_intact=bag.was_intact,
            by=by.as_author(),
            occurred_at=at,
        )

    def find_in_bag(self, *, bag: Container, condition: Condition, by: Actor, at: datetime) -> FoundInBag:
        """Take this item, which lay in a bag on whose list it does not stand."""
        self._must_allow(FoundInBag)
        return FoundInBag(bag=bag.code, to=bag.custodian, condition=condition, by=by.as_author(), occurred_at=at)

    def sight(self, *, by: Actor, at: datetime) -> Sighted:
        """Say that somebody has the item before him."""
        self._must_allow(Sighted)
        return Sighted(by=by.as_author(), occurred_at=at)

    def move(self, *, to: Custodian, by: Actor, at: datetime) -> Moved:
        """Carry this item to another position of the same person."""
        self._must_allow(Moved)
        self._must_hold(by)
        if not by.acts_for(to):
            raise NotOwnPosition(item=codes.shown(self.code), to=to)
        return Moved(to=to, by=by.as_author(), occurred_at=at)

    def take_over(self, *, to: Custodian, reason: str, by: Actor, at: datetime) -> TakenOver:
        """Take this item without an offer; `reason` is the reference of the text that says why."""
        self._must_allow(TakenOver)
        if not by.acts_for(to):
            raise NotCustodian(item=codes.shown(self.code), holder=to)
        signed_at = self.signed_over_at if self.bag else None
        return TakenOver(to=to, reason=reason, signed_at=signed_at, by=by.as_author(), occurred_at=at)

    def reroute(self, *, destination: Destination, by: Actor, at: datetime) -> Rerouted:
        """Send this item somewhere else than planned."""
        self._must_allow(Rerouted)
        self._must_hold(by)
        return Rerouted(destination=destination, by=by.as_author(), occurred_at=at)

    def fail_attempt(
        self,
        *,
        run: str,
        reason: AttemptReason,
        next_on: date | None,
        proof: str,
        by: Actor,
        at: datetime,
        where: str = "",
        binding: str = "",
    ) -> AttemptFailed:
        """Record a visit that did not end in delivery."""
        self._must_allow(AttemptFailed)
        self._must_hold(by)
        return AttemptFailed(
            run=run,
            reason=reason,
            next_on=next_on,
            proof=proof,
            where=where,
            binding=binding,
            by=by.as_author(),
            occurred_at=at,
        )

    def hold_for_pickup(self, *, until: date, calendar: WorkCalendar, by: Actor, at: datetime) -> HeldForPickup:
        """Keep this item at the office and invite the citizen to come until a day; again is the next invitation.

        Raises: NotNow, NotCustodian, GoesBack, InvitedOnDayOff, InvitedTooSoon.
        """
        self._must_allow(HeldForPickup)
        self._must_hold(by)
        self._must_not_go_back()
        if not calendar.is_working_day(until):
            next_day = calendar.first_working_day(until)
            raise InvitedOnDayOff(day=calendars.written(until), next_day=calendars.written(next_day))
        self._must_be_invited_apart(calendar, on=calendars.local(at).date())
        return HeldForPickup(until=until, by=by.as_author(), occurred_at=at)

    def leave_invitation(
        self, *, run: str, proof: str, by: Actor, at: datetime, where: str = "", binding: str = ""
    ) -> InvitationLeft:
        """Record that the printed invitation was left at the door; whoever holds the item, the postman was there."""
        self._must_allow(InvitationLeft)
        return InvitationLeft(
            number=len(self.invited_on),
            run=run,
            proof=proof,
            where=where,
            binding=binding,
            by=by.as_author(),
            occurred_at=at,
        )

    def declare_undeliverable(
        self, *, ground: Ground, destination: Destination, reason: str, by: Actor, at: datetime
    ) -> DeclaredUndeliverable:
        """Send this item back to the authority on a lawful ground (Luật Bưu chính Đ.17.1).

        Raises: NotNow, NotCustodian, GoesBack, NoGroundReason, GroundNotPicked when two invitations have not run out.
        """
        self._must_allow(DeclaredUndeliverable)
        self._must_hold(by)
        self._must_not_go_back()
        if ground is not Ground.TWO_INVITATIONS and not reason:
            raise NoGroundReason(item=codes.shown(self.code))
        if ground is Ground.TWO_INVITATIONS and not self.is_unanswered(on=calendars.local(at).date()):
            raise GroundNotPicked(item=codes.shown(self.code), count=len(self.invited_on))
        return DeclaredUndeliverable(
            ground=ground, destination=destination, reason=reason, by=by.as_author(), occurred_at=at
        )

    def deliver(
        self,
        *,
        receiver: Receiver,
        identity_checked: bool,
        authorisation_shown: bool,
        proof: str,
        run: str,
        by: Actor,
        at: datetime,
        recovered: int = 0,
        reason: str = "",
        where: str = "",
        signer: str = "",
        binding: str = "",
    ) -> Delivered:
        """Give this item to the citizen or a delegate with paper (QĐ 45/2016 Đ.10).

        `recovered` counts the papers got back for the authority; `reason` says why they are fewer than asked for.

        Raises: NotNow, NotCustodian, NoIdentityCheck, NoAuthorisation, NoProof, NotAllRecovered.
        """
        self._must_allow(Delivered)
        self._must_hold(by)
        if not identity_checked and self.kind in NEEDS_IDENTITY:
            raise NoIdentityCheck(item=codes.shown(self.code))
        if receiver is not Receiver.ADDRESSEE and not authorisation_shown and self.kind in NEEDS_IDENTITY:
            raise NoAuthorisation(item=codes.shown(self.code))
        if not proof:
            raise NoProof(item=codes.shown(self.code))
        if recovered < self.to_recover and not reason:
            raise NotAllRecovered(item=codes.shown(self.code), wanted=self.to_recover, count=recovered)
        return Delivered(
            receiver=receiver,
            identity_checked=identity_checked,
            authorisation_shown=authorisation_shown,
            proof=proof,
            run=run,
            recovered=recovered,
            reason=reason,
            where=where,
            signer=signer,
            binding=binding,
            by=by.as_author(),
            occurred_at=at,
        )

    def report_missing(self, *, by: Actor, at: datetime) -> ReportedMissing:
        """Say that the item cannot be found."""
        self._must_allow(ReportedMissing)
        self._must_hold(by)
        return ReportedMissing(by=by.as_author(), occurred_at=at)

    def report_damaged(self, *, by: Actor, at: datetime) -> ReportedDamaged:
        """Say that the envelope or papers are damaged."""
        self._must_allow(ReportedDamaged)
        self._must_hold(by)
        return ReportedDamaged(by=by.as_author(), occurred_at=at)

    def find(self, *, by: Actor, at: datetime) -> Found:
        """Say that the trouble is over: found again, or settled."""
        self._must_allow(Found)
        self._must_hold(by)
        if self.trouble is None:
            raise NotNow(thing=codes.shown(self.code), state="không có sự cố")
        return Found(by=by.as_author(), occurred_at=at)

    def void(self, *, reason: str, by: Actor, at: datetime) -> Voided:
        """Take the item back at the counter before it left."""
        self._must_allow(Voided)
        self._must_hold(by)
        if self.has_left:
            raise AlreadyLeft(item=codes.shown(self.code))
        return Voided(reason=reason, by=by.as_author(), occurred_at=at)

    # --- fold ---------------------------------------------------------------------------------------------------------

    def evolve(self, event: Event) -> "Item":
        """Return the item after `event`. Total: what does not fit is counted in `misfits`, never raised."""
        step = (self.custody, type(event))
        custody = LIFECYCLE.get(step) or _STILL_DONE.get(step)
        if custody is None:
            return replace(self, version=self.version + 1, misfits=self.misfits + 1)
        if isinstance(event, Corrected):
            return replace(self, version=self.version + 1)
        before = self if self.loose is None else self._taken_out()
        changes = {"custody": custody, "version": self.version + 1, "last_at": event.occurred_at, "is_checked": True}
        changes.update(_changes(before, event))
        return replace(before, **changes)

    def inside(self, bag: Container) -> "Item":
        """Return this packed item as it stands in its bag: the bag's custodian and offer are its own."""
        if self.loose is None:
            return self
        is_of_post = self.loose.custodian.side is Side.POST
        return replace(
            self,
            custodian=bag.custodian,
            offered_to=bag.offered_to,
            offered_by=bag.offered_by,
            has_left=self.loose.has_left or bag.has_left,
            trouble=Trouble.MISSING if bag.is_missing else self.loose.trouble,
            last_at=max(self.loose.last_at, bag.last_at),
            signed_over_at=(bag.signed_over_at if is_of_post else None) or self.loose.signed_over_at,
        )

    def _taken_out(self) -> "Item":
        """Return this item as it stood before it went into its bag; what lies in none is what it is."""
        if self.loose is None:
            return self
        return replace(
            self,
            **_OFFER_ENDED,
            custodian=self.loose.custodian,
            has_left=self.loose.has_left,
            trouble=self.loose.trouble,
            signed_over_at=self.loose.signed_over_at,
            bag="",
            loose=None,
        )

    # --- guards -------------------------------------------------------------------------------------------------------

    def _must_allow(self, kind: type[Event]) -> None:
        if not self.may(kind):
            raise NotNow(thing=codes.shown(self.code), state=CUSTODY_NAMES[self.custody])

    def _must_hold(self, by: Actor) -> None:
        if not by.acts_for(self.custodian):
            raise NotCustodian(item=codes.shown(self.code), holder=self.custodian)

    def _must_lie_in(self, bag: Container) -> None:
        if self.bag != bag.code:
            raise NotNow(thing=codes.shown(self.code), state=f"nằm trong túi {codes.shown(self.bag)}")

    def _must_be_addressee(self, by: Actor) -> None:
        if not by.acts_for(self.offered_to):
            raise NotAddressee(item=codes.shown(self.code), to=self.offered_to, holder=self.custodian)
        if by.account == self.offered_by:
            raise SamePerson(item=codes.shown(self.code))

    def _must_be_invited_apart(self, calendar: WorkCalendar, *, on: date) -> None:
        if not self.invited_on:
            return
        first_day = clocks.second_invitation_from(self.invited_on[-1], calendar)
        if on < first_day:
            last = calendars.written(self.invited_on[-1])
            raise InvitedTooSoon(item=codes.shown(self.code), last=last, first_day=calendars.written(first_day))

    def _must_not_go_back(self) -> None:
        if self.goes_back:
            raise GoesBack(item=codes.shown(self.code), place=self.destination.name)

    def _must_be_sealed(self) -> None:
        if self.custodian.side is Side.POST and not self.seal:
            raise NotSealed(item=codes.shown(self.code))


def register(
    *,
    code: str,
    kind: ItemKind,
    dossier: str,
    destination: Destination,
    custodian: Custodian,
    by: Actor,
    at: datetime,
    papers: tuple[PaperCount, ...] = (),
    weight_g: int | None = None,
    postal_number: str = "",
    contents: str = "",
    to_recover: int = 0,
    recover: str = "",
    received_from: Custodian | None = None,
    record: str = "",
    evidence: Evidence | None = None,
) -> Registered:
    """Give an envelope its first custodian, who must be the actor.

    With `received_from` the authority gave it on `record`, which both signed on paper: it comes from there.

    Raises: NotCustodian.
    """
    if not by.acts_for(custodian):
        raise NotCustodian(item=codes.shown(code), holder=custodian)
    return Registered(
        kind=kind,
        dossier=dossier,
        origin=received_from.place if received_from else custodian.place,
        destination=destination,
        custodian=custodian,
        papers=papers,
        weight_g=weight_g,
        postal_number=postal_number,
        contents=contents,
        to_recover=to_recover,
        recover=recover,
        received_from=received_from,
        record=record,
        evidence=evidence,
        by=by.as_author(),
        occurred_at=at,
    )


def begin(code: str, event: Event) -> Item:
    """Return the item that its first event makes."""
    assert isinstance(event, Registered), f"{code} does not begin with Registered"
    return Item(
        code=code,
        kind=event.kind,
        dossier=event.dossier,
        origin=event.origin,
        destination=event.destination,
        custody=LIFECYCLE[None, Registered],
        custodian=event.custodian,
        version=1,
        registered_at=event.occurred_at,
        last_at=event.occurred_at,
        papers=event.papers,
        weight_g=event.weight_g,
        postal_number=event.postal_number,
        contents=event.contents,
        to_recover=event.to_recover,
        recover=event.recover,
        received_from=event.received_from,
        has_left=event.received_from is not None,
        record=event.record,
        evidence=event.evidence or Evidence.A,
    )


def replay(code: str, events: Iterable[Event]) -> Item:
    """Fold all events of an item, in the order of their versions, into its state."""
    first, *rest = events
    item = begin(code, first)
    for event in rest:
        item = item.evolve(event)
    return item


_DECLINED_TROUBLE: dict[DeclineReason, Trouble | None] = {
    DeclineReason.MISSING: Trouble.MISSING,
    DeclineReason.DAMAGED: Trouble.DAMAGED,
    DeclineReason.WRONG_PLACE: Trouble.MISROUTED,
    DeclineReason.NOT_MINE: None,
}


def _changes(item: Item, event: Event) -> dict[str, Any]:  # noqa: C901, PLR0912 - one case an event
    """Return the fields of `item` that `event` changes, beyond its custody and when it was touched last."""
    match event:
        case Registered() | Sighted():
            return {}
        case Sealed(seal=seal, by_authority=by_authority):
            return {"seal": seal, "pre_sealed": by_authority}
        case HandedOver(to=to, record=record, by=by):
            return {"offered_to": to, "offered_by": by.account, "record": record}
        case Accepted():
            assert item.offered_to is not None
            return _received(item, item.offered_to, evidence=Evidence.A, at=event.occurred_at)
        case SignedOnPaper(to=to, evidence=evidence):
            return _received(item, to, evidence=evidence, at=event.occurred_at)
        case Declined(reason=reason):
            return {**_OFFER_ENDED, "trouble": _DECLINED_TROUBLE[reason] or item.trouble}
        case Recalled():
            return _OFFER_ENDED
        case Moved(to=to):
            return {"custodian": to, "has_left": _has_left(item, to)}
        case TakenOver(to=to, signed_at=signed_at):
            return _received(item, to, evidence=Evidence.B, at=signed_at or event.occurred_at)
        case Packed(bag=bag):
            return {**_OFFER_ENDED, "bag": bag, "loose": _loose(item, at=event.occurred_at)}
        case Unpacked():
            return _unpacked(item, event)
        case Disputed(holder=holder):
            return {"custodian": holder, "trouble": Trouble.MISSING, "has_left": True}
        case FoundInBag(to=to, condition=condition):
            found = _received(item, to, evidence=Evidence.B, at=event.occurred_at)
            return found | {"trouble": _FOUND_TROUBLE[condition] or found["trouble"]}
        case Rerouted(destination=destination):
            return {"destination": destination, "trouble": _without(item, Trouble.MISROUTED)}
        case AttemptFailed(reason=reason, next_on=next_on):
            return {"attempts": item.attempts + 1, "attempt_reason": reason, "next_attempt_on": next_on}
        case HeldForPickup(until=until):
            today = calendars.local(event.occurred_at).date()
            return {"pickup_until": until, "invited_on": (*item.invited_on, today)}
        case InvitationLeft():
            return {"invitations_left": item.invitations_left + 1}
        case DeclaredUndeliverable(ground=ground, destination=destination):
            return {"ground": ground, "destination": destination, "was_for": item.destination}
        case ReportedMissing():
            return {"trouble": Trouble.MISSING}
        case ReportedDamaged():
            return {"trouble": Trouble.DAMAGED}
        case Found():
            return {"trouble": None}
        case Delivered(recovered=recovered):
            return {**_ended(item), **_given(item), "recovered": recovered}
        case Voided():
            return _ended(item)
        case _:
            raise AssertionError(f"{type(event).__name__} is in LIFECYCLE but not folded")


_OFFER_ENDED: dict[str, Any] = {"offered_to": None, "offered_by": ""}


def _received(item: Item, custodian: Custodian, *, evidence: Evidence, at: datetime) -> dict[str, Any]:
    """Return what changes when a new custodian has it in hand since `at`, and how that is proven."""
    on_run = custodian.kind is CustodianKind.PERSON
    stays = custodian.place == item.custodian.place and not on_run
    return {
        "offered_to": None,
        "offered_by": "",
        "custodian": custodian,
        "evidence": evidence,
        "has_left": _has_left(item, custodian),
        "signed_over_at": at if _is_signed_over(item, custodian) else item.signed_over_at,
        "trouble": _trouble_with(item, custodian),
        "attempt_reason": None if on_run else item.attempt_reason,
        "pickup_until": item.pickup_until if stays else None,
    }


def _loose(item: Item, *, at: datetime) -> Loose:
    """Return how `item` stands now that it goes into a bag."""
    return Loose(
        custodian=item.custodian,
        has_left=item.has_left,
        trouble=item.trouble,
        last_at=at,
        signed_over_at=item.signed_over_at,
    )


_FOUND_TROUBLE: dict[Condition, Trouble | None] = {
    Condition.SOUND: None,
    Condition.DAMAGED: Trouble.DAMAGED,
    Condition.WRONG_PLACE: Trouble.MISROUTED,
}


def _unpacked(item: Item, event: Unpacked) -> dict[str, Any]:
    """Return what changes out of its bag; the authority signed for it when it signed for the bag."""
    is_signed_over = item.custodian.side is Side.POST and event.to.side is Side.AUTHORITY
    return {
        **_OFFER_ENDED,
        "custodian": event.to,
        "has_left": item.has_left or event.has_left or _has_left(item, event.to),
        "signed_over_at": (event.signed_at or event.occurred_at) if is_signed_over else item.signed_over_at,
        "trouble": _FOUND_TROUBLE[event.condition] or _trouble_with(item, event.to),
        "evidence": event.evidence,
        "is_checked": event.is_checked,
    }


def _ended(item: Item) -> dict[str, Any]:
    """Return what changes when it ends with the citizen."""
    return {**_OFFER_ENDED, "custodian": citizen_custodian(item.dossier), "trouble": None}


def _given(item: Item) -> dict[str, Any]:
    """Return that it goes back no more, also when the citizen came at the last moment: it went where it was for."""
    if item.still_lies_here and item.was_for is not None:
        return {"ground": None, "destination": item.was_for}
    return {"ground": None}


def _has_left(item: Item, custodian: Custodian) -> bool:
    """Tell whether the item is out of the house where it was registered, once `custodian` has it."""
    return item.has_left or custodian.is_on_the_road or custodian.place != item.origin


def _trouble_with(item: Item, custodian: Custodian) -> Trouble | None:
    """Return what is still wrong once `custodian` has it: it is not missing, and where it must end it is not astray."""
    if item.trouble is Trouble.MISSING:
        return None
    arrived = bool(custodian.place) and custodian.place == item.destination.place
    return _without(item, Trouble.MISROUTED) if arrived else item.trouble


def _is_signed_over(item: Item, custodian: Custodian) -> bool:
    return item.custodian.side is Side.POST and custodian.side is Side.AUTHORITY


def _without(item: Item, settled: Trouble) -> Trouble | None:
    return None if item.trouble is settled else item.trouble

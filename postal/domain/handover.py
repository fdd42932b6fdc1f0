"""The hand-over record (biên bản giao nhận): two parties, many items, each line counted."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

from postal.domain import calendars, codes
from postal.domain.events import (
    Accepted,
    Declined,
    DeclineReason,
    Delivered,
    Event,
    Evidence,
    FoundInBag,
    HandedOver,
    Packed,
    Recalled,
    RecordAccepted,
    RecordConfirmed,
    RecordExtended,
    RecordOffered,
    RecordRecalled,
    RecordSignedOnPaper,
    SignedOnPaper,
    TakenOver,
    Unpacked,
    Voided,
)
from postal.domain.item import NotAddressee, NotCustodian, SamePerson
from postal.domain.lifecycle import NotNow
from postal.domain.people import Actor, Custodian
from postal.domain.refusals import Refused


class RecordState(Enum):
    """Where a hand-over record stands."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    RECALLED = "recalled"
    ON_PAPER = "on_paper"
    CONFIRMED = "confirmed"


RECORD_STATE_NAMES: dict[RecordState, str] = {
    RecordState.OFFERED: "chờ bên nhận ký",
    RecordState.ACCEPTED: "hai bên đã ký",
    RecordState.RECALLED: "bên giao đã thu hồi",
    RecordState.ON_PAPER: "đã ký trên giấy, chờ xác nhận",
    RecordState.CONFIRMED: "đã ký trên giấy và xác nhận",
}

PARTLY_RECALLED = "bên giao đã thu hồi một phần"

LIFECYCLE: dict[tuple[RecordState | None, type[Event]], RecordState] = {
    (None, RecordOffered): RecordState.OFFERED,
    (RecordState.OFFERED, RecordExtended): RecordState.OFFERED,
    (RecordState.OFFERED, RecordAccepted): RecordState.ACCEPTED,
    (RecordState.ACCEPTED, RecordExtended): RecordState.OFFERED,  # a device tells of one more line later
    (RecordState.OFFERED, RecordRecalled): RecordState.RECALLED,
    (RecordState.OFFERED, RecordSignedOnPaper): RecordState.ON_PAPER,
    (RecordState.ON_PAPER, RecordConfirmed): RecordState.CONFIRMED,
}


_ENDS_OFFER = (Accepted, SignedOnPaper, Declined, Recalled, TakenOver, FoundInBag, Packed, Unpacked, Delivered, Voided)
"""What ends an offer: an answer, or, after a fact that came late, that the thing went another way."""


class NothingToHandOver(Refused):
    """A record needs at least one line."""

    code = "nothing_to_hand_over"
    vi = "Chưa chọn bưu gửi nào để bàn giao. Quét hoặc chọn ít nhất một bưu gửi."
    en = "No item was chosen. Scan or choose at least one."


class TwoGivers(Refused):
    """A record has one giver."""

    code = "two_givers"
    vi = "Các bưu gửi đang do hai nơi giữ: {first} và {second}. Lập biên bản riêng cho từng nơi."
    en = "The items are held by two custodians, {first} and {second}. Draw up a record for each."


class NotOnRecord(Refused):
    """What is counted must stand on the record."""

    code = "not_on_record"
    vi = "{item} không có trong biên bản {record}. Để riêng, báo bên giao lập biên bản khác."
    en = "{item} is not on record {record}. Set it aside and ask the giver for another record."


class SignedTooEarly(Refused):
    """A signing time lies between the offer and now."""

    code = "wrong_signing_time"
    vi = "Giờ ký {signed} không hợp lý: phải từ lúc lập biên bản {offered} đến bây giờ. Xem lại giờ ghi trên giấy."
    en = "The signing time {signed} must lie after the record was drawn up at {offered} and not in the future."


class SignedInFuture(Refused):
    """Nobody has signed yet what will be signed later."""

    code = "signed_in_future"
    vi = "Giờ ký {signed} chưa đến, bây giờ là {now}. Xem lại ngày, giờ ghi trên giấy."
    en = "The signing time {signed} lies in the future; it is {now} now. Look at the paper again."


@dataclass(frozen=True, kw_only=True, slots=True)
class HandoverRecord:
    """A record between two custodians. `signed_at` is the legal time of the hand-over.

    Whoever drew it up enters what was signed in ink and may recall it; the other side accepts or confirms it.
    """

    code: str
    version: int
    state: RecordState
    giver: Custodian
    receiver: Custodian
    giver_account: str
    offered_at: datetime
    items: tuple[str, ...]
    accepted: tuple[str, ...] = ()
    declined: tuple[tuple[str, DeclineReason], ...] = ()
    receiver_account: str = ""
    signed_at: datetime | None = None
    evidence: Evidence | None = None
    photo: str = ""
    signer: str = ""
    by_receiver: bool = False
    bags: tuple[str, ...] = ()
    dispatch: str = ""
    misfits: int = 0

    @property
    def lines(self) -> tuple[str, ...]:
        """Return what both sides count, one by one: items and whole bags."""
        return (*self.items, *self.bags)

    @property
    def state_name(self) -> str:
        """Return the words for where it stands; what was signed for before a recall is not recalled."""
        is_partly = self.state is RecordState.RECALLED and self.accepted
        return PARTLY_RECALLED if is_partly else RECORD_STATE_NAMES[self.state]

    @property
    def drawn_up_by(self) -> Custodian:
        """Return the side that wrote the record."""
        return self.receiver if self.by_receiver else self.giver

    @property
    def confirmed_by(self) -> Custodian:
        """Return the other side, which confirms what was signed on paper."""
        return self.giver if self.by_receiver else self.receiver

    def may(self, kind: type[Event]) -> bool:
        """Tell whether the life cycle allows an event of this kind from here."""
        return (self.state, kind) in LIFECYCLE

    def accept(self, *, declined: Mapping[str, DeclineReason], by: Actor, at: datetime) -> RecordAccepted:
        """Sign for everything but what is declined with a reason."""
        self._must_allow(RecordAccepted)
        if not by.acts_for(self.receiver):
            raise NotAddressee(item=codes.shown(self.code), to=self.receiver, holder=self.giver)
        if by.account == self.giver_account:
            raise SamePerson(item=codes.shown(self.code))
        taken = self._without(declined)
        return RecordAccepted(accepted=taken, declined=tuple(declined.items()), by=by.as_author(), occurred_at=at)

    def recall(self, *, by: Actor, at: datetime, ends: Mapping[str, Event | None] | None = None) -> RecordRecalled:
        """Take back what waits; `ends` says what ended each line that does not wait any more."""
        self._must_allow(RecordRecalled)
        self._must_have_drawn_it_up(by)
        ended = {line: (ends or {}).get(line) for line in self.lines}
        taken = [end for end in ended.values() if isinstance(end, Accepted)]
        last = max(taken, key=lambda end: (end.occurred_at, end.by.account), default=None)
        return RecordRecalled(
            accepted=tuple(line for line, end in ended.items() if is_taken(end)),
            declined=tuple((line, end.reason) for line, end in ended.items() if isinstance(end, Declined)),
            signed_at=last.occurred_at if last else None,
            signed_by=last.by.account if last else "",
            by=by.as_author(),
            occurred_at=at,
        )

    def sign_on_paper(
        self,
        *,
        declined: Mapping[str, DeclineReason],
        photo: str,
        signer: str,
        signed_at: datetime,
        by: Actor,
        at: datetime,
    ) -> RecordSignedOnPaper:
        """Record that both signed in ink at `signed_at`, the legal time (QĐ 45/2016 Đ.7.4).

        Raises: NotNow, NotCustodian, SignedTooEarly, NotOnRecord.
        """
        self._must_allow(RecordSignedOnPaper)
        self._must_have_drawn_it_up(by)
        if not self.offered_at <= signed_at <= at:
            raise SignedTooEarly(signed=_on_paper(signed_at), offered=_on_paper(self.offered_at))
        return RecordSignedOnPaper(
            accepted=self._without(declined),
            declined=tuple(declined.items()),
            evidence=Evidence.B if photo else Evidence.C,
            photo=photo,
            signer=signer,
            by=by.as_author(),
            occurred_at=signed_at,
        )

    def confirm(self, *, by: Actor, at: datetime) -> RecordConfirmed:
        """Confirm, for the side that did not enter it, what was signed on paper."""
        self._must_allow(RecordConfirmed)
        if not by.acts_for(self.confirmed_by):
            raise NotAddressee(item=codes.shown(self.code), to=self.confirmed_by, holder=self.drawn_up_by)
        return RecordConfirmed(by=by.as_author(), occurred_at=at)

    def evolve(self, event: Event) -> "HandoverRecord":
        """Return the record after `event`. Total: what does not fit is counted in `misfits`, never raised."""
        state = LIFECYCLE.get((self.state, type(event)))
        if state is None:
            return replace(self, version=self.version + 1, misfits=self.misfits + 1)
        return _after(replace(self, state=state, version=self.version + 1), event)

    def _without(self, declined: Mapping[str, DeclineReason]) -> tuple[str, ...]:
        for line in declined:
            if line not in self.lines:
                raise NotOnRecord(item=codes.shown(line), record=codes.shown(self.code))
        return tuple(line for line in self.lines if line not in declined)

    def _must_allow(self, kind: type[Event]) -> None:
        if not self.may(kind):
            raise NotNow(thing=f"Biên bản {codes.shown(self.code)}", state=RECORD_STATE_NAMES[self.state])

    def _must_have_drawn_it_up(self, by: Actor) -> None:
        if not by.acts_for(self.drawn_up_by):
            raise NotCustodian(item=codes.shown(self.code), holder=self.drawn_up_by)


def offer(
    *,
    giver: Custodian,
    receiver: Custodian,
    items: tuple[str, ...],
    by: Actor,
    at: datetime,
    by_receiver: bool = False,
    bags: tuple[str, ...] = (),
    dispatch: str = "",
) -> RecordOffered:
    """Draw up a record over items and bags that the giver holds, or held until both signed what the receiver enters.

    Raises: NothingToHandOver.
    """
    if not items and not bags:
        raise NothingToHandOver
    return RecordOffered(
        giver=giver,
        receiver=receiver,
        items=items,
        bags=bags,
        dispatch=dispatch,
        by_receiver=by_receiver,
        by=by.as_author(),
        occurred_at=at,
    )


def must_be_over(signed_at: datetime, *, at: datetime) -> None:
    """Refuse a signing time that lies in the future, before there is a record.

    Raises: SignedInFuture.
    """
    if signed_at > at:
        raise SignedInFuture(signed=_on_paper(signed_at), now=_on_paper(at))


def end_of(happened: Iterable[Event], *, record: str) -> Event | None:
    """Return what ended the offer of one item on a record, None while it stands; `happened` is all about the item."""
    is_offered = False
    for event in happened:
        if isinstance(event, HandedOver):
            is_offered = is_offered or event.record == record
        elif is_offered and isinstance(event, _ENDS_OFFER):
            return event
    return None


def is_taken(end: Event | None) -> bool:
    """Tell whether an offer ended by being taken; a device may have told so before the rest of the record is signed."""
    return isinstance(end, Accepted)


def why_not(end: Event | None) -> DeclineReason:
    """Return why a line is not taken whose offer ended so: what the receiver said, else that it is not his."""
    return end.reason if isinstance(end, Declined) else DeclineReason.NOT_MINE


def begin(code: str, event: Event) -> HandoverRecord:
    """Return the record that its first event makes."""
    assert isinstance(event, RecordOffered), f"{code} does not begin with RecordOffered"
    return HandoverRecord(
        code=code,
        version=1,
        state=LIFECYCLE[None, RecordOffered],
        giver=event.giver,
        receiver=event.receiver,
        giver_account="" if event.by_receiver else event.by.account,
        receiver_account=event.by.account if event.by_receiver else "",
        offered_at=event.occurred_at,
        items=event.items,
        bags=event.bags,
        dispatch=event.dispatch,
        by_receiver=event.by_receiver,
    )


def replay(code: str, events: Iterable[Event]) -> HandoverRecord:
    """Fold all events of a record into its state."""
    first, *rest = events
    record = begin(code, first)
    for event in rest:
        record = record.evolve(event)
    return record


def _on_paper(at: datetime) -> str:
    """Write a time as it stands on the paper: to the minute, in Vietnam's time."""
    return f"{calendars.local(at):%H:%M %d/%m/%Y}"


def _after(record: HandoverRecord, event: Event) -> HandoverRecord:
    match event:
        case RecordAccepted(accepted=accepted, declined=declined, by=by):
            return replace(
                record,
                accepted=accepted,
                declined=declined,
                receiver_account=by.account,
                signed_at=event.occurred_at,
                evidence=Evidence.A,
            )
        case RecordSignedOnPaper(accepted=accepted, declined=declined):
            return replace(
                record,
                accepted=accepted,
                declined=declined,
                signed_at=event.occurred_at,
                evidence=event.evidence,
                photo=event.photo,
                signer=event.signer,
            )
        case RecordConfirmed(by=by) if record.by_receiver:
            return replace(record, giver_account=by.account, evidence=Evidence.A)
        case RecordConfirmed(by=by):
            return replace(record, receiver_account=by.account, evidence=Evidence.A)
        case RecordExtended(items=items, bags=bags):
            return replace(record, items=(*record.items, *items), bags=(*record.bags, *bags))
        case RecordRecalled(accepted=accepted, declined=declined, signed_at=signed_at, signed_by=signed_by):
            evidence = Evidence.A if accepted else record.evidence
            return replace(
                record,
                accepted=accepted,
                declined=declined,
                signed_at=signed_at,
                receiver_account=signed_by or record.receiver_account,
                evidence=evidence,
            )
        case _:
            raise AssertionError(f"{type(event).__name__} is in LIFECYCLE but not folded")

"""The bag (túi; UPU receptacle): packed, sealed with a number, handed on whole, opened, counted.

Who answers for a bag answers for everything in it: one step of the bag moves all its items. There is no bag in a bag.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from postal.domain import codes
from postal.domain.copying import replace
from postal.domain.events import (
    Accepted,
    BagCounted,
    BagOpened,
    BagPacked,
    BagSealed,
    BagStarted,
    BagUnpacked,
    BagVoided,
    Condition,
    Corrected,
    Declined,
    DeclineReason,
    Destination,
    Event,
    Evidence,
    Found,
    FoundInBag,
    HandedOver,
    Moved,
    Recalled,
    ReportedMissing,
    Sighted,
    SignedOnPaper,
    TakenOver,
)
from postal.domain.item import Item, NotAddressee, NotCustodian, NotOwnPosition, SamePerson, Trouble
from postal.domain.lifecycle import NotNow
from postal.domain.people import Actor, Custodian, Side
from postal.domain.refusals import Refused


class BagState(Enum):
    """Where a bag stands. Exactly one custodian answers for it in every state."""

    PACKING = "packing"
    SEALED = "sealed"
    OFFERED = "offered"
    OPENED = "opened"
    EMPTIED = "emptied"
    VOIDED = "voided"


BAG_STATE_NAMES: dict[BagState, str] = {
    BagState.PACKING: "đang đóng",
    BagState.SEALED: "đã niêm phong",
    BagState.OFFERED: "đã bàn giao, chờ ký nhận",
    BagState.OPENED: "đã mở, đang kiểm đếm",
    BagState.EMPTIED: "đã kiểm đếm xong",
    BagState.VOIDED: "đã hủy, không dùng",
}

LIFECYCLE: dict[tuple[BagState | None, type[Event]], BagState] = {
    (None, BagStarted): BagState.PACKING,
    (BagState.PACKING, BagPacked): BagState.PACKING,
    (BagState.PACKING, BagUnpacked): BagState.PACKING,
    (BagState.PACKING, BagSealed): BagState.SEALED,
    (BagState.PACKING, BagVoided): BagState.VOIDED,
    (BagState.PACKING, Moved): BagState.PACKING,
    (BagState.SEALED, HandedOver): BagState.OFFERED,
    (BagState.OFFERED, Accepted): BagState.SEALED,
    (BagState.OFFERED, Declined): BagState.SEALED,
    (BagState.OFFERED, Recalled): BagState.SEALED,
    (BagState.OFFERED, SignedOnPaper): BagState.SEALED,
    (BagState.OFFERED, TakenOver): BagState.SEALED,
    (BagState.SEALED, TakenOver): BagState.SEALED,
    (BagState.SEALED, Moved): BagState.SEALED,
    (BagState.SEALED, ReportedMissing): BagState.SEALED,
    (BagState.SEALED, Found): BagState.SEALED,
    (BagState.SEALED, BagOpened): BagState.OPENED,
    (BagState.OPENED, BagCounted): BagState.EMPTIED,
    (BagState.SEALED, Sighted): BagState.SEALED,
    (BagState.OFFERED, Sighted): BagState.OFFERED,
    **{(state, Corrected): state for state in BagState},
}
"""The guard of every command, the source of the buttons, and the diagram in the docs."""

_STILL_DONE: dict[tuple[BagState | None, type[Event]], BagState] = {
    (BagState.OFFERED, BagOpened): BagState.OPENED,
    (BagState.OFFERED, ReportedMissing): BagState.OFFERED,
    (BagState.OFFERED, Found): BagState.OFFERED,
}
"""What was done at a screen has happened, also where a device tells later that the bag had been offered before."""


class EmptyBag(Refused):
    """A bag is sealed with something in it."""

    code = "empty_bag"
    vi = "Túi {bag} chưa có bưu gửi nào. Quét bưu gửi vào túi, hoặc hủy túi nếu không dùng."
    en = "Bag {bag} is empty. Scan items into it, or void it."


class NotEmpty(Refused):
    """Only an empty bag is voided."""

    code = "bag_not_empty"
    vi = "Túi {bag} còn {count} bưu gửi. Bỏ chúng ra khỏi túi rồi hủy túi."
    en = "Bag {bag} still holds {count} items. Take them out, then void it."


class NoSeal(Refused):
    """A bag leaves with a numbered seal."""

    code = "no_bag_seal"
    vi = "Chưa nhập số niêm phong của túi {bag}. Quét hoặc gõ số trên dây niêm phong."
    en = "Bag {bag} needs a seal number. Scan or type the number on the seal."


class NotInBag(Refused):
    """What is taken out or counted must be in the bag."""

    code = "not_in_bag"
    vi = "{item} không có trong bảng kê túi {bag}. Để riêng, quét mã THỪA để ghi lại."
    en = "{item} is not on the list of bag {bag}. Set it aside and scan the command for an extra item."


class AlreadyInBag(Refused):
    """An item stands on a bag's list once."""

    code = "already_in_bag"
    vi = "{item} đã có trong túi {bag} – không cộng thêm."
    en = "{item} is in bag {bag} already; it is not counted twice."


@dataclass(frozen=True, kw_only=True, slots=True)
class Bag:
    """A bag with a label and exactly one custodian. Versions count events, from 1.

    `contents` is its list: what was packed. `packer` sealed it, `last_carrier` handed it over last. `signed_over_at` is
    when the authority signed for it. `seal` is the number on the list, `seal_seen` the one read on opening.
    """

    code: str
    version: int
    state: BagState
    origin: str
    destination: Destination
    custodian: Custodian
    packer: Custodian
    started_at: datetime
    last_at: datetime
    is_transit: bool = False
    contents: tuple[str, ...] = ()
    seal: str = ""
    photo: str = ""
    weight_g: int | None = None
    sealed_at: datetime | None = None
    offered_to: Custodian | None = None
    offered_by: str = ""
    record: str = ""
    last_carrier: Custodian | None = None
    has_left: bool = False
    signed_over_at: datetime | None = None
    evidence: Evidence = Evidence.A
    is_missing: bool = False
    seal_seen: str = ""
    is_intact: bool | None = None
    opened_at: datetime | None = None
    missing: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    damaged: tuple[str, ...] = ()
    misplaced: tuple[str, ...] = ()
    unchecked: tuple[str, ...] = ()
    misfits: int = 0

    # --- asks ---------------------------------------------------------------------------------------------------------

    def may(self, kind: type[Event]) -> bool:
        """Tell whether the life cycle allows an event of this kind from here."""
        return (self.state, kind) in LIFECYCLE

    @property
    def is_final(self) -> bool:
        """Tell whether nothing more can happen to it."""
        return self.state in (BagState.EMPTIED, BagState.VOIDED)

    @property
    def is_offered(self) -> bool:
        """Tell whether somebody was asked to sign for it."""
        return self.state is BagState.OFFERED

    @property
    def is_at_destination(self) -> bool:
        """Tell whether the place it goes to answers for it."""
        return bool(self.custodian.place) and self.custodian.place == self.destination.place

    @property
    def was_intact(self) -> bool:
        """Tell whether it came with the seal of its list, unhurt; before it is opened nobody knows otherwise."""
        return self.is_intact is not False and self.seal_seen in ("", self.seal)

    @property
    def answers_for_missing(self) -> Custodian:
        """Return who answers for what is missing: the packer if the seal was intact, else the last carrier."""
        return self.packer if self.was_intact or self.last_carrier is None else self.last_carrier

    @property
    def way(self) -> frozenset[str]:
        """Return the places it was packed at, went through and goes to."""
        carrier = self.last_carrier.place if self.last_carrier else ""
        passed = (self.origin, self.packer.place, carrier, self.custodian.place, self.destination.place)
        return frozenset(place for place in passed if place)

    def cannot_have_brought(self, item: Item, *, inside: "Bag | None") -> bool:
        """Tell whether nothing that is recorded could have brought an item into this bag: the holder sits elsewhere.

        `inside` is the other bag it should lie in. What is being looked for may turn up anywhere.
        """
        if item.is_final or item.trouble is Trouble.MISSING or item.custodian.place in self.way:
            return False
        if item.offered_to is not None and item.offered_to.place in self.way:
            return False
        return inside is None or inside.way.isdisjoint(self.way)

    # --- actions: return an event, change nothing ---------------------------------------------------------------------

    def pack(self, items: Sequence[str], *, by: Actor, at: datetime) -> BagPacked:
        """Put items on the list. Raises: NotNow, NotCustodian, AlreadyInBag."""
        self._must_allow(BagPacked)
        self._must_hold(by)
        for item in items:
            if item in self.contents:
                raise AlreadyInBag(item=codes.shown(item), bag=codes.shown(self.code))
        return BagPacked(items=tuple(items), by=by.as_author(), occurred_at=at)

    def take_out(self, items: Sequence[str], *, by: Actor, at: datetime) -> BagUnpacked:
        """Take items off the list before the bag is sealed. Raises: NotNow, NotCustodian, NotInBag."""
        self._must_allow(BagUnpacked)
        self._must_hold(by)
        for item in items:
            self.must_list(item)
        return BagUnpacked(items=tuple(items), by=by.as_author(), occurred_at=at)

    def close_seal(
        self, *, seal: str, by: Actor, at: datetime, photo: str = "", weight_g: int | None = None
    ) -> BagSealed:
        """Close the bag with a numbered seal. Raises: NotNow, NotCustodian, EmptyBag, NoSeal."""
        self._must_allow(BagSealed)
        self._must_hold(by)
        if not self.contents:
            raise EmptyBag(bag=codes.shown(self.code))
        if not seal:
            raise NoSeal(bag=codes.shown(self.code))
        return BagSealed(seal=seal, photo=photo, weight_g=weight_g, by=by.as_author(), occurred_at=at)

    def hand_over(self, *, to: Custodian, record: str, by: Actor, at: datetime) -> HandedOver:
        """Offer this sealed bag to the next custodian."""
        self._must_allow(HandedOver)
        self._must_hold(by)
        if self.custodian.is_same_as(to):
            raise NotNow(thing=codes.shown(self.code), state=f"đã do {to} giữ")
        return HandedOver(to=to, record=record, by=by.as_author(), occurred_at=at)

    def accept(self, *, by: Actor, at: datetime) -> Accepted:
        """Take this bag, which was offered to the actor, with everything in it."""
        self._must_allow(Accepted)
        self._must_be_addressee(by)
        return Accepted(record=self.record, by=by.as_author(), occurred_at=at)

    def decline(self, *, reason: DeclineReason, by: Actor, at: datetime) -> Declined:
        """Do not take this bag; the giver goes on answering for it."""
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
        """Record that the paper was signed without this bag; the giver keeps answering for it."""
        self._must_allow(Declined)
        self._must_hold(by)
        return Declined(record=self.record, reason=reason, by=by.as_author(), occurred_at=at)

    def move(self, *, to: Custodian, by: Actor, at: datetime) -> Moved:
        """Carry this bag to another position of the same person."""
        self._must_allow(Moved)
        self._must_hold(by)
        if not by.acts_for(to):
            raise NotOwnPosition(item=codes.shown(self.code), to=to)
        return Moved(to=to, by=by.as_author(), occurred_at=at)

    def take_over(self, *, to: Custodian, reason: str, by: Actor, at: datetime) -> TakenOver:
        """Take this bag without an offer; `reason` is the reference of the text that says why."""
        self._must_allow(TakenOver)
        if not by.acts_for(to):
            raise NotCustodian(item=codes.shown(self.code), holder=to)
        return TakenOver(to=to, reason=reason, by=by.as_author(), occurred_at=at)

    def report_missing(self, *, by: Actor, at: datetime) -> ReportedMissing:
        """Say that the bag cannot be found; its custodian goes on answering for it and everything in it."""
        self._must_allow(ReportedMissing)
        self._must_hold(by)
        return ReportedMissing(by=by.as_author(), occurred_at=at)

    def miss(self, *, by: Actor, at: datetime) -> ReportedMissing:
        """Say that a trip came without this bag; whoever answers for it goes on doing so."""
        self._must_allow(ReportedMissing)
        return ReportedMissing(by=by.as_author(), occurred_at=at)

    def find(self, *, by: Actor, at: datetime) -> Found:
        """Say that the bag was found again."""
        self._must_allow(Found)
        self._must_hold(by)
        if not self.is_missing:
            raise NotNow(thing=codes.shown(self.code), state="không có sự cố")
        return Found(by=by.as_author(), occurred_at=at)

    def open(self, *, seal_seen: str, is_intact: bool, by: Actor, at: datetime, photo: str = "") -> BagOpened:
        """Open the bag; a seal that differs from the list's does not stop it, it is written down."""
        self._must_allow(BagOpened)
        self._must_hold(by)
        if not seal_seen and is_intact:
            raise NoSeal(bag=codes.shown(self.code))
        return BagOpened(seal_seen=seal_seen, is_intact=is_intact, photo=photo, by=by.as_author(), occurred_at=at)

    def void(self, *, by: Actor, at: datetime) -> BagVoided:
        """Give up an empty bag. Raises: NotNow, NotCustodian, NotEmpty."""
        self._must_allow(BagVoided)
        self._must_hold(by)
        if self.contents:
            raise NotEmpty(bag=codes.shown(self.code), count=len(self.contents))
        return BagVoided(by=by.as_author(), occurred_at=at)

    def must_list(self, item: str) -> None:
        """Refuse an item that is not on the list. Raises: NotInBag."""
        if item not in self.contents:
            raise NotInBag(item=codes.shown(item), bag=codes.shown(self.code))

    # --- fold ---------------------------------------------------------------------------------------------------------

    def evolve(self, event: Event) -> "Bag":
        """Return the bag after `event`. Total: what does not fit is counted in `misfits`, never raised."""
        step = (self.state, type(event))
        state = LIFECYCLE.get(step) or _STILL_DONE.get(step)
        if state is None:
            return replace(self, version=self.version + 1, misfits=self.misfits + 1)
        if isinstance(event, Corrected):
            return replace(self, version=self.version + 1)
        return _after(replace(self, state=state, version=self.version + 1, last_at=event.occurred_at), event)

    # --- guards -------------------------------------------------------------------------------------------------------

    def _must_allow(self, kind: type[Event]) -> None:
        if not self.may(kind):
            raise NotNow(thing=f"Túi {codes.shown(self.code)}", state=BAG_STATE_NAMES[self.state])

    def _must_hold(self, by: Actor) -> None:
        if not by.acts_for(self.custodian):
            raise NotCustodian(item=f"Túi {codes.shown(self.code)}", holder=self.custodian)

    def _must_be_addressee(self, by: Actor) -> None:
        if not by.acts_for(self.offered_to):
            raise NotAddressee(item=f"Túi {codes.shown(self.code)}", to=self.offered_to, holder=self.custodian)
        if by.account == self.offered_by:
            raise SamePerson(item=f"túi {codes.shown(self.code)}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Count:
    """What counting a bag means: the bag's own event, and one for each item by its code."""

    counted: BagCounted
    items: Mapping[str, Event]


def count(
    bag: Bag,
    items: Mapping[str, Item],
    found: Mapping[str, Condition],
    *,
    by: Actor,
    at: datetime,
    unchecked: frozenset[str] = frozenset(),
) -> Count:
    """Set what was found against the list: present, missing, extra; nothing is silent and nothing stops the signing.

    `items` are those of the list that still lie in this bag, and every one that was found; `unchecked` come out unseen.

    Raises: NotNow, NotCustodian.
    """
    bag._must_allow(BagCounted)  # noqa: SLF001 - the same module
    bag._must_hold(by)  # noqa: SLF001 - the same module
    inside = [code for code in bag.contents if code in items and items[code].bag == bag.code]
    present = [code for code in inside if code in found or code in unchecked]
    missing = [code for code in inside if code not in found and code not in unchecked]
    extra = [code for code in found if code not in inside]
    of_items: dict[str, Event] = {
        code: items[code].unpack(
            bag=bag, condition=found.get(code, Condition.SOUND), is_checked=code in found, by=by, at=at
        )
        for code in present
    }
    of_items |= {code: items[code].dispute(bag=bag, by=by, at=at) for code in missing}
    of_items |= {
        code: items[code].find_in_bag(bag=bag, condition=found[code], by=by, at=at)
        for code in extra
        if items[code].may(FoundInBag)  # what was delivered or voided stays so; it is on the count and in an incident
    }
    counted = BagCounted(
        present=tuple(present),
        missing=tuple(missing),
        extra=tuple(extra),
        damaged=tuple(code for code in found if found[code] is Condition.DAMAGED),
        misplaced=tuple(code for code in found if found[code] is Condition.WRONG_PLACE),
        unchecked=tuple(code for code in present if code not in found),
        by=by.as_author(),
        occurred_at=at,
    )
    return Count(counted=counted, items=of_items)


def start(
    *,
    code: str,
    destination: Destination,
    custodian: Custodian,
    by: Actor,
    at: datetime,
    is_transit: bool = False,
) -> BagStarted:
    """Begin a bag; the one who packs it answers for it. Raises: NotCustodian."""
    if not by.acts_for(custodian):
        raise NotCustodian(item=f"Túi {codes.shown(code)}", holder=custodian)
    return BagStarted(
        origin=custodian.place,
        destination=destination,
        custodian=custodian,
        is_transit=is_transit,
        by=by.as_author(),
        occurred_at=at,
    )


def begin(code: str, event: Event) -> Bag:
    """Return the bag that its first event makes."""
    assert isinstance(event, BagStarted), f"{code} does not begin with BagStarted"
    return Bag(
        code=code,
        version=1,
        state=LIFECYCLE[None, BagStarted],
        origin=event.origin,
        destination=event.destination,
        custodian=event.custodian,
        packer=event.custodian,
        is_transit=event.is_transit,
        started_at=event.occurred_at,
        last_at=event.occurred_at,
    )


def replay(code: str, events: Iterable[Event]) -> Bag:
    """Fold all events of a bag into its state."""
    first, *rest = events
    bag = begin(code, first)
    for event in rest:
        bag = bag.evolve(event)
    return bag


def _after(bag: Bag, event: Event) -> Bag:  # noqa: C901, PLR0912 - one case an event
    """Return `bag` with what `event` says, its state already set."""
    match event:
        case BagPacked(items=items):
            return replace(bag, contents=(*bag.contents, *items))
        case BagUnpacked(items=items):
            return replace(bag, contents=tuple(code for code in bag.contents if code not in items))
        case BagSealed(seal=seal, photo=photo, weight_g=weight_g):
            return replace(
                bag, seal=seal, photo=photo, weight_g=weight_g, packer=bag.custodian, sealed_at=event.occurred_at
            )
        case HandedOver(to=to, record=record, by=by):
            return replace(bag, offered_to=to, offered_by=by.account, record=record)
        case Accepted():
            assert bag.offered_to is not None
            return replace(_received(bag, bag.offered_to), evidence=Evidence.A)
        case SignedOnPaper(to=to, evidence=evidence):
            return replace(_received(bag, to), evidence=evidence)
        case TakenOver(to=to):
            return replace(_received(bag, to), evidence=Evidence.B)
        case Declined(reason=reason):
            return replace(_offer_ended(bag), is_missing=bag.is_missing or reason is DeclineReason.MISSING)
        case Recalled():
            return _offer_ended(bag)
        case Moved(to=to):
            return replace(bag, custodian=to, has_left=_has_left(bag, to))
        case ReportedMissing():
            return replace(bag, is_missing=True)
        case Found():
            return replace(bag, is_missing=False)
        case BagOpened(seal_seen=seal_seen, is_intact=is_intact):
            opened = _offer_ended(bag)
            return replace(opened, seal_seen=seal_seen, is_intact=is_intact, opened_at=event.occurred_at)
        case BagCounted(missing=missing, extra=extra, damaged=damaged, misplaced=misplaced, unchecked=unchecked):
            return replace(bag, missing=missing, extra=extra, damaged=damaged, misplaced=misplaced, unchecked=unchecked)
        case Sighted() | BagVoided():
            return bag
        case _:
            raise AssertionError(f"{type(event).__name__} is in LIFECYCLE but not folded")


def _received(bag: Bag, custodian: Custodian) -> Bag:
    """Return `bag` in the hands of a new custodian; who had it last is the last carrier."""
    is_signed_over = bag.custodian.side is Side.POST and custodian.side is Side.AUTHORITY
    return replace(
        _offer_ended(bag),
        custodian=custodian,
        last_carrier=bag.last_carrier if bag.custodian.is_same_as(custodian) else bag.custodian,
        has_left=_has_left(bag, custodian),
        signed_over_at=bag.last_at if is_signed_over else bag.signed_over_at,
        is_missing=False,
    )


def _has_left(bag: Bag, custodian: Custodian) -> bool:
    return bag.has_left or custodian.is_on_the_road or custodian.place != bag.origin


def _offer_ended(bag: Bag) -> Bag:
    return replace(bag, offered_to=None, offered_by="")

"""What can happen, past tense, frozen.

An event carries no personal data. A field called `reason`, `cause`, `request`, `contents`, `note`, `proof`, `photo` or
`signer` refers to a text or file that the store keeps encrypted and can erase; the ledger stays true without it.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum

from postal.domain.clocks import CountingRule, Limit, PausePolicy
from postal.domain.people import Author, Custodian


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """Something that happened: by whom, and when by the clock of whoever saw it (aware, UTC)."""

    by: Author
    occurred_at: datetime


# --- shared values ----------------------------------------------------------------------------------------------------


class ItemKind(Enum):
    """What an envelope carries."""

    OUTBOUND = "outbound"
    SUPPLEMENT = "supplement"
    SLIP = "slip"
    RESULT = "result"
    RETURNED = "returned"
    RECOVERED = "recovered"


class Evidence(Enum):
    """How well a hand-over is proven: A both signed here, each with an own account; C signed on paper alone.

    B lies between: signed on paper with a photo, or told by the one who took it alone.
    """

    A = "A"
    B = "B"
    C = "C"


class FactKind(Enum):
    """What a device may tell that was offline when it happened."""

    HANDED_OVER = "handed_over"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    MOVED = "moved"
    SIGHTED = "sighted"


class Misfit(Enum):
    """Why a fact does not fit what is known from the others (docs/decisions/0012-order-of-facts.md)."""

    NOT_THE_HOLDER = "not_the_holder"
    GIVEN_TO_HOLDER = "given_to_holder"
    OFFER_STANDS = "offer_stands"
    ALREADY_HOLDS = "already_holds"
    ALREADY_TAKEN = "already_taken"
    NOT_OFFERED = "not_offered"
    NO_POSITION = "no_position"
    AFTER_THE_END = "after_the_end"
    IN_BAG = "in_bag"
    ACCEPT_WITHOUT_OFFER = "accept_without_offer"
    DOUBLE_CUSTODY = "double_custody"
    LABEL_CLONE = "label_clone"


class Condition(Enum):
    """How an envelope was found when its bag was counted."""

    SOUND = "sound"
    DAMAGED = "damaged"
    WRONG_PLACE = "wrong_place"


class DeclineReason(Enum):
    """Why a receiver did not take an item that was offered."""

    MISSING = "missing"
    DAMAGED = "damaged"
    WRONG_PLACE = "wrong_place"
    NOT_MINE = "not_mine"


class AttemptReason(Enum):
    """Why a visit did not end in delivery; these are not the lawful grounds for undeliverable."""

    NOBODY_THERE = "nobody_there"
    NO_ANSWER = "no_answer"
    ANOTHER_DAY = "another_day"
    NO_AUTHORISATION = "no_authorisation"


class Ground(Enum):
    """The five lawful grounds for undeliverable (Luật Bưu chính Đ.17.1); none of them is an attempt's reason.

    `TWO_INVITATIONS` is derived from the invitations, never picked.
    """

    ADDRESS = "address"
    MOVED = "moved"
    NOT_FOUND = "not_found"
    TWO_INVITATIONS = "two_invitations"
    REFUSED = "refused"


class Settlement(Enum):
    """How an original that is owed to the citizen was settled without an envelope of the post."""

    KEPT_BY_AUTHORITY = "kept_by_authority"
    HANDED_AT_DESK = "handed_at_desk"
    LOST = "lost"


class Receiver(Enum):
    """Who took the result: the person on the slip, a delegate with paper, an organisation's representative."""

    ADDRESSEE = "addressee"
    DELEGATE = "delegate"
    ORGANISATION = "organisation"


class Service(Enum):
    """The three legal services (QĐ 45/2016 Đ.5)."""

    SEND = "send"
    RECEIVE = "receive"
    BOTH = "both"


class ReceptionMode(Enum):
    """A: the post carries, the desk receives. B: the post receives for the authority (domain.md 1.1)."""

    A = "A"
    B = "B"


class ReturnWay(Enum):
    """How the result comes back to the citizen."""

    HOME = "home"
    POST_OFFICE = "post_office"
    DESK = "desk"


class MoneyLedger(Enum):
    """Postage belongs to the post; fees belong to the authority. They never mix."""

    POSTAGE = "postage"
    FEES = "fees"


class Payment(Enum):
    """How money came in."""

    CASH = "cash"
    TRANSFER = "transfer"
    LATER = "later"


@dataclass(frozen=True, kw_only=True, slots=True)
class PaperCount:
    """A paper line inside an item: how many of each form. `line` starts at 1.

    `to_return` marks, on the way out, an original that is owed back, on the way back one that is inside. `source` is
    the line it came in with, `ITEM/line`; `asked` the line of the authority's request that it answers, 0 for none.
    """

    line: int
    originals: int = 0
    certified: int = 0
    copies: int = 0
    to_return: bool = False
    source: str = ""
    asked: int = 0

    @property
    def total(self) -> int:
        """Return how many documents the line stands for."""
        return self.originals + self.certified + self.copies


@dataclass(frozen=True, kw_only=True, slots=True)
class Destination:
    """Where an item must end: a place (desk, department, office) or the citizen. `name` as it was called then."""

    place: str
    name: str
    to_citizen: bool = False


# --- items ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Registered(Event):
    """An envelope got its label and its first custodian.

    `contents` and `recover` refer to the names of the papers inside and of those to be got back from the receiver.
    `received_from` is the authority that gave it on a record signed on paper, `record` and `evidence` that record.
    """

    kind: ItemKind
    dossier: str
    origin: str
    destination: Destination
    custodian: Custodian
    papers: tuple[PaperCount, ...] = ()
    weight_g: int | None = None
    postal_number: str = ""
    contents: str = ""
    to_recover: int = 0
    recover: str = ""
    received_from: Custodian | None = None
    record: str = ""
    evidence: Evidence | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Sealed(Event):
    """The envelope was sealed in the sender's presence, or beforehand by the authority (QĐ 45/2016 Đ.6, 9.4)."""

    seal: str
    by_authority: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class HandedOver(Event):
    """The custodian offers the item; custody moves only when `to` accepts it."""

    to: Custodian
    record: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Accepted(Event):
    """The one it was offered to counted it and answers for it from now on."""

    record: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Declined(Event):
    """The one it was offered to did not take it; the giver goes on answering for it."""

    record: str
    reason: DeclineReason


@dataclass(frozen=True, kw_only=True, slots=True)
class Recalled(Event):
    """The giver took the offer back."""

    record: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SignedOnPaper(Event):
    """Both signed the printed record in ink; `occurred_at` is the signing time, which is the legal time."""

    to: Custodian
    record: str
    evidence: Evidence


@dataclass(frozen=True, kw_only=True, slots=True)
class Moved(Event):
    """Somebody who holds both positions carried the item from one to the other: one internal step."""

    to: Custodian


@dataclass(frozen=True, kw_only=True, slots=True)
class TakenOver(Event):
    """Somebody took what was not offered and said why; both sides' controllers see it.

    `told` is set where a device's fact amounts to this: what is wrong with the taking. `signed_at` is when the
    authority had signed for the bag it was taken out of.
    """

    to: Custodian
    reason: str
    told: Misfit | None = None
    signed_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Claimed(Event):
    """What a device that had been offline told.

    Without `why` it is the bare fact, which `chain` reads; with `why` it does not fit: kept, shown, and moves nothing.
    `hands` are those the teller acted for when it happened, the likeliest first; `to` is whom the item was given to,
    `reason` why it was declined, `record` what an offer stands on. `claimed_at` is what the device's clock said where
    nobody can trust it; `occurred_at` is then when we heard.
    """

    fact: FactKind
    why: Misfit | None = None
    to: Custodian | None = None
    reason: DeclineReason | None = None
    hands: tuple[Custodian, ...] = ()
    record: str = ""
    claimed_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Sighted(Event):
    """Somebody scanned the item and had it before him; nobody's custody changes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Corrected(Event):
    """An earlier event of the same stream was wrong: `version` names it, a second person agrees (EPCIS declaration)."""

    version: int
    reason: str
    second: Author


@dataclass(frozen=True, kw_only=True, slots=True)
class Packed(Event):
    """The item went into a bag; whoever answers for the bag answers for it."""

    bag: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Unpacked(Event):
    """The item came out of its bag, counted, or unseen when the whole bag was received (`is_checked` is false).

    `to` answered for the bag. `signed_at` is when the authority signed for the bag, which is then the legal submission
    time (QĐ 45/2016 Đ.7.4), `evidence` how well that hand-over is proven, `has_left` whether the bag had travelled.
    """

    bag: str
    to: Custodian
    condition: Condition
    is_checked: bool
    has_left: bool
    evidence: Evidence
    signed_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Disputed(Event):
    """The item was not in its bag: `holder` answers, the packer if the seal was intact, else the last carrier."""

    bag: str
    holder: Custodian
    was_intact: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundInBag(Event):
    """The item lay in a bag on whose list it does not stand: who opened the bag holds it, and both sides see it."""

    bag: str
    to: Custodian
    condition: Condition


@dataclass(frozen=True, kw_only=True, slots=True)
class Rerouted(Event):
    """The item goes somewhere else than planned."""

    destination: Destination


@dataclass(frozen=True, kw_only=True, slots=True)
class AttemptFailed(Event):
    """A visit to the door did not end in delivery. `where` refers to the place of the scan, `binding` see `proofs`."""

    run: str
    reason: AttemptReason
    next_on: date | None = None
    proof: str = ""
    where: str = ""
    binding: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class HeldForPickup(Event):
    """The item waits at the office for the citizen, who was invited to come; each is one invitation (giấy mời)."""

    until: date


@dataclass(frozen=True, kw_only=True, slots=True)
class InvitationLeft(Event):
    """The printed invitation was left at the door on a run."""

    number: int
    run: str
    proof: str = ""
    where: str = ""
    binding: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class DeclaredUndeliverable(Event):
    """The item cannot be delivered on a lawful ground and goes back to the authority with everything that is owed."""

    ground: Ground
    destination: Destination
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivered(Event):
    """The citizen, or a delegate with paper, signed for the item.

    `recovered` counts the papers got back for the authority. `where` refers to the place of the scan, `signer` to the
    delegate and his paper, `reason` to why fewer papers were recovered; `binding` ties proof and item (`proofs`).
    """

    receiver: Receiver
    identity_checked: bool
    authorisation_shown: bool
    proof: str
    run: str = ""
    recovered: int = 0
    where: str = ""
    signer: str = ""
    reason: str = ""
    binding: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ReportedMissing(Event):
    """The custodian cannot find the item; he goes on answering for it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ReportedDamaged(Event):
    """The envelope or papers are torn or wet; an inventory follows (TT 17/2017 Đ.11.2)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Found(Event):
    """The missing item is in the custodian's hands again, or the damage is settled."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Voided(Event):
    """The item was taken back at the counter before it left; the papers are with the citizen."""

    reason: str


# --- dossiers ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class DossierOpened(Event):
    """A case was registered: what is asked, through whom, of whom, and how the result comes back.

    `office` is where it was handed in, `desk` where it is officially received, `department` who is competent.
    `contents` refers to the names of the papers, in the order of their lines. `official_code` is set when the desk
    knew the dossier before we did. `offline_origin` says that a workstation without network registered it.
    `case_commune` is the commune of today that the case lies in; `case_text` refers to what was written for it, where
    that was an old name.
    """

    service: Service
    mode: ReceptionMode
    procedure: str
    procedure_version: int
    office: str
    desk: str
    department: str
    competence_reason: str
    lane: str
    expected_at_desk_on: date | None
    return_way: ReturnWay
    return_commune: str
    return_place: str
    paper_lines: int
    contents: str = ""
    note: str = ""
    official_code: str = ""
    offline_origin: bool = False
    case_commune: str = ""
    case_text: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class TurnedBack(Event):
    """The citizen went home with a printed list of what is missing: guidance, not a registration."""

    office: str
    procedure: str
    procedure_version: int
    missing: tuple[int, ...]
    contents: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Collected(Event):
    """Money came in, whole đồng. `into` is the till that has it, `receipt` the code of the printed receipt.

    `printed` is the series and number of the form of the state that was filled in, where there is such a book.
    """

    ledger: MoneyLedger
    amount: int
    payment: Payment
    basis: str
    into: str = ""
    receipt: str = ""
    run: str = ""
    printed: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Refunded(Event):
    """Money went back to the citizen out of a till, whole đồng; `ground` is the value of a `money.RefundGround`."""

    ledger: MoneyLedger
    amount: int
    reason: str
    out_of: str = ""
    ground: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Charged(Event):
    """A sum is owed that arose after appraisal, while work goes on; `payee` is the place it belongs to, whole đồng."""

    ledger: MoneyLedger
    amount: int
    basis: str
    payee: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Remitted(Event):
    """Fees of this dossier reached the authority; `cash` is the signed hand-over of money they went with."""

    amount: int
    cash: str


@dataclass(frozen=True, kw_only=True, slots=True)
class OriginalsSettled(Event):
    """Originals of one line (`source`, as in `PaperCount`) that no envelope brings back are settled, with a reason."""

    source: str
    count: int
    how: Settlement
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class DossierClosed(Event):
    """Nothing is open any more: no envelope, no original, no đồng."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ReceiptIssued(Event):
    """The citizen's copy was printed with a secret of its own; any earlier secret opens nothing from now on."""

    serial: int
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class OfficiallyReceived(Event):
    """The desk received the dossier: its own code, the limit, and when the statutory clock started.

    `started_at` is the signing time of the hand-over record in mode A (QĐ 45/2016 Đ.7.4). `promised_at` is the date on
    the appointment slip, a fact of its own; the due date is derived and both are shown when they differ. `rule` is how
    the desk counted then, so that a later choice changes no date; None is the Civil Code with the calendar's hours.
    """

    official_code: str
    limit: Limit | None
    started_at: datetime
    start_basis: str
    promised_at: datetime | None
    rule: CountingRule | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class TakenIntoWork(Event):
    """The competent department works on it (national status 4)."""

    department: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SupplementAsked(Event):
    """Papers are missing: all of them in one request (Mẫu 02). The names stand in the text `request`."""

    count: int
    request: str
    policy: PausePolicy
    due_on: date | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Supplemented(Event):
    """The asked papers are in; the clock restarts or resumes by the policy of the procedure.

    `complete_at` is when the last of them was signed for (QĐ 45/2016 Đ.7.4), None when nobody signed: then it is now.
    """

    policy: PausePolicy
    complete_at: datetime | None = None
    basis: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class PaymentAsked(Event):
    """The citizen has to pay before work goes on (national status 6); the clock stands only where `policy` says so."""

    amount: int
    basis: str
    policy: PausePolicy = PausePolicy.NONE


@dataclass(frozen=True, kw_only=True, slots=True)
class Paid(Event):
    """What was asked has been paid; `by_post` of it came in through the post, whole đồng."""

    amount: int
    by_post: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class DeadlineExtended(Event):
    """The authority apologised and named a new day (Mẫu 04), once in a dossier (NĐ 61/2018 Đ.19.9).

    `cause` refers to why it takes longer, `signer` to the name of the head who signs.
    """

    was_due_at: datetime
    due_at: datetime
    cause: str
    signer: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ReceptionRefused(Event):
    """The desk does not receive it (Mẫu 03, national status 3)."""

    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class WithdrawnByCitizen(Event):
    """The citizen took the dossier back (national status 7)."""

    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Stopped(Event):
    """The authority stopped (Mẫu 05, national status 8)."""

    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Resolved(Event):
    """The result exists (national status 9); it is not yet in the citizen's hands."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ResultReturned(Event):
    """The result reached the citizen (national status 10)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ReturnChanged(Event):
    """The result goes to another door than registered."""

    return_way: ReturnWay
    return_commune: str
    return_place: str


@dataclass(frozen=True, kw_only=True, slots=True)
class DossierVoided(Event):
    """The registration was taken back before anything left the counter."""

    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PaperScanned(Event):
    """A line of the dossier's papers was digitised. `file` is the SHA-256 of the file in hex, `kind` its media type.

    `left` is how many lines that are to be digitised still have no file, by the procedure's version of this dossier.
    `valid_to` is the last day that the paper itself states. A later one of the same line counts in its stead.
    """

    line: int
    file: str
    pages: int
    size: int
    kind: str
    left: int
    valid_to: date | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class PaperReused(Event):
    """A valid paper that the same citizen gave before counts for a line; the file was copied, so both can be erased."""

    line: int
    file: str
    from_dossier: str
    from_line: int
    basis: str
    pages: int
    size: int
    kind: str
    left: int
    valid_to: date | None = None


# --- hand-over records ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordOffered(Event):
    """A hand-over record was drawn up: who gives, who shall take, which items (biên bản giao nhận).

    `by_receiver` says that the receiving side wrote it, because the giver had nobody with an account there.
    """

    giver: Custodian
    receiver: Custodian
    items: tuple[str, ...]
    by_receiver: bool = False
    bags: tuple[str, ...] = ()
    dispatch: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordExtended(Event):
    """More lines of the same hand-over came from the giver's device; nobody has signed yet."""

    items: tuple[str, ...] = ()
    bags: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordAccepted(Event):
    """The receiver counted and signed; what he did not take is named with its reason."""

    accepted: tuple[str, ...]
    declined: tuple[tuple[str, DeclineReason], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordRecalled(Event):
    """The giver took back what nobody had signed for yet; what was signed for line by line before stays so.

    `signed_at` and `signed_by`, an account, are of the last line that was taken.
    """

    accepted: tuple[str, ...] = ()
    declined: tuple[tuple[str, DeclineReason], ...] = ()
    signed_at: datetime | None = None
    signed_by: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordSignedOnPaper(Event):
    """Both signed in ink; the photo is the proof and `occurred_at` the signing time that was written down."""

    accepted: tuple[str, ...]
    declined: tuple[tuple[str, DeclineReason], ...]
    evidence: Evidence
    photo: str
    signer: str


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordConfirmed(Event):
    """The receiving side confirmed, with an account of its own, what was signed on paper."""


# --- bags -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class BagStarted(Event):
    """An empty bag got its label and its custodian. A transit bag goes to a hub, with items for places beyond it."""

    origin: str
    destination: Destination
    custodian: Custodian
    is_transit: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class BagPacked(Event):
    """Items were put in; they stand on the bag's list (bảng kê)."""

    items: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class BagUnpacked(Event):
    """Items were taken out again before the bag was sealed."""

    items: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class BagSealed(Event):
    """The bag was closed with a numbered seal; `photo` refers to a picture of it, `weight_g` in grams."""

    seal: str
    photo: str = ""
    weight_g: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class BagOpened(Event):
    """The bag was opened; `seal_seen` is the number on the seal, `is_intact` whether seal and bag were unhurt."""

    seal_seen: str
    is_intact: bool
    photo: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class BagCounted(Event):
    """What was in the bag, beside its list. `unchecked` came out unseen, because the whole bag was received."""

    present: tuple[str, ...]
    missing: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    damaged: tuple[str, ...] = ()
    misplaced: tuple[str, ...] = ()
    unchecked: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class BagVoided(Event):
    """An empty bag was not needed."""


# --- dispatches -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class DispatchMade(Event):
    """A trip between two places was opened for bags (chuyến thư)."""

    origin: str
    destination: Destination
    expected_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class BagsLoaded(Event):
    """Sealed bags were put on the trip."""

    bags: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class BagsUnloaded(Event):
    """Bags were taken off the trip before it left."""

    bags: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Departed(Event):
    """The carrier signed for the bags on `record` and left."""

    record: str
    carrier: Custodian
    expected_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Arrived(Event):
    """The trip reached its destination; `bags` came with it."""

    bags: tuple[str, ...]


# --- incidents --------------------------------------------------------------------------------------------------------


class IncidentKind(Enum):
    """What a record of an incident (biên bản) is about."""

    MISSING = "missing"
    EXTRA = "extra"
    DAMAGED = "damaged"
    WRONG_PLACE = "wrong_place"
    SEAL_MISMATCH = "seal_mismatch"
    UNKNOWN_ITEM = "unknown_item"
    ACCEPT_WITHOUT_OFFER = "accept_without_offer"
    HANDOVER_BY_NON_HOLDER = "handover_by_non_holder"
    DOUBLE_CUSTODY = "double_custody"
    LABEL_CLONE = "label_clone"
    SCAN_AFTER_DELIVERY = "scan_after_delivery"
    TOO_LATE = "too_late"
    DUPLICATE_REGISTRATION = "duplicate_registration"
    REVOKED_DEVICE = "revoked_device"
    NOT_CARRIED_OUT = "not_carried_out"
    SILENCE = "silence"
    BAG_OVERDUE = "bag_overdue"
    LOST = "lost"
    COMPLAINT = "complaint"


class ComplaintTopic(Enum):
    """What a citizen complains about."""

    LATE = "late"
    LOST = "lost"
    DAMAGED = "damaged"
    STAFF = "staff"
    MONEY = "money"
    OTHER = "other"


class Outcome(Enum):
    """How an incident ended."""

    FOUND = "found"
    EXPLAINED = "explained"
    RELABELLED = "relabelled"
    SENT_ON = "sent_on"
    LOST = "lost"
    COMPENSATED = "compensated"
    POSTAGE_BACK = "postage_back"
    REJECTED = "rejected"
    FITS_NOW = "fits_now"


@dataclass(frozen=True, kw_only=True, slots=True)
class IncidentOpened(Event):
    """Something does not fit. `owner` is the place that must answer by `due_at`, `other` the other side that sees it.

    `about` is an item, a bag, a dossier or a device; `fact` the number of the event that does not fit, in hex; `topic`
    is what a complaint is about.
    """

    kind: IncidentKind
    about: str
    owner: str
    other: str
    due_at: datetime
    bag: str = ""
    holder: Custodian | None = None
    expected: str = ""
    seen: str = ""
    fact: str = ""
    note: str = ""
    photo: str = ""
    topic: ComplaintTopic | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class IncidentAnswered(Event):
    """One side wrote what it knows; `note` refers to the text."""

    note: str


@dataclass(frozen=True, kw_only=True, slots=True)
class IncidentSettled(Event):
    """The incident is over; `amount` is the compensation that was decided, whole đồng."""

    outcome: Outcome
    note: str = ""
    amount: int | None = None


# --- runs -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedStop:
    """A door on a run, with what is to be done there. Several results for one door are one stop.

    `items` are brought, `invitations` are items whose printed invitation is left, `pickups` are home pickups. `due_on`
    is the earliest legal day of what is brought, `opens_at` and `closes_at` the window promised to the citizen.
    """

    number: int
    commune: str
    items: tuple[str, ...]
    lat: float | None = None
    lon: float | None = None
    uncertainty_m: int | None = None
    invitations: tuple[str, ...] = ()
    pickups: tuple[str, ...] = ()
    due_on: date | None = None
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    arrives_at: datetime | None = None

    @property
    def things(self) -> tuple[str, ...]:
        """Return everything that is to be done here, items and home pickups."""
        return (*self.items, *self.invitations, *self.pickups)

    @property
    def name(self) -> str:
        """Return what the stop is called on lists: its first thing, never a door."""
        return self.things[0]


@dataclass(frozen=True, kw_only=True, slots=True)
class RunPlanned(Event):
    """A territory's round on a day was laid out in its order; `seconds` on the way and at the doors."""

    office: str
    territory: str
    day: date
    postman: str
    stops: tuple[PlannedStop, ...]
    metres: int
    seconds: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class StopOffered(Event):
    """A stop of this run was offered to another run of the same day; it stays here until that one takes it."""

    stop: str
    to: str


@dataclass(frozen=True, kw_only=True, slots=True)
class StopGiven(Event):
    """The other run took the stop that was offered. `stops` is what this run has left, with its times."""

    stop: str
    to: str
    stops: tuple[PlannedStop, ...]
    metres: int
    seconds: int


@dataclass(frozen=True, kw_only=True, slots=True)
class StopTaken(Event):
    """This run took a stop that another one offered. `stops` is what it has now, with its times."""

    stop: str
    giver: str
    stops: tuple[PlannedStop, ...]
    metres: int
    seconds: int


@dataclass(frozen=True, kw_only=True, slots=True)
class StopRefusedByRoute(Event):
    """The other run did not take the stop that was offered; it stays on this one."""

    stop: str
    to: str


@dataclass(frozen=True, kw_only=True, slots=True)
class StopOfferWithdrawn(Event):
    """Who offered a stop to another run thought better of it."""

    stop: str
    to: str


@dataclass(frozen=True, kw_only=True, slots=True)
class RunStarted(Event):
    """The postman took the items and left."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RunClosed(Event):
    """The day is over: every item, paper and đồng of the run is delivered, handed back or explained.

    `cash` is the signed hand-over of the day's money, empty when there was none; `odometer_m` how far the postman says
    he drove by the vehicle's meter, None when he did not say.
    """

    delivered: int
    returned: int
    collected: int = 0
    recovered: int = 0
    picked_up: int = 0
    cash: str = ""
    odometer_m: int | None = None


# --- home pickups -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class PickupAsked(Event):
    """The citizen asked that a postman fetch papers at home on a day, in a window if one was promised."""

    dossier: str
    office: str
    commune: str
    kind: ItemKind
    day: date
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    note: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class PickupMade(Event):
    """The postman counted the papers at the door and answers for their envelope from now on."""

    item: str
    run: str
    proof: str
    where: str = ""
    binding: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class PickupFailed(Event):
    """A visit did not end in a pickup; it is tried again on `next_on`."""

    run: str
    reason: AttemptReason
    next_on: date
    proof: str = ""
    where: str = ""
    binding: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class PickupCancelled(Event):
    """The citizen does not need it any more."""

    reason: str


# --- money from hand to hand ------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class CashOffered(Event):
    """Money is handed on, from a till to another or to the authority. `fees` names each dossier's part, in đồng."""

    giver: Custodian
    receiver: Custodian
    postage: int
    fees: tuple[tuple[str, int], ...]
    run: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class CashAccepted(Event):
    """The receiver counted and signed; the money is his from now on."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CashSignedOnPaper(Event):
    """Both signed the printed list in ink; the photo is the proof, `signer` refers to the name under the signature."""

    evidence: Evidence
    photo: str
    signer: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CashRecalled(Event):
    """The giver took the money back before anybody signed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TillCounted(Event):
    """A till was counted: what the books say, what was there, in đồng. `reason` refers to why they differ."""

    postage_expected: int
    postage_counted: int
    fees_expected: int
    fees_counted: int
    reason: str = ""


# --- positions --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class PositionTaken(Event):
    """Somebody answers for a position that nobody held."""

    holder: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ShiftHandedOver(Event):
    """A position passed to the next person with everything in it: counted, once, not item by item."""

    giver: str
    holder: str
    expected: int
    counted: int

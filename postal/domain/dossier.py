"""The case: what was asked, through whom, of whom; the authority's status; the spans of its clock; its money."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import IntEnum

from postal.domain import calendars, codes
from postal.domain.clocks import CountingRule, Limit, Pause, PausePolicy
from postal.domain.events import (
    Charged,
    Collected,
    DeadlineExtended,
    DossierClosed,
    DossierOpened,
    DossierVoided,
    Event,
    MoneyLedger,
    OfficiallyReceived,
    OriginalsSettled,
    Paid,
    PaperReused,
    PaperScanned,
    Payment,
    PaymentAsked,
    ReceiptIssued,
    ReceptionMode,
    ReceptionRefused,
    Refunded,
    Remitted,
    Resolved,
    ResultReturned,
    ReturnChanged,
    ReturnWay,
    Service,
    Stopped,
    SupplementAsked,
    Supplemented,
    TakenIntoWork,
    TurnedBack,
    WithdrawnByCitizen,
)
from postal.domain.lifecycle import NotNow
from postal.domain.people import Actor
from postal.domain.refusals import Refused
from postal.domain.scanning import BASIS, NoSuchLine, NothingToScan, Offer, Scan


class AgencyStatus(IntEnum):
    """The ten national codes (TrangThaiHoSo), plus two states of our own outside the national list."""

    NEW = 1
    RECEIVED = 2
    NOT_RECEIVED = 3
    IN_WORK = 4
    SUPPLEMENT = 5
    PAYMENT = 6
    WITHDRAWN = 7
    STOPPED = 8
    RESOLVED = 9
    RETURNED = 10
    TURNED_BACK = 101
    VOIDED = 102


AGENCY_STATUS_NAMES: dict[AgencyStatus, str] = {
    AgencyStatus.NEW: "Mới đăng ký",
    AgencyStatus.RECEIVED: "Được tiếp nhận",
    AgencyStatus.NOT_RECEIVED: "Không được tiếp nhận",
    AgencyStatus.IN_WORK: "Đang xử lý",
    AgencyStatus.SUPPLEMENT: "Yêu cầu bổ sung giấy tờ",
    AgencyStatus.PAYMENT: "Yêu cầu thực hiện nghĩa vụ tài chính",
    AgencyStatus.WITHDRAWN: "Công dân yêu cầu rút hồ sơ",
    AgencyStatus.STOPPED: "Dừng xử lý",
    AgencyStatus.RESOLVED: "Đã xử lý xong",
    AgencyStatus.RETURNED: "Đã trả kết quả",
    AgencyStatus.TURNED_BACK: "Đã hướng dẫn hoàn thiện, chưa nhận",
    AgencyStatus.VOIDED: "Đã hủy tại quầy",
}

ENDED_WITHOUT_RESULT = frozenset({AgencyStatus.NOT_RECEIVED, AgencyStatus.WITHDRAWN, AgencyStatus.STOPPED})
"""What ended without a result: the papers go home, and what is still on its way to the authority turns round."""

_S = AgencyStatus

_AT_WORK = (_S.NEW, _S.RECEIVED, _S.IN_WORK, _S.SUPPLEMENT, _S.PAYMENT)

LIFECYCLE: dict[tuple[AgencyStatus | None, type[Event]], AgencyStatus] = {
    (None, DossierOpened): _S.NEW,
    (None, TurnedBack): _S.TURNED_BACK,
    (_S.NEW, OfficiallyReceived): _S.RECEIVED,
    (_S.NEW, ReceptionRefused): _S.NOT_RECEIVED,
    (_S.NEW, SupplementAsked): _S.SUPPLEMENT,
    (_S.NEW, WithdrawnByCitizen): _S.WITHDRAWN,
    (_S.NEW, DossierVoided): _S.VOIDED,
    (_S.RECEIVED, DossierVoided): _S.VOIDED,
    (_S.RECEIVED, TakenIntoWork): _S.IN_WORK,
    **{(s, SupplementAsked): _S.SUPPLEMENT for s in (_S.RECEIVED, _S.IN_WORK)},
    **{(s, PaymentAsked): _S.PAYMENT for s in (_S.RECEIVED, _S.IN_WORK)},
    (_S.SUPPLEMENT, OfficiallyReceived): _S.RECEIVED,
    (_S.SUPPLEMENT, Supplemented): _S.IN_WORK,
    (_S.PAYMENT, Paid): _S.IN_WORK,
    **{(s, DeadlineExtended): s for s in (_S.RECEIVED, _S.IN_WORK, _S.PAYMENT)},
    **{
        (s, Paid): s
        for s in (_S.RECEIVED, _S.IN_WORK, _S.RESOLVED, _S.RETURNED, _S.NOT_RECEIVED, _S.WITHDRAWN, _S.STOPPED)
    },
    **{(s, WithdrawnByCitizen): _S.WITHDRAWN for s in (_S.RECEIVED, _S.IN_WORK, _S.SUPPLEMENT, _S.PAYMENT)},
    **{(s, Stopped): _S.STOPPED for s in (_S.RECEIVED, _S.IN_WORK, _S.SUPPLEMENT, _S.PAYMENT)},
    **{(s, ReceptionRefused): _S.NOT_RECEIVED for s in (_S.RECEIVED, _S.IN_WORK, _S.SUPPLEMENT)},
    (_S.NEW, Resolved): _S.RESOLVED,
    (_S.RECEIVED, Resolved): _S.RESOLVED,
    (_S.IN_WORK, Resolved): _S.RESOLVED,
    (_S.RESOLVED, ResultReturned): _S.RETURNED,
    **{(s, ReturnChanged): s for s in _S if s not in (_S.RETURNED, _S.TURNED_BACK, _S.VOIDED)},
    **{(s, ReceiptIssued): s for s in _S if s not in (_S.TURNED_BACK, _S.VOIDED)},
    **{(s, Collected): s for s in _S if s is not _S.TURNED_BACK},
    **{(s, Refunded): s for s in _S if s is not _S.TURNED_BACK},
    **{(s, Charged): s for s in _S if s not in (_S.TURNED_BACK, _S.VOIDED)},
    **{(s, Remitted): s for s in _S if s is not _S.TURNED_BACK},
    **{(s, OriginalsSettled): s for s in _S if s not in (_S.TURNED_BACK, _S.VOIDED)},
    **{(s, scanned): s for s in (*_AT_WORK, _S.RESOLVED) for scanned in (PaperScanned, PaperReused)},
    **{(s, DossierClosed): s for s in (_S.NOT_RECEIVED, _S.WITHDRAWN, _S.STOPPED, _S.RESOLVED, _S.RETURNED)},
}
"""The agency's axis. Only the competent side or its signed paper moves it (domain.md 10)."""


class WrongAmount(Refused):
    """Money is whole đồng and never negative; a refund never exceeds what came in."""

    code = "wrong_amount"
    vi = "Số tiền {amount} đ không đúng: {why}. Nhập lại số tiền bằng đồng, không có phần lẻ."
    en = "The amount {amount} is wrong: {why}. Enter whole đồng."


class AlreadyExtended(Refused):
    """A dossier is given a new day once (NĐ 61/2018 Đ.19.9)."""

    code = "already_extended"
    vi = "Hồ sơ {dossier} đã hẹn lại một lần, đến {day}. Không hẹn lại lần nữa; trả kết quả sớm nhất có thể."
    en = "Dossier {dossier} was given a new day once, {day}. It cannot be given another."


class ClockStands(Refused):
    """A limit that does not run has no due day that could be moved."""

    code = "clock_stands"
    vi = "Thời hạn của hồ sơ {dossier} đang dừng ({why}) nên chưa có ngày hẹn để hẹn lại. Chờ thời hạn chạy tiếp."
    en = "The clock of dossier {dossier} stands ({why}), so there is no due day to move."


@dataclass(frozen=True, kw_only=True, slots=True)
class Extension:
    """The new day that the authority named with its apology. `cause` and `signer` refer to sealed texts."""

    was_due_at: datetime
    due_at: datetime
    cause: str
    signer: str
    signed_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Money:
    """What came in, what went back and what was passed on in one ledger, whole đồng. `owed` is still to be paid."""

    collected: int = 0
    refunded: int = 0
    owed: int = 0
    remitted: int = 0

    @property
    def balance(self) -> int:
        """Return what is still with us."""
        return self.collected - self.refunded - self.remitted


@dataclass(frozen=True, kw_only=True, slots=True)
class Dossier:
    """A case. It never has a holder: it has items.

    The statutory clock began at `started_at`, stood during `pauses` and ended at `ended_at`; the due date is derived.
    """

    code: str
    version: int
    status: AgencyStatus
    status_at: datetime
    opened_at: datetime
    procedure: str
    procedure_version: int
    office: str
    service: Service | None = None
    mode: ReceptionMode | None = None
    desk: str = ""
    department: str = ""
    competence_reason: str = ""
    lane: str = ""
    expected_at_desk_on: date | None = None
    return_way: ReturnWay | None = None
    return_commune: str = ""
    return_place: str = ""
    paper_lines: int = 0
    contents: str = ""
    note: str = ""
    case_commune: str = ""
    case_text: str = ""
    missing: tuple[int, ...] = ()
    official_code: str = ""
    limit: Limit | None = None
    start_basis: str = ""
    promised_at: datetime | None = None
    started_at: datetime | None = None
    pauses: tuple[Pause, ...] = ()
    ended_at: datetime | None = None
    policy: PausePolicy | None = None
    asked_papers: int = 0
    asked_amount: int = 0
    supplement_due_on: date | None = None
    fees_payee: str = ""
    settled: tuple[OriginalsSettled, ...] = ()
    closed_at: datetime | None = None
    reason: str = ""
    supplements: int = 0
    receipt_serial: int = 0
    postage: Money = Money()
    fees: Money = Money()
    resolved_at: datetime | None = None
    returned_at: datetime | None = None
    misfits: int = 0
    rule: CountingRule | None = None
    extension: Extension | None = None
    scans: tuple[Scan, ...] = ()
    scans_left: int = 0

    # --- asks ---------------------------------------------------------------------------------------------------------

    def may(self, kind: type[Event]) -> bool:
        """Tell whether the life cycle allows an event of this kind from here."""
        return (self.status, kind) in LIFECYCLE

    @property
    def is_over(self) -> bool:
        """Tell whether the authority is done with it, one way or another."""
        return self.status not in _AT_WORK

    @property
    def clock_ended_at(self) -> datetime | None:
        """Return when the statutory clock ended: with a decision, or when a wrong entry was struck out."""
        return self.status_at if self.status is AgencyStatus.VOIDED else self.ended_at

    @property
    def is_standing(self) -> bool:
        """Tell whether the statutory clock stands now; one that has ended does not."""
        return self.clock_ended_at is None and bool(self.pauses) and self.pauses[-1].until is None

    @property
    def lacks_receiver(self) -> bool:
        """Tell whether the post shall bring the result to a door that nobody has named yet."""
        return self.service is not Service.SEND and self.return_way is ReturnWay.HOME and not self.return_commune

    @property
    def is_digitised(self) -> bool:
        """Tell whether every paper that is to be digitised has its file."""
        return bool(self.scans) and self.scans_left == 0

    def scan_of(self, line: int) -> Scan | None:
        """Return the digitised copy that counts for a line, None while there is none."""
        return next((scan for scan in self.scans if scan.line == line), None)

    def money(self, ledger: MoneyLedger) -> Money:
        """Return one of the two accounts."""
        return self.postage if ledger is MoneyLedger.POSTAGE else self.fees

    # --- actions ------------------------------------------------------------------------------------------------------

    def must_allow(self, kind: type[Event]) -> None:
        """Refuse a step that the life cycle does not allow now.

        Raises: NotNow.
        """
        if not self.may(kind):
            raise NotNow(thing=f"Hồ sơ {codes.shown(self.code)}", state=AGENCY_STATUS_NAMES[self.status])

    def must_be_open(self) -> None:
        """Refuse to begin something new in a dossier that is over for good. Raises: NotNow."""
        if self.closed_at is not None:
            raise NotNow(thing=f"Hồ sơ {codes.shown(self.code)}", state="đã đóng")

    def receive(
        self,
        *,
        official_code: str,
        limit: Limit | None,
        started_at: datetime,
        start_basis: str,
        promised_at: datetime | None,
        by: Actor,
        at: datetime,
        rule: CountingRule | None = None,
    ) -> OfficiallyReceived:
        """Record that the desk received the dossier under its own code, once: its clock never starts anew this way.

        Raises: NotNow.
        """
        self.must_allow(OfficiallyReceived)
        if self.started_at is not None:
            raise NotNow(thing=f"Hồ sơ {codes.shown(self.code)}", state=AGENCY_STATUS_NAMES[self.status])
        return OfficiallyReceived(
            official_code=official_code,
            limit=limit,
            started_at=started_at,
            start_basis=start_basis,
            promised_at=promised_at,
            rule=rule,
            by=by.as_author(),
            occurred_at=at,
        )

    def extend(
        self, *, was_due_at: datetime, due_at: datetime, cause: str, signer: str, by: Actor, at: datetime
    ) -> DeadlineExtended:
        """Name a new day, once, while the clock runs.

        Raises: AlreadyExtended, ClockStands, NotNow.
        """
        if self.extension is not None:
            day = calendars.written(calendars.local(self.extension.due_at).date())
            raise AlreadyExtended(dossier=codes.shown(self.code), day=day)
        if self.is_standing:
            raise ClockStands(dossier=codes.shown(self.code), why=self.pauses[-1].reason)
        self.must_allow(DeadlineExtended)
        return DeadlineExtended(
            was_due_at=was_due_at, due_at=due_at, cause=cause, signer=signer, by=by.as_author(), occurred_at=at
        )

    def collect(
        self,
        *,
        ledger: MoneyLedger,
        amount: int,
        payment: Payment,
        basis: str,
        by: Actor,
        at: datetime,
        into: str = "",
        receipt: str = "",
        run: str = "",
        printed: str = "",
    ) -> Collected:
        """Take money into one of the two ledgers and a till; `LATER` says it is owed.

        Raises: WrongAmount, NotNow.
        """
        self.must_allow(Collected)
        if payment is Payment.LATER:
            self.must_be_open()
        if amount < 0:
            raise WrongAmount(amount=amount, why="không được âm")
        return Collected(
            ledger=ledger,
            amount=amount,
            payment=payment,
            basis=basis,
            into=into,
            receipt=receipt,
            run=run,
            printed=printed,
            by=by.as_author(),
            occurred_at=at,
        )

    def charge(self, *, ledger: MoneyLedger, amount: int, basis: str, payee: str, by: Actor, at: datetime) -> Charged:
        """Say that a sum is owed which arose after appraisal.

        Raises: WrongAmount, NotNow.
        """
        self.must_allow(Charged)
        self.must_be_open()
        if amount <= 0:
            raise WrongAmount(amount=amount, why="phải lớn hơn 0")
        return Charged(ledger=ledger, amount=amount, basis=basis, payee=payee, by=by.as_author(), occurred_at=at)

    def remit(self, *, amount: int, cash: str, by: Actor, at: datetime) -> Remitted:
        """Say that fees of this dossier reached the authority, never more than is with us.

        Raises: WrongAmount.
        """
        self.must_allow(Remitted)
        if not 0 < amount <= self.fees.balance:
            raise WrongAmount(amount=amount, why=f"chỉ còn {self.fees.balance} đ phí, lệ phí để nộp")
        return Remitted(amount=amount, cash=cash, by=by.as_author(), occurred_at=at)

    def refund(
        self,
        *,
        ledger: MoneyLedger,
        amount: int,
        reason: str,
        by: Actor,
        at: datetime,
        out_of: str = "",
        ground: str = "",
    ) -> Refunded:
        """Give money back, never more than came in.

        Raises: WrongAmount.
        """
        self.must_allow(Refunded)
        if not 0 < amount <= self.money(ledger).balance:
            raise WrongAmount(amount=amount, why=f"chỉ còn {self.money(ledger).balance} đ để hoàn")
        return Refunded(
            ledger=ledger,
            amount=amount,
            reason=reason,
            out_of=out_of,
            ground=ground,
            by=by.as_author(),
            occurred_at=at,
        )

    def issue_receipt(self, *, reason: str, by: Actor, at: datetime) -> ReceiptIssued:
        """Print the citizen's copy with the next secret; the earlier one opens nothing from now on."""
        self.must_allow(ReceiptIssued)
        return ReceiptIssued(serial=self.receipt_serial + 1, reason=reason, by=by.as_author(), occurred_at=at)

    def scan(self, scan: Scan, *, left: int, by: Actor) -> PaperScanned:
        """Record the digitised copy of a line. Raises: NotNow, NothingToScan, NoSuchLine."""
        self.must_have_line(scan.line)
        self.must_allow(PaperScanned)
        return PaperScanned(
            line=scan.line,
            file=scan.file,
            pages=scan.pages,
            size=scan.size,
            kind=scan.kind,
            left=left,
            valid_to=scan.valid_to,
            by=by.as_author(),
            occurred_at=scan.at,
        )

    def reuse(self, offer: Offer, *, basis: str, left: int, by: Actor, at: datetime) -> PaperReused:
        """Let a paper given before count for a line. Raises: NotNow, NothingToScan, NoSuchLine."""
        self.must_have_line(offer.line)
        self.must_allow(PaperReused)
        scan = offer.given.scan
        return PaperReused(
            line=offer.line,
            file=scan.file,
            from_dossier=offer.given.dossier,
            from_line=scan.line,
            basis=basis,
            pages=scan.pages,
            size=scan.size,
            kind=scan.kind,
            left=left,
            valid_to=scan.valid_to,
            by=by.as_author(),
            occurred_at=at,
        )

    def must_have_line(self, line: int) -> None:
        """Refuse a paper that is not on the list. Raises: NothingToScan, NoSuchLine."""
        if not self.paper_lines:
            raise NothingToScan(dossier=codes.shown(self.code), basis=BASIS)
        if not 0 < line <= self.paper_lines:
            raise NoSuchLine(dossier=codes.shown(self.code), line=line)

    # --- fold ---------------------------------------------------------------------------------------------------------

    def evolve(self, event: Event) -> "Dossier":
        """Return the dossier after `event`. Total: what does not fit is counted in `misfits`, never raised."""
        status = LIFECYCLE.get((self.status, type(event)))
        if status is None:
            return replace(self, version=self.version + 1, misfits=self.misfits + 1)
        since = self.status_at if status is self.status else event.occurred_at
        return _after(replace(self, status=status, status_at=since, version=self.version + 1), event)


def begin(code: str, event: Event) -> Dossier:
    """Return the dossier that its first event makes."""
    match event:
        case DossierOpened():
            return _opened(code, event)
        case TurnedBack():
            return _turned_back(code, event)
        case _:
            raise AssertionError(f"{code} does not begin with an opening event")


def replay(code: str, events: Iterable[Event]) -> Dossier:
    """Fold all events of a dossier, in the order of their versions, into its state."""
    first, *rest = events
    dossier = begin(code, first)
    for event in rest:
        dossier = dossier.evolve(event)
    return dossier


def _opened(code: str, event: DossierOpened) -> Dossier:
    return Dossier(
        code=code,
        version=1,
        status=LIFECYCLE[None, DossierOpened],
        status_at=event.occurred_at,
        opened_at=event.occurred_at,
        procedure=event.procedure,
        procedure_version=event.procedure_version,
        office=event.office,
        service=event.service,
        mode=event.mode,
        desk=event.desk,
        department=event.department,
        competence_reason=event.competence_reason,
        lane=event.lane,
        expected_at_desk_on=event.expected_at_desk_on,
        return_way=event.return_way,
        return_commune=event.return_commune,
        return_place=event.return_place,
        paper_lines=event.paper_lines,
        contents=event.contents,
        note=event.note,
        official_code=event.official_code,
        case_commune=event.case_commune,
        case_text=event.case_text,
    )


def _turned_back(code: str, event: TurnedBack) -> Dossier:
    return Dossier(
        code=code,
        version=1,
        status=LIFECYCLE[None, TurnedBack],
        status_at=event.occurred_at,
        opened_at=event.occurred_at,
        procedure=event.procedure,
        procedure_version=event.procedure_version,
        office=event.office,
        missing=event.missing,
        contents=event.contents,
    )


def _after(dossier: Dossier, event: Event) -> Dossier:  # noqa: C901, PLR0912 - one case an event
    """Return `dossier` with what `event` says, its status already set."""
    match event:
        case OfficiallyReceived():
            return _received(dossier, event)
        case TakenIntoWork(department=department):
            return replace(dossier, department=department)
        case SupplementAsked():
            return _asked(dossier, event)
        case Supplemented(policy=policy):
            resumed_at = event.complete_at or event.occurred_at
            return _resumed(
                replace(dossier, asked_papers=0, supplement_due_on=None, reason="", policy=policy), resumed_at
            )
        case PaymentAsked():
            return _asked_to_pay(dossier, event)
        case Paid(by_post=by_post):
            owed = max(0, dossier.fees.owed - event.amount + by_post)
            paid = replace(dossier, asked_amount=0, fees=replace(dossier.fees, owed=owed))
            return _resumed(paid, event.occurred_at)
        case DeadlineExtended():
            return replace(dossier, extension=_extension(event))
        case ReceptionRefused(reason=reason) | WithdrawnByCitizen(reason=reason) | Stopped(reason=reason):
            return replace(dossier, reason=reason, ended_at=event.occurred_at)
        case Resolved():
            return replace(dossier, resolved_at=event.occurred_at, ended_at=event.occurred_at)
        case ResultReturned():
            return replace(dossier, returned_at=event.occurred_at)
        case ReturnChanged(return_way=way, return_commune=commune, return_place=place):
            return replace(dossier, return_way=way, return_commune=commune, return_place=place)
        case ReceiptIssued(serial=serial):
            return replace(dossier, receipt_serial=serial)
        case Collected() | Refunded() | Charged() | Remitted():
            return _with_money(dossier, event)
        case OriginalsSettled():
            return replace(dossier, settled=(*dossier.settled, event))
        case DossierClosed():
            return replace(dossier, closed_at=event.occurred_at)
        case DossierVoided(reason=reason):
            return replace(dossier, reason=reason)
        case PaperScanned() | PaperReused():
            return _scanned(dossier, event)
        case _:
            raise AssertionError(f"{type(event).__name__} is in LIFECYCLE but not folded")


def _received(dossier: Dossier, event: OfficiallyReceived) -> Dossier:
    return replace(
        dossier,
        official_code=event.official_code,
        limit=event.limit,
        start_basis=event.start_basis,
        promised_at=event.promised_at,
        started_at=event.started_at,
        rule=event.rule,
        pauses=(),
        asked_papers=0,
        reason="",
    )


def _scanned(dossier: Dossier, event: PaperScanned | PaperReused) -> Dossier:
    source = f"{event.from_dossier}/{event.from_line}" if isinstance(event, PaperReused) else ""
    scan = Scan(
        line=event.line,
        file=event.file,
        pages=event.pages,
        size=event.size,
        kind=event.kind,
        at=event.occurred_at,
        valid_to=event.valid_to,
        source=source,
    )
    others = (each for each in dossier.scans if each.line != event.line)
    scans = sorted((*others, scan), key=lambda each: each.line)
    return replace(dossier, scans=tuple(scans), scans_left=event.left)


def _asked(dossier: Dossier, event: SupplementAsked) -> Dossier:
    asked = replace(
        dossier,
        asked_papers=event.count,
        reason=event.request,
        policy=event.policy,
        supplement_due_on=event.due_on,
        supplements=dossier.supplements + 1,
    )
    return asked if event.policy is PausePolicy.NONE else _paused(asked, event.occurred_at, reason=SUPPLEMENT_PAUSE)


def _asked_to_pay(dossier: Dossier, event: PaymentAsked) -> Dossier:
    fees = replace(dossier.fees, owed=dossier.fees.owed + event.amount)
    asked = replace(dossier, asked_amount=event.amount, fees=fees)
    if event.policy is PausePolicy.NONE:
        return asked
    return _paused(replace(asked, policy=event.policy), event.occurred_at, reason=PAYMENT_PAUSE)


def _extension(event: DeadlineExtended) -> Extension:
    return Extension(
        was_due_at=event.was_due_at,
        due_at=event.due_at,
        cause=event.cause,
        signer=event.signer,
        signed_at=event.occurred_at,
    )


SUPPLEMENT_PAUSE = "chờ bổ sung giấy tờ"
PAYMENT_PAUSE = "chờ thực hiện nghĩa vụ tài chính"
"""Why a clock stands."""


def _paused(dossier: Dossier, at: datetime, *, reason: str) -> Dossier:
    """Return `dossier` with its clock standing; a clock that does not run stays as it is."""
    if dossier.started_at is None or dossier.is_standing:
        return dossier
    return replace(dossier, pauses=(*dossier.pauses, Pause(since=at, until=None, reason=reason)))


def _resumed(dossier: Dossier, at: datetime) -> Dossier:
    """Return `dossier` with its clock running again; what the pause means is the policy's affair (clocks)."""
    if not dossier.pauses or dossier.pauses[-1].until is not None:
        return dossier
    return replace(dossier, pauses=(*dossier.pauses[:-1], replace(dossier.pauses[-1], until=at)))


def _with_money(dossier: Dossier, event: Collected | Refunded | Charged | Remitted) -> Dossier:
    ledger = MoneyLedger.FEES if isinstance(event, Remitted) else event.ledger
    account = dossier.money(ledger)
    match event:
        case Charged(amount=amount):
            account = replace(account, owed=account.owed + amount)
        case Remitted(amount=amount):
            account = replace(account, remitted=account.remitted + amount)
        case Refunded(amount=amount):
            account = replace(account, refunded=account.refunded + amount)
        case Collected(amount=amount, payment=Payment.LATER):
            account = replace(account, owed=account.owed + amount)
        case Collected(amount=amount):
            account = replace(account, collected=account.collected + amount, owed=max(0, account.owed - amount))
    payee = event.payee if isinstance(event, Charged) and ledger is MoneyLedger.FEES else dossier.fees_payee
    after = replace(dossier, fees_payee=payee)
    return replace(after, postage=account) if ledger is MoneyLedger.POSTAGE else replace(after, fees=account)

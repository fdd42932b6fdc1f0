"""The counter: guide, check, register, turn back, void, reprint. One transaction a call."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from postal.domain import calendars, cash, clocks, codes, events, item, official, permissions, procedures, tariffs
from postal.domain.codes import CodeKind
from postal.domain.competence import Competence, Subject
from postal.domain.dossier import Dossier
from postal.domain.events import (
    Destination,
    DossierOpened,
    ItemKind,
    MoneyLedger,
    PaperCount,
    Payment,
    ReceptionMode,
    ReturnWay,
    Service,
)
from postal.domain.home_pickup import HomePickup
from postal.domain.item import Item
from postal.domain.people import Actor, Person
from postal.domain.permissions import Permission
from postal.domain.places import Lane, NoLane, Place
from postal.domain.procedures import PaperRequired, ProcedureVersion
from postal.domain.refusals import Refused
from postal.domain.tariffs import PostagePrice, Quote, Way
from postal.services import arranging, destinations, messages, money
from postal.services.agency import OfficialCodeTaken
from postal.store import Ledger, Store
from postal.store.registers import Receipt

PIN_DIGITS = 6


class MissingPaper(Refused):
    """The list of the procedure asks for a paper that is not there."""

    code = "missing_paper"
    vi = (
        "Còn {count} giấy tờ bắt buộc chưa đủ: {papers}. In phiếu hướng dẫn bổ sung, hoặc chọn “Vẫn nhận” và ghi lý do."
    )
    en = "{count} required papers are missing: {papers}. Print the guidance, or accept with a reason."


class NothingMissing(Refused):
    """There is nothing to guide about."""

    code = "nothing_missing"
    vi = "Giấy tờ đã đủ theo danh sách nên không có gì để hướng dẫn bổ sung. Nhấn “Lưu và in” để nhận hồ sơ."
    en = "Every paper of the list is there, so there is no guidance to print. Save the dossier."


class OtherOffice(Refused):
    """Only the office that registered a dossier may void it or give out the citizen's copy."""

    code = "other_office"
    vi = "Hồ sơ {dossier} được nhận tại {office}. Mời khách đến nơi đó, hoặc gọi {phone} để nhờ làm."
    en = "Dossier {dossier} was registered at {office}. Only that office can do this."


class NoPapers(Refused):
    """An envelope needs at least one paper."""

    code = "no_papers"
    vi = "Chưa có giấy tờ nào trong danh sách. Nhập tên và số lượng từng giấy tờ khách nộp."
    en = "The list of papers is empty. Enter the name and number of each."


class NoReturnAddress(Refused):
    """Home delivery needs a door."""

    code = "no_return_address"
    vi = "Chưa có địa chỉ trả kết quả tận nhà. Chọn xã, phường và nhập số nhà, đường, thôn, tổ."
    en = "There is no address for home delivery. Choose the commune and enter house and street."


class NoOfficialCode(Refused):
    """Receiving for the authority, or only receiving a result, needs the authority's code."""

    code = "no_official_code"
    vi = "Chưa có mã hồ sơ của Một cửa. Nhập đúng mã in trên giấy tiếp nhận, ví dụ H48.17-261116-0001."
    en = "The one-stop desk's dossier code is needed, for example H48.17-261116-0001."


class OtherThanPriced(Refused):
    """Another sum than the table says wants a reason."""

    code = "other_than_priced"
    vi = "Cước theo bảng giá là {price} đ ({basis}), hồ sơ ghi {amount} đ. Thu đúng, hoặc ghi lý do ở căn cứ cước."
    en = "The table says {price} đ ({basis}), the dossier {amount} đ. Take that, or say why in the postage's basis."


class NotYetHere(Refused):
    """Papers that a postman will fetch are not at the counter."""

    code = "not_yet_here"
    vi = (
        "Giấy tờ còn ở nhà người gửi nên chưa đếm, cân, niêm phong được. "
        "Bỏ số lượng, khối lượng, số niêm phong và nhãn, hoặc bỏ ngày bưu tá đến lấy."
    )
    en = "The papers are still at the sender's home. Leave counts, weight, seal and label empty, or the pickup day."


class FetchedOnlyToBeSent(Refused):
    """A postman fetches papers that the post then brings to the desk."""

    code = "fetched_only_to_be_sent"
    vi = (
        "Chỉ hẹn bưu tá đến lấy khi bưu điện gửi hồ sơ và Một cửa tiếp nhận. "
        "Đổi dịch vụ hoặc nơi tiếp nhận, hoặc bỏ ngày bưu tá đến lấy."
    )
    en = "Papers are fetched at home only when the post sends them and the desk receives them."


@dataclass(frozen=True, kw_only=True, slots=True)
class PaperEntry:
    """A paper line as counted at the counter."""

    name: str
    originals: int = 0
    certified: int = 0
    copies: int = 0
    to_return: bool = False

    @property
    def total(self) -> int:
        """Return how many documents were counted."""
        return self.originals + self.certified + self.copies


@dataclass(frozen=True, kw_only=True, slots=True)
class Registration:
    """What the clerk entered. Money is whole đồng, weight in grams; people and codes are already parsed.

    `desk` and `department` are chosen by the clerk where the procedure's rule does not name them. `label` is a code
    printed beforehand, `code` one kept for the workstation that registered without network. `case_text` is what was
    written for the place of the case where that is no longer its name: both texts are kept. On `pickup_on` a postman
    fetches the papers: nothing of them is counted yet. `request` is the form's number: the same again changes nothing.
    """

    service: Service
    procedure: str
    sender: Person
    case_commune: str
    return_way: ReturnWay
    subject: Person | None = None
    papers: tuple[PaperEntry, ...] = ()
    why_incomplete: str = ""
    mode: ReceptionMode = ReceptionMode.A
    weight_g: int | None = None
    seal: str = ""
    postage: int = 0
    postage_basis: str = ""
    fees: int = 0
    fees_basis: str = ""
    payment: Payment = Payment.CASH
    return_person: Person | None = None
    return_place: str = ""
    desk: str = ""
    department: str = ""
    postal_number: str = ""
    official_code: str = ""
    promised_at: datetime | None = None
    note: str = ""
    label: str = ""
    pickup_on: date | None = None
    request: str = ""
    code: str = ""
    case_text: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class AtCounter:
    """What the counter gives out after registering: the case, its envelope, and what opens the citizen's page.

    `pickup` is the promised visit of a postman when the papers are still at the sender's home.
    """

    dossier: Dossier
    item: Item | None
    receipt: Receipt
    pickup: HomePickup | None = None


def register(store: Store, form: Registration, *, by: Actor, at: datetime, below: Callable[[int], int]) -> AtCounter:
    """Register a dossier, its envelope, its money and the citizen's secret.

    `below(n)` is the random source. Raises: NotCarriable, MissingPaper, NoPapers, NoReturnAddress, NoCounter,
    NoOfficialCode, OfficialCodeTaken, UnknownPlace, NoLane, LabelBound, OtherThanPriced, RequestMismatch, Forbidden;
    with `pickup_on` also NotYetHere, FetchedOnlyToBeSent and what `arranging.arrange` raises.
    """
    permissions.require(by, Permission.REGISTER)
    with store.begin(at=at) as ledger:
        done = ledger.requests.answer(form.request, content=repr(form))
        if done is not None:
            return _again(ledger, done)
        made = _Counter(ledger, form=form, by=by, at=at, below=below).register()
        ledger.requests.settle(form.request, content=repr(form), answer=made.dossier.code)
        return made


def turn_back(store: Store, form: Registration, *, by: Actor, at: datetime, below: Callable[[int], int]) -> Dossier:
    """Count a guidance: the citizen goes home with the printed list of what is missing.

    A procedure the post may not carry is no refusal here: saying where to go is the guidance. Where nobody has verified
    the list, the lines that the clerk typed without a number are what is missing.

    Raises: NothingMissing, UnknownProcedure, RequestMismatch, Forbidden.
    """
    permissions.require(by, Permission.REGISTER)
    request = f"{form.request}-guidance" if form.request else ""
    with store.begin(at=at) as ledger:
        done = ledger.requests.answer(request, content=repr(form))
        if done is not None:
            return ledger.dossier(done)
        made = _turn_back(ledger, form, by=by, at=at, below=below)
        ledger.requests.settle(request, content=repr(form), answer=made.code)
        return made


def _turn_back(ledger: Ledger, form: Registration, *, by: Actor, at: datetime, below: Callable[[int], int]) -> Dossier:
    procedure = ledger.reference.procedure(form.procedure, on=calendars.local(at).date())
    missing = papers_to_bring(procedure, form.papers)
    if not missing and procedure.carriable is not False:
        raise NothingMissing
    code = codes.mint(CodeKind.DOSSIER, below=below).text
    event = events.TurnedBack(
        office=by.place,
        procedure=procedure.code,
        procedure_version=procedure.version,
        missing=tuple(range(1, len(missing) + 1)),
        contents=ledger.texts.put(code, names_of(missing)),
        by=by.as_author(),
        occurred_at=at,
    )
    ledger.people.put(code, "sender", form.sender)
    return ledger.begin(Dossier, code, event)


def void(store: Store, code: str, *, reason: str, by: Actor, at: datetime) -> Dossier:
    """Take a registration back before anything left the counter, and give every đồng back.

    Raises: AlreadyLeft, NotCustodian, NotNow, OtherOffice, Forbidden.
    """
    permissions.require(by, Permission.VOID)
    with store.begin(at=at) as ledger:
        dossier = ledger.dossier(code)
        _must_be_of_this_office(ledger, dossier, by)
        text = ledger.texts.put(code, reason)
        held = [i for i in ledger.items_of(code) if not i.is_final]
        ledger.append_all([(i, i.void(reason=text, by=by, at=at)) for i in held])
        for account in MoneyLedger:
            balance = dossier.money(account).balance
            if balance:
                dossier = money.give_back(ledger, dossier, account=account, amount=balance, reason=text, by=by, at=at)
        dossier.must_allow(events.DossierVoided)
        arranging.call_off(ledger, dossier, reason=text, by=by, at=at)
        ledger.receipts.revoke(code)
        return ledger.append(dossier, events.DossierVoided(reason=text, by=by.as_author(), occurred_at=at))


def reissue_receipt(
    store: Store,
    code: str,
    *,
    reason: str,
    identity_checked: bool,
    by: Actor,
    at: datetime,
    below: Callable[[int], int],
) -> Receipt:
    """Print the citizen's copy again; the earlier secret opens nothing from now on.

    Raises: item.NoIdentityCheck when nobody looked at the identity paper, OtherOffice, Forbidden, UnknownCode.
    """
    permissions.require(by, Permission.REISSUE_RECEIPT)
    if not identity_checked:
        raise item.NoIdentityCheck(item=codes.shown(code))
    with store.begin(at=at) as ledger:
        dossier = ledger.dossier(code)
        _must_be_of_this_office(ledger, dossier, by)
        ledger.audit.note(account=by.account, place=by.place, what="receipt_reissued", subject=code)
        receipt = issue_receipt(ledger, dossier, reason=reason, by=by, at=at, below=below)[1]
        messages.owe_pin(ledger, receipt)
        return receipt


def issue_receipt(
    ledger: Ledger, dossier: Dossier, *, reason: str, by: Actor, at: datetime, below: Callable[[int], int]
) -> tuple[Dossier, Receipt]:
    """Give a dossier a new secret and PIN, inside a transaction."""
    event = dossier.issue_receipt(reason=reason, by=by, at=at)
    after = ledger.append(dossier, event)
    receipt = Receipt(
        dossier=dossier.code,
        serial=event.serial,
        secret=codes.encode_secret(bytes(below(256) for _ in range(codes.SECRET_BYTES))),
        pin="".join(str(below(10)) for _ in range(PIN_DIGITS)),
    )
    ledger.receipts.put(receipt)
    return after, receipt


def missing_papers(procedure: ProcedureVersion, papers: Sequence[PaperEntry]) -> list[PaperEntry]:
    """Return the required papers of a verified list that were not handed in as asked for, as they are asked for."""
    if not procedure.papers_verified:
        return []
    return [
        PaperEntry(name=asked.name, originals=asked.originals, certified=asked.certified, copies=asked.copies)
        for asked in procedure.papers
        if asked.required and not _is_handed_in(asked, papers)
    ]


def papers_to_bring(procedure: ProcedureVersion, papers: Sequence[PaperEntry]) -> list[PaperEntry]:
    """Return what a guidance lists: what is missing, or on an unverified list the lines without a number."""
    if procedure.papers_verified:
        return missing_papers(procedure, papers)
    return [paper for paper in papers if paper.name and not paper.total]


def _is_handed_in(asked: PaperRequired, papers: Sequence[PaperEntry]) -> bool:
    same = [paper for paper in papers if paper.name == asked.name]
    return procedures.is_enough(
        asked,
        originals=sum(paper.originals for paper in same),
        certified=sum(paper.certified for paper in same),
        copies=sum(paper.copies for paper in same),
    )


def _must_be_of_this_office(ledger: Ledger, dossier: Dossier, by: Actor) -> None:
    if by.place == dossier.office:
        return
    found = ledger.reference.places([dossier.office])
    office = found.get(dossier.office)
    raise OtherOffice(
        dossier=codes.shown(dossier.code),
        office=office.name if office else "cơ quan giải quyết",
        phone=(office.phone if office else "") or "bưu cục đó",
    )


class _Counter:
    """One registration in one transaction."""

    def __init__(
        self, ledger: Ledger, *, form: Registration, by: Actor, at: datetime, below: Callable[[int], int]
    ) -> None:
        self.ledger = ledger
        self.form = form
        self.by = by
        self.at = at
        self.today = calendars.local(at).date()
        self.below = below
        self.code = form.code or codes.mint(CodeKind.DOSSIER, below=below).text
        self.procedure = ledger.reference.procedure(form.procedure, on=self.today)
        self.office = ledger.reference.place(by.place)

    def register(self) -> AtCounter:
        self._must_be_possible()
        competence = self._competence()
        self._must_be_free(competence.desk)
        postage_basis = self._postage_basis(competence.desk)
        dossier = self._open(competence)
        envelope = self._envelope(competence.desk) if self._is_handed_in else None
        dossier = self._take_money(dossier, postage_basis=postage_basis)
        dossier = self._receive_for_authority(dossier)
        dossier, receipt = issue_receipt(self.ledger, dossier, reason="", by=self.by, at=self.at, below=self.below)
        self._keep_people()
        messages.owe_pin(self.ledger, receipt)
        pickup = self._arrange_pickup(dossier) if self.form.pickup_on else None
        return AtCounter(dossier=dossier, item=envelope, receipt=receipt, pickup=pickup)

    @property
    def _sends(self) -> bool:
        return self.form.service is not Service.RECEIVE

    @property
    def _receives(self) -> bool:
        return self.form.service is not Service.SEND

    @property
    def _is_handed_in(self) -> bool:
        """Tell whether the papers are here: who only receives has none, and a postman may still have to fetch them."""
        return self._sends and self.form.pickup_on is None

    def _must_be_possible(self) -> None:
        procedures.must_carry(self.procedure, sends=self._sends, receives=self._receives)
        if self._is_handed_in:
            self._must_have_papers()
        if self.form.pickup_on:
            self._must_be_still_at_home()
        if self._receives and self.form.return_way is ReturnWay.HOME and not self._return_person.commune:
            raise NoReturnAddress
        needs_code = self.form.mode is ReceptionMode.B or not self._sends
        if needs_code and not self.form.official_code:
            raise NoOfficialCode

    def _must_have_papers(self) -> None:
        if not any(paper.total for paper in self.form.papers):
            raise NoPapers
        missing = missing_papers(self.procedure, self.form.papers)
        if missing and not self.form.why_incomplete:
            raise MissingPaper(count=len(missing), papers="; ".join(paper.name for paper in missing))

    def _must_be_still_at_home(self) -> None:
        form = self.form
        if not self._sends or form.mode is ReceptionMode.B:
            raise FetchedOnlyToBeSent
        if form.seal or form.label or form.weight_g or any(paper.total for paper in form.papers):
            raise NotYetHere

    def _arrange_pickup(self, dossier: Dossier) -> HomePickup:
        """Promise the visit, from an office that has a way to the desk. Raises: NoLane."""
        assert self.form.pickup_on is not None
        day, reference = self.form.pickup_on, self.ledger.reference
        pickup = arranging.arrange(self.ledger, dossier, day=day, by=self.by, at=self.at, below=self.below)
        reference.lane(reference.place(pickup.office), reference.place(dossier.desk), on=self.today)
        return pickup

    @property
    def _return_person(self) -> Person:
        return self.form.return_person or self.form.sender

    def _competence(self) -> Competence:
        """Return who decides: the procedure's rule for the place of the case, or what the clerk chose."""
        if self.form.desk and self.form.department:
            return Competence(
                desk=self.ledger.reference.place(self.form.desk),
                authority=self.ledger.reference.place(self.form.department),
                reason="Giao dịch viên chọn cơ quan, vì danh mục chưa có quy tắc thẩm quyền đã xác minh.",
                basis="",
            )
        return self.ledger.reference.competent(
            self.procedure, case_commune=self.form.case_commune, on=self.today, subject=self._about
        )

    @property
    def _about(self) -> Subject:
        """Return whom the dossier is about: another authority may decide on an organisation."""
        return Subject((self.form.subject or self.form.sender).kind)

    def _lane(self, desk: Place) -> Lane | None:
        if not self._is_handed_in:
            return None
        return self.ledger.reference.lane(self.office, desk, on=self.today)

    def _open(self, competence: Competence) -> Dossier:
        lane = self._lane(competence.desk)
        event = DossierOpened(
            service=self.form.service,
            mode=self.form.mode,
            procedure=self.procedure.code,
            procedure_version=self.procedure.version,
            office=self.by.place,
            desk=competence.desk.code,
            department=competence.authority.code,
            competence_reason=competence.reason,
            lane=lane.code if lane else "",
            expected_at_desk_on=self._expected(lane) if lane else None,
            return_way=self.form.return_way,
            return_commune=self._return_person.commune,
            return_place=self.form.return_place,
            paper_lines=len(self.form.papers),
            contents=self.ledger.texts.put(self.code, names_of(self.form.papers)),
            note=self.ledger.texts.put(self.code, self._note),
            case_commune=self.form.case_commune,
            case_text=self.ledger.texts.put(self.code, self.form.case_text),
            official_code=self._official_code,
            offline_origin=bool(self.form.code),
            by=self.by.as_author(),
            occurred_at=self.at,
        )
        return self.ledger.begin(Dossier, self.code, event)

    def _must_be_free(self, desk: Place) -> None:
        """Refuse an official code that already names another dossier of the desk."""
        taken = self._official_code and self.ledger.dossier_by_official_code(self._official_code, desk=desk.code)
        if taken:
            raise OfficialCodeTaken(official_code=self._official_code, dossier=codes.shown(taken.code))

    @property
    def _note(self) -> str:
        """Return the clerk's note; why an incomplete dossier was taken in stands in it."""
        why = f"Nhận khi chưa đủ giấy tờ: {self.form.why_incomplete}" if self.form.why_incomplete else ""
        return "\n".join(line for line in (why, self.form.note) if line)

    @property
    def _official_code(self) -> str:
        return official.parse_official(self.form.official_code).text if self.form.official_code else ""

    def _expected(self, lane: Lane) -> date:
        leg = clocks.postal_leg(
            lane.tier_days,
            accepted_at=self.at,
            cutoff=lane.cutoff,
            calendar=self.ledger.reference.calendar("post"),
            basis=lane.basis,
        )
        return leg.due_on

    def _envelope(self, desk: Place) -> Item:
        label = codes.parse(self.form.label, kind=CodeKind.ITEM) if self.form.label else None
        code = label.text if label else codes.mint(CodeKind.ITEM, below=self.below).text
        event = item.register(
            code=code,
            kind=ItemKind.OUTBOUND,
            dossier=self.code,
            destination=Destination(place=desk.code, name=desk.name),
            custodian=destinations.counter_of(self.ledger, self.by),
            papers=counted(self.form.papers),
            weight_g=self.form.weight_g,
            postal_number=self.form.postal_number,
            by=self.by,
            at=self.at,
        )
        made = self.ledger.begin(Item, code, event)
        if not self.form.seal:
            return made
        return self.ledger.append(made, made.close_seal(seal=self.form.seal, by=self.by, at=self.at))

    def _postage_basis(self, desk: Place) -> str:
        """Return what the postage rests on; both sums where it is another than the table's. Raises: OtherThanPriced.

        What was taken without network was taken: nobody is refused then.
        """
        quote, form = self._quote(desk), self.form
        if quote.amount not in (None, form.postage) and not (form.postage_basis or form.code):
            raise OtherThanPriced(
                price=cash.grouped(quote.amount or 0), basis=quote.basis, amount=cash.grouped(form.postage)
            )
        return tariffs.basis_taken(quote, amount=form.postage, said=form.postage_basis)

    def _quote(self, desk: Place) -> Quote:
        prices = self.ledger.tariffs.all(PostagePrice)
        if not prices:
            return Quote()
        form, reference = self.form, self.ledger.reference
        origin, end = (self.office, desk) if self._sends else (desk, self.office)
        try:
            tier = reference.lane(origin, end, on=self.today).tier_days
        except NoLane:
            tier = None
        provinces = (self.office.province_code, desk.province_code)
        way = Way(tier_days=tier, is_inside=provinces[0] == provinces[1] if all(provinces) else None)
        return tariffs.postage(prices, service=form.service, way=way, weight_g=form.weight_g, on=self.today)

    def _take_money(self, dossier: Dossier, *, postage_basis: str) -> Dossier:
        taken = (
            (MoneyLedger.POSTAGE, self.form.postage, postage_basis),
            (MoneyLedger.FEES, self.form.fees, self.form.fees_basis),
        )
        for account, amount, basis in taken:
            if amount:
                dossier = money.collect(
                    self.ledger,
                    dossier,
                    account=account,
                    amount=amount,
                    payment=self.form.payment,
                    basis=basis,
                    at_once=True,
                    by=self.by,
                    at=self.at,
                    below=self.below,
                )
        return dossier

    def _receive_for_authority(self, dossier: Dossier) -> Dossier:
        """In mode B the official code and the due date exist at the counter."""
        if self.form.mode is not ReceptionMode.B:
            return dossier
        rule = self.ledger.policies.counting_rule(dossier.desk)
        way, basis = self.ledger.policies.start_by_post(dossier.desk)
        calendar = (rule or clocks.BY_LAW).applied_to(self.ledger.reference.calendar("state"))
        started_at, start = clocks.start_by_post(way, received_at=self.at, calendar=calendar, basis=basis)
        event = dossier.receive(
            official_code=self._official_code,
            limit=self.procedure.limit,
            started_at=started_at,
            start_basis=start.basis,
            promised_at=self.form.promised_at,
            rule=rule,
            by=self.by,
            at=self.at,
        )
        return self.ledger.append(dossier, event)

    def _keep_people(self) -> None:
        people = {
            "sender": self.form.sender,
            "subject": self.form.subject,
            "receiver": self.form.return_person,
        }
        for part, person in people.items():
            if person is not None:
                self.ledger.people.put(self.code, part, person)


def counted(papers: Sequence[PaperEntry]) -> tuple[PaperCount, ...]:
    """Return what an event keeps of paper lines: numbers, no names."""
    return tuple(
        PaperCount(
            line=line,
            originals=paper.originals,
            certified=paper.certified,
            copies=paper.copies,
            to_return=paper.to_return,
        )
        for line, paper in enumerate(papers, start=1)
    )


def names_of(papers: Sequence[PaperEntry]) -> str:
    """Return the names of paper lines as a text to be kept sealed."""
    return json.dumps([paper.name for paper in papers], ensure_ascii=False) if papers else ""


def _again(ledger: Ledger, code: str) -> AtCounter:
    """Return what an earlier, equal request made. Raises: NotNow when it was voided since."""
    dossier = ledger.dossier(code)
    receipt = ledger.receipts.current(code)
    if receipt is None:
        dossier.must_allow(events.ReceiptIssued)
        raise AssertionError("a registered dossier that was not voided has a receipt")
    pickup = next(iter(ledger.home_pickups_of(code)), None)
    return AtCounter(dossier=dossier, item=next(iter(ledger.items_of(code)), None), receipt=receipt, pickup=pickup)

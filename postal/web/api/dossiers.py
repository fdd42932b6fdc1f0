"""Registering and reading dossiers, for programs: the same service, the same rules, the same sentences as the form."""

import hashlib
from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request, Response
from fastapi.security import HTTPBearer
from pydantic import AwareDatetime, BaseModel, Field

from postal.domain import calendars, codes, identity, official
from postal.domain.codes import CodeKind
from postal.domain.events import Payment, ReceptionMode, ReturnWay, Service
from postal.domain.people import Actor, Person
from postal.domain.permissions import Permission
from postal.domain.refusals import Refused
from postal.queries import dossiers
from postal.queries.dossiers import DossierPage
from postal.services import registration
from postal.services.registration import AtCounter, PaperEntry, Registration
from postal.web import deps, errors, forms
from postal.web.deps import Chance, Now, SettingsDep, StoreDep, acting
from postal.web.problems import documented

# The token is read by `acting`; this only tells the schema how to send it.
router = APIRouter(prefix="/api/v1/dossiers", tags=["dossiers"], dependencies=[Depends(HTTPBearer(auto_error=False))])

Line = Annotated[str, Field(max_length=forms.LONGEST_LINE)]
Money = Annotated[int, Field(ge=0, le=forms.MOST_MONEY, description="Whole đồng.")]
Count = Annotated[int, Field(ge=0, le=999)]


class PersonForm(BaseModel):
    """A person (identity number or passport) or an organisation (tax code)."""

    name: Annotated[str, Field(min_length=2, max_length=80)]
    identity_number: Line = ""
    passport: Line = ""
    tax_code: Line = ""
    phone: Line = ""
    email: Line = ""
    address: Line = ""
    commune: Annotated[str, Field(max_length=8, description="Code of a commune since July 2025.")] = ""


class PaperForm(BaseModel):
    """A paper that was counted. Its name must be that of the procedure's list where the list asks for it."""

    name: Annotated[str, Field(min_length=1, max_length=forms.LONGEST_LINE)]
    originals: Count = 0
    certified: Count = 0
    copies: Count = 0
    to_return: bool = False


class ReturnForm(BaseModel):
    """How the result comes back; `place` is the office for `post_office`, `person` another door than the sender's."""

    way: ReturnWay = ReturnWay.HOME
    place: Line = ""
    person: PersonForm | None = None


class DossierForm(BaseModel):
    """A dossier as the counter enters it."""

    service: Service = Service.BOTH
    procedure: Line
    sender: PersonForm
    subject: PersonForm | None = None
    case_commune: Annotated[str, Field(max_length=8, description="Commune of the case; the sender's by default.")] = ""
    papers: Annotated[list[PaperForm], Field(max_length=60)] = Field(default_factory=list)
    why_incomplete: Annotated[str, Field(max_length=500)] = ""
    mode: ReceptionMode = ReceptionMode.A
    official_code: Line = ""
    promised_at: AwareDatetime | None = None
    weight_g: Annotated[int, Field(ge=1, le=30_000)] | None = None
    seal: Annotated[str, Field(max_length=40)] = ""
    label: Line = ""
    postal_number: Line = ""
    postage: Annotated[Money, Field(description="Another sum than a price table says wants its reason as basis.")] = 0
    postage_basis: Line = ""
    fees: Money = 0
    fees_basis: Line = ""
    payment: Payment = Payment.CASH
    result: ReturnForm = Field(default_factory=ReturnForm)
    desk: Line = ""
    department: Line = ""
    note: Annotated[str, Field(max_length=forms.LONGEST_TEXT)] = ""


class RegisteredBody(BaseModel):
    """What the counter gives out. `secret_url` and `pin` open the citizen's page and are answered here alone.

    They are null when the same request is sent again after the citizen's copy was issued anew.
    """

    code: str
    item: str | None
    secret_url: str | None
    pin: str | None
    desk: str
    department: str
    competence_reason: str
    expected_at_desk_on: date | None
    href: str


class ItemBody(BaseModel):
    """An envelope and who answers for it."""

    code: str
    kind: str
    custody: str
    holder: str
    offered_to: str
    destination: str
    seal: str
    postal_number: str


class PaperBody(BaseModel):
    """A paper in the envelope."""

    name: str
    originals: int
    certified: int
    copies: int
    to_return: bool


class MoneyBody(BaseModel):
    """One of the two ledgers, whole đồng."""

    name: str
    collected: int
    refunded: int
    owed: int


class PersonBody(BaseModel):
    """Somebody of the dossier."""

    title: str
    name: str
    number: str
    phone: str
    address: str


class DossierBody(BaseModel):
    """A dossier for staff. `people` is null for whoever may not see personal data."""

    code: str
    official_code: str
    status: str
    status_text: str
    agency_status: int
    agency_text: str
    custody: str
    stage: str
    procedure: str
    procedure_name: str
    office: str
    desk: str
    department: str
    competence_reason: str
    opened_at: datetime
    expected_at_desk_on: date | None
    is_expected_provisional: bool
    due_at: datetime | None
    late_days: int
    items: list[ItemBody]
    papers: list[PaperBody]
    money: list[MoneyBody]
    people: list[PersonBody] | None


@router.post("", status_code=201, response_model=RegisteredBody, responses=documented(401, 403, 404, 409, 422))
def register(
    request: Request,
    response: Response,
    form: DossierForm,
    store: StoreDep,
    settings: SettingsDep,
    now: Now,
    below: Chance,
    actor: Annotated[Actor, acting(Permission.REGISTER)],
    idempotency_key: Annotated[str, Header(min_length=8, max_length=200, description="New for each dossier.")],
) -> RegisteredBody | Response:
    """Register a dossier. The same `Idempotency-Key` with the same content is the same dossier, however often sent."""
    entry = _Entry(form, request=_request_of(actor, idempotency_key))
    entered = entry.registration()
    if entry.errors:
        return errors.answer(
            request,
            422,
            code="wrong_fields",
            vi="Có ô chưa đúng: " + " ".join(entry.errors.values()),
            en="Some fields cannot be used: " + ", ".join(entry.errors),
            errors=[{"field": field, "detail": detail} for field, detail in entry.errors.items()],
        )
    made = registration.register(store, entered, by=actor, at=now, below=below)
    body = _registered(made, store=store, actor=actor, at=now, public_url=settings.public_url)
    response.headers["Location"] = body.href
    return body


@router.get("/{code}", responses=documented(401, 403, 404, 422))
def read(code: str, store: StoreDep, now: Now, actor: Annotated[Actor, acting(Permission.SEE_DOSSIERS)]) -> DossierBody:
    """Return a dossier to whoever's place takes part in it."""
    parsed = codes.parse(code, kind=CodeKind.DOSSIER).text
    page = dossiers.dossier_page(store, parsed, actor=actor, at=now)
    if page.sees_people:
        deps.note_view(store, actor=actor, subject=parsed, what="dossier_seen", at=now)
    return _body(page)


class _Entry:
    """Reads the body into a registration and collects a sentence for each field that cannot be used."""

    def __init__(self, form: DossierForm, *, request: str) -> None:
        self.form = form
        self.request = request
        self.errors: dict[str, str] = {}

    def registration(self) -> Registration:
        form = self.form
        sends_only = form.service is Service.SEND
        return Registration(
            service=form.service,
            procedure=form.procedure,
            sender=self._person("sender", form.sender),
            subject=self._person("subject", form.subject) if form.subject else None,
            case_commune=form.case_commune or form.sender.commune,
            papers=tuple(_paper(paper) for paper in form.papers),
            why_incomplete=form.why_incomplete,
            mode=form.mode,
            official_code=self._read(
                "official_code", form.official_code, lambda text: official.parse_official(text).text
            ),
            promised_at=self._promised_at(),
            weight_g=form.weight_g,
            seal=forms.line(form.seal),
            label=self._read("label", form.label, lambda text: codes.parse(text, kind=CodeKind.ITEM).text),
            postal_number=self._read("postal_number", form.postal_number, lambda text: official.parse_s10(text).text),
            postage=form.postage,
            postage_basis=self._basis("postage", form.postage, form.postage_basis),
            fees=form.fees,
            fees_basis=self._basis("fees", form.fees, form.fees_basis),
            payment=form.payment,
            return_way=ReturnWay.DESK if sends_only else form.result.way,
            return_place=self._return_place(),
            return_person=self._receiver(),
            desk=form.desk,
            department=form.department,
            note=form.note,
            request=self.request,
        )

    def _read(self, field: str, text: str, parse: Callable[[str], str]) -> str:
        try:
            return parse(text) if text else ""
        except Refused as refused:
            self.errors[field] = str(refused)
            return ""

    def _person(self, field: str, form: PersonForm, *, is_receiver: bool = False) -> Person:
        if not is_receiver and not (form.identity_number or form.passport or form.tax_code):
            self.errors[f"{field}.identity_number"] = "Nhập số căn cước (12 số), số hộ chiếu hoặc mã số thuế."
        return Person(
            name=forms.line(form.name),
            kind="organisation" if form.tax_code else "person",
            identity_number=self._read(
                f"{field}.identity_number", form.identity_number, identity.parse_identity_number
            ),
            passport=self._read(f"{field}.passport", form.passport, identity.parse_passport),
            tax_code=self._read(f"{field}.tax_code", form.tax_code, identity.parse_tax_code),
            phone=self._read(f"{field}.phone", form.phone, identity.parse_phone),
            email=forms.line(form.email),
            address=forms.line(form.address),
            commune=form.commune,
        )

    def _receiver(self) -> Person | None:
        person = self.form.result.person
        if person is None or self.form.service is Service.SEND:
            return None
        return self._person("result.person", person, is_receiver=True)

    def _return_place(self) -> str:
        result = self.form.result
        if self.form.service is Service.SEND or result.way is not ReturnWay.POST_OFFICE:
            return ""
        if not result.place:
            self.errors["result.place"] = "Chọn bưu cục nơi khách đến nhận kết quả."
        return result.place

    def _basis(self, field: str, amount: int, basis: str) -> str:
        if amount and not basis.strip():
            self.errors[f"{field}_basis"] = "Ghi căn cứ của khoản thu này."
        return forms.line(basis)

    def _promised_at(self) -> datetime | None:
        if self.form.mode is ReceptionMode.B and self.form.promised_at is None:
            self.errors["promised_at"] = "Nhập ngày hẹn trả ghi trên Giấy tiếp nhận."
        return self.form.promised_at


def _request_of(actor: Actor, key: str) -> str:
    """Return the number of a request: two accounts that choose the same key do not meet."""
    return hashlib.sha256(f"{actor.account}|{key}".encode()).hexdigest()


def _paper(form: PaperForm) -> PaperEntry:
    return PaperEntry(
        name=forms.line(form.name),
        originals=form.originals,
        certified=form.certified,
        copies=form.copies,
        to_return=form.to_return,
    )


def _registered(made: AtCounter, *, store: StoreDep, actor: Actor, at: datetime, public_url: str) -> RegisteredBody:
    page = dossiers.dossier_page(store, made.dossier.code, actor=actor, at=at)
    is_first = made.receipt.serial == 1
    return RegisteredBody(
        code=made.dossier.code,
        item=made.item.code if made.item else None,
        secret_url=f"{public_url.rstrip('/')}/{made.receipt.secret}" if is_first else None,
        pin=made.receipt.pin if is_first else None,
        desk=page.desk,
        department=page.department,
        competence_reason=page.competence_reason,
        expected_at_desk_on=page.expected_on,
        href=f"/api/v1/dossiers/{made.dossier.code}",
    )


def _body(page: DossierPage) -> DossierBody:
    return DossierBody(
        code=page.code,
        official_code=page.official_code,
        status=page.word.value,
        status_text=page.status,
        agency_status=int(page.agency_status),
        agency_text=page.agency,
        custody=page.custody,
        stage=page.stage,
        procedure=page.procedure_code,
        procedure_name=page.procedure,
        office=page.office,
        desk=page.desk,
        department=page.department,
        competence_reason=page.competence_reason,
        opened_at=calendars.local(page.opened_at),
        expected_at_desk_on=page.expected_on,
        is_expected_provisional=page.is_expected_provisional,
        due_at=calendars.local(page.due.shown_at) if page.due.shown_at else None,
        late_days=page.due.late_days,
        items=[_item(item) for item in page.items],
        papers=[_read_paper(paper) for paper in page.papers],
        money=[_money(line) for line in page.money],
        people=[_read_person(person) for person in page.people] if page.sees_people else None,
    )


def _item(line: dossiers.ItemLine) -> ItemBody:
    return ItemBody(
        code=line.code,
        kind=line.kind,
        custody=line.custody,
        holder=line.holder,
        offered_to=line.offered_to,
        destination=line.destination,
        seal=line.seal,
        postal_number=line.postal_number,
    )


def _read_paper(line: dossiers.PaperLine) -> PaperBody:
    return PaperBody(
        name=line.name,
        originals=line.originals,
        certified=line.certified,
        copies=line.copies,
        to_return=line.to_return,
    )


def _money(line: dossiers.MoneyLine) -> MoneyBody:
    return MoneyBody(name=line.name, collected=line.collected, refunded=line.refunded, owed=line.owed)


def _read_person(person: dossiers.PersonView) -> PersonBody:
    return PersonBody(
        title=person.title, name=person.name, number=person.number, phone=person.phone, address=person.address
    )

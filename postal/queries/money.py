"""What a dossier owes and what was paid for it: the same at every post office, nothing personal in it; receipts."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select

from postal.domain import calendars, cash, codes, events, garbling, permissions
from postal.domain import money as books
from postal.domain.cash import InTill
from postal.domain.codes import Code, CodeKind
from postal.domain.dossier import AGENCY_STATUS_NAMES, AgencyStatus, Dossier
from postal.domain.events import Collected, Event, MoneyLedger, Payment
from postal.domain.lifecycle import UnknownCode
from postal.domain.people import Actor, Person
from postal.domain.permissions import Permission
from postal.domain.places import Place
from postal.domain.refusals import Refused
from postal.domain.scans import Official, OurCode, ReceiptSecret, Scan
from postal.queries import receivers, refunds
from postal.queries.refunds import LatePostage
from postal.store import Reader, Store
from postal.store.tables import DossierRow, ItemRow, table_of

PAYMENTS: dict[Payment, str] = {
    Payment.CASH: "Tiền mặt",
    Payment.TRANSFER: "Chuyển khoản",
    Payment.LATER: "Thu sau",
}
PAYMENT_CHOICES = ((Payment.CASH.value, "Tiền mặt"), (Payment.TRANSFER.value, "Chuyển khoản vào tài khoản bưu cục"))

NAMES: dict[MoneyLedger, str] = {
    MoneyLedger.FEES: "Phí, lệ phí (của cơ quan)",
    MoneyLedger.POSTAGE: "Cước (của bưu điện)",
}


class NoSuchDossier(UnknownCode):
    """Nobody knows the code that somebody wants to pay for."""

    code = "no_such_dossier"
    vi = "Không có hồ sơ nào mang mã “{text}”. Quét mã trên phiếu gửi, hoặc gõ mã hồ sơ in trên giấy hẹn."
    en = "No dossier has the code “{text}”."


class SeveralDossiers(Refused):
    """Two desks gave the same code, or a keyboard made the code of one dossier that of another."""

    code = "several_dossiers"
    vi = "Mã “{text}” có thể là {count} hồ sơ khác nhau. Quét mã trên phiếu gửi để thu đúng hồ sơ."
    en = "The code “{text}” may mean {count} dossiers. Scan the slip instead."


class NotYourMoney(permissions.Forbidden):
    """A hand-over of money is seen by its two sides."""

    code = "not_your_money"
    vi = "Phiếu {paper} là của đơn vị khác nên không xem được. Hỏi bên giao hoặc bên nhận ghi trên phiếu."
    en = "Paper {paper} belongs to other units."


@dataclass(frozen=True, kw_only=True, slots=True)
class FeeLine:
    """The fees of one dossier that lie somewhere."""

    dossier: str
    official_code: str
    payee: str
    amount: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ReceiptLine:
    """One payment of a dossier."""

    code: str
    ledger: str
    amount: int
    payment: str
    at: datetime
    office: str
    person: str
    printed: str
    can_open: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class FindPage:
    """The form that finds a dossier to pay for."""

    q: str = ""
    errors: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class PayPage:
    """What a dossier owes, what was paid, and what may be given back here."""

    code: str
    official_code: str
    procedure: str
    status: str
    waits_for_payment: bool
    fees_owed: int
    fees_payee: str
    fees_basis: str
    postage_owed: int
    receipts: tuple[ReceiptLine, ...]
    totals: tuple[tuple[str, int, int, int, int], ...]
    refundable: tuple[tuple[str, str], ...]
    can_refund: bool
    payments: tuple[tuple[str, str], ...]
    grounds: tuple[tuple[str, str], ...]
    late: LatePostage | None
    request: str
    errors: dict[str, str] = field(default_factory=dict)
    typed: dict[str, str] = field(default_factory=dict)

    @property
    def owes(self) -> bool:
        """Tell whether there is anything to pay."""
        return bool(self.fees_owed or self.postage_owed)


@dataclass(frozen=True, kw_only=True, slots=True)
class ReceiptPage:
    """One receipt as it is printed."""

    code: str
    dossier: str
    official_code: str
    is_fees: bool
    printed: str
    office: str
    payer: str
    address: str
    payee: str
    basis: str
    amount: int
    payment: str
    at: datetime
    cashier: str
    sees_people: bool
    in_words: str = ""


def find_dossier(store: Store, scan: Scan, *, typed: str) -> str:
    """Return the dossier of its code, an envelope, a receipt, a citizen's copy or the desk's own code.

    Raises: NoSuchDossier, SeveralDossiers.
    """
    with store.read() as reader:
        found = list(_found(reader, scan))
    if len(found) > 1:
        raise SeveralDossiers(text=typed, count=len(found))
    if not found:
        raise NoSuchDossier(text=typed)
    return found[0]


def pay_page(store: Store, code: str, *, actor: Actor, at: datetime, request: str) -> PayPage:
    """Return what a dossier owes and paid, at any post office, without anything personal. Raises: UnknownCode."""
    with store.read() as reader:
        dossier = _dossier(reader, code)
        happened = [event for *_, event in reader.events([code])]
        places = reader.reference.places(_places(dossier, happened))
        names = receivers.names_of(reader, {event.by.account for event in happened})
        may_refund = permissions.may(actor, Permission.REFUND)
        return PayPage(
            code=code,
            official_code=dossier.official_code,
            procedure=_procedure(reader, dossier),
            status=AGENCY_STATUS_NAMES[dossier.status],
            waits_for_payment=dossier.status is AgencyStatus.PAYMENT,
            fees_owed=dossier.fees.owed,
            fees_payee=place_name(places, payee_of(dossier)),
            fees_basis=books.last_basis(happened, MoneyLedger.FEES),
            postage_owed=dossier.postage.owed,
            receipts=tuple(_receipt_lines(happened, places=places, names=names)),
            totals=tuple(_totals(dossier)),
            refundable=tuple(
                (ledger.value, f"{NAMES[ledger]}, còn {cash.grouped(dossier.money(ledger).balance)} đ")
                for ledger in NAMES
                if dossier.money(ledger).balance
            ),
            can_refund=may_refund and bool(dossier.fees.balance or dossier.postage.balance),
            payments=PAYMENT_CHOICES,
            grounds=tuple((ground.value, words) for ground, words in books.REFUND_GROUNDS.items()),
            late=refunds.of_dossier(reader, dossier, at=at),
            request=request,
        )


def receipt_page(store: Store, code: str, *, actor: Actor) -> ReceiptPage:
    """Return a receipt for the office that wrote it and for who takes part in its dossier; the payer as far as allowed.

    Raises: UnknownCode, NotYourMoney.
    """
    with store.read() as reader:
        dossier, event = _receipt(reader, code)
        takes_part = actor.place in (event.by.place, dossier.office, dossier.desk, dossier.department)
        if not takes_part:
            raise NotYourMoney(paper=codes.shown(code))
        return _printable(reader, dossier, event, people=_people(reader, [dossier.code], actor), actor=actor)


def receipt_pages(
    reader: Reader, receipts: Sequence[tuple[str, Collected]], *, actor: Actor
) -> tuple[ReceiptPage, ...]:
    """Return receipts of some dossiers as they are printed, in the order given."""
    codes_ = sorted({dossier for dossier, _ in receipts})
    dossiers = reader.many(Dossier, codes_)
    people = _people(reader, codes_, actor)
    return tuple(
        _printable(reader, dossiers[dossier], event, people=people, actor=actor) for dossier, event in receipts
    )


def is_receipt(store: Store, code: str) -> bool:
    """Tell whether a money paper's code is a receipt's; else it is a hand-over's, or nobody's."""
    with store.read() as reader:
        return reader.requests.answer(code, content=code) is not None


def receipts_told(reader: Reader, happened: Iterable[Event]) -> tuple[str, ...]:
    """Return in words what the post took of the fees that the authority asked for last."""
    since: list[Collected] = []
    for event in happened:
        if isinstance(event, events.PaymentAsked):
            since = []
        elif isinstance(event, Collected) and event.ledger is MoneyLedger.FEES and event.receipt:
            since.append(event)
    places = reader.reference.places({event.by.place for event in since})
    return tuple(
        f"Đã thu {cash.grouped(event.amount)} đ tại {place_name(places, event.by.place)}, "
        f"{calendars.written(calendars.local(event.occurred_at).date())}, biên lai {codes.shown(event.receipt)}"
        for event in since
    )


# --- for the other pages of money -------------------------------------------------------------------------------------


def payee_of(dossier: Dossier) -> str:
    """Return the place that the fees of a dossier belong to: who asked for them, else who decides."""
    return dossier.fees_payee or dossier.department or dossier.desk


def fee_lines(reader: Reader, held: InTill) -> tuple[FeeLine, ...]:
    """Return the fees of some money dossier by dossier; what a count found too much or too little is none."""
    found = reader.many(Dossier, [code for code in held.fees if code])
    places = reader.reference.places({payee_of(dossier) for dossier in found.values()})
    return tuple(
        FeeLine(
            dossier=code,
            official_code=found[code].official_code,
            payee=place_name(places, payee_of(found[code])),
            amount=amount,
        )
        for code, amount in held.fees.items()
        if code in found
    )


def receipt_codes(reader: Reader, dossiers: Sequence[str]) -> dict[str, str]:
    """Return the receipts for fees of some dossiers, as they are printed on a list."""
    found: dict[str, list[str]] = {code: [] for code in dossiers}
    for stream, _, _, event in reader.events(dossiers):
        if isinstance(event, Collected) and event.ledger is MoneyLedger.FEES and event.receipt:
            found[stream].append(codes.shown(event.receipt))
    return {code: " ".join(receipts) for code, receipts in found.items()}


def place_name(places: Mapping[str, Place], code: str) -> str:
    """Return what a place is called, its code when nobody knows it."""
    return places[code].name if code in places else code


# --- steps ------------------------------------------------------------------------------------------------------------


def _people(reader: Reader, dossiers: Sequence[str], actor: Actor) -> Mapping[tuple[str, str], Person]:
    """Return who takes part in dossiers, as far as the actor may read it."""
    return reader.people.of(dossiers) if permissions.may(actor, Permission.SEE_PERSONAL_DATA) else {}


def _printable(
    reader: Reader, dossier: Dossier, event: Collected, *, people: Mapping[tuple[str, str], Person], actor: Actor
) -> ReceiptPage:
    payer = people.get((dossier.code, "sender")) or people.get((dossier.code, "subject"))
    places = reader.reference.places([event.by.place, payee_of(dossier)])
    is_fees = event.ledger is MoneyLedger.FEES
    return ReceiptPage(
        code=event.receipt,
        dossier=dossier.code,
        official_code=dossier.official_code,
        is_fees=is_fees,
        printed=event.printed,
        office=place_name(places, event.by.place),
        payer=payer.name if payer else "",
        address=payer.address if payer else "",
        payee=place_name(places, payee_of(dossier)) if is_fees else "",
        basis=event.basis,
        amount=event.amount,
        payment=PAYMENTS[event.payment],
        at=event.occurred_at,
        cashier=receivers.names_of(reader, {event.by.account}).get(event.by.account, ""),
        sees_people=permissions.may(actor, Permission.SEE_PERSONAL_DATA),
    )


def _receipt(reader: Reader, code: str) -> tuple[Dossier, Collected]:
    """Return the payment that a receipt's code names and its dossier. Raises: UnknownCode."""
    owner = reader.requests.answer(code, content=code)
    if owner is not None:
        for *_, event in reader.events([owner]):
            if isinstance(event, Collected) and event.receipt == code:
                return _dossier(reader, owner), event
    raise UnknownCode(thing=codes.shown(code))


def _totals(dossier: Dossier) -> Iterator[tuple[str, int, int, int, int]]:
    """Yield of each ledger its name and what was collected, refunded, remitted and is still owed."""
    for ledger, name in NAMES.items():
        sums = dossier.money(ledger)
        yield name, sums.collected, sums.refunded, sums.remitted, sums.owed


def _receipt_lines(
    happened: Sequence[Event], *, places: Mapping[str, Place], names: Mapping[str, str]
) -> Iterator[ReceiptLine]:
    for event in happened:
        if isinstance(event, Collected) and event.payment is not Payment.LATER:
            yield ReceiptLine(
                code=event.receipt,
                ledger=NAMES[event.ledger],
                amount=event.amount,
                payment=PAYMENTS[event.payment],
                at=event.occurred_at,
                office=place_name(places, event.by.place),
                person=names.get(event.by.account, ""),
                printed=event.printed,
                can_open=bool(event.receipt),
            )


def _found(reader: Reader, scan: Scan) -> Iterator[str]:
    match scan:
        case OurCode(code=code):
            yield from filter(None, [_of_code(reader, code)])
        case ReceiptSecret(raw=raw):
            yield from filter(None, map(reader.receipts.dossier_of, garbling.twins(codes.encode_secret(raw))))
        case Official(code=official):
            table = table_of(DossierRow)
            query = select(table.c.code).where(table.c.official_code.in_(garbling.twins(official.text)))
            yield from (str(row.code) for row in reader.rows(query))


def _of_code(reader: Reader, code: Code) -> str:
    if code.kind is CodeKind.DOSSIER:
        return code.text if reader.thing(Dossier, code.text) else ""
    if code.kind is CodeKind.ITEM:
        table = table_of(ItemRow)
        return str(reader.scalar(select(table.c.dossier).where(table.c.code == code.text)) or "")
    return reader.requests.answer(code.text, content=code.text) or ""


def _dossier(reader: Reader, code: str) -> Dossier:
    dossier = reader.thing(Dossier, code)
    if dossier is None:
        raise UnknownCode(thing=codes.shown(code))
    return dossier


def _procedure(reader: Reader, dossier: Dossier) -> str:
    found = reader.reference.procedure_versions([(dossier.procedure, dossier.procedure_version)])
    version = found.get((dossier.procedure, dossier.procedure_version))
    return version.name if version else dossier.procedure


def _places(dossier: Dossier, happened: Iterable[Event]) -> set[str]:
    return {payee_of(dossier), *(event.by.place for event in happened if isinstance(event, Collected))} - {""}

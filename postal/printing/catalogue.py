"""Every form there is by its name, for whoever runs this machine: which code it wants, and how it is printed."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import TypeVar

from postal.domain import codes, forms, register
from postal.domain.bag import Bag
from postal.domain.cash import CashHandover
from postal.domain.codes import CodeKind
from postal.domain.dispatch import Dispatch
from postal.domain.dossier import Dossier
from postal.domain.events import ItemKind
from postal.domain.forms import FORM_NAMES, FormKind
from postal.domain.handover import HandoverRecord
from postal.domain.incident import Incident
from postal.domain.item import Item
from postal.domain.lifecycle import UnknownCode
from postal.domain.people import Actor, Role
from postal.domain.refusals import Refused
from postal.domain.run import DeliveryRun
from postal.printing import legal, papers, records
from postal.queries import (
    bags,
    handovers,
    incidents,
    invitations,
    money,
    prints,
    remittances,
    runsheets,
    slips,
    supplement_prints,
    trips,
)
from postal.queries import forms as form_queries
from postal.queries import register as register_queries
from postal.settings import Settings
from postal.store import Store

T = TypeVar("T", Dossier, Item, Bag, Dispatch, HandoverRecord, DeliveryRun, Incident, CashHandover)

OPERATOR = "terminal"
NUMBERED = re.compile(r"mau-0?([1-9])")
BOOK = re.compile(r"(?P<desk>[^/\s]+?)(/(?P<year>\d{4})(-(?P<month>\d{2}))?)?(/q(?P<serial>\d+))?", re.IGNORECASE)


class NoSuchName(Refused):
    """Nobody knows a form of this name."""

    code = "no_such_form_name"
    vi = "Không có mẫu “{name}”. Có: {known}."
    en = "There is no form “{name}”. There are: {known}."


class WrongThing(Refused):
    """A form wants another kind of code."""

    code = "form_wants_another_code"
    vi = "“{name}” in theo {wanted}, không in theo “{given}”. Mã này in được: {possible}."
    en = "“{name}” is printed for {wanted}, not for “{given}”. This code prints: {possible}."


class WrongFile(Refused):
    """A form is paper; the register is also a table."""

    code = "wrong_kind_of_file"
    vi = "Không ghi được mẫu này thành tệp “.{kind}”. Dùng: {known}."
    en = "This form cannot be written as “.{kind}”. Use: {known}."


@dataclass(frozen=True, kw_only=True, slots=True)
class Printed:
    """A file, its kind (pdf, xlsx, csv), and what the audit trail says of it."""

    content: bytes
    kind: str
    what: str
    subject: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Desk:
    """What a form is printed with: the store, the settings, the time, and which kind of file is wanted."""

    store: Store
    settings: Settings
    at: datetime
    kind: str = "pdf"

    def operator(self, place: str) -> Actor:
        """Return whoever runs this machine as somebody acting at a place: he holds the keys of the data anyway."""
        return Actor(account=OPERATOR, name="Quản trị máy chủ", place=place, roles=frozenset(Role))


Maker = Callable[[Desk, str], Printed]


@dataclass(frozen=True, kw_only=True, slots=True)
class Named:
    """A form by name: what it is, the kinds of code it is printed for, and how."""

    title: str
    wants: tuple[CodeKind, ...]
    make: Maker


def names() -> tuple[str, ...]:
    """Return the name of every form, forms of the circular by number first."""
    return (*(f"mau-{number:02d}" for number in range(1, 8)), *NAMED)


def printed(name: str, code: str, *, desk: Desk) -> Printed:
    """Return a form. Raises: NoSuchName, WrongThing, and what the form itself refuses."""
    number = NUMBERED.fullmatch(name.strip().lower())
    if number is not None and int(number[1]) <= max(forms.FORM_SETS[-1].numbers.values()):
        return _numbered(desk, int(number[1]), code)
    named = NAMED.get(name.strip().lower())
    if named is None:
        raise NoSuchName(name=name, known=", ".join(names()))
    if desk.kind != "pdf" and named.make is not _register:
        raise WrongFile(kind=desk.kind, known="pdf")
    return named.make(desk, _parsed(name, named, code) if named.wants else code)


def _parsed(name: str, named: Named, code: str) -> str:
    try:
        parsed = codes.parse(code)
    except Refused:
        wanted = _words(named.wants)
        raise WrongThing(name=name, wanted=wanted, given=code, possible="không mẫu nào, mã chưa đúng") from None
    if parsed.kind not in named.wants:
        possible = [each for each, other in NAMED.items() if parsed.kind in other.wants]
        possible += ["mau-01 … mau-06"] if parsed.kind is CodeKind.DOSSIER else []
        raise WrongThing(name=name, wanted=_words(named.wants), given=code, possible=", ".join(possible) or "không có")
    return parsed.text


_KINDS: Mapping[CodeKind, str] = MappingProxyType(
    {
        CodeKind.DOSSIER: "mã hồ sơ",
        CodeKind.ITEM: "mã bưu gửi (P…)",
        CodeKind.BAG: "mã túi (T…)",
        CodeKind.DISPATCH: "mã chuyến thư (C…)",
        CodeKind.HANDOVER: "mã biên bản (G…)",
        CodeKind.RUN: "mã chuyến phát (R…)",
        CodeKind.INCIDENT: "mã biên bản sự cố (N…)",
        CodeKind.CASH: "mã giấy tờ tiền (B…)",
    }
)


def _words(kinds: tuple[CodeKind, ...]) -> str:
    return " hoặc ".join(_KINDS[kind] for kind in kinds)


# --- forms of the circular --------------------------------------------------------------------------------------------


def _numbered(desk: Desk, number: int, code: str) -> Printed:
    """Print the form that had this number when the dossier was received, or when the book was opened."""
    try:
        dossier = codes.parse(code, kind=CodeKind.DOSSIER).text
    except Refused:
        return _register(desk, code, number=number)
    if desk.kind != "pdf":
        raise WrongFile(kind=desk.kind, known="pdf")
    return _legal(desk, dossier, form_queries.numbered(desk.store, dossier, number, at=desk.at))


def _legal(desk: Desk, code: str, kind: FormKind) -> Printed:
    dossier = _thing(desk, Dossier, code)
    value = form_queries.form_print(desk.store, code, kind, actor=desk.operator(dossier.desk), at=desk.at)
    return _pdf(legal.form_pdf(value, settings=desk.settings), what="form_printed", subject=code)


def _of_kind(kind: FormKind) -> Maker:
    return lambda desk, code: _legal(desk, code, kind)


def _register(desk: Desk, code: str, *, number: int | None = None) -> Printed:
    """Print a register: DESK, DESK/2026, DESK/2026-11, and /q2 for its second book."""
    found = BOOK.fullmatch(code.strip())
    if found is None or (number is not None and not _is_desk(desk, found["desk"])):
        name = f"mau-{number:02d}" if number else FormKind.REGISTER.value
        wanted = "mã hồ sơ, hoặc nơi và năm của sổ như MC-T48/2026, MC-T48/2026-11"
        raise WrongThing(name=name, wanted=wanted, given=code, possible="không mẫu nào, mã chưa đúng")
    year = int(found["year"]) if found["year"] else register.year_of(desk.at)
    value = register_queries.register_print(
        desk.store,
        found["desk"],
        actor=desk.operator(found["desk"]),
        at=desk.at,
        year=year,
        serial=int(found["serial"] or 0),
        month=int(found["month"] or 0),
    )
    if number is not None and value.form != forms.label(number):
        in_force = next(each for each in forms.FORM_SETS if each.title == value.basis)
        raise forms.NoSuchForm(
            circular=in_force.circular, form=f"{forms.label(number)} cho sổ năm {year}", known=in_force.known
        )
    if desk.kind not in REGISTER_FILES:
        raise WrongFile(kind=desk.kind, known=", ".join(REGISTER_FILES))
    content = REGISTER_FILES[desk.kind](value)
    return Printed(content=content, kind=desk.kind, what="register_exported", subject=found["desk"])


def _is_desk(desk: Desk, code: str) -> bool:
    with desk.store.read() as reader:
        return code in reader.reference.places([code])


def _results(desk: Desk, code: str) -> Printed:
    record = _thing(desk, HandoverRecord, code)
    value = form_queries.results_print(desk.store, code, actor=desk.operator(record.giver.place), at=desk.at)
    return _pdf(legal.results_pdf(value), what="results_printed", subject=code)


# --- papers of the post -----------------------------------------------------------------------------------------------


def _slip(desk: Desk, code: str) -> Printed:
    if codes.parse(code).kind is CodeKind.DOSSIER:
        return _receipt(desk, code)
    item = _thing(desk, Item, code)
    actor = desk.operator(item.origin)
    if item.kind is ItemKind.SUPPLEMENT:
        brought = supplement_prints.receipt(desk.store, code, actor=actor)
        content = papers.supplement_receipt_pdf(brought, settings=desk.settings)
        return _pdf(content, what="supplement_receipt_printed", subject=code)
    content = papers.result_slips_pdf(slips.slips(desk.store, [code], actor=actor), settings=desk.settings)
    return _pdf(content, what="result_slip_printed", subject=code)


def _receipt(desk: Desk, code: str) -> Printed:
    """Print the contract, with the citizen's copy where it has not left the house."""
    dossier = _thing(desk, Dossier, code)
    if not dossier.office:
        raise prints.NoReceipt(dossier=codes.shown(code), why="hồ sơ không nộp qua bưu điện")
    actor = desk.operator(dossier.office)
    try:
        value = prints.receipt(desk.store, code, actor=actor, at=desk.at, for_citizen=True)
    except prints.CopyIsOut:
        value = prints.receipt(desk.store, code, actor=actor, at=desk.at, for_citizen=False)
    return _pdf(papers.receipt_pdf(value, settings=desk.settings), what="receipt_printed", subject=code)


def _guidance(desk: Desk, code: str) -> Printed:
    actor = desk.operator(_thing(desk, Dossier, code).office)
    value = prints.guidance(desk.store, code, actor=actor)
    return _pdf(papers.guidance_pdf(value, settings=desk.settings), what="guidance_printed", subject=code)


def _label(desk: Desk, code: str) -> Printed:
    actor = desk.operator(_thing(desk, Item, code).origin)
    return _pdf(papers.label_pdf((prints.label(desk.store, code, actor=actor),)), what="label_printed", subject=code)


def _handover(desk: Desk, code: str) -> Printed:
    record = _thing(desk, HandoverRecord, code)
    page = handovers.record_page(desk.store, code, actor=desk.operator(record.giver.place or record.receiver.place))
    return _pdf(records.handover_pdf(page), what="record_printed", subject=code)


def _invitation(desk: Desk, code: str) -> Printed:
    actor = desk.operator(_thing(desk, Item, code).custodian.place)
    letter = invitations.letter(desk.store, code, actor=actor, at=desk.at)
    return _pdf(papers.invitation_pdf([letter], settings=desk.settings), what="invitation_printed", subject=code)


def _incident(desk: Desk, code: str) -> Printed:
    actor = desk.operator(_thing(desk, Incident, code).owner)
    value = incidents.incident_print(desk.store, code, actor=actor)
    return _pdf(papers.incident_pdf(value), what="incident_printed", subject=code)


def _manifest(desk: Desk, code: str) -> Printed:
    actor = desk.operator(_thing(desk, Bag, code).origin)
    return _pdf(
        records.manifest_pdf(bags.manifest(desk.store, code, actor=actor)), what="manifest_printed", subject=code
    )


def _bag_label(desk: Desk, code: str) -> Printed:
    value = bags.label(desk.store, code, actor=desk.operator(_thing(desk, Bag, code).origin))
    return _pdf(records.bag_label_pdf(value), what="label_printed", subject=code)


def _trip(desk: Desk, code: str) -> Printed:
    actor = desk.operator(_thing(desk, Dispatch, code).origin)
    page = trips.trip_page(desk.store, code, actor=actor, at=desk.at)
    return _pdf(records.trip_list_pdf(page), what="manifest_printed", subject=code)


def _run(desk: Desk, code: str) -> Printed:
    actor = desk.operator(_thing(desk, DeliveryRun, code).office)
    page = runsheets.sheet_page(desk.store, code, actor=actor, at=desk.at)
    return _pdf(records.runsheet_pdf(page), what="run_printed", subject=code)


def _money_receipt(desk: Desk, code: str) -> Printed:
    with desk.store.read() as reader:
        owner = reader.requests.answer(code, content=code)
        dossier = reader.thing(Dossier, owner) if owner else None
    if dossier is None:
        raise UnknownCode(thing=codes.shown(code))
    value = money.receipt_page(desk.store, code, actor=desk.operator(dossier.office or dossier.desk))
    return _pdf(records.money_receipts_pdf([value]), what="money_receipt_printed", subject=value.dossier)


def _money_list(desk: Desk, code: str) -> Printed:
    paper = _thing(desk, CashHandover, code)
    if paper.giver is None:
        raise UnknownCode(thing=codes.shown(code))
    page = remittances.cash_page(desk.store, code, actor=desk.operator(paper.giver.place))
    return _pdf(records.money_list_pdf(page), what="money_list_printed", subject=code)


def _thing(desk: Desk, kind: type[T], code: str) -> T:
    """Return a thing by its code. Raises: UnknownCode."""
    with desk.store.read() as reader:
        found = reader.thing(kind, code)
    if found is None:
        raise UnknownCode(thing=codes.shown(code))
    return found


def _pdf(content: bytes, *, what: str, subject: str) -> Printed:
    return Printed(content=content, kind="pdf", what=what, subject=subject)


REGISTER_FILES = {"pdf": legal.register_pdf, "xlsx": legal.register_xlsx, "csv": legal.register_csv}
_OF_DOSSIER = (CodeKind.DOSSIER,)

NAMED: Mapping[str, Named] = MappingProxyType(
    {
        **{
            kind.value: Named(title=FORM_NAMES[kind], wants=_OF_DOSSIER, make=_of_kind(kind))
            for kind in FormKind
            if kind is not FormKind.REGISTER
        },
        FormKind.REGISTER.value: Named(title=FORM_NAMES[FormKind.REGISTER], wants=(), make=_register),
        "phieu-gui": Named(title="Phiếu gửi hồ sơ, kết quả", wants=(CodeKind.DOSSIER, CodeKind.ITEM), make=_slip),
        "phieu-huong-dan": Named(title="Phiếu hướng dẫn", wants=_OF_DOSSIER, make=_guidance),
        "nhan": Named(title="Nhãn bưu gửi", wants=(CodeKind.ITEM,), make=_label),
        "bien-ban-giao-nhan": Named(title="Biên bản giao nhận hồ sơ", wants=(CodeKind.HANDOVER,), make=_handover),
        "phieu-ban-giao-ket-qua": Named(title="Phiếu bàn giao kết quả", wants=(CodeKind.HANDOVER,), make=_results),
        "giay-moi": Named(title="Giấy mời", wants=(CodeKind.ITEM,), make=_invitation),
        "bien-lai": Named(title="Biên lai thu phí, phiếu thu cước", wants=(CodeKind.CASH,), make=_money_receipt),
        "bang-ke-tien": Named(title="Bảng kê giao, nộp tiền", wants=(CodeKind.CASH,), make=_money_list),
        "bien-ban-su-co": Named(title="Biên bản sự cố", wants=(CodeKind.INCIDENT,), make=_incident),
        "bang-ke-tui": Named(title="Bảng kê túi", wants=(CodeKind.BAG,), make=_manifest),
        "nhan-tui": Named(title="Nhãn túi", wants=(CodeKind.BAG,), make=_bag_label),
        "bang-ke-chuyen": Named(title="Bảng kê chuyến thư", wants=(CodeKind.DISPATCH,), make=_trip),
        "danh-sach-phat": Named(title="Danh sách phát", wants=(CodeKind.RUN,), make=_run),
    }
)
"""Every form that is not asked for by its number."""

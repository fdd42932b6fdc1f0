"""The registration form while it is filled in: what a step looks up, what the page shows, what is saved in the end.

Every step sends the whole form and gets it back with more in it, so it works without any script; nothing typed is lost.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time

from postal.domain import calendars, codes, identity, official
from postal.domain.codes import CodeKind
from postal.domain.events import Payment, ReceptionMode, ReturnWay, Service
from postal.domain.lifecycle import LabelBound
from postal.domain.official import WrongOfficialCode
from postal.domain.people import Actor, Person
from postal.domain.places import CommuneGone, NoLane, Place, PlaceKind, UnknownPlace
from postal.domain.procedures import NoCompetentPlace, NotCarriable, PaperRequired, UnknownProcedure
from postal.domain.refusals import Refused
from postal.queries import counter, procedures
from postal.queries.counter import KnownSender, RouteView, SameToday
from postal.queries.places import CommuneFound
from postal.queries.procedures import ProcedureFound, ProcedurePage
from postal.services import registration
from postal.services.agency import OfficialCodeTaken
from postal.services.registration import PaperEntry, Registration
from postal.web import filters, forms
from postal.web.deps import StoreDep
from postal.web.forms import Filled, Form

COMMUNES = ("sender", "case", "receiver")
"""The three places in the form where a commune is typed."""

FREE_LINES = 3
MOST_LINES = 60
HEAVIEST_G = 30_000
CLOSING = time(17, 0)
POSTED_PRICE = "Giá cước niêm yết tại bưu cục"

_PARSERS = {
    "identity": identity.parse_identity_number,
    "passport": identity.parse_passport,
    "organisation": identity.parse_tax_code,
}
_ASK_FOR_NUMBER = {
    "identity": "Nhập số căn cước (12 số).",
    "passport": "Nhập số hộ chiếu.",
    "organisation": "Nhập mã số thuế của tổ chức.",
}

FIELD_OF: dict[type[Refused], str] = {
    LabelBound: "label",
    registration.MissingPaper: "papers",
    registration.NoPapers: "papers",
    registration.NothingMissing: "papers",
    registration.NoReturnAddress: "sender_address",
    registration.NoOfficialCode: "official_code",
    OfficialCodeTaken: "official_code",
    WrongOfficialCode: "official_code",
    NotCarriable: "procedure_q",
    UnknownProcedure: "procedure_q",
    NoCompetentPlace: "desk",
    NoLane: "desk",
    CommuneGone: "sender_commune_q",
    UnknownPlace: "sender_commune_q",
}
"""Beside which field a refusal of the service is said; any other stands at the top."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PaperField:
    """A paper line of the form: counts as typed, and what the procedure's list asks for."""

    name: str = ""
    originals: str = ""
    certified: str = ""
    copies: str = ""
    to_return: bool = False
    asked: str = ""
    note: str = ""
    is_listed: bool = False
    is_required: bool = False

    @property
    def is_counted(self) -> bool:
        """Tell whether any number was typed."""
        return bool(self.originals or self.certified or self.copies)


@dataclass(frozen=True, kw_only=True, slots=True)
class NewDossierPage:
    """The registration form as the clerk sees it."""

    form: Filled
    communes: Mapping[str, tuple[CommuneFound, ...]]
    chosen: Mapping[str, str]
    procedure: ProcedurePage | None
    procedures: tuple[ProcedureFound, ...]
    papers: tuple[PaperField, ...]
    misses_papers: bool
    route: RouteView | None
    must_choose: bool
    desks: tuple[tuple[str, str], ...]
    departments: tuple[tuple[str, str], ...]
    offices: tuple[tuple[str, str], ...]
    same_today: SameToday | None
    filled_from: str
    focus: str

    @property
    def cannot_be_sent(self) -> bool:
        """Tell whether the post may not carry this procedure, so that only guidance is left."""
        return self.procedure is not None and not self.procedure.may_be_sent


class Draft:
    """A registration form in the making."""

    def __init__(self, typed: Mapping[str, str], *, store: StoreDep, actor: Actor, at: datetime) -> None:
        self.form = Form(typed)
        self.store = store
        self.actor = actor
        self.at = at
        self.today = calendars.local(at).date()
        self.here = counter.province_of(store, actor.place)
        self.matches: dict[str, tuple[CommuneFound, ...]] = {}
        self.chosen: dict[str, str] = {}
        self.procedures: tuple[ProcedureFound, ...] = ()
        self.procedure: ProcedurePage | None = None
        self.lines: list[PaperField] = []
        self.route: RouteView | None = None
        self.must_choose = False
        self.duplicate: SameToday | None = None
        self.filled_from = ""
        self.turn_to = ""
        """Where this step's answer stands, so that the page opens there."""
        self.seen: str = ""
        """The dossier whose sender was shown, for the audit trail."""

    # --- steps --------------------------------------------------------------------------------------------------------

    def take(self, step: str) -> None:
        """Do what a button asked for, then look everything up that can be."""
        self._pick(step)
        self._read_card()
        self._recall()
        for group in COMMUNES:
            self._find_commune(group)
        self._find_procedure()
        self._lay_out_papers()
        if step == "complete":
            self.lines = [_all_present(line, asked) for line, asked in self._lines_with_what_is_asked()]
        if step == "more_lines":
            self.lines += [PaperField()] * FREE_LINES
        self._find_route()

    def repeat(self, dossier: str) -> None:
        """Fill in the sender of an earlier dossier of this office."""
        known = counter.sender_of(self.store, dossier, actor=self.actor)
        if known is not None:
            self._fill_in(known)

    def _pick(self, step: str) -> None:
        """Take one of several offered matches: `commune:sender:20242`, `procedure:2.000635`."""
        what, _, rest = step.partition(":")
        if what == "procedure":
            self._choose_procedure(rest)
        if what == "commune":
            group, _, code = rest.partition(":")
            self._choose_commune(group, code)

    def _read_card(self) -> None:
        text = self.form.typed.get("card", "")
        if not text:
            return
        try:
            card = identity.parse_citizen_card(text)
        except Refused as refused:
            self.form.refuse("card", refused)
            return
        self.form.typed |= {
            "card": "",
            "sender_kind": "identity",
            "sender_number": card.number,
            "sender_name": card.full_name or self.form.typed.get("sender_name", ""),
            "sender_birth": card.born_on.isoformat() if card.born_on else "",
            "sender_sex": card.sex or "",
        }
        self.filled_from = "Đã điền từ căn cước. Đối chiếu ảnh trên thẻ với người gửi."
        self._read_address(card.address or "")

    def _read_address(self, address: str) -> None:
        """Split a card's address into street and commune: cards before July 2025 name a district, later ones do not.

        Where the old commune is not found, a district and a new commune of the same name look alike: the clerk chooses.
        """
        parts = [part.strip() for part in address.split(",") if part.strip()]
        for size in (3, 2):
            above = ", ".join(parts[-size:])
            if len(parts) >= size and counter.find_commune(self.store, above, near=self.here, on=self.today).matches:
                self.form.typed["sender_doubt"] = above if size == 2 and len(parts) > 3 else ""
                self.form.typed |= {
                    "sender_address": ", ".join(parts[:-size]),
                    "sender_commune_q": above,
                    "sender_commune": "",
                    "sender_commune_for": "",
                }
                return
        if address:
            self.form.typed["sender_address"] = address

    def _recall(self) -> None:
        """Fill in a returning sender, known here by phone or number."""
        typed = self.form.typed
        if typed.get("sender_name") or not (typed.get("sender_phone") or typed.get("sender_number")):
            return
        phone = _or_empty(identity.parse_phone, typed.get("sender_phone", ""))
        known = counter.known_sender(self.store, actor=self.actor, phone=phone, number=self._sender_number)
        if known is not None:
            self._fill_in(known)

    @property
    def _sender_number(self) -> str:
        return _or_empty(_PARSERS[self._kind("sender")], self.form.typed.get("sender_number", ""))

    def _kind(self, group: str) -> str:
        kind = self.form.typed.get(f"{group}_kind", "identity")
        return kind if kind in _PARSERS else "identity"

    def _fill_in(self, known: KnownSender) -> None:
        person = known.person
        self.form.typed |= {
            "sender_kind": _kind_of(person),
            "sender_number": person.proves_by,
            "sender_name": person.name,
            "sender_phone": person.phone.replace("+84", "0", 1),
            "sender_email": person.email,
            "sender_address": person.address,
            "sender_birth": person.birth,
            "sender_sex": person.sex,
        }
        if person.commune:
            self._choose_commune("sender", person.commune)
        self.seen = known.dossier
        self.filled_from = f"Đã điền từ hồ sơ {codes.shown(known.dossier)} của người này. Hỏi lại điện thoại, địa chỉ."

    # --- communes -----------------------------------------------------------------------------------------------------

    def _choose_commune(self, group: str, code: str) -> None:
        try:
            found = counter.commune_named(self.store, code, on=self.today)
        except (CommuneGone, UnknownPlace) as refused:
            self.form.refuse(f"{group}_commune_q", refused)
            return
        self._set_commune(group, found)

    def _set_commune(self, group: str, found: CommuneFound) -> None:
        text = f"{found.name}, {found.province}"
        self.form.typed |= {
            f"{group}_commune": found.code,
            f"{group}_commune_q": text,
            f"{group}_commune_for": text,
        }
        self.chosen[group] = found.label

    def _find_commune(self, group: str) -> None:
        typed = self.form.typed
        asked = typed.get(f"{group}_commune_q", "")
        if typed.get(f"{group}_commune") and asked == typed.get(f"{group}_commune_for"):
            self.chosen.setdefault(group, asked)
            return
        typed |= {f"{group}_commune": "", f"{group}_commune_for": ""}
        if not asked:
            return
        try:
            choice = counter.find_commune(self.store, asked, near=self.here, on=self.today)
        except (CommuneGone, UnknownPlace) as refused:
            self.form.refuse(f"{group}_commune_q", refused)
            return
        is_doubtful = group == "sender" and asked == typed.get("sender_doubt") and len(choice.matches) > 1
        if choice.chosen is not None and not is_doubtful:
            self._set_commune(group, choice.chosen)
        else:
            self.matches[group] = choice.matches
            self.turn_to = f"{group}_commune_q"

    def _commune(self, group: str, *, ask: str) -> str:
        """Return the commune chosen in a group, or say what is not clear; `ask` when nothing was typed."""
        field = f"{group}_commune_q"
        typed = self.form.typed.get(field, "")
        found = self.matches.get(group, ())
        if not typed and ask:
            self.form.refuse(field, ask)
        elif typed and not self.form.typed.get(f"{group}_commune"):
            self.form.refuse(field, _unclear(typed, found))
        return self.form.typed.get(f"{group}_commune", "")

    @property
    def _case_commune(self) -> str:
        return self.form.typed.get("case_commune") or self.form.typed.get("sender_commune", "")

    def _province_of(self, commune: str) -> str:
        """Return the province of a commune, this office's for none or one that nobody knows."""
        if not commune:
            return self.here
        try:
            return counter.commune_named(self.store, commune, on=self.today).province_code
        except (CommuneGone, UnknownPlace):
            return self.here

    # --- procedure and papers -----------------------------------------------------------------------------------------

    def _choose_procedure(self, code: str) -> None:
        typed = self.form.typed
        typed |= {"procedure": code, "procedure_for": typed.get("procedure_q", "")}

    def _find_procedure(self) -> None:
        typed = self.form.typed
        asked = typed.get("procedure_q", "")
        if asked and not (typed.get("procedure") and asked == typed.get("procedure_for")):
            choice = counter.find_procedure(self.store, asked, on=self.today)
            self.procedures = () if choice.chosen else choice.matches
            self._choose_procedure(choice.chosen)
            self.turn_to = self.turn_to or ("complete" if choice.chosen else "procedure_q")
        if not asked and not typed.get("procedure_for"):
            typed["procedure"] = ""
        if typed.get("procedure"):
            self._open_procedure(typed["procedure"])

    def _open_procedure(self, code: str) -> None:
        try:
            self.procedure = procedures.procedure(self.store, code, on=self.today)
        except UnknownProcedure as refused:
            self.form.refuse("procedure_q", refused)
            self.form.typed["procedure"] = ""

    def _lay_out_papers(self) -> None:
        """Show the list of the procedure; lines that were counted under another procedure stay as free lines."""
        typed_lines = list(self._typed_lines())
        code = self.form.typed.get("procedure", "")
        if self.form.typed.get("lines_for", "") == code and typed_lines:
            asked = self._asked()
            self.lines = [_as_listed(line, asked.get(line.name)) for line in typed_lines]
            return
        listed = [_fresh(paper) for paper in self._asked().values()]
        names = {line.name for line in listed}
        kept = [line for line in typed_lines if line.is_counted and line.name not in names]
        free = 1 if self.procedure is not None and self.procedure.version.papers_verified else FREE_LINES
        self.lines = [*listed, *kept, *[PaperField()] * free] if code else typed_lines
        self.form.typed["lines_for"] = code
        self._suggest_fee()

    def _suggest_fee(self) -> None:
        fee = self.procedure.version.fee if self.procedure else None
        if fee and not self.form.typed.get("fees"):
            assert self.procedure is not None
            self.form.typed |= {"fees": str(fee), "fees_basis": self.procedure.version.fee_basis}

    def _asked(self) -> dict[str, PaperRequired]:
        return {paper.name: paper for paper in self.procedure.papers} if self.procedure else {}

    def _lines_with_what_is_asked(self) -> Iterator[tuple[PaperField, PaperRequired | None]]:
        asked = self._asked()
        return ((line, asked.get(line.name)) for line in self.lines)

    def _typed_lines(self) -> Iterator[PaperField]:
        typed = self.form.typed.get("line_count", "")
        how_many = int(typed[:3]) if typed.isascii() and typed.isdigit() else 0
        for number in range(min(how_many, MOST_LINES)):
            of = {part: self.form.typed.get(f"line_{number}_{part}", "") for part in ("name", *_COUNTS, "to_return")}
            yield PaperField(
                name=of["name"],
                originals=of["originals"],
                certified=of["certified"],
                copies=of["copies"],
                to_return=bool(of["to_return"]),
            )

    def _entries(self) -> tuple[PaperEntry, ...]:
        """Return the lines that have a name; a number without a name is asked for one."""
        found: list[PaperEntry] = []
        for number, line in enumerate(self.lines):
            counts = {part: self._count(number, part, getattr(line, part)) for part in _COUNTS}
            if not line.name and any(counts.values()):
                self.form.refuse(f"line_{number}_name", "Nhập tên giấy tờ cho dòng đã có số lượng.")
            if line.name and (line.is_listed or line.is_counted or self._names_what_is_missing):
                name = self.form.parsed(f"line_{number}_name", forms.line, default=line.name)
                found.append(PaperEntry(name=name or line.name, to_return=line.to_return, **counts))
        return tuple(found)

    @property
    def _names_what_is_missing(self) -> bool:
        """Tell whether lines without a number name what is missing: on a list nobody has verified."""
        return self.procedure is not None and not self.procedure.version.papers_verified

    def _count(self, number: int, part: str, text: str) -> int:
        self.form.typed[f"line_{number}_{part}"] = text
        return self.form.count(f"line_{number}_{part}", most=999)

    # --- route --------------------------------------------------------------------------------------------------------

    def _find_route(self) -> None:
        if self.procedure is None or not self._case_commune:
            return
        typed = self.form.typed
        try:
            self.route = self._route()
        except NoCompetentPlace:
            self.must_choose = True
            if typed.get("desk") and typed.get("department"):
                self.route = self._chosen_route(desk=typed["desk"], department=typed["department"])
        except Refused as refused:
            self.form.refuse("desk", refused)

    def _route(self, *, desk: str = "", department: str = "") -> RouteView:
        return counter.route(
            self.store,
            procedure=self.form.typed["procedure"],
            case_commune=self._case_commune,
            office=self.actor.place,
            sends=self._service is not Service.RECEIVE,
            at=self.at,
            desk=desk,
            department=department,
        )

    def _chosen_route(self, *, desk: str, department: str) -> RouteView | None:
        try:
            return self._route(desk=desk, department=department)
        except Refused as refused:
            self.form.refuse("desk", refused)
            return None

    @property
    def _service(self) -> Service:
        return self.form.choice("service", Service, default=Service.BOTH)

    # --- saving -------------------------------------------------------------------------------------------------------

    def registration(self) -> Registration:
        """Return what was entered; `form.errors` says what of it cannot be used."""
        form = self.form
        service = self._service
        mode = form.choice("mode", ReceptionMode, default=ReceptionMode.A)
        chosen = self.must_choose
        way, receiver, place = self._return(service)
        return Registration(
            service=service,
            procedure=self.procedure.version.code if self.procedure else self._no_procedure(),
            sender=self._sender(),
            subject=self._subject() if self._is_typed("subject_number", "subject_name") else None,
            case_commune=self._commune("case", ask="") or self._commune("sender", ask="Chọn xã, phường của người gửi."),
            papers=self._entries() if service is not Service.RECEIVE else (),
            why_incomplete=form.text("why_incomplete", most=500),
            mode=mode,
            weight_g=form.count("weight", most=HEAVIEST_G) or None,
            seal=form.text("seal", most=40),
            postage=form.money("postage"),
            postage_basis=form.text("postage_basis"),
            fees=form.money("fees"),
            fees_basis=form.text("fees_basis"),
            payment=form.choice("payment", Payment, default=Payment.CASH),
            desk=form.typed.get("desk", "") if chosen else "",
            department=form.typed.get("department", "") if chosen else "",
            postal_number=form.parsed("postal_number", lambda text: official.parse_s10(text).text, default=""),
            official_code=form.parsed("official_code", lambda text: official.parse_official(text).text, default=""),
            promised_at=form.instant("promised_on", "promised_time", default=CLOSING),
            note=form.text("note", most=forms.LONGEST_TEXT),
            label=form.parsed("label", lambda text: codes.parse(text, kind=CodeKind.ITEM).text, default=""),
            request=form.typed.get("request", "")[:40],
            return_way=way,
            return_person=receiver,
            return_place=place,
        )

    def check(self) -> None:
        """Say what is missing before saving, beyond what cannot be read."""
        self._check_money()
        self._check_promise()
        self._check_places()
        self._check_duplicate()

    def forgive_all_but_papers(self) -> None:
        """Keep only what is wrong with the procedure and the papers: guidance needs nothing else."""
        kept = {field: why for field, why in self.form.errors.items() if field.startswith(("line_", "procedure"))}
        self.form.errors = kept

    def refuse(self, refused: Refused) -> None:
        """Say a refusal of the service beside its field."""
        field = next((FIELD_OF[kind] for kind in type(refused).__mro__ if kind in FIELD_OF), "form")
        self.form.refuse(field, refused)

    def _is_typed(self, *fields: str) -> bool:
        """Tell whether anything stands in one of several fields: then all of them are meant."""
        return any(self.form.typed.get(field) for field in fields)

    def _no_procedure(self) -> str:
        asked = self.form.typed.get("procedure_q")
        several = "Chọn một thủ tục trong danh sách tìm thấy."
        none = f"Chưa thấy thủ tục “{asked}”. Gõ tên tắt (ví dụ: khai sinh, lltp) hoặc mã thủ tục."
        first = "Chọn thủ tục: gõ tên tắt hoặc mã, rồi nhấn “Chọn thủ tục”."
        self.form.refuse("procedure_q", first if not asked else several if self.procedures else none)
        return ""

    def _sender(self) -> Person:
        form = self.form
        if not form.typed.get("sender_phone") and not form.ticked("no_phone"):
            form.refuse("sender_phone", "Nhập số điện thoại người gửi (10 số), hoặc chọn “Không có điện thoại”.")
        person = self._person("sender", ask="Nhập họ và tên người gửi.")
        return replace(
            person,
            birth=form.text("sender_birth"),
            sex=form.text("sender_sex"),
            phone=form.parsed("sender_phone", identity.parse_phone, default=""),
            email=form.text("sender_email"),
            address=form.text("sender_address"),
            commune=form.typed.get("sender_commune", ""),
        )

    def _subject(self) -> Person:
        return self._person("subject", ask="Nhập họ và tên người được nộp thay.")

    def _person(self, group: str, *, ask: str) -> Person:
        kind = self._kind(group)
        field = f"{group}_number"
        number = self.form.parsed(field, _PARSERS[kind], default="")
        if not self.form.typed.get(field):
            self.form.refuse(field, _ASK_FOR_NUMBER[kind])
        return Person(
            name=self._name(f"{group}_name", ask=ask),
            kind="organisation" if kind == "organisation" else "person",
            identity_number=number if kind == "identity" else "",
            passport=number if kind == "passport" else "",
            tax_code=number if kind == "organisation" else "",
        )

    def _name(self, field: str, *, ask: str) -> str:
        name = self.form.required(field, ask)
        if len(name) == 1:
            self.form.refuse(field, "Họ và tên có ít nhất 2 chữ cái. Nhập đủ họ và tên.")
        return name

    def _return(self, service: Service) -> tuple[ReturnWay, Person | None, str]:
        """Return how, to whom and where the result comes back; who only sends fetches it at the desk."""
        if service is Service.SEND:
            return ReturnWay.DESK, None, ""
        way = self.form.choice("return_way", ReturnWay, default=ReturnWay.HOME)
        place = self.form.typed.get("return_place", "") if way is ReturnWay.POST_OFFICE else ""
        if way is ReturnWay.POST_OFFICE and place not in dict(self._offices()):
            self.form.refuse("return_place", "Chọn bưu cục nơi khách đến nhận kết quả.")
        return way, self._receiver(way), place

    def _receiver(self, way: ReturnWay) -> Person | None:
        form = self.form
        if not self._is_typed(*(f"receiver_{part}" for part in ("name", "phone", "address", "commune_q"))):
            if way is ReturnWay.HOME and not form.typed.get("sender_address"):
                form.refuse("sender_address", "Nhập số nhà, đường, thôn, tổ: kết quả được trả về địa chỉ này.")
            return None
        at_home = way is ReturnWay.HOME
        if at_home:
            form.required("receiver_address", "Nhập số nhà, đường, thôn, tổ nơi nhận kết quả.")
        return Person(
            name=self._name("receiver_name", ask="Nhập họ và tên người nhận kết quả."),
            phone=form.parsed("receiver_phone", identity.parse_phone, default=""),
            address=form.text("receiver_address"),
            commune=self._commune("receiver", ask="Chọn xã, phường nơi nhận kết quả." if at_home else ""),
        )

    def _check_money(self) -> None:
        form = self.form
        if not form.typed.get("postage"):
            form.refuse("postage", "Nhập cước bưu chính. Không thu cước thì nhập 0.")
        if form.money("postage") and not form.text("postage_basis"):
            form.refuse("postage_basis", "Ghi căn cứ tính cước, ví dụ: Giá cước niêm yết tại bưu cục.")
        if form.money("fees") and not form.text("fees_basis"):
            form.refuse("fees_basis", "Ghi căn cứ thu phí, lệ phí, ví dụ: thông báo của cơ quan giải quyết.")
        fee = self.procedure.version.fee if self.procedure else None
        if fee and not form.typed.get("fees") and form.typed.get("payment") != Payment.LATER.value:
            form.refuse("fees", f"Chưa thu phí, lệ phí {filters.money(fee)}. Thu trước khi lưu, hoặc chọn “Thu sau”.")

    def _check_promise(self) -> None:
        form = self.form
        if form.typed.get("mode") != ReceptionMode.B.value:
            return
        promised = form.instant("promised_on", "promised_time", default=CLOSING)
        if not form.typed.get("promised_on"):
            form.refuse("promised_on", "Nhập ngày hẹn trả ghi trên Giấy tiếp nhận.")
        elif promised is not None and promised < self.at:
            form.refuse("promised_on", f"Ngày hẹn trả {filters.day(promised)} đã qua. Xem lại Giấy tiếp nhận.")

    def _check_places(self) -> None:
        if not self.must_choose:
            return
        if not self.form.typed.get("desk"):
            self.form.refuse("desk", "Chọn nơi nhận hồ sơ (Một cửa), vì danh mục chưa có quy tắc thẩm quyền.")
        if not self.form.typed.get("department"):
            self.form.refuse("department", "Chọn cơ quan giải quyết.")

    def _check_duplicate(self) -> None:
        form = self.form
        number = self._sender_number
        if not number or form.ticked("confirm_duplicate") or self._is_saved:
            return
        self.duplicate = counter.same_today(
            self.store,
            number=number,
            procedure=form.typed.get("procedure", ""),
            office=self.actor.place,
            at=self.at,
        )
        if self.duplicate is not None:
            when = filters.clock(self.duplicate.opened_at)
            form.refuse("confirm_duplicate", f"Người này vừa gửi cùng thủ tục lúc {when} hôm nay.")

    @property
    def _is_saved(self) -> bool:
        """Tell whether this very form was saved before: sent twice it is one dossier, not a second one."""
        return bool(counter.saved_as(self.store, self.form.typed.get("request", "")))

    # --- page ---------------------------------------------------------------------------------------------------------

    def page(self) -> NewDossierPage:
        """Return the form as the clerk sees it."""
        province = self._province_of(self._case_commune)
        return NewDossierPage(
            form=Filled(typed=dict(self.form.typed), errors=self._errors_in_order()),
            communes={group: self.matches.get(group, ()) for group in COMMUNES},
            chosen={group: self.chosen.get(group, "") for group in COMMUNES},
            procedure=self.procedure,
            procedures=self.procedures,
            papers=tuple(self.lines),
            misses_papers="papers" in self.form.errors or bool(self.form.typed.get("why_incomplete")),
            route=self.route,
            must_choose=self.must_choose,
            desks=_options(counter.places_near(self.store, province, PlaceKind.DESK)) if self.must_choose else (),
            departments=(
                _options(counter.places_near(self.store, province, PlaceKind.DEPARTMENT)) if self.must_choose else ()
            ),
            offices=self._offices(),
            same_today=self.duplicate,
            filled_from=self.filled_from,
            focus=self._focus(),
        )

    def _errors_in_order(self) -> dict[str, str]:
        """Return the sentences from the top of the page to its bottom."""
        place = {field: number for number, field in enumerate(_FIELDS)}
        lines = place["papers"]
        found = self.form.errors.items()
        return dict(sorted(found, key=lambda error: place.get(error[0], lines if error[0].startswith("line_") else 0)))

    def _offices(self) -> tuple[tuple[str, str], ...]:
        """Return the offices to fetch a result at: those of the sender's province, then of this one."""
        province = self._province_of(self.form.typed.get("sender_commune", ""))
        near = [
            counter.places_near(self.store, each, PlaceKind.OFFICE) for each in dict.fromkeys((province, self.here))
        ]
        return tuple(option for places in near for option in _options(places))

    def _focus(self) -> str:
        """Return the field the clerk turns to next: the first with a problem, or the first that is still open."""
        if self.form.errors:
            first = next(iter(self._errors_in_order()))
            return "why_incomplete" if first == "papers" else first
        if self.turn_to:
            return self.turn_to
        typed = self.form.typed
        for field in ("sender_phone", "sender_commune_q", "procedure_q"):
            is_done = typed.get("no_phone") if field == "sender_phone" else ""
            if not typed.get(field) and not is_done:
                return "card" if not typed.get("sender_name") and field == "sender_phone" else field
        if self.procedure is not None and not any(line.is_counted for line in self.lines):
            return "complete"
        return next((field for field in ("weight", "seal", "postage") if not typed.get(field)), "save")


_COUNTS = ("originals", "certified", "copies")
_FIELDS = (
    "form",
    "card",
    "sender_phone",
    "sender_number",
    "sender_name",
    "sender_email",
    "sender_address",
    "sender_commune_q",
    "subject_number",
    "subject_name",
    "procedure_q",
    "case_commune_q",
    "desk",
    "department",
    "papers",
    "weight",
    "seal",
    "return_place",
    "receiver_name",
    "receiver_phone",
    "receiver_address",
    "receiver_commune_q",
    "postage",
    "postage_basis",
    "fees",
    "fees_basis",
    "official_code",
    "promised_on",
    "promised_time",
    "label",
    "postal_number",
    "note",
    "confirm_duplicate",
)
"""The fields from top to bottom."""


def blank(*, request: str, office: str) -> dict[str, str]:
    """Return a form before anything was typed."""
    return {
        "request": request,
        "service": Service.BOTH.value,
        "sender_kind": "identity",
        "subject_kind": "identity",
        "return_way": ReturnWay.HOME.value,
        "return_place": office,
        "payment": Payment.CASH.value,
        "mode": ReceptionMode.A.value,
        "postage_basis": POSTED_PRICE,
    }


def _options(places: tuple[Place, ...]) -> tuple[tuple[str, str], ...]:
    return tuple((place.code, place.name) for place in places)


def _kind_of(person: Person) -> str:
    if person.tax_code:
        return "organisation"
    return "passport" if person.passport else "identity"


def _or_empty(parse: Callable[[str], str], text: str) -> str:
    """Return what a text says, empty where it says nothing yet: the field's own check has the sentence."""
    try:
        return parse(text) if text else ""
    except Refused:
        return ""


def _unclear(typed: str, found: tuple[CommuneFound, ...]) -> str:
    if not found:
        return f"Chưa thấy xã, phường “{typed}”. Gõ lại tên xã, phường; tên cũ cũng được."
    places = "; ".join(each.label for each in found)
    if all(each.formerly for each in found):
        return f"{typed} không còn từ ngày 01/7/2025. Chọn một đơn vị mới: {places}."
    return f"Chọn xã, phường. “{typed}” có ở {len(found)} nơi: {places}."


def _fresh(asked: PaperRequired) -> PaperField:
    """Return the empty line of a paper on the list; one that comes back is marked so from the start."""
    return _as_listed(PaperField(name=asked.name, to_return=bool(asked.returned_to_citizen)), asked)


def _as_listed(line: PaperField, asked: PaperRequired | None) -> PaperField:
    """Return a line with what the list asks for."""
    if asked is None:
        return line
    return replace(line, is_listed=True, is_required=asked.required, asked=asked_in_words(asked), note=asked.note)


def _all_present(line: PaperField, asked: PaperRequired | None) -> PaperField:
    """Return a required line filled in as asked; a line that was counted stays as it is."""
    if asked is None or not asked.required or line.is_counted:
        return line
    if not asked.originals + asked.certified + asked.copies:
        return replace(line, originals="1")
    return replace(
        line,
        originals=str(asked.originals or ""),
        certified=str(asked.certified or ""),
        copies=str(asked.copies or ""),
    )


def asked_in_words(asked: PaperRequired) -> str:
    """Return what a line of the list asks for, as a clerk reads it."""
    parts = (
        (asked.originals, "bản chính"),
        (asked.certified, "bản sao chứng thực"),
        (asked.copies, "bản sao"),
    )
    return ", ".join(f"{many} {what}" for many, what in parts if many)

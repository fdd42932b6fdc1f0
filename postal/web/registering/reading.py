"""From the fields of the form to the registration they mean."""

from dataclasses import replace

from postal.domain import codes, identity, official
from postal.domain.codes import CodeKind
from postal.domain.events import Payment, ReceptionMode, ReturnWay, Service
from postal.domain.people import Person
from postal.services.registration import Registration
from postal.web import forms
from postal.web.registering import communes, numbers, papers, places
from postal.web.registering.drafts import Draft

HEAVIEST_G = 30_000


def registration(draft: Draft) -> Registration:
    """Return what was entered; `form.errors` says what of it cannot be used."""
    form = draft.form
    service = draft.service
    mode = form.choice("mode", ReceptionMode, default=ReceptionMode.A)
    chosen = draft.must_choose
    way, receiver, place = _return(draft, service)
    return Registration(
        service=service,
        procedure=draft.procedure.version.code if draft.procedure else _no_procedure(draft),
        sender=_sender(draft),
        subject=_subject(draft) if _is_typed(draft, "subject_number", "subject_name") else None,
        case_commune=_case_commune(draft),
        case_text=communes.written_for_case(draft),
        papers=papers.entries(draft) if service is not Service.RECEIVE else (),
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
        promised_at=draft.promised_at,
        note=form.text("note", most=forms.LONGEST_TEXT),
        label=form.parsed("label", lambda text: codes.parse(text, kind=CodeKind.ITEM).text, default=""),
        pickup_on=form.day("pickup_on"),
        request=form.typed.get("request", "")[:40],
        return_way=way,
        return_person=receiver,
        return_place=place,
    )


def _is_typed(draft: Draft, *fields: str) -> bool:
    """Tell whether anything stands in one of several fields: then all of them are meant."""
    return any(draft.form.typed.get(field) for field in fields)


def _no_procedure(draft: Draft) -> str:
    asked = draft.form.typed.get("procedure_q")
    several = "Chọn một thủ tục trong danh sách tìm thấy."
    first = "Chọn thủ tục: gõ tên tắt hoặc mã, rồi nhấn “Chọn thủ tục”."
    if draft.procedures or not asked:
        draft.form.refuse("procedure_q", several if draft.procedures else first)
    return ""


def _sender(draft: Draft) -> Person:
    form = draft.form
    if not form.typed.get("sender_phone") and not form.ticked("no_phone"):
        form.refuse("sender_phone", "Nhập số điện thoại người gửi (10 số), hoặc chọn “Không có điện thoại”.")
    person = _person(draft, "sender", ask="Nhập họ và tên người gửi.")
    return replace(
        person,
        birth=form.text("sender_birth"),
        sex=form.text("sender_sex"),
        phone=form.parsed("sender_phone", identity.parse_phone, default=""),
        email=form.text("sender_email"),
        address=form.text("sender_address"),
        commune=form.typed.get("sender_commune", ""),
    )


def _case_commune(draft: Draft) -> str:
    """Return the commune of the case; who names none must name the sender's."""
    named = communes.chosen(draft, "case", ask="")
    return named or communes.chosen(draft, "sender", ask="Chọn xã, phường của người gửi.")


def _subject(draft: Draft) -> Person:
    return _person(draft, "subject", ask="Nhập họ và tên người được nộp thay.")


def _person(draft: Draft, group: str, *, ask: str) -> Person:
    kind = numbers.kind(draft, group)
    field = f"{group}_number"
    number = draft.form.parsed(field, numbers.PARSERS[kind], default="")
    if not draft.form.typed.get(field):
        draft.form.refuse(field, numbers.ASK[kind])
    return Person(
        name=_name(draft, f"{group}_name", ask=ask),
        kind="organisation" if kind == "organisation" else "person",
        identity_number=number if kind == "identity" else "",
        passport=number if kind == "passport" else "",
        tax_code=number if kind == "organisation" else "",
    )


def _name(draft: Draft, field: str, *, ask: str) -> str:
    name = draft.form.required(field, ask)
    if len(name) == 1:
        draft.form.refuse(field, "Họ và tên có ít nhất 2 chữ cái. Nhập đủ họ và tên.")
    return name


def _return(draft: Draft, service: Service) -> tuple[ReturnWay, Person | None, str]:
    """Return how, to whom and where the result comes back; who only sends fetches it at the desk."""
    if service is Service.SEND:
        return ReturnWay.DESK, None, ""
    way = draft.form.choice("return_way", ReturnWay, default=ReturnWay.HOME)
    place = draft.form.typed.get("return_place", "") if way is ReturnWay.POST_OFFICE else ""
    if way is ReturnWay.POST_OFFICE and place not in dict(places.offices(draft)):
        draft.form.refuse("return_place", "Chọn bưu cục nơi khách đến nhận kết quả.")
    return way, _receiver(draft, way), place


def _receiver(draft: Draft, way: ReturnWay) -> Person | None:
    form = draft.form
    if not _is_typed(draft, *(f"receiver_{part}" for part in ("name", "phone", "address", "commune_q"))):
        if way is ReturnWay.HOME and not form.typed.get("sender_address"):
            form.refuse("sender_address", "Nhập số nhà, đường, thôn, tổ: kết quả được trả về địa chỉ này.")
        return None
    at_home = way is ReturnWay.HOME
    if at_home:
        form.required("receiver_address", "Nhập số nhà, đường, thôn, tổ nơi nhận kết quả.")
    return Person(
        name=_name(draft, "receiver_name", ask="Nhập họ và tên người nhận kết quả."),
        phone=form.parsed("receiver_phone", identity.parse_phone, default=""),
        address=form.text("receiver_address"),
        commune=communes.chosen(draft, "receiver", ask="Chọn xã, phường nơi nhận kết quả." if at_home else ""),
    )

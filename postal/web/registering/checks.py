"""What is wrong with a form, beyond what cannot be read: one sentence beside one field."""

from postal.domain.competence import NoCompetentPlace
from postal.domain.events import Payment, ReceptionMode
from postal.domain.home_pickup import PickupOnDayOff
from postal.domain.lifecycle import LabelBound
from postal.domain.official import WrongOfficialCode
from postal.domain.places import CommuneGone, NoLane, OutsideEveryTerritory, UnknownPlace
from postal.domain.procedures import NotCarriable, UnknownProcedure
from postal.domain.refusals import Refused
from postal.domain.run import DayGone
from postal.queries import counter
from postal.services import registration
from postal.services.agency import OfficialCodeTaken
from postal.services.arranging import NoDoor
from postal.web import filters
from postal.web.registering import numbers, tariff
from postal.web.registering.drafts import Draft

FIELD_OF: dict[type[Refused], str] = {
    LabelBound: "label",
    registration.MissingPaper: "papers",
    registration.NoPapers: "papers",
    registration.NothingMissing: "papers",
    registration.NoReturnAddress: "sender_address",
    registration.NotYetHere: "pickup_on",
    registration.FetchedOnlyToBeSent: "pickup_on",
    PickupOnDayOff: "pickup_on",
    DayGone: "pickup_on",
    OutsideEveryTerritory: "pickup_on",
    NoDoor: "sender_address",
    registration.NoOfficialCode: "official_code",
    OfficialCodeTaken: "official_code",
    WrongOfficialCode: "official_code",
    registration.OtherThanPriced: "postage",
    NotCarriable: "procedure_q",
    UnknownProcedure: "procedure_q",
    NoCompetentPlace: "desk",
    NoLane: "desk",
    CommuneGone: "sender_commune_q",
    UnknownPlace: "sender_commune_q",
}
"""Beside which field a refusal of the service is said; any other stands at the top."""


def check(draft: Draft) -> None:
    """Say what is missing before saving, beyond what cannot be read."""
    _check_money(draft)
    _check_promise(draft)
    _check_places(draft)
    _check_duplicate(draft)


def forgive_all_but_papers(draft: Draft) -> None:
    """Keep only what is wrong with the procedure and the papers: guidance needs nothing else."""
    kept = {field: why for field, why in draft.form.errors.items() if field.startswith(("line_", "procedure"))}
    draft.form.errors = kept


def refuse(draft: Draft, refused: Refused) -> None:
    """Say a refusal of the service beside its field."""
    field = next((FIELD_OF[kind] for kind in type(refused).__mro__ if kind in FIELD_OF), "form")
    draft.form.refuse(field, refused)


def _check_money(draft: Draft) -> None:
    form = draft.form
    if not form.typed.get("postage"):
        form.refuse("postage", "Nhập cước bưu chính. Không thu cước thì nhập 0.")
    if form.money("postage") and not form.text("postage_basis"):
        form.refuse("postage_basis", "Ghi căn cứ tính cước, ví dụ: Giá cước niêm yết tại bưu cục.")
    if form.money("fees") and not form.text("fees_basis"):
        form.refuse("fees_basis", "Ghi căn cứ thu phí, lệ phí, ví dụ: thông báo của cơ quan giải quyết.")
    tariff.check(draft)
    fee = tariff.fees_due(draft).amount
    if fee and not form.typed.get("fees") and form.typed.get("payment") != Payment.LATER.value:
        form.refuse("fees", f"Chưa thu phí, lệ phí {filters.money(fee)}. Thu trước khi lưu, hoặc chọn “Thu sau”.")


def _check_promise(draft: Draft) -> None:
    form = draft.form
    if form.typed.get("mode") != ReceptionMode.B.value:
        return
    promised = draft.promised_at
    if not form.typed.get("promised_on"):
        form.refuse("promised_on", "Nhập ngày hẹn trả ghi trên Giấy tiếp nhận.")
    elif promised is not None and promised < draft.at:
        form.refuse("promised_on", f"Ngày hẹn trả {filters.day(promised)} đã qua. Xem lại Giấy tiếp nhận.")


def _check_places(draft: Draft) -> None:
    if not draft.must_choose:
        return
    if not draft.form.typed.get("desk"):
        draft.form.refuse("desk", "Chọn nơi nhận hồ sơ (Một cửa), vì danh mục chưa có quy tắc thẩm quyền.")
    if not draft.form.typed.get("department"):
        draft.form.refuse("department", "Chọn cơ quan giải quyết.")


def _check_duplicate(draft: Draft) -> None:
    form = draft.form
    number = numbers.sender_number(draft)
    if not number or form.ticked("confirm_duplicate") or _is_saved(draft):
        return
    draft.duplicate = counter.same_today(
        draft.store,
        number=number,
        procedure=form.typed.get("procedure", ""),
        office=draft.actor.place,
        at=draft.at,
    )
    if draft.duplicate is not None:
        when = filters.clock(draft.duplicate.opened_at)
        form.refuse("confirm_duplicate", f"Người này vừa gửi cùng thủ tục lúc {when} hôm nay.")


def _is_saved(draft: Draft) -> bool:
    """Tell whether this very form was saved before: sent twice it is one dossier, not a second one."""
    return bool(counter.saved_as(draft.store, draft.form.typed.get("request", "")))

"""Messages to citizens: what they tell, in which words, and whether that is still true when they go out."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import Enum

from postal.domain import codes, run, segments
from postal.domain.dossier import AgencyStatus, Dossier
from postal.domain.events import ItemKind
from postal.domain.item import Custody, Item
from postal.domain.run import DeliveryRun, RunState
from postal.domain.sending import Channel


class Kind(Enum):
    """What a message tells. A fact is its kind, alone or with what tells it from another: `pin_2`, `fee_due_7`."""

    PIN = "pin"
    AGENCY_RECEIVED = "agency_received"
    NEED_MORE = "need_more"
    FEE_DUE = "fee_due"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    STOPPED = "stopped"
    AT_POST_OFFICE = "at_post_office"
    SENT_BACK = "sent_back"
    OUT_FOR_DELIVERY = "out_for_delivery"
    DELIVERED = "delivered"
    LATE = "late"
    EXTENDED = "extended"
    PICKUP_OFF = "pickup_off"
    PICKUP = "pickup"
    FETCHED = "fetched"
    OTHER = "other"


KIND_NAMES: dict[Kind, str] = {
    Kind.PIN: "Mã PIN",
    Kind.AGENCY_RECEIVED: "Cơ quan đã nhận, hẹn trả kết quả",
    Kind.NEED_MORE: "Cần bổ sung giấy tờ",
    Kind.FEE_DUE: "Cần nộp phí, lệ phí",
    Kind.REFUSED: "Không được tiếp nhận",
    Kind.WITHDRAWN: "Đã rút hồ sơ",
    Kind.STOPPED: "Đã dừng giải quyết",
    Kind.AT_POST_OFFICE: "Mời đến bưu cục nhận",
    Kind.SENT_BACK: "Không phát được, trả lại cơ quan",
    Kind.OUT_FOR_DELIVERY: "Hôm nay bưu tá đi phát",
    Kind.DELIVERED: "Đã giao kết quả",
    Kind.LATE: "Hồ sơ chậm",
    Kind.EXTENDED: "Xin lỗi, hẹn lại ngày trả",
    Kind.PICKUP_OFF: "Hủy hẹn đến nhà lấy giấy tờ",
    Kind.PICKUP: "Hẹn đến nhà lấy giấy tờ",
    Kind.FETCHED: "Bưu tá đã nhận giấy tờ tại nhà",
    Kind.OTHER: "Thông báo khác",
}
"""What a message is called on pages, and the subject of a mail."""

ALSO_BY_MAIL = frozenset(
    {
        Kind.AGENCY_RECEIVED,
        Kind.NEED_MORE,
        Kind.FEE_DUE,
        Kind.REFUSED,
        Kind.WITHDRAWN,
        Kind.STOPPED,
        Kind.SENT_BACK,
        Kind.LATE,
        Kind.EXTENDED,
    }
)
"""What the law obliges the authority's side to tell, and what one keeps: it goes by mail too where there is one."""

AT_ONCE = frozenset({Kind.PIN})
"""What the citizen waits for at the counter: it goes out at any hour."""

TO_RECEIVER = frozenset({Kind.AT_POST_OFFICE, Kind.OUT_FOR_DELIVERY, Kind.SENT_BACK})
"""What concerns whoever gets the result; all the rest is told to the sender."""


def kind_of(fact: str) -> Kind:
    """Return what a fact is about.

    >>> kind_of("need_more_7")
    <Kind.NEED_MORE: 'need_more'>
    """
    found = (kind for kind in Kind if fact == kind.value or fact.startswith(f"{kind.value}_"))
    return next(found, Kind.OTHER)


def channels(kind: Kind, *, has_phone: bool, has_mail: bool) -> tuple[Channel, ...]:
    """Return by which channels somebody is told: to the phone; by mail what is kept, and what has no phone to go to.

    A PIN goes to the registered phone or on a strip of the citizen's copy, never by mail, where others may read it.
    """
    by_mail = has_mail and kind is not Kind.PIN and (kind in ALSO_BY_MAIL or not has_phone)
    return ((Channel.SMS,) if has_phone else ()) + ((Channel.MAIL,) if by_mail else ())


# --- words ------------------------------------------------------------------------------------------------------------

LONGEST_OFFICE = 60
"""Septets of an office's name in a message, so that it stays one segment."""

_TAILS = (
    "Xem: {host} Khong cung cap ma OTP cho bat ky ai. Can giup goi {hotline}",
    "Xem: {host} Khong cung cap ma OTP. Can giup goi {hotline}",
    "Xem: {host} Khong cung cap ma OTP.",
    "Khong cung cap ma OTP. Can giup goi {hotline}",
    "Khong cung cap ma OTP.",
    "",
)
_PIN_TAILS = ("Xem: {host} Can giup goi {hotline}", "Xem: {host}", "")
"""What follows the fact, the best first; the longest that leaves one segment is taken."""


def sentence(dossier: str, words: str) -> str:
    """Return what a message says about a dossier, with accents.

    >>> sentence("7K2M49RTBQ", "đã giao kết quả")
    'Bưu điện: hồ sơ 7K2M4-9RTBQ đã giao kết quả.'
    """
    return f"Bưu điện: hồ sơ {codes.shown(dossier)} {words}."


def as_sms(text: str, *, kind: Kind, host: str, hotline: str) -> str:
    """Return a sentence as one segment without accents, with where to look and whom to ring as far as there is room."""
    spelt = segments.plain(text)
    tails = _PIN_TAILS if kind is Kind.PIN else _TAILS
    whole = (f"{spelt} {tail.format(host=host, hotline=hotline)}".rstrip() for tail in tails)
    fitting = next((each for each in whole if segments.fits(each)), "")
    return fitting or segments.shortened(spelt, most=segments.ONE_SEGMENT)


def as_mail(text: str, *, kind: Kind, dossier: str, public_url: str, hotline: str) -> tuple[str, str]:
    """Return subject and body of a mail, with accents."""
    shown = codes.shown(dossier)
    body = (
        f"Kính gửi ông/bà,\n\n{text}\n\n"
        f"Xem hồ sơ tại {public_url}: nhập mã {shown} và mã PIN trong tin nhắn hoặc trên phiếu gửi.\n"
        f"Bưu điện không hỏi mã OTP hay mật khẩu. Cần giúp, gọi {hotline}.\n"
        "Thư này gửi tự động, xin không trả lời.\n"
    )
    return f"Hồ sơ {shown}: {KIND_NAMES[kind]}", body


def written_amount(amount: int) -> str:
    """Return an amount of money as it is written, whole đồng.

    >>> written_amount(1250000)
    '1.250.000 đ'
    """
    return f"{amount:,} đ".replace(",", ".")


@dataclass(frozen=True, kw_only=True, slots=True)
class LateFact:
    """Something that is late now, as its citizen is told: one fact for each due day that was missed."""

    dossier: str
    fact: str
    words: str
    about: str = ""


# --- still true? ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Situation:
    """What is known at the moment a message would go out.

    `about` is the item or run the fact names, `facts` everything this dossier was ever told or is owed, `late` the
    facts of lateness that hold now.
    """

    fact: str
    about: str
    dossier: Dossier
    items: tuple[Item, ...]
    run: DeliveryRun | None
    today: date
    facts: frozenset[str] = frozenset()
    late: frozenset[str] = frozenset()

    @property
    def spoken_of(self) -> tuple[Item, ...]:
        """Return the items the message speaks of: the one it names, those on its run, else all of the dossier."""
        if self.run is not None:
            return tuple(each for each in self.items if each.code in self.run.items)
        return tuple(each for each in self.items if self.about in ("", each.code))


def why_untrue(situation: Situation) -> str:
    """Return why a message must not go out any more, empty while it is true."""
    if situation.dossier.status is AgencyStatus.VOIDED:
        return "Hồ sơ đã hủy tại quầy."
    return _RULES[kind_of(situation.fact)](situation)


def run_of(fact: str, about: str) -> str:
    """Return the code of the run a fact names, empty where it names none."""
    return (about or fact.rpartition("_")[2]) if kind_of(fact) is Kind.OUT_FOR_DELIVERY else ""


_WORKED_ON = (AgencyStatus.RECEIVED, AgencyStatus.IN_WORK, AgencyStatus.PAYMENT)


def _pin(situation: Situation) -> str:
    is_current = situation.fact == f"pin_{situation.dossier.receipt_serial}"
    return "" if is_current else "Đã cấp phiếu gửi mới, mã PIN này không còn dùng."


def _agency_received(situation: Situation) -> str:
    dossier = situation.dossier
    has_moved = dossier.pauses or dossier.extension is not None
    if dossier.status not in _WORKED_ON or has_moved or _has_newer(situation):
        return "Ngày hẹn trả đã đổi, hoặc hồ sơ đã xong."
    return ""


def _need_more(situation: Situation) -> str:
    if situation.dossier.status is not AgencyStatus.SUPPLEMENT:
        return "Giấy tờ đã bổ sung đủ, hoặc hồ sơ đã chuyển bước khác."
    return "Đã có yêu cầu bổ sung mới hơn." if _has_newer(situation) else ""


def _fee_due(situation: Situation) -> str:
    if not situation.dossier.fees.owed:
        return "Phí, lệ phí đã nộp đủ."
    return "Đã có tin báo số tiền mới hơn." if _has_newer(situation) else ""


def _in_status(status: AgencyStatus) -> Callable[[Situation], str]:
    def rule(situation: Situation) -> str:
        return "" if situation.dossier.status is status else "Trạng thái hồ sơ đã đổi."

    return rule


def _at_post_office(situation: Situation) -> str:
    until = situation.fact.rpartition("_")[2]
    if until < situation.today.isoformat():
        return "Hạn đến nhận đã qua."
    if any(_waits(each, until) for each in situation.spoken_of):
        return ""
    return "Bưu gửi không còn chờ ở bưu cục đó, hoặc đã có lời mời khác."


def _waits(item: Item, until: str) -> bool:
    is_asked_for = item.pickup_until is not None and item.pickup_until.isoformat() == until
    return is_asked_for and item.custody is Custody.HELD and not item.goes_back and run.rests_at_its_office(item)


def _sent_back(situation: Situation) -> str:
    return "" if any(each.goes_back for each in situation.spoken_of) else "Bưu gửi không còn chuyển trả cơ quan."


def _out_for_delivery(situation: Situation) -> str:
    driven = situation.run
    if driven is None or driven.state is not RunState.STARTED or driven.day != situation.today:
        return "Chuyến phát không còn đi hôm nay."
    is_with_him = any(
        each.custody is Custody.HELD and each.custodian.key == driven.postman for each in situation.spoken_of
    )
    return "" if is_with_him else "Bưu tá không còn giữ bưu gửi."


def _delivered(situation: Situation) -> str:
    is_given = any(each.custody is Custody.DELIVERED and _is_for_citizen(each) for each in situation.spoken_of)
    return "" if is_given else "Chưa giao bưu gửi nào."


def _is_for_citizen(item: Item) -> bool:
    return item.kind not in (ItemKind.OUTBOUND, ItemKind.SUPPLEMENT, ItemKind.RECOVERED)


def _late(situation: Situation) -> str:
    return "" if situation.fact in situation.late else "Hồ sơ không còn chậm ở khâu này."


def _extended(situation: Situation) -> str:
    dossier = situation.dossier
    if dossier.extension is None or dossier.is_over:
        return "Hồ sơ đã xong, không còn phải hẹn lại."
    is_later = any(pause.since >= dossier.extension.signed_at for pause in dossier.pauses)
    return "Ngày hẹn lại đã đổi vì chờ bổ sung." if is_later else ""


def _pickup(situation: Situation) -> str:
    code = situation.fact.rpartition("_")[2]
    is_over = situation.facts & {f"{Kind.PICKUP_OFF.value}_{code}", f"{Kind.FETCHED.value}_{code}"}
    return "Hẹn lấy giấy tờ đã hủy hoặc đã xong." if is_over else ""


def _always(_: Situation) -> str:
    return ""


_RULES: dict[Kind, Callable[[Situation], str]] = {
    Kind.PIN: _pin,
    Kind.AGENCY_RECEIVED: _agency_received,
    Kind.NEED_MORE: _need_more,
    Kind.FEE_DUE: _fee_due,
    Kind.REFUSED: _in_status(AgencyStatus.NOT_RECEIVED),
    Kind.WITHDRAWN: _in_status(AgencyStatus.WITHDRAWN),
    Kind.STOPPED: _in_status(AgencyStatus.STOPPED),
    Kind.AT_POST_OFFICE: _at_post_office,
    Kind.SENT_BACK: _sent_back,
    Kind.OUT_FOR_DELIVERY: _out_for_delivery,
    Kind.DELIVERED: _delivered,
    Kind.LATE: _late,
    Kind.EXTENDED: _extended,
    Kind.PICKUP_OFF: _always,
    Kind.PICKUP: _pickup,
    Kind.FETCHED: _always,
    Kind.OTHER: _always,
}
"""When a message of each kind has stopped being true, in words; empty means that it may go."""


def _has_newer(situation: Situation) -> bool:
    """Tell whether the dossier was owed a later message of this kind; the number in a fact is the version it is of."""
    same = (each for each in situation.facts if kind_of(each) is kind_of(situation.fact))
    return _number(situation.fact) < max(map(_number, same), default=0)


def _number(fact: str) -> int:
    found = re.search(r"_(\d+)$", fact)
    return int(found[1]) if found else 0

"""Three axes, one word: custody of the leading item, its postal stage, and the agency's status."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from postal.domain.dossier import ENDED_WITHOUT_RESULT, AgencyStatus, Dossier
from postal.domain.events import ItemKind, Service
from postal.domain.item import Custody, Item, Trouble
from postal.domain.people import CustodianKind, Side


class Stage(Enum):
    """How far the leading item is in the hands of the post."""

    NOT_YET = "not_yet"
    AT_COUNTER = "at_counter"
    BAGGED = "bagged"
    ON_THE_WAY = "on_the_way"
    AT_OFFICE = "at_office"
    WITH_AUTHORITY = "with_authority"
    RESULT_READY = "result_ready"
    RESULT_WITH_POST = "result_with_post"
    ON_RUN = "on_run"
    VISITED = "visited"
    AT_PICKUP = "at_pickup"
    GOING_BACK = "going_back"
    DELIVERED = "delivered"
    MISSING = "missing"
    DAMAGED = "damaged"
    MISROUTED = "misrouted"
    VOIDED = "voided"


class Status(Enum):
    """The one word for all screens, the API and exports."""

    AWAITING_PAPERS = "awaiting_papers"
    ACCEPTED = "accepted"
    SCANNED = "scanned"
    BAGGED = "bagged"
    DEPARTED = "departed"
    ARRIVED = "arrived"
    HANDED_OVER = "handed_over"
    AGENCY_RECEIVED = "agency_received"
    PROCESSING = "processing"
    NEED_MORE = "need_more"
    FEE_DUE = "fee_due"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    STOPPED = "stopped"
    RESULT_READY = "result_ready"
    RESULT_COLLECTED = "result_collected"
    OUT_FOR_DELIVERY = "out_for_delivery"
    DELIVERY_FAILED = "delivery_failed"
    AT_POST_OFFICE = "at_post_office"
    SENT_BACK = "sent_back"
    DELIVERED = "delivered"
    PAPERS_COLLECTED = "papers_collected"
    PAPERS_OUT_FOR_DELIVERY = "papers_out_for_delivery"
    PAPERS_DELIVERED = "papers_delivered"
    MISSING = "missing"
    DAMAGED = "damaged"
    MISROUTED = "misrouted"
    TURNED_BACK = "turned_back"
    VOIDED = "voided"


class Tone(Enum):
    """What the colour supports; the word and the icon say it first."""

    MOVING = "moving"
    NEEDS_CITIZEN = "needs_citizen"
    PROBLEM = "problem"
    DONE = "done"


@dataclass(frozen=True, kw_only=True, slots=True)
class StatusWords:
    """How a status is said. Templates may use {place} {date} {count} {amount} {reason}. `step` is 1 to 5."""

    staff: str
    citizen: str
    citizen_en: str
    step: int
    tone: Tone


STAGE_WORDS: dict[Stage, Status | None] = {
    Stage.NOT_YET: None,
    Stage.AT_COUNTER: Status.ACCEPTED,
    Stage.BAGGED: Status.BAGGED,
    Stage.ON_THE_WAY: Status.DEPARTED,
    Stage.AT_OFFICE: Status.ARRIVED,
    Stage.WITH_AUTHORITY: Status.HANDED_OVER,
    Stage.RESULT_READY: Status.RESULT_READY,
    Stage.RESULT_WITH_POST: Status.RESULT_COLLECTED,
    Stage.ON_RUN: Status.OUT_FOR_DELIVERY,
    Stage.VISITED: Status.DELIVERY_FAILED,
    Stage.AT_PICKUP: Status.AT_POST_OFFICE,
    Stage.GOING_BACK: Status.SENT_BACK,
    Stage.DELIVERED: Status.DELIVERED,
    Stage.MISSING: Status.MISSING,
    Stage.DAMAGED: Status.DAMAGED,
    Stage.MISROUTED: Status.MISROUTED,
    Stage.VOIDED: Status.VOIDED,
}
"""What the postal axis says; None leaves it to the agency."""

PAPERS_HOME: dict[Stage, Status | None] = {
    Stage.RESULT_READY: None,
    Stage.RESULT_WITH_POST: Status.PAPERS_COLLECTED,
    Stage.ON_RUN: Status.PAPERS_OUT_FOR_DELIVERY,
    Stage.DELIVERED: Status.PAPERS_DELIVERED,
}
"""What it says instead while the citizen's own papers come home, so that nobody expects a result."""

AGENCY_WORDS: dict[AgencyStatus, Status | None] = {
    AgencyStatus.NEW: None,
    AgencyStatus.RECEIVED: Status.AGENCY_RECEIVED,
    AgencyStatus.NOT_RECEIVED: Status.REFUSED,
    AgencyStatus.IN_WORK: Status.PROCESSING,
    AgencyStatus.SUPPLEMENT: Status.NEED_MORE,
    AgencyStatus.PAYMENT: Status.FEE_DUE,
    AgencyStatus.WITHDRAWN: Status.WITHDRAWN,
    AgencyStatus.STOPPED: Status.STOPPED,
    AgencyStatus.RESOLVED: Status.RESULT_READY,
    AgencyStatus.RETURNED: Status.DELIVERED,
    AgencyStatus.TURNED_BACK: Status.TURNED_BACK,
    AgencyStatus.VOIDED: Status.VOIDED,
}
"""What the agency's axis says; None leaves it to the post."""

TROUBLES: dict[Trouble, Stage] = {
    Trouble.MISSING: Stage.MISSING,
    Trouble.DAMAGED: Stage.DAMAGED,
    Trouble.MISROUTED: Stage.MISROUTED,
}

_TROUBLED = frozenset(TROUBLES.values())
_ALIVE = frozenset(
    {
        AgencyStatus.NEW,
        AgencyStatus.RECEIVED,
        AgencyStatus.IN_WORK,
        AgencyStatus.SUPPLEMENT,
        AgencyStatus.PAYMENT,
    }
)
_RESULT_EXISTS = frozenset({AgencyStatus.RESOLVED, AgencyStatus.RETURNED})

WORDS: dict[Status, StatusWords] = {
    Status.AWAITING_PAPERS: StatusWords(
        staff="Chờ lấy giấy tờ tại nhà",
        citizen="Bưu điện chưa nhận giấy tờ của ông/bà.",
        citizen_en="The post does not have your papers yet.",
        step=1,
        tone=Tone.NEEDS_CITIZEN,
    ),
    Status.ACCEPTED: StatusWords(
        staff="Đã nhận tại quầy",
        citizen="Bưu điện đã nhận hồ sơ của ông/bà.",
        citizen_en="The post office has your papers.",
        step=1,
        tone=Tone.MOVING,
    ),
    Status.SCANNED: StatusWords(
        staff="Đã số hóa",
        citizen="Bưu điện đã số hóa giấy tờ.",
        citizen_en="The post has digitised your papers.",
        step=1,
        tone=Tone.MOVING,
    ),
    Status.BAGGED: StatusWords(
        staff="Đã đóng túi",
        citizen="Hồ sơ đã được niêm phong, chờ chuyển đi.",
        citizen_en="Your papers are in a sealed bag, waiting to leave.",
        step=1,
        tone=Tone.MOVING,
    ),
    Status.DEPARTED: StatusWords(
        staff="Đã rời {place}",
        citizen="Hồ sơ đang trên đường đến cơ quan giải quyết.",
        citizen_en="Your papers are on their way to the authority.",
        step=2,
        tone=Tone.MOVING,
    ),
    Status.ARRIVED: StatusWords(
        staff="Đã đến {place}",
        citizen="Hồ sơ đã đến {place}.",
        citizen_en="Your papers have arrived at {place}.",
        step=2,
        tone=Tone.MOVING,
    ),
    Status.HANDED_OVER: StatusWords(
        staff="Đã bàn giao cho {place}",
        citizen="Bưu điện đã bàn giao hồ sơ cho cơ quan.",
        citizen_en="The post has handed your papers to the authority.",
        step=2,
        tone=Tone.MOVING,
    ),
    Status.AGENCY_RECEIVED: StatusWords(
        staff="Một cửa đã tiếp nhận",
        citizen="Cơ quan đã nhận. Hẹn trả kết quả: {date}.",
        citizen_en="The authority has received it. Result due: {date}.",
        step=3,
        tone=Tone.MOVING,
    ),
    Status.PROCESSING: StatusWords(
        staff="Đang xử lý",
        citizen="Cơ quan đang giải quyết hồ sơ.",
        citizen_en="The authority is working on it.",
        step=3,
        tone=Tone.MOVING,
    ),
    Status.NEED_MORE: StatusWords(
        staff="Yêu cầu bổ sung giấy tờ",
        citizen="Ông/bà cần bổ sung {count} giấy tờ.",
        citizen_en="You need to add {count} papers.",
        step=3,
        tone=Tone.NEEDS_CITIZEN,
    ),
    Status.FEE_DUE: StatusWords(
        staff="Yêu cầu thực hiện nghĩa vụ tài chính",
        citizen="Ông/bà cần nộp {amount}.",
        citizen_en="You need to pay {amount}.",
        step=3,
        tone=Tone.NEEDS_CITIZEN,
    ),
    Status.REFUSED: StatusWords(
        staff="Không được tiếp nhận",
        citizen="Cơ quan không nhận hồ sơ. Lý do: {reason}.",
        citizen_en="The authority did not accept it. Reason: {reason}.",
        step=3,
        tone=Tone.PROBLEM,
    ),
    Status.WITHDRAWN: StatusWords(
        staff="Công dân rút hồ sơ",
        citizen="Ông/bà đã rút hồ sơ. Giấy tờ đang được gửi trả.",
        citizen_en="You withdrew it. Your papers are being sent back.",
        step=3,
        tone=Tone.PROBLEM,
    ),
    Status.STOPPED: StatusWords(
        staff="Dừng xử lý",
        citizen="Cơ quan đã dừng giải quyết. Lý do: {reason}.",
        citizen_en="The authority has stopped. Reason: {reason}.",
        step=3,
        tone=Tone.PROBLEM,
    ),
    Status.RESULT_READY: StatusWords(
        staff="Đã có kết quả",
        citizen="Đã có kết quả. Bưu điện sẽ đến nhận.",
        citizen_en="The result is ready. The post will collect it.",
        step=3,
        tone=Tone.MOVING,
    ),
    Status.RESULT_COLLECTED: StatusWords(
        staff="Bưu điện đã nhận kết quả",
        citizen="Kết quả đang được gửi về cho ông/bà.",
        citizen_en="The result is on its way back to you.",
        step=4,
        tone=Tone.MOVING,
    ),
    Status.OUT_FOR_DELIVERY: StatusWords(
        staff="Đang đi phát",
        citizen="Bưu tá sẽ phát kết quả trong hôm nay.",
        citizen_en="The postman will bring the result today.",
        step=4,
        tone=Tone.MOVING,
    ),
    Status.DELIVERY_FAILED: StatusWords(
        staff="Chưa phát được",
        citizen="Bưu tá đã đến nhưng chưa gặp ông/bà. Sẽ đến lại {date}.",
        citizen_en="The postman missed you. Next visit: {date}.",
        step=4,
        tone=Tone.NEEDS_CITIZEN,
    ),
    Status.AT_POST_OFFICE: StatusWords(
        staff="Chờ nhận tại bưu cục",
        citizen="Mời ông/bà đến {place} nhận trước {date}. Mang theo căn cước.",
        citizen_en="Please collect it at {place} before {date}. Bring your identity card.",
        step=4,
        tone=Tone.NEEDS_CITIZEN,
    ),
    Status.SENT_BACK: StatusWords(
        staff="Chuyển trả cơ quan",
        citizen="Chưa giao được cho ông/bà nên chuyển trả {place}. Mời liên hệ nơi đó.",
        citizen_en="It could not be delivered and goes back to {place}. Please contact them.",
        step=4,
        tone=Tone.PROBLEM,
    ),
    Status.DELIVERED: StatusWords(
        staff="Đã phát kết quả",
        citizen="Đã phát kết quả ngày {date}.",
        citizen_en="The result was delivered on {date}.",
        step=5,
        tone=Tone.DONE,
    ),
    Status.PAPERS_COLLECTED: StatusWords(
        staff="Đang gửi trả giấy tờ",
        citizen="Giấy tờ đang được gửi trả cho ông/bà.",
        citizen_en="Your papers are on their way back to you.",
        step=3,
        tone=Tone.MOVING,
    ),
    Status.PAPERS_OUT_FOR_DELIVERY: StatusWords(
        staff="Đang đi phát giấy tờ trả lại",
        citizen="Bưu tá sẽ trả giấy tờ trong hôm nay.",
        citizen_en="The postman will bring your papers back today.",
        step=3,
        tone=Tone.MOVING,
    ),
    Status.PAPERS_DELIVERED: StatusWords(
        staff="Đã trả giấy tờ",
        citizen="Đã trả giấy tờ ngày {date}.",
        citizen_en="Your papers were given back on {date}.",
        step=3,
        tone=Tone.DONE,
    ),
    Status.MISSING: StatusWords(
        staff="Đang tìm hồ sơ",
        citizen="Hồ sơ chưa đến đúng nơi. Chúng tôi đang tìm và sẽ gọi cho ông/bà.",
        citizen_en="Your papers are not where they should be. We are looking and will call you.",
        step=2,
        tone=Tone.PROBLEM,
    ),
    Status.DAMAGED: StatusWords(
        staff="Giấy tờ hư hỏng",
        citizen="Giấy tờ bị hư hỏng. Bưu điện sẽ gọi cho ông/bà.",
        citizen_en="Papers were damaged. The post will call you.",
        step=2,
        tone=Tone.PROBLEM,
    ),
    Status.MISROUTED: StatusWords(
        staff="Đi nhầm, đang chuyển lại",
        citizen="Hồ sơ đi nhầm nơi và đang được chuyển lại.",
        citizen_en="Your papers went to the wrong place and are being re-routed.",
        step=2,
        tone=Tone.PROBLEM,
    ),
    Status.TURNED_BACK: StatusWords(
        staff="Đã hướng dẫn hoàn thiện, chưa nhận",
        citizen="Bưu điện chưa nhận hồ sơ. Xem phiếu hướng dẫn để bổ sung giấy tờ.",
        citizen_en="The post has not taken the papers yet. See the list of what is missing.",
        step=1,
        tone=Tone.NEEDS_CITIZEN,
    ),
    Status.VOIDED: StatusWords(
        staff="Đã hủy tại quầy",
        citizen="Hồ sơ đã được hủy tại quầy. Giấy tờ đã trả lại ông/bà.",
        citizen_en="It was cancelled at the counter. Your papers were given back.",
        step=1,
        tone=Tone.DONE,
    ),
}

STEPS: tuple[tuple[str, str], ...] = (
    ("Bưu điện đã nhận hồ sơ", "The post office has your papers"),
    ("Đang chuyển đến cơ quan giải quyết", "On the way to the authority"),
    ("Cơ quan đang giải quyết", "The authority is working on it"),
    ("Kết quả đang được gửi về", "The result is on its way back"),
    ("Đã giao kết quả", "The result was handed to you"),
)


def leading(items: Iterable[Item]) -> Item | None:
    """Return the item the story is about: the result once there is one, else papers that come home, else the papers."""
    alive = [item for item in items if item.custody is not Custody.VOIDED]
    results = [item for item in alive if item.kind is ItemKind.RESULT]
    home = [item for item in alive if brings_papers_home(item)]
    ahead = [item for item in alive if item.kind is ItemKind.OUTBOUND]
    return max(results or home or ahead, key=lambda item: (item.registered_at, item.code), default=None)


def brings_papers_home(item: Item) -> bool:
    """Tell whether an envelope holds the citizen's own papers on their way back: returned, or turned round."""
    return item.kind is ItemKind.RETURNED or (item.kind is ItemKind.OUTBOUND and item.destination.to_citizen)


def comes_back(item: Item) -> bool:
    """Tell whether an envelope is on its way to the citizen: a result, or papers that come home."""
    return item.kind is ItemKind.RESULT or brings_papers_home(item)


def stage(item: Item | None) -> Stage:
    """Return how far an item is on the postal axis."""
    if item is None:
        return Stage.NOT_YET
    if item.trouble is not None:
        return TROUBLES[item.trouble]
    if item.custody is Custody.VOIDED:
        return Stage.VOIDED
    if item.custody is Custody.DELIVERED:
        return Stage.DELIVERED
    return _stage_back(item) if comes_back(item) else _stage_out(item)


def word(dossier: Dossier, items: Iterable[Item]) -> Status:
    """Return the one word for a dossier, from its agency status and the stage of its leading item."""
    item = leading(items)
    at, is_home = stage(item), item is not None and brings_papers_home(item)
    of_agency = AGENCY_WORDS[dossier.status]
    of_post = PAPERS_HOME.get(at, STAGE_WORDS[at]) if is_home else STAGE_WORDS[at]
    post_speaks = _post_speaks(dossier.status, at, is_home=is_home)
    first, second = (of_post, of_agency) if post_speaks else (of_agency, of_post)
    found = first or second or _WITHOUT_ITEM.get(dossier.service, Status.ACCEPTED)
    return Status.SCANNED if found is Status.ACCEPTED and dossier.is_digitised else found


def _post_speaks(agency: AgencyStatus, at: Stage, *, is_home: bool) -> bool:
    """Tell whether the postal axis has the word: when something is wrong on the way, or once something comes back."""
    is_over = agency in _RESULT_EXISTS or (is_home and agency in ENDED_WITHOUT_RESULT)
    if at in _TROUBLED:
        return agency in _ALIVE or is_over
    return is_over and at in _WAY_BACK_STAGES


_WITHOUT_ITEM: dict[Service | None, Status] = {
    Service.RECEIVE: Status.PROCESSING,
    Service.SEND: Status.AWAITING_PAPERS,
    Service.BOTH: Status.AWAITING_PAPERS,
}
"""Who only receives a result has given us no papers: they are with the authority already. Whoever sends papers and has
no envelope yet still has them at home, where a postman fetches them."""

_WAY_BACK_STAGES = frozenset(
    {
        Stage.RESULT_READY,
        Stage.RESULT_WITH_POST,
        Stage.ON_RUN,
        Stage.VISITED,
        Stage.AT_PICKUP,
        Stage.GOING_BACK,
        Stage.DELIVERED,
    }
)


def _stage_out(item: Item) -> Stage:
    if item.custodian.side is Side.AUTHORITY:
        return Stage.WITH_AUTHORITY
    if not item.has_left:
        return Stage.BAGGED if item.custody is Custody.BAGGED else Stage.AT_COUNTER
    return Stage.ON_THE_WAY if item.custodian.is_on_the_road else Stage.AT_OFFICE


def _stage_back(item: Item) -> Stage:
    if item.goes_back:
        return Stage.GOING_BACK
    if item.custodian.side is Side.AUTHORITY:
        return Stage.RESULT_READY
    if item.custodian.kind is CustodianKind.PERSON:
        return Stage.VISITED if item.attempt_reason else Stage.ON_RUN
    if item.pickup_until is not None:
        return Stage.AT_PICKUP
    return Stage.VISITED if item.attempt_reason else Stage.RESULT_WITH_POST

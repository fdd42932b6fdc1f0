"""What a scan answers with: ONE instruction for whoever scanned and the page that does it, or a list to choose from."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import Enum, auto

from sqlalchemy import or_, select

from postal.domain import asking, calendars, codes, garbling, permissions, status
from postal.domain.bag import BAG_STATE_NAMES, Bag, BagState
from postal.domain.cash import CASH_STATE_NAMES, CashHandover, CashState
from postal.domain.codes import Code, CodeKind
from postal.domain.dispatch import DISPATCH_STATE_NAMES, Dispatch, DispatchState
from postal.domain.dossier import AGENCY_STATUS_NAMES, AgencyStatus, Dossier
from postal.domain.events import ItemKind, ReturnWay
from postal.domain.handover import HandoverRecord, RecordState
from postal.domain.home_pickup import PICKUP_STATE_NAMES, HomePickup, PickupState
from postal.domain.incident import INCIDENT_NAMES, OUTCOME_NAMES, Incident
from postal.domain.item import Custody, Item, Trouble
from postal.domain.lifecycle import UnknownCode
from postal.domain.people import Actor, CustodianKind, Side, parse_position
from postal.domain.permissions import Permission
from postal.domain.run import RUN_STATE_NAMES, DeliveryRun, RunState
from postal.domain.scans import (
    Card,
    Garbled,
    Official,
    OurCode,
    Phone,
    PostalNumber,
    ReceiptSecret,
    Scan,
    Words,
)
from postal.domain.status import Tone
from postal.queries import access, clocks, finding, home_pickups, rerouting
from postal.queries import items as envelopes
from postal.queries.rerouting import Offer
from postal.store import Reader, Store
from postal.store.tables import DossierRow, ItemRow, RunRow, table_of

MOST_FOUND = 50
_NAMED_IN_AUDIT = 12


class NotInSystem(UnknownCode):
    """The code is well formed and nobody knows it."""

    code = "not_in_system"
    vi = "Chưa có mã này trong hệ thống. Xem lại mã trên nhãn; nếu vẫn vậy, để riêng và báo trưởng bưu cục."
    en = "This code is not known here. Look at the label again; then set the item aside and tell the head of office."


class Situation(Enum):
    """What a scanned thing is to whoever scanned it."""

    OFFERED_TO_ME = auto()
    OFFERED_BY_ME = auto()
    MY_OWN_OFFER = auto()
    OFFERED_ELSEWHERE = auto()
    MINE_MISSING = auto()
    MINE_DAMAGED = auto()
    MINE_MISROUTED = auto()
    MINE_UNSEALED = auto()
    MINE_TO_RECEIVE = auto()
    MINE_AT_DESK = auto()
    MINE_ON_RUN = auto()
    MINE_TO_GIVE = auto()
    MINE_FOR_COUNTER = auto()
    MINE_TO_SORT = auto()
    MINE_FOR_SORTING = auto()
    MINE_TO_HAND_OVER = auto()
    MINE_GOES_BACK = auto()
    MINE_CAME_BACK = auto()
    MISSING_HERE = auto()
    WRONG_PLACE = auto()
    HELD_BY_OTHER = auto()
    HELD_BY_OTHER_MAY_TAKE = auto()
    IN_MY_BAG = auto()
    IN_A_BAG = auto()
    DELIVERED = auto()
    VOIDED = auto()
    OVER = auto()
    DOSSIER = auto()
    DOSSIER_TO_DECIDE = auto()
    DOSSIER_ELSEWHERE = auto()
    RECORD_FOR_ME = auto()
    RECORD_OF_MINE = auto()
    RECORD_TO_CONFIRM = auto()
    RECORD = auto()
    RECORD_ELSEWHERE = auto()
    MY_RUN_PLANNED = auto()
    MY_RUN_STARTED = auto()
    RUN = auto()
    RUN_OF_OTHER = auto()
    HOME_PICKUP = auto()
    HOME_PICKUP_TO_MAKE = auto()
    HOME_PICKUP_ELSEWHERE = auto()
    MONEY_FOR_ME = auto()
    MONEY = auto()
    MONEY_RECEIPT = auto()
    MONEY_ELSEWHERE = auto()
    INCIDENT = auto()
    BAG_TO_PACK = auto()
    BAG_TO_RECEIVE = auto()
    BAG_TO_SIGN = auto()
    BAG_TO_SEND = auto()
    BAG = auto()
    BAG_ELSEWHERE = auto()
    TRIP_TO_LOAD = auto()
    TRIP = auto()
    POSITION = auto()
    WORKSTATION = auto()
    COMMAND = auto()


@dataclass(frozen=True, kw_only=True, slots=True)
class Instruction:
    """A sentence, the words on the button (none when there is nothing to open), the address and the tone."""

    sentence: str
    button: str = ""
    href: str = ""
    tone: Tone = Tone.MOVING


OPENS_AT_ONCE = frozenset(
    {Situation.MINE_ON_RUN, Situation.BAG_TO_PACK, Situation.BAG_TO_RECEIVE, Situation.TRIP_TO_LOAD}
)
"""What is scanned to go on working with it: its page opens without a further key."""

_ITEM = "/items/{code}"
_RECORD = "/handovers/{record}"

INSTRUCTIONS: dict[Situation, Instruction] = {
    Situation.OFFERED_TO_ME: Instruction(
        sentence="Ký nhận biên bản {record_shown}.", button="Ký nhận", href=_RECORD, tone=Tone.NEEDS_CITIZEN
    ),
    Situation.OFFERED_BY_ME: Instruction(
        sentence="Chờ {to} ký nhận biên bản {record_shown}. Giao nhầm thì thu hồi.", button="Mở biên bản", href=_RECORD
    ),
    Situation.MY_OWN_OFFER: Instruction(
        sentence="Người giao và người nhận phải là hai người. Nhờ người khác ở {to} ký biên bản {record_shown}.",
        button="Mở biên bản",
        href=_RECORD,
        tone=Tone.NEEDS_CITIZEN,
    ),
    Situation.OFFERED_ELSEWHERE: Instruction(
        sentence="Để riêng. {holder} đang bàn giao cho {to}, chờ ký biên bản {record_shown}.",
        tone=Tone.PROBLEM,
    ),
    Situation.MINE_MISSING: Instruction(
        sentence="Đang báo tìm bưu gửi này. Đã thấy thì ghi lại.",
        button="Ghi đã thấy",
        href=_ITEM,
        tone=Tone.PROBLEM,
    ),
    Situation.MINE_DAMAGED: Instruction(
        sentence="Đã báo rách, ướt. Kiểm kê giấy tờ, xử lý xong thì ghi lại.",
        button="Mở bưu gửi",
        href=_ITEM,
        tone=Tone.PROBLEM,
    ),
    Situation.MINE_MISROUTED: Instruction(
        sentence="Sai điểm đến: {destination}. Không bỏ vào túi này, bàn giao lại cho đúng nơi.",
        button="Bàn giao lại",
        href="/handovers/new?item={code}",
        tone=Tone.PROBLEM,
    ),
    Situation.MINE_UNSEALED: Instruction(
        sentence="Niêm phong trước mặt người gửi, nhập số niêm phong.",
        button="Niêm phong",
        href=_ITEM,
        tone=Tone.NEEDS_CITIZEN,
    ),
    Situation.MINE_TO_RECEIVE: Instruction(
        sentence="Tiếp nhận hồ sơ: nhập mã hồ sơ của Một cửa.",
        button="Tiếp nhận",
        href="/desk/{dossier}",
        tone=Tone.NEEDS_CITIZEN,
    ),
    Situation.MINE_AT_DESK: Instruction(
        sentence="{status}. Cập nhật việc giải quyết khi có bước mới.", button="Mở hồ sơ", href="/desk/{dossier}"
    ),
    Situation.MINE_ON_RUN: Instruction(
        sentence="Phát bưu gửi này: điểm {stop} của chuyến {run_shown}.",
        button="Mở điểm phát",
        href="/today/{run}/{stop}?item={code}",
        tone=Tone.NEEDS_CITIZEN,
    ),
    Situation.MINE_TO_GIVE: Instruction(
        sentence="Giao cho người dân: kiểm tra căn cước, lấy chữ ký.",
        button="Giao kết quả",
        href="/pickups/{code}",
        tone=Tone.NEEDS_CITIZEN,
    ),
    Situation.MINE_FOR_COUNTER: Instruction(
        sentence="Bàn giao cho quầy giao dịch để trả người dân.",
        button="Bàn giao",
        href="/handovers/new?item={code}",
    ),
    Situation.MINE_FOR_SORTING: Instruction(
        sentence="Đã đến nơi phát. Bàn giao cho khai thác để xếp vào tuyến phát.",
        button="Bàn giao",
        href="/handovers/new?item={code}",
    ),
    Situation.MINE_TO_SORT: Instruction(
        sentence="Đã đến nơi phát. Xếp vào tuyến phát.", button="Xếp tuyến", href="/sorting"
    ),
    Situation.MINE_TO_HAND_OVER: Instruction(
        sentence="Bàn giao đi {destination}.", button="Bàn giao", href="/handovers/new?item={code}"
    ),
    Situation.MINE_GOES_BACK: Instruction(
        sentence="Không phát được: bàn giao trả {destination}. Người dân đến trước lúc đó thì trả tại quầy.",
        button="Bàn giao",
        href="/handovers/new?item={code}",
        tone=Tone.NEEDS_CITIZEN,
    ),
    Situation.MINE_CAME_BACK: Instruction(
        sentence="Bưu điện không phát được và đã trả lại. Giữ cho người dân đến nhận, hoặc xử lý tiếp hồ sơ.",
        button="Mở hồ sơ",
        href="/desk/{dossier}",
        tone=Tone.NEEDS_CITIZEN,
    ),
    Situation.MISSING_HERE: Instruction(
        sentence="Đang tìm bưu gửi này, {holder} phải trả lời. Có trên tay thì ghi đã thấy: nơi này giữ từ lúc đó.",
        tone=Tone.PROBLEM,
    ),
    Situation.WRONG_PLACE: Instruction(
        sentence="Sai điểm đến: {destination}. Đang ghi {holder} giữ. Không bỏ vào túi ở đây; "
        "chuyển đi đúng nơi, hoặc đưa kiểm soát viên.",
        button="Lập biên bản",
        href="/incidents/new?kind=wrong_place&about={code}",
        tone=Tone.PROBLEM,
    ),
    Situation.HELD_BY_OTHER: Instruction(
        sentence="Để riêng. Hồ sơ đang do {holder} giữ, chưa bàn giao.", tone=Tone.PROBLEM
    ),
    Situation.HELD_BY_OTHER_MAY_TAKE: Instruction(
        sentence="Hồ sơ đang do {holder} giữ, chưa bàn giao.",
        button="Nhận thay, ghi lý do",
        href=_ITEM,
        tone=Tone.PROBLEM,
    ),
    Situation.IN_MY_BAG: Instruction(
        sentence="Nằm trong túi {bag_shown}. Làm cả túi; cần riêng bưu gửi này thì mở túi, kiểm đếm trước.",
        button="Mở túi",
        href="/bags/{bag}",
    ),
    Situation.IN_A_BAG: Instruction(
        sentence="Để riêng. Đang ghi nằm trong túi {bag_shown} do {holder} giữ. Đưa kiểm soát viên xem.",
        tone=Tone.PROBLEM,
    ),
    Situation.DELIVERED: Instruction(
        sentence="Đã giao cho người dân. Không chuyển đi nữa.", button="Xem bưu gửi", href=_ITEM, tone=Tone.DONE
    ),
    Situation.VOIDED: Instruction(
        sentence="Đã hủy tại quầy, giấy tờ đã trả lại. Bỏ nhãn này.",
        button="Xem bưu gửi",
        href=_ITEM,
        tone=Tone.PROBLEM,
    ),
    Situation.OVER: Instruction(sentence="Đã giao hoặc đã hủy. Không chuyển đi nữa.", tone=Tone.DONE),
    Situation.DOSSIER: Instruction(sentence="{status}.", button="Mở hồ sơ", href="/dossiers/{dossier}"),
    Situation.DOSSIER_TO_DECIDE: Instruction(sentence="{status}.", button="Mở hồ sơ", href="/desk/{dossier}"),
    Situation.DOSSIER_ELSEWHERE: Instruction(
        sentence="Hồ sơ không đi qua nơi làm việc của tài khoản này. Gọi nơi đang giữ: {holder}.", tone=Tone.PROBLEM
    ),
    Situation.RECORD_FOR_ME: Instruction(
        sentence="Đếm rồi ký nhận biên bản {record_shown}.",
        button="Ký nhận",
        href=_RECORD,
        tone=Tone.NEEDS_CITIZEN,
    ),
    Situation.RECORD_OF_MINE: Instruction(
        sentence="Chờ {to} ký. Bên nhận không có tài khoản thì in, ký giấy rồi nhập lại.",
        button="Mở biên bản",
        href=_RECORD,
    ),
    Situation.RECORD_TO_CONFIRM: Instruction(
        sentence="Xác nhận biên bản đã ký trên giấy.", button="Xác nhận", href=_RECORD, tone=Tone.NEEDS_CITIZEN
    ),
    Situation.RECORD: Instruction(sentence="Biên bản: {state}.", button="Xem biên bản", href=_RECORD),
    Situation.RECORD_ELSEWHERE: Instruction(
        sentence="Biên bản giữa {holder} và {to}: {state}. Để riêng, không phải việc ở đây.", tone=Tone.PROBLEM
    ),
    Situation.MY_RUN_PLANNED: Instruction(
        sentence="Ký nhận bưu gửi của chuyến rồi bắt đầu đi.",
        button="Mở chuyến của tôi",
        href="/today",
        tone=Tone.NEEDS_CITIZEN,
    ),
    Situation.MY_RUN_STARTED: Instruction(
        sentence="Đi tiếp chuyến này.", button="Mở chuyến của tôi", href="/today", tone=Tone.NEEDS_CITIZEN
    ),
    Situation.RUN: Instruction(sentence="Chuyến phát: {state}.", button="Mở chuyến", href="/runs/{code}"),
    Situation.RUN_OF_OTHER: Instruction(
        sentence="Chuyến phát của bưu tá khác: {state}. Để phiếu này lại bưu cục.", tone=Tone.PROBLEM
    ),
    Situation.HOME_PICKUP: Instruction(
        sentence="Hẹn thu gom {day}: {state}.", button="Mở phiếu hẹn", href="/home-pickups/{code}"
    ),
    Situation.HOME_PICKUP_TO_MAKE: Instruction(
        sentence="Lấy giấy tờ tại nhà người gửi: đếm, niêm phong, lấy chữ ký ({state}).",
        button="Mở chuyến của tôi",
        href="/today",
        tone=Tone.NEEDS_CITIZEN,
    ),
    Situation.HOME_PICKUP_ELSEWHERE: Instruction(
        sentence="Hẹn thu gom {day} của {office}: {state}. Chuyển phiếu này về bưu cục đó.", tone=Tone.PROBLEM
    ),
    Situation.MONEY_FOR_ME: Instruction(
        sentence="Đếm tiền rồi ký nhận.", button="Đếm và ký nhận", href="/money/papers/{code}", tone=Tone.NEEDS_CITIZEN
    ),
    Situation.MONEY: Instruction(sentence="Phiếu {state}.", button="Mở phiếu", href="/money/papers/{code}"),
    Situation.MONEY_RECEIPT: Instruction(
        sentence="Biên lai thu tiền của hồ sơ {dossier_shown}.", button="Mở biên lai", href="/money/papers/{code}"
    ),
    Situation.MONEY_ELSEWHERE: Instruction(
        sentence="Giấy này là tiền của đơn vị khác. Hỏi bên giao hoặc bên nhận ghi trên giấy.", tone=Tone.PROBLEM
    ),
    Situation.INCIDENT: Instruction(
        sentence="Biên bản sự cố: {state}.", button="Mở biên bản", href="/incidents/{code}", tone=Tone.PROBLEM
    ),
    Situation.BAG_TO_PACK: Instruction(
        sentence="Đang đóng túi này. Quét tiếp bưu gửi vào túi.",
        button="Đóng túi",
        href="/bags/{code}/pack",
        tone=Tone.NEEDS_CITIZEN,
    ),
    Situation.BAG_TO_RECEIVE: Instruction(
        sentence="Kiểm đếm túi này: quét số niêm phong, rồi quét từng bưu gửi.",
        button="Nhận túi",
        href="/bags/{code}/receive",
        tone=Tone.NEEDS_CITIZEN,
    ),
    Situation.BAG_TO_SIGN: Instruction(
        sentence="Ký nhận túi này trên biên bản {record_shown}.",
        button="Ký nhận",
        href="/handovers/{record}",
        tone=Tone.NEEDS_CITIZEN,
    ),
    Situation.BAG_TO_SEND: Instruction(
        sentence="Xếp túi lên chuyến đi {destination}, hoặc bàn giao.", button="Mở túi", href="/bags/{code}"
    ),
    Situation.BAG: Instruction(sentence="Túi {state}, đang do {holder} giữ.", button="Xem túi", href="/bags/{code}"),
    Situation.BAG_ELSEWHERE: Instruction(
        sentence="Để riêng. Túi đang do {holder} giữ, phải đến {destination}.", tone=Tone.PROBLEM
    ),
    Situation.TRIP_TO_LOAD: Instruction(
        sentence="Quét từng túi lên chuyến này, quét XONG để bàn giao.",
        button="Xếp túi",
        href="/trips/{code}/load",
        tone=Tone.NEEDS_CITIZEN,
    ),
    Situation.TRIP: Instruction(sentence="Chuyến thư {state}.", button="Xem chuyến", href="/trips/{code}"),
    Situation.POSITION: Instruction(sentence="Nhận hoặc bàn giao ca của vị trí này.", button="Mở ca", href="/shift"),
    Situation.WORKSTATION: Instruction(
        sentence="Đây là mã máy trạm. Quét mã hồ sơ, bưu gửi, biên bản hoặc chuyến phát.", tone=Tone.PROBLEM
    ),
    Situation.COMMAND: Instruction(
        sentence="Mã lệnh chỉ dùng trong màn hình đang quét danh sách. Mở màn hình đó rồi quét lại.",
        tone=Tone.PROBLEM,
    ),
}
"""What each situation asks for: the table behind every scan box."""

TROUBLES: dict[Trouble, Situation] = {
    Trouble.MISSING: Situation.MINE_MISSING,
    Trouble.DAMAGED: Situation.MINE_DAMAGED,
    Trouble.MISROUTED: Situation.MINE_MISROUTED,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What a scan of one thing answers: what it is, the instruction, and nothing personal."""

    situation: Situation
    title: str
    what: str
    instruction: Instruction
    offers: tuple[Offer, ...] = ()
    """What one button does at once."""
    unseen: str = ""
    """The envelope, when it came out of its bag unseen and lies here: whoever scans its label has seen it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """A dossier in a list of several. `name` is the sender's, empty for whoever may not read it."""

    code: str
    official_code: str
    procedure: str
    status: str
    tone: str
    office: str
    opened_at: datetime
    name: str
    href: str


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundList:
    """Several dossiers, the newest first; `left_out` says how many more there are."""

    lines: tuple[Found, ...]
    left_out: int
    note: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Lookup:
    """What came of a scan: one answer, or a list. `audited` is the line the look-up of a person leaves, else empty."""

    answer: Answer | None = None
    found: FoundList | None = None
    audited: str = ""


def look_up(store: Store, scan: Scan, *, actor: Actor, at: datetime) -> Lookup:
    """Answer a scan for whoever is signed in.

    Raises: NotInSystem; Forbidden when somebody without the permission looks for a person.
    """
    with store.read(at=at) as reader:
        match scan:
            case OurCode(code=code):
                return Lookup(answer=_of_code(reader, code, actor=actor, at=at))
            case ReceiptSecret(raw=raw):
                return Lookup(answer=_of_secret(reader, codes.encode_secret(raw), actor=actor, at=at))
            case Official(code=official):
                return _of_dossiers(reader, _by_official(reader, official.text), actor=actor, at=at)
            case PostalNumber(number=number):
                return Lookup(answer=_of_postal_number(reader, number.text, actor=actor, at=at))
            case Card(card=card):
                found = _people(reader, actor, identity=card.number)
                return _of_people(reader, found, by="số căn cước", actor=actor, at=at)
            case Phone(number=phone):
                return _of_people(reader, _people(reader, actor, phone=phone), by="số điện thoại", actor=actor, at=at)
            case Words(text=text):
                return _of_words(reader, text, actor=actor, at=at)


# --- codes ------------------------------------------------------------------------------------------------------------


def _of_code(reader: Reader, code: Code, *, actor: Actor, at: datetime) -> Answer:
    answer: Answer | None = None
    if code.kind is CodeKind.ITEM:
        item = reader.thing(Item, code.text)
        answer = _of_item(reader, item, actor=actor, at=at) if item else None
    elif code.kind is CodeKind.DOSSIER:
        dossier = reader.thing(Dossier, code.text)
        answer = _of_dossier(reader, dossier, actor=actor, at=at) if dossier else None
    elif code.kind is CodeKind.HANDOVER:
        record = reader.thing(HandoverRecord, code.text)
        answer = _of_record(record, actor=actor) if record else None
    elif code.kind is CodeKind.RUN:
        run = reader.thing(DeliveryRun, code.text)
        answer = _of_run(run, actor=actor) if run else None
    elif code.kind is CodeKind.HOME_PICKUP:
        pickup = reader.thing(HomePickup, code.text)
        answer = _of_home_pickup(reader, pickup, actor=actor) if pickup else None
    elif code.kind in (CodeKind.BAG, CodeKind.DISPATCH, CodeKind.INCIDENT):
        answer = _of_bag_trip_or_incident(reader, code, actor=actor)
    elif code.kind is CodeKind.CASH:
        answer = _of_money(reader, code.text, actor=actor)
    elif code.kind in _ALWAYS_KNOWN:
        answer = _answer(_ALWAYS_KNOWN[code.kind], what=code.kind.label, title=str(code))
    if answer is None:
        raise NotInSystem
    return answer


_ALWAYS_KNOWN = {CodeKind.WORKSTATION: Situation.WORKSTATION, CodeKind.COMMAND: Situation.COMMAND}


def _of_secret(reader: Reader, secret: str, *, actor: Actor, at: datetime) -> Answer:
    meant = [code for twin in garbling.twins(secret) if (code := reader.receipts.dossier_of(twin))]
    code = _the_only_one(meant)
    dossier = reader.thing(Dossier, code) if code else None
    if dossier is None:
        raise NotInSystem
    return _of_dossier(reader, dossier, actor=actor, at=at)


def _of_postal_number(reader: Reader, number: str, *, actor: Actor, at: datetime) -> Answer:
    table = table_of(ItemRow)
    wanted = table.c.postal_number.in_(garbling.twins(number))
    found = reader.things(Item, select(table.c.state).where(wanted))
    if not found or not _the_only_one([item.postal_number for item in found]):
        raise NotInSystem
    return _of_item(reader, max(found, key=lambda item: item.registered_at), actor=actor, at=at)


def _the_only_one(meant: Sequence[str]) -> str:
    """Return the one thing that a text may mean, empty for none. Raises: Garbled, when it may mean two."""
    if len(set(meant)) > 1:
        raise Garbled
    return next(iter(meant), "")


def _of_item(reader: Reader, item: Item, *, actor: Actor, at: datetime) -> Answer:
    dossier = reader.thing(Dossier, item.dossier)
    situation = situation_of_item(item, dossier, actor=actor)
    run, stop = _stop(reader, item, actor=actor, on=calendars.local(at).date())
    if situation is Situation.MINE_ON_RUN and run is None:
        situation = Situation.MINE_TO_HAND_OVER
    if item.is_final and not envelopes.takes_part(reader, item, actor):
        situation = Situation.OVER
    answer = _answer(
        situation,
        title=codes.shown(item.code),
        what=f"Bưu gửi đi {item.destination.name}",
        code=item.code,
        dossier=item.dossier,
        record=item.record,
        record_shown=codes.shown(item.record),
        bag=item.bag,
        bag_shown=codes.shown(item.bag),
        holder=item.custodian,
        to=item.offered_to or "",
        destination=item.destination.name,
        status=AGENCY_STATUS_NAMES[dossier.status] if dossier else "",
        run=run.code if run else "",
        run_shown=codes.shown(run.code) if run else "",
        stop=stop,
    )
    unseen = item.code if not item.is_checked and item.custodian.place == actor.place else ""
    return replace(answer, offers=rerouting.offers(reader, item, dossier, actor=actor, at=at), unseen=unseen)


def situation_of_item(item: Item, dossier: Dossier | None, *, actor: Actor) -> Situation:
    """Return what an envelope is to somebody."""
    if item.custody is Custody.DELIVERED:
        return Situation.DELIVERED
    if item.custody is Custody.VOIDED:
        return Situation.VOIDED
    if item.custody is Custody.OFFERED:
        return _of_offer(item, actor)
    if item.custody is Custody.BAGGED:
        return _in_a_bag(item, actor)
    if not actor.acts_for(item.custodian) and item.trouble is Trouble.MISSING:
        return Situation.MISSING_HERE
    if not actor.acts_for(item.custodian) and rerouting.is_astray(item, actor):
        return Situation.WRONG_PLACE
    if not actor.acts_for(item.custodian):
        may_take = permissions.may(actor, Permission.TAKE_OVER)
        return Situation.HELD_BY_OTHER_MAY_TAKE if may_take else Situation.HELD_BY_OTHER
    if item.trouble is not None:
        return TROUBLES[item.trouble]
    if item.custodian.side is Side.AUTHORITY:
        return _at_authority(item, dossier)
    return _in_the_post(item, dossier, actor)


def _of_offer(item: Item, actor: Actor) -> Situation:
    if actor.acts_for(item.offered_to):
        return Situation.MY_OWN_OFFER if item.offered_by == actor.account else Situation.OFFERED_TO_ME
    return Situation.OFFERED_BY_ME if actor.acts_for(item.custodian) else Situation.OFFERED_ELSEWHERE


def _in_a_bag(item: Item, actor: Actor) -> Situation:
    if actor.acts_for(item.custodian) or actor.acts_for(item.offered_to):
        return Situation.IN_MY_BAG
    if item.trouble is Trouble.MISSING:
        return Situation.MISSING_HERE
    may_take = permissions.may(actor, Permission.TAKE_OVER)
    return Situation.HELD_BY_OTHER_MAY_TAKE if may_take else Situation.IN_A_BAG


def _at_authority(item: Item, dossier: Dossier | None) -> Situation:
    if item.goes_back and item.is_at_destination:
        return Situation.MINE_CAME_BACK
    if item.kind is ItemKind.RESULT and not item.is_at_destination:
        return Situation.MINE_TO_HAND_OVER
    is_new = dossier is not None and dossier.status is AgencyStatus.NEW
    return Situation.MINE_TO_RECEIVE if is_new else Situation.MINE_AT_DESK


def _in_the_post(item: Item, dossier: Dossier | None, actor: Actor) -> Situation:
    if item.custodian.kind is CustodianKind.PERSON:
        return Situation.MINE_ON_RUN
    if not item.seal:
        return Situation.MINE_UNSEALED
    if item.still_lies_here:
        return Situation.MINE_GOES_BACK
    is_arrived = item.is_at_destination and item.destination.to_citizen
    if not is_arrived or item.custodian.is_on_the_road:
        return Situation.MINE_TO_HAND_OVER
    is_collected = dossier is not None and dossier.return_way is ReturnWay.POST_OFFICE
    if item.pickup_until is not None or is_collected:
        gives = permissions.may(actor, Permission.DELIVER_AT_COUNTER)
        return Situation.MINE_TO_GIVE if gives else Situation.MINE_FOR_COUNTER
    sorts = permissions.may(actor, Permission.SORT_RESULTS)
    return Situation.MINE_TO_SORT if sorts else Situation.MINE_FOR_SORTING


def _stop(reader: Reader, item: Item, *, actor: Actor, on: date) -> tuple[DeliveryRun | None, int]:
    """Return the actor's run that has an item, of today or not ended yet, and the number of its stop."""
    if item.custodian.kind is not CustodianKind.PERSON:
        return None, 0
    table = table_of(RunRow)
    is_his_day = (table.c.day == on) & (table.c.run_state != RunState.CLOSED.value)
    mine = (table.c.postman == actor.account) & or_(is_his_day, table.c.run_state == RunState.STARTED.value)
    for run in reader.things(DeliveryRun, select(table.c.state).where(mine)):
        for stop in run.stops:
            if item.code in stop.items:
                return run, stop.number
    return None, 0


def _of_dossier(reader: Reader, dossier: Dossier, *, actor: Actor, at: datetime) -> Answer:
    """Return what to do with the envelope the dossier is about, if that is the actor's; else the dossier's own page."""
    items = _items(reader, [dossier.code])
    leading = status.leading(items)
    if leading and not leading.is_final and (actor.acts_for(leading.custodian) or actor.acts_for(leading.offered_to)):
        return _of_item(reader, leading, actor=actor, at=at)
    return _answer(
        _situation_of_dossier(dossier, items, actor=actor),
        title=codes.shown(dossier.code),
        what="Hồ sơ",
        dossier=dossier.code,
        status=_staff_word(reader, dossier, items),
        holder=leading.custodian if leading else _place_name(reader, dossier.office),
    )


def _situation_of_dossier(dossier: Dossier, items: Sequence[Item], *, actor: Actor) -> Situation:
    if not access.takes_part(actor, dossier, items) and not access.watches_all(actor):
        return Situation.DOSSIER_ELSEWHERE
    decides = permissions.may(actor, Permission.DECIDE) and actor.place in (dossier.desk, dossier.department)
    return Situation.DOSSIER_TO_DECIDE if decides else Situation.DOSSIER


def _of_record(record: HandoverRecord, *, actor: Actor) -> Answer:
    return _answer(
        _situation_of_record(record, actor),
        title=codes.shown(record.code),
        what=f"Biên bản {len(record.items)} bưu gửi",
        record=record.code,
        record_shown=codes.shown(record.code),
        holder=record.giver,
        to=record.receiver,
        state=record.state_name,
    )


def _situation_of_record(record: HandoverRecord, actor: Actor) -> Situation:
    if record.state is RecordState.OFFERED and actor.acts_for(record.giver):
        return Situation.RECORD_OF_MINE
    if record.state is RecordState.OFFERED and actor.acts_for(record.receiver):
        return Situation.RECORD_FOR_ME
    if record.state is RecordState.ON_PAPER and actor.acts_for(record.receiver):
        return Situation.RECORD_TO_CONFIRM
    is_party = actor.place in (record.giver.place, record.receiver.place) or access.watches_all(actor)
    return Situation.RECORD if is_party else Situation.RECORD_ELSEWHERE


def _of_incident(found: Incident) -> Answer:
    state = OUTCOME_NAMES[found.outcome] if found.outcome else "chưa kết thúc"
    what = f"Biên bản: {INCIDENT_NAMES[found.kind]}"
    return _answer(Situation.INCIDENT, title=codes.shown(found.code), what=what, code=found.code, state=state)


def _of_run(run: DeliveryRun, *, actor: Actor) -> Answer:
    return _answer(
        _situation_of_run(run, actor),
        title=codes.shown(run.code),
        what=f"Chuyến phát {run.day:%d/%m/%Y}",
        code=run.code,
        state=RUN_STATE_NAMES[run.state],
    )


def _situation_of_run(run: DeliveryRun, actor: Actor) -> Situation:
    if run.postman == actor.account and run.state is RunState.PLANNED:
        return Situation.MY_RUN_PLANNED
    if run.postman == actor.account and run.state is RunState.STARTED:
        return Situation.MY_RUN_STARTED
    return Situation.RUN if permissions.may(actor, Permission.PLAN_RUN) else Situation.RUN_OF_OTHER


def _of_bag_trip_or_incident(reader: Reader, code: Code, *, actor: Actor) -> Answer | None:
    if code.kind is CodeKind.INCIDENT:
        incident = reader.thing(Incident, code.text)
        return _of_incident(incident) if incident else None
    if code.kind is CodeKind.BAG:
        bag = reader.thing(Bag, code.text)
        return _of_bag(bag, actor=actor) if bag else None
    trip = reader.thing(Dispatch, code.text)
    return _of_trip(trip, actor=actor) if trip else None


def _of_bag(bag: Bag, *, actor: Actor) -> Answer:
    return _answer(
        _situation_of_bag(bag, actor),
        title=codes.shown(bag.code),
        what=f"Túi đi {bag.destination.name}",
        code=bag.code,
        record=bag.record,
        record_shown=codes.shown(bag.record),
        holder=bag.custodian,
        destination=bag.destination.name,
        state=BAG_STATE_NAMES[bag.state],
    )


def _situation_of_bag(bag: Bag, actor: Actor) -> Situation:
    holds = actor.acts_for(bag.custodian)
    if bag.is_offered and actor.acts_for(bag.offered_to) and bag.offered_by != actor.account:
        is_end = bag.offered_to is not None and bag.offered_to.place == bag.destination.place
        return Situation.BAG_TO_RECEIVE if is_end and _counts(actor) else Situation.BAG_TO_SIGN
    if holds and bag.state is BagState.PACKING and permissions.may(actor, Permission.PACK_BAG):
        return Situation.BAG_TO_PACK
    is_to_open = bag.state is BagState.OPENED or (bag.state is BagState.SEALED and bag.is_at_destination)
    if holds and is_to_open and _counts(actor):
        return Situation.BAG_TO_RECEIVE
    if holds and bag.state is BagState.SEALED:
        return Situation.BAG_TO_SEND
    places = {bag.origin, bag.destination.place, bag.custodian.place, bag.packer.place}
    return Situation.BAG if actor.place in places or access.watches_all(actor) else Situation.BAG_ELSEWHERE


def _counts(actor: Actor) -> bool:
    return permissions.may(actor, Permission.RECEIVE_BAG)


def _of_trip(trip: Dispatch, *, actor: Actor) -> Answer:
    loads = permissions.may(actor, Permission.RUN_DISPATCH) and actor.place == trip.origin
    is_loading = trip.state is DispatchState.LOADING
    return _answer(
        Situation.TRIP_TO_LOAD if loads and is_loading else Situation.TRIP,
        title=codes.shown(trip.code),
        what=f"Chuyến thư đi {trip.destination.name}",
        code=trip.code,
        state=DISPATCH_STATE_NAMES[trip.state],
    )


def _of_home_pickup(reader: Reader, pickup: HomePickup, *, actor: Actor) -> Answer:
    return _answer(
        _situation_of_home_pickup(reader, pickup, actor),
        title=codes.shown(pickup.code),
        what="Hẹn thu gom tại nhà",
        code=pickup.code,
        day=f"{pickup.day:%d/%m/%Y}",
        office=_place_name(reader, pickup.office),
        state=PICKUP_STATE_NAMES[pickup.state],
    )


def _situation_of_home_pickup(reader: Reader, pickup: HomePickup, actor: Actor) -> Situation:
    if permissions.may(actor, Permission.ARRANGE_PICKUP) and home_pickups.may_open(reader, pickup, actor):
        return Situation.HOME_PICKUP
    goes_out = permissions.may(actor, Permission.DELIVER) and actor.place == pickup.office
    waits = pickup.state is PickupState.ASKED
    return Situation.HOME_PICKUP_TO_MAKE if goes_out and waits else Situation.HOME_PICKUP_ELSEWHERE


def _of_money(reader: Reader, code: str, *, actor: Actor) -> Answer | None:
    """Return what to do with a money paper: a receipt of a dossier, or money that is handed on."""
    dossier = reader.requests.answer(code, content=code)
    if dossier is not None:
        shown = codes.shown(dossier)
        what = "Biên lai thu tiền"
        return _answer(Situation.MONEY_RECEIPT, title=codes.shown(code), what=what, code=code, dossier_shown=shown)
    paper = reader.thing(CashHandover, code)
    if paper is None or paper.giver is None or paper.receiver is None:
        return None
    return _answer(
        _situation_of_money(paper, actor),
        title=codes.shown(code),
        what=f"Phiếu giao tiền {paper.giver} – {paper.receiver}",
        code=code,
        state=CASH_STATE_NAMES[paper.state],
    )


def _situation_of_money(paper: CashHandover, actor: Actor) -> Situation:
    if paper.state is CashState.OFFERED and actor.acts_for(paper.receiver):
        return Situation.MONEY_FOR_ME
    sides = {side.place for side in (paper.giver, paper.receiver) if side}
    return Situation.MONEY if actor.place in sides or access.watches_all(actor) else Situation.MONEY_ELSEWHERE


def _answer(situation: Situation, *, title: str, what: str, **fields: object) -> Answer:
    chosen = INSTRUCTIONS[situation]
    return Answer(
        situation=situation,
        title=title,
        what=what,
        instruction=Instruction(
            sentence=chosen.sentence.format(**fields),
            button=chosen.button,
            href=chosen.href.format(**fields),
            tone=chosen.tone,
        ),
    )


# --- people and words -------------------------------------------------------------------------------------------------


def _people(reader: Reader, actor: Actor, *, identity: str = "", phone: str = "") -> list[str]:
    permissions.require(actor, Permission.SEE_PERSONAL_DATA)
    return reader.people.find(identity=identity, phone=phone)


def _of_words(reader: Reader, text: str, *, actor: Actor, at: datetime) -> Lookup:
    """Return the position of this key, else the dossiers of somebody by full name and year, case and marks ignored.

    Raises: NameAlone when no year of birth follows the name.
    """
    if _is_position(text):
        return Lookup(answer=_answer(Situation.POSITION, title=text, what="Vị trí làm việc"))
    permissions.require(actor, Permission.SEE_PERSONAL_DATA)
    found = finding.dossiers_of(reader, asking.read_name_and_year(text))
    return _of_people(reader, found, by=finding.BY_NAME, actor=actor, at=at)


def _is_position(text: str) -> bool:
    try:
        return bool(parse_position(text).place) and ":" in text
    except ValueError:
        return False


def _of_people(reader: Reader, found: list[str], *, by: str, actor: Actor, at: datetime) -> Lookup:
    """Return the dossiers of somebody that pass through the actor's place, and what the audit trail keeps of it."""
    seen = _within_rights(reader, found, actor=actor)
    named = ", ".join(codes.shown(dossier.code) for dossier in seen[:_NAMED_IN_AUDIT])
    audited = f"tìm theo {by}: {len(seen)} hồ sơ" + (f" ({named})" if named else "")
    listed = _listed(reader, seen, actor=actor, note=f"Tìm theo {by}, chỉ trong hồ sơ đi qua nơi làm việc này.")
    if len(seen) == 1:
        return Lookup(answer=_of_dossier(reader, seen[0], actor=actor, at=at), found=listed, audited=audited)
    return Lookup(found=listed, audited=audited)


def _within_rights(reader: Reader, found: Sequence[str], *, actor: Actor) -> list[Dossier]:
    dossiers = reader.many(Dossier, found)
    items = _by_dossier(_items(reader, list(dossiers)))
    seen = [each for each in dossiers.values() if access.takes_part(actor, each, items.get(each.code, []))]
    return sorted(seen, key=lambda dossier: dossier.opened_at, reverse=True)


def _by_official(reader: Reader, text: str) -> list[Dossier]:
    table = table_of(DossierRow)
    wanted = table.c.official_code.in_(garbling.twins(text))
    found = reader.things(Dossier, select(table.c.state).where(wanted))
    _the_only_one([dossier.official_code for dossier in found])
    return found


def _of_dossiers(reader: Reader, found: list[Dossier], *, actor: Actor, at: datetime) -> Lookup:
    """Return the one dossier of an official code, or the list when several desks gave the same."""
    if not found:
        raise NotInSystem
    if len(found) == 1:
        return Lookup(answer=_of_dossier(reader, found[0], actor=actor, at=at))
    return Lookup(found=_listed(reader, found, actor=actor, note="Nhiều Một cửa cùng cấp mã này. Chọn đúng hồ sơ."))


def _listed(reader: Reader, found: Sequence[Dossier], *, actor: Actor, note: str) -> FoundList:
    shown = found[:MOST_FOUND]
    items = _by_dossier(_items(reader, [dossier.code for dossier in shown]))
    people = reader.people.of([d.code for d in shown if access.sees_people(actor, d, items.get(d.code, []))])
    return FoundList(
        lines=tuple(
            _found(
                reader,
                dossier,
                items.get(dossier.code, []),
                name=person.name if (person := people.get((dossier.code, "sender"))) else "",
            )
            for dossier in shown
        ),
        left_out=len(found) - len(shown),
        note=note,
    )


def _found(reader: Reader, dossier: Dossier, items: Sequence[Item], *, name: str) -> Found:
    word = status.word(dossier, items)
    return Found(
        code=dossier.code,
        official_code=dossier.official_code,
        procedure=clocks.Rules(reader, [dossier]).procedure_name(dossier),
        status=_staff_word(reader, dossier, items),
        tone=status.WORDS[word].tone.value,
        office=_place_name(reader, dossier.office),
        opened_at=dossier.opened_at,
        name=name,
        href=f"/dossiers/{dossier.code}",
    )


# --- parts ------------------------------------------------------------------------------------------------------------


def _items(reader: Reader, dossiers: Sequence[str]) -> list[Item]:
    table = table_of(ItemRow)
    return reader.things(Item, select(table.c.state).where(table.c.dossier.in_(dossiers)))


def _by_dossier(items: Sequence[Item]) -> dict[str, list[Item]]:
    found: dict[str, list[Item]] = {}
    for item in items:
        found.setdefault(item.dossier, []).append(item)
    return found


def _staff_word(reader: Reader, dossier: Dossier, items: Sequence[Item]) -> str:
    leading = status.leading(items)
    place = _place_name(reader, leading.custodian.place) if leading else ""
    return status.WORDS[status.word(dossier, items)].staff.format(place=place or "nơi đến")


def _place_name(reader: Reader, code: str) -> str:
    found = reader.reference.places([code]) if code else {}
    return found[code].name if code in found else ""

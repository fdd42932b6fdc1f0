"""The audit trail as people read it: who looked at what, and who changed accounts or the catalogue."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from postal.domain import codes, permissions
from postal.domain.facts import DOUBTS, Doubt
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.queries import access
from postal.store import Reader, Store
from postal.store.tables import AuditRow, QuarantineRow, table_of

MOST_LINES = 200

WHAT: dict[str, str] = {
    "people_searched": "Tìm hồ sơ theo người",
    "citizen_looked_up": "Tra cứu cho khách",
    "citizen_told": "Cho khách xem hồ sơ, đã xem căn cước",
    "home_pickups_seen": "Xem danh sách thu gom tại nhà",
    "home_pickup_seen": "Xem hẹn thu gom tại nhà",
    "dossier_seen": "Xem thông tin cá nhân của hồ sơ",
    "sender_repeated": "Lặp lại cho người gửi cũ",
    "item_reasons_seen": "Xem lý do ghi trên bưu gửi",
    "incident_seen": "Xem nội dung biên bản sự cố",
    "incident_printed": "In biên bản sự cố",
    "incident_photo_seen": "Xem ảnh của biên bản sự cố",
    "scans_seen": "Xem giấy tờ đã số hóa",
    "scan_opened": "Tải tệp số hóa",
    "held_pages_seen": "Xem trang quét để riêng",
    "pages_dropped": "Bỏ trang quét",
    "dossier_erased": "Xóa dữ liệu cá nhân của hồ sơ",
    "record_photo_seen": "Xem ảnh biên bản đã ký",
    "record_signer_seen": "Xem người ký biên bản",
    "pickups_seen": "Xem danh sách chờ nhận tại bưu cục",
    "pickup_seen": "Xem kết quả chờ nhận tại bưu cục",
    "run_seen": "Xem chuyến phát",
    "run_stop_seen": "Xem điểm phát",
    "run_downloaded": "Tải chuyến phát về điện thoại",
    "run_printed": "In danh sách phát",
    "doors_seen": "Xem danh sách vị trí địa chỉ",
    "door_seen": "Xem vị trí một địa chỉ",
    "door_placed": "Sửa vị trí một địa chỉ",
    "door_taken_back": "Bỏ điểm đã sửa của một địa chỉ",
    "draft_printed": "Tải danh sách, đường đi của tuyến đề xuất",
    "guidance_printed": "In phiếu hướng dẫn",
    "receipt_printed": "In phiếu gửi",
    "receipt_reissued": "Cấp lại phiếu gửi",
    "result_slip_printed": "In phiếu gửi của cơ quan",
    "invitation_printed": "In giấy mời",
    "invitations_printed": "In giấy mời trong ngày",
    "supplement_seen": "Xem giấy tờ phải bổ sung",
    "supplement_receipt_printed": "In phiếu gửi bổ sung",
    "supplement_request_printed": "In yêu cầu bổ sung (Mẫu 02)",
    "form_printed": "In mẫu của Một cửa",
    "results_printed": "In phiếu bàn giao kết quả",
    "register_seen": "Xem sổ theo dõi hồ sơ",
    "register_exported": "In, tải sổ theo dõi hồ sơ",
    "register_closed": "Khóa sổ theo dõi hồ sơ",
    "label_printed": "In nhãn",
    "record_printed": "In biên bản giao nhận",
    "manifest_printed": "In bảng kê",
    "money_list_printed": "In bảng kê tiền",
    "bag_photo_seen": "Xem ảnh niêm phong túi",
    "policy_set": "Đổi cách làm của đơn vị",
    "figures_pinned": "Dùng mức thường cho kế hoạch phát",
    "figures_unpinned": "Dùng lại mức đã học cho kế hoạch phát",
    "money_receipt_seen": "Xem biên lai",
    "money_receipt_printed": "In biên lai",
    "money_receipts_printed": "In biên lai trong ngày",
    "money_signer_seen": "Xem người ký bảng kê tiền",
    "money_photo_seen": "Xem ảnh bảng kê tiền đã ký",
    "message_told": "Báo người dân thay tin nhắn",
    "message_again": "Gửi lại tin nhắn",
    "message_given_up": "Thôi gửi tin nhắn",
    "account_saved": "Lưu tài khoản",
    "device_enrolled": "Đăng ký thiết bị",
    "device_revoked": "Thu hồi thiết bị",
    "offline_act_seen": "Xem việc ngoại tuyến chưa vào sổ",
    "offline_kit_taken": "Tải dữ liệu làm việc khi mất mạng",
    "offices_imported": "Nhập danh mục bưu cục",
    "territories_imported": "Nhập danh mục tuyến phát",
    "procedures_imported": "Nhập danh mục thủ tục",
    "procedure_published": "Công bố phiên bản thủ tục",
    "procedure_draft_dropped": "Bỏ bản soạn thủ tục",
    "authorities_imported": "Nhập danh mục cơ quan",
    "lane_added": "Thêm tuyến chuyển",
    "lane_ended": "Kết thúc tuyến chuyển",
    "lanes_imported": "Nhập tuyến chuyển",
    "delegation_added": "Thêm ủy quyền giải quyết",
    "delegation_ended": "Kết thúc ủy quyền giải quyết",
    "delegations_imported": "Nhập ủy quyền giải quyết",
    "succession_added": "Ghi đơn vị kế thừa",
    "successions_imported": "Nhập đơn vị kế thừa",
    "tariffs_imported": "Nhập bảng giá",
    "tariff_withdrawn": "Bỏ bảng giá chưa áp dụng",
}
"""What a line is about, in words; a word that is not here is shown as it is."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditLine:
    """One line. `href` leads to the dossier or item it is about, empty for anything else."""

    at: datetime
    account: str
    name: str
    place: str
    what: str
    subject: str
    href: str
    detail: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    """How many facts from devices are kept aside for one reason."""

    reason: str
    count: int


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditPage:
    """The last lines, the filters they were chosen by, and what devices sent that waits for somebody to look."""

    lines: tuple[AuditLine, ...]
    held: tuple[Held, ...]
    account: str
    subject: str
    is_cut: bool
    is_everything: bool

    @property
    def held_total(self) -> int:
        """Return how many facts from devices are kept aside."""
        return sum(each.count for each in self.held)


def audit_page(store: Store, *, actor: Actor, account: str = "", subject: str = "") -> AuditPage:
    """Return the last lines; a head of office sees those of his own office. Raises: Forbidden."""
    permissions.require(actor, Permission.SEE_AUDIT)
    table = table_of(AuditRow)
    query = select(table).order_by(table.c.seq.desc()).limit(MOST_LINES + 1)
    if not access.watches_all(actor):
        query = query.where(table.c.place == actor.place)
    if account:
        query = query.where(table.c.account == account.lower())
    if subject:
        query = query.where(table.c.subject == _subject(subject))
    with store.read() as reader:
        rows = reader.rows(query)
        places = reader.reference.places({row.place for row in rows} - {""})
        held = _held(reader, actor)
        names = {row.account: found.name for row in rows if (found := reader.accounts.get(row.account))}
    lines = tuple(
        AuditLine(
            at=row.at,
            account=row.account,
            name=names.get(row.account, ""),
            place=places[row.place].name if row.place in places else row.place,
            what=WHAT.get(row.what, row.what),
            subject=codes.shown(row.subject),
            href=_href(row.subject),
            detail=row.detail,
        )
        for row in rows[:MOST_LINES]
    )
    return AuditPage(
        lines=lines,
        held=held,
        account=account,
        subject=subject,
        is_cut=len(rows) > MOST_LINES,
        is_everything=access.watches_all(actor),
    )


def _held(reader: Reader, actor: Actor) -> tuple[Held, ...]:
    """Return what is kept aside of the actor's office, of every office for those who watch over all."""
    table = table_of(QuarantineRow)
    counted = func.count().label("lines")
    query = select(table.c.reason, counted).group_by(table.c.reason).order_by(counted.desc(), table.c.reason)
    if not access.watches_all(actor):
        query = query.where(table.c.place == actor.place)
    return tuple(Held(reason=DOUBTS[Doubt(row.reason)], count=row.lines) for row in reader.rows(query))


def _subject(typed: str) -> str:
    """Return how the trail writes a subject: a code without its hyphen, a name as it is."""
    squeezed = codes.squeezed(typed)
    return squeezed if len(squeezed) == codes.CODE_LENGTH and set(squeezed) <= set(codes.ALPHABET) else typed


def _href(subject: str) -> str:
    is_code = len(subject) == codes.CODE_LENGTH and set(subject) <= set(codes.ALPHABET)
    return f"/scan?q={subject}" if is_code else ""

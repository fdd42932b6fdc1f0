"""One table: which role may do what. Pages, the API and the tests use it; custody adds who holds the item."""

from enum import Enum

from postal.domain import people
from postal.domain.people import ROLE_NAMES, Actor, Role
from postal.domain.refusals import Refused


class Permission(Enum):
    """Something a role may do, named as the clerk names it."""

    REGISTER = "Nhận hồ sơ tại quầy"
    VOID = "Hủy hồ sơ tại quầy và hoàn cước"
    REPRINT = "In lại nhãn và phiếu gửi"
    REISSUE_RECEIPT = "Cấp lại phiếu gửi đã mất"
    HAND_OVER = "Bàn giao bưu gửi"
    RECEIVE = "Nhận bàn giao"
    TAKE_OVER = "Nhận thay khi chưa được bàn giao"
    CHANGE_SHIFT = "Bàn giao ca"
    RECEIVE_OFFICIALLY = "Tiếp nhận hồ sơ của cơ quan"
    DECIDE = "Cập nhật việc giải quyết của cơ quan"
    ENTER_SIGNED_PAPER = "Nhập biên bản đã ký trên giấy"
    REGISTER_RESULT = "Đăng ký kết quả"
    SORT_RESULTS = "Chia kết quả theo tuyến phát"
    PLAN_RUN = "Lập chuyến phát"
    PLACE_DOORS = "Sửa vị trí địa chỉ"
    DELIVER = "Phát kết quả"
    DELIVER_AT_COUNTER = "Trả kết quả tại quầy"
    TAKE_RESULTS = "Nhận kết quả của cơ quan"
    TAKE_SUPPLEMENT = "Nhận giấy tờ bổ sung"
    RETURN_PAPERS = "Trả lại giấy tờ cho người dân"
    SETTLE_ORIGINALS = "Xử lý bản chính không trả qua bưu điện"
    CLOSE_DOSSIER = "Đóng hồ sơ"
    INVITE = "Mời người dân đến nhận"
    SEND_BACK = "Chuyển trả cơ quan vì không phát được"
    ARRANGE_PICKUP = "Hẹn thu gom tại nhà"
    COLLECT_MONEY = "Thu cước, phí, lệ phí"
    REFUND = "Hoàn tiền"
    HAND_IN_MONEY = "Giao, nộp tiền"
    RECEIVE_MONEY = "Nhận tiền"
    COUNT_TILL = "Kiểm quỹ"
    FIND_CITIZEN = "Tra cứu cho người dân tại quầy"
    SEE_MESSAGES = "Xem và gửi lại tin nhắn"
    SEE_DOSSIERS = "Xem hồ sơ"
    SEE_PERSONAL_DATA = "Xem thông tin cá nhân"
    SEE_AUDIT = "Xem nhật ký"
    MANAGE_CATALOGUE = "Quản lý danh mục"
    MANAGE_ACCOUNTS = "Quản lý tài khoản"
    PACK_BAG = "Đóng túi"
    RECEIVE_BAG = "Nhận túi"
    RUN_DISPATCH = "Lập và bàn giao chuyến thư"
    ANSWER_INCIDENT = "Trả lời biên bản sự cố"
    SETTLE_INCIDENT = "Kết thúc biên bản sự cố"
    TAKE_COMPLAINT = "Nhận khiếu nại của khách hàng"
    SEARCH_LOST = "Tìm bưu gửi thất lạc"
    CORRECT = "Đính chính việc đã ghi"
    MANAGE_DEVICES = "Quản lý thiết bị"
    WORK_OFFLINE = "Làm việc khi mất mạng"
    SET_POLICY = "Đặt cách làm của đơn vị"
    DIGITISE = "Số hóa giấy tờ"
    SEE_SCANS = "Xem giấy tờ đã số hóa"


_COUNTER = frozenset({Role.COUNTER_CLERK, Role.CONTROLLER})
_POST = _COUNTER | {Role.SORTING, Role.TRANSPORT, Role.POSTMAN}
_AUTHORITY = people.OF_AUTHORITY

MAY: dict[Permission, frozenset[Role]] = {
    Permission.REGISTER: _COUNTER,
    Permission.VOID: frozenset({Role.CONTROLLER, Role.COUNTER_CLERK}),
    Permission.REPRINT: _COUNTER,
    Permission.REISSUE_RECEIPT: _COUNTER,
    Permission.HAND_OVER: _POST | _AUTHORITY,
    Permission.RECEIVE: _POST | _AUTHORITY,
    Permission.TAKE_OVER: frozenset({Role.CONTROLLER, Role.DESK_OFFICER}),
    Permission.CHANGE_SHIFT: _POST | _AUTHORITY,
    Permission.RECEIVE_OFFICIALLY: frozenset({Role.DESK_OFFICER}),
    Permission.DECIDE: _AUTHORITY,
    Permission.ENTER_SIGNED_PAPER: frozenset({Role.TRANSPORT, Role.CONTROLLER, Role.COUNTER_CLERK, Role.SORTING}),
    Permission.REGISTER_RESULT: _AUTHORITY,
    Permission.SORT_RESULTS: _COUNTER | {Role.SORTING},
    Permission.PLAN_RUN: frozenset({Role.COORDINATOR, Role.CONTROLLER}),
    Permission.PLACE_DOORS: _COUNTER,
    Permission.DELIVER: frozenset({Role.POSTMAN}),
    Permission.DELIVER_AT_COUNTER: _COUNTER | {Role.DESK_OFFICER},
    Permission.TAKE_RESULTS: _COUNTER | {Role.TRANSPORT, Role.SORTING},
    Permission.TAKE_SUPPLEMENT: _COUNTER,
    Permission.RETURN_PAPERS: _AUTHORITY,
    Permission.SETTLE_ORIGINALS: _AUTHORITY | {Role.CONTROLLER},
    Permission.CLOSE_DOSSIER: _AUTHORITY | {Role.CONTROLLER},
    Permission.INVITE: _COUNTER | {Role.SORTING},
    Permission.SEND_BACK: _COUNTER | {Role.SORTING},
    Permission.ARRANGE_PICKUP: _COUNTER,
    Permission.COLLECT_MONEY: _COUNTER | {Role.POSTMAN},
    Permission.REFUND: _COUNTER,
    Permission.HAND_IN_MONEY: _COUNTER | {Role.POSTMAN},
    Permission.RECEIVE_MONEY: _COUNTER | {Role.DESK_OFFICER},
    Permission.COUNT_TILL: _COUNTER | {Role.POSTMAN},
    Permission.FIND_CITIZEN: _COUNTER | {Role.DESK_OFFICER},
    Permission.SEE_MESSAGES: frozenset({Role.CONTROLLER, Role.ADMIN}),
    Permission.SEE_DOSSIERS: _POST | _AUTHORITY | {Role.COORDINATOR, Role.ADMIN},
    Permission.SEE_PERSONAL_DATA: _COUNTER | _AUTHORITY | {Role.POSTMAN},
    Permission.SEE_AUDIT: frozenset({Role.CONTROLLER, Role.ADMIN}),
    Permission.MANAGE_CATALOGUE: frozenset({Role.ADMIN, Role.COORDINATOR}),
    Permission.MANAGE_ACCOUNTS: frozenset({Role.ADMIN}),
    Permission.PACK_BAG: _COUNTER | {Role.SORTING} | _AUTHORITY,
    Permission.RECEIVE_BAG: _COUNTER | {Role.SORTING} | _AUTHORITY,
    Permission.RUN_DISPATCH: _COUNTER | {Role.SORTING, Role.TRANSPORT},
    Permission.ANSWER_INCIDENT: _POST | _AUTHORITY,
    Permission.SETTLE_INCIDENT: frozenset({Role.CONTROLLER}) | _AUTHORITY,
    Permission.TAKE_COMPLAINT: _COUNTER | {Role.COORDINATOR},
    Permission.SEARCH_LOST: frozenset({Role.CONTROLLER, Role.SORTING, Role.COORDINATOR}) | _AUTHORITY,
    Permission.CORRECT: _POST | _AUTHORITY,
    Permission.MANAGE_DEVICES: frozenset({Role.CONTROLLER, Role.ADMIN}),
    Permission.WORK_OFFLINE: _COUNTER | {Role.SORTING, Role.TRANSPORT, Role.POSTMAN},
    Permission.SET_POLICY: frozenset({Role.CONTROLLER, Role.DESK_OFFICER, Role.ADMIN}),
    Permission.DIGITISE: _COUNTER | {Role.DESK_OFFICER},
    Permission.SEE_SCANS: _COUNTER | _AUTHORITY,
}


class Forbidden(Refused):
    """The account has no role that may do this."""

    code = "forbidden"
    vi = "Tài khoản {account} không được làm việc này. Cần quyền “{permission}” ({roles}). Nhờ người có quyền."
    en = "Account {account} may not do this. It needs the permission “{permission}” ({roles})."


def may(actor: Actor, permission: Permission) -> bool:
    """Tell whether one of the actor's roles has the permission.

    Who leads a desk or department does there what its officers do; being its head gives no right of the post.
    """
    roles = actor.roles - {Role.CONTROLLER} if leads(actor) else actor.roles
    return not roles.isdisjoint(MAY[permission])


def leads(actor: Actor) -> bool:
    """Tell whether somebody is the head of a desk or department: an officer who is its controller as well."""
    return people.leads(actor.roles)


def require(actor: Actor, permission: Permission) -> None:
    """Refuse an actor without the permission.

    Raises: Forbidden.
    """
    if not may(actor, permission):
        roles = ", ".join(ROLE_NAMES[role] for role in Role if role in MAY[permission])
        raise Forbidden(account=actor.account, permission=permission.value, roles=roles)

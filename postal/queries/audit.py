"""The audit trail as people read it: who looked at what, and who changed accounts or the catalogue."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from postal.domain import codes, permissions
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.queries import access
from postal.store import Store
from postal.store.tables import AuditRow, table_of

MOST_LINES = 200

WHAT: dict[str, str] = {
    "people_searched": "Tìm hồ sơ theo người",
    "dossier_seen": "Xem thông tin cá nhân của hồ sơ",
    "sender_repeated": "Lặp lại cho người gửi cũ",
    "item_reasons_seen": "Xem lý do ghi trên bưu gửi",
    "record_photo_seen": "Xem ảnh biên bản đã ký",
    "record_signer_seen": "Xem người ký biên bản",
    "pickups_seen": "Xem danh sách chờ nhận tại bưu cục",
    "pickup_seen": "Xem kết quả chờ nhận tại bưu cục",
    "run_seen": "Xem chuyến phát",
    "run_stop_seen": "Xem điểm phát",
    "run_printed": "In danh sách phát",
    "guidance_printed": "In phiếu hướng dẫn",
    "receipt_printed": "In phiếu gửi",
    "receipt_reissued": "Cấp lại phiếu gửi",
    "account_saved": "Lưu tài khoản",
    "offices_imported": "Nhập danh mục bưu cục",
    "procedures_imported": "Nhập danh mục thủ tục",
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
class AuditPage:
    """The last lines, and the filters they were chosen by."""

    lines: tuple[AuditLine, ...]
    account: str
    subject: str
    is_cut: bool
    is_everything: bool


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
        account=account,
        subject=subject,
        is_cut=len(rows) > MOST_LINES,
        is_everything=access.watches_all(actor),
    )


def _subject(typed: str) -> str:
    """Return how the trail writes a subject: a code without its hyphen, a name as it is."""
    squeezed = codes.squeezed(typed)
    return squeezed if len(squeezed) == codes.CODE_LENGTH and set(squeezed) <= set(codes.ALPHABET) else typed


def _href(subject: str) -> str:
    is_code = len(subject) == codes.CODE_LENGTH and set(subject) <= set(codes.ALPHABET)
    return f"/scan?q={subject}" if is_code else ""

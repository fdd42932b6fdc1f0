"""The slip that the desk issues (giấy tiếp nhận, hẹn trả): the post relays it where it carried the papers.

Source: QĐ 45/2016/QĐ-TTg Đ.16.3.
"""

from collections.abc import Iterable

from postal.domain.dossier import Dossier
from postal.domain.events import ItemKind, ReceptionMode, Service
from postal.domain.item import Custody, Item


def why_none(dossier: Dossier, items: Iterable[Item]) -> str:
    """Return why there is no slip that the post could relay now, empty when there is one."""
    if dossier.service is Service.RECEIVE or dossier.mode is not ReceptionMode.A:
        return "hồ sơ không do bưu điện gửi đến, giấy hẹn đã trao tại nơi nộp"
    if not dossier.official_code or dossier.is_over:
        return "Một cửa chưa tiếp nhận hoặc đã giải quyết xong"
    if any(item.kind is ItemKind.SLIP and item.custody is not Custody.VOIDED for item in items):
        return "giấy hẹn đã gửi đi rồi"
    return ""

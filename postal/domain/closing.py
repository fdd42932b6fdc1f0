"""When a dossier is over for good: no envelope under way, no original owed, no đồng open."""

from collections.abc import Iterable
from datetime import datetime

from postal.domain import codes, originals
from postal.domain.dossier import AgencyStatus, Dossier
from postal.domain.events import DossierClosed, ItemKind, Service
from postal.domain.item import FOR_THE_CITIZEN, Custody, Item
from postal.domain.people import Actor, Side
from postal.domain.refusals import Refused


class StillOpen(Refused):
    """A dossier closes when nothing is open; the sentence names what is."""

    code = "still_open"
    vi = "Hồ sơ {dossier} chưa đóng được: {what}. Làm xong các việc này rồi đóng."
    en = "Dossier {dossier} cannot be closed yet: {what}."


def open_points(dossier: Dossier, items: Iterable[Item]) -> tuple[str, ...]:
    """Return in words what is still open, empty when nothing is."""
    known = list(items)
    found = [
        _count(sum(_is_under_way(item) for item in known), "bưu gửi còn trên đường"),
        _count(originals.owed(dossier, known), "bản chính chưa trả người dân"),
        _count(dossier.fees.owed, "đ phí, lệ phí chưa thu"),
        _count(dossier.postage.owed, "đ cước chưa thu"),
        _count(dossier.fees.balance, "đ phí, lệ phí chưa nộp cơ quan"),
    ]
    has_result = dossier.status is not AgencyStatus.RESOLVED or _stays_at_the_desk(dossier, known)
    return tuple(words for words in (*found, "" if has_result else "kết quả chưa trả") if words)


def is_done(dossier: Dossier, items: Iterable[Item]) -> bool:
    """Tell whether a dossier that is not closed yet may be closed now."""
    return dossier.may(DossierClosed) and dossier.closed_at is None and not open_points(dossier, items)


def close(dossier: Dossier, items: Iterable[Item], *, by: Actor, at: datetime) -> DossierClosed:
    """Close a dossier.

    Raises: NotNow while the authority is at work or when it is closed, StillOpen.
    """
    dossier.must_allow(DossierClosed)
    dossier.must_be_open()
    points = open_points(dossier, items)
    if points:
        raise StillOpen(dossier=codes.shown(dossier.code), what="; ".join(points))
    return DossierClosed(by=by.as_author(), occurred_at=at)


def _count(number: int, words: str) -> str:
    return f"{number:,}".replace(",", ".") + f" {words}" if number else ""


def _is_under_way(item: Item) -> bool:
    """Tell whether somebody still has to do something with an envelope; what the authority keeps has arrived."""
    if item.is_final:
        return False
    is_kept = item.custodian.side is Side.AUTHORITY and item.custody is Custody.HELD and item.trouble is None
    return not (is_kept and (item.kind not in FOR_THE_CITIZEN or item.goes_back))


def _stays_at_the_desk(dossier: Dossier, items: Iterable[Item]) -> bool:
    """Tell whether the result is not the post's to bring: only sent, or sent back to the authority."""
    back = [item for item in items if item.kind is ItemKind.RESULT]
    return dossier.service is Service.SEND or any(item.goes_back for item in back)

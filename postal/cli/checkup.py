"""Looking a machine over: what must work before somebody works with it."""

import sys
from collections.abc import Callable
from dataclasses import dataclass

from postal.cli import opening
from postal.domain.refusals import Refused

OLDEST_PYTHON = (3, 11)


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """One thing that was looked at."""

    name: str
    is_well: bool
    words: str


class _Ill(Exception):
    """A check that failed; its words say what to do."""


def examine() -> list[Check]:
    """Look at everything, one after the other; a check that fails does not keep the others away."""
    checks: dict[str, Callable[[], str]] = {
        "Python": _python,
        "Thiết lập": _settings,
        "Cơ sở dữ liệu": _database,
        "Danh mục": _catalogue,
        "Lịch làm việc": _calendar,
        "In nhãn": _printing,
    }
    return [_checked(name, check) for name, check in checks.items()]


def _checked(name: str, check: Callable[[], str]) -> Check:
    try:
        return Check(name=name, is_well=True, words=check())
    except (_Ill, Refused, OSError, RuntimeError, ValueError) as error:
        return Check(name=name, is_well=False, words=str(error) or type(error).__name__)


def _python() -> str:
    if sys.version_info < OLDEST_PYTHON:
        raise _Ill("Cần Python 3.11 trở lên.")
    return sys.version.split()[0]


def _settings() -> str:
    known = opening.settings()
    return "chạy thật" if known.production else "chạy thử; đặt POSTAL_PRODUCTION=1 khi chạy thật"


def _database() -> str:
    with opening.store() as store:
        return f"{store.name}, đúng phiên bản"


def _catalogue() -> str:
    with opening.store() as store, store.read() as reader:
        found = reader.reference.procedures(on=opening.now().date())
    if not found:
        raise _Ill("Chưa có thủ tục nào. Chạy: python main.py seed.")
    return f"{len(found)} thủ tục"


def _calendar() -> str:
    from postal.domain import calendars

    year = calendars.local(opening.now()).year
    with opening.store() as store, store.read() as reader:
        calendar = reader.reference.calendar("state")
    if not calendar.is_published(year):
        raise _Ill(f"Lịch năm {year} chưa công bố, hạn chỉ là tạm tính. Nhập lịch mới.")
    return f"lịch năm {year} đã công bố"


def _printing() -> str:
    from labels import label

    sample = label.ItemLabel(
        code="P3FHJ8QXV9", headline="HỒ SƠ 1 tờ", destination="Nơi nhận", time="08:00 01/01/2026", office="Bưu cục"
    )
    return f"nhãn thử {len(label.label_pdf([sample]))} byte"

"""What the law says about complaints and compensation, computed from what was collected; unknown stays unknown.

Nothing here decides: it lays the facts beside the incident for the person who does.
"""

import calendar
from dataclasses import dataclass
from datetime import date

from postal.domain import calendars
from postal.domain.clocks import INTER_DAYS, INTRA_DAYS

WINDOW_MONTHS = 6
TIMES_POSTAGE = 4
LOSS = "Bồi thường khi mất"


@dataclass(frozen=True, kw_only=True, slots=True)
class Fact:
    """A rule as it applies here: a heading, what it says, where it stands and how sure that is."""

    name: str
    text: str
    source: str
    is_sure: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """What the facts are computed from.

    `due_on` is the end of the J+n time, None where no lane says it; `postage` what was collected, None where nobody
    recorded any; `is_intra` whether it stays in one province, None where a place is not known.
    """

    due_on: date | None
    postage: int | None
    refunded: int
    is_intra: bool | None
    was_accepted: bool
    is_late: bool | None


def facts(case: Case) -> tuple[Fact, ...]:
    """Return every rule as it applies to a case."""
    return (_window(case), _answer(case), _minimum(case), _reissue(), _late(case), _proof(case), _damaged())


def minimum(case: Case) -> int | None:
    """Return the least compensation for a loss in whole đồng, the refund of postage included; None when unknown."""
    return None if case.postage is None else TIMES_POSTAGE * case.postage


def complaint_until(due_on: date) -> date:
    """Return the last day of a complaint: six months after the end of the time to carry.

    >>> complaint_until(date(2026, 8, 31))
    datetime.date(2027, 2, 28)
    """
    months = due_on.year * 12 + due_on.month - 1 + WINDOW_MONTHS
    year, month = divmod(months, 12)
    return date(year, month + 1, min(due_on.day, calendar.monthrange(year, month + 1)[1]))


def _window(case: Case) -> Fact:
    ends = calendars.written(complaint_until(case.due_on)) if case.due_on else "chưa rõ, vì không có hạn chuyển"
    text = f"06 tháng từ ngày hết hạn chuyển. Ngày cuối: {ends}."
    return Fact(name="Thời hiệu khiếu nại", text=text, source="TT 17/2017/TT-BTTTT Đ.8")


def _answer(case: Case) -> Fact:
    if case.is_intra is None:
        text = f"{INTRA_DAYS} ngày làm việc trong tỉnh, {INTER_DAYS} ngày làm việc liên tỉnh; chưa rõ là loại nào."
    else:
        days, kind = (INTRA_DAYS, "trong tỉnh") if case.is_intra else (INTER_DAYS, "liên tỉnh")
        text = f"Chậm nhất {days} ngày làm việc ({kind}) từ ngày nhận khiếu nại."
    return Fact(name="Hạn trả lời khiếu nại", text=text, source="TT 17/2017/TT-BTTTT Đ.8")


def _minimum(case: Case) -> Fact:
    least = minimum(case)
    if least is None:
        text = "Ít nhất 4 lần cước, gồm cả cước hoàn lại. Chưa rõ số tiền, vì chưa ghi thu cước."
    else:
        refunded = f" Đã hoàn {_money(case.refunded)}." if case.refunded else ""
        text = f"Ít nhất {_money(least)} (4 lần cước {_money(case.postage or 0)}), gồm cả cước hoàn lại.{refunded}"
    return Fact(name=LOSS, text=text, source="NĐ 47/2011/NĐ-CP Đ.24-25")


def _reissue() -> Fact:
    text = (
        "Bưu chính chịu mọi chi phí cấp lại giấy tờ và phối hợp với cơ quan. Số tiền chưa rõ cho đến khi có chứng từ."
    )
    return Fact(name="Chi phí cấp lại", text=text, source="QĐ 45/2016/QĐ-TTg Đ.14")


def _late(case: Case) -> Fact:
    known = {True: "Đang chậm.", False: "Chưa chậm.", None: "Chưa rõ có chậm không, vì không có hạn chuyển."}
    amount = "chưa rõ số tiền" if case.postage is None else _money(max(0, case.postage - case.refunded))
    text = f"Chậm so với thời gian công bố, có chứng cứ: hoàn cước, còn {amount}. {known[case.is_late]}"
    return Fact(name="Hoàn cước khi chậm", text=text, source="NĐ 47/2011/NĐ-CP Đ.25.2; nhật ký này là chứng cứ")


def _proof(case: Case) -> Fact:
    has = "có" if case.was_accepted else "chưa có"
    text = f"Không có chứng từ chấp nhận thì không bồi thường. Hồ sơ này {has} phiếu gửi do bưu chính chấp nhận."
    return Fact(name="Chứng từ chấp nhận", text=text, source="NĐ 47/2011/NĐ-CP Đ.24-25")


def _damaged() -> Fact:
    text = "Bì rách phải kiểm kê, lập biên bản và gói lại."
    return Fact(name="Bì rách, ướt", text=text, source="TT 17/2017/TT-BTTTT Đ.11.2")


def _money(amount: int) -> str:
    return f"{amount:,}".replace(",", ".") + " đ"

"""A citizen's complaint about the post: what it is about, until when it may be made, by when the post answers.

Source: TT 17/2017/TT-BTTTT Đ.8. The record itself is an incident of the kind COMPLAINT.
"""

from dataclasses import dataclass
from datetime import date, datetime

from postal.domain import calendars, clocks, compensation
from postal.domain.calendars import WorkCalendar
from postal.domain.clocks import Due, Step
from postal.domain.events import ComplaintTopic
from postal.domain.refusals import Refused

BASIS = "TT 17/2017/TT-BTTTT Đ.8"

TOPIC_NAMES: dict[ComplaintTopic, str] = {
    ComplaintTopic.LATE: "Chậm",
    ComplaintTopic.LOST: "Mất, thất lạc",
    ComplaintTopic.DAMAGED: "Rách, ướt, hư hỏng",
    ComplaintTopic.STAFF: "Thái độ, cách làm việc của nhân viên",
    ComplaintTopic.MONEY: "Tiền cước, phí, lệ phí",
    ComplaintTopic.OTHER: "Việc khác",
}


class ComplaintTooLate(Refused):
    """A complaint is made within six months after the end of the time to carry."""

    code = "complaint_too_late"
    vi = (
        "Thời hiệu khiếu nại về {about} đã hết ngày {until}: 06 tháng từ ngày hết hạn chuyển {due_on} "
        "({basis}). Giải thích cho khách; việc khác thì gửi văn bản cho bưu cục."
    )
    en = "Complaints about {about} ended on {until}, six months after the time to carry ended on {due_on} ({basis})."


@dataclass(frozen=True, slots=True)
class Carriage:
    """What a complaint is measured by: the last day of the time to carry, None while nobody can say it, and how far."""

    due_on: date | None
    is_across: bool

    @property
    def until(self) -> date | None:
        """Return the last day of a complaint, None while the time to carry has no end."""
        return compensation.complaint_until(self.due_on) if self.due_on else None

    @property
    def window(self) -> Step:
        """Return until when one may complain, in words."""
        if self.due_on is None or self.until is None:
            text = "Chưa rõ ngày hết hạn chuyển nên chưa tính thời hiệu 06 tháng."
        else:
            due_on, until = calendars.written(self.due_on), calendars.written(self.until)
            text = f"Được khiếu nại đến {until}: 06 tháng từ ngày hết hạn chuyển {due_on}."
        return Step(text=text, basis=BASIS)

    def must_be_open(self, about: str, *, at: datetime) -> None:
        """Check that one may still complain about `about`. Raises: ComplaintTooLate."""
        if self.due_on is None or self.until is None or calendars.local(at).date() <= self.until:
            return
        raise ComplaintTooLate(
            about=about, until=f"{self.until:%d/%m/%Y}", due_on=f"{self.due_on:%d/%m/%Y}", basis=BASIS
        )

    def answer_due(self, received_at: datetime, *, calendar: WorkCalendar) -> Due:
        """Return by when the post answers a complaint; `calendar` is the post's."""
        return clocks.complaint_answer(received_at, is_across=self.is_across, calendar=calendar)

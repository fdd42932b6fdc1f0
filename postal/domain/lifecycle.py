"""What every stream has in common: a code, a version, an order of events."""

from typing import Protocol, Self

from postal.domain.events import Event
from postal.domain.refusals import Refused


class Stream(Protocol):
    """Something whose state is the fold of its events. `version` is the order of arrival, from 1."""

    @property
    def code(self) -> str: ...

    @property
    def version(self) -> int: ...

    def evolve(self, event: Event) -> Self:
        """Return the next state. Total: an event that does not fit is counted, never raised."""
        ...


class Overtaken(Refused):
    """Somebody else recorded something about the same thing first."""

    code = "overtaken"
    vi = "{thing} vừa có người khác cập nhật. Tải lại trang, xem thay đổi rồi làm lại nếu còn cần."
    en = "Somebody else has just updated {thing}. Reload the page and look before you repeat."


class NotNow(Refused):
    """The life cycle does not allow this step from here."""

    code = "not_now"
    vi = "{thing} đang ở trạng thái “{state}” nên chưa làm được việc này. Mở trang {thing} để xem việc cần làm tiếp."
    en = "{thing} is in state “{state}”, so this cannot be done now. Open its page to see the next step."


class UnknownCode(Refused):
    """The code is well formed and nobody knows it."""

    code = "unknown_code"
    vi = "Chưa có mã {thing} trong hệ thống. Xem lại mã trên nhãn, hoặc để riêng và ghi nhận là bưu gửi thừa."
    en = "Code {thing} is not known here. Look at the label again, or set the item aside."


class LabelBound(Refused):
    """A label can be bound once."""

    code = "label_bound"
    vi = "Nhãn {thing} đã gắn với một hồ sơ khác. Lấy nhãn mới rồi lưu lại."
    en = "Label {thing} is already bound. Take a new label and save again."

"""How messages go out: by which channel, in which hours, how often they are tried, and how a gateway says no."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import Enum

from postal.domain import calendars
from postal.domain.lifecycle import UnknownCode
from postal.domain.refusals import Refused


class Channel(Enum):
    """How a message reaches somebody."""

    SMS = "sms"
    MAIL = "mail"


CHANNEL_NAMES: dict[Channel, str] = {Channel.SMS: "tin nhắn", Channel.MAIL: "thư điện tử"}


class NoticeState(Enum):
    """How far a message is. Only `OWED` is tried; only `FAILED` waits for a person."""

    OWED = "owed"
    SENT = "sent"
    DROPPED = "dropped"
    FAILED = "failed"
    TOLD = "told"
    GIVEN_UP = "given_up"


NOTICE_STATE_NAMES: dict[NoticeState, str] = {
    NoticeState.OWED: "chờ gửi",
    NoticeState.SENT: "đã gửi",
    NoticeState.DROPPED: "bỏ, không còn đúng",
    NoticeState.FAILED: "không gửi được",
    NoticeState.TOLD: "đã gọi điện báo",
    NoticeState.GIVEN_UP: "thôi không báo",
}


class NotTaken(OSError):
    """A gateway did not take a message, and may take it later; the words name no address and no text."""


class NeverTaken(NotTaken):
    """A gateway will not take this message however often it is asked: a wrong number, a mailbox that is not there."""


class NoSuchMessage(UnknownCode):
    """Nobody waits for this message, or somebody looked after it already."""

    code = "no_such_message"
    vi = "Tin này không có, hoặc đã có người xử lý. Mở lại danh sách tin."
    en = "There is no such message, or somebody looked after it. Open the list again."


class WrongQuietHours(Refused):
    """Quiet hours are two times of the day."""

    code = "wrong_quiet_hours"
    vi = "Giờ không gửi tin “{text}” chưa đúng. Viết như 21:00-07:00, hoặc để trống để gửi cả ngày."
    en = "Quiet hours “{text}” cannot be read. Write 21:00-07:00, or nothing."


@dataclass(frozen=True, slots=True)
class QuietHours:
    """When people sleep, in Vietnam's time: from `begins` until just before `ends`; two equal times are never."""

    begins: time = time(0)
    ends: time = time(0)

    def hold(self, at: datetime) -> bool:
        """Tell whether an instant lies in the quiet hours."""
        now = calendars.local(at).time()
        if self.begins <= self.ends:
            return self.begins <= now < self.ends
        return now >= self.begins or now < self.ends


NEVER_QUIET = QuietHours()


def quiet_hours(text: str) -> QuietHours:
    """Read quiet hours as a setting writes them. Raises: WrongQuietHours.

    >>> quiet_hours("21:00-07:00").begins.hour
    21
    """
    if not text.strip():
        return NEVER_QUIET
    try:
        begins, ends = (time.fromisoformat(each.strip()) for each in text.split("-"))
    except ValueError:
        raise WrongQuietHours(text=text) from None
    return QuietHours(begins, ends)


@dataclass(frozen=True, kw_only=True, slots=True)
class Patience:
    """How a message is tried: a claim that outlives any gateway's answer, pauses that double, and an end.

    With the values below a message is tried for half an hour in ever longer pauses, then every half an hour, ten hours
    in all: within one day of sending, after which somebody can still be rung up.
    """

    claim: timedelta = timedelta(minutes=2)
    first_pause: timedelta = timedelta(minutes=1)
    longest_pause: timedelta = timedelta(minutes=30)
    most_tries: int = 24

    def pause(self, tries: int) -> timedelta:
        """Return how long to wait after so many tries, from 1."""
        doubled: int = 2 ** min(tries - 1, 16)
        return min(self.first_pause * doubled, self.longest_pause)

    def is_over(self, tries: int) -> bool:
        """Tell whether somebody must look now; whoever tries again gives it as many tries once more."""
        return tries % self.most_tries == 0


PATIENCE = Patience()

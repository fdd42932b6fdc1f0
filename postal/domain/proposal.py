"""A proposed day of rounds: who drives what, what stays behind and why, and what it was worked out from.

It is worked out outside any transaction, so accepting it checks that nothing it used has changed meanwhile. It names
items, communes and accounts, nobody's name or door.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum

from postal.domain import codes
from postal.domain.events import PlannedStop
from postal.domain.people import Author
from postal.domain.refusals import Refused


class Why(Enum):
    """Why something is on no run, or is done too late."""

    OVER_HOURS = "over_hours"
    NO_POSTMAN = "no_postman"
    OUTSIDE = "outside"
    TOO_FAR = "too_far"
    OTHER_PROMISES = "other_promises"
    NEXT_DAY = "next_day"
    ROAD_CLOSED = "road_closed"
    NO_POINT = "no_point"
    OVER_LOAD = "over_load"


WHY_NAMES: dict[Why, str] = {
    Why.OVER_HOURS: "quá giờ làm việc của tuyến",
    Why.NO_POSTMAN: "tuyến chưa có bưu tá, không còn ai rảnh",
    Why.OUTSIDE: "ngoài mọi tuyến",
    Why.TOO_FAR: "khung giờ hẹn đóng trước khi đến kịp",
    Why.OTHER_PROMISES: "khung giờ hẹn trùng các hẹn khác",
    Why.NEXT_DAY: "điều phối chuyển sang ngày làm việc sau",
    Why.ROAD_CLOSED: "nằm trong vùng đường bị chặn",
    Why.NO_POINT: "chưa biết địa điểm trên bản đồ",
    Why.OVER_LOAD: "quá sức chở của xe",
}

NEXT_STEPS: dict[Why, str] = {
    Why.OVER_HOURS: "Để ngày sau, hoặc thêm bưu tá rồi lập lại.",
    Why.NO_POSTMAN: "Cử bưu tá đi thay rồi lập lại.",
    Why.OUTSIDE: "Giữ tại bưu cục và mời đến nhận, hoặc nhờ điều phối thêm vào một tuyến.",
    Why.TOO_FAR: "Gọi người dân hẹn giờ khác.",
    Why.OTHER_PROMISES: "Gọi người dân hẹn giờ khác, hoặc thêm bưu tá.",
    Why.NEXT_DAY: "Không phải làm gì: tự lên phương án của ngày đó.",
    Why.ROAD_CLOSED: "Để ngày sau, hoặc gọi người dân hẹn nhận nơi khác.",
    Why.NO_POINT: "Ghi vị trí ở trang Vị trí địa chỉ, rồi lập lại.",
    Why.OVER_LOAD: "Cử thêm xe, cho quay về lấy thêm một lượt, hoặc để ngày sau.",
}


class Remedy(Enum):
    """What would have to change for something to go along."""

    LONGER_HOURS = "longer_hours"
    ANOTHER_DRIVER = "another_driver"
    WIDER_WINDOW = "wider_window"
    MORE_ROOM = "more_room"
    INTO_ROUND = "into_round"
    A_POINT = "a_point"


REMEDY_NAMES: dict[Remedy, str] = {
    Remedy.LONGER_HOURS: "Đi được nếu {postman} làm thêm {minutes} phút; chuyến dài thêm {km} km.",
    Remedy.ANOTHER_DRIVER: "Đi được nếu thêm một bưu tá khoảng {minutes} phút; riêng điểm này {km} km.",
    Remedy.WIDER_WINDOW: "Đi được nếu hẹn muộn hơn {minutes} phút; chuyến của {postman} dài thêm {km} km.",
    Remedy.MORE_ROOM: "Đi được nếu {postman} quay về lấy thêm một lượt; chuyến dài thêm {longer} phút, {km} km.",
    Remedy.INTO_ROUND: "Thêm vào tuyến của {postman} thì dài thêm {longer} phút, {km} km, vẫn đủ giờ.",
    Remedy.A_POINT: "Đi được khi có địa điểm trên bản đồ.",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Price:
    """The cheapest thing that would have to change for a stop to go along, and what it would cost.

    `minutes` are those of the remedy; `longer` minutes and `metres` come on top of the run of `postman`.
    """

    remedy: Remedy
    postman: str
    minutes: int
    longer: int
    metres: int

    def words(self, names: Mapping[str, str]) -> str:
        """Return it as a sentence; `names` are those of the accounts."""
        postman = names.get(self.postman, self.postman) or "bưu tá"
        km = f"{self.metres / 1000:.1f}".replace(".", ",")
        return REMEDY_NAMES[self.remedy].format(postman=postman, minutes=self.minutes, longer=self.longer, km=km)


class OneVehicleTwice(Refused):
    """One vehicle drives one round at a time."""

    code = "one_vehicle_twice"
    vi = "Xe {plate} được giao cho hai tuyến cùng giờ: {first} và {second}. Sửa xe của một tuyến rồi lập lại."
    en = "Vehicle {plate} is given to two rounds at the same hours: {first} and {second}."


class AlreadyPlanned(Refused):
    """One run has a thing at a time."""

    code = "already_planned"
    vi = "{thing} đã nằm trong chuyến {run}. Bỏ ra khỏi lượt này: tải lại trang rồi lập tiếp phần còn lại."
    en = "{thing} is on run {run} already. Load the page again and plan what is left."


class ChangedMeanwhile(Refused):
    """A proposal rests on what was known when it was made."""

    code = "changed_meanwhile"
    vi = "{thing} đã thay đổi từ lúc lập phương án. Chưa lập chuyến nào. Bấm “Lập lại phương án” rồi xem lại."
    en = "{thing} has changed since the proposal was made. No run was planned. Make a new proposal."


class NothingProposed(Refused):
    """A day needs something that waits for a door."""

    code = "nothing_proposed"
    vi = "Ngày {day} chưa có gì chờ đi trên các tuyến của {place}. Ký nhận túi vừa về hoặc chọn ngày khác rồi lập lại."
    en = "On {day} nothing waits on the territories of {place}."


class NothingAccepted(Refused):
    """At least one proposed run is accepted."""

    code = "nothing_accepted"
    vi = "Chưa chọn chuyến nào. Đánh dấu ít nhất một chuyến có bưu tá rồi bấm lại."
    en = "No run was chosen. Tick at least one that has a postman."


class UnknownProposal(Refused):
    """Nobody has made this proposal."""

    code = "unknown_proposal"
    vi = "Không có phương án này. Mở trang Tuyến phát rồi lập phương án mới."
    en = "There is no such proposal. Open the runs and make a new one."


class HoursOver(Refused):
    """A day's rounds are proposed while there is time to drive them."""

    code = "hours_over"
    vi = "Giờ làm việc của các tuyến ngày {day} đã hết lúc {closes}. Lập phương án cho ngày làm việc sau."
    en = "The hours of {day} ended at {closes}. Propose the next working day."


@dataclass(frozen=True, kw_only=True, slots=True)
class Late:
    """A stop of a proposed run that comes after its promised hours."""

    number: int
    minutes: int
    why: Why


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """A run as proposed. `part` counts the runs of one round from 0; `by_spare` tells that somebody stands in.

    `locked` names the stops that stay on this run, `by_hand` tells that somebody put its stops into their order: a new
    plan keeps both.
    """

    territory: str
    office: str
    part: int
    postman: str
    by_spare: bool
    stops: tuple[PlannedStop, ...]
    metres: int
    seconds: int
    starts_at: datetime
    longest_minutes: int
    late: tuple[Late, ...] = ()
    locked: tuple[str, ...] = ()
    by_hand: bool = False

    @property
    def things(self) -> tuple[str, ...]:
        """Return everything on it, items and home pickups, in the order of the stops."""
        return things_of(self.stops)

    @property
    def load_percent(self) -> int:
        """Return how much of the longest working time it takes, in hundredths."""
        return round(100 * self.seconds / 60 / self.longest_minutes)


@dataclass(frozen=True, kw_only=True, slots=True)
class LeftBehind:
    """What is for one door and on no run. `is_promised` tells that the law or a promise ties it to this day.

    `until` is the day a coordinator moved it to. `stop` is what it would be on a run, where that is known, `price` what
    would have to change for it to be on one.
    """

    office: str
    territory: str
    commune: str
    things: tuple[str, ...]
    why: Why
    is_promised: bool
    until: date | None = None
    stop: PlannedStop | None = None
    price: Price | None = None

    @property
    def name(self) -> str:
        """Return what the stop is called: its first thing."""
        return self.things[0]

    @property
    def reason(self) -> str:
        """Return in words why it is on no run."""
        return f"điều phối chuyển sang ngày {self.until:%d/%m/%Y}" if self.until else WHY_NAMES[self.why]

    def next_step(self, names: Mapping[str, str]) -> str:
        """Return what to do, and what would have to change for it to go along; `names` are those of the accounts."""
        step = NEXT_STEPS[self.why]
        return f"{step} {self.price.words(names)}" if self.price and self.until is None else step


@dataclass(frozen=True, kw_only=True, slots=True)
class Proposal:
    """The rounds of an office, or of `province:48`, on a day. `used` names what it rests on, with the versions.

    `ways` says in sentences where distances come from, and which of them are a guess.
    """

    place: str
    day: date
    made_at: datetime
    by: Author
    drafts: tuple[Draft, ...]
    left: tuple[LeftBehind, ...]
    used: tuple[tuple[str, int], ...]
    ways: tuple[str, ...] = ()

    def chosen(self, numbers: Collection[int] | None) -> dict[int, Draft]:
        """Return the runs somebody accepts, by their place in the list; all of them where nobody chose.

        Raises: NothingAccepted.
        """
        wanted = range(len(self.drafts)) if numbers is None else numbers
        found = {n: draft for n, draft in enumerate(self.drafts) if n in wanted and draft.stops}
        if not found:
            raise NothingAccepted
        return found

    def must_still_hold(self, now: Mapping[str, int], *, wanted: Iterable[str]) -> None:
        """Refuse to go on when one of the wanted things is not as it was, or gone. Raises: ChangedMeanwhile."""
        known = dict(self.used)
        for thing in wanted:
            if now.get(thing) != known[thing]:
                raise ChangedMeanwhile(thing=codes.shown(thing))


def things_of(stops: Iterable[PlannedStop]) -> tuple[str, ...]:
    """Return everything at some stops, items and home pickups, in their order."""
    return tuple(thing for stop in stops for thing in stop.things)

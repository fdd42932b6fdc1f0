"""What would be if: a postman absent, a stop more, a road closed, asked of a plan before anybody changes it."""

from dataclasses import dataclass

from postal.domain.refusals import Refused

TRIED = "THU-"
"""What the name of a stop begins with that brings nothing and is only tried."""

LONGEST_VISIT = 120
"""Minutes at one door; more is no stop of a round."""

WIDEST = 20_000
"""Metres around a point that may be closed; more is no road but a region."""


class NothingAsked(Refused):
    """A question changes something."""

    code = "nothing_asked"
    vi = "Chưa chọn gì để xem thử. Chọn bưu tá vắng, thêm một điểm, hoặc chọn nơi đường bị chặn rồi bấm lại."
    en = "Nothing was chosen to try. Choose an absent postman, a further stop or a closed road."


class WrongVisit(Refused):
    """A stop takes some minutes."""

    code = "wrong_visit"
    vi = "Số phút tại điểm thêm phải từ 1 đến {longest}. Gõ lại số phút."
    en = "The minutes at the further stop are between 1 and {longest}."


class WrongClosure(Refused):
    """A closed place is a circle of some size."""

    code = "wrong_closure"
    vi = "Bán kính đoạn đường bị chặn phải từ 50 đến {widest} mét. Gõ lại bán kính."
    en = "The radius of what is closed is between 50 and {widest} metres."


class NoSuchThing(Refused):
    """A stop is added for something that waits at the office."""

    code = "no_such_waiting"
    vi = "{thing} không có trong số đang chờ phát của phương án này. Kiểm tra mã, hoặc chọn xã, phường để xem thử."
    en = "{thing} does not wait for a door of this plan. Check the code, or choose a commune to try."


class NoSuchPostman(Refused):
    """Whoever is absent drives in the plan."""

    code = "no_such_postman"
    vi = "Bưu tá {name} không đi chuyến nào trong phương án này. Chọn người khác."
    en = "Postman {name} drives no run of this plan."


class OfficeClosed(Refused):
    """Where the office itself cannot be left, there is nothing to plan."""

    code = "office_closed"
    vi = "Vùng bị chặn có cả {office}, nên không chuyến nào đi được. Thu nhỏ bán kính rồi xem thử lại."
    en = "{office} itself lies inside what is closed, so that no run can leave. Make the radius smaller."


class UnknownMiddle(Refused):
    """What is closed or visited lies somewhere."""

    code = "unknown_middle"
    vi = "Chưa biết {commune} nằm ở đâu trên bản đồ, nên chưa xem thử được. Chọn xã, phường khác."
    en = "Nobody knows where {commune} lies. Choose another commune."


@dataclass(frozen=True, kw_only=True, slots=True)
class Added:
    """A stop more: a thing that waits at the office, or a visit somewhere in a commune, to see what it would cost."""

    thing: str = ""
    commune: str = ""
    minutes: int = 4

    def __post_init__(self) -> None:
        if not 1 <= self.minutes <= LONGEST_VISIT:
            raise WrongVisit(longest=LONGEST_VISIT)

    @property
    def is_real(self) -> bool:
        """Tell whether something would really be brought; a visit that is only tried is put on no run."""
        return bool(self.thing)


@dataclass(frozen=True, kw_only=True, slots=True)
class Closed:
    """A circle nobody drives through: around the middle of a commune, or halfway from it to an `other` one."""

    commune: str
    other: str = ""
    radius_m: int = 1_000

    def __post_init__(self) -> None:
        if not 50 <= self.radius_m <= WIDEST:
            raise WrongClosure(widest=WIDEST)


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """What is tried. With `keeps_rest` everybody else keeps what he has; the order of his stops may change."""

    absent: tuple[str, ...] = ()
    added: tuple[Added, ...] = ()
    closed: tuple[Closed, ...] = ()
    keeps_rest: bool = True

    def __post_init__(self) -> None:
        if not (self.absent or self.added or self.closed):
            raise NothingAsked

    @property
    def communes(self) -> frozenset[str]:
        """Return the communes it names."""
        closed = {name for each in self.closed for name in (each.commune, each.other)}
        return frozenset(closed | {each.commune for each in self.added}) - {""}

    @property
    def can_be_applied(self) -> bool:
        """Tell whether its answer is a plan that can be driven: nothing in it is only tried."""
        return all(each.is_real for each in self.added)

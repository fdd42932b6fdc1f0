"""What a place decides for itself: whether a bag is received whole, and how its time limits are counted."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from postal.domain import calendars, codes
from postal.domain.bag import Bag
from postal.domain.clocks import COUNTING_NAMES, POST_STARTS, Counting, PostStart
from postal.domain.places import PlaceKind
from postal.domain.refusals import Refused

SAMPLE_SIZE = 5
"""So many envelopes are looked at where the policy asks for a sample."""


class PolicyName(Enum):
    """What a place may decide for itself."""

    WHOLE_BAG = "whole_bag"
    COUNTING = "counting"
    START_BY_POST = "start_by_post"
    HOURS = "hours"


OF_AUTHORITY = frozenset({PolicyName.COUNTING, PolicyName.START_BY_POST, PolicyName.HOURS})
"""What a desk or department decides about its time limits; a post office has no say in them."""


class WholeBag(Enum):
    """How a place receives a bag whose seal is unhurt and matches."""

    OFF = "off"
    SAMPLE = "sample"
    ALWAYS = "always"


WHOLE_BAG_NAMES: dict[WholeBag, str] = {
    WholeBag.OFF: "Không, quét từng bưu gửi",
    WholeBag.SAMPLE: f"Được, sau khi kiểm {SAMPLE_SIZE} bưu gửi máy chọn",
    WholeBag.ALWAYS: "Luôn được, khi niêm phong nguyên và đúng số",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """What a place decided, since when, by whom, and on which basis."""

    place: str
    name: PolicyName
    value: str
    basis: str
    since: datetime
    account: str


class WholeBagNotAllowed(Refused):
    """The place counts every envelope."""

    code = "whole_bag_not_allowed"
    vi = "Đơn vị chưa cho nhận nguyên túi. Quét từng bưu gửi trong túi {bag}, hoặc nhờ người phụ trách đổi cách làm."
    en = "This place does not receive whole bags. Scan every item of bag {bag}."


class SealNotSame(Refused):
    """Only a bag with its own unhurt seal is received whole."""

    code = "seal_not_same"
    vi = "Niêm phong túi {bag} không khớp hoặc đã rách, không nhận nguyên túi được. Quét từng bưu gửi."
    en = "The seal of bag {bag} does not match or is broken. Scan every item."


class SampleNotSeen(Refused):
    """The drawn sample is looked at before the rest is received unseen."""

    code = "sample_not_seen"
    vi = "Còn {count} bưu gửi phải kiểm trước khi nhận nguyên túi {bag}: {items}. Tìm trong túi và quét."
    en = "{count} items of bag {bag} must be seen first: {items}."


class NoPolicyBasis(Refused):
    """How time limits are counted rests on something."""

    code = "no_policy_basis"
    vi = "Chưa ghi căn cứ. Ghi số, ngày của văn bản cho phép tính thời hạn theo cách này rồi lưu lại."
    en = "Say which decision allows counting this way."


class NotForThisPlace(Refused):
    """Only the authority decides how its limits are counted."""

    code = "policy_not_for_this_place"
    vi = "Cách tính thời hạn do bộ phận Một cửa, cơ quan giải quyết đặt. Bưu cục không đặt được."
    en = "Only a one-stop desk or a department decides how its time limits are counted."


class UnknownPolicy(Refused):
    """A policy has one of its own values."""

    code = "unknown_policy"
    vi = "Chưa chọn cách làm. Chọn một dòng trong danh sách rồi lưu."
    en = "Choose one of the ways on the list, then save."


def sample(bag: Bag, inside: Collection[str]) -> tuple[str, ...]:
    """Return the envelopes of a bag that must be seen: drawn from its code, so that nobody chooses them.

    The same bag always gives the same ones, on every page and for every person.
    """
    drawn = sorted(inside, key=lambda item: hashlib.sha256(f"{bag.code}|{bag.seal}|{item}".encode()).digest())
    return tuple(drawn[:SAMPLE_SIZE])


def must_allow_whole(policy: WholeBag, bag: Bag, inside: Collection[str], found: Collection[str]) -> None:
    """Refuse to receive what nobody looked at, unless the place allows it for this bag.

    Raises: WholeBagNotAllowed, SealNotSame, SampleNotSeen.
    """
    shown = codes.shown(bag.code)
    if policy is WholeBag.OFF:
        raise WholeBagNotAllowed(bag=shown)
    if not bag.was_intact:
        raise SealNotSame(bag=shown)
    unseen = [item for item in sample(bag, inside) if item not in found] if policy is WholeBag.SAMPLE else []
    if unseen:
        raise SampleNotSeen(bag=shown, count=len(unseen), items=_listed(unseen))


DEFAULTS: dict[PolicyName, str] = {
    PolicyName.WHOLE_BAG: WholeBag.OFF.value,
    PolicyName.COUNTING: Counting.CIVIL_CODE.value,
    PolicyName.START_BY_POST: PostStart.SLIP.value,
    PolicyName.HOURS: "",
}
"""What holds where nobody decided; for opening hours those of the calendar."""

OPTIONS: dict[PolicyName, dict[str, str]] = {
    PolicyName.WHOLE_BAG: {way.value: name for way, name in WHOLE_BAG_NAMES.items()},
    PolicyName.COUNTING: {way.value: name for way, name in COUNTING_NAMES.items()},
    PolicyName.START_BY_POST: {way.value: f"Khi {start.event}" for way, start in POST_STARTS.items()},
}
"""What may be chosen, with what it is called; opening hours are typed."""

MOST_SESSIONS = 2


def checked(name: PolicyName, value: str, *, basis: str, kind: PlaceKind) -> str:
    """Return a value as it is kept, if the place may choose it.

    Raises: UnknownPolicy, NotForThisPlace, NoPolicyBasis, WrongHours.
    """
    if name in OF_AUTHORITY and kind is PlaceKind.OFFICE:
        raise NotForThisPlace
    chosen = _hours(value) if name is PolicyName.HOURS else value
    if name is not PolicyName.HOURS and chosen not in OPTIONS[name]:
        raise UnknownPolicy
    if name in OF_AUTHORITY and chosen != DEFAULTS[name] and not basis.strip():
        raise NoPolicyBasis
    return chosen


def _hours(value: str) -> str:
    """Return opening hours in the one way they are kept, empty for those of the calendar. Raises: WrongHours."""
    if not value.strip():
        return ""
    read = calendars.sessions(value)
    if len(read) > MOST_SESSIONS:
        raise calendars.WrongHours(text=value)
    return ",".join(f"{each.opens:%H:%M}-{each.closes:%H:%M}" for each in read)


def _listed(items: Sequence[str]) -> str:
    return ", ".join(codes.shown(item) for item in items)

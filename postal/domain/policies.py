"""What a place decides for itself: whether a bag may be received whole, without counting every envelope."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from postal.domain import codes
from postal.domain.bag import Bag
from postal.domain.refusals import Refused

SAMPLE_SIZE = 5
"""So many envelopes are looked at where the policy asks for a sample."""


class PolicyName(Enum):
    """What a place may decide for itself."""

    WHOLE_BAG = "whole_bag"


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


def whole_bag(value: str) -> WholeBag:
    """Return the way of receiving that a value names. Raises: UnknownPolicy."""
    try:
        return WholeBag(value)
    except ValueError:
        raise UnknownPolicy from None


def _listed(items: Sequence[str]) -> str:
    return ", ".join(codes.shown(item) for item in items)

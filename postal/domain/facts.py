"""Facts from a device that was offline: what it sent, read once, and what it means for an item when it comes.

A fact is never refused for the life cycle, since it has happened. The ledger keeps it bare (`Claimed`); `chain` reads
what it amounts to from everything that is known, so that the order of arrival decides nothing. See
docs/decisions/0007-facts-from-devices.md and 0012-order-of-facts.md.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any

from postal.domain import acts, codes
from postal.domain.acts import Act, ActKind
from postal.domain.codes import CodeKind
from postal.domain.events import Claimed, DeclineReason, FactKind
from postal.domain.people import Actor, Custodian
from postal.domain.permissions import Permission
from postal.domain.refusals import Refused

SKEW = timedelta(minutes=5)
"""How far the clock of a device may be ahead of ours, or behind."""

LONGEST_OFFLINE = timedelta(days=31)
"""How long ago a device may tell of and be believed; what it says of earlier is kept with the time we heard of it."""

LARGEST_SEQUENCE = 2**63 - 1
_ID = re.compile(r"[0-9a-fA-F]{32}")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_LONGEST_WORD = 64
MOST_PARENTS = 32
"""So many events a device may name as known of one item: the heads it saw, not the whole history."""


class Doubt(Enum):
    """Why a fact is kept aside: nobody can tell what it says, or whoever sends it may not say it."""

    UNREADABLE = "unreadable"
    UNKNOWN_KIND = "unknown_kind"
    UNKNOWN_ITEM = "unknown_item"
    UNKNOWN_RECEIVER = "unknown_receiver"
    UNKNOWN_REASON = "unknown_reason"
    FORBIDDEN = "forbidden"
    MISMATCH = "mismatch"
    REVOKED_DEVICE = "revoked_device"


DOUBTS: dict[Doubt, str] = {
    Doubt.UNREADABLE: "Thiếu ô hoặc ô sai dạng.",
    Doubt.UNKNOWN_KIND: "Loại sự việc chưa được hỗ trợ.",
    Doubt.UNKNOWN_ITEM: "Chưa có mã bưu gửi hoặc túi này trong hệ thống.",
    Doubt.UNKNOWN_RECEIVER: "Chưa có bên nhận này trong hệ thống.",
    Doubt.UNKNOWN_REASON: "Lý do không nhận chưa có trong danh sách.",
    Doubt.FORBIDDEN: "Tài khoản gửi không có quyền giao hoặc nhận bưu gửi.",
    Doubt.MISMATCH: "Mã sự việc đã dùng cho một nội dung khác.",
    Doubt.REVOKED_DEVICE: "Thiết bị đã bị thu hồi. Kiểm soát viên xem lại rồi mới ghi.",
}

NEEDS: dict[FactKind, Permission] = {
    FactKind.HANDED_OVER: Permission.HAND_OVER,
    FactKind.ACCEPTED: Permission.RECEIVE,
    FactKind.DECLINED: Permission.RECEIVE,
    FactKind.MOVED: Permission.HAND_OVER,
    FactKind.SIGHTED: Permission.SEE_DOSSIERS,
}
"""What an account must be allowed to do to tell a fact of each kind."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Fact:
    """What happened while a device was offline. `item` is an item or a bag; `device_seq` counts on the device.

    `to` is the key of a custodian, `position` the one the teller acted in, where he says so. `parents` are the numbers
    of the events his device knew, None where it does not say. `record` is the hand-over record both phones agreed on,
    `after` when the device had spoken to us last.
    """

    kind: FactKind
    item: str
    to: str
    reason: DeclineReason | None
    occurred_at: datetime
    device_seq: int
    parents: tuple[bytes, ...] | None = None
    position: str = ""
    record: str = ""
    after: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Sent:
    """One line of a batch: its content as it came, its number if it has one, the fact or act, or the doubt about it."""

    content: str
    id: bytes | None
    fact: Fact | None = None
    act: Act | None = None
    doubt: Doubt | None = None

    @property
    def told(self) -> Fact | Act | None:
        """Return what it tells, None when nobody can read it."""
        return self.fact or self.act

    @property
    def about(self) -> frozenset[str]:
        """Return every code that it names."""
        if self.fact:
            return frozenset({self.fact.item, self.fact.record} - {""})
        return self.act.about if self.act else frozenset()


# --- reading ----------------------------------------------------------------------------------------------------------


def read(raw: object) -> Sent:
    """Return a line of a batch; whatever was sent, it is kept and nothing is raised."""
    content = json.dumps(raw, sort_keys=True, separators=(",", ":"))
    if not isinstance(raw, dict) or not _ID.fullmatch(_word(raw, "id")):
        return Sent(content=content, id=None, doubt=Doubt.UNREADABLE)
    number, found = bytes.fromhex(raw["id"]), _told(raw)
    match found:
        case Fact():
            return Sent(content=content, id=number, fact=found)
        case Act():
            return Sent(content=content, id=number, act=found)
        case Doubt():
            return Sent(content=content, id=number, doubt=found)


def _told(raw: Mapping[str, Any]) -> Fact | Act | Doubt:
    sequence, occurred_at = raw.get("device_seq"), _instant(_word(raw, "occurred_at"))
    if type(sequence) is not int or not 0 <= sequence <= LARGEST_SEQUENCE or occurred_at is None:
        return Doubt.UNREADABLE
    whole = {kind.value: kind for kind in ActKind}
    if (kind := whole.get(_word(raw, "kind"))) is not None:
        after = _instant(_word(raw, "after"))
        act = acts.read(kind, raw, device_seq=sequence, occurred_at=occurred_at, after=after)
        return act or Doubt.UNREADABLE
    return _fact(raw, sequence, occurred_at)


def _fact(raw: Mapping[str, Any], sequence: int, occurred_at: datetime) -> Fact | Doubt:
    kinds = {kind.value: kind for kind in FactKind}
    if (kind := kinds.get(_word(raw, "kind"))) is None:
        return Doubt.UNKNOWN_KIND
    item = _word(raw, "item")
    if not (code := _code(item, CodeKind.ITEM) or _code(item, CodeKind.BAG)):
        return Doubt.UNKNOWN_ITEM
    to, reason = _word(raw, "to"), _reason(_word(raw, "reason"))
    if kind in (FactKind.HANDED_OVER, FactKind.MOVED) and not to:
        return Doubt.UNKNOWN_RECEIVER
    if kind is FactKind.DECLINED and reason is None:
        return Doubt.UNKNOWN_REASON
    parents = _parents(raw.get("parents"))
    if parents is _UNREAD:
        return Doubt.UNREADABLE
    return Fact(
        kind=kind,
        item=code,
        to=to,
        reason=reason,
        occurred_at=occurred_at,
        device_seq=sequence,
        parents=parents,
        position=_word(raw, "position"),
        record=_code(_word(raw, "record"), CodeKind.HANDOVER),
        after=_instant(_word(raw, "after")),
    )


_UNREAD: tuple[bytes, ...] = (b"",)
"""Stands for parents nobody can read."""


def _parents(told: object) -> tuple[bytes, ...] | None:
    """Return the numbers a device names as known; a list of anything else is unread, nothing at all is no list."""
    if told is None:
        return None
    if not isinstance(told, list) or len(told) > MOST_PARENTS:
        return _UNREAD
    if not all(isinstance(each, str) and _ID.fullmatch(each) for each in told):
        return _UNREAD
    return tuple(sorted({bytes.fromhex(each) for each in told}))


def _word(raw: Mapping[str, Any], name: str) -> str:
    """Return a short text of a line, empty when it is anything else."""
    value = raw.get(name)
    return value if isinstance(value, str) and len(value) <= _LONGEST_WORD and value.isprintable() else ""


def _instant(text: str) -> datetime | None:
    """Return a time of RFC 3339 with its offset, None for anything else."""
    if not _TIME.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _code(text: str, kind: CodeKind) -> str:
    try:
        return codes.parse(text, kind=kind).text
    except Refused:
        return ""


def _reason(text: str) -> DeclineReason | None:
    return next((reason for reason in DeclineReason if reason.value == text), None)


# --- what a fact is for the ledger ------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Heard:
    """When a fact happened for the ledger; `claimed_at` is set when nobody can trust what the device's clock said."""

    occurred_at: datetime
    claimed_at: datetime | None = None


def heard(fact: Fact | Act, *, sent_at: datetime | None, at: datetime, since: datetime | None = None) -> Heard:
    """Trust the time of a fact when its device's clock agrees with ours, else take when we heard of it.

    `sent_at` is what the device's clock said when it sent, None where it does not say. `since` is our own knowledge of
    when it had spoken to us last, for a fact that does not say so. Too far back or ahead of us is not trusted either,
    and never refused: the fact has happened.
    """
    after = fact.after or since
    is_right = sent_at is None or abs(sent_at - at) <= SKEW
    is_possible = at - LONGEST_OFFLINE <= fact.occurred_at <= at + SKEW
    if is_right and is_possible and (after is None or after - SKEW <= fact.occurred_at):
        return Heard(occurred_at=fact.occurred_at)
    return Heard(occurred_at=at, claimed_at=fact.occurred_at)


def claim_of(
    fact: Fact, when: Heard, *, hands: tuple[Custodian, ...], to: Custodian | None, record: str, by: Actor
) -> Claimed:
    """Return the bare fact as the ledger keeps it; what it amounts to is read from the whole chain, not now."""
    return Claimed(
        fact=fact.kind,
        to=to,
        reason=fact.reason,
        hands=hands,
        record=record,
        claimed_at=when.claimed_at,
        by=by.as_author(),
        occurred_at=when.occurred_at,
    )


def in_order(sent: Iterable[tuple[int, Sent]]) -> list[tuple[int, Sent]]:
    """Return the lines of a batch, each with its place in it, in the order of their device; unread ones come last."""
    return sorted(sent, key=lambda line: told.device_seq if (told := line[1].told) else LARGEST_SEQUENCE)

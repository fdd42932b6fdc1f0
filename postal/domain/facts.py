"""Facts from a device that was offline: what it sent, read once, and what it means for an item when it comes.

A fact is never refused for the life cycle, since it has happened. What fits becomes the event it tells of; who took
what nobody had offered him holds it, because possession is a fact; everything else becomes a `Claimed`, which the fold
counts as a misfit. See docs/decisions/0007-facts-from-devices.md.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any

from postal.domain import codes, handover
from postal.domain.codes import CodeKind
from postal.domain.events import (
    Accepted,
    Claimed,
    Declined,
    DeclineReason,
    Event,
    FactKind,
    HandedOver,
    Misfit,
    Moved,
    SignedOnPaper,
    TakenOver,
)
from postal.domain.item import Custody, Item
from postal.domain.people import Actor, Custodian
from postal.domain.permissions import Permission
from postal.domain.refusals import Refused

SKEW = timedelta(minutes=5)
"""How far the clock of a device may be ahead of ours."""

LARGEST_SEQUENCE = 2**63 - 1
_ID = re.compile(r"[0-9a-fA-F]{32}")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_LONGEST_WORD = 64


class Doubt(Enum):
    """Why a fact is kept aside: nobody can tell what it says, or whoever sends it may not say it."""

    UNREADABLE = "unreadable"
    UNKNOWN_KIND = "unknown_kind"
    UNKNOWN_ITEM = "unknown_item"
    UNKNOWN_RECEIVER = "unknown_receiver"
    UNKNOWN_REASON = "unknown_reason"
    IN_FUTURE = "in_future"
    FORBIDDEN = "forbidden"
    MISMATCH = "mismatch"


DOUBTS: dict[Doubt, str] = {
    Doubt.UNREADABLE: "Thiếu ô hoặc ô sai dạng.",
    Doubt.UNKNOWN_KIND: "Loại sự việc chưa được hỗ trợ.",
    Doubt.UNKNOWN_ITEM: "Chưa có mã bưu gửi này trong hệ thống.",
    Doubt.UNKNOWN_RECEIVER: "Chưa có bên nhận này trong hệ thống.",
    Doubt.UNKNOWN_REASON: "Lý do không nhận chưa có trong danh sách.",
    Doubt.IN_FUTURE: "Giờ trên thiết bị nhanh hơn giờ máy chủ quá 5 phút.",
    Doubt.FORBIDDEN: "Tài khoản gửi không có quyền giao hoặc nhận bưu gửi.",
    Doubt.MISMATCH: "Mã sự việc đã dùng cho một nội dung khác.",
}

NEEDS: dict[FactKind, Permission] = {
    FactKind.HANDED_OVER: Permission.HAND_OVER,
    FactKind.ACCEPTED: Permission.RECEIVE,
    FactKind.DECLINED: Permission.RECEIVE,
}
"""What an account must be allowed to do to tell a fact of each kind."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Fact:
    """What happened while a device was offline. `to` is the key of a custodian; `device_seq` counts on the device."""

    kind: FactKind
    item: str
    to: str
    reason: DeclineReason | None
    occurred_at: datetime
    device_seq: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Sent:
    """One line of a batch: its content as it came, its number if it has one, and the fact or the doubt about it."""

    content: str
    id: bytes | None
    fact: Fact | None = None
    doubt: Doubt | None = None


# --- reading ----------------------------------------------------------------------------------------------------------


def read(raw: object) -> Sent:
    """Return a line of a batch; whatever was sent, it is kept and nothing is raised."""
    content = json.dumps(raw, sort_keys=True, separators=(",", ":"))
    if not isinstance(raw, dict) or not _ID.fullmatch(_word(raw, "id")):
        return Sent(content=content, id=None, doubt=Doubt.UNREADABLE)
    found = _fact(raw)
    fact, doubt = (found, None) if isinstance(found, Fact) else (None, found)
    return Sent(content=content, id=bytes.fromhex(raw["id"]), fact=fact, doubt=doubt)


def _fact(raw: Mapping[str, Any]) -> Fact | Doubt:
    sequence, occurred_at = raw.get("device_seq"), _instant(_word(raw, "occurred_at"))
    if type(sequence) is not int or not 0 <= sequence <= LARGEST_SEQUENCE or occurred_at is None:
        return Doubt.UNREADABLE
    kinds = {kind.value: kind for kind in FactKind}
    if (kind := kinds.get(_word(raw, "kind"))) is None:
        return Doubt.UNKNOWN_KIND
    if not (code := _code(_word(raw, "item"))):
        return Doubt.UNKNOWN_ITEM
    to, reason = _word(raw, "to"), _reason(_word(raw, "reason"))
    if kind is FactKind.HANDED_OVER and not to:
        return Doubt.UNKNOWN_RECEIVER
    if kind is FactKind.DECLINED and reason is None:
        return Doubt.UNKNOWN_REASON
    return Fact(kind=kind, item=code, to=to, reason=reason, occurred_at=occurred_at, device_seq=sequence)


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


def _code(text: str) -> str:
    try:
        return codes.parse(text, kind=CodeKind.ITEM).text
    except Refused:
        return ""


def _reason(text: str) -> DeclineReason | None:
    return next((reason for reason in DeclineReason if reason.value == text), None)


# --- what a fact means ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Scene:
    """What is known when a fact comes: the item, what happened to it, who tells it, and whom the fact names.

    `by` answers for the positions held now and at the time of the fact; `own` is what he takes an item with that nobody
    offered him; `record` is the hand-over record an offer would stand on.
    """

    item: Item
    happened: tuple[Event, ...]
    by: Actor
    to: Custodian | None
    own: Custodian | None
    record: str


def event_of(fact: Fact, scene: Scene) -> Event:
    """Return what a fact is for the ledger. Total: there is an event for every fact."""
    match fact.kind:
        case FactKind.HANDED_OVER:
            return _handed_over(fact, scene)
        case FactKind.ACCEPTED:
            return _accepted(fact, scene)
        case FactKind.DECLINED:
            return _declined(fact, scene)


def _handed_over(fact: Fact, scene: Scene) -> Event:
    item, by, to = scene.item, scene.by, scene.to
    assert to is not None
    if item.is_final:
        return _claimed(fact, scene, Misfit.AFTER_THE_END)
    if not by.acts_for(item.custodian):
        return _claimed(fact, scene, Misfit.NOT_THE_HOLDER)
    if item.custody is Custody.OFFERED:
        return _claimed(fact, scene, Misfit.OFFER_STANDS)
    if item.custodian.is_same_as(to):
        return _claimed(fact, scene, Misfit.GIVEN_TO_HOLDER)
    if by.acts_for(to):
        return Moved(to=to, by=by.as_author(), occurred_at=fact.occurred_at)
    return HandedOver(to=to, record=scene.record, by=by.as_author(), occurred_at=fact.occurred_at)


def _accepted(fact: Fact, scene: Scene) -> Event:
    item, by = scene.item, scene.by
    if item.is_final:
        return _claimed(fact, scene, Misfit.AFTER_THE_END)
    if item.custody is Custody.OFFERED and by.acts_for(item.offered_to):
        assert item.offered_to is not None
        if by.account == item.offered_by:  # one account on both sides proves no more than that it was taken
            return _taken(fact, scene, item.offered_to)
        return Accepted(record=item.record, by=by.as_author(), occurred_at=fact.occurred_at)
    if by.acts_for(item.custodian):
        return _claimed(fact, scene, Misfit.ALREADY_HOLDS)
    if _has_taken(scene):
        return _claimed(fact, scene, Misfit.ALREADY_TAKEN)
    if scene.own is None:
        return _claimed(fact, scene, Misfit.NO_POSITION)
    return _taken(fact, scene, scene.own)


def _declined(fact: Fact, scene: Scene) -> Event:
    item, by = scene.item, scene.by
    if item.is_final:
        return _claimed(fact, scene, Misfit.AFTER_THE_END)
    if item.custody is not Custody.OFFERED or not by.acts_for(item.offered_to):
        return _claimed(fact, scene, Misfit.NOT_OFFERED)
    assert fact.reason is not None
    return Declined(record=item.record, reason=fact.reason, by=by.as_author(), occurred_at=fact.occurred_at)


def _taken(fact: Fact, scene: Scene, to: Custodian) -> TakenOver:
    """Return the taking of what was not offered; who writes it down adds the reference of its reason."""
    return TakenOver(to=to, reason="", by=scene.by.as_author(), occurred_at=fact.occurred_at)


def _claimed(fact: Fact, scene: Scene, why: Misfit) -> Claimed:
    return Claimed(
        fact=fact.kind,
        why=why,
        to=scene.to,
        reason=fact.reason,
        by=scene.by.as_author(),
        occurred_at=fact.occurred_at,
    )


def _has_taken(scene: Scene) -> bool:
    """Tell whether the last offer to this side was already signed for: the fact is then the same taking, told late."""
    offers = [e for e in scene.happened if isinstance(e, HandedOver) and scene.by.acts_for(e.to)]
    if not offers:
        return False
    ended = handover.end_of(scene.happened, record=offers[-1].record)
    return isinstance(ended, Accepted | SignedOnPaper) or _is_taking_by(ended, offers[-1].to)


def _is_taking_by(event: Event | None, custodian: Custodian) -> bool:
    return isinstance(event, TakenOver) and event.to.is_same_as(custodian)


def in_order(sent: Iterable[tuple[int, Sent]]) -> list[tuple[int, Sent]]:
    """Return the lines of a batch, each with its place in it, in the order of their device; unread ones come last."""
    return sorted(sent, key=lambda line: line[1].fact.device_seq if line[1].fact else LARGEST_SEQUENCE)

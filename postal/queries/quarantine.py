"""What devices sent and is not in the books yet: what waits to be carried out, and what was kept aside."""

import json
from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from postal.domain import acts, codes, facts, permissions
from postal.domain.acts import ActKind
from postal.domain.events import FactKind
from postal.domain.facts import Doubt
from postal.domain.people import Actor, Role
from postal.domain.permissions import Permission
from postal.domain.refusals import Refused
from postal.store import Store
from postal.store.devices import Entry
from postal.store.reader import Reader
from postal.store.registers import KeptAside

FACT_NAMES: dict[FactKind, str] = {
    FactKind.HANDED_OVER: "Bàn giao",
    FactKind.ACCEPTED: "Nhận",
    FactKind.DECLINED: "Không nhận",
    FactKind.MOVED: "Chuyển nội bộ",
    FactKind.SIGHTED: "Quét thấy",
}

FIELD_NAMES: dict[str, str] = {
    "item": "Bưu gửi",
    "items": "Các bưu gửi",
    "dossier": "Hồ sơ",
    "bag": "Túi",
    "record": "Biên bản",
    "run": "Chuyến phát",
    "stop": "Điểm",
    "to": "Bên nhận",
    "position": "Vị trí",
    "reason": "Lý do",
    "receiver": "Người nhận",
    "delegate_name": "Người nhận thay",
    "delegate_paper": "Giấy ủy quyền",
    "due": "Số tiền",
    "payment": "Thu bằng",
    "next_on": "Hẹn ngày",
    "day": "Hẹn ngày",
    "seal": "Niêm phong",
    "seal_seen": "Niêm phong khi nhận",
    "signed_at": "Giờ ký trên giấy",
    "signer": "Người ký",
    "identity": "Đã xem giấy tờ tùy thân",
    "destination": "Nơi đến",
}

_NEVER_SHOWN = frozenset({"sealed", "lat", "lon", "accuracy", "request", "csrf"})
_PERSONAL = frozenset({"delegate_name", "delegate_paper", "signer", "why_fewer"})


class NothingSuch(Refused):
    """Nothing of this number waits here."""

    code = "nothing_waits"
    vi = "Việc này không còn chờ ở đơn vị của bạn. Tải lại danh sách."
    en = "This does not wait at your place any more."


@dataclass(frozen=True, kw_only=True, slots=True)
class WaitingLine:
    """Something that waits; `href` leads to what can be done about it."""

    href: str
    what: str
    about: str
    account: str
    device: str
    happened_at: datetime
    is_clock_doubted: bool
    came_at: datetime
    tries: int
    why: str
    incident: str


@dataclass(frozen=True, kw_only=True, slots=True)
class QuarantinePage:
    """What is not in the books yet; `reasons` counts what was kept aside by its reason."""

    waiting: tuple[WaitingLine, ...]
    kept: tuple[WaitingLine, ...]
    reasons: tuple[tuple[str, int], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class WaitingPage:
    """One thing with everything that may be seen of it. `can_admit` is false where nobody can read it."""

    line: WaitingLine
    fields: tuple[tuple[str, str], ...]
    hides_fields: bool
    is_kept_aside: bool
    can_admit: bool
    needs_note: bool


def quarantine_page(store: Store, *, actor: Actor) -> QuarantinePage:
    """Return what waits and what was kept aside of the people of the actor's place. Raises: Forbidden."""
    permissions.require(actor, Permission.SETTLE_INCIDENT)
    with store.read() as reader:
        waiting = [_waiting(entry) for entry in reader.entries.waiting_at(_place(actor))]
        kept = reader.quarantine.open_at(_place(actor))
    reasons = Counter(facts.DOUBTS[Doubt(each.reason)] for each in kept)
    return QuarantinePage(
        waiting=tuple(waiting),
        kept=tuple(_kept(each) for each in kept),
        reasons=tuple(sorted(reasons.items(), key=lambda each: -each[1])),
    )


def entry_page(store: Store, entry_id: bytes, *, actor: Actor) -> WaitingPage:
    """Return one entry that waits. Raises: NothingSuch, Forbidden."""
    permissions.require(actor, Permission.SETTLE_INCIDENT)
    with store.read() as reader:
        entry = reader.entries.get(entry_id)
    if entry is None or not entry.is_waiting or not _is_of(entry.place, actor):
        raise NothingSuch
    return _page(_waiting(entry), entry.content, actor=actor, is_kept_aside=False, reason="")


def kept_page(store: Store, fingerprint: bytes, *, actor: Actor) -> WaitingPage:
    """Return one line that was kept aside. Raises: NothingSuch, Forbidden."""
    permissions.require(actor, Permission.SETTLE_INCIDENT)
    with store.read() as reader:
        kept = _open(reader, fingerprint)
    if kept is None or not _is_of(kept.place, actor):
        raise NothingSuch
    return _page(_kept(kept), kept.content, actor=actor, is_kept_aside=True, reason=kept.reason)


def _open(reader: Reader, fingerprint: bytes) -> KeptAside | None:
    kept = reader.quarantine.get(fingerprint)
    return kept if kept is not None and kept.state == "open" else None


def _page(line: WaitingLine, content: str, *, actor: Actor, is_kept_aside: bool, reason: str) -> WaitingPage:
    read = facts.read(json.loads(content))
    sees = permissions.may(actor, Permission.SEE_PERSONAL_DATA)
    fields = _fields(content)
    return WaitingPage(
        line=line,
        fields=tuple((FIELD_NAMES.get(name, name), value) for name, value in fields if sees or name not in _PERSONAL),
        hides_fields=not sees or line.what == acts.ACT_NAMES[ActKind.REGISTERED],
        is_kept_aside=is_kept_aside,
        can_admit=read.told is not None and read.id is not None and reason != Doubt.MISMATCH.value,
        needs_note=reason == Doubt.REVOKED_DEVICE.value,
    )


def _fields(content: str) -> list[tuple[str, str]]:
    """Return what a line says besides its head, as texts; what only we can open stays closed."""
    raw = json.loads(content)
    said = raw.get("fields", raw) if isinstance(raw, dict) else {}
    if not isinstance(said, dict):
        return []
    skipped = _NEVER_SHOWN | {"id", "kind", "device_seq", "occurred_at", "after", "parents", "photos", "fields"}
    return [(name, _shown(value)) for name, value in said.items() if name not in skipped and value not in ("", None)]


def _shown(value: object) -> str:
    if isinstance(value, list | dict):
        return ", ".join(_shown(each) for each in value)[:400]
    text = str(value)[:200]
    try:
        return str(codes.parse(text))
    except Refused:
        return text


def _waiting(entry: Entry) -> WaitingLine:
    return WaitingLine(
        href=f"/quarantine/entries/{entry.id.hex()}",
        what=_named(entry.kind),
        about=entry.subject,
        account=entry.account,
        device=entry.device,
        happened_at=entry.claimed_at or entry.occurred_at,
        is_clock_doubted=entry.claimed_at is not None,
        came_at=entry.recorded_at,
        tries=entry.tries,
        why=entry.why,
        incident=entry.incident,
    )


def _kept(kept: KeptAside) -> WaitingLine:
    line = facts.read(json.loads(kept.content))
    told = line.told
    return WaitingLine(
        href=f"/quarantine/lines/{kept.fingerprint.hex()}",
        what=_named(told.kind.value) if told else "Không đọc được",
        about=(line.fact.item if line.fact else line.act.subject if line.act else ""),
        account=kept.account,
        device=kept.device,
        happened_at=told.occurred_at if told else kept.at,
        is_clock_doubted=False,
        came_at=kept.at,
        tries=0,
        why=facts.DOUBTS[Doubt(kept.reason)],
        incident="",
    )


def _named(kind: str) -> str:
    whole = {each.value: name for each, name in acts.ACT_NAMES.items()}
    return whole.get(kind) or next((name for each, name in FACT_NAMES.items() if each.value == kind), kind)


def _place(actor: Actor) -> str | None:
    return None if Role.ADMIN in actor.roles else actor.place


def _is_of(place: str, actor: Actor) -> bool:
    return place == actor.place or Role.ADMIN in actor.roles

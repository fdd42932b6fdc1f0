"""The machines of an office: which there are, how long ago each spoke to us, what codes it has, what of it waits."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from postal.domain import permissions
from postal.domain.people import Actor, Role
from postal.domain.permissions import Permission
from postal.store import Store
from postal.store.devices import Device
from postal.store.reader import Reader

OLD_AFTER = timedelta(hours=24)
SILENT_AFTER = timedelta(days=7)
"""From then on a workstation registers nothing until it has spoken to us again."""

KIND_NAMES = {"counter": "Máy quầy", "phone": "Điện thoại", "sorting": "Máy khai thác"}


@dataclass(frozen=True, kw_only=True, slots=True)
class DeviceLine:
    """A machine as the controller sees it; `age` is how long ago it spoke to us, `tone` how worrying that is."""

    code: str
    name: str
    kind: str
    place: str
    account: str
    seen_at: datetime | None
    age: str
    tone: str
    given: int
    used: int
    waiting: int
    revoked_at: datetime | None

    @property
    def left(self) -> int:
        """Return how many codes of its block are not bound yet."""
        return self.given - self.used


@dataclass(frozen=True, kw_only=True, slots=True)
class DevicesPage:
    """The machines of a place; `this_one` is the code of the machine that shows the page, empty when it has none."""

    lines: tuple[DeviceLine, ...]
    this_one: str
    is_everywhere: bool


def devices_page(store: Store, *, actor: Actor, this_one: str, at: datetime) -> DevicesPage:
    """Return the machines of the actor's place, of every place for an administrator. Raises: Forbidden."""
    permissions.require(actor, Permission.MANAGE_DEVICES)
    is_everywhere = Role.ADMIN in actor.roles
    with store.read() as reader:
        found = reader.devices.of(None if is_everywhere else actor.place)
        counts, waiting = reader.blanks.counts(), _waiting(reader)
        places = reader.reference.places({device.place for device in found})
    lines = [
        _line(
            device,
            place=places[device.place].name if device.place in places else device.place,
            count=counts.get(device.code, (0, 0)),
            waiting=waiting.get(device.code, 0),
            at=at,
        )
        for device in found
    ]
    return DevicesPage(lines=tuple(lines), this_one=this_one, is_everywhere=is_everywhere)


def _waiting(reader: Reader) -> dict[str, int]:
    counts: dict[str, int] = {}
    for entry in reader.entries.waiting_at(None):
        counts[entry.device] = counts.get(entry.device, 0) + 1
    return counts


def _line(device: Device, *, place: str, count: tuple[int, int], waiting: int, at: datetime) -> DeviceLine:
    silent_for = at - device.seen_at if device.seen_at else None
    return DeviceLine(
        code=device.code,
        name=device.name,
        kind=KIND_NAMES.get(device.kind, device.kind),
        place=place,
        account=device.account,
        seen_at=device.seen_at,
        age=_age(silent_for) if silent_for is not None else "chưa lần nào",
        tone=_tone(silent_for),
        given=count[0],
        used=count[1],
        waiting=waiting,
        revoked_at=device.revoked_at,
    )


def _tone(silent_for: timedelta | None) -> str:
    if silent_for is None or silent_for >= SILENT_AFTER:
        return "problem"
    return "needs_citizen" if silent_for >= OLD_AFTER else "done"


def _age(passed: timedelta) -> str:
    minutes = int(passed.total_seconds() // 60)
    if minutes < 2:
        return "vừa xong"
    if minutes < 60:
        return f"{minutes} phút trước"
    return f"{minutes // 60} giờ trước" if minutes < 48 * 60 else f"{minutes // 1440} ngày trước"

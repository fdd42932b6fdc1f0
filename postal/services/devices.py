"""Workstations and phones: enrolled before a controller, known by a secret of their own, revoked when they are lost."""

from collections.abc import Callable
from datetime import datetime, timedelta

from postal.domain import calendars, codes, permissions, typed
from postal.domain.codes import CodeKind
from postal.domain.people import Actor, Role
from postal.domain.permissions import Permission
from postal.domain.refusals import Refused
from postal.store import Ledger, Store
from postal.store.devices import Device

KINDS: dict[str, str] = {"counter": "Máy quầy", "phone": "Điện thoại", "sorting": "Máy khai thác"}
"""What a device is, as people call it."""

BETWEEN_CONTACTS = timedelta(minutes=1)
"""A contact is written down at most this often."""

FURTHEST_BACK = timedelta(days=31)
"""So long ago a loss may be entered."""


class NotEnrolled(Refused):
    """Only a device that a controller enrolled is given codes and forms to work with offline."""

    code = "not_enrolled"
    vi = "Máy này chưa được đăng ký. Nhờ kiểm soát viên mở trang “Thiết bị” trên chính máy này và đăng ký."
    en = "This device is not enrolled. Ask the controller to enrol it on this very machine."


class DeviceRevoked(Refused):
    """A revoked device gets nothing any more."""

    code = "device_revoked"
    vi = "Thiết bị {device} đã bị thu hồi lúc {when}. Giao máy cho kiểm soát viên."
    en = "Device {device} was revoked at {when}. Give it to the controller."


class UnknownDevice(Refused):
    """No device has this code here."""

    code = "unknown_device"
    vi = "Chưa có thiết bị {device} ở đơn vị này. Xem lại mã dán trên máy."
    en = "There is no device {device} here."


class NoDeviceName(Refused):
    """A device has a name by which people find it."""

    code = "no_device_name"
    vi = "Chưa đặt tên cho máy. Ghi tên dễ nhận ra, ví dụ “Quầy 1” hoặc “Điện thoại anh Nam”."
    en = "Give the device a name people know it by, such as “Counter 1”."


class WrongLossTime(Refused):
    """A device was lost in the past, not long ago."""

    code = "wrong_loss_time"
    vi = "Giờ mất máy {when} không dùng được. Nhập giờ đã qua, trong vòng 31 ngày."
    en = "The time {when} cannot be used. Enter a time in the past, within 31 days."


def enrol(
    store: Store,
    *,
    kind: str,
    name: str,
    account: str,
    secret: str,
    by: Actor,
    at: datetime,
    below: Callable[[int], int],
) -> Device:
    """Enrol the machine at which the controller stands; `secret` is kept by its browser alone.

    Raises: NoDeviceName, TooLong, Forbidden.
    """
    permissions.require(by, Permission.MANAGE_DEVICES)
    called = typed.line(name, most=60)
    if not called:
        raise NoDeviceName
    device = Device(
        code=codes.mint(CodeKind.WORKSTATION, below=below).text,
        kind=kind if kind in KINDS else "counter",
        place=by.place,
        account=typed.line(account, most=60),
        name=called,
        enrolled_at=at,
        enrolled_by=by.account,
        seen_at=at,
    )
    with store.begin(at=at) as ledger:
        ledger.devices.add(device, secret=secret)
        _note(ledger, "device_enrolled", device.code, by=by)
    return device


def revoke(store: Store, code: str, *, lost_at: datetime | None, by: Actor, at: datetime) -> Device:
    """Take the trust of a device away from `lost_at` on, by default from now, and end the sessions on it.

    Raises: UnknownDevice, DeviceRevoked, WrongLossTime, Forbidden.
    """
    permissions.require(by, Permission.MANAGE_DEVICES)
    when = lost_at or at
    if not at - FURTHEST_BACK <= when <= at:
        raise WrongLossTime(when=_written(when))
    with store.begin(at=at) as ledger:
        device = ledger.devices.get(code)
        if device is None or not _may_see(by, device):
            raise UnknownDevice(device=codes.shown(code))
        if not ledger.devices.revoke(code, at=when, by=by.account):
            raise DeviceRevoked(device=codes.shown(code), when=_written(device.revoked_at or when))
        ledger.accounts.end_sessions_on(code)
        _note(ledger, "device_revoked", code, by=by)
        revoked = ledger.devices.get(code)
    assert revoked is not None
    return revoked


def proven(store: Store, credential: str, *, at: datetime) -> Device | None:
    """Return the device of a credential, `code.secret`, and note that it spoke to us; None for anything else."""
    code, _, secret = credential.partition(".")
    if not (code and secret):
        return None
    with store.read() as reader:
        device = reader.devices.proven(code, secret)
    if device is None or device.is_revoked:
        return device
    if device.seen_at is None or at - device.seen_at > BETWEEN_CONTACTS:
        with store.begin(at=at) as ledger:
            ledger.devices.touch(code, at=at)
    return device


def named(store: Store, name: str) -> Device | None:
    """Return the revoked device that a batch without proof names as its own, None for anything else.

    Nobody becomes an enrolled device by a name; but who says he is a revoked one is believed no more than that one.
    """
    try:
        code = codes.parse(name, kind=CodeKind.WORKSTATION).text
    except Refused:
        return None
    with store.read() as reader:
        device = reader.devices.get(code)
    return device if device is not None and device.is_revoked else None


def must_be_trusted(ledger: Ledger, code: str) -> Device:
    """Return a device that is enrolled and not revoked. Raises: NotEnrolled, DeviceRevoked."""
    device = ledger.devices.get(code) if code else None
    if device is None:
        raise NotEnrolled
    if device.revoked_at is not None:
        raise DeviceRevoked(device=codes.shown(code), when=_written(device.revoked_at))
    return device


def _may_see(by: Actor, device: Device) -> bool:
    return device.place == by.place or Role.ADMIN in by.roles


def _note(ledger: Ledger, what: str, code: str, *, by: Actor) -> None:
    ledger.audit.note(account=by.account, place=by.place, what=what, subject=code)


def _written(when: datetime) -> str:
    return f"{calendars.local(when):%H:%M %d/%m/%Y}"
